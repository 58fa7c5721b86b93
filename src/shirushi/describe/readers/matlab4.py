"""MATLAB's MAT-files of level 4: names, shapes and classes of the matrices. They have no head: the first matrix tells itself.

Source: MathWorks, *MAT-File Format*, "Level 4 MAT-Files": five integers (type MOPT, rows, columns, imaginary, length of the name),
the name, the numbers.
"""

import struct
from collections.abc import Iterator

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts

READER = "matlab/1"
MOST_VARIABLES = 1_000
_SIZES = {0: 8, 1: 4, 2: 4, 3: 2, 4: 2, 5: 1}
_CLASSES = {0: "float64", 1: "float32", 2: "int32", 3: "int16", 4: "uint16", 5: "uint8"}


@reads("application/x-matlab-data-4")
def read_matlab4(file: File) -> Iterator[Evidence]:
    """An array for each matrix.

    Raises:
        Unreadable: what follows a matrix is none, or it is cut off.
    """
    facts = Facts(file, READER)
    at = 0
    with file.open() as stream:
        for _ in range(MOST_VARIABLES):
            stream.seek(at)
            head = stream.read(20)
            if not head:
                return
            order = byte_order(head)
            if not order:
                raise Unreadable("malformed", f"MATLAB 4: no matrix begins at byte {at:,}")
            kind, rows, columns, imaginary, length = struct.unpack(order + "5i", head)
            name = stream.read(length).rstrip(b"\0").decode("latin-1", "replace")
            at += 20 + length + rows * columns * _SIZES[kind % 100 // 10] * (2 if imaginary else 1)
            if at > file.size:
                raise Unreadable("truncated", f"MATLAB 4: {name} is cut off")
            dtype = "string" if kind % 10 == 1 else _CLASSES[kind % 100 // 10]
            value = {"name": name, "shape": [rows, columns], "dtype": dtype, "group": ""}
            yield Evidence("array", value, facts.place(f"/{name}", name), READER)


def byte_order(head: bytes) -> str:
    """``<`` or ``>`` when a matrix of level 4 may begin here, else ''."""
    if len(head) < 20:
        return ""
    for order, thousands in (("<", 0), (">", 1)):
        kind, rows, columns, imaginary, length = struct.unpack(order + "5i", head[:20])
        fits = 0 <= kind < 5_000 and kind // 1_000 == thousands and kind // 100 % 10 == 0
        if (
            fits
            and kind % 100 // 10 in _SIZES
            and kind % 10 <= 2
            and rows >= 0
            and columns >= 0
            and imaginary in (0, 1)
            and 2 <= length <= 64
        ):
            return order
    return ""

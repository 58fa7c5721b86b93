"""Arrow files (Feather version 2): the fields of the schema with their metadata, and how many rows there are. No values are read.

Source: Apache Arrow columnar format 1.5, "IPC File Format"; FlatBuffers internals. The footer is parsed here: tables of offsets,
each of them checked against the size.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import PurePosixPath

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts

READER = "arrow/1"
MOST_FOOTER = 8_000_000  # bytes
MOST_FIELDS = 2_000
MOST_BATCHES = 2_000
_MAGIC = b"ARROW1"
_KINDS = {2: "integer", 3: "number", 5: "string", 6: "boolean", 7: "number", 8: "date", 9: "time", 10: "datetime", 20: "string", 24: "string"}  # fmt: skip
_SAID = {"description": "description", "comment": "description", "label": "label", "unit": "unit", "units": "unit", "long_name": "label"}  # fmt: skip


class _Buffer:
    """A FlatBuffer. Every read raises ``struct.error`` or ValueError where it would lead out."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def number(self, at: int, code: str = "i") -> int:
        if at < 0:
            raise ValueError("an offset below zero")
        return int(struct.unpack_from("<" + code, self.data, at)[0])

    def root(self) -> int:
        return self.number(0, "I")

    def field(self, table: int, index: int) -> int:
        """Where a table's field stands, 0 when it is absent."""
        names = table - self.number(table)
        if names < 0 or 4 + 2 * index >= self.number(names, "H"):
            return 0
        offset = self.number(names + 4 + 2 * index, "H")
        return table + offset if offset else 0

    def table(self, table: int, index: int) -> int:
        at = self.field(table, index)
        return at + self.number(at, "I") if at else 0

    def text(self, table: int, index: int) -> str:
        at = self.table(table, index)
        if not at:
            return ""
        length = self.number(at, "I")
        return self.data[at + 4 : at + 4 + min(length, 10_000)].decode("utf-8", "replace")

    def tables(self, table: int, index: int, most: int) -> Iterator[int]:
        at = self.table(table, index)
        for position in range(min(self.number(at, "I"), most) if at else 0):
            here = at + 4 + 4 * position
            yield here + self.number(here, "I")


@reads("application/vnd.apache.arrow.file")
def read_arrow(file: File) -> Iterator[Evidence]:
    """A table of the schema's fields.

    Raises:
        Unreadable: the footer is missing or damaged.
    """
    try:
        footer = _footer(file)
        root = footer.root()
        schema = footer.table(root, 1)
        fields = list(footer.tables(schema, 1, MOST_FIELDS)) if schema else []
        columns = [_column(footer, field) for field in fields]
        rows = _rows(file, footer, root)
    except (struct.error, ValueError, IndexError) as error:
        raise Unreadable("malformed", f"Arrow: {error}"[:200]) from error
    facts = Facts(file, READER)
    names = [str(column["name"]) for column in columns]
    shape = {
        "name": PurePosixPath(file.name).stem,
        "rows": rows,
        "columns": len(names),
        "sampled": False,
        "header": names,
    }
    yield Evidence("table", shape, facts.place("/", ", ".join(names)[:300]), READER)
    for position, column in enumerate(columns, start=1):
        value = {"position": position, "missing": 0, "count": 0, "sampled": True, "examples": [], **column}
        yield Evidence("column", value, facts.place(f"/{column['name']}", str(column["name"])), READER)


def _footer(file: File) -> _Buffer:
    if file.size < 20:
        raise ValueError("it is too short")
    with file.open() as stream:
        stream.seek(-10, os.SEEK_END)
        length, magic = struct.unpack("<i6s", stream.read(10))
        if magic != _MAGIC or not 0 < length <= min(MOST_FOOTER, file.size - 18):
            raise ValueError("its end is missing")
        stream.seek(-10 - length, os.SEEK_END)
        return _Buffer(stream.read(length))


def _column(buffer: _Buffer, field: int) -> dict[str, JSON]:
    kind_at = buffer.field(field, 2)
    kind = buffer.number(kind_at, "B") if kind_at else 0
    # a dictionary holds categories, whatever their type
    column: dict[str, JSON] = {"name": buffer.text(field, 0)[:300], "type": _KINDS.get(kind, "string")}
    for pair in buffer.tables(field, 6, 100):
        role = _SAID.get(buffer.text(pair, 0).lower())
        if role and (text := " ".join(buffer.text(pair, 1).split())):
            column.setdefault(role, text[:4_000])
    return column


def _rows(file: File, footer: _Buffer, root: int) -> int | None:
    """The rows of all batches together; None when there are too many of them to look at each."""
    at = footer.table(root, 3)
    count = footer.number(at, "I") if at else 0
    if count > MOST_BATCHES:
        return None
    rows = 0
    with file.open() as stream:
        for position in range(count):
            block = at + 4 + 24 * position
            start, length = footer.number(block, "q"), footer.number(block + 8)
            if not (0 <= start <= file.size and 8 <= length <= MOST_FOOTER):
                raise ValueError("a batch lies outside")
            stream.seek(start)
            data = stream.read(length)
            # a sign that goes on (FFFFFFFF) and the size come before the message; older files have the size only
            message = _Buffer(data[8:] if data[:4] == b"\xff\xff\xff\xff" else data[4:])
            batch = message.table(message.root(), 2)
            length_at = message.field(batch, 0) if batch else 0
            rows += message.number(length_at, "q") if length_at else 0
    return rows

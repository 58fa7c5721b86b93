"""NumPy's ``.npy`` and ``.npz``: names, shapes and types from the headers; the fields of records as a table's columns.

Source: NumPy Enhancement Proposal 1 (format versions 1.0, 2.0) and ``numpy.lib.format`` (3.0). The header is a literal, read as
one and never run; arrays of objects are pickles, and a pickle is never opened.
"""

import ast
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import PurePosixPath

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.columns import Column, Profile
from shirushi.describe.readers.rows import column_evidence
from shirushi.describe.readers.zips import DAMAGED

READER = "numpy/1"
MAGIC = b"\x93NUMPY"
MOST_HEADER = 65_536  # bytes
MOST_NESTED = 12  # brackets within brackets
MOST_DIMENSIONS = 64
MOST_FIELDS = 1_000
MOST_ARRAYS = 500  # of one .npz
MOST_ROWS = 2_000
MOST_RECORDS = 2_000_000  # bytes of records that are looked at
_DESCR = re.compile(r"[<>|=]?(?P<kind>[a-zA-Z?])(?P<size>\d{0,9})(?:\[.{1,30}\])?")
_KINDS = {"i": "int", "u": "uint", "f": "float", "c": "complex"}
_OTHERS = {"b": "bool", "?": "bool", "S": "string", "a": "string", "U": "string", "M": "datetime64", "m": "timedelta64", "O": "object", "V": "void"}  # fmt: skip
_TYPES = {"int": "integer", "uint": "integer", "float": "number", "bool": "boolean", "datetime": "datetime"}
_CODES = {
    "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "f2": "e", "f4": "f", "f8": "d", "b1": "?",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a record, or the whole: ``length`` in bytes from ``offset``; ``name`` is '' for an array that has no fields."""

    name: str
    descr: str
    shape: tuple[int, ...]
    offset: int
    length: int

    @property
    def dtype(self) -> str:
        """As NumPy says it: ``float64``, ``int32``, ``bool``, ``string``, ``object``."""
        match = _DESCR.fullmatch(self.descr)
        if match is None:
            return self.descr[:60]
        kind, size = match["kind"], int(match["size"] or 0)
        return f"{_KINDS[kind]}{size * 8}" if kind in _KINDS else _OTHERS.get(kind, self.descr[:60])


@dataclass(frozen=True, slots=True)
class Header:
    """``parts`` is one, without a name, for a plain array, else the fields. ``start`` is the offset of the first value."""

    shape: tuple[int, ...]
    parts: tuple[Part, ...]
    start: int

    @property
    def plain(self) -> bool:
        return len(self.parts) == 1 and not self.parts[0].name


@reads("application/x-npy")
def read_npy(file: File) -> Iterator[Evidence]:
    """One array, or a table where it holds records.

    Raises:
        Unreadable: its header cannot be read.
    """
    head = file.head(MOST_HEADER + 12)
    header = parse_header(head)
    with file.open() as stream:
        stream.seek(header.start)
        yield from _array(file.name, PurePosixPath(file.name).stem, "/", header, stream.read)
    if (wanted := header.start + _size(header)) > file.size and all("O" not in part.descr for part in header.parts):
        yield _problem(file.name, "truncated", f"{file.size:,} bytes where its header tells of {wanted:,}")


@reads("application/x-npz")
def read_npz(file: File) -> Iterator[Evidence]:
    """Every array of an archive by its name; only as much as a header needs is unpacked of each.

    Raises:
        Unreadable: it is no archive.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            entries = [item for item in archive.infolist() if item.filename.endswith(".npy")]
            if len(entries) > MOST_ARRAYS:
                yield _problem(file.name, "too-large", f"the first {MOST_ARRAYS} of {len(entries):,} arrays were read")
            for entry in entries[:MOST_ARRAYS]:
                yield from _member(file.name, archive, entry)
    except DAMAGED as error:
        raise Unreadable("malformed", f"NumPy archive: {error}"[:300]) from error


def _member(file: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[Evidence]:
    name = entry.filename.removesuffix(".npy")[:300]
    if entry.flag_bits & 1:
        yield _problem(file, "encrypted", f"{name} is encrypted")
        return
    try:
        with archive.open(entry) as stream:
            head = stream.read(12)
            head += stream.read(min(MOST_HEADER, _length(head)[1]))
            yield from _array(file, name, f"/{name}", parse_header(head), stream.read)
    except Unreadable as error:
        yield _problem(file, error.code, f"{name}: {error.message}")
    except DAMAGED as error:
        yield _problem(file, "truncated", f"{name}: {error}"[:300])


# ---- the header


def _length(head: bytes) -> tuple[int, int]:
    """(offset of the header, its length), both in bytes."""
    if not head.startswith(MAGIC) or len(head) < 10:
        raise Unreadable("malformed", "it does not begin as a NumPy array does")
    if head[6] == 1:
        return 10, int(struct.unpack_from("<H", head, 8)[0])
    if head[6] not in (2, 3) or len(head) < 12:
        raise Unreadable("malformed", f"version {head[6]} of the format is not known")
    return 12, int(struct.unpack_from("<I", head, 8)[0])


def parse_header(head: bytes) -> Header:
    """The header at the start of an array's bytes.

    Raises:
        Unreadable: ``malformed``, ``truncated`` or ``too-large``.
    """
    start, length = _length(head)
    if length > MOST_HEADER:
        raise Unreadable("too-large", f"a header of {length:,} bytes; up to {MOST_HEADER:,} are read")
    if len(head) < start + length:
        raise Unreadable("truncated", "it ends within its header")
    text = head[start : start + length].decode("utf-8" if head[6] == 3 else "latin-1", "replace")
    said = _literal(text)
    shape = said.get("shape") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not _is_shape(shape):
        raise Unreadable("malformed", "its header does not tell a shape")
    return Header(tuple(shape), tuple(_parts(said.get("descr"))), start + length)  # type: ignore[arg-type]


def _literal(text: str) -> object:
    """A Python literal. Brackets are counted first: the parser itself gives way under very many."""
    depth = most = 0
    for mark in text:
        depth += (mark in "([{") - (mark in ")]}")
        most = max(most, depth)
    if most > MOST_NESTED or re.search(r"[-+~]\s*[-+~]\s*[-+~]", text):
        raise Unreadable("too-deep", "")
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise Unreadable("malformed", "its header is no literal") from error


def _is_shape(shape: object) -> bool:
    return (
        isinstance(shape, tuple)
        and len(shape) <= MOST_DIMENSIONS
        and all(type(part) is int and part >= 0 for part in shape)
        and prod(shape) < 1 << 63
    )


def _parts(descr: object) -> Iterator[Part]:
    if isinstance(descr, str):
        yield Part("", descr, (), 0, _itemsize(descr))
        return
    if not isinstance(descr, list):
        raise Unreadable("malformed", "its header does not tell a type")
    yield from _fields(descr, "", 0)


def _fields(descr: Sequence[object], above: str, offset: int) -> Iterator[Part]:
    """The fields of a record; those of a record inside have their names joined by a point. What has no name fills gaps."""
    for item in descr:
        if not isinstance(item, tuple) or not 2 <= len(item) <= 3:
            raise Unreadable("malformed", "a field of its records cannot be read")
        label = item[0][-1] if isinstance(item[0], tuple) and item[0] else item[0]
        shape = item[2] if len(item) == 3 else ()
        if not isinstance(label, str) or not _is_shape(shape):
            raise Unreadable("malformed", "a field of its records cannot be read")
        name = f"{above}.{label}" if above else label
        if isinstance(item[1], list):
            inner = list(_fields(item[1], name, offset))
            yield from inner
            offset += max((part.offset + part.length for part in inner), default=offset) - offset
            continue
        length = _itemsize(item[1]) * prod(shape)
        if label:
            yield Part(name, str(item[1]), shape, offset, length)
        offset += length


def _itemsize(descr: object) -> int:
    """Bytes of one value; 0 where it cannot be told."""
    match = _DESCR.fullmatch(descr) if isinstance(descr, str) else None
    if match is None:
        raise Unreadable("malformed", "its header does not tell a type")
    size = int(match["size"] or 0)
    return size * 4 if match["kind"] == "U" else size


def _size(header: Header) -> int:
    return prod(header.shape) * max((part.offset + part.length for part in header.parts), default=0)


# ---- what they say


def _array(file: str, name: str, path: str, header: Header, take: Callable[[int], bytes]) -> Iterator[Evidence]:
    if not header.plain:
        yield from _records(file, name, path, header, take)
        return
    value = {"name": name, "shape": list(header.shape), "dtype": header.parts[0].dtype, "group": ""}
    yield Evidence("array", value, AttributePlace(file, path, quote=name[:300]), READER)


def _records(file: str, name: str, path: str, header: Header, take: Callable[[int], bytes]) -> Iterator[Evidence]:
    rows, names = prod(header.shape), [part.name for part in header.parts]
    if not names:
        return
    if len(names) > MOST_FIELDS:
        yield _problem(file, "too-many-columns", f"the first {MOST_FIELDS:,} of {len(names):,} fields were used")
    size = max(part.offset + part.length for part in header.parts)
    most = min(rows, MOST_ROWS, MOST_RECORDS // max(1, size))
    data = take(most * size)
    count = len(data) // size if size else 0
    shape: dict[str, JSON] = {
        "name": name, "rows": rows, "columns": len(names), "sampled": count < rows, "header": names[:MOST_FIELDS],
    }  # fmt: skip
    yield Evidence("table", shape, AttributePlace(file, path, quote=", ".join(names)[:300]), READER)
    columns = [
        Column(part.name, position, _values(part, data, size, count))
        for position, part in enumerate(header.parts[:MOST_FIELDS], start=1)
    ]
    types = {part.name: _TYPES.get(part.dtype.rstrip("0123456789"), "string") for part in header.parts}

    def place(column: str) -> AttributePlace:
        return AttributePlace(file, f"{path.rstrip('/')}/{column}", quote=column[:300])

    def told(item: Profile) -> dict[str, JSON]:
        return {"type": types[item.column.name]}

    yield from column_evidence(file, columns, place, READER, sampled=count < rows, told=told)


def _values(part: Part, data: bytes, size: int, count: int) -> list[str]:
    """The values of one field as a table shows them; none where they are lists or of a kind without a plain form."""
    match = _DESCR.fullmatch(part.descr)
    if match is None or part.shape or not part.length:
        return []
    kind, order = match["kind"], ">" if part.descr.startswith(">") else "<"
    places = range(part.offset, count * size, size)
    if kind in "SaU":
        encoding = ("utf-32-be" if order == ">" else "utf-32-le") if kind == "U" else "utf-8"
        return [data[at : at + part.length].decode(encoding, "replace").rstrip("\0") for at in places]
    code = _CODES.get(f"{kind}{match['size']}")
    if code is None:
        return []
    found = (struct.unpack_from(order + code, data, at)[0] for at in places)
    return ["" if value != value else str(value).lower() if code == "?" else repr(value) for value in found]


def _problem(file: str, code: str, message: str) -> Evidence:
    return Evidence("problem", {"code": code, "message": message}, AttributePlace(file, "/"), READER)

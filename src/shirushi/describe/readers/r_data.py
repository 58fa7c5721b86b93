"""R's own files (``.rds``, ``.RData``, ``.rda``): the objects, their classes and shapes; data frames as tables with their columns.

The walk is in :mod:`shirushi.describe.readers.r_serial`; nothing is evaluated. Packed by gzip, bzip2, xz or not at all.
"""

import bz2
import datetime as dt
import lzma
import zlib
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.columns import Column, Profile
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.r_serial import Thing, Walk
from shirushi.describe.readers.rows import column_evidence

READER = "r-data/1"
MOST_UNPACKED = 200_000_000  # bytes
MOST_MEMORY = 100_000_000  # bytes that unpacking xz may take
MOST_OBJECTS = 500
MOST_COLUMNS = 1_000
LONGEST_TEXT = 2_000
_CHUNK = 65_536
_WORKSPACE = (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n")
_DTYPES = {
    "double": "float64", "integer": "int32", "logical": "bool", "character": "string", "complex": "complex128", "raw": "uint8", "list": "list",
}  # fmt: skip
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class _Unpacked:
    """The bytes of a file from the front, unpacked on the way, at most ``MOST_UNPACKED``."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._buffer, self._at, self._left = stream, b"", 0, MOST_UNPACKED
        start = stream.read(6)
        stream.seek(0)
        self._unpack: bz2.BZ2Decompressor | lzma.LZMADecompressor | None = None
        self._inflate = zlib.decompressobj(31) if start.startswith(b"\x1f\x8b") else None
        if start.startswith(b"BZh"):
            self._unpack = bz2.BZ2Decompressor()
        elif start.startswith((b"\xfd7zXZ\0", b"\x5d\0\0")):
            self._unpack = lzma.LZMADecompressor(memlimit=MOST_MEMORY)

    def read(self, length: int) -> bytes:
        end = self._at + length
        if end > len(self._buffer):
            parts = [self._buffer[self._at :]]
            missing = length - len(parts[0])
            while missing > 0:
                parts.append(self._more())
                missing -= len(parts[-1])
            self._buffer, self._at, end = b"".join(parts), 0, length
        data = self._buffer[self._at : end]
        self._at = end
        return data

    def skip(self, length: int) -> None:
        while length > 0:
            length -= len(self.read(min(length, _CHUNK)))

    def _more(self) -> bytes:
        if self._left <= 0:
            raise Unreadable("too-large", f"R data: what lies behind the first {MOST_UNPACKED:,} bytes was not read")
        try:
            found = self._piece()
        except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
            raise Unreadable("malformed", f"the packed data are damaged: {error}"[:300]) from error
        if not found:
            raise Unreadable("truncated", "R data: it ends early")
        self._left -= len(found)
        return found

    def _piece(self) -> bytes:
        """The next bytes; none at the end."""
        if self._unpack is None and self._inflate is None:
            return self._stream.read(_CHUNK)
        while True:
            found, data = b"", b""
            if self._inflate is not None:
                data = self._inflate.unconsumed_tail or self._stream.read(_CHUNK)
                found = self._inflate.decompress(data, _CHUNK)
            elif self._unpack is not None and not self._unpack.eof:
                data = self._stream.read(_CHUNK) if self._unpack.needs_input else b""
                found = self._unpack.decompress(data, _CHUNK)
            if found or not data:
                return found


@reads("application/x-rds", "application/x-rdata")
def read_r(file: File) -> Iterator[Evidence]:
    """What one object, or each of a workspace, is.

    Raises:
        Unreadable: it is no such file, is damaged, or holds more than is read; what was read before that is kept.
    """
    facts = Facts(file, READER)
    with file.open() as stream:
        source = _Unpacked(stream)
        start = source.read(5)
        workspace = start in _WORKSPACE
        walk = Walk(source if workspace else _Again(start, source))
        yield from facts.software("R", walk.version, path="header")
        if not workspace:
            yield from _object(facts, PurePosixPath(file.name).stem, walk.thing(), "")
            return
        for number, (name, thing) in enumerate(walk.pairs()):
            if number >= MOST_OBJECTS:
                yield facts.problem("too-large", f"the first {MOST_OBJECTS} objects were read")
                return
            if name and not name.startswith("."):
                yield from _object(facts, name[:300], thing, "")


class _Again:
    """A source whose first bytes were read before."""

    def __init__(self, start: bytes, source: _Unpacked) -> None:
        self._start, self._source = start, source

    def read(self, length: int) -> bytes:
        if not self._start:
            return self._source.read(length)
        data, self._start = self._start[:length], self._start[length:]
        return data + self._source.read(length - len(data)) if len(data) < length else data

    def skip(self, length: int) -> None:
        while length > 0:
            length -= len(self.read(min(length, _CHUNK)))


def _object(facts: Facts, name: str, thing: Thing, group: str) -> Iterator[Evidence]:
    """A data frame as a table; a list by its elements; a vector or matrix as an array; of whatever else its class."""
    classes = thing.texts("class")
    path = f"/{group}/{name}" if group else f"/{name}"
    if "data.frame" in classes and thing.type == "list":
        yield from _frame(facts, name, thing, path)
    elif thing.type == "list" and not group and not classes:
        for position, item in zip(thing.texts("names"), thing.items, strict=False):
            if position:
                yield from _object(facts, position[:300], item, name)
    elif thing.type in _DTYPES and thing.type != "list":
        yield from _vector(facts, name, thing, group, path)
    elif classes:
        yield from facts.attribute("class", classes, owner=f"{group}/{name}".strip("/"), path=f"{path}@class")


def _vector(facts: Facts, name: str, thing: Thing, group: str, path: str) -> Iterator[Evidence]:
    shape = [value for value in _of(thing, "dim") if isinstance(value, int)] or [thing.length]
    if shape == [1] and thing.type == "character" and isinstance(thing.values[0], str):
        yield from facts.attribute(name, thing.values[0][:LONGEST_TEXT], owner=group, path=path)
        return
    value: dict[str, JSON] = {"name": name, "shape": shape, "dtype": _dtype(thing), "group": group}
    value |= {key: text for key, text in (("unit", _unit(thing)), ("long_name", _label(thing))) if text}
    yield Evidence("array", value, facts.place(path, name), READER)


def _frame(facts: Facts, name: str, thing: Thing, path: str) -> Iterator[Evidence]:
    names = thing.texts("names")[: len(thing.items)]
    if thing.length > MOST_COLUMNS:
        yield facts.problem("too-many-columns", f"the first {MOST_COLUMNS:,} of {thing.length:,} columns were used")
    parts = {label: item for label, item in zip(names[:MOST_COLUMNS], thing.items, strict=False) if label}
    rows = max((item.length for item in parts.values() if not _of(item, "dim")), default=0)
    values = {label: [] if _of(item, "dim") else _shown(item) for label, item in parts.items()}
    read = min(
        (len(column) for column in values.values() if column), default=0
    )  # columns are of one length, or damaged
    sampled = read < rows
    shape: dict[str, JSON] = {
        "name": name, "rows": rows, "columns": thing.length, "sampled": sampled, "header": list(parts),
    }  # fmt: skip
    yield Evidence("table", shape, facts.place(path, ", ".join(parts)), READER)
    if label := _label(thing):
        yield from facts.attribute("label", label, owner=name, path=f"{path}@label")
    columns = [Column(label, number, column[:read]) for number, (label, column) in enumerate(values.items(), start=1)]

    def place(column: str) -> AttributePlace:
        return facts.place(f"{path}/{column}", _label(parts[column]) or column)

    def told(item: Profile) -> dict[str, JSON]:
        part = parts[item.column.name]
        said = {"label": _label(part), "unit": _unit(part), "type": _column_type(part)}
        return {key: text for key, text in said.items() if text}

    yield from column_evidence(facts.file, columns, place, READER, sampled=sampled, told=told)


def _of(thing: Thing, attribute: str) -> Sequence[JSON]:
    found = thing.attributes.get(attribute)
    return found.values if found else ()


def _label(thing: Thing) -> str:
    """What Hmisc, haven and labelled keep beside a column."""
    return " ".join(" ".join(thing.texts("label")[:1]).split())[:500]


def _unit(thing: Thing) -> str:
    """The unit of a time difference, or as the package Hmisc keeps it."""
    return " ".join(thing.texts("units")[:1]).strip()[:60]


def _dtype(thing: Thing) -> str:
    classes = thing.texts("class")
    if "factor" in classes:
        return "string"
    return "date" if "Date" in classes else "datetime" if "POSIXct" in classes else _DTYPES[thing.type]


def _column_type(thing: Thing) -> str:
    """The type where R itself knows it; '' where the values tell better (numbers that are whole, texts that are dates)."""
    kind = _dtype(thing) if thing.type in _DTYPES else "string"
    words = {"int32": "integer", "bool": "boolean", "date": "date", "datetime": "datetime"}
    return "string" if "factor" in thing.texts("class") else words.get(kind, "")


def _shown(thing: Thing) -> list[str]:
    """The values of a column as a CSV would hold them."""
    classes = thing.texts("class")
    if "factor" in classes:
        levels = thing.texts("levels")
        return [
            levels[value - 1] if isinstance(value, int) and 0 < value <= len(levels) else "" for value in thing.values
        ]
    if "Date" in classes:
        return [_moment(value, 86_400)[:10] for value in thing.values]
    if "POSIXct" in classes:
        return [_moment(value, 1) for value in thing.values]
    if thing.type == "logical":
        return ["" if value is None else "TRUE" if value else "FALSE" for value in thing.values]
    return ["" if value is None else _number(value) for value in thing.values]


def _number(value: JSON) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _moment(value: JSON, seconds: int) -> str:
    try:
        return (_EPOCH + dt.timedelta(seconds=float(value) * seconds)).isoformat(timespec="seconds")
    except (OverflowError, ValueError, TypeError):
        return ""

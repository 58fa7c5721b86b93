"""MATLAB's MAT-files of level 5 (versions 5 to 7): who wrote them and when, and the names, shapes and classes of the variables.

Source: MathWorks, *MAT-File Format* (level 5). Numbers are passed over; of a compressed variable no more is unpacked than its
header needs, or, where it is a structure, its fields. Files of version 7.3 are HDF5 and read as such.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import BinaryIO

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts

READER = "matlab/1"
MOST_UNPACKED = 48_000_000  # bytes, of all variables together
MOST_VARIABLES = 1_000  # with the fields of structures
MOST_FIELDS = 1_000  # of one structure
MOST_DEPTH = 4  # structures within structures
MOST_DIMENSIONS = 32
LONGEST_NAME = 4_096
LONGEST_TEXT = 2_000  # characters of a text that is told
_CHUNK = 65_536
_START = 128
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _OBJECT, _CHAR, _FUNCTION, _OPAQUE = 1, 2, 3, 4, 16, 17
_CLASSES = {
    _CELL: "cell", _STRUCT: "struct", _OBJECT: "object", _CHAR: "string", 5: "float64", 6: "float64", 7: "float32", 8: "int8", 9: "uint8",
    10: "int16", 11: "uint16", 12: "int32", 13: "uint32", 14: "int64", 15: "uint64", _FUNCTION: "function", _OPAQUE: "object",
}  # fmt: skip
_TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_LOGICAL = 0x02
_WRITER = re.compile(r"Platform: *(?P<platform>[\w\-. ]{1,30})")
_OCTAVE = re.compile(r"written by Octave (?P<version>\d[\w.]*)")
_DATE = re.compile(
    r"[A-Z][a-z]{2} +(?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) +(?P<time>\d\d:\d\d:\d\d) +(?P<year>\d{4})"
    r"|(?P<iso>\d{4}-\d\d-\d\d) +(?P<clock>\d\d:\d\d:\d\d)"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class _Enough(Exception):
    """The rest of this variable is not read."""


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked, in bytes, and told, in variables."""

    unpacked: int = MOST_UNPACKED
    variables: int = MOST_VARIABLES


class _Source:
    """Bytes of one variable from the front, unpacked on the way where ``packed``; ``length`` bytes of the file belong to it."""

    def __init__(self, stream: BinaryIO, length: int, order: str, budget: _Budget, *, packed: bool) -> None:
        self._stream, self._left, self.order, self.budget = stream, length, order, budget
        self._unpack = zlib.decompressobj() if packed else None
        self._ready = b""

    def read(self, length: int) -> bytes:
        """Exactly so many bytes. Raises Unreadable when there are fewer, _Enough when too many were unpacked."""
        if self._unpack is None:
            data = self._stream.read(min(length, self._left))
            self._left -= len(data)
        else:
            parts, missing = [], length
            while missing > 0:
                if not self._ready:
                    self._ready = self._more()
                parts.append(self._ready[:missing])
                self._ready = self._ready[missing:]
                missing -= len(parts[-1])
            data = b"".join(parts)
        if len(data) < length:
            raise Unreadable("truncated", "a variable ends early")
        return data

    def skip(self, length: int) -> None:
        if self._unpack is None:
            if length > self._left:
                raise Unreadable("truncated", "a variable ends early")
            self._stream.seek(length, 1)
            self._left -= length
        else:
            while length > 0:
                length -= len(self.read(min(length, _CHUNK)))

    def _more(self) -> bytes:
        assert self._unpack is not None
        while True:
            if self.budget.unpacked <= 0:
                raise _Enough
            data = self._unpack.unconsumed_tail
            if not data:
                data = self._stream.read(min(_CHUNK, self._left))
                self._left -= len(data)
            try:
                found = self._unpack.decompress(data, _CHUNK)
            except zlib.error as error:
                raise Unreadable("malformed", f"a compressed variable is damaged: {error}"[:300]) from error
            self.budget.unpacked -= len(found)
            if found:
                return found
            if not data or self._unpack.eof:
                raise Unreadable("truncated", "a variable ends early")

    def tag(self) -> tuple[int, int, bytes | None]:
        """(type, bytes, the data where they stand in the tag itself)."""
        word = self.read(4)
        kind = int(struct.unpack(self.order + "I", word)[0])
        if kind >> 16:
            length = kind >> 16
            if length > 4:
                raise Unreadable("malformed", "a tag tells of more than it can hold")
            return kind & 0xFFFF, length, self.read(4)[:length]
        return kind, int(struct.unpack(self.order + "I", self.read(4))[0]), None

    def element(self, most: int) -> tuple[int, bytes]:
        """(type, data) of the next element, padded to eight bytes. Raises Unreadable when it is longer than ``most``."""
        kind, length, data = self.tag()
        if data is None:
            if length > most:
                raise Unreadable("malformed", f"a name or a shape of {length:,} bytes")
            data = self.read(length)
            self.skip(-length % 8)
        return kind, data


@reads("application/x-matlab-data")
def read_matlab(file: File) -> Iterator[Evidence]:
    """What the head says, and every variable; the texts and the fields of structures too.

    Raises:
        Unreadable: it ends within its head.
    """
    facts = Facts(file, READER)
    head = file.head(_START)
    order = {b"IM": "<", b"MI": ">"}.get(head[126:128])
    if order is None:
        raise Unreadable("truncated" if len(head) < _START else "malformed", "the head of a MAT-file is not whole")
    yield from _head(facts, head[:116].decode("latin-1").strip("\0 "))
    budget, position = _Budget(), _START
    with file.open() as stream:
        while position + 8 <= file.size and budget.variables > 0:
            stream.seek(position)
            kind, length = struct.unpack(order + "II", stream.read(8))
            position += 8 + length
            if position > file.size:
                yield facts.problem(
                    "truncated", f"its last variable ends {position - file.size:,} bytes after the file"
                )
            if kind not in (_MATRIX, _COMPRESSED):
                continue
            source = _Source(stream, length, order, budget, packed=kind == _COMPRESSED)
            try:
                if kind == _COMPRESSED and source.tag()[0] != _MATRIX:
                    continue
                yield from _matrix(facts, source, "", "", 0)
            except _Enough:
                continue
            except Unreadable as error:
                yield facts.problem(error.code, error.message)
    if budget.unpacked <= 0 or budget.variables <= 0:
        yield facts.problem("too-large", "not all that its structures hold was read")


def _head(facts: Facts, text: str) -> Iterator[Evidence]:
    """Only MATLAB and Octave name themselves truthfully: other writers take over MATLAB's words, with a platform of their own."""
    if octave := _OCTAVE.search(text):
        yield from facts.software("GNU Octave", octave["version"], path="header", quote=text)
    elif (writer := _WRITER.search(text)) is not None:
        platform = writer["platform"].strip()
        yield from facts.attribute("platform", platform, path="header", quote=text)
        if platform.upper().startswith(("PCWIN", "GLNX", "MAC", "SOL")):
            yield from facts.software("MATLAB", path="header", quote=text)
    if date := _DATE.search(text):
        yield from facts.attribute("file created", _iso(date), path="header", quote=text)


def _iso(date: re.Match[str]) -> str:
    if date["iso"]:
        return f"{date['iso']}T{date['clock']}"
    if date["month"] not in _MONTHS:
        return ""
    return f"{date['year']}-{_MONTHS.index(date['month']) + 1:02d}-{int(date['day']):02d}T{date['time']}"


def _matrix(facts: Facts, source: _Source, name: str, group: str, depth: int) -> Iterator[Evidence]:
    """One array behind its tag: itself, or the fields of a structure. ``name`` is that of a field, '' for a variable."""
    _, flags = source.element(16)
    if len(flags) < 4:
        raise Unreadable("malformed", "a variable without a class")
    word = int(struct.unpack(source.order + "I", flags[:4])[0])
    kind, logical = word & 0xFF, bool((word >> 8) & _LOGICAL)
    shape = [] if kind == _OPAQUE else _dimensions(source)
    own = source.element(LONGEST_NAME)[1].decode("utf-8", "replace").strip("\0")
    name = name or own
    if not name or kind == _FUNCTION:
        return  # what belongs to no name is MATLAB's own
    if kind == _OBJECT:
        source.element(LONGEST_NAME)  # the name of its class
    if kind in (_STRUCT, _OBJECT) and depth < MOST_DEPTH:
        yield from _structure(facts, source, name, group, shape, depth)
        return
    dtype = "bool" if logical else _CLASSES.get(kind, "unknown")
    if kind == _OPAQUE:
        source.element(LONGEST_NAME)
        dtype = source.element(LONGEST_NAME)[1].decode("latin-1")[:60] or dtype
    if kind == _CHAR and (text := _text(source, shape)) is not None:
        if text.strip():
            yield from facts.attribute(name, text, owner=group, path=_path(group, name), quote=text)
        return
    source.budget.variables -= 1
    if source.budget.variables >= 0:
        value = {"name": name[:300], "shape": shape, "dtype": dtype, "group": group}
        yield Evidence("array", value, facts.place(_path(group, name), name), READER)


def _dimensions(source: _Source) -> list[int]:
    data = source.element(MOST_DIMENSIONS * 4)[1]
    shape = list(struct.unpack(f"{source.order}{len(data) // 4}i", data[: len(data) // 4 * 4]))
    if len(shape) < 2 or min(shape) < 0:
        raise Unreadable("malformed", "the shape of a variable cannot be read")
    return shape


def _structure(
    facts: Facts, source: _Source, name: str, group: str, shape: list[int], depth: int
) -> Iterator[Evidence]:
    """The fields of a structure; of several alike those of the first."""
    width = source.element(8)[1]
    longest = int.from_bytes(width[:4], "little" if source.order == "<" else "big")
    data = source.element(MOST_FIELDS * 64)[1]
    if not 0 < longest <= LONGEST_NAME:
        raise Unreadable("malformed", "the names of a structure cannot be read")
    fields = [data[at : at + longest].split(b"\0")[0].decode("utf-8", "replace") for at in range(0, len(data), longest)]
    inside = f"{group}.{name}" if group else name
    if not prod(shape):
        return
    for field in fields[:MOST_FIELDS]:
        kind, length, _ = source.tag()
        if kind != _MATRIX:
            raise Unreadable("malformed", "a structure holds what is no array")
        if not length:
            continue
        part = _Within(source, length)
        yield from _matrix(facts, part, field or "?", inside, depth + 1)
        part.finish()


class _Within(_Source):
    """The next ``length`` bytes of a source, so that what a field has left unread is passed over."""

    def __init__(self, source: _Source, length: int) -> None:
        self._source, self._rest, self.order, self.budget = source, length, source.order, source.budget

    def read(self, length: int) -> bytes:
        self._take(length)
        return self._source.read(length)

    def skip(self, length: int) -> None:
        self._take(length)
        self._source.skip(length)

    def _take(self, length: int) -> None:
        if length > self._rest:
            raise Unreadable("malformed", "a field is longer than it says")
        self._rest -= length

    def finish(self) -> None:
        self._source.skip(self._rest)
        self._rest = 0


def _text(source: _Source, shape: list[int]) -> str | None:
    """A text of one row; None for several, for long ones and for those in an unknown encoding."""
    if len(shape) != 2 or shape[0] > 1 or shape[1] > LONGEST_TEXT:
        return None
    if not prod(shape):
        return ""
    kind, data = source.element(LONGEST_TEXT * 4)
    encoding = _TEXTS.get(kind)
    if encoding is None:
        return None
    if kind in (4, 17, 18):
        encoding += "-le" if source.order == "<" else "-be"
    return data.decode(encoding, "replace").strip("\0")


def _path(group: str, name: str) -> str:
    return "/" + "/".join([*group.split("."), name] if group else [name])

"""netCDF classic files (CDF-1, CDF-2, CDF-5), read from their header.

Source: The NetCDF Classic Format Specification (Unidata) and the CDF-5 extension of PnetCDF. Counts and offsets of the
header are not trusted: every read is bounded by the file's size and by the limits below.
"""

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import BinaryIO

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import cf
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.text import decode

READER = "netcdf3/1"
_MOST_HEADER = 16 * 1024 * 1024
_MOST_ITEMS = 5_000  # dimensions, variables, attributes of one owner
_MOST_TEXT = 4_000  # bytes of a character variable that is read as text
_CHAR = 2
_DIMENSION, _VARIABLE, _ATTRIBUTE = 10, 11, 12
# number of the type: (name, size in bytes, array typecode)
TYPES: dict[int, tuple[str, int, str]] = {
    1: ("int8", 1, "b"),
    2: ("char", 1, ""),
    3: ("int16", 2, "h"),
    4: ("int32", 4, "i"),
    5: ("float32", 4, "f"),
    6: ("float64", 8, "d"),
    7: ("uint8", 1, "B"),
    8: ("uint16", 2, "H"),
    9: ("uint32", 4, "I"),
    10: ("int64", 8, "q"),
    11: ("uint64", 8, "Q"),
}


def numpy_type(number: int) -> str:
    """``>f4`` and the like, for a type of the header."""
    name, size, _ = TYPES[number]
    kind = {"char": "S", "float32": "f", "float64": "f"}.get(name, "u" if name.startswith("u") else "i")
    return f">{kind}{size}"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the header; ``begin`` is where its data start, in bytes; ``record`` when it grows."""

    name: str
    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    attributes: dict[str, JSON]
    type: int
    begin: int
    record: bool


@dataclass(frozen=True, slots=True)
class Header:
    attributes: dict[str, JSON]
    variables: list[Variable]
    records: int
    record_size: int


@reads("application/x-netcdf", version=1)
def read_netcdf(file: File) -> Iterator[Evidence]:
    """Attributes, variables with unit and range, and the extent in space and time."""
    with file.open() as stream:
        header = parse_header(stream, file.size)
    arrays = [_array(file, header, variable) for variable in header.variables]
    yield from cf.describe(file.name, header.attributes, arrays, READER, _texts(file, header))


def _texts(file: File, header: Header) -> dict[str, str]:
    """The short character variables of at most two dimensions, as text: one line for each row."""
    found = {}
    with file.open() as stream:
        for variable in header.variables:
            if (
                variable.type != _CHAR
                or variable.record
                or not 0 < prod(variable.shape) <= _MOST_TEXT
                or len(variable.shape) > 2
            ):
                continue
            stream.seek(variable.begin)
            data = stream.read(prod(variable.shape))
            width = variable.shape[-1] if variable.shape else 1
            rows = (
                decode(data[start : start + width].rstrip(b"\0 ")).text.strip() for start in range(0, len(data), width)
            )
            if text := "\n".join(row for row in rows if row):
                found[f"/{variable.name}"] = text
    return found


def _array(file: File, header: Header, variable: Variable) -> cf.Array:
    name, size, code = TYPES[variable.type]
    small = prod(variable.shape) <= cf.MOST_VALUES and code
    inside = variable.begin + (0 if variable.record else prod(variable.shape) * size) <= file.size
    values = partial(_values, file, header, variable) if small and inside else None
    return cf.Array(variable.name, "", variable.shape, name, variable.dimensions, variable.attributes, values)


def _values(file: File, header: Header, variable: Variable) -> Sequence[float]:
    """All numbers of a variable; of a growing one, those that the file really holds."""
    _, size, code = TYPES[variable.type]
    with file.open() as stream:
        if not variable.record:
            return _numbers(stream, variable.begin, prod(variable.shape) * size, code)
        each = prod(variable.shape[1:]) * size
        found: list[float] = []
        for record in range(header.records):
            found.extend(_numbers(stream, variable.begin + record * header.record_size, each, code))
        return found


def _numbers(stream: BinaryIO, offset: int, length: int, code: str) -> array:  # type: ignore[type-arg]
    stream.seek(offset)
    data = stream.read(length)
    found = array(code)
    found.frombytes(data[: len(data) - len(data) % found.itemsize])
    if sys.byteorder == "little":
        found.byteswap()
    return found


def parse_header(stream: BinaryIO, size: int) -> Header:
    """The header of a classic netCDF file.

    Raises:
        Unreadable: ``truncated`` when the header is cut off, ``malformed`` when it contradicts itself.
    """
    return _Parser(stream, size).header()


class _Parser:
    """Reads the header once, front to back, counting what it takes."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self._size = size
        self._taken = 0
        self._wide = self._wide_offset = False

    def header(self) -> Header:
        magic = self._bytes(4)
        if magic[:3] != b"CDF" or magic[3] not in (1, 2, 5):
            raise Unreadable("malformed", "the file does not start as a classic netCDF file does")
        self._wide, self._wide_offset = magic[3] == 5, magic[3] in (2, 5)
        records = self._count_records()
        dimensions = self._dimensions()
        attributes = self._attributes()
        variables = self._variables(dimensions)
        record_size = self._record_size(variables)
        if records is None:  # written as a stream: as many as the file has room for
            begin = min((v.begin for v in variables if v.record), default=self._size)
            records = max(0, self._size - begin) // record_size if record_size else 0
        variables = [
            Variable(
                v.name,
                v.dimensions,
                (records, *v.shape[1:]) if v.record else v.shape,
                v.attributes,
                v.type,
                v.begin,
                v.record,
            )
            for v in variables
        ]
        return Header(attributes, variables, records, record_size)

    def _count_records(self) -> int | None:
        number = self._non_negative()
        return None if number == (0xFFFF_FFFF_FFFF_FFFF if self._wide else 0xFFFF_FFFF) else number

    def _record_size(self, variables: Sequence[Variable]) -> int:
        """Bytes of one record: each variable's part padded to four, but a lone variable's is not (specification, note on
        padding)."""
        parts = [prod(v.shape[1:]) * TYPES[v.type][1] for v in variables if v.record]
        return parts[0] if len(parts) == 1 else sum(part + -part % 4 for part in parts)

    def _list(self, tag: int) -> int:
        """The number of entries of a list of this kind."""
        found, count = struct.unpack(">I", self._bytes(4))[0], self._non_negative()
        if (found != tag and (found or count)) or count > _MOST_ITEMS:
            raise Unreadable("malformed", f"the header has a list of kind {found} with {count:,} entries")
        return count

    def _dimensions(self) -> list[tuple[str, int]]:
        return [(self._name(), self._non_negative()) for _ in range(self._list(_DIMENSION))]

    def _attributes(self) -> dict[str, JSON]:
        found: dict[str, JSON] = {}
        for _ in range(self._list(_ATTRIBUTE)):
            name = self._name()
            found[name] = self._attribute_value()
        return found

    def _attribute_value(self) -> JSON:
        number = self._type()
        _, size, code = TYPES[number]
        length = self._non_negative() * size
        data = self._bytes(length)
        self._bytes(-length % 4)
        if not code:
            return decode(data).text.rstrip("\0")[: cf.MAX_ATTRIBUTE]
        values = array(code)
        values.frombytes(data)
        if sys.byteorder == "little":
            values.byteswap()
        items = [
            value if value == value and abs(value) != float("inf") else str(value) for value in values[: cf.MAX_ITEMS]
        ]
        return items[0] if len(items) == 1 else items

    def _variables(self, dimensions: Sequence[tuple[str, int]]) -> list[Variable]:
        found = []
        for _ in range(self._list(_VARIABLE)):
            name = self._name()
            numbers = [self._non_negative() for _ in range(self._at_most(self._non_negative()))]
            if any(number >= len(dimensions) for number in numbers):
                raise Unreadable("malformed", f"variable {name} has a dimension that is not there")
            attributes, kind = self._attributes(), self._type()
            self._non_negative()  # the size, which is not reliable for large variables
            begin = (
                struct.unpack(">Q", self._bytes(8))[0] if self._wide_offset else struct.unpack(">I", self._bytes(4))[0]
            )
            shape = tuple(dimensions[number][1] for number in numbers)
            record = bool(shape) and shape[0] == 0
            found.append(
                Variable(name, tuple(dimensions[n][0] for n in numbers), shape, attributes, kind, begin, record)
            )
        return found

    def _at_most(self, count: int) -> int:
        if count > 1024:
            raise Unreadable("malformed", f"a variable claims {count:,} dimensions")
        return count

    def _type(self) -> int:
        number: int = struct.unpack(">I", self._bytes(4))[0]
        if number not in TYPES:
            raise Unreadable("malformed", f"the header has an unknown type of number ({number})")
        return number

    def _name(self) -> str:
        length = self._non_negative()
        name = decode(self._bytes(length)).text
        self._bytes(-length % 4)
        return name[:1000]

    def _non_negative(self) -> int:
        number: int = struct.unpack(">Q" if self._wide else ">I", self._bytes(8 if self._wide else 4))[0]
        return number

    def _bytes(self, length: int) -> bytes:
        self._taken += length
        if self._taken > _MOST_HEADER:
            if self._taken > self._size:
                raise Unreadable("truncated", "the header is cut off")
            raise Unreadable("too-large", f"the header is longer than {_MOST_HEADER:,} bytes")
        data = self._stream.read(length)
        if len(data) < length:
            raise Unreadable("truncated", "the header is cut off")
        return data

"""A ZIP of files that lie elsewhere, made while it is sent: nothing is written to disk, nothing but a checksum for each file stays in
memory, and its length is known before its first byte.

Entries are stored, not deflated: research files are compressed already or soon would be, and only so the length is known. Names are
UTF-8. ZIP64 is used where sizes ask for it. A file whose CRC-32 is known needs no data descriptor; one whose is not gets it behind
its bytes. Source: APPNOTE 6.3.10 (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).
"""

import struct
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from shirushi.storage.errors import ContentMismatch

CHUNK = 256 * 1024
_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END64 = struct.Struct("<IQHHIIQQQQ")
_LOCATOR = struct.Struct("<IIQI")
_END = struct.Struct("<IHHHHIIH")
_LOCAL_EXTRA = struct.Struct("<HHQQ")
_CENTRAL_EXTRA = struct.Struct("<HHQQQ")
_DESCRIPTOR, _DESCRIPTOR64 = struct.Struct("<IIII"), struct.Struct("<IIQQ")
_FULL, _MANY = 0xFFFFFFFF, 0xFFFF  # what stands in a field that is too small for its number
LARGE = _FULL  # bytes from which on the wide fields are used
_UNIX_FILE = 0o100644 << 16
_UTF8, _BEHIND = 1 << 11, 1 << 3  # flags: the name is UTF-8; CRC and sizes follow the bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to be packed: its path in the archive, and how many bytes it has."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What the length of an archive depends on: how many files, the sum of their sizes, the largest one, and the bytes of all their
    paths in UTF-8."""

    files: int
    size: int
    largest: int
    names: int

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Totals":
        files = size = largest = names = 0
        for entry in entries:
            files += 1
            size += entry.size
            largest = max(largest, entry.size)
            names += len(entry.path.encode())
        return cls(files, size, largest, names)


class Archive:
    """An archive to be sent. ``entries`` gives the files, each time it is called the same ones in the same order."""

    def __init__(self, entries: Callable[[], Iterable[Entry]], totals: Totals, at: datetime) -> None:
        self._entries = entries
        self._totals = totals
        self._at = _dos_time(at)
        self._large_files = totals.largest >= LARGE
        self._descriptor = _DESCRIPTOR64 if self._large_files else _DESCRIPTOR
        fixed = _LOCAL.size + self._descriptor.size + (_LOCAL_EXTRA.size if self._large_files else 0)
        before_directory = totals.size + totals.names + totals.files * fixed
        # One rule for all entries, so that the length needs no look at each of them.
        self._large = self._large_files or before_directory >= LARGE
        central = _CENTRAL.size + (_CENTRAL_EXTRA.size if self._large else 0)
        self._directory = totals.names + totals.files * central
        self._directory_at = before_directory
        self._end64 = self._large or totals.files >= _MANY or before_directory + self._directory >= LARGE

    @property
    def length(self) -> int:
        end = _END.size + (_END64.size + _LOCATOR.size if self._end64 else 0)
        return self._directory_at + self._directory + end

    def stream(self, opened: Callable[[Entry], BinaryIO]) -> Iterator[bytes]:
        """All bytes of the archive, in pieces of at most some 256 KiB.

        Raises:
            ContentMismatch: a file is not as long as its entry says. What came so far is no whole archive, and its receiver
                notices: it is shorter than promised.
        """
        sums = array("I")
        small = bytearray()  # headers and small files go out together: each piece costs a turn of the server
        for entry in self._entries():
            small += self._local(entry)
            crc = size = 0
            with opened(entry) as file:
                while chunk := file.read(CHUNK):
                    crc = zlib.crc32(chunk, crc)
                    size += len(chunk)
                    if size > entry.size:
                        break
                    small += chunk
                    if len(small) >= CHUNK:
                        yield bytes(small)
                        small.clear()
            if size != entry.size:
                raise _other_size(entry, size)
            small += self._descriptor.pack(0x08074B50, crc, entry.size, entry.size)
            sums.append(crc)
        at = 0
        for entry, crc in zip(self._entries(), sums, strict=True):
            small += self._central(entry, crc, at)
            at += self._room(entry)
            if len(small) >= CHUNK:
                yield bytes(small)
                small.clear()
        yield bytes(small) + self._end()

    def _local(self, entry: Entry) -> bytes:
        name = entry.path.encode()
        size = _FULL if self._large_files else entry.size
        extra = _LOCAL_EXTRA.pack(1, 16, entry.size, entry.size) if self._large_files else b""
        head = _LOCAL.pack(
            0x04034B50, self._needs, _UTF8 | _BEHIND, 0, *self._at, 0, size, size, len(name), len(extra)
        )  # fmt: skip
        return head + name + extra

    def _central(self, entry: Entry, crc: int, at: int) -> bytes:
        name = entry.path.encode()
        size, place = (_FULL, _FULL) if self._large else (entry.size, at)
        extra = _CENTRAL_EXTRA.pack(1, 24, entry.size, entry.size, at) if self._large else b""
        head = _CENTRAL.pack(
            0x02014B50, 3 << 8 | self._needs, self._needs, _UTF8 | _BEHIND, 0, *self._at, crc, size, size, len(name), len(extra),
            0, 0, 0, _UNIX_FILE, place,
        )  # fmt: skip
        return head + name + extra

    def _end(self) -> bytes:
        files, size, at = self._totals.files, self._directory, self._directory_at
        if not self._end64:
            return _END.pack(0x06054B50, 0, 0, files, files, size, at, 0)
        end64 = _END64.pack(0x06064B50, _END64.size - 12, 3 << 8 | 45, 45, 0, 0, files, files, size, at)
        locator = _LOCATOR.pack(0x07064B50, 0, at + size, 1)
        end = _END.pack(0x06054B50, 0, 0, min(files, _MANY), min(files, _MANY), min(size, _FULL), min(at, _FULL), 0)
        return end64 + locator + end

    def _room(self, entry: Entry) -> int:
        extra = _LOCAL_EXTRA.size if self._large_files else 0
        return _LOCAL.size + len(entry.path.encode()) + extra + entry.size + self._descriptor.size

    @property
    def _needs(self) -> int:
        return 45 if self._large else 20


def _dos_time(at: datetime) -> tuple[int, int]:
    year = min(max(at.year, 1980), 2107)
    return at.hour << 11 | at.minute << 5 | at.second // 2, (year - 1980) << 9 | at.month << 5 | at.day


def _other_size(entry: Entry, size: int) -> ContentMismatch:
    return ContentMismatch(
        f"{entry.path!r} should have {entry.size:,} bytes and has others ({size:,} were read). Run the check.",
        f"{entry.path!r} の大きさが {entry.size:,} バイトと異なります（{size:,} バイト読みました）。検査を実行してください。",
        where=entry.path,
    )

"""A ZIP of files that lie elsewhere, made while it is sent: nothing is written to disk, nothing but a checksum for each file stays in
memory, and its length is known before its first byte.

Entries are stored, not deflated: research files are compressed already or soon would be, and only so the length is known. Names are
UTF-8. ZIP64 is used where sizes ask for it. Every file has its CRC-32 behind its bytes, whether that was known before or not: so the
same files always give the same bytes, and a part of them can be asked for. Source: APPNOTE 6.3.10 (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).
"""

import struct
import zlib
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
    """A file to be packed: its path in the archive, and how many bytes it has. ``crc32`` where it is known: then a part behind the file
    can be sent without reading it. ``place`` is for whoever opens it."""

    path: str
    size: int
    crc32: int | None = None
    place: str = ""


# Opens files one after the other, as they are asked for.
Opening = Callable[[Iterable[Entry]], Iterable[tuple[Entry, BinaryIO]]]


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


def in_turn(opened: Callable[[Entry], BinaryIO]) -> Opening:
    """Opens each file when its turn comes."""
    return lambda entries: ((entry, opened(entry)) for entry in entries)


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

    def stream(self, opened: Opening, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes of the archive from ``start`` up to ``end``, in pieces of at most some 256 KiB. Of what lies before them only files
        whose CRC-32 is not known are read, and only for the directory at the end.

        Raises:
            ContentMismatch: a file is not as long as its entry says, or has not its CRC-32. What came so far is no whole archive, and
                its receiver notices: it is shorter than promised.
        """
        piece = _Piece(start, self.length if end is None else end)
        sums: dict[str, int] = {}  # what was not known before
        for entry, file in opened(self._from(piece)):
            with file:
                yield from self._file(entry, file, piece, sums)
            if piece.is_over:
                break
        if not piece.is_over:
            yield from self._directory_of(opened, piece, sums)
            piece.add(self._end())
        yield piece.taken()

    def _from(self, piece: "_Piece") -> Iterator[Entry]:
        """The files of which something is sent; those before them are passed over."""
        at = 0
        for entry in self._entries():
            following = at + self._room(entry)
            if following > piece.start:
                if at >= piece.end:
                    return
                yield entry
            else:
                piece.skip(following - at)
            at = following

    def _file(self, entry: Entry, file: BinaryIO, piece: "_Piece", sums: dict[str, int]) -> Iterator[bytes]:
        piece.add(self._local(entry))
        crc = size = 0
        whole = True
        if entry.crc32 is not None and piece.before > 0:
            size, whole = min(piece.before, entry.size), False
            file.seek(size)
            piece.skip(size)
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > entry.size:
                break
            crc = zlib.crc32(chunk, crc)
            piece.add(chunk)
            if piece.is_over:
                return
            if piece.is_full:
                yield piece.taken()
        if size != entry.size:
            raise _other_size(entry, size)
        if whole and entry.crc32 not in (None, crc):
            raise _other_bytes(entry)
        if entry.crc32 is None:
            sums[entry.path] = crc
        piece.add(self._descriptor.pack(0x08074B50, crc if whole else entry.crc32, entry.size, entry.size))

    def _directory_of(self, opened: Opening, piece: "_Piece", sums: dict[str, int]) -> Iterator[bytes]:
        at = 0
        fixed = _CENTRAL.size + (_CENTRAL_EXTRA.size if self._large else 0)
        for entry in self._entries():
            if piece.before >= (length := fixed + len(entry.path.encode())):
                piece.skip(length)
            else:
                crc = sums.get(entry.path) if entry.crc32 is None else entry.crc32
                if crc is None:  # of a file that lies before what is sent
                    ((_, file),) = opened([entry])
                    with file:
                        crc = _crc32_of(file)
                piece.add(self._central(entry, crc, at))
            if piece.is_over:
                return
            if piece.is_full:
                yield piece.taken()
            at += self._room(entry)

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


class _Piece:
    """What of a long text lies between two places, gathered until there is enough to be sent: each piece costs a turn of the server."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self._at = 0
        self._enough = 1024  # the first bytes go out at once, so that a reader sees that it begins
        self._held = bytearray()

    def skip(self, count: int) -> None:
        """Pass over bytes that lie before the start."""
        self._at += count

    def add(self, text: bytes) -> None:
        begin, stop = max(0, self.start - self._at), self.end - self._at
        self._held += text if begin == 0 and stop >= len(text) else text[begin : max(0, stop)]
        self._at += len(text)

    def taken(self) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        self._enough = min(CHUNK, 4 * self._enough)
        return held

    @property
    def before(self) -> int:
        """How many bytes lie between here and the start; less than 0 behind it."""
        return self.start - self._at

    @property
    def is_full(self) -> bool:
        return len(self._held) >= self._enough

    @property
    def is_over(self) -> bool:
        return self._at >= self.end


def _crc32_of(file: BinaryIO) -> int:
    crc = 0
    while chunk := file.read(CHUNK):
        crc = zlib.crc32(chunk, crc)
    return crc


def _dos_time(at: datetime) -> tuple[int, int]:
    year = min(max(at.year, 1980), 2107)
    return at.hour << 11 | at.minute << 5 | at.second // 2, (year - 1980) << 9 | at.month << 5 | at.day


def _other_size(entry: Entry, size: int) -> ContentMismatch:
    return ContentMismatch(
        f"{entry.path!r} should have {entry.size:,} bytes and has others ({size:,} were read). Run the check.",
        f"{entry.path!r} の大きさが {entry.size:,} バイトと異なります（{size:,} バイト読みました）。検査を実行してください。",
        where=entry.path,
    )


def _other_bytes(entry: Entry) -> ContentMismatch:
    return ContentMismatch(
        f"The bytes of {entry.path!r} are not those that were stored (their CRC-32 differs). Run the check.",
        f"{entry.path!r} の内容が、保存したときと異なります（CRC-32 の不一致）。検査を実行してください。",
        where=entry.path,
    )

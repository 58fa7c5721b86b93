"""Long files, plain or gzipped (BGZF too), passed over once from the front: bounded in bytes, in lines and in memory.

Source: RFC 1952 (gzip; several members follow one another), SAM/BAM specification 4.1 (BGZF is such a gzip file).
"""

import zlib
from collections import Counter
from collections.abc import Iterator

from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.text import decode

MOST_BYTES = 64_000_000  # unpacked
MOST_RATIO = 100  # a file that unpacks to more than so many times its size ends here
LONGEST_LINE = 262_144
MOST_NAMES = 10_000
_CHUNK = 262_144
GZIP = b"\x1f\x8b"


class Stream:
    """The unpacked bytes of a file, once. After the last: ``cut`` when the limit ended it, ``broken`` when the packed data
    ended early or are damaged, ``bomb`` when they unpack without measure; ``count`` bytes were given."""

    def __init__(self, file: File, most: int = MOST_BYTES) -> None:
        self.file, self.most = file, most
        self.cut = self.broken = self.bomb = False
        self.count = 0
        self.packed = file.head(2) == GZIP

    def chunks(self) -> Iterator[bytes]:
        for chunk in self._unpacked() if self.packed else self._plain():
            left = self.most - self.count
            if len(chunk) > left:
                self.cut = True
                chunk = chunk[:left]
            self.count += len(chunk)
            if chunk:
                yield chunk
            if self.cut:
                return

    def _plain(self) -> Iterator[bytes]:
        with self.file.open() as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk

    def _unpacked(self) -> Iterator[bytes]:
        with self.file.open() as stream:
            unpack, data, read = zlib.decompressobj(31), b"", 0
            while True:
                if not data:
                    data = stream.read(_CHUNK)
                    read += len(data)
                    if not data:
                        self.broken = not unpack.eof
                        return
                try:
                    chunk = unpack.decompress(data, _CHUNK)
                except zlib.error:
                    self.broken = True
                    return
                data = (
                    unpack.unused_data.lstrip(b"\0") if unpack.eof else unpack.unconsumed_tail
                )  # tapes are filled up with zeros
                if unpack.eof and data:
                    unpack = zlib.decompressobj(31)
                if self.count > MOST_BYTES // 4 and self.count > MOST_RATIO * read:
                    self.bomb = self.cut = True
                    return
                if chunk:
                    yield chunk

    def lines(self, longest: int = LONGEST_LINE) -> Iterator[bytes]:
        """Lines without their ends; of a longer one the first ``longest`` bytes. The last is left out where the limit cut it."""
        rest = b""
        over = False
        for chunk in self.chunks():
            parts = chunk.split(b"\n")
            parts[0] = rest + parts[0]
            rest = parts.pop()
            for part in parts:
                if not over:
                    yield part[:longest].rstrip(b"\r")
                over = False
            if len(rest) > longest:
                if not over:
                    yield rest[:longest]
                rest, over = b"", True
        if rest and not over and not self.cut:
            yield rest[:longest].rstrip(b"\r")

    def texts(self) -> Iterator[tuple[int, str]]:
        """(1-based number, text) of each line, decoded one by one."""
        for number, line in enumerate(self.lines(), start=1):
            yield number, line.decode() if line.isascii() else decode(line).text

    def line(self, number: int) -> int | None:
        """A line's number as a place may name it: None where the file is packed, so that no viewer can turn to it."""
        return None if self.packed else number

    def trouble(self) -> tuple[str, str] | None:
        """(code, message) of what went wrong, once the chunks have been passed over."""
        if self.bomb:
            return "bomb", f"{self.file.size:,} bytes became more than {self.count:,}"
        if self.broken:
            return "truncated", f"the packed data end after {self.count:,} bytes"
        return None


def count_up(counter: Counter[str], name: str) -> None:
    """Count a name, while there are not too many different ones to be kept."""
    if name in counter or len(counter) < MOST_NAMES:
        counter[name] += 1


def whole(file: File, most: int) -> bytes:
    """All unpacked bytes of a small file.

    Raises:
        Unreadable: ``too-large`` or ``bomb``; ``truncated`` when nothing could be unpacked.
    """
    stream = Stream(file, most)
    data = b"".join(stream.chunks())
    if stream.bomb:
        raise Unreadable("bomb", f"{file.size:,} bytes would become more than {len(data):,}")
    if stream.cut:
        raise Unreadable("too-large", f"more than {most:,} bytes are not read")
    if stream.broken and not data:
        raise Unreadable("truncated", "the packed data cannot be unpacked")
    return data

"""One pass over a big table: its rows are counted and blocks are taken from the same buffers, whatever else reads along.

A row may hold line breaks inside quotes, so bytes are counted by the state they stand in (RFC 4180, and the habits of
Python's ``csv``: a quote opens a cell only at its start). A quote that never closes is taken for a plain character.
"""

import codecs
import io
from dataclasses import dataclass, field
from typing import Any, BinaryIO

CHUNK = 131_072  # fits the processor's caches, together with what is made of it
MOST_LINES_IN_FIELD = 60  # more line breaks than these in one cell: a stray quote
_CARRY = 2
_QUOTE, _CR, _SPACE = 34, 13, 32
_BOM_END = 0xBF


@dataclass(slots=True)
class Scan:
    """``records`` counts all rows, blank ones too; ``blank`` only those; ``size`` is bytes passed over. ``blocks`` are
    pieces of later parts, in order; ``complete`` is False when the pass was ended early."""

    records: int = 0
    blank: int = 0
    size: int = 0
    blocks: list[bytes] = field(default_factory=list)
    complete: bool = True


def scan(
    stream: BinaryIO, *, delimiter: str, quoted: bool, sampler: "Evenly | Thinning", most: int | None = None
) -> Scan:
    """Pass over ``stream`` to its end, or over ``most`` bytes of it. The bytes are of an encoding in which line ends, quotes and
    the delimiter are single bytes as in ASCII and part of no other character (UTF-8, CP932, EUC-JP, Latin-1)."""
    import numpy as np

    counter = _Counter(delimiter, quoted=quoted)
    buffer = bytearray(_CARRY + CHUNK)
    buffer[:_CARRY] = b"\n\n"
    view = memoryview(buffer)
    result = Scan()
    while count := stream.readinto(view[_CARRY:]):  # type: ignore[attr-defined]
        end = _CARRY + count
        sampler.feed(view[_CARRY:end], result.size)
        counter.feed(np.frombuffer(buffer, np.uint8, end))
        result.size += count
        buffer[:_CARRY] = buffer[end - _CARRY : end]
        if most is not None and result.size >= most:
            result.complete = False
            break
    if result.complete:
        counter.finish(last=buffer[_CARRY - 1], size=result.size)
    result.records, result.blank, result.blocks = counter.records, counter.blank, sampler.blocks()
    return result


class Evenly:
    """Takes ``count`` blocks of ``length`` bytes spread evenly over what lies behind ``start`` in a file of ``size`` bytes."""

    def __init__(self, size: int, *, start: int, length: int, count: int) -> None:
        step = (size - start - length) / (count - 1)
        self._wanted = [max(start, start + round(i * step)) for i in range(count)]
        self._length = length
        self._taken = [bytearray() for _ in range(count)]

    def feed(self, data: memoryview, offset: int) -> None:
        for wanted, taken in zip(self._wanted, self._taken, strict=True):
            first = wanted + len(taken) - offset
            if 0 <= first < len(data) and len(taken) < self._length:
                taken += data[first : first + self._length - len(taken)]

    def blocks(self) -> list[bytes]:
        return [bytes(taken) for taken in self._taken if taken]


class Thinning:
    """Takes blocks of ``length`` bytes from a stream whose size nobody knows: every so many bytes one, and whenever there are
    twice as many as wanted, every second is dropped. ``count`` to twice ``count`` blocks remain."""

    def __init__(self, start: int, length: int, count: int) -> None:
        self._start, self._length, self._count = start, length, count
        self._stride = 2 * length
        self._taken: dict[int, bytearray] = {}

    def feed(self, data: memoryview, offset: int) -> None:
        position = max(0, offset - self._start)
        number = position // self._stride
        while (wanted := self._start + number * self._stride) < offset + len(data):
            taken = self._taken.setdefault(number, bytearray())
            first = wanted + len(taken) - offset
            if 0 <= first < len(data) and len(taken) < self._length:
                taken += data[first : first + self._length - len(taken)]
            number += 1
        while len(self._taken) > 2 * self._count:
            self._taken = {key // 2: block for key, block in self._taken.items() if key % 2 == 0}
            self._stride *= 2

    def blocks(self) -> list[bytes]:
        return [bytes(self._taken[key]) for key in sorted(self._taken) if self._taken[key]]


class Transcoded:
    """A stream in any encoding, read as UTF-8. Bytes that are not of the encoding become U+FFFD; a lone carriage return (as on
    old Macintoshes) and CRLF become a line feed."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._text = io.IncrementalNewlineDecoder(decoder, translate=True)
        self._rest = memoryview(b"")
        self._ended = False

    def readinto(self, target: memoryview) -> int:
        while not self._rest and not self._ended:
            data = self._stream.read(CHUNK)
            self._ended = not data
            text = self._text.decode(data, final=not data)
            self._rest = memoryview(text.encode("utf-8", "replace"))
        count = min(len(self._rest), len(target))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


class _Counter:
    """Counts rows over chunks. Each chunk begins with the last two bytes before it."""

    def __init__(self, delimiter: str, *, quoted: bool) -> None:
        import numpy as np

        self.records = self.blank = 0
        self._np = np
        self._quoted = quoted and bool(delimiter)
        self._inside = False
        self._pending = 0  # line ends since the quote that is open
        self._delimiter = ord(delimiter or ",")
        self._first = True

    def feed(self, data: Any) -> None:
        np = self._np
        ends = data == 10
        marks = data[_CARRY:] == _QUOTE if self._quoted else np.zeros(0, bool)
        before, quotes = self._inside, None
        if not marks.any():
            self._add(int(np.count_nonzero(ends[_CARRY:])))
        elif not self._count_by_parity(data, ends, marks):
            quotes = self._count_by_quotes(data, ends, np.flatnonzero(marks) + _CARRY)
        self._count_blank(data, ends, marks, quotes, inside=before)
        self._first = False

    def _count_by_parity(self, data: Any, ends: Any, marks: Any) -> bool:
        """The quick way, for well-formed quotes and few line breaks inside them. Returns False, and does nothing, for others."""
        np = self._np
        words = _words(np, marks)
        inside = _parity(np, words, odd=self._inside)
        before = data[_CARRY - 1 : -1]
        at_start = before == self._delimiter
        for byte in (10, _QUOTE, _CR, _BOM_END) if self._first else (10, _QUOTE, _CR):
            at_start |= before == byte
        if (words & inside & ~_words(np, at_start)).any():
            return False
        breaks = ends[_CARRY:]
        held = _words(np, breaks) & inside
        within = _ones(np, held)
        if within + self._pending > MOST_LINES_IN_FIELD and self._runs_away(held, marks):
            return False
        self.records += int(np.count_nonzero(breaks)) - within
        self._inside ^= int(np.bitwise_xor.reduce(words)).bit_count() % 2 == 1
        self._pending = 0
        if self._inside and within:
            self._pending = int(np.count_nonzero(breaks[len(marks) - int(marks[::-1].argmax()) :]))
        return True

    def _runs_away(self, held: Any, marks: Any) -> bool:
        """Whether one cell holds more line breaks than a cell does; ``held`` are the breaks inside quotes."""
        np, most = self._np, MOST_LINES_IN_FIELD
        places = np.flatnonzero(np.unpackbits(held.view(np.uint8), bitorder="little"))
        cells = np.searchsorted(np.flatnonzero(marks), places)
        first = int(np.count_nonzero(cells == 0))
        return bool(self._pending + first > most or (cells[most:] == cells[:-most]).any())

    def _count_by_quotes(self, data: Any, ends: Any, quotes: Any) -> Any:
        """The exact way. Returns the places of the quotes that are no plain characters."""
        so_far = self._np.cumsum(ends[_CARRY:], dtype=self._np.int32)[quotes - _CARRY].tolist()
        text = data.tobytes()
        since = 0
        real: list[int] = []
        for quote, lines in zip(quotes.tolist(), so_far, strict=True):
            self._add(lines - since)
            since = lines
            if self._inside:
                self._inside, self._pending = False, 0
            elif not self._starts_cell(text, quote):
                continue
            else:
                self._inside = True
            real.append(quote)
        self._add(int(self._np.count_nonzero(ends[_CARRY:])) - since)
        return self._np.array(real, self._np.int64)

    def finish(self, *, last: int, size: int) -> None:
        self.records += self._pending
        if size and last != 10:
            self.records += 1

    def _add(self, lines: int) -> None:
        """Line ends that follow in the state we are in."""
        if not self._inside:
            self.records += lines
            return
        self._pending += lines
        if self._pending > MOST_LINES_IN_FIELD:  # nothing that long is one cell
            self.records += self._pending
            self._pending, self._inside = 0, False

    def _starts_cell(self, text: bytes, quote: int) -> bool:
        before = quote - 1
        while before > 0 and text[before] == _SPACE:
            before -= 1
        if before == quote - 1:
            after_mark = self._first and quote == _CARRY + 3 and text[before] == _BOM_END
            return text[before] in (self._delimiter, 10, _CR, _QUOTE) or after_mark
        return text[before] in (self._delimiter, 10, _CR)

    def _count_blank(self, data: Any, ends: Any, marks: Any, quotes: Any, *, inside: bool) -> None:
        np = self._np
        blank = ends[2:] & (ends[1:-1] | ((data[1:-1] == _CR) & ends[:-2]))
        if not blank.any():
            return
        if quotes is None:
            quotes = np.flatnonzero(marks) + _CARRY
        places = np.flatnonzero(blank) + _CARRY
        within = (np.searchsorted(quotes, places) + inside) % 2 == 1
        self.blank += int(np.count_nonzero(~within))


def _words(np: Any, marks: Any) -> Any:
    """A mask of bytes as 64-bit words, the first byte in the lowest bit; zeros fill the last."""
    bits = np.packbits(marks, bitorder="little")
    if len(bits) % 8:
        bits = np.concatenate([bits, np.zeros(-len(bits) % 8, np.uint8)])
    return bits.view("<u8")


def _parity(np: Any, words: Any, *, odd: bool) -> Any:
    """For each bit whether an odd number of bits is set up to it: a prefix sum without carry, in six shifts a word (the way of
    Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019)."""
    result = words.copy()
    for shift in (1, 2, 4, 8, 16, 32):
        result ^= result << np.uint64(shift)
    whole = result >> np.uint64(63)  # whether the word as a whole is odd
    before = np.cumsum(whole) - whole + np.uint64(odd)
    result ^= (before & np.uint64(1)) * np.uint64(0xFFFF_FFFF_FFFF_FFFF)
    return result


def _ones(np: Any, words: Any) -> int:
    return int(np.count_nonzero(np.unpackbits(words.view(np.uint8)))) if words.any() else 0

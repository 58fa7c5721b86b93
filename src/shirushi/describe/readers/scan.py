"""One pass over a big table: its rows are counted and blocks are taken from the same buffers, whatever else reads along.

A row may hold line breaks inside quotes, so bytes are counted by the state they stand in (RFC 4180, and the habits of
Python's ``csv``: a quote opens a cell only at its start). A quote that never closes is taken for a plain character.
"""

import codecs
import io
from dataclasses import dataclass, field
from typing import Any, BinaryIO

CHUNK = 524_288  # half of a usual second-level cache; smaller ones cost more calls
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
        self._mask = np.empty(CHUNK, bool)

    def feed(self, data: Any) -> None:
        """Where bytes stand is held as bits, one for each byte of the chunk: a sixty-fourth of the words to go through."""
        np = self._np
        ends = self._where(data, 10)
        after_end = _shifted(np, ends, first=data[1] == 10)
        before, inside = self._inside, None
        marks = self._where(data, _QUOTE) if self._quoted else ends[:0]
        if not marks.any():
            self._add(_ones(np, ends))
        elif (inside := self._count_by_parity(data, ends, after_end, marks)) is None:
            quotes = self._count_by_quotes(data)
            self._count_blank_by_quotes(data, quotes, inside=before)
            self._first = False
            return
        self._count_blank(data, ends, after_end, before if inside is None else inside)
        self._first = False

    def _where(self, data: Any, byte: int) -> Any:
        return _words(self._np, self._mark(data, byte))

    def _mark(self, data: Any, byte: int) -> Any:
        # Always in the same memory: asking the system for it again and again takes longer than the comparison.
        return self._np.equal(data[_CARRY:], byte, out=self._mask[: len(data) - _CARRY])

    def _count_by_parity(self, data: Any, ends: Any, after_end: Any, marks: Any) -> Any:
        """The quick way, for well-formed quotes and few line breaks inside them. Returns what stands inside quotes; None, and
        counts nothing, for others."""
        np = self._np
        inside = _parity(np, marks, odd=self._inside)
        starts = after_end | _shifted(np, self._where(data, self._delimiter), first=data[1] == self._delimiter)
        starts |= _shifted(np, marks, first=data[1] == _QUOTE)
        odd = marks & inside & ~starts
        if odd.any() and (odd & ~self._starts_rarely(data)).any():
            return None
        held = ends & inside
        counts = np.bitwise_count(held)
        within = int(counts.sum())
        if within + self._pending > MOST_LINES_IN_FIELD and self._runs_away(held, counts, marks):
            return None
        self.records += _ones(np, ends) - within
        self._inside ^= int(np.bitwise_xor.reduce(marks)).bit_count() % 2 == 1
        self._pending = 0
        if self._inside and within:
            last = int(np.flatnonzero(marks)[-1])
            quote = _CARRY + 64 * last + int(marks[last]).bit_length() - 1
            self._pending = int(np.count_nonzero(data[quote:] == 10))
        return inside

    def _starts_rarely(self, data: Any) -> Any:
        """Where a cell may start besides behind a delimiter, a quote and a line feed: behind a carriage return or the file's mark."""
        starts = _shifted(self._np, self._where(data, _CR), first=data[1] == _CR)
        if self._first:
            starts |= _shifted(self._np, self._where(data, _BOM_END), first=False)
        return starts

    def _runs_away(self, held: Any, counts: Any, marks: Any) -> bool:
        """Whether one cell holds more line breaks than a cell does; ``held`` are the breaks inside quotes, ``counts`` how many
        there are in each word."""
        np, most = self._np, MOST_LINES_IN_FIELD
        # No more than stand from one word with a quote to the next, those two included, are in one cell.
        places = np.flatnonzero(marks)
        upto = np.cumsum(counts, dtype=np.int64)
        to = upto[np.append(places, len(marks) - 1)]
        since = np.append(-self._pending, upto[places] - counts[places])
        if (to - since).max() <= most:
            return False
        places, quotes = _places(np, held), _places(np, marks)
        cells = np.searchsorted(quotes, places)
        first = int(np.count_nonzero(cells == 0))
        return bool(self._pending + first > most or (cells[most:] == cells[:-most]).any())

    def _count_by_quotes(self, data: Any) -> Any:
        """The exact way. Returns the places of the quotes that are no plain characters."""
        np = self._np
        ends = data[_CARRY:] == 10
        quotes = np.flatnonzero(data[_CARRY:] == _QUOTE)
        so_far = np.cumsum(ends, dtype=np.int32)[quotes].tolist()
        text = data.tobytes()
        since = 0
        real: list[int] = []
        for quote, lines in zip((quotes + _CARRY).tolist(), so_far, strict=True):
            self._add(lines - since)
            since = lines
            if self._inside:
                self._inside, self._pending = False, 0
            elif not self._starts_cell(text, quote):
                continue
            else:
                self._inside = True
            real.append(quote)
        self._add(int(np.count_nonzero(ends)) - since)
        return np.array(real, np.int64)

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

    def _count_blank(self, data: Any, ends: Any, after_end: Any, inside: Any) -> None:
        """Line ends behind line ends, outside quotes; ``inside`` is where quotes are open, or whether they are all the way."""
        np = self._np
        if inside is True:
            return
        if self._mark(data, _CR).any() or data[1] == _CR:
            after_return = _shifted(np, self._where(data, _CR), first=data[1] == _CR)
            after_end = after_end | (after_return & _shifted(np, after_end, first=data[0] == 10))
        blank = ends & after_end
        self.blank += _ones(np, blank if inside is False else blank & ~inside)

    def _count_blank_by_quotes(self, data: Any, quotes: Any, *, inside: bool) -> None:
        np = self._np
        ends = data == 10
        blank = ends[2:] & (ends[1:-1] | ((data[1:-1] == _CR) & ends[:-2]))
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


def _shifted(np: Any, words: Any, *, first: bool) -> Any:
    """Each bit one place later: what stands behind what was marked. ``first`` is what stood before the first."""
    result = words << np.uint64(1)
    result[1:] |= words[:-1] >> np.uint64(63)
    result[:1] |= np.uint64(first)
    return result


def _ones(np: Any, words: Any) -> int:
    return int(np.bitwise_count(words).sum())


def _places(np: Any, words: Any) -> Any:
    return np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little"))

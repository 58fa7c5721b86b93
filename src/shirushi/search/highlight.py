"""Show why a hit was found: mark what matched, cut long texts where it matters.

Done from the stored text with the same analysis as the index, so that what is marked is what was found.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from shirushi.search.analysis import Token, analyse, fold
from shirushi.search.engine import Marked
from shirushi.search.readings import rows

_WIDTH = 300  # columns of a snippet; a full-width character takes two
_LEAD = 60  # columns before the first match
_ENDS = "。．！？!?\n"
Span = tuple[int, int]
Places = Sequence[str | int]  # flat, as places() gives them


@dataclass(frozen=True, slots=True)
class Sought:
    """What to mark: ``terms`` of the analysis, ``strings`` as typed (folded, lower case), ``readings`` as keys."""

    terms: frozenset[str]
    strings: frozenset[str]
    readings: frozenset[str]


def mark(text: str, sought: Sought) -> Marked:
    """All of a text in pieces; joined they give it back."""
    return _pieces(text, _spans(text, sought), 0, len(text))


def mark_first(texts: Iterable[str], sought: Sought) -> Marked:
    """The first of several texts in which something matched, or simply the first; nothing for none."""
    first: Marked = []
    for text in texts:
        marked = mark(text, sought)
        if any(hit for _, hit in marked):
            return marked
        first = first or marked
    return first


def snippet(texts: Sequence[str], sought: Sought, places: Sequence[Places] | None = None) -> Marked:
    """The part of the texts that holds the most different matches, cut at sentences or words, with … where it was cut.

    ``places`` are those of :func:`places`, made when the texts were indexed: analysing them again takes far longer.
    """
    best: tuple[int, str, list[Span], int] = (-1, "", [], 0)
    for index, text in enumerate(texts):
        spans = _joined(_known(places[index], sought) + _literal(text, sought)) if places else _spans(text, sought)
        worth, start = _densest(text, spans) if spans else (0, 0)
        if worth > best[0]:
            best = (worth, text, spans, start)
    _, text, spans, first = best
    start = _start(text, first) if spans else 0
    end = _end(text, start)
    pieces = _pieces(text, spans, start, end)
    if pieces and start > 0:
        pieces.insert(0, ("…", False))
    if pieces and end < len(text.rstrip()):
        pieces.append(("…", False))
    return pieces


def places(tokens: Iterable[Token]) -> list[str | int]:
    """The terms of a text and where they stand: term, characters since the last one, its length, and so on."""
    at, flat = 0, list[str | int]()
    for token in tokens:
        flat += [token.term, token.start - at, token.end - token.start]
        at = token.end
    return flat


def _spans(text: str, sought: Sought) -> list[Span]:
    """Where something matched, in order, without overlaps."""
    tokens = analyse(text)
    spans = [(token.start, token.end) for token in tokens if token.term in sought.terms]
    if sought.readings:
        spans += [(start, end) for reading, start, end in rows(text, tokens) if reading in sought.readings]
    return _joined(spans + _literal(text, sought))


def _known(places: Places, sought: Sought) -> list[Span]:
    at, spans = 0, []
    for term, gap, length in zip(places[::3], places[1::3], places[2::3], strict=True):
        start, at = at + int(gap), at + int(gap) + int(length)
        if term in sought.terms:
            spans.append((start, at))
    return spans


def _literal(text: str, sought: Sought) -> list[Span]:
    """Where the strings stand as they were typed."""
    if not sought.strings:
        return []
    spans = []
    folded = fold(text)
    lower = folded.text.lower()
    if len(lower) != len(folded.text):  # İ and its like: the places would no longer fit
        lower = folded.text
    for string in sought.strings:
        at = lower.find(string)
        while at >= 0:
            spans.append((folded.starts[at], folded.ends[at + len(string) - 1]))
            at = lower.find(string, at + len(string))
    return spans


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return joined


def _densest(text: str, spans: list[Span]) -> tuple[int, int]:
    """(number of different matches, start) of the stretch of snippet width that has the most of them."""
    columns = _columns(text)
    best, where = 0, 0
    for index, (start, _) in enumerate(spans):
        end = _reach(columns, start, _WIDTH - _LEAD)
        different = len({text[a:b].lower() for a, b in spans[index : index + 40] if b <= end})
        if different > best:
            best, where = different, start
    return best, where


def _start(text: str, first: int) -> int:
    """Where to begin so that ``first`` is seen: at the sentence's start if near, else at a word, else anywhere."""
    columns = _columns(text[:first])
    earliest = bisect_left(columns, columns[first] - _LEAD)
    if earliest == 0:
        return 0
    sentence = max(text.rfind(end, earliest, first) for end in _ENDS)
    space = text.find(" ", earliest, first)
    return sentence + 1 if sentence >= 0 else space + 1 if space >= 0 else earliest


def _end(text: str, start: int) -> int:
    end = start + _reach(_columns(text[start : start + _WIDTH]), 0, _WIDTH)
    if end == len(text):
        return end
    sentence = max(text.rfind(mark, start + (end - start) // 2, end) for mark in _ENDS)
    space = text.rfind(" ", start + (end - start) * 3 // 4, end)
    return sentence + 1 if sentence >= 0 else space if space >= 0 else end


def _reach(columns: list[int], start: int, width: int) -> int:
    """The place ``width`` columns after ``start``, or the end."""
    return min(bisect_left(columns, columns[start] + width), len(columns) - 1)


def _columns(text: str) -> list[int]:
    """For each place in a text the columns before it; a full-width character takes two."""
    return [0, *accumulate(2 if character >= "\u1100" else 1 for character in text)]


def _pieces(text: str, spans: list[Span], start: int, end: int) -> Marked:
    pieces: Marked = []
    at = start
    for begin, stop in spans:
        begin, stop = max(begin, start), min(stop, end)
        if begin >= stop:
            continue
        if begin > at:
            pieces.append((text[at:begin], False))
        pieces.append((text[begin:stop], True))
        at = stop
    if at < end:
        pieces.append((text[at:end], False))
    return pieces

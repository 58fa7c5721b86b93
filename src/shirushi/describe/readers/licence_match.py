"""Which licences a text holds, by the word trigrams it shares with the texts of the SPDX License List.

The list comes as ``data/licences.xz`` (made by ``scripts/licences.py``): LZMA of one line of JSON
``{source, licences: [[spdx, name, trigrams]], sets: [[licence number]], count}``, then ``count`` gaps between sorted
24-bit hashes (unsigned 32-bit little-endian, stored as four planes of bytes), then for each hash the number of its set
(unsigned 16-bit little-endian).
"""

import json
import lzma
import re
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

DATA = Path(__file__).parent.parent / "data" / "licences.xz"

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
# SPDX matching guidelines: a copyright line is not part of a licence, and spellings are one.
_COPYRIGHT = re.compile(r"^\W*(?:copyright|©|\(c\)\s).*$", re.IGNORECASE | re.MULTILINE)
_SPELLINGS = {"licence": "license", "licences": "licenses", "licenced": "licensed", "organisation": "organization"}

CONTAINED = 0.8  # share of a licence's trigrams that a file must have
_BODY = 0.6  # enough when nearly all of the file is of that licence: its text without preamble and closing notes
_NEARLY_ALL = 0.9
_GAIN = 0.6  # share that must be new after the licences already found
_RUN_GAP = 40  # words between two shared trigrams that still belong to one run
_MOST = 6


@dataclass(frozen=True, slots=True)
class Word:
    """``text`` folded for comparing; ``offset`` of its first character in the text."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Match:
    """A licence found between the characters ``start`` and ``end``. ``score``: share of its trigrams that are there."""

    spdx: str
    name: str
    score: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Index:
    licences: list[tuple[str, str, int]]
    owners: dict[int, tuple[int, ...]]


def words(text: str) -> list[Word]:
    """The words that count, with copyright lines left out. A kana or kanji is a word."""
    blank = _COPYRIGHT.sub(lambda m: " " * len(m[0]), text)
    return [Word(_fold(m[0]), m.start()) for m in _WORD.finditer(blank)]


def _fold(word: str) -> str:
    lowered = word.lower()
    return _SPELLINGS.get(lowered, lowered)


def trigrams(found: Sequence[Word]) -> list[int]:
    """The 24-bit hash at each position; a text shorter than three words has one."""
    texts = [w.text for w in found]
    return [zlib.crc32(" ".join(texts[i : i + 3]).encode()) >> 8 for i in range(max(1, len(texts) - 2))]


def features(found: Sequence[Word]) -> set[int]:
    return set(trigrams(found))


@lru_cache(maxsize=1)
def _index() -> _Index:
    header_line, _, body = lzma.decompress(DATA.read_bytes()).partition(b"\n")
    header = json.loads(header_line)
    count = header["count"]
    raw = bytearray(4 * count)
    for place in range(4):
        raw[place::4] = body[place * count : (place + 1) * count]
    gaps, ids = array("I"), array("H")
    gaps.frombytes(raw)
    ids.frombytes(body[4 * count :])
    if sys.byteorder == "big":
        gaps.byteswap()
        ids.byteswap()
    sets = [tuple(numbers) for numbers in header["sets"]]
    owners = {value: sets[number] for value, number in zip(accumulate(gaps), ids, strict=True)}
    return _Index([(spdx, name, size) for spdx, name, size in header["licences"]], owners)


def match(text: str) -> list[Match]:
    """The licences whose text stands in ``text``, the largest share of the text first.

    A licence that is contained in a longer one that was found (BSD-2-Clause in BSD-3-Clause) is not reported.
    """
    found = words(text)
    hashes = trigrams(found)
    index = _index()
    left = {value: index.owners[value] for value in set(hashes) if value in index.owners}
    have = _count(left)
    results: list[Match] = []
    while left and len(results) < _MOST:
        best = _best(_count(left), have, index, length=len(set(hashes)))
        if best is None:
            break
        mine = {value for value, numbers in left.items() if best in numbers}
        spdx, name, size = index.licences[best]
        start, end = _longest_run([i for i, value in enumerate(hashes) if value in mine])
        last = found[min(end + 2, len(found) - 1)]
        results.append(
            Match(spdx, name, round(have[best] / size, 3), found[start].offset, last.offset + len(last.text))
        )
        left = {value: numbers for value, numbers in left.items() if value not in mine}
    return results


def _count(owned: dict[int, tuple[int, ...]]) -> Counter[int]:
    """How many hashes each licence has; sets are few, so they are counted before they are opened."""
    counts: Counter[int] = Counter()
    for numbers, times in Counter(owned.values()).items():
        for number in numbers:
            counts[number] += times
    return counts


def _best(new: Counter[int], have: Counter[int], index: _Index, *, length: int) -> int | None:
    """The licence that explains most of the text and misses least of itself; ``length`` of the text in trigrams."""
    best, most = None, 0
    for number, gained in new.items():
        size = index.licences[number][2]
        enough = _BODY if gained >= _NEARLY_ALL * length else CONTAINED
        if have[number] < enough * size or gained < min(enough, _GAIN) * size:
            continue
        explained = gained - (size - have[number])
        if explained > most:
            best, most = number, explained
    return best


def _longest_run(positions: list[int]) -> tuple[int, int]:
    """First and last position of the run with the most positions."""
    best = run = (positions[0], positions[0], 1)
    for position in positions[1:]:
        start, end, size = run
        run = (start, position, size + 1) if position - end <= _RUN_GAP else (position, position, 1)
        best = max(best, run, key=lambda r: r[2])
    return best[0], best[1]

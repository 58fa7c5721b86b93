"""Words of a text for comparing: Japanese cut by Sudachi into nouns, verbs and adjectives, English stemmed lightly.

Lighter than what the search index does with a text, and for another purpose: what a text is about, not how to find it.
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from json import loads
from typing import Any

from shirushi.describe.text import CJK, normalise

_RUN = re.compile(rf"(?P<japanese>[{CJK}\u30fc]+)|(?P<word>[^\W\d_{CJK}][^\W_{CJK}]*(?:[.\-'’][^\W_{CJK}]+)*)")
_KEPT = frozenset({"名詞", "動詞", "形容詞", "形状詞", "接頭辞", "接尾辞"})
_PIECE = 8_000  # characters given to Sudachi at once


@dataclass(frozen=True, slots=True)
class Word:
    """``term`` is what is compared; ``start`` and ``end`` are characters of the text as given."""

    term: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """The words of a text in their order; particles, numbers and English stop words are left out."""
    plain = normalise(text)
    found: list[Word] = []
    for match in _RUN.finditer(plain.text):
        if match["japanese"] is not None:
            for term, start, end in _japanese(match[0]):
                first, last = plain.span(match.start() + start, match.start() + end)
                found.append(Word(term, first, last))
        elif (lower := match[0].lower().strip(".-'’")) not in stop_words() and len(lower) > 1:
            first, last = plain.span(*match.span())
            found.append(Word(stem(lower), first, last))
    return found


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """An English word without its plural and, where four letters and more remain, its commonest endings."""
    if not word.isascii() or not word.isalpha() or len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is", "ics")):
        word = word[:-1]
    for ending in ("ical", "ally", "ing", "ics", "ed", "al", "ic"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word.removesuffix("e") if len(word) > 4 else word


@cache
def stop_words() -> frozenset[str]:
    """Words of ``data/stopwords.json`` that say little about what a text is about, in both languages."""
    data = loads(files("shirushi.describe").joinpath("data", "stopwords.json").read_text("utf-8"))
    return frozenset(word for words_ in data.values() for word in words_)


_local = threading.local()


def _tokenizer() -> Any:
    tokenizer = getattr(_local, "tokenizer", None)
    if tokenizer is None:
        from sudachipy import Dictionary, SplitMode  # only where Japanese is met

        tokenizer = _local.tokenizer = Dictionary(dict="small").create(SplitMode.A)
    return tokenizer


def _japanese(text: str) -> Iterator[tuple[str, int, int]]:
    for begin in range(0, len(text), _PIECE):
        for token in _tokenizer().tokenize(text[begin : begin + _PIECE]):
            part = token.part_of_speech()
            if part[0] in _KEPT and part[1] not in ("数詞", "非自立可能") and token.surface().strip():
                yield token.normalized_form().lower(), begin + token.begin(), begin + token.end()

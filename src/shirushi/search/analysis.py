"""Text to terms, the same way for what is indexed and what is searched, so that the two can never disagree.

Japanese is cut by Sudachi (small dictionary) into short units in their normalised form, so that サーバ finds サーバー and
附属 finds 付属; particles, auxiliaries and light verbs are dropped. Everything else is cut into words, lower-cased,
stripped of accents and stemmed as English. Full-width and half-width forms are folded (NFKC) before that.
A term never holds white space. Offsets are characters of the text as given, for highlighting.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

VERSION = 1  # of the terms: an index made with another one has to be rebuilt

_JAPANESE = "々〆〇ぁ-ゖ゙-ゟァ-ヺー-ヿ㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff"
_RUN = re.compile(rf"(?P<japanese>[{_JAPANESE}]+)|(?P<word>[^\W_{_JAPANESE}]+)")
_CLUSTER = re.compile(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*", re.DOTALL)
_PIECE = 8_000  # characters given to Sudachi at once; it takes at most 49,149 bytes
_LONGEST_WORD = 100
_DROPPED = {"助詞", "助動詞", "補助記号", "空白", "記号"}
ENGLISH_STOPWORDS = frozenset(
    "a an and are as at be by for from how in is it of on or that the their this to was what when where which who why "
    "with".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """A term and the characters of the text (start, end) that it stands for. ``reading`` in katakana, Japanese only."""

    term: str
    start: int
    end: int
    reading: str = ""
    surface: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one kind of writing: a word, or Japanese without a break. ``text`` is folded."""

    text: str
    start: int
    end: int
    japanese: bool


def analyse(text: str) -> list[Token]:
    """The terms of a text in their order."""
    tokens: list[Token] = []
    folded, offsets = fold(text)
    for match in _RUN.finditer(folded):
        if match["japanese"] is None:
            surface = _plain(match[0])
            term = stem(surface)
            tokens.append(Token(term, offsets[match.start()], offsets[match.end()], surface=surface))
        else:
            for token in _japanese(match[0]):
                start, end = offsets[match.start() + token.start], offsets[match.start() + token.end]
                tokens.append(Token(token.term, start, end, token.reading, token.surface))
    return tokens


def runs(text: str) -> list[Run]:
    """The text cut where its writing changes, before any dictionary is asked."""
    folded, offsets = fold(text)
    return [
        Run(match[0], offsets[match.start()], offsets[match.end()], match["japanese"] is not None)
        for match in _RUN.finditer(folded)
    ]


def bigrams(text: str) -> list[str]:
    """Overlapping pairs of characters of the Japanese in a text: they find what two segmentations disagree about."""
    return [gram for run in runs(text) if run.japanese for gram in pairs(run.text)]


def pairs(run: str) -> list[str]:
    """The pairs of one stretch; a single character stands for itself."""
    return [run[index : index + 2] for index in range(len(run) - 1)] or [run]


def fold(text: str) -> tuple[str, Sequence[int]]:
    """NFKC, and for each character of the result (and its end) the offset in the original."""
    if unicodedata.is_normalized("NFKC", text):
        return text, range(len(text) + 1)
    folded: list[str] = []
    offsets: list[int] = []
    for match in _CLUSTER.finditer(text):
        normal = unicodedata.normalize("NFKC", match[0])
        folded.append(normal)
        offsets += [match.start()] * len(normal)
    return "".join(folded), [*offsets, len(text)]


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The English stem of a lower-case word; codes and words of other scripts stay as they are."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    return str(_stemmer().analyze(word)[0])


@lru_cache(maxsize=65_536)
def _plain(word: str) -> str:
    lower = unicodedata.normalize("NFKD", word.lower())
    return "".join(character for character in lower if not unicodedata.combining(character))[:_LONGEST_WORD] or word[:1]


def _japanese(run: str) -> Iterator[Token]:
    for begin in range(0, len(run), _PIECE):
        for morpheme in _tokenizer().tokenize(run[begin : begin + _PIECE]):
            kind = morpheme.part_of_speech()
            if kind[0] in _DROPPED or (kind[0] == "動詞" and kind[1] == "非自立可能"):
                continue
            term = "".join(morpheme.normalized_form().lower().split())
            if term:
                start, end = begin + morpheme.begin(), begin + morpheme.end()
                yield Token(term, start, end, morpheme.reading_form(), morpheme.surface())


_local = threading.local()
_loading = threading.Lock()
_dictionary: Any = None


def _tokenizer() -> Any:
    """Sudachi's tokenizer of this thread (it may not be shared); the dictionary is loaded when first needed."""
    global _dictionary
    tokenizer = getattr(_local, "tokenizer", None)
    if tokenizer is None:
        from sudachipy import Dictionary, SplitMode  # 40 ms and 60 MB: only where Japanese is met

        with _loading:
            _dictionary = _dictionary or Dictionary(dict="small")
        tokenizer = _local.tokenizer = _dictionary.tokenizer(mode=SplitMode.A)
    return tokenizer


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer("english")).build()

"""Text to terms, the same way for what is indexed and what is searched, so that the two can never disagree.

Japanese is cut by Sudachi (small dictionary) into short units in their normalised form, so that サーバ finds サーバー and
附属 finds 付属; particles, auxiliaries and light verbs are dropped. Everything else is cut into words, lower-cased,
stripped of accents and stemmed as English. Full-width and half-width forms are folded (NFKC) before that, and so are old and variant
forms of kanji (髙橋 finds 高橋).
A term never holds white space. Offsets are characters of the text as given, for highlighting.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from shirushi.search.variants import VARIANTS

VERSION = 2  # of the terms: an index made with another one has to be rebuilt

# 々〆〇, hiragana, katakana with ー, kanji and their compatibility forms; escaped, because 豈 (U+F900) does not survive NFC
_JAPANESE = (
    "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(rf"(?P<japanese>[{_JAPANESE}]+)|(?P<word>[^\W_{_JAPANESE}]+)")
_CLUSTER = re.compile(r".[\u0300-\u036f\u3099\u309a\uff9e\uff9f]*", re.DOTALL)
_WIDTHS = {
    code: unicodedata.normalize("NFKC", chr(code)) for code in (0x3000, *range(0xFF01, 0xFF5F))
}  # one to one: quick
_ONE_FORM = {**_WIDTHS, **VARIANTS}  # one to one too
_PIECE = 8_000  # characters given to Sudachi at once; it takes at most 49,149 bytes
_LONGEST_WORD = 100
_DROPPED = {"助詞", "助動詞", "補助記号", "空白", "記号"}
ENGLISH_STOPWORDS = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "how", "in", "is", "it", "of", "on", "or", "that", "the",
     "their", "this", "to", "was", "what", "when", "where", "which", "who", "why", "with")
)  # fmt: skip


class Token(NamedTuple):
    """A term and the characters of the text (start, end) that it stands for. ``reading`` in katakana, Japanese only."""

    term: str
    start: int
    end: int
    reading: str = ""
    surface: str = ""


class Folded(NamedTuple):
    """A text in one width, and for each of its characters the start and end of what it stands for in the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


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
    folded = fold(text)
    for match in _RUN.finditer(folded.text):
        start, end = match.span()
        if match["japanese"] is None:
            surface = _plain(match[0])
            tokens.append(Token(stem(surface), folded.starts[start], folded.ends[end - 1], "", surface))
        else:
            for begin in range(start, end, _PIECE):
                tokens += _japanese(folded, begin, min(begin + _PIECE, end))
    return tokens


def runs(text: str) -> list[Run]:
    """The text cut where its writing changes, before any dictionary is asked."""
    folded = fold(text)
    return [
        Run(match[0], folded.starts[match.start()], folded.ends[match.end() - 1], match["japanese"] is not None)
        for match in _RUN.finditer(folded.text)
    ]


def bigrams(text: str) -> list[str]:
    """Overlapping pairs of characters of the Japanese in a text: they find what two segmentations disagree about."""
    return [gram for run in runs(text) if run.japanese for gram in pairs(run.text)]


def pairs(run: str) -> list[str]:
    """The pairs of one stretch; a single character stands for itself."""
    return [run[index : index + 2] for index in range(len(run) - 1)] or [run]


def fold(text: str) -> Folded:
    """NFKC and one form of each kanji, knowing where each character came from."""
    text = text.translate(_ONE_FORM)
    if unicodedata.is_normalized("NFKC", text):
        return Folded(text, range(len(text)), range(1, len(text) + 1))
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _CLUSTER.finditer(text):
        normal = unicodedata.normalize("NFKC", match[0]).translate(VARIANTS)
        folded.append(normal)
        starts += [match.start()] * len(normal)
        ends += [match.end()] * len(normal)
    return Folded("".join(folded), starts, ends)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The English stem of a lower-case word; codes and words of other scripts stay as they are."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    return str(_stemmer().analyze(word)[0])


@lru_cache(maxsize=65_536)
def _plain(word: str) -> str:
    lower = unicodedata.normalize("NFKD", word.lower())
    bare = "".join(character for character in lower if not unicodedata.combining(character))
    return unicodedata.normalize("NFC", bare)[:_LONGEST_WORD] or word[:1]


def _japanese(folded: Folded, begin: int, end: int) -> Iterator[Token]:
    """The words of a stretch of Japanese."""
    for morpheme in _tokenizer().tokenize(folded.text[begin:end]):
        if _is_dropped(morpheme.part_of_speech_id(), morpheme):
            continue
        term = _term(morpheme.normalized_form())
        if term:
            start, stop = folded.starts[begin + morpheme.begin()], folded.ends[begin + morpheme.end() - 1]
            yield Token(term, start, stop, morpheme.reading_form(), morpheme.surface())


_dropped: dict[int, bool] = {}  # by Sudachi's number of the part of speech, of which there are some hundreds


def _is_dropped(number: int, morpheme: Any) -> bool:
    known = _dropped.get(number)
    if known is None:
        kind = morpheme.part_of_speech()
        known = _dropped[number] = kind[0] in _DROPPED or (kind[0] == "動詞" and kind[1] == "非自立可能")
    return known


@lru_cache(maxsize=65_536)
def _term(normalized: str) -> str:
    return "".join(normalized.lower().split())


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

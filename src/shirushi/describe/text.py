"""Text from bytes, and text made comparable without losing where it stood.

Japanese research files come in UTF-8, CP932 (Shift_JIS as Windows writes it), EUC-JP and ISO-2022-JP. A strict decoder
that refuses is a better witness than a statistical guess: the encodings are tried in the order in which a wrong one is
least likely to succeed. Python's ``\\b`` finds no boundary between a kana or kanji and a Latin letter (all are ``\\w``), so
patterns here use :data:`LEFT` and :data:`RIGHT`.
"""

import codecs
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

LEFT, RIGHT = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
_KANA = re.compile("[\u3040-\u30ff\uff66-\uff9f]")
_CJK = re.compile(f"[{CJK}]")
_HALF_WIDTH_MARKS = "\uff9e\uff9f"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LADDER = ("utf-8", "cp932", "euc_jp")
# What Python's CP932 makes of the bytes 80, A0, FD, FE and FF, which no Japanese text has: the file is something else, or a mixture.
_NOT_WRITTEN = re.compile("[\x80\uf8f0-\uf8f3]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """``problem`` is None, or says in words why the text may be wrong."""

    text: str
    encoding: str
    problem: str | None = None


def decode(data: bytes, *, truncated: bool = False) -> Decoded:
    """Bytes as text. ``truncated`` allows the last character to be cut in the middle.

    Tries: byte order marks, ISO-2022-JP when its escape sequences are there, UTF-8, CP932 and EUC-JP (the better of the two
    when both decode), and at last Latin-1, which never fails and is therefore reported as a problem.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = _attempt(data, encoding, truncated=truncated)
            return Decoded(text, encoding) if text is not None else _latin(data)
    if b"\x1b$" in data[:65_536] or b"\x1b(J" in data[:65_536]:
        text = _attempt(data, "iso2022_jp", truncated=truncated)
        if text is not None:
            return Decoded(text, "iso2022_jp")
    text = _attempt(data, "utf-8", truncated=truncated)
    if text is not None:
        return Decoded(text, "utf-8")
    japanese = [(e, t) for e in _LADDER[1:] if (t := _attempt(data, e, truncated=truncated)) is not None]
    japanese = [(e, t) for e, t in japanese if not _NOT_WRITTEN.search(t)]
    if japanese:
        encoding, text = max(japanese, key=lambda pair: _plausible(pair[1]))
        if _plausible(text) > 0:
            return Decoded(text, encoding)
    return _latin(data)


def _attempt(data: bytes, encoding: str, *, truncated: bool) -> str | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return decoder.decode(data, final=not truncated)
    except UnicodeDecodeError:
        return None


def _plausible(text: str) -> float:
    """How much a text that decoded as Japanese looks like it: share of kana and common kanji against half-width kana, which
    is what EUC-JP or Latin-1 read as CP932 turns into."""
    good = sum(1 for c in text if "\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff")
    odd = sum(1 for c in text if "\uff61" <= c <= "\uff9f" or "\ue000" <= c <= "\uf8ff")
    return (good - 2 * odd) / (good + odd) if good + odd else 0.0


def _latin(data: bytes) -> Decoded:
    return Decoded(
        data.decode("latin-1"),
        "latin-1",
        "The encoding could not be told; read as Latin-1. Save the file as UTF-8 if letters look wrong.",
    )


@dataclass(frozen=True, slots=True)
class Normalised:
    """``text`` in NFKC; ``offsets[i]`` is where character ``i`` came from; one more entry marks the end."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original that ``text[start:end]`` came from, whole clusters only."""
        first = self.offsets[start]
        if end <= start:
            return first, first
        last = self.offsets[end - 1]
        following = bisect_right(self.offsets, last)
        return first, self.offsets[min(following, len(self.offsets) - 1)]


def normalise(text: str) -> Normalised:
    """NFKC, cluster by cluster, with a map back to the original offsets."""
    if text.isascii():
        return Normalised(text, tuple(range(len(text) + 1)))
    parts: list[str] = []
    offsets: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and (unicodedata.combining(text[end]) or text[end] in _HALF_WIDTH_MARKS):
            end += 1
        cluster = unicodedata.normalize("NFKC", text[start:end])
        parts.append(cluster)
        offsets.extend([start] * len(cluster))
        start = end
    offsets.append(len(text))
    return Normalised("".join(parts), tuple(offsets))


def fold(text: str) -> str:
    """For comparing: NFKC, casefold, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def letters(text: str) -> str:
    """For comparing names: folded, accents and everything but letters and digits removed, words kept apart."""
    bare = unicodedata.normalize("NFKD", fold(text))
    return " ".join(re.sub(r"[^\w]+|_", " ", "".join(c for c in bare if not unicodedata.combining(c))).split())


def script_language(text: str) -> str | None:
    """``ja`` when kana occur, or kanji without Chinese context cannot be told: None; ``None`` for other scripts."""
    return "ja" if _KANA.search(text) else None


def has_cjk(text: str) -> bool:
    return bool(_CJK.search(text))

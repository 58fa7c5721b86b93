"""What Markdown, plain text, reStructuredText, TeX and HTML readers share: places in lines, links, ``key: value`` pairs and
the language of a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shirushi.describe.evidence import Evidence, FilePlace, LinePlace
from shirushi.describe.readers.base import File
from shirushi.describe.text import Decoded, decode, has_cjk, script_language

MAX_TEXT = 2_000_000
MAX_QUOTE = 400
MAX_VALUE = 20_000

URL = re.compile(r"(?:https?|ftp)://[^\s<>\"'`\u3000-\u303f\uff00-\uff0f\uff3b-\uff60{}|\\^\[\]]+", re.IGNORECASE)
DOI = re.compile(r"(?:\bdoi:\s*|(?<![\w./]))(10\.\d{4,9}/[^\s<>\"'`、。，．「」『』（）\[\]{}|\\^]+)", re.IGNORECASE)
_KEY = re.compile(
    r"^(?P<mark>[\s>*\-•・●◆■□▪○◎※#]*)(?P<key>[^\s:：*_`#|=<>][^:：|=<>\n]{0,60}?)(?P<close>[*_`】\]]*)\s*(?P<colon>[:：])"
    r"(?!//)[*_`]*\s*(?P<value>\S.*?)\s*$"
)
_BRACKET_KEY = re.compile(r"^\s*[【［\[〔■□●◆]\s*(?P<key>[^】］\]〕\n:：]{1,30}?)\s*[】］\]〕]\s*(?P<value>\S.*?)?\s*$")
_MARK_KEY = re.compile(r"^\s*[■□●◆◇▼○◎]\s*(?P<key>[^\s:：。、]{1,20})(?:[\s　]+(?P<value>\S.*?))?\s*$")
_FIELD_KEY = re.compile(
    r"^\s*:(?P<key>[^\W\d_][^:`\n]{0,40}):\s+(?P<value>\S.*?)\s*$"
)  # a field list of reStructuredText
_CLOSING = {")": "(", "]": "[", "）": "（"}


@dataclass(frozen=True, slots=True)
class Lines:
    """A text split into lines; columns count characters of a line as decoded."""

    file: str
    lines: tuple[str, ...]

    @classmethod
    def of(cls, file: str, text: str) -> "Lines":
        return cls(file, tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))

    def place(self, start: int, column: int, end: int, end_column: int) -> LinePlace:
        """From 0-based line ``start`` and column to line ``end`` and column (exclusive); quotes what stands there."""
        if start == end:
            quote = self.lines[start][column:end_column]
        else:
            quote = "\n".join([self.lines[start][column:], *self.lines[start + 1 : end], self.lines[end][:end_column]])
        return LinePlace(self.file, start + 1, end + 1, column, end_column, quote[:MAX_QUOTE])

    def block(self, start: int, end: int) -> LinePlace:
        """The 0-based lines ``start`` to ``end`` (exclusive), without white space around."""
        while end - 1 > start and not self.lines[end - 1].strip():
            end -= 1
        first, last = self.lines[start], self.lines[end - 1]
        return self.place(start, len(first) - len(first.lstrip()), end - 1, len(last.rstrip()))


def read_text(file: File) -> Decoded:
    """The file's text, at most its first ``MAX_TEXT`` bytes."""
    return decode(file.head(MAX_TEXT), truncated=file.size > MAX_TEXT)


def shortcomings(file: File, decoded: Decoded, reader: str) -> Iterator[Evidence]:
    """What keeps a text from being known as it was written: an encoding that could not be told, or its length."""
    if decoded.problem:
        value = {"code": "wrong-encoding", "message": f"read as {decoded.encoding}"}
        yield Evidence("problem", value, FilePlace(file.name), reader)
    if file.size > MAX_TEXT:
        value = {"code": "too-large", "message": f"the first {MAX_TEXT:,} of {file.size:,} bytes"}
        yield Evidence("problem", value, FilePlace(file.name), reader)


def tidy_url(url: str) -> str:
    """A URL without the punctuation of the sentence around it."""
    while url:
        last = url[-1]
        if last in ".,;:!?*_'\"、。»" or (last in _CLOSING and url.count(last) > url.count(_CLOSING[last])):
            url = url[:-1]
        else:
            break
    return url


def links(lines: Lines, start: int, end: int, section: str, reader: str) -> Iterator[Evidence]:
    """Bare URLs and DOIs in the 0-based lines ``start`` to ``end`` (exclusive), with the sentence around as text."""
    for number in range(start, end):
        line = lines.lines[number]
        taken: list[tuple[int, int]] = []
        for match in URL.finditer(line):
            url = tidy_url(match[0])
            taken.append(match.span())
            place = lines.place(number, match.start(), number, match.start() + len(url))
            yield Evidence("link", {"url": url, "text": _around(lines, number), "section": section}, place, reader)
        for match in DOI.finditer(line):
            if any(a <= match.start(1) < b for a, b in taken):
                continue
            doi = tidy_url(match[1])
            place = lines.place(number, match.start(1), number, match.start(1) + len(doi))
            url = f"https://doi.org/{doi}"
            yield Evidence("link", {"url": url, "text": _around(lines, number), "section": section}, place, reader)


def _around(lines: Lines, number: int) -> str:
    """The line with the one before it, for the words that say what a link is."""
    before = lines.lines[number - 1].strip() if number else ""
    return f"{before} {lines.lines[number].strip()}".strip()[-500:]


def key_value(lines: Lines, number: int, section: str, reader: str) -> Evidence | None:
    """``Key: value``, ``**Key:** value``, ``【キー】値`` or ``■キー　値`` on one line, or None."""
    line = lines.lines[number]
    if len(line) > 2_000:
        return None
    match = _FIELD_KEY.match(line) or _KEY.match(line) or _BRACKET_KEY.match(line) or _MARK_KEY.match(line)
    if match is None or not match["value"]:
        return None
    key = match["key"].strip().strip("*_`")
    if not is_key(key):
        return None
    value = match["value"]
    start = match.start("value")
    bare = value.rstrip("*_`").rstrip() if value.count("*") % 2 or value.count("`") % 2 else value
    if not bare:
        return None
    place = lines.place(number, start, number, start + len(bare))
    return Evidence("key-value", {"key": key, "value": bare[:MAX_VALUE], "section": section}, place, reader)


_ALIGNED = re.compile(r"\s*(?P<first>\S+(?: \S+){0,3})(?:\t+| {2,}|　{2,})\s*(?P<rest>\S.*?)\s*$")
_FEWEST_ALIGNED = 3


def aligned(lines: Lines, start: int, end: int, section: str, reader: str) -> Iterator[Evidence]:
    """Lines that blanks or tabs part into columns, as texts set out what is in a file; one such line alone is a chance."""
    found = [(n, m) for n in range(start, end) if (m := _ALIGNED.match(lines.lines[n])) and len(m[0]) < 1_000]
    if len(found) < max(_FEWEST_ALIGNED, (end - start) // 2):
        return
    for number, match in found:
        cells = [match["first"], *(cell.strip() for cell in re.split(r"\t+| {2,}|　{2,}", match["rest"]))]
        if any(c.isalpha() for c in match["rest"]):
            value = {"cells": cells, "header": [], "section": section}
            yield Evidence("table-row", value, lines.block(number, number + 1), reader)


def is_key(key: str) -> bool:
    """A key is short and not a sentence: at most five words, or 20 Japanese characters."""
    if not key or not re.search(r"[^\W\d_]", key):
        return False
    if has_cjk(key):
        return len(key) <= 20 and not re.search(r"[。、はがを]$", key)
    return len(key.split()) <= 5 and len(key) <= 45


def language_of(text: str, file: str, reader: str) -> Evidence | None:
    """The language of a text of 60 letters or more, with the classifier's own probability as ``share``."""
    sample = re.sub(r"\s+", " ", URL.sub(" ", text))[:20_000].strip()
    letters = sum(1 for c in sample if c.isalpha())
    if letters < (20 if has_cjk(sample) else 60):
        return None
    kana = sum(1 for c in sample if "\u3040" <= c <= "\u30ff")
    if script_language(sample) == "ja" and kana / letters > 0.05:
        lang, share = "ja", 1.0
    else:
        lang, share = classify(sample)
    value = {"lang": lang, "share": round(share, 4), "characters": letters}
    return Evidence("text-language", value, FilePlace(file, sample[:80]), reader)


def classify(sample: str) -> tuple[str, float]:
    """Language code (ISO 639-1) and its probability among the languages the classifier knows."""
    from shirushi.describe.readers.language_model import identifier

    lang, share = identifier().classify(sample)
    return str(lang), float(share)

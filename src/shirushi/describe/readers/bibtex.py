"""BibTeX entries, in a file of their own or in a README's "how to cite"."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.prose import Lines, read_text

READER = "bibtex/1"
MAX_ENTRIES = 200
# R prints entries without a key: @Manual{,
_ENTRY = re.compile(r"@(?P<type>[A-Za-z]{4,20})\s*\{\s*(?P<key>[^,\s{}=]{0,120})\s*,")
# What a program prints stands behind a mark in documents: "#> " (R), "## " (older R), "// ", "% "
_PRINTED = re.compile(r"^[ \t]*(?:#>|##|//|%|>)[ \t]?", re.MULTILINE)
_FIELD = re.compile(r"\s*,?\s*(?P<name>[A-Za-z_\-]{2,30})\s*=\s*")
_ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "c": "\u0327",
    "v": "\u030c",
    "=": "\u0304",
}
_SPECIAL = {
    r"\ss": "ß",
    r"\o": "ø",
    r"\O": "Ø",
    r"\ae": "æ",
    r"\AE": "Æ",
    r"\aa": "å",
    r"\AA": "Å",
    r"\l": "ł",
    r"\L": "Ł",
    r"\i": "i",
}


@reads("text/x-bibtex")
def read_bibtex(file: File) -> Iterator[Evidence]:
    """The first entries of a bibliography."""
    lines = Lines.of(file.name, read_text(file).text)
    yield from islice(entries(lines, 0, len(lines.lines), READER), MAX_ENTRIES)


def entries(lines: Lines, start: int, end: int, reader: str) -> Iterator[Evidence]:
    """BibTeX entries in the 0-based lines ``start`` to ``end`` (exclusive)."""
    text = _PRINTED.sub("", "\n".join(lines.lines[start:end]))
    for match in _ENTRY.finditer(text):
        fields, stop = _fields(text, match.end())
        value: dict[str, JSON] = {
            "type": match["type"].lower(),
            "key": match["key"],
            "authors": _people(fields.get("author", "")),
        }
        for name in ("title", "doi", "url", "year", "publisher", "journal"):
            if fields.get(name):
                value[name] = fields[name]
        if not (value.get("title") or value["authors"]):
            continue
        first = start + text.count("\n", 0, match.start())
        last = start + text.count("\n", 0, min(stop, len(text) - 1))
        yield Evidence("reference", value, lines.block(first, min(last + 1, end)), reader)


def _fields(text: str, position: int) -> tuple[dict[str, str], int]:
    """Fields of one entry from ``position`` on, and where the entry ends."""
    found: dict[str, str] = {}
    while match := _FIELD.match(text, position):
        position = match.end()
        if position >= len(text):
            break
        opening = text[position]
        if opening in '{"':
            value, position = _delimited(text, position)
        else:
            bare = re.compile(r"[^,}\n]*").match(text, position)
            value, position = (bare[0], bare.end()) if bare else ("", position + 1)
        found.setdefault(match["name"].lower(), untex(value))
    closing = text.find("}", position)
    return found, closing if closing >= 0 else position


def _delimited(text: str, position: int) -> tuple[str, int]:
    """The content of ``{…}`` or ``"…"`` that opens at ``position``, at most 10,000 characters."""
    quoted = text[position] == '"'
    depth = 0
    for at in range(position + (1 if quoted else 0), min(len(text), position + 10_000)):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0 and not quoted:
                return text[position + 1 : at], at + 1
        elif text[at] == '"' and quoted and depth == 0:
            return text[position + 1 : at], at + 1
    return "", min(len(text), position + 10_000)


def untex(value: str) -> str:
    """BibTeX's braces and accents as plain text."""
    value = re.sub(r"\\([\'`^\"~cv=])\s*\{?\\?([A-Za-z])\}?", lambda m: m[2] + _ACCENTS[m[1]], value)
    for command, letter in _SPECIAL.items():
        value = re.sub(re.escape(command) + r"(?![A-Za-z])\s*", letter, value)
    value = re.sub(r"\\[a-zA-Z]+\s?", "", value).replace("\\", "").replace("~", " ")
    return unicodedata.normalize("NFC", " ".join(re.sub(r"[{}$]", "", value).split()))


def _people(value: str) -> list[str]:
    return [name for part in re.split(r"\s+and\s+", value) if (name := part.strip(" ,")) and name.lower() != "others"]

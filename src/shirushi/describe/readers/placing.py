"""Statements at their places: the evidence of a metadata file in JSON, YAML, XML or text, each value at its line.

What the values are is told in :mod:`shirushi.describe.readers.stating`.
"""

from collections.abc import Iterator, Sequence
from html import escape as escape_xml
from typing import Any

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers import positions, safe_xml
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.stating import checked
from shirushi.describe.text import decode

MOST_BYTES = 5_000_000
MAX_QUOTE = 300


class Statements:
    """Makes the evidence of one file. ``place`` is told by the subclasses."""

    def __init__(self, file: str, reader: str) -> None:
        self.file, self.reader = file, reader

    def evidence(self, field: str, value: JSON, place: AttributePlace) -> Iterator[Evidence]:
        """``stated`` evidence, when the value is one for the field."""
        if (good := checked(field, value)) is not None and good not in ({}, ""):
            lang = good.get("lang") if isinstance(good, dict) else None
            yield Evidence("stated", {"field": field, "value": good}, place, self.reader, lang)


class Document(Statements):
    """A JSON or YAML document; places are JSON Pointers with their lines."""

    def __init__(self, file: str, reader: str, located: positions.Located) -> None:
        super().__init__(file, reader)
        self.located = located
        self.data = located.data

    def say(self, field: str, value: JSON, pointer: str) -> Iterator[Evidence]:
        if value in (None, "", [], {}):
            return
        yield from self.evidence(field, value, self.place(pointer))

    def place(self, pointer: str) -> AttributePlace:
        spot = self.located.spot(pointer)
        return AttributePlace(self.file, pointer or "/", spot.line, spot.quote)

    def each(self, pointer: str) -> Iterator[tuple[str, JSON]]:
        """(pointer, item) of a list; a single thing counts as a list of one."""
        found = positions.at(self.data, pointer)
        if isinstance(found, list):
            yield from ((f"{pointer}/{i}", item) for i, item in enumerate(found))
        elif found not in (None, "", {}):
            yield pointer, found

    def first(self, *pointers: str) -> tuple[str, JSON]:
        """The first of the pointers that holds something, with what it holds."""
        for pointer in pointers:
            if (found := positions.at(self.data, pointer)) not in (None, "", [], {}):
                return pointer, found
        return pointers[0], None


def document(file: File, reader: str) -> Document:
    """A JSON or YAML file, told apart by its first character."""
    text = text_of(file)
    read = positions.read_json if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else positions.read_yaml
    return Document(file.name, reader, read(text))


def text_of(file: File) -> str:
    if file.size > MOST_BYTES:
        raise Unreadable("too-large", f"a metadata file of more than {MOST_BYTES:,} bytes is not read")
    return decode(file.head(MOST_BYTES)).text


class Tree(Statements):
    """An XML document; places are paths of elements with their lines."""

    def __init__(self, file: str, reader: str, data: bytes) -> None:
        super().__init__(file, reader)
        self.root = safe_xml.parse(data)
        self._lines = decode(data).text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def say(self, field: str, value: JSON, element: Any, attribute: str = "") -> Iterator[Evidence]:
        said = element.get(attribute, "") if attribute else (element.text or "").strip() or safe_xml.text(element)
        yield from self.evidence(field, value, self.place(element, str(said), attribute))

    def place(self, element: Any, said: str, attribute: str = "") -> AttributePlace:
        # A start tag may run over several lines, and its words may start below: libxml2 gives the line where the tag ends.
        line, quote = find_line(self._lines, element.sourceline or 1, said)
        path = _path(element) + (f"/@{attribute.rpartition('}')[2]}" if attribute else "")
        return AttributePlace(self.file, path, line, quote)


def _path(element: Any) -> str:
    """The way to an element by local names, numbered where siblings share one: ``/TEI/teiHeader/fileDesc/titleStmt/title[2]``."""
    parts = []
    for step in [element, *element.iterancestors()]:
        before = sum(1 for _ in step.itersiblings(step.tag, preceding=True))
        alone = not before and next(step.itersiblings(step.tag), None) is None
        parts.append(safe_xml.local(step) + ("" if alone else f"[{before + 1}]"))
    return "/" + "/".join(reversed(parts))


def tree(file: File, reader: str) -> Tree:
    if file.size > safe_xml.MOST_BYTES:
        raise Unreadable("too-large", f"XML of more than {safe_xml.MOST_BYTES:,} bytes is not read")
    return Tree(file.name, reader, file.head(safe_xml.MOST_BYTES))


class Page(Statements):
    """A text whose values are found by their words near a known line."""

    def __init__(self, file: str, reader: str, text: str) -> None:
        super().__init__(file, reader)
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def say(self, field: str, value: JSON, path: str, line: int, said: str) -> Iterator[Evidence]:
        number, quote = find_line(self._lines, line, said)
        yield from self.evidence(field, value, AttributePlace(self.file, path, number, quote))


def find_line(lines: Sequence[str], start: int, said: str) -> tuple[int, str]:
    """The line from ``start`` (1-based) on in which words stand as the file spells them, and how; else that line itself."""
    start = min(max(1, start), len(lines))
    first = said.strip().splitlines()[0].strip() if said.strip() else ""
    for spelt in (first[:MAX_QUOTE], escape_xml(first, quote=False)[:MAX_QUOTE]):
        for number in range(start, min(start + 60, len(lines)) + 1):
            if spelt and spelt in lines[number - 1]:
                return number, spelt
    return start, lines[start - 1].strip()[:MAX_QUOTE]

"""Markdown: headings, paragraphs, lists, tables, links, badges, front matter and ``Key: value`` lines, each to the column."""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from shirushi.describe.evidence import Evidence, LinePlace
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.bibtex import entries
from shirushi.describe.readers.codebook import plain, roles, row
from shirushi.describe.readers.prose import (
    MAX_VALUE,
    Lines,
    aligned,
    contacts,
    key_value,
    language_of,
    links,
    read_text,
    shortcomings,
)

READER = "markdown/1"
_BREAK = re.compile(r"<br\b", re.IGNORECASE)
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_BADGE = re.compile(
    r"shields\.io|badge|zenodo\.org/badge|\.svg(?:\?|$)|travis-ci|codecov|mybinder|colab", re.IGNORECASE
)
_CODE_ITEM = re.compile(
    r"^(?:`(?P<code>[^`\n]{1,80})`|\*\*(?P<bold>[^*\n]{1,80}?)[:：]?\*\*)\s*(?:\((?P<type>[^)\n]{1,60})\))?\s*[:：\-–—=]+\s*(?P<text>\S.*)$",
    re.DOTALL,
)

_LINE_ITEM = re.compile(r"\s*(?:[-*]\s)?(?P<name>\w[\w.]{0,40})\s*(?::|\s-)\s+(?P<text>[^\W\d_].{2,400}?)\s*$")
_FEWEST_LINES = 3


@reads("text/markdown")
def read_markdown(file: File) -> Iterator[Evidence]:
    """Evidence of a Markdown text, in the order of the text."""
    decoded = read_text(file)
    yield from shortcomings(file, decoded, READER)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    lines = Lines.of(file.name, text)
    body_start = 0
    front = _FRONT.match(text)
    if front:
        body_start = front[0].count("\n")
        yield from front_matter(lines, front[1], READER)
    body = "\n".join([""] * body_start + list(lines.lines[body_start:]))
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(body)
    yield from _Walk(lines, tokens).evidence()
    yield from contacts(lines, READER)
    prose = " ".join(t.content for t in tokens if t.type == "inline")
    language = language_of(prose, file.name, READER)
    if language:
        yield language


def front_matter(lines: Lines, source: str, reader: str) -> Iterator[Evidence]:
    """Top-level entries of a YAML front matter; a list or mapping stays JSON."""
    try:
        data = yaml.safe_load(source)
    except (yaml.YAMLError, RecursionError, ValueError):
        return
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if value in (None, "", [], {}):
            continue
        start = next((n for n, line in enumerate(lines.lines) if re.match(rf"{re.escape(str(key))}\s*:", line)), 1)
        end = start + 1
        while (
            end < len(lines.lines)
            and re.match(r"\s+\S|-\s", lines.lines[end])
            and lines.lines[end] not in ("---", "...")
        ):
            end += 1
        yield Evidence(
            "key-value",
            {"key": str(key), "value": _json(value), "section": "front matter"},
            lines.block(start, end),
            reader,
        )


def _json(value: Any) -> Any:
    """YAML's dates as ISO strings, everything else as JSON has it."""
    if isinstance(value, dict):
        return {str(k): _json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_json(v) for v in value]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return str(value)


class _Walk:
    """One pass over the block tokens, keeping the section and the kind of block around."""

    def __init__(self, lines: Lines, tokens: list[Token]) -> None:
        self.lines, self.tokens = lines, tokens
        self.section = ""
        self.header: list[str] = []
        self.cells: list[str] = []
        self.codebook: dict[str, int] | None = None

    def evidence(self) -> Iterator[Evidence]:
        stack: list[Token] = []
        for token in self.tokens:
            if token.nesting == 1:
                stack.append(token)
                if token.type == "tr_open":
                    self.cells = []
            elif token.nesting == -1:
                opened = stack.pop()
                if token.type == "thead_close":
                    self.header, self.codebook = self.cells, roles(self.cells)
                elif token.type == "tr_close" and stack[-1].type == "tbody_open":
                    yield from self._row(opened)
            elif token.type == "inline":
                yield from self._inline(token, {t.type for t in stack}, stack[-1])
            elif token.type in ("fence", "code_block"):
                numbers = self._line_numbers(token)
                yield from entries(self.lines, numbers.start, numbers.stop, READER)
                if token.info.strip() in ("", "text", "txt"):
                    yield from aligned(self.lines, numbers.start, numbers.stop, self.section, READER)
                    yield from self._described_lines(numbers)
                if "github.com" in token.content or "git clone" in token.content:
                    yield from links(self.lines, numbers.start, numbers.stop, self.section, READER)
            elif token.type == "html_block":
                yield from self._html(token)

    def _place(self, token: Token) -> LinePlace:
        assert token.map is not None
        first, last = token.map
        last = min(max(last, first + 1), len(self.lines.lines))
        content = token.content.split("\n")
        start = max(self.lines.lines[first].find(content[0].strip()), 0)
        end = last - 1
        while end > first and not self.lines.lines[end].strip():
            end -= 1
        tail = content[-1].strip()
        at = self.lines.lines[end].rfind(tail) if tail else -1
        end_column = at + len(tail) if at >= 0 else len(self.lines.lines[end].rstrip())
        return self.lines.place(first, start, end, end_column)

    def _inline(self, token: Token, around: set[str], parent: Token) -> Iterator[Evidence]:
        text = words(token)
        if parent.type in ("th_open", "td_open"):
            self.cells.append(plain(token.content))
        elif parent.type == "heading_open":
            if text:
                self.section = text
                value = {"text": text, "level": int(parent.tag[1:])}
                yield Evidence("heading", value, self._place(token), READER)
        else:
            if text:
                kind = "list-item" if "list_item_open" in around else "paragraph"
                value = {"text": text[:MAX_VALUE], "section": self.section}
                yield Evidence(kind, value, self._place(token), READER)
                yield from self._described_item(token)
            for number in self._line_numbers(token):
                pair = key_value(self.lines, number, self.section, READER)
                if pair:
                    yield pair
        yield from self._links(token)

    def _line_numbers(self, token: Token) -> range:
        assert token.map is not None
        return range(token.map[0], min(token.map[1], len(self.lines.lines)))

    def _row(self, opened: Token) -> Iterator[Evidence]:
        if not any(self.cells):
            return
        number = self._line_numbers(opened)[0]
        place = self.lines.block(number, number + 1)
        yield Evidence(
            "table-row", {"cells": self.cells, "header": self.header, "section": self.section}, place, READER
        )
        described = row(self.cells, self.codebook) if self.codebook else None
        if described:
            yield Evidence("codebook-row", {**described, "section": self.section}, place, READER)

    def _described_item(self, token: Token) -> Iterator[Evidence]:
        match = _CODE_ITEM.match(token.content)
        if not match:
            return
        value = {"variable": (match["code"] or match["bold"]).strip(), "description": plain(match["text"])[:5_000]}
        if match["type"]:
            value["type"] = match["type"]
        yield Evidence("codebook-row", {**value, "section": self.section}, self._place(token), READER)

    def _described_lines(self, numbers: range) -> Iterator[Evidence]:
        """Lines of a block without a language: ``name: what it is``, several of them, as rows."""
        found = [(n, m) for n in numbers if (m := _LINE_ITEM.match(self.lines.lines[n]))]
        for number, match in found if len(found) >= _FEWEST_LINES else ():
            value = {"cells": [match["name"], match["text"]], "header": [], "section": self.section}
            yield Evidence("table-row", value, self.lines.block(number, number + 1), READER)

    def _links(self, token: Token) -> Iterator[Evidence]:
        """Links and badges of an inline, each at the place where its address stands."""
        known: set[str] = set()
        for url, text, picture in anchors(token):
            known.update((url, picture))
            place = self._find(token, url or picture)
            if picture and _BADGE.search(picture):
                yield Evidence("badge", {"url": url, "image": picture, "text": text}, place, READER)
            if re.match(r"https?://|ftp://", url):
                around = f"{text} | {words(token)[:500]}"
                yield Evidence("link", {"url": url, "text": around, "section": self.section}, place, READER)
        numbers = self._line_numbers(token)
        for found in links(self.lines, numbers.start, numbers.stop, self.section, READER):
            url = found.value["url"]
            if not any(
                url in address or address.endswith(url.removeprefix("https://doi.org/")) for address in known if address
            ):
                known.add(url)
                yield found

    def _find(self, token: Token, url: str) -> LinePlace:
        for number in self._line_numbers(token):
            column = self.lines.lines[number].find(url)
            if column >= 0:
                return self.lines.place(number, column, number, column + len(url))
        return self._place(token)

    def _html(self, token: Token) -> Iterator[Evidence]:
        """Headings and links of a block of HTML, as README files centre them."""
        numbers = self._line_numbers(token)
        for number in numbers:
            line = self.lines.lines[number]
            match = re.search(r"<h([1-3])[^>]{0,200}>(.{1,300}?)</h\1>", line, re.IGNORECASE)
            if match and (text := _untag(match[2])):
                self.section = text
                place = self.lines.place(number, match.start(2), number, match.end(2))
                yield Evidence("heading", {"text": text, "level": int(match[1])}, place, READER)
        yield from links(self.lines, numbers.start, numbers.stop, self.section, READER)


def words(token: Token) -> str:
    """The text of an inline without its marks, images left out."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak") or _BREAK.match(child.content):
            parts.append(" ")
    return " ".join("".join(parts).split())


def anchors(token: Token) -> list[tuple[str, str, str]]:
    """Every link or image of an inline as (address, text, address of the picture)."""
    found: list[tuple[str, str, str]] = []
    href, label, image = "", "", ""
    for child in token.children or ():
        if child.type == "link_open":
            href, label, image = str(child.attrGet("href") or ""), "", ""
        elif child.type == "link_close":
            found.append((href, label.strip(), image))
            href = ""
        elif child.type == "image" and href:
            image = str(child.attrGet("src") or "")
            label += child.content
        elif child.type == "image":
            found.append(("", child.content, str(child.attrGet("src") or "")))
        elif href:
            label += child.content
    return found


def _untag(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())

"""Plain text, reStructuredText, TeX and HTML as README-like prose.

Plain text has habits rather than a grammar: underlined or numbered headings, ``KEY: value`` lines, and in Japan
``【タイトル】``, ``■ 作成者`` or ``１．概要``. A block of lines between blank lines is a paragraph.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import html as lxml_html
from lxml.etree import ParserError

from shirushi.describe.evidence import Evidence, LinePlace
from shirushi.describe.readers import text_tables
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.bibtex import MAX_ENTRIES, entries
from shirushi.describe.readers.codebook import roles, row
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
from shirushi.describe.suggesters.common import is_generic
from shirushi.describe.text import has_cjk

READER, HTML = "text/1", "html/1"
_UNDERLINE = re.compile(r"^\s*([=\-~^\"'`#*+_])\1{2,}\s*$")
_RULE = re.compile(r"^\W{3,}$|^[_\W]{3,}$")
_BULLET = re.compile(r"^\s*(?:[-*•・●○◦▪]|\(?\d{1,2}[.)）]|[（(]\d{1,2}[)）])\s+(?P<text>\S.*)$")
_JA_HEADING = re.compile(r"^\s*(?:[【［](?P<bracket>[^】］]{1,40})[】］]|[■□◆◇●○▼]\s*(?P<mark>\S.{0,30}?))\s*$")
_NUMBERED = re.compile(
    r"^\s*(?:\d{1,2}(?:\.\d{1,2})*[.．、)）]?(?![\d\-/:年月日])|第\d{1,2}[章節])\s*(?P<text>\S.{0,70}?)[:：]?\s*$"
)
_CAPS = re.compile(r"^[A-Z][A-Z0-9 /&,()\-]{3,60}:?$")
# A text often starts with its title on a line by itself: no sentence, no greeting, no "key: value", no date.
_TITLE_LINE = re.compile(r"^(?![-*•・#>|<\[{(/])(?=.*[^\W\d_]{2})[^:：|=<>{}\t]{4,150}(?<![.,;!?。、．，！？])$")
_CODE_LINE = re.compile(r"[;{}]\s*$|^\s*(?:import|from|def|for|if|return|#include|\$|>>>)\s")


@reads("text/plain", "text/x-rst")
def read_plain(file: File) -> Iterator[Evidence]:
    """Evidence of a text file. A file that is rows of numbers is no prose and gives nothing."""
    decoded = read_text(file)
    yield from shortcomings(file, decoded, READER)
    lines = Lines.of(file.name, decoded.text)
    if not _is_prose(lines):
        return
    section = ""
    paragraph: tuple[int, int] | None = None
    number = 0
    while number < len(lines.lines):
        heading = _heading(lines, number)
        blank = not lines.lines[number].strip() or _RULE.match(lines.lines[number].strip())
        if paragraph and (heading or blank):
            yield from _paragraph(lines, *paragraph, section)
            paragraph = None
        if heading:
            text, level, used, column, end_column = heading
            section = text
            at = number + (1 if used == 3 else 0)
            yield Evidence("heading", {"text": text, "level": level}, lines.place(at, column, at, end_column), READER)
            number += used
            continue
        if not blank:
            paragraph = (paragraph[0] if paragraph else number, number + 1)
        number += 1
    if paragraph:
        yield from _paragraph(lines, *paragraph, section)
    if file.media_type == "text/x-rst":
        for table in text_tables.of_rst(lines.lines):
            yield from rows_of(lines, table, _section_above(lines, table[0][0]), READER)
    yield from contacts(lines, READER)
    yield from islice(entries(lines, 0, len(lines.lines), READER), MAX_ENTRIES)
    language = language_of(" ".join(lines.lines), file.name, READER)
    if language:
        yield language


def rows_of(lines: Lines, table: list[text_tables.Row], section: str, reader: str) -> Iterator[Evidence]:
    """Rows of a table that a text draws; where its header is one of a codebook, what they say of variables, too."""
    header = table[0][1]
    places = roles(header)
    for number, cells in table[1:]:
        place = lines.block(number, number + 1)
        yield Evidence("table-row", {"cells": cells, "header": header, "section": section}, place, reader)
        if places and (value := row(cells, places)):
            yield Evidence("codebook-row", {**value, "section": section}, place, reader)


def _section_above(lines: Lines, number: int) -> str:
    """The nearest heading above a line, by its underline."""
    for at in range(number - 1, 0, -1):
        if _UNDERLINE.match(lines.lines[at]) and lines.lines[at - 1].strip() and " " not in lines.lines[at].strip():
            return lines.lines[at - 1].strip()
    return ""


def _is_prose(lines: Lines) -> bool:
    """Letters prevail among what is not white space in the first 300 lines; in Japanese, where one kanji is a word, a third."""
    sample = "".join(line for line in lines.lines[:300] if not _RULE.match(line.strip()))[:30_000]
    dense = [c for c in sample if not c.isspace()]
    return bool(dense) and sum(c.isalpha() for c in dense) / len(dense) > (0.33 if has_cjk(sample) else 0.55)


def _heading(lines: Lines, number: int) -> tuple[str, int, int, int, int] | None:
    """(text, level, lines used, column, end column) when a heading starts at ``number``."""
    line = lines.lines[number]
    text = line.strip()
    if not text:
        return None
    after = lines.lines[number + 1] if number + 1 < len(lines.lines) else ""
    column = len(line) - len(line.lstrip())
    if _UNDERLINE.match(line) and after.strip() and len(text) >= 3:
        below = lines.lines[number + 2] if number + 2 < len(lines.lines) else ""
        title = after.strip()
        if _UNDERLINE.match(below) and below.strip()[0] == text[0] and len(title) <= 200:
            start = len(after) - len(after.lstrip())
            return title, 1, 3, start, start + len(title)
    if (
        len(text) <= 200
        and _UNDERLINE.match(after)
        and not _UNDERLINE.match(line)
        and len(after.strip()) >= min(len(text) // 2, 4)
    ):
        return text, 1 if after.strip()[0] == "=" else 2, 2, column, column + len(text)
    match = _JA_HEADING.match(line)
    if match:
        group = "bracket" if match["bracket"] else "mark"
        return match[group].strip(), 2, 1, match.start(group), match.end(group)
    match = re.match(r"^(#{1,4})\s+(\S.*?)\s*#*$", line)
    if match:
        return match[2], len(match[1]), 1, match.start(2), match.end(2)
    alone = not after.strip() and (number == 0 or not lines.lines[number - 1].strip())
    if alone and _CAPS.match(text):
        return text.rstrip(":"), 2, 1, column, column + len(text.rstrip(":"))
    if alone and (match := _NUMBERED.match(line)) and not re.search(r"[.。]$", text) and not _answered(lines, number):
        return match["text"], 2, 1, match.start("text"), match.end("text")
    if _names_a_section(lines, number):
        bare = text.rstrip(":：")
        return bare, 2, 1, column, column + len(bare)
    if alone and _TITLE_LINE.match(text) and not any(before.strip() for before in lines.lines[:number]):
        return text, 1, 1, column, column + len(text)
    return None


_SECTION = re.compile(r"[^\W\d_](?:[^\W\d_]|[ /／・]){1,40}[:：]?")


_LONGEST_SECTION = 42


def _names_a_section(lines: Lines, number: int) -> bool:
    """A line that is only the name of a section, above a text that follows without a blank: 「概要」, "Abstract"."""
    text = lines.lines[number].strip()
    if not 2 <= len(text) <= _LONGEST_SECTION or text[-1] in ".。,、;":
        return False
    after = lines.lines[number + 1].strip() if number + 1 < len(lines.lines) else ""
    before = lines.lines[number - 1].strip() if number else ""
    if not _SECTION.fullmatch(text) or not is_generic(text) or (before and not before.endswith(("。", "."))):
        return False
    long = len(after) >= (15 if has_cjk(after) else 40)
    return long and key_value(lines, number + 1, "", READER) is None and not _BULLET.match(after)


def _answered(lines: Lines, number: int) -> bool:
    """Whether a numbered line is a question with its answer: "1. Title of Dataset: Pollen of lakes"."""
    return key_value(lines, number, "", READER) is not None


def _paragraph(lines: Lines, start: int, end: int, section: str) -> Iterator[Evidence]:
    """A block of lines as list items, pairs and a paragraph; its links."""
    items = [n for n in range(start, end) if _BULLET.match(lines.lines[n])]
    if items and items[0] == start:
        for position, first in enumerate(items):
            last = items[position + 1] if position + 1 < len(items) else end
            place = lines.block(first, last)
            text = " ".join(" ".join(lines.lines[first:last]).split())
            match = _BULLET.match(text)
            value = {"text": (match["text"] if match else text)[:MAX_VALUE], "section": section}
            yield Evidence("list-item", value, place, READER)
    else:
        text = join(lines.lines[start:end])
        if not all(_CODE_LINE.search(line) for line in lines.lines[start:end]):
            value = {"text": text[:MAX_VALUE], "section": section}
            yield Evidence("paragraph", value, lines.block(start, end), READER)
    for number in range(start, end):
        pair = key_value(lines, number, section, READER)
        if pair:
            yield pair
    yield from aligned(lines, start, end, section, READER)
    yield from links(lines, start, end, section, READER)


def join(parts: tuple[str, ...] | list[str]) -> str:
    """Lines of one paragraph as running text: with a blank between them, without one between Japanese characters."""
    text = " ".join(part.strip() for part in parts)
    return re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])", "", text)


_COPYRIGHT = re.compile(
    r"^\W*Copyright\s*(?:\(c\)|©)?\s*(?:\(c\)|©)?\s*(?P<years>\d{4}(?:\s*[-–,]\s*(?:\d{4}|present|now))*)?[\s,]*(?:by\s+)?"
    r"(?P<holder>[^\W\d_][^<>\[\]{}]{1,120}?)\s*(?:<[^>]*>|\([^)]*\))?\s*[.,]?\s*(?:All rights reserved\.?)?\s*$",
    re.IGNORECASE,
)


@reads("text/x-licence")
def read_copyright(file: File) -> Iterator[Evidence]:
    """Who holds the copyright, by the line that a licence file starts with."""
    lines = Lines.of(file.name, read_text(file).text)
    for number, line in enumerate(lines.lines[:60]):
        match = _COPYRIGHT.match(line)
        if match and not re.search(
            r"(?i)\b(?:owner|holder|notice|licen|law|statement|free software foundation|yyyy|name of)", match["holder"]
        ):
            place = lines.place(number, match.start("holder"), number, match.end("holder"))
            value = {"key": "copyright holder", "value": match["holder"].strip(" ,."), "section": ""}
            yield Evidence("key-value", value, place, READER)


_TEX_COMMAND = re.compile(
    r"\\(title|author|date|keywords|affil|affiliation|thanks|funding|section|subsection|abstract)\*?\s*(?:\[[^\]\n]{0,200}\])?\{"
)


@reads("application/x-tex")
def read_tex(file: File) -> Iterator[Evidence]:
    """``\\title``, ``\\author``, ``\\date`` … as pairs, sections as headings, the abstract as a paragraph."""
    decoded = read_text(file)
    yield from shortcomings(file, decoded, READER)
    lines = Lines.of(file.name, decoded.text)
    text = "\n".join(lines.lines)
    starts = [0]
    for line in lines.lines:
        starts.append(starts[-1] + len(line) + 1)
    for match in _TEX_COMMAND.finditer(text):
        end = _closing_brace(text, match.end())
        value = untex(text[match.end() : end])
        if end < 0 or not value:
            continue
        place = _span(lines, starts, match.end(), end)
        name = match[1]
        if name in ("section", "subsection"):
            yield Evidence("heading", {"text": value, "level": 2 if name == "section" else 3}, place, READER)
        else:
            yield Evidence("key-value", {"key": name, "value": value[:MAX_VALUE], "section": ""}, place, READER)
    abstract = re.search(r"\\begin\{abstract\}(.{1,10000}?)\\end\{abstract\}", text, re.DOTALL)
    if abstract and (value := untex(abstract[1])):
        place = _span(lines, starts, abstract.start(1), abstract.end(1))
        yield Evidence("paragraph", {"text": value, "section": "Abstract"}, place, READER)
    yield from _closing_sections(text, lines, starts)
    for table in text_tables.of_tex(text):
        drawn = [(bisect_right(starts, at) - 1, [untex(cell) for cell in cells]) for at, cells in table]
        yield from rows_of(lines, drawn, "", READER)
    yield from links(lines, 0, min(len(lines.lines), 5_000), "", READER)


# Where a paper says who paid, who helped and where its data are: an environment, or a section up to the next.
_TEX_OPENS = re.compile(
    r"\\begin\{(?P<name>acknowledge?ments?|acks|funding)\}|\\(?:sub)?section\*?\{"
    r"(?P<title>acknowledge?ments?|funding|data (?:and code )?availability(?: statement)?|code availability|謝辞)\}",
    re.IGNORECASE,
)
_TEX_CLOSES = re.compile(r"\\(?:(?:sub)*section\b|begin\{|end\{|bibliography\b|appendix\b)")
_MOST_CLOSING = 20


def _closing_sections(text: str, lines: Lines, starts: list[int]) -> Iterator[Evidence]:
    for match in islice(_TEX_OPENS.finditer(text), _MOST_CLOSING):
        found = _TEX_CLOSES.search(text, match.end(), match.end() + 10_000)
        end = found.start() if found else min(len(text), match.end() + 10_000)
        if words := untex(text[match.end() : end]):
            section = (match["name"] or match["title"]).capitalize()
            place = _span(lines, starts, match.end(), end)
            yield Evidence("paragraph", {"text": words, "section": section}, place, READER)


def _closing_brace(text: str, start: int) -> int:
    depth = 1
    for position in range(start, min(len(text), start + 5_000)):
        if text[position] == "{" and text[position - 1] != "\\":
            depth += 1
        elif text[position] == "}" and text[position - 1] != "\\":
            depth -= 1
            if depth == 0:
                return position
    return -1


def _span(lines: Lines, starts: list[int], start: int, end: int) -> LinePlace:
    first, last = bisect_right(starts, start) - 1, bisect_right(starts, end) - 1
    return lines.place(first, start - starts[first], last, end - starts[last])


def untex(source: str) -> str:
    """TeX source as words: commands dropped, their arguments kept."""
    text = re.sub(r"(?<!\\)%[^\n]*", " ", source)
    text = re.sub(r"\\(?:cite|ref|label|thanks|footnote|orcid)[a-z]*\{[^{}]*\}", " ", text)
    text = re.sub(r"\\and\b", ", ", re.sub(r"\\\\|~", " ", text))
    text = re.sub(r"\\[a-zA-Z]+\*?(?:\[[^\]]*\])?", " ", text)
    return " ".join(re.sub(r"[{}$]", "", text).replace("\\", "").split())


@reads("text/html")
def read_html(file: File) -> Iterator[Evidence]:
    """Title, meta entries, headings, paragraphs and links of an HTML page, each at its line."""
    data = file.head(1_000_000)
    if not data.strip():
        return
    decoded = read_text(file)
    yield from shortcomings(file, decoded, HTML)
    lines = Lines.of(file.name, decoded.text)
    parser = lxml_html.HTMLParser(no_network=True, huge_tree=False)
    try:
        root = lxml_html.document_fromstring(" \n".join(lines.lines)[:1_000_000], parser=parser)
    except ParserError:
        return  # nothing in it is an element or a text
    section = ""
    for element in root.iter("title", "meta", "h1", "h2", "h3", "h4", "p", "li", "a", "table"):
        place, text = _html_place(lines, element), words_of(element)
        href = element.get("href") or ""
        if element.tag == "meta":
            name, content = element.get("name") or element.get("property"), (element.get("content") or "").strip()
            if name and content:
                value = {"key": name, "value": content[:MAX_VALUE], "section": "meta"}
                yield Evidence("key-value", value, place, HTML)
        elif element.tag == "table":
            if drawn := text_tables.of_html(element):
                yield from rows_of(lines, drawn, section, HTML)
        elif element.tag == "a" and re.match(r"https?://", href):
            yield Evidence("link", {"url": href, "text": text[:300], "section": section}, place, HTML)
        elif element.tag == "title" and text:
            yield Evidence("key-value", {"key": "title", "value": text, "section": "meta"}, place, HTML)
        elif element.tag in ("h1", "h2", "h3", "h4") and text:
            section = text
            yield Evidence("heading", {"text": text, "level": int(str(element.tag)[1])}, place, HTML)
        elif element.tag in ("p", "li") and text:
            kind = "list-item" if element.tag == "li" else "paragraph"
            yield Evidence(kind, {"text": text, "section": section}, place, HTML)
    language = language_of(words_of(root)[:30_000], file.name, HTML)
    if language:
        yield language


def _html_place(lines: Lines, element: Any) -> LinePlace:
    number = min(max((element.sourceline or 1) - 1, 0), len(lines.lines) - 1)
    return lines.block(number, number + 1)


def words_of(element: Any) -> str:
    return " ".join(str(element.text_content()).split())[:MAX_VALUE]

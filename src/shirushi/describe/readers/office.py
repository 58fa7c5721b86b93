"""Word processor and presentation files (DOCX, PPTX, ODT, ODP): properties, headings, paragraphs, lists, tables, links.

Only the parts with text are unpacked, each with a bound on its size. Places count paragraphs as the file orders them:
``paragraph 12``, ``table 2 row 3``, ``slide 4``; properties are ``docProps/Title`` and the like.

Sources: ECMA-376 part 1 (WordprocessingML, PresentationML), ISO/IEC 26300 (OpenDocument).
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from shirushi.describe.evidence import AttributePlace, Evidence
from shirushi.describe.readers import safe_xml
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.prose import Lines, key_value
from shirushi.describe.readers.safe_xml import local, text
from shirushi.describe.readers.screening import evidence_in
from shirushi.describe.readers.sensitive_values import is_meant_for_readers
from shirushi.describe.readers.zips import DAMAGED

READER = "office/1"
_MOST_PART = 30_000_000  # bytes of one part, unpacked
_MOST_RATIO = 200  # times its packed size
_MOST_PARAGRAPHS = 2_000
_MOST_ROWS = 500
_MOST_SLIDES = 100
_MOST_ASIDE = 200
_MAX_QUOTE = 300
_ASIDE = re.compile(
    r"word/(?:header|footer|comments|footnotes|endnotes)\d*\.xml|ppt/(?:notesSlides|comments)/[^/]+\.xml"
)
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LINKS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_ODF_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_ODF_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ODF_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_PROPERTIES = {"title": "Title", "creator": "Author", "initial-creator": "Author", "subject": "Subject", "keywords": "Keywords",
    "keyword": "Keywords", "description": "Description", "created": "CreationDate", "creation-date": "CreationDate",
    "modified": "ModDate", "date": "ModDate", "lastModifiedBy": "LastModifiedBy", "language": "Language",
    "category": "Category", "Company": "Company", "version": "Version"}  # fmt: skip
_HEADING_STYLE = re.compile(r"(?:heading|見出し|titre|überschrift)\s*([1-9])$", re.IGNORECASE)

OPEN_XML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of a document in reading order. ``kind``: heading, paragraph, list-item, table-row; ``path`` as above."""

    kind: str
    path: str
    text: str
    level: int = 0
    cells: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # (address, text)


@reads(
    OPEN_XML + "wordprocessingml.document",
    OPEN_XML + "presentationml.presentation",
    ODF + "text",
    ODF + "presentation",
    version=1,
)
def read_office(file: File) -> Iterator[Evidence]:
    """Evidence of an office document.

    Raises:
        Unreadable: ``truncated``, ``malformed``, ``encrypted``, ``bomb`` or ``entities``.
    """
    with open_package(file) as package:
        for name, value in properties(package):
            place = AttributePlace(file.name, f"docProps/{name}", quote=value[:_MAX_QUOTE])
            yield Evidence("document-info", {"name": name, "value": value}, place, READER)
        yield from _beside(file.name, package)
        yield from _say(file.name, items(package))


def _beside(file: str, package: zipfile.ZipFile) -> Iterator[Evidence]:
    """What headers, footers, comments, footnotes and speaker's notes say about people. They describe nothing, but are published."""
    for name in [name for name in package.namelist() if _ASIDE.fullmatch(name)][:_MOST_ASIDE]:
        root = xml_part(package, name)
        paragraphs = root.iter("{*}p") if root is not None else ()
        words = "\n".join("".join(piece.text or "" for piece in one.iter("{*}t")) for one in paragraphs)
        yield from evidence_in(words, _placing(file, name), for_readers=is_meant_for_readers(file))


def _placing(file: str, name: str) -> Callable[[int, int, str], AttributePlace]:
    return lambda start, end, quote: AttributePlace(file, name, quote=quote)


def open_package(file: File) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file.path)
    except DAMAGED as error:
        code = "truncated" if file.head(4).startswith(b"PK") else "malformed"
        raise Unreadable(code, f"the package cannot be opened: {error}") from error


def xml_part(package: zipfile.ZipFile, name: str) -> Any | None:
    """The root element of a part, or None when it is not there."""
    try:
        info = package.getinfo(name)
    except KeyError:
        return None
    if info.flag_bits & 1:
        raise Unreadable("encrypted", "")
    if info.file_size > _MOST_PART or info.file_size > _MOST_RATIO * max(info.compress_size, 5_000):
        raise Unreadable("bomb", f"{name} unpacks to {info.file_size:,} bytes")
    try:
        with package.open(info) as stream:
            data = stream.read(_MOST_PART + 1)
    except DAMAGED as error:
        raise Unreadable("malformed", f"{name}: {error}") from error
    return safe_xml.parse(data)


def properties(package: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(name, value) of the document's own properties, each once."""
    seen = set()
    for part in ("docProps/core.xml", "docProps/app.xml", "meta.xml"):
        root = xml_part(package, part)
        for element in root.iter() if root is not None else ():
            name, value = _PROPERTIES.get(local(element), ""), text(element)
            if name and value and not len(element) and (name, value) not in seen:
                seen.add((name, value))
                yield name, value[:20_000]


def items(package: zipfile.ZipFile) -> Iterator[Item]:
    """What the document says, in reading order, up to the limits."""
    names = set(package.namelist())
    if "word/document.xml" in names:
        yield from _word(package)
    elif "content.xml" in names:
        yield from _open_document(xml_part(package, "content.xml"))
    elif any(name.startswith("ppt/") for name in names):
        yield from _slides(package, names)
    else:
        raise Unreadable("malformed", "the package holds no document")


def _say(file: str, found: Iterator[Item]) -> Iterator[Evidence]:
    section, header, table = "", [], ""
    for item in found:
        place = AttributePlace(file, item.path, quote=item.text[:_MAX_QUOTE])
        if item.kind == "heading":
            section = item.text[:_MAX_QUOTE]
            yield Evidence("heading", {"text": item.text, "level": item.level}, place, READER)
        elif item.kind == "table-row":
            if (owner := item.path.rpartition(" row ")[0]) != table:
                table, header = owner, list(item.cells)
                continue
            yield Evidence(
                "table-row", {"cells": list(item.cells), "header": header, "section": section}, place, READER
            )
        else:
            yield Evidence(item.kind, {"text": item.text, "section": section}, place, READER)
            if pair := key_value(Lines(file, (item.text,)), 0, section, READER):
                quoted = AttributePlace(file, item.path, quote=pair.value["value"][:_MAX_QUOTE])
                yield Evidence("key-value", pair.value, quoted, READER)
        for url, words in item.links:
            shown = AttributePlace(file, item.path, quote=words[:_MAX_QUOTE])
            yield Evidence("link", {"url": url, "text": words, "section": section}, shown, READER)


def _word(package: zipfile.ZipFile) -> Iterator[Item]:
    root = xml_part(package, "word/document.xml")
    body = root.find(f"{_WORD}body") if root is not None else None
    if body is None:
        raise Unreadable("malformed", "the document has no body")
    levels, addresses = _heading_levels(package), _addresses(package)
    tables = paragraphs = 0
    for element in body.iter(f"{_WORD}p", f"{_WORD}tbl"):
        if element.tag == f"{_WORD}tbl":
            tables += 1
            yield from _rows(tables, element, f"{_WORD}tr", f"{_WORD}tc", f"{_WORD}p", _word_text)
        elif next(element.iterancestors(f"{_WORD}tbl"), None) is None:
            paragraphs += 1
            if paragraphs > _MOST_PARAGRAPHS:
                return
            if item := _word_paragraph(element, f"paragraph {paragraphs}", levels, addresses):
                yield item


def _word_paragraph(element: Any, path: str, levels: dict[str, int], addresses: dict[str, str]) -> Item | None:
    words = _word_text(element)
    if not words:
        return None
    style = element.find(f"{_WORD}pPr/{_WORD}pStyle")
    name = style.get(f"{_WORD}val", "") if style is not None else ""
    links = tuple(
        (addresses[key], _word_text(link))
        for link in element.iter(f"{_WORD}hyperlink")
        if (key := link.get(f"{_LINKS}id")) in addresses and _word_text(link)
    )
    if level := levels.get(name, 0):
        return Item("heading", path, words, level, links=links)
    listed = element.find(f"{_WORD}pPr/{_WORD}numPr") is not None or name.lower().startswith("list")
    return Item("list-item" if listed else "paragraph", path, words, links=links)


def _word_text(element: Any) -> str:
    """The text of the runs; tabs and breaks as spaces, deleted text left out."""
    pieces = element.iter(f"{_WORD}t", f"{_WORD}tab", f"{_WORD}br", f"{_WORD}cr")
    return " ".join("".join((p.text or "") if p.tag == f"{_WORD}t" else " " for p in pieces).split())


def _heading_levels(package: zipfile.ZipFile) -> dict[str, int]:
    """Level of each heading style by its id; the style's own outline level or its name tells. ``Title`` is level 1."""
    root = xml_part(package, "word/styles.xml")
    levels: dict[str, int] = {}
    for style in root.iter(f"{_WORD}style") if root is not None else ():
        key = style.get(f"{_WORD}styleId", "")
        named = style.find(f"{_WORD}name")
        name = named.get(f"{_WORD}val", "") if named is not None else ""
        outline = style.find(f"{_WORD}pPr/{_WORD}outlineLvl")
        depth = outline.get(f"{_WORD}val", "9") if outline is not None else "9"
        if name.lower() in ("title", "表題"):
            levels[key] = 1
        elif found := _HEADING_STYLE.match(name):
            levels[key] = int(found[1])
        elif depth.isdigit() and int(depth) < 9:
            levels[key] = int(depth) + 1
    return levels


def _addresses(package: zipfile.ZipFile) -> dict[str, str]:
    """Web addresses by relationship id. They are read, never opened."""
    root = xml_part(package, "word/_rels/document.xml.rels")
    found = ((link.get("Id", ""), link.get("Target", "")) for link in (root if root is not None else ()))
    return {key: target for key, target in found if target.startswith(("http://", "https://", "mailto:"))}


def _rows(number: int, table: Any, row_tag: str, cell_tag: str, paragraph_tag: str, read: Any) -> Iterator[Item]:
    for index, row in enumerate(table.iter(row_tag), start=1):
        if index > _MOST_ROWS:
            return
        cells = tuple(
            " ".join(filter(None, (read(p) for p in cell.iter(paragraph_tag))))[:2_000] for cell in row.iter(cell_tag)
        )
        if any(cells):
            yield Item("table-row", f"table {number} row {index}", " | ".join(cells), cells=cells)


def _open_document(root: Any) -> Iterator[Item]:
    tables = paragraphs = slides = 0
    tags = [f"{_ODF_TEXT}h", f"{_ODF_TEXT}p", f"{_ODF_TABLE}table", f"{_ODF_DRAW}page"]
    for element in root.iter(*tags) if root is not None else ():
        if element.tag == tags[3]:
            slides += 1
        elif element.tag == tags[2]:
            tables += 1
            yield from _rows(tables, element, f"{_ODF_TABLE}table-row", f"{_ODF_TABLE}table-cell", tags[1], text)
        elif next(element.iterancestors(tags[2]), None) is None:
            paragraphs += 1
            if paragraphs > _MOST_PARAGRAPHS:
                return
            if words := text(element):
                yield _open_paragraph(element, words, f"slide {slides}" if slides else f"paragraph {paragraphs}")


def _open_paragraph(element: Any, words: str, path: str) -> Item:
    links = tuple(
        (str(link.get(f"{_XLINK}href")), text(link))
        for link in element.iter(f"{_ODF_TEXT}a")
        if str(link.get(f"{_XLINK}href", "")).startswith("http") and text(link)
    )
    if element.tag == f"{_ODF_TEXT}h":
        level = element.get(f"{_ODF_TEXT}outline-level", "1")
        return Item("heading", path, words, int(level) if level.isdigit() and level != "0" else 1, links=links)
    listed = next(element.iterancestors(f"{_ODF_TEXT}list-item"), None) is not None
    return Item("list-item" if listed else "paragraph", path, words, links=links)


def _slides(package: zipfile.ZipFile, names: set[str]) -> Iterator[Item]:
    """The paragraphs of each slide; the title's placeholder makes a heading."""
    numbers = sorted(
        int(found[1]) for name in names if (found := re.fullmatch(r"ppt/slides/slide(\d{1,5})\.xml", name))
    )
    for number in numbers[:_MOST_SLIDES]:
        root = xml_part(package, f"ppt/slides/slide{number}.xml")
        for shape in root.iter("{*}sp") if root is not None else ():
            placeholder = next(shape.iter("{*}ph"), None)
            titled = placeholder is not None and placeholder.get("type") in ("title", "ctrTitle")
            for paragraph in shape.iter(f"{_DRAWING}p"):
                if words := " ".join("".join(t.text or "" for t in paragraph.iter(f"{_DRAWING}t")).split()):
                    yield Item("heading" if titled else "paragraph", f"slide {number}", words, level=1 if titled else 0)

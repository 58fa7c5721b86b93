"""PDF: the information dictionary, the text of the first pages as headings, paragraphs and lines with their boxes, links."""

import ctypes
import re
from bisect import bisect_right
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from shirushi.describe.evidence import AttributePlace, Evidence, LinePlace, PagePlace
from shirushi.describe.readers import pdf_layout, prose
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.pdf_layout import Block, Box, TextLine
from shirushi.describe.readers.screening import MOST_TEXT, evidence_in
from shirushi.describe.readers.sensitive_values import is_meant_for_readers

READER = "pdf/1"
_MOST_PAGES = 6
_MOST_SCREENED = 300  # pages whose text is looked through for data about people
_MOST_TEXT = 20_000
_MOST_LINKS = 200
_MAX_QUOTE = 300
_INFO = ("Title", "Author", "Subject", "Keywords", "CreationDate", "ModDate", "Creator", "Producer")
_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?(?:(\d{2})(\d{2})?(?:\d{2})?)?(?:Z|([+-]\d{2})'?(\d{2})?'?)?")


@reads("application/pdf", version=1)
def read_pdf(file: File) -> Iterator[Evidence]:
    """Evidence of a PDF.

    Raises:
        Unreadable: ``encrypted``, ``truncated`` or ``malformed``.
    """
    document = open_pdf(file)
    try:
        yield from _info(file, document)
        yield from _pages(file, document)
        yield from _further(file, document)
    finally:
        document.close()


def open_pdf(file: File) -> Any:
    """The document, or Unreadable with the reason."""
    try:
        return pypdfium2.PdfDocument(file.path)
    except pypdfium2.PdfiumError as error:
        if pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise Unreadable("encrypted", "the PDF asks for a password") from error
        if not _has_an_end(file):
            raise Unreadable("truncated", "the PDF has no end mark") from error
        raise Unreadable("malformed", "the PDF cannot be opened") from error


def _has_an_end(file: File) -> bool:
    with file.open() as stream:
        stream.seek(max(0, file.size - 2048))
        return b"%%EOF" in stream.read(2048)


def _info(file: File, document: Any) -> Iterator[Evidence]:
    for name, value in info_of(document).items():
        shown = as_date(value) if name.endswith("Date") else value
        yield Evidence(
            "document-info",
            {"name": name, "value": shown[:_MOST_TEXT]},
            AttributePlace(file.name, f"PDF:{name}", quote=shown[:_MAX_QUOTE]),
            READER,
        )


def info_of(document: Any) -> dict[str, str]:
    """The entries of the information dictionary that hold something."""
    found = ((name, document.get_metadata_value(name).strip("\0 \n")) for name in _INFO)
    return {name: value for name, value in found if value}


def as_date(value: str) -> str:
    """A date of the information dictionary (ISO 32000-1, 7.9.4) as people read it; anything else as it stands."""
    return _DATE.sub(_iso, value)


def _iso(match: re.Match[str]) -> str:
    """``D:20240229103000+09'00'`` as 2024-02-29 10:30 +09:00. Midnight is how programs write a day without a time."""
    year, month, day, hour, minute, zone, zone_minute = match.groups()
    written = "-".join(part for part in (year, month, day) if part)
    if (hour or "00", minute or "00") == ("00", "00"):
        return written
    return f"{written} {hour}:{minute or '00'}" + (f" {zone}:{zone_minute or '00'}" if zone else "")


def _pages(file: File, document: Any) -> Iterator[Evidence]:
    pages = [_Page(file.name, document, number) for number in range(1, min(len(document), _MOST_PAGES) + 1)]
    larger = pdf_layout.heading_sizes([line for page in pages for line in page.lines])
    section = ""
    for page in pages:
        section = yield from page.evidence(section, larger)


def _further(file: File, document: Any) -> Iterator[Evidence]:
    """What the pages behind those that are read say about people."""
    texts: list[str] = []
    starts: list[int] = []
    length = 0
    for index in range(_MOST_PAGES, min(len(document), _MOST_SCREENED)):
        if length > MOST_TEXT:
            break
        try:
            page = document[index]
            text_page = page.get_textpage()
            said = text_page.get_text_range()
        except pypdfium2.PdfiumError:
            said = ""
        else:
            text_page.close()
            page.close()
        starts.append(length)
        texts.append(said + "\n")
        length += len(texts[-1])

    def place(start: int, _: int, quote: str) -> PagePlace:
        return PagePlace(file.name, _MOST_PAGES + bisect_right(starts, start), quote=quote)

    yield from evidence_in("".join(texts), place, for_readers=is_meant_for_readers(file.name))


class _Page:
    """One page, taken apart once; ``number`` counts from 1."""

    def __init__(self, file: str, document: Any, number: int) -> None:
        self.file, self.number = file, number
        self.lines: list[TextLine] = []
        self.links: list[tuple[str, Box, str]] = []
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:  # a damaged page costs itself, not its neighbours
            return
        text_page = page.get_textpage()
        lines = pdf_layout.text_lines(page, text_page)
        self.lines = lines if pdf_layout.readable(lines) else []
        self.links = list(_link_annotations(document, page, text_page))
        text_page.close()
        page.close()

    def place(self, quote: str, box: Box | None = None) -> PagePlace:
        return PagePlace(self.file, self.number, box, quote[:_MAX_QUOTE])

    def evidence(self, section: str, larger: list[float]) -> Generator[Evidence, None, str]:
        """What the page says; returns the section that the next page starts in."""
        if self.lines:
            text = "\n".join(line.text for line in self.lines)[:_MOST_TEXT]
            yield Evidence(
                "page-text",
                {"text": text, "page": self.number},
                self.place(self.lines[0].text, self.lines[0].box),
                READER,
            )
        for block in pdf_layout.blocks(self.lines, larger):
            place = self.place(block.text, block.box)
            if block.level:
                section = block.text[:_MAX_QUOTE]
                yield Evidence("heading", {"text": block.text, "level": block.level}, place, READER)
            else:
                yield Evidence("paragraph", {"text": block.text, "section": section}, place, READER)
            yield from self._in_lines(block, section)
        for url, box, text in self.links:
            yield Evidence("link", {"url": url, "text": text, "section": section}, self.place(text, box), READER)
        return section

    def _in_lines(self, block: Block, section: str) -> Iterator[Evidence]:
        """A ``Key: value`` that starts a block and the addresses in its lines, as in a text file; the line's box is the
        place."""
        lines = prose.Lines(self.file, tuple(line.text for line in block.lines))
        pair = prose.key_value(lines, 0, section, READER)
        for found in [*([pair] if pair else []), *prose.links(lines, 0, len(block.lines), section, READER)]:
            assert isinstance(found.place, LinePlace)
            yield replace(found, place=self.place(found.place.quote, block.lines[found.place.start - 1].box))


def _link_annotations(document: Any, page: Any, text_page: Any) -> Iterator[tuple[str, Box, str]]:
    """(address, box, text beneath) of the page's links to the web."""
    position, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    for _ in range(_MOST_LINKS):
        if not pdfium.FPDFLink_Enumerate(page, position, link):
            return
        action = pdfium.FPDFLink_GetAction(link)
        rectangle = pdfium.FS_RECTF()
        if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
            continue
        length = pdfium.FPDFAction_GetURIPath(document, action, None, 0)
        if not 1 < length < 4_000 or not pdfium.FPDFLink_GetAnnotRect(link, rectangle):
            continue
        buffer = ctypes.create_string_buffer(length)
        pdfium.FPDFAction_GetURIPath(document, action, buffer, length)
        left, right = sorted((rectangle.left, rectangle.right))
        bottom, top = sorted((rectangle.bottom, rectangle.top))
        text = " ".join(text_page.get_text_bounded(left, bottom, right, top).split())
        yield buffer.value.decode("utf-8", "replace"), pdf_layout.page_box(page, left, top, right, bottom), text

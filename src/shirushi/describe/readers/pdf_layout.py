"""The lines of a PDF page with their size and box, and what they form: headings and paragraphs.

A PDF has no structure that could be trusted, only letters at places. Lines come from PDFium's own line breaks; a heading is a
short run of lines set clearly larger than most of the text; paragraphs end at a wider gap.
"""

import ctypes
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from shirushi.describe.text import has_cjk

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares of the page

_MOST_CHARACTERS = 30_000
_LARGER = 1.15
_HEADING_LENGTH = 300
_SCALE = 100_000  # device units a page is measured in
_BREAKS = str.maketrans({"\ufffe": "", "\x02": "", "\xad": ""})  # how PDFium marks a word cut at a line's end
_HEADING_WORDS = re.compile(
    r"(?:\d+(?:\.\d+)*\.?\s+|[IVX]+\.\s+)?(?:abstract|summary|key\s?words|introduction|background|(?:materials\s+and\s+)?methods|results|discussion|"
    r"conclusions?|acknowledge?ments?|funding|references|bibliography|data\s+(?:availability|records|description)|license|licence|"
    r"要\s*旨|概\s*要|キーワード|はじめに|緒\s*言|方\s*法|結\s*果|考\s*察|おわりに|謝\s*辞|参考文献|引用文献|利用条件)\s*[:：.]?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+[^\W\d_].{2,70}(?<![.。,、;])")


@dataclass(frozen=True, slots=True)
class TextLine:
    """``size`` in points; ``box`` in shares of the page."""

    text: str
    size: float
    box: Box

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together. ``level`` is 0 for running text, else that of the heading (1 is the largest)."""

    text: str
    level: int
    lines: tuple[TextLine, ...]

    @property
    def box(self) -> Box:
        return union([line.box for line in self.lines])


def page_box(page: Any, left: float, top: float, right: float, bottom: float) -> Box:
    """A box in the page's own coordinates as shares of the page as shown: rotation and crop box are taken care of."""
    x, y = ctypes.c_int(), ctypes.c_int()
    corners = []
    for across, up in ((left, top), (right, bottom)):
        pdfium.FPDF_PageToDevice(page, 0, 0, _SCALE, _SCALE, 0, across, up, x, y)
        corners.append((x.value / _SCALE, y.value / _SCALE))
    (ax, ay), (bx, by) = corners
    return _clip(min(ax, bx)), _clip(min(ay, by)), _clip(max(ax, bx)), _clip(max(ay, by))


def _clip(share: float) -> float:
    return round(min(1.0, max(0.0, share)), 5)


def text_lines(page: Any, text_page: Any) -> list[TextLine]:
    """The lines of a page in PDFium's order; at most ``_MOST_CHARACTERS`` characters of it."""
    found: list[TextLine] = []
    letters: list[str] = []
    sizes: list[float] = []
    edges: list[tuple[float, float, float, float]] = []  # left, bottom, right, top

    def finish() -> None:
        text = "".join(letters).translate(_BREAKS).strip()
        if text and edges:
            box = page_box(
                page,
                min(e[0] for e in edges),
                max(e[3] for e in edges),
                max(e[2] for e in edges),
                min(e[1] for e in edges),
            )
            found.append(TextLine(text, round(statistics.median(sizes), 1), box))
        letters.clear()
        sizes.clear()
        edges.clear()

    for index in range(min(text_page.count_chars(), _MOST_CHARACTERS)):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        if code in (10, 13):
            finish()
            continue
        letters.append(_letter(code))
        if code > 32:
            edges.append(text_page.get_charbox(index))
            sizes.append(_drawn_size(text_page, index, edges[-1]))
    finish()
    return _rejoined(found)


def _rejoined(lines: Sequence[TextLine]) -> list[TextLine]:
    """Pieces of one line put together again: PDFium starts a new one after a raised or lowered letter."""
    found: list[TextLine] = []
    for line in lines:
        if found and _beside(found[-1], line):
            before = found.pop()
            size = max(before, line, key=lambda piece: len(piece.text)).size
            space = "" if line.text[0] in ",.;:)、。" else " "
            line = TextLine(f"{before.text}{space}{line.text}", size, union([before.box, line.box]))
        found.append(line)
    return found


def _beside(before: TextLine, line: TextLine) -> bool:
    overlap = min(before.box[3], line.box[3]) - max(before.box[1], line.box[1])
    gap = line.box[0] - before.box[2]
    return overlap > 0.4 * min(before.height, line.height) and -0.01 < gap < 0.02


def _letter(code: int) -> str:
    return "" if code == 0 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)


def _drawn_size(text_page: Any, index: int, edges: tuple[float, float, float, float]) -> float:
    """The size in points. Some writers set size 1 and scale by a matrix; then the letter's own box tells more."""
    size = float(pdfium.FPDFText_GetFontSize(text_page, index))
    drawn = edges[3] - edges[1]
    return size if size > 2 or drawn < 2 else drawn * 1.4


def readable(lines: Sequence[TextLine]) -> bool:
    """Whether the letters mean something: fonts without a Unicode table give private or control characters."""
    text = "".join(line.text for line in lines)
    odd = sum(1 for c in text if c < " " or c == "\ufffd" or "\ue000" <= c <= "\uf8ff")
    return bool(text) and odd < 0.1 * len(text)


def body_size(lines: Sequence[TextLine]) -> float:
    """The size that most characters have."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 0.0


def heading_sizes(lines: Sequence[TextLine]) -> list[float]:
    """The sizes clearly larger than running text, the largest first."""
    body = body_size(lines)
    return sorted({line.size for line in lines if line.size >= _LARGER * body}, reverse=True)


def blocks(lines: Sequence[TextLine], larger: Sequence[float]) -> Iterator[Block]:
    """Headings and paragraphs of one page; ``larger`` are the document's :func:`heading_sizes`."""
    run: list[TextLine] = []
    for line in lines:
        if run and not _continues(run[-1], line):
            yield _block(run, larger)
            run = []
        run.append(line)
    if run:
        yield _block(run, larger)


def _continues(before: TextLine, line: TextLine) -> bool:
    if abs(before.size - line.size) > 0.08 * before.size:
        return False
    gap = line.box[1] - before.box[3]
    return -0.5 * line.height < gap < 0.95 * max(before.height, line.height) and line.box[0] < before.box[2]


def _block(run: Sequence[TextLine], larger: Sequence[float]) -> Block:
    text = joined([line.text for line in run])
    return Block(text, _level(text, run, larger), tuple(run))


def _level(text: str, run: Sequence[TextLine], larger: Sequence[float]) -> int:
    if run[0].size in larger and len(text) <= _HEADING_LENGTH and re.search(r"[^\W\d_]{2}", text):
        return min(larger.index(run[0].size) + 1, 6)
    if len(run) == 1 and (_HEADING_WORDS.fullmatch(text) or _NUMBERED.fullmatch(text)):
        return min(len(larger) + 1, 6)
    return 0


def union(boxes: Sequence[Box]) -> Box:
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def joined(lines: Sequence[str]) -> str:
    """One text of several lines: a word cut at the end is made whole, and Japanese lines are joined without a space."""
    text = ""
    for line in lines:
        if text.endswith("-") and text[-2:-1].islower() and line[:1].islower():
            text = text[:-1] + line
        elif not text or (has_cjk(text[-1]) and has_cjk(line[:1])):
            text += line
        else:
            text += f" {line}"
    return text

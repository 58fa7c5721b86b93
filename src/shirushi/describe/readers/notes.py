"""What stands around a table: rows of a key and its value, lone cells of text, and comments above it."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from shirushi.describe.evidence import CellPlace, Evidence
from shirushi.describe.readers.headers import Row
from shirushi.describe.readers.prose import Lines, is_key, key_value

MOST_NOTES = 40
_FEWEST = 12  # letters of a text that is one
_LONGEST_KEY = 60
_MARK = re.compile(r"\s*(?:#+|%+|//+|!+|\*{2,}|;;+)\s?")
_WORDS = re.compile(r"[^\W\d_]{2,}|[\u3040-\u30ff\u3400-\u9fff]")


def notes(
    file: str, rows: Sequence[Row], reader: str, *, sheet: str | None = None, named: bool = False
) -> Iterator[Evidence]:
    """Text outside of tables: ``key | value`` rows as pairs, lone cells as paragraphs. With ``named`` a key must look like one
    and stand in the first column, with its value beside it; ``Key: value`` in one cell is left to whoever reads the line."""
    section = sheet or ""
    for number, cells in islice(rows, MOST_NOTES):
        filled = [(i, cell.strip()) for i, cell in enumerate(cells) if cell.strip()]
        if len(filled) == 2 and len(filled[0][1]) <= _LONGEST_KEY:
            (first, key), (column, value) = filled
            key = key.rstrip(":： ")
            if named and not (first == 0 and column == 1 and is_key(key)):
                continue
            if named and key_value(Lines(file, (cells[first],)), 0, "", reader) is not None:
                continue
            place = CellPlace(file, column + 1, number, sheet, value[:300])
            yield Evidence("key-value", {"key": key, "value": value, "section": section}, place, reader)
        elif len(filled) == 1 and len(filled[0][1]) >= _FEWEST:
            column, text = filled[0]
            if named and key_value(Lines(file, (text,)), 0, "", reader) is not None:
                continue
            place = CellPlace(file, column + 1, number, sheet, text[:300])
            yield Evidence("paragraph", {"text": text, "section": section}, place, reader)


def comments(file: str, remarks: Sequence[Row], reader: str) -> Iterator[Evidence]:
    """Comment lines that follow one another as paragraphs. Pairs, ornaments and numbers that were commented out are not text."""
    top = {number: cells[0] for number, cells in remarks[:MOST_NOTES]}
    if not top:
        return
    lines = Lines(file, tuple(top.get(number, "") for number in range(1, max(top) + 1)))
    block: list[int] = []
    for number in range(len(lines.lines) + 1):
        if number < len(lines.lines) and _is_text(lines, number, reader):
            block.append(number)
        elif block:
            yield from _paragraph(lines, block, reader)
            block = []


def _is_text(lines: Lines, number: int, reader: str) -> bool:
    bare = unmarked(lines.lines[number])
    return (
        len(_WORDS.findall(bare)) >= 2
        and "\t" not in bare
        and key_value(Lines(lines.file, (bare,)), 0, "", reader) is None
    )


def unmarked(line: str) -> str:
    """A line with blanks where the mark of a comment stood, so that its columns stay."""
    mark = _MARK.match(line)
    return " " * mark.end() + line[mark.end() :] if mark else line


def _paragraph(lines: Lines, block: Sequence[int], reader: str) -> Iterator[Evidence]:
    text = " ".join(_MARK.sub("", lines.lines[number], count=1).strip() for number in block)
    mark = _MARK.match(lines.lines[block[0]])
    if len(text) >= _FEWEST and mark is not None:
        end = len(lines.lines[block[-1]].rstrip())
        place = lines.place(block[0], mark.end(), block[-1], end)
        yield Evidence("paragraph", {"text": text[:2_000], "section": ""}, place, reader)

"""Text to rows: comments set aside, the delimiter found, lines cut into cells."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shirushi.describe import fixed_width
from shirushi.describe.readers import preambles
from shirushi.describe.readers.headers import Row

DELIMITERS = "\t,;|"
COMMENT = re.compile(r"\s*(?:#|%|//|!|\*{2,}|;;)")
_LONGEST_FIELD = 1_000_000
_MOST_LINES_IN_FIELD = 60


@dataclass(frozen=True, slots=True)
class Dialect:
    """``delimiter`` is '' where runs of blanks part the columns, or where they start at ``cuts``; ``quoted`` is False where quotes
    are plain characters."""

    delimiter: str
    quoted: bool = True
    cuts: tuple[int, ...] = ()


def rows_of_head(text: str, media_type: str) -> tuple[list[Row], Dialect]:
    """The rows at the top of a file, numbered as :func:`read_table` numbers them, and how they were told apart."""
    _, lines, offset = set_aside_comments(text)
    dialect = sniff(lines, media_type)
    rows = rows_of("\n".join(lines), dialect, offset)
    if runs_away(rows):
        dialect = Dialect(dialect.delimiter, quoted=False)
        rows = rows_of("\n".join(lines), dialect, offset)
    return rows, dialect


def cells_of_line(line: str, dialect: Dialect) -> list[str]:
    """The cells of one line, taken for a row."""
    return next((cells for _, cells in rows_of(line, dialect, 0)), [])


def set_aside_comments(text: str) -> tuple[list[Row], list[str], int]:
    """Comment lines at the top as (number, [text]), the other lines, and how many lines were taken off."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    taken = preambles.length(lines)
    remarks: list[Row] = [(number + 1, [line]) for number, line in enumerate(lines[:taken]) if line.strip()]
    for number, line in enumerate(lines[taken:], taken):
        if not line.strip():
            continue
        if not COMMENT.match(line):
            # "#" in front of the first line alone, with more columns behind it: that is the header itself.
            return remarks, lines[number:], number
        remarks.append((number + 1, [line]))
    return remarks, [], len(lines)


def sniff(lines: Sequence[str], media_type: str) -> Dialect:
    """The delimiter that parts the most lines into the same number of columns."""
    sample = [line for line in lines[:200] if line.strip()]
    best, best_score = ("\t" if "tab" in media_type else ","), 0.0
    for delimiter in DELIMITERS:
        score = _evenness([len(row) for _, row in rows_of("\n".join(sample), Dialect(delimiter), 0)])
        if delimiter == "\t" and "tab" in media_type:
            score *= 1.5
        if score > best_score:
            best, best_score = delimiter, score
    if best_score == 0:
        runs = [len(line.split()) for line in sample]
        numeric = [line for line in sample[1:] if _mostly_numbers(line.split())]
        if runs and _evenness(runs) > 0 and len(numeric) >= 0.8 * max(1, len(sample) - 1):
            best = ""
        if not runs or best != "" or runs[0] != max(set(runs), key=runs.count):
            cuts = fixed_width.cuts(sample)
            return Dialect("", cuts=cuts) if cuts else Dialect(best)
    return Dialect(best)


def _evenness(widths: Sequence[int]) -> float:
    """Share of rows with the usual number of columns, more for more columns; 0 when that is one, or it is no rule."""
    if not widths:
        return 0.0
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    share = widths.count(usual) / len(widths)
    return share * (1 + min(usual, 20) / 100) if usual > 1 and share >= 0.5 else 0.0


def _mostly_numbers(words: Sequence[str]) -> bool:
    return sum(1 for word in words if re.fullmatch(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?", word)) * 2 >= len(words) > 0


def runs_away(rows: Sequence[Row]) -> bool:
    """Whether a stray quote swallowed what follows it into one cell."""
    return any(cell.count("\n") > _MOST_LINES_IN_FIELD for _, row in rows for cell in row)


def rows_of(text: str, dialect: Dialect, offset: int) -> list[Row]:
    """Rows with their numbers; blank lines count but are left out."""
    if not dialect.delimiter:
        split = (
            (number, fixed_width.split(line, dialect.cuts) if dialect.cuts else line.split())
            for number, line in enumerate(text.split("\n"), offset + 1)
        )
        return [(number, cells) for number, cells in split if any(cells)]
    csv.field_size_limit(_LONGEST_FIELD)
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE
    lines = text.split("\n")
    reader = csv.reader(
        (line + "\n" for line in lines), delimiter=dialect.delimiter, quoting=quoting, skipinitialspace=True
    )
    rows: list[Row] = []
    number = offset
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error:  # a cell longer than any should be: the row is lost, the next may be well
            continue
        if cells is None:
            return rows
        if cells:
            rows.append((number, cells))

"""Where the table is among the rows of a file or sheet: lines before it, its header, a row of units, its data."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from shirushi.describe.readers import subheaders
from shirushi.describe.readers.cells import parse
from shirushi.describe.readers.codebook import roles
from shirushi.describe.readers.columns import Column
from shirushi.describe.readers.units import is_unit_row

Row = tuple[int, list[str]]
"""The number of a row (1-based, as a spreadsheet counts) and its cells."""

_LOOK = 60  # rows below the header that are looked at
_LONGEST_NAME = 200
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_MOST_NOTES = 10
_NOTE = re.compile(
    r"\s*(?:[※*†‡]|（?注|備考|出典|資料|(?:notes?|sources?|footnotes?|quelle|remarks?)\b\s*\d*\s*[:.）)])",
    re.IGNORECASE,
)
_FEWEST_ADDED = 2
_TOTAL = re.compile(
    r"(?:grand |sub-?)?totals?|(?:all|overall)(?: total)?|sums?|(?:gesamt)?summe|(?:ins)?gesamt|somme|totale?s?|suma|итого|всего"
    r"|(?:総|合|小)?計|総数|合計値",
    re.IGNORECASE,
)
_LOGGERS = ("TOA5", "TOB1", "TOACI1")  # Campbell's loggers tell of themselves in the first row
_TEXTUAL = ("string", "boolean")


@dataclass(slots=True)
class Table:
    """A table found in rows. ``header`` is empty when the table has none; ``before`` are the rows above it; ``row`` is the
    number of the header, or of the first row of data; ``totals`` are rows at the end that add up the others, which are no data."""

    header: list[str]
    units: list[str | None]
    data: list[Row]
    before: list[Row] = field(default_factory=list)
    row: int = 1
    width: int = 0
    labels: list[str | None] = field(default_factory=list)
    totals: list[Row] = field(default_factory=list)

    def columns(self, most: int) -> list[Column]:
        """Its columns, at most ``most``. In a table without a header they are named by their position."""
        result = []
        for i in range(min(self.width, most)):
            own = self.header[i].strip() if i < len(self.header) else ""
            values = [cells[i] if i < len(cells) else "" for _, cells in self.data]
            if not own and (any(self.header) or not any(value.strip() for value in values)):
                continue  # an index beside the table, or nothing at all
            unit = self.units[i] if i < len(self.units) else None
            label = self.labels[i] if i < len(self.labels) else None
            result.append(Column(own or f"column {i + 1}", i + 1, values, unit, named=bool(own), label=label))
        return result

    def unnamed(self) -> list[int]:
        """Positions (1-based) of columns that hold values without a name in a table that names its columns, the first aside: that
        is an index as a rule."""
        if not any(self.header):
            return []
        named = [bool(name.strip()) for name in self.header] + [False] * (self.width - len(self.header))
        held = {i for _, cells in self.data for i, cell in enumerate(cells) if cell.strip()}
        return [i + 1 for i in range(1, self.width) if not named[i] and i in held]


def find_table(rows: Sequence[Row], *, row_names: bool = False) -> Table | None:
    """The table in these rows, or None when all of them are empty. ``row_names`` allows for a first column that the header
    leaves out, as R's ``write.table`` does."""
    filled = [row for row in rows if any(cell.strip() for cell in row[1])]
    if not filled:
        return None
    width = _usual_width(filled)
    start = _behind_pairs(filled, _first_row(filled, width), width)
    if filled[0][1][0] in _LOGGERS and len(filled) > 2:
        start = max(start, 1)
    body = filled[start:]
    grouped = _grouped(filled, start, width)
    if grouped is not None:
        start, header = grouped
        body = filled[start + 1 :]
        rest = list(body[1:])
    else:
        header, rest = _split_header(body, width)
    units: list[str | None] = []
    if header and len(rest) > 1 and is_unit_row(rest[0][1]):
        units = [_bare(cell) for cell in rest[0][1]]
        rest = rest[1:]
    labels: list[str | None] = []
    if header:
        found = subheaders.below(header, rest)
        header, labels, rest = found.header, found.labels, rest[found.rows :]
        units = units or found.units
    rest, below = _without_notes(rest, width)
    totals: list[Row] = []
    if header and len(rest) > _FEWEST_ADDED and _adds_up(rest[-1][1], [cells for _, cells in rest[:-1]]):
        totals = [rest.pop()]
    if row_names and header and len(header) == width - 1 and _row_names(rest, width):
        header = ["", *header]
    return Table(
        header=header,
        units=units,
        data=rest,
        before=[*filled[:start], *below],
        row=body[0][0],
        width=max(width, len(header)),
        labels=labels,
        totals=totals,
    )


def _adds_up(last: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the last row calls itself a total and most of its numbers are the sums of those above."""
    name = next((cell.strip() for cell in last if cell.strip()), "")
    if not _TOTAL.fullmatch(name):
        return False
    told = [(i, n) for i, cell in enumerate(last) if (n := parse(cell).number) is not None and math.isfinite(n)]
    right = 0
    for i, number in told:
        above = [n for row in rows if i < len(row) and (n := parse(row[i]).number) is not None and math.isfinite(n)]
        right += len(above) > 1 and math.isclose(math.fsum(above), number, rel_tol=1e-3, abs_tol=1e-9)
    return right > 0 and 2 * right >= len(told)


def _without_notes(rows: Sequence[Row], width: int) -> tuple[list[Row], list[Row]]:
    """Rows of data, and the notes that stand below them: ``※欠測は×``, ``Source: …`` alone in the first cell."""
    end = len(rows)
    while (
        width > 2
        and end > 1
        and len(rows) - end < _MOST_NOTES
        and _width(rows[end - 1][1]) == 1
        and _NOTE.match(rows[end - 1][1][0])
    ):
        end -= 1
    return list(rows[:end]), list(rows[end:])


def _grouped(rows: Sequence[Row], start: int, width: int) -> tuple[int, list[str]] | None:
    """Where a header of two rows begins, groups above the names of columns, and each column's name with its group's before it.
    None when it is not such a header."""
    for top in (start - 1, start):
        if top >= 0 and top + 2 < len(rows) and rows[top + 1][0] == rows[top][0] + 1:
            above = [cell.strip() for cell in rows[top][1][:width]]
            names = [cell.strip() for cell in rows[top + 1][1][:width]]
            above += [""] * (width - len(above))
            names += [""] * (width - len(names))
            if _are_groups(above, names) and _is_header(
                names, [cells for _, cells in rows[top + 2 :][:_LOOK]], sure=True
            ):
                return top, _joined(above, names)
    return None


def _are_groups(above: Sequence[str], names: Sequence[str]) -> bool:
    """Whether one row's cells stand over several columns each, as merged cells are saved: once and then blank, or repeated."""
    filled = [cell for cell in [*above, *names] if cell]
    if not all(parse(cell).sort == "string" and len(cell) <= _LONGEST_NAME for cell in filled) or is_unit_row(
        list(names)
    ):
        return False
    if any(not a and not n for a, n in zip(above, names, strict=True)):
        return False
    spans: list[int] = []
    last = ""
    for cell, name in zip(above, names, strict=True):
        if cell and cell != last:
            spans.append(0)
            last = cell
        if spans and name:
            spans[-1] += 1
    wide = sum(1 for span in spans if span >= 2)
    alone = sum(1 for cell, name in zip(above, names, strict=True) if cell and not name)
    named = [name for name in names if name]
    return wide >= 2 or (wide == 1 and (alone > 0 or len(set(named)) < len(named)) and len(spans) >= 2)


def _joined(above: Sequence[str], names: Sequence[str]) -> list[str]:
    result, group = [], ""
    for cell, name in zip(above, names, strict=True):
        group = cell or group
        result.append(f"{group} {name}".strip() if name else cell)
    return result


def _usual_width(rows: Sequence[Row]) -> int:
    """How many columns rows usually have, empty ones at the end left out."""
    widths = Counter(_width(cells) for _, cells in rows)
    common, count = widths.most_common(1)[0]
    # Optional columns at the end leave most rows short: the widest that several rows share counts, too.
    wider = [width for width, number in widths.items() if width > common and number >= max(2, 0.05 * len(rows))]
    return max([common, *wider]) if count < len(rows) else common


def _width(cells: Sequence[str]) -> int:
    return max((i + 1 for i, cell in enumerate(cells) if cell.strip()), default=0)


def _first_row(rows: Sequence[Row], width: int) -> int:
    """The first row that is as full as a header or a row of data: titles and notes above the table are narrower."""
    need = max(2, 0.5 * width) if width > 1 else 1
    for number, (_, cells) in enumerate(rows[:_LOOK]):
        if sum(1 for cell in cells if cell.strip()) >= need:
            return number
    return 0


def _behind_pairs(rows: Sequence[Row], start: int, width: int) -> int:
    """The first row behind lines of a key and its value (``Station,Biwa``), which are as full as a narrow table: the next row that
    fills the width and surely names its columns. In a table of two columns a blank line must part them."""
    for number in range(start + 1, min(len(rows) - 1, start + _LOOK)):
        key, *more = rows[number - 1][1] or [""]
        if not key.strip() or parse(key).sort != "string" or sum(1 for cell in more if cell.strip()) > 1:
            return start
        here, cells = rows[number]
        parted = here > rows[number - 1][0] + 1
        full = _width(cells) == width and all(cell.strip() for cell in cells[:width])
        below = [row for _, row in rows[number + 1 :][:_LOOK]]
        names = [cell.strip() for cell in cells[:width]]
        if full and (width > 2 or parted) and (_is_header(names, below, sure=True) or (parted and roles(names))):
            return number
    return start


def _split_header(body: Sequence[Row], width: int) -> tuple[list[str], list[Row]]:
    first = [cell.strip() for cell in body[0][1]]
    rest = list(body[1:])
    if not rest:
        return (first, rest) if all(parse(cell).sort in _TEXTUAL for cell in first if cell) else ([], list(body))
    while len(first) > width and not first[-1]:
        first.pop()
    return (first, rest) if _is_header(first, [cells for _, cells in rest[:_LOOK]]) else ([], list(body))


def _is_header(first: Sequence[str], rows: Sequence[Sequence[str]], *, sure: bool = False) -> bool:
    """Whether a row names the columns below: by each column's vote, and when they are silent, by looking like names, unless it
    must be ``sure``."""
    if any(len(cell) > _LONGEST_NAME for cell in first):
        return False
    votes = 0
    for i, cell in enumerate(first):
        below = [row[i] for row in rows if i < len(row) and row[i].strip()]
        if below and cell:
            votes += _vote(cell, below)
    if votes or sure:
        return votes > 0
    names = [cell for cell in first if cell]
    repeated = len(set(names)) < len(names) or any(list(row[: len(first)]) == list(first) for row in rows)
    return bool(names) and not repeated and sum(1 for name in names if parse(name).sort == "string") * 2 >= len(names)


def _vote(cell: str, below: Sequence[str]) -> int:
    """+1: the cell names the column; -1: it is one of its values; 0: it might be either."""
    sorts = Counter(parse(value).sort for value in below)
    usual = sorts.most_common(1)[0][0]
    own = parse(cell).sort
    if usual in _TEXTUAL:
        return -1 if own == "string" and below.count(cell) > len(below) // 2 and len(below) > 2 else 0
    if own in _TEXTUAL or (own == "date" and usual in ("integer", "number")):
        return 1
    if _YEAR.fullmatch(cell):  # a column for each year is common; a first row of years among years is data
        return 0 if any(_YEAR.fullmatch(value.strip()) for value in below) else 1
    return 0 if own == "missing" else -1


def _row_names(rows: Sequence[Row], width: int) -> bool:
    return bool(rows) and all(len(cells) == width for _, cells in rows[:_LOOK])


def _bare(cell: str) -> str | None:
    return cell.strip().strip("()[]（）［］").strip() or None

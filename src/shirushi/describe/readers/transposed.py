"""Tables that lie on their side: each row is a variable (``Depth (cm) | 0 | 10 | 20``), each column a sample."""

from collections import Counter
from collections.abc import Sequence

from shirushi.describe.readers.cells import parse
from shirushi.describe.readers.columns import Column
from shirushi.describe.readers.subheaders import as_unit
from shirushi.describe.readers.units import split_header
from shirushi.describe.text import fold

FEWEST_ROWS, MOST_ROWS = 3, 300
FEWEST_SAMPLES = 3
MOST_SAMPLES = 2_000
ALIKE = 0.9  # so many rows must be of one sort each
_UNIT = frozenset({"unit", "units", "単位", "einheit", "uom"})
_TYPED = ("integer", "number", "date", "datetime", "time")

Row = tuple[int, list[str]]


def turned(header: Sequence[str], rows: Sequence[Row]) -> list[Column]:
    """The variables of a table on its side, the samples' names first; [] for any other table. Only where columns mix numbers with
    words or dates and rows do not, or where rows name their units."""
    if not (FEWEST_ROWS <= len(rows) <= MOST_ROWS and len(header) <= MOST_SAMPLES) or not header[0].strip():
        return []
    names = [cells[0].strip() if cells else "" for _, cells in rows]
    if not all(names) or len(set(map(fold, names))) < len(names) or any(parse(name).sort != "string" for name in names):
        return []
    with_units = len(header) > 1 and fold(header[1].strip()) in _UNIT
    first = 2 if with_units else 1
    samples = len(header) - first
    if samples < (2 if with_units else FEWEST_SAMPLES):
        return []
    values = [[cells[i] if i < len(cells) else "" for i in range(first, len(header))] for _, cells in rows]
    sorts = [_sorts(row) for row in values]
    if sum(len(sort) <= 1 for sort in sorts) < ALIKE * len(rows):
        return []
    units = [as_unit(cells[1]) if with_units and len(cells) > 1 else split_header(cells[0])[1] for _, cells in rows]
    told = sum(unit is not None for unit in units)
    mixed = sum(len(_sorts([row[i] for row in values])) > 1 for i in range(samples))
    typed = sum(bool(sort & set(_TYPED)) for sort in sorts)
    if not (mixed >= ALIKE * samples or (told >= max(2, len(rows) // 2) and typed >= 2)) or typed == 0:
        return []
    columns = [Column(header[0].strip(), 1, [cell.strip() for cell in header[first:]], row=None)]
    for (number, _), name, row, unit in zip(rows, names, values, units, strict=True):
        columns.append(Column(name, 1, row, unit if with_units else None, row=number))
    return columns


def _sorts(cells: Sequence[str]) -> set[str]:
    """The sorts of the values, whole numbers among others counted as numbers; a rare remark does not count."""
    found = Counter(sort for cell in cells if (sort := parse(cell).sort) != "missing")
    found["string"] += found.pop("boolean", 0)
    if "number" in found:
        found["number"] += found.pop("integer", 0)
    total = found.total()
    return {sort for sort, number in found.items() if number > 0.1 * total > 0}

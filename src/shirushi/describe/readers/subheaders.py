"""Rows between the names of columns and the data: units, longer names, formats, what a logger did (``Avg``), widths (``5s``).

They are told by the columns below: where numbers or dates stand, a row of words is none of them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from shirushi.describe.readers.cells import parse
from shirushi.describe.readers.units import is_unit
from shirushi.describe.text import fold

MOST = 4
LOOK = 60
_TYPED = ("integer", "number", "date", "datetime", "time")
_FORMAT = re.compile(
    r"(?:[YyMmDdHhSsTtJjAa]{1,4}|[年月日時分秒])(?:[-/.:\s_年月日時分秒]*[YyMmDdHhSsTtJjAa]{1,4})*[年月日時分秒Z]?"
)
_DATED = re.compile(r"[YyJj]{2,4}|[Hh]{2}|[Dd]{2}|[Mm]{2}|TT")
_CODE = re.compile(
    r"\d{1,3}[a-z]|avg|min|max|smp|tot|std|mean|sum|median|count|sd|str|string|text|char|varchar|int(?:eger)?|float|double|number|numeric|"
    r"date|datetime|time|bool(?:ean)?|category|factor|nominal|ordinal|continuous|categorical|discrete|class|meta|ts|rn|quantitative",
    re.IGNORECASE,
)
_DEGREES = re.compile(r"deg(?:rees?)?[ ._]?(?:[CFKNESW]|celsius|fahrenheit|north|east)?", re.IGNORECASE)
_NONE = frozenset({"-", "−", "–", "—", "--", "1", "ts", "rn"})
_AROUND = "()[]（）［］〔〕<>\"' "

Row = tuple[int, list[str]]


@dataclass(slots=True)
class Above:
    """What the rows above the data make of a header. Lists are as long as the header or empty."""

    header: list[str]
    units: list[str | None] = field(default_factory=list)
    labels: list[str | None] = field(default_factory=list)
    rows: int = 0  # how many rows below the header are none of the data


def below(header: Sequence[str], rows: Sequence[Row]) -> Above:
    """Look at the rows below a header."""
    found = Above(list(header))
    words: list[list[str]] = []
    for number in range(min(MOST, len(rows) - 2)):
        cells = [cell.strip() for cell in rows[number][1][: len(header)]]
        cells += [""] * (len(header) - len(cells))
        if not _is_above(cells, [row for _, row in rows[number + 1 :][:LOOK]]):
            break
        found.rows = number + 1
        if is_units(cells) and not found.units:
            found.units = [as_unit(cell) for cell in cells]
        elif not all(_CODE.fullmatch(cell) for cell in cells if cell):
            words.append(cells)
    if words:
        found.header, rest = _names([list(header), *words])
        if rest:
            found.labels = [cell or None for cell in rest[0]]
    return found


def _is_above(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether these cells stand over numbers and dates without being one, and never come again."""
    said = 0
    for i, cell in enumerate(cells):
        sort = parse(cell).sort
        values = [row[i].strip() for row in rows if i < len(row)]
        if not cell or sort == "missing" or not values:
            continue
        usual = Counter(kind for v in values if (kind := parse(v).sort) != "missing").most_common(1)
        if not usual or usual[0][0] not in _TYPED:
            continue
        if sort != "string" or cell in values or cell[0] in "<>≦≧≤≥":
            return False
        said += 1
    units = sum(1 for cell in cells if cell and unit_like(cell))
    return said >= 2 or (said == 1 and units == sum(1 for cell in cells if cell))


def unit_like(cell: str) -> bool:
    """A unit as a row of units has it: also with a capital (``Deg C``), in brackets, or a format of dates (``YYYY-MM-DD``)."""
    bare = cell.strip(_AROUND)
    return fold(bare) in _NONE or is_format(bare) or as_unit(cell) is not None


def is_format(text: str) -> bool:
    """``YYYY-MM-DD``, ``TT.MM.JJJJ``, ``hh:mm``, ``年/月/日``."""
    return bool(_FORMAT.fullmatch(text)) and (
        len(_DATED.findall(text)) >= 2 or len(re.findall("[年月日時分秒]", text)) >= 2
    )


def as_unit(cell: str) -> str | None:
    """The unit that a cell is, None where it is none."""
    bare = cell.strip(_AROUND)
    if not bare or fold(bare) in _NONE or is_format(bare):
        return None
    if _DEGREES.fullmatch(bare):
        return bare
    lower = fold(bare) if len(bare) >= 4 else bare
    return bare if is_unit(bare) or is_unit(lower) else None


def is_units(cells: Sequence[str]) -> bool:
    """Whether a row above the data holds units: most of its cells are one, at least one of them a real one."""
    filled = [cell for cell in cells if cell]
    real = sum(1 for cell in filled if as_unit(cell) is not None)
    return real > 0 and sum(1 for cell in filled if unit_like(cell)) >= 0.6 * len(filled)


def _names(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """The names of columns: the row with the most different words, the first of them; what differs below a repeated name is
    added to it. Rows below that add nothing to names are left over."""
    best = max(range(len(rows)), key=lambda n: (len({cell for cell in rows[n] if cell}), -n))
    above = [row for row in rows[:best] if len({cell for cell in row if cell}) > 1]
    names, rest = list(rows[best]), rows[best + 1 :]
    for row in reversed(above):
        names = [f"{group} {name}".strip() if group != name else name for group, name in zip(row, names, strict=True)]
    if rest and len(set(names)) < len(names):
        joined = [f"{name} {more}".strip() for name, more in zip(names, rest[0], strict=True)]
        if len(set(joined)) > len(set(names)):
            return joined, rest[1:]
    return names, rest

"""The profile of a column: its type, range, missing values and examples; and the space and time that columns tell of."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shirushi.describe.evidence import JSON
from shirushi.describe.readers.cells import Cell, compact_date, is_sentinel, parse, swap_day_and_month
from shirushi.describe.readers.units import split_header

MOST_COLUMNS = 1_500
EXAMPLES = 5
EXAMPLE_LENGTH = 60
MOST_DISTINCT = 1_000
BINS = 16
FEWEST_BINNED = 5  # different values: fewer make no shape
AGREE = 0.9  # so much of a column must be of a type; the rest are remarks like "<0.1" or "trace"

_DATE_NAME = re.compile(r"date|day|日付|年月日|日時|(?:^|_)ymd(?:$|_)|測定日|採取日|調査日", re.IGNORECASE)
_YEAR_NAME = re.compile(r"(?:^|[\W_])(?:year|yr|annee|jahr|ano|年|年度|西暦)(?:$|[\W_])|year$|年$|年度$", re.IGNORECASE)
NOT_OBSERVED = re.compile(
    r"birth|born|(?:^|[\W_])dob(?:$|[\W_])|publi|modif|updat|upload|download|access|issued|creat|retriev|version|誕生|生年|更新|公開|登録|作成",
    re.IGNORECASE,
)
_LATITUDE = re.compile(
    r"(?:^|[\W_])lat(?:itude)?(?:$|[\W_\d])|^latitude|(?:L|l)atitude$|緯度|^lat_|_lat$", re.IGNORECASE
)
_LONGITUDE = re.compile(
    r"(?:^|[\W_])(?:lon|lng|long)(?:gitude)?(?:$|[\W_\d])|^longitude|(?:L|l)ongitude$|経度|^lon_|_lon$", re.IGNORECASE
)
# Where somebody lives is no place of the data
_NOT_A_PLACE = re.compile(
    r"(?:^|[\W_])home(?:$|[\W_])|residen|patient|respondent|自宅|住所|uncertain|precision|error|accuracy|datum|count|verbatim|direction",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table as read: ``values`` are strings, '' where a row has none; ``unit`` from a row of units."""

    name: str
    position: int  # 1-based
    values: Sequence[str]
    unit: str | None = None
    named: bool = True  # False when the table gives no name and ``name`` was made up
    label: str | None = None  # a longer name from a row below the header
    row: int | None = None  # of a table on its side: where the variable stands


@dataclass(slots=True)
class Profile:
    """What a column's values are. ``low`` and ``high`` are numbers, or ISO dates for dates and times."""

    column: Column
    type: str
    missing: int
    count: int
    distinct: int | None
    examples: list[str]
    unit: str | None
    label: str | None
    low: float | str | None = None
    high: float | str | None = None
    formatted: bool = False
    histogram: list[int] | None = None
    withheld: bool = False  # the range would tell of a person

    def withhold(self) -> None:
        """Leave out the range for good, from an exact profile too."""
        self.low = self.high = self.histogram = None
        self.withheld = True

    def value(self, *, sampled: bool, sheet: str | None = None) -> dict[str, JSON]:
        """The value of ``column`` evidence."""
        data: dict[str, JSON] = {
            "name": self.column.name,
            "position": self.column.position,
            "type": self.type,
            "unit": self.unit,
            "label": self.label,
            "minimum": _plain(self.low),
            "maximum": _plain(self.high),
            "histogram": self.histogram,
            "missing": self.missing,
            "count": self.count,
            "distinct": self.distinct,
            "sampled": sampled,
            "examples": self.examples,
            "sheet": sheet,
            "formatted": self.formatted or None,
            "withheld": self.withheld or None,
        }
        return {key: item for key, item in data.items() if item is not None}


def profile(column: Column) -> Profile:
    """Look at every value of a column."""
    return profile_counted(column, Counter(column.values))


@dataclass(frozen=True, slots=True)
class Readings:
    """What the values of a column mean together: their ``type``, and of each value (as it stands in the file) its cell and the
    plain text that the cell was read from. ``currency`` is a sign of money that stands at all of them, or ''."""

    type: str
    cells: dict[str, Cell]
    plain: dict[str, str]
    currency: str


def readings(name: str, counted: Counter[str]) -> Readings:
    """Read all different values of a column of that name, each counted, in the light of the others: marks and stand-ins of missing
    values, decimal commas, signs of money."""
    currency = _currency(counted)
    bare = {value: value.replace(currency, "", 1).strip() if currency else value.strip() for value in counted}
    cells = {value: parse(text) for value, text in bare.items()}
    if _is_continental([text for value, text in bare.items() if cells[value].sort != "missing"]):
        bare |= {v: text.replace(".", "").replace(",", ".") for v, text in bare.items() if cells[v].sort != "missing"}
        cells |= {v: parse(bare[v]) for v in bare if cells[v].sort != "missing"}
    kind = _decide(name, counted, cells)
    if kind in ("integer", "number"):
        _drop_sentinels(counted, cells)
    return Readings(kind, cells, bare, currency)


def profile_counted(column: Column, counted: Counter[str]) -> Profile:
    """The profile from how often each value stands in the column; ``column.values`` is not looked at."""
    read = readings(column.name, counted)
    kind, cells, currency = read.type, read.cells, read.currency
    present = [value for value in counted if cells[value].sort != "missing"]
    missing = sum(number for value, number in counted.items() if cells[value].sort == "missing")
    label, unit = split_header(column.name) if column.named else (column.name, None)
    if unit is not None and kind == "string" and present:
        label, unit = column.name, None
    if column.unit is None and unit is None and present and all(value.strip().endswith("%") for value in present):
        unit = "%"
    if column.unit is None and unit is None and kind in ("integer", "number"):
        unit = currency or None
    result = Profile(
        column=column,
        type=kind,
        missing=missing,
        count=counted.total(),
        distinct=len(present) if len(present) <= MOST_DISTINCT else None,
        examples=[value.strip()[:EXAMPLE_LENGTH] for value in present[:EXAMPLES]],
        unit=column.unit or unit,
        label=column.label or (label if label != column.name else None),
    )
    result.low, result.high = _range(kind, present, cells)
    plain = _PLAIN.get(kind)
    result.formatted = plain is not None and not all(plain.fullmatch(value) for value in present)
    if isinstance(result.low, int | float) and isinstance(result.high, int | float) and len(present) >= FEWEST_BINNED:
        result.histogram = histogram(float(result.low), float(result.high), counted, cells)
    return result


_CONTINENTAL = re.compile(r"[+\-]?\d{1,3}(?:\.\d{3})*(?:,\d+)?|[+\-]?\d+(?:,\d+)?")
# What can only be written so: two points, or a point for thousands before a comma for decimals
_SURELY_CONTINENTAL = re.compile(r"[+\-]?\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|[+\-]?\d{1,3}(?:\.\d{3})+,\d+")
_CURRENCY = re.compile(r"[+\-]?\s?([$€£¥￥₩₹])\s?[+\-]?[\d.,]+|[+\-]?[\d.,]+\s?([$€£¥￥₩₹円])")


def _is_continental(present: Sequence[str]) -> bool:
    """Whether numbers are written as 1.234.567,89: one of them surely is, and all of them may be."""
    return any(map(_SURELY_CONTINENTAL.fullmatch, present)) and all(map(_CONTINENTAL.fullmatch, present))


def _currency(counted: Counter[str]) -> str:
    """The sign of money that stands at every number of the column, or ''."""
    first = next((value.strip() for value in counted if value.strip()), "")
    match = _CURRENCY.fullmatch(first)
    if match is None:
        return ""
    sign = match[1] or match[2]
    rest = (value.strip() for value in counted)
    return sign if all(sign in value or parse(value).sort in ("missing", "integer") for value in rest) else ""


_NUMBER = re.compile(r"[+\-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+\-]?\d+)?", re.ASCII)
_DAY = r"\d{4}-\d{2}-\d{2}"
_PLAIN = {
    "integer": re.compile(r"[+\-]?\d+", re.ASCII),
    "number": _NUMBER,
    "date": re.compile(_DAY, re.ASCII),
    "datetime": re.compile(_DAY + r"[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+\-]\d{2}:?\d{2})?", re.ASCII),
}


def _decide(name: str, counted: Counter[str], cells: dict[str, Cell]) -> str:
    sorts: Counter[str] = Counter()
    for value, number in counted.items():
        sorts[cells[value].sort] += number
    numbers = sorts["integer"] + sorts["number"]
    # among numbers, signs without a letter or digit (/// or #) say that there is none; + beside 0 and - is a value
    if numbers > sorts["string"] > 0 and "+" not in counted:
        for value, number in counted.items():
            if cells[value].sort == "string" and not any(c.isalnum() or c in "+-±<>=" for c in value):
                cells[value] = _MISSING
                sorts.update({"string": -number, "missing": number})
    total = sum(sorts.values()) - sorts["missing"]
    if total == 0:
        return "string"
    if sorts["integer"] == total and _DATE_NAME.search(name) and _all_compact(counted, cells):
        return "date"
    if sorts["boolean"] == total:
        return "boolean" if _both_ways(counted, cells) else "string"
    numbers = sorts["integer"] + sorts["number"]
    if numbers >= AGREE * total:
        return "number" if sorts["number"] else "integer"
    for kind in ("date", "datetime", "time"):
        if sorts[kind] >= AGREE * total:
            return kind
    if sorts["date"] + sorts["datetime"] >= AGREE * total:
        return "datetime"
    # Years among dates ("2016", "2016-05"): a date known less exactly.
    if sorts["date"] > sorts["integer"] > 0 and sorts["date"] + sorts["integer"] >= AGREE * total:
        return "date"
    return "string"


def _all_compact(counted: Counter[str], cells: dict[str, Cell]) -> bool:
    return all(compact_date(value) for value in counted if cells[value].sort != "missing")


def _both_ways(counted: Counter[str], cells: dict[str, Cell]) -> bool:
    """Single letters mean truth values only when both are there: a column of "F" may be sex or a grade."""
    words = {value.strip().casefold() for value in counted if cells[value].sort == "boolean"}
    single = {word for word in words if len(word) == 1}
    return not single or single == {"t", "f"}


def _drop_sentinels(counted: Counter[str], cells: dict[str, Cell]) -> None:
    """Count -999 and its like as missing when all other values are far above it."""
    sentinels = [value for value in counted if is_sentinel(value)]
    others = [c.number for v, c in cells.items() if c.number is not None and v not in sentinels]
    nines = {value for value, number in counted.items() if number > 1 and _NINES.fullmatch(value.strip())}
    plain = [c.number for v, c in cells.items() if c.number is not None and v not in nines and not _is_fill(c.number)]
    top = max(plain, default=-1.0)
    for value, cell in list(cells.items()):
        if cell.number is not None and plain:
            far = value in nines and 0 <= top < cell.number / 3
            if far or _is_fill(cell.number):
                cells[value] = _MISSING
    if not sentinels or not others:
        return
    for value in sentinels:
        number = cells[value].number
        if number is not None and min(others) > number / 2:
            cells[value] = Cell("missing")


_MISSING = Cell("missing")
_NINES = re.compile(r"9{3,}(?:\.[09]+)?")


def _is_fill(number: float) -> bool:
    """The default fill values of netCDF and others: nothing that is measured is so large. One beyond double precision is a value that
    this machine cannot hold, and no mark."""
    return 9e35 < abs(number) < math.inf or abs(number) in (1e20, 1e30, 1e34)


def _range(kind: str, present: Sequence[str], cells: dict[str, Cell]) -> tuple[float | str | None, float | str | None]:
    if kind in ("integer", "number"):
        numbers = [n for v in present if (n := cells[v].number) is not None and math.isfinite(n)]
        return (min(numbers), max(numbers)) if numbers else (None, None)
    if kind in ("date", "datetime", "time"):
        moments = _moments(present, cells)
        return (min(moments), max(moments)) if moments else (None, None)
    return None, None


def histogram(low: float, high: float, counted: Counter[str], cells: dict[str, Cell]) -> list[int] | None:
    """How many values lie in each of :data:`BINS` equal parts of the range; None when the range has no width to divide."""
    width = (high - low) / BINS
    if not (width > 0 and math.isfinite(width)):
        return None
    bins = [0] * BINS
    for value, number in counted.items():
        place = cells[value].number
        if cells[value].sort != "missing" and place is not None and low <= place <= high:
            bins[min(int((place - low) / width), BINS - 1)] += number
    return bins


def _moments(present: Sequence[str], cells: dict[str, Cell]) -> list[str]:
    """ISO dates of a column, with day and month in the one order that fits all of them; none when it cannot be told."""
    found = [cells[value] for value in present]
    orders = {cell.order for cell in found if cell.order is not None}
    if orders == {""} or {"dmy", "mdy"} <= orders:
        return []
    moments: list[str] = []
    for value, cell in zip(present, found, strict=True):
        moment = (
            cell.moment or compact_date(value) or (value.strip() if re.fullmatch(r"\d{4}", value.strip()) else None)
        )
        if moment and "mdy" in orders and cell.order == "":
            moment = swap_day_and_month(moment)
        if moment:
            moments.append(moment)
    return moments


def _plain(value: float | str | None) -> float | int | str | None:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def time_ranges(profiles: Sequence[Profile]) -> Iterator[tuple[Profile, dict[str, JSON]]]:
    """(column, value of ``time-range`` evidence) for every column that says when something was observed."""
    for item in profiles:
        name = item.column.name
        if item.low is None or item.high is None or NOT_OBSERVED.search(name):
            continue
        count = item.count - item.missing
        if item.type in ("date", "datetime"):
            yield item, {"start": str(item.low)[:10], "end": str(item.high)[:10], "count": count, "column": name}
        elif item.type == "integer" and _YEAR_NAME.search(name) and 1500 <= float(item.low) <= float(item.high) <= 2100:
            yield item, {"start": str(_plain(item.low)), "end": str(_plain(item.high)), "count": count, "column": name}


def times_in_names(names: Sequence[str]) -> dict[str, JSON] | None:
    """Value of ``time-range`` evidence of a wide table whose columns are years or days: ``1990 | 1991 | …``, ``1/22/20 | 1/23/20``."""
    years = [int(m[1]) for name in names if (m := _A_YEAR.fullmatch(name.strip()))]
    if len(years) >= FEWEST_TIMES and years in (sorted(set(years)), sorted(set(years), reverse=True)):
        return {"start": str(min(years)), "end": str(max(years)), "count": len(years)}
    found = [parse(_SHORT_YEAR.sub(r"\g<1>20\2", name.strip())) for name in names]
    orders = {cell.order for cell in found if cell.sort == "date"}
    days = [cell.moment for cell in found if cell.sort == "date" and cell.moment]
    if "mdy" in orders and "dmy" not in orders:
        days = [
            (swap_day_and_month(day) or day) if cell.order == "" else day
            for cell in found
            if cell.sort == "date" and (day := cell.moment)
        ]
    if len(set(days)) >= FEWEST_TIMES and orders != {""}:
        return {"start": min(days), "end": max(days), "count": len(days)}
    return None


FEWEST_TIMES = 3
_A_YEAR = re.compile(r"(?:X|Y|yr|year|FY|CY|y|)?[\s_]?((?:1[5-9]|20)\d\d)(?:年度?|\s?\[YR\d{4}\])?", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"^(\d{1,2}/\d{1,2}/)(\d\d)$")


def extents(profiles: Sequence[Profile]) -> Iterator[tuple[Profile, dict[str, JSON]]]:
    """(latitude column, value of ``coordinates`` evidence) for every pair of latitude and longitude columns."""
    for latitude, partner in pairs(profiles, lambda one, other: bool(_extent(one.column.values, other.column.values))):
        value = _extent(latitude.column.values, partner.column.values)
        if value:
            yield latitude, value


def pairs(
    profiles: Sequence[Profile], fit: Callable[[Profile, Profile], bool] = lambda one, other: True
) -> Iterator[tuple[Profile, Profile]]:
    """Every latitude column with its longitude column. A longitude that does not ``fit`` is free for the next."""
    longitudes = [item for item in profiles if _is_degrees(item, _LONGITUDE, 360)]
    for latitude in (item for item in profiles if _is_degrees(item, _LATITUDE, 90)):
        partner = _partner(latitude, longitudes)
        if partner is not None and fit(latitude, partner):
            longitudes.remove(partner)
            yield latitude, partner


def _is_degrees(item: Profile, name: re.Pattern[str], most: float) -> bool:
    if item.type not in ("integer", "number") or item.low is None or item.high is None:
        return False
    if not name.search(item.column.name) or _NOT_A_PLACE.search(item.column.name):
        return False
    return -min(most, 180) <= float(item.low) and float(item.high) <= most


def _partner(latitude: Profile, longitudes: Sequence[Profile]) -> Profile | None:
    """The longitude nearest to this latitude column."""
    return min(longitudes, key=lambda item: abs(item.column.position - latitude.column.position), default=None)


def _extent(latitudes: Sequence[str], longitudes: Sequence[str]) -> dict[str, JSON] | None:
    points: set[tuple[float, float]] = set()
    for north, east in zip(latitudes, longitudes, strict=True):
        y, x = parse(north).number, parse(east).number
        if y is not None and x is not None and -90 <= y <= 90 and -180 <= x <= 360 and not is_sentinel(east):
            points.add((y, x - 360 if x > 180 else x))
    if not points:
        return None
    south, north_ = min(y for y, _ in points), max(y for y, _ in points)
    west, east_ = min(x for _, x in points), max(x for _, x in points)
    return {"west": west, "south": south, "east": east_, "north": north_, "points": len(points)}

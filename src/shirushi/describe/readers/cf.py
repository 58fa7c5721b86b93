"""What the CF and ACDD conventions say about arrays: where, when, in which unit. Shared by the netCDF and HDF5 readers.

Sources: CF Metadata Conventions 1.11, sections 4.1, 4.2 (latitude, longitude) and 4.4 (time, calendars); Attribute
Convention for Data Discovery 1.3. Paths of places: ``/group/variable``, ``/group/variable@attribute``, ``/@attribute``.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from shirushi.describe.evidence import JSON, AttributePlace, Evidence

MOST_VALUES = 500_000  # numbers read from one variable to know its range
MAX_ATTRIBUTE = 20_000  # characters of an attribute's value
MAX_QUOTE = 300
MAX_ITEMS = 50

_LATITUDE_UNITS = {"degrees_north", "degree_north", "degree_n", "degrees_n", "degreen", "degreesn"}
_LONGITUDE_UNITS = {"degrees_east", "degree_east", "degree_e", "degrees_e", "degreee", "degreese"}
_LATITUDE_NAMES, _LONGITUDE_NAMES = {"lat", "latitude", "緯度"}, {"lon", "long", "longitude", "経度"}
_SINCE = re.compile(
    r"^\s*([A-Za-z]+)\s+since\s+(\d{1,4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?)?"
)
_DAYS = {"s": 1 / 86_400, "second": 1 / 86_400, "sec": 1 / 86_400, "m": 1 / 1440, "minute": 1 / 1440, "min": 1 / 1440, "h": 1 / 24,
    "hour": 1 / 24, "hr": 1 / 24, "d": 1.0, "day": 1.0, "week": 7.0, "ms": 1 / 86_400_000, "millisecond": 1 / 86_400_000,
    "msec": 1 / 86_400_000, "microsecond": 1 / 86_400e6, "nanosecond": 1 / 86_400e9}  # fmt: skip
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CALENDAR_DAYS = {"noleap": 365, "365_day": 365, "all_leap": 366, "366_day": 366, "360_day": 360}
_HUGE = 1e30  # the usual fill values (9.97e36, 1e35) are beyond


@dataclass(frozen=True, slots=True)
class Array:
    """A variable of a file. ``values`` reads its numbers when called, or is None where that would cost too much."""

    name: str
    group: str  # "" for the root, else "/a/b"
    shape: tuple[int, ...]
    dtype: str
    dimensions: tuple[str, ...] = ()
    attributes: Mapping[str, JSON] = field(default_factory=dict)
    values: Callable[[], Sequence[float]] | None = None

    @property
    def path(self) -> str:
        return f"{self.group}/{self.name}"

    def text(self, name: str) -> str:
        """An attribute that is text, or ''."""
        value = self.attributes.get(name)
        return value.strip() if isinstance(value, str) else ""

    def said(self, *names: str) -> str:
        """The first of these attributes that is text, in any case of letters, or ''."""
        texts = {key.lower(): value.strip() for key, value in self.attributes.items() if isinstance(value, str)}
        return next((text for name in names if (text := texts.get(name))), "")


@dataclass(frozen=True, slots=True)
class Extent:
    """``around``: for longitudes beyond 180, their west and east ends."""

    low: float
    high: float
    count: int
    around: tuple[float, float] | None = None


def attribute_path(owner: str, name: str) -> str:
    """``owner`` is a path ('' or '/' for the root)."""
    return f"{owner or '/'}@{name}"


def shown(value: JSON) -> str:
    """A value as the viewer shows it, and so as places quote it."""
    return value if isinstance(value, str) else ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def attribute(file: str, owner: str, name: str, value: JSON, reader: str) -> Evidence:
    place = AttributePlace(file, attribute_path(owner, name), quote=shown(value)[:MAX_QUOTE])
    return Evidence("attribute", {"name": name, "value": value, "owner": owner.strip("/")}, place, reader)


def text_variable(file: str, path: str, text: str, reader: str) -> Evidence:
    """A variable that holds one text, as the attribute that it could have been."""
    owner, _, name = path.rpartition("/")
    value = {"name": name, "value": text, "owner": owner.strip("/")}
    return Evidence("attribute", value, AttributePlace(file, path, quote=text[:MAX_QUOTE]), reader)


def array_evidence(file: str, array: Array, extent: Extent | None, reader: str) -> Evidence:
    value: dict[str, JSON] = {
        "name": array.name,
        "shape": list(array.shape),
        "dtype": "float64" if "scale_factor" in array.attributes and "int" in array.dtype else array.dtype,
        "group": array.group.strip("/"),
    }
    optional = {
        "dimensions": list(array.dimensions) or None,
        "unit": array.said("units", "unit", "unit_name") or None,
        "long_name": array.said("long_name", "longname", "title", "description", "label", "definition", "comment")
        or None,
        "standard_name": array.text("standard_name") or None,
        "minimum": extent and extent.low,
        "maximum": extent and extent.high,
    }
    value |= {key: item for key, item in optional.items() if item is not None}
    return Evidence("array", value, AttributePlace(file, array.path, quote=array.name[:MAX_QUOTE]), reader)


def extent_of(array: Array) -> Extent | None:
    """Smallest and largest value, fill values and NaN left out, scale and offset applied; None when unknown."""
    if array.values is None:
        return None
    fills = {
        float(fill)
        for name in ("_FillValue", "missing_value")
        for fill in _numbers(array.attributes.get(name))
        if not math.isnan(fill)
    }
    good = [v for v in array.values() if v not in fills and -_HUGE < v < _HUGE]
    if not good:
        return None
    if wrap := _unsigned(array):
        good = [v % wrap for v in good]
    scale = next(iter(_numbers(array.attributes.get("scale_factor"))), 1.0)
    offset = next(iter(_numbers(array.attributes.get("add_offset"))), 0.0)
    low, high = sorted((min(good) * scale + offset, max(good) * scale + offset))
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    around = _short_way(good) if is_longitude(array) and high > 180 and scale == 1 and not offset else None
    return Extent(_short(low), _short(high), len(good), around)


def _unsigned(array: Array) -> int:
    """What to wrap at when whole numbers without sign are packed as signed ones (attribute ``_Unsigned``), else 0."""
    bits = array.dtype.removeprefix("int")
    return 2 ** int(bits) if array.text("_Unsigned").lower() == "true" and bits in ("8", "16", "32") else 0


def _short_way(longitudes: Sequence[float]) -> tuple[float, float]:
    """West and east ends of longitudes counted from 0 to 360: what is left of the circle without its widest gap, or all of
    it when the widest gap is only a step of the grid."""
    places = sorted({longitude % 360 for longitude in longitudes})
    if len(places) == 1:
        return _wrap(places[0]), _wrap(places[0])
    gaps = [after - before for before, after in pairwise([*places, places[0] + 360])]
    widest = max(range(len(gaps)), key=gaps.__getitem__)
    if gaps[widest] <= max(1.0, 1.5 * sorted(gaps)[len(gaps) // 2]):
        return -180.0, 180.0
    return _wrap(places[(widest + 1) % len(places)]), _wrap(places[widest])


def _short(value: float) -> float:
    """Seven significant digits: what a float32 holds, without the tail that float64 shows."""
    return float(f"{value:.7g}") if abs(value) < 1e6 else value


def _numbers(value: JSON) -> list[float]:
    items = value if isinstance(value, list) else [value]
    return [float(item) for item in items if isinstance(item, int | float) and not isinstance(item, bool)]


def describe(
    file: str, root: Mapping[str, JSON], arrays: Sequence[Array], reader: str, texts: Mapping[str, str] | None = None
) -> Iterator[Evidence]:
    """Everything about a file's arrays: its attributes, each array with its own, and where and when they lie.

    ``texts`` are variables that hold one text (path to text), which say what an attribute would.
    """
    for name, value in root.items():
        yield attribute(file, "", name, value, reader)
    for path, text in (texts or {}).items():
        yield text_variable(file, path, text, reader)
    extents: dict[str, Extent] = {}
    for array in arrays:
        extent = extent_of(array)
        if extent is not None:
            extents[array.path] = extent
        yield array_evidence(file, array, extent, reader)
        for name, value in array.attributes.items():
            yield attribute(file, array.path, name, value, reader)
    yield from space_and_time(file, root, arrays, extents, reader)


def space_and_time(
    file: str, root: Mapping[str, JSON], arrays: Sequence[Array], extents: Mapping[str, Extent], reader: str
) -> Iterator[Evidence]:
    """Where and when arrays lie, by their extents and by what the file says of itself."""
    yield from _where(file, root, arrays, extents, reader)
    yield from _when(file, root, arrays, extents, reader)


def _where(
    file: str, root: Mapping[str, JSON], arrays: Sequence[Array], extents: Mapping[str, Extent], reader: str
) -> Iterator[Evidence]:
    for group in dict.fromkeys(array.group for array in arrays):
        inside = [array for array in arrays if array.group == group and array.path in extents]
        latitude = next((a for a in inside if is_latitude(a)), None)
        longitude = next((a for a in inside if is_longitude(a)), None)
        if latitude is None or longitude is None:
            continue
        box = box_of(extents[longitude.path], extents[latitude.path])
        if box is not None:
            place = AttributePlace(file, latitude.path, quote=latitude.name)
            yield Evidence("coordinates", box, place, reader)
    names = [
        f"geospatial_{axis}_{end}" for axis, end in (("lon", "min"), ("lat", "min"), ("lon", "max"), ("lat", "max"))
    ]
    stated = [_number(root.get(name)) for name in names]
    if None not in stated:
        west, south, east, north = (float(value) for value in stated if value is not None)
        box = box_of(Extent(west, east, 0), Extent(south, north, 0))
        if box is not None:
            quote = shown(root[names[1]])[:MAX_QUOTE]
            yield Evidence("coordinates", box, AttributePlace(file, attribute_path("", names[1]), quote=quote), reader)


def _number(value: JSON) -> float | None:
    """A number, also when an attribute holds it as text."""
    try:
        number = float(value if not isinstance(value, list) else value[0])
    except (TypeError, ValueError, IndexError):
        return None
    return number if math.isfinite(number) else None


def is_latitude(array: Array) -> bool:
    return _is(array, "latitude", _LATITUDE_UNITS, _LATITUDE_NAMES)


def is_longitude(array: Array) -> bool:
    return _is(array, "longitude", _LONGITUDE_UNITS, _LONGITUDE_NAMES)


def _is(array: Array, standard: str, units: set[str], names: set[str]) -> bool:
    said = array.text("standard_name").lower()
    unit = array.text("units").lower()
    return said == standard or (not said and (unit in units or array.name.lower() in names))


def box_of(longitude: Extent, latitude: Extent) -> dict[str, JSON] | None:
    """A box in WGS 84 degrees; 0–360 longitudes are turned to ±180, and one over the antimeridian has west > east."""
    if not (-90 <= latitude.low <= latitude.high <= 90 and longitude.low >= -360 and longitude.high <= 360):
        return None
    if longitude.around is not None:
        west, east = (_short(edge) for edge in longitude.around)
    elif longitude.high - longitude.low >= 355:  # a grid's last column stops one step before the first
        west, east = -180.0, 180.0
    else:
        west, east = _wrap(longitude.low), _wrap(longitude.high)
    points = longitude.count if longitude.count == latitude.count else longitude.count * latitude.count
    return {"west": west, "south": latitude.low, "east": east, "north": latitude.high, "points": points}


def _wrap(degrees: float) -> float:
    if -180 <= degrees <= 180:
        return degrees
    return round((degrees + 180) % 360 - 180, 7)


def _when(
    file: str, root: Mapping[str, JSON], arrays: Sequence[Array], extents: Mapping[str, Extent], reader: str
) -> Iterator[Evidence]:
    for array in arrays:
        extent, units = extents.get(array.path), array.text("units")
        if extent is None or not _is_time_axis(array):
            continue
        calendar = array.text("calendar") or "standard"
        if " since " in units:
            start, end = (decode_time(value, units, calendar) for value in (extent.low, extent.high))
        else:
            start, end = (_written_out(value, units) for value in (extent.low, extent.high))
        if start and end:
            value = {"start": start, "end": end, "count": extent.count}
            yield Evidence("time-range", value, AttributePlace(file, array.path, quote=array.name), reader)
    start, end = (iso_date(root.get(f"time_coverage_{edge}")) for edge in ("start", "end"))
    if start:
        path = attribute_path("", "time_coverage_start")
        place = AttributePlace(file, path, quote=shown(root["time_coverage_start"])[:MAX_QUOTE])
        yield Evidence("time-range", {"start": start, "end": end or start, "count": 0}, place, reader)


def _written_out(value: float, units: str) -> str | None:
    """A time written as its digits, ``20150131`` or ``201501`` (``day as %Y%m%d.%f``); a year by a unit that says so."""
    digits = str(int(value))
    if units and not re.search(r"as %Y|yyyymm|^years?$|^yr$|^a$", units, re.IGNORECASE):
        return None
    found = re.fullmatch(r"((?:1[5-9]|20)\d\d)(?:(\d\d)(\d\d)?)?", digits)
    if found is None or (found[2] is None and not units):
        return None
    return iso_date("-".join(part for part in found.groups() if part))


def _is_time_axis(array: Array) -> bool:
    """Dates in data may be anything (a launch, a reference); an axis or an observation's own time is what covers."""
    name = array.name.lower()
    return (
        array.text("standard_name") == "time"
        or array.text("axis").upper() == "T"
        or array.dimensions == (array.name,)
        or name in ("time", "times", "juld", "date", "datetime", "obstime")
    ) and not name.endswith(("bnds", "bounds"))


def iso_date(value: JSON) -> str | None:
    """The date at the head of an ISO 8601 time (``20240131T…`` too), as far as it is given; None when it is none."""
    if not isinstance(value, str):
        return None
    found = re.match(r"\s*(\d{4})-?(\d{2})?-?(\d{2})?(?!\d*-?\d*[a-su-z])", value)
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join(part for part in (year, month, day if month else None) if part)


def decode_time(value: float, units: str, calendar: str = "standard") -> str | None:
    """The date of ``value`` in CF time ``units`` (``days since 1950-01-01``), or None when it cannot be told.

    Months and years count calendar months, as writers mean them, not udunits' 30.44 and 365.24 days.
    """
    found = _SINCE.match(units)
    if found is None or not math.isfinite(value):
        return None
    unit = found[1].lower()
    unit = unit.removesuffix("s") if unit.removesuffix("s") in (*_DAYS, "month", "year", "yr") else unit
    year, month, day = (int(part) for part in found.group(2, 3, 4))
    hour, minute, second = (float(part or 0) for part in found.group(5, 6, 7))
    start = (hour + minute / 60 + second / 3600) / 24
    if unit in ("month", "year", "yr"):
        months = math.floor(value * (1 if unit == "month" else 12) + 1e-9) + year * 12 + month - 1
        return _calendar_date(months // 12, months % 12 + 1, min(day, 28))
    if unit not in _DAYS:
        return None
    days = math.floor(start + value * _DAYS[unit] + 1e-9)
    if calendar.lower() in _CALENDAR_DAYS:
        return _uniform(year, month, day, days, _CALENDAR_DAYS[calendar.lower()])
    try:
        return (date(year, month, day) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return None


def _calendar_date(year: int, month: int, day: int) -> str | None:
    return f"{year:04}-{month:02}-{day:02}" if 1 <= year <= 9999 else None


def _uniform(year: int, month: int, day: int, days: int, length: int) -> str | None:
    """A date in a calendar whose years all have ``length`` days."""
    lengths = [30] * 12 if length == 360 else list(_MONTH_LENGTHS)
    if length == 366:
        lengths[1] = 29
    if not 1 <= month <= 12:
        return None
    total = year * length + sum(lengths[: month - 1]) + day - 1 + days
    year, rest = divmod(total, length)
    for number, size in enumerate(lengths, start=1):
        if rest < size:
            return _calendar_date(year, number, min(rest + 1, 28 if number == 2 else 31))
        rest -= size
    return None

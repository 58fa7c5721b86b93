"""Where everything stands in the pictures beside the words: related works, places, times, counts. Pure functions.

A picture repeats what a list or table next to it says, so it may leave out what does not fit. Units are those of its
viewBox, which is no wider than a phone: words in it are as large as those around it.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

WIDTH = 320
LINE = 28  # from one line of words to the next

JSON = Any

# -- related works

MOST_WORKS = 10
_ROOM = 27  # letters of a name, where a full-width one counts double
_INCOMING = re.compile(r"^Is\w+By$|^IsSourceOf$|^IsOriginalFormOf$")


@dataclass(frozen=True, slots=True)
class Spoke:
    """One related work: ``relation`` where a new one begins, else ''; ``incoming`` when it is they that refer to us."""

    name: str
    relation: str
    incoming: bool
    y: int


@dataclass(frozen=True, slots=True)
class Network:
    spokes: tuple[Spoke, ...]
    height: int
    more: int

    @property
    def middle(self) -> float:
        return self.height / 2


def network(related: Iterable[Mapping[str, JSON]]) -> Network | None:
    """The record with its related works around it, gathered by relation; None for fewer than two: a line says as much."""
    works = list(related)
    if len(works) < 2:
        return None
    by_relation: dict[str, list[Mapping[str, JSON]]] = {}
    for work in works[:MOST_WORKS]:
        by_relation.setdefault(work["relation"], []).append(work)
    spokes, y = [], 0
    for relation, found in by_relation.items():
        y += LINE
        for number, work in enumerate(found):
            y += LINE
            name = _shortened(work.get("title") or work["identifier"])
            spokes.append(Spoke(name, "" if number else relation, _INCOMING.match(relation) is not None, y - LINE // 3))
    return Network(tuple(spokes), y + LINE // 3, max(0, len(works) - MOST_WORKS))


def _shortened(text: str) -> str:
    room, kept = _ROOM, ""
    for letter in text:
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 1:
            return kept.rstrip() + "…"
        kept += letter
    return kept


# -- places

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60)
_MAP_HEIGHT = 200
_LEAST = 0.05  # degrees: what a point is shown in
_DOT = 6.0


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Graticule:
    """Boxes on meridians and parallels, each line with its name; ``globe`` is where all of it lies on the whole earth."""

    boxes: tuple[Rect, ...]
    meridians: tuple[tuple[float, str], ...]
    parallels: tuple[tuple[float, str], ...]
    globe: tuple[Rect, ...]
    width: int = WIDTH
    height: int = _MAP_HEIGHT


def graticule(locations: Iterable[Mapping[str, JSON]]) -> Graticule | None:
    """The boxes of places on a net of degrees; None when no place has a box. Lengths are true in the middle."""
    boxes = [_unrolled(location["box"]) for location in locations if location.get("box")]
    if not boxes:
        return None
    west, east = _window([b[0] for b in boxes], [b[2] for b in boxes])
    south, north = _window([b[1] for b in boxes], [b[3] for b in boxes])
    narrow = max(0.05, math.cos(math.radians((south + north) / 2)))
    scale = min(WIDTH / ((east - west) * narrow), _MAP_HEIGHT / (north - south))
    west, east = _widened(west, east, WIDTH / (scale * narrow))
    south, north = _widened(south, north, _MAP_HEIGHT / scale)
    across, up = WIDTH / (east - west), _MAP_HEIGHT / (north - south)
    drawn = [
        _seen(Rect((b[0] - west) * across, (north - b[3]) * up, (b[2] - b[0]) * across, (b[3] - b[1]) * up))
        for b in boxes
    ]
    return Graticule(
        boxes=tuple(drawn),
        meridians=tuple(
            (round((degree - west) * across, 1), degrees_named((degree + 180) % 360 - 180, "E", "W"))
            for degree in ticks(west, east, 3)
        ),
        parallels=tuple(
            (round((north - degree) * up, 1), degrees_named(degree, "N", "S"))
            for degree in ticks(south, north, 4)
            if -90 <= degree <= 90
        ),
        globe=tuple(
            _seen(Rect(part, (90 - b[3]) / 5, (b[2] - b[0]) / 5, (b[3] - b[1]) / 5), 3)
            for b in boxes
            for part in _parts(b)
        ),
    )


def _unrolled(box: Mapping[str, float]) -> tuple[float, float, float, float]:
    """West, south, east, north, with east beyond 180 where the box crosses the antimeridian."""
    east = box["east"] + 360 if box["west"] > box["east"] else box["east"]
    return box["west"], box["south"], east, box["north"]


def _parts(box: tuple[float, float, float, float]) -> list[float]:
    """Where the box begins on the globe; twice when it goes over the edge."""
    left = (box[0] + 180) / 5
    return [left, left - 72] if box[2] > 180 else [left]


def _window(lows: Sequence[float], highs: Sequence[float]) -> tuple[float, float]:
    low, high = min(lows), max(highs)
    room = max(high - low, _LEAST) * 0.4
    return low - room, high + room


def _widened(low: float, high: float, length: float) -> tuple[float, float]:
    room = (length - (high - low)) / 2
    return low - room, high + room


def _seen(rect: Rect, least: float = _DOT) -> Rect:
    """At least as large as a dot, around the same middle."""
    wider, taller = max(0.0, least - rect.width), max(0.0, least - rect.height)
    values = (rect.x - wider / 2, rect.y - taller / 2, rect.width + wider, rect.height + taller)
    return Rect(*(round(value, 1) for value in values))


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most so many round degrees in a range."""
    step = next((step for step in _STEPS if (high - low) / step <= most), 90)
    first = math.ceil(low / step)
    return [round(number * step, 6) for number in range(first, math.floor(high / step) + 1)]


def degrees_named(value: float, positive: str, negative: str) -> str:
    """``139.5°E``."""
    if value == 0:
        return "0°"
    return f"{abs(value):.6g}°{positive if value > 0 else negative}"


# -- times


@dataclass(frozen=True, slots=True)
class Span:
    """A period or day: ``open`` names the ends that are not known, 'start' or 'end'."""

    type: str
    x: float
    width: float
    y: int
    open: str


@dataclass(frozen=True, slots=True)
class Timeline:
    spans: tuple[Span, ...]
    ticks: tuple[tuple[float, str], ...]
    height: int
    width: int = WIDTH


_MARGIN = 8
_LEAST_SPAN = 6.0


def timeline(dates: Iterable[Mapping[str, JSON]]) -> Timeline | None:
    """Dates and periods on one scale; None when there are no two moments to tell apart."""
    entries = [(entry["type"], *_ends(entry["date"])) for entry in dates]
    known = [moment for _type, *ends in entries for moment in ends if moment is not None]
    if not known or max(known) - min(known) < 2:
        return None
    low, high = min(known), max(known)
    unit = (WIDTH - 2 * _MARGIN) / (high - low)
    spans = []
    for number, (kind, start, end) in enumerate(entries):
        left = _MARGIN + ((start if start is not None else low) - low) * unit
        right = _MARGIN + ((end if end is not None else high) - low) * unit
        left = min(left, WIDTH - _MARGIN - _LEAST_SPAN)
        unknown = "start" if start is None else "end" if end is None else ""
        width = round(max(right - left, _LEAST_SPAN), 1)
        spans.append(Span(kind, round(left, 1), width, number * 2 * LINE, unknown))
    return Timeline(tuple(spans), _moments(low, high, unit), len(spans) * 2 * LINE + LINE)


def _ends(edtf: str) -> tuple[float | None, float | None]:
    """First and last moment of an EDTF date of level 0, in days."""
    first, slash, last = edtf.partition("/")
    start = None if first == ".." else _day(first, last=False)
    if not slash:
        last = first
    return start, None if last == ".." else _day(last, last=True)


def _day(text: str, *, last: bool) -> float | None:
    numbers = [int(part) for part in text.split("-")]
    year, month = numbers[0], numbers[1] if len(numbers) > 1 else (12 if last else 1)
    try:
        if len(numbers) == 3:
            return date(year, month, numbers[2]).toordinal() + (1 if last else 0)
        if last:
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return date(year, month, 1).toordinal()
    except ValueError:  # the year 0000, the 30th of February
        return None


# How far apart the names on the scale may be, and how many there are room for
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000), 3
_MONTHS = (1, 2, 3, 6), 4
_DAYS = (1, 2, 5, 10, 20, 50), 3


def _moments(low: float, high: float, unit: float) -> tuple[tuple[float, str], ...]:
    """A few moments with their names, evenly apart: beginnings of years; of months, or days, where no two years begin."""
    scales = ((_years, _YEARS), (_months, _MONTHS), (_days, _DAYS))
    found = (([m for m in named(int(low), int(high)) if low <= m[0] <= high], room) for named, room in scales)
    inside, (steps, most) = next((inside, room) for inside, room in found if len(inside) >= 2 or room is _DAYS)
    kept = ([moment for moment in inside if moment[1] % step == 0] for step in steps)
    chosen = next((moments for moments in kept if len(moments) <= most), [])
    return tuple((round(_MARGIN + (day - low) * unit, 1), name) for day, _number, name in chosen)


Moment = tuple[int, int, str]  # the day, the number of the year, month or day, and its name


def _years(low: int, high: int) -> Iterator[Moment]:
    for year in range(date.fromordinal(low).year, date.fromordinal(min(high, date.max.toordinal())).year + 1):
        yield date(year, 1, 1).toordinal(), year, f"{year:04}"


def _months(low: int, high: int) -> Iterator[Moment]:
    for _day, year, name in _years(low, high):
        yield from ((date(year, n, 1).toordinal(), 12 * year + n - 1, f"{name}-{n:02}") for n in range(1, 13))


def _days(low: int, high: int) -> Iterator[Moment]:
    last = min(high, date.max.toordinal())
    yield from ((day, day - low, date.fromordinal(day).isoformat()) for day in range(low, last + 1))


# -- counts

MOST_YEARS = 60
_CHART_HEIGHT = 72


@dataclass(frozen=True, slots=True)
class Count:
    """``length`` is the bar's, from 0 to 100; ``x`` and ``width`` place it among the others."""

    value: str
    label: str
    count: int
    chosen: bool
    length: float
    x: float = 0
    width: float = 0


def counts(values: Iterable[tuple[str, str, int, bool]]) -> list[Count]:
    """(value, label, count, chosen) with the length of each bar; nothing to draw when only one counts anything."""
    found = list(values)
    most = max((count for _value, _label, count, _chosen in found), default=0)
    if sum(1 for _value, _label, count, _chosen in found if count) < 2:
        return []
    return [Count(value, label, count, chosen, round(100 * count / most, 1)) for value, label, count, chosen in found]


def by_year(values: Iterable[tuple[str, str, int, bool]]) -> list[Count]:
    """Counts in the order of time, with the years between that have none; the last :data:`MOST_YEARS` of them."""
    found = {value: entry for entry in counts(values) if (value := entry.value).isdecimal()}
    if not found:
        return []
    last = max(map(int, found))
    first = max(min(map(int, found)), last - MOST_YEARS + 1)
    width = WIDTH / (last - first + 1)
    years = ((number, str(year)) for number, year in enumerate(range(first, last + 1)))
    return [
        replace(
            found.get(year, Count(year, year, 0, False, 0)), x=round(number * width, 2), width=round(width * 0.8, 2)
        )
        for number, year in years
    ]

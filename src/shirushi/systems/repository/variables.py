"""Variables as people want to see them: files with the same columns side by side, ranges as bars on one scale. Pure functions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

# The picture beside a row, in its own units: one bar for each file, lightly apart.
WIDTH, BAR, GAP = 120, 4, 2
MOST_BARS = 12
FARTHEST = 8  # times the longest range
SHORTEST = 3  # a range of a single value is still seen


HIGH = 24  # of a histogram


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float = BAR


@dataclass(frozen=True, slots=True)
class Row:
    """One variable of a group of files. ``low`` and ``high`` are its extent over all of them, as the data wrote it; ``missing``
    and ``count`` are sums; ``bars`` are empty where there is nothing to compare, ``histogram`` where the values of one file were
    not counted."""

    name: str
    type: str
    unit: str
    meaning: str
    low: float | str | None
    high: float | str | None
    missing: int
    count: int
    sampled: bool
    bars: tuple[Bar, ...]
    histogram: tuple[Bar, ...] = ()

    @property
    def height(self) -> int:
        return len(self.bars) * (BAR + GAP)


@dataclass(frozen=True, slots=True)
class Group:
    """Files (each with the sheet or group inside it, or '') that have the same variables."""

    files: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


def groups(variables: Iterable[Mapping[str, Any]]) -> list[Group]:
    """Variables as JSON of a Work, gathered by file, and files gathered by what they hold; all in their own order. A variable
    may carry ``histogram``: how many values are in each part of its range."""
    tables: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for variable in variables:
        tables.setdefault((variable.get("file") or "", variable.get("part") or ""), []).append(variable)
    alike: dict[tuple[tuple[Any, ...], ...], list[tuple[str, str]]] = {}
    for place, table in tables.items():
        alike.setdefault(tuple(_kind(variable) for variable in table), []).append(place)
    return [Group(tuple(places), tuple(_rows([tables[place] for place in places]))) for places in alike.values()]


def _kind(variable: Mapping[str, Any]) -> tuple[Any, ...]:
    return variable["name"], variable.get("type"), variable.get("unit"), _meaning(variable)


def _meaning(variable: Mapping[str, Any]) -> str:
    return str(variable.get("description") or variable.get("label") or variable.get("standard_name") or "")


def _rows(tables: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[Row]:
    """One row for each column; ``tables`` have the same columns in the same order."""
    scales = _scales(tables)
    for columns in zip(*tables, strict=True):
        first = columns[0]
        ends = [(c.get("minimum"), c.get("maximum")) for c in columns]
        known = [(low, high) for low, high in ends if low is not None and high is not None]
        yield Row(
            name=first["name"],
            type=first.get("type") or "",
            unit=first.get("unit") or "",
            meaning=_meaning(first),
            low=_extreme(min, [low for low, _ in known]),
            high=_extreme(max, [high for _, high in known]),
            missing=sum(c.get("missing") or 0 for c in columns),
            count=sum(c.get("count") or 0 for c in columns),
            sampled=any(c.get("sampled") for c in columns),
            bars=_bars(known[:MOST_BARS], scales.get(_scale_name(first), [])),
            histogram=bars_of(first.get("histogram") or ()) if len(columns) == 1 else (),
        )


def bars_of(counts: Sequence[int]) -> tuple[Bar, ...]:
    """Bars of a histogram from the ground up, WIDTH by HIGH; a part with any value is seen, however few."""
    most = max(counts, default=0)
    step = WIDTH / max(len(counts), 1)
    bars = []
    for number, count in enumerate(counts):
        if count > 0:
            high = round(max(HIGH * count / most, 1.5), 1)
            bars.append(Bar(round(number * step, 1), round(HIGH - high, 1), round(step - 1, 1), high))
    return tuple(bars)


def _extreme(choose: Any, values: list[float | str]) -> float | str | None:
    """The least or greatest of values that are all numbers or all words; None when they are not of one kind."""
    if not values or len({isinstance(value, str) for value in values}) > 1:
        return None
    result: float | str = choose(values)
    return result


def _scale_name(variable: Mapping[str, Any]) -> tuple[Any, ...]:
    """What is measured in the same unit shares a scale; without a unit, each variable has its own."""
    unit = variable.get("unit")
    return (unit,) if unit else (None, variable["name"])


def _scales(tables: Sequence[Sequence[Mapping[str, Any]]]) -> dict[tuple[Any, ...], list[tuple[float, float]]]:
    scales: dict[tuple[Any, ...], list[tuple[float, float]]] = {}
    for table in tables:
        for variable in table:
            span = _span(variable.get("minimum"), variable.get("maximum"))
            if span is not None:
                scales.setdefault(_scale_name(variable), []).append(span)
    return scales


def _bars(ends: Sequence[tuple[Any, Any]], scale: Sequence[tuple[float, float]]) -> tuple[Bar, ...]:
    """Bars on the scale's extent; none when there is nothing to compare: fewer than two ranges, all of them points, or so
    far apart (a latitude and a longitude, both in degrees) that each would be a dot."""
    spans = [_span(low, high) for low, high in ends]
    if len(scale) < 2 or not spans or any(span is None for span in spans):
        return ()
    left, right = min(low for low, _ in scale), max(high for _, high in scale)
    if right - left > FARTHEST * max(high - low for low, high in scale) or left == right:
        return ()
    return tuple(_bar(span, number, left, right) for number, span in enumerate(spans) if span is not None)


def _bar(span: tuple[float, float], number: int, left: float, right: float) -> Bar:
    unit = (WIDTH - SHORTEST) / (right - left)
    return Bar(
        x=round((span[0] - left) * unit, 1),
        y=number * (BAR + GAP),
        width=round((span[1] - span[0]) * unit + SHORTEST, 1),
    )


def _span(low: Any, high: Any) -> tuple[float, float] | None:
    """Both ends as numbers; moments as seconds. None for anything else, and for infinities."""
    ends = _number(low), _number(high)
    return None if ends[0] is None or ends[1] is None or ends[0] > ends[1] else (ends[0], ends[1])


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e300 else None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

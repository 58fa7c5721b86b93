"""Where everything stands in the charts and maps of previews. Pure functions of what :mod:`shirushi.describe.preview` gives."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shirushi.systems.repository.pictures import degrees_named, ticks
from shirushi.systems.repository.variables import Bar, bars_of

WIDE, HIGH = 640, 220  # of a curve
WAVE_HIGH = 120
_KILOMETRES = 2_000.0  # metres of a map's side from which it is told in kilometres


@dataclass(frozen=True, slots=True)
class Bin:
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """One column's values: ``bars`` with the ``bins`` behind them, or ``values`` (text, how often, length of its bar in percent)."""

    bars: tuple[Bar, ...] = ()
    bins: tuple[Bin, ...] = ()
    values: tuple[tuple[str, int, float], ...] = ()

    @property
    def fullest(self) -> Bin | None:
        return max(self.bins, key=lambda one: one.count, default=None)


def chart(column: Mapping[str, Any]) -> Chart:
    """The chart of a column's profile; empty where there is none to draw."""
    counts, low, high = column.get("histogram"), column.get("minimum"), column.get("maximum")
    if counts and isinstance(low, int | float) and isinstance(high, int | float):
        step = (high - low) / len(counts)
        bins = tuple(Bin(low + step * i, low + step * (i + 1), int(count)) for i, count in enumerate(counts))
        return Chart(bars_of(counts), bins)
    values = column.get("values") or []
    most = max((number for _, number in values), default=1)
    return Chart(values=tuple((str(text), number, round(100 * number / most, 1)) for text, number in values))


@dataclass(frozen=True, slots=True)
class Net:
    """Lines of a map's net, each with its name: at ``x`` for meridians, at ``y`` for parallels."""

    meridians: tuple[tuple[float, str], ...]
    parallels: tuple[tuple[float, str], ...]


def net(frame: Mapping[str, float], *, degrees: bool, unit: str = "") -> Net:
    """The net of a frame, in degrees, or in the ``unit`` of its own system."""
    west, south, east, north = (frame[side] for side in ("west", "south", "east", "north"))
    across, up = frame["width"] / (east - west), frame["height"] / (north - south)
    if degrees:
        return Net(
            tuple(
                (round((x - west) * across, 1), degrees_named((x + 180) % 360 - 180, "E", "W"))
                for x in ticks(west, east, 5)
            ),
            tuple(
                (round((north - y) * up, 1), degrees_named(y, "N", "S"))
                for y in ticks(south, north, 5)
                if -90 <= y <= 90
            ),
        )
    is_far = unit == "m" and max(east - west, north - south) >= _KILOMETRES
    told, divided = (" km", 1000) if is_far else (f" {unit}" if unit else "", 1)
    return Net(
        tuple((round((x - west) * across, 1), _told(x / divided) + told) for x in _round_steps(west, east)),
        tuple((round((north - y) * up, 1), _told(y / divided) + told) for y in _round_steps(south, north)),
    )


def _told(value: float) -> str:
    """As pages write numbers (ISO 80000-1)."""
    return f"{value:,.6g}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _round_steps(low: float, high: float) -> list[float]:
    """Up to six round numbers in a range."""
    size = 10.0 ** math.floor(math.log10(high - low))
    step = next(size * by for by in (0.1, 0.2, 0.5, 1, 2, 5) if (high - low) / (size * by) <= 6)
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


@dataclass(frozen=True, slots=True)
class Curve:
    """A path in a frame of WIDE by HIGH; ``left`` and ``right`` are the ends of its axis."""

    d: str
    left: float
    right: float
    low: float
    high: float
    width: int = WIDE
    height: int = HIGH


def curve(points: Sequence[Sequence[float | None]]) -> Curve | None:
    """The curve through points [x, y]; where y is None it is broken. None without two numbers."""
    known = [(x, y) for x, y in points if x is not None and y is not None]
    if len(known) < 2:
        return None
    left, right = min(x for x, _ in known), max(x for x, _ in known)
    low, high = min(y for _, y in known), max(y for _, y in known)
    across, up = WIDE / ((right - left) or 1), (HIGH - 12) / ((high - low) or 1)
    words, is_on = [], False
    for x, y in points:
        if x is None or y is None:
            is_on = False
            continue
        words.append(f"{'L' if is_on else 'M'}{(x - left) * across:.1f} {HIGH - 6 - (y - low) * up:.1f}")
        is_on = True
    return Curve("".join(words), left, right, low, high)


def wave(columns: Iterable[Sequence[float]]) -> str:
    """A path of upright strokes for [lowest, highest], in a frame of WIDE by WAVE_HIGH."""
    found = list(columns)
    step, middle = WIDE / max(1, len(found)), WAVE_HIGH / 2
    words = []
    for number, (low, high) in enumerate(found):
        top, length = middle - high * middle, max(1.0, (high - low) * middle)
        words.append(f"M{number * step + step / 2:.1f} {top:.1f}v{length:.1f}")
    return "".join(words)

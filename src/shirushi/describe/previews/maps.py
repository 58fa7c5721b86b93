"""Map files drawn: shapes as paths in a frame of known bounds, with the rows of what they are. No tiles, no outside help.

``{"type": "map", "frame", "degrees", "system", "shapes", "land", "globe", "header", "rows", "start", "total", "drawn", "layer", "layers"}``:
``frame`` is {west, south, east, north, width, height}, in degrees or in the units of ``system``; ``shapes`` [{sort, d, name}] and
``land`` and ``shore`` are paths of SVG in it; ``unit`` is that of coordinates which are no degrees; ``globe`` {land, box} shows where on the earth that is, in 72 by 36. A raster has ``picture`` and
``at`` [x, y, width, height] in place of shapes, ``low``, ``high`` and ``items``.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from shirushi.describe import projections
from shirushi.describe.evidence import JSON
from shirushi.describe.previews import coast, vectors
from shirushi.describe.previews.registry import Shape, Wanted
from shirushi.describe.previews.vectors import Feature, Layer, Point, Sort
from shirushi.describe.readers.base import File, Unreadable

WIDTH = 640.0
HEIGHTS = (240.0, 640.0)
MOST_DRAWN = 40_000  # vertices on a page
MOST_NAMED = 400  # shapes that are paths of their own
MOST_HEADER = 30
_LEAST = {True: 0.02, False: 200.0}  # what a single point is shown in: degrees, or metres
_FLATTEST = 0.02  # the shorter side of what is shown, of the longer
_FINEST, _COARSEST = 0.25, 8.0  # pixels
_COAST_FROM = 5.0  # degrees: below, so coarse an outline would mislead
_NAMES = ("name", "title", "label", "id", "名称", "名前", "名")


def show_geojson(file: File, wanted: Wanted) -> Shape | None:
    """Raises Unreadable."""
    return _map_of(vectors.geojson(file), wanted)


def show_kml(file: File, wanted: Wanted) -> Shape | None:
    """Raises Unreadable."""
    return _map_of(vectors.kml(file), wanted)


def show_gpx(file: File, wanted: Wanted) -> Shape | None:
    """Raises Unreadable."""
    return _map_of(vectors.gpx(file), wanted)


def show_shapefile(file: File, wanted: Wanted) -> Shape | None:
    """Raises Unreadable."""
    return _map_of(vectors.shapefile(file, wanted.beside), wanted)


def show_geopackage(file: File, wanted: Wanted) -> Shape | None:
    """None where it has no features that can be drawn: its tables are shown. Raises Unreadable."""
    layer = vectors.geopackage(file, wanted.sheet)
    return _drawn(layer, wanted) if layer is not None else None


@dataclass(frozen=True, slots=True)
class Frame:
    """What the picture shows, in degrees or metres, and its size in pixels."""

    west: float
    south: float
    east: float
    north: float
    width: float
    height: float

    def at(self, x: float, y: float) -> Point:
        return (
            (x - self.west) * self.width / (self.east - self.west),
            (self.north - y) * self.height / (self.north - self.south),
        )


def frame_of(west: float, south: float, east: float, north: float, *, degrees: bool, margin: float = 0.06) -> Frame:
    """A frame around bounds, with some room; lengths are true in its middle."""
    least = max(east - west, north - south) * _FLATTEST or _LEAST[degrees]
    room_x, room_y = (max(side, least) * margin + max(0.0, least - side) / 2 for side in (east - west, north - south))
    west, east, south, north = west - room_x, east + room_x, south - room_y, north + room_y
    narrow = max(0.05, math.cos(math.radians(max(-89.0, min(89.0, (south + north) / 2))))) if degrees else 1.0
    height = WIDTH * (north - south) / ((east - west) * narrow)
    if height < HEIGHTS[0]:
        more = ((HEIGHTS[0] / height) - 1) * (north - south) / 2
        south, north, height = south - more, north + more, HEIGHTS[0]
    elif height > HEIGHTS[1]:
        more = ((height / HEIGHTS[1]) - 1) * (east - west) / 2
        west, east, height = west - more, east + more, HEIGHTS[1]
    return Frame(west, south, east, north, WIDTH, round(height, 1))


def placed(frame: Frame, box: Sequence[float] | None, *, degrees: bool, unit: str = "") -> Shape:
    """What every map has: its frame, the land in it, and where on the earth it is (``box`` in degrees, if that is known); ``unit`` of
    coordinates that are no degrees, '' where it is not known."""
    globe = None
    if box is not None:
        world = Frame(-180, -90, 180, 90, 72, 36)
        (left, top), (right, bottom) = world.at(box[0], box[3]), world.at(box[2], box[1])
        wide, high = max(3.0, right - left), max(3.0, bottom - top)
        corner = ((left + right - wide) / 2, (top + bottom - high) / 2)
        globe = {"land": _land(world), "box": [round(n, 1) for n in (*corner, wide, high)]}
    is_wide = degrees and frame.east - frame.west >= _COAST_FROM
    return {
        "type": "map",
        "frame": asdict(frame),
        "degrees": degrees,
        "unit": "" if degrees else unit,
        "land": _land(frame) if is_wide else "",
        "shore": _shore(frame) if is_wide else "",
        "globe": globe,
    }


def _land(frame: Frame) -> str:
    drawn = []
    for ring in coast.land():
        xs, ys = [x for x, _ in ring], [y for _, y in ring]
        if max(xs) < frame.west or min(xs) > frame.east or max(ys) < frame.south or min(ys) > frame.north:
            continue
        drawn.append(_path(_thinned([frame.at(*point) for point in ring], 0.4), closed=True))
    return "".join(drawn)


def _shore(frame: Frame) -> str:
    def is_in(x: float, y: float) -> bool:
        return frame.west <= x <= frame.east and frame.south <= y <= frame.north

    edges = ((frame.at(*a), frame.at(*b)) for a, b in coast.shore() if is_in(*a) or is_in(*b))
    return "".join(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in edges)


def _map_of(layer: Layer, wanted: Wanted) -> Shape:
    """Raises Unreadable: ``nothing-to-draw``, and why."""
    if (drawn := _drawn(layer, wanted)) is not None:
        return drawn
    count = len(layer.features)
    if not count:
        raise Unreadable("nothing-to-draw", "it has no features")
    is_far = any(part for feature in layer.features for _, part in feature.parts)
    why = "all lie outside of longitudes and latitudes" if is_far else "none has coordinates that can be drawn"
    raise Unreadable("nothing-to-draw", f"features: {count:,}; {why}")


def _drawn(layer: Layer, wanted: Wanted) -> Shape | None:
    """None where no shape has a place."""
    to_degrees = projections.to_degrees(layer.system)
    features = _turned(layer.features, to_degrees) if to_degrees else layer.features
    points = [point for feature in features for _, part in feature.parts for point in part]
    if not points:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    bounds = (min(xs), min(ys), max(xs), max(ys))
    is_degrees = to_degrees is not None
    frame = frame_of(*bounds, degrees=is_degrees)
    shapes, left_out = _shapes(features, frame)
    header = list(dict.fromkeys(name for feature in features for name in feature.properties))
    start = min(max(1, wanted.offset or 1), max(1, len(features)))
    rows = [
        {"number": number, "cells": [feature.properties.get(name, "") for name in header[:MOST_HEADER]]}
        for number, feature in enumerate(features[start - 1 : start - 1 + wanted.limit], start=start)
    ]
    return placed(frame, bounds if is_degrees else None, degrees=is_degrees) | {
        "system": short_name(layer.system),
        "bounds": list(bounds),
        "shapes": shapes,
        "header": header[:MOST_HEADER],
        "left_out_columns": max(0, len(header) - MOST_HEADER),
        "rows": rows,
        "start": start,
        "total": layer.total,
        "read": len(features),
        "left_out": left_out,
        "layer": layer.name,
        "layers": list(layer.layers),
    }


def short_name(system: str) -> str:
    """A reference system in few letters."""
    code = projections.epsg_of(system)
    return f"EPSG:{code}" if code else system.partition('"')[2].partition('"')[0][:100] or system[:40]


def _turned(features: Iterable[Feature], to_degrees: Callable[[float, float], Point | None]) -> list[Feature]:
    """The same in degrees; points that lie outside of what the system is made for are left out."""
    return [
        Feature(
            [
                (sort, [turned for point in part if (turned := to_degrees(*point)) is not None])
                for sort, part in feature.parts
            ],
            feature.properties,
        )
        for feature in features
    ]


def _shapes(features: Sequence[Feature], frame: Frame) -> tuple[list[JSON], int]:
    """Paths with no more vertices than a page bears, and how many features found no room even so."""
    pixels = [
        (number, sort, [frame.at(*point) for point in part])
        for number, feature in enumerate(features)
        for sort, part in feature.parts
        if part
    ]
    finest = _FINEST
    while True:
        pixels = [(number, sort, _thinned(part, finest)) for number, sort, part in pixels]
        if finest > _COARSEST or sum(len(part) for *_, part in pixels) <= MOST_DRAWN:
            break
        finest *= 2
    drawn: dict[tuple[int, Sort], str] = {}
    left, left_out = MOST_DRAWN, set[int]()
    for number, sort, part in pixels:
        left -= len(part)
        if left < 0:
            left_out.add(number)
        else:
            drawn[number, sort] = drawn.get((number, sort), "") + _path(part, closed=sort == "area")
    if len(drawn) <= MOST_NAMED:
        return [{"sort": s, "d": d, "name": _title(features[n], n)} for (n, s), d in drawn.items()], len(left_out)
    together: dict[str, list[str]] = {}
    for (_, sort), path in drawn.items():
        together.setdefault(sort, []).append(path)
    return [{"sort": sort, "d": "".join(paths), "name": ""} for sort, paths in together.items()], len(left_out)


def _title(feature: Feature, number: int) -> str:
    known = {name.lower(): text for name, text in feature.properties.items() if text}
    return next((known[name][:80] for name in _NAMES if name in known), f"{number + 1}")


def _thinned(points: Sequence[Point], finest: float) -> list[Point]:
    """Without those closer than ``finest`` pixels to the one before; the ends stay."""
    kept = [points[0]]
    for point in points[1:-1]:
        if abs(point[0] - kept[-1][0]) >= finest or abs(point[1] - kept[-1][1]) >= finest:
            kept.append(point)
    return [*kept, points[-1]] if len(points) > 1 else kept


def _path(points: Sequence[Point], *, closed: bool) -> str:
    """A single point is a line without length, which a round pen draws as a dot."""
    words = [f"{x:.1f} {y:.1f}" for x, y in points]
    if len(words) == 1:
        return f"M{words[0]}h0"
    return "M" + "L".join(words) + ("Z" if closed else "")

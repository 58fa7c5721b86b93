"""Places: coordinates seen in data, boxes stated in attributes, names that a text gives as the place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePosixPath

from shirushi.describe.denial import denied
from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.projections import box_in_degrees, is_degrees
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import coordinates, suggests
from shirushi.describe.suggesters.common import front_weight, of_data_file, pairs, stated_by, statements
from shirushi.describe.suggesters.glosses import glosses

TARGET = "/locations/-"
KEYS = (
    "location", "locations", "study area", "study site", "spatial coverage", "geographic coverage", "geographic location", "site",
    "geographical coverage", "region", "area", "place", "country", "geographic location of data collection", "sampling location",
    "location of data collection", "spatial extent", "geolocation", "sampling site", "geographic area", "coverage area",
    "場所", "地点", "観測地点", "観測場所", "調査地", "調査地点", "採取地", "対象地域", "地域", "測定場所", "観測地", "対象範囲", "採取場所", "撮影場所",
)  # fmt: skip
_BOX_ATTRIBUTES = {
    "west": ("geospatial lon min", "westernmost longitude", "westbc", "west"), "east": ("geospatial lon max", "easternmost longitude", "eastbc", "east"),
    "south": ("geospatial lat min", "southernmost latitude", "southbc", "south"), "north": ("geospatial lat max", "northernmost latitude", "northbc", "north"),
}  # fmt: skip


@suggests("locations")
def locations(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Stated places, boxes and named places."""
    stated = statements(seen, "locations")
    alone = len({e.place.file for e in stated if not of_data_file(e)}) == 1
    for item in stated:
        method = stated_by("locations", item) if alone or of_data_file(item) else "locations.stated-in-part"
        yield Candidate(TARGET, item.value["value"], (item,), method)
    yield from _union(seen)
    yield from _attribute_box(seen)
    yield from _data_box(seen)
    found = list(islice(coordinates.in_texts(seen), coordinates.MOST))
    if found:
        items = tuple({id(item): item for _, item in found}.values())[:8]
        yield Candidate(
            TARGET,
            {"box": around([box for box, _ in found])},
            items,
            "locations.text",
            front_weight(items[0].place.file),
        )
    for place, item in coordinates.in_titles(seen):
        yield Candidate(TARGET, {"place": place}, (item,), "locations.title")
    columns = {str(item.value["name"]) for item in seen.of("column")}
    of_columns = {_line(row) for row in glosses(seen, columns)}
    for item, text in pairs(seen, *KEYS):
        if _line(item) in of_columns:  # "site: name of the survey site" explains a column
            continue
        name = re.sub(r"\s*\([^)]*\d[^)]*\)", "", text).strip(" .。")
        if denied(name, 0, len(name)):  # "not recorded"
            continue
        if 2 <= len(name) <= 120 and not re.search(r"https?:|[/\\`{}<>]", name) and item.value["section"] != "meta":
            yield Candidate(TARGET, {"place": name}, (item,), "locations.key-value", front_weight(item.place.file))


def _line(item: Evidence) -> tuple[str, int]:
    return item.place.file, getattr(item.place, "start", 0)


def _number(text: str) -> float | None:
    match = re.fullmatch(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*(?:[°]?\s*[NESW]?|degrees?\w*)\s*", text)
    return float(match[1]) if match else None


def _attribute_box(seen: EvidenceSet) -> Iterator[Candidate]:
    """The box that all files together state in ACDD attributes."""
    sides: dict[str, list[tuple[float, Evidence]]] = {}
    for side, names in _BOX_ATTRIBUTES.items():
        for item in seen.of("attribute"):
            if not item.value.get("owner") and str(item.value["name"]).lower().replace("_", " ") in names:
                number = _number(str(item.value["value"]))
                if number is not None:
                    sides.setdefault(side, []).append((number, item))
    if len(sides) == 4:
        chosen = {s: (min if s in ("west", "south") else max)(v, key=lambda pair: pair[0]) for s, v in sides.items()}
        box = {side: pair[0] for side, pair in chosen.items()}
        if _valid(box):
            evidence = tuple(dict.fromkeys(id(p[1]) for p in chosen.values()))
            items = tuple(next(p[1] for p in chosen.values() if id(p[1]) == key) for key in evidence)
            yield Candidate(TARGET, {"box": box}, items, "locations.attribute")


def _union(seen: EvidenceSet) -> Iterator[Candidate]:
    """The box around the boxes that several files state, each for a part of the whole."""
    items = [e for e in seen.stated("locations") if e.value["value"].get("box")]
    if len({e.place.file for e in items}) < 2:
        return
    box = around([e.value["value"]["box"] for e in items])
    yield Candidate(TARGET, {"box": box}, tuple(items[:8]), "locations.union")


def _data_box(seen: EvidenceSet) -> Iterator[Candidate]:
    """The box around all coordinates seen in data, and around layers whose bounds are in degrees or can be turned into them."""
    items = [e for e in seen.of("coordinates") if _valid(e.value)]
    items += [Evidence("coordinates", box, item.place, item.reader) for item, box in _layers(seen) if _valid(box)]
    if not items:
        return
    box = around([e.value for e in items])
    features = {"files": min(len(items), 5) / 5, "point": float(box["west"] == box["east"])}
    yield Candidate(TARGET, {"box": box}, tuple(items[:8]), "locations.data", features=features)


def around(boxes: Sequence[Mapping[str, JSON]]) -> dict[str, JSON]:
    """The smallest box around boxes in degrees. Where one of them crosses the antimeridian (west > east), so may the whole."""
    west, east = min(b["west"] for b in boxes), max(b["east"] for b in boxes)
    if any(b["west"] > b["east"] for b in boxes):
        spans = [
            (b["west"], (b["east"] - b["west"]) % 360 if b["west"] > b["east"] else b["east"] - b["west"])
            for b in boxes
        ]
        width, west = min((max((w - start) % 360 + span for w, span in spans), start) for start, _ in spans)
        west, east = (west, (west + width + 180) % 360 - 180) if width < 360 else (-180.0, 180.0)
    return {
        "west": west,
        "south": min(b["south"] for b in boxes),
        "east": round(east, 7),
        "north": max(b["north"] for b in boxes),
    }


def _layers(seen: EvidenceSet) -> Iterator[tuple[Evidence, dict[str, JSON]]]:
    """Bounds of map layers with the box they make in WGS 84. A shapefile's system is what the ``.prj`` of its name says; without
    one, or without the library that knows the system, there is no box rather than a wrong one."""
    systems = {
        str(PurePosixPath(e.place.file).with_suffix("")): e.value
        for e in seen.of("attribute")
        if e.value["name"] == "crs" and e.value.get("wkt")
    }
    for item in seen.of("attribute"):
        if item.value["name"] != "bounds" or not isinstance(item.value["value"], list):
            continue
        corners = [float(side) for side in item.value["value"]]
        system = systems.get(str(PurePosixPath(item.place.file).with_suffix("")))
        named = item.value.get("crs") or (system or {}).get("wkt")
        if system is not None and system.get("geographic") and is_degrees(str(system["wkt"])):
            yield item, _box(corners)
        elif named and (turned := to_degrees(str(named), corners)):
            yield item, _box(turned)


def _box(corners: list[float]) -> dict[str, JSON]:
    west, south, east, north = corners
    return {"west": west, "south": south, "east": east, "north": north}


def to_degrees(system: str, corners: list[float]) -> list[float] | None:
    """Bounds (west, south, east, north) of a named system (``EPSG:6677``, WKT) in WGS 84 degrees: by formulas where they are exact,
    else by pyproj; None without it or where it knows no way."""
    if turned := box_in_degrees(system, corners):
        return turned
    try:
        import pyproj
    except ImportError:
        return None
    try:
        turn = pyproj.Transformer.from_crs(pyproj.CRS.from_user_input(system), 4326, always_xy=True)
        west, south, east, north = corners
        found = turn.transform_bounds(west, south, east, north)
    except (pyproj.exceptions.ProjError, ValueError):
        return None
    return [round(float(side), 6) for side in found] if all(abs(side) <= 180 for side in found) else None


def _valid(box: JSON) -> bool:
    return bool(-180 <= box["west"] <= 180 and -180 <= box["east"] <= 180 and -90 <= box["south"] <= box["north"] <= 90)

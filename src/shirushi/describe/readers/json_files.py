"""JSON: lists of objects as tables, GeoJSON with its extent, and otherwise the values that stand near the top.

A file larger than ``WHOLE`` is not parsed as one document: the objects at its head are read one after the other.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import PurePosixPath

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.columns import MOST_COLUMNS, Column, extents, profile, time_ranges
from shirushi.describe.readers.sensitive_columns import concerns, shield
from shirushi.describe.text import decode

READER = "json/1"
WHOLE = 12_000_000
HEAD = 4_000_000
MOST_OBJECTS = 20_000
MOST_ATTRIBUTES = 200
MOST_DEPTH = 3
MOST_TABLES = 12
MOST_POINTS = 500_000
LONGEST_VALUE = 2_000


@reads("application/json", "application/ld+json")
def read_json(file: File) -> Iterator[Evidence]:
    """A table for each list of objects near the top; else named values.

    Raises:
        Unreadable: it is not JSON, or nested too deeply.
    """
    if file.size > WHOLE:
        yield from _table_of_head(file)
        return
    data = _parse(_text(file))
    if isinstance(data, dict) and data.get("type") in ("FeatureCollection", "Feature"):
        yield from _geojson(file, data)
        return
    tables = dict(islice(_lists_of_objects(data, "", 0), MOST_TABLES))
    for pointer, objects in tables.items():
        yield from _table(file, pointer, objects, sampled=len(objects) > MOST_OBJECTS)
    if not tables:
        yield from islice(_attributes(file.name, data, "", 0), MOST_ATTRIBUTES)


@reads("application/jsonl")
def read_json_lines(file: File) -> Iterator[Evidence]:
    """One object a line, as a table."""
    text = _text(file)
    sampled = file.size > WHOLE
    objects, wrong = [], 0
    for line in islice(filter(str.strip, text.split("\n")), MOST_OBJECTS + 1):
        try:
            objects.append(json.loads(line))
        except (ValueError, RecursionError):
            wrong += 1
    if wrong > (1 if sampled else 0):  # the last line of a sample is cut
        yield _problem(file.name, "malformed", f"{wrong} lines are not JSON")
    records = [item for item in objects if isinstance(item, dict)]
    if records:
        yield from _table(file, "", records, sampled=sampled or len(records) > MOST_OBJECTS)


@reads("application/geo+json")
def read_geojson(file: File) -> Iterator[Evidence]:
    """The extent of all shapes, and the properties of the features as a table.

    Raises:
        Unreadable: it is not JSON, or nested too deeply.
    """
    if file.size <= WHOLE:
        yield from _geojson(file, _parse(_text(file)))
        return
    features = list(islice(objects_of_head(_text(file)), MOST_OBJECTS))
    yield from _geojson(file, {"type": "FeatureCollection", "features": features}, sampled=True)


def _text(file: File) -> str:
    whole = file.size <= WHOLE
    return decode(file.head(file.size if whole else HEAD), truncated=not whole).text


def _parse(text: str) -> JSON:
    try:
        return json.loads(text)
    except ValueError as error:
        ended = isinstance(error, json.JSONDecodeError) and error.pos >= len(text.rstrip()) - 1
        raise Unreadable("truncated" if ended else "malformed", str(error)) from error
    except RecursionError:
        raise Unreadable("too-deep", "") from None


def _problem(file: str, code: str, message: str) -> Evidence:
    return Evidence("problem", {"code": code, "message": message}, AttributePlace(file, ""), READER)


# ---- tables


def _table_of_head(file: File) -> Iterator[Evidence]:
    objects = list(islice(objects_of_head(_text(file)), MOST_OBJECTS))
    if objects:
        yield from _table(file, "", objects, sampled=True)
    else:
        yield _problem(file.name, "too-large", f"{file.size:,} bytes; up to {WHOLE:,} are read in full")


def objects_of_head(text: str) -> Iterator[dict[str, JSON]]:
    """The objects of the first list of objects in a text that is cut somewhere."""
    start = text.find("[")
    while start >= 0 and text[start + 1 : start + 200].lstrip()[:1] != "{":
        start = text.find("[", start + 1)
    position = text.find("{", start) if start >= 0 else -1
    decoder = json.JSONDecoder()
    while position >= 0:
        try:
            item, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return
        yield item
        rest = end
        while rest < len(text) and text[rest] in " \t\r\n,":
            rest += 1
        position = rest if text[rest : rest + 1] == "{" else -1


def _lists_of_objects(data: JSON, pointer: str, depth: int) -> Iterator[tuple[str, list[dict[str, JSON]]]]:
    """(JSON Pointer, objects) of every list that looks like the rows of a table."""
    if isinstance(data, list):
        objects = [item for item in data[: MOST_OBJECTS + 1] if isinstance(item, dict)]
        if len(objects) >= 2 and len(objects) >= 0.9 * min(len(data), MOST_OBJECTS + 1) and _alike(objects):
            yield pointer, objects
    elif isinstance(data, dict) and depth < MOST_DEPTH:
        for key, item in data.items():
            yield from _lists_of_objects(item, f"{pointer}/{_escape(key)}", depth + 1)


def _alike(objects: Sequence[Mapping[str, JSON]]) -> bool:
    """Whether most objects share the keys of the first few."""
    keys = set().union(*(item.keys() for item in objects[:5]))
    shared = sum(1 for item in objects[:200] if len(keys & item.keys()) * 2 >= len(keys))
    return bool(keys) and shared >= 0.7 * len(objects[:200])


def _table(
    file: File, pointer: str, objects: Sequence[Mapping[str, JSON]], *, sampled: bool, inside: str = ""
) -> Iterator[Evidence]:
    """``pointer`` leads to the list; ``inside`` from each of its items to the object with the values."""
    rows: list[dict[str, JSON]] = []
    first: dict[str, str] = {}
    for number, record in enumerate(objects[:MOST_OBJECTS]):
        rows.append({})
        for key, path, value in leaves(record):
            rows[-1][key] = value
            first.setdefault(key, f"{pointer}/{number}{inside}{path}")
    names = list(first)
    if len(names) > MOST_COLUMNS:
        yield _problem(file.name, "too-many-columns", f"the first {MOST_COLUMNS:,} of {len(names):,} names were used")
        names = names[:MOST_COLUMNS]
    name = pointer.rsplit("/", 1)[-1] or PurePosixPath(file.name).stem
    shape = {"name": name, "rows": len(rows), "columns": len(names), "sampled": sampled, "header": names}
    place = AttributePlace(file.name, pointer or "/", quote=", ".join(names)[:300])
    yield Evidence("table", shape, place, READER)
    columns = [
        Column(key, position, [shown_cell(row.get(key)) for row in rows]) for position, key in enumerate(names, start=1)
    ]
    profiles = [profile(column) for column in columns if column.name.strip()]
    places = {key: AttributePlace(file.name, first[key], quote=key[:300]) for key in names}
    found_sensitive = concerns(file.name, columns, within=pointer)
    shield(profiles, found_sensitive)
    for item in profiles:
        if is_about_a_patient(item.column.name.rsplit(".", 1)[-1]):
            item.examples, item.low, item.high, item.histogram = [], None, None, None
    for concern in found_sensitive:
        yield Evidence("sensitive", concern.value(), places[concern.name], READER)
    for item in profiles:
        yield Evidence("column", item.value(sampled=sampled), places[item.column.name], READER)
    for kind, found in (("coordinates", extents(profiles)), ("time-range", time_ranges(profiles))):
        for item, value in found:
            yield Evidence(kind, value, places[item.column.name], READER)


def leaves(item: Mapping[str, JSON]) -> Iterator[tuple[str, str, JSON]]:
    """(dotted name, JSON Pointer, value) of everything in a record that is no object itself."""
    return _leaves(item, "", "", 0)


def _leaves(item: Mapping[str, JSON], above: str, path: str, depth: int) -> Iterator[tuple[str, str, JSON]]:
    """(dotted name, JSON Pointer, value) of everything in a record that is no object itself: ``{"at": {"lat": 35}}`` has ``at.lat``.
    What lies deeper than ``MOST_DEPTH`` is a value."""
    for key, value in item.items():
        name, here = f"{above}.{key}" if above else key, f"{path}/{_escape(key)}"
        if isinstance(value, dict) and value and depth < MOST_DEPTH:
            yield from _leaves(value, name, here, depth + 1)
        else:
            yield name, here, value


def shown_cell(value: object) -> str:
    """A value of a database or a document as a table shows it: '' for none, numbers without frills, dates in ISO form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return ""
    if isinstance(value, Decimal):
        return str(value)
    return (
        repr(value)
        if isinstance(value, int | float)
        else json.dumps(value, ensure_ascii=False, default=str)[:LONGEST_VALUE]
    )


# ---- GeoJSON (RFC 7946)


def _geojson(file: File, data: JSON, *, sampled: bool = False) -> Iterator[Evidence]:
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list):
        features = [data]
    features = [item for item in features if isinstance(item, dict)]
    shapes = [item.get("geometry") or item for item in features]
    called = (
        data.get("name") or data.get("title")
        if isinstance(data, dict) and data.get("type") == "FeatureCollection"
        else None
    )
    if isinstance(called, str) and called.strip():
        title = {"name": "title", "value": called.strip()[:300], "owner": ""}
        yield Evidence("attribute", title, AttributePlace(file.name, "/name", quote=called.strip()[:300]), READER)
    crs = data.get("crs") if isinstance(data, dict) else None
    named = (crs.get("properties") or {}).get("name") if isinstance(crs, dict) else None
    epsg = re.search(r"EPSG:{1,2}(?:[\d.]*:)?(\d{4,6})$", named) if isinstance(named, str) else None
    if epsg and epsg[1] != "4326":  # before RFC 7946 a file could name another system
        found = list(islice(_positions(shapes), MOST_POINTS))
        if found:
            corners = [f(p[axis] for p in found) for f in (min, max) for axis in (0, 1)]
            bounds = {"name": "bounds", "value": corners, "owner": "", "crs": f"EPSG:{epsg[1]}"}
            yield Evidence("attribute", bounds, AttributePlace(file.name, "/crs", quote=str(named)[:300]), READER)
        points = []
    else:
        points = list(islice(_points(shapes), MOST_POINTS))
    if points:
        value = {
            "west": min(x for x, _ in points),
            "south": min(y for _, y in points),
            "east": max(x for x, _ in points),
            "north": max(y for _, y in points),
            "points": len(points),
        }
        yield Evidence("coordinates", value, AttributePlace(file.name, "/features"), READER)
    properties = [item["properties"] for item in features if isinstance(item.get("properties"), dict)]
    if properties:
        yield from _table(
            file, "/features", properties, sampled=sampled or len(properties) > MOST_OBJECTS, inside="/properties"
        )


def _points(shapes: Iterable[JSON]) -> Iterator[tuple[float, float]]:
    """Longitude and latitude of every position. Coordinates that are no degrees (a projected system) give none."""
    return ((x, y) for x, y in _positions(shapes) if -180 <= x <= 180 and -90 <= y <= 90)


def _positions(shapes: Iterable[JSON]) -> Iterator[tuple[float, float]]:
    for shape in shapes:
        stack = [shape]
        while stack:
            item = stack.pop()
            if isinstance(item, dict):
                stack += [item[key] for key in ("coordinates", "geometries") if key in item]
            elif isinstance(item, list) and len(item) >= 2 and all(_is_number(part) for part in item[:2]):
                yield float(item[0]), float(item[1])
            elif isinstance(item, list):
                stack += item


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# ---- anything else


# DICOM's keywords and tags of people (PS3.6, groups 0010 and names of staff), as sidecars and dumps of headers have them
_PATIENT = re.compile(
    r"(?i)patient|(?:other_?)?patients?_?(?:name|ids?|identifier|birth|sex|gender|age|size|weight|address|phone|telephone|comment|identity|"
    r"mother|religion|insurance|occupation)\w*|0010,?[0-9a-f]{4}|\w*physician\w*|operators?_?name|responsible_?person\w*|"
    r"accession_?number|\w*birth_?(?:date|time|name)|ethnic_?group|medical_?record\w*|admission_?id|issuer_?of_?patient\w*"
)


def is_about_a_patient(key: str) -> bool:
    """Whether what stands under a key is who a patient was, or who treated one: never kept."""
    return bool(_PATIENT.fullmatch(re.sub(r"[\s()-]", "", key)))


def _attributes(file: str, data: JSON, pointer: str, depth: int) -> Iterator[Evidence]:
    """Named texts, numbers and short lists near the top of a document."""
    if not isinstance(data, dict):
        return
    for key, item in data.items():
        if is_about_a_patient(key):
            continue
        path = f"{pointer}/{_escape(key)}"
        plain = item is not None and not isinstance(item, dict | list)
        short = isinstance(item, list) and 0 < len(item) <= 50 and not any(isinstance(x, dict | list) for x in item)
        if (plain or short) and len(str(item)) <= LONGEST_VALUE:
            place = AttributePlace(file, path, quote=str(item)[:300])
            yield Evidence("attribute", {"name": key, "value": item, "owner": pointer}, place, READER)
        elif depth < MOST_DEPTH:
            yield from _attributes(file, item, path, depth + 1)


def _escape(name: str) -> str:
    """A name as a part of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")

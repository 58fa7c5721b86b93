"""Shapes of map files as plain coordinates: GeoJSON, KML, KMZ, GPX, shapefiles, GeoPackages. Bounded, lazily, one feature at a time.

Sources: RFC 7946 (GeoJSON); OGC KML 2.3; GPX 1.1; ESRI Shapefile Technical Description (July 1998); OGC GeoPackage 1.3 (12-128r17),
clause 2.1.3; OGC Simple Features (06-103r4), well-known binary.
"""

import itertools
import json
import re
import sqlite3
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from shirushi.describe.evidence import JSON
from shirushi.describe.projections import DEGREES
from shirushi.describe.readers import safe_xml
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.databases import is_geometry
from shirushi.describe.readers.json_files import objects_of_head, shown_cell
from shirushi.describe.readers.maps import dbf_rows
from shirushi.describe.readers.zips import DAMAGED
from shirushi.describe.text import decode

MOST_JSON = 16_000_000  # bytes; of a larger file the beginning is looked at
HEAD = 4_000_000
MOST_FEATURES = 20_000
MOST_VERTICES = 400_000
DEEPEST = 8  # collections in collections

Point = tuple[float, float]
Sort = Literal["point", "line", "area"]


@dataclass(slots=True)
class Feature:
    """``parts`` are (sort, coordinates): a point has one of them, an area is a ring."""

    parts: list[tuple[Sort, list[Point]]]
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Layer:
    """``system``: ``EPSG:4326``, or WKT, or '' where none is told. ``total``: how many features the file has, None where that is not
    known; ``layers``: the names of all, of a file that has several."""

    features: list[Feature]
    system: str
    total: int | None
    name: str = ""
    layers: tuple[str, ...] = ()


class _Budget:
    def __init__(self) -> None:
        self.features, self.vertices = MOST_FEATURES, MOST_VERTICES

    def take(self, feature: Feature) -> bool:
        """Whether there is room for one more."""
        self.features -= 1
        self.vertices -= sum(len(points) for _, points in feature.parts)
        return self.features >= 0 and self.vertices >= 0


def _gathered(features: Iterator[Feature]) -> tuple[list[Feature], bool]:
    """As many as there is room for, and whether that is all."""
    budget = _Budget()
    found: list[Feature] = []
    for feature in features:
        if not budget.take(feature):
            return found, False
        found.append(feature)
    return found, True


def _point(x: Any, y: Any) -> Point | None:
    good = (
        isinstance(x, int | float)
        and isinstance(y, int | float)
        and isfinite(x)
        and isfinite(y)
        and abs(x) < 1e12 > abs(y)
    )
    return (float(x), float(y)) if good else None


# ---- GeoJSON


def geojson(file: File) -> Layer:
    """Raises Unreadable: ``malformed``, ``too-deep``."""
    if file.size > MOST_JSON:
        head = decode(file.head(HEAD), truncated=True).text
        found, _ = _gathered(_feature(item) for item in objects_of_head(head))
        return Layer(found, _crs(head), None)
    try:
        data = json.loads(decode(file.head(MOST_JSON)).text)
    except ValueError as error:
        raise Unreadable("malformed", f"not JSON: {error}"[:300]) from error
    except RecursionError:
        raise Unreadable("too-deep", "") from None
    items = data.get("features") if isinstance(data, dict) and "features" in data else [data]
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    found, _ = _gathered(_feature(item) for item in items)
    return Layer(found, _crs(json.dumps(data.get("crs"))) if isinstance(data, dict) else "EPSG:4326", len(items))


def _crs(text: str) -> str:
    """The reference system that files of before RFC 7946 name; WGS 84 else."""
    named = re.search(r'"name"\s*:\s*"(urn:ogc:def:crs:[^"]{1,80}|EPSG:\d{4,5})"', text[:5_000])
    return named[1] if named and "CRS84" not in named[1] else "EPSG:4326"


def _feature(item: Mapping[str, JSON]) -> Feature:
    said = item.get("properties")
    properties = {str(k)[:100]: _shown(v) for k, v in list(said.items())[:60]} if isinstance(said, dict) else {}
    geometry = item.get("geometry") if item.get("type") == "Feature" else item
    return Feature(list(_geometry(geometry, DEEPEST)), properties)


def _shown(value: JSON) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else shown_cell(value)
    return text[:300]


def _geometry(geometry: JSON, depth: int) -> Iterator[tuple[Sort, list[Point]]]:
    if not isinstance(geometry, dict) or depth < 1:
        return
    at, kind = geometry.get("coordinates"), geometry.get("type")
    match kind:
        case "GeometryCollection":
            for part in geometry.get("geometries") or []:
                yield from _geometry(part, depth - 1)
        case "Point":
            yield from (("point", [point]) for point in _points([at]))
        case "MultiPoint":
            yield from (("point", [point]) for point in _points(at))
        case "LineString":
            yield "line", _points(at)
        case "MultiLineString":
            yield from (("line", _points(line)) for line in _list(at))
        case "Polygon":
            yield from (("area", _points(ring)) for ring in _list(at))
        case "MultiPolygon":
            yield from (("area", _points(ring)) for polygon in _list(at) for ring in _list(polygon))


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def _points(value: JSON) -> list[Point]:
    pairs = (_point(*pair[:2]) for pair in _list(value) if isinstance(pair, list) and len(pair) >= 2)
    return [pair for pair in pairs if pair is not None]


# ---- KML and GPX


def kml(file: File) -> Layer:
    """KML, or the first one in a KMZ. Raises Unreadable."""
    root = safe_xml.parse(_kml_bytes(file))
    marks = list(root.iter("{*}Placemark"))
    found, _ = _gathered(map(_placemark, marks))
    return Layer(found, "EPSG:4326", len(marks))


def _kml_bytes(file: File) -> bytes:
    if file.head(2) != b"PK":
        if file.size > safe_xml.MOST_BYTES:
            raise Unreadable("too-large", f"XML of more than {safe_xml.MOST_BYTES:,} bytes is not read")
        return file.head(safe_xml.MOST_BYTES)
    try:
        with zipfile.ZipFile(file.path) as archive:
            inner = next((one for one in archive.infolist() if one.filename.lower().endswith(".kml")), None)
            if inner is None or inner.file_size > safe_xml.MOST_BYTES:
                raise Unreadable("too-large" if inner else "malformed", "no KML that could be read in it")
            with archive.open(inner) as stream:
                return stream.read(safe_xml.MOST_BYTES + 1)
    except DAMAGED as error:
        raise Unreadable("malformed", f"KMZ: {error}") from error


def _placemark(mark: Any) -> Feature:
    parts: list[tuple[Sort, list[Point]]] = []
    for element in mark.iter("{*}Point", "{*}LineString", "{*}LinearRing"):
        sort: Sort = {"Point": "point", "LineString": "line"}.get(safe_xml.local(element), "area")  # type: ignore[assignment]
        words = (triple.split(",") for triple in safe_xml.text(element.find("{*}coordinates")).split())
        points = [point for pair in words if len(pair) >= 2 and (point := _numbers(pair[0], pair[1]))]
        if points:
            parts.append((sort, points))
    said = {
        name: re.sub(r"<[^>]{1,300}>", " ", safe_xml.text(mark.find(f"{{*}}{name}")))[:300].strip()
        for name in ("name", "description")
    }
    for data in mark.iter("{*}Data", "{*}SimpleData"):
        said[(data.get("name") or "")[:100]] = safe_xml.text(data)[:300]
    return Feature(parts, {name: text for name, text in said.items() if name and text})


def _numbers(x: str | None, y: str | None) -> Point | None:
    try:
        return _point(float(x or ""), float(y or ""))
    except ValueError:
        return None


def gpx(file: File) -> Layer:
    """Raises Unreadable."""
    if file.size > safe_xml.MOST_BYTES:
        raise Unreadable("too-large", f"XML of more than {safe_xml.MOST_BYTES:,} bytes is not read")
    things = list(safe_xml.parse(file.head(safe_xml.MOST_BYTES)).iter("{*}wpt", "{*}rte", "{*}trkseg"))
    found, _ = _gathered(map(_way, things))
    return Layer(found, "EPSG:4326", len(things))


def _way(element: Any) -> Feature:
    kind = safe_xml.local(element)
    named = element.getparent() if kind == "trkseg" else element
    said = {name: safe_xml.text(named.find(f"{{*}}{name}"))[:300] for name in ("name", "time", "ele", "desc")}
    properties = {
        "type": {"wpt": "waypoint", "rte": "route"}.get(kind, "track"),
        **{k: v for k, v in said.items() if v},
    }
    if kind == "wpt":
        point = _numbers(element.get("lon"), element.get("lat"))
        return Feature([("point", [point])] if point else [], properties)
    points = [p for e in element.iter("{*}trkpt", "{*}rtept") if (p := _numbers(e.get("lon"), e.get("lat")))]
    times = [safe_xml.text(e) for e in element.iter("{*}time")]
    if times:
        properties |= {"start": times[0][:40], "end": times[-1][:40]}
    return Feature([("line", points)] if points else [], properties | {"points": str(len(points))})


# ---- shapefiles


def shapefile(file: File, beside: Mapping[str, Path]) -> Layer:
    """The shapes, and where they lie beside it the rows of the ``.dbf`` and the system of the ``.prj``.

    Raises:
        Unreadable: ``truncated``.
    """
    rows = iter(dbf_rows(beside[".dbf"], beside.get(".cpg"), MOST_FEATURES)) if ".dbf" in beside else iter(())

    def features() -> Iterator[Feature]:
        for parts in shapes_of(file.path):
            yield Feature(parts, next(rows, {}))

    found, whole = _gathered(features())
    system = decode(beside[".prj"].read_bytes()[:20_000]).text.strip() if ".prj" in beside else ""
    return Layer(found, system, len(found) if whole else None)


def shapes_of(path: Path) -> Iterator[list[tuple[Sort, list[Point]]]]:
    """The shapes of a ``.shp`` in their order; ends where the file does. Raises Unreadable."""
    with path.open("rb") as stream:
        if len(stream.read(100)) < 100:
            raise Unreadable("truncated", "a shapefile's header has 100 bytes")
        while len(head := stream.read(8)) == 8:
            length = 2 * struct.unpack(">I", head[4:])[0]
            if not 4 <= length <= 200_000_000:
                return
            data = stream.read(length)
            if len(data) < length:
                return
            yield _record(data)


def _record(data: bytes) -> list[tuple[Sort, list[Point]]]:
    kind = struct.unpack_from("<i", data)[0] % 10
    try:
        if kind == 1:
            point = _point(*struct.unpack_from("<2d", data, 4))
            return [("point", [point])] if point else []
        if kind == 8:
            count = struct.unpack_from("<I", data, 36)[0]
            return [("point", [point]) for point in _pairs(data, 40, count)]
        if kind in (3, 5):
            parts, count = struct.unpack_from("<2I", data, 36)
            starts = [*struct.unpack_from(f"<{parts}I", data, 44), count]
            points = _pairs(data, 44 + 4 * parts, count)
            sort: Sort = "area" if kind == 5 else "line"
            return [(sort, points[a:b]) for a, b in itertools.pairwise(starts)]
    except struct.error:
        return []
    return []


def _pairs(data: bytes, at: int, count: int) -> list[Point]:
    flat = struct.unpack_from(f"<{2 * count}d", data, at)
    return [point for i in range(0, len(flat), 2) if (point := _point(flat[i], flat[i + 1]))]


# ---- GeoPackages


def geopackage(file: File, wanted: str | None) -> Layer | None:
    """One layer of features; None where there is none. Raises Unreadable: ``malformed``."""
    connection = sqlite3.connect(f"file:{quote(str(file.path))}?mode=ro&immutable=1", uri=True, isolation_level=None)
    try:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        return _layer(connection, wanted)
    except sqlite3.DatabaseError as error:
        raise Unreadable("malformed", f"GeoPackage: {error}"[:300]) from error
    finally:
        connection.close()


def _layer(connection: sqlite3.Connection, wanted: str | None) -> Layer | None:
    query = "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns ORDER BY table_name LIMIT 500"
    layers = {str(table): (str(column), system) for table, column, system in connection.execute(query)}
    if not layers:
        return None
    name = wanted if wanted in layers else next(iter(layers))
    column, system = layers[name]
    quoted = _quoted(name)
    told = connection.execute(f"PRAGMA table_info({quoted})").fetchall()
    names = [str(row[1]) for row in told if not is_geometry(str(row[2])) and row[1] != column][:60]
    chosen = ", ".join(map(_quoted, [column, *names]))
    total = connection.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0]  # noqa: S608 - quoted
    rows = connection.execute(f"SELECT {chosen} FROM {quoted}")  # noqa: S608

    def features() -> Iterator[Feature]:
        for geometry, *cells in rows:
            said = {key: shown_cell(cell)[:300] for key, cell in zip(names, cells, strict=True)}
            yield Feature(_blob(geometry) if isinstance(geometry, bytes) else [], said)

    found, _ = _gathered(features())
    organisation = connection.execute(
        "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = ?", (system,)
    ).fetchone()
    is_epsg = organisation is not None and str(organisation[0]).upper() == "EPSG"
    code = f"EPSG:{organisation[1]}" if is_epsg else "EPSG:4326" if system in DEGREES else ""
    return Layer(found, code, int(total), name, tuple(layers))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _blob(data: bytes) -> list[tuple[Sort, list[Point]]]:
    """A GeoPackage's geometry: a header, then well-known binary."""
    if len(data) < 8 or data[:2] != b"GP":
        return []
    envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}.get((data[3] >> 1) & 7)
    if envelope is None:
        return []
    try:
        return _Binary(data, 8 + envelope).geometry(DEEPEST)
    except (struct.error, ValueError):
        return []


class _Binary:
    """Reads well-known binary front to back."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at, self._order = data, at, "<"

    def _take(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(self._order + form, self._data, self._at)
        self._at += struct.calcsize(self._order + form)
        return found

    def geometry(self, depth: int) -> list[tuple[Sort, list[Point]]]:
        if depth < 1:
            raise ValueError("too deep")
        self._order = ">"
        self._order = "<" if self._take("B")[0] else ">"
        number = self._take("I")[0]
        kind, more = number & 0xFF if number > 10_000 else number % 1000, 0
        more = (number // 1000 in (1, 2)) + 2 * (number // 1000 == 3) if number < 10_000 else (number >> 30).bit_count()
        width = 2 + more
        match kind:
            case 1:
                point = _point(*self._take(f"{width}d")[:2])
                return [("point", [point])] if point else []
            case 2:
                return [("line", self._points(width))]
            case 3:
                return [("area", self._points(width)) for _ in range(self._count())]
            case 4 | 5 | 6 | 7:
                return [part for _ in range(self._count()) for part in self.geometry(depth - 1)]
        raise ValueError("a kind of geometry that is not drawn")

    def _count(self) -> int:
        count = int(self._take("I")[0])
        if count > len(self._data):
            raise ValueError("more than there is")
        return count

    def _points(self, width: int) -> list[Point]:
        count = self._count()
        flat = self._take(f"{count * width}d")
        return [p for i in range(0, len(flat), width) if (p := _point(flat[i], flat[i + 1]))]

"""Vector maps: KML, KMZ and GPX (always WGS 84), shapefiles (.shp, .dbf, .prj).

Sources: OGC KML 2.3; GPX 1.1; ESRI Shapefile Technical Description (July 1998); dBASE III+ file header; OGC 01-009 WKT.
"""

import re
import struct
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from shirushi.describe.evidence import AttributePlace, Evidence
from shirushi.describe.readers import safe_xml
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.columns import Column
from shirushi.describe.readers.rows import column_evidence
from shirushi.describe.readers.zips import DAMAGED
from shirushi.describe.text import decode

MOST_POINTS = 500_000
MOST_RECORDS = 5_000
MOST_NAMES = 200
_TRIPLE = re.compile(r"(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*,\s*(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)")


@reads("application/vnd.google-earth.kml+xml")
def read_kml(file: File) -> Iterator[Evidence]:
    """Where its shapes lie, when, and what the document says it is."""
    if file.size > safe_xml.MOST_BYTES:
        raise Unreadable("too-large", f"XML of more than {safe_xml.MOST_BYTES:,} bytes is not read")
    yield from _kml(file, safe_xml.parse(file.head(safe_xml.MOST_BYTES)), "kml/1")


@reads("application/vnd.google-earth.kmz")
def read_kmz(file: File) -> Iterator[Evidence]:
    """The KML inside, read without unpacking to disk."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            inner = next((i for i in archive.infolist() if i.filename.lower().endswith(".kml")), None)
            if inner is None:
                return
            if inner.file_size > safe_xml.MOST_BYTES:
                raise Unreadable("too-large", f"XML of more than {safe_xml.MOST_BYTES:,} bytes is not read")
            with archive.open(inner) as stream:
                data = stream.read(safe_xml.MOST_BYTES + 1)
    except DAMAGED as error:
        raise Unreadable("malformed", f"KMZ: {error}") from error
    yield from _kml(file, safe_xml.parse(data), "kml/1")


def _kml(file: File, root: Any, reader: str) -> Iterator[Evidence]:
    document = next(root.iter("{*}Document", "{*}Folder"), root)
    for tag, name in (("name", "title"), ("description", "description")):
        element = document.find(f"{{*}}{tag}")
        said = re.sub(r"<[^>]{1,300}>", " ", safe_xml.text(element)).strip()
        if said:
            place = AttributePlace(file.name, f"/{tag}", element.sourceline, said[:300])
            yield Evidence("attribute", {"name": name, "value": said[:5_000], "owner": ""}, place, reader)
    points = (
        (float(x), float(y)) for element in root.iter("{*}coordinates") for x, y in _TRIPLE.findall(element.text or "")
    )
    yield from _extent(file, points, "//coordinates", reader)
    times = [safe_xml.text(e)[:10] for e in islice(root.iter("{*}when", "{*}begin", "{*}end"), MOST_POINTS)]
    yield from _times(file, times, reader)


@reads("application/gpx+xml")
def read_gpx(file: File) -> Iterator[Evidence]:
    """Where and when tracks, routes and way points lie; what the metadata element says."""
    if file.size > safe_xml.MOST_BYTES:
        raise Unreadable("too-large", f"XML of more than {safe_xml.MOST_BYTES:,} bytes is not read")
    root, reader = safe_xml.parse(file.head(safe_xml.MOST_BYTES)), "gpx/1"
    metadata = root.find("{*}metadata")
    for tag, name in (("name", "title"), ("desc", "description")):
        element = metadata.find(f"{{*}}{tag}") if metadata is not None else None
        if element is not None and (said := safe_xml.text(element)):
            place = AttributePlace(file.name, f"/metadata/{tag}", element.sourceline, said[:300])
            yield Evidence("attribute", {"name": name, "value": said[:5_000], "owner": ""}, place, reader)
    points = ((_number(e.get("lon")), _number(e.get("lat"))) for e in root.iter("{*}wpt", "{*}trkpt", "{*}rtept"))
    yield from _extent(file, ((x, y) for x, y in points if x is not None and y is not None), "//*[@lat]", reader)
    times = [safe_xml.text(e)[:10] for e in islice(root.iter("{*}time"), MOST_POINTS)]
    yield from _times(file, times, reader)


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _extent(file: File, points: Any, path: str, reader: str) -> Iterator[Evidence]:
    found = [(x, y) for x, y in islice(points, MOST_POINTS) if -180 <= x <= 180 and -90 <= y <= 90]
    if found:
        xs, ys = [x for x, _ in found], [y for _, y in found]
        value = {"west": min(xs), "south": min(ys), "east": max(xs), "north": max(ys), "points": len(found)}
        yield Evidence("coordinates", value, AttributePlace(file.name, path), reader)


def _times(file: File, times: list[str], reader: str) -> Iterator[Evidence]:
    good = sorted(t for t in times if re.fullmatch(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", t))
    if good:
        value = {"start": good[0], "end": good[-1], "count": len(good)}
        yield Evidence("time-range", value, AttributePlace(file.name, "//time"), reader)


# ---- shapefiles

_SHAPES = {1: "Point", 3: "PolyLine", 5: "Polygon", 8: "MultiPoint", 11: "PointZ", 13: "PolyLineZ", 15: "PolygonZ",
    18: "MultiPointZ", 21: "PointM", 23: "PolyLineM", 25: "PolygonM", 28: "MultiPointM", 31: "MultiPatch"}  # fmt: skip


@reads("application/vnd.shp")
def read_shp(file: File) -> Iterator[Evidence]:
    """The kind of shapes and their bounds, in the units of a system that only the ``.prj`` beside it names."""
    head = file.head(100)
    if len(head) < 100:
        raise Unreadable("truncated", "a shapefile's header has 100 bytes")
    kind = struct.unpack_from("<i", head, 32)[0]
    bounds = list(struct.unpack_from("<4d", head, 36))
    place = AttributePlace(file.name, "/header", quote=_SHAPES.get(kind, ""))
    if kind in _SHAPES:
        yield Evidence("attribute", {"name": "shape type", "value": _SHAPES[kind], "owner": ""}, place, "shapefile/1")
    if all(abs(side) < 1e9 for side in bounds) and bounds[0] <= bounds[2] and bounds[1] <= bounds[3]:
        value = {"name": "bounds", "value": bounds, "owner": ""}
        place = AttributePlace(file.name, "/header/bounds", quote=", ".join(f"{side:g}" for side in bounds))
        yield Evidence("attribute", value, place, "shapefile/1")


@reads("text/x-wkt")
def read_prj(file: File) -> Iterator[Evidence]:
    """The coordinate reference system that a ``.prj`` names, as its WKT says it."""
    text = decode(file.head(20_000)).text.strip()
    match = re.match(r'(GEOGCS|GEOGCRS|PROJCS|PROJCRS|GEOCCS|COMPD_CS|LOCAL_CS)\s*\[\s*"([^"]{1,200})"', text)
    if match:
        value = {
            "name": "crs",
            "value": match[2],
            "owner": "",
            "wkt": text[:10_000],
            "geographic": match[1].startswith("GEOG"),
        }
        place = AttributePlace(file.name, "/", 1, match[0][:300])
        yield Evidence("attribute", value, place, "wkt/1")


@reads("application/dbf")
def read_dbf(file: File) -> Iterator[Evidence]:
    """The columns of a dBASE table and its first records. The encoding is told by the bytes, as for any text."""
    reader = "dbf/1"
    fields, count, rows, encoding = _dbf(file, MOST_RECORDS)
    encoding = _code_page(file) or encoding
    columns, at = [], 1
    for position, (name, _, width) in enumerate(fields, start=1):
        cells = [row[at : at + width].decode(encoding, "replace").strip("\0 ") for row in rows if row[:1] != b"*"]
        columns.append(
            Column(
                name.decode(encoding, "replace").strip() or f"column {position}",
                position,
                [_dated(c, fields[position - 1][1]) for c in cells],
            )
        )
        at += width
    sampled = count > len(rows)
    header = [column.name for column in columns]
    shape = {
        "name": file.name.rpartition("/")[2],
        "rows": count,
        "columns": len(columns),
        "sampled": sampled,
        "header": header,
    }
    yield Evidence("table", shape, AttributePlace(file.name, "/header", quote=", ".join(header)[:300]), reader)

    def place(column: str) -> AttributePlace:
        return AttributePlace(file.name, f"/{column}", quote=column[:300])

    yield from column_evidence(file.name, columns, place, reader, sampled=sampled)


def _dbf(file: File, most: int) -> tuple[list[tuple[bytes, str, int]], int, list[bytes], str]:
    """Fields (name, type, width), the number of records, the bytes of the first of them, and the encoding that these tell.

    Raises:
        Unreadable: ``truncated``, ``malformed``.
    """
    head = file.head(32 + 32 * 512)
    if len(head) < 33:
        raise Unreadable("truncated", "a dBASE header has more than 32 bytes")
    count, header_size, record_size = struct.unpack_from("<IHH", head, 4)
    fields = []
    for start in range(32, min(header_size, len(head)) - 31, 32):
        if head[start] == 0x0D:
            break
        name = head[start : start + 11].split(b"\0", 1)[0]
        fields.append((name, chr(head[start + 11]), head[start + 16]))
    if not fields or record_size < 2 or 1 + sum(width for *_, width in fields) > record_size:
        raise Unreadable("malformed", "the dBASE header's fields do not fit its records")
    with file.open() as stream:
        stream.seek(header_size)
        data = stream.read(record_size * min(count, most))
    decoded = decode(b" ".join(name for name, *_ in fields) + b" " + data)
    rows = [data[start : start + record_size] for start in range(0, len(data) - record_size + 1, record_size)]
    return fields, count, rows, decoded.encoding


def dbf_rows(path: Path, code_page: Path | None, most: int) -> Iterator[dict[str, str]]:
    """The first ``most`` records by field, also those marked as deleted, so that they keep step with the shapes beside them; none of
    a damaged table. ``code_page`` is the ``.cpg`` beside it."""
    file = File(path, path.name, path.stat().st_size, "application/dbf", "dBASE")
    try:
        fields, _, rows, encoding = _dbf(file, most)
    except Unreadable:
        return
    encoding = _stated(code_page) or _code_page(file) or encoding
    for row in rows:
        at, found = 1, {}
        for name, kind, width in fields:
            cell = row[at : at + width].decode(encoding, "replace").strip("\0 ")
            found[name.decode(encoding, "replace").strip()] = _dated(cell, kind)
            at += width
        yield found


_CODE_PAGES = {"utf-8": "utf-8", "utf8": "utf-8", "65001": "utf-8", "932": "cp932", "cp932": "cp932", "sjis": "cp932", "shift_jis": "cp932",
    "ms932": "cp932", "oem 932": "cp932", "ansi 932": "cp932", "euc-jp": "euc_jp", "eucjp": "euc_jp", "20932": "euc_jp", "1252": "cp1252",
    "ansi 1252": "cp1252", "cp1252": "cp1252", "iso-8859-1": "latin-1", "iso8859-1": "latin-1", "88591": "latin-1"}  # fmt: skip


def _code_page(file: File) -> str | None:
    """The encoding that a ``.cpg`` file of the same name states, if it is one of those known here."""
    found = (_stated(file.path.with_suffix(suffix)) for suffix in (".cpg", ".CPG"))
    return next((encoding for encoding in found if encoding), None)


def _stated(path: Path | None) -> str | None:
    """What a ``.cpg`` file says."""
    try:
        if path is not None and path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                return _CODE_PAGES.get(stream.read(40).decode("latin-1").strip("\ufeff\0 \r\n").lower())
    except OSError:
        return None
    return None


def _dated(cell: str, kind: str) -> str:
    """A date field holds YYYYMMDD."""
    return f"{cell[:4]}-{cell[4:6]}-{cell[6:]}" if kind == "D" and re.fullmatch(r"\d{8}", cell) else cell

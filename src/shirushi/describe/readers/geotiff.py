"""GeoTIFF: where the raster lies, its resolution, its reference system, and what GDAL noted.

Source: OGC GeoTIFF 1.1 (19-008r4): keys ModelPixelScale, ModelTiepoint, ModelTransformation, GTModelType, GTRasterType.
"""

import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.projections import DEGREES
from shirushi.describe.readers import safe_xml
from shirushi.describe.readers.base import File, Unreadable, reads

READER = "geotiff/1"
MOST_ITEMS = 100


@reads("image/tiff")
def read_geotiff(file: File) -> Iterator[Evidence]:
    """Nothing for a TIFF without geographic keys."""
    import tifffile

    try:
        with tifffile.TiffFile(file.path) as tiff:
            page: Any = tiff.pages.first
            if "GeoKeyDirectoryTag" not in page.tags:
                return
            keys = plain_keys(tiff.geotiff_metadata or {})
            width, height = page.imagewidth, page.imagelength
            notes = {
                name: str(page.tags[name].value)[:200_000]
                for name in ("GDAL_METADATA", "GDAL_NODATA")
                if name in page.tags
            }
    except (tifffile.TiffFileError, ValueError, KeyError, IndexError, TypeError, OverflowError) as error:
        raise Unreadable("malformed", f"TIFF: {error}"[:200]) from error
    yield from _keys(file.name, keys)
    yield from _bounds(file.name, keys, int(width), int(height))
    yield from _gdal(file.name, notes)


def plain_keys(said: Mapping[str, Any]) -> dict[str, JSON]:
    """The library's words for the keys of a file, as JSON."""
    return {key: _plain(value) for key, value in said.items()}


def _plain(value: Any) -> JSON:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value[:1_000]]
    return int(value) if isinstance(value, int) else value if isinstance(value, float | str) else str(value)


def _code(keys: Mapping[str, JSON], *names: str) -> int | None:
    for name in names:
        value = keys.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 1023 < value < 32767:
            return value
    return None


def _keys(file: str, keys: Mapping[str, JSON]) -> Iterator[Evidence]:
    for name in ("GTCitationGeoKey", "GeogCitationGeoKey", "PCSCitationGeoKey"):
        said = str(keys.get(name) or "").strip("| ")
        if said:
            place = AttributePlace(file, f"/@{name}", quote=said[:300])
            yield Evidence("attribute", {"name": "crs", "value": said[:300], "owner": ""}, place, READER)
            return


def _bounds(file: str, keys: Mapping[str, JSON], width: int, height: int) -> Iterator[Evidence]:
    """West, south, east and north of the raster, when its axes run along those of the reference system."""
    corners = corners_of(keys, width, height)
    if corners is None:
        return
    tag = "ModelTiepoint" if "ModelTiepoint" in keys else "ModelTransformation"
    place = AttributePlace(file, f"/@{tag}", quote=", ".join(f"{c:g}" for c in corners))
    model = keys.get("GTModelTypeGeoKey")
    geographic = _code(keys, "GeographicTypeGeoKey", "GeodeticCRSGeoKey")
    projected = _code(keys, "ProjectedCSTypeGeoKey", "ProjectedCRSGeoKey")
    inside = -180.5 <= corners[0] <= corners[2] <= 180.5 and -90.5 <= corners[1] <= corners[3] <= 90.5
    if model == 2 and geographic in DEGREES and inside:
        box = {
            "west": max(-180.0, corners[0]),
            "south": max(-90.0, corners[1]),
            "east": min(180.0, corners[2]),
            "north": min(90.0, corners[3]),
        }
        yield Evidence("coordinates", {**box, "points": 4}, place, READER)
    elif model == 1 and projected:
        value = {"name": "bounds", "value": corners, "owner": "", "crs": f"EPSG:{projected}"}
        yield Evidence("attribute", value, place, READER)


def corners_of(keys: Mapping[str, JSON], width: int, height: int) -> list[float] | None:
    """West, south, east, north in the units of the reference system; None where the keys do not tell."""
    half = 0.5 if keys.get("GTRasterTypeGeoKey") == 2 else 0.0  # the tie point is the middle of a pixel
    return _by_tie_point(keys, width, height, half) or _by_matrix(keys, width, height, half)


def system_of(keys: Mapping[str, JSON]) -> str:
    """``EPSG:6677``, or '' where no code of the register is given."""
    names = ("ProjectedCSTypeGeoKey", "ProjectedCRSGeoKey")
    if keys.get("GTModelTypeGeoKey") == 2:
        names = ("GeographicTypeGeoKey", "GeodeticCRSGeoKey")
    code = _code(keys, *names)
    return f"EPSG:{code}" if code else ""


def _by_tie_point(keys: Mapping[str, JSON], width: int, height: int, half: float) -> list[float] | None:
    """West, south, east, north of a raster with one tie point and a pixel size."""
    scale, tie = keys.get("ModelPixelScale"), keys.get("ModelTiepoint")
    if not (isinstance(scale, list) and len(scale) >= 2 and isinstance(tie, list) and len(tie) >= 6):
        return None
    try:
        (dx, dy), (i, j, _, x, y) = map(float, scale[:2]), map(float, tie[:5])
    except (TypeError, ValueError):
        return None
    if not (0 < dx < 1e7 and 0 < dy < 1e7):
        return None
    west, north = x - (i + half) * dx, y + (j + half) * dy
    return [west, north - height * dy, west + width * dx, north]


def _by_matrix(keys: Mapping[str, JSON], width: int, height: int, half: float) -> list[float] | None:
    """The box around the four corners of a raster that a matrix turns or shears."""
    rows = keys.get("ModelTransformation")
    flat = [n for row in rows for n in (row if isinstance(row, list) else [row])] if isinstance(rows, list) else []
    if len(flat) != 16 or not all(isinstance(n, int | float) and isfinite(n) for n in flat):
        return None
    a, b, _, d, e, f, _, h = flat[:8]
    ends = [(i - half, j - half) for i in (0, width) for j in (0, height)]
    xs, ys = [a * i + b * j + d for i, j in ends], [e * i + f * j + h for i, j in ends]
    return [min(xs), min(ys), max(xs), max(ys)] if max(xs) > min(xs) and max(ys) > min(ys) else None


def _gdal(file: str, notes: Mapping[str, str]) -> Iterator[Evidence]:
    """Items of GDAL's metadata, and the value that stands for no data."""
    if (nothing := notes.get("GDAL_NODATA", "").strip("\0 ")) and re.fullmatch(r"-?[\w.+-]{1,30}", nothing):
        place = AttributePlace(file, "/@GDAL_NODATA", quote=nothing)
        yield Evidence("attribute", {"name": "no data value", "value": nothing, "owner": ""}, place, READER)
    if "GDAL_METADATA" not in notes:
        return
    try:
        root = safe_xml.parse(notes["GDAL_METADATA"].strip("\0 ").encode())
    except Unreadable:
        return
    for number, item in enumerate(root.iter("Item")):
        name, said = item.get("name") or "", safe_xml.text(item)
        if number >= MOST_ITEMS:
            return
        if name and said:
            band = item.get("sample")
            place = AttributePlace(file, f"/GDAL_METADATA/{name}", quote=said[:300])
            owner = f"band {int(band) + 1}" if band and band.isdigit() else ""
            yield Evidence("attribute", {"name": name.lower(), "value": said[:2_000], "owner": owner}, place, READER)

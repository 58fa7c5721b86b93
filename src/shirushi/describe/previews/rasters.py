"""Grids with a place on the earth: GeoTIFF and ESRI ASCII grids as pictures in a frame. See :mod:`shirushi.describe.previews.maps`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from shirushi.describe import projections
from shirushi.describe.evidence import JSON
from shirushi.describe.previews import colours, maps
from shirushi.describe.previews.media import MOST_PIXELS, MOST_UNPACKED, packed, preview_attributes
from shirushi.describe.previews.registry import Shape, Wanted
from shirushi.describe.previews.strided import plain_tiff
from shirushi.describe.readers import geotiff
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.registry import readers_for
from shirushi.describe.text import decode

SIDE = 1_000  # pixels of the picture
MOST_OVERVIEWS = 20
MOST_TEXT = 24_000_000  # bytes of an ASCII grid


def show_geotiff(file: File, wanted: Wanted) -> Shape | None:
    """None for a TIFF without a place, or of more pixels than can be unpacked: it is shown as a picture or by its attributes.

    Raises:
        Unreadable: ``malformed``, ``truncated``.
    """
    import tifffile

    if (wanted.page or 1) > 1:
        return None
    try:
        with tifffile.TiffFile(file.path) as tiff:
            first: Any = tiff.pages.first
            if "GeoKeyDirectoryTag" not in first.tags:
                return None
            keys = geotiff.plain_keys(tiff.geotiff_metadata or {})
            corners = geotiff.corners_of(keys, int(first.imagewidth), int(first.imagelength))
            said = first.tags["GDAL_NODATA"].value if "GDAL_NODATA" in first.tags else ""
            if corners is None:
                return None
            page = _overview(tiff)
            values = _pixels(file, tiff, page) if page is not None else plain_tiff(file, 1, SIDE)
            bands = int(first.samplesperpixel)
    except (tifffile.TiffFileError, ValueError, KeyError, IndexError, TypeError, OverflowError, OSError) as error:
        raise Unreadable("malformed", f"TIFF: {error}"[:200]) from error
    if values is None:
        return None
    picture, low, high = _picture(values, _number(str(said)))
    shown = _on_map(corners, geotiff.system_of(keys), picture, low, high)
    return shown | {"bands": bands, "band": 1 if low is not None and bands > 1 else None, **_items(file)}


def _overview(tiff: Any) -> int | None:
    """Which page to unpack: the smallest that is large enough, the whole one if it can be; None else."""
    others = enumerate(tiff.pages[1:MOST_OVERVIEWS], start=1)
    good = {0: tiff.pages.first} | {number: page for number, page in others if getattr(page, "is_reduced", False)}
    bearable = {
        number: page
        for number, page in good.items()
        if page.imagewidth * page.imagelength <= MOST_PIXELS and (page.nbytes or 0) <= MOST_UNPACKED
    }
    enough = {n: p for n, p in bearable.items() if max(p.imagewidth, p.imagelength) >= SIDE} or bearable
    return min(enough, key=lambda n: enough[n].imagewidth) if enough else None


def _pixels(file: File, tiff: Any, number: int) -> Any:
    """Colours (three or four in the last dimension), or the numbers of the first band; None for a packing that is not known."""
    page = tiff.pages[number]
    if page.samplesperpixel in (1, 3, 4):
        try:
            with Image.open(file.path, formats=("TIFF",)) as opened:
                opened.seek(number)
                if opened.mode in ("RGB", "RGBA", "P", "CMYK", "YCbCr"):
                    return _thinned(np.asarray(opened.convert("RGBA" if opened.mode in ("P", "RGBA") else "RGB")))
                return _thinned(np.asarray(opened)).astype(float)
        except (OSError, ValueError, SyntaxError, EOFError):
            pass
    try:
        found = page.asarray()
    except (ValueError, RuntimeError, NotImplementedError, ImportError):
        return None
    if found.ndim == 3:
        is_last = page.planarconfig == 1
        if found.shape[-1 if is_last else 0] in (3, 4) and found.dtype == np.uint8:
            return _thinned(found if is_last else np.moveaxis(found, 0, -1))
        found = found[..., 0] if is_last else found[0]
    return _thinned(found).astype(float) if found.ndim == 2 and found.dtype.kind in "iufb" else None


def _thinned(values: Any) -> Any:
    step = max(1, -(-max(values.shape[:2]) // SIDE))
    return values[::step, ::step]


def _picture(values: Any, nothing: float | None) -> tuple[Image.Image, float | None, float | None]:
    if values.ndim == 3:
        values = values if values.dtype == np.uint8 else values[..., 0]
    if values.ndim == 3:
        return Image.fromarray(np.ascontiguousarray(values)), None, None
    if nothing is not None:
        values = np.where(np.isclose(values, nothing, rtol=1e-6, atol=0), np.nan, values)
    return colours.painted(values)


def _on_map(
    corners: Sequence[float], system: str, picture: Image.Image, low: float | None, high: float | None
) -> Shape:
    """North up in its own system: a raster in metres is not bent into degrees."""
    west, south, east, north = corners
    code = projections.epsg_of(system)
    is_degrees = code in projections.DEGREES or (not code and projections.is_degrees(system))
    frame = maps.frame_of(west, south, east, north, degrees=is_degrees)
    box = list(corners) if is_degrees else projections.box_in_degrees(system, corners)
    (left, top), (right, bottom) = frame.at(west, north), frame.at(east, south)
    return maps.placed(frame, box, degrees=is_degrees, unit="m" if box else "") | {
        "system": maps.short_name(system),
        "bounds": list(corners),
        "box": box,
        "shapes": [],
        "at": [round(number, 1) for number in (left, top, right - left, bottom - top)],
        "low": None if low is None else float(f"{low:.6g}"),
        "high": None if high is None else float(f"{high:.6g}"),
        "header": [],
        "rows": [],
        "start": 1,
        "total": None,
        "layers": [],
        **packed(picture),
    }


def _items(file: File) -> dict[str, JSON]:
    try:
        said = preview_attributes(file, readers_for(file.media_type), highlight=None)
    except Unreadable as error:
        return {"items": [], "problems": [{"code": error.code, "detail": error.message}]}
    return {"items": said.get("items", []), "problems": said.get("problems", [])}


def _number(text: str) -> float | None:
    try:
        return float(text.strip("\0 "))
    except ValueError:
        return None


def show_ascii_grid(file: File, wanted: Wanted) -> Shape | None:
    """None for one without a place, or too large.

    Raises:
        Unreadable: ``malformed``.
    """
    from shirushi.describe.readers.rasters import read_ascii_grid

    if file.size > MOST_TEXT:
        return None
    said = {e.value["name"]: e.value["value"] for e in read_ascii_grid(file) if e.kind == "attribute"}
    shape = next(e.value["shape"] for e in read_ascii_grid(file) if e.kind == "array")
    if "bounds" not in said:
        return None
    text = file.head(MOST_TEXT).decode("latin-1")
    body = "\n".join(line for line in text.splitlines() if line[:1].lstrip()[:1] not in _LETTERS)
    numbers = np.fromstring(body, sep=" ")
    if numbers.size != shape[0] * shape[1]:
        raise Unreadable("malformed", f"{numbers.size:,} cells where {shape[0] * shape[1]:,} are announced")
    picture, low, high = _picture(_thinned(numbers.reshape(shape)), said.get("no data value"))
    system = decode(wanted.beside[".prj"].read_bytes()[:20_000]).text.strip() if ".prj" in wanted.beside else ""
    return _on_map(said["bounds"], system, picture, low, high) | {"bands": 1, "band": None, **_items(file)}


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

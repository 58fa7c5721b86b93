"""Grids whose place is written as text: ESRI ASCII grids, and the world files beside pictures.

Neither names its reference system; a ``.prj`` of the same name does (:mod:`shirushi.describe.suggesters.places` joins them).
Sources: Esri ASCII raster format; world files for raster datasets (both in Esri's documentation).
"""

import re
from collections.abc import Iterator
from math import isfinite

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads

READER = "raster/1"
MOST_CELLS = 10**12
_LINE = re.compile(r"\s*([A-Za-z_]+)\s+(\S+)\s*")
_PICTURES = (".tif", ".tiff", ".jpg", ".jpeg", ".png", ".gif", ".bmp")


@reads("application/x-esri-grid")
def read_ascii_grid(file: File) -> Iterator[Evidence]:
    """Size, bounds and the value that stands for no data, from the header; cells are not read."""
    found: dict[str, tuple[float, int]] = {}
    for number, line in enumerate(file.head(4_096).decode("latin-1").splitlines()[:10], start=1):
        match = _LINE.fullmatch(line)
        if match is None or (said := _number(match[2])) is None:
            break
        found[match[1].lower()] = (said, number)
    columns, rows = (found.get(key, (0.0, 0))[0] for key in ("ncols", "nrows"))
    width = found.get("cellsize", found.get("dx", (0.0, 0)))[0]
    height = found.get("cellsize", found.get("dy", (0.0, 0)))[0]
    whole = columns.is_integer() and rows.is_integer() and columns >= 1 and rows >= 1 and columns * rows <= MOST_CELLS
    if not whole or not (0 < width < 1e7 and 0 < height < 1e7):
        raise Unreadable("malformed", "an ASCII grid's header needs ncols, nrows and cellsize that can be")
    name = file.name.rpartition("/")[2].rpartition(".")[0]
    array = {"name": name, "shape": [int(rows), int(columns)], "dtype": "", "group": ""}
    yield Evidence("array", array, AttributePlace(file.name, "/ncols", found["ncols"][1], f"{columns:g}"), READER)
    if "nodata_value" in found:
        nothing, number = found["nodata_value"]
        value: dict[str, JSON] = {"name": "no data value", "value": nothing, "owner": ""}
        yield Evidence("attribute", value, AttributePlace(file.name, "/nodata_value", number, f"{nothing:g}"), READER)
    west, south = _edge(found, "x", width), _edge(found, "y", height)
    if west is not None and south is not None:
        where = next(at for key, (_, at) in found.items() if key.startswith("xll"))
        yield _bounds(file.name, [west, south, west + columns * width, south + rows * height], where)


def _edge(found: dict[str, tuple[float, int]], axis: str, size: float) -> float | None:
    """The lower edge of the grid, from a corner or the middle of the first cell."""
    if f"{axis}llcorner" in found:
        return found[f"{axis}llcorner"][0]
    middle = found.get(f"{axis}llcenter", found.get(f"{axis}llcentre"))
    return middle[0] - size / 2 if middle else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _bounds(file: str, corners: list[float], line: int) -> Evidence:
    place = AttributePlace(file, "/bounds", line, ", ".join(f"{side:g}" for side in corners))
    return Evidence("attribute", {"name": "bounds", "value": corners, "owner": ""}, place, READER)


@reads("text/x-world-file")
def read_world_file(file: File) -> Iterator[Evidence]:
    """Bounds of the picture beside it, whose size its header tells: lines A, D, B, E, C, F, the last two the middle of the first
    pixel. Nothing without the picture."""
    numbers = [_number(word) for word in file.head(2_000).decode("latin-1").split()[:6]]
    size = _size_beside(file)
    if size is None or len(numbers) < 6 or None in numbers:
        return
    a, d, b, e, c, f = (number for number in numbers if number is not None)
    ends = [(i - 0.5, j - 0.5) for i in (0, size[0]) for j in (0, size[1])]
    xs, ys = [a * i + b * j + c for i, j in ends], [d * i + e * j + f for i, j in ends]
    if max(xs) > min(xs) and max(ys) > min(ys) and all(abs(side) < 1e9 for side in (*xs, *ys)):
        yield _bounds(file.name, [min(xs), min(ys), max(xs), max(ys)], 1)


def _size_beside(file: File) -> tuple[int, int] | None:
    """Width and height of the picture with the same name."""
    from PIL import Image

    for suffix in (*_PICTURES, *(suffix.upper() for suffix in _PICTURES)):
        path = file.path.with_suffix(suffix)
        if not path.is_file() or path.is_symlink():
            continue
        try:
            with Image.open(path, formats=("TIFF", "JPEG", "PNG", "GIF", "BMP")) as picture:  # reads the header only
                return picture.size
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return None
    return None

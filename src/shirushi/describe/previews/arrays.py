"""Files of arrays as a tree: groups, variables with their dimensions, attributes; and a picture of the values of one.

The tree is what the readers see, whatever the format. Of values only one line or plane is read, thinned where it is large, and
never from chunks that unpack to more than a bounded size, from other files or through links.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil, isfinite, prod
from typing import Any

import numpy as np

from shirushi.describe.evidence import JSON, AttributePlace
from shirushi.describe.previews import colours
from shirushi.describe.previews.media import MAX_VALUE, evidence_of, packed, problems_among, shown
from shirushi.describe.previews.registry import Shape, Wanted
from shirushi.describe.previews.strided import MOST_SEEKS, Flat, packed_strides
from shirushi.describe.readers.base import File
from shirushi.describe.readers.registry import readers_for

MOST_NODES = 2_000
MOST_ATTRIBUTES = 200
MOST_READ = 64_000_000  # bytes of a line or plane that are read to be thinned
SIDE = 400  # cells of a picture's side
LINE = 600  # points of a curve
WINDOW = 400  # cells of what is too large to be thinned
LISTED = 10  # numbers to a side in the table behind a picture
LISTED_LINE = 50

Array = Any  # numpy's, h5py's: what has a shape, a dtype and can be cut


def show_tree(file: File, wanted: Wanted) -> Shape | None:
    """``{"type": "tree", "groups": [{path, attributes, arrays: [{path, name, dtype, extent, unit, label, shape, attributes}]}],
    "total", "values": False, "problems"}``: None where the readers see no arrays."""
    return _tree(file)


def _tree(file: File, *, values: bool = False) -> Shape | None:
    arrays: dict[str, dict[str, JSON]] = {}
    attributes: dict[str, dict[str, str]] = {}
    total = 0
    seen = list(evidence_of(file, readers_for(file.media_type)))
    for evidence in seen:
        if not isinstance(evidence.place, AttributePlace):
            continue
        path, _, name = evidence.place.path.partition("@")
        path = path.rstrip("/")
        if evidence.kind in ("array", "table"):
            total += path not in arrays
            if len(arrays) < MOST_NODES:
                arrays.setdefault(path, _array(path, evidence))
        elif evidence.kind == "attribute" and name:
            of_owner = attributes.setdefault(path, {})
            if len(of_owner) < MOST_ATTRIBUTES:
                of_owner[name] = shown(evidence)[:MAX_VALUE]
    if not arrays:
        return None
    groups: dict[str, dict[str, JSON]] = {"": {"path": "", "attributes": [], "arrays": []}}
    for path, array in arrays.items():
        group = path.rpartition("/")[0]
        found = groups.setdefault(group, {"path": group, "attributes": [], "arrays": []})
        found["arrays"].append(array | {"attributes": _listed(attributes.pop(path, {}))})
    for path, said in list(attributes.items())[:MOST_NODES]:
        found = groups.setdefault(path, {"path": path, "attributes": [], "arrays": []})
        found["attributes"] = _listed(said)
    ordered: list[JSON] = [groups[path] for path in sorted(groups)]
    return {
        "type": "tree",
        "groups": ordered,
        "total": total,
        "values": values,
        "chosen": None,
        "problems": problems_among(seen),
    }


def _listed(said: Mapping[str, str]) -> list[JSON]:
    return [[name, value] for name, value in said.items()]


def _array(path: str, evidence: Any) -> dict[str, JSON]:
    value = evidence.value
    name = str(value.get("name") or path.rpartition("/")[2])
    if evidence.kind == "table":
        extent = " × ".join(f"{value.get(side) or 0:,}" for side in ("rows", "columns"))
        return {"path": path, "name": name, "dtype": "table", "extent": extent, "unit": "", "label": "", "shape": None}
    shape = value["shape"]
    names = value.get("dimensions") or [""] * len(shape)
    extent = ", ".join(f"{n} {size:,}" if n else f"{size:,}" for n, size in zip(names, shape, strict=False))
    return {
        "path": path,
        "name": name,
        "dtype": value.get("dtype", ""),
        "extent": extent,
        "unit": value.get("unit", ""),
        "label": value.get("label") or value.get("long_name") or value.get("standard_name") or "",
        "shape": list(shape),
    }


# ---- values


@dataclass(frozen=True, slots=True)
class Opened:
    """An array that can be cut, with the names of its dimensions and its attributes. ``axis`` gives the numbers of a dimension's
    own variable, or None."""

    array: Array
    dimensions: Sequence[str]
    attributes: Mapping[str, JSON]
    axis: Callable[[str, int], Array | None] = lambda name, size: None


def show_hdf(file: File, wanted: Wanted) -> Shape | None:
    """HDF5 and netCDF-4: the tree, and the values of ``variable`` or of the only array there is."""
    return _with_values(file, wanted, _hdf)


def show_netcdf3(file: File, wanted: Wanted) -> Shape | None:
    """Classic netCDF: the same."""
    return _with_values(file, wanted, _netcdf3)


def show_npy(file: File, wanted: Wanted) -> Shape | None:
    """One NumPy array: the same. Objects, which would have to be unpickled, are never read."""
    return _with_values(file, wanted, _npy)


def show_zarr_zip(file: File, wanted: Wanted) -> Shape | None:
    """A Zarr store in a ZIP file; None for any other ZIP."""
    from shirushi.describe.readers import zarr

    return _tree(file) if next(iter(zarr.read_zip(file)), None) is not None else None


def _with_values(file: File, wanted: Wanted, opened: Any) -> Shape | None:
    tree = _tree(file, values=True)
    if tree is None:
        return None
    paths = {array["path"] for group in tree["groups"] for array in group["arrays"] if array["shape"] is not None}
    chosen = next(iter(paths)) if len(paths) == 1 and wanted.variable is None else wanted.variable
    if chosen is not None and chosen in paths:
        try:
            with opened(file, chosen) as found:
                tree["chosen"] = {"path": chosen, **_cut(found, wanted.at)}
        except (OSError, RuntimeError, ValueError, TypeError, KeyError, IndexError) as error:
            tree["chosen"] = {"path": chosen, "kind": "none", "detail": str(error)[:200]}
    return tree


@contextmanager
def _hdf(file: File, path: str) -> Iterator[Opened]:
    import h5py

    from shirushi.describe.readers import hdf

    with h5py.File(file.path, "r") as opened:
        owner: Any = opened
        for part in path.strip("/").split("/"):
            if not isinstance(owner.get(part, getlink=True), h5py.HardLink):
                raise ValueError("links are not followed")
            owner = owner[part]
        if not isinstance(owner, h5py.Dataset) or owner.is_virtual or owner.external:
            raise ValueError("values of other files are not read")
        if owner.chunks and prod(owner.chunks) * owner.dtype.itemsize > MOST_READ:
            raise ValueError(f"one chunk unpacks to more than {MOST_READ:,} bytes")
        parent = owner.parent

        def axis(name: str, size: int) -> Array | None:
            scale: Any = parent.get(name) if isinstance(parent.get(name, getlink=True), h5py.HardLink) else None
            good = (
                isinstance(scale, h5py.Dataset) and scale.shape == (size,) and not (scale.is_virtual or scale.external)
            )
            # what stands for a dimension without a variable holds zeros (NetCDF-4 file format, dimensions)
            good = good and _PLACEHOLDER not in str(scale.attrs.get("NAME", ""))
            if not good or scale.dtype.kind not in "iuf" or size * scale.dtype.itemsize > MOST_READ:
                return None
            return scale[()]

        said = hdf.attributes_of(owner)
        is_netcdf = file.media_type == "application/x-netcdf4"
        yield Opened(owner, hdf.dimensions_of(owner), _filled(said, owner.dtype) if is_netcdf else said, axis)


@contextmanager
def _netcdf3(file: File, path: str) -> Iterator[Opened]:
    from shirushi.describe.readers import netcdf3

    with file.open() as stream:
        header = netcdf3.parse_header(stream, file.size)
    known = {f"/{variable.name}": variable for variable in header.variables}

    def array_of(variable: Any) -> Flat:
        kind = np.dtype(netcdf3.numpy_type(variable.type))
        shape = tuple(variable.shape)
        strides = packed_strides(shape, kind.itemsize)
        if variable.record and strides:
            strides = (header.record_size, *strides[1:])
        return Flat(file.path, variable.begin, shape, strides, kind)

    def axis(name: str, size: int) -> Array | None:
        scale: Any = known.get(f"/{name}")
        is_good = scale is not None and tuple(scale.shape) == (size,) and netcdf3.numpy_type(scale.type)[1] in "iuf"
        return array_of(scale)[:] if is_good and size <= MOST_SEEKS else None

    variable = known[path]
    array = array_of(variable)
    yield Opened(array, variable.dimensions, _filled(variable.attributes, array.dtype), axis)


@contextmanager
def _npy(file: File, path: str) -> Iterator[Opened]:  # there is only one
    with file.open() as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, is_fortran, kind = read(stream)
        offset = stream.tell()
    if kind.hasobject:
        raise ValueError("objects are not read")
    strides = packed_strides(shape, kind.itemsize)
    if is_fortran:
        strides = packed_strides(shape[::-1], kind.itemsize)[::-1]
    yield Opened(Flat(file.path, offset, shape, strides, kind), (), {})


# What netCDF writes where nothing was written, of types wide enough that it is no value (netcdf.h, NC_FILL_INT and NC_FILL_INT64)
_PLACEHOLDER = "This is a netCDF dimension but not a netCDF variable"
_FILLS = {("i", 4): -2147483647, ("i", 8): -9223372036854775806}


def _filled(attributes: Mapping[str, JSON], dtype: Any) -> Mapping[str, JSON]:
    """The attributes, with netCDF's own mark of nothing where the file names none."""
    fill = _FILLS.get((dtype.kind, dtype.itemsize))
    return attributes if fill is None or "_FillValue" in attributes else {"_FillValue": fill, **attributes}


def _cut(found: Opened, at: Sequence[int]) -> dict[str, JSON]:
    """The values of one line or plane; see :func:`_line` and :func:`_plane`."""
    array, shape = found.array, tuple(found.array.shape or ())
    kind = array.dtype.kind
    names = [*found.dimensions, *[""] * len(shape)][: len(shape)]
    if not prod(shape):
        return {"kind": "none", "detail": "it is empty"}
    if kind not in "iufb":
        return _words(array, shape)
    leading = [min(max(0, index), size - 1) for index, size in zip([*at, *[0] * len(shape)], shape[:-2], strict=False)]
    told: dict[str, JSON] = {
        "unit": str(found.attributes.get("units", ""))[:60],
        "steps": [{"name": n, "size": s, "at": i} for n, s, i in zip(names, shape, leading, strict=False)],
    }
    if not shape:
        return told | {"kind": "number", "value": _numbers(array[()], found.attributes)[0]}
    if len(shape) == 1:
        return told | _line(found, names[0])
    return told | _plane(found, leading, names)


def _words(array: Array, shape: tuple[int, ...]) -> dict[str, JSON]:
    if len(shape) > 1 or array.dtype.itemsize > 10_000:
        return {"kind": "none", "detail": f"values of the type {array.dtype} are not shown"[:200]}
    some = array[:LISTED_LINE] if shape else [array[()]]
    texts = [item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item) for item in some]
    return {"kind": "words", "words": [text[:300] for text in texts], "size": shape[0] if shape else 1}


def _real(values: Any, attributes: Mapping[str, JSON]) -> Any:
    """What stored numbers mean by CF's attributes: missing ones are NaN, packed ones unpacked (CF 1.11, sections 2.5.1 and 8.1)."""
    stored = np.asarray(values)
    real = stored.astype(float)
    for name in ("_FillValue", "missing_value"):
        if isinstance(nothing := attributes.get(name), int | float):
            real = np.where(stored == nothing, np.nan, real)
    if stored.dtype.kind == "f" and "_FillValue" not in attributes:
        real = np.where(np.abs(real) > 9.9e36, np.nan, real)
    for name, use in (("scale_factor", np.multiply), ("add_offset", np.add)):
        if isinstance(by := attributes.get(name), int | float):
            real = use(real, by)
    return real


def _number(value: float) -> float | None:
    """A number that was worked out, in as many digits as it is good for."""
    return float(f"{value:.6g}") if isfinite(value) else None


def _exact(value: Any) -> float | None:
    """A number as it is written shortest in its own precision: 0.1 of 32 bits is 0.1."""
    number = float(str(value)) if isinstance(value, np.floating) else float(value)
    return number if isfinite(number) else None


def _numbers(values: Any, attributes: Mapping[str, JSON]) -> list[JSON]:
    """Stored numbers by what they mean: whole ones stay whole, whatever their size; None where there is no value."""
    stored = np.asarray(values)
    real = _real(stored, attributes)
    if any(isinstance(attributes.get(name), int | float) for name in ("scale_factor", "add_offset")):
        return [float(f"{value:.12g}") if isfinite(value) else None for value in real.ravel().tolist()]
    own = [int(value) if stored.dtype.kind in "iub" else _exact(value) for value in stored.ravel()]
    return [None if is_none else value for value, is_none in zip(own, np.isnan(real.ravel()), strict=True)]


def _line(found: Opened, name: str) -> dict[str, JSON]:
    """``points`` [[x, y | None]] of a curve, where it lies on its axis, and the first ``numbers``."""
    size = found.array.shape[0]
    is_small = size * found.array.dtype.itemsize <= MOST_READ
    step = ceil(size / LINE) if is_small else 1
    shown = size if is_small else LINE
    stored = found.array[0:shown:step]
    values = _real(stored, found.attributes)
    axis = found.axis(name, size)
    xs = axis[0:shown:step] if axis is not None else np.arange(0, shown, step, dtype=float)
    points: list[JSON] = [[_exact(x), _number(float(y))] for x, y in zip(xs, values, strict=False)]
    first = found.array[: min(size, LISTED_LINE)]
    return {
        "kind": "line",
        "points": [point for point in points if point[0] is not None],
        "axis": name,
        "size": size,
        "shown": shown,
        "step": step,
        "numbers": _numbers(first, found.attributes),
        **_range(_numbers(stored, found.attributes)),
    }


def _plane(found: Opened, leading: Sequence[int], names: Sequence[str]) -> dict[str, JSON]:
    """A picture of the last two dimensions, and ``numbers`` from its corner. North is up where rows are latitudes."""
    rows, columns = found.array.shape[-2:]
    is_small = rows * columns * found.array.dtype.itemsize <= MOST_READ
    height, width = (rows, columns) if is_small else (min(rows, WINDOW), min(columns, WINDOW))
    down, right = (ceil(height / SIDE), ceil(width / SIDE)) if is_small else (1, 1)
    values = _real(found.array[(*leading, slice(0, height, down), slice(0, width, right))], found.attributes)
    corner = found.array[(*leading, slice(0, min(LISTED, rows)), slice(0, min(LISTED, columns)))]
    axes: list[JSON] = []
    for name, size, seen in ((names[-2], rows, height), (names[-1], columns, width)):
        axis = found.axis(name, size)
        ends = [_exact(axis[0]), _exact(axis[seen - 1])] if axis is not None else None
        axes.append({"name": name, "size": size, "shown": seen, "ends": ends})
    ends = axes[0]["ends"]
    is_upward = (
        names[-2].lower() in ("lat", "latitude", "y", "northing") and ends and None not in ends and ends[0] < ends[1]
    )
    picture, low, high = colours.painted(values[::-1] if is_upward else values)
    side = max(picture.width, picture.height)
    if side < SIDE:  # a cell is a square that can be seen
        factor = max(1, SIDE // side)
        picture = picture.resize((picture.width * factor, picture.height * factor), 0)
    return {
        "kind": "plane",
        "axes": axes,
        "upward": bool(is_upward),
        "numbers": [_numbers(row, found.attributes) for row in corner],
        "low": _number(low),
        "high": _number(high),
        **packed(picture),
    }


def _range(values: Sequence[float | None]) -> dict[str, JSON]:
    known = [value for value in values if value is not None]
    return {"low": min(known, default=None), "high": max(known, default=None)}

"""HDF5 and netCDF-4 files: attributes, variables, tables (AnnData, PyTables), short texts (NeXus), extent in space and time.

Links to other files, virtual and external datasets are never followed, and no dataset is read whose chunks unpack to
more than a bounded size. Objects are visited once, so links that form a ring end.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isfinite, prod
from typing import Any

import h5py

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers import cf, hdf_profiles
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.text import decode

READER = "hdf/1"
_MOST_OBJECTS = 2_000
_MOST_ATTRIBUTES = 100
_DEEPEST = 24
_MOST_CHUNK = 64 * 1024 * 1024  # bytes of one chunk, unpacked
_MOST_TEXT = 4_000
_MOST_FIELDS = 500
# What the libraries keep for themselves.
INTERNAL = {"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "DIMENSION_LABELS", "_Netcdf4Dimid", "_Netcdf4Coordinates",
    "_NCProperties", "_nc3_strict", "_NCCOPY", "TITLE", "VERSION", "FLAVOR", "FILTERS", "PYTABLES_FORMAT_VERSION"}  # fmt: skip
_TRUNCATED = re.compile(r"truncated file: eof = (\d+),.*stored_eof = (\d+)")
_TIMES = ("times", "time", "date", "datetime", "dates", "timestamp", "timestamps")
_ONLY_A_DIMENSION = "This is a netCDF dimension but not a netCDF variable"


@dataclass(slots=True)
class _Seen:
    """What was found on the way through a file."""

    root: dict[str, JSON] = field(default_factory=dict)
    groups: dict[str, dict[str, JSON]] = field(default_factory=dict)
    arrays: list[cf.Array] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    moments: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    tables: list[Evidence] = field(default_factory=list)
    addresses: set[int] = field(default_factory=set)
    full: bool = False


@reads("application/x-netcdf4", "application/x-hdf5", version=1)
def read_hdf(file: File) -> Iterator[Evidence]:
    """Evidence of an HDF5 file.

    Raises:
        Unreadable: ``truncated`` or ``malformed`` when the library cannot open it.
    """
    try:
        opened = h5py.File(file.path, "r")
    except OSError as error:
        if cut := _TRUNCATED.search(str(error)):
            raise Unreadable("truncated", f"{int(cut[1]):,} / {int(cut[2]):,} bytes") from error
        code = "truncated" if "truncated" in str(error) else "malformed"
        raise Unreadable(code, _first_words(error)) from error
    try:
        with opened:
            yield from _read(file, opened)
    except (RuntimeError, KeyError, OSError, ValueError) as error:
        raise Unreadable("malformed", _first_words(error)) from error


def _read(file: File, opened: h5py.File) -> Iterator[Evidence]:
    seen = _Seen()
    seen.root = attributes_of(opened)
    _visit(file.name, opened, "", 0, seen)
    if hdf_profiles.is_nwb(seen.root):
        _leave_out(seen)
    yield from cf.describe(file.name, seen.root, seen.arrays, READER, seen.texts)
    for path, attributes in seen.groups.items():
        for name, value in attributes.items():
            yield cf.attribute(file.name, path, name, value, READER)
    yield from seen.tables
    yield from _measured_when(file.name, seen.texts)
    for path, (start, end, count) in seen.moments.items():
        place = AttributePlace(file.name, path, quote=path.rpartition("/")[2])
        yield Evidence("time-range", {"start": start, "end": end, "count": count}, place, READER)
    yield from hdf_profiles.stated(file.name, seen.root, seen.groups, seen.texts, seen.lists)
    if seen.full:
        place = AttributePlace(file.name, "/")
        yield Evidence(
            "problem",
            {"code": "too-large", "message": f"the first {_MOST_OBJECTS:,} objects were read"},
            place,
            READER,
        )


def _leave_out(seen: _Seen) -> None:
    """What is about the individual that was studied."""
    private = hdf_profiles.is_private
    seen.texts = {path: text for path, text in seen.texts.items() if not private(path)}
    seen.groups = {path: found for path, found in seen.groups.items() if not private(path)}
    seen.arrays = [array for array in seen.arrays if not private(array.path)]
    seen.tables = [
        item for item in seen.tables if isinstance(item.place, AttributePlace) and not private(item.place.path)
    ]


def _first_words(error: Exception) -> str:
    """What the HDF5 library said, for whoever has to look into it: the reason alone, without the names of its functions."""
    said = (str(error).splitlines() or [type(error).__name__])[0]
    reason = re.search(r"\(([^()]+)\)\s*$", said)
    return f"HDF5: {(reason[1] if reason else said)[:200]}"


def _visit(file: str, group: Any, path: str, depth: int, seen: _Seen) -> None:
    """Look at everything in a group, and in the groups inside."""
    for name in group:
        if len(seen.addresses) >= _MOST_OBJECTS:
            seen.full = True
            return
        found = opened_once(group, name, seen.addresses)
        here = f"{path}/{name}"
        if isinstance(found, h5py.Dataset):
            _look_at(file, found, path, name, seen)
        elif isinstance(found, h5py.Group):
            attributes = attributes_of(found)
            if attributes:
                seen.groups[here] = attributes
            if sparse := _sparse(name, path, attributes):
                seen.arrays.append(sparse)
            columns = _data_frame(found)
            if columns:
                kinds = {name: _categories(found, name) for name, kind in columns if kind == "string"}
                seen.tables.extend(_table(file, here, columns, _length(found, columns), kinds))
            elif depth < _DEEPEST:
                _visit(file, found, here, depth + 1, seen)


def opened_once(group: Any, name: str, met: set[int]) -> Any:
    """The object under a hard link, the first time that it is met (``met``: the addresses of those before); None for any other."""
    try:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            return None
        found = group[name]
        address = h5py.h5o.get_info(found.id).addr
    except (KeyError, OSError, RuntimeError):  # a damaged entry costs itself, not its neighbours
        return None
    if address in met:
        return None
    met.add(address)
    return found


def is_only_a_dimension(dataset: Any) -> bool:
    """Whether netCDF keeps only the length of a dimension in it."""
    name = dataset.attrs.get("NAME") if "NAME" in dataset.attrs else b""
    return isinstance(name, bytes) and name.startswith(_ONLY_A_DIMENSION.encode())


def _look_at(file: str, dataset: Any, group: str, name: str, seen: _Seen) -> None:
    attributes = attributes_of(dataset)
    if is_only_a_dimension(dataset):
        return
    try:
        dtype, shape = dataset.dtype, dataset.shape or ()
    except TypeError:  # a type that has no counterpart in numpy
        return
    if dtype.names:
        fields = [(str(field), _kind(dtype[field])) for field in dtype.names[:_MOST_FIELDS]]
        seen.tables.extend(_table(file, f"{group}/{name}", fields, shape[0] if shape else 1))
        return
    if text := _text(dataset, dtype, shape):
        seen.texts[f"{group}/{name}"] = text
        if not attributes:
            return
    if name.lower() in _TIMES and (found := _moments(dataset, dtype, shape)):
        seen.moments[f"{group}/{name}"] = found
    if texts := _texts(dataset, dtype, shape):
        seen.lists[f"{group}/{name}"] = texts
    values = partial(_values, dataset) if dtype.kind in "iuf" and _cheap(dataset, shape) else None
    seen.arrays.append(cf.Array(name, group, tuple(shape), _dtype(dtype), dimensions_of(dataset), attributes, values))


def _dtype(dtype: Any) -> str:
    return "string" if h5py.check_string_dtype(dtype) is not None or dtype.kind in "SU" else str(dtype)[:60]


def _cheap(dataset: Any, shape: Sequence[int]) -> bool:
    """Whether its numbers may be read: few, in this very file, in chunks of bounded size."""
    if prod(shape) > cf.MOST_VALUES or dataset.is_virtual or dataset.external:
        return False
    return dataset.chunks is None or prod(dataset.chunks) * dataset.dtype.itemsize <= _MOST_CHUNK


def _values(dataset: Any) -> Sequence[float]:
    """All numbers; none when a chunk is damaged or packed by a filter that is not here."""
    try:
        found = dataset[()]
    except (OSError, RuntimeError):
        return ()
    if dataset.shape is None:  # h5py.Empty: a type, and no value
        return ()
    return found.ravel().tolist() if dataset.shape else (float(found),)


def _text(dataset: Any, dtype: Any, shape: Sequence[int]) -> str:
    """The text of a scalar (or one-element) text dataset, or ''."""
    if prod(shape) != 1 or _dtype(dtype) != "string" or not _cheap(dataset, shape) or dtype.itemsize > _MOST_TEXT:
        return ""
    try:
        value = dataset[()]
    except (OSError, RuntimeError):
        return ""
    value = _plain(value)
    while isinstance(value, list) and value:
        value = value[0]
    return value[:_MOST_TEXT].strip() if isinstance(value, str) else ""


def _texts(dataset: Any, dtype: Any, shape: Sequence[int]) -> list[str]:
    """The texts of a short list of them, or []."""
    if len(shape) != 1 or not 1 < shape[0] <= cf.MAX_ITEMS or _dtype(dtype) != "string" or not _cheap(dataset, shape):
        return []
    if dtype.itemsize > _MOST_TEXT:
        return []
    try:
        found = _plain(dataset[()])
    except (OSError, RuntimeError):
        return []
    texts = [item[:_MOST_TEXT].strip() for item in found if isinstance(item, str)] if isinstance(found, list) else []
    return [text for text in texts if text]


def _moments(dataset: Any, dtype: Any, shape: Sequence[int]) -> tuple[str, str, int] | None:
    """First and last date, and how many, of times that are written as texts: one each, or a letter to a cell (WRF)."""
    if dtype.kind not in "SO" or not 1 <= len(shape) <= 2 or not shape[0] or not _cheap(dataset, shape):
        return None
    if len(shape) == 2 and (dtype.itemsize != 1 or dtype.kind != "S" or shape[1] > 40):
        return None
    try:
        ends = [_plain(dataset[at]) for at in (0, shape[0] - 1)]
    except (OSError, RuntimeError):
        return None
    texts = ["".join(map(str, end)) if isinstance(end, list) else str(end) for end in ends]
    days = sorted(day for text in texts if (day := cf.iso_date(text.replace("_", "T"))))
    return (days[0], days[1], shape[0]) if len(days) == 2 else None


def _sparse(name: str, group: str, attributes: dict[str, JSON]) -> cf.Array | None:
    """A sparse matrix as AnnData keeps it: a group whose attributes tell its shape."""
    shape = attributes.get("shape")
    if str(attributes.get("encoding-type")) not in ("csr_matrix", "csc_matrix") or not isinstance(shape, list):
        return None
    if not all(isinstance(length, int) and length >= 0 for length in shape):
        return None
    return cf.Array(name, group, tuple(shape), "sparse", ("obs", "var") if (name, group) == ("X", "") else ())


def _categories(group: Any, name: str) -> list[str]:
    """The values that a categorical column of a data frame may have."""
    column = group.get(name) if isinstance(group.get(name, getlink=True), h5py.HardLink) else None
    if not isinstance(column, h5py.Group) or not isinstance(column.get("categories", getlink=True), h5py.HardLink):
        return []
    found = column["categories"]
    try:
        return _texts(found, found.dtype, found.shape or ()) if isinstance(found, h5py.Dataset) else []
    except TypeError:  # a type that has no counterpart in numpy
        return []


def dimensions_of(dataset: Any) -> tuple[str, ...]:
    """The names of the dimension scales, '' where a dimension has none; () when none has."""
    if "DIMENSION_LIST" not in dataset.attrs:
        return (str(dataset.name).rpartition("/")[2],) if dataset.is_scale and len(dataset.shape or ()) == 1 else ()
    names = []
    for dimension in dataset.dims:
        try:
            scale = str(dimension[0].name) if len(dimension) else ""
        except (OSError, RuntimeError, KeyError, ValueError):
            scale = ""
        names.append(scale.rpartition("/")[2])
    return tuple(names) if any(names) else ()


def attributes_of(owner: Any) -> dict[str, JSON]:
    """The attributes that people or instruments wrote, as JSON; long lists and texts are cut."""
    found: dict[str, JSON] = {}
    for name in list(owner.attrs)[:_MOST_ATTRIBUTES]:
        if name in INTERNAL or name.startswith("FIELD_"):
            continue
        try:
            value = _plain(owner.attrs[name])
        except (OSError, TypeError, ValueError, RuntimeError):  # damaged, or of a type numpy has no word for
            continue
        if value is not None and value != "":
            found[str(name)] = value
    return found


def _plain(value: Any) -> JSON:
    """JSON of what h5py gives: texts decoded, arrays as lists, numbers that JSON has; None for the rest."""
    if isinstance(value, bytes):
        return decode(value.rstrip(b"\0")).text[: cf.MAX_ATTRIBUTE]
    if isinstance(value, str):
        return value.rstrip("\0")[: cf.MAX_ATTRIBUTE].encode("utf-8", "replace").decode()
    if isinstance(value, h5py.Empty) or value is None:
        return None
    if hasattr(value, "tolist"):
        if getattr(value, "ndim", 0):
            items = [_plain(item) for item in value.ravel()[: cf.MAX_ITEMS].tolist()]
            return items[0] if value.size == 1 else items
        return _plain(value.tolist())
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    return value if isinstance(value, bool | int) else None


def _data_frame(group: Any) -> list[tuple[str, str]]:
    """Columns (name, VariableType) of a data frame as AnnData stores it; [] for any other group."""
    if _plain(group.attrs.get("encoding-type", "")) != "dataframe" or "column-order" not in group.attrs:
        return []
    names = group.attrs["column-order"]
    index = _plain(group.attrs.get("_index", ""))
    ordered = [str(index)] if index else []
    ordered += [str(_plain(name)) for name in list(names)[:_MOST_FIELDS]]
    return [(name, _column_kind(group, name)) for name in ordered]


def _column_kind(group: Any, name: str) -> str:
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        return "string"
    column = group.get(name)
    return _kind(column.dtype) if isinstance(column, h5py.Dataset) else "string"  # a group holds categories


def _kind(dtype: Any) -> str:
    """The VariableType of a numpy type."""
    if h5py.check_enum_dtype(dtype) == {"FALSE": 0, "TRUE": 1}:
        return "boolean"
    return {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}.get(dtype.kind, "string")


def _length(group: Any, columns: Sequence[tuple[str, str]]) -> int:
    for name, _ in columns:
        column = group.get(name) if isinstance(group.get(name, getlink=True), h5py.HardLink) else None
        if isinstance(column, h5py.Dataset) and column.shape:
            return int(column.shape[0])
    return 0


def _table(
    file: str,
    path: str,
    columns: Sequence[tuple[str, str]],
    rows: int,
    categories: Mapping[str, list[str]] | None = None,
) -> Iterator[Evidence]:
    names = [name for name, _ in columns]
    value: dict[str, JSON] = {
        "name": path.strip("/"),
        "rows": rows,
        "columns": len(names),
        "sampled": False,
        "header": names,
    }
    yield Evidence("table", value, AttributePlace(file, path, quote=path.rpartition("/")[2]), READER)
    for position, (name, kind) in enumerate(columns, start=1):
        column: dict[str, JSON] = {
            "name": name,
            "position": position,
            "type": kind,
            "missing": 0,
            "count": 0,
            "sampled": True,
        }
        said = (categories or {}).get(name, [])
        column |= {"examples": said[:5], "sheet": path.strip("/")} | ({"distinct": len(said)} if said else {})
        yield Evidence("column", column, AttributePlace(file, f"{path}/{name}", quote=name), READER)


def _measured_when(file: str, texts: dict[str, str]) -> Iterator[Evidence]:
    """The start and end of a NeXus entry, as ``NXentry`` names them."""
    for path, text in texts.items():
        if path.rpartition("/")[2] != "start_time" or not (start := cf.iso_date(text)):
            continue
        end = cf.iso_date(texts.get(path.replace("start_time", "end_time"), "")) or start
        yield Evidence(
            "time-range",
            {"start": start, "end": end, "count": 0},
            AttributePlace(file, path, quote=text[: cf.MAX_QUOTE]),
            READER,
        )

"""The plain arrays of netCDF, HDF5 and NumPy files, each with its dimensions, attributes, and a way to read a part of it.

Links to other files, virtual and external datasets are not followed. What is no plain array (tables of records, references, types
without a counterpart in NumPy) is left out, and told.
"""

import io
import math
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import h5py
import numpy as np

from shirushi.describe.evidence import JSON
from shirushi.describe.readers import hdf, netcdf3
from shirushi.describe.readers.base import File, Unreadable

HDF = ("application/x-netcdf4", "application/x-hdf5")
CLASSIC = ("application/x-netcdf",)
NUMPY = ("application/x-npy", "application/x-npz")

MOST_ARRAYS = 500
MOST_MEMBER = 200_000_000  # bytes of one array of an .npz, which is unpacked as a whole
LONGEST_ATTRIBUTE = 65_536  # bytes of JSON, about
_MOST_CHUNK = 64 * 1024 * 1024
_TOLD = 20

Place = tuple[slice, ...]


@dataclass(slots=True)
class Array:
    """``group`` is the path above it, '' at the top. ``dtype`` is NumPy's, None for texts of any length. ``fill_value`` is the one that
    the file declares for missing values."""

    name: str
    group: str
    shape: tuple[int, ...]
    dtype: Any
    dimensions: tuple[str, ...]
    attributes: dict[str, JSON]
    read: Callable[[Place], Any]
    chunks: tuple[int, ...] | None = None
    fill_value: Any = None

    @property
    def itemsize(self) -> int:
        return 64 if self.dtype is None else int(self.dtype.itemsize)

    @property
    def size(self) -> int:
        return math.prod(self.shape) * self.itemsize


@dataclass(slots=True)
class Arrays:
    """``groups`` are the attributes of each group by path ('' is the root); ``left_out`` says in words what is not among them."""

    arrays: list[Array] = field(default_factory=list)
    groups: dict[str, dict[str, JSON]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def leave_out(self, name: str, why: str) -> None:
        if len(self.left_out) < _TOLD:
            self.left_out.append(f"{name}: {why}")
        elif len(self.left_out) == _TOLD:
            self.left_out.append("… and more")


def of(file: File) -> Arrays:
    """All plain arrays of a file, which stays open until they have been read. Raises Unreadable."""
    if file.media_type in HDF:
        return _hdf(file)
    if file.media_type in CLASSIC:
        return _classic(file)
    return _npy(file) if file.media_type == NUMPY[0] else _npz(file)


# ---- HDF5 and netCDF-4


def _hdf(file: File) -> Arrays:
    try:
        opened = h5py.File(file.path, "r")
    except OSError as error:
        raise Unreadable("malformed", f"HDF5: {error}"[:300]) from error
    found = Arrays()
    try:
        found.groups[""] = _attributes(opened, found, "")
        _visit(opened, "", found, set())
    except (RuntimeError, KeyError, OSError, ValueError) as error:
        raise Unreadable("malformed", f"HDF5: {error}"[:300]) from error
    return found


def _visit(group: Any, path: str, found: Arrays, met: set[int]) -> None:
    lengths: dict[int, str] = {}  # phony dimensions of this group, by length
    for name in group:
        here = f"{path}/{name}" if path else str(name)
        item = hdf.opened_once(group, name, met)
        if item is not None and not _may_be_key(str(name)):
            found.leave_out(here, "a name that a key cannot have")
        elif isinstance(item, h5py.Group):
            found.groups[here] = _attributes(item, found, here)
            if path.count("/") < 20:
                _visit(item, here, found, met)
        elif isinstance(item, h5py.Dataset):
            if len(found.arrays) >= MOST_ARRAYS:
                raise Unreadable("too-large", f"more than {MOST_ARRAYS} arrays")
            if hdf.is_only_a_dimension(item):
                continue
            if why := _why_not(item):
                found.leave_out(here, why)
            else:
                found.arrays.append(_dataset(item, str(name), path, found, lengths))


def _may_be_key(name: str) -> bool:
    """Whether every part of a path can be part of a key of Zarr, and of a member's name in a ZIP."""
    return all(part and not part.startswith(".") and "\\" not in part for part in name.split("/"))


def _why_not(dataset: Any) -> str | None:
    """Why a dataset cannot be an array of Zarr; None when it can."""
    try:
        dtype, shape = dataset.dtype, dataset.shape
    except TypeError:
        return "of a type that has no counterpart in NumPy"
    if shape is None:
        return "empty"
    is_text = h5py.check_string_dtype(dtype) is not None
    if dtype.names or dtype.subdtype or (dtype.kind not in "iufbcS" and not is_text):
        return "no plain array"
    if dataset.is_virtual or dataset.external:
        return "its values lie in other files"
    if dataset.chunks and math.prod(dataset.chunks) * max(dtype.itemsize, 1) > _MOST_CHUNK:
        return "chunks that are too large"
    return None


def _dataset(dataset: Any, name: str, group: str, found: Arrays, lengths: dict[int, str]) -> Array:
    dtype = dataset.dtype
    text = h5py.check_string_dtype(dtype)
    is_text = text is not None and text.length is None

    def read(place: Place) -> Any:
        try:
            return dataset.asstr(errors="replace")[place] if is_text else dataset[place]
        except (OSError, RuntimeError, ValueError) as error:
            raise Unreadable("malformed", f"{name}: {error}"[:300]) from error

    attributes = _attributes(dataset, found, f"{group}/{name}" if group else name)
    attributes.pop("_FillValue", None)
    raw = dataset.attrs.get("_FillValue") if "_FillValue" in dataset.attrs else None
    return Array(
        name,
        group,
        tuple(dataset.shape),
        None if is_text else dtype,
        _dimensions(dataset, name, lengths),
        attributes,
        read,
        dataset.chunks,
        _scalar(raw),
    )


def _dimensions(dataset: Any, name: str, lengths: dict[int, str]) -> tuple[str, ...]:
    """The names of its dimension scales; made-up ones, the same for the same length, where it has none (as netCDF does)."""
    named = hdf.dimensions_of(dataset) or ("",) * len(dataset.shape)
    taken: list[str] = []
    for own, length in zip(named, dataset.shape, strict=True):
        made_up = lengths.setdefault(length, f"phony_dim_{len(lengths)}")
        chosen = own or made_up
        taken.append(chosen if chosen not in taken else f"{chosen}_{len(taken)}")
    return tuple(taken)


def _attributes(owner: Any, found: Arrays, path: str) -> dict[str, JSON]:
    kept: dict[str, JSON] = {}
    for name in owner.attrs:
        if name in hdf.INTERNAL:
            continue
        try:
            value = _plain(owner.attrs[name])
        except (OSError, TypeError, ValueError, RuntimeError):
            value = None
        if value is None or len(str(value)) > LONGEST_ATTRIBUTE:
            found.leave_out(f"{path}@{name}", "an attribute that JSON cannot hold, or too long")
        else:
            kept[str(name)] = value
    return kept


def _plain(value: Any) -> JSON:
    if isinstance(value, h5py.Empty):
        return ""
    if isinstance(value, bytes):
        return value.rstrip(b"\0").decode("utf-8", "replace")
    if isinstance(value, str):
        return value.rstrip("\0").encode("utf-8", "replace").decode()
    if isinstance(value, np.ndarray):
        items = [_plain(item) for item in value.ravel()[: LONGEST_ATTRIBUTE + 1].tolist()]
        if any(item is None for item in items):
            return None
        return items[0] if len(items) == 1 else items
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if isinstance(value, bool | int) else None


def _scalar(value: Any) -> Any:
    return None if value is None else np.asarray(value).ravel()[0] if np.asarray(value).size else None


# ---- classic netCDF


def _classic(file: File) -> Arrays:
    with file.open() as stream:
        header = netcdf3.parse_header(stream, file.size)
    found = Arrays(groups={"": dict(header.attributes)})
    held = np.memmap(file.path, np.uint8, "r")
    for variable in header.variables:
        if not _may_be_key(variable.name):
            found.leave_out(variable.name, "a name that a key cannot have")
            continue
        kind, size, _ = netcdf3.TYPES[variable.type]
        dtype = np.dtype("S1") if kind == "char" else np.dtype(kind).newbyteorder(">")
        strides = tuple(math.prod(variable.shape[n + 1 :]) * size for n in range(len(variable.shape)))
        if variable.record:
            strides = (header.record_size, *strides[1:])
        last = sum((n - 1) * s for n, s in zip(variable.shape, strides, strict=True)) + size
        if math.prod(variable.shape) and variable.begin + last > file.size:
            raise Unreadable("truncated", f"{variable.name} ends beyond the file")
        values = (
            np.ndarray(variable.shape, dtype, held, variable.begin, strides)
            if math.prod(variable.shape)
            else np.zeros(variable.shape, dtype)
        )
        attributes = dict(variable.attributes)
        fill = attributes.pop("_FillValue", None)
        dimensions = _distinct(variable.dimensions)
        found.arrays.append(
            Array(
                variable.name,
                "",
                variable.shape,
                dtype,
                dimensions,
                attributes,
                values.__getitem__,
                None,
                _number(fill),
            )
        )
    return found


def _number(value: JSON) -> Any:
    return (
        float(value)
        if isinstance(value, str) and value in ("nan", "inf", "-inf")
        else value
        if isinstance(value, int | float)
        else None
    )


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    taken: list[str] = []
    for name in names:
        taken.append(name if name not in taken else f"{name}_{len(taken)}")
    return tuple(taken)


# ---- NumPy


def _npy(file: File) -> Arrays:
    try:
        values = np.load(file.path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise Unreadable("malformed", f"NumPy: {error}"[:300]) from error
    return _plain_arrays([(PurePosixPath(file.name).stem, values)])


def _npz(file: File) -> Arrays:
    return _plain_arrays(_members(file))


def _members(file: File) -> Iterator[tuple[str, Any]]:
    try:
        with zipfile.ZipFile(file.path) as archive:
            entries = [item for item in archive.infolist() if item.filename.endswith(".npy")]
            if len(entries) > MOST_ARRAYS or sum(item.file_size for item in entries) > MOST_MEMBER:
                raise Unreadable("too-large", f"an archive of more than {MOST_MEMBER:,} bytes or {MOST_ARRAYS} arrays")
            for item in entries:
                data = io.BytesIO(archive.read(item))
                yield item.filename.removesuffix(".npy"), np.load(data, allow_pickle=False)
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise Unreadable("malformed", f"NumPy archive: {error}"[:300]) from error


def _plain_arrays(named: Any) -> Arrays:
    found = Arrays()
    for name, values in named:
        if values.dtype.kind not in "iufbcSM" or values.dtype.names or not _may_be_key(name.strip("/")):
            found.leave_out(name, "no plain array, or a name that a key cannot have")
            continue
        group, _, own = name.strip("/").rpartition("/")
        dimensions = tuple(f"dim_{n}_{length}" for n, length in enumerate(values.shape))
        found.arrays.append(Array(own, group, values.shape, values.dtype, dimensions, {}, values.__getitem__))
    return found

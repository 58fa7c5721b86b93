"""Arrays of files to Zarr, inside a worker: one ZIP whose members are the keys of a Zarr store of format version 2.

Version 2 with consolidated metadata and zlib is what every client opens: zarr-python 2 and 3, xarray, GDAL, netCDF-C. It is written
here, without the library: that cannot run where hostile files are read (its event loop opens sockets), and needs none of its
parts. Values are kept as they lie in the file, packed ones too: ``scale_factor`` and ``_FillValue`` say what they mean. Members are
stored uncompressed, so that each key is a range of bytes of one file.

Source: Zarr storage specification version 2; the names of dimensions as xarray writes them (``_ARRAY_DIMENSIONS``).
"""

import itertools
import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from shirushi.describe.derive import arrays
from shirushi.describe.derive.arrays import Array
from shirushi.describe.evidence import JSON
from shirushi.describe.readers.base import File, Unreadable

CHUNK = 4 << 20  # bytes of a chunk, about, where the file has none of its own
MOST_KEYS = 20_000
_WHEN = (1980, 1, 1, 0, 0, 0)  # of every member: the same arrays give the same bytes
_LEVEL = 4
_VLEN = "vlen-utf8"


@dataclass(slots=True)
class Written:
    """What is in the ZIP: ``arrays`` as [{name, part, dimensions, shape, dtype}], and in words what is not."""

    arrays: list[dict[str, JSON]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def write(file: File, target: Path, *, most: int, about: Mapping[str, str]) -> Written | None:
    """Write all plain arrays of a file; None when it has none. ``most`` is how many bytes they may be, unpacked; ``about`` goes into the
    attributes of the root.

    Raises:
        Unreadable: the file is damaged, or too large.
    """
    found = arrays.of(file)
    if not found.arrays:
        return None
    size = sum(array.size for array in found.arrays)
    if size > most:
        raise Unreadable("too-large", f"{size:,} bytes of arrays; up to {most:,} are made into Zarr")
    written = Written(left_out=list(found.left_out))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        store = _Store(archive)
        groups = {"": found.groups.get("", {})} | found.groups
        for array in found.arrays:
            groups |= {above: groups.get(above, {}) for above in _above(array.group)}
        for group, attributes in sorted(groups.items()):
            prefix = f"{group}/" if group else ""
            store.metadata(f"{prefix}.zgroup", {"zarr_format": 2})
            more = {"_derived": dict(about)} if not group else {}
            store.metadata(f"{prefix}.zattrs", attributes | more)
        for array in found.arrays:
            _write_array(store, array)
            told = {"name": array.name, "part": array.group or None, "dimensions": list(array.dimensions)}
            written.arrays.append(
                {k: v for k, v in told.items() if v is not None}
                | {"shape": list(array.shape), "dtype": _dtype_words(array)}
            )
        store.consolidate()
    return written


class _Store:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._metadata: dict[str, JSON] = {}
        self._keys = 0

    def metadata(self, key: str, value: JSON) -> None:
        self._metadata[key] = value
        self.put(key, json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1).encode())

    def put(self, key: str, data: bytes) -> None:
        self._keys += 1
        if self._keys > MOST_KEYS + 1_000:
            raise Unreadable("too-large", f"more than {MOST_KEYS:,} parts")
        self._archive.writestr(zipfile.ZipInfo(key, _WHEN), data)

    def consolidate(self) -> None:
        whole = {"zarr_consolidated_format": 1, "metadata": self._metadata}
        self.put(".zmetadata", json.dumps(whole, ensure_ascii=False, allow_nan=False).encode())


def _write_array(store: _Store, array: Array) -> None:
    prefix = f"{array.group}/{array.name}" if array.group else array.name
    chunks = _chunks(array)
    is_text = array.dtype is None
    dtype = None if array.dtype is None else array.dtype.newbyteorder("<") if array.dtype.itemsize > 1 else array.dtype
    store.metadata(
        f"{prefix}/.zarray",
        {
            "zarr_format": 2,
            "shape": list(array.shape),
            "chunks": list(chunks),
            "dtype": "|O" if dtype is None else dtype.str,
            "compressor": {"id": "zlib", "level": _LEVEL},
            "fill_value": _fill_value(array),
            "order": "C",
            "filters": [{"id": _VLEN}] if is_text else None,
        },
    )
    store.metadata(f"{prefix}/.zattrs", array.attributes | {"_ARRAY_DIMENSIONS": list(array.dimensions)})
    for index in itertools.product(*(range(math.ceil(n / c)) for n, c in zip(array.shape, chunks, strict=True))):
        place = tuple(slice(i * c, min((i + 1) * c, n)) for i, c, n in zip(index, chunks, array.shape, strict=True))
        data = _texts(array.read(place), chunks) if dtype is None else _numbers(array.read(place), chunks, dtype)
        store.put(f"{prefix}/{'.'.join(map(str, index)) or '0'}", zlib.compress(data, _LEVEL))


def _numbers(values: Any, chunks: Sequence[int], dtype: Any) -> bytes:
    """A chunk's bytes; one at the edge is filled up to its full shape."""
    found = np.asarray(values).astype(dtype, copy=False)
    if found.shape != tuple(chunks):
        whole = np.zeros(tuple(chunks), dtype)
        whole[tuple(slice(0, n) for n in found.shape)] = found
        found = whole
    return found.tobytes()


def _texts(values: Any, chunks: Sequence[int]) -> bytes:
    """numcodecs' vlen-utf8: the number of texts, then each with its length (32 bits, little-endian)."""
    whole = np.full(tuple(chunks), "", dtype=object)
    found = np.asarray(values, dtype=object)
    whole[tuple(slice(0, n) for n in found.shape)] = found
    parts = [_text(value) for value in whole.ravel()]
    head = len(parts).to_bytes(4, "little")
    return head + b"".join(len(part).to_bytes(4, "little") + part for part in parts)


def _text(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def _chunks(array: Array) -> tuple[int, ...]:
    """The file's own chunks where they are of a good size, else whole rows of the last dimensions up to :data:`CHUNK`."""
    if not array.shape:
        return ()
    shape = tuple(max(1, n) for n in array.shape)
    own = array.chunks
    if own and CHUNK // 64 <= math.prod(own) * array.itemsize <= CHUNK * 8 and _count(shape, own) <= MOST_KEYS // 4:
        return tuple(min(c, n) for c, n in zip(own, shape, strict=True))
    chunks, target = list(shape), max(CHUNK, math.prod(shape) * array.itemsize // (MOST_KEYS // 4))
    for axis in range(len(chunks)):
        rest = math.prod(chunks[axis + 1 :]) * array.itemsize
        if math.prod(chunks[axis:]) * array.itemsize <= target:
            break
        chunks[axis] = max(1, target // max(1, rest))
    return tuple(chunks)


def _count(shape: Sequence[int], chunks: Sequence[int]) -> int:
    return math.prod(math.ceil(n / c) for n, c in zip(shape, chunks, strict=True))


def _fill_value(array: Array) -> JSON:
    """``_FillValue`` as the specification writes it: NaN and infinities as words; null where the file has none."""
    value = array.fill_value
    if value is None or array.dtype is None:
        return None
    if array.dtype.kind == "f":
        number = float(value)
        if math.isnan(number):
            return "NaN"
        return number if math.isfinite(number) else "Infinity" if number > 0 else "-Infinity"
    return int(value) if array.dtype.kind in "iu" else None


def _dtype_words(array: Array) -> str:
    return "string" if array.dtype is None else array.dtype.name


def _above(group: str) -> Iterator[str]:
    parts = group.split("/") if group else []
    return ("/".join(parts[: n + 1]) for n in range(len(parts)))

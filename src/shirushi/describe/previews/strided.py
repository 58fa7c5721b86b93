"""Arrays that lie in a file as they are, cut without reading or mapping the rest: a plane of gigabytes costs the rows that are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from shirushi.describe.readers.base import File

MOST_SEEKS = 200_000


@dataclass(frozen=True, slots=True)
class Flat:
    """An array of ``shape`` whose numbers begin at ``offset`` bytes and lie ``strides`` bytes apart."""

    path: Path
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: Any

    def __getitem__(self, key: Any) -> Any:
        """A number, or a cut of the last two dimensions: single places before, slices with positive steps in these.

        Raises:
            ValueError: the file ends before, or it would take too many steps.
        """
        keys = key if isinstance(key, tuple) else (key,)
        keys = keys + (slice(None),) * (len(self.shape) - len(keys))
        at = self.offset + sum(k * s for k, s in zip(keys, self.strides, strict=True) if not isinstance(k, slice))
        spans = [
            (range(*k.indices(size)), stride)
            for k, size, stride in zip(keys, self.shape, self.strides, strict=True)
            if isinstance(k, slice)
        ]
        with self.path.open("rb") as stream:
            if not spans:
                return self._run(stream, at, range(1), self.dtype.itemsize)[0]
            *rows, (inner, stride) = spans
            if not rows:
                return self._run(stream, at, inner, stride)
            ((outer, apart),) = rows
            if len(outer) * (1 if stride == self.dtype.itemsize else len(inner)) > MOST_SEEKS:
                raise ValueError("the values shown lie too far apart in the file")
            return np.stack([self._run(stream, at + number * apart, inner, stride) for number in outer])

    def _run(self, stream: Any, at: int, places: range, stride: int) -> Any:
        size = self.dtype.itemsize
        if stride == size and len(places):
            stream.seek(at + places.start * size)
            data = stream.read((places[-1] - places.start + 1) * size)
            if len(data) < (places[-1] - places.start + 1) * size:
                raise ValueError("the file ends before these values")
            return np.frombuffer(data, self.dtype)[:: places.step]
        if len(places) > MOST_SEEKS:
            raise ValueError("the values shown lie too far apart in the file")
        parts = []
        for place in places:
            stream.seek(at + place * stride)
            parts.append(stream.read(size))
        data = b"".join(parts)
        if len(data) < len(places) * size:
            raise ValueError("the file ends before these values")
        return np.frombuffer(data, self.dtype)


def packed_strides(shape: Sequence[int], itemsize: int) -> tuple[int, ...]:
    """Those of an array without gaps, the last dimension closest."""
    return tuple(itemsize * prod(shape[i + 1 :]) for i in range(len(shape)))


def plain_tiff(file: File, frame: int, side: int) -> Any:
    """The numbers or colours of an uncompressed TIFF, every so many, so that no side is longer than ``side``; None for any other.

    Raises:
        ValueError, TypeError, KeyError: it is damaged.
    """
    import tifffile

    with tifffile.TiffFile(file.path) as tiff:
        page: Any = tiff.pages[frame - 1]
        where, dtype = page.is_contiguous and page.dataoffsets[0], page.dtype
        height, width, samples = int(page.imagelength), int(page.imagewidth), int(page.samplesperpixel)
        if not where or dtype is None or page.planarconfig not in (None, 1) or samples not in (1, 3, 4):
            return None
        kind = np.dtype(dtype).newbyteorder(tiff.byteorder)
    if samples > 1:
        kind = np.dtype((np.void, kind.itemsize * samples)) if kind.itemsize == 1 else None
    if kind is None or kind.kind not in "iufV":
        return None
    step = max(1, -(-max(height, width) // side))
    found = Flat(file.path, where, (height, width), packed_strides((height, width), kind.itemsize), kind)[
        ::step, ::step
    ]
    return found if samples == 1 else np.ascontiguousarray(found).view("u1").reshape(*found.shape, samples)

"""The numbers of small one-dimensional Zarr arrays: coordinates, read to know where and when a store lies.

Only chunks in the store's own folder, of few bytes and of codecs whose size can be bounded, are opened; links are not followed.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path, PurePosixPath

from shirushi.describe.evidence import JSON

MOST_NUMBERS = 200_000
MOST_CHUNKS = 64
MOST_BYTES = 4_000_000  # of one chunk, packed or not
_FORMATS = {"float32": "f", "float64": "d", "int8": "b", "int16": "h", "int32": "i", "int64": "q", "uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q"}  # fmt: skip
_V2 = {"f4": "float32", "f8": "float64", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64", "M8": "int64"}  # fmt: skip


def numbers(store: Path, path: str, node: Mapping[str, JSON]) -> Sequence[float]:
    """The values of the array at ``path`` in a store; () where they cannot be read at little cost."""
    shape = node.get("shape")
    if not isinstance(shape, list) or len(shape) != 1 or not 0 < shape[0] <= MOST_NUMBERS:
        return ()
    parts = PurePosixPath(path).parts
    if any(part in ("..", "/") for part in parts):
        return ()
    folder = store
    for part in parts:
        folder = folder / part
        if folder.is_symlink():
            return ()
    try:
        return _read(folder, shape[0], node)
    except (OSError, ValueError, struct.error, zlib.error, EOFError, KeyError, TypeError, RuntimeError, ImportError):
        return ()


def _read(folder: Path, length: int, node: Mapping[str, JSON]) -> Sequence[float]:
    if node.get("zarr_format") == 3:
        kind, order = str(node["data_type"]), "<"
        size = node["chunk_grid"]["configuration"]["chunk_shape"][0]
        codecs = [(str(c["name"]), c.get("configuration") or {}) for c in node["codecs"]]
        if ("bytes", {"endian": "big"}) in codecs:
            order = ">"
        packings = [name for name, _ in codecs if name != "bytes"][::-1]
        prefix = "c/" if node.get("chunk_key_encoding", {}).get("name", "default") == "default" else ""
    else:
        said = str(node["dtype"])
        kind, order = _V2[said[1:3]], ">" if said[0] == ">" else "<"
        size = node["chunks"][0]
        if node.get("filters"):
            return ()
        packings = [str(node["compressor"]["id"])] if node.get("compressor") else []
        prefix = ""
    code = _FORMATS[kind]
    count = ceil(length / size)
    wide = struct.calcsize(order + code) * size
    if count > MOST_CHUNKS or not 0 < wide <= MOST_BYTES:
        return ()
    found: list[float] = []
    for number in range(count):
        path = folder / f"{prefix}{number}"
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BYTES:
            continue
        data = path.read_bytes()
        for packing in packings:
            data = _unpacked(packing, data, wide)
        values = struct.unpack(f"{order}{size}{code}", data[:wide])
        found += values[: min(size, length - number * size)]
    return found


def _unpacked(packing: str, data: bytes, size: int) -> bytes:
    """One chunk without one layer of packing, at most ``size`` bytes and a few.

    Raises:
        ValueError: it unpacks to more, or nobody here knows the packing.
    """
    if packing == "crc32c":
        return data[:-4]
    if packing == "zlib":
        return zlib.decompressobj().decompress(data, size)
    if packing == "gzip":
        return zlib.decompressobj(31).decompress(data, size)
    if packing == "blosc":
        if int.from_bytes(data[4:8], "little") > size:
            raise ValueError("more than a chunk")
        from numcodecs import blosc

        return bytes(blosc.decompress(data))
    if packing == "zstd":
        from numcodecs import zstd

        target = bytearray(size)
        zstd.decompress(data, target)
        return bytes(target)
    if packing == "lz4":
        if int.from_bytes(data[:4], "little") > size:
            raise ValueError("more than a chunk")
        from numcodecs import lz4

        return bytes(lz4.decompress(data))
    raise ValueError(f"unknown packing {packing}")

"""See that the files of a tantivy index are whole, before they are mapped into memory.

Every file of a segment ends with a footer: JSON with the CRC-32 of all before it, its length, and a magic number. A file
that was cut off has none, and mapping it could end the process instead of raising an error.
Source: tantivy 0.2x, src/directory/footer.rs.
"""

import json
import struct
import zlib
from pathlib import Path

_TAIL = struct.Struct("<II")  # length of the JSON, magic number
_MAGIC = 1337
_SUFFIXES = frozenset(("store", "idx", "pos", "term", "fast", "fieldnorm"))
_CHUNK = 1 << 20


def check(root: Path, *, whole: bool) -> list[str]:
    """What is wrong with the files that the newest commit needs; ``whole`` reads them and compares their CRC-32."""
    try:
        meta = json.loads((root / "meta.json").read_bytes())
        segments = [segment["segment_id"].replace("-", "") for segment in meta["segments"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"meta.json cannot be read: {error}"]
    problems = []
    for segment in segments:
        paths = sorted(root.glob(f"{segment}.*"))
        missing = _SUFFIXES - {path.suffix[1:] for path in paths}
        problems += [f"{segment}.{suffix} is missing" for suffix in sorted(missing)]
        problems += [f"{path.name} {problem}" for path in paths if (problem := _check_file(path, whole=whole))]
    return problems


def _check_file(path: Path, *, whole: bool) -> str:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size < _TAIL.size:
            return "is cut off"
        file.seek(size - _TAIL.size)
        length, magic = _TAIL.unpack(file.read(_TAIL.size))
        body = size - _TAIL.size - length
        if magic != _MAGIC or body < 0:
            return "is cut off"
        if not whole:
            return ""
        file.seek(body)
        try:
            expected = json.loads(file.read(length))["crc"]
        except (ValueError, KeyError, TypeError):
            return "has a damaged end"
        file.seek(0)
        crc, left = 0, body
        while left and (chunk := file.read(min(_CHUNK, left))):
            crc, left = zlib.crc32(chunk, crc), left - len(chunk)
    return "" if crc == expected else "has changed: its checksum differs"

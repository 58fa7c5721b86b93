"""Sound and film: what their readers say of them, and of uncompressed sound the shape of the wave. A browser plays the rest.

Source of the samples' form: RIFF (Microsoft 1991), chunk ``fmt ``: 8 bits are unsigned, more are signed, little-endian.
"""

import struct
from typing import Any, BinaryIO

import numpy as np

from shirushi.describe.evidence import JSON
from shirushi.describe.previews.media import preview_attributes
from shirushi.describe.previews.registry import Shape, Wanted
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.registry import readers_for

COLUMNS = 400
_FRAMES = 512  # looked at for one column: a recording of a day is not read to draw it
MOST_CHUNKS = 200


def show_sound(file: File, wanted: Wanted) -> Shape | None:
    """``{"type": "media", "kind": "audio" | "video", "items", "problems", "wave"}``; ``wave`` holds [lowest, highest] from -1 to 1
    for each column, or is None."""
    try:
        said = preview_attributes(file, readers_for(file.media_type), highlight=None)
    except Unreadable as error:
        said = {"problems": [{"code": error.code, "detail": error.message}]}
    wave = None
    if file.media_type == "audio/wav":
        with file.open() as stream:
            wave = _wave(stream, file.size)
    told = {"items": said.get("items", []), "problems": said.get("problems", [])}
    return {"type": "media", "kind": file.media_type.partition("/")[0], **told, "wave": wave}


def _wave(stream: BinaryIO, size: int) -> JSON:
    form, at = b"", 12
    for _ in range(MOST_CHUNKS):
        stream.seek(at)
        head = stream.read(8)
        if len(head) < 8:
            return None
        name, length = head[:4], struct.unpack("<I", head[4:])[0]
        if name == b"fmt ":
            form = stream.read(min(length, 64))
        elif name == b"data":
            return _columns(stream, at + 8, min(length or size, size - at - 8), form)
        at += 8 + length + length % 2
    return None


def _columns(stream: BinaryIO, start: int, length: int, form: bytes) -> JSON:
    if len(form) < 16:
        return None
    kind, channels, _, _, frame, bits = struct.unpack("<2H2I2H", form[:16])
    if kind == 0xFFFE and len(form) >= 26:
        kind = struct.unpack("<H", form[24:26])[0]
    if not (0 < channels <= 64 and frame == channels * bits // 8 and (kind, bits) in _KINDS):
        return None
    frames = length // frame
    if frames < 2:
        return None
    columns = min(COLUMNS, frames)
    found: list[JSON] = []
    for number in range(columns):
        first, last = number * frames // columns, (number + 1) * frames // columns
        stream.seek(start + first * frame)
        values = _samples(stream.read(min(last - first, _FRAMES) * frame), kind, bits)
        if not len(values):
            break
        found.append([round(float(values.min()), 3), round(float(values.max()), 3)])
    return found


_KINDS = frozenset(((1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)))


def _samples(data: bytes, kind: int, bits: int) -> Any:
    """Samples of all channels from -1 to 1."""
    data = data[: len(data) - len(data) % (bits // 8)]
    if kind == 3:
        values = np.frombuffer(data, f"<f{bits // 8}").astype(float)
        return np.clip(np.nan_to_num(values), -1, 1)
    if bits == 8:
        return (np.frombuffer(data, "u1").astype(float) - 128) / 128
    if bits == 24:
        wide = np.zeros((len(data) // 3, 4), "u1")
        wide[:, 1:] = np.frombuffer(data, "u1").reshape(-1, 3)
        return wide.reshape(-1).view("<i4").astype(float) / 2**31
    return np.frombuffer(data, f"<i{bits // 8}").astype(float) / 2 ** (bits - 1)

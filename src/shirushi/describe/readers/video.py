"""Video: MP4, QuickTime, Matroska/WebM and AVI. How long, how large, which codecs, when and where.

Sources: ISO/IEC 14496-12 (boxes; times count from 1904), Apple QuickTime File Format (``udta``, ``meta``); RFC 8794 (EBML) and
RFC 9559 (Matroska; times count from 2001); AVI RIFF file reference (Microsoft).
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.tags import iso_6709, tag
from shirushi.describe.text import decode

READER = "video/1"
MOST_BOXES = 2_000
MOST_KEYS = 32_768
DEEPEST = 10
_CONTAINERS = frozenset((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"ilst"))
_WANTED = frozenset((b"mvhd", b"tkhd", b"hdlr", b"stsd", b"keys", b"data"))
_TAGS = {b"\xa9nam": "title", b"\xa9ART": "artist", b"\xa9day": "date", b"\xa9cmt": "comment", b"\xa9too": "software", b"\xa9swr": "software",
    b"cprt": "copyright", b"desc": "comment", b"\xa9cpy": "copyright", b"\xa9inf": "comment"}  # fmt: skip
_APPLE = {"com.apple.quicktime.make": "manufacturer", "com.apple.quicktime.model": "model", "com.android.manufacturer": "manufacturer",
    "com.android.model": "model"}  # fmt: skip
_EPOCH_1904, _EPOCH_2001 = datetime(1904, 1, 1, tzinfo=UTC), datetime(2001, 1, 1, tzinfo=UTC)


def moment(epoch: datetime, seconds: float) -> str:
    """The day so many seconds after an epoch; '' where a device had no clock, or the number is no time."""
    if not 0 < seconds < 8e9:
        return ""
    day = (epoch + timedelta(seconds=seconds)).date().isoformat()
    return day if day > "1990" else ""


@reads("video/mp4", "video/quicktime", "audio/mp4", version=1)
def read_mp4(file: File) -> Iterator[Evidence]:
    """Length, tracks, tags, creation date, place and camera.

    Raises:
        Unreadable: ``truncated`` when there is no movie header.
    """
    facts = Facts(file, READER)
    with file.open() as stream:
        boxes = list(_boxes(stream, 0, file.size, (), [MOST_BOXES]))
    header = next((data for path, data in boxes if path[-1] == b"mvhd"), b"")
    if len(header) < 20:
        raise Unreadable("truncated", "no movie header in it")
    created, seconds = _movie(header)
    yield from _duration(facts, seconds)
    yield from facts.period(moment(_EPOCH_1904, created), path="moov/mvhd")
    yield from _tracks(facts, boxes)
    keys: list[str] = []
    camera: dict[str, str] = {}
    for path, data in boxes:
        kind = path[-1]
        if kind == b"keys":
            keys = _keys(data)
        elif kind == b"\xa9xyz":
            yield from iso_6709(facts, decode(data[4:]).text, "moov/udta/©xyz")
        elif kind in _TAGS:
            yield from tag(facts, f"MP4:{_TAGS[kind]}", decode(data[4:]).text)
        elif kind == b"data" and len(path) > 1:
            owner, text = path[-2], decode(data[8:]).text
            number = int.from_bytes(owner, "big")
            key = keys[number - 1] if 0 < number <= len(keys) else ""
            if owner in _TAGS:
                yield from tag(facts, f"MP4:{_TAGS[owner]}", text)
            elif key in _APPLE:
                camera[_APPLE[key]] = text
            elif key.endswith("location.ISO6709"):
                yield from iso_6709(facts, text, key)
            elif key.endswith(".creationdate"):
                yield from facts.period(text, path=key)
    yield from facts.instrument("moov/meta", {**camera, "type": "camera"}) if camera else ()


Boxes = list[tuple[tuple[bytes, ...], bytes]]


def _boxes(
    stream: BinaryIO, at: int, end: int, above: tuple[bytes, ...], left: list[int]
) -> Iterator[tuple[tuple[bytes, ...], bytes]]:
    """(path, content) of the boxes that matter, in order; ``left`` is how many more may be looked at."""
    while at + 8 <= end and left[0] > 0:
        left[0] -= 1
        stream.seek(at)
        head = stream.read(16)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I", head[:4])[0], head[4:8]
        begin = at + 8
        if size == 1 and len(head) == 16:
            size, begin = struct.unpack(">Q", head[8:])[0], at + 16
        size = size or end - at
        if size < begin - at:
            return
        path, stop = (*above, kind), min(at + size, end)
        if kind == b"meta":
            stream.seek(begin)
            begin += 0 if stream.read(8)[4:] == b"hdlr" else 4  # QuickTime's has no version
        inside = kind in _CONTAINERS or kind == b"meta" or (above[-1:] == (b"ilst",) and kind != b"data")
        if inside and len(path) < DEEPEST:
            yield from _boxes(stream, begin, stop, path, left)
        elif kind in _WANTED or kind in _TAGS or kind == b"\xa9xyz":
            stream.seek(begin)
            yield path, stream.read(min(stop - begin, MOST_KEYS if kind == b"keys" else 8_000))
        at += size


def _movie(data: bytes) -> tuple[int, float]:
    """(creation in seconds since 1904, length in seconds)"""
    if data[0] == 1 and len(data) >= 32:
        created, scale, length = struct.unpack(">Q8xIQ", data[4:32])
    else:
        created, scale, length = struct.unpack(">I4x2I", data[4:20])
    return created, length / scale if scale and length not in (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF) else 0.0


def _duration(facts: Facts, seconds: float) -> Iterator[Evidence]:
    if 0 < seconds < 1e9:
        yield from facts.attribute("duration", f"{seconds:.3f}".rstrip("0").rstrip(".") + " s")


def _tracks(facts: Facts, boxes: Boxes) -> Iterator[Evidence]:
    """Codecs, and the size of the picture."""
    codecs: list[str] = []
    largest = (0, 0)
    for path, data in boxes:
        if path[-1] == b"stsd" and len(data) >= 16:
            codecs.append(data[12:16].decode("latin-1").strip())
            if len(data) >= 44 and data[12:16] not in (b"mp4a", b"tmcd", b"twos", b"sowt"):
                largest = max(largest, struct.unpack(">2H", data[40:44]))
        elif path[-1] == b"tkhd" and len(data) >= 84:
            width, height = struct.unpack(">2I", data[-8:])
            largest = max(largest, (width >> 16, height >> 16))
    yield from facts.attribute("codecs", list(dict.fromkeys(codecs)))
    yield from picture(facts, *largest)


def picture(facts: Facts, width: int, height: int) -> Iterator[Evidence]:
    if width and height:
        yield from facts.attribute("frame size", f"{width} × {height}")


def _keys(data: bytes) -> list[str]:
    found: list[str] = []
    at = 8
    while at + 8 <= len(data) and len(found) < 200:
        size = struct.unpack(">I", data[at : at + 4])[0]
        if size < 8:
            break
        found.append(data[at + 8 : at + size].decode("utf-8", "replace"))
        at += size
    return found


# ---- Matroska


_EBML = {
    0x1549A966: "Info",
    0x1654AE6B: "Tracks",
    0xAE: "TrackEntry",
    0xE0: "Video",
    0xE1: "Audio",
    0x1A45DFA3: "EBML",
    0x18538067: "Segment",
}
_VALUES = {0x2AD7B1: "scale", 0x4489: "duration", 0x4461: "date", 0x7BA9: "title", 0x4D80: "muxer", 0x5741: "software", 0x86: "codec",
    0xB0: "width", 0xBA: "height", 0xB5: "rate", 0x9F: "channels", 0x4282: "doctype"}  # fmt: skip
_CLUSTER = 0x1F43B675


@reads("video/x-matroska", version=1)
def read_matroska(file: File) -> Iterator[Evidence]:
    """Length, tracks, title, programs and date, as far as the first cluster.

    Raises:
        Unreadable: ``truncated`` when there is nothing about the segment.
    """
    facts = Facts(file, READER)
    said: dict[str, list[bytes]] = {}
    _ebml(file.head(2_000_000), 0, 0, said, [20 * MOST_BOXES])
    if not said.get("codec") and not said.get("scale") and not said.get("muxer"):
        raise Unreadable("truncated", "nothing about its segment in it")
    scale = int.from_bytes(said.get("scale", [b"\x0f\x42\x40"])[0], "big")  # nanoseconds; a millisecond by default
    length = _float(said.get("duration", [b""])[0])
    yield from _duration(facts, length * scale / 1e9)
    yield from facts.attribute(
        "codecs", list(dict.fromkeys(item.decode("latin-1").strip("\0") for item in said.get("codec", [])))
    )
    width, height = (int.from_bytes(said.get(key, [b""])[0][:4], "big") for key in ("width", "height"))
    yield from picture(facts, width, height)
    rate = _float(said.get("rate", [b""])[0])
    yield from facts.attribute("sampling frequency", f"{rate:g} Hz" if rate else "")
    yield from tag(facts, "Matroska:title", decode(said.get("title", [b""])[0]).text)
    yield from tag(facts, "Matroska:software", decode(said.get("software", [b""])[0]).text)
    stamp = said.get("date", [b""])[0]
    if len(stamp) == 8:
        yield from facts.period(
            moment(_EPOCH_2001, int.from_bytes(stamp, "big", signed=True) / 1e9), path="Info/DateUTC"
        )


def _float(data: bytes) -> float:
    value = struct.unpack(">f" if len(data) == 4 else ">d", data)[0] if len(data) in (4, 8) else 0.0
    return value if 0 < value < 1e15 else 0.0


def _ebml(
    data: bytes, at: int, depth: int, said: dict[str, list[bytes]], left: list[int], end: int | None = None
) -> None:
    """Gather the values that matter of the elements from ``at`` on; ``left`` is how many more may be looked at."""
    stop = len(data) if end is None else min(end, len(data))
    while at < stop and depth <= DEEPEST and left[0] > 0:
        left[0] -= 1
        identifier, at = _vint(data, at, keep=True)
        size, at = _vint(data, at, keep=False)
        if identifier < 0 or size < -1 or identifier == _CLUSTER:
            return
        finish = stop if size == -1 else at + size
        if identifier in _EBML:
            _ebml(data, at, depth + 1, said, left, finish)
        elif identifier in _VALUES and size <= 4_000:
            said.setdefault(_VALUES[identifier], []).append(data[at : at + size])
        at = finish


def _vint(data: bytes, at: int, *, keep: bool) -> tuple[int, int]:
    """(number, where it ends); -1 for a size that is not known, -2 where there is none."""
    first = data[at] if at < len(data) else 0
    width = 9 - first.bit_length()
    if not first or width > 8 or at + width > len(data):
        return -2, len(data)
    value = int.from_bytes(data[at : at + width], "big")
    if not keep:
        value &= (1 << 7 * width) - 1
        if value == (1 << 7 * width) - 1:
            value = -1
    return value, at + width


# ---- AVI


@reads("video/x-msvideo", version=1)
def read_avi(file: File) -> Iterator[Evidence]:
    """Length, size of the picture and codec. Raises Unreadable ``truncated`` without the main header."""
    facts = Facts(file, READER)
    head = file.head(65_536)
    at = head.find(b"avih")
    if at < 0 or len(head) < at + 48:
        raise Unreadable("truncated", "no main header in it")
    step, frames = struct.unpack("<I", head[at + 8 : at + 12])[0], struct.unpack("<I", head[at + 24 : at + 28])[0]
    width, height = struct.unpack("<2I", head[at + 40 : at + 48])
    yield from _duration(facts, step * frames / 1e6)
    yield from picture(facts, width, height)
    stream = head.find(b"strh")
    if 0 <= stream < len(head) - 16:
        codec: JSON = head[stream + 12 : stream + 16].decode("latin-1").strip("\0 ")
        yield from facts.attribute("codecs", [codec] if codec else [])
    program = head.find(b"ISFT")
    if program >= 0:
        yield from tag(facts, "INFO:software", decode(head[program + 8 : program + 108].split(b"\0")[0]).text)

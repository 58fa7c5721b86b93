"""Sound: WAV and Broadcast WAV, FLAC, MP3, Ogg. How long, how sampled, and what the tags say.

Sources: RIFF (Microsoft 1991) and its INFO list; EBU Tech 3285 (bext); GUANO metadata specification 1.0 (bat recorders);
Open Acoustic Devices' AudioMoth comments; RFC 9639 (FLAC); RFC 3533, RFC 7845 and the Vorbis I specification (Ogg);
ID3v2.3 and v2.4 informal standards; ISO/IEC 11172-3 (MPEG audio frames).
"""

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.tags import gps, tag, vorbis_comments
from shirushi.describe.text import decode

READER = "audio/1"
MOST_CHUNKS = 200
MOST_CHUNK = 1_000_000  # bytes kept
_CODECS = {1: "PCM", 2: "ADPCM", 3: "IEEE float", 6: "A-law", 7: "µ-law", 0x11: "IMA ADPCM", 0x55: "MP3"}
_READ = frozenset((b"fmt ", b"bext", b"guan", b"LIST", b"ds64"))
_INFO = {b"INAM": "title", b"IART": "artist", b"ICMT": "comment", b"ICOP": "copyright", b"ICRD": "date", b"ISFT": "software", b"IGNR": "genre",
    b"IKEY": "keywords", b"ISBJ": "subject", b"IENG": "engineer", b"IARL": "archive"}  # fmt: skip
_MOTH = re.compile(
    r"Recorded at (?P<time>\d{2}:\d{2}:\d{2}(?:\.\d+)?) (?P<d>\d{2})/(?P<m>\d{2})/(?P<y>\d{4}) \((?P<zone>UTC[^)]*)\)"
    r"(?:.*? by AudioMoth (?P<serial>[0-9A-F]{16}))?"
)


def summary(facts: Facts, seconds: float, codec: str, rate: int, channels: int, bits: int = 0) -> Iterator[Evidence]:
    """The facts that all sound files share."""
    if 0 < seconds < 1e9:
        yield from facts.attribute("duration", f"{seconds:.3f}".rstrip("0").rstrip(".") + " s", path="duration")
    yield from facts.attribute("codec", codec)
    yield from facts.attribute("sampling frequency", f"{rate} Hz" if rate else "", path="sampling frequency")
    yield from facts.attribute("channels", channels or "")
    yield from facts.attribute("bits per sample", bits or "")


@reads("audio/wav", version=1)
def read_wav(file: File) -> Iterator[Evidence]:
    """The format, the length, and what recorders and editors noted.

    Raises:
        Unreadable: ``truncated`` when there is no format chunk.
    """
    facts = Facts(file, READER)
    order = ">" if file.head(4) == b"RIFX" else "<"
    with file.open() as stream:
        chunks = list(_chunks(stream, file.size, order))
    form = next((data for name, data, _ in chunks if name == b"fmt " and len(data) >= 16), None)
    if form is None:
        raise Unreadable("truncated", "no format chunk in it")
    kind, channels, rate, per_second, _, bits = struct.unpack(order + "2H2I2H", form[:16])
    if kind == 0xFFFE and len(form) >= 26:  # the extensible format: what it is stands further in
        kind = struct.unpack(order + "H", form[24:26])[0]
    size = next((size for name, _, size in chunks if name == b"data"), 0)
    large = next((data for name, data, _ in chunks if name == b"ds64" and len(data) >= 16), None)
    if large and size == 0xFFFF_FFFF:  # RF64 (EBU Tech 3306): the size in 64 bits stands in a chunk of its own
        size = int.from_bytes(large[8:16], "little")
    left = max(0, file.size - 44)
    yield from summary(
        facts,
        min(size, left) / per_second if per_second else 0.0,
        _CODECS.get(kind, f"0x{kind:04x}"),
        rate,
        channels,
        bits,
    )
    if size > file.size and size < 0xFFFF_FFFF:
        yield facts.problem("truncated", f"{size:,} bytes of sound are announced, {left:,} are there")
    for name, data, _ in chunks:
        if name == b"bext":
            yield from _bext(facts, data)
        elif name == b"guan":
            yield from _guano(facts, decode(data).text)
        elif name == b"LIST" and data[:4] == b"INFO":
            yield from _info(facts, data)


def _chunks(stream: BinaryIO, size: int, order: str) -> Iterator[tuple[bytes, bytes, int]]:
    """(name, first bytes, announced size) of the chunks of a RIFF file."""
    at, budget = 12, MOST_CHUNK
    for _ in range(MOST_CHUNKS):
        if at + 8 > size:
            return
        stream.seek(at)
        head = stream.read(8)
        if len(head) < 8:
            return
        name, length = head[:4], struct.unpack(order + "I", head[4:])[0]
        data = stream.read(min(length, budget)) if name in _READ else b""
        budget -= len(data)
        yield name, data, length
        at += 8 + length + length % 2


def _bext(facts: Facts, data: bytes) -> Iterator[Evidence]:
    """Broadcast extension: description, originator, when."""
    for name, start, end in (("description", 0, 256), ("originator", 256, 288), ("originator reference", 288, 320)):
        text = decode(data[start:end].split(b"\0")[0]).text
        yield from tag(facts, f"bext:{name}", text)
    day = data[320:330].decode("latin-1").replace(":", "-").replace("_", "-").replace("/", "-")
    yield from facts.period(day, path="bext:origination date")
    yield from _moth(facts, decode(data[:256].split(b"\0")[0]).text, "bext:description")


def _info(facts: Facts, data: bytes) -> Iterator[Evidence]:
    at = 4
    while at + 8 <= len(data):
        name, length = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        text = decode(data[at + 8 : at + 8 + min(length, 4_000)].split(b"\0")[0]).text.strip()
        if name in _INFO:
            yield from tag(facts, f"INFO:{_INFO[name]}", text)
            if name == b"ICMT":
                yield from _moth(facts, text, "INFO:comment")
        at += 8 + length + length % 2


def _moth(facts: Facts, comment: str, path: str) -> Iterator[Evidence]:
    """What an AudioMoth notes: when, which recorder, temperature and battery."""
    if not (match := _MOTH.search(comment)):
        return
    yield from facts.period(f"{match['y']}-{match['m']}-{match['d']}", path=path, quote=match[0])
    if match["serial"]:
        parts = {"manufacturer": "Open Acoustic Devices", "model": "AudioMoth", "serial_number": match["serial"]}
        yield from facts.instrument(path, {**parts, "type": "acoustic recorder"}, quote=match[0])


def _guano(facts: Facts, text: str) -> Iterator[Evidence]:
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines()[:200])}
    for key, value in said.items():
        if key and value and not key.startswith("GUANO|"):
            yield from facts.attribute(key, value, owner="GUANO", path=f"GUANO:{key}")
    parts = {
        "manufacturer": said.get("Make", ""),
        "model": said.get("Model", ""),
        "serial_number": said.get("Serial", ""),
    }
    if any(parts.values()):
        yield from facts.instrument("GUANO:Model", {**parts, "type": "acoustic recorder"})
    yield from facts.period(said.get("Timestamp", ""), path="GUANO:Timestamp")
    if match := re.fullmatch(r"(-?\d{1,2}\.\d+)[ ,]+(-?\d{1,3}\.\d+)", said.get("Loc Position", "")):
        yield from gps(facts, float(match[1]), float(match[2]), "GUANO:Loc Position", match[0])
    for species in said.get("Species Manual ID", "").split(","):
        yield from facts.state(
            "subjects",
            {"text": species.strip()} if len(species.strip()) > 6 else {},
            "GUANO:Species Manual ID",
            quote=species,
        )


# ---- FLAC


@reads("audio/flac", version=1)
def read_flac(file: File) -> Iterator[Evidence]:
    """Stream info and Vorbis comments. Raises Unreadable ``truncated`` without the first."""
    facts = Facts(file, READER)
    with file.open() as stream:
        stream.seek(4)
        told = False
        for _ in range(MOST_CHUNKS):
            head = stream.read(4)
            if len(head) < 4:
                break
            kind, length = head[0] & 0x7F, int.from_bytes(head[1:], "big")
            data = stream.read(min(length, MOST_CHUNK)) if kind in (0, 4) else b""
            stream.seek(length - len(data), 1)
            if kind == 0 and len(data) >= 18:
                told = True
                bits = int.from_bytes(data[10:18], "big")
                rate, total = bits >> 44, bits & 0xF_FFFF_FFFF
                channels, depth = (bits >> 41 & 7) + 1, (bits >> 36 & 31) + 1
                yield from summary(facts, total / rate if rate else 0.0, "FLAC", rate, channels, depth)
            elif kind == 4:
                yield from vorbis_comments(facts, data)
            if head[0] & 0x80:
                break
    if not told:
        raise Unreadable("truncated", "no stream info in it")


# ---- Ogg


@reads("audio/ogg", version=1)
def read_ogg(file: File) -> Iterator[Evidence]:
    """The first stream's codec, its comments, and its length by the last page. Raises Unreadable ``malformed``."""
    facts = Facts(file, READER)
    head = file.head(262_144)
    packets = _packets(head)
    first = packets[0] if packets else b""
    rate, codec, skipped = 0, "", 0
    if first[1:7] == b"vorbis" and len(first) >= 16:
        codec, channels, rate = "Vorbis", first[11], struct.unpack("<I", first[12:16])[0]
        comments = packets[1][7:] if len(packets) > 1 else b""
    elif first[:8] == b"OpusHead" and len(first) >= 19:
        codec, channels, rate, skipped = "Opus", first[9], 48_000, struct.unpack("<H", first[10:12])[0]
        comments = packets[1][8:] if len(packets) > 1 else b""
    else:
        raise Unreadable("malformed", "neither Vorbis nor Opus starts in it")
    seconds = max(0, _last_granule(file) - skipped) / rate if rate else 0.0
    yield from summary(facts, seconds, codec, rate, channels)
    yield from vorbis_comments(facts, comments)


def _packets(data: bytes) -> list[bytes]:
    """The first two packets, put together from their pages."""
    packets: list[bytes] = []
    part, at = b"", 0
    while data[at : at + 4] == b"OggS" and at + 27 <= len(data) and len(packets) < 2:
        sizes = data[at + 27 : at + 27 + data[at + 26]]
        here = at + 27 + len(sizes)
        for size in sizes:
            part += data[here : here + size]
            here += size
            if size < 255:
                packets.append(part)
                part = b""
        at = here
    return packets[:2] if packets else [part]


def _last_granule(file: File) -> int:
    with file.open() as stream:
        stream.seek(max(0, file.size - 65_536))
        tail = stream.read(65_536)
    at = tail.rfind(b"OggS")
    return max(0, int.from_bytes(tail[at + 6 : at + 14], "little", signed=True)) if at >= 0 else 0


# ---- MP3


_FRAMES = {b"TIT2": "title", b"TPE1": "artist", b"TALB": "album", b"TDRC": "date", b"TYER": "date", b"TCOP": "copyright", b"TSSE": "software",
    b"TENC": "software", b"COMM": "comment", b"TCON": "genre", b"TLAN": "language"}  # fmt: skip
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_BITRATES = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


@reads("audio/mpeg", version=1)
def read_mp3(file: File) -> Iterator[Evidence]:
    """Tags, and the length by the Xing header or by the first frame's bit rate."""
    facts = Facts(file, READER)
    with file.open() as stream:
        head = stream.read(10)
        length = _synchsafe(head[6:10]) if head[:3] == b"ID3" else 0
        tags = stream.read(min(length, MOST_CHUNK)) if length else b""
        stream.seek(10 + length if length else 0)
        sound = stream.read(8_192)
    yield from _mpeg(facts, sound, file.size - (10 + length if length else 0))
    if tags:
        yield from _id3(facts, head, tags)


def _synchsafe(data: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(data, (21, 14, 7, 0), strict=False))


def _mpeg(facts: Facts, data: bytes, size: int) -> Iterator[Evidence]:
    for at in range(len(data) - 4):
        if data[at] != 0xFF or data[at + 1] & 0xE6 != 0xE2:  # eleven ones, and layer III
            continue
        version, rate, bitrate = data[at + 1] >> 3 & 3, data[at + 2] >> 2 & 3, data[at + 2] >> 4
        if version == 1 or rate == 3 or bitrate in (0, 15):
            continue
        hertz = _RATES[version][rate]
        kilobits = _BITRATES[3 if version == 3 else 2][bitrate]
        channels = 1 if data[at + 3] >> 6 == 3 else 2
        frame = 1_152 if version == 3 else 576
        seconds = size * 8 / (kilobits * 1_000)
        xing = max(data.find(b"Xing", at, at + 60), data.find(b"Info", at, at + 60))
        if xing >= 0 and len(data) >= xing + 12 and data[xing + 7] & 1:
            seconds = int.from_bytes(data[xing + 8 : xing + 12], "big") * frame / hertz
        yield from summary(facts, seconds, "MP3", hertz, channels)
        return


def _id3(facts: Facts, head: bytes, data: bytes) -> Iterator[Evidence]:
    at = 0
    while at + 10 <= len(data) and data[at : at + 4].isalnum():
        name = data[at : at + 4]
        length = _synchsafe(data[at + 4 : at + 8]) if head[3] == 4 else int.from_bytes(data[at + 4 : at + 8], "big")
        body = data[at + 10 : at + 10 + min(length, 8_000)]
        if name in _FRAMES and len(body) > 1:
            text = _id3_text(body[0], body[4:] if name == b"COMM" else body[1:])
            yield from tag(
                facts, f"ID3:{_FRAMES[name]}", text.split("\0")[-1] if name == b"COMM" else text.split("\0")[0]
            )
        at += 10 + length


def _id3_text(encoding: int, data: bytes) -> str:
    if encoding in (1, 2):
        return data.decode("utf-16" if encoding == 1 else "utf-16-be", "replace").strip("\0\ufeff ")
    return (data.decode("utf-8", "replace") if encoding == 3 else decode(data).text).strip("\0 ")

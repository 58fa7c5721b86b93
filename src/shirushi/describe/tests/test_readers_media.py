"""Sound and video: headers made here, cut short, and hostile; and the camera of a photograph."""

import io
import struct
import wave
from pathlib import Path

import pytest
from PIL import Image

from shirushi.describe.tests.made import Read


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def wav(seconds: float = 2.0, *chunks: bytes) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8_000)
        out.writeframes(bytes(int(16_000 * seconds)))
    return buffer.getvalue() + b"".join(chunks)


def vorbis(**comments: str) -> bytes:
    vendor = b"example encoder 1.3.7"
    items = [f"{key}={value}".encode() for key, value in comments.items()]
    return (
        struct.pack("<I", len(vendor))
        + vendor
        + struct.pack("<I", len(items))
        + b"".join(struct.pack("<I", len(i)) + i for i in items)
    )


# ---- sound


def test_wav_tells_length_and_recorder(tmp_path: Path) -> None:
    comment = b"Recorded at 19:00:00 01/05/2021 (UTC) by AudioMoth 248D9B045EBA3F23 at medium gain\0"
    found = Read(
        tmp_path,
        wav(2.0, chunk(b"LIST", b"INFO" + chunk(b"ICMT", comment) + chunk(b"INAM", "森の音".encode()))),
        "20210501.wav",
    )
    assert (found.what.format, found.problems) == ("WAV", [])
    seen = found.attributes
    assert (seen["duration"], seen["codec"], seen["sampling frequency"], seen["bits per sample"]) == (
        "2 s",
        "PCM",
        "8000 Hz",
        16,
    )
    assert seen["INFO:title"] == "森の音"
    assert found.of("instrument") == [{"manufacturer": "Open Acoustic Devices", "model": "AudioMoth",
        "serial_number": "248D9B045EBA3F23", "type": "acoustic recorder"}]  # fmt: skip
    assert found.stated("dates") == [{"date": "2021-05-01", "type": "Collected"}]


def test_bat_recorder_tells_place_species_and_day(tmp_path: Path) -> None:
    text = "GUANO|Version: 1.0\nTimestamp: 2019-08-07T22:15:00+02:00\nMake: Example\nModel: SM4\nSerial: S9\nLoc Position: 35.2600 139.5000\nSpecies Manual ID: Myotis myotis\n"
    found = Read(tmp_path, wav(1.0, chunk(b"guan", text.encode())), "bat.wav")
    assert found.of("instrument") == [
        {"manufacturer": "Example", "model": "SM4", "serial_number": "S9", "type": "acoustic recorder"}
    ]
    assert found.of("coordinates") == [{"west": 139.5, "south": 35.26, "east": 139.5, "north": 35.26, "points": 1}]
    assert found.stated("subjects") == [{"text": "Myotis myotis"}]
    assert found.stated("dates") == [{"date": "2019-08-07", "type": "Collected"}]


def test_broadcast_wave_tells_originator(tmp_path: Path) -> None:
    bext = (
        b"interview".ljust(256, b"\0")
        + b"Field recorder".ljust(32, b"\0")
        + b"REF".ljust(32, b"\0")
        + b"2018-02-03"
        + b"10:11:12"
    )
    found = Read(tmp_path, wav(1.0, chunk(b"bext", bext.ljust(602, b"\0"))), "a.wav")
    assert (found.attributes["bext:originator"], found.attributes["bext:description"]) == (
        "Field recorder",
        "interview",
    )
    assert found.stated("dates") == [{"date": "2018-02-03", "type": "Collected"}]


def test_wav_that_is_cut_says_so(tmp_path: Path) -> None:
    found = Read(tmp_path, wav(2.0)[:1_044], "a.wav")
    assert found.problems == [("truncated", "32,000 bytes of sound are announced, 1,000 are there")]
    assert Read(tmp_path, wav()[:20], "b.wav").problems == [("truncated", "no format chunk in it")]


def test_wav_in_other_orders_and_formats(tmp_path: Path) -> None:
    form = struct.pack(">2H2I2H", 1, 2, 8_000, 32_000, 4, 16)
    big = (
        b"RIFX"
        + struct.pack(">I", 100)
        + b"WAVEfmt "
        + struct.pack(">I", 16)
        + form
        + b"data"
        + struct.pack(">I", 3_200)
        + bytes(3_200)
    )
    assert Read(tmp_path, big, "big.wav").attributes["duration"] == "0.1 s"
    form = struct.pack("<2H2I2H", 0xFFFE, 1, 8_000, 64_000, 8, 64) + bytes(8) + b"\x03\0" + bytes(14)
    large = b"RF64\xff\xff\xff\xffWAVE" + chunk(b"ds64", struct.pack("<3QI", 100, 6_400, 800, 0)) + chunk(b"fmt ", form)
    seen = Read(tmp_path, large + b"data\xff\xff\xff\xff" + bytes(6_400), "large.wav").attributes
    assert (seen["duration"], seen["codec"]) == ("0.1 s", "IEEE float")


def test_wav_of_a_million_empty_chunks_ends(tmp_path: Path) -> None:
    assert Read(tmp_path, wav(0.1, chunk(b"junk", b"") * 500_000), "a.wav").attributes["duration"] == "0.1 s"


def test_flac_tells_stream_and_comments(tmp_path: Path) -> None:
    bits = (44_100 << 44) | (1 << 41) | (15 << 36) | 88_200
    info = bytes(10) + bits.to_bytes(8, "big") + bytes(16)
    comments = vorbis(TITLE="Song", DATE="2001-02-03", CONTACT="someone@example.org")
    data = b"fLaC\0" + len(info).to_bytes(3, "big") + info + b"\x84" + len(comments).to_bytes(3, "big") + comments
    found = Read(tmp_path, data, "a.flac")
    seen = found.attributes
    assert (seen["duration"], seen["codec"], seen["channels"], seen["bits per sample"]) == ("2 s", "FLAC", 2, 16)
    assert (seen["Vorbis:title"], found.stated("dates")) == ("Song", [{"date": "2001-02-03", "type": "Created"}])
    assert found.of("software-used") == [{"name": "example encoder", "version": "1.3.7"}]
    assert "someone@" not in found.said
    assert Read(tmp_path, data[:20], "b.flac").problems == [("truncated", "no stream info in it")]


def page(granule: int, *packets: bytes) -> bytes:
    sizes = b"".join(b"\xff" * (len(p) // 255) + bytes([len(p) % 255]) for p in packets)
    return b"OggS\0\0" + struct.pack("<q", granule) + bytes(12) + bytes([len(sizes)]) + sizes + b"".join(packets)


def test_opus_tells_length_by_its_last_page(tmp_path: Path) -> None:
    head = b"OpusHead\x01\x02" + struct.pack("<HIhB", 312, 44_100, 0, 0)
    data = page(0, head) + page(0, b"OpusTags" + vorbis(TITLE="x" * 600)) + page(48_000 * 5 + 312, b"sound")
    seen = Read(tmp_path, data, "a.opus").attributes
    assert (seen["duration"], seen["codec"], seen["channels"], seen["Vorbis:title"]) == ("5 s", "Opus", 2, "x" * 600)


def test_mp3_tells_tags_and_length(tmp_path: Path) -> None:
    frame = lambda name, text: name + struct.pack(">I", len(text) + 1) + b"\0\0\x03" + text  # noqa: E731
    tags = frame(b"TIT2", "講演".encode()) + frame(b"TDRC", b"2015-06-07")
    size = len(tags)
    head = b"ID3\x03\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127])
    sound = (b"\xff\xfb\x90\x00" + bytes(413)) * 100  # 128 kbit/s, 44.1 kHz
    found = Read(tmp_path, head + tags + sound, "a.mp3")
    seen = found.attributes
    assert (seen["ID3:title"], seen["codec"], seen["sampling frequency"], seen["channels"]) == (
        "講演",
        "MP3",
        "44100 Hz",
        2,
    )
    assert float(seen["duration"].split()[0]) == pytest.approx(len(sound) / 16_000, abs=0.01)
    bare = Read(tmp_path, sound, "bare.mp3")
    assert (bare.what.format, bare.attributes["codec"]) == ("MP3", "MP3")


# ---- video


def box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def mp4(created: int = 3_600_000_000, *more: bytes) -> bytes:
    mvhd = bytes(4) + struct.pack(">4I", created, created, 1_000, 12_500) + bytes(80)
    entry = box(b"avc1", bytes(24) + struct.pack(">2H", 1_920, 1_080) + bytes(50))
    stsd = box(b"stsd", bytes(4) + struct.pack(">I", 1) + entry)
    trak = box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", stsd))))
    return (
        box(b"ftyp", b"isom" + bytes(4))
        + box(b"mdat", bytes(100))
        + box(b"moov", box(b"mvhd", mvhd) + trak + b"".join(more))
    )


def test_mp4_tells_length_picture_day_and_place(tmp_path: Path) -> None:
    place = box(b"\xa9xyz", struct.pack(">2H", 18, 0x15C7) + b"+35.2600+139.5000/")
    found = Read(tmp_path, mp4(3_600_000_000, box(b"udta", place)), "a.mp4")
    assert (found.what.format, found.problems) == ("MP4", [])
    seen = found.attributes
    assert (seen["duration"], seen["codecs"], seen["frame size"]) == ("12.5 s", ["avc1"], "1920 × 1080")
    assert found.stated("dates") == [{"date": "2018-01-28", "type": "Collected"}]
    assert found.of("coordinates") == [{"west": 139.5, "south": 35.26, "east": 139.5, "north": 35.26, "points": 1}]


def test_quicktime_keys_tell_the_camera(tmp_path: Path) -> None:
    names = [b"com.apple.quicktime.make", b"com.apple.quicktime.model", b"com.apple.quicktime.creationdate"]
    keys = box(b"keys", bytes(4) + struct.pack(">I", 3) + b"".join(box(b"mdta", name) for name in names))
    values = [b"Example", b"Cam 5", b"2020-05-06T07:08:09+0900"]
    ilst = box(
        b"ilst",
        b"".join(box(struct.pack(">I", n), box(b"data", bytes(8) + value)) for n, value in enumerate(values, start=1)),
    )
    found = Read(
        tmp_path, mp4(0, box(b"meta", box(b"hdlr", bytes(24)) + keys + ilst)).replace(b"ftypisom", b"ftypqt  "), "a.mov"
    )
    assert found.of("instrument") == [{"manufacturer": "Example", "model": "Cam 5", "type": "camera"}]
    assert found.stated("dates") == [{"date": "2020-05-06", "type": "Collected"}]  # 1904 is a camera without a clock


def test_mp4_of_boxes_in_boxes_ends(tmp_path: Path) -> None:
    deep = b""
    for _ in range(2_000):
        deep = box(b"moov", deep)
    assert Read(tmp_path, box(b"ftyp", b"isom" + bytes(4)) + deep, "a.mp4").problems == [
        ("truncated", "no movie header in it")
    ]
    wide = box(b"ftyp", b"isom" + bytes(4)) + box(b"free", b"") * 100_000 + mp4()
    assert Read(tmp_path, wide, "b.mp4").problems == [("truncated", "no movie header in it")]


def element(identifier: str, data: bytes) -> bytes:
    return bytes.fromhex(identifier) + (0x0100_0000_0000_0000 | len(data)).to_bytes(8, "big") + data


def test_matroska_tells_length_tracks_and_program(tmp_path: Path) -> None:
    info = element("1549A966", element("2AD7B1", (1_000_000).to_bytes(3, "big")) + element("4489", struct.pack(">d", 61_500.0))
        + element("4461", (86_400 * 10**9 * 365).to_bytes(8, "big")) + element("7BA9", "実験".encode()) + element("5741", b"Example 4.5"))  # fmt: skip
    video = element("E0", element("B0", (640).to_bytes(2, "big")) + element("BA", (480).to_bytes(2, "big")))
    tracks = element("1654AE6B", element("AE", element("86", b"V_VP9") + video))
    data = element("1A45DFA3", element("4282", b"webm")) + element(
        "18538067", info + tracks + element("1F43B675", bytes(50))
    )
    found = Read(tmp_path, data, "a.webm")
    assert found.problems == []
    seen = found.attributes
    assert (seen["duration"], seen["codecs"], seen["frame size"], seen["Matroska:title"]) == (
        "61.5 s",
        ["V_VP9"],
        "640 × 480",
        "実験",
    )
    assert found.of("software-used") == [{"name": "Example", "version": "4.5"}]
    assert found.stated("dates") == [{"date": "2002-01-01", "type": "Collected"}]
    for end in range(8, len(data) - 60, 3):
        assert {code for code, _ in Read(tmp_path, data[:end], "cut.mkv").problems} <= {"truncated"}


def test_avi_tells_length_and_picture(tmp_path: Path) -> None:
    avih = struct.pack("<14I", 40_000, 0, 0, 0, 250, 0, 1, 0, 320, 240, 0, 0, 0, 0)
    data = (
        b"RIFF"
        + struct.pack("<I", 500)
        + b"AVI LIST"
        + struct.pack("<I", 200)
        + b"hdrl"
        + chunk(b"avih", avih)
        + b"LIST\0\0\0\0strl"
        + chunk(b"strh", b"vidsMJPG" + bytes(48))
    )
    seen = Read(tmp_path, data, "a.avi").attributes
    assert (seen["duration"], seen["frame size"], seen["codecs"]) == ("10 s", "320 × 240", ["MJPG"])


# ---- photographs


def test_camera_of_a_photograph_is_an_instrument(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "RICOH", "WG-6"
    exif.get_ifd(0x8769)[0xA431] = "00012345"
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "JPEG", exif=exif)
    found = Read(tmp_path, buffer.getvalue(), "a.jpg")
    assert found.of("instrument") == [
        {"manufacturer": "RICOH", "model": "WG-6", "serial_number": "00012345", "type": "camera"}
    ]

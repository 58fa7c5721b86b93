"""Images made with Pillow: size, EXIF, GPS, XMP; damaged and huge ones."""

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.images import read_image

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" photoshop:City="鎌倉">
<dc:creator><rdf:Seq><rdf:li>山田 花子</rdf:li></rdf:Seq></dc:creator>
<dc:subject><rdf:Bag><rdf:li>海</rdf:li><rdf:li>ブイ</rdf:li></rdf:Bag></dc:subject>
<xmpRights:WebStatement rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def read(path: Path) -> list[Evidence]:
    return list(read_image(File(path, path.name, path.stat().st_size, "image/jpeg", "JPEG")))


def exif_of(found: list[Evidence]) -> dict[str, object]:
    return {e.value["name"]: e.value["value"] for e in found if e.kind == "exif"}


def photograph(path: Path, *, south: bool = False) -> None:
    exif = Image.Exif()
    exif[0x010E] = "相模湾のブイ".encode()
    exif[0x0110] = "WG-6"
    exif[0x013B] = "Yamada"
    exif.get_ifd(0x8769)[0x9003] = "2021:04:18 10:12:00"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "S" if south else "N", (35.0, 15.0, 36.0), "E", (139.0, 30.0, 0.0)
    Image.new("RGB", (40, 30), "navy").save(path, exif=exif, xmp=XMP.encode())


def test_photograph_tells_when_where_and_with_what(tmp_path: Path) -> None:
    photograph(tmp_path / "a.jpg")
    found = read(tmp_path / "a.jpg")
    assert found[0].value == {"width": 40, "height": 30, "mode": "RGB", "format": "JPEG", "frames": 1}
    seen = exif_of(found)
    assert (seen["EXIF:ImageDescription"], seen["EXIF:Model"], seen["EXIF:Artist"]) == (
        "相模湾のブイ",
        "WG-6",
        "Yamada",
    )
    assert (seen["XMP:dc:creator"], seen["XMP:dc:subject"], seen["XMP:photoshop:City"]) == (
        "山田 花子",
        ["海", "ブイ"],
        "鎌倉",
    )
    assert seen["XMP:xmpRights:WebStatement"] == "https://creativecommons.org/licenses/by/4.0/"
    [where] = [e for e in found if e.kind == "coordinates"]
    assert where.value == {"west": 139.5, "south": 35.26, "east": 139.5, "north": 35.26, "points": 1}
    [when] = [e for e in found if e.kind == "time-range"]
    assert when.value == {"start": "2021-04-18", "end": "2021-04-18", "count": 1}
    assert (when.place.path, when.place.quote) == ("EXIF:DateTimeOriginal", "2021:04:18 10:12:00")


def test_southern_latitude_is_negative(tmp_path: Path) -> None:
    photograph(tmp_path / "a.jpg", south=True)
    [where] = [e for e in read(tmp_path / "a.jpg") if e.kind == "coordinates"]
    assert where.value["south"] == -35.26


def test_camera_without_a_fix_says_no_place(tmp_path: Path) -> None:
    exif = Image.Exif()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (0.0, 0.0, 0.0), "E", (0.0, 0.0, 0.0)
    Image.new("L", (4, 4)).save(tmp_path / "a.jpg", exif=exif)
    assert [e.kind for e in read(tmp_path / "a.jpg") if e.kind == "coordinates"] == []


def test_png_text_chunks(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_itxt("Title", "水温の図")
    info.add_text("date:create", "2020-01-01")
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png", pnginfo=info)
    assert exif_of(read(tmp_path / "a.png")) == {"PNG:Title": "水温の図"}


def test_pages_of_a_tiff_are_counted(tmp_path: Path) -> None:
    page = Image.new("L", (4, 4))
    page.save(tmp_path / "a.tif", save_all=True, append_images=[page, page])
    assert read(tmp_path / "a.tif")[0].value["frames"] == 3


def test_huge_picture_is_told_but_not_unpacked(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    (tmp_path / "a.png").write_bytes(data)
    assert read(tmp_path / "a.png")[0].value["width"] == 100_000


@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0nothing", b"GIF89a", b"not an image"])
def test_damaged_image_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(Unreadable) as raised:
        read(tmp_path / "a.jpg")
    assert raised.value.code in {"malformed", "truncated"}


def test_entities_in_xmp_are_not_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + XMP.replace("鎌倉", "&a;&a;")
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg", xmp=bomb.encode())
    assert "aaaa" not in str(exif_of(read(tmp_path / "a.jpg")))


def test_cut_photograph_still_says_what_it_can(tmp_path: Path) -> None:
    photograph(tmp_path / "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[:-20])
    assert exif_of(read(tmp_path / "a.jpg"))["EXIF:Model"] == "WG-6"

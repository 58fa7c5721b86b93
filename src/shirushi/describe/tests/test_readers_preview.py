"""Previews open the very place; big, damaged and odd files are shown in part or refused in words."""

import base64
import io
from pathlib import Path

import netCDF4
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from shirushi.describe.evidence import AttributePlace, CellPlace, LinePlace, PagePlace
from shirushi.describe.preview import preview, render
from shirushi.describe.previews.text import preview_text
from shirushi.describe.readers.prose import Lines
from shirushi.describe.tests.made import OME


def texts(shown: dict) -> list[str]:
    return [line["text"] for line in shown["lines"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "iso2022_jp", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_window_in_any_encoding(tmp_path: Path, encoding: str, end: str) -> None:
    lines = [f"{n}行目の水温は十五度でした" for n in range(1, 301)]
    (tmp_path / "a.txt").write_bytes(end.join(lines).encode(encoding))
    place = LinePlace("a.txt", 250, 251, 3, 8, "行目の水温")
    shown = preview(tmp_path / "a.txt", media_type="text/plain", place=place, limit=50)
    assert (shown["type"], shown["start"], shown["highlight"], shown["columns"]) == ("text", 210, [250, 251], [3, 8])
    assert (shown["total_lines"], len(shown["lines"])) == (300, 50)
    assert shown["lines"][40] == {"number": 250, "text": "250行目の水温は十五度でした"}


def test_column_far_to_the_right_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 50_000 + "here" + "y" * 50_000)
    shown = preview(tmp_path / "a.txt", media_type="text/plain", place=LinePlace("", 1, 1, 50_000, 50_004))
    start, end = shown["columns"]
    assert shown["lines"][0]["text"][start:end] == "here"
    assert (shown["from"] + start, shown["lines"][0]["length"], len(shown["lines"][0]["text"])) == (
        50_000,
        100_004,
        2_000,
    )


@settings(max_examples=60)
@given(data=st.binary(max_size=60) | st.text("ab\r\n", max_size=40).map(str.encode), start=st.integers(1, 12))
def test_lines_are_numbered_as_the_readers_number_them(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: int
) -> None:
    from shirushi.describe.text import decode

    path = tmp_path_factory.mktemp("t") / "a.txt"
    path.write_bytes(data)
    decoded = decode(data)
    if decoded.encoding not in ("utf-8", "latin-1"):
        return
    expected = list(Lines.of("", decoded.text).lines)
    if len(expected) > 1 and not expected[-1]:
        expected.pop()
    shown = preview_text(path, start=start)
    if start <= len(expected):
        assert texts(shown) == expected[start - 1 :]
        assert shown["total_lines"] == len(expected)
    else:
        assert shown["type"] == "none" or texts(shown) in ([], [""])


def test_line_ends_parted_by_a_block_count_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shirushi.describe.previews.text.BLOCK", 4)
    (tmp_path / "a.txt").write_bytes(b"abc\r\ndef\r\nghi")
    for start in (1, 2, 3):
        assert texts(preview_text(tmp_path / "a.txt", start=start)) == ["abc", "def", "ghi"][start - 1 :]


def test_five_gigabytes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as stream:
        stream.write("時刻,水温\n".encode() + b"1,2\n" * 1000)
        stream.truncate(5_000_000_000)
    shown = preview(path, media_type="text/csv", place=CellPlace("", 2, 500))
    assert shown["header"] == ["時刻", "水温"]
    assert (shown["rows"][10], shown["highlight"], shown["total_rows"]) == (
        {"number": 500, "cells": ["1", "2"]}, {"row": 500, "column": 2}, None,
    )  # fmt: skip


def test_csv_cell_with_line_ends_keeps_row_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('# made by hand\nname,note\na,"one\ntwo"\nb,three\n')
    shown = preview(tmp_path / "a.csv", media_type="text/csv", place=CellPlace("", 2, None))
    assert (shown["header"], shown["header_row"]) == (["name", "note"], 2)
    assert shown["rows"] == [{"number": 3, "cells": ["a", "one\ntwo"]}, {"number": 4, "cells": ["b", "three"]}]
    assert shown["highlight"] == {"row": None, "column": 2}


def test_csv_row_far_down_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n,m\n" + "".join(f"{n},{n * n}\n" for n in range(2, 200_001)))
    shown = preview(tmp_path / "a.csv", media_type="text/csv", place=CellPlace("", 1, 150_000), limit=20)
    assert {"number": 150_000, "cells": ["150000", "22500000000"]} in shown["rows"]


def test_sheet_of_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "はじめに"
    sheet = book.create_sheet("水温")
    sheet.append(["時刻", "水温"])
    for n in range(300):
        sheet.append([n, n / 2])
    book.save(tmp_path / "a.xlsx")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    shown = preview(tmp_path / "a.xlsx", media_type=kind, place=CellPlace("", 2, 250, "水温"), limit=30)
    assert (shown["sheet"], shown["sheets"], shown["header"], shown["total_rows"]) == (
        "水温",
        ["はじめに", "水温"],
        ["時刻", "水温"],
        301,
    )
    assert {"number": 250, "cells": ["248", "124"]} in shown["rows"]


def test_json_pointer_opens_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{\n "a": 1,\n "b": {\n  "c": "x"\n }\n}')
    shown = preview(tmp_path / "a.json", media_type="application/json", place=AttributePlace("", "/b/c"))
    assert (shown["type"], shown["highlight"]) == ("text", [4, 4])


def test_yaml_line_is_opened(tmp_path: Path) -> None:
    (tmp_path / "CITATION.cff").write_text("cff-version: 1.2.0\ntitle: A\n")
    shown = preview(
        tmp_path / "CITATION.cff", media_type="application/x-citation-cff", place=AttributePlace("", "/title", 2)
    )
    assert (shown["highlight"], texts(shown)[1]) == ([2, 2], "title: A")


def test_netcdf_attributes(tmp_path: Path) -> None:
    with netCDF4.Dataset(tmp_path / "a.nc", "w") as data:
        data.title = "水温"
        data.createDimension("time", 3)
        data.createVariable("sst", "f4", ("time",)).units = "degC"
    shown = preview(tmp_path / "a.nc", media_type="application/x-netcdf4", place=AttributePlace("", "/sst@units"))
    assert shown["items"] == [
        {"path": "/@title", "value": "水温"},
        {"path": "/sst", "value": "float32 (time: 3) [degC]"},
        {"path": "/sst@units", "value": "degC"},
    ]
    assert shown["highlight"] == "/sst@units"


def test_pdf_page_with_box(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(200, 100))
    for _ in range(2):
        canvas.drawString(10, 50, "words")
        canvas.showPage()
    canvas.save()
    place = PagePlace("", 2, (0.1, 0.2, 0.3, 0.4))
    shown = preview(tmp_path / "a.pdf", media_type="application/pdf", place=place)
    assert (shown["page"], shown["pages"], shown["box"]) == (2, 2, [0.1, 0.2, 0.3, 0.4])
    picture = Image.open(io.BytesIO(base64.b64decode(shown["picture"])))
    assert picture.size == (shown["width"], shown["height"]) == (400, 200)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P", "CMYK", "I;16", "F", "LA"])
def test_image_of_any_mode_is_shown_small(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (3000, 1500)).save(tmp_path / "a.tif")
    shown = preview(tmp_path / "a.tif", media_type="image/tiff", place=AttributePlace("", "image:size"))
    assert (shown["type"], shown["width"], shown["height"]) == ("image", 900, 450)
    assert shown["attributes"][0] == {"path": "image:size", "value": "3000 × 1500"}


@pytest.mark.parametrize(
    ("name", "media_type", "data", "reason"),
    [
        ("a.pdf", "application/pdf", b"%PDF-1.4", "truncated"),
        ("a.nc", "application/x-netcdf", b"CDF\x01", "truncated"),
        ("a.png", "image/png", b"nothing", "malformed"),
        ("a.bin", "application/octet-stream", b"\0\1\2", "nothing-to-show"),
        ("a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04", "truncated"),
    ],
)
def test_what_cannot_be_shown_says_why(tmp_path: Path, name: str, media_type: str, data: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(data)
    shown = preview(tmp_path / name, media_type=media_type)
    assert (shown["type"], shown["reason"]) == ("none", reason)


def test_file_that_is_gone(tmp_path: Path) -> None:
    assert preview(tmp_path / "none.txt", media_type="text/plain")["reason"] == "vanished"


def test_render_is_what_the_worker_calls(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Title\n")
    shown = render(str(tmp_path / "a.md"), "text/markdown", None, None, None, None, 10)
    assert shown == preview(tmp_path / "a.md", media_type="text/markdown", limit=10)


def test_preview_of_a_microscope_image_lists_what_it_says_of_itself(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    numpy = pytest.importorskip("numpy")
    for name, kind in (("a.tif", "uint16"), ("b.tif", "complex64")):
        tifffile.imwrite(tmp_path / name, numpy.zeros((6, 9), kind), metadata=None, description=OME.encode())
        place = {"type": "attribute", "file": name, "path": "/OME/Instrument/Microscope"}
        shown = render(str(tmp_path / name), "image/tiff", place, None, None, None, 50)
        items = {item["path"]: item["value"] for item in shown["attributes" if kind == "uint16" else "items"]}
        assert items["/OME/Instrument/Microscope"] == "Zeiss, LSM 880, 77, microscope"
        assert shown["highlight"] == "/OME/Instrument/Microscope"


def test_rows_are_counted_and_not_lines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a,b,c\n1,2\n3,4,5,6\n"x\ny",7,8\n')
    shown = preview(tmp_path / "a.csv", media_type="text/csv", limit=30)
    assert (len(shown["rows"]), shown["records"]) == (3, 3)

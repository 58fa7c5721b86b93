"""Every piece of evidence of every reader can be opened: the preview shows its quote at its place."""

import base64
import io
import json
from pathlib import Path

import docx
import h5py
import netCDF4
import openpyxl
import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from shirushi.describe.evidence import AttributePlace, CellPlace, Evidence, LinePlace, PagePlace, evidence_from_json
from shirushi.describe.identify import identify
from shirushi.describe.preview import preview
from shirushi.describe.readers.registry import read

README = """# 相模湾の海面水温

[![DOI](https://zenodo.org/badge/1.svg)](https://doi.org/10.5281/zenodo.1)

十二のブイで毎時測定しました。 **Contact:** hanako@example.org

- Creator: 山田 花子
- License: CC BY 4.0

| 変数 | 単位 |
|------|------|
| sst  | degC |
"""
CFF = "cff-version: 1.2.0\ntitle: ブイ\nauthors:\n  - family-names: Yamada\n    given-names: Hanako\nlicense: MIT\n"
TEI = (
    '<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt>\n<title>源氏 &amp; 物語</title>\n<author>紫 式部</author>'
    "</titleStmt></fileDesc></teiHeader></TEI>"
)
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# 水温\n"]}],
}


def make_netcdf(path: Path, model: str) -> None:
    with netCDF4.Dataset(path, "w", format=model) as data:
        data.title, data.time_coverage_start = "水温", "2021-04-01"
        for name, units in (("time", "days since 2021-04-01"), ("lat", "degrees_north"), ("lon", "degrees_east")):
            data.createDimension(name, 2)
            variable = data.createVariable(name, "f8", (name,))
            variable.units = units
            variable[:] = [10, 20]


def make_pdf(path: Path) -> None:
    canvas = Canvas(str(path))
    canvas.setTitle("Buoys")
    canvas.setFont("Helvetica", 20)
    canvas.drawString(72, 700, "Sea surface temperature")
    canvas.setFont("Helvetica", 10)
    canvas.drawString(72, 650, "Keywords: sea, https://doi.org/10.1234/abc")
    canvas.save()


def make_all(folder: Path) -> None:
    texts = {
        "README.md": README, "sjis.txt": "件名: 水温の測定\n測定者: 山田 花子\n", "CITATION.cff": CFF, "text.xml": TEI,
        "table.csv": "# station: Sagami\n時刻,水温 (degC)\n2021-04-01,15.5\n2021-04-02,16.0\n",
        "codebook.csv": "variable,description,unit\nsst,sea surface temperature,degC\nsal,salinity,1\n",
        "datapackage.json": json.dumps({"title": "ブイ", "resources": [{"path": "table.csv", "schema": {"fields": [{"name": "t"}]}}]}, indent=1),
        "rows.json": json.dumps([{"name": "a", "lat": 35.1, "lon": 139.5}] * 5, indent=1, ensure_ascii=False),
        "meta.json": json.dumps({"title": "相模湾", "instrument": {"maker": "A/B"}}, indent=1, ensure_ascii=False),
        "LICENSE": "SPDX-License-Identifier: MIT\n", "page.html": "<html><head><title>水温</title></head><body><h1>水温</h1><p>毎時測定した値です。</p></body></html>",
        "paper.tex": "\\title{Buoys}\n\\author{Yamada Hanako}\n\\begin{abstract}Hourly.\\end{abstract}\n",
        "notes.ipynb": json.dumps(NOTEBOOK, indent=1), "run.py": '"""Reads the buoys."""\n\nimport numpy\n',
    }  # fmt: skip
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode("cp932" if name == "sjis.txt" else "utf-8"))
    make_netcdf(folder / "classic.nc", "NETCDF3_CLASSIC")
    make_netcdf(folder / "four.nc", "NETCDF4")
    make_pdf(folder / "paper.pdf")
    with h5py.File(folder / "run.h5", "w") as data:
        data["entry/title"] = "回折"
        data["entry/counts"] = [1, 2, 3]
        data["entry/counts"].attrs["units"] = "counts"
    exif = Image.Exif()
    exif[0x0110] = "WG-6"
    exif.get_ifd(0x8769)[0x9003] = "2021:04:18 10:12:00"
    Image.new("RGB", (40, 30)).save(folder / "photo.jpg", exif=exif)
    book = openpyxl.Workbook()
    for row in (["時刻", "水温"], ["2021-04-01", 15.5], ["2021-04-02", 16.0]):
        book.active.append(row)
    book.save(folder / "book.xlsx")
    document = docx.Document()
    document.add_heading("観測の手引き", 1)
    document.add_paragraph("Creator: Yamada")
    document.save(str(folder / "guide.docx"))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[str, list[Evidence]]]]:
    """The folder, and for each file its media type and evidence."""
    folder = tmp_path_factory.mktemp("all")
    make_all(folder)
    found = {}
    for path in sorted(folder.iterdir()):
        what = identify(path, path.name)
        answer = read(str(path), path.name, path.stat().st_size, what.media_type, what.format)
        assert answer["problems"] == [], path.name
        found[path.name] = what.media_type, [evidence_from_json(e) for e in answer["evidence"]]
    return folder, found


def squeezed(text: str) -> str:
    return "".join(text.split())


def shown_at(folder: Path, media_type: str, evidence: Evidence) -> str:
    """What the preview shows at the evidence's place."""
    place = evidence.place
    shown = preview(folder / place.file, media_type=media_type, place=place)
    if isinstance(place, PagePlace):
        return text_in_box(folder / place.file, shown)
    if shown["type"] == "text":
        assert shown["highlight"] is not None, (place, shown["type"])
        first, last = shown["highlight"]
        return "\n".join(line["text"] for line in shown["lines"] if first <= line["number"] <= last)
    if shown["type"] == "table":
        return " ".join(cell_texts(shown))
    assert shown["type"] in ("attributes", "image"), (place, shown)
    items = shown["items"] if shown["type"] == "attributes" else shown["attributes"]
    return "\n".join(f"{item['path']} {item['value']}" for item in items if item["path"] == shown["highlight"])


def cell_texts(shown: dict) -> list[str]:
    """The highlighted cell, the header of its column, and the header as one."""
    row, column = shown["highlight"]["row"], shown["highlight"]["column"]
    cells = next((r["cells"] for r in shown["rows"] if r["number"] == row), [])
    return [", ".join(shown["header"]), *(c for i, c in enumerate(cells) if column is None or i == column - 1)]


def text_in_box(path: Path, shown: dict) -> str:
    page = pypdfium2.PdfDocument(path)[shown["page"] - 1]
    width, height = page.get_size()
    left, top, right, bottom = shown["box"]
    picture = Image.open(io.BytesIO(base64.b64decode(shown["picture"])))
    assert picture.size == (shown["width"], shown["height"])
    return page.get_textpage().get_text_bounded(
        left * width - 2, (1 - bottom) * height - 2, right * width + 2, (1 - top) * height + 2
    )


def test_every_file_is_read(seen: tuple[Path, dict[str, tuple[str, list[Evidence]]]]) -> None:
    _, found = seen
    assert [name for name, (_, evidence) in found.items() if not evidence] == []


def test_every_quote_is_found_at_its_place(seen: tuple[Path, dict[str, tuple[str, list[Evidence]]]]) -> None:
    folder, found = seen
    lost = []
    for media_type, evidence in found.values():
        for item in evidence:
            place = item.place
            if item.kind == "table":  # the quote names the columns of all of it
                continue
            if not isinstance(place, LinePlace | CellPlace | AttributePlace | PagePlace) or not place.quote:
                continue
            if squeezed(place.quote) not in squeezed(shown_at(folder, media_type, item)):
                lost.append((item.reader, item.kind, place))
    assert lost == [], "\n".join(map(str, lost))

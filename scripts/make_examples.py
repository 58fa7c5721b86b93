"""Makes the sample folders in examples/. Everything in them is invented for shirushi and given away under CC0 1.0.

usage: python scripts/make_examples.py examples

The folders carry the mess that real ones have: two encodings, an emptied file, a copy nobody deleted, a lock file of an
office program, a download that broke off. Names, numbers and grants are made up; the ORCID iDs are ORCID's own samples.
"""

import csv
import io
import json
import math
import random
import re
import sys
import zipfile
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import netCDF4
import numpy as np
from docx import Document
from openpyxl import Workbook
from PIL import Image, ImageDraw
from PIL.TiffImagePlugin import IFDRational
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

JST = timezone(timedelta(hours=9))
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


def write(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def table(rows: list[list[object]], newline: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=newline).writerows(rows)
    return out.getvalue()


def photo(
    path: Path, *, taken: datetime, latitude: float, longitude: float, colours: tuple[str, str], label: str
) -> None:
    """A small JPEG with the EXIF block of a field camera: time, position, maker and model."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (640, 426), colours[0])
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 260, 640, 426), fill=colours[1])
    for x in range(20, 640, 45):
        draw.polygon([(x, 280), (x + 14, 190 + x % 37), (x + 30, 280)], fill="#2f6b3a")
    draw.text((12, 12), label, fill="white")
    exif = Image.Exif()
    exif[0x010F] = "Ricoh Imaging"
    exif[0x0110] = "WG-6"
    exif[0x010E] = label
    exif[0x0132] = taken.strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(0x8769)[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    exif.get_ifd(0x8769)[0x9011] = "+09:00"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", degrees(latitude), "E", degrees(longitude)
    image.save(path, quality=80, exif=exif)


def degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    whole = int(value)
    minutes = int((value - whole) * 60)
    seconds = round(((value - whole) * 60 - minutes) * 60 * 100)
    return IFDRational(whole), IFDRational(minutes), IFDRational(seconds, 100)


# ------------------------------------------------------------------------------------------------- 1: ocean buoys (English)
BUOYS = [("SB01", 35.18, 139.42), ("SB02", 35.09, 139.31), ("SB03", 35.21, 139.58), ("SB04", 35.02, 139.22)]
README_BUOYS = f"""# Hourly sea surface temperature of four buoys in Sagami Bay, summer 2025

Four moored buoys measured sea surface temperature and salinity every hour from 1 July to 31 August 2025.
The series was checked by hand: values during servicing of a buoy were removed and are left empty.
Monthly means on a small grid are in `gridded/`.

## Authors

- Hanako Yamada (Example Marine Laboratory, https://orcid.org/0000-0002-1825-0097)
- Josiah Carberry (Example Marine Laboratory, https://orcid.org/0000-0002-1694-233X)

Keywords: sea surface temperature, salinity, moored buoy, Sagami Bay

## Files

| file | content |
| --- | --- |
| `buoys/SB01.csv` … `SB04.csv` | hourly series, one file a buoy |
| `buoys/stations.csv` | positions |
| `gridded/sst_monthly.nc` | monthly mean temperature |
| `codebook.csv` | what the columns mean |
| `report.pdf` | how the sensors were calibrated |

## How to cite and reuse

Please cite the article that describes the moorings: https://doi.org/10.5072/sagami.2025.001

This folder is released under [CC0 1.0]({CC0}).

## Acknowledgements

This work was supported by JSPS KAKENHI Grant Number JP23K00001.
"""


def buoys(root: Path) -> None:
    write(root / "README.md", README_BUOYS)
    chance = random.Random(1)
    for name, latitude, _ in BUOYS:
        rows: list[list[object]] = [["time", "sst (degC)", "salinity (PSU)", "battery_V", "qc_flag"]]
        start = datetime(2025, 7, 1)  # noqa: DTZ001 - written with its zone below
        for hour in range(62 * 24):
            when = start + timedelta(hours=hour)
            temperature = 23.5 + hour / 400 + math.sin(hour / 24 * 2 * math.pi) * 0.6 - (latitude - 35) * 2
            serviced = 300 < hour < 304
            rows.append(
                [
                    when.strftime("%Y-%m-%dT%H:%M:%S+09:00"),
                    "" if serviced else round(temperature + chance.gauss(0, 0.08), 2),
                    "" if serviced else round(33.9 + chance.gauss(0, 0.05), 2),
                    round(12.9 - hour / 3000 + chance.gauss(0, 0.02), 2),
                    4 if serviced else 1,
                ]
            )
        write(root / "buoys" / f"{name}.csv", table(rows))
    write(
        root / "buoys" / "stations.csv",
        table(
            [
                ["station", "latitude", "longitude", "depth_m"],
                *[[n, a, o, 40 + i * 15] for i, (n, a, o) in enumerate(BUOYS)],
            ]
        ),
    )
    write(
        root / "codebook.csv",
        table(
            [
                ["variable", "description", "unit"],
                ["time", "time of the measurement, Japan Standard Time", ""],
                ["sst (degC)", "sea surface temperature at 0.5 m depth", "degC"],
                ["salinity (PSU)", "practical salinity at 0.5 m depth", "1"],
                ["battery_V", "voltage of the buoy's battery", "V"],
                ["qc_flag", "1 good, 4 removed during servicing", ""],
                ["depth_m", "water depth at the mooring", "m"],
            ]
        ),
    )
    gridded(root / "gridded" / "sst_monthly.nc")
    report(root / "report.pdf")
    # the mess
    write(root / "buoys" / "SB01 (copy).csv", (root / "buoys" / "SB01.csv").read_text(encoding="utf-8")[:20_000])
    write(root / "New Text Document.txt", "")
    whole = (root / "gridded" / "sst_monthly.nc").read_bytes()
    (root / "gridded" / "sst_daily.nc.part").write_bytes(whole[: len(whole) // 3])


def gridded(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with netCDF4.Dataset(path, "w", format="NETCDF4") as data:
        data.Conventions = "CF-1.10, ACDD-1.3"
        data.title = "Monthly mean sea surface temperature of Sagami Bay, July and August 2025"
        data.summary = "Optimal interpolation of four moored buoys on a grid of 0.05 degrees."
        data.creator_name = "Hanako Yamada, Josiah Carberry"
        data.institution = "Example Marine Laboratory"
        data.license = CC0
        data.time_coverage_start = "2025-07-01"
        data.time_coverage_end = "2025-08-31"
        data.geospatial_lat_min, data.geospatial_lat_max = 34.9, 35.3
        data.geospatial_lon_min, data.geospatial_lon_max = 139.1, 139.7
        data.keywords = "sea surface temperature, optimal interpolation"
        data.createDimension("time", 2)
        data.createDimension("lat", 9)
        data.createDimension("lon", 13)
        time = data.createVariable("time", "i4", ("time",))
        time.units, time.standard_name, time.calendar = "days since 2025-07-01 00:00:00", "time", "standard"
        time[:] = [15, 46]
        latitude = data.createVariable("lat", "f4", ("lat",))
        latitude.units, latitude.standard_name = "degrees_north", "latitude"
        latitude[:] = np.linspace(34.9, 35.3, 9)
        longitude = data.createVariable("lon", "f4", ("lon",))
        longitude.units, longitude.standard_name = "degrees_east", "longitude"
        longitude[:] = np.linspace(139.1, 139.7, 13)
        field = data.createVariable("sst", "f4", ("time", "lat", "lon"), zlib=True, fill_value=-999.0)
        field.units, field.standard_name = "degC", "sea_surface_temperature"
        field.long_name = "monthly mean sea surface temperature"
        grid = 24.5 - (latitude[:][:, None] - 35) * 2 + (longitude[:][None, :] - 139.4)
        field[:] = np.stack([grid, grid + 1.7])


def report(path: Path) -> None:
    page = canvas.Canvas(str(path), pagesize=A4, invariant=1)
    page.setTitle("Calibration of the Sagami Bay buoys in 2025")
    page.setAuthor("Hanako Yamada; Josiah Carberry")
    page.setSubject("Thermistor calibration before and after the 2025 deployment")
    page.setKeywords("calibration, thermistor, moored buoy")
    page.setFont("Helvetica-Bold", 16)
    page.drawString(70, 770, "Calibration of the Sagami Bay buoys in 2025")
    page.setFont("Helvetica", 11)
    page.drawString(70, 745, "Hanako Yamada and Josiah Carberry, Example Marine Laboratory")
    for i, line in enumerate(
        [
            "Abstract. The thermistors of four buoys were compared with a reference",
            "thermometer in a stirred bath before and after the deployment. The largest",
            "drift was 0.03 degC; no correction was applied to the series.",
            "",
            "Instrument: SBE 39plus temperature recorder, sampling interval 1 hour.",
            "Acknowledgements. Supported by JSPS KAKENHI Grant Number JP23K00001.",
        ]
    ):
        page.drawString(70, 710 - i * 17, line)
    page.showPage()
    page.setFont("Helvetica", 11)
    page.drawString(70, 770, "Table 1. Drift by buoy: SB01 0.01, SB02 0.03, SB03 0.02, SB04 0.01 degC.")
    page.save()


# ------------------------------------------------------------------------------------- 2: plants in a valley (wholly Japanese)
SPECIES = ["ミズナラ", "ブナ", "アカマツ", "コナラ", "ヤマザクラ", "リョウブ", "アオキ", "ヤブツバキ"]
OVERVIEW = """【データ名】北谷の里山における植生調査データ（令和5年～令和7年）
【作成者】山田花子（例示大学 農学部）、鈴木一郎（例示大学 農学部）
【概要】北谷の里山に置いた六つの調査区で、令和5年4月から令和7年10月まで毎年二回、樹種ごとの被度と樹高を測りました。
写真は各調査区の定点から撮影したものです。
【キーワード】植生調査、里山、被度、樹高、二次林
【調査地】京都府 北谷の里山
【利用条件】CC0 1.0（https://creativecommons.org/publicdomain/zero/1.0/deed.ja）
【謝辞】本研究はJSPS科研費JP22H00002の助成を受けたものです。
【連絡先】例示大学 農学部 森林生態学研究室

※ 令和5年の調査区3は大雨のため測定していません（空欄）。
"""


def plants(root: Path) -> None:
    write(root / "調査概要.txt", OVERVIEW.replace("\n", "\r\n"), "cp932")
    chance = random.Random(2)
    for year, era in ((2023, "令和5年"), (2024, "令和6年"), (2025, "令和7年")):
        rows: list[list[object]] = [["調査日", "調査区", "樹種", "被度(%)", "樹高[m]", "備考"]]
        for season in (date(year, 4, 18), date(year, 10, 9)):
            for plot in range(1, 7):
                for species in SPECIES:
                    absent = year == 2023 and plot == 3
                    rows.append(
                        [
                            season.strftime("%Y/%m/%d"),
                            plot,
                            species,
                            "" if absent else chance.randint(1, 60),
                            "" if absent else round(chance.uniform(0.6, 14), 1),
                            "大雨のため未測定" if absent else "",
                        ]
                    )
        write(root / "測定" / f"植生調査_{era}.csv", table(rows, "\r\n"), "cp932")
    workbook = Workbook()
    workbook.properties.creator = "山田花子"
    workbook.properties.title = "変数の説明"
    workbook.properties.created = workbook.properties.modified = datetime(2025, 11, 1)  # noqa: DTZ001 - as office programs write it
    sheet = workbook.active
    sheet.title = "変数の説明"
    for row in (
        ["変数名", "説明", "単位"],
        ["調査日", "調査した日", ""],
        ["調査区", "調査区の番号（1～6）", ""],
        ["樹種", "樹種の和名", ""],
        ["被度(%)", "調査区の面積に対する樹冠の割合", "%"],
        ["樹高[m]", "最も高い個体の高さ", "m"],
    ):
        sheet.append(row)
    places = workbook.create_sheet("調査区")
    places.append(["調査区", "緯度", "経度", "標高(m)"])
    for plot in range(1, 7):
        places.append([plot, round(35.1201 + plot * 0.0011, 4), round(135.7702 + plot * 0.0009, 4), 210 + plot * 12])
    (root / "コードブック.xlsx").parent.mkdir(parents=True, exist_ok=True)
    workbook.save(root / "コードブック.xlsx")
    settle_zip(root / "コードブック.xlsx")
    for plot, month in ((1, 4), (4, 10)):
        photo(
            root / "写真" / f"調査区{plot}_{month}月.jpg",
            taken=datetime(2025, month, 18 if month == 4 else 9, 10, 12, tzinfo=JST),
            latitude=35.1201 + plot * 0.0011,
            longitude=135.7702 + plot * 0.0009,
            colours=("#8fb8de", "#6d8f3c") if month == 4 else ("#a9b7c0", "#b0702f"),
            label=f"plot {plot}",
        )
    japanese_report(root / "報告書.pdf")
    # the mess: the lock file of an office program, an older copy under another name
    write(root / "~$コードブック.xlsx", "\x05yamada" + " " * 48)
    write(
        root / "測定" / "植生調査_令和5年 - コピー.csv",
        (root / "測定" / "植生調査_令和5年.csv").read_bytes().decode("cp932"),
        "cp932",
    )


def japanese_report(path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    page = canvas.Canvas(str(path), pagesize=A4, invariant=1)
    page.setTitle("北谷の里山における植生調査 報告書")
    page.setAuthor("山田花子、鈴木一郎")
    page.setFont("HeiseiMin-W3", 16)
    page.drawString(70, 770, "北谷の里山における植生調査 報告書")
    page.setFont("HeiseiMin-W3", 11)
    for i, line in enumerate(
        [
            "例示大学 農学部  山田花子、鈴木一郎",
            "",
            "要旨  六つの調査区で樹種ごとの被度と樹高を三年間測定した。",
            "ブナの被度は三年間でわずかに増え、アカマツの被度は減った。",
            "謝辞  本研究はJSPS科研費JP22H00002の助成を受けた。",
        ]
    ):
        page.drawString(70, 740 - i * 18, line)
    page.save()


# ---------------------------------------------------------------------------------------- 3: a diffraction bench (a lab folder)
def diffraction(root: Path) -> None:
    chance = random.Random(3)
    for sample, peak in (("A", 28.4), ("B", 28.9)):
        head = [
            "# Instrument: Example Diffractometer D2",
            "# Operator: J. Carberry",
            f"# Sample: {sample}",
            f"# Date: 2026-02-1{3 if sample == 'A' else 4} 14:05:11 +0900",
            "# Radiation: Cu K-alpha, wavelength 1.5406 angstrom",
            "two_theta_deg\tintensity_counts",
        ]
        body = [
            f"{x / 50:.2f}\t{int(120 + 4000 * math.exp(-(((x / 50 - peak) / 0.09) ** 2)) + chance.randint(0, 30))}"
            for x in range(1000, 2000)
        ]
        write(root / "raw" / f"sample_{sample}.xy", "\n".join(head + body) + "\n")
    write(
        root / "analysis.ipynb",
        json.dumps(
            {
                "cells": [
                    {
                        "cell_type": "markdown",
                        "metadata": {},
                        "source": [
                            "# Peak positions of two powder samples\n",
                            "Fits a Gaussian to the (111) peak of each sample.",
                        ],
                    },
                    {
                        "cell_type": "code",
                        "metadata": {},
                        "execution_count": 1,
                        "outputs": [],
                        "source": [
                            "import numpy as np\n",
                            "import scipy.optimize\n",
                            "data = np.loadtxt('raw/sample_A.xy', skiprows=6)",
                        ],
                    },
                ],
                "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
                "nbformat": 4,
                "nbformat_minor": 5,
            },
            ensure_ascii=False,
            indent=1,
        ),
    )
    write(
        root / "CITATION.cff",
        "\n".join(
            [
                "cff-version: 1.2.0",
                "type: dataset",
                "message: Please cite this data.",
                "title: Powder diffraction of two cerium oxide samples",
                "abstract: >-",
                "  Intensity against angle of two cerium oxide powders, measured with copper radiation in February 2026,",
                "  and the positions of their (111) peaks.",
                "authors:",
                "  - family-names: Carberry",
                "    given-names: Josiah",
                "    orcid: https://orcid.org/0000-0002-1694-233X",
                "    affiliation: Example Marine Laboratory",
                "license: CC0-1.0",
                "version: 1.1.0",
                'date-released: "2026-03-02"',
                "keywords:",
                "  - powder diffraction",
                "  - cerium oxide",
                "",
            ]
        ),
    )
    write(
        root / "results.json",
        json.dumps(
            [{"sample": "A", "peak_deg": 28.41, "fwhm_deg": 0.15}, {"sample": "B", "peak_deg": 28.9, "fwhm_deg": 0.15}],
            indent=1,
        ),
    )
    notes = Document()
    notes.core_properties.author = "Josiah Carberry"
    notes.core_properties.title = "Sample preparation notes"
    notes.core_properties.created = notes.core_properties.modified = datetime(2026, 2, 10)  # noqa: DTZ001 - as office programs write it
    notes.add_heading("Sample preparation notes", 1)
    notes.add_paragraph("Both powders were ground for ten minutes and pressed into a 20 mm holder.")
    notes.save(root / "notes.docx")
    settle_zip(root / "notes.docx")
    photo(
        root / "photos" / "bench.jpg",
        taken=datetime(2026, 2, 13, 13, 40, tzinfo=JST),
        latitude=35.1812,
        longitude=136.9064,
        colours=("#5b6670", "#30363c"),
        label="diffraction bench",
    )
    # the mess: a download that broke off
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(zipfile.ZipInfo("old/sample_A_2025.xy", (2025, 1, 1, 0, 0, 0)), "20.00\t118\n" * 400)
    (root / "raw" / "old_runs.zip").write_bytes(whole.getvalue()[:900])


def settle_zip(path: Path) -> None:
    """Writes an office file again with fixed times, so that making the examples twice gives the same bytes."""
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    saved = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
    entries = [(name, saved.sub(rb"\g<1>2025-11-01T00:00:00Z", data)) for name, data in entries]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)


def main(target: Path) -> None:
    buoys(target / "sagami-buoys")
    plants(target / "里山の植生調査")
    diffraction(target / "powder-diffraction")
    write(
        target / "README.md",
        f"# Sample folders\n\nMade for shirushi by `make examples`; invented throughout and released under [CC0 1.0]({CC0}).\n"
        "They are as untidy as real folders: two encodings, an empty file, a stray copy, a download that broke off.\n\n"
        "| folder | what is in it |\n| --- | --- |\n"
        "| `sagami-buoys` | hourly buoy tables, a codebook, netCDF with CF attributes, a PDF report |\n"
        "| `里山の植生調査` | wholly Japanese: cp932 tables, an Excel codebook, photographs with EXIF, a PDF report |\n"
        "| `powder-diffraction` | instrument exports, a notebook, CITATION.cff, a Word file, JSON, a broken ZIP |\n",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Exports of instruments: what their own words say, and the standard model where the extra is installed."""

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from shirushi.describe.identify import identify
from shirushi.describe.readers import allotrope
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.instrument_keys import property_of
from shirushi.describe.readers.instruments import read_instrument

PLATE_READER = """Reader software 4.2

Operator:\tHanako Yamada
Date\t2026-03-01
Reader Type:\tLumiPlate 900
Reader Serial Number:\tLP-00172
Plate Barcode\tPB-7781
Read\tAbsorbance
Wavelength:\t450 nm

\t1\t2\t3
A\t0.1\t0.2\t0.3
B\t0.1\t0.2\t0.3
"""
JAPANESE = "測定装置：分光光度計 UX-20\n製造番号：A10234\n測定者：山田 花子\n測定日時：2026/03/01 10:20\n測定波長：540nm\n\n時間,吸光度\n0,0.1\n1,0.2\n2,0.4\n"
SEMICOLONS = "Viability and Cell Count;;\nOperator;Suzuki;\nInstrument type;CellCounter C2;\nInstrument s/n;77-001;\n"


def given(folder: Path, name: str, data: str | bytes) -> File:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    what = identify(path, name)
    return File(path, name, path.stat().st_size, what.media_type, what.format)


def said(file: File) -> list[tuple[str, object]]:
    return [
        (e.kind, (e.value["property"], e.value["value"]) if e.kind == "measurement" else e.value)
        for e in read_instrument(file)
    ]


def test_header_of_a_plate_reader_is_read_by_its_keys(tmp_path):
    assert sorted(said(given(tmp_path, "x.txt", PLATE_READER)), key=str) == sorted(
        [
            ("instrument", {"model": "LumiPlate 900", "serial_number": "LP-00172"}),
            ("measurement", ("analyst", "Hanako Yamada")),
            ("measurement", ("time", "2026-03-01")),
            ("measurement", ("plate", "PB-7781")),
            ("measurement", ("detection", "Absorbance")),
            ("measurement", ("wavelength", "450 nm")),
        ],
        key=str,
    )


def test_place_is_where_the_value_stands(tmp_path):
    found = next(e for e in read_instrument(given(tmp_path, "x.txt", PLATE_READER)) if e.kind == "instrument")

    line = PLATE_READER.splitlines()[found.place.start - 1]
    assert line[found.place.column : found.place.end_column] == "LumiPlate 900"


def test_japanese_header_is_read(tmp_path):
    found = said(given(tmp_path, "x.txt", JAPANESE))

    assert ("instrument", {"model": "分光光度計 UX-20", "serial_number": "A10234"}) in found
    assert ("measurement", ("analyst", "山田 花子")) in found
    assert ("measurement", ("wavelength", "540 nm")) in found


def test_cells_with_semicolons_are_read(tmp_path):
    assert ("instrument", {"model": "CellCounter C2", "serial_number": "77-001"}) in said(
        given(tmp_path, "x.csv", SEMICOLONS)
    )


def test_sheet_is_read_with_the_cell(tmp_path):
    book = Workbook()
    book.active.title = "Results"
    for row in (
        ["Instrument", "Reader Q"],
        ["Serial number", "Q-19"],
        ["User", "Ito"],
        [],
        ["Well", "Abs"],
        ["A1", 0.2],
    ):
        book.active.append(row)
    book.save(tmp_path / "x.xlsx")
    found = next(
        e
        for e in read_instrument(given(tmp_path, "x.xlsx", (tmp_path / "x.xlsx").read_bytes()))
        if e.kind == "instrument"
    )

    assert found.value == {"model": "Reader Q", "serial_number": "Q-19"}
    assert (found.place.sheet, found.place.row, found.place.column) == ("Results", 1, 2)


def test_xml_and_json_leaves_are_read_and_entities_are_not_expanded(tmp_path):
    xml = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e "Evil 9">]><r><InstrumentModel>&e;</InstrumentModel><Device><SerialNumber>S-1</SerialNumber></Device></r>'
    member = json.dumps({"run": {"instrumentModel": "Seq 5", "instrumentSerialNumber": "S-2"}})

    assert said(given(tmp_path, "x.xml", xml)) == [("instrument", {"serial_number": "S-1"})]
    assert said(given(tmp_path, "x.json", member)) == [("instrument", {"model": "Seq 5", "serial_number": "S-2"})]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cars.csv", "make,model,date,price\nToyota,Corolla,2020-01-01,1\nHonda,Civic,2021-01-01,2\n"),
        (
            "config.json",
            '{"model": "resnet50", "device": "cuda:0", "method": "sgd", "version": "1.2", "date": "2024-01-01"}',
        ),
        ("README.txt", "Author: A. Person\nDate: 2024-01-01\nSoftware: R\nVersion: 1.0\nMethod: survey of farms\n"),
        ("empty.txt", ""),
    ],
)
def test_other_files_say_nothing(tmp_path, name, text):
    assert said(given(tmp_path, name, text)) == []


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04" + b"\0" * 80, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"<a" * 5000, b"{" * 90_000]
)
@pytest.mark.parametrize("name", ["x.zip", "x.xml", "x.json", "x.blr", "x.txt"])
def test_damaged_files_raise_nothing(tmp_path, data, name):
    assert [kind for kind, _ in said(given(tmp_path, name, data))] == []


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("Reader Serial Number:", "serial_number"), ("S/N", "serial_number"), ("InstrumentModel", "model"), ("装置名", "model"),
        ("型番", "model"), ("Operator Name", "analyst"), ("Run Date/Time", "time"), ("Plate Barcode", "plate"),
        ("Excitation Wavelength (nm)", "wavelength"), ("Assay Name", "method"), ("Notes", None), ("date of birth", None), ("", None),
    ],
)  # fmt: skip
def test_keys(key, meant):
    assert property_of(key) == meant


QUBIT_LIKE = "Sample Name,280 nm   [A]\n1,0.047\n2,0.067\n"


def test_export_is_recognised_by_content_under_any_name(tmp_path):
    pytest.importorskip("allotropy")
    file = given(tmp_path, "notes of monday.txt", QUBIT_LIKE)

    assert allotrope.may_be_export(file)
    assert allotrope.convert(file).vendor == "THERMO_FISHER_VISIONLITE"
    found = [e for e in read_instrument(file) if e.value.get("property") == "wavelength"]
    assert [e.value["value"] for e in found][:1] == ["280 nm"]


def test_what_nobody_knows_is_not_recognised(tmp_path):
    pytest.importorskip("allotropy")
    with pytest.raises(Unreadable) as told:
        allotrope.convert(given(tmp_path, "x.txt", PLATE_READER))
    assert told.value.code == "not-recognised"


def test_plain_texts_do_not_cost_the_import(tmp_path):
    assert not allotrope.may_be_export(given(tmp_path, "x.csv", "year,rice,wheat\n2020,1,2\n2021,3,4\n"))
    assert not allotrope.may_be_export(given(tmp_path, "README.txt", "A survey of farms in two villages.\n"))


def test_without_the_extra_the_words_are_still_read(tmp_path, monkeypatch):
    monkeypatch.setattr(allotrope, "is_installed", lambda: False)

    assert ("instrument", {"model": "LumiPlate 900", "serial_number": "LP-00172"}) in said(
        given(tmp_path, "x.txt", PLATE_READER)
    )

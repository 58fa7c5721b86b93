"""Spreadsheets: every sheet, wherever its table starts, and sheets that explain the others."""

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest

from shirushi.describe.evidence import CellPlace, Evidence
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.spreadsheet import read_spreadsheet

openpyxl = pytest.importorskip("openpyxl")


def read(path: Path) -> list[Evidence]:
    return list(read_spreadsheet(File(path, path.name, path.stat().st_size, "", "XLSX")))


def save(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def of(evidence: list[Evidence], kind: str) -> list:
    return [item.value for item in evidence if item.kind == kind]


def test_every_sheet_is_a_table(tmp_path: Path) -> None:
    found = read(save(tmp_path / "x.xlsx", 観測=[["日付", "気温(℃)"], [dt.date(2021, 4, 1), 12.5], [dt.date(2021, 4, 2), 13]],
                      sites=[["id", "ok"], [1, True], [2, False]]))  # fmt: skip
    assert [(v["name"], v["rows"]) for v in of(found, "table")] == [("観測", 2), ("sites", 2)]
    assert [(v["sheet"], v["name"], v["type"], v.get("unit")) for v in of(found, "column")] == [
        ("観測", "日付", "date", None),
        ("観測", "気温(℃)", "number", "℃"),
        ("sites", "id", "integer", None),
        ("sites", "ok", "boolean", None),
    ]
    assert [e.place for e in found if e.kind == "column"][1] == CellPlace("x.xlsx", 2, sheet="観測", quote="気温(℃)")


def test_table_that_starts_elsewhere_keeps_its_place(tmp_path: Path) -> None:
    rows = [[], [None, "Monthly means of the bay"], [], [None, "month", "mean"], [None, 1, 2.5], [None, 2, 3.5]]
    found = read(save(tmp_path / "x.xlsx", data=rows))
    assert [e.place.row for e in found if e.kind == "table"] == [4]
    assert [(e.value["name"], e.place.column) for e in found if e.kind == "column"] == [("month", 2), ("mean", 3)]
    (title,) = [e for e in found if e.kind == "paragraph"]
    assert (title.value["text"], title.place.row, title.place.column) == ("Monthly means of the bay", 2, 2)


def test_sheet_that_describes_columns_is_a_codebook(tmp_path: Path) -> None:
    rows = [["変数名", "説明", "単位"], ["temp", "水温", "℃"], ["sal", "塩分", "psu"]]
    found = of(read(save(tmp_path / "x.xlsx", 説明=rows)), "codebook-row")
    assert found == [
        {"variable": "temp", "description": "水温", "unit": "℃"},
        {"variable": "sal", "description": "塩分", "unit": "psu"},
    ]


def test_empty_and_hidden_sheets_give_no_data(tmp_path: Path) -> None:
    path = save(tmp_path / "x.xlsx", shown=[], secret=[["a", "b"], [1, 2]])
    book = openpyxl.load_workbook(path)
    book["secret"].sheet_state = "hidden"
    book.save(path)
    assert [(item.kind, item.value["code"]) for item in read(path)] == [("problem", "hidden-sheets")]


def test_long_sheet_is_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shirushi.describe.readers.spreadsheet.MOST_CELLS", 1000)
    found = read(save(tmp_path / "x.xlsx", data=[["n", "m"], *([n, 2 * n] for n in range(2000))]))
    (table,) = of(found, "table")
    assert (table["rows"], table["sampled"]) == (2000, True)
    assert of(found, "column")[0]["maximum"] == 1999


def test_what_is_no_spreadsheet_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(Unreadable) as error:
        read(tmp_path / "x.xlsx")
    assert error.value.code == "malformed"


DATA = [["site", "t", "s"], ["A", 1, 2], ["B", 3, 4]]


@pytest.mark.parametrize("name", ["凡例", "README", "変数一覧"])
def test_sheet_about_the_columns_needs_no_header(name: str, tmp_path: Path) -> None:
    about = [["この表の見方"], [], ["t", "表層の水温", "degC"], ["s:", "塩分"], ["作成", "山田"]]
    found = read(save(tmp_path / "x.xlsx", **{name: about, "data": DATA}))
    assert [(e.value, e.place.sheet, e.place.row, e.place.column) for e in found if e.kind == "codebook-row"] == [
        ({"variable": "t", "description": "表層の水温", "unit": "degC"}, name, 3, 2),
        ({"variable": "s", "description": "塩分"}, name, 4, 2),
    ]
    assert {v["sheet"] for v in of(found, "column")} == {"data"}


def test_sheet_of_notes_is_no_table(tmp_path: Path) -> None:
    about = [["Surveys of the northern lake"], ["Contact", "Yamada Hanako"], ["Period", "spring"]]
    found = read(save(tmp_path / "x.xlsx", ReadMe=about, data=DATA))
    assert [(v["key"], v["value"]) for v in of(found, "key-value")] == [
        ("Contact", "Yamada Hanako"),
        ("Period", "spring"),
    ]
    assert of(found, "paragraph") == [{"text": "Surveys of the northern lake", "section": "ReadMe"}]
    assert {v["sheet"] for v in of(found, "column")} == {"data"}


def test_sheet_with_a_telling_name_may_hold_data(tmp_path: Path) -> None:
    found = read(save(tmp_path / "x.xlsx", variables=[["x", "y"], [1, 2], [3, 4], [5, 6]], notes=DATA))
    assert [(v["sheet"], v["name"]) for v in of(found, "column")] == [
        ("variables", "x"), ("variables", "y"), ("notes", "site"), ("notes", "t"), ("notes", "s"),
    ]  # fmt: skip

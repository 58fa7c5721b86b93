"""How loggers, agencies and portals lay out tables: rows of units and codes, stations above, fixed width, wide time series."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shirushi.describe.evidence import JSON, CellPlace, Evidence
from shirushi.describe.identify import identify
from shirushi.describe.readers.base import File
from shirushi.describe.readers.tabular import read_table

Read = Callable[..., list[Evidence]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(text: str, name: str = "data.csv") -> list[Evidence]:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        what = identify(path, name)
        assert what.media_type in ("text/csv", "text/tab-separated-values")
        return list(read_table(File(path, name, path.stat().st_size, what.media_type, what.format)))

    return read


def units(evidence: list[Evidence]) -> dict[str, tuple[str, JSON]]:
    return {e.value["name"]: (e.value["type"], e.value.get("unit")) for e in evidence if e.kind == "column"}


def ranges(evidence: list[Evidence]) -> list[tuple[str, str]]:
    return [(e.value["start"], e.value["end"]) for e in evidence if e.kind == "time-range"]


def test_table_of_a_campbell_logger(read: Read) -> None:
    text = (
        '"TOA5","Biwa","CR1000","12345","CR1000.Std.27","CPU:b.CR1","1","Table1"\n"TIMESTAMP","RECORD","AirTC_Avg","WS_ms"\n'
        '"TS","RN","Deg C","meters/second"\n"","","Avg","Smp"\n'
        '"2015-01-01 00:10:00",0,3.5,"NAN"\n"2015-01-01 00:20:00",1,3.7,1.5\n"2015-01-01 00:30:00",2,3.7,1.6\n'
    )
    assert units(read(text, "t.csv")) == {
        "TIMESTAMP": ("datetime", None), "RECORD": ("integer", None), "AirTC_Avg": ("number", "Deg C"), "WS_ms": ("number", "meters/second"),
    }  # fmt: skip


def test_units_and_formats_below_a_german_header(read: Read) -> None:
    text = (
        "Datum;Zeit;Lufttemperatur;Feuchte\nTT.MM.JJJJ;hh:mm;°C;%\n01.02.2019;10:00;-3,5;80\n02.02.2019;11:00;-4,5;82\n"
    )
    assert units(read(text)) == {
        "Datum": ("date", None), "Zeit": ("time", None), "Lufttemperatur": ("number", "°C"), "Feuchte": ("integer", "%"),
    }  # fmt: skip


def test_stations_over_names_over_flags(read: Read) -> None:
    text = (
        "ダウンロードした時刻：2023/04/12 10:21:33\n\n,つくば,つくば,つくば,つくば\n年月日時,気温(℃),気温(℃),降水量(mm),降水量(mm)\n"
        ",,品質情報,,品質情報\n2023/3/1 1:00:00,1.5,8,0,8\n2023/3/2 1:00:00,2.5,8,0.5,8\n2023/3/3 1:00:00,2.5,8,0.5,8\n"
    )
    assert units(read(text)) == {
        "年月日時": ("datetime", None), "気温(℃)": ("number", "℃"), "気温(℃) 品質情報": ("integer", None),
        "降水量(mm)": ("number", "mm"), "降水量(mm) 品質情報": ("integer", None),
    }  # fmt: skip


def test_widths_below_names_are_no_data(read: Read) -> None:
    text = "# site 09380000\nagency\tdatetime\tflow\n5s\t20d\t14n\nUSGS\t2010-01-01\t800\nUSGS\t2010-01-02\t900\n"
    assert units(read(text, "x.rdb")) == {
        "agency": ("string", None),
        "datetime": ("date", None),
        "flow": ("integer", None),
    }


def test_longer_names_below_short_ones_are_labels(read: Read) -> None:
    text = "q1,q2\nHow old are you?,How tall are you in cm?\n20,170\n30,165\n40,180\n"
    found = [e.value for e in read(text) if e.kind == "column"]
    assert [(v["name"], v["type"], v.get("label")) for v in found] == [
        ("q1", "integer", "How old are you?"),
        ("q2", "integer", "How tall are you in cm?"),
    ]


def test_first_values_that_are_remarks_stay_data(read: Read) -> None:
    (table,) = [e.value for e in read("a,b\n<0.1,<0.2\n1.5,2.5\n1.5,2.5\n1.5,2.6\n") if e.kind == "table"]
    assert table["rows"] == 4


def test_columns_of_fixed_width(read: Read) -> None:
    text = "ID         LATITUDE LONGITUDE ELEV   NAME\n" + "".join(
        f"ACW{i:08d}  {17 + i / 10:7.4f} {-61 - i / 10:8.4f} {i * 2.5:6.1f}  {name}\n"
        for i, name in enumerate(["ST JOHNS", "BASSETERRE", "LA DESIRADE", "POINTE A PITRE", "ROSEAU"])
    )
    found = read(text, "stations.txt")
    assert {name: kind for name, (kind, _) in units(found).items()} == {
        "ID": "string", "LATITUDE": "number", "LONGITUDE": "number", "ELEV": "number", "NAME": "string",
    }  # fmt: skip
    (box,) = [e.value for e in found if e.kind == "coordinates"]
    assert (box["south"], box["north"]) == (17, 17.4)


@pytest.mark.parametrize(
    ("header", "period"),
    [
        ("country,1990,1991,1992,1995", ("1990", "1995")),
        ("country,X2001,X2002,X2003,X2004", ("2001", "2004")),
        ("country,1/22/20,1/23/20,1/24/20,2/1/20", ("2020-01-22", "2020-02-01")),
        ("国,平成22年,平成23年,平成24年,平成25年", ("2010", "2013")),
        ("country,2020-01,2020-02,2020-03,2020-04", ("2020-01", "2020-04")),
    ],
)
def test_wide_time_series(read: Read, header: str, period: tuple[str, str]) -> None:
    assert ranges(read(header + "\nA,1,2,3,4\nB,2,3,4,5\n")) == [period]


def test_signs_and_fills_among_numbers_are_missing(read: Read) -> None:
    rows = "\n".join(f"{n},{'///' if n % 3 == 0 else n / 2},{999.9 if n % 4 == 0 else n},{1e20 if n == 5 else n}" for n in range(20))  # fmt: skip
    found = {e.value["name"]: e.value for e in read("n,rain,wind,fill\n" + rows + "\n") if e.kind == "column"}
    assert [(v["type"], v["missing"], v["maximum"]) for v in found.values()] == [
        ("integer", 0, 19), ("number", 7, 9.5), ("number", 5, 19), ("number", 1, 19),
    ]  # fmt: skip


def test_table_on_its_side(read: Read) -> None:
    text = "Subject,S01,S02,S03,S04\nAge,23,45,31,28\nSex,M,F,F,M\nWeight (kg),70.1,60.2,55,80\nVisit date,2020-01-03,2020-01-10,2020-02-01,2020-02-03\n"
    found = read(text)
    assert units(found) == {
        "Subject": ("string", None), "Age": ("integer", None), "Sex": ("string", None), "Weight (kg)": ("number", "kg"), "Visit date": ("date", None),
    }  # fmt: skip
    assert ranges(found) == [("2020-01-03", "2020-02-03")]
    assert [e.place for e in found if e.kind == "column"][3] == CellPlace("data.csv", 1, 4, quote="Weight (kg)")


def test_table_on_its_side_with_a_column_of_units(read: Read) -> None:
    text = "Parameter,Unit,Sample A,Sample B\nTemperature,°C,20.1,21.3\npH,-,7.1,7.3\nTurbidity,NTU,3,4\n"
    assert units(read(text)) == {
        "Parameter": ("string", None), "Temperature": ("number", "°C"), "pH": ("number", None), "Turbidity": ("integer", "NTU"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "country,1990,1991,1992\nA,1,2,3\nB,2,3,4\nC,5,6,7\n",
        "name,type,example,note\na,int,1,x\nb,float,2.5,y\nc,str,z,w\n",
        "site,species,count,date\nA,cod,1,2020-01-01\nB,eel,2,2020-01-02\nC,cod,3,2020-01-03\n",
    ],
)
def test_upright_tables_stay_as_they_are(read: Read, text: str) -> None:
    assert list(units(read(text))) == text.split("\n")[0].split(",")


def test_description_above_a_table_of_pangaea(suggest: Callable[..., list]) -> None:
    text = (
        "/* DATA DESCRIPTION:\nCitation:\tMeyer, A (2017): CTD of PS99. PANGAEA, https://doi.org/10.1594/PANGAEA.871234\n"
        "Coverage:\tLATITUDE: 78.61 * LONGITUDE: -5.06 * DATE/TIME START: 2016-07-05T10:22:00 * DATE/TIME END: 2016-07-08T12:00:00\n"
        "Parameter(s):\tDEPTH, water [m] (Depth water) * GEOCODE\n\tTemperature, water [deg C] (Temp) * PI: Schmidt, Karl * METHOD/DEVICE: CTD\n"
        "License:\tCC-BY-3.0\n*/\nDepth water [m]\tTemp [deg C]\n0\t5.1\n10\t5.0\n20\t4.9\n"
    )
    found = {c.value["name"]: c.value for c in suggest({"ctd.tab": text}, "variables")}
    assert found["Temp [deg C]"]["description"] == "Temperature, water"
    assert (found["Depth water [m]"]["unit"], found["Depth water [m]"]["type"]) == ("m", "integer")
    assert suggest({"ctd.tab": text}, "dates")[0].value == {"date": "2016-07-05/2016-07-08", "type": "Coverage"}
    assert suggest({"ctd.tab": text}, "locations")[0].value["box"] == {
        "west": -5.06,
        "south": 78.61,
        "east": -5.06,
        "north": 78.61,
    }


def test_columns_that_a_sea_bird_names(read: Read) -> None:
    text = (
        "* Sea-Bird SBE 9 Data File:\n* NMEA Latitude = 35 12.34 N\n# name 0 = prDM: Pressure, Digiquartz [db]\n"
        "# name 1 = t090C: Temperature [ITS-90, deg C]\n# name 2 = sal00: Salinity, Practical [PSU]\n*END*\n"
        + "".join(f"{i:11.3f}{20 - i * 0.1:11.4f}{34.1:11.4f}\n" for i in range(12))
    )
    found = read(text, "a.cnv")
    assert units(found) == {"prDM": ("number", "db"), "t090C": ("number", "deg C"), "sal00": ("number", "PSU")}
    assert next(e.value["label"] for e in found if e.kind == "column").startswith("Pressure, Digiquartz")


def test_columns_numbered_in_comments(read: Read) -> None:
    text = "# 1: time (s)\n# 2: force (N)\n# 3: note\n0.1 1.5 7\n0.2 1.6 8\n0.3 1.7 9\n0.4 1.8 9\n"
    assert units(read(text, "a.dat")) == {
        "time (s)": ("number", "s"),
        "force (N)": ("number", "N"),
        "note": ("integer", None),
    }


def test_notes_below_a_table_are_no_rows(read: Read) -> None:
    found = read(
        "採水日,地点,水温（℃）\n2020-04-01,A,12.1\n2020-05-01,B,14.1\n2020-06-01,A,18.1\n※欠測は×で示した。調査は毎月\n出典：県の調査による資料集\n"
    )
    (table,) = [e.value for e in found if e.kind == "table"]
    assert table["rows"] == 3
    assert [e.value["missing"] for e in found if e.kind == "column"] == [0, 0, 0]
    said = [e.value.get("text") or e.value["value"] for e in found if e.kind in ("paragraph", "key-value")]
    assert said == ["県の調査による資料集", "※欠測は×で示した。調査は毎月"]


@pytest.mark.parametrize(
    ("text", "rows", "totals"),
    [
        ("site,n,m\nA,1,2.5\nB,3,4\nSumme,4,6.5\n", 2, [4]),
        ('県,人口,割合\n滋賀,"1,400",40\n京都,"2,500",60\n合計,"3,900",100\n', 2, [4]),
        ("species,n\nfox,1\nhare,3\nTotal,5\n", 3, None),  # adds up to something else
        ("site,n\nA,1\nB,3\nC,4\n", 3, None),  # is not called one
        ("Total,n\nA,1\nTotal,2\n", 2, None),  # one row alone is no sum
    ],
)
def test_last_row_that_adds_up_the_others_is_no_data(
    text: str, rows: int, totals: list[int] | None, read: Read
) -> None:
    found = read(text)
    (table,) = [e.value for e in found if e.kind == "table"]
    assert (table["rows"], table.get("totals")) == (rows, totals)
    assert {e.value["count"] for e in found if e.kind == "column"} == {rows}


def test_values_in_columns_without_a_name_are_told(read: Read) -> None:
    told = [e.value for e in read("x,y,,\n1,2,important note,5\n3,4,,6\n") if e.kind == "problem"]
    assert [(one["code"], one["message"]) for one in told] == [("unnamed-columns", "column 3, 4")]
    assert not [e for e in read("x,y,,\n1,2,,\n3,4,,\n") if e.kind == "problem"]

"""Tables as people save them: delimiters, encodings, headers, comments; and large ones from a sample."""

import contextlib
import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shirushi.describe.evidence import CellPlace, Evidence
from shirushi.describe.identify import identify
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.tabular import WHOLE, read_table

Read = Callable[..., list[Evidence]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: bytes | str, name: str = "data.csv") -> list[Evidence]:
        data = content.encode() if isinstance(content, str) else content
        path = tmp_path / name
        path.write_bytes(data)
        what = identify(path, name)
        return list(read_table(File(path, name, len(data), what.media_type, what.format)))

    return read


def of(evidence: list[Evidence], kind: str) -> list:
    return [item.value for item in evidence if item.kind == kind]


def names(evidence: list[Evidence]) -> list[str]:
    return [value["name"] for value in of(evidence, "column")]


def test_table_says_its_shape_and_where(read: Read) -> None:
    found = read("site,depth_m\nA,1.5\nB,2\n")
    (table,) = [item for item in found if item.kind == "table"]
    assert table.value == {
        "name": "data", "rows": 2, "delimiter": ",", "encoding": "utf-8", "columns": 2, "sampled": False,
        "header": ["site", "depth_m"],
    }  # fmt: skip
    assert table.place == CellPlace("data.csv", 1, 1, quote="site, depth_m")
    assert [item.place for item in found if item.kind == "column"] == [
        CellPlace("data.csv", 1, quote="site"),
        CellPlace("data.csv", 2, quote="depth_m"),
    ]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_any_delimiter(read: Read, delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (["name", "x", "y"], ["a", "1", "2"], ["b", "3", "4"])) + "\n"
    assert names(read(text)) == ["name", "x", "y"]


def test_semicolons_with_decimal_commas(read: Read) -> None:
    (_, value) = of(read("t;v\n1;2,5\n2;3,5\n"), "column")
    assert (value["type"], value["minimum"], value["maximum"]) == ("number", 2.5, 3.5)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16", "iso2022_jp"])
def test_japanese_in_any_encoding(read: Read, encoding: str) -> None:
    text = "観測日,気温（℃）,場所\n2021年4月1日,12.5,東京\n2021年4月2日,13.0,横浜\n"
    found = read(text.encode(encoding))
    assert names(found) == ["観測日", "気温（℃）", "場所"]
    assert [value["type"] for value in of(found, "column")] == ["date", "number", "string"]
    assert of(found, "column")[1]["unit"] == "℃"
    assert of(found, "time-range") == [{"start": "2021-04-01", "end": "2021-04-02", "count": 2, "column": "観測日"}]


def test_line_ends_of_old_macs(read: Read) -> None:
    assert of(read("a,b\r1,2\r3,4\r"), "table")[0]["rows"] == 2


def test_quoted_cells_with_delimiters_and_line_ends(read: Read) -> None:
    found = read('id,note\n1,"two\nlines, and ""quotes"""\n2,plain\n')
    assert of(found, "table")[0]["rows"] == 2
    assert of(found, "column")[1]["examples"] == ['two\nlines, and "quotes"', "plain"]


def test_stray_quote_does_not_swallow_the_rest(read: Read) -> None:
    rows = "".join(f"{n},value\n" for n in range(500))
    assert of(read(f'n,text\n0,"never closed\n{rows}'), "table")[0]["rows"] == 501


def test_comments_and_titles_above_the_header(read: Read) -> None:
    found = read("# Station: Misaki\n# Owner: nobody\nMonthly means,,\n\ndate,temp,sal\n2021-01,1,2\n2021-02,3,4\n")
    assert names(found) == ["date", "temp", "sal"]
    assert of(found, "key-value")[0] == {"key": "Station", "value": "Misaki", "section": ""}
    assert [item.place.row for item in found if item.kind == "table"] == [5]


def test_header_in_the_last_comment(read: Read) -> None:
    assert names(read("# run 7\n# time temp\n1.0 20.5\n2.0 20.6\n3.0 20.7\n", "log.dat")) == ["time", "temp"]


def test_row_of_units_below_the_header(read: Read) -> None:
    found = read("time,temp,pres\ns,degC,hPa\n0,20.1,1013\n1,20.2,1012\n")
    assert [value.get("unit") for value in of(found, "column")] == ["s", "degC", "hPa"]
    assert of(found, "table")[0]["rows"] == 2


def test_table_without_a_header(read: Read) -> None:
    found = read("1,2.5\n2,3.5\n3,4.5\n")
    assert of(found, "table")[0]["header"] == []
    assert names(found) == ["column 1", "column 2"]


def test_header_of_years(read: Read) -> None:
    assert names(read("country,2019,2020\nJapan,1.5,2.5\nFrance,3.5,4.5\n")) == ["country", "2019", "2020"]


def test_table_of_words_has_a_header(read: Read) -> None:
    assert names(read("code,label\na,apple\nb,banana\n")) == ["code", "label"]


def test_row_names_that_the_header_leaves_out(read: Read) -> None:
    assert names(read("mpg\tcyl\nMazda\t21\t6\nFiat\t32\t4\nHonda\t30\t4\n", "cars.tsv")) == ["mpg", "cyl"]


def test_columns_beyond_the_header_are_left_out(read: Read) -> None:
    assert names(read("date,mean\n2021-01,1,2,3\n2021-02,4,5,6\n")) == ["date", "mean"]


def test_only_a_header(read: Read) -> None:
    found = read("a,b,c\n")
    assert (names(found), of(found, "table")[0]["rows"]) == (["a", "b", "c"], 0)


def test_zero_bytes_alone_are_no_table(read: Read) -> None:
    with pytest.raises(Unreadable, match="nothing but zero bytes"):
        read(b"\x00" * 5000)


def test_too_many_columns_are_cut_and_reported(read: Read) -> None:
    found = read(",".join(f"c{n}" for n in range(2000)) + "\n" + ",".join("1" for _ in range(2000)) + "\n")
    assert len(names(found)) == 1500
    assert of(found, "problem") == [
        {"code": "too-many-columns", "message": "the first 1,500 of 2,000 columns were used"}
    ]


def test_large_table_is_sampled_from_all_over_the_file(read: Read) -> None:
    rows = WHOLE // 20
    text = "n,flag\n" + "".join(f"{n:012},{'late' if n > 0.9 * rows else 'early'}\n" for n in range(rows * 2))
    found = read(text)
    assert of(found, "table")[0]["rows"] == rows * 2
    assert of(found, "table")[0]["sampled"] is True
    flag = of(found, "column")[1]
    assert (flag["distinct"], flag["sampled"], flag["count"] < rows) == (2, True, True)


def test_large_table_whose_japanese_starts_behind_the_head(read: Read) -> None:
    text = "n,name\n" + "".join(f"{n},plain\n" for n in range(100_000)) + "".join(f"{n},東京\n" for n in range(200_000))
    name = of(read(text.encode("cp932")), "column")[1]
    assert name["examples"] == ["plain", "東京"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12), min_size=3, max_size=3
        ),
        min_size=3,
        max_size=12,
    )
)
def test_any_table_that_python_writes_is_read_without_an_error(read: Read, rows: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([["alpha", "beta", "gamma"], *rows])
    assert [v["columns"] for v in of(read(stream.getvalue()), "table")] != []


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=600))
def test_any_bytes_are_read_or_refused(read: Read, data: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert all(item.place.file == "data.csv" for item in read(data))


@pytest.mark.parametrize(
    "above",
    ["site,Temperature,,Salinity,", "site,Temperature,Temperature,Salinity,Salinity", ",Temperature,,Salinity,"],
)
def test_groups_over_columns(read: Read, above: str) -> None:
    first = "" if above.startswith("site") else "site"
    found = read(f"{above}\n{first},mean,sd,mean,sd\nA,1.5,0.1,33,1\nB,2.5,0.2,34,2\nC,2.5,0.2,34,2\n")
    assert names(found) == ["site", "Temperature mean", "Temperature sd", "Salinity mean", "Salinity sd"]
    assert of(found, "column")[1]["maximum"] == 2.5
    assert of(found, "table")[0]["rows"] == 3


def test_groups_names_and_units(read: Read) -> None:
    found = read("地点,水温,,塩分,\n,表層,底層,表層,底層\n,degC,degC,psu,psu\nA,1,2,33,34\nB,3,4,35,36\nC,1,2,33,34\n")
    assert [(c["name"], c.get("unit")) for c in of(found, "column")] == [
        ("地点", None),
        ("水温 表層", "degC"),
        ("水温 底層", "degC"),
        ("塩分 表層", "psu"),
        ("塩分 底層", "psu"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c,d\nx,y,1,2\nz,w,3,4\nz,v,3,4\n",  # words in the first row of data
        "Station,Biwa\na,b,c,d\n1,2,3,4\n5,6,7,8\n9,6,7,8\n",  # a pair above the header
        "kind,,kind,\nx,y,z,w\nx,y,u,v\nu,v,z,w\n",  # nothing tells which row names the columns
    ],
)
def test_what_is_no_group_is_left(read: Read, text: str) -> None:
    assert not any(" " in name for name in names(read(text)) if not name.startswith("column"))


def test_pairs_and_notes_above_the_table(read: Read) -> None:
    found = read(
        "Casts of the lake in 2019,,\nStation,Biwa North,\nPI: Yamada,,\n\ndate,depth,temp\n2019-01-01,1,2\n2019-01-02,3,4\n"
    )
    pairs = [item for item in found if item.kind == "key-value"]
    assert [(e.value["key"], e.value["value"]) for e in pairs] == [
        ("PI", "Yamada"),
        ("Station", "Biwa North"),
    ]
    assert pairs[1].place == CellPlace("data.csv", 2, 2, quote="Biwa North")
    [note] = [item for item in found if item.kind == "paragraph"]
    assert (note.value["text"], note.place) == (
        "Casts of the lake in 2019",
        CellPlace("data.csv", 1, 1, quote="Casts of the lake in 2019"),
    )
    assert names(found) == ["date", "depth", "temp"]


@pytest.mark.parametrize("mark", ["#", "%", "//"])
def test_comments_are_paragraphs(read: Read, mark: str) -> None:
    found = read(
        f"{mark} Water temperature of the lake,\n{mark} measured by a buoy\n{mark} units: degC\n{mark} -----\n{mark} 1 2 3\nx,y\n1,2\n3,4\n"
    )
    [note] = [item for item in found if item.kind == "paragraph"]
    assert note.value["text"] == "Water temperature of the lake, measured by a buoy"
    assert (note.place.start, note.place.end, note.place.column) == (1, 2, len(mark) + 1)
    assert of(found, "key-value")[0]["key"] == "units"


def test_pairs_above_a_table_of_two_columns(read: Read) -> None:
    found = read("Station,Biwa\nLatitude,35.2\n\ndepth,temp\n1,2\n3,4\n5,6\n")
    assert names(found) == ["depth", "temp"]
    assert [e["value"] for e in of(found, "key-value")] == ["Biwa", "35.2"]


def test_words_and_numbers_are_no_pairs_above(read: Read) -> None:
    found = read("name,n\na,1\nb,2\n\nc,3\nd,4\n")
    assert (names(found), of(found, "table")[0]["rows"]) == (["name", "n"], 4)
    assert of(found, "key-value") == []

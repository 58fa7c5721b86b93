import gzip
from pathlib import Path

import pytest

from shirushi.describe import describe
from shirushi.describe.description import Description
from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.problems import say
from shirushi.describe.profiling import profile
from shirushi.describe.readers.cells import parse

# Few rows that are long: a table is sampled from a size in bytes on, and what reading takes goes with its cells.
ROWS = 20_000
ODD = 7_007  # a row where no sample looks
LONG = "よく晴れた日" * 8


def _write(path: Path, encoding: str = "utf-8", *, open_=open, last: str = "") -> None:
    """The extremes stand in one row between two blocks."""
    with open_(path, "wt", encoding=encoding, newline="") as out:
        out.write("番号,採取日,緯度,経度,水温 (degC),地点,備考\n")
        for i in range(ROWS):
            day, lat, lon, warm = (
                f"2024-{1 + i % 12:02}-{1 + i % 28:02}",
                35 + i / ROWS,
                139 + i / ROWS,
                10 + i % 100 / 10,
            )
            if i == ODD:
                day, lat, lon, warm = "1999-12-31", 30.5, 130.25, 99.5
            text = f"{warm}" if i % 10 else "欠測"
            out.write(f'{i},{day},{lat:.4f},{lon:.4f},{text},"東京湾, {i % 7}",{LONG}\n')
        out.write(last)


def _column(description: Description, name: str) -> Evidence:
    (found,) = [item for item in description.evidence if item.kind == "column" and item.value["name"] == name]
    return found


def _value(description: Description, kind: str) -> JSON:
    return next(item.value for item in description.evidence if item.kind == kind)


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16"])
def test_exact_numbers_take_the_place_of_sampled_ones(tmp_path: Path, encoding: str) -> None:
    _write(tmp_path / "sea.csv", encoding)
    sampled = describe(tmp_path)
    assert _column(sampled, "水温 (degC)").value["sampled"] is True
    assert _column(sampled, "水温 (degC)").value["maximum"] < 30
    exact = describe(tmp_path, exact=True)
    warmth = _column(exact, "水温 (degC)")
    assert warmth.reader == "exact/1"
    kept = {key: warmth.value[key] for key in ("type", "unit", "minimum", "maximum", "missing", "count", "sampled")}
    assert kept == {
        "type": "number", "unit": "degC", "minimum": 10.1, "maximum": 99.5, "missing": ROWS // 10, "count": ROWS, "sampled": False,
    }  # fmt: skip
    assert warmth.value["quantiles"][1] == pytest.approx(15, abs=0.5)
    assert sum(warmth.value["histogram"]) == pytest.approx(ROWS * 0.9, rel=0.01)
    assert warmth.value["approximate"] == ["distinct", "quantiles", "histogram"]
    assert _column(exact, "地点").value["distinct"] == 7
    table = _value(exact, "table")
    assert (table["rows"], table["sampled"]) == (ROWS, False)
    assert _value(exact, "time-range")["start"] == "1999-12-31"
    place = _value(exact, "coordinates")
    assert (place["south"], place["west"]) == (30.5, 130.25)
    assert [item for item in exact.problems if item.file] == []


def test_suggestions_follow_the_exact_numbers(tmp_path: Path) -> None:
    _write(tmp_path / "sea.csv")
    values = {item.value["name"]: item.value for item in describe(tmp_path, exact=True).for_field("variables")}
    assert values["水温 (degC)"]["maximum"] == 99.5
    assert "sampled" not in values["水温 (degC)"]


def test_compressed_table(tmp_path: Path) -> None:
    _write(tmp_path / "sea.csv.gz", open_=gzip.open)
    assert _column(describe(tmp_path, exact=True), "水温 (degC)").value["maximum"] == 99.5


def test_an_odd_value_costs_speed_and_no_number(tmp_path: Path) -> None:
    _write(tmp_path / "sea.csv", last="x1,2024-01-01,35,139,<0.1,東京湾,追記\n")
    value = _column(describe(tmp_path, exact=True), "水温 (degC)").value
    assert (value["count"], value["missing"], value["maximum"], value["sampled"]) == (ROWS + 1, ROWS // 10, 99.5, False)


def test_rows_too_short_and_too_long_are_read(tmp_path: Path) -> None:
    _write(tmp_path / "sea.csv", last="1,2024-01-01\n2,2024-01-01,35,139,12,東京湾,追記,余り\n")
    description = describe(tmp_path, exact=True)
    assert _value(description, "table")["rows"] == ROWS + 2
    assert _column(description, "水温 (degC)").value["missing"] == ROWS // 10 + 1


def test_stand_ins_for_missing_values_are_missing(tmp_path: Path) -> None:
    rows = "".join(f"{i},{-999 if i % 100 == 3 else i % 50},{LONG}\n" for i in range(ROWS))
    (tmp_path / "a.csv").write_text("id,temp,note\n" + rows)
    value = _column(describe(tmp_path, exact=True), "temp").value
    assert (value["minimum"], value["maximum"], value["missing"], value["sampled"]) == (0, 49, ROWS // 100, False)


@pytest.mark.parametrize("mark", ["NaN", "NA", "null", "欠測", "-", " n/a", ""])
def test_a_mark_that_no_sample_met_is_missing(tmp_path: Path, mark: str) -> None:
    rows = "".join(f"{i},{mark if i == ODD else i / 8},{LONG}\n" for i in range(ROWS))
    (tmp_path / "a.csv").write_text("id,temp,note\n" + rows)
    value = _column(describe(tmp_path, exact=True), "temp").value
    assert (value["minimum"], value["maximum"], value["missing"], value["sampled"]) == (0, (ROWS - 1) / 8, 1, False)


def test_marks_among_texts_are_counted_as_the_reader_of_cells_counts_them(tmp_path: Path) -> None:
    texts = [
        "memo",
        "not available",
        "none of them",
        "",
        " ",
        "NA",
        "n/A",
        " Nil ",
        "N.D.",
        "欠測",
        "不明 ",
        "×",
        "-",
        "--x",
        "＊",
        "#N/A",
    ]
    texts += [
        "a mark that is far too long for one",
        "naive",
        "missing",
        "MISSING  ",
        "mIssing",
        "―",
        "－",
        "ー",
        "？",
        "ｎａ",
    ]
    path = tmp_path / "a.csv"
    path.write_text("".join(f'{i},"{text}"\n' for i, text in enumerate(texts)))
    table = {"delimiter": ",", "encoding": "utf-8", "first_row": 1, "columns": 2}
    column = {"name": "x", "position": 2, "type": "string"}
    found = profile(str(path), path.name, path.stat().st_size, table, [column])
    assert found["columns"]["2"]["missing"] == sum(parse(text).sort == "missing" for text in texts)


def test_dates_that_are_not_plain_are_read_as_the_sample_was(tmp_path: Path) -> None:
    rows = "".join(f"令和{1 + i % 5}年{1 + i % 12}月{1 + i % 28}日,{LONG} {i}\n" for i in range(ROWS))
    (tmp_path / "a.csv").write_text("観測日,記録\n" + rows)
    value = _column(describe(tmp_path, exact=True), "観測日").value
    assert (value["type"], value["minimum"][:4], value["maximum"][:4], value["sampled"]) == (
        "date",
        "2019",
        "2023",
        False,
    )


def test_a_table_that_cannot_be_read_keeps_its_sample(tmp_path: Path) -> None:
    _write(tmp_path / "sea.csv")
    with (tmp_path / "sea.csv").open("ab") as out:
        out.write(b"\xff\xfe\x80,broken\n" * 3)
    description = describe(tmp_path, exact=True)
    assert _column(description, "水温 (degC)").value["sampled"] is True
    assert "not-counted" in {item.code for item in description.problems}


def test_no_other_file_can_be_reached(tmp_path: Path) -> None:
    import duckdb

    from shirushi.describe.profiling import _database

    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / "b.csv").write_text("a\n1\n")
    with _database(str(tmp_path / "a.csv")) as database:
        assert database.execute(f"SELECT count(*) FROM read_csv('{tmp_path}/a.csv')").fetchone() == (1,)
        for query in (
            f"SELECT * FROM read_csv('{tmp_path}/b.csv')",
            f"COPY (SELECT 1) TO '{tmp_path}/c.csv'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                database.execute(query)


def test_a_path_with_a_quote_is_only_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a'); DROP--.csv"
    path.write_text("x\n1\n2\n")
    table = {"delimiter": ",", "encoding": "utf-8", "first_row": 2, "columns": 1}
    found = profile(str(path), path.name, path.stat().st_size, table, [{"name": "x", "position": 1, "type": "integer"}])
    assert (found["rows"], found["columns"]["1"]["maximum"]) == (2, 2)


def test_ranges_that_tell_of_people_are_withheld_from_exact_profiles_too(tmp_path: Path) -> None:
    with (tmp_path / "p.csv").open("w", encoding="utf-8") as out:
        out.write("patient_id,dob,score,note\n")
        for i in range(ROWS):
            out.write(f"P{i:07},19{50 + i % 40}-{1 + i % 12:02}-{1 + i % 28:02},{i % 100},{LONG}\n")
    exact = describe(tmp_path, exact=True)
    assert _value(exact, "table")["sampled"] is False
    born, score = _column(exact, "dob"), _column(exact, "score")
    assert (born.reader, born.value["count"]) == ("exact/1", ROWS)
    assert not {"minimum", "maximum", "histogram", "quantiles"} & set(born.value)
    assert (score.value["minimum"], score.value["maximum"]) == (0, 99)


def test_few_values_of_another_kind_do_not_keep_a_column_from_being_counted(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w", encoding="utf-8") as out:
        out.write("id,v,money,name\n")
        for i in range(150_000):
            out.write(f'{i},{i * 0.5:.2f},"{i * 1_000:,}",row {i} of many\n')
        out.write('x,oops,"1,000",last\n')
    exact = describe(tmp_path, exact=True)
    found = _column(exact, "v").value
    assert (found["sampled"], found["count"], found["maximum"], found["type"]) == (False, 150_001, 74_999.5, "number")
    assert _column(exact, "money").value["sampled"] is True  # very many values of which no exact number can be had
    assert [(p.code, p.detail) for p in exact.problems] == [
        ("not-counted", "the numbers of money stay those of the sample")
    ]
    assert "money の数値は一部の行によるもの" in say(exact.problems[0], "ja")

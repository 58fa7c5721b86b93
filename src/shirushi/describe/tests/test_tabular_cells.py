"""Single cells, units in headers, and profiles of columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.describe.readers.cells import parse
from shirushi.describe.readers.columns import Column, extents, profile, time_ranges
from shirushi.describe.readers.units import is_unit, is_unit_row, split_header


@pytest.mark.parametrize(
    ("text", "sort", "number"),
    [
        ("12", "integer", 12), ("-3", "integer", -3), ("+7", "integer", 7), ("1,234", "integer", 1234),
        ("１２", "integer", 12), ("0.5", "number", 0.5), (".5", "number", 0.5), ("1e-3", "number", 0.001), ("1.5D+02", "number", 150),
        ("3,14", "number", 3.14), ("1,234.5", "number", 1234.5), ("12%", "number", 12), ("-01", "number", -1),
        ("007", "string", None), ("1.2.3", "string", None), ("12 m", "string", None), ("2021年度報告", "string", None),
        ("", "missing", None), ("NA", "missing", None), ("n/a", "missing", None), ("欠測", "missing", None), ("-", "missing", None),
        ("TRUE", "boolean", None), ("f", "boolean", None), ("yes", "string", None),
    ],
)  # fmt: skip
def test_parse_of_a_cell(text: str, sort: str, number: float | None) -> None:
    cell = parse(text)
    assert (cell.sort, cell.number) == (sort, number)


@pytest.mark.parametrize(
    ("text", "sort", "moment"),
    [
        ("2021-04-01", "date", "2021-04-01"), ("2021/4/1", "date", "2021-04-01"), ("2021-04", "date", "2021-04"),
        ("2021年4月1日", "date", "2021-04-01"), ("2021年4月", "date", "2021-04"), ("2021年度", "date", "2021"),
        ("令和3年4月1日", "date", "2021-04-01"), ("令和元年5月1日", "date", "2019-05-01"), ("平成31年", "date", "2019"),
        ("R3.4.1", "date", "2021-04-01"), ("H30.12.31", "date", "2018-12-31"), ("S64.1.7", "date", "1989-01-07"),
        ("31.12.2020", "date", "2020-12-31"), ("1 Apr 2021", "date", "2021-04-01"), ("April 1, 2021", "date", "2021-04-01"),
        ("2021-W05", "date", "2021-02-01"),
        ("2021-04-01T12:30:00Z", "datetime", "2021-04-01T12:30:00"), ("2021/4/1 9:05", "datetime", "2021-04-01T09:05:00"),
        ("2021-04-01 12:30:00.123+09:00", "datetime", "2021-04-01T12:30:00"), ("12:30", "time", "12:30:00"),
        ("2021-13-01", "string", None), ("2021-02-30", "string", None), ("25:99", "string", None),
    ],
)  # fmt: skip
def test_parse_of_a_date(text: str, sort: str, moment: str | None) -> None:
    cell = parse(text)
    assert (cell.sort, cell.moment) == (sort, moment)


@given(st.text(max_size=80))
def test_parse_of_any_text_gives_an_answer(text: str) -> None:
    assert parse(text).sort in ("missing", "integer", "number", "boolean", "date", "datetime", "time", "string")


@given(st.dates())
def test_parse_of_an_iso_date_gives_it_back(day: object) -> None:
    assert parse(str(day)).moment == str(day)


@pytest.mark.parametrize(
    ("header", "label", "unit"),
    [
        ("temp (degC)", "temp", "degC"), ("気温[℃]", "気温", "℃"), ("気温（℃）", "気温", "℃"), ("圧力／hPa", "圧力", "hPa"),
        ("depth_m", "depth", "m"), ("bill_length_mm", "bill_length", "mm"), ("body_mass_g", "body_mass", "g"),
        ("speed [m/s]", "speed", "m/s"), ("flux (W m-2)", "flux", "W m-2"), ("conc. (µmol kg^-1)", "conc.", "µmol kg^-1"),
        ("share_pct", "share", "%"), ("Pressure, dbar", "Pressure", "dbar"), ("人口(千人)", "人口", "千人"),
        ("全有機炭素（％）", "全有機炭素", "％"), ("流量（㎥/s）", "流量", "㎥/s"), ("注（１）", "注（１）", None),
        ("Average (unsmoothed)", "Average (unsmoothed)", None), ("name", "name", None), ("P (1)", "P (1)", None),
        ("a_m", "a_m", None), ("site (north)", "site (north)", None),
    ],
)  # fmt: skip
def test_split_header_into_label_and_unit(header: str, label: str, unit: str | None) -> None:
    assert split_header(header) == (label, unit)


@pytest.mark.parametrize("text", ["m", "km2", "m s-1", "kg/m3", "°C", "%", "MtC", "10^6 m3", "µS/cm", "円/kg", "-"])
def test_is_unit_of_a_unit(text: str) -> None:
    assert is_unit(text)


@pytest.mark.parametrize("text", ["north", "site", "2021", "raw data", "", "B7x", "東京"])
def test_is_unit_of_a_word(text: str) -> None:
    assert not is_unit(text)


def test_is_unit_row_needs_every_cell_to_be_a_unit() -> None:
    assert is_unit_row(["", "(degC)", "[hPa]", "-"])
    assert not is_unit_row(["Tokyo", "degC", "hPa"])
    assert not is_unit_row(["T", "F"])


def column(name: str, *values: str) -> Column:
    return Column(name, 1, values)


def test_profile_of_numbers_has_range_missing_and_examples() -> None:
    value = profile(column("temp (degC)", "1.5", "NA", "2", "-3.25", "2")).value(sampled=False)
    assert value == {
        "name": "temp (degC)", "position": 1, "type": "number", "unit": "degC", "label": "temp", "minimum": -3.25, "maximum": 2,
        "missing": 1, "count": 5, "distinct": 3, "sampled": False, "examples": ["1.5", "2", "-3.25"],
    }  # fmt: skip


def test_profile_counts_a_sentinel_as_missing() -> None:
    found = profile(column("ppm", "315.2", "-99.99", "316.1", "-99.99"))
    assert (found.missing, found.low, found.high) == (2, 315.2, 316.1)


def test_profile_keeps_negative_numbers_that_only_look_like_sentinels() -> None:
    found = profile(column("z", "-99", "-98", "-97"))
    assert (found.missing, found.low) == (0, -99)


def test_profile_allows_a_few_remarks_among_numbers() -> None:
    assert profile(column("c", *["0.5"] * 19, "<0.1")).type == "number"


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        (["3/4/2021", "25/4/2021"], "2021-04-03", "2021-04-25"),
        (["3/4/2021", "4/25/2021"], "2021-03-04", "2021-04-25"),
        (["3/4/2021", "5/6/2021"], None, None),
    ],
)
def test_profile_of_slashed_dates_takes_the_order_that_fits_all(
    values: list[str], low: str | None, high: str | None
) -> None:
    found = profile(column("date", *values))
    assert (found.type, found.low, found.high) == ("date", low, high)


def test_profile_of_compact_dates_needs_a_name_that_says_so() -> None:
    assert profile(column("測定日", "20210401", "20210402")).low == "2021-04-01"
    assert profile(column("id", "20210401", "20210402")).type == "integer"


def test_profile_of_one_letter_is_no_truth_value() -> None:
    assert profile(column("sex", "F", "F")).type == "string"
    assert profile(column("ok", "T", "F")).type == "boolean"


def test_profile_of_leading_zeros_is_text() -> None:
    assert profile(column("FIPS", "09001", "09003")).type == "string"


def test_profile_of_nothing_is_text_without_values() -> None:
    found = profile(column("empty", "", "NA"))
    assert (found.type, found.missing, found.count, found.distinct) == ("string", 2, 2, 0)


def test_extents_of_latitude_and_longitude() -> None:
    columns = [Column("緯度", 1, ["35.0", "35.5", ""]), Column("経度", 2, ["139", "140.5", "150"])]
    ((item, value),) = extents([profile(c) for c in columns])
    assert item.column.name == "緯度"
    assert value == {"west": 139, "south": 35, "east": 140.5, "north": 35.5, "points": 2}


def test_extents_of_longitudes_from_0_to_360() -> None:
    columns = [Column("lat", 1, ["10", "20"]), Column("lon", 2, ["190", "200"])]
    ((_, value),) = extents([profile(c) for c in columns])
    assert (value["west"], value["east"]) == (-170, -160)


def test_extents_of_words_that_only_contain_lat_are_none() -> None:
    columns = [Column("plate", 1, ["10", "20"]), Column("colony", 2, ["30", "40"])]
    assert list(extents([profile(c) for c in columns])) == []


def test_time_ranges_of_dates_and_years_but_not_of_birthdays() -> None:
    columns = [
        Column("date", 1, ["2021-04-01", "2021-04-09"]),
        Column("birth_date", 2, ["1980-01-01", "1990-01-01"]),
        Column("年", 3, ["2019", "2020"]),
        Column("count", 4, ["1999", "2000"]),
    ]
    found = [
        (item.column.name, value["start"], value["end"]) for item, value in time_ranges(list(map(profile, columns)))
    ]
    assert found == [("date", "2021-04-01", "2021-04-09"), ("年", "2019", "2020")]


def test_histogram_counts_the_values_in_equal_parts_of_the_range() -> None:
    found = profile(Column("sst", 1, ["0", "1", "2", "3", "16", "16", "-999", ""])).histogram
    assert found == [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]


@pytest.mark.parametrize(
    "values", [["1", "2", "3"], ["7"] * 9, ["a", "b", "c", "d", "e"], ["1e308", "-1e308", "0", "1", "2"]]
)
def test_what_has_no_shape_has_no_histogram(values) -> None:
    assert profile(Column("x", 1, values)).histogram is None


def test_plus_beside_numbers_is_a_category() -> None:
    assert profile(column("tone", "0", "0", "0", "+", "-", "0")).type == "string"
    assert profile(column("level", "0", "1", "2", "///", "3", "1")).type == "integer"


@pytest.mark.parametrize(
    ("values", "kind", "low", "high", "unit"),
    [
        (["12.300", "145.678", "1.345.678"], "integer", 12_300, 1_345_678, None),
        (["1.234,50", "12.000,00", "7,5"], "number", 7.5, 12_000, None),
        (["12.300", "145.678"], "number", 12.3, 145.678, None),  # may be either: as written
        (["€12", "€1.200,50", ""], "number", 12, 1_200.5, "€"),
        (["$1,200.50", "$30.00", "N/A"], "number", 30, 1_200.5, "$"),
        (["12円", "3,000円"], "integer", 12, 3_000, "円"),
        (["192.168.1.1", "10.0.0.1"], "string", None, None, None),
        (["$HOME", "$PATH"], "string", None, None, None),
    ],
)
def test_thousands_and_money_as_they_are_written(values, kind, low, high, unit) -> None:
    found = profile(Column("x", 1, values))
    assert (found.type, found.low, found.high, found.unit) == (kind, low, high, unit)

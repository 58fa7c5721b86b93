"""Variables: columns with what a codebook says about them, and what their names and numbers tell by themselves."""

from collections.abc import Callable

import pytest

from shirushi.describe.evidence import Candidate
from shirushi.describe.rank import rank
from shirushi.describe.suggesters.quantities import (
    names_things,
    spelled_out,
    unit_in_name,
    unit_in_text,
    usual_unit,
)

Suggest = Callable[..., list[Candidate]]


def test_variables_take_unit_and_meaning(suggest: Suggest) -> None:
    readme = "# Lakes\n\n| Column | Description | Unit |\n|---|---|---|\n| depth | Depth of the logger | m |\n"
    found = suggest({"README.md": readme, "lakes.csv": "lake,depth,temp (degC)\na,1,1.5\nb,2,2.5\n"}, "variables")
    by_name = {c.value["name"]: c.value for c in found}
    assert (by_name["depth"]["description"], by_name["depth"]["unit"]) == ("Depth of the logger", "m")
    assert by_name["temp (degC)"]["unit"] == "degC"
    assert by_name["lake"]["type"] == "string"


def test_columns_of_one_name_stay_apart_by_their_place(suggest: Suggest) -> None:
    found = [c.value for c in suggest({"a.csv": "site,x,x\nA,1,50\nB,2,60\nC,4,70\n"}, "variables")]
    assert [(v["name"], v.get("position"), v.get("maximum")) for v in found] == [
        ("site", None, None),
        ("x", 2, 4),
        ("x", 3, 70),
    ]
    suggestions = rank(suggest({"a.csv": "x,x\n1,50\n2,60\n4,70\n"}, "variables"))
    assert [s.value["position"] for s in suggestions] == [1, 2]


def test_variables_of_a_japanese_codebook(suggest: Suggest) -> None:
    files = {
        "項目説明.csv": "項目名,説明,単位\n水温,海面の水温,℃\n",
        "観測.csv": "日付,水温\n2021-04-01,15.2\n2021-04-02,15.4\n",
    }
    found = [
        c.value for c in suggest(files, "variables") if c.value["name"] == "水温" and c.value.get("file") == "観測.csv"
    ]
    assert [(v["description"], v["unit"]) for v in found] == [("海面の水温", "℃")]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("forkLength", "fork length"),
        ("pop_tot", "population total"),
        ("site_ID", "site identifier"),
        ("bill_length_mm", "bill length"),
        ("depth", "depth"),
        ("CIK", "CIK"),
        ("lat", "latitude"),
        ("v1", None),
        ("水温", "水温"),
    ],
)
def test_names_spelled_out(name: str, words: str | None) -> None:
    assert spelled_out(name) == words


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("length_mm", "mm"),
        ("水温［℃］", "℃"),
        ("testDays", "days"),
        ("days_since_visit_1", "days"),
        ("decimalLatitude", "degree"),
        ("duration_min", "min"),
        ("latitude_min", None),
        ("note (see below)", None),
        ("days", None),
    ],
)
def test_unit_in_name(name: str, unit: str | None) -> None:
    assert unit_in_name(name) == unit


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Fork length of the fish measured in millimeters", "millimeters"),
        ("Depth below the surface (cm)", "cm"),
        ("Temperature in degrees Celsius at noon", "degrees Celsius"),
        ("流速（m/s）", "m/s"),
        ("Nitrate, units: mg/L", "mg/L"),
        ("Name of the party in English", None),
        ("Number of students in a class", None),
        ("Height in metres or in feet", None),
        ("Name(s) of the site", None),
        ("Listed in and/or", None),
    ],
)
def test_unit_in_text(text: str, unit: str | None) -> None:
    assert unit_in_text(text) == unit


@pytest.mark.parametrize(
    ("name", "low", "high", "unit"),
    [
        ("age", 18, 71, "years"),
        ("age", 0, 5000, None),
        ("waterTemp", 3.5, 22.1, "°C"),
        ("waterTemp", 41, 72, None),
        ("wind_speed", 0, 12.5, "m/s"),
        ("speed", 0, 12.5, None),
        ("temp", "low", "high", None),
    ],
)
def test_usual_unit_only_in_its_range(name: str, low: float | str, high: float | str, unit: str | None) -> None:
    assert usual_unit(name, low, high) == unit


@pytest.mark.parametrize(
    ("name", "thing"), [("trapVisitID", True), ("FIPS code", True), ("zip", True), ("width", False), ("n", False)]
)
def test_numbers_that_only_name(name: str, thing: bool) -> None:
    assert names_things(name) == thing


def _types(found: list[Candidate]) -> dict[str, str]:
    return {c.value["name"]: c.value["type"] for c in found}


def test_identifiers_are_no_quantities(suggest: Suggest) -> None:
    found = suggest({"fish.csv": "fishID,n\n101,3\n102,4\n"}, "variables")
    assert _types(found) == {"fishID": "string", "n": "integer"}
    assert [key for key in ("minimum", "maximum") if key in found[0].value] == []


def test_several_columns_of_0_and_1_answer_yes_or_no(suggest: Suggest) -> None:
    several = suggest({"a.csv": "open,shared,kept,count\n0,1,0,3\n1,0,1,9\n0,1,1,4\n"}, "variables")
    assert _types(several) == {"open": "boolean", "shared": "boolean", "kept": "boolean", "count": "integer"}
    single = suggest({"a.csv": "open,count\n0,3\n1,9\n0,4\n"}, "variables")
    assert _types(single) == {"open": "integer", "count": "integer"}


def test_empty_column_among_numbers(suggest: Suggest) -> None:
    found = suggest({"a.csv": "x,y,z\n1,2,\n3,4,\n"}, "variables")
    assert _types(found) == {"x": "integer", "y": "integer", "z": "number"}


def test_table_in_two_formats_is_told_once(suggest: Suggest) -> None:
    table = "lake,depth\na,1\nb,2\n"
    found = suggest({"lakes.csv": table, "lakes.tsv": table.replace(",", "\t")}, "variables")
    assert [(c.value["file"], c.value["name"]) for c in found] == [("lakes.csv", "lake"), ("lakes.csv", "depth")]


def test_table_of_things_is_no_codebook(suggest: Suggest) -> None:
    things = "name,description\nAlice,the first guest\nBob,the second guest\n"
    found = suggest({"guests.csv": things, "visits.csv": "day,guests\n1,2\n2,3\n"}, "variables")
    assert [(c.value["name"], c.method) for c in found] == [
        ("name", "variables.column/2"),
        ("description", "variables.column/2"),
        ("day", "variables.column/2"),
        ("guests", "variables.column/2"),
    ]


def test_unit_from_the_words_of_a_codebook(suggest: Suggest) -> None:
    readme = "# Fish\n\n| Column | Description |\n|---|---|\n| forkLength | Fork length measured in millimeters |\n"
    found = suggest({"README.md": readme, "fish.csv": "forkLength,sex\n31,f\n42,m\n"}, "variables")
    assert [(c.value["name"], c.value.get("unit")) for c in found] == [("forkLength", "millimeters"), ("sex", None)]


def test_the_few_values_of_a_category_say_what_it_tells_apart(suggest: Suggest) -> None:
    rows = "".join(f"{name},{n}\n" for n, name in enumerate(["Adelie", "Gentoo", "Chinstrap"] * 4))
    (column,) = [c.value for c in suggest({"a.csv": "species,n\n" + rows}, "variables") if c.value["name"] == "species"]
    assert column["description"] == "species (Adelie, Gentoo, Chinstrap)"
    (column,) = [
        c.value
        for c in suggest({"b.csv": "species,n\nAdelie,1\nGentoo,2\n"}, "variables")
        if c.value["name"] == "species"
    ]
    assert "description" not in column

"""When and where by what people write: titles, sentences, names of files, degrees in texts and pairs."""

from collections.abc import Callable

import pytest

from shirushi.describe.evidence import Candidate
from shirushi.describe.suggesters.coordinates import boxes, places_in

Suggest = Callable[..., list[Candidate]]


def periods(found: list[Candidate], method: str) -> list[str]:
    return [c.value["date"] for c in found if c.method.split("/")[0] == method and c.value["type"] == "Coverage"]


def test_period_of_a_title_and_of_a_sentence(suggest: Suggest) -> None:
    text = "# Growth of rice, 2011–2013\n\nWe measured growth at Tsukuba from May 2011 to September 2013.\n\nPublished 1999 to 2001.\n"
    found = suggest({"README.md": text}, "dates")
    assert periods(found, "dates.title") == ["2011/2013"]
    assert periods(found, "dates.sentence") == ["2011-05/2013-09"]


def test_one_date_of_a_sentence_and_an_open_end(suggest: Suggest) -> None:
    text = "# Soil\n\nSamples were collected in June 2015. \n\nWater levels have been recorded since 1998.\n\n令和3年4月から観測を行った。\n"
    assert periods(suggest({"README.md": text}, "dates"), "dates.sentence") == ["2015-06", "1998/..", "2021-04/.."]


@pytest.mark.parametrize(
    ("names", "period"),
    [
        (["catch_1990-2015.csv"], ["1990/2015"]),
        (["sst_20100101-20151231.nc"], ["2010-01-01/2015-12-31"]),
        (["rain_2010.csv", "rain_2011.csv", "rain_2014.csv"], ["2010/2014"]),
        (["a/log_2020-01-05.txt", "a/log_2020-02-01.txt", "a/log_2020-03-09.txt"], ["2020-01-05/2020-03-09"]),
        (["model_2048.csv", "census_2010.csv"], []),
    ],
)
def test_period_in_names_of_files(suggest: Suggest, names: list[str], period: list[str]) -> None:
    assert periods(suggest(dict.fromkeys(names, "a,b\nx,y\n"), "dates"), "dates.file-names") == period


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("at the facility (36.01°N, 140.06°E), Ibaraki", (140.06, 36.01, 140.06, 36.01)),
        ("35°12'36\"S 139°45'00\"W", (-139.75, -35.21, -139.75, -35.21)),
        ("北緯35度12分、東経139度45分", (139.75, 35.2, 139.75, 35.2)),
        ("Koordinaten 47,4211 N 10,9863 E", (10.9863, 47.4211, 10.9863, 47.4211)),
        ("lat 35.1234, lon -120.5", (-120.5, 35.1234, -120.5, 35.1234)),
        ("between 30–40°N, 130–145°E", (130, 30, 145, 40)),
        ("from 10°S to 20°N and 100°E to 120°E", (100, -10, 120, 20)),
    ],
)
def test_degrees_in_a_text(text: str, box: tuple[float, ...]) -> None:
    assert [tuple(b[side] for side in ("west", "south", "east", "north")) for b in boxes(text)] == [box]


@pytest.mark.parametrize("text", ["In 2012 N 5 E 3", "pH 7.1 N 20 samples", "Table 3 N", "95.5°N 10.2°E"])
def test_what_only_looks_like_degrees(text: str) -> None:
    assert boxes(text) == []


def test_pairs_of_latitude_and_longitude(suggest: Suggest) -> None:
    text = "STATION\n\nLatitude: 35.5 N\nLongitude: 139.25\n"
    (found,) = suggest({"README.txt": text}, "locations")
    assert found.value["box"] == {"west": 139.25, "south": 35.5, "east": 139.25, "north": 35.5}


@pytest.mark.parametrize(
    ("title", "places"),
    [
        ("Bird counts in the Kushiro wetland 2005-2014", ["Kushiro wetland"]),
        ("Penguins of the Palmer Archipelago, Antarctica", ["Palmer Archipelago, Antarctica"]),
        ("琵琶湖における水質調査", ["琵琶湖"]),
        ("Floods along the River Thames", ["River Thames"]),
        ("A package for plotting in R", []),
        ("Sentiment in English tweets", []),
    ],
)
def test_places_in_titles(title: str, places: list[str]) -> None:
    assert places_in(title) == places

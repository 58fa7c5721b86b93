"""Values in the words of a reader."""

import pytest

from shirushi.forms.shown import Shown, shown

SHOWN = [
    ("titles", {"text": "海面水温", "lang": "ja"}, Shown("海面水温", (("", "Japanese"),), "ja")),
    (
        "creators",
        {"name": "山田 花子", "name_type": "Personal", "given_name": "花子", "orcid": "0000-0002-1825-0097", "affiliations": [{"name": "東京大学"}]},
        Shown("山田 花子", (("ORCID iD", "0000-0002-1825-0097"), ("Affiliations", "東京大学"))),
    ),
    ("resource_type", {"general": "ComputationalNotebook"}, Shown("Computational notebook")),
    ("languages", "ja", Shown("Japanese (ja)")),
    ("publication_date", "2026-11-23", Shown("2026-11-23")),
    ("dates", {"date": "2021/2025", "type": "Coverage"}, Shown("2021/2025", (("", "Coverage"),))),
    (
        "locations",
        {"box": {"west": 139.1, "south": 34.9, "east": 139.7, "north": 35.3}},
        Shown("34.9°N–35.3°N, 139.1°E–139.7°E"),
    ),
    ("locations", {"place": "Buoy 3", "box": {"west": -1.5, "south": -2, "east": -1.5, "north": -2}},
        Shown("Buoy 3", (("Box around it", "2°S, 1.5°W"),))),
    ("funding", {"funder": "JSPS", "award": "JP21K12345"}, Shown("JP21K12345", (("Funder", "JSPS"),))),
    ("variables", {"name": "sst", "unit": "degC", "minimum": 1.5, "sampled": True},
        Shown("sst", (("Unit", "degC"), ("Smallest value", "1.5"), ("The numbers come from a sample", "yes")))),
    ("variables", {"name": "lat", "label": "Lat", "missing": 0, "count": 9}, Shown("lat", (("Values looked at", "9"),))),
    ("variables", {"name": "s", "label": "Site", "description": "Site", "missing": 2},
        Shown("s", (("Meaning", "Site"), ("Missing values", "2")))),
    ("subjects", {"text": "海洋学", "scheme": "NDC", "scheme_uri": "https://www.jla.or.jp/committees/bunrui/", "code": "452"},
        Shown("海洋学", (("", "NDC"), ("", "452")))),
    ("related", {"identifier": "10.1234/abcd", "scheme": "DOI", "relation": "Cites"},
        Shown("10.1234/abcd", (("Kind of identifier", "DOI"), ("", "Cites")))),
    ("software", {"name": "EZChrom", "purpose": "acquisition"}, Shown("EZChrom", (("Used for", "Acquisition"),))),
    ("rights", {"colour": "blue", "id": None}, Shown("colour: blue")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "expected"), SHOWN, ids=[f"{row[0]}-{n}" for n, row in enumerate(SHOWN)])
def test_value_is_shown_in_words(name, value, expected):
    assert shown(name, value, "en") == expected


def test_long_text_asks_for_a_paragraph():
    assert shown("descriptions", {"text": "x" * 200, "type": "Abstract"}, "ja") == Shown("x" * 200, long=True)


def test_period_of_one_day_is_a_day():
    assert shown("dates", {"date": "2026-02-13/2026-02-13", "type": "Coverage"}, "en").text == "2026-02-13"
    assert shown("dates", {"date": "2026-02-13/..", "type": "Coverage"}, "en").text == "2026-02-13/.."


def test_relation_is_a_whole_word_in_japanese():
    related = {"identifier": "10.1234/abcd", "scheme": "DOI", "relation": "IsSupplementTo"}
    assert shown("related", related, "ja").details[-1] == ("", "これが補足している資料")

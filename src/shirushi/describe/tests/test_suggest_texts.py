"""Titles, descriptions, keywords and languages from small folders in two languages."""

from collections.abc import Callable

import pytest

from shirushi.describe.evidence import Candidate
from shirushi.describe.suggesters.descriptions import abstract_of
from shirushi.describe.suggesters.keywords import compounds
from shirushi.describe.suggesters.titles import titles

Suggest = Callable[..., list[Candidate]]

ENGLISH = """# Hourly temperatures of twelve mountain lakes

This dataset holds hourly water temperatures of twelve lakes. It was collected with loggers between 2015 and 2019.

**Keywords:** limnology, water temperature; lakes

## License

See below.
"""
JAPANESE = """【タイトル】相模湾の海面水温データ
■ 概要
相模湾の十二のブイで一時間ごとに測った海面水温です。欠測は空欄にしています。
キーワード：海面水温、相模湾、ブイ
"""


def values(candidates: list[Candidate], method: str) -> list[object]:
    return [
        c.value.get("text", c.value) if isinstance(c.value, dict) else c.value
        for c in candidates
        if c.method.startswith(method + "/")
    ]


def test_title_first_heading_of_readme(suggest: Suggest) -> None:
    found = suggest({"README.md": ENGLISH}, "titles")
    best = next(c for c in found if c.method == "titles.readme-heading/2")
    assert best.value == {"text": "Hourly temperatures of twelve mountain lakes", "lang": "en"}
    assert best.evidence[0].place.quote == "Hourly temperatures of twelve mountain lakes"


def test_title_is_not_the_name_of_a_section(suggest: Suggest) -> None:
    assert suggest({"README.md": "## Description\n\nSome words.\n\n## ライセンス\n"}, "titles") == []


def test_title_in_japanese_brackets(suggest: Suggest) -> None:
    found = suggest({"README.txt": JAPANESE}, "titles")
    assert values(found, "titles.label") == ["相模湾の海面水温データ"]
    assert found[0].value["lang"] == "ja"


def test_title_of_bibtex(suggest: Suggest) -> None:
    text = "# lake-t\n\n```bibtex\n@dataset{x,\n  title = {Temperatures of {Lakes}},\n  author = {Doe, Jane},\n}\n```\n"
    assert values(suggest({"README.md": text}, "titles"), "titles.bibtex") == ["Temperatures of Lakes"]


def test_titles_suggester_has_a_version() -> None:
    assert (titles.field, titles.version) == ("titles", "2")


def test_description_is_quoted_from_the_lead(suggest: Suggest) -> None:
    found = suggest({"README.md": ENGLISH}, "descriptions")
    lead = next(c for c in found if c.method == "descriptions.opening/3")
    assert lead.value["text"].startswith("This dataset holds hourly water temperatures of twelve lakes.")
    assert lead.evidence[0].place.start == 3


def test_description_of_japanese_section(suggest: Suggest) -> None:
    found = suggest({"README.txt": JAPANESE}, "descriptions")
    section = next(c for c in found if c.method == "descriptions.section/3")
    assert section.value["text"].startswith("相模湾の十二のブイで")
    assert section.value["lang"] == "ja"


def test_keywords_stated_in_english(suggest: Suggest) -> None:
    stated = values(suggest({"README.md": ENGLISH}, "subjects"), "subjects.key-value")
    assert stated == ["limnology", "water temperature", "lakes"]


def test_keywords_stated_in_japanese(suggest: Suggest) -> None:
    assert values(suggest({"README.txt": JAPANESE}, "subjects"), "subjects.key-value") == ["海面水温", "相模湾", "ブイ"]


def test_compounds_of_japanese_nouns() -> None:
    assert list(compounds("海面水温を測定した観測データ")) == ["海面水温", "測定", "観測データ"]


def test_compounds_stop_at_stop_words() -> None:
    assert "the lake" not in set(compounds("temperature of the lake"))
    assert {"temperature", "lake"} <= set(compounds("temperature of the lake"))


def test_language_of_the_text(suggest: Suggest) -> None:
    assert [c.value for c in suggest({"README.txt": JAPANESE}, "languages")] == ["ja"]
    assert next(c.value for c in suggest({"README.md": ENGLISH}, "languages")) == "en"


def test_language_declared(suggest: Suggest) -> None:
    found = suggest({"README.md": "# X\n\nLanguage: German, English\n"}, "languages")
    assert values(found, "languages.declared") == ["de", "en"]


def test_keywords_of_a_line_in_running_text(suggest: Suggest) -> None:
    text = "# Lakes\n\nAbstract of the work.\n\nKeywords: lake ice; moored buoys; Lake Biwa\n"
    found = suggest({"README.md": text}, "subjects")
    assert {"lake ice", "moored buoys", "Lake Biwa"} <= {c.value["text"] for c in found}


def test_plain_words_of_a_title_are_no_compound(suggest: Suggest) -> None:
    text = "# Practical researcher\n\nThe practical researcher helps. A practical researcher helps more.\n"
    assert values(suggest({"README.md": text}, "subjects"), "subjects.compound") == []


def test_acronym_said_often_is_a_keyword(suggest: Suggest) -> None:
    text = "# LTMP of lakes\n\nLTMP began in 2001. LTMP has twelve buoys. LTMP ended in 2010.\n"
    assert "LTMP" in values(suggest({"README.md": text}, "subjects"), "subjects.compound")


def test_lines_of_a_form_are_neither_title_nor_description(suggest: Suggest) -> None:
    files = {
        "調査概要.txt": "【データ名】里山の植生調査\n【作成者】山田花子\n【概要】六つの調査区で樹種ごとの被度を毎年二回測りました。\n"
    }
    assert [c.value["text"] for c in suggest(files, "titles")] == ["里山の植生調査"]
    assert [c.value["text"] for c in suggest(files, "descriptions")] == [
        "六つの調査区で樹種ごとの被度を毎年二回測りました。"
    ]


def test_names_of_people_are_no_title(suggest: Suggest) -> None:
    assert suggest({"README.md": "Hanako Yamada and Josiah Carberry\n"}, "titles") == []


@pytest.mark.parametrize(
    ("page", "abstract"),
    [
        ("Hanako Yamada and Josiah Carberry, Example Laboratory Abstract. Four buoys drifted.", "Four buoys drifted."),
        ("Abstract. Four buoys drifted. Acknowledgements. Thanks.", "Four buoys drifted."),
        ("例示大学 山田花子、鈴木一郎要旨 被度を三年間測定した。 謝辞 助成を受けた。", "被度を三年間測定した。"),
        ("Summary of what four buoys did.", "Summary of what four buoys did."),
        ("A short summary of the data: four buoys drifted.", "A short summary of the data: four buoys drifted."),
    ],
)
def test_abstract_that_ran_into_the_names(page: str, abstract: str) -> None:
    assert abstract_of(page) == abstract


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "CONTRIBUTING.md",
            "# How to contribute\n\nWe would love to accept your patches and contributions to this project.\n",
        ),
        ("md.txt", "integrator = md and dt = 0.001 and nsteps = 5000 and so it goes on with the rest of it here.\n"),
        ("page.txt", "\\makeatletter and \\@ifundefined are things that a class of documents has in it as well.\n"),
    ],
)
def test_notes_settings_and_markup_describe_nothing(suggest: Suggest, name: str, text: str) -> None:
    files = {name: text, "lakes.csv": "lake,level\na,1.5\nb,2.5\n"}
    assert [c.method for c in suggest(files, "descriptions")] == ["descriptions.composed/3"]


BILINGUAL = (
    "# 湖の水質 / Water quality\n\n著者 / Authors: 山本 健; 中村 優子\n\n毎月三つの地点で採水した。\nMonthly samples were taken at three stations.\n\n"
    "助成 / Funding: 科研費 18H01234\n\nFunded by the Research Council of Norway.\n"
)


def test_authors_and_funding_are_no_part_of_a_description(suggest: Suggest) -> None:
    (opening,) = [c for c in suggest({"README.md": BILINGUAL}, "descriptions") if c.method == "descriptions.opening/3"]
    assert opening.value["text"] == "毎月三つの地点で採水した。 Monthly samples were taken at three stations."


def test_a_composed_text_is_in_the_language_that_was_asked_for(suggest: Suggest) -> None:
    (made,) = suggest({"水位.csv": "日時,水位\n2021-04-01,0.1\n2021-04-02,0.2\n"}, "descriptions")
    assert made.value["lang"] == "en"


def test_title_of_the_only_data_file_is_that_of_the_whole(suggest: Suggest) -> None:
    one = '{"type": "FeatureCollection", "name": "Tea farms of Shizuoka", "features": [{"type": "Feature", "properties": {"a": 1}, "geometry": null}]}'
    found = suggest({"farms.geojson": one}, "titles")
    assert [(c.value["text"], c.method) for c in found] == [("Tea farms of Shizuoka", "titles.attribute-alone/2")]
    two = {"farms.geojson": one, "wells.geojson": one.replace("Tea farms", "Wells")}
    assert {c.method for c in suggest(two, "titles") if c.value["text"] == "Wells of Shizuoka"} == {
        "titles.attribute/2"
    }


IN_JAPANESE, IN_ENGLISH = (
    "琵琶湖の水質を2001年から2010年まで測定したデータである。",
    "Water quality of Lake Biwa was measured from 2001 to 2010 at ten stations.",
)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("README.md", f"# Biwa\n\n## 概要\n\n{IN_JAPANESE}\n\n## Abstract\n\n{IN_ENGLISH}\n"),
        ("README.md", f"# 日本語\n\n{IN_JAPANESE}\n\n# English\n\n{IN_ENGLISH}\n"),
        ("README.md", f"# Biwa\n\n## 概要 / Overview\n\n{IN_JAPANESE}\n\n{IN_ENGLISH}\n"),
        ("README.txt", f"琵琶湖水質データ\n\n概要\n{IN_JAPANESE}\n\nAbstract\n{IN_ENGLISH}\n"),
    ],
)
def test_a_text_in_two_languages_is_described_in_each(file: str, text: str, suggest: Suggest) -> None:
    found = [c for c in suggest({file: text}, "descriptions") if "composed" not in c.method]
    assert {(c.value["lang"], c.value["text"]) for c in found} == {("ja", IN_JAPANESE), ("en", IN_ENGLISH)}


def test_a_heading_in_two_languages_is_two_titles(suggest: Suggest) -> None:
    found = suggest({"README.md": "# 水田土壌の窒素動態 / Nitrogen dynamics in paddy soil\n"}, "titles")
    assert [(c.value["lang"], c.value["text"]) for c in found if "heading" in c.method] == [
        ("ja", "水田土壌の窒素動態"),
        ("en", "Nitrogen dynamics in paddy soil"),
    ]
    whole = suggest({"README.md": "# 日本語版 pH/EC の測定記録\n"}, "titles")
    assert "日本語版 pH/EC の測定記録" in [c.value["text"] for c in whole]

"""Names of a work that nobody wrote as its title."""

from collections.abc import Callable

import pytest

from shirushi.describe.evidence import Candidate
from shirushi.describe.rank import rank
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import is_generic, is_note, is_talk
from shirushi.describe.suggesters.echo import Echo
from shirushi.describe.suggesters.naming import spelled

Suggest = Callable[..., list[Candidate]]


def texts(found: list[Candidate], method: str) -> list[str]:
    return [c.value["text"] for c in found if c.method == f"titles.{method}/2"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("BusinessFormations_2017-town.v2.csv", ["Business", "Formations", "town"]),
        ("global_temperature_data.csv", ["Global", "temperature"]),
        ("data.csv", []),
        ("相模湾の水温_2021.csv", ["相模湾の水温"]),
    ],
)
def test_words_of_a_file_name(name: str, words: list[str]) -> None:
    assert spelled(name) == words


def test_first_line_and_its_first_clause(suggest: Suggest) -> None:
    readme = "Water temperatures of twelve lakes, measured every hour by moored buoys\n"
    found = suggest({"README.md": readme}, "titles")
    assert texts(found, "first-line") == [readme.strip()]
    assert texts(found, "first-clause") == ["Water temperatures of twelve lakes"]


def test_what_the_first_sentence_says_the_work_is(suggest: Suggest) -> None:
    found = suggest(
        {"README.md": "This repository contains all hourly temperatures of lakes, which we measured.\n"}, "titles"
    )
    assert texts(found, "first-clause") == ["hourly temperatures of lakes"]


def test_text_under_a_section_is_no_first_line(suggest: Suggest) -> None:
    assert texts(suggest({"README.md": "## Description\n\nSome words\n"}, "titles"), "first-line") == []


def test_directive_of_restructured_text_is_no_title(suggest: Suggest) -> None:
    assert suggest({"index.rst": ".. include:: other.rst\n"}, "titles") == []


def test_title_in_a_citation(suggest: Suggest) -> None:
    readme = "Please cite: Doe, J. (2020). Water temperatures of twelve alpine lakes. Journal of Lakes, 3, 1-9.\n"
    assert texts(suggest({"README.md": readme}, "titles"), "cited") == ["Water temperatures of twelve alpine lakes"]


def test_project_by_its_capitals_with_its_long_form(suggest: Suggest) -> None:
    readme = "# LakeTEMP\n\nThe Lake Temperature Monitoring Programme (LTMP) began in 2001.\n\nLTMP has twelve buoys. LTMP ended.\n"
    found = suggest({"README.md": readme, "ltmp.csv": "a,b\n1,2\n"}, "titles")
    assert "LTMP" in texts(found, "called")
    assert texts(found, "long-form") == ["Lake Temperature Monitoring Programme (LTMP)"]


def test_only_data_file_names_the_work(suggest: Suggest) -> None:
    found = suggest({"lake_temperatures_2021.csv": "a,b\n1,2\n", "LICENSE": "x"}, "titles")
    assert texts(found, "data-file") == ["Lake temperatures"]


def test_what_many_files_share_names_the_work(suggest: Suggest) -> None:
    files = {f"alpine_lakes_{n}.csv": "a,b\n1,2\n" for n in ("north", "south", "west")}
    assert texts(suggest(files, "titles"), "data-files") == ["Alpine lakes"]


def test_names_of_files_are_not_proposed_beside_a_written_title(suggest: Suggest) -> None:
    files = {"README.md": "Title: Temperatures of lakes\n", "lake_temperatures.csv": "a,b\n1,2\n"}
    found = suggest(files, "titles")
    assert texts(found, "label") == ["Temperatures of lakes"]
    assert texts(found, "data-file") == []


def test_paragraph_under_a_heading_called_title(suggest: Suggest) -> None:
    readme = "# README\n\n## Dataset Title\n\nTemperatures of twelve lakes\n"
    assert texts(suggest({"README.md": readme}, "titles"), "section") == ["Temperatures of twelve lakes"]


def test_text_under_a_heading_of_several_words_is_no_name(suggest: Suggest) -> None:
    files = {"README.md": "# Temperatures of lakes\n\nTwelve buoys measured the water, every hour.\n"}
    assert [c.method for c in suggest(files, "titles")] == ["titles.readme-heading/2"]


def test_sentence_after_a_year_is_no_cited_title(suggest: Suggest) -> None:
    readme = "Buoys measured from 1 July to 31 August 2025. The series was checked by hand and by eye.\n"
    assert texts(suggest({"README.md": readme}, "titles"), "cited") == []


@pytest.mark.parametrize(
    "above", ["# Water Temperature of the Northern Lake\n", "Water Temperature of the Northern Lake,,\n\n"]
)
def test_first_comment_or_lone_cell_is_a_title(above: str, suggest: Callable[..., list[Candidate]]) -> None:
    table = f"{above}date,depth,temp\n2019-01-01,1,2\n2019-01-02,3,4\n"
    found = [c for c in suggest({"a.csv": table}, "titles") if c.value["text"].startswith("Water")]
    assert [(c.method, c.value["text"]) for c in found] == [
        ("titles.table-title/2", "Water Temperature of the Northern Lake")
    ]


def test_comments_of_many_tables_or_in_sentences_are_no_title(suggest: Callable[..., list[Candidate]]) -> None:
    table = "# Temperature of lake {}\nx,y\n1,2\n3,4\n"
    many = {f"{n}.csv": table.format(n) for n in range(4)}
    told = {"a.csv": "# Made by the logger. Times are in UTC.\nx,y\n1,2\n3,4\n"}
    for files in (many, told):
        assert texts(suggest(files, "titles"), "table-title") == []


def test_what_the_folder_speaks_of_is_told_with_every_title(see: Callable[..., EvidenceSet]) -> None:
    readme = "# River temperatures\n\nTemperatures of rivers.\n\n## Method\n\nThe river is measured daily.\n\n## Notes\n\nA river, 河川の水温.\n"
    echo = Echo(see({"README.md": readme, "river-2020.csv": "station,water_temperature\na,1.5\n"}))
    known, unknown = echo.features("River temperatures"), echo.features("Deep learning")
    assert known["echo"] == pytest.approx(5 / 6)  # three texts speak of rivers, two of temperatures
    assert known["in_paths"] == 0.5
    assert known["in_columns"] == 0.5
    assert echo.features("河川の水温")["echo"] == pytest.approx(1 / 3)
    assert unknown == {"echo": 0.0, "in_paths": 0.0, "in_columns": 0.0}
    assert echo.features("—") == {"echo": 0.0, "in_paths": 0.0, "in_columns": 0.0}


def test_what_stands_over_the_names_of_authors_is_the_title(suggest: Callable[..., list[Candidate]]) -> None:
    text = "# Levels of lakes\n\nJane Doe1, Richard Roe2\n\n1 University of Example 2 Example Institute\n\n## Results\n\nThe lakes rose.\n"
    assert texts(suggest({"README.md": text}, "titles"), "over-byline") == ["Levels of lakes"]


def test_title_in_the_form_of_an_attribution(suggest: Callable[..., list[Candidate]]) -> None:
    text = '# Words\n\nAttribution:\n"Word List by Jane Doe [https://example.org] is licensed under\nCC BY 4.0 International"\n'
    assert texts(suggest({"README.md": text}, "titles"), "attributed") == ["Word List"]


def test_title_in_a_japanese_attribution(suggest: Callable[..., list[Candidate]]) -> None:
    text = "# 利用について\n\n次のように書いてください。\n\n出典：湖の水位マップ（例示研究所）CC BY 4.0\n"
    assert texts(suggest({"NOTICE.md": text}, "titles"), "attributed") == ["湖の水位マップ"]
    assert [c.value["name"] for c in suggest({"NOTICE.md": text}, "creators")] == ["例示研究所"]


def test_empty_cells_behind_a_title_are_cut_off(suggest: Callable[..., list[Candidate]]) -> None:
    table = "Levels of lakes in spring.,,,,\nlake,a,b,c,d\nx,1,2,3,4\ny,1,2,3,4\n"
    assert not any(c.value["text"].endswith(",") for c in suggest({"levels.csv": table}, "titles"))


@pytest.mark.parametrize(
    "heading", ["License and citation", "Results and Discussion", "使い方・ライセンス", "この資料について"]
)
def test_headings_that_name_parts_are_generic(heading: str) -> None:
    assert is_generic(heading)


@pytest.mark.parametrize(
    ("file", "note"),
    [
        ("CONTRIBUTING.md", True),
        ("docs/contributing/review.md", True),
        ("RELEASE_PROCEDURE.md", True),
        ("LICENSE-DATA.txt", True),
        ("land-use-changes/README.md", False),
        ("fire_history.md", False),
        ("newspapers/README.md", False),
    ],
)
def test_notes_on_the_project_by_their_names(file: str, note: bool) -> None:
    assert is_note(file) is note


UNDERLINED = "Grassland nitrogen experiment, Blackwood prairie\n================================================\n\n"
SCRIPT = "#!/usr/bin/env Rscript\n# Analysis of grassland biomass\n# Author: Maria L. Fernandez\n# Date: 2017-02-01\nx <- 1\n"


def test_comments_of_a_script_are_no_title_beside_a_heading(suggest: Suggest) -> None:
    found = suggest({"README.txt": f"{UNDERLINED}Authors: Wei Zhang\n", "analysis.R": SCRIPT}, "titles")
    assert not [c for c in found if "Analysis" in c.value["text"]]
    alone = [c.value["text"] for c in suggest({"analysis.R": SCRIPT}, "titles")]
    assert "Analysis of grassland biomass" in alone
    assert not [text for text in alone if "Author" in text]


def test_the_paper_to_cite_stands_behind_the_heading(suggest: Suggest) -> None:
    cite = (
        "Please cite: Fernandez M, Zhang W (2017) Nitrogen addition reduces richness of grasslands. Ecology 98: 1-9.\n"
    )
    best = rank(suggest({"README.txt": UNDERLINED + cite}, "titles"))[0]
    assert best.value["text"] == "Grassland nitrogen experiment, Blackwood prairie"


def test_when_a_script_was_written_is_no_date_of_the_data(suggest: Suggest) -> None:
    assert suggest({"README.txt": UNDERLINED, "analysis.R": SCRIPT}, "dates") == []


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        ("聞き手：いつ頃でしょうか。\nB：昭和三十一年。\n聞き手：何人くらい。\nB：二十人はおったね。", True),
        ("Interviewer: When was that?\nP12: In 1956.\nInterviewer: How many?\nParticipant 3: Twenty.\nParticipant 3: Or so.", True),
        ("A: site\nB: depth\nC: temperature\nD: salinity", False),
    ],
)  # fmt: skip
def test_what_people_said_is_no_text_about_the_work(suggest: Suggest, text: str, talk: bool) -> None:
    assert is_talk(text.split("\n")) is talk
    found = suggest({"b.txt": f"Two visits to the plant by the harbour\n\n{text}\n"}, "titles")
    assert (found == []) is talk
    assert suggest({"README.txt": f"Two visits to the plant\n\n{text}\n"}, "titles")  # a README speaks for the folder
    assert not is_talk([text, "Much was measured at each of the sites. " * 80])
    assert not is_talk(["Q: How is it read?", "A: With pandas."])

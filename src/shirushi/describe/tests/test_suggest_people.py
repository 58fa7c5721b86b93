"""Names of people: told from organisations, split, cited; and who made a folder."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import docx
import pytest

from shirushi.describe.evidence import Candidate
from shirushi.describe.gazetteer import organisation
from shirushi.describe.names import (
    creator,
    fuller,
    is_bot,
    is_organisation,
    looks_like_person,
    orcid_of,
    same_words,
    split_people,
    unscrambled,
)
from shirushi.describe.seen import Context

Suggest = Callable[..., list[Candidate]]


@pytest.mark.parametrize(
    "name", ["Jane Doe", "Doe, Jane A.", "Ludwig van Beethoven", "山田 花子", "José Ortega y Gasset"]
)
def test_person_is_recognised(name: str) -> None:
    assert looks_like_person(name)


@pytest.mark.parametrize(
    "name",
    ["University of Example", "東京大学", "the data", "Release notes", "dependabot[bot]", "観測データ一覧", "jane"],
)
def test_other_things_are_no_person(name: str) -> None:
    assert not looks_like_person(name)


def test_organisation_and_bot() -> None:
    assert is_organisation("国立情報学研究所")
    assert is_bot("github-actions[bot]")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Jane Doe, John Smith and Ann Lee", ["Jane Doe", "John Smith", "Ann Lee"]),
        ("Doe, J.; Smith, A. B.", ["Doe, J", "Smith, A. B"]),
        ("Smith, A., Jones, B. C.", ["Smith, A", "Jones, B. C"]),
        ("山田 花子、鈴木 一郎", ["山田 花子", "鈴木 一郎"]),
        ("Jane Doe¹ (University of X), John Smith²", ["Jane Doe", "John Smith"]),
        ("Jane Doe (doe@example.org) John Smith <smith@example.org> Ann Lee", ["Jane Doe", "John Smith", "Ann Lee"]),
        ("Doe, Jane, John Smith and Ann Lee", ["Doe, Jane", "John Smith", "Ann Lee"]),
    ],
)
def test_split_people(text: str, names: list[str]) -> None:
    assert split_people(text) == names


def test_creator_as_cited() -> None:
    assert creator("Ludwig van Beethoven")["name"] == "van Beethoven, Ludwig"
    assert creator("Doe KB")["name"] == "Doe, K. B."
    japanese = creator("山田　花子")
    assert (japanese["name"], japanese["family_name"], japanese["lang"]) == ("山田 花子", "山田", "ja")


def test_orcid_with_a_wrong_check_character_is_none() -> None:
    assert orcid_of("0000-0002-1825-0097") == "0000-0002-1825-0097"
    assert orcid_of("0000-0002-1825-0098") is None


def test_same_words_with_initials() -> None:
    assert same_words("Doe, J.", "Jane Doe")
    assert not same_words("Doe, A.", "Jane Doe")


def test_creators_of_an_authors_section(suggest: Suggest) -> None:
    text = "# Lakes\n\n## Authors\n\n- Jane Doe (University of Example), https://orcid.org/0000-0002-1825-0097\n- John Smith\n"
    found = suggest({"README.md": text}, "creators")
    assert [c.value["name"] for c in found] == ["Doe, Jane", "Smith, John"]
    assert found[0].value["orcid"] == "0000-0002-1825-0097"
    assert found[0].value["affiliations"] == [{"name": "University of Example"}]
    assert {c.method for c in found} == {"creators.authors-section/1"}


def test_creators_of_a_japanese_text(suggest: Suggest) -> None:
    found = suggest({"README.txt": "■タイトル　海面水温\n作成者：山田 花子、鈴木 一郎\n所属：海洋大学\n"}, "creators")
    assert [c.value["name"] for c in found] == ["山田 花子", "鈴木 一郎"]
    assert found[0].value["affiliations"] == [{"name": "海洋大学"}]


def test_creators_of_git_without_accounts_and_bots(suggest: Suggest) -> None:
    text = "Jane Doe, x@uni.edu, 20\njdoe, x@uni.edu, 3\ndependabot[bot], x@users.noreply.github.com, 9\n"
    found = suggest({".git-authors.txt": text}, "creators")
    assert [(c.value["name"], c.method) for c in found] == [("Doe, Jane", "creators.git-lead/1")]
    assert found[0].features["institutional"] == 1.0


def test_creators_of_a_citation(suggest: Suggest) -> None:
    text = "# Lakes\n\nPlease cite: Doe, J., & Smith, A. B. (2020). Temperatures of lakes. Zenodo.\n"
    assert [c.value["name"] for c in suggest({"README.md": text}, "creators")] == ["Doe, J.", "Smith, A. B."]


def test_contributor_with_a_role(suggest: Suggest) -> None:
    found = suggest({"README.md": "# Lakes\n\nData collector: Jane Doe\n"}, "contributors")
    assert [(c.value["name"], c.value["role"]) for c in found] == [("Doe, Jane", "DataCollector")]


def test_organisation_of_the_gazetteer(shared: Path) -> None:
    table = shared / "schemas" / "ror" / "ror-jp.jsonl"
    known = organisation("Electronic Navigation Research Institute", table)
    assert known is not None
    assert known.url == "https://ror.org/000050t83"
    assert organisation("電子航法研究所", table) == known
    assert organisation("Nowhere Institute of Nothing", table) is None


def test_affiliation_gets_its_ror(suggest: Suggest, shared: Path) -> None:
    context = Context(ror=shared / "schemas" / "ror" / "ror-jp.jsonl")
    found = suggest({"README.txt": "作成者：山田 花子\n所属：電子航法研究所\n"}, "creators", context)
    assert found[0].value["affiliations"] == [{"name": "電子航法研究所", "ror": "https://ror.org/000050t83"}]


def test_byline_of_a_readme_with_marks(suggest: Suggest) -> None:
    readme = (
        "# Lakes\n\nSusanne Drynda¹, Ronny Otto¹ und Jens Hoebel² (Projektleitung)\n\n"
        "¹ Universität Magdeburg\n² Robert Koch-Institut\n"
    )
    found = suggest({"README.md": readme}, "creators")
    assert [(c.value["name"], c.value["affiliations"][0]["name"]) for c in found] == [
        ("Drynda, Susanne", "Universität Magdeburg"),
        ("Otto, Ronny", "Universität Magdeburg"),
        ("Hoebel, Jens", "Robert Koch-Institut"),
    ]


def test_list_without_marks_is_no_byline(suggest: Suggest) -> None:
    assert suggest({"README.md": "# Lakes\n\nLake Biwa, Lake Inawashiro, Lake Saroma\n"}, "creators") == []


def test_citation_outside_the_one_asked_for_is_left_out(suggest: Suggest) -> None:
    readme = (
        "# Lakes\n\nCite Doe, J., & Roe, R. (2022). Temperatures of lakes.\n\n"
        "## Literature\n\n- Poe E. Another work on lakes. Ultrasound Med Biol. 2021\n"
    )
    assert [c.value["name"] for c in suggest({"README.md": readme}, "creators")] == ["Doe, J.", "Roe, R."]


def test_placeholder_of_a_template_is_nobody(suggest: Suggest) -> None:
    assert suggest({"README.md": "# Lakes\n\n## Authors\n\n- Author, A.\n"}, "creators") == []


def test_name_read_in_the_wrong_encoding_is_put_right() -> None:
    assert [unscrambled(n) for n in ("WÃ¼nsche", "Wünsche", "山田", "Ã")] == ["Wünsche", "Wünsche", "山田", "Ã"]


def test_table_of_people_by_its_columns(suggest: Suggest) -> None:
    readme = (
        "# Lakes\n\n## Investigators\n\n"
        "| First Name | Middle Initial | Last Name | Organization | ORCID ID (optional) |\n|---|---|---|---|---|\n"
        "| Emily | J. | Rollinson | East Stroudsburg University | 0000-0003-3428-2352 |\n"
        "| Adam |  | Laybourn | Lautec ApS |  |\n"
    )
    found = {c.value["name"]: c.value for c in suggest({"README.md": readme}, "creators")}
    assert found["Rollinson, Emily J."]["orcid"] == "0000-0003-3428-2352"
    assert found["Laybourn, Adam"]["affiliations"] == [{"name": "Lautec ApS"}]
    assert len(found) == 2


def test_affiliation_in_the_bracket_of_each_name(suggest: Suggest) -> None:
    found = suggest(
        {"概要.txt": "【データ名】被度\n【作成者】山田花子（例示大学 農学部）、鈴木一郎（例示研究所）\n"}, "creators"
    )
    assert [(c.value["name"], c.value["affiliations"]) for c in found] == [
        ("山田花子", [{"name": "例示大学 農学部"}]),
        ("鈴木一郎", [{"name": "例示研究所"}]),
    ]


def test_affiliation_beside_an_address(suggest: Suggest) -> None:
    line = "- Hanako Yamada (Example Marine Laboratory, https://orcid.org/0000-0002-1825-0097)"
    (found,) = suggest({"README.md": f"# X\n\n## Authors\n\n{line}\n"}, "creators")
    assert (found.value["orcid"], found.value["affiliations"]) == (
        "0000-0002-1825-0097",
        [{"name": "Example Marine Laboratory"}],
    )


def test_a_heading_under_the_title_is_no_creator(suggest: Suggest) -> None:
    document = docx.Document()
    document.add_heading("架空諸島方言の談話音声データについて", 1)
    document.add_heading("謝辞", 2)
    document.add_paragraph("話者の皆様に感謝します。")
    stream = BytesIO()
    document.save(stream)
    assert [c.value["name"] for c in suggest({"説明.docx": stream.getvalue()}, "creators")] == []


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Doe KB", "Kim B. Doe", True),
        ("Müller, Jörg", "Joerg Mueller", True),
        ("Wu LI", "Li, Wu", True),
        ("Jun LEE", "Jun Lee", True),
        ("山田 花子", "山田花子", True),
        ("がく 太郎", "かく 太郎", False),  # voicing marks tell names apart
        ("Roe, J.", "Roe, Kate", False),
    ],
)
def test_same_person_written_differently(a: str, b: str, same: bool) -> None:
    assert same_words(a, b) is same


def test_spelling_that_says_more_stands() -> None:
    assert fuller("Joerg Mueller", "Jörg Müller") == "Jörg Müller"
    assert fuller("Jane Doe", "Jane A. Doe") == "Jane A. Doe"


def test_creators_of_the_work_that_a_text_opens_with(suggest: Suggest) -> None:
    text = "# Data\n\nDoe, J. A., Roe, R., & Poe, E. (2020). **[Levels of twelve lakes in spring.](https://doi.org/10.1234/x)** _Lakes_, 1.\n"
    found = suggest({"README.md": text}, "creators")
    assert [(c.value["name"], c.method) for c in found] == [
        (name, "creators.cited-first/1") for name in ("Doe, J. A.", "Roe, R.", "Poe, E.")
    ]


def test_creator_in_the_form_of_an_attribution(suggest: Suggest) -> None:
    text = '# Words\n\nAttribution:\n"Word List by Jane Doe [https://example.org/doe] is licensed under\nCC BY 4.0 International"\n'
    assert [c.value["name"] for c in suggest({"README.md": text}, "creators")] == ["Doe, Jane"]


def test_names_in_a_heading_under_title_and_date(suggest: Suggest) -> None:
    text = "# 湖の水位のためのガイドライン\n\nver 0.9\n\n# 山田花子・鈴木一郎・佐藤健太\n\n# 目次\n\n本文。\n"
    assert [c.value["name"] for c in suggest({"guide.md": text}, "creators")] == ["山田花子", "鈴木一郎", "佐藤健太"]


def test_affiliations_that_ran_into_the_byline(suggest: Suggest) -> None:
    text = (
        "# Levels of lakes\n\nJane S. Doe1, Richard Roe-Poe2, and Edgar Poe1 1CEX, University of Example "
        "2Department of Lakes, Example Institute\n\nA text.\n"
    )
    found = suggest({"README.md": text}, "creators")
    assert [(c.value["name"], c.value["affiliations"][0]["name"]) for c in found] == [
        ("Doe, Jane S.", "CEX, University of Example"),
        ("Roe-Poe, Richard", "Department of Lakes, Example Institute"),
        ("Poe, Edgar", "CEX, University of Example"),
    ]


def test_holder_whose_name_has_an_and_is_one(suggest: Suggest) -> None:
    licence = "MIT License\n\nCopyright (c) 2024 Research Institute for Lakes and Forest\n\nPermission is hereby granted, free of charge, to any person\n"
    names = [c.value["name"] for c in suggest({"LICENSE": licence, "README.md": "# X\n"}, "creators")]
    assert names == ["Research Institute for Lakes and Forest"]


def test_initials_alone_name_nobody() -> None:
    assert not looks_like_person("M.V.E., J. N.")


def homes(found: list[Candidate]) -> list[tuple[str, list[str]]]:
    return [(c.value["name"], [a["name"] for a in c.value.get("affiliations", [])]) for c in found]


def test_affiliations_by_numbers_in_brackets(suggest: Suggest) -> None:
    text = "# X\n\nLena Fischer (1), Jan Novak (2), Ana Lima (1)\n\n(1) University of Bonn (2) Charles University, Prague\n\nText.\n"
    assert homes(suggest({"README.md": text}, "creators")) == [
        ("Fischer, Lena", ["University of Bonn"]),
        ("Novak, Jan", ["Charles University, Prague"]),
        ("Lima, Ana", ["University of Bonn"]),
    ]


def test_organisation_behind_an_author_is_where_he_works(suggest: Suggest) -> None:
    assert homes(suggest({"README.md": "# X\n\nAuthor: Lena Fischer, Uni Bonn\n"}, "creators")) == [
        ("Fischer, Lena", ["Uni Bonn"])
    ]


def test_bilingual_key_names_and_homes(suggest: Suggest) -> None:
    text = "# 湖の水位\n\n湖の水位の記録。\n\n著者 / Authors: 山本 健 (Ken Yamamoto) 滋賀大学, 林 さくら (Sakura Hayashi) 京都大学\n"
    assert homes(suggest({"README.md": text}, "creators")) == [("山本 健", ["滋賀大学"]), ("林 さくら", ["京都大学"])]


def test_contributors_by_their_parts_and_in_japanese(suggest: Suggest) -> None:
    text = "# X\n\nContributors: Data collection: Kana Mori; Software: Jo Smith\n\n研究分担者：鈴木　一郎（東京大学大学院理学系研究科）\n"
    found = suggest({"README.md": text}, "contributors")
    assert [(c.value["name"], c.value["role"]) for c in found] == [
        ("Mori, Kana", "DataCollector"),
        ("Smith, Jo", "Other"),
        ("鈴木 一郎", "ProjectMember"),
    ]
    assert homes(found)[2][1] == ["東京大学大学院理学系研究科"]


def test_numbered_heading_is_no_line_of_names(suggest: Suggest) -> None:
    assert suggest({"README.md": "# 湖の調査\n\n## 1. 調査地、方法\n\n本文。\n"}, "creators") == []


@pytest.mark.parametrize(
    "text",
    [
        "Unlike the earlier survey conducted by John Watson, we counted tracks.",
        "Tracks were not collected by John Watson.",
    ],
)
def test_makers_of_other_works_are_no_creators(text: str, suggest: Suggest) -> None:
    assert suggest({"README.md": f"# Tracks\n\n{text}\n"}, "creators") == []


_FORM = """This README file was generated on 2021-03-01 by Keiko Arai.

GENERAL INFORMATION

1. Title of Dataset: Pollen of Lake Mikata

2. Author Information
\tA. Principal Investigator Contact Information
\t\tName: Keiko Arai
\t\tInstitution: Fukui University
\t\tEmail: k.arai@example.org

\tB. Associate or Co-investigator Contact Information
\t\tName: Paul Dubois
\t\tInstitution: University of Lyon
\t\tORCID: 0000-0002-1825-0097

\tC. Alternate Contact Information
\t\tName: Rin Mori
\t\tEmail: r.mori@example.org

3. Date of data collection (single date, range, approximate date): 2014-06-01 to 2014-08-15

4. Geographic location of data collection: Lake Mikata, Fukui, Japan

5. Information about funding sources that supported the collection of the data: Kuroshio Foundation (grant 2014-55)
"""
_BARE = """## Author Information

Principal Investigator Contact Information
Name: Keiko Arai
Institution: Fukui University
Email: k.arai@example.org

**Associate or Co-investigator Contact Information**

- **Name:** Paul Dubois
- **Institution:** University of Lyon
- **ORCID:** 0000-0002-1825-0097
"""


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("README.txt", _FORM),
        ("README.md", f"# Pollen of Lake Mikata\n\n{_BARE}"),
        ("README.txt", f"Pollen of Lake Mikata\n\n{_BARE.replace('**', '').replace('## ', '')}"),
        ("README.txt", "\n".join(line.strip() for line in _FORM.splitlines() if line.strip())),
    ],
    ids=["numbered", "markdown", "plain", "run together"],
)
def test_contact_blocks_of_a_template(file: str, text: str, suggest: Suggest) -> None:
    found = suggest({file: text}, "creators")
    assert [(c.value["name"], c.value["affiliations"], c.value.get("orcid")) for c in found] == [
        ("Arai, Keiko", [{"name": "Fukui University"}], None),
        ("Dubois, Paul", [{"name": "University of Lyon"}], "0000-0002-1825-0097"),
    ]
    told = suggest({file: text}, "descriptions")
    assert [c.value["text"] for c in told if "@" in c.value["text"] or "generated" in c.value["text"]] == []


def test_answers_of_a_template(suggest: Suggest) -> None:
    files = {"README.txt": _FORM}
    assert [c.value["text"] for c in suggest(files, "titles") if c.method.startswith("titles.label")] == [
        "Pollen of Lake Mikata"
    ]
    assert not [c for c in suggest(files, "titles") if "Title of" in c.value["text"] or "README" in c.value["text"]]
    assert {"place": "Lake Mikata, Fukui, Japan"} in [c.value for c in suggest(files, "locations")]
    assert "2014-06-01/2014-08-15" in [c.value["date"] for c in suggest(files, "dates")]
    assert {(c.value["funder"], c.value["award"]) for c in suggest(files, "funding")} == {
        ("Kuroshio Foundation", "2014-55")
    }
    assert [(c.value["name"], c.value["role"]) for c in suggest(files, "contributors")] == [
        ("Mori, Rin", "ContactPerson")
    ]


@pytest.mark.parametrize(
    ("file", "under", "name", "home"),
    [
        ("README.md", "By Saki Higa", "Higa, Saki", None),
        ("README.md", "*Olga Petrova, University of Innsbruck*", "Petrova, Olga", "University of Innsbruck"),
        ("a.ipynb", "*Olga Petrova, University of Innsbruck*", "Petrova, Olga", "University of Innsbruck"),
        ("a.ipynb", "**Author:** Olga Petrova", "Petrova, Olga", None),
        ("README.md", "Mont Blanc", None, None),
        ("README.md", "By Way of Introduction", None, None),
    ],
)
def test_one_author_under_a_heading(
    file: str, under: str, name: str | None, home: str | None, suggest: Suggest
) -> None:
    text = f"# Snowmelt in the Alps\n\n{under}\n\nSnow was measured at 12 stations.\n"
    cells = [{"cell_type": "markdown", "source": text, "metadata": {}}]
    whole = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    found = suggest({file: whole if file.endswith(".ipynb") else text}, "creators")
    assert [c.value["name"] for c in found] == ([name] if name else [])
    assert [c.value.get("affiliations") for c in found] == ([[{"name": home}] if home else None] if name else [])

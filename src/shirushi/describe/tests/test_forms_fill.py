"""Forms filled from small folders: answers with their evidence, valid against the form; what nobody says is left out."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from shirushi.describe import describe
from shirushi.describe.evidence import LinePlace, Suggestion, suggestion_from_json, to_json
from shirushi.describe.forms import form_of, read_form
from shirushi.describe.forms.fill import Filled
from shirushi.describe.forms.validate import errors_of
from shirushi.describe.tests.conftest import quoted

README = """# Leaf traits of alpine shrubs

Leaf mass per area and nitrogen of 14 shrub species on Mt. Kasa, measured in the summers of 2021 and 2022 to compare slopes.

**Authors:** Mei Tanabe (University of Sakae), Jon Berg
**Licence:** CC BY-SA 4.0
**Repository:** Sakae Data Archive, https://data.example.org/777

## Contact

Mei Tanabe, Department of Botany, University of Sakae
mei@example.ac.jp

## Funding

This work was supported by JSPS KAKENHI Grant Number JP21K01234 (Grant-in-Aid for Early-Career Scientists, "Shrubs on the move").
"""
NOTICE = """採択通知（控え）

資金配分機関: 国立研究開発法人科学技術振興機構
体系的番号: JPMJMS9999
研究課題名: 架空の膜の研究
研究分野: ナノテク・材料
データ管理者: 森 由美
データ管理者のe-Rad研究者番号: 12345678
公開予定日: 令和9年4月1日
アクセス権: 公開期間猶予
備考: 試料は3点
"""
TABLE = "species,lma_g_m2,height_m\na,101.5,0.3\nb,99.1,0.4\n"
Fill = Callable[[Mapping[str, str], Mapping[str, Any]], Filled]


@pytest.fixture
def filled(tmp_path: Path) -> Fill:
    """A folder written and described with a form as the target. The document is valid, every answer has a place that is there."""

    def run(files: Mapping[str, str], schema: Mapping[str, Any]) -> Filled:
        folder = tmp_path / "folder"
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        form = form_of(schema)
        result = describe(folder, target=form).filled
        assert result is not None
        assert errors_of(form, result.answers) == []
        for suggestion in result.suggestions:
            for item in suggestion.evidence:
                if isinstance(item.place, LinePlace):
                    assert quoted(folder / item.place.file, item.place).startswith(item.place.quote)
        return result

    return run


def of(filled: Filled, target: str) -> list[Suggestion]:
    return [s for s in filled.suggestions if s.target == target]


def text(title: str, **more: object) -> dict[str, object]:
    return {"type": "string", "title": title, **more}


def test_a_form_in_english_with_groups_lists_and_choices(filled: Fill) -> None:
    person = {"type": "object", "properties": {"familyName": text("Family name"), "givenName": text("Given name")}}
    result = filled(
        {"README.md": README, "traits.csv": TABLE},
        {
            "type": "object",
            "properties": {
                "name": text("Dataset title"),
                "people": {"type": "array", "title": "Creators", "items": person},
                "contact": {
                    "type": "object",
                    "title": "Contact person",
                    "properties": {
                        "name": text("Name"),
                        "mail": text("E-mail", format="email"),
                        "where": text("Affiliation"),
                    },
                },
                "licence": {"title": "Licence", "enum": ["CC-BY-4.0", "CC-BY-SA-4.0"]},
                "award": text("Grant number"),
                "agency": text("Funding agency"),
                "scheme": text("Funding programme"),
                "project": text("Project title"),
                "archive": text("Repository"),
                "formats": {"type": "array", "title": "File formats", "items": {"enum": ["CSV", "netCDF"]}},
                "files": {"type": "integer", "title": "Number of files"},
                "bytes": {"type": "number", "title": "Data size", "x-unit": "B"},
                "shoe": text("Shoe size of the dean"),
            },
        },
    )
    assert result.answers == {
        "name": "Leaf traits of alpine shrubs",
        "people": [{"familyName": "Tanabe", "givenName": "Mei"}, {"familyName": "Berg", "givenName": "Jon"}],
        "contact": {
            "name": "Mei Tanabe",
            "mail": "mei@example.ac.jp",
            "where": "Department of Botany, University of Sakae",
        },
        "licence": "CC-BY-SA-4.0",
        "award": "JP21K01234",
        "agency": "Japan Society for the Promotion of Science",
        "scheme": "Grant-in-Aid for Early-Career Scientists",
        "project": "Shrubs on the move",
        "archive": "Sakae Data Archive",
        "formats": ["CSV"],
        "files": 2,
        "bytes": len(TABLE),
    }
    (mail,) = of(result, "/contact/mail")
    assert mail.evidence[0].place.file == "README.md"
    assert mail.evidence[0].kind == "paragraph"
    assert 0.5 < mail.confidence < 1
    assert mail.method.startswith("form.contact.email:")
    assert not of(result, "/shoe")


def test_a_form_in_japanese_from_a_notice(filled: Fill) -> None:
    options = [
        {"text": "489", "tooltip": "ナノテク・材料|Nanotechnology/Materials"},
        {"text": "389", "tooltip": "環境|Environment"},
    ]
    access = [
        {"text": "open access", "tooltip": "公開|open"},
        {"text": "embargoed access", "tooltip": "公開期間猶予|embargoed"},
    ]
    asked = [
        {"qid": "funder", "title": "資金配分機関情報|Funder", "type": "choose", "options": [{"text": "JST", "tooltip": "科学技術振興機構|Japan Science and Technology Agency"}, {"text": "JSPS", "tooltip": "日本学術振興会"}]},
        {"qid": "number", "title": "体系的番号|Japan Grant Number", "type": "string"},
        {"qid": "name-ja", "title": "プロジェクト名 (日本語)", "type": "string"},
        {"qid": "name-en", "title": "Project name (English)", "type": "string"},
        {"qid": "field", "title": "プロジェクトの分野|Research field", "type": "choose", "options": options},
        {"qid": "man", "title": "データ管理者 (日本語)|Data manager (Japanese)", "type": "string"},
        {"qid": "man-no", "title": "データ管理者の e-Rad 研究者番号", "type": "string", "pattern": "^[0-9]+$"},
        {"qid": "access", "title": "アクセス権", "type": "choose", "options": access},
        {"qid": "from", "title": "公開予定日 (公開期間猶予の場合)", "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        {"qid": "remarks", "title": "備考 (日本語)", "type": "string", "format": "textarea"},
    ]  # fmt: skip
    result = filled({"採択通知.txt": NOTICE}, {"pages": [{"questions": asked}]})
    assert result.answers == {
        "funder": "JST",
        "number": "JPMJMS9999",
        "name-ja": "架空の膜の研究",
        "field": "489",
        "man": "森 由美",
        "man-no": "12345678",
        "access": "embargoed access",
        "from": "2027-04-01",
        "remarks": "試料は3点",
    }
    (release,) = of(result, "/from")
    assert release.evidence[0].place.quote == "令和9年4月1日"


def test_a_contradiction_stands_beside_as_an_alternative(filled: Fill) -> None:
    files = {"README.md": "# Ice cores of the bay\n\nLicence: CC BY 4.0\n", "sub/README.md": "# Part\n\nLicence: CC0\n"}
    schema = {"properties": {"licence": {"title": "Licence", "enum": ["CC0-1.0", "CC-BY-4.0"]}}}
    result = filled(files, schema)
    assert result.answers == {"licence": "CC-BY-4.0"}
    first, second = of(result, "/licence")
    assert (first.alternative, second.alternative) == (False, True)
    assert second.value == "CC0-1.0"
    assert second.confidence < first.confidence


def test_what_the_form_does_not_take_is_not_put_in(filled: Fill) -> None:
    schema = {
        "properties": {
            "award": text("Grant number", pattern="^[0-9]{4}$"),
            "mail": text("E-mail", pattern="(?=unsafe).*"),
            "licence": {"title": "Licence", "enum": ["MIT"]},
            "name": text("Title", maxLength=5),
        }
    }
    assert filled({"README.md": README}, schema).answers == {}


def test_answers_that_only_the_whole_form_refuses_are_dropped(filled: Fill) -> None:
    schema = {
        "properties": {"name": text("Title"), "award": text("Grant number")},
        "allOf": [{"properties": {"award": {"const": "never"}}}],
        "required": ["name", "award"],
    }
    result = filled({"README.md": README}, schema)
    assert result.answers == {"name": "Leaf traits of alpine shrubs"}
    assert [q.path for q in result.missing()] == [("award",)]


def test_alternatives_that_differ_in_what_they_require_do_not_empty_the_form(filled: Fill) -> None:
    schema = {
        "properties": {"name": text("Title"), "award": text("Grant number")},
        "oneOf": [{"required": ["name"]}, {"required": ["award"]}],
    }
    assert set(filled({"README.md": README}, schema).answers) == {"name", "award"}


def test_the_language_asked_is_the_language_given(filled: Fill) -> None:
    readme = "# 架空湖の水質 / Water of Lake Kaku\n\n架空湖の水質を毎月測定し、十年間の変化を調べるために集めたデータです。採水は湖心の表層で行いました。\n\nMonthly water quality of Lake Kaku, collected to follow ten years of change at the surface of the lake.\n"
    schema = {
        "properties": {
            "a": text("タイトル（日本語）"),
            "b": text("Title (English)"),
            "c": text("概要", **{"x-lang": "ja"}),
            "d": text("Abstract", **{"x-lang": "en"}),
        }
    }
    assert filled({"README.md": readme}, schema).answers == {
        "a": "架空湖の水質",
        "b": "Water of Lake Kaku",
        "c": "架空湖の水質を毎月測定し、十年間の変化を調べるために集めたデータです。採水は湖心の表層で行いました。",
        "d": "Monthly water quality of Lake Kaku, collected to follow ten years of change at the surface of the lake.",
    }


def test_a_question_that_no_concept_fits_is_compared_with_keys(filled: Fill) -> None:
    notes = "# Run\n\nExcitation wavelength: 365 nm\nlamp hours: 1,240\n装置の設置場所の標高: 312 m\n"
    schema = {
        "properties": {
            "nm": {"type": "number", "title": "Wavelength of excitation"},
            "hours": {"type": "integer", "title": "Lamp hours"},
            "height": {"type": "number", "title": "装置設置場所の標高"},
        }
    }
    result = filled({"README.md": notes}, schema)
    assert result.answers == {"nm": 365, "hours": 1240, "height": 312}
    assert {s.method for s in result.suggestions} == {"form.letters"}
    assert all(s.confidence < 0.9 for s in result.suggestions)


def test_the_one_to_ask_is_the_creator_whose_name_the_address_holds(filled: Fill) -> None:
    person = {
        "type": "object",
        "title": "連絡担当者",
        "properties": {
            "name": text("氏名"),
            "no": text("e-Rad研究者番号"),
            "kind": {"title": "種類", "enum": ["個人", "組織"]},
        },
    }
    readme = "# 架空湖のプランクトン\n\n作成者: 森田 由美、Ana Lima\n\n質問は morita.y@example.ac.jp まで（e-Rad 12345678）。\n"
    result = filled({"README.md": readme}, {"properties": {"contact": person}})
    assert result.answers == {"contact": {"name": "森田 由美", "no": "12345678", "kind": "個人"}}


def test_an_embargo_is_a_day_and_an_access_right(filled: Fill) -> None:
    schema = {
        "properties": {
            "access": {"title": "アクセス権", "enum": ["公開", "共有", "非公開", "公開期間猶予"]},
            "day": {"type": "string", "format": "date", "title": "公開予定日"},
        }
    }
    asked = {"access": "公開期間猶予", "day": "2027-10-01"}
    assert (
        filled(
            {"README.md": "# 膜\n\n特許出願のため2027年10月1日まで非公開、その後CC BYで公開予定です。\n"}, schema
        ).answers
        == asked
    )
    english = "# Membranes\n\nThe data are under embargo until 1 October 2027 and then released under CC BY 4.0.\n"
    assert filled({"README.md": english}, schema).answers == asked


def test_metadata_of_data_that_are_kept_back_are_not_called_open(filled: Fill) -> None:
    asked = {"properties": {"m": {"title": "メタデータのアクセス権", "enum": ["公開", "非公開"]}}}
    assert filled({"README.md": "# A study of gait\n\nThe data are openly available under CC0.\n"}, asked).answers == {
        "m": "公開"
    }
    restricted = "# A study of gait\n\nThe data are available on request. Example files may be used under CC0.\n"
    assert filled({"README.md": restricted}, asked).answers == {}


@pytest.mark.parametrize(
    ("thanks", "program", "project"),
    [
        ("科学研究費助成事業 基盤研究(C)「架空の研究」(JP20K00001)の成果です。", "基盤研究(C)", "架空の研究"),
        ("本研究は、JST、CREST、JPMJCR9999の支援を受けたものです。", "CREST", None),
        ("NEDO「架空技術開発」(JPNP99999) の委託業務で得られた。", "架空技術開発", None),
        ("Supported by Health and Labour Sciences Research Grants from the Ministry of Health, Labour and Welfare (JPMH99FD0001).", "Health and Labour Sciences Research Grants", None),
        ("Done under the Environment Research and Technology Development Fund (JPMEERF20999901) of ERCA, project \"Imagined heat\".", "Environment Research and Technology Development Fund", "Imagined heat"),
    ],
)  # fmt: skip
def test_programme_and_project_in_words_of_thanks(filled: Fill, thanks: str, program: str, project: str | None) -> None:
    schema = {"properties": {"program": text("Funding programme"), "project": text("Project title")}}
    result = filled({"README.md": f"# On things\n\n## Acknowledgements\n\n{thanks}\n"}, schema)
    assert result.answers == {"program": program, **({"project": project} if project else {})}


def test_where_several_may_be_chosen_the_known_one_is_a_list(filled: Fill) -> None:
    options = [
        {"text": "a", "tooltip": "観測データ|observational data"},
        {"text": "b", "tooltip": "実験データ|experimental data"},
    ]
    asked = {
        "qid": "kind",
        "title": "データ種別|Data type",
        "type": "choose",
        "format": "multiselect",
        "options": options,
    }
    files = {"README.md": "# Mooring in Kaku Bay\n\nTemperature observed by a mooring.\n"}
    assert filled(files, {"pages": [{"questions": [asked]}]}).answers == {"kind": ["a"]}


def test_labels_with_other_numbers_are_other_questions(filled: Fill) -> None:
    files = {"README.md": "# Run\n\nLamp 1 hours: 12\nLamp 2 hours: 34\n"}
    schema = {"properties": {f"l{n}": {"type": "integer", "title": f"Lamp {n} hours"} for n in (1, 2, 3)}}
    assert filled(files, schema).answers == {"l1": 12, "l2": 34}


def test_funder_and_title_are_those_of_the_award_that_is_given(filled: Fill) -> None:
    files = {
        "README.md": '# Things\n\nSupported by JSPS KAKENHI Grant Number JP21K01234 ("First project").\n',
        "notice.txt": "研究課題情報\n\n資金配分機関: 科学技術振興機構\n課題番号: JPMJMS9999\nProject title: Second project\n",
    }
    schema = {"properties": {"n": text("Grant number"), "who": text("Funding agency"), "what": text("Project title")}}
    first = {"n": "JP21K01234", "who": "Japan Society for the Promotion of Science", "what": "First project"}
    second = {"n": "JPMJMS9999", "who": "Japan Science and Technology Agency", "what": "Second project"}
    result = filled(files, schema)
    assert result.answers in (first, second)
    numbers = {s.value for s in of(result, "/n")}
    assert numbers == {"JP21K01234", "JPMJMS9999"}


def test_a_kakenhi_number_without_letters_is_the_same_award(filled: Fill) -> None:
    files = {"README.md": "# Things\n\n科研費 JP20K00001 の成果です。\n", "通知.txt": "通知\n\n課題番号: 20K00001\n"}
    result = filled(files, {"properties": {"n": text("体系的番号")}})
    assert [(s.value, s.alternative) for s in result.suggestions] == [("JP20K00001", False)]


def test_measured_quantities_are_columns_with_numbers(filled: Fill) -> None:
    row = {"type": "object", "required": ["name"], "properties": {"name": text("Name"), "unit": text("Unit")}}
    result = filled({"t.csv": TABLE}, {"properties": {"q": {"type": "array", "title": "測定項目", "items": row}}})
    assert [entry["name"] for entry in result.answers["q"]] == ["lma_g_m2", "height_m"]
    assert result.answers["q"][1]["unit"] == "m"


def test_an_empty_folder_leaves_the_form_empty(filled: Fill) -> None:
    result = filled(
        {"nothing.bin": "\0\1"}, {"properties": {"name": text("Title"), "mail": text("E-mail")}, "required": ["mail"]}
    )
    assert result.answers == {}
    assert [q.path for q in result.missing()] == [("mail",)]


def test_the_result_is_plain_json_and_the_same_again(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(README, "utf-8")
    form = form_of({"properties": {"name": text("Title"), "m": text("E-mail")}})
    first, second = (describe(tmp_path, target=form) for _ in range(2))
    assert first.filled is not None
    assert second.filled is not None
    assert json.dumps(first.filled.to_json()) == json.dumps(second.filled.to_json())
    assert first.to_json()["filled"]["answers"] == first.filled.answers
    for suggestion in first.filled.suggestions:
        assert suggestion_from_json(json.loads(json.dumps(to_json(suggestion)))) == suggestion
    assert describe(tmp_path).filled is None


def test_hostile_texts_in_a_folder_end_soon(filled: Fill) -> None:
    long = "a" * 3_000
    files = {
        "README.md": f"# T\n\nContact: {'(' * 900}{long}\n\n{'the The ' * 400} Fund supported by JSPS {long}@\n\n{'「' * 500}助成{long}\n",
        "多い.md": "\n".join(f"key {n}: value {n}" for n in range(4_000)),
    }
    schema = {"properties": {f"q{n}": text(f"Contact e-mail of person {n} 質問{n}") for n in range(300)}}
    result = filled(files, schema)
    assert isinstance(result.answers, dict)


def test_very_many_names_and_numbers_end_soon(filled: Fill) -> None:
    lines = [
        f"Author: Ana Lima{n}\ne-Rad: {10_000_000 + n}\n研究代表者: 森 由美\nInstitution: University {n}\n"
        for n in range(700)
    ]
    started = time.monotonic()
    result = filled({"README.md": "# Names\n\n" + "\n".join(lines)}, {"properties": {"m": text("Contact e-mail")}})
    assert result.answers == {}
    assert time.monotonic() - started < 30


def test_e_rad_form_of_grdm_is_filled(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "採択通知.txt").write_text(NOTICE, "utf-8")
    (tmp_path / "README.md").write_text(README.partition("## Funding")[0], "utf-8")
    (tmp_path / "traits.csv").write_text(TABLE, "utf-8")
    form = read_form(shared / "schemas" / "grdm" / "e-rad-metadata-1.json")
    filled = describe(tmp_path, target=form).filled
    assert filled is not None
    assert errors_of(form, filled.answers) == []
    assert {
        "japan-grant-number": "JPMJMS9999",
        "project-name-ja": "架空の膜の研究",
        "funder": "JST",
        "grdm-files": "traits.csv",
        "grdm-file:title-en": "Leaf traits of alpine shrubs",
        "grdm-file:data-policy-license": "CCBYSA",
        "grdm-file:available-date": "2027-04-01",
        "grdm-file:data-man-number": "12345678",
        "grdm-file:data-man-email": "mei@example.ac.jp",
    }.items() <= filled.answers.items()
    assert [c.get("name_en") for c in filled.answers["grdm-file:creators"]] == ["Mei Tanabe", "Jon Berg"]


LOGGER = "time,temp\n2021-03-04,1.5\n2021-03-05,2.5\n2021-04-06,3.5\n"
ONE_END = [
    ("Start of data collection", "2021-03-04"),
    ("データ収集開始日", "2021-03-04"),
    ("End of data collection", "2021-04-06"),
    ("Data collection end date", "2021-04-06"),
    ("データ収集終了日", "2021-04-06"),
    ("End date", "2021-04-06"),
]


@pytest.mark.parametrize("more", [{}, {"format": "date"}])
@pytest.mark.parametrize(("title", "day"), ONE_END)
def test_one_end_of_a_period(title: str, day: str, more: Mapping[str, str], filled: Fill) -> None:
    files = {"data.csv": LOGGER, "README.md": "# Loggers\n\n作成日: 2022-10-01\n"}
    assert filled(files, {"properties": {"a": text(title, **more)}}).answers == {"a": day}


def test_a_period_is_no_day_and_the_end_of_a_project_is_none(filled: Fill) -> None:
    project = {"type": "object", "title": "Project", "properties": {"end": text("End date")}}
    schema = {"properties": {"a": text("Collection period", format="date"), "project": project}}
    assert filled({"data.csv": LOGGER}, schema).answers == {}


def test_personal_information_that_was_seen_is_told(filled: Fill) -> None:
    people = "name,mail,phone\nHanako Yamada,h@example.ac.jp,090-1234-5678\nTaro Sato,t@example.ac.jp,090-2345-6789\n"
    schema = {
        "properties": {
            "a": {"type": "boolean", "title": "Does the data contain personal information?"},
            "b": {"title": "個人情報を含むか", "enum": ["含まない", "含む"]},
            "c": text("Personal information"),
        }
    }
    result = filled({"people.csv": people}, schema)
    assert result.answers == {"a": True, "b": "含む"}
    (answer,) = of(result, "/a")
    assert answer.evidence[0].kind == "sensitive"
    assert 0.2 <= answer.confidence < 0.75
    assert filled({"people.csv": LOGGER}, schema).answers.get("a") is not False


def test_every_format_of_the_data_is_listed(filled: Fill) -> None:
    schema = {"properties": {"f": {"type": "array", "title": "File formats", "items": {"type": "string"}}}}
    assert filled({"a.csv": LOGGER, "b.tsv": LOGGER.replace(",", "\t")}, schema).answers == {"f": ["csv", "tsv"]}


def test_what_the_form_refuses_is_told(filled: Fill) -> None:
    result = filled({"README.md": README}, {"properties": {"name": text("Title", maxLength=5)}})
    (refused,) = result.refused
    assert (refused.target, refused.value, refused.reason) == ("/name", "Leaf traits of alpine shrubs", "maxLength")
    assert result.to_json()["refused"] == [
        {"target": "/name", "value": "Leaf traits of alpine shrubs", "reason": "maxLength"}
    ]


def test_required_groups_and_lists_that_stay_empty_are_missing(filled: Fill) -> None:
    pair = {"x": text("Shoe size"), "y": text("Hat size")}
    schema = {
        "required": ["dean", "budget", "items", "who"],
        "properties": {
            "dean": {"type": "object", "title": "Of the dean", "properties": pair},
            "budget": {"type": "object", "properties": pair, "required": ["x"]},
            "items": {"type": "array", "title": "Hats", "items": text("Hat size")},
            "who": {"type": "object", "title": "Contact person", "properties": {"name": text("Name")}},
        },
    }
    assert filled({"README.md": README}, schema).to_json()["missing"] == ["/budget/x", "/dean", "/items"]


@pytest.mark.parametrize(
    ("pattern", "doi"),
    [(r"^10\.\d+/.+$", "10.1234/jjlim.2021.045"), (r"^https://doi\.org/", "https://doi.org/10.1234/jjlim.2021.045")],
)
def test_identifier_is_written_as_the_form_asks_for_it(filled: Fill, pattern: str, doi: str) -> None:
    form = {"type": "object", "properties": {"doi": {"title": "DOI", "type": "string", "pattern": pattern}}}
    readme = "# Lakes\n\nDOI: https://doi.org/10.1234/jjlim.2021.045\n"
    found = filled({"README.md": readme, "a.csv": "x\n1\n"}, form)
    assert (found.answers, found.refused) == ({"doi": doi}, ())

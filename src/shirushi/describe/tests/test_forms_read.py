"""Forms read into questions: JSON Schema in several dialects, registration schemas, and what is no form."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from shirushi.describe.forms import BadForm, form_of, read_form
from shirushi.describe.forms.form import Question
from shirushi.describe.forms.validate import accepts, errors_of, matches


def questions(schema: dict[str, Any]) -> dict[str, Question]:
    return {"/".join(q.path): q for q in form_of(schema).questions}


def test_json_schema_labels_types_and_options_in_two_languages() -> None:
    found = questions(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "required": ["kind"],
            "properties": {
                "kind": {
                    "title": "データ種別|Data type",
                    "oneOf": [{"const": 1, "title": "観測|Observation"}, {"const": 2, "title": "実験|Experiment"}],
                },
                "volume": {"type": "number", "title": "Volume (GB)", "x-title-ja": "容量（GB）"},
                "issued": {"type": ["string", "null"], "format": "date"},
                "grantNumber": {"type": "string"},
                "lang": {"enum": ["ja", "en"], "x-enum-titles": {"ja": ["日本語", "英語"]}},
            },
        }
    )
    kind = found["kind"]
    assert kind.labels == (("ja", "データ種別"), ("en", "Data type"))
    assert (kind.type, kind.required) == ("choice", True)
    assert [(o.value, o.labels) for o in kind.options] == [
        (1, (("ja", "観測"), ("en", "Observation"))),
        (2, (("ja", "実験"), ("en", "Experiment"))),
    ]
    assert (found["volume"].type, found["volume"].unit) == ("number", "GB")
    assert found["issued"].type == "date"
    assert found["grantNumber"].label() == "grant number"
    assert found["lang"].options[1].words() == ["en", "英語"]


def test_draft_07_references_groups_and_lists() -> None:
    found = questions(
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": {"person": {"type": "object", "properties": {"name": {"type": "string", "title": "氏名"}}}},
            "properties": {
                "authors": {"type": "array", "title": "作成者", "items": {"$ref": "#/definitions/person"}},
                "contact": {"allOf": [{"$ref": "#/definitions/person"}, {"title": "連絡先"}]},
                "tags": {"type": "array", "title": "Keywords", "items": {"type": "string"}},
            },
        }
    )
    assert list(found) == ["authors/*/name", "contact/name", "tags/*"]
    assert found["authors/*/name"].groups == ((("ja", "作成者"),),)
    assert found["contact/name"].groups == ((("ja", "連絡先"),),)
    assert found["tags/*"].labels == (("en", "Keywords"),)


def test_registration_schema_pages_parts_and_options() -> None:
    form = form_of(
        {
            "name": "登録",
            "pages": [
                {
                    "questions": [
                        {
                            "qid": "license",
                            "title": "ライセンス|Licence",
                            "type": "choose",
                            "required": True,
                            "options": [
                                {"text": "group:Content", "tooltip": "コンテンツ用|Content"},
                                {"text": "CCBY", "tooltip": "CC BY 4.0 表示|CC BY 4.0 Attribution"},
                            ],
                        },
                        {
                            "qid": "makers",
                            "title": "作成者|Creators",
                            "type": "array",
                            "properties": [{"id": "name_en", "title": "Name (English)", "type": "string"}],
                        },
                        {"qid": "when", "title": "公開日", "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
                    ]
                }
            ],
        }
    )
    licence, name, when = form.questions
    assert [o.value for o in licence.options] == ["CCBY"]  # a heading cannot be chosen
    assert (name.path, name.lang) == (("makers", "*", "name_en"), "en")
    assert when.type == "date"
    assert errors_of(form, {"license": "CCBY", "makers": [{"name_en": "A"}], "when": "2026-01-02"}) == []
    assert errors_of(form, {"license": "MIT"}) == [("license",)]
    assert errors_of(form, {"when": "2 January"}) == [("when",)]


def test_e_rad_form_of_grdm(shared: Path) -> None:
    form = read_form(shared / "schemas" / "grdm" / "e-rad-metadata-1.json")
    tops = list(dict.fromkeys(q.path[0] for q in form.questions))
    assert len(tops) == 44
    by_name = {q.path[-1]: q for q in form.questions}
    assert len(by_name["funder"].options) == 21
    assert by_name["funder"].options[9].labels[1] == ("en", "Japan Science and Technology Agency")
    assert by_name["grdm-file:title-en"].lang == "en"
    assert by_name["grdm-file:data-policy-cite-ja"].lang == "ja"
    assert by_name["grdm-file:available-date"].type == "date"
    assert [q.path[-1] for q in form.questions if q.many] == ["number", "name_ja", "name_en"]
    assert not any(str(o.value).startswith("group:") for o in by_name["grdm-file:data-policy-license"].options)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON (line 1"),
        ("[1]", "not a JSON object"),
        ('{"a": 1}', "A form is a JSON Schema"),
        ('{"type": "object", "properties": {}}', "no question in it"),
        ('{"properties": {"a": {"$ref": "#/$defs/gone"}}}', "leads nowhere"),
        ('{"properties": {"a": {"$ref": "https://example.org/x.json"}}}', "leads out of the document"),
        ('{"pages": [{"questions": [{"title": "x", "type": "string"}]}]}', "has no 'qid'"),
        ('{"pages": [{"questions": [{"qid": "a"}, {"qid": "a"}]}]}', "two questions have the qid 'a'"),
        ("[" * 100_000, "nested too deeply"),
        ('{"properties": {"a": {"type": "number", "maximum": NaN}}}', "NaN is no JSON number"),
    ],
)
def test_what_is_no_form_is_refused_in_words(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "form.json"
    path.write_text(content, "utf-8")
    with pytest.raises(BadForm) as refusal:
        read_form(path)
    assert words in str(refusal.value)
    assert str(path) in str(refusal.value)


def test_a_form_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(BadForm, match="cannot be read"):
        read_form(tmp_path / "gone.json")
    (tmp_path / "a.json").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(BadForm, match="not UTF-8"):
        read_form(tmp_path / "a.json")


def test_rings_of_references_end() -> None:
    ring = {
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}, "node": {"$ref": "#/$defs/tree"}},
        "properties": {
            "title": {"type": "string"},
            "loop": {"$ref": "#/$defs/a"},
            "self": {"$ref": "#"},
        },
    }
    ring["$defs"]["tree"] = {
        "type": "object",
        "properties": {"child": {"$ref": "#/$defs/tree"}, "label": {"type": "string"}},
    }
    ring["properties"]["tree"] = {"$ref": "#/$defs/tree"}
    found = questions(ring)
    assert {"title", "tree/label"} <= set(found)


def test_references_that_unfold_without_end_are_refused_soon() -> None:
    levels = {
        f"l{n}": {"type": "object", "properties": {f"p{m}": {"$ref": f"#/$defs/l{n + 1}"} for m in range(10)}}
        for n in range(12)
    }
    levels["l12"] = {"type": "object"}
    started = time.monotonic()
    with pytest.raises(BadForm, match="unfold"):
        form_of({"$defs": levels, "properties": {"a": {"$ref": "#/$defs/l0"}}})
    assert time.monotonic() - started < 5


def test_a_hundred_thousand_questions_are_refused_soon() -> None:
    many = {"properties": {f"q{n}": {"type": "string", "title": f"Question {n}"} for n in range(100_000)}}
    started = time.monotonic()
    with pytest.raises(BadForm, match="more than 3,000 questions"):
        form_of(many)
    pages = {"pages": [{"questions": [{"qid": f"q{n}", "type": "string"} for n in range(100_000)]}]}
    with pytest.raises(BadForm, match="more than 3,000 questions"):
        form_of(pages)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|aa)+$", "(.*a){25}$", "^([a-z]+)*!$"])
def test_patterns_take_no_more_than_linear_time(pattern: str) -> None:
    started = time.monotonic()
    accepts({"type": "string", "pattern": pattern}, "a" * 5_000 + "b")
    assert time.monotonic() - started < 2


def test_a_pattern_that_cannot_be_checked_safely_takes_nothing() -> None:
    assert matches("^[0-9]{8}$", "12345678") is True
    assert matches("^[0-9]{8}$", "1234") is False
    for pattern in (r"(?=a)a", r"(a)\1", "(((a{1000}){1000}){1000})", "[", "a" * 5_000):
        assert matches(pattern, "a") is None
        assert not accepts({"type": "string", "pattern": pattern}, "a")


def test_checking_a_schema_that_explodes_or_is_none_gives_up() -> None:
    levels: dict[str, Any] = {f"l{n}": {"allOf": [{"$ref": f"#/$defs/l{n + 1}"}] * 4} for n in range(20)}
    levels["l20"] = {}
    form = form_of(
        {"$defs": levels, "properties": {"a": {"type": "string"}}, "additionalProperties": {"$ref": "#/$defs/l0"}}
    )
    started = time.monotonic()
    assert errors_of(form, {"a": "x", "b": 1}) == [()]
    assert time.monotonic() - started < 10
    for broken in (
        {"multipleOf": 0},
        {"maxLength": "x"},
        {"enum": 3},
        {"$ref": "#/nowhere"},
        {"$ref": "https://example.org/"},
    ):
        assert not accepts(broken, 5 if "multipleOf" in broken else "text")


def test_long_labels_and_blanks_cost_nothing() -> None:
    started = time.monotonic()
    found = questions(
        {"properties": {f"a{n}": {"type": "string", "title": " " * 50_000 + "(" * 50_000} for n in range(200)}}
    )
    assert len(found) == 200
    assert max(len(text) for q in found.values() for _, text in q.labels) <= 400
    assert time.monotonic() - started < 5


def test_json_of_a_form_is_not_changed() -> None:
    schema = {"properties": {"a": {"allOf": [{"type": "string"}], "title": "A"}}}
    before = json.dumps(schema)
    form_of(schema)
    assert json.dumps(schema) == before

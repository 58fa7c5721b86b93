"""Data Package: what the standard's version 2 (and 1) demands of a descriptor."""

import json
import re

import jsonschema
import pytest
from hypothesis import given, settings

from shirushi.exchange import datapackage
from shirushi.exchange.errors import Missing, NotExportable
from shirushi.metadata.published import TableForm
from shirushi.metadata.work import Variable

# What the Data Package 2.0 and Table Schema 2.0 standards say of the properties that are used here.
RULES = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["resources"],
    "properties": {
        "$schema": {"const": "https://datapackage.org/profiles/2.0/datapackage.json"},
        "name": {"type": "string", "pattern": r"^[-a-z0-9._/]+$"},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "created": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
        "keywords": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        "licenses": {"type": "array", "minItems": 1, "items": {"anyOf": [{"required": ["name"]}, {"required": ["path"]}]}},
        "contributors": {
            "type": "array",
            "minItems": 1,
            "items": {"minProperties": 1, "properties": {"roles": {"type": "array", "minItems": 1}}},
        },
        "resources": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "path"],
                "properties": {
                    "name": {"type": "string", "pattern": r"^[-a-z0-9._/]+$"},
                    "path": {"type": "string", "pattern": r"^(?=^[^./~])(^((?!\.{2}).)*$).*$"},
                    "type": {"const": "table"},
                    "mediatype": {"type": "string", "pattern": r"^(.+)/(.+)$"},
                    "bytes": {"type": "integer"},
                    "hash": {"type": "string", "pattern": r"^([^:]+:[a-fA-F0-9]+|[a-fA-F0-9]{32}|)$"},
                    "schema": {
                        "type": "object",
                        "required": ["fields"],
                        "properties": {
                            "fields": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "required": ["name"],
                                    "properties": {
                                        "type": {
                                            "enum": ["string", "integer", "number", "boolean", "date", "datetime", "time", "any"]
                                        }
                                    },
                                },
                            }
                        },
                    },
                },
            },
        },
    },
}  # fmt: skip


def check(publication) -> dict:
    document = json.loads(datapackage.to_json(publication))
    jsonschema.Draft202012Validator(RULES).validate(document)
    names = [resource["name"] for resource in document["resources"]]
    assert len(names) == len(set(names))
    return document


@pytest.mark.parametrize("kind", ["titled", "rich", "unpublished"])
def test_descriptor_follows_the_standard(made, kind):
    check(getattr(made, kind))


def test_any_descriptor_follows_the_standard(made):
    @settings(max_examples=50, deadline=None)
    @given(made.publications.filter(lambda publication: publication.files))
    def each(publication):
        check(publication)

    each()


def test_table_has_its_columns(made):
    table = check(made.rich)["resources"][1]
    assert [field["name"] for field in table["schema"]["fields"]] == ["time", "sst", "sst", "水深 (m)"]
    assert table["schema"]["fields"][1]["unit"] == "degC"
    assert [field.get("format") for field in table["schema"]["fields"]] == [
        "any",
        None,
        None,
        None,
    ]  # as tables write dates
    assert table["hash"] == "sha256:" + "b" * 64


def test_columns_of_one_name_keep_what_each_of_them_says(made):
    both = [Variable(name="sst", file="a.csv", position=place, unit=unit) for place, unit in ((1, "degC"), (2, "K"))]
    entry = made.rich.files[1].model_copy(
        update={"path": "a.csv", "table": TableForm(header=["sst", "sst"], header_row=1)}
    )
    work = made.rich.work.model_copy(update={"variables": both})
    fields = check(made.rich.model_copy(update={"work": work, "files": [entry]}))["resources"][0]["schema"]["fields"]
    assert [(field["name"], field["unit"]) for field in fields] == [("sst", "degC"), ("sst2", "K")]


def test_record_without_files_names_what_is_missing(made):
    with pytest.raises(NotExportable) as caught:
        datapackage.to_json(made.minimal)
    assert [entry.pointer for entry in caught.value.missing] == ["/files"]
    assert isinstance(caught.value.missing[0], Missing)


@pytest.mark.parametrize(("path", "expected"), [("Data/図 1.CSV", "data-1.csv"), ("図.png", "png"), ("図", "")])
def test_slug(path, expected):
    assert datapackage.slug(path) == expected
    assert re.fullmatch(r"[-a-z0-9._]*", expected)

"""InvenioRDM: valid against its record schema v6, with ids from its own vocabularies."""

import json
import re

import jsonschema
import pytest
from hypothesis import given, settings
from referencing import Registry
from referencing.jsonschema import DRAFT7

from shirushi.exchange import inveniordm
from shirushi.metadata.vocabularies import ContributorRole, DateType, DescriptionType, RelationType, TitleType, terms

# What the schema refers to in InvenioRDM's shared definitions, which lie in another package.
SHARED = {
    "$schema": {"type": "string"},
    "identifier": {"type": "string", "minLength": 1},
    "scheme": {"type": "string"},
    "internal-pid": {"type": "object"},
    "identifiers_with_scheme": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"identifier": {"type": "string", "minLength": 1}, "scheme": {"type": "string"}},
    },
}
FILES = {"files-simple": {"type": "object", "required": ["enabled"], "properties": {"enabled": {"type": "boolean"}}}}


@pytest.fixture(scope="session")
def validator(shared):
    folder = shared / "schemas/inveniordm"
    schema = json.loads((folder / "record-v6.0.0.json").read_text())
    definitions = json.loads((folder / "definitions-v2.0.0.json").read_text())
    registry = Registry().with_resources(
        [
            ("local://definitions-v1.0.0.json", DRAFT7.create_resource(SHARED)),
            ("local://definitions-v2.0.0.json", DRAFT7.create_resource(FILES)),
            ("local://records/definitions-v2.0.0.json", DRAFT7.create_resource(definitions)),
        ]
    )
    return jsonschema.Draft7Validator(schema, registry=registry)


@pytest.fixture(scope="session")
def ids(shared):
    def read(name: str) -> set[str]:
        text = (shared / f"schemas/inveniordm/vocabularies/{name}.yaml").read_text()
        return set(re.findall(r"^- id: (\S+)", text, re.MULTILINE))

    return read


@pytest.mark.parametrize("kind", ["minimal", "titled", "rich", "registered", "unpublished"])
def test_record_is_valid(made, validator, kind):
    validator.validate(json.loads(inveniordm.to_json(getattr(made, kind))))


def test_any_record_is_valid(made, validator):
    @settings(max_examples=50, deadline=None)
    @given(made.publications)
    def check(publication):
        validator.validate(json.loads(inveniordm.to_json(publication)))

    check()


def test_ids_are_those_of_the_vocabularies(ids):
    assert set(inveniordm.TYPES.values()) | {"other"} <= ids("resource_types")
    assert {inveniordm.TITLES[term] for term in terms(TitleType)} <= ids("title_types")
    assert {inveniordm.DESCRIPTIONS[term] for term in terms(DescriptionType)} <= ids("description_types")
    assert {term.lower() for term in terms(ContributorRole)} <= ids("roles")
    assert {term.lower() for term in terms(DateType)} <= ids("date_types")
    assert {term.lower() for term in terms(RelationType)} <= ids("relation_types")


def test_rich_record_keeps_what_it_can(made):
    record = inveniordm.document(made.registered)
    assert inveniordm.document(made.rich)["pids"] == {}
    metadata = record["metadata"]
    assert record["pids"] == {"doi": {"identifier": "10.5072/abcd-1234", "provider": "external"}}
    assert metadata["title"] == "相模湾の海面水温 2021–2025"
    assert metadata["additional_titles"][0] == {
        "title": "Sea surface temperature of Sagami Bay, 2021–2025",
        "type": {"id": "translated-title"},
        "lang": {"id": "eng"},
    }
    assert metadata["creators"][0]["person_or_org"]["identifiers"] == [
        {"scheme": "orcid", "identifier": "0000-0002-1825-0097"}
    ]
    assert metadata["rights"][0] == {"id": "cc-by-4.0"}
    assert metadata["languages"] == [{"id": "jpn"}, {"id": "eng"}]
    assert metadata["locations"]["features"][1]["geometry"] == {"type": "Point", "coordinates": [139.25, 35.1]}

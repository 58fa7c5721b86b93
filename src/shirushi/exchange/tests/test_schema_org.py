"""schema.org: expands without the network, uses only terms of the vocabulary, and passes the shapes of its guide."""

import json

import pytest
from hypothesis import given, settings
from rdflib import Dataset as RdfDataset

from shirushi.exchange import schema_org
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Creator, NameForm, ResourceType, Variable, Work

KINDS = ["minimal", "titled", "rich", "registered", "unpublished"]


@pytest.fixture(scope="session")
def vocabulary(shared):
    context = json.loads((shared / "schemas/schema-org/schemaorgcontext-30.0.jsonld").read_text())["@context"]
    return {name for name in context if not name.startswith("@")}


def terms_of(node):
    """Every property and type that a document uses."""
    if isinstance(node, list):
        return {term for entry in node for term in terms_of(entry)}
    if not isinstance(node, dict):
        return set()
    own = {key for key in node if not key.startswith("@")} | {node["@type"]} - {None}
    return own | {term for value in node.values() for term in terms_of(value)}


def checked(publication: Publication, vocabulary: set[str]) -> dict:
    document = json.loads(schema_org.to_json(publication))
    assert document.pop("@context") == {"@vocab": "https://schema.org/"}
    assert terms_of(document) - vocabulary == set()
    return document


@pytest.mark.parametrize("kind", KINDS)
def test_only_terms_of_the_vocabulary(made, vocabulary, kind):
    checked(getattr(made, kind), vocabulary)


def test_any_publication_uses_only_terms_of_the_vocabulary(made, vocabulary):
    @settings(max_examples=50, deadline=None)
    @given(made.publications)
    def check(publication):
        checked(publication, vocabulary)

    check()


def test_every_type_and_property_of_the_tables_is_in_the_vocabulary(vocabulary):
    names = {*schema_org.TYPES.values(), *schema_org.RELATIONS.values(), *schema_org.ROLES.values()}
    assert names - vocabulary == set()


def test_rich_record_passes_google_required_shapes(made, shared):
    """The shapes name the vocabulary with http; the JSON-LD here uses the https form of the same names."""
    import pyshacl

    shapes = (shared / "schemas/schema-org/shapegraphs/googleRequired.ttl").read_text()
    text = schema_org.to_json(made.rich).decode().replace("https://schema.org/", "http://schema.org/")
    data = RdfDataset(default_union=True).parse(data=text, format="json-ld")
    conforms, _, report = pyshacl.validate(data, shacl_graph=shapes, shacl_graph_format="turtle")
    assert conforms, report


def test_rich_record_says_what_readers_look_for(made, vocabulary):
    document = checked(made.rich, vocabulary)
    assert document["@type"] == "Dataset"
    assert document["license"][0] == "https://creativecommons.org/licenses/by/4.0/"
    assert document["temporalCoverage"] == "2021-04-01/2025-03-31"
    assert document["spatialCoverage"][0]["geo"] == {"@type": "GeoShape", "box": "34.9 139.1 35.3 139.7"}
    assert document["spatialCoverage"][1]["geo"] == {
        "@type": "GeoCoordinates",
        "latitude": 35.1,
        "longitude": 139.25,
    }
    assert document["creator"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert document["variableMeasured"][1]["unitText"] == "degC"
    assert document["distribution"][1]["sha256"] == "b" * 64
    assert document["url"] == "https://repo.example/records/x1"
    assert document["copyrightHolder"]["name"] == "Buoy crew"


def test_a_name_in_another_script_is_an_alternate_name(vocabulary):
    creator = Creator(name="山田 花子", other_names=[NameForm(name="Yamada, Hanako", lang="en")])
    person = checked(Publication(work=Work(creators=[creator])), vocabulary)["creator"]
    assert person["alternateName"] == "Yamada, Hanako"


def test_software_has_associated_media(made):
    work = Work(resource_type=ResourceType(general="Software"), variables=[Variable(name="x")])
    document = schema_org.document(Publication(work=work, files=made.rich.files))
    assert (document["@type"], len(document["associatedMedia"])) == ("SoftwareSourceCode", 4)


@pytest.mark.parametrize(
    ("period", "day"), [("2020/2021", "2020"), ("../2021-02", "2021-02"), ("2020-01-02", "2020-01-02")]
)
def test_first_day(period, day):
    assert schema_org.first_day(period) == day

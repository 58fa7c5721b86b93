"""What harvesters and catalogues are given: oai_dc, JPCOAR 2.0, DataCite in OAI's wrapping, DCAT. Valid, whatever stands in a record."""

import json

import pytest
from hypothesis import given, settings
from lxml import etree
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.compare import isomorphic

from shirushi.exchange import datacite, dcat, jpcoar_2_0, oai_dc
from shirushi.metadata.published import Publication
from shirushi.metadata.vocabularies import ContributorRole, RelationType, ResourceTypeGeneral, terms
from shirushi.metadata.work import Contributor, Related, ResourceType, Title, Work

KINDS = ["minimal", "titled", "rich", "registered", "unpublished"]
DCAT, DCT = Namespace(dcat.CONTEXT["dcat"]), Namespace(dcat.CONTEXT["dct"])


@pytest.fixture(scope="session")
def dc(xsd):
    return xsd("oai-pmh/oai_dc.xsd")


@pytest.fixture(scope="session")
def older(xsd):
    return xsd("jpcoar/2.0/jpcoar_scm.xsd")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_valid(made, dc, older, kind):
    publication = getattr(made, kind)
    dc.assertValid(etree.fromstring(oai_dc.to_xml(publication)))
    older.assertValid(etree.fromstring(jpcoar_2_0.to_xml(publication)))


def test_any_publication_is_valid(made, dc, older):
    @settings(max_examples=40, deadline=None)
    @given(made.publications)
    def check(publication):
        dc.assertValid(etree.fromstring(oai_dc.to_xml(publication)))
        older.assertValid(etree.fromstring(jpcoar_2_0.to_xml(publication)))

    check()


def test_every_term_has_a_word_in_jpcoar_2_0(older):
    for general in terms(ResourceTypeGeneral):
        work = Work(resource_type=ResourceType(general=general), titles=[Title(text="T")])
        older.assertValid(etree.fromstring(jpcoar_2_0.to_xml(Publication(work=work))))
    related = [Related(identifier="10.1234/a", scheme="DOI", relation=relation) for relation in terms(RelationType)]
    related += [Related(identifier="RRID:AB_1", scheme="RRID", relation="Cites")]
    people = [Contributor(name="A", role=role) for role in terms(ContributorRole)]
    work = Work(titles=[Title(text="T")], related=related, contributors=people)
    root = etree.fromstring(jpcoar_2_0.to_xml(Publication(work=work)))
    older.assertValid(root)
    assert "Cites" in {element.get("relationType") for element in root.iter("{*}relation")}


def test_dublin_core_says_what_the_record_says(made):
    root = etree.fromstring(oai_dc.to_xml(made.registered))
    values = {}
    for element in root:
        values.setdefault(etree.QName(element).localname, []).append(element.text)
    assert values["title"][0] == "相模湾の海面水温 2021–2025"
    assert values["identifier"][0] == "https://doi.org/10.5072/abcd-1234"
    assert values["type"][0] == "Dataset"
    assert "http://purl.org/coar/access_right/c_abf2" in values["rights"]


def test_wrapped_datacite_holds_the_very_document(made, xsd):
    root = etree.fromstring(datacite.to_oai(made.registered))
    assert [etree.QName(child).localname for child in root] == ["schemaVersion", "datacentreSymbol", "payload"]
    (resource,) = root.find("{*}payload")
    xsd("datacite/4.7/metadata.xsd").assertValid(etree.ElementTree(resource))
    assert root.findtext("{*}datacentreSymbol") == "10.5072"


@pytest.mark.parametrize("kind", KINDS)
def test_both_forms_of_dcat_say_the_same_twice(made, kind):
    publication = getattr(made, kind)
    linked = Graph().parse(data=dcat.to_json(publication), format="json-ld")
    assert isomorphic(linked, Graph().parse(data=dcat.to_turtle(publication), format="turtle"))
    assert dcat.to_turtle(publication) == dcat.to_turtle(publication)
    assert not [node for node in linked.subjects() if not isinstance(node, URIRef)]


def test_dcat_has_what_the_profile_asks_for(made):
    """DCAT-AP 3: a dataset has title and description, a distribution an access URL; what it points to is typed."""
    graph = Graph().parse(data=dcat.to_turtle(made.registered), format="turtle")
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert str(dataset) == "https://doi.org/10.5072/abcd-1234"
    for needed in (DCT.title, DCT.description, DCT.publisher, DCT.accessRights, DCT.issued, DCAT.keyword, DCT.spatial):
        assert list(graph.objects(dataset, needed)), needed
    files = list(graph.objects(dataset, DCAT.distribution))
    assert len(files) == len(made.registered.files)
    for file in files:
        assert (file, RDF.type, DCAT.Distribution) in graph
        assert list(graph.objects(file, DCAT.accessURL))
        assert list(graph.objects(file, DCAT.byteSize))


def test_any_publication_becomes_dcat(made):
    @settings(max_examples=25, deadline=None)
    @given(made.publications)
    def check(publication):
        graph = Graph().parse(data=dcat.to_turtle(publication), format="turtle")
        assert list(graph.subjects(RDF.type, DCAT.Dataset))
        assert json.loads(dcat.to_json(publication))["@type"] == "dcat:Dataset"

    check()

"""Metadata in RDF: DCAT, VoID and ontology headers in Turtle, N-Triples and RDF/XML."""

from pathlib import Path

import pytest

from shirushi.describe.evidence import JSON
from shirushi.describe.identify import identify
from shirushi.describe.readers.registry import read

DCAT = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .

<https://example.org/lakes> a dcat:Dataset ;
    dct:title "Levels of lakes"@en, "湖の水位"@ja ;
    dct:description "Daily levels of twelve lakes."@en ;
    dcat:keyword "lake", "水位"@ja ;
    dct:creator <https://orcid.org/0000-0002-1825-0097>, "Roe, Richard" ;
    dct:publisher [ a foaf:Organization ; foaf:name "Lake Agency" ] ;
    dct:license <https://creativecommons.org/licenses/by/4.0/> ;
    dct:issued "2021-05-01"^^xsd:date ;
    dct:language <http://publications.europa.eu/resource/authority/language/JPN> ;
    dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2010-01-01"^^xsd:date ; dcat:endDate "2020-12-31"^^xsd:date ] ;
    dct:spatial [ dcat:bbox "POLYGON((139.0 34.9,139.7 34.9,139.7 35.3,139.0 35.3,139.0 34.9))"^^geo:wktLiteral ] ;
    dct:source <https://doi.org/10.1234/levels> ;
    dcat:distribution <https://example.org/lakes.csv> .

<https://orcid.org/0000-0002-1825-0097> a foaf:Person ; foaf:name "Jane Doe" .
<https://example.org/lakes.csv> a dcat:Distribution ; dct:title "A file" .
"""
RDF_XML = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/">
  <dcat:Dataset rdf:about="https://example.org/lakes">
    <dct:title xml:lang="en">Levels of lakes</dct:title>
    <dct:license rdf:resource="https://creativecommons.org/publicdomain/zero/1.0/"/>
  </dcat:Dataset>
</rdf:RDF>
"""


def stated(tmp_path: Path, name: str, text: str) -> tuple[dict[str, list[JSON]], list[JSON], list[JSON]]:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    what = identify(path, name)
    answer = read(str(path), name, path.stat().st_size, what.media_type, what.format)
    found: dict[str, list[JSON]] = {}
    for item in answer["evidence"]:
        if item["kind"] == "stated":
            found.setdefault(item["value"]["field"], []).append(item["value"]["value"])
    return found, answer["evidence"], answer["problems"]


def test_dcat_in_turtle(tmp_path: Path) -> None:
    found, evidence, problems = stated(tmp_path, "lakes.ttl", DCAT)
    assert problems == []
    assert found["titles"] == [{"text": "Levels of lakes", "lang": "en"}, {"text": "湖の水位", "lang": "ja"}]
    assert found["descriptions"] == [{"text": "Daily levels of twelve lakes.", "type": "Abstract", "lang": "en"}]
    assert found["subjects"] == [{"text": "lake"}, {"text": "水位", "lang": "ja"}]
    assert [(c["name"], c.get("orcid")) for c in found["creators"]] == [
        ("Doe, Jane", "0000-0002-1825-0097"),
        ("Roe, Richard", None),
    ]
    assert found["publisher"] == [{"name": "Lake Agency"}]
    assert [r["id"] for r in found["rights"]] == ["CC-BY-4.0"]
    assert {"date": "2021-05-01", "type": "Issued"} in found["dates"]
    assert {"date": "2010-01-01/2020-12-31", "type": "Coverage"} in found["dates"]
    assert found["languages"] == ["ja"]
    assert found["locations"] == [{"box": {"west": 139.0, "south": 34.9, "east": 139.7, "north": 35.3}}]
    assert found["related"] == [{"identifier": "10.1234/levels", "scheme": "DOI", "relation": "IsDerivedFrom"}]
    assert found["resource_type"] == [{"general": "Dataset"}]
    title = next(e for e in evidence if e["value"].get("field") == "titles")
    assert (title["place"]["line"], title["place"]["quote"]) == (9, "Levels of lakes")


def test_the_same_in_rdf_xml(tmp_path: Path) -> None:
    found, _, problems = stated(tmp_path, "lakes.rdf", RDF_XML)
    assert problems == []
    assert found["titles"] == [{"text": "Levels of lakes", "lang": "en"}]
    assert [r["id"] for r in found["rights"]] == ["CC0-1.0"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("http://rdfs.org/ns/void#Dataset", "void"),
        ("https://schema.org/Dataset", "schema"),
        ("http://schema.org/Dataset", "old"),
    ],
)
def test_other_vocabularies_and_syntaxes(tmp_path: Path, name: str, kind: str) -> None:
    title = "https://schema.org/name" if kind != "void" else "http://purl.org/dc/terms/title"
    text = f'<urn:x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{name}> .\n<urn:x> <{title}> "Lakes" .\n'
    found, _, _ = stated(tmp_path, "x.nt", text)
    assert found["titles"] == [{"text": "Lakes"}]


def test_ontology_has_a_title_but_its_classes_have_none(tmp_path: Path) -> None:
    text = (
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n@prefix dct: <http://purl.org/dc/terms/> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        '<urn:o> a owl:Ontology ; dct:title "Lake ontology" ; owl:versionInfo "1.2" .\n<urn:c> a owl:Class ; rdfs:label "Lake" .\n'
    )
    found, _, _ = stated(tmp_path, "o.ttl", text)
    assert found == {"titles": [{"text": "Lake ontology"}], "version": ["1.2"]}


def test_data_in_rdf_states_nothing(tmp_path: Path) -> None:
    text = '<urn:lake> <http://purl.org/dc/terms/title> "Biwa" .\n'
    assert stated(tmp_path, "x.nt", text)[0] == {}


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("x.ttl", "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n<urn:x> a dcat:Dataset ;;; ((( .\n", "malformed"),
        ("x.rdf", '<?xml version="1.0"?><!DOCTYPE rdf:RDF [<!ENTITY a "b">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">dcat#Dataset &a;</rdf:RDF>', "unsafe"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, text: str, code: str) -> None:
    found, _, problems = stated(tmp_path, name, text)
    assert found == {}
    assert [p["code"] for p in problems] == [code]

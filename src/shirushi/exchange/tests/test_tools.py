"""Instruments and software in every format that has a place for them; a record without them is exported as before."""

import json

import pytest
from lxml import etree

from shirushi.exchange import datacite, inveniordm, jpcoar, ro_crate, schema_org
from shirushi.exchange.formats import FORMATS
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Instrument, Related, ResourceType, SoftwareUsed, Title, Work

READER = Instrument(
    name="Plate reader of room 3",
    manufacturer="例精機",
    model="PR-900",
    serial_number="SN 00-17",
    type="plate reader",
    identifier="10.5442/NI000001",
)
SCALE = Instrument(name="天秤")
RUN = SoftwareUsed(name="ReaderWare", version="2.1", purpose="acquisition", identifier="https://example.org/readerware")
WORK = Work(
    titles=[Title(text="Absorbance")],
    instruments=[READER, SCALE],
    software=[RUN, SoftwareUsed(name="R")],
    related=[
        Related(identifier="10.5442/NI000009", scheme="DOI", relation="IsCollectedBy", resource_type="Instrument")
    ],
)
PUBLICATION = Publication(work=WORK, url="https://repo.example/records/x1")


def test_datacite_document_with_instruments_comes_back_as_it_went():
    work, problems = datacite.read_xml(datacite.to_xml(PUBLICATION))

    assert problems == []
    assert (work.instruments, work.software, work.related) == (WORK.instruments, WORK.software, WORK.related)


def test_datacite_document_with_instruments_is_valid(xsd):
    assert xsd("datacite/4.7/metadata.xsd").validate(etree.fromstring(datacite.to_xml(PUBLICATION)))


def test_datacite_links_an_instrument_by_its_identifier():
    links = datacite.attributes(PUBLICATION)["relatedIdentifiers"]

    assert {
        "relatedIdentifier": "10.5442/NI000001",
        "relatedIdentifierType": "DOI",
        "relationType": "IsCollectedBy",
        "resourceTypeGeneral": "Instrument",
    } in links


def test_jpcoar_says_the_instrument_in_words_and_as_a_relation():
    root = etree.fromstring(jpcoar.to_xml(PUBLICATION))
    texts = ["".join(each.itertext()) for each in root.iter("{*}description")]

    assert texts == [
        (
            "Instrument: Plate reader of room 3; manufacturer: 例精機; model: PR-900; serial number: SN 00-17; type: plate reader; "
            "identifier: 10.5442/NI000001\nInstrument: 天秤\n"
            "Software: ReaderWare; version: 2.1; used for: acquisition; identifier: https://example.org/readerware\nSoftware: R"
        )
    ]
    assert [each.get("relationType") for each in root.iter("{*}relation")] == [
        "isCollectedBy",
        "isCollectedBy",
        "isDerivedFrom",
    ]


def test_ro_crate_tells_of_an_action_that_used_the_instrument():
    entities = {each["@id"]: each for each in ro_crate.document(PUBLICATION)["@graph"]}
    action = next(each for each in entities.values() if each["@type"] == "CreateAction")
    used = [entities[each["@id"]] for each in action["instrument"]]

    assert action["result"] == {"@id": "./"}
    assert {"@id": action["@id"]} in entities["./"]["mentions"]
    assert [(each["@type"], each["name"]) for each in used] == [
        ("IndividualProduct", "Plate reader of room 3"),
        ("IndividualProduct", "天秤"),
        ("SoftwareApplication", "ReaderWare"),
        ("SoftwareApplication", "R"),
    ]
    assert used[0]["serialNumber"] == "SN 00-17"
    assert used[2]["softwareVersion"] == "2.1"


def test_schema_org_gives_software_its_requirements():
    work = WORK.model_copy(update={"resource_type": ResourceType(general="Software"), "instruments": []})
    described = schema_org.described(Publication(work=work))

    assert [each["name"] for each in described["softwareRequirements"]] == ["ReaderWare", "R"]
    assert "CreateAction" not in json.dumps(described)


def test_schema_org_names_the_technique():
    assert schema_org.described(PUBLICATION)["measurementTechnique"] == "plate reader"


def test_inveniordm_says_the_instrument_as_technical_information():
    texts = inveniordm.metadata(PUBLICATION)["additional_descriptions"]

    assert [text["type"] for text in texts] == [{"id": "technical-info"}]
    assert "serial number: SN 00-17" in texts[0]["description"]


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"datapackage"}))  # which takes no record without files
def test_record_without_instruments_says_nothing_of_them(name):
    said = FORMATS[name].render(Publication(work=Work(titles=[Title(text="Absorbance")])))

    assert b"nstrument" not in said
    assert b"CreateAction" not in said

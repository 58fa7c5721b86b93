"""DataCite: valid against the official 4.7 schema, lossless where the schema has a place, safe to read."""

import contextlib
import json
import re

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from shirushi.exchange import datacite, datacite_json
from shirushi.exchange.common import UNKNOWN_CODES
from shirushi.exchange.datacite_reading import edtf
from shirushi.exchange.errors import NotReadable
from shirushi.exchange.xmltools import legal
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Creator, Title, Work

KINDS = ["minimal", "titled", "rich", "registered", "unpublished"]


@pytest.fixture(scope="session")
def schema(xsd):
    return xsd("datacite/4.7/metadata.xsd")


@pytest.fixture(scope="session")
def samples(shared):
    found = sorted((shared / "schemas/datacite/4.7/example").glob("*.xml"))
    assert len(found) == 17
    return found


def stored(work: Work) -> Work:
    """What of a Work DataCite XML has a place for: the declared losses of the format, nothing else."""
    values = json.loads(legal(work.model_dump_json()))
    values.update(variables=[], custom={}, languages=values["languages"][:1])
    for rights in values["rights"]:
        rights["covers"] = "all"
    return Work.model_validate(values)


@pytest.mark.parametrize("kind", KINDS)
def test_xml_is_valid(made, schema, kind):
    schema.assertValid(etree.fromstring(datacite.to_xml(getattr(made, kind))))


def test_xml_of_nothing_uses_the_standard_codes(made):
    root = etree.fromstring(datacite.to_xml(made.minimal))
    found = {etree.QName(e).localname: e.text for e in root.iter() if e.text and e.text.strip()}
    year = found.pop("publicationYear")
    assert re.fullmatch(r"20\d\d", year)
    assert found == {"identifier": ":tba", "creatorName": ":unav", "title": ":unav", "publisher": ":unav"}


def test_rich_record_round_trips(made):
    read, problems = datacite.read_xml(datacite.to_xml(made.registered))
    assert problems == []
    added = [r for r in read.related if r.relation in ("IsNewVersionOf", "IsVersionOf")]
    assert [r.identifier for r in added] == ["10.5072/abcd-1111", "10.5072/abcd-0000"]
    read.related = [r for r in read.related if r not in added]
    assert read == stored(made.rich.work)


def test_what_no_agency_knows_is_named_by_its_page(made):
    root = etree.fromstring(datacite.to_xml(made.rich))
    own = root.find("{*}identifier")
    assert (own.text, own.get("identifierType")) == ("https://repo.example/records/x1", "URL")
    links = [(e.text, e.get("relatedIdentifierType"), e.get("relationType")) for e in root.iter("{*}relatedIdentifier")]
    assert links[3:] == [("https://repo.example/records/x0", "URL", "IsNewVersionOf")]
    others = [(e.text, e.get("alternateIdentifierType")) for e in root.iter("{*}alternateIdentifier")]
    assert others == [("GSE12345", "GEO"), ("10.5072/abcd-1234", "Local")]
    assert datacite_json.attributes(made.rich)["url"] == own.text
    assert "doi" not in datacite_json.attributes(made.rich)


def test_any_publication_is_valid(made, schema):
    @settings(max_examples=50, deadline=None)
    @given(made.publications)
    def check(publication):
        schema.assertValid(etree.fromstring(datacite.to_xml(publication)))

    check()


def test_any_work_reads_back_the_same_twice(made):
    """Reading what was written loses no more when it is repeated: the first reading is the normal form."""

    @settings(max_examples=50, deadline=None)
    @given(made.works)
    def check(work):
        once = datacite.from_xml(datacite.to_xml(Publication(work=work)))
        assert datacite.from_xml(datacite.to_xml(Publication(work=once))) == once

    check()


def test_any_name_and_title_round_trips():
    clean = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn")), min_size=1).map(str.strip).filter(bool)

    @settings(max_examples=100, deadline=None)
    @given(st.lists(clean, min_size=1, max_size=3, unique=True))
    def check(words):
        work = Work(titles=[Title(text=w) for w in words], creators=[Creator(name=w) for w in words])
        read = datacite.from_xml(datacite.to_xml(Publication(work=work)))
        codes = UNKNOWN_CODES
        assert [t.text for t in read.titles] == [w for w in words if w not in codes]
        assert [c.name for c in read.creators] == [w for w in words if w not in codes]

    check()


def test_control_characters_are_stripped():
    work = Work(titles=[Title.model_construct(text="a\x00b\x0bc\ufffe"), Title.model_construct(text="\x01")])
    titles = [t.text for t in datacite.from_xml(datacite.to_xml(Publication(work=work))).titles]
    assert titles == ["abc"]


def test_official_samples_are_read(samples):
    for sample in samples:
        work, problems = datacite.read_xml(sample.read_bytes())
        assert work.titles, sample.name
        assert work.creators, sample.name
        unfit = {p.element for p in problems} - {"relatedItem", "nameIdentifier"}
        assert unfit == set(), (sample.name, problems)


def test_official_samples_written_again_are_valid(samples, schema):
    for sample in samples:
        work = datacite.from_xml(sample.read_bytes())
        schema.assertValid(etree.fromstring(datacite.to_xml(Publication(work=work))))


def test_full_sample_is_read_completely(shared):
    work, problems = datacite.read_xml(
        (shared / "schemas/datacite/4.7/example/datacite-example-full-v4.xml").read_bytes()
    )
    assert problems == []
    assert len(work.contributors) == 22
    assert work.creators[0].orcid == "0000-0001-5727-2427"
    assert work.creators[0].affiliations[0].ror == "https://ror.org/04wxnsj81"
    assert work.publisher is not None
    assert work.publisher.ror == "https://ror.org/04z8jg394"
    assert work.related[-1].title == "Example RelatedItem Title"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("entity bomb", b'<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><resource xmlns="http://datacite.org/schema/kernel-4">&b;</resource>'),
        ("external file", b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><resource xmlns="http://datacite.org/schema/kernel-4"><version>&a;</version></resource>'),
        ("other XML", b"<html/>"),
        ("not XML", b"\x00\x01"),
        ("empty", b""),
        ("truncated", b'<resource xmlns="http://datacite.org/schema/kernel-4"><titles>'),
        ("too deep", b"<a>" * 5000 + b"</a>" * 5000),
        ("too long", b" " * 20_000_001),
    ],
)  # fmt: skip
def test_hostile_xml_is_refused(name, data):
    with pytest.raises(NotReadable):
        datacite.from_xml(data)


def test_unknown_terms_are_named_and_left_out():
    work, problems = datacite.read_xml(
        b"""<resource xmlns="http://datacite.org/schema/kernel-4"><titles><title titleType="Weird">T</title></titles>
        <creators><creator><creatorName nameType="Robot">R2</creatorName><nameIdentifier nameIdentifierScheme="ORCID">
        0000-0000-0000-0002</nameIdentifier></creator></creators><dates><date dateType="Issued">soon</date></dates>
        <resourceType resourceTypeGeneral="Meme"/></resource>"""
    )
    assert work.titles == [Title(text="T")]
    assert work.creators == [Creator(name="R2")]
    assert work.resource_type.general == "Other"
    assert [p.element for p in problems] == ["resourceType", "title", "creator", "creator", "date"]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(NotReadable):
        assert isinstance(datacite.from_xml(data), Work)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2010/2020", "2010/2020"),
        ("2010-01-02T03:04:05Z", "2010-01-02"),
        ("/2020", "../2020"),
        ("2010/", "2010/.."),
        ("2010/open", "2010/.."),
        ("unknown/open", None),
        ("soon", None),
        ("1/2/3", None),
    ],
)
def test_edtf(value, expected):
    assert edtf(value) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_json_is_valid(made, shared, kind):
    """The unofficial JSON Schema stops at 4.5, so terms newer than that are taken out first."""
    values = json.loads(datacite.to_json(getattr(made, kind)))
    newer = {"Coverage", "Other"}
    values["dates"] = [d for d in values.get("dates", []) if d["dateType"] not in newer]
    values["relatedIdentifiers"] = [r for r in values.get("relatedIdentifiers", []) if r["relationType"] not in newer]
    schema = json.loads((shared / "schemas/datacite/json/datacite-v4.5.json").read_text())
    schema["$schema"] = "https://json-schema.org/draft/2019-09/schema"
    jsonschema.Draft201909Validator(schema).validate(values)

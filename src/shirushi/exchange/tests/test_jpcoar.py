"""JPCOAR: valid against the official 2.1 schema, and kept clear of what IRDB's checks reject beyond the schema."""

import json

import pytest
from hypothesis import given, settings
from lxml import etree

from shirushi.exchange import jpcoar, jpcoar_terms
from shirushi.metadata.published import Publication
from shirushi.metadata.vocabularies import RelationType, ResourceTypeGeneral, terms
from shirushi.metadata.work import Creator, Funding, NameForm, ResourceType, Title, Work

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# Elements for which the guideline wants xml:lang although the schema does not.
SAID = {
    "title", "alternative", "creatorName", "contributorName", "familyName", "givenName", "affiliationName", "rights",
    "rightsHolderName", "subject", "description", "publisher", "temporal", "relatedTitle", "funderName", "awardTitle",
}  # fmt: skip


@pytest.fixture(scope="session")
def schema(xsd):
    return xsd("jpcoar/2.1/jpcoar_scm.xsd")


def found(data: bytes, name: str) -> list[tuple[str | None, str | None]]:
    return [(e.text, e.get(LANG)) for e in etree.fromstring(data).iter(f"{{*}}{name}")]


def test_official_samples_are_valid(schema, shared):
    """The validator itself is sound: it accepts what JPCOAR publishes."""
    for sample in (shared / "schemas/jpcoar/2.1/samples").glob("*.xml"):
        schema.assertValid(etree.parse(str(sample)))


@pytest.mark.parametrize("kind", ["minimal", "titled", "rich", "registered", "unpublished"])
def test_xml_is_valid(made, schema, kind):
    schema.assertValid(etree.fromstring(jpcoar.to_xml(getattr(made, kind))))


def test_any_publication_is_valid_and_says_its_languages(made, schema):
    @settings(max_examples=50, deadline=None)
    @given(made.publications)
    def check(publication):
        root = etree.fromstring(jpcoar.to_xml(publication))
        schema.assertValid(root)
        silent = [e.tag for e in root.iter() if etree.QName(e).localname in SAID and not e.get(LANG)]
        assert silent == []
        langs = [e.get(LANG) for e in root.iter("{http://purl.org/dc/elements/1.1/}title")]
        assert len(langs) == len(set(langs))

    check()


def test_titles_are_one_for_each_language(made):
    data = jpcoar.to_xml(made.rich)
    assert found(data, "title") == [
        ("相模湾の海面水温 2021–2025", "ja"),
        ("Sea surface temperature of Sagami Bay, 2021–2025", "en"),
    ]
    assert found(data, "alternative") == [("Sagami SST", "en")]


def test_two_titles_of_one_language_do_not_clash():
    work = Work(titles=[Title(text="One"), Title(text="Two"), Title(text="三つ目")])
    data = jpcoar.to_xml(Publication(work=work))
    assert found(data, "title") == [("One", "en"), ("三つ目", "ja")]
    assert found(data, "alternative") == [("Two", "en")]


def test_what_no_agency_knows_is_named_by_its_page(made):
    def identifiers(publication, name):
        root = etree.fromstring(jpcoar.to_xml(publication))
        return [(e.text, e.get("identifierType")) for e in root.iter(f"{{*}}{name}")]

    page = ("https://repo.example/records/x1", "URI")
    assert identifiers(made.rich, "identifier") == [page]
    assert identifiers(made.registered, "identifier") == [("https://doi.org/10.5072/abcd-1234", "DOI"), page]
    assert identifiers(made.rich, "relatedIdentifier")[3:] == [("https://repo.example/records/x0", "URI")]


def test_names_are_divided_and_identified(made):
    creator = etree.fromstring(jpcoar.to_xml(made.rich)).find("{*}creator")
    assert [(etree.QName(e).localname, e.text, e.get(LANG)) for e in creator][:4] == [
        ("nameIdentifier", "0000-0002-1825-0097", None),
        ("creatorName", "山田 花子", "ja"),
        ("familyName", "山田", "ja"),
        ("givenName", "花子", "ja"),
    ]
    affiliation = creator.find("{*}affiliation")
    assert affiliation[0].text == "057zh3y96"
    assert affiliation[0].get("nameIdentifierURI") == "https://ror.org/057zh3y96"


def test_a_name_in_other_scripts(schema):
    forms = [NameForm(name="Yamada, Hanako", lang="en"), NameForm(name="ヤマダ ハナコ", lang="ja-Kana")]
    work = Work(
        creators=[Creator(name="山田 花子", family_name="山田", given_name="花子", lang="ja", other_names=forms)]
    )
    data = jpcoar.to_xml(Publication(work=work))
    schema.assertValid(etree.fromstring(data))
    assert found(data, "creatorName") == [("山田 花子", "ja"), ("Yamada, Hanako", "en"), ("ヤマダ ハナコ", "ja-Kana")]
    assert found(data, "familyName") == [("山田", "ja"), ("Yamada", "en"), ("ヤマダ", "ja-Kana")]
    assert found(data, "givenName") == [("花子", "ja"), ("Hanako", "en"), ("ハナコ", "ja-Kana")]


def test_rights_holder_is_not_a_contributor(made):
    data = jpcoar.to_xml(made.rich)
    assert found(data, "rightsHolderName") == [("Buoy crew", "en")]
    assert found(data, "contributorName") == [("佐藤 次郎", "ja")]


@pytest.mark.parametrize(
    ("award", "kind", "program"),
    [
        ("JP21K12345", "JGN", None),
        ("JPMJPF9999", "JGN", "MJPF"),
        ("JP21wm0325001", "JGN", None),
        ("21K12345", None, None),
        ("EP/X012345/1", None, None),
    ],
)
def test_award_numbers_shared_in_japan_are_marked(award, kind, program):
    data = jpcoar.to_xml(Publication(work=Work(funding=[Funding(funder="助成者", award=award)])))
    root = etree.fromstring(data)
    assert root.find(".//{*}awardNumber").get("awardNumberType") == kind
    assert root.findtext(".//{*}fundingStreamIdentifier") == program


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("https://ror.org/00097mb19", "ROR"),
        ("https://doi.org/10.13039/501100001691", "Crossref Funder"),
        ("1025", "e-Rad_funder"),
        ("https://example.org/us", "Other"),
    ],
)
def test_funder_registries(identifier, kind):
    assert jpcoar.funder_identifier_type(identifier) == kind


def test_finer_type_wins(made):
    root = etree.fromstring(jpcoar.to_xml(made.rich))
    kind = root.find("{*}type")
    assert (kind.text, kind.values()) == ("observational data", ["http://purl.org/coar/resource_type/FF4C-28RK"])


def test_every_type_and_relation_has_a_counterpart(schema):
    for general in terms(ResourceTypeGeneral):
        work = Work(resource_type=ResourceType(general=general), creators=[Creator(name="x")])
        schema.assertValid(etree.fromstring(jpcoar.to_xml(Publication(work=work))))
    assert set(jpcoar_terms.RELATIONS) == set(terms(RelationType))


def test_coar_addresses_are_those_of_the_vocabulary(shared):
    concepts = json.loads((shared / "schemas/coar/resource_types-3.2.json").read_text())
    official = {c["label"]["en"]: c["uri"].rsplit("/", 1)[1] for c in concepts}
    own = {label: code for label, code in jpcoar_terms.COAR_TYPES.items() if label in official}
    assert own == {label: official[label] for label in own}
    assert set(jpcoar_terms.COAR_TYPES) - set(own) == {"departmental bulletin paper"}


def test_record_without_files_is_metadata_only(made):
    assert found(jpcoar.to_xml(made.minimal), "accessRights") == [("metadata only access", None)]
    assert found(jpcoar.to_xml(made.rich), "accessRights") == [("open access", None)]

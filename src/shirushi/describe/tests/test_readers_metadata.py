"""Metadata files of every kind state values of a Work's fields, each at the line where it stands."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers import (
    metadata_citation,
    metadata_linked,
    metadata_tables,
    metadata_texts,
    metadata_xml,
    stating,
)
from shirushi.describe.readers.base import File, Unreadable

Read = Callable[[File], Iterator[Evidence]]
ORCID = "0000-0002-1825-0097"
YAMADA = {"name": "Yamada, Hanako", "name_type": "Personal", "given_name": "Hanako", "family_name": "Yamada"}
EXAMPLE = {"affiliations": [{"name": "University of Example"}]}


def read(folder: Path, reader: Read, text: str, name: str = "file") -> list[Evidence]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    found = list(reader(File(path, name, path.stat().st_size, "", "")))
    lines = text.split("\n")
    for evidence in found:
        place = evidence.place
        assert place.line is not None
        assert place.quote in lines[place.line - 1], evidence
        assert stating.checked(evidence.value["field"], evidence.value["value"]) == evidence.value["value"]
    return found


def values(found: list[Evidence], field: str) -> list[object]:
    return [e.value["value"] for e in found if e.value["field"] == field]


CFF = f"""cff-version: 1.2.0
title: "相模湾の海面水温"
abstract: >-
  Hourly temperatures
  of twelve buoys.
type: dataset
authors:
  - family-names: Yamada
    given-names: Hanako
    orcid: https://orcid.org/{ORCID}
    affiliation: University of Example
  - name: Buoy Team
  - family-names: Suzuki
    given-names: Ichiro
    orcid: https://orcid.org/0000-0002-1825-0098
keywords: [sea, buoy]
license: CC-BY-4.0
doi: 10.5281/zenodo.123
date-released: 2024-02-29
version: 1.10
preferred-citation:
  type: article
  title: A paper
  doi: 10.1234/abc
"""


def test_citation_cff(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_citation.read_cff, CFF)
    assert values(found, "titles") == [{"text": "相模湾の海面水温"}]
    assert values(found, "descriptions") == [{"text": "Hourly temperatures of twelve buoys.", "type": "Abstract"}]
    assert values(found, "creators") == [
        {**YAMADA, "orcid": ORCID, **EXAMPLE},
        {"name": "Buoy Team", "name_type": "Organizational"},
        {
            "name": "Suzuki, Ichiro",
            "name_type": "Personal",
            "given_name": "Ichiro",
            "family_name": "Suzuki",
        },  # wrong check character
    ]
    assert values(found, "subjects") == [{"text": "sea"}, {"text": "buoy"}]
    assert values(found, "rights") == [{"id": "CC-BY-4.0"}]
    assert values(found, "version") == ["1.10"]
    assert values(found, "publication_date") == ["2024-02-29"]
    assert values(found, "resource_type") == [{"general": "Dataset"}]
    assert values(found, "alternate_identifiers") == [{"identifier": "10.5281/zenodo.123", "type": "DOI"}]
    assert values(found, "related") == [
        {
            "identifier": "10.1234/abc",
            "scheme": "DOI",
            "relation": "IsDocumentedBy",
            "resource_type": "JournalArticle",
            "title": "A paper",
        }
    ]
    title = found[0].place
    assert (title.path, title.line, title.quote) == ("/title", 2, "相模湾の海面水温")


def test_zenodo(tmp_path: Path) -> None:
    data = {
        "title": "Buoys", "description": "<p>Hourly <b>temperatures</b>.</p><p>Twelve buoys.</p>", "upload_type": "dataset",
        "creators": [{"name": "Yamada, Hanako", "orcid": ORCID, "affiliation": "University of Example"}],
        "contributors": [{"name": "Suzuki, Ichiro", "type": "DataCurator"}], "license": "cc-by-4.0", "language": "jpn",
        "keywords": ["sea"], "related_identifiers": [{"identifier": "10.1234/abc", "relation": "isSupplementTo"}],
        "grants": [{"id": "10.13039/501100000780::283595"}], "version": "1.0", "publication_date": "2024-02",
    }  # fmt: skip
    found = read(tmp_path, metadata_citation.read_zenodo, json.dumps(data, indent=1))
    assert values(found, "descriptions") == [{"text": "Hourly temperatures.\nTwelve buoys.", "type": "Abstract"}]
    assert values(found, "creators") == [{**YAMADA, "orcid": ORCID, **EXAMPLE}]
    assert [v["role"] for v in values(found, "contributors")] == ["DataCurator"]
    assert values(found, "rights") == [{"id": "CC-BY-4.0"}]
    assert values(found, "languages") == ["ja"]
    assert values(found, "resource_type") == [{"general": "Dataset"}]
    assert values(found, "related") == [{"identifier": "10.1234/abc", "scheme": "DOI", "relation": "IsSupplementTo"}]
    assert values(found, "funding")[0]["funder"] == "European Commission"
    assert values(found, "publication_date") == ["2024-02"]


CRATE = {
    "@context": "https://w3id.org/ro/crate/1.2/context",
    "@graph": [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}},
        {"@id": "./", "@type": "Dataset", "name": "Buoys", "description": "Hourly.", "datePublished": "2024-02-29",
         "author": [{"@id": f"https://orcid.org/{ORCID}"}], "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
         "funder": {"@id": "https://ror.org/00hhkn466"}, "spatialCoverage": {"@id": "#bay"}, "temporalCoverage": "2021-04/2022-03",
         "variableMeasured": [{"@id": "#sst"}], "keywords": "sea, buoy"},
        {"@id": f"https://orcid.org/{ORCID}", "@type": "Person", "name": "山田 花子", "affiliation": {"@id": "#ex"}},
        {"@id": "#ex", "@type": "Organization", "name": "University of Example"},
        {"@id": "https://ror.org/00hhkn466", "@type": "Organization", "name": "JSPS"},
        {"@id": "#bay", "@type": "Place", "name": "Sagami Bay", "geo": {"@id": "#box"}},
        {"@id": "#box", "@type": "GeoShape", "box": "34.9 139.1 35.3 139.7"},
        {"@id": "#sst", "@type": "PropertyValue", "name": "sst", "unitText": "degC"},
    ],
}  # fmt: skip


def test_ro_crate_follows_references_inside_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_linked.read_linked, json.dumps(CRATE, indent=1, ensure_ascii=False))
    assert values(found, "titles") == [{"text": "Buoys"}]
    assert values(found, "creators") == [
        {
            "name": "山田 花子",
            "name_type": "Personal",
            "given_name": "花子",
            "family_name": "山田",
            "lang": "ja",
            "orcid": ORCID,
            **EXAMPLE,
        }
    ]
    assert values(found, "rights") == [{"id": "CC-BY-4.0", "uri": "https://creativecommons.org/licenses/by/4.0/"}]
    assert values(found, "funding") == [{"funder": "JSPS", "funder_id": "https://ror.org/00hhkn466"}]
    assert values(found, "locations") == [
        {"place": "Sagami Bay", "box": {"west": 139.1, "south": 34.9, "east": 139.7, "north": 35.3}}
    ]
    assert {"date": "2021-04/2022-03", "type": "Coverage"} in values(found, "dates")
    assert values(found, "variables") == [{"name": "sst", "unit": "degC"}]
    assert values(found, "subjects") == [{"text": "sea"}, {"text": "buoy"}]


def test_codemeta(tmp_path: Path) -> None:
    data = {
        "@context": "https://w3id.org/codemeta/3.0", "@type": "SoftwareSourceCode", "name": "Tool", "softwareVersion": "2.1",
        "author": [{"@type": "Person", "givenName": "Hanako", "familyName": "Yamada", "@id": f"https://orcid.org/{ORCID}"}],
        "license": "https://spdx.org/licenses/Apache-2.0", "codeRepository": "https://example.org/tool",
    }  # fmt: skip
    found = read(tmp_path, metadata_linked.read_linked, json.dumps(data, indent=1))
    assert values(found, "creators") == [{**YAMADA, "orcid": ORCID}]
    assert values(found, "rights") == [{"id": "Apache-2.0", "uri": "https://spdx.org/licenses/Apache-2.0"}]
    assert values(found, "resource_type") == [{"general": "Software"}]
    assert values(found, "version") == ["2.1"]


def test_json_ld_of_a_web_page_keeps_the_pages_lines(tmp_path: Path) -> None:
    page = (
        '<html><head>\n<meta name="DC.creator"\n content="Suzuki, Ichiro">\n<script type="application/ld+json">\n'
        '{"@context": "https://schema.org",\n "@type": "Dataset",\n "name": "ブイ"}\n</script></head></html>'
    )
    found = read(tmp_path, metadata_linked.read_html_metadata, page)
    [title] = [e for e in found if e.value["field"] == "titles"]
    assert (title.value["value"], title.place.line, title.place.quote) == ({"text": "ブイ"}, 7, "ブイ")
    assert [v["name"] for v in values(found, "creators")] == ["Suzuki, Ichiro"]


def test_plain_json_is_left_alone(tmp_path: Path) -> None:
    assert read(tmp_path, metadata_linked.read_json_ld, '{"name": "x", "description": "y"}') == []


def test_datapackage(tmp_path: Path) -> None:
    data = {
        "name": "buoys", "title": "ブイ", "licenses": [{"name": "ODC-PDDL-1.0", "path": "http://opendatacommons.org/licenses/pddl/"}],
        "contributors": [{"title": "Hanako Yamada", "role": "author"}, {"title": "Ichiro Suzuki", "role": "maintainer"}],
        "sources": [{"title": "JMA", "path": "https://example.org/jma"}],
        "resources": [{"path": "a.csv", "schema": {"fields": [{"name": "sst", "type": "number", "unit": "degC", "description": "水温"}]}}],
    }  # fmt: skip
    found = read(tmp_path, metadata_tables.read_datapackage, json.dumps(data, indent=1))
    assert values(found, "titles") == [{"text": "ブイ"}]
    assert values(found, "rights")[0]["id"] == "PDDL-1.0"
    assert [v["name"] for v in values(found, "creators")] == ["Yamada, Hanako"]
    assert [v["role"] for v in values(found, "contributors")] == ["DataManager"]
    assert values(found, "variables") == [
        {"name": "sst", "file": "a.csv", "type": "number", "unit": "degC", "description": "水温"}
    ]
    assert values(found, "related") == [
        {"identifier": "https://example.org/jma", "scheme": "URL", "relation": "IsDerivedFrom", "title": "JMA"}
    ]


def test_bids(tmp_path: Path) -> None:
    data = {"Name": "Eyes", "BIDSVersion": "1.8.0", "License": "CC0", "Authors": ["Hanako Yamada"], "Funding": ["JSPS (JP21K12345)"],
        "ReferencesAndLinks": ["Paper https://doi.org/10.1234/abc"], "DatasetDOI": "doi:10.18112/openneuro.ds1.v1"}  # fmt: skip
    found = read(tmp_path, metadata_tables.read_bids, json.dumps(data, indent=1))
    assert values(found, "rights") == [{"id": "CC0-1.0"}]
    assert values(found, "creators") == [YAMADA]
    assert values(found, "funding") == [{"funder": "JSPS", "award": "JP21K12345"}]
    assert values(found, "related")[0]["identifier"] == "10.1234/abc"
    assert values(found, "alternate_identifiers") == [{"identifier": "10.18112/openneuro.ds1.v1", "type": "DOI"}]


def test_stac_collection(tmp_path: Path) -> None:
    data = {
        "type": "Collection", "stac_version": "1.0.0", "id": "c", "title": "SST", "description": "d", "license": "CC-BY-4.0", "keywords": ["sea"],
        "providers": [{"name": "JAXA", "roles": ["producer"]}], "links": [],
        "extent": {"spatial": {"bbox": [[139, 34, 140, 36]]}, "temporal": {"interval": [["2021-04-01T00:00:00Z", None]]}},
    }  # fmt: skip
    found = read(tmp_path, metadata_tables.read_stac, json.dumps(data, indent=1))
    assert values(found, "locations") == [{"box": {"west": 139.0, "south": 34.0, "east": 140.0, "north": 36.0}}]
    assert values(found, "dates") == [{"date": "2021-04-01/..", "type": "Coverage"}]
    assert values(found, "creators") == [{"name": "JAXA", "name_type": "Organizational"}]


def test_csvw(tmp_path: Path) -> None:
    data = {"@context": "http://www.w3.org/ns/csvw", "dc:title": "Words", "dc:creator": "Hanako Yamada", "dc:license": "CC-BY-4.0",
        "tables": [{"url": "forms.csv", "tableSchema": {"columns": [{"name": "ID", "datatype": {"base": "integer"}, "dc:description": "key",
            "propertyUrl": "http://example.org/terms#id"}, {"name": "x", "propertyUrl": "http://example.org/{x}"}]}}]}  # fmt: skip
    found = read(tmp_path, metadata_tables.read_csvw, json.dumps(data, indent=1))
    assert values(found, "titles") == [{"text": "Words"}]
    assert values(found, "creators") == [YAMADA]
    assert values(found, "rights") == [{"id": "CC-BY-4.0"}]
    assert values(found, "variables") == [
        {
            "name": "ID",
            "file": "forms.csv",
            "type": "integer",
            "description": "key",
            "standard_name": "http://example.org/terms#id",
        },
        {"name": "x", "file": "forms.csv"},
    ]


def test_gin_datacite_yml(tmp_path: Path) -> None:
    text = f"""authors:
  -
    firstname: "Hanako"
    lastname: "Yamada"
    affiliation: "University of Example"
    id: "ORCID:{ORCID}"
title: "Eyes"
description: |
  Recordings of eyes.
keywords:
  - Neuro
license:
  name: "Creative Commons CC0 1.0 Public Domain Dedication"
  url: "https://creativecommons.org/publicdomain/zero/1.0/"
funding:
  - "JSPS; JP21K12345"
references:
  -
    id: "doi:10.1234/abc"
    reftype: "IsSupplementTo"
resourcetype: Dataset
"""
    found = read(tmp_path, metadata_citation.read_gin, text)
    assert values(found, "creators") == [{**YAMADA, "orcid": ORCID, **EXAMPLE}]
    assert values(found, "descriptions") == [{"text": "Recordings of eyes.", "type": "Abstract"}]
    assert values(found, "rights")[0]["id"] == "CC0-1.0"
    assert values(found, "funding") == [{"funder": "JSPS", "award": "JP21K12345"}]
    assert values(found, "related") == [{"identifier": "10.1234/abc", "scheme": "DOI", "relation": "IsSupplementTo"}]
    assert values(found, "resource_type") == [{"general": "Dataset"}]


DATACITE = f"""<?xml version="1.0"?>
<resource xmlns="http://datacite.org/schema/kernel-4">
 <identifier identifierType="DOI">10.5072/abc</identifier>
 <creators><creator>
  <creatorName nameType="Personal">Yamada, Hanako</creatorName><givenName>Hanako</givenName><familyName>Yamada</familyName>
  <nameIdentifier nameIdentifierScheme="ORCID">https://orcid.org/{ORCID}</nameIdentifier>
  <affiliation>University of Example</affiliation></creator></creators>
 <titles><title xml:lang="ja">ブイ &amp; 海</title></titles>
 <publisher>Example</publisher><publicationYear>2024</publicationYear>
 <resourceType resourceTypeGeneral="Dataset">Measurements</resourceType>
 <dates><date dateType="Collected">2021-04-01/2022-03-31</date></dates>
 <rightsList><rights rightsURI="https://creativecommons.org/licenses/by/4.0/" rightsIdentifier="CC-BY-4.0"
   rightsIdentifierScheme="SPDX">CC BY</rights></rightsList>
 <descriptions><description descriptionType="Abstract">Hourly.<br/>Twelve.</description></descriptions>
 <relatedIdentifiers><relatedIdentifier relatedIdentifierType="DOI" relationType="IsSupplementTo">10.1234/abc</relatedIdentifier></relatedIdentifiers>
 <fundingReferences><fundingReference><funderName>JSPS</funderName><awardNumber>JP21K12345</awardNumber></fundingReference></fundingReferences>
</resource>
"""


def test_datacite_xml(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_xml.read_datacite_xml, DATACITE)
    assert values(found, "titles") == [{"text": "ブイ & 海", "lang": "ja"}]
    assert values(found, "creators") == [{**YAMADA, "orcid": ORCID, **EXAMPLE}]
    assert values(found, "rights")[0]["id"] == "CC-BY-4.0"
    assert values(found, "descriptions") == [{"text": "Hourly.\nTwelve.", "type": "Abstract"}]
    assert values(found, "dates") == [{"date": "2021-04-01/2022-03-31", "type": "Collected"}]
    assert values(found, "funding") == [{"funder": "JSPS", "award": "JP21K12345"}]
    [title] = [e.place for e in found if e.value["field"] == "titles"]
    assert (title.path, title.line, title.quote) == ("/resource/titles/title", 8, "ブイ &amp; 海")


def test_datacite_json(tmp_path: Path) -> None:
    data = {"titles": [{"title": "Buoys"}], "creators": [{"name": "Yamada, Hanako", "nameType": "Personal", "givenName": "Hanako", "familyName": "Yamada"}],
        "publicationYear": 2024, "publisher": {"name": "Example"}, "types": {"resourceTypeGeneral": "Dataset"}}  # fmt: skip
    found = read(tmp_path, metadata_linked.read_json_ld, json.dumps(data, indent=1))
    assert values(found, "creators") == [YAMADA]
    assert values(found, "publication_date") == ["2024"]
    assert values(found, "publisher") == [{"name": "Example"}]


EML = """<eml:eml xmlns:eml="https://eml.ecoinformatics.org/eml-2.2.0" packageId="x"><dataset>
<title>Fish of the river</title>
<creator><individualName><givenName>Hanako</givenName>
 <surName>Yamada</surName></individualName><organizationName>University of Example</organizationName></creator>
<pubDate>2024</pubDate>
<abstract><para>First.</para><para>Second.</para></abstract>
<keywordSet><keyword>fish</keyword></keywordSet>
<licensed><licenseName>Creative Commons Attribution 4.0</licenseName><identifier>CC-BY-4.0</identifier></licensed>
<coverage><geographicCoverage><geographicDescription>Sagami River</geographicDescription><boundingCoordinates>
<westBoundingCoordinate>139</westBoundingCoordinate><eastBoundingCoordinate>140</eastBoundingCoordinate>
<northBoundingCoordinate>36</northBoundingCoordinate><southBoundingCoordinate>35</southBoundingCoordinate></boundingCoordinates></geographicCoverage>
<temporalCoverage><rangeOfDates><beginDate><calendarDate>2020-01-01</calendarDate></beginDate>
<endDate><calendarDate>2020-12-31</calendarDate></endDate></rangeOfDates></temporalCoverage></coverage>
<contact><individualName><surName>Suzuki</surName></individualName></contact>
<dataTable><entityName>t</entityName><physical><objectName>fish.csv</objectName></physical><attributeList><attribute>
<attributeName>length</attributeName><attributeDefinition>fork length</attributeDefinition>
<measurementScale><ratio><unit><standardUnit>millimeter</standardUnit></unit><numericDomain><numberType>real</numberType></numericDomain></ratio></measurementScale>
</attribute></attributeList></dataTable></dataset></eml:eml>
"""


def test_eml(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_xml.read_eml, EML)
    assert values(found, "titles") == [{"text": "Fish of the river"}]
    assert values(found, "creators") == [{**YAMADA, **EXAMPLE}]
    assert values(found, "descriptions") == [{"text": "First.\n\nSecond.", "type": "Abstract"}]
    assert values(found, "rights") == [{"id": "CC-BY-4.0"}]
    assert values(found, "locations") == [
        {"place": "Sagami River", "box": {"west": 139.0, "south": 35.0, "east": 140.0, "north": 36.0}}
    ]
    assert values(found, "dates") == [{"date": "2020-01-01/2020-12-31", "type": "Coverage"}]
    assert values(found, "variables") == [
        {"name": "length", "file": "fish.csv", "type": "number", "unit": "millimeter", "description": "fork length"}
    ]
    assert [v["role"] for v in values(found, "contributors")] == ["ContactPerson"]


def test_tei(tmp_path: Path) -> None:
    text = """<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt>
<title xml:lang="ja">源氏物語</title>
<author><persName><surname>Yamada</surname><forename>Hanako</forename></persName></author><editor>Suzuki Ichiro</editor></titleStmt>
<publicationStmt><publisher>文書館</publisher><date when="2020-05-01"/>
<availability><licence target="https://creativecommons.org/licenses/by-sa/4.0/">free</licence></availability></publicationStmt></fileDesc>
<profileDesc><langUsage><language ident="ja"/></langUsage></profileDesc></teiHeader></TEI>"""
    found = read(tmp_path, metadata_texts.read_tei, text)
    assert values(found, "titles") == [{"text": "源氏物語", "lang": "ja"}]
    assert values(found, "creators") == [YAMADA]
    assert values(found, "publisher") == [{"name": "文書館"}]
    assert values(found, "publication_date") == ["2020-05-01"]
    assert values(found, "rights") == [{"id": "CC-BY-SA-4.0", "uri": "https://creativecommons.org/licenses/by-sa/4.0/"}]
    assert values(found, "languages") == ["ja"]


def test_jats(tmp_path: Path) -> None:
    text = f"""<!DOCTYPE article PUBLIC "x" "JATS.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink" xml:lang="en"><front><article-meta>
<article-id pub-id-type="doi">10.1234/abc</article-id><title-group><article-title>Warm <italic>seas</italic></article-title></title-group>
<contrib-group><contrib contrib-type="author"><contrib-id contrib-id-type="orcid">http://orcid.org/{ORCID}</contrib-id>
<name><surname>Yamada</surname><given-names>Hanako</given-names></name><xref ref-type="aff" rid="a1"/></contrib></contrib-group>
<aff id="a1"><label>1</label> University of Example</aff>
<pub-date><day>9</day><month>2</month><year>2024</year></pub-date>
<permissions><license xlink:href="https://creativecommons.org/licenses/by/4.0/"><license-p>Free.</license-p></license></permissions>
<abstract><p>One.</p></abstract><kwd-group><kwd>sea</kwd></kwd-group></article-meta></front></article>"""
    found = read(tmp_path, metadata_texts.read_jats, text)
    assert values(found, "titles") == [{"text": "Warm seas", "lang": "en"}]
    assert values(found, "creators") == [{**YAMADA, "orcid": ORCID, **EXAMPLE}]
    assert values(found, "publication_date") == ["2024-02-09"]
    assert values(found, "rights") == [{"id": "CC-BY-4.0", "uri": "https://creativecommons.org/licenses/by/4.0/"}]
    assert values(found, "descriptions") == [{"text": "One.", "type": "Abstract"}]


def test_dublin_core_record(tmp_path: Path) -> None:
    text = """<record xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>ブイ</dc:title><dc:creator>Yamada, Hanako</dc:creator><dc:rights>CC BY 4.0</dc:rights><dc:date>2024-02-29</dc:date></record>"""
    found = read(tmp_path, metadata_xml.read_dublin_core, text)
    assert values(found, "titles") == [{"text": "ブイ"}]
    assert values(found, "creators") == [YAMADA]
    assert values(found, "rights") == [{"id": "CC-BY-4.0"}]
    assert values(found, "dates") == [{"date": "2024-02-29", "type": "Created"}]


XML_READERS = [
    metadata_xml.read_datacite_xml,
    metadata_xml.read_eml,
    metadata_xml.read_dublin_core,
    metadata_texts.read_tei,
    metadata_texts.read_jats,
]


@pytest.mark.parametrize("reader", XML_READERS)
def test_entities_are_refused(tmp_path: Path, reader: Read) -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "b">]><r xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>&a;</dc:title></r>'
    with pytest.raises(Unreadable) as raised:
        read(tmp_path, reader, bomb)
    assert raised.value.code == "entities"


JSON_READERS = [
    metadata_citation.read_cff, metadata_citation.read_zenodo, metadata_citation.read_gin, metadata_linked.read_linked,
    metadata_linked.read_json_ld, metadata_tables.read_datapackage, metadata_tables.read_csvw, metadata_tables.read_bids, metadata_tables.read_stac,
]  # fmt: skip
KEYS = st.sampled_from(
    ["@graph", "@id", "@type", "@context", "name", "title", "titles", "authors", "author", "creator", "creators", "contributors", "license", "licenses",
     "keywords", "description", "resources", "schema", "fields", "tables", "tableSchema", "columns", "identifiers", "affiliation", "extent", "spatial",
     "bbox", "temporal", "interval", "Authors", "Funding", "grants", "publicationYear", "funder", "spatialCoverage", "geo", "box", "dc:title", "references",
     "https://schema.org", "related_identifiers", "orcid", "date", "version", "license", "type", "data", "attributes", "metadata"]
)  # fmt: skip
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "Dataset", "x, y", "2024", "10.1/x", "./"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@pytest.mark.parametrize("reader", JSON_READERS)
@settings(max_examples=40)
@given(data=ODD)
def test_odd_shapes_never_break_a_reader(tmp_path_factory: pytest.TempPathFactory, reader: Read, data: object) -> None:
    folder = tmp_path_factory.mktemp("odd")
    read(folder, reader, json.dumps(data, indent=1))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2024-02-29T10:00:00Z", "2024-02-29"), ("2024", "2024"), (2024, "2024"), ("29 February 2024", "2024-02-29"), ("soon", None),
        ("2024-02-31", None), (None, None), ("令和6年2月29日", "2024-02-29"),
    ],
)  # fmt: skip
def test_date(said: object, expected: str | None) -> None:
    found = stating.date(said)
    assert (stating.checked("publication_date", found) if found else None) == expected

"""Records of maps, studies, libraries and repositories: every statement in a field's shape, at the line where it stands."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shirushi.describe.evidence import Evidence
from shirushi.describe.identify import identify_bytes
from shirushi.describe.readers import (
    metadata_experiments,
    metadata_geographic,
    metadata_libraries,
    metadata_repositories,
    metadata_studies,
)
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.registry import readers_for
from shirushi.describe.tests.test_readers_metadata import read, values

Read = Callable[[File], Iterator[Evidence]]
ORCID = "0000-0002-1825-0097"


ISO = """<?xml version="1.0" encoding="UTF-8"?>
<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco" xmlns:gml="http://www.opengis.net/gml">
 <gmd:contact><gmd:CI_ResponsibleParty><gmd:individualName><gco:CharacterString>Record Keeper</gco:CharacterString></gmd:individualName>
  <gmd:role><gmd:CI_RoleCode codeListValue="author"/></gmd:role></gmd:CI_ResponsibleParty></gmd:contact>
 <gmd:identificationInfo><gmd:MD_DataIdentification>
  <gmd:citation><gmd:CI_Citation>
   <gmd:title><gco:CharacterString>Seagrass of the bay</gco:CharacterString></gmd:title>
   <gmd:date><gmd:CI_Date><gmd:date><gco:Date>2021-03-04</gco:Date></gmd:date>
    <gmd:dateType><gmd:CI_DateTypeCode codeListValue="publication">publication</gmd:CI_DateTypeCode></gmd:dateType></gmd:CI_Date></gmd:date>
   <gmd:citedResponsibleParty><gmd:CI_ResponsibleParty>
    <gmd:individualName><gco:CharacterString>Yamada, Hanako</gco:CharacterString></gmd:individualName>
    <gmd:organisationName><gco:CharacterString>University of Example</gco:CharacterString></gmd:organisationName>
    <gmd:role><gmd:CI_RoleCode codeListValue="principalInvestigator"/></gmd:role></gmd:CI_ResponsibleParty></gmd:citedResponsibleParty>
  </gmd:CI_Citation></gmd:citation>
  <gmd:abstract><gco:CharacterString>Extent of meadows.</gco:CharacterString></gmd:abstract>
  <gmd:pointOfContact><gmd:CI_ResponsibleParty><gmd:organisationName><gco:CharacterString>Bay Office</gco:CharacterString></gmd:organisationName>
   <gmd:role><gmd:CI_RoleCode codeListValue="pointOfContact"/></gmd:role></gmd:CI_ResponsibleParty></gmd:pointOfContact>
  <gmd:descriptiveKeywords><gmd:MD_Keywords><gmd:keyword><gco:CharacterString>seagrass</gco:CharacterString></gmd:keyword>
   <gmd:thesaurusName><gmd:CI_Citation><gmd:title><gco:CharacterString>GEMET</gco:CharacterString></gmd:title></gmd:CI_Citation></gmd:thesaurusName>
  </gmd:MD_Keywords></gmd:descriptiveKeywords>
  <gmd:resourceConstraints><gmd:MD_LegalConstraints><gmd:otherConstraints>
   <gco:CharacterString>CC BY 4.0</gco:CharacterString></gmd:otherConstraints></gmd:MD_LegalConstraints></gmd:resourceConstraints>
  <gmd:language><gmd:LanguageCode codeListValue="eng">English</gmd:LanguageCode></gmd:language>
  <gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox>
   <gmd:westBoundLongitude><gco:Decimal>139.1</gco:Decimal></gmd:westBoundLongitude>
   <gmd:eastBoundLongitude><gco:Decimal>139.7</gco:Decimal></gmd:eastBoundLongitude>
   <gmd:southBoundLatitude><gco:Decimal>35.0</gco:Decimal></gmd:southBoundLatitude>
   <gmd:northBoundLatitude><gco:Decimal>35.3</gco:Decimal></gmd:northBoundLatitude>
  </gmd:EX_GeographicBoundingBox></gmd:geographicElement>
  <gmd:temporalElement><gmd:EX_TemporalExtent><gmd:extent><gml:TimePeriod><gml:beginPosition>2019-01</gml:beginPosition>
   <gml:endPosition>2020-12</gml:endPosition></gml:TimePeriod></gmd:extent></gmd:EX_TemporalExtent></gmd:temporalElement>
  </gmd:EX_Extent></gmd:extent>
 </gmd:MD_DataIdentification></gmd:identificationInfo>
</gmd:MD_Metadata>
"""
YAMADA = {"name": "Yamada, Hanako", "name_type": "Personal", "given_name": "Hanako", "family_name": "Yamada"}
EXAMPLE = {"affiliations": [{"name": "University of Example"}]}


def test_iso_19139(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_geographic.read_iso, ISO)
    assert values(found, "titles") == [{"text": "Seagrass of the bay"}]
    assert values(found, "creators") == [{**YAMADA, **EXAMPLE}]
    assert values(found, "contributors") == [
        {"name": "Bay Office", "name_type": "Organizational", "role": "ContactPerson"}
    ]
    assert values(found, "descriptions") == [{"text": "Extent of meadows.", "type": "Abstract"}]
    assert values(found, "subjects") == [{"text": "seagrass", "scheme": "GEMET"}]
    assert values(found, "publication_date") == ["2021-03-04"]
    assert values(found, "dates") == [
        {"date": "2021-03-04", "type": "Issued"},
        {"date": "2019-01/2020-12", "type": "Coverage"},
    ]
    assert values(found, "languages") == ["en"]
    assert [v["id"] for v in values(found, "rights")] == ["CC-BY-4.0"]
    assert values(found, "locations") == [{"box": {"west": 139.1, "south": 35.0, "east": 139.7, "north": 35.3}}]


FGDC = """<metadata>
 <idinfo>
  <citation><citeinfo><origin>Yamada, Hanako</origin><pubdate>20210304</pubdate>
   <title>Wells of the plain</title>
   <pubinfo><publish>Survey Office</publish></pubinfo>
   <onlink>https://doi.org/10.1234/abc</onlink></citeinfo></citation>
  <descript><abstract>Levels of wells.</abstract></descript>
  <timeperd><timeinfo><rngdates><begdate>2019</begdate><enddate>Present</enddate></rngdates></timeinfo></timeperd>
  <spdom><bounding><westbc>-120.5</westbc><eastbc>-119</eastbc><northbc>40</northbc><southbc>39</southbc></bounding></spdom>
  <keywords><theme><themekt>None</themekt><themekey>groundwater</themekey></theme></keywords>
  <useconst>none</useconst>
 </idinfo>
 <eainfo><detailed><enttyp><enttypl>wells.csv</enttypl></enttyp>
  <attr><attrlabl>level</attrlabl><attrdef>Depth to water</attrdef>
   <attrdomv><rdom><rdommin>0.5</rdommin><rdommax>unknown</rdommax><attrunit>meters</attrunit></rdom></attrdomv></attr>
 </detailed></eainfo>
</metadata>
"""


def test_fgdc(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_geographic.read_fgdc, FGDC)
    assert values(found, "creators") == [YAMADA]
    assert values(found, "publication_date") == ["2021-03-04"]
    assert values(found, "titles") == [{"text": "Wells of the plain"}]
    assert values(found, "publisher") == [{"name": "Survey Office"}]
    assert values(found, "alternate_identifiers") == [{"identifier": "10.1234/abc", "type": "DOI"}]
    assert values(found, "dates") == [{"date": "2019/..", "type": "Coverage"}]
    assert values(found, "subjects") == [{"text": "groundwater"}]
    assert values(found, "rights") == []
    assert values(found, "locations") == [{"box": {"west": -120.5, "south": 39.0, "east": -119.0, "north": 40.0}}]
    assert values(found, "variables") == [
        {"name": "level", "file": "wells.csv", "unit": "meters", "description": "Depth to water", "minimum": 0.5}
    ]


ECS = """<?xml version="1.0"?>
<GranuleMetaDataFile><GranuleURMetaData>
 <CollectionMetaData><ShortName>XY11</ShortName><VersionID>61</VersionID></CollectionMetaData>
 <RangeDateTime><RangeEndingDate>2020-01-16</RangeEndingDate><RangeBeginningDate>2020-01-01</RangeBeginningDate></RangeDateTime>
 <GPolygon><Boundary><Point><PointLongitude>10</PointLongitude><PointLatitude>40</PointLatitude></Point>
  <Point><PointLongitude>20</PointLongitude><PointLatitude>41</PointLatitude></Point>
  <Point><PointLongitude>15</PointLongitude><PointLatitude>50.5</PointLatitude></Point></Boundary></GPolygon>
 <Platform><Instrument><InstrumentShortName>RADX</InstrumentShortName></Instrument></Platform>
 <PSAs><PSA><PSAName>identifier_product_doi</PSAName><PSAValue>10.5067/TEST/XY11.061</PSAValue></PSA></PSAs>
</GranuleURMetaData></GranuleMetaDataFile>
"""


def test_granule_metadata_of_nasa(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_geographic.read_granule, ECS)
    assert values(found, "related") == [
        {
            "identifier": "10.5067/TEST/XY11.061",
            "scheme": "DOI",
            "relation": "IsDerivedFrom",
            "resource_type": "Dataset",
        }
    ]
    assert values(found, "dates") == [{"date": "2020-01-01/2020-01-16", "type": "Coverage"}]
    assert values(found, "locations") == [{"box": {"west": 10.0, "south": 40.0, "east": 20.0, "north": 50.5}}]
    assert values(found, "instruments") == [{"name": "RADX"}]
    assert values(found, "version") == []  # the product has it, not what is made of it


def test_outline_across_the_date_line_is_no_box(tmp_path: Path) -> None:
    text = ECS.replace("<PointLongitude>10<", "<PointLongitude>-179<").replace(
        "<PointLongitude>20<", "<PointLongitude>179<"
    )
    assert values(read(tmp_path, metadata_geographic.read_granule, text), "locations") == []


DDI = """<?xml version="1.0"?>
<codeBook xmlns="ddi:codebook:2_5">
 <docDscr><citation><titlStmt><titl>The codebook itself</titl></titlStmt></citation></docDscr>
 <stdyDscr>
  <citation><titlStmt><titl xml:lang="ja">くらしの調査</titl><parTitl xml:lang="en">Survey of living</parTitl>
    <IDNo agency="DOI">doi:10.1234/living</IDNo></titlStmt>
   <rspStmt><AuthEnty affiliation="University of Example">Yamada, Hanako</AuthEnty></rspStmt>
   <prodStmt><fundAg>JSPS</fundAg><grantNo>JP21K12345</grantNo></prodStmt>
   <distStmt><distrbtr>Data Archive</distrbtr><distDate date="2020-05-01">May 2020</distDate></distStmt></citation>
  <stdyInfo><subject><keyword vocab="ELSST">housing</keyword></subject><abstract>Two waves.</abstract>
   <sumDscr><timePrd event="start" date="2018-01-01">2018</timePrd><timePrd event="end" date="2018-12-31">2018</timePrd>
    <collDate event="single" date="2019-02">February</collDate><nation>Japan</nation></sumDscr></stdyInfo>
 </stdyDscr>
 <fileDscr ID="F1"><fileTxt><fileName>living.sav</fileName></fileTxt></fileDscr>
 <dataDscr>
  <var name="Q1" files="F1"><labl>Rooms</labl><qstn><qstnLit>How many rooms?</qstnLit></qstn>
   <valrng><range UNITS="INT" min="1" max="12"/></valrng><varFormat type="numeric"/></var>
 </dataDscr>
</codeBook>
"""


def test_ddi_codebook(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_studies.read_ddi, DDI)
    assert values(found, "titles") == [
        {"text": "くらしの調査", "lang": "ja"},
        {"text": "Survey of living", "lang": "en", "type": "TranslatedTitle"},
    ]
    assert values(found, "creators") == [{**YAMADA, **EXAMPLE}]
    assert values(found, "alternate_identifiers") == [{"identifier": "10.1234/living", "type": "DOI"}]
    assert values(found, "funding") == [{"funder": "JSPS", "award": "JP21K12345"}]
    assert values(found, "publication_date") == ["2020-05-01"]
    assert values(found, "subjects") == [{"text": "housing", "scheme": "ELSST"}]
    assert values(found, "dates") == [
        {"date": "2018-01-01/2018-12-31", "type": "Coverage"},
        {"date": "2019-02", "type": "Collected"},
    ]
    assert values(found, "locations") == [{"place": "Japan"}]
    assert values(found, "variables") == [
        {"name": "Q1", "file": "living.sav", "type": "number", "label": "Rooms", "description": "How many rooms?", "minimum": 1.0, "maximum": 12.0}
    ]  # fmt: skip


def test_ddi_without_a_namespace(tmp_path: Path) -> None:
    plain = DDI.replace(' xmlns="ddi:codebook:2_5"', "")
    assert [v["name"] for v in values(read(tmp_path, metadata_studies.read_ddi, plain), "variables")] == ["Q1"]


DWCA = """<archive xmlns="http://rs.tdwg.org/dwc/text/" metadata="eml.xml">
 <core encoding="UTF-8" rowType="http://rs.tdwg.org/dwc/terms/Occurrence">
  <files><location>occurrence.txt</location></files>
  <id index="0"/>
  <field index="1" term="http://rs.tdwg.org/dwc/terms/eventDate"/>
  <field index="2" term="http://purl.org/dc/terms/license"/>
  <field default="Japan" term="http://rs.tdwg.org/dwc/terms/country"/>
 </core>
</archive>
"""


def test_darwin_core_archive(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_studies.read_darwin_core, DWCA)
    assert values(found, "variables") == [
        {"name": "eventDate", "file": "occurrence.txt", "standard_name": "http://rs.tdwg.org/dwc/terms/eventDate"},
        {"name": "license", "file": "occurrence.txt", "standard_name": "http://purl.org/dc/terms/license"},
    ]


MINIML = """<MINiML xmlns="http://www.ncbi.nlm.nih.gov/geo/info/MINiML">
 <Contributor iid="c1"><Person><First>Hanako</First><Last>Yamada</Last></Person></Contributor>
 <Contributor iid="c2"><Person><First>Not</First><Last>Referred</Last></Person></Contributor>
 <Sample iid="S"><Channel><Organism taxid="10090">Mus musculus</Organism></Channel></Sample>
 <Series iid="GSE"><Title>Liver at night</Title><Accession database="GEO">GSE00001</Accession><Pubmed-ID>1234567</Pubmed-ID>
  <Summary>RNA of livers.</Summary><Overall-Design>Six mice.</Overall-Design><Contributor-Ref ref="c1"/></Series>
</MINiML>
"""


def test_miniml(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_studies.read_miniml, MINIML)
    assert values(found, "titles") == [{"text": "Liver at night"}]
    assert values(found, "creators") == [YAMADA]
    assert [v["type"] for v in values(found, "descriptions")] == ["Abstract", "Methods"]
    assert values(found, "related") == [{"identifier": "1234567", "scheme": "PMID", "relation": "IsSupplementTo"}]
    assert values(found, "subjects") == [{"text": "Mus musculus", "scheme": "NCBI Taxonomy"}]


MODS = f"""<mods xmlns="http://www.loc.gov/mods/v3">
 <titleInfo><nonSort>The</nonSort><title>sea at night</title><subTitle>a log</subTitle></titleInfo>
 <name type="personal"><namePart type="family">Yamada</namePart><namePart type="given">Hanako</namePart>
  <role><roleTerm type="text">author</roleTerm></role><nameIdentifier type="orcid">https://orcid.org/{ORCID}</nameIdentifier></name>
 <name type="corporate"><namePart>Sea Club</namePart><role><roleTerm>editor</roleTerm></role></name>
 <originInfo><publisher>Sea Press</publisher><dateIssued>2020-02</dateIssued></originInfo>
 <language><languageTerm type="code">jpn</languageTerm></language>
 <subject authority="lcsh"><topic>Sea</topic><geographic>Sagami Bay</geographic></subject>
 <identifier type="doi">10.1234/night</identifier>
 <relatedItem><titleInfo><title>A journal</title></titleInfo></relatedItem>
</mods>
"""


def test_mods(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_libraries.read_mods, MODS)
    assert values(found, "titles") == [{"text": "The sea at night"}, {"text": "a log", "type": "Subtitle"}]
    assert values(found, "creators") == [{**YAMADA, "orcid": ORCID}]
    assert values(found, "contributors") == [{"name": "Sea Club", "name_type": "Organizational", "role": "Editor"}]
    assert values(found, "publication_date") == ["2020-02"]
    assert values(found, "languages") == ["ja"]
    assert values(found, "subjects") == [{"text": "Sea", "scheme": "lcsh"}]
    assert values(found, "locations") == [{"place": "Sagami Bay"}]


JPCOAR = """<jpcoar:jpcoar xmlns:jpcoar="https://github.com/JPCOAR/schema/blob/master/2.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:datacite="https://schema.datacite.org/meta/kernel-4/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <dc:title xml:lang="ja">相模湾の水温</dc:title>
 <jpcoar:creator><jpcoar:creatorName xml:lang="en">Yamada, Hanako</jpcoar:creatorName>
  <jpcoar:creatorName xml:lang="ja">山田, 花子</jpcoar:creatorName>
  <jpcoar:affiliation><jpcoar:affiliationName xml:lang="ja">例示大学</jpcoar:affiliationName></jpcoar:affiliation></jpcoar:creator>
 <dc:rights rdf:resource="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</dc:rights>
 <jpcoar:subject subjectScheme="Other" xml:lang="ja">水温</jpcoar:subject>
 <datacite:description xml:lang="ja" descriptionType="Abstract">毎時の値。</datacite:description>
 <datacite:date dateType="Issued">2022-03-01</datacite:date>
 <dc:language>jpn</dc:language>
 <jpcoar:identifierRegistration identifierType="JaLC">10.1234/sagami</jpcoar:identifierRegistration>
 <jpcoar:relation relationType="isSupplementTo"><jpcoar:relatedIdentifier identifierType="DOI">10.1234/paper</jpcoar:relatedIdentifier></jpcoar:relation>
 <jpcoar:fundingReference><jpcoar:funderName xml:lang="en">JSPS</jpcoar:funderName><jpcoar:funderName xml:lang="ja">日本学術振興会</jpcoar:funderName>
  <jpcoar:awardNumber>JP21K12345</jpcoar:awardNumber></jpcoar:fundingReference>
</jpcoar:jpcoar>
"""


def test_jpcoar(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_libraries.read_jpcoar, JPCOAR)
    assert values(found, "titles") == [{"text": "相模湾の水温", "lang": "ja"}]
    [creator] = values(found, "creators")
    assert creator["name"].startswith("山田")
    assert creator["lang"] == "ja"
    assert creator["other_names"] == [{"name": "Yamada, Hanako", "lang": "en"}]
    assert creator["affiliations"] == [{"name": "例示大学"}]
    assert [v["id"] for v in values(found, "rights")] == ["CC-BY-4.0"]
    assert values(found, "subjects") == [{"text": "水温", "lang": "ja"}]
    assert values(found, "publication_date") == ["2022-03-01"]
    assert values(found, "alternate_identifiers") == [{"identifier": "10.1234/sagami", "type": "DOI"}]
    assert values(found, "related") == [{"identifier": "10.1234/paper", "scheme": "DOI", "relation": "IsSupplementTo"}]
    assert values(found, "funding") == [{"funder": "日本学術振興会", "award": "JP21K12345"}]


def test_junii2(tmp_path: Path) -> None:
    text = (
        '<meta xmlns="http://irdb.nii.ac.jp/oai/junii2">\n<title>水温の記録</title>\n<creator>山田, 花子</creator>\n'
        "<dateofissued>2010-03</dateofissued>\n<NDC>452</NDC>\n<doi>info:doi/10.1234/x</doi>\n</meta>"
    )
    found = read(tmp_path, metadata_libraries.read_jpcoar, text)
    assert values(found, "titles") == [{"text": "水温の記録"}]
    assert len(values(found, "creators")) == 1
    assert values(found, "publication_date") == ["2010-03"]
    assert values(found, "subjects") == [{"text": "452", "scheme": "NDC"}]
    assert values(found, "alternate_identifiers") == [{"identifier": "10.1234/x", "type": "DOI"}]


def _field(name: str, value: object) -> dict[str, object]:
    return {"typeName": name, "multiple": isinstance(value, list), "value": value}


DATAVERSE = {
    "id": 3, "datasetPersistentId": "doi:10.1234/DVN/AB", "versionNumber": 2, "versionMinorNumber": 0, "releaseTime": "2021-03-04T05:06:07Z",
    "license": {"name": "CC0 1.0", "uri": "http://creativecommons.org/publicdomain/zero/1.0"},
    "metadataBlocks": {
        "citation": {"fields": [
            _field("title", "Votes of villages"),
            _field("author", [{"authorName": _field("authorName", "Yamada, Hanako"), "authorAffiliation": _field("authorAffiliation", "University of Example"),
                "authorIdentifier": _field("authorIdentifier", ORCID)}]),
            _field("dsDescription", [{"dsDescriptionValue": _field("dsDescriptionValue", "<p>Counts.</p>")}]),
            _field("subject", ["Social Sciences"]),
            _field("keyword", [{"keywordValue": _field("keywordValue", "votes")}]),
            _field("timePeriodCovered", [{"timePeriodCoveredStart": _field("timePeriodCoveredStart", "2010"), "timePeriodCoveredEnd": _field("timePeriodCoveredEnd", "2012")}]),
        ]},
        "geospatial": {"fields": [_field("geographicBoundingBox", [{"westLongitude": _field("w", "1"), "eastLongitude": _field("e", "2"),
            "southLongitude": _field("s", "3"), "northLongitude": _field("n", "4")}])]},
    },
}  # fmt: skip


def test_dataverse_json(tmp_path: Path) -> None:
    text = json.dumps({"status": "OK", "data": {"latestVersion": DATAVERSE}}, indent=1)
    found = read(tmp_path, metadata_repositories.read_repository, text)
    assert values(found, "titles") == [{"text": "Votes of villages"}]
    assert values(found, "creators") == [{**YAMADA, "orcid": ORCID, **EXAMPLE}]
    assert values(found, "descriptions") == [{"text": "Counts.", "type": "Abstract"}]
    assert values(found, "subjects") == [{"text": "Social Sciences"}, {"text": "votes"}]
    assert values(found, "dates") == [{"date": "2010/2012", "type": "Coverage"}]
    assert values(found, "locations") == [{"box": {"west": 1.0, "south": 3.0, "east": 2.0, "north": 4.0}}]
    assert [v["id"] for v in values(found, "rights")] == ["CC0-1.0"]
    assert values(found, "alternate_identifiers") == [{"identifier": "10.1234/DVN/AB", "type": "DOI"}]
    assert values(found, "publication_date") == ["2021-03-04"]
    assert values(found, "version") == ["2.0"]


INVENIO = {
    "pids": {"doi": {"identifier": "10.1234/rdm.1"}},
    "metadata": {
        "title": "Winds of the cape",
        "creators": [{"person_or_org": {"type": "personal", "name": "Yamada, Hanako", "given_name": "Hanako", "family_name": "Yamada",
            "identifiers": [{"scheme": "orcid", "identifier": ORCID}]}, "affiliations": [{"name": "University of Example"}]}],
        "contributors": [{"person_or_org": {"type": "organizational", "name": "Cape Station"}, "role": {"id": "datacollector"}}],
        "publication_date": "2023-01-02", "rights": [{"id": "cc-by-4.0", "title": {"en": "Creative Commons"}}],
        "related_identifiers": [{"identifier": "10.1234/p", "scheme": "doi", "relation_type": {"id": "issupplementto"}},
            {"identifier": "10.1234/q", "scheme": "doi", "relation_type": {"id": "cites"}}],
        "languages": [{"id": "eng"}], "funding": [{"funder": {"name": "JSPS"}, "award": {"number": "1", "title": {"en": "Winds"}}}],
    },
}  # fmt: skip


def test_inveniordm_json(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_repositories.read_repository, json.dumps(INVENIO, indent=1))
    assert values(found, "creators") == [{**YAMADA, "orcid": ORCID, **EXAMPLE}]
    assert values(found, "contributors") == [
        {"name": "Cape Station", "name_type": "Organizational", "role": "DataCollector"}
    ]
    assert [v["id"] for v in values(found, "rights")] == ["CC-BY-4.0"]
    assert [v["relation"] for v in values(found, "related")] == ["IsSupplementTo", "Cites"]
    assert values(found, "funding") == [{"funder": "JSPS", "award": "1", "award_title": "Winds"}]
    assert values(found, "languages") == ["en"]


@pytest.mark.parametrize("text", ["[]", '{"metadataBlocks": 3}', '{"metadataBlocks": {"citation": {"fields": [1, {"value": [[]]}]}}}',
    '{"metadata": {"creators": []}}', '{"metadata": {"creators": [{"person_or_org": {}}]}}',
    '{"metadata": {"creators": [{"person_or_org": {"identifiers": 3}, "affiliations": 4}], "funding": [[]], "rights": "x"}}'])  # fmt: skip
def test_odd_repository_json_states_little(tmp_path: Path, text: str) -> None:
    assert values(read(tmp_path, metadata_repositories.read_repository, text), "creators") == []


XML = {
    ISO: "application/x-iso19139+xml", FGDC: "application/x-fgdc+xml", ECS: "application/x-ecs+xml", DDI: "application/x-ddi+xml",
    DWCA: "application/x-dwca+xml", MINIML: "application/x-miniml+xml", MODS: "application/mods+xml", JPCOAR: "application/x-jpcoar+xml",
}  # fmt: skip


@pytest.mark.parametrize(("text", "media_type"), XML.items(), ids=list(XML.values()))
def test_records_are_told_by_their_content_and_have_a_reader(text: str, media_type: str) -> None:
    assert identify_bytes(text.encode(), "meta.xml").media_type == media_type
    assert len(readers_for(media_type)) == 1


@pytest.mark.parametrize("reader", [metadata_geographic.read_iso, metadata_geographic.read_fgdc, metadata_geographic.read_granule,
    metadata_studies.read_ddi, metadata_studies.read_darwin_core, metadata_studies.read_miniml, metadata_libraries.read_mods, metadata_libraries.read_jpcoar])  # fmt: skip
def test_hostile_records(tmp_path: Path, reader: Read) -> None:
    assert read(tmp_path, reader, "<other><a/></other>") == []
    with pytest.raises(Unreadable) as raised:
        read(tmp_path, reader, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert raised.value.code == "entities"
    for text in XML:
        cut = text[: len(text) // 2]
        with pytest.raises(Unreadable) as raised:
            read(tmp_path, reader, cut)
        assert raised.value.code == "malformed"


ISA = (
    "ONTOLOGY SOURCE REFERENCE\nTerm Source Name\t\"OBI\"\nINVESTIGATION\nInvestigation Title\t\"\"\nSTUDY\nStudy Title\t\"Roots in drought\"\n"
    "Study Submission Date\t\"2020-01-02\"\nStudy Public Release Date\t\"2021-03-04\"\nStudy Description\t\"Six plots.\"\n"
    "STUDY DESIGN DESCRIPTORS\nStudy Design Type\t\"time series design\"\nSTUDY PUBLICATIONS\nStudy Publication DOI\t\"10.1234/roots\"\n"
    "STUDY ASSAYS\nStudy Assay Technology Platform\t\"Sequencer X\"\nSTUDY CONTACTS\nStudy Person Last Name\t\"Yamada\"\t\"Lima\"\n"
    "Study Person First Name\t\"Hanako\"\t\"Ana\"\nStudy Person Affiliation\t\"University of Example\"\t\"\"\n"
)  # fmt: skip


def test_isa_tab(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_experiments.read_isa, ISA)
    assert values(found, "titles") == [{"text": "Roots in drought"}]
    assert values(found, "creators") == [
        {**YAMADA, **EXAMPLE},
        {"name": "Lima, Ana", "name_type": "Personal", "given_name": "Ana", "family_name": "Lima"},
    ]
    assert values(found, "publication_date") == ["2021-03-04"]
    assert values(found, "related") == [{"identifier": "10.1234/roots", "scheme": "DOI", "relation": "IsSupplementTo"}]
    assert values(found, "instruments") == [{"name": "Sequencer X"}]


SOFT = (
    "^SERIES = GSE00001\n!Series_title = Liver at night\n!Series_summary = RNA of livers.\n!Series_contributor = Hanako,,Yamada\n"
    "!Series_pubmed_id = 1234567\n^SAMPLE = GSM1\n!Sample_organism_ch1 = Mus musculus\n^SAMPLE = GSM2\n!Sample_organism_ch1 = Mus musculus\n"
    "!Sample_instrument_model = Sequencer X\n"
)  # fmt: skip


def test_geo_soft(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_experiments.read_soft, SOFT)
    assert values(found, "titles") == [{"text": "Liver at night"}]
    assert values(found, "creators") == [YAMADA]
    assert values(found, "subjects") == [{"text": "Mus musculus", "scheme": "NCBI Taxonomy"}]
    assert values(found, "instruments") == [{"name": "Sequencer X"}]
    assert values(found, "related") == [{"identifier": "1234567", "scheme": "PMID", "relation": "IsSupplementTo"}]


def _odl(name: str, value: str) -> str:
    return f'    OBJECT = {name}\n      NUM_VAL = 1\n      VALUE = "{value}"\n    END_OBJECT = {name}\n'


MET = "\nGROUP = INVENTORYMETADATA\n" + "".join(
    _odl(name, value)
    for name, value in (
        ("SHORTNAME", "XY11"), ("VERSIONID", "61"), ("RANGEBEGINNINGDATE", "2020-01-01"), ("RANGEENDINGDATE", "2020-01-16"),
        ("ASSOCIATEDINSTRUMENTSHORTNAME", "RADX"), ("ADDITIONALATTRIBUTENAME", "QAFLAG"), ("PARAMETERVALUE", "10.9999/other"),
        ("ADDITIONALATTRIBUTENAME", "identifier_product_doi"), ("PARAMETERVALUE", "10.5067/TEST/XY11.061"),
    )
)  # fmt: skip


def test_met_of_nasa(tmp_path: Path) -> None:
    found = read(tmp_path, metadata_experiments.read_met, MET)
    assert values(found, "related") == [
        {
            "identifier": "10.5067/TEST/XY11.061",
            "scheme": "DOI",
            "relation": "IsDerivedFrom",
            "resource_type": "Dataset",
        }
    ]
    assert values(found, "dates") == [{"date": "2020-01-01/2020-01-16", "type": "Coverage"}]
    assert values(found, "instruments") == [{"name": "RADX"}]
    assert values(found, "version") == []  # the product has it, not what is made of it


@pytest.mark.parametrize(
    ("text", "media_type"),
    [(ISA, "text/x-isa-tab"), (SOFT, "text/x-geo-soft"), (MET, "text/x-ecs-odl")],
)
def test_text_records_are_told_by_their_content_and_have_a_reader(text: str, media_type: str) -> None:
    assert identify_bytes(text.encode(), "i_x.txt").media_type == media_type
    assert any("metadata_experiments" in reader for reader in readers_for(media_type))


@pytest.mark.parametrize(
    "reader", [metadata_experiments.read_isa, metadata_experiments.read_soft, metadata_experiments.read_met]
)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\t" * 5_000,
        '"' * 999,
        "Study Person First Name\tA\n",
        "!Series_contributor = ,,\n",
        "VALUE = 1\n" * 500,
        "\0\n",
    ],
)
def test_odd_text_records_state_nothing(tmp_path: Path, reader: Read, text: str) -> None:
    assert read(tmp_path, reader, text) == []

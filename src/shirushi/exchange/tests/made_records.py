"""Records of other repositories as they give them out, made up for the tests."""

import json
from typing import Any

ZENODO: dict[str, Any] = {
    "created": "2024-05-02T08:00:00.000000+00:00",
    "id": 1234568,
    "recid": "1234568",
    "conceptrecid": "1234567",
    "doi": "10.5281/zenodo.1234568",
    "conceptdoi": "10.5281/zenodo.1234567",
    "doi_url": "https://doi.org/10.5281/zenodo.1234568",
    "links": {"self": "https://zenodo.org/api/records/1234568", "self_html": "https://zenodo.org/records/1234568"},
    "stats": {"downloads": 12},
    "metadata": {
        "title": "Sea surface temperature of two buoys",
        "doi": "10.5281/zenodo.1234568",
        "publication_date": "2024-05-01",
        "description": "<p>Hourly values.</p><p>Checked &amp; gapless.</p>",
        "access_right": "open",
        "creators": [
            {"name": "Yamada, Hanako", "affiliation": "Example University", "orcid": "0000-0002-1825-0097"},
            {"name": "Suzuki, Ichiro"},
        ],
        "contributors": [{"name": "Sato, Ken", "type": "DataCurator"}],
        "keywords": ["buoy", "temperature"],
        "license": {"id": "cc-by-4.0"},
        "resource_type": {"type": "dataset", "title": "Dataset"},
        "related_identifiers": [
            {"identifier": "10.1234/paper", "relation": "isSupplementTo", "scheme": "doi"},
            {"identifier": "10.5281/zenodo.1234567", "relation": "isVersionOf", "scheme": "doi"},
        ],
        "grants": [{"code": "JP21K12345", "title": "Coasts", "funder": {"name": "JSPS"}}],
        "dates": [{"type": "Collected", "start": "2021-01-01", "end": "2021-12-31"}],
        "locations": [{"lat": 35.2, "lon": 139.3, "place": "Sagami Bay"}],
        "language": "eng",
        "version": "v1",
        "notes": "Two gaps.",
        "communities": [{"id": "ocean"}],
        "references": ["A paper in free words, 2020"],
        "relations": {"version": [{"index": 0, "is_last": True}]},
    },
    "files": [
        {
            "key": "sst.csv",
            "size": 9,
            "checksum": "md5:5ec3bbd49cd23ff82d0bc3e3d1f8d3ec",
            "links": {"self": "https://zenodo.org/api/records/1234568/files/sst.csv/content"},
        }
    ],
}
RDM: dict[str, Any] = {
    "id": "abcde-12345",
    "links": {"self_html": "https://rdm.example.org/records/abcde-12345"},
    "parent": {"id": "fghij-67890", "pids": {"doi": {"identifier": "10.1234/rdm.all", "provider": "datacite"}}},
    "pids": {"doi": {"identifier": "10.1234/rdm.v2", "provider": "datacite"}},
    "versions": {"index": 2, "is_latest": True},
    "access": {
        "record": "public",
        "files": "restricted",
        "embargo": {"active": True, "until": "2099-01-01", "reason": "paper"},
    },
    "custom_fields": {"code:codeRepository": "https://example.org/code"},
    "metadata": {
        "title": "例の記録",
        "resource_type": {"id": "dataset"},
        "publisher": "Example Repository",
        "publication_date": "2025-02",
        "creators": [
            {
                "person_or_org": {
                    "type": "personal",
                    "family_name": "山田",
                    "given_name": "花子",
                    "name": "山田, 花子",
                },
                "affiliations": [{"name": "例大学"}],
            },
            {"person_or_org": {"type": "organizational", "name": "Example Institute"}},
        ],
        "languages": [{"id": "jpn"}],
        "rights": [{"id": "cc0-1.0"}],
        "dates": [{"date": "someday", "type": {"id": "collected"}}],
        "copyright": "Copyright 2025",
    },
    "files": {"enabled": True, "entries": {"a/b.txt": {"size": 3, "checksum": "md5:00000000000000000000000000000000"}}},
}


def field(name: str, value: Any) -> dict[str, Any]:
    return {"typeName": name, "multiple": isinstance(value, list), "typeClass": "compound", "value": value}


def parts(**values: str) -> dict[str, Any]:
    return {
        name: {"typeName": name, "multiple": False, "typeClass": "primitive", "value": value}
        for name, value in values.items()
    }


DATAVERSE: dict[str, Any] = {
    "status": "OK",
    "data": {
        "id": 7,
        "persistentUrl": "https://doi.org/10.7910/DVN/ABCDEF",
        "protocol": "doi",
        "authority": "10.7910",
        "identifier": "DVN/ABCDEF",
        "publisher": "Example Dataverse",
        "publicationDate": "2023-03-04",
        "latestVersion": {
            "datasetPersistentId": "doi:10.7910/DVN/ABCDEF",
            "versionNumber": 1,
            "versionMinorNumber": 2,
            "versionState": "RELEASED",
            "publicationDate": "2023-03-05",
            "license": {"name": "CC0 1.0", "uri": "http://creativecommons.org/publicdomain/zero/1.0"},
            "metadataBlocks": {
                "citation": {
                    "displayName": "Citation Metadata",
                    "fields": [
                        field("title", "Survey of households"),
                        field("alternativeTitle", ["世帯調査"]),
                        field(
                            "author",
                            [
                                parts(
                                    authorName="Doe, Jane",
                                    authorAffiliation="Example University",
                                    authorIdentifierScheme="ORCID",
                                    authorIdentifier="0000-0002-1825-0097",
                                ),
                                parts(authorName="Statistics Bureau"),
                            ],
                        ),
                        field(
                            "datasetContact",
                            [parts(datasetContactName="Doe, Jane", datasetContactEmail="jane@example.org")],
                        ),
                        field("dsDescription", [parts(dsDescriptionValue="<p>Two waves of a survey.</p>")]),
                        field("subject", ["Social Sciences"]),
                        field("keyword", [parts(keywordValue="households", keywordVocabulary="LCSH")]),
                        field(
                            "publication",
                            [
                                parts(
                                    publicationCitation="Doe 2022",
                                    publicationIDType="doi",
                                    publicationIDNumber="10.1234/abc",
                                    publicationRelationType="IsSupplementTo",
                                )
                            ],
                        ),
                        field("language", ["English", "Klingon"]),
                        field("grantNumber", [parts(grantNumberAgency="JSPS", grantNumberValue="JP1")]),
                        field(
                            "timePeriodCovered",
                            [parts(timePeriodCoveredStart="2020-01-01", timePeriodCoveredEnd="2021-06-30")],
                        ),
                        field("kindOfData", ["survey data"]),
                        field("software", [parts(softwareName="Stata", softwareVersion="17")]),
                        field("depositor", "Somebody"),
                    ],
                },
                "geospatial": {
                    "fields": [
                        field("geographicCoverage", [parts(country="Japan", city="Tokyo")]),
                        field(
                            "geographicBoundingBox",
                            [parts(westLongitude="139", eastLongitude="140", northLatitude="36", southLatitude="35")],
                        ),
                    ]
                },
            },
            "files": [
                {
                    "label": "wave1.tab",
                    "directoryLabel": "data",
                    "restricted": False,
                    "dataFile": {"filename": "wave1.tab", "filesize": 4, "md5": "098f6bcd4621d373cade4e832627b4f6"},
                }
            ],
        },
    },
}

DATACITE = b"""<?xml version="1.0"?>
<resource xmlns="http://datacite.org/schema/kernel-4">
<identifier identifierType="DOI">10.1234/ABC.v3</identifier>
<creators><creator><creatorName nameType="Personal">Doe, Jane</creatorName></creator></creators>
<titles><title xml:lang="en">A dataset</title></titles>
<publisher>Somewhere</publisher><publicationYear>2020</publicationYear>
<resourceType resourceTypeGeneral="Dataset">Dataset</resourceType>
<dates><date dateType="Collected">not a day</date></dates>
<relatedIdentifiers><relatedIdentifier relatedIdentifierType="DOI" relationType="IsVersionOf">10.1234/ABC</relatedIdentifier></relatedIdentifiers>
<rightsList><rights rightsIdentifier="CC-BY-4.0" rightsURI="https://creativecommons.org/licenses/by/4.0/"/></rightsList>
<descriptions><description descriptionType="Abstract">What it is.</description></descriptions>
</resource>"""

_COLUMNS = [
    ("#.id", "#ID", "11"),
    (".uri", "URI", "https://repo.example.ac.jp/records/11"),
    (".metadata.path[0]", ".IndexID[0]", "1623632832836"),
    (".publish_status", ".PUBLISH_STATUS", "public"),
    (".feedback_mail[0]", ".FEEDBACK_MAIL[0]", ""),
    (".cnri", ".CNRI", ""),
    (".doi_ra", ".DOI_RA", "JaLC"),
    (".doi", ".DOI", "10.34567/0000000011"),
    (".edit_mode", "Keep/Upgrade Version", "Keep"),
    (".metadata.pubdate", "PubDate", "2021-08-06"),
    (".metadata.item_1617186331708[0].subitem_1551255647225", "Title[0].Title", "海面水温"),
    (".metadata.item_1617186331708[0].subitem_1551255648112", "Title[0].Language", "ja"),
    (".metadata.item_1617186331708[1].subitem_1551255647225", "Title[1].Title", "Sea surface temperature"),
    (".metadata.item_1617186331708[1].subitem_1551255648112", "Title[1].Language", "en"),
    (".metadata.item_1617186419668[0].creatorNames[0].creatorName", "Creator[0].作成者姓名[0].姓名", "山田 花子"),
    (".metadata.item_1617186419668[0].creatorNames[0].creatorNameLang", "Creator[0].作成者姓名[0].言語", "ja"),
    (".metadata.item_1617186419668[0].creatorNames[1].creatorName", "Creator[0].作成者姓名[1].姓名", "Yamada, Hanako"),
    (".metadata.item_1617186419668[0].creatorNames[1].creatorNameLang", "Creator[0].作成者姓名[1].言語", "en"),
    (
        ".metadata.item_1617186419668[0].nameIdentifiers[0].nameIdentifier",
        "Creator[0].作成者識別子[0].作成者識別子",
        "0000-0002-1825-0097",
    ),
    (
        ".metadata.item_1617186419668[0].nameIdentifiers[0].nameIdentifierScheme",
        "Creator[0].作成者識別子[0].Scheme",
        "ORCID",
    ),
    (".metadata.item_1617186626617[0].subitem_description", "Description[0].内容記述", "二つのブイの値。"),
    (".metadata.item_1617186626617[0].subitem_description_language", "Description[0].言語", "ja"),
    (".metadata.item_1617186626617[0].subitem_description_type", "Description[0].内容記述タイプ", "Abstract"),
    (".metadata.item_30001_publisher[0].subitem_publisher", "Publisher[0].出版者", "例大学"),
    (".metadata.item_1617186660861[0].subitem_1522300695726", "Date[0].日付タイプ", "Issued"),
    (".metadata.item_1617186660861[0].subitem_1522300722591", "Date[0].日付", "2021-08-01"),
    (".metadata.item_1617186702042[0].subitem_1551255818386", "Language[0].Language", "jpn"),
    (".metadata.item_1617258105262.resourcetype", "Resource Type.資源タイプ", "observational data"),
    (".metadata.item_1617186609386[0].subitem_1523261968819", "Subject[0].主題", "海洋"),
    (
        ".metadata.item_1617186499011[0].subitem_1522650727486",
        "Rights[0].権利情報Resource",
        "https://creativecommons.org/licenses/by/4.0/deed.ja",
    ),
    (".metadata.item_1617353299429[0].subitem_1522306207484", "Relation[0].関連タイプ", "isSupplementTo"),
    (".metadata.item_1617353299429[0].subitem_1522306287251.subitem_1522306382014", "Relation[0].識別子タイプ", "DOI"),
    (
        ".metadata.item_1617353299429[0].subitem_1522306287251.subitem_1522306436033",
        "Relation[0].関連識別子",
        "10.1234/paper",
    ),
    (".metadata.item_1617186901218[0].subitem_1522399412622[0].subitem_1522737543681", "Funding[0].助成機関名", "JSPS"),
    (
        ".metadata.item_1617186901218[0].subitem_1522399571623.subitem_1522399628911",
        "Funding[0].研究課題番号",
        "JP21K12345",
    ),
    (".metadata.item_1617187056579.bibliographicVolumeNumber", "Bibliographic Information.巻", "12"),
    (".file_path[0]", ".ファイルパス[0]", "recid_11/sst.csv"),
    (".metadata.item_1617605131499[0].filename", "File[0].表示名", "sst.csv"),
]
WEKO3 = "\ufeff" + "\n".join(
    [
        "#ItemType\tデフォルトアイテムタイプ（フル）(15)\thttps://repo.example.ac.jp/items/jsonschema/15",
        *("\t".join(column[row] for column in _COLUMNS) for row in (0, 1)),
        "\t".join(["#", *[""] * (len(_COLUMNS) - 1)]),
        "\t".join(["#", *[""] * (len(_COLUMNS) - 1)]),
        "\t".join(column[2] for column in _COLUMNS),
    ]
)
WEKO3_CRATE = {
    "@context": "https://w3id.org/ro/crate/1.1/context",
    "@graph": [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}},
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "record_11",
            "datePublished": "2021-08-06T00:00:00",
            "dc:title": [{"@id": "_:title_1"}, {"@id": "_:title_2"}],
            "jpcoar:creator": {"@id": "_:creator_1"},
            "datacite:description": {"@id": "_:description_1"},
            "dc:type": {"@id": "_:type_1"},
            "jpcoar:identifierRegistration": {"@id": "_:reg_1"},
            "wk:index": ["1623632832836"],
            "hasPart": [{"@id": "data/sst.csv"}],
        },
        {"@id": "_:title_1", "@type": "PropertyValue", "value": "海面水温", "language": "ja"},
        {"@id": "_:title_2", "@type": "PropertyValue", "value": "Sea surface temperature", "language": "en"},
        {"@id": "_:creator_1", "@type": "PropertyValue", "jpcoar:creatorName": {"@id": "_:name_1"}},
        {"@id": "_:name_1", "@type": "PropertyValue", "value": "山田 花子", "language": "ja"},
        {
            "@id": "_:description_1",
            "@type": "PropertyValue",
            "value": "二つのブイの値。",
            "descriptionType": "Abstract",
        },
        {"@id": "_:type_1", "@type": "PropertyValue", "value": "dataset"},
        {"@id": "_:reg_1", "@type": "PropertyValue", "value": "10.34567/0000000011", "identifierType": "JaLC"},
        {"@id": "data/sst.csv", "@type": "File", "contentSize": "9", "name": "sst.csv"},
    ],
}


def dumped(record: object) -> str:
    return json.dumps(record, ensure_ascii=False)

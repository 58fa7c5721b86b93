"""Records of other repositories: what they say becomes a Work, they keep their identifiers, and nothing is dropped without a word."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shirushi.exchange import inveniordm
from shirushi.exchange.errors import NotReadable
from shirushi.exchange.imported import Imported
from shirushi.exchange.importing import SOURCES, in_order, read
from shirushi.exchange.inveniordm_importing import from_inveniordm
from shirushi.exchange.tests import made_records as made
from shirushi.metadata.work import Work

SAMPLES: dict[str, tuple[str, bytes]] = {
    "zenodo": ("inveniordm", made.dumped(made.ZENODO).encode()),
    "rdm": ("inveniordm", made.dumped(made.RDM).encode()),
    "dataverse": ("dataverse", made.dumped(made.DATAVERSE).encode()),
    "datacite": ("datacite", made.DATACITE),
    "weko3": ("weko3", made.WEKO3.encode()),
    "weko3-crate": ("weko3", made.dumped(made.WEKO3_CRATE).encode()),
}


def imported(name: str) -> Imported:
    source, data = SAMPLES[name]
    (row,) = read(source, name, data)  # type: ignore[arg-type]
    assert isinstance(row.record, Imported), row.record
    return row.record


@pytest.mark.parametrize(
    ("name", "key", "own", "concept", "ordinal"),
    [
        ("zenodo", "zenodo.org:1234568", "10.5281/zenodo.1234568", "10.5281/zenodo.1234567", 1),
        ("rdm", "rdm.example.org:abcde-12345", "10.1234/rdm.v2", "10.1234/rdm.all", 2),
        ("dataverse", "10.7910/dvn/abcdef", "10.7910/DVN/ABCDEF", None, 1002),
        ("datacite", "10.1234/abc.v3", "10.1234/ABC.v3", "10.1234/ABC", 3),
        ("weko3", "repo.example.ac.jp:11", "10.34567/0000000011", None, None),
        ("weko3-crate", "10.34567/0000000011", "10.34567/0000000011", None, None),
    ],
)
def test_identifiers_are_kept(name, key, own, concept, ordinal):
    record = imported(name)
    assert (record.key, record.ordinal) == (key, ordinal)
    assert record.identifier
    assert (record.identifier.value, record.identifier.state) == (own, "registered")
    assert (record.concept_identifier and record.concept_identifier.value) == concept


TOLD: dict[str, dict[str, Any]] = {
    "zenodo": {
        "titles": [{"text": "Sea surface temperature of two buoys"}],
        "descriptions": [
            {"text": "Hourly values.\nChecked & gapless.", "type": "Abstract"},
            {"text": "Two gaps.", "type": "Other"},
        ],
        "rights": [{"id": "CC-BY-4.0", "covers": "all"}],
        "publisher": {"name": "Zenodo"},
        "publication_date": "2024-05-01",
        "dates": [{"date": "2021-01-01/2021-12-31", "type": "Collected"}],
        "languages": ["en"],
        "funding": [{"funder": "JSPS", "award": "JP21K12345", "award_title": "Coasts"}],
        "locations": [{"place": "Sagami Bay", "box": {"west": 139.3, "south": 35.2, "east": 139.3, "north": 35.2}}],
        "subjects": [{"text": "buoy"}, {"text": "temperature"}],
    },
    "rdm": {
        "access": {"rights": "embargoed", "until": "2099-01-01", "note": "paper"},
        "languages": ["ja"],
        "publication_date": "2025-02",
        "publisher": {"name": "Example Repository"},
    },
    "dataverse": {
        "titles": [{"text": "Survey of households"}, {"text": "世帯調査", "type": "AlternativeTitle"}],
        "version": "1.2",
        "publication_date": "2023-03-05",
        "publisher": {"name": "Example Dataverse"},
        "languages": ["en"],
        "rights": [{"id": "CC0-1.0", "covers": "all"}],
        "software": [{"name": "Stata", "version": "17"}],
        "resource_type": {"general": "Dataset", "text": "survey data"},
        "locations": [{"place": "Tokyo, Japan"}, {"box": {"west": 139.0, "south": 35.0, "east": 140.0, "north": 36.0}}],
        "dates": [{"date": "2020-01-01/2021-06-30", "type": "Coverage"}],
    },
    "weko3": {
        "titles": [
            {"text": "海面水温", "lang": "ja"},
            {"text": "Sea surface temperature", "lang": "en", "type": "TranslatedTitle"},
        ],
        "publication_date": "2021-08-01",
        "languages": ["ja"],
        "publisher": {"name": "例大学"},
        "rights": [{"id": "CC-BY-4.0", "covers": "all"}],
        "funding": [{"funder": "JSPS", "award": "JP21K12345"}],
        "related": [{"identifier": "10.1234/paper", "scheme": "DOI", "relation": "IsSupplementTo"}],
    },
    "weko3-crate": {
        "titles": [
            {"text": "海面水温", "lang": "ja"},
            {"text": "Sea surface temperature", "lang": "en", "type": "TranslatedTitle"},
        ],
        "descriptions": [{"text": "二つのブイの値。", "type": "Abstract"}],
        "publication_date": "2021-08-06",
        "resource_type": {"general": "Dataset"},
    },
}


@pytest.mark.parametrize("name", TOLD)
def test_what_it_says_becomes_a_work(name):
    work = imported(name).work.model_dump(mode="json", exclude_none=True)
    assert {field: work[field] for field in TOLD[name]} == TOLD[name]


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("zenodo", [("Yamada, Hanako", "0000-0002-1825-0097"), ("Suzuki, Ichiro", None)]),
        ("rdm", [("山田 花子", None), ("Example Institute", None)]),
        ("dataverse", [("Doe, Jane", "0000-0002-1825-0097"), ("Statistics Bureau", None)]),
        ("weko3", [("山田 花子", "0000-0002-1825-0097")]),
        ("weko3-crate", [("山田 花子", None)]),
    ],
)
def test_people(name, people):
    assert [(one.name, one.orcid) for one in imported(name).work.creators] == people


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("zenodo", {"metadata.communities", "metadata.references"}),
        (
            "rdm",
            {"metadata.copyright", "custom_fields.code:codeRepository", "/dates/0/date", "/dates/0"},
        ),
        ("dataverse", {"citation.depositor", "citation.language", "citation.datasetContact.datasetContactEmail"}),
        ("datacite", {"date"}),
        ("weko3", {"Bibliographic Information"}),
        ("weko3-crate", {"wk:index", "name"}),
    ],
)
def test_what_has_no_place_is_told(name, paths):
    told = imported(name).untaken
    assert {one.path for one in told} == paths
    assert all(one.why.en and one.why.ja for one in told)
    assert "jane@example.org" not in str(told)  # told, and not spread


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("zenodo", ("sst.csv", 9, "md5")),
        ("rdm", ("a/b.txt", 3, "md5")),
        ("dataverse", ("data/wave1.tab", 4, "md5")),
        ("weko3", ("sst.csv", None, None)),
        ("weko3-crate", ("data/sst.csv", 9, None)),
    ],
)
def test_files_are_named(name, file):
    (found,) = imported(name).files
    assert (found.path, found.size, found.checksums[0][0] if found.checksums else None) == file


def test_digest_knows_what_matters():
    before = from_inveniordm(made.ZENODO)
    viewed = copy.deepcopy(made.ZENODO) | {"stats": {"downloads": 99}, "revision": 7}
    assert from_inveniordm(viewed).digest() == before.digest()
    viewed["metadata"]["title"] = "Another"
    assert from_inveniordm(viewed).digest() != before.digest()


def test_versions_come_oldest_first():
    second = copy.deepcopy(made.RDM)
    first = copy.deepcopy(made.RDM) | {"id": "zzzzz", "versions": {"index": 1}}
    rows = list(read("inveniordm", "both.jsonl", f"{made.dumped(second)}\n{{broken\n{made.dumped(first)}\n".encode()))
    assert [row.where for row in in_order(rows)] == ["both.jsonl:2", "both.jsonl:3", "both.jsonl:1"]


def test_hits_of_a_search_and_lists_are_read():
    hits = {"hits": {"hits": [made.ZENODO, made.RDM], "total": 2}}
    assert len(list(read("inveniordm", "hits.json", made.dumped(hits).encode()))) == 2
    assert len(list(read("dataverse", "list.json", made.dumped([made.DATAVERSE]).encode()))) == 1


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("inveniordm", b"{}"),
        ("inveniordm", b"[1]"),
        ("inveniordm", b"\xff\xfe"),
        ("inveniordm", b"[" * 100_000),
        ("inveniordm", json.dumps({"metadata": {}, "access": {"record": "restricted"}, "id": 1}).encode()),
        ("dataverse", b'{"data": {"metadataBlocks": {}}}'),
        ("dataverse", b'{"data": {"latestVersion": {"metadataBlocks": {}, "versionState": "DRAFT"}}}'),
        ("datacite", b"<resource/>"),
        ("datacite", b'<!DOCTYPE r [<!ENTITY a "b">]><resource xmlns="http://datacite.org/schema/kernel-4"/>'),
        ("weko3", b"a\tb\n"),
        ("weko3", b"#ItemType\tx\ty\n#.id\t.uri\n#ID\tURI\n#\t\n#\t\n1\t\n"),
        ("weko3", b'{"@graph": []}'),
    ],
)
def test_what_is_no_record_is_refused_with_a_reason(source, data):
    (row,) = read(source, "x", data)
    assert isinstance(row.record, NotReadable)
    assert str(row.record)


def test_what_we_show_as_inveniordm_comes_back(made):
    """Round trip through our own export, for all that InvenioRDM has a place for."""
    publication = made.registered
    told = inveniordm.document(publication) | {"id": "1", "links": {"self_html": "https://here.example.org/records/1"}}
    back = from_inveniordm(told)
    assert inveniordm.document(publication.model_copy(update={"work": back.work}))["metadata"] == told["metadata"]


def junk() -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    )


@settings(max_examples=120)
@given(st.sampled_from(sorted(SAMPLES)), st.randoms(use_true_random=False), junk())
def test_damaged_records_are_read_or_refused_but_never_break(name, random, rubbish):
    source, data = SAMPLES[name]
    if data[:1] == b"{":
        record = json.loads(data)
        places = list(_places(record))
        holder, key = random.choice(places)
        holder[key] = rubbish
        data = json.dumps(record).encode()
    else:
        at = random.randrange(len(data))
        data = data[:at] + json.dumps(rubbish).encode() + data[at + random.randrange(20) :]
    for row in read(source, name, data):  # type: ignore[arg-type]
        assert isinstance(row.record, Imported | NotReadable)
        if isinstance(row.record, Imported):
            assert Work.model_validate(row.record.work.model_dump(mode="json", exclude_none=True)) == row.record.work
            assert len(row.record.digest()) == 64


def _places(node: Any) -> Any:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield node, key
        yield from _places(value)


def test_every_source_has_a_sample():
    assert {source for source, _ in SAMPLES.values()} == set(SOURCES)


def test_crate_is_known_by_the_address_it_gives_as_its_identifier():
    root = {"@id": "./", "@type": "Dataset", "name": "Tides", "identifier": "https://repo.example.ac.jp/records/1234"}
    about = {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}}
    (row,) = read("weko3", "ro-crate-metadata.json", json.dumps({"@graph": [about, root]}).encode())
    assert row.record.key == row.record.url == "https://repo.example.ac.jp/records/1234"
    assert row.record.identifier is None

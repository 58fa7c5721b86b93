"""Croissant: accepted without an error by the reference validator, and its tables load."""

import hashlib

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from shirushi.exchange import croissant
from shirushi.metadata.published import FileEntry, Publication
from shirushi.metadata.work import Title, Variable, Work

KINDS = ["minimal", "titled", "rich", "registered", "unpublished"]
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="session")
def mlcroissant():
    return pytest.importorskip("mlcroissant")


@pytest.mark.clients
@pytest.mark.parametrize("kind", KINDS)
def test_reference_validator_finds_no_error(made, mlcroissant, kind):
    dataset = mlcroissant.Dataset(jsonld=croissant.document(getattr(made, kind)))
    assert dataset.metadata.ctx.issues.errors == set()


def test_rich_record_has_no_warning_either(made, mlcroissant):
    dataset = mlcroissant.Dataset(jsonld=croissant.document(made.rich))
    assert dataset.metadata.ctx.issues.warnings == set()


def test_any_publication_is_accepted(made, mlcroissant):
    @settings(max_examples=8, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(made.publications)
    def check(publication):
        dataset = mlcroissant.Dataset(jsonld=croissant.document(publication))
        assert dataset.metadata.ctx.issues.errors == set()

    check()


def test_related_works_keep_their_addresses(made):
    assert croissant.document(made.rich)["subjectOf"] == {
        "@type": "ScholarlyArticle",
        "name": "Warm bays",
        "url": "https://doi.org/10.1234/abcd",
    }


def test_columns_become_fields_once_each(made):
    document = croissant.document(made.rich)
    (records,) = document["recordSet"]
    assert [(f["name"], f["dataType"]) for f in records["field"]] == [
        ("time", "sc:DateTime"),
        ("sst", "sc:Float"),
        ("水深 (m)", "sc:Integer"),
    ]


@pytest.mark.clients
def test_records_load_from_the_file(mlcroissant, tmp_path):
    data = "駅,temp\n東京,12.5\n横浜,13.5\n".encode()
    (tmp_path / "観測 1.csv").write_bytes(data)
    entry = FileEntry(
        path="観測 1.csv", size=len(data), media_type="text/csv", sha256=hashlib.sha256(data).hexdigest(),
        url=(tmp_path / "観測 1.csv").as_uri(),
    )  # fmt: skip
    columns = [
        Variable(name="駅", file=entry.path, type="string"),
        Variable(name="temp", file=entry.path, type="number"),
    ]
    work = Work(titles=[Title(text="t")], variables=columns)
    document = croissant.document(Publication(work=work, files=[entry]))
    file_id = document["distribution"][0]["@id"]
    dataset = mlcroissant.Dataset(jsonld=document, mapping={file_id: tmp_path / "観測 1.csv"})
    rows = list(dataset.records(document["recordSet"][0]["@id"]))
    assert [tuple(v.decode() if isinstance(v, bytes) else v for v in row.values()) for row in rows] == [
        ("東京", 12.5),
        ("横浜", 13.5),
    ]

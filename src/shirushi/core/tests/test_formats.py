"""PRONOM's formats: looked up after a reading, kept with the files, published, and copied into the next version."""

import json

import pytest
from django_tasks_db.models import DBTaskResult

from shirushi.core import jobs, services
from shirushi.core.documents import pronom_of, publication_of
from shirushi.describe import pronom
from shirushi.describe.description import Description
from shirushi.exchange.formats import export

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not pronom.is_installed(), reason="SKIPPED LOUDLY: opf-fido ([preserve]) is not installed"),
]
GIF = b"GIF87a\x01\x00\x01\x00\x00\x00\x00;"
FOUND = {"puid": "fmt/3", "pronom_format": "Graphics Interchange Format", "pronom_version": "87a"}


@pytest.fixture
def run(draft, depositor, settings):
    """A reading that is done; its look into PRONOM waits."""
    settings.SHIRUSHI_PRONOM = True
    services.put_file(draft=draft, path="a.gif", content=GIF, by=depositor)
    services.put_file(draft=draft, path="LICENSE", content=b"All may use it.\n", by=depositor)
    run = services.start_describing(draft=draft, by=depositor)
    services.save_description(run=run, description=Description("x", file_count=3))
    draft.refresh_from_db()
    return run


def test_it_is_queued_with_the_reading_where_it_is_asked_for(run, draft, depositor, settings) -> None:
    assert DBTaskResult.objects.filter(task_path=jobs.find_formats.module_path).count() == 1
    settings.SHIRUSHI_PRONOM = False
    again = services.start_describing(draft=draft, by=depositor)
    services.save_description(run=again, description=Description("x", file_count=3))
    assert DBTaskResult.objects.filter(task_path=jobs.find_formats.module_path).count() == 1


def test_job_keeps_the_formats_and_looks_at_no_bytes_twice(run, draft, depositor) -> None:
    jobs.find_formats.func(run.pk)
    assert {file.path: pronom_of(file) for file in draft.files.all()} == {
        "a.gif": FOUND,
        "LICENSE": {},
        "data/sst.csv": {"puid": "x-fmt/18", "pronom_format": "Comma Separated Values"},
    }
    run.refresh_from_db()
    assert services.formats.find_formats(run) == 0
    services.put_file(draft=draft, path="a.gif", content=b"no picture", by=depositor)
    assert pronom_of(draft.files.get(path="a.gif")) == {}
    assert services.formats.find_formats(run) == 1
    assert pronom_of(draft.files.get(path="a.gif")) == {}


def test_many_files_are_looked_up_in_several_jobs(run, draft, monkeypatch) -> None:
    monkeypatch.setattr(services.formats, "MOST", 2)
    find = services.formats.find_formats
    monkeypatch.setattr(services.formats, "find_formats", lambda run: find(run, most=2))
    DBTaskResult.objects.exclude(task_path=jobs.find_formats.module_path).delete()
    jobs.run_jobs(most=1)
    assert [bool(file.pronom) for file in draft.files.all()] == [True, True, False]
    jobs.run_jobs(most=1)
    assert [bool(file.pronom) for file in draft.files.all()] == [True, True, True]
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}


def test_conflict_is_noted_once_and_goes_when_it_is_solved(run, draft, depositor) -> None:
    draft.files.filter(path="a.gif").update(media_type="image/png")
    for _ in range(2):
        services.formats.find_formats(run)
        draft.files.filter(path="LICENSE").update(pronom=None)
    assert [(item["code"], item["file"]) for item in run.problems] == [("pronom-disagrees", "a.gif")]
    services.put_file(draft=draft, path="a.gif", content=GIF + b"\x00", by=depositor)
    services.formats.find_formats(run)
    assert run.problems == []


def test_formats_are_published_exported_and_kept_for_the_next_version(run, draft, depositor, fill) -> None:
    services.formats.find_formats(run)
    fill(draft, depositor)
    record = services.publish(draft=draft, by=depositor, at_version=draft.version)
    assert pronom_of(record.files.get(path="a.gif")) == FOUND
    assert "of" not in record.files.get(path="a.gif").pronom
    assert record.files.get(path="LICENSE").pronom is None
    graph = json.loads(export("ro-crate", publication_of(record)))["@graph"]
    (picture,) = [item for item in graph if item.get("name") == "a.gif"]
    address = "https://www.nationalarchives.gov.uk/pronom/fmt/3"
    assert picture["encodingFormat"] == ["image/gif", {"@id": address}]
    assert {"@id": address, "@type": "WebPage", "name": "Graphics Interchange Format 87a"} in graph
    following = services.new_version(record=record, by=depositor)
    assert pronom_of(following.files.get(path="a.gif")) == FOUND
    services.formats.find_formats(run)  # a job that comes late leaves the published alone


def test_record_without_formats_is_exported_as_before(draft, depositor, fill) -> None:
    fill(draft, depositor)
    record = services.publish(draft=draft, by=depositor, at_version=draft.version)
    assert b"pronom" not in json.dumps(record.document).encode()
    graph = json.loads(export("ro-crate", publication_of(record)))["@graph"]
    assert [item["encodingFormat"] for item in graph if item.get("@type") == "File"] == ["text/csv"]

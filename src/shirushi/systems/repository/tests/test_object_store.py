"""The life of a record whose bytes lie in an S3-compatible store: a real server, pages and REST as ever."""

import hashlib
import io
import os
import sqlite3
import tarfile
import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from shirushi import cli
from shirushi.cli import instance
from shirushi.core import jobs, objects, scrubbing, services, setup
from shirushi.core.backup import BackupError, restore
from shirushi.core.check import check
from shirushi.core.home import blobs, home, place, store
from shirushi.core.models import DescribeRun, Space
from shirushi.core.rebuilding import rebuild
from shirushi.storage.s3 import Bucket
from shirushi.storage.tests.gateway import BUCKET, Gateway
from shirushi.systems.repository.tests.conftest import CSV, FILES


@pytest.fixture
def kept_in_bucket(gateway: Gateway, settings) -> str:
    settings.SHIRUSHI_STORE = f"s3://{BUCKET}/{uuid.uuid4().hex[:8]}"
    return settings.SHIRUSHI_STORE


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The spans of bytes that were asked of the server."""
    spans: list[tuple[int, int]] = []
    stream = Bucket.stream

    def noted(self: Bucket, key: str, start: int, end: int, *more: object):
        if not key.endswith("inventory.json"):
            spans.append((start, end))
        return stream(self, key, start, end, *more)

    monkeypatch.setattr(Bucket, "stream", noted)
    return spans


def fetched() -> list[str]:
    return sorted(path.name for path in (home().root / "fetched").glob("??/*"))


def test_nothing_lies_in_the_home_folder_but_copies(kept_in_bucket: str, gateway: Gateway, publish, client) -> None:
    record = publish()
    assert not home().store.exists()
    assert list(home().blobs.rglob("*")) == []
    disk = gateway.on_disk(kept_in_bucket)
    assert sorted(path.name for path in disk.iterdir()) == ["blobs", "locks-proof", "store"]
    assert [finding for finding in store().verify(record.object_id) if finding.is_error] == []
    for path, content in FILES.items():
        assert store().path(record.object_id, f"files/{path}").read_bytes() == content
    assert [finding for finding in check() if finding.severity == "error"] == []


def test_download_asks_for_what_it_sends_and_no_more(kept_in_bucket: str, publish, client, asked) -> None:
    data = os.urandom(3 << 20)
    record = publish({**FILES, "large.bin": data})
    (home().root / "fetched").rename(home().root / "gone")
    asked.clear()
    for address in (f"/records/{record.pk}/files/large.bin", f"/api/records/{record.pk}/files/large.bin"):
        answer = client.get(address, headers={"Range": "bytes=1000000-1000999"})
        assert (answer.status_code, answer.getvalue()) == (206, data[1_000_000:1_001_000])
        assert (asked, fetched()) == ([(1_000_000, 1_001_000)], [])
        asked.clear()
        whole = client.get(address)
        assert hashlib.sha256(whole.getvalue()).hexdigest() == hashlib.sha256(data).hexdigest()
        assert (asked, fetched()) == ([(0, len(data))], [])
        asked.clear()
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
        assert asked == []


def test_derived_files_lie_apart_in_the_bucket(kept_in_bucket: str, gateway: Gateway, publish, client) -> None:
    record = publish()
    services.deriving.derive_record(record)
    disk = gateway.on_disk(kept_in_bucket)
    assert sorted(path.name for path in disk.iterdir()) == ["blobs", "derived", "locks-proof", "store"]
    answer = client.get(f"/records/{record.pk}/derived/data/sst.csv.parquet", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.getvalue()) == (206, b"PAR1")
    assert [finding for finding in store().verify(record.object_id) if finding.is_error] == []
    assert [finding for finding in check() if finding.severity == "error"] == []


def test_preview_and_reading_work_on_verified_copies(kept_in_bucket: str, publish, client, curator) -> None:
    record = publish()
    page = client.get(f"/records/{record.pk}/preview/data/sst.csv")
    assert (page.status_code, "2021-01-02" in page.text) == (200, True)
    draft = services.create_draft(space=Space.objects.get(), by=curator, name="again")
    services.put_file(draft=draft, path="data/sst.csv", content=CSV, by=curator)
    for path in (home().root / "fetched").glob("??/*"):
        path.unlink()  # the copies may go at any time
    run = services.start_describing(draft=draft, by=curator)
    jobs.run_description(run.pk)
    assert DescribeRun.objects.get(pk=run.pk).state == "done"
    assert hashlib.sha256(CSV).hexdigest() in fetched()
    assert list((home().root / "fetched" / "held").iterdir()) == []


def test_publishing_copies_within_the_store_and_new_versions_keep_what_they_have(
    kept_in_bucket: str, publish, curator, gateway: Gateway
) -> None:
    record = publish()
    draft = services.new_version(record=record, by=curator)
    services.put_file(draft=draft, path="more.txt", content=b"more\n", by=curator)
    again = services.publish(draft=draft, by=curator, at_version=draft.version)
    content = gateway.on_disk(kept_in_bucket).glob("store/*/*/*/*/v2/content/files/**/*")
    assert [path.name for path in content if path.is_file()] == ["more.txt"]
    services.withdraw(record=again, reason="A mistake was found in it.", by=curator)
    assert store().inventory(record.object_id).head == 3
    assert [finding for finding in check() if finding.severity == "error"] == []


def test_disposal_leaves_no_byte_of_the_files_in_the_bucket(
    kept_in_bucket: str, publish, curator, gateway: Gateway, monkeypatch
) -> None:
    monkeypatch.setattr(services.disposing, "FRESH", 0.0)
    record = publish()
    store().path(record.object_id, "files/data/sst.csv")
    until = timezone.localdate() - timedelta(days=1)
    services.retain(record=record, until=until, by=curator)
    services.disposing.dispose(record=record, reason="Its time is over.", by=curator, seen=until)
    assert services.disposing.finish_all() is True
    everything = [*gateway.on_disk(kept_in_bucket).rglob("*"), *home().root.rglob("*")]
    assert [path for path in everything if path.is_file() and path.read_bytes() in FILES.values()] == []
    assert list(store().objects()) == [f"urn:shirushi:{record.concept_id}:disposed"]
    assert [finding for finding in check() if finding.severity == "error"] == []


def test_damaged_blob_is_not_published(kept_in_bucket: str, publish, gateway: Gateway) -> None:
    from shirushi.core.errors import Conflict

    blob = blobs().write(io.BytesIO(CSV))
    path = gateway.on_disk(kept_in_bucket) / "blobs" / blob.sha256[:2] / blob.sha256[2:4] / blob.sha256
    path.write_bytes(CSV.replace(b"12.5", b"99.9"))  # what its server holds has changed; the size has not
    with pytest.raises(Conflict) as caught:
        publish()
    assert caught.value.code == "file-damaged"
    assert list(store().objects()) == []


def test_store_that_does_not_answer_is_told_with_503(
    kept_in_bucket: str, publish, client, gateway, monkeypatch
) -> None:
    record = publish()
    gateway.kill()
    with monkeypatch.context() as hurried:
        hurried.setattr("time.sleep", lambda _seconds: None)
        page = client.get(f"/records/{record.pk}/files/README.md")
        answer = client.get(f"/api/records/{record.pk}/files/README.md")
    gateway.start()
    assert (page.status_code, answer.status_code, answer.json()["code"]) == (503, 503, "storage")
    assert place().url not in answer.text
    assert client.get(f"/records/{record.pk}/files/README.md").getvalue() == FILES["README.md"]


def test_scrub_reads_what_the_store_holds_not_the_copies(kept_in_bucket: str, publish, gateway: Gateway) -> None:
    record = publish()
    content = next(gateway.on_disk(kept_in_bucket).glob("store/*/*/*/*/v1/content/files/data/sst.csv"))
    content.write_bytes(content.read_bytes().replace(b"12.5", b"99.9"))
    run = scrubbing.go_on(rate=0, wait=lambda _seconds: False)
    assert run is not None
    assert [found["place"].rpartition("/")[2] for found in run.findings] == ["sst.csv"]
    assert {finding.code for finding in check(deep=False)} >= {"scrub-damaged"}
    assert store().inventory(record.object_id).head == 1


def test_database_older_than_the_bucket_is_noticed_and_brought_up_to_date(
    kept_in_bucket: str, publish, curator
) -> None:
    record = publish()
    with transaction.atomic():
        services.withdraw(record=record, reason="x", by=curator)
        transaction.set_rollback(True)
    with pytest.raises(objects.DatabaseOlder):
        setup.prepare()
    rebuild()
    setup.prepare()
    record.refresh_from_db()
    assert record.is_withdrawn


def test_database_newer_than_the_bucket_is_told_by_check(
    kept_in_bucket: str, publish, curator, gateway: Gateway
) -> None:
    record = publish()
    services.withdraw(record=record, reason="x", by=curator)
    store().set_aside(record.object_id, 2, "an older copy of the bucket")
    assert [found.code for found in check() if found.severity == "error"] == ["record-without-object"]


def test_copy_says_that_the_bucket_is_not_in_it(
    kept_in_bucket: str, publish, client, tmp_path, settings, monkeypatch, capsys
) -> None:
    record = publish()
    store().path(record.object_id, f"files/{next(iter(FILES))}")
    assert fetched()
    sqlite3.connect(tmp_path / "some.sqlite3").close()
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", tmp_path / "some.sqlite3")
    copy = tmp_path / "copy.tar"
    monkeypatch.setattr(instance, "set_up", lambda: None)
    monkeypatch.setattr(instance, "migrate", lambda: None)
    assert cli.main(["backup", str(copy)]) == 0
    assert f"NOT in it: the bytes of drafts and records. They stay in {kept_in_bucket}" in capsys.readouterr().out
    with tarfile.open(copy) as tar:
        assert [name for name in tar.getnames() if name.startswith(("fetched", "store", "blobs"))] == []
    settings.SHIRUSHI_STORE = ""
    with pytest.raises(BackupError, match="Set SHIRUSHI_STORE"):
        restore(copy, into=tmp_path / "new")
    settings.SHIRUSHI_STORE = kept_in_bucket
    assert restore(copy, into=tmp_path / "new")["store"] == kept_in_bucket


# -- a store that is away


@pytest.fixture
def own_gateway(tmp_path_factory, monkeypatch):
    """A server of this test's own, which it may stop: the others go on with theirs."""
    server = Gateway(tmp_path_factory.mktemp("s3-away"))
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    yield server
    server.go_on()
    server.kill()


@pytest.mark.parametrize("away", ["killed", "stopped"])
def test_reader_is_told_within_seconds_that_the_store_is_away(own_gateway, settings, publish, client, away) -> None:
    settings.SHIRUSHI_STORE = f"s3://{BUCKET}/{uuid.uuid4().hex[:8]}"
    record = publish()
    ways = [
        f"/records/{record.pk}/files/data/sst.csv",
        f"/records/{record.pk}/files.zip",
        f"/records/{record.pk}/bagit.zip",
        f"/records/{record.pk}/preview/notes.html",
        f"/api/records/{record.pk}/files/data/sst.csv",
    ]
    (home().root / "fetched").rename(home().root / "gone")
    own_gateway.kill() if away == "killed" else own_gateway.stop()
    took = {}
    for way, language in zip(ways, ["en", "ja", "en", "ja", "ja"], strict=True):
        began = time.monotonic()
        answer = client.get(way, headers={"Accept-Language": language})
        took[way] = time.monotonic() - began
        assert (answer.status_code, answer["Retry-After"]) == (503, "60"), way
        words = "ファイル" if language == "ja" else "The files cannot be reached just now"
        assert words in answer.content.decode()
    assert max(took.values()) < 5.5, took
    assert client.get(f"/records/{record.pk}").status_code == 200  # what is written about it is here
    own_gateway.start() if away == "killed" else own_gateway.go_on()
    assert client.get(ways[0]).getvalue() == CSV


def test_what_waits_for_nobody_is_as_patient_as_before(own_gateway, settings, publish) -> None:
    settings.SHIRUSHI_STORE = f"s3://{BUCKET}/{uuid.uuid4().hex[:8]}"
    record = publish()
    own_gateway.kill()
    back = threading.Timer(3, own_gateway.start)
    back.start()
    began = time.monotonic()
    assert store().inventory(record.object_id).head == 1
    assert time.monotonic() - began > 2.5
    back.join()

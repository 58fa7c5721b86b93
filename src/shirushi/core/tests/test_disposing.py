"""At the end of its retention a record waits for somebody's decision; to dispose of it takes its bytes away, and nothing else."""

import hashlib
import io
import json
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.core import (
    closed,
    deadlines,
    followers,
    objects,
    rebuilding,
    recovery,
    retention,
    scrubbing,
    services,
    setup,
)
from shirushi.core.check import check
from shirushi.core.errors import Conflict, Gone, Invalid, NotAllowed
from shirushi.core.home import blobs, derived, home, store
from shirushi.core.models import (
    Concept,
    Deadline,
    Derivation,
    DerivedFile,
    Disposal,
    DraftFile,
    Event,
    HarvestEntry,
    Record,
    RecordFile,
    Suggestion,
)
from shirushi.core.services import deriving, disposing
from shirushi.storage import NotStored
from shirushi.storage.tests.gateway import BUCKET

pytestmark = pytest.mark.django_db
ENDED = timezone.localdate() - timedelta(days=1)
WHY = "Ten years after the end of the project are over."


@pytest.fixture(autouse=True)
def _at_once(monkeypatch) -> None:
    monkeypatch.setattr(disposing, "FRESH", 0.0)


@pytest.fixture
def ended(record: Record, renew, depositor: Actor, curator: Actor) -> Record:
    """The second version of a record whose retention is over."""
    newest = renew(record, depositor)
    services.retain(record=newest, until=ENDED, by=curator, reason="The funder's rule.")
    followers.follow_all()
    return newest


def dispose(record: Record, by: Actor) -> Disposal:
    return disposing.dispose(record=record, reason=WHY, by=by, seen=ENDED)


def errors() -> list[str]:
    return [str(finding) for finding in check() if finding.severity == "error"]


def told(record: Record, kind: str) -> list[dict[str, object]]:
    return list(Event.objects.filter(type=kind, record_id=record.pk).values_list("payload", flat=True))


def test_end_of_retention_is_told_once_also_after_downtime_and_disposes_of_nothing(record, curator) -> None:
    until = timezone.localdate() + timedelta(days=30)
    services.retain(record=record, until=until, by=curator)
    followers.follow_all()
    assert deadlines.keep_due(until) == 0  # it is kept to the end of that day
    assert [deadlines.keep_due(until + timedelta(days=9)) for _ in range(2)] == [1, 0]
    followers.rebuild("deadlines")
    assert deadlines.keep_due(until + timedelta(days=9)) == 0
    assert told(record, "record.retention-ended") == [{"until": until.isoformat()}]
    assert [(one.record.pk, one.until) for one in retention.listed(by=curator, state="coming").items] == [
        (record.pk, until)
    ]
    assert retention.listed(by=curator).items == []
    assert not Record.objects.get().is_withdrawn


def test_list_tells_what_is_decided_by_in_as_many_queries_for_any_number(
    ended, curator, depositor, fill, space, django_assert_num_queries
) -> None:
    services.place_hold(record=ended, reason="A court asks.", by=curator)
    with django_assert_num_queries(5):
        (one,) = retention.listed(by=curator).items
    assert (one.record, one.versions, one.until, one.why) == (ended, 2, ENDED, "The funder's rule.")
    assert (one.files, one.size, one.hold.reason) == (2, 30, "A court asks.")
    for number in range(2):
        draft = services.create_draft(space=space, by=depositor)
        services.put_file(draft=draft, path="a", content=b"%d" % number, by=depositor)
        draft.refresh_from_db()
        fill(draft, depositor)
        other = services.publish(draft=draft, by=depositor, at_version=draft.version)
        services.retain(record=other, until=ENDED - timedelta(days=number + 1), by=curator)
    with django_assert_num_queries(5):
        whole = retention.listed(by=curator)
    assert ([str(one.until) for one in whole.items], whole.following) == (
        [str(ENDED - timedelta(days=days)) for days in (2, 1, 0)],
        "",
    )
    turned, after = [], ""
    for _ in range(3):
        page = retention.listed(by=curator, after=after, limit=1)
        turned += page.items
        after = page.following
    assert ([one.record for one in turned], after) == ([one.record for one in whole.items], "")
    assert (retention.waiting(curator), retention.waiting(depositor)) == (3, 0)
    with pytest.raises(Invalid):
        retention.listed(by=curator, after="nothing")


def test_disposal_takes_the_bytes_of_every_version_and_leaves_all_that_is_said_of_them(ended, curator, csv) -> None:
    first = ended.concept.records.get(number=1)
    sha256s = set(ended.files.values_list("sha256", flat=True))
    bytes_of = store().path(ended.object_id, f"files/{csv.path}", 2, sha512=ended.files.get(path=csv.path).sha512)
    evidence = home().root / "cache" / "previews" / "ab"
    evidence.mkdir(parents=True)
    exports = home().root / "cache" / "exports" / "cd"
    exports.mkdir(parents=True)
    made = derived().write(io.BytesIO(b"PAR1"))
    DerivedFile.objects.create(
        record=ended, path="x.parquet", source=csv.path, kind="parquet", size=4, sha256=made.sha256
    )
    documents = {n: store().open(ended.object_id, "metadata/record.json", n).read() for n in (1, 2)}
    disposal = dispose(ended, curator)
    assert (bytes_of.exists(), disposal.finished_at) == (True, None)
    assert dispose(ended, curator) == disposal
    assert disposing.finish(ended.concept) is True
    assert disposing.finish_all() is True
    assert not bytes_of.exists()
    assert not [digest for digest in sha256s if blobs().exists(digest)]
    with pytest.raises(NotStored):
        store().inventory(f"urn:shirushi:{ended.concept_id}")
    assert not evidence.exists()
    assert not exports.exists()
    assert not DerivedFile.objects.exists()
    left = [path for path in home().root.rglob("*") if path.is_file() and path.read_bytes() == csv.content]
    assert left == []

    for record in (first, ended):
        record.refresh_from_db()
        assert (record.is_withdrawn, record.withdrawal_reason, record.identifiers.get().state) == (
            True, WHY, "tombstoned",
        )  # fmt: skip
        kept = json.load(store().open(record.object_id, "metadata/record.json", record.object_version))
        before = json.loads(documents[record.number])
        assert [seen for entry in before["provenance"] for seen in entry["evidence"] if "quote" in seen["place"]]
        assert kept == {**before, "provenance": closed.provenance_without_words(before["provenance"])}
        assert kept["provenance"] == record.document["provenance"]
        with pytest.raises(NotStored):
            store().open(record.object_id, "metadata/description.json", record.object_version)
    words = json.dumps(list(Suggestion.objects.values_list("evidence", flat=True)))
    assert "reader" in words
    assert "quote" not in words
    said = json.load(store().open(ended.object_id, "metadata/disposal.json"))
    assert (said["reason"], said["retained_until"], said["why_retained"]) == (WHY, str(ENDED), "The funder's rule.")
    assert [[file["path"] for file in version["files"]] for version in said["versions"]] == [
        [csv.path],
        ["CHANGES-1.txt", csv.path],
    ]
    assert said["versions"][0]["files"][0]["sha512"] == first.files.get().sha512
    assert store().verify(ended.object_id) == []
    assert told(ended, "record.disposed") == [{"object_version": 3, "files": 2, "size": 30}]
    followers.follow_all()
    assert set(HarvestEntry.objects.values_list("record", "deleted")) == {(first.pk, True), (ended.pk, True)}
    assert errors() == []
    assert scrubbing.go_on(rate=0, wait=lambda _seconds: False).findings == []
    assert retention.listed(by=curator).items == []
    (one,) = retention.listed(by=curator, state="disposed").items
    assert (one.disposal.files, one.disposal.size, one.disposal.by.name) == (2, 30, "jiro")


def test_hold_stops_it_also_one_placed_after_it_was_looked_at(ended, curator, monkeypatch) -> None:
    services.place_hold(record=ended, reason="A court asks.", by=curator)
    with pytest.raises(Conflict) as refused:
        dispose(ended, curator)
    assert refused.value.code == "held"
    services.lift_hold(record=ended, by=curator)
    write = disposing._write_object

    def and_then_a_hold(*given):
        number = write(*given)
        services.place_hold(record=ended, reason="Just now.", by=curator)
        return number

    monkeypatch.setattr(disposing, "_write_object", and_then_a_hold)
    with pytest.raises(Conflict) as refused:
        dispose(ended, curator)
    assert (refused.value.code, Disposal.objects.count()) == ("held", 0)
    assert not Record.objects.filter(withdrawn_at__isnull=False).exists()
    with pytest.raises(NotStored):
        store().inventory(f"urn:shirushi:{ended.concept_id}:disposed")
    assert errors() == []


def test_what_is_refused_and_why(ended, curator, depositor) -> None:
    def why(**changes: object) -> str:
        asked = {"record": ended, "reason": WHY, "by": curator, "seen": ENDED} | changes
        with pytest.raises((Conflict, Invalid, NotAllowed)) as refused:
            disposing.dispose(**asked)
        return refused.value.code

    assert why(by=depositor) == NotAllowed.code
    assert why(reason=" ") == why(reason="x" * 5_001) == Invalid.code
    assert why(seen=None) == why(seen=date(2020, 1, 1)) == "changed"
    draft = services.new_version(record=ended, by=depositor)
    assert why() == "draft-open"
    services.discard_draft(draft=draft, by=depositor)
    services.retain(record=ended, until=timezone.localdate(), by=curator)
    assert why(seen=timezone.localdate()) == "retained"
    services.retain(record=ended, until=None, by=curator, for_good=True)
    assert why(seen=None) == "retained"
    assert retention.listed(by=curator).items == []
    services.retain(record=ended, until=ENDED, by=curator)
    dispose(ended, curator)
    assert disposing.finish(ended.concept)
    assert not any(blobs().exists(file.sha256) for file in draft.files.all())  # a discarded draft keeps nothing back
    for impossible, error in (
        (lambda: services.restore_draft(draft=draft, by=depositor), Conflict),
        (lambda: services.new_version(record=ended, by=depositor), Gone),
        (lambda: services.place_hold(record=ended, reason="x", by=curator), Conflict),
        (lambda: services.retain(record=ended, until=None, by=curator), Conflict),
    ):
        with pytest.raises(error):
            impossible()
    assert errors() == []


def test_bytes_that_others_need_stay(ended, curator, depositor, space, csv) -> None:
    other = services.create_draft(space=space, by=depositor)
    services.put_file(draft=other, path="mine.csv", content=csv.content, by=depositor)
    dispose(ended, curator)
    assert disposing.finish(ended.concept)
    assert blobs().sound(ended.files.get(path=csv.path).sha256)
    assert not blobs().exists(ended.files.get(path="CHANGES-1.txt").sha256)
    assert errors() == []


def test_bytes_that_came_just_now_go_in_a_later_round(ended, curator, monkeypatch) -> None:
    monkeypatch.setattr(disposing, "FRESH", 3600.0)  # they may belong to an upload whose row is not written yet
    disposal = dispose(ended, curator)
    assert disposing.finish_all() is False
    assert all(blobs().exists(file.sha256) for file in ended.files.all())
    monkeypatch.setattr(disposing, "FRESH", 0.0)
    assert disposing.finish_all() is True
    disposal.refresh_from_db()
    assert disposal.finished_at is not None
    assert not any(blobs().exists(file.sha256) for file in ended.files.all())


def test_removal_that_fails_halfway_is_finished_by_recovery(ended, curator, monkeypatch) -> None:
    dispose(ended, curator)
    remove = type(store()._files).remove_tree
    root = home().store

    def half(files, path, last):
        for content in files.at(path).glob("v1/**/*"):
            if content.is_file():
                content.unlink()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(type(store()._files), "remove_tree", half)
    assert disposing.finish_all() is False
    assert [finding.code for finding in check() if finding.severity == "error"] == ["disposal-unfinished"]
    monkeypatch.setattr(type(store()._files), "remove_tree", remove)
    assert recovery.recover() is True
    assert errors() == []
    assert list(store().objects()) == [f"urn:shirushi:{ended.concept_id}:disposed"]
    assert [path for path in root.rglob("*") if path.is_dir() and not any(path.iterdir())] == []


def test_store_alone_tells_of_it(ended, curator) -> None:
    dispose(ended, curator)
    disposing.finish(ended.concept)
    before = list(Event.objects.filter(type="record.disposed").values_list("record_id", "payload"))
    records = list(Record.objects.order_by("pk").values("pk", "object_id", "object_version", "tombstone_version"))
    concept = Concept.objects.get()
    Disposal.objects.all().delete()  # as in a database that is older than the store
    Concept.objects.update(disposed_version=None)
    Record.objects.update(
        object_id=f"urn:shirushi:{concept.pk}", withdrawn_at=None, tombstone_version=None, withdrawal_reason=""
    )
    assert recovery.recover() is True
    assert "disposal-unknown" in {finding.code for finding in check()}
    with pytest.raises(Conflict) as refused:
        dispose(Record.objects.first(), curator)
    assert refused.value.code == "rebuild-first"
    found = rebuilding.rebuild()
    assert (found.disposed, found.unconfirmed, found.unreadable) == (1, [], [])
    assert (
        list(Record.objects.order_by("pk").values("pk", "object_id", "object_version", "tombstone_version")) == records
    )
    assert list(Event.objects.filter(type="record.disposed").values_list("record_id", "payload")) == before
    assert (Disposal.objects.get().reason, Disposal.objects.get().size) == (WHY, 30)
    assert errors() == []
    assert rebuilding.rebuild().disposed == 0


def test_database_that_knows_of_it_lacks_nothing_and_an_older_one_is_told_so(ended, curator) -> None:
    for version in ended.concept.records.order_by("number"):
        services.withdraw(record=version, reason="Before.", by=curator)  # so no tombstone names the last object version
    before = list(Record.objects.order_by("pk").values())
    dispose(ended, curator)
    concept = Concept.objects.get()
    assert (objects.lacking(), objects.last_version(concept)) == ([], concept.disposed_version)
    disposing.finish(concept)
    assert (objects.lacking(), setup.prepare(), errors()) == ([], None, [])
    Disposal.objects.all().delete()
    Concept.objects.update(disposed_version=None)
    for row in before:
        Record.objects.filter(pk=row.pop("id")).update(**row)
    assert objects.lacking() == [(concept.disposed_object_id, concept.disposed_version)]
    with pytest.raises(objects.DatabaseOlder):
        setup.prepare()
    assert recovery.recover() is True
    assert objects.head_of(concept.disposed_object_id) == concept.disposed_version
    rebuilding.rebuild()
    assert (objects.lacking(), errors()) == ([], [])


def test_what_the_database_does_not_know_is_not_lost_by_disposing(ended, curator) -> None:
    known = Record.objects.filter(pk=ended.pk).values("withdrawn_at", "tombstone_version", "withdrawal_reason").get()
    services.withdraw(record=ended, reason="It is wrong.", by=curator)
    Record.objects.filter(pk=ended.pk).update(**known)  # as in an older copy
    with pytest.raises(objects.DatabaseOlder):
        dispose(ended, curator)
    assert objects.lacking() == [(ended.object_id, 3)]
    assert objects.head_of(ended.concept.disposed_object_id) == 0


def test_files_made_again_from_the_store_tell_their_digests_and_no_place(ended, curator) -> None:
    rows = ("record", "path", "size", "sha256", "sha512", "crc32", "media_type")
    before = list(RecordFile.objects.order_by("record", "path").values(*rows))
    dispose(ended, curator)
    disposing.finish(ended.concept)
    assert set(RecordFile.objects.values_list("content_path", flat=True)) == {""}
    connection.check_constraints()  # PostgreSQL empties no table that still has some to look at
    call_command("flush", interactive=False, verbosity=0)
    found = rebuilding.rebuild()
    assert (found.records, found.disposed, found.unreadable, objects.lacking()) == (2, 1, [], [])
    assert list(RecordFile.objects.order_by("record", "path").values(*rows)) == before
    assert set(RecordFile.objects.values_list("content_path", flat=True)) == {""}
    assert errors() == []


def test_deadline_goes_with_the_decision(ended, curator) -> None:
    assert deadlines.keep_due() == 1
    dispose(ended, curator)
    followers.follow_all()
    followers.rebuild("deadlines")
    assert not Deadline.objects.exists()


@pytest.fixture(params=["folder", "bucket"])
def disk(request, settings, home) -> list[Path]:
    """Every place where bytes may lie."""
    if request.param == "folder":
        return [home.root]
    gateway = request.getfixturevalue("gateway")
    settings.SHIRUSHI_STORE = f"s3://{BUCKET}/{uuid.uuid4().hex[:8]}"
    return [home.root, gateway.on_disk(settings.SHIRUSHI_STORE)]


def test_no_copy_is_left_wherever_it_was_set_aside(disk, record, depositor, curator) -> None:
    word = b"bytes-that-must-go-" + uuid.uuid4().hex.encode()
    other = b"bytes-of-another-" + uuid.uuid4().hex.encode()
    draft = services.new_version(record=record, by=depositor)
    services.put_file(draft=draft, path="secret.bin", content=word, by=depositor)
    services.put_file(draft=draft, path="table.csv", content=b"name,n\n" + word + b",1\n", by=depositor)
    draft.refresh_from_db()
    record = services.publish(draft=draft, by=depositor, at_version=draft.version)
    deriving.derive_record(record)
    # A version that never got its transaction, a tree of a writer that died, and a blob that nobody needed.
    state = {"files/secret.bin": word}
    store().commit(
        record.object_id,
        number=3,
        state=state,
        message="",
        user_name="x",
        user_address="mailto:x@example.org",
        created=timezone.now(),
    )
    objects.set_aside_from(record.object_id, 3)
    is_folder = len(disk) == 1
    if is_folder:  # nothing of a writer to a bucket is on this machine
        left = home().root / "staging" / "left" / "v1" / "content"
        left.mkdir(parents=True)
        (left / "secret.bin").write_bytes(word)
        (left / "other.bin").write_bytes(other)
        store().recover()
    digest = hashlib.sha256(word).hexdigest()
    blobs().write(io.BytesIO(word))
    DraftFile.objects.filter(draft=draft).delete()
    assert blobs().set_aside(digest, age=0.0, unless=lambda: False)
    assert len(holding(disk, word)) >= 3
    services.retain(record=record, until=ENDED, by=curator, reason="The funder's rule.")
    followers.follow_all()
    dispose(record, curator)
    assert disposing.finish_all()
    deriving.clear()
    assert [str(path) for path in holding(disk, word)] == []
    assert not list(derived().iter())
    assert len(holding(disk, other)) == is_folder  # what is another's stays
    assert errors() == []


def holding(places: list[Path], word: bytes) -> list[Path]:
    files = (path for place in places for path in place.rglob("*") if path.is_file())
    return [path for path in files if word in path.read_bytes() or word.decode() in path.name]


@pytest.mark.parametrize("way", ["withdrawn", "disposed"])
def test_derivation_that_waits_ends_without_files_when_the_record_went(ended, curator, way) -> None:
    if way == "disposed":
        dispose(ended, curator)
    else:
        services.withdraw(record=ended, reason="wrong", by=curator)
    Derivation.objects.update_or_create(record=ended, defaults={"state": "queued"})
    assert deriving.derive_next()
    assert Derivation.objects.get(record=ended).state == "done"
    assert not DerivedFile.objects.filter(record=ended).exists()
    assert not deriving.derive_next()

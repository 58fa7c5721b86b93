"""What ``check`` finds, and what it mends without deleting anything."""

import io
import os
from datetime import UTC, datetime

import pytest
from django.db import connection

from shirushi.core import checks, followers, jobs, objects, services, setup
from shirushi.core.check import check, is_sound
from shirushi.core.home import blobs, derived, engine, store
from shirushi.core.models import (
    DerivedFile,
    DescribeRun,
    Draft,
    DraftFile,
    Event,
    FeedEntry,
    FollowerFailure,
    Identifier,
    RecordFile,
)
from shirushi.core.services import deriving

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole(record):
    """A record, followed to the end: nothing is wrong."""
    followers.follow_all()
    return record


def codes(**options: bool) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in check(**options)]


def spoil(path, data: bytes = b"spoilt") -> None:
    path.chmod(0o600)
    path.write_bytes(data)


def test_whole_installation_is_sound(whole) -> None:
    assert codes() == []


def test_new_installation_is_sound(db) -> None:
    assert [severity for _, severity in codes()] == ["note"]
    setup.prepare()
    assert codes() == []


def test_object_version_without_transaction_is_found_and_set_aside(whole, depositor, home) -> None:
    objects.commit(whole.concept, number=2, state={"files/x": b"x"}, message="x", by=depositor, at=datetime.now(UTC))
    assert codes() == [("object-without-transaction", "error")]
    assert codes(repair=True) == [("object-without-transaction", "note")]
    assert codes() == []
    assert store().inventory(whole.object_id).head == 1
    assert len(list(home.aside.glob("*/v2"))) == 1


def test_object_unknown_to_the_database_is_found_and_left_alone(whole) -> None:
    store().commit(
        "urn:shirushi:unknown",
        number=1,
        state={"x": b"x"},
        message="x",
        user_name="x",
        user_address=None,
        created=datetime.now(UTC),
    )
    assert codes(repair=True) == [("object-unknown", "error")]
    assert store().inventory("urn:shirushi:unknown").head == 1


def test_changed_bytes_in_the_store_are_found(whole, csv) -> None:
    spoil(store().path(whole.object_id, f"files/{csv.path}"))
    assert codes() == [("object-damaged", "error")]
    assert codes(deep=False) == []


def test_empty_folder_left_in_the_store_is_noted_and_removed(whole, home) -> None:
    (home.store / "000" / "111" / "222").mkdir(parents=True)
    assert codes() == [("store-leftover", "note")]
    check(repair=True)
    assert (codes(), (home.store / "000").exists()) == ([], False)


def test_record_whose_object_is_gone_is_found(whole) -> None:
    store().set_aside(whole.object_id, 1, "test")
    assert codes() == [("record-without-object", "error")]


def test_record_file_that_differs_from_the_store_is_found(whole) -> None:
    RecordFile.objects.update(sha512="0" * 128)
    assert codes() == [("record-file-differs", "error")]


def test_record_without_identifier_and_identifier_without_target_are_found(whole) -> None:
    Identifier.objects.filter(record=whole).update(record=None)
    assert codes() == [("record-without-identifier", "error"), ("identifier-without-target", "error")]


def test_draft_file_that_is_gone_is_found(draft) -> None:
    setup.prepare()
    blobs().remove(draft.files.get().sha256)
    assert codes() == [("draft-file-missing", "error")]


@pytest.mark.parametrize("data", [b"short", b"time,sst\n2021-01-01,99.9\n"])
def test_draft_file_that_changed_is_found(draft, data) -> None:
    setup.prepare()
    spoil(blobs().path(draft.files.get().sha256), data)
    assert codes() == [("draft-file-damaged", "error")]


def test_unused_bytes_are_noted_and_set_aside_when_old(whole, home) -> None:
    blob = blobs().write(io.BytesIO(b"nobody's"))
    assert codes(repair=True) == [("blob-unused", "note")]
    assert blobs().exists(blob.sha256)
    os.utime(blobs().path(blob.sha256), (1, 1))
    assert codes(repair=True) == [("blob-unused", "note")]
    assert (blobs().exists(blob.sha256), (home.aside / "blobs" / blob.sha256).read_bytes()) == (False, b"nobody's")


def old_blob(data: bytes) -> str:
    sha256 = blobs().write(io.BytesIO(data)).sha256
    os.utime(blobs().path(sha256), (1, 1))
    return sha256


def test_bytes_uploaded_again_are_not_set_aside_although_they_lay_there_unused(whole, draft) -> None:
    sha256 = old_blob(b"again")
    assert blobs().write(io.BytesIO(b"again")).sha256 == sha256  # acknowledged, its row not written yet
    assert codes(repair=True) == [("blob-unused", "note")]
    assert blobs().exists(sha256)


@pytest.mark.parametrize("kept_young", [True, False])
def test_bytes_uploaded_between_finding_and_mending_are_not_set_aside(
    whole, space, depositor, monkeypatch, kept_young
) -> None:
    sha256 = old_blob(b"again")
    draft = services.create_draft(space=space, by=depositor)
    (_, mend), *_ = list(checks.look_at_blobs(deep=True))
    services.put_file(draft=draft, path="again.txt", content=b"again", by=depositor)
    if not kept_young:  # its need alone has to keep it
        os.utime(blobs().path(sha256), (1, 1))
    mend()
    assert blobs().sound(sha256)
    followers.follow_all()
    assert codes() == []


def test_bytes_that_undo_would_put_back_are_kept(draft, depositor, csv) -> None:
    setup.prepare()
    sha256 = draft.files.get().sha256
    services.remove_file(draft=draft, path=csv.path, by=depositor)
    os.utime(blobs().path(sha256), (1, 1))
    followers.follow_all()
    assert codes(repair=True) == []
    services.undo(draft=draft, by=depositor, at_version=draft.version)
    assert blobs().sound(draft.files.get().sha256)


def test_bytes_taken_over_by_a_new_version_while_they_are_mended_are_kept(whole, depositor) -> None:
    sha256 = whole.files.get().sha256
    os.utime(blobs().path(sha256), (1, 1))
    draft = services.new_version(record=whole, by=depositor)
    checks._set_blob_aside(sha256)  # named by the draft that became the record, and by the new one
    assert blobs().sound(sha256)
    services.discard_draft(draft=draft, by=depositor)
    DraftFile.objects.all().delete()  # as after a rebuild: nothing names it
    os.utime(blobs().path(sha256), (1, 1))
    services.new_version(record=whole, by=depositor)
    assert blobs().set_aside(sha256, age=60, unless=lambda: False) is False


def test_description_that_is_gone_is_found(whole) -> None:
    blobs().remove(DescribeRun.objects.get().description_sha256)
    assert codes() == [("description-missing", "error")]


def test_abandoned_reading_is_found_and_queued_again(draft, depositor) -> None:
    setup.prepare()
    services.start_describing(draft=draft, by=depositor)
    followers.follow_all()
    assert codes() == []
    DescribeRun.objects.update(state="running")
    assert codes() == [("run-abandoned", "error")]
    assert codes(repair=True) == [("run-abandoned", "note")]
    assert (codes(), jobs.orphaned_runs()) == ([], [])


def test_unfinished_publishing_is_found_and_opened_again(whole, depositor, space) -> None:
    draft = services.create_draft(space=space, by=depositor)
    followers.follow_all()
    Draft.objects.filter(pk=draft.pk).update(state="publishing")
    assert codes() == [("publishing-unfinished", "error")]
    assert codes(repair=True) == [("publishing-unfinished", "note")]
    draft.refresh_from_db()
    assert (draft.state, codes()) == ("open", [])


def test_follower_that_is_behind_is_noted_and_brought_up(record) -> None:
    assert codes() == [("follower-behind", "note")] * len(followers.FOLLOWERS)
    check(repair=True)
    assert codes() == []


def test_event_that_a_follower_could_not_take_is_shown(whole) -> None:
    FollowerFailure.objects.create(follower="feeds", event=Event.objects.first(), error="ValueError: x")
    assert codes() == [("follower-failure", "error")]
    assert codes(repair=True) == [("follower-failure", "note")]
    assert codes() == []


def test_record_that_the_index_lacks_is_found_and_indexed(whole) -> None:
    engine().clear()
    assert codes() == [("index-lacks", "error")]
    check(repair=True)
    assert (codes(), engine().count()) == ([], 1)


def test_index_that_is_gone_is_found_and_made_again(whole, home) -> None:
    for path in home.index.iterdir():
        path.unlink()
    assert codes() == [("index-missing", "error")]
    check(repair=True)
    assert codes() == []


def test_feed_that_lacks_an_event_is_found(whole) -> None:
    FeedEntry.objects.all().delete()
    assert codes() == [("feed-lacks", "error")]
    check(repair=True)
    assert codes() == []


def test_metadata_that_cannot_be_read_are_found(draft) -> None:
    setup.prepare()
    Draft.objects.update(metadata={"colour": "red"})
    assert codes() == [("metadata-unreadable", "error")]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL lets no row point to nothing")
def test_row_that_points_to_nothing_is_found(draft) -> None:
    setup.prepare()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_draftfile SET draft_id = 'nothing'")
    try:
        assert ("database-damaged", "error") in codes()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE core_draftfile SET draft_id = %s", [draft.pk])


def test_finding_says_what_where_and_what_to_do(whole) -> None:
    engine().clear()
    (finding,) = check()
    assert str(finding) == (f"index-lacks record {whole.pk}: Search does not find it. Run: shirushi rebuild index")
    assert finding.to_json()["todo"]["ja"] == "shirushi rebuild index を実行してください。"
    assert not is_sound([finding])


# -- start after a crash


def test_prepare_sets_aside_and_reopens_only_after_a_crash(ready, depositor, home) -> None:
    objects.commit(ready.concept, number=1, state={"x": b"x"}, message="x", by=depositor, at=datetime.now(UTC))
    Draft.objects.filter(pk=ready.pk).update(state="publishing")
    (home.root / "unclean").touch()
    setup.prepare()
    ready.refresh_from_db()
    assert (ready.state, list(store().objects())) == ("open", [])
    assert codes() == []


@pytest.mark.parametrize("wrong", ["missing", "damaged"])
def test_derived_file_is_looked_at_and_made_again(record, wrong) -> None:
    deriving.derive_record(record)
    made = DerivedFile.objects.get(record=record)
    assert not of_derived()
    place = derived().path(made.sha256)
    if wrong == "missing":
        place.unlink()
    else:
        spoil(place, b"x" * made.size)
    assert of_derived() == [(f"derived-{wrong}", "error")]
    assert [(one.code, one.repaired) for one in check(repair=True) if one.code.startswith("derived-")] == [
        (f"derived-{wrong}", True)
    ]
    assert not of_derived()
    again = DerivedFile.objects.get(record=record)
    assert (again.path, again.rows, derived().sound(again.sha256)) == (made.path, made.rows, True)


def of_derived() -> list[tuple[str, str]]:
    return [one for one in codes() if one[0].startswith("derived-")]

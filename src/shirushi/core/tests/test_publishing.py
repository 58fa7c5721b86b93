"""From a ready draft to a record: bytes in the store, document, provenance, identifiers, versions, tombstones."""

import json
from datetime import UTC, datetime

import pytest
from django.conf import settings
from ocfl import StorageRoot

from shirushi.core import objects, services
from shirushi.core.documents import FILES_SHOWN, publication_of
from shirushi.core.errors import Conflict, DomainError, Gone, Invalid, NotAllowed
from shirushi.core.home import blobs, store
from shirushi.core.ids import suffix_is_sound
from shirushi.core.models import Draft, Event, Identifier, Record

pytestmark = pytest.mark.django_db


def test_publishing_keeps_the_bytes_in_the_store(record, csv) -> None:
    with store().open(record.object_id, f"files/{csv.path}", record.object_version) as content:
        assert content.read() == csv.content


def test_object_holds_metadata_description_and_decisions(record) -> None:
    state = store().inventory(record.object_id).version(1).state
    assert sorted(state) == [
        "files/data/sst.csv",
        "metadata/decisions.jsonl",
        "metadata/description.json",
        "metadata/record.json",
    ]


def test_object_is_valid_for_this_store(record) -> None:
    assert [finding for finding in store().verify(record.object_id) if finding.is_error] == []


def test_store_is_valid_for_another_programme(record, home) -> None:
    assert StorageRoot(root=str(home.store)).validate()


def test_object_holds_no_names_of_people_who_worked_on_it(record) -> None:
    with store().open(record.object_id, "metadata/decisions.jsonl") as lines:
        actors = [json.loads(line)["actor"] for line in lines]
    assert {tuple(actor) for actor in actors} == {("kind", "user")}
    assert store().inventory(record.object_id).version().user_name == f"user {record.published_by_id}"


def test_record_has_a_local_identifier_with_a_check_character(record) -> None:
    identifier = record.identifiers.get()
    prefix, _, suffix = identifier.value.partition("/")
    assert (prefix, suffix_is_sound(suffix), identifier.state) == ("10.5072", True, "local")


def test_concept_has_an_identifier_of_its_own(record) -> None:
    assert record.concept.identifiers.get().value == record.document["publication"]["concept_identifier"]["value"]
    assert Identifier.objects.count() == 2


def test_draft_becomes_published_with_its_record(record) -> None:
    draft = record.draft
    assert (draft.state, draft.record_id) == (Draft.State.PUBLISHED, record.pk)


def test_publishing_adds_one_event_without_personal_data(record) -> None:
    event = Event.objects.get(type="record.published")
    assert (event.record_id, event.payload["number"], event.actor) == (
        record.pk,
        1,
        {"kind": "person", "user": record.published_by_id},
    )


def test_publishing_again_gives_the_same_record(record, depositor) -> None:
    again = services.publish(draft=record.draft, by=depositor, at_version=1)
    assert again == record
    assert (Record.objects.count(), Identifier.objects.count()) == (1, 2)


def test_publication_date_is_today_when_nobody_gave_one(record) -> None:
    assert record.metadata["publication_date"] == record.published_at.astimezone().date().isoformat()


def test_every_value_says_where_it_comes_from(record) -> None:
    entries = {entry["pointer"]: entry for entry in record.document["provenance"]}
    assert list(entries) == [
        "/titles/0",
        "/creators/0",
        "/creators/1",
        "/creators/2",
        "/descriptions/0",
        "/resource_type",
        "/rights/0",
        "/publisher",
        "/publication_date",
    ]
    title = entries["/titles/0"]
    assert (title["how"], title["confidence"], title["method"]) == ("accepted", 0.97, "titles.test")
    assert title["evidence"][0]["place"]["file"] == "README.md"
    assert title["by"] == {"kind": "person", "user": record.published_by_id}
    assert (entries["/publisher"]["how"], entries["/publication_date"]["how"]) == ("set", "set")


def test_edited_and_typed_values_say_so(described, suggestion_of, depositor, fill) -> None:
    fill(described, depositor)
    creator = suggestion_of("creators", 1)
    services.decide(
        suggestion=creator,
        action="edit",
        value={"name": "鈴木 一朗"},
        by=depositor,
        at_version=creator.draft.version,
    )
    described.refresh_from_db()
    record = services.publish(draft=described, by=depositor, at_version=described.version)
    how = {entry["pointer"]: (entry["how"], entry["confidence"]) for entry in record.document["provenance"]}
    assert (how["/titles/0"], how["/creators/0"], how["/creators/1"]) == (
        ("typed", None),
        ("typed", None),
        ("edited", 0.8),
    )


def test_undone_decision_is_no_provenance(described, suggestion_of, depositor, fill) -> None:
    title = suggestion_of("titles")
    services.decide(suggestion=title, action="accept", by=depositor, at_version=described.version)
    described.refresh_from_db()
    services.undo(draft=described, by=depositor, at_version=described.version)
    fill(described, depositor, title=title.value["text"])
    record = services.publish(draft=described, by=depositor, at_version=described.version)
    assert record.document["provenance"][0]["how"] == "typed"


def test_draft_that_lacks_something_is_refused_field_by_field(draft, depositor) -> None:
    with pytest.raises(Invalid) as refused:
        services.publish(draft=draft, by=depositor, at_version=draft.version)
    assert [error.pointer for error in refused.value.errors] == ["/titles", "/creators", "/descriptions", "/rights"]
    draft.refresh_from_db()
    assert draft.state == Draft.State.OPEN


def test_publishing_what_somebody_changed_meanwhile_is_refused(ready, depositor, curator) -> None:
    seen = ready.version
    services.edit_field(draft=ready, field="version", value="2", by=curator, at_version=seen)
    with pytest.raises(Conflict) as refused:
        services.publish(draft=ready, by=depositor, at_version=seen)
    assert (refused.value.version, Record.objects.count()) == (seen + 1, 0)


def test_publishing_a_discarded_draft_is_refused(ready, depositor) -> None:
    services.discard_draft(draft=ready, by=depositor)
    with pytest.raises(Conflict) as refused:
        services.publish(draft=ready, by=depositor, at_version=ready.version)
    assert refused.value.code == "draft-discarded"


def test_missing_bytes_stop_publishing_and_leave_the_draft_open(ready, depositor) -> None:
    blobs().remove(ready.files.get().sha256)
    with pytest.raises((DomainError, FileNotFoundError)):
        services.publish(draft=ready, by=depositor, at_version=ready.version)
    ready.refresh_from_db()
    assert (ready.state, Record.objects.count()) == (Draft.State.OPEN, 0)


def test_object_version_left_by_a_crash_is_set_aside_when_publishing_is_repeated(ready, depositor, home) -> None:
    objects.commit(ready.concept, number=1, state={"files/x": b"half"}, message="x", by=depositor, at=datetime.now(UTC))
    record = services.publish(draft=ready, by=depositor, at_version=ready.version)
    assert "files/x" not in store().inventory(record.object_id).version(1).state
    assert [path.name for path in home.aside.glob("*/reason.json")] == ["reason.json"]


# -- versions


def test_new_version_holds_metadata_and_files_of_the_one_before(record, depositor) -> None:
    draft = services.new_version(record=record, by=depositor)
    assert [file.path for file in draft.files.all()] == ["data/sst.csv"]
    assert draft.title == record.title
    assert draft.base_record == record


def test_new_version_brings_bytes_back_from_the_store(record, depositor, csv) -> None:
    blobs().remove(record.files.get().sha256)
    draft = services.new_version(record=record, by=depositor)
    with blobs().open(draft.files.get().sha256) as content:
        assert content.read() == csv.content


def test_second_new_version_is_the_one_under_way(record, depositor, curator) -> None:
    assert services.new_version(record=record, by=curator) == services.new_version(record=record, by=depositor)


def test_published_new_version_counts_on_and_keeps_provenance(record, depositor) -> None:
    draft = services.new_version(record=record, by=depositor)
    services.put_file(draft=draft, path="data/more.csv", content=b"a\n1\n", by=depositor)
    second = services.publish(draft=draft, by=depositor, at_version=draft.version)
    assert (second.number, second.object_version, second.concept_id) == (2, 2, record.concept_id)
    assert second.document["provenance"][0] == record.document["provenance"][0]
    publication = publication_of(second)
    assert publication.previous.value == record.identifiers.get().value
    assert publication.concept_identifier == publication_of(record).concept_identifier
    assert second.identifiers.get().value != record.identifiers.get().value
    assert [finding for finding in store().verify(second.object_id) if finding.is_error] == []


def test_published_version_does_not_change_when_a_new_one_comes(record, depositor) -> None:
    before = (record.document, store().inventory(record.object_id).version(1))
    draft = services.new_version(record=record, by=depositor)
    services.remove_file(draft=draft, path="data/sst.csv", by=depositor)
    services.publish(draft=draft, by=depositor, at_version=draft.version)
    record.refresh_from_db()
    assert (record.document, store().inventory(record.object_id).version(1)) == before


def test_draft_of_an_older_version_is_refused(record, depositor, fill) -> None:
    draft = services.new_version(record=record, by=depositor)
    late = Draft.objects.create(
        space=draft.space, owner_id=depositor.user_id, concept=draft.concept, base_record=record
    )
    fill(late, depositor)
    services.edit_field(draft=late, field="publisher", value={"name": "U"}, by=depositor, at_version=late.version)
    services.put_file(draft=draft, path="more.txt", content=b"more", by=depositor)
    services.publish(draft=draft, by=depositor, at_version=draft.version)
    with pytest.raises(Conflict) as refused:
        services.publish(draft=late, by=depositor, at_version=late.version)
    assert refused.value.code == "newer-version"


def test_version_that_is_the_same_as_the_one_before_is_refused(record, depositor) -> None:
    draft = services.new_version(record=record, by=depositor)
    assert services.readiness(draft).unchanged
    assert not services.readiness(draft).ready
    with pytest.raises(Conflict) as refused:
        services.publish(draft=draft, by=depositor, at_version=draft.version)
    assert refused.value.code == "nothing-changed"
    draft.refresh_from_db()
    assert draft.state == "open"


@pytest.mark.parametrize("field", ["version", "publication_date", "languages"])
def test_version_that_differs_in_one_typed_field_is_published(record, depositor, field) -> None:
    value = {"version": "2.0", "publication_date": "2020-01-01", "languages": ["ja"]}[field]
    draft = services.new_version(record=record, by=depositor)
    services.edit_field(draft=draft, field=field, value=value, by=depositor, at_version=draft.version)
    draft.refresh_from_db()
    assert services.publish(draft=draft, by=depositor, at_version=draft.version).number == 2


def test_version_with_another_file_or_other_bytes_is_published(record, depositor, csv) -> None:
    draft = services.new_version(record=record, by=depositor)
    services.put_file(draft=draft, path=csv.path, content=csv.content + b"1,2\n", by=depositor)
    assert not services.readiness(draft).unchanged
    services.put_file(draft=draft, path=csv.path, content=csv.content, by=depositor)
    assert services.readiness(draft).unchanged


# -- withdrawal


def test_withdrawn_record_has_a_tombstone_in_database_and_store(record, curator) -> None:
    services.withdraw(record=record, reason="Measured with a broken sensor.", by=curator)
    assert (record.is_withdrawn, record.tombstone_version) == (True, 2)
    assert record.identifiers.get().state == "tombstoned"
    with store().open(record.object_id, "metadata/tombstones/1.json") as tombstone:
        assert json.load(tombstone)["reason"] == "Measured with a broken sensor."
    assert [finding for finding in store().verify(record.object_id) if finding.is_error] == []


def test_withdrawal_keeps_the_bytes(record, curator, csv) -> None:
    services.withdraw(record=record, reason="Wrong.", by=curator)
    assert store().path(record.object_id, f"files/{csv.path}", 1).read_bytes() == csv.content


def test_withdrawing_twice_changes_nothing(record, curator) -> None:
    services.withdraw(record=record, reason="First.", by=curator)
    services.withdraw(record=record, reason="Second.", by=curator)
    assert (record.withdrawal_reason, Event.objects.filter(type="record.withdrawn").count()) == ("First.", 1)


def test_withdrawal_without_a_reason_is_refused(record, curator) -> None:
    with pytest.raises(Invalid) as refused:
        services.withdraw(record=record, reason="  ", by=curator)
    assert [error.pointer for error in refused.value.errors] == ["/reason"]


def test_depositor_may_not_withdraw(record, depositor) -> None:
    with pytest.raises(NotAllowed):
        services.withdraw(record=record, reason="Mine.", by=depositor)


def test_new_version_of_a_withdrawn_record_is_refused(record, curator) -> None:
    services.withdraw(record=record, reason="Wrong.", by=curator)
    with pytest.raises(Gone):
        services.new_version(record=record, by=curator)


def test_draft_goes_on_when_a_version_that_came_first_is_withdrawn(record, depositor, curator, renew) -> None:
    second = renew(record, depositor)
    third = services.new_version(record=second, by=depositor)
    services.withdraw(record=second, reason="Wrong.", by=curator)
    assert services.new_version(record=record, by=depositor) == third
    # it is the same as the withdrawn one, which stands no more: whoever may withdraw decides whether it comes back
    with pytest.raises(Conflict) as refused:
        services.publish(draft=third, by=depositor, at_version=third.version)
    assert (refused.value.code, "Wrong." in str(refused.value)) == ("base-withdrawn", True)
    assert services.publish(draft=third, by=curator, at_version=third.version).number == 3


def test_next_version_carries_the_tombstone_of_an_earlier_one(record, depositor, curator, renew) -> None:
    second = renew(record, depositor)
    services.withdraw(record=record, reason="Wrong.", by=curator)
    published = renew(second, depositor)
    assert (published.number, published.object_version) == (3, 4)
    assert "metadata/tombstones/1.json" in store().inventory(published.object_id).version(4).state
    assert publication_of(record).identifier.state == "tombstoned"


# -- the document


@pytest.mark.parametrize("files", [1, 100, 130])
def test_stored_document_holds_only_the_first_files(space, depositor, fill, files, django_assert_num_queries) -> None:
    draft = services.create_draft(space=space, by=depositor)
    for number in range(files):
        services.put_file(draft=draft, path=f"{number:03}.txt", content=str(number).encode(), by=depositor)
    draft.refresh_from_db()
    fill(draft, depositor)
    record = services.publish(draft=draft, by=depositor, at_version=draft.version)
    publication = record.document["publication"]
    assert (len(publication["files"]), publication["file_count"]) == (min(files, FILES_SHOWN), files)
    with django_assert_num_queries(1):
        publication_of(Record.objects.get(pk=record.pk), all_files=False)
    with django_assert_num_queries(1 if files <= FILES_SHOWN else 2):
        whole = publication_of(Record.objects.get(pk=record.pk))
    assert (len(whole.files), whole.files[0].url) == (
        files,
        f"{settings.SHIRUSHI_BASE_URL}/records/{record.pk}/files/000.txt",
    )


# -- identifiers before publishing


def test_what_was_set_aside_is_what_the_record_has(ready, depositor) -> None:
    before = ready.version
    told = services.reserve(draft=ready, by=depositor)
    assert services.reserve(draft=ready, by=depositor) == told == services.reserved(ready)
    assert (ready.version, Event.objects.filter(type="draft.reserved").count()) == (before, 1)
    record = services.publish(draft=ready, by=depositor, at_version=ready.version)
    assert [one.value for one in record.identifiers.all()] == [told["identifier"]]
    assert record.concept.identifiers.get().value == told["concept_identifier"]
    assert told["url"].endswith(f"/records/{record.pk}")
    following = services.new_version(record=record, by=depositor)
    later = services.reserve(draft=following, by=depositor)
    assert (later["concept_identifier"], later["identifier"] != told["identifier"]) == (
        told["concept_identifier"],
        True,
    )


def test_nothing_is_set_aside_for_a_draft_that_is_put_away_or_of_others(draft, depositor, make_actor) -> None:
    with pytest.raises(NotAllowed):
        services.reserve(draft=draft, by=make_actor("nobody"))
    services.discard_draft(draft=draft, by=depositor, at_version=draft.version)
    with pytest.raises(Conflict):
        services.reserve(draft=draft, by=depositor)
    draft.refresh_from_db()
    assert services.reserved(draft) is None

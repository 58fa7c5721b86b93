"""Records from elsewhere in this house: they keep their identifiers, come once, and go on as versions."""

import copy
import hashlib
from pathlib import Path
from typing import Any

import pytest

from shirushi.core import services
from shirushi.core.check import check
from shirushi.core.errors import Conflict, Invalid, NotAllowed
from shirushi.core.models import Concept, Draft, Event, Identifier, ImportSource, Record
from shirushi.core.rebuilding import rebuild
from shirushi.exchange.dataverse_reading import from_dataverse
from shirushi.exchange.imported import Imported
from shirushi.exchange.inveniordm_importing import from_inveniordm
from shirushi.exchange.tests import made_records as made

pytestmark = pytest.mark.django_db
CSV = b"a,b\n1,2\n\n"
assert len(CSV) == 9


def zenodo(number: int = 1, **metadata: Any) -> Imported:
    """Version ``number`` of a record of Zenodo."""
    record = copy.deepcopy(made.ZENODO)
    doi = f"10.5281/zenodo.{1234567 + number}"
    record |= {"id": 1234567 + number, "doi": doi}
    record["metadata"] |= {
        "doi": doi,
        "version": f"v{number}",
        "relations": {"version": [{"index": number - 1}]},
        **metadata,
    }
    record["files"][0]["checksum"] = f"md5:{hashlib.md5(CSV, usedforsecurity=False).hexdigest()}"
    return from_inveniordm(record)


@pytest.fixture
def bring(space, depositor, tmp_path):
    """Imports; publishes unless told otherwise."""
    (tmp_path / "sst.csv").write_bytes(CSV)

    def run(imported: Imported, **more: Any) -> services.importing.Outcome:
        given = {"files": {"sst.csv": tmp_path / "sst.csv"}, "publish_it": True, **more}
        return services.importing.import_record(
            imported=imported, document='{"as": "it was"}', space=space, by=depositor, **given
        )

    return run


def test_record_keeps_its_identifiers_and_says_where_it_is_from(bring):
    outcome = bring(zenodo())
    record = outcome.record
    assert (outcome.state, outcome.absent, outcome.waits) == ("new", [], None)
    published = record.document["publication"]
    assert (published["identifier"]["value"], published["identifier"]["state"]) == (
        "10.5281/zenodo.1234568",
        "registered",
    )
    assert published["concept_identifier"]["value"] == "10.5281/zenodo.1234567"
    assert {(i.value, i.state, i.record_id or i.concept_id) for i in Identifier.objects.all()} == {
        ("10.5281/zenodo.1234568", "registered", record.pk),
        ("10.5281/zenodo.1234567", "registered", record.concept_id),
    }
    told = record.document["imported"]
    assert (told["system"], told["url"]) == ("inveniordm", "https://zenodo.org/records/1234568")
    assert {one["path"] for one in told["untaken"]} == {"metadata.communities", "metadata.references"}
    assert record.work.publisher.name == "Zenodo"
    assert [finding for finding in check() if finding.severity == "error"] == []


def test_second_import_changes_nothing(bring):
    first = bring(zenodo())
    events = Event.objects.count()
    again = bring(zenodo())
    assert (again.state, again.record) == ("unchanged", first.record)
    assert (Record.objects.count(), Draft.objects.count(), Event.objects.count()) == (1, 1, events)


def test_changed_record_becomes_a_new_version_with_the_same_identifier(bring):
    first = bring(zenodo()).record
    second = bring(zenodo(title="A better title"))
    assert (second.state, second.record.number, second.record.concept_id) == ("changed", 2, first.concept_id)
    assert second.record.title == "A better title"
    assert Identifier.objects.get(value="10.5281/zenodo.1234568").record == second.record
    assert "previous" not in second.record.document["publication"]
    assert bring(zenodo(title="A better title")).state == "unchanged"


def test_versions_of_the_source_are_versions_here(bring):
    first, second = bring(zenodo(1)).record, bring(zenodo(2, title="The second")).record
    assert (second.concept_id, second.number) == (first.concept_id, 2)
    assert second.document["publication"]["previous"]["value"] == "10.5281/zenodo.1234568"
    assert second.document["publication"]["identifier"]["value"] == "10.5281/zenodo.1234569"
    assert Concept.objects.count() == 1
    with pytest.raises(Conflict) as refused:
        bring(zenodo(1, title="Changed too late"))
    assert refused.value.code == "older-version"


def test_versions_of_dataverse_share_their_doi(bring):
    plain = copy.deepcopy(made.DATAVERSE)
    plain["data"]["latestVersion"]["files"] = []
    later = copy.deepcopy(plain)
    later["data"]["latestVersion"] |= {"versionNumber": 2, "versionMinorNumber": 0}
    first = bring(from_dataverse(plain), files=None).record
    second = bring(from_dataverse(later), files=None).record
    assert (second.concept_id, second.number, second.work.version) == (first.concept_id, 2, "2.0")
    assert Identifier.objects.get(value="10.7910/DVN/ABCDEF").record == second


def test_next_version_without_files_keeps_those_of_the_one_before(bring):
    bring(zenodo(1))
    second = bring(zenodo(2), files=None).record
    assert list(second.files.values_list("path", flat=True)) == ["sst.csv"]


def test_draft_keeps_the_identifier_until_it_is_published(bring, depositor):
    outcome = bring(zenodo(), publish_it=False)
    draft = outcome.draft
    assert (draft.state, outcome.record) == ("open", None)
    record = services.publish(draft=draft, by=depositor, at_version=draft.version)
    assert record.identifiers.get().value == "10.5281/zenodo.1234568"


def test_import_that_was_broken_off_is_gone_on_with(bring, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(services.importing, "_put", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            bring(zenodo())
    assert Draft.objects.get().files.count() == 0
    outcome = bring(zenodo())
    assert (outcome.record.files.count(), Record.objects.count(), Draft.objects.count()) == (1, 1, 1)


def test_discarded_import_may_come_again(bring, depositor):
    draft = bring(zenodo(), publish_it=False).draft
    services.discard_draft(draft=draft, by=depositor)
    assert bring(zenodo()).state == "new"


def test_identifier_of_another_record_is_not_taken(bring):
    bring(zenodo())
    other = zenodo()
    other = Imported(
        **{name: getattr(other, name) for name in Imported.__dataclass_fields__}
        | {"key": "elsewhere:1", "concept_key": ""}
    )
    with pytest.raises(Conflict) as refused:
        bring(other)
    assert refused.value.code == "identifier-taken"


def test_file_with_other_bytes_is_refused_before_anything_is_made(bring, tmp_path):
    (tmp_path / "other.csv").write_bytes(b"x,y\n1,2\n\n")
    with pytest.raises(Invalid) as refused:
        bring(zenodo(), files={"sst.csv": tmp_path / "other.csv"})
    assert refused.value.code == "checksum-mismatch"
    assert not Draft.objects.exists()


def test_files_that_were_not_given_are_told(bring):
    outcome = bring(zenodo(), files=None)
    assert (outcome.absent, outcome.record) == (["sst.csv"], None)
    assert "1 of its files" in outcome.waits.en


def test_what_keeps_it_from_being_published_is_told(bring):
    bare = from_inveniordm({"id": 1, "doi": "10.1234/x", "metadata": {"title": "Only a title"}})
    outcome = bring(bare, files=None)
    assert outcome.record is None
    assert "Still empty" in outcome.waits.en
    assert outcome.draft.state == "open"


def test_dry_run_makes_nothing(space, depositor):
    outcome = services.importing.look_up(imported=zenodo(), space=space, by=depositor)
    assert (outcome.state, outcome.draft) == ("new", None)
    assert not Draft.objects.exists()


def test_strangers_may_not(space, make_actor):
    with pytest.raises(NotAllowed):
        services.importing.look_up(imported=zenodo(), space=space, by=make_actor("mallory"))


@pytest.mark.django_db(transaction=True)
def test_rebuilt_from_the_store_it_is_known_as_before(bring, tmp_path: Path):
    bring(zenodo())
    second = bring(zenodo(title="A better title")).record
    before = {(i.scheme, i.value, i.state, i.record_id, i.concept_id) for i in Identifier.objects.all()}
    document = ImportSource.objects.last().document
    for model in (Event, Identifier, ImportSource):
        model.objects.all()._raw_delete(model.objects.db)
    from django.db import connection

    with connection.cursor() as cursor:
        for table in (
            "core_decision",
            "core_recordfile",
            "core_draftfile",
            "core_suggestion",
            "core_describerun",
            "core_draft",
            "core_record",
        ):
            cursor.execute(f"DELETE FROM {table}")
    rebuild(index=False)
    assert {(i.scheme, i.value, i.state, i.record_id, i.concept_id) for i in Identifier.objects.all()} == before
    assert ImportSource.objects.count() == 2
    assert ImportSource.objects.last().document == document
    assert bring(zenodo(title="A better title")).record == second

"""Files announced before they come, ids kept, and versions that begin without files."""

import pytest

from shirushi.core import services
from shirushi.core.errors import Conflict, Invalid, NotAllowed, NotFound
from shirushi.core.models import Event, Record


def test_announced_file_is_on_its_way_until_it_arrived(draft, depositor) -> None:
    services.announce_files(draft=draft, paths=["b.csv", "a.csv", "b.csv"], by=depositor)
    services.announce_files(draft=draft, paths=["a.csv"], by=depositor)
    assert services.announced(draft) == ["b.csv", "a.csv"]
    services.arrived(draft=draft, path="b.csv", by=depositor)
    assert services.announced(draft) == ["a.csv"]


def test_name_that_cannot_be_kept_announces_nothing(draft, depositor) -> None:
    with pytest.raises(Invalid):
        services.announce_files(draft=draft, paths=["a.csv", "../b.csv"], by=depositor)
    assert services.announced(draft) == []


def test_nothing_is_announced_to_others_drafts_or_published_ones(record, draft, make_actor, depositor) -> None:
    with pytest.raises(NotAllowed):
        services.announce_files(draft=draft, paths=["a.csv"], by=make_actor("b"))
    with pytest.raises(Conflict):
        services.announce_files(draft=record.draft, paths=["a.csv"], by=depositor)


def test_kept_id_is_the_records(ready, depositor) -> None:
    services.keep_id(draft=ready, by=depositor)
    record = services.publish(draft=ready, by=depositor, at_version=ready.version)
    assert record.pk == ready.pk
    services.keep_id(draft=ready, by=depositor)
    ready.refresh_from_db()
    assert ready.reserved["identifier"] == record.identifiers.get().value


def test_files_of_the_version_before_are_brought_in_once(record, depositor, csv) -> None:
    Record.objects.filter(pk=record.pk).update(metadata=record.metadata | {"variables": [{"name": "sst"}]})
    record.refresh_from_db()
    draft = services.new_version(record=record, by=depositor, with_files=False)
    assert (draft.files.count(), "variables" in draft.metadata) == (0, False)
    version = draft.version
    services.import_files(draft=draft, by=depositor)
    draft.refresh_from_db()
    assert (draft.version, draft.metadata["variables"]) == (version + 1, [{"name": "sst", "sampled": False}])
    assert list(draft.files.values_list("path", "sha256")) == list(record.files.values_list("path", "sha256"))
    assert Event.objects.filter(draft_id=draft.pk, type="draft.file-put").count() == record.files.count()
    with pytest.raises(Conflict) as refused:
        services.import_files(draft=draft, by=depositor)
    assert refused.value.code == "has-files"


def test_draft_without_a_version_before_has_nothing_to_bring_in(space, depositor) -> None:
    draft = services.create_draft(space=space, by=depositor)
    with pytest.raises(NotFound):
        services.import_files(draft=draft, by=depositor)

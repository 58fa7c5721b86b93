"""Drafts and their files: what is taken, what is refused and with which words."""

import io
from dataclasses import replace

import pytest

from shirushi.accounts.models import Space
from shirushi.core import services
from shirushi.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooLarge
from shirushi.core.home import blobs
from shirushi.core.models import Draft, Event
from shirushi.describe.description import Description
from shirushi.describe.evidence import Evidence, FilePlace

pytestmark = pytest.mark.django_db


def test_new_draft_has_the_publisher_that_the_space_knows(space, depositor) -> None:
    draft = services.create_draft(space=space, by=depositor)
    assert draft.metadata == {"publisher": {"name": "Example University", "lang": "en"}}
    assert draft.decisions.get().action == "set"


def test_draft_in_a_community_has_the_institution_as_publisher(space, make_actor) -> None:
    lab = Space.objects.create(slug="lab", name_en="Lab", name_ja="研究室", kind="community", parent=space)
    draft = services.create_draft(space=lab, by=make_actor("ken", "depositor", where=lab))
    assert draft.metadata["publisher"]["name"] == "Example University"


def test_name_of_a_draft_is_one_line_that_disturbs_nothing(space, depositor) -> None:
    draft = services.create_draft(space=space, by=depositor, name="  sea\u202etxt\nか\u3099 \udc80")
    assert draft.name == "seatxt が ?"


def test_ids_of_drafts_sort_by_age(space, depositor) -> None:
    ids = [services.create_draft(space=space, by=depositor).pk for _ in range(5)]
    assert ids == sorted(ids)


def test_file_is_kept_with_digest_size_and_type(draft, csv) -> None:
    file = draft.files.get()
    assert (file.path, file.size, file.media_type) == (csv.path, len(csv.content), "text/csv")
    assert blobs().sound(file.sha256)


def test_same_bytes_again_change_nothing(draft, depositor, csv) -> None:
    before = draft.version
    services.put_file(draft=draft, path=csv.path, content=io.BytesIO(csv.content), by=depositor)
    draft.refresh_from_db()
    assert (draft.version, draft.files.count()) == (before, 1)


def test_other_bytes_at_the_same_path_take_their_place(draft, depositor, csv) -> None:
    services.put_file(draft=draft, path=csv.path, content=b"other", by=depositor)
    assert draft.files.get().size == 5


def test_name_in_nfd_is_the_same_file(draft, depositor) -> None:
    services.put_file(draft=draft, path="データ/カ\u3099.csv", content=b"1", by=depositor)
    services.put_file(draft=draft, path="データ/カ\u3099.csv", content=b"1", by=depositor)
    assert draft.files.get(path="データ/ガ.csv").size == 1


def test_name_that_only_looks_the_same_replaces_nothing(draft, depositor) -> None:
    services.put_file(draft=draft, path="ガ.csv", content=b"1", by=depositor)
    with pytest.raises(Invalid) as refused:
        services.put_file(draft=draft, path="カ\u3099.csv", content=b"22", by=depositor)
    assert refused.value.code == "name-twice"
    with pytest.raises(Invalid):
        services.uploading.begin_upload(draft=draft, path="カ\u3099.csv", size=2, by=depositor)
    kept = draft.files.get(path="ガ.csv")
    assert kept.size == 1
    services.put_file(draft=draft, path="カ\u3099.csv", content=b"22", by=depositor, if_sha256=kept.sha256)
    assert draft.files.get(path="ガ.csv").size == 2  # whoever says what they saw means this one


def test_of_two_names_that_only_look_the_same_none_is_kept(draft, depositor, tmp_path) -> None:
    names = ["ガ.csv", "カ\u3099.csv", "b.csv"]
    for number, name in enumerate(names):
        (tmp_path / f"{number}").write_bytes(name.encode())
    sources = {name: tmp_path / f"{number}" for number, name in enumerate(names)}
    wrong = services.put_files(draft=draft, sources=sources, by=depositor)
    assert {name: error.code for name, error in wrong.items()} == dict.fromkeys(names[:2], "name-twice")
    assert draft.files.filter(path="b.csv").exists()
    assert not draft.files.filter(path="ガ.csv").exists()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../up",
        "a/../b",
        "a//b",
        "a/./b",
        "a\nb",
        "a\0b",
        "x" * 300,
        "あ" * 100,
        "a/" * 2001 + "b",
        "jpg\u202egpj.exe",
        "\udc80.txt",
        "..\\..\\evil",
    ],
)
def test_name_that_cannot_be_kept_is_refused(draft, depositor, path) -> None:
    with pytest.raises(Invalid) as refused:
        services.put_file(draft=draft, path=path, content=b"x", by=depositor)
    assert (refused.value.code, refused.value.errors[0].pointer) == ("bad-file-name", "/path")
    assert draft.files.count() == 1


@pytest.mark.parametrize("path", ["data", "data/sst.csv/inner"])
def test_name_that_is_a_folder_already_is_refused(draft, depositor, path) -> None:
    with pytest.raises(Invalid) as refused:
        services.put_file(draft=draft, path=path, content=b"x", by=depositor)
    assert refused.value.code == "bad-file-name"


@pytest.mark.parametrize("path", ["data-2.csv", "data0", "dat", "data.csv"])
def test_name_that_only_resembles_a_folder_is_taken(draft, depositor, path) -> None:
    assert services.put_file(draft=draft, path=path, content=b"x", by=depositor).path == path


def test_file_over_the_limit_is_refused_and_not_kept(draft, depositor, settings) -> None:
    settings.SHIRUSHI_MAX_FILE_SIZE = 10
    with pytest.raises(TooLarge):
        services.put_file(draft=draft, path="big.bin", content=io.BytesIO(b"x" * 11), by=depositor)
    assert len(list(blobs().iter())) == 1


@pytest.mark.parametrize("size", [2, 4])
def test_file_of_another_size_than_announced_is_refused(draft, depositor, size) -> None:
    with pytest.raises(Invalid) as refused:
        services.put_file(draft=draft, path="three.txt", content=b"123", by=depositor, size=size)
    assert refused.value.code == "wrong-size"
    assert not draft.files.filter(path="three.txt").exists()


def test_removed_file_is_gone_from_the_draft(draft, depositor, csv) -> None:
    services.remove_file(draft=draft, path=csv.path, by=depositor)
    assert draft.files.count() == 0


def test_removing_what_is_not_there_is_refused(draft, depositor) -> None:
    with pytest.raises(NotFound):
        services.remove_file(draft=draft, path="nothing.csv", by=depositor)


def test_file_put_meanwhile_counts_as_a_change(draft, depositor) -> None:
    seen = draft.version
    services.put_file(draft=draft, path="late.csv", content=b"1", by=depositor)
    with pytest.raises(Conflict):
        services.edit_field(draft=draft, field="version", value="1", by=depositor, at_version=seen)


@pytest.mark.parametrize("change", ["put new", "put over", "remove", "discard"])
def test_change_of_files_by_who_saw_an_older_draft_is_refused(draft, depositor, csv, change) -> None:
    seen = draft.version
    services.put_file(draft=draft, path="late.csv", content=b"1", by=depositor)
    calls = {
        "put new": lambda: services.put_file(draft=draft, path="new.csv", content=b"2", by=depositor, at_version=seen),
        "put over": lambda: services.put_file(draft=draft, path=csv.path, content=b"2", by=depositor, at_version=seen),
        "remove": lambda: services.remove_file(draft=draft, path=csv.path, by=depositor, at_version=seen),
        "discard": lambda: services.discard_draft(draft=draft, by=depositor, at_version=seen),
    }
    with pytest.raises(Conflict) as refused:
        calls[change]()
    draft.refresh_from_db()
    assert (refused.value.code, refused.value.version, draft.version) == ("conflict", seen + 1, seen + 1)
    assert {file.path: file.size for file in draft.files.all()} == {csv.path: len(csv.content), "late.csv": 1}


def test_change_of_files_by_who_saw_the_newest_draft_is_made(draft, depositor, csv) -> None:
    services.put_file(draft=draft, path="new.csv", content=b"2", by=depositor, at_version=draft.version)
    services.remove_file(draft=draft, path=csv.path, by=depositor, at_version=draft.version)
    services.discard_draft(draft=draft, by=depositor, at_version=draft.version)
    assert ([file.path for file in draft.files.all()], draft.state) == (["new.csv"], "discarded")


@pytest.mark.parametrize(
    ("path", "condition", "code"),
    [
        ("data/sst.csv", {"if_absent": True}, "file-exists"),
        ("data/sst.csv", {"if_sha256": "0" * 64}, "file-changed"),
        ("gone.csv", {"if_sha256": "0" * 64}, "file-changed"),
    ],
)
def test_file_that_is_not_as_its_sender_saw_it_is_not_overwritten(draft, depositor, csv, path, condition, code) -> None:
    with pytest.raises(Conflict) as refused:
        services.put_file(draft=draft, path=path, content=_Unread(), by=depositor, **condition)
    assert (refused.value.code, draft.files.get().size) == (code, len(csv.content))


def test_file_that_came_while_another_was_sent_is_not_overwritten(draft, depositor) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if not draft.files.filter(path="new.csv").exists():
                services.put_file(draft=draft, path="new.csv", content=b"theirs", by=depositor)
            return super().read(size)

    with pytest.raises(Conflict) as refused:
        services.put_file(draft=draft, path="new.csv", content=Slow(b"mine"), by=depositor, if_absent=True)
    assert (refused.value.code, draft.files.get(path="new.csv").size) == ("file-exists", 6)


def test_file_that_is_as_its_sender_saw_it_is_replaced(draft, depositor, csv) -> None:
    sha256 = draft.files.get().sha256
    services.put_file(draft=draft, path=csv.path, content=b"other", by=depositor, if_sha256=sha256)
    services.put_file(draft=draft, path="new.csv", content=b"new", by=depositor, if_absent=True)
    assert [file.size for file in draft.files.all()] == [5, 3]


class _Unread:
    def read(self, size: int) -> bytes:
        raise AssertionError("the bytes were read although nobody may keep them")


def test_discarded_draft_takes_no_files_until_it_is_restored(draft, depositor) -> None:
    services.discard_draft(draft=draft, by=depositor)
    services.discard_draft(draft=draft, by=depositor)
    with pytest.raises(Conflict) as refused:
        services.put_file(draft=draft, path="x", content=b"x", by=depositor)
    assert refused.value.code == "draft-discarded"
    services.restore_draft(draft=draft, by=depositor)
    assert services.put_file(draft=draft, path="x", content=b"x", by=depositor).size == 1
    assert draft.state == Draft.State.OPEN


def test_one_draft_of_a_next_version_is_open_at_a_time(record, depositor) -> None:
    first = services.new_version(record=record, by=depositor)
    services.discard_draft(draft=first, by=depositor)
    second = services.new_version(record=record, by=depositor)
    with pytest.raises(Conflict) as refused:
        services.restore_draft(draft=first, by=depositor)
    assert refused.value.code == "other-draft"
    services.discard_draft(draft=second, by=depositor)
    services.restore_draft(draft=first, by=depositor)
    assert first.state == Draft.State.OPEN


def test_published_draft_cannot_be_discarded(record, depositor) -> None:
    with pytest.raises(Conflict):
        services.discard_draft(draft=record.draft, by=depositor)


def test_refused_change_leaves_no_event(draft, make_actor) -> None:
    before = Event.objects.count()
    with pytest.raises(NotAllowed):
        services.put_file(draft=draft, path="x", content=b"x", by=make_actor("stranger", "depositor"))
    assert Event.objects.count() == before


# -- many files together


@pytest.fixture
def sources(tmp_path):
    def make(**contents: bytes):
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content)
        return {name: tmp_path / name for name in contents}

    return make


def test_files_put_together_are_as_those_put_one_by_one(draft, depositor, csv, sources) -> None:
    files = sources(new=b"time,sst\n1,2\n", same=csv.content, over=b"other", gone=b"")
    files["gone"].unlink()
    named = {"new.csv": files["new"], csv.path: files["over"], "a/same.csv": files["same"], "gone": files["gone"]}
    wrong = services.put_files(draft=draft, sources=named, by=depositor)
    assert {name: type(error) for name, error in wrong.items()} == {"gone": FileNotFoundError}
    assert {file.path: (file.size, file.media_type) for file in draft.files.all()} == {
        csv.path: (5, "text/csv"),
        "a/same.csv": (len(csv.content), "text/csv"),
        "new.csv": (13, "text/csv"),
    }
    assert [blobs().sound(file.sha256) for file in draft.files.all()] == [True] * 3
    events = Event.objects.filter(type="draft.file-put", draft_id=draft.pk)
    assert {event.payload["file"] for event in events} == set(draft.files.values_list("pk", flat=True))


def test_same_files_put_together_again_change_nothing(draft, depositor, sources) -> None:
    files = sources(one=b"1", two=b"2")
    services.put_files(draft=draft, sources=files, by=depositor)
    before = draft.version
    assert services.put_files(draft=draft, sources=files, by=depositor) == {}
    draft.refresh_from_db()
    assert draft.version == before


def test_name_that_cannot_be_kept_is_told_and_the_others_are_put(draft, depositor, sources, settings) -> None:
    settings.SHIRUSHI_MAX_FILE_SIZE = 10
    files = sources(x=b"x", big=b"x" * 11)
    named = {"../up": files["x"], "data": files["x"], "y": files["x"], "y/z": files["x"], "big": files["big"]}
    wrong = services.put_files(draft=draft, sources=named, by=depositor)
    assert {name: error.code for name, error in wrong.items()} == {
        "../up": "bad-file-name",
        "data": "bad-file-name",
        "y/z": "bad-file-name",
        "big": "too-large",
    }
    assert [file.path for file in draft.files.all()] == ["data/sst.csv", "y"]


def test_files_are_put_together_in_few_statements(draft, depositor, sources, django_assert_max_num_queries) -> None:
    files = sources(**{f"f{number}": b"%d" % number for number in range(100)})
    with django_assert_max_num_queries(20):
        services.put_files(draft=draft, sources=files, by=depositor)
    assert draft.files.count() == 101


# -- readiness


def test_readiness_names_what_is_missing_and_what_waits(described) -> None:
    found = services.readiness(described)
    assert [(item.field, item.waiting) for item in found.blocking] == [
        ("titles", 2),
        ("creators", 3),
        ("descriptions", 1),
        ("rights", 1),
    ]
    assert (found.ready, found.undecided, found.missing[0].why.ja[-1]) == (False, 9, "。")


def test_draft_without_files_is_told_but_may_be_published(space, depositor, fill) -> None:
    draft = services.create_draft(space=space, by=depositor)
    fill(draft, depositor)
    found = services.readiness(draft)
    assert (found.ready, found.missing[-1].field) == (True, "files")


# -- suggestions of a reading


def test_second_reading_supersedes_what_nobody_decided(described, depositor, make_proposal, suggestion_of) -> None:
    from shirushi.describe.description import Description

    services.decide(suggestion=suggestion_of("titles"), action="reject", by=depositor, at_version=described.version)
    run = services.start_describing(draft=described, by=depositor)
    again = [
        make_proposal("/titles/-", {"text": "Sea surface temperature of Sagami Bay", "lang": "en"}),
        make_proposal("/titles/-", {"text": "A better title"}),
    ]
    services.save_description(run=run, description=Description("buoys", suggestions=again))
    assert [s.value["text"] for s in described.suggestions.filter(state="open")] == ["A better title"]


def test_saving_a_description_twice_changes_nothing(described, make_proposal) -> None:
    from shirushi.describe.description import Description

    run = described.runs.get()
    services.save_description(run=run, description=Description("x", suggestions=[make_proposal("/version", "9")]))
    assert described.suggestions.count() == 9


def test_suggestion_that_does_not_fit_its_field_is_left_out(draft, depositor, make_proposal) -> None:
    from shirushi.describe.description import Description

    run = services.start_describing(draft=draft, by=depositor)
    wrong = [make_proposal("/creators/-", {"name": ""}), make_proposal("/languages/-", "ja")]
    services.save_description(run=run, description=Description("x", suggestions=wrong))
    assert [s.field for s in draft.suggestions.all()] == ["languages"]


def test_reading_a_draft_without_files_is_refused(space, depositor) -> None:
    draft = services.create_draft(space=space, by=depositor)
    with pytest.raises(Conflict) as refused:
        services.start_describing(draft=draft, by=depositor)
    assert refused.value.code == "no-files"


def test_reading_that_waits_is_not_queued_twice(draft, depositor) -> None:
    first = services.start_describing(draft=draft, by=depositor)
    assert services.start_describing(draft=draft, by=depositor) == first


def test_agent_may_propose_with_evidence(draft, depositor, make_proposal) -> None:
    evidence = make_proposal("/titles/-", {"text": "x"}).evidence
    agent = replace(depositor, agent="sorter/1", on_behalf_of=depositor.user_id)
    found = services.propose(
        draft=draft, target="/titles/-", value={"text": "Proposed"}, confidence=0.5, evidence=evidence, by=agent
    )
    assert (found.state, found.method) == ("open", "by.sorter/1")


def test_what_an_agent_is_sure_of_is_not_accepted_with_the_rest(draft, depositor, make_proposal) -> None:
    agent = replace(depositor, agent="sorter/1", on_behalf_of=depositor.user_id)
    evidence = make_proposal("/version", "1").evidence
    services.propose(draft=draft, target="/version", value="1", confidence=1.0, evidence=evidence, by=agent)
    draft.refresh_from_db()
    assert services.accept_above(draft=draft, threshold=0.0, by=depositor, at_version=draft.version) == []


def test_proposal_without_evidence_is_refused(draft, depositor) -> None:
    with pytest.raises(Invalid):
        services.propose(draft=draft, target="/version", value="1", confidence=0.5, evidence=[], by=depositor)


# -- what goes with a file

SST = {"name": "sst", "file": "data/sst.csv", "unit": "degC", "sampled": False}
SALT = {"name": "salt", "file": "data/salt.csv", "sampled": False}


@pytest.fixture
def read(draft, depositor, make_proposal):
    """Has the draft's files read, as far as this test goes: proposals, each seen in its own files."""

    def seen_in(target, value, *files):
        evidence = tuple(Evidence("heading", {"text": "x", "level": 1}, FilePlace(file), "test/1") for file in files)
        return make_proposal(target, value, evidence=evidence)

    def read_files(*proposals):
        run = services.start_describing(draft=draft, by=depositor)
        found = Description("buoys", suggestions=[seen_in(*each) for each in proposals], file_count=1)
        services.save_description(run=run, description=found)
        draft.refresh_from_db()

    return read_files


@pytest.fixture
def two_files(draft, depositor, read):
    """A draft of two tables with a variable each, both accepted; two titles wait."""
    services.put_file(draft=draft, path="data/salt.csv", content=b"salt\n1\n", by=depositor)
    read(
        ("/variables/-", SST, "data/sst.csv"),
        ("/variables/-", SALT, "data/salt.csv"),
    )
    services.accept_above(draft=draft, threshold=0.5, by=depositor, at_version=draft.version)
    read(
        ("/titles/-", {"text": "Buoys"}, "data/sst.csv"),
        ("/titles/-", {"text": "Both"}, "data/sst.csv", "data/salt.csv"),
    )
    return draft


def test_file_taken_out_takes_its_variables_and_suggestions_along(two_files, depositor, csv) -> None:
    services.remove_file(draft=two_files, path=csv.path, by=depositor)
    assert two_files.metadata["variables"] == [SALT]
    assert [row.value["text"] for row in two_files.suggestions.filter(state="open")] == ["Both"]
    decision = two_files.decisions.last()
    assert (decision.action, decision.field, decision.value["path"]) == ("file", "variables", csv.path)


def test_undo_brings_the_file_back_as_it_was(two_files, depositor, csv) -> None:
    before = (
        two_files.metadata,
        list(two_files.files.values()),
        list(two_files.suggestions.values_list("id", "state")),
    )
    services.remove_file(draft=two_files, path=csv.path, by=depositor)
    services.undo(draft=two_files, by=depositor, at_version=two_files.version)
    files = [{**row, "id": None} for row in two_files.files.values()]
    assert files == [{**row, "id": None} for row in before[1]]
    assert two_files.metadata == before[0]
    assert list(two_files.suggestions.values_list("id", "state")) == before[2]


def test_replaced_file_keeps_what_was_typed_about_it_and_can_propose_the_rest_anew(
    two_files, depositor, read, csv
) -> None:
    typed = {**SST, "name": "sst_qc", "label": "Quality, by hand"}
    services.edit_field(
        draft=two_files, field="variables", value=[SST, typed, SALT], by=depositor, at_version=two_files.version
    )
    services.put_file(draft=two_files, path=csv.path, content=b"time,sst\n2021-01-01,99\n", by=depositor)
    assert two_files.metadata["variables"] == [typed, SALT]
    read(("/variables/-", SST, csv.path))
    assert [row.value for row in two_files.suggestions.filter(state="open", field="variables")] == [SST]


def test_undoing_step_by_step_never_hides_a_newer_file(two_files, depositor, csv) -> None:
    services.remove_file(draft=two_files, path=csv.path, by=depositor)
    services.put_file(draft=two_files, path=csv.path, content=b"newer", by=depositor)
    services.undo(draft=two_files, by=depositor, at_version=two_files.version)
    assert not two_files.files.filter(path=csv.path).exists()
    services.undo(draft=two_files, by=depositor, at_version=two_files.version)
    assert two_files.files.get(path=csv.path).size == len(csv.content)
    assert two_files.metadata["variables"] == [SST, SALT]


def test_files_that_no_reading_has_seen_are_counted(draft, depositor, read, csv) -> None:
    assert services.readiness(draft).unread == 1
    read()
    assert services.readiness(draft).unread == 0
    services.put_file(draft=draft, path="new.csv", content=b"1", by=depositor)
    services.put_file(draft=draft, path=csv.path, content=b"2", by=depositor)
    assert services.readiness(draft).unread == 2
    run = services.start_describing(draft=draft, by=depositor)
    assert services.readiness(draft).unread == 0, "they are about to be read"
    draft.runs.filter(pk=run.pk).update(state="failed")
    assert services.readiness(draft).unread == 2


def test_new_version_counts_only_files_that_differ(record, depositor, csv) -> None:
    draft = services.new_version(record=record, by=depositor)
    assert services.readiness(draft).unread == 0
    services.put_file(draft=draft, path=csv.path, content=b"corrected", by=depositor)
    assert services.readiness(draft).unread == 1


def test_file_that_variables_name_and_nobody_has_is_told(two_files, depositor) -> None:
    assert services.readiness(two_files).astray == ()
    lost = {"name": "x", "file": "lost.csv"}
    services.edit_field(
        draft=two_files, field="variables", value=[SST, lost], by=depositor, at_version=two_files.version
    )
    assert services.readiness(two_files).astray == ("lost.csv",)

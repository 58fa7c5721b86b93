import hashlib
import io
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocfl.storage_root import StorageRoot

from shirushi.storage import (
    BadLogicalPath,
    BlobStore,
    ContentMismatch,
    Kept,
    NotStored,
    ObjectVersion,
    Store,
    Stored,
    StoreDamaged,
    VersionConflict,
)
from shirushi.storage.names import object_root
from shirushi.storage.tests.gateway import Both

Commit = Callable[..., ObjectVersion]
Judge = Callable[[Path], list[str]]
ID = "info:shirushi/0001"

ODD_NAMES = [
    "a\nb.txt",
    "\u202ecod.exe",
    "長い名前" * 25 + ".csv",
    "x" * 300,
    "cafe\u0301",
    "caf\u00e9",
    "DATA.csv",
    "data.csv",
    "CON",
    "trailing. ",
    "a/b/c/d/e.txt",
    "~x",
    "100%.txt",
    "*?[a-z]",
    "'\"\\;",
    "-rf",
    "/".join(["深い"] * 120),
]


def sha512(data: bytes) -> str:
    return hashlib.sha512(data).hexdigest()


def files_under(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def stored(blobs: BlobStore, data: bytes) -> Stored:
    blob = blobs.write(io.BytesIO(data))
    return Stored(blobs.path(blob.sha256), blob.sha512, blob.size)


@pytest.mark.clients
def test_first_version_is_a_valid_object(kept: Both, commit: Commit, judge: Judge) -> None:
    store = kept.store
    state = {name: name.encode() for name in ODD_NAMES}
    version = commit(store, ID, 1, state)
    assert version.state == {name: sha512(name.encode()) for name in ODD_NAMES}
    assert judge(kept.disk / "store" / object_root(ID)) == []
    assert store.verify(ID) == []
    for name in ODD_NAMES:
        with store.open(ID, name) as file:
            assert file.read() == name.encode()


@pytest.mark.clients
def test_new_store_is_a_valid_storage_root(kept: Both, commit: Commit, capsys: pytest.CaptureFixture[str]) -> None:
    store = kept.store
    for number in range(5):
        commit(store, f"info:shirushi/{number}", 1, {"a": b"x"})
    judge = StorageRoot(root=str(kept.disk / "store"))
    assert judge.validate()
    assert (judge.num_objects, judge.good_objects) == (5, 5)
    assert "errors" not in capsys.readouterr().err
    assert store.verify_root() == []


@settings(max_examples=25, deadline=None)
@given(
    versions=st.lists(
        st.dictionaries(
            st.lists(
                st.text(
                    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=80
                ).filter(lambda part: part not in (".", "..")),
                min_size=1,
                max_size=4,
            ).map("/".join)
            | st.sampled_from(ODD_NAMES),
            st.sampled_from([b"", b"a", b"b", b"\0" * 70_000]) | st.binary(max_size=50),
            max_size=8,
        ),
        min_size=1,
        max_size=5,
    ),
    object_id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120).map("urn:x:{}".format),
)
def test_any_sequence_of_versions_is_valid_and_comes_back(
    new_kept: Callable[[], Both],
    commit: Commit,
    judge: Judge,
    versions: list[dict[str, bytes]],
    object_id: str,
) -> None:
    place = new_kept()
    store = place.store
    kept: list[dict[str, bytes]] = []
    for state in versions:
        try:
            commit(store, object_id, len(kept) + 1, state)
        except BadLogicalPath:  # one path inside another: nothing may have happened
            continue
        kept.append(state)
    if not kept:
        assert list(store.objects()) == []
        return
    assert [message for message in judge(place.disk / "store" / object_root(object_id)) if "W005" not in message] == []
    assert [finding for finding in store.verify(object_id) if finding.is_error] == []
    for number, state in enumerate(kept, 1):
        for path, data in state.items():
            assert store.path(object_id, path, number).read_bytes() == data
        assert store.inventory(object_id).version(number).state.keys() == state.keys()


def test_content_that_the_object_has_is_not_stored_again(kept: Both, commit: Commit) -> None:
    store = kept.store
    commit(store, ID, 1, {"a": b"same", "b": b"same"})
    commit(store, ID, 2, {"c": b"same", "d": Kept(sha512(b"same")), "e": b"new"})
    content = [path for path in files_under(kept.disk / "store" / object_root(ID)) if "/content/" in path]
    assert content == ["v1/content/a", "v2/content/e"]


def test_version_without_new_content_has_no_content_folder(kept: Both, commit: Commit, judge: Judge) -> None:
    store = kept.store
    commit(store, ID, 1, {})
    commit(store, ID, 2, {})
    assert not (kept.disk / "store" / object_root(ID) / "v1" / "content").exists()
    assert judge(kept.disk / "store" / object_root(ID)) == []


def test_repeated_commit_changes_nothing(kept: Both, commit: Commit) -> None:
    store = kept.store
    commit(store, ID, 1, {"a": b"1"})
    second = commit(store, ID, 2, {"a": b"2"})
    before = files_under(kept.disk / "store")
    assert commit(store, ID, 2, {"a": b"2"}) == second
    assert commit(store, ID, 1, {"a": b"1"}).number == 1
    assert files_under(kept.disk / "store") == before


@pytest.mark.parametrize(("number", "state"), [(1, {"a": b"other"}), (1, {}), (3, {"a": b"1"}), (0, {}), (-1, {})])
def test_version_that_does_not_follow_is_a_conflict(
    kept: Both, commit: Commit, number: int, state: dict[str, bytes]
) -> None:
    store = kept.store
    commit(store, ID, 1, {"a": b"1"})
    before = files_under(kept.disk / "store")
    with pytest.raises(VersionConflict) as caught:
        commit(store, ID, number, state)
    assert caught.value.head == 1
    assert files_under(kept.disk / "store") == before


def test_later_version_of_an_object_that_does_not_exist_is_a_conflict(kept: Both, commit: Commit) -> None:
    store = kept.store
    with pytest.raises(VersionConflict) as caught:
        commit(store, ID, 2, {})
    assert caught.value.head == 0
    assert list(store.objects()) == []


def test_blob_is_linked_once_and_copied_for_a_second_object(tmp_path: Path, store: Store, commit: Commit) -> None:
    blobs = BlobStore(tmp_path / "store" / "blobs")
    source = stored(blobs, b"bytes of a blob")
    commit(store, "urn:x:1", 1, {"a": source})
    commit(store, "urn:x:2", 1, {"a": source})
    first, second = store.path("urn:x:1", "a"), store.path("urn:x:2", "a")
    assert first.samefile(source.path)
    assert not second.samefile(source.path)
    assert second.stat().st_nlink == 1
    assert second.read_bytes() == b"bytes of a blob"
    blobs.remove(next(blobs.iter()))
    assert first.read_bytes() == b"bytes of a blob"


def test_file_that_others_may_write_is_copied(tmp_path: Path, kept: Both, commit: Commit) -> None:
    store = kept.store
    path = tmp_path / "mine.csv"
    path.write_bytes(b"1,2")
    commit(store, ID, 1, {"mine.csv": Stored(path, sha512(b"1,2"), 3)})
    path.write_bytes(b"changed later")
    assert store.path(ID, "mine.csv").read_bytes() == b"1,2"
    assert store.verify(ID) == []


@pytest.mark.parametrize("source", [(b"good", b"evil"), (b"good", b"longer than promised"), (b"good", b"")])
def test_damaged_blob_is_refused_and_nothing_stored(
    tmp_path: Path, kept: Both, commit: Commit, source: tuple[bytes, bytes]
) -> None:
    store = kept.store
    promised, actual = source
    path = tmp_path / "blob"
    path.write_bytes(actual)
    before = files_under(tmp_path)
    with pytest.raises(ContentMismatch):
        commit(store, ID, 1, {"a": b"fine", "b": Stored(path, sha512(promised), len(promised))})
    assert {name: data for name, data in files_under(tmp_path).items() if "locks" not in name} == {
        name: data for name, data in before.items() if "locks" not in name
    }
    assert list(store.objects()) == []


def test_kept_bytes_that_the_object_lacks_are_refused(kept: Both, commit: Commit) -> None:
    store = kept.store
    with pytest.raises(ContentMismatch):
        commit(store, ID, 1, {"a": Kept(sha512(b"nowhere"))})


@pytest.mark.parametrize("paths", [["../a"], ["/a"], [""], ["a", "a/b"]])
def test_bad_logical_path_stores_nothing(kept: Both, commit: Commit, paths: list[str]) -> None:
    store = kept.store
    before = files_under(kept.disk / "store")
    with pytest.raises(BadLogicalPath):
        commit(store, ID, 1, dict.fromkeys(paths, b"x"))
    assert files_under(kept.disk / "store") == before


@pytest.mark.parametrize(
    ("object_id", "user", "created"),
    [
        ("", "A", datetime(2026, 1, 1, tzinfo=UTC)),
        ("x", "", datetime(2026, 1, 1, tzinfo=UTC)),
        ("x", "A", datetime(2026, 1, 1)),  # noqa: DTZ001
    ],
)
def test_version_needs_an_id_a_user_and_a_time_zone(kept: Both, object_id: str, user: str, created: datetime) -> None:
    store = kept.store
    with pytest.raises(ValueError, match="needs"):
        store.commit(object_id, number=1, state={}, message="", user_name=user, user_address=None, created=created)


def test_what_is_not_there_is_not_stored(kept: Both, commit: Commit) -> None:
    store = kept.store
    commit(store, ID, 1, {"a": b"1"})
    for action in (
        lambda: store.inventory("urn:none"),
        lambda: store.verify("urn:none"),
        lambda: store.path("urn:none", "a"),
        lambda: store.path(ID, "b"),
        lambda: store.path(ID, "a", 2),
        lambda: store.open(ID, "../../a"),
        lambda: store.set_aside("urn:none", 1, "why"),
    ):
        with pytest.raises(NotStored):
            action()


def test_objects_are_listed_with_those_that_cannot_be_read(kept: Both, commit: Commit) -> None:
    store = kept.store
    ids = {f"urn:x:{number}" for number in range(20)}
    for object_id in ids:
        commit(store, object_id, 1, {})
    assert set(store.objects()) == ids
    (kept.disk / "store" / object_root("urn:x:3") / "inventory.json").write_text("{")
    assert set(store.objects()) == ids - {"urn:x:3"}
    assert [found.root for found in store.scan() if found.object_id is None] == [object_root("urn:x:3")]


def test_inventory_is_read_again_when_another_process_wrote_a_version(kept: Both, commit: Commit) -> None:
    store = kept.store
    commit(store, ID, 1, {"a": b"1"})
    assert store.inventory(ID).head == 1
    commit(kept.place.store(), ID, 2, {"a": b"2"})
    assert store.inventory(ID).head == 2
    assert store.path(ID, "a").read_bytes() == b"2"
    assert store.path(ID, "a", 1).read_bytes() == b"1"


def test_newest_version_is_set_aside_with_the_reason(kept: Both, commit: Commit, judge: Judge) -> None:
    store = kept.store
    commit(store, ID, 1, {"a": b"1"})
    commit(store, ID, 2, {"a": b"2"})
    with pytest.raises(VersionConflict):
        store.set_aside(ID, 1, "not the newest")
    store.set_aside(ID, 2, "its transaction never committed")
    assert store.inventory(ID).head == 1
    assert judge(kept.disk / "store" / object_root(ID)) == []
    (aside,) = (kept.disk / "aside").iterdir()
    reason = json.loads((aside / "reason.json").read_text())
    assert (reason["object_id"], reason["version"], reason["reason"]) == (ID, 2, "its transaction never committed")
    assert (aside / "v2" / "content" / "a").read_bytes() == b"2"
    assert commit(store, ID, 2, {"a": b"another 2"}).number == 2


def test_only_version_is_set_aside_with_its_object(kept: Both, commit: Commit) -> None:
    store = kept.store
    commit(store, ID, 1, {"a": b"1"})
    store.set_aside(ID, 1, "withdrawn before it was public")
    assert list(store.objects()) == []
    assert store.verify_root() == []
    assert sorted(path.name for path in (kept.disk / "store").iterdir()) == [
        "0=ocfl_1.1",
        "extensions",
        "ocfl_layout.json",
    ]
    commit(store, ID, 1, {"a": b"again"})
    assert store.verify(ID) == []


def test_damage_is_found(kept: Both, commit: Commit) -> None:
    store = kept.store
    commit(store, ID, 1, {"a": b"1", "b": b"2"})
    root = kept.disk / "store" / object_root(ID)
    (root / "v1" / "content" / "a").write_bytes(b"X")
    (root / "v1" / "content" / "b").unlink()
    assert [(finding.code, finding.place) for finding in store.verify(ID)] == [
        ("E092", f"{object_root(ID)}/v1/content/b"),
        ("E092", f"{object_root(ID)}/v1/content/a"),
    ]
    with pytest.raises(StoreDamaged):
        store.path(ID, "b")


@pytest.mark.parametrize(
    "content_path", ["../../../../secret", "v1/content/../../x", "/etc/hostname", "v1/content/link"]
)
def test_inventory_that_leads_out_of_the_object_is_not_followed(kept: Both, commit: Commit, content_path: str) -> None:
    store = kept.store
    commit(store, ID, 1, {"a": b"1"})
    path = kept.disk / "store" / object_root(ID) / "inventory.json"
    path.write_text(path.read_text().replace("v1/content/a", content_path))
    (path.parent / "v1" / "content" / "link").symlink_to("/etc/hostname")
    store._parsed.clear()  # the gateway's ETag does not tell of what was changed behind its back
    with pytest.raises(StoreDamaged):
        store.path(ID, "a")


def test_object_whose_inventory_was_changed_is_not_continued(kept: Both, commit: Commit) -> None:
    store = kept.store
    commit(store, ID, 1, {"a": b"1"})
    path = kept.disk / "store" / object_root(ID) / "inventory.json"
    path.write_text(path.read_text().replace("Version 1", "Version X"))
    with pytest.raises(StoreDamaged):
        commit(store, ID, 2, {"a": b"2"})


def test_folder_that_holds_something_else_is_not_made_a_store(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("precious")
    with pytest.raises(StoreDamaged) as caught:
        Store(tmp_path)
    assert "not empty" in caught.value.en
    assert files_under(tmp_path) == {"thesis.docx": b"precious"}


def test_stray_files_and_empty_folders_of_the_root_are_found(store: Store) -> None:
    (store.root / "abc" / "def").mkdir(parents=True)
    (store.root / "abc" / "stray").write_text("")
    (store.root / "abc" / "link").symlink_to("stray")
    (store.root / "0=ocfl_1.1").write_text("ocfl_1.0\n")
    assert [(finding.code, finding.place) for finding in store.verify_root()] == [
        ("E080", "0=ocfl_1.1"),
        ("E073", "abc/def"),
        ("E090", "abc/link"),
        ("E072", "abc/stray"),
    ]


def test_every_file_and_folder_is_synced_before_its_name_counts(
    store: Store, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the power must not cut: bytes before the rename that shows them, the folder's entry before the commit returns."""
    commit(store, ID, 1, {"a": b"1"})
    log: list[tuple[str, str]] = []
    fsync, replace, rename = os.fsync, Path.replace, Path.rename

    def logged_fsync(descriptor: int) -> None:
        log.append(("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        fsync(descriptor)

    def logged_replace(self: Path, target: Path) -> Path:
        log.append(("replace", str(target.relative_to(store.root))))
        return replace(self, target)

    def logged_rename(self: Path, target: Path) -> Path:
        log.append(("rename", str(target.relative_to(store.root))))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", logged_fsync)
    monkeypatch.setattr(Path, "replace", logged_replace)
    monkeypatch.setattr(Path, "rename", logged_rename)
    commit(store, ID, 2, {"a": b"2", "folder/b": b"3"})
    root = object_root(ID)
    staging, top = str(store.root.parent / "staging"), str(store.root / root)
    steps = []
    for what, where in log:
        parts = where.removeprefix(staging).split("/") if where.startswith(staging) else []
        steps.append((what, "staged " + "/".join(parts[2:]) if len(parts) > 1 else where))
    assert steps == [
        ("fsync", "staged v2/content/a"),
        ("fsync", "staged v2/content/folder/b"),
        ("fsync", "staged v2/inventory.json"),
        ("fsync", "staged v2/inventory.json.sha512"),
        ("fsync", "staged inventory.json"),
        ("fsync", "staged inventory.json.sha512"),
        ("fsync", "staged v2/content/folder"),
        ("fsync", "staged v2/content"),
        ("fsync", "staged v2"),
        ("fsync", "staged "),
        ("rename", f"{root}/v2"),
        ("fsync", top),
        ("replace", f"{root}/inventory.json"),
        ("fsync", top),
        ("replace", f"{root}/inventory.json.sha512"),
        ("fsync", top),
    ]


def test_whole_object_is_removed_and_its_neighbour_stays(kept: Both, commit: Commit) -> None:
    state: dict[str, bytes] = {"files/a": b"a", "files/b/c": b"c"}
    commit(kept.store, ID, 1, state)
    commit(kept.store, ID, 2, {**state, "files/d": b"d"})
    commit(kept.store, ID + ":disposed", 1, {"metadata/x": b"x"})
    kept.store.log(ID, "a-note", b"")
    kept.store.remove(ID)
    kept.store.remove(ID)
    with pytest.raises(NotStored):
        kept.store.inventory(ID)
    assert list(kept.store.objects()) == [ID + ":disposed"]
    assert kept.store.verify_root() == []
    commit(kept.store, ID, 1, {"files/a": b"another"})
    assert kept.store.open(ID, "files/a").read() == b"another"


def test_removal_that_was_interrupted_still_tells_of_which_object(kept: Both, commit: Commit) -> None:
    commit(kept.store, ID, 1, {"files/a": b"a", "files/b": b"b"})
    root = object_root(ID)
    kept.store._files.remove_tree(f"{root}/v1", "inventory.json")  # all that goes before the object's own inventory
    assert [found.object_id for found in kept.store.scan()] == [ID]
    kept.store.remove(ID)
    assert list(kept.store.scan()) == []
    assert kept.store.verify_root() == []

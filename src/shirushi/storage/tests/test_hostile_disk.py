"""Disks that are full or may not be written: a clear error in two languages, and nothing half-written."""

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shirushi.storage import Incoming, Store, StoreFull, StoreReadOnly
from shirushi.storage.errors import StorageError, clear_errors

WRITER = """
import io, json, os, resource, sys
from datetime import UTC, datetime
from shirushi.storage import BlobStore, StorageError, Store, Stored

what, root, size, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
if os.getuid() == 0 and what.endswith("unprivileged"):
    os.setgid(65534); os.setuid(65534)
try:
    if what.startswith("blob"):
        BlobStore(root + "/blobs").write(io.BytesIO(bytes(size)))
    else:
        state = {"a": b"small", "b": bytes(size)}
        number = int(what.split("-")[1])
        Store(root + "/ocfl").commit("urn:x", number=number, state=state, message="", user_name="A", user_address=None,
                                     created=datetime(2026, 11, 23, tzinfo=UTC))
    print(json.dumps(["stored", "", ""]))
except StorageError as error:
    print(json.dumps([type(error).__name__, error.en, error.ja]))
"""

Commit = Callable[..., object]


def write(what: str, root: Path, *, size: int = 10, limit: int = 0) -> tuple[str, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", WRITER, what, str(root), str(size), str(limit)],
        capture_output=True,
        text=True,
        check=True,
    )
    name, en, ja = json.loads(done.stdout)
    return name, en, ja


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, but for the locks, which hold nothing."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "locks"
    }


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("SKIPPED LOUDLY: a small file system cannot be mounted here (needs root)")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_blob_over_the_file_size_limit_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    name, en, ja = write("blob", tmp_path, size=2_000_000, limit=1_000_000)
    assert name == "StoreFull"
    assert en.endswith("Free some space or raise the quota, then try again.")
    assert "容量" in ja
    assert contents(tmp_path) == {}
    assert write("blob", tmp_path, size=1_000)[0] == "stored"


@pytest.mark.parametrize("number", [1, 2])
def test_version_over_the_file_size_limit_is_refused_and_leaves_nothing(
    tmp_path: Path, commit: Commit, number: int
) -> None:
    store = Store(tmp_path / "ocfl")
    for earlier in range(1, number):
        commit(store, "urn:x", earlier, {"a": b"small"})
    before = contents(tmp_path)
    assert write(f"commit-{number}", tmp_path, size=2_000_000, limit=1_000_000)[0] == "StoreFull"
    assert contents(tmp_path) == before
    assert write(f"commit-{number}", tmp_path, size=10)[0] == "stored"
    assert [finding for finding in store.verify("urn:x") if finding.is_error] == []


def test_full_disk_is_told_and_leaves_nothing(small_disk: Path) -> None:
    assert write("commit-1", small_disk, size=10_000)[0] == "stored"
    before = contents(small_disk)
    name, en, _ = write("commit-2", small_disk, size=3_000_000)
    assert name == "StoreFull"
    assert str(small_disk) in en
    assert write("blob", small_disk, size=3_000_000)[0] == "StoreFull"
    assert contents(small_disk) == before
    assert write("commit-2", small_disk, size=20_000)[0] == "stored"
    assert [finding for finding in Store(small_disk / "ocfl").verify("urn:x") if finding.is_error] == []


def test_disk_that_fills_up_at_any_point_leaves_whole_versions(small_disk: Path) -> None:
    """Commit until nothing fits any more: what was stored is valid, what was not has left nothing behind."""
    number = 0
    while write(f"commit-{number + 1}", small_disk, size=40_000 + number)[0] == "stored":
        number += 1
    store = Store(small_disk / "ocfl")
    assert store.inventory("urn:x").head == number > 5
    assert [finding for finding in store.verify("urn:x") if finding.is_error] == []
    assert list((small_disk / "staging").iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="the other user is played by root's giving up its rights")
@pytest.mark.parametrize("what", ["blob-unprivileged", "commit-1-unprivileged"])
def test_folder_of_somebody_else_is_told(tmp_path: Path, what: str) -> None:
    for folder in (tmp_path, *tmp_path.parents):  # pytest's own, as many as it makes, are closed to others
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o755)
    name, en, ja = write(what, tmp_path)
    assert name == "StoreReadOnly"
    assert "write permission" in en
    assert "権限" in ja
    assert contents(tmp_path) == {}


def test_read_only_store_can_be_read(tmp_path: Path, commit: Commit) -> None:
    store = Store(tmp_path / "ocfl")
    commit(store, "urn:x", 1, {"a": b"1"})
    mounted = subprocess.run(["mount", "--bind", "-r", str(tmp_path), str(tmp_path)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("SKIPPED LOUDLY: nothing can be mounted read-only here (needs root)")
    try:
        reader = Store(tmp_path / "ocfl")
        assert reader.path("urn:x", "a").read_bytes() == b"1"
        assert reader.verify("urn:x") == []
        with pytest.raises(StoreReadOnly):
            commit(reader, "urn:x", 2, {"a": b"2"})
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.parametrize("number", [28, 122, 27, 30, 13, 1, 5])
def test_every_error_of_the_disk_says_what_where_and_what_next(number: int) -> None:
    with pytest.raises(StorageError) as caught, clear_errors(Path("/data")):
        raise OSError(number, os.strerror(number))
    assert caught.value.where == "/data"
    assert "/data" in caught.value.en
    assert caught.value.en.count(".") >= 2
    assert caught.value.ja.endswith("ください。")


def test_other_errors_are_not_dressed_up() -> None:
    with pytest.raises(FileNotFoundError), clear_errors(Path("/data")):
        raise FileNotFoundError(2, "no such file")


def test_piece_of_a_file_for_which_there_is_no_room_is_told_in_words(tmp_path: Path) -> None:
    """What is still in memory is tried once more when the file is closed, and fails once more."""
    (tmp_path / "one").symlink_to("/dev/full")
    with pytest.raises(StoreFull), Incoming(tmp_path).held("one") as partial:
        partial.append(io.BytesIO(b"x" * 100), at=0, length=100, kept=lambda end: None)

"""An object that is copied while others write to it is whole in the copy."""

import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shirushi.storage import Store, StoreDamaged
from shirushi.storage.copying import members
from shirushi.storage.inventory import SIDECAR

NAME = "urn:test:a"


def commit(store: Store, number: int) -> None:
    store.commit(
        NAME, number=number, state={f"{n}.txt": f"{n}".encode() for n in range(number)}, message="x", user_name="x",
        user_address="urn:test:x", created=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    store.log(NAME, f"committed-v{number}", b"")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    commit(store, 1)
    return store


def copied(store: Store, target: Path, *, at: int = -1, what=lambda: None) -> Store:
    """Copy it all; do ``what`` after so many files. As tar does, what is gone when its turn comes is passed over."""
    for number, (file, data) in enumerate(members(Path(store.root))):
        place = target / file.relative_to(store.root)
        place.parent.mkdir(parents=True, exist_ok=True)
        if data is not None or file.exists():
            place.write_bytes(file.read_bytes() if data is None else data)
        if number == at:
            what()
    return Store(target)


def names(root: Path | str) -> set[str]:
    return {str((Path(at) / file).relative_to(root)) for at, _, files in os.walk(root) for file in files}


def test_all_of_a_store_at_rest_is_copied(store: Store, tmp_path: Path) -> None:
    commit(store, 2)
    copy = copied(store, tmp_path / "copy" / "store")
    assert names(copy.root) == names(store.root)
    assert [*copy.verify(NAME), *copy.verify_root()] == []


@pytest.mark.parametrize("at", range(3, 10))
def test_version_that_comes_meanwhile_is_in_it_whole_or_not_at_all(store: Store, tmp_path: Path, at: int) -> None:
    copy = copied(store, tmp_path / "copy" / "store", at=at, what=lambda: commit(store, 2))
    assert [finding for finding in copy.verify(NAME) if finding.is_error] == []
    assert copy.inventory(NAME).head == 1
    assert copy.logged(NAME) == ["committed-v1"]


def test_inventory_waits_for_its_sidecar(store: Store, tmp_path: Path) -> None:
    root = next(Path(store.root).glob("*/*/*/*"))
    before = (root / SIDECAR).read_bytes()
    commit(store, 2)
    after = (root / SIDECAR).read_bytes()
    (root / SIDECAR).write_bytes(before)  # between the two renames of a commit

    def finish() -> None:
        time.sleep(0.2)
        (root / SIDECAR).write_bytes(after)

    committing = threading.Thread(target=finish)
    committing.start()
    copy = copied(store, tmp_path / "copy" / "store")
    committing.join()
    assert (copy.verify(NAME), copy.inventory(NAME).head) == ([], 2)


def test_version_taken_out_meanwhile_is_told(store: Store, tmp_path: Path) -> None:
    commit(store, 2)
    with pytest.raises(StoreDamaged, match="Copy again"):
        copied(store, tmp_path / "copy" / "store", at=4, what=lambda: store.set_aside(NAME, 2, "x"))

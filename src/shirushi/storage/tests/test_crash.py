"""Kill a writer at every step it takes on the disk; what it had acknowledged must be there, and the store be valid.

The writer counts what Python tells its audit hook (open, rename, link, mkdir, remove …, each just before it happens) and
kills itself with SIGKILL at the step it is told. So the steps can be gone through one by one, and again.
"""

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shirushi.storage import BlobStore, Store
from shirushi.storage.names import object_root

WRITER = """
import io, os, signal, sys
from datetime import UTC, datetime
from shirushi.storage import BlobStore, Store, Stored

root, last = sys.argv[1], int(sys.argv[2])
steps = 0
KINDS = {"open", "os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "fcntl.flock", "os.scandir"}

def count(event, arguments):
    global steps
    if event in KINDS and (event != "open" or isinstance(arguments[0], str) and arguments[0].startswith(root)):
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)

created = datetime(2026, 11, 23, tzinfo=UTC)
sys.addaudithook(count)
store, blobs = Store(root + "/ocfl"), BlobStore(root + "/blobs")
for number in (1, 2, 3):
    for name in ("urn:x:a", "urn:x:b"):
        data = f"{name} {number}".encode() * 1000
        blob = blobs.write(io.BytesIO(data))
        state = {"data.bin": Stored(blobs.path(blob.sha256), blob.sha512, blob.size), "note.txt": f"v{number}".encode()}
        store.commit(name, number=number, state=state, message="", user_name="A", user_address=None, created=created)
        print("acknowledged", name, number, flush=True)
store.set_aside("urn:x:b", 3, "a test")
print("steps", steps, flush=True)
"""

Judge = Callable[[Path], list[str]]


def write(folder: Path, last: int) -> tuple[dict[str, int], int]:
    """(newest acknowledged version of each object, steps taken when it came to the end)."""
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(folder), str(last)], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, -9), done.stderr
    acknowledged: dict[str, int] = {}
    steps = 0
    for line in done.stdout.splitlines():
        words = line.split()
        if words[0] == "acknowledged":
            acknowledged[words[1]] = int(words[2])
        else:
            steps = int(words[1])
    return acknowledged, steps


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> int:
    return write(tmp_path_factory.mktemp("whole"), 0)[1]


def bytes_of(name: str, number: int) -> bytes:
    return f"{name} {number}".encode() * 1000


def test_writer_takes_enough_steps_for_the_test_to_mean_something(steps: int) -> None:
    assert steps > 200


@pytest.mark.parametrize("part", range(30))
def test_killed_writer_leaves_a_valid_store_with_everything_acknowledged(
    tmp_path: Path, judge: Judge, steps: int, part: int
) -> None:
    last = random.Random(20261123 + part).randint(steps * part // 30 + 1, steps * (part + 1) // 30)
    acknowledged, _ = write(tmp_path, last)
    store, blobs = Store(tmp_path / "ocfl"), BlobStore(tmp_path / "blobs")
    store.recover()
    blobs.recover()
    assert store.verify_root() == []
    assert store.recover() == []
    found = {object_id: store.inventory(object_id).head for object_id in store.objects()}
    for object_id, head in found.items():
        assert [message for message in judge(store.root / object_root(object_id)) if not message.startswith("[W")] == []
        assert [finding for finding in store.verify(object_id) if finding.is_error] == []
        for number in range(1, head + 1):
            assert store.path(object_id, "data.bin", number).read_bytes() == bytes_of(object_id, number)
    for object_id, number in acknowledged.items():
        being_set_aside = acknowledged == {"urn:x:a": 3, "urn:x:b": 3} and object_id == "urn:x:b"
        assert found[object_id] >= (2 if being_set_aside else number)
    for digest in blobs.iter():
        assert blobs.sound(digest)
    assert list((tmp_path / "staging").glob("*")) == []


@pytest.mark.parametrize("part", range(6))
def test_killed_writer_can_simply_be_run_again(tmp_path: Path, steps: int, part: int) -> None:
    """Without a recovery in between: the next commit finishes or sets aside what the last one left."""
    for attempt in range(3):
        write(tmp_path, random.Random(part * 10 + attempt).randint(1, steps))
        for object_id in ("urn:x:a", "urn:x:b"):
            store = Store(tmp_path / "ocfl") if (tmp_path / "ocfl" / "0=ocfl_1.1").exists() else None
            if store is not None and object_id in set(store.objects()) and store.inventory(object_id).head == 3:
                store.set_aside(object_id, 3, "so that the writer has something to do")
    _, reached = write(tmp_path, 0)
    assert reached > 0
    store = Store(tmp_path / "ocfl")
    store.recover()
    assert {object_id: store.inventory(object_id).head for object_id in store.objects()} == {"urn:x:a": 3, "urn:x:b": 2}
    assert [finding for object_id in store.objects() for finding in store.verify(object_id) if finding.is_error] == []


def test_recover_completes_a_version_whose_sidecar_was_not_written(store: Store, commit: Callable[..., object]) -> None:
    commit(store, "urn:x", 1, {"a": b"1"})
    before = (store.root / object_root("urn:x") / "inventory.json.sha512").read_bytes()
    commit(store, "urn:x", 2, {"a": b"2"})
    (store.root / object_root("urn:x") / "inventory.json.sha512").write_bytes(before)
    assert [(done.object_id, done.number, done.action) for done in store.recover()] == [("urn:x", 2, "completed")]
    assert store.verify("urn:x") == []


def test_recover_keeps_an_unfinished_version_aside(store: Store, commit: Callable[..., object]) -> None:
    commit(store, "urn:x", 1, {"a": b"1"})
    unfinished = store.root / object_root("urn:x") / "v2" / "content"
    unfinished.mkdir(parents=True)
    (unfinished / "a").write_bytes(b"2")
    assert [(done.object_id, done.number, done.action) for done in store.recover()] == [("urn:x", 2, "set aside")]
    assert store.verify("urn:x") == []
    kept = list((store.root.parent / "aside").glob("*/v2/content/a"))
    assert [path.read_bytes() for path in kept] == [b"2"]


def test_recover_leaves_damage_that_it_does_not_understand(store: Store, commit: Callable[..., object]) -> None:
    commit(store, "urn:x", 1, {"a": b"1"})
    path = store.root / object_root("urn:x") / "inventory.json"
    path.write_bytes(path.read_bytes().replace(b"Version 1", b"Version X"))
    before = path.read_bytes()
    assert store.recover() == []
    assert path.read_bytes() == before
    assert [finding.code for finding in store.verify("urn:x")] == ["E060", "E064"]

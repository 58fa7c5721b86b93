"""Kill the object store's server, the writer, or both, in the middle of uploads and commits; afterwards everything acknowledged
must be there and everything else recoverable.

The writer tells each step it has been promised. It kills itself at a chosen request (each send of its HTTP client is a step), so
that the steps can be gone through; the server is killed at chance moments and started again on the same files. ``make kill`` does
more of it.
"""

import json
import os
import random
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from shirushi.storage import StoreUnreachable
from shirushi.storage.names import object_root
from shirushi.storage.places import Place
from shirushi.storage.s3 import PART
from shirushi.storage.tests.gateway import BUCKET, Both, Gateway

WRITER = """
import io, os, signal, sys, time
from datetime import UTC, datetime
from pathlib import Path
from shirushi.storage import StorageError, StoreUnreachable
from shirushi.storage.places import Place

folder, url, last, large = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
steps = 0

def count(event, arguments):
    global steps
    if event == "http.client.send":
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)

def again(action):
    while True:
        try:
            return action()
        except StoreUnreachable as error:
            print("failed", flush=True)
            time.sleep(0.1)

def commit(name, number):
    data = f"{name} {number}".encode() * large
    blob = blobs.write(io.BytesIO(data))
    print("blob", blob.sha256, flush=True)
    state = {f"part{i}.txt": f"{name} {number} {i}".encode() for i in range(5)}
    state["data.bin"] = blobs.stored(blob.sha256, sha512=blob.sha512, size=blob.size)
    store.commit(name, number=number, state=state, message="", user_name="A", user_address=None,
                 created=datetime(2026, 11, 23, tzinfo=UTC))
    print("acknowledged", name, number, flush=True)

place = Place(folder, url)
blobs, store = place.blobs(), again(place.store)
for number in (1, 2, 3):
    for name in ("urn:x:a", "urn:x:b"):
        again(lambda: commit(name, number))
again(lambda: store.set_aside("urn:x:b", 3, "a test") if store.inventory("urn:x:b").head == 3 else None)
print("steps", steps, flush=True)
"""

Judge = Callable[[Path], list[str]]
LARGE = (5 * PART) // 9  # a blob of some 40 MB goes in parts


def start(both: Both, *, last: int = 0, large: int = 1000) -> "subprocess.Popen[str]":
    arguments = [sys.executable, "-c", WRITER, str(both.place.folder), both.place.url, str(last), str(large)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(writer: "subprocess.Popen[str]") -> list[list[str]]:
    out, errors = writer.communicate(timeout=120)
    assert writer.returncode in (0, -9), errors
    return [line.split() for line in out.splitlines()]


@pytest.fixture
def both(gateway: Gateway, tmp_path: Path, request: pytest.FixtureRequest) -> Both:
    url = f"s3://{BUCKET}/{request.node.name.replace('[', '-').replace(']', '')[-40:]}-{random.randrange(10**6)}"
    place = Place(tmp_path, url)
    return Both(None, place.blobs(), gateway.on_disk(url), place)  # type: ignore[arg-type]


def uploads(gateway: Gateway, url: str) -> list[str]:
    """What the server knows of uploads in parts that have not ended."""
    client = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
    prefix = url.removeprefix(f"s3://{BUCKET}/")
    return [item["Key"] for item in client.list_multipart_uploads(Bucket=BUCKET, Prefix=prefix).get("Uploads", ())]


def see_that_all_is_there(
    both: Both, gateway: Gateway, judge: Judge, lines: list[list[str]], *, large: int = 1000
) -> None:
    """Recover, then: every acknowledged version and blob is there, every object valid by our word and ocfl-py's, and nothing
    is left that a second recovery would find."""
    store, blobs = both.place.store(), both.place.blobs()
    store.recover()
    blobs.recover()
    assert store.verify_root() == []
    assert store.recover() == []
    assert uploads(gateway, both.place.url) == []
    heads = {object_id: store.inventory(object_id).head for object_id in store.objects()}
    for object_id, head in heads.items():
        assert [finding for finding in store.verify(object_id) if finding.is_error] == []
        found = judge(both.disk / "store" / object_root(object_id))
        assert [message for message in found if not message.startswith("[W")] == []
        for number in range(1, head + 1):
            assert store.open(object_id, "data.bin", number).read() == f"{object_id} {number}".encode() * large
    acknowledged = {words[1]: int(words[2]) for words in lines if words[0] == "acknowledged"}
    for object_id, number in acknowledged.items():
        may_be_set_aside = acknowledged == {"urn:x:a": 3, "urn:x:b": 3} and object_id == "urn:x:b"
        assert heads[object_id] >= (2 if may_be_set_aside else number)
    assert [words[1] for words in lines if words[0] == "blob" and not blobs.sound(words[1])] == []
    assert [sha256 for sha256 in blobs.iter() if not blobs.sound(sha256)] == []


@pytest.fixture(scope="module")
def steps(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> int:
    place = Place(tmp_path_factory.mktemp("whole"), f"s3://{BUCKET}/whole")
    writer = start(Both(None, place.blobs(), gateway.on_disk(place.url), place))  # type: ignore[arg-type]
    return int(told(writer)[-1][1])


PARTS, SEEDS = (24, 8) if os.environ.get("SHIRUSHI_KILL_ALL") else (4, 2)


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_writer_leaves_everything_acknowledged_and_the_rest_recoverable(
    gateway: Gateway, both: Both, judge: Judge, steps: int, part: int
) -> None:
    assert steps > 200
    last = random.Random(20261130 + part).randint(steps * part // PARTS + 1, steps * (part + 1) // PARTS)
    lines = told(start(both, last=last))
    assert lines == [] or lines[-1][0] != "steps"
    see_that_all_is_there(both, gateway, judge, lines)
    finished = told(start(both))  # and whoever comes next is not hindered
    assert finished[-1][0] == "steps"
    see_that_all_is_there(both, gateway, judge, finished)


@pytest.mark.slow
@pytest.mark.parametrize(("large", "seed"), [(LARGE if seed % 2 else 1000, seed) for seed in range(SEEDS)])
def test_killed_server_loses_nothing_that_was_acknowledged(
    gateway: Gateway, both: Both, judge: Judge, seed: int, large: int
) -> None:
    """The writer is not told of the kills: it waits, tries again, and comes to the end."""
    chance = random.Random(seed)
    writer = start(both, large=large)
    select.select([writer.stdout], [], [], 60)  # it is under way
    kills = 0
    for _ in range(5):
        time.sleep(chance.uniform(0.2, 1.2) if large > 1000 else chance.uniform(0, 0.1))
        if writer.poll() is not None:
            break
        gateway.kill()
        kills += 1
        time.sleep(chance.uniform(0, 0.3))
        gateway.start()
    lines = told(writer)
    assert (kills > 0, lines[-1][0]) == (True, "steps")
    see_that_all_is_there(both, gateway, judge, lines, large=large)
    store = both.place.store()
    assert {object_id: store.inventory(object_id).head for object_id in store.objects()} == {"urn:x:a": 3, "urn:x:b": 2}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_server_and_writer_killed_together_leave_everything_acknowledged(
    gateway: Gateway, both: Both, judge: Judge, seed: int
) -> None:
    chance = random.Random(100 + seed)
    writer = start(both, large=LARGE if seed % 2 else 1000)
    select.select([writer.stdout], [], [], 60)
    time.sleep(chance.uniform(0, 1.5) if seed % 2 else chance.uniform(0, 0.2))
    gateway.kill()
    writer.kill()
    lines = told(writer)
    gateway.start()
    see_that_all_is_there(both, gateway, judge, lines, large=LARGE if seed % 2 else 1000)


def test_server_that_stays_away_is_told_and_nothing_is_kept(gateway: Gateway, both: Both, monkeypatch) -> None:
    store = both.place.store()
    gateway.kill()
    with monkeypatch.context() as hurried:
        hurried.setattr("time.sleep", lambda _: None)  # the client's own patience is half a minute
        with pytest.raises(StoreUnreachable) as caught:
            both.blobs.write(Endless(100))
        with pytest.raises(StoreUnreachable):
            store.inventory("urn:x")
    gateway.start()
    assert both.place.url in caught.value.en
    assert caught.value.ja.endswith("確認してください。")
    assert list(both.blobs.iter()) == []


class Endless:
    """A stream of some KiB."""

    def __init__(self, left: int) -> None:
        self.left = left

    def read(self, size: int, /) -> bytes:
        self.left -= 1
        return b"x" * min(size, 1024) if self.left > 0 else b""


def test_reading_goes_on_where_the_server_was_killed(gateway: Gateway, both: Both) -> None:
    data = os.urandom(64 << 20)
    blob = both.blobs.write(Whole(data))
    part = both.blobs.content(blob.sha256).part(1000, len(data) - 1000)
    first = next(part)
    gateway.kill()
    later = threading.Timer(0.5, gateway.start)
    later.start()
    rest = b"".join(part)
    later.join()
    assert first + rest == data[1000:-1000]


class Whole:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def read(self, size: int, /) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]


# -- locks between machines


@pytest.fixture
def machines(both: Both, tmp_path: Path) -> tuple[Place, Place]:
    return Place(tmp_path / "one", both.place.url), Place(tmp_path / "two", both.place.url)


def test_two_machines_that_commit_the_same_version_agree(both: Both, commit, machines, judge: Judge) -> None:
    """Of two that write version N of one object with other content one is refused, and what stands is the other's, whole."""
    stores = [place.store() for place in machines]
    for number in (1, 2, 3, 4):
        outcome: list[str] = []

        def write(which: int, number: int = number, outcome: list[str] = outcome) -> None:
            try:
                state = {f"{part}.txt": f"{number} {which}".encode() * 100 for part in range(20)}
                commit(stores[which], "urn:x", number, state)
                outcome.append(f"kept {which}")
            except Exception as error:  # noqa: BLE001
                outcome.append(type(error).__name__)

        writers = [threading.Thread(target=write, args=(which,)) for which in (0, 1)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        (winner,) = [int(words[-1]) for words in outcome if words.startswith("kept")]
        assert "VersionConflict" in outcome
        assert {
            path: store.open("urn:x", path).read() for store in stores for path in ["0.txt", "19.txt"]
        } == dict.fromkeys(["0.txt", "19.txt"], f"{number} {winner}".encode() * 100)
    assert stores[0].verify("urn:x") == []
    assert judge(both.disk / "store" / object_root("urn:x")) == []


def test_lock_of_a_machine_that_died_is_taken_over_and_its_leftovers_are_found(
    gateway: Gateway, both: Both, commit, machines, monkeypatch, steps: int
) -> None:
    one, two = machines
    dying = Both(None, one.blobs(), both.disk, one)  # type: ignore[arg-type]
    lines = told(start(dying, last=steps // 2))
    store = two.store()
    locks = sorted((both.disk / "locks").iterdir())
    assert [json.loads(lock.read_text())["machine"] for lock in locks] == [
        (one.folder / "locks/store/machine").read_text()
    ]
    assert store.recover() == []  # it may be alive: another machine's clock tells nothing
    monkeypatch.setattr("shirushi.storage.s3_locks.LEASE", 6.0)  # the new holder must not lose it on a slow machine
    bucket = store._files._bucket
    until = time.monotonic() + 60
    while any(bucket.head(f"locks/{lock.name}").age <= 6.0 for lock in locks):  # by the server's clock, which may lag
        assert time.monotonic() < until
        time.sleep(0.2)
    done = store.recover()
    assert [action.action for action in done] in (["set aside"], ["completed"], [])
    assert list((both.disk / "locks").glob("*")) == []
    acknowledged = {words[1]: int(words[2]) for words in lines if words[0] == "acknowledged"}
    for object_id in ("urn:x:a", "urn:x:b"):
        assert [finding for finding in store.verify(object_id) if finding.is_error] == []
        assert store.inventory(object_id).head >= acknowledged[object_id]
    commit(store, "urn:x:a", store.inventory("urn:x:a").head + 1, {"a": b"goes on"})


def test_holder_that_was_held_up_too_long_writes_nothing_more(both: Both, commit, machines, monkeypatch) -> None:
    """Its lock is another's by then: what it was about to put in place stays out."""
    slow, quick = (place.store() for place in machines)
    commit(slow, "urn:x", 1, {"a": b"1"})
    monkeypatch.setattr("shirushi.storage.s3_locks.LEASE", 2.0)
    real = slow._files.publish

    def publish(*arguments) -> None:
        holding = slow._files._holding.lease
        holding._end.set()  # its process stands still: no renewal
        time.sleep(3.2)  # servers tell times in whole seconds
        commit(quick, "urn:x", 2, {"a": b"the quick one's"})
        real(*arguments)

    monkeypatch.setattr(slow._files, "publish", publish)
    with pytest.raises(StoreUnreachable):
        commit(slow, "urn:x", 2, {"a": b"the slow one's"})
    assert quick.open("urn:x", "a").read() == b"the quick one's"
    assert quick.verify("urn:x") == []


@pytest.mark.parametrize(("passed_over", "named"), [("new", "If-None-Match"), ("over", "If-Match")])
def test_server_without_conditional_writes_is_refused(both: Both, monkeypatch, passed_over: str, named: str) -> None:
    from shirushi.storage.errors import StorageError
    from shirushi.storage.s3 import Bucket

    store = both.place.store()
    put = Bucket.put
    monkeypatch.setattr(
        Bucket,
        "put",
        lambda self, key, data, **asked: put(self, key, data, **{k: v for k, v in asked.items() if k != passed_over}),
    )
    with pytest.raises(StorageError, match=f"heed of {named},"):
        store.set_aside("urn:x", 1, "a test")

"""The background reading of every byte: it finds what changed, goes on after a kill, keeps its rate, and check tells of it."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from shirushi.cli.keeping import words
from shirushi.core import scrubbing
from shirushi.core.check import check
from shirushi.core.home import blobs, store
from shirushi.core.models import ScrubRun
from shirushi.core.tests import databases
from shirushi.storage.scrub import Pace, Position, Stopped, scrub

GO_ON = threading.Event().wait


def commit(object_id: str, number: int, state: dict[str, bytes]) -> None:
    store().commit(
        object_id, number=number, state=state, message="", user_name="A", user_address=None, created=timezone.now()
    )


def spoil(path: Path) -> None:
    """One bit of a file that has been written long ago."""
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)


@pytest.fixture
def things(db) -> int:
    """Blobs and objects; how many things there are to look at: each blob, each object's form, each content file."""
    for number in range(5):
        blobs().write(io.BytesIO(b"blob %d" % number))
    for number in range(4):
        commit(f"urn:x:{number}", 1, {name: f"{name} {number}".encode() for name in ("a", "b", "c")})
    commit("urn:x:0", 2, {"a": b"other"})
    return 5 + 4 + 4 * 3 + 1


def go_on() -> ScrubRun:
    run = scrubbing.go_on(rate=0, wait=lambda _seconds: False)
    assert run is not None
    return run


def test_everything_is_read_once(things: int) -> None:
    run = go_on()
    assert (run.things, run.findings, run.finished_at is not None) == (things, [], True)
    held = sum(path.stat().st_size for path in store().root.rglob("content/*"))
    assert run.size == held + sum(blobs().size(sha256) for sha256 in blobs().iter())
    assert [finding for finding in check() if finding.code == "scrub-damaged"] == []


def test_changed_bytes_are_found_told_by_check_and_forgotten_when_they_are_put_right(things: int, caplog) -> None:
    blob, content = blobs().path(next(blobs().iter())), store().path("urn:x:2", "b")
    before = blob.read_bytes(), content.read_bytes()
    spoil(blob)
    spoil(content)
    run = go_on()
    place = str(content.relative_to(store().root))
    assert [(found["code"], found["place"]) for found in run.findings] == [("E092", blob.name), ("E092", place)]
    assert [record.message.split(":")[0] for record in caplog.records if record.levelname == "ERROR"] == ["scrub"] * 2

    def told() -> list[str]:
        return [finding.where for finding in check(deep=False) if finding.code == "scrub-damaged"]

    assert told() == [blob.name, place]
    blob.write_bytes(before[0])
    assert told() == [place]
    content.write_bytes(before[1])
    assert told() == []


def test_object_that_lost_a_file_or_its_inventory_is_found(things: int) -> None:
    gone, spoilt = store().path("urn:x:1", "a"), store().path("urn:x:3", "a").parents[2] / "inventory.json"
    gone.unlink()
    spoilt.write_text("{")
    found = {finding["place"]: finding["code"] for finding in go_on().findings}
    assert found == {str(gone.relative_to(store().root)): "E092", str(spoilt.relative_to(store().root)): "E033"}


def test_it_goes_on_after_every_single_thing(things: int) -> None:
    """Stopped after each thing in turn, nothing is looked at twice or left out."""
    seen: list[Position] = []
    position = Position()
    while True:
        following = next(scrub(store(), blobs(), after=position, pace=Pace(0, lambda _seconds: False)), None)
        if following is None:
            break
        position = following.position
        seen.append(position)
    assert len(seen) == len(set(seen)) == things
    at_one_go = [looked.position for looked in scrub(store(), blobs(), after=Position(), pace=Pace(0, lambda _: False))]
    assert at_one_go == seen


def test_what_goes_away_meanwhile_is_no_finding(things: int) -> None:
    reading = scrub(store(), blobs(), after=Position(), pace=Pace(0, lambda _seconds: False))
    found = list(next(reading).findings)
    blobs().remove(list(blobs().iter())[2])
    for looked in reading:
        found += looked.findings
        if looked.position.stage == "objects" and looked.position.path == "" and "x%3a0" in looked.position.place:
            store().set_aside("urn:x:0", 2, "a test")
    assert found == []


def test_rate_is_kept() -> None:
    slept: list[float] = []
    pace = Pace(1_000_000, lambda seconds: slept.append(seconds) or False)
    for _ in range(10):
        pace.spend(500_000)
    # nobody really waits here, so what is still to be waited grows to nearly all that the bytes should take
    assert 4.0 - 1.0 <= slept[-1] <= 5.0


def test_stopping_is_heard_between_two_chunks_and_the_place_is_kept(things: int) -> None:
    calls = iter([False] * 8 + [True] * 1000)
    run = scrubbing.go_on(rate=1, wait=lambda _seconds: next(calls))
    assert run is not None
    assert (run.finished_at, 0 < run.things < things) == (None, True)
    with pytest.raises(Stopped):
        next(scrub(store(), blobs(), after=Position(), pace=Pace(0, lambda _seconds: True)))
    assert go_on().things == things
    assert ScrubRun.objects.count() == 1


def test_it_is_due_once_in_so_many_days(things: int, settings) -> None:
    settings.SHIRUSHI_SCRUB_RATE, settings.SHIRUSHI_SCRUB_DAYS = 10**9, 30
    assert scrubbing.is_due()
    scrubbing.go_on_if_due(threading.Event())
    assert (scrubbing.is_due(), ScrubRun.objects.count()) == (False, 1)
    scrubbing.go_on_if_due(threading.Event())
    assert ScrubRun.objects.count() == 1
    ScrubRun.objects.update(started_at=timezone.now() - timedelta(days=31))
    assert scrubbing.is_due()
    for name in ("SHIRUSHI_SCRUB_RATE", "SHIRUSHI_SCRUB_DAYS"):
        setattr(settings, name, 0)
        assert not scrubbing.is_due()


def test_words_tell_when_the_last_was(things: int) -> None:
    assert words(scrubbing.last()) == "scrub: never"
    run = go_on()
    assert words(run) == (
        f"scrub: finished {run.finished_at:%Y-%m-%d %H:%M} UTC; {things} things, {run.size:,} bytes read, 0 findings"
    )


def test_killed_scrub_goes_on_where_it_was(foundation: Path, tmp_path: Path) -> None:
    """The command itself, with a database of its own, killed by SIGKILL while it reads."""
    databases.copy_home(foundation, tmp_path)
    environment = {**os.environ, "SHIRUSHI_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    environment |= databases.environment(tmp_path)
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    make = (
        "import io, sys\n"
        "from shirushi.cli.instance import open_instance\n"
        "open_instance()\n"
        "from shirushi.core.home import blobs\n"
        "for number in range(40): blobs().write(io.BytesIO(bytes([number]) * 100_000))\n"
    )
    subprocess.run([sys.executable, "-c", make], env=environment, check=True)

    def row() -> tuple[int, str, str | None]:
        found = databases.ask(tmp_path, "SELECT things, place, finished_at FROM core_scrubrun ORDER BY id")
        return found[-1] if found else (0, "", None)

    command = [sys.executable, "-m", "shirushi.cli", "scrub", "--rate"]
    slow = subprocess.Popen([*command, "800000"], env=environment, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while row()[0] < 5 and time.monotonic() < until:
        time.sleep(0.1)
    slow.send_signal(signal.SIGKILL)
    slow.wait()
    things, place, finished = row()
    assert (5 <= things < 40, finished) == (True, None)
    spoil(tmp_path / "blobs" / place[:2] / place[2:4] / place)  # read before the kill: is not read again
    done = subprocess.run([*command, "0"], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, row()[0], row()[2] is not None) == (0, 40, True)
    again = subprocess.run([*command, "0"], env=environment, capture_output=True, text=True, check=False)
    assert (again.returncode, again.stdout.count("error: E092")) == (1, 1)
    told = subprocess.run(
        [sys.executable, "-m", "shirushi.cli", "check"], env=environment, capture_output=True, text=True, check=False
    )
    assert (told.returncode, "scrub-damaged" in told.stdout, "1 findings" in told.stdout) == (1, True, True)

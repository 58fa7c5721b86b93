"""Processes that die while others live: what they left is put right, and who lives is left alone."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shirushi.core.tests import databases

PREPARE = """
import sys
from shirushi.cli.instance import open_instance
open_instance()
from shirushi.cli.records import actor, space_named
from shirushi.core import crashpoints, services
from shirushi.core.models import Draft, Record
def say(*words):
    print(*words, flush=True)
def draft():
    made = services.create_draft(space=space_named(None), by=actor(None))
    for field, value in {
        "titles": [{"text": "A"}], "creators": [{"name": "B"}], "descriptions": [{"text": "C"}], "rights": [{"id": "CC0-1.0"}],
    }.items():
        services.edit_field(draft=made, field=field, value=value, by=actor(None), at_version=made.version)
    services.put_file(draft=made, path="a.txt", content=b"a", by=actor(None))
    return made
def stop_at(point, what):
    crashpoints.hook = lambda name: what() if name == point else None
def wait():
    say("here")
    sys.stdin.readline()
def die():
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
def publish(made):
    made.refresh_from_db()
    return services.publish(draft=made, by=actor(None), at_version=made.version)
"""
CHECK = """
from shirushi.core.check import check
say(*[finding.code for finding in check() if finding.severity == "error"])
say(*sorted(Draft.objects.values_list("state", flat=True)))
"""


@pytest.fixture
def start(foundation: Path, tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start a process of an installation, which does what it is given and ends."""
    databases.copy_home(foundation, tmp_path)
    environment = {**os.environ, "SHIRUSHI_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "shirushi.web.settings"}
    environment |= databases.environment(tmp_path)
    started = []

    def do(script: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PREPARE + script],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield do
    for process in started:
        process.kill()
        process.communicate()


def lines(process: subprocess.Popen[str]) -> list[str]:
    return process.communicate(timeout=60)[0].splitlines()


def markers(home: Path) -> list[Path]:
    return sorted((home / "locks" / "processes").iterdir())


@pytest.mark.parametrize(
    ("point", "states"),
    [("publish: object committed", "open"), ("publish: claimed", "open"), ("withdraw: object committed", "published")],
)
def test_death_while_another_process_lives_is_put_right_at_the_next_start(start, tmp_path, point, states) -> None:
    living = start("wait()")
    assert living.stdout.readline() == "here\n"
    dying = start(
        f"stop_at({point!r}, die)\nrecord = publish(draft())\nservices.withdraw(record=record, reason='x', by=actor(None))"
    )
    assert (lines(dying), dying.returncode) == ([], -9)
    assert len(markers(tmp_path)) == 2
    assert lines(start(CHECK)) == ["", states]
    assert len(markers(tmp_path)) == 1
    living.communicate("\n", timeout=60)
    assert markers(tmp_path) == []


def test_who_publishes_just_now_is_left_alone(start, tmp_path) -> None:
    publishing = start("stop_at('publish: object committed', wait)\npublish(draft())\nsay(Draft.objects.get().state)")
    assert publishing.stdout.readline() == "here\n"
    dying = start("die()")
    assert (lines(dying), dying.returncode) == ([], -9)
    assert lines(start(CHECK)) == ["", "publishing"]
    assert publishing.communicate("\n", timeout=60)[0] == "published\n"
    assert lines(start(CHECK)) == ["", "published"]
    assert markers(tmp_path) == []


def test_worker_puts_right_what_a_process_left_that_died_beside_it(start, monkeypatch) -> None:
    worker = start(
        "from shirushi.core import jobs\njobs.ROUND = 0.2\nimport threading\nstop = threading.Event()\n"
        "thread = threading.Thread(target=jobs.work, args=(stop,))\nthread.start()\nwait()\nimport time\n"
        "end = time.monotonic() + 30\n"
        "while time.monotonic() < end and Draft.objects.get().state != 'open': time.sleep(0.1)\n"
        "stop.set()\nthread.join()" + CHECK
    )
    assert worker.stdout.readline() == "here\n"
    dying = start("stop_at('publish: object committed', die)\npublish(draft())")
    assert (lines(dying), dying.returncode) == ([], -9)
    assert worker.communicate("\n", timeout=60)[0].splitlines() == ["", "open"]


def test_every_process_is_registered_while_others_come_and_go(start, tmp_path) -> None:
    databases.forget(tmp_path)  # the first of them makes the tables anew, and the others wait for that
    databases.environment(tmp_path)
    leaving = [start("") for _ in range(3)]
    staying = [start("wait()") for _ in range(3)]
    assert [process.stdout.readline() for process in staying] == ["here\n"] * 3
    assert [lines(process) for process in leaving] == [[]] * 3
    assert sorted(int(marker.name.split("-")[0]) for marker in markers(tmp_path)) == sorted(p.pid for p in staying)


def test_fork_of_a_process_is_registered_by_itself(start, tmp_path) -> None:
    """As granian's process is: the one that answers requests, started again by its parent when it dies."""
    parent = start(
        "import os, time\nfrom shirushi.core import recovery\nchild = os.fork()\n"
        "if not child:\n    recovery.enter()\n    stop_at('publish: object committed', die)\n    publish(draft())\n"
        "os.waitpid(child, 0)\n"
        "child = os.fork()\n"
        "if not child:\n    recovery.enter()\n    say(Draft.objects.get().state)\n    os._exit(0)\n"
        "os.waitpid(child, 0)"
    )
    assert lines(parent) == ["open"]


def test_marker_of_an_older_version_is_heeded_once(start, tmp_path) -> None:
    lines(start("publish(draft())\nDraft.objects.update(state='publishing', record=None)"))
    (tmp_path / "unclean").touch()
    assert lines(start(CHECK))[-1] == "open"
    assert not (tmp_path / "unclean").exists()

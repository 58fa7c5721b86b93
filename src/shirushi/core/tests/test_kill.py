"""Nothing acknowledged is lost: the process is killed at every named place, at many steps that touch the disk, and at random
times; after each, a new start finds everything that was promised and can finish the work, once.

SHIRUSHI_KILL_SEED chooses the steps and times (a failure names its own trial); ``make kill`` tries every single step.
A killed process loses nothing that the operating system has taken; that bytes are also fsynced in the right order is what
the tests of ``storage`` hold, and SQLite runs with ``synchronous=FULL``.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from shirushi.core import crashpoints

SEED = int(os.environ.get("SHIRUSHI_KILL_SEED", "20261124"))
EVERY_STEP = bool(os.environ.get("SHIRUSHI_KILL_ALL"))
STEPS, TIMES = 8, 60 if EVERY_STEP else 8
LONGEST = 4.0  # seconds: the whole run takes less

NOBODY: dict[str, Any] = {"kind": "none", "at": None}


@pytest.fixture
def attempt(foundation: Path, tmp_path: Path):
    """Runs trials in a driver process and gives their results."""
    driver = Path(__file__).with_name("kill_driver.py")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHIRUSHI_")}

    def run(trials: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        lines = "".join(json.dumps(trial) + "\n" for trial in trials)
        done = subprocess.run(
            [sys.executable, str(driver), str(tmp_path / f"kill-{random.random()}"), str(foundation)],
            input=lines,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


def bad(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [result for result in results if result["wrong"]]


def test_undisturbed_run_reaches_every_named_place(attempt) -> None:
    (result,) = attempt([NOBODY])
    assert result["wrong"] == []
    assert (result["ended"], set(result["reached"])) == (True, set(crashpoints.POINTS))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_every_named_place(attempt) -> None:
    trials = [{"kind": "point", "at": name} for name in crashpoints.POINTS]
    trials += [{"kind": "point", "at": name, "hit": 2} for name in ("put_file: row written", "decide: written")]
    results = attempt(trials)
    assert bad(results) == []
    assert [result["ended"] for result in results] == [False] * len(trials)


@pytest.mark.slow
@pytest.mark.timeout(3600 if EVERY_STEP else 600)
def test_killed_before_a_step_that_touches_the_disk(attempt) -> None:
    (whole,) = attempt([NOBODY])
    chance = random.Random(SEED)
    steps = range(1, whole["steps"] + 1)
    chosen = steps if EVERY_STEP else sorted(chance.sample(steps, STEPS))
    # every third time the recovery is killed too
    trials = [
        {"kind": "step", "at": step, "again": chance.randint(1, 12) if number % 3 == 0 else None}
        for number, step in enumerate(chosen)
    ]
    results = attempt(trials)
    assert bad(results) == []
    assert [result["ended"] for result in results] == [False] * len(trials)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_random_times_while_files_are_really_read(attempt) -> None:
    chance = random.Random(SEED + 1)
    results = attempt({"kind": "time", "at": chance.uniform(0.01, LONGEST)} for _ in range(TIMES))
    assert bad(results) == []
    assert len(results) == TIMES


def test_processes_that_race_change_a_draft_once_and_publish_it_once(attempt) -> None:
    (result,) = attempt([{"kind": "race", "at": 5}])
    assert result == {
        "edited": ["conflict at the next"] * 4 + ["took True"],
        "published": 1,
        "records": 1,
        "errors": [],
    }

"""Damaged files that once broke a reader (found by ``make fuzz``): each gives evidence or a plain problem, and soon."""

import time
from pathlib import Path

import pytest

from shirushi.describe.identify import identify
from shirushi.describe.readers.registry import read

FAILURES = sorted(p for p in (Path(__file__).parent / "failures").rglob("*") if p.is_file())


def test_there_are_some() -> None:
    assert FAILURES


@pytest.mark.parametrize("path", FAILURES, ids=lambda p: f"{p.parent.name}-{p.name[:8]}")
def test_a_failure_of_the_past(path: Path) -> None:
    name = path.name.split("!", 1)[1]
    what = identify(path, name)
    started = time.monotonic()
    answer = read(str(path), name, path.stat().st_size, what.media_type, what.format)
    assert [p for p in answer["problems"] if p["code"] in ("reader-error", "crash")] == []
    assert time.monotonic() - started < 10

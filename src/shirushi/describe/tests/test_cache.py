import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shirushi.describe import cache as caching
from shirushi.describe import describe
from shirushi.describe.cache import FILE, Cache
from shirushi.describe.evidence import JSON
from shirushi.describe.isolate import Pool


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "data"
    home.mkdir()
    for i in range(5):
        (home / f"table{'abcde'[i]}.csv").write_text("place,depth_m\n" + "".join(f"P{n},{n * i}\n" for n in range(40)))
    (home / "README.md").write_text("# 東京湾の水温\n\n2024 年に測った水温です。\n")
    (home / "broken.pdf").write_bytes(b"%PDF-1.4 nothing more")
    time.sleep(0.1)  # files that changed just now are not kept
    return home


def _whole(folder: Path, cache: Cache | None = None, **more: bool) -> JSON:
    description = describe(folder, cache=cache, **more)
    return json.dumps({**description.to_json(evidence=True), "seconds": 0})


def _reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files that workers are asked to read from now on."""
    asked: list[str] = []
    own = Pool._ask

    def ask(self: Pool, function: str, arguments: dict[str, JSON], more: float) -> JSON:
        asked.append(str(arguments.get("name")))
        return own(self, function, arguments, more)

    monkeypatch.setattr(Pool, "_ask", ask)
    return asked


def test_second_time_reads_nothing_and_says_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = _whole(folder, digests=True)
    with Cache(tmp_path / "cache") as cache:
        assert _whole(folder, cache, digests=True) == fresh
    asked = _reads(monkeypatch)
    monkeypatch.setattr("shirushi.describe.reading.identify", pytest.fail)
    with Cache(tmp_path / "cache") as cache:
        assert _whole(folder, cache, digests=True) == fresh
        assert cache.hits >= 14
    assert asked == []


def test_only_what_changed_is_read_again(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Cache(tmp_path / "cache") as cache:
        _whole(folder, cache)
    changed = folder / "tablec.csv"
    before = changed.stat()
    changed.write_text(changed.read_text().replace("P1,", "Q1,", 1))  # the same size
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))  # and the same time, as some copies keep it
    (folder / "new.csv").write_text("a,b\n1,2\n3,4\n")
    asked = _reads(monkeypatch)
    with Cache(tmp_path / "cache") as cache:
        again = _whole(folder, cache)
    assert sorted(asked) == ["new.csv", "tablec.csv"]
    assert again == _whole(folder)


def test_another_version_of_the_code_starts_anew(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Cache(tmp_path / "cache") as cache:
        _whole(folder, cache)
    monkeypatch.setattr(caching, "code_state", lambda: "another")
    with Cache(tmp_path / "cache") as cache:
        _whole(folder, cache)
        assert cache.hits == 0


def test_code_state_follows_every_reader() -> None:
    caching.code_state.cache_clear()
    before = caching.code_state()
    extra = Path(caching.__file__).parent / "readers" / "zz_not_there.py"
    try:
        extra.write_text("")
        caching.code_state.cache_clear()
        assert caching.code_state() != before
    finally:
        extra.unlink()
        caching.code_state.cache_clear()
    assert caching.code_state() == before


def test_a_file_that_changed_just_now_is_not_kept(tmp_path: Path) -> None:
    home = tmp_path / "data"
    home.mkdir()
    (home / "a.csv").write_text("a,b\n1,2\n")
    os.utime(home / "a.csv", ns=(time.time_ns() + 10**10,) * 2)
    with Cache(tmp_path / "cache") as cache:
        _whole(home, cache)
        _whole(home, cache)
        assert cache.hits == 0


def test_it_keeps_within_its_limit(folder: Path, tmp_path: Path) -> None:
    with Cache(tmp_path / "cache", limit=1500) as cache:
        _whole(folder, cache)
    with sqlite3.connect(tmp_path / "cache" / FILE) as database:
        (total,) = database.execute("SELECT sum(size) FROM entry").fetchone()
    assert 0 < total <= 1500


@pytest.mark.parametrize(
    "content", [b"this is no database, and never was" * 100, b"SQLite format 3\x00" + b"\xff" * 9000]
)
def test_a_damaged_cache_is_put_aside(folder: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / FILE).write_bytes(content)
    with Cache(tmp_path / "cache") as cache:
        assert _whole(folder, cache) == _whole(folder)
    with Cache(tmp_path / "cache") as cache:
        _whole(folder, cache)


def test_a_place_that_cannot_be_written_is_no_reason_to_fail(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with Cache(tmp_path / "cache") as cache:
        assert _whole(folder, cache) == _whole(folder)


_DESCRIBE = """
import sys
from pathlib import Path
from shirushi.describe import describe
from shirushi.describe.cache import Cache
import shirushi.describe.cache as c
c._BATCH = 1
with Cache(Path(sys.argv[2])) as cache:
    describe(sys.argv[1], cache=cache, progress=lambda step: print(step.stage, step.done, flush=True))
"""


def test_killed_at_any_moment_and_used_by_several(folder: Path, tmp_path: Path) -> None:
    fresh = _whole(folder)
    command = [sys.executable, "-c", _DESCRIBE, str(folder), str(tmp_path / "cache")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for lines in range(1, 7):
        both = [
            subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, start_new_session=True) for _ in range(2)
        ]
        for process in both:
            assert process.stdout is not None
            for _ in range(lines):
                process.stdout.readline()
            os.killpg(process.pid, signal.SIGKILL)
            process.stdout.close()
            process.wait()
        with Cache(tmp_path / "cache") as cache:
            assert cache._database is not None
            assert cache._database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with Cache(tmp_path / "cache") as cache:
        assert _whole(folder, cache) == fresh
        assert cache.hits

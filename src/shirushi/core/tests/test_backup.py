"""A copy taken while others write, put back elsewhere: nothing acknowledged is missing, and nothing is believed unseen."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest

from shirushi.core.backup import LIST, BackupError, restore
from shirushi.core.tests import databases

ROOT = Path(__file__).parents[4]
README = """# Water levels of a lake {n}

Author: Hanako Yamada

## Description

Hourly levels of a lake, measured at three gauges from 2019 to 2021 and checked by hand.

Licence: CC-BY-4.0
"""


def shirushi(home: Path, *arguments: str, check: bool = True, sqlite: bool = False) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUSHI_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "shirushi.cli", *arguments],
        env={**clean, "SHIRUSHI_HOME": str(home), **({} if sqlite else databases.environment(home))},
        capture_output=True,
        text=True,
        check=False,
        input="a long password\n",
    )
    assert not check or done.returncode == 0, done.stderr + done.stdout
    return done


@pytest.fixture(scope="module")
def house(foundation, tmp_path_factory) -> tuple[Path, Path]:
    """A home with an account, one published record and one open draft; and a copy of it, taken while drafts were being made."""
    root = tmp_path_factory.mktemp("backup")
    home = databases.copy_home(foundation, root / "home")
    shirushi(home, "user", "a@example.org", "--role", "curator")
    folder = root / "levels"
    folder.mkdir()
    (folder / "README.md").write_text(README.format(n=1))
    (folder / "levels.csv").write_text("time,level\n2020-01-01,1.5\n")
    draft = re.search(r"draft (\w+):", shirushi(home, "deposit", str(folder), "-q").stdout)[1]
    shirushi(home, "publish", draft, "--accept", "perhaps")
    stop = threading.Event()

    def others() -> None:
        number = 1
        while not stop.is_set():
            number += 1
            (folder / "README.md").write_text(README.format(n=number))
            shirushi(home, "deposit", str(folder), "-q")

    busy = threading.Thread(target=others)
    busy.start()
    try:
        copy = root / "copy.tar"
        told = json.loads(shirushi(home, "backup", str(copy), "--json").stdout)
    finally:
        stop.set()
        busy.join()
    assert told["files"] > 10
    return home, copy


def test_copy_is_put_back_and_sound(house, tmp_path) -> None:
    _home, copy = house
    new = tmp_path / "elsewhere"
    told = json.loads(shirushi(new, "restore", str(copy), "--json").stdout)
    assert (told["sound"], told["records"]) == (True, 1)
    assert [one for one in told["findings"] if one["severity"] == "error"] == []
    assert others(new) == []
    assert (new / "secret-key").read_text() == (house[0] / "secret-key").read_text()
    assert "already has an account" in shirushi(new, "user", "a@example.org", check=False).stderr
    again = shirushi(new, "restore", str(copy), check=False)
    assert (again.returncode, "is not empty" in again.stderr) == (1, True)


@pytest.mark.skipif(not databases.POSTGRES, reason="of PostgreSQL: make test-postgres")
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_copy_fits_either_database(house, tmp_path) -> None:
    """From PostgreSQL into SQLite, on from there into PostgreSQL again, and never into one that is in use."""
    small, large, copy = tmp_path / "small", tmp_path / "large", tmp_path / "copy.tar"
    for home, source, sqlite in ((small, house[1], True), (large, copy, False)):
        told = json.loads(shirushi(home, "restore", str(source), "--json", sqlite=sqlite).stdout)
        assert (told["sound"], told["records"]) == (True, 1)
        assert (home / "shirushi.sqlite3").exists() == sqlite
        if sqlite:
            shirushi(small, "backup", str(copy), sqlite=True)
    rows = "SELECT id, type, record_id, draft_id, at FROM core_event ORDER BY id"
    assert len(databases.ask(large, rows)) > 3
    draft = shirushi(large, "deposit", str(house[0].parent / "levels"), "-q")  # numbers go on where they were
    assert "draft" in draft.stdout
    shutil.rmtree(large)
    again = shirushi(large, "restore", str(copy), check=False)
    assert (again.returncode, "is not empty. Set SHIRUSHI_DATABASE to a new one" in again.stderr) == (1, True)


def test_copy_that_stands_there_is_not_overwritten(house) -> None:
    done = shirushi(house[0], "backup", str(house[1]), check=False)
    assert (done.returncode, "is there already" in done.stderr) == (1, True)


@pytest.mark.parametrize("damage", ["cut", "byte"])
def test_damaged_copy_is_not_believed(house, tmp_path, damage) -> None:
    data = bytearray(house[1].read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    else:
        at = data.index(b"Hourly levels")
        data[at] ^= 1
    broken = tmp_path / "broken.tar"
    broken.write_bytes(data)
    with pytest.raises(BackupError):
        restore(broken, into=tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert {file.name for file in tmp_path.iterdir()} == {"broken.tar", "home"}  # home: every test has one


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil"])
def test_copy_that_leads_out_is_refused(tmp_path, name) -> None:
    hostile = tmp_path / "hostile.tar"
    with tarfile.open(hostile, "w") as tar:
        for member, content in (
            (name, b"x"),
            (LIST, json.dumps({"format": "shirushi-backup/1", "files": {}}).encode()),
        ):
            info = tarfile.TarInfo(member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    with pytest.raises(BackupError, match="leads out"):
        restore(hostile, into=tmp_path / "new")
    assert not (tmp_path / "evil").exists()


def test_link_to_another_place_is_refused(tmp_path) -> None:
    hostile = tmp_path / "hostile.tar"
    with tarfile.open(hostile, "w") as tar:
        info = tarfile.TarInfo("store/x")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(BackupError, match="neither a file"):
        restore(hostile, into=tmp_path / "new")


def others(place: Path) -> list[Path]:
    """What of a folder others could come to, down to where a folder keeps them out."""
    mode = place.stat().st_mode
    if not mode & 0o077:
        return []
    return [place, *(one for below in place.iterdir() for one in others(below))] if place.is_dir() else [place]


def test_nobody_else_on_the_machine_can_read_any_of_it(house) -> None:
    home, copy = house
    assert (others(home), others(copy)) == ([], [])
    with tarfile.open(copy) as tar:
        assert [member.name for member in tar if member.mode & 0o007 and member.name != LIST] == []
    for folder in (home / "store", home / "blobs"):
        assert folder.stat().st_mode & 0o077 == 0


def test_home_of_an_older_version_is_closed_at_the_next_start(home, settings) -> None:
    for name in ("store", "index"):
        (home.root / name).mkdir(mode=0o755, exist_ok=True)
    home.database.touch(mode=0o644)
    settings.SHIRUSHI_UMASK = 0o027
    home.keep_others_out(settings.SHIRUSHI_UMASK)
    assert [(home.root / name).stat().st_mode & 0o777 for name in ("store", "index")] == [0o750, 0o750]
    assert home.database.stat().st_mode & 0o777 == 0o640
    home.keep_others_out(0o077)
    assert home.database.stat().st_mode & 0o777 == 0o600


def test_published_bytes_are_in_the_copy_once(house) -> None:
    with tarfile.open(house[1]) as tar:
        kinds = {member.name: member.type for member in tar}
    linked = [name for name, kind in kinds.items() if kind == tarfile.LNKTYPE]
    assert linked
    assert all(name.startswith("store/") for name in linked)

"""Git history, read without starting git, beside what git itself says."""

import shutil
import subprocess
from pathlib import Path

import pytest

from shirushi.describe.readers.base import Unreadable
from shirushi.describe.readers.history import read_git

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="SKIPPED LOUDLY: git is not installed")


def git(folder: Path, *arguments: str, author: str = "Jane Doe <jane@example.org>") -> str:
    name, email = author.rstrip(">").split(" <")
    who = ["-c", f"user.name={name}", "-c", f"user.email={email}", "-c", "commit.gpgsign=false"]
    command = [str(GIT), *who, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    for number in range(30):
        author = "山田 花子 <hanako@example.jp>" if number % 3 else "Jane Doe <jane@example.org>"
        git(
            tmp_path,
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            f"step {number}\n\nauthor Nobody <x@example.org>",
            author=author,
        )
    return tmp_path


def authors(folder: Path) -> list[tuple[str, int]]:
    return [(e.value["name"], e.value["commits"]) for e in read_git(folder)]


@needs_git
def test_authors_of_loose_objects(repository: Path) -> None:
    assert authors(repository) == [("山田 花子", 20), ("Jane Doe", 10)]


@needs_git
def test_authors_of_a_pack(repository: Path) -> None:
    git(repository, "gc", "-q", "--aggressive", "--prune=now")
    assert authors(repository) == [("山田 花子", 20), ("Jane Doe", 10)]


@needs_git
def test_history_without_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert authors(tmp_path) == []


@needs_git
def test_broken_history_says_so(repository: Path) -> None:
    for path in (repository / ".git" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"x")
    with pytest.raises(Unreadable):
        authors(repository)

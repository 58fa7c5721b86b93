"""Git history, read without starting git, beside what git itself says."""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from shirushi.describe.evidence import Evidence, FilePlace
from shirushi.describe.readers.base import Unreadable
from shirushi.describe.readers.git_objects import Repository
from shirushi.describe.readers.history import read_git
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters import propose

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
    return [(e.value["name"], e.value["commits"]) for e in read_git(folder) if e.kind == "git-author"]


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


def facts(folder: Path) -> dict[str, str]:
    return {e.value["name"]: e.value["value"] for e in read_git(folder) if e.kind == "git-fact"}


@needs_git
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("annotated", [False, True])
def test_version_remote_and_day(repository: Path, packed: bool, annotated: bool) -> None:
    git(repository, "tag", "v1.1.0", "HEAD~9")
    git(repository, "tag", "before-review", "HEAD~1")
    git(repository, "tag", *(["-a", "-m", "second"] if annotated else []), "v1.2.0", "HEAD~2")
    git(repository, "remote", "add", "fork", "https://example.net/fork.git")
    git(repository, "remote", "add", "origin", "https://jane:secret@git.example.org/lakes/levels.git")
    if packed:
        git(repository, "gc", "-q", "--prune=now")
    day = git(repository, "log", "-1", "--date=format-local:%Y-%m-%d", "--format=%cd")
    told = facts(repository)
    assert (told["tag"], told["remote"]) == ("v1.2.0", "https://git.example.org/lakes/levels")
    assert abs((date.fromisoformat(told["committed"]) - date.fromisoformat(day.strip())).days) <= 1


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("git@git.example.org:lakes/levels.git", "https://git.example.org/lakes/levels"),
        ("ssh://git@git.example.org:2222/lakes/levels", "https://git.example.org/lakes/levels"),
        ("https://token@git.example.org/lakes/levels.git", "https://git.example.org/lakes/levels"),
        ("/srv/git/levels.git", None),
        ("../levels", None),
        ("file:///srv/git/levels.git", None),
        ("javascript:alert(1)", None),
    ],
)
def test_address_of_a_remote(url: str, address: str | None, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n\tfetch = +refs\n')
    assert Repository(tmp_path).remote() == address


def test_what_git_says_is_suggested(tmp_path: Path) -> None:
    said = {"tag": "v1.2.0", "committed": "2024-05-06", "remote": "https://git.example.org/lakes/levels"}
    seen = EvidenceSet(
        [Evidence("git-fact", {"name": k, "value": v}, FilePlace(".git", v), "git/1") for k, v in said.items()]
    )
    found = {c.target: c.value for c in propose(seen, None)}
    assert found["/version"] == "1.2.0"
    assert found["/dates/-"] == {"date": "2024-05-06", "type": "Updated"}
    assert found["/related/-"]["identifier"] == said["remote"]
    dated = Evidence(
        "key-value", {"key": "Created", "value": "2023-01-02", "section": ""}, FilePlace("README.md", ""), "x/1"
    )
    days = [c.value for c in propose(EvidenceSet([*seen, dated]), None) if c.target == "/dates/-"]
    assert days == [{"date": "2023-01-02", "type": "Created"}]

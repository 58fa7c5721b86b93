"""Who worked on it, from Git: the history itself, or a ``.git-authors.txt`` that somebody saved.

A repository's objects are not unpacked here: ``git shortlog`` does it, with every way for a hostile repository to run
something (hooks, pagers, filters, aliases of its config) switched off, and bounded in time and output.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from shirushi.describe.evidence import Evidence, FilePlace
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.prose import Lines, read_text

MAX_AUTHORS = 500
SECONDS = 10
_COMMA = re.compile(r"^(?P<name>[^,<>]+?)\s*,\s*(?P<email>[^\s,<>]*@[^\s,<>]*)?\s*,\s*(?P<commits>\d+)\s*$")
_SHORTLOG = re.compile(r"^\s*(?P<commits>\d+)\s+(?P<name>[^<>]+?)\s*(?:<(?P<email>[^<>]*)>)?\s*$")


@reads("application/x-git-authors")
def read_authors(file: File) -> Iterator[Evidence]:
    """Lines ``name, e-mail, commits`` or those of ``git shortlog -sne``."""
    lines = Lines.of(file.name, read_text(file).text)
    for number, line in enumerate(lines.lines[:MAX_AUTHORS]):
        match = _COMMA.match(line) or _SHORTLOG.match(line)
        if match:
            place = lines.place(number, match.start("name"), number, match.end("name"))
            yield Evidence("git-author", _author(match), place, "git-authors/1")


def _author(match: re.Match[str]) -> dict[str, str | int]:
    value: dict[str, str | int] = {"name": match["name"].strip(), "commits": int(match["commits"])}
    if match["email"]:
        value["email"] = match["email"]
    return value


def read_git(folder: Path, name: str = ".git") -> Iterator[Evidence]:
    """Authors of the Git repository at ``folder`` by number of commits; nothing when there is none or no ``git``."""
    git = shutil.which("git")
    if git is None or not (folder / ".git").exists():
        return
    command = [
        git,
        "-c", "core.hooksPath=/dev/null",
        "-c", "core.fsmonitor=false",
        "-c", "core.pager=cat",
        "-c", f"safe.directory={folder}",
        "--no-pager",
        "-C", str(folder),
        "shortlog", "-sne", "HEAD",
    ]  # fmt: skip
    environment = {
        "PATH": os.defpath,
        "HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C.UTF-8",
    }
    try:
        result = subprocess.run(  # noqa: S603  fixed arguments, a resolved program, no shell
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return
    for line in result.stdout[:200_000].decode("utf-8", "replace").splitlines()[:MAX_AUTHORS]:
        match = _SHORTLOG.match(line)
        if match:
            yield Evidence("git-author", _author(match), FilePlace(name, match["name"].strip()), "git/1")

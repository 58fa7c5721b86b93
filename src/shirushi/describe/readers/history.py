"""Who worked on it, from Git: the history itself, or a ``.git-authors.txt`` that somebody saved.

The history is read from the repository's own files (:mod:`shirushi.describe.readers.git_objects`): starting ``git`` would
give a hostile repository ways to run something (hooks, pagers, filters, aliases of its config).
"""

import re
import struct
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from shirushi.describe.evidence import Evidence, FilePlace
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.git_objects import NotReadable, Repository
from shirushi.describe.readers.prose import Lines, read_text

MAX_AUTHORS = 500
MOST_COMMITS = 5_000
_AUTHOR = re.compile(rb"^author (?P<name>[^<\n]{1,200}?) ?<(?P<email>[^>\n]{0,200})>", re.MULTILINE)
_COMMA = re.compile(r"^(?P<name>[^,<>]+?)\s*,\s*(?P<email>[^\s,<>]*@[^\s,<>]*)?\s*,\s*(?P<commits>\d+)\s*$")
_SHORTLOG = re.compile(r"^\s*(?P<commits>\d+)\s+(?P<name>[^<>]+?)\s*(?:<(?P<email>[^<>]*)>)?\s*$")


_COMMITTED = re.compile(rb"^committer [^\n]*> (?P<seconds>\d{1,11}) [+-]\d{4}$", re.MULTILINE)
_VERSION = re.compile(
    r"(?:v(?:er(?:sion)?)?[.\-_]?)?\d{1,4}(?:\.\d{1,4}){1,3}(?:[\-.]?(?:rc|alpha|beta|dev)[.\-]?\d*)?", re.IGNORECASE
)


def _day(commit: bytes) -> str | None:
    """The day on which a commit was made, in UTC."""
    match = _COMMITTED.search(commit.split(b"\n\n", 1)[0])
    try:
        return datetime.fromtimestamp(int(match["seconds"]), UTC).date().isoformat() if match else None
    except (OverflowError, ValueError, OSError):
        return None


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
    """Authors of the Git repository at ``folder`` by number of commits among the newest ``MOST_COMMITS``; the nearest tag that is a
    version, the day of the newest commit, and the address of the remote.

    A repository that keeps its objects elsewhere, or is broken, gives what could be read.
    """
    counts: Counter[tuple[str, str]] = Counter()
    repository = Repository(folder / ".git")
    facts: dict[str, str] = {}
    try:
        tags = repository.tags()
        if remote := repository.remote():
            facts["remote"] = remote
        for sha, commit in repository.history(MOST_COMMITS):
            if "committed" not in facts and (day := _day(commit)):
                facts["committed"] = day
            if "tag" not in facts and (named := [tag for tag in tags.get(sha, []) if _VERSION.fullmatch(tag)]):
                facts["tag"] = max(named, key=len)
            match = _AUTHOR.search(commit.split(b"\n\n", 1)[0])
            if match:
                counts[match["name"].decode("utf-8", "replace"), match["email"].decode("utf-8", "replace")] += 1
    except (NotReadable, IndexError, struct.error) as error:
        if not counts:
            raise Unreadable("damaged", f"The Git history cannot be read: {error}") from error
    for key, said in facts.items() if counts else ():
        yield Evidence("git-fact", {"name": key, "value": said}, FilePlace(name, said), "git/1")
    for (author, email), commits in counts.most_common(MAX_AUTHORS):
        value = {"name": author.strip(), "email": email, "commits": commits}
        yield Evidence("git-author", value, FilePlace(name, author.strip()), "git/1")

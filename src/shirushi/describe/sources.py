"""Where the files are: walking a folder without ever being led out of it.

Links are followed only to ordinary files inside the folder. FIFOs, sockets and devices are never opened. Version control
internals and what operating systems leave behind are passed over and counted. The order is always the same.
"""

import errno
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from shirushi.describe.description import Problem
from shirushi.describe.problems import problem

Sources = str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | Mapping[str, str | os.PathLike[str]]
"""A folder, a file, several of them, or a mapping of names to files (bytes kept under another name than they are shown)."""

MOST_FILES = 200_000
MOST_DEPTH = 60
LONGEST_NAME = 255

_VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".bzr", "CVS", "_darcs"})
_JUNK_FOLDERS = frozenset(
    {"__MACOSX", "__pycache__", ".ipynb_checkpoints", ".Trashes", ".Spotlight-V100", "$RECYCLE.BIN", "node_modules"}
    | {"System Volume Information", ".venv", ".tox", ".mypy_cache", ".pytest_cache", ".Rproj.user"}
)
_JUNK_FILES = re.compile(
    r"\.DS_Store|Thumbs\.db|ehthumbs\.db|desktop\.ini|\._.+|~\$.+|\.~lock\..+#|Icon\r", re.IGNORECASE
)
# Control characters, and marks that change the direction of what follows (they can make "exe.gpj" look like "jpg.exe").
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\\\\]|[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Found:
    """An ordinary file. ``path`` is where the bytes are, ``name`` what it is called in the description. ``stamp`` tells
    whether it is still the same file: device, inode, and when its metadata last changed (nobody can set that back)."""

    path: Path
    name: str
    size: int
    modified_ns: int
    stamp: tuple[int, int, int] = (0, 0, 0)


@dataclass(slots=True)
class Walk:
    """What walking found: files in order, folders with a Git history, problems, and how many were passed over."""

    name: str
    files: list[Found] = field(default_factory=list)
    git: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    junk: Counter[str] = field(default_factory=Counter)
    full: bool = False


def walk(sources: Sources, *, most: int = MOST_FILES) -> Walk:
    """Every ordinary file of the sources, at most ``most`` of them.

    Raises:
        FileNotFoundError: a source that was named does not exist.
    """
    if isinstance(sources, Mapping):
        return _walk_mapping({name: Path(path) for name, path in sources.items()})
    roots = [Path(sources)] if isinstance(sources, str | os.PathLike) else [Path(item) for item in sources]
    result = Walk(name=roots[0].absolute().resolve().name if len(roots) == 1 else "")
    for root in roots:
        status = root.stat()  # a source that was named may be a link: it was meant
        real = root.resolve()
        if stat.S_ISDIR(status.st_mode):
            _Walker(real, result, most).enter(real, printable(root.name) + "/" if len(roots) > 1 else "", 0)
        elif stat.S_ISREG(status.st_mode):
            _add(result, real, printable(root.name), status)
        else:
            result.problems.append(problem("special-file", printable(root.name), _sort_of(status.st_mode)))
    return _finish(result, most)


def _walk_mapping(sources: Mapping[str, Path]) -> Walk:
    result = Walk(name="")
    for name, path in sorted(sources.items()):
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            _add(result, path, printable(name), status)
        else:
            result.problems.append(problem("special-file", printable(name), _sort_of(status.st_mode)))
    return _finish(result, len(sources))


def _finish(result: Walk, most: int) -> Walk:
    """The result with its notices, and with names that several roots share told apart."""
    taken: Counter[str] = Counter()
    for number, found in enumerate(result.files):
        taken[found.name] += 1
        if taken[found.name] > 1:
            result.files[number] = replace(found, name=f"{found.name} ({taken[found.name]})")
    if result.full:
        result.problems.append(problem("too-many-files", "", f"the first {most:,} were used"))
    elif not result.files:
        result.problems.append(problem("empty-folder"))
    if result.junk:
        counted = ", ".join(f"{name}: {count}" for name, count in sorted(result.junk.items()))
        result.problems.append(problem("junk", "", counted))
    return result


def printable(name: str) -> str:
    """A name as it can be shown and stored: bytes that are not UTF-8, control characters and direction marks as ``\\xNN`` or
    ``\\uNNNN``. A backslash is doubled, so that two names never become one."""
    return _UNPRINTABLE.sub(_escape, name)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:  # how Python holds a byte that is not UTF-8 (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class _Walker:
    """Walks one root, adding to one result."""

    def __init__(self, root: Path, result: Walk, most: int) -> None:
        self._root = root
        self._result = result
        self._most = most

    def enter(self, folder: Path, prefix: str, depth: int) -> None:
        if depth > MOST_DEPTH:
            self._problem("too-deep", prefix.rstrip("/"), f"more than {MOST_DEPTH} folders inside one another")
            return
        try:
            for entry in sorted(os.scandir(folder), key=lambda item: os.fsencode(item.name)):
                if self._result.full:
                    return
                self._meet(entry, prefix + printable(entry.name), depth)
        except OSError as error:
            self._refused(error, prefix.rstrip("/"))

    def _meet(self, entry: os.DirEntry[str], name: str, depth: int) -> None:
        if entry.name in _VERSION_CONTROL:
            if entry.name == ".git" and entry.is_dir(follow_symlinks=False):
                self._result.git.append(Path(entry.path))
            return
        try:
            if entry.is_symlink():
                self._follow(Path(entry.path), name)
            elif entry.is_dir(follow_symlinks=False):
                if entry.name in _JUNK_FOLDERS:
                    self._result.junk[entry.name] += 1
                else:
                    self.enter(Path(entry.path), name + "/", depth + 1)
            elif _JUNK_FILES.fullmatch(entry.name):
                self._result.junk["._*" if entry.name.startswith("._") else entry.name] += 1
            elif entry.is_file(follow_symlinks=False):
                self._take(Path(entry.path), name, entry.stat(follow_symlinks=False))
            else:
                self._problem("special-file", name, _sort_of(entry.stat(follow_symlinks=False).st_mode))
        except OSError as error:
            self._refused(error, name)

    def _follow(self, link: Path, name: str) -> None:
        """A link to an ordinary file inside the root counts as that file; any other is reported."""
        try:
            target = link.resolve(strict=True)
        except RuntimeError:  # how Python 3.11 and 3.12 tell of a loop
            self._problem("link-loop", name)
            return
        if not target.is_relative_to(self._root):
            self._problem("link-outside", name)
        elif target.is_dir():
            self._problem("link-loop" if link.is_relative_to(target) else "link-folder", name)
        elif stat.S_ISREG((status := target.stat()).st_mode):
            self._take(target, name, status)
        else:
            self._problem("special-file", name, _sort_of(status.st_mode))

    def _take(self, path: Path, name: str, status: os.stat_result) -> None:
        if len(self._result.files) >= self._most:
            self._result.full = True
        else:
            _add(self._result, path, name, status)

    def _refused(self, error: OSError, name: str) -> None:
        codes = {errno.ENOENT: "broken-link", errno.ELOOP: "link-loop", errno.ENAMETOOLONG: "long-name"}
        self._problem(codes.get(error.errno or 0, "unreadable"), name, error.strerror or "")

    def _problem(self, code: str, name: str, detail: str = "") -> None:
        self._result.problems.append(problem(code, name, detail))


def _add(result: Walk, path: Path, name: str, status: os.stat_result) -> None:
    stamp = (status.st_dev, status.st_ino, status.st_ctime_ns)
    result.files.append(Found(path, name, status.st_size, status.st_mtime_ns, stamp))
    last = name.rsplit("/", 1)[-1]
    if "\\" in last:
        result.problems.append(problem("odd-name", name))
    if len(os.fsencode(last)) > LONGEST_NAME:
        result.problems.append(problem("long-name", name, f"{len(os.fsencode(last))} bytes"))


def _sort_of(mode: int) -> str:
    sorts: Iterator[tuple[bool, str]] = iter(
        (
            (stat.S_ISFIFO(mode), "a named pipe"),
            (stat.S_ISSOCK(mode), "a socket"),
            (stat.S_ISBLK(mode) or stat.S_ISCHR(mode), "a device"),
            (stat.S_ISDIR(mode), "a folder"),
        )
    )
    return next((word for holds, word in sorts if holds), "of an unknown sort")

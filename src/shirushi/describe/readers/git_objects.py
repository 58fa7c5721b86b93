"""Commits of a Git repository, read from its files: no program is started, nothing of the repository is run.

Formats: https://git-scm.com/docs/gitformat-pack (packs and their index, version 2), gitrepository-layout, gitformat-commit.
Sizes are bounded: a commit is small, and a larger object is not one that is wanted here.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LARGEST = 1 << 20
DEEPEST = 60
_HEX = re.compile(r"[0-9a-f]{40}")
_TAGS = "refs/tags/"
MOST_TAGS = 5_000
_COMMIT, _OFS_DELTA, _REF_DELTA = 1, 6, 7


class NotReadable(Exception):
    """An object is missing, broken, too large or of a format that is not read here."""


@dataclass(frozen=True)
class Repository:
    """The folder ``.git`` of a repository."""

    folder: Path

    def head(self) -> str | None:
        """The commit that is checked out; None for a repository without commits."""
        text = _first_line(self.folder / "HEAD")
        if not text.startswith("ref:"):
            return text if _HEX.fullmatch(text) else None
        name = text.removeprefix("ref:").strip()
        if not re.fullmatch(r"refs/[\w./\-]{1,200}", name) or ".." in name:
            return None
        loose = _first_line(self.folder / name)
        return loose if _HEX.fullmatch(loose) else self._packed_refs.get(name)

    @cached_property
    def _packed_refs(self) -> dict[str, str]:
        text = _text(self.folder / "packed-refs", 8 * LARGEST)
        return {name: sha for sha, name in re.findall(r"^([0-9a-f]{40}) (\S+)$", text, re.MULTILINE)}

    def tags(self) -> dict[str, list[str]]:
        """The names of tags by the commit that each is on; of an annotated one where it says so outside of a pack."""
        named = {name: sha for name, sha in self._packed_refs.items() if name.startswith(_TAGS)}
        folder = self.folder / "refs" / "tags"
        for path in sorted(folder.rglob("*"))[:MOST_TAGS] if folder.is_dir() and not folder.is_symlink() else ():
            if _HEX.fullmatch(sha := _first_line(path)):
                named[_TAGS + path.relative_to(folder).as_posix()] = sha
        found: dict[str, list[str]] = {}
        for name, sha in named.items():
            found.setdefault(self._peeled.get(name) or self._tagged(sha), []).append(name.removeprefix(_TAGS))
        return found

    def _tagged(self, sha: str) -> str:
        """The commit that a loose tag object names; the name itself where it is none."""
        loose = self.folder / "objects" / sha[:2] / sha[2:]
        if loose.is_file() and loose.stat().st_size <= LARGEST:
            try:
                match = re.match(rb"tag \d+\0object ([0-9a-f]{40})\n", _inflate(loose.read_bytes()))
            except NotReadable:
                return sha
            return match[1].decode() if match else sha
        return sha

    @cached_property
    def _peeled(self) -> dict[str, str]:
        """The commits of annotated tags, as ``packed-refs`` has them on a line of its own below each."""
        text = _text(self.folder / "packed-refs", 8 * LARGEST)
        return dict(re.findall(r"^[0-9a-f]{40} (\S+)\n\^([0-9a-f]{40})$", text, re.MULTILINE))

    def remote(self) -> str | None:
        """The web address that ``origin``, else the first remote, has in the repository's own settings, without a user or password."""
        found: dict[str, str] = {}
        for name, body in _REMOTE.findall(_text(self.folder / "config", LARGEST)):
            if match := re.search(r"^\s*url\s*=\s*(\S{1,500})\s*$", body, re.MULTILINE):
                found[name] = match[1]
        return _web_address(found.get("origin") or next(iter(found.values()), ""))

    @cached_property
    def _packs(self) -> list["Pack"]:
        return [Pack(index) for index in sorted((self.folder / "objects" / "pack").glob("pack-*.idx"))[:200]]

    def commits(self, most: int) -> Iterator[bytes]:
        """The commits that lead to HEAD, newest first by breadth, at most ``most``. Raises :class:`NotReadable` at a broken one."""
        for _, data in self.history(most):
            yield data

    def history(self, most: int) -> Iterator[tuple[str, bytes]]:
        """As :meth:`commits`, each with its name."""
        start = self.head()
        waiting, seen = ([start] if start else []), {start}
        for sha in waiting:
            data = self.read(sha)
            yield sha, data
            head = data.split(b"\n\n", 1)[0].decode("latin-1")
            for parent in re.findall(r"^parent ([0-9a-f]{40})$", head, re.MULTILINE):
                if parent not in seen and len(seen) < most:
                    seen.add(parent)
                    waiting.append(parent)

    def read(self, sha: str) -> bytes:
        """The content of a commit."""
        loose = self.folder / "objects" / sha[:2] / sha[2:]
        if loose.is_file():
            data = _inflate(loose.read_bytes() if loose.stat().st_size <= LARGEST else b"")
            if not data.startswith(b"commit "):
                raise NotReadable(f"object {sha} is not a commit")
            return data.split(b"\0", 1)[-1]
        for pack in self._packs:
            offset = pack.find(sha)
            if offset is not None:
                return pack.read(offset)
        raise NotReadable(f"object {sha} is missing")


class Pack:
    """One pack and its index."""

    def __init__(self, index: Path) -> None:
        self.index, self.path = index, index.with_suffix(".pack")

    @cached_property
    def _table(self) -> tuple[bytes, int]:
        """The index and its number of objects."""
        if self.index.stat().st_size > 256 * LARGEST:
            raise NotReadable("the index of a pack is too large")
        data = self.index.read_bytes()
        if data[:8] != b"\xfftOc\x00\x00\x00\x02" or len(data) < 1032:
            raise NotReadable("an index of a version other than 2")
        return data, int(struct.unpack(">I", data[1028:1032])[0])

    def find(self, sha: str) -> int | None:
        """Offset of an object in the pack."""
        data, count = self._table
        wanted = bytes.fromhex(sha)
        low = struct.unpack_from(">I", data, 8 + 4 * (wanted[0] - 1))[0] if wanted[0] else 0
        high = struct.unpack_from(">I", data, 8 + 4 * wanted[0])[0]
        while low < high:
            middle = (low + high) // 2
            here = data[1032 + 20 * middle : 1052 + 20 * middle]
            if here == wanted:
                return self._offset(middle, data, count)
            low, high = (middle + 1, high) if here < wanted else (low, middle)
        return None

    def _offset(self, position: int, data: bytes, count: int) -> int:
        start = 1032 + 24 * count
        offset = int(struct.unpack_from(">I", data, start + 4 * position)[0])
        if offset & 0x80000000:
            offset = int(struct.unpack_from(">Q", data, start + 4 * count + 8 * (offset & 0x7FFFFFFF))[0])
        return offset

    def read(self, offset: int, depth: int = 0) -> bytes:
        """The content of the object at an offset, deltas applied."""
        if depth > DEEPEST:
            raise NotReadable("a chain of deltas is too long")
        with self.path.open("rb") as stream:
            stream.seek(offset)
            raw = stream.read(LARGEST)
        kind, position = (raw[0] >> 4) & 7, 1
        while raw[position - 1] & 0x80:
            position += 1
        if kind == _OFS_DELTA:
            back, position = _back(raw, position)
            return _apply(self.read(offset - back, depth + 1), _inflate(raw[position:]))
        if kind == _REF_DELTA:
            base = self.find(raw[position : position + 20].hex())
            if base is None:
                raise NotReadable("the base of a delta is missing")
            return _apply(self.read(base, depth + 1), _inflate(raw[position + 20 :]))
        if kind != _COMMIT:
            raise NotReadable("not a commit")
        return _inflate(raw[position:])


_REMOTE = re.compile(r'^\[remote "([^"\n]{1,100})"\]\n((?:(?!\[).*(?:\n|\Z))*)', re.MULTILINE)
_SSH = re.compile(r"(?:ssh://)?(?:[\w.\-]+@)(?P<host>[\w\-]+(?:\.[\w\-]+)+)(?::\d+/|[:/])(?P<path>[\w.\-~/]+)")
_HTTP = re.compile(r"https?://(?:[^@/\s]*@)?(?P<host>[\w\-]+(?:\.[\w\-]+)+(?::\d+)?)/(?P<path>[\w.\-~/]+)")


def _web_address(url: str) -> str | None:
    """``https://…`` of a remote on another machine; None for a folder of this one."""
    match = _HTTP.fullmatch(url) or _SSH.fullmatch(url)
    return f"https://{match['host']}/{match['path'].strip('/').removesuffix('.git')}" if match else None


def _text(path: Path, most: int) -> str:
    if not path.is_file() or path.is_symlink():
        return ""
    with path.open("rb") as stream:
        return stream.read(most).decode("utf-8", "replace")


def _first_line(path: Path) -> str:
    if not path.is_file() or path.is_symlink():
        return ""
    with path.open("rb") as stream:
        return stream.read(400).decode("utf-8", "replace").split("\n", 1)[0].strip()


def _inflate(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, LARGEST)
    except zlib.error as error:
        raise NotReadable(str(error)) from error


def _back(raw: bytes, position: int) -> tuple[int, int]:
    """The distance of an offset delta, and where its data start."""
    value = raw[position] & 0x7F
    while raw[position] & 0x80:
        position += 1
        value = ((value + 1) << 7) | (raw[position] & 0x7F)
    return value, position + 1


def _apply(base: bytes, delta: bytes) -> bytes:
    """A delta applied to its base: copies from the base and new bytes."""
    position = 0
    for _ in range(2):
        while delta[position] & 0x80:
            position += 1
        position += 1
    parts: list[bytes] = []
    while position < len(delta):
        code = delta[position]
        position += 1
        if not code & 0x80:
            parts.append(delta[position : position + code])
            position += code
            continue
        numbers = []
        for bits, width in ((code & 0x0F, 4), ((code >> 4) & 0x07, 3)):
            value = 0
            for byte in range(width):
                if bits >> byte & 1:
                    value |= delta[position] << (8 * byte)
                    position += 1
            numbers.append(value)
        start, length = numbers[0], numbers[1] or 0x10000
        parts.append(base[start : start + length])
    return b"".join(parts)

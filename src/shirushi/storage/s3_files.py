"""The place below the OCFL code in an S3-compatible object store. See :mod:`shirushi.storage.files` for what it must give.

There is no rename, so a tree goes to its place in pieces, in an order by which an unfinished one is known: the declaration of
an object, then all content at once, then the version's inventory and sidecar, last the object's. Every piece is compared with
what was sent; what the server copied itself is read and its SHA-512 taken. Who writes holds a lease, and looks at it before
each piece.
"""

import hashlib
import io
import uuid
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import local
from typing import BinaryIO, cast

from shirushi.storage.errors import StorageError
from shirushi.storage.fetched import Fetched
from shirushi.storage.files import CHUNK, Differs, Entry, Given, Overtaken, Remote, Staged
from shirushi.storage.inventory import DECLARATION, NAME, SIDECAR
from shirushi.storage.s3 import Bucket, Reader, Taken, at_once
from shirushi.storage.s3_locks import Lease, Locks

STORE, ASIDE, LOCKS = "store", "aside", "locks"


class S3Staged:
    """A tree that is put in place later: bytes are kept in memory, files named."""

    def __init__(self, lease: Lease | None) -> None:
        self.lease = lease
        self.bytes: dict[str, bytes] = {}
        self.files: dict[str, tuple[Given, str, int]] = {}

    def write(self, path: str, data: bytes) -> None:
        self.bytes[path] = data

    def copy(self, path: str, source: Given, *, sha512: str, size: int) -> None:
        self.files[path] = source, sha512, size

    def check(self, *, now: bool = False) -> None:
        if self.lease is not None:
            self.lease.check(now=now)


class S3Files:
    """``store/`` in a bucket, with ``aside/`` and ``locks/`` beside it; ``folder`` on this machine is for its locks."""

    piecewise = True

    def __init__(self, bucket: Bucket, fetched: Fetched, folder: Path) -> None:
        self._bucket = bucket
        self._fetched = fetched
        self._locks = Locks(bucket, LOCKS, folder)
        self._holding = local()

    @property
    def root(self) -> str:
        return f"{self._bucket.url}/{STORE}"

    # -- reading

    def list(self, path: str) -> list[Entry]:
        files, folders = self._bucket.folder(_key(path))
        found = [Entry(name, "file") for name in files] + [Entry(name, "folder") for name in folders]
        return sorted(found, key=lambda entry: entry.name)

    def exists(self, path: str) -> bool:
        return self._bucket.head(_key(path)) is not None or self._bucket.any(f"{_key(path)}/")

    def read(self, path: str) -> bytes:
        return self._bucket.get(_key(path))[0]

    def open(self, path: str, size: int | None = None) -> BinaryIO:
        if size is None:
            head = self._bucket.head(_key(path))
            if head is None:
                raise FileNotFoundError(path)
            size = head.size
        return cast("BinaryIO", io.BufferedReader(Reader(self._bucket, _key(path), size), CHUNK))

    def mark(self, path: str) -> Hashable:
        head = self._bucket.head(_key(path))
        if head is None:
            raise FileNotFoundError(path)
        return head.etag

    def size(self, path: str) -> int | None:
        head = self._bucket.head(_key(path))
        return None if head is None else head.size

    def part(self, path: str, start: int, end: int) -> Iterator[bytes]:
        return self._bucket.stream(_key(path), start, end)

    def local(self, path: str, sha512: str) -> Path:
        """A copy on this machine, whose bytes have that digest."""
        size = self.size(path) or 0
        return self._fetched.get(sha512, "sha512", lambda: self._bucket.stream(_key(path), 0, size))

    # -- writing

    @contextmanager
    def staged(self) -> Iterator[S3Staged]:
        yield S3Staged(getattr(self._holding, "lease", None))

    def publish(self, staged: Staged, part: str, path: str, *, telling: str = "") -> Hashable:
        """Put a part of a staged tree (or all: "") at ``path``, where nothing may be yet: when this returns it is whole. When
        it fails, what it had put is taken away again, or tells recover() of itself.

        Raises:
            Differs: bytes are not those that were promised.
            Overtaken: somebody else made this object.
        """
        tree = _staged(staged)
        names = [name for name in (*tree.bytes, *tree.files) if name.startswith(part)]
        target = {name: "/".join(filter(None, (_key(path).rstrip("/"), name.removeprefix(part)))) for name in names}
        order = sorted(names, key=lambda name: (_rank(name), name))
        last = [name for name in order if _rank(name) > _rank(_CONTENT)]
        if tree.lease is not None:
            tree.lease.dirty = True
        try:
            self._put_all(tree, {name: target[name] for name in order if _rank(name) < _rank(_CONTENT)})
            self._put_all(tree, {name: target[name] for name in order if _rank(name) == _rank(_CONTENT)})
            for name in last:
                if name != NAME:
                    self._put_all(tree, {name: target[name]})
                    continue
                break
        except BaseException:
            with suppress(StorageError):
                tree.check(now=True)  # who has lost the lock must touch nothing: it may be another's by now
                self._bucket.delete(reversed([target[name] for name in order]))
                if tree.lease is not None:
                    tree.lease.dirty = False
            raise
        marks: dict[str, str] = {}
        for name in last[last.index(NAME) :] if NAME in last else ():  # from here on it may count, whatever happens
            tree.check()
            try:
                marks[name] = self._bucket.put(target[name], tree.bytes[name], new=name == NAME)
            except Taken:
                raise Overtaken from None
        return marks.get(telling)

    def replace(self, staged: Staged, name: str, path: str, *, over: Hashable = None) -> Hashable:
        """Put one staged file at ``path``, in the place of what has the mark ``over``. Raises Overtaken."""
        tree = _staged(staged)
        tree.check()
        if tree.lease is not None:
            tree.lease.dirty = True
        try:
            return self._bucket.put(_key(path), tree.bytes[name], over=None if over is None else str(over))
        except (Taken, FileNotFoundError):
            raise Overtaken from None

    def set_aside(self, path: str, reason: bytes) -> None:
        """Move a file or tree of the store into a folder of its own in ``aside``, next to a ``reason.json``. All of it is there
        before any of it goes from here; what makes an object count goes first, its sidecar before its inventory."""
        source, name = _key(path), path.rpartition("/")[2]
        target = f"{ASIDE}/{uuid.uuid4().hex}"
        found = {item.key: item.size for item in self._bucket.keys(f"{source}/")}
        if (head := self._bucket.head(source)) is not None:
            found[source] = head.size
        lease: Lease | None = getattr(self._holding, "lease", None)
        self._bucket.put(f"{target}/reason.json", reason)

        def move(key: str) -> None:
            if lease is not None:
                lease.check()
            self._bucket.copy(key, f"{target}/{name}{key.removeprefix(source)}", found[key])

        at_once(move, list(found))
        there = {item.key.removeprefix(f"{target}/{name}"): item.size for item in self._bucket.keys(f"{target}/{name}")}
        if there != {key.removeprefix(source): size for key, size in found.items()}:
            raise OSError(f"not all of {source} arrived in {target}")
        if lease is not None:
            lease.dirty = True
        for key in sorted(found, key=lambda key: (_leaving(key.removeprefix(f"{source}/")), key)):
            if lease is not None:
                lease.check()
            self._bucket.delete([key])

    def set_leftovers_aside(self, reason: bytes) -> int:
        """Give up the uploads in parts of dead writers. No byte of them was ever anywhere."""
        for folder in self.suspects():
            for key, upload in self._bucket.uploads(f"{STORE}/{folder}/"):
                self._bucket.abort(key, upload)
        return 0

    def aside_trees(self) -> Iterator[tuple[str, bytes]]:
        """As with a folder; blobs that were set aside have a place of their own there."""
        for name in self._bucket.folder(ASIDE)[1]:
            with suppress(FileNotFoundError):
                yield name, self._bucket.get(f"{ASIDE}/{name}/reason.json")[0]

    def aside_files(self, tree: str) -> Iterator[tuple[str, int]]:
        for item in self._bucket.keys(f"{ASIDE}/{tree}/"):
            yield item.key.removeprefix(f"{ASIDE}/"), item.size

    def open_aside(self, path: str) -> BinaryIO:
        """Fetched as it is read: what was set aside may be larger than memory. Raises FileNotFoundError."""
        key = f"{ASIDE}/{path}"
        head = self._bucket.head(key)
        if head is None:
            raise FileNotFoundError(key)
        return io.BufferedReader(Reader(self._bucket, key, head.size))

    def remove_aside(self, path: str) -> None:
        self._bucket.delete([*(item.key for item in self._bucket.keys(f"{ASIDE}/{path}/")), f"{ASIDE}/{path}"])

    def remove_empty(self, path: str) -> None:
        """There are no folders, so none is empty."""

    def remove_tree(self, path: str, last: str) -> None:
        """Delete a tree, its file ``last`` when all else is gone, so that one that is half gone is still known."""
        lease: Lease | None = getattr(self._holding, "lease", None)
        final = f"{_key(path)}/{last}"

        def delete(key: str) -> None:
            if lease is not None:
                lease.check()
            self._bucket.delete([key])

        if lease is not None:
            lease.dirty = True
        keys = [item.key for item in self._bucket.keys(f"{_key(path)}/") if item.key != final]
        at_once(delete, [key for key in keys if "/content/" in key])
        for key in [*(key for key in keys if "/content/" not in key), final]:
            delete(key)

    def forget_copies(self, digests: Iterable[str]) -> None:
        """Remove what was copied to this machine of bytes with these SHA-512."""
        for sha512 in digests:
            self._fetched.forget(sha512)

    # -- locks

    @contextmanager
    def lock(self, name: str, *, shared: bool = False) -> Iterator[None]:
        """Hold a lock. That of an object holds between machines; that of the store, between the processes of this one."""
        if not name.startswith(_OF_OBJECTS):
            with self._locks.here(name, shared=shared):
                yield
            return
        with self._locks.everywhere(name) as lease:
            self._holding.lease = lease
            try:
                yield
            finally:
                self._holding.lease = None

    def suspects(self) -> tuple[str, ...]:
        return tuple(name.removeprefix(_OF_OBJECTS) for name in self._locks.left() if name.startswith(_OF_OBJECTS))

    def settle(self, folder: str) -> None:
        self._locks.settle(f"{_OF_OBJECTS}{folder}")

    # -- inside

    def _put_all(self, tree: S3Staged, target: dict[str, str]) -> None:
        at_once(lambda name: self._put(tree, name, target[name]), list(target))

    def _put(self, tree: S3Staged, name: str, key: str) -> None:
        tree.check()
        if name in tree.bytes:
            self._bucket.put(key, tree.bytes[name])
            return
        source, sha512, size = tree.files[name]
        if isinstance(source, Path):
            sha256 = _sha256_if(source, sha512, size)
            if sha256 is None:
                raise Differs(name)
            self._bucket.put_file(key, source, sha256)
            return
        try:
            self._bucket.copy(source.key, key, size)
        except FileNotFoundError:
            raise Differs(name) from None
        self._check_copy(name, key, sha512, size)

    def _check_copy(self, name: str, key: str, sha512: str, size: int) -> None:
        found = hashlib.sha512()
        head = self._bucket.head(key)
        if head is not None and head.size == size:
            for chunk in self._bucket.stream(key, 0, size):
                found.update(chunk)
        if head is None or head.size != size or found.hexdigest() != sha512:
            raise Differs(name)


_OF_OBJECTS = "object-"
_CONTENT = "v1/content/"


def _key(path: str) -> str:
    return f"{STORE}/{path}" if path else STORE


def _rank(name: str) -> int:
    """The place of a staged file in the order in which a tree is put in place."""
    if name == DECLARATION:
        return 0
    if name in (NAME, SIDECAR):
        return 4 if name == NAME else 5
    if name.endswith((f"/{NAME}", f"/{SIDECAR}")) and name.count("/") == 1:
        return 2 if name.endswith(f"/{NAME}") else 3
    return 6 if name.startswith("0=") else 1


def _leaving(name: str) -> int:
    """The place of a file in the order in which a tree is taken away."""
    return {SIDECAR: 0, NAME: 1, DECLARATION: 3}.get(name, 2)


def _sha256_if(path: Path, sha512: str, size: int) -> str | None:
    """The SHA-256 of a file that has that SHA-512 and size; None of another."""
    first, second, length = hashlib.sha256(), hashlib.sha512(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            first.update(chunk)
            second.update(chunk)
            length += len(chunk)
    return first.hexdigest() if length == size and second.hexdigest() == sha512 else None


def _staged(staged: Staged) -> S3Staged:
    if not isinstance(staged, S3Staged):
        raise TypeError("an object store publishes only what it staged itself")
    return staged


__all__ = ["ASIDE", "LOCKS", "STORE", "Remote", "S3Files"]

"""The seam under the store: what the OCFL code needs from a place that keeps bytes, and the local folder that gives it.

Every path is relative to the storage root, with ``/`` between the parts.

Promises of :class:`LocalFiles`: when a writing method returns, the bytes *and* the directory entries that lead to them
have been fsynced; what ``publish`` and ``replace`` put in place appears whole or not at all. The other place is
:class:`shirushi.storage.s3_files.S3Files`; it puts a tree in place piece by piece (``piecewise``), in an order that tells a
finished one from one that is not.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import uuid
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, Protocol

from shirushi.storage.errors import clear_errors

CHUNK = 1 << 20  # bytes read or written at once: memory stays constant whatever the size of a file

Kind = Literal["file", "folder", "other"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder. Symbolic links, sockets and devices are ``other``: nothing in a store may be one."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Remote:
    """Bytes that lie in the bucket of the store already, by their key."""

    key: str


Given = Path | Remote


@dataclass(frozen=True, slots=True)
class Content:
    """Stored bytes to be sent: how many they are, and ``part(start, end)`` of them without the rest."""

    size: int
    part: Callable[[int, int], Iterator[bytes]]


class Differs(Exception):
    """The bytes given for a staged ``path`` do not have the digest or size that was promised."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Overtaken(Exception):
    """Somebody else has written there meanwhile: only possible where locks are no more than agreements of machines."""


class Staged(Protocol):
    """A tree being prepared where no reader looks. ``copy`` sees to it that the copy has the SHA-512 and the size promised,
    or raises Differs: at once, or when the tree is published."""

    def write(self, path: str, data: bytes) -> None: ...
    def copy(self, path: str, source: Given, *, sha512: str, size: int) -> None: ...


class Reading(Protocol):
    """What the validator needs."""

    def list(self, path: str) -> list[Entry]: ...
    def exists(self, path: str) -> bool: ...
    def read(self, path: str) -> bytes: ...
    def open(self, path: str) -> BinaryIO: ...


class Files(Reading, Protocol):
    """What a store of OCFL objects needs from the place below it.

    ``open`` asks less where the ``size`` is known. ``mark`` changes whenever the file does, ``size`` is None where there is no plain file, ``part`` reads some of a file and
    ``local`` gives one as a real path, to be read soon and never written. ``suspects`` are the folders in which a writer may
    have died: "" is everything; ``settle`` says that one has been looked through. ``replace`` gives the mark of what it put in
    place, ``publish`` that of the file it is ``telling`` of.
    """

    @property
    def root(self) -> Path | str: ...
    @property
    def piecewise(self) -> bool: ...
    def open(self, path: str, size: int | None = None) -> BinaryIO: ...
    def mark(self, path: str) -> Hashable: ...
    def size(self, path: str) -> int | None: ...
    def part(self, path: str, start: int, end: int) -> Iterator[bytes]: ...
    def local(self, path: str, sha512: str) -> Path: ...
    def staged(self) -> AbstractContextManager[Staged]: ...
    def publish(self, staged: Staged, part: str, path: str, *, telling: str = "") -> Hashable: ...
    def replace(self, staged: Staged, name: str, path: str, *, over: Hashable = None) -> Hashable: ...
    def suspects(self) -> tuple[str, ...]: ...
    def settle(self, folder: str) -> None: ...
    def set_aside(self, path: str, reason: bytes) -> None: ...
    def set_leftovers_aside(self, reason: bytes) -> int: ...
    def aside_trees(self) -> Iterator[tuple[str, bytes]]: ...
    def aside_files(self, tree: str) -> Iterator[tuple[str, int]]: ...
    def open_aside(self, path: str) -> BinaryIO: ...
    def remove_aside(self, path: str) -> None: ...
    def remove_empty(self, path: str) -> None: ...
    def remove_tree(self, path: str, last: str) -> None: ...
    def forget_copies(self, digests: Iterable[str]) -> None: ...
    def lock(self, name: str, *, shared: bool = False) -> AbstractContextManager[None]: ...


def fsync_folder(path: Path) -> None:
    """Make the entries of a directory durable: a file that was fsynced is lost if its name was not."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(path: Path) -> None:
    """``mkdir -p`` whose every new entry is durable."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        fsync_folder(folder.parent)


def write_durably(path: Path, data: bytes) -> None:
    """Write a new file and fsync it (not its folder)."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def copy_durably(source: Path, target: Path) -> None:
    """Give ``target`` the bytes of ``source``: as a hard link where that is safe, else as a copy.

    Safe means that nobody may write the file (blobs are read-only), and that the store gets no second name for it: OCFL
    (E090) forbids links within a storage hierarchy. A blob lives outside it, so the first link is no such link; when
    the same blob is published in a second object the count of its names shows it, and the bytes are copied.
    """
    if _link(source, target):
        return
    with source.open("rb") as reader, target.open("xb") as writer:
        shutil.copyfileobj(reader, writer, CHUNK)
        writer.flush()
        os.fsync(writer.fileno())
    target.chmod(0o444)


def digest_of(file: BinaryIO, algorithm: str) -> str:
    """The digest of everything that is left in an open file."""
    digest = hashlib.new(algorithm)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def sha512_of(path: Path) -> str:
    with path.open("rb") as file:
        return digest_of(file, "sha512")


def part_of(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes of a file from ``start`` up to ``end``, some at a time."""
    with path.open("rb") as content:
        content.seek(start)
        left = end - start
        while left > 0 and (chunk := content.read(min(CHUNK // 4, left))):
            left -= len(chunk)
            yield chunk


def content_of(path: Path) -> Content:
    """A file of this machine to be sent. Raises FileNotFoundError."""
    return Content(path.stat().st_size, lambda start, end: part_of(path, start, end))


def _link(source: Path, target: Path) -> bool:
    if source.stat().st_mode & 0o222:
        return False
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links: copying works, or says why it does not
        return False
    if target.stat().st_nlink <= 2:
        return True
    target.unlink()
    return False


class LocalStaged:
    """A tree below ``root`` that nobody sees until it is published."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, data: bytes) -> None:
        write_durably(self._place(path), data)

    def copy(self, path: str, source: Given, *, sha512: str, size: int) -> None:
        """The check reads the *source*: publishing is the last moment at which a damaged blob can still be refused."""
        if isinstance(source, Remote):
            raise TypeError("a local folder takes files of this machine")
        if source.stat().st_size != size or sha512_of(source) != sha512:
            raise Differs(path)
        copy_durably(source, self._place(path))

    def sync(self) -> None:
        """fsync every folder of the tree, innermost first."""
        for folder, _, _ in os.walk(self.root, topdown=False):
            fsync_folder(Path(folder))

    def _place(self, path: str) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


class LocalFiles:
    """A folder, with ``staging``, ``aside`` and ``locks`` beside it on the same file system (renames must be atomic)."""

    piecewise = False

    def __init__(self, root: Path) -> None:
        self.root = root
        self.staging = root.parent / "staging"
        self.aside = root.parent / "aside"
        self.locks = root.parent / "locks"

    def at(self, path: str) -> Path:
        return self.root / path if path else self.root

    def list(self, path: str) -> list[Entry]:
        """Entries of a folder by name, or nothing where there is no such folder."""
        try:
            with os.scandir(self.at(path)) as entries:
                found = [Entry(entry.name, _kind(entry)) for entry in entries]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(found, key=lambda entry: entry.name)

    def exists(self, path: str) -> bool:
        return os.path.lexists(self.at(path))

    def read(self, path: str) -> bytes:
        return self.at(path).read_bytes()

    def open(self, path: str, size: int | None = None) -> BinaryIO:
        return self.at(path).open("rb")

    def mark(self, path: str) -> Hashable:
        """What the file is just now. Raises FileNotFoundError."""
        status = self.at(path).stat()
        return status.st_ino, status.st_mtime_ns, status.st_size

    def size(self, path: str) -> int | None:
        try:
            status = self.at(path).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def part(self, path: str, start: int, end: int) -> Iterator[bytes]:
        return part_of(self.at(path), start, end)

    def local(self, path: str, sha512: str) -> Path:
        return self.at(path)

    @contextmanager
    def staged(self) -> Iterator[LocalStaged]:
        """A fresh tree to fill; whatever is left of it at the end (after an error) is removed."""
        root = self.staging / uuid.uuid4().hex
        with clear_errors(self.root.parent):
            make_folders(self.staging)
            root.mkdir()
            try:
                yield LocalStaged(root)
            finally:
                shutil.rmtree(root, ignore_errors=True)

    def publish(self, staged: Staged, part: str, path: str, *, telling: str = "") -> Hashable:
        """Put a part of a staged tree (or all: "") at ``path``, where nothing may be yet, as one atomic and durable step."""
        tree = _local(staged)
        tree.sync()
        target = self.at(path)
        make_folders(target.parent)
        (tree.root / part).rename(target)
        fsync_folder(target.parent)
        return self.mark(f"{path}/{telling}") if telling else None

    def replace(self, staged: Staged, name: str, path: str, *, over: Hashable = None) -> Hashable:
        """Put one staged file at ``path``, over what is there, as one atomic and durable step. Locks of the operating system
        keep others away, so what stands there need not be looked at again."""
        target = self.at(path)
        make_folders(target.parent)
        (_local(staged).root / name).replace(target)
        fsync_folder(target.parent)
        return self.mark(path)

    def suspects(self) -> tuple[str, ...]:
        return ("",)

    def settle(self, folder: str) -> None:
        """Nothing tells where a writer died, so nothing need be forgotten."""

    def set_aside(self, path: str, reason: bytes) -> None:
        """Move a file or tree of the store into a folder of its own in ``aside``, next to a ``reason.json``."""
        self._move_aside(self.at(path), reason)

    def set_leftovers_aside(self, reason: bytes) -> int:
        """Move every tree that a dead writer was preparing aside; returns how many. Call it only while nobody writes."""
        left = sorted(self.staging.iterdir()) if self.staging.is_dir() else []
        for path in left:
            self._move_aside(path, reason)
        return len(left)

    def aside_trees(self) -> Iterator[tuple[str, bytes]]:
        """What was set aside, by its folder in ``aside``, with its reason."""
        for reason in sorted(self.aside.glob("*/reason.json")):
            yield reason.parent.name, reason.read_bytes()

    def aside_files(self, tree: str) -> Iterator[tuple[str, int]]:
        """The files of such a tree, from ``aside`` on, with their sizes."""
        for path in sorted((self.aside / tree).rglob("*")):
            if path.is_file():
                yield path.relative_to(self.aside).as_posix(), path.stat().st_size

    def open_aside(self, path: str) -> BinaryIO:
        return (self.aside / path).open("rb")

    def remove_aside(self, path: str) -> None:
        """Delete a tree or a file that was set aside, for good. Twice changes nothing."""
        gone = self.aside / path
        with clear_errors(self.aside):
            if gone.is_dir():
                shutil.rmtree(gone)
            else:
                gone.unlink(missing_ok=True)
            if gone.parent.is_dir():
                fsync_folder(gone.parent)

    def _move_aside(self, path: Path, reason: bytes) -> None:
        folder = self.aside / uuid.uuid4().hex
        with clear_errors(self.aside):
            make_folders(folder)
            write_durably(folder / "reason.json", reason)
            fsync_folder(folder)
            path.rename(folder / path.name)
            fsync_folder(folder)
            fsync_folder(path.parent)

    def remove_empty(self, path: str) -> None:
        """Remove an empty folder, and its parents up to the root while they are empty (OCFL E073)."""
        folder = PurePosixPath(path)
        while folder.name:
            try:
                self.at(str(folder)).rmdir()
            except OSError:  # not empty: another object lives below it
                return
            folder = folder.parent

    def remove_tree(self, path: str, last: str) -> None:
        """Delete a tree, its file ``last`` when all else is gone for good, so that one that is half gone is still known."""
        tree = self.at(path)
        for folder, folders, files in os.walk(tree, topdown=False):
            for name in sorted(files):
                if Path(folder) != tree or name != last:
                    Path(folder, name).unlink(missing_ok=True)
            for name in folders:
                if (inner := Path(folder, name)).is_symlink():
                    inner.unlink()
                else:
                    inner.rmdir()
            fsync_folder(Path(folder))
        (tree / last).unlink(missing_ok=True)
        self.remove_empty(path)
        if tree.parent.is_dir():
            fsync_folder(tree.parent)

    def forget_copies(self, digests: Iterable[str]) -> None:
        """There are none: what is read is the file itself."""

    @contextmanager
    def lock(self, name: str, *, shared: bool = False) -> Iterator[None]:
        """Hold an advisory lock that the kernel drops with its process, however that ends."""
        with clear_errors(self.locks):
            make_folders(self.locks)
            descriptor = os.open(self.locks / name, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _local(staged: Staged) -> LocalStaged:
    if not isinstance(staged, LocalStaged):
        raise TypeError("a local folder publishes only what it staged itself")
    return staged


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return "other"
    return "folder" if entry.is_dir() else "file" if entry.is_file() else "other"

"""Content-addressed files: the bytes of drafts, each stored once under its SHA-256.

``<root>/ab/cd/abcd…``. A blob is written beside, fsynced, and only then renamed to its name, so that a blob which
exists is whole. Blobs are read-only files and never change.
"""

import fcntl
import hashlib
import os
import re
import time
import uuid
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from shirushi.storage.errors import NotStored, TooLarge, clear_errors
from shirushi.storage.files import CHUNK, Content, content_of, digest_of, fsync_folder, make_folders
from shirushi.storage.sources import Stored

_T = TypeVar("_T")
SHA256 = re.compile(r"[0-9a-f]{64}")


class Readable(Protocol):
    """Anything with ``read(size) -> bytes``: an open file, an upload, a socket's file."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Blob:
    """What is known of stored bytes: lower-case hex digests, the size in bytes, and the CRC-32 that a ZIP asks for."""

    sha256: str
    sha512: str
    size: int
    crc32: int


class Blobs(Protocol):
    """What a place of blobs gives; :class:`BlobStore` says what each means.

    ``path`` is a real file, to be opened soon and never written; ``held`` gives several that stay until the block ends. What
    only sends or reads a part takes ``content`` or ``open``, which fetch nothing else.
    """

    def write(self, stream: Readable, *, limit: int | None = None) -> Blob: ...
    def write_all(self, sources: Sequence[Path], *, limit: int | None = None) -> list[Blob | TooLarge | OSError]: ...
    def adopt(self, source: Path, blob: Blob) -> None: ...
    def path(self, sha256: str) -> Path: ...
    def held(self, digests: Iterable[str]) -> AbstractContextManager[Mapping[str, Path]]: ...
    def open(self, sha256: str) -> BinaryIO: ...
    def content(self, sha256: str) -> Content: ...
    def stored(self, sha256: str, *, sha512: str, size: int) -> Stored: ...
    def exists(self, sha256: str) -> bool: ...
    def size(self, sha256: str) -> int | None: ...
    def age(self, sha256: str) -> float | None: ...
    def sound(self, sha256: str) -> bool: ...
    def iter(self, *, after: str = "") -> Iterator[str]: ...
    def claim(self, sha256: str) -> bool: ...
    def set_aside(self, sha256: str, *, age: float, unless: Callable[[], bool]) -> bool: ...
    def forget_aside(self, sha256: str) -> None: ...
    def remove(self, sha256: str) -> None: ...
    def remove_unless(self, sha256: str, *, age: float, unless: Callable[[], bool]) -> bool: ...
    def recover(self) -> int: ...


class BlobStore:
    """A folder of blobs. Safe for many processes at once; memory use does not depend on the size of a blob."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self.aside = self.root.parent / "aside" / "blobs"
        self._unfinished = self.root / "unfinished"

    def write(self, stream: Readable, *, limit: int | None = None) -> Blob:
        """Store everything that ``stream`` gives; when this returns it survives a power cut.

        Raises:
            TooLarge: the stream goes on after ``limit`` bytes. Nothing is kept.
            StoreFull, StoreReadOnly: nothing is kept.
        """
        with clear_errors(self.root):
            temporary = self._unfinished / uuid.uuid4().hex
            try:
                with self._begun(temporary) as file:
                    blob = fill(file, stream, limit)
                    os.fsync(file.fileno())
                    self._keep(temporary, blob)
            finally:
                temporary.unlink(missing_ok=True)
        return blob

    def write_all(self, sources: Sequence[Path], *, limit: int | None = None) -> list[Blob | TooLarge | OSError]:
        """Store files of this machine together: the disk is waited for once, not once for each. All of them survive a power cut
        when this returns. Each is held open meanwhile, so give some hundred at most.

        Instead of a blob comes what was wrong with a source: it cannot be read, or goes on after ``limit`` bytes.

        Raises:
            StoreFull, StoreReadOnly: nothing is kept.
        """
        found: list[Blob | TooLarge | OSError] = []
        begun: list[tuple[Path, Blob]] = []
        with clear_errors(self.root), ExitStack() as stack:
            files = []
            for source in sources:
                try:
                    stream = source.open("rb")
                except OSError as error:
                    found.append(error)
                    continue
                temporary = self._unfinished / uuid.uuid4().hex
                stack.callback(temporary.unlink, missing_ok=True)
                file = stack.enter_context(self._begun(temporary))
                try:
                    with stream:
                        blob = fill(file, stream, limit)
                except TooLarge as error:
                    found.append(error)
                    continue
                found.append(blob)
                files.append(file.fileno())
                begun.append((temporary, blob))
            _at_once(os.fsync, files)
            self._keep_all(begun)
        return found

    def adopt(self, source: Path, blob: Blob) -> None:
        """Store a whole, fsynced file of this machine, which its owner does not change any more; its digests are known. Where the
        file system can, it becomes the blob itself and is read-only from now on. Its own name is left to its owner.

        Raises:
            StoreFull, StoreReadOnly: nothing is kept.
        """
        with clear_errors(self.root):
            temporary = self._unfinished / uuid.uuid4().hex
            try:
                with self._gate(fcntl.LOCK_SH):
                    os.link(source, temporary)
            except OSError:  # another file system, or one without links
                with source.open("rb") as stream:
                    self.write(stream)
                return
            try:
                self._keep(temporary, blob)
            finally:
                temporary.unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Where the blob is, or would be. Raises NotStored for anything that is not a SHA-256 in lower-case hex."""
        if not SHA256.fullmatch(sha256):
            raise not_stored(sha256)
        return Path(f"{self.root}/{sha256[:2]}/{sha256[2:4]}/{sha256}")

    @contextmanager
    def held(self, digests: Iterable[str]) -> Iterator[Mapping[str, Path]]:
        """The paths of blobs, by digest, for work that goes on for long."""
        yield {sha256: self.path(sha256) for sha256 in digests}

    def stored(self, sha256: str, *, sha512: str, size: int) -> Stored:
        """The blob as something an object version may hold."""
        return Stored(self.path(sha256), sha512, size)

    def exists(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def size(self, sha256: str) -> int | None:
        """Its size in bytes, or None when there is no such blob."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def age(self, sha256: str) -> float | None:
        """Seconds since it was written or claimed, or None when there is no such blob."""
        try:
            return time.time() - self.path(sha256).stat().st_mtime
        except FileNotFoundError:
            return None

    def claim(self, sha256: str) -> bool:
        """Whether the blob is there; if so it counts as written now, so that nobody takes it for left over."""
        with clear_errors(self.root), self._gate(fcntl.LOCK_SH):
            return self._claim(self.path(sha256))

    def set_aside(self, sha256: str, *, age: float, unless: Callable[[], bool]) -> bool:
        """Move a blob to ``aside`` that was last written or claimed ``age`` seconds ago or earlier, unless it is needed.
        Returns whether it was. No writer can find it there, or claim it, in between."""
        path = self.path(sha256)
        with self._unneeded(path, age, unless) as ours:
            if ours:
                make_folders(self.aside)
                path.rename(self.aside / sha256)
                fsync_folder(self.aside)
                fsync_folder(path.parent)
        return ours

    def forget_aside(self, sha256: str) -> None:
        """Delete for good what was set aside of a blob; nothing happens where nothing was."""
        (self.aside / sha256).unlink(missing_ok=True)

    def remove_unless(self, sha256: str, *, age: float, unless: Callable[[], bool]) -> bool:
        """As :meth:`set_aside`, but it is gone for good, from ``aside`` too."""
        path = self.path(sha256)
        with self._unneeded(path, age, unless) as ours:
            if ours:
                self.forget_aside(sha256)
                path.unlink()
                fsync_folder(path.parent)
        return ours

    def open(self, sha256: str) -> BinaryIO:
        """The bytes. Raises NotStored when there is no such blob."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise not_stored(sha256) from None

    def content(self, sha256: str) -> Content:
        """The bytes to be sent, whole or in part. Raises NotStored when there is no such blob."""
        try:
            return content_of(self.path(sha256))
        except FileNotFoundError:
            raise not_stored(sha256) from None

    def sound(self, sha256: str) -> bool:
        """Whether the blob is there and its bytes still have its digest (reads all of it)."""
        try:
            with self.open(sha256) as file:
                return digest_of(file, "sha256") == sha256
        except NotStored:
            return False

    def iter(self, *, after: str = "") -> Iterator[str]:
        """The SHA-256 of every blob that comes ``after`` this one, in order."""
        for first in _hex_folders(self.root, after[:2]):
            for second in _hex_folders(first, after[2:4] if first.name == after[:2] else ""):
                for path in sorted(second.iterdir()):
                    if SHA256.fullmatch(path.name) and path.name > after:
                        yield path.name

    def remove(self, sha256: str) -> None:
        """Forget a blob; nothing happens when it is not there. Published objects keep their own name for the bytes."""
        path = self.path(sha256)
        with clear_errors(self.root):
            try:
                path.unlink()
            except FileNotFoundError:
                return
            fsync_folder(path.parent)

    def recover(self) -> int:
        """Remove what writers that died left unfinished; returns how many. Uploads that are going on are not touched."""
        if not self._unfinished.is_dir():
            return 0
        removed = 0
        with self._gate(fcntl.LOCK_EX):
            for path in sorted(self._unfinished.iterdir()):
                with suppress(FileNotFoundError), path.open("rb") as file:  # it may be given up just now
                    if _lock(file.fileno()):
                        path.unlink()
                        removed += 1
        return removed

    @contextmanager
    def _unneeded(self, path: Path, age: float, unless: Callable[[], bool]) -> Iterator[bool]:
        """Whether a blob is there, old, and not needed; nobody finds or claims it before the block ends."""
        with clear_errors(self.root), self._gate(fcntl.LOCK_EX):
            yield path.is_file() and time.time() - path.stat().st_mtime >= age and not unless()

    @contextmanager
    def _gate(self, mode: int) -> Iterator[None]:
        """Writers share this lock while they create and lock a file, and while they give it its name or find the same bytes
        there, so that recover() and set_aside() never see one in between."""
        make_folders(self._unfinished)
        descriptor = os.open(self._unfinished, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, mode)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _begun(self, temporary: Path) -> Iterator[BinaryIO]:
        """A new file, locked until it has its name: that tells recover() that somebody is still at it."""
        with ExitStack() as stack:
            with self._gate(fcntl.LOCK_SH):
                file = stack.enter_context(temporary.open("xb"))
                _lock(file.fileno())
            yield file

    def _keep(self, temporary: Path, blob: Blob) -> None:
        """Give the finished file its name. The same bytes may be there already: then they are replaced by themselves."""
        target = self.path(blob.sha256)
        make_folders(target.parent)
        temporary.chmod(0o444)
        with self._gate(fcntl.LOCK_SH):
            if not (self._claim(target) and target.stat().st_size == blob.size):
                temporary.rename(target)
        fsync_folder(target.parent)

    def _keep_all(self, begun: Sequence[tuple[Path, Blob]]) -> None:
        """As :meth:`_keep` does, the folders of each level together: no entry is relied on before the one above it is durable."""
        targets = [self.path(blob.sha256) for _, blob in begun]
        for level in (1, 0):
            missing = {folder for target in targets if not (folder := target.parents[level]).is_dir()}
            for folder in missing:
                folder.mkdir(exist_ok=True)
            _at_once(fsync_folder, {folder.parent for folder in missing})
        with self._gate(fcntl.LOCK_SH):
            for (temporary, blob), target in zip(begun, targets, strict=True):
                temporary.chmod(0o444)
                if not (self._claim(target) and target.stat().st_size == blob.size):
                    temporary.rename(target)
        _at_once(fsync_folder, {target.parent for target in targets})

    def _claim(self, target: Path) -> bool:
        """Make it young again. Not fsynced: age counts only until the row that names the blob is there, and a power cut ends
        whoever was about to write that."""
        try:
            os.utime(target)
        except FileNotFoundError:
            return False
        return True


def _hex_folders(folder: Path, first: str) -> list[Path]:
    """The folders in it that are named by two hex digits, from ``first`` on."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if re.fullmatch(r"[0-9a-f]{2}", path.name) and path.name >= first)


def fill(file: BinaryIO, stream: Readable, limit: int | None) -> Blob:
    """Write everything that a stream gives, taking its digests. Raises TooLarge."""
    sha256, sha512, size, crc32 = hashlib.sha256(), hashlib.sha512(), 0, 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if limit is not None and size > limit:
            raise too_large(limit)
        sha256.update(chunk)
        sha512.update(chunk)
        crc32 = zlib.crc32(chunk, crc32)
        file.write(chunk)
    file.flush()
    return Blob(sha256.hexdigest(), sha512.hexdigest(), size, crc32)


def _at_once(wait: Callable[[_T], None], things: Collection[_T]) -> None:
    """Wait for the disk in many threads: it then writes its journal once for many files. Raises the first error."""
    if things:
        with ThreadPoolExecutor(min(32, len(things))) as threads:
            list(threads.map(wait, things))


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def not_stored(sha256: str) -> NotStored:
    return NotStored(
        f"No stored file has the SHA-256 {sha256!r}. Upload the file again.",
        f"SHA-256 が {sha256!r} のファイルは保存されていません。もう一度アップロードしてください。",
        where=sha256,
    )


def too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"The file is larger than the limit of {limit:,} bytes; nothing was stored. "
        "Split the file, or ask the operator to raise the limit.",
        f"ファイルが上限の {limit:,} バイトを超えているため、保存していません。"
        "ファイルを分けるか、運用担当者に上限の引き上げを依頼してください。",
        where="",
        limit=limit,
    )

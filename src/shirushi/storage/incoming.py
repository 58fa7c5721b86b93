"""Files that come in pieces, kept until they are whole, whatever happens to the sender or to us in between.

A piece counts from the moment it was fsynced and the caller wrote down how far the file is good; what lies behind that is
overwritten by the next piece. So the caller's number, not the size of the file, says where to go on.
"""

import fcntl
import hashlib
import os
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Protocol

from shirushi.storage.blobs import Blob, Readable
from shirushi.storage.errors import ContentMismatch, NotStored, clear_errors
from shirushi.storage.files import CHUNK, fsync_folder, make_folders

STEP = 64 * CHUNK  # bytes that a kill of the machine may cost: what came since the disk was last waited for
REMEMBERED = 256  # uploads whose digests are kept running between two pieces; any other is read again when it is whole
_hashing = ThreadPoolExecutor(4, "hashing")


class Hash(Protocol):
    """A digest of :mod:`hashlib` while it is made."""

    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...
    def hexdigest(self) -> str: ...
    def copy(self) -> Any: ...


class InUse(Exception):
    """Somebody else is adding to this file just now."""


@dataclass(slots=True)
class _Running:
    """The digests of the first ``at`` bytes."""

    sha256: Hash
    sha512: Hash
    at: int = 0
    crc32: int = 0

    @classmethod
    def new(cls) -> "_Running":
        return cls(hashlib.sha256(), hashlib.sha512())

    def copy(self) -> "_Running":
        return _Running(self.sha256.copy(), self.sha512.copy(), self.at, self.crc32)

    def update(self, chunk: bytes) -> Future[None]:
        """Take in a chunk, with one of the digests in another thread; wait for it before the next one."""
        other = _hashing.submit(self.sha512.update, chunk)
        self.sha256.update(chunk)
        self.crc32 = zlib.crc32(chunk, self.crc32)
        self.at += len(chunk)
        return other

    def blob(self) -> Blob:
        return Blob(self.sha256.hexdigest(), self.sha512.hexdigest(), self.at, self.crc32)


class Incoming:
    """A folder of unfinished files by name. Safe for many processes at once; memory does not depend on their sizes."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self._running: OrderedDict[str, _Running] = OrderedDict()
        self._lock = Lock()

    def begin(self, name: str) -> None:
        """An empty file, there for good when this returns. Raises StoreFull, StoreReadOnly."""
        with clear_errors(self.root):
            make_folders(self.root)
            with (self.root / name).open("xb") as file:
                os.fsync(file.fileno())
            fsync_folder(self.root)

    @contextmanager
    def held(self, name: str) -> Iterator["Partial"]:
        """The file, to nobody else meanwhile: the operating system lets go of it when the process ends.

        Raises:
            NotStored: there is no such file.
            InUse: somebody else holds it.
        """
        path = self.root / name
        try:
            file = _opened(path)
        except FileNotFoundError:
            raise _no_longer(name) from None
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse(name) from None
            if not os.fstat(file.fileno()).st_nlink:  # removed between opening and locking it
                raise _no_longer(name)
            yield Partial(self, name, path, file)
        finally:
            # What was written and not kept does not count, so it need not be told again that there is no room for it.
            with suppress(OSError):
                file.close()

    def remove(self, name: str) -> None:
        """Forget a file; nothing happens when it is not there."""
        self.forget(name)
        with clear_errors(self.root), suppress(FileNotFoundError):
            (self.root / name).unlink()

    def names(self) -> Iterator[tuple[str, float]]:
        """Every file, with the time of its last change."""
        with suppress(FileNotFoundError), os.scandir(self.root) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    yield entry.name, entry.stat().st_mtime

    def running(self, name: str, at: int) -> _Running | None:
        """The digests of the first ``at`` bytes, if they were kept. Whoever takes them gives them back."""
        with self._lock:
            found = self._running.pop(name, None)
        if found is not None and found.at == at:
            return found
        return _Running.new() if at == 0 else None

    def remember(self, name: str, running: _Running) -> None:
        with self._lock:
            self._running[name] = running
            while len(self._running) > REMEMBERED:
                self._running.popitem(last=False)

    def forget(self, name: str) -> None:
        with self._lock:
            self._running.pop(name, None)


class Partial:
    """An unfinished file that this process holds."""

    def __init__(self, incoming: Incoming, name: str, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._incoming = incoming
        self._name = name
        self._file = file

    def append(
        self,
        stream: Readable,
        *,
        at: int,
        length: int,
        kept: Callable[[int], None],
        checksum: tuple[Hash, bytes] | None = None,
    ) -> int:
        """Add at most ``length`` bytes of ``stream`` behind the first ``at``, and give the new end.

        ``kept`` is called with an end whenever the bytes before it are safe on disk: every :data:`STEP` bytes, and when the
        stream ends or breaks off. With a ``checksum`` (a fresh digest, and what it has to become) only the whole piece counts.

        Raises:
            ContentMismatch: the checksum is another. Nothing counts.
            StoreFull, StoreReadOnly: what was reported to ``kept`` stays.
            Exception: whatever reading the stream raises, after what came was kept.
        """
        running = self._incoming.running(self._name, at)
        before = running.copy() if running is not None and checksum is not None else None
        end = safe = at
        self._file.seek(at)
        try:
            while end - at < length and (chunk := stream.read(min(CHUNK, at + length - end))):
                hashed = running.update(chunk) if running is not None else None
                if checksum is not None:
                    checksum[0].update(chunk)
                try:
                    with clear_errors(self.path):
                        self._file.write(chunk)
                finally:
                    if hashed is not None:
                        hashed.result()
                end += len(chunk)
                if checksum is None and end - safe >= STEP:
                    safe = self._keep(end, kept)
        except BaseException:
            if checksum is not None:
                self._remember(before, at)
            elif safe < end:
                self._keep(end, kept)
                self._remember(running, end)
            raise
        if checksum is not None and checksum[0].digest() != checksum[1]:
            self._remember(before, at)
            raise _other_bytes(self._name)
        self._keep(end, kept)
        self._remember(running, end)
        return end

    def blob(self, size: int) -> Blob:
        """The digests of the whole file of ``size`` bytes, which is fsynced. Reads it, unless they were made while it came."""
        running = self._incoming.running(self._name, size)
        if running is None:
            running = _Running.new()
            self._file.seek(0)
            while running.at < size and (chunk := self._file.read(min(CHUNK, size - running.at))):
                running.update(chunk).result()
        if running.at != size:
            raise _no_longer(self._name)
        with clear_errors(self.path):
            if os.fstat(self._file.fileno()).st_size != size:
                self._file.truncate(size)  # a piece that did not count may have been longer
            os.fsync(self._file.fileno())
        self._remember(running, size)
        return running.blob()

    def _keep(self, end: int, kept: Callable[[int], None]) -> int:
        with clear_errors(self.path):
            self._file.flush()
            os.fdatasync(self._file.fileno())
        kept(end)
        return end

    def _remember(self, running: _Running | None, at: int) -> None:
        if running is not None and running.at == at:
            self._incoming.remember(self._name, running)


def _opened(path: Path) -> BinaryIO:
    """For writing as long as it is unfinished: one that was taken over as a blob may only be read."""
    try:
        return path.open("r+b")
    except PermissionError:
        return path.open("rb")


def _no_longer(name: str) -> NotStored:
    return NotStored(
        f"The unfinished upload {name} is no longer here. Start it anew.",
        f"途中のアップロード {name} はもうありません。最初から送り直してください。",
        where=name,
    )


def _other_bytes(name: str) -> ContentMismatch:
    return ContentMismatch(
        "The bytes that came do not have the checksum that was sent with them; none of them was kept. Send this part again.",
        "届いたバイト列がチェックサムと一致しないため、この部分は保存していません。もう一度送ってください。",
        where=name,
    )

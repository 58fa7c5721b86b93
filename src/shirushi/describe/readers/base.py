"""What every reader gets and gives: a :class:`File` in, :class:`Evidence` out, lazily.

A reader runs in an isolated worker (see :mod:`shirushi.describe.isolate`), so it may raise whatever its library raises:
the pipeline turns that into a problem of this one file. A reader that can say it better raises :class:`Unreadable`.
"""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar, cast

from shirushi.describe.evidence import Evidence

_WORTH_A_THREAD = 65_536  # bytes: handing over fewer takes longer than hashing them


class Digest:
    """The SHA-256 of a file, taken by whichever reader passes over all its bytes first."""

    def __init__(self) -> None:
        self.sha256: str | None = None

    def take(self, file: "File") -> str:
        """The digest, read for itself when no reader passed over the whole file."""
        if self.sha256 is None:
            with file.open() as stream:
                self.sha256 = hashlib.file_digest(cast("BufferedReader", stream), "sha256").hexdigest()
        return self.sha256


class Hashed:
    """A binary stream whose bytes are hashed as they are read, in order, if that is ``wanted``. ``position`` is how many were read.

    Large pieces are hashed by a thread beside whatever the caller does with them: what :meth:`readinto` filled may not be
    changed before the next call.
    """

    def __init__(self, stream: BinaryIO, *, wanted: bool = True) -> None:
        self._stream = stream
        self._wanted = wanted
        self._hash = hashlib.sha256()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hash")
        self._running: Future[None] | None = None
        self.position = 0

    def readinto(self, target: memoryview) -> int:
        self._wait()
        count = int(self._stream.readinto(target))  # type: ignore[attr-defined]
        self._take(memoryview(target)[:count])
        return count

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._wait()
        self._take(data)
        return data

    def _take(self, data: bytes | memoryview) -> None:
        self.position += len(data)
        if not self._wanted:
            return
        if len(data) < _WORTH_A_THREAD:
            self._hash.update(data)
        else:
            self._running = self._thread.submit(self._hash.update, data)

    def _wait(self) -> None:
        if self._running is not None:
            self._running.result()
            self._running = None

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self._thread.shutdown()
        self._stream.close()

    def finish(self) -> str:
        """Read what is left; returns the SHA-256 in hexadecimal."""
        buffer = bytearray(1 << 20)
        while self.readinto(memoryview(buffer)):
            pass
        return self._hash.hexdigest()


@dataclass(frozen=True, slots=True)
class File:
    """One identified file. ``path`` is where the bytes are; ``name`` is the path inside the described folder, with ``/``
    between the parts and any name that is not UTF-8 made printable. ``size`` in bytes; ``format`` a short name. ``digest``
    is there when the file's SHA-256 is wanted: a reader that reads the whole file anyway takes it on the way."""

    path: Path
    name: str
    size: int
    media_type: str
    format: str
    digest: Digest | None = field(default=None, compare=False)

    def open(self) -> BinaryIO:
        return self.path.open("rb")

    def head(self, length: int = 65_536) -> bytes:
        """The first ``length`` bytes, or all of a shorter file."""
        with self.open() as stream:
            return stream.read(length)


class Unreadable(Exception):
    """A reader's own words for why a file, or the rest of it, cannot be read: ``code`` as in ``Problem.code``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Reader(Protocol):
    def __call__(self, file: File) -> Iterator[Evidence]: ...


R = TypeVar("R", bound=Callable[[File], Iterator[Evidence]])


def reads(*media_types: str, version: int = 1) -> Callable[[R], R]:
    """Mark a function as the reader of these media types; ``version`` goes into the evidence's ``reader``."""

    def mark(function: R) -> R:
        function.media_types = media_types  # type: ignore[attr-defined]
        function.version = version  # type: ignore[attr-defined]
        return function

    return mark

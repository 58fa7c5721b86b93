"""Copies, on this machine, of bytes that lie in an object store: for what needs real files, like readers of formats.

A copy gets its name, the digest of its bytes, only after they had that digest. The folder is bounded: what was not asked for
the longest goes first. It may be removed at any time; nothing is kept only here.
"""

import fcntl
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from shirushi.storage.errors import StoreDamaged, clear_errors

GRACE = 60.0  # seconds for which what was asked for stays, whatever the limit: it is about to be opened
_OFTEN = 16  # the folder is looked through after this part of its limit has been added


class Fetched:
    """A folder of copies, ``most`` bytes large or little more. Safe for many processes."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder = folder
        self._most = most
        self._unfinished = folder / "unfinished"
        self._held = folder / "held"
        self._added = most  # so that the first copy looks how full it is

    def get(self, digest: str, algorithm: str, stream: Callable[[], Iterator[bytes]]) -> Path:
        """The copy of the bytes with that digest, made from ``stream`` where there is none. To be opened soon.

        Raises:
            StoreDamaged: what came has another digest.
        """
        if (known := self.known(digest)) is not None:
            return known
        with clear_errors(self.folder), self.begun() as (temporary, file):
            found = hashlib.new(algorithm)
            for chunk in stream():
                found.update(chunk)
                file.write(chunk)
            file.flush()
            if found.hexdigest() != digest:
                raise StoreDamaged(
                    f"The bytes in the object store that should have the digest {digest[:16]}… have another one. "
                    "Run the check, then restore them from a backup.",
                    f"オブジェクトストレージの内容（ダイジェスト {digest[:16]}…）が変わっています。"
                    "検査を実行してから、バックアップから戻してください。",
                    where=digest,
                )
            return self.keep(temporary, digest)

    def known(self, digest: str) -> Path | None:
        """The copy that is there, which counts as asked for now; or None."""
        path = self._path(digest)
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        return path

    def forget(self, digest: str) -> None:
        """Remove the copy, if there is one."""
        self._path(digest).unlink(missing_ok=True)

    @contextmanager
    def begun(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A new file to fill, locked while somebody is at it; gone at the end unless it was kept."""
        self._unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self._unfinished / uuid.uuid4().hex
        with ExitStack() as stack:
            with self._gate(fcntl.LOCK_SH):
                stack.callback(temporary.unlink, missing_ok=True)
                file = stack.enter_context(temporary.open("x+b"))
                fcntl.flock(file.fileno(), fcntl.LOCK_EX)
            yield temporary, file

    def keep(self, temporary: Path, digest: str) -> Path:
        """Give a filled file, whose digest was taken, its name. Not fsynced: it is only a copy."""
        path = self._path(digest)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.chmod(0o444)
        temporary.replace(path)
        self._added += path.stat().st_size
        if self._added > self._most / _OFTEN:
            self._added = 0
            self._make_room()
        return path

    @contextmanager
    def held(self) -> Iterator[Callable[[str, Path], Path]]:
        """Gives a function that gives copies a second name, by which they stay until the end of the block whatever goes from
        the folder meanwhile."""
        folder = self._held / uuid.uuid4().hex
        with self._gate(fcntl.LOCK_SH):
            folder.mkdir(mode=0o700, parents=True)
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)

        def hold(digest: str, copy: Path) -> Path:
            name = folder / digest
            with suppress(FileExistsError):
                os.link(copy, name)
            return name

        try:
            yield hold
        finally:
            _remove(folder)
            os.close(descriptor)

    def recover(self) -> int:
        """Remove what dead processes were filling or holding; returns how many of the former."""
        if not self.folder.is_dir():
            return 0
        gone = 0
        with self._gate(fcntl.LOCK_EX):
            for path in sorted([*self._unfinished.glob("*"), *self._held.glob("*")]):
                with suppress(FileNotFoundError):  # it ends just now
                    descriptor = os.open(path, os.O_RDONLY)
                    try:
                        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        if path.is_dir():
                            _remove(path)
                        else:
                            path.unlink()
                            gone += 1
                    except BlockingIOError:
                        continue
                    finally:
                        os.close(descriptor)
        return gone

    def is_under_way(self, name: str) -> bool:
        """Whether the file that :meth:`begun` gave under that name is there."""
        return (self._unfinished / name).exists()

    @contextmanager
    def _gate(self, mode: int) -> Iterator[None]:
        """Shared by those who make something and lock it, so that recover() never sees it in between."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, mode)
            yield
        finally:
            os.close(descriptor)

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def _make_room(self) -> None:
        copies = []
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):
                status = path.stat()
                copies.append((status.st_mtime, status.st_size, path))
        size, old = sum(copy[1] for copy in copies), time.time() - GRACE
        for used, length, path in sorted(copies):
            if size <= self._most or used > old:
                return
            path.unlink(missing_ok=True)
            size -= length


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink(missing_ok=True)
    folder.rmdir()

"""Locks that hold between machines, by conditional writes: an object that only one can make, and that its holder renews.

Between processes of one machine a lock of the operating system comes first, so the object is of this machine only when its
holder is dead, and is taken over at once. One of another machine is taken over when it was not renewed for :data:`LEASE`
seconds by the clock of the object store; no other clock counts. Who was held up for longer finds out before it writes on.
"""

import fcntl
import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shirushi.storage.errors import StorageError, StoreUnreachable, clear_errors
from shirushi.storage.files import make_folders
from shirushi.storage.s3 import Bucket, Taken

LEASE = 60.0  # seconds
_WAIT = 0.2


class Lease:
    """A lock that is held. While ``dirty`` something is half written under it; then its object stays when the work fails, and
    tells recover() where to look."""

    def __init__(self, bucket: Bucket, key: str, body: bytes, etag: str) -> None:
        self.dirty = False
        self._bucket, self._key, self._body, self._etag = bucket, key, body, etag
        self._renewed = time.monotonic()
        self._end = threading.Event()
        self._guard = threading.Lock()
        threading.Thread(target=self._keep, name="lease", daemon=True).start()

    def check(self, *, now: bool = False) -> None:
        """Raises StoreUnreachable when the lock may be somebody else's by now. Renews it when it is time, or ``now``."""
        with self._guard:
            if now or time.monotonic() - self._renewed > LEASE / 4:
                self._renew()

    def end(self, *, well: bool) -> None:
        """Let go of it. One that is not ours any more is left alone."""
        self._end.set()
        if well or not self.dirty:
            with suppress(StorageError):
                self.check(now=time.monotonic() - self._renewed > LEASE / 2)
                self._bucket.delete([self._key])

    def _keep(self) -> None:
        while not self._end.wait(LEASE / 4):
            with self._guard, suppress(StorageError):  # whoever writes next tries again, and is told
                if not self._end.is_set():
                    self._renew()

    def _renew(self) -> None:
        if time.monotonic() - self._renewed > LEASE:
            raise _lost(self._key)
        body = json.dumps({**json.loads(self._body), "renewal": uuid.uuid4().hex}).encode()
        now = time.monotonic()
        try:
            self._etag = self._bucket.put(self._key, body, over=self._etag)
        except (Taken, FileNotFoundError):
            self._renewed = -LEASE
            raise _lost(self._key) from None
        self._renewed = now


class Locks:
    """Locks by name: ``folder`` on this machine, ``prefix`` in the bucket."""

    def __init__(self, bucket: Bucket, prefix: str, folder: Path) -> None:
        self._bucket, self._prefix, self._folder = bucket, prefix, folder
        self._proven = False

    @contextmanager
    def here(self, name: str, *, shared: bool = False, wait: bool = True) -> Iterator[bool]:
        """Hold the lock between the processes of this machine; gives whether it was got."""
        with clear_errors(self._folder):
            make_folders(self._folder)
            descriptor = os.open(self._folder / name, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    @contextmanager
    def everywhere(self, name: str) -> Iterator[Lease]:
        """Hold the lock between all machines. Raises StoreUnreachable."""
        self._prove()
        with self.here(name):
            lease = self._acquire(name)
            try:
                yield lease
            except BaseException:
                lease.end(well=False)
                raise
            lease.end(well=True)

    def left(self) -> list[str]:
        """Names of the locks under which a holder died, or failed with something half written, and that are not settled."""
        marked, _ = self._bucket.folder(f"{self._prefix}-left")
        names, _ = self._bucket.folder(self._prefix)
        return sorted({*marked, *(name for name in names if self._is_left(name))})

    def settle(self, name: str) -> None:
        """What was left under a lock has been put right."""
        self._bucket.delete([f"{self._prefix}-left/{name}"])

    def _is_left(self, name: str) -> bool:
        with self.here(name, wait=False) as free:
            if not free:
                return False
            try:
                body, _ = self._bucket.get(f"{self._prefix}/{name}")
            except FileNotFoundError:
                return False
            head = self._bucket.head(f"{self._prefix}/{name}")
            return self._is_ours(body) or (head is not None and head.age > LEASE)

    def _acquire(self, name: str) -> Lease:
        key = f"{self._prefix}/{name}"
        body = json.dumps({"machine": self._machine(), "holder": uuid.uuid4().hex}).encode()
        while True:
            with suppress(Taken, FileNotFoundError):
                return Lease(self._bucket, key, body, self._bucket.put(key, body, new=True))
            with suppress(Taken, FileNotFoundError):  # it was released, or taken over by another
                known, etag = self._bucket.get(key)
                head = self._bucket.head(key)
                if self._is_ours(known) or (head is not None and head.etag == etag and head.age > LEASE):
                    self._bucket.put(
                        f"{self._prefix}-left/{name}", known
                    )  # for recover(): whoever holds it next may not look
                    return Lease(self._bucket, key, body, self._bucket.put(key, body, over=etag))
            time.sleep(_WAIT)

    def _is_ours(self, body: bytes) -> bool:
        try:
            return bool(json.loads(body)["machine"] == self._machine())
        except (ValueError, KeyError, TypeError):
            return False

    def _machine(self) -> str:
        """An id of this machine's locks folder, made once. Two machines must not share that folder."""
        path = self._folder / "machine"
        make_folders(self._folder)
        with suppress(FileExistsError):
            temporary = path.with_name(f"machine-{uuid.uuid4().hex}")
            temporary.write_text(uuid.uuid4().hex)
            try:
                os.link(temporary, path)
            finally:
                temporary.unlink()
        return path.read_text()

    def _prove(self) -> None:
        """See once that the store keeps its word about conditional writes: without them nothing here would hold."""
        if self._proven:
            return
        key = f"{self._prefix}-proof"
        self._bucket.put(key, b"")
        for condition, asked in (("If-None-Match", {"new": True}), ("If-Match", {"over": '"another"'})):
            try:
                self._bucket.put(key, uuid.uuid4().hex.encode(), **asked)
            except Taken:
                continue
            raise StorageError(
                f"The object store {self._bucket.url} takes no heed of {condition}, so two writers could overwrite each other. "
                "Use one with conditional writes.",
                f"オブジェクトストレージ {self._bucket.url} が条件付き書き込み（{condition}）に対応していません。"
                "対応しているものを使ってください。",
                where=self._bucket.url,
            )
        self._proven = True


def _lost(key: str) -> StoreUnreachable:
    return StoreUnreachable(
        f"The lock {key} could not be renewed in time; what was being written is left unfinished. Try again.",
        f"ロック {key} を更新できなかったため、書き込みを途中でやめました。もう一度お試しください。",
        where=key,
    )

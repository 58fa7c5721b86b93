"""Blobs in an S3-compatible object store: ``blobs/ab/cd/abcd…``, named by their SHA-256 as in a folder.

A blob's name is known only when all of it has come, so it is first written to this machine, where its digests are taken; then it
goes to its key in one request, or in parts that count only when all are there. The file here becomes the copy from which it is
described. ``claims/`` tells of blobs that were written again: an object's own time cannot be changed.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from shirushi.storage.blobs import SHA256, Blob, Readable, fill, not_stored
from shirushi.storage.errors import ContentMismatch, NotStored, TooLarge, clear_errors
from shirushi.storage.fetched import Fetched
from shirushi.storage.files import CHUNK, Content, Remote
from shirushi.storage.s3 import Bucket, Head, Reader, at_once
from shirushi.storage.sources import Stored

BLOBS, CLAIMS, ASIDE = "blobs", "claims", "aside/blobs"


class S3BlobStore:
    """Blobs in a bucket. Safe for many processes of many machines; memory use does not depend on the size of a blob."""

    def __init__(self, bucket: Bucket, fetched: Fetched) -> None:
        self._bucket = bucket
        self._fetched = fetched

    # -- writing

    def write(self, stream: Readable, *, limit: int | None = None) -> Blob:
        """Store everything that ``stream`` gives; when this returns the object store has acknowledged all of it.

        Raises:
            TooLarge, StoreFull, StoreReadOnly, StoreUnreachable: nothing is kept.
        """
        with clear_errors(self._fetched.folder), self._fetched.begun() as (temporary, file):
            blob = fill(file, stream, limit)
            if not (self.size(blob.sha256) == blob.size and self.claim(blob.sha256)):
                self._send(temporary, blob)
            self._fetched.keep(temporary, blob.sha256)
        return blob

    def write_all(self, sources: Sequence[Path], *, limit: int | None = None) -> list[Blob | TooLarge | OSError]:
        """Store files of this machine, some at once. Instead of a blob comes what was wrong with a source: it cannot be read, or
        goes on after ``limit`` bytes."""

        def write(source: Path) -> Blob | TooLarge | OSError:
            try:
                stream = source.open("rb")
            except OSError as error:
                return error
            with stream:
                try:
                    return self.write(stream, limit=limit)
                except TooLarge as error:
                    return error

        return at_once(write, sources)

    def adopt(self, source: Path, blob: Blob) -> None:
        """Store a whole file of this machine; its own name is left to its owner. Raises ContentMismatch besides what :meth:`write`
        raises."""
        with source.open("rb") as stream:
            stored = self.write(stream)
        if stored != blob:
            raise ContentMismatch(
                f"The file changed while it was stored as {blob.sha256}. Send it again.",
                f"{blob.sha256} として保存している間にファイルの内容が変わりました。もう一度送ってください。",
                where=blob.sha256,
            )

    def claim(self, sha256: str) -> bool:
        """Whether the blob is there; if so it counts as written now. The claim comes first: see :meth:`set_aside`."""
        if not self.exists(sha256):
            return False
        self._bucket.put(_key(sha256, CLAIMS), b"")
        return self.exists(sha256)

    def set_aside(self, sha256: str, *, age: float, unless: Callable[[], bool]) -> bool:
        """Move a blob to ``aside/blobs`` that was last written or claimed ``age`` seconds ago or earlier, unless it is needed.
        Returns whether it was. Who claims it meanwhile is seen afterwards, and it is put back."""
        known = self._bucket.head(_key(sha256))
        if known is None or (self.age(sha256) or 0) < age or unless():
            return False
        self._bucket.copy(_key(sha256), f"{ASIDE}/{sha256}", known.size)
        self._bucket.delete([_key(sha256)])
        claimed = self._bucket.head(_key(sha256, CLAIMS))
        if (claimed is not None and claimed.age < age) or unless():
            self._bucket.copy(f"{ASIDE}/{sha256}", _key(sha256), known.size)
            return False
        self._bucket.delete([_key(sha256, CLAIMS)])
        return True

    def forget_aside(self, sha256: str) -> None:
        """Delete for good what was set aside of a blob, and this machine's copies of it."""
        self._bucket.delete([f"{ASIDE}/{sha256}"])
        self._fetched.forget(sha256)

    def remove_unless(self, sha256: str, *, age: float, unless: Callable[[], bool]) -> bool:
        """As :meth:`set_aside`, but it is gone for good, from ``aside`` and this machine's copies too."""
        gone = self.set_aside(sha256, age=age, unless=unless)
        if gone:
            self.forget_aside(sha256)
        return gone

    def remove(self, sha256: str) -> None:
        """Forget a blob; nothing happens when it is not there."""
        self._bucket.delete([_key(sha256), _key(sha256, CLAIMS)])

    def recover(self) -> int:
        """Remove what writers of this machine that died left unfinished, here and there; returns how many."""
        left = self._fetched.recover()
        for note in sorted((self._fetched.folder / _NOTES).glob("*")):
            if not self._fetched.is_under_way(note.name):
                with suppress(ValueError):  # it died before it had written it, and so before it sent anything
                    begun = json.loads(note.read_text())
                    self._bucket.abort(begun["key"], begun["upload"])
                note.unlink(missing_ok=True)
        return left

    # -- reading

    def path(self, sha256: str) -> Path:
        """A copy on this machine. Raises NotStored, or StoreDamaged when the bytes are not those any more."""
        key = _key(sha256)
        known = self._fetched.known(sha256)
        if known is not None:
            return known
        size = self._head(sha256).size
        return self._fetched.get(sha256, "sha256", lambda: self._bucket.stream(key, 0, size))

    @contextmanager
    def held(self, digests: Iterable[str]) -> Iterator[Mapping[str, Path]]:
        """Copies of blobs, by digest, that stay until the block ends. There must be room here for all of them."""
        with self._fetched.held() as hold:
            yield {sha256: hold(sha256, self.path(sha256)) for sha256 in digests}

    def open(self, sha256: str) -> BinaryIO:
        """The bytes; what is read is fetched. Raises NotStored."""
        size = self._head(sha256).size
        return cast("BinaryIO", io.BufferedReader(Reader(self._bucket, _key(sha256), size), CHUNK))

    def content(self, sha256: str) -> Content:
        """The bytes to be sent, whole or in part. Raises NotStored."""
        return Content(self._head(sha256).size, lambda start, end: self._bucket.stream(_key(sha256), start, end))

    def stored(self, sha256: str, *, sha512: str, size: int) -> Stored:
        """The blob as something an object version may hold: the object store copies it by itself."""
        return Stored(Remote(_key(sha256)), sha512, size)

    def exists(self, sha256: str) -> bool:
        return self._bucket.head(_key(sha256)) is not None

    def size(self, sha256: str) -> int | None:
        known = self._bucket.head(_key(sha256))
        return None if known is None else known.size

    def age(self, sha256: str) -> float | None:
        """Seconds since it was written or claimed, by the object store's clock; None when there is no such blob."""
        known, claimed = self._bucket.head(_key(sha256)), self._bucket.head(_key(sha256, CLAIMS))
        if known is None:
            return None
        return min(known.age, claimed.age) if claimed is not None else known.age

    def sound(self, sha256: str) -> bool:
        """Whether the blob is there and the object store's bytes still have its digest (reads all of them)."""
        try:
            head = self._head(sha256)
        except NotStored:
            return False
        digest = hashlib.sha256()
        for chunk in self._bucket.stream(_key(sha256), 0, head.size):
            digest.update(chunk)
        return digest.hexdigest() == sha256

    def iter(self, *, after: str = "") -> Iterator[str]:
        """The SHA-256 of every blob that comes ``after`` this one, in order."""
        for item in self._bucket.keys(f"{BLOBS}/", after=_key(after) if after else ""):
            if SHA256.fullmatch(name := item.key.rpartition("/")[2]):
                yield name

    # -- inside

    def _head(self, sha256: str) -> Head:
        known = self._bucket.head(_key(sha256))
        if known is None:
            raise not_stored(sha256)
        return known

    def _send(self, temporary: Path, blob: Blob) -> None:
        note = _note(temporary)
        try:
            self._bucket.put_file(
                _key(blob.sha256),
                temporary,
                blob.sha256,
                begun=lambda upload: _write_note(note, _key(blob.sha256), upload),
            )
        finally:
            note.unlink(missing_ok=True)


_NOTES = "uploads"


def _note(temporary: Path) -> Path:
    """Where it stands which upload in parts an unfinished file is going into."""
    return temporary.parent.parent / _NOTES / temporary.name


def _write_note(note: Path, key: str, upload: str) -> None:
    note.parent.mkdir(mode=0o700, exist_ok=True)
    note.write_text(json.dumps({"key": key, "upload": upload}))


def _key(sha256: str, folder: str = BLOBS) -> str:
    if not SHA256.fullmatch(sha256):
        raise not_stored(sha256)
    return f"{folder}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

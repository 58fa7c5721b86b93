"""Read every stored byte against its digest, little by little, and go on where it ended.

The order is that of names: all blobs, then all objects; of an object first its form, then each of its files. A
:class:`Position` is the last thing looked at, so what comes after it is found again by name, whatever came or went meanwhile.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from shirushi.storage.blobs import Blobs
from shirushi.storage.errors import NotStored
from shirushi.storage.files import CHUNK
from shirushi.storage.findings import Finding
from shirushi.storage.ocfl import Store

Stage = Literal["blobs", "objects"]
DAMAGED = "E092"  # as OCFL calls a digest that is another one
_BURST = 1.0  # seconds of reading that may be caught up after a pause


@dataclass(frozen=True, slots=True)
class Position:
    """The last thing looked at: a blob's SHA-256; or an object's place in the store, and ``path`` within it ("" for its
    form)."""

    stage: Stage = "blobs"
    place: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing was looked at: how many bytes were read, and what is wrong with it."""

    position: Position
    size: int
    findings: tuple[Finding, ...]


class Stopped(Exception):
    """The reading was told to stop. What it was at is read again next time."""


class Pace:
    """At most ``rate`` bytes a second (0: as fast as it goes); ``wait(seconds)`` returns True when it is to stop."""

    def __init__(self, rate: float, wait: Callable[[float], bool]) -> None:
        self._rate, self._wait = rate, wait
        self._free = time.monotonic()

    def spend(self, count: int) -> None:
        """Raises Stopped."""
        now = time.monotonic()
        self._free = max(self._free, now - _BURST) + (count / self._rate if self._rate else 0)
        if self._wait(max(0.0, self._free - now)):
            raise Stopped


def scrub(store: Store, blobs: Blobs, *, after: Position, pace: Pace) -> Iterator[Looked]:
    """Look at everything that comes after a position. Raises Stopped."""
    if after.stage == "blobs":
        for sha256 in blobs.iter(after=after.place):
            size, right = _blob(blobs, sha256, pace)
            wrong = Finding(DAMAGED, sha256, "the bytes of this blob are not those of its name")
            yield Looked(Position("blobs", sha256), size, () if right else (wrong,))
        after = Position("objects")
    for found in store.scan(start=after.place):
        done = after.path if found.root == after.place else None
        if done is None:
            pace.spend(0)
            findings = tuple(finding for finding in store.judge(found.root) if finding.is_error)
            yield Looked(Position("objects", found.root), 0, findings)
            done = ""
        for path, sha512 in store.contents(found.root):
            if path <= done:
                continue
            try:
                with store.open_content(found.root, path) as file:
                    size, digest = _read(file, "sha512", pace)
            except FileNotFoundError:
                continue  # judge() tells when it should be there; else it was set aside just now
            place = f"{found.root}/{path}"
            wrong = Finding(DAMAGED, place, f"its sha512 is not {sha512[:16]}…")
            yield Looked(Position("objects", found.root, path), size, () if digest == sha512 else (wrong,))


def still_wrong(store: Store, blobs: Blobs, position: Position) -> bool:
    """Whether what was found wrong there is so now; reads it again."""
    pace = Pace(0, lambda _seconds: False)
    if position.stage == "blobs":
        return not _blob(blobs, position.place, pace)[1]
    if not position.path:
        return any(finding.is_error for finding in store.judge(position.place))
    digest = dict(store.contents(position.place)).get(position.path)
    try:
        with store.open_content(position.place, position.path) as file:
            return digest is not None and _read(file, "sha512", pace)[1] != digest
    except FileNotFoundError:
        return digest is not None


def _blob(blobs: Blobs, sha256: str, pace: Pace) -> tuple[int, bool]:
    """Bytes read, and whether they are right. One that is not there (any more) is not damaged."""
    try:
        with blobs.open(sha256) as file:
            size, digest = _read(file, "sha256", pace)
    except NotStored:
        return 0, True
    return size, digest == sha256


def _read(file: BinaryIO, algorithm: str, pace: Pace) -> tuple[int, str]:
    digest, size = hashlib.new(algorithm), 0
    pace.spend(0)
    while chunk := file.read(CHUNK):
        size += len(chunk)
        digest.update(chunk)
        pace.spend(len(chunk))
    return size, digest.hexdigest()

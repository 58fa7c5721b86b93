"""Where an installation keeps what, and the engines opened on those folders.

``SHIRUSHI_HOME``
  ``shirushi.sqlite3``  accounts, drafts, decisions, events: back this up (not here where SHIRUSHI_DATABASE names PostgreSQL)
  ``store/``            OCFL storage root with everything published: back this up
  ``blobs/``            bytes of drafts, by SHA-256: back this up
  ``fetched/``          where SHIRUSHI_STORE names a bucket, those two lie there, and here are copies: can go at any time
  ``index/``            the search index: can be made again from the database
  ``cache/``            what was read of files that have not changed, and shown of any: can go at any time
  ``staging/``, ``locks/``  belong to whoever is writing just now
  ``derived/``          what was made from published files for programs (and, with a bucket, copies of it): can be made again
  ``aside/``            what was moved out of the way; nothing in here is used; only what was decided to be
                        disposed of is ever deleted
  ``uploads/``          bytes on their way in
  ``usage/``            visits of this hour that are not counted yet; goes empty by itself
  ``vocabularies/``     vocabularies that an operator brought or imported
  ``models/``           what was learnt from the published records: can be made again
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from shirushi.storage import Blobs, Incoming, Store
from shirushi.storage.places import Place

if TYPE_CHECKING:
    from shirushi.search.engine import Engine


@dataclass(frozen=True, slots=True)
class Home:
    root: Path

    @property
    def database(self) -> Path:
        return self.root / "shirushi.sqlite3"

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def blobs(self) -> Path:
        return self.root / "blobs"

    @property
    def index(self) -> Path:
        return self.root / "index"

    @property
    def subjects(self) -> Path:
        """The classifier of subjects that ``shirushi train subjects`` makes; it may not be there."""
        return self.root / "models" / "subjects.json"

    @property
    def aside(self) -> Path:
        return self.root / "aside"

    @property
    def uploads(self) -> Path:
        """Files that are sent in pieces, while they are not whole."""
        return self.root / "uploads" / "resumable"

    @property
    def deriving(self) -> Path:
        """Derived files while they are made, in a folder for each record."""
        return self.root / "derived" / "under-way"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    def make_folders(self) -> None:
        for folder in (self.root, self.blobs, self.aside, self.locks):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep_others_out(self, umask: int) -> None:
        """Take from what lies directly in the home folder, and was made before this was seen to, what ``umask`` gives nobody."""
        for name in ("secret-key", *(f"{self.database.name}{end}" for end in ("", "-wal", "-shm")), *_FOLDERS):
            with suppress(FileNotFoundError, PermissionError):  # the latter: it is not ours, so neither is the choice
                mode = stat.S_IMODE((self.root / name).stat().st_mode)
                if mode & umask:
                    (self.root / name).chmod(mode & ~umask)


_FOLDERS = (
    "store", "blobs", "fetched", "index", "cache", "copies", "staging", "locks", "aside", "uploads", "usage", "derived",
    "vocabularies", "models",
)  # fmt: skip


def home() -> Home:
    """The folders of this installation."""
    return _home(str(settings.SHIRUSHI_HOME))


@lru_cache(maxsize=8)
def _home(root: str) -> Home:
    return Home(Path(root))


def blobs() -> Blobs:
    """The bytes of drafts."""
    return _blobs(place())


def derived() -> Blobs:
    """The bytes of what was made from published files."""
    return _derived(place())


def incoming() -> Incoming:
    """Files that come in pieces and are not whole yet."""
    return _incoming(home().uploads)


def store() -> Store:
    """The bytes of published records."""
    return _store(place())


def place() -> Place:
    """Where the bytes are: in the home folder, or in the bucket that SHIRUSHI_STORE names."""
    return Place(home().root, settings.SHIRUSHI_STORE, settings.SHIRUSHI_STORE_CACHE)


def engine() -> "Engine":
    """The search index."""
    return _engine(home().index)


@contextmanager
def locked(name: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock of this installation by name; the operating system drops it when the process ends, however that happens.

    Gives whether the lock was got: always, unless ``wait`` is False and somebody else holds it.
    """
    folder = home().locks
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _lock(descriptor, wait=wait)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, *, wait: bool) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@lru_cache(maxsize=8)
def _blobs(place: Place) -> Blobs:
    return place.blobs()


@lru_cache(maxsize=8)
def _derived(place: Place) -> Blobs:
    return place.derived()


@lru_cache(maxsize=8)
def _incoming(root: Path) -> Incoming:
    return Incoming(root)


@lru_cache(maxsize=8)
def _store(place: Place) -> Store:
    return place.store()


@lru_cache(maxsize=8)
def _engine(root: Path) -> "Engine":
    from shirushi.search.embedded import EmbeddedEngine  # loads dictionaries: only where something is searched

    return EmbeddedEngine(root)

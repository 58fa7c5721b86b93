"""What was read of each file, kept so that only changed files are read again.

An entry belongs to one state of one file (path, size, time of change, inode, device) and to one state of the code that reads:
another version of this package, of a reader or of an installed library starts anew. The entries lie in one SQLite file in WAL
mode: a process that is killed leaves whole entries only, and several may use it at once. A cache is never a reason to fail: when
its file is damaged or cannot be written, files are read as if there were none. It holds what workers answered, which is checked
again each time it is used.
"""

import hashlib
import json
import os
import sqlite3
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache as remember
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from shirushi import __version__
from shirushi.describe.evidence import JSON
from shirushi.describe.sources import Found

FILE = "evidence.sqlite3"
LIMIT = 512 * 1024 * 1024  # bytes of answers, packed
KEPT_OF_FULL = 0.8  # so much is left when a full cache is thinned, the least lately used going first
UNSURE = 60_000_000  # ns: a file changed so lately may change again without its time of change telling (clock ticks)
UNSURE_COARSE = 2_000_000_000  # ns: the same where times come in whole seconds
_BATCH, _PATIENCE = 200, 1.0  # entries, seconds: what is kept is written that often
_DAY = 86_400
_SCHEMA = "CREATE TABLE IF NOT EXISTS entry (key BLOB PRIMARY KEY, value BLOB NOT NULL, size INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID"
R = TypeVar("R")


class Cache:
    """A context manager. One thread uses it at a time. ``limit`` in bytes; ``hits`` counts what needed no reading."""

    def __init__(self, folder: Path, *, limit: int = LIMIT) -> None:
        self.hits = 0
        self._limit = limit
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        self._written = time.monotonic()
        self._file = folder / FILE
        self._database = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get(self, found: Found, purpose: str, request: Mapping[str, JSON] | None = None) -> JSON:
        """What was answered for this file as it is now, or None."""
        key = _key(found, purpose, request)
        row = self._try(lambda database: database.execute("SELECT value FROM entry WHERE key = ?", (key,)).fetchone())
        if row is None:
            return None
        try:
            answer = json.loads(zlib.decompress(row[0]))
        except (ValueError, zlib.error, RecursionError):
            return None
        self.hits += 1
        self._used.add(key)
        return answer

    def put(self, found: Found, purpose: str, request: Mapping[str, JSON] | None = None, *, answer: JSON) -> None:
        """Keep an answer, unless the file changed so lately that a further change might not be noticed."""
        lately = max(found.modified_ns, found.stamp[2])
        unsure = UNSURE_COARSE if lately % 1_000_000_000 == 0 else UNSURE
        if time.time_ns() - lately < unsure:
            return
        self._new[_key(found, purpose, request)] = zlib.compress(json.dumps(answer).encode("ascii"), 1)
        if len(self._new) >= _BATCH or time.monotonic() - self._written > _PATIENCE:
            self._write()

    def close(self) -> None:
        """Write what is not yet written, and keep within the limit."""
        self._write()
        self._try(self._thin)
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _open(self) -> sqlite3.Connection | None:
        for _ in range(2):
            try:
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                database = sqlite3.connect(self._file, timeout=5, isolation_level=None)
                self._file.chmod(0o600)
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("PRAGMA synchronous = NORMAL")
                database.execute(_SCHEMA)
                return database
            except sqlite3.OperationalError:  # locked, read-only, full
                return None
            except sqlite3.DatabaseError:  # not a database: put aside, and start anew
                with suppress(OSError):
                    self._file.replace(self._file.with_suffix(".damaged"))
            except OSError:
                return None
        return None

    def _try(self, action: Callable[[sqlite3.Connection], R]) -> R | None:
        if self._database is None:
            return None
        try:
            return action(self._database)
        except sqlite3.OperationalError:  # locked for long, or the disk is full: the next may go well
            return None
        except sqlite3.Error:
            self._database = None
            return None

    def _write(self) -> None:
        rows = [(key, value, len(value), int(time.time())) for key, value in self._new.items()]
        self._new, self._written = {}, time.monotonic()
        if rows:
            self._try(lambda database: _insert(database, rows))

    def _thin(self, database: sqlite3.Connection) -> None:
        now = int(time.time())
        with database:
            database.execute("BEGIN IMMEDIATE")
            keys = [(now, key, now - _DAY) for key in self._used]
            database.executemany("UPDATE entry SET used = ? WHERE key = ? AND used < ?", keys)
            (total,) = database.execute("SELECT coalesce(sum(size), 0) FROM entry").fetchone()
            if total <= self._limit:
                return
            for key, size in database.execute("SELECT key, size FROM entry ORDER BY used, key").fetchall():
                if total <= KEPT_OF_FULL * self._limit:
                    break
                database.execute("DELETE FROM entry WHERE key = ?", (key,))
                total -= size


def _insert(database: sqlite3.Connection, rows: list[tuple[bytes, bytes, int, int]]) -> None:
    with database:
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)", rows)


def forget_all(folder: Path) -> None:
    """Forget every answer: entries do not tell which file they are of, and one whose bytes were to go for good may be among them."""
    if not (folder / FILE).exists():
        return
    with suppress(sqlite3.Error):
        database = sqlite3.connect(folder / FILE, timeout=_PATIENCE)
        try:
            with database:
                database.execute("PRAGMA secure_delete = ON")
                database.execute("DELETE FROM entry")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            database.close()


def _key(found: Found, purpose: str, request: Mapping[str, JSON] | None) -> bytes:
    state = [str(found.path), found.name, found.size, found.modified_ns, *found.stamp]
    parts = json.dumps([code_state(), state, purpose, request], sort_keys=True)
    return hashlib.sha256(parts.encode("ascii")).digest()


@remember
def code_state() -> str:
    """Stands for everything that decides what is read from given bytes: this package's version, the text of its modules and
    data, Python, and the folders of installed packages (which change when a package comes, goes or is replaced)."""
    seen = hashlib.sha256(f"{__version__} {sys.version}".encode())
    home = Path(__file__).parent
    for file in sorted([*home.glob("*.py"), *home.glob("readers/**/*.py"), *home.glob("data/*")]):
        if file.is_file():
            seen.update(file.relative_to(home).as_posix().encode())
            seen.update(file.read_bytes())
    for entry in sys.path:
        if "site-packages" in entry or "dist-packages" in entry:
            with suppress(OSError):
                seen.update(f"{entry} {os.stat(entry).st_mtime_ns}".encode())  # noqa: PTH116 - entries may be odd
    return seen.hexdigest()

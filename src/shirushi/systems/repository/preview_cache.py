"""What was shown of files, kept for the next reader: JSON by the digest of everything it depends on, in ``cache/previews``.

It may go at any time, and several processes may use it at once: an entry gets its name only when it is whole. A file that made a
worker fail is not tried again for a while, so that opening it over and over keeps nobody waiting.
"""

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from shirushi.core.home import home
from shirushi.storage import StorageError
from shirushi.storage.fetched import Fetched

MOST = 256 * 1024**2  # bytes
PATIENCE = 600.0  # seconds before what failed is tried again
FAILED = frozenset(("timeout", "crash", "out-of-memory"))
_MOST_FAILED = 1_000
_failed: dict[str, tuple[float, dict[str, Any]]] = {}


@cache
def _code() -> str:
    """Stands for everything that decides how given bytes are shown."""
    from shirushi.describe import previews
    from shirushi.describe.cache import code_state

    seen = hashlib.sha256(code_state().encode())
    for file in sorted(Path(previews.__path__[0]).glob("*.py")):
        seen.update(file.read_bytes())
    return seen.hexdigest()


@lru_cache(maxsize=4)
def _kept(folder: Path) -> Fetched:
    return Fetched(folder, MOST)


def shown(depends: Mapping[str, Any], look: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``look`` gives, from the cache where it was asked for before. ``depends`` is JSON: the file's digest and what was asked."""
    key = hashlib.sha256(json.dumps([_code(), depends], sort_keys=True).encode()).hexdigest()
    folder = _kept(home().root / "cache" / "previews")
    if (known := _known(folder, key)) is not None:
        return known
    until, failed = _failed.get(key, (0.0, {}))
    if until > time.monotonic():
        return failed
    found = look()
    if found.get("reason") in FAILED:
        _remember(key, found)
    elif found.get("reason") not in ("vanished", "unreadable", "stopped"):
        _keep(folder, key, found)
    return found


def _known(folder: Fetched, key: str) -> dict[str, Any] | None:
    try:
        path = folder.known(key)
        found = json.loads(zlib.decompress(path.read_bytes())) if path is not None else None
    except (OSError, ValueError, zlib.error):
        return None
    return found if isinstance(found, dict) else None


def _keep(folder: Fetched, key: str, found: dict[str, Any]) -> None:
    with suppress(OSError, StorageError), folder.begun() as (temporary, file):  # a cache is never a reason to fail
        file.write(zlib.compress(json.dumps(found).encode("ascii"), 1))
        file.flush()
        folder.keep(temporary, key)


def _remember(key: str, found: dict[str, Any]) -> None:
    while len(_failed) >= _MOST_FAILED:
        _failed.pop(next(iter(_failed)), None)
    _failed[key] = (time.monotonic() + PATIENCE, found)

"""Records in the formats of others. Of many files, an export is made once and kept: anybody may ask for it again and again.

It is kept in ``cache/exports`` under the digest of everything it was made from but the files themselves, which belong to their version
for ever: the record as this very reader may see it (closed files have no digests there, and an embargo that ends today gives another
record than yesterday's), the format, and the code. Who may not have what somebody else was given therefore never finds it.
"""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models import Min

from shirushi import exchange, metadata
from shirushi.core import closed, documents
from shirushi.core.documents import entries_of, whole_publication
from shirushi.core.errors import Busy
from shirushi.core.home import home, locked
from shirushi.core.models import Record
from shirushi.core.objects import in_kernel_words
from shirushi.exchange.formats import Format
from shirushi.metadata.fields import Text2
from shirushi.metadata.published import FileEntry, Publication
from shirushi.storage import Content, content_of
from shirushi.storage.errors import StorageError, clear_errors
from shirushi.storage.fetched import Fetched

MANY = 2_000  # files; of fewer, an export is made each time
MOST = 1024**3  # bytes that are kept
PATIENCE = 20.0  # seconds that a reader waits for what somebody else is making
_WAITING = 3  # readers of one process who do so: each has a thread of the server
_PAUSE = 0.05
_waiting = threading.BoundedSemaphore(_WAITING)
_BUSY = Text2(
    "Exports of large records are being made just now. Try again in a few seconds.",
    "大きな記録の書き出しを作成しています。数秒後にもう一度お試しください。",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """An export that lies in a file. ``tag`` names its very bytes."""

    content: Content
    tag: str


def export(record: Record, wanted: Format, *, may_read: bool = False) -> bytes | Kept:
    """The record in a format, for somebody who may have its files or not; kept where it has more than :data:`MANY`.

    Raises:
        NotExportable: when the record lacks what the format cannot do without.
        Busy: when others are before, for longer than anybody should wait.
        DomainError: no space is left for it.
    """
    if not is_large(record):
        return wanted.render(whole_publication(record, may_read=may_read))
    head = whole_publication(record, may_read=may_read, all_files=False)
    tag = _tag(record, wanted, head)
    folder = _folder(home().root / "cache" / "exports")
    if (known := _known(folder, tag)) is not None:
        return known
    with _turn(folder, tag) as is_ours:
        if is_ours and _known(folder, tag) is None:
            _make(folder, tag, wanted, record, head, may_read=may_read)
    known = _known(folder, tag)
    if known is None:  # somebody emptied the folder meanwhile
        raise Busy(_BUSY)
    return known


def is_large(record: Record) -> bool:
    """Whether so many files hang on it that what names all of them is kept, and nothing that is read whole."""
    return bool(record.document["publication"].get("file_count", 0) > MANY)


def _make(folder: Fetched, tag: str, wanted: Format, record: Record, head: Publication, *, may_read: bool) -> None:
    if wanted.streamed is None:
        head.files = _of_each_kind(record, head)
    folder.recover()  # what a process that died was writing
    pieces = wanted.pieces(head, lambda: _named(record, head, wanted, may_read=may_read))
    try:
        with clear_errors(folder.folder), folder.begun() as (temporary, file):
            for piece in pieces:
                file.write(piece)
            file.flush()
            folder.keep(temporary, tag)
    except StorageError as error:
        raise in_kernel_words(error) from error


def _named(record: Record, head: Publication, wanted: Format, *, may_read: bool) -> Iterator[FileEntry]:
    """The files as the format names them."""
    entries = entries_of(record, may_read=may_read)
    if head.ask_url and wanted.name == "ro-crate":
        from shirushi.exchange.ro_crate import on_page

        return (on_page(entry, head) for entry in entries)
    return entries


def _of_each_kind(record: Record, head: Publication) -> list[FileEntry]:
    """The first file of each media type: formats that do not name every file tell what kinds of them there are."""
    first = record.files.order_by().values("media_type").annotate(first=Min("path")).order_by("first")
    rows = [(row["first"], row["media_type"]) for row in first]
    return [FileEntry(path=path, size=0, media_type=media_type, url=head.url) for path, media_type in rows]


@contextmanager
def _turn(folder: Fetched, tag: str) -> Iterator[bool]:
    """Only one export of an installation is made at a time. Gives whether it is the caller's turn: not when what it wants was made while it
    waited.

    Raises:
        Busy: when too many wait already, or it took too long.
    """
    with locked("exports", wait=False) as is_ours:
        if is_ours:
            yield True
            return
    if not _waiting.acquire(blocking=False):
        raise Busy(_BUSY)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            time.sleep(_PAUSE)
            if _known(folder, tag) is not None:
                yield False
                return
            with locked("exports", wait=False) as is_ours:
                if is_ours:
                    yield True
                    return
    finally:
        _waiting.release()
    raise Busy(_BUSY)


def _known(folder: Fetched, tag: str) -> Kept | None:
    with suppress(FileNotFoundError):
        path = folder.known(tag)
        if path is not None:
            return Kept(content_of(path), tag)
    return None


def _tag(record: Record, wanted: Format, head: Publication) -> str:
    depends = [_code(), record.pk, wanted.name, head.model_dump(mode="json"), settings.SHIRUSHI_BASE_URL]
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()


@cache
def _code() -> str:
    """Stands for everything that decides how a record is written."""
    packages = (Path(place) for package in (exchange, metadata) for place in package.__path__)
    files = [file for folder in packages for file in sorted(folder.glob("*.py"))]
    seen = hashlib.sha256()
    for file in (*files, Path(documents.__file__), Path(closed.__file__), Path(__file__)):
        seen.update(file.read_bytes())
    return seen.hexdigest()


@lru_cache(maxsize=4)
def _folder(folder: Path) -> Fetched:
    return Fetched(folder, MOST)

"""The one door to the bytes of a published file, of what was made from one, and of a draft's."""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from shirushi.core.errors import Gone
from shirushi.core.home import blobs, derived, place, store
from shirushi.core.models import DerivedFile, Draft, DraftFile, Record, RecordFile
from shirushi.describe.derive.keys import index_of
from shirushi.metadata.fields import Text2
from shirushi.storage import Content, StoreUnreachable


def content_of(record: Record, file: RecordFile) -> Content:
    """The bytes of a record's file, to be sent whole or in part. Raises NotStored, StoreDamaged."""
    place = f"files/{file.path}"
    return store().content(record.object_id, place, record.object_version, sha512=file.sha512, at=file.content_path)


def path_of(record: Record, file: RecordFile) -> Path:
    """A file of this machine with the bytes of a record's file, to be opened soon. Raises NotStored, StoreDamaged."""
    place = f"files/{file.path}"
    return store().path(record.object_id, place, record.object_version, sha512=file.sha512, at=file.content_path)


def content_of_draft(file: DraftFile) -> Content:
    """The bytes of a draft's file, to be sent whole or in part. Raises Gone, NotStored."""
    _see_that_it_is_offered(file.draft)
    return blobs().content(file.sha256)


def path_of_draft(file: DraftFile) -> Path:
    """A file of this machine with the bytes of a draft's file. Raises Gone, NotStored."""
    _see_that_it_is_offered(file.draft)
    return blobs().path(file.sha256)


def _see_that_it_is_offered(draft: Draft) -> None:
    """What was withdrawn or disposed of is so too where the draft that became it still has it. Raises Gone."""
    if draft.state == Draft.State.PUBLISHED and draft.record and draft.record.is_withdrawn:
        raise Gone(DISPOSED if draft.concept.is_disposed else _WITHDRAWN)
    if draft.state == Draft.State.DISCARDED and draft.concept.is_disposed:
        raise Gone(DISPOSED)


_WITHDRAWN = Text2(
    "This draft was published and withdrawn, and its files with it.",
    "この下書きは公開後に取り下げられたため、ファイルもありません。",
)
DISPOSED = Text2("The files of this record were disposed of.", "この記録のファイルは廃棄されています。")


def open_path(record: Record, path: str, *, size: int = 0, at: str = "") -> BinaryIO:
    """The bytes of the file at ``path`` in a record, found by its content path ``at`` where that is known: for who reads many of
    its files, one after the other. Raises NotStored, StoreDamaged."""
    if at:
        with suppress(FileNotFoundError):
            return store().open_at(record.object_id, at, size)
    return store().open(record.object_id, f"files/{path}", record.object_version)


def is_far() -> bool:
    """Whether each file opened costs a turn to another machine."""
    return store().is_far


def see_that_it_answers() -> None:
    """For what is sent while it is read, file after file: raises StoreUnreachable now, within two seconds, rather than amid of it."""
    if is_far() and not place().answers():
        raise StoreUnreachable(*_NO_ANSWER, where=place().url)


_NO_ANSWER = ("The object store does not answer.", "オブジェクトストレージが応答しません。")


def content_of_derived(file: DerivedFile) -> Content:
    """The bytes of a derived file. Raises NotStored: they were given up, and are made again."""
    return derived().content(file.sha256)


def path_of_derived(file: DerivedFile) -> Path:
    """A file of this machine with the bytes of a derived file, to be opened soon. Raises NotStored."""
    return derived().path(file.sha256)


def content_of_key(file: DerivedFile, key: str) -> Content | None:
    """The bytes under one key of a Zarr store, which are a part of its ZIP; None when there is no such key. Raises NotStored."""
    span = _keys(file.sha256).get(key)
    if span is None:
        return None
    start, length = span
    whole = derived().content(file.sha256)
    return Content(length, lambda first, end: whole.part(start + first, start + end))


@lru_cache(maxsize=32)
def _keys(sha256: str) -> dict[str, tuple[int, int]]:
    with derived().open(sha256) as archive:
        return index_of(archive)

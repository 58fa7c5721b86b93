"""The one door to the bytes of a published file, and of what was made from one."""

from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from shirushi.core.home import derived, place, store
from shirushi.core.models import DerivedFile, Record, RecordFile
from shirushi.describe.derive.keys import index_of
from shirushi.storage import Content, StoreUnreachable


def content_of(record: Record, file: RecordFile) -> Content:
    """The bytes of a record's file, to be sent whole or in part. Raises NotStored, StoreDamaged."""
    place = f"files/{file.path}"
    return store().content(record.object_id, place, record.object_version, sha512=file.sha512, at=file.content_path)


def path_of(record: Record, file: RecordFile) -> Path:
    """A file of this machine with the bytes of a record's file, to be opened soon. Raises NotStored, StoreDamaged."""
    place = f"files/{file.path}"
    return store().path(record.object_id, place, record.object_version, sha512=file.sha512, at=file.content_path)


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

"""The one door to the bytes of a published file."""

from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from shirushi.core.home import store
from shirushi.core.models import Record, RecordFile
from shirushi.storage import Content


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

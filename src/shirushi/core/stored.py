"""The one door to the bytes of a published file."""

from pathlib import Path
from typing import BinaryIO

from shirushi.core.home import store
from shirushi.core.models import Record, RecordFile
from shirushi.storage import Content


def content_of(record: Record, file: RecordFile) -> Content:
    """The bytes of a record's file, to be sent whole or in part. Raises NotStored, StoreDamaged."""
    return store().content(record.object_id, f"files/{file.path}", record.object_version, sha512=file.sha512)


def path_of(record: Record, file: RecordFile) -> Path:
    """A file of this machine with the bytes of a record's file, to be opened soon. Raises NotStored, StoreDamaged."""
    return store().path(record.object_id, f"files/{file.path}", record.object_version, sha512=file.sha512)


def open_path(record: Record, path: str) -> BinaryIO:
    """The bytes of the file at ``path`` in a record: for who reads many of its files, one after the other. Raises NotStored,
    StoreDamaged."""
    return store().open(record.object_id, f"files/{path}", record.object_version)

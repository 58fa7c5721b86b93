"""What can go wrong in the store, each in Japanese and English and in three parts: what happened, where, what to do next.

``str(error)`` is the English text; the kernel turns an error into a page, a problem+json or an exit code with ``en`` and
``ja``. Only what a caller can act on gets a class of its own.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StorageError(Exception):
    """Base of all errors of the store; ``where`` is a path or an identifier."""

    def __init__(self, en: str, ja: str, *, where: str = "") -> None:
        super().__init__(en)
        self.en = en
        self.ja = ja
        self.where = where


class NotStored(StorageError):
    """An object, a version, a file of it or a blob that is not in the store."""


class VersionConflict(StorageError):
    """The version to write exists already with another state, or would leave a gap. ``head`` is the newest one (0: none)."""

    def __init__(self, en: str, ja: str, *, where: str, head: int) -> None:
        super().__init__(en, ja, where=where)
        self.head = head


class BadLogicalPath(StorageError):
    """A path that an object may not hold: absolute, with ``..``, with empty parts, or two that exclude each other."""


class ContentMismatch(StorageError):
    """The bytes given do not have the digest or size that was promised: nothing has been stored."""


class TooLarge(StorageError):
    """A stream longer than its limit: nothing has been stored. ``limit`` in bytes."""

    def __init__(self, en: str, ja: str, *, where: str, limit: int) -> None:
        super().__init__(en, ja, where=where)
        self.limit = limit


class StoreFull(StorageError):
    """No space, quota or file size left: nothing has been stored."""


class StoreReadOnly(StorageError):
    """The folder may not be written."""


class StoreUnreachable(StorageError):
    """The object store does not answer, or not as it should. What was asked of it may have been done or not."""


class StoreDamaged(StorageError):
    """The store holds something that it could not have written itself, or the disk cannot be read."""


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def clear_errors(where: Path | str) -> Iterator[None]:
    """Turn the operating system's errors about space, permission and broken disks into ours; others pass unchanged."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull(
                f"There is no space left to write in {where}; nothing was stored. "
                "Free some space or raise the quota, then try again.",
                f"{where} に空き容量がないため、何も保存していません。容量を空けてから、もう一度お試しください。",
                where=str(where),
            ) from error
        if error.errno in _READ_ONLY:
            raise StoreReadOnly(
                f"{where} cannot be written ({error.strerror}); nothing was stored. "
                "Give the server's user write permission on this folder, then try again.",
                f"{where} に書き込めないため（{error.strerror}）、何も保存していません。"
                "このフォルダーの書き込み権限を確認してから、もう一度お試しください。",
                where=str(where),
            ) from error
        if error.errno == errno.EIO:
            raise StoreDamaged(
                f"The disk under {where} reports an input/output error. Check the disk, then run the check again.",
                f"{where} のディスクで入出力エラーが起きました。ディスクを確認してから、もう一度検査してください。",
                where=str(where),
            ) from error
        raise

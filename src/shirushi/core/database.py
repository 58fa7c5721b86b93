"""What goes wrong with the database, as people know errors: it is away, full or busy, or a value cannot be kept in it."""

import logging

from django.db import DataError, Error, InterfaceError, OperationalError

from shirushi.core.errors import DomainError, Invalid
from shirushi.core.objects import no_room
from shirushi.metadata.fields import Text2

logger = logging.getLogger(__name__)

# SQLSTATE (PostgreSQL's manual, appendix A): deadlock, serialisation, lock not available, too many connections
_BUSY = frozenset({"40001", "40P01", "55P03", "53300"})
_FULL = frozenset({"53100"})
_TOO_LONG_FOR_AN_INDEX = "54000"


def in_kernel_words(error: Error) -> DomainError | None:
    """The error that people are told; None for one that only a mistake of the program makes. The transaction was rolled back in
    every case."""
    state = getattr(error.__cause__, "sqlstate", None)
    said = str(error)
    if isinstance(error, DataError) or state == _TOO_LONG_FOR_AN_INDEX:
        return Invalid(_NOT_KEPT, code="not-kept")
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    logger.error("database: %s", error)
    if state in _FULL or "is full" in said:
        return no_room()
    if state in _BUSY or "is locked" in said:
        return _later(_IS_BUSY, "busy")
    # PostgreSQL: the connection could not be made (no state), broke, or the server is ending or starting.
    if hasattr(error.__cause__, "sqlstate") and (state is None or state[:2] in ("08", "57")):
        return _later(_AWAY, "database-away")
    return None


def _later(words: Text2, code: str) -> DomainError:
    found = DomainError(words, code=code)
    found.status = 503
    return found


_NOT_KEPT = Text2(
    "A value is too long, too large, or holds a character (NUL) that cannot be kept. Nothing was changed. Correct it and send it again.",
    "長すぎる値、大きすぎる値、または保存できない文字（NUL）が含まれています。何も変更していません。直してから、もう一度送ってください。",
)
_IS_BUSY = Text2(
    "Others are changing the same just now; nothing was changed. Try again in a moment.",
    "ほかの処理が同じものを変更しています。何も変更していません。少し待ってから、もう一度お試しください。",
)
_AWAY = Text2(
    "The database does not answer just now. Try again in a while; if it goes on, tell the operator. What was saved is not lost.",
    "いまデータベースが応答しません。しばらくしてからもう一度お試しください。続く場合は運用者に知らせてください。保存済みのものは失われていません。",
)

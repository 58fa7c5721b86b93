"""Record versions as OCFL object versions: which one comes next, what it holds, and what to do with one that stands there
although its transaction never committed."""

import errno
import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import DatabaseError
from django.db.models import Max

from shirushi.accounts.actors import Actor
from shirushi.core.errors import Conflict, DomainError
from shirushi.core.home import store
from shirushi.core.models import Concept, Record
from shirushi.metadata.fields import Text2
from shirushi.storage import (
    ContentMismatch,
    Kept,
    NotStored,
    ObjectVersion,
    Source,
    StorageError,
    StoreFull,
    StoreUnreachable,
    VersionConflict,
)

logger = logging.getLogger(__name__)

ABANDONED = "its transaction was never committed"


def last_version(concept: Concept) -> int:
    """The newest object version that the database knows of, 0 before the first."""
    newest = Record.objects.filter(concept=concept).aggregate(
        record=Max("object_version"), tombstone=Max("tombstone_version"), access=Max("access_version")
    )
    return max(concept.disposed_version or 0, *(number or 0 for number in newest.values()))


def commit(
    concept: Concept,
    *,
    number: int,
    state: Mapping[str, Source],
    message: str,
    by: Actor,
    at: datetime,
    object_id: str | None = None,
) -> ObjectVersion:
    """Write an object version durably, to the concept's object unless another is named. The caller holds the concept's lock.

    A version that stands at ``number`` already has no transaction behind it: with the same content it is taken as it is,
    otherwise it is set aside first.

    Raises:
        DomainError: the store is full, read-only or damaged. Nothing was changed.
    """
    object_id = object_id or concept.object_id
    try:
        try:
            return _commit(object_id, number, state, message, by, at)
        except VersionConflict as conflict:
            if conflict.head < number:
                raise
            set_aside_from(object_id, number)
            return _commit(object_id, number, state, message, by, at)
    except StorageError as error:
        raise in_kernel_words(error) from error


def add_beside(concept: Concept, added: Mapping[str, bytes], *, message: str, by: Actor, at: datetime) -> int:
    """Write an object version that holds what the last one holds and ``added`` beside it; returns its number. The caller holds the
    concept's lock. Raises DomainError as :func:`commit` does."""
    last = last_version(concept)
    held = store().inventory(concept.object_id).version(last).state
    state: dict[str, Source] = {path: Kept(digest) for path, digest in held.items()} | dict(added)
    commit(concept, number=last + 1, state=state, message=message, by=by, at=at)
    return last + 1


def kept(concept: Concept, folder: str) -> dict[str, Kept]:
    """What the last version holds below ``folder``, to be held by the next one too."""
    last = last_version(concept)
    held = store().inventory(concept.object_id).version(last).state if last else {}
    return {path: Kept(digest) for path, digest in held.items() if path.startswith(folder)}


def confirm(concept: Concept, number: int) -> None:
    """Note beside an object version that its transaction was committed, so that the store alone tells (``rebuild``). Called after the
    commit: when it fails what was promised stands all the same, and ``check --repair`` notes it later."""
    try:
        store().log(concept.object_id, confirmation(number), b"")
    except StorageError as error:
        logger.warning("%s v%d: its transaction was committed, which could not be noted: %s", concept, number, error)


def confirmation(number: int) -> str:
    return f"committed-v{number}"


def concept_id_of(object_id: str) -> str:
    """The id of the concept that an object belongs to, be it the first one or what is left after disposal."""
    return object_id.removeprefix("urn:shirushi:").removesuffix(":disposed")


def is_confirmed_disposal(concept: Concept) -> bool:
    """Whether the store alone tells that the concept was disposed of."""
    name = concept.disposed_object_id
    return (head := head_of(name)) > 0 and confirmation(head) in store().logged(name)


def set_aside_from(object_id: str, number: int) -> list[int]:
    """Set aside every version from ``number`` on, newest first; returns their numbers."""
    done = []
    while (head := head_of(object_id)) >= number:
        store().set_aside(object_id, head, ABANDONED)
        done.append(head)
    return done


def head_of(object_id: str) -> int:
    """The newest version in the store, 0 when there is no such object."""
    try:
        return store().inventory(object_id).head
    except NotStored:
        return 0


def in_kernel_words(error: StorageError) -> DomainError:
    """A storage error as the kernel's callers know errors. Where the store lies is for the operator's log, not for everybody."""
    if isinstance(error, ContentMismatch):
        return Conflict(Text2(error.en, error.ja), code="file-damaged")
    logger.error("storage: %s", error)
    is_full = isinstance(error, StoreFull)
    if is_full:
        return no_room()
    words = _NO_ANSWER if isinstance(error, StoreUnreachable) else _NOT_NOW
    found = DomainError(words, code="storage")
    found.status = 503
    return found


def full_disk(error: BaseException | None) -> DomainError | None:
    """What to tell when the system or the database could not write for want of space; None for any other error."""
    by_system = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    by_database = isinstance(error, DatabaseError) and any(words in str(error) for words in _FULL)
    if not (by_system or by_database):
        return None
    logger.error("no space left: %s", error)
    return no_room()


# As SQLite and PostgreSQL say it (the words of SQLITE_FULL and of ENOSPC)
_FULL = ("database or disk is full", "No space left on device")


def no_room() -> DomainError:
    found = DomainError(_NO_ROOM, code="store-full")
    found.status = 507
    return found


_NO_ROOM = Text2(
    "There is no space left to store this; nothing was kept. Tell the operator, then try again.",
    "空き容量がないため、何も保存していません。運用者に知らせてから、もう一度お試しください。",
)
_NO_ANSWER = Text2(
    "The store of files does not answer just now. Try again in a while; if it goes on, tell the operator.",
    "いまファイルの保管庫が応答しません。しばらくしてからもう一度お試しください。続く場合は運用者に知らせてください。",
)
_NOT_NOW = Text2(
    "The store cannot be written just now; nothing was kept. Tell the operator, who finds the reason in the server's log.",
    "いま保管庫に書き込めないため、何も保存していません。運用者に知らせてください。原因はサーバーのログにあります。",
)


def _commit(
    object_id: str, number: int, state: Mapping[str, Source], message: str, by: Actor, at: datetime
) -> ObjectVersion:
    who = "shirushi" if by.user_id is None else f"user {by.user_id}"  # objects last for ever: no names in them
    return store().commit(
        object_id,
        number=number,
        state=state,
        message=message,
        user_name=who,
        user_address=None if by.user_id is None else f"urn:shirushi:user:{by.user_id}",
        created=at,
    )

"""Record versions as OCFL object versions: which one comes next, what it holds, and what to do with one that stands there
although its transaction never committed."""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db.models import Max

from shirushi.accounts.actors import Actor
from shirushi.core.errors import Conflict, DomainError
from shirushi.core.home import store
from shirushi.core.models import Concept, Record
from shirushi.metadata.fields import Text2
from shirushi.storage import ContentMismatch, NotStored, ObjectVersion, Source, StorageError, StoreFull, VersionConflict

logger = logging.getLogger(__name__)

ABANDONED = "its transaction was never committed"


def last_version(concept: Concept) -> int:
    """The newest object version that the database knows of, 0 before the first."""
    newest = Record.objects.filter(concept=concept).aggregate(
        record=Max("object_version"), tombstone=Max("tombstone_version")
    )
    return max(newest["record"] or 0, newest["tombstone"] or 0)


def commit(
    concept: Concept, *, number: int, state: Mapping[str, Source], message: str, by: Actor, at: datetime
) -> ObjectVersion:
    """Write an object version durably. The caller holds the concept's lock.

    A version that stands at ``number`` already has no transaction behind it: with the same content it is taken as it is,
    otherwise it is set aside first.

    Raises:
        DomainError: the store is full, read-only or damaged. Nothing was changed.
    """
    try:
        try:
            return _commit(concept, number, state, message, by, at)
        except VersionConflict as conflict:
            if conflict.head < number:
                raise
            set_aside_from(concept.object_id, number)
            return _commit(concept, number, state, message, by, at)
    except StorageError as error:
        raise in_kernel_words(error) from error


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
    found = DomainError(_NOT_NOW, code="storage")
    found.status = 503
    return found


def no_room() -> DomainError:
    found = DomainError(_NO_ROOM, code="store-full")
    found.status = 507
    return found


_NO_ROOM = Text2(
    "There is no space left to store this; nothing was kept. Tell the operator, then try again.",
    "空き容量がないため、何も保存していません。運用者に知らせてから、もう一度お試しください。",
)
_NOT_NOW = Text2(
    "The store cannot be written just now; nothing was kept. Tell the operator, who finds the reason in the server's log.",
    "いま保管庫に書き込めないため、何も保存していません。運用者に知らせてください。原因はサーバーのログにあります。",
)


def _commit(
    concept: Concept, number: int, state: Mapping[str, Source], message: str, by: Actor, at: datetime
) -> ObjectVersion:
    who = "shirushi" if by.user_id is None else f"user {by.user_id}"  # objects last for ever: no names in them
    return store().commit(
        concept.object_id,
        number=number,
        state=state,
        message=message,
        user_name=who,
        user_address=None if by.user_id is None else f"urn:shirushi:user:{by.user_id}",
        created=at,
    )

"""Record versions as OCFL object versions: which one comes next, what it holds, and what to do with one that stands there
although its transaction never committed."""

import errno
import logging
import re
from collections.abc import Mapping
from datetime import datetime

from django.db.models import Max, QuerySet

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
NEWEST = "newest-committed.txt"  # in the storage root: an object and the number of its version a line, the newest last
_LINE = re.compile(r"(\S+) v([1-9]\d*)")
_TOLD = 64  # lines of it; several, since what is committed at the same time is noted in any order


class DatabaseOlder(DomainError):
    """The store holds what was committed and the database does not know: it is an older copy. Nothing was changed."""

    status = 503
    code = "database-older"


def last_version(concept: Concept) -> int:
    """The newest object version that the database knows of, 0 before the first."""
    known = _last_versions(Record.objects.filter(concept=concept)).get(concept.object_id, 0)
    return max(concept.disposed_version or 0, known)


def _last_versions(records: QuerySet[Record]) -> dict[str, int]:
    newest = records.values("object_id").annotate(
        record=Max("object_version"), tombstone=Max("tombstone_version"), access=Max("access_version")
    )
    return {row.pop("object_id"): max(number or 0 for number in row.values()) for row in newest}


def lacking() -> list[tuple[str, int]]:
    """What the store was told last to be committed and the database does not know, as object and version: nothing, unless the
    database is older than the store. One small file and two queries, however many objects there are. The first object of what was
    disposed of is not missed, as far as the disposal knew it.

    Raises:
        StorageError: the store cannot be read.
    """
    told = [(line[1], int(line[2])) for line in map(_LINE.fullmatch, store().noted(NEWEST)) if line]
    names = {name for name, _ in told}
    known = _last_versions(Record.objects.filter(object_id__in=names)) | _disposed(names)
    return [(name, number) for name, number in told if number > known.get(name, 0)]


def _disposed(names: set[str]) -> dict[str, int]:
    """Of objects whose concept was disposed of: the newest version that the database knows, or knew when the object went."""
    found: dict[str, int] = {}
    gone = Concept.objects.filter(pk__in={concept_id_of(name) for name in names}, disposed_version__isnull=False)
    for concept in gone.only("disposed_version"):
        number = concept.disposed_version or 0  # the last one: every version is withdrawn, a next one is refused
        found |= {concept.first_object_id: number - 1, concept.disposed_object_id: number}
    return found


def forget_lacking() -> None:
    """Take what the database lacks out of the list: whoever calls has brought in all that could be, and tells of the rest."""
    gone = {_line(name, number) for name, number in lacking()}
    if gone:
        store().note(NEWEST, lambda lines: [line for line in lines if line not in gone])


def database_older(what: str) -> DatabaseOlder:
    """The error to raise; ``what`` is an object and the number of its version."""
    return DatabaseOlder(
        Text2(
            f"The database is older than the store: it lacks {what}. What was withdrawn or closed since would be open again, so "
            "nothing was done. The operator runs: shirushi rebuild",
            f"データベースが保管庫より古く、{what} がありません。取り下げや制限が失われるおそれがあるため、何も行いませんでした。"
            "運用者は shirushi rebuild を実行してください。",
        )
    )


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
        DatabaseOlder: it has one, which this database does not know.
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
    line = _line(concept.object_id, number)
    try:
        store().log(concept.object_id, confirmation(number), b"")
        store().note(NEWEST, lambda lines: [*(one for one in lines if one != line), line][-_TOLD:])
    except StorageError as error:
        logger.warning("%s v%d: its transaction was committed, which could not be noted: %s", concept, number, error)


def confirmation(number: int) -> str:
    return f"committed-v{number}"


def concept_id_of(object_id: str) -> str:
    """The id of the concept that an object belongs to, be it the first one or what is left after disposal."""
    return object_id.removeprefix("urn:shirushi:").removesuffix(":disposed")


def is_confirmed_disposal(concept: Concept) -> bool:
    """Whether the store alone tells that the concept was disposed of."""
    return confirmed(concept.disposed_object_id) > 0


def _line(object_id: str, number: int) -> str:
    return f"{object_id} v{number}"


def confirmed(object_id: str) -> int:
    """The newest version that the store itself says was committed, 0 when it says so of none."""
    head, notes = head_of(object_id), frozenset(store().logged(object_id))
    return next((number for number in range(head, 0, -1) if confirmation(number) in notes), 0)


def set_aside_from(object_id: str, number: int) -> list[int]:
    """Set aside every version from ``number`` on, newest first; returns their numbers.

    Raises:
        DatabaseOlder: one of them was committed, so it was promised to somebody. Nothing was changed.
    """
    if (promised := confirmed(object_id)) >= number:
        raise database_older(_line(object_id, promised))
    done = []
    while (head := head_of(object_id)) >= number:
        store().set_aside(object_id, head, ABANDONED)
        done.append(head)
    return done


def content_path(places: Mapping[str, tuple[str, ...]], sha512: str) -> str:
    """Where an object has these bytes, by what :func:`content_paths` gave; '' where it does not say."""
    return next(iter(places.get(sha512, ())), "")


def content_paths(object_id: str) -> Mapping[str, tuple[str, ...]]:
    """Where in its object the bytes of each SHA-512 are. Raises DomainError."""
    try:
        return store().content_paths(object_id)
    except StorageError as error:
        raise in_kernel_words(error) from error


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
    if isinstance(error, StoreUnreachable):
        found.retry_after = 60
    return found


def full_disk(error: BaseException | None) -> DomainError | None:
    """What to tell when the system could not write for want of space; None for any other error."""
    if not (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)):
        return None
    logger.error("no space left: %s", error)
    return no_room()


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

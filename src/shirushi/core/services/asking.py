"""Asking for the files of a record: whoever does, within bounds, so that nobody drowns those who answer.

Somebody who has asked already gets that request: known by their account, or as a guest by the secret that their browser keeps. Bounds:
:data:`A_DAY` requests of one person, as many of one network address (guests), and :data:`WAITING` of guests that wait for an answer about
one record. Addresses are counted as digests and only in memory.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.accounts.models import Role, token_digest
from shirushi.core import rules
from shirushi.core.errors import Conflict, FieldError, Gone, Invalid, TooMany
from shirushi.core.events import emit
from shirushi.core.models import AccessRequest, Record
from shirushi.core.values import tidied
from shirushi.metadata.fields import Text2

LONGEST_MESSAGE = 5_000
A_DAY = 20
WAITING = 50
OF_ADDRESS = 3  # guests' requests with one e-mail address that wait, of one record
DAY = 24 * 60 * 60
WITHDRAWN = Text2(
    "This was withdrawn; its files are not offered any more.", "取り下げられているため、ファイルは提供していません。"
)


def request_access(
    *, record: Record, by: Actor, message: str, name: str = "", email: str = "", source: str = ""
) -> tuple[AccessRequest, str]:
    """Ask for the files of a record; returns the request and what the address of the page with its answer ends in (:func:`asked_at`). A
    guest gives name and address; who has asked already gets that request with the new words, at the address that it had and at one
    for this person alone. ``source``: the network address that it came from, where it came from one.

    Raises:
        Invalid: nothing says who asks and what for.
        Gone: (code ``withdrawn``) nobody may have them any more.
        Conflict: (code ``files-open``) everybody may have the files, or this person already may.
        TooMany: (code ``too-many-requests``) enough is waiting. Nothing was kept.
    """
    if record.is_withdrawn:
        raise Gone(WITHDRAWN, code="withdrawn")
    if rules.can_read_files(by, record):
        words = Text2("You may have these files already.", "このファイルはすでに見られます。")
        raise Conflict(words, code="files-open")
    message, name, email = tidied(message), tidied(name), tidied(email)
    _see_who_asks(by, message, name, email)
    values = {"message": message}
    if by.user_id is None:
        values |= {"name": name[:200], "email": email[:254]}
    if known := waiting(record, by):
        return _renewed(known, values), known.pk
    secret = secrets.token_urlsafe(32)
    _see_that_there_is_room(record, by, email, source)
    try:
        with transaction.atomic():
            asked = AccessRequest.objects.create(
                concept_id=record.concept_id, record=record, by_id=by.user_id, digest=token_digest(secret), **values
            )
            emit("access.requested", by=by, record=record, payload={"request": asked.pk})
    except IntegrityError:  # one open request a person, made just now in another window
        known = AccessRequest.objects.get(concept_id=record.concept_id, by_id=by.user_id, state="open")
        return _renewed(known, values), known.pk
    return asked, secret


def asked_at(address: str, by: Actor) -> AccessRequest | None:
    """The request whose page ends in ``address``: its secret, for whoever has it, or its id, for whoever made it."""
    requests = AccessRequest.objects.select_related("record")
    own = Q(digest__in=by.keys)
    if by.user_id is not None:
        own |= Q(by_id=by.user_id)
    return requests.filter(Q(digest=token_digest(address)) | Q(own, pk=address)).first()


def made_by(by: Actor) -> QuerySet[AccessRequest]:
    """What somebody who is signed in has asked for and not taken back, the newest first, with the records."""
    return AccessRequest.objects.filter(by_id=by.user_id).exclude(state="withdrawn").select_related("record")


def to_answer(by: Actor) -> QuerySet[AccessRequest]:
    """The requests that wait for an answer of somebody who is signed in, the oldest first, with records and people."""
    kept = Q(record__owner_id=by.user_id) | Q(record__space_id__in=by.spaces_with(Role.CURATOR, Role.OPERATOR))
    standing = AccessRequest.objects.filter(kept, state="open", record__withdrawn_at=None)
    return standing.select_related("record", "by").order_by("created_at", "id")


def waiting(record: Record, by: Actor) -> AccessRequest | None:
    """The request that this person has waiting. One query; none for a guest whose browser keeps no secret."""
    if by.user_id is None and not by.keys:
        return None
    own = {"by_id": by.user_id} if by.user_id is not None else {"by": None, "digest__in": by.keys}
    return AccessRequest.objects.filter(concept_id=record.concept_id, state="open", **own).first()


def _renewed(asked: AccessRequest, values: dict[str, str]) -> AccessRequest:
    AccessRequest.objects.filter(pk=asked.pk).update(**values)
    asked.refresh_from_db()
    return asked


def _see_that_there_is_room(record: Record, by: Actor, email: str, source: str) -> None:
    """Raises TooMany."""
    if by.user_id is not None:
        since = timezone.now() - timedelta(seconds=DAY)
        own = AccessRequest.objects.filter(by_id=by.user_id, created_at__gt=since)
        if own.count() >= A_DAY:
            raise _too_many(_OF_ONE, own.order_by("created_at").values_list("created_at", flat=True)[0])
        return
    waiting = AccessRequest.objects.filter(concept_id=record.concept_id, by=None, state="open")
    if waiting.filter(email__iexact=email).count() >= OF_ADDRESS:
        raise _too_many(_SAME_ADDRESS)
    if waiting.count() >= WAITING:
        raise _too_many(_MANY_WAIT)
    if source and not _counted(source):
        raise _too_many(_OF_ONE)


def _counted(source: str) -> bool:
    """Count one more of this network address; False when it has had enough."""
    key = f"ask:{hashlib.sha256(source.encode()).hexdigest()}"
    cache.add(key, 0, DAY)
    return cache.incr(key) <= A_DAY


def _too_many(words: Text2, oldest: datetime | None = None) -> TooMany:
    error = TooMany(words, code="too-many-requests")
    left = oldest + timedelta(seconds=DAY) - timezone.now() if oldest else timedelta(seconds=DAY)
    error.retry_after = max(60, int(left.total_seconds()))
    return error


_OF_ONE = Text2(
    f"You have sent {A_DAY} requests within a day. This one was not kept: send it tomorrow, or write to the people named on the record's page.",
    f"1日に送れる申請は{A_DAY}件までです。この申請は保存していません。明日あらためて送るか、記録のページにある人に連絡してください。",
)
_SAME_ADDRESS = Text2(
    "Requests with this e-mail address are waiting already. This one was not kept: the answer will stand at the address you were given before.",
    "このメールアドレスの申請がすでに回答を待っています。この申請は保存していません。回答は、前に案内したページに表示されます。",
)
_MANY_WAIT = Text2(
    f"{WAITING} requests of guests are waiting for an answer about this record. This one was not kept: sign in and ask, or come back tomorrow.",
    f"この記録には、回答を待っているゲストの申請が{WAITING}件あります。この申請は保存していません。サインインして申請するか、明日お試しください。",
)


def _see_who_asks(by: Actor, message: str, name: str, email: str) -> None:
    wrong = []
    if not message or len(message) > LONGEST_MESSAGE:
        words = Text2(
            f"Say what you want the files for, in at most {LONGEST_MESSAGE:,} characters.",
            f"ファイルの使い道を{LONGEST_MESSAGE:,}字以内で書いてください。",
        )
        wrong.append(FieldError("/message", words))
    if by.user_id is None and not name:
        wrong.append(FieldError("/name", Text2("Give your name.", "名前を入れてください。")))
    if by.user_id is None and ("@" not in email[1:-1] or " " in email):
        words = Text2(
            "Give an e-mail address, like hanako@example.org.",
            "メールアドレスを hanako@example.org のように入れてください。",
        )
        wrong.append(FieldError("/email", words))
    if wrong:
        raise Invalid(wrong[0].message, errors=wrong)

"""Who may have the files of a record: deciding it anew after publishing, secret links, requests, holds and retention.

What is written about a record is always public. A decision on its files goes into the object store first, as a tombstone does, so
that nothing that was closed comes back open when the database is made again from the store.
"""

import secrets
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.accounts.models import token_digest
from shirushi.core import crashpoints, documents, objects, rules
from shirushi.core.disclosure import restricted_by_answer
from shirushi.core.errors import Conflict, FieldError, Invalid
from shirushi.core.events import emit
from shirushi.core.home import locked
from shirushi.core.locking import advance
from shirushi.core.models import AccessRequest, Concept, Draft, Hold, Record, SecretLink
from shirushi.core.services.asking import LONGEST_MESSAGE, WITHDRAWN
from shirushi.core.services.drafts import fill_in
from shirushi.core.stored import DISPOSED
from shirushi.core.values import tidied
from shirushi.metadata.fields import Text2
from shirushi.metadata.work import Access

LONGEST = 366  # days that a link or a grant may last
USUAL = 30


def change_access(
    *, record: Record, access: Access, by: Actor, knowingly: bool = False, seen: Access | None = None
) -> Record:
    """Decide anew who may have the files of a version. To decide the same again changes nothing. ``knowingly``: open it although
    it was answered before publishing that only some people may see what is in it. ``seen``: what held when it was looked at.

    A next version that is under way holds the same bytes: it takes over a stricter decision on the newest one that stands. Who
    cares for it sees that in its history, meets it as any change by somebody else, and may decide otherwise.

    Raises:
        NotAllowed: neither its owner nor a curator.
        Invalid: (code ``embargo-over``) an embargo that is over already.
        Conflict: (code ``withdrawn``) there is nothing left to open or close; or (code ``answered-restrict``) not knowingly; or (code
            ``changed``) it is no longer as it was ``seen``.
        DomainError: the store cannot take it. Nothing was changed.
    """
    rules.require(by, "change-access", record)
    with locked(f"concept-{record.concept_id}"):
        record.refresh_from_db()
        if record.is_withdrawn:
            raise Conflict(WITHDRAWN, code="withdrawn")
        if seen is not None and seen != record.access_decided:
            raise Conflict(_DECIDED, code="changed")
        if access == record.access_decided:
            return record
        see_that_embargo_lasts(access, "/until")
        if access.rights != "restricted" and not knowingly and restricted_by_answer(record):
            raise Conflict(_ANSWERED, code="answered-restrict")
        at = timezone.now()
        record.access = access.model_dump(mode="json", exclude_none=True)
        added = {documents.access_path(record.number): documents.access_json(record, at)}
        message = f"Access to version {record.number}: {access.rights}"
        record.access_version = objects.add_beside(record.concept, added, message=message, by=by, at=at)
        crashpoints.reach("access: object committed")
        with transaction.atomic():
            record.save(update_fields=["access", "access_version"])
            payload = {"rights": access.rights, "until": access.until, "object_version": record.access_version}
            emit("record.access-changed", by=by, record=record, at=at, payload=payload)
            if record == record.concept.newest_standing():
                _close_next(record, access, by)
            crashpoints.reach("access: written")
        objects.confirm(record.concept, record.access_version)
    return record


def _close_next(record: Record, access: Access, by: Actor) -> None:
    """Decide for what continues the record, also where it was put away and may come back."""
    Concept.objects.select_for_update().get(pk=record.concept_id)  # whoever begins a version now sees the decision
    for draft in Draft.objects.filter(concept_id=record.concept_id).exclude(state=Draft.State.PUBLISHED):
        if _strictness(access) > _strictness(Access.model_validate(draft.metadata.get("access") or {})):
            advance(draft, at_version=None, was=draft.state)
            fill_in(draft, "access", access.model_dump(mode="json", exclude_none=True), by=by)
            told = {"field": "access", "action": "set", "from": record.pk, "version": draft.version}
            emit("draft.decided", by=by, draft=draft, payload=told)


def _strictness(access: Access) -> tuple[int, str]:
    return ("open", "embargoed", "restricted").index(access.rights), access.until or ""


def see_that_embargo_lasts(access: Access, pointer: str) -> None:
    """One wrong digit of a year would open the files to everybody. Raises Invalid (code ``embargo-over``) for a day that is not to come;
    ``pointer`` is the JSON Pointer to it in what was sent."""
    if access.rights == "embargoed" and access.is_open(timezone.localdate()):
        raise Invalid(_OVER, errors=[FieldError(pointer, _OVER)], code="embargo-over")


_OVER = Text2(
    "The embargo ends today or on a day before, so the files would be open at once. Give a later day, or choose that everybody may have them.",
    "エンバーゴの終了日が今日か過去の日付のため、ファイルがすぐ公開されてしまいます。先の日付にするか、公開を選んでください。",
)
_DECIDED = Text2(
    "Somebody decided who may have the files after you opened this. Nothing was changed. Look at what holds now, then decide.",
    "開いたあとに、だれかがファイルの公開範囲を決め直しました。変更していません。現在の設定を確かめてから、決めてください。",
)
_ANSWERED = Text2(
    "Before publishing it was answered that only some people may see what is in these files. Say that you know, to open them.",
    "公開前に「見られる人を限る必要がある」と答えたファイルがあります。公開するには、承知していることを示してください。",
)


# -- secret links


@transaction.atomic
def make_link(
    *, of: Record | Draft, kind: SecretLink.Kind, by: Actor, days: int = USUAL, label: str = ""
) -> tuple[SecretLink, str]:
    """A new link and its secret, which is shown once and never stored.

    Raises:
        NotAllowed: neither the owner nor a curator.
        Invalid: it would last too long; or files of a draft are to be shared, which only reviewers may see.
        Conflict: (code ``withdrawn``) there is nothing left that it could open.
    """
    rules.require(by, "let-in", of)
    _see_that_it_ends(days)
    if isinstance(of, Record):
        _see_that_some_stand(of, all_versions=kind == SecretLink.Kind.FILES)
    record, draft = (of, None) if isinstance(of, Record) else (None, of)
    if draft is not None and kind == SecretLink.Kind.FILES:
        words = Text2("A draft can be shared for review only.", "下書きは査読のためにだけ共有できます。")
        raise Invalid(words, errors=[FieldError("/kind", words)])
    secret = secrets.token_urlsafe(32)
    link = SecretLink.objects.create(
        kind=kind,
        digest=token_digest(secret),
        concept_id=of.concept_id,
        record=record,
        draft=draft,
        label=tidied(label)[:200],
        created_by_id=by.user_id,
        expires_at=timezone.now() + timedelta(days=days),
    )
    payload = {"link": link.pk, "kind": kind, "expires": link.expires_at.date().isoformat()}
    emit("access.link-made", by=by, record=record, draft=draft, payload=payload)
    return link, secret


@transaction.atomic
def revoke_link(*, link: SecretLink, by: Actor) -> None:
    """From the next request on it opens nothing. Twice changes nothing.

    Raises:
        NotAllowed: neither the owner nor a curator.
    """
    about = link.record or link.draft
    assert about is not None
    rules.require(by, "let-in", about)
    if SecretLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()):
        emit("access.link-revoked", by=by, record=link.record, draft=link.draft, payload={"link": link.pk})
    link.refresh_from_db()


# -- requests


@transaction.atomic
def answer_request(
    *, asked: AccessRequest, grant: bool, by: Actor, days: int = USUAL, answer: str = ""
) -> AccessRequest:
    """Let somebody have the files for some days, or not; an answer that was given can be changed.

    Raises:
        NotAllowed: neither the record's owner nor a curator.
        Conflict: (code ``withdrawn``) who asked has taken it back, or there is nothing left to let in to.
        Invalid: it would last too long.
    """
    rules.require(by, "let-in", asked.record)
    if grant:
        _see_that_it_ends(days)
        _see_that_some_stand(asked.record, all_versions=True)
    asked = AccessRequest.objects.select_for_update().get(pk=asked.pk)
    if asked.state == AccessRequest.State.WITHDRAWN:
        words = Text2("Who asked has taken the request back.", "申請は取り下げられています。")
        raise Conflict(words, code="withdrawn")
    at = timezone.now()
    asked.state = AccessRequest.State.GRANTED if grant else AccessRequest.State.REFUSED
    asked.answer = tidied(answer)[:LONGEST_MESSAGE]
    asked.decided_at, asked.decided_by_id = at, by.user_id
    asked.expires_at = at + timedelta(days=days) if grant else None
    asked.save()
    emit("access.answered", by=by, record=asked.record, payload={"request": asked.pk, "granted": grant})
    return asked


@transaction.atomic
def take_request_back(*, asked: AccessRequest) -> None:
    """On the word of whoever asked: the caller has seen that it is they. What they wrote is erased."""
    AccessRequest.objects.filter(pk=asked.pk).update(state=AccessRequest.State.WITHDRAWN, expires_at=None)
    asked.refresh_from_db()
    asked.erase()


# -- holds and retention


@transaction.atomic
def place_hold(*, record: Record, reason: str, by: Actor) -> Hold:
    """Let nothing of the record be taken away until the hold is lifted. One that stands already is returned.

    Raises:
        NotAllowed: only curators and operators of the space.
        Invalid: no reason is given.
        Conflict: (code ``disposed``) there is nothing left to hold.
    """
    rules.require(by, "hold", record)
    reason = tidied(reason)
    if not reason:
        missing = Text2("Say why: whoever lifts the hold must know.", "理由を書いてください。解除する人が確かめます。")
        raise Invalid(missing, errors=[FieldError("/reason", missing)])
    _lock(record.concept_id)
    defaults = {"reason": reason, "placed_by_id": by.user_id}
    hold, new = Hold.objects.get_or_create(concept_id=record.concept_id, lifted_at=None, defaults=defaults)
    if new:
        emit("curation.held", by=by, record=record, payload={"hold": hold.pk, "lifted": False})
    return hold


@transaction.atomic
def lift_hold(*, record: Record, by: Actor) -> None:
    """Raises NotAllowed. Where no hold stands nothing changes."""
    rules.require(by, "hold", record)
    standing = Hold.objects.filter(concept_id=record.concept_id, lifted_at=None).first()
    if standing is not None:
        standing.lifted_at, standing.lifted_by_id = timezone.now(), by.user_id
        standing.save()
        emit("curation.held", by=by, record=record, payload={"hold": standing.pk, "lifted": True})


@transaction.atomic
def retain(
    *,
    record: Record,
    until: date | None,
    by: Actor,
    reason: str | None = None,
    for_good: bool = False,
    longer: bool = False,
) -> None:
    """Set until when the bytes of all versions must be kept, and why (None: as before); until None: no longer than the house's rule, or
    ``for_good``. ``longer``: only a day that is to come, and later than the one that stands.

    Raises:
        NotAllowed: only curators and operators of the space.
        Invalid: both a day and for good, a reason that is too long; or (code ``not-longer``) an earlier day.
        Conflict: (code ``disposed``) there is nothing left to keep.
    """
    rules.require(by, "hold", record)
    if for_good and until is not None:
        words = Text2("Give a day, or keep it for good.", "日付か永久保存のどちらか一方を選んでください。")
        raise Invalid(words, errors=[FieldError("/until", words)])
    if reason is not None and len(reason) > LONGEST_MESSAGE:
        words = Text2(
            f"Say it in at most {LONGEST_MESSAGE:,} characters.", f"{LONGEST_MESSAGE:,}字以内で書いてください。"
        )
        raise Invalid(words, errors=[FieldError("/reason", words)])
    concept = _lock(record.concept_id)
    if longer and until is not None and until <= max(timezone.localdate(), concept.retain_until or date.min):
        raise Invalid(_NOT_LONGER, errors=[FieldError("/until", _NOT_LONGER)], code="not-longer")
    reason = concept.retain_reason if reason is None else tidied(reason)
    if (concept.retain_until, concept.retain_reason, concept.kept_for_good) == (until, reason, for_good):
        return
    concept.retain_until, concept.retain_reason, concept.kept_for_good = until, reason, for_good
    concept.save(update_fields=["retain_until", "retain_reason", "kept_for_good"])
    payload = {"until": until and until.isoformat()}
    payload |= {"reason": reason} if reason else {}
    payload |= {"for_good": True} if for_good else {}
    emit("curation.retained", by=by, record=record, payload=payload)


_NOT_LONGER = Text2(
    "Give a day that is to come, and later than the one until which it is kept already.",
    "今日より後で、現在の保存期限よりも後の日付を入れてください。",
)


def _lock(concept_id: str) -> Concept:
    """The concept's row, which nobody disposes of while it is locked. Raises Conflict when somebody has."""
    concept = Concept.objects.select_for_update().get(pk=concept_id)
    if concept.is_disposed:
        raise Conflict(DISPOSED, code="disposed")
    return concept


def _see_that_some_stand(record: Record, *, all_versions: bool) -> None:
    if record.concept.newest_standing() is None if all_versions else record.is_withdrawn:
        raise Conflict(WITHDRAWN, code="withdrawn")


def _see_that_it_ends(days: int) -> None:
    if not 1 <= days <= LONGEST:
        words = Text2(f"Give a number of days from 1 to {LONGEST}.", f"日数は1から{LONGEST}までで入れてください。")
        raise Invalid(words, errors=[FieldError("/days", words)])

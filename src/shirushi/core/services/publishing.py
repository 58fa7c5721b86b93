"""Publishing, new versions and withdrawal.

Bytes first: the object version is committed and fsynced, then the record, its files, identifiers and event follow in one
transaction. What publishing will use (record id, identifiers) is reserved on the draft before anything else, so that
publishing again after a crash gives the same record, once. A lock for each concept keeps two processes apart; the operating
system drops it when a process dies.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.core import copying, crashpoints, documents, objects, rules
from shirushi.core.disclosure import Question, restricted_by_answer
from shirushi.core.errors import Conflict, FieldError, Gone, Invalid, NotFound
from shirushi.core.events import emit, emit_each
from shirushi.core.home import blobs, locked
from shirushi.core.locking import advance, hold, why_not
from shirushi.core.models import (
    Answer,
    Concept,
    Decision,
    DescribeRun,
    Draft,
    DraftFile,
    Identifier,
    ImportSource,
    Record,
)
from shirushi.core.provenance import provenance
from shirushi.core.readiness import Missing, readiness
from shirushi.core.services.access import see_that_embargo_lasts
from shirushi.core.services.drafts import fill_in
from shirushi.core.services.reserving import set_aside
from shirushi.core.stored import is_far, open_path
from shirushi.core.values import JSON, tidied
from shirushi.metadata.fields import Text2
from shirushi.metadata.published import Publication
from shirushi.metadata.work import STORED, Access, Work
from shirushi.storage import Source

SOURCE = "metadata/imported-from"  # what an imported record was read from, as it was


def publish(*, draft: Draft, by: Actor, at_version: int) -> Record:
    """Publish a draft. Publishing what is published already gives the same record.

    Raises:
        NotAllowed: agents never; others only drafts they care for.
        Conflict: the draft is not at ``at_version``, is discarded, or (code ``newer-version``) another version came first; or
            (code ``nothing-changed``) it is the same as the version before it.
        Invalid: something required is missing; one error for each field. Or (code ``unanswered``) a question about data that
            must not be published by mistake waits for its answer.
        DomainError: the store cannot take it. The draft is open again.
    """
    rules.require(by, "publish", draft)
    with locked(f"concept-{draft.concept_id}"):
        draft.refresh_from_db()
        if draft.record is not None:
            return draft.record
        _claim(draft, at_version, by)
        crashpoints.reach("publish: claimed")
        try:
            return _publish(draft, by)
        except BaseException:
            reopen(draft)
            raise


def reopen(draft: Draft) -> None:
    """Let a draft be edited again whose publishing did not come to its end. Its version has not changed."""
    Draft.objects.filter(pk=draft.pk, state=Draft.State.PUBLISHING).update(state=Draft.State.OPEN)
    draft.refresh_from_db()


@transaction.atomic
def new_version(*, record: Record, by: Actor, with_files: bool = True) -> Draft:
    """A draft of the next version, holding metadata and files of the newest one that stands. One that is under way is returned.

    Without its files it is also without what is said of their variables; :func:`import_files` brings both.

    Raises:
        NotAllowed: neither its owner nor a curator.
        Gone: every version has been withdrawn.
    """
    rules.require(by, "new-version", record)
    if (
        connection.features.has_select_for_update
    ):  # two who ask at once get the same draft; a decision on its files is before or after
        Concept.objects.select_for_update(no_key=True).filter(pk=record.concept_id).values_list("pk").first()
    newest = record.concept.newest_standing()
    if newest is None:
        raise Gone(
            Text2(
                "Every version has been withdrawn, so there is nothing to continue. Start with a new draft.",
                "すべての版が取り下げられているため、続きを作れません。新しい下書きから始めてください。",
            )
        )
    under_way = Draft.objects.filter(
        concept_id=record.concept_id, state__in=[Draft.State.OPEN, Draft.State.PUBLISHING]
    ).first()
    if under_way is not None:
        return under_way
    metadata = {name: item for name, item in newest.metadata.items() if name not in {"publication_date", "version"}}
    if newest.access is not None:  # decided after publishing
        metadata["access"] = newest.access
    if not with_files:
        metadata.pop("variables", None)
    draft = Draft.objects.create(
        space=newest.space,
        owner_id=newest.owner_id,
        concept_id=newest.concept_id,
        base_record=newest,
        metadata=metadata,
    )
    if with_files:
        _copy_files(newest, draft)
    emit("draft.created", by=by, draft=draft, payload={"concept": draft.concept_id, "base": newest.pk})
    return draft


@transaction.atomic
def import_files(*, draft: Draft, by: Actor) -> None:
    """Bring the files of the version before into a draft that has none, and what is said of their variables where nothing is.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more); or (code ``has-files``) it has files.
        NotFound: there is no version before.
    """
    rules.require(by, "fill-draft", draft)
    base = draft.base_record
    if base is None:
        raise NotFound(
            Text2("This draft has no version before it.", "この下書きには前の版がありません。"),
            code="no-version-before",
        )
    hold(draft)
    if draft.files.exists():
        words = Text2(
            "This draft has files already. Take them out first, or put the others one by one.",
            "この下書きにはすでにファイルがあります。先に取り除くか、一つずつ追加してください。",
        )
        raise Conflict(words, version=draft.version, code="has-files")
    advance(draft, at_version=None)
    _copy_files(base, draft)
    if "variables" in base.metadata and "variables" not in draft.metadata:
        fill_in(draft, "variables", base.metadata["variables"], by=by)
    files = draft.files.values_list("pk", "sha256", "size")
    put = [{"file": pk, "sha256": sha256, "size": size} for pk, sha256, size in files]
    emit_each("draft.file-put", by=by, draft=draft, payloads=put)


def withdraw(*, record: Record, reason: str, by: Actor) -> Record:
    """Put a tombstone in the place of a published version. Its bytes stay in the store and are no longer served; its
    identifier goes on leading here. Withdrawing twice changes nothing.

    Raises:
        NotAllowed: only curators and operators of the space.
        Invalid: no reason is given: a tombstone has to tell readers why.
        Conflict: (code ``held``) a hold is placed on it.
        DomainError: the store cannot take it. Nothing was changed.
    """
    rules.require(by, "withdraw", record)
    reason = tidied(reason)
    if not reason:
        words = Text2(
            "Say why it is withdrawn: readers will see it.", "取り下げの理由を書いてください。読者に表示されます。"
        )
        raise Invalid(words, errors=[FieldError("/reason", words)])
    with locked(f"concept-{record.concept_id}"):
        record.refresh_from_db()
        if record.is_withdrawn:
            return record
        refuse_while_held(record.concept)
        _withdraw(record.pk, reason, by)
        record.refresh_from_db()
    crashpoints.reach("withdraw: committed")
    return record


def refuse_while_held(concept: Concept) -> None:
    """Raises Conflict (code ``held``) while nothing may be taken away from the concept."""
    if concept.holds.filter(lifted_at=None).exists():
        raise Conflict(
            Text2(
                "A hold is placed on this record: nothing of it may be taken away. A curator of the space can lift the hold.",
                "この記録には保全の指定があるため、取り下げられません。指定はスペースのキュレーターが解除できます。",
            ),
            code="held",
        )


# -- publishing


@transaction.atomic
def _claim(draft: Draft, at_version: int, by: Actor) -> None:
    """Reserve what publishing will use, and let nobody edit meanwhile. The draft's version does not change."""
    hold(draft)
    if draft.state == Draft.State.PUBLISHING:
        # We hold the lock, so whoever claimed it is dead: go on from there.
        Draft.objects.filter(pk=draft.pk, state=Draft.State.PUBLISHING).update(state=Draft.State.OPEN)
        draft.refresh_from_db()
    if draft.version != at_version or draft.state != Draft.State.OPEN:
        raise why_not(draft)
    if draft.concept.is_disposed:
        raise Conflict(DISPOSED, version=draft.version, code="disposed")
    _see_that_base_is_newest(draft)
    _see_that_base_stands(draft, by)
    state = readiness(draft)
    if state.blocking:
        raise _not_ready(state.blocking)
    access = draft.work.access or Access()
    # The version before, or the source, may have had an embargo that ended.
    if not draft.base_record_id and not hasattr(draft, "source"):
        see_that_embargo_lasts(access, "/access/until")
    if state.unsettled:
        raise _unanswered(state.unsettled)
    if access.rights != "restricted" and restricted_by_answer(draft):
        raise Conflict(RESTRICTED, version=draft.version, code="answered-restrict")
    if state.unchanged:
        raise Conflict(NOTHING_CHANGED, version=draft.version, code="nothing-changed")
    _see_that_free(draft)
    reserved = {**set_aside(draft), "at": timezone.now().isoformat()}
    claimed = Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN, version=at_version)
    if not claimed.update(state=Draft.State.PUBLISHING, reserved=reserved):
        raise why_not(draft)
    draft.refresh_from_db()


def _publish(draft: Draft, by: Actor) -> Record:
    at = datetime.fromisoformat(draft.reserved["at"])
    files = list(draft.files.values_list(*documents.OF_FILES, named=True))
    metadata = dict(draft.metadata)
    metadata.setdefault("publication_date", timezone.localtime(at).date().isoformat())
    metadata = Work.model_validate(metadata, context=STORED).model_dump(
        mode="json", exclude_none=True, exclude_defaults=False
    )
    metadata = {name: item for name, item in metadata.items() if item not in ([], {})}
    publication = _publication(draft, metadata, at)
    whole = documents.document(
        draft, publication, files, record_id=draft.reserved["record"], provenance=provenance(draft, metadata)
    )
    number = objects.last_version(draft.concept) + 1
    objects.commit(
        draft.concept,
        number=number,
        state=_state(draft, whole, files),
        message=f"Publish version {publication.number}",
        by=by,
        at=at,
    )
    crashpoints.reach("publish: object committed")
    with transaction.atomic():
        record = _write(draft, whole, metadata, number, at, by)
        crashpoints.reach("publish: record written")
    objects.confirm(draft.concept, number)
    crashpoints.reach("publish: committed")
    return record


def _publication(draft: Draft, metadata: Mapping[str, JSON], at: datetime) -> Publication:
    before = draft.base_record
    outer = draft.reserved.get("outer", {})
    last = before.document["publication"].get("identifier") if before else None
    previous = None
    if before and last and last["value"] != draft.reserved["identifier"]:
        known = last["scheme"] if last["state"] == Identifier.State.REGISTERED else None
        previous = documents.identifier_json(last["value"], documents.record_url(before.pk), outer=known)
    return Publication.model_validate(
        {
            "work": metadata,
            "identifier": documents.identifier_json(draft.reserved["identifier"], outer=outer.get("identifier")),
            "concept_identifier": documents.identifier_json(
                draft.reserved["concept_identifier"], outer=outer.get("concept_identifier") or _scheme_above(draft)
            ),
            "url": documents.record_url(draft.reserved["record"]),
            "number": _next_number(draft.concept),
            "published_at": at,
            "previous": previous,
        },
        context=STORED,
    )


def _state(draft: Draft, whole: Mapping[str, JSON], files: Sequence[documents.FileRow]) -> dict[str, Source]:
    """What the object version holds, by logical path."""
    state: dict[str, Source] = {
        f"files/{file.path}": blobs().stored(file.sha256, sha512=file.sha512, size=file.size) for file in files
    }
    state["metadata/record.json"] = documents.to_bytes(whole)
    state["metadata/decisions.jsonl"] = documents.decisions_jsonl(Decision.objects.filter(draft=draft))
    run = draft.runs.filter(state=DescribeRun.State.DONE).last()
    if run is not None:
        with blobs().open(run.description_sha256) as description:
            state["metadata/description.json"] = documents.description_of(description.read(), files)
    if answers := documents.answers_jsonl(Answer.objects.filter(concept=draft.concept_id), files):
        state["metadata/answers.jsonl"] = answers
    if (source := ImportSource.objects.filter(draft=draft).first()) and source.document:
        state[SOURCE] = source.document.encode()
    for gone in Record.objects.filter(concept_id=draft.concept_id, withdrawn_at__isnull=False):
        state[tombstone_path(gone)] = documents.tombstone(gone)
    return state | objects.kept(draft.concept, documents.ACCESS)


def _write(
    draft: Draft,
    whole: Mapping[str, Any],
    metadata: Mapping[str, JSON],
    object_version: int,
    at: datetime,
    by: Actor,
) -> Record:
    record = Record.objects.create(
        id=draft.reserved["record"],
        concept_id=draft.concept_id,
        number=whole["number"],
        space_id=draft.space_id,
        title=Work.model_validate(metadata, context=STORED).title()[:2000],
        metadata=metadata,
        document=documents.stored(whole),
        object_id=draft.concept.object_id,
        object_version=object_version,
        published_at=at,
        published_by_id=by.user_id,
        owner_id=draft.owner_id,
    )
    copying.to_record(draft, record)
    _name(draft, record)
    Draft.objects.filter(pk=draft.pk).update(state=Draft.State.PUBLISHED, record=record, updated_at=timezone.now())
    emit(
        "record.published",
        by=by,
        record=record,
        at=at,
        payload={
            "draft": draft.pk,
            "concept": draft.concept_id,
            "number": record.number,
            "object_version": object_version,
            "identifier": draft.reserved["identifier"],
        },
    )
    draft.refresh_from_db()
    return record


def _name(draft: Draft, record: Record) -> None:
    """Give the record and its concept their identifiers. One that it brings with it stands for what its source has now, so that it goes
    over from the version that had it before."""
    for name, target in (("identifier", {"record": record}), ("concept_identifier", {"concept": draft.concept})):
        value, scheme = draft.reserved[name], draft.reserved.get("outer", {}).get(name)
        if scheme:
            state = Identifier.State.REGISTERED
            Identifier.objects.update_or_create(scheme=scheme, value=value, defaults={**target, "state": state})
        elif name == "identifier":
            Identifier.objects.create(value=value, record=record)
        else:
            Identifier.objects.get_or_create(
                value=value, scheme=_scheme_above(draft) or "DOI", defaults={"concept": draft.concept}
            )


def _scheme_above(draft: Draft) -> str | None:
    """The scheme of the concept's identifier where an agency knows it."""
    known = draft.concept.identifiers.first()
    return known.scheme if known and known.state == Identifier.State.REGISTERED else None


def _see_that_free(draft: Draft) -> None:
    """See that what it brings with it names nothing else here. Raises Conflict (code ``identifier-taken``)."""
    for name, scheme in draft.reserved.get("outer", {}).items():
        value = draft.reserved[name]
        other = Identifier.objects.filter(scheme=scheme, value__iexact=value).select_related("record").first()
        if other and draft.concept_id not in (other.concept_id, other.record and other.record.concept_id):
            raise identifier_taken(value, other, version=draft.version)


def identifier_taken(value: str, other: Identifier, *, version: int | None = None) -> Conflict:
    """What to tell when an identifier is ``other``'s. Not raised here: a copy of what is here goes on without it."""
    en, ja = (f"/records/{other.record_id}", f"（/records/{other.record_id}）") if other.record_id else ("a record", "")
    return Conflict(
        Text2(
            f"{value} names {en} here already. One identifier names one record, so it was not given to another.",
            f"{value} は、ここではすでに別の記録{ja}を指しています。一つの識別子が指す記録は一つなので、別の記録には付けません。",
        ),
        version=version,
        code="identifier-taken",
    )


def _next_number(concept: Concept) -> int:
    return (concept.records.aggregate(newest=Max("number"))["newest"] or 0) + 1


def _see_that_base_stands(draft: Draft, by: Actor) -> None:
    """Its files were taken over from a version that was withdrawn: whoever may withdraw decides whether they come back."""
    base = draft.base_record
    if base is not None and base.is_withdrawn and not rules.can_withdraw(by, base):
        raise Conflict(
            Text2(
                f"Version {base.number}, from which this draft goes on, was withdrawn: {base.withdrawal_reason} "
                "A curator of the space has to look at the draft and publish it.",
                f"この下書きのもとになった版 {base.number} は取り下げられました（{base.withdrawal_reason}）。"
                "スペースのキュレーターが内容を確かめて公開します。",
            ),
            version=draft.version,
            code="base-withdrawn",
        )


def _see_that_base_is_newest(draft: Draft) -> None:
    """What was withdrawn meanwhile does not stand in the way: the draft goes on from what came before it."""
    newest = draft.concept.newest_standing()
    if newest is not None and newest.number > (draft.base_record.number if draft.base_record else 0):
        raise Conflict(
            Text2(
                f"Version {newest.number} was published while this draft was open. Discard it and start from that version.",
                f"この下書きの間に版 {newest.number} が公開されました。破棄して、その版から始めてください。",
            ),
            version=draft.version,
            code="newer-version",
        )


RESTRICTED = Text2(
    "It was answered that only some people may see what is in these files. Close the files, or have them read again and answer anew.",
    "「見られる人を限る必要がある」と答えたファイルがあります。ファイルを制限するか、読み直して答え直してください。",
)
DISPOSED = Text2(
    "The files of the record that this draft goes on from were disposed of, so there can be no next version. Start with a new draft.",
    "元の記録のファイルは廃棄されたため、次の版を公開できません。新しい下書きから始めてください。",
)
NOTHING_CHANGED = Text2(
    "Nothing differs from the version before, so there is no new version to publish. Change something, or discard this draft.",
    "前の版と同じ内容のため、新しい版として公開できません。変更を加えるか、この下書きを破棄してください。",
)


def _not_ready(blocking: Sequence[Missing]) -> Invalid:
    return Invalid(
        Text2(
            f"Still empty: {', '.join(item.label.en for item in blocking)}. Fill them in or accept their suggestions, then publish.",
            f"まだ空いています：{'、'.join(item.label.ja for item in blocking)}。入力するか提案を受け入れてから、公開してください。",
        ),
        errors=[FieldError(item.pointer, item.why) for item in blocking],
        code="not-ready",
    )


def _unanswered(asked: Sequence[Question]) -> Invalid:
    words = [
        Text2(f"{one.words.en}. {why.en}", f"{one.words.ja}。{why.ja}") if (why := one.why_unsettled) else one.words
        for one in asked
    ]
    return Invalid(
        Text2(
            "Some of the data may not be meant for everybody. Nothing was published. Answer what is asked about it, then publish.",
            "公開してはいけないデータが含まれているかもしれません。まだ公開していません。質問に答えてから、公開してください。",
        ),
        errors=[FieldError("/files", one) for one in words],
        code="unanswered",
    )


# -- new version and withdrawal


def _copy_files(record: Record, draft: Draft) -> None:
    """Its files, their bytes as blobs again: they are there as a rule, else they come back from the store. What the draft that became
    the record names, nobody takes away meanwhile, so it need not be claimed; in a bucket 100,000 of them are not even asked for."""
    named = DraftFile.objects.filter(draft__record=record, sha256=OuterRef("sha256"), path=OuterRef("path"))
    wanted = ("path", "sha256", "size", "content_path", "is_named")
    for file in record.files.annotate(is_named=Exists(named)).values_list(*wanted, named=True):
        there = is_far() or blobs().exists(file.sha256) if file.is_named else blobs().claim(file.sha256)
        if not there:
            with open_path(record, file.path, size=file.size, at=file.content_path) as content:
                blobs().write(content)
    copying.to_draft(record, draft)


def _withdraw(record_id: str, reason: str, by: Actor) -> None:
    record = Record.objects.select_related("concept").get(pk=record_id)
    at = timezone.now()
    record.withdrawn_at, record.withdrawal_reason, record.withdrawn_by_id = at, reason, by.user_id
    message = f"Withdraw version {record.number}"
    version = objects.add_beside(
        record.concept, {tombstone_path(record): documents.tombstone(record)}, message=message, by=by, at=at
    )
    crashpoints.reach("withdraw: object committed")
    record.tombstone_version = version
    with transaction.atomic():
        record.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason", "tombstone_version"])
        record.identifiers.update(state=Identifier.State.TOMBSTONED)
        payload = {"number": record.number, "object_version": version}
        emit("record.withdrawn", by=by, record=record, at=at, payload=payload)
        crashpoints.reach("withdraw: written")
    objects.confirm(record.concept, version)


def tombstone_path(record: Record) -> str:
    """Where an object keeps the tombstone of a version."""
    return f"metadata/tombstones/{record.number}.json"

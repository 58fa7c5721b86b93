"""The end of keeping: records whose retention is over wait for somebody's decision; to dispose of one takes its bytes away for good.

Nothing goes by itself. A decision concerns the files of all versions of a record, since one OCFL object holds them all and OCFL 1.1
knows no way to take one version out of an object. In this order, so that a death at any point leaves the record whole or disposed of:

1. a second object, ``urn:shirushi:ID:disposed``, is committed: the same versions without ``files/`` and without the words that were read in
   them (``metadata/description.json``, quotes of the provenance), then one more with the tombstones and ``metadata/disposal.json``, which
   tells what was there (paths, sizes, digests), why it went, and on whose word;
2. one transaction withdraws what still stands, points the record at that object, and forgets what was read in the files and not
   accepted: from here on it is decided;
3. :func:`finish`, as often as it takes: the first object goes, then blobs that nothing else needs, derived files, caches.

A death before 2 leaves an object without a transaction, which recovery sets aside; one after it, a disposal that recovery finishes.
"""

import hashlib
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import JSONField, Value
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.core import closed, crashpoints, documents, objects, rules
from shirushi.core.errors import Conflict, FieldError, Invalid
from shirushi.core.events import emit
from shirushi.core.home import blobs, derived, home, locked, store
from shirushi.core.models import (
    Concept,
    Decision,
    Derivation,
    DerivedFile,
    DescribeRun,
    Disposal,
    Draft,
    DraftFile,
    Identifier,
    Record,
    RecordFile,
    Suggestion,
    Unpacking,
)
from shirushi.core.services.publishing import refuse_while_held, tombstone_path
from shirushi.core.values import JSON, tidied
from shirushi.describe.cache import forget_all as forget_readings
from shirushi.metadata.fields import Text2
from shirushi.storage import Kept, NotStored, Source, StorageError
from shirushi.storage.inventory import ObjectVersion

logger = logging.getLogger(__name__)

LONGEST_REASON = 5_000
FRESH = 3600.0  # seconds: younger blobs may belong to an upload that is going on; they go in a later round
DOCUMENT = "metadata/disposal.json"
_READ = ("files/", "metadata/description.json")  # the files, and all that was read in them
_RECORD = "metadata/record.json"


def dispose(*, record: Record, reason: str, by: Actor, seen: date | None) -> Disposal:
    """Decide that the files of all versions of a record go for good. ``seen``: the end of retention that was looked at. What was decided
    already is returned. The bytes go with :func:`finish`, which the worker calls.

    Raises:
        NotAllowed: only curators and operators of the space, never agents.
        Invalid: no reason is given, or one that is too long: readers of the tombstone will see it.
        Conflict: (code ``held``) a hold is placed on it; (``retained``) it has to be kept yet; (``changed``) the end of retention is
            another one by now; (``draft-open``) a draft of a next version holds the same files; (``rebuild-first``) the store tells of
            a disposal that the database does not know.
        DatabaseOlder: the store holds a version of the record that the database does not know. Nothing was changed.
        DomainError: the store cannot take it. Nothing was changed.
    """
    rules.require(by, "dispose", record)
    reason = _reason(reason)
    with locked(f"concept-{record.concept_id}"):
        concept = Concept.objects.get(pk=record.concept_id)
        if concept.is_disposed:
            return concept.disposal
        _refuse(concept, seen)
        at = timezone.now()
        known = _manifest(concept)
        try:
            number = _write_object(concept, known, reason, by, at)
            crashpoints.reach("dispose: object committed")
            disposal = _write(concept, number, known, reason, seen, by, at)
        except BaseException:
            _clear(concept)
            raise
        crashpoints.reach("dispose: committed")
        concept.refresh_from_db()
        objects.confirm(concept, number)
    return disposal


def finish(concept: Concept) -> bool:
    """Take away what was decided to go; returns whether all of it is gone. May be repeated at any time, by anybody; what is being
    worked on just now is left for later.

    Raises:
        StorageError: the store cannot do it now. Do it again.
    """
    with locked(f"concept-{concept.pk}", wait=False) as free:
        if not free:
            return False
        concept.refresh_from_db()
        if concept.is_disposed:
            return _finish(concept)
    return True


def finish_all() -> bool:
    """:func:`finish` every disposal that has not come to its end; returns whether none is left."""
    left = False
    for disposal in Disposal.objects.filter(finished_at=None).select_related("concept"):
        try:
            left |= not finish(disposal.concept)
        except StorageError as error:
            logger.error("%s could not be disposed of yet: %s", disposal.concept_id, error)
            left = True
    return not left


def is_over(concept: Concept, today: date | None = None) -> bool:
    """Whether its bytes need not be kept any more: the day until which they must be is kept to its end."""
    return concept.retain_until is not None and concept.retain_until < (today or timezone.localdate())


# -- deciding


def _reason(reason: str) -> str:
    reason = tidied(reason)
    words = None
    if not reason:
        words = Text2("Say why: readers of the tombstone will see it.", "理由を書いてください。読者に表示されます。")
    elif len(reason) > LONGEST_REASON:
        words = Text2(
            f"Say it in at most {LONGEST_REASON:,} characters.", f"{LONGEST_REASON:,}字以内で書いてください。"
        )
    if words:
        raise Invalid(words, errors=[FieldError("/reason", words)])
    return reason


def _refuse(concept: Concept, seen: date | None) -> None:
    refuse_while_held(concept)
    if concept.retain_until != seen:
        raise Conflict(_CHANGED, code="changed")
    if not is_over(concept):
        raise Conflict(_RETAINED, code="retained")
    if concept.drafts.filter(state__in=[Draft.State.OPEN, Draft.State.PUBLISHING]).exists():
        raise Conflict(_DRAFT, code="draft-open")
    if objects.is_confirmed_disposal(concept):
        raise Conflict(_REBUILD, code="rebuild-first")


@transaction.atomic
def _write(
    concept: Concept, number: int, known: list[dict[str, Any]], reason: str, seen: date | None, by: Actor, at: datetime
) -> Disposal:
    """Look again, with the row locked: a hold may have been placed since."""
    concept = Concept.objects.select_for_update().get(pk=concept.pk)
    _refuse(concept, seen)
    newest = concept.records.order_by("-number").first()
    assert newest is not None
    standing = list(concept.records.filter(withdrawn_at=None).order_by("number"))
    for one in standing:
        _withdraw(one, number, reason, by, at)
        emit("record.withdrawn", by=by, record=one, at=at, payload={"number": one.number, "object_version": number})
    _forget_what_was_read(concept)
    files, size = totals(known)
    written = mark(concept, number, reason=reason, by=by.user_id, at=at, files=files, size=size)
    payload = {"object_version": number, "files": files, "size": size}
    emit("record.disposed", by=by, record=newest, at=at, payload=payload)
    crashpoints.reach("dispose: written")
    return written


def _forget_what_was_read(concept: Concept) -> None:
    """Words and values of the files in what was proposed and not accepted, and in the evidence for what was."""
    for record in concept.records.only("pk", "document"):
        Record.objects.filter(pk=record.pk).update(document=_without_words(record.document))
    proposed = Suggestion.objects.filter(draft__concept=concept)
    proposed.exclude(state=Suggestion.State.ACCEPTED).update(value=Value(None, JSONField()))
    every = list(proposed.only("pk", "evidence"))
    for one in every:
        one.evidence = closed.evidence_without_words(one.evidence)
    Suggestion.objects.bulk_update(every, ["evidence"], batch_size=500)


def mark(
    concept: Concept, number: int, *, reason: str, by: int | None, at: datetime, files: int, size: int
) -> Disposal:
    """Let the database say that a record is disposed of: object version ``number`` of its second object tells of it. Part of the
    caller's transaction."""
    concept.disposed_version = number
    concept.save(update_fields=["disposed_version"])
    concept.records.update(object_id=concept.object_id)
    RecordFile.objects.filter(record__concept=concept).exclude(content_path="").update(content_path="")
    values = {"reason": reason, "by_id": by, "decided_at": at, "files": files, "size": size}
    return Disposal.objects.get_or_create(concept=concept, defaults=values)[0]


def _withdraw(record: Record, number: int, reason: str, by: Actor, at: datetime) -> None:
    record.withdrawn_at, record.withdrawal_reason, record.withdrawn_by_id = at, reason, by.user_id
    record.tombstone_version = number
    record.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason", "tombstone_version"])
    record.identifiers.update(state=Identifier.State.TOMBSTONED)


# -- the second object


def _manifest(concept: Concept) -> list[dict[str, Any]]:
    """What is there: for each version its files."""
    names = ("path", "size", "sha256", "sha512", "media_type")
    return [
        {"record": record.pk, "number": record.number, "files": list(record.files.values(*names))}
        for record in concept.records.order_by("number")
    ]


def totals(known: list[dict[str, Any]]) -> tuple[int, int]:
    """How many different files, and their bytes: what several versions hold counts once."""
    sizes = {file["sha512"]: file["size"] for version in known for file in version["files"]}
    return len(sizes), sum(sizes.values())


def _write_object(concept: Concept, known: list[dict[str, Any]], reason: str, by: Actor, at: datetime) -> int:
    """Every version again without its files, and one more; returns its number."""
    try:
        _clear(concept)
        last = objects.last_version(concept)
        if (promised := objects.confirmed(concept.object_id)) > last:
            raise objects.database_older(f"{concept.object_id} v{promised}")
        inventory = store().inventory(concept.object_id)
        held: dict[str, str] = {}
        for number in range(1, last + 1):
            _commit(concept, inventory.version(number), _without_files(concept, inventory.version(number), held))
        state: dict[str, Source] = {
            path: Kept(held[digest]) for path, digest in inventory.version(last).state.items() if not _goes(path)
        }
    except StorageError as error:
        raise objects.in_kernel_words(error) from error
    for record in concept.records.filter(withdrawn_at=None):
        record.withdrawn_at, record.withdrawal_reason = at, reason
        state[tombstone_path(record)] = documents.tombstone(record)
    told: dict[str, JSON] = {
        "concept": concept.pk,
        "disposed_at": at.isoformat(),
        "reason": reason,
        "retained_until": concept.retain_until and concept.retain_until.isoformat(),
        "why_retained": concept.retain_reason,
        "versions": known,
    }
    state[DOCUMENT] = documents.to_bytes(told)
    objects.commit(
        concept,
        number=last + 1,
        state=state,
        message="Dispose of the files of every version",
        by=by,
        at=at,
        object_id=concept.disposed_object_id,
    )
    return last + 1


def _without_files(concept: Concept, version: ObjectVersion, held: dict[str, str]) -> dict[str, Source]:
    """``held``: by SHA-512 of what the first object holds, that of what the second one holds in its place."""
    state: dict[str, Source] = {}
    new: dict[str, str] = {}
    for path, digest in version.state.items():
        if _goes(path):
            continue
        if digest in held:
            state[path] = Kept(held[digest])
        else:
            with store().open(concept.object_id, path, version.number) as content:
                data = content.read()
            if path == _RECORD:
                data = documents.to_bytes(_without_words(json.loads(data)))
            state[path], new[digest] = data, hashlib.sha512(data).hexdigest()
    held.update(new)
    return state


def _without_words(document: dict[str, JSON]) -> dict[str, JSON]:
    """A record's document without the words that were read in its files."""
    return {**document, "provenance": closed.provenance_without_words(document.get("provenance", []))}


def _commit(concept: Concept, version: ObjectVersion, state: Mapping[str, Source]) -> None:
    store().commit(
        concept.disposed_object_id,
        number=version.number,
        state=state,
        message=version.message,
        user_name=version.user_name,
        user_address=version.user_address,
        created=version.created,
    )


def _goes(path: str) -> bool:
    return path.startswith(_READ)


def _clear(concept: Concept) -> None:
    """Set aside what an earlier try left that never got its transaction."""
    if not Concept.objects.filter(pk=concept.pk, disposed_version__isnull=False).exists():
        objects.set_aside_from(concept.disposed_object_id, 1)


# -- taking away


def _finish(concept: Concept) -> bool:
    disposal = concept.disposal
    if disposal.finished_at and not _is_there(concept.first_object_id):
        return True
    objects.confirm(concept, objects.last_version(concept))
    if was_there := _is_there(concept.first_object_id):
        wrong = [finding for finding in store().verify(concept.disposed_object_id) if finding.is_error]
        if wrong or not objects.is_confirmed_disposal(concept):
            logger.error("%s: what stays of it is not sound, so nothing was removed: %s", concept, wrong)
            return False
        for note in store().logged(concept.first_object_id):
            store().log(concept.object_id, note, b"")
    store().remove(concept.first_object_id)
    _drop_aside(concept)
    crashpoints.reach("dispose: object removed")
    done = _drop_derived(concept) and _drop_blobs(concept)
    if was_there or done:  # not in each round that waits for blobs to grow old: others work with these caches
        shutil.rmtree(home().root / "cache" / "previews", ignore_errors=True)
        with locked("exports"):  # none is being written
            shutil.rmtree(home().root / "cache" / "exports", ignore_errors=True)
        forget_readings(home().root / "cache")
    crashpoints.reach("dispose: blobs removed")
    if done:
        Disposal.objects.filter(pk=disposal.pk, finished_at=None).update(finished_at=timezone.now())
    return done


def _is_there(object_id: str) -> bool:
    try:
        store().inventory(object_id)
    except NotStored:
        return False
    return True


def _drop_derived(concept: Concept) -> bool:
    """Take derived files away; whether all are gone: those that are being made just now, or were within the last hour, go in a later round."""
    for derivation in Derivation.objects.filter(record__concept=concept):
        with locked(f"derive-{derivation.pk}", wait=False) as free:
            if not free:
                return False
            derivation.delete()
    own = DerivedFile.objects.filter(record__concept=concept)
    left = False
    for sha256 in set(own.values_list("sha256", flat=True)):
        others = DerivedFile.objects.filter(sha256=sha256).exclude(record__concept=concept)
        derived().remove_unless(sha256, age=FRESH, unless=others.exists)
        if derived().exists(sha256) and not others.exists():
            left = True
        else:
            own.filter(sha256=sha256).delete()
    return not left


def _drop_aside(concept: Concept) -> None:
    """Take away what was set aside of its object, and of its blobs where nothing else needs them."""
    files = RecordFile.objects.filter(record__concept=concept).exclude(sha512="")
    store().forget_aside(concept.first_object_id, dict(files.values_list("sha512", "size")))
    for sha256 in _digests(concept):
        if not blobs().exists(sha256) and not is_needed(sha256):
            blobs().forget_aside(sha256)


def _drop_blobs(concept: Concept) -> bool:
    """Whether none of the record's bytes is left as a blob that nothing else needs."""
    left = False
    for sha256 in _digests(concept):
        if blobs().exists(sha256) and not is_needed(sha256):
            left |= not blobs().remove_unless(sha256, age=FRESH, unless=lambda sha256=sha256: is_needed(sha256))
    return not left


def _digests(concept: Concept) -> Iterator[str]:
    """Of every file that a version or a draft of the record holds or held, and of what was read in them."""
    seen = set(RecordFile.objects.filter(record__concept=concept).values_list("sha256", flat=True))
    seen |= set(DraftFile.objects.filter(draft__concept=concept).values_list("sha256", flat=True))
    seen |= set(
        Unpacking.objects.filter(draft__concept=concept).values_list("sha256", flat=True)
    )  # archives with the same files
    seen |= set(DescribeRun.objects.filter(draft__concept=concept).values_list("description_sha256", flat=True))
    taken_out = Decision.objects.filter(action=Decision.Action.FILE, draft__concept=concept)
    seen |= set(taken_out.exclude(value__was__sha256=None).values_list("value__was__sha256", flat=True))
    yield from sorted(digest for digest in seen if digest)


def is_needed(sha256: str) -> bool:
    """Whether a draft of a record that was not disposed of holds these bytes, or may put them back, or a reading is kept in them."""
    kept = {"draft__concept__disposed_version": None}
    return (
        DraftFile.objects.filter(sha256=sha256, **kept).exists()
        or Decision.objects.filter(action=Decision.Action.FILE, value__was__sha256=sha256, **kept)
        .exclude(draft__state=Draft.State.PUBLISHED)
        .exists()
        or DescribeRun.objects.filter(description_sha256=sha256, **kept).exists()
    )


DISPOSED = Text2(
    "The files of this record were disposed of after the end of retention, in all versions. Its description and identifier stay.",
    "この記録のファイルは、保存期間の満了後にすべての版で廃棄されました。説明と識別子は残っています。",
)
_CHANGED = Text2(
    "How long this record is kept was decided anew after you opened the list. Reload it, then decide.",
    "一覧を開いたあとに、この記録の保存期間が変更されました。読み込み直してから決めてください。",
)
_RETAINED = Text2(
    "This record has to be kept yet. Only what is past the end of its retention can be disposed of.",
    "この記録はまだ保存期間中です。廃棄できるのは、保存期間が満了したものだけです。",
)
_DRAFT = Text2(
    "A draft of a next version is open and holds the files of this record. Publish or discard it first.",
    "次の版の下書きがあり、この記録のファイルを使っています。先に公開するか破棄してください。",
)
_REBUILD = Text2(
    "The store tells that this record was disposed of, which this database does not know. Run: shirushi rebuild",
    "保管庫では廃棄済みの記録ですが、データベースに反映されていません。shirushi rebuild を実行してください。",
)

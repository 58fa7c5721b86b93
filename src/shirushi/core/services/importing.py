"""Records from elsewhere, with the identifiers they have there: each becomes a draft, or is published at once.

What was read, and what of it could not be carried over, is kept beside the draft and goes with the record into the store. A record is
known by its key at the source: importing it again changes nothing as long as it says there what it said before, and otherwise makes
the next version. A step that was broken off is gone on with when the same is imported again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from django.db import transaction

from shirushi.accounts.actors import Actor
from shirushi.accounts.models import Space
from shirushi.core import rules
from shirushi.core.errors import Conflict, DomainError, Invalid
from shirushi.core.events import emit
from shirushi.core.home import locked
from shirushi.core.locking import advance
from shirushi.core.models import Draft, DraftFile, Identifier, ImportSource, Record
from shirushi.core.services.describing import start_describing
from shirushi.core.services.drafts import create_draft, discard_draft, fill_in, put_files
from shirushi.core.services.publishing import identifier_taken, new_version, publish
from shirushi.exchange.imported import Imported
from shirushi.metadata.fields import BY_NAME, Text2
from shirushi.storage.files import digest_of

State = Literal["new", "changed", "unchanged"]
MOST_DOCUMENT = 20_000_000  # characters of what was read that are kept
_GROUP = 200  # files put together
_LEFT_EMPTY = {
    "access",
    "variables",
    "instruments",
    "software",
}  # the files, or people here, may have said more of these


@dataclass(slots=True)
class Outcome:
    """What became of one record: it was ``new`` here, ``changed`` since it was imported, or ``unchanged``. ``draft`` is None where
    nothing was made, as in a dry run. ``absent`` files are named by the source and were not given; ``waits`` says why a draft was not
    published."""

    state: State
    draft: Draft | None = None
    record: Record | None = None
    absent: list[str] = field(default_factory=list)
    waits: Text2 | None = None


def look_up(*, imported: Imported, space: Space, by: Actor) -> Outcome:
    """What importing would do, without doing it.

    Raises:
        NotAllowed: ``by`` may not deposit in this space, or may not continue the record that it is.
        Conflict: (code ``identifier-taken``) its identifier names something else here; (code ``older-version``) a newer version of it
            is here already; (code ``draft-under-way``) a draft of the record is open, which has to be published or discarded first.
    """
    rules.require(by, "create-draft", space)
    known = _known(imported)
    before = _before(imported, known)
    _see_that_free(imported, before)
    if known is not None and known.digest == imported.digest():
        draft = known.draft
        return Outcome("unchanged", draft, draft.record)
    if before is None:
        return Outcome("new")
    if before.draft.state != Draft.State.PUBLISHED or _under_way(before.draft):
        raise _under_way_already(_under_way(before.draft) or before.draft)
    newest = ImportSource.objects.filter(draft__concept_id=before.draft.concept_id).exclude(ordinal=None)
    newest = newest.exclude(draft__state=Draft.State.DISCARDED).order_by("-ordinal").first()
    if newest and imported.ordinal is not None and (newest.ordinal or 0) > imported.ordinal:
        raise _older(imported)
    if before.draft.record is not None:
        rules.require(by, "new-version", before.draft.record)
    return Outcome("changed")


def import_record(
    *,
    imported: Imported,
    document: str,
    space: Space,
    by: Actor,
    files: Mapping[str, Path] | None = None,
    publish_it: bool = False,
) -> Outcome:
    """Make a draft of a record, or the draft of its next version; publish it if asked to and nothing keeps it: a value that is missing,
    a question about its data, or files that the source names and nobody gave.

    ``document`` is what it was read from. ``files`` are files of this machine by the path that each is to have; where the source gives
    a checksum they must have it. Without any, a next version keeps those of the one before.

    Raises:
        NotAllowed, Conflict: as :func:`look_up`.
        Invalid: (code ``checksum-mismatch``) a file has other bytes than the source says. Nothing was made.
        DomainError: the store cannot take them. The draft was discarded.
    """
    rules.require(by, "create-draft", space)
    sources = dict(files or {})
    _see_that_right(imported, sources)
    with locked(f"import-{_lock_name(imported)}"):
        outcome = look_up(imported=imported, space=space, by=by)
        if outcome.draft is None:
            outcome.draft = _begun(imported, document, space, by, with_files=not sources)
        if outcome.draft.state == Draft.State.OPEN:
            _put(outcome, sources, by)
    if outcome.draft.state == Draft.State.OPEN:
        there = set(outcome.draft.files.values_list("path", flat=True))
        outcome.absent = [file.path for file in imported.files if file.path not in there]
        if publish_it:
            publish_draft(outcome, by)
    return outcome


def take_over(*, draft: Draft, imported: Imported, document: str, by: Actor) -> None:
    """Give a draft the values, identifiers and origin of a record from elsewhere. The caller has a transaction.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more).
    """
    rules.require(by, "fill-draft", draft)
    advance(draft, at_version=None)
    whole = imported.work.model_dump(mode="json", exclude_none=True)
    for name in BY_NAME:
        value = whole.get(name)
        if value not in (None, [], {}):
            fill_in(draft, name, value, by=by)
        elif draft.base_record_id and name in draft.metadata and name not in _LEFT_EMPTY:
            fill_in(draft, name, None, by=by)
    reserved: dict[str, Any] = dict(draft.reserved)
    outer = {}
    for name, identifier in (("identifier", imported.identifier), ("concept_identifier", imported.concept_identifier)):
        if identifier is not None:
            reserved[name], outer[name] = identifier.value, identifier.scheme
    if outer:
        draft.reserved = {**reserved, "outer": outer}
        draft.save(update_fields=["reserved"])
    ImportSource.objects.create(
        draft=draft,
        system=imported.system,
        key=imported.key[:500],
        concept_key=imported.concept_key[:500],
        ordinal=imported.ordinal,
        url=(imported.url or "")[:2000],
        digest=imported.digest(),
        document=document[:MOST_DOCUMENT].replace("\0", ""),
        untaken=[{"path": u.path, "en": u.why.en, "ja": u.why.ja, "value": u.value} for u in imported.untaken[:1000]],
    )
    emit("draft.imported", by=by, draft=draft, payload={"system": imported.system, "untaken": len(imported.untaken)})


def why_taken(imported: Imported) -> Conflict | None:
    """Why its identifiers cannot be those of a new record: one of them names something here. None when they can."""
    try:
        _see_that_free(imported, None)
    except Conflict as conflict:
        return conflict
    return None


# -- what is here already


def _known(imported: Imported) -> ImportSource | None:
    """The last import of this very record that was not discarded."""
    found = ImportSource.objects.filter(system=imported.system, key=imported.key[:500])
    return found.exclude(draft__state=Draft.State.DISCARDED).select_related("draft__record", "draft__concept").last()


def _before(imported: Imported, known: ImportSource | None) -> ImportSource | None:
    """The import that this one continues: of the same record, or of another version of it."""
    if known is not None or not imported.concept_key:
        return known
    found = ImportSource.objects.filter(system=imported.system, concept_key=imported.concept_key[:500])
    return found.exclude(draft__state=Draft.State.DISCARDED).select_related("draft__record", "draft__concept").last()


def _see_that_free(imported: Imported, before: ImportSource | None) -> None:
    for identifier in (imported.identifier, imported.concept_identifier):
        if identifier is None:
            continue
        found = Identifier.objects.filter(scheme=identifier.scheme, value__iexact=identifier.value)
        other = found.select_related("record").first()
        if other is None:
            continue
        concept = other.concept_id or (other.record and other.record.concept_id)
        if before is None or before.draft.concept_id != concept:
            raise identifier_taken(identifier.value, other)


def _under_way(draft: Draft) -> Draft | None:
    states = [Draft.State.OPEN, Draft.State.PUBLISHING]
    return Draft.objects.filter(concept_id=draft.concept_id, state__in=states).first()


def _under_way_already(draft: Draft) -> Conflict:
    return Conflict(
        Text2(
            f"Draft {draft.pk} of this record is open. Publish or discard it, then import again.",
            f"この記録の下書き {draft.pk} が開いています。公開するか破棄してから、もう一度取り込んでください。",
        ),
        code="draft-under-way",
    )


def _older(imported: Imported) -> Conflict:
    return Conflict(
        Text2(
            f"A newer version of {imported.key} was imported before, and versions follow one another. Import the oldest first.",
            f"{imported.key} の新しい版がすでに取り込まれています。版は順に並ぶため、古い版から取り込んでください。",
        ),
        code="older-version",
    )


# -- making it


@transaction.atomic
def _begun(imported: Imported, document: str, space: Space, by: Actor, *, with_files: bool) -> Draft:
    before = _before(imported, _known(imported))
    record = before.draft.record if before else None
    if record is not None and record.concept.newest_standing() is not None:
        draft = new_version(record=record, by=by, with_files=with_files)
    else:
        draft = create_draft(space=space, by=by, name=imported.work.title() or imported.key)
    take_over(draft=draft, imported=imported, document=document, by=by)
    return draft


def _see_that_right(imported: Imported, sources: Mapping[str, Path]) -> None:
    """See that the files given are those that the source names, as far as it says."""
    for named in imported.files:
        path = sources.get(named.path)
        if path is None:
            continue
        wrong = named.size is not None and path.stat().st_size != named.size
        for algorithm, digest in named.checksums[:1] if not wrong else ():
            if algorithm in ("md5", "sha1", "sha256", "sha512"):
                with path.open("rb") as file:
                    wrong = digest_of(file, algorithm) != digest
        if wrong:
            raise Invalid(
                Text2(
                    f"{named.path}: has other bytes than its source says. Get it again, then import again. Nothing was made.",
                    f"{named.path}：取り込み元の情報と内容が異なります。取得し直してから、もう一度取り込んでください。何も作成していません。",
                ),
                code="checksum-mismatch",
            )


def _put(outcome: Outcome, sources: Mapping[str, Path], by: Actor) -> None:
    draft = outcome.draft
    assert draft is not None
    names = list(sources)
    before = set(draft.files.values_list("path", "sha256"))
    try:
        for start in range(0, len(names), _GROUP):
            wrong = put_files(
                draft=draft, sources={name: sources[name] for name in names[start : start + _GROUP]}, by=by
            )
            if wrong:
                name, error = next(iter(wrong.items()))
                raise error if isinstance(error, DomainError) else _unreadable(name)
    except DomainError:
        if outcome.state == "new":
            discard_draft(draft=draft, by=by)
        raise
    draft.refresh_from_db()
    if draft.files.exists() and before != set(DraftFile.objects.filter(draft=draft).values_list("path", "sha256")):
        start_describing(draft=draft, by=by)


def _unreadable(name: str) -> Invalid:
    return Invalid(Text2(f"{name}: cannot be read.", f"{name}：読み取れません。"), code="unreadable")


def publish_draft(outcome: Outcome, by: Actor) -> None:
    """Publish the draft of an outcome, or note what keeps it. Files are read first, so that what must not be published by mistake is
    asked about."""
    from shirushi.core import jobs  # jobs call the services

    draft = outcome.draft
    assert draft is not None
    if outcome.absent:
        outcome.waits = Text2(
            f"{len(outcome.absent):,} of its files are not here. Give them with it, or add them to the draft and publish that.",
            f"ファイルが {len(outcome.absent):,} 個足りません。一緒に渡すか、下書きに追加してから公開してください。",
        )
        return
    for run in draft.runs.filter(state__in=["queued", "running"]):
        jobs.run_description(run.pk)
    draft.refresh_from_db()
    try:
        outcome.record = publish(draft=draft, by=by, at_version=draft.version)
    except (Invalid, Conflict) as error:
        outcome.waits = error.message
    draft.refresh_from_db()


def _lock_name(imported: Imported) -> str:
    name = f"{imported.system} {imported.concept_key or imported.key}"
    return hashlib.sha256(name.encode()).hexdigest()[:2]  # each leaves a file: a few hundred are enough

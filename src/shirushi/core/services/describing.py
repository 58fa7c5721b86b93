"""Having a draft's files read, and keeping what was found as suggestions."""

import hashlib
import io
import json
from collections.abc import Container, Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from shirushi.accounts.actors import SYSTEM, Actor
from shirushi.core import crashpoints, rules, values
from shirushi.core.disclosure import found_in
from shirushi.core.errors import Conflict, FieldError, Invalid
from shirushi.core.events import emit
from shirushi.core.home import blobs
from shirushi.core.locking import hold, why_not
from shirushi.core.models import DescribeRun, Draft, DraftFile, ExactProfile, Suggestion
from shirushi.core.values import JSON
from shirushi.describe import exact
from shirushi.describe.description import Description
from shirushi.describe.evidence import Evidence, to_json
from shirushi.describe.evidence import Suggestion as Proposal
from shirushi.metadata.fields import Text2, field_of
from shirushi.storage.blobs import Blob


def start_describing(*, draft: Draft, by: Actor, blank: float = 0.0) -> DescribeRun:
    """Queue a reading of the draft's files. The job is queued in the same transaction, so no run is left without one.
    While a reading waits to begin, that one is returned. ``blank``: the share of fields to show without suggestions at first.

    Raises:
        NotAllowed: ``by`` may not fill this draft.
        Conflict: the draft is not open; or (code ``no-files``) has no files.
    """
    from shirushi.core import jobs  # jobs call the services

    rules.require(by, "fill-draft", draft)
    with transaction.atomic():
        hold(draft)
        if not Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN).exists():
            raise why_not(draft)
        if not draft.files.exists():
            raise Conflict(
                Text2(
                    "There are no files to read yet. Add some first.",
                    "読み取るファイルがありません。先に追加してください。",
                ),
                code="no-files",
            )
        waiting = draft.runs.filter(state=DescribeRun.State.QUEUED).first()
        if waiting is not None:
            return waiting
        run = DescribeRun.objects.create(draft=draft, total=draft.files.count(), started_by_id=by.user_id, blank=blank)
        emit("draft.describing", by=by, draft=draft, payload={"run": run.pk})
        jobs.describe_draft.enqueue(run.pk)
    run.refresh_from_db()  # a backend that works at once may be done already
    return run


def save_description(*, run: DescribeRun, description: Description, excerpts: Sequence[JSON] = ()) -> None:
    """Keep what a reading found. Open suggestions of earlier readings give way; values that somebody has decided on, or that
    the draft holds already, are not proposed again. Saving twice changes nothing.

    A draft that was published or discarded meanwhile keeps its state; the run says so. ``excerpts``: what a language model
    might be shown, with consent.
    """
    blob = keep(description)
    crashpoints.reach("describe: description stored")
    with transaction.atomic():
        hold(run.draft)
        run.refresh_from_db()
        if run.is_over:
            return
        draft = Draft.objects.get(pk=run.draft_id)
        if draft.state == Draft.State.OPEN:
            waiting = (Suggestion.State.OPEN, Suggestion.State.HELD)
            draft.suggestions.filter(state__in=waiting, run__isnull=False).update(state=Suggestion.State.SUPERSEDED)
            add(draft, description.suggestions, run=run)
            read = list(draft.files.filter(changed_at__lte=run.began_at or run.created_at))
            _note_tables(read, description)
            run.sensitive = found_in(description, {file.path: file.sha256 for file in read})
        run.state = DescribeRun.State.DONE
        run.description_sha256 = blob.sha256
        run.problems = [
            {"code": item.code, "file": item.file, "message": item.message, "detail": item.detail}
            for item in description.problems
        ]
        run.excerpts = list(excerpts)
        run.stage, run.current_file = "", ""
        run.done = run.total = description.file_count
        run.finished_at = run.heartbeat = timezone.now()
        run.save()
        emit(
            "draft.described",
            by=SYSTEM,
            draft=draft,
            payload={"run": run.pk, "suggestions": len(description.suggestions), "sha256": blob.sha256},
        )
        if draft.state == Draft.State.OPEN:
            _count_later(run, description)
        if settings.SHIRUSHI_PRONOM and draft.state == Draft.State.OPEN:
            from shirushi.core import jobs  # jobs call the services

            jobs.find_formats.enqueue(run.pk)
        crashpoints.reach("describe: suggestions written")
    crashpoints.reach("describe: committed")


def _count_later(run: DescribeRun, description: Description) -> None:
    """Queue the exact numbers of tables that were sampled; those of earlier readings are no longer waited for."""
    from shirushi.core import jobs  # jobs call the services

    waiting = (ExactProfile.State.QUEUED, ExactProfile.State.RUNNING)
    ExactProfile.objects.filter(run__draft_id=run.draft_id, state__in=waiting).update(
        state=ExactProfile.State.OUTDATED, finished_at=timezone.now()
    )
    if exact.is_wanted(description.evidence):
        ExactProfile.objects.create(run=run)
        jobs.count_exactly.enqueue(run.pk)


def _note_tables(read: Sequence[DraftFile], description: Description) -> None:
    """Keep how the tables are written, for the exports. A file that was replaced meanwhile is not among those that were
    ``read``: it waits for its own reading."""
    forms = description.tables()
    noted = []
    for file in read if forms else ():
        if file.path not in forms:
            continue
        file.table = {**forms[file.path].model_dump(mode="json"), "of": file.sha256}
        noted.append(file)
    DraftFile.objects.bulk_update(noted, ["table"], batch_size=200)


@transaction.atomic
def propose(
    *, draft: Draft, target: str, value: JSON, confidence: float, evidence: Sequence[Evidence], by: Actor
) -> Suggestion:
    """Propose a value for a person to decide on: what an agent may do. No evidence, no suggestion.

    Raises:
        NotAllowed, Conflict: the draft may not be filled by ``by``, or is not open.
        Invalid: no such field, a value that does not fit it, no evidence, or a confidence outside 0 to 1.
    """
    rules.require(by, "fill-draft", draft)
    hold(draft)
    if not Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN).exists():
        raise why_not(draft)
    field = target.lstrip("/").split("/", 1)[0]
    spec = values.spec_of(field)
    proper = values.checked_item(field, value)
    try:
        proposal = Proposal(
            target=spec.target,
            value=proper,
            confidence=confidence,
            evidence=tuple(evidence),
            method=f"{Suggestion.PROPOSED}{by.agent or 'person'}"[:100],
            version="1",
        )
    except ValueError as error:
        words = Text2(
            "A proposal needs evidence and a confidence from 0 to 1.",
            "提案には、根拠と 0 から 1 の確信度が必要です。",
        )
        raise Invalid(words, errors=[FieldError("/evidence", words)]) from error
    added = add(draft, [proposal])
    if not added:
        raise Conflict(
            Text2(
                "The draft has this value already, or somebody has decided on it.",
                "この値はすでに下書きにあるか、判断済みです。",
            ),
            code="nothing-new",
        )
    emit("draft.proposed", by=by, draft=draft, payload={"suggestion": added[0].pk, "field": field})
    return added[0]


def add(
    draft: Draft,
    proposals: Iterable[Proposal],
    *,
    run: DescribeRun | None = None,
    kept_back: Container[str] = frozenset(),
) -> list[Suggestion]:
    """Add suggestions, of a reading if ``run`` made them, in the caller's transaction; what is known or stands in the draft is
    left out. Those of fields in ``kept_back`` are not shown yet."""
    known = {
        (field, values.key(value))
        for field, value in draft.suggestions.exclude(state=Suggestion.State.SUPERSEDED).values_list("field", "value")
    }
    held = {
        (field, values.key(item)) for field in draft.metadata for item in values.items(field, draft.metadata[field])
    }
    new = []
    for proposal in proposals:
        field = field_of(proposal.target).name
        value = values.proper(field, proposal.value)
        if value is None or (field, values.key(value)) in known | held:
            continue
        known.add((field, values.key(value)))
        new.append(
            Suggestion(
                draft=draft,
                run=run,
                target=proposal.target,
                field=field,
                value=value,
                confidence=proposal.confidence,
                evidence=[to_json(item) for item in proposal.evidence],
                method=proposal.method[:100],
                method_version=proposal.version[:50],
                order=proposal.order,
                alternative=proposal.alternative,
                features=dict(proposal.features),
                state=Suggestion.State.HELD
                if field in kept_back or (run and is_held(draft, field, run.blank))
                else Suggestion.State.OPEN,
            )
        )
    return Suggestion.objects.bulk_create(new, batch_size=500)


# Fields that a person can well type without help; columns of tables, or what a list of choices decides, are not asked for.
_TYPED = frozenset(
    (
        "titles",
        "creators",
        "descriptions",
        "subjects",
        "rights",
        "languages",
        "related",
        "funding",
        "dates",
        "locations",
    )
)


def is_held(draft: Draft, field: str, share: float) -> bool:
    """Whether a field of a draft is among the ``share`` that are shown without suggestions: chance, but always the same, and
    only while nothing stands in the field."""
    if share <= 0 or field not in _TYPED or draft.metadata.get(field):
        return False
    return int(hashlib.sha256(f"{draft.pk}/{field}".encode()).hexdigest()[:8], 16) < share * 0x1_0000_0000


def keep(description: Description) -> Blob:
    """Put the whole result into the blob store."""
    data = json.dumps(description.to_json(), ensure_ascii=False, sort_keys=True)
    return blobs().write(io.BytesIO(data.encode(errors="replace")))

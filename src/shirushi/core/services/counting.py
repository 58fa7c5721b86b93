"""The exact numbers of large tables: counted after a reading that sampled them, while its owner decides already.

What nobody has decided gets the exact numbers; what somebody has decided stays as it is. Which tables are done is known by the
cache of what was read, so that a job that was killed, or gave way to a reading, goes on with the next table.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from shirushi.accounts.actors import SYSTEM
from shirushi.core import crashpoints, values
from shirushi.core.events import emit
from shirushi.core.locking import hold
from shirushi.core.models import DescribeRun, Draft, DraftFile, ExactProfile, Suggestion
from shirushi.core.readiness import unread_files
from shirushi.core.services import describing
from shirushi.core.values import JSON
from shirushi.describe.description import Description
from shirushi.describe.evidence import Suggestion as Proposal
from shirushi.describe.evidence import to_json
from shirushi.metadata.fields import Text2, field_of

MOST_ATTEMPTS = 3
_DIED = Text2(
    "Counting ended unexpectedly three times. The numbers stay those of the sample.",
    "集計が三度、途中で終わりました。数値は一部の行からのままです。",
)
_WAITING = (ExactProfile.State.QUEUED, ExactProfile.State.RUNNING)
_OPEN = (Suggestion.State.OPEN, Suggestion.State.HELD)
VARIABLES = "variables"


def claim(run_id: int) -> ExactProfile | None:
    """The counting of a run, if it is still wanted. Who calls holds its lock: one that is said to be running belongs to a dead
    process. What has killed its process :data:`MOST_ATTEMPTS` times is given up."""
    profile = ExactProfile.objects.select_related("run__draft").filter(run_id=run_id, state__in=_WAITING).first()
    if profile is None:
        return None
    if _is_outdated(profile.run):
        _end(profile, ExactProfile.State.OUTDATED)
        return None
    if profile.attempts >= MOST_ATTEMPTS:
        _end(profile, ExactProfile.State.FAILED, message=_DIED.en)
        return None
    now = timezone.now()
    mine = ExactProfile.objects.filter(pk=profile.pk, state__in=_WAITING)
    if not mine.update(state=ExactProfile.State.RUNNING, attempts=F("attempts") + 1, heartbeat=now, message=""):
        return None
    return profile


def give_way(profile: ExactProfile) -> None:
    """Wait for another turn; that is no failure."""
    ExactProfile.objects.filter(pk=profile.pk, state=ExactProfile.State.RUNNING).update(
        state=ExactProfile.State.QUEUED, attempts=0
    )


def why_ended(message: str) -> Text2:
    """The message of a counting that failed, as it is kept in English, in both languages."""
    return _DIED if message == _DIED.en else Text2(message, message)


def fail(profile: ExactProfile, why: str) -> None:
    _end(profile, ExactProfile.State.FAILED, message=why)


def files_of(run: DescribeRun) -> Iterable[DraftFile]:
    """The files that the run has read: those that came later wait for a reading of their own."""
    return run.draft.files.filter(changed_at__lte=run.began_at or run.created_at)


def finish(*, profile: ExactProfile, description: Description) -> None:
    """Give the exact numbers to what nobody has decided. Doing it twice changes nothing."""
    blob = describing.keep(description)
    with transaction.atomic():
        hold(profile.run.draft)
        profile = ExactProfile.objects.select_related("run__draft").get(pk=profile.pk)
        if profile.is_over:
            return
        run = profile.run
        if _is_outdated(run):
            _end(profile, ExactProfile.State.OUTDATED)
            return
        renewed = _renew_variables(run, description.suggestions)
        if not unread_files(run.draft):  # with other files there, other fields would say something else
            renewed += _renew_others(run, description.suggestions)
        told = [asdict(item) for item in description.problems]
        run.problems += [item for item in told if item["code"] == "not-counted" and item not in run.problems]
        run.description_sha256 = blob.sha256
        run.save(update_fields=["problems", "description_sha256"])
        profile.renewed = renewed
        profile.save(update_fields=["renewed"])
        _end(profile, ExactProfile.State.DONE)
        payload = {"run": run.pk, "renewed": renewed, "sha256": blob.sha256}
        emit("draft.counted", by=SYSTEM, draft=run.draft, payload=payload)
        crashpoints.reach("exact: written")
    crashpoints.reach("exact: committed")


def _is_outdated(run: DescribeRun) -> bool:
    latest = DescribeRun.objects.filter(draft_id=run.draft_id, state=DescribeRun.State.DONE).order_by("-pk").first()
    return run.draft.state != Draft.State.OPEN or latest != run


def _end(profile: ExactProfile, state: str, message: str = "") -> None:
    ExactProfile.objects.filter(pk=profile.pk, state__in=_WAITING).update(
        state=state, message=message, current_file="", finished_at=timezone.now()
    )


def _renew_variables(run: DescribeRun, proposals: Iterable[Proposal]) -> int:
    """Each open suggestion of a variable takes the numbers of its column. It stays the same suggestion, so that a page that
    shows it already goes on working. Columns of one name in one table are told apart by their order."""
    found: defaultdict[tuple[Any, ...], list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        if field_of(proposal.target).name == VARIABLES:
            found[_column(proposal.value)].append(proposal)
    shown: defaultdict[tuple[Any, ...], list[Suggestion]] = defaultdict(list)
    for row in (
        run.suggestions.filter(field=VARIABLES).exclude(state=Suggestion.State.SUPERSEDED).order_by("order", "pk")
    ):
        shown[_column(row.value)].append(row)
    renewed = 0
    for column, rows in shown.items():
        if len(rows) != len(found[column]):
            continue
        for row, proposal in zip(rows, found[column], strict=True):
            value = values.proper(VARIABLES, proposal.value)
            if row.state in _OPEN and value is not None and value != row.value:
                # Only what is open still: somebody may be deciding on it just now.
                same = Suggestion.objects.filter(pk=row.pk, state=row.state)
                renewed += same.update(
                    value=value,
                    confidence=proposal.confidence,
                    evidence=[to_json(item) for item in proposal.evidence],
                    features=dict(proposal.features),
                )
    return renewed


def _column(value: Mapping[str, JSON]) -> tuple[Any, ...]:
    return value.get("file"), value.get("part"), value["name"]


def _renew_others(run: DescribeRun, proposals: Iterable[Proposal]) -> int:
    """Periods, places and descriptions rest on numbers too: where nobody has decided or typed anything, what no longer follows
    gives way to what follows now."""
    draft = run.draft
    taken = set(draft.decisions.values_list("field", flat=True)) | set(draft.metadata) | {VARIABLES}
    following: defaultdict[str, list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        if (name := field_of(proposal.target).name) not in taken:
            following[name].append(proposal)
    gone = []
    for row in run.suggestions.filter(state__in=_OPEN).exclude(field__in=taken):
        same = {values.key(values.proper(row.field, item.value)) for item in following[row.field]}
        if values.key(row.value) not in same:
            gone.append(row.pk)
    changed = {row.field for row in run.suggestions.filter(pk__in=gone)}
    run.suggestions.filter(pk__in=gone, state__in=_OPEN).update(state=Suggestion.State.SUPERSEDED)
    new = [item for name in sorted(changed) for item in following[name]]
    return len(describing.add(draft, new, run=run))

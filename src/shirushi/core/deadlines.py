"""Moments at which something happens by itself: the end of an embargo, which harvesters and the activity log hear of, and that of a
retention, which brings a record into the list of those that somebody has to decide on (:mod:`shirushi.core.services.disposing`).

The files of a record are open from that day on whether or not anybody looks; what follows from it (datestamps, index) follows an event,
and :func:`keep_due` adds it once, also when nothing was running on that day.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from shirushi.accounts.actors import SYSTEM
from shirushi.core.events import EventType, emit
from shirushi.core.models import Deadline, Event, Record

_CHANGES = {
    Deadline.Kind.EMBARGO: frozenset({"record.published", "record.withdrawn", "record.access-changed"}),
    Deadline.Kind.RETENTION: frozenset({"record.published", "curation.retained", "record.disposed"}),
}
_ENDED: dict[str, EventType] = {
    Deadline.Kind.EMBARGO: "record.embargo-ended",
    Deadline.Kind.RETENTION: "record.retention-ended",
}


def note(events: Sequence[Event]) -> None:
    """Keep on which day the embargo of each record ends that changed, or its retention. Looks at the records as they are now."""
    for kind, changes in _CHANGES.items():
        changed = {event.record_id for event in events if event.type in changes}
        about = Q(pk__in=changed)
        if kind == Deadline.Kind.RETENTION:
            about = Q(concept__records__in=changed, number=1)
        for record in Record.objects.filter(about).select_related("concept").defer("document").distinct():
            _note(record, kind)


def _note(record: Record, kind: str) -> None:
    day = _ends(record, kind)
    if day is None:
        Deadline.objects.filter(record=record, kind=kind, done_at=None).delete()
    else:
        told = {"day": day, "done_at": _told(record, kind, day)}
        Deadline.objects.update_or_create(record=record, kind=kind, defaults=told)


def forget() -> None:
    Deadline.objects.all().delete()


def keep_due(today: date | None = None) -> int:
    """Tell of every embargo and every retention that is over, once; returns of how many. Safe at any time, in any number of processes."""
    due = Deadline.objects.filter(day__lte=today or timezone.localdate(), done_at=None).values_list("pk", flat=True)
    return sum(_keep(pk) for pk in list(due[:500]))


@transaction.atomic
def _keep(pk: int) -> bool:
    if not Deadline.objects.filter(pk=pk, done_at=None).update(done_at=timezone.now()):
        return False  # another process did
    deadline = Deadline.objects.select_related("record__concept").get(pk=pk)
    record, kind = deadline.record, deadline.kind
    if _ends(record, kind) != deadline.day or _told(record, kind, deadline.day):
        return False  # decided anew meanwhile, or told before
    payload: dict[str, object] = {"until": _until(kind, deadline.day)}
    if kind == Deadline.Kind.EMBARGO:
        payload["object_version"] = record.access_version or record.object_version
    emit(_ENDED[kind], by=SYSTEM, record=record, payload=payload)
    return True


def _ends(record: Record, kind: str) -> date | None:
    """The day on which its files become open, or the first on which they need not be kept, over or not; None where there is none."""
    if kind == Deadline.Kind.RETENTION:
        until = None if record.concept.is_disposed else record.concept.retain_until
        return until and until + timedelta(days=1)
    access = record.access or record.metadata.get("access") or {}
    if record.is_withdrawn or access.get("rights") != "embargoed":
        return None
    return date.fromisoformat(access["until"])


def _until(kind: str, day: date) -> str:
    """The day as it was decided: what is kept until a day is kept to the end of it."""
    return (day - timedelta(days=1) if kind == Deadline.Kind.RETENTION else day).isoformat()


def _told(record: Record, kind: str, day: date) -> object:
    told = Event.objects.filter(type=_ENDED[kind], record_id=record.pk, payload__until=_until(kind, day))
    return told.values_list("at", flat=True).first()

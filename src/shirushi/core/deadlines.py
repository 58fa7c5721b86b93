"""Moments at which something happens by itself: today the end of an embargo, which harvesters and the activity log hear of.

The files of a record are open from that day on whether or not anybody looks; what follows from it (datestamps, index) follows an event,
and :func:`keep_due` adds it once, also when nothing was running on that day.
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from shirushi.accounts.actors import SYSTEM
from shirushi.core.events import emit
from shirushi.core.models import Deadline, Event, Record

_CHANGES = frozenset({"record.published", "record.withdrawn", "record.access-changed"})
_ENDED = "record.embargo-ended"


def note(events: Sequence[Event]) -> None:
    """Keep on which day the embargo of each record ends that changed. Looks at the records as they are now."""
    changed = {event.record_id for event in events if event.type in _CHANGES}
    for record in Record.objects.filter(pk__in=changed).only("metadata", "access", "withdrawn_at"):
        day = _ends(record)
        if day is None:
            Deadline.objects.filter(record=record, done_at=None).delete()
        else:
            Deadline.objects.update_or_create(record=record, defaults={"day": day, "done_at": _told(record, day)})


def forget() -> None:
    Deadline.objects.all().delete()


def keep_due(today: date | None = None) -> int:
    """Tell of every embargo that is over, once; returns of how many. Safe at any time, in any number of processes."""
    due = Deadline.objects.filter(day__lte=today or timezone.localdate(), done_at=None).values_list("pk", flat=True)
    return sum(_keep(pk) for pk in list(due[:500]))


@transaction.atomic
def _keep(pk: int) -> bool:
    if not Deadline.objects.filter(pk=pk, done_at=None).update(done_at=timezone.now()):
        return False  # another process did
    deadline = Deadline.objects.select_related("record").get(pk=pk)
    record = deadline.record
    if _ends(record) != deadline.day or _told(record, deadline.day):
        return False  # decided anew meanwhile, or told before
    version = record.access_version or record.object_version
    emit(_ENDED, by=SYSTEM, record=record, payload={"until": deadline.day.isoformat(), "object_version": version})
    return True


def _ends(record: Record) -> date | None:
    """The day on which its files become open, over or not; None where there is none."""
    access = record.access or record.metadata.get("access") or {}
    if record.is_withdrawn or access.get("rights") != "embargoed":
        return None
    return date.fromisoformat(access["until"])


def _told(record: Record, day: date) -> object:
    told = Event.objects.filter(type=_ENDED, record_id=record.pk, payload__until=day.isoformat())
    return told.values_list("at", flat=True).first()

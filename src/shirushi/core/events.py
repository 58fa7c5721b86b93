"""The event log: what happened, added in the transaction of the change it tells of."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from django.db import connection
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.core.models import Draft, Event, Record

EventType = Literal[
    "draft.created",
    "draft.file-put",
    "draft.file-removed",
    "draft.describing",
    "draft.described",
    "draft.counted",
    "draft.proposed",
    "draft.decided",
    "draft.measured",
    "draft.model-asked",
    "draft.model-answered",
    "draft.shown",
    "draft.answered",
    "draft.undone",
    "draft.imported",
    "draft.unpacked",
    "draft.discarded",
    "draft.restored",
    "record.published",
    "record.withdrawn",
    "record.access-changed",
    "record.embargo-ended",
    "record.retention-ended",
    "record.disposed",
    "curation.held",
    "curation.retained",
    "access.link-made",
    "access.link-revoked",
    "access.requested",
    "access.answered",
]


def emit(
    type_: EventType,
    *,
    by: Actor,
    draft: Draft | None = None,
    record: Record | None = None,
    payload: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Event:
    """Add an event about a draft or a record. ``payload``: ids, names of fields, counts and digests only.

    Raises:
        RuntimeError: outside a transaction: an event must not stand without its change.
    """
    (event,) = emit_each(type_, by=by, draft=draft, record=record, payloads=[payload or {}], at=at)
    return event


def emit_each(
    type_: EventType,
    *,
    by: Actor,
    draft: Draft | None = None,
    record: Record | None = None,
    payloads: Iterable[Mapping[str, Any]],
    at: datetime | None = None,
) -> list[Event]:
    """Add one event for each payload, all together. As :func:`emit`."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{type_}: an event is added in the transaction of its change")
    about = record or draft
    events = [
        Event(
            type=type_,
            space_id=about.space_id if about else None,
            record_id=record.pk if record else "",
            draft_id=draft.pk if draft else "",
            actor=by.to_json(),
            at=at or timezone.now(),
            payload=dict(payload),
        )
        for payload in payloads
    ]
    return Event.objects.bulk_create(events)

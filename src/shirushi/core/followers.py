"""Followers of the event log: the search index, statistics and the feed. Each has its own position and may be stopped,
started and begun again from zero at any time.

A follower that writes to the database does so in the transaction that moves its position: each event counts exactly
once. The index lies outside, so there the position moves afterwards and events may come twice; applying them looks at the
record as it is now, so that neither repetition nor order matters. An event that fails is written down, passed over, tried
again ever later, and shown by ``check`` until it works.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from shirushi.core import crashpoints, datestamps, deadlines, indexing
from shirushi.core.event_order import readable
from shirushi.core.home import engine, locked
from shirushi.core.models import Event, FeedEntry, Follower, FollowerFailure, Record, Series
from shirushi.core.services import deriving

logger = logging.getLogger(__name__)

BATCH = 200
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Following:
    """What a follower does with events, and how it forgets everything. ``inside``: it writes only to the database. ``usable``:
    whether what it has made so far is there; it is made again from the first event otherwise."""

    apply: Callable[[Sequence[Event]], None]
    reset: Callable[[], None]
    inside: bool
    usable: Callable[[], bool] = lambda: True


def follow_all() -> None:
    """Bring every follower up, except those that another process is bringing up just now."""
    for name in FOLLOWERS:
        follow(name, wait=False)


def follow(name: str, *, wait: bool = True) -> int:
    """Bring one follower up to the newest event; returns how many it dealt with.

    Raises:
        KeyError: there is no such follower.
    """
    following = FOLLOWERS[name]
    with locked(f"follower-{name}", wait=wait) as ours:
        if not ours:
            return 0
        if not following.usable():
            _begin_again(name, following)
        done = _retry(name, following)
        while events := list(readable(_position(name))[:BATCH]):
            _apply(name, following, events)
            done += len(events)
        return done


def rebuild(name: str) -> int:
    """Let a follower forget everything and start again from the first event; returns how many it dealt with.

    Raises:
        KeyError: there is no such follower.
    """
    following = FOLLOWERS[name]
    with locked(f"follower-{name}"):
        _begin_again(name, following)
    return follow(name)


def behind(name: str) -> int:
    """How many events a follower has not looked at yet."""
    return readable(_position(name)).count()


def retry_now(name: str) -> None:
    """Let everything that failed be tried again at once."""
    FollowerFailure.objects.filter(follower=name).update(next_at=timezone.now())
    follow(name)


# -- the loop


def _begin_again(name: str, following: Following) -> None:
    with transaction.atomic():
        _move(name, 0)
        FollowerFailure.objects.filter(follower=name).delete()
        if following.inside:
            following.reset()
    if not following.inside:
        following.reset()


def _apply(name: str, following: Following, events: Sequence[Event]) -> None:
    """All at once; when that fails one by one, so that only the bad ones are passed over."""
    try:
        _apply_together(name, following, events)
    except Exception:
        logger.exception(
            "%s: events %d to %d failed together; taking them one by one", name, events[0].pk, events[-1].pk
        )
    else:
        return
    for event in events:
        try:
            _apply_together(name, following, [event])
        except Exception as error:
            logger.exception("%s: event %d failed and will be tried again", name, event.pk)
            with transaction.atomic():
                _note_failure(name, event, error)
                _move(name, event.pk)


def _apply_together(name: str, following: Following, events: Sequence[Event]) -> None:
    if not following.inside:
        following.apply(events)
        crashpoints.reach("follow: applied")
    with transaction.atomic():
        if following.inside:
            following.apply(events)
        _move(name, events[-1].pk)
        crashpoints.reach("follow: position written")


def _retry(name: str, following: Following) -> int:
    done = 0
    due = FollowerFailure.objects.filter(follower=name, next_at__lte=timezone.now()).select_related("event")
    for failure in list(due[:BATCH]):
        try:
            if not following.inside:
                following.apply([failure.event])
            with transaction.atomic():
                if following.inside:
                    following.apply([failure.event])
                failure.delete()
            done += 1
        except Exception as error:
            logger.exception("%s: event %d failed again", name, failure.event_id)
            _note_failure(name, failure.event, error)
    return done


def _note_failure(name: str, event: Event, error: Exception) -> None:
    words = f"{type(error).__name__}: {error}"[:2000]
    failure, new = FollowerFailure.objects.get_or_create(follower=name, event=event, defaults={"error": words})
    if not new:
        failure.attempts += 1
    failure.error = words
    failure.next_at = timezone.now() + min(_FIRST_PAUSE * 2 ** min(failure.attempts, 20), _LONGEST_PAUSE)
    failure.save()


def _position(name: str) -> int:
    return Follower.objects.filter(name=name).values_list("position", flat=True).first() or 0


def _move(name: str, position: int) -> None:
    Follower.objects.update_or_create(name=name, defaults={"position": position, "updated_at": timezone.now()})


# -- what each does


def _index(events: Sequence[Event]) -> None:
    concepts = Record.objects.filter(pk__in={event.record_id for event in events if event.record_id})
    indexing.bring_up(sorted(set(concepts.values_list("concept_id", flat=True))))


def _index_is_usable() -> bool:
    return engine().state() == "ready"


def _forget_index() -> None:
    engine().clear()


def _count(events: Sequence[Event]) -> None:
    for event in events:
        day = timezone.localtime(event.at).date()
        if event.type in {"record.published", "record.withdrawn"}:
            name = "records." + event.type.partition(".")[2]
            _add(name, "", day, 1)
            _add(name, event.space.slug if event.space else "", day, 1)
        elif event.type == "draft.decided":
            payload = event.payload
            methods: Mapping[str, int] = payload.get("methods") or {payload.get("method", ""): 1}
            for method, number in methods.items():
                _add(f"decisions.{payload['action']}", method, day, number)


def _add(name: str, subject: str, day: object, number: int) -> None:
    row, _ = Series.objects.get_or_create(name=name, subject=subject, day=day)
    Series.objects.filter(pk=row.pk).update(value=F("value") + number)


def _forget_numbers() -> None:
    Series.objects.filter(name__regex=r"^(records|decisions)\.").delete()


def _feed(events: Sequence[Event]) -> None:
    for event in events:
        if event.type not in {"record.published", "record.withdrawn"}:
            continue
        first = event.payload["number"] == 1
        kind = (
            FeedEntry.Kind.WITHDRAWN
            if event.type == "record.withdrawn"
            else FeedEntry.Kind.PUBLISHED
            if first
            else FeedEntry.Kind.UPDATED
        )
        FeedEntry.objects.update_or_create(
            event=event,
            defaults={"record_id": event.record_id, "space_id": event.space_id, "kind": kind, "at": event.at},
        )


def _forget_feed() -> None:
    FeedEntry.objects.all().delete()


def _derive(events: Sequence[Event]) -> None:
    deriving.forget([event.record_id for event in events if event.type == "record.withdrawn"])
    if settings.SHIRUSHI_DERIVE:
        deriving.queue([event.record_id for event in events if event.type == "record.published"])


def _note_datestamps(events: Sequence[Event]) -> None:
    follow("harvesting")  # which gives them
    datestamps.note_beside(events)


FOLLOWERS: Mapping[str, Following] = MappingProxyType(
    {
        "index": Following(_index, _forget_index, inside=False, usable=_index_is_usable),
        "statistics": Following(_count, _forget_numbers, inside=True),
        "feeds": Following(_feed, _forget_feed, inside=True),
        "harvesting": Following(datestamps.note, datestamps.keep, inside=True),
        "derived": Following(_derive, deriving.forget, inside=True),
        "datestamps": Following(_note_datestamps, datestamps.keep, inside=False),
        "deadlines": Following(deadlines.note, deadlines.forget, inside=True),
    }
)

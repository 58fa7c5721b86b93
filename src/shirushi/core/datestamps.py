"""When each record last changed for harvesters, and in which sets: a follower of the event log.

A datestamp is the moment at which a change could first be seen, not the one at which it was begun: a harvester that asks for
everything since its last visit misses nothing, however long it took to store the files. It is noted beside the record's object too,
so that a database made again from the store tells harvesters what the lost one did, and none of them has to fetch everything again.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.utils import timezone

from shirushi.accounts.models import Space
from shirushi.core.home import store
from shirushi.core.models import Event, HarvestEntry, HarvestSet, Record

CHANGES = frozenset({"record.published", "record.withdrawn", "record.access-changed", "record.embargo-ended"})
EVERYTHING = ""  # the set that every record is in
_NOTE = re.compile(r"datestamp-([0-9]+)-v([0-9]+)(?:-until-([0-9]{8}))?-([0-9]{8}T[0-9]{6}Z)")


def note(events: Sequence[Event]) -> None:
    """Give new datestamps to the records that changed. An event that was noted before changes nothing, so that reading the log
    again does not make every harvester fetch everything again."""
    changes = {event.record_id: event.pk for event in events if event.type in CHANGES}
    entries: dict[str, list[HarvestEntry]] = {}
    for entry in HarvestEntry.objects.filter(record__in=changes):
        entries.setdefault(entry.record_id, []).append(entry)
    new = {pk: event for pk, event in changes.items() if all(entry.event < event for entry in entries.get(pk, ()))}
    _write(new, {pk: _moment(entries.get(pk, [])) for pk in new}, entries)


def _write(
    changes: Mapping[str, int], moments: Mapping[str, datetime], entries: Mapping[str, Sequence[HarvestEntry]]
) -> None:
    """Put records (id → number of the event) into their sets with these datestamps, beside the ``entries`` that they have."""
    records = list(Record.objects.filter(pk__in=changes).only("space_id", "metadata", "withdrawn_at"))
    spaces = dict(Space.objects.values_list("pk", "parent")) if records else {}
    slugs = dict(Space.objects.values_list("pk", "slug")) if records else {}
    sets = {record.pk: sets_of(record, spaces, slugs) for record in records}
    known = _sets({spec for specs in sets.values() for spec in specs})
    rows = []
    for record in records:
        # It stays in the sets that it was in: a harvester of theirs has to hear of the change as well.
        places = {known[spec] for spec in sets[record.pk]} | {entry.set_id for entry in entries.get(record.pk, ())}
        told = {
            "record": record,
            "datestamp": moments[record.pk],
            "deleted": record.is_withdrawn,
            "event": changes[record.pk],
        }
        rows += [HarvestEntry(set_id=place, **told) for place in sorted(places)]
    HarvestEntry.objects.bulk_create(
        rows,
        batch_size=200,
        update_conflicts=True,
        unique_fields=["set", "record"],
        update_fields=["datestamp", "deleted", "event"],
    )


def keep() -> None:
    """What starting again from the first event forgets: nothing, since a datestamp must not move without a change."""


# -- beside the objects


@dataclass(frozen=True, slots=True)
class Noted:
    """What a note beside an object says: the version of the record, the object version that held the change, the datestamp, and of
    an embargo that ended its day."""

    number: int
    object_version: int
    until: date | None
    datestamp: datetime


def note_beside(events: Sequence[Event]) -> None:
    """Write the newest datestamp of each record that changed beside its object. The datestamps are there: the follower that gives
    them is brought up first. Twice changes nothing."""
    changes = {event.record_id: event for event in events if event.type in CHANGES}
    entries = HarvestEntry.objects.filter(set__spec=EVERYTHING, record__in=changes).select_related("record")
    for entry in entries:
        event = changes[entry.record_id]
        if entry.event == event.pk:  # else a later event tells of it
            store().log(entry.record.object_id, _note_of(entry, event), b"")


def _note_of(entry: HarvestEntry, event: Event) -> str:
    until = str(event.payload.get("until")).replace("-", "") if event.type == "record.embargo-ended" else ""
    stamp = entry.datestamp.astimezone(UTC)
    middle = f"-until-{until}" if until else ""
    return f"datestamp-{entry.record.number}-v{event.payload['object_version']}{middle}-{stamp:%Y%m%dT%H%M%SZ}"


def noted(names: Iterable[str]) -> list[Noted]:
    """What the notes beside an object say of datestamps."""
    found = []
    for name in names:
        if match := _NOTE.fullmatch(name):
            until = datetime.strptime(match[3], "%Y%m%d").date() if match[3] else None  # noqa: DTZ007 - a day
            stamp = datetime.strptime(match[4], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            found.append(Noted(int(match[1]), int(match[2]), until, stamp))
    return found


def restore(moments: Mapping[str, datetime | None]) -> None:
    """Give records (by id) that were made again from the store the datestamps they had. Those that have one keep it. Of a record
    that has none, the moment of its last change stands for it."""
    there = set(HarvestEntry.objects.filter(record__in=moments).values_list("record", flat=True))
    changes: dict[str, int] = {}
    last: dict[str, datetime] = {}
    for event in Event.objects.filter(record_id__in=set(moments) - there, type__in=CHANGES).order_by("pk"):
        changes[event.record_id] = event.pk
        last[event.record_id] = max(event.at, last.get(event.record_id, event.at))
    _write(changes, {pk: moments[pk] or last[pk].replace(microsecond=0) for pk in changes}, {})


def sets_of(record: Record, parents: Mapping[int, int | None], slugs: Mapping[int, str]) -> list[str]:
    """The sets of a record: everything, its resource type, its space and all spaces that this one is part of."""
    kind = (record.metadata.get("resource_type") or {}).get("general") or "Dataset"
    found = [EVERYTHING, f"type:{kind}"]
    space: int | None = record.space_id
    while space is not None and f"space:{slugs[space]}" not in found:
        found.append(f"space:{slugs[space]}")
        space = parents[space]
    return found


def _sets(specs: set[str]) -> dict[str, int]:
    """The ids of the sets by their specs; those that are new are made."""
    known = dict(HarvestSet.objects.filter(spec__in=specs).values_list("spec", "pk"))
    if missing := specs - set(known):
        HarvestSet.objects.bulk_create([HarvestSet(spec=spec) for spec in sorted(missing)], ignore_conflicts=True)
        known = dict(HarvestSet.objects.filter(spec__in=specs).values_list("spec", "pk"))
    return known


def _moment(before: Sequence[HarvestEntry]) -> datetime:
    """Now, in whole seconds; never before an earlier datestamp, though the clock be set back."""
    now = timezone.now().astimezone(UTC).replace(microsecond=0)
    return max([now, *(entry.datestamp for entry in before)])

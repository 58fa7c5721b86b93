"""When each record last changed for harvesters, and in which sets: a follower of the event log.

A datestamp is the moment at which a change could first be seen, not the one at which it was begun: a harvester that asks for
everything since its last visit misses nothing, however long it took to store the files.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from django.utils import timezone

from shirushi.accounts.models import Space
from shirushi.core.models import Event, HarvestEntry, HarvestSet, Record

CHANGES = frozenset({"record.published", "record.withdrawn", "record.access-changed"})
EVERYTHING = ""  # the set that every record is in


def note(events: Sequence[Event]) -> None:
    """Give new datestamps to the records that changed. An event that was noted before changes nothing, so that reading the log
    again does not make every harvester fetch everything again."""
    changes = {event.record_id: event.pk for event in events if event.type in CHANGES}
    entries: dict[str, list[HarvestEntry]] = {}
    for entry in HarvestEntry.objects.filter(record__in=changes):
        entries.setdefault(entry.record_id, []).append(entry)
    new = {pk: event for pk, event in changes.items() if all(entry.event < event for entry in entries.get(pk, ()))}
    records = list(Record.objects.filter(pk__in=new).only("space_id", "metadata", "withdrawn_at"))
    spaces = dict(Space.objects.values_list("pk", "parent")) if records else {}
    slugs = dict(Space.objects.values_list("pk", "slug")) if records else {}
    sets = {record.pk: sets_of(record, spaces, slugs) for record in records}
    known = _sets({spec for specs in sets.values() for spec in specs})
    rows = []
    for record in records:
        before = entries.get(record.pk, [])
        # It stays in the sets that it was in: a harvester of theirs has to hear of the change as well.
        places = {known[spec] for spec in sets[record.pk]} | {entry.set_id for entry in before}
        told = {"record": record, "datestamp": _moment(before), "deleted": record.is_withdrawn, "event": new[record.pk]}
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

"""What the repository gives to harvesters: every published version, and of a withdrawn one that it was."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from shirushi.accounts.models import Space
from shirushi.core.datestamps import EVERYTHING
from shirushi.core.documents import publication_of
from shirushi.core.harvesting import Item, MetadataFormat, Selection
from shirushi.core.models import HarvestEntry, HarvestSet, Record
from shirushi.exchange import datacite, datacite_json, jpcoar, jpcoar_2_0, oai_dc
from shirushi.metadata.labels import term_label
from shirushi.metadata.published import Publication

logger = logging.getLogger(__name__)

_WRITERS: Mapping[str, Callable[[Publication], bytes]] = {
    "oai_dc": oai_dc.to_xml,
    "jpcoar_2.1": jpcoar.to_xml,
    "jpcoar_2.0": jpcoar_2_0.to_xml,
    "datacite": datacite.to_xml,
    "oai_datacite": datacite.to_oai,
}


class Records:
    """A :class:`~shirushi.core.harvesting.Provider` over the entries that the follower ``harvesting`` keeps. A page costs four queries
    at most, however far into the list it is and however much is on it."""

    name = ""
    formats: Mapping[str, MetadataFormat] = {
        "oai_dc": MetadataFormat("oai_dc", oai_dc.SCHEMA, oai_dc.NAMESPACE),
        "jpcoar_2.1": MetadataFormat("jpcoar_2.1", jpcoar.SCHEMA, jpcoar.NAMESPACE),
        "jpcoar_2.0": MetadataFormat("jpcoar_2.0", jpcoar_2_0.SCHEMA, jpcoar_2_0.NAMESPACE),
        "datacite": MetadataFormat("datacite", datacite.SCHEMA, datacite_json.KERNEL),
        "oai_datacite": MetadataFormat("oai_datacite", datacite.OAI_SCHEMA, datacite.OAI),
    }

    def sets(self) -> Sequence[tuple[str, str]]:
        spaces = {f"space:{space.slug}": f"{space.name_en} / {space.name_ja}" for space in Space.objects.all()}
        specs = HarvestSet.objects.exclude(spec=EVERYTHING).values_list("spec", flat=True)
        return [(spec, spaces.get(spec) or _kind(spec)) for spec in specs]

    def earliest(self) -> datetime | None:
        return _entries(Selection()).order_by("datestamp").values_list("datestamp", flat=True).first()

    def page(self, selection: Selection, after: tuple[datetime, str] | None, limit: int) -> list[Item]:
        if after is None:
            return _items(_rows(_entries(selection), limit))
        moment, item_id = after
        # Two questions, each answered by starting in the middle of the index: thousands may have come in one second.
        rows = _rows(_entries(selection).filter(datestamp=moment, record_id__gt=item_id), limit)
        if len(rows) < limit:
            rows += _rows(_entries(selection).filter(datestamp__gt=moment), limit - len(rows))
        return _items(rows)

    def count(self, selection: Selection, most: int) -> int:
        return _entries(selection)[:most].count()

    def find(self, item_id: str) -> Item | None:
        found = _items(_rows(_entries(Selection()).filter(record_id=item_id), 1))
        return found[0] if found else None

    def metadata(self, ids: Sequence[str], prefix: str) -> Mapping[str, bytes]:
        """Of a record with very many files the first of them are named; its page leads to all."""
        records = Record.objects.filter(pk__in=ids, withdrawn_at=None)
        return {record.pk: _written(record, prefix) for record in records}


def _written(record: Record, prefix: str) -> bytes:
    """The record's document; nothing, and a line in the log, where that fails: one record must not end the harvest of all."""
    try:
        return _WRITERS[prefix](publication_of(record, all_files=False))
    except Exception:
        logger.exception("%s cannot be written as %s", record.pk, prefix)
        return b""


def _kind(spec: str) -> str:
    label = term_label(spec.removeprefix("type:"))
    return f"{label.en} / {label.ja}"


def _entries(selection: Selection) -> QuerySet[HarvestEntry]:
    chosen = Q(set=HarvestSet.objects.filter(spec=selection.set_spec).values("pk")[:1])
    if selection.since is not None:
        chosen &= Q(datestamp__gte=selection.since)
    if selection.until is not None:
        chosen &= Q(datestamp__lte=selection.until)
    return HarvestEntry.objects.filter(chosen)


Row = tuple[str, datetime, bool]  # id of the record, datestamp, deleted


def _rows(entries: QuerySet[HarvestEntry], limit: int) -> list[Row]:
    ordered = entries.order_by("datestamp", "record_id")
    return list(ordered.values_list("record_id", "datestamp", "deleted")[:limit])


def _items(rows: Sequence[Row]) -> list[Item]:
    sets: dict[str, list[str]] = {record_id: [] for record_id, _datestamp, _deleted in rows}
    places = HarvestEntry.objects.filter(record__in=list(sets)).exclude(set__spec=EVERYTHING)
    for record_id, spec in places.order_by("set__spec").values_list("record_id", "set__spec"):
        sets[record_id].append(spec)
    return [Item(record_id, datestamp, tuple(sets[record_id]), deleted) for record_id, datestamp, deleted in rows]

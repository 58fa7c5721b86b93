"""Which records the search index should hold, and bringing it there. Shown is the newest version of each concept that has
not been withdrawn; its earlier versions are found from its page, and what identifies them finds it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F, OuterRef, QuerySet, Subquery

from shirushi.core.documents import publication_of
from shirushi.core.home import engine
from shirushi.core.models import Record
from shirushi.core.values import JSON
from shirushi.search.documents import document
from shirushi.search.engine import Change, Put, Remove


def shown() -> QuerySet[Record]:
    """The records that a search should find."""
    standing = Record.objects.filter(concept_id=OuterRef("concept_id"), withdrawn_at__isnull=True)
    newest = standing.order_by("-number").values("number")[:1]
    return Record.objects.filter(withdrawn_at__isnull=True).annotate(newest=Subquery(newest)).filter(number=F("newest"))


def bring_up(concepts: Sequence[str]) -> None:
    """Make the index show these concepts as they are now, in one durable step. May be repeated.

    Raises:
        SearchError: the index is damaged, busy or full. It is as it was.
    """
    if concepts:
        engine().apply(list(_changes(concepts)))


def _changes(concepts: Sequence[str]) -> Iterable[Change]:
    current = {record.pk: record for record in shown().filter(concept__in=concepts).select_related("space")}
    versions = Record.objects.filter(concept__in=concepts)
    earlier: dict[str, list[str]] = defaultdict(list)  # what was cited of a version leads to the one that is shown
    for concept, record_id, identifier in versions.values_list("concept_id", "pk", "identifiers__value"):
        if record_id not in current:
            yield Remove(record_id)
        earlier[concept] += [record_id, *([identifier] if identifier else [])]
    for record in current.values():
        yield Put(_document(record, earlier[record.concept_id]))


def _document(record: Record, earlier: Sequence[str]) -> dict[str, JSON]:
    """What the index holds of a record: of its files only names and media types, so that 20,000 of them are soon read."""
    publication = publication_of(record, all_files=False)
    files = record.files.values_list("path", "media_type").iterator()
    return document(publication, id=record.pk, space=record.space.slug, files=files, earlier=earlier)

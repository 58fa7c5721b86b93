"""The repository's pages for crawlers: of every version that stands, in the order of their ids, which is that of their making."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Max, QuerySet
from django.urls import reverse

from shirushi.core.crawling import Page
from shirushi.core.datestamps import EVERYTHING
from shirushi.core.models import HarvestEntry

_AT_ONCE = 2_000


class RecordPages:
    """A :class:`~shirushi.core.crawling.Crawlable` over what the follower ``harvesting`` keeps."""

    name = "records"

    def parts(self, size: int) -> Sequence[datetime]:
        starts = range(0, _standing().count(), size)
        newest = (_standing()[start : start + size].aggregate(newest=Max("datestamp"))["newest"] for start in starts)
        return [moment for moment in newest if moment is not None]

    def part(self, number: int, size: int) -> Iterator[Page]:
        rows = _standing()[number * size : (number + 1) * size].values_list("record_id", "datestamp")
        for record_id, changed in rows.iterator(chunk_size=_AT_ONCE):
            yield Page(reverse("record", args=[record_id]), changed)


def _standing() -> QuerySet[HarvestEntry]:
    return HarvestEntry.objects.filter(set__spec=EVERYTHING, deleted=False).order_by("record_id")

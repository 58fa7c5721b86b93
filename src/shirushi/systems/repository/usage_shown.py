"""The numbers of use beside a record, and pictures of them."""

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.conf import settings

from shirushi.core import usage_reports
from shirushi.core.usage_reports import Numbers, Period

KEPT, SECONDS = 2_000, 300  # records whose numbers stay in memory, and for how long: they change once an hour
TALL, WIDE = 80, 320  # units of the picture
_WORDS = {
    "total-investigations": "views",
    "unique-investigations": "unique_views",
    "total-requests": "downloads",
    "unique-requests": "unique_downloads",
    "request-bytes": "data_volume",
}


@dataclass(frozen=True, slots=True)
class Bar:
    period: Period
    views: int
    downloads: int
    x: float
    width: float
    views_height: float
    downloads_height: float


_kept: OrderedDict[str, tuple[float, dict[str, int]]] = OrderedDict()
_lock = Lock()


def usage_shown(record_id: str, concept_id: str) -> dict[str, int]:
    """Views and downloads of a version and of all versions, as its page shows them. One query at most, none for what was asked for
    in the last minutes."""
    now = time.monotonic()
    with _lock:
        known = _kept.get(record_id)
    if known and now - known[0] < SECONDS and not settings.DEBUG:
        return known[1]
    found = usage_reports.totals([record_id, concept_id])
    numbers = {
        "views": found[record_id]["total-investigations"],
        "downloads": found[record_id]["total-requests"],
        "all_views": found[concept_id]["total-investigations"],
        "all_downloads": found[concept_id]["total-requests"],
    }
    with _lock:
        _kept[record_id] = (now, numbers)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return numbers


def forget() -> None:
    with _lock:
        _kept.clear()


def as_stats(found: Mapping[str, Numbers], record_id: str, concept_id: str) -> dict[str, Mapping[str, int]]:
    """In the words of InvenioRDM's records."""
    return {"this_version": in_words(found[record_id]), "all_versions": in_words(found[concept_id])}


def in_words(numbers: Numbers) -> dict[str, int]:
    """Views and downloads, unique ones, and bytes."""
    return {word: numbers.get(metric, 0) for metric, word in _WORDS.items()}


def bars(periods: Sequence[Period]) -> list[Bar]:
    """The columns of a picture, highest full."""
    highest = max((period.numbers.get("total-investigations", 0) for period in periods), default=0) or 1
    step = WIDE / max(len(periods), 1)
    found = []
    for number, period in enumerate(periods):
        views = period.numbers.get("total-investigations", 0)
        downloads = period.numbers.get("total-requests", 0)
        tall = round(TALL * views / highest, 1), round(TALL * downloads / highest, 1)
        found.append(Bar(period, views, downloads, round(number * step, 1), round(step * 0.8, 1), *tall))
    return found


def rows(periods: Sequence[Period]) -> list[dict[str, Any]]:
    """What stands in tables and files: everything, by people and by programs."""
    return [{"begins": period.begins, **{name: period.numbers.get(name, 0) for name in COLUMNS}} for period in periods]


COLUMNS = [f"{metric}.{method}" for metric in _WORDS for method in ("regular", "machine")]

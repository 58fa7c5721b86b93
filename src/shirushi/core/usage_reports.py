"""What has been counted, as people and programs ask for it: totals, months and days of a record, and the report of Make Data Count.

Days are those of the installation's time zone, which every answer names.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Max, Min, QuerySet, Sum
from django.db.models.functions import TruncMonth

from shirushi.core.models import Series
from shirushi.core.usage import METHODS, METRICS, NAMES

Numbers = Mapping[str, int]  # metric → number, people and programs together, or of one method as "metric.method"


@dataclass(frozen=True, slots=True)
class Period:
    """A day or the first day of a month, with what was counted in it."""

    begins: date
    numbers: Numbers


def totals(subjects: Iterable[str]) -> dict[str, Numbers]:
    """Everything that was counted of each record or concept. One query."""
    wanted = list(subjects)
    found: dict[str, dict[str, int]] = {subject: dict.fromkeys(METRICS, 0) for subject in wanted}
    rows = _rows(wanted).values_list("subject", "name").annotate(sum=Sum("value")).order_by()
    for subject, name, value in rows:
        _take(found[subject], name, value)
    return dict(found)


def months(subject: str) -> list[Period]:
    """Month by month from the first one in which something was counted, with those in which nothing was. One query."""
    rows = _rows([subject]).annotate(month=TruncMonth("day")).values_list("month", "name")
    sums: dict[date, dict[str, int]] = {}
    for month, name, value in rows.annotate(sum=Sum("value")).order_by():
        _take(sums.setdefault(month, {}), name, value)
    return [Period(month, sums.get(month, {})) for month in _months(sums)]


def days(subject: str, until: date, number: int) -> list[Period]:
    """The last days, oldest first. One query."""
    first = until - timedelta(days=number - 1)
    sums: dict[date, dict[str, int]] = {}
    for day, name, value in _rows([subject]).filter(day__gte=first, day__lte=until).values_list("day", "name", "value"):
        _take(sums.setdefault(day, {}), name, value)
    return [Period(day, sums.get(day, {})) for day in (first + timedelta(days=n) for n in range(number))]


def reported_months() -> list[date]:
    """The months for which there is a report, newest first. One query."""
    ends = Series.objects.filter(name__in=NAMES).aggregate(first=Min("day"), last=Max("day"))
    return _months([ends["first"], ends["last"]])[::-1] if ends["first"] else []


def in_month(month: date, subjects: Sequence[str]) -> dict[str, Numbers]:
    """What was counted of these records in a month. One query."""
    found: dict[str, dict[str, int]] = {}
    rows = _rows(subjects).filter(day__gte=month, day__lt=_next(month))
    for subject, name, value in rows.values_list("subject", "name").annotate(sum=Sum("value")).order_by():
        _take(found.setdefault(subject, {}), name, value)
    return dict(found)


def visited_in(month: date) -> QuerySet[Series]:
    """The subjects that were visited in a month: their ids, for a subquery."""
    rows = Series.objects.filter(name__in=NAMES, day__gte=month, day__lt=_next(month))
    return rows.values("subject").order_by()  # type: ignore[return-value]


def time_zone() -> str:
    return str(settings.TIME_ZONE)


def _rows(subjects: Sequence[str]) -> QuerySet[Series]:
    return Series.objects.filter(name__in=NAMES, subject__in=subjects)


def _take(into: dict[str, int], name: str, value: int) -> None:
    _usage, metric, method = name.split(".")
    assert method in METHODS
    into[metric] = into.get(metric, 0) + value
    into[f"{metric}.{method}"] = into.get(f"{metric}.{method}", 0) + value


def _months(found: Iterable[date]) -> list[date]:
    ends = [day.replace(day=1) for day in found]
    if not ends:
        return []
    month, last, all_ = min(ends), max(ends), []
    while month <= last:
        all_.append(month)
        month = _next(month)
    return all_


def _next(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)

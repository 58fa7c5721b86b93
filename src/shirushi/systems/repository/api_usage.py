"""REST of use: the numbers of one record, and the reports of Make Data Count that aggregators such as DataCite take in.

Source: Code of Practice for Research Data 1.0.1, dataset report (DSR), in the JSON form of SUSHI that DataCite's reports have.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router

from shirushi.core import usage_reports
from shirushi.core.documents import record_url
from shirushi.core.errors import NotFound
from shirushi.core.models import Record
from shirushi.core.usage import METHODS
from shirushi.metadata.fields import Text2
from shirushi.systems.repository import api_schemas_usage as schemas
from shirushi.systems.repository.api_common import Id, Limit, Offset, errors, page
from shirushi.systems.repository.api_records import living
from shirushi.systems.repository.views_usage import usage_of

router = Router(tags=["usage"])
Month = Annotated[str, Path(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="like 2026-11")]
_REPORTED = ("total-investigations", "unique-investigations", "total-requests", "unique-requests")


@router.get("/records/{record_id}/usage", response={200: schemas.UsageOut, **errors(404, 410)})
def get_usage(request: HttpRequest, record_id: Id) -> Any:
    """How often a version, and all versions together, were viewed and fetched, by the Code of Practice for Research Data."""
    return usage_of(living(record_id))


@router.get("/reports", response={200: schemas.ReportsOut, **errors()})
def list_reports(request: HttpRequest) -> Any:
    """The months for which there is a report of use, newest first."""
    months = usage_reports.reported_months()
    return {"reports": [{"id": f"{one:%Y-%m}", "report-header": _header(one)} for one in months]}


@router.get("/reports/{month}", response={200: schemas.ReportOut, **errors(404)}, by_alias=True)
def get_report(request: HttpRequest, month: Month, offset: Offset = 0, limit: Limit = 100) -> Any:
    """Make Data Count's dataset report of a month, the records that were used in it by id."""
    begins = date.fromisoformat(f"{month}-01") if month[:4] != "0000" else None
    if begins is None or begins not in usage_reports.reported_months():
        raise NotFound(_NO_REPORT)
    found = Record.objects.filter(pk__in=usage_reports.visited_in(begins), withdrawn_at=None).order_by("pk")
    found = found.prefetch_related("identifiers").select_related("space")
    total, records, following = page(request, found, offset, limit)
    numbers = usage_reports.in_month(begins, [record.pk for record in records])
    datasets = [_dataset(record, numbers[record.pk], begins) for record in records]
    return {
        "id": month,
        "report-header": _header(begins),
        "report-datasets": datasets,
        "total": total,
        "next": following,
    }


_NO_REPORT = Text2("Nothing was counted in that month.", "その月の集計はありません。")


def _header(month: date) -> dict[str, Any]:
    """A month that is not over is told as an exception, as the Code asks."""
    is_over = _end(month) < timezone.localdate()
    partial = {
        "code": 3040,
        "severity": "warning",
        "message": "Partial data returned.",
        "help-url": "",
        "data": "The month is not over.",
    }
    return {
        "report-name": "dataset report",
        "report-id": "DSR",
        "release": "RD1",
        "created": timezone.localdate().isoformat(),
        "created-by": settings.SHIRUSHI_BASE_URL,
        "reporting-period": _period(month),
        "report-filters": [],
        "report-attributes": [{"name": "time-zone", "value": usage_reports.time_zone()}],
        "exceptions": [] if is_over else [partial],
    }


def _period(month: date) -> dict[str, str]:
    return {"begin-date": month.isoformat(), "end-date": _end(month).isoformat()}


def _end(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def _dataset(record: Record, numbers: Mapping[str, int], month: date) -> dict[str, Any]:
    published = record.document["publication"]
    publisher = published["work"].get("publisher") or {}
    own = [one for one in record.identifiers.all() if one.state == "registered"]
    names = [{"type": one.scheme.lower(), "value": one.value} for one in own]
    instances = [
        {
            "access-method": method,
            "metric-type": metric.replace("-", "-dataset-", 1),
            "count": numbers[f"{metric}.{method}"],
        }
        for method in METHODS
        for metric in _REPORTED
        if numbers.get(f"{metric}.{method}")
    ]
    return {
        "dataset-title": record.title,
        "dataset-id": names or [{"type": "url", "value": record_url(record.pk)}],
        "dataset-contributors": [
            {"type": "name", "value": one["name"]} for one in published["work"].get("creators", [])
        ],
        "dataset-dates": [{"type": "pub-date", "value": str(published["work"].get("publication_date"))}],
        "platform": settings.SHIRUSHI_BASE_URL,
        "publisher": publisher.get("name") or record.space.name_en,
        "publisher-id": [{"type": "ror", "value": publisher["ror"]}] if publisher.get("ror") else [],
        "data-type": "dataset",
        "uri": record_url(record.pk),
        "yop": f"{record.published_at:%Y}",
        "performance": [{"period": _period(month), "instance": instances}],
    }

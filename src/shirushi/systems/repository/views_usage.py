"""How a record is used: pictures and tables for people, the same as CSV and JSON for programs."""

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from shirushi.core import usage_reports
from shirushi.core.models import Record
from shirushi.systems.repository.usage_shown import COLUMNS, as_stats, bars, in_words, rows
from shirushi.systems.repository.views_records import open_record

DAYS, MONTHS_DRAWN = 30, 24


@require_safe
def usage(request: HttpRequest, record_id: str) -> HttpResponse:
    """Totals, months and the last days of a version, or with ``?of=all`` of all versions together. Four queries."""
    shown = open_record(record_id)
    of_all = request.GET.get("of") == "all"
    subject = shown.concept_id if of_all else shown.pk
    months = usage_reports.months(subject)
    days = usage_reports.days(subject, timezone.localdate(), DAYS)
    totals = usage_reports.totals([subject])[subject]
    context = {
        "record": shown,
        "of_all": of_all,
        "totals": in_words(totals),
        "by_programs": totals.get("total-requests.machine", 0),
        "months": bars(months[-MONTHS_DRAWN:]),
        "all_months": bars(months)[::-1],
        "days": bars(days),
        "time_zone": usage_reports.time_zone(),
    }
    return render(request, "records/usage.html", context)


@require_safe
def usage_csv(request: HttpRequest, record_id: str) -> HttpResponse:
    """Month by month as CSV (RFC 4180), every metric of the Code, people and programs apart."""
    shown = open_record(record_id)
    subject = shown.concept_id if request.GET.get("of") == "all" else shown.pk
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["subject", "month", "time_zone", *COLUMNS])
    for row in rows(usage_reports.months(subject)):
        month = row.pop("begins")
        writer.writerow([subject, f"{month:%Y-%m}", usage_reports.time_zone(), *row.values()])
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{subject}-usage.csv")
    return response


@require_safe
def usage_json(request: HttpRequest, record_id: str) -> HttpResponse:
    """The same as JSON."""
    shown = open_record(record_id)
    response = JsonResponse(usage_of(shown), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = content_disposition_header(True, f"{shown.pk}-usage.json")
    return response


def usage_of(record: Record) -> dict[str, Any]:
    """Totals and months of a version and of all versions. Three queries."""
    found = usage_reports.totals([record.pk, record.concept_id])
    months = {"this_version": record.pk, "all_versions": record.concept_id}
    return {
        "record": record.pk,
        "concept": record.concept_id,
        "time_zone": usage_reports.time_zone(),
        "stats": as_stats(found, record.pk, record.concept_id),
        "months": {
            name: [
                {"month": f"{row.pop('begins'):%Y-%m}", "numbers": row} for row in rows(usage_reports.months(subject))
            ]
            for name, subject in months.items()
        },
    }

"""For whoever keeps the service running: whether it lives, whether it is ready, and numbers for Prometheus."""

import hmac
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from shirushi.accounts.actors import actor_of
from shirushi.core import followers, rules
from shirushi.core.home import engine, home, place
from shirushi.core.models import Draft, Event, FollowerFailure, Record, ScrubRun, Worker

Next = Callable[[HttpRequest], HttpResponse]
ALIVE = timedelta(seconds=60)
LEAST_FREE = 256 * 1024**2  # bytes: with less no upload can be taken
_registry = CollectorRegistry()
_REQUESTS = Counter("shirushi_http_requests", "Requests answered", ["method", "route", "status"], registry=_registry)
_SECONDS = Histogram(
    "shirushi_http_request_seconds",
    "Seconds until the answer began",
    ["route"],
    registry=_registry,
    buckets=(0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10, 60),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Alive:
    """Answers ``/health`` before anything else is asked, by whatever name it is asked: a probe knows the address, not the name."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return health(request) if request.path_info == "/health" else self.get_response(request)


class Measured:
    """Counts every answer by its route, never by its address: ids would make numbers without end."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        match = getattr(request, "resolver_match", None)
        route = match.route if match is not None else "none"
        method = request.method if request.method in _METHODS else "other"
        _REQUESTS.labels(method, route, response.status_code).inc()
        _SECONDS.labels(route).observe(time.perf_counter() - begun)
        return response


@never_cache
@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    """Whether the process answers. Nothing else is asked, so that a slow database gets nobody restarted."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """Whether requests may be sent here: 200, or 503 with what is missing."""
    missing = list(_missing())
    return JsonResponse(
        {"status": "not ready" if missing else "ready", "missing": missing}, status=503 if missing else 200
    )


def _missing() -> Iterator[str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        yield "database"
        return
    if engine().state() != "ready":
        yield "index"
    if not place().answers():
        yield "store"
    if shutil.disk_usage(home().root).free < LEAST_FREE:
        yield "disk"


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Numbers in Prometheus' text format, for operators' tokens and for whoever knows SHIRUSHI_METRICS_KEY."""
    if not _may_see(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(generate_latest(_registry), content_type=CONTENT_TYPE_LATEST)


def _may_see(request: HttpRequest) -> bool:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    key = settings.SHIRUSHI_METRICS_KEY
    if key and scheme.lower() == "bearer" and hmac.compare_digest(secret.strip().encode(), key.encode()):
        return True
    return rules.operates(actor_of(request))


class _Now(Collector):
    """What the database says at the moment somebody looks."""

    def collect(self) -> Iterator[Metric]:
        drafts = GaugeMetricFamily("shirushi_drafts", "Drafts", labels=["state"])
        for state, number in Draft.objects.values_list("state").annotate(number=Count("pk")).order_by():
            drafts.add_metric([state], number)
        yield drafts
        records = GaugeMetricFamily("shirushi_records", "Published versions", labels=["state"])
        withdrawn = Record.objects.exclude(withdrawn_at=None).count()
        records.add_metric(["withdrawn"], withdrawn)
        records.add_metric(["standing"], Record.objects.count() - withdrawn)
        yield records
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        yield GaugeMetricFamily("shirushi_events", "Number of the newest event", value=newest)
        behind = GaugeMetricFamily("shirushi_follower_behind", "Events a follower has not seen", labels=["follower"])
        failing = GaugeMetricFamily(
            "shirushi_follower_failures", "Events that wait to be tried again", labels=["follower"]
        )
        for name in followers.FOLLOWERS:
            behind.add_metric([name], followers.behind(name))
            failing.add_metric([name], FollowerFailure.objects.filter(follower=name).count())
        yield from (behind, failing)
        alive = Worker.objects.filter(heartbeat__gt=timezone.now() - ALIVE).count()
        yield GaugeMetricFamily(
            "shirushi_workers", "Workers that have shown a sign of life in the last minute", value=alive
        )
        yield from _scrubbed()
        yield GaugeMetricFamily(
            "shirushi_disk_free_bytes", "Free in the home folder", value=shutil.disk_usage(home().root).free
        )


def _scrubbed() -> Iterator[Metric]:
    last = ScrubRun.objects.exclude(finished_at=None).order_by("-pk").first()
    if last is not None and last.finished_at is not None:
        at = last.finished_at.timestamp()
        yield GaugeMetricFamily("shirushi_scrub_finished_seconds", "When every byte was last read, Unix time", value=at)
        yield GaugeMetricFamily("shirushi_scrub_findings", "What was wrong then", value=len(last.findings))


_registry.register(_Now())

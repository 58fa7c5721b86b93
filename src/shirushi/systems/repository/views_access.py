"""For those who keep a record: who may have its files, secret links, requests, holds and retention, and what happened to it."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, Q, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from shirushi.accounts.actors import Actor, actor_of
from shirushi.accounts.models import people_at
from shirushi.core import rules, services
from shirushi.core.disclosure import restricted_by_answer
from shirushi.core.documents import shared_url
from shirushi.core.errors import Conflict, Invalid
from shirushi.core.models import AccessRequest, Draft, Event, Hold, Record, SecretLink
from shirushi.core.services.access import LONGEST, USUAL
from shirushi.forms import FormError, parse, validate, work_form
from shirushi.forms import render as render_form
from shirushi.metadata.work import Access

LISTED = 50
EVENTS_A_PAGE = 50
FORM = work_form().at("/access")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def access(request: HttpRequest, record_id: str) -> HttpResponse:
    """Everything about who may have the files, on one page; a POST decides it anew."""
    kept, actor = _kept(request, record_id)
    if request.method != "POST":
        return _page(request, kept, actor, data=kept.access_now.model_dump(mode="json", exclude_none=True))
    submission = parse(FORM, list(request.POST.items()))
    found = validate(FORM, submission.data or {"rights": ""})
    if found:
        return _page(request, kept, actor, answers=submission.answers, found=found)
    try:
        services.change_access(
            record=kept,
            access=Access.model_validate(submission.data),
            by=actor,
            knowingly="knowingly" in request.POST,
            seen=_seen(request.POST.get("seen", "")),
        )
    except Conflict as conflict:
        return _page(request, kept, actor, answers=submission.answers, conflict=conflict)
    messages.success(request, _("Saved. It holds from now on, for every copy that is asked for here."))
    return redirect("record-access", kept.pk)


def _seen(written: str) -> Access | None:
    """What held when the page was opened; None where nobody knows."""
    try:
        return Access.model_validate_json(written)
    except ValueError:
        return None


def _page(
    request: HttpRequest,
    kept: Record,
    actor: Actor,
    *,
    data: Any = None,
    answers: Any = None,
    found: list[FormError] | None = None,
    conflict: Conflict | None = None,
    wrong: dict[str, str] | None = None,
    made: tuple[SecretLink, str] | None = None,
) -> HttpResponse:
    """Ten queries, however many links and requests there are. ``wrong``: what is wrong in one of the small forms, by its name;
    ``made``: a new link with its secret, which is shown this once."""
    language = get_language() or "en"
    if data is None and answers is None:
        data = kept.access_now.model_dump(mode="json", exclude_none=True)
    requests = AccessRequest.objects.filter(concept=kept.concept_id).select_related("by")
    waits = Case(When(state="open", then=0), default=1)
    links = SecretLink.to_versions_of(kept.concept_id)
    context = {
        "record": kept,
        "seen": kept.access_decided.model_dump_json(exclude_none=True),
        "given": request.POST if wrong else {},
        "lang": language,
        "inputs": render_form(FORM, data, answers=answers, errors=found or (), lang=language),
        "conflict": conflict,
        "answered_restrict": restricted_by_answer(kept),
        "links": Paginator(links, LISTED).get_page(request.GET.get("links")),
        "requests": Paginator(requests.order_by(waits, "-created_at", "-id"), LISTED).get_page(request.GET.get("page")),
        "standing": kept.concept.newest_standing() if kept.is_withdrawn else kept,
        "hold": Hold.objects.filter(concept=kept.concept_id, lifted_at=None).select_related("placed_by").first(),
        "may_hold": rules.can_hold(actor, kept),
        "usual": USUAL,
        "longest": LONGEST,
        "wrong": wrong or {},
        "made": made and (made[0], shared_url(made[1])),
    }
    status = 409 if conflict else 422 if found or wrong else 200
    return render(request, "records/access.html", context, status=status)


def _posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that takes what a form of the page sends. Who opens its address, as after choosing another language, is led to the page."""

    @login_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answer(request: HttpRequest, record_id: str, **more: str) -> HttpResponse:
        return view(request, record_id, **more) if request.method == "POST" else redirect("record-access", record_id)

    return answer


@_posted
def make_link(request: HttpRequest, record_id: str) -> HttpResponse:
    """A new secret link; the page that answers is the only place where the secret is shown."""
    kept, actor = _kept(request, record_id)
    kind = SecretLink.Kind.REVIEW if request.POST.get("kind") == "review" else SecretLink.Kind.FILES
    try:
        made = services.make_link(
            of=kept, kind=kind, by=actor, days=days_of(request), label=request.POST.get("label", "")
        )
    except (Invalid, Conflict) as refused:
        return _page(request, kept, actor, wrong={"link": refused.in_(get_language() or "en")})
    return _page(request, kept, actor, made=made)


@_posted
def revoke_link(request: HttpRequest, record_id: str, link_id: str) -> HttpResponse:
    kept, actor = _kept(request, record_id)
    links = SecretLink.to_versions_of(kept.concept_id)
    link = get_object_or_404(links.select_related("record", "draft"), pk=link_id)
    services.revoke_link(link=link, by=actor)
    messages.success(request, _("The link opens nothing any more."))
    return redirect("record-access", kept.pk)


@_posted
def answer_request(request: HttpRequest, record_id: str, request_id: str) -> HttpResponse:
    kept, actor = _kept(request, record_id)
    asked = get_object_or_404(AccessRequest.objects.select_related("record"), pk=request_id, concept=kept.concept_id)
    grant = "grant" in request.POST
    try:
        services.answer_request(
            asked=asked, grant=grant, by=actor, days=days_of(request), answer=request.POST.get("answer", "")
        )
    except (Invalid, Conflict) as refused:
        return _page(request, kept, actor, wrong={asked.pk: refused.in_(get_language() or "en")})
    messages.success(request, _("Let in.") if grant else _("Refused. The page with the answer says so."))
    return redirect("record-access", kept.pk)


@_posted
def hold(request: HttpRequest, record_id: str) -> HttpResponse:
    """Place or lift a hold, or set until when it is retained."""
    kept, actor = _kept(request, record_id)
    try:
        if "lift" in request.POST:
            services.lift_hold(record=kept, by=actor)
        elif "retain" in request.POST:
            if wrong := _retain(request, kept, actor):
                return _page(request, kept, actor, wrong={"retain": wrong})
        else:
            services.place_hold(record=kept, reason=request.POST.get("reason", ""), by=actor)
    except (Invalid, Conflict) as refused:
        return _page(request, kept, actor, wrong={"hold": refused.in_(get_language() or "en")})
    messages.success(request, _("Saved."))
    return redirect("record-access", kept.pk)


def _retain(request: HttpRequest, kept: Record, actor: Actor) -> str:
    """Set until when it is kept as the form says; or what is wrong with that."""
    written, why = request.POST.get("until", "").strip(), request.POST.get("why")
    until = day_of(written)
    if written and until is None:
        return _("This is not a day. Write 2036-04-01, or leave it empty.")
    if until is not None and until < timezone.localdate() and until != kept.concept.retain_until:
        return _("This day is over: what is kept until then could be disposed of at once. Give one that is to come.")
    services.retain(record=kept, until=until, by=actor, reason=why, for_good="for_good" in request.POST)
    return ""


@login_required
@require_safe
def activity(request: HttpRequest, record_id: str) -> HttpResponse:
    """What happened to all versions of a record and their drafts, newest first, for those who keep it."""
    kept, _actor = _kept(request, record_id)
    records = list(Record.objects.filter(concept=kept.concept_id).values_list("pk", "number", "withdrawal_reason"))
    drafts = list(Draft.objects.filter(concept=kept.concept_id).values_list("pk", flat=True))
    events = Event.objects.filter(Q(record_id__in=[pk for pk, _n, _why in records]) | Q(draft_id__in=drafts)).order_by(
        "-pk"
    )
    page = Paginator(events, EVENTS_A_PAGE).get_page(request.GET.get("page"))
    people = {
        event.actor["user"]: event.at for event in page.object_list if event.actor.get("user")
    }  # the oldest comes last
    holds = {event.payload["hold"] for event in page.object_list if "hold" in event.payload}
    context = {
        "record": kept,
        "page": page,
        "reasons": dict(Hold.objects.filter(pk__in=holds).values_list("pk", "reason")),
        "numbers": {pk: number for pk, number, _why in records},
        "withdrawals": {pk: why for pk, _n, why in records},
        "people": people_at(people),
    }
    return render(request, "records/activity.html", context)


def _kept(request: HttpRequest, record_id: str) -> tuple[Record, Actor]:
    """The record and who keeps it. Raises Http404 for nobody else's business."""
    actor = actor_of(request)
    found = get_object_or_404(Record.objects.select_related("concept", "space"), pk=record_id)
    if not rules.can_let_in(actor, found):
        raise Http404
    return found, actor


def days_of(request: HttpRequest) -> int:
    """0 for what is no number: the service says what it takes."""
    written = unicodedata.normalize("NFKC", request.POST.get("days", "")).strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0


def day_of(written: str) -> date | None:
    """The day that was written like 2036-04-01; None for what is no such day."""
    written = unicodedata.normalize("NFKC", written).strip()  # as Japanese keyboards give it
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written, re.ASCII):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None

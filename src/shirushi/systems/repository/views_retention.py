"""For curators and operators: the records whose retention is over, and what somebody decides about each."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shirushi.accounts.actors import Actor, actor_of
from shirushi.core import retention, rules, services
from shirushi.core.errors import DomainError
from shirushi.core.models import Record
from shirushi.systems.repository.views_access import day_of


@dataclass(frozen=True, slots=True)
class Refused:
    """What could not be decided so, and why."""

    record: Record
    why: str


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The list; a POST decides about those that were chosen, each by itself."""
    actor = actor_of(request)
    if not rules.spaces_to_keep(actor).exists():
        raise Http404
    if request.method != "POST":
        return _page(request, actor)
    chosen = list(dict.fromkeys(request.POST.getlist("record")))[: retention.PAGE]
    problems = _problems(request, chosen)
    if problems:
        return _page(request, actor, problems=problems, chosen=chosen, status=422)
    done, refused = 0, []
    for record in Record.objects.filter(pk__in=chosen).select_related("concept", "space"):
        try:
            _decide(request, record, actor)
            done += 1
        except DomainError as error:
            refused.append(Refused(record, error.in_(get_language() or "en")))
    if done:
        messages.success(request, _said(request, done))
    if refused:
        return _page(request, actor, refused=refused, chosen=[one.record.pk for one in refused], status=409)
    return redirect("retention")


def _decide(request: HttpRequest, record: Record, actor: Actor) -> None:
    decision = request.POST.get("decision")
    if decision == "dispose":
        seen = day_of(request.POST.get(f"seen-{record.pk}", ""))
        services.disposing.dispose(record=record, reason=request.POST.get("reason", ""), by=actor, seen=seen)
    else:
        until = day_of(request.POST.get("until", "")) if decision == "longer" else None
        why = request.POST.get("why", "").strip() or None
        services.retain(record=record, until=until, by=actor, reason=why, for_good=decision == "for-good", longer=True)


def _problems(request: HttpRequest, chosen: list[str]) -> dict[str, str]:
    """What is wrong in the form, by field."""
    found = {}
    decision = request.POST.get("decision")
    if not chosen:
        found["record"] = _("Choose at least one record.")
    if decision not in {"longer", "for-good", "dispose"}:
        found["decision"] = _("Choose what becomes of them.")
    if decision == "longer" and day_of(request.POST.get("until", "")) is None:
        found["until"] = _("This is not a day. Write it like 2036-04-01.")
    if decision == "dispose" and not request.POST.get("reason", "").strip():
        found["reason"] = _("Say why: readers of the tombstone will see it.")
    if decision == "dispose" and "knowingly" not in request.POST:
        found["knowingly"] = _("Say that you know: it cannot be undone.")
    return found


def _said(request: HttpRequest, done: int) -> str:
    if request.POST.get("decision") == "dispose":
        return ngettext(
            "%(n)s record is disposed of. Its bytes go within minutes; those that came in the last hour, within two.",
            "%(n)s records are disposed of. Their bytes go within minutes; those that came in the last hour, within two.",
            done,
        ) % {"n": done}
    return ngettext("%(n)s record is kept longer.", "%(n)s records are kept longer.", done) % {"n": done}


def _page(
    request: HttpRequest,
    actor: Actor,
    *,
    problems: dict[str, str] | None = None,
    refused: list[Refused] | None = None,
    chosen: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    wanted = request.GET.get("state", "waiting")
    state: retention.State = next((one for one in retention.STATES if one == wanted), "waiting")
    listed = retention.listed(by=actor, state=state, after=request.GET.get("after", "")[:60])
    context: dict[str, Any] = {
        "state": state,
        "listed": listed,
        "is_later": bool(request.GET.get("after")),
        "problems": problems or {},
        "refused": refused or [],
        "chosen": chosen or [],
        "given": request.POST,
        "longest": services.disposing.LONGEST_REASON,
    }
    return render(request, "retention.html", context, status=status)

"""Versions of a record: what changed, a new one, taking one back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shirushi.accounts.actors import actor_of
from shirushi.core import closed, rules, services
from shirushi.core.errors import Conflict, Invalid
from shirushi.core.models import Hold, Record
from shirushi.systems.repository import changes as diff
from shirushi.systems.repository.downloads import for_whom_it_is
from shirushi.systems.repository.views_records import open_record

MOST_FILES = 200


@require_safe
def changes(request: HttpRequest, record_id: str) -> HttpResponse:
    """What differs from the version before that still stands. Four queries."""
    shown = open_record(record_id)
    before = (
        Record.objects.filter(concept=shown.concept_id, number__lt=shown.number, withdrawn_at=None)
        .order_by("-number")
        .first()
    )
    if before is None:
        raise Http404
    language = get_language() or "en"
    by = actor_of(request)
    # Of both or of neither: the values of one alone would look as if they had changed.
    may_read = all(rules.can_read_files(by, one) for one in (before, shown))
    told = [one.metadata if may_read else closed.without_values(one.metadata) for one in (before, shown)]
    context = {
        "record": shown,
        "before": before,
        "lang": language,
        "fields": list(diff.of_fields(*told, language)),
        "files": diff.of_files(*(dict(one.files.values_list("path", "sha256")) for one in (before, shown))),
        "most_files": MOST_FILES,
    }
    response = render(request, "records/changes.html", context)
    return response if all(closed.tells_all(one) for one in (before, shown)) else for_whom_it_is(response, shown)


@require_POST
@login_required
def new_version(request: HttpRequest, record_id: str) -> HttpResponse:
    """A draft that begins as a copy of the record, or the one that has already been begun."""
    draft = services.new_version(record=get_object_or_404(Record, pk=record_id), by=actor_of(request))
    return redirect("draft-review", draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def withdraw(request: HttpRequest, record_id: str) -> HttpResponse:
    """Take a record back, saying why. Its page, citation and identifier stay."""
    shown = open_record(record_id)
    actor = actor_of(request)
    rules.require(actor, "withdraw", shown)
    reason, problem, status = request.POST.get("reason", ""), "", 200
    if request.method == "POST":
        try:
            services.withdraw(record=shown, reason=reason, by=actor)
        except (Invalid, Conflict) as error:
            problem, status = error.in_(get_language() or "en"), error.status
        else:
            messages.success(
                request, _("The record was withdrawn. Its page says so to everybody who follows its identifier.")
            )
            return redirect("record", shown.pk)
    context = {
        "record": shown,
        "reason": reason,
        "problem": problem,
        "hold": Hold.objects.filter(concept=shown.concept_id, lifted_at=None).select_related("placed_by").first(),
        "may_hold": rules.can_hold(actor, shown),
    }
    return render(request, "records/withdraw.html", context, status=status)

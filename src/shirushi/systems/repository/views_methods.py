"""For operators: how right each method of making suggestions was here, what is proven, and taking a method out of use."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shirushi.accounts.actors import actor_of
from shirushi.core import ranking, rules
from shirushi.core.services import learning
from shirushi.metadata.fields import BY_NAME

LONGEST_REASON = 500


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def methods(request: HttpRequest) -> HttpResponse:
    """Every method with its measures. A POST withdraws one, with a reason, or lets it propose again."""
    if not rules.operates(actor_of(request)):
        raise Http404
    problem = ""
    if request.method == "POST":
        method, reason = request.POST.get("method", ""), request.POST.get("reason", "").strip()[:LONGEST_REASON]
        if "restore" in request.POST:
            again = learning.restore_method(method=method)
            said = ngettext("%(method)s may propose again; %(n)s suggestion is open again.", "%(method)s may propose again; %(n)s suggestions are open again.", again)  # fmt: skip
            messages.success(request, said % {"method": method, "n": again})
            return redirect("methods")
        if reason:
            return _withdraw(request, method, reason)
        problem = method
    return render(request, "methods.html", _context(problem), status=422 if problem else 200)


def _withdraw(request: HttpRequest, method: str, reason: str) -> HttpResponse:
    try:
        done = learning.withdraw_method(method=method, reason=reason)
    except KeyError as error:
        raise Http404 from error
    said = ngettext("%(method)s proposes nothing any more; %(n)s open suggestion was taken back.", "%(method)s proposes nothing any more; %(n)s open suggestions were taken back.", done.suggestions)  # fmt: skip
    messages.success(request, said % {"method": method, "n": done.suggestions})
    return render(request, "methods.html", {**_context(), "done": done, "named": method})


def _context(problem: str = "") -> dict[str, object]:
    """``problem``: the method for whose withdrawal no reason was given."""
    language = get_language() or "en"
    reports = learning.methods()
    by_field: dict[str, list[learning.MethodReport]] = {}
    for report in sorted(reports, key=lambda one: (-one.judged, -one.open, one.method)):
        by_field.setdefault(report.method.partition(".")[0], []).append(report)
    labels = {name: BY_NAME[name].label.in_(language) if name in BY_NAME else name for name in by_field}
    why = {one["method"]: one for one in ranking.read("withdrawn").get("withdrawn", [])}
    return {
        "groups": sorted(((labels[name], rows) for name, rows in by_field.items()), key=lambda group: group[0]),
        "why": why,
        "proofs": [
            (BY_NAME[proof.field].label.in_(language) if proof.field in BY_NAME else proof.field, proof)
            for proof in learning.proofs()
            if proof.judged
        ],
        "safe_from": [
            (BY_NAME[name].label.in_(language), threshold)
            for name, threshold in learning.safe_thresholds().items()
            if name in BY_NAME
        ],
        "accept_error": settings.SHIRUSHI_ACCEPT_ERROR,
        "trained_at": ranking.read("ranking").get("trained_at", ""),
        "problem": problem,
        "done": None,
        "named": "",
        "no_reason": _("Say why: whoever looks later will want to know."),
    }

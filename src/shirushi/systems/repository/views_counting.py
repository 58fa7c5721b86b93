"""How far the exact numbers of large tables are, while their owner decides already."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from shirushi.core import services
from shirushi.core.models import Draft, ExactProfile
from shirushi.systems.repository.views_drafts import draft_of


def told(draft: Draft) -> dict[str, Any]:
    """The counting that belongs to the last reading, for the pages; None where nothing was sampled. One query."""
    profile = ExactProfile.objects.filter(run__draft=draft).order_by("-run_id").first()
    why = services.counting.why_ended(profile.message) if profile else None
    return {
        "just_now": False,
        "counting": None if profile is None or profile.state == ExactProfile.State.OUTDATED else profile,
        "why_not_counted": why.in_(get_language() or "en") if why else "",
    }


@require_safe
@login_required
def counting(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The notice alone. HTMX asks for it until the counting is over; everybody else is led to the review."""
    draft, _actor = draft_of(request, draft_id)
    if not request.headers.get("HX-Request"):
        return redirect("draft-review", draft.pk)
    return render(request, "drafts/_counting.html", {"draft": draft, **told(draft), "just_now": True})

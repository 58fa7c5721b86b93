"""Publishing: what will be public, once more, and then the deed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shirushi.core import rules, services
from shirushi.core.disclosure import CHOICE_WORDS, about_one_file
from shirushi.core.errors import Conflict, Invalid
from shirushi.core.models import Draft
from shirushi.core.readiness import jpcoar_findings
from shirushi.systems.repository import fair_views, views_counting
from shirushi.systems.repository.review_fields import field_views
from shirushi.systems.repository.views_decisions import seen_version
from shirushi.systems.repository.views_drafts import draft_of


@require_POST
@login_required
def reserve(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Set the identifiers aside; the page then shows them."""
    draft, actor = draft_of(request, draft_id)
    services.reserve(draft=draft, by=actor)
    messages.success(request, _("The identifier is yours: the record will have it."))
    return redirect(f"{reverse('draft-publish', args=[draft.pk])}#identifier")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def publish(request: HttpRequest, draft_id: str) -> HttpResponse:
    """What will be public, once more; then publish."""
    draft, actor = draft_of(request, draft_id)
    if draft.record_id:
        return redirect("record", draft.record_id)
    language = get_language() or "en"
    context = {
        "draft": draft,
        **views_counting.told(draft),  # before the suggestions, which may become exact in between
        "fields": field_views(draft, language),
        "lang": language,
        "readiness": services.readiness(draft),
        "jpcoar": jpcoar_findings(draft),
        "choice_words": CHOICE_WORDS,
        "about_one_file": about_one_file,
        "may_decide": rules.can_decide(actor, draft) and draft.state == Draft.State.OPEN,
        "is_publishing": True,
        "is_fragment": False,
        **fair_views.words(language),
        "file_count": draft.files.count(),
        "total_size": services.drafts.total_size(draft),
        "refused": None,
        "reserved": services.reserved(draft),
    }
    if request.method != "POST":
        return render(request, "drafts/publish.html", context)
    try:
        record = services.publish(draft=draft, by=actor, at_version=seen_version(request.POST))
    except (Conflict, Invalid) as refused:
        draft.refresh_from_db()
        context |= {"readiness": services.readiness(draft), "refused": refused}
        return render(request, "drafts/publish.html", context, status=refused.status)
    messages.success(request, _("Published. It can be found, cited and downloaded now."))
    return redirect("record", record.pk)

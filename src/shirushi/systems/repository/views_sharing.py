"""A draft shown to reviewers who must not know who made it: the links that its owner makes and revokes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shirushi.accounts.actors import Actor
from shirushi.core import rules, services
from shirushi.core.anonymity import telling
from shirushi.core.documents import shared_url
from shirushi.core.errors import Invalid
from shirushi.core.models import Draft, SecretLink
from shirushi.core.services.access import LONGEST, USUAL
from shirushi.systems.repository import fair_views
from shirushi.systems.repository.views_access import LISTED, days_of
from shirushi.systems.repository.views_drafts import draft_of, posted


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sharing(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The links for review of a draft, and what in it names somebody; a POST makes a link, whose secret is shown this once."""
    draft, actor = _shared(request, draft_id)
    if request.method != "POST":
        return _page(request, draft)
    label = request.POST.get("label", "")
    try:
        made = services.make_link(of=draft, kind=SecretLink.Kind.REVIEW, by=actor, days=days_of(request), label=label)
    except Invalid as invalid:
        return _page(
            request, draft, wrong=invalid.in_(get_language() or "en"), label=label, days=request.POST.get("days", "")
        )
    return _page(request, draft, made=made)


@posted
def revoke(request: HttpRequest, draft_id: str, link_id: str) -> HttpResponse:
    draft, actor = _shared(request, draft_id)
    link = get_object_or_404(SecretLink.objects.select_related("draft"), pk=link_id, draft=draft)
    services.revoke_link(link=link, by=actor)
    messages.success(request, _("The link opens nothing any more."))
    return redirect("draft-sharing", draft.pk)


def _shared(request: HttpRequest, draft_id: str) -> tuple[Draft, Actor]:
    draft, actor = draft_of(request, draft_id)
    if not rules.can_let_in(actor, draft):
        raise Http404
    return draft, actor


def _page(
    request: HttpRequest,
    draft: Draft,
    *,
    wrong: str = "",
    label: str = "",
    days: str = "",
    made: tuple[SecretLink, str] | None = None,
) -> HttpResponse:
    language = get_language() or "en"
    context = {
        "draft": draft,
        "lang": language,
        "links": Paginator(SecretLink.objects.filter(draft=draft), LISTED).get_page(request.GET.get("links")),
        "telling": telling(draft),
        "usual": USUAL,
        "longest": LONGEST,
        "wrong": wrong,
        "label": label,
        "days": days[:10],
        "made": made and (made[0], shared_url(made[1])),
        **fair_views.words(language),
    }
    return render(request, "drafts/sharing.html", context, status=422 if wrong else 200)

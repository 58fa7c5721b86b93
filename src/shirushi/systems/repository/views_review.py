"""The heart: what was proposed beside where it was seen, and a person who decides."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from shirushi.accounts.actors import Actor
from shirushi.core import rules, services
from shirushi.core.disclosure import CHOICE_WORDS, about_one_file, questions
from shirushi.core.errors import Conflict, Invalid
from shirushi.core.jobs import why_stopped
from shirushi.core.models import DescribeRun, Draft, Suggestion
from shirushi.core.services.deciding import TOGETHER
from shirushi.describe.description import Problem
from shirushi.describe.evidence import LIKELY, SURE
from shirushi.describe.problems import say
from shirushi.systems.repository import fair_views, previews, views_counting, views_model
from shirushi.systems.repository.review_fields import FieldView, field_views, in_sections
from shirushi.systems.repository.viewer import asked_viewer, viewer
from shirushi.systems.repository.views_drafts import draft_of


@require_safe
@login_required
def review(request: HttpRequest, draft_id: str) -> HttpResponse:
    draft, actor = draft_of(request, draft_id)
    if draft.record_id:
        return redirect("record", draft.record_id)
    return page(request, draft, actor)


def page(
    request: HttpRequest,
    draft: Draft,
    actor: Actor,
    *,
    conflict: Conflict | None = None,
    refused: Invalid | None = None,
    shown_place: dict[str, Any] | None = None,
) -> HttpResponse:
    """The review page, or for HTMX only its left side; with what kept a change from being made. ``shown_place`` is what the
    viewer shows instead of the place of the first suggestion."""
    language = get_language() or "en"
    is_fragment = bool(request.headers.get("HX-Request"))
    counted = views_counting.told(draft)  # before the suggestions: what is counted in between is asked for again
    fields = field_views(draft, language)
    focused = None if is_fragment or shown_place else focused_suggestion(request, draft, fields)
    context = {
        "draft": draft,
        "sections": in_sections(fields, language),
        "lang": language,
        "readiness": services.readiness(draft),
        "choice_words": CHOICE_WORDS,
        "about_one_file": about_one_file,
        "is_publishing": False,
        "first_waiting": next((proposal.row.pk for field in fields for proposal in field.proposals), None),
        "run": (run := draft.runs.last()),
        "remarks": remarks(run, language) if run else [],
        "why_stopped": why_stopped(run.message).in_(language) if run else "",
        "may_decide": rules.can_decide(actor, draft) and draft.state == Draft.State.OPEN,
        "may_publish": rules.can_publish(actor, draft),
        "may_undo": services.may_undo(draft),
        **fair_views.words(language),
        "is_fragment": is_fragment,
        "conflict": conflict,
        "refused": refused,
        **counts(draft),
        **counted,
        **views_model.told(draft),
        "reasons": views_model.REASONS,
        "file_count": draft.files.count(),
        **(viewer(draft, focused, previews.page_number(request) or 0) if focused else {"viewed": None}),
        **(shown_place or {}),
    }
    response = render(request, "drafts/_review.html" if is_fragment else "drafts/review.html", context)
    error = conflict or refused
    if error is not None and not is_fragment:  # HTMX puts in place only what was answered well
        response.status_code = error.status
    return response


def remarks(run: DescribeRun, language: str) -> list[tuple[str, str]]:
    """What reading had to say about files: the file (or ''), and the words in the reader's language."""
    return [(item["file"], say(Problem(**item), language)) for item in run.problems]


def counts(draft: Draft) -> dict[str, Any]:
    """How many suggestions each button would accept at most, and whether there ever was one. One query."""
    proven = Q(pk=None)
    for name, threshold in services.learning.safe_thresholds().items():
        proven |= Q(field=name, confidence__gte=threshold)
    return {"accept_error": settings.SHIRUSHI_ACCEPT_ERROR} | draft.suggestions.aggregate(
        safe=Count("id", filter=TOGETHER & proven),
        sure=Count("id", filter=TOGETHER & Q(confidence__gte=SURE)),
        likely=Count("id", filter=TOGETHER & Q(confidence__gte=LIKELY)),
        any_suggestion=Count("id"),
    )


def focused_suggestion(request: HttpRequest, draft: Draft, fields: list[FieldView]) -> Suggestion | None:
    """The suggestion whose place the viewer shows: the one asked for, else the first that waits."""
    wanted = request.GET.get("s", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 15:
        found = draft.suggestions.filter(pk=int(wanted)).first()
        if found is not None:
            return found
    return next((proposal.row for field in fields for proposal in field.proposals), None)


@require_safe
@login_required
def place(request: HttpRequest, draft_id: str, suggestion_id: int) -> HttpResponse:
    """The viewer alone, for HTMX; everybody else gets the whole page opened at that suggestion."""
    draft, _actor = draft_of(request, draft_id)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{reverse('draft-review', args=[draft.pk])}?s={suggestion_id}#viewer")
    suggestion = get_object_or_404(draft.suggestions, pk=suggestion_id)
    number = previews.page_number(request) or 0
    return render(request, "drafts/_viewer.html", {"draft": draft, **viewer(draft, suggestion, number)})


@require_safe
@login_required
def question_place(request: HttpRequest, draft_id: str, question_id: str) -> HttpResponse:
    """The viewer at a place that a question is about, the values masked; the whole page for a browser without scripts."""
    draft, actor = draft_of(request, draft_id)
    asked = next((one for one in questions(draft) if one.id == question_id), None)
    if asked is None:
        raise Http404
    context = {"draft": draft, **asked_viewer(draft, asked, previews.page_number(request) or 0)}
    if request.headers.get("HX-Request"):
        return render(request, "drafts/_viewer.html", context)
    return page(request, draft, actor, shown_place=context)

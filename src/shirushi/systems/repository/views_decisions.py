"""What a person decides on the review: suggestions, questions, and the last step taken back."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import ngettext

from shirushi.accounts.actors import Actor
from shirushi.core import services
from shirushi.core.errors import Conflict, Invalid
from shirushi.core.models import Draft, Suggestion
from shirushi.describe.evidence import LIKELY, SURE
from shirushi.metadata.fields import BY_NAME
from shirushi.systems.repository.views_drafts import draft_of, posted
from shirushi.systems.repository.views_review import page

THRESHOLDS = {"sure": SURE, "likely": LIKELY}
MOST_ANSWERED = 200  # questions at once


@posted
def answer(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Answer one question about data that must not be published by mistake, or several in the same way."""
    draft, actor = draft_of(request, draft_id)
    asked, choice = request.POST.getlist("question")[:MOST_ANSWERED], request.POST.get("answer", "")
    try:
        services.answer_each(draft=draft, questions=asked or [""], choice=choice, by=actor)
    except Conflict as conflict:
        draft.refresh_from_db()
        return page(request, draft, actor, conflict=conflict)
    except Invalid as invalid:
        return page(request, draft, actor, refused=invalid)
    if request.headers.get("HX-Request"):
        return page(request, draft, actor)
    return HttpResponseRedirect(f"{reverse('draft-review', args=[draft.pk])}#questions")


def seen_version(posted: QueryDict) -> int:
    """The version that the page was drawn from; 0, which no draft has, when it was left out or is no number."""
    text = posted.get("at_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@posted
def decide(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Accept or reject one suggestion. Who comes too late is told, and nothing is overwritten."""
    draft, actor = draft_of(request, draft_id)
    suggestion = suggestion_in(draft, request.POST.get("suggestion", ""))
    action = "reject" if request.POST.get("action") == "reject" else "accept"
    try:
        services.decide(suggestion=suggestion, action=action, by=actor, at_version=seen_version(request.POST))
    except Conflict as conflict:
        draft.refresh_from_db()
        return page(request, draft, actor, conflict=conflict)
    except Invalid as invalid:
        return page(request, draft, actor, refused=invalid)
    return after_change(request, draft, actor, suggestion.field)


def suggestion_in(draft: Draft, wanted: str, **more: str) -> Suggestion:
    """The suggestion of this draft with the number that was sent. Raises Http404 for anything else."""
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 15):
        raise Http404
    found: QuerySet[Suggestion] = draft.suggestions.select_related("draft")
    return get_object_or_404(found, pk=int(wanted), **more)


@posted
def accept_all(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Accept all that are sure, or likely; one undo takes them all back."""
    draft, actor = draft_of(request, draft_id)
    wanted, field = request.POST.get("above", "sure"), request.POST.get("field")
    if field is not None and field not in BY_NAME:
        raise Http404
    # what is proven may have changed since the page was drawn: then nothing is that sure
    safe = services.learning.safe_thresholds() if wanted == "safe" else None
    threshold = min(safe.values(), default=1.0) if safe is not None else THRESHOLDS.get(wanted, SURE)
    at_version = seen_version(request.POST)
    try:
        done = services.accept_above(
            draft=draft, threshold=threshold, by=actor, at_version=at_version, field=field, thresholds=safe
        )
    except Conflict as conflict:
        draft.refresh_from_db()
        return page(request, draft, actor, conflict=conflict)
    messages.success(request, ngettext("%(n)s value accepted.", "%(n)s values accepted.", len(done)) % {"n": len(done)})
    return after_change(request, draft, actor, done[0].field if done else "titles")


@posted
def show_held(request: HttpRequest, draft_id: str, field: str) -> HttpResponse:
    """Show the suggestions of a field that were kept back."""
    draft, actor = draft_of(request, draft_id)
    if field not in BY_NAME:
        raise Http404
    try:
        services.show_held(draft=draft, field=field, by=actor, at_version=seen_version(request.POST))
    except Conflict as conflict:
        draft.refresh_from_db()
        return page(request, draft, actor, conflict=conflict)
    return after_change(request, draft, actor, field)


@posted
def undo(request: HttpRequest, draft_id: str) -> HttpResponse:
    draft, actor = draft_of(request, draft_id)
    try:
        taken_back = services.undo(draft=draft, by=actor, at_version=seen_version(request.POST))
    except Conflict as conflict:
        draft.refresh_from_db()
        return page(request, draft, actor, conflict=conflict)
    return after_change(request, draft, actor, taken_back[0].field)


def after_change(request: HttpRequest, draft: Draft, actor: Actor, field: str) -> HttpResponse:
    draft.refresh_from_db()
    if request.headers.get("HX-Request"):
        return page(request, draft, actor)
    return HttpResponseRedirect(f"{reverse('draft-review', args=[draft.pk])}#field-{field}")

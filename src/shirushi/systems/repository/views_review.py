"""The heart: what was proposed beside where it was seen, and a person who decides."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from shirushi.accounts.actors import Actor
from shirushi.core import rules, services, values
from shirushi.core.disclosure import CHOICE_WORDS, Question, about_one_file, questions
from shirushi.core.errors import Conflict, Invalid
from shirushi.core.fair import PRINCIPLES
from shirushi.core.home import blobs
from shirushi.core.jobs import why_stopped
from shirushi.core.models import DescribeRun, Draft, Suggestion
from shirushi.core.services.modelling import BY_MODEL
from shirushi.describe.description import Problem
from shirushi.describe.evidence import LIKELY, SURE, confidence_word
from shirushi.describe.problems import say
from shirushi.forms import parse, validate, work_form
from shirushi.forms import render as render_form
from shirushi.forms.parse import ADD
from shirushi.forms.render import render_choices
from shirushi.forms.shown import Shown, shown
from shirushi.forms.validate import FormError
from shirushi.metadata.fields import BY_NAME, FIELDS, FieldSpec
from shirushi.systems.repository import previews, views_counting, views_model
from shirushi.systems.repository.views_drafts import draft_of, posted

THRESHOLDS = {"sure": SURE, "likely": LIKELY}
FEWEST_TOGETHER = 4  # sure or likely suggestions of one field, from which on a button takes them all
MOST_SHOWN = 60  # open suggestions of one field; the rest wait until these are decided


@dataclass(frozen=True, slots=True)
class Proposal:
    """One suggestion as the page shows it."""

    row: Suggestion
    shown: Shown

    @property
    def word(self) -> str:
        """sure, likely or perhaps: for the sign beside the word."""
        return confidence_word(self.row.confidence)

    @property
    def of_model(self) -> bool:
        """Whether a language model pointed at it."""
        return BY_MODEL in self.row.method

    @property
    def places(self) -> list[dict[str, Any]]:
        return [item["place"] for item in self.row.evidence]


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: what stands in it, what waits for a decision, and whether it is needed."""

    spec: FieldSpec
    standing: list[Shown]
    proposals: list[Proposal]
    more: int
    together: int = 0  # suggestions that may be accepted at once, where there are many
    kept_back: int = 0  # suggestions that are shown only once a person has typed the field, or asks for them

    @property
    def empty(self) -> bool:
        return not self.standing and not self.proposals

    @property
    def disagree(self) -> bool:
        """Whether one value has to be chosen: such proposals stand side by side."""
        return any(proposal.row.alternative for proposal in self.proposals)


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
        "principles": PRINCIPLES,
        "is_fragment": is_fragment,
        "conflict": conflict,
        "refused": refused,
        **counts(draft),
        **views_counting.told(draft),
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
    acceptable = Q(state=Suggestion.State.OPEN, alternative=False)
    proven = Q(pk=None)
    for name, threshold in services.learning.safe_thresholds().items():
        proven |= Q(field=name, confidence__gte=threshold)
    return {"accept_error": settings.SHIRUSHI_ACCEPT_ERROR} | draft.suggestions.aggregate(
        safe=Count("id", filter=acceptable & proven),
        sure=Count("id", filter=acceptable & Q(confidence__gte=SURE)),
        likely=Count("id", filter=acceptable & Q(confidence__gte=LIKELY)),
        any_suggestion=Count("id"),
    )


def in_sections(fields: list[FieldView], language: str) -> list[tuple[str, list[FieldView]]]:
    """The fields under the headings of the form."""
    by_name = {field.spec.name: field for field in fields}
    return [
        (section.label.in_(language), [by_name[name] for name in section.fields]) for section in work_form().sections
    ]


def field_views(draft: Draft, language: str) -> list[FieldView]:
    """Every field with its values and open suggestions. One query."""
    waiting: dict[str, list[Suggestion]] = {}
    kept_back: Counter[str] = Counter()
    for suggestion in draft.suggestions.filter(state__in=(Suggestion.State.OPEN, Suggestion.State.HELD)):
        if suggestion.state == Suggestion.State.HELD:
            kept_back[suggestion.field] += 1
        else:
            waiting.setdefault(suggestion.field, []).append(suggestion)
    result = []
    for spec in FIELDS:
        proposals = waiting.get(spec.name, [])
        held = values.items(spec.name, values.of(draft.metadata, spec.name))
        result.append(
            FieldView(
                spec,
                [shown(spec.name, item, language) for item in held],
                [Proposal(row, shown(spec.name, row.value, language)) for row in proposals[:MOST_SHOWN]],
                max(0, len(proposals) - MOST_SHOWN),
                _together(spec, proposals),
                kept_back[spec.name],
            )
        )
    return result


def _together(spec: FieldSpec, proposals: list[Suggestion]) -> int:
    found = sum(not row.alternative and row.confidence >= LIKELY for row in proposals) if spec.many else 0
    return found if found >= FEWEST_TOGETHER else 0


def focused_suggestion(request: HttpRequest, draft: Draft, fields: list[FieldView]) -> Suggestion | None:
    """The suggestion whose place the viewer shows: the one asked for, else the first that waits."""
    wanted = request.GET.get("s", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 15:
        found = draft.suggestions.filter(pk=int(wanted)).first()
        if found is not None:
            return found
    return next((proposal.row for field in fields for proposal in field.proposals), None)


def viewer(draft: Draft, suggestion: Suggestion, number: int) -> dict[str, Any]:
    """What the viewer shows: one of the places that a suggestion rests on, opened and marked."""
    places = [item["place"] for item in suggestion.evidence]
    chosen = places[number] if 0 <= number < len(places) else places[0]
    file = draft.files.filter(path=chosen["file"]).first()
    seen: dict[str, Any] = {"type": "none", "detail": _("The file is no longer in this draft.")}
    if file is not None:
        seen = previews.preview(blobs().path(file.sha256), media_type=file.media_type, place=chosen)
    return {
        "asked": None,
        "viewed": suggestion,
        "place": chosen,
        "places": places,
        "number": number,
        "preview": seen,
        "file": file,
    }


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


def asked_viewer(draft: Draft, asked: Question, number: int) -> dict[str, Any]:
    """What the viewer shows of a question. See :func:`viewer`."""
    items = asked.items[:PLACES_SHOWN]
    number = number if 0 <= number < len(items) else 0
    place = dict(items[number].place)
    file = draft.files.filter(path=place["file"]).first()
    seen: dict[str, Any] = {"type": "none", "detail": _("The file is no longer in this draft.")}
    if file is not None:
        shown = previews.preview(blobs().path(file.sha256), media_type=file.media_type, place=place)
        seen = previews.masked(shown, place)
    places = [dict(item.place) for item in items]
    return {
        "asked": asked,
        "viewed": asked,
        "place": place,
        "places": places,
        "number": number,
        "preview": seen,
        "file": file,
    }


PLACES_SHOWN = 12
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


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, draft_id: str, field: str) -> HttpResponse:
    """A field as a form: one suggested value (``?suggestion=``) to take with a change, or all that stands in it."""
    draft, actor = draft_of(request, draft_id)
    if field not in BY_NAME:
        raise Http404
    spec = BY_NAME[field]
    chosen = request.POST.get("suggestion") or request.GET.get("suggestion")
    suggestion = suggestion_in(draft, chosen, field=field) if chosen else None
    pointer = f"/{field}/0" if suggestion is not None and spec.many else f"/{field}"
    form = work_form().at(pointer)
    # What is kept of the form in the browser, until it is saved, goes by this name.
    keep_name = f"{draft.pk}/{field}" + (f"/{suggestion.pk}" if suggestion is not None else "")
    put_back = "_put_back" in request.POST
    context: dict[str, Any] = {"draft": draft, "spec": spec, "suggestion": suggestion, "conflict": None}
    context |= {"at_version": draft.version, "keep_name": keep_name, "put_back": put_back}
    if request.method != "POST":
        start = suggestion.value if suggestion is not None else values.of(draft.metadata, field)
        if start == []:  # an entry to type into, not a button to press first
            first = parse(form, [(ADD, pointer)])
            return edit_page(request, context, form, answers=first.answers, focus=first.focus)
        return edit_page(request, context, form, data=start)
    context["typed"] = True
    submission = parse(form, list(request.POST.items()))
    at_version = seen_version(request.POST)
    drawn_again = submission.reshaped or put_back
    found = [] if drawn_again else validate(form, submission.data)
    if found or drawn_again:
        context["at_version"] = at_version or draft.version  # what its writer has not seen is not theirs to save over
        return edit_page(request, context, form, answers=submission.answers, found=found, focus=submission.focus)
    try:
        if suggestion is not None:
            services.decide(
                suggestion=suggestion, action="edit", value=submission.data, by=actor, at_version=at_version
            )
        else:
            services.edit_field(draft=draft, field=field, value=submission.data, by=actor, at_version=at_version)
    except Conflict as conflict:
        draft.refresh_from_db()
        context |= {"conflict": conflict, "at_version": draft.version}
        return edit_page(request, context, form, answers=submission.answers, status=conflict.status)
    except Invalid as invalid:
        found = [FormError(error.pointer, error.message) for error in invalid.errors]
        return edit_page(request, context, form, answers=submission.answers, found=found)
    said = _("Saved: %(field)s") % {"field": spec.label.in_(get_language() or "en")}
    messages.success(request, said, extra_tags=keep_name)
    return after_change(request, draft, actor, field)


def edit_page(
    request: HttpRequest,
    context: dict[str, Any],
    form: Any,
    *,
    data: Any = None,
    answers: Any = None,
    found: list[FormError] | None = None,
    focus: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form, with what was typed kept and what is wrong named beside it."""
    language = get_language() or "en"
    inputs = render_form(form, data, answers=answers, errors=found or (), lang=language, focus=focus)
    context.setdefault("typed", False)
    context |= {"inputs": inputs, "choices": render_choices(language), "lang": language}
    return render(request, "drafts/edit.html", context, status=422 if found else status)


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
        "fields": field_views(draft, language),
        "lang": language,
        "readiness": services.readiness(draft),
        "choice_words": CHOICE_WORDS,
        "about_one_file": about_one_file,
        "may_decide": rules.can_decide(actor, draft) and draft.state == Draft.State.OPEN,
        "is_publishing": True,
        **views_counting.told(draft),
        "is_fragment": False,
        "file_count": draft.files.count(),
        "total_size": services.drafts.total_size(draft),
        "refused": None,
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

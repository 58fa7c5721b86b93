"""A field as a form, to type into or to take a suggestion with a change."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shirushi.core import services, values
from shirushi.core.errors import Conflict, Invalid
from shirushi.forms import parse, validate, work_form
from shirushi.forms import render as render_form
from shirushi.forms.parse import ADD
from shirushi.forms.render import render_choices
from shirushi.forms.validate import FormError
from shirushi.metadata.fields import BY_NAME
from shirushi.systems.repository.views_decisions import after_change, seen_version, suggestion_in
from shirushi.systems.repository.views_drafts import draft_of


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

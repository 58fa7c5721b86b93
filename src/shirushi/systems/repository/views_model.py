"""Asking a language model: exactly what would leave, each excerpt removable, and a person's consent."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from shirushi.core import rules
from shirushi.core.errors import Conflict, Invalid
from shirushi.core.models import Draft
from shirushi.core.services import modelling
from shirushi.describe.llm import Excerpt
from shirushi.systems.repository.views_drafts import draft_of, posted


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def ask(request: HttpRequest, draft_id: str) -> HttpResponse:
    """What would be sent; on POST with ``consent`` it is, with another button the text is drawn without what was taken out."""
    draft, actor = draft_of(request, draft_id)
    if settings.SHIRUSHI_LLM is None or draft.state != Draft.State.OPEN or not rules.can_decide(actor, draft):
        raise Http404
    _run, excerpts = modelling.excerpts_of(draft)
    whole = set(request.POST.getlist("leave_out_file"))
    left_out = {name for name in request.POST.getlist("leave_out") if excerpts.by_id(name)}
    left_out |= {item.id for item in excerpts.items if item.place.file in whole}
    by_file: dict[str, list[Excerpt]] = {}
    for item in excerpts.items:
        by_file.setdefault(item.place.file, []).append(item)
    chosen = excerpts.without(left_out)
    context: dict[str, object] = {
        "draft": draft,
        "endpoint": settings.SHIRUSHI_LLM,
        "by_file": by_file,
        "characters": len(chosen.text()),
        "chosen": chosen.items,
        "left_out": left_out,
        "text": chosen.text(),
        "digest": chosen.digest(),
        "refused": None,
        "look_first": False,
        "lang": get_language() or "en",
    }
    if "consent" not in request.POST:
        return render(request, "drafts/model.html", context)
    if set(request.POST.get("shown_without", "").split()) != left_out:
        # Consent is to the text that was seen; what was left out since changes it.
        return render(request, "drafts/model.html", {**context, "look_first": True}, status=409)
    try:
        modelling.consent(draft=draft, digest=request.POST.get("digest", ""), left_out=sorted(left_out), by=actor)
    except (Conflict, Invalid) as refused:
        return render(request, "drafts/model.html", {**context, "refused": refused}, status=refused.status)
    return redirect("draft-review", draft.pk)


@posted
def take_back(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Take back what a language model proposed and nobody has decided on."""
    draft, actor = draft_of(request, draft_id)
    gone = modelling.take_back(draft=draft, by=actor)
    messages.success(
        request, ngettext("%(n)s suggestion taken back.", "%(n)s suggestions taken back.", gone) % {"n": gone}
    )
    return redirect("draft-review", draft.pk)


@require_safe
@login_required
def status(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Whether the model has answered. HTMX asks for this fragment until it has; everybody else is led to the review."""
    draft, _actor = draft_of(request, draft_id)
    if settings.SHIRUSHI_LLM is None:
        raise Http404
    if not request.headers.get("HX-Request"):
        return redirect("draft-review", draft.pk)
    context = {"draft": draft, "may_decide": False, "just_now": True, "reasons": REASONS, **told(draft)}
    return render(request, "drafts/_model.html", context)


def told(draft: Draft) -> dict[str, object]:
    """For the review page: whether a model may be asked, and what became of the last time it was."""
    if settings.SHIRUSHI_LLM is None:
        return {"model_endpoint": None, "model_call": None, "model_open": 0, "model_problem": ""}
    call = draft.model_calls.last()
    open_ones = modelling.waiting_of_model(draft).count() if call else 0
    problem = PROBLEMS.get(call.result.get("problem", ""), call.message) if call else ""
    return {
        "model_endpoint": settings.SHIRUSHI_LLM,
        "model_call": call,
        "model_open": open_ones,
        "model_problem": problem,
    }


PROBLEMS = {
    "not-set-up": gettext_lazy("Another language model is set up now, or none. Ask again, if there is one."),
    "other-text": gettext_lazy("The files were read again meanwhile. Look at the text once more, then ask again."),
    "unreachable": gettext_lazy("It cannot be reached. Ask the operator whether it runs, or try again later."),
    "refused": gettext_lazy("It refused the request. The operator should look at the model's name and the key."),
    "busy": gettext_lazy("It is busy. Try again in a while."),
    "too-slow": gettext_lazy("It did not answer in time. Leave some of the text out, or try again later."),
    "too-large": gettext_lazy("Its answer was too long to be read. Leave some of the text out, or try again."),
    "unusable": gettext_lazy(
        "Its answer was not in a form that can be read. Try again, or fill in the fields by hand."
    ),
}

REASONS = {
    "malformed": gettext_lazy("not in the form that was asked for"),
    "no-such-excerpt": gettext_lazy("from an excerpt that does not exist"),
    "not-in-excerpt": gettext_lazy("with a quote that stands nowhere"),
    "not-in-quote": gettext_lazy("not in the words it quoted"),
    "not-borne-out": gettext_lazy("not what its quote says"),
    "not-its-words": gettext_lazy("in words that the excerpts do not have"),
    "too-many": gettext_lazy("more than were asked for"),
}

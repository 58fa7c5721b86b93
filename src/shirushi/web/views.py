"""Pages of the house itself: home and the language switch."""

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from shirushi.accounts.actors import Actor, actor_of
from shirushi.core import rules, services
from shirushi.core.models import Draft, Record, Suggestion

SHOWN = 8


def home(request: HttpRequest) -> HttpResponse:
    """Drop zone, what waits for whoever is signed in, and what is new. Two queries for a reader who is not signed in."""
    actor = actor_of(request)
    context = {
        "spaces": list(rules.spaces_to_deposit_in(actor)) if actor.user_id else [],
        "drafts": list(waiting_for(actor)) if actor.user_id else [],
        "asked": list(services.asking.to_answer(actor)[:SHOWN]) if actor.user_id else [],
        "requests": list(services.asking.made_by(actor)[:SHOWN]) if actor.user_id else [],
        "records": list(newest_records()[:SHOWN]),
        "lang": get_language() or "en",
    }
    return render(request, "home.html", context)


def waiting_for(actor: Actor) -> QuerySet[Draft]:
    """The actor's own open drafts, those touched last first, each with ``undecided``: how many suggestions wait."""
    mine = rules.visible_drafts(actor).filter(state=Draft.State.OPEN, owner_id=actor.user_id)
    undecided = Count("suggestions", filter=Q(suggestions__state=Suggestion.State.OPEN))
    return mine.annotate(undecided=undecided).order_by("-updated_at", "-id")[:SHOWN]  # a count drops the model's order


def newest_records() -> QuerySet[Record]:
    """Records that stand, each in its newest version, those published last first."""
    later = Record.objects.filter(concept=OuterRef("concept"), number__gt=OuterRef("number"), withdrawn_at=None)
    return Record.objects.filter(~Exists(later), withdrawn_at=None).only("id", "title", "published_at", "metadata")


@csrf_exempt
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie and go back to the page. Exempt from CSRF tokens: it changes only how pages look,
    and a public page without a token stays free of cookies."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
            httponly=True,
        )
    return response

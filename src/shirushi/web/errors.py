"""Error pages: what happened, where, what to do next. Here, and only here, an error becomes a page."""

import sys
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shirushi.core.errors import DomainError
from shirushi.core.objects import full_disk
from shirushi.web import sign_in


@dataclass(frozen=True, slots=True)
class Words:
    """What a page says by default; each is translated when it is shown."""

    title: str
    what: str
    next: str


WORDS = {
    400: Words(
        _("We could not read that request"),
        _("Something in the address or in what was sent is not in a form we understand."),
        _("Go back, check the values and send them again."),
    ),
    403: Words(
        _("This page is not open to you"),
        _("You may need to sign in, or your account does not have the role for this."),
        _("Sign in with another account, or ask whoever looks after the space for access."),
    ),
    404: Words(
        _("There is nothing at this address"),
        _("The address may be mistyped, or the page may never have existed."),
        _("Search for it by title, author or identifier."),
    ),
    405: Words(
        _("This address is not a page"),
        _("It only takes what a form sends, so there is nothing to look at. Nothing was changed."),
        _("Go back to the page with the form and press its button there."),
    ),
    409: Words(
        _("Somebody was faster"),
        _("This has changed since you opened it, so nothing was overwritten."),
        _("Open it again, look at the change, and repeat yours."),
    ),
    410: Words(
        _("This has been withdrawn"),
        _("It was here and was taken back."),
        _("Search for a newer version or a related record."),
    ),
    413: Words(
        _("That was too large"),
        _("What was sent is larger than this server takes."),
        _("Send fewer or smaller files at a time, or ask the operator to raise the limit."),
    ),
    422: Words(
        _("Some values do not fit"),
        _("Nothing was changed."),
        _("Correct what is named below and send it again."),
    ),
    503: Words(
        _("There is no room just now"),
        _("Too many files are on their way at once. What you sent was not kept."),
        _("Wait a minute, go back and send it again."),
    ),
    507: Words(
        _("There is no space left"),
        _("Nothing of what you sent was kept."),
        _("Tell the operator of this installation. What was saved before is safe; try again once there is space."),
    ),
    500: Words(
        _("We made a mistake"),
        _("The server could not finish this page. Nothing you saved is lost."),
        _("Try again in a minute. If it happens again, tell the operator the time and the address of this page."),
    ),
}


# Of a store that does not answer; other errors of the same status speak of another cause.
_STORE = Words(
    _("The files cannot be reached just now"),
    _("The store of files does not answer."),
    _("Try again in a few minutes. If it goes on, tell the operator the time and the address of this page."),
)


_LINK_ENDED = Words(
    _("This link has ended"),
    _("This link no longer opens anything."),
    _("Ask whoever sent it to you for a new one."),
)
_IN_THE_WAY = Words(
    _("This cannot be done now"),
    _("Something is in the way. Nothing was changed."),
    _("Go back to the page that you came from; what is in the way is said above."),
)
_FASTER = ("conflict", "changed", "file-changed", "question-changed", "newer-version", "older-version")


def _words_for(error: DomainError) -> Words | None:
    """Those for errors that the words of their status would tell wrongly."""
    if error.status == 409 and not error.code.startswith(("draft-", *_FASTER)):
        return _IN_THE_WAY
    return {"storage": _STORE, "link-ended": _LINK_ENDED}.get(error.code)


def page(
    request: HttpRequest,
    status: int,
    *,
    what: str = "",
    details: list[str] | None = None,
    instead: str = "",
    words: Words | None = None,
) -> HttpResponse:
    """The page for a status; ``what`` says what happened in place of the general words, ``instead`` is where to go on."""
    words = words or WORDS.get(status, WORDS[400])
    context = {
        "status": status,
        "words": words,
        "what": what or words.what,
        "details": details or [],
        "instead": instead,
    }
    # The whole page knows who is signed in; what is refused before that was looked up (another Host) gets the bare one.
    template = "error_bare.html" if status >= 500 or not hasattr(request, "user") else "error.html"
    return render(request, template, context, status=status)


def domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page for an error that a service raised, in the reader's language."""
    language = get_language() or "en"
    details = [f"{item.pointer}: {item.in_(language)}" for item in getattr(error, "errors", ())]
    instead = getattr(error, "instead", "")
    response = page(
        request,
        error.status,
        what=error.in_(language),
        details=details,
        instead=instead,
        words=_words_for(error),
    )
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for what nobody foresaw; a full disk, which may show anywhere, also while a form is being read, is told as that."""
    full = full_disk(sys.exc_info()[1])
    return domain_error(request, full) if full else page(request, 500)


def wrong_method(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page for somebody who opened an address that only takes what a form sends."""
    said = page(request, 405)
    said.headers["Allow"] = response.headers.get("Allow", "")
    return said


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was sent without its token: mostly an old tab, or a browser that keeps no cookies."""
    if sign_in.is_htmx(request) and not request.user.is_authenticated:
        return sign_in.ask_htmx(request)
    return page(
        request,
        403,
        what=str(
            _(
                "The form you sent was too old, or your browser keeps no cookies. Go back, reload the page and send it again."
            )
        ),
    )

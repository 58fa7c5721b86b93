"""What every answer carries, and where an error becomes a page."""

from collections.abc import Callable

from django.conf import settings
from django.db import Error as DatabaseFault
from django.http import HttpRequest, HttpResponse

from shirushi.core import database
from shirushi.core.errors import DomainError
from shirushi.core.objects import full_disk, in_kernel_words
from shirushi.storage import StoreUnreachable
from shirushi.storage.patience import hurried
from shirushi.systems.repository import api_errors
from shirushi.web import errors, sign_in

Next = Callable[[HttpRequest], HttpResponse]

# No inline script or style, nothing evaluated, nothing from another host. `data:` is for pictures a page made itself.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

# A file that somebody uploaded: were it opened as a page, it could neither run nor reach anything of ours.
USER_FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class SecurityHeaders:
    """Adds the security headers that an answer does not already carry. What somebody got who showed who they are is kept by no cache on
    the way, unless the answer says otherwise."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if "HTTP_AUTHORIZATION" in request.META or settings.SESSION_COOKIE_NAME in request.META.get("HTTP_COOKIE", ""):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


class Busy:
    """Answers a request for which the server has no room just now: it says so in the environ (cli/patience.py)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.META.get("shirushi.busy"):
            return self.get_response(request)
        is_for_programs = request.path_info.startswith("/api/")
        response = api_errors.from_busy(request) if is_for_programs else errors.page(request, 503)
        response["Retry-After"] = "60"
        return response


class Hurry:
    """Whoever only looks at something waits no longer for a store that is away than a few seconds: they are told to come back. What
    changes something has the store's whole patience."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Agents ask by POST too, and none of their tools writes to the store.
        if request.method not in ("GET", "HEAD") and request.path_info != "/mcp":
            return self.get_response(request)
        with hurried():
            return self.get_response(request)


class ErrorPages:
    """Turns an error that a service raised into a page. The REST interface turns its own into problem+json before."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            return errors.wrong_method(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, StoreUnreachable):
            exception = in_kernel_words(exception)
        if isinstance(exception, DatabaseFault):
            exception = database.in_kernel_words(exception) or exception
        exception = full_disk(exception) or exception
        return errors.domain_error(request, exception) if isinstance(exception, DomainError) else None


class ComeBack:
    """Who is asked to sign in comes back to the page they were on, not to the address that only takes what a form sends.
    HTMX is told to open the sign-in page; a redirect it would follow, and put what it finds into the page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not sign_in.is_asked_for(response):
            return response
        if sign_in.is_htmx(request):
            return sign_in.ask_htmx(request)
        if request.method not in ("GET", "HEAD") and sign_in.leads_back_to(response, request.get_full_path()):
            response.headers["Location"] = sign_in.address(sign_in.page_of(request))
        return response

"""Signing in with email and password, a brake on guessing, and the way back to where somebody was."""

import hashlib
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from shirushi.accounts.actors import address_of

# Failures are counted in the server's memory (one server process, see cli/server.py) and forgotten after the pause.
PAUSE_SECONDS = 15 * 60
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 100

DEMO_EMAIL = "demo@example.org"
# Nobody is led there after signing in: they only take what a form sends.
NO_PAGES = {"sign-in", "sign-out", "set-language", "record-new-version"}


class SignInForm(AuthenticationForm):
    """Email and password. After too many failures from one address it stops looking, whatever is typed."""

    error_messages = {
        "invalid_login": _("The email address and the password do not belong together. Check both and try again."),
        "inactive": _("This account is closed. Ask the operator to open it again."),
        "too_many": _("Too many attempts. Wait 15 minutes, then try again, or ask the operator for a new password."),
    }

    def clean(self) -> dict[str, object]:
        counters = _counters(self.request, self.cleaned_data.get("username", ""))
        if any(cache.get(key, 0) >= limit for key, limit in counters.items()):
            raise ValidationError(self.error_messages["too_many"], code="too_many")
        try:
            return super().clean()
        except ValidationError:
            for key in counters:
                cache.add(key, 0, PAUSE_SECONDS)
                cache.incr(key)
            raise


def _counters(request: HttpRequest, email: str) -> dict[str, int]:
    """Name of each counter and where it stops. Names are digests: an email address is not left lying about."""
    address = address_of(request)
    account = hashlib.sha256(f"{address} {email.strip().lower()}".encode()).hexdigest()
    return {
        f"sign-in:account:{account}": FAILURES_PER_ACCOUNT,
        f"sign-in:address:{hashlib.sha256(address.encode()).hexdigest()}": FAILURES_PER_ADDRESS,
    }


class SignIn(LoginView):
    template_name = "sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        demo = DEMO_EMAIL if settings.SHIRUSHI_DEMO else ""
        return {**super().get_context_data(**kwargs), "demo_email": demo}

    def get_redirect_url(self) -> str:
        target = super().get_redirect_url()
        return target if is_page(target) else ""


class SignOut(LogoutView):
    http_method_names = ["post"]


def is_page(address: str) -> bool:
    """Whether an address of this house can be opened as a page."""
    try:
        return resolve(urlsplit(address).path).url_name not in NO_PAGES
    except Resolver404:
        return False


def is_htmx(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def is_asked_for(response: HttpResponse) -> bool:
    """Whether an answer leads to the sign-in page."""
    target = response.headers.get("Location", "") if response.status_code == 302 else ""
    return bool(target) and urlsplit(target).path == resolve_url(settings.LOGIN_URL)


def leads_back_to(response: HttpResponse, here: str) -> bool:
    """Whether the sign-in page that an answer leads to will lead back to the address ``here``."""
    return parse_qs(urlsplit(response.headers["Location"]).query).get("next") == [here]


def page_of(request: HttpRequest) -> str:
    """The page of this house that a request was sent from, without its host; the start page when it is not known."""
    header = "HX-Current-URL" if is_htmx(request) else "Referer"
    came_from = request.headers.get(header, "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return reverse("home")
    parts = urlsplit(came_from)
    # Two slashes would name a host.
    path = "/" + parts.path.lstrip("/")
    return f"{path}?{parts.query}" if parts.query else path


def address(back_to: str) -> str:
    """The sign-in page that leads back to a page."""
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back_to}, safe='/')}"


def ask_htmx(request: HttpRequest) -> HttpResponse:
    """The answer that makes HTMX open the sign-in page, which leads back to the page it was asked from."""
    return HttpResponse(status=401, headers={"HX-Redirect": address(page_of(request))})

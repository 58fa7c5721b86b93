"""Signing in with email and password, and a brake on guessing."""

import hashlib

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

# Failures are counted in the server's memory (one server process, see cli/server.py) and forgotten after the pause.
PAUSE_SECONDS = 15 * 60
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 100

DEMO_EMAIL = "demo@example.org"


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
    address = request.META.get("REMOTE_ADDR", "")
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


class SignOut(LogoutView):
    http_method_names = ["post"]

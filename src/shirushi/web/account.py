"""A person's own page: who they are here, and the tokens their programs use."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shirushi.accounts.actors import actor_of
from shirushi.accounts.models import Scope, Token, User
from shirushi.core import retention, rules

MOST_TOKENS = 100
SCOPES = {
    Scope.READ: gettext_lazy("see your drafts, their files and suggestions"),
    Scope.DEPOSIT: gettext_lazy("make and discard drafts, send files, have them read"),
    Scope.DECIDE: gettext_lazy("decide on values and type them"),
    Scope.PUBLISH: gettext_lazy("publish drafts, withdraw records"),
    Scope.OPERATE: gettext_lazy("run the installation, where you are an operator"),
}
NEVER = "never"
LIFETIMES = {
    "30": gettext_lazy("in 30 days"),
    "90": gettext_lazy("in 90 days"),
    "365": gettext_lazy("in a year"),
    NEVER: gettext_lazy("never"),
}


class TokenForm(forms.Form):
    """What a new token is called, may do and how long it lasts. ``user`` is whose it will be."""

    name = forms.CharField(
        max_length=200,
        error_messages={"required": gettext_lazy("Give it a name, so that you know later what uses it.")},
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, words) for scope, words in SCOPES.items()],
        error_messages={"required": gettext_lazy("Choose at least one thing it may do.")},
    )
    lifetime = forms.ChoiceField(choices=list(LIFETIMES.items()))

    first: ClassVar = {"name": "", "scopes": [Scope.READ.value], "lifetime": "90"}

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        self.user = user

    def clean_name(self) -> str:
        """Names are told apart; and a page that is sent again, by reloading it, makes no second token."""
        name = str(self.cleaned_data["name"])
        kept = Token.objects.kept(self.user)
        if kept.filter(name=name).exists():
            raise forms.ValidationError(
                _("You have a token of this name already. Revoke that one, or choose another name.")
            )
        if kept.count() >= MOST_TOKENS:
            raise forms.ValidationError(_("You have very many tokens. Revoke those that nothing uses any more."))
        return name

    @property
    def days(self) -> int | None:
        lifetime = self.cleaned_data["lifetime"]
        return None if lifetime == NEVER else int(lifetime)

    def shown(self) -> dict[str, Any]:
        """What the fields hold when the form is shown again."""
        if not self.is_bound:
            return self.first
        return {**{name: self.data.get(name, "") for name in self.first}, "scopes": self.data.getlist("scopes")}


@login_required
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return _page(request, TokenForm(None, user=_user(request)))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def issue_token(request: HttpRequest) -> HttpResponse:
    """Make a token. Its secret stands in this one answer and nowhere else."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("account"))
    form = TokenForm(request.POST, user=_user(request))
    if not form.is_valid():
        return _page(request, form, status=422)
    token, secret = Token.objects.issue(
        user=_user(request), name=form.cleaned_data["name"], scopes=form.cleaned_data["scopes"], days=form.days
    )
    return _page(request, TokenForm(None, user=_user(request)), status=201, issued=token, secret=secret)


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revoke a token of one's own. Other people's do not exist here."""
    token = get_object_or_404(Token, pk=token_id, user=_user(request))
    token.revoke()
    messages.success(request, _("%(name)s is revoked. Programs that still send it are refused.") % {"name": token.name})
    return HttpResponseRedirect(reverse("account"))


def _page(request: HttpRequest, form: TokenForm, *, status: int = 200, **context: Any) -> HttpResponse:
    shown = {
        "tokens": list(Token.objects.kept(form.user)),
        "form": form,
        "given": form.shown(),
        "scopes": SCOPES,
        "lifetimes": LIFETIMES,
        "issued": None,
        "is_operator": rules.operates(actor_of(request)),
        "keeps": rules.spaces_to_keep(actor_of(request)).exists(),
        "to_dispose": retention.waiting(actor_of(request)),
        **context,
    }
    return render(request, "account.html", shown, status=status)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user

"""``shirushi token``: keys for people's programs, issued, listed and revoked by whoever keeps this installation."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from shirushi.cli import CommandError
from shirushi.cli.records import spoken

if TYPE_CHECKING:
    from shirushi.accounts.models import Token, User


@spoken
def issue(arguments: argparse.Namespace) -> int:
    """Print the secret, alone, on stdout, so that a script can keep it; what it is for goes to stderr."""
    from shirushi.accounts.models import Token

    user = user_named(arguments.email)
    if Token.objects.kept(user).filter(name=arguments.name).exists():
        raise CommandError(
            f"{user.email} has a token called {arguments.name!r} already. Revoke it, or choose another name."
        )
    token, secret = Token.objects.issue(
        user=user,
        name=arguments.name,
        scopes=arguments.scope or ["read"],
        days=None if arguments.forever else arguments.days,
        agent=arguments.agent,
    )
    print(f"{described(token)}\nThe secret is shown this once:", file=sys.stderr)
    print(secret)
    return 0


@spoken
def listed(arguments: argparse.Namespace) -> int:
    """Print every token, those that are over too."""
    from shirushi.accounts.models import Token

    tokens = Token.objects.select_related("user").order_by("pk")
    if arguments.email:
        tokens = tokens.filter(user=user_named(arguments.email))
    if arguments.json:
        print(json.dumps([as_json(token) for token in tokens], ensure_ascii=False, indent=1))
        return 0
    for token in tokens:
        print(described(token))
    if not tokens:
        print("No tokens yet. Make one with: shirushi token issue EMAIL NAME")
    return 0


@spoken
def revoke(arguments: argparse.Namespace) -> int:
    """Revoke a token by its number; doing it twice changes nothing."""
    from shirushi.accounts.models import Token

    token = Token.objects.select_related("user").filter(pk=arguments.number).first()
    if token is None:
        raise CommandError(f"there is no token {arguments.number}. `shirushi token list` shows their numbers.")
    token.revoke()
    print(described(token))
    return 0


def user_named(email: str) -> "User":
    from shirushi.accounts.models import User

    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise CommandError(f"{email}: no such account. Add one with: shirushi user {email}")
    return user


def described(token: "Token") -> str:
    """One line: ``3  hanako@example.org  nightly upload  deposit,read  until 2026-12-24  last used 2026-11-24``."""
    used = f"last used {token.last_used_at:%Y-%m-%d}" if token.last_used_at else "not used yet"
    agent = [f"as {token.agent}"] if token.agent else []
    parts = [str(token.pk), token.user.email, token.name, ",".join(token.scopes), *agent, state(token), used]
    return "  ".join(parts)


def state(token: "Token") -> str:
    if token.revoked_at:
        return f"revoked {token.revoked_at:%Y-%m-%d}"
    if token.expires_at is None:
        return "without end"
    return f"{'expired' if token.is_expired() else 'until'} {token.expires_at:%Y-%m-%d}"


def as_json(token: "Token") -> dict[str, object]:
    moments = ("created_at", "expires_at", "revoked_at", "last_used_at")
    return {
        "id": token.pk,
        "user": token.user.email,
        "name": token.name,
        "scopes": token.scopes,
        "agent": token.agent,
        "valid": token.is_valid(),
        **{name: moment.isoformat() if (moment := getattr(token, name)) else None for name in moments},
    }

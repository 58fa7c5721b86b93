"""``Actor``: who does something, on whose behalf, with which token's scopes, or which agent. Services take one as ``by``."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any, Literal

from django.http import HttpRequest

from shirushi.accounts.models import Membership, Role, Space, Token, User, token_digest

ActorKind = Literal["anonymous", "person", "agent", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """``roles`` maps a space's id to the roles held there, inherited ones included. ``scopes`` None means all: no token
    is in the way. ``agent`` names the program that acts for the person ``on_behalf_of``. ``keys`` are the digests of secrets that
    the request has shown, of links or of requests for access."""

    user_id: int | None = None
    name: str = ""
    on_behalf_of: int | None = None
    scopes: frozenset[str] | None = None
    agent: str | None = None
    roles: Mapping[int, frozenset[str]] = field(default_factory=dict, hash=False)
    system: bool = False
    keys: frozenset[str] = frozenset()

    @property
    def kind(self) -> ActorKind:
        if self.system:
            return "system"
        if self.agent:
            return "agent"
        return "person" if self.user_id is not None else "anonymous"

    def has_scope(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    def has_role(self, space_id: int, *roles: str) -> bool:
        """Whether one of ``roles`` is held in the space; the system holds all."""
        return self.system or bool(self.roles.get(space_id, frozenset()) & set(roles))

    def spaces_with(self, *roles: str) -> list[int]:
        """Ids of the spaces in which one of ``roles`` is held, smallest first."""
        return sorted(space for space, held in self.roles.items() if held & set(roles))

    def to_json(self) -> dict[str, Any]:
        """What decisions and events keep: numbers and kinds, no personal data."""
        data: dict[str, Any] = {"kind": self.kind, "user": self.user_id}
        if self.agent:
            data |= {"agent": self.agent, "on_behalf_of": self.on_behalf_of}
        return data


ANONYMOUS = Actor()
SYSTEM = Actor(name="shirushi", system=True)


def person(user: User) -> Actor:
    """The actor for a signed-in person. Two queries at most."""
    return Actor(user_id=user.pk, name=user.name, roles=roles_of(user.pk))


def actor_for_token(secret: str) -> Actor | None:
    """The actor behind a token's secret; None when it is unknown, expired or revoked."""
    token = Token.objects.select_related("user").filter(digest=token_digest(secret)).first()
    if token is None or not token.is_valid():
        return None
    token.note_use()
    return Actor(
        user_id=token.user_id,
        name=token.user.name,
        on_behalf_of=token.user_id if token.agent else None,
        scopes=frozenset(token.scopes),
        agent=token.agent or None,
        roles=roles_of(token.user_id),
    )


def actor_of(request: HttpRequest) -> Actor:
    """Who sends the request: a token in ``Authorization: Bearer``, else the session, else nobody. Kept on the request.

    A token that is not valid makes the request anonymous, even beside a session: a program must notice.
    """
    known = getattr(request, "shirushi_actor", None)
    if known is None:
        known = _find_actor(request)
        if keys := keys_of(request):
            known = replace(known, keys=keys)
        request.shirushi_actor = known  # type: ignore[attr-defined]
    return known


def address_of(request: HttpRequest) -> str:
    """The network address that the request came from; behind a proxy of this network the one that the proxy saw, '' where it came by a
    socket. Others may write what they like into ``X-Forwarded-For``, but not its last entry when the proxy adds that."""
    near = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return forwarded if forwarded and _is_private(near) else near


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:  # a socket has no address
        return True


KEYS = "shirushi_keys"
MOST_KEYS = 50  # of one browser; the one shown longest ago is forgotten first


def keys_of(request: HttpRequest) -> frozenset[str]:
    """Digests of the secrets that the browser has shown before, and of the one in ``?key=``, for programs."""
    held = set(request.session.get(KEYS, ())) if hasattr(request, "session") else set()
    if secret := request.GET.get("key", ""):
        held.add(token_digest(secret))
    return frozenset(held)


def keep_key(request: HttpRequest, secret: str) -> None:
    """Remember a secret for as long as the session lasts, as its digest."""
    held = [key for key in request.session.get(KEYS, []) if key != token_digest(secret)]
    request.session[KEYS] = [*held, token_digest(secret)][-MOST_KEYS:]


def _find_actor(request: HttpRequest) -> Actor:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return actor_for_token(secret.strip()) or ANONYMOUS
    user = getattr(request, "user", None)
    return person(user) if user is not None and user.is_authenticated else ANONYMOUS


def roles_of(user_id: int) -> dict[int, frozenset[str]]:
    """Roles by space id, those of a space also for every space below it."""
    held: dict[int, set[str]] = defaultdict(set)
    for space_id, role in Membership.objects.filter(user_id=user_id).values_list("space_id", "role"):
        held[space_id].add(role)
    if not held:
        return {}
    return _inherit(held, Space.objects.values_list("id", "parent_id"))


def _inherit(held: Mapping[int, set[str]], tree: Iterable[tuple[int, int | None]]) -> dict[int, frozenset[str]]:
    parents = dict(tree)
    roles: dict[int, frozenset[str]] = {}
    for space_id in parents:
        found: set[str] = set()
        seen: set[int] = set()
        above: int | None = space_id
        while above is not None and above not in seen:  # a loop made by hand in the database must not hang us
            seen.add(above)
            found |= held.get(above, set())
            above = parents.get(above)
        if found:
            roles[space_id] = frozenset(found)
    return roles


__all__ = [
    "ANONYMOUS",
    "SYSTEM",
    "Actor",
    "ActorKind",
    "Role",
    "actor_for_token",
    "actor_of",
    "keep_key",
    "keys_of",
    "person",
    "roles_of",
]

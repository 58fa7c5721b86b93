"""Users who sign in by email, the spaces they work in, their roles there, and tokens for programs.

Personal data stay in these rows, which can be erased (:meth:`User.erase`): events, decisions and published objects hold
only the user's number.
"""

import contextlib
import hashlib
import logging
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import DatabaseError, models, transaction
from django.utils.timezone import now

log = logging.getLogger(__name__)

USE_NOTED = timedelta(minutes=5)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new user. Emails are compared without case, so they are kept in lower case. Raises ValueError without one."""
        if not email:
            raise ValueError("a user needs an email address")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an email address. ``timezone`` is an IANA name, ``language`` ``ja`` or ``en``."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    orcid = models.CharField(max_length=19, blank=True)
    language = models.CharField(max_length=10, default="ja")
    timezone = models.CharField(max_length=64, default="Asia/Tokyo")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def erase(self) -> None:
        """Forget the person but keep the number that decisions and events point to."""
        self.email = f"erased-{self.pk}@invalid"
        self.name = ""
        self.orcid = ""
        self.is_active = False
        self.set_unusable_password()
        self.save()
        self.tokens.update(revoked_at=now())


def people_at(acted: Mapping[int, datetime]) -> dict[int, str]:
    """Names of people by their numbers, of those who had an account at the time (with its zone) at which they ``acted``. What is in the
    store names people by number, and in a database that was made anew a number may be somebody else's."""
    found = User.objects.filter(pk__in=acted).values_list("pk", "name", "date_joined")
    within = timedelta(seconds=1)  # the store's times have no fractions
    return {pk: name for pk, name, joined in found if joined <= acted[pk] + within}


class Space(models.Model):
    """An institution or a community in which people have roles. A role in a space holds in every space below it."""

    class Kind(models.TextChoices):
        INSTITUTION = "institution"
        COMMUNITY = "community"

    slug = models.SlugField(max_length=100, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.INSTITUTION)
    name_en = models.CharField(max_length=200)
    name_ja = models.CharField(max_length=200)
    ror = models.CharField(max_length=40, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return self.slug

    def name(self, lang: str) -> str:
        return self.name_ja if lang.startswith("ja") else self.name_en

    def institution(self) -> "Space":
        """The nearest institution upwards; the topmost space when there is none. One query for each step."""
        space = self
        while space.kind != Space.Kind.INSTITUTION and space.parent is not None:
            space = space.parent
        return space


class Role(models.TextChoices):
    """Depositors work on their own drafts; curators on all drafts and records of a space; operators keep it running."""

    DEPOSITOR = "depositor"
    CURATOR = "curator"
    OPERATOR = "operator"


class Membership(models.Model):
    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["space", "user", "role"], name="one_role_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.space_id}"


class Scope(models.TextChoices):
    """What a token may be used for. A session in the browser has no scopes: it may do all its person may."""

    READ = "read"
    DEPOSIT = "deposit"
    DECIDE = "decide"
    PUBLISH = "publish"
    OPERATE = "operate"


class TokenManager(models.Manager["Token"]):
    def kept(self, user: User) -> models.QuerySet["Token"]:
        """The tokens of a person that have not been revoked, expired ones too, the newest first."""
        return self.filter(user=user, revoked_at=None).order_by("-pk")

    def issue(
        self, *, user: User, name: str, scopes: Iterable[str], days: int | None = 90, agent: str = ""
    ) -> tuple["Token", str]:
        """A new token and its secret, which is shown once and never stored.

        Raises:
            ValueError: for a scope that does not exist.
        """
        wanted = sorted(set(scopes))
        if unknown := [scope for scope in wanted if scope not in Scope.values]:
            raise ValueError(f"no such scope: {', '.join(unknown)}; there are {', '.join(Scope.values)}")
        secret = "shirushi_" + secrets.token_urlsafe(32)
        token = self.create(
            user=user,
            name=name,
            digest=token_digest(secret),
            scopes=wanted,
            agent=agent,
            expires_at=None if days is None else now() + timedelta(days=days),
        )
        log.info("token %s of user %s issued: %s", token.pk, user.pk, ", ".join(wanted) or "no scope")
        return token, secret


class Token(models.Model):
    """A key for a program. Only the SHA-256 of its secret is kept. With ``agent`` it acts as that agent for its user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    agent = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = TokenManager()

    def __str__(self) -> str:
        return self.name

    def is_valid(self, at: datetime | None = None) -> bool:
        at = at or now()
        return self.revoked_at is None and not self.is_expired(at) and self.user.is_active

    def is_expired(self, at: datetime | None = None) -> bool:
        return self.expires_at is not None and self.expires_at <= (at or now())

    def revoke(self) -> None:
        """From the next request on it opens nothing. The row stays, so that one can see what there was. Twice changes nothing."""
        if Token.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now()):
            log.info("token %s of user %s revoked", self.pk, self.user_id)
        self.refresh_from_db()

    def note_use(self) -> None:
        """Remember that it was used, to within :data:`USE_NOTED`: a write for each request would hold up the readers. A database
        that cannot be written just now is no reason to refuse a reader."""
        at = now()
        if self.last_used_at is None or at - self.last_used_at > USE_NOTED:
            with contextlib.suppress(DatabaseError), transaction.atomic():
                Token.objects.filter(pk=self.pk).update(last_used_at=at)


def token_digest(secret: str) -> str:
    """SHA-256 is enough: the secret is 256 random bits, not a password that somebody could guess."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Who is let in beyond what everybody may see: links with a secret, requests, and holds on what may be taken away.

Secrets are kept as SHA-256 only. What people write here (names, addresses, messages) is erased with :meth:`AccessRequest.erase`.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from shirushi.core.ids import new_id

if TYPE_CHECKING:
    from shirushi.core.models import Record


class SecretLink(models.Model):
    """An address that lets its bearer in until a day. ``files``: the files of every version of a record. ``review``: one draft or
    version without a word about who made it, files included, for reviewers who must not know."""

    class Kind(models.TextChoices):
        FILES = "files"
        REVIEW = "review"

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret")
    concept = models.ForeignKey("core.Concept", on_delete=models.PROTECT, related_name="links")
    draft = models.ForeignKey("core.Draft", null=True, on_delete=models.PROTECT, related_name="links")
    record = models.ForeignKey("core.Record", null=True, on_delete=models.PROTECT, related_name="links")
    label = models.CharField(max_length=200, blank=True, help_text="for whom it is, as its maker notes it")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} link {self.pk} to {self.concept_id}"

    @staticmethod
    def valid(at: datetime | None = None) -> Q:
        """Those that open something at a time, as a filter."""
        return Q(revoked_at=None, expires_at__gt=at or timezone.now())

    @classmethod
    def to_versions_of(cls, concept_id: str) -> "models.QuerySet[SecretLink]":
        """Those that lead to published versions of a record, the newest first: made of one, or of a draft that has become one."""
        return cls.objects.filter(Q(draft=None) | Q(draft__record__isnull=False), concept=concept_id)

    def is_valid(self, at: datetime | None = None) -> bool:
        return self.revoked_at is None and self.expires_at > (at or timezone.now())

    @property
    def version(self) -> "Record | None":
        """The published version that it leads to; None while that is a draft."""
        return self.record or (self.draft.record if self.draft else None)


class AccessRequest(models.Model):
    """Somebody asks for the files of a record. Whoever is signed in is known by it; a guest by the secret of the page on which the
    answer will stand."""

    class State(models.TextChoices):
        OPEN = "open"
        GRANTED = "granted"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    concept = models.ForeignKey("core.Concept", on_delete=models.PROTECT, related_name="requests")
    record = models.ForeignKey("core.Record", on_delete=models.PROTECT, related_name="requests")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="requests")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret of the page with the answer")
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    message = models.TextField(blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="until when it is granted")

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["concept", "state"], name="core_request_state_idx")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["concept", "by"], condition=Q(state="open", by__isnull=False), name="one_open_request_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"request {self.pk} for {self.concept_id}: {self.state}"

    @staticmethod
    def granting(at: datetime | None = None) -> Q:
        """Those that open files at a time, as a filter."""
        return Q(state="granted", expires_at__gt=at or timezone.now())

    def is_granting(self, at: datetime | None = None) -> bool:
        return self.state == "granted" and self.expires_at is not None and self.expires_at > (at or timezone.now())

    def erase(self) -> None:
        """Forget who asked and what they wrote; that somebody asked, and what became of it, stays."""
        self.name = self.email = self.message = self.answer = ""
        self.save(update_fields=["name", "email", "message", "answer"])


class Hold(models.Model):
    """Nothing of the record may be taken away while it stands: a legal hold."""

    concept = models.ForeignKey("core.Concept", on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-placed_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["concept"], condition=Q(lifted_at=None), name="one_standing_hold")
        ]

    def __str__(self) -> str:
        return f"hold on {self.concept_id}"


class Disposal(models.Model):
    """The files of all versions of a record were decided to go. ``files`` different ones with ``size`` bytes; ``finished_at`` is when the
    last of them was gone."""

    concept = models.OneToOneField("core.Concept", on_delete=models.PROTECT, related_name="disposal")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    files = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(finished_at=None), name="core_disposal_unfinished_idx")
        ]

    def __str__(self) -> str:
        return f"disposal of {self.concept_id}"


class Deadline(models.Model):
    """The day on which something about a record ends: its embargo; or its retention, kept at its first version and for all of them.
    ``done_at`` is when the log was told. Kept by a follower of the event log."""

    class Kind(models.TextChoices):
        EMBARGO = "embargo"
        RETENTION = "retention"

    record = models.ForeignKey("core.Record", on_delete=models.PROTECT, related_name="deadlines")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.EMBARGO)
    day = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["day", "id"]
        indexes: ClassVar = [models.Index(fields=["day"], condition=Q(done_at=None), name="core_deadline_due_idx")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "kind"], name="one_deadline_of_a_kind_per_record")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.record_id} on {self.day}"

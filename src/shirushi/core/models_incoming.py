"""Files on their way into a draft: announced, sent in pieces, or fetched from the web. What has arrived is a file of the draft like any other."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from shirushi.core.ids import new_id

PATH_LENGTH = 4096  # characters; a path may have fewer (core/paths.py)


class Upload(models.Model):
    """A file that comes in pieces. Its first ``offset`` bytes of ``size`` are safe on disk, in ``uploads/resumable/<id>``.
    ``sent_as`` is what the sender said of it, as it was sent (tus: Upload-Metadata). ``expires_at`` moves with every piece."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        GONE = "gone"

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    draft = models.ForeignKey("core.Draft", on_delete=models.PROTECT, related_name="uploads")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=PATH_LENGTH)
    size = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    sent_as = models.TextField(blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["state", "expires_at"], name="core_upload_expiry_idx"),
            models.Index(fields=["owner", "state"], name="core_upload_owner_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.path}: {self.offset} of {self.size}"


class Fetch(models.Model):
    """A file that is fetched from the web into a draft. ``done`` of ``total`` bytes have come (None: the other side did not say how
    many there are). ``actor`` is who asked for it, as events keep them. ``code`` and ``message`` tell why it failed."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    draft = models.ForeignKey("core.Draft", on_delete=models.PROTECT, related_name="fetches")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor = models.JSONField()
    url = models.CharField(max_length=2000)
    path = models.CharField(
        max_length=PATH_LENGTH, blank=True, help_text="where it goes; empty until its name is known"
    )
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=50, blank=True)
    message = models.JSONField(default=dict, help_text="why it failed: {en, ja}")
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        verbose_name_plural = "fetches"
        indexes: ClassVar = [
            models.Index(fields=["state", "created_at"], name="core_fetch_queue_idx"),
            models.Index(fields=["draft", "created_at"], name="core_fetch_draft_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.url}: {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state not in {self.State.QUEUED, self.State.RUNNING}


class AnnouncedFile(models.Model):
    """A file that a program said it will send into a draft, until it says that it has."""

    draft = models.ForeignKey("core.Draft", on_delete=models.PROTECT, related_name="announced_files")
    path = models.CharField(max_length=PATH_LENGTH)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["draft", "path"], name="one_announced_file_per_path")]

    def __str__(self) -> str:
        return self.path

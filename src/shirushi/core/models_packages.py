"""What comes in whole: archives that are unpacked into a draft, and where an imported record comes from."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from shirushi.core.ids import new_id
from shirushi.core.models_incoming import PATH_LENGTH


class Unpacking(models.Model):
    """An archive of a draft (a bag or an RO-Crate) whose files are to take its place. The row is the queue, as with Fetch. ``sha256``
    is the archive's; ``actor`` is who asked for it, as events keep them. ``report`` tells what was checked and, where it was
    refused, what was wrong with which file: ``{kind, files, checked, notes: [{code, file, en, ja}], more}``."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    draft = models.ForeignKey("core.Draft", on_delete=models.PROTECT, related_name="unpackings")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor = models.JSONField()
    path = models.CharField(max_length=PATH_LENGTH)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    code = models.CharField(max_length=50, blank=True)
    message = models.JSONField(default=dict, help_text="why it failed: {en, ja}")
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["state", "created_at"], name="core_unpack_queue_idx"),
            models.Index(fields=["draft", "created_at"], name="core_unpack_draft_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.path}: {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state not in {self.State.QUEUED, self.State.RUNNING}


class ImportSource(models.Model):
    """Where a draft, and the record that it became, was imported from. ``key`` names the record there, ``concept_key`` all versions of
    it, ``ordinal`` its place among them. ``digest`` is that of what was understood, ``document`` what was read, as it was; ``untaken``
    what of it could not be carried over: ``[{path, en, ja, value}]``."""

    draft = models.OneToOneField("core.Draft", on_delete=models.PROTECT, related_name="source")
    system = models.CharField(max_length=20)
    key = models.CharField(max_length=500)
    concept_key = models.CharField(max_length=500, blank=True)
    ordinal = models.PositiveBigIntegerField(null=True, blank=True)
    url = models.CharField(max_length=2000, blank=True)
    digest = models.CharField(max_length=64)
    document = models.TextField(blank=True)
    untaken = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["system", "key"], name="core_source_key_idx"),
            models.Index(fields=["system", "concept_key"], name="core_source_concept_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.key}"

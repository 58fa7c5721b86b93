"""What is made from published files for programs: it may be deleted at any time and made again."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from shirushi.core.models_incoming import PATH_LENGTH


class Derivation(models.Model):
    """The making of a record's derived files. The row is the queue. ``left`` tells what nothing was made of, and why: ``[{path, recipe,
    code, message}]``."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    record = models.OneToOneField("core.Record", primary_key=True, on_delete=models.PROTECT, related_name="derivation")
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    left = models.JSONField(default=list)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["created_at", "record_id"]
        indexes: ClassVar = [models.Index(fields=["state", "created_at"], name="core_derivation_queue_idx")]

    def __str__(self) -> str:
        return f"derived files of {self.record_id}: {self.state}"


class DerivedFile(models.Model):
    """A file made from one file of a record (``source``), or from one sheet of it (``part``). Its bytes lie apart from what was
    published, under ``sha256``. ``recipe`` is the digest of all that it was made from and how: who finds it need not make it again."""

    class Kind(models.TextChoices):
        PARQUET = "parquet"
        ZARR = "zarr"

    record = models.ForeignKey("core.Record", on_delete=models.PROTECT, related_name="derived")
    path = models.CharField(max_length=PATH_LENGTH)
    source = models.CharField(max_length=PATH_LENGTH)
    source_sha256 = models.CharField(max_length=64)
    part = models.CharField(max_length=2000, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveBigIntegerField(null=True)
    columns = models.JSONField(default=list)
    arrays = models.JSONField(default=list)
    left_out = models.JSONField(default=list)
    recipe = models.CharField(max_length=64)
    made_with = models.CharField(max_length=100)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["path"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["record", "path"], name="one_derived_file_per_path")]
        indexes: ClassVar = [
            models.Index(fields=["recipe"], name="core_derived_recipe_idx"),
            models.Index(fields=["sha256"], name="core_derived_sha256_idx"),
        ]

    def __str__(self) -> str:
        return self.path

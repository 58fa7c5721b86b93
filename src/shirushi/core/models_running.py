"""What goes on beside the requests: followers of the event log and what they make, the reading of every stored byte, workers."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from shirushi.accounts.models import Space


class Follower(models.Model):
    """How far one reader of the event log has come: the last event it has dealt with."""

    name = models.CharField(primary_key=True, max_length=50)
    position = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class FollowerFailure(models.Model):
    """An event that a follower could not deal with yet. It is tried again, ever later, and shown by ``check`` until it works."""

    follower = models.CharField(max_length=50)
    event = models.ForeignKey("core.Event", on_delete=models.PROTECT, related_name="+")
    attempts = models.PositiveIntegerField(default=1)
    error = models.TextField()
    first_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["follower", "event"], name="one_failure_per_event")]

    def __str__(self) -> str:
        return f"{self.follower} could not follow event {self.event_id}"


class FeedEntry(models.Model):
    """One line of the feed of new, updated and withdrawn records."""

    class Kind(models.TextChoices):
        PUBLISHED = "published"
        UPDATED = "updated"
        WITHDRAWN = "withdrawn"

    event = models.OneToOneField("core.Event", primary_key=True, on_delete=models.PROTECT, related_name="+")
    record = models.ForeignKey("core.Record", on_delete=models.PROTECT, related_name="+")
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-event_id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class Series(models.Model):
    """A number per day: how often ``name`` happened to ``subject`` (a space's slug, a method, or '' for the whole house)."""

    name = models.CharField(max_length=100)
    subject = models.CharField(max_length=200, blank=True)
    day = models.DateField()
    value = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["name", "subject", "day"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["name", "subject", "day"], name="one_value_per_day")]

    def __str__(self) -> str:
        return f"{self.name} {self.subject} {self.day}: {self.value}"


class ScrubRun(models.Model):
    """One reading of every stored byte against its digest. ``stage``, ``place`` and ``path`` are the last thing looked at, by
    name, so that it goes on there after a kill; ``findings`` tell what was wrong, where and when it was seen."""

    stage = models.CharField(max_length=20, default="blobs")
    place = models.TextField(blank=True)
    path = models.TextField(blank=True)
    things = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    findings = models.JSONField(default=list)
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"scrub {self.pk}"


class Worker(models.Model):
    """A process that runs background jobs. ``heartbeat`` moves every few seconds while it lives."""

    id = models.CharField(primary_key=True, max_length=64)
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.id

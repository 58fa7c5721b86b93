"""Which hours of visits have been counted. The numbers themselves are :class:`~shirushi.core.models.Series`."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class UsageHour(models.Model):
    """An hour (UTC) whose visits are in the numbers, by the name of its file: written in the same transaction as they."""

    name = models.CharField(primary_key=True, max_length=40)
    visits = models.PositiveBigIntegerField(default=0)
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

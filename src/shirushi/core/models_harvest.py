"""The list that harvesters page through: what each version is shown as in each set, kept by a follower of the event log.

Sources: OAI-PMH 2.0, sections 2.5 (records, deleted records) and 2.6 (sets).
"""

from typing import ClassVar

from django.db import models


class HarvestSet(models.Model):
    """A set that harvesters can ask for by its ``spec``; the one of no name holds everything."""

    spec = models.CharField(max_length=200, unique=True)

    class Meta:
        ordering: ClassVar = ["spec"]

    def __str__(self) -> str:
        return self.spec


class HarvestEntry(models.Model):
    """A version as one of the sets that it is in shows it to harvesters; it stays for ever, as ``deleted`` after a withdrawal.

    ``datestamp`` is when the last change could first be seen, in whole seconds, since harvesters compare what they are told.
    ``event`` is that change. The index has all that a page of a list needs, in the order of the list."""

    set = models.ForeignKey(HarvestSet, on_delete=models.PROTECT, related_name="entries", db_index=False)
    record = models.ForeignKey("core.Record", on_delete=models.PROTECT, related_name="harvest_entries")
    datestamp = models.DateTimeField()
    deleted = models.BooleanField(default=False)
    event = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["set", "record"], name="one_entry_per_set")]
        indexes: ClassVar = [
            models.Index(fields=["set", "datestamp", "record", "deleted"], name="core_harvest_order_idx")
        ]

    def __str__(self) -> str:
        return f"{self.record_id} in {self.set_id}"

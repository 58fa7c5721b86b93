"""The state of the kernel. Models are thin: everything that changes them is in :mod:`shirushi.core.services`.

Decisions and events are only ever added: saving one again or deleting it raises, and database triggers (migration
0002) refuse it to everybody else.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from shirushi.accounts.models import Space
from shirushi.core.ids import new_id
from shirushi.core.models_access import AccessRequest as AccessRequest
from shirushi.core.models_access import Deadline as Deadline
from shirushi.core.models_access import Disposal as Disposal
from shirushi.core.models_access import Hold as Hold
from shirushi.core.models_access import SecretLink as SecretLink
from shirushi.core.models_derived import Derivation as Derivation
from shirushi.core.models_derived import DerivedFile as DerivedFile
from shirushi.core.models_harvest import HarvestEntry as HarvestEntry
from shirushi.core.models_harvest import HarvestSet as HarvestSet
from shirushi.core.models_incoming import PATH_LENGTH
from shirushi.core.models_incoming import AnnouncedFile as AnnouncedFile
from shirushi.core.models_incoming import Fetch as Fetch
from shirushi.core.models_incoming import Upload as Upload
from shirushi.core.models_packages import ImportSource as ImportSource
from shirushi.core.models_packages import Unpacking as Unpacking
from shirushi.core.models_running import FeedEntry as FeedEntry
from shirushi.core.models_running import Follower as Follower
from shirushi.core.models_running import FollowerFailure as FollowerFailure
from shirushi.core.models_running import ScrubRun as ScrubRun
from shirushi.core.models_running import Series as Series
from shirushi.core.models_running import Worker as Worker
from shirushi.core.models_usage import UsageHour as UsageHour
from shirushi.metadata.work import STORED, Access, Work


class Concept(models.Model):
    """What stays the same over all versions of a record. One OCFL object holds all its versions; another one, what is left when the
    files were disposed of, which ``disposed_version`` of it tells of."""

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    retain_until = models.DateField(null=True, blank=True, help_text="its bytes are kept at least until this day")
    retain_reason = models.TextField(blank=True, help_text="why so long")
    kept_for_good = models.BooleanField(default=False, help_text="it was decided never to dispose of it")
    disposed_version = models.PositiveIntegerField(null=True, help_text="object version that tells of its disposal")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["retain_until", "id"],
                condition=models.Q(disposed_version=None, retain_until__isnull=False),
                name="core_concept_retain_idx",
            )
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def object_id(self) -> str:
        """Name of the object in the store that tells of it now."""
        return self.disposed_object_id if self.is_disposed else self.first_object_id

    @property
    def first_object_id(self) -> str:
        """Name of the object with everything."""
        return f"urn:shirushi:{self.id}"

    @property
    def disposed_object_id(self) -> str:
        """Name of the object with everything but the files."""
        return f"{self.first_object_id}:disposed"

    @property
    def is_disposed(self) -> bool:
        """Whether the files of all versions were disposed of, or are just going."""
        return self.disposed_version is not None

    def newest_standing(self) -> "Record | None":
        """The last version that was not withdrawn; None when all were. One query."""
        return self.records.filter(withdrawn_at=None).order_by("-number").first()


class Record(models.Model):
    """One published version. ``document`` is rendered once, when publishing, and never changes; a tombstone is put beside
    it. ``number`` counts from 1 within the concept."""

    id = models.CharField(primary_key=True, max_length=20, editable=False)
    concept = models.ForeignKey(Concept, on_delete=models.PROTECT, related_name="records")
    number = models.PositiveIntegerField()
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="records")
    title = models.CharField(max_length=2000)
    metadata = models.JSONField()
    document = models.JSONField()
    object_id = models.CharField(max_length=100)
    object_version = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="published_records"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="owned_records"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawal_reason = models.TextField(blank=True)
    tombstone_version = models.PositiveIntegerField(null=True, help_text="object version that holds the tombstone")
    access = models.JSONField(null=True, blank=True, help_text="who may have the files, where it was decided anew")
    access_version = models.PositiveIntegerField(
        null=True, help_text="object version that holds the latest such decision"
    )

    class Meta:
        ordering: ClassVar = ["-published_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["concept", "number"], name="one_record_per_number"),
            models.UniqueConstraint(fields=["object_id", "object_version"], name="one_record_per_object_version"),
        ]
        indexes: ClassVar = [models.Index(fields=["space", "-published_at"])]

    def __str__(self) -> str:
        return self.title

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def work(self) -> Work:
        return Work.model_validate(self.metadata, context=STORED)

    @property
    def access_decided(self) -> Access:
        """Who may have the files: as decided last, else as published; of an embargo also when it is over."""
        return Access.model_validate(self.access or self.metadata.get("access") or {}, context=STORED)

    @property
    def access_now(self) -> Access:
        """Who may have the files: as decided last, else as published; of an embargo that is over, everybody."""
        return access_now(self.access, self.metadata.get("access"))

    @property
    def files_are_open(self) -> bool:
        return self.access_now.rights == "open"


def access_now(decided: Mapping[str, Any] | None, published: Mapping[str, Any] | None) -> Access:
    """Who may have files, from what was decided last and what was published; of an embargo that is over, everybody."""
    access = Access.model_validate(decided or published or {}, context=STORED)
    return Access() if access.rights == "embargoed" and access.is_open(timezone.localdate()) else access


class RecordFile(models.Model):
    """One file of a published version. Its bytes are ``files/<path>`` of the record's object version."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(max_length=PATH_LENGTH)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    sha512 = models.CharField(max_length=128)
    crc32 = models.PositiveBigIntegerField(null=True, help_text="for ZIP; None of bytes that came before it was taken")
    content_path = models.TextField(blank=True, help_text="where the bytes are in the object; '': its inventory tells")
    media_type = models.CharField(max_length=200)
    table = models.JSONField(null=True, blank=True, help_text="how its table is written: a TableForm")
    pronom = models.JSONField(null=True, blank=True, help_text="its format in PRONOM: {puid, name, version, by}")

    class Meta:
        ordering: ClassVar = ["path"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["record", "path"], name="one_record_file_per_path")]

    def __str__(self) -> str:
        return self.path

    @property
    def puid(self) -> str | None:
        return (self.pronom or {}).get("puid")

    @property
    def pronom_format(self) -> str | None:
        return (self.pronom or {}).get("name")

    @property
    def pronom_version(self) -> str | None:
        return (self.pronom or {}).get("version")


class Draft(models.Model):
    """Typed metadata and files on their way to a record. ``version`` counts every change; who changes a draft says which
    version they saw. ``metadata`` is a Work as JSON without what is absent. ``reserved`` is what publishing has set aside for
    it (record id, identifiers, time), so that publishing again after a crash gives the same record; the record id also before that,
    where it is to be the draft's, and identifiers that an imported record brings with it. ``outer`` names those of them that an agency
    knows already, each by its scheme: ``{"identifier": "DOI"}``."""

    class State(models.TextChoices):
        OPEN = "open"
        PUBLISHING = "publishing"
        PUBLISHED = "published"
        DISCARDED = "discarded"

    id = models.CharField(primary_key=True, max_length=20, default=new_id, editable=False)
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="drafts")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="drafts")
    concept = models.ForeignKey(Concept, on_delete=models.PROTECT, related_name="drafts")
    base_record = models.ForeignKey(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="next_drafts")
    record = models.OneToOneField(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="draft")
    name = models.CharField(max_length=500, blank=True, help_text="what its owner calls it until it has a title")
    metadata = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    reserved = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-updated_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["owner", "state"]), models.Index(fields=["space", "state"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="published", record__isnull=False)
                | (~models.Q(state="published") & models.Q(record__isnull=True)),
                name="published_means_has_record",
            )
        ]

    def __str__(self) -> str:
        return self.title or self.id

    @property
    def work(self) -> Work:
        return Work.model_validate(self.metadata, context=STORED)

    @property
    def title(self) -> str:
        """The main title, else the draft's own name; may be empty."""
        titles = self.metadata.get("titles") or [{}]
        main = next((title for title in titles if title.get("type") is None), titles[0])
        return str(main.get("text") or self.name)


class DraftFile(models.Model):
    """A file of a draft. Its bytes lie in the blob store under their SHA-256; ``media_type`` is what identification said."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(max_length=PATH_LENGTH)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    sha512 = models.CharField(max_length=128)
    crc32 = models.PositiveBigIntegerField(null=True)
    media_type = models.CharField(max_length=200, default="application/octet-stream")
    changed_at = models.DateTimeField(default=timezone.now, help_text="when these bytes came to this path")
    as_before = models.BooleanField(default=False, help_text="the version before has the same bytes at this path")
    table = models.JSONField(
        null=True,
        blank=True,
        help_text="how its table is written: a TableForm, and in ``of`` the digest of the bytes that were read",
    )
    pronom = models.JSONField(
        null=True,
        blank=True,
        help_text="its format in PRONOM: {puid, name, version, by, conflict}, and in ``of`` the digest of the bytes that "
        "were looked at; without a puid where PRONOM has no one answer",
    )

    class Meta:
        ordering: ClassVar = ["path"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["draft", "path"], name="one_draft_file_per_path")]
        # Holds all that readiness counts, so that 100,000 rows are counted without being read.
        indexes: ClassVar = [
            models.Index(
                fields=["draft", "media_type", "as_before", "changed_at", "size"], name="core_draftfile_counted"
            )
        ]

    def __str__(self) -> str:
        return self.path


class DescribeRun(models.Model):
    """One reading of a draft's files. ``heartbeat`` moves while a worker is alive; a run whose heart stands still is queued
    again. ``stage`` is walking, reading or suggesting; ``description_sha256`` names the blob with the whole result.

    ``sensitive`` is what :func:`shirushi.core.disclosure.found_in` found in it, masked.

    ``began_at`` is just before the files were listed. ``seen`` tells while it is under way what was found so far:
    ``{facts, files: [{file, format, counts, problem}]}``, the files read last first and only a handful of them. ``blank`` is
    the share of fields whose suggestions are kept back until a person has typed them, so that true precision is known;
    ``excerpts`` is what a language model might be shown, with consent, where one is set up."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    stage = models.CharField(max_length=20, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    current_file = models.CharField(max_length=PATH_LENGTH, blank=True)
    message = models.TextField(blank=True)
    problems = models.JSONField(default=list)
    seen = models.JSONField(default=dict)
    sensitive = models.JSONField(default=list)
    attempts = models.PositiveIntegerField(default=0)
    heartbeat = models.DateTimeField(default=timezone.now)
    description_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    blank = models.FloatField(default=0.0)
    excerpts = models.JSONField(default=list)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    began_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.draft_id}: {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}


class ExactProfile(models.Model):
    """The exact numbers of the large tables that a reading has sampled, counted in the background. ``done`` of ``total`` tables;
    ``renewed`` suggestions have got other numbers. ``outdated``: a later reading, or the end of the draft, came before them."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        OUTDATED = "outdated"

    run = models.OneToOneField(DescribeRun, on_delete=models.PROTECT, related_name="exact")
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    current_file = models.CharField(max_length=PATH_LENGTH, blank=True)
    message = models.TextField(blank=True)
    renewed = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    heartbeat = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["state"], name="core_exactp_state_idx")]

    def __str__(self) -> str:
        return f"exact numbers of run {self.run_id}: {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state not in {self.State.QUEUED, self.State.RUNNING}


class ModelCall(models.Model):
    """One consent to show a language model certain excerpts, and what came of it. ``digest`` is the SHA-256 of the very text;
    ``left_out`` the ids of excerpts that the person took out. ``result`` tells of model, tokens, and values let through and
    dropped; the answer itself is not kept."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="model_calls")
    run = models.ForeignKey(DescribeRun, on_delete=models.PROTECT, related_name="model_calls")
    state = models.CharField(max_length=20, choices=State.choices, default=State.QUEUED)
    digest = models.CharField(max_length=64)
    left_out = models.JSONField(default=list)
    host = models.CharField(max_length=300)
    model = models.CharField(max_length=200)
    result = models.JSONField(default=dict)
    message = models.TextField(blank=True)
    consented_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    consented_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.model} at {self.host} about {self.draft_id}: {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}


class Suggestion(models.Model):
    """A proposed value for one target with its evidence. ``superseded``: a later reading of the files took its place;
    ``held``: kept back until a person has typed the field, to see how right it is; ``withdrawn``: its method was. ``features``
    are what the ranking knew of it, so that a decision teaches."""

    PROPOSED = "by."  # so begins the method of what a person or an agent proposed

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        EDITED = "edited"
        REJECTED = "rejected"
        SUPERSEDED = "superseded"
        HELD = "held"
        WITHDRAWN = "withdrawn"

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="suggestions")
    run = models.ForeignKey(DescribeRun, null=True, on_delete=models.PROTECT, related_name="suggestions")
    target = models.CharField(max_length=200)
    field = models.CharField(max_length=50)
    value = models.JSONField()
    confidence = models.FloatField()
    evidence = models.JSONField()
    method = models.CharField(max_length=100)
    method_version = models.CharField(max_length=50)
    features = models.JSONField(default=dict)
    order = models.IntegerField(default=0)
    alternative = models.BooleanField(default=False)
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)

    class Meta:
        ordering: ClassVar = ["field", "alternative", "order", "-confidence", "id"]
        indexes: ClassVar = [models.Index(fields=["draft", "state"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1), name="confidence_is_a_probability"
            ),
            models.CheckConstraint(condition=~models.Q(evidence=[]), name="no_suggestion_without_evidence"),
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.value}"


class AppendOnlyError(TypeError):
    """Something tried to change or delete a row that is only ever added."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **values: Any) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are never changed: add a new one")

    def delete(self) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are never deleted")

    def bulk_update(self, *args: Any, **options: Any) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__} rows are never changed: add a new one")


class AppendOnly(models.Model):
    """Rows that are added and then stand."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{type(self).__name__} {self.pk} is never changed: add a new one")
        super().save(*args, **{**options, "force_insert": True})

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise AppendOnlyError(f"{type(self).__name__} {self.pk} is never deleted")


class Decision(AppendOnly):
    """What somebody decided about one field: the values ``removed`` gave way to ``added`` ones at ``position`` among the
    field's values. ``value`` is the one value decided about, None when a list was typed; ``states`` lists every suggestion
    that moved as ``[id, before, after]``, so that undoing is exact. Decisions with the same ``group`` are undone together.
    ``set``: filled in by the system from what it knows (e.g. the publisher). ``file``: what a file that was taken out or
    replaced had put into ``variables``; ``value`` is ``{path, was}``, ``was`` being the file as it was before (None when there
    was none)."""

    class Action(models.TextChoices):
        ACCEPT = "accept"
        EDIT = "edit"
        REJECT = "reject"
        TYPE = "type"
        SET = "set"
        FILE = "file"
        UNDO = "undo"

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="decisions")
    suggestion = models.ForeignKey(Suggestion, null=True, on_delete=models.PROTECT, related_name="decisions")
    field = models.CharField(max_length=50)
    action = models.CharField(max_length=10, choices=Action.choices)
    value = models.JSONField(null=True)
    position = models.PositiveIntegerField(default=0)
    removed = models.JSONField(default=list)
    added = models.JSONField(default=list)
    states = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor = models.JSONField()
    at = models.DateTimeField()
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    group = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["draft", "id"])]

    def __str__(self) -> str:
        return f"{self.action} {self.field} of {self.draft_id}"


class Answer(AppendOnly):
    """What somebody answered about data in one file that must not be published by mistake; the last one for an ``item`` counts.

    ``item`` is the digest of what was seen (category, column, file and its bytes), never the values; it holds for every
    version of the concept."""

    class Choice(models.TextChoices):
        NOT_PERSONAL = "not-personal"
        CONSENTED = "consented"
        REMOVE = "remove"
        RESTRICT = "restrict"

    concept = models.ForeignKey(Concept, on_delete=models.PROTECT, related_name="answers")
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="answers")
    item = models.CharField(max_length=64)
    category = models.CharField(max_length=30)
    path = models.CharField(max_length=PATH_LENGTH)
    sha256 = models.CharField(max_length=64)
    answer = models.CharField(max_length=20, choices=Choice.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor = models.JSONField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["concept", "id"])]

    def __str__(self) -> str:
        return f"{self.answer} about {self.path} of {self.draft_id}"


class Identifier(models.Model):
    """A name that lasts. ``local``: minted here and not registered with an agency. It names one version or one concept."""

    class State(models.TextChoices):
        LOCAL = "local"
        REGISTERED = "registered"
        TOMBSTONED = "tombstoned"

    scheme = models.CharField(max_length=20, default="DOI")
    value = models.CharField(max_length=255)
    record = models.ForeignKey(Record, null=True, on_delete=models.PROTECT, related_name="identifiers")
    concept = models.ForeignKey(Concept, null=True, on_delete=models.PROTECT, related_name="identifiers")
    state = models.CharField(max_length=20, choices=State.choices, default=State.LOCAL)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "value"], name="one_identifier_once"),
            models.CheckConstraint(
                condition=models.Q(record__isnull=True) | models.Q(concept__isnull=True),
                name="identifier_names_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.value


class Event(AppendOnly):
    """What happened, added in the transaction of the change it tells of. ``payload`` holds ids, names of fields, counts and
    digests; never a person's data. Followers read events in the order of ``id``."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=50)
    space = models.ForeignKey(Space, null=True, on_delete=models.PROTECT, related_name="+")
    record_id = models.CharField(max_length=20, blank=True, db_index=True)
    draft_id = models.CharField(max_length=20, blank=True, db_index=True)
    actor = models.JSONField()
    at = models.DateTimeField()
    payload = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.id} {self.type}"

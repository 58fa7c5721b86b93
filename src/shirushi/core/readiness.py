"""What a draft still lacks before it can be published, and why it matters."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Case, Count, DateTimeField, Max, Min, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from shirushi.core.disclosure import Question, questions, unsettled
from shirushi.core.documents import file_entry, publication_as_if
from shirushi.core.fair import Fair, fair
from shirushi.core.fair_advice import Advice, advice
from shirushi.core.models import DescribeRun, Draft, Suggestion
from shirushi.exchange.errors import NotExportable
from shirushi.exchange.jpcoar import to_xml
from shirushi.exchange.jpcoar_rules import Finding, field_of, judge
from shirushi.metadata.fields import FIELDS, FieldSpec, Level, Text2, missing
from shirushi.metadata.published import FileEntry
from shirushi.metadata.work import Access


@dataclass(frozen=True, slots=True)
class Missing:
    """An empty field (or ``files``). ``waiting`` counts open suggestions for it: they need a decision, not typing."""

    field: str
    level: Level
    label: Text2
    why: Text2
    waiting: int = 0

    @property
    def pointer(self) -> str:
        return f"/{self.field}"


@dataclass(frozen=True, slots=True)
class Readiness:
    """``filled`` of ``total`` fields that matter hold something; ``undecided`` suggestions wait for a decision.

    ``questions`` about data that must not be published by mistake have to be answered. ``unchanged``: it is a new version that
    says and holds the same as the one before it.

    ``unread`` files were added or changed after the last reading began, so that nothing they say was proposed. ``astray`` are
    the files that variables name and the draft does not hold. Neither keeps anybody from publishing, but both are told.
    """

    missing: tuple[Missing, ...]
    filled: int
    total: int
    undecided: int
    fair: Fair
    advice: tuple[Advice, ...] = ()
    unread: int = 0
    astray: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    unchanged: bool = False

    @property
    def ready(self) -> bool:
        """Whether it can be published: nothing required is missing, nothing that was asked is unanswered, and a new version
        is another than the one before."""
        return not self.blocking and not self.unsettled and not self.unchanged

    @property
    def unsettled(self) -> tuple[Question, ...]:
        return unsettled(self.questions)

    @property
    def blocking(self) -> tuple[Missing, ...]:
        return tuple(item for item in self.missing if item.level == "required")


FILES = FieldSpec(
    "files",
    Text2("Files", "ファイル"),
    Text2("What the record holds.", "記録の中身です。"),
    "data.csv",
    "recommended",
    Text2(
        "A record without files leaves readers with nothing to use.", "ファイルがないと、読者が使えるものがありません。"
    ),
)


def readiness(draft: Draft) -> Readiness:
    """What is missing and why, required fields first. Three queries; one more when variables name files, two where there are
    questions, and up to three for a new version."""
    waiting = dict(
        draft.suggestions.filter(state=Suggestion.State.OPEN)
        .order_by()
        .values_list("field")
        .annotate(number=Count("id"))
    )
    work = draft.work
    empty = missing(work)
    files = _files(draft)
    if not files.number:
        empty.append(FILES)
    asked = [spec for spec in FIELDS if spec.level != "optional"] + [FILES]
    return Readiness(
        missing=tuple(Missing(s.name, s.level, s.label, s.why, waiting.get(s.name, 0)) for s in empty),
        filled=len(asked) - len(empty),
        total=len(asked),
        undecided=sum(waiting.values()),
        fair=fair(publication_as_if(draft, files.examples)),
        advice=tuple(advice(work, files.media_types)),
        unread=files.unread,
        astray=_astray(draft),
        questions=questions(draft),
        unchanged=_is_unchanged(draft, files),
    )


def _is_unchanged(draft: Draft, files: "_Files") -> bool:
    """Whether it says and holds what the version before it does. A date of publishing or a version's name counts where it was
    typed; without one, publishing finds its own."""
    base = draft.base_record
    if base is None or base.is_withdrawn:
        return False
    own = {"publication_date", "version"} - set(draft.metadata)
    shown = base.work.model_copy(update={"access": Access(**base.access)} if base.access is not None else {})
    now, before = (work.model_dump(mode="json", exclude_none=True, exclude=own) for work in (draft.work, shown))
    if now != before:
        return False
    held = base.document["publication"].get("file_count", 0)  # as counted when it was published
    return files.number == files.known == held  # a path stands once in each, so they are the same ones


FILES_JUDGED = 100


def jpcoar_findings(draft: Draft) -> list[tuple[str, Finding]]:
    """What harvesters of JPCOAR would refuse or miss in the record that publishing makes, each with the field (or ``files``) in
    which it is mended. Of very many files the first are looked at. One query, three for a new version."""
    files = [FileEntry.model_validate(file_entry(file)) for file in draft.files.all()[:FILES_JUDGED]]
    try:
        found = judge(to_xml(publication_as_if(draft, files)))
    except NotExportable:
        return []  # it lacks what publishing asks for anyway
    return [(field, one) for one in found if (field := field_of(one))]


def unread_files(draft: Draft) -> int:
    """How many files no reading has seen. One query."""
    return _files(draft).unread


_LONG_AGO, _NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Files:
    """How many files a draft has, how many of them no reading has seen, and how many came unchanged from the version before.
    ``examples`` is one file of each media type."""

    number: int
    unread: int
    known: int
    media_types: dict[str, int]
    examples: list[FileEntry]


def _files(draft: Draft) -> _Files:
    """What there is to say of a draft's files. What a reading that waits for its turn will see
    is not counted, and neither is what came unchanged from the version before. One query, answered from the index alone."""
    read_at = Case(
        When(state=DescribeRun.State.QUEUED, then=Value(_NEVER)),
        default=Coalesce("began_at", "created_at"),
        output_field=DateTimeField(),
    )
    runs = DescribeRun.objects.filter(draft=draft).exclude(state=DescribeRun.State.FAILED).order_by("-id")
    read = Coalesce(Subquery(runs.annotate(read_at=read_at).values("read_at")[:1]), Value(_LONG_AGO))
    rows = list(
        draft.files.order_by()
        .values("media_type")
        .annotate(
            number=Count("*"),
            known=Count("media_type", filter=Q(as_before=True)),
            unread=Count("media_type", filter=Q(as_before=False, changed_at__gt=read)),
            path=Min("path"),
            largest=Max("size"),
        )
    )
    sums = {name: sum(row[name] for row in rows) for name in ("number", "unread", "known")}
    examples = [
        FileEntry(path=row["path"], size=row["largest"], media_type=row["media_type"], sha256="0" * 64) for row in rows
    ]
    return _Files(**sums, media_types={row["media_type"]: row["number"] for row in rows}, examples=examples)


def _astray(draft: Draft) -> tuple[str, ...]:
    named = {variable["file"] for variable in draft.metadata.get("variables", []) if variable.get("file")}
    if not named:
        return ()
    here = set(draft.files.filter(path__in=named).values_list("path", flat=True))
    return tuple(sorted(named - here))

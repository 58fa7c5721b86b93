"""The records whose retention is over or comes to its end, and those whose files were disposed of: what somebody decides by.

Pages are found by what the last one ended with, so that the deepest costs no more than the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.core import rules
from shirushi.core.errors import FieldError, Invalid
from shirushi.core.models import Concept, Disposal, Draft, Hold, Record, RecordFile
from shirushi.metadata.fields import Text2

State = Literal["waiting", "coming", "disposed"]
STATES: tuple[State, ...] = ("waiting", "coming", "disposed")
PAGE = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A record with all its versions; ``record`` is the newest. ``until`` and ``why`` it is kept, ``files`` different ones with ``size``
    bytes in ``versions``; ``hold`` stands on it, a draft of a next version ``is_continued``; what ``disposal`` there was."""

    record: Record
    versions: int
    until: date | None
    why: str
    files: int
    size: int
    hold: Hold | None
    is_continued: bool
    disposal: Disposal | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page, and what the next one begins after ("" when this is the last)."""

    items: Sequence[Kept]
    following: str


def listed(*, by: Actor, state: State = "waiting", after: str = "", limit: int = PAGE) -> Listed:
    """The records that somebody may decide on: ``waiting`` for a decision, the longest first; ``coming`` to their end, the next first;
    or ``disposed`` of, the last first. Five queries, however many there are.

    Raises:
        Invalid: ``after`` is not what a page ended with.
    """
    spaces = rules.spaces_to_keep(by)
    if state == "disposed":
        disposals = Disposal.objects.filter(concept__space__in=spaces).select_related("concept", "by")
        if after:
            disposals = disposals.filter(pk__lt=_number(after))
        some = list(disposals.order_by("-pk")[: limit + 1])
        concepts = [disposal.concept for disposal in some[:limit]]
        items = _kept(concepts, {disposal.concept_id: disposal for disposal in some})
        return Listed(items, str(some[limit - 1].pk) if len(some) > limit else "")
    today = timezone.localdate()
    over = Q(retain_until__lt=today) if state == "waiting" else Q(retain_until__gte=today)
    found = Concept.objects.filter(over, space__in=spaces, disposed_version=None)
    if after:
        day, concept = _place(after)
        found = found.filter(Q(retain_until__gt=day) | Q(retain_until=day, pk__gt=concept))
    concepts = list(found.order_by("retain_until", "pk")[: limit + 1])
    last = concepts[limit - 1] if len(concepts) > limit else None
    return Listed(_kept(concepts[:limit], {}), f"{last.retain_until}.{last.pk}" if last else "")


def waiting(by: Actor) -> int:
    """How many records wait for somebody's decision."""
    over = Concept.objects.filter(retain_until__lt=timezone.localdate(), disposed_version=None)
    return over.filter(space__in=rules.spaces_to_keep(by)).count()


def _kept(concepts: Sequence[Concept], disposals: dict[str, Disposal]) -> list[Kept]:
    names = [concept.pk for concept in concepts]
    newest: dict[str, Record] = {}
    versions: dict[str, int] = {}
    for record in Record.objects.filter(concept__in=names).defer("document", "metadata").order_by("number"):
        newest[record.concept_id] = record
        versions[record.concept_id] = versions.get(record.concept_id, 0) + 1
    holds = {hold.concept_id: hold for hold in Hold.objects.filter(concept__in=names, lifted_at=None)}
    under_way = Draft.objects.filter(concept__in=names, state__in=[Draft.State.OPEN, Draft.State.PUBLISHING])
    continued = set(under_way.values_list("concept_id", flat=True))
    sizes = _sizes(names)
    return [
        Kept(
            record=newest[concept.pk],
            versions=versions[concept.pk],
            until=concept.retain_until,
            why=concept.retain_reason,
            files=sizes.get(concept.pk, (0, 0))[0],
            size=sizes.get(concept.pk, (0, 0))[1],
            hold=holds.get(concept.pk),
            is_continued=concept.pk in continued,
            disposal=disposals.get(concept.pk),
        )
        for concept in concepts
        if concept.pk in newest
    ]


def _sizes(concepts: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Different files of all versions, and their bytes. In SQL of its own: Django cannot sum over distinct rows by group."""
    if not concepts:
        return {}
    different = (
        RecordFile.objects.filter(record__concept__in=concepts)
        .order_by()
        .values_list("record__concept_id", "sha512", "size")
        .distinct()
    )
    sql, values = different.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH held (concept, digest, size) AS ({sql}) SELECT concept, COUNT(*), SUM(size) FROM held GROUP BY concept",  # noqa: S608 - the SQL is Django's own
            values,
        )
        return {concept: (count, int(size)) for concept, count, size in cursor.fetchall()}


def _place(after: str) -> tuple[date, str]:
    day, _, concept = after.partition(".")
    try:
        return date.fromisoformat(day), concept
    except ValueError:
        raise _no_page() from None


def _number(after: str) -> int:
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise _no_page()
    return int(after)


def _no_page() -> Invalid:
    words = Text2(
        "No page ends there. Begin with the first one.", "そこで終わるページはありません。最初から開いてください。"
    )
    return Invalid(words, errors=[FieldError("/after", words)])

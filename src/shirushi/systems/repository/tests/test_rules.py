"""What visitors, depositors and curators see of the event log and of records."""

from dataclasses import replace

import pytest

from shirushi.accounts.actors import ANONYMOUS, SYSTEM, Actor
from shirushi.accounts.models import Space
from shirushi.core.models import Concept, Event, Record
from shirushi.systems.repository import rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def space() -> Space:
    return Space.objects.create(slug="uni", name_en="University", name_ja="大学")


@pytest.mark.parametrize(
    ("role", "scopes", "expected"),
    [
        ("curator", None, ["draft.created", "record.published"]),
        ("operator", None, ["draft.created", "record.published"]),
        ("depositor", None, ["record.published"]),
        ("curator", {"deposit"}, ["record.published"]),
    ],
)
def test_events_of_drafts_are_for_those_who_care_for_the_space(space, role, scopes, expected) -> None:
    make_events(space)
    actor = Actor(user_id=1, roles={space.pk: frozenset({role})}, scopes=scopes and frozenset(scopes))
    assert [event.type for event in rules.visible_events(actor)] == expected


def test_visitor_sees_events_of_records_only(space) -> None:
    make_events(space)
    assert [event.type for event in rules.visible_events(ANONYMOUS)] == ["record.published"]
    assert rules.visible_events(SYSTEM).count() == 2
    assert rules.visible_events(replace(SYSTEM, system=False)).count() == 1


def test_withdrawn_record_does_not_stand(space) -> None:
    concept = Concept.objects.create(space=space)
    for number, gone in ((1, "2026-01-02T00:00Z"), (2, None)):
        Record.objects.create(
            id=str(number),
            concept=concept,
            number=number,
            space=space,
            title="x",
            metadata={},
            document={},
            object_id="x",
            object_version=number,
            published_at="2026-01-01T00:00Z",
            withdrawn_at=gone,
        )
    assert [record.number for record in rules.standing_records()] == [2]


def make_events(space: Space) -> None:
    for kind in ("draft.created", "record.published"):
        Event.objects.create(type=kind, space=space, actor={}, at="2026-01-01T00:00Z")

"""Writing decisions down: the only place that makes them."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.core.changing import Change
from shirushi.core.models import Decision, Draft, Suggestion
from shirushi.core.values import JSON

StateChange = tuple[int, str, str]  # id of a suggestion, its state before and after
_AT_ONCE = 500  # rows in one statement


def decided(
    draft: Draft,
    *,
    field: str,
    action: Decision.Action,
    change: Change,
    by: Actor,
    value: JSON = None,
    suggestion_id: int | None = None,
    states: Sequence[StateChange] = (),
    group: str = "",
    undoes: Decision | None = None,
) -> Decision:
    """A decision that is not written down yet."""
    return Decision(
        draft=draft,
        suggestion_id=suggestion_id,
        field=field,
        action=action,
        value=value,
        position=change.position,
        removed=list(change.removed),
        added=list(change.added),
        states=[list(moved) for moved in states],
        by_id=by.user_id,
        actor=by.to_json(),
        at=timezone.now(),
        group=group,
        undoes=undoes,
    )


def write_down(decisions: Sequence[Decision]) -> None:
    """Add decisions in their order and move the suggestions that they move, in as few statements as it takes."""
    Decision.objects.bulk_create(decisions, batch_size=_AT_ONCE)
    moved = {pk: after for decision in decisions for pk, _, after in decision.states}
    for state in set(moved.values()):
        ids = [pk for pk, after in moved.items() if after == state]
        for first in range(0, len(ids), _AT_ONCE):
            Suggestion.objects.filter(pk__in=ids[first : first + _AT_ONCE]).update(state=state)


def standing(draft: Draft) -> QuerySet[Decision]:
    """The decisions of a draft that have not been undone, oldest first; undoing itself is not among them."""
    return Decision.objects.filter(draft=draft, undone_by__isnull=True).exclude(action=Decision.Action.UNDO)

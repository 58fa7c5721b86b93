"""Writing decisions down: the only place that makes them."""

from collections.abc import Sequence

from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.core.models import Decision, Draft, Suggestion
from shirushi.core.values import JSON

StateChange = tuple[int, str, str]  # id of a suggestion, its state before and after


def record(
    draft: Draft,
    *,
    field: str,
    action: Decision.Action,
    value: JSON,
    before: JSON,
    after: JSON,
    by: Actor,
    suggestion: Suggestion | None = None,
    states: Sequence[StateChange] = (),
    group: str = "",
    undoes: Decision | None = None,
) -> Decision:
    """Add a decision and move the suggestions that it moves."""
    decision = Decision.objects.create(
        draft=draft,
        suggestion=suggestion,
        field=field,
        action=action,
        value=value,
        before=before,
        after=after,
        states=[list(change) for change in states],
        by_id=by.user_id,
        actor=by.to_json(),
        at=timezone.now(),
        group=group,
        undoes=undoes,
    )
    moved: dict[str, list[int]] = {}
    for suggestion_id, _, state in states:
        moved.setdefault(state, []).append(suggestion_id)
        if suggestion is not None and suggestion.pk == suggestion_id:
            suggestion.state = state
    for state, ids in moved.items():
        Suggestion.objects.filter(pk__in=ids).update(state=state)
    return decision


def standing(draft: Draft) -> list[Decision]:
    """The decisions of a draft that have not been undone, oldest first; undoing itself is not among them. One query."""
    decisions = list(Decision.objects.filter(draft=draft).select_related("suggestion"))
    undone = {decision.undoes_id for decision in decisions}
    return [d for d in decisions if d.pk not in undone and d.action != Decision.Action.UNDO]

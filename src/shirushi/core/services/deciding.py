"""Deciding on values: accept, edit, reject, type, accept many at once, undo.

A decision changes one field of the draft's metadata and is written down with the field before and after. Undo takes back
the last one that stands (or the last group), so what it restores is always what was there. A file that was taken out or
replaced is such a decision too, and undoing it brings the file back.
"""

from collections import Counter
from typing import Literal

from django.db import transaction

from shirushi.accounts.actors import Actor
from shirushi.core import crashpoints, rules, values
from shirushi.core.errors import Conflict, FieldError, Invalid
from shirushi.core.events import emit
from shirushi.core.ids import new_id
from shirushi.core.locking import advance, see_that_current
from shirushi.core.models import Decision, Draft, Suggestion
from shirushi.core.recording import StateChange, record, standing
from shirushi.core.services import files
from shirushi.core.values import JSON
from shirushi.metadata.fields import Text2

DecisionAction = Literal["accept", "edit", "reject"]
_TAKEN = (Suggestion.State.ACCEPTED, Suggestion.State.EDITED)
_STATE_AFTER = {
    "accept": Suggestion.State.ACCEPTED,
    "edit": Suggestion.State.EDITED,
    "reject": Suggestion.State.REJECTED,
}


def decide(
    *, suggestion: Suggestion, action: DecisionAction, value: JSON = None, by: Actor, at_version: int
) -> Decision:
    """Accept a suggestion as it is, take it with another ``value`` (edit), or reject it. A suggestion may be decided again:
    what it had put into the draft is then replaced or taken out.

    A work has one main title in a language. An accepted one gives its place to the next that is accepted, and is open again;
    beside one that a person has written, the next becomes an alternative title.

    Raises:
        NotAllowed: agents may not; others only on drafts they care for.
        Conflict: the draft is not at ``at_version``, or no longer open. Nothing was changed.
        Invalid: the value does not fit the field, or ``action`` is none of the three.
    """
    draft = suggestion.draft
    rules.require(by, "decide", draft)
    if action not in _STATE_AFTER:
        raise Invalid(
            Text2(
                f"{action!r} is no decision. Use accept, edit or reject.",
                "accept、edit、reject のいずれかを使ってください。",
            ),
            errors=[
                FieldError("/action", Text2("Use accept, edit or reject.", "accept、edit、reject のいずれかです。"))
            ],
        )
    with transaction.atomic():
        advance(draft, at_version=at_version)
        suggestion.refresh_from_db()
        decision = _decide(draft, suggestion, action, value, by=by)
        draft.save(update_fields=["metadata"])
        emit(
            "draft.decided",
            by=by,
            draft=draft,
            payload={
                "decision": decision.pk,
                "field": decision.field,
                "action": decision.action,
                "method": suggestion.method,
                "version": draft.version,
            },
        )
        crashpoints.reach("decide: written")
    crashpoints.reach("decide: committed")
    return decision


def accept_above(*, draft: Draft, threshold: float, by: Actor, at_version: int) -> list[Decision]:
    """Accept every open suggestion with at least ``threshold`` confidence, best first; alternatives, fields of one value
    that are filled already and second main titles are left for a person to look at. Undone together. Nothing to accept
    changes nothing.

    Raises:
        NotAllowed, Conflict: as for :func:`decide`.
        Invalid: ``threshold`` is not between 0 and 1.
    """
    rules.require(by, "decide", draft)
    if not 0 <= threshold <= 1:
        raise Invalid(
            Text2(
                f"{threshold} is no confidence. Give a number from 0 to 1.",
                "確信度は 0 から 1 の数で指定してください。",
            ),
            errors=[FieldError("/threshold", Text2("Give a number from 0 to 1.", "0 から 1 の数にしてください。"))],
        )
    with transaction.atomic():
        draft.refresh_from_db()
        chosen = _acceptable(draft, threshold)
        if not chosen:
            see_that_current(draft, at_version)
            return []
        advance(draft, at_version=at_version)
        group = new_id()
        ranks = _Ranks(draft)
        decisions = [_decide(draft, one, "accept", None, by=by, group=group, ranks=ranks) for one in chosen]
        draft.save(update_fields=["metadata"])
        emit(
            "draft.decided",
            by=by,
            draft=draft,
            payload={
                "group": group,
                "action": "accept",
                "count": len(decisions),
                "methods": Counter(suggestion.method for suggestion in chosen),
                "version": draft.version,
            },
        )
        crashpoints.reach("decide: written")
    crashpoints.reach("decide: committed")
    return decisions


def edit_field(*, draft: Draft, field: str, value: JSON, by: Actor, at_version: int) -> Decision:
    """Type the whole value of a field (a list for a field of many values; None or [] empties it).

    A suggestion whose value is no longer there counts as edited when something else stands in its place, else as rejected.

    Raises:
        NotAllowed, Conflict: as for :func:`decide`.
        Invalid: no such field, or the value does not fit it; each error names its place.
    """
    rules.require(by, "decide", draft)
    after = values.checked(field, value)
    with transaction.atomic():
        advance(draft, at_version=at_version)
        before = values.of(draft.metadata, field)
        states = _moved_by_typing(draft, field, before, after)
        draft.metadata = values.with_field(draft.metadata, field, after)
        decision = record(
            draft,
            field=field,
            action=Decision.Action.TYPE,
            value=after,
            before=before,
            after=after,
            by=by,
            states=states,
        )
        draft.save(update_fields=["metadata"])
        emit(
            "draft.decided",
            by=by,
            draft=draft,
            payload={"decision": decision.pk, "field": field, "action": "type", "version": draft.version},
        )
        crashpoints.reach("decide: written")
    crashpoints.reach("decide: committed")
    return decision


def undo(*, draft: Draft, by: Actor, at_version: int) -> list[Decision]:
    """Take back the last decision that stands, or all of the last group. Returns what was written down, newest first.

    Raises:
        NotAllowed: as for :func:`decide`.
        Conflict: not at ``at_version``; or (code ``nothing-to-undo``) no decision stands.
    """
    rules.require(by, "decide", draft)
    with transaction.atomic():
        if not (last := _last(draft)):
            see_that_current(draft, at_version)
            raise Conflict(
                Text2("There is nothing left to undo.", "取り消せる操作はもうありません。"),
                version=at_version,
                code="nothing-to-undo",
            )
        advance(draft, at_version=at_version)
        written = [_take_back(draft, decision, by=by) for decision in last]
        draft.save(update_fields=["metadata"])
        emit(
            "draft.undone",
            by=by,
            draft=draft,
            payload={"decisions": [decision.pk for decision in last], "version": draft.version},
        )
        crashpoints.reach("decide: written")
    crashpoints.reach("decide: committed")
    return written


def may_undo(draft: Draft) -> bool:
    """Whether :func:`undo` would find something to take back. One query."""
    aside = (Decision.Action.SET, Decision.Action.UNDO)
    return Decision.objects.filter(draft=draft, undone_by__isnull=True).exclude(action__in=aside).exists()


# -- one decision


class _Ranks:
    """Where the values that suggestions put into the draft belong in their lists: read once for many decisions."""

    def __init__(self, draft: Draft) -> None:
        self._fields: dict[str, dict[str, int]] = {}
        for decision in standing(draft):
            if decision.suggestion_id is not None and decision.action in {"accept", "edit"}:
                self.add(decision.field, decision.value, decision.suggestion)

    def add(self, field: str, value: JSON, suggestion: Suggestion) -> None:
        self._fields.setdefault(field, {})[values.key(value)] = suggestion.order

    def of(self, field: str) -> dict[str, int]:
        return self._fields.get(field, {})


def _decide(
    draft: Draft,
    suggestion: Suggestion,
    action: str,
    value: JSON,
    *,
    by: Actor,
    group: str = "",
    ranks: _Ranks | None = None,
) -> Decision:
    """Change ``draft.metadata`` in memory and write the decision down; the caller saves the draft."""
    field = suggestion.field
    proposed = values.checked_item(field, suggestion.value if action != "edit" else value)
    if action == "edit" and values.key(proposed) == values.key(values.checked_item(field, suggestion.value)):
        action = "accept"
    before = values.of(draft.metadata, field)
    held = _put_in_by(suggestion)
    states = [(suggestion.pk, suggestion.state, _STATE_AFTER[action])]
    rival = _rival(before, held, proposed) if field == "titles" and action != "reject" else None
    after: JSON
    if not values.spec_of(field).many:
        after = _single(before, held, None if action == "reject" else proposed)
    elif action == "reject":
        after = before if held is None else values.without(before, held)
    elif rival is not None and (displaced := _accepted_with(suggestion, rival)):
        after = values.replaced(before if held is None else values.without(before, held), rival, proposed)
        states += displaced
    else:
        if rival is not None:
            proposed = values.checked_item(field, {**proposed, "type": "AlternativeTitle"})
        ranks = ranks or _Ranks(draft)
        after = _listed(before, held, proposed, suggestion, ranks)
        ranks.add(field, proposed, suggestion)
    if not values.spec_of(field).many and action != "reject":
        states += _stepping_back(suggestion)
    draft.metadata = values.with_field(draft.metadata, field, after)
    return record(
        draft,
        field=field,
        action=Decision.Action(action),
        value=proposed,
        before=before,
        after=after,
        by=by,
        suggestion=suggestion,
        states=states,
        group=group,
    )


def _single(before: JSON, held: JSON, wanted: JSON) -> JSON:
    if wanted is not None:
        return wanted
    return None if held is not None and values.key(held) == values.key(before) else before


def _listed(before: list[JSON], held: JSON, wanted: JSON, suggestion: Suggestion, ranks: _Ranks) -> list[JSON]:
    if held is not None and (replaced := values.replaced(before, held, wanted)) is not None:
        return replaced
    return values.inserted(before, wanted, rank=suggestion.order, ranks=ranks.of(suggestion.field))


def _put_in_by(suggestion: Suggestion) -> JSON:
    """The value that this suggestion put into the draft, None when it is not taken."""
    if suggestion.state not in _TAKEN:
        return None
    last = Decision.objects.filter(suggestion=suggestion, action__in=["accept", "edit"], undone_by__isnull=True).last()
    return last.value if last else None


def _rival(titles: list[JSON], held: JSON, wanted: JSON) -> JSON:
    """The other main title in the language of ``wanted``, when that is a main title too."""
    if wanted.get("type"):
        return None
    own = {values.key(wanted), values.key(held)}
    others = (title for title in titles if values.key(title) not in own)
    return next((title for title in others if _slot(title) == _slot(wanted)), None)


def _slot(title: JSON) -> tuple[str | None, str]:
    """Titles that exclude each other, as :func:`shirushi.describe.rank.slot_of` sees it: what has no language is English."""
    return title.get("type"), title.get("lang") or "en"


def _accepted_with(suggestion: Suggestion, value: JSON) -> list[StateChange]:
    """The accepted suggestion that had put ``value`` into the draft is open again; nothing where a person wrote it."""
    others = Suggestion.objects.filter(
        draft=suggestion.draft_id, field=suggestion.field, state=Suggestion.State.ACCEPTED
    ).exclude(pk=suggestion.pk)
    wanted = values.key(value)
    return [
        (other.pk, other.state, Suggestion.State.OPEN) for other in others if values.key(_put_in_by(other)) == wanted
    ]


def _stepping_back(suggestion: Suggestion) -> list[StateChange]:
    """In a field of one value the one that was taken before is open again: it lost its place, but nobody rejected it."""
    others = Suggestion.objects.filter(draft=suggestion.draft_id, field=suggestion.field, state__in=_TAKEN)
    return [(other.pk, other.state, Suggestion.State.OPEN) for other in others.exclude(pk=suggestion.pk)]


def _acceptable(draft: Draft, threshold: float) -> list[Suggestion]:
    """What :func:`accept_above` takes: in a field of one value the best one, and only while the field is empty; so with the
    main title in a language."""
    candidates = draft.suggestions.filter(state=Suggestion.State.OPEN, alternative=False, confidence__gte=threshold)
    filled = set(draft.metadata)
    titled = {_slot(title): values.key(title) for title in values.of(draft.metadata, "titles")}
    chosen = []
    for suggestion in candidates.order_by("field", "order", "-confidence", "id"):
        if suggestion.field == "titles" and not suggestion.value.get("type"):
            value = values.key(values.checked_item("titles", suggestion.value))
            if titled.setdefault(_slot(suggestion.value), value) == value:
                chosen.append(suggestion)
        elif values.spec_of(suggestion.field).many:
            chosen.append(suggestion)
        elif suggestion.field not in filled:
            filled.add(suggestion.field)
            chosen.append(suggestion)
    return chosen


def _moved_by_typing(draft: Draft, field: str, before: JSON, after: JSON) -> list[StateChange]:
    there = {values.key(item) for item in values.items(field, after)}
    as_many = len(values.items(field, before)) <= len(values.items(field, after))
    gone = Suggestion.State.EDITED if as_many else Suggestion.State.REJECTED
    moved = []
    for suggestion in Suggestion.objects.filter(draft=draft, field=field, state__in=_TAKEN):
        held = _put_in_by(suggestion)
        if held is not None and values.key(held) not in there and suggestion.state != gone:
            moved.append((suggestion.pk, suggestion.state, gone))
    return moved


# -- undo


def _last(draft: Draft) -> list[Decision]:
    """What undo takes back, newest first: one decision, or all of its group."""
    decisions = [decision for decision in standing(draft) if decision.action != Decision.Action.SET]
    if not decisions:
        return []
    group = decisions[-1].group
    chosen = [decision for decision in decisions if decision.group == group] if group else decisions[-1:]
    return chosen[::-1]


def _take_back(draft: Draft, decision: Decision, *, by: Actor) -> Decision:
    if decision.action == Decision.Action.FILE:
        files.put_back(draft, **decision.value)
    if decision.action != Decision.Action.FILE or decision.before is not None:  # else the field stayed as it was
        draft.metadata = values.with_field(draft.metadata, decision.field, decision.before)
    return record(
        draft,
        field=decision.field,
        action=Decision.Action.UNDO,
        value=decision.value,
        before=decision.after,
        after=decision.before,
        by=by,
        suggestion=decision.suggestion,
        states=[(pk, after, before) for pk, before, after in decision.states],
        group=decision.group,
        undoes=decision,
    )

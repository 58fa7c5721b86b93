"""Deciding on values: accept, edit, reject, type, accept many at once, undo.

A decision changes one field of the draft's metadata and is written down with what it took out and put in, and where. Undo
takes back the last one that stands (or the last group), so what it restores is always what was there. A file that was taken
out or replaced is such a decision too, and undoing it brings the file back.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from django.db import transaction
from django.db.models import Q

from shirushi.accounts.actors import Actor
from shirushi.core import crashpoints, rules, values
from shirushi.core.changing import Change, Held, Ranks
from shirushi.core.errors import Conflict, FieldError, Invalid
from shirushi.core.events import emit
from shirushi.core.ids import new_id
from shirushi.core.locking import advance, hold, see_that_current
from shirushi.core.models import Decision, Draft, Suggestion
from shirushi.core.recording import StateChange, decided, standing, write_down
from shirushi.core.services import files, learning
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
        desk = _Desk(draft, by)
        decision = desk.decide(suggestion, action, value)
        desk.finish()
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


def accept_above(
    *,
    draft: Draft,
    threshold: float,
    by: Actor,
    at_version: int,
    field: str | None = None,
    thresholds: Mapping[str, float] | None = None,
) -> list[Decision]:
    """Accept every open suggestion with at least ``threshold`` confidence, best first; alternatives, what agents and people
    proposed, fields of one value that are filled already and second main titles are left for a person to look at. Undone together. Nothing to accept
    changes nothing. ``field``: those of one field only; ``thresholds``: a higher one for each field, and nothing of other fields.

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
        hold(draft)
        draft.refresh_from_db()
        chosen = _acceptable(draft, threshold, field)
        if thresholds is not None:
            chosen = [one for one in chosen if one.confidence >= thresholds.get(one.field, 2.0)]
        if not chosen:
            see_that_current(draft, at_version)
            return []
        advance(draft, at_version=at_version)
        group = new_id()
        desk = _Desk(draft, by, group)
        decisions = [desk.decide(one, "accept", None) for one in chosen]
        desk.finish()
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
        desk = _Desk(draft, by)
        decision = desk.type(field, after)
        desk.finish()
        learning.measure(draft=draft, field=field, by=by)
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
        hold(draft)
        if not (last := _last(draft)):
            see_that_current(draft, at_version)
            raise Conflict(
                Text2("There is nothing left to undo.", "取り消せる操作はもうありません。"),
                version=at_version,
                code="nothing-to-undo",
            )
        advance(draft, at_version=at_version)
        desk = _Desk(draft, by)
        written = [desk.take_back(decision) for decision in last]
        desk.finish()
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


# -- at work on a draft


class _Desk:
    """Decisions being made on a draft: in memory first, then written down all at once."""

    def __init__(self, draft: Draft, by: Actor, group: str = "") -> None:
        self._draft, self._by, self._group = draft, by, group
        self._held: dict[str, Held] = {}
        self._ranks: dict[str, Ranks] = {}
        self._made: list[Decision] = []

    def decide(self, suggestion: Suggestion, action: str, value: JSON) -> Decision:
        field = suggestion.field
        proposed = values.checked_item(field, suggestion.value if action != "edit" else value)
        if action == "edit" and values.key(proposed) == values.key(values.checked_item(field, suggestion.value)):
            action = "accept"
        states = [(suggestion.pk, suggestion.state, _STATE_AFTER[action])]
        held, own = self._field(field), _put_in_by(suggestion)
        if action == "reject":
            change = Change() if own is None else held.removing(own)
        elif not values.spec_of(field).many:
            change = held.filling(proposed)
            states += _stepping_back(suggestion)
        else:
            rival = _rival(held.value, own, proposed) if field == "titles" else None
            if rival is not None and (displaced := _accepted_with(suggestion, rival)):
                others = [title for title in held.value if own is None or values.key(title) != values.key(own)]
                change = held.becoming(
                    [proposed if values.key(title) == values.key(rival) else title for title in others]
                )
                states += displaced
            else:
                if rival is not None:
                    proposed = values.checked_item(field, {**proposed, "type": "AlternativeTitle"})
                change = self._taking(suggestion, own, proposed)
        decision = decided(
            self._draft,
            field=field,
            action=Decision.Action(action),
            change=change,
            value=proposed,
            by=self._by,
            suggestion_id=suggestion.pk,
            states=states,
            group=self._group,
        )
        suggestion.state = _STATE_AFTER[action]
        return self._make(decision)

    def type(self, field: str, after: JSON) -> Decision:
        held = self._field(field)
        many = values.spec_of(field).many
        decision = decided(
            self._draft,
            field=field,
            action=Decision.Action.TYPE,
            change=held.becoming(after),
            value=None if many else after,
            by=self._by,
            states=_moved_by_typing(self._draft, field, held.value, after),
        )
        return self._make(decision)

    def take_back(self, decision: Decision) -> Decision:
        if decision.action == Decision.Action.FILE:
            files.put_back(self._draft, **decision.value)
        undoing = decided(
            self._draft,
            field=decision.field,
            action=Decision.Action.UNDO,
            change=_change_of(decision).back(),
            value=decision.value,
            by=self._by,
            suggestion_id=decision.suggestion_id,
            states=[(pk, after, before) for pk, before, after in decision.states],
            group=decision.group,
            undoes=decision,
        )
        return self._make(undoing)

    def finish(self) -> None:
        """Write down what was decided, and the draft's metadata as they are now."""
        write_down(self._made)
        for field, held in self._held.items():
            self._draft.metadata = values.with_field(self._draft.metadata, field, held.value)
        self._draft.save(update_fields=["metadata"])

    def _make(self, decision: Decision) -> Decision:
        self._field(decision.field).make(_change_of(decision))
        self._made.append(decision)
        return decision

    def _field(self, field: str) -> Held:
        if field not in self._held:
            self._held[field] = Held(field, values.of(self._draft.metadata, field))
        return self._held[field]

    def _taking(self, suggestion: Suggestion, own: JSON, wanted: JSON) -> Change:
        """``wanted`` in the place of what the suggestion had put into the list (None: nothing), else where it belongs."""
        held, ranks = self._field(suggestion.field), self._ranks_of(suggestion.field)
        replaced = None if own is None else held.replacing(own, wanted)
        change = replaced or held.inserting(wanted, rank=suggestion.order, ranks=ranks)
        ranks.add(wanted, suggestion.order)
        return change

    def _ranks_of(self, field: str) -> Ranks:
        """Where the values that suggestions put into the draft belong in the list of a field."""
        if field not in self._ranks:
            taken = standing(self._draft).filter(field=field, action__in=["accept", "edit"])
            self._ranks[field] = Ranks(taken.values_list("value", "suggestion__order"))
        return self._ranks[field]


def _change_of(decision: Decision) -> Change:
    return Change(decision.position, decision.removed, decision.added)


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


# What may be accepted many at once. What an agent or a person proposed waits for a look of its own: its confidence is what they
# said themselves, and no judged folder stands behind it.
TOGETHER = Q(state=Suggestion.State.OPEN, alternative=False) & ~Q(method__startswith=Suggestion.PROPOSED)


def _acceptable(draft: Draft, threshold: float, field: str | None) -> list[Suggestion]:
    """What :func:`accept_above` takes: in a field of one value the best one, and only while the field is empty; so with the
    main title in a language."""
    candidates = draft.suggestions.filter(TOGETHER, confidence__gte=threshold)
    candidates = candidates.filter(field=field) if field is not None else candidates
    filled = set(draft.metadata)
    titled = {_slot(title): values.key(title) for title in values.of(draft.metadata, "titles")}
    chosen = []
    for suggestion in candidates.defer("evidence").order_by("field", "order", "-confidence", "id"):
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
    taken = standing(draft).filter(field=field, action__in=["accept", "edit"], suggestion__state__in=_TAKEN)
    held = {pk: (state, value) for pk, state, value in taken.values_list("suggestion", "suggestion__state", "value")}
    return [
        (pk, state, gone) for pk, (state, value) in held.items() if values.key(value) not in there and state != gone
    ]


# -- undo


def _last(draft: Draft) -> list[Decision]:
    """What undo takes back, newest first: one decision, or all of its group."""
    decisions = standing(draft).exclude(action=Decision.Action.SET).order_by("-pk")
    last = decisions.first()
    if last is None:
        return []
    return list(decisions.filter(group=last.group)) if last.group else [last]

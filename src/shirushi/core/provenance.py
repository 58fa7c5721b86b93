"""Where each value of a published record comes from: found by matching field and value to the latest decision."""

from collections.abc import Iterable, Mapping
from typing import Any

from shirushi.core import values
from shirushi.core.models import Decision, Draft, Record
from shirushi.core.values import JSON
from shirushi.metadata.fields import BY_NAME

Entry = dict[str, Any]
_HOW = {"accept": "accepted", "edit": "edited", "type": "typed", "set": "set"}
MOST_EVIDENCE = 10  # for each value; all of it is in the object's description.json

Origins = dict[tuple[str, str], Entry]


def provenance(draft: Draft, metadata: Mapping[str, JSON]) -> list[Entry]:
    """One entry for each single value of ``metadata``, in the order of the form.

    An entry is ``{pointer, how, by, at, confidence, method, evidence}``. ``how``: ``accepted``, ``edited`` (a suggestion taken
    with another value), ``typed``, or ``set`` (filled in by the house: a default, today's date). ``by`` holds numbers and
    kinds, no names. A value taken over from the version before keeps its entry. Two queries.
    """
    origins = _inherited(draft.base_record) if draft.base_record else {}
    decisions = list(Decision.objects.filter(draft=draft).select_related("suggestion"))
    _follow(decisions, origins)
    entries = []
    for field in BY_NAME:
        for pointer, item in values.pointers(field, values.of(metadata, field)):
            found = origins.get((field, values.key(item)), _NOBODY)
            entries.append({**found, "pointer": pointer})
    return entries


_NOBODY: Entry = {
    "pointer": "", "how": "set", "by": {"kind": "system", "user": None}, "at": None, "confidence": None, "method": "default",
    "evidence": [],
}  # fmt: skip


def _inherited(record: Record) -> Origins:
    by_pointer = {entry["pointer"]: entry for entry in record.document["provenance"]}
    return {
        (field, values.key(item)): by_pointer[pointer]
        for field in record.metadata
        for pointer, item in values.pointers(field, record.metadata[field])
        if pointer in by_pointer
    }


def _follow(decisions: Iterable[Decision], origins: Origins) -> None:
    """Note, for every value that a standing decision put in, the latest such decision."""
    decisions = list(decisions)
    undone = {decision.undoes_id for decision in decisions}
    for decision in decisions:
        if decision.pk in undone or decision.action not in _HOW:
            continue
        for item in _put_in(decision):
            origins[decision.field, values.key(item)] = _entry(decision)


def _put_in(decision: Decision) -> list[JSON]:
    if decision.action in {"accept", "edit"}:
        return [decision.value]
    there = {values.key(item) for item in decision.removed}
    return [item for item in decision.added if values.key(item) not in there]


def _entry(decision: Decision) -> Entry:
    suggestion = decision.suggestion
    return {
        "pointer": "",
        "how": _HOW[decision.action],
        "by": decision.actor,
        "at": decision.at.isoformat(),
        "confidence": suggestion.confidence if suggestion else None,
        "method": suggestion.method if suggestion else None,
        "evidence": suggestion.evidence[:MOST_EVIDENCE] if suggestion else [],
    }

"""What hangs on a draft's file and goes with it: suggestions that rest only on it, and its variables."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from shirushi.accounts.actors import Actor
from shirushi.core import values
from shirushi.core.changing import Held
from shirushi.core.models import Decision, Draft, DraftFile, RecordFile, Suggestion
from shirushi.core.provenance import provenance
from shirushi.core.recording import StateChange, decided, write_down
from shirushi.core.values import JSON

FIELD = "variables"  # the one field whose values belong to a file
_KEPT = ("size", "sha256", "sha512", "crc32", "media_type")
_TAKEN = (Suggestion.State.ACCEPTED, Suggestion.State.EDITED)


def let_go(draft: Draft, path: str, file: DraftFile | None, *, by: Actor, replaced: bool = False) -> Decision:
    """Take out what hangs on ``file`` (None: nothing stood at ``path``), and write it down for undo. Saves the draft.

    When it is ``replaced``, variables that a person typed or edited stay: their words hold for the new file as a rule, and
    the next reading proposes the others anew. What was accepted before can then be proposed again too.
    """
    before = values.of(draft.metadata, FIELD)
    gone = _variables(draft, path, read_only=replaced)
    after = [item for item in before if values.key(item) not in gone]
    change = Held(FIELD, before).becoming(after)
    if gone:
        draft.metadata = values.with_field(draft.metadata, FIELD, after)
        draft.save(update_fields=["metadata"])
    decision = decided(
        draft,
        field=FIELD,
        action=Decision.Action.FILE,
        value={"path": path, "was": _as_it_was(file) if file is not None else None},
        change=change,
        by=by,
        states=_superseded(draft, path, gone, replaced=replaced),
    )
    write_down([decision])
    return decision


def was_taken_out(draft: Draft, path: str) -> bool:
    """Whether a file of this path was ever taken out or replaced. What is put there then is written down too, so that undoing
    step by step never puts an old file in the place of a new one unseen."""
    return Decision.objects.filter(draft=draft, action=Decision.Action.FILE, value__path=path).exists()


def taken_out(draft: Draft) -> set[str]:
    """The paths of all such files."""
    return set(Decision.objects.filter(draft=draft, action=Decision.Action.FILE).values_list("value__path", flat=True))


def put_back(draft: Draft, path: str, was: JSON) -> None:
    """Make the draft hold at ``path`` what it held before a decision."""
    if was is None:
        DraftFile.objects.filter(draft=draft, path=path).delete()
        return
    defaults: dict[str, Any] = {
        **was,
        "crc32": was.get("crc32"),
        "changed_at": parse_datetime(was["changed_at"]),
        "as_before": path in as_before(draft, {path: was["sha256"]}),
    }
    DraftFile.objects.update_or_create(draft=draft, path=path, defaults=defaults)


def as_before(draft: Draft, digests: Mapping[str, str]) -> set[str]:
    """Which of these paths have the same bytes (SHA-256) in the version before. One query, none for a first version."""
    if draft.base_record_id is None or not digests:
        return set()
    known = RecordFile.objects.filter(record=draft.base_record_id, path__in=list(digests))
    return {path for path, sha256 in known.values_list("path", "sha256") if digests[path] == sha256}


def _as_it_was(file: DraftFile) -> dict[str, JSON]:
    return {**{name: getattr(file, name) for name in _KEPT}, "changed_at": file.changed_at.isoformat()}


def _variables(draft: Draft, path: str, *, read_only: bool) -> set[str]:
    """Keys of the variables that belong to a file; ``read_only`` those of them that were accepted as they were read."""
    own = {
        pointer: values.key(item)
        for pointer, item in values.pointers(FIELD, values.of(draft.metadata, FIELD))
        if item.get("file") == path
    }
    if own and read_only:
        accepted = {entry["pointer"] for entry in provenance(draft, draft.metadata) if entry["how"] == "accepted"}
        return {key for pointer, key in own.items() if pointer in accepted}
    return set(own.values())


def _superseded(draft: Draft, path: str, gone: set[str], *, replaced: bool) -> list[StateChange]:
    """Open suggestions that rest on nothing else, and the taken ones whose value goes: a later reading may propose it anew."""
    moved = []
    for row in draft.suggestions.filter(Q(state=Suggestion.State.OPEN) | Q(state__in=_TAKEN, field=FIELD)):
        if row.state == Suggestion.State.OPEN:
            goes = all(item["place"]["file"] == path for item in row.evidence)
        else:
            goes = values.key(row.value) in gone or (not replaced and row.value.get("file") == path)
        if goes:
            moved.append((row.pk, row.state, Suggestion.State.SUPERSEDED))
    return moved

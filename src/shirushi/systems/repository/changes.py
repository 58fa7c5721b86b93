"""What differs between two versions of a record, in words. Pure functions over stored documents."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from shirushi.core import values
from shirushi.forms.shown import Shown, shown
from shirushi.metadata.fields import FIELDS, Text2

JSON = Any
Piece = tuple[Literal["same", "out", "in"], str]
_WORDS = re.compile(r"\s+|[A-Za-z0-9_]+|.", re.DOTALL)
LEAST_KEPT = 0.4  # a text with less in common was written anew: both are shown whole
_LONGEST = 20_000  # characters of a text that are compared word by word


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: values that went and that came, or for a text that was reworded its pieces."""

    label: Text2
    removed: list[Shown] = field(default_factory=list)
    added: list[Shown] = field(default_factory=list)
    reworded: list[Piece] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FileChanges:
    added: list[str]
    removed: list[str]
    changed: list[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def of_fields(before: Mapping[str, JSON], after: Mapping[str, JSON], language: str) -> Iterator[FieldChange]:
    """The fields of two Works (as JSON) that differ, in the order of the form."""
    for spec in FIELDS:
        old, new = (values.items(spec.name, work.get(spec.name, [] if spec.many else None)) for work in (before, after))
        old_keys, new_keys = {values.key(item) for item in old}, {values.key(item) for item in new}
        gone = [item for item in old if values.key(item) not in new_keys]
        come = [item for item in new if values.key(item) not in old_keys]
        pieces = reworded(gone[0]["text"], come[0]["text"]) if _is_one_text(gone, come) else []
        if _share_kept(pieces) >= LEAST_KEPT:
            yield FieldChange(spec.label, reworded=pieces)
        elif gone or come:
            yield FieldChange(
                spec.label,
                [shown(spec.name, item, language) for item in gone],
                [shown(spec.name, item, language) for item in come],
            )


def of_files(before: Mapping[str, str], after: Mapping[str, str]) -> FileChanges:
    """What happened to the files; both map paths to SHA-256."""
    return FileChanges(
        added=sorted(after.keys() - before.keys()),
        removed=sorted(before.keys() - after.keys()),
        changed=sorted(path for path in before.keys() & after.keys() if before[path] != after[path]),
    )


def reworded(before: str, after: str) -> list[Piece]:
    """Both texts in one: what stayed, what went and what came, by words (by characters where there are no spaces)."""
    old, new = _WORDS.findall(before[:_LONGEST]), _WORDS.findall(after[:_LONGEST])
    pieces: list[Piece] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("same", _joined(old[a:b])))
            continue
        pieces += [(kind, text) for kind, text in (("out", _joined(old[a:b])), ("in", _joined(new[c:d]))) if text]
    return pieces


def _joined(words: Sequence[str]) -> str:
    return "".join(words)


def _is_one_text(gone: Sequence[JSON], come: Sequence[JSON]) -> bool:
    """Whether one value went and one came, and only their text differs."""
    if not (
        len(gone) == len(come) == 1 and all(isinstance(item, Mapping) and "text" in item for item in (*gone, *come))
    ):
        return False
    return bool({**gone[0], "text": ""} == {**come[0], "text": ""})


def _share_kept(pieces: Sequence[Piece]) -> float:
    """How much of both texts is in both, by characters; 0 for no pieces."""
    total = sum(len(text) * (2 if kind == "same" else 1) for kind, text in pieces)
    kept = sum(len(text.replace(" ", "")) * 2 for kind, text in pieces if kind == "same")
    return kept / total if total else 0.0

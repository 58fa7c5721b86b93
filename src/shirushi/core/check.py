"""Is everything where it should be? Store, database, index, followers, drafts and jobs compared with each other.

Each finding says what is wrong, where, and what to do. ``error``: something is lost, damaged or stuck. ``note``: it will put
itself right or does no harm. Repairing deletes only what somebody decided to dispose of, where that was not finished; anything else
that has to go is moved to ``aside``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from shirushi.metadata.fields import Text2

Severity = Literal["error", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is stable; ``where`` an id or path; ``repaired`` tells that it has been mended just now."""

    code: str
    severity: Severity
    where: str
    what: Text2
    todo: Text2
    repaired: bool = False

    def __str__(self) -> str:
        done = " (mended)" if self.repaired else ""
        return f"{self.code} {self.where}: {self.what.en} {self.todo.en}{done}"

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "where": self.where,
            "what": {"en": self.what.en, "ja": self.what.ja},
            "todo": {"en": self.todo.en, "ja": self.todo.ja},
            "repaired": self.repaired,
        }


Repair = Callable[[], object]
Found = tuple[Finding, Repair | None]


def check(*, repair: bool = False, deep: bool = True) -> list[Finding]:
    """Everything that is not as it should be. ``deep`` reads every byte of the store and of drafts' files.

    With ``repair`` what can be mended is, each at once; a mended finding is a note.
    """
    from shirushi.core import checks

    findings = []
    for look in checks.LOOKS:
        for finding, mend in list(look(deep=deep)):
            if repair and mend is not None:
                mend()
                finding = replace(finding, severity="note", repaired=True)
            findings.append(finding)
    return findings


def is_sound(findings: list[Finding]) -> bool:
    """Whether nothing is wrong; notes do not count."""
    return all(finding.severity != "error" for finding in findings)


Look = Callable[..., Iterator[Found]]  # called with deep=True or deep=False

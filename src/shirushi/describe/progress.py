"""How far a description is, told while it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in one file: its format, how many facts of each kind, and the code of its first problem, or ''."""

    format: str
    counts: Mapping[str, int]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a description is: ``done`` of ``total`` files in this stage; ``file`` is the one just done, or ''; ``seen`` is
    what was found in it, once it has been read. ``keeping`` comes before it where the files are kept first."""

    stage: Literal["walking", "keeping", "reading", "counting", "identifying", "suggesting"]
    done: int
    total: int
    file: str = ""
    seen: Seen | None = None


def quiet(_: Progress) -> None:
    """For callers that do not want to hear of progress."""


QUIET: Callable[[Progress], None] = quiet

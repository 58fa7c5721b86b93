"""Suggesters: functions that see all evidence and propose values for one field.

A suggester is decorated with :func:`suggests` and yields :class:`~shirushi.describe.evidence.Candidate`. A third party adds
its own by an entry point of the group ``shirushi.suggesters`` that names such a function.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Protocol

from shirushi.describe.description import Problem
from shirushi.describe.evidence import Candidate
from shirushi.describe.plugins import READERS, SUGGESTERS, brought
from shirushi.describe.readers.hiding import holds_hidden
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.metadata.fields import BY_NAME

MODULES = (
    "titles",
    "people",
    "descriptions",
    "resource",
    "resource_types",
    "rights",
    "keywords",
    "subjects",
    "languages",
    "dates",
    "places",
    "variables",
    "related",
    "funding",
    "instruments",
    "software",
    "methods",
    "conventions",
)


class Propose(Protocol):
    def __call__(self, seen: EvidenceSet, context: Context) -> Iterator[Candidate]: ...


@dataclass(frozen=True, slots=True)
class Suggester:
    """A function that proposes values of one field; ``version`` changes when its proposals do."""

    field: str
    function: Propose
    version: str

    @property
    def name(self) -> str:
        return f"{self.field}:{getattr(self.function, '__name__', 'suggester')}"

    def __call__(self, seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
        return self.function(seen, context)


def suggests(field: str, *, version: str = "1") -> Callable[[Propose], Suggester]:
    """Mark a function as a suggester of the field with this name of :mod:`shirushi.metadata.fields`."""
    if field not in BY_NAME:
        raise KeyError(field)

    def mark(function: Propose) -> Suggester:
        return Suggester(field, function, version)

    return mark


@cache
def suggesters() -> tuple[Suggester, ...]:
    """Every suggester: our own in a fixed order, then those of other packages by name."""
    own = [
        thing
        for name in MODULES
        for thing in vars(import_module(f"{__name__}.{name}")).values()
        if isinstance(thing, Suggester)
    ]
    return (*own, *(thing for _, thing in brought(SUGGESTERS).found))


def _ignore(problem: Problem) -> None:
    """For callers that do not want to hear of problems."""


def propose(
    seen: EvidenceSet, context: Context | None = None, *, report: Callable[[Problem], None] = _ignore
) -> list[Candidate]:
    """What every suggester proposes, each method named with its version (``creators.git-author/1``).

    A suggester that fails costs its own candidates, and ``report`` is told.
    """
    context = context or Context()
    candidates: list[Candidate] = []
    for why in (*brought(READERS).failed, *brought(SUGGESTERS).failed):
        report(Problem("package-failed", "", why))
    for suggester in suggesters():
        try:
            found = [replace(c, method=f"{c.method}/{suggester.version}") for c in suggester(seen, context)]
        except Exception as error:  # noqa: BLE001  a third party's suggester may raise anything; the rest goes on
            report(
                Problem(
                    "suggester-failed",
                    "",
                    f"The suggester {suggester.name} failed ({type(error).__name__}: {error}). Its proposals are missing; the rest stands.",
                )
            )
        else:
            candidates.extend(c for c in found if not holds_hidden(c.value))  # a secret is no value of anything
    return candidates

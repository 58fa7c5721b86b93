"""The seam of the search: what every engine takes and gives. Engines differ below it and nowhere above.

The index is never the truth: it follows the event log and can be made again from it at any time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from shirushi.search.query import Query

Document = dict[str, Any]  # as shirushi.search.documents makes it
State = Literal["ready", "missing", "damaged"]


@dataclass(frozen=True, slots=True)
class Put:
    """Add a document, or replace the one with its ``id``."""

    document: Document


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a document out; nothing happens when it is not there."""

    id: str


Change = Put | Remove
Marked = list[tuple[str, bool]]  # text in pieces, each with whether it matched


@dataclass(frozen=True, slots=True)
class Hit:
    """``document`` is what ``documents.document`` put under ``shown``; ``highlights`` has title, description, creators …"""

    id: str
    score: float
    document: dict[str, Any]
    highlights: dict[str, Marked]


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Hits:
    """``relaxed``: nothing had all the words, so these have some of them. ``suggestions``: other words that would find
    something, only where nothing did."""

    total: int
    items: list[Hit]
    facets: dict[str, list[FacetValue]] = field(default_factory=dict)
    relaxed: bool = False
    suggestions: list[str] = field(default_factory=list)


class Engine(Protocol):
    """All methods raise IndexDamaged when the index is missing or damaged, except ``state`` and ``clear``."""

    def search(self, query: Query) -> Hits: ...
    def apply(self, changes: Iterable[Change]) -> None:
        """Make all the changes, durably and at once: readers see all of them or none. May be repeated safely."""

    def clear(self) -> None:
        """Begin with an empty index, whatever is there: the first step of a rebuild, and of a new installation."""

    def count(self) -> int: ...
    def ids(self) -> Iterable[str]: ...
    def state(self) -> State: ...
    def verify(self) -> list[str]:
        """Everything wrong with the files of the index, reading all of them."""


class SearchError(Exception):
    """Base; ``en`` and ``ja`` say what happened, where, and what to do next."""

    def __init__(self, en: str, ja: str, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(en)
        self.en = en
        self.ja = ja
        self.facts = dict(facts or {})


class IndexDamaged(SearchError):
    """The index is missing, damaged or of another version. Nothing is lost: rebuild it from the records."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The search index in {where} cannot be used: {reason}. Rebuild it with: shirushi rebuild index",
            f"{where} の検索索引を使えません（{reason}）。shirushi rebuild index で作り直してください。",
            {"where": where, "reason": reason},
        )


class IndexFull(SearchError):
    """The disk is full. The change was not made; the index is as it was."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"There is no space left to write the search index in {where}; it stays as it was. "
            "Free some space; the index then catches up by itself.",
            f"{where} に空き容量がないため、検索索引は元のままです。容量を空けると、自動で追い付きます。",
            {"where": where},
        )


class IndexBusy(SearchError):
    """Another process went on writing longer than one wanted to wait. Nothing has been changed: try again."""

    def __init__(self, where: str, seconds: float) -> None:
        super().__init__(
            f"Another process has been writing to the search index in {where} for over {seconds:g} seconds. "
            "Wait until it has finished, then try again.",
            f"別の処理が {where} の検索索引に {seconds:g} 秒以上書き込んでいます。終わってから、もう一度お試しください。",
            {"where": where},
        )

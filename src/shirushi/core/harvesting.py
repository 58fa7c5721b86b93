"""What the harvesting protocol (OAI-PMH, ``web/protocols``) asks of a system that has something to give.

A system registers a :class:`Provider` when it starts. The protocol knows pages, tokens and XML; the provider knows what there is,
when it changed and what it says. Its lists are read by keyset, so that every page costs the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class MetadataFormat:
    """A form in which metadata are given out: its prefix, the address of its XML Schema, and its namespace."""

    prefix: str
    schema: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list is narrowed to: a set, and datestamps from ``since`` to ``until``, both included."""

    set_spec: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """``id`` is the provider's own; ``datestamp`` has whole seconds; ``deleted`` is for ever."""

    id: str
    datestamp: datetime
    sets: tuple[str, ...]
    deleted: bool


class Provider(Protocol):
    """``name`` stands before the ids, so that two providers never give the same; it may be empty for one of them."""

    name: str
    formats: Mapping[str, MetadataFormat]

    def sets(self) -> Sequence[tuple[str, str]]:
        """(spec, name) of every set that holds something."""

    def earliest(self) -> datetime | None:
        """The first datestamp there is; None when there is nothing."""

    def page(self, selection: Selection, after: tuple[datetime, str] | None, limit: int) -> list[Item]:
        """The first items by datestamp and id that come after a place in the list."""

    def count(self, selection: Selection, most: int) -> int:
        """How many items there are, ``most`` if there are as many or more."""

    def find(self, item_id: str) -> Item | None:
        """The item of that id; None when there is none."""

    def metadata(self, ids: Sequence[str], prefix: str) -> Mapping[str, bytes]:
        """XML documents of items that are not deleted; one that cannot be written now is empty."""


_PROVIDERS: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Let harvesters have what a system gives. A second one of the same name takes the first one's place."""
    _PROVIDERS[provider.name] = provider


def providers() -> Sequence[Provider]:
    """Every provider, in the order of their names: lists go through them one after the other."""
    return [provider for _name, provider in sorted(_PROVIDERS.items())]

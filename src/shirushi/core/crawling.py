"""What the site map (``web/protocols``) asks of a system that has pages for everybody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its path, and when it last changed."""

    path: str
    changed: datetime


class Crawlable(Protocol):
    """``name`` is part of an address: letters only. Pages keep their places as long as nothing goes, so that a crawler that knows
    one part of the map fetches only those that changed."""

    name: str

    def parts(self, size: int) -> Sequence[datetime]:
        """When each part of the map, of ``size`` pages, last changed."""

    def part(self, number: int, size: int) -> Iterable[Page]:
        """The pages of a part, counted from 0; nothing beyond the last."""


_CRAWLABLE: dict[str, Crawlable] = {}


def register(pages: Crawlable) -> None:
    """Let crawlers find a system's pages. A second one of the same name takes the first one's place."""
    _CRAWLABLE[pages.name] = pages


def crawlable() -> Sequence[Crawlable]:
    return [pages for _name, pages in sorted(_CRAWLABLE.items())]

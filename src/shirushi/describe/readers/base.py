"""What every reader gets and gives: a :class:`File` in, :class:`Evidence` out, lazily.

A reader runs in an isolated worker (see :mod:`shirushi.describe.isolate`), so it may raise whatever its library raises:
the pipeline turns that into a problem of this one file. A reader that can say it better raises :class:`Unreadable`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from shirushi.describe.evidence import Evidence


@dataclass(frozen=True, slots=True)
class File:
    """One identified file. ``path`` is where the bytes are; ``name`` is the path inside the described folder, with ``/``
    between the parts and any name that is not UTF-8 made printable. ``size`` in bytes; ``format`` a short name."""

    path: Path
    name: str
    size: int
    media_type: str
    format: str

    def open(self) -> BinaryIO:
        return self.path.open("rb")

    def head(self, length: int = 65_536) -> bytes:
        """The first ``length`` bytes, or all of a shorter file."""
        with self.open() as stream:
            return stream.read(length)


class Unreadable(Exception):
    """A reader's own words for why a file, or the rest of it, cannot be read: ``code`` as in ``Problem.code``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Reader(Protocol):
    def __call__(self, file: File) -> Iterator[Evidence]: ...


R = TypeVar("R", bound=Callable[[File], Iterator[Evidence]])


def reads(*media_types: str, version: int = 1) -> Callable[[R], R]:
    """Mark a function as the reader of these media types; ``version`` goes into the evidence's ``reader``."""

    def mark(function: R) -> R:
        function.media_types = media_types  # type: ignore[attr-defined]
        function.version = version  # type: ignore[attr-defined]
        return function

    return mark

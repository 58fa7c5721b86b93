"""What other packages bring by entry points. One that cannot be loaded, or names something else, costs itself alone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any

READERS, SUGGESTERS, PREVIEWS = "shirushi.readers", "shirushi.suggesters", "shirushi.previews"


@dataclass(frozen=True, slots=True)
class Brought:
    """``found``: what was loaded, with the entry point's value (``module:name``), in the order of that; ``failed``: in words, what
    could not be."""

    found: tuple[tuple[str, Any], ...]
    failed: tuple[str, ...]


@cache
def brought(group: str) -> Brought:
    """Everything that installed packages name under an entry point group."""
    found, failed = [], []
    for point in sorted(entry_points(group=group), key=lambda point: point.value):
        package = point.dist.name if point.dist is not None else point.module
        try:
            thing = point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a package of others may raise anything when it is imported
            failed.append(f"{package}, {point.value}: {type(error).__name__}: {error}")
            continue
        if _IS[group](thing):
            found.append((point.value, thing))
        else:
            failed.append(f"{package}, {point.value}: not marked with @{_MARKS[group]}")
    return Brought(tuple(found), tuple(failed))


def _is_suggester(thing: Any) -> bool:
    return all(hasattr(thing, name) for name in ("field", "function", "version"))


def _has_media_types(thing: Any) -> bool:
    return bool(getattr(thing, "media_types", ()))


_IS: dict[str, Callable[[Any], bool]] = {
    READERS: _has_media_types,
    PREVIEWS: _has_media_types,
    SUGGESTERS: _is_suggester,
}
_MARKS = {READERS: "reads", SUGGESTERS: "suggests", PREVIEWS: "shows"}

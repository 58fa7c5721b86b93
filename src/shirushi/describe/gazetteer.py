"""Organisations by name, from a table that an operator imported from ROR (JSON Lines, one organisation a line).

A line has ``id`` (the last part of the ROR address), ``name``, and lists ``ja``, ``acr`` (acronyms) and ``alias``.
Acronyms are not used: they stand for too many things.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from shirushi.describe.evidence import JSON
from shirushi.describe.text import letters


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation of ROR."""

    id: str
    name: str

    @property
    def url(self) -> str:
        return f"https://ror.org/{self.id}"


@lru_cache(maxsize=4)
def _table(path: Path, changed: int) -> Mapping[str, Organisation]:
    """Folded name to organisation; a name that two organisations share is left out. ``changed`` renews the cache."""
    names: dict[str, Organisation | None] = {}
    for entry in _entries(path):
        known = Organisation(entry["id"].rsplit("/", 1)[-1], entry["name"])
        for name in {letters(n) for n in (entry["name"], *entry.get("ja", ()), *entry.get("alias", ()))} - {""}:
            names[name] = known if name not in names else None
    return {name: known for name, known in names.items() if known}


def _entries(path: Path) -> Iterator[dict[str, JSON]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def organisation(name: str, table: Path | None) -> Organisation | None:
    """The one organisation whose name is in ``name``: the whole of it, else its longest part between commas or blanks.

    Raises:
        OSError: when the table cannot be read.
        ValueError: when a line of it is not JSON.
    """
    if table is None:
        return None
    known = _table(table, table.stat().st_mtime_ns)
    whole = letters(name)
    if whole in known:
        return known[whole]
    parts = sorted(
        (letters(part) for part in re.split(r"[,，、;・\s　]+(?=\S)|(?<=大学)|(?<=機構)", name)), key=len, reverse=True
    )
    commas = sorted((letters(part) for part in re.split(r"[,，、;]", name)), key=len, reverse=True)
    return next((known[part] for part in (*commas, *parts) if len(part) >= 4 and part in known), None)

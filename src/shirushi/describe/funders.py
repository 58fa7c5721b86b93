"""Public funders: how texts name them, and how their awards are numbered (``data/funders.json``).

The names and numbers of Japan's are those of the funders' own pages and of 体系的番号 (in use since 2020): KAKENHI ``JP22K01234``,
AMED ``JP22ak0101001``, JST ``JPMJ…``, MEXT ``JPMX…``, NEDO ``JPNP…``.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from shirushi.describe.evidence import JSON
from shirushi.describe.text import LEFT, RIGHT, fold


@dataclass(frozen=True, slots=True)
class Funder:
    """One of Japan's. ``names``: the abbreviation, then the English and the Japanese name; ``found`` finds it or its money in a
    text; ``number`` is an award's number in full, ``award`` also one without the letters that say whose it is."""

    names: tuple[str, ...]
    found: re.Pattern[str]
    award: re.Pattern[str] | None
    number: re.Pattern[str] | None

    @property
    def name(self) -> str:
        """The name in English."""
        return self.names[1]


@cache
def funders() -> tuple[Funder, ...]:
    """The public funders of Japan."""
    return tuple(_of_japan(item) for item in _table() if not item.get("abroad"))


@cache
def named() -> tuple[tuple[re.Pattern[str], str], ...]:
    """(what finds it in a text, name) of every funder. Of Japan's that number no awards only whole
    names count: ENV and CAO are other things in most texts."""
    told = []
    for item in _table():
        if item.get("abroad"):
            told.append((_found(item["names"], item["abbreviations"]), item["names"][0]))
        else:
            names = item["names"] if item["award"] else item["names"][1:]
            told.append((_found((*names, *item["words"]), ()), item["names"][1]))
    return tuple(told)


def whole_award(number: str) -> str:
    """An award's number as 体系的番号: KAKENHI's with the letters JP before it, others as they are."""
    stripped = number.strip()
    bare = next((item["bare"] for item in _table() if item.get("bare")), "(?!)")
    return f"JP{stripped}" if re.fullmatch(bare, stripped) else stripped


def payer_of(award: str) -> Funder | None:
    """The funder of Japan whose awards are numbered so."""
    return next((f for f in funders() if f.award and f.award.fullmatch(award)), None)


def names_of(name: str) -> tuple[str, ...]:
    """All names of a funder of Japan (abbreviation, English, Japanese, ...), or the name alone where the table lacks it."""
    folded = fold(name)
    return next((f.names for f in funders() if any(fold(n) == folded for n in f.names)), (name,))


@cache
def _table() -> list[dict[str, JSON]]:
    data: list[dict[str, JSON]] = json.loads(
        files("shirushi.describe").joinpath("data", "funders.json").read_text("utf-8")
    )
    return data


def _of_japan(item: dict[str, JSON]) -> Funder:
    number = re.compile(f"{LEFT}{item['award']}{RIGHT}") if item["award"] else None
    award = re.compile(f"{LEFT}(?:{item['award']}|{item['bare']}){RIGHT}") if item.get("bare") else number
    return Funder(tuple(item["names"]), _found((*item["names"], *item["words"]), ()), award, number)


def _found(names: Sequence[str], abbreviations: Sequence[str]) -> re.Pattern[str]:
    """What finds a name between letters of other scripts, too; an abbreviation also where small letters follow (``NSFs``)."""
    whole = [f"{LEFT}{re.escape(name)}{RIGHT}" if name.isascii() else re.escape(name) for name in names]
    return re.compile("|".join([*whole, *(f"(?<![A-Z]){re.escape(short)}(?![A-Z])" for short in abbreviations)]))

"""The public funders of Japan, by abbreviation and name in English and Japanese, and how their awards are numbered.

Names and numbers are those of the funders' own pages and of 体系的番号; the table is ``data/funders.json``.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from shirushi.describe.text import LEFT, RIGHT, fold


@dataclass(frozen=True, slots=True)
class Funder:
    """``names``: the abbreviation, then the English and the Japanese name; ``found`` finds it or its money in a text."""

    names: tuple[str, ...]
    found: re.Pattern[str]
    award: re.Pattern[str] | None


@cache
def funders() -> tuple[Funder, ...]:
    """The public funders of Japan that ``data/funders.json`` names."""
    data = json.loads(files("shirushi.describe").joinpath("data", "funders.json").read_text("utf-8"))
    made = []
    for item in data:
        words = [
            f"{LEFT}{re.escape(n)}{RIGHT}" if n.isascii() else re.escape(n) for n in (*item["names"], *item["words"])
        ]
        award = re.compile(f"{LEFT}{item['award']}{RIGHT}") if item["award"] else None
        made.append(Funder(tuple(item["names"]), re.compile("|".join(words)), award))
    return tuple(made)


_BARE_KAKENHI = re.compile(r"\d{2}(?:[HKJFGBA][A-Z]?\d{4,5}|K[A-Z]\d{4})")


def whole_award(number: str) -> str:
    """An award's number as 体系的番号: KAKENHI's with the letters JP before it, others as they are."""
    bare = number.strip()
    return f"JP{bare}" if _BARE_KAKENHI.fullmatch(bare) else bare


def payer_of(award: str) -> Funder | None:
    """The funder whose awards are numbered so."""
    return next((f for f in funders() if f.award and f.award.fullmatch(award)), None)


def names_of(name: str) -> tuple[str, ...]:
    """All names of a funder (abbreviation, English, Japanese, ...), or the name alone where the table lacks it."""
    folded = fold(name)
    return next((f.names for f in funders() if any(fold(n) == folded for n in f.names)), (name,))

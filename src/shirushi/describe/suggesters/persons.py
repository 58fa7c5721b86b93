"""A person or organisation that something names, before it becomes a candidate."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shirushi.describe.evidence import Evidence
from shirushi.describe.names import is_bot, is_organisation, looks_like_person
from shirushi.describe.suggesters.common import front_weight
from shirushi.describe.text import has_cjk


@dataclass
class Person:
    name: str
    evidence: list[Evidence]
    method: str
    score: float
    features: dict[str, float]
    orcid: str | None = None
    affiliation: str | None = None
    forms: list[str] = field(default_factory=list)  # the name in other scripts


def many(
    names: Iterable[str],
    item: Evidence,
    method: str,
    features: Mapping[str, float] | None = None,
    *,
    organisations: bool = False,
) -> Iterator[Person]:
    weight = front_weight(item.place.file)
    for position, name in enumerate(names):
        if looks_like_person(name) or (organisations and _names_an_organisation(name)):
            shape = {"front": weight, "rank": 1 / (1 + position / 4), "organisation": float(is_organisation(name))}
            yield Person(name, [item], method, weight - position / 1000, {**shape, **(features or {})})


def _names_an_organisation(name: str) -> bool:
    """A name of one, not a sentence that has one in it nor a common word such as "project"."""
    named = is_organisation(name) and 3 <= len(name) <= 90 and not is_bot(name)
    return named and (name[0].isupper() or has_cjk(name)) and re.search(r"[.。]\s+\S{4}", name) is None

"""A person or organisation that something names, before it becomes a candidate."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shirushi.describe.evidence import Evidence
from shirushi.describe.names import is_bot, is_organisation, looks_like_person
from shirushi.describe.suggesters.common import front_weight


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
        if looks_like_person(name) or (
            organisations and is_organisation(name) and 3 <= len(name) <= 90 and not is_bot(name)
        ):
            shape = {"front": weight, "rank": 1 / (1 + position / 4), "organisation": float(is_organisation(name))}
            yield Person(name, [item], method, weight - position / 1000, {**shape, **(features or {})})

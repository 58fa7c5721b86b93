"""What is known of a folder for filling forms: facts by concept, each with a confidence and the evidence it rests on."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.forms.people import Person
from shirushi.describe.rank import HIGHEST, LOWEST, logit, sigmoid
from shirushi.describe.text import fold

MOST_FACTS = 1_000  # of one concept
MOST_SEEN = 12  # pieces of evidence of one fact
MOST_ENTRIES = 200  # of one list


@dataclass(frozen=True, slots=True)
class Fact:
    """A value for a concept. ``lang`` is the language it is written in, where that matters; ``entry`` numbers the entry of a list
    that it belongs to (creators, variables), None for what is one for the whole folder."""

    concept: str
    value: JSON
    confidence: float
    evidence: tuple[Evidence, ...]
    method: str
    lang: str | None = None
    entry: int | None = None


@dataclass(slots=True)
class Known:
    """Facts by concept; people by name, so that a number seen beside a name in one file goes to the same person elsewhere."""

    facts: dict[str, list[Fact]] = field(default_factory=dict)
    people: list[tuple[Person, tuple[Evidence, ...]]] = field(default_factory=list)
    _places: dict[tuple[str, int | None, str | None, str], int] = field(default_factory=dict, repr=False)

    def add(self, *facts: Fact) -> None:
        """Keep facts; the same value again only adds its evidence and the higher confidence."""
        for fact in facts:
            if fact.value in ("", None):
                continue
            standing = self.facts.setdefault(fact.concept, [])
            key = (fact.concept, fact.entry, fact.lang, fold(str(fact.value)[:2_000]))
            position = self._places.get(key)
            if position is not None:
                standing[position] = _joined(standing[position], fact)
            elif len(standing) < MOST_FACTS:
                self._places[key] = len(standing)
                standing.append(fact)

    def of(self, concept: str) -> list[Fact]:
        """Best first, in order of finding where equal."""
        return sorted(self.facts.get(concept, []), key=lambda f: -f.confidence)

    def entries(self, concept: str) -> list[int]:
        return sorted({f.entry for f in self.facts.get(concept, []) if f.entry is not None})[:MOST_ENTRIES]

    def meet(self, person: Person, evidence: tuple[Evidence, ...]) -> Person:
        """Remember a person; gives back all that is known of them so far."""
        for position, (other, seen) in enumerate(self.people):
            if person.same_as(other):
                whole = other.with_more(person)
                self.people[position] = (whole, together(seen, evidence))
                return whole
        if len(self.people) < MOST_ENTRIES:
            self.people.append((person, evidence))
        return person

    def about(self, person: Person) -> tuple[Person, tuple[Evidence, ...]]:
        """All that is known of a person, and where it was seen."""
        return next(((other, seen) for other, seen in self.people if person.same_as(other)), (person, ()))


def _joined(one: Fact, other: Fact) -> Fact:
    better = one if one.confidence >= other.confidence else other
    evidence = together(one.evidence, other.evidence)
    if any(e in one.evidence for e in other.evidence[:MOST_SEEN]):
        return replace(better, evidence=evidence)  # the same place, read twice
    agree = 1 - (1 - better.confidence) * (
        1 - 0.3 * min(one.confidence, other.confidence)
    )  # another place that says the same
    return replace(better, confidence=bounded(agree), evidence=evidence)


def together(one: tuple[Evidence, ...], other: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Evidence of both, each once, no more than anybody looks at."""
    if len(one) >= MOST_SEEN:
        return one
    return (*one, *(e for e in other[:MOST_SEEN] if e not in one))[:MOST_SEEN]


def bounded(confidence: float) -> float:
    return round(min(max(confidence, LOWEST), HIGHEST), 3)


@cache
def _line() -> tuple[float, float]:
    data = json.loads(files("shirushi.describe").joinpath("data", "forms.json").read_text("utf-8"))
    return data["scale"], data["shift"]


def calibrated(certainty: float) -> float:
    """The confidence of an answer: how often answers of this certainty (fact times match) were right, ``data/forms.json``."""
    scale, shift = _line()
    return bounded(sigmoid(scale * logit(certainty) + shift))


def uncalibrated(confidence: float) -> float:
    """The certainty that a confidence was made of."""
    scale, shift = _line()
    return sigmoid((logit(confidence) - shift) / scale)


def person_facts(
    role: str, person: Person, evidence: tuple[Evidence, ...], confidence: float, method: str, entry: int | None = None
) -> Iterator[Fact]:
    """A person as facts about the parts of a role: name, family and given name in each language, numbers, addresses."""

    def fact(part: str, value: str, lang: str | None = None, share: float = 1.0) -> Fact:
        return Fact(f"{role}.{part}", value, bounded(confidence * share), evidence, method, lang, entry)

    for lang, name in person.names.items():
        yield fact("name", name, lang)
        family, given = parts_of(name)
        if family and given:
            yield fact("family", family, lang)
            yield fact("given", given, lang)
    for part, value in (("erad", person.erad), ("orcid", person.orcid), ("email", person.email)):
        if value:
            yield fact(part, value)
    for lang, name in person.affiliations.items():
        yield fact("affiliation", name, lang, 0.95)


def parts_of(name: str) -> tuple[str, str]:
    """Family and given name; of a Japanese name without a space, and of a single word, nothing."""
    from shirushi.describe.names import creator

    if not name.strip():
        return "", ""
    value = creator(name)
    return value.get("family_name", ""), value.get("given_name", "")


def aligned(lists: Iterable[list[Person]]) -> list[Person]:
    """One list of people from lists that name the same people in two scripts, in the same order: 「北森 小百合、L. Bianchi」 and
    "Sayuri Kitamori, L. Bianchi". Lists of other lengths only add what they tell of people already there."""
    whole: list[Person] = []
    for people in lists:
        if not whole:
            whole = list(people)
            continue
        beside = len(people) == len(whole) and all(_may_be_one(a, b) for a, b in zip(whole, people, strict=True))
        for position, person in enumerate(people):
            if beside:
                whole[position] = whole[position].with_more(person)
                continue
            match = next((i for i, other in enumerate(whole) if person.same_as(other)), None)
            if match is not None:
                whole[match] = whole[match].with_more(person)
    return whole


def _may_be_one(a: Person, b: Person) -> bool:
    return a.same_as(b) or not (a.names.keys() & b.names.keys())

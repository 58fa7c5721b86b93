"""Facts from what is written as ``key: value``: lines of texts, rows of two-column tables, attributes of files."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from shirushi.describe.evidence import JSON, CellPlace, Evidence
from shirushi.describe.forms.concepts import Meaning, meaning_of
from shirushi.describe.forms.convert import date_of, licence_of
from shirushi.describe.forms.json_schema import split_languages
from shirushi.describe.forms.known import Fact, Known, bounded, person_facts
from shirushi.describe.forms.people import EMAIL, Block, Person, block_of, lang_of, people_in
from shirushi.describe.funders import whole_award
from shirushi.describe.readers.prose import DOI, URL, tidy_url
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import front_weight
from shirushi.describe.text import has_cjk

MOST_PAIRS = 3_000
LINE, ROW, ATTRIBUTE = 0.85, 0.9, 0.7  # how often what stands behind a key is its value
_LEAST_KNOWN = 4  # rows of a two-column table that mean something, before it is taken for a filled form
_BRACKETS = re.compile(r"[（(]([^（）()]{2,120})[)）]")
_MARKDOWN = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_OF_THE_RECORD = frozenset(
    {"title", "description", "keywords", "citation", "rights.licence", "date.created", "award.title", "version"}
)
_NOT_EVEN = re.compile(r"^[-–—―ー/／.．\s]*$|^(?:n/?a|none|なし|未定|tbd|todo|不明)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pair:
    """A key as people wrote it, what it means, its value, and how much the place is trusted."""

    keys: tuple[str, ...]
    value: str
    evidence: Evidence
    trust: float
    meaning: Meaning | None


def pairs_of(seen: EvidenceSet) -> list[Pair]:
    """Every pair in the folder, those of filled-in tables among them."""
    found = [_pair(e, str(e.value["key"]), e.value["value"], LINE) for e in seen.of("key-value")[:MOST_PAIRS]]
    found += [
        _pair(e, str(e.value["name"]).replace("_", " "), e.value["value"], ATTRIBUTE)
        for e in seen.of("attribute")[:MOST_PAIRS]
        if not e.value.get("owner")
    ]
    return [p for p in [*found, *_filled_tables(seen)] if p and not _NOT_EVEN.match(p.value)]


def _pair(evidence: Evidence, key: str, value: object, trust: float) -> Pair | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool) or not str(value).strip():
        return None
    text = _MARKDOWN.sub(r"\1 \2", str(value)).strip()[:4_000]
    keys = tuple(label for _, label in split_languages(key))
    trust *= 0.7 + 0.3 * min(1.0, front_weight(evidence.place.file) / 0.35)
    return Pair(keys, text, evidence, trust, meaning_of_key(keys))


def meaning_of_key(keys: tuple[str, ...]) -> Meaning | None:
    return max((m for key in keys if (m := meaning_of(key))), key=lambda m: m.score, default=None)


def _filled_tables(seen: EvidenceSet) -> Iterator[Pair | None]:
    """Two-column tables whose first column are questions that the table of concepts knows: a filled-in form."""
    groups: defaultdict[tuple[str, str], list[tuple[Evidence, str, str]]] = defaultdict(list)
    for item in seen.of("codebook-row")[: MOST_PAIRS * 3]:
        if set(item.value) <= {"variable", "description", "label"}:
            sheet = item.place.sheet or "" if isinstance(item.place, CellPlace) else ""
            groups[item.place.file, sheet].append(
                (item, item.value["variable"], item.value.get("description") or item.value.get("label") or "")
            )
    for item in seen.of("table-row")[: MOST_PAIRS * 3]:
        cells, header = item.value.get("cells") or [], item.value.get("header") or []
        if len(cells) == 2:
            rows = groups[item.place.file, "|".join(header)]
            if not rows and len(header) == 2:
                rows.append((item, header[0], header[1]))
            rows.append((item, cells[0], cells[1]))
    for rows in groups.values():
        meant = sum(meaning_of_key(tuple(label for _, label in split_languages(key))) is not None for _, key, _ in rows)
        if meant >= _LEAST_KNOWN and 2 * meant >= len(rows):
            for item, key, value in rows:
                yield _pair(item, key, value, ROW)


def facts_of_pairs(known: Known, pairs: list[Pair]) -> Iterator[Fact]:
    """What pairs say that the table of concepts knows; people are met on the way."""
    for pair in pairs:
        if pair.meaning is not None:
            yield from _facts(known, pair, pair.meaning, bounded(pair.trust * pair.meaning.score))


class _Maker(Protocol):
    """Makes a fact of the pair at hand."""

    def __call__(self, name: str, value: JSON, lang: str | None = None, share: float = 1.0) -> Fact: ...


def _facts(known: Known, pair: Pair, meaning: Meaning, confidence: float) -> Iterator[Fact]:
    concept, evidence = meaning.concept, (pair.evidence,)
    if pair.evidence.kind == "attribute" and concept in _OF_THE_RECORD:
        return  # the record's own suggesters weigh attributes against what people wrote
    role, _, part = concept.partition(".")
    method = "pair.table" if pair.trust > LINE else "pair"

    def fact(name: str, value: JSON, lang: str | None = None, share: float = 1.0) -> Fact:
        return Fact(name, value, bounded(confidence * share), evidence, method, lang)

    if role in ("contact", "investigator") and (
        part == "name" or (part == "email" and not EMAIL.fullmatch(pair.value))
    ):
        yield from block_facts(known, role, block_of(pair.value), evidence, confidence, method)
    elif part == "email":
        if address := EMAIL.search(pair.value):
            yield fact(concept, address[0])
    elif role == "creator" and part == "name":
        for person in people_in(pair.value):
            known.meet(person, evidence)
        if date := date_of(pair.value):
            yield fact("date.created", date, None, 0.85)
    elif role == "repository" or concept == "published":
        yield from _published(pair.value, fact, place=lang_of("".join(pair.keys)))
    elif concept == "rights.policy":
        yield from _policy(pair.value, fact)
    elif concept == "rights.licence":
        if licence := licence_of(pair.value):
            yield fact("rights.licence", licence)
    elif role == "institution" and part == "name":
        yield fact("institution.name", pair.value, lang_of(pair.value))
    elif concept == "award.number":
        yield fact("award.number", whole_award(pair.value))
    elif concept == "title.en":
        yield fact("title", pair.value, "en")
    elif role in ("date", "period") and concept != "period":
        yield fact(concept, pair.value)
    elif concept == "language":
        return  # the record's own languages are surer
    else:
        yield from _bilingual(concept, pair, fact)


def _bilingual(concept: str, pair: Pair, fact: _Maker) -> Iterator[Fact]:
    """A value, and the same in the other script where that stands in brackets behind it."""
    note = next(
        (n for n in _BRACKETS.findall(pair.value) if has_cjk(n) != has_cjk(_BRACKETS.sub("", pair.value))), None
    )
    texts = (
        [_BRACKETS.sub("", pair.value).strip(), note] if note and concept.endswith((".name", "title")) else [pair.value]
    )
    for text in texts:
        if text:
            yield fact(concept, text, lang_of(text) if has_cjk(text) or not has_cjk("".join(pair.keys)) else None)


def _published(text: str, fact: _Maker, *, place: str) -> Iterator[Fact]:
    """Date, repository and address in "2023-09-05, Data Archive, https://doi.org/…", in either script."""
    for match in URL.finditer(text):
        yield fact("identifier", tidy_url(match[0]))
        yield fact("repository.url", tidy_url(match[0]))
    rest = DOI.sub(" ", URL.sub(" ", text))
    for note in _BRACKETS.findall(rest):
        if len(note) > 3:
            yield fact("repository.name", note.strip(), lang_of(note), 0.95)
    for part in re.split(r"[,、，]", _BRACKETS.sub(" ", rest)):
        part = part.strip(" 。.　")
        if date := date_of(part):
            yield fact("date.issued", date)
        elif 3 < len(part) <= 80 and re.search(r"[^\W\d]", part):
            yield fact(
                "repository.name",
                re.sub(r"^同(?:大学|機構|研究所)\s*", "", part),
                lang_of(part) if has_cjk(part) else (None if place == "ja" else "en"),
            )


def _policy(text: str, fact: _Maker) -> Iterator[Fact]:
    yield fact("rights.policy", text, lang_of(text))
    if licence := licence_of(text):
        yield fact("rights.licence", licence)
    if re.search(r"無償|無料|free of charge|no fee", text, re.IGNORECASE):
        yield fact("rights.free", {"class": "yes"})
    elif re.search(r"有償|有料|for a fee", text, re.IGNORECASE):
        yield fact("rights.free", {"class": "no"})


def block_facts(
    known: Known, role: str, block: Block, evidence: tuple[Evidence, ...], confidence: float, method: str
) -> Iterator[Fact]:
    """Who is to be asked and how they are reached."""
    people = [known.meet(p, evidence) for p in block.people]
    if people:
        here = Person(
            {}, block.erad, "", block.email, block.organisations
        )  # what the block itself says goes before what others do
        person = here.with_more(people[0])
        known.meet(person, evidence)
        yield from person_facts(role, person, evidence, confidence, method)
    else:
        for lang, name in block.organisations.items():
            yield Fact(f"{role}.affiliation", name, confidence, evidence, method, lang)
    for part, value in (("email", block.email), ("phone", block.phone), ("erad", block.erad)):
        if value:
            yield Fact(f"{role}.{part}", value, bounded(confidence * 1.05), evidence, method)
    for lang, address in block.addresses.items():
        yield Fact(f"{role}.address", address, confidence, evidence, method, lang)
    if role == "contact" and (people or block.organisations):
        yield Fact(
            "contact.type",
            {"class": "person" if people else "organization"},
            bounded(confidence * 0.95),
            evidence,
            method,
        )


def creators_in_pairs(pairs: list[Pair]) -> list[tuple[list[Person], Pair]]:
    """Lists of creators as they stand behind keys such as "Authors" and 「作成者」."""
    chosen = [p for p in pairs if p.meaning and p.meaning.concept == "creator.name"]
    return [(people, p) for p in chosen if (people := people_in(p.value))]

"""All that is known of a folder for a form: the record's suggestions, pairs, texts and files, put together around people."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from shirushi.describe.evidence import Evidence, Suggestion
from shirushi.describe.forms.from_files import facts_of_files, personal_facts
from shirushi.describe.forms.from_pairs import Pair, creators_in_pairs, facts_of_pairs, pairs_of
from shirushi.describe.forms.from_record import facts_of_record, hosts_of, people_of_record
from shirushi.describe.forms.from_texts import classified, facts_of_texts, repositories_in
from shirushi.describe.forms.known import Fact, Known, aligned, bounded, parts_of, person_facts
from shirushi.describe.forms.people import EMAIL, Person, is_place_of_work, lang_of, people_in, romaji
from shirushi.describe.funders import Funder, names_of, payer_of
from shirushi.describe.readers.prose import DOI, tidy_url
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import front_weight
from shirushi.describe.text import fold

OWNER, UNNAMED_KEY, HOST, BY_PERSON, INVESTIGATOR, OTHER_AWARD = 0.7, 0.45, 0.75, 0.85, 0.55, 0.6
_TABLE_ROWS = 6
_MOST_LEADS = 100
_FORM_ROWS = 2  # pairs about money or management that make a file one about the data
_ADMINISTRATIVE = (
    "title",
    "creator",
    "description",
    "institution",
    "period",
    "award",
    "program",
    "funder",
    "contact",
    "host",
    "data",
    "rights",
    "date",
    "investigator",
)


def collect(seen: EvidenceSet, suggestions: Sequence[Suggestion]) -> tuple[Known, list[Pair]]:
    """What is known, and every pair (questions that no concept fits are compared with their keys)."""
    known = Known()
    pairs = pairs_of(seen)
    known.add(*facts_of_record(suggestions))
    loose = _loose_numbers(pairs)
    theirs = {id(pair) for found in loose.values() for pair in found}
    _numbers_beside_names(known, pairs, loose)
    known.add(*facts_of_pairs(known, [p for p in pairs if id(p) not in theirs]))
    known.add(*facts_of_texts(known, seen))
    _follows(known)
    forms = _forms(seen, pairs)
    known.add(*facts_of_files(seen, forms), *personal_facts(seen, forms))
    _payers(known)
    _creators(known, pairs, suggestions)
    people_of_record(known, suggestions, "contributors")
    _managers(known, suggestions)
    _owner_of_address(known, seen, pairs)
    _investigator_answers(known)
    _all_about(known, "contact")
    _all_about(known, "investigator")
    _hosts(known)
    _of_one_award(known)
    texts = _speaking(seen, suggestions)
    for kind in ("kind", "field"):
        known.add(*classified(seen, texts, kind))
    return known, pairs


def _forms(seen: EvidenceSet, pairs: Iterable[Pair]) -> frozenset[str]:
    """Files that are filled-in forms and notices: about the data, not the data. A table may have a few such lines above it."""
    counts: dict[str, set[str]] = {}
    for pair in pairs:
        if pair.meaning and pair.meaning.concept.split(".")[0] in _ADMINISTRATIVE and pair.evidence.kind != "attribute":
            counts.setdefault(pair.evidence.place.file, set()).add(pair.meaning.concept)
    tables = {e.place.file for e in seen.of("table")}
    return frozenset(
        file for file, concepts in counts.items() if len(concepts) >= (_TABLE_ROWS if file in tables else _FORM_ROWS)
    )


def _loose_numbers(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    """By file, researcher numbers under their own key where an investigator is named: theirs, not that of a contact."""
    led = {p.evidence.place.file for p in pairs if p.meaning and p.meaning.concept == "investigator.name"}
    loose: dict[str, list[Pair]] = {}
    for pair in pairs:
        if pair.meaning is None or pair.meaning.concept != "contact.erad" or pair.evidence.place.file not in led:
            continue
        if not re.search(r"管理|contact|manager", "".join(pair.keys), re.IGNORECASE):
            loose.setdefault(pair.evidence.place.file, []).append(pair)
    return loose


def _numbers_beside_names(known: Known, pairs: Sequence[Pair], loose: Mapping[str, Sequence[Pair]]) -> None:
    """Numbers and places of work under keys of their own, given to the investigator or only author that their file names."""
    places: dict[str, Pair] = {}
    for pair in pairs:
        if pair.meaning and pair.meaning.concept == "institution.name":
            places.setdefault(pair.evidence.place.file, pair)
    leads = [p for p in pairs if p.meaning and p.meaning.concept in ("investigator.name", "creator.name")]
    for pair in leads[:_MOST_LEADS]:
        people = people_in(pair.value)
        if len(people) != 1:
            continue
        person, evidence, file = people[0], [pair.evidence], pair.evidence.place.file
        for number in loose.get(file, ())[:1]:
            if re.fullmatch(r"\d{8}", number.value):
                person = person.with_more(Person(erad=number.value))
                evidence.append(number.evidence)
        if file in places:
            where = places[file].value
            person = person.with_more(Person(affiliations={lang_of(where): where}))
        known.meet(person, tuple(evidence))


def _creators(known: Known, pairs: Sequence[Pair], suggestions: Sequence[Suggestion]) -> None:
    """One entry for each creator: those of the record, with what pairs tell of them; else people behind any key."""
    record = people_of_record(known, suggestions, "creators")
    listed = creators_in_pairs(list(pairs))
    listed.sort(key=lambda item: -item[1].trust)
    whole = aligned([people for people, _ in listed])
    if not record and not whole:
        listed = [(people, p) for p in pairs if p.meaning is None and (people := _only_people(p))][:1]
        whole = aligned([people for people, _ in listed])
    trusted = max((p.trust * p.meaning.score if p.meaning else 0.0 for _, p in listed), default=0.0)
    covered = all(any(person.same_as(w) for w in whole) or s.confidence < trusted - 0.1 for person, s in record)
    people = whole if whole and covered else aligned([[p for p, _ in record], *[people for people, _ in listed]])
    for entry, person in enumerate(people):
        stated = [s for p, s in record if p.same_as(person)]
        behind = [p for found, p in listed if any(one.same_as(person) for one in found)]
        evidence = tuple(
            {id(e): e for e in [*(e for s in stated for e in s.evidence), *(p.evidence for p in behind)]}.values()
        )
        if not evidence:
            continue
        said = max((p.trust * p.meaning.score if p.meaning else UNNAMED_KEY for p in behind), default=0.0)
        confidence = bounded(max([*(s.confidence for s in stated), said]))
        full, more = known.about(known.meet(person, evidence))
        facts = person_facts(
            "creator",
            full.with_more(person),
            (*evidence, *(e for e in more if e not in evidence)),
            confidence,
            "people.creators",
            entry,
        )
        known.add(*facts)
    if not people:  # who leads the project has made the data, perhaps
        leaders = {str(f.value): f for f in known.of("investigator.name")[:4]}
        for fact in list(leaders.values())[:1]:
            person, seen = known.about(Person({fact.lang or lang_of(str(fact.value)): str(fact.value)}))
            evidence = tuple({id(e): e for e in (*fact.evidence, *seen)}.values())
            known.add(
                *person_facts("creator", person, evidence, bounded(fact.confidence * INVESTIGATOR), "people.leader", 0)
            )


def _payers(known: Known) -> None:
    """Who numbers awards so has paid."""
    for award in known.of("award.number")[:5]:
        payer = payer_of(str(award.value))
        if payer:
            known.add(
                replace(award, concept="funder.name", value=payer.names[0], confidence=bounded(award.confidence * 0.95))
            )


def _only_people(pair: Pair) -> list[Person]:
    people = people_in(pair.value)
    short = len(pair.value) <= 30 + 60 * len(people)
    return people if people and short and front_weight(pair.evidence.place.file) >= 0.6 else []


def _managers(known: Known, suggestions: Sequence[Suggestion]) -> None:
    """Contributors whose role is to manage or to answer for the data."""
    for suggestion in suggestions:
        if suggestion.target.startswith("/contributors") and suggestion.value.get("role") in (
            "DataManager",
            "ContactPerson",
            "DataCurator",
        ):
            name = suggestion.value["name"]
            person, seen = known.about(Person({lang_of(name): name}))
            evidence = (*suggestion.evidence, *(e for e in seen if e not in suggestion.evidence))
            known.add(*person_facts("contact", person, evidence, suggestion.confidence, "record.contributors"))


def _owner_of_address(known: Known, seen: EvidenceSet, pairs: Sequence[Pair]) -> None:
    """Where nobody is named as the one to ask: the creator whose family name the only e-mail address holds."""
    if known.of("contact.name") or any(f.value == {"class": "organization"} for f in known.of("contact.type")):
        return
    addresses: dict[str, list[Evidence]] = {}
    written: dict[str, str] = {}
    texts = [(str(e.value["text"]), e) for e in seen.of("paragraph", "list-item")] + [
        (p.value, p.evidence) for p in pairs
    ]
    for text, item in texts[:2_000]:
        for match in EMAIL.finditer(text[:4_000]):
            addresses.setdefault(match[0].lower(), []).append(item)
            written.setdefault(match[0].lower(), match[0])
    for address, items in list(addresses.items())[:50]:
        local = fold(address.partition("@")[0])
        for entry in known.entries("creator.name"):
            facts = [f for f in known.facts["creator.name"] if f.entry == entry]
            latin = next((str(f.value) for f in facts if f.lang == "en"), "")
            family, given = map(fold, parts_of(latin))
            own = next((str(f.value) for f in facts if f.lang == "ja"), "")
            named = _holds(local, family) or (len(given) >= 4 and given in re.split(r"[^a-z]+", local))
            if not (named or (not family and own and _holds(local, romaji(own)))):
                continue
            person, more = known.about(Person({f.lang or "en": str(f.value) for f in facts}))
            evidence = tuple({id(e): e for e in (*items[:3], *facts[0].evidence, *more)}.values())
            known.add(*person_facts("contact", person, evidence, OWNER, "people.owner-of-address"))
            for number in known.of("contact.erad")[:1]:
                known.add(
                    replace(number, concept="creator.erad", confidence=bounded(number.confidence * OWNER), entry=entry)
                )
            known.add(
                Fact(
                    "contact.email",
                    written[address],
                    OWNER,
                    evidence,
                    "people.owner-of-address",
                ),
                Fact("contact.type", {"class": "person"}, OWNER, evidence, "people.owner-of-address"),
            )
            return


def _investigator_answers(known: Known) -> None:
    """Where nothing says whom to ask, it is perhaps the one who leads the project."""
    if not any(concept.startswith("contact.") for concept in known.facts):
        for fact in known.of("investigator.name")[:2]:
            known.add(replace(fact, concept="contact.name", confidence=bounded(fact.confidence * INVESTIGATOR)))


def _follows(known: Known) -> None:
    """Open data have open metadata; a DOI says where the data are."""
    for fact in known.of("rights.access")[:1]:
        if fact.value == {"class": "open"}:
            known.add(replace(fact, concept="metadata.access", confidence=bounded(fact.confidence * 0.85)))
    for fact in known.of("citation")[:3]:
        if match := DOI.search(str(fact.value)):
            known.add(
                replace(
                    fact,
                    concept="identifier",
                    value=f"https://doi.org/{tidy_url(match[1])}",
                    lang=None,
                    confidence=bounded(fact.confidence * 0.85),
                )
            )
        for name, lang in repositories_in(str(fact.value)):
            known.add(
                replace(
                    fact, concept="repository.name", value=name, lang=lang, confidence=bounded(fact.confidence * 0.8)
                )
            )
    for fact in known.of("identifier")[:3]:
        if "zenodo." in str(fact.value):
            known.add(
                replace(
                    fact,
                    concept="repository.name",
                    value="Zenodo",
                    lang="en",
                    confidence=bounded(fact.confidence * 0.95),
                )
            )


def _holds(address: str, family: str) -> bool:
    """Whether the part of an address before the @ holds a family name, to a letter of its spelling."""
    words = [w for w in re.split(r"[^a-z]+", address) if w]
    return len(family) >= 3 and (family in "".join(words) or any(fuzz.ratio(w, family) >= 85 for w in words))


def _all_about(known: Known, role: str) -> None:
    """What was seen of the same person elsewhere: the name in the other script, a number, where they work."""
    for fact in known.of(f"{role}.name")[:4]:
        person, evidence = known.about(Person({fact.lang or lang_of(str(fact.value)): str(fact.value)}))
        seen = tuple({id(e): e for e in (*fact.evidence, *evidence)}.values())
        for more in person_facts(role, person, seen, bounded(fact.confidence * BY_PERSON), "people.elsewhere"):
            if not any(f.lang == more.lang for f in known.of(more.concept)):
                known.add(more)
        if role == "contact":
            known.add(
                Fact(
                    "contact.type",
                    {"class": "person"},
                    bounded(fact.confidence * 0.95),
                    fact.evidence,
                    "people.elsewhere",
                )
            )


def _of_one_award(known: Known) -> None:
    """Of several awards in a folder, the likeliest one's funder, programme and title go before those of the others."""
    awards = known.of("award.number")
    if len(awards) < 2:
        return
    files = {e.place.file for e in awards[0].evidence}
    elsewhere = {e.place.file for a in awards[1:] for e in a.evidence} - files
    payer = payer_of(str(awards[0].value))
    for concept in ("funder.name", "program.name", "program.code", "award.title"):
        known.facts[concept] = [
            replace(f, confidence=bounded(f.confidence * OTHER_AWARD)) if _is_other(f, payer, elsewhere) else f
            for f in known.facts.get(concept, [])
        ]


def _is_other(fact: Fact, payer: Funder | None, elsewhere: set[str]) -> bool:
    if fact.concept == "funder.name" and payer is not None:
        return not set(names_of(str(fact.value))) & set(payer.names)
    return bool(elsewhere) and {e.place.file for e in fact.evidence} <= elsewhere


def _hosts(known: Known) -> None:
    """The institution that holds the data: the university or institute of those who manage or made them."""
    own = {f.lang for f in known.of("host.name")}
    sources = (
        ("contact.affiliation", 1.0),
        ("publisher.name", 0.95),
        ("institution.name", 0.95),
        ("creator.affiliation", 0.9),
        ("investigator.affiliation", 0.8),
    )
    for concept, share in sources:
        for fact in known.of(concept)[:6]:
            host = hosts_of(str(fact.value))
            if host and fact.lang not in own and is_place_of_work(host):
                confidence = bounded(HOST * share * min(1.0, fact.confidence + 0.2))
                known.add(Fact("host.name", host, confidence, fact.evidence, "people.institution", lang_of(host)))
    if not known.of("contact.affiliation"):
        for fact in known.of("institution.name")[:2]:
            known.add(
                Fact(
                    "contact.affiliation",
                    fact.value,
                    bounded(fact.confidence * 0.8),
                    fact.evidence,
                    fact.method,
                    fact.lang,
                )
            )


def _speaking(seen: EvidenceSet, suggestions: Sequence[Suggestion]) -> list[tuple[str, float, Evidence]]:
    """Texts that say what the data are, with their weights: titles, descriptions, keywords, names of files and columns."""
    weights = {"titles": 3.0, "descriptions": 2.0, "subjects": 0.5}
    texts = [
        (s.value["text"], weights[name] * max(s.confidence, 0.3), s.evidence[0])
        for s in suggestions
        if (name := s.target.split("/")[1]) in weights and not s.alternative
    ]
    texts += [
        (str(item.value["text"])[:1_500], 0.8 * front_weight(item.place.file), item)
        for item in seen.of("heading", "paragraph")[:60]
    ]
    texts += [(" ".join(map(str, item.value.get("header") or [])), 0.4, item) for item in seen.of("table")[:30]]
    for item in seen.of("column")[:60]:
        words = [str(x) for x in item.value.get("examples", []) if not _is_number(x)]
        texts += [(" ".join([str(item.value["name"]), *words]), 0.15, item)]
    return texts


def _is_number(text: object) -> bool:
    return re.fullmatch(r"[\d.,:/\-\s]*", str(text)) is not None

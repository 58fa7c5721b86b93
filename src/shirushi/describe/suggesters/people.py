"""Creators and contributors: those who are named (:mod:`shirushi.describe.suggesters.named_people`) and those in Git's history,
one person once, with the iDs and affiliations that a text has elsewhere."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.gazetteer import organisation
from shirushi.describe.names import (
    clean,
    creator,
    fuller,
    is_organisation,
    looks_like_person,
    orcid_of,
    same_words,
    split_people,
)
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.committers import committers
from shirushi.describe.suggesters.common import (
    attributes,
    front_weight,
    key_in,
    pairs,
    purpose,
    stated_by,
    statements,
    unique,
)
from shirushi.describe.suggesters.name_forms import (
    Forms,
    forms_beside,
    main_form,
    other_names,
    same_person,
    speaks_japanese,
)
from shirushi.describe.suggesters.named_people import brackets, by_columns, first_name, named
from shirushi.describe.suggesters.persons import Person
from shirushi.describe.text import has_cjk

TARGET, HELPER = "/creators/-", "/contributors/-"
AFFILIATION_KEYS = (
    "affiliation", "affiliations", "institution", "institutions", "institute", "organization", "organisation", "affil",
    "所属", "所属機関", "機関", "研究機関", "著者所属",
)  # fmt: skip
HELPER_KEYS: Mapping[str, str] = {
    "contributor": "Other", "contributors": "Other", "editor": "Editor", "editors": "Editor", "data collector": "DataCollector",
    "data collectors": "DataCollector", "data curator": "DataCurator", "curator": "DataCurator", "curators": "DataCurator",
    "contact": "ContactPerson", "contact person": "ContactPerson", "point of contact": "ContactPerson", "translator": "Translator",
    "project leader": "ProjectLeader", "supervisor": "Supervisor", "rights holder": "RightsHolder",
    "協力者": "Other", "貢献者": "Other", "編集者": "Editor", "編者": "Editor", "収集者": "DataCollector", "データ収集者": "DataCollector",
    "管理者": "DataManager", "データ管理者": "DataManager", "連絡先": "ContactPerson", "問い合わせ先": "ContactPerson", "担当者": "ContactPerson",
    "指導教員": "Supervisor", "翻訳者": "Translator", "研究分担者": "ProjectMember", "共同研究者": "ProjectMember", "研究協力者": "ProjectMember",
    "co investigator": "ProjectMember", "co investigators": "ProjectMember", "collaborators": "ProjectMember",
}  # fmt: skip


@suggests("creators")
def creators(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Every person named as a creator. What names creators outright counts more than what only shows who worked on it."""
    for position, item in enumerate(statements(seen, "creators")):
        yield Candidate(TARGET, item.value["value"], (item,), stated_by("creators", item), score=1 - position / 1000)
    outright = list(named(seen))
    people = [*outright, *committers(seen, outright)]
    orcids = _orcids(seen)
    in_japanese = speaks_japanese(seen)
    for person in _fill(_merged(people, list(forms_beside(seen))), seen, orcids):
        chosen = main_form(person.name, person.forms, in_japanese=in_japanese)
        person.name, person.forms = chosen, [person.name, *person.forms]
        value = creator(person.name, orcid=person.orcid, affiliations=_affiliations(person.affiliation, context))
        if forms := other_names(person.name, person.forms):
            value["other_names"] = forms
        yield Candidate(TARGET, value, unique(person.evidence), person.method, person.score, person.features)


@suggests("contributors")
def contributors(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """People with a role other than creator."""
    for item in seen.stated("contributors"):
        yield Candidate(HELPER, item.value["value"], (item,), stated_by("contributors", item))
    for item, text in pairs(seen, *HELPER_KEYS):
        for role, names in _by_role(text) or [(HELPER_KEYS[key_in(item, HELPER_KEYS.keys()) or "contributor"], text)]:
            beside = brackets(names)
            for name in split_people(names):
                if looks_like_person(name):
                    orcid, home = beside.get(name, (orcid_of(names), None))
                    value = {**creator(name, orcid=orcid, affiliations=_affiliations(home, context)), "role": role}
                    yield Candidate(HELPER, value, (item,), "contributors.key-value", front_weight(item.place.file))
    observers = {value: item for item, value in attributes(seen, "observer")}
    for said, item in observers.items() if len(observers) <= _MOST_OBSERVERS else ():
        for name in split_people(said):
            if looks_like_person(name):
                value = {**creator(name), "role": "DataCollector"}
                yield Candidate(HELPER, value, (item,), "contributors.attribute")
    for item in seen.of("table-row"):
        cells = by_columns(item)
        if item.value["section"] == "Contact" and looks_like_person(name := clean(cells.get("name", ""))):
            places = _affiliations(cells.get("affiliation"), context)
            value = {
                **creator(name, orcid=orcid_of(cells.get("orcid", "")), affiliations=places),
                "role": "ContactPerson",
            }
            yield Candidate(HELPER, value, (item,), "contributors.key-value", front_weight(item.place.file))
    for item in seen.of("list-item"):
        if purpose(item.value["section"]) == "contributors" and front_weight(item.place.file) > 0.2:
            helper = first_name(item.value["text"])
            if helper:
                value = {**creator(helper, orcid=orcid_of(item.value["text"])), "role": "Other"}
                yield Candidate(HELPER, value, (item,), "contributors.section", front_weight(item.place.file))


_MOST_OBSERVERS = 8  # of different texts: more are nights of a survey
_ROLES = (
    (re.compile(r"collect|sampl|field ?work|measur|採取|収集|測定|観測", re.IGNORECASE), "DataCollector"),
    (re.compile(r"curat|clean|validation|整備", re.IGNORECASE), "DataCurator"),
    (re.compile(r"manag|管理", re.IGNORECASE), "DataManager"),
    (re.compile(r"supervis|advis|指導", re.IGNORECASE), "Supervisor"),
    (re.compile(r"edit|編集", re.IGNORECASE), "Editor"),
    (re.compile(r"translat|翻訳", re.IGNORECASE), "Translator"),
    (re.compile(r"contact|連絡", re.IGNORECASE), "ContactPerson"),
    (re.compile(r"lead|principal|代表", re.IGNORECASE), "ProjectLeader"),
    (re.compile(r"analys|investigat|research|解析|分析", re.IGNORECASE), "Researcher"),
)
_ROLE = re.compile(r"\s*(?P<role>[^:：;；,、]{3,40})[:：]\s*(?P<names>[^;；]+)")


def _by_role(text: str) -> list[tuple[str, str]]:
    """(role, names) of "Data collection: Kana Mori; Software: Jo Smith"; nothing where a part has no role."""
    parts = [_ROLE.fullmatch(part) for part in re.split(r"[;；]", text) if part.strip()]
    if not parts or not all(parts):
        return []
    told = [(match["role"], match["names"]) for match in parts if match]
    return [(next((role for pattern, role in _ROLES if pattern.search(said)), "Other"), names) for said, names in told]


def _orcids(seen: EvidenceSet) -> list[tuple[str, str, Evidence]]:
    """(ORCID, the text around it, evidence) wherever one stands."""
    found = []
    for item in seen.of("link", "paragraph", "list-item", "key-value", "table-row", "page-text"):
        value: Any = item.value
        text = " ".join(str(value[k]) for k in ("text", "url", "value", "cells") if value.get(k))
        if "orcid" in text.lower() and (orcid := orcid_of(text)):
            found.append((orcid, text, item))
    return found


def _merged(people: list[Person], beside: list[Forms]) -> list[Person]:
    """One person per name, initials and scripts fitting: the fuller name stands, the better method and all evidence are kept."""
    kept: list[Person] = []
    for person in people:
        known = next((k for k in kept if _one(k.name, person.name, beside)), None)
        if known is None or (known.method.startswith("creators.git") and person.method.startswith("creators.git")):
            kept.append(person)
            continue
        known.evidence.extend(person.evidence)
        known.orcid = known.orcid or person.orcid
        known.affiliation = known.affiliation or person.affiliation
        known.features["also"] = min(known.features.get("also", 0.0) + 0.5, 1.0)
        if has_cjk(known.name) == has_cjk(person.name):
            known.name = fuller(known.name, person.name)
        else:
            known.forms.append(person.name)
    for person in kept:
        for forms in beside:
            if any(same_words(person.name, name) for name in forms.names):
                person.forms += forms.names
                person.evidence.append(forms.item)
    return kept


def _one(a: str, b: str, beside: list[Forms]) -> bool:
    """Whether two names are one person's, by themselves or because a text has them side by side."""
    if has_cjk(a) == has_cjk(b):
        return same_words(a, b)
    return same_person(a, b) or any(
        any(same_words(a, name) for name in forms.names) and any(same_words(b, name) for name in forms.names)
        for forms in beside
    )


def _fill(people: list[Person], seen: EvidenceSet, orcids: list[tuple[str, str, Evidence]]) -> Iterator[Person]:
    """Add an ORCID iD that stands right beside the name, and the affiliation given once for all."""
    shared = [
        (item, text) for item, text in pairs(seen, *AFFILIATION_KEYS) if is_organisation(text) and len(text) <= 200
    ]
    for person in people:
        if person.orcid is None:
            for orcid, text, item in orcids:
                if _beside(person.name, orcid, text):
                    person.orcid = orcid
                    person.evidence.append(item)
                    break
        if person.affiliation is None and len(shared) == 1 and not person.method.startswith("creators.git"):
            item, text = shared[0]
            if item.place.file == person.evidence[0].place.file:
                person.affiliation = text
                person.evidence.append(item)
        yield person


def _beside(name: str, orcid: str, text: str) -> bool:
    """Whether the family name stands within 80 characters before the iD, with no other iD between."""
    at = text.upper().find(orcid)
    before = text[max(0, at - 80) : at]
    previous = list(re.finditer(r"\d{4}-\d{4}-\d{4}-\d{3}[\dXx]", before))
    before = before[previous[-1].end() :] if previous else before
    words = [w for w in re.split(r"[\s,]+", name) if len(w) > 2]
    return bool(words) and all(re.search(rf"(?<!\w){re.escape(w)}(?!\w)", before) for w in words)


def _affiliations(name: str | None, context: Context) -> list[dict[str, JSON]] | None:
    if not name:
        return None
    known = organisation(name, context.ror)
    return [{"name": name, "ror": known.url}] if known else [{"name": name}]

"""Creators and contributors: those a text names as authors, those a document or reference names, those in Git's history."""

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
from shirushi.describe.suggesters.bylines import bylines
from shirushi.describe.suggesters.cited_people import of_attributions, of_citations, of_prose, of_references
from shirushi.describe.suggesters.committers import committers
from shirushi.describe.suggesters.common import (
    attributes,
    front_weight,
    key_in,
    key_of,
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
from shirushi.describe.suggesters.persons import Person, many
from shirushi.describe.text import has_cjk

TARGET, HELPER = "/creators/-", "/contributors/-"
KEYS = (
    "author", "authors", "creator", "creators", "author(s)", "creator(s)", "by", "written by", "author name", "author names",
    "principal investigator", "principal investigators", "pi", "lead author", "data creator", "data creators", "created by",
    "dataset creators", "autor", "autoren", "autores", "data authors", "corresponding author", "name of author",
    "著者", "作成者", "作者", "執筆者", "研究者", "研究代表者", "制作者", "データ作成者", "代表者", "発表者", "氏名", "測定者", "観測者", "著者名",
    "実験者", "記録者",
)  # fmt: skip
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
    named = list(_named(seen))
    people = [*named, *committers(seen, named)]
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
            beside = _brackets(names)
            for name in split_people(names):
                if looks_like_person(name):
                    orcid, home = beside.get(name, (orcid_of(names), None))
                    value = {**creator(name, orcid=orcid, affiliations=_affiliations(home, context)), "role": role}
                    yield Candidate(HELPER, value, (item,), "contributors.key-value", front_weight(item.place.file))
    for item in seen.of("list-item"):
        if purpose(item.value["section"]) == "contributors" and front_weight(item.place.file) > 0.2:
            helper = _first_name(item.value["text"])
            if helper:
                value = {**creator(helper, orcid=orcid_of(item.value["text"])), "role": "Other"}
                yield Candidate(HELPER, value, (item,), "contributors.section", front_weight(item.place.file))


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


def _named(seen: EvidenceSet) -> Iterator[Person]:
    """Those whom a text, a document or a reference names."""
    yield from _pairs(seen)
    yield from _holders(seen)
    yield from _front_matter(seen)
    yield from _tables(seen)
    yield from _sections(seen)
    yield from of_references(seen)
    yield from of_citations(seen)
    yield from _documents(seen)
    yield from _photographers(seen)
    yield from _from_bylines(seen)
    yield from of_prose(seen)
    yield from of_attributions(seen)


def _pairs(seen: EvidenceSet) -> Iterator[Person]:
    for item, text in pairs(seen, *KEYS):
        method = "creators.html-meta" if item.value["section"] == "meta" else "creators.key-value"
        text, behind = _homes_behind(text)
        people = list(many(split_people(text), item, method, organisations=True))
        beside = _brackets(text)
        kept: list[Person] = []
        for person in people:
            if kept and is_organisation(person.name) and not is_organisation(kept[-1].name):
                kept[-1].affiliation = kept[-1].affiliation or person.name  # "Author: Jane Doe, University of X"
                continue
            person.orcid, person.affiliation = beside.get(person.name, (None, None))
            person.affiliation = person.affiliation or behind.get(person.name)
            kept.append(person)
        if len(kept) == 1:
            kept[0].orcid = orcid_of(text)
        yield from kept


_BEHIND = re.compile(
    r"(?P<name>[^()（）、;；,，・\n]{2,60}?)(?P<bracket>\s?[(（][^()（）]{2,60}[)）])\s*(?P<home>[^、,，;；()（）\n]{3,60})"
)


def _homes_behind(text: str) -> tuple[str, dict[str, str]]:
    """A list without the organisations that stand behind a name and its bracket, and these by name: 「山本 健 (Ken Yamamoto)
    滋賀大学, …」."""
    homes = {clean(m["name"]): m["home"].strip() for m in _BEHIND.finditer(text) if is_organisation(m["home"])}
    bare = _BEHIND.sub(lambda m: m["name"] + m["bracket"] if is_organisation(m["home"]) else m[0], text)
    return bare, homes


_BRACKET = re.compile(r"(?P<name>[^()（）、;；,，・\n]{2,60}?)\s?[(（](?P<inside>[^()（）]{2,200})[)）]")


def _brackets(text: str) -> dict[str, tuple[str | None, str | None]]:
    """(ORCID iD, affiliation) by name, of a list such as 「山田花子（例示大学 農学部）、鈴木一郎（例示大学 農学部）」."""
    return {
        clean(match["name"]): (orcid_of(match["inside"]), _affiliation_in(match["inside"]))
        for match in _BRACKET.finditer(text)
    }


def _affiliation_in(text: str) -> str | None:
    """The organisation that a bracket behind a name holds, without addresses and iDs beside it."""
    text = re.sub(r"[,;，、]?\s*(?:https?://\S+|\S+@\S+|ORCID:?\s*\S*)", "", text, flags=re.IGNORECASE).strip(" ,.:;、")
    parts = re.split(r"[、，;；]\s*", text)  # a reading, a role or an address may stand beside
    if len(parts) > 1 and (places := [part for part in parts if is_organisation(part)]):
        text = places[0]
    return text if 4 <= len(text) <= 140 and is_organisation(text) else None


def _holders(seen: EvidenceSet) -> Iterator[Person]:
    """Who holds the copyright by the licence file at the top."""
    for item, text in pairs(seen, "copyright holder"):
        if "/" not in item.place.file:
            names = split_people(text)
            whole = is_organisation(text) and not any(looks_like_person(name) for name in names)
            yield from many([text.strip()] if whole else names, item, "creators.copyright", organisations=True)


def _front_matter(seen: EvidenceSet) -> Iterator[Person]:
    """``authors:`` of a YAML front matter: names, or mappings with ``name``, ``orcid`` and ``affiliation``."""
    for item in seen.of("key-value"):
        if key_of(item) not in ("author", "authors", "creators") or not isinstance(item.value["value"], list):
            continue
        for position, entry in enumerate(item.value["value"]):
            if isinstance(entry, str):
                yield from many([clean(entry)], item, "creators.front-matter")
            elif isinstance(entry, dict):
                name = entry.get("name") or " ".join(
                    str(entry[k]) for k in ("given-names", "given_names", "surname", "family-names") if entry.get(k)
                )
                affiliation = entry.get("affiliation")
                person = Person(
                    clean(str(name)),
                    [item],
                    "creators.front-matter",
                    1 - position / 1000,
                    {"front": front_weight(item.place.file)},
                )
                person.orcid = orcid_of(str(entry.get("orcid", "")))
                person.affiliation = affiliation if isinstance(affiliation, str) and not affiliation.isdigit() else None
                if person.name:
                    yield person


def _sections(seen: EvidenceSet) -> Iterator[Person]:
    """Names at the start of the items and paragraphs of a section about authors or contributors."""
    for item in seen.of("list-item", "paragraph", "table-row"):
        about = purpose(item.value["section"])
        if about not in ("authors", "contributors") or front_weight(item.place.file) < 0.15:
            continue
        method = f"creators.{about}-section"
        text = " ".join(item.value["cells"]) if item.kind == "table-row" else item.value["text"]
        if item.kind == "table-row" and "family" in by_columns(item):
            continue  # see _tables
        if item.kind == "table-row":
            names = [n for cell in item.value["cells"] if looks_like_person(n := clean(cell))][:1]
        elif item.kind == "list-item":
            first = _first_name(text)
            names = [first] if first else split_people(text[:400])
        else:
            names = split_people(text[:600])
        people = list(many(names, item, method, {item.kind: 1.0}))
        if len(people) == 1:
            people[0].orcid = orcid_of(text)
            people[0].affiliation = _affiliation_after(text, people[0].name)
        yield from people


_COLUMNS: Mapping[str, re.Pattern[str]] = {
    "given": re.compile(r"(?:pi )?(?:first|given) name|名", re.IGNORECASE),
    "middle": re.compile(r"(?:pi )?middle (?:initial|name)s?", re.IGNORECASE),
    "family": re.compile(r"(?:pi )?(?:last|family) name|surname|姓", re.IGNORECASE),
    "name": re.compile(r"(?:full )?name|氏名", re.IGNORECASE),
    "affiliation": re.compile(r"organi[sz]ation(?: name)?|affiliation|institution|所属(?:機関)?", re.IGNORECASE),
    "orcid": re.compile(r"orcid.*", re.IGNORECASE),
}


def by_columns(item: Evidence) -> dict[str, str]:
    """The cells of a table's row about a person by what they hold: ``given``, ``family``, ``affiliation``, ``orcid`` …"""
    found: dict[str, str] = {}
    for header, cell in zip(item.value.get("header") or [], item.value["cells"], strict=False):
        meant = next((key for key, pattern in _COLUMNS.items() if pattern.fullmatch(header.strip())), None)
        if meant and cell.strip():
            found.setdefault(meant, " ".join(cell.replace("\u200b", "").split()))
    return found


def _tables(seen: EvidenceSet) -> Iterator[Person]:
    """The rows of a table of people under a heading about authors, as the templates of many archives have it."""
    for position, item in enumerate(seen.of("table-row")):
        if purpose(item.value["section"]) != "authors":
            continue
        cells = by_columns(item)
        parts = [cells[key] for key in ("given", "middle", "family") if key in cells]
        name = clean(" ".join(parts) if "family" in cells else cells.get("name", ""))
        if "given" in cells and "family" in cells and looks_like_person(name):
            name = clean(f"{cells['family']}, {' '.join(parts[:-1])}")
        if not looks_like_person(name):
            continue
        person = Person(name, [item], "creators.table", 1 - position / 1000, {"front": front_weight(item.place.file)})
        person.orcid, person.affiliation = orcid_of(cells.get("orcid", "")), cells.get("affiliation")
        yield person


def _first_name(text: str) -> str | None:
    """The name that an item such as "Jane Doe (University of X), data curation" starts with."""
    head = re.split(r"[(（\[<:：;；|—–]|\s-\s|,\s|、|\bORCID\b|@", text, maxsplit=1)[0]
    name = clean(head)
    return name if looks_like_person(name) else None


def _affiliation_after(text: str, name: str) -> str | None:
    rest = text[text.find(name.split()[-1]) + len(name.split()[-1]) :]
    for part in re.split(r"[()（）;；|\n]|\s-\s|[–—]", rest):
        if found := _affiliation_in(part):
            return found
    return None


def _documents(seen: EvidenceSet) -> Iterator[Person]:
    """The author property of documents and the creator attributes of structured files."""
    names = (
        "author",
        "authors",
        "creator",
        "creator name",
        "dc.creator",
        "principal investigator",
        "pi name",
        "investigator",
        "artist",
        "contact",
        "operator",
    )
    for item, value in attributes(seen, *names):
        method = "creators.document-info" if item.kind == "document-info" else "creators.attribute"
        yield from many(split_people(value), item, method)


MOST_PHOTOGRAPHERS = 4


def _photographers(seen: EvidenceSet) -> Iterator[Person]:
    """Whom photographs name as their artist (EXIF, XMP, IPTC), where they name a few."""
    said = list(attributes(seen, "exif:artist", "xmp:dc:creator", "iptc:by-line"))
    by_name: dict[str, Evidence] = {}
    for item, value in said:
        for name in split_people(value):
            by_name.setdefault(name, item)
    for name, item in by_name.items() if len(by_name) <= MOST_PHOTOGRAPHERS else ():
        yield from many([name], item, "creators.image")


def _from_bylines(seen: EvidenceSet) -> Iterator[Person]:
    """The names under the title of a document, with the affiliations that their numbers point at."""
    documents = len({e.place.file for e in seen.of("page-text")} | {e.place.file for e in seen.of("document-info")})
    for byline in bylines(seen):
        features = {
            "alone": float(documents <= 1),
            "many_documents": min(documents, 10) / 10,
            "marked": float(byline.marked),
        }
        for person in many([author.name for author in byline.authors], byline.evidence[0], "creators.byline", features):
            author = next(a for a in byline.authors if a.name == person.name)
            person.affiliation, person.orcid = author.affiliation, author.orcid
            if author.affiliation:
                person.evidence.extend(byline.evidence[1:])
            yield person


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

"""Those whom a text, a document, a photograph or a reference names as creators, each with what stands beside the name."""

import re
from collections.abc import Iterator, Mapping

from shirushi.describe.evidence import Evidence
from shirushi.describe.names import clean, is_organisation, looks_like_person, orcid_of, split_people
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.bylines import bylines
from shirushi.describe.suggesters.cited_people import of_attributions, of_citations, of_prose, of_references
from shirushi.describe.suggesters.common import attributes, front_weight, key_of, pairs, purpose
from shirushi.describe.suggesters.persons import Person, many

KEYS = (
    "author", "authors", "creator", "creators", "author(s)", "creator(s)", "by", "written by", "author name", "author names",
    "principal investigator", "principal investigators", "pi", "lead author", "data creator", "data creators", "created by",
    "dataset creators", "autor", "autoren", "autores", "data authors", "corresponding author", "name of author",
    "著者", "作成者", "作者", "執筆者", "研究者", "研究代表者", "制作者", "データ作成者", "代表者", "発表者", "氏名", "測定者", "観測者", "著者名",
    "実験者", "記録者",
)  # fmt: skip


def named(seen: EvidenceSet) -> Iterator[Person]:
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
        beside = brackets(text)
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


def brackets(text: str) -> dict[str, tuple[str | None, str | None]]:
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
            first = first_name(text)
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


def first_name(text: str) -> str | None:
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

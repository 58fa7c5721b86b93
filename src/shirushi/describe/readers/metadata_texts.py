"""Metadata at the head of marked-up texts: the TEI header, JATS front matter.

Sources: TEI P5 Guidelines, chapter 2; JATS 1.4 (ANSI/NISO Z39.96).
"""

from collections.abc import Iterator
from typing import Any

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import placing, stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.metadata_xml import first_words, lang_of, paragraphs
from shirushi.describe.readers.placing import Tree
from shirushi.describe.readers.prose import MAX_VALUE
from shirushi.describe.readers.safe_xml import local, text

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_PLACEHOLDERS = {"tbc", "tbd", "n/a", "title", "publication information", "information about the source"}

MOST_PARAGRAPHS = 400


def _body(tree: Tree, part: Any, heads: str) -> Iterator[Evidence]:
    """The headings and paragraphs of a text: what it says of its funding, data and people stands there, too."""
    section, count = "", 0
    for element in part.iter(heads, "{*}p"):
        said = text(element)
        if (
            not said
            or next(element.iterancestors("{*}ref-list", "{*}ref", "{*}table-wrap", "{*}fig"), None) is not None
        ):
            continue
        place = tree.place(element, (element.text or "").strip() or said)
        if local(element) != "p":
            section = said[:200]
            yield Evidence("heading", {"text": section, "level": 2}, place, tree.reader)
            continue
        count += 1
        if count > MOST_PARAGRAPHS:
            return
        yield Evidence("paragraph", {"text": said[:MAX_VALUE], "section": section}, place, tree.reader)


# ---- TEI


@reads("application/x-tei+xml", version=1)
def read_tei(file: File) -> Iterator[Evidence]:
    """What the header of a TEI document says about the electronic text."""
    tree = placing.tree(file, "tei/2")
    for body in list(tree.root.iter("{*}body"))[:1]:
        lang = lang_of(body) or lang_of(tree.root)
        yield from tree.say("languages", stating.language(lang), body if lang_of(body) else tree.root, _LANG)
        yield from _body(tree, body, "{*}head")
    header = next(tree.root.iter("{*}teiHeader"), None)
    if header is None:
        return
    statement = header.find("{*}fileDesc/{*}titleStmt")
    for element in statement.findall("{*}title") if statement is not None else ():
        kind = {"sub": "Subtitle", "alt": "AlternativeTitle"}.get(element.get("type", ""))
        yield from tree.say("titles", {"text": _said(element), "lang": lang_of(element), "type": kind}, element)
    for tag in ("author", "principal"):
        for element in statement.findall(f"{{*}}{tag}") if statement is not None else ():
            yield from tree.say("creators", _tei_person(element), first_words(element))
    yield from _tei_helpers(tree, statement)
    yield from _tei_publication(tree, header)
    for element in header.findall("{*}profileDesc/{*}abstract"):
        yield from tree.say(
            "descriptions",
            {"text": paragraphs(element), "type": "Abstract", "lang": lang_of(element)},
            first_words(element),
        )
    for element in header.findall("{*}profileDesc/{*}langUsage/{*}language"):
        yield from tree.say("languages", stating.language(element.get("ident")), element, "ident")
    for element in header.findall("{*}profileDesc/{*}textClass/{*}keywords//{*}term"):
        yield from tree.say("subjects", {"text": _said(element)}, element)
    yield from tree.say("resource_type", {"general": "Text"}, header)


def _said(element: Any) -> str:
    said = text(element)
    return "" if said.lower() in _PLACEHOLDERS else said


def _tei_person(element: Any) -> dict[str, JSON]:
    name = next(element.iter("{*}persName", "{*}name", "{*}orgName"), None)
    holder = element if name is None else name
    family = " ".join(text(n) for n in holder.iter("{*}surname"))
    given = " ".join(text(n) for n in holder.iter("{*}forename"))
    homes = [text(n) for n in element.iter("{*}affiliation")]
    identifiers = " ".join(
        [text(n) for n in element.iter("{*}idno")] + [str(v) for e in element.iter() for v in e.attrib.values()]
    )
    full = "" if homes and name is None else _said(holder)
    if family:
        return stating.person(given=given, family=family, orcid=identifiers, affiliations=homes)
    return stating.person(full, orcid=identifiers, affiliations=homes)


def _tei_helpers(tree: Tree, statement: Any) -> Iterator[Evidence]:
    for element in statement if statement is not None else ():
        tag = str(element.tag).rpartition("}")[2]
        if tag == "editor":
            who = _tei_person(element)
            yield from tree.say("contributors", {**who, "role": "Editor"} if who else {}, first_words(element))
        elif tag == "sponsor":
            who = stating.person(_said(element), organisation=True)
            yield from tree.say("contributors", {**who, "role": "Sponsor"} if who else {}, first_words(element))
        elif tag == "funder":
            yield from tree.say("funding", {"funder": _said(element)}, first_words(element))
        elif tag == "respStmt":
            for name in element.iter("{*}persName", "{*}name"):
                who = _tei_person(name) or stating.person(_said(name))
                yield from tree.say("contributors", {**who, "role": "Other"} if who else {}, first_words(name))


def _tei_publication(tree: Tree, header: Any) -> Iterator[Evidence]:
    publication = header.find("{*}fileDesc/{*}publicationStmt")
    if publication is None:
        return
    for element in publication.findall("{*}publisher")[:1]:
        named = next(element.iter("{*}orgName"), element)
        yield from tree.say("publisher", {"name": _said(named)}, first_words(named))
    for element in publication.findall("{*}date"):
        when = stating.date(element.get("when") or text(element))
        yield from tree.say("publication_date", when, element, "when" if element.get("when") else "")
    licences = list(publication.iter("{*}licence"))
    for element in licences:
        yield from tree.say("rights", stating.rights(text(element), element.get("target")), first_words(element))
    if not licences:
        for element in publication.iter("{*}availability"):
            links = [r.get("target", "") for r in element.iter("{*}ref", "{*}ptr")]
            yield from tree.say(
                "rights", stating.rights(text(element), links[0] if links else None), first_words(element)
            )
    for element in publication.findall("{*}idno"):
        doi = stating.doi_of(text(element))
        yield from tree.say("alternate_identifiers", {"identifier": doi, "type": "DOI"} if doi else {}, element)


# ---- JATS


@reads("application/x-jats+xml", version=1)
def read_jats(file: File) -> Iterator[Evidence]:
    """What the front matter of a JATS article says."""
    tree = placing.tree(file, "jats/2")
    for part in tree.root.findall("{*}body") + tree.root.findall("{*}back"):
        yield from _body(tree, part, "{*}title")
    meta = next(tree.root.iter("{*}article-meta"), None)
    if meta is None:
        return
    lang = lang_of(tree.root)
    if lang:
        yield from tree.say("languages", lang.lower(), tree.root, _LANG)
    for element in meta.findall("{*}title-group/{*}article-title"):
        yield from tree.say("titles", {"text": text(element), "lang": lang and lang.lower()}, element)
    for element in meta.findall("{*}title-group//{*}trans-title"):
        yield from tree.say("titles", {"text": text(element), "type": "TranslatedTitle"}, element)
    yield from _jats_people(tree, meta)
    for element in meta.findall("{*}abstract"):
        if not element.get("abstract-type"):
            yield from tree.say("descriptions", {"text": paragraphs(element), "type": "Abstract"}, first_words(element))
    for element in meta.iter("{*}kwd"):
        yield from tree.say("subjects", {"text": text(element)}, element)
    for element in meta.iter("{*}license"):
        links = [
            element.get(_XLINK, ""),
            *(text(r) for r in element.iter("{*}license_ref")),
            *(e.get(_XLINK, "") for e in element.iter("{*}ext-link")),
        ]
        address = next((link for link in links if link.startswith("http")), None)
        yield from tree.say("rights", stating.rights(text(element), address), first_words(element))
    for element in meta.findall("{*}article-id"):
        doi = stating.doi_of(text(element)) if element.get("pub-id-type") == "doi" else None
        yield from tree.say("alternate_identifiers", {"identifier": doi, "type": "DOI"} if doi else {}, element)
    for element in meta.findall("{*}pub-date")[:1]:
        parts = [text(element.find(f"{{*}}{part}")) for part in ("year", "month", "day")]
        said = "-".join(part.zfill(2) for part in parts if part.isdigit())
        yield from tree.say("publication_date", stating.date(said), first_words(element))
    for element in meta.iter("{*}award-group"):
        funder, award = element.find("{*}funding-source"), element.find("{*}award-id")
        name = next(funder.iter("{*}institution"), funder) if funder is not None else None
        yield from tree.say("funding", {"funder": text(name), "award": text(award)}, element if name is None else name)
    for element in tree.root.iter("{*}publisher-name"):
        yield from tree.say("publisher", {"name": text(element)}, element)
        break
    yield from tree.say("resource_type", {"general": "JournalArticle"}, tree.root)


def _jats_people(tree: Tree, meta: Any) -> Iterator[Evidence]:
    homes = {element.get("id", ""): _jats_home(element) for element in meta.iter("{*}aff")}
    for element in meta.findall("{*}contrib-group/{*}contrib"):
        name = next(element.iter("{*}name"), None)
        collab = element.find("{*}collab")
        linked = [
            homes.get(key, "")
            for x in element.iter("{*}xref")
            if x.get("ref-type") == "aff"
            for key in x.get("rid", "").split()
        ]
        inside = [_jats_home(a) for a in element.iter("{*}aff")]
        if name is not None:
            ids = " ".join(text(c) for c in element.iter("{*}contrib-id"))
            who = stating.person(
                given=text(name.find("{*}given-names")),
                family=text(name.find("{*}surname")),
                orcid=ids,
                affiliations=[*linked, *inside],
            )
        else:
            who = stating.person(text(collab), organisation=True)
        place = first_words(name if name is not None else element)
        if element.get("contrib-type", "author") == "author":
            yield from tree.say("creators", who, place)
        elif who:
            yield from tree.say(
                "contributors",
                {**who, "role": "Editor" if "editor" in element.get("contrib-type", "") else "Other"},
                place,
            )


def _jats_home(element: Any) -> str:
    """The institution, or the affiliation's words without its label."""
    institutions = [text(i) for i in element.iter("{*}institution")]
    if institutions:
        return ", ".join(dict.fromkeys(institutions))
    label = text(element.find("{*}label"))
    return text(element).removeprefix(label).strip(" ,;")

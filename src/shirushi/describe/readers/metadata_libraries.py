"""Records of libraries and repositories in XML: MODS, JPCOAR and junii2.

Sources: MODS 3.8 (Library of Congress); JPCOAR Schema 2.0 (1.0 too); junii2 3.1 (National Institute of Informatics).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import placing, stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.metadata_xml import first_words, lang_of
from shirushi.describe.readers.placing import Tree
from shirushi.describe.readers.safe_xml import local, text

_RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
_HREF = "{http://www.w3.org/1999/xlink}href"


# ---- MODS


@reads("application/mods+xml", version=1)
def read_mods(file: File) -> Iterator[Evidence]:
    """What the first MODS record says of its resource; related items are left to their own records."""
    tree = placing.tree(file, "mods/1")
    record = tree.root if local(tree.root) == "mods" else tree.root.find("{*}mods")
    for element in () if record is None else record:
        if isinstance(element.tag, str):
            yield from _mods(tree, element)


def _mods(tree: Tree, element: Any) -> Iterator[Evidence]:
    tag = local(element)
    if tag == "titleInfo":
        kind = {
            "alternative": "AlternativeTitle",
            "translated": "TranslatedTitle",
            "uniform": "Other",
            "abbreviated": "Other",
        }
        whole = f"{text(element.find('{*}nonSort'))} {text(element.find('{*}title'))}".strip()
        value = {"text": whole, "lang": lang_of(element), "type": kind.get(element.get("type", ""))}
        yield from tree.say("titles", value, first_words(element))
        for inner in element.findall("{*}subTitle"):
            yield from tree.say("titles", {"text": text(inner), "type": "Subtitle"}, inner)
    elif tag == "name":
        yield from _mods_name(tree, element)
    elif tag == "abstract":
        yield from tree.say(
            "descriptions",
            {"text": stating.prose(text(element)), "lang": lang_of(element), "type": "Abstract"},
            element,
        )
    elif tag == "subject":
        for inner in element.findall("{*}topic"):
            yield from tree.say(
                "subjects", {"text": text(inner), "scheme": inner.get("authority") or element.get("authority")}, inner
            )
        for inner in element.findall("{*}geographic"):
            yield from tree.say("locations", {"place": text(inner)}, inner)
    elif tag == "language":
        for inner in element.findall("{*}languageTerm"):
            yield from tree.say("languages", stating.language(text(inner).lower()), inner)
    elif tag == "accessCondition":
        yield from tree.say("rights", stating.rights(text(element), element.get(_HREF)), element)
    elif tag == "identifier" and (doi := stating.doi_of(text(element))):
        yield from tree.say("alternate_identifiers", {"identifier": doi, "type": "DOI"}, element)
    elif tag == "originInfo":
        for inner in element.findall("{*}publisher"):
            yield from tree.say("publisher", {"name": text(inner)}, inner)
        for inner in element.findall("{*}dateIssued"):
            yield from tree.say("publication_date", stating.date(text(inner)), inner)
        for inner in element.findall("{*}dateCreated"):
            yield from tree.say("dates", {"date": stating.date(text(inner)), "type": "Created"}, inner)


def _mods_name(tree: Tree, element: Any) -> Iterator[Evidence]:
    parts = {part.get("type", ""): text(part) for part in element.findall("{*}namePart")}
    orcid = " ".join(text(n) for n in element.findall("{*}nameIdentifier"))
    homes = [text(a) for a in element.findall("{*}affiliation")]
    corporate = element.get("type") in ("corporate", "conference")
    who = stating.person(parts.get("", ""), given=parts.get("given", ""), family=parts.get("family", ""), orcid=orcid, affiliations=homes,
        organisation=corporate)  # fmt: skip
    roles = {text(r).lower() for r in element.iter("{*}roleTerm")}
    place = first_words(element)
    if not who:
        return
    if not roles or roles & {"author", "aut", "creator", "cre"}:
        yield from tree.say("creators", who, place)
    else:
        spelt = {"ths": "Supervisor", "thesis advisor": "Supervisor", "edt": "Editor", "fnd": "Sponsor", "funder": "Sponsor",
            "dtm": "DataManager", "res": "Researcher", "trl": "Translator", "ctb": "Other"}  # fmt: skip
        found = next((spelt[r] for r in sorted(roles) if r in spelt), None)
        yield from tree.say("contributors", {**who, "role": found or stating.role(min(roles))}, place)


# ---- JPCOAR


@reads("application/x-jpcoar+xml", version=1)
def read_jpcoar(file: File) -> Iterator[Evidence]:
    """What a JPCOAR or junii2 record says; in JPCOAR a creator's Japanese name is taken before the others."""
    tree = placing.tree(file, "jpcoar/1")
    for element in tree.root.iter():
        if isinstance(element.tag, str):
            tag = local(element)
            if "jpcoar" in str(element.tag).lower() or tag in _SHARED:
                yield from _jpcoar(tree, element, tag)
            if "junii2" in str(element.tag):
                yield from _junii2(tree, element, tag)


_SHARED = frozenset({"title", "alternative", "rights", "description", "publisher", "date", "language", "version", "geoLocationPlace",
    "geoLocationBox", "type"})  # fmt: skip
_OUTSIDE = frozenset({"relation", "conference", "file"})


def _jpcoar(tree: Tree, element: Any, tag: str) -> Iterator[Evidence]:
    parent = element.getparent()
    if "junii2" in str(element.tag) or (parent is not None and local(parent) in _OUTSIDE):
        return
    said, lang = text(element), lang_of(element)
    if tag in ("title", "alternative"):
        kind = "AlternativeTitle" if tag == "alternative" else None
        yield from tree.say("titles", {"text": said, "lang": lang, "type": kind}, element)
    elif tag in ("creator", "contributor"):
        who, place = _jpcoar_person(element)
        extra = {"role": stating.role(element.get("contributorType"))} if tag == "contributor" else {}
        yield from tree.say(f"{tag}s", {**who, **extra} if who else {}, place)
    elif tag == "rights":
        yield from tree.say("rights", stating.rights(said, element.get(_RESOURCE)), element)
    elif tag == "subject":
        value = {
            "text": said,
            "lang": lang,
            "scheme": element.get("subjectScheme"),
            "value_uri": element.get("subjectURI"),
        }
        yield from tree.say(
            "subjects", {**value, "scheme": None if value["scheme"] == "Other" else value["scheme"]}, element
        )
    elif tag == "description":
        value = {"text": stating.prose(said), "lang": lang, "type": element.get("descriptionType")}
        yield from tree.say("descriptions", value, element)
    elif tag == "publisher":
        yield from tree.say("publisher", {"name": said, "lang": lang}, element)
    elif tag == "date":
        yield from tree.say("dates", {"date": stating.period(said), "type": element.get("dateType")}, element)
        if element.get("dateType") == "Issued":
            yield from tree.say("publication_date", stating.date(said), element)
    elif tag == "language":
        yield from tree.say("languages", stating.language(said.lower()), element)
    elif tag == "version" and not element.get(_RESOURCE):
        yield from tree.say("version", said, element)
    elif tag in ("identifier", "identifierRegistration") and (doi := stating.doi_of(said)):
        yield from tree.say("alternate_identifiers", {"identifier": doi, "type": "DOI"}, element)
    elif tag == "relation":
        link = element.find("{*}relatedIdentifier")
        relation = element.get("relationType", "")
        relation = relation[:1].upper() + relation[1:]
        title = text(element.find("{*}relatedTitle"))
        yield from tree.say(
            "related", stating.related(text(link), relation, title=title), element if link is None else link
        )
    elif tag == "fundingReference":
        yield from _jpcoar_funding(tree, element)
    elif tag == "geoLocationPlace":
        yield from tree.say("locations", {"place": said}, element)
    elif tag == "geoLocationBox":
        edges = [text(element.find(f"{{*}}{side}")) for side in ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")]  # fmt: skip
        yield from tree.say("locations", {"box": stating.box(*edges)}, first_words(element))


def _jpcoar_person(element: Any) -> tuple[dict[str, JSON], Any]:
    """A person by the name in Japanese where there is one, with where it stands."""
    names = [*element.findall("{*}creatorName"), *element.findall("{*}contributorName")]
    if not names:
        return {}, element
    named = next((name for name in names if (lang_of(name) or "") == "ja"), names[0])
    same = lang_of(named)
    parts = [
        next((text(e) for e in element.findall(f"{{*}}{t}") if lang_of(e) == same), "")
        for t in ("givenName", "familyName")
    ]
    identifiers = " ".join(f"{text(n)} {n.get('nameIdentifierURI', '')}" for n in element.findall("{*}nameIdentifier"))
    homes = [a.findall("{*}affiliationName") for a in element.findall("{*}affiliation")]
    chosen = [next((text(n) for n in home if lang_of(n) == same), text(home[0])) for home in homes if home]
    who = stating.person(text(named), given=parts[0], family=parts[1], orcid=identifiers, affiliations=chosen,
        organisation=named.get("nameType") == "Organizational", ror=identifiers)  # fmt: skip
    others = [{"name": text(name), "lang": lang_of(name)} for name in names if name is not named and text(name)]
    return who | ({"lang": same, "other_names": others} if who and same else {}), named


def _jpcoar_funding(tree: Tree, element: Any) -> Iterator[Evidence]:
    def chosen(tag: str) -> Any:
        found = element.findall(f"{{*}}{tag}")
        return next((e for e in found if lang_of(e) == "ja"), found[0] if found else None)

    funder, award, title, key = (chosen(t) for t in ("funderName", "awardNumber", "awardTitle", "funderIdentifier"))
    value = {"funder": text(funder), "funder_id": text(key), "award": text(award), "award_title": text(title),
        "award_uri": award.get("awardURI") if award is not None else None}  # fmt: skip
    yield from tree.say("funding", value, element if funder is None else funder)


# ---- junii2

_JUNII2: Mapping[str, tuple[str, JSON]] = {
    "title": ("titles", {}), "alternative": ("titles", {"type": "AlternativeTitle"}),
    "description": ("descriptions", {"type": "Abstract"}), "subject": ("subjects", {}), "NDC": ("subjects", {"scheme": "NDC"}),
    "NDLC": ("subjects", {"scheme": "NDLC"}),
}  # fmt: skip


def _junii2(tree: Tree, element: Any, tag: str) -> Iterator[Evidence]:
    said, lang = text(element), lang_of(element)
    if tag in _JUNII2:
        field, more = _JUNII2[tag]
        yield from tree.say(field, {"text": said, "lang": lang, **more}, element)
    elif tag == "creator":
        yield from tree.say("creators", stating.person(said), element)
    elif tag == "contributor":
        yield from tree.say("contributors", {**stating.person(said), "role": "Other"}, element)
    elif tag == "publisher":
        yield from tree.say("publisher", {"name": said, "lang": lang}, element)
    elif tag == "dateofissued":
        yield from tree.say("publication_date", stating.date(said), element)
    elif tag == "language":
        yield from tree.say("languages", stating.language(said.lower()), element)
    elif tag == "rights":
        yield from tree.say("rights", stating.rights(said), element)
    elif tag in ("selfDOI", "doi") and (doi := stating.doi_of(re.sub(r"^info:doi/", "", said))):
        yield from tree.say("alternate_identifiers", {"identifier": doi, "type": "DOI"}, element)
    elif tag in ("spatial", "NIIspatial"):
        yield from tree.say("locations", {"place": said}, element)

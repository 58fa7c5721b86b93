"""Metadata of maps and of the Earth in XML: ISO 19115, FGDC, NASA's granule metadata.

Sources: ISO 19115:2003 as ISO/TS 19139 writes it and ISO 19115-1:2014 as ISO/TS 19115-3 does; FGDC-STD-001-1998 (CSDGM);
the ECS Science Data Model (EOSDIS), whose product DOI stands in the additional attribute ``identifier_product_doi``.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import placing, stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.metadata_xml import first_words
from shirushi.describe.readers.placing import Tree
from shirushi.describe.readers.safe_xml import local, text

MOST_VARIABLES = 2_000
_ROLES: Mapping[str, str] = {
    "pointofcontact": "ContactPerson", "owner": "RightsHolder", "rightsholder": "RightsHolder", "custodian": "DataCurator",
    "distributor": "Distributor", "sponsor": "Sponsor", "funder": "Sponsor", "editor": "Editor", "coauthor": "Researcher",
    "collaborator": "Researcher",
}  # fmt: skip
_AUTHORS = frozenset({"author", "originator", "principalinvestigator"})
_ISO_DATES: Mapping[str, str] = {
    "creation": "Created", "publication": "Issued", "revision": "Updated", "released": "Available", "lastupdate": "Updated",
}  # fmt: skip


# ---- ISO 19115


@reads("application/x-iso19139+xml", version=1)
def read_iso(file: File) -> Iterator[Evidence]:
    """What an ISO 19115 record says of the resource it describes; of the record itself and its keepers nothing."""
    tree = placing.tree(file, "iso19115/1")
    parts = tree.root.findall(".//{*}identificationInfo/*")[:20]
    for part in parts:
        citation = part.find("{*}citation/{*}CI_Citation")
        if citation is not None:
            yield from _iso_citation(tree, citation)
        for tag, kind in (("abstract", "Abstract"), ("purpose", "Other")):
            for element in part.findall(f"{{*}}{tag}"):
                value = {"text": stating.prose(_said(element)), "type": kind}
                yield from tree.say("descriptions", value, first_words(element))
        for element in part.findall("{*}pointOfContact/*"):
            yield from _iso_party(tree, element, "pointofcontact")
        for keywords in part.iter("{*}MD_Keywords"):
            scheme = text(keywords.find("{*}thesaurusName/*/{*}title"))
            for element in keywords.findall("{*}keyword"):
                yield from tree.say("subjects", {"text": _said(element), "scheme": scheme}, first_words(element))
        for element in part.findall("{*}language") + part.findall("{*}defaultLocale/*/{*}language"):
            yield from tree.say("languages", stating.language(_code(element).lower()), first_words(element))
        yield from _iso_rights(tree, part)
        yield from _iso_extent(tree, part)
    for element in tree.root.iter("{*}statement"):
        if element.getparent() is not None and local(element.getparent()) == "LI_Lineage":
            value = {"text": stating.prose(_said(element)), "type": "Methods"}
            yield from tree.say("descriptions", value, first_words(element))


def _said(element: Any) -> str:
    """The words of an ISO property, of its first language where it has several (``PT_FreeText``)."""
    own = None if element is None else element.find("{*}CharacterString")
    return text(own) if own is not None and text(own) else text(element)


def _code(element: Any) -> str:
    """The value of a code list, or the words in its place."""
    for inner in () if element is None else element.iter():
        if isinstance(inner.tag, str) and inner.get("codeListValue"):
            return str(inner.get("codeListValue"))
    return _said(element)


def _iso_citation(tree: Tree, citation: Any) -> Iterator[Evidence]:
    for tag, kind in (("title", None), ("alternateTitle", "AlternativeTitle")):
        for element in citation.findall(f"{{*}}{tag}"):
            yield from tree.say("titles", {"text": _said(element), "type": kind}, first_words(element))
    for element in citation.findall("{*}date/{*}CI_Date"):
        when, kind = element.find("{*}date"), _code(element.find("{*}dateType")).lower()
        if when is not None and kind in _ISO_DATES:
            found = stating.date(text(when))
            yield from tree.say("dates", {"date": found, "type": _ISO_DATES[kind]}, first_words(when))
            if kind == "publication":
                yield from tree.say("publication_date", found, first_words(when))
    for element in citation.findall("{*}edition"):
        yield from tree.say("version", _said(element), first_words(element))
    for element in citation.findall("{*}identifier//{*}code"):
        doi = stating.doi_of(text(element))
        yield from tree.say(
            "alternate_identifiers", {"identifier": doi, "type": "DOI"} if doi else {}, first_words(element)
        )
    for element in citation.findall("{*}citedResponsibleParty/*"):
        yield from _iso_party(tree, element, "")


def _iso_party(tree: Tree, element: Any, otherwise: str) -> Iterator[Evidence]:
    """A responsible party by its role: an author, the publisher, or somebody who contributed."""
    role = re.sub(r"[\s_-]", "", _code(element.find("{*}role")).lower()) or otherwise
    person, organisation = element.find("{*}individualName"), element.find("{*}organisationName")
    if local(element) == "CI_Responsibility":
        person = next((i.find("{*}name") for i in element.iter("{*}CI_Individual")), None)
        organisation = next((o.find("{*}name") for o in element.iter("{*}CI_Organisation")), None)
    named = person if text(person) else organisation
    if named is None or not text(named):
        return
    home = _said(organisation)
    if named is person:
        links = " ".join(text(e) for e in element.iter("{*}code", "{*}URL", "{*}Anchor"))
        who = stating.person(_said(person), orcid=links, affiliations=[home] if home else [])
    else:
        who = stating.person(home, organisation=True)
    place = first_words(named)
    if role in _AUTHORS:
        yield from tree.say("creators", who, place)
    elif role == "publisher":
        yield from tree.say("publisher", {"name": home or _said(named)}, place)
    else:
        yield from tree.say("contributors", {**who, "role": _ROLES.get(role, "Other")}, place)


def _iso_rights(tree: Tree, part: Any) -> Iterator[Evidence]:
    for limits in part.iter("{*}MD_LegalConstraints"):
        for element in limits.findall("{*}otherConstraints") + limits.findall("{*}useLimitation"):
            links = [
                v for e in element.iter() if isinstance(e.tag, str) for k, v in e.attrib.items() if k.endswith("href")
            ]
            said = _said(element)
            if said and said.lower() not in ("none", "unknown", "no limitations"):
                yield from tree.say("rights", stating.rights(said, links[0] if links else None), first_words(element))


def _iso_extent(tree: Tree, part: Any) -> Iterator[Evidence]:
    for extent in part.iter("{*}EX_Extent"):
        named = extent.find("{*}geographicElement/{*}EX_GeographicDescription/{*}geographicIdentifier/*/{*}code")
        named = named if named is not None else extent.find("{*}description")
        said = _said(named)[:500]
        boxes = list(extent.iter("{*}EX_GeographicBoundingBox"))
        for element in boxes:
            edges = [text(element.find(f"{{*}}{edge}")) for edge in _ISO_EDGES]
            yield from tree.say("locations", {"place": said, "box": stating.box(*edges)}, first_words(element))
        if said and not boxes:
            yield from tree.say("locations", {"place": said}, first_words(named))
        for element in extent.iter("{*}TimePeriod"):
            begin, end = (
                next(element.iter(f"{{*}}{name}Position"), element.find(f"{{*}}{name}//{{*}}timePosition"))
                for name in ("begin", "end")
            )
            found = stating.period(text(begin), text(end))
            value = {"date": found, "type": "Coverage"}
            yield from tree.say("dates", value if found else {}, element if begin is None else begin)


_ISO_EDGES = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")


# ---- FGDC


@reads("application/x-fgdc+xml", version=1)
def read_fgdc(file: File) -> Iterator[Evidence]:
    """What FGDC metadata say of the data, and the attributes of its tables as variables."""
    tree = placing.tree(file, "fgdc/1")
    info = tree.root.find("{*}idinfo")
    if info is None:
        return
    cited = info.find("{*}citation/{*}citeinfo")
    for element in () if cited is None else cited:
        if isinstance(element.tag, str):
            yield from _fgdc_citation(tree, element)
    for element in info.findall("{*}descript/{*}abstract"):
        value = {"text": stating.prose(element.text or ""), "type": "Abstract"}
        yield from tree.say("descriptions", value, element)
    for element in info.iter("{*}themekey"):
        scheme = text(element.getparent().find("{*}themekt"))
        value = {"text": text(element), "scheme": "" if scheme.lower() in ("none", "n/a") else scheme}
        yield from tree.say("subjects", value, element)
    for element in info.findall("{*}useconst"):
        if text(element).lower().rstrip(".") not in ("none", "n/a", "unknown"):
            yield from tree.say("rights", stating.rights(text(element)), element)
    for element in info.findall("{*}ptcontac/{*}cntinfo"):
        person, home = next(element.iter("{*}cntper"), None), next(element.iter("{*}cntorg"), None)
        who = (
            stating.person(text(person), affiliations=[text(home)])
            if text(person)
            else stating.person(text(home), organisation=True)
        )
        named = person if text(person) else home
        yield from tree.say(
            "contributors", {**who, "role": "ContactPerson"} if who else {}, element if named is None else named
        )
    yield from _fgdc_extent(tree, info)
    yield from _fgdc_variables(tree)


def _fgdc_date(element: Any) -> str | None:
    """FGDC writes ``20240229``, ``202402`` or ``2024``; ``Present`` and ``Unknown`` are no dates."""
    said = text(element)
    parts = re.fullmatch(r"(\d{4})-?(\d{2})?-?(\d{2})?", said)
    return stating.date("-".join(part for part in parts.groups() if part)) if parts else None


def _fgdc_citation(tree: Tree, element: Any) -> Iterator[Evidence]:
    tag, said = local(element), text(element)
    if tag == "title":
        yield from tree.say("titles", {"text": said}, element)
    elif tag == "origin":
        yield from tree.say("creators", stating.person(said), element)
    elif tag == "pubdate":
        yield from tree.say("publication_date", _fgdc_date(element), element)
    elif tag == "edition":
        yield from tree.say("version", said, element)
    elif tag == "pubinfo":
        for publisher in element.findall("{*}publish"):
            yield from tree.say("publisher", {"name": text(publisher)}, publisher)
    elif tag == "onlink" and (doi := stating.doi_of(said)):
        yield from tree.say("alternate_identifiers", {"identifier": doi, "type": "DOI"}, element)


def _fgdc_extent(tree: Tree, info: Any) -> Iterator[Evidence]:
    for element in info.findall("{*}spdom/{*}bounding"):
        edges = [text(element.find(f"{{*}}{edge}bc")) for edge in ("west", "south", "east", "north")]
        yield from tree.say("locations", {"box": stating.box(*edges)}, first_words(element))
    for element in info.iter("{*}placekey"):
        yield from tree.say("locations", {"place": text(element)}, element)
    for time in info.findall("{*}timeperd/{*}timeinfo"):
        begin, end, single = (next(time.iter(f"{{*}}{tag}"), None) for tag in ("begdate", "enddate", "caldate"))
        if begin is not None and (start := _fgdc_date(begin)):
            stop = _fgdc_date(end) or ".."
            yield from tree.say(
                "dates", {"date": f"{start}/{stop}" if start != stop else start, "type": "Coverage"}, begin
            )
        elif single is not None:
            yield from tree.say("dates", {"date": _fgdc_date(single), "type": "Coverage"}, single)


def _fgdc_variables(tree: Tree) -> Iterator[Evidence]:
    left = MOST_VARIABLES
    for table in tree.root.findall("{*}eainfo/{*}detailed"):
        file = text(table.find("{*}enttyp/{*}enttypl"))
        for element in table.findall("{*}attr"):
            if (left := left - 1) < 0:
                return
            name, domain = element.find("{*}attrlabl"), element.find("{*}attrdomv/{*}rdom")
            said = {
                tag: text(domain.find(f"{{*}}{tag}")) if domain is not None else ""
                for tag in ("rdommin", "rdommax", "attrunit")
            }
            value = {"name": text(name), "file": file, "description": text(element.find("{*}attrdef")), "unit": said["attrunit"],
                "minimum": number(said["rdommin"]), "maximum": number(said["rdommax"])}  # fmt: skip
            yield from tree.say("variables", value, element if name is None else name)


def number(said: str) -> float | None:
    """A number as written, or None for any other word."""
    return float(said) if re.fullmatch(r"[-+]?\d{1,20}(?:\.\d{0,20})?(?:[eE][-+]?\d{1,2})?", said) else None


# ---- NASA's granule metadata


@reads("application/x-ecs+xml", version=1)
def read_granule(file: File) -> Iterator[Evidence]:
    """What an ECS granule record says: the product and its DOI, the time, the outline, the instrument."""
    tree = placing.tree(file, "ecs-xml/1")
    for element in tree.root.iter("{*}PSA"):
        value = element.find("{*}PSAValue")
        if text(element.find("{*}PSAName")).lower() == "identifier_product_doi" and value is not None:
            yield from tree.say("related", stating.related(text(value), "IsDerivedFrom", kind="Dataset"), value)
    for element in tree.root.iter("{*}CollectionMetaData"):
        short = element.find("{*}ShortName")
        if short is not None:
            yield from tree.say("subjects", {"text": text(short), "scheme": "ECS ShortName"}, short)
    for element in tree.root.iter("{*}RangeDateTime"):
        begin = element.find("{*}RangeBeginningDate")
        found = stating.period(text(begin), text(element.find("{*}RangeEndingDate")))
        yield from tree.say(
            "dates", {"date": found, "type": "Coverage"} if found else {}, element if begin is None else begin
        )
    for element in tree.root.iter("{*}GPolygon"):
        yield from tree.say("locations", _outline(element), first_words(element))
    for element in tree.root.iter("{*}Instrument"):
        name = element.find("{*}InstrumentShortName")
        if name is not None:
            yield from tree.say("instruments", {"name": text(name)}, name)


def _outline(element: Any) -> dict[str, JSON]:
    """The box around a polygon, unless it may cross the 180th meridian (then its edges say nothing plain)."""
    east = [number(text(e)) for e in element.iter("{*}PointLongitude")]
    north = [number(text(e)) for e in element.iter("{*}PointLatitude")]
    xs, ys = [x for x in east if x is not None], [y for y in north if y is not None]
    if len(xs) < 3 or len(xs) != len(ys) or max(xs) - min(xs) > 180:
        return {}
    return {"box": stating.box(min(xs), min(ys), max(xs), max(ys))}

"""A Work from DataCite XML (kernel 3 and 4), as strangers write it: what is not understood is named, never fatal."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args

from lxml import etree
from pydantic import ValidationError

from shirushi.exchange.common import ACCESS, COAR_ACCESS, ROR_ID, UNKNOWN_CODES
from shirushi.exchange.errors import NotReadable
from shirushi.exchange.licences import LICENCES, SPDX, licence
from shirushi.exchange.xmltools import XML_LANG, parse
from shirushi.metadata.vocabularies import ResourceTypeGeneral
from shirushi.metadata.work import (
    Access,
    Affiliation,
    AlternateIdentifier,
    Box,
    Contributor,
    Creator,
    DateEntry,
    DescriptionText,
    Funding,
    Instrument,
    Location,
    Part,
    Publisher,
    Related,
    ResourceType,
    Rights,
    SoftwareUsed,
    Subject,
    Title,
    Work,
)

_NAMESPACE = re.compile(r"\{http://datacite\.org/schema/kernel-[34](?:\.\d)?\}resource")
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_DAY = re.compile(r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?")

P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that was left out: the element it stood in, and what is wrong with it."""

    element: str
    message: str


def from_xml(data: bytes) -> Work:
    """The metadata of a DataCite document; see :func:`read_xml` for what was left out.

    Raises:
        NotReadable: when it is not a safe, well-formed DataCite document.
    """
    return read_xml(data)[0]


def read_xml(data: bytes) -> tuple[Work, list[Problem]]:
    """The metadata of a DataCite document, and every value in it that a Work cannot hold.

    Raises:
        NotReadable: when it is not a safe, well-formed DataCite document.
    """
    root = parse(data)
    if not _NAMESPACE.fullmatch(str(root.tag)):
        raise NotReadable(f"the root element is {root.tag!r}, not the resource of DataCite's kernel 3 or 4")
    reader = _Reader(root)
    return reader.work(), reader.problems


# What a related item is (type and relation) when it tells what the data were made with
_TOOLS: Mapping[tuple[str | None, str | None], type[Part]] = {
    ("Instrument", "IsCollectedBy"): Instrument,
    ("Software", "IsCompiledBy"): SoftwareUsed,
}


def _access_term(address: str | None) -> str | None:
    """The access right that the address of a statement stands for, if it stands for one."""
    known = (address or "").strip()
    for label, (code, semantics) in ACCESS.items():
        if known in (f"{COAR_ACCESS}{code}", f"info:eu-repo/semantics/{semantics}"):
            return label
    return None


def _names(tools: Sequence[Instrument] | Sequence[SoftwareUsed]) -> set[str]:
    return {tool.identifier for tool in tools if tool.identifier}


def _tool(element: etree._Element) -> tuple[str | None, str | None]:
    return element.get("relatedItemType"), element.get("relationType")


@dataclass
class _Reader:
    root: etree._Element
    problems: list[Problem] = field(default_factory=list)

    def work(self) -> Work:
        values: dict[str, Any] = {
            "resource_type": self.resource_type(),
            "titles": self.each("titles", "title", self.title),
            "creators": self.each("creators", "creator", lambda e: self.agent(e, "creator")),
            "contributors": self.each("contributors", "contributor", lambda e: self.agent(e, "contributor")),
            "publisher": self.publisher(),
            "descriptions": self.each("descriptions", "description", self.description),
            "subjects": self.each("subjects", "subject", self.subject),
            "dates": self.each("dates", "date", self.date),
            "languages": self.languages(),
            "rights": self.each("rightsList", "rights", self.rights),
            "version": _text(self.find("version")),
            "alternate_identifiers": self.each("alternateIdentifiers", "alternateIdentifier", self.alternate),
            "instruments": (instruments := self.tools(Instrument, self.instrument)),
            "software": (software := self.tools(SoftwareUsed, self.software)),
            "related": self.related({*_names(instruments), *_names(software)}),
            "locations": self.each("geoLocations", "geoLocation", self.location),
            "funding": self.each("fundingReferences", "fundingReference", self.funding),
        }
        values["access"] = self.access(values["dates"])
        values["publication_date"] = self.publication_date(values["dates"])
        return self.made(Work, "resource", values) or Work()

    def find(self, name: str, within: etree._Element | None = None) -> etree._Element | None:
        return next(_named(self.root if within is None else within, name), None)

    def each(self, wrapper: str, name: str, read: Any) -> list[Any]:
        """The values of all elements ``name`` in ``wrapper`` that can be read, each once: two may differ only in what cannot."""
        holder = self.find(wrapper)
        found: list[Any] = []
        for element in _named(holder, name) if holder is not None else ():
            value = read(element)
            if value is not None and value not in found:
                found.append(value)
        return found

    def made(self, part: type[P], element: str, values: dict[str, Any]) -> P | None:
        """A part from what was read. A value that it refuses is left out and reported; so is the part if that is not enough."""
        values = {key: value for key, value in values.items() if value is not None}
        for _ in range(len(values) + 1):
            try:
                return part(**values)
            except ValidationError as error:
                first = error.errors()[0]
                where = str(first["loc"][0]) if first["loc"] else ""
                self.problems.append(Problem(element, f"{where}: {first['msg']}".lstrip(": ")))
                if values.pop(where, None) is None:
                    return None
        return None

    def resource_type(self) -> ResourceType:
        element = self.find("resourceType")
        if element is None:
            return ResourceType(general="Other")
        general = element.get("resourceTypeGeneral")
        if general not in get_args(ResourceTypeGeneral):
            self.problems.append(Problem("resourceType", f"resourceTypeGeneral {general!r} is not in DataCite 4.7"))
            general = "Other"
        values = {"general": general, "text": _text(element)}
        return self.made(ResourceType, "resourceType", values) or ResourceType(general="Other")

    def title(self, element: etree._Element) -> Title | None:
        text = _text(element)
        values = {"text": text, "lang": _lang(element), "type": element.get("titleType")}
        return self.made(Title, "title", values) if text else None

    def agent(self, element: etree._Element, role: str) -> Creator | None:
        """A creator or contributor; None for the codes that stand for nobody known."""
        named = self.find(f"{role}Name", element)
        name = _text(named)
        if named is None or not name:
            return None
        values = {
            "name": name,
            "name_type": named.get("nameType"),
            "lang": _lang(named),
            "given_name": _text(self.find("givenName", element)),
            "family_name": _text(self.find("familyName", element)),
            "affiliations": self.affiliations(element),
            **self.name_identifiers(element),
        }
        if values["name_type"] is None:
            values["name_type"] = "Organizational" if values.get("ror") else "Personal"
        if role == "creator":
            return self.made(Creator, role, values)
        return self.made(Contributor, role, {**values, "role": element.get("contributorType")})

    def name_identifiers(self, element: etree._Element) -> dict[str, str]:
        found = {}
        for identifier in _named(element, "nameIdentifier"):
            value = _text(identifier) or ""
            if orcid := _ORCID.search(value):
                found["orcid"] = orcid.group()
            elif ror := _ror(value):
                found["ror"] = ror
            else:
                scheme = identifier.get("nameIdentifierScheme")
                self.problems.append(Problem("nameIdentifier", f"{scheme} {value!r} is neither an ORCID iD nor a ROR"))
        return found

    def affiliations(self, element: etree._Element) -> list[Affiliation]:
        found = []
        for entry in _named(element, "affiliation"):
            values = {"name": _text(entry), "ror": _ror(entry.get("affiliationIdentifier") or "")}
            made = self.made(Affiliation, "affiliation", values) if values["name"] else None
            found += [made] if made else []
        return found

    def publisher(self) -> Publisher | None:
        element = self.find("publisher")
        name = _text(element)
        if element is None or not name:
            return None
        values = {"name": name, "ror": _ror(element.get("publisherIdentifier") or ""), "lang": _lang(element)}
        return self.made(Publisher, "publisher", values)

    def publication_date(self, dates: list[DateEntry]) -> str | None:
        """The full date that was issued in the year of publication, or just that year."""
        year = _text(self.find("publicationYear"))
        for entry in dates:
            first = next(day for day in entry.date.split("/") if day != "..")
            if entry.type == "Issued" and first[:4] == year:
                return first
        return year if year and re.fullmatch(r"\d{4}", year) else None

    def description(self, element: etree._Element) -> DescriptionText | None:
        for line_break in list(_named(element, "br")):
            line_break.tail = "\n" + (line_break.tail or "")
        text = "".join(str(part) for part in element.itertext()).strip()
        if not text or text in UNKNOWN_CODES:
            return None
        values = {"text": text, "lang": _lang(element), "type": element.get("descriptionType")}
        return self.made(DescriptionText, "description", values)

    def subject(self, element: etree._Element) -> Subject | None:
        values = {
            "text": _text(element),
            "lang": _lang(element),
            "scheme": element.get("subjectScheme"),
            "scheme_uri": element.get("schemeURI"),
            "value_uri": element.get("valueURI"),
            "code": element.get("classificationCode"),
        }
        return self.made(Subject, "subject", values) if values["text"] else None

    def date(self, element: etree._Element) -> DateEntry | None:
        value = edtf(_text(element) or "")
        if value is None:
            self.problems.append(Problem("date", f"{_text(element)!r} is not a date or a period"))
            return None
        kind = element.get("dateType")
        return self.made(
            DateEntry, "date", {"date": value, "type": kind, "information": element.get("dateInformation")}
        )

    def languages(self) -> list[str]:
        tag = _text(self.find("language"))
        match = re.fullmatch(r"([A-Za-z]{2,3})((?:-[A-Za-z0-9]{2,8})*)", tag or "")
        if tag and not match:
            self.problems.append(Problem("language", f"{tag!r} is not a BCP 47 language tag"))
        return [match[1].lower() + match[2]] if match else []

    def rights(self, element: etree._Element) -> Rights | None:
        """A licence or statement. The name and address that an SPDX identifier implies are not repeated."""
        identifier, text, address = element.get("rightsIdentifier"), _text(element), element.get("rightsURI")
        if _access_term(address):
            return None
        values = {"text": text, "uri": address, "lang": _lang(element)}
        if identifier and _is_spdx(element):
            known = licence(identifier)
            values["id"] = identifier
            values["text"] = None if text in {known.name, identifier} else text
            values["uri"] = None if address in {known.url, f"{SPDX}{identifier}.html"} else address
        elif identifier and not (text or address):
            values["text"] = identifier
        return self.made(Rights, "rights", values) if identifier or text or address else None

    def access(self, dates: list[DateEntry]) -> Access | None:
        """Who may have the files, where a term of COAR Access Rights or of OpenAIRE says it. An embargo whose end is not told as
        the day on which they become available is read as restricted: nothing is opened by mistake."""
        holder = self.find("rightsList")
        terms = [_access_term(e.get("rightsURI")) for e in _named(holder, "rights")] if holder is not None else []
        closed = [term for term in terms if term not in (None, "open access")]
        if not closed:
            return None
        days = [entry.date for entry in dates if entry.type == "Available" and len(entry.date) == len("2026-11-23")]
        if closed[0] == "embargoed access" and days:
            return Access(rights="embargoed", until=days[0])
        return Access(rights="restricted")

    def alternate(self, element: etree._Element) -> AlternateIdentifier | None:
        values = {"identifier": _text(element), "type": element.get("alternateIdentifierType")}
        return self.made(AlternateIdentifier, "alternateIdentifier", values)

    def related(self, tools: set[str]) -> list[Related]:
        """What it is related to, but the ``tools`` (by identifier) that are told of as instruments and software."""
        found: list[Related] = self.each("relatedIdentifiers", "relatedIdentifier", self.related_identifier)
        found = [
            each for each in found if each.identifier not in tools or (each.resource_type, each.relation) not in _TOOLS
        ]
        for item in self.each("relatedItems", "relatedItem", self.related_item):
            twin = next((r for r in found if (r.identifier, r.relation) == (item.identifier, item.relation)), None)
            if twin is None:
                found.append(item)
            else:
                twin.title = item.title
        return found

    def related_identifier(self, element: etree._Element) -> Related | None:
        values = {
            "identifier": _text(element),
            "scheme": element.get("relatedIdentifierType"),
            "relation": element.get("relationType"),
            "resource_type": element.get("resourceTypeGeneral"),
            "relation_information": element.get("relationTypeInformation"),
        }
        return self.made(Related, "relatedIdentifier", values) if values["identifier"] else None

    def tools(self, part: type[P], read: Any) -> list[P]:
        """The instruments or programs among the related items."""
        kind, relation = next(pair for pair, made in _TOOLS.items() if made is part)
        holder = self.find("relatedItems")
        items = _named(holder, "relatedItem") if holder is not None else ()
        found: list[P] = []
        for element in items:
            if _tool(element) == (kind, relation) and (made := read(element)) and made not in found:
                found.append(made)
        return found

    def titles_of(self, element: etree._Element) -> dict[str | None, str | None]:
        """The titles of a related item by their type; of several of one type the first."""
        holder = self.find("titles", element)
        found: dict[str | None, str | None] = {}
        for title in _named(holder, "title") if holder is not None else ():
            found.setdefault(title.get("titleType"), _text(title))
        return found

    def tool_identifier(self, element: etree._Element) -> str | None:
        return _text(self.find("relatedItemIdentifier", element))

    def instrument(self, element: etree._Element) -> Instrument | None:
        titles = self.titles_of(element)
        values = {
            "name": titles.get(None),
            "model": titles.get("AlternativeTitle"),
            "type": titles.get("Other"),
            "manufacturer": _text(next(element.iter("{*}creatorName"), None)),
            "serial_number": _text(self.find("number", element)),
            "identifier": self.tool_identifier(element),
        }
        return self.made(Instrument, "relatedItem", values)

    def software(self, element: etree._Element) -> SoftwareUsed | None:
        values = {
            "name": self.titles_of(element).get(None),
            "version": _text(self.find("edition", element)),
            "identifier": self.tool_identifier(element),
            "purpose": element.get("relationTypeInformation"),
        }
        return self.made(SoftwareUsed, "relatedItem", values)

    def related_item(self, element: etree._Element) -> Related | None:
        if _tool(element) in _TOOLS:
            return None
        identifier = self.find("relatedItemIdentifier", element)
        titles = self.find("titles", element)
        if identifier is None or not _text(identifier):
            self.problems.append(Problem("relatedItem", "it has no identifier, so it cannot be followed"))
            return None
        values = {
            "identifier": _text(identifier),
            "scheme": identifier.get("relatedItemIdentifierType"),
            "relation": element.get("relationType"),
            "resource_type": element.get("relatedItemType"),
            "relation_information": element.get("relationTypeInformation"),
            "title": _text(self.find("title", titles)) if titles is not None else None,
        }
        return self.made(Related, "relatedItem", values)

    def location(self, element: etree._Element) -> Location | None:
        values = {"place": _text(self.find("geoLocationPlace", element)), "box": self.box(element)}
        return self.made(Location, "geoLocation", values) if any(values.values()) else None

    def box(self, element: etree._Element) -> Box | None:
        """The box, the point as a box of no size, or the box around the polygons."""
        corners = self.find("geoLocationBox", element)
        if corners is not None:
            sides = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
            values = [_number(self.find(side, corners)) for side in sides]
            return self.made(Box, "geoLocationBox", dict(zip(("west", "south", "east", "north"), values, strict=True)))
        points = [*_named(element, "geoLocationPoint"), *element.iter("{*}polygonPoint")]
        around = [(_number(self.find("pointLongitude", p)), _number(self.find("pointLatitude", p))) for p in points]
        known = [(x, y) for x, y in around if x is not None and y is not None]
        if not known:
            return None
        longitudes, latitudes = [x for x, _ in known], [y for _, y in known]
        values_around = {
            "west": min(longitudes),
            "south": min(latitudes),
            "east": max(longitudes),
            "north": max(latitudes),
        }
        return self.made(Box, "geoLocation", values_around)

    def funding(self, element: etree._Element) -> Funding | None:
        award = self.find("awardNumber", element)
        values = {
            "funder": _text(self.find("funderName", element)),
            "funder_id": _text(self.find("funderIdentifier", element)),
            "award": _text(award),
            "award_uri": award.get("awardURI") if award is not None else None,
            "award_title": _text(self.find("awardTitle", element)),
        }
        return self.made(Funding, "fundingReference", values) if values["funder"] else None


def edtf(value: str) -> str | None:
    """A date or period of DataCite (RKMS-ISO8601, times of day, open ends) as EDTF level 0; None when it is neither."""
    ends = value.strip().split("/")
    if len(ends) > 2:
        return None
    days = [_DAY.fullmatch(end.strip()) for end in ends]
    if len(ends) == 1:
        return days[0].group(1) if days[0] else None
    open_end = {"", "..", "open", "unknown"}
    if not any(days) or any(day is None and end.strip() not in open_end for end, day in zip(ends, days, strict=True)):
        return None
    return "/".join(day.group(1) if day else ".." for day in days)


def _named(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return element.iterchildren(f"{{*}}{name}")


def _text(element: etree._Element | None) -> str | None:
    """The element's own text; None when it is absent, empty or one of the codes for an unknown value."""
    if element is None:
        return None
    text = "".join(str(part) for part in element.itertext()).strip()
    return text if text and text not in UNKNOWN_CODES else None


def _lang(element: etree._Element) -> str | None:
    tag = element.get(XML_LANG) or ""
    match = re.fullmatch(r"([A-Za-z]{2,3})((?:-[A-Za-z0-9]{2,8})*)", tag)
    return match[1].lower() + match[2] if match else None


def _ror(value: str) -> str | None:
    match = ROR_ID.search(value)
    return f"https://ror.org/{match.group(1)}" if match else None


def _number(element: etree._Element | None) -> float | None:
    try:
        return float(_text(element) or "")
    except ValueError:
        return None


def _is_spdx(element: etree._Element) -> bool:
    scheme = (element.get("rightsIdentifierScheme") or "").upper()
    return scheme == "SPDX" or SPDX in (element.get("schemeURI") or "") or element.get("rightsIdentifier") in LICENCES

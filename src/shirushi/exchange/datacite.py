"""DataCite 4.7 XML, both ways. Writing renders the attributes of :mod:`.datacite_json`; reading is in :mod:`.datacite_reading`."""

from typing import Any

from lxml import etree

from shirushi.exchange.common import UNAVAILABLE
from shirushi.exchange.datacite_json import KERNEL, attributes, identifier_and_type, to_json
from shirushi.exchange.datacite_reading import Problem, from_xml, read_xml
from shirushi.exchange.xmltools import child, legal, serialise, uri
from shirushi.metadata.published import Publication

__all__ = ["Problem", "from_xml", "read_xml", "to_json", "to_oai", "to_xml"]

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "https://schema.datacite.org/meta/kernel-4/metadata.xsd"
OAI = "http://schema.datacite.org/oai/oai-1.1/"
OAI_SCHEMA = f"{OAI}oai.xsd"
_LOCATION = f"{KERNEL} {SCHEMA}"

_OF_ITEM = ("relatedItemType", "relationType", "relationTypeInformation")

Values = dict[str, Any]


def to_xml(publication: Publication) -> bytes:
    """The record as a DataCite 4.7 document: always valid, with the standard codes where a required value is unknown."""
    return serialise(_document(publication))


def to_oai(publication: Publication) -> bytes:
    """The document in the wrapping in which DataCite and Zenodo give it to harvesters (``oai_datacite``)."""
    namespaces: Any = {None: OAI, "xsi": _XSI}
    root = etree.Element(f"{{{OAI}}}oai_datacite", nsmap=namespaces)
    root.set(f"{{{_XSI}}}schemaLocation", f"{OAI} {OAI_SCHEMA}")
    child(root, f"{{{OAI}}}schemaVersion", "4.7")
    if own := publication.identifier:
        child(root, f"{{{OAI}}}datacentreSymbol", own.value.partition("/")[0])
    child(root, f"{{{OAI}}}payload").append(_document(publication))
    return serialise(root)


def _document(publication: Publication) -> etree._Element:
    values = attributes(publication)
    namespaces: Any = {None: KERNEL, "xsi": _XSI}
    root = etree.Element("resource", nsmap=namespaces)
    root.set(f"{{{_XSI}}}schemaLocation", _LOCATION)
    identifier, scheme = identifier_and_type(publication)
    child(root, "identifier", identifier, identifierType=scheme)
    _people(root, "creator", values["creators"])
    for title in _wrapped(root, "titles", values):
        _said(title[0], "title", title[1], "title", titleType=title[1].get("titleType"))
    _publisher(root, values["publisher"])
    child(root, "publicationYear", values["publicationYear"])
    types = values["types"]
    child(root, "resourceType", types.get("resourceType"), resourceTypeGeneral=types["resourceTypeGeneral"])
    _optional(root, values)
    _namespace(root)
    return root


def _optional(root: etree._Element, values: Values) -> None:
    for parent, subject in _wrapped(root, "subjects", values):
        _subject(parent, subject)
    if "contributors" in values:
        _people(root, "contributor", values["contributors"])
    for parent, date in _wrapped(root, "dates", values):
        child(parent, "date", date["date"], dateType=date["dateType"], dateInformation=date.get("dateInformation"))
    if "language" in values:
        child(root, "language", values["language"])
    for parent, other in _wrapped(root, "alternateIdentifiers", values):
        kind = other["alternateIdentifierType"]
        child(parent, "alternateIdentifier", other["alternateIdentifier"], alternateIdentifierType=kind)
    for parent, related in _wrapped(root, "relatedIdentifiers", values):
        child(parent, "relatedIdentifier", related["relatedIdentifier"], **_without(related, "relatedIdentifier"))
    for parent, size in _wrapped(root, "sizes", values):
        child(parent, "size", size)
    for parent, media_type in _wrapped(root, "formats", values):
        child(parent, "format", media_type)
    if "version" in values:
        child(root, "version", values["version"])
    for parent, rights in _wrapped(root, "rightsList", values):
        _rights(parent, rights)
    for parent, text in _wrapped(root, "descriptions", values):
        _said(parent, "description", text, "description", descriptionType=text["descriptionType"])
    for parent, location in _wrapped(root, "geoLocations", values):
        _location(parent, location)
    for parent, funding in _wrapped(root, "fundingReferences", values):
        _funding(parent, funding)
    for parent, item in _wrapped(root, "relatedItems", values):
        _related_item(parent, item)


def _wrapped(root: etree._Element, name: str, values: Values) -> list[tuple[etree._Element, Any]]:
    """Each value of a list beside the wrapper element that holds them all; nothing where the list is absent."""
    if name not in values:
        return []
    wrapper = child(root, name)
    return [(wrapper, value) for value in values[name]]


def _without(values: Values, *keys: str) -> Values:
    return {key: value for key, value in values.items() if key not in keys}


def _said(parent: etree._Element, tag: str, values: Values, key: str, **attributes: str | None) -> None:
    """A text with its language; the code for "not available" when only control characters were given."""
    child(parent, tag, legal(values[key]).strip() or UNAVAILABLE, lang=values.get("lang"), **attributes)


def _people(root: etree._Element, role: str, people: list[Values]) -> None:
    wrapper = child(root, f"{role}s")
    for person in people:
        element = child(wrapper, role, contributorType=person.get("contributorType"))
        _said(element, f"{role}Name", person, "name", nameType=person.get("nameType"))
        for part in ("givenName", "familyName"):
            if part in person:
                child(element, part, person[part])
        for identifier in person.get("nameIdentifiers", []):
            scheme = identifier["nameIdentifierScheme"]
            value = identifier["nameIdentifier"]
            child(element, "nameIdentifier", value, nameIdentifierScheme=scheme, schemeURI=identifier["schemeUri"])
        for affiliation in person.get("affiliation", []):
            _said(element, "affiliation", affiliation, "name", **_affiliation(affiliation))


def _affiliation(values: Values) -> dict[str, str]:
    if "affiliationIdentifier" not in values:
        return {}
    return {
        "affiliationIdentifier": values["affiliationIdentifier"],
        "affiliationIdentifierScheme": values["affiliationIdentifierScheme"],
        "schemeURI": values["schemeUri"],
    }


def _publisher(root: etree._Element, values: Values) -> None:
    _said(
        root,
        "publisher",
        values,
        "name",
        publisherIdentifier=values.get("publisherIdentifier"),
        publisherIdentifierScheme=values.get("publisherIdentifierScheme"),
        schemeURI=values.get("schemeUri"),
    )


def _uri(values: Values, key: str) -> str | None:
    return uri(values[key]) if key in values else None


def _subject(parent: etree._Element, values: Values) -> None:
    _said(
        parent,
        "subject",
        values,
        "subject",
        subjectScheme=values.get("subjectScheme"),
        schemeURI=_uri(values, "schemeUri"),
        valueURI=_uri(values, "valueUri"),
        classificationCode=_uri(values, "classificationCode"),
    )


def _rights(parent: etree._Element, values: Values) -> None:
    child(
        parent,
        "rights",
        values.get("rights", ""),
        lang=values.get("lang"),
        rightsURI=_uri(values, "rightsUri"),
        rightsIdentifier=values.get("rightsIdentifier"),
        rightsIdentifierScheme=values.get("rightsIdentifierScheme"),
        schemeURI=values.get("schemeUri"),
    )


def _location(parent: etree._Element, values: Values) -> None:
    element = child(parent, "geoLocation")
    if "geoLocationPlace" in values:
        child(element, "geoLocationPlace", values["geoLocationPlace"])
    for shape in ("geoLocationPoint", "geoLocationBox"):
        if shape in values:
            corners = child(element, shape)
            for name, degrees in values[shape].items():
                child(corners, name, repr(float(degrees)))


def _funding(parent: etree._Element, values: Values) -> None:
    element = child(parent, "fundingReference")
    child(element, "funderName", legal(values["funderName"]).strip() or UNAVAILABLE)
    if "funderIdentifier" in values:
        kind = values["funderIdentifierType"]
        child(element, "funderIdentifier", values["funderIdentifier"], funderIdentifierType=kind)
    if "awardNumber" in values or "awardUri" in values:
        child(element, "awardNumber", values.get("awardNumber", ""), awardURI=_uri(values, "awardUri"))
    if "awardTitle" in values:
        child(element, "awardTitle", values["awardTitle"])


def _related_item(parent: etree._Element, values: Values) -> None:
    element = child(
        parent,
        "relatedItem",
        **{key: values[key] for key in _OF_ITEM if key in values},
    )
    if identifier := values.get("relatedItemIdentifier"):
        kind = identifier["relatedItemIdentifierType"]
        child(element, "relatedItemIdentifier", identifier["relatedItemIdentifier"], relatedItemIdentifierType=kind)
    for parent, creator in _wrapped(element, "creators", values):
        child(child(parent, "creator"), "creatorName", creator["name"], nameType=creator["nameType"])
    titles = child(element, "titles")
    for title in values["titles"]:
        child(titles, "title", title["title"], titleType=title.get("titleType"))
    if "number" in values:
        child(element, "number", values["number"], numberType=values["numberType"])
    if "edition" in values:
        child(element, "edition", values["edition"])


def _namespace(root: etree._Element) -> None:
    """Put every element into the kernel's namespace; names are written without it above, so that they can be read."""
    for element in root.iter():
        element.tag = f"{{{KERNEL}}}{element.tag}"

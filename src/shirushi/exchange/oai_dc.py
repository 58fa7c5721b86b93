"""Unqualified Dublin Core from a Publication, in the wrapping that OAI-PMH 2.0 asks of every repository."""

from lxml import etree

from shirushi.exchange.common import (
    access_address,
    best_url,
    issued,
    local_identifier,
    public_media_type,
    resolver_url,
    rights_name,
    rights_url,
    unique,
    version_links,
)
from shirushi.exchange.common import (
    identifier_url as address_of,
)
from shirushi.exchange.xmltools import child, legal, serialise
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Location

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_DC = "http://purl.org/dc/elements/1.1/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"

# DCMI Type Vocabulary, by DataCite's general resource type.
_DCMI_TYPES = {
    "Audiovisual": "MovingImage",
    "Collection": "Collection",
    "Dataset": "Dataset",
    "Event": "Event",
    "Image": "StillImage",
    "InteractiveResource": "InteractiveResource",
    "PhysicalObject": "PhysicalObject",
    "Service": "Service",
    "Software": "Software",
    "ComputationalNotebook": "Software",
    "Sound": "Sound",
}


def to_xml(publication: Publication) -> bytes:
    """The record as an ``oai_dc:dc`` document; each element as often as there are values."""
    root = etree.Element(f"{{{NAMESPACE}}}dc", nsmap={"oai_dc": NAMESPACE, "dc": _DC, "xsi": _XSI})
    root.set(f"{{{_XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    for name, text, lang in _values(publication):
        if legal(text).strip():
            child(root, f"{{{_DC}}}{name}", text, lang=lang)
    return serialise(root)


def _values(publication: Publication) -> list[tuple[str, str, str | None]]:
    """(element, text, language) in the order of the element set."""
    work = publication.work
    kind = work.resource_type
    found: list[tuple[str, str, str | None]] = [("title", title.text, title.lang) for title in work.titles]
    found += [("creator", creator.name, creator.lang) for creator in work.creators]
    found += [("subject", subject.text, subject.lang) for subject in work.subjects]
    found += [("description", text.text, text.lang) for text in work.descriptions]
    if work.publisher:
        found.append(("publisher", work.publisher.name, work.publisher.lang))
    found += [("contributor", contributor.name, contributor.lang) for contributor in work.contributors]
    found.append(("date", issued(publication), None))
    kinds = (_DCMI_TYPES.get(kind.general), kind.general, kind.text)
    found += [("type", word, None) for word in unique(word for word in kinds if word)]
    found += [("format", media, None) for media in unique(public_media_type(entry) for entry in publication.files)]
    found += [("identifier", value, None) for value in _identifiers(publication)]
    found += [("language", language, None) for language in work.languages]
    related = [resolver_url(other.identifier, other.scheme) or other.identifier for other in work.related]
    related += [address_of(identifier) for _relation, identifier in version_links(publication)]
    found += [("relation", address, None) for address in unique(related)]
    found += [("coverage", words, None) for location in work.locations if (words := _place(location))]
    found += [("coverage", entry.date, None) for entry in work.dates if entry.type == "Coverage"]
    found.append(("rights", access_address(publication), None))
    for rights in work.rights:
        said = unique(word for word in (rights_name(rights), rights_url(rights)) if word)
        found += [("rights", word, rights.lang if word == rights.text else None) for word in said]
    return found


def _identifiers(publication: Publication) -> list[str]:
    """Where it is found, then the names it has besides."""
    named = (best_url(publication), publication.url, local_identifier(publication))
    others = (other.identifier for other in publication.work.alternate_identifiers)
    return unique(value for value in (*named, *others) if value)


def _place(location: Location) -> str:
    """A place by name, else its box in the notation of DCMI Box."""
    if location.place or location.box is None:
        return location.place or ""
    box = location.box
    return f"northlimit={box.north}; southlimit={box.south}; westlimit={box.west}; eastlimit={box.east}"

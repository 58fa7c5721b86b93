"""DCAT 3 from a Publication, after the application profile of European portals (DCAT-AP 3): what data catalogues harvest.

Written as JSON-LD with its context inside, and as Turtle made from that. Every node has a name below the record's address, so that
the same record always gives the same bytes. The controlled lists that the profile asks for are the EU's (authority tables).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from shirushi.exchange.common import (
    access_of,
    best_url,
    compact,
    file_count,
    is_address,
    issued,
    local_identifier,
    public_media_type,
    registered_doi,
    resolver_url,
    rights_url,
    unique,
    version_links,
)
from shirushi.exchange.common import identifier_url as address_of
from shirushi.exchange.languages import iso_639_3
from shirushi.exchange.pieces import Each, Files, gathered, to_pieces
from shirushi.exchange.schema_org import first_day
from shirushi.exchange.xmltools import uri
from shirushi.metadata.published import FileEntry, Publication
from shirushi.metadata.work import Box, Creator, Location, Related, Subject

CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geosparql": "http://www.opengis.net/ont/geosparql#",
    "locn": "http://www.w3.org/ns/locn#",
    "org": "http://www.w3.org/ns/org#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_EU = "http://publications.europa.eu/resource/authority/"
_ACCESS = {"open": "PUBLIC", "embargoed": "NON_PUBLIC", "restricted": "RESTRICTED"}
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_MEDIA_TYPE = re.compile(r"[a-z]+/[A-Za-z0-9][A-Za-z0-9.+-]*")
_NOWHERE = "urn:shirushi:unpublished"
_RELATIONS = {
    "Cites": "dct:references",
    "HasPart": "dct:hasPart",
    "IsDerivedFrom": "dct:source",
    "IsPartOf": "dct:isPartOf",
    "IsReferencedBy": "dct:isReferencedBy",
    "IsSupplementTo": "dct:isReferencedBy",
    "References": "dct:references",
}

Node = dict[str, Any]


def to_json(publication: Publication) -> bytes:
    """The record as one JSON-LD object, compacted with :data:`CONTEXT`."""
    return json.dumps(document(publication), ensure_ascii=False, indent=2).encode()


def to_turtle(publication: Publication) -> bytes:
    from rdflib import Graph

    graph = Graph(bind_namespaces="none")
    for prefix, address in CONTEXT.items():
        graph.bind(prefix, address)
    graph.parse(data=to_json(publication), format="json-ld")
    return graph.serialize(format="turtle").encode()


def pieces(publication: Publication, files: Files) -> Iterator[bytes]:
    """The bytes of :func:`to_json` in pieces, for any number of files. What ``publication`` itself holds of them is not looked at."""
    distributions = Each(lambda: _distributions(publication, files))
    return to_pieces({"@context": CONTEXT, **_dataset(publication, distributions)})


def turtle_pieces(publication: Publication, files: Files) -> Iterator[bytes]:
    """The graph of :func:`to_turtle` in pieces: what is not of files as there, then each file by itself, as a graph of all of them would
    not fit into memory."""
    yield to_turtle(publication.model_copy(update={"files": []}))
    prefixes = "".join(f"@prefix {prefix}: <{address}> .\n" for prefix, address in CONTEXT.items())
    me = _me(publication)
    told = (
        f"\n<{me}> dcat:distribution <{node['@id']}> .\n{_turtle(node)}" for node in _distributions(publication, files)
    )
    yield f"\n{prefixes}".encode()
    yield from gathered(told)


def document(publication: Publication) -> Node:
    return {"@context": CONTEXT, **dataset(publication)}


def dataset(publication: Publication) -> Node:
    """The record as a ``dcat:Dataset``: in DCAT's sense that is whatever somebody published as one, of any kind."""
    return _dataset(publication, list(_distributions(publication, lambda: publication.files)))


def _dataset(publication: Publication, distributions: list[Node] | Each) -> Node:
    work = publication.work
    me = _me(publication)
    dates = {
        kind: next((entry.date for entry in work.dates if entry.type == kind), None) for kind in ("Created", "Updated")
    }
    values = {
        "@id": me,
        "@type": "dcat:Dataset",
        "dct:title": unique(_said(title.text, title.lang) for title in work.titles),
        "dct:description": unique(_said(text.text, text.lang) for text in work.descriptions)
        or unique(_said(title.text, title.lang) for title in work.titles),
        "dct:identifier": _identifier(publication),
        "dct:type": {"@id": f"{me}#type", "@type": "skos:Concept", "skos:prefLabel": work.resource_type.general},
        "dct:creator": [_agent(creator, f"{me}#creator-{n}") for n, creator in enumerate(work.creators, 1)],
        "dct:contributor": [_agent(other, f"{me}#contributor-{n}") for n, other in enumerate(work.contributors, 1)],
        "dct:publisher": _publisher(publication, me),
        "dct:issued": _date(issued(publication)),
        "dct:created": _date(dates["Created"]),
        "dct:modified": _date(dates["Updated"]),
        "dct:language": unique(
            {"@id": f"{_EU}language/{code.upper()}"} for tag in work.languages if (code := iso_639_3(tag))
        ),
        "dct:accessRights": {"@id": f"{_EU}access-right/{_access(publication)}", "@type": "dct:RightsStatement"},
        "dcat:keyword": unique(_said(subject.text, subject.lang) for subject in work.subjects),
        "dcat:theme": unique(_theme(subject) for subject in work.subjects if subject.value_uri),
        "dcat:landingPage": {"@id": uri(publication.url), "@type": "foaf:Document"} if publication.url else None,
        "dcat:version": work.version or str(publication.number),
        "dct:spatial": [_place(place, f"{me}#place-{n}") for n, place in enumerate(work.locations, 1)],
        "dct:temporal": [
            _period(entry.date, f"{me}#period-{n}")
            for n, entry in enumerate((entry for entry in work.dates if entry.type == "Coverage"), 1)
        ],
        "dcat:distribution": distributions,
        **_versions(publication),
    }
    for related in work.related:
        _relate(values, related)
    return compact(values)


def _me(publication: Publication) -> str:
    return uri(best_url(publication) or _NOWHERE)


def _identifier(publication: Publication) -> str | None:
    doi = registered_doi(publication)
    return f"https://doi.org/{doi}" if doi else publication.url or local_identifier(publication)


def _access(publication: Publication) -> str:
    rights = access_of(publication).rights
    return _ACCESS[rights] if file_count(publication) or rights != "open" else "NON_PUBLIC"


def _said(text: str, lang: str | None) -> Node | str:
    return {"@value": text, "@language": lang} if lang else text


def _date(edtf: str | None) -> Node | None:
    """A year, a month or a day with its datatype."""
    if edtf is None:
        return None
    day = first_day(edtf)
    kind = {4: "gYear", 7: "gYearMonth"}.get(len(day), "date")
    return {"@value": day, "@type": f"xsd:{kind}"}


def _agent(creator: Creator, name: str) -> Node:
    is_person = creator.name_type == "Personal"
    address = (f"https://orcid.org/{creator.orcid}" if creator.orcid else None) if is_person else creator.ror
    organisations = [
        compact({"@id": each.ror or f"{name}-of-{n}", "@type": "foaf:Organization", "foaf:name": each.name})
        for n, each in enumerate(creator.affiliations, 1)
    ]
    return compact(
        {
            "@id": address or name,
            "@type": "foaf:Person" if is_person else "foaf:Organization",
            "foaf:name": _said(creator.name, creator.lang),
            "foaf:givenName": creator.given_name if is_person else None,
            "foaf:familyName": creator.family_name if is_person else None,
            "org:memberOf": organisations,
        }
    )


def _publisher(publication: Publication, me: str) -> Node | None:
    held = publication.work.publisher
    if held is None:
        return None
    return {
        "@id": held.ror or f"{me}#publisher",
        "@type": "foaf:Organization",
        "foaf:name": _said(held.name, held.lang),
    }


def _theme(subject: Subject) -> Node:
    return {
        "@id": uri(subject.value_uri or ""),
        "@type": "skos:Concept",
        "skos:prefLabel": _said(subject.text, subject.lang),
    }


def _place(location: Location, name: str) -> Node:
    box = location.box
    return compact(
        {
            "@id": name,
            "@type": "dct:Location",
            "skos:prefLabel": location.place,
            "dcat:bbox": {"@value": _wkt(box), "@type": "geosparql:wktLiteral"} if box else None,
        }
    )


def _wkt(box: Box) -> str:
    """The box in WGS 84, longitude first; one across the antimeridian goes on beyond 180 degrees."""
    east = box.east if box.east >= box.west else box.east + 360
    corners = [
        (box.west, box.south),
        (east, box.south),
        (east, box.north),
        (box.west, box.north),
        (box.west, box.south),
    ]
    return f"POLYGON(({', '.join(f'{x} {y}' for x, y in corners)}))"


def _period(edtf: str, name: str) -> Node:
    start, _, end = edtf.partition("/")
    ends = {"dcat:startDate": start, "dcat:endDate": end or start}
    known = {key: _date(day) for key, day in ends.items() if day != ".."}
    return {"@id": name, "@type": "dct:PeriodOfTime", **known}


def _distributions(publication: Publication, files: Files) -> Iterator[Node]:
    me = _me(publication)
    licences = unique({"@id": uri(address)} for right in publication.work.rights if (address := rights_url(right)))
    page = uri(publication.ask_url or publication.url or me)
    has_url = publication.ask_url is None  # DCAT 3, 6.8.5: the page where access is got, and no downloadURL
    for n, entry in enumerate(files(), 1):
        yield _file(entry, f"{me}#file-{n}", page, licences, has_url=has_url)


def _file(entry: FileEntry, name: str, page: str, licences: list[Node], *, has_url: bool) -> Node:
    media_type = public_media_type(entry)
    url = uri(entry.url) if entry.url and has_url else None
    checksum = {
        "@id": f"{name}-sha256",
        "@type": "spdx:Checksum",
        "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
        "spdx:checksumValue": {"@value": entry.sha256, "@type": "xsd:hexBinary"},
    }
    is_known = _MEDIA_TYPE.fullmatch(media_type) is not None
    return compact(
        {
            "@id": url or name,
            "@type": "dcat:Distribution",
            "dct:title": entry.path,
            "dcat:accessURL": {"@id": url or page},
            "dcat:downloadURL": {"@id": url} if url else None,
            "dcat:byteSize": {"@value": str(entry.size), "@type": "xsd:nonNegativeInteger"},
            "dcat:mediaType": {"@id": _MEDIA_TYPES + media_type, "@type": "dct:MediaType"} if is_known else None,
            "dct:license": licences,
            "spdx:checksum": checksum if entry.sha256 else None,
        }
    )


def _turtle(node: Node) -> str:
    """A node of :func:`_file` and those in it that say something of their own, as Turtle."""
    inner: list[Node] = []
    kind = node.get("@type")
    said = [f"a {kind}"] if kind else []
    for key, value in node.items():
        if not key.startswith("@"):
            values = value if isinstance(value, list) else [value]
            said.append(f"{key} {', '.join(map(_object, values))}")
            inner += [one for one in values if isinstance(one, dict) and "@id" in one and len(one) > 1]
    text = " ;\n    ".join(said)
    return f"<{node['@id']}> {text} .\n" + "".join(map(_turtle, inner))


def _object(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # its escapes are Turtle's too (RDF 1.1 Turtle, 6.4)
    if "@id" in value:
        name = str(value["@id"])
        return name if name.startswith("spdx:") else f"<{name}>"
    return f"{json.dumps(value['@value'], ensure_ascii=False)}^^{value['@type']}"


def _versions(publication: Publication) -> Node:
    names = {"IsNewVersionOf": "dcat:previousVersion", "IsVersionOf": "dcat:isVersionOf"}
    return {names[relation]: {"@id": uri(address_of(other))} for relation, other in version_links(publication)}


def _relate(values: Node, related: Related) -> None:
    """Add a related work under its property; one that leads nowhere cannot be a node."""
    address = resolver_url(related.identifier, related.scheme)
    if address and is_address(address):
        name = _RELATIONS.get(related.relation, "dct:relation")
        values.setdefault(name, []).append({"@id": uri(address)})

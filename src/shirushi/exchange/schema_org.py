"""schema.org JSON-LD from a Publication: what search engines read in the head of a landing page.

The context is written out instead of linked, so that a reader without the network can expand it. Follows the guide of
science-on-schema.org for datasets (boxes as "south west north east", variables as PropertyValue).
"""

import json
from collections.abc import Iterator
from typing import Any

from shirushi.exchange.common import (
    access_label,
    access_of,
    best_url,
    compact,
    file_count,
    human_size,
    identifier_url,
    is_point,
    issued,
    public_media_type,
    registered,
    resolver_url,
    rights_name,
    rights_url,
    split_name,
    tool_url,
    total_size,
    unique,
    version_links,
)
from shirushi.exchange.pieces import Each, Files, to_pieces
from shirushi.metadata.published import FileEntry, Publication
from shirushi.metadata.work import (
    Affiliation,
    Box,
    Contributor,
    Creator,
    Funding,
    Instrument,
    Location,
    Related,
    SoftwareUsed,
    Subject,
    Variable,
    Work,
)

CONTEXT = {"@vocab": "https://schema.org/"}

Node = dict[str, Any]

# DataCite's general resource type → the schema.org type nearest to it; CreativeWork where there is none nearer.
TYPES = {
    "Audiovisual": "VideoObject",
    "Book": "Book",
    "BookChapter": "Chapter",
    "Collection": "Collection",
    "ComputationalNotebook": "SoftwareSourceCode",
    "ConferencePaper": "ScholarlyArticle",
    "DataPaper": "ScholarlyArticle",
    "Dataset": "Dataset",
    "Dissertation": "Thesis",
    "Event": "Event",
    "Image": "ImageObject",
    "Journal": "Periodical",
    "JournalArticle": "ScholarlyArticle",
    "OutputManagementPlan": "DigitalDocument",
    "PeerReview": "Review",
    "Poster": "Poster",
    "Preprint": "ScholarlyArticle",
    "Presentation": "PresentationDigitalDocument",
    "Report": "Report",
    "Software": "SoftwareSourceCode",
    "Sound": "AudioObject",
    "Text": "DigitalDocument",
    "Workflow": "HowTo",
}

# DataCite's relation → the schema.org property nearest to it. What is missing here is only mentioned.
RELATIONS = {
    "Cites": "citation",
    "HasPart": "hasPart",
    "HasTranslation": "workTranslation",
    "IsCitedBy": "subjectOf",
    "IsDerivedFrom": "isBasedOn",
    "IsDescribedBy": "subjectOf",
    "IsDocumentedBy": "subjectOf",
    "IsPartOf": "isPartOf",
    "IsPublishedIn": "isPartOf",
    "IsReferencedBy": "subjectOf",
    "IsReviewedBy": "subjectOf",
    "IsSupplementTo": "subjectOf",
    "IsTranslationOf": "translationOfWork",
    "IsVersionOf": "exampleOfWork",
    "References": "citation",
}

# DataCite's contributor role → the schema.org property that says as much; the others are contributors.
ROLES = {
    "Editor": "editor",
    "Producer": "producer",
    "RightsHolder": "copyrightHolder",
    "Sponsor": "sponsor",
    "Translator": "translator",
}


def to_json(publication: Publication) -> bytes:
    return json.dumps(document(publication), ensure_ascii=False, indent=2).encode()


def pieces(publication: Publication, entries: Files) -> Iterator[bytes]:
    """The bytes of :func:`to_json` in pieces, for any number of files but none, whose count and size ``publication`` tells."""
    downloads = Each(lambda: _downloads(publication, entries))
    return to_pieces({"@context": CONTEXT, **described(publication), **_holding(publication, downloads)})


def document(publication: Publication) -> Node:
    """The record as one JSON-LD object with its context."""
    return {"@context": CONTEXT, **described(publication), **files(publication)}


def described(publication: Publication) -> Node:
    """Everything about the record but its files: a node without a context."""
    work = publication.work
    url = best_url(publication)
    values: Node = {
        "@id": url,
        "@type": TYPES.get(work.resource_type.general, "CreativeWork"),
        "additionalType": work.resource_type.text,
        "name": work.title(),
        "alternateName": unique(title.text for title in work.titles if title.text != work.title()),
        "description": "\n\n".join(unique(text.text for text in _abstracts(work))),
        "url": publication.url or url,
        "identifier": _identifiers(publication),
        "creator": [agent(creator) for creator in work.creators],
        "publisher": _publisher(work),
        "datePublished": first_day(issued(publication)),
        "dateCreated": _day(work, "Created"),
        "dateModified": _day(work, "Updated"),
        "inLanguage": work.languages,
        "license": [rights_url(rights) or rights_name(rights) for rights in work.rights],
        "version": work.version,
        "keywords": [keyword(subject) for subject in work.subjects],
        "temporalCoverage": [entry.date for entry in work.dates if entry.type == "Coverage"],
        "spatialCoverage": [place(location) for location in work.locations],
        "variableMeasured": [variable(measured) for measured in work.variables],
        "measurementTechnique": unique(tool.type for tool in work.instruments if tool.type),
        "funding": [grant(funding) for funding in work.funding],
        **_access(publication),
        **_contributors(work),
    }
    _relate(values, publication)
    _made_with(values, work)
    return {key: _alone(value) for key, value in compact(values).items()}


def _access(publication: Publication) -> Node:
    """Whether the files are free for everybody, and if not what is asked of who wants them."""
    access = access_of(publication)
    if access.rights == "open":
        return {"isAccessibleForFree": True if file_count(publication) else None}
    until = f" until {access.until}" if access.until else ""
    asking = f"Ask for the files at {publication.ask_url}" if publication.ask_url else None
    conditions = [f"{access_label(publication)}{until}", access.note, asking]
    return {"isAccessibleForFree": False, "conditionsOfAccess": ". ".join(filter(None, conditions))}


def files(publication: Publication) -> Node:
    """The downloads of a Dataset; associated media of anything else. The checksum is schema.org's ``sha256``."""
    if not publication.files:
        return {}
    return _holding(publication, list(_downloads(publication, lambda: publication.files)))


def _holding(publication: Publication, entries: list[Node] | Each) -> Node:
    if publication.work.resource_type.general == "Dataset":
        return {"distribution": entries, "size": human_size(total_size(publication))}
    return {"associatedMedia": entries}


def _downloads(publication: Publication, entries: Files) -> Iterator[Node]:
    kind = "DataDownload" if publication.work.resource_type.general == "Dataset" else "MediaObject"
    return (download(entry, kind, has_url=publication.ask_url is None) for entry in entries())


def download(entry: FileEntry, kind: str, *, has_url: bool = True) -> Node:
    """A file; without an address for who would be turned away there."""
    return compact(
        {
            "@type": kind,
            "name": entry.path,
            "contentUrl": entry.url if has_url else None,
            "encodingFormat": public_media_type(entry),
            "contentSize": f"{entry.size} B",
            "sha256": entry.sha256,
        }
    )


def agent(creator: Creator) -> Node:
    """A Person or Organization, identified by ORCID iD or ROR where it has one."""
    family, given = split_name(creator)
    organisation = creator.name_type == "Organizational"
    orcid = f"https://orcid.org/{creator.orcid}" if creator.orcid else None
    identifier = creator.ror if organisation else orcid
    return compact(
        {
            "@type": "Organization" if organisation else "Person",
            "@id": identifier,
            "name": creator.name,
            "alternateName": _alone([form.name for form in creator.other_names]),
            "givenName": given,
            "familyName": family,
            "identifier": identifier,
            "affiliation": _alone([organization(affiliation) for affiliation in creator.affiliations]),
        }
    )


def organization(affiliation: Affiliation) -> Node:
    return compact(
        {"@type": "Organization", "@id": affiliation.ror, "name": affiliation.name, "identifier": affiliation.ror}
    )


def keyword(subject: Subject) -> str | Node:
    """The bare word, or a DefinedTerm when it belongs to a vocabulary."""
    if not (subject.scheme or subject.value_uri):
        return subject.text
    return compact(
        {
            "@type": "DefinedTerm",
            "@id": subject.value_uri,
            "name": subject.text,
            "termCode": subject.code,
            "inDefinedTermSet": subject.scheme_uri or subject.scheme,
        }
    )


def place(location: Location) -> Node:
    return compact({"@type": "Place", "name": location.place, "geo": _geometry(location.box) if location.box else None})


def variable(measured: Variable) -> Node:
    """One variable. Its file stands in the description, because schema.org has no place for it."""
    words = [measured.label, measured.description, f"({measured.file})" if measured.file else None]
    return compact(
        {
            "@type": "PropertyValue",
            "name": measured.name,
            "description": " ".join(word for word in words if word),
            "propertyID": measured.standard_name,
            "unitText": measured.unit,
            "minValue": measured.minimum,
            "maxValue": measured.maximum,
        }
    )


def grant(funding: Funding) -> Node:
    return compact(
        {
            "@type": "Grant",
            "@id": funding.award_uri,
            "identifier": funding.award,
            "name": funding.award_title,
            "url": funding.award_uri,
            "funder": compact({"@type": "Organization", "@id": funding.funder_id, "name": funding.funder}),
        }
    )


def instrument(tool: Instrument) -> Node:
    """An instrument as a product with its own serial number."""
    return compact(
        {
            "@type": "IndividualProduct",
            "@id": tool_url(tool.identifier),
            "name": tool.name,
            "category": tool.type,
            "model": tool.model,
            "serialNumber": tool.serial_number,
            "manufacturer": {"@type": "Organization", "name": tool.manufacturer} if tool.manufacturer else None,
            "identifier": tool.identifier,
        }
    )


def program(used: SoftwareUsed) -> Node:
    return compact(
        {
            "@type": "SoftwareApplication",
            "@id": tool_url(used.identifier),
            "name": used.name,
            "softwareVersion": used.version,
            "description": used.purpose,
            "identifier": used.identifier,
        }
    )


def _made_with(values: Node, work: Work) -> None:
    """Add what it was made with: an action that used the instruments and programs, as RO-Crate 1.2 tells of equipment; the
    programs that a program needs are its requirements."""
    tools = [instrument(tool) for tool in work.instruments]
    programs = [program(used) for used in work.software]
    if programs and values["@type"] == TYPES["Software"]:
        values["softwareRequirements"] = programs
        programs = []
    if tools or programs:
        action = {"@type": "CreateAction", "name": "Making of the data", "instrument": tools + programs}
        values.setdefault("mentions", []).append(action)


def first_day(edtf: str) -> str:
    """The start of a period, or its end when the start is open: schema.org's dates are single days, months or years."""
    return next(day for day in edtf.split("/") if day != "..")


def _abstracts(work: Work) -> list[Any]:
    return [text for text in work.descriptions if text.type == "Abstract"] or work.descriptions[:1]


def _day(work: Work, kind: str) -> str | None:
    return next((first_day(entry.date) for entry in work.dates if entry.type == kind), None)


def _identifiers(publication: Publication) -> list[Any]:
    found: list[Any] = []
    if own := publication.identifier:
        scheme, url = (own.scheme, identifier_url(own)) if registered(own) else (None, best_url(publication))
        found.append(compact({"@type": "PropertyValue", "propertyID": scheme, "value": own.value, "url": url}))
    found.extend(
        {"@type": "PropertyValue", "propertyID": other.type, "value": other.identifier}
        for other in publication.work.alternate_identifiers
    )
    return found


def _publisher(work: Work) -> Node | None:
    if work.publisher is None:
        return None
    return compact({"@type": "Organization", "@id": work.publisher.ror, "name": work.publisher.name})


def _contributors(work: Work) -> Node:
    found: dict[str, list[Node]] = {}
    for contributor in work.contributors:
        found.setdefault(_role(contributor), []).append(agent(contributor))
    return {role: _alone(agents) for role, agents in found.items()}


def _role(contributor: Contributor) -> str:
    return ROLES.get(contributor.role, "contributor")


def _geometry(box: Box) -> Node:
    if is_point(box):
        return {"@type": "GeoCoordinates", "latitude": box.south, "longitude": box.west}
    return {"@type": "GeoShape", "box": f"{box.south} {box.west} {box.north} {box.east}"}


def _relate(values: Node, publication: Publication) -> None:
    """Add the related works under their properties."""
    for related in publication.work.related:
        name = RELATIONS.get(related.relation, "mentions")
        values.setdefault(name, []).append(_work(related))
    for relation, identifier in version_links(publication):
        if relation == "IsVersionOf":
            concept = {"@type": "CreativeWork", "@id": identifier_url(identifier)}
            values.setdefault("exampleOfWork", []).append(concept)


def _work(related: Related) -> Node:
    url = resolver_url(related.identifier, related.scheme)
    kind = TYPES.get(related.resource_type or "", "CreativeWork")
    identifier = None if url else f"{related.scheme} {related.identifier}"
    return compact({"@type": kind, "@id": url, "name": related.title, "identifier": identifier})


def _alone(value: Any) -> Any:
    """The only value of a list by itself, as readers of schema.org expect."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value

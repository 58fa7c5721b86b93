"""DataCite's JSON (the ``attributes`` of its REST API) from a Publication. The XML in :mod:`.datacite` is made from it.

Source: DataCite Metadata Schema 4.7 (2026-03-03). What the schema has no place for is left out: variables, a second
language of the content, what a licence covers. Values that are required but unknown get the standard codes of its
appendix (``:unav``, ``:tba``).
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from shirushi.exchange.common import (
    CROSSREF_FUNDER,
    ROR_ID,
    TO_BE_ASSIGNED,
    UNAVAILABLE,
    access_address,
    access_label,
    access_of,
    best_url,
    compact,
    dates_of,
    file_count,
    human_size,
    is_point,
    issued,
    local_identifier,
    public_media_type,
    publication_year,
    registered,
    registered_doi,
    tools_related,
    total_size,
    unique,
    version_links,
)
from shirushi.exchange.licences import SPDX, licence
from shirushi.metadata.published import Publication
from shirushi.metadata.work import (
    Affiliation,
    Contributor,
    Creator,
    Funding,
    Instrument,
    Location,
    Related,
    Rights,
    SoftwareUsed,
    Subject,
    Work,
    bare_identifier,
    scheme_of,
)

KERNEL = "http://datacite.org/schema/kernel-4"
LOCAL = "Local"  # the type of an identifier that no agency knows
_DOI = re.compile(r"10\.\d{4,9}/\S+")


def to_json(publication: Publication) -> bytes:
    return json.dumps(attributes(publication), ensure_ascii=False, indent=2).encode()


def attributes(publication: Publication) -> dict[str, Any]:
    """The record as DataCite attributes: camelCase keys, nothing empty."""
    work = publication.work
    creators = [_creator(creator) for creator in work.creators]
    return compact(
        {
            **_identity(publication),
            "creators": creators or [{"name": UNAVAILABLE}],
            "titles": _titles(work) or [{"title": UNAVAILABLE}],
            "publisher": _publisher(work),
            "publicationYear": publication_year(publication),
            "types": compact(
                {"resourceTypeGeneral": work.resource_type.general, "resourceType": work.resource_type.text}
            ),
            "subjects": unique(_subject(subject) for subject in work.subjects),
            "contributors": [_contributor(contributor) for contributor in work.contributors],
            "dates": unique(_dates(publication)),
            "language": work.languages[0] if work.languages else None,
            "alternateIdentifiers": _alternate(publication),
            "relatedIdentifiers": unique(_related(related) for related in _all_related(publication)),
            "relatedItems": unique(
                [
                    *(_related_item(related) for related in work.related if related.title),
                    *(_instrument(tool) for tool in work.instruments),
                    *(_software(program) for program in work.software),
                ]
            ),
            "sizes": _sizes(publication),
            "formats": unique(public_media_type(entry) for entry in publication.files),
            "version": work.version,
            "rightsList": unique([*(_rights(rights) for rights in work.rights), *_access(publication)]),
            "descriptions": unique(
                compact({"description": text.text, "descriptionType": text.type, "lang": text.lang})
                for text in work.descriptions
            ),
            "geoLocations": unique(_location(location) for location in work.locations),
            "fundingReferences": unique(_funding(funding) for funding in work.funding),
            "schemaVersion": KERNEL,
        }
    )


def rkms_date(edtf: str) -> str:
    """An EDTF date in DataCite's notation, where the open end of a period is simply empty."""
    return edtf.replace("..", "")


def is_doi(value: str) -> bool:
    return _DOI.fullmatch(value) is not None


def _identity(publication: Publication) -> dict[str, Any]:
    doi = registered_doi(publication)
    return compact({"doi": doi if doi and is_doi(doi) else None, "url": publication.url})


def identifier_and_type(publication: Publication) -> tuple[str, str]:
    """The content and type of the XML's ``identifier``: the page's address while no agency knows an identifier, ``:tba`` while
    there is neither."""
    if own := registered(publication.identifier):
        return own.value, own.scheme
    address = best_url(publication)
    return (address, "URL") if address else (TO_BE_ASSIGNED, "DOI")


def _alternate(publication: Publication) -> list[dict[str, str]]:
    """Names it has elsewhere, and the one that only this installation knows."""
    known = [(other.identifier, other.type) for other in publication.work.alternate_identifiers]
    if own := local_identifier(publication):
        known.append((own, LOCAL))
    return unique({"alternateIdentifier": value, "alternateIdentifierType": kind} for value, kind in known)


def _titles(work: Work) -> list[dict[str, Any]]:
    return unique(compact({"title": title.text, "titleType": title.type, "lang": title.lang}) for title in work.titles)


def _creator(creator: Creator) -> dict[str, Any]:
    return compact(
        {
            "name": creator.name,
            "nameType": creator.name_type,
            "givenName": creator.given_name,
            "familyName": creator.family_name,
            "lang": creator.lang,
            "nameIdentifiers": _name_identifiers(creator),
            "affiliation": unique(_affiliation(affiliation) for affiliation in creator.affiliations),
        }
    )


def _contributor(contributor: Contributor) -> dict[str, Any]:
    return {**_creator(contributor), "contributorType": contributor.role}


def _name_identifiers(creator: Creator) -> list[dict[str, str]]:
    found = []
    if creator.orcid:
        found.append(_name_identifier(f"https://orcid.org/{creator.orcid}", "ORCID", "https://orcid.org"))
    if creator.ror:
        found.append(_name_identifier(creator.ror, "ROR", "https://ror.org"))
    return found


def _name_identifier(value: str, scheme: str, scheme_uri: str) -> dict[str, str]:
    return {"nameIdentifier": value, "nameIdentifierScheme": scheme, "schemeUri": scheme_uri}


def _affiliation(affiliation: Affiliation) -> dict[str, str]:
    if not affiliation.ror:
        return {"name": affiliation.name}
    return {
        "name": affiliation.name,
        "affiliationIdentifier": affiliation.ror,
        "affiliationIdentifierScheme": "ROR",
        "schemeUri": "https://ror.org",
    }


def _publisher(work: Work) -> dict[str, Any]:
    publisher = work.publisher
    if publisher is None:
        return {"name": UNAVAILABLE}
    ror = {"publisherIdentifier": publisher.ror, "publisherIdentifierScheme": "ROR", "schemeUri": "https://ror.org"}
    return compact({"name": publisher.name, "lang": publisher.lang, **(ror if publisher.ror else {})})


def _subject(subject: Subject) -> dict[str, Any]:
    return compact(
        {
            "subject": subject.text,
            "lang": subject.lang,
            "subjectScheme": subject.scheme,
            "schemeUri": subject.scheme_uri,
            "valueUri": subject.value_uri,
            "classificationCode": subject.code,
        }
    )


def _dates(publication: Publication) -> list[dict[str, Any]]:
    work = publication.work
    dates = [
        compact({"date": rkms_date(entry.date), "dateType": entry.type, "dateInformation": entry.information})
        for entry in dates_of(publication)
    ]
    says_more_than_the_year = len(issued(publication)) > len("2026")
    known = work.publication_date or publication.published_at
    if known and says_more_than_the_year and not any(entry.type == "Issued" for entry in work.dates):
        dates.append({"date": rkms_date(issued(publication)), "dateType": "Issued"})
    return dates


def _all_related(publication: Publication) -> list[Related]:
    """What the record names, the version before it, the concept that stands for all versions, and what it was made with."""
    links = list(publication.work.related)
    for relation, identifier in version_links(publication):
        values = {"identifier": identifier.value, "scheme": identifier.scheme, "relation": relation}
        links.append(Related.model_validate(values))
    return links + tools_related(publication.work)


def _related(related: Related) -> dict[str, Any]:
    return compact(
        {
            "relatedIdentifier": related.identifier,
            "relatedIdentifierType": related.scheme,
            "relationType": related.relation,
            "relationTypeInformation": related.relation_information,
            "resourceTypeGeneral": related.resource_type,
        }
    )


def _related_item(related: Related) -> dict[str, Any]:
    return compact(
        {
            "relatedItemType": related.resource_type or "Other",
            "relationType": related.relation,
            "relationTypeInformation": related.relation_information,
            "relatedItemIdentifier": {
                "relatedItemIdentifier": related.identifier,
                "relatedItemIdentifierType": related.scheme,
            },
            "titles": [{"title": related.title}],
        }
    )


def _instrument(tool: Instrument) -> dict[str, Any]:
    """An instrument as a related item. The maker is its creator, as PIDINST's mapping to DataCite has it; the serial number is
    its number; model and kind are further titles."""
    titles = [(tool.name, None), (tool.model, "AlternativeTitle"), (tool.type, "Other")]
    return compact(
        {
            "relatedItemType": "Instrument",
            "relationType": "IsCollectedBy",
            "relatedItemIdentifier": _tool_identifier(tool.identifier),
            "creators": [{"name": tool.manufacturer, "nameType": "Organizational"}] if tool.manufacturer else None,
            "titles": [compact({"title": text, "titleType": kind}) for text, kind in titles if text],
            "number": tool.serial_number,
            "numberType": "Other" if tool.serial_number else None,
        }
    )


def _software(program: SoftwareUsed) -> dict[str, Any]:
    """A program as a related item: its version is the edition."""
    return compact(
        {
            "relatedItemType": "Software",
            "relationType": "IsCompiledBy",
            "relationTypeInformation": program.purpose,
            "relatedItemIdentifier": _tool_identifier(program.identifier),
            "titles": [{"title": program.name}],
            "edition": program.version,
        }
    )


def _tool_identifier(identifier: str | None) -> dict[str, str] | None:
    scheme = scheme_of(identifier) if identifier else None
    if not identifier or not scheme:
        return None
    return {"relatedItemIdentifier": bare_identifier(identifier), "relatedItemIdentifierType": scheme}


def _sizes(publication: Publication) -> list[str]:
    count = file_count(publication)
    if not count:
        return []
    return [f"{count} file" if count == 1 else f"{count} files", human_size(total_size(publication))]


def _rights(rights: Rights) -> dict[str, Any]:
    known = licence(rights.id) if rights.id else None
    spdx = {"rightsIdentifier": rights.id, "rightsIdentifierScheme": "SPDX", "schemeUri": SPDX} if rights.id else {}
    return compact(
        {
            "rights": rights.text or (known.name if known else None),
            "rightsUri": rights.uri or (known.url if known else None),
            "lang": rights.lang,
            **spdx,
        }
    )


def _access(publication: Publication) -> Iterator[dict[str, Any]]:
    """A term of COAR Access Rights, where the files are not open to everybody."""
    if access_of(publication).rights != "open":
        yield {"rights": access_label(publication), "rightsUri": access_address(publication), "lang": "en"}


def _location(location: Location) -> dict[str, Any]:
    box = location.box
    values: dict[str, Any] = {"geoLocationPlace": location.place}
    if box is not None and is_point(box):
        values["geoLocationPoint"] = {"pointLongitude": box.west, "pointLatitude": box.south}
    elif box is not None:
        values["geoLocationBox"] = {
            "westBoundLongitude": box.west,
            "eastBoundLongitude": box.east,
            "southBoundLatitude": box.south,
            "northBoundLatitude": box.north,
        }
    return compact(values)


def _funding(funding: Funding) -> dict[str, Any]:
    return compact(
        {
            "funderName": funding.funder,
            "funderIdentifier": funding.funder_id,
            "funderIdentifierType": funder_identifier_type(funding.funder_id) if funding.funder_id else None,
            "awardNumber": funding.award,
            "awardUri": funding.award_uri,
            "awardTitle": funding.award_title,
        }
    )


def funder_identifier_type(identifier: str) -> str:
    """The DataCite name of the registry that a funder's identifier comes from."""
    if ROR_ID.search(identifier):
        return "ROR"
    if CROSSREF_FUNDER.search(identifier):
        return "Crossref Funder ID"
    if re.search(r"grid\.\d+\.", identifier):
        return "GRID"
    return "ISNI" if "isni.org" in identifier else "Other"

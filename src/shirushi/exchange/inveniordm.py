"""InvenioRDM's record JSON from a Publication: a plain mapping, because a Work is shaped after the same model.

Vocabulary ids are those of InvenioRDM's own fixtures (resource types, roles, dates, relations). What it has no place for:
variables, the languages of names and publishers, what a licence covers.
"""

import json
from collections.abc import Iterable
from typing import Any

from shirushi.exchange.common import (
    access_of,
    compact,
    dates_of,
    is_point,
    issued,
    public_media_type,
    registered_doi,
    rights_name,
    rights_url,
    ror_code,
    tools_related,
    tools_words,
    unique,
)
from shirushi.exchange.languages import iso_639_3
from shirushi.metadata.published import Publication
from shirushi.metadata.work import (
    Box,
    Contributor,
    Creator,
    DateEntry,
    DescriptionText,
    Funding,
    Location,
    Related,
    Rights,
    Title,
    Work,
)

MEDIA_TYPE = "application/vnd.inveniordm.v1+json"

# DataCite's general resource type → the id of InvenioRDM's; "other" where there is none.
TYPES = {
    "Audiovisual": "video",
    "Book": "publication-book",
    "BookChapter": "publication-section",
    "ComputationalNotebook": "software-computationalnotebook",
    "ConferencePaper": "publication-conferencepaper",
    "ConferenceProceeding": "publication-conferenceproceeding",
    "DataPaper": "publication-datapaper",
    "Dataset": "dataset",
    "Dissertation": "publication-dissertation",
    "Event": "event",
    "Image": "image",
    "Instrument": "instrument",
    "InteractiveResource": "lesson",
    "Journal": "publication-journal",
    "JournalArticle": "publication-article",
    "Model": "model",
    "OutputManagementPlan": "publication-datamanagementplan",
    "PeerReview": "publication-peerreview",
    "PhysicalObject": "physicalobject",
    "Poster": "poster",
    "Preprint": "publication-preprint",
    "Presentation": "presentation",
    "Project": "project",
    "Report": "publication-report",
    "Software": "software",
    "Sound": "audio",
    "Standard": "publication-standard",
    "StudyRegistration": "publication-studyregistration",
    "Text": "publication",
    "Workflow": "workflow",
}
TITLES = {
    "AlternativeTitle": "alternative-title",
    "Subtitle": "subtitle",
    "TranslatedTitle": "translated-title",
    "Other": "other",
}
DESCRIPTIONS = {
    "Abstract": "abstract",
    "Methods": "methods",
    "SeriesInformation": "series-information",
    "TableOfContents": "table-of-contents",
    "TechnicalInfo": "technical-info",
    "Other": "other",
}

Node = dict[str, Any]


def to_json(publication: Publication) -> bytes:
    return json.dumps(document(publication), ensure_ascii=False, indent=2).encode()


def document(publication: Publication) -> Node:
    """The record: ``metadata``, ``pids``, ``access`` and whether it has files. Ids and links are the interface's business."""
    return {
        "metadata": metadata(publication),
        "pids": _pids(publication),
        "access": _access(publication),
        "files": {"enabled": bool(publication.files)},
    }


def _access(publication: Publication) -> Node:
    access = access_of(publication)
    embargo = {"active": True, "until": access.until, "reason": access.note}
    return compact(
        {
            "record": "public",
            "files": "public" if access.rights == "open" else "restricted",
            "embargo": compact(embargo) if access.until else {"active": False},
        }
    )


def metadata(publication: Publication) -> Node:
    work = publication.work
    texts = sorted(work.descriptions, key=lambda entry: entry.type != "Abstract")
    return compact(
        {
            "resource_type": {"id": TYPES.get(work.resource_type.general, "other")},
            "creators": [shown_agent(creator) for creator in work.creators],
            "title": work.titles[0].text if work.titles else None,
            "additional_titles": [shown_title(title) for title in work.titles[1:]],
            "publisher": work.publisher.name if work.publisher else None,
            "publication_date": issued(publication),
            "subjects": unique({"subject": subject.text} for subject in work.subjects),
            "contributors": [shown_agent(contributor) for contributor in work.contributors],
            "dates": [shown_date(entry) for entry in dates_of(publication)],
            "languages": _languages(work.languages),
            "identifiers": unique(
                {"identifier": other.identifier, "scheme": "other"} for other in work.alternate_identifiers
            ),
            "related_identifiers": [shown_related(related) for related in (*work.related, *tools_related(work))],
            "formats": unique(public_media_type(entry) for entry in publication.files),
            "version": work.version,
            "rights": [shown_rights(rights) for rights in work.rights],
            "description": texts[0].text if texts else None,
            "additional_descriptions": [shown_description(text) for text in [*texts[1:], *tools_texts(work)]],
            "locations": _locations(work),
            "funding": [shown_funding(funding) for funding in work.funding],
        }
    )


def _pids(publication: Publication) -> Node:
    doi = registered_doi(publication)
    return {"doi": {"identifier": doi, "provider": "external"}} if doi else {}


def shown_agent(agent: Creator) -> Node:
    names = {"given_name": agent.given_name, "family_name": agent.family_name}
    identifiers = [
        {"scheme": scheme, "identifier": value}
        for scheme, value in (("orcid", agent.orcid), ("ror", ror_code(agent.ror) if agent.ror else None))
        if value
    ]
    is_person = agent.name_type == "Personal"
    who = compact(
        {
            "name": agent.name,
            "type": agent.name_type.lower(),
            **(names if is_person else {}),
            "identifiers": identifiers,
        }
    )
    affiliations = [
        compact({"id": ror_code(each.ror) if each.ror else None, "name": each.name}) for each in agent.affiliations
    ]
    role = {"id": agent.role.lower()} if isinstance(agent, Contributor) else None
    return compact({"person_or_org": who, "role": role, "affiliations": affiliations})


def shown_title(title: Title) -> Node:
    kind = {"id": TITLES[title.type or "TranslatedTitle"]}
    return compact({"title": title.text, "type": kind, "lang": language_id(title.lang)})


def shown_description(text: DescriptionText) -> Node:
    kind = {"id": DESCRIPTIONS[text.type]}
    return compact({"description": text.text, "type": kind, "lang": language_id(text.lang)})


def shown_date(entry: DateEntry) -> Node:
    return compact({"date": entry.date, "type": {"id": entry.type.lower()}, "description": entry.information})


def tools_texts(work: Work) -> list[DescriptionText]:
    """Instruments and software in words: InvenioRDM has no field for them."""
    words = tools_words(work)
    return [DescriptionText(text=words, type="TechnicalInfo", lang="en")] if words else []


def language_id(tag: str | None) -> Node | None:
    code = iso_639_3(tag) if tag else None
    return {"id": code} if code else None


def _languages(tags: Iterable[str]) -> list[Node]:
    return unique(found for found in map(language_id, tags) if found)


def shown_related(related: Related) -> Node:
    kind = TYPES.get(related.resource_type, "other") if related.resource_type else None
    return compact(
        {
            "identifier": related.identifier,
            "scheme": related.scheme.lower(),
            "relation_type": {"id": related.relation.lower()},
            "resource_type": {"id": kind} if kind else None,
        }
    )


def shown_rights(rights: Rights) -> Node:
    """InvenioRDM's licences are SPDX identifiers in lower case; anything else is a title with a link."""
    if rights.id:
        return {"id": rights.id.lower()}
    return compact({"title": {"en": rights_name(rights)}, "link": rights_url(rights)})


def _locations(work: Work) -> Node:
    features = [shown_feature(location) for location in work.locations]
    return {"features": features} if features else {}


def shown_feature(location: Location) -> Node:
    return compact({"place": location.place, "geometry": _geometry(location.box) if location.box else None})


def _geometry(box: Box) -> Node:
    if is_point(box):
        return {"type": "Point", "coordinates": [box.west, box.south]}
    corners = [[box.west, box.south], [box.east, box.south], [box.east, box.north], [box.west, box.north]]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def shown_funding(funding: Funding) -> Node:
    identifiers = [{"scheme": "url", "identifier": funding.award_uri}] if funding.award_uri else None
    title = {"en": funding.award_title} if funding.award_title else None
    award = compact({"number": funding.award, "title": title, "identifiers": identifiers})
    return compact({"funder": {"name": funding.funder}, "award": award})

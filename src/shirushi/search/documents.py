"""A record as the index holds it: texts to search, values to count, and what a list of results shows."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from shirushi.metadata.published import Publication
from shirushi.metadata.work import Creator, Work

_SHOWN_DESCRIPTION = 20_000  # characters kept for snippets
SEARCHED = 1_000  # names of files, and of variables, that are searched: the first by path, and in order


def document(
    publication: Publication,
    *,
    id: str,  # noqa: A002
    space: str,
    files: Iterable[tuple[str, str]] | None = None,
    earlier: Iterable[str] = (),
) -> dict[str, Any]:
    """What the engine indexes for one record; plain JSON.

    ``texts`` maps each searched field to its texts; ``facets`` each facet to its values; ``sort`` holds a day number (days
    since 0001-01-01) and a title; ``shown`` comes back with a hit as it is. ``files``: path and media type of every file, by
    path, where ``publication.files`` is only a part of them. The formats of all are counted, the names of :data:`SEARCHED`
    searched. ``earlier``: what identifies its earlier versions, and so finds it.
    """
    if files is None:
        files = [(file.path, file.media_type) for file in publication.files]
    names, formats = _names_and_formats(files)
    work = publication.work
    day = _day(publication)
    year = _year(publication)
    return {
        "id": id,
        "texts": {
            "title": [title.text for title in work.titles],
            "people": [text for person in (*work.creators, *work.contributors) for text in _person(person)],
            "subjects": [subject.text for subject in work.subjects],
            "body": _body(publication, names),
        },
        "identifiers": _identifiers(publication, [id, *earlier]),
        "facets": {
            "resource_type": [work.resource_type.general],
            "year": [year] if year else [],
            "language": list(dict.fromkeys(work.languages)),
            "licence": list(
                dict.fromkeys(rights.id or rights.uri or "" for rights in work.rights if rights.id or rights.uri)
            ),
            "creator": list(dict.fromkeys(creator.name for creator in work.creators)),
            "subject": list(dict.fromkeys(subject.text for subject in work.subjects)),
            "space": [space],
            "format": formats,
        },
        "sort": {"day": day.toordinal() if day else 0, "title": work.title()},
        "shown": _shown(publication, id, space, day, year),
    }


def _names_and_formats(files: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """The paths that are searched, and every format there is."""
    names: list[str] = []
    formats: set[str] = set()
    for path, media_type in files:
        if len(names) < SEARCHED:
            names.append(path)
        formats.add(file_format(path, media_type))
    return names, sorted(formats)


def file_format(path: str, media_type: str) -> str:
    """A short name people know: the extension where there is a plain one, else the subtype of the media type."""
    _, dot, extension = path.rpartition(".")
    if dot and re.fullmatch(r"[A-Za-z0-9]{1,8}", extension):
        return extension.lower()
    return media_type.rpartition("/")[2].removeprefix("x-")


def _person(person: Creator) -> list[str]:
    """The name as cited, its parts in order, and where they work."""
    return [
        person.name,
        *(form.name for form in person.other_names),
        *(affiliation.name for affiliation in person.affiliations),
    ]


def _body(publication: Publication, names: list[str]) -> list[str]:
    work = publication.work
    texts = [text.text for text in work.descriptions]
    texts += [place.place for place in work.locations if place.place]
    texts += [text for grant in work.funding for text in (grant.funder, grant.award_title) if text]
    texts += [related.title for related in work.related if related.title]
    texts += [text for text in (work.publisher and work.publisher.name, work.resource_type.text) if text]
    for tool in work.instruments:
        texts += [text for text in (tool.name, tool.manufacturer, tool.model, tool.type) if text]
    texts += [text for program in work.software for text in (program.name, program.purpose) if text]
    for variable in work.variables[:SEARCHED]:
        texts += [
            text for text in (variable.name, variable.label, variable.standard_name, variable.description) if text
        ]
    return texts + names


def _identifiers(publication: Publication, own: Sequence[str]) -> list[str]:
    work = publication.work
    found = [*own, *(each.value for each in (publication.identifier, publication.concept_identifier) if each)]
    found += [each.identifier for each in work.alternate_identifiers] + [each.identifier for each in work.related]
    found += [grant.award for grant in work.funding if grant.award]
    found += [text for tool in work.instruments for text in (tool.identifier, tool.serial_number) if text]
    found += [program.identifier for program in work.software if program.identifier]
    found += [person.orcid for person in (*work.creators, *work.contributors) if person.orcid]
    return list(dict.fromkeys(found))


def _shown(publication: Publication, id: str, space: str, day: date | None, year: str) -> dict[str, Any]:  # noqa: A002
    work = publication.work
    return {
        "id": id,
        "space": space,
        "number": publication.number,
        "titles": [title.model_dump(mode="json", exclude_none=True) for title in work.titles],
        "creators": [creator.name for creator in work.creators],
        "descriptions": [
            {"text": text.text[:_SHOWN_DESCRIPTION], "lang": text.lang} for text in _abstracts_first(work)[:4]
        ],
        "subjects": [subject.text for subject in work.subjects],
        "resource_type": work.resource_type.general,
        "languages": list(work.languages),
        "rights": [rights.id or rights.text or rights.uri for rights in work.rights],
        "date": day.isoformat() if day else "",
        "year": year,
        "identifier": publication.identifier.value if publication.identifier else None,
        "url": publication.url,
        "file_count": publication.file_count if publication.file_count is not None else len(publication.files),
        "total_size": (
            publication.total_size
            if publication.total_size is not None
            else sum(file.size for file in publication.files)
        ),
    }


def _abstracts_first(work: Work) -> list[Any]:
    return sorted(work.descriptions, key=lambda text: text.type != "Abstract")


def _day(publication: Publication) -> date | None:
    """The first day of the publication date, or the day of publishing here."""
    written = publication.work.publication_date or ""
    match = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", written)
    if match:
        year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
        try:
            return date(year, month, day)
        except ValueError:  # EDTF level 0 of the model lets 2026-02-31 through
            return date(year or 1, month, 1)
    return publication.published_at.date() if publication.published_at else None


def _year(publication: Publication) -> str:
    day = _day(publication)
    return f"{day.year:04}" if day else ""

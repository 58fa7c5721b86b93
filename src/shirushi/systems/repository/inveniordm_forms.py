"""Drafts, records and files in the words of InvenioRDM's REST, and what its clients send put into a draft."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db.models import Sum

from shirushi.accounts.actors import Actor
from shirushi.core import services, values
from shirushi.core.documents import publication_of, record_url
from shirushi.core.errors import FieldError, Invalid
from shirushi.core.models import Draft, DraftFile, Record, RecordFile
from shirushi.core.usage_reports import Numbers, totals
from shirushi.exchange import inveniordm, inveniordm_reading
from shirushi.metadata.fields import Text2
from shirushi.metadata.published import Publication
from shirushi.search.query import FACETS
from shirushi.systems.repository.api_errors import language
from shirushi.systems.repository.usage_shown import as_stats

Node = dict[str, Any]
NAMED = 100  # files named inside of a record or a draft; the list of files has all

_FACETS = {
    "resource_type": Text2("Resource types", "種類"),
    "year": Text2("Years", "年"),
    "language": Text2("Languages", "言語"),
    "licence": Text2("Licences", "ライセンス"),
    "creator": Text2("Creators", "作成者"),
    "subject": Text2("Subjects", "主題"),
    "space": Text2("Spaces", "スペース"),
    "format": Text2("Formats", "形式"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """The address below which the interface was called; every link leads back there."""

    base: str

    def of(self, *parts: str) -> str:
        return "/".join([self.base, *(quote(part, safe="") for part in parts)])

    def search(self, path: str, query: Mapping[str, str], page: int) -> str:
        return f"{self.base}/{path}?{urlencode({**query, 'page': page})}"


def used(records: Iterable[Record]) -> Mapping[str, Numbers]:
    """How often records and their concepts were visited. One query."""
    return totals({name for record in records for name in (record.pk, record.concept_id)})


def record_json(
    record: Record, place: Place, *, newest: bool | None = None, numbers: Mapping[str, Numbers] | None = None
) -> Node:
    """A published version. No query where it is known whether it is the ``newest`` (else two) and how often it was visited, as
    :func:`used` says (else one)."""
    publication = publication_of(record, all_files=False)
    if newest is None:
        newest = record.concept.newest_standing() == record
    count = publication.file_count if publication.file_count is not None else len(publication.files)
    weight = publication.total_size or sum(file.size for file in publication.files)
    files: Node = {"enabled": bool(count), "count": count, "total_bytes": weight, "order": []}
    shown = inveniordm.document(publication)
    status = {"open": "open" if count else "metadata-only"}.get(record.access_now.rights, record.access_now.rights)
    return {
        **_frame(record.pk, record.concept_id, record.space.slug),
        **shown,
        "access": shown["access"] | {"status": status},
        "created": record.published_at,
        "updated": record.published_at,
        "revision_id": record.number,
        "is_published": True,
        "is_draft": False,
        "status": "published",
        "versions": {"index": record.number, "is_latest": newest, "is_latest_draft": newest},
        "files": files,
        "stats": as_stats(numbers if numbers is not None else used([record]), record.pk, record.concept_id),
        "links": _record_links(record, place),
    }


def draft_json(draft: Draft, place: Place, untaken: Sequence[Node] = ()) -> Node:
    """A draft, with what of it was not taken. Up to three queries."""
    weight = draft.files.aggregate(bytes=Sum("size"))["bytes"] or 0
    files = list(draft.files.all()[: NAMED + 1])
    count = len(files) if len(files) <= NAMED else draft.files.count()
    whole = draft_line(draft, place, count, weight)
    whole["files"]["entries"] = {file.path: file_json(file, place) for file in files[:NAMED]}
    return whole | ({"errors": list(untaken)} if untaken else {})


def draft_line(draft: Draft, place: Place, count: int, weight: int) -> Node:
    """A draft in a list: without the names of its files. No query."""
    work = draft.work
    shown = inveniordm.document(Publication(work=work))
    if work.publication_date is None:
        shown["metadata"].pop("publication_date")  # it will be the day of publishing
    number = draft.base_record.number + 1 if draft.base_record else 1
    return {
        **_frame(draft.pk, draft.concept_id, draft.space.slug),
        **shown,
        "created": draft.created_at,
        "updated": draft.updated_at,
        "expires_at": None,
        "revision_id": draft.version,
        "is_published": False,
        "is_draft": True,
        "status": "new_version_draft" if draft.base_record else "draft",
        "versions": {"index": number, "is_latest": False, "is_latest_draft": True},
        "files": {"enabled": True, "order": [], "count": count, "total_bytes": weight},
        "links": _draft_links(draft, place),
    }


def _frame(own: str, concept: str, space: str) -> Node:
    return {
        "id": own,
        "parent": {"id": concept, "communities": {"ids": [space], "default": space}},
        "custom_fields": {},
        "media_files": {"enabled": False, "order": [], "count": 0, "total_bytes": 0},
    }


def _record_links(record: Record, place: Place) -> Node:
    own = place.of("records", record.pk)
    return {
        "self": own,
        "self_html": record_url(record.pk),
        "files": f"{own}/files",
        "versions": f"{own}/versions",
        "latest": f"{own}/versions/latest",
        "draft": f"{own}/draft",
    }


def _draft_links(draft: Draft, place: Place) -> Node:
    own = place.of("records", draft.pk)
    return {
        "self": f"{own}/draft",
        "self_html": f"{settings.SHIRUSHI_BASE_URL}/drafts/{draft.pk}",
        "record": own,
        "files": f"{own}/draft/files",
        "publish": f"{own}/draft/actions/publish",
        "versions": f"{own}/versions",
    }


# -- files


def file_json(file: DraftFile | RecordFile, place: Place, *, on_its_way: bool = False) -> Node:
    is_draft = isinstance(file, DraftFile)
    owner = file.draft_id if isinstance(file, DraftFile) else file.record_id
    own = place.of("records", owner, *(["draft"] if is_draft else []), "files", file.path)
    return {
        "key": file.path,
        "status": "pending" if on_its_way else "completed",
        "file_id": str(file.pk),
        "size": file.size,
        "mimetype": file.media_type,
        "checksum": f"sha256:{file.sha256}",
        "storage_class": "L",
        "metadata": {},
        "links": _file_links(own, is_draft=is_draft),
    }


def coming_json(draft: Draft, path: str, place: Place) -> Node:
    """A file that was announced and of which nothing has come yet."""
    own = place.of("records", draft.pk, "draft", "files", path)
    return {"key": path, "status": "pending", "metadata": {}, "links": _file_links(own, is_draft=True)}


def _file_links(own: str, *, is_draft: bool) -> Node:
    links = {"self": own, "content": f"{own}/content"}
    return links | {"commit": f"{own}/commit"} if is_draft else links


def files_json(entries: Iterable[Node], own: str, *, count: int, weight: int) -> Iterator[str]:
    """The list of files, piece by piece: InvenioRDM knows no pages of it, and there may be 100,000."""
    told = {
        "enabled": True,
        "count": count,
        "total_bytes": weight,
        "default_preview": None,
        "order": [],
        "links": {"self": own},
    }
    yield json.dumps(told)[:-1] + ', "entries": ['
    before = ""
    for entry in entries:
        yield before + json.dumps(entry, ensure_ascii=False)
        before = ","
    yield "]}"


# -- lists


def hits_json(hits: Sequence[Node], total: int, links: Node, facets: Mapping[str, Any] | None = None) -> Node:
    """A page of hits. Clients read ``aggregations`` whether there are any or not."""
    return {"hits": {"hits": list(hits), "total": total}, "aggregations": _aggregations(facets or {}), "links": links}


def _aggregations(facets: Mapping[str, Any]) -> Node:
    return {
        name: {
            "label": _FACETS[name].in_(language()),
            "buckets": [
                {"key": each.value, "label": each.value, "doc_count": each.count, "is_selected": False}
                for each in facets[name]
            ],
        }
        for name in FACETS
        if name in facets
    }


# -- what clients send


def fill(draft: Draft, body: Mapping[str, Any], *, by: Actor, at_version: int | None = None) -> list[Node]:
    """Put what a client sent into the draft, field by field, as if a person had typed it: each is a decision and can be undone.
    What is the same already is left alone. Returns what was not taken, in InvenioRDM's form.

    Raises:
        NotAllowed, Conflict: as for :func:`shirushi.core.services.edit_field`. Run it in a transaction.
        Invalid: the record itself is to be closed.
    """
    try:
        reading = inveniordm_reading.read(body, draft.work)
    except inveniordm_reading.Refused as refused:
        raise Invalid(refused.message, errors=[FieldError("/access", refused.message)]) from refused
    untaken = [_error(path, words.in_(language())) for path, words in reading.untaken]
    version = draft.version if at_version is None else at_version
    for name, value in reading.fields.items():
        try:
            proper = values.checked(name, value)
        except Invalid as invalid:
            untaken += [_error(inveniordm_reading.path_of(e.pointer), e.in_(language())) for e in invalid.errors]
            continue
        if values.key(proper) != values.key(values.of(draft.metadata, name)):
            services.edit_field(draft=draft, field=name, value=proper, by=by, at_version=version)
            draft.refresh_from_db()
            version = draft.version
    return untaken


def _error(path: str, message: str) -> Node:
    return {"field": path, "messages": [message]}

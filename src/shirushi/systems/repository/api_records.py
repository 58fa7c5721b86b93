"""REST of records: found, read in any format, downloaded, versioned and withdrawn."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import get_language
from ninja import Query, Router, Status

from shirushi.accounts.actors import Actor, actor_of
from shirushi.accounts.models import Space
from shirushi.core import closed, packaging, rules, services
from shirushi.core.documents import derived_file, pronom_of, publication_of
from shirushi.core.errors import Gone, NotFound
from shirushi.core.fair import fair
from shirushi.core.home import engine
from shirushi.core.models import Derivation, Record, RecordFile
from shirushi.exchange import inveniordm
from shirushi.exchange.errors import NotExportable
from shirushi.exchange.formats import FORMATS, Format
from shirushi.metadata.fields import Text2
from shirushi.metadata.work import Work
from shirushi.search.query import Query as SearchQuery
from shirushi.systems.repository import api_schemas as schemas
from shirushi.systems.repository import fair_views
from shirushi.systems.repository.api_common import (
    DEEPEST,
    READ_IF_NONE_MATCH,
    After,
    Id,
    Limit,
    Offset,
    Part,
    Prefix,
    errors,
    files_page,
    next_page,
    record_of,
    refusals,
    signed_in,
)
from shirushi.systems.repository.api_errors import NotAcceptable
from shirushi.systems.repository.downloads import send_archive, send_export, send_package, send_record_file
from shirushi.systems.repository.inveniordm_forms import Place, record_json
from shirushi.systems.repository.rules import visible_events
from shirushi.systems.repository.visits import AS_JSON, visited

router = Router(tags=["records"])
public = Router(tags=["spaces and events"])

Sort = Literal["relevance", "newest", "oldest", "title"]
FACETS = ("resource_type", "year", "language", "licence", "creator", "subject", "space", "format")
Facet = Annotated[list[str], Query(max_length=50)]
_INVENIORDM: Literal["inveniordm"] = "inveniordm"
_READABLE = {"ensure_ascii": False}
_GONE = {410: schemas.GoneOut}
_OTHER_FORMS: dict[str, Any] = {
    media_type: {"schema": {} if "json" in media_type else {"type": "string"}}
    for media_type in [*(entry.media_type for entry in FORMATS.values()), inveniordm.MEDIA_TYPE]
}


@public.get("/spaces", response={200: schemas.SpacesOut, **errors()})
def list_spaces(request: HttpRequest) -> Any:
    """Every space, with the roles that you hold in it."""
    roles = actor_of(request).roles
    return {
        "items": [
            {
                "slug": space.slug,
                "kind": space.kind,
                "name": {"en": space.name_en, "ja": space.name_ja},
                "roles": sorted(roles.get(space.pk, frozenset())),
            }
            for space in Space.objects.all()
        ]
    }


@public.get("/events", response={200: schemas.EventsOut, **errors()})
def list_events(request: HttpRequest, after: Annotated[int, Query(ge=0, le=2**62)] = 0, limit: Limit = 100) -> Any:
    """What happened, in order, from the event after ``after``: to records for everyone, to drafts for those who care for a
    space. Ids and digests only."""
    events = list(visible_events(actor_of(request)).filter(pk__gt=after)[:limit])
    names = ("type", "at", "payload")
    items = [
        {"id": e.pk, "record": e.record_id, "draft": e.draft_id, **{name: getattr(e, name) for name in names}}
        for e in events
    ]
    last = events[-1].pk if events else after
    return {"items": items, "next": f"{request.path}?after={last}&limit={limit}"}


@router.get("", response={200: schemas.HitsOut, **errors()})
def search_records(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=1_000)] = "",
    resource_type: Facet = [],  # noqa: B006  # ninja copies defaults
    year: Facet = [],  # noqa: B006
    language: Facet = [],  # noqa: B006
    licence: Facet = [],  # noqa: B006
    creator: Facet = [],  # noqa: B006
    subject: Facet = [],  # noqa: B006
    space: Facet = [],  # noqa: B006
    format: Facet = [],  # noqa: A002, B006
    sort: Sort = "relevance",
    offset: Annotated[int, Query(ge=0, le=DEEPEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Any:
    """Find published records. ``q``: words, "phrases", -not, field:value; the others narrow it, any of several values each.
    The names of a record's first 1,000 files by path and of its first 1,000 variables are searched, the formats of all counted."""
    asked = (resource_type, year, language, licence, creator, subject, space, format)
    filters = {name: values for name, values in zip(FACETS, asked, strict=True) if values}
    query = SearchQuery(text=q, filters=filters, sort=sort, offset=offset, limit=limit, facets=FACETS)
    hits = engine().search(query)
    items = [
        {
            "id": hit.id,
            "score": hit.score,
            "title": title_in(get_language() or "en", hit.document["titles"]),
            "document": hit.document,
            "highlights": hit.highlights,
        }
        for hit in hits.items
    ]
    facets = {name: [{"value": v.value, "count": v.count} for v in values] for name, values in hits.facets.items()}
    return {
        "total": hits.total,
        "items": items,
        "facets": facets,
        "next": next_page(request, min(hits.total, DEEPEST), offset, limit),
    }


@router.get(
    "/{record_id}",
    response={200: schemas.RecordOut, **_GONE, **errors(404, 406, 416, 507)},
    openapi_extra={
        "responses": {
            200: {"content": _OTHER_FORMS},
            206: {"description": "a part, of what is kept of a record of many files"},
            304: {"description": "unchanged"},
        },
    },
)
def get_record(
    request: HttpRequest,
    record_id: Id,
    format: Annotated[str | None, Query(max_length=50)] = None,  # noqa: A002
) -> Any:
    """One record, as JSON of this interface or in the format that ``format`` or the header Accept names."""
    record = living(record_id)
    wanted = _format(request, format)
    thing = AS_JSON if wanted is None else f"as {getattr(wanted, 'name', wanted)}"
    visited(request, record.pk, record.concept_id, thing=thing)
    if wanted == _INVENIORDM:
        place = Place(f"{settings.SHIRUSHI_BASE_URL}/invenio/api")
        told = record_json(record, place)
        return JsonResponse(told, content_type=inveniordm.MEDIA_TYPE, json_dumps_params=_READABLE)
    return record_out(record, actor_of(request)) if wanted is None else _exported(request, record, wanted)


@router.get("/{record_id}/files", response={200: schemas.FilesOut, **_GONE, **errors(404)})
def list_record_files(
    request: HttpRequest,
    record_id: Id,
    offset: Offset = 0,
    limit: Limit = 100,
    after: After = None,
    q: Part = "",
    prefix: Prefix = "",
) -> Any:
    """The record's files by path; with checksums and addresses for those who may have them."""
    record = living(record_id)
    may_read = rules.can_read_files(actor_of(request), record)
    total, files, following = files_page(
        request, record.files.all(), offset=offset, limit=limit, after=after, part=q, prefix=prefix
    )
    return {"total": total, "items": [_file(file, may_read=may_read) for file in files], "next": following}


@router.get(
    "/{record_id}/files-archive",
    response={**_GONE, **errors(403, 404, 416)},
    openapi_extra={
        "parameters": [READ_IF_NONE_MATCH],
        "responses": {
            200: {
                "description": "the archive, as long as Content-Length says",
                "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
            },
            206: {"description": "a part"},
            304: {"description": "unchanged"},
        },
    },
)
def get_record_archive(request: HttpRequest, record_id: Id) -> HttpResponseBase:
    """All files of the record in one ZIP, made while it is sent, or a range of it. HEAD tells how long it is."""
    return send_archive(request, readable(request, record_id))


@router.get(
    "/{record_id}/package",
    response={**_GONE, **errors(404)},
    openapi_extra={
        "responses": {
            200: {
                "description": "the package, as long as Content-Length says",
                "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def get_record_package(request: HttpRequest, record_id: Id, kind: packaging.Kind = "bagit") -> HttpResponseBase:
    """The record with its files as a bag (BagIt 1.0) or an RO-Crate 1.2 in one ZIP, made while it is sent. Without the right to the
    files it describes them and says where to ask for them."""
    return send_package(request, living(record_id), kind)


@router.get(
    "/{record_id}/files/{any:path}",
    response={**_GONE, **errors(403, 404, 416)},
    openapi_extra={
        "parameters": [READ_IF_NONE_MATCH],
        "responses": {
            200: {"description": "the bytes"},
            206: {"description": "a part"},
            304: {"description": "unchanged"},
        },
    },
)
def get_record_file(request: HttpRequest, record_id: Id, path: str) -> HttpResponseBase:
    """Download a file, or a range of it. Its ETag is its SHA-256."""
    record = readable(request, record_id)
    file = record.files.filter(path=path).first()
    if file is None:
        raise NotFound(
            Text2(
                "This record has no such file. List its files to see their paths.",
                "この記録にそのファイルはありません。一覧でパスを確かめてください。",
            )
        )
    return send_record_file(request, record, file)


@router.get("/{record_id}/derived", response={200: schemas.DerivedOut, **_GONE, **errors(403, 404)})
def list_derived_files(request: HttpRequest, record_id: Id, offset: Offset = 0, limit: Limit = 100) -> Any:
    """What was made from the record's files for programs: tables as Parquet, arrays as Zarr. They are no part of what was
    published. ``left`` says of which files nothing was made, and why; ``state`` whether it is done. For those who may have the files."""
    record = readable(request, record_id)
    rows = record.derived.all()
    total = rows.count()
    derivation = Derivation.objects.filter(record=record).first()
    return {
        "total": total,
        "items": [derived_file(row).model_dump(exclude_none=True) for row in rows[offset : offset + limit]],
        "state": derivation.state if derivation else "none",
        "left": [{name: one[name] for name in ("path", "code", "message")} for one in derivation.left[:100]]
        if derivation
        else [],
        "next": next_page(request, total, offset, limit),
    }


@router.get("/{record_id}/versions", response={200: schemas.VersionsOut, **errors(404)})
def list_versions(request: HttpRequest, record_id: Id) -> Any:
    """All versions of the record, the newest first."""
    concept = record_of(record_id).concept
    return {"items": [_version(record) for record in concept.records.order_by("-number")]}


@router.get("/{record_id}/fair", response={200: schemas.FairOut, **_GONE, **errors(404)})
def get_fair(request: HttpRequest, record_id: Id) -> Any:
    """How FAIR this version is by the metrics of F-UJI, test by test."""
    return fair_views.as_json(fair(publication_of(living(record_id), all_files=False)), get_language() or "en")


@router.post("/{record_id}/versions", response={201: schemas.DraftOut, **_GONE, **refusals(409, 413, 415)})
def new_version(request: HttpRequest, record_id: Id, response: HttpResponse) -> Any:
    """Begin a draft of the next version, with the metadata and files of this one."""
    from shirushi.systems.repository.api_drafts import (
        draft_out,  # drafts know records; here only what a draft looks like
    )

    draft = services.new_version(record=living(record_id), by=signed_in(request))
    response["Location"] = f"/api/drafts/{draft.pk}"
    return Status(201, draft_out(draft))


@router.post("/{record_id}/withdraw", response={200: schemas.TombstoneOut, **_GONE, **refusals(409, 413, 415)})
def withdraw(request: HttpRequest, record_id: Id, body: schemas.WithdrawIn) -> Any:
    """Take a record back. Its tombstone stays, with what it was and why it is gone."""
    services.withdraw(record=living(record_id), reason=body.reason, by=signed_in(request))
    return _tombstone(record_of(record_id))


def title_in(language: str, titles: list[dict[str, Any]]) -> str:
    """The title in that language when there is one, else the main one."""
    return Work.model_validate({"titles": titles}).title(language)


def record_out(record: Record, by: Actor) -> dict[str, Any]:
    """The record as this interface shows it to somebody."""
    published = record.document["publication"]  # counted when it was published: 100,000 rows are not counted again
    url = f"/api/records/{record.pk}"
    may_read = rules.can_read_files(by, record)
    return {
        "id": record.pk,
        "number": record.number,
        "concept": record.concept_id,
        "space": record.space.slug,
        "title": record.title,
        "url": f"/records/{record.pk}",
        "identifiers": _identifiers(record),
        "metadata": closed.metadata_of(record, may_read=may_read),
        "file_count": published.get("file_count", 0),
        "total_size": published.get("total_size", 0),
        "published_at": record.published_at,
        "access": {**record.access_now.model_dump(exclude_none=True), "may_read": may_read},
        "ask_url": None if may_read else closed.ask_url(record.pk),
        "provenance": closed.provenance_of(record, may_read=may_read),
        "exports": {name: f"{url}?format={name}" for name in FORMATS},
    }


def living(record_id: str) -> Record:
    """The record, unless it has been withdrawn: then Gone, with its tombstone."""
    record = record_of(record_id)
    if not record.is_withdrawn:
        return record
    words = Text2(
        f"This record has been withdrawn: {record.withdrawal_reason}",
        f"この記録は取り下げられました：{record.withdrawal_reason}",
    )
    raise _Withdrawn(services.disposing.DISPOSED if record.concept.is_disposed else words, record)


def readable(request: HttpRequest, record_id: str) -> Record:
    """A record whose files who asks may read: every operation that gives out their bytes begins here. Raises as :func:`living`."""
    record = living(record_id)
    rules.require_files(actor_of(request), record)
    return record


class _Withdrawn(Gone):
    def __init__(self, message: Text2, record: Record) -> None:
        super().__init__(message, code="withdrawn")
        self.record = record

    def details(self) -> dict[str, Any]:
        tombstone = schemas.TombstoneOut.model_validate(_tombstone(self.record))
        return super().details() | {"tombstone": tombstone.model_dump(mode="json")}


def _format(request: HttpRequest, name: str | None) -> Format | Literal["inveniordm"] | None:
    """The format asked for by name, else by Accept; None for the interface's own JSON."""
    if name == "json":
        return None
    if name == _INVENIORDM:
        return _INVENIORDM
    if name is not None and name not in FORMATS:
        known = ", ".join(["json", *FORMATS, _INVENIORDM])
        raise NotAcceptable(
            Text2(
                f"There is no format {name!r}. Use one of: {known}.",
                f"{name!r} という形式はありません。{known} から選んでください。",
            ),
            pointer="/format",
        )
    if name is not None:
        return FORMATS[name]
    by_type = {entry.media_type: entry for entry in FORMATS.values()} | {inveniordm.MEDIA_TYPE: _INVENIORDM}
    best = request.get_preferred_type(["application/json", *by_type])
    return by_type.get(best or "")


def _exported(request: HttpRequest, record: Record, wanted: Format) -> HttpResponseBase:
    try:
        return send_export(request, record, wanted, download=False)
    except NotExportable as error:
        words = Text2(
            f"This record cannot be made into {wanted.label.en}: {error}",
            f"この記録は {wanted.label.ja} にできません（{error}）。",
        )
        raise NotAcceptable(words, code="not-exportable") from error


def _file(file: RecordFile, *, may_read: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "path": file.path,
        "size": file.size,
        "media_type": file.media_type,
        **pronom_of(file),
        "sha256": file.sha256,
        "sha512": file.sha512,
        "url": f"/api/records/{file.record_id}/files/{quote(file.path)}",
    }
    return told if may_read else closed.without_digests(told) | {"url": None}


def _version(record: Record) -> dict[str, Any]:
    return {
        "id": record.pk,
        "number": record.number,
        "title": record.title,
        "published_at": record.published_at,
        "withdrawn": record.is_withdrawn,
        "url": f"/api/records/{record.pk}",
    }


def _identifiers(record: Record) -> list[dict[str, Any]]:
    own = [*record.identifiers.all(), *record.concept.identifiers.all()]
    return [{"scheme": i.scheme, "value": i.value, "state": i.state} for i in own]


def _tombstone(record: Record) -> dict[str, Any]:
    return {
        "id": record.pk,
        "title": record.title,
        "identifiers": _identifiers(record),
        "reason": record.withdrawal_reason,
        "withdrawn_at": record.withdrawn_at,
        "disposed_at": record.concept.disposal.decided_at if record.concept.is_disposed else None,
    }

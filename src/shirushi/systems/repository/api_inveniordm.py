"""InvenioRDM's REST, for the clients that speak it: below ``/invenio/api``, or ``/invenio/<space>/api`` for the drafts of one space.

Drafts made here are drafts like any other. Where it answers, and the form of its errors: ``urls_inveniordm.py``.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain
from typing import Annotated, Any
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from ninja import Query

from shirushi import __version__
from shirushi.accounts.actors import Actor, actor_of
from shirushi.accounts.models import Space
from shirushi.core import rules, services
from shirushi.core.errors import Conflict, FieldError, Invalid, NotFound
from shirushi.core.home import engine
from shirushi.core.models import AnnouncedFile, Draft, DraftFile, Record
from shirushi.core.stored import content_of_draft
from shirushi.exchange import inveniordm
from shirushi.metadata.fields import Text2
from shirushi.search.query import FACETS
from shirushi.search.query import Query as SearchQuery
from shirushi.systems.repository import api_errors, inveniordm_forms
from shirushi.systems.repository.api_common import DEEPEST, Id, draft_of, etag, preconditions, record_of, signed_in
from shirushi.systems.repository.api_records import living
from shirushi.systems.repository.api_schemas import Body
from shirushi.systems.repository.downloads import send_record_file
from shirushi.systems.repository.inveniordm_forms import Place, coming_json, draft_json, file_json, files_json, fill
from shirushi.systems.repository.openapi_inveniordm import InvenioRDMAPI
from shirushi.systems.repository.serving import send_file
from shirushi.systems.repository.visits import visited

api = InvenioRDMAPI(
    title="shirushi for clients of InvenioRDM",
    version=__version__,
    description="The part of InvenioRDM's REST that finds, reads, deposits, publishes and continues records.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="inveniordm",
)
for _error, _handler in api_errors.HANDLERS:
    api.add_exception_handler(_error, _handler)

Page = Annotated[int, Query(ge=1, le=DEEPEST)]
Size = Annotated[int, Query(ge=1, le=100)]
Words = Annotated[str, Query(max_length=1_000)]
_ANY = dict[str, Any]
_ORDERS = {"bestmatch": "relevance", "newest": "newest", "oldest": "oldest", "updated-desc": "newest", "title": "title"}

_NO_FILE = Text2(
    "There is no such file here. List the files to see their keys.",
    "そのファイルはありません。一覧で確かめてください。",
)
_STILL_COMING = Text2(
    "Some files were announced and are not complete. Send and commit them, or delete them, then publish.",
    "予告されたファイルのうち、そろっていないものがあります。送って commit するか、削除してから公開してください。",
)
_NEVER_CHANGES = Text2(
    "A published version never changes here. Make a new version: POST …/versions.",
    "公開した版は変更できません。新しい版を作ってください（POST …/versions）。",
)


class RecordIn(Body):
    metadata: _ANY | None = None
    access: _ANY | None = None
    pids: _ANY | None = None
    custom_fields: _ANY | None = None
    parent: _ANY | None = None


class FileIn(Body):
    key: str


_NOTHING = RecordIn()


# -- records


@api.get("/records", response={200: _ANY})
def search(request: HttpRequest, q: Words = "", page: Page = 1, size: Size = 10, sort: str | None = None) -> Any:
    """Find published records, the newest version of each."""
    order = _ORDERS.get(sort or ("bestmatch" if q else "newest"))
    if order is None:
        known = ", ".join(_ORDERS)
        words = Text2(f"There is no order {sort!r}. Use one of: {known}.", f"並び順は {known} から選んでください。")
        raise Invalid(words, errors=[FieldError("/sort", words)])
    offset = _offset(page, size)
    query = SearchQuery(text=q, sort=order, offset=offset, limit=size, facets=FACETS, highlights=False)  # type: ignore[arg-type]
    hits = engine().search(query)
    found = Record.objects.select_related("space").filter(pk__in=[hit.id for hit in hits.items], withdrawn_at=None)
    by_id = {record.pk: record for record in found}
    place = _place(request)
    numbers = inveniordm_forms.used(by_id.values())
    shown = [
        inveniordm_forms.record_json(by_id[hit.id], place, newest=True, numbers=numbers)
        for hit in hits.items
        if hit.id in by_id
    ]
    links = _links(place, "records", {"q": q, "size": str(size), "sort": sort or ""}, page, size, hits.total)
    return _answer(request, inveniordm_forms.hits_json(shown, hits.total, links, hits.facets))


@api.post("/records", response={201: _ANY})
def create(request: HttpRequest, body: RecordIn = _NOTHING) -> Any:
    """Begin a draft with what is known of it. What does not fit is told in ``errors``, the rest is kept."""
    by = signed_in(request)
    with transaction.atomic():
        draft = services.create_draft(space=_space(request, body, by), by=by)
        services.keep_id(draft=draft, by=by)
        untaken = fill(draft, _sent(body), by=by)
    return _draft(request, draft, untaken, status=201)


@api.get("/records/{record_id}", response={200: _ANY})
def read(request: HttpRequest, record_id: Id) -> Any:
    """A published version, by its id or that of the draft it was."""
    record = _published(record_id)
    visited(request, record.pk, record.concept_id, thing="as inveniordm")
    return _record(request, record)


@api.get("/records/{record_id}/files", response={200: _ANY})
def record_files(request: HttpRequest, record_id: Id) -> Any:
    """All files of a published version."""
    record, place = _published(record_id), _place(request)
    rules.require_files(actor_of(request), record)
    entries = (file_json(file, place) for file in record.files.iterator())
    return _listed(request, entries, place.of("records", record.pk, "files"), record.files.all())


@api.get("/records/{record_id}/files/{any:key}/content", response={200: Any})
def record_content(request: HttpRequest, record_id: Id, key: str) -> HttpResponseBase:
    """Download a file, or a range of it."""
    record = _published(record_id)
    rules.require_files(actor_of(request), record)
    file = record.files.filter(path=key).first()
    if file is None:
        return record_file(request, record_id, f"{key}/content")  # a file of that name in a folder
    return send_record_file(request, record, file)


@api.get("/records/{record_id}/files/{any:key}", response={200: _ANY})
def record_file(request: HttpRequest, record_id: Id, key: str) -> HttpResponseBase:
    """One file of a published version: its size, checksum and links."""
    record = _published(record_id)
    rules.require_files(actor_of(request), record)
    file = record.files.filter(path=key).first()
    if file is None:
        raise NotFound(_NO_FILE)
    return _answer(request, file_json(file, _place(request)))


@api.get("/records/{record_id}/versions", response={200: _ANY})
def versions(request: HttpRequest, record_id: Id, page: Page = 1, size: Size = 25) -> Any:
    """All versions that stand, the newest first."""
    record = record_of(_own_id(record_id))
    standing = record.concept.records.filter(withdrawn_at=None).select_related("space").order_by("-number")
    total, offset = standing.count(), _offset(page, size)
    newest = record.concept.newest_standing()
    place = _place(request)
    chosen = list(standing[offset : offset + size])
    numbers = inveniordm_forms.used(chosen)
    shown = [inveniordm_forms.record_json(each, place, newest=each == newest, numbers=numbers) for each in chosen]
    links = _links(place, f"records/{quote(record_id)}/versions", {"size": str(size)}, page, size, total)
    return _answer(request, inveniordm_forms.hits_json(shown, total, links))


@api.get("/records/{record_id}/versions/latest", response={200: _ANY})
def latest(request: HttpRequest, record_id: Id) -> Any:
    """The newest version that stands."""
    record = record_of(_own_id(record_id))
    return _record(request, record.concept.newest_standing() or living(record.pk))


@api.post("/records/{record_id}/versions", response={201: _ANY})
def new_version(request: HttpRequest, record_id: Id) -> Any:
    """Begin the next version, without files; ``files-import`` brings those of this one. One that is under way is given back."""
    by = signed_in(request)
    with transaction.atomic():
        draft = services.new_version(record=_published(record_id), by=by, with_files=False)
        services.keep_id(draft=draft, by=by)
    return _draft(request, draft, status=201)


# -- drafts


@api.get("/user/records", response={200: _ANY})
def own_records(request: HttpRequest, q: Words = "", page: Page = 1, size: Size = 10) -> Any:
    """Your drafts, and the records that they became; the last changed first."""
    by = signed_in(request)
    found = rules.visible_drafts(by).filter(owner_id=by.user_id).exclude(state=Draft.State.DISCARDED)
    if q:
        spelt = json.dumps(q)[1:-1]  # as SQLite keeps JSON
        titled = Q(metadata__titles__icontains=q) | Q(metadata__titles__icontains=spelt)
        found = found.filter(titled | Q(name__icontains=q) | Q(pk=q))
    total, offset = found.count(), _offset(page, size)
    drafts = list(found.select_related("space", "base_record", "record", "record__space")[offset : offset + size])
    # Counted apart: joined to what the page shows, each of 100,000 files would bring the whole document along.
    open_ones = DraftFile.objects.filter(draft__in=[draft.pk for draft in drafts], draft__record=None)
    counted = open_ones.order_by().values_list("draft").annotate(count=Count("media_type"), weight=Sum("size"))
    held = {draft: (count, weight) for draft, count, weight in counted}
    standing = Record.objects.filter(concept__in=[draft.concept_id for draft in drafts], withdrawn_at=None)
    newest = dict(standing.order_by().values_list("concept").annotate(newest=Max("number")))
    place = _place(request)
    numbers = inveniordm_forms.used(draft.record for draft in drafts if draft.record)
    shown = [
        inveniordm_forms.record_json(
            record, place, newest=record.number == newest.get(record.concept_id), numbers=numbers
        )
        if (record := draft.record)
        else inveniordm_forms.draft_line(draft, place, *held.get(draft.pk, (0, 0)))
        for draft in drafts
    ]
    links = _links(place, "user/records", {"q": q, "size": str(size)}, page, size, total)
    return _answer(request, inveniordm_forms.hits_json(shown, total, links))


@api.get("/records/{draft_id}/draft", response={200: _ANY})
def read_draft(request: HttpRequest, draft_id: Id) -> Any:
    """A draft. Its ETag and ``revision_id`` are its version."""
    return _draft(request, _open_draft(request, draft_id)[0])


@api.put("/records/{draft_id}/draft", response={200: _ANY})
def update(request: HttpRequest, draft_id: Id, body: RecordIn = _NOTHING) -> Any:
    """Put all of a draft's metadata anew. ``If-Match`` holds it to the version that was seen."""
    draft, by = _open_draft(request, draft_id)
    with preconditions(request, draft) as seen, transaction.atomic():
        untaken = fill(draft, _sent(body), by=by, at_version=seen.at_version)
    return _draft(request, draft, untaken)


@api.delete("/records/{draft_id}/draft", response={204: None})
def discard(request: HttpRequest, draft_id: Id) -> Any:
    """Put a draft away. Nothing is deleted: it can be restored on its page."""
    draft, by = _open_draft(request, draft_id)
    with preconditions(request, draft) as seen:
        services.discard_draft(draft=draft, by=by, at_version=seen.at_version)
    return HttpResponse(status=204)


@api.post("/records/{draft_id}/draft", response={201: _ANY})
def edit(request: HttpRequest, draft_id: Id) -> Any:
    """A draft that is under way, again. A published version is not edited: it is continued by the next."""
    if Record.objects.filter(pk=_own_id(draft_id)).exists():
        signed_in(request)
        raise Conflict(_NEVER_CHANGES, code="published")
    return _draft(request, _open_draft(request, draft_id)[0], status=201)


@api.post("/records/{draft_id}/draft/actions/publish", response={202: _ANY})
def publish(request: HttpRequest, draft_id: Id) -> Any:
    """Publish the draft: from then on it never changes. Repeating it gives the same record."""
    draft, by = draft_of(request, draft_id)
    if coming := services.announced(draft) if draft.state == Draft.State.OPEN else []:
        named = ", ".join(coming[:10])
        error = FieldError("/files", Text2(f"Not complete: {named}", f"そろっていません：{named}"))
        raise Invalid(_STILL_COMING, errors=[error], code="files-coming")
    with preconditions(request, draft) as seen:
        version = draft.version if seen.at_version is None else seen.at_version
        record = services.publish(draft=draft, by=by, at_version=version)
    return _record(request, record_of(record.pk), status=202)


@api.post("/records/{draft_id}/draft/actions/files-import", response={201: _ANY})
def import_files(request: HttpRequest, draft_id: Id) -> Any:
    """Take over the files of the version before."""
    draft, by = _open_draft(request, draft_id)
    services.import_files(draft=draft, by=by)
    return _files(request, draft, status=201)


# -- files of drafts: announced, sent, committed


@api.get("/records/{draft_id}/draft/files", response={200: _ANY})
def draft_files(request: HttpRequest, draft_id: Id) -> Any:
    """All files of a draft, those too that are on their way."""
    return _files(request, _open_draft(request, draft_id)[0])


@api.post("/records/{draft_id}/draft/files", response={201: _ANY})
def announce(request: HttpRequest, draft_id: Id, body: list[FileIn]) -> Any:
    """Say which files will come."""
    draft, by = _open_draft(request, draft_id)
    services.announce_files(draft=draft, paths=[each.key for each in body], by=by)
    return _files(request, draft, status=201)


@api.put(
    "/records/{draft_id}/draft/files/{any:key}/content",
    response={200: _ANY},
    openapi_extra={
        "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
def put_content(request: HttpRequest, draft_id: Id, key: str) -> Any:
    """Send a file, in the place of one of the same key. The body is streamed to disk; Content-Length is held to."""
    draft, by = _open_draft(request, draft_id)
    length = request.headers.get("Content-Length", "")
    with preconditions(request, draft, key) as seen:
        file = services.put_file(
            draft=draft, path=key, content=request, by=by, size=int(length) if length.isdigit() else 0, **asdict(seen)
        )
    return _file(request, draft, file)


@api.get("/records/{draft_id}/draft/files/{any:key}/content", response={200: Any})
def draft_content(request: HttpRequest, draft_id: Id, key: str) -> HttpResponseBase:
    """Download a file of a draft, or a range of it."""
    draft, _ = _open_draft(request, draft_id)
    file = draft.files.filter(path=key).first()
    if file is None:
        return draft_file(request, draft_id, f"{key}/content")
    return send_file(request, content_of_draft(file), name=file.path, media_type=file.media_type, tag=file.sha256)


@api.post("/records/{draft_id}/draft/files/{any:key}/commit", response={200: _ANY})
def commit(request: HttpRequest, draft_id: Id, key: str) -> Any:
    """Say that a file is complete."""
    draft, by = _open_draft(request, draft_id)
    file = draft.files.filter(path=key).first()
    if file is None:
        raise NotFound(_NO_FILE)
    services.arrived(draft=draft, path=file.path, by=by)
    return _file(request, draft, file)


@api.get("/records/{draft_id}/draft/files/{any:key}", response={200: _ANY})
def draft_file(request: HttpRequest, draft_id: Id, key: str) -> HttpResponseBase:
    """One file of a draft: its size, checksum and links."""
    draft, _ = _open_draft(request, draft_id)
    file = draft.files.filter(path=key).first()
    if file is not None:
        return _file(request, draft, file)
    if draft.announced_files.filter(path=key).exists():
        return _answer(request, coming_json(draft, key, _place(request)))
    raise NotFound(_NO_FILE)


@api.delete("/records/{draft_id}/draft/files/{any:key}", response={204: None})
def delete_file(request: HttpRequest, draft_id: Id, key: str) -> Any:
    """Take a file out of the draft, or take back that it would come."""
    draft, by = _open_draft(request, draft_id)
    coming = draft.announced_files.filter(path=key).exists()
    with preconditions(request, draft, key) as seen, transaction.atomic():
        if coming:
            services.arrived(draft=draft, path=key, by=by)
        if not coming or draft.files.filter(path=key).exists():
            at_version = draft.version if seen.if_sha256 else seen.at_version
            services.remove_file(draft=draft, path=key, by=by, at_version=at_version)
    return HttpResponse(status=204)


# -- what they share


def _place(request: HttpRequest) -> Place:
    """Links lead to where all of InvenioRDM's addresses are, also out of ``/api``."""
    before, _, _ = request.path_info.partition("/api/")
    return Place(f"{settings.SHIRUSHI_BASE_URL}{before or '/invenio'}/api")


def _answer(request: HttpRequest, body: _ANY, status: int = 200) -> JsonResponse:
    words = {"ensure_ascii": False}
    return JsonResponse(body, status=status, content_type=_kind(request), json_dumps_params=words)


def _kind(request: HttpRequest) -> str:
    """The media type that was asked for: InvenioRDM's has two names."""
    wanted = inveniordm.MEDIA_TYPE in request.headers.get("Accept", "")
    return inveniordm.MEDIA_TYPE if wanted else "application/json"


def _draft(request: HttpRequest, draft: Draft, untaken: list[_ANY] | None = None, *, status: int = 200) -> JsonResponse:
    response = _answer(request, draft_json(draft, _place(request), untaken or []), status)
    response["ETag"] = etag(draft)
    return response


def _record(request: HttpRequest, record: Record, *, status: int = 200) -> JsonResponse:
    return _answer(request, inveniordm_forms.record_json(record, _place(request)), status)


def _file(request: HttpRequest, draft: Draft, file: DraftFile) -> JsonResponse:
    on_its_way = draft.announced_files.filter(path=file.path).exists()
    response = _answer(request, file_json(file, _place(request), on_its_way=on_its_way))
    response["ETag"] = f'"{file.sha256}"'
    return response


def _files(request: HttpRequest, draft: Draft, *, status: int = 200) -> StreamingHttpResponse:
    place = _place(request)
    coming = dict.fromkeys(services.announced(draft))
    here = (file_json(file, place, on_its_way=file.path in coming) for file in draft.files.iterator())
    begun = set(
        draft.files.filter(path__in=AnnouncedFile.objects.filter(draft=draft).values("path")).values_list(
            "path", flat=True
        )
    )
    awaited = (coming_json(draft, key, place) for key in coming if key not in begun)
    own = place.of("records", draft.pk, "draft", "files")
    return _listed(request, chain(here, awaited), own, draft.files.all(), more=len(coming) - len(begun), status=status)


def _listed(
    request: HttpRequest,
    entries: Iterable[_ANY],
    own: str,
    files: QuerySet[Any],
    *,
    more: int = 0,
    status: int = 200,
) -> StreamingHttpResponse:
    """A list of files; ``more`` of them have not come yet."""
    whole = files.aggregate(count=Count("pk"), weight=Sum("size"))
    pieces = files_json(entries, own, count=whole["count"] + more, weight=whole["weight"] or 0)
    return StreamingHttpResponse(pieces, status=status, content_type=_kind(request))


def _sent(body: RecordIn) -> _ANY:
    sent = body.model_dump(exclude_unset=True)
    return {name: value for name, value in sent.items() if value is not None}


def _own_id(record_id: str) -> str:
    """The record's id, where that of its draft was given."""
    if Record.objects.filter(pk=record_id).exists():
        return record_id
    return Draft.objects.filter(pk=record_id).values_list("record_id", flat=True).first() or record_id


def _published(record_id: str) -> Record:
    return living(_own_id(record_id))


def _open_draft(request: HttpRequest, draft_id: str) -> tuple[Draft, Actor]:
    """The draft, while it is one: published and discarded ones are no drafts in InvenioRDM's sense."""
    draft, by = draft_of(request, draft_id)
    if draft.state in (Draft.State.PUBLISHED, Draft.State.DISCARDED):
        raise NotFound(
            Text2(
                "There is no draft at this address: it was published or discarded.",
                "このアドレスの下書きは、公開されたか破棄されたため、もうありません。",
            )
        )
    return draft, by


def _space(request: HttpRequest, body: RecordIn, by: Actor) -> Space:
    """Where a new draft belongs: the space in the address, the community in ``parent``, else the only one there is for them."""
    named = request.resolver_match.kwargs.get("space") if request.resolver_match else None
    communities = (body.parent or {}).get("communities")
    if named is None and isinstance(communities, dict):
        named = communities.get("default") or next(iter(communities.get("ids") or []), None)
    allowed = {space.slug: space for space in rules.spaces_to_deposit_in(by)}
    if named is None and len(allowed) == 1:
        return next(iter(allowed.values()))
    if named is not None or not allowed:  # whether they may is for the service to say
        spaces = Space.objects.all() if named is None else Space.objects.filter(slug=str(named))
        if (space := spaces.first()) is not None:
            return space
    known = ", ".join(sorted(allowed)) or "-"
    words = Text2(
        f"Say in which space the draft belongs, by the address /invenio/<space>/api. You may deposit in: {known}.",
        f"どのスペースの下書きかを、アドレス /invenio/<スペース>/api で指定してください。登録できるスペース：{known}。",
    )
    raise Invalid(words, errors=[FieldError("/parent/communities", words)], code="which-space")


def _offset(page: int, size: int) -> int:
    offset = (page - 1) * size
    if offset > DEEPEST:
        words = Text2(
            f"Only the first {DEEPEST} can be paged through. Ask more narrowly.",
            f"{DEEPEST} 件より先はめくれません。条件を絞ってください。",
        )
        raise Invalid(words, errors=[FieldError("/page", words)])
    return offset


def _links(place: Place, at: str, query: dict[str, str], page: int, size: int, total: int) -> dict[str, str]:
    said = {name: value for name, value in query.items() if value}
    links = {"self": place.search(at, said, page)}
    if page > 1:
        links["prev"] = place.search(at, said, page - 1)
    if page * size < min(total, DEEPEST):
        links["next"] = place.search(at, said, page + 1)
    return links

"""REST of drafts: made, filled, read, decided on and published."""

from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import Query, Router, Status

from shirushi.core import rules, services
from shirushi.core.disclosure import Question, questions
from shirushi.core.documents import pronom_of
from shirushi.core.errors import NotFound
from shirushi.core.models import Decision, DescribeRun, Draft, DraftFile, ExactProfile, Suggestion
from shirushi.core.paths import clean_name
from shirushi.core.readiness import jpcoar_findings
from shirushi.core.stored import content_of_draft
from shirushi.metadata.fields import Text2
from shirushi.systems.repository import api_schemas as schemas
from shirushi.systems.repository import fair_views
from shirushi.systems.repository.api_common import (
    FILE_IF_MATCH,
    FILE_IF_NONE_MATCH,
    IF_MATCH,
    READ_IF_NONE_MATCH,
    After,
    Id,
    Limit,
    Offset,
    Part,
    Prefix,
    draft_of,
    errors,
    etag,
    files_page,
    page,
    preconditions,
    record_of,
    refusals,
    seen_version,
    signed_in,
    space_of,
)
from shirushi.systems.repository.api_errors import language
from shirushi.systems.repository.api_records import record_out
from shirushi.systems.repository.serving import send_file

router = Router(tags=["drafts"])

_NO_BODY = schemas.VersionIn()  # the version may come in If-Match alone
State = Literal["open", "publishing", "published", "discarded"]
DECISIONS_SHOWN = 100  # of those that one request made
DecisionAction = Literal["accept", "edit", "reject", "type", "set", "file", "undo"]
SuggestionState = Literal["open", "accepted", "edited", "rejected", "superseded"]


@router.get("", response={200: schemas.DraftsOut, **errors()})
def list_drafts(
    request: HttpRequest,
    state: State | None = None,
    space: Annotated[str | None, Query(max_length=100)] = None,
    name: Annotated[str | None, Query(max_length=500, description="what its owner called it")] = None,
    described: Annotated[bool | None, Query(description="whether a reading of its files was ever asked for")] = None,
    mine: Annotated[bool | None, Query(description="only those that you own")] = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> Any:
    """Drafts that you may see, the last changed first."""
    actor = signed_in(request)
    found = rules.visible_drafts(actor).select_related("space")
    wanted = {"state": state, "space__slug": space, "name": None if name is None else clean_name(name)}
    found = found.filter(**{key: value for key, value in wanted.items() if value is not None})
    if mine:
        found = found.filter(owner_id=actor.user_id)
    if described is not None:
        runs = Exists(DescribeRun.objects.filter(draft=OuterRef("pk")))
        found = found.filter(runs if described else ~runs)
    total, drafts, following = page(request, found, offset, limit)
    return {"total": total, "items": [_line(draft) for draft in drafts], "next": following}


@router.post("", response={201: schemas.DraftOut, **refusals(413, 415)})
def create_draft(request: HttpRequest, body: schemas.DraftIn, response: HttpResponse) -> Any:
    """Begin an empty draft in a space."""
    draft = services.create_draft(space=space_of(body.space), by=signed_in(request), name=body.name)
    response["Location"] = f"/api/drafts/{draft.pk}"
    return Status(201, _shown(draft, response))


@router.get("/{draft_id}", response={200: schemas.DraftOut, **errors(404)})
def get_draft(request: HttpRequest, draft_id: Id, response: HttpResponse) -> Any:
    """One draft. Its ETag is its version."""
    return _shown(draft_of(request, draft_id)[0], response)


@router.delete("/{draft_id}", response={204: None, **refusals(409, 412)}, openapi_extra={"parameters": [IF_MATCH]})
def discard_draft(request: HttpRequest, draft_id: Id) -> Any:
    """Put a draft away. Nothing is deleted."""
    draft, actor = draft_of(request, draft_id)
    with preconditions(request, draft) as seen:
        services.discard_draft(draft=draft, by=actor, at_version=seen.at_version)
    return Status(204, None)


@router.post(
    "/{draft_id}/restore",
    response={200: schemas.DraftOut, **refusals(409, 412, 413, 415)},
    openapi_extra={"parameters": [IF_MATCH]},
)
def restore_draft(request: HttpRequest, draft_id: Id, response: HttpResponse) -> Any:
    """Take a discarded draft up again, as it was."""
    draft, actor = draft_of(request, draft_id)
    with preconditions(request, draft):
        services.restore_draft(draft=draft, by=actor)
    return _shown(draft, response)


@router.get("/{draft_id}/files", response={200: schemas.FilesOut, **errors(404)})
def list_draft_files(
    request: HttpRequest,
    draft_id: Id,
    offset: Offset = 0,
    limit: Limit = 100,
    after: After = None,
    q: Part = "",
    prefix: Prefix = "",
) -> Any:
    """The draft's files by path."""
    draft, _ = draft_of(request, draft_id)
    total, files, following = files_page(
        request, draft.files.all(), offset=offset, limit=limit, after=after, part=q, prefix=prefix
    )
    return {"total": total, "items": [_file(file) for file in files], "next": following}


@router.put(
    "/{draft_id}/files/{any:path}",
    response={200: schemas.FileOut, **refusals(409, 412, 413, 507)},
    openapi_extra={
        "parameters": [FILE_IF_MATCH, FILE_IF_NONE_MATCH],
        "requestBody": {
            "description": "the bytes of the file, as they are",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
def put_draft_file(request: HttpRequest, draft_id: Id, path: str, response: HttpResponse) -> Any:
    """Put a file, in the place of one of the same path. The body is streamed to disk; Content-Length is held to."""
    draft, actor = draft_of(request, draft_id)
    size = _length(request)
    with preconditions(request, draft, path) as seen:
        file = services.put_file(draft=draft, path=path, content=request, by=actor, size=size, **asdict(seen))
    response["ETag"] = f'"{file.sha256}"'
    return _file(file)


@router.get(
    "/{draft_id}/files/{any:path}",
    response={**errors(404, 410, 416)},
    openapi_extra={
        "parameters": [READ_IF_NONE_MATCH],
        "responses": {
            200: {"description": "the bytes"},
            206: {"description": "a part"},
            304: {"description": "unchanged"},
        },
    },
)
def get_draft_file(request: HttpRequest, draft_id: Id, path: str) -> HttpResponseBase:
    """Download a file, or a range of it."""
    draft, _ = draft_of(request, draft_id)
    file = draft.files.filter(path=path).first()
    if file is None:
        raise _no_file()
    return send_file(request, content_of_draft(file), name=file.path, media_type=file.media_type, tag=file.sha256)


@router.delete(
    "/{draft_id}/files/{any:path}",
    response={204: None, **refusals(409, 412)},
    openapi_extra={"parameters": [FILE_IF_MATCH]},
)
def remove_draft_file(request: HttpRequest, draft_id: Id, path: str) -> Any:
    """Take a file out of the draft, with the variables and suggestions that rest only on it. Undone by POST …/undo."""
    draft, actor = draft_of(request, draft_id)
    with preconditions(request, draft, path) as seen:
        at_version = draft.version if seen.if_sha256 else seen.at_version
        services.remove_file(draft=draft, path=path, by=actor, at_version=at_version)
    return Status(204, None)


@router.post(
    "/{draft_id}/describe",
    response={202: schemas.RunOut, **refusals(409, 412, 413, 415)},
    openapi_extra={"parameters": [IF_MATCH]},
)
def start_describing(request: HttpRequest, draft_id: Id) -> Any:
    """Have the draft's files read. Ask GET on the same address for progress."""
    draft, actor = draft_of(request, draft_id)
    # The drop page asks here in the name of a session: its person will fill fields in by hand. A program with a token cannot.
    blank = settings.SHIRUSHI_BLANK_SHARE if actor.scopes is None else 0.0
    with preconditions(request, draft):
        return Status(202, _run(services.start_describing(draft=draft, by=actor, blank=blank)))


@router.get("/{draft_id}/describe", response={200: schemas.RunOut, **errors(404)})
def describing_status(request: HttpRequest, draft_id: Id) -> Any:
    """How far the latest reading is."""
    draft, _ = draft_of(request, draft_id)
    run = draft.runs.order_by("-pk").first()
    if run is None:
        words = Text2(
            "Nothing has been read yet. POST here to begin.", "まだ読み取りをしていません。POST で始めてください。"
        )
        raise NotFound(words, code="not-described")
    return _run(run)


@router.get("/{draft_id}/suggestions", response={200: schemas.SuggestionsOut, **errors(404)})
def list_suggestions(
    request: HttpRequest,
    draft_id: Id,
    field: Annotated[str | None, Query(max_length=50)] = None,
    state: SuggestionState | None = None,
    offset: Offset = 0,
    limit: Limit = 100,
) -> Any:
    """Proposed values with their evidence, by field, best first."""
    draft, _ = draft_of(request, draft_id)
    found: QuerySet[Suggestion] = draft.suggestions.all()
    wanted = {"field": field, "state": state}
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    total, items, following = page(request, found, offset, limit)
    return {"version": draft.version, "total": total, "items": [_suggestion(s) for s in items], "next": following}


@router.post(
    "/{draft_id}/suggestions/{int:suggestion_id}",
    response={200: schemas.DecidedOut, **refusals(409, 412, 413, 415, 428)},
    openapi_extra={"parameters": [IF_MATCH]},
)
def decide(
    request: HttpRequest, draft_id: Id, suggestion_id: int, body: schemas.DecideIn, response: HttpResponse
) -> Any:
    """Accept a suggestion, take another value in its place, or reject it."""
    draft, actor = draft_of(request, draft_id)
    suggestion = draft.suggestions.filter(pk=suggestion_id).first() if suggestion_id < 2**63 else None
    if suggestion is None:
        raise NotFound(Text2("This draft has no such suggestion.", "この下書きにその提案はありません。"))
    with seen_version(request, draft, body.at_version) as version:
        decision = services.decide(
            suggestion=suggestion, action=body.action, value=body.value, by=actor, at_version=version
        )
    return _decided(draft, [decision], response)


@router.post(
    "/{draft_id}/accept-above",
    response={200: schemas.DecidedOut, **refusals(409, 412, 413, 415, 428)},
    openapi_extra={"parameters": [IF_MATCH]},
)
def accept_above(request: HttpRequest, draft_id: Id, body: schemas.AcceptAboveIn, response: HttpResponse) -> Any:
    """Accept every open suggestion that is at least as sure as ``threshold``; undone as one."""
    draft, actor = draft_of(request, draft_id)
    with seen_version(request, draft, body.at_version) as version:
        decisions = services.accept_above(draft=draft, threshold=body.threshold, by=actor, at_version=version)
    return _decided(draft, decisions, response)


@router.post(
    "/{draft_id}/undo",
    response={200: schemas.DecidedOut, **refusals(409, 412, 413, 415, 428)},
    openapi_extra={"parameters": [IF_MATCH]},
)
def undo(request: HttpRequest, draft_id: Id, response: HttpResponse, body: schemas.VersionIn = _NO_BODY) -> Any:
    """Take the last decision back, or the last group of them."""
    draft, actor = draft_of(request, draft_id)
    with seen_version(request, draft, body.at_version) as version:
        decisions = services.undo(draft=draft, by=actor, at_version=version)
    return _decided(draft, decisions, response)


@router.patch(
    "/{draft_id}/fields/{field}",
    response={200: schemas.DecidedOut, **refusals(409, 412, 413, 415, 428)},
    openapi_extra={"parameters": [IF_MATCH]},
)
def edit_field(request: HttpRequest, draft_id: Id, field: str, body: schemas.FieldIn, response: HttpResponse) -> Any:
    """Type the whole value of a field."""
    draft, actor = draft_of(request, draft_id)
    with seen_version(request, draft, body.at_version) as version:
        decision = services.edit_field(draft=draft, field=field, value=body.value, by=actor, at_version=version)
    return _decided(draft, [decision], response)


@router.get("/{draft_id}/decisions", response={200: schemas.DecisionsOut, **errors(404)})
def list_decisions(
    request: HttpRequest,
    draft_id: Id,
    group: Annotated[str | None, Query(max_length=20)] = None,
    action: DecisionAction | None = None,
    offset: Offset = 0,
    limit: Limit = 100,
) -> Any:
    """Everything decided on this draft, undone decisions too, in the order it was done."""
    draft, _ = draft_of(request, draft_id)
    wanted = {"group": group, "action": action}
    found = draft.decisions.filter(**{name: value for name, value in wanted.items() if value is not None})
    total, items, following = page(request, found, offset, limit)
    return {"total": total, "items": [_decision(decision) for decision in items], "next": following}


@router.get("/{draft_id}/readiness", response={200: schemas.ReadinessOut, **errors(404)})
def readiness(request: HttpRequest, draft_id: Id) -> Any:
    """What publishing still needs and why it matters, and how FAIR the draft would be, test by test."""
    draft, _ = draft_of(request, draft_id)
    state = services.readiness(draft)
    gaps = [
        {
            "field": gap.field,
            "label": gap.label.in_(language()),
            "level": gap.level,
            "why": gap.why.in_(language()),
            "suggested": gap.waiting,
        }
        for gap in state.missing
    ]
    counts = {"filled": state.filled, "total": state.total, "undecided": state.undecided}
    fair = fair_views.as_json(state.fair, language())
    advice = [
        {"field": one.field, "label": one.words.in_(language()), "why": one.why.in_(language())} for one in state.advice
    ]
    jpcoar = [
        {"field": field, "code": one.code, "level": one.level, "path": one.path, "message": one.what.in_(language())}
        for field, one in jpcoar_findings(draft)
    ]
    files = {"unread_files": state.unread, "astray": state.astray, "questions": len(state.unsettled)}
    files["unchanged"] = state.unchanged
    return {"ready": state.ready, "missing": gaps, "fair": fair, "advice": advice, "jpcoar": jpcoar, **counts, **files}


@router.post("/{draft_id}/identifiers", response={200: schemas.ReservedOut, **refusals(409, 413, 415)})
def reserve(request: HttpRequest, draft_id: Id) -> Any:
    """Set the identifiers aside that the record will have, so that a paper or a README can name them. Doing so again gives the same."""
    draft, actor = draft_of(request, draft_id)
    return services.reserve(draft=draft, by=actor)


@router.get("/{draft_id}/questions", response={200: schemas.QuestionsOut, **errors(404)})
def list_questions(request: HttpRequest, draft_id: Id) -> Any:
    """What has to be answered before publishing: data about people, places and keys that was seen in the files, masked."""
    draft, _ = draft_of(request, draft_id)
    return {"items": [_question(one) for one in questions(draft)]}


@router.post(
    "/{draft_id}/questions/{question_id}",
    response={200: schemas.QuestionsOut, **refusals(409, 412, 413, 415)},
    openapi_extra={"parameters": [IF_MATCH]},
)
def answer_question(request: HttpRequest, draft_id: Id, question_id: Id, body: schemas.AnswerIn) -> Any:
    """Answer one question, for all the files it is about. It is asked again when one of them changes."""
    draft, actor = draft_of(request, draft_id)
    with preconditions(request, draft):
        services.answer(draft=draft, question=question_id, choice=body.answer, by=actor)
    return {"items": [_question(one) for one in questions(draft)]}


@router.post(
    "/{draft_id}/publish",
    response={201: schemas.RecordOut, **refusals(409, 412, 413, 415, 428, 507)},
    openapi_extra={"parameters": [IF_MATCH]},
)
def publish(request: HttpRequest, draft_id: Id, response: HttpResponse, body: schemas.VersionIn = _NO_BODY) -> Any:
    """Publish the draft: from then on it never changes. Repeating it gives the same record."""
    draft, actor = draft_of(request, draft_id)
    with seen_version(request, draft, body.at_version) as version:
        record = services.publish(draft=draft, by=actor, at_version=version)
    response["Location"] = f"/api/records/{record.pk}"
    return Status(201, record_out(record_of(record.pk), actor))


def _length(request: HttpRequest) -> int:
    """How many bytes the body has."""
    length = request.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else 0


def _line(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.pk,
        "space": draft.space.slug,
        "title": draft.title,
        "state": draft.state,
        "version": draft.version,
        "updated_at": draft.updated_at,
    }


def _shown(draft: Draft, response: HttpResponse) -> dict[str, Any]:
    response["ETag"] = etag(draft)
    return draft_out(draft)


def draft_out(draft: Draft) -> dict[str, Any]:
    return {
        **_line(draft),
        "name": draft.name,
        "metadata": draft.metadata,
        "record": draft.record_id,
        "reserved": services.reserved(draft),
        "file_count": draft.files.count(),
        "url": f"/drafts/{draft.pk}",
        "created_at": draft.created_at,
    }


def _file(file: DraftFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "size": file.size,
        "media_type": file.media_type,
        **pronom_of(file),
        "sha256": file.sha256,
        "sha512": file.sha512,
        "url": f"/api/drafts/{file.draft_id}/files/{quote(file.path)}",
    }


def _run(run: DescribeRun) -> dict[str, Any]:
    names = ("state", "stage", "done", "total", "current_file", "message", "problems", "seen")
    told = {"id": run.pk, **{name: getattr(run, name) for name in names}}
    exact = ExactProfile.objects.filter(run=run).first()
    if exact is not None:
        told["exact"] = {name: getattr(exact, name) for name in ("state", "done", "total", "renewed", "message")}
    return told


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    names = ("target", "field", "value", "confidence", "evidence", "method", "method_version", "alternative", "state")
    return {"id": suggestion.pk, **{name: getattr(suggestion, name) for name in names}}


def _question(asked: Question) -> dict[str, Any]:
    items = [
        {"path": i.file, "sha256": i.sha256, "place": i.place, "count": i.count, "examples": i.examples}
        for i in asked.items
    ]
    return {
        "id": asked.id,
        "category": asked.category,
        "question": asked.words.in_(language()),
        "items": items,
        "alike": asked.alike,
        "answers": asked.choices,
        "answer": asked.answer.answer if asked.answer else None,
        "answered_at": asked.answer.at if asked.answer else None,
        "settled": asked.settled,
    }


def _decided(draft: Draft, decisions: list[Decision], response: HttpResponse) -> dict[str, Any]:
    draft.refresh_from_db()
    response["ETag"] = etag(draft)
    following = None
    if len(decisions) > DECISIONS_SHOWN:  # a group: they all have its name and do the same
        one = decisions[0]
        query = {"group": one.group, "action": one.action, "offset": DECISIONS_SHOWN, "limit": DECISIONS_SHOWN}
        following = f"/api/drafts/{draft.pk}/decisions?{urlencode(query)}"
    return {
        "version": draft.version,
        "metadata": draft.metadata,
        "count": len(decisions),
        "decisions": [_decision(decision) for decision in decisions[:DECISIONS_SHOWN]],
        "next": following,
    }


def _decision(decision: Decision) -> dict[str, Any]:
    names = ("field", "action", "value", "position", "removed", "added", "group", "at")
    shown = {name: getattr(decision, name) for name in names}
    return {"id": decision.pk, "suggestion": decision.suggestion_id, "undoes": decision.undoes_id, **shown}


def _no_file() -> NotFound:
    return NotFound(
        Text2(
            "There is no such file here. List the files to see their paths.",
            "そのファイルはありません。一覧でパスを確かめてください。",
        )
    )

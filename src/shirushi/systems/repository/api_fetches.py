"""REST of files that are fetched from the web into a draft: asked for, followed, cancelled."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from shirushi.core import services
from shirushi.core.errors import NotFound
from shirushi.core.models import Draft, Fetch
from shirushi.metadata.fields import Text2
from shirushi.systems.repository import api_schemas as schemas
from shirushi.systems.repository.api_common import Id, Limit, Offset, draft_of, errors, page, refusals
from shirushi.systems.repository.api_errors import language

router = Router(tags=["uploads"])


@router.get("/{draft_id}/fetches", response={200: schemas.FetchesOut, **errors(404)})
def list_fetches(request: HttpRequest, draft_id: Id, offset: Offset = 0, limit: Limit = 100) -> Any:
    """The files that are, or were, fetched from the web into this draft, in the order they were asked for."""
    draft, _ = draft_of(request, draft_id)
    total, found, following = page(request, draft.fetches.all(), offset, limit)
    return {"total": total, "items": [_shown(fetch) for fetch in found], "next": following}


@router.post("/{draft_id}/fetches", response={202: schemas.FetchOut, **refusals(409, 413, 415, 429)})
def start_fetching(request: HttpRequest, draft_id: Id, body: schemas.FetchIn, response: HttpResponse) -> Any:
    """Have a file of the web fetched into the draft, in the background. Location tells how far it has come."""
    draft, actor = draft_of(request, draft_id)
    fetch = services.fetching.begin_fetch(draft=draft, url=body.url, path=body.path, by=actor)
    response["Location"] = f"/api/drafts/{draft.pk}/fetches/{fetch.pk}"
    return Status(202, _shown(fetch))


@router.get("/{draft_id}/fetches/{fetch_id}", response={200: schemas.FetchOut, **errors(404)})
def get_fetch(request: HttpRequest, draft_id: Id, fetch_id: Id) -> Any:
    """How far a file has come, or why it did not."""
    draft, _ = draft_of(request, draft_id)
    return _shown(fetch_of(draft, fetch_id))


@router.delete("/{draft_id}/fetches/{fetch_id}", response={200: schemas.FetchOut, **refusals()})
def cancel_fetch(request: HttpRequest, draft_id: Id, fetch_id: Id) -> Any:
    """Stop fetching a file. One that is in the draft already stays."""
    draft, actor = draft_of(request, draft_id)
    return _shown(services.fetching.cancel_fetch(fetch=fetch_of(draft, fetch_id), by=actor))


def fetch_of(draft: Draft, fetch_id: str) -> Fetch:
    found = draft.fetches.filter(pk=fetch_id).first()
    if found is None:
        raise NotFound(
            Text2("This draft has no such fetch.", "この下書きに、その取得はありません。"),
        )
    found.draft = draft
    return found


def _shown(fetch: Fetch) -> dict[str, Any]:
    names = ("url", "path", "state", "done", "total", "sha256", "code", "created_at", "finished_at")
    message = fetch.message.get("ja" if language().startswith("ja") else "en", "")
    return {"id": fetch.pk, **{name: getattr(fetch, name) for name in names}, "message": message}

"""REST of packages in a draft: a bag or an RO-Crate unpacked, and how far it has come."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from shirushi.core import services
from shirushi.core.errors import NotFound
from shirushi.core.models import Unpacking
from shirushi.metadata.fields import Text2
from shirushi.systems.repository import api_schemas as schemas
from shirushi.systems.repository.api_common import Id, draft_of, errors, refusals
from shirushi.systems.repository.api_errors import language

router = Router(tags=["uploads"])


@router.post("/{draft_id}/unpackings", response={202: schemas.UnpackingOut, **refusals(409, 413, 415, 429)})
def unpack(request: HttpRequest, draft_id: Id, body: schemas.UnpackingIn, response: HttpResponse) -> Any:
    """Unpack an archive of the draft that is a bag (BagIt) or an RO-Crate: its files take its place once every checksum holds.
    Location tells how far it has come, and of each file what was wrong with it."""
    draft, actor = draft_of(request, draft_id)
    row = services.unpacking.begin_unpacking(draft=draft, path=body.path, by=actor)
    response["Location"] = f"/api/drafts/{draft.pk}/unpackings/{row.pk}"
    return Status(202, _shown(row))


@router.get("/{draft_id}/unpackings/{unpacking_id}", response={200: schemas.UnpackingOut, **errors(404)})
def get_unpacking(request: HttpRequest, draft_id: Id, unpacking_id: Id) -> Any:
    """How far it has come, or why nothing was unpacked."""
    draft, _ = draft_of(request, draft_id)
    row = draft.unpackings.filter(pk=unpacking_id).first()
    if row is None:
        raise NotFound(Text2("This draft has no such unpacking.", "この下書きに、その展開はありません。"))
    return _shown(row)


def _shown(row: Unpacking) -> dict[str, Any]:
    tongue = "ja" if language().startswith("ja") else "en"
    names = ("path", "state", "done", "total", "code", "created_at", "finished_at")
    notes = [
        {"code": note["code"], "file": note["file"], "message": note[tongue], "wrong": note["wrong"]}
        for note in row.report.get("notes", [])
    ]
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in names},
        "kind": row.report.get("kind", ""),
        "notes": notes,
        "message": row.message.get(tongue, ""),
    }

"""REST of the end of keeping: which records wait for a decision, and the decision on one."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from shirushi.core import retention, services
from shirushi.core.errors import FieldError, Invalid
from shirushi.metadata.fields import Text2
from shirushi.systems.repository.api_common import Id, errors, record_of, refusals, signed_in
from shirushi.systems.repository.api_schemas import Strict

router = Router(tags=["retention"])


class DisposalOut(Schema):
    reason: str
    decided_at: datetime
    finished_at: datetime | None = Field(description="when the last byte was gone; null while they are going")
    files: int = Field(description="different files of all versions")
    size: int = Field(description="their bytes")


class KeptOut(Schema):
    record: str = Field(description="the newest version")
    title: str
    versions: int
    retain_until: date | None = Field(description="the last day on which its bytes must be kept")
    why: str
    files: int = Field(description="different files of all versions")
    size: int = Field(description="their bytes")
    held: bool
    hold_reason: str
    draft_open: bool = Field(description="a draft of a next version holds the same files: it cannot be disposed of")
    disposal: DisposalOut | None


class RetentionOut(Schema):
    items: list[KeptOut]
    next: str | None


class RetentionIn(Strict):
    decision: Literal["longer", "for-good", "dispose"]
    seen: date | None = Field(
        None, description="dispose: the retain_until that was seen; 409 when it is another by now"
    )
    until: date | None = Field(None, description="longer: the new last day")
    reason: str = Field("", max_length=5_000, description="why; dispose: required, shown on the tombstone")


class RetentionDecidedOut(Schema):
    record: str
    retain_until: date | None
    kept_for_good: bool
    disposal: DisposalOut | None


@router.get("/retention", response={200: RetentionOut, **errors(403)})
def list_retention(
    request: HttpRequest,
    state: Literal["waiting", "coming", "disposed"] = "waiting",
    after: Annotated[str, Query(max_length=60, description="as next has it")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """The records of your spaces whose retention is over and that wait for a decision, whose end comes, or that were disposed of."""
    listed = retention.listed(by=signed_in(request), state=state, after=after, limit=limit)
    values = {"state": state, "after": listed.following, "limit": limit}
    return {
        "items": [_kept(one) for one in listed.items],
        "next": f"{request.path}?{urlencode(values)}" if listed.following else None,
    }


@router.post("/records/{record_id}/retention", response={200: RetentionDecidedOut, **refusals(409, 413, 415)})
def decide_retention(request: HttpRequest, record_id: Id, body: RetentionIn) -> Any:
    """Keep all versions longer or for good, or dispose of their files when their retention is over. That cannot be undone, and a hold
    stops it; the bytes go in the background."""
    actor, record = signed_in(request), record_of(record_id)
    if body.decision == "dispose":
        services.disposing.dispose(record=record, reason=body.reason, by=actor, seen=body.seen)
    else:
        if (body.decision == "longer") != (body.until is not None):
            raise Invalid(_UNTIL, errors=[FieldError("/until", _UNTIL)])
        why, for_good = body.reason or None, body.decision == "for-good"
        services.retain(record=record, until=body.until, by=actor, reason=why, for_good=for_good, longer=True)
    concept = record_of(record_id).concept
    return {
        "record": record.pk,
        "retain_until": concept.retain_until,
        "kept_for_good": concept.kept_for_good,
        "disposal": concept.disposal if concept.is_disposed else None,
    }


_UNTIL = Text2(
    "Give until when for longer, and for nothing else.", "until は longer のときだけ、必ず指定してください。"
)


def _kept(one: retention.Kept) -> dict[str, Any]:
    return {
        "record": one.record.pk,
        "title": one.record.title,
        "versions": one.versions,
        "retain_until": one.until,
        "why": one.why,
        "files": one.files,
        "size": one.size,
        "held": one.hold is not None,
        "hold_reason": one.hold.reason if one.hold else "",
        "draft_open": one.is_continued,
        "disposal": one.disposal,
    }

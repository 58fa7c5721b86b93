"""REST of who may have a record's files: deciding it, secret links, requests and their answers."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router, Status

from shirushi.accounts.actors import Actor, actor_of, address_of
from shirushi.core import rules, services
from shirushi.core.documents import shared_url
from shirushi.core.errors import FieldError, Invalid, NotFound
from shirushi.core.models import AccessRequest, Record, SecretLink
from shirushi.metadata.fields import Text2
from shirushi.metadata.work import Access
from shirushi.systems.repository import api_schemas_access as schemas
from shirushi.systems.repository.api_common import Id, Limit, Offset, errors, page, record_of, refusals, signed_in
from shirushi.systems.repository.api_records import living

router = Router(tags=["access"])


@router.get("/{record_id}/access", response={200: schemas.AccessOut, **errors(404)})
def get_access(request: HttpRequest, record_id: Id) -> Any:
    """Who may have the files of a version, and whether you may."""
    return _access(record_of(record_id), actor_of(request))


@router.put("/{record_id}/access", response={200: schemas.AccessOut, **refusals(409, 413, 415)})
def put_access(request: HttpRequest, record_id: Id, body: schemas.AccessIn) -> Any:
    """Decide it anew. It holds from now on; the metadata stay public."""
    actor, record = signed_in(request), record_of(record_id)
    try:
        access = Access(rights=body.rights, until=body.until, note=body.note)
    except ValueError as error:
        raise Invalid(_EMBARGO, errors=[FieldError("/until", _EMBARGO)]) from error
    services.change_access(record=record, access=access, by=actor, knowingly=body.knowingly, seen=body.seen)
    return _access(record, actor)


@router.get("/{record_id}/links", response={200: schemas.LinksOut, **refusals()})
def list_links(request: HttpRequest, record_id: Id, offset: Offset = 0, limit: Limit = 100) -> Any:
    """The secret links to a record, without their secrets, the newest first; also those for review of a draft that has become one of
    its versions."""
    record = _kept(request, record_id)
    total, items, following = page(request, SecretLink.to_versions_of(record.concept_id), offset, limit)
    return {"total": total, "items": [link_out(link) for link in items], "next": following}


@router.post("/{record_id}/links", response={201: schemas.LinkMade, **refusals(409, 413, 415)})
def make_link(request: HttpRequest, record_id: Id, body: schemas.LinkIn) -> Any:
    """A new secret link. Its address is told this once."""
    link, secret = services.make_link(
        of=record_of(record_id),
        kind=SecretLink.Kind(body.kind),
        by=signed_in(request),
        days=body.days,
        label=body.label,
    )
    return Status(201, {**link_out(link), "url": shared_url(secret)})


@router.delete("/{record_id}/links/{link_id}", response={204: None, **refusals()})
def revoke_link(request: HttpRequest, record_id: Id, link_id: Id) -> Any:
    """From the next request on it opens nothing."""
    record = _kept(request, record_id)
    links = SecretLink.to_versions_of(record.concept_id)
    link = links.select_related("record", "draft").filter(pk=link_id).first()
    if link is None:
        raise NotFound(_NO_LINK)
    services.revoke_link(link=link, by=signed_in(request))
    return Status(204, None)


@router.post("/{record_id}/requests", response={201: schemas.AskedOut, **refusals(409, 410, 413, 415, 429)})
def ask(request: HttpRequest, record_id: Id, body: schemas.AskIn) -> Any:
    """Ask for the files. A guest gives name and e-mail address; the answer will stand at ``url``. Somebody who is signed in and has asked
    already gets that request, with the new words."""
    asked, address = services.request_access(
        record=living(record_id),
        by=actor_of(request),
        message=body.message,
        name=body.name,
        email=body.email,
        source=address_of(request),
    )
    url = request.build_absolute_uri(reverse("access-answer", args=[address]))
    return Status(201, {"id": asked.pk, "state": asked.state, "url": url})


@router.get("/{record_id}/requests", response={200: schemas.RequestsOut, **refusals()})
def list_requests(request: HttpRequest, record_id: Id, offset: Offset = 0, limit: Limit = 100) -> Any:
    """Who has asked for the files, the newest first, for those who may answer."""
    record = _kept(request, record_id)
    asked = AccessRequest.objects.filter(concept=record.concept_id).select_related("by")
    total, items, following = page(request, asked, offset, limit)
    return {"total": total, "items": [_request(one) for one in items], "next": following}


@router.post("/{record_id}/requests/{request_id}", response={200: schemas.RequestOut, **refusals(409, 413, 415)})
def answer(request: HttpRequest, record_id: Id, request_id: Id, body: schemas.AnswerRequestIn) -> Any:
    """Let them in for some days, or not. An answer can be changed."""
    record = _kept(request, record_id)
    asked = AccessRequest.objects.select_related("record").filter(pk=request_id, concept=record.concept_id).first()
    if asked is None:
        raise NotFound(_NO_REQUEST)
    actor = signed_in(request)
    return _request(
        services.answer_request(asked=asked, grant=body.grant, by=actor, days=body.days, answer=body.answer)
    )


_EMBARGO = Text2(
    "An embargo needs the day on which it ends, like 2027-04-01, and only an embargo has one.",
    "公開を待つときだけ、公開する日を 2027-04-01 のように入れてください。",
)
_NO_LINK = Text2("This record has no such link.", "この記録にそのリンクはありません。")
_NO_REQUEST = Text2("This record has no such request.", "この記録にその申請はありません。")


def _kept(request: HttpRequest, record_id: str) -> Record:
    """The record, for whoever keeps it."""
    record = record_of(record_id)
    rules.require(signed_in(request), "let-in", record)
    return record


def _access(record: Record, by: Actor) -> dict[str, Any]:
    return {**record.access_now.model_dump(), "may_read": rules.can_read_files(by, record)}


def link_out(link: SecretLink) -> dict[str, Any]:
    """A link without its secret."""
    names = ("kind", "label", "created_at", "expires_at", "revoked_at", "last_used_at")
    return {"id": link.pk, **{name: getattr(link, name) for name in names}}


def _request(asked: AccessRequest) -> dict[str, Any]:
    names = ("state", "message", "answer", "created_at", "decided_at", "expires_at")
    who = {"by": asked.by.name, "email": asked.by.email} if asked.by else {"by": asked.name, "email": asked.email}
    return {"id": asked.pk, **who, **{name: getattr(asked, name) for name in names}}

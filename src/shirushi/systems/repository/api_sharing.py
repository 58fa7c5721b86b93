"""REST of drafts shown to reviewers who must not know who made them: the links that their owner makes and revokes."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from shirushi.accounts.actors import Actor
from shirushi.core import rules, services
from shirushi.core.documents import shared_url
from shirushi.core.errors import NotFound
from shirushi.core.models import Draft, SecretLink
from shirushi.metadata.fields import Text2
from shirushi.systems.repository import api_schemas_access as schemas
from shirushi.systems.repository.api_access import link_out
from shirushi.systems.repository.api_common import Id, Limit, Offset, draft_of, page, refusals

router = Router(tags=["drafts"])


@router.get("/{draft_id}/review-links", response={200: schemas.LinksOut, **refusals()})
def list_review_links(request: HttpRequest, draft_id: Id, offset: Offset = 0, limit: Limit = 100) -> Any:
    """The links for anonymous review of a draft, without their secrets, the newest first."""
    draft, _ = _shared(request, draft_id)
    total, items, following = page(request, SecretLink.objects.filter(draft=draft), offset, limit)
    return {"total": total, "items": [link_out(link) for link in items], "next": following}


@router.post("/{draft_id}/review-links", response={201: schemas.LinkMade, **refusals(413, 415)})
def make_review_link(request: HttpRequest, draft_id: Id, body: schemas.ReviewLinkIn) -> Any:
    """A link for anonymous review: whoever has its address sees the draft and its files without the names of people and houses. The address
    is told this once."""
    draft, actor = _shared(request, draft_id)
    link, secret = services.make_link(of=draft, kind=SecretLink.Kind.REVIEW, by=actor, days=body.days, label=body.label)
    return Status(201, {**link_out(link), "url": shared_url(secret)})


@router.delete("/{draft_id}/review-links/{link_id}", response={204: None, **refusals()})
def revoke_review_link(request: HttpRequest, draft_id: Id, link_id: Id) -> Any:
    """From the next request on it opens nothing."""
    draft, actor = _shared(request, draft_id)
    link = SecretLink.objects.select_related("draft").filter(pk=link_id, draft=draft).first()
    if link is None:
        raise NotFound(_NO_LINK)
    services.revoke_link(link=link, by=actor)
    return Status(204, None)


_NO_LINK = Text2("This draft has no such link.", "この下書きにそのリンクはありません。")


def _shared(request: HttpRequest, draft_id: str) -> tuple[Draft, Actor]:
    """The draft, for whoever may show it to others. Raises as :func:`draft_of`, and NotAllowed."""
    draft, actor = draft_of(request, draft_id)
    rules.require(actor, "let-in", draft)
    return draft, actor

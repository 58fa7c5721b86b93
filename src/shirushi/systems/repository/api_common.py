"""What the routers share: the errors they declare, pages, versions, and finding what an address names."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import register_converter
from django.urls.converters import PathConverter
from ninja import Query
from pydantic import Field

from shirushi.accounts.actors import Actor, actor_of
from shirushi.accounts.models import Space
from shirushi.core import rules
from shirushi.core.errors import Conflict, NotFound
from shirushi.core.models import Draft, Record
from shirushi.metadata.fields import Text2
from shirushi.systems.repository.api_errors import Changed, NotSignedIn, VersionNeeded
from shirushi.systems.repository.api_schemas import Problem


class AnyPath(PathConverter):
    """A path with whatever in it, a line break too: it is refused where the reason can be told."""

    regex = "(?s:.+)"


register_converter(AnyPath, "any")

Offset = Annotated[int, Query(ge=0, le=2**31)]
DEEPEST = 10_000  # hits: ranking more of them to show the next costs more than a better question
Limit = Annotated[int, Query(ge=1, le=200)]
Id = Annotated[str, Field(max_length=20)]


def errors(*statuses: int) -> dict[frozenset[int], type[Problem]]:
    """Declares the problems that an operation may answer with, for its ``response``."""
    return {frozenset({400, 401, 405, 422, *statuses}): Problem}


def signed_in(request: HttpRequest) -> Actor:
    """Who asks. Raises NotSignedIn for nobody."""
    actor = actor_of(request)
    if actor.kind == "anonymous":
        raise NotSignedIn
    return actor


def draft_of(request: HttpRequest, draft_id: str) -> tuple[Draft, Actor]:
    """The draft and who asks for it.

    Raises:
        NotSignedIn: for nobody.
        NotFound: when there is none, or not for them: that a draft exists is nobody else's business.
    """
    actor = signed_in(request)
    draft = rules.visible_drafts(actor).select_related("space").filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(
            Text2(
                "There is no such draft that you may see. GET /api/drafts lists yours.",
                "その下書きはないか、見ることができません。GET /api/drafts で一覧を見られます。",
            )
        )
    return draft, actor


def record_of(record_id: str) -> Record:
    """The record of that id, withdrawn or not. Raises NotFound."""
    record = Record.objects.select_related("space", "concept").filter(pk=record_id).first()
    if record is None:
        raise NotFound(
            Text2(
                "There is no such record. GET /api/records?q= finds them.",
                "その記録はありません。GET /api/records?q= で探せます。",
            )
        )
    return record


def space_of(slug: str) -> Space:
    space = Space.objects.filter(slug=slug).first()
    if space is None:
        raise NotFound(
            Text2(
                "There is no such space. GET /api/spaces lists them.",
                "そのスペースはありません。GET /api/spaces で一覧を見られます。",
            ),
            pointer="/space",
        )
    return space


@contextmanager
def seen_version(request: HttpRequest, at_version: int | None) -> Iterator[int]:
    """The version that the sender saw: from ``at_version``, else from If-Match.

    A conflict is 409 for the first and 412 for the second; both name the current version.

    Raises:
        VersionNeeded: when neither is given.
    """
    if at_version is not None:
        yield at_version
        return
    version = _from_etag(request.headers.get("If-Match", ""))
    try:
        yield version
    except Conflict as error:
        if error.code != Conflict.code:
            raise  # not stale: the draft's state does not allow it
        raise Changed(error.message, error.version) from error


def etag(draft: Draft) -> str:
    return f'"{draft.version}"'


def page(request: HttpRequest, found: QuerySet[Any], offset: int, limit: int) -> tuple[int, list[Any], str | None]:
    """How many there are, one page of them, and the address of the next."""
    total = found.count()
    return total, list(found[offset : offset + limit]), next_page(request, total, offset, limit)


def next_page(request: HttpRequest, total: int, offset: int, limit: int) -> str | None:
    if offset + limit >= total:
        return None
    values = [(key, value) for key, each in request.GET.lists() for value in each if key not in {"offset", "limit"}]
    return f"{request.path}?{urlencode([*values, ('offset', offset + limit), ('limit', limit)])}"


def _from_etag(value: str) -> int:
    digits = value.strip().removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise VersionNeeded
    return int(digits)

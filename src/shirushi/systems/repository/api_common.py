"""What the routers share: the errors they declare, pages, versions, and finding what an address names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from shirushi.systems.repository import file_lists
from shirushi.systems.repository.api_errors import Changed, NotSignedIn, VersionNeeded
from shirushi.systems.repository.api_schemas import Problem


class AnyPath(PathConverter):
    """A path with whatever in it, a line break too: it is refused where the reason can be told."""

    regex = "(?s:.+)"


register_converter(AnyPath, "any")

Offset = Annotated[int, Query(ge=0, le=2**31)]
DEEPEST = 10_000  # hits: ranking more of them to show the next costs more than a better question
Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[
    str | None, Query(max_length=4_100, description="the path behind which the page begins, as next has it")
]
Part = Annotated[str, Query(max_length=500, description="only paths that hold this, whatever its case")]
Prefix = Annotated[str, Query(max_length=4_100, description="only paths that begin with this: a folder, say")]
Id = Annotated[str, Field(max_length=20)]

_ANY = "*"
_STALE = {Conflict.code, "file-exists", "file-changed"}


def header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": description}


IF_MATCH = header("If-Match", "the draft's version that was seen, as its ETag; 412 when it has changed")
FILE_IF_MATCH = header("If-Match", "the ETag of the file or of the draft that was seen; 412 when it has changed")
FILE_IF_NONE_MATCH = header("If-None-Match", "* puts the file only where there is none; 412 when there is one")
READ_IF_NONE_MATCH = header("If-None-Match", "the ETag of the file that you have; 304 when it is still the same")


def errors(*statuses: int) -> dict[frozenset[int], type[Problem]]:
    """Declares the problems that an operation may answer with, for its ``response``. Any may be told that there is no room now."""
    return {frozenset({400, 401, 405, 422, 503, *statuses}): Problem}


def refusals(*statuses: int) -> dict[frozenset[int], type[Problem]]:
    """:func:`errors` of an operation that changes something: whoever may not, a body without a length."""
    return errors(403, 404, 411, *statuses)


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


@dataclass(slots=True)
class Seen:
    """What a change is made on condition of; the services look again when they make it."""

    at_version: int | None = None
    if_absent: bool = False
    if_sha256: str | None = None


@contextmanager
def seen_version(request: HttpRequest, draft: Draft, at_version: int | None) -> Iterator[int]:
    """The version that the sender saw: ``at_version``, else the one in If-Match. When both are sent, both must hold.

    ``If-Match: *`` takes the draft at whatever version it is.

    A conflict is 409 for the first and 412 for the second; both name the current version.

    Raises:
        VersionNeeded: when neither is given.
    """
    tags = _tags(request, "If-Match")
    if not tags - {_ANY}:
        if at_version is None and not tags:
            raise VersionNeeded
        yield draft.version if at_version is None else at_version
        return
    current = draft.version
    if str(current) not in tags:
        raise Changed.since(draft)
    with _as_412(if_not=at_version not in {None, current}):
        yield current if at_version is None else at_version


@contextmanager
def preconditions(request: HttpRequest, draft: Draft, path: str | None = None) -> Iterator[Seen]:
    """What If-Match and If-None-Match say that the sender saw, for changes that need not say it: the draft's version, or the
    SHA-256 of the file at ``path``. What the service finds changed meanwhile is 412.

    Raises:
        Changed: it is not so.
    """
    match, none = _tags(request, "If-Match"), _tags(request, "If-None-Match")
    file = draft.files.filter(path=path).first() if path is not None and match | none else None
    sha256 = file.sha256 if file else None
    seen = Seen(if_absent=_ANY in none)
    if sha256 is not None and none & {_ANY, sha256}:
        raise Changed.file(draft)
    if str(draft.version) in match:
        seen.at_version = draft.version
    elif sha256 is not None and sha256 in match:
        seen.if_sha256 = sha256
    elif match and not (_ANY in match and (path is None or file is not None)):
        raise Changed.since(draft)
    with _as_412():
        yield seen


@contextmanager
def _as_412(*, if_not: bool = False) -> Iterator[None]:
    try:
        yield
    except Conflict as error:
        if if_not or error.code not in _STALE:
            raise  # not stale: the draft's state does not allow it
        raise Changed(error.message, error.version, code=error.code) from error


def etag(draft: Draft) -> str:
    return f'"{draft.version}"'


def page(request: HttpRequest, found: QuerySet[Any], offset: int, limit: int) -> tuple[int, list[Any], str | None]:
    """How many there are, one page of them, and the address of the next."""
    total = found.count()
    return total, list(found[offset : offset + limit]), next_page(request, total, offset, limit)


def files_page(
    request: HttpRequest, files: QuerySet[Any], *, offset: int, limit: int, after: str | None, part: str, prefix: str
) -> tuple[int, list[Any], str | None]:
    """:func:`page` of files by path. The next one is named by the last path of this one, so that the deepest costs no more than
    the first; ``offset`` is for who wants to leap."""
    found = file_lists.narrowed(files, part=part, prefix=prefix)
    if offset and after is None:
        last = found.order_by("path").values_list("path", flat=True)[offset - 1 : offset].first()
        after = last
        if last is None:
            return found.order_by().count(), [], None
    turned = file_lists.turned(found, limit=limit, after=after or "")
    return turned.total, turned.items, file_lists.next_page(request, turned, limit)


def next_page(request: HttpRequest, total: int, offset: int, limit: int) -> str | None:
    if offset + limit >= total:
        return None
    values = [(key, value) for key, each in request.GET.lists() for value in each if key not in {"offset", "limit"}]
    return f"{request.path}?{urlencode([*values, ('offset', offset + limit), ('limit', limit)])}"


def _tags(request: HttpRequest, header: str) -> set[str]:
    """The entity tags that a header names, without their quotes; ``*`` for any."""
    tags = (tag.strip().removeprefix("W/").strip('"') for tag in request.headers.get(header, "").split(","))
    return {tag for tag in tags if tag} if header in request.headers else set()

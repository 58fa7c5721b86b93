"""The JSON of a record for readers who are not signed in, kept as bytes under everything that it depends on.

A published version never changes. What may change about it is asked of the database each time, in one query: whether it was withdrawn,
who may have its files, how its identifiers stand, and the day, on which an embargo may end.
"""

from datetime import date
from functools import cache, wraps
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from shirushi.core.models import Identifier, Record
from shirushi.systems.repository.api_errors import View
from shirushi.systems.repository.landing import Kept
from shirushi.systems.repository.visits import AS_JSON, visited

LARGEST = 1024**2  # bytes: larger answers are made anew
_KINDS = frozenset({"", "*/*", "application/json"})
_kept: Kept[bytes] = Kept(256)


def kept(view: View) -> View:
    """A view of one record that answers plain questions of nobody in particular from memory."""

    @wraps(view)
    def inner(request: HttpRequest, record_id: str) -> HttpResponseBase:
        state = _state(record_id) if _is_plain(request) else None
        if state is None:
            return view(request, record_id=record_id)
        if (body := _kept.get(state)) is not None:
            visited(request, record_id, state.concept_id, thing=AS_JSON)
        else:
            response = view(request, record_id=record_id)  # it notes the visit itself
            if response.status_code != 200 or not isinstance(response, HttpResponse) or "Cache-Control" in response:
                return response
            body = response.content
            # Whoever changed it meanwhile may have been seen: then it belongs to no state.
            if len(body) <= LARGEST and _state(record_id) == state:
                _kept.put(state, body)
        headers = {"Vary": "Accept, Accept-Language, Authorization, Cookie"}
        return HttpResponse(body, content_type="application/json; charset=utf-8", headers=headers)

    return inner


def _is_plain(request: HttpRequest) -> bool:
    meta = request.META
    asked = request.method == "GET" and not meta.get("QUERY_STRING") and meta.get("HTTP_ACCEPT", "") in _KINDS
    return asked and not (meta.get("HTTP_AUTHORIZATION") or meta.get("HTTP_COOKIE") or settings.DEBUG)


class _State(NamedTuple):
    """What may differ between two answers."""

    record_id: str
    concept_id: str
    today: date
    rows: str


def _state(record_id: str) -> _State | None:
    """None when there is no such record, or it was withdrawn."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        rows = connection.connection.execute(_question(), (record_id,)).fetchall()
    if not rows or rows[0][0] is not None:
        return None
    return _State(record_id, rows[0][1], timezone.localdate(), str(rows))


@cache
def _question() -> str:
    """Composing it anew by the ORM, or a cursor of Django's, costs more than asking it of the driver."""
    given = "?" if connection.vendor == "sqlite" else "%s"
    record, identifier = Record._meta.db_table, Identifier._meta.db_table  # noqa: SLF001 - documented by Django
    return (
        f"SELECT r.withdrawn_at, r.concept_id, r.access, i.id, i.state FROM {record} r "  # noqa: S608 - names of our own tables
        f"LEFT JOIN {identifier} i ON i.record_id = r.id OR i.concept_id = r.concept_id WHERE r.id = {given} ORDER BY i.id"
    )

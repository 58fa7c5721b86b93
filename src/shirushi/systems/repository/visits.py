"""Who visits a record, for the statistics: people and their programs are told apart, robots are left out.

Robots and programs are known by the lists of COUNTER (the package counter-robots) and by what calls itself a bot.
"""

import re
from functools import lru_cache

from counter_robots import is_machine, is_robot
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from shirushi.accounts.actors import address_of
from shirushi.core import usage
from shirushi.core.usage import Kind

_LONGEST_AGENT = 500
_CALLS_ITSELF = re.compile(r"bot\b|crawler|spider|\bmonitor", re.IGNORECASE)
_COUNTED = frozenset({200, 206, 304})  # section 7.1 of the Code; 206 is a part of a file
AS_JSON = "as JSON of this interface"  # the thing that is visited, made anew or answered from memory
_FOR_PROGRAMS = ("/api/", "/invenio/")


def visited(
    request: HttpRequest,
    record_id: str,
    concept_id: str,
    *,
    thing: str,
    kind: Kind = "investigation",
    response: HttpResponseBase | None = None,
) -> None:
    """Note that an answer was given about a record: ``thing`` names what of it, and without a ``response`` it was a 200. What no
    person asked for (HEAD, a browser's reading ahead), what was refused, and what robots ask for is left out. Never raises."""
    status = response.status_code if response is not None else 200
    if request.method != "GET" or status not in _COUNTED or _reads_ahead(request):
        return
    agent = request.META.get("HTTP_USER_AGENT", "")[:_LONGEST_AGENT]
    what = _kind_of(agent)
    if what == "robot":
        return
    has_bytes = kind == "request" and response is not None and status != 304
    size = int(response.headers.get("Content-Length") or 0) if has_bytes and response is not None else 0
    usage.note(
        record=record_id,
        concept=concept_id,
        kind=kind,
        thing=thing,
        who=_who(request, agent),
        machine=what == "machine" or request.path_info.startswith(_FOR_PROGRAMS),
        size=size,
        part=status == 206,
    )


@lru_cache(maxsize=4096)
def _kind_of(agent: str) -> str:
    """``machine`` for a program that somebody runs, ``robot`` for one that goes round by itself, ``regular`` for a browser."""
    if is_machine(agent):
        return "machine"
    return "robot" if is_robot(agent) or _CALLS_ITSELF.search(agent) else "regular"


def _reads_ahead(request: HttpRequest) -> bool:
    purpose = request.META.get("HTTP_SEC_PURPOSE", "") + request.META.get("HTTP_PURPOSE", "")
    return "prefetch" in purpose or "prerender" in purpose


def _who(request: HttpRequest, agent: str) -> str:
    """What tells users apart (section 7.3 of the Code): the session of who is signed in, else address and browser."""
    if session := request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        return f"session {session}"
    return f"{address_of(request)} {agent}"

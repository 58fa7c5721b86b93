"""Where InvenioRDM's REST answers, and its errors: each is of InvenioRDM's form, ``{"status", "message", "errors"}``.

It stands at an address of its own because both it and the house call their records ``/api/records`` and mean another JSON. Below
``/api`` it answers where the two cannot be mistaken: to ``Accept: application/vnd.inveniordm.v1+json``, and at the addresses that only
InvenioRDM has.
"""

import json
from functools import cache, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import Resolver404, URLPattern, path, re_path, resolve
from ninja.openapi.schema import OpenAPISchema

from shirushi.exchange import inveniordm, inveniordm_reading
from shirushi.systems.repository import api_errors
from shirushi.systems.repository.api_inveniordm import api

_MAKING = "/api/records"


def _in_its_form(view: api_errors.View) -> api_errors.View:
    """What the house says as problem+json, as InvenioRDM says it; values that do not fit are 400 there."""
    inside = api_errors.guarded(view)

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        response = inside(request, *args, **named)
        if isinstance(response, HttpResponse) and response.headers.get("Content-Type") == api_errors.MEDIA_TYPE:
            return _retold(response)
        return response

    return inner


def _retold(response: HttpResponse) -> HttpResponse:
    problem = json.loads(response.content)
    status = 400 if problem["status"] == 422 else problem["status"]
    errors = [
        {"field": inveniordm_reading.path_of(each["pointer"]), "messages": [each["detail"]]}
        for each in problem.get("errors", [])
    ]
    told = {"status": status, "message": problem["detail"], "errors": errors, "code": problem["code"]}
    told |= {name: problem[name] for name in ("tombstone", "version") if name in problem}
    response.status_code = status
    response.content = json.dumps(told, ensure_ascii=False)
    response["Content-Type"] = "application/json"
    return response


@cache
def described(prefix: str) -> OpenAPISchema:
    """Making it takes a second."""
    return api.get_openapi_schema(path_prefix=prefix)


def openapi(request: HttpRequest, space: str | None = None) -> HttpResponse:
    """The document of the addresses that were asked for it: those of all spaces, or of one."""
    prefix, document = request.path_info.removesuffix("/openapi.json"), described("")
    there = {f"{prefix}{address}": operations for address, operations in document["paths"].items()}
    return JsonResponse({**document, "paths": there}, json_dumps_params={"ensure_ascii": False})


def _nothing_here(request: HttpRequest, **_named: Any) -> HttpResponse:
    return api_errors.unknown_address(request)


def _patterns() -> list[URLPattern]:
    found = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    for pattern in found:
        pattern.callback = _in_its_form(pattern.callback)
    return found


urlpatterns = [path("openapi.json", openapi), *_patterns()]
unknown = _in_its_form(_nothing_here)
unknown.csrf_exempt = True  # type: ignore[attr-defined]  # an unknown address is 404 for everybody
mounted = [*urlpatterns, re_path(r"", unknown)]


def beside(view: api_errors.View) -> api_errors.View:
    """A view of the house's own REST, which lets InvenioRDM's answer when that is asked for at the same address."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        if _is_asked(request):
            try:
                match = resolve(request.path_info.removeprefix("/api"), urlconf=__name__)
            except Resolver404:
                pass
            else:
                response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
                return response
        answer = view(request, *args, **named)
        if answer.status_code == 405 and request.path_info == _MAKING:
            answer["Allow"] += ", POST"
        return answer

    return inner


def _is_asked(request: HttpRequest) -> bool:
    """By its media type; and making a draft by ``POST /api/records`` is something that only InvenioRDM knows."""
    if inveniordm.MEDIA_TYPE in request.headers.get("Accept", "") and "format" not in request.GET:
        return True
    return request.method == "POST" and request.path_info == _MAKING


def _is_only_inveniordms(address: str) -> bool:
    return "/draft" in address or address.endswith("user/records")


# What only InvenioRDM has below /api: clients that take the bare host find it there.
only_here = [pattern for pattern in urlpatterns if _is_only_inveniordms(str(pattern.pattern))]


def openapi_here(prefix: str) -> OpenAPISchema:
    """What answers below ``prefix``, ``/api/``, whatever is asked for or at an address of the house's own REST."""
    schema = api.get_openapi_schema(path_prefix=prefix)
    # Only to who asks for InvenioRDM's media type: what its clients know, and its own document tells.
    for asked in (
        f"{prefix}records/{{record_id}}/files/{{key}}/content",
        f"{prefix}records/{{record_id}}/versions/latest",
    ):
        del schema["paths"][asked]
    return schema

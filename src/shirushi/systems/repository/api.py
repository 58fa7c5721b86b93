"""The REST interface below ``/api/``: documented by ``/api/openapi.json``, read by people at ``/api/docs``.

Sign in with ``Authorization: Bearer <token>``, or with the session of the web pages and its CSRF token.
"""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from shirushi import __version__
from shirushi.systems.repository import (
    api_access,
    api_dataverse,
    api_drafts,
    api_errors,
    api_fetches,
    api_records,
    api_retention,
    api_sharing,
    api_unpackings,
    api_uploads,
    api_usage,
    api_words,
    urls_inveniordm,
)
from shirushi.systems.repository.kept_answers import kept
from shirushi.systems.repository.openapi_inveniordm import named_too

_PROBLEMS = range(400, 600)
_ONE_RECORD = "records/<record_id>"


class RepositoryAPI(NinjaAPI):
    """Adds to the OpenAPI document what ninja does not know: how to sign in, and that errors are problem+json."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's name: short, unique over the routers, and what the Japanese page looks its words up by."""
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{}, {"token": []}]
        for operations in schema["paths"].values():
            for operation in operations.values():
                _declare_problems(operation["responses"])
        return named_too(schema, urls_inveniordm.openapi_here(options["path_prefix"]))


def _declare_problems(responses: dict[Any, Any]) -> None:
    for status, response in responses.items():
        if int(status) in _PROBLEMS and "application/json" in response.get("content", {}):
            response["content"] = {api_errors.MEDIA_TYPE: response["content"]["application/json"]}


api = RepositoryAPI(
    title="shirushi",
    version=__version__,
    description=(
        "From files to a published, findable record. Errors are problem+json (RFC 9457) in Japanese or English by "
        "Accept-Language. A change to a draft names the version that was seen, by at_version or If-Match: the first one wins."
    ),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
api.add_router("/drafts", api_drafts.router)
api.add_router("/drafts", api_uploads.router)
api.add_router("/drafts", api_fetches.router)
api.add_router("/drafts", api_unpackings.router)
api.add_router("/drafts", api_sharing.router)
api.add_router("", api_uploads.own)
api.add_router("/records", api_records.router)
api.add_router("/records", api_access.router)
api.add_router("", api_records.public)
api.add_router("", api_usage.router)
api.add_router("", api_retention.router)
api.add_router("", api_dataverse.router)
for _error, _handler in api_errors.HANDLERS:
    api.add_exception_handler(_error, _handler)


@cache
def described() -> OpenAPISchema:
    """Making it takes a second."""
    return api.get_openapi_schema(path_prefix="/api/")


def openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(described(), json_dumps_params={"ensure_ascii": False})


def docs(request: HttpRequest) -> HttpResponse:
    """The interface as a page to read: made here, because ninja's own pages need inline styles, which the CSP forbids."""
    schema = described()
    is_japanese = api_errors.language().startswith("ja")
    context = {
        "schema": schema,
        "words": api_words.OPERATIONS_JA if is_japanese else {},
        "about": api_words.ABOUT_JA if is_japanese else schema["info"]["description"],
        "required": "必須" if is_japanese else "required",
    }
    return render(request, "repository/api.html", context)


def _patterns() -> list[URLPattern]:
    found: list[URLPattern] = []
    for pattern in api.urls[0]:
        assert isinstance(pattern, URLPattern)
        speaks_tus = "/uploads/" in str(pattern.pattern)
        guarded = api_uploads.guarded if speaks_tus else api_errors.guarded
        pattern.callback = urls_inveniordm.beside(guarded(pattern.callback))
        if str(pattern.pattern) == _ONE_RECORD:
            pattern.callback = kept(pattern.callback)
        found.append(pattern)
    found.sort(key=lambda pattern: str(pattern.pattern) != _ONE_RECORD)  # asked for most, so looked at first
    return [pattern for pattern in found if pattern.name != "api-root"]


urlpatterns = [
    *_patterns(),
    path("openapi.json", openapi, name="openapi"),
    path("docs", docs, name="api-docs"),
    *urls_inveniordm.only_here,
    re_path(r"", api_errors.unknown_address),
]

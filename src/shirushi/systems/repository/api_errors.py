"""Where an error becomes ``application/problem+json`` (RFC 9457). Every error below ``/api/`` is made here.

``type`` is ``urn:shirushi:problem:<code>``: stable, for programs. ``detail`` is for people, in the language they accept.
``errors`` names each value at fault by JSON Pointer.
"""

import json
import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import Error as DatabaseFault
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.http.request import RawPostDataException
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import get_language
from ninja.errors import AuthenticationError, HttpError, ValidationError

from shirushi.accounts.actors import actor_of
from shirushi.core import database
from shirushi.core.errors import Conflict, DomainError, Gone, Invalid
from shirushi.core.models import Draft
from shirushi.core.objects import in_kernel_words
from shirushi.metadata.fields import Text2
from shirushi.search.engine import SearchError
from shirushi.storage import StoreUnreachable

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_NOTHING_HERE = Text2(
    "There is nothing at this address. The addresses that exist are listed in /api/openapi.json.",
    "このアドレスには何もありません。使えるアドレスは /api/openapi.json にあります。",
)
_SIGN_IN = Text2(
    "Sign in, or send a valid token as: Authorization: Bearer <token>.",
    "サインインするか、有効なトークンを Authorization: Bearer <token> として送ってください。",
)
_NO_CSRF = Text2(
    "The request came with a session but without its CSRF token. Send the cookie's value as X-CSRFToken, or use a token.",
    "セッションで送られましたが CSRF トークンがありません。クッキーの値を X-CSRFToken で送るか、トークンを使ってください。",
)
_NOT_JSON = Text2(
    "The body is not JSON. Send one JSON object in UTF-8.",
    "本文が JSON ではありません。UTF-8 の JSON オブジェクトを送ってください。",
)
_NOT_JSON_TYPE = Text2(
    "The body must be JSON. Send it with Content-Type: application/json.",
    "本文は JSON で送ってください。Content-Type: application/json を付けてください。",
)
_METHOD = Text2(
    "This address does not take that method. The header Allow names those it takes.",
    "このアドレスではそのメソッドを使えません。使えるものはヘッダー Allow にあります。",
)
_TOO_BIG = Text2(
    "The body is larger than this server takes. Send files one by one with PUT, and metadata field by field.",
    "本文が大きすぎます。ファイルは PUT で一つずつ、メタデータは項目ごとに送ってください。",
)
_BROKEN_OFF = Text2(
    "The request ended before all of it had come. Send it again.", "送信が途中で切れました。もう一度送ってください。"
)
_VALUES = Text2(
    "Some values do not fit; they are named in errors. Nothing was changed.",
    "合わない値があります。errors を見てください。何も変更していません。",
)
_NO_INDEX = Text2(
    "Search is not available just now; records can be read by their id. Try again in a minute, and tell the operator if it stays.",
    "いま検索を使えません。記録は ID で読めます。少し待ってからお試しください。続くときは運用者に知らせてください。",
)
_NO_ROOM = Text2(
    "Too many files are on their way at once; nothing was kept. Try again in a minute.",
    "ファイルの送受信が混み合っているため、保存していません。少し待ってから、もう一度お試しください。",
)
_OURS = Text2(
    "The server could not finish this. Nothing that was saved is lost. Try again in a minute, and tell the operator if it stays.",
    "サーバーで処理できませんでした。保存済みのものは失われていません。少し待っても続くときは運用者に知らせてください。",
)
_TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not available in this form",
    409: "Conflict",
    410: "Withdrawn",
    411: "Length required",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not this media type",
    416: "No such range",
    422: "Values do not fit",
    423: "In use",
    428: "Say which version",
    429: "Too many at once",
    460: "Checksum mismatch",
    500: "Server error",
    503: "Not available now",
    507: "No room left",
}

View = Callable[..., HttpResponseBase]


class NotSignedIn(DomainError):
    status = 401
    code = "not-signed-in"

    def __init__(self) -> None:
        super().__init__(_SIGN_IN)


class VersionNeeded(DomainError):
    """A change to a draft must say which version of it was seen (RFC 6585)."""

    status = 428
    code = "version-needed"

    def __init__(self) -> None:
        words = Text2(
            "Say which version of the draft you saw: at_version in the body, or its ETag in If-Match.",
            "どの版の下書きを見たかを、本文の at_version かヘッダー If-Match で知らせてください。",
        )
        super().__init__(words, pointer="/at_version")


class Changed(DomainError):
    """The draft, or a file of it, is not what If-Match or If-None-Match says. ``version`` is the draft's current one."""

    status = 412
    code = "changed"

    def __init__(self, message: Text2, version: int | None, *, code: str = "changed") -> None:
        super().__init__(message, code="changed" if code == Conflict.code else code)
        self.version = version

    @classmethod
    def since(cls, draft: Draft) -> "Changed":
        words = Text2(
            "This is no longer what you saw, as If-Match names it. Nothing was changed. Get it again, look at what is new, then "
            "do yours again.",
            "If-Match で示された内容から変わっています。何も変更していません。取得し直して変更を確かめてから、もう一度操作してください。",
        )
        return cls(words, draft.version)

    @classmethod
    def file(cls, draft: Draft) -> "Changed":
        words = Text2(
            "There is such a file already, and If-None-Match says that there must not be. Nothing was changed.",
            "If-None-Match が付いていますが、そのファイルはすでにあります。何も変更していません。",
        )
        return cls(words, draft.version, code="file-exists")

    def details(self) -> dict[str, Any]:
        return {"version": self.version}


class LengthRequired(DomainError):
    """WSGI cannot tell where a body without a length ends: reading it would keep an empty file and say nothing."""

    status = 411
    code = "length-required"

    def __init__(self) -> None:
        words = Text2(
            "Send the body with Content-Length, not in chunks. Nothing was kept.",
            "本文は Content-Length を付けて送ってください（チャンク転送は使えません）。保存していません。",
        )
        super().__init__(words)


class NotAcceptable(DomainError):
    status = 406
    code = "no-such-format"


def problem(
    request: HttpRequest, status: int, code: str, detail: str, extra: Mapping[str, Any] | None = None
) -> HttpResponse:
    """An error as a response."""
    body = {
        "type": f"urn:shirushi:problem:{code}",
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        **(extra or {}),
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="shirushi"'
    return response


def language() -> str:
    return get_language() or "en"


def said(
    request: HttpRequest, status: int, code: str, words: Text2, extra: Mapping[str, Any] | None = None
) -> HttpResponse:
    return problem(request, status, code, words.in_(language()), extra)


def from_domain(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A domain error: its status and code, and its words in the reader's language."""
    extra = error.details()
    if isinstance(error, Invalid):
        extra["errors"] = [{"pointer": e.pointer, "detail": e.in_(language())} for e in error.errors]
    if isinstance(error, Gone):
        extra |= getattr(error, "extra", {})
    response = problem(request, error.status, error.code, error.in_(language()), extra)
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


def from_validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Parameters and bodies that do not fit the schema: each is named, with the part of the request it came in."""
    found = [_named(entry) for entry in error.errors]
    return said(request, 422, "invalid", _VALUES, {"errors": found})


def _named(entry: Mapping[str, Any]) -> dict[str, str]:
    place, *path = [str(step) for step in entry["loc"]]
    if place == "body":
        path = path[1:]  # the name of the function's argument says nothing to the sender
    message = str(entry["msg"])
    words = Text2(message, f"値の形が合いません（{message}）。")
    return {"pointer": "".join(f"/{step}" for step in path), "in": place, "detail": words.in_(language())}


def from_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error, AuthenticationError):
        return said(request, 401, "not-signed-in", _SIGN_IN)
    if error.status_code == 400:
        return said(request, 400, "not-json", _NOT_JSON)
    return problem(request, error.status_code, "error", str(error))


def from_search(request: HttpRequest, error: SearchError) -> HttpResponse:
    """The index cannot be used just now. Where it lies and why is for the operator's log, not for everybody."""
    log.error("search: %s", error)
    return said(request, 503, "index-not-ready", _NO_INDEX)


def from_busy(request: HttpRequest) -> HttpResponse:
    """The server has no room for what would be sent or fetched just now."""
    return said(request, 503, "busy", _NO_ROOM)


def from_too_big(request: HttpRequest, error: Exception) -> HttpResponse:
    return said(request, 413, "too-large", _TOO_BIG)


def from_broken(request: HttpRequest, error: Exception) -> HttpResponse:
    return said(request, 400, "broken-off", _BROKEN_OFF)


def from_missing(request: HttpRequest, error: Exception) -> HttpResponse:
    return said(request, 404, "not-found", _NOTHING_HERE)


def from_database(request: HttpRequest, error: DatabaseFault) -> HttpResponse:
    """A full disk, or a database that is away, is for the operator to mend, and no fault of the request or of ours."""
    told = database.in_kernel_words(error)
    return from_anything(request, error) if told is None else from_domain(request, told)


def from_anything(request: HttpRequest, error: Exception) -> HttpResponse:
    """What nobody foresaw: logged with its trace, answered without it."""
    log.error("unforeseen error at %s %s", request.method, request.path, exc_info=error)
    return said(request, 500, "server-error", _OURS)


HANDLERS: tuple[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]], ...] = (
    (DomainError, from_domain),
    (StoreUnreachable, lambda request, error: from_domain(request, in_kernel_words(error))),
    (ValidationError, from_validation),
    (HttpError, from_http),
    (SearchError, from_search),
    (RequestDataTooBig, from_too_big),
    (TooManyFieldsSent, from_too_big),
    (UnreadablePostError, from_broken),
    (RawPostDataException, from_broken),
    (SuspiciousOperation, from_broken),
    (Http404, from_missing),
    (DatabaseFault, from_database),
    (Exception, from_anything),
)


def unknown_address(request: HttpRequest, *_args: Any, **_values: Any) -> HttpResponse:
    return from_missing(request, Http404())


unknown_address.csrf_exempt = True  # type: ignore[attr-defined]  # an unknown address is 404 for everybody


def guarded(view: View, *, json_only: bool = True) -> View:
    """Wraps a view of the interface: who asks is checked before it runs, HEAD is answered like GET, and what the framework
    refuses by itself becomes a problem too. ``json_only``: POST and PATCH take nothing else."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        response = _refused(request)
        if (
            response is None
            and json_only
            and _is_not_json(request)
            and request.method in _methods(view, request, args, values)
        ):
            response = said(request, 415, "not-json", _NOT_JSON_TYPE)
        if response is None:
            response = view(request, *args, **values)
        if response.status_code == 405:
            refusal = said(request, 405, "method", _METHOD)
            refusal["Allow"] = response["Allow"]
            response = refusal
        if is_head:
            request.method = "HEAD"
            response = _without_body(response)
        response.headers.setdefault("Vary", "Accept, Accept-Language, Authorization, Cookie")
        return response

    return inner


def _without_body(response: HttpResponseBase) -> HttpResponseBase:
    """A stream is not read to its end for who wants its headers alone."""
    if not response.streaming:
        return response
    response.close()
    return HttpResponse(status=response.status_code, headers=dict(response.items()))


def _refused(request: HttpRequest) -> HttpResponse | None:
    """A problem for a token that is not valid, a session without its CSRF token, or a body without a length."""
    # Only a bearer token stands in for the CSRF token: Basic credentials (of a proxy, say) come from the browser by itself.
    has_token = request.headers.get("Authorization", "").partition(" ")[0].lower() == "bearer"
    if has_token and actor_of(request).kind == "anonymous":
        return said(request, 401, "not-signed-in", _SIGN_IN)
    if request.method in _SAFE:
        return None
    if not has_token and actor_of(request).kind != "anonymous" and _lacks_csrf_token(request):
        return said(request, 403, "csrf", _NO_CSRF)
    if "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers:
        return from_domain(request, LengthRequired())
    return None


def _is_not_json(request: HttpRequest) -> bool:
    has_body = request.headers.get("Content-Length", "0") not in {"", "0"}
    return request.method in {"POST", "PATCH"} and has_body and request.content_type != "application/json"


def _methods(view: View, request: HttpRequest, args: tuple[Any, ...], values: dict[str, Any]) -> set[str]:
    """The methods that an address takes: the framework tells them when asked with one that no address takes."""
    asked = request.method
    request.method = "OPTIONS"
    try:
        return {method.strip() for method in view(request, *args, **values).get("Allow", "").split(",")}
    finally:
        request.method = asked


class _CsrfCheck(CsrfViewMiddleware):
    """Django's own check, which says the reason instead of rendering a page."""

    def _reject(self, request: HttpRequest, reason: str) -> str:  # type: ignore[override]
        return reason


def _lacks_csrf_token(request: HttpRequest) -> bool:
    request.csrf_processing_done = False  # type: ignore[attr-defined]  # the views are exempt, so that tokens need none
    check = _CsrfCheck(lambda _request: HttpResponse())
    check.process_request(request)
    return check.process_view(request, lambda: None, (), {}) is not None

"""Files sent to whoever asks: in parts if they want, unchanged ones not again, and never as a page of ours."""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header, parse_etags

from shirushi.metadata.fields import Text2
from shirushi.storage import Content
from shirushi.systems.repository.api_errors import said

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)  # no file has more bytes than these digits can say


def send_file(
    request: HttpRequest, file: Content, *, name: str, media_type: str, tag: str, begin: bool = True
) -> HttpResponseBase:
    """The file as an attachment: 200, 206 for one range (RFC 9110), 304 when the reader has it, 416 for a range beyond it.

    Only what is sent is read, wherever the file lies. Its ETag is ``tag``: a digest, or what else names these very bytes. A browser that opened it all the same could run nothing in it.
    """
    size = file.size
    etag = f'"{tag}"'
    if _has_it(request, etag):
        return _labelled(HttpResponse(status=304), etag)
    span = _span(request, size, etag)
    if span is None:
        response = _beyond(request)
        response["Content-Range"] = f"bytes */{size}"
        return _labelled(response, etag)
    start, end = span
    partial = (start, end) != (0, size)
    told = {"status": 206 if partial else 200, "content_type": media_type}
    parts = file.part(start, end)
    is_head = request.method == "HEAD"  # answered without opening the file
    if begin and not is_head:
        parts = _begun(parts)
    body = HttpResponse(**told) if is_head else StreamingHttpResponse(parts, **told)
    body["Content-Length"] = str(end - start)
    body["Content-Disposition"] = content_disposition_header(True, PurePosixPath(name).name)
    if partial:
        body["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return _labelled(body, etag)


def _begun(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts, the first of them read already: what cannot be reached is told of before the answer begins, not by breaking it off."""
    rest = iter(parts)
    return _with(next(rest, b""), rest)


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _labelled(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return response


def _has_it(request: HttpRequest, etag: str) -> bool:
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in known or f"W/{etag}" in known


def _span(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """Start and end (exclusive) of the bytes wanted; None when there are no such bytes.

    Several ranges, other units and a range of another version (If-Range) are answered with the whole file, as HTTP allows.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if match is None or match[0] == "bytes=-" or request.headers.get("If-Range", etag) != etag:
        return 0, size
    first, last = match[1], match[2]
    if not first:
        return (max(0, size - int(last)), size) if int(last) and size else None
    if last and int(last) < int(first):  # no range at all (RFC 9110, section 14.1.1)
        return 0, size
    start, end = int(first), min(int(last) + 1 if last else size, size)
    return (start, end) if start < end else None


_BEYOND = Text2(
    "The range lies beyond the end of the file. Content-Range says how many bytes it has.",
    "指定した範囲はファイルの終わりより後です。Content-Range にファイルの大きさがあります。",
)


def _beyond(request: HttpRequest) -> HttpResponse:
    """416, for programs as a problem."""
    if request.path.startswith(("/api/", "/invenio/")):
        return said(request, 416, "range-beyond", _BEYOND)
    return HttpResponse(status=416, content_type="text/plain")

"""Files sent in pieces: tus 1.0.0 (https://tus.io/protocols/resumable-upload) below ``/api/drafts/<id>/uploads/``.

Core protocol, creation, creation-with-upload, checksum (sha1, sha256), termination, expiration. Who may fill the draft may send,
and may go on with what somebody else began. Beyond tus, GET tells of an upload as JSON.
"""

import binascii
import hashlib
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import http_date
from ninja import Router, Status

from shirushi.accounts.actors import Actor
from shirushi.core import services
from shirushi.core.errors import DomainError, Invalid, NotFound
from shirushi.core.models import Upload
from shirushi.metadata.fields import Text2
from shirushi.storage.incoming import Hash
from shirushi.systems.repository import api_errors
from shirushi.systems.repository import api_schemas as schemas
from shirushi.systems.repository.api_common import Id, draft_of, errors, header, refusals, signed_in

router = Router(tags=["uploads"])
own = Router(tags=["uploads"])

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"
ALGORITHMS: Mapping[str, Callable[[], Any]] = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
OCTETS = "application/offset+octet-stream"
MOST_METADATA = 8_000  # bytes of Upload-Metadata; a path has 4,000 at most
_MOST = 2**63 - 1
_OVERRIDDEN = frozenset({"PATCH", "DELETE", "HEAD", "OPTIONS"})
_SPEAKING = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE"})
_RESUMABLE = header("Tus-Resumable", "412 for another version") | {"schema": {"const": VERSION}}
_NEEDED = _RESUMABLE | {"required": True}
_COUNT = {"required": True, "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"}}
_LENGTH = header("Upload-Length", "bytes of the whole file") | _COUNT
_METADATA = header(
    "Upload-Metadata", "filename, or relativePath where it goes into a folder, in Base64: `filename ZGF0YS5jc3Y=`"
)
_OFFSET = header("Upload-Offset", "how many bytes of the file come before these; 409 unless it is so") | _COUNT
_CHECKSUM = header(
    "Upload-Checksum",
    "sha1 or sha256 of these bytes, in Base64: `sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=`; 460 when they have another",
)
_BYTES = {
    "description": "bytes of the file",
    "required": False,
    "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
}


@own.get("/uploads", response={200: schemas.UploadsOut, **errors()})
def list_uploads(request: HttpRequest) -> Any:
    """What you have begun to send in pieces and not finished, the last begun first, at most 100."""
    found = services.uploading.unfinished(signed_in(request))
    return {"total": len(found), "items": [_shown(upload) for upload in found[:100]]}


@router.api_operation(
    ["OPTIONS"], "/{draft_id}/uploads/", response={204: None, **errors()}, openapi_extra={"security": [{}]}
)
def tus_options(request: HttpRequest, draft_id: Id, response: HttpResponse) -> Any:
    """What this server can do of tus: Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm."""
    response["Tus-Version"] = VERSION
    response["Tus-Extension"] = EXTENSIONS
    response["Tus-Max-Size"] = str(settings.SHIRUSHI_MAX_FILE_SIZE)
    response["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    return Status(204, None)


@router.post(
    "/{draft_id}/uploads/",
    response={201: None, **refusals(409, 412, 413, 415, 423, 429, 460, 507)},
    openapi_extra={"parameters": [_NEEDED, _LENGTH, _METADATA, _CHECKSUM], "requestBody": _BYTES},
)
def create_upload(request: HttpRequest, draft_id: Id, response: HttpResponse) -> Any:
    """Begin to send a file in pieces; its first piece may come along. Location is where the others go."""
    draft, actor = draft_of(request, draft_id)
    if request.headers.get("Upload-Concat"):  # part of a file would be kept as a file of its own
        raise _bad(
            "Files are not joined from uploads sent beside each other (Upload-Concat). Send the file as one upload.",
            "並行して送られたアップロード（Upload-Concat）の連結には対応していません。1つのアップロードで送ってください。",
        )
    size = _number(request, "Upload-Length")
    sent_as = request.headers.get("Upload-Metadata", "")
    path, checksum, length = _path(sent_as), _checksum(request), _body_length(request)
    if length and request.content_type != OCTETS:
        raise NotOctets
    upload = services.uploading.begin_upload(draft=draft, path=path, size=size, by=actor, sent_as=sent_as)
    if length or not size:
        try:
            _receive(request, upload, actor, at=0, checksum=checksum)
        except DomainError:
            services.uploading.cancel_upload(upload=upload, by=actor)  # nobody was told where it is
            raise
    response["Location"] = _address(upload)
    _label(response, upload)
    return Status(201, None)


@router.get(
    "/{draft_id}/uploads/{upload_id}",
    response={200: schemas.UploadOut, **errors(403, 404, 409, 410, 412, 423, 507)},
    openapi_extra={"parameters": [_RESUMABLE]},
)
def get_upload(request: HttpRequest, draft_id: Id, upload_id: Id, response: HttpResponse) -> Any:
    """How far a file has come; HEAD tells it in Upload-Offset, as tus has it. A whole one is put into the draft if it is not there."""
    upload, actor = _upload(request, draft_id, upload_id)
    upload = services.uploading.standing(upload=upload, by=actor)
    _label(response, upload)
    response["Upload-Length"] = str(upload.size)
    if upload.sent_as:
        response["Upload-Metadata"] = upload.sent_as
    response["Cache-Control"] = "no-store"
    return _shown(upload)


@router.patch(
    "/{draft_id}/uploads/{upload_id}",
    response={204: None, **refusals(409, 410, 412, 413, 415, 423, 460, 507)},
    openapi_extra={"parameters": [_NEEDED, _OFFSET, _CHECKSUM], "requestBody": _BYTES},
)
def send_piece(request: HttpRequest, draft_id: Id, upload_id: Id, response: HttpResponse) -> Any:
    """Send bytes that follow those which are here. With the last of them the file goes into the draft, as PUT does it."""
    upload, actor = _upload(request, draft_id, upload_id)
    if request.content_type != OCTETS:
        raise NotOctets
    at, checksum = _number(request, "Upload-Offset"), _checksum(request)
    upload = _receive(request, upload, actor, at=at, checksum=checksum)
    _label(response, upload)
    return Status(204, None)


@router.delete(
    "/{draft_id}/uploads/{upload_id}",
    response={204: None, **refusals(409, 410, 412, 423)},
    openapi_extra={"parameters": [_NEEDED]},
)
def cancel_upload(request: HttpRequest, draft_id: Id, upload_id: Id) -> Any:
    """Give up sending a file. What has come of it is removed; a file that is in the draft already stays."""
    upload, actor = _upload(request, draft_id, upload_id)
    services.uploading.cancel_upload(upload=upload, by=actor)
    return Status(204, None)


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """:func:`api_errors.guarded` for an address that speaks tus: its version is agreed on and told, a method that a proxy would not
    let through may come in a header, and bytes are no JSON."""
    inner = api_errors.guarded(view, json_only=False)

    @wraps(inner)
    def speaking(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
        meant = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and meant in _OVERRIDDEN:
            request.method = meant
        if _speaks_another(request):
            response: HttpResponseBase = api_errors.said(request, 412, "tus-version", _OTHER_VERSION)
            response["Tus-Version"] = VERSION
        else:
            response = inner(request, *args, **values)
        response["Tus-Resumable"] = VERSION
        return response

    return speaking


def _receive(
    request: HttpRequest, upload: Upload, actor: Actor, *, at: int, checksum: tuple[Hash, bytes] | None
) -> Upload:
    length = _body_length(request)
    try:
        return services.uploading.receive(
            upload=upload, content=request, at=at, length=length, by=actor, checksum=checksum
        )
    except Invalid as error:
        if error.code != OtherBytes.code:
            raise
        raise OtherBytes(error.message) from error


def _speaks_another(request: HttpRequest) -> bool:
    """Whether the client asks for a version of tus that we do not know. GET and HEAD may come from who knows none."""
    said = request.headers.get("Tus-Resumable")
    if said is None and request.method in {"GET", "HEAD"}:
        return False
    return said != VERSION and request.method in _SPEAKING


def _upload(request: HttpRequest, draft_id: str, upload_id: str) -> tuple[Upload, Actor]:
    draft, actor = draft_of(request, draft_id)
    upload = Upload.objects.filter(draft=draft, pk=upload_id).first()
    if upload is None:
        raise NotFound(
            Text2(
                "There is no such upload. Begin it anew with POST.",
                "そのアップロードはありません。POST で最初から始めてください。",
            )
        )
    upload.draft = draft
    return upload, actor


def _label(response: HttpResponse, upload: Upload) -> None:
    response["Upload-Offset"] = str(upload.offset)
    if upload.state == Upload.State.OPEN:
        response["Upload-Expires"] = http_date(upload.expires_at.timestamp())


def _address(upload: Upload) -> str:
    return f"/api/drafts/{upload.draft_id}/uploads/{upload.pk}"


def _shown(upload: Upload) -> dict[str, Any]:
    names = ("path", "size", "offset", "state", "created_at", "expires_at")
    sent = metadata_of(upload.sent_as)
    return {
        "id": upload.pk,
        "draft": upload.draft_id,
        **{name: getattr(upload, name) for name in names},
        "changed": sent.get("lastModified", ""),
        "url": _address(upload),
    }


def _number(request: HttpRequest, name: str) -> int:
    value = request.headers.get(name, "")
    if not (value.isascii() and value.isdecimal() and len(value) < 20) or int(value) > _MOST:
        raise _bad(f"{name} has to be a number of bytes.", f"{name} にバイト数を書いてください。")
    return int(value)


def _body_length(request: HttpRequest) -> int:
    length = request.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else 0


def metadata_of(sent_as: str) -> dict[str, str]:
    """The pairs of Upload-Metadata, decoded; what is no Base64 or no UTF-8 is left out."""
    found = {}
    for pair in sent_as.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found


def _path(sent_as: str) -> str:
    """Where the file goes: ``relativePath`` (which some clients send as the word null), else ``filename`` or ``name``."""
    if len(sent_as) > MOST_METADATA:
        raise _bad("Upload-Metadata is too long.", "Upload-Metadata が長すぎます。")
    sent = metadata_of(sent_as)
    path = sent.get("relativePath", "")
    path = "" if path == "null" else path
    path = path or sent.get("filename", "") or sent.get("name", "")
    if not path:
        raise _bad(
            "Upload-Metadata has to name the file: filename or relativePath, in Base64.",
            "Upload-Metadata にファイル名（filename か relativePath を Base64 で）を書いてください。",
        )
    return path


def _checksum(request: HttpRequest) -> tuple[Hash, bytes] | None:
    if "Upload-Checksum" not in request.headers:
        return None
    name, _, value = request.headers["Upload-Checksum"].strip().partition(" ")
    try:
        wanted = b64decode(value.strip(), validate=True)
    except binascii.Error:
        wanted = b""
    if name not in ALGORITHMS or len(wanted) != ALGORITHMS[name]().digest_size:
        raise _bad(
            f"Upload-Checksum has to be one of {', '.join(ALGORITHMS)} and the digest in Base64.",
            f"Upload-Checksum には {'、'.join(ALGORITHMS)} のいずれかと、Base64 の値を書いてください。",
        )
    return ALGORITHMS[name](), wanted


def _bad(en: str, ja: str) -> DomainError:
    return DomainError(Text2(en, ja), code="bad-header")


_OTHER_VERSION = Text2(
    "This server speaks tus 1.0.0. Send Tus-Resumable: 1.0.0.",
    "このサーバーは tus 1.0.0 に対応しています。Tus-Resumable: 1.0.0 を送ってください。",
)
_WRONG_TYPE = Text2(f"Send the bytes with Content-Type: {OCTETS}.", f"Content-Type: {OCTETS} を付けて送ってください。")


class NotOctets(DomainError):
    status = 415
    code = "not-octets"

    def __init__(self) -> None:
        super().__init__(_WRONG_TYPE)


class OtherBytes(DomainError):
    """The status is tus's own."""

    status = 460
    code = "checksum-mismatch"

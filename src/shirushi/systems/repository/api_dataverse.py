"""The two calls of Dataverse's REST by which programs download a dataset that they know by its DOI (pooch does).

Source: Dataverse Guides, Native API (``/api/datasets/:persistentId``) and Data Access API (``/api/access/datafile``).
"""

import hashlib
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from pathlib import PurePosixPath
from typing import Annotated, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from ninja import Query, Router

from shirushi.accounts.actors import actor_of
from shirushi.core import rules
from shirushi.core.documents import record_url
from shirushi.core.errors import NotFound
from shirushi.core.models import Identifier, Record, RecordFile
from shirushi.core.stored import open_path
from shirushi.metadata.fields import Text2
from shirushi.metadata.work import bare_identifier
from shirushi.storage import StorageError
from shirushi.systems.repository.api_common import READ_IF_NONE_MATCH, errors
from shirushi.systems.repository.api_records import living, readable
from shirushi.systems.repository.api_schemas import GoneOut
from shirushi.systems.repository.downloads import for_whom_it_is, send_record_file

log = logging.getLogger(__name__)

router = Router(tags=["downloads by DOI"])

# Bytes and number of a dataset's files that one call reads for their MD5, the smallest first; the others have their SHA-256 alone.
DIGESTED, MOST_DIGESTED = 64 * 2**20, 1_000
_CHUNK = 2**20
_MOST_KNOWN = 10_000
_known: dict[str, str] = {}  # SHA-256 → MD5: the same bytes are read once
_knowing = threading.Lock()

_GONE = {410: GoneOut}
_NO_DATASET = Text2(
    "No record here has this identifier. Write it like doi:10.1234/abcd.",
    "この識別子の記録はありません。doi:10.1234/abcd のように書いてください。",
)
_NO_FILE = Text2("There is no such file here.", "そのファイルはありません。")


@router.get("/datasets/:persistentId", response={200: dict[str, Any], **_GONE, **errors(404)})
@router.get("/datasets/:persistentId/", response={200: dict[str, Any]}, include_in_schema=False)
def dataset_by_identifier(
    request: HttpRequest,
    identifier: Annotated[str, Query(alias="persistentId", max_length=300, description="doi:10.1234/abcd")],
) -> Any:
    """A record and its files by DOI, as Dataverse tells of them; of a DOI for all versions, the newest."""
    record = living(_record_of(bare_identifier(identifier)))
    may_read = rules.can_read_files(actor_of(request), record)
    pieces = _pieces(record, identifier, may_read=may_read)
    return for_whom_it_is(StreamingHttpResponse(pieces, content_type="application/json; charset=utf-8"), record)


def _pieces(record: Record, identifier: str, *, may_read: bool) -> Iterator[str]:
    """The answer, some files at a time: Dataverse knows no pages of them, and there may be 100,000. Three queries."""
    version = {
        "versionNumber": record.number,
        "versionMinorNumber": 0,
        "versionState": "RELEASED",
        "datasetPersistentId": identifier,
        "releaseTime": record.published_at,
    }
    data = {
        "persistentUrl": record_url(record.pk),
        "publicationDate": record.published_at.date(),
        "latestVersion": version,
    }
    yield _json({"status": "OK", "data": data}).removesuffix("}}}") + ', "files": ['
    names = Counter(
        path.rpartition("/")[2] for path in record.files.order_by().values_list("path", flat=True).iterator()
    )
    several = {name for name, number in names.items() if number > 1}
    del names
    digested = _digested(record) if may_read else set()
    held, before = [], ""
    for file in record.files.values_list(*_SHOWN, named=True).iterator(TOGETHER):
        md5 = _digest(record, file) if file.pk in digested else _known.get(file.sha256) if may_read else None
        alone = file.path.rpartition("/")[2] not in several
        held.append(_json(_file(file, md5, restricted=not may_read, is_alone=alone)))
        if len(held) >= TOGETHER:
            yield before + ", ".join(held)
            held, before = [], ", "
    yield (before + ", ".join(held) if held else "") + "]}}}"


_json = DjangoJSONEncoder(ensure_ascii=False).encode
_SHOWN = ("pk", "path", "size", "media_type", "sha256", "content_path")
TOGETHER = 500  # files in one piece


@router.get(
    "/access/datafile/{int:file_id}",
    response={**_GONE, **errors(403, 404, 416)},
    openapi_extra={
        "parameters": [READ_IF_NONE_MATCH],
        "responses": {
            200: {"description": "the bytes"},
            206: {"description": "a part"},
            304: {"description": "unchanged"},
        },
    },
)
def download_by_number(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Download a file, or a range of it, by the number that the call by DOI gave it."""
    file = RecordFile.objects.filter(pk=file_id).first() if file_id < 2**63 else None
    if file is None:
        raise NotFound(_NO_FILE)
    return send_record_file(request, readable(request, file.record_id), file)


def _record_of(value: str) -> str:
    """The id of the record that a DOI names; of all versions the newest that stands. DOIs are compared without case."""
    known = Identifier.objects.select_related("concept").filter(scheme="DOI", value__iexact=value).first()
    if known is not None and known.record_id is not None:
        return known.record_id
    newest = known.concept.newest_standing() if known is not None and known.concept is not None else None
    if newest is None:
        raise NotFound(_NO_DATASET)
    return newest.pk


def _file(file: Any, md5: str | None, *, restricted: bool, is_alone: bool) -> dict[str, Any]:
    """``filename`` is without its folder, as in Dataverse and as pooch asks for it. Where several files have the same name it is the
    whole path: programs that know files by name alone would take one for the other."""
    path = PurePosixPath(file.path)
    folder = str(path.parent) if path.parent != PurePosixPath() else None
    data = {
        "id": file.pk,
        "filename": path.name if is_alone else file.path,
        "contentType": file.media_type,
        "filesize": file.size,
        **({} if restricted else {"checksum": {"type": "SHA-256", "value": file.sha256}}),
        **({"md5": md5} if md5 else {}),
    }
    place = {"directoryLabel": folder} if folder else {}
    return {"label": path.name, **place, "restricted": restricted, "dataFile": data}


def _digested(record: Record) -> set[int]:
    """The files whose MD5 is taken, as far as :data:`DIGESTED` goes: pooch checks what it fetched by it. One query."""
    smallest = record.files.order_by("size", "path").values_list("pk", "size")[:MOST_DIGESTED]
    reached = accumulate(size for _, size in smallest)
    return {pk for (pk, _), sum_ in zip(smallest, reached, strict=True) if sum_ <= DIGESTED}


def _digest(record: Record, file: Any) -> str | None:
    return _known.get(file.sha256) or _md5(record, file)


def _md5(record: Record, file: Any) -> str | None:
    """None where the bytes cannot be read just now: the list is of use without it."""
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with open_path(record, file.path, size=file.size, at=file.content_path) as content:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
    except (StorageError, OSError) as error:
        log.error("no MD5 of %s in %s: %s", file.path, record.pk, error)
        return None
    with _knowing:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[file.sha256] = digest.hexdigest()
    return digest.hexdigest()

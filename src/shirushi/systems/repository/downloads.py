"""The bytes of records as they are sent: one file, or all of them in one ZIP made meanwhile (storage/zipping.py)."""

from collections.abc import Iterator
from hashlib import sha256

from django.db.models import Count, IntegerField, Max, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from shirushi.core.documents import MEDIA_TYPES
from shirushi.core.models import DerivedFile, Record, RecordFile
from shirushi.core.octets import OctetLength
from shirushi.core.stored import content_of, content_of_derived, content_of_key, open_path
from shirushi.storage.zipping import Archive, Entry, Totals
from shirushi.systems.repository.serving import send_file

_METADATA = frozenset({".zgroup", ".zattrs", ".zarray", ".zmetadata"})
TURN = 1000  # files looked up at a time: a reader who takes hours holds no query open meanwhile


def send_record_file(request: HttpRequest, record: Record, file: RecordFile) -> HttpResponseBase:
    """One file of a record, or the range of it that was asked for; the views that call this have seen that who asks may read it.
    Raises NotStored, StoreDamaged."""
    content = content_of(record, file)
    response = send_file(request, content, name=file.path, media_type=file.media_type, sha256=file.sha256)
    return _for_whom_it_is(response, record)


def send_derived_file(request: HttpRequest, file: DerivedFile) -> HttpResponseBase:
    """A derived file, or the range of it that was asked for; the views that call this have seen that who asks may read what it was made
    from. Raises NotStored."""
    return send_file(
        request, content_of_derived(file), name=file.path, media_type=MEDIA_TYPES[file.kind], sha256=file.sha256
    )


def send_key(request: HttpRequest, file: DerivedFile, key: str) -> HttpResponseBase | None:
    """What lies under a key of a Zarr store; None when nothing does. Raises as :func:`send_derived_file`."""
    content = content_of_key(file, key)
    if content is None:
        return None
    is_metadata = key.rpartition("/")[2] in _METADATA
    media_type = "application/json" if is_metadata else "application/octet-stream"
    digest = sha256(
        f"{file.sha256} {key}".encode()
    ).hexdigest()  # of its name: that of the bytes would mean reading them
    return send_file(request, content, name=key, media_type=media_type, sha256=digest)


def archive_of(record: Record) -> Archive:
    """The archive of a record's files, by path. One query; one more for every thousand files while it is sent, twice."""
    found = record.files.aggregate(
        files=Count("id"),
        largest=Max("size"),
        all_bytes=Sum("size"),
        names=Sum(OctetLength("path"), output_field=IntegerField()),
    )
    totals = Totals(found["files"], found["all_bytes"] or 0, found["largest"] or 0, found["names"] or 0)
    return Archive(lambda: _entries(record), totals, record.published_at)


def send_archive(request: HttpRequest, record: Record) -> HttpResponseBase:
    """All files of a record; the views that call this have seen that who asks may read them. HEAD tells how long it is."""
    archive = archive_of(record)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type="application/zip")
    else:
        parts = archive.stream(lambda entry: open_path(record, entry.path))
        response = StreamingHttpResponse(parts, content_type="application/zip")
    response["Content-Length"] = str(archive.length)
    response["Content-Disposition"] = content_disposition_header(True, f"{record.pk}.zip")
    response["Accept-Ranges"] = "none"
    return _for_whom_it_is(response, record)


def _for_whom_it_is(response: HttpResponseBase, record: Record) -> HttpResponseBase:
    """What not everybody may have is kept by nobody on the way: a link may be taken back tomorrow."""
    if record.access_now.rights != "open":
        response["Cache-Control"] = "private, no-store"
    return response


def _entries(record: Record) -> Iterator[Entry]:
    after = ""
    while some := list(record.files.filter(path__gt=after).order_by("path").values_list("path", "size")[:TURN]):
        for path, size in some:
            yield Entry(path, size)
        after = some[-1][0]

"""The bytes of records as they are sent: one file, or all of them in one ZIP made meanwhile (storage/zipping.py)."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from django.db.models import Count, IntegerField, Max, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from shirushi.accounts.actors import actor_of
from shirushi.core import packaging, rules
from shirushi.core.models import Record, RecordFile
from shirushi.core.octets import OctetLength
from shirushi.core.stored import content_of, open_path
from shirushi.storage.zipping import Archive, Entry, Totals
from shirushi.systems.repository.serving import send_file

TURN = 1000  # files looked up at a time: a reader who takes hours holds no query open meanwhile


def send_record_file(request: HttpRequest, record: Record, file: RecordFile) -> HttpResponseBase:
    """One file of a record, or the range of it that was asked for; the views that call this have seen that who asks may read it.
    Raises NotStored, StoreDamaged."""
    content = content_of(record, file)
    return send_file(request, content, name=file.path, media_type=file.media_type, sha256=file.sha256)


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
    return _sent(request, archive_of(record), lambda entry: open_path(record, entry.path), f"{record.pk}.zip")


def send_package(request: HttpRequest, record: Record, kind: packaging.Kind) -> HttpResponseBase:
    """A record as a bag or a crate. Who may not have its files gets one that only names them."""
    package = packaging.Package(record, kind, with_files=rules.can_read_files(actor_of(request), record))
    return _sent(request, package.archive(), packaging.opened, package.name)


def _sent(request: HttpRequest, archive: Archive, opened: Callable[[Entry], BinaryIO], name: str) -> HttpResponseBase:
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type="application/zip")
    else:
        response = StreamingHttpResponse(archive.stream(opened), content_type="application/zip")
    response["Content-Length"] = str(archive.length)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Accept-Ranges"] = "none"
    return response


def _entries(record: Record) -> Iterator[Entry]:
    after = ""
    while some := list(record.files.filter(path__gt=after).order_by("path").values_list("path", "size")[:TURN]):
        for path, size in some:
            yield Entry(path, size)
        after = some[-1][0]

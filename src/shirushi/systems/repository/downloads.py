"""The bytes of records as they are sent: one file, or all of them in one ZIP made meanwhile (storage/zipping.py)."""

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from typing import BinaryIO, TypeVar

from django.db.models import Count, IntegerField, Max, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from shirushi.accounts.actors import actor_of
from shirushi.core import exporting, packaging, rules
from shirushi.core.documents import MEDIA_TYPES, in_turns
from shirushi.core.models import DerivedFile, Record, RecordFile
from shirushi.core.octets import OctetLength
from shirushi.core.stored import content_of, content_of_derived, content_of_key, is_far, open_path, see_that_it_answers
from shirushi.core.usage import Kind
from shirushi.exchange.formats import Format
from shirushi.storage import Content
from shirushi.storage.read_ahead import read_ahead
from shirushi.storage.zipping import Archive, Entry, Totals, in_turn
from shirushi.systems.repository.serving import send_file
from shirushi.systems.repository.visits import visited

_METADATA = frozenset({".zgroup", ".zattrs", ".zarray", ".zmetadata"})
ARRANGED = 1  # how archives are laid out: another number when the same files would give other bytes
Response = TypeVar("Response", bound=HttpResponseBase)


def send_record_file(
    request: HttpRequest, record: Record, file: RecordFile, *, counted: bool = True
) -> HttpResponseBase:
    """One file of a record, or the range of it that was asked for; the views that call this have seen that who asks may read it.
    It is counted as a request for the data, unless it is only a part of how a page looks. Raises NotStored, StoreDamaged."""
    content = content_of(record, file)
    response = send_file(request, content, name=file.path, media_type=file.media_type, tag=file.sha256)
    if counted:
        visited(request, record.pk, record.concept_id, thing=file.path, response=response, kind="request")
    return for_whom_it_is(response, record)


def send_derived_file(request: HttpRequest, file: DerivedFile) -> HttpResponseBase:
    """A derived file, or the range of it that was asked for; the views that call this have seen that who asks may read what it was made
    from. Raises NotStored."""
    response = send_file(
        request, content_of_derived(file), name=file.path, media_type=MEDIA_TYPES[file.kind], tag=file.sha256
    )
    visited(request, file.record_id, file.record.concept_id, thing=file.path, response=response, kind="request")
    return for_whom_it_is(response, file.record)


def send_key(request: HttpRequest, file: DerivedFile, key: str) -> HttpResponseBase | None:
    """What lies under a key of a Zarr store; None when nothing does. Raises as :func:`send_derived_file`."""
    content = content_of_key(file, key)
    if content is None:
        return None
    is_metadata = key.rpartition("/")[2] in _METADATA
    media_type = "application/json" if is_metadata else "application/octet-stream"
    # The digest is of its name: that of the bytes would mean reading them.
    digest = sha256(f"{file.sha256} {key}".encode()).hexdigest()
    response = send_file(request, content, name=key, media_type=media_type, tag=digest)
    if key == ".zmetadata":  # which a program reads once, as it opens the store
        visited(request, file.record_id, file.record.concept_id, thing=file.path, response=response, kind="request")
    return for_whom_it_is(response, file.record)


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
    """All files of a record, or the range of their archive that was asked for: a published version always gives the same bytes, so a
    download that broke off goes on where it was. The views that call this have seen that who asks may read them."""
    see_that_it_answers()
    archive = archive_of(record)

    def opened(entry: Entry) -> BinaryIO:
        return open_path(record, entry.path, size=entry.size, at=entry.place)

    opening = partial(read_ahead, opened=opened) if is_far() else in_turn(opened)
    content = Content(archive.length, lambda start, end: archive.stream(opening, start, end))
    name = f"{record.pk}.zip"
    response = send_file(
        request, content, name=name, media_type="application/zip", tag=f"{record.pk}-zip-{ARRANGED}", begin=False
    )
    visited(request, record.pk, record.concept_id, thing="all files", response=response, kind="request")
    return for_whom_it_is(response, record)


def send_package(request: HttpRequest, record: Record, kind: packaging.Kind) -> HttpResponseBase:
    """A record as a bag or a crate. Who may not have its files gets one that only describes them. It tells the day it was made, so that it is
    sent whole."""
    has_files = rules.can_read_files(actor_of(request), record)
    if has_files:
        see_that_it_answers()
    package = packaging.Package(record, kind, with_files=has_files)
    archive = package.archive()
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type="application/zip")
    else:
        parts = archive.stream(in_turn(packaging.opened))
        response = StreamingHttpResponse(parts, content_type="application/zip")
    response["Content-Length"] = str(archive.length)
    response["Content-Disposition"] = content_disposition_header(True, package.name)
    response["Accept-Ranges"] = "none"
    what: Kind = "request" if has_files else "investigation"
    visited(request, record.pk, record.concept_id, thing="all files", response=response, kind=what)
    return for_whom_it_is(response, record)


def send_export(request: HttpRequest, record: Record, wanted: Format, *, download: bool) -> HttpResponseBase:
    """A record in one of the formats of ``exchange``, as whoever asks may see it; of many files, in parts if they want.

    Raises:
        NotExportable: when the record lacks what the format cannot do without.
        Busy: when others are before.
    """
    made = exporting.export(record, wanted, may_read=rules.can_read_files(actor_of(request), record))
    name = f"{record.pk}{wanted.extension}"
    response: HttpResponseBase
    if isinstance(made, bytes):
        response = HttpResponse(made, content_type=wanted.media_type)
    else:
        response = send_file(request, made.content, name=name, media_type=wanted.media_type, tag=made.tag)
    response["Content-Disposition"] = content_disposition_header(download, name)
    return for_whom_it_is(response, record)


def for_whom_it_is(response: Response, record: Record) -> Response:
    """What not everybody may have is kept by nobody on the way: a link may be taken back tomorrow."""
    if record.access_now.rights != "open":
        response["Cache-Control"] = "private, no-store"
    return response


def _entries(record: Record) -> Iterator[Entry]:
    for row in in_turns(record.files.values_list("path", "size", "crc32", "content_path", named=True)):
        yield Entry(*row)

"""The bytes of records as they are sent: one file, or all of them in one ZIP made meanwhile (storage/zipping.py)."""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from django.db.models import Count, IntegerField, Max, Sum
from django.http import HttpRequest, HttpResponseBase

from shirushi.core.models import Record, RecordFile
from shirushi.core.octets import OctetLength
from shirushi.core.stored import content_of, is_far, open_path
from shirushi.storage import Content
from shirushi.storage.read_ahead import read_ahead
from shirushi.storage.zipping import Archive, Entry, Totals, in_turn
from shirushi.systems.repository.serving import send_file

ARRANGED = 1  # how archives are laid out: another number when the same files would give other bytes
TURN = 1000  # files looked up at a time: a reader who takes hours holds no query open meanwhile


def send_record_file(request: HttpRequest, record: Record, file: RecordFile) -> HttpResponseBase:
    """One file of a record, or the range of it that was asked for; the views that call this have seen that who asks may read it.
    Raises NotStored, StoreDamaged."""
    content = content_of(record, file)
    return send_file(request, content, name=file.path, media_type=file.media_type, tag=file.sha256)


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
    archive = archive_of(record)

    def opened(entry: Entry) -> BinaryIO:
        return open_path(record, entry.path, size=entry.size, at=entry.place)

    opening = partial(read_ahead, opened=opened) if is_far() else in_turn(opened)
    content = Content(archive.length, lambda start, end: archive.stream(opening, start, end))
    name = f"{record.pk}.zip"
    return send_file(request, content, name=name, media_type="application/zip", tag=f"{record.pk}-zip-{ARRANGED}")


def _entries(record: Record) -> Iterator[Entry]:
    after = ""
    wanted = record.files.order_by("path").values_list("path", "size", "crc32", "content_path")
    while some := list(wanted.filter(path__gt=after)[:TURN]):
        for row in some:
            yield Entry(*row)
        after = some[-1][0]

"""Derived files as they are downloaded: whole, in ranges, and of Zarr key by key, as its clients ask. Who may have a record's files may
have these, and nobody else."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from shirushi.core import services
from shirushi.core.errors import NotFound
from shirushi.core.models import DerivedFile, Record
from shirushi.metadata.fields import Text2
from shirushi.storage import NotStored
from shirushi.systems.repository import linking
from shirushi.systems.repository.downloads import send_derived_file, send_key
from shirushi.systems.repository.views_records import open_files

_STORE = ".zarr/"


@require_safe
def derived(request: HttpRequest, record_id: str, file_path: str) -> HttpResponseBase:
    """A derived file of a record, or what lies under a key of one that is Zarr: ``x.nc.zarr.zip``, ``x.nc.zarr/sst/0.0``."""
    shown = open_files(request, record_id)
    response = sent(request, shown, file_path)
    response["Link"] = linking.header(linking.of_file(shown))
    return response


def sent(request: HttpRequest, record: Record, file_path: str) -> HttpResponseBase:
    """The views that call this have seen that who asks may have the record's files. Raises Http404, NotFound."""
    try:
        file = record.derived.filter(path=file_path).first()
        if file is not None:
            return send_derived_file(request, file)
        return _key(request, record, file_path)
    except NotStored as error:
        services.deriving.queue_again(record)
        words = Text2(
            "This derived file was given up; it is made again from the original. Try again later, or take the original.",
            "この派生ファイルは現在ありません。元のファイルから作り直されます。しばらくしてからお試しいただくか、元のファイルをお使いください。",
        )
        raise NotFound(words, code="derived-gone") from error


def _key(request: HttpRequest, record: Record, file_path: str) -> HttpResponseBase:
    """A name may hold ``.zarr/`` more than once: the first that is one of the record's stores."""
    start = 0
    while (at := file_path.find(_STORE, start)) >= 0:
        start = at + len(_STORE)
        store = f"{file_path[: start - 1]}.zip"
        file = record.derived.filter(path=store, kind=DerivedFile.Kind.ZARR).first()
        if file is not None and (answer := send_key(request, file, file_path[start:])):
            return answer
    raise Http404

"""The landing page of a record and what hangs on it: files, previews, exports. Everything comes from the stored document."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from shirushi.accounts.actors import actor_of
from shirushi.core import rules
from shirushi.core.documents import publication_of
from shirushi.core.errors import Invalid
from shirushi.core.home import store
from shirushi.core.models import Record, RecordFile
from shirushi.exchange.csl import citation
from shirushi.exchange.errors import NotExportable
from shirushi.exchange.formats import FORMATS
from shirushi.exchange.schema_org import to_json as schema_org
from shirushi.metadata.fields import FIELDS, Text2
from shirushi.systems.repository import previews
from shirushi.systems.repository.rules import standing_records
from shirushi.systems.repository.serving import send_file

FILES_A_PAGE = 100
CITATION_STYLES = ("bibtex", "ris", "csl")


@require_safe
def record(request: HttpRequest, record_id: str) -> HttpResponse:
    """The page of one version. Two queries for a reader who is not signed in, however many files there are."""
    shown = get_object_or_404(Record.objects.select_related("concept"), pk=record_id)
    if shown.is_withdrawn:
        return render(request, "records/tombstone.html", {"record": shown}, status=410)
    language = get_language() or "en"
    publication = publication_of(shown, all_files=False)
    versions = list(
        Record.objects.filter(concept=shown.concept_id)
        .order_by("-number")
        .values("id", "number", "published_at", "withdrawn_at")
    )
    context = {
        "record": shown,
        "work": publication.work,
        "publication": publication,
        "fields": FIELDS,
        "lang": language,
        "values": by_field(shown.document["provenance"]),
        "citation": citation(publication, language),
        "versions": versions,
        "newest": versions[0],
        "formats": FORMATS.values(),
        "citation_formats": [FORMATS[name] for name in CITATION_STYLES],
        "json_ld": in_script(schema_org(publication)),
        "may_make_version": rules.can_make_new_version(actor_of(request), shown)
        if request.user.is_authenticated
        else False,
    }
    response = render(request, "records/record.html", context)
    response["Link"] = signposting(shown, publication.work.rights)
    return response


def by_field(provenance: list[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Provenance entries by the field they belong to, in the order of its values."""
    entries: dict[str, list[Mapping[str, Any]]] = {}
    for entry in provenance:
        entries.setdefault(entry["pointer"].split("/")[1], []).append(entry)
    return entries


def in_script(data: bytes) -> str:
    """JSON that may stand inside a script element: ``</script>`` and ``<!--`` cannot appear in it (HTML 4.12.1.3)."""
    return json.dumps(json.loads(data), ensure_ascii=False).replace("<", "\\u003c")


def signposting(shown: Record, rights: Any) -> str:
    """Links for machines, FAIR Signposting profile level 1 (https://signposting.org/FAIR/)."""
    identifier = shown.document["publication"].get("identifier", {})
    links = ['<https://schema.org/AboutPage>; rel="type"']
    if identifier.get("state") == "registered":
        links.append(f'<https://doi.org/{identifier["value"]}>; rel="cite-as"')
    for name, item in FORMATS.items():
        address = reverse("record-export", args=[shown.pk, name])
        links.append(f'<{address}>; rel="describedby"; type="{item.media_type.split(";")[0]}"')
    links += [
        f'<{right.uri}>; rel="license"'
        for right in rights
        if right.uri and right.uri.isascii() and ">" not in right.uri
    ]
    return ", ".join(links)


@require_safe
def files(request: HttpRequest, record_id: str) -> HttpResponse:
    """The files of a record, page by page, narrowed by a part of their path."""
    shown = open_record(record_id)
    wanted = request.GET.get("q", "").strip()
    found = shown.files.filter(path__icontains=wanted) if wanted else shown.files.all()
    page = Paginator(found, FILES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "records/files.html", {"record": shown, "page": page, "wanted": wanted})


@require_safe
def file(request: HttpRequest, record_id: str, file_path: str) -> HttpResponseBase:
    """The bytes of one file, always as an attachment: nothing that somebody uploaded runs as a page of ours."""
    shown = open_record(record_id)
    entry = get_object_or_404(RecordFile, record=shown, path=file_path)
    place = store().path(shown.object_id, f"files/{entry.path}", shown.object_version)
    return send_file(request, place, name=entry.path, media_type=entry.media_type, sha256=entry.sha256)


@require_safe
def preview(request: HttpRequest, record_id: str, file_path: str) -> HttpResponse:
    """A look into one file: a table, lines, attributes, a page or an image. A fragment for HTMX, a page for everybody else."""
    shown = open_record(record_id)
    entry = get_object_or_404(RecordFile, record=shown, path=file_path)
    place = store().path(shown.object_id, f"files/{entry.path}", shown.object_version)
    seen = previews.preview(place, media_type=entry.media_type, page=previews.page_number(request))
    template = "records/_preview.html" if request.headers.get("HX-Request") else "records/preview.html"
    return render(request, template, {"record": shown, "file": entry, "preview": seen})


@require_safe
def export(request: HttpRequest, record_id: str, format_name: str) -> HttpResponse:
    """The record in one of the formats of ``exchange``."""
    if format_name not in FORMATS:
        raise Http404
    shown = open_record(record_id)
    chosen = FORMATS[format_name]
    try:
        data = chosen.render(publication_of(shown))
    except NotExportable as error:
        raise Invalid(Text2(str(error), str(error))) from error
    response = HttpResponse(data, content_type=chosen.media_type)
    name = f"{shown.pk}{chosen.extension}"
    response["Content-Disposition"] = content_disposition_header("download" in request.GET, name)
    return response


def open_record(record_id: str) -> Record:
    """A record that is not withdrawn; Http404 otherwise, because what hung on it is gone."""
    return get_object_or_404(standing_records(), pk=record_id)

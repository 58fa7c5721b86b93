"""The landing page of a record and what hangs on it: files, previews, exports, provenance. All from the stored document."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from shirushi.accounts.actors import actor_of, keys_of
from shirushi.accounts.models import people_at
from shirushi.core import closed, packaging, rules
from shirushi.core.documents import publication_of, publisher_in
from shirushi.core.errors import Gone, Invalid
from shirushi.core.models import AccessRequest, Disposal, Record, RecordFile, access_now
from shirushi.core.paths import LONGEST_PATH
from shirushi.core.services.disposing import DISPOSED
from shirushi.exchange.errors import NotExportable
from shirushi.exchange.formats import FORMATS
from shirushi.metadata.fields import BY_NAME, Text2
from shirushi.metadata.work import Access
from shirushi.systems.repository import citations, file_lists, linking
from shirushi.systems.repository.downloads import (
    for_whom_it_is,
    send_archive,
    send_export,
    send_package,
    send_record_file,
)
from shirushi.systems.repository.landing import Drawn, Published, landing, pages, published, standing
from shirushi.systems.repository.negotiation import negotiated
from shirushi.systems.repository.usage_shown import usage_shown
from shirushi.systems.repository.visits import visited

FILES_A_PAGE = 100


@require_safe
def record(request: HttpRequest, record_id: str) -> HttpResponse:
    """The page of one version, or for a program what it accepts. One query for a page that was drawn before."""
    language = get_language() or "en"
    about = published(record_id)
    # All that the page depends on, for a reader who is not signed in and came by its plain address.
    key = None
    if not (request.user.is_authenticated or request.META.get("QUERY_STRING") or settings.DEBUG or keys_of(request)):
        numbers = usage_shown(record_id, about.concept_id)
        key = (record_id, language, standing(about.concept_id), *numbers.values())
    drawn = pages.get(key) if key else None
    if drawn is None:
        versions = _versions(about.concept_id)
        if next(version for version in versions if version.id == record_id).withdrawn_at:
            return tombstone(request, record_id, versions)
    if elsewhere := negotiated(request, record_id):
        return elsewhere
    if drawn is None:
        drawn = _drawn(request, record_id, about, versions)
        # What somebody changed meanwhile may be on it: then it belongs to no state.
        if key and standing(about.concept_id) == key[2]:
            pages.put(key, drawn)
    response = HttpResponse(drawn.content, headers={"Link": drawn.links})
    patch_vary_headers(response, ["Accept"])
    if not drawn.is_open:
        response["Cache-Control"] = "private, no-store"
    visited(request, record_id, about.concept_id, thing="page", response=response)
    return response


def _versions(concept_id: str) -> list[Any]:
    found = Record.objects.filter(concept=concept_id).order_by("-number")
    return list(found.values_list("id", "number", "published_at", "withdrawn_at", "access", named=True))


def _drawn(request: HttpRequest, record_id: str, about: Published, versions: list[Any]) -> Drawn:
    own = next(version for version in versions if version.id == record_id)
    access = access_now(own.access, about.access)
    rights = may(request, record_id, access)
    page = landing(record_id, get_language() or "en", access=access, may_read=rights["may_read"])
    context = {
        "record_id": record_id,
        "page": page,
        "versions": versions,
        "newest": next(version for version in versions if not version.withdrawn_at),
        "first_standing": min(version.number for version in versions if not version.withdrawn_at),
        "access": access,
        "usage": usage_shown(record_id, about.concept_id),
        **rights,
    }
    content = render(request, "records/record.html", context).content
    return Drawn(content, page.links, is_open=access.rights == "open")


def may(request: HttpRequest, record_id: str, access: Access) -> dict[str, Any]:
    """What the reader may do with the record; no query for one who is not signed in and shows no key. ``waiting``: requests for
    access that whoever may answer has not answered yet."""
    is_open = access.rights == "open"
    if not request.user.is_authenticated and (is_open or not keys_of(request)):
        return {
            "may_read": is_open,
            "may_make_version": False,
            "may_withdraw": False,
            "may_let_in": False,
            "waiting": 0,
        }
    actor, shown = actor_of(request), Record.objects.defer("document").get(pk=record_id)
    lets_in = rules.can_let_in(actor, shown)
    waits = AccessRequest.objects.filter(concept=shown.concept_id, state=AccessRequest.State.OPEN)
    return {
        "may_read": rules.can_read_files(actor, shown),
        "may_make_version": rules.can_make_new_version(actor, shown),
        "may_withdraw": rules.can_withdraw(actor, shown),
        "may_let_in": lets_in,
        "waiting": waits.count() if lets_in else 0,
    }


def tombstone(request: HttpRequest, record_id: str, versions: Sequence[Any]) -> HttpResponse:
    """What remains of a withdrawn version: that it was, how it was cited, why it went, and which versions still stand. 410, as
    programs expect."""
    gone = Record.objects.select_related("concept", "space").get(pk=record_id)
    publication = publication_of(gone, all_files=False)
    language = get_language() or "en"
    context = {
        "record": gone,
        "publication": publication,
        "citation": citations.cited(gone, publication, citations.usual_style(language)),
        "disposal": Disposal.objects.filter(concept=gone.concept_id).first(),
        "standing": [version for version in versions if not version.withdrawn_at],
        "summary": publication.work.description(language),
        "may_let_in": rules.can_let_in(actor_of(request), gone),
    }
    return render(request, "records/tombstone.html", context, status=410)


@require_safe
def citation(request: HttpRequest, record_id: str) -> HttpResponse:
    """The citation in another style: for HTMX the box on the record's page, for everybody else a page of its own."""
    shown = open_record(record_id)
    style = request.GET.get("style") or citations.usual_style(get_language() or "en")
    if style not in citations.STYLES:
        raise Http404
    context = {
        "record": shown,
        "style": style,
        "styles": citations.STYLES,
        "citation": citations.cited(shown, publication_of(shown, all_files=False), style),
    }
    return fragment(request, "records/_citation.html", "records/citation.html", context)


@require_safe
def provenance(request: HttpRequest, record_id: str) -> HttpResponse:
    """Every value with where it was seen, how sure the proposal was, and who decided. Three queries."""
    shown = open_record(record_id)
    may_read = rules.can_read_files(actor_of(request), shown)
    entries = closed.provenance_of(shown, may_read=may_read)
    people = {entry["by"]["user"]: shown.published_at for entry in entries if entry["by"].get("user")}
    named = {seen["place"]["file"] for entry in entries for seen in entry["evidence"]}
    language = get_language() or "en"
    work = {**closed.work_of(shown, may_read=may_read), "publisher": publisher_in(shown.document, language)}
    context = {
        "record": shown,
        "lang": language,
        "may_read": may_read,
        "access": shown.access_now,
        "entries": [(entry, *value_at(work, entry["pointer"])) for entry in entries],
        "held": set(shown.files.filter(path__in=named).values_list("path", flat=True)),
        "people": people_at(people),
    }
    return for_whom_it_is(render(request, "records/provenance.html", context), shown)


def value_at(work: Mapping[str, Any], pointer: str) -> tuple[Text2, str, Any]:
    """Label and name of the field a pointer belongs to, and the value there."""
    name, _, index = pointer[1:].partition("/")
    return BY_NAME[name].label, name, work[name][int(index)] if index else work[name]


@require_safe
def files(request: HttpRequest, record_id: str) -> HttpResponse:
    """The files of a record, page by page, narrowed by a part of their path."""
    shown = open_record(record_id)
    wanted = request.GET.get("q", "").strip()[:500]
    place = {name: request.GET.get(name, "")[:LONGEST_PATH] for name in ("after", "before")}
    page = file_lists.turned(file_lists.narrowed(shown.files.all(), part=wanted), limit=FILES_A_PAGE, **place)
    context = {
        "record": shown,
        "page": page,
        "wanted": wanted,
        "may_read": rules.can_read_files(actor_of(request), shown),
        "access": shown.access_now,
    }
    return render(request, "records/files.html", context)


@require_safe
def archive(request: HttpRequest, record_id: str) -> HttpResponseBase:
    """All files of a record in one ZIP, made while it is sent."""
    return send_archive(request, open_files(request, record_id))


@require_safe
def package(request: HttpRequest, record_id: str, kind: packaging.Kind) -> HttpResponseBase:
    """The record as a bag or an RO-Crate in one ZIP. Whoever may not have its files gets it without them."""
    return send_package(request, open_record(record_id), kind)


@require_safe
def file(request: HttpRequest, record_id: str, file_path: str) -> HttpResponseBase:
    """The bytes of one file, always as an attachment: nothing that somebody uploaded runs as a page of ours."""
    shown = open_files(request, record_id)
    entry = get_object_or_404(RecordFile, record=shown, path=file_path)
    response = send_record_file(request, shown, entry)
    response["Link"] = linking.header(linking.of_file(shown))
    return response


def fragment(request: HttpRequest, part: str, whole: str, context: dict[str, Any]) -> HttpResponse:
    """A part of a page for HTMX, the whole page for everybody else; caches are told that the two differ."""
    response = render(request, part if request.headers.get("HX-Request") else whole, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def export(request: HttpRequest, record_id: str, format_name: str) -> HttpResponseBase:
    """The record in one of the formats of ``exchange``."""
    if format_name not in FORMATS:
        raise Http404
    shown = open_record(record_id)
    chosen = FORMATS[format_name]
    try:
        response = send_export(request, shown, chosen, download="download" in request.GET)
    except NotExportable as error:
        raise Invalid(Text2(str(error), str(error))) from error
    response["Link"] = linking.header(linking.of_export(shown))
    visited(request, shown.pk, shown.concept_id, thing=f"as {format_name}", response=response)
    return response


def open_files(request: HttpRequest, record_id: str) -> Record:
    """A record whose files who asks may read: every view that gives out their bytes begins here. Raises as :func:`open_record`,
    and Forbidden."""
    shown = open_record(record_id)
    rules.require_files(actor_of(request), shown)
    return shown


def open_record(record_id: str) -> Record:
    """A record that stands.

    Raises:
        Http404: there is none with that id.
        Gone: it was withdrawn, and what hung on it with it.
    """
    found = get_object_or_404(Record.objects.select_related("concept"), pk=record_id)
    if found.is_withdrawn:
        standing = found.concept.newest_standing()
        raise Gone(
            DISPOSED
            if found.concept.is_disposed
            else Text2(
                "This record was withdrawn, and its files and exports with it. Its page says when and why.",
                "この記録は取り下げられたため、ファイルも書き出しもありません。取り下げの日と理由は記録のページにあります。",
            ),
            instead=reverse("record", args=[standing.pk]) if standing else "",
        )
    return found

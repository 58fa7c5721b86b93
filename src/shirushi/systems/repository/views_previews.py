"""Looks into files: of a record for whoever may have its files, of a draft for whoever may see it.

Each has a page (for HTMX a part of one) and, for images and pages of PDF, a large picture. Nothing that a file holds is sent as it is:
pages show what an isolated worker saw in it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from shirushi.core.models import DraftFile, Record, RecordFile
from shirushi.core.stored import path_of, path_of_draft
from shirushi.describe.identify import promised
from shirushi.systems.repository import preview_pictures, previews, rich
from shirushi.systems.repository.previews import Kept
from shirushi.systems.repository.views_drafts import draft_of
from shirushi.systems.repository.views_records import fragment, open_files
from shirushi.systems.repository.visits import visited

MOST_LINKED = 500  # addresses in a text that are looked up among the files
PICTURED = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/tiff", "image/bmp", "image/avif", "image/jp2")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The files that one lies among. ``found`` gives those at some paths, ``kept`` the bytes of one; the others are addresses for
    a path."""

    found: Callable[[Iterable[str]], Iterable[Any]]
    kept: Callable[[Any], Kept]
    page: Callable[[str], str]
    picture: Callable[[str], str]
    bytes: Callable[[str], str]


def _of_record(record: Record) -> Shelf:
    def address(name: str) -> Callable[[str], str]:
        return lambda path: reverse(name, args=[record.pk, path])

    return Shelf(
        found=lambda paths: record.files.filter(path__in=list(paths)),
        kept=lambda file: Kept(path_of(record, file), file.sha256, file.path),
        page=address("record-preview"),
        picture=address("record-picture"),
        bytes=address("record-file"),
    )


def _of_draft(draft: Any) -> Shelf:
    def address(name: str) -> Callable[[str], str]:
        return lambda path: reverse(name, args=[draft.pk, path])

    return Shelf(
        found=lambda paths: draft.files.filter(path__in=list(paths)),
        kept=lambda file: Kept(path_of_draft(file), file.sha256, file.path),
        page=address("draft-preview"),
        picture=address("draft-picture"),
        bytes=lambda path: f"/api/drafts/{draft.pk}/files/{quote(path)}",
    )


@require_safe
def record_preview(request: HttpRequest, record_id: str, file_path: str) -> HttpResponse:
    """A look into one file. A fragment for HTMX, a page for everybody else.

    ``?value=/titles/0&seen=1`` opens it where the second piece of evidence for the first title was seen; ``offset`` (line or
    row), ``byte``, ``sheet`` and ``page`` turn its pages; ``variable`` and ``at`` choose values of an array; ``as=text`` shows it plainly.
    """
    record = open_files(request, record_id)
    file = get_object_or_404(RecordFile, record=record, path=file_path)
    seen = evidence_place(record, request.GET.get("value", ""), previews.number(request, "seen"), file.path)
    told = {"record": record, "back": reverse("record", args=[record.pk]), "title": record.title, "place": seen}
    response = _page(request, file, _of_record(record), seen, told)
    visited(request, record.pk, record.concept_id, thing=f"into {file.path}", response=response)
    return response


@require_safe
@login_required
def draft_preview(request: HttpRequest, draft_id: str, file_path: str) -> HttpResponse:
    """The same of a file that is not published yet."""
    draft, _actor = draft_of(request, draft_id)
    file = get_object_or_404(DraftFile, draft=draft, path=file_path)
    told = {"draft": draft, "back": reverse("draft-files", args=[draft.pk]), "title": draft.title, "place": None}
    return _page(request, file, _of_draft(draft), None, told)


@require_safe
def record_picture(request: HttpRequest, record_id: str, file_path: str) -> HttpResponse:
    """An image or a page of a PDF, large."""
    record = open_files(request, record_id)
    return _picture(request, get_object_or_404(RecordFile, record=record, path=file_path), _of_record(record))


@require_safe
@login_required
def draft_picture(request: HttpRequest, draft_id: str, file_path: str) -> HttpResponse:
    """The same of a file that is not published yet."""
    draft, _actor = draft_of(request, draft_id)
    return _picture(request, get_object_or_404(DraftFile, draft=draft, path=file_path), _of_draft(draft))


def _page(
    request: HttpRequest, file: Any, shelf: Shelf, seen: Mapping[str, Any] | None, told: dict[str, Any]
) -> HttpResponse:
    wanted = previews.asked(request)
    kept = shelf.kept(file)
    if seen is not None:
        shown = previews.preview(
            kept.path,
            media_type=file.media_type,
            place=seen,
            page=wanted.page,
            sheet=wanted.sheet,
            offset=wanted.offset,
        )
    else:
        shown = previews.look(kept, media_type=file.media_type, wanted=wanted, others=_others(file, shelf))
    here = shelf.page(file.path)
    context = told | {
        "file": file,
        "preview": shown,
        "promised": promised(file.path, file.media_type),
        "wanted": wanted,
        "here": here,
        "picture_address": shelf.picture(file.path),
        "file_address": shelf.bytes(file.path),
        "turning": previews.turning(shown, here),
        "is_whole": not request.headers.get("HX-Request"),
        **_drawn(shown, file, shelf, is_whole=not request.headers.get("HX-Request")),
    }
    response = fragment(request, "records/_preview.html", "records/preview.html", context)
    patch_cache_control(response, private=True)
    return response


def _others(file: Any, shelf: Shelf) -> dict[str, Kept]:
    """What lies beside the file and tells more of it."""
    names = previews.beside(file.media_type, file.path)
    if not names:
        return {}
    found = {other.path: other for other in shelf.found(path for paths in names.values() for path in paths)}
    return {
        end: shelf.kept(other)
        for end, paths in names.items()
        if (other := next((found[path] for path in paths if path in found), None)) is not None
    }


def _drawn(shown: Mapping[str, Any], file: Any, shelf: Shelf, *, is_whole: bool) -> dict[str, Any]:
    """What the page needs besides the preview itself: charts, nets of maps, written text."""
    match shown["type"]:
        case "table":
            return {"charts": [preview_pictures.chart(column) for column in shown.get("profile") or []]}
        case "map":
            return {"net": preview_pictures.net(shown["frame"], degrees=shown["degrees"], unit=shown["unit"])}
        case "media":
            return {"wave": preview_pictures.wave(shown["wave"]) if shown["wave"] else ""}
        case "tree":
            chosen = shown.get("chosen") or {}
            return {"curve": preview_pictures.curve(chosen["points"]) if chosen.get("kind") == "line" else None}
        case "writing":
            lead = _Leads(shown["nodes"], file.path, shelf)
            return {"written": rich.written(shown["nodes"], link=lead.link, picture=lead.picture, prefix="md-")}
        case "notebook":
            # below the file's name on a page of its own, below the heading of the files inside of a record's
            return {"written": lambda nodes: rich.written(nodes, shift=1 if is_whole else 2)}
        case _:
            return {}


class _Leads:
    """Where relative addresses in a text at ``path`` lead: to the files beside it, where there are such. One query."""

    def __init__(self, nodes: Any, path: str, shelf: Shelf) -> None:
        self._folder, self._shelf = PurePosixPath(path).parent, shelf
        wanted = {at for address in rich.addresses(nodes) if (at := self._at(address))}
        some = sorted(wanted)[:MOST_LINKED]
        self._kinds = {file.path: file.media_type for file in shelf.found(some)} if some else {}

    def _at(self, address: str) -> str:
        """The path that a relative address names; '' where it is none, or leads out."""
        if not address or address.startswith(("#", "/", "?")) or ":" in address.split("/")[0]:
            return ""
        parts: list[str] = list(self._folder.parts)
        for part in unquote(address.split("#")[0].split("?")[0]).split("/"):
            if part == "..":
                if not parts:
                    return ""
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        return "/".join(parts)

    def link(self, address: str) -> str | None:
        path = self._at(address)
        return self._shelf.page(path) if path in self._kinds else None

    def picture(self, address: str) -> str | None:
        path = self._at(address)
        return self._shelf.picture(path) if self._kinds.get(path) in PICTURED else None


def _picture(request: HttpRequest, file: Any, shelf: Shelf) -> HttpResponse:
    """404 for what is no picture. Its name says which bytes it was made of, so that a browser need not ask for them again."""
    if file.media_type not in (*PICTURED, "application/pdf"):
        raise Http404
    number = previews.page_number(request)
    etag = f'"{file.sha256[:32]}-{number or 1}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
    else:
        found = previews.large_picture(shelf.kept(file), media_type=file.media_type, page=number)
        if found is None:
            raise Http404
        response = HttpResponse(found[0], content_type=found[1])
        response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def evidence_place(shown: Record, pointer: str, number: int | None, path: str) -> dict[str, Any] | None:
    """The place of one piece of evidence in that file; None when there is no such evidence."""
    for entry in shown.document["provenance"]:
        if entry["pointer"] == pointer:
            places = [item["place"] for item in entry["evidence"]]
            chosen = places[number or 0] if (number or 0) < len(places) else None
            return chosen if chosen and chosen["file"] == path else None
    return None

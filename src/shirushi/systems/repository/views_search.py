"""Search and the feed: one address for a person and for a program."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shirushi.accounts.models import Space
from shirushi.core.home import engine
from shirushi.core.models import FeedEntry
from shirushi.search import IndexDamaged
from shirushi.search.query import DEEPEST, FACETS, Query

A_PAGE = 20
SHOWN_VALUES = 8
FEED_ENTRIES = 50

FACET_LABELS = {
    "resource_type": gettext_lazy("Type"),
    "year": gettext_lazy("Year"),
    "language": gettext_lazy("Language"),
    "licence": gettext_lazy("Licence"),
    "creator": gettext_lazy("Creator"),
    "subject": gettext_lazy("Keyword"),
    "space": gettext_lazy("Space"),
    "format": gettext_lazy("File format"),
}
SORTS = {
    "relevance": gettext_lazy("Best match"),
    "newest": gettext_lazy("Newest first"),
    "oldest": gettext_lazy("Oldest first"),
    "title": gettext_lazy("Title"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet: choosing it again takes it back, so ``address`` is the search with that change."""

    value: str
    label: str
    count: int
    chosen: bool
    address: str


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Results with facets. Whatever is in the address, there is an answer: unknown parts are left out."""
    text = request.GET.get("q", "")[:1000]
    filters = {name: request.GET.getlist(name)[:20] for name in FACETS if request.GET.getlist(name)}
    sort = request.GET.get("sort", "relevance")
    sort = sort if sort in SORTS else "relevance"
    number = page_number(request)
    query = Query(
        text=text,
        filters=filters,
        sort=sort,  # type: ignore[arg-type]
        offset=(number - 1) * A_PAGE,
        limit=A_PAGE,
        facets=FACETS,
    )
    context: dict[str, Any] = {"text": text, "sort": sort, "sorts": SORTS, "filters": filters, "labels": FACET_LABELS}
    try:
        hits = engine().search(query)
    except IndexDamaged as error:
        context["unavailable"] = error.ja if (get_language() or "").startswith("ja") else error.en
        return render(request, "records/search.html", context, status=503)
    context |= {
        "hits": hits,
        "lang": get_language() or "en",
        "facets": {name: choices(request, name, values, filters.get(name, [])) for name, values in hits.facets.items()},
        "number": number,
        "first": query.offset + 1,
        "last": query.offset + len(hits.items),
        "previous": changed(request, page=str(number - 1)) if number > 1 else None,
        "next": changed(request, page=str(number + 1)) if query.offset + A_PAGE < min(hits.total, DEEPEST) else None,
        "without_filters": "?" + urlencode({"q": text}),
        "machine": "/api/records?" + urlencode({"q": text}),
    }
    return render(request, "records/search.html", context)


def choices(request: HttpRequest, name: str, values: Any, chosen: list[str]) -> list[Choice]:
    """The values of a facet: chosen ones stay in the list even where they no longer count anything."""
    counts = {value.value: value.count for value in values}
    listed = [*counts, *(value for value in chosen if value not in counts)]
    titles = (
        dict(Space.objects.values_list("slug", "name_ja" if (get_language() or "").startswith("ja") else "name_en"))
        if name == "space"
        else {}
    )
    result = []
    for value in listed:
        kept = [item for item in chosen if item != value] if value in chosen else [*chosen, value]
        result.append(
            Choice(
                value,
                titles.get(value, value),
                counts.get(value, 0),
                value in chosen,
                changed(request, **{name: kept, "page": None}),
            )
        )
    return sorted(result, key=lambda choice: (not choice.chosen, listed.index(choice.value)))


def changed(request: HttpRequest, **values: str | list[str] | None) -> str:
    """This search's address with some of its parts replaced; None takes a part out."""
    parts = [(key, value) for key, items in request.GET.lists() for value in items if key not in values]
    for key, value in values.items():
        if value is not None:
            parts += [(key, item) for item in (value if isinstance(value, list) else [value])]
    return "?" + urlencode(parts)


def page_number(request: HttpRequest) -> int:
    """The page asked for, from 1; the last reachable one when it is further than any search goes."""
    wanted = request.GET.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 1
    return min(max(number, 1), DEEPEST // A_PAGE)


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """How a browser can search here from its own box (OpenSearch 1.1 description document)."""
    context = {"base": settings.SHIRUSHI_BASE_URL}
    return render(request, "records/opensearch.xml", context, content_type="application/opensearchdescription+xml")


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """New, updated and withdrawn records, newest first (Atom, RFC 4287)."""
    entries = list(FeedEntry.objects.select_related("record")[:FEED_ENTRIES])
    context = {
        "entries": entries,
        "base": settings.SHIRUSHI_BASE_URL,
        "updated": entries[0].at if entries else None,
        "words": {"withdrawn": _("Withdrawn"), "updated": _("New version"), "published": _("New")},
    }
    return render(request, "records/feed.xml", context, content_type="application/atom+xml")

"""Search and the feed: one address for a person and for a program."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shirushi.accounts.models import Space
from shirushi.core.home import engine
from shirushi.core.models import FeedEntry
from shirushi.forms.render import language_name
from shirushi.metadata.labels import term_label
from shirushi.search import IndexDamaged
from shirushi.search.engine import FacetValue, Hit
from shirushi.search.query import DEEPEST, FACETS, Query
from shirushi.systems.repository import pictures
from shirushi.systems.repository.agent_tools import llms_txt

logger = logging.getLogger(__name__)

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
FOUND_IN = {
    "other_title": gettext_lazy("Title in another language"),
    "creators": gettext_lazy("Creator"),
    "subjects": gettext_lazy("Keyword"),
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
    id: str


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Results with facets, or for a program the way to the same results as JSON. Whatever is in the address, there is an answer:
    unknown parts are left out."""
    query = asked(request)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return answer(HttpResponseRedirect(machine_address(query)))
    context: dict[str, Any] = {"text": query.text, "sort": query.sort, "sorts": SORTS, "filters": query.filters}
    try:
        hits = engine().search(query)
        shelf = on_the_shelf(query) if query.filters else hits.facets
    except IndexDamaged:
        logger.exception("search is not possible")  # where the index lies is for the log only
        return render(request, "records/search.html", context | {"unavailable": True}, status=503)
    number = query.offset // A_PAGE + 1
    pages = -(-min(hits.total, DEEPEST) // A_PAGE)
    context |= {
        "hits": hits,
        "labels": FACET_LABELS,
        "found_in": FOUND_IN,
        "unexplained": {hit.id for hit in hits.items if not is_explained(hit)},
        "facets": {
            name: choices(request, name, shelf.get(name, []), hits.facets.get(name, []), query.filters.get(name, []))
            for name in FACETS
        },
        "years": pictures.by_year(tallied("year", hits.facets, query.filters)),
        "types": pictures.counts(tallied("resource_type", hits.facets, query.filters)),
        # Who has just chosen something goes on choosing, also after taking the last filter back.
        "facets_open": bool(query.filters) or "HX-Request" in request.headers,
        "past_the_end": pages > 0 and number > pages,
        "pages": pages,
        "first_page": changed(request, page=None),
        "last_page": changed(request, page=str(pages)),
        "number": number,
        "first": query.offset + 1,
        "last": query.offset + len(hits.items),
        "previous": changed(request, page=str(number - 1)) if 1 < number <= pages else None,
        "next": changed(request, page=str(number + 1)) if query.offset + A_PAGE < min(hits.total, DEEPEST) else None,
        "without_filters": "?" + urlencode({"q": query.text}),
        "machine": machine_address(query),
    }
    return answer(render(request, "records/search.html", context))


def on_the_shelf(query: Query) -> Mapping[str, Sequence[FacetValue]]:
    """The values of each facet when nothing is chosen: they keep their places while people choose."""
    return engine().search(replace(query, filters={}, offset=0, limit=0, highlights=False)).facets


def asked(request: HttpRequest) -> Query:
    """What the address asks for, with everything impossible left out."""
    filters = {name: request.GET.getlist(name)[:20] for name in FACETS if request.GET.getlist(name)}
    sort = request.GET.get("sort", "")
    return Query(
        text=request.GET.get("q", "")[:1000],
        filters=filters,
        sort=sort if sort in SORTS else "relevance",  # type: ignore[arg-type]
        offset=(page_number(request) - 1) * A_PAGE,
        limit=A_PAGE,
        facets=FACETS,
    )


def answer(response: HttpResponse) -> HttpResponse:
    """One address for people and programs: caches have to keep their answers apart."""
    patch_vary_headers(response, ["Accept", "HX-Request"])
    return response


def is_explained(hit: Hit) -> bool:
    """Whether something that is shown of the hit is marked."""
    return any(is_match for pieces in hit.highlights.values() for _text, is_match in pieces)


def machine_address(query: Query) -> str:
    """The same search for a program."""
    parts = {"q": query.text, **query.filters, "sort": query.sort, "offset": query.offset, "limit": query.limit}
    return "/api/records?" + urlencode(parts, doseq=True)


def choices(
    request: HttpRequest, name: str, shelf: Sequence[FacetValue], values: Sequence[FacetValue], chosen: Sequence[str]
) -> list[Choice]:
    """The first values of a facet, in the order of the shelf whatever is chosen, so that nothing jumps under the pointer. What
    is chosen is always among them, also where it counts nothing any more."""
    counts = {value.value: value.count for value in values}
    listed = [value.value for value in shelf][:SHOWN_VALUES]
    listed += [value for value in chosen if value not in listed]
    words = facet_words(name)
    return [
        Choice(
            value,
            words(value),
            counts.get(value, 0),
            value in chosen,
            changed(request, **{name: toggled(chosen, value), "page": None}),
            f"{name}-{quote(value, safe='')}",
        )
        for value in listed
    ]


def tallied(
    name: str, facets: Mapping[str, Sequence[FacetValue]], filters: Mapping[str, Sequence[str]]
) -> list[tuple[str, str, int, bool]]:
    """(value, label, count, chosen) of one facet, for the overview."""
    words, chosen = facet_words(name), filters.get(name, ())
    return [(value.value, words(value.value), value.count, value.value in chosen) for value in facets.get(name, ())]


def toggled(chosen: Sequence[str], value: str) -> list[str]:
    """What is chosen after choosing ``value``, or after taking it back."""
    return [item for item in chosen if item != value] if value in chosen else [*chosen, value]


def facet_words(name: str) -> Callable[[str], str]:
    """How the values of a facet are called in the reader's language. One query for spaces."""
    language = get_language() or "en"
    if name == "space":
        column = "name_ja" if language.startswith("ja") else "name_en"
        titles = dict(Space.objects.values_list("slug", column))
        return lambda value: titles.get(value) or value
    if name == "resource_type":
        return lambda value: term_label(value).in_(language)
    if name == "language":
        return lambda value: language_name(value, language)
    return str


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


@require_safe
def llms(_request: HttpRequest) -> HttpResponse:
    """What a language model that comes by should know."""
    return HttpResponse(llms_txt(settings.SHIRUSHI_BASE_URL), content_type="text/plain; charset=utf-8")

"""The site map (https://www.sitemaps.org/protocol.html) and robots.txt: where crawlers find every page that is for everybody.

``/sitemap.xml`` lists the parts of the map with when each last changed; a part has at most 50,000 pages and is written as it is read.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from shirushi.core.crawling import Page, crawlable

SIZE = 50_000  # pages in a part: the protocol's limit
_MOST = 50_000  # parts in a map: likewise
_OPEN = '<?xml version="1.0" encoding="UTF-8"?>\n<{} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
# What is of use only to people at work, or the same page in ever other forms.
_NOT_FOR_CRAWLERS = (
    "/account",
    "/drafts",
    "/sign-in",
    "/sign-out",
    "/language",
    "/search?",
    "/shared/",
    "/records/*/preview/",
)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The parts of the map."""
    parts = [
        _entry("sitemap", reverse("sitemap-part", args=[pages.name, number]), changed)
        for pages in crawlable()
        for number, changed in enumerate(pages.parts(SIZE))
    ]
    return HttpResponse(
        "".join([_OPEN.format("sitemapindex"), *parts, "</sitemapindex>\n"]), content_type="application/xml"
    )


@require_safe
def part(request: HttpRequest, name: str, number: int) -> HttpResponseBase:
    """One part of the map. 404 for one that there is not."""
    pages = next((pages for pages in crawlable() if pages.name == name and number < _MOST), None)
    found = iter(()) if pages is None else iter(pages.part(number, SIZE))
    first = next(found, None)
    if first is None:
        raise Http404
    return StreamingHttpResponse(_written(chain([first], found)), content_type="application/xml")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything that is for everybody may be crawled, by search engines and by those who train and use models."""
    refused = "".join(f"Disallow: {path}\n" for path in _NOT_FOR_CRAWLERS)
    text = f"User-agent: *\n{refused}\nSitemap: {settings.SHIRUSHI_BASE_URL}{reverse('sitemap')}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _written(pages: Iterable[Page]) -> Iterator[str]:
    yield _OPEN.format("urlset")
    for page in pages:
        yield _entry("url", page.path, page.changed)
    yield "</urlset>\n"


def _entry(element: str, path: str, changed: datetime) -> str:
    address = escape(f"{settings.SHIRUSHI_BASE_URL}{path}")
    day = changed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"<{element}><loc>{address}</loc><lastmod>{day}</lastmod></{element}>\n"

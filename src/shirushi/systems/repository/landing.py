"""The landing page of a published version, drawn from its stored document.

A document never changes, so what is drawn from it is kept. What may change (newer versions, withdrawal, who is signed in) is
not in here; whole pages, for readers who are not signed in, are kept by what they depend on.
"""

import json
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe

from shirushi.core import closed
from shirushi.core.documents import publication_of, publisher_in
from shirushi.core.fair import PRINCIPLES, fair
from shirushi.core.models import Record
from shirushi.exchange.common import resolver_url, tool_url
from shirushi.exchange.formats import FORMATS
from shirushi.exchange.schema_org import to_json as schema_org
from shirushi.forms.shown import Shown, shown
from shirushi.metadata.fields import FIELDS, FieldSpec
from shirushi.metadata.work import Access
from shirushi.systems.repository import citations, linking, pictures, usage_shown
from shirushi.systems.repository.variables import groups

KEPT = 256  # drawn pages in memory, about 50 kB each
FILES_SHOWN = 20
VARIABLES_SHOWN = 500

JSON = Any
# Fields with a place of their own on the page; the others stand at its side, in the order of the form.
_IN_BODY = {"titles", "creators", "contributors", "descriptions", "variables", "related", "resource_type"}


@dataclass(frozen=True, slots=True)
class Value:
    """One value at the side: its words, an address when it has one, and where it comes from."""

    words: Shown
    address: str | None
    origin: Mapping[str, JSON] | None


@dataclass(frozen=True, slots=True)
class Landing:
    """``head`` and ``body`` are HTML; ``links`` is the Link header for machines."""

    title: str
    summary: str
    head: SafeString
    body: SafeString
    links: str


@dataclass(frozen=True, slots=True)
class Published:
    """What never changes of a version: its concept, and who may have the files as it was published."""

    concept_id: str
    access: Mapping[str, JSON] | None


@lru_cache(maxsize=4096)
def published(record_id: str) -> Published:
    """Kept after it was first asked for; one query. Raises Http404: there is no such record."""
    found = Record.objects.filter(pk=record_id).values_list("concept_id", "metadata__access").first()
    if found is None:
        raise Http404
    return Published(*found)


def landing(record_id: str, language: str, *, access: Access, may_read: bool) -> Landing:
    """The page of a version in a language, kept after it was first drawn (with DEBUG drawn anew each time): one for those who may have
    the files, which ``access`` says of now, and another for those who may not.

    Raises:
        Http404: when there is no such record.
    """
    drawing = _draw if settings.DEBUG else _drawn
    return drawing(record_id, language, access.model_dump_json(exclude_none=True), may_read)


def _draw(record_id: str, language: str, access: str, may_read: bool) -> Landing:  # noqa: FBT001 - kept by its positions
    """One query. What is kept under an access holds for it, whatever was decided meanwhile."""
    record = get_object_or_404(Record.objects.defer("metadata"), pk=record_id)
    record.access = json.loads(access)
    publication = publication_of(record, all_files=False, may_read=may_read)
    work = {**closed.work_of(record, may_read=may_read)}
    if publisher := publisher_in(record.document, language):
        work["publisher"] = publisher
    origins = {entry["pointer"]: entry for entry in record.document["provenance"]}
    style = citations.usual_style(language)
    described = json.loads(schema_org(publication))
    context = {
        "record": record,
        "publication": publication,
        "work": publication.work,
        "title": publication.work.title(language) or record.title,
        "space": record.document["space"]["name"]["ja" if language.startswith("ja") else "en"],
        "lang": language,
        "origins": origins,
        "facts": list(facts(work, origins, language)),
        "related": list(values_of(_spec("related"), work, origins, language)),
        "groups": groups(with_histograms(work.get("variables", [])[:VARIABLES_SHOWN], origins if may_read else {})),
        "network": pictures.network(work.get("related", [])),
        "places": pictures.graticule(work.get("locations", [])),
        "times": pictures.timeline(work.get("dates", [])),
        "citation": citations.cited(record, publication, style),
        "style": style,
        "styles": citations.STYLES,
        "files": publication.files[:FILES_SHOWN],
        "may_read": may_read,
        "access": Access.model_validate_json(access),
        "formats": FORMATS.values(),
        "typed_links": linking.of_page(record, publication, described["@type"]),
        "json_ld": in_script(described),
        "fair": fair(publication),
        "principles": PRINCIPLES,
    }
    with translation.override(language):
        return Landing(
            title=context["title"],
            summary=publication.work.description(language),
            head=mark_safe(render_to_string("records/_head.html", context)),  # noqa: S308  our own template, escaped
            body=mark_safe(render_to_string("records/_body.html", context)),  # noqa: S308
            links=linking.header(context["typed_links"]),
        )


_drawn = lru_cache(maxsize=KEPT)(_draw)


Page = TypeVar("Page")


class Kept(Generic[Page]):
    """The pages that were asked for last; the one asked for longest ago goes first. Safe with threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Page | None:
        with self._lock:
            if key not in self._pages:
                return None
            self._pages.move_to_end(key)
            return self._pages[key]

    def put(self, key: Hashable, page: Page) -> None:
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()


class Drawn(NamedTuple):
    """A whole page, with its Link header; ``is_open``: whether everybody may have the files."""

    content: bytes
    links: str
    is_open: bool


pages: Kept[Drawn] = Kept(KEPT)


def standing(concept_id: str) -> str:
    """What may change about the page of a published version: which versions there are, which were withdrawn, who may have their
    files, and the day, on which an embargo may end. Composing the question anew by the ORM costs more than asking it."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [concept_id])
        rows = cursor.fetchall()
    return f"{timezone.localdate()} {rows}"


_STANDING = (
    f"SELECT id, withdrawn_at, access FROM {Record._meta.db_table} "  # noqa: S608, SLF001 - our own table; documented by Django
    "WHERE concept_id = %s ORDER BY number"
)


def forget() -> None:
    """Draw every page anew from now on, with the numbers of now."""
    _drawn.cache_clear()
    published.cache_clear()
    pages.clear()
    usage_shown.forget()


def with_histograms(
    variables: Sequence[Mapping[str, JSON]], origins: Mapping[str, Mapping[str, JSON]]
) -> Iterator[Mapping[str, JSON]]:
    """The variables, each with the histogram that the reader of its file made, where it made one."""
    for index, variable in enumerate(variables):
        origin = origins.get(f"/variables/{index}")
        seen = (item.get("value") for item in origin["evidence"]) if origin else ()
        found = (value.get("histogram") for value in seen if isinstance(value, dict))
        is_measured = variable.get("type") not in (None, "string")  # numbers that name something have no distribution
        yield {**variable, "histogram": next((counts for counts in found if counts), None) if is_measured else None}


def facts(
    work: Mapping[str, JSON], origins: Mapping[str, Mapping[str, JSON]], language: str
) -> Iterator[tuple[str, str, list[Value]]]:
    """What stands at the side of the page: each field that holds something, with its name, label and values."""
    for spec in FIELDS:
        if spec.name not in _IN_BODY and work.get(spec.name):
            yield spec.name, spec.label.in_(language), list(values_of(spec, work, origins, language))


def values_of(
    spec: FieldSpec, work: Mapping[str, JSON], origins: Mapping[str, Mapping[str, JSON]], language: str
) -> Iterator[Value]:
    """The values of one field as people read them."""
    held = work.get(spec.name) or []
    for index, item in enumerate(held if spec.many else [held]):
        pointer = f"/{spec.name}/{index}" if spec.many else f"/{spec.name}"
        words = shown(spec.name, {**item, "lang": None} if isinstance(item, dict) else item, language)
        details = tuple(
            detail for detail in words.details if not detail[1].startswith("https://")
        )  # the address says it
        yield Value(Shown(words.text, details), _address(spec.name, item), origins.get(pointer))


def _address(field: str, item: JSON) -> str | None:
    """Where a value leads: only to the web, never to a scheme that a browser would run."""
    match field:
        case "subjects":
            return f"{reverse('search')}?{urlencode({'subject': item['text']})}"
        case "rights":
            address = item.get("uri") or linking.licence_url(item.get("id"))
        case "related":
            address = resolver_url(item["identifier"], item["scheme"])
        case "publisher":
            address = item.get("ror")
        case "instruments" | "software":
            address = tool_url(item.get("identifier"))
        case "funding":
            address = item.get("award_uri") or item.get("funder_id")
        case _:
            address = None
    return address if address and address.startswith(("https://", "http://")) else None


def _spec(name: str) -> FieldSpec:
    return next(spec for spec in FIELDS if spec.name == name)


def in_script(data: JSON) -> str:
    """JSON that may stand inside a script element: ``</script>`` and ``<!--`` cannot appear in it (HTML 4.12.1.3)."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")

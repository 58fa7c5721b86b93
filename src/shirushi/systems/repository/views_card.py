"""The data card of a record: a page for people, and the same as Markdown for programs that read words."""

import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from shirushi.accounts.actors import actor_of
from shirushi.core import closed, rules
from shirushi.core.documents import publisher_in, whole_publication
from shirushi.core.exporting import is_large
from shirushi.core.models import Derivation, Record
from shirushi.describe.derive.words import note_in, why_in
from shirushi.systems.repository import citations, pictures
from shirushi.systems.repository.data_card import card_of
from shirushi.systems.repository.downloads import for_whom_it_is
from shirushi.systems.repository.landing import VARIABLES_SHOWN, facts, with_histograms
from shirushi.systems.repository.negotiation import prefers_markdown
from shirushi.systems.repository.variables import groups
from shirushi.systems.repository.views_records import open_record

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_TAG = re.compile(
    r"<(?!https?://[^\s<>]+>)"
)  # what somebody wrote into a title is no HTML of the page that shows the card
_ABOUT = ("dates", "locations")
_TERMS = ("rights", "access")


@require_safe
def card(request: HttpRequest, record_id: str) -> HttpResponse:
    """The page; Markdown for a program that would rather have it."""
    if prefers_markdown(request):
        response = markdown(request, record_id)
    else:
        record = open_record(record_id)
        response = for_whom_it_is(render(request, "records/card.html", _context(request, record)), record)
        response["Link"] = (
            f'<{reverse("record-card-markdown", args=[record_id])}>; rel="alternate"; type="text/markdown"'
        )
    patch_vary_headers(response, ["Accept"])
    return response


@require_safe
def markdown(request: HttpRequest, record_id: str) -> HttpResponse:
    record = open_record(record_id)
    text = card_markdown(request, record)
    return for_whom_it_is(HttpResponse(text, content_type="text/markdown; charset=utf-8"), record)


def card_markdown(request: HttpRequest, record: Record) -> str:
    """The card as Markdown, in the reader's language."""
    text = str(render_to_string("records/card.md", _context(request, record)))
    text = "".join(part if is_code else _TAG.sub("&lt;", part) for part, is_code in _parts(text))
    text = re.sub(r"(?m)[ \t]+$", "", text)
    text = re.sub(r"\n+(#+ )", r"\n\n\1", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """What is code in Markdown, and what is not."""
    for number, part in enumerate(_CODE.split(text)):
        yield part, number % 2 == 1


def _context(request: HttpRequest, record: Record) -> dict[str, Any]:
    language = get_language() or "en"
    may_read = rules.can_read_files(actor_of(request), record)
    publication = whole_publication(record, may_read=may_read, all_files=not is_large(record))
    work = {**closed.work_of(record, may_read=may_read)}
    if publisher := publisher_in(record.document, language):
        work["publisher"] = publisher
    origins = {entry["pointer"]: entry for entry in record.document["provenance"]}
    seen = with_histograms(work.get("variables", [])[:VARIABLES_SHOWN], origins if may_read else {})
    summary = publication.work.description(language)
    place = next((n for n, text in enumerate(publication.work.descriptions) if text.text == summary), 0)
    known = list(facts(work, origins, language))
    return {
        "record": record,
        "publication": publication,
        "title": publication.work.title(language) or record.title,
        "summary": summary,
        "summary_origin": origins.get(f"/descriptions/{place}"),
        "lang": language,
        "origins": origins,
        "card": card_of(record.pk, publication, origins, language=language),
        "groups": groups(seen),
        "collected": [fact for fact in known if fact[0] in _ABOUT],
        "terms": [fact for fact in known if fact[0] in _TERMS],
        "access": record.access_now,
        "may_read": may_read,
        "places": pictures.graticule(work.get("locations", [])),
        "times": pictures.timeline(work.get("dates", [])),
        "citation": citations.cited(record, publication, citations.usual_style(language)),
        "derivation": Derivation.objects.filter(record=record).first() if may_read else None,
        "variables_total": len(work.get("variables", [])),
        "note_in": note_in,
        "why_in": why_in,
    }

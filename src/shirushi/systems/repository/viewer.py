"""The viewer beside the review: a file opened at the place that a suggestion or a question rests on."""

from typing import Any

from django.utils.translation import gettext as _

from shirushi.core.disclosure import Question
from shirushi.core.models import Draft, Suggestion
from shirushi.core.stored import path_of_draft
from shirushi.systems.repository import previews

PLACES_SHOWN = 12


def viewer(draft: Draft, suggestion: Suggestion, number: int) -> dict[str, Any]:
    """What the viewer shows: one of the places that a suggestion rests on, opened and marked."""
    places = [item["place"] for item in suggestion.evidence]
    chosen = places[number] if 0 <= number < len(places) else places[0]
    file = draft.files.filter(path=chosen["file"]).first()
    seen: dict[str, Any] = previews.Shown({"type": "none", "detail": _("The file is no longer in this draft.")})
    if file is not None:
        seen = previews.preview(path_of_draft(file), media_type=file.media_type, place=chosen)
    return {
        "asked": None,
        "viewed": suggestion,
        "place": chosen,
        "places": places,
        "number": number,
        "preview": seen,
        "file": file,
    }


def asked_viewer(draft: Draft, asked: Question, number: int) -> dict[str, Any]:
    """What the viewer shows of a question. See :func:`viewer`."""
    items = asked.items[:PLACES_SHOWN]
    number = number if 0 <= number < len(items) else 0
    place = dict(items[number].place)
    file = draft.files.filter(path=place["file"]).first()
    seen: dict[str, Any] = previews.Shown({"type": "none", "detail": _("The file is no longer in this draft.")})
    if file is not None:
        shown = previews.preview(path_of_draft(file), media_type=file.media_type, place=place)
        seen = previews.masked(shown, place)
    places = [dict(item.place) for item in items]
    return {
        "asked": asked,
        "viewed": asked,
        "place": place,
        "places": places,
        "number": number,
        "preview": seen,
        "file": file,
    }

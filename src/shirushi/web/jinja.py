"""The Jinja2 environment of every page: translations, addresses, and how numbers, dates and sizes are written."""

from typing import Any

from django.contrib.messages import get_messages
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment

from shirushi.web import formats

FILTERS = {
    "confidence_word": formats.confidence_word,
    "day": formats.day,
    "filesize": formats.filesize,
    "moment": formats.moment,
    "number": formats.number,
    "place_words": formats.place_words,
}


def environment(**options: Any) -> Environment:
    """What Django's Jinja2 backend calls once per process. ``options`` are Jinja2's own."""
    env = Environment(  # noqa: S701 - Django passes autoescape=True
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    # Looked up when a page is rendered, in the language of its reader.
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    env.globals.update(
        static=static,
        url=_url,
        language=translation.get_language,
        get_messages=get_messages,
    )
    env.filters.update(FILTERS)
    return env


def _url(name: str, *args: object, **kwargs: object) -> str:
    """``url("record", "abc")`` or ``url("record", id="abc")``."""
    return reverse(name, args=args or None, kwargs=kwargs or None)

"""The Jinja2 environment of every page: translations, addresses, and how numbers, dates and sizes are written."""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils import translation
from jinja2 import Environment

from shirushi.core.paths import visible
from shirushi.describe.evidence import confidence_word
from shirushi.web import formats

FILTERS = {
    "confidence_class": confidence_word,
    "confidence_word": formats.confidence_word,
    "cut": formats.cut,
    "day": formats.day,
    "exact": formats.exact,
    "extent": formats.extent,
    "filesize": formats.filesize,
    "grouped": formats.grouped,
    "in_line": formats.in_line,
    "moment": formats.moment,
    "number": formats.number,
    "particulars": formats.particulars,
    "place_words": formats.place_words,
    "problem_words": formats.problem_words,
    "shown": formats.shown_in_language,
    "term": formats.term,
    "unturned": formats.unturned,
    "visible": visible,
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
        static=_static,
        url=_url,
        language=translation.get_language,
        get_messages=get_messages,
    )
    env.filters.update(FILTERS)
    return env


def _static(name: str) -> str:
    """``static("shirushi/app.css")``: the address of a static file."""
    return static(name) if settings.DEBUG else _static_kept(name)


def _url(name: str, *args: object, **kwargs: object) -> str:
    """``url("record", "abc")`` or ``url("record", id="abc")``."""
    if not args and not kwargs:
        return _url_kept(name, get_script_prefix())
    return reverse(name, args=args or None, kwargs=kwargs or None)


# Every page asks for the same few addresses, and they do not change while the server runs.
_static_kept = cache(static)


@cache
def _url_kept(name: str, _prefix: str) -> str:
    return reverse(name)

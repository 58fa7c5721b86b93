"""How to cite a record, in the manner that a reader chooses."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from shirushi.exchange.csl import citation
from shirushi.exchange.formats import FORMATS
from shirushi.metadata.published import Publication

STYLES: Mapping[str, str | Promise] = {
    "apa": gettext_lazy("APA (English)"),
    "sist02": gettext_lazy("SIST 02 (Japanese)"),
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl": "CSL JSON",
}


def usual_style(language: str) -> str:
    """The style that readers of a language expect."""
    return "sist02" if language.startswith("ja") else "apa"


def cited(publication: Publication, style: str) -> str:
    """The citation as text. Raises KeyError for a style that does not exist."""
    if style in ("apa", "sist02"):
        return citation(publication, "en" if style == "apa" else "ja")
    if style not in STYLES:
        raise KeyError(style)
    return FORMATS[style].render(publication).decode()

"""How to cite a record, in the manner that a reader chooses."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from shirushi.core.documents import publisher_in
from shirushi.core.models import Record
from shirushi.exchange.csl import citation
from shirushi.exchange.formats import FORMATS
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Publisher

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


def cited(record: Record, publication: Publication, style: str) -> str:
    """The citation as text. Raises KeyError for a style that does not exist."""
    if style in ("apa", "sist02"):
        language = "en" if style == "apa" else "ja"
        return citation(_published_in(record, publication, language), language)
    if style not in STYLES:
        raise KeyError(style)
    return FORMATS[style].render(publication).decode()


def _published_in(record: Record, publication: Publication, language: str) -> Publication:
    """With the publisher's name in a language."""
    publisher = publisher_in(record.document, language)
    work = publication.work.model_copy(update={"publisher": Publisher(**publisher) if publisher else None})
    return publication.model_copy(update={"work": work})

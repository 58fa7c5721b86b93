"""``Work``: the typed metadata of one record, with no database behind it.

Aligned with DataCite 4.7 and shaped so that InvenioRDM's REST JSON is a plain mapping. The first title without a type
is the main title. Languages are BCP 47 tags (``ja``, ``en``). Dates are EDTF level 0: ``2026``, ``2026-11``,
``2026-11-23`` or an interval ``2026-01/2026-03``; an open end is ``..``.

A draft may be incomplete, so nothing but shape is required here; what publishing asks for is in
:mod:`shirushi.metadata.fields`. Unknown keys are refused, so that a misspelt field is named, not lost.
"""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from packaging.licenses import canonicalize_license_expression
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from shirushi.metadata.identifiers import orcid_checksum
from shirushi.metadata.vocabularies import (
    AccessRights,
    ContributorRole,
    DateType,
    DescriptionType,
    IdentifierScheme,
    NameType,
    RelationType,
    ResourceTypeGeneral,
    TitleType,
    VariableType,
)

_DATE = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_EDTF = re.compile(rf"{_DATE}|(?:{_DATE}|\.\.)/(?:{_DATE}|\.\.)", re.ASCII)


# The context for reading what was taken in before a rule came: ``Work.model_validate(metadata, context=STORED)``. It was
# shown and cited as it stands, so it is read as it stands; only what comes in anew is held to the rule.
STORED = {"stored": True}
_KNOWN_LICENCES = frozenset({"CC-BY-2.1-JP"})  # in use in Japan, and not on SPDX's list


def _is_stored(info: ValidationInfo) -> bool:
    return bool(info.context and info.context.get("stored"))


def _check_edtf(value: str, info: ValidationInfo) -> str:
    """The date in ASCII digits. Raises ValueError for what is no day of the calendar, and for a period that ends before it begins."""
    if _is_stored(info):
        return value
    value = unicodedata.normalize("NFKC", value).strip()
    if not _EDTF.fullmatch(value) or value == "../..":
        raise ValueError("not a date: write 2026, 2026-11, 2026-11-23 or a period 2026-01/2026-03 (EDTF level 0)")
    ends = [end for end in value.split("/") if end != ".."]
    for end in ends:
        try:
            date.fromisoformat(f"{end}-01-01"[:10])
        except ValueError as error:
            raise ValueError(f"{end} is not in the calendar: check the year, the month and the day") from error
    if len(ends) == 2 and ends[0][: len(ends[1])] > ends[1][: len(ends[0])]:
        raise ValueError("the period ends before it begins: swap the two")
    return value


def _check_day(value: str, info: ValidationInfo) -> str:
    """One date, not a period: every format and every citation needs one."""
    if "/" in value and not _is_stored(info):
        raise ValueError("not one date: write 2026, 2026-11 or 2026-11-23")
    return value


def _check_whole_day(value: str, info: ValidationInfo) -> str:
    if len(value) != len("2026-11-23") and not _is_stored(info):
        raise ValueError("not a day: write 2026-11-23")
    return value


def _check_orcid(value: str) -> str:
    if orcid_checksum(value[:-1]) != value[-1]:
        raise ValueError("not an ORCID iD: its last character does not match the rest (ISO 7064 11,2)")
    return value


def _check_address(value: str, info: ValidationInfo) -> str:
    if not _is_stored(info) and not is_web_address(value):
        raise ValueError("not a web address: write all of it, like https://example.org/terms")
    return value


# Addresses of things that lie elsewhere. What a browser would run (javascript:), or find on the reader's own disk, is none.
_WHOLE = re.compile(r"(?:https?|s?ftps?|s3|gs|git|ssh|rsync|globus)://[^\s<>\"]+", re.IGNORECASE)


def is_web_address(value: str) -> bool:
    """Whether it is a whole address that a browser can open: http(s), a host, no spaces."""
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"]", value)
    except ValueError:
        return False


_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160)])


def without_controls(value: Any) -> Any:
    """Characters that nobody sees, and that terminals, XML and databases stumble over, are no part of a text."""
    if not isinstance(value, str) or value.isprintable():  # which is found out faster
        return value
    return value.translate(_CONTROLS)


_controls = BeforeValidator(without_controls)
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100_000), _controls]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000), _controls]
# The name of a file is what it is, blanks at its ends included: "a" and "a " are two files.
FilePath = Annotated[str, StringConstraints(min_length=1, max_length=4_200)]  # what is made of one has an ending more
Address = Annotated[Line, AfterValidator(_check_address)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Edtf = Annotated[str, AfterValidator(_check_edtf)]
Day = Annotated[Edtf, AfterValidator(_check_day)]
WholeDay = Annotated[Day, AfterValidator(_check_whole_day)]
Orcid = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"), AfterValidator(_check_orcid)]
Ror = Annotated[str, StringConstraints(pattern=r"^https://ror\.org/0[a-hj-km-np-tv-z0-9]{6}\d{2}$")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]


class Part(BaseModel):
    """Base of everything in a Work: unknown keys are an error; equality is by value."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class Title(Part):
    text: Line
    lang: Language | None = None
    type: TitleType | None = Field(None, description="absent for the main title")


class Affiliation(Part):
    name: Line
    ror: Ror | None = None


class NameForm(Part):
    """A name in another script, or as it is read: ``Yamada, Hanako`` (``en``), ``ヤマダ ハナコ`` (``ja-Kana``)."""

    name: Line
    lang: Language | None = None


class Creator(Part):
    """A person or organisation. ``name`` is what is cited: "Family, Given" for people in Latin script, 姓 名 in Japanese."""

    name: Line
    name_type: NameType = "Personal"
    given_name: Line | None = None
    family_name: Line | None = None
    lang: Language | None = None
    orcid: Orcid | None = None
    ror: Ror | None = Field(None, description="for an organisation that is itself a creator")
    affiliations: list[Affiliation] = []
    other_names: list[NameForm] = Field([], description="the name in other scripts, and as it is read")


class Contributor(Creator):
    role: ContributorRole = "Other"


class Publisher(Part):
    name: Line
    ror: Ror | None = None
    lang: Language | None = None


class ResourceType(Part):
    general: ResourceTypeGeneral = "Dataset"
    text: Line | None = Field(None, description="the finer type in free words")


class DescriptionText(Part):
    text: Text
    lang: Language | None = None
    type: DescriptionType = "Abstract"


class Subject(Part):
    """A keyword, or a term of a vocabulary when ``scheme`` and ``value_uri`` or ``code`` are given."""

    text: Line
    lang: Language | None = None
    scheme: Line | None = None
    scheme_uri: Address | None = None
    value_uri: Address | None = None
    code: Line | None = None


class DateEntry(Part):
    date: Edtf
    type: DateType
    information: Line | None = None


class Rights(Part):
    """A licence by SPDX id, or a statement in words with an optional address."""

    id: Line | None = Field(None, description="SPDX identifier, e.g. CC-BY-4.0")
    text: Text | None = None
    uri: Address | None = None
    lang: Language | None = None
    covers: Literal["all", "data", "code"] = "all"

    @field_validator("id")
    @classmethod
    def _is_known(cls, value: str | None, info: ValidationInfo) -> str | None:
        """An identifier that names nothing would be published as a link to nowhere."""
        if value is None or _is_stored(info) or value in _KNOWN_LICENCES:
            return value
        try:
            known: str = canonicalize_license_expression(value)
        except ValueError:
            known = ""
        if not known or " " in known or known.startswith("LicenseRef-"):
            raise ValueError(f"{value} is no SPDX identifier of one licence; put other terms into text and uri")
        return known

    @model_validator(mode="after")
    def _says_something(self) -> "Rights":
        if not (self.id or self.text or self.uri):
            raise ValueError("give an SPDX id, a text or an address")
        return self


class Access(Part):
    """Who may have the files: everybody, everybody from a day on, or whom the record's keepers let in. The metadata are for
    everybody (COAR Access Rights 1.1: open, embargoed, restricted access)."""

    rights: AccessRights = "open"
    until: WholeDay | None = Field(None, description="of an embargo: the day on which the files become open")
    note: Line | None = Field(None, description="why, and what is asked of whoever wants them")

    @model_validator(mode="after")
    def _embargo_ends(self) -> "Access":
        if (self.rights == "embargoed") != (self.until is not None):
            raise ValueError("an embargo needs the day on which it ends, and nothing else has one")
        return self

    def is_open(self, on: date) -> bool:
        """Whether everybody may have the files on that day."""
        return self.rights == "open" or (self.until is not None and self.until <= on.isoformat())


class Related(Part):
    identifier: Line
    scheme: IdentifierScheme
    relation: RelationType
    resource_type: ResourceTypeGeneral | None = None
    title: Line | None = None
    relation_information: Line | None = Field(None, description="needed when relation is Other (DataCite 4.7)")

    @model_validator(mode="before")
    @classmethod
    def _is_what_it_says(cls, data: Any, info: ValidationInfo) -> Any:
        given = data.get("identifier") if isinstance(data, dict) else None
        if not isinstance(given, str) or _is_stored(info):
            return data
        if data.get("scheme") == "URL" and not _WHOLE.fullmatch(given.strip()):
            raise ValueError("not a whole address: write all of it, like https://example.org/paper")
        if data.get("scheme") == "DOI" and scheme_of(given) != "DOI":
            raise ValueError("not a DOI: write it like 10.1234/abc, or choose what kind of identifier it is")
        return data


class AlternateIdentifier(Part):
    identifier: Line
    type: Line


class Box(Part):
    """WGS 84 degrees. west > east means that the box crosses the antimeridian."""

    west: Longitude
    south: Latitude
    east: Longitude
    north: Latitude

    @model_validator(mode="after")
    def _south_is_below(self) -> "Box":
        if self.south > self.north:
            raise ValueError("south is north of north: swap the two")
        return self


class Location(Part):
    """A place by name, box or both. A point is a box of no size."""

    place: Line | None = None
    box: Box | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> "Location":
        if self.place is None and self.box is None:
            raise ValueError("give a place name or a box")
        return self


class Funding(Part):
    funder: Line
    funder_id: Line | None = Field(None, description="ROR or Crossref Funder ID as a URL")
    award: Line | None = Field(None, description="award number, e.g. JP21K12345")
    award_title: Line | None = None
    award_uri: Address | None = None


def scheme_of(identifier: str) -> IdentifierScheme | None:
    """What kind of identifier a text is by its form: a DOI (bare, ``doi:`` or as an address), a Handle, an RRID, a SWHID or a
    whole web address. None when it is none of them."""
    value = identifier.strip()
    for scheme, form in _SCHEMES:
        if form.fullmatch(value):
            return scheme
    return "URL" if is_web_address(value) else None


_SCHEMES: tuple[tuple[IdentifierScheme, re.Pattern[str]], ...] = (
    ("DOI", re.compile(r"(?:(?:https?://(?:dx\.)?doi\.org/|doi:\s?)?10\.\d{4,9}/\S+)", re.IGNORECASE)),
    ("Handle", re.compile(r"(?:https?://hdl\.handle\.net/|hdl:)?\d{2,9}(?:\.\d+)*\.?[\w.]*/[^\s/]\S*", re.ASCII)),
    ("RRID", re.compile(r"RRID:\s?[A-Z]+[_:]\S+")),
    ("SWHID", re.compile(r"swh:1:(?:cnt|dir|rel|rev|snp):[0-9a-f]{40}\S*")),
)
_RESOLVERS = re.compile(r"^(?:https?://(?:(?:dx\.)?doi\.org|hdl\.handle\.net)/|(?:doi|hdl):\s?)", re.IGNORECASE)


def bare_identifier(identifier: str) -> str:
    """A DOI or Handle without its resolver's address; anything else as it is."""
    bare = _RESOLVERS.sub("", identifier.strip())
    return bare if scheme_of(identifier) in ("DOI", "Handle") else identifier.strip()


def _check_tool_identifier(value: str, info: ValidationInfo) -> str:
    if not _is_stored(info) and scheme_of(value) is None:
        raise ValueError("not a DOI, a Handle, an RRID, a SWHID or a web address")
    return value


ToolIdentifier = Annotated[Line, AfterValidator(_check_tool_identifier)]


class Instrument(Part):
    """An instrument that made the data, in the terms of the PIDINST schema (RDA, 10.15497/RDA00070)."""

    name: Line
    manufacturer: Line | None = None
    model: Line | None = None
    serial_number: Line | None = None
    type: Line | None = Field(None, description="what kind of instrument, e.g. plate reader")
    identifier: ToolIdentifier | None = Field(None, description="DOI, Handle or web address")


class SoftwareUsed(Part):
    """A program or library that made, read or worked on the data."""

    name: Line
    version: Line | None = None
    identifier: ToolIdentifier | None = Field(None, description="DOI, RRID, SWHID or web address")
    purpose: Line | None = Field(None, description="what it was used for, e.g. acquisition")


class Variable(Part):
    """A column of a table, a variable of a netCDF file, a dataset in HDF5."""

    name: Line
    file: FilePath | None = Field(None, description="path inside the dataset")
    part: Line | None = Field(None, description="sheet or group that holds it")
    position: int | None = Field(
        None, ge=1, description="place among the columns, counted from 1, where another of the table has the same name"
    )
    type: VariableType | None = None
    unit: Line | None = Field(None, description="as the data say it; UCUM where it can be mapped")
    label: Line | None = None
    description: Text | None = None
    standard_name: Line | None = None
    minimum: float | str | None = None
    maximum: float | str | None = None
    missing: int | None = Field(None, ge=0, description="number of missing values")
    count: int | None = Field(None, ge=0, description="number of values looked at")
    sampled: bool = Field(False, description="the numbers come from a sample, not from all rows")


class Work(Part):
    """Everything typed about one record. See the module's text for conventions."""

    resource_type: ResourceType = ResourceType(general="Dataset")
    titles: list[Title] = []
    creators: list[Creator] = []
    contributors: list[Contributor] = []
    publisher: Publisher | None = None
    publication_date: Day | None = None
    descriptions: list[DescriptionText] = []
    subjects: list[Subject] = []
    dates: list[DateEntry] = []
    languages: list[Language] = []
    rights: list[Rights] = []
    access: Access | None = Field(None, description="absent: the files are open")
    version: Line | None = None
    alternate_identifiers: list[AlternateIdentifier] = []
    related: list[Related] = []
    locations: list[Location] = []
    funding: list[Funding] = []
    variables: list[Variable] = []
    instruments: list[Instrument] = []
    software: list[SoftwareUsed] = []
    custom: dict[str, Any] = {}

    def title(self, lang: str | None = None) -> str:
        """The main title, or its form in ``lang`` when there is one; empty when nothing has been given."""
        if lang:
            for title in self.titles:
                if title.lang == lang and title.type in (None, "TranslatedTitle"):
                    return title.text
        for title in self.titles:
            if title.type is None:
                return title.text
        return self.titles[0].text if self.titles else ""

    def description(self, lang: str | None = None) -> str:
        """The abstract, in ``lang`` when there is one; empty when nothing has been given."""
        abstracts = [d for d in self.descriptions if d.type == "Abstract"]
        for text in abstracts:
            if lang and text.lang == lang:
                return text.text
        return abstracts[0].text if abstracts else ""

"""``Publication``: a Work together with what its publishing added. This is what the exchange formats are made from."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from shirushi.metadata.vocabularies import IdentifierScheme, VariableType
from shirushi.metadata.work import Access, FilePath, Line, Part, Work


class TableForm(Part):
    """How a file of delimited text writes its table, for readers that must be told."""

    encoding: Line = "utf-8"
    delimiter: str = Field(",", min_length=1, max_length=1)
    header_row: int | None = Field(None, ge=1, description="line of the column names; absent where there are none")
    header: list[str] = Field([], description="the column names as they stand, twice where they stand twice")
    formatted: list[str] = Field(
        [], description="columns whose numbers or dates are not plain: 1,234 or 1,5 or 2024/1/5"
    )


class FileEntry(Part):
    """One file of a record. ``path`` is relative, with ``/`` between the parts."""

    path: FilePath
    size: int = Field(ge=0, description="bytes")
    media_type: Line = "application/octet-stream"
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$", description="absent: who reads may not have the file")
    sha512: str | None = Field(None, pattern=r"^[0-9a-f]{128}$")
    url: str | None = Field(None, max_length=20_000, description="where it can be downloaded")
    derived_from: FilePath | None = None
    table: TableForm | None = None
    puid: str | None = Field(
        None,
        pattern=r"^(x-)?fmt/[0-9]{1,6}$",
        description="PRONOM's identifier of the format (The National Archives, UK)",
    )
    pronom_format: Line | None = Field(None, description="what PRONOM calls the format")
    pronom_version: Line | None = Field(None, description="the format's version in PRONOM")


class DerivedColumn(Part):
    """A column of a derived table. ``marks`` are the texts that stand for missing values in the source and are null here, with how often
    each stands there; ``note`` says why its values are kept as text, or what else was done."""

    name: str
    source: str = Field(description="its name in the source")
    position: int = Field(1, ge=1, description="its place in the source, counted from 1")
    type: VariableType = "string"
    unit: str | None = None
    label: str | None = None
    nulls: int = Field(0, ge=0)
    marks: dict[str, int] = {}
    note: str | None = None


class DerivedArray(Part):
    name: str
    part: str | None = Field(None, description="the group that holds it")
    dimensions: list[str] = []
    shape: list[int] = []
    dtype: str = ""


class DerivedFile(Part):
    """A file that was made from one of the record's for programs; no part of what was published, and made again when it is lost."""

    path: FilePath
    kind: Literal["parquet", "zarr"]
    media_type: Line
    size: int = Field(ge=0, description="bytes")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    derived_from: FilePath = Field(description="path of the file it was made from")
    derived_from_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    part: str | None = Field(None, description="the sheet it was made from")
    rows: int | None = Field(None, ge=0)
    columns: list[DerivedColumn] = []
    arrays: list[DerivedArray] = []
    left_out: list[str] = Field([], description="what of the source is not in it")
    made_with: Line
    url: str | None = Field(None, max_length=20_000, description="where it can be downloaded")
    store_url: str | None = Field(
        None, max_length=20_000, description="of Zarr: the address that a client opens, key by key"
    )


class DataAnswer(Part):
    """What whoever published a file answered about data in it that might not be meant for everybody. ``category``: as the readers
    name it; ``answer``: not-personal, consented, restrict, remove."""

    file: Line
    category: Line
    answer: Line


class Identifier(Part):
    scheme: IdentifierScheme
    value: Line
    state: str = Field("local", description="local: minted here, not registered with an agency; registered; tombstoned")
    url: Line | None = Field(None, description="the page that it stands for, while no agency leads there")


class Publication(Part):
    """A Work with its identifiers, files, addresses and version. Any part but the Work may be absent (``--as`` on a folder)."""

    work: Work
    identifier: Identifier | None = None
    concept_identifier: Identifier | None = Field(None, description="stands for all versions")
    url: Line | None = None
    number: int = Field(1, ge=1, description="1 for the first version")
    published_at: datetime | None = None
    modified_at: datetime | None = None
    files: list[FileEntry] = []
    file_count: int | None = Field(None, description="when ``files`` is only a page of them")
    total_size: int | None = Field(None, description="bytes")
    previous: Identifier | None = None
    derived: list[DerivedFile] = Field([], description="made from the files for programs; no part of the version")
    answers: list[DataAnswer] = Field(
        [], description="what was answered about data in the files, the last word on each"
    )
    card_url: Line | None = Field(None, description="the page that says what to know before using the data")
    access: Access | None = Field(None, description="who may have the files now, where the work no longer says it")
    ask_url: Line | None = Field(
        None,
        description="where the files are asked for; absent: who reads may have them, at the addresses that they have",
    )

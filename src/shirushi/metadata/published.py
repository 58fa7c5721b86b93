"""``Publication``: a Work together with what its publishing added. This is what the exchange formats are made from."""

from datetime import datetime

from pydantic import Field

from shirushi.metadata.vocabularies import IdentifierScheme
from shirushi.metadata.work import Access, Line, Part, Work


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

    path: Line
    size: int = Field(ge=0, description="bytes")
    media_type: Line = "application/octet-stream"
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    sha512: str | None = Field(None, pattern=r"^[0-9a-f]{128}$")
    url: Line | None = Field(None, description="where it can be downloaded")
    derived_from: Line | None = None
    table: TableForm | None = None
    puid: str | None = Field(
        None,
        pattern=r"^(x-)?fmt/[0-9]{1,6}$",
        description="PRONOM's identifier of the format (The National Archives, UK)",
    )
    pronom_format: Line | None = Field(None, description="what PRONOM calls the format")
    pronom_version: Line | None = Field(None, description="the format's version in PRONOM")


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
    access: Access | None = Field(None, description="who may have the files now, where the work no longer says it")

"""Which function shows which sort of file in full. A package adds its own with an entry point of the group ``shirushi.previews``.

Such a function takes a :class:`~shirushi.describe.readers.base.File` and a :class:`Wanted` and returns one of the shapes of
:mod:`shirushi.describe.preview` as plain JSON, or None where it has nothing to show: then the next one is asked, and in the end the
lines, rows or attributes are shown that every file has. It runs in an isolated worker and may raise what a reader may raise.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from shirushi.describe.evidence import JSON
from shirushi.describe.plugins import PREVIEWS as PREVIEWS_OF_OTHERS
from shirushi.describe.plugins import brought
from shirushi.describe.readers.base import File

Shape = dict[str, JSON]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a file is asked for. ``offset`` (row, cell, member) and ``page`` count from 1; ``sheet`` is a part with a name: a sheet,
    a table, a layer; ``variable`` the path of an array, ``at`` the indexes in its leading dimensions. ``beside`` are the files of
    the same name with other endings (``.dbf``), by ending in lower case."""

    page: int | None = None
    sheet: str | None = None
    offset: int | None = None
    limit: int = 200
    variable: str | None = None
    at: Sequence[int] = ()
    beside: Mapping[str, Path] = field(default_factory=dict)


Show = Callable[[File, Wanted], Shape | None]
S = TypeVar("S", bound=Show)
_HERE = "shirushi.describe.previews."

PREVIEWS: tuple[tuple[str, str], ...] = (
    *(
        (kind, _HERE + "profiled:show_table")
        for kind in (
            "text/csv",
            "text/tab-separated-values",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.ms-excel.sheet.macroEnabled.12",
            "application/vnd.ms-excel",
            "application/vnd.oasis.opendocument.spreadsheet",
        )
    ),
    ("application/vnd.apache.parquet", _HERE + "profiled:show_parquet"),
    ("application/geopackage+sqlite3", _HERE + "maps:show_geopackage"),
    ("application/geopackage+sqlite3", _HERE + "profiled:show_sqlite"),
    ("application/vnd.sqlite3", _HERE + "profiled:show_sqlite"),
    ("text/markdown", _HERE + "writing:show_markdown"),
    ("application/x-ipynb+json", _HERE + "notebooks:show_notebook"),
    ("application/geo+json", _HERE + "maps:show_geojson"),
    ("application/vnd.google-earth.kml+xml", _HERE + "maps:show_kml"),
    ("application/vnd.google-earth.kmz", _HERE + "maps:show_kml"),
    ("application/gpx+xml", _HERE + "maps:show_gpx"),
    ("application/vnd.shp", _HERE + "maps:show_shapefile"),
    ("image/tiff", _HERE + "rasters:show_geotiff"),
    ("application/x-esri-grid", _HERE + "rasters:show_ascii_grid"),
    ("application/x-netcdf", _HERE + "arrays:show_netcdf3"),
    ("application/x-netcdf4", _HERE + "arrays:show_hdf"),
    ("application/x-hdf5", _HERE + "arrays:show_hdf"),
    ("application/x-zarr+json", _HERE + "arrays:show_tree"),
    ("application/x-npy", _HERE + "arrays:show_npy"),
    ("application/x-npz", _HERE + "arrays:show_tree"),
    ("application/x-matlab-data", _HERE + "arrays:show_tree"),
    ("application/x-matlab-data-4", _HERE + "arrays:show_tree"),
    ("application/zip", _HERE + "arrays:show_zarr_zip"),
    ("application/zip", _HERE + "members:show_zip"),
    ("application/*+zip", _HERE + "members:show_zip"),
    ("application/x-tar", _HERE + "members:show_tar"),
    ("application/gzip", _HERE + "members:show_tar"),
    ("application/x-bzip2", _HERE + "members:show_tar"),
    ("application/x-xz", _HERE + "members:show_tar"),
    ("application/*json", _HERE + "checked:check_json"),
    ("audio/*", _HERE + "sound:show_sound"),
    ("video/*", _HERE + "sound:show_sound"),
)


def shows(*media_types: str) -> Callable[[S], S]:
    """Mark a function of another package as the preview of these media types; ``*`` stands for any letters."""

    def mark(function: S) -> S:
        function.media_types = media_types  # type: ignore[attr-defined]
        return function

    return mark


def previews_for(media_type: str) -> Iterator[Show]:
    """The functions to ask, in order: those of other packages first."""
    for _, function in brought(PREVIEWS_OF_OTHERS).found:
        if any(fnmatchcase(media_type, pattern) for pattern in function.media_types):
            yield function
    for pattern, name in PREVIEWS:
        if fnmatchcase(media_type, pattern):
            yield _loaded(name)


def _loaded(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)

"""What the files inside an archive say: texts that explain, metadata, tables and map layers, a few of them.

Each is unpacked into memory only, up to a bounded size, and read as if it lay there; what is seen has its place in the archive.
"""

import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from lzma import LZMAError
from pathlib import PurePosixPath
from typing import Any

from shirushi.describe.evidence import AttributePlace, Evidence, Place, evidence_from_json
from shirushi.describe.identify import HEAD, identify_bytes
from shirushi.describe.readers.archives import inner_name, leads_out
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.zips import DAMAGED

MOST_MEMBERS = 24
MOST_BYTES = 4_000_000  # of one file inside
MOST_TOGETHER = 24_000_000
MOST_SEEN = 5_000  # entries that are looked at
MOST_RUN = 200_000_000  # bytes of a tar that are run through
_TOLD = re.compile(
    r"(?:^|/)(?:read[_\- ]?me|about|codebook|data[_-]?dict|metadata|datapackage\.json|eml\.xml|meta\.xml|datacite|citation\.cff|codemeta\.json|"
    r"ro-crate-metadata|\.zenodo\.json|dataset_description\.json|licen[cs]e|説明|凡例|はじめに)[^/]*$",
    re.IGNORECASE,
)
_DATA = re.compile(
    r"\.(?:csv|tsv|tab|txt|dat|xlsx|ods|json|geojson|shp|prj|dbf|kml|gpx|xml|md|rst|nc|cff|yml|yaml|docx)$",
    re.IGNORECASE,
)
_PASSED_OVER = re.compile(
    r"(?:^|/)(?:__MACOSX|\.git|node_modules|\._|zarr\.json)|\.(?:zip|gz|tar|7z|rar)$", re.IGNORECASE
)
_ARCHIVES = ("application/zip", "application/x-tar", "application/gzip", "application/x-bzip2", "application/x-xz")
_KEPT = frozenset(
    ["stated", "heading", "paragraph", "list-item", "key-value", "table-row", "link", "table", "column", "codebook-row", "array", "attribute", "coordinates", "time-range", "licence-text", "sensitive", "text-language", "instrument", "measurement", "document-info", "reference"]
)  # fmt: skip


@reads("application/zip")
def read_zip(file: File) -> Iterator[Evidence]:
    """What files in a ZIP say; nothing where it is damaged, which the reader of archives tells of."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            infos = {inner_name(i): i for i in archive.infolist()[:MOST_SEEN] if not i.is_dir() and not i.flag_bits & 1}
            left = MOST_TOGETHER
            for name in chosen({name: info.file_size for name, info in infos.items()}):
                with archive.open(infos[name]) as stream:
                    data = stream.read(MOST_BYTES + 1)
                left -= len(data)
                if left < 0:
                    return
                yield from told(file, name, data)
    except DAMAGED:
        return


@reads("application/x-tar", "application/gzip", "application/x-bzip2", "application/x-xz")
def read_tar(file: File) -> Iterator[Evidence]:
    """What files in a tar, packed or not, say."""
    if file.media_type != "application/x-tar" and not re.search(
        r"\.(?:tgz|tbz2?|txz|tar\.\w+)$", file.name, re.IGNORECASE
    ):
        return
    held: dict[str, bytes] = {}
    total = run = 0
    try:
        with tarfile.open(file.path, "r:*") as archive:
            for number, member in enumerate(archive):
                run += member.size
                if number >= MOST_SEEN or run > MOST_RUN or total > MOST_TOGETHER:
                    break
                if member.isreg() and chosen({member.name: member.size}) and (stream := archive.extractfile(member)):
                    held[member.name] = stream.read(MOST_BYTES + 1)
                    total += len(held[member.name])
    except (tarfile.TarError, EOFError, OSError, zlib.error, LZMAError, ValueError):
        pass
    for name in chosen({name: len(data) for name, data in held.items()}):
        yield from told(file, name, held[name])


def chosen(sizes: dict[str, int]) -> list[str]:
    """Which files are read: what explains the others first, then data, each group from the top down."""
    fitting = [
        name for name, size in sizes.items()
        if 0 < size <= MOST_BYTES and not leads_out(name) and not _PASSED_OVER.search(name) and (_TOLD.search(name) or _DATA.search(name))
    ]  # fmt: skip
    return sorted(fitting, key=lambda name: (not _TOLD.search(name), name.count("/"), name))[:MOST_MEMBERS]


def told(file: File, name: str, data: bytes) -> Iterator[Evidence]:
    """The evidence of one file inside, its places turned into places of the archive."""
    from shirushi.describe.readers import registry

    what = identify_bytes(data[:HEAD], PurePosixPath(name).name)
    if what.media_type in _ARCHIVES or len(data) > MOST_BYTES:
        return
    with _in_memory(data) as path:
        if path is None:
            return
        answer = registry.read(path, name, len(data), what.media_type, what.format)
    for item in answer["evidence"]:
        seen = evidence_from_json(item)
        if seen.kind in _KEPT:
            yield replace(seen, value=_value(seen, name), place=_place(file.name, name, seen.place))


def _value(seen: Evidence, name: str) -> Any:
    """A table inside is a part of the archive, as a sheet is of a workbook."""
    if seen.kind in ("table", "column"):
        sheet = seen.value.get("sheet")
        return {**seen.value, "sheet": f"{name}/{sheet}" if sheet else name, "member": name}
    return seen.value


def _place(archive: str, name: str, place: Place) -> Place:
    line = getattr(place, "start", None) or getattr(place, "line", None)
    inner = getattr(place, "path", "")
    return AttributePlace(archive, f"{name}#{inner}" if inner else name, line, place.quote)


@contextmanager
def _in_memory(data: bytes) -> Iterator[str | None]:
    """A path to bytes that lie in memory only; None on systems that have no such files."""
    if not hasattr(os, "memfd_create"):
        yield None
        return
    descriptor = os.memfd_create("inside")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as stream:
            stream.write(data)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)

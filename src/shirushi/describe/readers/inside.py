"""What the files inside an archive say: texts that explain, metadata, tables and map layers, a few of them.

Each is unpacked into memory only, up to a bounded size, and read as if it lay there; what is seen has its place in the archive.
"""

import io
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from lzma import LZMAError
from pathlib import PurePosixPath
from typing import Any

from shirushi.describe.evidence import AttributePlace, Evidence, FilePlace, Place, evidence_from_json
from shirushi.describe.identify import HEAD, identify_bytes
from shirushi.describe.readers import glance
from shirushi.describe.readers.archives import inner_name, is_file, leads_out
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.zips import DAMAGED

MOST_MEMBERS = 24
MOST_BYTES = 4_000_000  # of one file inside
MOST_TOGETHER = 24_000_000
MOST_LOOKED_THROUGH = 3_000  # files that are not read, but looked through for data about people
NAMED = 5
READER = "inside/1"
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
_NOT_OURS = re.compile(r"(?:^|/)(?:__MACOSX|\.git|node_modules|\._|zarr\.json)", re.IGNORECASE)
_MAY_HOLD = re.compile(
    r"\.(?:pdf|docx?|pptx?|xlsx?|xlsm|od[tpsg]|rtf|html?|tex|epub|ipynb|log|jsonl|ya?ml|toml|ini|cfg|conf|env|sql|py|r|sh|pem|key|jpe?g|png|tiff?|webp|dcm|sav|dta|"
    r"sqlite3?|db|zip|gz|tgz|tar|7z|rar)$|(?:^|/)(?:\.env|id_[a-z0-9]+|[^./]+)$",
    re.IGNORECASE,
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
            infos = {inner_name(i): i for i in archive.infolist()[:MOST_SEEN] if is_file(i) and not i.flag_bits & 1}
            left = MOST_TOGETHER
            read: set[str] = set()
            for name in chosen({name: info.file_size for name, info in infos.items()}):
                with archive.open(infos[name]) as stream:
                    data = stream.read(MOST_BYTES + 1)
                left -= len(data)
                if left < 0:
                    break
                read.add(name)
                yield from told(file, name, data)
            unseen = Unseen(file)
            for name, info in infos.items():
                if name not in read and may_hold(name, info.file_size):
                    with archive.open(info) if unseen.has_room(info.file_size) else nullcontext() as opened:
                        yield from unseen.look(name, opened.read(MOST_BYTES + 1) if opened else None)
            unseen.more(
                sum(
                    1
                    for info in archive.infolist()[MOST_SEEN:]
                    if is_file(info) and may_hold(info.filename, info.file_size)
                )
            )
            yield from unseen.evidence()
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
    unseen = Unseen(file)
    found: list[Evidence] = []
    total = run = 0
    try:
        with tarfile.open(file.path, "r:*") as archive:
            for number, member in enumerate(archive):
                run += member.size
                if number >= MOST_SEEN or run > MOST_RUN:
                    unseen.more(1)
                    break
                if not member.isreg() or not may_hold(member.name, member.size):
                    continue
                worth = total <= MOST_TOGETHER and chosen({member.name: member.size})
                stream = archive.extractfile(member) if worth or unseen.has_room(member.size) else None
                data = stream.read(MOST_BYTES + 1) if stream else None
                if worth and data is not None:
                    held[member.name] = data
                    total += len(data)
                else:
                    found += unseen.look(member.name, data)
    except (tarfile.TarError, EOFError, OSError, zlib.error, LZMAError, ValueError):
        pass
    for name in chosen({name: len(data) for name, data in held.items()}):
        yield from told(file, name, held.pop(name))
    yield from found
    for name, data in held.items():
        yield from unseen.look(name, data)
    yield from unseen.evidence()


def may_hold(name: str, size: int) -> bool:
    """Whether a file inside may tell of people, by its name: what its kind is shows only when it is opened."""
    return size > 0 and not _NOT_OURS.search(name) and (_DATA.search(name) or _MAY_HOLD.search(name)) is not None


class Unseen:
    """The files inside an archive that are not read: each is looked through for what must not be published by mistake, as long
    as there is room, and the others are counted."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._count = self._number = self._bytes = self._read = 0
        self._names: list[str] = []

    def has_room(self, size: int) -> bool:
        if size > MOST_BYTES or self._number >= MOST_LOOKED_THROUGH or self._bytes + size > MOST_RUN // 2:
            return False
        self._number += 1
        self._bytes += size
        return True

    def look(self, name: str, data: bytes | None) -> Iterator[Evidence]:
        """What is sensitive in a file; ``data`` is None where there was no room for it."""
        what = identify_bytes(data[:HEAD], PurePosixPath(name).name) if data is not None else None
        if data is None or what is None or leads_out(name):
            self.more(1, name)
            return
        if what.media_type in _ARCHIVES:
            if what.media_type != "application/zip" or not _is_quiet(data):
                self.more(1, name)
            return
        price = glance.cost(what.media_type)
        if not price or (price < glance.READ and not glance.may_tell(data, name, what.media_type)):
            return
        self._read += 1
        if self._read > MOST_MEMBERS * 4:
            self.more(1, name)
            return
        yield from (item for item in told(self._file, name, data) if item.kind == "sensitive")

    def more(self, count: int, name: str = "") -> None:
        self._count += count
        if name and len(self._names) < NAMED:
            self._names.append(name)

    def evidence(self) -> Iterator[Evidence]:
        if self._count:
            value = {"count": self._count, "names": self._names}
            yield Evidence("not-looked-at", value, FilePlace(self._file.name), READER)


def chosen(sizes: dict[str, int]) -> list[str]:
    """Which files are read: what explains the others first, then data, each group from the top down."""
    fitting = [
        name for name, size in sizes.items()
        if 0 < size <= MOST_BYTES and not leads_out(name) and not _PASSED_OVER.search(name) and (_TOLD.search(name) or _DATA.search(name))
    ]  # fmt: skip
    return sorted(fitting, key=lambda name: (not _TOLD.search(name), name.count("/"), name))[:MOST_MEMBERS]


def _is_quiet(data: bytes) -> bool:
    """Whether no file of a ZIP inside gives a reason to look at it."""
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                left -= info.file_size
                if left < 0 or info.flag_bits & 1:
                    return False
                with archive.open(info) as stream:
                    inner = stream.read(info.file_size)
                kind = identify_bytes(inner[:HEAD], PurePosixPath(info.filename).name).media_type
                price = glance.cost(kind)
                if price and (price >= glance.READ or glance.may_tell(inner, info.filename, kind)):
                    return False
    except DAMAGED:
        return False
    return True


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

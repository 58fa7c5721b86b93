"""Archives that are to be unpacked: what they hold is judged first, in an isolated worker, and then given out file by file.

An archive is refused as a whole when anything in it could do harm or be taken for something else: a way out of the folder, a link or a
device, two files of one name, more than its size explains. Nothing is written here.
"""

import re
import tarfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from shirushi.describe.readers.archives import LARGE, MOST_RATIO, inner_name
from shirushi.describe.readers.zips import DAMAGED

MOST_FILES = 100_000
MOST_ROOM = 10 * 2**40  # bytes of all files together
MOST_DIRECTORY = 64 * 2**20  # bytes of a ZIP's list of files that are looked through for the names of packages
LOOKED = 2**20  # bytes of a tar that are
NAMES = (b"bagit.txt", b"ro-crate-metadata.json")
_LEFT_BEHIND = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$)")
_DRIVE = re.compile(r"^[A-Za-z]:")
_END = b"PK\x05\x06"


class NotUnpackable(Exception):
    """Why an archive is refused: a stable ``code``, and the file that is to blame, '' for the archive itself."""

    def __init__(self, code: str, file: str = "") -> None:
        super().__init__(f"{code}: {file}" if file else code)
        self.code = code
        self.file = file


def listed(path: str) -> dict[str, Any]:
    """For the worker: ``{files: [[name, size]], wrong: [code, file] or null}`` of the archive at ``path``."""
    try:
        return {"files": [[name, size] for name, size in _judged(Path(path))], "wrong": None}
    except NotUnpackable as error:
        return {"files": [], "wrong": [error.code, error.file]}


def members(path: Path) -> Iterator[tuple[str, int, BinaryIO]]:
    """Each file: its name, its size as listed, and its bytes, to be read before the next one is asked for. What was left out or
    refused by :func:`listed` does not come."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                name = _name_in_zip(info)
                if not info.is_dir() and not _LEFT_BEHIND.search(name):
                    with archive.open(info) as content:
                        yield name, info.file_size, cast("BinaryIO", content)
        return
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            if member.isfile() and not _LEFT_BEHIND.search(name):
                yield name, member.size, cast("BinaryIO", archive.extractfile(member))


def looks_like_one(content: BinaryIO, size: int) -> bool:
    """Whether a ZIP or tar names what makes it a bag or a crate. A cheap look at its bytes, which nothing is made of: ``content`` can be
    sought in."""
    content.seek(max(0, size - 66_000))
    tail = content.read(66_000)
    if (at := tail.rfind(_END)) >= 0 and len(tail) >= at + 22:
        length, start = (int.from_bytes(tail[at + place : at + place + 4], "little") for place in (12, 16))
        if start == 0xFFFFFFFF or length > MOST_DIRECTORY:  # ZIP64, or very many files: its end is enough
            return any(name in tail for name in NAMES)
        content.seek(start)
        return any(name in content.read(length) for name in NAMES)
    content.seek(0)
    head = content.read(LOOKED)
    if head[:2] == b"\x1f\x8b":
        import zlib

        try:
            head = zlib.decompressobj(31).decompress(head, 8 * LOOKED)
        except zlib.error:
            return False
    return head[257:262] == b"ustar" and any(name in head for name in NAMES)


def _judged(path: Path) -> Iterable[tuple[str, int]]:
    try:
        found = _in_zip(path) if zipfile.is_zipfile(path) else _in_tar(path)
    except tarfile.ReadError as error:
        raise NotUnpackable("not-an-archive") from error
    except (*DAMAGED, tarfile.TarError) as error:
        raise NotUnpackable("damaged-archive") from error
    seen: dict[str, str] = {}
    room = 0
    for name, size in found:
        _see_that_harmless(name)
        key = unicodedata.normalize("NFC", name)
        if key in seen:
            raise NotUnpackable("name-twice", name)
        seen[key] = name
        room += size
    for name in seen:
        parts = name.split("/")
        if any("/".join(parts[:depth]) in seen for depth in range(1, len(parts))):
            raise NotUnpackable("file-and-folder", name)
    packed = path.stat().st_size
    if room > MOST_ROOM or (room > LARGE and room > MOST_RATIO * packed):
        raise NotUnpackable("bomb")
    if not found:
        raise NotUnpackable("no-files")
    return found


def _in_zip(path: Path) -> list[tuple[str, int]]:
    found = []
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            name = _name_in_zip(info)
            kind = info.external_attr >> 28
            if info.flag_bits & 1:
                raise NotUnpackable("encrypted", name)
            if info.create_system == 3 and kind not in (0, 0o10, 0o04):
                raise NotUnpackable("link", name)
            if not info.is_dir() and not _LEFT_BEHIND.search(name):
                found.append((name, info.file_size))
            if len(found) > MOST_FILES:
                raise NotUnpackable("too-many-files")
    return found


def _in_tar(path: Path) -> list[tuple[str, int]]:
    found = []
    packed = path.stat().st_size
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            if not (member.isfile() or member.isdir()):
                raise NotUnpackable("link", name)
            if member.isfile() and not _LEFT_BEHIND.search(name):
                found.append((name, member.size))
            if len(found) > MOST_FILES:
                raise NotUnpackable("too-many-files")
            if archive.offset > LARGE and archive.offset > MOST_RATIO * packed:
                raise NotUnpackable("bomb")
    return found


def _name_in_zip(info: zipfile.ZipInfo) -> str:
    """With ``/`` between its parts; old programs for Windows write ``\\``, which on other systems is a letter of the name."""
    name = inner_name(info)
    return (name.replace("\\", "/") if info.create_system == 0 else name).removeprefix("./")


def _see_that_harmless(name: str) -> None:
    if (
        name.startswith("/")
        or _DRIVE.match(name)
        or any(part in ("", ".", "..") for part in name.split("/"))
        or ".." in name.split("\\")
        or "\0" in name
    ):
        raise NotUnpackable("way-out", name)

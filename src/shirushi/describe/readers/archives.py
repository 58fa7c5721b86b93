"""Archives: what is in them is listed, nothing is unpacked to disk.

Names that would lead out of the folder when unpacked are reported, and so is what would unpack to far more than its size.
"""

import gzip
import lzma
import os
import re
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from shirushi.describe.evidence import Evidence, FilePlace
from shirushi.describe.identify import identify_bytes
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.zips import DAMAGED

READER = "archive/1"
MOST_ENTRIES = 100_000
MOST_LISTED = 300
MOST_RATIO = 100
LARGE = 100_000_000  # below this, an archive may pack as well as it likes
MOST_UNPACKED = 400_000_000  # bytes of a compressed tar that are run through to list it


@dataclass(frozen=True, slots=True)
class Entry:
    """One file inside. ``size`` in bytes when unpacked."""

    name: str
    size: int
    link: str = ""


@reads("application/zip")
def read_zip(file: File) -> Iterator[Evidence]:
    """The files inside.

    Raises:
        Unreadable: the list of its files is damaged or cut off.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            infos = archive.infolist()
    except DAMAGED as error:
        code = "truncated" if "not a zip file" in str(error) else "malformed"
        raise Unreadable(code, str(error)) from error
    if any(info.flag_bits & 1 for info in infos):
        yield _problem(file.name, "encrypted", "files inside can be listed, not opened")
    entries = [Entry(inner_name(info), info.file_size) for info in infos[: MOST_ENTRIES + 1] if is_file(info)]
    yield from _list(file, entries)


def is_file(info: zipfile.ZipInfo) -> bool:
    """Whether an entry is a file with a name; a damaged directory of the archive may hold entries without one."""
    return bool(info.filename) and not info.is_dir()


def inner_name(info: zipfile.ZipInfo) -> str:
    """The name of an entry: CP437 is what the library falls back on; Japanese Windows writes CP932 there."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    for encoding in ("utf-8", "cp932", "euc_jp"):
        try:
            return info.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return info.filename


@reads("application/x-tar")
def read_tar(file: File) -> Iterator[Evidence]:
    """The files inside an uncompressed tar."""
    yield from _list_tar(file)


@reads("application/gzip", "application/x-bzip2", "application/x-xz")
def read_compressed(file: File) -> Iterator[Evidence]:
    """A compressed tar: the files inside. Anything else: what one file it holds."""
    if re.search(r"\.(?:tgz|tbz2?|txz|tar\.\w+)$", file.name, re.IGNORECASE):
        yield from _list_tar(file)
    elif file.media_type == "application/gzip":
        yield from _read_gzip(file)


def _list_tar(file: File) -> Iterator[Evidence]:
    """Raises Unreadable when it is damaged or cut off before anything could be listed."""
    entries: list[Entry] = []
    total = 0
    trouble: Evidence | None = None
    try:
        with tarfile.open(file.path, "r:*") as archive:
            for member in archive:
                total += member.size
                if len(entries) > MOST_ENTRIES or (file.media_type != "application/x-tar" and total > MOST_UNPACKED):
                    trouble = _problem(file.name, "too-large", f"the first {len(entries):,} files inside were listed")
                    break
                if not member.isdir():
                    entries.append(Entry(member.name, member.size, member.linkname))
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError, ValueError) as error:
        if not entries:
            raise Unreadable("truncated", str(error)) from error
        trouble = _problem(file.name, "truncated", f"after {len(entries):,} files: {error}")
    yield from _list(file, entries)
    if trouble is not None:
        yield trouble


def _read_gzip(file: File) -> Iterator[Evidence]:
    """Raises Unreadable when it is damaged or cut off at the start."""
    try:
        with gzip.open(file.path) as stream:
            head = stream.read(16_384)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable("truncated", str(error)) from error
    inner = PurePosixPath(file.name).name.removesuffix(".gz")
    with file.open() as raw:
        raw.seek(-4, os.SEEK_END)
        # RFC 1952: the last four bytes are the size before compression, modulo 2^32.
        size = int.from_bytes(raw.read(4), "little")
    if size > LARGE and size > MOST_RATIO * file.size:
        yield _problem(file.name, "bomb", f"{file.size:,} bytes would become {size:,}")
    yield _attribute(file.name, "unpacked size", size)
    yield _attribute(file.name, "formats", identify_bytes(head, inner).format or "other")


def _list(file: File, entries: list[Entry]) -> Iterator[Evidence]:
    """Facts and problems of an archive from the list of its files."""
    if len(entries) > MOST_ENTRIES:
        entries = entries[:MOST_ENTRIES]
        yield _problem(file.name, "too-many-files", f"the first {MOST_ENTRIES:,} files inside were listed")
    outside = [entry.name for entry in entries if leads_out(entry.name) or leads_out(_target(entry))]
    if outside:
        names = ", ".join(repr(name[:100]) for name in outside[:3])
        yield _problem(file.name, "traversal", f"{len(outside)} of {len(entries)} files inside: {names}")
    unpacked = sum(entry.size for entry in entries)
    if unpacked > LARGE and unpacked > MOST_RATIO * max(1, file.size):
        yield _problem(file.name, "bomb", f"{file.size:,} bytes would become {unpacked:,}")
    safe = [entry for entry in entries if entry.name not in set(outside)]
    yield _attribute(file.name, "files", len(entries))
    yield _attribute(file.name, "unpacked size", unpacked)
    formats = Counter(_suffix(entry.name) for entry in safe)
    yield _attribute(file.name, "formats", ", ".join(f"{name or 'other'}: {n}" for name, n in formats.most_common(12)))
    for entry in islice(safe, MOST_LISTED):
        value = {"name": "contains", "value": entry.name[:500], "owner": "entries"}
        yield Evidence("attribute", value, FilePlace(file.name, quote=entry.name[:300]), READER)


def _suffix(name: str) -> str:
    """The end of a name, in lower case, as the only sign of what an unopened file is."""
    return PurePosixPath(name).suffix.lower()


def _attribute(file: str, name: str, value: int | str) -> Evidence:
    return Evidence("attribute", {"name": name, "value": value, "owner": ""}, FilePlace(file), READER)


def _target(entry: Entry) -> str:
    """Where a link inside leads, seen from the top of the archive."""
    if not entry.link or entry.link.startswith("/"):
        return entry.link
    return str(PurePosixPath(entry.name).parent / entry.link)


def leads_out(name: str) -> bool:
    depth = 0
    parts: Iterable[str] = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return True
    for part in parts:
        depth += -1 if part == ".." else 0 if part in ("", ".") else 1
        if depth < 0:
            return True
    return False


def _problem(file: str, code: str, message: str) -> Evidence:
    return Evidence("problem", {"code": code, "message": message}, FilePlace(file), READER)

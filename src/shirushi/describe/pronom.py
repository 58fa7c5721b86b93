"""Which format of PRONOM (The National Archives, UK) a file is: its PUID, by the signatures that come with opf-fido.

fido is an extra (``[preserve]``) and is imported in a worker only (:mod:`shirushi.describe.isolate`), when a file is asked
about. Its matching is used, not its command line: nothing is printed or written, and of a file no more is read than
:data:`ENDS` bytes at each end and, of a ZIP or OLE container, the few members that its container signatures name.
"""

import functools
import importlib.util
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shirushi.describe.description import Problem
from shirushi.describe.evidence import JSON
from shirushi.describe.isolate import MIB, Failure, Limits, Pool
from shirushi.describe.problems import problem

ENDS = 128 * 1024  # bytes at the beginning and at the end, as fido and DROID take them
LIMITS = Limits(seconds=20.0, answer=MIB)
LARGEST_MEMBER = 16 * MIB  # of a container, unpacked
LARGEST_OLE = 64 * MIB
CONFLICT = "pronom-disagrees"

_PUID = re.compile(r"(?:x-)?fmt/[0-9]{1,6}")  # fido adds names of its own (fido-fmt/...), which are no PUIDs
# What is true of much that has a media type of its own: to say this, and the other to say more, is no conflict.
_GENERAL = frozenset(
    [
        "application/octet-stream",
        "application/empty",
        "text/plain",
        "text/xml",
        "application/xml",
        "application/json",
        "application/zip",
        "application/gzip",
        "application/hdf",
        "application/hdf5",
        "application/ole-storage",
        "image/tiff",
    ]
)


@dataclass(frozen=True, slots=True)
class Format:
    """A format of PRONOM. ``by`` is how it was seen: ``signature``, ``container`` or ``extension`` (of the name alone, kept
    only where PRONOM's media type is ours too). ``conflict`` holds PRONOM's media types where ours is none of them."""

    puid: str
    name: str
    version: str = ""
    by: str = "signature"
    conflict: tuple[str, ...] = ()

    def problem(self, file: str, media_type: str) -> Problem | None:
        """The conflict between PRONOM's media type and ours, to be looked at."""
        if not self.conflict:
            return None
        named = " ".join(part for part in (self.name, self.version) if part)
        return problem(CONFLICT, file, f"{media_type} / PRONOM {self.puid} {named}: {', '.join(self.conflict)}")


def is_installed() -> bool:
    """Whether the extra is there; imports nothing."""
    return importlib.util.find_spec("fido") is not None


def look_up(files: Iterable[tuple[str, Path, str]], pool: Pool) -> Iterator[tuple[str, Format | Failure | None]]:
    """For each file (name, where it lies, media type) its name and its format, None where PRONOM has no one answer, or why
    it could not be looked at. In any order. ``pool`` ought to have :data:`LIMITS`."""
    items = ({"path": str(path), "name": name, "media_type": kind} for name, path, kind in files)
    for item, answer in pool.map("shirushi.describe.pronom:identify", items):
        if isinstance(answer, Failure):
            yield str(item["name"]), answer
        else:
            yield str(item["name"]), _format(answer)


def formats_of(
    files: Sequence[tuple[str, Path, str]], problems: list[Problem], step: Callable[[int, str], None] = lambda *_: None
) -> dict[str, Format]:
    """The formats of files (name, where it lies, media type) by name, in workers of their own; a conflict, a failure or a
    missing extra goes to ``problems``. ``step`` is told how many are done, and the last one's name."""
    if not is_installed():
        problems.append(problem("reader-missing", detail="PRONOM: pip install 'shirushi[preserve]'"))
        return {}
    kinds = {name: kind for name, _, kind in files}
    formats = {}
    with Pool(min(2, len(files)) or 1, limits=LIMITS) as pool:
        for done, (name, found) in enumerate(look_up(files, pool), 1):
            step(done, name)
            if isinstance(found, Failure):
                problems.append(problem(found.code, name, f"PRONOM: {found.message}"))
            elif found is not None:
                formats[name] = found
                if conflict := found.problem(name, kinds[name]):
                    problems.append(conflict)
    return formats


def _format(answer: JSON) -> Format | None:
    """A worker's answer, which hostile bytes may have written."""
    if not isinstance(answer, Mapping) or not _PUID.fullmatch(str(answer.get("puid"))):
        return None
    puid, name, version, by = (str(answer.get(key) or "")[:200] for key in ("puid", "name", "version", "by"))
    return Format(puid, name, version, by, tuple(str(kind)[:100] for kind in list(answer.get("conflict") or ())[:9]))


def identify(path: str, name: str, media_type: str) -> JSON:
    """In a worker: the format of the file at ``path``, called ``name``, as JSON of :class:`Format`; None without one answer.

    Raises:
        ImportError: the extra is not installed.
        OSError: the file cannot be read.
    """
    fido = _fido()
    head, tail, size = _ends(path)
    if not size:
        return None
    by, matches = "signature", fido.match_formats(head, tail)
    inside = _inside(fido, path, size, str(fido.container_type(matches)))
    if inside:
        by, matches = "container", inside
    found = _distinct(matches)
    if not matches:
        by, found = "extension", _by_extension(fido, name, media_type)
    element = _one(found, name, media_type)
    if element is None:
        return None
    return {
        "puid": element.findtext("puid"),
        "name": element.findtext("name"),
        "version": element.findtext("version"),
        "by": by,
        "conflict": [] if by == "extension" else _conflict(element, media_type, fido),
    }


@functools.cache
def _fido() -> Any:
    """fido with the signatures of its package, read once for the life of a worker (half a second)."""
    from fido.fido import Fido
    from fido.versions import get_local_versions

    versions = get_local_versions()
    return Fido(
        quiet=True,
        format_files=[versions.pronom_signature, versions.fido_extension_signature],
        containersignature_file=versions.pronom_container_signature,
        handle_matches=lambda *_: None,
    )


def _ends(path: str) -> tuple[bytes, bytes, int]:
    with Path(path).open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        head = stream.read(ENDS)
        stream.seek(max(0, size - ENDS))
        return head, stream.read(ENDS), size


def _inside(fido: Any, path: str, size: int, kind: str) -> list[tuple[Any, str]]:
    """What the container signatures say; nothing where the members that they name are too large to be unpacked."""
    if kind not in ("zip", "ole"):
        return []
    from fido.package import OlePackage, ZipPackage

    signatures = _container_signatures(fido)
    if kind == "ole":
        return [] if size > LARGEST_OLE else list(fido.match_container("OLE2", OlePackage, path, signatures))
    wanted = fido.extract_signatures(signatures, signature_type="ZIP")
    try:
        with zipfile.ZipFile(path) as archive:
            if any(item.file_size > LARGEST_MEMBER for item in archive.infolist() if item.filename in wanted):
                return []
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return []
    return list(fido.match_container("ZIP", ZipPackage, path, signatures))


@functools.cache
def _container_signatures(fido: Any) -> Any:
    from xml.etree import ElementTree as ET  # of fido's own package, not of a file that is described

    return ET.parse(Path(fido.conf_dir) / fido.containersignature_file)  # noqa: S314


def _by_extension(fido: Any, name: str, media_type: str) -> list[Any]:
    """The formats that the name and our media type speak for. One that has a signature is none of them: it was not matched."""
    ending = _ending(name)
    return [
        element
        for element in fido.formats
        if ending
        and element.find("signature") is None
        and ending in _endings(element)
        and _plain(media_type) in _media_types(element)
        and _PUID.fullmatch(str(element.findtext("puid")))
    ]


def _ending(name: str) -> str:
    return Path(name).suffix.lower().lstrip(".")


def _endings(element: Any) -> set[str | None]:
    return {item.text for item in element.findall("extension")}


def _distinct(matches: Iterable[tuple[Any, str]]) -> list[Any]:
    """The formats with a PUID, each once."""
    found = {str(element.findtext("puid")): element for element, _ in matches}
    return [element for puid, element in found.items() if _PUID.fullmatch(puid)]


def _one(found: list[Any], name: str, media_type: str) -> Any | None:
    """The one format that is meant. Where several fit, those are taken that have our media type, then those that have the
    name's extension; still several are no answer."""
    alike = [element for element in found if _plain(media_type) in _media_types(element)] or found
    if len(alike) > 1:
        alike = [element for element in alike if _ending(name) in _endings(element)]
    return alike[0] if len(alike) == 1 else None


def _media_types(element: Any) -> set[str]:
    """PRONOM's media types of a format, plain. One element may hold several with commas between."""
    texts = ",".join(item.text or "" for item in element.findall("mime")).split(",")
    return {_plain(text) for text in texts if text.strip()}


def _plain(media_type: str) -> str:
    """Without parameters, and without the ``x-`` that a name had before it was registered."""
    first, _, second = media_type.partition(";")[0].strip().lower().partition("/")
    return f"{first}/{second.removeprefix('x-')}"


def _conflict(element: Any, media_type: str, fido: Any) -> list[str]:
    """PRONOM's media types, where they contradict ours: both are special, and PRONOM knows ours for another format. A media
    type that PRONOM has never heard of says the same in other words."""
    ours, theirs = _plain(media_type), _media_types(element)
    if not theirs or ours in theirs | _GENERAL or theirs & _GENERAL:
        return []
    known = any(ours in _media_types(other) for other in fido.formats)
    return sorted(theirs) if known else []

"""BagIt 1.0 (RFC 8493): the tag files of a bag, written and read. No files are touched here.

Manifests come in pieces and may be as long as there are files. Paths in them are encoded as section 2.1.3 says: ``%``, CR and LF.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from shirushi import __version__
from shirushi.exchange.common import (
    best_url,
    file_count,
    human_size,
    local_identifier,
    registered_doi,
    resolver_url,
    total_size,
)
from shirushi.metadata.published import FileEntry, Publication

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD = "data/"
ALGORITHMS = ("sha512", "sha256", "sha1", "md5")  # the strongest first
WRITTEN = ("sha256", "sha512")
_LENGTHS = {"sha512": 128, "sha256": 64, "sha1": 40, "md5": 32}
_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(.+)")
_VERSION = re.compile(r"BagIt-Version:\s*(\d+)\.(\d+)\s*\n\s*Tag-File-Character-Encoding:\s*(\S+)\s*", re.IGNORECASE)
_FOLDED = 79  # characters of a line of bag-info.txt, as RFC 8493 recommends


class NotABag(ValueError):
    """A tag file is not what BagIt asks of it; the message says which and why."""


# -- written


def manifest(files: Iterable[FileEntry], algorithm: str) -> Iterator[bytes]:
    """``manifest-<algorithm>.txt``: one line for each file of the payload."""
    for entry in files:
        yield f"{getattr(entry, algorithm)}  {encoded(PAYLOAD + entry.path)}\n".encode()


def tag_manifest(digests: Iterable[tuple[str, str]]) -> bytes:
    """``tagmanifest-<algorithm>.txt`` from the paths of tag files and their digests."""
    return "".join(f"{digest}  {encoded(path)}\n" for path, digest in digests).encode()


def info(publication: Publication, *, organisation: str, record: str, on: date, with_files: bool = True) -> bytes:
    """``bag-info.txt`` (section 2.2.2). Without its files, a bag only describes them."""
    number = file_count(publication)
    size = total_size(publication) if with_files else 0
    doi = registered_doi(publication)
    work = publication.work
    about = " ".join(part for part in (work.title(), work.description()) if part)
    told = [
        ("Source-Organization", organisation),
        ("External-Identifier", resolver_url(doi, "DOI") if doi else local_identifier(publication)),
        ("External-Identifier", best_url(publication)),
        ("External-Description", about[:2_000]),
        ("Bagging-Date", on.isoformat()),
        ("Payload-Oxum", f"{size}.{number if with_files else 0}"),
        ("Bag-Size", human_size(size)),
        ("Internal-Sender-Identifier", record),
        ("Internal-Sender-Description", None if with_files else _MISSING.format(number, publication.ask_url)),
        ("Bag-Software-Agent", f"shirushi {__version__}"),
    ]
    seen: set[tuple[str, str]] = set()
    lines = []
    for label, text in told:
        if text and (label, text) not in seen:
            seen.add((label, text))
            lines.append(_folded(f"{label}: {' '.join(text.split())}"))
    return "".join(lines).encode()


_MISSING = "Without the {} files of this record on purpose: they are not open to whoever asked for this bag. Ask for them at {}"


def _folded(line: str) -> str:
    """A line that is too long goes on in the next, behind a space."""
    found, rest = [], line
    while len(rest) > _FOLDED and (cut := rest.rfind(" ", 20, _FOLDED)) > 0:
        found.append(rest[:cut])
        rest = f"  {rest[cut + 1 :]}"
    return "\n".join([*found, rest]) + "\n"


def encoded(path: str) -> str:
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


# -- read


@dataclass(slots=True)
class Manifests:
    """What the manifests of a bag say: the digests of each path by algorithm, as they stand in the bag (with ``data/``)."""

    digests: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, algorithm: str, text: str, *, name: str) -> None:
        """Take one manifest in. Raises NotABag."""
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            match = _LINE.fullmatch(line.strip("\ufeff"))
            if match is None or len(match[1]) != _LENGTHS[algorithm]:
                raise NotABag(f"{name}, line {number}: not a checksum and a path")
            path = match[2].removeprefix("./")
            known = self.digests.setdefault(path, {})
            if known.setdefault(algorithm, match[1].lower()) != match[1].lower():
                raise NotABag(f"{name}, line {number}: another checksum for the same path")

    def of(self, path: str) -> dict[str, str] | None:
        """The digests of a file that is there; names may be encoded (RFC 8493) or not (versions before 0.97)."""
        return self.digests.get(encoded(path)) or self.digests.get(path)


def decoded(path: str) -> str:
    return re.sub("%(25|0A|0D)", lambda match: chr(int(match[1], 16)), path, flags=re.IGNORECASE)


def declared(data: bytes) -> str:
    """The version of BagIt, from ``bagit.txt``. Raises NotABag for another encoding than UTF-8 and for what is no declaration."""
    match = _VERSION.fullmatch(data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n"))
    if match is None:
        raise NotABag("bagit.txt: not a declaration of BagIt")
    if match[3].upper() not in ("UTF-8", "UTF8", "US-ASCII", "ASCII"):
        raise NotABag(f"bagit.txt: tag files in {match[3]} are not read here, only UTF-8")
    return f"{match[1]}.{match[2]}"


def tags(data: bytes) -> list[tuple[str, str]]:
    """The labels and values of ``bag-info.txt``, lines put together again."""
    found: list[tuple[str, str]] = []
    for line in data.decode("utf-8-sig", "replace").splitlines():
        if line[:1] in (" ", "\t") and found:
            found[-1] = found[-1][0], f"{found[-1][1]} {line.strip()}"
        elif ":" in line:
            label, _, value = line.partition(":")
            found.append((label.strip(), value.strip()))
    return found


def oxum(told: Iterable[tuple[str, str]]) -> tuple[int, int] | None:
    """Bytes and number of files that ``Payload-Oxum`` promises."""
    for label, value in told:
        match = re.fullmatch(r"(\d{1,18})\.(\d{1,9})", value) if label.lower() == "payload-oxum" else None
        if match:
            return int(match[1]), int(match[2])
    return None


def algorithm_of(name: str) -> str | None:
    """The algorithm of a manifest by its name (``manifest-sha256.txt``, ``tagmanifest-md5.txt``); None for other files."""
    match = re.fullmatch(r"(?:tag)?manifest-(\w+)\.txt", name)
    algorithm = match[1].lower() if match else ""
    return algorithm if algorithm in _LENGTHS else None

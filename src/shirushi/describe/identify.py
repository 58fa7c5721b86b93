"""What a file is, from its first bytes first and its name second.

Only the head of the file is read, and nothing is parsed that could be hostile. The formats themselves stand in
:mod:`shirushi.describe.formats`.
"""

import os
import re
import stat
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from shirushi.describe import fixed_width
from shirushi.describe.formats import (
    BINARY_NAMES,
    COLUMNS,
    CSV,
    EMPTY,
    HDF5,
    JSON_MARKS,
    NETCDF4,
    OLE,
    PROMISED,
    SIGNATURES,
    TEXT,
    TEXT_NAMES,
    TSV,
    UNKNOWN,
    WHOLE_NAMES,
    XML,
    XML_MARKS,
    ZIP_PARTS,
    ZIPPED,
    Identified,
)
from shirushi.describe.marks import PACKED, binary_mark, text_mark

HEAD = 16_384
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][-+]?\d+)?")
_LICENCE_NAME = re.compile(
    r"(?:un)?licen[cs]es?(?:[-_. ].*)?|copying(?:[-_. ].*)?|lizenz(?:[-_. ].*)?|.*[-_. ]licen[cs]e(?:\.(?:txt|md|rst))?"
    r"|licence[-_].*|.*ライセンス.*\.(?:txt|md)|利用規約.*\.(?:txt|md)",
    re.IGNORECASE,
)
_LICENCE_SUFFIXES = frozenset({"", ".txt", ".md", ".rst", ".markdown", ".text"})
_ESRI_GRID = re.compile(r"ncols\s+\d+\s+nrows\s+\d+\s+[xy]ll(?:corner|cent(?:er|re))\s", re.IGNORECASE)
_WORLD_NAME = re.compile(r"\.(?:tfw|jgw|pgw|bpw|gfw|jpw|tifw|tiffw|pngw|jpgw|wld)")
_WORLD = re.compile(r"(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[ \t]*\r?(?:\n|$)\s*){6}")

# Text that goes by no name of its own is a table or prose, by what it looks like; so are these.
_OPEN_NAMES = frozenset({".csv", ".tab", ".tsv"})


def identify(path: Path, name: str) -> Identified:
    """What the file at ``path``, called ``name`` in its folder, is.

    Raises:
        OSError: it cannot be opened, or is not an ordinary file (then it was not read from).
    """
    # Should a pipe have taken the file's place since the walk, opening must not wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"not an ordinary file: {name}")
        head = os.read(descriptor, HEAD)
    finally:
        os.close(descriptor)
    return identify_bytes(head, name)


def identify_bytes(head: bytes, name: str) -> Identified:
    """What a file that starts with ``head`` and is called ``name`` is."""
    base = PurePosixPath(name).name.lower()
    suffix = PurePosixPath(base).suffix
    if not head:
        return EMPTY
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _identify_zip(head, suffix)
    if (binary := binary_mark(head, suffix)) is not None:
        return Identified(*binary)
    for offset, signature, what in SIGNATURES:
        if head.startswith(signature, offset):
            if signature.isalnum() and _looks_like_text(head):
                continue  # a table may well begin with the letters "ID3", "PAR1" or "BM"
            return _refine(what, head, suffix, base)
    if not _looks_like_text(head) or (suffix == ".rds" and head.startswith(b"A\n")):
        return BINARY_NAMES.get(suffix, UNKNOWN)
    return _identify_text(head, base, suffix)


def is_misnamed(name: str, what: Identified) -> bool:
    """Whether a file called like a text is none: damaged, never written to the end, or UTF-16 without its mark."""
    suffix = PurePosixPath(name.lower()).suffix
    return what == UNKNOWN and (suffix == ".txt" or suffix in TEXT_NAMES.keys() - _ALSO_BINARY)


def promised(name: str, media_type: str) -> str:
    """The format that the end of a file's name promises, where the file was found to be a text and should be none, or should be one
    and is none; '' else."""
    suffix = PurePosixPath(name.lower()).suffix
    if media_type.startswith("text/") or media_type in ("application/json", "application/xml"):
        return PROMISED.get(suffix, "")
    is_no_text = media_type == UNKNOWN.media_type and is_misnamed(name, UNKNOWN)
    return TEXT_NAMES.get(suffix, TEXT).format if is_no_text else ""


_ALSO_BINARY = frozenset({".pdb", ".tab", ".fa", ".m"})  # endings that binary formats use as well


def _identify_zip(head: bytes, suffix: str) -> Identified:
    if head[30:38] == b"mimetype":
        media_type = re.match(rb"[\w.+-]+/[\w.+-]+?(?=PK|$)", head[38:200])
        known = {what.media_type: what for what in ZIPPED.values()}
        if media_type and media_type[0].decode("ascii") in known:
            return known[media_type[0].decode("ascii")]
    if suffix in ZIPPED:
        return ZIPPED[suffix]
    if b"[Content_Types].xml" in head:
        for part, kind in ZIP_PARTS:
            if part in head:
                return ZIPPED[kind]
    return Identified("application/zip", "ZIP")


def _refine(what: Identified, head: bytes, suffix: str, base: str) -> Identified:
    """Formats that share a signature: told apart by the name, or by a mark further in."""
    if what.format == "OLE2":
        return OLE.get(suffix, what)
    if what is HDF5 and (suffix in {".nc", ".nc4", ".cdf"} or b"_NCProperties" in head):
        return NETCDF4
    if what.format == "GeoPackage" and not head.startswith(b"SQLite format 3"):
        return UNKNOWN
    packed = what.media_type in ("application/gzip", "application/x-bzip2", "application/x-xz")
    if packed and suffix in BINARY_NAMES:
        return BINARY_NAMES[suffix]  # R packs its data itself
    if what.media_type == "application/gzip":
        return _packed(head, base) or what
    return what


def _packed(head: bytes, base: str) -> Identified | None:
    """A gzipped file that its readers unpack on the way, by the first bytes inside; None for any other."""
    try:
        inside = zlib.decompressobj(31).decompress(head, HEAD)
    except zlib.error:
        return None
    if not inside or inside.startswith(b"\x1f\x8b"):
        return None
    what = identify_bytes(inside, re.sub(r"\.(?:gz|bgz|bgzf)$", "", base))
    media_type = PACKED.get(what.media_type)
    if media_type is None:
        return None
    return Identified(media_type, what.format if media_type == what.media_type else f"{what.format} (gzip)")


def _looks_like_text(head: bytes) -> bool:
    """Whether the bytes could be text in UTF-8/16/32 or a Japanese or Latin encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x00\x00\xfe\xff")):
        return True
    if b"\x00" in head:
        return False
    # ESC belongs to ISO-2022-JP; form feed and the old end-of-file mark (Ctrl-Z) stand in real text files.
    control = sum(head.count(bytes([code])) for code in range(32) if code not in b"\t\n\r\x0b\x0c\x1a\x1b")
    return control <= len(head) // 500


def _identify_text(head: bytes, base: str, suffix: str) -> Identified:
    if base in WHOLE_NAMES:
        return WHOLE_NAMES[base]
    if suffix in _LICENCE_SUFFIXES and _LICENCE_NAME.fullmatch(base):
        return Identified("text/x-licence", "licence")
    text = _peek(head)
    stripped = text.lstrip("\ufeff \t\r\n")
    if _ESRI_GRID.match(stripped):
        return Identified("application/x-esri-grid", "ESRI ASCII grid")
    if _WORLD_NAME.fullmatch(suffix) and _WORLD.fullmatch(stripped):
        return Identified("text/x-world-file", "world file")
    marked = _by_marks(stripped, suffix)
    if marked is not None:
        return marked
    if (named := text_mark(text.lstrip("\ufeff"), suffix)) is not None:
        return Identified(*named)
    if suffix in _OPEN_NAMES or suffix not in TEXT_NAMES:
        return _table_or_prose(text, suffix)
    return TEXT_NAMES.get(suffix, TEXT)


def _peek(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    return head.decode("utf-8", "replace")


def _by_marks(text: str, suffix: str) -> Identified | None:
    """Formats that name themselves near the start."""
    if text.startswith(("{", "[")) and suffix in {".json", ".jsonld", ".geojson", ".ipynb", ".txt", ""}:
        for pattern, what in JSON_MARKS:
            if pattern.search(text):
                return what
        return None if suffix in {"", ".txt"} else TEXT_NAMES[suffix]
    if text.startswith("<") and suffix not in {".md", ".markdown", ".rmd", ".qmd", ".csv", ".tsv"}:
        for pattern, what in XML_MARKS:
            if pattern.search(text[:4096]):
                return what
        return TEXT_NAMES.get(suffix, XML if text.startswith("<?xml") else TEXT)
    if text.startswith("cff-version:"):
        return WHOLE_NAMES["citation.cff"]
    return None


def _table_or_prose(text: str, suffix: str) -> Identified:
    if suffix == ".csv":
        return CSV
    if suffix in {".tab", ".tsv"}:
        return TSV
    lines = _whole_lines(text)
    if _even(lines, lambda line: line.count("\t")):
        return TSV
    if any(_even(lines, lambda line, mark=mark: line.count(mark)) for mark in ",;|"):  # type: ignore[misc]
        return CSV
    return COLUMNS if _numbers_in_columns(lines) or (suffix in _WIDE and fixed_width.cuts(lines)) else TEXT


def _whole_lines(text: str) -> list[str]:
    """The first lines, but the last that may be cut, blank ones and comments."""
    lines = text.splitlines()
    if len(text) >= HEAD // 4 and lines:
        lines.pop()
    return [line for line in lines[:80] if line.strip() and not line.startswith(("#", "%", "//", "!"))]


def _even(lines: list[str], count: Callable[[str], int]) -> bool:
    """Whether nearly all lines have the same, non-zero number of separators. Two lines could be prose by chance: they need
    more of them, and none followed by a blank."""
    counts = [count(line) for line in lines]
    if len(lines) < 3:
        return len(lines) == 2 and counts[0] == counts[1] >= 2 and not re.search("[,;|] ", lines[0])
    common = max(set(counts), key=counts.count)
    return common > 0 and counts.count(common) >= 0.9 * len(counts)


def _numbers_in_columns(lines: list[str]) -> bool:
    """Whether all lines but some at the top are as many numbers, parted by blanks."""
    rows = [line.split() for line in lines]
    body = rows[len(rows) // 3 :] if len(rows) > 6 else rows[1:]
    widths = {len(row) for row in body}
    numbers = sum(1 for row in body for word in row if _NUMBER.fullmatch(word))
    return len(body) >= 3 and len(widths) == 1 and min(widths) >= 2 and numbers >= 0.7 * sum(len(row) for row in body)


_WIDE = frozenset({".txt", ".dat", ".prn", ".asc", ".fwf", ".out", ".data", ".inv", ".dly", ".lst", ""})
_CHUNK_NAME = re.compile(r"(?:c/)?\d+(?:[./]\d+)*|c")


def chunks(names: Iterable[str]) -> set[str]:
    """Which files are chunks of Zarr arrays, by their names below a folder that holds ``.zarray`` or ``zarr.json``: they are
    one array's numbers, described by that file, and need not be opened one by one."""
    every = list(names)
    arrays = {name.rpartition("/")[0] for name in every if name.rpartition("/")[2] in (".zarray", "zarr.json")}
    return {name for name in every if arrays and _is_chunk(name, arrays)}


def _is_chunk(name: str, arrays: set[str]) -> bool:
    if not name[-1:].isdigit() and not name.endswith("/c"):
        return False
    parts = name.split("/")
    for depth in range(len(parts) - 1, max(-1, len(parts) - 34), -1):
        if not _CHUNK_NAME.fullmatch("/".join(parts[depth:])) and not parts[depth].isdigit():
            return False
        if "/".join(parts[:depth]) in arrays and _CHUNK_NAME.fullmatch("/".join(parts[depth:])):
            return True
    return False

"""CSV, TSV and other delimited text, compressed or not: whatever the delimiter, the encoding and the habits of the header.

A file of up to ``WHOLE`` bytes is read in full. Of a larger one the head and blocks spread evenly over the whole are read,
so that five gigabytes cost no more than two megabytes; what comes from them is marked as sampled. Up to ``COUNTED`` bytes, or
when the file's SHA-256 is wanted, the blocks are taken in one pass over all of it, which also counts the rows.
"""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from shirushi.describe.evidence import JSON, CellPlace, Evidence
from shirushi.describe.identify import HEAD as IDENTIFIED
from shirushi.describe.identify import identify_bytes
from shirushi.describe.readers import preambles, transposed
from shirushi.describe.readers.base import File, Hashed, Unreadable, reads
from shirushi.describe.readers.columns import MOST_COLUMNS, extents, profile, time_ranges, times_in_names
from shirushi.describe.readers.delimited import (
    COMMENT,
    DELIMITERS,
    Dialect,
    rows_of,
    runs_away,
    set_aside_comments,
    sniff,
)
from shirushi.describe.readers.headers import Row, Table, find_table
from shirushi.describe.readers.notes import comments, notes, unmarked
from shirushi.describe.readers.prose import Lines, key_value
from shirushi.describe.readers.scan import Evenly, Thinning, Transcoded, scan
from shirushi.describe.readers.sensitive_columns import concerns, shield
from shirushi.describe.text import decode

READER = "table/2"
WHOLE = 2_000_000
HEAD = 262_144
BLOCK = 65_536
BLOCKS = 16
COUNTED = 64_000_000  # up to here rows are counted for their own sake, beyond only where all bytes are read anyway
MOST_UNPACKED = 2_000_000_000  # bytes that a packed table is unpacked to, when its digest is wanted

_PACKINGS = {"application/gzip": "gz", "application/x-bzip2": "bz2", "application/x-xz": "xz"}
_UNPACK: Mapping[str, Callable[[Any], Any]] = {
    "gz": lambda stream: gzip.GzipFile(fileobj=stream),
    "bz2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
}
_DAMAGED = (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError)

_MOST_REMARKS = 40


@dataclass(frozen=True, slots=True)
class Text:
    """What was read of a file as text: all of it, or its head when ``sampled``. ``bare`` says that line ends and quotes are bytes
    of their own in this encoding, so that a block from the middle can be read."""

    head: str
    encoding: str
    sampled: bool
    bare: bool = True


@dataclass(frozen=True, slots=True)
class Rest:
    """What lies behind the head of a large table. ``blocks`` are whole lines from later parts, in order; ``records`` is the
    number of rows of the whole file, exact when ``counted``; ``holes`` places looked at held zero bytes."""

    blocks: Sequence[str]
    records: int
    counted: bool
    holes: int = 0


@reads("text/csv", "text/tab-separated-values")
def read_table(file: File) -> Iterator[Evidence]:
    """The table's shape, a profile of every column, the space and time it covers, and remarks above it."""
    if file.size:
        yield from _read_table(file, packing="")


@reads("application/gzip", "application/x-bzip2", "application/x-xz")
def read_compressed_table(file: File) -> Iterator[Evidence]:
    """As :func:`read_table`, when what is compressed is a table by the name and the bytes inside."""
    packing = _PACKINGS[file.media_type]
    media_type = inside(file, packing)
    if media_type in ("text/csv", "text/tab-separated-values"):
        yield from _read_table(replace(file, media_type=media_type), packing)


@dataclass(slots=True)
class Parsed:
    """The text of a file, or its head, cut into rows: how, what stands above them, and the table among them (None: there is none).
    ``lines`` are those below ``remarks``, ``offset`` how many lines were taken off; ``problems`` as (code, message)."""

    text: Text
    dialect: Dialect
    table: Table | None
    remarks: list[Row]
    lines: list[str]
    offset: int
    problems: list[tuple[str, str]]

    def name_columns(self) -> None:
        """Give a table without a header the names that stand in the comments above it; what was used up is no remark any more."""
        table, remarks = self.table, self.remarks
        if table is None or table.header:
            return
        if said := preambles.declared([cells[0] for _, cells in remarks], table.width):
            table.header, table.row = [column.name for column in said], remarks[-1][0]
            table.units, table.labels = [column.unit for column in said], [column.label for column in said]
        elif remarks and (names := _header_in_comment(remarks[-1][1], self.dialect, table.width)):
            table.header, table.row = names, remarks[-1][0]
            self.remarks = remarks[:-1]


def packing_of(file: File) -> str:
    """How the file is packed: ``gz``, ``bz2``, ``xz`` or ''."""
    return _PACKINGS.get(file.media_type, "")


def inside(file: File, packing: str) -> str:
    """The media type of what is packed in a file, by its name and its first bytes. Raises Unreadable."""
    with closing(opened(file, packing)[0]) as stream:
        try:
            head = stream.read(IDENTIFIED)
        except _DAMAGED as error:
            raise Unreadable("truncated", str(error)) from error
    return identify_bytes(head, PurePosixPath(file.name).name.removesuffix(f".{packing}")).media_type


def parse_table(file: File, packing: str) -> Parsed:
    """Find the table of a file of delimited text; of one larger than ``WHOLE`` in its head. Raises Unreadable."""
    text, problems = _read(file, packing)
    remarks, lines, offset = set_aside_comments(text.head)
    dialect = sniff(lines, file.media_type)
    rows = rows_of("\n".join(lines), dialect, offset)
    if runs_away(rows):
        dialect = Dialect(dialect.delimiter, quoted=False)
        rows = rows_of("\n".join(lines), dialect, offset)
    table = find_table(rows, row_names=dialect.delimiter in ("", "\t"))
    return Parsed(text, dialect, table, remarks, lines, offset, problems)


def _read_table(file: File, packing: str) -> Iterator[Evidence]:
    parsed = parse_table(file, packing)
    text, dialect, table, remarks = parsed.text, parsed.dialect, parsed.table, parsed.remarks
    lines, offset = parsed.lines, parsed.offset
    yield from (_problem(file.name, code, message) for code, message in parsed.problems)
    yield from _remarks(file.name, remarks, table, lines, offset)
    if table is None:
        yield from comments(file.name, remarks, READER)
        return
    parsed.name_columns()
    remarks = parsed.remarks
    yield from comments(file.name, remarks, READER)
    for number, value in preambles.parameters([cells[0] for _, cells in remarks]):
        line, said_there = remarks[number]
        yield Evidence("codebook-row", value, CellPlace(file.name, 1, line, quote=said_there[0].strip()[:300]), READER)
    yield from notes(file.name, table.before, READER, named=True)
    shape: dict[str, JSON] = {
        "name": PurePosixPath(file.name.removesuffix(f".{packing}") if packing else file.name).stem,
        "rows": len(table.data),
        "delimiter": dialect.delimiter or " ",
        "encoding": text.encoding,
        "packing": packing or None,
    }
    if text.sampled:
        above = table.data[0][0] - 1 if table.data else table.row
        rest = _rest(file, packing, text, dialect, above)
        if rest.holes:
            where = f"{rest.holes} of {BLOCKS} places looked at hold zero bytes: the file may be incomplete"
            yield _problem(file.name, "malformed", where)
        _add_blocks(table, rest.blocks, dialect)
        shape |= {"rows": rest.records, "counted": rest.counted, "first_row": above + 1}
        if not dialect.quoted:
            shape["quoted"] = False
    shape = {key: value for key, value in shape.items() if value is not None}
    yield from table_evidence(file.name, table, shape=shape, sampled=text.sampled)


def table_evidence(
    file: str, table: Table, *, shape: dict[str, JSON], sampled: bool, sheet: str | None = None, reader: str = READER
) -> Iterator[Evidence]:
    """What a table gives, be it from a text file or a sheet. ``shape`` holds name, rows and what else is known."""
    columns = (transposed.turned(table.header, table.data) if table.header and not sampled else []) or table.columns(
        MOST_COLUMNS
    )
    if table.width > MOST_COLUMNS:
        yield _problem(file, "too-many-columns", f"the first {MOST_COLUMNS:,} of {table.width:,} columns were used")
    if unnamed := table.unnamed():
        yield _problem(file, "unnamed-columns", f"column {', '.join(map(str, unnamed[:10]))}")
    header = [column.name for column in columns if column.named]
    value = {**shape, "columns": table.width, "sampled": sampled, "header": header}
    if table.totals:
        value["totals"] = [number for number, _ in table.totals]
    quote = ", ".join(header)[:300]
    yield Evidence("table", value, CellPlace(file, 1, table.row, sheet, quote), reader)
    profiles = [profile(column) for column in columns]
    found_sensitive = concerns(file, columns)
    shield(profiles, found_sensitive)
    for concern in found_sensitive:
        place = CellPlace(file, concern.position, None, sheet, concern.name[:300])
        yield Evidence("sensitive", concern.value(), place, reader)
    for item in profiles:
        name = item.column.name[:300] if item.column.named else ""
        place = CellPlace(file, item.column.position, item.column.row, sheet, name)
        yield Evidence("column", item.value(sampled=sampled, sheet=sheet), place, reader)
    if wide := times_in_names(header):
        yield Evidence("time-range", wide, CellPlace(file, 1, table.row, sheet, quote), reader)
    for kind, found in (("coordinates", extents(profiles)), ("time-range", time_ranges(profiles))):
        for item, value in found:
            yield Evidence(
                kind,
                value,
                CellPlace(file, item.column.position, item.column.row, sheet, item.column.name[:300]),
                reader,
            )


def _problem(file: str, code: str, message: str) -> Evidence:
    return Evidence("problem", {"code": code, "message": message}, CellPlace(file, 1, 1), READER)


# ---- bytes to text


def opened(file: File, packing: str) -> tuple[BinaryIO, Hashed]:
    """The file's bytes, unpacked, and what hashes them as they lie there, where the digest is wanted."""
    hashed = Hashed(file.path.open("rb", buffering=0), wanted=file.digest is not None)
    return cast("BinaryIO", _UNPACK[packing](hashed) if packing else hashed), hashed


def _read(file: File, packing: str) -> tuple[Text, list[tuple[str, str]]]:
    """The text of the file or of its head, and problems as (code, message).

    Raises:
        Unreadable: it holds nothing but zero bytes, or what is packed is damaged at its start.
    """
    problems: list[tuple[str, str]] = []
    if packing:
        data = _unpacked_head(file, packing)
        whole = len(data) <= WHOLE
        data = data if whole else data[:HEAD]
    else:
        data = file.head(WHOLE + 1 if file.size <= WHOLE else HEAD)
        whole = len(data) == file.size
    if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.append(("malformed", "it holds zero bytes, which were left out"))
        data = data.replace(b"\x00", b"")
        if not data.strip():
            raise Unreadable("malformed", "it holds nothing but zero bytes")
    decoded = decode(data, truncated=not whole)
    if decoded.problem:
        problems.append(("wrong-encoding", f"read as {decoded.encoding}"))
    head = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    if whole:
        return Text(head, decoded.encoding, sampled=False), problems
    bare = not decoded.encoding.startswith(("utf-16", "utf-32", "iso2022")) and b"\n" in data
    return Text(head[: head.rfind("\n") + 1] or head, decoded.encoding, sampled=True, bare=bare), problems


def _unpacked_head(file: File, packing: str) -> bytes:
    """The first ``WHOLE`` bytes of what is packed, and one more when there are more."""
    data = bytearray()
    try:
        with closing(opened(file, packing)[0]) as stream:
            while len(data) <= WHOLE and (piece := stream.read(WHOLE + 1 - len(data))):
                data += piece
    except _DAMAGED as error:
        if not data:
            raise Unreadable("truncated", str(error)) from error
    return bytes(data)


def _rest(file: File, packing: str, text: Text, dialect: Dialect, above: int) -> Rest:
    """What lies behind the head. ``above`` rows are not of the table: names, remarks, titles."""
    if not packing and file.size > COUNTED and file.digest is None:
        return _glance(file, text, above)
    stream, hashed = opened(file, packing)
    source = stream if text.bare else cast("BinaryIO", Transcoded(stream, text.encoding))
    plain = text.bare and not packing
    taken = Evenly(file.size, start=HEAD, length=BLOCK, count=BLOCKS) if plain else Thinning(HEAD, BLOCK, BLOCKS)
    most = (MOST_UNPACKED if file.digest else COUNTED) if packing else None
    with closing(stream):
        try:
            found = scan(source, delimiter=dialect.delimiter, quoted=dialect.quoted, sampler=taken, most=most)
        except _DAMAGED as error:
            raise Unreadable("truncated", str(error)) from error
        if file.digest is not None:
            file.digest.sha256 = hashed.finish()
    blocks = [block for block in found.blocks if b"\x00" not in block]
    rows = found.records - found.blank - above + text.head.split("\n")[:above].count("")
    if not found.complete:
        rows = round(rows * file.size / max(1, hashed.position))
    return Rest(
        _whole_lines(blocks, text.encoding if text.bare else "utf-8"),
        max(0, rows),
        counted=found.complete,
        holes=len(found.blocks) - len(blocks),
    )


def _glance(file: File, text: Text, above: int) -> Rest:
    """Blocks from here and there of a file that nobody reads in full; the number of rows is an estimate."""
    if not text.bare:  # line ends cannot be found from the middle
        return Rest((), max(0, _estimate(file, text.head, text.encoding) - above), counted=False)
    step = (file.size - HEAD - BLOCK) / (BLOCKS - 1)
    found: list[bytes] = []
    with file.open() as stream:
        for i in range(BLOCKS):
            stream.seek(max(HEAD, HEAD + round(i * step)))
            found.append(stream.read(BLOCK))
    blocks = [block for block in found if b"\x00" not in block]
    lines = _whole_lines(blocks, text.encoding)
    holes = len(found) - len(blocks)
    count = _estimate(file, text.head + "".join(lines), text.encoding, holes)
    return Rest(lines, max(0, count - above), counted=False, holes=holes)


def _whole_lines(blocks: Sequence[bytes], encoding: str) -> list[str]:
    """What of each block is lines from their start to their end."""
    lines = []
    for block in blocks:
        start, end = block.find(b"\n") + 1, block.rfind(b"\n") + 1
        if 0 < start < end:
            lines.append(_decode_like(block[start:end], encoding).replace("\r\n", "\n"))
    return lines


def _decode_like(data: bytes, encoding: str) -> str:
    """A later part in the encoding of the head; where that fails (an ASCII head tells nothing) as it looks by itself."""
    try:
        return data.decode("utf-8" if encoding == "utf-8-sig" else encoding)
    except UnicodeDecodeError:
        return decode(data, truncated=True).text


def _estimate(file: File, sample: str, encoding: str, holes: int = 0) -> int:
    """The number of lines of the whole, from the sample's mean length in bytes and the share of the file that is text."""
    lines = max(1, sample.count("\n"))
    size = len(sample.encode(encoding, "replace"))
    return round(file.size * (1 - holes / BLOCKS) * lines / max(1, size))


def _header_in_comment(remark: Sequence[str], dialect: Dialect, width: int) -> list[str]:
    """The names in ``# time temp salinity`` above a table without a header, when they are as many as its columns."""
    line = COMMENT.sub("", remark[0], count=1).strip()
    cells = rows_of(line, dialect, 0)
    names = [name.strip() for name in cells[0][1]] if cells else []
    if len(names) != width and dialect.delimiter:
        names = line.split()
    return names if len(names) == width > 1 else []


def _add_blocks(table: Table, blocks: Sequence[str], dialect: Dialect) -> None:
    """Add rows of later parts that have the table's shape; others were cut in the middle of a cell."""
    usual = max((len(cells) for _, cells in table.data[:100]), default=0)
    for block in blocks:
        table.data += [row for row in rows_of(block, dialect, 0) if len(row[1]) == usual]


def _remarks(
    file: str, remarks: Sequence[Row], table: Table | None, lines: Sequence[str], offset: int
) -> Iterator[Evidence]:
    """``key: value`` pairs in comments and title lines above the table."""
    above = [(number, cells[0]) for number, cells in remarks]
    if table is not None:
        above += [
            (n, lines[n - offset - 1].rstrip(DELIMITERS + " "))
            for n, _ in table.before
            if 0 <= n - offset - 1 < len(lines)
        ]
    top = dict(above[:_MOST_REMARKS])
    if not top:
        return
    text = Lines(file, tuple(unmarked(top.get(number, "")) for number in range(1, max(top) + 1)))
    for number in sorted(top):
        pair = key_value(text, number - 1, "", READER)
        if pair is not None:
            yield pair

"""CSV, TSV and other delimited text: whatever the delimiter, the encoding and the habits of the header.

A file of up to ``WHOLE`` bytes is read in full. Of a larger one the head and blocks spread evenly over the whole are read,
so that five gigabytes cost no more than two megabytes; what comes from them is marked as sampled.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from shirushi.describe.evidence import JSON, CellPlace, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.columns import MOST_COLUMNS, extents, profile, time_ranges
from shirushi.describe.readers.headers import Row, Table, find_table
from shirushi.describe.readers.prose import Lines, key_value
from shirushi.describe.readers.sensitive_columns import concerns, shield
from shirushi.describe.text import Decoded, decode

READER = "table/1"
WHOLE = 2_000_000
HEAD = 262_144
BLOCK = 65_536
BLOCKS = 16
COUNTED = 64_000_000  # up to here lines are counted, beyond they are estimated

_DELIMITERS = "\t,;|"
_COMMENT = re.compile(r"\s*(?:#|%|//|!|\*{2,}|;;)")
_LONGEST_FIELD = 1_000_000
_MOST_LINES_IN_FIELD = 60
_MOST_REMARKS = 40


@dataclass(frozen=True, slots=True)
class Text:
    """What of a file was read as text. ``blocks`` are whole lines from later parts, in order; ``lines`` is the number of lines
    of the whole file, exact when ``counted``."""

    head: str
    blocks: Sequence[str]
    encoding: str
    lines: int
    sampled: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class Dialect:
    """``delimiter`` is '' where runs of blanks part the columns; ``quoted`` is False where quotes are plain characters."""

    delimiter: str
    quoted: bool = True


@reads("text/csv", "text/tab-separated-values")
def read_table(file: File) -> Iterator[Evidence]:
    """The table's shape, a profile of every column, the space and time it covers, and remarks above it."""
    if file.size == 0:
        return
    text, problems = _read(file)
    yield from (_problem(file.name, code, message) for code, message in problems)
    remarks, lines, offset = _set_aside_comments(text.head)
    dialect = _sniff(lines, file.media_type)
    rows = _rows("\n".join(lines), dialect, offset)
    if _runs_away(rows):
        dialect = Dialect(dialect.delimiter, quoted=False)
        rows = _rows("\n".join(lines), dialect, offset)
    table = find_table(rows, row_names=dialect.delimiter in ("", "\t"))
    yield from _remarks(file.name, remarks, table, lines, offset)
    if table is None:
        return
    if not table.header and remarks and (names := _header_in_comment(remarks[-1][1], dialect, table.width)):
        table.header, table.row = names, remarks[-1][0]
    _add_blocks(table, text.blocks, dialect)
    yield from table_evidence(
        file.name,
        table,
        shape={
            "name": PurePosixPath(file.name).stem,
            "rows": len(table.data) if not text.sampled else max(0, text.lines - table.row),
            "delimiter": dialect.delimiter or " ",
            "encoding": text.encoding,
        },
        sampled=text.sampled,
    )


def table_evidence(
    file: str, table: Table, *, shape: dict[str, JSON], sampled: bool, sheet: str | None = None, reader: str = READER
) -> Iterator[Evidence]:
    """What a table gives, be it from a text file or a sheet. ``shape`` holds name, rows and what else is known."""
    columns = table.columns(MOST_COLUMNS)
    if table.width > MOST_COLUMNS:
        yield _problem(file, "too-many-columns", f"the first {MOST_COLUMNS:,} of {table.width:,} columns were used")
    header = [column.name for column in columns if column.named]
    value = {**shape, "columns": table.width, "sampled": sampled, "header": header}
    quote = ", ".join(header)[:300]
    yield Evidence("table", value, CellPlace(file, 1, table.row, sheet, quote), reader)
    profiles = [profile(column) for column in columns]
    found_sensitive = concerns(file, columns)
    shield(profiles, found_sensitive)
    for concern in found_sensitive:
        place = CellPlace(file, concern.position, None, sheet, concern.name[:300])
        yield Evidence("sensitive", concern.value(), place, reader)
    for item in profiles:
        place = CellPlace(file, item.column.position, None, sheet, item.column.name[:300] if item.column.named else "")
        yield Evidence("column", item.value(sampled=sampled, sheet=sheet), place, reader)
    for kind, found in (("coordinates", extents(profiles)), ("time-range", time_ranges(profiles))):
        for item, value in found:
            yield Evidence(
                kind, value, CellPlace(file, item.column.position, None, sheet, item.column.name[:300]), reader
            )


def _problem(file: str, code: str, message: str) -> Evidence:
    return Evidence("problem", {"code": code, "message": message}, CellPlace(file, 1, 1), READER)


# ---- bytes to text


def _read(file: File) -> tuple[Text, list[tuple[str, str]]]:
    """The text of the file or of a sample of it, and problems as (code, message).

    Raises:
        Unreadable: it holds nothing but zero bytes.
    """
    problems: list[tuple[str, str]] = []
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
        return Text(head, (), decoded.encoding, head.count("\n"), sampled=False, counted=True), problems
    head = head[: head.rfind("\n") + 1] or head
    if decoded.encoding.startswith(("utf-16", "utf-32")):  # line ends cannot be found from the middle
        return Text(head, (), decoded.encoding, _estimate(file, head, data), sampled=True, counted=False), problems
    blocks, holes = _blocks(file, decoded)
    if holes:
        problems.append(
            ("malformed", f"{holes} of {BLOCKS} places looked at hold zero bytes: the file may be incomplete")
        )
    counted = file.size <= COUNTED
    lines = _count_lines(file) if counted else _estimate(file, head + "".join(blocks), None, holes)
    return Text(head, blocks, decoded.encoding, lines, sampled=True, counted=counted), problems


def _blocks(file: File, decoded: Decoded) -> tuple[list[str], int]:
    """Whole lines from places spread evenly over the file behind its head, and how many places held zero bytes."""
    blocks: list[str] = []
    holes = 0
    step = (file.size - HEAD - BLOCK) / (BLOCKS - 1)
    with file.open() as stream:
        for i in range(BLOCKS):
            stream.seek(max(HEAD, HEAD + round(i * step)))
            data = stream.read(BLOCK)
            if b"\x00" in data:
                holes += 1
                continue
            start, end = data.find(b"\n") + 1, data.rfind(b"\n") + 1
            if 0 < start < end:
                blocks.append(_decode_like(data[start:end], decoded.encoding).replace("\r\n", "\n"))
    return blocks, holes


def _decode_like(data: bytes, encoding: str) -> str:
    """A later part in the encoding of the head; where that fails (an ASCII head tells nothing) as it looks by itself."""
    try:
        return data.decode("utf-8" if encoding == "utf-8-sig" else encoding)
    except UnicodeDecodeError:
        return decode(data, truncated=True).text


def _count_lines(file: File) -> int:
    count = 0
    with file.open() as stream:
        while chunk := stream.read(1 << 20):
            count += chunk.count(b"\n")
    return count


def _estimate(file: File, sample: str, data: bytes | None, holes: int = 0) -> int:
    """The number of lines of the whole, from the sample's mean length in bytes and the share of the file that is text."""
    lines = max(1, sample.count("\n"))
    size = len(data) if data is not None else len(sample.encode("utf-8", "replace"))
    return round(file.size * (1 - holes / BLOCKS) * lines / max(1, size))


# ---- text to rows


def rows_of_head(text: str, media_type: str) -> tuple[list[Row], Dialect]:
    """The rows at the top of a file, numbered as :func:`read_table` numbers them, and how they were told apart."""
    _, lines, offset = _set_aside_comments(text)
    dialect = _sniff(lines, media_type)
    rows = _rows("\n".join(lines), dialect, offset)
    if _runs_away(rows):
        dialect = Dialect(dialect.delimiter, quoted=False)
        rows = _rows("\n".join(lines), dialect, offset)
    return rows, dialect


def cells_of_line(line: str, dialect: Dialect) -> list[str]:
    """The cells of one line, taken for a row."""
    return next((cells for _, cells in _rows(line, dialect, 0)), [])


def _set_aside_comments(text: str) -> tuple[list[Row], list[str], int]:
    """Comment lines at the top as (number, [text]), the other lines, and how many lines were taken off."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    remarks: list[Row] = []
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if not _COMMENT.match(line):
            # "#" in front of the first line alone, with more columns behind it: that is the header itself.
            return remarks, lines[number:], number
        remarks.append((number + 1, [line]))
    return remarks, [], len(lines)


def _sniff(lines: Sequence[str], media_type: str) -> Dialect:
    """The delimiter that parts the most lines into the same number of columns."""
    sample = [line for line in lines[:200] if line.strip()]
    best, best_score = ("\t" if "tab" in media_type else ","), 0.0
    for delimiter in _DELIMITERS:
        score = _evenness([len(row) for _, row in _rows("\n".join(sample), Dialect(delimiter), 0)])
        if delimiter == "\t" and "tab" in media_type:
            score *= 1.5
        if score > best_score:
            best, best_score = delimiter, score
    if best_score == 0:
        runs = [len(line.split()) for line in sample]
        numeric = [line for line in sample[1:] if _mostly_numbers(line.split())]
        if runs and _evenness(runs) > 0 and len(numeric) >= 0.8 * max(1, len(sample) - 1):
            best = ""
    return Dialect(best)


def _evenness(widths: Sequence[int]) -> float:
    """Share of rows with the usual number of columns, more for more columns; 0 when that is one, or it is no rule."""
    if not widths:
        return 0.0
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    share = widths.count(usual) / len(widths)
    return share * (1 + min(usual, 20) / 100) if usual > 1 and share >= 0.5 else 0.0


def _mostly_numbers(words: Sequence[str]) -> bool:
    return sum(1 for word in words if re.fullmatch(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?", word)) * 2 >= len(words) > 0


def _runs_away(rows: Sequence[Row]) -> bool:
    """Whether a stray quote swallowed what follows it into one cell."""
    return any(cell.count("\n") > _MOST_LINES_IN_FIELD for _, row in rows for cell in row)


def _rows(text: str, dialect: Dialect, offset: int) -> list[Row]:
    """Rows with their numbers; blank lines count but are left out."""
    if not dialect.delimiter:
        split = ((number, line.split()) for number, line in enumerate(text.split("\n"), offset + 1))
        return [(number, cells) for number, cells in split if cells]
    csv.field_size_limit(_LONGEST_FIELD)
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE
    lines = text.split("\n")
    reader = csv.reader(
        (line + "\n" for line in lines), delimiter=dialect.delimiter, quoting=quoting, skipinitialspace=True
    )
    rows: list[Row] = []
    number = offset
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error:  # a cell longer than any should be: the row is lost, the next may be well
            continue
        if cells is None:
            return rows
        if cells:
            rows.append((number, cells))


def _header_in_comment(remark: Sequence[str], dialect: Dialect, width: int) -> list[str]:
    """The names in ``# time temp salinity`` above a table without a header, when they are as many as its columns."""
    line = _COMMENT.sub("", remark[0], count=1).strip()
    cells = _rows(line, dialect, 0)
    names = [name.strip() for name in cells[0][1]] if cells else []
    if len(names) != width and dialect.delimiter:
        names = line.split()
    return names if len(names) == width > 1 else []


def _add_blocks(table: Table, blocks: Sequence[str], dialect: Dialect) -> None:
    """Add rows of later parts that have the table's shape; others were cut in the middle of a cell."""
    usual = max((len(cells) for _, cells in table.data[:100]), default=0)
    for block in blocks:
        table.data += [row for row in _rows(block, dialect, 0) if len(row[1]) == usual]


def _remarks(
    file: str, remarks: Sequence[Row], table: Table | None, lines: Sequence[str], offset: int
) -> Iterator[Evidence]:
    """``key: value`` pairs in comments and title lines above the table."""
    above = [(number, cells[0]) for number, cells in remarks]
    if table is not None:
        above += [(n, lines[n - offset - 1]) for n, _ in table.before if 0 <= n - offset - 1 < len(lines)]
    top = dict(above[:_MOST_REMARKS])
    if not top:
        return
    text = Lines(file, tuple(top.get(number, "") for number in range(1, max(top) + 1)))
    for number in sorted(top):
        pair = key_value(text, number - 1, "", READER)
        if pair is not None:
            yield pair

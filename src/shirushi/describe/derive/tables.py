"""Tables of files, as rows of text: found and cut as the readers find and cut them, but all of their rows.

Every source gives :class:`Sheet` objects; what a cell means is decided afterwards, over whole columns (:mod:`.parquet`).
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import cast

from shirushi.describe.evidence import JSON
from shirushi.describe.readers import spreadsheet, statistics, transposed
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.columns import MOST_COLUMNS, Column
from shirushi.describe.readers.delimited import cells_of_line
from shirushi.describe.readers.headers import Table, find_table
from shirushi.describe.readers.json_files import leaves
from shirushi.describe.readers.scan import CHUNK, Transcoded
from shirushi.describe.readers.tabular import Parsed, inside, opened, packing_of, parse_table
from shirushi.describe.text import decode

DELIMITED = ("text/csv", "text/tab-separated-values")
PACKED = ("application/gzip", "application/x-bzip2", "application/x-xz")
WORKBOOKS = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroEnabled.12",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
)
LINES_OF_JSON = ("application/jsonl",)
STATISTICS = (
    "application/x-stata-dta",
    "application/x-spss-sav",
    "application/x-spss-por",
    "application/x-sas-data",
    "application/x-sas-xport",
)

MOST_ROWS_HELD = 3_000_000  # cells of a sheet, which the library holds in memory
AT_ONCE = 20_000  # rows of a statistics file
LONGEST_LINE = 50_000_000  # characters

Cells = Sequence[str | None]


@dataclass(slots=True)
class Named:
    """A column: ``source`` is its name in the file, ``position`` its place there from 1; ``kind`` is set where the file itself
    says what the values are (``integer``, ``number``, ``boolean``, ``string``)."""

    source: str
    position: int
    unit: str | None = None
    label: str | None = None
    kind: str | None = None


@dataclass(slots=True)
class Sheet:
    """One table. ``rows`` are its cells as text, None where there is nothing; or ``direct`` says how DuckDB reads the file itself.
    ``left_out`` tells in words what of the file is not among the rows."""

    part: str | None
    columns: list[Named]
    rows: Iterator[Cells] = field(default_factory=lambda: iter(()))
    direct: dict[str, JSON] | None = None
    left_out: list[str] = field(default_factory=list)


def sheets(file: File) -> Iterator[Sheet]:
    """The tables of a file, in order; nothing when it holds none.

    Raises:
        Unreadable: it is damaged, locked, or larger than can be done.
    """
    kind = file.media_type
    if kind in DELIMITED or kind in PACKED:
        yield from _delimited(file)
    elif kind in WORKBOOKS:
        yield from _workbook(file)
    elif kind in LINES_OF_JSON:
        yield from _json_lines(file)
    elif kind in STATISTICS:
        yield from _statistics(file)


# ---- delimited text


def _delimited(file: File) -> Iterator[Sheet]:
    packing = packing_of(file)
    if packing:
        media_type = inside(file, packing)
        if media_type not in DELIMITED:
            return
        file = replace(file, media_type=media_type)
    if not file.size:
        return
    parsed = parse_table(file, packing)
    parsed.name_columns()
    table = parsed.table
    if table is None or not table.data:
        return
    if any(code == "wrong-encoding" for code, _ in parsed.problems):
        raise Unreadable("wrong-encoding", "bytes that are not of its encoding would be lost")
    _bounded(table.width)
    if not parsed.text.sampled:
        yield _of_table(table, None)
        return
    columns = [_named(column) for column in table.columns(MOST_COLUMNS)]
    if len(parsed.dialect.delimiter.strip(" ")) == 1:
        above = table.data[0][0] - 1
        direct: dict[str, JSON] = {
            "encoding": parsed.text.encoding,
            "packing": packing,
            "delimiter": parsed.dialect.delimiter,
            "quoted": parsed.dialect.quoted,
            "first_row": above + 1,
            "columns": table.width,
        }
        yield Sheet(None, columns, direct=direct)
    else:
        yield Sheet(None, columns, _lines_cut(file, packing, parsed, columns))


def _lines_cut(file: File, packing: str, parsed: Parsed, columns: Sequence[Named]) -> Iterator[Cells]:
    """The rows of a large file of columns parted by blanks, line by line."""
    assert parsed.table is not None
    first = parsed.table.data[0][0]
    for number, line in enumerate(_lines(file, packing, parsed.text.encoding), start=1):
        if number >= first and (cells := cells_of_line(line, parsed.dialect)):
            yield [cells[c.position - 1] if c.position <= len(cells) else None for c in columns]


def _lines(file: File, packing: str, encoding: str) -> Iterator[str]:
    buffer, rest = bytearray(CHUNK), b""
    with closing(opened(file, packing)[0]) as stream:
        source = Transcoded(stream, encoding)
        while count := source.readinto(memoryview(buffer)):
            *whole, rest = (rest + bytes(buffer[:count])).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise Unreadable("too-large", "a line is longer than any should be")
            yield from (line.decode() for line in whole)
    if rest:
        yield rest.decode()


def _of_table(table: Table, part: str | None) -> Sheet:
    """A table that was read in full; one on its side as its variables, like the profile of its columns."""
    columns = (transposed.turned(table.header, table.data) if table.header else []) or table.columns(MOST_COLUMNS)
    left = []
    if table.totals:
        left.append("the row of totals at the end")
    if unnamed := table.unnamed():
        left.append(f"columns without a name ({', '.join(map(str, unnamed[:10]))})")
    if longer := sum(any(cell.strip() for cell in cells[table.width :]) for _, cells in table.data):
        left.append(f"cells beyond the last column, in {longer} rows")
    rows = zip(*(column.values for column in columns), strict=True)
    return Sheet(part, [_named(column) for column in columns], rows, left_out=left)


def _named(column: Column) -> Named:
    return Named(column.name, column.position, column.unit, column.label)


def _bounded(width: int) -> None:
    if width > MOST_COLUMNS:
        raise Unreadable("too-many-columns", f"{width:,} columns; up to {MOST_COLUMNS:,} are made into Parquet")


# ---- workbooks


def _workbook(file: File) -> Iterator[Sheet]:
    """The visible sheets that hold a table, and of those only what is no notes."""
    for name, sheet in spreadsheet.sheets(file):
        if sheet.height * sheet.width > MOST_ROWS_HELD:
            raise Unreadable("too-large", f"sheet {name} has {sheet.height * sheet.width:,} cells")
        rows = spreadsheet.all_rows(sheet)
        table = find_table(rows)
        if table is None or table.width < 2 or not table.data:
            continue
        _bounded(table.width)
        yield _of_table(table, name)


# ---- JSON, an object a line


def _json_lines(file: File) -> Iterator[Sheet]:
    """Two passes: the names and kinds of all values, then the rows."""
    encoding = decode(file.head(2_000_000), truncated=file.size > 2_000_000).encoding
    kinds: dict[str, set[str]] = {}
    for record in _objects(file, encoding):
        for name, _, value in leaves(record):
            kinds.setdefault(name, set()).add(_kind(value))
        _bounded(len(kinds))
    if not kinds:
        return
    columns = [Named(name, at, kind=_one_kind(found)) for at, (name, found) in enumerate(kinds.items(), start=1)]
    yield Sheet(None, columns, _records(file, encoding, columns))


def _objects(file: File, encoding: str) -> Iterator[dict[str, JSON]]:
    for number, line in enumerate(_lines(file, "", encoding), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line.lstrip("\ufeff"))
        except (ValueError, RecursionError) as error:
            raise Unreadable("malformed", f"line {number} is not JSON") from error
        if not isinstance(value, dict):
            raise Unreadable("malformed", f"line {number} is no object")
        yield value


def _records(file: File, encoding: str, columns: Sequence[Named]) -> Iterator[Cells]:
    for record in _objects(file, encoding):
        held = {name: value for name, _, value in leaves(record)}
        yield [_text(held.get(column.source)) for column in columns]


def _kind(value: JSON) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer" if -(2**63) <= value < 2**63 else "other"
        case float():
            return "number"
        case str():
            return "string"
        case _:
            return "other"


def _one_kind(found: set[str]) -> str | None:
    """None for strings, which may be dates; ``string`` where values of several kinds can only be kept as text."""
    found = found - {"null"}
    if found == {"integer", "number"}:
        return "number"
    return None if found == {"string"} else found.pop() if len(found) == 1 and "other" not in found else "string"


def _text(value: JSON) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)


# ---- SAS, SPSS, Stata


def _statistics(file: File) -> Iterator[Sheet]:
    names, labels = statistics.columns_of(file)
    if not names:
        return
    _bounded(len(names))
    columns = [Named(name, at, label=labels.get(name)) for at, name in enumerate(names, start=1)]
    yield Sheet(None, columns, _observations(file, names))


def _observations(file: File, names: Sequence[str]) -> Iterator[Cells]:
    start = 0
    while True:
        rows = statistics.rows_of(file, names, start, AT_ONCE)
        values = [[statistics.shown(value) or None for value in rows[name]] for name in names]
        yield from cast("Iterator[Cells]", zip(*values, strict=True))
        read = len(values[0]) if values else 0
        if read < AT_ONCE:
            return
        start += read

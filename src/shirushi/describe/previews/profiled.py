"""Tables with what every column holds: rows as they stand, and beside them type, unit, missing values and the spread of values."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from shirushi.describe.evidence import JSON
from shirushi.describe.previews.evenly import even_histogram, even_rows
from shirushi.describe.previews.formulas import uncalculated
from shirushi.describe.previews.registry import Shape, Wanted
from shirushi.describe.previews.tables import MAX_CELL, MOST_COLUMNS, preview_table, shape
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.columns import Column, profile, readings
from shirushi.describe.readers.databases import is_geometry
from shirushi.describe.readers.json_files import shown_cell
from shirushi.describe.readers.spreadsheet import read_spreadsheet
from shirushi.describe.readers.tabular import read_table

FEW = 12  # different values: so few are counted one by one
MOST_PROFILED = 100  # columns
COUNTED = 20_000  # rows in which values are counted
SAMPLED = 20_000  # rows of a database or Parquet file from which columns are profiled
SECONDS = 5.0  # of one query
_KEPT = (
    "name",
    "position",
    "type",
    "unit",
    "label",
    "missing",
    "count",
    "distinct",
    "minimum",
    "maximum",
    "histogram",
    "sampled",
)


def show_table(file: File, wanted: Wanted) -> Shape | None:
    """Rows of a text table or a sheet as :func:`preview_table` gives them, and on the first page the ``profile``."""
    is_first = (wanted.offset or 1) == 1
    most = COUNTED if is_first else wanted.limit
    shown = preview_table(file, row=None, column=None, sheet=wanted.sheet, offset=wanted.offset, limit=most)
    if shown["type"] != "table" or not is_first:
        return shown
    is_all = shown["records"] is not None and len(shown["rows"]) >= shown["records"]
    aside = set(shown["aside"])
    rows = [row["cells"] for row in shown["rows"] if row["number"] not in aside]
    shown["rows"] = shown["rows"][: wanted.limit]
    if shown["sheet"] is not None:
        shown["uncalculated"] = uncalculated(file, shown["sheet"])
    columns: list[dict[str, JSON]] = []
    read = read_table if file.media_type.startswith("text/") else read_spreadsheet
    try:
        seen = (found.value for found in read(file) if found.kind == "column")
        columns.extend(value for value in seen if (value.get("sheet") or None) == shown["sheet"])
    except Unreadable:
        return shown
    told = [_kept(column, rows, is_all=is_all) for column in columns[:MOST_PROFILED]]
    drawn = [column for column in told if column.get("sampled") and column.get("histogram")]
    if drawn and file.media_type.startswith("text/"):  # what was read of a large file is mostly its beginning
        even = even_rows(file, above=shown["header_row"] or 0)
        for column in drawn:
            column["histogram"] = even_histogram(column, even)
    return shown | {"profile": told, "uncounted": len(aside) if is_all and told else 0}


def _kept(column: dict[str, JSON], rows: Sequence[Sequence[str]], *, is_all: bool) -> dict[str, JSON]:
    """What a page shows of a column. Where it holds few different values, how often each is there; ``counted`` says in how many rows,
    where these are not all."""
    kept = {key: column[key] for key in _KEPT if key in column}
    if 0 < (kept.get("distinct") or 0) <= FEW and not kept.get("histogram") and not column.get("withheld"):
        at = int(kept["position"]) - 1
        kept["values"] = counted(str(kept["name"]), (row[at] for row in rows if at < len(row)))
        if not is_all:
            kept["counted"] = len(rows)
    return kept


def counted(name: str, cells: Iterable[str]) -> list[JSON]:
    """[value, how often] in a column of that name, the most frequent first, without what stands for a missing one."""
    found = Counter(text for cell in cells if (text := cell.strip()))
    read = readings(name, found).cells
    present = Counter({text: number for text, number in found.items() if read[text].sort != "missing"})
    return [[text[:80], number] for text, number in present.most_common(FEW)]


def _profiled(header: Sequence[str], rows: Sequence[Sequence[str]], *, sampled: bool) -> list[JSON]:
    """The profile of columns from rows that were read."""
    found: list[JSON] = []
    for position, name in enumerate(header[:MOST_PROFILED], start=1):
        cells = [row[position - 1] for row in rows]
        value = profile(Column(name, position, cells)).value(sampled=sampled)
        kept = {key: value[key] for key in _KEPT if key in value}
        if 0 < (kept.get("distinct") or 0) <= FEW and not kept.get("histogram"):
            kept["values"] = counted(name, cells)
        if sampled:
            kept["first"] = len(rows)
        found.append(kept)
    return found


def _page(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    start: int,
    *,
    total: int | None,
    sheet: str | None = None,
    sheets: Sequence[str] = (),
    first: Sequence[Sequence[str]] = (),
) -> Shape:
    """A table whose rows count from 1 without a header among them; ``first`` are the rows to profile, of the first page."""
    numbered = [(start + number, list(row)) for number, row in enumerate(rows)]
    found = shape(header, numbered, total=total, header_row=None, records=total)
    found |= {"sheet": sheet, "sheets": list(sheets), "highlight": {"row": None, "column": None}}
    if first:
        found["profile"] = _profiled(header, first, sampled=total is None or total > len(first))
    return found


def show_parquet(file: File, wanted: Wanted) -> Shape | None:
    """Rows of a Parquet file, by DuckDB in its fence. Only the row groups and columns that are shown are read.

    Raises:
        Unreadable: ``malformed``.
    """
    import duckdb

    start = max(1, wanted.offset or 1)
    source = "'" + str(file.path).replace("'", "''") + "'"
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": "200MB",
        "temp_directory": "",
        "autoinstall_known_extensions": False,
    }
    try:
        with duckdb.connect(":memory:", config=settings) as database:
            database.execute(f"SET allowed_paths = [{source}]")
            database.execute("SET enable_external_access = false")
            database.execute("SET lock_configuration = true")
            told = database.execute(f"DESCRIBE SELECT * FROM read_parquet({source})").fetchall()  # noqa: S608 - quoted
            names = [str(row[0]) for row in told][:MOST_COLUMNS]
            chosen = ", ".join(f'left(CAST("{n.replace(chr(34), chr(34) * 2)}" AS VARCHAR), {MAX_CELL})' for n in names)
            count = database.execute(f"SELECT num_rows FROM parquet_file_metadata({source})").fetchone()  # noqa: S608
            reading = f"SELECT {chosen} FROM read_parquet({source})"  # noqa: S608 - quoted
            many = SAMPLED // max(1, len(names) // 20) if start == 1 else wanted.limit
            rows = database.execute(f"{reading} LIMIT {max(many, wanted.limit)} OFFSET {start - 1}").fetchall()
    except duckdb.Error as error:
        raise Unreadable("malformed", f"Parquet: {str(error).splitlines()[0]}"[:300]) from error
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    return _page(
        names, texts[: wanted.limit], start, total=int(count[0]) if count else None, first=texts if start == 1 else ()
    )


def show_sqlite(file: File, wanted: Wanted) -> Shape | None:
    """Rows of a table of a SQLite file, read-only; None where it holds no table.

    Raises:
        Unreadable: ``malformed``.
    """
    start = max(1, wanted.offset or 1)
    connection = sqlite3.connect(f"file:{quote(str(file.path))}?mode=ro&immutable=1", uri=True, isolation_level=None)
    try:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        tables = [
            str(name)
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        tables = [name for name in tables if not name.startswith(("sqlite_", "gpkg_", "rtree_"))][:500]
        if not tables:
            return None
        table = wanted.sheet if wanted.sheet in tables else tables[0]
        named = '"' + table.replace('"', '""') + '"'
        declared = connection.execute(f"PRAGMA table_info({named})").fetchall()
        names = [str(row[1]) for row in declared if not is_geometry(str(row[2]))][:MOST_COLUMNS]
        if not names:
            return None
        _stop_after(connection, SECONDS)
        chosen = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
        many = max(SAMPLED // max(1, len(names) // 20), wanted.limit) if start == 1 else wanted.limit
        rows = connection.execute(f"SELECT {chosen} FROM {named} LIMIT ? OFFSET ?", (many, start - 1)).fetchall()  # noqa: S608
        total = _total(connection, named)
    except sqlite3.DatabaseError as error:
        raise Unreadable("malformed", f"SQLite: {error}") from error
    finally:
        connection.close()
    texts = [[shown_cell(cell) for cell in row] for row in rows]
    first = texts if start == 1 else ()
    return _page(names, texts[: wanted.limit], start, total=total, sheet=table, sheets=tables, first=first)


def _stop_after(connection: sqlite3.Connection, seconds: float) -> None:
    until = time.monotonic() + seconds
    connection.set_progress_handler(lambda: int(time.monotonic() > until), 10_000)


def _total(connection: sqlite3.Connection, named: str) -> int | None:
    """How many rows there are; None where counting them takes too long."""
    _stop_after(connection, SECONDS)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {named}").fetchone()[0])  # noqa: S608 - quoted
    except sqlite3.OperationalError:
        return None

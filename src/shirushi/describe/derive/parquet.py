"""Rows of text to Parquet, by DuckDB, inside a worker: what each column is follows from all of its values.

The rows first lie as text in a table of DuckDB's on disk. Then the different values of each column are read as the profile of a
column reads them (:func:`~shirushi.describe.readers.columns.readings`); a column whose values all fit the type that it is described
with becomes that type, its marks of missing values null. Where one does not fit, or would lose something, the column stays
text, as it is written, and it is told why.
"""

import contextlib
import csv
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shirushi.describe.derive.tables import Named, Sheet
from shirushi.describe.evidence import JSON
from shirushi.describe.profiling import MEMORY, THREADS, Way, is_mark, quoted, reading, source_of
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.cells import Cell, compact_date, is_sentinel, swap_day_and_month
from shirushi.describe.readers.columns import Readings, readings

if TYPE_CHECKING:
    import duckdb

MOST_DIFFERENT = 500_000  # values of one column that are read one by one
MANY_DIFFERENT = 5_000  # from here on plain values are told from others by a query, which is quicker
MOST_MARKS = 40  # of missing values, that stand in a query
MOST_TOLD = 5  # values that are named in a note
LONGEST_TOLD = 60
SQL_TYPES = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "time": "TIME",
    "string": "VARCHAR",
}
_INT64 = 2**63
_DIGITS = 17  # significant digits that a double always keeps
_PLAIN = {  # what DuckDB casts to exactly what is written
    "integer": r"[+-]?(0|[1-9]\d{0,17})",
    "number": r"[+-]?(\d{1,15}(\.\d*)?|\.\d{1,15})([eE][+-]?\d{1,3})?",
    "date": r"\d{4}-\d{2}-\d{2}",
    "datetime": r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?",
    "time": r"\d{2}:\d{2}:\d{2}",
}
_LONG_NUMBER = 16  # characters beyond which a number is looked at digit by digit
_WHOLE_DATETIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,6})?)?\s?(Z|UTC|[+-]\d{2}:?\d{2})?", re.ASCII
)
_MORE_THAN_SECONDS = re.compile(r"\d[.,]\d+|[AaPp]\.?[Mm]|Z|UTC|GMT|JST|[+-]\d{2}:?\d{2}$")


@dataclass(slots=True)
class Outcome:
    """What became of a column. ``expression`` gives its values in SQL; ``lookup`` translates text by text instead. ``marks`` are the
    texts that became null, with how often each stands there."""

    type: str = "string"
    expression: str = ""
    lookup: dict[str, str] | None = None
    zoned: bool = False
    marks: dict[str, int] = field(default_factory=dict)
    note: str | None = None

    @property
    def sql_type(self) -> str:
        return "TIMESTAMPTZ" if self.zoned else SQL_TYPES[self.type]


def write(
    sheet: Sheet, file: File, folder: Path, target: Path, *, types: Mapping[str, str], about: Mapping[str, str]
) -> dict[str, JSON]:
    """Write one table. ``types`` are those that its columns are described with, by name in the file; ``about`` goes into the metadata of the
    Parquet file.

    Returns ``{"rows": n, "columns": [{name, source, position, type, unit?, label?, nulls, marks?, note?}], "left_out": [...]}``.

    Raises:
        Unreadable: DuckDB cannot read it as the table that the reader found, or what was written is not what was read.
    """
    import duckdb

    names = unique([column.source for column in sheet.columns])
    try:
        with _database(file, folder) as database:
            rows = _load(database, sheet, file, folder)
            outcomes = [_decide(database, n, column, types) for n, column in enumerate(sheet.columns, start=1)]
            _copy(database, names, outcomes, target, about)
            found = _verify(database, names, outcomes, target, rows)
    except duckdb.Error as error:
        raise Unreadable("not-converted", f"DuckDB: {str(error).splitlines()[0]}"[:300]) from error
    columns = [
        {
            "name": name,
            "source": column.source,
            "position": column.position,
            "type": outcome.type,
            "unit": column.unit,
            "label": column.label,
            "nulls": rows - found[n],
            "marks": outcome.marks or None,
            "note": outcome.note,
        }
        for n, (name, column, outcome) in enumerate(zip(names, sheet.columns, outcomes, strict=True))
    ]
    told = [{key: value for key, value in column.items() if value is not None} for column in columns]
    return {"rows": rows, "columns": told, "left_out": sheet.left_out}


def unique(names: Sequence[str]) -> list[str]:
    """The names, each once whatever its capitals: a second ``depth`` is ``depth (2)``."""
    taken: set[str] = set()
    found = []
    for name in names:
        bare = name.strip() or "column"
        given, number = bare, 1
        while given.casefold() in taken:
            number += 1
            given = f"{bare} ({number})"
        taken.add(given.casefold())
        found.append(given)
    return found


@contextlib.contextmanager
def _database(file: File, folder: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """DuckDB on a file in the folder: it may read the source, read and write the folder, and nothing else."""
    import duckdb

    place = folder / "rows.duckdb"
    place.unlink(missing_ok=True)
    settings: dict[str, Any] = {
        "threads": THREADS,
        "memory_limit": MEMORY,
        "temp_directory": str(folder / "spilled"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
    }
    try:
        with contextlib.closing(duckdb.connect(str(place), config=settings)) as connection:
            connection.execute(f"SET allowed_directories = [{quoted(str(folder))}]")
            connection.execute(f"SET allowed_paths = [{quoted(str(file.path))}]")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            yield connection
    finally:
        place.unlink(missing_ok=True)


# ---- in


def _load(database: Any, sheet: Sheet, file: File, folder: Path) -> int:
    """The rows as text in the table ``raw``; returns how many there are."""
    wanted = ", ".join(f"c{n}" for n in range(1, len(sheet.columns) + 1))
    if sheet.direct is not None:
        picked = ", ".join(f"c{column.position} AS c{n}" for n, column in enumerate(sheet.columns, start=1))
        with source_of(file, sheet.direct) as (source, packing):
            read = reading(source, packing, sheet.direct, [], Way(typed=False))
            try:
                database.execute(f"CREATE TABLE raw AS SELECT {picked} FROM {read}")  # noqa: S608 - names are numbers
            except Exception as error:
                words = str(error).splitlines()[0][:200]
                raise Unreadable("not-converted", f"its rows are not all of one form: {words}") from error
    else:
        staged = folder / "rows.csv"
        try:
            _stage(sheet, staged)
            declared = "{" + ", ".join(f"'c{n}': 'VARCHAR'" for n in range(1, len(sheet.columns) + 1)) + "}"
            options = (
                f"auto_detect=false, header=false, delim=',', quote='\"', escape='\"', nullstr='', allow_quoted_nulls=false, "
                f"max_line_size=100000000, columns={declared}"
            )
            database.execute(
                f"CREATE TABLE raw AS SELECT {wanted} FROM read_csv({quoted(str(staged))}, {options})"  # noqa: S608
            )
        finally:
            staged.unlink(missing_ok=True)
    return int(database.execute("SELECT count(*) FROM raw").fetchone()[0])


def _stage(sheet: Sheet, staged: Path) -> None:
    """The rows as CSV in which every text is quoted and nothing is not."""
    with staged.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        for cells in sheet.rows:
            line = ",".join("" if not cell else '"' + cell.replace('"', '""') + '"' for cell in cells)
            stream.write((line or '""') + "\n")  # an empty line would be none


# ---- what a column is


def _decide(database: Any, number: int, column: Named, types: Mapping[str, str]) -> Outcome:
    own = f"c{number}"
    wanted = types.get(column.source)
    if column.kind in ("integer", "number", "boolean") and wanted in (None, column.kind):
        return Outcome(column.kind, f"CAST({own} AS {SQL_TYPES[column.kind]})")
    text = Outcome("string", own)
    if column.kind == "string":
        if wanted not in (None, "string"):
            text.note = "its values are of several kinds: kept as text"
        return text
    if wanted == "string":
        return text
    query = f"SELECT {own}, count(*) FROM raw WHERE {own} IS NOT NULL GROUP BY 1 LIMIT {MOST_DIFFERENT + 1}"  # noqa: S608
    values = database.execute(query).fetchall()
    if len(values) > MANY_DIFFERENT:
        quickly = _decide_by_query(database, own, column, wanted, values)
        if quickly.note is None or len(values) > MOST_DIFFERENT:
            return quickly
    counted: Counter[str] = Counter(dict(values))
    read = readings(column.source, counted)
    return _decide_by_values(own, counted, read, wanted) or text


def _decide_by_values(own: str, counted: Counter[str], read: Readings, wanted: str | None) -> Outcome | None:
    """From all different values. None for text."""
    kind = _agreed(read.type, wanted)
    present = [value for value in counted if read.cells[value].sort != "missing"]
    if not present:
        return None if kind == "string" else _typed(own, kind, counted, read, [], {})
    if kind == "string":
        if wanted not in (None, "string"):
            return Outcome("string", own, note=_odd(wanted or "", present, counted))
        return None
    orders = frozenset(cell.order for cell in read.cells.values() if cell.order is not None)
    if kind in ("date", "datetime") and (orders == {""} or orders >= {"dmy", "mdy"}):
        return Outcome("string", own, note="day and month cannot be told apart: kept as text")
    values = {value: _value(kind, value, read, orders) for value in present}
    odd = [value for value, found in values.items() if found is None]
    if odd and kind == "integer":
        return _decide_by_values(own, counted, read, "number")
    if odd:
        return Outcome("string", own, note=_odd(kind, odd, counted))
    return _typed(own, kind, counted, read, present, {v: found for v, found in values.items() if found is not None})


def _agreed(seen: str, wanted: str | None) -> str:
    """The type that a column is described with, where its values may have it."""
    if wanted is None or wanted == seen:
        return seen
    if (wanted, seen) in (("number", "integer"), ("boolean", "integer"), ("datetime", "date")):
        return wanted
    return "string" if seen == "string" else seen


def _typed(
    own: str, kind: str, counted: Counter[str], read: Readings, present: Sequence[str], values: Mapping[str, str]
) -> Outcome:
    marks = {v: n for v, n in counted.most_common() if read.cells[v].sort == "missing"}
    told = {v.strip()[:LONGEST_TOLD]: n for v, n in list(marks.items())[:MOST_MARKS] if v.strip()}
    zones = (
        {bool((m := _WHOLE_DATETIME.fullmatch(v.strip())) and m[4]) for v in present} if kind == "datetime" else set()
    )
    zoned = zones == {True}
    if zones == {True, False}:
        return Outcome("string", own, note="some of its times tell their zone and some do not: kept as text")
    note = "times with their zone: kept as the same moments, in UTC" if zoned else None
    plain = re.compile(_PLAIN.get(kind, "(?!)"), re.ASCII)
    if len(marks) <= MOST_MARKS and not zoned and all(plain.fullmatch(value.strip(" ")) for value in present):
        cast = f"CAST(trim({own}) AS {SQL_TYPES[kind]})"
        listed = ", ".join(quoted(value) for value in marks)
        return Outcome(kind, f"CASE WHEN {own} IN ({listed}) THEN NULL ELSE {cast} END" if marks else cast, marks=told)
    return Outcome(kind, lookup=dict(values), zoned=zoned, marks=told, note=note)


def _odd(kind: str, odd: Sequence[str], counted: Counter[str]) -> str:
    times = sum(counted[value] for value in odd)
    named = ", ".join(f"“{value.strip()[:LONGEST_TOLD]}”" for value in odd[:MOST_TOLD])
    more = " …" if len(odd) > MOST_TOLD else ""
    return f"{times:,} values would not be kept as {kind} ({named}{more}): kept as text"


def _value(kind: str, value: str, read: Readings, orders: frozenset[str]) -> str | None:
    """The value as DuckDB casts it to the type; None when it does not fit, or not all of it. ``orders``: see :class:`Cell`."""
    cell, text = read.cells[value], read.plain[value].strip()
    match kind:
        case "integer" | "number":
            return _number(kind, cell.number, text, cell.sort)
        case "boolean":
            if cell.sort == "integer":
                return {0.0: "false", 1.0: "true"}.get(-1.0 if cell.number is None else cell.number)
            word = text.casefold()
            return "true" if word in ("true", "t") else "false" if word in ("false", "f") else None
        case "date":
            moment = cell.moment if cell.sort == "date" else compact_date(text)
            return _whole(moment, cell.order, orders)
        case "datetime":
            return _datetime(cell, text, orders)
        case _:
            return None if cell.sort != "time" or _MORE_THAN_SECONDS.search(text) else cell.moment


def _number(kind: str, number: float | None, text: str, sort: str) -> str | None:
    if sort not in ("integer", "number"):
        return None
    bare = text.rstrip("%").strip().replace("d", "e").replace("D", "e")
    bare = bare.replace(",", "") if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", bare) else bare.replace(",", ".")
    if kind == "integer":
        ascii_digits = re.fullmatch(r"[+-]?\d+", bare)
        return bare if ascii_digits and sort == "integer" and -_INT64 <= int(bare) < _INT64 else None
    try:
        same = float(bare)
    except ValueError:  # digits of full width
        same, bare = number if number is not None else float("nan"), repr(number)
    digits = re.sub(r"[eE].*|[+.-]", "", bare).strip("0")
    whole = re.fullmatch(r"[+-]?\d+", bare)
    loses = len(digits) > _DIGITS or (whole and len(digits) > _DIGITS - 2 and int(bare) != int(same))
    out_of_range = bool(digits) and (math.isinf(same) or same == 0)  # 3e400, 1e-400
    return None if loses or out_of_range else repr(same)


def _whole(moment: str | None, order: str | None, orders: frozenset[str]) -> str | None:
    """A day, or a day and a time, that is whole and in the calendar, read in the one order that the column allows."""
    if moment is None or len(moment) < len("2026-11-23"):
        return None
    moment = swap_day_and_month(moment) if "mdy" in orders and order == "" else moment
    return moment if moment and _exists(moment[:10]) else None


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _datetime(cell: Cell, text: str, orders: frozenset[str]) -> str | None:
    if match := _WHOLE_DATETIME.fullmatch(text):
        zone = match[4] and ("+00:00" if match[4] in ("Z", "UTC") else match[4])
        plain = f"{match[1]} {match[2]}{match[3] or ':00'}"
        try:
            found = datetime.fromisoformat(plain + (zone or ""))
        except ValueError:
            return None
        return found.astimezone(UTC).isoformat(" ") if zone else plain
    if cell.sort == "date":
        day = _whole(cell.moment, cell.order, orders)
        return day and f"{day} 00:00:00"
    if cell.sort != "datetime" or _MORE_THAN_SECONDS.search(text) or (cell.moment or "")[11:13] == "24":
        return None
    moment = _whole(cell.moment, cell.order, orders)
    return moment and moment.replace("T", " ")


def _decide_by_query(
    database: Any, own: str, column: Named, wanted: str | None, sample: Sequence[tuple[str, int]]
) -> Outcome:
    """Of so many different values that they are not looked at one by one: plain ones, and marks of missing values."""
    seen = readings(column.source, Counter(dict(sample[:20_000])))
    kind = _agreed(seen.type, wanted)
    if kind == "string" or kind not in _PLAIN:
        return Outcome("string", own)
    text = f"trim({own})"
    if kind in ("integer", "number"):
        stands_in = [v for v, _ in sample if is_sentinel(v) and seen.cells.get(v) and seen.cells[v].sort == "missing"]
    else:
        stands_in = []
    missing = f"({is_mark(own)})" + (f" OR {own} IN ({', '.join(map(quoted, stands_in))})" if stands_in else "")
    fits = f"regexp_full_match({text}, {quoted(_PLAIN[kind])}) AND TRY_CAST({text} AS {SQL_TYPES[kind]}) IS NOT NULL"
    if kind == "number":
        fits += f" AND (length({text}) <= {_LONG_NUMBER} OR length(regexp_replace({text}, '[eE].*|[+.-]', '', 'g')) <= {_DIGITS})"
    asked = f"SELECT count(*), min({own}) FROM raw WHERE {own} IS NOT NULL AND NOT ({missing}) AND NOT ({fits})"  # noqa: S608
    wrong, example = database.execute(asked).fetchone()
    if wrong and kind == "integer":
        return (
            _decide_by_query(database, own, column, "number", sample)
            if seen.type == "integer" and wanted != "number"
            else _kept(own, wrong, kind, example)
        )
    if wrong:
        return _kept(own, wrong, kind, example)
    counts = database.execute(
        f"SELECT trim({own}), count(*) FROM raw WHERE {missing} GROUP BY 1 ORDER BY 2 DESC LIMIT {MOST_MARKS}"  # noqa: S608
    ).fetchall()
    cast = f"CAST({text} AS {SQL_TYPES[kind]})"
    return Outcome(kind, f"CASE WHEN {missing} THEN NULL ELSE {cast} END", marks={v: n for v, n in counts if v})


def _kept(own: str, wrong: int, kind: str, example: str) -> Outcome:
    return Outcome(
        "string", own, note=f"{wrong:,} values would not be kept as {kind} (“{example[:LONGEST_TOLD]}” …): kept as text"
    )


# ---- out


def _copy(
    database: Any, names: Sequence[str], outcomes: Sequence[Outcome], target: Path, about: Mapping[str, str]
) -> None:
    joins, columns = [], []
    for n, (name, outcome) in enumerate(zip(names, outcomes, strict=True), start=1):
        expression = outcome.expression
        if outcome.lookup is not None:
            _lookup(database, n, outcome, target.parent)
            joins.append(f"LEFT JOIN m{n} ON raw.c{n} = m{n}.said")
            expression = f"m{n}.meant"
        columns.append(f"{expression} AS {_identifier(name)}")
    told = "{" + ", ".join(f"{quoted(key)}: {quoted(value)}" for key, value in about.items()) + "}"
    order = " ORDER BY raw.rowid" if joins else ""  # a join may give its rows in any order
    query = f"SELECT {', '.join(columns)} FROM raw {' '.join(joins)}{order}"  # noqa: S608 - names are quoted
    database.execute(f"COPY ({query}) TO {quoted(str(target))} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {told})")


def _lookup(database: Any, number: int, outcome: Outcome, folder: Path) -> None:
    """The table ``m1``, ``m2``, … with what each text of a column means."""
    assert outcome.lookup is not None
    staged = folder / "values.csv"
    try:
        with staged.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(outcome.lookup.items())
        read = f"read_csv({quoted(str(staged))}, auto_detect=false, header=false, quote='\"', escape='\"', columns={{'said': 'VARCHAR', 'meant': 'VARCHAR'}})"
        database.execute(
            f"CREATE TABLE m{number} AS SELECT said, CAST(meant AS {outcome.sql_type}) AS meant FROM {read}"  # noqa: S608
        )
    finally:
        staged.unlink(missing_ok=True)


def _verify(database: Any, names: Sequence[str], outcomes: Sequence[Outcome], target: Path, rows: int) -> list[int]:
    """How many values each column of the written file has. Raises Unreadable when one was lost."""
    counts = ", ".join(f"count({_identifier(name)})" for name in names)
    found = database.execute(f"SELECT count(*), {counts} FROM read_parquet({quoted(str(target))})").fetchone()  # noqa: S608
    held = ", ".join(
        f"count({outcome.expression})"
        if outcome.lookup is None
        else f"count(*) FILTER (WHERE c{n} IN (SELECT said FROM m{n}))"  # noqa: S608
        for n, outcome in enumerate(outcomes, start=1)
    )
    meant = database.execute(f"SELECT count(*), {held} FROM raw").fetchone()  # noqa: S608
    if found != meant or found[0] != rows:
        raise Unreadable("not-converted", "what was written is not what was read")
    return [int(number) for number in found[1:]]


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

"""The exact profile of a large table, computed by DuckDB inside a worker (see :mod:`shirushi.describe.exact`).

DuckDB reads what the sample has told: delimiter, first row and the type of each column, so nothing is guessed twice. It may read
this one file and nothing else, loads no extension and has no network; text that is not UTF-8 reaches it through a pipe,
turned into UTF-8 on the way. Distinct values, quantiles and histograms are approximations, as in DuckDB's ``SUMMARIZE``
(HyperLogLog and t-digest); counts, minima and maxima are exact.
"""

import contextlib
import itertools
import math
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shirushi.describe.evidence import JSON
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.cells import MISSING, is_sentinel
from shirushi.describe.readers.columns import AGREE, BINS, FEWEST_BINNED, Column, profile_counted
from shirushi.describe.readers.scan import CHUNK, Transcoded
from shirushi.describe.readers.tabular import opened

if TYPE_CHECKING:
    import duckdb

MEMORY = "600MB"
THREADS = 4
LONGEST_LINE = 10_000_000
BUFFER = 32_000_000  # bytes read at once; else DuckDB takes sixteen times the longest line
MOST_VALUES = 100_000  # different values of one column that are looked at one by one
LONGEST_MARK = 24  # bytes: longer text is no mark of a missing value
_PERCENTS = 20  # parts of the whole whose limits are asked for; must be a multiple of 4

_TYPES = {"integer": "DOUBLE", "number": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP"}
_PLAIN_ENCODINGS = ("utf-8", "utf-8-sig", "ascii")


@dataclass(frozen=True, slots=True)
class Way:
    """How DuckDB reads delimited text. ``typed`` lets DuckDB convert while it reads, which fails on the first odd value; ``marks`` has it take marks of
    missing values for what they are, which means comparing every value with all of them; ``padded`` takes rows that are too short
    or too long, without parallel reading."""

    typed: bool
    marks: bool = False
    padded: bool = False


_QUICKEST = Way(typed=True)
_WAYS = (_QUICKEST, Way(typed=True, marks=True), Way(typed=False), Way(typed=False, padded=True))


class _Marked(Exception):
    """Among the numbers there are NaN, which DuckDB takes for one."""


def profile(path: str, name: str, size: int, table: Mapping[str, JSON], columns: Sequence[Mapping[str, JSON]]) -> JSON:
    """Profile all rows. ``table`` and ``columns`` are the values of sampled ``table`` and ``column`` evidence.

    Returns ``{"rows": n, "columns": {position: {type, count, missing, minimum?, maximum?, distinct?, ...}}}``; a column of which
    the exact numbers cannot be had is left out.

    Raises:
        Unreadable: DuckDB cannot read it as the table that was sampled.
    """
    import duckdb

    file = File(Path(path), name, size, "text/csv", "CSV")
    trouble = ""
    for way in _WAYS:
        if way == _QUICKEST and any(item.get("missing") for item in columns if item["type"] in _TYPES):
            continue  # what is missing is marked somehow
        try:
            return _profile(file, table, columns, way)
        except _Marked:
            continue
        except duckdb.Error as error:
            trouble = str(error).splitlines()[0][:300]
    raise Unreadable("not-counted", trouble)


def _profile(file: File, table: Mapping[str, JSON], columns: Sequence[Mapping[str, JSON]], way: Way) -> JSON:
    plain = [item for item in columns if item["type"] in (*_TYPES, "string") and not item.get("formatted")]
    listed = [item for item in columns if item not in plain]
    with source_of(file, table) as (source, packing):
        query = _query(source, packing, table, plain, way)
        with _database(source) as database:
            row = database.execute(query).fetchone()
    assert row is not None
    values = iter(row)
    rows = int(next(values))
    found = {item["position"]: _take(item, values, rows, way) for item in plain}
    if way == _QUICKEST and any(_is_nan(value.get("maximum")) for value in found.values()):
        raise _Marked
    odd = [item for item in plain if _is_odd(found[item["position"]])]
    for item in (*odd, *listed):
        exact = _one_by_one(file, table, item, way)
        if exact is None and item in listed:
            exact = _as_plain(file, table, item, way)
        found.pop(item["position"], None)
        if exact is not None:
            found[item["position"]] = exact
    return {"rows": rows, "columns": {str(position): value for position, value in sorted(found.items())}}


# ---- DuckDB, fenced in


@contextmanager
def _database(source: str) -> "Iterator[duckdb.DuckDBPyConnection]":
    import duckdb

    settings: dict[str, Any] = {
        "threads": min(THREADS, os.cpu_count() or 1),
        "memory_limit": MEMORY,
        "temp_directory": "",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
    }
    with contextlib.closing(duckdb.connect(":memory:", config=settings)) as connection:
        connection.execute(f"SET allowed_paths = [{quoted(source)}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


@contextmanager
def source_of(file: File, table: Mapping[str, JSON]) -> Iterator[tuple[str, str]]:
    """The path that DuckDB reads, and how it is compressed: the file itself, or a pipe into which its text is written as UTF-8."""
    packing = table.get("packing", "")
    if table["encoding"] in _PLAIN_ENCODINGS and packing in ("", "gz"):
        yield str(file.path), "gzip" if packing else "none"
        return
    with tempfile.TemporaryDirectory() as folder:
        pipe = Path(folder) / "table.csv"
        os.mkfifo(pipe)
        writer = threading.Thread(target=_pour, args=(file, packing, table["encoding"], pipe), daemon=True)
        writer.start()
        try:
            yield str(pipe), "none"
        finally:
            # A writer that nobody reads from waits for ever: open the other end until it has come, and let go.
            while writer.is_alive():
                end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
                writer.join(0.02)
                os.close(end)
                writer.join(0.02)


def _pour(file: File, packing: str, encoding: str, pipe: Path) -> None:
    buffer = bytearray(CHUNK)
    # The reader may have left, and what is packed may end too early: fewer rows arrive, which their number then tells.
    with (
        contextlib.suppress(OSError, EOFError),
        pipe.open("wb", buffering=0) as target,
        contextlib.closing(opened(file, packing)[0]) as stream,
    ):
        source = Transcoded(stream, encoding)
        while count := source.readinto(memoryview(buffer)):
            view = memoryview(buffer)[:count]
            while view:
                view = view[target.write(view) :]


# ---- the query


def _query(
    source: str, packing: str, table: Mapping[str, JSON], columns: Sequence[Mapping[str, JSON]], way: Way
) -> str:
    wanted = ["count(*)"]
    for item in columns:
        wanted += _aggregates(item, way)
    return f"SELECT {', '.join(wanted)} FROM {reading(source, packing, table, columns, way)}"  # noqa: S608 - names are numbers


def reading(
    source: str, packing: str, table: Mapping[str, JSON], columns: Sequence[Mapping[str, JSON]], way: Way
) -> str:
    types = {item["position"]: _TYPES.get(item["type"], "VARCHAR") for item in columns} if way.typed else {}
    width = max([int(table["columns"]), *(int(item["position"]) for item in columns)])
    options = {
        "auto_detect": "false",
        "header": "false",
        "delim": quoted(table["delimiter"]),
        "quote": quoted('"' if table.get("quoted", True) else ""),
        "escape": quoted('"' if table.get("quoted", True) else ""),
        "skip": str(int(table["first_row"]) - 1),
        "columns": "{" + ", ".join(f"'c{n}': '{types.get(n, 'VARCHAR')}'" for n in range(1, width + 1)) + "}",
        "compression": quoted(packing),
        "max_line_size": str(LONGEST_LINE),
        "buffer_size": str(BUFFER),
        "nullstr": f"[{', '.join(map(quoted, _marks()))}]" if way.marks else "['']",
    }
    if way.padded:
        options |= {"null_padding": "true", "strict_mode": "false", "parallel": "false"}
    return f"read_csv({quoted(source)}, {', '.join(f'{key} = {value}' for key, value in options.items())})"


def _marks() -> list[str]:
    """Marks of missing values as people write them."""
    return sorted(
        {form for mark in MISSING for form in (mark, mark.upper(), mark.capitalize(), mark.title())} | {"NaN"}
    )


def _aggregates(item: Mapping[str, JSON], way: Way) -> list[str]:
    column, kind = f"c{int(item['position'])}", item["type"]
    missing = f"count(*) FILTER (WHERE {column} IS NULL OR ({is_mark(column)}))"
    if kind == "string":
        return [missing, f"approx_count_distinct({column})"]
    value = column
    if way.typed:
        wanted = [f"count(*) - count({column})", "0"]
    else:
        value = f"TRY_CAST(trim({column}) AS {_TYPES[kind]})"
        wanted = [missing, f"count({column}) - count({value})"]
    wanted += [f"min({value})", f"max({value})", f"approx_count_distinct({value})"]
    if kind in ("integer", "number"):
        shares = ", ".join(f"{i / _PERCENTS:g}" for i in range(1, _PERCENTS))
        wanted.append(f"approx_quantile({value}, [{shares}])")
    if kind == "integer":
        wanted.append(f"count(*) FILTER (WHERE {value} != trunc({value}))")
    return wanted


def is_mark(column: str) -> str:
    """Whether a text is a mark of a missing value, blanks around it and capitals aside. To change every text first takes as long
    as all the rest, so that those that cannot be one are put aside before: CASE, unlike AND, looks no further at them."""
    marks = ", ".join(map(quoted, sorted(MISSING)))
    starts = ", ".join(
        str(ord(letter)) for letter in sorted({" "}.union(*({mark[0], mark[0].upper()} for mark in MISSING if mark)))
    )
    bare = f"strlen({column}) <= {max(len(mark.encode()) for mark in MISSING)}"
    blanks = f"strlen({column}) <= {LONGEST_MARK} AND ({column} < '!' OR ends_with({column}, ' '))"
    return (
        f"CASE WHEN unicode({column}) IN ({starts}) THEN CASE WHEN {bare} OR ({blanks})"
        f" THEN lower(trim({column})) IN ({marks}) ELSE false END ELSE false END"
    )


def _take(item: Mapping[str, JSON], values: Iterator[Any], rows: int, way: Way) -> dict[str, JSON]:
    """The numbers of one column, in the order in which :func:`_aggregates` asked for them."""
    kind, missing = item["type"], int(next(values))
    found: dict[str, JSON] = {"type": kind, "count": rows, "missing": missing}
    if kind == "string":
        return found | {"distinct": int(next(values)), "approximate": ["distinct"]}
    # What is neither missing nor of the column's type: remarks like "<0.1".
    others = max(0, int(next(values)) - (0 if way.typed else missing))
    low, high, distinct = next(values), next(values), int(next(values))
    quantiles = next(values) if kind in ("integer", "number") else None
    broken = int(next(values)) if kind == "integer" else 0
    found |= {"distinct": distinct, "approximate": ["distinct"]}
    if rows > missing and others > (1 - AGREE) * (rows - missing):
        return found | {"type": "string"}
    if kind == "integer" and broken:
        found["type"] = "number"
    if low is not None:
        found |= {"minimum": _plain(low), "maximum": _plain(high)}
    if quantiles and low is not None and math.isfinite(low) and math.isfinite(high):
        found["quantiles"] = [_plain(quantiles[_PERCENTS * i // 4 - 1]) for i in (1, 2, 3)]
        found["approximate"] = ["distinct", "quantiles"]
        if distinct >= FEWEST_BINNED and high > low:
            found["histogram"] = _bins(low, high, quantiles, rows - missing - others)
            found["approximate"].append("histogram")
    return found


def _plain(value: Any) -> JSON:
    """A number or an ISO date as the sample's profile writes it."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if hasattr(value, "hour"):
        return str(value.replace(microsecond=0, tzinfo=None).isoformat())
    return value.isoformat() if hasattr(value, "isoformat") else value


def _bins(low: float, high: float, percentiles: Sequence[float], count: int) -> list[int]:
    """How many of ``count`` values lie in each part of the range, from the percentiles with straight lines between them."""
    points = [low, *percentiles, high]
    width = (high - low) / BINS

    def below(place: float) -> float:
        for i in range(len(points) - 1):
            if place < points[i + 1]:
                step = points[i + 1] - points[i]
                return (i + ((place - points[i]) / step if step > 0 else 0.0)) / _PERCENTS
        return 1.0

    edges = [0.0, *(below(low + width * i) for i in range(1, BINS)), 1.0]
    return [round(count * (after - before)) for before, after in itertools.pairwise(edges)]


def _is_nan(value: JSON) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _is_odd(found: Mapping[str, JSON]) -> bool:
    """Whether the range tells of stand-ins for missing values (-999) or of infinite numbers: then every value counts."""
    low, high = found.get("minimum"), found.get("maximum")
    if (isinstance(low, float) and not math.isfinite(low)) or (isinstance(high, float) and not math.isfinite(high)):
        return True
    return isinstance(low, int | float) and is_sentinel(f"{low}")


def _one_by_one(file: File, table: Mapping[str, JSON], item: Mapping[str, JSON], way: Way) -> dict[str, JSON] | None:
    """The profile of a column from all its different values, read as the sample was; None when there are too many."""
    column = f"c{int(item['position'])}"
    texts = Way(typed=False, padded=way.padded)
    with source_of(file, table) as (source, packing), _database(source) as database:
        rows = reading(source, packing, table, [item], texts)
        query = f"SELECT {column}, count(*) FROM {rows} GROUP BY 1 LIMIT {MOST_VALUES + 1}"  # noqa: S608
        values = database.execute(query).fetchall()
    if len(values) > MOST_VALUES:
        return None
    counted: Counter[str] = Counter()
    for value, number in values:
        counted[value or ""] += number
    result = profile_counted(Column(item["name"], item["position"], ()), counted)
    kept = ("type", "count", "missing", "minimum", "maximum", "distinct", "histogram", "formatted")
    return {key: value for key, value in result.value(sampled=False).items() if key in kept} | {
        "distinct": result.distinct
    }


def _as_plain(file: File, table: Mapping[str, JSON], item: Mapping[str, JSON], way: Way) -> dict[str, JSON] | None:
    """The profile of a column of very many values that are not all written plainly, from those that are; None when these are not
    nearly all of it: what the others mean is not known here."""
    texts = Way(typed=False, padded=way.padded)
    with source_of(file, table) as (source, packing), _database(source) as database:
        row = database.execute(_query(source, packing, table, [item], texts)).fetchone()
    assert row is not None
    values = iter(row)
    found = _take(item, values, int(next(values)), texts)
    return None if found["type"] == "string" else {**found, "formatted": True}


def quoted(value: str) -> str:
    """A string of SQL."""
    return "'" + value.replace("'", "''") + "'"

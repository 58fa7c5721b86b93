"""A window of the rows of a Parquet file, read by DuckDB, which may read this one file and nothing else."""

import contextlib
from typing import Any

import duckdb

from shirushi.describe.evidence import JSON
from shirushi.describe.previews.tables import MOST_COLUMNS, shape
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.json_files import shown_cell

MEMORY = "200MB"


def preview_parquet(file: File, *, offset: int | None, limit: int) -> dict[str, JSON]:
    """``{"type": "table", ...}``: rows are counted from 1, and the columns' names are no row.

    Raises:
        Unreadable: DuckDB cannot read it.
    """
    start = max(1, offset or 1)
    settings: dict[str, Any] = {
        "threads": 1,
        "memory_limit": MEMORY,
        "temp_directory": "",
        "autoload_known_extensions": False,
    }
    place = "'" + str(file.path).replace("'", "''") + "'"
    try:
        with contextlib.closing(duckdb.connect(":memory:", config=settings)) as database:
            database.execute(f"SET allowed_paths = [{place}]")
            database.execute("SET enable_external_access = false")
            database.execute("SET lock_configuration = true")
            total = database.execute(f"SELECT count(*) FROM read_parquet({place})").fetchone()  # noqa: S608
            found = database.execute(
                f"SELECT * FROM read_parquet({place}) LIMIT {int(limit)} OFFSET {start - 1}"  # noqa: S608
            )
            names = [str(column[0]) for column in found.description or []][:MOST_COLUMNS]
            rows = [(n, [shown_cell(value) for value in row]) for n, row in enumerate(found.fetchall(), start)]
    except duckdb.Error as error:
        raise Unreadable("malformed", f"DuckDB: {str(error).splitlines()[0]}"[:300]) from error
    number = total[0] if total else None
    table = shape(names, rows, total=number, header_row=None, records=number)
    return table | {"highlight": {"row": None, "column": None}}

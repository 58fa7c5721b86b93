"""Parquet through DuckDB: schema, rows, key-value metadata, and the first rows of each column.

DuckDB runs in this worker's process with little memory, one thread, no extensions and no network.
"""

import json
from collections.abc import Iterator

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.columns import Column, Profile
from shirushi.describe.readers.json_files import shown_cell
from shirushi.describe.readers.rows import column_evidence

READER = "parquet/1"
MOST_COLUMNS = 1_000
MOST_CELLS = 200_000
MOST_METADATA = 100_000
_ASIDE = frozenset(("ARROW:schema", "pandas", "geo", "org.apache.spark.sql.parquet.row.metadata"))


@reads("application/vnd.apache.parquet")
def read_parquet(file: File) -> Iterator[Evidence]:
    """One table; every number from the footer is exact, profiles come from the first rows."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "300MB", "threads": 1, "autoinstall_known_extensions": False, "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }  # fmt: skip
    connection = duckdb.connect(":memory:", config=settings)
    try:
        yield from _read(file, connection)
    except duckdb.Error as error:
        raise Unreadable("malformed", f"Parquet: {str(error).splitlines()[0][:200]}") from error
    finally:
        connection.close()


def _read(file: File, connection: "duckdb.DuckDBPyConnection") -> Iterator[Evidence]:  # type: ignore[name-defined]  # noqa: F821
    path = str(file.path)
    rows = connection.execute("SELECT num_rows FROM parquet_file_metadata(?)", [path]).fetchone()[0]
    described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [path]).fetchall()[:MOST_COLUMNS]
    header = [str(row[0]) for row in described]
    most = max(50, MOST_CELLS // max(1, len(header)))
    first = connection.execute("SELECT * FROM read_parquet(?) LIMIT ?", [path, most]).fetchall()
    sampled = rows > len(first)
    shape = {
        "name": file.name.rpartition("/")[2],
        "rows": rows,
        "columns": len(header),
        "sampled": sampled,
        "header": header,
    }
    yield Evidence("table", shape, AttributePlace(file.name, "/", quote=", ".join(header)[:300]), READER)
    columns = [
        Column(name, position, [shown_cell(row[position - 1]) for row in first])
        for position, name in enumerate(header, start=1)
    ]
    types = {str(row[0]): _typed(str(row[1])) for row in described}

    def told(item: Profile) -> dict[str, JSON]:
        kind = types.get(item.column.name)
        return {"type": kind} if kind else {}

    yield from column_evidence(file.name, columns, lambda name: _place(file, name), READER, sampled=sampled, told=told)
    yield from _metadata(file, connection, path)


def _place(file: File, column: str) -> AttributePlace:
    return AttributePlace(file.name, f"/{column}", quote=column[:300])


def _typed(name: str) -> str | None:
    """DuckDB's type in the words of a Variable; None where its values tell better."""
    base = name.partition("(")[0].upper()
    if base in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"):
        return "integer"
    if base in ("FLOAT", "DOUBLE", "DECIMAL"):
        return "number"
    known = {"BOOLEAN": "boolean", "DATE": "date", "TIME": "time"}
    return known.get(base) or ("datetime" if base.startswith("TIMESTAMP") else None)


def _metadata(file: File, connection: "duckdb.DuckDBPyConnection", path: str) -> Iterator[Evidence]:  # type: ignore[name-defined]  # noqa: F821
    """Key-value metadata of the footer that people or programs wrote; descriptions of GeoParquet's extent."""
    for key, value in connection.execute("SELECT key, value FROM parquet_kv_metadata(?)", [path]).fetchall():
        name, text = (bytes(part).decode("utf-8", "replace") for part in (key, value))
        if len(text) > MOST_METADATA:
            continue
        place = AttributePlace(file.name, f"/@{name}", quote=text[:300])
        if name == "geo":
            yield from _geo(text, place)
        elif name not in _ASIDE and text.strip():
            yield Evidence("attribute", {"name": name, "value": text[:20_000], "owner": ""}, place, READER)


def _geo(text: str, place: AttributePlace) -> Iterator[Evidence]:
    """GeoParquet 1.1: bounding boxes of geometry columns in WGS 84 (no ``crs`` means OGC:CRS84)."""
    try:
        columns = json.loads(text)["columns"]
        for column in columns.values():
            box = column.get("bbox")
            code = ((column.get("crs") or {}).get("id") or {}).get("code") if "crs" in column else "CRS84"
            if isinstance(box, list) and len(box) in (4, 6) and str(code) in ("CRS84", "4326"):
                half = len(box) // 2
                value = {"west": box[0], "south": box[1], "east": box[half], "north": box[half + 1], "points": 2}
                if all(isinstance(v, int | float) for v in value.values()):
                    yield Evidence("coordinates", value, place, READER)
    except (ValueError, KeyError, AttributeError, TypeError):
        return

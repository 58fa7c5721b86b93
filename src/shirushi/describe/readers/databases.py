"""SQLite and GeoPackage: tables and their columns, read without writing a byte beside the file.

The database is opened read-only and immutable (so neither journals nor locks are made), without extensions, and every query is
stopped after a while. Sources: SQLite file format; OGC GeoPackage 1.3, tables ``gpkg_contents`` and ``gpkg_spatial_ref_sys``.
"""

import re
import sqlite3
import time
from collections.abc import Iterator
from urllib.parse import quote

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.projections import DEGREES
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.columns import Column, Profile
from shirushi.describe.readers.json_files import shown_cell
from shirushi.describe.readers.rows import column_evidence

READER = "sqlite/2"
MOST_TABLES = 50
MOST_COLUMNS = 300
MOST_ROWS = 2_000
SECONDS = 3.0  # of one query
_OURS = re.compile(r"sqlite_|gpkg_|rtree_|idx_|spatial_ref_sys|geometry_columns", re.IGNORECASE)


@reads("application/vnd.sqlite3", "application/geopackage+sqlite3")
def read_sqlite(file: File) -> Iterator[Evidence]:
    """Every table with its first rows; for a GeoPackage the extents it states too."""
    connection = sqlite3.connect(f"file:{quote(str(file.path))}?mode=ro&immutable=1", uri=True, isolation_level=None)
    try:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        yield from _contents(file, connection)
        names = [
            name for (name,) in _ask(connection, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        for name in [n for n in names if not _OURS.match(str(n))][:MOST_TABLES]:
            yield from _table(file, connection, name)
    except sqlite3.DatabaseError as error:
        raise Unreadable("malformed", f"SQLite: {error}") from error
    except UnicodeDecodeError as error:  # of a message that quotes a damaged name
        raise Unreadable("malformed", "SQLite: a name in the schema is damaged") from error
    finally:
        connection.close()


def _ask(connection: sqlite3.Connection, query: str, *values: object) -> list[tuple[object, ...]]:
    """At most MOST_ROWS rows; none when it takes too long."""
    until = time.monotonic() + SECONDS
    connection.set_progress_handler(lambda: int(time.monotonic() > until), 10_000)
    try:
        return connection.execute(query, values).fetchmany(MOST_ROWS)
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return []
        raise


def _name(name: object) -> str:
    return '"' + str(name).replace('"', '""') + '"'


def _table(file: File, connection: sqlite3.Connection, name: object) -> Iterator[Evidence]:
    table = str(name)
    declared = _ask(connection, f"PRAGMA table_info({_name(name)})")[:MOST_COLUMNS]
    header = [str(row[1]) for row in declared if not is_geometry(str(row[2]))]
    if not header:
        return
    counted = _ask(connection, f"SELECT count(*) FROM {_name(name)}")  # noqa: S608 - quoted; there is no other way to name it
    chosen = ", ".join(map(_name, header))
    rows = _ask(connection, f"SELECT {chosen} FROM {_name(name)} LIMIT {MOST_ROWS}")  # noqa: S608
    count = counted[0][0] if counted else None
    sampled = count is None or (isinstance(count, int) and count > len(rows))
    path = f"/{table}"
    shape = {"name": table, "sheet": table, "rows": count, "columns": len(header), "sampled": sampled, "header": header}
    yield Evidence("table", shape, AttributePlace(file.name, path, quote=table[:300]), READER)
    columns = [
        Column(title, position, [shown_cell(row[position - 1]) for row in rows])
        for position, title in enumerate(header, start=1)
    ]

    def place(column: str) -> AttributePlace:
        return AttributePlace(file.name, f"{path}/{column}", quote=column[:300])

    integers = {str(row[1]) for row in declared if "INT" in str(row[2]).upper()}  # the first rule of SQLite's affinity

    def told(seen: Profile) -> dict[str, JSON]:
        return {"declared": True} if seen.type == "integer" and seen.column.name in integers else {}

    yield from column_evidence(file.name, columns, place, READER, sampled=sampled, sheet=table, told=told)


_SHAPES = frozenset(
    ("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION")
)


def is_geometry(declared: str) -> bool:
    """Whether a column of this declared type holds shapes."""
    return "GEOM" in declared.upper() or declared.upper() in _SHAPES


def _contents(file: File, connection: sqlite3.Connection) -> Iterator[Evidence]:
    """What a GeoPackage says of its layers: titles, descriptions, extents."""
    if not _ask(connection, "SELECT 1 FROM sqlite_master WHERE name = 'gpkg_contents'"):
        return
    query = "SELECT table_name, identifier, description, min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents ORDER BY table_name"
    for table, title, description, west, south, east, north, system in _ask(connection, query)[:MOST_TABLES]:
        path = f"/gpkg_contents/{table}"
        for name, value in (("title", title), ("description", description)):
            if isinstance(value, str) and value.strip() and value != table:
                place = AttributePlace(file.name, f"{path}@{name}", quote=value[:300])
                yield Evidence("attribute", {"name": name, "value": value[:2_000], "owner": str(table)}, place, READER)
        corners = [west, south, east, north]
        if all(isinstance(corner, int | float) for corner in corners):
            place = AttributePlace(file.name, path, quote=", ".join(f"{c:g}" for c in corners)[:300])
            if system in DEGREES:
                box = {"west": west, "south": south, "east": east, "north": north, "points": 2}
                yield Evidence("coordinates", box, place, READER)
            else:
                value = {"name": "bounds", "value": corners, "owner": "", "crs": f"EPSG:{system}"}
                yield Evidence("attribute", value, place, READER)

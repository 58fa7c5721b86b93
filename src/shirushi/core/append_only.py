"""Database triggers that refuse to change or delete rows that are only ever added.

A test database that is emptied between tests (``transactional_db``) has to drop the ones on DELETE first; see the
root ``conftest.py``.
"""

from collections.abc import Sequence
from typing import Literal

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("core_decision", "core_event", "core_answer")
FIRST_TABLES = TABLES[:2]  # those that migrations before 0008 know
Operation = Literal["UPDATE", "DELETE"]
OPERATIONS: tuple[Operation, ...] = ("UPDATE", "DELETE")


def create_triggers(connection: BaseDatabaseWrapper, tables: Sequence[str] = TABLES) -> None:
    """Guard the tables. SQLite and PostgreSQL only."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION shirushi_append_only() RETURNS trigger AS $$ BEGIN "
                "RAISE EXCEPTION '% rows are only ever added', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
            )
        for table in tables:
            for operation in OPERATIONS:
                cursor.execute(_create(connection.vendor, table, operation))


def drop_triggers(
    connection: BaseDatabaseWrapper, operations: Sequence[Operation] = OPERATIONS, tables: Sequence[str] = TABLES
) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            for operation in operations:
                on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, operation)}{on_table}")


def _create(vendor: str, table: str, operation: Operation) -> str:
    name = _name(table, operation)
    if vendor == "postgresql":
        return (
            f"CREATE TRIGGER {name} BEFORE {operation} ON {table} FOR EACH ROW EXECUTE FUNCTION shirushi_append_only()"
        )
    return (
        f"CREATE TRIGGER {name} BEFORE {operation} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} rows are only ever added'); END"
    )


def _name(table: str, operation: Operation) -> str:
    return f"{table}_no_{operation.lower()}"

"""Text compared by code point in every database, as SQLite does: pages are cut by key, and a folder's files lie between ``a/`` and ``a0``.

PostgreSQL compares as its database was made to, by the rules of a language as a rule, which pass over punctuation at first. So
after every migration the columns of our tables that still do are told to use "C".
"""

from typing import Any

from django.apps import apps
from django.db import connections

_BY_LANGUAGE = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s)
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attcollation = 'pg_catalog."default"'::regcollation
ORDER BY 1, 2
"""


def compare_by_code_point(using: str = "default", **_: Any) -> None:
    """Set what is not set yet; cheap where nothing is. A receiver of ``post_migrate``."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]  # noqa: SLF001 - Django's own word
    with connection.cursor() as cursor:
        cursor.execute(_BY_LANGUAGE, [tables])
        columns: dict[str, list[str]] = {}
        for table, column, kind in cursor.fetchall():
            name = connection.ops.quote_name(column)
            columns.setdefault(table, []).append(f'ALTER COLUMN {name} TYPE {kind} COLLATE "C"')
        for table, changes in columns.items():
            cursor.execute(f"ALTER TABLE {connection.ops.quote_name(table)} {', '.join(changes)}")

"""All rows of one database put into another: a copy of PostgreSQL in a file of SQLite, and what such a file holds into PostgreSQL.

Both have the same tables, made by the same migrations; rows keep their keys and every value. So a copy of an installation has one
form, whatever its database is, and whoever began with SQLite goes on with PostgreSQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.models.sql import InsertQuery

from shirushi.accounts.models import User
from shirushi.core.models import Concept, Event

_AT_ONCE = 200  # rows, each of which may be a large document
_FILE = "file"  # the alias under which Django knows the file meanwhile


def write_file(path: Path) -> None:
    """Put every row, as they are at one moment, into a new file of SQLite, while others go on writing."""
    with _file(path) as file, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        _copy(connection, file)


@contextmanager
def reading_file(path: Path) -> Iterator[None]:
    """Put all rows of a file of SQLite, of this version or an earlier one, into the database, which holds nothing yet. They are kept
    when the context ends well, and not at all otherwise.

    Raises:
        FilledAlready: the database holds something.
    """
    with _file(path) as file, transaction.atomic():
        if User.objects.exists() or Concept.objects.exists() or Event.objects.exists():
            raise FilledAlready(connection.settings_dict["NAME"])
        tables = [connection.ops.quote_name(model._meta.db_table) for model in _models()]  # noqa: SLF001 - Django's own word
        with connection.cursor() as cursor:
            # what the migrations put there: kinds of content, permissions
            cursor.execute(f"TRUNCATE {', '.join(tables)}")
        _copy(file, connection)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
                cursor.execute(statement)
        yield


class FilledAlready(Exception):
    """The database, by name, is in use."""


@contextmanager
def _file(path: Path) -> Iterator[BaseDatabaseWrapper]:
    """The file as a database at this version's migrations."""
    from django.db.backends.sqlite3.base import DatabaseWrapper

    options = {**connection.settings_dict, "ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": {}}
    file = DatabaseWrapper(options, alias=_FILE)
    connections[_FILE] = file
    try:
        executor = MigrationExecutor(file)
        executor.migrate(executor.loader.graph.leaf_nodes())
        with transaction.atomic(using=_FILE):
            yield file
    finally:
        file.close()
        del connections[_FILE]


def _copy(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper) -> None:
    for model in _models():
        fields = model._meta.local_concrete_fields  # noqa: SLF001
        if target.alias == _FILE:  # what the migrations put there
            model._base_manager.using(target.alias)._raw_delete(target.alias)  # noqa: SLF001 - no rules, no signals
        some: list[models.Model] = []
        for row in model._base_manager.using(source.alias).order_by("pk").iterator(chunk_size=_AT_ONCE):  # noqa: SLF001
            some.append(row)
            if len(some) == _AT_ONCE:
                _insert(model, fields, some, target)
                some = []
        _insert(model, fields, some, target)


def _insert(model: type[models.Model], fields: Any, rows: list[models.Model], target: BaseDatabaseWrapper) -> None:
    """As they are: no field sets itself to the present moment."""
    at_once = max(1, target.ops.bulk_batch_size(fields, rows)) if rows else 1
    for start in range(0, len(rows), at_once):
        query = InsertQuery(model)
        query.insert_values(fields, rows[start : start + at_once], raw=True)
        query.get_compiler(using=target.alias).execute_sql()


def _models() -> list[type[models.Model]]:
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if not model._meta.proxy]  # noqa: SLF001

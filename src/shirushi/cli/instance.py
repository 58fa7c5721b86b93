"""Opening the installation: Django set up, database migrated, store and jobs recovered."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shirushi.cli import CommandError


def open_instance(*, even_if_old: bool = False) -> None:
    """Set up Django, bring the database to this version, and recover what a crash left half done.

    Raises:
        CommandError: when a setting is not understood, the folder in SHIRUSHI_HOME or the database in it cannot be used, or (unless
            ``even_if_old``) the database is older than the store.
    """
    set_up()
    with database_in_words():
        migrate()
        from shirushi.core.errors import DomainError
        from shirushi.core.setup import prepare

        try:
            prepare(even_if_old=even_if_old)
        except DomainError as error:
            raise CommandError(str(error)) from error


def set_up() -> None:
    """Set up Django without touching database or store; what this process and its children make from here on is nobody else's on
    this machine. A process that has set it up already, and for which this is one call among others, keeps its log and its umask.
    Raises CommandError for a setting that is not understood."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shirushi.web.settings")
    home()

    import django
    from django.apps import apps
    from django.core.exceptions import ImproperlyConfigured

    if apps.ready:
        return

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise CommandError(f"{error} The settings are explained in docs/reference/settings.md.") from error
    from django.conf import settings

    os.umask(settings.SHIRUSHI_UMASK)


@contextmanager
def database_in_words() -> Iterator[None]:
    """Say of a database that is damaged, full, locked or away what is wrong and what to do.

    Raises:
        CommandError: for such an error. One that a mistake in the program makes (a broken constraint) passes unchanged.
    """
    from django.db import DatabaseError, OperationalError, connection

    try:
        yield
    except DatabaseError as error:
        where = connection.settings_dict["NAME"]
        if connection.vendor != "sqlite" and isinstance(error, OperationalError):
            raise CommandError(
                f"The database {where} of SHIRUSHI_DATABASE cannot be used ({str(error).strip()}). See that the server runs, that the "
                "address is right, that the database is there (createdb) and that you may use it, then try again."
            ) from error
        if type(error) is DatabaseError:  # SQLite: not a database, malformed
            raise CommandError(
                f"{where}: the database is damaged ({error}). Stop everything that uses it, move it away together with its -wal "
                "and -shm files, put the copy from your backup in its place, then run: shirushi rebuild; and then: shirushi check"
            ) from error
        if isinstance(error, OperationalError):
            raise CommandError(
                f"{where}: the database cannot be used ({error}). See that the disk has space, that you may write there and "
                "that nothing else holds it, then try again."
            ) from error
        raise


def home_path() -> Path:
    """Where this installation keeps its data: SHIRUSHI_HOME, which ``make`` sets, else ``$XDG_DATA_HOME/shirushi`` (XDG Base
    Directory Specification 0.8). It need not be there yet."""
    usual = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "shirushi"
    return Path(os.environ.setdefault("SHIRUSHI_HOME", str(usual)))


def home() -> Path:
    """:func:`home_path`, made when it is not there.

    Raises:
        CommandError: when the folder cannot be used.
    """
    folder = home_path()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(
            f"{folder}: cannot be used ({error.strerror}). Set SHIRUSHI_HOME to a folder you may write to."
        ) from error
    return folder


def migrate() -> None:
    """Apply migrations that are missing, one process at a time. Looking costs milliseconds; the command itself, half a second."""
    from django.core.management import call_command

    from shirushi.core.home import locked

    if migrations_missing():
        with locked("migrate"):
            if migrations_missing():
                call_command("migrate", verbosity=0, interactive=False)


def migrations_missing() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

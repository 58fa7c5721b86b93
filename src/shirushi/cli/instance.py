"""Opening the installation: Django set up, database migrated, store and jobs recovered."""

import os
from pathlib import Path

from shirushi.cli import CommandError


def open_instance() -> None:
    """Set up Django, bring the database to this version, and recover what a crash left half done.

    Raises:
        CommandError: when the folder in SHIRUSHI_HOME cannot be used.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shirushi.web.settings")
    home()

    import django

    django.setup()
    migrate()
    from shirushi.core.setup import prepare

    prepare()


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
        folder.mkdir(parents=True, exist_ok=True)
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

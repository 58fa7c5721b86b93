"""The database of an installation that a test makes: SQLite in its home folder, or with scripts/postgres.py one of its own there."""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

POSTGRES = os.environ.get("TEST_POSTGRES", "")


def environment(home: Path | str) -> dict[str, str]:
    """What the environment of a process must say so that it uses the database of a home; makes it when it is not there."""
    if not POSTGRES:
        return {}
    import psycopg

    name = name_of(home)
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(f'CREATE DATABASE "{name}"')
    return {"SHIRUSHI_DATABASE": address(name)}


def address(name: str) -> str:
    """The address of another database of the same server."""
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(POSTGRES)
    return f"postgresql:///{name}?host={parts['host']}&user={parts['user']}"


def forget(home: Path) -> None:
    """As if the installation of this home had never had a database."""
    for file in home.glob("shirushi.sqlite3*"):
        file.unlink()
    if POSTGRES:
        run(f'DROP DATABASE IF EXISTS "{name_of(home)}" WITH (FORCE)')


def copy(home: Path, to: Path) -> None:
    """Give ``to`` a database that holds what that of ``home`` does, where it is no file in the folder. Who used it has ended."""
    if not POSTGRES:
        return
    forget(to)
    import psycopg

    until = time.monotonic() + 30
    while True:
        try:
            run(f'CREATE DATABASE "{name_of(to)}" TEMPLATE "{name_of(home)}"')
        except psycopg.errors.ObjectInUse:  # the server has not noticed yet that a process is gone
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def copy_home(home: Path, to: Path) -> Path:
    """Make ``to`` an installation that holds what ``home`` does, with a database of its own. Returns ``to``."""
    shutil.copytree(home, to, dirs_exist_ok=True)
    copy(home, to)
    return to


def run(statement: str) -> None:
    """On the server, outside every transaction."""
    import psycopg

    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(statement)


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    """What the database of a home answers to somebody who looks at it from outside."""
    if POSTGRES:
        import psycopg

        with psycopg.connect(address(name_of(home))) as database:
            return database.execute(query).fetchall()
    with contextlib.closing(sqlite3.connect(home / "shirushi.sqlite3")) as database:
        return database.execute(query).fetchall()


def name_of(home: Path | str) -> str:
    """What the database of a home is called on the server."""
    return "home_" + hashlib.sha256(str(home).encode()).hexdigest()[:16]

"""Fixtures for every test: where the reference material is, and that nothing reaches the network."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from shirushi.core.tests import databases
from shirushi.storage.tests.gateway import Gateway

# Where it is set (images of containers do), each of the processes that tests start would compile a thousand modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long one example takes depends on what else the machine does; what must be quick is measured by itself.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

SHARED = Path(__file__).resolve().parent.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ``shared`` beside the checkout: schemas, benchmark cases, reference facts. Skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("SKIPPED LOUDLY: ../shared (reference schemas and cases) is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Lets tests that commit empty the tables afterwards: a real database refuses to delete decisions and events."""
    from django.db import connection, connections

    from shirushi.core.append_only import drop_triggers

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        drop_triggers(connection, operations=("DELETE",))
    if connection.vendor == "postgresql":
        _keep_open_in_a_transaction(type(connections["default"]))


def _keep_open_in_a_transaction(kind: Any) -> None:
    """What ends a request or a job closes connections that are not in their usual state, such as one in a test's own transaction. One
    to SQLite in memory is never closed."""
    close = kind.close_if_unusable_or_obsolete
    kind.close_if_unusable_or_obsolete = lambda self: None if self.in_atomic_block else close(self)


@pytest.fixture(scope="session")
def foundation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an installation just made, for tests that start processes to copy (databases.copy_home): making the tables takes
    three times as long as what such a process does otherwise. It is not to be changed."""
    home = tmp_path_factory.mktemp("foundation")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUSHI_", "DJANGO_"))}
    environment = {**kept, **databases.environment(home), "SHIRUSHI_HOME": str(home)}
    command = [sys.executable, "-c", "from shirushi.cli.instance import open_instance; open_instance()"]
    subprocess.run(command, env=environment, check=True)  # noqa: S603 - our own
    return home


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A real S3 server, with the environment that leads to it. Skips where it is not built."""
    server = Gateway(tmp_path_factory.mktemp("s3"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield server
    server.kill()


# The files that take longest, dearest first: with ``--dist loadfile`` a process that began one of them late would be waited for.
LONGEST = (
    "tests/browser/test_main_job.py",
    "tests/test_cli.py",
    "src/shirushi/core/tests/test_kill.py",
    "src/shirushi/core/tests/test_recovery.py",
    "tests/test_uploads.py",
    "src/shirushi/storage/tests/test_s3_crash.py",
    "tests/test_rest.py",
    "tests/test_upgrade.py",
    "tests/browser/test_search_and_record.py",
    "tests/browser/test_background.py",
    "tests/browser/test_access.py",
    "tests/browser/test_large_files.py",
    "tests/browser/test_previews.py",
    "tests/browser/test_methods.py",
    "src/shirushi/core/tests/test_backup.py",
    "src/shirushi/exchange/tests/test_ro_crate.py",
    "src/shirushi/describe/tests/test_forms_fill.py",
    "src/shirushi/systems/repository/tests/test_oai.py",
    "src/shirushi/core/tests/test_counting.py",
    "src/shirushi/core/tests/test_rebuilding.py",
    "src/shirushi/describe/tests/test_many.py",
    "src/shirushi/describe/tests/test_many_ray.py",
    "src/shirushi/describe/tests/test_exact.py",
    "src/shirushi/systems/repository/tests/test_api_fuzz.py",
    "src/shirushi/core/tests/test_scrub.py",
    "src/shirushi/describe/tests/test_hostile.py",
    "src/shirushi/storage/tests/test_ocfl.py",
    "tests/test_stopping.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is named for its clients runs in ``make clients`` without being told twice; the longest files come first."""
    rank = {Path(__file__).parent / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
    for item in items:
        if item.path.name.endswith("_clients.py"):
            item.add_marker("clients")

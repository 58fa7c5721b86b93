"""What people are told when the database is away, busy or full, or cannot keep a value."""

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from psycopg import errors

from shirushi.core.database import in_kernel_words


def caused(error: Exception, cause: Exception | None) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (caused(OperationalError("connection refused"), errors.OperationalError()), 503, "database-away"),
        (caused(OperationalError("the server is ending"), errors.AdminShutdown()), 503, "database-away"),
        (caused(InterfaceError("the connection is closed"), errors.InterfaceError()), 503, "database-away"),
        (caused(OperationalError("deadlock detected"), errors.DeadlockDetected()), 503, "busy"),
        (caused(OperationalError("no space left on device"), errors.DiskFull()), 507, "store-full"),
        (caused(DataError("value too long"), errors.StringDataRightTruncation()), 422, "not-kept"),
        (OperationalError("database is locked"), 503, "busy"),
        (OperationalError("database or disk is full"), 507, "store-full"),
    ],
)
def test_fault_of_the_database_is_told_with_what_to_do(error, status, code) -> None:
    told = in_kernel_words(error)
    assert told is not None
    assert (told.status, told.code) == (status, code)


@pytest.mark.parametrize("error", [IntegrityError("UNIQUE constraint failed"), OperationalError("no such table: x")])
def test_mistake_of_the_program_is_not_made_pretty(error) -> None:
    assert in_kernel_words(error) is None

"""How long to wait for a store on another machine: while somebody waits for an answer, a few seconds; else through its restart."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_hurried = ContextVar("is_hurried", default=False)


@contextmanager
def hurried() -> Iterator[None]:
    """Within it, and in this thread, a store that does not answer is given up within five seconds (StoreUnreachable)."""
    before = _is_hurried.set(True)
    try:
        yield
    finally:
        _is_hurried.reset(before)


def is_hurried() -> bool:
    return _is_hurried.get()

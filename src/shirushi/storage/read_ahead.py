"""Small files of another machine, fetched some at a time before their turn comes: each would otherwise cost a turn there and back."""

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

from shirushi.storage.zipping import Entry

THREADS, AHEAD = 8, 32  # so many requests at once; so many files that are there before they are sent
SMALL = 256 * 1024  # bytes: larger ones are opened when their turn comes, and never held


def read_ahead(entries: Iterable[Entry], opened: Callable[[Entry], BinaryIO]) -> Iterator[tuple[Entry, BinaryIO]]:
    """Each entry with its open file, in order. At most ``AHEAD * SMALL`` bytes are held. Raises what ``opened`` raises, in its turn."""

    def whole(entry: Entry) -> BinaryIO:
        with opened(entry) as file:
            return io.BytesIO(file.read())

    waiting: deque[tuple[Entry, Future[BinaryIO] | None]] = deque()
    with ThreadPoolExecutor(THREADS, "read-ahead") as pool:
        try:
            for entry in entries:
                waiting.append((entry, pool.submit(whole, entry) if entry.size <= SMALL else None))
                if len(waiting) > AHEAD:
                    yield _next(waiting, opened)
            while waiting:
                yield _next(waiting, opened)
        finally:
            for _, coming in waiting:
                if coming is not None:
                    coming.cancel()


def _next(
    waiting: "deque[tuple[Entry, Future[BinaryIO] | None]]", opened: Callable[[Entry], BinaryIO]
) -> tuple[Entry, BinaryIO]:
    entry, coming = waiting.popleft()
    return entry, opened(entry) if coming is None else coming.result()

"""Looks into files for pages, through one pool of isolated workers for the whole process."""

import threading
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest

from shirushi.describe.isolate import Failure, Limits, Pool

LIMITS = Limits(seconds=10)
_lock = threading.Lock()


@cache
def _pool() -> Pool:
    return Pool(processes=1, limits=LIMITS)


def preview(file: Path, *, media_type: str, place: Any = None, page: int | None = None) -> dict[str, Any]:
    """What ``describe.preview`` shows of a file; ``{"type": "none", "reason": …}`` where it cannot.

    ``place`` is a place as JSON, opened and marked. One look at a time: a page waits for the one before.
    """
    from shirushi.describe import preview as engine

    with _lock:
        try:
            return dict(engine.preview(file, media_type=media_type, place=place, page=page, pool=_pool()))
        except Failure as failure:
            return {"type": "none", "reason": failure.message}


def page_number(request: HttpRequest) -> int | None:
    """The page asked for with ``?page=``; None for anything that is not a page number."""
    wanted = request.GET.get("page", "")
    return int(wanted) if wanted.isascii() and wanted.isdigit() and 0 < len(wanted) < 7 else None

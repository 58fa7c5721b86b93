"""Lists of files that may be a hundred thousand long: narrowed by name, and turned from one path to the next, so that the last page
costs what the first one does."""

import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest

_LAST = "\U0010ffff"  # no path goes on with it: it is no character


@dataclass(frozen=True, slots=True)
class Turned:
    """One page of files by path. ``after`` leads to the next page, ``before`` to the one before; None where there is none."""

    total: int
    items: list[Any]
    after: str | None
    before: str | None


def narrowed(files: QuerySet[Any], *, part: str = "", prefix: str = "") -> QuerySet[Any]:
    """The files whose path holds ``part`` (whatever its case), and begins with ``prefix``."""
    part, prefix = _asked(part.strip()), _asked(prefix)
    if prefix and connection.vendor == "sqlite":  # its LIKE knows no case and uses no index
        files = files.filter(path__gte=prefix, path__lt=prefix + _LAST)
    elif prefix:
        files = files.filter(path__startswith=prefix)
    return files.filter(path__icontains=part) if part else files


def turned(files: QuerySet[Any], *, limit: int, after: str = "", before: str = "") -> Turned:
    """The first ``limit`` files behind ``after``, or the last ones ahead of ``before``. Two queries, whatever the place; three when
    something lies ahead."""
    total, after, before = files.order_by().count(), _asked(after), _asked(before)
    if before and not after:
        found = list(files.filter(path__lt=before).order_by("-path")[: limit + 1])
        items, more = found[:limit][::-1], len(found) > limit
        if not items:
            return turned(files, limit=limit)
        return Turned(total, items, items[-1].path, items[0].path if more else None)
    found = list((files.filter(path__gt=after) if after else files).order_by("path")[: limit + 1])
    items, more = found[:limit], len(found) > limit
    is_first = not after or not items or not files.filter(path__lt=items[0].path).exists()
    return Turned(total, items, items[-1].path if more else None, None if is_first else items[0].path)


def _asked(text: str) -> str:
    """As paths are kept (core/paths.py): in NFC, and without what no database compares."""
    return unicodedata.normalize("NFC", text).replace("\0", "")


def next_page(request: HttpRequest, page: Turned, limit: int) -> str | None:
    """The address of the page that follows."""
    if page.after is None:
        return None
    kept = [
        (key, value) for key, each in request.GET.lists() for value in each if key not in {"offset", "after", "limit"}
    ]
    return f"{request.path}?{urlencode([*kept, ('after', page.after), ('limit', limit)])}"

"""Opening a file at the very place where something was seen, for a viewer: always in an isolated worker, always bounded.

:func:`preview` returns plain JSON with a ``type``:

* ``text``: ``lines`` [{number, text, length?}], ``start``, ``total_lines`` | None, ``highlight`` [first, last] | None,
  ``columns`` [from, to] | None in the first and last highlighted line, ``encoding``, ``from``? (characters left out at the left)
* ``table``: ``sheet``, ``sheets``, ``header``, ``header_row``, ``rows`` [{number, cells}], ``total_rows`` | None, ``highlight`` {row, column}
* ``attributes``: ``items`` [{path, value}], ``highlight`` path | None
* ``page``: ``page``, ``pages``, ``png`` (base64), ``width``, ``height``, ``box`` [left, top, right, bottom] as shares | None
* ``image``: ``png``, ``width``, ``height``, ``attributes`` [{path, value}], ``highlight``
* ``none``: ``reason``, a code of :mod:`shirushi.describe.problems` or ``not-reached``, ``nothing-to-show``; ``detail``?
"""

import atexit
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from shirushi.describe.evidence import (
    JSON,
    AttributePlace,
    CellPlace,
    LinePlace,
    PagePlace,
    Place,
    place_from_json,
    to_json,
)
from shirushi.describe.isolate import Failure, Limits, Pool
from shirushi.describe.readers.base import File, Unreadable

Preview = dict[str, JSON]
LIMIT = 200  # lines or rows
_MOST = 2_000
_CONTEXT = 40  # lines shown before the highlighted one
_MOST_LOCATED = 5_000_000  # bytes of a JSON or YAML file in which a pointer is looked for
_LIMITS = Limits(seconds=20)

PARQUET = "application/vnd.apache.parquet"
_TABLES = {
    "text/csv",
    "text/tab-separated-values",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroEnabled.12",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
}
_TEXT = {"application/json", "application/jsonl", "application/xml", "application/yaml", "application/toml", "application/sql",
    "application/x-tex", "application/x-citation-cff", "application/x-git-authors", "application/x-research-info-systems",
    "application/x-subrip", "image/svg+xml"}  # fmt: skip


def preview(
    path: str | Path,
    *,
    media_type: str,
    place: Place | Mapping[str, JSON] | None = None,
    page: int | None = None,
    sheet: str | None = None,
    offset: int | None = None,
    limit: int = LIMIT,
    pool: Pool | None = None,
) -> Preview:
    """Show a file, at ``place`` when it is given, else from line, row or page ``offset`` / ``page`` (1-based) on.

    Never raises for what the file holds: what cannot be shown is ``{"type": "none", "reason": ...}``.
    """
    arguments = {
        "path": str(path),
        "media_type": media_type,
        "place": dict(place) if isinstance(place, Mapping) else to_json(place) if place is not None else None,
        "page": page,
        "sheet": sheet,
        "offset": offset,
        "limit": max(1, min(limit, _MOST)),
    }
    try:
        return cast("Preview", (pool or _shared()).call(f"{__name__}:render", **arguments))
    except Failure as failure:
        return {"type": "none", "reason": failure.code, "detail": failure.message}


_pool: tuple[int, Pool] | None = None
_pool_lock = threading.Lock()


def _shared() -> Pool:
    """One small pool for each process, started when it is first needed; a forked process starts its own."""
    global _pool
    with _pool_lock:
        if _pool is None or _pool[0] != os.getpid():
            pool = Pool(1, limits=_LIMITS)
            pool.__enter__()
            atexit.register(pool.__exit__, None, None, None)
            _pool = (os.getpid(), pool)
        return _pool[1]


def render(
    path: str,
    media_type: str,
    place: dict[str, JSON] | None,
    page: int | None,
    sheet: str | None,
    offset: int | None,
    limit: int,
) -> Preview:
    """The preview itself; called in a worker.

    Raises:
        Unreadable: the file is damaged, locked or too large to be shown.
        OSError: it is not there.
    """
    from shirushi.describe.previews.media import preview_attributes, preview_image, preview_page
    from shirushi.describe.previews.tables import preview_table
    from shirushi.describe.readers.registry import readers_for

    file = File(Path(path), Path(path).name, Path(path).stat().st_size, media_type, "")
    where = place_from_json(place) if place is not None else None
    if media_type == "application/pdf" and not (isinstance(where, AttributePlace)):
        number = where.page if isinstance(where, PagePlace) else page or offset or 1
        return preview_page(file, page=number, box=where.box if isinstance(where, PagePlace) else None)
    if media_type in _TABLES and not isinstance(where, LinePlace):
        cell = where if isinstance(where, CellPlace) else CellPlace("", 0)
        return preview_table(
            file, row=cell.row, column=cell.column or None, sheet=cell.sheet or sheet, offset=offset, limit=limit
        )
    if media_type == PARQUET and not isinstance(where, AttributePlace):
        from shirushi.describe.previews.parquet import preview_parquet

        return preview_parquet(file, offset=offset, limit=limit)
    if is_text(file):
        return _text(file, where, offset, limit)
    highlight = where.path if isinstance(where, AttributePlace) else None
    if media_type.startswith("image/"):
        return preview_image(file, highlight=highlight, readers=readers_for(media_type))
    return preview_attributes(file, readers_for(media_type), highlight=highlight)


def is_text(file: File) -> bool:
    """Whether lines are the way to show it."""
    kind = file.media_type
    if kind in _TEXT or kind.startswith(("text/", "chemical/")) or kind.endswith(("+json", "+xml")):
        return True
    return kind in ("application/octet-stream", "") and b"\0" not in file.head(8_192)


def _text(file: File, where: Place | None, offset: int | None, limit: int) -> Preview:
    from shirushi.describe.previews.text import preview_text

    highlight, columns = None, None
    if isinstance(where, LinePlace):
        highlight = (where.start, where.end)
        if where.column is not None and where.end_column is not None:
            columns = (where.column, where.end_column)
    elif where is not None and (line := _line_of(file, where)):
        highlight = (line, line)
    start = offset or (max(1, highlight[0] - _CONTEXT) if highlight else 1)
    return preview_text(file.path, start=start, limit=limit, highlight=highlight, columns=columns)


def _line_of(file: File, where: Place) -> int | None:
    """The line of a named value: known, or found by its pointer in a JSON or YAML file of moderate size."""
    from shirushi.describe.readers import positions
    from shirushi.describe.text import decode

    if isinstance(where, CellPlace):
        return where.row
    if not isinstance(where, AttributePlace):
        return None
    if where.line or not where.path.startswith("/") or file.size > _MOST_LOCATED:
        return where.line
    text = decode(file.head(_MOST_LOCATED)).text
    try:
        read = positions.read_json if text.lstrip()[:1] in ("{", "[") else positions.read_yaml
        return read(text).spot(where.path.rstrip("/")).line
    except Unreadable:
        return None

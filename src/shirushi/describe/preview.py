"""Opening a file to look at it, or at the very place where something was seen: always in an isolated worker, always bounded.

:func:`preview` returns plain JSON with a ``type``:

* ``text``: ``lines`` [{number, text, length?}], ``start``, ``total_lines`` | None, ``highlight`` [first, last] | None,
  ``columns`` [from, to] | None in the first and last highlighted line, ``encoding``, ``from``? (characters left out at the left);
  from a ``byte`` on: ``bytes`` [start, end, size], and lines without numbers
* ``table``: ``sheet``, ``sheets``, ``header``, ``header_row``, ``rows`` [{number, cells}], ``aside`` [number of a row that is no data],
  ``total_rows`` | None (with the header, of delimited text its lines), ``records`` | None (rows of data, where they were counted),
  ``highlight`` {row, column}
* ``attributes``: ``items`` [{path, value}], ``highlight`` path | None
* ``page``: ``page``, ``pages``, ``words``, ``box`` [left, top, right, bottom] as shares | None, and a picture
* ``image``: ``page``, ``pages`` (frames), ``full`` [width, height], ``stretched`` [black, white] | None, ``attributes`` [{path, value}],
  ``highlight``, and a picture
* ``none``: ``reason``, a code of :mod:`shirushi.describe.problems` or ``not-reached``, ``nothing-to-show``; ``detail``?

``attributes`` and ``image`` have ``problems`` [{code, detail}] where the readers found the file damaged; so have ``tree``, ``map``, ``media``.

A picture is ``picture`` (base64), ``picture_type`` (PNG or JPEG), ``width``, ``height``. With ``full``, where no place is asked for, also:

* ``table`` with ``profile`` [{name, position, type, unit?, label?, missing, count, distinct?, minimum?, maximum?, histogram?,
  values? [[text, count]], counted?, first?, sampled}]: on the first page only; ``first`` rows were looked at. ``uncounted``: how many
  rows are no data (empty, units, totals, notes); ``uncalculated``: how many cells of the sheet hold formulas without a result
* ``writing``: ``nodes`` as in :mod:`shirushi.describe.previews.nodes`, ``whole``, ``encoding``
* ``notebook``: ``cells``, ``start``, ``total``, ``language``; see :mod:`shirushi.describe.previews.notebooks`
* ``tree``: ``groups``, and ``chosen`` with the values of one array; see :mod:`shirushi.describe.previews.arrays`
* ``map``: ``frame``, ``shapes`` or a picture, ``header``, ``rows``; see :mod:`shirushi.describe.previews.maps`
* ``members``: ``members`` [{name, size, packed, when, link, encrypted, leads_out}], ``start``, ``total`` | None, ``unpacked`` | None
* ``media``: ``kind`` audio | video, ``items``, ``wave`` | None

and, where the full view failed and something simpler is shown, ``trouble`` {code, detail}. Packages add views of their own
(:mod:`shirushi.describe.previews.registry`).
"""

import atexit
import os
import threading
from collections.abc import Mapping, Sequence
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
_WORKERS = 2  # so that one file that takes long does not keep all others waiting
# Of a damaged archive nothing else can be shown either.
_NOTHING_ELSE = frozenset(("application/zip", "application/x-tar"))
_HOPELESS = frozenset(("empty-file", "timeout", "crash", "out-of-memory", "vanished", "unreadable", "stopped"))

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
    full: bool = False,
    byte: int | None = None,
    variable: str | None = None,
    at: Sequence[int] = (),
    beside: Mapping[str, Path] | None = None,
    name: str = "",
    pool: Pool | None = None,
) -> Preview:
    """Show a file, at ``place`` when it is given, else from line, row or page ``offset`` / ``page`` (1-based) on, or lines from
    a ``byte`` on. ``full`` asks for the view that its sort of file deserves, of the array ``variable`` at indexes ``at`` of its
    leading dimensions; ``beside`` are files of the same name by their endings. ``name`` is what the file is called, where it lies
    under another name.

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
        "byte": byte,
        "name": name,
    }
    more = {"variable": variable, "at": list(at), "beside": {end: str(one) for end, one in (beside or {}).items()}}
    pool = pool or _shared()
    trouble: Failure | None = None
    if full and place is None:
        try:
            shown = pool.call(f"{__name__}:render_full", **arguments, **more)
        except Failure as failure:
            trouble = failure
        else:
            if shown is not None:
                return cast("Preview", shown)
    if trouble is not None and (trouble.code in _HOPELESS or media_type in _NOTHING_ELSE):
        return {"type": "none", "reason": trouble.code, "detail": trouble.message}
    try:
        plain = cast("Preview", pool.call(f"{__name__}:render", **arguments))
    except Failure as failure:
        return {"type": "none", "reason": failure.code, "detail": failure.message}
    if trouble is not None and plain["type"] == "none":
        return {"type": "none", "reason": trouble.code, "detail": trouble.message}
    return plain | {"trouble": {"code": trouble.code, "detail": trouble.message}} if trouble is not None else plain


def enlarged(path: str | Path, *, media_type: str, page: int | None = None, pool: Pool | None = None) -> Preview:
    """A large picture of an image or a page: ``picture``, ``picture_type``, ``width``, ``height``.

    Raises:
        Failure: there is none.
    """
    wanted = {"path": str(path), "media_type": media_type, "page": page}
    return cast("Preview", (pool or _shared()).call("shirushi.describe.previews.media:enlarge", **wanted))


_pool: tuple[int, Pool] | None = None
_pool_lock = threading.Lock()


def _shared() -> Pool:
    """One small pool for each process, started when it is first needed; a forked process starts its own."""
    global _pool
    with _pool_lock:
        if _pool is None or _pool[0] != os.getpid():
            pool = Pool(_WORKERS, limits=_LIMITS)
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
    byte: int | None = None,
    name: str = "",
) -> Preview:
    """The plain preview; called in a worker.

    Raises:
        Unreadable: the file is empty, damaged, locked or too large to be shown.
        OSError: it is not there.
    """
    from shirushi.describe.previews.media import preview_attributes, preview_image, preview_page
    from shirushi.describe.previews.tables import preview_table
    from shirushi.describe.readers.registry import readers_for

    file = _opened(path, media_type, name)
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
        return _text(file, where, offset, limit, byte)
    highlight = where.path if isinstance(where, AttributePlace) else None
    if media_type.startswith("image/"):
        return preview_image(file, highlight=highlight, readers=readers_for(media_type), frame=page or 1)
    return preview_attributes(file, readers_for(media_type), highlight=highlight)


def render_full(
    path: str,
    media_type: str,
    place: dict[str, JSON] | None,
    page: int | None,
    sheet: str | None,
    offset: int | None,
    limit: int,
    byte: int | None,
    variable: str | None,
    at: list[int],
    beside: dict[str, str],
    name: str = "",
) -> Preview | None:
    """The view that this sort of file deserves, or None; called in a worker. Raises as :func:`render`."""
    from shirushi.describe.previews.registry import Wanted, previews_for

    if byte is not None:
        return None
    file = _opened(path, media_type, name)
    wanted = Wanted(page, sheet, offset, limit, variable, at, {end: Path(one) for end, one in beside.items()})
    for show in previews_for(media_type):
        if (shown := show(file, wanted)) is not None:
            return shown
    return None


def _opened(path: str, media_type: str, name: str) -> File:
    """Raises Unreadable: ``empty-file``."""
    file = File(Path(path), name or Path(path).name, Path(path).stat().st_size, media_type, "")
    if not file.size:
        raise Unreadable("empty-file", "")
    return file


def is_text(file: File) -> bool:
    """Whether lines are the way to show it."""
    kind = file.media_type
    if kind in _TEXT or kind.startswith(("text/", "chemical/")) or kind.endswith(("+json", "+xml")):
        return True
    return kind in ("application/octet-stream", "") and b"\0" not in file.head(8_192)


def _text(file: File, where: Place | None, offset: int | None, limit: int, byte: int | None) -> Preview:
    from shirushi.describe.previews.text import preview_bytes, preview_text

    if byte is not None and where is None:
        return preview_bytes(file.path, byte=byte, limit=limit)
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

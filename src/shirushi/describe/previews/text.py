"""A window of lines, found by scanning blocks for line ends: a file of gigabytes is neither decoded nor held.

Line ends are ``\\n``, ``\\r\\n`` and ``\\r``, as for the readers, so that numbers agree.
"""

import re
import time
from itertools import islice
from pathlib import Path

from shirushi.describe.evidence import JSON
from shirushi.describe.text import decode

BLOCK = 1 << 20
MAX_LINE = 2_000  # characters of a line that are shown
SCAN_SECONDS = 8.0
COUNTED = 64_000_000  # bytes up to which all lines are counted
_DETECT = 2_000_000  # as much as the readers look at to tell the encoding
_MOST_WINDOW = 4_000_000
_BYTES_SHOWN = 100_000  # of a page that begins at a byte
_END_SHOWN = 16_000  # of the last one
_WIDE = ("utf-16", "utf-32")
_MOST_WIDE = 20_000_000
_END = re.compile(rb"\r\n|\n|\r")


def preview_text(
    path: Path,
    *,
    start: int = 1,
    limit: int = 200,
    highlight: tuple[int, int] | None = None,
    columns: tuple[int, int] | None = None,
) -> dict[str, JSON]:
    """Lines ``start`` to ``start + limit - 1`` (1-based) as ``{"type": "text", ...}``.

    A line longer than ``MAX_LINE`` is cut around the highlighted columns; ``from`` then says how many characters were left
    out before, and ``columns`` count in what is shown. ``total_lines`` is None when not all of the file was scanned.
    """
    with path.open("rb") as stream:
        encoding = decode(stream.read(_DETECT), truncated=bool(stream.read(1))).encoding
    if encoding.startswith(_WIDE):
        lines, total = _wide_lines(path, encoding)
        window = lines[start - 1 : start - 1 + limit]
    else:
        offset, total = _find(path, start)
        if offset is None:
            return {"type": "none", "reason": "not-reached"}
        window = _window(path, offset, limit, encoding)
    shift = _shift(columns)
    shown = [{"number": start + i, "text": line[shift : shift + MAX_LINE]} for i, line in enumerate(window)]
    for entry, line in zip(shown, window, strict=True):
        if len(line) > MAX_LINE:
            entry["length"] = len(line)
    result: dict[str, JSON] = {
        "type": "text",
        "lines": shown,
        "start": start,
        "total_lines": total,
        "highlight": list(highlight) if highlight else None,
        "columns": [columns[0] - shift, columns[1] - shift] if columns else None,
        "encoding": encoding,
    }
    return result | ({"from": shift} if shift else {})


def preview_bytes(path: Path, *, byte: int, limit: int) -> dict[str, JSON]:
    """Lines from the first that begins at ``byte`` or after it, those at the end for a negative one; their numbers are not known, so they have none. ``bytes`` says where
    they begin and end, and the size of the file. Only this window is read, however large the file is."""
    size = path.stat().st_size
    start = max(0, min(byte, size - 1) if byte >= 0 else size - _END_SHOWN)
    with path.open("rb") as stream:
        encoding = decode(stream.read(_DETECT), truncated=bool(stream.read(1))).encoding
        if encoding.startswith(_WIDE):  # where a line ends cannot be told from the middle
            return {"type": "none", "reason": "not-reached"}
        stream.seek(max(0, start - 1))
        before = stream.read(1) if start else b"\n"
        data = stream.read(_BYTES_SHOWN)
    if before not in b"\r\n" and (end := _END.search(data)):  # in the middle of a line: begin with the next
        data, start = data[end.end() :], start + end.end()
    lines, taken = [], 0
    for end in islice(_END.finditer(data), limit):
        lines.append(data[taken : end.start()])
        taken = end.end()
    if len(lines) < limit and taken < len(data) and (start + len(data) >= size or not lines):
        lines.append(data[taken:])  # the last line, or a piece of one that has no end in sight
        taken = len(data)
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    texts = [line.decode(name, "replace").removeprefix("\ufeff") for line in lines]
    return {
        "type": "text",
        "lines": [
            {"number": None, "text": text[:MAX_LINE]} | ({"length": len(text)} if len(text) > MAX_LINE else {})
            for text in texts
        ],
        "start": None,
        "total_lines": None,
        "highlight": None,
        "columns": None,
        "encoding": encoding,
        "bytes": [start, min(start + taken, size), size],
    }


def _shift(columns: tuple[int, int] | None) -> int:
    """How many characters to leave out at the left so that the columns are seen."""
    return max(0, columns[0] - MAX_LINE // 4) if columns and columns[1] > MAX_LINE else 0


def _wide_lines(path: Path, encoding: str) -> tuple[list[str], int | None]:
    """Line ends of UTF-16 and UTF-32 cannot be told byte by byte; such a file is decoded up to a bound."""
    with path.open("rb") as stream:
        data = stream.read(_MOST_WIDE)
    lines = decode(data, truncated=True).text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines, len(lines) if len(data) < _MOST_WIDE else None


def _find(path: Path, start: int) -> tuple[int | None, int | None]:
    """The byte at which line ``start`` begins (None when it was not reached in time), and the number of lines if known."""
    deadline = time.monotonic() + SCAN_SECONDS
    size = path.stat().st_size
    found = 0 if start == 1 else None
    lines, position, last = 1, 0, b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            while block.endswith(b"\r") and (more := stream.read(1)):  # a pair is not parted by the block's edge
                block += more
            ends = block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")
            if found is None and lines + ends >= start:
                found = position + _nth_end(block, start - lines)
            lines, position, last = lines + ends, position + len(block), block[-1:]
            if time.monotonic() > deadline or (found is not None and size > COUNTED):
                return found, None
    if last in (b"\n", b"\r"):
        lines -= 1  # what ends with a line end has no line behind it
    return found, max(lines, 1)


def _nth_end(block: bytes, number: int) -> int:
    """Where the ``number``-th line end of a block stops."""
    ends = _END.finditer(block)
    stop = 0
    for _ in range(number):
        stop = next(ends).end()
    return stop


def _window(path: Path, offset: int, limit: int, encoding: str) -> list[str]:
    """``limit`` lines from a byte on, as long as they fit into the bound."""
    with path.open("rb") as stream:
        stream.seek(offset)
        data = stream.read(_MOST_WINDOW)
        whole = not stream.read(1)
    text = data.decode("utf-8" if encoding == "utf-8-sig" else encoding, "replace")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if whole and len(lines) > 1 and not lines[-1]:
        lines.pop()
    return lines[:limit]

"""Jupyter notebooks: cells with what they printed. Nothing in them is run; of HTML only text and tables are kept.

Source: nbformat 4.5 (JSON schema); version 3 with its worksheets.
"""

import base64
import binascii
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import Image

from shirushi.describe.evidence import JSON
from shirushi.describe.previews import media, nodes
from shirushi.describe.previews.registry import Shape, Wanted
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.text import decode

MOST_BYTES = 40_000_000
CELLS = 40  # on one page
MOST_TEXT = 20_000  # characters of a cell or an output
MOST_OUTPUTS = 30  # of a cell
MOST_PICTURES = 12_000_000  # bytes of a page
PICTURE = 1_000  # pixels of the longer side
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def show_notebook(file: File, wanted: Wanted) -> Shape | None:
    """``{"type": "notebook", "cells", "start", "total", "language"}``, ``CELLS`` cells from ``offset`` (1-based) on.

    Raises:
        Unreadable: it is too large, or no notebook.
    """
    if file.size > MOST_BYTES:
        raise Unreadable("too-large", f"a notebook of more than {MOST_BYTES:,} bytes is shown as text")
    try:
        book = json.loads(decode(file.head(MOST_BYTES)).text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("malformed", f"the notebook is not JSON: {error}"[:300]) from error
    cells = _cells(book)
    if cells is None:
        raise Unreadable("malformed", "the notebook has no cells")
    start = min(max(1, wanted.offset or 1), max(1, len(cells)))
    room = _Room()
    return {
        "type": "notebook",
        "cells": [_cell(cell, room) for cell in cells[start - 1 : start - 1 + CELLS]],
        "start": start,
        "total": len(cells),
        "language": _language(book),
    }


class _Room:
    """Bytes of pictures that still fit on the page."""

    def __init__(self) -> None:
        self.left = MOST_PICTURES


def _cells(book: JSON) -> list[Mapping[str, JSON]] | None:
    if not isinstance(book, dict):
        return None
    cells = book.get("cells")
    if cells is None and isinstance(book.get("worksheets"), list):
        cells = [c for s in book["worksheets"] if isinstance(s, dict) for c in s.get("cells") or []]
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else None


def _language(book: Mapping[str, Any]) -> str:
    told = book.get("metadata")
    told = told if isinstance(told, dict) else {}
    for key, name in (("language_info", "name"), ("kernelspec", "language"), ("kernelspec", "name")):
        part = told.get(key)
        if isinstance(part, dict) and isinstance(part.get(name), str):
            return str(part[name])[:40]
    return ""


def _cell(cell: Mapping[str, JSON], room: _Room) -> dict[str, JSON]:
    kind = cell.get("cell_type")
    text = _text(cell.get("source", cell.get("input")))
    if kind in ("markdown", "heading"):
        found, whole = nodes.of_markdown(text[:MOST_TEXT] if kind == "markdown" else "# " + text[:300])
        return {"kind": "markdown", "nodes": found, "whole": whole and len(text) <= MOST_TEXT}
    shown: dict[str, JSON] = {
        "kind": "code" if kind == "code" else "raw",
        "text": text[:MOST_TEXT],
        "whole": len(text) <= MOST_TEXT,
    }
    if kind == "code":
        count = cell.get("execution_count", cell.get("prompt_number"))
        outputs = cell.get("outputs")
        outputs = [item for item in outputs if isinstance(item, dict)] if isinstance(outputs, list) else []
        shown["count"] = count if isinstance(count, int) and not isinstance(count, bool) else None
        shown["outputs"] = [item for output in outputs[:MOST_OUTPUTS] for item in _output(output, room)]
        shown["outputs_left_out"] = max(0, len(outputs) - MOST_OUTPUTS)
    return shown


def _text(value: JSON) -> str:
    """Text that may be written as a list of lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _output(output: Mapping[str, JSON], room: _Room) -> Iterator[dict[str, JSON]]:
    match output.get("output_type"):
        case "stream":
            yield _said(_text(output.get("text")), error=output.get("name", output.get("stream")) == "stderr")
        case "error" | "pyerr":
            trace = output.get("traceback")
            lines = "\n".join(line for line in trace if isinstance(line, str)) if isinstance(trace, list) else ""
            yield _said(lines or f"{output.get('ename')}: {output.get('evalue')}", error=True)
        case _:
            data = output.get("data")
            yield from _rich(data if isinstance(data, dict) else output, room)


def _rich(data: Mapping[str, JSON], room: _Room) -> Iterator[dict[str, JSON]]:
    """The one form of a result that tells the most and can be shown safely."""
    for kind in ("image/png", "image/jpeg", "png", "jpeg"):
        if kind in data:
            picture = _picture(_text(data[kind]), _text(data.get("text/plain")), room)
            yield picture or {"kind": "left-out", "what": kind}
            return
    if written := _text(data.get("text/html", data.get("html"))):
        found, whole = nodes.of_html(written[: 5 * MOST_TEXT])
        if "".join(nodes.words(found)).strip():
            yield {"kind": "writing", "nodes": found, "whole": whole and len(written) <= 5 * MOST_TEXT}
            return
    if written := _text(data.get("text/markdown")):
        found, whole = nodes.of_markdown(written[:MOST_TEXT])
        yield {"kind": "writing", "nodes": found, "whole": whole and len(written) <= MOST_TEXT}
        return
    for kind in ("text/plain", "text", "text/latex", "latex"):
        if text := _text(data.get(kind)):
            yield _said(text)
            return
    if kinds := [str(key)[:60] for key in data if "/" in str(key)]:
        yield {"kind": "left-out", "what": kinds[0]}


def _said(text: str, *, error: bool = False) -> dict[str, JSON]:
    text = _ANSI.sub("", text).rstrip("\n")
    return {"kind": "text", "text": text[:MOST_TEXT], "whole": len(text) <= MOST_TEXT, "error": error}


def _picture(encoded: str, words: str, room: _Room) -> dict[str, JSON] | None:
    """The picture, unpacked and packed again."""
    try:
        packed = base64.b64decode(encoded, validate=False)
        with Image.open(io.BytesIO(packed), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > media.MOST_PIXELS:
                return None
            picture = opened.convert("RGBA" if "A" in opened.getbands() or opened.mode == "P" else "RGB")
        picture.thumbnail((PICTURE, PICTURE))
        shown = media.packed(picture)
    except (OSError, ValueError, SyntaxError, binascii.Error, Image.DecompressionBombError):
        return None
    room.left -= len(str(shown["picture"]))
    return {"kind": "picture", **shown, "alt": words[:300]} if room.left > 0 else None

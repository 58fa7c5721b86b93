"""JSON in pieces, for documents that name any number of files: the same bytes as ``json.dumps(…, ensure_ascii=False, indent=2)``,
without the whole of them in memory."""

import json
from collections.abc import Callable, Iterable, Iterator
from json.encoder import encode_basestring  # what json.dumps itself calls
from typing import Any

from shirushi.metadata.published import FileEntry

Files = Callable[[], Iterable[FileEntry]]  # may be called several times, and gives the same files each time

SIZE = 256 * 1024  # characters of a piece, or little more
_STEP = "  "


class Each:
    """An array in a document whose items are made as they are written. One that turns out empty is left out, as ``compact`` does it."""

    def __init__(self, items: Callable[[], Iterable[Any]]) -> None:
        self.items = items


def to_pieces(document: dict[str, Any]) -> Iterator[bytes]:
    """The document, an object whose values or items may be :class:`Each`."""
    return gathered(_parts(document, "\n"))


def gathered(parts: Iterable[str]) -> Iterator[bytes]:
    """Small texts as pieces of about :data:`SIZE`, in UTF-8."""
    held: list[str] = []
    length = 0
    for part in parts:
        held.append(part)
        length += len(part)
        if length >= SIZE:
            yield "".join(held).encode()
            held, length = [], 0
    if held:
        yield "".join(held).encode()


def _parts(value: Any, margin: str) -> Iterator[str]:
    """``margin`` is the line break with the indentation that the value's closing bracket stands at."""
    if not isinstance(value, dict) or Each not in map(type, value.values()):
        yield _text(value, margin)
        return
    inner = margin + _STEP
    before = "{" + inner
    for key, item in value.items():
        head = f"{before}{encode_basestring(key)}: "
        if not isinstance(item, Each):
            yield head + _text(item, inner)
        else:
            deeper, opening = inner + _STEP, f"{head}[{inner}{_STEP}"
            is_empty = True
            for one in item.items():
                yield opening
                yield from _parts(one, deeper)
                opening, is_empty = f",{deeper}", False
            if is_empty:
                continue
            yield f"{inner}]"
        before = "," + inner
    yield "{}" if before[0] == "{" else margin + "}"


def _text(value: Any, margin: str) -> str:
    if isinstance(value, str):
        return str(encode_basestring(value))
    if not value or not isinstance(value, dict | list | tuple):
        return json.dumps(value)
    inner = margin + _STEP
    if isinstance(value, dict):  # texts, which most are, are written here: a call for each would take longest
        held = [
            f"{encode_basestring(key)}: {encode_basestring(item) if type(item) is str else _text(item, inner)}"
            for key, item in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(held)}{margin}}}"
    return f"[{inner}{f',{inner}'.join([_text(item, inner) for item in value])}{margin}]"

"""JSON and YAML read together with the line on which each value stands, so that a viewer opens the very place.

Pointers are JSON Pointers (RFC 6901), for YAML too. ``quote`` is what the file itself says there, escapes and all, at most
the rest of its first line.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from shirushi.describe.evidence import JSON
from shirushi.describe.readers.base import Unreadable

MOST_NODES = 200_000
DEEPEST = 200
MAX_QUOTE = 300
_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS: Mapping[str, JSON] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": None,
    "Infinity": None,
    "-Infinity": None,
}
_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Spot:
    """``line`` is 1-based; ``quote`` as the file spells it."""

    line: int
    quote: str


@dataclass(slots=True)
class Located:
    """A document and where each of its values stands, by pointer ('' is the whole)."""

    data: JSON
    spots: dict[str, Spot] = field(default_factory=dict)

    def spot(self, pointer: str) -> Spot:
        """The spot of a value, or of the nearest thing around it."""
        while pointer and pointer not in self.spots:
            pointer = pointer.rpartition("/")[0]
        return self.spots.get(pointer, Spot(1, ""))


def escape(name: object) -> str:
    """A name as a part of a pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")


def at(data: JSON, pointer: str) -> JSON:
    """What stands at a pointer, or None."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, dict):
            data = data.get(name)
        elif isinstance(data, list):
            data = data[int(name)] if name.isdigit() and int(name) < len(data) else None
        else:
            return None
    return data


def read_json(text: str) -> Located:
    """A JSON text. Raises Unreadable ``malformed`` or ``too-large``."""
    return _Json(text).read()


class _Json:
    """One pass over the text; recursion is bounded by ``DEEPEST``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found = Located(None)
        self._starts = [0, *(m.end() for m in re.finditer(r"\r\n|\n|\r", text))]
        self._strings = json.JSONDecoder(strict=False)

    def read(self) -> Located:
        start = self._skip(1 if self._text.startswith("\ufeff") else 0)
        self._found.data, end = self._value(start, "", 0)
        if self._skip(end) != len(self._text):
            raise self._wrong(end)
        return self._found

    def _value(self, start: int, pointer: str, depth: int) -> tuple[JSON, int]:
        if depth > DEEPEST:
            raise Unreadable("too-deep", f"more than {DEEPEST} levels")
        if len(self._found.spots) >= MOST_NODES:
            raise Unreadable("too-large", f"more than {MOST_NODES:,} values")
        opening = self._text[start : start + 1]
        self._found.spots[pointer] = Spot(0, "")  # takes its place in the order; filled below
        if opening == "{":
            value, end = self._object(start, pointer, depth)
        elif opening == "[":
            value, end = self._list(start, pointer, depth)
        else:
            value, end = self._scalar(start)
        raw = self._text[start + 1 : end - 1] if opening == '"' else self._text[start:end].splitlines()[0]
        self._found.spots[pointer] = Spot(bisect_right(self._starts, start), raw[:MAX_QUOTE])
        return value, end

    def _object(self, start: int, pointer: str, depth: int) -> tuple[JSON, int]:
        found: dict[str, JSON] = {}
        here = self._skip(start + 1)
        while self._text[here : here + 1] != "}":
            if self._text[here : here + 1] != '"':
                raise self._wrong(here)
            name, here = self._scalar(here)
            here = self._skip(here)
            if self._text[here : here + 1] != ":":
                raise self._wrong(here)
            found[name], here = self._value(self._skip(here + 1), f"{pointer}/{escape(name)}", depth + 1)
            here = self._next(here, "}")
        return found, here + 1

    def _list(self, start: int, pointer: str, depth: int) -> tuple[JSON, int]:
        found: list[JSON] = []
        here = self._skip(start + 1)
        while self._text[here : here + 1] != "]":
            value, here = self._value(here, f"{pointer}/{len(found)}", depth + 1)
            found.append(value)
            here = self._next(here, "]")
        return found, here + 1

    def _next(self, here: int, closing: str) -> int:
        """Past the comma, or at the closing bracket."""
        here = self._skip(here)
        mark = self._text[here : here + 1]
        if mark == ",":
            return self._skip(here + 1)
        if mark != closing:
            raise self._wrong(here)
        return here

    def _scalar(self, start: int) -> tuple[JSON, int]:
        if self._text[start : start + 1] == '"':
            try:
                return self._strings.raw_decode(self._text, start)
            except json.JSONDecodeError:
                raise self._wrong(start) from None
        if number := _NUMBER.match(self._text, start):
            text = number[0]
            if number[1] or number[2] or len(text) > 18:
                return float(text), number.end()
            return int(text), number.end()
        for word, value in _WORDS.items():
            if self._text.startswith(word, start):
                return value, start + len(word)
        raise self._wrong(start)

    def _skip(self, start: int) -> int:
        match = _SPACE.match(self._text, start)
        return match.end() if match else start

    def _wrong(self, here: int) -> Unreadable:
        return Unreadable("malformed", f"not JSON: line {bisect_right(self._starts, here)}")


def read_yaml(text: str) -> Located:
    """A YAML text: its first document, with plain values only (dates stay text). Aliases count each time they are used, so
    that a document that unfolds without end is refused.

    Raises:
        Unreadable: ``malformed``, ``too-large`` or ``too-deep``.
    """
    try:
        node = yaml.compose(text, Loader=_YAML_LOADER)
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable("malformed", f"not YAML: {' '.join(str(error).split())}"[:300]) from error
    found = Located(None)
    if node is not None:
        found.data = _yaml_value(node, "", 0, found, text)
    return found


def _yaml_value(node: Any, pointer: str, depth: int, found: Located, text: str) -> JSON:
    if depth > DEEPEST:
        raise Unreadable("too-deep", f"more than {DEEPEST} levels")
    if len(found.spots) >= MOST_NODES:
        raise Unreadable("too-large", f"more than {MOST_NODES:,} values")
    found.spots[pointer] = _yaml_spot(node, text)
    if isinstance(node, yaml.MappingNode):
        pairs = _pairs(node, depth)
        return {key: _yaml_value(value, f"{pointer}/{escape(key)}", depth + 1, found, text) for key, value in pairs}
    if isinstance(node, yaml.SequenceNode):
        return [_yaml_value(item, f"{pointer}/{i}", depth + 1, found, text) for i, item in enumerate(node.value)]
    return _yaml_scalar(node)


def _pairs(node: Any, depth: int) -> Iterator[tuple[str, Any]]:
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            yield str(key.value), value


def _yaml_spot(node: Any, text: str) -> Spot:
    """Block scalars (``|``, ``>``) start on the line below their mark."""
    raw = text[node.start_mark.index : node.end_mark.index]
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        lines = raw.splitlines()[1:]
        filled = next((i for i, part in enumerate(lines) if part.strip()), None)
        if filled is not None:
            return Spot(line + 1 + filled, lines[filled].strip()[:MAX_QUOTE])
    first = raw.splitlines()[0].strip() if raw.strip() else ""
    if isinstance(node, yaml.ScalarNode) and node.style in ("'", '"'):
        first = first[1:].removesuffix(node.style)
    return Spot(line, first[:MAX_QUOTE])


def _yaml_scalar(node: Any) -> JSON:
    value, kind = str(node.value), str(node.tag).rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return value.lower() in ("yes", "true", "on")
    if kind == "int" and re.fullmatch(r"[+-]?(?:0|[1-9]\d{0,17})", value):
        return int(value)
    if kind == "float" and re.fullmatch(r"[+-]?\d{1,15}\.\d{1,15}", value) and str(float(value)) == value:
        return float(value)  # one that a float would spell otherwise stays text: it may be a version
    return value

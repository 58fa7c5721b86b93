"""Avro data files: the fields of the schema in the head, with what it says of them. Records are not read.

Source: Apache Avro 1.11 specification, "Object Container Files" and "Schema Declaration".
"""

import json
from collections.abc import Iterator
from pathlib import PurePosixPath

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts

READER = "avro/1"
MOST_HEAD = 1_000_000  # bytes
MOST_FIELDS = 1_000
MOST_ENTRIES = 1_000
_DEPTH = 4
_TYPES = {"int": "integer", "long": "integer", "float": "number", "double": "number", "boolean": "boolean"}
_LOGICAL = {"date": "date", "decimal": "number", "time-millis": "time", "time-micros": "time"}


@reads("application/avro")
def read_avro(file: File) -> Iterator[Evidence]:
    """A table of the schema's fields, those of records inside joined by a point; its documentation.

    Raises:
        Unreadable: its head cannot be read.
    """
    facts = Facts(file, READER)
    head = _metadata(file.head(MOST_HEAD))
    try:
        schema = json.loads(head.get("avro.schema", b""))
    except (ValueError, RecursionError) as error:
        raise Unreadable("malformed", "Avro: its schema is not JSON") from error
    if not isinstance(schema, dict) or not isinstance(schema.get("fields"), list):
        return
    fields = list(_fields(schema["fields"], "", 0))[:MOST_FIELDS]
    names = [name for name, _, _ in fields]
    name = str(schema.get("name") or PurePosixPath(file.name).stem)[:300]
    shape = {"name": name, "rows": None, "columns": len(names), "sampled": True, "header": names}
    yield Evidence("table", shape, facts.place("/", ", ".join(names)), READER)
    for position, (path, kind, field) in enumerate(fields, start=1):
        value = {
            "name": path, "position": position, "type": kind, "description": _text(field.get("doc")), "missing": 0, "count": 0,
            "sampled": True, "examples": [],
        }  # fmt: skip
        kept = {key: item for key, item in value.items() if item is not None}
        yield Evidence("column", kept, facts.place(f"/{path}", _text(field.get("doc")) or path), READER)
    yield from facts.attribute("description", _text(schema.get("doc")), path="/@doc")


def _text(value: JSON) -> str | None:
    return " ".join(value.split())[:4_000] if isinstance(value, str) and value.strip() else None


def _metadata(data: bytes) -> dict[str, bytes]:
    """The map in the head: blocks of pairs, each block begun by how many it holds (negative: its size in bytes follows)."""
    found: dict[str, bytes] = {}
    at = 4
    try:
        while (count := (read := _long(data, at))[0]) != 0:
            at = read[1]
            if count < 0:
                count, at = -count, _long(data, at)[1]
            if count > MOST_ENTRIES or len(found) > MOST_ENTRIES:
                raise Unreadable("malformed", "Avro: a head of too many entries")
            for _ in range(count):
                key, at = _bytes(data, at)
                value, at = _bytes(data, at)
                found[key.decode("utf-8", "replace")] = value
    except IndexError as error:
        raise Unreadable("truncated", "Avro: it ends within its head") from error
    return found


def _long(data: bytes, at: int) -> tuple[int, int]:
    """A zig-zag number of seven bits a byte, and the offset behind it."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at
        if shift > 63:
            raise Unreadable("malformed", "Avro: a number that is too long")


def _bytes(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = _long(data, at)
    if length < 0:
        raise Unreadable("malformed", "Avro: a length below zero")
    if at + length > len(data):
        raise IndexError
    return data[at : at + length], at + length


def _fields(fields: list[JSON], above: str, depth: int) -> Iterator[tuple[str, str, dict[str, JSON]]]:
    """(dotted name, type, field) of every field."""
    for field in fields[:MOST_FIELDS]:
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            continue
        path = f"{above}.{field['name']}" if above else field["name"]
        kind = _present(field.get("type"))
        if isinstance(kind, dict) and isinstance(kind.get("fields"), list) and depth < _DEPTH:
            yield from _fields(kind["fields"], path[:300], depth + 1)
        else:
            yield path[:300], _type(kind), field


def _present(kind: JSON) -> JSON:
    """The type of a value that is there: ``["null", "int"]`` means that it may be missing."""
    if isinstance(kind, list):
        kinds = [item for item in kind if item != "null"]
        return kinds[0] if len(kinds) == 1 else "union"
    return kind


def _type(kind: JSON) -> str:
    if isinstance(kind, dict):
        logical = str(kind.get("logicalType", ""))
        if "timestamp" in logical:
            return "datetime"
        return _LOGICAL.get(logical) or _type(kind.get("type"))
    return _TYPES.get(kind, "string") if isinstance(kind, str) else "string"

"""Between JSON and what stands in inputs: everything in a form is text, and text must come back as what it was.

``Answers`` is a tree of dicts and lists with text at its leaves, shaped like the JSON it stands for. Typed text that is
not (yet) a value stays what it is, so that a form can be shown again with nothing lost.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from shirushi.forms.definition import Schema

Answers = Any  # str | list["Answers"] | dict[str, "Answers"]


def kind_of(schema: Schema) -> str:
    """What the schema asks for: object, array, boolean, integer, number, string, mixed (text or number) or json (an
    object whose parts nobody has described)."""
    if "anyOf" in schema:
        return "mixed" if {branch.get("type") for branch in schema["anyOf"]} == {"number", "string"} else "json"
    kind = schema.get("type")
    if kind == "object" and not schema.get("properties"):
        return "json"
    return str(kind) if kind in ("object", "array", "boolean", "integer", "number", "string") else "json"


def to_answers(schema: Schema, value: Any) -> Answers:
    """What stands in the inputs for a JSON value; absent and null are ``""``."""
    kind = kind_of(schema)
    if kind == "object":
        given = value if isinstance(value, Mapping) else {}
        return {part: to_answers(child, given.get(part)) for part, child in schema["properties"].items()}
    if kind == "array":
        return [to_answers(schema["items"], item) for item in value or []]
    if kind == "json":
        return json.dumps(value, ensure_ascii=False) if value else ""
    if kind == "mixed" and isinstance(value, str):
        return value if from_text("mixed", value) == value else json.dumps(value, ensure_ascii=False)
    return _written(value)


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value)) if value or math.copysign(1, value) > 0 else "-0.0"
    return str(value)


def from_text(kind: str, text: str) -> Any:
    """The JSON value that a text stands for; the text itself where it is not one, for the validator to name."""
    if kind == "boolean":
        return text == "true"
    if not text.strip():
        return None
    if kind in ("integer", "number", "mixed", "json"):
        return _value(kind, text)
    return text


def _value(kind: str, text: str) -> Any:
    quoted = kind == "mixed" and text.startswith('"')
    if kind == "json" or quoted:
        try:
            return json.loads(text)
        except ValueError:
            return text
    try:
        number = float(text) if kind != "integer" else int(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def from_answers(schema: Schema, answers: Answers) -> Any:
    """The JSON that the inputs say. Rows and inner objects in which nothing was said, beyond what stands there by default, are dropped;
    of the whole, to choose what is the default is to say it. An empty object is None."""
    return _said(schema, answers, is_whole=True)


def _said(schema: Schema, answers: Answers, *, is_whole: bool = False) -> Any:
    kind = kind_of(schema)
    if kind == "object":
        given = answers if isinstance(answers, Mapping) else {}
        values = {part: _said(child, given.get(part, "")) for part, child in schema["properties"].items()}
        held = {part: item for part, item in values.items() if not _is_empty(item)}
        says = is_whole or any(_says_something(schema["properties"][part], item) for part, item in held.items())
        return held or None if says else None
    if kind == "array":
        rows = answers if isinstance(answers, list) else []
        items = (_said(schema["items"], row) for row in rows)
        return [item for item in items if item is not None]
    return from_text(kind, answers if isinstance(answers, str) else "")


def _is_empty(value: Any) -> bool:
    return value is None or value == []


def _says_something(schema: Schema, value: Any) -> bool:
    return not _is_empty(value) and value != schema.get("default", False if schema.get("type") == "boolean" else None)

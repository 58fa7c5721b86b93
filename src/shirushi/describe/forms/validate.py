"""Whether an answer may stand in a form: JSON Schema (jsonschema), with a form's patterns and references held harmless.

A form comes from anywhere. Its patterns run in the Rust engine of pydantic, which takes linear time; references are followed
inside the document only and counted, so that no ring and no unfolding lasts. What is merely missing is no error here: a form
is filled by a person after us.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import jsonschema
from jsonschema import validators
from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema
from referencing import Registry
from referencing.exceptions import Unresolvable

from shirushi.describe.evidence import JSON
from shirushi.describe.forms.form import Form

MOST_STEPS = 50_000
MOST_PATTERN = 2_000
MOST_VALUE = 100_000
_INCOMPLETE = (
    "required", "minItems", "minProperties", "dependentRequired", "dependentSchemas", "dependencies", "contains", "minContains",
    "if", "not", "unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef", "propertyNames",
)  # fmt: skip


class _TooMuchError(Exception):
    """Checking was given up."""


# What a schema that is none makes the library raise.
_UNUSABLE = (
    _TooMuchError, RecursionError, Unresolvable, jsonschema.SchemaError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError,
)  # fmt: skip


def errors_of(form: Form, answers: JSON) -> list[tuple[str | int, ...]]:
    """The places of answers that the form refuses; the root when it cannot be told which."""
    try:
        return [tuple(error.absolute_path) for error in _validator(form.schema).iter_errors(answers)]
    except _UNUSABLE:
        return [()]


def accepts(schema: Mapping[str, JSON], value: JSON) -> bool:
    """Whether the JSON Schema of one answer takes it; a schema that cannot be used takes nothing."""
    try:
        return not any(True for _ in _validator(schema).iter_errors(value))
    except _UNUSABLE:
        return False


def refusing(schema: Mapping[str, JSON], value: JSON) -> str:
    """The keyword of a schema that does not take a value; '' where none or where it cannot be told."""
    try:
        return next((str(error.validator) for error in _validator(schema).iter_errors(value)), "")
    except _UNUSABLE:
        return ""


def matches(pattern: str, text: str) -> bool | None:
    """Whether a pattern stands in a text; None where the pattern cannot be checked in linear time (look-around, references back)."""
    compiled = _compiled(pattern)
    if compiled is None or len(text) > MOST_VALUE:
        return None
    try:
        compiled.validate_python(text)
    except ValidationError:
        return False
    return True


@lru_cache(512)
def _compiled(pattern: str) -> SchemaValidator | None:
    if len(pattern) > MOST_PATTERN:
        return None
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex", strict=True))
    except SchemaError:
        return None


def _validator(schema: Mapping[str, JSON]) -> Any:
    dialect = str(schema.get("$schema", ""))
    base = (
        jsonschema.Draft7Validator
        if "draft-07" in dialect or "draft-06" in dialect
        else jsonschema.Draft202012Validator
    )
    steps = [0]

    def counted(keyword: Any) -> Any:
        def check(validator: Any, value: Any, instance: Any, node: Any) -> Iterator[Any]:
            steps[0] += 1
            if steps[0] > MOST_STEPS:
                raise _TooMuchError
            yield from keyword(validator, value, instance, node) or ()

        return check

    ways = {
        name: counted(base.VALIDATORS[name])
        for name in ("$ref", "allOf", "anyOf", "properties", "items")
        if name in base.VALIDATORS
    }
    ways["oneOf"] = ways[
        "anyOf"
    ]  # alternatives that differ in what they require are all right while answers are missing
    made: Any = validators.extend(  # type: ignore[no-untyped-call]
        base, {**ways, **dict.fromkeys(_INCOMPLETE, _nothing), "pattern": _pattern, "patternProperties": _nothing}
    )
    return made(schema, registry=Registry(), format_checker=jsonschema.FormatChecker(["date", "email"]))


def _nothing(*_: Any) -> None:
    """A keyword that asks for completeness, or that no answer of ours needs."""


def _pattern(_: Any, pattern: JSON, instance: JSON, __: JSON) -> Iterator[jsonschema.ValidationError]:
    if isinstance(instance, str) and not (isinstance(pattern, str) and matches(pattern, instance)):
        yield jsonschema.ValidationError(f"{instance[:80]!r} is not of the form asked for")

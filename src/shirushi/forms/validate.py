"""Is the answer right, and if not, what to do: errors by JSON Pointer, in both languages.

The schema is asked first (it is all that a form made by an operator has), then the model, which knows rules a schema
cannot say: the check character of an ORCID iD, a box whose south is below its north.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as SchemaError
from pydantic import ValidationError

from shirushi.forms.definition import FormDefinition, Schema, escape, schema_at, steps
from shirushi.metadata.fields import Text2


@dataclass(frozen=True, slots=True)
class FormError:
    """What is wrong at ``pointer`` and what to do about it."""

    pointer: str
    message: Text2


REQUIRED = Text2("This is needed. Please fill it in.", "ここは必要です。入力してください。")
_NUMBER = Text2(
    "This is not a number. Write digits, like 12.5.", "数値として読めません。12.5 のように数字で入れてください。"
)
_WHOLE = Text2(
    "This is not a whole number. Write digits only, like 12.",
    "整数ではありません。12 のように数字だけで入れてください。",
)
_CHOICE = Text2("This is not one of the choices. Choose from the list.", "選択肢にない値です。一覧から選んでください。")
_UNKNOWN = Text2(
    "The form does not ask for this. Leave it out.", "この項目はフォームにありません。取り除いてください。"
)
_SHAPE = Text2("This does not have the right form. Please check it.", "形式が合いません。見直してください。")


def _long(limit: int) -> Text2:
    return Text2(
        f"This is too long. Shorten it to {limit:,} characters.", f"長すぎます。{limit:,}文字までに短くしてください。"
    )


def _least(limit: float) -> Text2:
    return Text2(f"This is too small. Give {limit:g} or more.", f"小さすぎます。{limit:g} 以上にしてください。")


def _most(limit: float) -> Text2:
    return Text2(f"This is too large. Give {limit:g} or less.", f"大きすぎます。{limit:g} 以下にしてください。")


_BY_KEYWORD: dict[str, Callable[[Any], Text2]] = {
    "required": lambda _: REQUIRED,
    "minLength": lambda _: REQUIRED,
    "minItems": lambda _: REQUIRED,
    "enum": lambda _: _CHOICE,
    "const": lambda _: _CHOICE,
    "maxLength": _long,
    "minimum": _least,
    "maximum": _most,
    "additionalProperties": lambda _: _UNKNOWN,
    "type": lambda kind: {"number": _NUMBER, "integer": _WHOLE}.get(str(kind), _SHAPE),
}
_BY_PYDANTIC: dict[str, tuple[str, str]] = {  # its type of error → the keyword, and what in its context is the limit
    "missing": ("required", ""),
    "string_too_short": ("minLength", ""),
    "string_too_long": ("maxLength", "max_length"),
    "greater_than_equal": ("minimum", "ge"),
    "less_than_equal": ("maximum", "le"),
    "literal_error": ("enum", ""),
    "extra_forbidden": ("additionalProperties", ""),
}


def validate(form: FormDefinition, data: Any) -> list[FormError]:
    """What is wrong with ``data``, in the order of the form; nothing when it is right. At most one error for each place."""
    found: dict[str, FormError] = {}
    for error in (*_schema_errors(form, data), *_model_errors(form, data)):
        found.setdefault(error.pointer, error)
    return list(found.values())


def _schema_errors(form: FormDefinition, data: Any) -> Iterator[FormError]:
    # pydantic's schema has defaults but no formats, so the bare validator says all there is to say
    for error in Draft202012Validator(form.schema).iter_errors(data):
        here = form.base + "".join(f"/{escape(str(step))}" for step in error.absolute_path)
        for pointer in _places(error, here):
            yield FormError(pointer, _message(form, pointer, str(error.validator), error.validator_value))


def _places(error: SchemaError, here: str) -> Iterator[str]:
    """A missing part is wrong where it should stand, one too many where it stands."""
    found: Any = error.instance
    if error.validator == "required":
        needed: Any = error.validator_value
        yield from (f"{here}/{escape(part)}" for part in needed if part not in found)
    elif error.validator == "additionalProperties":
        schema: Any = error.schema
        yield from (f"{here}/{escape(part)}" for part in found if part not in schema.get("properties", {}))
    else:
        yield here


def _model_errors(form: FormDefinition, data: Any) -> Iterator[FormError]:
    if form.model is None:
        return
    whole, prefix = _inside(form.base, data)
    try:
        form.model.model_validate(whole)
    except ValidationError as problem:
        for error in problem.errors(include_url=False, include_input=False):
            path = _known(form.whole, error["loc"])
            if path[: len(prefix)] == prefix:
                pointer = form.base + "".join(f"/{escape(step)}" for step in path[len(prefix) :])
                keyword, limit = _BY_PYDANTIC.get(error["type"], ("", ""))
                yield FormError(pointer, _message(form, pointer, keyword, error.get("ctx", {}).get(limit)))


def _inside(base: str, data: Any) -> tuple[Any, list[str]]:
    """The smallest whole that holds ``data`` at ``base``, every list holding one entry, and the path to it."""
    whole, prefix = data, ["0" if step.isdecimal() or step == "-" else step for step in steps(base)]
    for step in reversed(prefix):
        whole = [whole] if step == "0" else {step: whole}
    return whole, prefix


def _known(schema: Schema, path: tuple[int | str, ...]) -> list[str]:
    """The steps of pydantic's path that are steps in the data too: it also names the branch of a union that failed."""
    kept: list[str] = []
    for step in map(str, path):
        try:
            schema = schema_at(schema, f"/{escape(step)}")
        except KeyError:
            if "properties" not in schema:
                break
        kept.append(step)
    return kept


def _message(form: FormDefinition, pointer: str, keyword: str, limit: Any) -> Text2:
    """The field's own words where it has some and it is the shape that is wrong; else what the keyword means."""
    own = form.text(pointer).wrong
    if keyword in ("pattern", "") and own:
        return own
    return _BY_KEYWORD[keyword](limit) if keyword in _BY_KEYWORD else _SHAPE

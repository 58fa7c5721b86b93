"""Values of a Work's fields as JSON: checked, compared and pointed to. Pure functions, no database.

A field that holds many values is a list, any other a single value or None. JSON leaves out what is absent.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from shirushi.core.errors import FieldError, Invalid
from shirushi.forms import validate, work_form
from shirushi.metadata.fields import BY_NAME, FieldSpec, Text2
from shirushi.metadata.work import Work, without_controls

JSON = Any

_NO_FIELD = Text2("There is no such field.", "その名前の項目はありません。")
_NOT_RIGHT = Text2("This does not have the right form. Please check it.", "形式が合いません。見直してください。")


def tidied(text: str) -> str:
    """What somebody wrote, without blanks around it and without characters that databases do not take."""
    return str(without_controls(text)).strip()


def spec_of(field: str) -> FieldSpec:
    """The field of that name. Raises Invalid when there is none."""
    spec = BY_NAME.get(field)
    if spec is None:
        raise Invalid(
            Text2(
                f"There is no field {field!r}. Use one of: {', '.join(BY_NAME)}.", f"{field!r} という項目はありません。"
            ),
            errors=[FieldError(f"/{field}", _NO_FIELD)],
        )
    return spec


def checked(field: str, value: JSON) -> JSON:
    """The whole value of a field in its one proper form; None and [] both mean that it holds nothing.

    Raises:
        Invalid: when it does not fit the model; each error names its place (``/creators/0/orcid``).
    """
    spec = spec_of(field)
    if value is None or value == []:
        return [] if spec.many else None
    try:
        work = Work.model_validate({field: value})
    except ValidationError as error:
        raise _invalid(field, value, error) from error
    return work.model_dump(mode="json", include={field}, exclude_none=True)[field]


def checked_item(field: str, value: JSON) -> JSON:
    """One value of a field in its one proper form. Raises Invalid."""
    return checked(field, [value])[0] if spec_of(field).many else checked(field, value)


def proper(field: str, value: JSON) -> JSON:
    """One value in its proper form, None when it does not fit the field: a suggestion is never a reason to fail."""
    try:
        return checked_item(field, value)
    except Invalid:
        return None


def of(metadata: Mapping[str, JSON], field: str) -> JSON:
    """What the metadata hold in a field: a list for a field of many values, else the value or None."""
    return metadata.get(field, [] if spec_of(field).many else None)


def with_field(metadata: Mapping[str, JSON], field: str, value: JSON) -> dict[str, JSON]:
    """The metadata with another value in one field; an empty field is left out."""
    changed = {name: item for name, item in metadata.items() if name != field}
    return changed if value is None or value == [] else {**changed, field: value}


def key(value: JSON) -> str:
    """Equal for equal JSON, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def items(field: str, value: JSON) -> list[JSON]:
    """The single values of a field."""
    return list(value) if spec_of(field).many else [] if value is None else [value]


def pointers(field: str, value: JSON) -> Iterator[tuple[str, JSON]]:
    """Each single value with its JSON Pointer: ``/titles/0`` in a field of many values, ``/publisher`` otherwise."""
    if spec_of(field).many:
        yield from ((f"/{field}/{position}", item) for position, item in enumerate(value))
    elif value is not None:
        yield f"/{field}", value


def _invalid(field: str, value: JSON, error: ValidationError) -> Invalid:
    found = [FieldError(wrong.pointer, wrong.message) for wrong in validate(work_form().at(f"/{field}"), value)]
    if not found:  # the model refuses what the schema allows and the form has no words for
        found = [
            FieldError("".join(f"/{step}" for step in wrong["loc"]), _NOT_RIGHT)
            for wrong in error.errors(include_url=False, include_input=False)
        ]
    label = BY_NAME[field].label
    return Invalid(
        Text2(
            f"{label.en}: {found[0].message.en}",
            f"{label.ja}：{found[0].message.ja}",
        ),
        errors=found,
    )

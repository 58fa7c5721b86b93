"""A form's file: read within bounds, told apart, and taken as questions."""

import json
from collections.abc import Mapping
from pathlib import Path

from shirushi.describe.evidence import JSON
from shirushi.describe.forms.form import MOST_BYTES, BadForm, Form
from shirushi.describe.forms.json_schema import form_of_schema, is_schema
from shirushi.describe.forms.registration import form_of_registration, is_registration

_KINDS = (
    "A form is a JSON Schema (an object with 'properties', draft-07 or 2020-12) or a registration schema of OSF or GakuNin RDM "
    "(an object with 'pages' of 'questions')."
)


def read_form(path: str | Path) -> Form:
    """The form in a file.

    Raises:
        BadForm: it cannot be read, is too large, is no JSON, or is no form.
    """
    file = Path(path)
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadForm(f"{path}: the form cannot be read ({error.strerror or error}). Check the path.") from error
    if len(data) > MOST_BYTES:
        raise BadForm(f"{path}: more than {MOST_BYTES:,} bytes; no form is that large. Check the path.")
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise BadForm(f"{path}: not UTF-8 text, so not JSON. {_KINDS}") from error
    except json.JSONDecodeError as error:
        raise BadForm(f"{path}: not JSON (line {error.lineno}: {error.msg}). {_KINDS}") from error
    except RecursionError as error:
        raise BadForm(f"{path}: nested too deeply to be a form.") from error
    except ValueError as error:
        raise BadForm(f"{path}: {error}") from error
    try:
        return form_of(document, name=file.stem)
    except BadForm as error:
        raise BadForm(f"{path}: {error}") from error


def form_of(document: JSON, *, name: str = "form") -> Form:
    """The form that a document is; ``name`` is what to call it where it has no name.

    Raises:
        BadForm: it is none.
    """
    if not isinstance(document, Mapping):
        raise BadForm(f"not a JSON object. {_KINDS}")
    try:
        if is_registration(document):
            return form_of_registration(document, name=name)
        if is_schema(document):
            return form_of_schema(document, name=name)
    except RecursionError as error:
        raise BadForm("nested too deeply to be a form.") from error
    raise BadForm(_KINDS)


def _refuse(word: str) -> JSON:
    raise ValueError(f"not JSON: {word} is no JSON number")

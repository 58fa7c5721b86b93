"""From a form post to JSON. Names of inputs are JSON Pointers; two names with ``_`` are the row buttons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shirushi.forms.answers import Answers, from_answers, kind_of, to_answers
from shirushi.forms.definition import FormDefinition, Schema, steps

ADD, REMOVE = "_add", "_remove"


@dataclass(frozen=True, slots=True)
class Submission:
    """``answers`` is what stands in the inputs, row buttons already obeyed; ``data`` the JSON it says.

    ``reshaped`` tells that a row button was pressed: show the form again, store nothing; ``focus`` is the pointer of
    the row to go on with.
    """

    answers: Answers
    data: Any
    reshaped: bool = False
    focus: str | None = None


def parse(form: FormDefinition, posted: Mapping[str, str] | Iterable[tuple[str, str]]) -> Submission:
    """Read a POST (a QueryDict's items, or pairs of name and text). Names that the form does not have are ignored."""
    pairs = list(posted.items() if isinstance(posted, Mapping) else posted)
    base = len(steps(form.base))
    tree: Any = {}
    for name, text in pairs:
        if name == form.base or name.startswith(f"{form.base}/"):
            tree = _put(tree, steps(name)[base:], text.replace("\r\n", "\n"))
    answers = _shaped(form.schema, tree)
    buttons = dict(pairs)
    for button, press in ((ADD, _add), (REMOVE, _remove)):
        if (pointer := buttons.get(button, "")).startswith(form.base) and pointer:
            focus = press(form, answers, pointer)
            return Submission(answers, from_answers(form.schema, answers), reshaped=True, focus=focus)
    return Submission(answers, from_answers(form.schema, answers))


def _put(tree: Any, path: list[str], text: str) -> Any:
    """``tree`` with ``text`` at ``path``; lists are dicts by position still, so a hostile position costs nothing."""
    if not path:
        return text
    branch = tree if isinstance(tree, dict) else {}
    branch[path[0]] = _put(branch.get(path[0]), path[1:], text)
    return branch


def _shaped(schema: Schema, tree: Any) -> Answers:
    """The tree with dicts by position turned into lists, and only the parts that the schema has."""
    kind = kind_of(schema)
    if kind == "object":
        given = tree if isinstance(tree, dict) else {}
        return {part: _shaped(child, given.get(part)) for part, child in schema["properties"].items()}
    if kind == "array":
        given = tree if isinstance(tree, dict) else {}
        return [_shaped(schema["items"], given[position]) for position in sorted(filter(_is_position, given), key=int)]
    return tree if isinstance(tree, str) else ""


def _is_position(step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) < 10


def _list_at(form: FormDefinition, answers: Answers, pointer: str) -> tuple[Schema, list[Answers]] | None:
    """The schema and the answers of the list at ``pointer``, or None when there is no such list."""
    schema, here = form.schema, answers
    for step in steps(pointer)[len(steps(form.base)) :]:
        if isinstance(here, list) and _is_position(step) and int(step) < len(here):
            schema, here = schema["items"], here[int(step)]
        elif isinstance(here, dict) and step in here:
            schema, here = schema["properties"][step], here[step]
        else:
            return None
    return (schema, here) if isinstance(here, list) else None


def _add(form: FormDefinition, answers: Answers, pointer: str) -> str | None:
    found = _list_at(form, answers, pointer)
    if found is None:
        return None
    schema, rows = found
    rows.append(to_answers(schema["items"], schema["items"].get("default")))
    return f"{pointer}/{len(rows) - 1}"


def _remove(form: FormDefinition, answers: Answers, pointer: str) -> str | None:
    owner, _, position = pointer.rpartition("/")
    found = _list_at(form, answers, owner)
    if found is None or not _is_position(position) or int(position) >= len(found[1]):
        return None
    rows = found[1]
    del rows[int(position)]
    return f"{owner}/{min(int(position), len(rows) - 1)}" if rows else owner

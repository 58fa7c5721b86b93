"""``FormDefinition``: what a form asks. A JSON Schema without ``$ref``, the order of its fields, and its words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import BaseModel

from shirushi.forms.texts import FieldText, text_of
from shirushi.metadata.fields import FIELDS, Text2
from shirushi.metadata.work import Work

Schema = Mapping[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together, in the order in which they are asked."""

    name: str
    label: Text2
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """``whole`` is the schema of what the form is about; ``texts`` are keyed by pointers whose list positions are ``-``
    (``/creators/-/orcid``); ``model`` is the pydantic model that knows rules a schema cannot say, if there is one.

    ``base`` is the pointer of the part that this form asks for (``/creators/0``), empty for all of it: the names of the
    inputs, which are pointers too, begin with it.
    """

    name: str
    whole: Schema
    texts: Mapping[str, FieldText]
    sections: tuple[Section, ...] = ()
    model: type[BaseModel] | None = None
    base: str = ""

    @property
    def schema(self) -> Schema:
        """What an answer must be."""
        return schema_at(self.whole, self.base)

    def at(self, pointer: str) -> "FormDefinition":
        """The form that asks only for what is at ``pointer``: a field (``/titles``) or one entry (``/titles/0``; ``/titles/-``
        for a new one).

        Raises:
            KeyError: when the schema has nothing there.
        """
        schema_at(self.whole, pointer)
        return replace(self, base=pointer)

    def text(self, pointer: str) -> FieldText:
        """The words for what is at ``pointer``; a part nobody named is called by its last step."""
        key = general(pointer)
        if key in self.texts:
            return self.texts[key]
        name = key.removesuffix("/-").rpartition("/")[2]
        return FieldText(Text2(name, name))


def general(pointer: str) -> str:
    """The pointer with every position in a list as ``-``: ``/creators/3/name`` → ``/creators/-/name``."""
    return "/".join("-" if step.isdecimal() else step for step in pointer.split("/"))


def escape(step: str) -> str:
    """One step of a JSON Pointer (RFC 6901)."""
    return step.replace("~", "~0").replace("/", "~1")


def steps(pointer: str) -> list[str]:
    """The unescaped steps of a JSON Pointer; none for the whole document."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def schema_at(schema: Schema, pointer: str) -> Schema:
    """The part of a resolved schema that describes what is at ``pointer``. Raises KeyError when there is none."""
    for step in steps(pointer):
        if schema.get("type") == "array" and (step.isdecimal() or step == "-"):
            schema = schema["items"]
        else:
            schema = schema["properties"][step]
    return schema


def resolved(schema: Schema) -> dict[str, Any]:
    """The schema with every ``$ref`` to ``$defs`` replaced by what it means and ``null`` branches dropped: in a form,
    nothing is said by leaving it empty.

    Raises:
        KeyError: for a reference outside ``$defs``.
        RecursionError: for a model that contains itself (no form can ask without end).
    """
    definitions = schema.get("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            beside = {key: item for key, item in node.items() if key != "$ref"}
            return resolve({**definitions[node["$ref"].removeprefix("#/$defs/")], **beside})
        plain = {key: resolve(item) for key, item in node.items() if key != "$defs"}
        branches = [branch for branch in plain.get("anyOf", []) if branch != {"type": "null"}]
        if len(branches) == 1:
            beside = {key: item for key, item in plain.items() if key != "anyOf"}
            return {**branches[0], **beside}
        return {**plain, "anyOf": branches} if branches else plain

    result: dict[str, Any] = resolve(dict(schema))
    return result


def from_model(model: type[BaseModel], *, name: str, sections: tuple[Section, ...] = ()) -> FormDefinition:
    """The form that asks for an instance of a pydantic model."""
    schema = {"$schema": DIALECT, **resolved(model.model_json_schema(mode="validation"))}
    return FormDefinition(name, schema, dict(_texts(schema, "")), sections, model)


def _texts(schema: Schema, pointer: str) -> Iterator[tuple[str, FieldText]]:
    """Words for every part of a schema whose objects are titled by their model's name."""
    for part, child in schema.get("properties", {}).items():
        here = f"{pointer}/{escape(part)}"
        text = text_of(schema["title"], part)
        yield here, text
        if child.get("type") == "array":
            yield f"{here}/-", FieldText(text.item or text.label, None, text.example, text.wrong, choices=text.choices)
            yield from _texts(child["items"], f"{here}/-")
        else:
            yield from _texts(child, here)


SECTIONS: tuple[Section, ...] = (
    Section("what", Text2("What it is", "何であるか"), ("titles", "creators", "descriptions", "resource_type")),
    Section(
        "reuse",
        Text2("Publishing and reuse", "公開と再利用"),
        ("rights", "access", "publisher", "publication_date", "version"),
    ),
    Section(
        "finding",
        Text2("So that others find it", "見つけてもらうために"),
        ("subjects", "languages", "dates", "locations"),
    ),
    Section("inside", Text2("What is inside", "中に入っているもの"), ("variables",)),
    Section("making", Text2("How it was made", "どう作ったか"), ("instruments", "software")),
    Section(
        "around",
        Text2("What it belongs to", "つながり"),
        ("related", "funding", "contributors", "alternate_identifiers"),
    ),
)


@cache
def work_form() -> FormDefinition:
    """The form for the metadata of a record: every field of a :class:`~shirushi.metadata.work.Work`."""
    named = {field for section in SECTIONS for field in section.fields}
    if forgotten := [spec.name for spec in FIELDS if spec.name not in named]:
        raise LookupError(f"no section asks for {forgotten}")
    return from_model(Work, name="work", sections=SECTIONS)

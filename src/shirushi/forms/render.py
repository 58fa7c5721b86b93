"""From a definition and what stands in the inputs to HTML that works without a line of JavaScript.

Label, help and error of an input are tied to it (``aria-describedby``); entries of a list are fieldsets with a legend;
buttons that add and remove entries submit the form under the names :data:`~shirushi.forms.parse.ADD` and ``REMOVE``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from shirushi.forms import texts
from shirushi.forms.answers import Answers, kind_of, to_answers
from shirushi.forms.definition import FormDefinition, Schema, escape, schema_at
from shirushi.forms.parse import ADD, REMOVE
from shirushi.forms.validate import FormError
from shirushi.metadata.labels import term_label

LONG = 5_000  # a text that may be longer than this gets more than one line


@dataclass(slots=True)
class Node:
    """One thing on the page: an input (``widget``), a group of parts or a list of entries (``children``)."""

    widget: str
    pointer: str
    label: str
    id: str
    help: str = ""
    example: str = ""
    value: str = ""
    error: str = ""
    required: bool = False
    focus: bool = False
    options: list[tuple[str, str]] = field(default_factory=list)
    choices: str = ""
    inputmode: str = ""
    children: list["Node"] = field(default_factory=list)
    add: str = ""
    remove: str = ""

    @property
    def described_by(self) -> str:
        """Ids of the texts that belong to the input, the error first, as a screen reader should read them."""
        said = ((self.error, "error"), (self.help, "help"), (self.example, "example"))
        return " ".join(f"{self.id}-{what}" for text, what in said if text)


def render(
    form: FormDefinition,
    data: Any = None,
    *,
    answers: Answers = None,
    errors: Iterable[FormError] = (),
    lang: str = "en",
    focus: str | None = None,
) -> Markup:
    """The inputs of a form: no ``<form>`` around them and no submit button, which belong to the page.

    ``data`` is JSON to start from; ``answers`` (of a :class:`~shirushi.forms.parse.Submission`) take its place when the
    form comes back; ``focus`` is the pointer of the input, or of the entry, that the cursor should stand in.
    """
    wrong = {error.pointer: error.message.in_(lang) for error in errors}
    if answers is None:
        answers = to_answers(form.schema, data)
    painter = _Painter(form, wrong, lang, focus)
    root = painter.node(form.schema, form.base, answers, required=False)
    known = {node.pointer: (node.id, name) for node, name in _named(root)}
    summary = [(*known.get(pointer, (root.id, root.label)), message) for pointer, message in wrong.items()]
    template = _environment().get_template("forms/form.html")
    words = {"required": texts.REQUIRED, "example": texts.EXAMPLE, "correct": texts.CORRECT}
    return Markup(  # noqa: S704 - the template escapes all that it is given
        template.render(
            root=root, summary=summary, sections=painter.sections(root), add_name=ADD, remove_name=REMOVE,
            words={name: text.in_(lang) for name, text in words.items()},
        )
    )  # fmt: skip


def render_choices(lang: str = "en") -> Markup:
    """The lists that inputs offer (languages, licences): once on a page, before any form."""
    lists = {name: [(code, _choice_label(name, code, lang)) for code in codes] for name, codes in texts.CHOICES.items()}
    return Markup(_environment().get_template("forms/choices.html").render(lists=lists))  # noqa: S704


def _choice_label(name: str, code: str, lang: str) -> str:
    return language_name(code, lang) if name == "languages" else ""


@cache
def language_name(code: str, lang: str) -> str:
    """What a language is called in the language of the page: ``ja`` → "Japanese" / 日本語; unknown codes stand for
    themselves."""
    try:
        return str(Locale.parse(code, sep="-").get_display_name(lang) or code)
    except (UnknownLocaleError, ValueError):
        return str(Locale.parse(lang).languages.get(code, code))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("shirushi.forms"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _named(root: Node) -> Iterator[tuple[Node, str]]:
    """Every node with what it is called when it stands alone: an input of an entry by both ("Creator 2 › ORCID iD")."""
    yield root, root.label
    for child in root.children:
        yield from _named_inside(child, "")


def _named_inside(node: Node, above: str) -> Iterator[tuple[Node, str]]:
    name = f"{above} › {node.label}" if above else node.label
    yield node, name
    for child in node.children:
        yield from _named_inside(child, name if node.widget == "group" else above)


@dataclass(frozen=True, slots=True)
class _Painter:
    form: FormDefinition
    wrong: Mapping[str, str]
    lang: str
    focus: str | None

    def node(self, schema: Schema, pointer: str, answers: Answers, *, required: bool) -> Node:
        kind = kind_of(schema)
        text = self.form.text(pointer)
        node = Node(
            widget={"object": "group", "array": "list"}.get(kind, kind),
            pointer=pointer,
            label=text.label.in_(self.lang),
            id="f" + re.sub(r"[^A-Za-z0-9_]+", "-", pointer),
            help=text.help.in_(self.lang) if text.help else "",
            error=self.wrong.get(pointer, ""),
            required=required,
        )
        if kind == "object":
            self._fill_group(node, schema, answers)
        elif kind == "array":
            self._fill_list(node, schema, answers, text)
        else:
            self._fill_input(node, schema, answers, text)
        return node

    def sections(self, root: Node) -> list[tuple[str, list[Node]]]:
        """The fields of a whole form under the headings of its sections; what no section names comes last."""
        by_name = {child.pointer.removeprefix("/"): child for child in root.children}
        found = [
            (section.label.in_(self.lang), [by_name.pop(name) for name in section.fields if name in by_name])
            for section in (self.form.sections if not self.form.base else ())
        ]
        return [*found, ("", list(by_name.values()))] if found and by_name else found

    def _fill_group(self, node: Node, schema: Schema, answers: Answers) -> None:
        needed = schema.get("required", ())
        for part, child in schema["properties"].items():
            if kind_of(child) != "json" or answers[part]:  # parts without a description are carried along unseen
                pointer = f"{node.pointer}/{escape(part)}"
                node.children.append(self.node(child, pointer, answers[part], required=part in needed))

    def _fill_list(self, node: Node, schema: Schema, answers: Answers, text: texts.FieldText) -> None:
        item = text.item or text.label
        node.add = texts.add_words(item).in_(self.lang)
        for position, answer in enumerate(answers):
            row = self.node(schema["items"], f"{node.pointer}/{position}", answer, required=False)
            row.label = f"{item.in_(self.lang)} {position + 1}"
            row.remove = texts.remove_words(item, position + 1).in_(self.lang)
            node.children.append(row)

    def _fill_input(self, node: Node, schema: Schema, answer: Answers, text: texts.FieldText) -> None:
        kind = node.widget
        node.value = answer if isinstance(answer, str) else ""
        node.example = text.example
        node.choices = text.choices
        node.focus = self.focus is not None and self._is_first_under_focus(node.pointer)
        if "enum" in schema:
            node.widget, node.example = "select", ""
            node.options = [(term, term_label(term).in_(self.lang)) for term in schema["enum"]]
            if "default" not in schema or schema["default"] is None:
                node.options.insert(0, ("", texts.NOTHING.in_(self.lang)))
            elif not node.value:
                node.value = schema["default"]
            if node.value and node.value not in schema["enum"]:
                node.options.append((node.value, node.value))
        elif kind in ("integer", "number"):
            node.widget, node.inputmode = "text", "numeric" if kind == "integer" else "decimal"
        elif kind in ("string", "mixed"):
            many_lines = schema.get("maxLength", 0) > LONG or "\n" in node.value
            node.widget = "textarea" if many_lines else "text"
        elif kind == "json":
            node.widget = "hidden"

    def _is_first_under_focus(self, pointer: str) -> bool:
        if pointer == self.focus:
            return True
        # the entry that a row button led to: the cursor goes to its first part
        owner, _, part = pointer.rpartition("/")
        return owner == self.focus and part == next(iter(_parts(self.form, owner)), None)


def _parts(form: FormDefinition, pointer: str) -> Iterable[str]:
    properties: Mapping[str, Any] = schema_at(form.whole, pointer).get("properties", {})
    return properties

"""Forms written as JSON Schema (2020-12, draft-07): every place that takes a value is a question.

Labels are ``title``; ``x-title-ja``, ``title_ja``, ``x-label: {ja: …}`` and the like give them in other languages, and a title
"日本語|English" is two. ``$ref`` is followed inside the document only, never in a ring and never to the network. Of ``oneOf``
and ``anyOf`` the constants are options; of object alternatives the first is read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from shirushi.describe.evidence import JSON
from shirushi.describe.forms.form import (
    EACH,
    MOST_DEPTH,
    MOST_LABEL,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    BadForm,
    Form,
    Option,
    Question,
    Type,
    asked_language,
    asked_unit,
)
from shirushi.describe.text import has_cjk, script_language

Node = Mapping[str, Any]
Labels = tuple[tuple[str, str], ...]
_MARKS = ("properties", "$ref", "allOf", "oneOf", "anyOf")
_FORMATS: Mapping[str, Type] = {
    "date": "date",
    "date-time": "date-time",
    "email": "email",
    "idn-email": "email",
    "uri": "uri",
    "iri": "uri",
    "url": "uri",
    "textarea": "text",
    "multiline": "text",
}
_LABEL_KEY = re.compile(r"^(?:x-)?(?:title|label|name)[-_:@.]?(?P<lang>ja|jp|jpn|en|eng)$", re.IGNORECASE)
_LABEL_MAPS = ("x-title", "x-label", "x-labels", "x-i18n", "title", "label", "labels")
_HINTS = ("x-concept", "x-shirushi", "x-property", "$comment")
_MOST_STEPS = 20_000  # nodes looked at; a small document can refer to itself very often


def is_schema(document: Node) -> bool:
    """Whether it is a JSON Schema of an object."""
    return document.get("type") in ("object", ["object", "null"]) or any(mark in document for mark in _MARKS)


def form_of_schema(document: Node, *, name: str) -> Form:
    """The questions of a JSON Schema, in its order.

    Raises:
        BadForm: no question, too many, or a reference that leads nowhere or out of the document.
    """
    reader = _Reader(document)
    questions = tuple(reader.questions(document, (), (), required=False, depth=0, followed=frozenset()))
    if not questions:
        raise BadForm("there is no question in it: no property takes a text, number, date or choice.")
    title = str(document.get("title") or document.get("$id") or name)[:MOST_LABEL]
    return Form(title, document, questions, groups=tuple(reader.groups))


class _Reader:
    """Walks a schema, counting, so that a hostile one ends."""

    def __init__(self, document: Node) -> None:
        self.document = document
        self.steps = 0
        self.found = 0
        self.groups: list[Question] = []

    def questions(
        self,
        node: JSON,
        path: tuple[str, ...],
        groups: tuple[Labels, ...],
        *,
        required: bool,
        depth: int,
        followed: frozenset[str],
    ) -> Iterator[Question]:
        """Those at and below a node at ``path``."""
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise BadForm(f"its references unfold to more than {_MOST_STEPS:,} places; no form is that large.")
        if depth > MOST_DEPTH or not isinstance(node, Mapping):
            return
        node, followed = self.resolved(node, followed)
        if node is None:
            return
        kind = _type(node)
        own = _labels(node)
        inner = (*groups, own or (("", words_of(path[-1])),)) if path and path[-1] != EACH else groups
        if isinstance(node.get("properties"), Mapping):
            wanted = node.get("required") if isinstance(node.get("required"), list) else []
            if required and not set(wanted) & set(node["properties"]) and path and EACH not in path:
                name = own or (("", words_of(path[-1])),)
                self.groups.append(Question(path, name, groups=tuple(g for g in groups if g), required=True))
            for key, child in node["properties"].items():
                yield from self.questions(
                    child, (*path, str(key)), inner, required=key in wanted, depth=depth + 1, followed=followed
                )
        elif kind == "array":
            if required and path and EACH not in path:
                name = own or (("", words_of(path[-1])),)
                self.groups.append(Question(path, name, groups=tuple(g for g in groups if g), required=True))
            items = node.get("items")
            if isinstance(items, list):  # draft-07 tuples
                items = items[0] if items else None
            entry, _ = self.resolved(items, followed) if isinstance(items, Mapping) else (None, followed)
            if entry is not None and not isinstance(entry.get("properties"), Mapping) and not _labels(entry):
                items = {
                    **entry,
                    **{
                        k: v
                        for k, v in node.items()
                        if _LABEL_KEY.match(k) or k in (*_LABEL_MAPS, *_HINTS, "description")
                    },
                }
                inner = groups
            yield from self.questions(items, (*path, EACH), inner, required=False, depth=depth + 1, followed=followed)
        elif path and kind != "object":
            self.found += 1
            if self.found > MOST_QUESTIONS:
                raise BadForm(f"more than {MOST_QUESTIONS:,} questions; split the form.")
            yield _question(node, path, groups, own, required=required)

    def resolved(self, node: Node, followed: frozenset[str]) -> tuple[Node | None, frozenset[str]]:
        """The node with its references and ``allOf`` put in; None where a reference leads back to what is being read."""
        merged: dict[str, Any] = dict(node)
        for _ in range(MOST_DEPTH):
            reference = merged.pop("$ref", None)
            if isinstance(reference, str):
                if reference in followed:
                    return None, followed
                followed = followed | {reference}
                merged = {**self.at(reference), **merged}
                continue
            parts = merged.pop("allOf", None)
            branches = parts if isinstance(parts, list) else _first_object(merged)
            if not branches:
                return merged, followed
            for part in branches[:MOST_OPTIONS]:
                self.steps += 1
                if self.steps > _MOST_STEPS:
                    raise BadForm(f"its references unfold to more than {_MOST_STEPS:,} places; no form is that large.")
                if isinstance(part, Mapping):
                    one = (
                        self.at(part["$ref"])
                        if isinstance(part.get("$ref"), str) and part["$ref"] not in followed
                        else part
                    )
                    properties = {**_mapping(merged, "properties"), **_mapping(one, "properties")}
                    merged = {**{k: v for k, v in one.items() if k != "$ref"}, **merged}
                    if properties:
                        merged["properties"] = properties
        return None, followed

    def at(self, reference: str) -> Node:
        """What a reference inside the document points to: ``#/$defs/person``, ``#person``."""
        base, _, fragment = reference.partition("#")
        if base and base != self.document.get("$id"):
            raise BadForm(
                f"the reference {reference[:100]!r} leads out of the document. Put what it means under '$defs'."
            )
        node: Any = self.document
        if fragment and not fragment.startswith("/"):
            node = next(
                (
                    d
                    for d in _definitions(self.document)
                    if d.get("$anchor") == fragment or d.get("$id") == f"#{fragment}"
                ),
                None,
            )
        else:
            for part in unquote(fragment).split("/")[1:]:
                key = part.replace("~1", "/").replace("~0", "~")
                if isinstance(node, list) and key.isascii() and key.isdigit() and int(key) < len(node):
                    node = node[int(key)]
                else:
                    node = node.get(key) if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping):
            raise BadForm(f"the reference {reference[:100]!r} leads nowhere. Correct it, or define what it names.")
        return node


def _definitions(document: Node) -> Iterator[Node]:
    for key in ("$defs", "definitions"):
        yield from (d for d in _mapping(document, key).values() if isinstance(d, Mapping))


def _mapping(node: Node, key: str) -> Node:
    value = node.get(key)
    return value if isinstance(value, Mapping) else {}


def _first_object(merged: dict[str, Any]) -> list[Any]:
    """Of alternatives the first object, or the one that is not null; alternatives of constants stay as they are."""
    for key in ("oneOf", "anyOf"):
        branches = merged.get(key)
        if (
            not isinstance(branches, list)
            or not branches
            or all(isinstance(b, Mapping) and ("const" in b or b.get("type") == "null") for b in branches)
        ):
            continue
        del merged[key]
        real = [b for b in branches if isinstance(b, Mapping) and b.get("type") != "null"]
        return real[:1]
    return []


def _type(node: Node) -> str | None:
    kind = node.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), None)
    if isinstance(kind, str):
        return kind
    return "array" if "items" in node else None


def _question(
    node: Node, path: tuple[str, ...], groups: tuple[Labels, ...], labels: Labels, *, required: bool
) -> Question:
    name = next(part for part in reversed(path) if part != EACH)
    texts = [text for _, text in labels]
    helps = [
        str(node[k])[:MOST_LABEL] for k in ("description", "x-help", "x-description-ja") if isinstance(node.get(k), str)
    ]
    unit = node.get("x-unit") or node.get("unit")
    return Question(
        path,
        labels or (("", words_of(name)),),
        _question_type(node),
        tuple(helps),
        _options(node),
        tuple(g for g in groups if g),
        _language(node) or asked_language(texts, name),
        unit if isinstance(unit, str) else asked_unit(texts),
        required,
        next((str(node[k])[:MOST_LABEL] for k in _HINTS if isinstance(node.get(k), str)), ""),
        node,
    )


def _language(node: Node) -> str | None:
    lang = node.get("x-lang") or node.get("x-language")
    return lang[:2].lower() if isinstance(lang, str) and lang else None


def words_of(name: str) -> str:
    """The name of a property as words: ``grantNumber`` is "grant number"."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[\s_\-.:/]+", apart)).strip().lower()[:MOST_LABEL]


def _question_type(node: Node) -> Type:
    if "enum" in node or "oneOf" in node or "anyOf" in node or "const" in node:
        return "choice"
    match _type(node):
        case "integer":
            return "integer"
        case "number":
            return "number"
        case "boolean":
            return "boolean"
    kind = _FORMATS.get(str(node.get("format", "")))
    if kind:
        return kind
    widget = str(node.get("x-widget") or node.get("contentMediaType") or "")
    return "text" if "area" in widget or widget.startswith("text/") else "line"


def _options(node: Node) -> tuple[Option, ...]:
    branches = node.get("oneOf") or node.get("anyOf")
    found = [
        Option(branch["const"], _labels(branch))
        for branch in (branches[:MOST_OPTIONS] if isinstance(branches, list) else [])
        if isinstance(branch, Mapping) and "const" in branch
    ]
    values = node.get("enum")
    names = node.get("x-enum-titles") or node.get("enumNames")
    for position, value in enumerate(values[:MOST_OPTIONS] if isinstance(values, list) else []):
        if value is not None and not isinstance(value, Mapping | list):
            found.append(Option(value, _named(names, value, position)))
    if "const" in node and not found:
        found.append(Option(node["const"], _labels(node)))
    return tuple(found)


def _named(names: JSON, value: JSON, position: int) -> Labels:
    if isinstance(names, Mapping):
        if isinstance(names.get(str(value)), str):
            return split_languages(names[str(value)])
        lists = [
            (lang, texts[position])
            for lang, texts in names.items()
            if isinstance(texts, list) and position < len(texts)
        ]
        return tuple((str(lang)[:2], str(text)[:MOST_LABEL]) for lang, text in lists)
    if isinstance(names, list) and position < len(names):
        return split_languages(str(names[position]))
    return ()


def _labels(node: Node) -> Labels:
    """What a node is called, by language, each once."""
    found: list[tuple[str, str]] = []
    for key in ("title", "label"):
        if isinstance(node.get(key), str):
            found += split_languages(node[key])
    for key in _LABEL_MAPS:
        if isinstance(node.get(key), Mapping):
            found += [
                (str(lang)[:2], " ".join(text[:MOST_LABEL].split()))
                for lang, text in node[key].items()
                if isinstance(text, str) and text.strip()
            ]
    for key, text in node.items():
        match = _LABEL_KEY.match(key)
        if match and isinstance(text, str) and text.strip():
            found.append(("ja" if match["lang"].lower().startswith("j") else "en", " ".join(text[:MOST_LABEL].split())))
    return tuple(dict.fromkeys(found))


def split_languages(title: str) -> Labels:
    """ "データ種別|Data type" and "名前 / Name" are a label in each language."""
    title = " ".join(title[:MOST_LABEL].split())
    parts: Sequence[str] = [p.strip() for p in re.split(r"\||｜", title) if p.strip()]
    if len(parts) < 2:
        halves = [p.strip() for p in re.split(r"\s[/／]\s", title)]
        mixed = len(halves) == 2 and has_cjk(halves[0]) != has_cjk(halves[1])
        parts = halves if mixed else [title]
    return tuple((("ja" if script_language(p) or has_cjk(p) else "en"), p) for p in parts if p)

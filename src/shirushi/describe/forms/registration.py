"""Forms written as registration schemas of OSF and GakuNin RDM: pages of questions, options with tooltips, labels "日本語|English".

The answers' document is an object of ``qid``: answer, as a registration's responses are; a question with ``properties`` is a list
of objects (``array``) or one object.
"""

import re
from collections.abc import Iterator, Mapping

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
from shirushi.describe.forms.json_schema import Labels, Node, split_languages

_CHOICES = (
    "choose",
    "singleselect",
    "multiselect",
    "multi-select-input",
    "single-select",
    "select",
    "radio",
    "single-select-input",
)
_SEVERAL = ("multiselect", "multi-select-input")
_SKIPPED = ("osf-upload", "osf-author-import", "header", "heading")
# Formats of GakuNin RDM that say what is asked; others ("text", "singleselect") say only how.
_PLAIN_FORMATS = frozenset({"text", "textarea", "singleselect", "multiselect", "date", "list", ""})
# A published form has this format on every choice, left over from the one it was made of: it says nothing then.
_FUNDER_FORMAT = "e-rad-award-funder"


def is_registration(document: Node) -> bool:
    """Whether it has pages of questions, at the top or (as OSF's API gives it) under ``schema``."""
    inner = document.get("schema") if isinstance(document.get("schema"), Mapping) else document
    pages = inner.get("pages") if isinstance(inner, Mapping) else None
    return isinstance(pages, list) and any(
        isinstance(p, Mapping) and isinstance(p.get("questions"), list) for p in pages
    )


def form_of_registration(document: Node, *, name: str) -> Form:
    """The questions, in order, and a JSON Schema made for their answers.

    Raises:
        BadForm: no question, too many, or two with the same ``qid``.
    """
    inner: Node = document["schema"] if isinstance(document.get("schema"), Mapping) else document
    found: list[Question] = []
    properties: dict[str, JSON] = {}
    for page in inner["pages"]:
        if not isinstance(page, Mapping) or not isinstance(page.get("questions"), list):
            continue
        for node in page["questions"]:
            if not isinstance(node, Mapping):
                continue
            qid = node.get("qid") or node.get("id")
            if not isinstance(qid, str) or not qid:
                raise BadForm(
                    f"a question of page {str(page.get('id', page.get('title')))[:60]!r} has no 'qid'. Give it one."
                )
            if qid in properties:
                raise BadForm(f"two questions have the qid {qid[:100]!r}. Rename one.")
            schema, questions = _read(node, (qid,), (), 0)
            properties[qid] = schema
            found += questions
            if len(found) > MOST_QUESTIONS:
                raise BadForm(f"more than {MOST_QUESTIONS:,} questions; split the form.")
    if not found:
        raise BadForm("there is no question in it: 'pages' hold none.")
    title = str(document.get("name") or inner.get("title") or name)[:MOST_LABEL]
    return Form(title, {"type": "object", "properties": properties, "additionalProperties": False}, tuple(found))


def _read(
    node: Node, path: tuple[str, ...], groups: tuple[Labels, ...], depth: int
) -> tuple[dict[str, JSON], list[Question]]:
    """The JSON Schema of a question's answer, and the question, or those it is made of."""
    labels = _labels(node)
    kind, parts = node.get("type"), node.get("properties")
    if kind in ("array", "object") and isinstance(parts, list) and depth < MOST_DEPTH:
        place = (*path, EACH) if kind == "array" else path
        properties: dict[str, JSON] = {}
        found: list[Question] = []
        for part in parts[:MOST_QUESTIONS]:
            name = part.get("id") or part.get("qid") if isinstance(part, Mapping) else None
            if isinstance(name, str) and name:
                properties[name], inner = _read(part, (*place, name), (*groups, labels), depth + 1)
                found += inner
        entry: dict[str, JSON] = {"type": "object", "properties": properties, "additionalProperties": False}
        return ({"type": "array", "items": entry} if kind == "array" else entry), found
    if kind in _SKIPPED:
        return {}, []
    if kind in _SEVERAL or node.get("format") in _SEVERAL:
        question = _question(node, (*path, EACH), groups, labels)
        return {"type": "array", "items": dict(question.schema)}, [question]
    question = _question(node, path, groups, labels)
    return dict(question.schema), [question]


def _question(node: Node, path: tuple[str, ...], groups: tuple[Labels, ...], labels: Labels) -> Question:
    name = next(part for part in reversed(path) if part != EACH)
    texts = [text for _, text in labels]
    form, kind = str(node.get("format", "")), str(node.get("type", ""))
    options = tuple(_options(node)) if kind in _CHOICES or form in _CHOICES else ()
    schema: dict[str, JSON] = {"type": "string"}
    if options:
        schema = {"enum": [option.value for option in options]}
    elif isinstance(node.get("pattern"), str):
        schema["pattern"] = node["pattern"]
    helps = tuple(text for _, text in split_languages(str(node["help"]))) if isinstance(node.get("help"), str) else ()
    return Question(
        path,
        labels,
        _type(node, options),
        helps,
        options,
        groups,
        asked_language(texts, name),
        asked_unit(texts),
        node.get("required") is True,
        "" if form in _PLAIN_FORMATS or form == _FUNDER_FORMAT else form,
        schema,
    )


def _type(node: Node, options: tuple[Option, ...]) -> Type:
    form = str(node.get("format", ""))
    if options:
        return "choice"
    if form == "file-metadata":
        return "files"
    if form == "date" or _is_date_pattern(node.get("pattern")):
        return "date"
    if form in ("textarea", "textarea-lg", "textarea-xl") or node.get("type") == "textarea":
        return "text"
    return "line"


def _is_date_pattern(pattern: JSON) -> bool:
    return (
        isinstance(pattern, str)
        and re.fullmatch(r"\^\[0-9\]\{4\}\S{1,6}\[0-9\]\{(?:1,)?2\}\S{1,6}\[0-9\]\{(?:1,)?2\}\$", pattern) is not None
    )


def _options(node: Node) -> Iterator[Option]:
    """Those that can be chosen; headings of groups (``group:…``) cannot."""
    given = node.get("options")
    for option in given[:MOST_OPTIONS] if isinstance(given, list) else []:
        if isinstance(option, str):
            yield Option(option, ())
        elif (
            isinstance(option, Mapping)
            and isinstance(option.get("text"), str)
            and not option["text"].startswith("group:")
        ):
            tooltip = option.get("tooltip")
            yield Option(option["text"], split_languages(tooltip) if isinstance(tooltip, str) else ())


def _labels(node: Node) -> Labels:
    for key in ("title", "label", "nav", "description"):
        if isinstance(node.get(key), str) and node[key].strip():
            return split_languages(node[key])
    return ()

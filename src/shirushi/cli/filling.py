"""``shirushi describe --form``: a form's questions with their answers, how sure each is and where it was seen; or JSON."""

import json
import sys
from io import StringIO
from typing import TYPE_CHECKING

from shirushi.cli.describing import WIDTH, deliver, one_line, seen_in, shorten, summary

if TYPE_CHECKING:
    from rich.table import Table

    from shirushi.describe.description import Description
    from shirushi.describe.evidence import JSON, Suggestion
    from shirushi.describe.forms.fill import Filled, Refused
    from shirushi.describe.forms.form import Question

MOST_MISSING = 12


def show_filled(
    description: "Description", language: str, output: str | None, *, as_json: bool, evidence: bool
) -> None:
    """Print the filled form, or write it: the table, or ``answers`` and ``suggestions`` as JSON (with all that was seen)."""
    from rich.console import Console

    filled = description.filled
    assert filled is not None
    if as_json:
        data = description.to_json(evidence=True) if evidence else filled.to_json()
        deliver((json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "surrogatepass"), output)
        return
    stream = sys.stdout if output is None else StringIO()
    console = Console(file=stream, width=None if stream.isatty() else WIDTH, highlight=False, markup=False)
    console.print(answer_table(filled, language))
    for line in (*closing(filled, language), *summary(description, language)):
        console.print(line)
    if isinstance(stream, StringIO):
        deliver(stream.getvalue().encode(), output)


def answer_table(filled: "Filled", language: str) -> "Table":
    """One row for each answer, alternatives marked, in the order of the form."""
    from rich.table import Table
    from rich.text import Text

    from shirushi.describe.evidence import confidence_word

    ja = language == "ja"
    heads = (
        ("質問", "回答の案", "確かさ", "見た場所") if ja else ("Question", "Proposed answer", "Confidence", "Seen in")
    )
    words = {"sure": "確実", "likely": "おそらく", "perhaps": "もしかすると"} if ja else {}
    table = Table(show_lines=False, pad_edge=False)
    for head, ratio in zip(heads, (4, 6, 2, 4), strict=True):
        table.add_column(head, ratio=ratio, overflow="fold")
    for suggestion in filled.suggestions:
        question = filled.question_of(suggestion)
        word = confidence_word(suggestion.confidence)
        table.add_row(
            Text("" if suggestion.alternative else label_of(question, suggestion, language)),
            Text(
                ("≠ " if suggestion.alternative else "")
                + shorten(one_line(in_words(question, suggestion.value, language)))
            ),
            Text(f"{words.get(word, word)} {suggestion.confidence:.2f}"),
            Text(seen_in(suggestion)),
        )
    return table


def label_of(question: "Question", suggestion: "Suggestion", language: str) -> str:
    """The question's label; in a list with the group's label and the entry's number before it."""
    label = one_line(question.label(language))
    if not question.many:
        return label
    number = next((int(part) + 1 for part in suggestion.target.split("/") if part.isdigit()), 1)
    group = dict(reversed(question.groups[-1])) if question.groups else {}
    name = group.get(language) or next(iter(group.values()), "")
    return f"{one_line(name)} {number} · {label}" if name and name != label else f"{label} {number}"


def in_words(question: "Question", value: "JSON", language: str) -> str:
    """A choice by its label, with what is stored where that says more; anything else as it is."""
    option = next((o for o in question.options if o.value == value), None)
    if option is None:
        return ("はい" if value else "いいえ") if isinstance(value, bool) and language == "ja" else str(value)
    label = dict(reversed(option.labels)).get(language, "")
    return f"{label} ({value})" if label and label != str(value) else str(value)


def closing(filled: "Filled", language: str) -> list[str]:
    """How much of the form is filled, and what it requires that no file says."""
    given = len({s.target for s in filled.suggestions if not s.alternative})
    missing = filled.missing()
    names = [one_line(q.label(language)) for q in missing[:MOST_MISSING]]
    more = f" +{len(missing) - MOST_MISSING}" if len(missing) > MOST_MISSING else ""
    questions = len(filled.form.questions)
    told = [_refusal(filled, item, language) for item in filled.refused[:MOST_MISSING]]
    if language == "ja":
        lines = [
            f"{filled.form.name}: {questions} 問に {given} 件の回答の案。答えの手がかりがなかった質問は空のままです。"
        ]
        return [*lines, *([f"必須で未回答: {'、'.join(names)}{more}"] if names else []), *told]
    lines = [f"{filled.form.name}: {given} answers proposed to {questions} questions. What no file tells stays empty."]
    return [*lines, *([f"Required and not answered: {'; '.join(names)}{more}"] if names else []), *told]


def _refusal(filled: "Filled", item: "Refused", language: str) -> str:
    """A value that is known and that the form does not take, and why."""
    from shirushi.describe.forms.form import pointer

    question = next(q for q in filled.form.questions if pointer(q.path) == item.target)
    label, value = one_line(question.label(language)), shorten(one_line(str(item.value)))
    longest = question.schema.get("maxLength")
    if language == "ja":
        why = f"{longest} 字を超えています" if item.reason == "maxLength" else "求める形式に合いません"
        return f"フォームが受け付けない値: {label}: {value}（{why}）"
    why = f"longer than {longest} characters" if item.reason == "maxLength" else "not in the form asked for"
    return f"Known, but not taken by the form: {label}: {value} ({why})"

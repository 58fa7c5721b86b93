"""What derived files say of themselves: every sentence of the code that makes them can be read in Japanese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shirushi.describe import derive
from shirushi.describe.derive.words import note_in, why_in

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
OF_LIBRARIES = ("HDF5: ", "NumPy: ", "NumPy archive: ", "DuckDB: ", "1: 1")


def sentences() -> Iterator[tuple[str, str]]:
    """``(kind, sentence)`` of the modules of derive, with 1 for whatever is filled in."""
    for module in Path(derive.__file__).parent.glob("*.py"):
        if module.name == "words.py":
            continue
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="Unreadable" | "Left"), args=[_, words]):
                    yield from (("why", text) for text in texts(words))
                case ast.Call(func=ast.Attribute(attr="leave_out"), args=[_, words]):
                    yield from (("note", f"1: {text}") for text in texts(words))
                case ast.Call(func=ast.Attribute(attr="append", value=ast.Name(id="left")), args=[words]):
                    yield from (("note", text) for text in texts(words))
                case ast.FunctionDef(name="_why_not" | "_odd") as function:
                    start = "1: " if function.name == "_why_not" else ""
                    for step in ast.walk(function):
                        if isinstance(step, ast.Return) and step.value is not None:
                            yield from (("note", start + text) for text in texts(step.value))
                case ast.keyword(arg="note", value=words):
                    yield from (("note", text) for text in texts(words))


def texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(part.value if isinstance(part, ast.Constant) else "1" for part in parts)
        case ast.Subscript(value=inside):
            yield from texts(inside)


FOUND = sorted(set(sentences()))


def test_the_sentences_are_found():
    assert len(FOUND) > 25


@pytest.mark.parametrize(("kind", "sentence"), FOUND)
def test_every_sentence_has_its_japanese(kind, sentence):
    said = note_in(sentence, "ja") if kind == "note" else why_in("not-converted", sentence, "ja")
    assert JAPANESE.search(said) or sentence.startswith(OF_LIBRARIES), said
    assert (note_in(sentence, "en") if kind == "note" else why_in("not-converted", sentence, "en")) == sentence


def test_why_tells_what_happened_and_the_particulars():
    assert why_in("too-large", "3,000 bytes; up to 2,000 are made into derived files", "ja") == (
        "大きすぎるため、すべては読み取れませんでした（3,000 バイト。派生ファイルを作るのは 2,000 バイトまで）。"
    )
    assert why_in("storage", "The store is away.", "ja") == "The store is away."

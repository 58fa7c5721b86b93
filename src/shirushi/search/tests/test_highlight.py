from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.search.analysis import analyse
from shirushi.search.compiling import sought
from shirushi.search.highlight import Sought, mark, mark_first, places, snippet
from shirushi.search.query import parse

NOTHING = Sought(frozenset(), frozenset(), frozenset())


def marked(text: str, query: str) -> str:
    return "".join(f"[{piece}]" if hit else piece for piece, hit in mark(text, sought(parse(query))))


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("相模湾の海面水温", "水温 相模湾", "[相模湾]の海面[水温]"),
        ("Running shoes", "runs", "[Running] shoes"),
        ("ＲＵＮ ﾃﾞｰﾀ", "run データ", "[ＲＵＮ] [ﾃﾞｰﾀ]"),
        ("山田 花子", "やまだ", "[山田] 花子"),
        ("山田 花子", "yamadahanako", "[山田 花子]"),
        ("東京都の記録", "京都", "東[京都]の記録"),
        ("the effect of ice", "effect of ice", "the [effect] of [ice]"),
        ("ice", "title:ice", "[ice]"),
        ("2021", "year:2021", "2021"),
        ("ice and sea", "sea -ice", "ice and [sea]"),
        ("", "x", ""),
    ],
)
def test_what_matched_is_marked(text: str, query: str, expected: str) -> None:
    assert marked(text, query) == expected


@given(st.text(max_size=200), st.text(max_size=20))
def test_marking_loses_no_character(text: str, query: str) -> None:
    assert "".join(piece for piece, _ in mark(text, sought(parse(query)))) == text


@given(
    st.text(st.sampled_from("海面水温は。 ab\nｶﾞ"), max_size=900), st.text(st.sampled_from("海面水温ab "), max_size=8)
)
def test_snippet_is_a_part_of_the_text_and_short(text: str, query: str) -> None:
    pieces = snippet([text], sought(parse(query)))
    shown = "".join(piece for piece, _ in pieces)
    assert shown.strip("…") in text
    assert len(shown) <= 302


@given(st.text(max_size=300), st.text(max_size=10))
def test_snippet_is_the_same_from_the_places_made_when_indexing(text: str, query: str) -> None:
    marks = replace(sought(parse(query)), readings=frozenset())
    assert snippet([text], marks, [places(analyse(text))]) == snippet([text], marks)


def test_snippet_shows_the_match_from_the_beginning_of_its_sentence() -> None:
    text = "最初の文です。" * 60 + "海面水温を測りました。" + "最後の文です。" * 60
    pieces = snippet([text], sought(parse("海面水温")))
    assert pieces[0] == ("…", False)
    assert ("海面水温", True) in pieces
    shown = "".join(piece for piece, _ in pieces)
    assert shown.startswith("…海面水温を測りました。")
    assert shown.endswith("最後の文です。…")


def test_snippet_cuts_english_between_words() -> None:
    text = "word " * 100 + "temperature " + "word " * 100
    shown = "".join(piece for piece, _ in snippet([text], sought(parse("temperatures"))))
    assert shown.startswith("…word ")
    assert set(shown.strip("…").split()) == {"word", "temperature"}


def test_snippet_prefers_where_more_of_the_words_are() -> None:
    text = "ice " + "x " * 300 + "ice and salt"
    assert ("salt", True) in snippet([text], sought(parse("ice salt")))


def test_without_a_match_the_beginning_is_shown() -> None:
    assert snippet(["short"], NOTHING) == [("short", False)]
    assert snippet([], NOTHING) == []
    assert mark_first(["a", "b"], NOTHING) == [("a", False)]

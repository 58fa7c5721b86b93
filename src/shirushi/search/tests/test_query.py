import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.search.query import Clause, Parsed, Query, parse, years


def words(*texts: str) -> Parsed:
    return Parsed(wanted=tuple((Clause(text),) for text in texts))


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("", Parsed()),
        ("   \n\t", Parsed()),
        ("海面 水温", words("海面", "水温")),
        ("海面　水温", words("海面", "水温")),
        ('"sea surface" temperature', Parsed(((Clause("sea surface", phrase=True),), (Clause("temperature"),)))),
        ("“海面 水温”", Parsed(((Clause("海面 水温", phrase=True),),))),
        ('"left open', Parsed(((Clause("left open", phrase=True),),))),
        ("ocean -ice", Parsed(((Clause("ocean"),),), (Clause("ice"),))),
        ("海洋 －氷", Parsed(((Clause("海洋"),),), (Clause("氷"),))),
        ("ocean NOT ice", Parsed(((Clause("ocean"),),), (Clause("ice"),))),
        ("-", words("-")),
        ("a - b", words("a", "-", "b")),
        ("sea-ice", words("sea-ice")),
        ("cat OR dog fish", Parsed(((Clause("cat"), Clause("dog")), (Clause("fish"),)))),
        ("OR cat", words("cat")),
        ("cat AND dog", words("cat", "dog")),
        ("year:2021", Parsed(((Clause("2021", field="year"),),))),
        ("年：2021", Parsed(((Clause("2021", field="year"),),))),
        ("Creator:山田", Parsed(((Clause("山田", field="people"),),))),
        ('title:"sea ice"', Parsed(((Clause("sea ice", phrase=True, field="title"),),))),
        ("-type:Software", Parsed((), (Clause("Software", field="resource_type"),))),
        ("https://doi.org/10.5072/x", words("https://doi.org/10.5072/x")),
        ("12:30", words("12:30")),
        ("note:this", words("note:this")),
        ("title:", words("title:")),
        ('""', Parsed()),
        ("a\0b", words("a", "b")),
    ],
)
def test_words_are_understood(text: str, parsed: Parsed) -> None:
    assert parse(text) == parsed


@given(st.text(max_size=2_000))
def test_any_text_is_parsed_without_an_exception(text: str) -> None:
    parsed = parse(text)
    assert len(parsed.wanted) + len(parsed.unwanted) <= 32
    for group in (*parsed.wanted, parsed.unwanted):
        for clause in group:
            assert clause.text.strip()


@given(st.text(st.sampled_from('ab"“”-:() \u3000ORNDTyear海「」*?~^/\\'), max_size=60))
def test_any_mixture_of_marks_is_parsed_without_an_exception(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2021", ["2021"]), ("2019-2021", ["2019", "2020", "2021"]), ("2021..2020", ["2020", "2021"]), ("x", ["x"])],
)
def test_ranges_of_years(value: str, expected: list[str]) -> None:
    assert years(value) == expected


def test_absurd_range_of_years_is_bounded() -> None:
    assert len(years("0000-9999")) == 200


@pytest.mark.parametrize(
    "values",
    [
        {"filters": {"colour": ["red"]}},
        {"facets": ["colour"]},
        {"sort": "best"},
        {"limit": 101},
        {"limit": -1},
        {"offset": -1},
        {"offset": 10_001},
    ],
)
def test_query_that_no_engine_could_answer_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"facet|order|limit|offset"):
        Query("x", **values)  # type: ignore[arg-type]

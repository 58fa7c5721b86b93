"""JSON and YAML with places: same data as the standard readers, and every quote on its line."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shirushi.describe.readers.base import Unreadable
from shirushi.describe.readers.positions import Located, at, read_json, read_yaml

SCALARS = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=20)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def check_quotes(found: Located, text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for spot in found.spots.values():
        assert spot.quote in lines[spot.line - 1]


@given(data=DOCUMENTS, indent=st.sampled_from([None, 1, 2]), escaped=st.booleans())
def test_json_is_read_as_the_standard_library_does(data: object, indent: int | None, escaped: bool) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=escaped)
    found = read_json(text)
    assert found.data == data
    check_quotes(found, text)
    for pointer in found.spots:
        assert at(found.data, pointer) == at(data, pointer)


@given(
    data=st.dictionaries(
        st.text("abcあ", min_size=1, max_size=5),
        st.text("ab c日本:#-\n'\"", max_size=30) | st.integers(0, 99),
        max_size=4,
    )
)
def test_yaml_is_read_as_pyyaml_does(data: object) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)
    found = read_yaml(text)
    assert found.data == yaml.safe_load(text)
    check_quotes(found, text)


def test_lines_and_quotes_of_json() -> None:
    found = read_json('{\n  "title": "\\u6d77",\n  "a/b": [\n    1,\n    {"x": 2.5}\n  ]\n}\n')
    assert found.data == {"title": "海", "a/b": [1, {"x": 2.5}]}
    assert {p: (s.line, s.quote) for p, s in found.spots.items()} == {
        "": (1, "{"), "/title": (2, "\\u6d77"), "/a~1b": (3, "["), "/a~1b/0": (4, "1"), "/a~1b/1": (5, '{"x": 2.5}'), "/a~1b/1/x": (5, "2.5"),
    }  # fmt: skip


def test_lines_and_quotes_of_yaml() -> None:
    found = read_yaml(
        'title: "海"\nabstract: >\n  Two\n  lines\ndate: 2024-02-29\nversion: 1.10\nauthors:\n  - name: A\n'
    )
    assert found.data == {
        "title": "海", "abstract": "Two lines\n", "date": "2024-02-29", "version": "1.10", "authors": [{"name": "A"}],
    }  # fmt: skip
    assert [(found.spot(p).line, found.spot(p).quote) for p in ("/title", "/abstract", "/authors/0/name", "/none")] == [
        (1, "海"), (3, "Two"), (8, "A"), (1, 'title: "海"'),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "{", '{"a" 1}', "[1,,2]", "{'a': 1}", '{"a": 1} x', '"\\ud', "nul"])
def test_broken_json_is_malformed(text: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read_json(text)
    assert raised.value.code == "malformed"


def test_deep_json_is_refused() -> None:
    with pytest.raises(Unreadable) as raised:
        read_json("[" * 10_000)
    assert raised.value.code == "too-deep"


def test_yaml_that_unfolds_without_end_is_refused() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for i in range(1, 9):
        text += f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n"
    with pytest.raises(Unreadable) as raised:
        read_yaml(text)
    assert raised.value.code == "too-large"


@pytest.mark.parametrize("text", ["a: [", "\tb: c", "a: !!python/object:os.system x"])
def test_odd_yaml_is_refused_or_plain(text: str) -> None:
    try:
        found = read_yaml(text)
    except Unreadable as error:
        assert error.code == "malformed"  # noqa: PT017 - either is right
    else:
        assert found.data == {"a": "x"}

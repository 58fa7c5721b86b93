"""Row buttons, empty entries, hostile names: what a post may hold and what becomes of it."""

import pytest

from shirushi.forms import parse, render, work_form
from shirushi.forms.parse import ADD, REMOVE


def test_parse_drops_entries_in_which_nothing_was_said():
    form = work_form().at("/creators")
    posted = {
        "/creators/0/name": "  ",
        "/creators/0/name_type": "Personal",
        "/creators/1/name": "山田 花子",
        "/creators/1/name_type": "Personal",
    }
    assert parse(form, posted).data == [{"name": "山田 花子", "name_type": "Personal"}]


def test_parse_of_a_single_value_left_empty_is_none():
    assert parse(work_form().at("/publisher"), {"/publisher/name": ""}).data is None


@pytest.mark.parametrize(
    ("field", "part", "default"), [("access", "rights", "open"), ("resource_type", "general", "Dataset")]
)
def test_to_choose_what_is_the_default_is_to_say_it(field, part, default):
    form = work_form().at(f"/{field}")
    assert parse(form, {f"/{field}/{part}": default}).data == {part: default}
    assert parse(form, {f"/{field}/{part}": ""}).data is None


def test_parse_keeps_text_that_is_not_a_number():
    form = work_form().at("/variables/0")
    submission = parse(form, {"/variables/0/name": "sst", "/variables/0/missing": "none"})
    assert submission.data == {"name": "sst", "missing": "none", "sampled": False}
    assert 'value="none"' in render(form, answers=submission.answers)


def test_add_button_gives_an_empty_entry_and_keeps_what_was_typed():
    form = work_form().at("/creators/0")
    posted = {
        "/creators/0/name": "山田",
        "/creators/0/affiliations/0/ror": "https://ror",
        ADD: "/creators/0/affiliations",
    }
    submission = parse(form, posted)
    assert submission.reshaped
    assert submission.focus == "/creators/0/affiliations/1"
    assert submission.answers["affiliations"] == [{"name": "", "ror": "https://ror"}, {"name": "", "ror": ""}]
    assert submission.answers["name"] == "山田"


def test_add_button_of_a_list_of_texts_gives_an_empty_text():
    submission = parse(work_form().at("/languages"), {"/languages/0": "ja", ADD: "/languages"})
    assert submission.answers == ["ja", ""]
    assert "autofocus" in render(work_form().at("/languages"), answers=submission.answers, focus=submission.focus)


def test_remove_button_takes_its_entry_away():
    posted = {"/titles/0/text": "one", "/titles/1/text": "two", "/titles/2/text": "three", REMOVE: "/titles/1"}
    submission = parse(work_form().at("/titles"), posted)
    assert submission.data == [{"text": "one"}, {"text": "three"}]
    assert submission.focus == "/titles/1"


def test_button_for_a_list_that_does_not_exist_changes_nothing():
    for pointer in ("/titles/9/nothing", "/titles/x", "/creators", "//"):
        submission = parse(work_form().at("/titles"), {"/titles/0/text": "one", ADD: pointer, REMOVE: pointer})
        assert submission.data == [{"text": "one"}]


def test_far_away_positions_cost_nothing_and_keep_their_order():
    posted = {
        "/titles/999999999/text": "last",
        "/titles/3/text": "first",
        "/titles/-1/text": "no",
        "/titles/９/text": "no",
    }
    assert parse(work_form().at("/titles"), posted).data == [{"text": "first"}, {"text": "last"}]


def test_names_that_the_form_does_not_have_are_ignored():
    posted = {"/titles/0/text": "one", "/titles/0/secret": "x", "/rights/0/id": "MIT", "csrfmiddlewaretoken": "abc"}
    assert parse(work_form().at("/titles"), posted).data == [{"text": "one"}]


def test_a_text_where_an_entry_should_be_is_no_entry():
    assert parse(work_form().at("/titles"), {"/titles": "one", "/titles/0": "two"}).data == []


def test_hidden_json_that_is_broken_stays_text_for_the_validator():
    assert parse(work_form(), {"/custom": "{"}).data["custom"] == "{"

"""Values of a field while they are decided on: every change can be taken back, and holds no more than what it changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.core.changing import Change, Held, Ranks

NAMES = st.lists(st.builds(lambda name: {"name": name}, st.sampled_from("abcde")), max_size=8)


def held(*names: str) -> Held:
    return Held("creators", [{"name": name} for name in names])


@given(before=NAMES, after=NAMES)
def test_becoming_gives_the_new_value_and_its_back_the_old_one(before, after) -> None:
    field = Held("creators", before)
    change = field.becoming(after)
    field.make(change)
    assert field.value == after
    field.make(change.back())
    assert field.value == before


def test_becoming_holds_only_what_lies_between() -> None:
    assert held("a", "b", "c").becoming([{"name": "a"}, {"name": "x"}, {"name": "c"}]) == Change(
        1, ({"name": "b"},), ({"name": "x"},)
    )


def test_numbers_that_python_calls_equal_are_not_the_same() -> None:
    before, after = [{"name": "a", "minimum": 1}], [{"name": "a", "minimum": 1.0}]
    field = Held("variables", before)
    field.make(field.becoming(after))
    assert repr(field.value) == repr(after)


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_inserted_before_the_first_that_ranks_behind_it(rank) -> None:
    ranks = Ranks([({"name": "one"}, 1), ({"name": "two"}, 2)])
    change = held("typed", "one", "two").inserting({"name": "new"}, rank=rank, ranks=ranks)
    assert change.position == {0: 1, 1: 2, 2: 3, 3: 3}[rank]


def test_what_is_there_already_is_not_inserted() -> None:
    assert held("a").inserting({"name": "a"}, rank=0, ranks=Ranks()) == Change()


@pytest.mark.parametrize("value", [None, "1.0"])
def test_field_of_one_value_is_filled_and_emptied(value) -> None:
    field = Held("version", value)
    change = field.filling("2.0")
    field.make(change)
    assert field.value == "2.0"
    field.make(change.back())
    assert field.value == value


def test_taking_out_what_is_not_there_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="creators does not hold at 0"):
        held("a").make(Change(0, ({"name": "b"},), ()))

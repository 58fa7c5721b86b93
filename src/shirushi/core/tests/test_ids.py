"""Ids and suffixes: sortable, and every mistyped or swapped character found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.core.ids import ALPHABET, check_character, encode, new_id, new_suffix, suffix_is_sound


def test_check_character_is_the_number_modulo_37() -> None:
    assert (check_character("0"), check_character("10"), check_character("zz")) == ("0", "*", "r")


def test_new_suffix_is_sound_and_safe_in_an_address() -> None:
    suffixes = [new_suffix() for _ in range(500)]
    assert all(suffix_is_sound(suffix) for suffix in suffixes)
    assert set("".join(suffixes)) <= set(ALPHABET + "-")


@given(position=st.integers(0, 7), other=st.sampled_from(ALPHABET))
def test_mistyped_character_is_found(position: int, other: str) -> None:
    text = new_suffix().replace("-", "")
    changed = text[:position] + other + text[position + 1 :]
    assert suffix_is_sound(changed) == (changed == text)


@given(position=st.integers(0, 6))
def test_swapped_neighbours_are_found(position: int) -> None:
    text = new_suffix().replace("-", "")
    changed = text[:position] + text[position + 1] + text[position] + text[position + 2 :]
    assert suffix_is_sound(changed) == (changed == text)


@pytest.mark.parametrize("suffix", ["", "abc", "ilou-ilou0", "0000-0000*"])
def test_what_is_no_suffix_is_not_sound(suffix: str) -> None:
    assert not suffix_is_sound(suffix)


def test_ids_are_short_distinct_and_in_the_order_they_were_made() -> None:
    ids = [new_id() for _ in range(1000)]
    assert (len(set(ids)), {len(one) for one in ids}) == (1000, {14})
    assert ids == sorted(ids)


def test_number_that_does_not_fit_is_an_error() -> None:
    assert encode(1023, 2) == "zz"
    with pytest.raises(ValueError, match="does not fit"):
        encode(1024, 2)

"""Decoding and normalising: what was written, and where it stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.describe.text import decode, fold, letters, normalise


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "iso2022_jp", "utf-16"])
def test_decode_japanese_encoding(encoding: str) -> None:
    text = "相模湾の海面水温（２０２１年）を測ったデータです。\n"
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.problem) == (text, None)


def test_decode_cut_in_the_middle_of_a_character() -> None:
    data = "海面水温".encode("cp932")[:-1]
    assert decode(data, truncated=True).text == "海面水"


def test_decode_latin_is_reported() -> None:
    decoded = decode("Universität Zürich, Straße\n".encode("latin-1"))
    assert decoded.encoding == "latin-1"
    assert decoded.problem is not None


def test_decode_of_two_encodings_in_one_file_is_reported() -> None:
    decoded = decode("海面水温\n".encode() + "海面水温\n".encode("cp932") + b"\xff\xfe\x80")
    assert (decoded.encoding, decoded.problem is not None) == ("latin-1", True)


def test_normalise_half_width_kana_points_at_the_original() -> None:
    normalised = normalise("Ａ：ｶﾞｽ")
    assert normalised.text == "A:ガス"
    start = normalised.text.index("ガ")
    assert normalised.span(start, start + 1) == (2, 4)


@given(st.text(max_size=60))
def test_normalise_spans_stay_inside(text: str) -> None:
    normalised = normalise(text)
    assert len(normalised.offsets) == len(normalised.text) + 1
    for start in range(len(normalised.text)):
        first, last = normalised.span(start, start + 1)
        assert 0 <= first < last <= len(text)


def test_letters_drops_accents_and_marks() -> None:
    assert letters("Döring,  Markus") == "doring markus"
    assert fold("ＡＢＣ  d") == "abc d"

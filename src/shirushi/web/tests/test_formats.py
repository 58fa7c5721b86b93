"""How numbers are written on pages."""

import pytest

from shirushi.web.formats import THIN_SPACE, exact, grouped


@pytest.mark.parametrize(
    ("value", "written"),
    [(12_345_678, "12 345 678"), (2**53 + 1, "9 007 199 254 740 993"), (20240101.5, "20 240 101.5"), (20.0, "20"), (1e-7, "1e-07"), (None, "–")],
)  # fmt: skip
def test_numbers_of_data_keep_their_digits(value: float | None, written: str) -> None:
    assert exact(value) == written.replace(" ", THIN_SPACE)


@pytest.mark.parametrize(
    ("text", "bare", "written"),
    [
        ("900 / 9,472 bytes", False, "900 / 9 472 bytes"),
        ("(32,000 bytes are there)", False, "(32 000 bytes are there)"),
        ("time 1,461, lat 1,800", False, "time 1 461, lat 1 800"),
        ("the shape (100,200) and [2,100]", False, "the shape (100,200) and [2,100]"),
        ("44100 Hz, 0x0055", True, "44 100 Hz, 0x0055"),
    ],
)
def test_numbers_in_words_are_written_as_others(text: str, bare: bool, written: str) -> None:
    seen = grouped(text, bare=bare)
    assert seen.replace(THIN_SPACE, " ") == written
    assert "," not in seen or "," in written

"""The words of problems, in the language of who reads them."""

import pytest

from shirushi.describe.particulars import particulars_in
from shirushi.describe.problems import problem, say, what_in


@pytest.mark.parametrize(
    ("code", "detail", "told"),
    [
        ("sampled", "13 of 1,401 files were read", "（1,401 ファイルのうち 13 ファイル）"),
        ("too-many-columns", "the first 500 of 2,000 columns were used", "（2,000 列のうち先頭の 500 列を使用）"),
        ("truncated", "4,407 / 13,221 bytes", "（4,407 / 13,221 バイト）"),
        ("truncated", "the package cannot be opened: File is not a zip file", "（ZIP 形式として開けない）"),
        ("malformed", "HDF5: bad superblock version number", "（HDF5: bad superblock version number）"),
    ],
)
def test_particulars_are_told_in_japanese_where_they_are_ours(code: str, detail: str, told: str) -> None:
    item = problem(code, "data.h5", detail)
    assert told in say(item, "ja")
    assert f"({detail})" in say(item, "en")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("not JSON: Expecting ',' delimiter: line 1 column 42 (char 41)", "JSON として読めない：1 行 42 列目"),
        ("not JSON: Expecting ':' delimiter: line 2 column 5 (char 9)", "JSON として読めない：2 行 5 列目"),
        ("the image cannot be unpacked: image file is truncated (12 bytes not processed)", "画像を展開できない：画像データが途中で切れている"),
        ("the image cannot be unpacked: an error of its own", "画像を展開できない：an error of its own"),
        ("KMZ: File is not a zip file", "KMZ：ZIP 形式として開けない"),
        ("features: 1,204; none has coordinates that can be drawn", "1,204 個の地物のどれにも、描ける座標がない"),
        ("HDF5: an error of its own", "HDF5: an error of its own"),
    ],
)  # fmt: skip
def test_words_of_libraries_stand_behind_ours(said: str, told: str) -> None:
    assert (particulars_in(said, "ja"), particulars_in(said, "en")) == (told, said)


def test_readers_are_told_what_happened_and_not_what_the_keeper_could_do() -> None:
    assert (
        what_in("truncated", "9 / 10 bytes", "en") == "The file seems to be cut off: its end is missing (9 / 10 bytes)."
    )
    assert what_in("empty-file", "", "ja") == "ファイルが空です(0 バイト)。"
    assert (
        what_in("malformed", "File is not a zip file", "ja")
        == "ファイルの形式が正しくないか、壊れています（ZIP 形式として開けない）。"
    )

"""The words of problems, in the language of who reads them."""

import pytest

from shirushi.describe.problems import problem, say


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

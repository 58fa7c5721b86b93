"""Plain text: a title on the first line by itself, and what only looks like one."""

from pathlib import Path

import pytest

from shirushi.describe.readers.base import File
from shirushi.describe.readers.plain import read_plain

BODY = "Swallows were ringed at six farms between May and August.\n"


def headings(folder: Path, text: str) -> list[tuple[str, int, int, int | None]]:
    """(text, level, line, column) of each heading."""
    path = folder / "notes.txt"
    path.write_text(text, encoding="utf-8")
    file = File(path, path.name, path.stat().st_size, "text/plain", "text")
    seen = [item for item in read_plain(file) if item.kind == "heading"]
    return [(item.value["text"], item.value["level"], item.place.start, item.place.column) for item in seen]


@pytest.mark.parametrize("title", ["Ringing records of swallows in Kent 2019", "相模川におけるアユの遡上数調査データ"])
def test_first_line_by_itself_is_the_title(tmp_path: Path, title: str) -> None:
    assert headings(tmp_path, f"\n  {title}\n\n{BODY}") == [(title, 1, 2, 2)]


@pytest.mark.parametrize(
    "line",
    [
        "Dear all,",
        "Swallows were ringed.",
        "鳥を調べました。",
        "Author: A. Person",
        "2019-05-01",
        "- first",
        "/data/raw/x",
    ],
)
def test_first_line_that_is_no_title(tmp_path: Path, line: str) -> None:
    assert headings(tmp_path, f"{line}\n\n{BODY}") == []


def test_first_line_of_a_paragraph_is_no_title(tmp_path: Path) -> None:
    assert headings(tmp_path, f"Ringing records of swallows\n{BODY}") == []


@pytest.mark.parametrize(
    ("line", "heading"),
    [("1. Methods", "Methods"), ("１．方法", "方法"), ("2 Results", "Results"), ("2019年の記録。", None)],
)
def test_numbered_heading_is_not_cut_out_of_a_date(tmp_path: Path, line: str, heading: str | None) -> None:
    found = headings(tmp_path, f"{BODY}\n{line}\n\n{BODY}")
    assert [text for text, *_ in found] == ([heading] if heading else [])


def test_a_field_list_of_restructuredtext_is_pairs(tmp_path: Path) -> None:
    path = tmp_path / "readme.rst"
    path.write_text(":Authors: Ana Lima; Bo Ekman\n:Date: 2022-08-30\n\nSee the paper.\n", "utf-8")
    file = File(path, path.name, path.stat().st_size, "text/x-rst", "reStructuredText")
    found = [e for e in read_plain(file) if e.kind == "key-value"]
    assert [(e.value["key"], e.value["value"]) for e in found] == [
        ("Authors", "Ana Lima; Bo Ekman"),
        ("Date", "2022-08-30"),
    ]
    assert [e.place.quote for e in found] == ["Ana Lima; Bo Ekman", "2022-08-30"]

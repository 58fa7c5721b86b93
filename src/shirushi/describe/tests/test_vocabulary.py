"""Vocabularies are read from their official files, and anything else is refused with what was expected."""

import json
import zipfile
from pathlib import Path

import pytest

from shirushi.describe.vocabulary import NotThatVocabulary, read

V2 = {
    "id": "https://ror.org/00pjdza24",
    "names": [
        {"value": "Example University", "lang": "en", "types": ["ror_display", "label"]},
        {"value": "例示大学", "lang": "ja", "types": ["label"]},
        {"value": "EU", "lang": None, "types": ["acronym"]},
        {"value": "University of Example", "lang": "en", "types": ["alias"]},
    ],
    "domains": ["example.ac.jp"],
    "types": ["education"],
}
TERM = {
    "id": "00pjdza24",
    "name": "Example University",
    "ja": ["例示大学"],
    "acr": ["EU"],
    "alias": ["University of Example"],
    "domains": ["example.ac.jp"],
    "types": ["education"],
}


def test_ror_dump_in_its_zip(tmp_path: Path) -> None:
    dump = tmp_path / "dump.zip"
    with zipfile.ZipFile(dump, "w") as archive:
        archive.writestr("v9-ror-data.json", "[]")
        archive.writestr("v9-ror-data_schema_v2.json", json.dumps([V2, V2], indent=2))
    assert list(read("ror", dump)) == [TERM, TERM]


def test_ror_v1_and_own_lines(tmp_path: Path) -> None:
    v1 = {
        "id": "https://ror.org/00pjdza24",
        "name": "Example University",
        "labels": [{"label": "例示大学", "iso639": "ja"}],
        "acronyms": ["EU"],
        "aliases": ["University of Example"],
        "types": ["education"],
    }
    (tmp_path / "v1.json").write_text(json.dumps([v1]))
    (tmp_path / "own.jsonl").write_text(json.dumps(TERM) + "\n" + json.dumps(TERM) + "\n")
    assert list(read("ror", tmp_path / "v1.json")) == [{key: value for key, value in TERM.items() if key != "domains"}]
    assert list(read("ror", tmp_path / "own.jsonl")) == [TERM, TERM]


def test_ror_larger_than_a_chunk(tmp_path: Path) -> None:
    (tmp_path / "dump.json").write_text(json.dumps([V2] * 5000, indent=1))
    assert sum(1 for _ in read("ror", tmp_path / "dump.json")) == 5000


@pytest.mark.parametrize("text", ['{"a": 1}', "[1]", "<html>", '[{"id": "https://ror.org/00pjdza24"', "a,b\n1,2"])
def test_ror_from_something_else_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "dump.json").write_text(text)
    with pytest.raises(NotThatVocabulary):
        list(read("ror", tmp_path / "dump.json"))


def test_shared_vocabularies_are_read_whole(shared: Path) -> None:
    schemas = shared / "schemas"
    assert sum(1 for _ in read("ror", schemas / "ror" / "ror-jp.jsonl")) == 5479
    assert next(read("ndc", schemas / "ndc" / "ndc9.tsv")) == {"id": "0", "ja": "総記"}
    sections = {term["id"]: term for term in read("kaken-sections", schemas / "kaken" / "shinsa-kubun-2018.csv")}
    assert sections["01010"] == {"id": "01010", "ja": "哲学および倫理学", "broader": "1"}
    assert sections["1"] == {"id": "1", "ja": "思想、芸術", "broader": "A"}


def test_table_without_needed_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("code,label\n1,a\n")
    with pytest.raises(NotThatVocabulary, match="no column notation, ja"):
        list(read("ndc", tmp_path / "t.csv"))

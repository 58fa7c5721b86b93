"""The rules of JPCOAR beyond its XSD, over records that were broken on purpose, official samples, and what we write ourselves."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings

from shirushi.exchange import jpcoar
from shirushi.exchange.errors import NotReadable
from shirushi.exchange.jpcoar_rules import judge

CODES = {"error", "warn"}


def expected(shared: Path) -> tuple[set[tuple[str, str, str]], set[tuple[str, str]]]:
    """(file, code, level) that must be told, and (file, code) that must not. Five pairs stand in both lists: they are told."""
    with (shared / "schemas/jpcoar/negative-examples/EXPECTED.tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    must = {(r["file"], r["error_id"], r["level"]) for r in rows if r["expectation"] == "must report"}
    never = {(r["file"], r["error_id"]) for r in rows if r["expectation"] == "must not report"}
    return must, never - {(file, code) for file, code, _ in must}


def test_every_broken_record_is_judged_as_expected(shared) -> None:
    folder = shared / "schemas/jpcoar/negative-examples"
    must, never = expected(shared)
    found = {
        (file, one.code, one.level)
        for file in {file for file, *_ in must} | {file for file, _ in never}
        for one in judge((folder / file).read_bytes())
    }
    assert len(must) == 133
    assert must - found == set()
    assert {(file, code) for file, code, _ in found} & never == set()


def test_broken_records_are_told_for_what_was_broken_in_them(shared) -> None:
    """No record is told more than a few things: rules that shout at everything would find every mistake, too."""
    folder = shared / "schemas/jpcoar/negative-examples"
    numbers = [len(judge(file.read_bytes())) for file in sorted(folder.rglob("*.xml"))]
    assert len(numbers) >= 133
    assert sorted(numbers)[len(numbers) // 2] <= 2
    assert max(numbers) <= 8


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_official_samples_are_told_little(shared, version) -> None:
    """Of fourteen samples four leave out languages that the guideline asks for, or hold a placeholder for an identifier."""
    folder = shared / f"schemas/jpcoar/{version}/samples"
    wrong = {file.name[:2]: {one.code for one in judge(file.read_bytes())} for file in sorted(folder.glob("*.xml"))}
    assert {name: codes for name, codes in wrong.items() if codes} == {
        "07": {"xmllang_not_found"},
        "11": {"xmllang_not_found"},
        "12": {"xmllang_not_found"},
        "14": {"identifier_type_mismatch", "nameIdentifier_mismatch"},
    }


def test_what_we_write_keeps_the_rules(made) -> None:
    for publication in (made.rich, made.registered):
        assert [str(one) for one in judge(jpcoar.to_xml(publication)) if one.level == "error"] == []


def test_place_of_a_finding() -> None:
    xml = b"""<jpcoar:jpcoar xmlns:jpcoar="https://github.com/JPCOAR/schema/blob/master/2.0/">
      <jpcoar:creator/><jpcoar:creator>
      <jpcoar:familyName>x</jpcoar:familyName></jpcoar:creator></jpcoar:jpcoar>"""
    (one,) = judge(xml)
    assert (one.code, one.path, one.line) == ("xmllang_not_found", "/jpcoar/creator[2]/familyName", 3)
    assert one.what.ja == "xml:lang で言語を示してください。"


def test_what_is_no_xml() -> None:
    with pytest.raises(NotReadable):
        judge(b"not XML")


def test_any_record_is_judged(made) -> None:
    @settings(max_examples=60, deadline=None)
    @given(made.publications)
    def each(publication) -> None:
        assert {one.level for one in judge(jpcoar.to_xml(publication))} <= CODES

    each()

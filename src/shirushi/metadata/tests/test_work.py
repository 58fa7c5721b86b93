"""What a Work accepts and refuses by itself."""

import pytest
from pydantic import ValidationError

from shirushi.metadata.work import STORED, DateEntry, Rights, Work


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026", "2026"),
        ("２０２６-０２", "2026-02"),
        ("2024-02-29", "2024-02-29"),
        ("2026-01/2026", "2026-01/2026"),
        ("../2026-11-23", "../2026-11-23"),
    ],
)
def test_date_is_kept_in_ascii_digits(written: str, kept: str) -> None:
    assert DateEntry(date=written, type="Coverage").date == kept


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2024-02-31", "2024-02-31 is not in the calendar"),
        ("2023-02-29", "2023-02-29 is not in the calendar"),
        ("2024-13", "2024-13 is not in the calendar"),
        ("0000", "0000 is not in the calendar"),
        ("2024/2020", "ends before it begins"),
        ("2024-06/2024-03", "ends before it begins"),
        ("../..", "not a date"),
        ("24-1-5", "not a date"),
        ("२०२४", "not a date"),
    ],
)
def test_what_is_no_date_is_told(written: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        DateEntry(date=written, type="Coverage")


def test_work_is_published_on_one_date() -> None:
    with pytest.raises(ValidationError, match="not one date"):
        Work(publication_date="2026-01/2026-03")
    assert Work(publication_date="2026-01").publication_date == "2026-01"


def test_control_characters_are_no_part_of_a_text() -> None:
    work = Work.model_validate(
        {"titles": [{"text": "a\x1b]0;b\x00\x85c\n"}], "descriptions": [{"text": "a\nb\tc\x07"}]}
    )
    assert (work.titles[0].text, work.descriptions[0].text) == ("a]0;bc", "a\nb\tc")


def test_text_of_controls_alone_is_no_text() -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        Work.model_validate({"titles": [{"text": "\x00\x1b"}]})


def test_related_address_is_whole() -> None:
    related = {"identifier": "www.example.org/paper 1", "scheme": "URL", "relation": "Cites"}
    with pytest.raises(ValidationError, match="not a whole address"):
        Work.model_validate({"related": [related]})
    assert Work.model_validate({"related": [related]}, context=STORED).related[0].scheme == "URL"
    assert Work.model_validate({"related": [{**related, "identifier": "ftp://example.org/a"}]}).related


@pytest.mark.parametrize(
    ("scheme", "identifier"),
    [
        ("DOI", "not a doi at all"),
        ("DOI", "10.1/x"),
        ("URL", "javascript:alert(1)"),
        ("URL", "javascript://%0aalert(1)"),
        ("URL", "file:///etc/passwd"),
    ],
)
def test_related_identifier_is_what_its_scheme_says(scheme, identifier) -> None:
    related = {"identifier": identifier, "scheme": scheme, "relation": "Cites"}
    with pytest.raises(ValidationError, match="not a "):
        Work.model_validate({"related": [related]})
    assert Work.model_validate({"related": [related]}, context=STORED).related


def test_what_was_stored_before_a_rule_is_read_as_it_stands() -> None:
    assert Work.model_validate({"publication_date": "2024-02-31"}, context=STORED).publication_date == "2024-02-31"


@pytest.mark.parametrize(
    "given", ["NOPE-1.0", "CC-BY 4.0", "MIT OR X11", "LicenseRef-mine", "Apache-2.0 WITH LLVM-exception"]
)
def test_what_names_no_licence_is_refused(given: str) -> None:
    with pytest.raises(ValidationError, match="no SPDX identifier"):
        Rights(id=given)
    assert Rights.model_validate({"id": given}, context=STORED).id == given


@pytest.mark.parametrize(
    ("given", "known"), [("cc-by-4.0", "CC-BY-4.0"), ("CC-BY-2.1-JP", "CC-BY-2.1-JP"), ("mit", "MIT")]
)
def test_licence_is_written_as_spdx_writes_it(given: str, known: str) -> None:
    assert Rights(id=given).id == known

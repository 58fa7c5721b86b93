"""The FAIR score: each point says where its answer is found, and filling that in is what raises it."""

import pytest

from shirushi.core.fair import PRINCIPLES, Fair, fair
from shirushi.metadata.fields import BY_NAME
from shirushi.metadata.work import Work

CSV = {"text/csv": 1}
WHOLE = {
    "titles": [{"text": "Sea surface temperature"}],
    "descriptions": [
        {"text": "Hourly temperatures of twelve buoys, checked by hand."},
        {"text": "A sensor in each buoy.", "type": "Methods"},
    ],
    "subjects": [{"text": "sea"}],
    "rights": [{"id": "CC-BY-4.0"}],
    "creators": [{"name": "Yamada, Hanako", "orcid": "0000-0002-1825-0097"}],
    "dates": [{"date": "2021/2025", "type": "Coverage"}],
    "related": [{"identifier": "10.1234/abcd", "scheme": "DOI", "relation": "IsSupplementTo"}],
    "variables": [{"name": "sst", "type": "number", "unit": "degC"}],
}


def scored(media_types: dict[str, int] | None = None, **changes: object) -> Fair:
    return fair(Work.model_validate(WHOLE | changes), CSV if media_types is None else media_types)


def unmet(found: Fair) -> list[tuple[str, str]]:
    return [(point.letter, point.field) for point in found.points if not point.met]


def test_empty_work_has_only_what_publishing_gives_it() -> None:
    found = fair(Work(), {})
    assert [point.field for point in found.points if point.met] == ["identifier"]
    assert found.score == 1


def test_whole_work_has_every_point() -> None:
    found = scored()
    assert (found.score, unmet(found)) == (found.total, [])


def test_every_point_is_found_in_a_field_and_said_in_both_languages() -> None:
    for point in scored().points:
        assert point.letter in PRINCIPLES
        assert point.field in {*BY_NAME, "files", "identifier"}
        assert all((point.words.en, point.words.ja, point.why.en, point.why.ja))


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({"titles": []}, [("F", "titles")]),
        ({"subjects": []}, [("F", "subjects")]),
        ({"descriptions": [{"text": "Short."}]}, [("F", "descriptions"), ("R", "descriptions")]),
        ({"rights": []}, [("A", "rights"), ("R", "rights")]),
        ({"rights": [{"text": "Ask us."}]}, [("R", "rights")]),
        ({"creators": []}, [("I", "creators"), ("R", "creators")]),
        ({"creators": [{"name": "Yamada, Hanako"}]}, [("I", "creators")]),
        ({"dates": []}, [("R", "dates")]),
        ({"related": []}, [("R", "related")]),
        ({"variables": []}, [("I", "variables")]),
        ({"variables": [{"name": "sst"}]}, [("I", "variables")]),
        ({"variables": [{"name": "sst", "type": "number"}]}, [("I", "variables")]),
        ({"media_types": {}}, [("A", "files")]),
        ({"media_types": {"text/csv": 8, "application/octet-stream": 2}}, [("I", "files")]),
    ],
)
def test_what_is_taken_away_is_what_is_named(changes: dict[str, object], lost: list[tuple[str, str]]) -> None:
    assert unmet(scored(**changes)) == lost


def test_question_that_does_not_arise_is_left_out() -> None:
    asked = [point.field for point in scored({"application/pdf": 1}, variables=[]).points]
    assert "variables" not in asked


def test_words_count_what_is_there() -> None:
    found = scored(variables=[{"name": "a", "type": "number", "unit": "m"}, {"name": "b", "type": "number"}])
    words = [point.words.en for point in found.points if not point.met]
    assert words == ["A unit for every measured column (1/2)"]

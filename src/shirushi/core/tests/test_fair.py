"""The FAIR score: F-UJI's metrics with their points; each can be met and missed, and says where it is mended."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from shirushi.core.fair import MENDERS, PRINCIPLES, Fair, fair
from shirushi.core.fair_advice import advice
from shirushi.exchange.formats import FORMATS, Format
from shirushi.metadata.fields import BY_NAME
from shirushi.metadata.published import FileEntry, Identifier, Publication
from shirushi.metadata.work import Work

WORK: dict[str, Any] = {
    "titles": [{"text": "Sea surface temperature"}],
    "descriptions": [{"text": "Hourly temperatures."}, {"text": "A sensor in each buoy.", "type": "Methods"}],
    "subjects": [{"text": "sea", "value_uri": "http://aims.fao.org/aos/agrovoc/c_6808"}],
    "rights": [{"id": "CC-BY-4.0"}],
    "publisher": {"name": "Example University"},
    "creators": [{"name": "Yamada, Hanako", "orcid": "0000-0002-1825-0097"}],
    "related": [{"identifier": "10.1234/abcd", "scheme": "DOI", "relation": "IsSupplementTo"}],
    "variables": [{"name": "sst", "type": "number", "unit": "degC"}],
}
URL = "https://data.example.org/records/abc"
PROV = {"prov": Format("prov", FORMATS["dcat"].label, "text/turtle", ".ttl", "prov:to_turtle")}


def entry(media_type: str = "text/csv", url: str | None = f"{URL}/files/a.csv", size: int = 12) -> FileEntry:
    return FileEntry(path="a.csv", size=size, media_type=media_type, sha256="0" * 64, url=url)


def scored(work: Mapping[str, Any] | None = None, formats: Mapping[str, Format] = FORMATS, **more: Any) -> Fair:
    whole = {
        "work": Work.model_validate(WORK | dict(work or {})),
        "identifier": Identifier(scheme="DOI", value="10.1234/abc", state="registered"),
        "url": URL,
        "files": [entry()],
    }
    return fair(Publication(**(whole | more)), formats=formats)


def lost(found: Fair) -> dict[str, float]:
    return {metric.id: metric.total - metric.earned for metric in found.metrics if metric.earned < metric.total}


def test_metrics_tests_points_and_levels_are_those_of_fuji(shared: Path) -> None:
    theirs = yaml.safe_load((shared / "schemas/fuji/metrics_v0.8.yaml").read_text())["metrics"]
    told = [
        (
            one["metric_identifier"],
            one.get("fair_principle", "F4"),
            one["total_score"],
            [
                (test["metric_test_identifier"], test["metric_test_score"], test["metric_test_maturity"])
                for test in one["metric_tests"]
            ],
        )
        for one in theirs
    ]
    ours = [(m.id, m.principle, m.total, [(a.id, a.score, a.maturity) for a in m.answers]) for m in scored().metrics]
    assert ours == told
    assert len(ours) == 17


def test_whole_record_has_every_point_and_the_sums_are_those_of_the_tests() -> None:
    found = scored()
    assert lost(found) == {}
    assert (found.whole.earned, found.whole.total, found.whole.percent) == (26, 26, 100)
    assert [found.score_of(letter).total for letter in PRINCIPLES] == [7, 7, 6, 6]
    assert found.score_of("F").maturity == 3


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"identifier": None, "url": None}, {"FsF-F1-01MD": 1}),
        ({"identifier": None}, {"FsF-F1-02MD": 1}),
        ({"identifier": Identifier(scheme="DOI", value="10.1234/abc")}, {"FsF-F1-02MD": 0.5}),
        ({"work": {"creators": []}}, {"FsF-F2-01M": 2}),
        ({"work": {"subjects": []}}, {"FsF-F2-01M": 1, "FsF-I2-01M": 2}),
        ({"files": []}, {"FsF-F3-01M": 1, "FsF-A1-01M": 1, "FsF-A1-02MD": 1, "FsF-A1.1-01MD": 1, "FsF-A1.2-01MD": 1}),
        ({"files": []}, {"FsF-R1-01M": 1, "FsF-R1.3-02D": 1}),
        ({"formats": {}}, {"FsF-F4-01M": 2, "FsF-I1-01M": 2, "FsF-R1.3-01M": 1}),
        ({"formats": {"schema-org": FORMATS["schema-org"]}}, {"FsF-R1.3-01M": 1}),
        ({"work": {"access": {"rights": "restricted"}}}, {"FsF-A1-02MD": 1}),
        ({"work": {"access": {"rights": "embargoed", "until": "2999-01-01"}}}, {"FsF-A1-02MD": 1}),
        ({"url": None}, {"FsF-A1-02MD": 1, "FsF-A1.1-01MD": 1, "FsF-A1.2-01MD": 1}),
        ({"url": "gopher://data.example.org/abc"}, {"FsF-A1.1-01MD": 1, "FsF-A1.2-01MD": 1}),
        ({"url": "ftp://data.example.org/abc"}, {"FsF-A1.2-01MD": 1}),
        ({"work": {"subjects": [{"text": "sea"}]}}, {"FsF-I2-01M": 2}),
        ({"work": {"subjects": [{"text": "x", "value_uri": "https://schema.org/Sea"}]}}, {"FsF-I2-01M": 2}),
        ({"work": {"related": []}}, {"FsF-I3-01M": 2}),
        ({"files": [entry("application/octet-stream")]}, {"FsF-R1-01M": 1, "FsF-R1.3-02D": 1}),
        ({"work": {"rights": []}}, {"FsF-R1.1-01M": 1}),
        ({"work": {"creators": [], "publisher": None}}, {"FsF-R1.2-01M": 1}),
        ({"files": [entry("application/x-stata-dta")]}, {"FsF-R1.3-02D": 1}),
    ],
)  # fmt: skip
def test_each_metric_can_be_missed(given: dict[str, Any], expected: dict[str, float]) -> None:
    found = lost(scored(**given))
    assert {name: found.get(name) for name in expected} == expected
    assert set(found) - set(expected) <= _goes_with(given)


def _goes_with(given: dict[str, Any]) -> set[str]:
    """What else is lost when something is taken away that many metrics look at."""
    if "files" in given or "formats" in given or given.get("url", URL) is None:
        return {metric.id for metric in scored().metrics}
    return {"FsF-F2-01M"} if not given.get("work", {}).get("creators", [1]) else set()


def test_what_one_test_gives_another_does_not_give_again() -> None:
    words = scored({"related": [{"identifier": "9784000000000", "scheme": "ISBN", "relation": "Cites"}]})
    (metric,) = (one for one in words.metrics if one.id == "FsF-I3-01M")
    assert (metric.earned, metric.maturity, [answer.met for answer in metric.answers]) == (2, 2, [True, False])
    assert [answer.id for answer in metric.wanted] == ["FsF-I3-01M-2"]


def test_formal_provenance_raises_maturity_alone() -> None:
    of = {formal: next(m for m in scored(formats=FORMATS | formal_formats).metrics if m.id == "FsF-R1.2-01M")
          for formal, formal_formats in ((False, {}), (True, PROV))}  # fmt: skip
    assert [(metric.earned, metric.maturity) for metric in of.values()] == [(1, 2), (1, 3)]


def test_every_test_says_what_it_saw_and_who_mends_it() -> None:
    for found in (
        scored(),
        scored(identifier=None, url=None, files=[], formats={}, work={"creators": [], "rights": []}),
    ):
        for metric in found.metrics:
            for answer in metric.answers:
                assert all((answer.words.en, answer.words.ja, answer.seen.en, answer.seen.ja)), answer.id
                assert set(answer.fields) <= {*BY_NAME, "files"}
                assert answer.mender in MENDERS
                assert answer.met or bool(answer.fields) == (answer.mender == "depositor")


def test_nothing_typed_still_leads_to_the_fields() -> None:
    found = fair(Publication(work=Work(), url=URL, identifier=Identifier(scheme="DOI", value="10.1234/abc")))
    fields = {name for wish in found.mendable for name in wish.fields}
    assert fields == {"creators", "titles", "publisher", "descriptions", "subjects", "files", "access", "related", "funding",
                      "rights", "contributors", "dates"}  # fmt: skip
    assert {answer.mender for _metric, answer in found.beyond} == {"operator", "shirushi"}


def test_one_wish_for_each_metric_with_what_it_brings() -> None:
    found = {
        wish.metric.id: (wish.fields, wish.gain)
        for wish in scored({"related": [], "creators": [], "subjects": []}).mendable
    }
    assert found == {
        "FsF-F2-01M": (("creators", "subjects"), 2),
        "FsF-I2-01M": (("subjects",), 2),
        "FsF-I3-01M": (("related", "funding"), 2),
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"variables": [{"name": "sst"}]}, "variables"),
        ({"variables": [{"name": "sst", "type": "number"}]}, "variables"),
        ({"creators": [{"name": "Yamada, Hanako"}]}, "creators"),
        ({"descriptions": []}, "descriptions"),
    ],
)
def test_advice_is_given_for_what_no_metric_asks(changes: dict[str, Any], field: str) -> None:
    assert list(advice(Work.model_validate(WORK), {"text/csv": 1})) == []
    assert [one.field for one in advice(Work.model_validate(WORK | changes), {"text/csv": 1})] == [field]


def test_advice_counts_files_that_only_one_program_opens() -> None:
    (one,) = advice(Work.model_validate(WORK), {"text/csv": 8, "application/octet-stream": 2})
    assert one.words.en == "Add copies in open formats (2/10 are not)"

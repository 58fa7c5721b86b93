"""Judgements of suggestions beside typed values: by hand, and the same as the benchmark's own scorer where it stands."""

import importlib.util
import itertools
import json
from pathlib import Path

import pytest

from shirushi.describe.judging import address, rouge_l, same_person, token_f1, verdict

SHARED = Path(__file__).resolve().parents[5] / "shared" / "bench" / "describe"


@pytest.mark.parametrize(
    ("field", "value", "typed", "right"),
    [
        ("titles", {"text": "Sea ice of the Arctic"}, {"title": "Sea ice of the Arctic"}, 1.0),
        ("titles", {"text": "Snow"}, {"title": "Sea ice of the Arctic"}, 0.0),
        ("creators", {"name": "Doe, J."}, {"creators": [{"name": "Jane Doe"}]}, 1.0),
        ("creators", {"name": "山田 花子"}, {"creators": [{"name": "山田花子"}]}, 1.0),
        ("creators", {"name": "Roe, Jane"}, {"creators": [{"name": "Jane Doe"}]}, 0.0),
        ("rights", {"id": "GPL-3.0-only"}, {"license": "gpl-3.0"}, 1.0),
        ("rights", {"text": "All rights reserved"}, {"license": "MIT"}, 0.0),
        ("related", {"identifier": "10.1/x", "scheme": "DOI"}, {"related": [{"id": "https://doi.org/10.1/X"}]}, 1.0),
        ("dates", {"date": "2020/2021", "type": "Coverage"}, {"temporal": {"start": "2020", "end": "2021"}}, 1.0),
        ("dates", {"date": "2020", "type": "Created"}, {"temporal": {"start": "2020"}}, None),
        ("locations", {"box": {"west": 1, "south": 1, "east": 2, "north": 2}}, {"spatial": {"bbox": [1, 1, 2, 2]}}, 1.0),
        ("locations", {"box": {"west": 1, "south": 1, "east": 2, "north": 2}}, {"spatial": {"bbox": [5, 5, 6, 6]}}, 0.0),
        ("funding", {"funder": "JSPS", "award": "JP21K12345"}, {"funding": [{"funder": "学振", "award": "jp21k12345"}]}, 1.0),
        ("variables", {"name": "SST", "file": "a/x.csv"}, {"fields": [{"name": "sst", "resource": "x"}]}, 1.0),
        ("variables", {"name": "sst", "file": "y.csv"}, {"fields": [{"name": "sst", "resource": "x"}]}, None),
        ("subjects", {"text": "snow"}, {"keywords": ["Snow"]}, 1.0),
        ("subjects", {"text": "Earth science", "code": "1.5", "scheme": "FORD"}, {"keywords": ["Snow"]}, None),
        ("titles", {"text": "Snow"}, {}, None),
        ("version", "1.0", {"version": "1.0"}, None),
    ],
)  # fmt: skip
def test_verdict(field: str, value: object, typed: dict[str, object], right: float | None) -> None:
    assert verdict(field, value, typed) == right


def test_likeness_of_texts() -> None:
    assert token_f1("a b c d", "a b") == pytest.approx(2 / 3)
    assert rouge_l("a x b y c", "a b c") == pytest.approx(0.75)
    assert token_f1("海面水温", "海面気温") == 0.75
    assert not same_person("", "Jane Doe")
    assert address("https://www.example.org/data/") == "example.org/data"


def test_judgements_are_those_of_the_scorer() -> None:
    if not (SHARED / "score.py").is_file():
        pytest.skip("SKIPPED LOUDLY: ../shared/bench/describe/score.py is not beside this checkout")
    spec = importlib.util.spec_from_file_location("describe_score", SHARED / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    golds = [json.loads(p.read_text("utf-8")) for p in sorted((SHARED / "train").glob("*/gold.json"))]
    titles = [g["title"] for g in golds if g.get("title")]
    names = [c["name"] for g in golds for c in g.get("creators", [])][:150]
    for a, b in itertools.pairwise(titles):
        assert token_f1(a, b) == pytest.approx(score.token_f1(a, b)["f1"])
        assert rouge_l(a, b) == pytest.approx(score.rouge_l(a, b)["f1"])
    assert all(same_person(a, b) == score.same_person(a, b) for a in names for b in names)

"""The benchmark of forms judges as its README says, and every answer of the person's has a question."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from shirushi.describe.forms import read_form

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_forms", HERE / "forms.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_forms"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["e-rad", "data-management"])
def test_every_answer_has_a_question(bench: ModuleType, shared: Path, name: str) -> None:
    form = read_form(bench.FORMS[name])
    places = {q.path[: q.path.index("*")] if q.many else q.path for q in form.questions}
    files = sorted((HERE / "forms" / "answers").glob(f"*/{name}.json"))
    assert len(files) == {"e-rad": 10, "data-management": 5}[name]
    for path in files:
        gold = json.loads(path.read_text("utf-8"))
        assert {place for place, _ in bench.leaves(gold)} <= places, path


@pytest.mark.parametrize(
    ("gold", "given", "name", "right"),
    [
        ("JP20K00931", "jp20k00931", "number", True),
        ("野々村 健吾", "野々村健吾", "name_ja", True),
        ("Emi Tachibana", "Tachibana, Emi", "name_en", True),
        ("Emi Tachibana", "E. Tachibana", "name_en", False),
        ({"any": ["a", "b"]}, "B", "x", True),
        ({"any": [1, 3]}, 2, "x", False),
        (True, 1, "x", False),
        ({"files": ["a.csv"], "optional": ["b.csv"]}, "b.csv\na.csv", "x", True),
        ({"files": ["a.csv"]}, "a.csv\nb.csv", "x", False),
        ({"bytes": [1000, 2000]}, "2.5kB", "x", True),
        ({"bytes": [1000, 2000]}, 3.0, "x", False),
        ({"bytes": [1000, 2000], "any": ["<10MB"]}, "<10MB", "x", True),
        ({"bytes": [1000, 2000], "any": ["<10MB"]}, "10MB", "x", False),
        ("a" * 40 + "b" * 60, "a" * 40 + "b" * 40, "x", True),
        ("a" * 100, "b" * 100, "x", False),
    ],
)
def test_what_is_right(bench: ModuleType, gold: Any, given: Any, name: str, right: bool) -> None:  # noqa: FBT001
    assert bench.is_right(gold, given, name, text=False) is right


def test_calibration_error(bench: ModuleType) -> None:
    assert bench.calibration_error([(0.9, True)] * 9 + [(0.9, False)]) == pytest.approx(0)
    assert bench.calibration_error([(0.5, True)] * 4) == pytest.approx(0.5)

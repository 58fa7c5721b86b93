"""``shirushi train`` and ``shirushi method`` as a person runs them."""

import json
from pathlib import Path

import pytest

from shirushi.cli import main

README = "# Hourly temperatures of lake {n}\n\nWater temperatures of lake {n}, measured every hour from a buoy.\n"


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> None:
    """One that no other test has published in: a command refuses a store that holds more than the database."""
    settings.SHIRUSHI_HOME = tmp_path / "home"


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    folder = tmp_path / "cases"
    for number in range(10):
        files = folder / f"lake-{number}" / "files"
        files.mkdir(parents=True)
        (files / "README.md").write_text(README.format(n=number))
        typed = {"title": f"Hourly temperatures of lake {number}"}
        (files.parent / "gold.json").write_text(json.dumps(typed))
    return folder


@pytest.mark.django_db
def test_measures_of_no_decisions_are_null(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["before"] == {"judged": 0, "log_loss": None, "brier": None, "ece": None, "auroc": None}


def test_train_from_folders(cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "model.json"
    assert main(["train", "--cases", str(cases), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("10 folders, ")
    assert "calibration error" in said
    model = json.loads(out.read_text())
    right, judged = model["methods"]["titles.readme-heading"]
    assert right == judged == 10
    assert model["learned_from"] == "10 public folders whose typed metadata was taken away"


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "holds no case"), ("{", "is not JSON"), ("[]", "holds no JSON object")],
)
def test_folders_that_teach_nothing(
    content: str | None, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "a" / "files").mkdir(parents=True)
        (tmp_path / "a" / "gold.json").write_text(content)
    assert main(["train", "--cases", str(tmp_path)]) == 1
    assert words in capsys.readouterr().err


def test_out_belongs_to_cases(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--out", "x"]) == 1
    assert "--out belongs to --cases" in capsys.readouterr().err

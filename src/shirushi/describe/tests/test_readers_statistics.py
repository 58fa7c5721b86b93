"""Stata, SPSS and SAS files, written here by pyreadstat's own writers."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from shirushi.describe.evidence import Candidate
from shirushi.describe.tests.test_readers_maps import attribute, look, of  # noqa: F401 - a fixture

FRAME = pd.DataFrame(
    {"sex": [1.0, 2.0, 2.0, None], "height": [170.5, 160.0, 155.25, 180.0], "city": ["彦根", "大津", "", "長浜"]}
)
LABELS = {"sex": "Sex of the participant", "height": "Height in cm", "city": "住んでいる市"}
CODES = {"sex": {1: "male", 2: "female"}}


def write(path: Path) -> None:
    if path.suffix == ".dta":
        pyreadstat.write_dta(
            FRAME, str(path), file_label="Participants of Biwa", column_labels=LABELS, variable_value_labels=CODES
        )
    elif path.suffix == ".sav":
        pyreadstat.write_sav(
            FRAME, str(path), file_label="Participants of Biwa", column_labels=LABELS, variable_value_labels=CODES
        )
    else:
        pyreadstat.write_xport(
            FRAME[["sex", "height"]],
            str(path),
            file_label="Participants",
            column_labels={k: LABELS[k] for k in ("sex", "height")},
        )


@pytest.mark.parametrize("name", ["a.dta", "a.sav", "a.xpt"])
def test_labels_and_codes(name: str, tmp_path: Path, look: Callable[..., list[dict[str, Any]]]) -> None:  # noqa: F811
    write(tmp_path / name)
    found = look(name)
    columns = {c["name"].lower(): c for c in of(found, "column")}
    assert columns["height"]["label"] == "Height in cm"
    assert (columns["height"]["minimum"], columns["height"]["maximum"]) == (155.25, 180)
    assert (columns["sex"]["type"], columns["sex"]["missing"]) == ("integer", 1)
    if name != "a.xpt":
        assert columns["sex"]["description"] == "Sex of the participant: 1 = male; 2 = female"
        assert columns["city"]["label"] == "住んでいる市"
        assert attribute(found, "title") == "Participants of Biwa"
        assert of(found, "table")[0]["rows"] == 4


def test_labels_become_the_variables_descriptions(tmp_path: Path, suggest: Callable[..., list[Candidate]]) -> None:
    write(tmp_path / "made.sav")
    found = suggest({"data.sav": (tmp_path / "made.sav").read_bytes()}, "variables")
    sex = next(c.value for c in found if c.value["name"] == "sex")
    assert sex["description"] == "Sex of the participant: 1 = male; 2 = female"
    assert next(c.value for c in found if c.value["name"] == "height")["label"] == "Height in cm"


@pytest.mark.parametrize("name", ["a.dta", "a.sav"])
def test_files_that_break_off(name: str, tmp_path: Path, look: Callable[..., list[dict[str, Any]]]) -> None:  # noqa: F811
    write(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 3])
    assert of(look(name, ("malformed",)), "column") == []


def test_people_in_a_statistics_file_are_asked_about(tmp_path: Path, look: Callable[..., list[dict[str, Any]]]) -> None:  # noqa: F811
    people = pd.DataFrame({"email": [f"person{n}@example.ac.jp" for n in range(12)], "score": range(12)})
    pyreadstat.write_sav(people, str(tmp_path / "a.sav"))
    found = look("a.sav")
    assert [v["category"] for v in of(found, "sensitive")] == ["e-mail"]
    assert "person1@" not in str(found)


@pytest.mark.parametrize("name", ["a.dta", "a.sav", "a.xpt"])
def test_no_pandas_is_needed(name: str, tmp_path: Path) -> None:
    """The default install has none; pyreadstat takes it for granted unless it is told otherwise."""
    write(tmp_path / name)
    program = (  # the reader itself: describe() reads in a worker, which would not know that pandas is gone
        "import sys; sys.modules['pandas'] = None; from pathlib import Path; "
        "from shirushi.describe.identify import identify; from shirushi.describe.readers.base import File; "
        "from shirushi.describe.readers.statistics import read_statistics; "
        "path = Path(sys.argv[1]); what = identify(path, path.name); "
        "file = File(path, path.name, path.stat().st_size, what.media_type, what.format); "
        "print([e.value['name'].lower() for e in read_statistics(file) if e.kind == 'column'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "height" in done.stdout

"""The ranking of an installation, from its files."""

import json
from pathlib import Path

import pytest

from shirushi.describe.installed import model_in, model_of
from shirushi.describe.rank import default_model
from shirushi.describe.training import model_to_json


def test_without_files_the_shipped_model_and_nothing_withdrawn(tmp_path: Path) -> None:
    assert model_in(tmp_path / "nowhere") == default_model()


def test_what_was_withdrawn_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "withdrawn.json").write_text(json.dumps({"withdrawn": [{"method": "titles.data-file"}]}))
    assert not model_in(tmp_path).allows("titles.data-file/2")


def test_model_that_training_wrote(tmp_path: Path) -> None:
    file = tmp_path / "ranking.json"
    written = model_to_json(default_model(), learned_from="a test")
    for data in (written, {"model": written}):
        file.write_text(json.dumps(data))
        assert model_of(file).methods == default_model().methods
    file.write_text("[1]")
    with pytest.raises(ValueError, match="holds no ranking model"):
        model_of(file)

"""``shirushi describe --llm``: shown first, sent only with consent."""

import json
from pathlib import Path

import pytest

from shirushi.cli import main
from shirushi.describe.llm.tests.conftest import Player, player, value  # noqa: F401 - a fixture
from shirushi.describe.llm.tests.test_llm import says


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, player: Player) -> Path:  # noqa: F811
    monkeypatch.setenv("SHIRUSHI_LLM_URL", player.url)
    monkeypatch.setenv("SHIRUSHI_LLM_MODEL", "tiny")
    player.play = lambda played, body: played.say(says(value("place", "Lake Biwa", "buoy in Lake Biwa", "E2")))
    made = tmp_path / "biwa"
    made.mkdir()
    (made / "README.md").write_text("# Temperatures\n\nMeasured every hour from a buoy in Lake Biwa.\n")
    return made


def test_show_then_consent(folder: Path, player: Player, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    assert main(["describe", str(folder), "-q", "--llm-show"]) == 0
    shown = capsys.readouterr()
    digest = shown.err.strip().removeprefix("SHA-256: ")
    assert player.requests == []
    assert main(["describe", str(folder), "-q", "--json", "--llm-consent", digest]) == 0
    said = json.loads(capsys.readouterr().out)
    assert player.requests[0]["messages"][1]["content"] == shown.out.removesuffix("\n")
    assert said["language_model"]["let_through"] == 1
    (place,) = [s for s in said["suggestions"] if s["target"] == "/locations/-"]
    assert place["method"] == "locations.llm-quoted"


def test_nothing_is_sent_without_consent(folder: Path, player: Player, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    assert main(["describe", str(folder), "-q", "--llm"]) == 1  # nobody sits at a terminal here
    assert main(["describe", str(folder), "-q", "--llm-consent", "0" * 64]) == 1
    assert "say something else now" in capsys.readouterr().err
    assert player.requests == []


def test_no_model_set_up(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("SHIRUSHI_LLM_URL")
    assert main(["describe", str(folder), "-q", "--llm"]) == 1
    assert "no language model is set up" in capsys.readouterr().err


def test_the_description_stands_when_the_model_fails(
    folder: Path,
    player: Player,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    player.play = lambda played, body: played.send(200, b"[" * 1_500_000)
    main(["describe", str(folder), "-q", "--llm-show"])
    digest = capsys.readouterr().err.strip().removeprefix("SHA-256: ")
    assert main(["describe", str(folder), "-q", "--json", "--llm-consent", digest]) == 3
    printed = capsys.readouterr()
    said = json.loads(printed.out)
    assert [p["code"] for p in said["problems"]] == ["no-model-answer"]
    assert any(s["target"] == "/titles/-" for s in said["suggestions"])
    assert "gave nothing that can be used" in printed.err


def test_what_is_shown_commands_no_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "README.md").write_text(
        "# Temperatures\n\nMeasured \x1b[31mevery hour from a buoy in Lake Biwa, and kept for everybody to see.\n"
    )
    assert main(["describe", str(folder), "-q", "--llm-show"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\\x1b[31mevery" in shown

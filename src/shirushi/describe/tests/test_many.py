import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shirushi.describe import Description, describe
from shirushi.describe.isolate import MIB, Failure
from shirushi.describe.many import Options, Outcome, describe_many, on_this_machine, output_of
from shirushi.describe.seen import Context

OPTIONS = Options(context=Context().to_json(), seconds=60)

# Folders of these names break the process that describes them, each in its own way.
_TROUBLE = """
import os, time
import shirushi.describe.pipeline as pipeline
own = pipeline.describe
def describe(folder, **more):
    name = os.path.basename(folder)
    if name == "killer":
        os.kill(os.getpid(), 9)
    if name == "sleeper":
        time.sleep(600)
    if name == "eater":
        [bytearray(64 * 1024 * 1024) for _ in range(1000)]
    if name == "raiser":
        raise RuntimeError("a mistake of ours")
    return own(folder, **more)
pipeline.describe = describe
"""


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    return [_folder(tmp_path / f"研究 {i}", i) for i in range(4)]


def _folder(path: Path, number: int) -> str:
    path.mkdir()
    (path / "README.md").write_text(f"# Sea temperature, survey {number}\n\nMeasured in Tokyo Bay.\n")
    (path / "data.csv").write_text("place,depth_m\n" + "".join(f"P{n},{n * number}\n" for n in range(20)))
    return str(path)


@pytest.fixture
def trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "trouble"
    home.mkdir()
    (home / "sitecustomize.py").write_text(_TROUBLE)
    monkeypatch.syspath_prepend(str(home))


def _run(folders: list[str], out: Path, options: Options = OPTIONS, *, again: bool = False) -> dict[str, Outcome]:
    out.mkdir(exist_ok=True)
    found = describe_many(folders, out, lambda wanted: on_this_machine(wanted, options, 2), again=again)
    return {Path(outcome.folder).name: outcome for outcome in found}


def test_each_folder_gets_the_description_it_gets_alone(folders: list[str], tmp_path: Path) -> None:
    outcomes = _run([*folders, folders[0]], tmp_path / "out")
    assert {outcome.state for outcome in outcomes.values()} == {"done"}
    assert len(list((tmp_path / "out").glob("*.json"))) == 4
    for folder in folders:
        kept = json.loads(output_of(folder, tmp_path / "out").read_text("utf-8"))
        alone = json.loads(json.dumps(describe(folder, context=Context()).to_json()))
        assert {**kept, "seconds": 0} == {**alone, "seconds": 0}
        assert Description.from_json(kept).file_count == 2


def test_a_bad_folder_never_stops_the_rest(folders: list[str], tmp_path: Path, trouble: None) -> None:
    bad = [_folder(tmp_path / name, 1) for name in ("killer", "sleeper", "eater", "raiser")]
    bad.append(str(tmp_path / "nowhere"))
    options = Options(context=Context().to_json(), seconds=8, memory=1024 * MIB)
    mixed = [folder for pair in zip(bad, [*folders, folders[0]], strict=True) for folder in pair]
    outcomes = _run(mixed, tmp_path / "out", options)
    assert {name: outcome.code for name, outcome in outcomes.items() if outcome.state == "failed"} == {
        "killer": "crash", "sleeper": "timeout", "eater": "out-of-memory", "raiser": "crash", "nowhere": "vanished",
    }  # fmt: skip
    assert "SIGKILL" in outcomes["killer"].message
    assert sum(outcome.state == "done" for outcome in outcomes.values()) == 4


def test_what_is_done_is_not_done_again_unless_asked(folders: list[str], tmp_path: Path) -> None:
    _run(folders[:2], tmp_path / "out")
    first = output_of(folders[0], tmp_path / "out").stat().st_mtime_ns
    outcomes = _run(folders, tmp_path / "out")
    assert [outcomes[Path(folder).name].state for folder in folders] == ["kept", "kept", "done", "done"]
    assert output_of(folders[0], tmp_path / "out").stat().st_mtime_ns == first
    assert {outcome.state for outcome in _run(folders, tmp_path / "out", again=True).values()} == {"done"}


def test_two_folders_of_one_name_do_not_meet(tmp_path: Path) -> None:
    out = tmp_path / "out"
    names = {output_of(f"/a/{i}/data", out) for i in range(3)} | {output_of("/a/データ", out), output_of("/", out)}
    assert len(names) == 5
    assert all(name.parent == out for name in names)


def test_an_answer_that_is_no_description_is_a_failure(tmp_path: Path) -> None:
    def answers(wanted: Iterator[str]) -> Iterator[tuple[str, object]]:
        yield next(wanted), {"files": 3}
        yield next(wanted), Failure("crash", "gone")

    outcomes = list(describe_many(["/a", "/b"], tmp_path, answers))
    assert [(item.state, item.code) for item in outcomes] == [("failed", "crash")] * 2


def _command(tmp_path: Path, *arguments: str) -> list[str]:
    # a shell in the background leaves Ctrl-C ignored to what it starts, and so to these tests
    main = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from shirushi.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    home = str(tmp_path / "home")
    return [sys.executable, "-c", main, "--home", home, "describe-many", "--out", str(tmp_path / "out"), *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_command_reads_a_list_and_tells_by_its_exit_code(folders: list[str], tmp_path: Path) -> None:
    command = _command(tmp_path, "--list", "-")
    done = subprocess.run(
        command, input="\n".join(folders), capture_output=True, text=True, env=_environment(), check=False
    )
    assert done.returncode == 0, done.stderr
    assert "4 done" in done.stdout
    again = subprocess.run([*command[:-2], *folders, str(tmp_path / "no")], capture_output=True, text=True, env=_environment(), check=False)  # fmt: skip
    assert again.returncode == 1
    assert "1 failed, 4 kept" in again.stdout
    assert "vanished" in again.stderr


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_stopped_or_killed_it_leaves_whole_results_and_goes_on(
    folders: list[str], tmp_path: Path, how: signal.Signals, code: int
) -> None:
    many = [*folders, *(_folder(tmp_path / f"more {i}", i) for i in range(20))]
    command = _command(tmp_path, *many, "--workers", "1", "--no-cache")
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_environment()
    )
    out = tmp_path / "out"
    while process.poll() is None and len(list(out.glob("*.json"))) < 3:
        time.sleep(0.005)
    process.send_signal(how)
    printed, _ = process.communicate(timeout=30)
    assert process.returncode == code
    finished = [json.loads(file.read_text("utf-8")) for file in out.glob("*.json")]
    assert 3 <= len(finished) < len(many)
    assert all(item["file_count"] == 2 for item in finished)
    if how == signal.SIGINT:
        assert f"{len(finished)} done" in printed
    done = subprocess.run(command, capture_output=True, text=True, env=_environment(), check=False)
    assert done.returncode == 0, done.stderr
    assert f"{len(finished)} kept" in done.stdout
    assert len(list(out.glob("*.json"))) == len(many)
    assert _processes(str(tmp_path)) == []


def _processes(mark: str) -> list[str]:
    """Command lines of living processes that carry a mark."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = entry.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if mark in text:
            found.append(text)
    return found


def test_a_folder_that_changed_or_is_asked_differently_is_described_again(tmp_path: Path) -> None:
    folder, out = Path(_folder(tmp_path / "study", 1)), tmp_path / "out"
    out.mkdir()
    options = Options(context=Context().to_json(), seconds=60)

    def state(options: Options) -> str:
        run = describe_many([str(folder)], out, lambda wanted: on_this_machine(wanted, options, 1), options=options)
        return next(run).state

    assert [state(options), state(options)] == ["done", "kept"]
    (folder / "README.md").write_text("# Another title altogether\n")
    assert [state(options), state(options)] == ["done", "kept"]
    assert state(replace(options, evidence=True)) == "done"

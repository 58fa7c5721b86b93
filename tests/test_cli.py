"""The command line, as a person at a terminal meets it."""

import contextlib
import json
import os
import pty
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shirushi.cli import main
from shirushi.core.tests import databases

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"


def run(*arguments: str, home: Path | None = None, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SHIRUSHI_HOME": str(home or "/nonexistent"), "LANG": "C.UTF-8"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    environment = {**(databases.environment(home) if home else {}), **environment}
    command = [sys.executable, "-m", "shirushi.cli", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env=environment, timeout=120, **options
    )  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def home(foundation: Path, tmp_path: Path) -> Path:
    """An installation that has been made already."""
    return databases.copy_home(foundation, tmp_path / "home")


def test_help_is_cheap() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = run("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert result.returncode == 0
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < 0.4


def test_describe_prints_field_value_confidence_and_place() -> None:
    result = run("describe", str(EXAMPLES / "sagami-buoys"), "--lang", "en")
    assert result.returncode == 0, result.stderr
    assert "Hourly sea surface temperature of four buoys" in result.stdout
    assert "README.md:1" in result.stdout


def test_describe_needs_no_home_and_gives_json() -> None:
    result = run("describe", str(EXAMPLES / "powder-diffraction"), "--json", "-q")
    assert result.returncode == 0, result.stderr
    description = json.loads(result.stdout)
    assert description["format"] == "shirushi-description/1"
    assert description["file_count"] == 8


def test_describe_japanese_folder_in_jpcoar(tmp_path: Path) -> None:
    out = tmp_path / "record.xml"
    result = run("describe", str(EXAMPLES / "里山の植生調査"), "--as", "jpcoar", "--above", "0", "-o", str(out), "-q")
    assert result.returncode == 0, result.stderr
    assert "北谷の里山における植生調査" in out.read_text(encoding="utf-8")


def test_describe_in_jpcoar_says_what_harvesters_refuse(tmp_path: Path) -> None:
    said = {"title": "Tides of a bay", "upload_type": "publication", "publication_type": "thesis"}
    (tmp_path / ".zenodo.json").write_text(json.dumps(said))
    result = run("describe", str(tmp_path), "--as", "jpcoar", "--above", "0")
    assert result.returncode == 0
    assert "<jpcoar:jpcoar" in result.stdout
    assert "JPCOAR error no_creator_in_thesis: /jpcoar/type – A thesis has a creator." in result.stderr
    assert "identifier" not in result.stderr  # it comes with publishing


FORM = {
    "title": "Plan",
    "required": ["title", "why"],
    "properties": {
        "title": {"type": "string", "title": "タイトル|Title"},
        "rights": {"title": "ライセンス|Licence", "oneOf": [{"const": 7, "title": "CC0 1.0 全世界|CC0 1.0 Universal"}]},
        "why": {"type": "string", "title": "動機|Motive"},
    },
}


def test_describe_fills_a_form_in_the_language_of_the_terminal(tmp_path: Path) -> None:
    form = tmp_path / "form.json"
    form.write_text(json.dumps(FORM), "utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "README.md").write_text("# Tides of Kaku Bay\n\nLicence: CC0\n", "utf-8")
    result = run("describe", str(tmp_path / "in"), "--form", str(form), "--lang", "ja", "-q")
    assert result.returncode == 0, result.stderr
    rows = [[cell.strip() for cell in line.split("│")] for line in result.stdout.splitlines() if "README.md" in line]
    assert [row[1:3] for row in rows] == [["タイトル", "Tides of Kaku Bay"], ["ライセンス", "CC0 1.0 全世界 (7)"]]
    assert rows[0][4] == "README.md:1"
    assert "必須で未回答: 動機" in result.stdout
    english = run("describe", str(tmp_path / "in"), "--form", str(form), "--lang", "en", "-q")
    assert "Licence" in english.stdout
    assert "Required and not answered: Motive" in english.stdout
    out = tmp_path / "answers.json"
    written = run("describe", str(tmp_path / "in"), "--form", str(form), "--json", "--out", str(out), "-q")
    assert (written.returncode, written.stdout) == (0, "")
    filled = json.loads(out.read_text("utf-8"))
    assert filled["answers"] == {"title": "Tides of Kaku Bay", "rights": 7}
    assert [s["target"] for s in filled["suggestions"] if not s["alternative"]] == ["/title", "/rights"]
    assert filled["missing"] == ["/why"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("describe", ".", "--form", "no/such.json"), 1, "the form cannot be read"),
        (("describe", ".", "--form", "README.md"), 1, "not JSON (line 1"),
        (("describe", ".", "--form", "examples/powder-diffraction/results.json"), 1, "A form is a JSON Schema"),
        (("describe", "no/such/folder"), 1, "there is no such file or folder"),
        (("describe",), 2, "the following arguments are required: folder"),
        (("describe", ".", "--as", "pdf"), 2, "invalid choice"),
        (("describe", ".", "--above", "2"), 2, "from 0 to 1"),
        (("describe", ""), 1, "there is no such file or folder"),
        (("describe", str(EXAMPLES / "powder-diffraction" / "raw"), "-q", "-o", "no/such/x"), 1, "cannot be written"),
        (("search", "--limit", "101", "sea"), 2, "from 0 to 100"),
    ],
)
def test_wrong_command_lines_say_what_to_do(arguments: tuple[str, ...], code: int, words: str) -> None:
    result = run(*arguments)
    assert (result.returncode, words in result.stderr) == (code, True), result.stderr
    assert "Traceback" not in result.stderr


def test_whole_job_from_the_command_line(tmp_path: Path) -> None:
    """On an empty home."""
    deposited = run("deposit", str(EXAMPLES / "powder-diffraction"), home=tmp_path)
    assert deposited.returncode == 0, deposited.stderr
    draft = deposited.stdout.split()[1].rstrip(":")
    asked = next(line.split()[1] for line in deposited.stdout.splitlines() if line.startswith("? "))
    assert run("answer", draft, asked, "not-personal", home=tmp_path).returncode == 0
    published = run("publish", draft, "--accept", "perhaps", home=tmp_path)
    assert published.returncode == 0, published.stderr
    again = run("publish", draft, home=tmp_path)
    assert again.stdout == published.stdout
    found = run("search", "diffraction", "--json", home=tmp_path)
    assert json.loads(found.stdout)["total"] == 1
    listed = run("search", "diffraction", home=tmp_path).stdout.splitlines()
    assert listed == [f"{published.stdout.split()[1]}  Powder diffraction of two cerium oxide samples", "1 found"]
    checked = run("check", home=tmp_path)
    assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, "sound")


def test_publish_without_required_fields_names_them(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    (folder / "x.bin").write_bytes(b"\x00\x01\x02")
    draft = run("deposit", str(folder), home=home).stdout.split()[1].rstrip(":")
    result = run("publish", draft, home=home)
    assert result.returncode == 1
    assert "/titles" in result.stderr
    assert "/rights" in result.stderr


def test_publish_says_what_to_answer_and_how(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "scores"
    folder.mkdir()
    (folder / "CITATION.cff").write_text(CITATION, encoding="utf-8")
    (folder / "p.csv").write_text("氏名,得点\n佐藤 花子,12\n鈴木 一郎,15\n", encoding="utf-8")
    draft = run("deposit", str(folder), home=home).stdout.split()[1].rstrip(":")
    refused = run("publish", draft, "--accept", "perhaps", home=home)
    assert refused.returncode == 1
    assert "This column looks like names of people: p.csv, column 氏名, 2 values" in refused.stderr
    assert f"shirushi answer {draft} QUESTION ANSWER" in refused.stderr
    assert "花子" not in refused.stderr
    (question,) = json.loads(run("answer", draft, "--json", home=home).stdout)
    assert run("answer", draft, question["id"], home=home).returncode == 1
    assert run("answer", draft, question["id"], "remove", home=home).returncode == 1
    answered = run("answer", draft, question["id"], "consented", home=home)
    assert (answered.returncode, answered.stdout) == (0, "nothing is left to answer\n")
    assert run("publish", draft, home=home).stdout.startswith("published ")


CITATION = """cff-version: 1.2.0
title: Scores of a reading test
abstract: Scores of a reading test of two classes.
type: dataset
authors:
  - family-names: Yamada
    given-names: Hanako
license: CC-BY-4.0
"""


def test_vocabulary_import_replaces_only_with_something_good(tmp_path: Path) -> None:
    good, bad = tmp_path / "ror.jsonl", tmp_path / "bad.json"
    good.write_text('{"id": "https://ror.org/00pjdza24", "name": "Example University"}\n')
    bad.write_text("[1]")
    assert run("vocabulary", "import", "ror", str(good), home=tmp_path / "h").stdout == "ror: 1 terms\n"
    refused = run("vocabulary", "import", "ror", str(bad), home=tmp_path / "h")
    assert (refused.returncode, "no ROR id" in refused.stderr) == (1, True)
    assert run("vocabulary", "list", home=tmp_path / "h").stdout.splitlines()[0] == "ror: 1 terms"


def test_describe_in_japanese_tells_problems_in_japanese(tmp_path: Path) -> None:
    (tmp_path / "空.csv").write_bytes(b"")
    result = run("describe", str(tmp_path), "-q", "--lang", "ja")
    assert result.stdout.splitlines()[-1].startswith("! 空.csv: ファイルが空です")


def test_deposit_goes_on_after_a_file_that_cannot_be_kept(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.csv").write_text("a,b\n1,2\n")
    (folder / "big.csv").write_bytes(b"a,b\n" * 1000)
    monkeypatch.setenv("SHIRUSHI_MAX_FILE_SIZE", "1000")
    result = run("deposit", str(folder), home=home)
    assert (result.returncode, ": files: 1, suggestions: " in result.stdout) == (0, True), result.stderr
    assert "! big.csv: " in result.stderr


def test_deposit_tells_what_reading_found_wrong(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.csv").write_text("a,b\n1,2\n")
    (folder / "empty.csv").write_bytes(b"")
    result = run("deposit", str(folder), home=home)
    assert result.returncode == 0, result.stderr
    assert "! empty.csv: The file is empty" in result.stderr


def test_deposit_tells_its_progress_on_stderr(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(1000):
        (folder / f"{number}.txt").write_text(f"{number}\n")
    result = run("deposit", str(folder), home=home)
    assert "keeping: 1000 of 1000" in result.stderr
    assert ": files: 1000, " in result.stdout
    assert "keeping" not in run("deposit", str(folder), "-q", home=home).stderr


@pytest.mark.parametrize("held", ["nothing", "too much"])
def test_deposit_of_nothing_leaves_no_draft(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    if held == "too much":
        (folder / "big.csv").write_bytes(b"a,b\n" * 1000)
        monkeypatch.setenv("SHIRUSHI_MAX_FILE_SIZE", "1000")
    result = run("deposit", str(folder), home=home)
    assert (result.returncode, result.stdout) == (1, "")
    assert "Nothing was made" in result.stderr or "The draft was discarded" in result.stderr
    assert databases.ask(home, "SELECT count(*) FROM core_draft WHERE state = 'open'") == [(0,)]


@pytest.mark.skipif(bool(databases.POSTGRES), reason="the file of SQLite is damaged")
@pytest.mark.parametrize("damage", ["not a database", "garbage in the middle"])
def test_damaged_database_is_told_with_what_to_do(home: Path, damage: str) -> None:
    database = home / "shirushi.sqlite3"
    if damage == "not a database":
        database.write_bytes(b"garbage " * 1000)
    else:
        data = database.read_bytes()
        database.write_bytes(data[:100] + b"\xff" * (len(data) - 100))
    result = run("check", home=home)
    assert (result.returncode, result.stdout, "Traceback" in result.stderr) == (1, "", False)
    assert f"{database}: the database is damaged" in result.stderr
    assert "backup" in result.stderr


def test_setting_that_is_not_understood_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIRUSHI_BLANK_SHARE", "2")
    result = run("check", home=tmp_path)
    assert result.returncode != 0
    assert "SHIRUSHI_BLANK_SHARE is '2'. Write a share from 0 to 1" in result.stderr
    assert "Traceback" not in result.stderr


def test_database_server_that_is_away_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIRUSHI_DATABASE", f"postgresql://me:secret@/data?host={tmp_path}")
    result = run("check", home=tmp_path / "home")
    assert (result.returncode, result.stdout) == (1, "")
    assert "The database data of SHIRUSHI_DATABASE cannot be used" in result.stderr
    assert "secret" not in result.stderr


def test_user_needs_an_address(home: Path) -> None:
    result = run("user", "notanaddress", home=home, input="longenoughpassword\n")
    assert (result.returncode, "not an e-mail address" in result.stderr) == (1, True)


def test_ctrl_c_at_a_terminal_stops_the_server_at_once(home: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = str(probe.getsockname()[1])
    child, terminal = pty.fork()
    if child == 0:
        settings = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUSHI_", "DJANGO_"))}
        command = [sys.executable, "-m", "shirushi.cli", "run", "--port", number]
        os.execve(sys.executable, command, {**settings, "SHIRUSHI_HOME": str(home)})
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        printed = b""
        while b"Ctrl-C stops it" not in printed:
            printed += screen.read(4096)
        os.write(terminal, b"\x03")
        asked = time.monotonic()
        with contextlib.suppress(OSError):  # how Linux tells that nobody holds the other end any more
            while more := screen.read(4096):
                printed += more
    _, status = os.waitpid(child, 0)
    assert (os.waitstatus_to_exitcode(status), b"Stopped." in printed) == (0, True), printed
    assert time.monotonic() - asked < 8  # the server is killed after ten seconds


@pytest.mark.parametrize("shape", [(), ("--json",), ("--as", "datacite", "--above", "0")])
def test_full_disk_under_the_output_is_told(tmp_path: Path, shape: tuple[str, ...]) -> None:
    (tmp_path / "README.md").write_text("# Lakes\n\nTemperatures of lakes.\n")
    command = [sys.executable, "-m", "shirushi.cli", "describe", str(tmp_path), "-q", *shape]
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("shirushi: there is no space left")


def test_output_that_lacks_a_character_shows_its_code(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Lakes · 湖\n")
    command = [sys.executable, "-m", "shirushi.cli", "describe", str(tmp_path), "-q"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, r"Lakes \xb7 \u6e56" in result.stdout) == (0, True), result.stderr


def test_closed_output_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Lakes\n")
    command = f"{sys.executable} -m shirushi.cli describe {tmp_path} -q >&-"
    assert subprocess.run(["sh", "-c", command], capture_output=True, check=False).stderr == b""


def test_folder_that_one_stands_in_was_deleted(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"cd {gone} && rmdir {gone} && {sys.executable} -m shirushi.cli describe . -q"
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1), result.stderr
    assert "was deleted" in result.stderr


def test_empty_name_of_output_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Lakes\n")
    result = run("describe", str(tmp_path), "-q", "-o", "")
    assert (result.returncode, "no name of a file" in result.stderr) == (1, True)


def test_describing_leaves_out_what_the_installation_withdrew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, home = tmp_path / "data", tmp_path / "home"
    folder.mkdir()
    (folder / "lake_levels.csv").write_text("lake,level\na,1\nb,2\n")
    monkeypatch.setenv("SHIRUSHI_HOME", str(home))

    def titles() -> list[str]:
        assert main(["describe", str(folder), "--json", "-q", "--no-cache"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert all(file["sha256"] for file in told["files"])
        return [s["value"]["text"] for s in told["suggestions"] if s["target"] == "/titles/-"]

    assert titles() == ["Lake levels"]
    (home / "models").mkdir(parents=True)
    (home / "models" / "withdrawn.json").write_text(json.dumps({"withdrawn": [{"method": "titles.data-file"}]}))
    assert titles() == []
    assert main(["describe", str(folder), "-q", "--model", str(folder / "lake_levels.csv")]) == 1
    assert "Give a file that `shirushi train` wrote" in capsys.readouterr().err


def test_describing_warns_of_what_should_not_be_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "名簿.csv").write_text("氏名,電話番号\n佐藤 花子,090-1234-5678\n鈴木 一郎,080-2345-6789\n", "utf-8")
    assert main(["describe", str(tmp_path), "-q", "--no-cache", "--lang", "en"]) == 0
    assert "! Look before you publish: 名簿.csv seems to hold" in capsys.readouterr().out
    assert main(["describe", str(tmp_path), "-q", "--no-cache", "--json"]) == 0
    (concern,) = json.loads(capsys.readouterr().out)["concerns"]
    assert concern["file"] == "名簿.csv"
    assert {"personal-name", "phone"} <= set(concern["categories"])

"""Formats of PRONOM: found in a worker, narrowed to one, told apart from our own media type."""

import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from shirushi.describe import describe, pronom
from shirushi.describe.isolate import Failure, Limits, Pool
from shirushi.describe.many import Options, describe_many, on_this_machine, output_of
from shirushi.describe.problems import say
from shirushi.describe.seen import Context

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c6360000000020001"
    "48afa4710000000049454e44ae426082"
)
needs_fido = pytest.mark.skipif(
    not pronom.is_installed(), reason="SKIPPED LOUDLY: opf-fido ([preserve]) is not installed"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture, a table, a GIF, a text without a format of its own, a workbook and an archive."""
    there = tmp_path / "data"
    there.mkdir()
    (there / "map.png").write_bytes(PNG)
    (there / "t.csv").write_text("a,b\n1,2\n")
    (there / "old.gif").write_bytes(b"GIF87a\x01\x00\x01\x00\x00\x00\x00;")
    (there / "a.json").write_text('{"a": 1}\n')
    (there / "LICENSE").write_text("All may use it.\n")
    with tarfile.open(there / "all.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    return there


@needs_fido
def test_files_get_their_puids_with_names_and_versions(folder: Path) -> None:
    seen = describe(folder, pronom=True)
    found = {file.path: (file.puid, file.pronom_format, file.pronom_version) for file in seen.files}
    assert found == {
        "map.png": ("fmt/11", "Portable Network Graphics", "1.0"),
        "t.csv": ("x-fmt/18", "Comma Separated Values", None),
        "old.gif": ("fmt/3", "Graphics Interchange Format", "87a"),
        "LICENSE": (None, None, None),
        "a.json": ("fmt/817", "JSON Data Interchange Format", None),  # not a "Tweet JSON", whose signature is not there
        "all.tar": ("x-fmt/265", "Tape Archive Format", None),
    }
    told = {item.value["path"]: item.value for item in seen.evidence if item.kind == "file"}
    assert told["old.gif"]["puid"] == "fmt/3"
    assert "puid" not in told["LICENSE"]
    assert [item.code for item in seen.problems if item.code == pronom.CONFLICT] == []


@needs_fido
def test_many_folders_get_theirs_too(folder: Path, tmp_path: Path) -> None:
    options = Options(context=Context().to_json(), pronom=True, seconds=120)
    (outcome,) = describe_many([str(folder)], tmp_path, lambda wanted: on_this_machine(wanted, options, 1))
    assert outcome.state == "done"
    told = json.loads(output_of(str(folder), tmp_path).read_text("utf-8"))
    assert {f["path"]: f.get("puid") for f in told["files"]}["old.gif"] == "fmt/3"


def test_without_being_asked_nothing_changes_and_fido_is_not_imported(folder: Path) -> None:
    code = (
        "import sys, json\nfrom shirushi.describe import describe\n"
        "seen = describe(sys.argv[1]).to_json(evidence=True)\n"
        "print(json.dumps([[m for m in sys.modules if m.startswith('fido')], 'puid' in json.dumps(seen)]))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, check=True)
    assert json.loads(run.stdout) == [[], False]


def test_without_the_extra_it_is_said_and_the_rest_goes_on(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr(pronom, "is_installed", lambda: False)
    seen = describe(folder, pronom=True)
    assert ("reader-missing", "", "PRONOM: pip install 'shirushi[preserve]'") in [
        (item.code, item.file, item.detail) for item in seen.problems
    ]
    assert {file.puid for file in seen.files} == {None}


@needs_fido
def test_containers_are_told_by_what_is_in_them(tmp_path: Path) -> None:
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.document.main+xml"/></Types>'
    )
    file = tmp_path / "a.docx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("word/document.xml", "<x/>")
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    found = pronom.formats_of([("a.docx", file, kind)], [])
    assert (found["a.docx"].puid, found["a.docx"].by) == ("fmt/412", "container")


@needs_fido
def test_member_that_unpacks_to_far_too_much_is_not_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "bomb.docx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * (pronom.LARGEST_MEMBER + 1))
    problems: list = []
    found = pronom.formats_of([("bomb.docx", file, "application/zip")], problems)
    assert (problems, found["bomb.docx"].puid, found["bomb.docx"].by) == ([], "x-fmt/263", "signature")


@needs_fido
def test_conflict_of_media_types_is_a_problem_in_both_languages(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(PNG)
    problems: list = []
    pronom.formats_of([("x.gif", file, "image/gif"), ("x.png", file, "image/png"), ("y", file, "text/plain")], problems)
    assert [(item.code, item.file, item.detail) for item in problems] == [
        (pronom.CONFLICT, "x.gif", "image/gif / PRONOM fmt/11 Portable Network Graphics 1.0: image/png")
    ]
    assert "PRONOM による形式の判定" in say(problems[0], "ja")


@needs_fido
def test_media_type_that_pronom_never_heard_of_is_no_conflict(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(PNG)
    problems: list = []
    found = pronom.formats_of([("x", file, "application/x-of-our-own")], problems)
    assert (found["x"].puid, problems) == ("fmt/11", [])


@needs_fido
@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"PK\x03\x04" + b"\x00" * 99, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99]
)
def test_empty_and_broken_files_are_no_failure(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.bin"
    file.write_bytes(content)
    problems: list = []
    pronom.formats_of([("x.bin", file, "application/octet-stream")], problems)
    assert problems == []


@needs_fido
def test_what_takes_too_long_or_went_away_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.bin"
    file.write_bytes(PNG)
    with Pool(1, limits=Limits(seconds=0.01)) as pool:
        ((_, slow),) = pronom.look_up([("x.bin", file, "image/png")], pool)
    assert isinstance(slow, Failure)
    assert slow.code == "timeout"
    problems: list = []
    assert pronom.formats_of([("gone", tmp_path / "gone", "image/png")], problems) == {}
    assert [(item.code, item.file) for item in problems] == [("vanished", "gone")]


@pytest.mark.parametrize("answer", [None, [], "fmt/1", {"puid": "fido-fmt/189.word"}, {"puid": "../x"}])
def test_answer_that_names_no_puid_is_none(answer) -> None:
    assert pronom._format(answer) is None


@needs_fido
def test_names_and_media_types_are_those_of_the_registry(folder: Path, shared: Path) -> None:
    """What fido's signatures say, against a later edition of PRONOM."""
    listing = (shared / "schemas/pronom/pronom-compact.jsonl").read_text().splitlines()
    registry = {item["puid"]: item for item in map(json.loads, listing)}
    for file in describe(folder, pronom=True).files:
        if file.puid:
            entry = registry[file.puid]
            assert (file.pronom_format, file.pronom_version) == (entry["name"], entry.get("version"))
    ours = {str(item.findtext("puid")) for item in pronom._fido().formats}
    official = {puid for puid in ours if re.match(r"(x-)?fmt/", puid)}
    assert len(official) > 1500
    assert len(official - set(registry)) < 20

"""Hostile and unlucky input: each gets a clear problem, and the good file beside it is described all the same."""

import gzip
import io
import os
import socket
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import pytest

from shirushi.describe import Description, Progress, describe
from shirushi.describe.isolate import MIB, Limits, Pool
from shirushi.describe.plugins import brought
from shirushi.describe.readers import registry

GOOD = "date,temp\n2021-04-01,12.5\n2021-04-02,13\n"
READERS = """
import ctypes, os, time
from shirushi.describe.evidence import Evidence, FilePlace
from shirushi.describe.readers.base import reads

@reads("application/x-subrip")
def misbehave(file):
    yield Evidence("attribute", {"name": "seen", "value": 1, "owner": ""}, FilePlace(file.name), "hostile/1")
    what = file.head().decode().strip().removeprefix(">")
    if what == "exit":
        os._exit(1)
    if what == "segfault":
        ctypes.string_at(0)
    if what == "hang":
        while True:
            time.sleep(1)
    if what == "devour":
        hoard = []
        while True:
            hoard.append(bytearray(1 << 20))
    if what == "forbidden":
        raise PermissionError("not for you")
    if what == "raise":
        raise ValueError("strange")
    if what == "lie":
        yield Evidence("attribute", {"name": "x", "value": 1, "owner": ""}, FilePlace("other.csv"), "hostile/1")
    if what == "invent":
        yield Evidence("no-such-kind", 1, FilePlace(file.name), "hostile/1")
    if what == "babble":
        for number in range(10_000):
            yield Evidence("attribute", {"name": "n", "value": number, "owner": ""}, FilePlace(file.name), "hostile/1")
"""


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """Workers that know a reader of another package, which does what a file tells it to."""
    folder = tmp_path_factory.mktemp("packages")
    (folder / "hostile_reader.py").write_text(READERS)
    info = folder / "hostile_reader-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile-reader\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[shirushi.readers]\nhostile = hostile_reader:misbehave\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        registry.readers_for.cache_clear()
        registry._foreign.cache_clear()
        brought.cache_clear()
        with Pool(2, limits=Limits(seconds=6, memory=256 * MIB)) as pool:
            yield pool
    registry.readers_for.cache_clear()
    registry._foreign.cache_clear()
    brought.cache_clear()


Look = Callable[[], Description]


@pytest.fixture
def look(tmp_path: Path, pool: Pool) -> Look:
    """Describe the folder with a good file in it, which must come out well whatever stands beside it."""
    (tmp_path / "good.csv").write_text(GOOD)

    def look() -> Description:
        description = describe(tmp_path, pool=pool)
        good = [
            item.value["name"]
            for item in description.evidence
            if item.kind == "column" and item.place.file == "good.csv"
        ]
        assert good == ["date", "temp"]
        return description

    return look


def problems(description: Description) -> list[tuple[str, str]]:
    return [(item.code, item.file) for item in description.problems]


# ---- folders and names


def test_empty_folder(tmp_path: Path, pool: Pool) -> None:
    (tmp_path / "inside").mkdir()
    description = describe(tmp_path, pool=pool)
    (item,) = description.problems
    assert (item.code, item.message) == (
        "empty-folder",
        "There are no files here. Choose the folder that holds the data.",
    )


def test_file_of_0_bytes(tmp_path: Path, look: Look) -> None:
    (tmp_path / "empty.csv").touch()
    assert problems(look()) == [("empty-file", "empty.csv")]


def test_pipe_socket_and_device_are_never_opened(tmp_path: Path, look: Look) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "sock"))
        (tmp_path / "null").symlink_to("/dev/null")
        found = look()
    assert problems(found) == [("link-outside", "null"), ("special-file", "pipe.csv"), ("special-file", "sock")]
    assert [item.detail for item in found.problems] == ["", "a named pipe", "a socket"]


def test_source_that_is_a_pipe(tmp_path: Path, pool: Pool) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert problems(describe(tmp_path / "pipe", pool=pool)) == [("empty-folder", ""), ("special-file", "pipe")]


def test_links_are_followed_only_to_files_inside(tmp_path: Path, look: Look) -> None:
    inside = tmp_path / "sub"
    inside.mkdir()
    (inside / "again.csv").symlink_to(tmp_path / "good.csv")
    (inside / "loop").symlink_to(tmp_path)
    (inside / "self").symlink_to(inside / "self")
    (inside / "broken").symlink_to("nowhere")
    (inside / "outside").symlink_to("/etc/passwd")
    (inside / "up").symlink_to("../../..")
    found = look()
    assert [f.path for f in found.files] == ["good.csv", "sub/again.csv"]
    assert problems(found) == [
        ("broken-link", "sub/broken"),
        ("link-loop", "sub/loop"),
        ("link-outside", "sub/outside"),
        ("link-loop", "sub/self"),
        ("link-outside", "sub/up"),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a\nb.csv", "a\\x0ab.csv"),
        (b"a\x01b.csv", "a\\x01b.csv"),
        (b"caf\xe9.csv", "caf\\xe9.csv"),
        ("x\u202evsc.exe".encode(), "x\\u202evsc.exe"),
    ],
)
def test_names_that_cannot_be_shown(tmp_path: Path, look: Look, name: bytes, shown: str) -> None:
    (tmp_path / os.fsdecode(name)).write_text(GOOD)
    found = look()
    assert problems(found) == [("odd-name", shown)]
    assert shown in [f.path for f in found.files]
    found.to_json(evidence=True)


def test_path_of_more_than_300_bytes(tmp_path: Path, look: Look) -> None:
    name = "気" * 80 + ".csv"  # 244 bytes, and 300 with its folder
    (tmp_path / ("d" * 60)).mkdir()
    (tmp_path / ("d" * 60) / name).write_text(GOOD)
    assert look().files[0].path == "d" * 60 + "/" + name


def test_name_of_more_than_255_bytes_in_a_mapping(tmp_path: Path, pool: Pool) -> None:
    (tmp_path / "blob").write_text(GOOD)
    found = describe({"x" * 300 + ".csv": tmp_path / "blob"}, pool=pool)
    assert [(p.code, p.detail) for p in found.problems] == [("long-name", "304 bytes")]


def test_folders_nested_too_deeply(tmp_path: Path, look: Look) -> None:
    (tmp_path / "/".join("d" * 70)).mkdir(parents=True)
    assert [(p.code, p.detail) for p in look().problems] == [("too-deep", "more than 60 folders inside one another")]


def test_file_that_changes_while_it_is_read(tmp_path: Path, pool: Pool) -> None:
    path = tmp_path / "growing.csv"
    path.write_text(GOOD)

    def grow(progress: Progress) -> None:
        if progress.file == "growing.csv" and progress.stage == "walking":
            path.write_text(GOOD + "2021-04-03,14\n")

    assert problems(describe(tmp_path, pool=pool, progress=grow)) == [("changed", "growing.csv")]


def test_file_that_disappears_before_it_is_read(tmp_path: Path, pool: Pool) -> None:
    path = tmp_path / "fleeting.csv"
    path.write_text(GOOD)

    def remove(progress: Progress) -> None:
        if progress.file == "fleeting.csv":
            path.unlink(missing_ok=True)

    assert problems(describe(tmp_path, pool=pool, progress=remove)) == [("vanished", "fleeting.csv")]


# ---- readers that misbehave


@pytest.mark.parametrize(
    ("what", "code", "detail"),
    [
        ("exit", "crash", "ended with exit status 1"),
        ("segfault", "crash", "ended by SIGSEGV"),
        ("hang", "timeout", "not done after 6 seconds"),
        ("devour", "out-of-memory", "more than 256 MiB were needed"),
        ("forbidden", "unreadable", "not for you"),
        ("raise", "reader-error", "ValueError: strange"),
        ("lie", "reader-error", "a fact of an unknown kind, or about another file"),
        ("invent", "reader-error", "a fact of an unknown kind, or about another file"),
        ("babble", "too-much-evidence", "the first 5,000 facts were kept"),
    ],
)
def test_reader_that_misbehaves(tmp_path: Path, look: Look, what: str, code: str, detail: str) -> None:
    (tmp_path / "x.srt").write_text(f">{what}\n")
    assert [(p.code, p.file, p.detail) for p in look().problems] == [(code, "x.srt", detail)]


def test_reader_that_raises_keeps_what_it_had_seen(tmp_path: Path, look: Look) -> None:
    (tmp_path / "x.srt").write_text(">raise\n")
    assert [e.kind for e in look().evidence if e.place.file == "x.srt"] == ["file", "attribute"]


# ---- damaged and dangerous content


@pytest.mark.parametrize("name", ["x.csv", "README.md", "readme.txt", "paper.tex", "index.html"])
def test_text_in_no_known_encoding(tmp_path: Path, look: Look, name: str) -> None:
    (tmp_path / name).write_bytes(b"name,x\n" + b"\xff\xfd\x81\n,1\n" * 5)
    assert problems(look()) == [("wrong-encoding", name)]


def test_text_too_long_to_be_read_in_full(tmp_path: Path, look: Look) -> None:
    (tmp_path / "notes.txt").write_bytes(b"Nothing of note was seen today.\n" * 70_000)
    assert problems(look()) == [("too-large", "notes.txt")]


def test_text_by_name_that_is_none(tmp_path: Path, look: Look) -> None:
    (tmp_path / "x.csv").write_bytes("a,b\n1,2\n".encode("utf-16-le"))
    (tmp_path / "x.bin").write_bytes(b"a\0b")
    assert problems(look()) == [("malformed", "x.csv")]


def test_office_package_without_a_document(tmp_path: Path, look: Look) -> None:
    (tmp_path / "x.docx").write_bytes(_zip({"[Content_Types].xml": b"<Types/>"}))
    assert problems(look()) == [("malformed", "x.docx")]


def test_truncated_hdf5(tmp_path: Path, look: Look) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["data"] = list(range(100_000))
    data = (tmp_path / "x.h5").read_bytes()
    (tmp_path / "x.h5").write_bytes(data[: len(data) // 2])
    assert problems(look()) == [("truncated", "x.h5")]


def test_truncated_pdf(tmp_path: Path, look: Look) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Ty")
    ((code, file),) = problems(look())
    assert (code in {"truncated", "malformed"}, file) == (True, "x.pdf")


def _zip(entries: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_truncated_zip(tmp_path: Path, look: Look) -> None:
    (tmp_path / "x.zip").write_bytes(_zip({"a.txt": b"x" * 1000, "b.txt": b"y"})[:-40])
    assert problems(look()) == [("truncated", "x.zip")]


def test_truncated_spreadsheet(tmp_path: Path, look: Look) -> None:
    (tmp_path / "x.xlsx").write_bytes(_zip({"xl/workbook.xml": b"<workbook/>" * 200})[:-30])
    assert problems(look()) == [("truncated", "x.xlsx")]


def test_zip_bomb(tmp_path: Path, look: Look) -> None:
    (tmp_path / "x.zip").write_bytes(_zip({f"{n}.bin": bytes(30_000_000) for n in range(5)}))
    found = look()
    assert problems(found) == [("bomb", "x.zip")]
    assert found.problems[0].detail.endswith("would become 150,000,000")


def test_spreadsheet_that_is_a_bomb_is_not_opened(tmp_path: Path, look: Look) -> None:
    (tmp_path / "x.xlsx").write_bytes(
        _zip({"[Content_Types].xml": b"<x/>", "xl/worksheets/sheet1.xml": bytes(50_000_000)})
    )
    assert problems(look()) == [("bomb", "x.xlsx")]


def test_zip_that_lies_about_its_size_is_not_unpacked(tmp_path: Path, look: Look) -> None:
    data = bytearray(_zip({"a.bin": bytes(1_000_000)}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 4_000_000_000)
    (tmp_path / "x.zip").write_bytes(bytes(data))
    assert problems(look()) == [("bomb", "x.zip")]


def test_archive_with_names_that_lead_out(tmp_path: Path, look: Look) -> None:
    (tmp_path / "x.zip").write_bytes(_zip({"../../etc/passwd": b"x", "fine.txt": b"y", "/root/x": b"z", "C:\\x": b"w"}))
    with tarfile.open(tmp_path / "y.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("link")
        member.type, member.linkname = tarfile.SYMTYPE, "../outside"
        archive.addfile(member)
    found = look()
    assert problems(found) == [("traversal", "x.zip"), ("traversal", "y.tar.gz")]
    assert found.problems[0].detail == "3 of 4 files inside: '../../etc/passwd', '/root/x', 'C:\\\\x'"
    listed = [e.value["value"] for e in found.evidence if e.kind == "attribute" and e.value["name"] == "contains"]
    assert listed == ["fine.txt"]
    assert not (tmp_path.parent / "outside").exists()


def test_truncated_tar_lists_what_came_before(tmp_path: Path, look: Look) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name in ("a.txt", "b.txt"):
            member = tarfile.TarInfo(name)
            member.size = 200_000
            archive.addfile(member, io.BytesIO(os.urandom(200_000)))
    (tmp_path / "x.tgz").write_bytes(stream.getvalue()[:250_000])
    assert problems(look()) == [("truncated", "x.tgz")]


def test_gzip_that_unpacks_to_far_more(tmp_path: Path, look: Look) -> None:
    with gzip.open(tmp_path / "x.csv.gz", "wb") as stream:
        for _ in range(30):
            stream.write(bytes(10_000_000))
    assert problems(look()) == [("bomb", "x.csv.gz")]


def test_xml_entity_bomb(tmp_path: Path, look: Look) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    text = f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><resource xmlns="http://datacite.org/schema/kernel-4">&e11;</resource>'
    (tmp_path / "x.xml").write_text(text)
    started = time.monotonic()
    found = look()
    assert time.monotonic() - started < 10
    assert problems(found) == [("entities", "x.xml")]


def test_json_nested_too_deeply(tmp_path: Path, look: Look) -> None:
    (tmp_path / "x.json").write_text("[" * 100_000)
    assert {code for code, _ in problems(look())} == {"too-deep"}


def test_truncated_json(tmp_path: Path, look: Look) -> None:
    (tmp_path / "x.json").write_text('[{"a": 1}, {"a": 2')
    assert problems(look()) == [("truncated", "x.json")]


# ---- size


def test_sparse_csv_of_5_gb_costs_seconds(tmp_path: Path, look: Look) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.write(b"time,value\n" + b"".join(b"%d,%d\n" % (n, n % 7) for n in range(50_000)))
        stream.truncate(5 * 1024**3)
    started = time.monotonic()
    found = look()
    assert time.monotonic() - started < 15
    ((code, file),) = problems(found)
    assert (code, file) == ("malformed", "huge.csv")
    columns = [e.value for e in found.evidence if e.kind == "column" and e.place.file == "huge.csv"]
    assert [(c["name"], c["type"], c["sampled"]) for c in columns] == [
        ("time", "integer", True),
        ("value", "integer", True),
    ]


@pytest.mark.slow
def test_20000_small_files(tmp_path: Path, pool: Pool) -> None:
    for number in range(20_000):
        path = tmp_path / f"{number // 1000:02}" / f"point-{number:05}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(GOOD)
    started = time.monotonic()
    found = describe(tmp_path, pool=pool)
    assert time.monotonic() - started < 60
    assert found.file_count == 20_000
    assert [p.code for p in found.problems] == ["sampled"]


def test_very_many_problems_of_one_sort_are_counted(tmp_path: Path, look: Look) -> None:
    for number in range(80):
        (tmp_path / f"{number:02}.log").touch()
    found = look()
    assert len(found.problems) == 51
    assert found.problems[0].detail == "and 30 more files"

"""Archives made while they are sent: right for every unzip here, as long as promised, and never whole in memory."""

import io
import shutil
import subprocess
import threading
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from shirushi.storage import ContentMismatch, zipping
from shirushi.storage.read_ahead import AHEAD, read_ahead
from shirushi.storage.zipping import CHUNK, Archive, Entry, Opening, Totals, in_turn

NOTHING = bytes(CHUNK)
AT = datetime(2026, 11, 30, 17, 6, 4, tzinfo=UTC)
FILES = {"README.md": b"# Buoys\n", "空のファイル": b"", "data/海面水温 📈.csv": b"time,sst\n" * 50_000, "é": b"x"}


class Zeros(io.RawIOBase):
    """A file of any size that holds nothing."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        got = min(self.left, size)
        self.left -= got
        return bytes(got)


def archive(files: dict[str, bytes]) -> Archive:
    entries = [Entry(path, len(content)) for path, content in sorted(files.items())]
    return Archive(lambda: entries, Totals.of(entries), AT)


def held(files: dict[str, bytes]) -> Opening:
    return in_turn(lambda entry: io.BytesIO(files[entry.path]))


def packed(files: dict[str, bytes]) -> bytes:
    made = archive(files)
    data = b"".join(made.stream(held(files)))
    assert len(data) == made.length
    return data


def test_archive_is_as_long_as_promised_and_holds_the_files() -> None:
    with zipfile.ZipFile(io.BytesIO(packed(FILES))) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == FILES
        info = opened.getinfo("README.md")
        assert (info.date_time, info.external_attr >> 16, info.compress_type) == ((2026, 11, 30, 17, 6, 4), 0o100644, 0)


def test_archive_of_no_files_is_one() -> None:
    assert zipfile.ZipFile(io.BytesIO(packed({}))).namelist() == []


@pytest.mark.parametrize("tool", ["unzip", "bsdtar", "7z"])
def test_other_programs_unpack_it(tmp_path: Path, tool: str) -> None:
    program = shutil.which(tool)
    if program is None:
        pytest.skip(f"SKIPPED LOUDLY: {tool} is not here, so it did not unpack an archive of ours")
    (tmp_path / "all.zip").write_bytes(packed(FILES))
    words = {"unzip": ["-q", "all.zip"], "bsdtar": ["-xf", "all.zip"], "7z": ["x", "-y", "all.zip"]}[tool]
    subprocess.run([program, *words], cwd=tmp_path, check=True, capture_output=True, env={"LANG": "C.UTF-8"})
    assert {path: (tmp_path / path).read_bytes() for path in FILES} == FILES


def test_more_files_than_16_bits_count() -> None:
    files = {f"{number:06d}.txt": b"%d" % number for number in range(70_000)}
    with zipfile.ZipFile(io.BytesIO(packed(files))) as opened:
        assert len(opened.infolist()) == 70_000
        assert opened.read("069999.txt") == b"69999"


@pytest.mark.parametrize("large", [1, 30, 500_000])
def test_wide_fields_are_read_by_everybody(monkeypatch, large: int) -> None:
    monkeypatch.setattr(zipping, "LARGE", large)
    with zipfile.ZipFile(io.BytesIO(packed(FILES))) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == FILES


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [[2**32 - 1, 10], [3 * 1024**3, 2 * 1024**3, 7]])
def test_larger_than_32_bits(tmp_path: Path, sizes: list[int]) -> None:
    """Written to a file with holes, so that gigabytes of nothing take no room."""
    entries = [Entry(f"{number}.bin", size) for number, size in enumerate(sizes)]
    made = Archive(lambda: entries, Totals.of(entries), AT)
    with (tmp_path / "large.zip").open("wb") as file:
        for piece in made.stream(in_turn(lambda entry: Zeros(entry.size))):  # type: ignore[arg-type,return-value]
            if piece == NOTHING:
                file.seek(len(piece), io.SEEK_CUR)
            else:
                file.write(piece)
        assert file.tell() == made.length
    with zipfile.ZipFile(tmp_path / "large.zip") as opened:
        assert [info.file_size for info in opened.infolist()] == sizes
        assert opened.read(f"{len(sizes) - 1}.bin") == bytes(sizes[-1])  # its place and its CRC


def test_memory_does_not_grow_with_the_files() -> None:
    entries = [Entry(f"{number}.bin", 20 * 1024**2) for number in range(3)]
    made = Archive(lambda: entries, Totals.of(entries), AT)
    tracemalloc.start()
    sent = sum(len(piece) for piece in made.stream(in_turn(lambda entry: Zeros(entry.size))))  # type: ignore[arg-type,return-value]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (sent, most < 8 * CHUNK) == (made.length, True)


@pytest.mark.parametrize("content", [b"short", b"much too long"])
def test_file_of_another_size_breaks_the_archive_off(content: bytes) -> None:
    entry = Entry("a", 8)

    def stream() -> Iterator[bytes]:
        return Archive(lambda: [entry], Totals.of([entry]), AT).stream(in_turn(lambda _: io.BytesIO(content)))

    with pytest.raises(ContentMismatch):
        list(stream())


SMALL_FILES = {"a": b"first", "b/空": b"", "c": bytes(range(256)) * 2, "d": b"last"}


@pytest.mark.parametrize("known", ["all", "none", "some"])
@pytest.mark.parametrize("wide", [False, True])
def test_every_part_is_a_part_of_the_whole(monkeypatch, known: str, wide: bool) -> None:
    if wide:
        monkeypatch.setattr(zipping, "LARGE", 1)
    is_known = {"all": lambda _: True, "none": lambda _: False, "some": lambda path: path in "ad"}[known]
    entries = [
        Entry(path, len(content), zlib.crc32(content) if is_known(path) else None)
        for path, content in SMALL_FILES.items()
    ]
    made = Archive(lambda: entries, Totals.of(entries), AT)
    whole = packed(SMALL_FILES)
    for start in [*range(0, made.length, 29), made.length - 1]:
        for end in {min(start + length, made.length) for length in (1, 90, 800, made.length)}:
            assert b"".join(made.stream(held(SMALL_FILES), start, end)) == whole[start:end], (start, end)


def test_part_at_the_end_reads_nothing_but_what_it_sends() -> None:
    """Of files whose CRC-32 is known. Those whose is not are read for the directory."""
    read = []

    def opened(entry: Entry) -> BinaryIO:
        read.append(entry.path)
        return io.BytesIO(SMALL_FILES[entry.path])

    for known, expected in ((True, ["d"]), (False, ["d", "a", "b/空", "c"])):  # the latter for the directory
        read.clear()
        entries = [
            Entry(path, len(content), zlib.crc32(content) if known else None) for path, content in SMALL_FILES.items()
        ]
        made = Archive(lambda entries=entries: entries, Totals.of(entries), AT)  # type: ignore[misc]
        behind = packed(SMALL_FILES).index(b"last")
        b"".join(made.stream(in_turn(opened), behind))
        assert read == expected


def test_bytes_of_another_crc_break_the_archive_off() -> None:
    entry = Entry("a", 4, zlib.crc32(b"same"))
    made = Archive(lambda: [entry], Totals.of([entry]), AT)
    with pytest.raises(ContentMismatch, match="CRC-32"):
        list(made.stream(in_turn(lambda _: io.BytesIO(b"tame"))))


def test_small_files_are_there_before_their_turn_and_never_too_many() -> None:
    under_way = most = 0
    lock = threading.Lock()

    class Counted(io.BytesIO):
        def close(self) -> None:
            nonlocal under_way
            with lock:
                under_way -= 0 if self.closed else 1
            super().close()

    def opened(entry: Entry) -> BinaryIO:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.01)
        return Counted(entry.path.encode())

    entries = [Entry(f"{number:04}", 4) for number in range(3 * AHEAD)]
    began = time.monotonic()
    read = [(entry.path, file.read()) for entry, file in read_ahead(entries, opened)]
    assert read == [(entry.path, entry.path.encode()) for entry in entries]
    assert (1 < most <= 8, time.monotonic() - began < 0.01 * len(entries)) == (True, True)


def test_what_cannot_be_fetched_is_told_in_its_turn() -> None:
    def opened(entry: Entry) -> BinaryIO:
        if entry.path == "b":
            raise FileNotFoundError(entry.path)
        return io.BytesIO(b"x")

    coming = read_ahead([Entry(path, 1) for path in "abc"], opened)
    assert next(coming)[0].path == "a"
    with pytest.raises(FileNotFoundError):
        next(coming)

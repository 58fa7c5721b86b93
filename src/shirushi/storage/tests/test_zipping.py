"""Archives made while they are sent: right for every unzip here, as long as promised, and never whole in memory."""

import io
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shirushi.storage import ContentMismatch, zipping
from shirushi.storage.zipping import CHUNK, Archive, Entry, Totals

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


def packed(files: dict[str, bytes]) -> bytes:
    made = archive(files)
    data = b"".join(made.stream(lambda entry: io.BytesIO(files[entry.path])))
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
        for piece in made.stream(lambda entry: Zeros(entry.size)):  # type: ignore[arg-type,return-value]
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
    sent = sum(len(piece) for piece in made.stream(lambda entry: Zeros(entry.size)))  # type: ignore[arg-type,return-value]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (sent, most < 8 * CHUNK) == (made.length, True)


@pytest.mark.parametrize("content", [b"short", b"much too long"])
def test_file_of_another_size_breaks_the_archive_off(content: bytes) -> None:
    entry = Entry("a", 8)

    def stream() -> Iterator[bytes]:
        return Archive(lambda: [entry], Totals.of([entry]), AT).stream(lambda _: io.BytesIO(content))

    with pytest.raises(ContentMismatch):
        list(stream())

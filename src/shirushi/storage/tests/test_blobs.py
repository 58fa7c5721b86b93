import hashlib
import io
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.storage import Blob, Blobs, BlobStore, NotStored, TooLarge
from shirushi.storage.tests.gateway import Both


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


@pytest.fixture(scope="module")
def shared_blobs(new_kept: Callable[[], Both]) -> Blobs:
    return new_kept().blobs


def everything_under(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@given(data=st.binary(max_size=5_000))
def test_what_is_written_is_read_back(shared_blobs: Blobs, data: bytes) -> None:
    blob = shared_blobs.write(io.BytesIO(data))
    digests = hashlib.sha256(data).hexdigest(), hashlib.sha512(data).hexdigest()
    assert blob == Blob(*digests, len(data), zlib.crc32(data))
    with shared_blobs.open(blob.sha256) as file:
        assert file.read() == data
    assert shared_blobs.sound(blob.sha256)


def test_same_bytes_are_stored_once(kept: Both) -> None:
    blobs = kept.blobs
    first, second = blobs.write(io.BytesIO(b"a")), blobs.write(io.BytesIO(b"a"))
    assert first == second
    assert list(blobs.iter()) == [first.sha256]
    assert everything_under(kept.disk / "blobs") == [f"ca/97/{first.sha256}"]


def test_blob_is_read_only(blobs: BlobStore) -> None:
    blob = blobs.write(io.BytesIO(b"a"))
    assert blobs.path(blob.sha256).stat().st_mode & 0o777 == 0o444


def test_stream_over_the_limit_leaves_nothing(kept: Both) -> None:
    blobs = kept.blobs
    with pytest.raises(TooLarge) as caught:
        blobs.write(io.BytesIO(b"x" * 11), limit=10)
    assert caught.value.limit == 10
    assert everything_under(kept.disk / "blobs") == []


def test_stream_of_exactly_the_limit_is_stored(kept: Both) -> None:
    blobs = kept.blobs
    assert blobs.write(io.BytesIO(b"x" * 10), limit=10).size == 10


def test_stream_that_breaks_leaves_nothing(kept: Both) -> None:
    blobs = kept.blobs

    class Broken:
        def __init__(self) -> None:
            self.reads = 0

        def read(self, size: int) -> bytes:
            self.reads += 1
            if self.reads > 3:
                raise ConnectionResetError("the browser went away")
            return b"x" * size

    with pytest.raises(ConnectionResetError):
        blobs.write(Broken())
    assert everything_under(kept.disk / "blobs") == []


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "A" * 64, "g" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n"]
)
def test_name_that_is_no_digest_is_not_stored(blobs: BlobStore, name: str) -> None:
    for method in (blobs.path, blobs.open, blobs.exists, blobs.remove):
        with pytest.raises(NotStored):
            method(name)


def test_blob_that_is_not_there(kept: Both) -> None:
    blobs = kept.blobs
    assert not blobs.exists("0" * 64)
    assert not blobs.sound("0" * 64)
    with pytest.raises(NotStored):
        blobs.open("0" * 64)
    blobs.remove("0" * 64)


def test_removed_blob_is_gone(kept: Both) -> None:
    blobs = kept.blobs
    blob = blobs.write(io.BytesIO(b"a"))
    blobs.remove(blob.sha256)
    assert not blobs.exists(blob.sha256)
    assert list(blobs.iter()) == []


def test_damaged_blob_is_not_sound_and_writing_it_again_repairs_a_torn_one(kept: Both) -> None:
    blobs = kept.blobs
    blob = blobs.write(io.BytesIO(b"abc"))
    path = kept.disk / "blobs" / blob.sha256[:2] / blob.sha256[2:4] / blob.sha256
    path.chmod(0o644)
    path.write_bytes(b"ab")
    assert not blobs.sound(blob.sha256)
    blobs.write(io.BytesIO(b"abc"))
    assert blobs.sound(blob.sha256)


def test_memory_does_not_grow_with_the_blob(tmp_path: Path) -> None:
    script = (
        "import resource, sys\n"
        "from shirushi.storage import BlobStore\n"
        "class Zeros:\n"
        "    left = int(sys.argv[2])\n"
        "    def read(self, size):\n"
        "        size = min(size, self.left); self.left -= size\n"
        "        return bytes(size)\n"
        "BlobStore(sys.argv[1]).write(Zeros())\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )

    def peak(size: int) -> int:
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / str(size)), str(size)],
            capture_output=True,
            check=True,
            text=True,
        )
        return int(done.stdout)

    assert peak(64 << 20) - peak(1 << 20) < 8 << 10  # KiB


def test_recover_removes_what_a_dead_writer_left_and_spares_a_living_one(blobs: BlobStore) -> None:
    script = (
        "import sys, time\n"
        "from shirushi.storage import BlobStore\n"
        "class Slow:\n"
        "    def read(self, size):\n"
        "        print('reading', flush=True); time.sleep(60)\n"
        "BlobStore(sys.argv[1]).write(Slow())\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, str(blobs.root)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    assert blobs.recover() == 0
    writer.kill()
    writer.wait()
    writer.stdout.close()
    assert blobs.recover() == 1
    assert everything_under(blobs.root) == []
    assert blobs.recover() == 0


def test_many_writers_of_the_same_bytes_agree(blobs: BlobStore) -> None:
    script = (
        "import io, sys\n"
        "from shirushi.storage import BlobStore\n"
        "store = BlobStore(sys.argv[1])\n"
        "for i in range(200): store.write(io.BytesIO(bytes([i % 20]) * 5000))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(blobs.root)]) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert len(list(blobs.iter())) == 20
    assert all(blobs.sound(digest) for digest in blobs.iter())


def test_writer_waits_while_its_bytes_are_set_aside_and_then_keeps_its_own(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    sha256 = store.write(io.BytesIO(b"x")).sha256
    os.utime(store.path(sha256), (1, 1))
    writer = threading.Thread(target=lambda: store.write(io.BytesIO(b"x")))

    def nobody_needs_it() -> bool:
        writer.start()
        writer.join(0.3)  # it is at the door now, with the bytes of its own
        return False

    assert store.set_aside(sha256, age=60, unless=nobody_needs_it)
    writer.join()
    assert store.sound(sha256)
    assert (tmp_path / "aside" / "blobs" / sha256).read_bytes() == b"x"


# -- many files together


def files_in(folder: Path, *contents: bytes) -> list[Path]:
    for number, content in enumerate(contents):
        (folder / str(number)).write_bytes(content)
    return [folder / str(number) for number in range(len(contents))]


def test_files_stored_together_are_as_those_stored_one_by_one(kept: Both, tmp_path: Path) -> None:
    blobs = kept.blobs
    sources = files_in(tmp_path, b"a", b"b", b"a", b"")
    assert blobs.write_all(sources) == [blobs.write(io.BytesIO(path.read_bytes())) for path in sources]
    assert [blobs.sound(sha256) for sha256 in blobs.iter()] == [True] * 3
    assert blobs.recover() == 0


def test_file_that_cannot_be_stored_is_told_and_the_others_are_kept(kept: Both, tmp_path: Path) -> None:
    blobs = kept.blobs
    good, big, other = files_in(tmp_path, b"12", b"1234", b"34")
    found = blobs.write_all([good, tmp_path / "gone", big, other], limit=3)
    assert [type(one).__name__ for one in found] == ["Blob", "FileNotFoundError", "TooLarge", "Blob"]
    assert (len(list(blobs.iter())), blobs.recover()) == (2, 0)


def test_every_file_stored_together_and_every_folder_above_it_reaches_the_disk(
    blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = set()
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        real(descriptor)

    sources = files_in(tmp_path, b"a", b"b", b"c")
    monkeypatch.setattr(os, "fsync", fsync)
    for blob in blobs.write_all(sources):
        assert isinstance(blob, Blob)
        path = blobs.path(blob.sha256)
        assert {place.stat().st_ino for place in (path, *path.parents[:3])} <= synced

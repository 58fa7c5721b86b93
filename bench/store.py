"""What keeping a file costs: into a folder, and into an S3 server of this machine, beside `cp` and `sha256sum` of the same file.

`cp` here waits for the disk as we do (`sync FILE` after it). The S3 server is the tests' (make s3), on the same disk; it waits for
no disk of its own. Reading is a download by ranges of a stored file, beside `cat`. What is compared is measured in turns, and
the quickest of each counts.

    .venv/bin/python bench/store.py [--size BYTES] [--folder DIR] [--rounds N]
"""

import argparse
import io
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from shirushi.storage import Blob, Blobs, Store
from shirushi.storage.places import Place
from shirushi.storage.tests.gateway import BUCKET, PROGRAM, Gateway

BAR = 2.0  # times cp + sha256sum
SMALL = 200  # files of 10 kB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1 << 30)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="bench-store-") as made:
        measure(Path(made), options.size, options.rounds)


def measure(folder: Path, size: int, rounds: int) -> None:
    source = folder / "source"
    with source.open("wb") as file:
        for start in range(0, size, 1 << 20):
            file.write(os.urandom(min(1 << 20, size - start)))
    places = {"folder": Place(folder / "home", cache_size=4 * size)}
    gateway = None
    if PROGRAM.exists():
        gateway = Gateway(folder / "s3")
        os.environ.update(gateway.environment)
        places["S3"] = Place(folder / "here", f"s3://{BUCKET}/bench", cache_size=4 * size)
    else:
        print("S3: not measured, its server is not built (make s3)")
    try:
        compare(folder, source, size, places, rounds)
    finally:
        if gateway:
            gateway.kill()


def compare(folder: Path, source: Path, size: int, places: dict[str, Place], rounds: int) -> None:
    stores: dict[str, tuple[Blobs, Store]] = {name: (place.blobs(), place.store()) for name, place in places.items()}
    best: dict[str, float] = {}

    def timed(name: str, action: Callable[[], object]) -> None:
        started = time.perf_counter()
        action()
        best[name] = min(best.get(name, float("inf")), time.perf_counter() - started)

    small = [folder / f"small-{number}" for number in range(SMALL)]
    for turn in range(rounds):
        for path in small:
            path.write_bytes(os.urandom(10_000))
        timed("cp + sha256sum", lambda: cp_and_sum(source, folder / "copy"))
        timed("cp + sha256sum, small", lambda: cp_and_sum_each(small, folder / "copies"))
        timed("cat", lambda: drain(source))
        for name, (blobs, store) in stores.items():
            kept: list[Blob] = []
            timed(f"write, {name}", lambda blobs=blobs, kept=kept: kept.append(write(blobs, source)))
            timed(f"write small, {name}", lambda blobs=blobs: blobs.write_all(small))
            timed(
                f"commit, {name}",
                lambda turn=turn, blobs=blobs, store=store, kept=kept: commit(store, blobs, kept[0], turn),
            )
            timed(f"download, {name}", lambda blobs=blobs, kept=kept: download(blobs, kept[0]))
            blobs.remove(kept[0].sha256)
            (folder / "copy").unlink(missing_ok=True)
    peer, peers, cat = best["cp + sha256sum"], best["cp + sha256sum, small"], best["cat"]
    print(f"load average {os.getloadavg()[0]:.1f}; {size / 1e6:,.0f} MB; {SMALL} files of 10 kB")
    print(f"cp + sha256sum          {peer:7.2f} s {size / peer / 1e6:7.0f} MB/s; small {peers:.2f} s; cat {cat:.2f} s")
    for name in stores:
        took, few = best[f"write, {name}"], best[f"write small, {name}"]
        verdict = "met" if took <= BAR * peer else "NOT MET"
        print(
            f"write, {name:6}           {took:7.2f} s {size / took / 1e6:7.0f} MB/s: {took / peer:.2f} times (bar {BAR:g}: {verdict})"
        )
        print(f"write small, {name:6}     {few:7.2f} s {SMALL / few:7.0f} files/s: {few / peers:.2f} times")
        print(f"commit, {name:6}          {best[f'commit, {name}']:7.2f} s (one object, the large file)")
        print(
            f"download, {name:6}        {best[f'download, {name}']:7.2f} s: {best[f'download, {name}'] / cat:.2f} times cat"
        )


def cp_and_sum(source: Path, target: Path) -> None:
    subprocess.run(["cp", source, target], check=True)
    subprocess.run(["sync", target], check=True)
    subprocess.run(["sha256sum", source], check=True, stdout=subprocess.DEVNULL)


def cp_and_sum_each(sources: list[Path], folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    subprocess.run(["cp", *sources, folder], check=True)
    subprocess.run(["sync", *(folder / source.name for source in sources)], check=True)
    subprocess.run(["sha256sum", *sources], check=True, stdout=subprocess.DEVNULL)


def drain(source: Path) -> None:
    subprocess.run(["cat", source], check=True, stdout=subprocess.DEVNULL)


def write(blobs: Blobs, source: Path) -> Blob:
    with source.open("rb") as file:
        return blobs.write(file)


def commit(store: Store, blobs: Blobs, blob: Blob, turn: int) -> None:
    stored = blobs.stored(blob.sha256, sha512=blob.sha512, size=blob.size)
    now = datetime.now(UTC)
    store.commit(
        f"urn:bench:{turn}",
        number=1,
        state={"files/a": stored},
        message="",
        user_name="bench",
        user_address=None,
        created=now,
    )


def download(blobs: Blobs, blob: Blob) -> None:
    content = blobs.content(blob.sha256)
    sink = io.BytesIO()
    for chunk in content.part(0, content.size):
        sink.seek(0)
        sink.write(chunk)


if __name__ == "__main__":
    main()

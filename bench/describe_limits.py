"""What describing costs: wall time, processor time and memory of the command line, cold, beside its promised limits.

    python bench/describe_limits.py [--json] [--only NAME]

Memory is that of all processes together (proportional set size, Linux). Each line ends with the share of its limit that
was used; the command ends with an error when one is above 1.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

MEMORY = 600_000_000
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TABLE = "date,temp (degC),site\n" + "".join(f"2021-04-{d:02},{10 + d / 10},A\n" for d in range(1, 31))


@dataclass(frozen=True)
class Result:
    """``seconds`` of wall time and ``processor`` seconds; ``memory`` in bytes; ``limit`` in seconds."""

    name: str
    files: int
    seconds: float
    processor: float
    memory: int
    limit: float
    problems: int

    @property
    def share(self) -> float:
        return max(self.seconds / self.limit, self.memory / MEMORY)


def ten_files(folder: Path) -> None:
    """Ten ordinary files of the examples."""
    chosen = [
        "sagami-buoys/README.md",
        "sagami-buoys/report.pdf",
        "sagami-buoys/codebook.csv",
        "sagami-buoys/buoys/SB01.csv",
        "sagami-buoys/buoys/stations.csv",
        "sagami-buoys/gridded/sst_monthly.nc",
        "powder-diffraction/notes.docx",
        "powder-diffraction/photos/bench.jpg",
        "powder-diffraction/results.json",
        "里山の植生調査/コードブック.xlsx",
    ]
    for name in chosen:
        shutil.copy(EXAMPLES / name, folder)


def many_alike(folder: Path) -> None:
    """20,000 small tables, a thousand in each of twenty folders."""
    for number in range(20_000):
        path = folder / f"{number // 1000:02}" / f"point-{number:05}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(TABLE)


def many_unlike(folder: Path) -> None:
    """20,000 small files with names that have nothing in common, of five formats."""
    words = [a + b + c for a in "bdfghklmnprst" for b in "aeiou" for c in ("lan", "mer", "nis", "rok", "tul")]
    contents = {
        "csv": TABLE,
        "md": "# A note\n\nSome words about what was seen.\n",
        "json": '{"rate": 24, "name": "CTD"}',
    }
    contents |= {"txt": "Station: Misaki\n\nMeasured by hand, twice a day.\n", "tsv": TABLE.replace(",", "\t")}
    kinds = sorted(contents)
    for number in range(20_000):
        first, rest = divmod(number, len(words))
        name = words[rest] + words[(first * 7 + rest * 3) % len(words)] + words[first % len(words)]
        kind = kinds[number % len(kinds)]
        path = folder / words[first % 40] / f"{name}.{kind}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(contents[kind])


def sparse_table(folder: Path) -> None:
    """A CSV of 5 GB, all of it a hole but for the start."""
    with (folder / "huge.csv").open("wb") as stream:
        stream.write(b"time,value\n" + b"".join(b"%d,%d\n" % (n, n % 7) for n in range(50_000)))
        stream.truncate(5 * 1024**3)


def full_table(folder: Path) -> None:
    """A CSV of 300 MB."""
    block = b"".join(b"%012d,%d,site-%d,%.3f\n" % (n, n % 97, n % 13, n / 7) for n in range(100_000))
    with (folder / "large.csv").open("wb") as stream:
        stream.write(b"time,count,site,value\n")
        for _ in range(300_000_000 // len(block)):
            stream.write(block)


def bombs(folder: Path) -> None:
    """A ZIP, a workbook and a deep JSON that would unpack to far more than they are, beside a good file."""
    zeros = bytes(50_000_000)
    for name, inside in (("a.zip", "zeros.bin"), ("b.xlsx", "xl/worksheets/sheet1.xml")):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(4):
                archive.writestr(f"{number}/{inside}", zeros)
    (folder / "deep.json").write_text("[" * 1_000_000)
    (folder / "good.csv").write_text(TABLE)


CASES: dict[str, tuple[Callable[[Path], None], float]] = {
    "ten ordinary files": (ten_files, 3),
    "20,000 files alike": (many_alike, 60),
    "20,000 files unlike": (many_unlike, 60),
    "sparse CSV of 5 GB": (sparse_table, 15),
    "CSV of 300 MB": (full_table, 15),
    "bombs": (bombs, 15),
}


def measure(name: str, prepare: Callable[[Path], None], limit: float) -> Result:
    """Describe a fresh folder with the command line and watch it."""
    with tempfile.TemporaryDirectory(prefix="describe-limits-") as folder:
        prepare(Path(folder))
        command = [sys.executable, "-m", "shirushi.cli", "describe", folder, "--json", "--quiet"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
            watch = Watch(process.pid)
            assert process.stdout is not None
            description = json.loads(process.stdout.read())
            process.wait()
            seconds = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Result(
        name, description["file_count"], seconds, processor, watch.stop(), limit, len(description["problems"])
    )


class Watch:
    """The largest memory that a process and its descendants held together, looked at fifty times a second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> int:
        self._end.set()
        self._thread.join()
        return self._most

    def _run(self) -> None:
        while not self._end.wait(0.02):
            self._most = max(self._most, sum(_memory(pid) for pid in _family(self._pid)))


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from _family(int(child))


def _memory(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    parser.add_argument("--only", choices=sorted(CASES), help="measure this case alone")
    options = parser.parse_args()
    results = [measure(name, *case) for name, case in CASES.items() if options.only in (None, name)]
    if options.json:
        print(json.dumps([asdict(result) | {"share": round(result.share, 3)} for result in results], indent=1))
    else:
        print(
            f"{'case':22} {'files':>7} {'wall s':>8} {'limit s':>8} {'cpu s':>7} {'MB':>6} {'problems':>9} {'of limit':>9}"
        )
        for r in results:
            print(
                f"{r.name:22} {r.files:7,} {r.seconds:8.2f} {r.limit:8.0f} {r.processor:7.2f} {r.memory / 1e6:6.0f}"
                f" {r.problems:9} {r.share:9.2f}"
            )
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return int(any(result.share > 1 for result in results))


if __name__ == "__main__":
    sys.exit(main())

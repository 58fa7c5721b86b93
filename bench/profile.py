"""What a large table costs: one pass beside SHA-256 alone, the exact profile beside DuckDB's SUMMARIZE, and what starting and reading cost.

Makes its own gigabyte (Japanese text, dates, numbers, quotes, line breaks in quotes). Each measurement is a process of its own; wall and
CPU seconds and the peak of memory of it and its workers are printed. What is compared is measured in turns, and the quickest
of each counts: the one that other work disturbed least. The bars are for wall time; where other work keeps the cores busy,
as the load average tells, CPU seconds are what can be relied on.

    .venv/bin/python bench/profile.py [--size BYTES] [--folder DIR] [--rounds N] [--only table|start|readers]
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from describe_limits import ten_files

PASS, MEMORY, EXACT, HELP = 4.0, 400, 1.1, 0.4
# Python keeps compiled modules unless it is told not to; who uses shirushi does not tell it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
Measured = tuple[float, float, float, str]
BLOCK = 20_000  # rows that differ; the file repeats them

_HASH = "import hashlib; hashlib.file_digest(open(path, 'rb'), 'sha256')"
_PASS = """
from shirushi.describe import describe
found = describe(path, digests=True)
(table,) = [item.value for item in found.evidence if item.kind == 'table']
assert found.files[0].sha256 and table['sampled'] and table['counted'], table
assert all(item.value['sampled'] for item in found.evidence if item.kind == 'column')
print(table['rows'])
"""
_SUMMARIZE = """
import duckdb, os
base = duckdb.connect(config={'threads': min(4, os.cpu_count() or 1), 'memory_limit': '600MB'})
base.execute(f"SUMMARIZE FROM read_csv('{path}')").fetchall()
"""
_PROFILE = """
from shirushi.describe import describe, exact
found = describe(path)
import time, resource
use = lambda who: sum(resource.getrusage(who)[:2])
wall, cpu = time.monotonic(), use(resource.RUSAGE_SELF)
(request,) = exact.requests(found.evidence, {found.files[0].path: (__import__('pathlib').Path(path), found.files[0].size)})
children = use(resource.RUSAGE_CHILDREN)
with exact.workers() as workers:
    answer = workers.call(exact.PROFILE, **request) if len(request['columns']) else None
refined = exact.refine(found.evidence, {request['name']: answer}, [])
assert not any(item.value['sampled'] for item in refined if item.kind in ('table', 'column'))
print(time.monotonic() - wall, use(resource.RUSAGE_SELF) - cpu + use(resource.RUSAGE_CHILDREN) - children)
"""
_READER = """
import resource, time, importlib, json
from pathlib import Path
from shirushi.describe.identify import identify
from shirushi.describe.readers.base import File
before = time.process_time()
function = getattr(importlib.import_module(module), name)
imported = time.process_time() - before
before = time.process_time()
facts, trouble = 0, ''
if path:
    file = Path(path)
    what = identify(file, file.name)
    try:
        facts = sum(item.kind != 'problem' for item in function(File(file, file.name, file.stat().st_size, what.media_type, what.format)))
    except Exception as error:
        trouble = type(error).__name__
print(json.dumps([imported * 1000, (time.process_time() - before) * 1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, facts, trouble]))
"""


def make_table(path: Path, size: int) -> None:
    """A table of about ``size`` bytes."""
    choice = random.Random(3)
    words = ("東京湾", "駿河湾, 北", "相模湾の沖合", "二行の\n備考", "「引用」")
    rows = "".join(
        f"{i},2024-{choice.randint(1, 12):02}-{choice.randint(1, 28):02},{choice.uniform(-5, 35):.6f},{choice.gauss(0, 1):.12g},"
        f'"{choice.choice(words)}","memo ""{choice.randint(0, 9999)}"" {choice.choice(words)}",{choice.randint(0, 100_000)}\n'
        for i in range(BLOCK)
    ).encode()
    with path.open("wb") as out:
        out.write("id,date,temperature (degC),salinity,場所,備考,count\n".encode())
        for _ in range(max(1, size // len(rows))):
            out.write(rows)


def measure(command: list[str]) -> Measured:
    """Wall seconds, CPU seconds of the process and all it started, peak MB of them together, and what it printed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    peak = [0.0]
    watching = threading.Thread(target=_watch, args=(process, peak), daemon=True)
    watching.start()
    printed, _ = process.communicate()
    watching.join()
    if process.returncode:
        raise SystemExit(f"{command[:3]} failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, cpu, peak[0], printed


def _watch(process: subprocess.Popen[str], peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(_resident(pid) for pid in _family(process.pid)))
        time.sleep(0.03)


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:
                continue
    return found


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError, ValueError):
        return 0.0


def python(code: str, **given: object) -> list[str]:
    return [sys.executable, "-c", "".join(f"{name} = {value!r}\n" for name, value in given.items()) + code]


def verdict(value: float, bar: float) -> str:
    return f"bar {bar:g}: {'met' if value <= bar else 'NOT met'}"


def table_costs(path: str, rounds: int) -> None:
    measure(python(_HASH, path=path))  # brings the file into memory, for all
    measure(python(_PASS, path=path))  # and keeps compiled modules
    turns = [(measure(python(_HASH, path=path)), measure(python(_PASS, path=path))) for _ in range(rounds)]
    show("hashlib.sha256 alone", [turn[0] for turn in turns])
    show("one pass: hash and sample", [turn[1] for turn in turns])
    print(f"  {int(turns[0][1][3]):,} rows")
    compare(turns, PASS)
    peak = max(passed[2] for _, passed in turns)
    print(f"  peak MB     {peak:5.0f}  {verdict(peak, MEMORY)}")
    turns = [(measure(python(_SUMMARIZE, path=path)), _exact_alone(path)) for _ in range(rounds)]
    show("DuckDB SUMMARIZE alone", [turn[0] for turn in turns])
    show("exact profile with its worker", [turn[1] for turn in turns])
    compare(turns, EXACT)


def _exact_alone(path: str) -> Measured:
    """The exact profile without the describing that comes before it, with the start of its worker."""
    *_, peak, printed = measure(python(_PROFILE, path=path))
    wall, cpu = map(float, printed.split())
    return wall, cpu, peak, ""


def show(name: str, measured: list[Measured]) -> None:
    walls, cpus = ("  ".join(f"{item[number]:5.2f}" for item in measured) for number in (0, 1))
    print(f"{name:30} wall s {walls}   CPU s {cpus}   peak {max(item[2] for item in measured):.0f} MB", flush=True)


def compare(turns: list[tuple[Measured, Measured]], bar: float) -> None:
    """The ratio of the quickest of each, in wall and in CPU time."""
    for name, number in (("wall", 0), ("CPU", 1)):
        ratio = min(own[number] for _, own in turns) / min(other[number] for other, _ in turns)
        print(f"  ratio, {name:4} {ratio:5.2f}  {verdict(ratio, bar)}", flush=True)
    print(f"  load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def starting_costs(folder: Path) -> None:
    shirushi = str(Path(sys.executable).with_name("shirushi"))
    for name in ("empty", "ten"):
        (folder / name).mkdir()
    ten_files(folder / "ten")
    for name, command in (
        ("shirushi --help", [shirushi, "--help"]),
        ("shirushi describe, empty folder", [shirushi, "describe", "-q", "--no-cache", str(folder / "empty")]),
        ("shirushi describe, ten files", [shirushi, "describe", "-q", "--no-cache", str(folder / "ten")]),
    ):
        wall, cpu, peak, _ = min(measure(command) for _ in range(4))
        bar = verdict(cpu, HELP) if "--help" in name else ""
        print(f"{name:32} {wall:.2f} s wall {cpu:.2f} s CPU, peak {peak:.0f} MB {bar}", flush=True)


def reader_costs(folder: Path) -> None:
    """Each reader of the registry in a fresh process, on the largest file of the sample folders that it reads, where there is one."""
    from shirushi.describe.identify import identify
    from shirushi.describe.readers.registry import READERS, readers_for

    subprocess.run([sys.executable, "scripts/make_examples.py", str(folder)], check=True, stdout=subprocess.DEVNULL)
    samples: dict[str, str] = {}
    for file in sorted((item for item in folder.rglob("*") if item.is_file()), key=lambda item: -item.stat().st_size):
        for reader in readers_for(identify(file, file.name).media_type):
            samples.setdefault(reader, str(file))
    print(f"\n{'reader':44} {'import':>9} {'read':>9} {'RSS':>7} {'facts':>6}")
    for reader in dict.fromkeys(reader for _, reader in READERS):
        module, _, name = reader.partition(":")
        *_, printed = measure(python(_READER, module=module, name=name, path=samples.get(reader, "")))
        imported, read, peak, facts, trouble = json.loads(printed)
        seen = trouble or (facts if reader in samples else "no sample")
        print(
            f"{reader.removeprefix('shirushi.describe.readers.'):44} {imported:6.0f} ms {read:6.0f} ms {peak:4.0f} MB {seen:>6}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1_000_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("table", "start", "readers"))
    arguments = parser.parse_args()
    sys.path.insert(0, "src")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        if arguments.only in (None, "table"):
            table = Path(scratch) / "table.csv"
            make_table(table, arguments.size)
            print(f"{table.stat().st_size:,} bytes", flush=True)
            table_costs(str(table), arguments.rounds)
            table.unlink()
        if arguments.only in (None, "start"):
            starting_costs(Path(scratch))
        if arguments.only in (None, "readers"):
            reader_costs(Path(scratch) / "samples")


if __name__ == "__main__":
    main()

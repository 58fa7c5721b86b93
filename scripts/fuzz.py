#!/usr/bin/env python3
"""Mutation fuzzing of every reader of foreign bytes, in the isolated workers that read real files.

usage: python scripts/fuzz.py [--minutes 10] [--seed N] [--keep DIR] [--only MEDIA_TYPE]

Seeds are the small files that the readers' own tests make: the tests are run once, and each file they read is kept. Then seeds are
damaged (bits, bytes, blocks, numbers, lengths, joints of two files) and read until the time is up. What may happen to a damaged
file is evidence or a plain problem. Anything else is kept in DIR and makes the exit code 1: an exception that no reader foresaw,
a worker that died, ran out of time or memory; and of this process, growth or death.
"""

import argparse
import hashlib
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
READ = "shirushi.describe.readers.registry:read"
TESTS = ROOT / "src" / "shirushi" / "describe" / "tests"
LARGEST = 400_000  # bytes of a seed
BATCH = 200
UNFORESEEN = frozenset(("reader-error", "crash", "timeout", "memory"))
GROWTH = 150 * 1024 * 1024  # bytes that this process may grow by after the first minute
_NUMBERS = (b"0", b"-1", b"65536", b"2147483648", b"4294967295", b"18446744073709551615", b"1e308", b"nan", b"")
_BYTES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF, 0x0A, 0x22, 0x3C)
_WORDS = (
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\x80\x00\x00\x00",
    b"\x00\x00\x00\x80",
)

PLUGIN = """
import hashlib, pathlib, shirushi.describe.readers.registry as registry
KEEP, LARGEST = pathlib.Path({keep!r}), {largest}
_read = registry.read

def read(path, name, size, media_type, format, *rest, **more):
    if 0 < size <= LARGEST:
        folder = KEEP / media_type.replace("/", "!")
        folder.mkdir(parents=True, exist_ok=True)
        data = pathlib.Path(path).read_bytes()
        file = folder / (hashlib.sha256(data).hexdigest()[:16] + "!" + pathlib.PurePosixPath(name).name[-40:])
        if not any(folder.glob(file.name.split("!")[0] + "!*")):
            file.write_bytes(data)
    return _read(path, name, size, media_type, format, *rest, **more)

registry.read = read
"""


def harvest(folder: Path) -> dict[str, list[Path]]:
    """The files that the readers' tests make, by media type."""
    plugin = folder / "keep_samples.py"
    plugin.write_text(PLUGIN.format(keep=str(folder / "seeds"), largest=LARGEST))
    tests = sorted(
        str(p)
        for p in [*TESTS.glob("test_readers*.py"), *TESTS.glob("test_tabular*.py"), *TESTS.glob("test_hostile.py")]
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "keep_samples", "--no-header", "-x", *tests]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False
    )
    print(done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "the tests said nothing")
    for example in (ROOT / "examples").rglob("*"):
        if example.is_file() and example.stat().st_size <= LARGEST:
            _keep(folder / "seeds", example)
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for seed in sorted((folder / "seeds").rglob("*")):
        if seed.is_file():
            found[seed.parent.name.replace("!", "/")].append(seed)
    return dict(found)


def _keep(seeds: Path, file: Path) -> None:
    from shirushi.describe.identify import identify

    folder = seeds / identify(file, file.name).media_type.replace("/", "!")
    folder.mkdir(parents=True, exist_ok=True)
    data = file.read_bytes()
    (folder / f"{hashlib.sha256(data).hexdigest()[:16]}!{file.name[-40:]}").write_bytes(data)


def damaged(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """One to six damages of a file; ``other`` is a file of the same sort to take parts from."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        if not out:
            return bytes(other)
        at = chance.randrange(len(out))
        match chance.randrange(10):
            case 0:
                out[at] ^= 1 << chance.randrange(8)
            case 1:
                out[at] = chance.choice(_BYTES)
            case 2:
                word = chance.choice(_WORDS)
                out[at : at + len(word)] = word
            case 3:
                del out[at : at + chance.choice((1, 4, 64, 4096))]
            case 4:
                piece = out[at : at + chance.choice((1, 8, 256))]
                out[at:at] = piece * chance.choice((1, 2, 50))
            case 5:
                del out[at:]
            case 6:
                start = chance.randrange(len(other)) if other else 0
                out[at:at] = other[start : start + chance.choice((16, 512))]
            case 7:
                out[at:] = other[chance.randrange(len(other)) if other else 0 :]
            case 8:
                _number(out, at, chance)
            case _:
                out[at:at] = bytes(chance.randrange(256) for _ in range(chance.choice((1, 16, 200))))
    return bytes(out[: 4 * LARGEST])


def _number(out: bytearray, at: int, chance: random.Random) -> None:
    """Another number where one is written in digits, looking onwards from ``at``."""
    start = next((n for n in range(at, min(at + 2_000, len(out))) if chr(out[n]).isdigit()), None)
    if start is not None:
        end = start
        while end < len(out) and chr(out[end]).isdigit():
            end += 1
        out[start:end] = chance.choice(_NUMBERS)


def grown() -> int:
    """Peak resident bytes of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, default=ROOT / ".fuzz", help="where inputs that broke something go")
    parser.add_argument("--only", help="one media type")
    arguments = parser.parse_args()
    from shirushi.describe.identify import identify
    from shirushi.describe.isolate import Failure, Limits, Pool

    chance = random.Random(arguments.seed)
    broken: Counter[tuple[str, str]] = Counter()
    read: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        seeds = harvest(folder)
        if arguments.only:
            seeds = {arguments.only: seeds[arguments.only]}
        kinds = sorted(seeds)
        print(f"{sum(map(len, seeds.values()))} seeds of {len(kinds)} formats; random seed {arguments.seed}")
        until, warm = time.monotonic() + 60 * arguments.minutes, time.monotonic() + min(60.0, 20 * arguments.minutes)
        base = 0
        with Pool(limits=Limits(seconds=20)) as pool:
            while time.monotonic() < until:
                requests: list[dict[str, Any]] = []
                for number in range(BATCH):
                    kind = chance.choice(kinds)
                    seed, other = chance.choice(seeds[kind]), chance.choice(seeds[kind])
                    name = seed.name.split("!", 1)[1]
                    path = folder / f"input-{number}"
                    path.write_bytes(damaged(seed.read_bytes(), other.read_bytes(), chance))
                    what = identify(path, name)
                    size = path.stat().st_size
                    if size:
                        requests.append(
                            {
                                "path": str(path),
                                "name": name,
                                "size": size,
                                "media_type": what.media_type,
                                "format": what.format,
                            }
                        )
                for request, answer in pool.map(READ, requests):
                    read[request["media_type"]] += 1
                    if isinstance(answer, Failure):
                        codes = {answer.code: answer.message}
                    else:
                        codes = {p["code"]: p["message"] for p in answer["problems"]}
                    for code in codes.keys() & UNFORESEEN:
                        broken[request["media_type"], f"{code}: {codes[code]}"[:160]] += 1
                        _save(arguments.keep, request)
                if not base and time.monotonic() > warm:
                    base = grown()
        growth = grown() - base if base else 0
    print(
        f"{sum(read.values()):,} damaged files of {len(read)} formats were read; this process grew by {growth / 1e6:.0f} MB"
    )
    for (kind, code), count in broken.most_common(60):
        print(f"  {count:5} {kind}: {code}")
    if growth > GROWTH:
        print("this process grew too much")
    return int(bool(broken) or growth > GROWTH)


def _save(keep: Path, request: dict[str, Any]) -> None:
    data = Path(request["path"]).read_bytes()
    folder = keep / request["media_type"].replace("/", "!")
    folder.mkdir(parents=True, exist_ok=True)
    if len(list(folder.iterdir())) < 20:
        (folder / f"{hashlib.sha256(data).hexdigest()[:16]}!{request['name']}").write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())

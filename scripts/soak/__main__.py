"""Soak: a mixed load through the public interfaces while everything is killed, the disk is full or slow; then nothing may be missing.

    scripts/postgres.py --safe .venv/bin/python scripts/soak --minutes 30      two servers and two workers on PostgreSQL
    .venv/bin/python scripts/soak --minutes 30 --sqlite                        one server and two workers on SQLite

Client processes make drafts, send files by PUT and tus, decide, publish, continue, withdraw, search, harvest and download on
loopback, and each keeps a ledger of what was acknowledged to it, fsynced line by line. Meanwhile, at random (``--seed``):

* ``kill -9`` of a server, of the process in it that answers, or of a worker; each is started again;
* a full disk: the home folder lies on a file system of its own (tmpfs, where we are root), which is filled to the last byte;
* a slow disk: every fsync of the servers and workers takes longer (``slow/sitecustomize.py``, which only these processes load);
* a stall: a process stands still for some seconds (SIGSTOP) with whatever locks it holds;
* a restart of PostgreSQL's sessions (``pg_terminate_backend``).

At the end the faults stop, the jobs run out, and everything in the ledgers is looked for: see ``verify.py``. Exit 1, and what is
missing, when something is.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from faults import Faults
from house import House

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description="A mixed load with faults; afterwards nothing may be missing.")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--clients", type=int, default=4, help="client processes (4)")
    parser.add_argument("--seed", type=int, default=None, help="of faults and load (by chance, and printed)")
    parser.add_argument("--sqlite", action="store_true", help="one server on SQLite, not two on PostgreSQL")
    parser.add_argument("--without-faults", action="store_true")
    parser.add_argument("--room", type=int, default=6000, help="MiB of the file system that the home lies on (6000)")
    parser.add_argument("--keep", action="store_true", help="leave home and ledgers where they are")
    asked = parser.parse_args()
    if not asked.sqlite and not os.environ.get("TEST_POSTGRES"):
        print("Run it through scripts/postgres.py (make soak), or with --sqlite.", file=sys.stderr)
        return 2
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10**6)
    folder = Path(tempfile.mkdtemp(prefix="shirushi-soak-"))
    print(f"soak: {asked.minutes:g} minutes on {'SQLite' if asked.sqlite else 'PostgreSQL'}, seed {seed}, in {folder}", flush=True)  # fmt: skip
    house = House(folder, sqlite=asked.sqlite, room=asked.room)
    try:
        return soak(house, folder, asked, seed)
    finally:
        house.end()
        if not asked.keep:
            house.unmount()
            shutil.rmtree(folder, ignore_errors=True)


def soak(house: House, folder: Path, asked: argparse.Namespace, seed: int) -> int:
    house.start()
    begun = time.monotonic()
    until = begun + asked.minutes * 60
    stop = folder / "stop"
    clients = [
        subprocess.Popen(
            [sys.executable, HERE / "client.py", str(folder), str(number), str(seed * 100 + number)],
            env={**os.environ, "SOAK_SERVERS": " ".join(house.addresses), "SOAK_TOKEN": house.token},
        )
        for number in range(asked.clients)
    ]
    faults = Faults(house, random.Random(seed), off=asked.without_faults)
    try:
        while time.monotonic() < until and all(client.poll() is None for client in clients):
            faults.turn()
    finally:
        faults.over()
    print(f"soak: the load ends ({time.monotonic() - begun:.0f} s); faults: {faults.told()}", flush=True)
    stop.touch()
    wrong: list[str] = []
    for number, client in enumerate(clients):
        try:
            if client.wait(timeout=300):
                wrong.append(f"client {number} ended with {client.returncode}")
        except subprocess.TimeoutExpired:
            client.kill()
            wrong.append(f"client {number} did not come to its end")
    wrong += house.settle()
    house.end()
    ledgers = sorted(folder.glob("ledger-*.jsonl"))
    verified = subprocess.run(
        [sys.executable, HERE / "verify.py", *ledgers],
        env=house.environment, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if verified.returncode not in (0, 1) or not verified.stdout:
        wrong.append(f"the verification itself ended with {verified.returncode}")
    else:
        told = json.loads(verified.stdout.splitlines()[-1])
        wrong += told["wrong"]
        for name, number in told["counted"].items():
            print(f"  {name}: {number:,}")
    print(f"  starts: {house.starts} of {len(house.parts)} processes", flush=True)
    for words in wrong[:200]:
        print(f"WRONG: {words}")
    print(f"soak: {'NOT SOUND: ' + str(len(wrong)) + ' findings' if wrong else 'sound'}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""What goes wrong meanwhile, one thing after the other, at random."""

import contextlib
import os
import random
import signal
import time
from collections import Counter

from house import House


class Faults:
    def __init__(self, house: House, chance: random.Random, *, off: bool = False) -> None:
        self._house, self._chance, self._off = house, chance, off
        self._done: Counter[str] = Counter()
        self._ballast = house.disk / "ballast"
        self._kinds = {self.kill: 8, self.slow: 2, self.stall: 2}
        if house.mounted:
            self._kinds[self.full] = 2
        if house.database:
            self._kinds[self.hang_up] = 1

    def turn(self) -> None:
        """One fault and a pause, or the pause alone. Mostly the servers come back before the next one, so that work is done."""
        if not self._off:
            fault = self._chance.choices(list(self._kinds), list(self._kinds.values()))[0]
            fault()
            self._done[fault.__name__] += 1
            if self._chance.random() < 0.7:
                self._house.await_servers(60)
        time.sleep(self._chance.uniform(1, 6))

    def over(self) -> None:
        self._ballast.unlink(missing_ok=True)
        self._house.slow.unlink(missing_ok=True)

    def told(self) -> str:
        left_out = (
            "" if self._house.mounted else "; a full disk was left out: it needs root, for a file system of its own"
        )
        return ", ".join(f"{name} {number}" for name, number in sorted(self._done.items())) + left_out

    def kill(self) -> None:
        """One, or now and then all at once."""
        pids = self._house.pids()
        for pid in pids if self._chance.random() < 0.1 else self._chance.sample(pids, min(1, len(pids))):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stall(self) -> None:
        pids = self._house.pids()
        if pids:
            pid = self._chance.choice(pids)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                time.sleep(self._chance.uniform(0.5, 6))
                os.kill(pid, signal.SIGCONT)

    def slow(self) -> None:
        self._house.slow.touch()
        time.sleep(self._chance.uniform(2, 8))
        self._house.slow.unlink(missing_ok=True)

    def full(self) -> None:
        """To the last byte, so that a write may end anywhere; somebody is killed in it every other time."""
        with contextlib.suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            os.posix_fallocate(file.fileno(), 0, max(1, os.statvfs(self._house.disk).f_bavail * 4096 - 65536))
            while file.seek(0, os.SEEK_END) and file.write(bytes(4096)):
                pass
        time.sleep(self._chance.uniform(1, 5))
        if self._chance.random() < 0.5:
            self.kill()
            time.sleep(1)
        self._ballast.unlink(missing_ok=True)

    def hang_up(self) -> None:
        """Every session of the database ends, as when its server is started again."""
        self._house.on_server(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._house.database}'"
        )

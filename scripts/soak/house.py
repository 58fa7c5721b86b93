"""The installation under load: servers and workers that are started again whenever they die, on a file system of their own."""

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

SHIRUSHI = [sys.executable, "-m", "shirushi.cli"]
EMAIL = "soak@example.org"
HERE = Path(__file__).resolve().parent


class House:
    """``parts`` are the commands that are kept running; ``addresses`` those of the servers among them."""

    def __init__(self, folder: Path, *, sqlite: bool, room: int) -> None:
        self.folder = folder
        self.disk = folder / "disk"
        self.disk.mkdir()
        self.mounted = _mount(self.disk, room)
        self.slow = folder / "slow"
        self.starts = 0
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUSHI_", "DJANGO_"))}
        ports = [_free_port() for _ in range(1 if sqlite else 2)]
        self.addresses = [f"http://127.0.0.1:{port}" for port in ports]
        self.environment = {
            **kept,
            "SHIRUSHI_HOME": str(self.disk / "home"),
            "SHIRUSHI_BASE_URL": self.addresses[0],
            "SHIRUSHI_LOG_LEVEL": "WARNING",
            "SHIRUSHI_SCRUB_DAYS": "0",
            "LANG": "C.UTF-8",
        }
        self.postgres = "" if sqlite else os.environ["TEST_POSTGRES"]
        self.database = ""
        if self.postgres:
            self.database = "soak_" + hashlib.sha256(str(folder).encode()).hexdigest()[:8]
            self.on_server(f'CREATE DATABASE "{self.database}"')
            self.environment["SHIRUSHI_DATABASE"] = self.postgres.replace("/postgres?", f"/{self.database}?")
        serve = [[*SHIRUSHI, "serve", "--without-worker", "--port", str(port)] for port in ports]
        self.parts = [*serve, [*SHIRUSHI, "worker"], [*SHIRUSHI, "worker"]]
        self.token = ""
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * len(self.parts)
        self._ending = threading.Event()
        self._keepers: list[threading.Thread] = []
        self._log = (folder / "servers.log").open("ab")

    def start(self) -> None:
        self.shirushi("user", EMAIL, "--role", "curator", answer="a long password\n")
        scopes = [word for scope in ("read", "deposit", "decide", "publish") for word in ("--scope", scope)]
        self.token = self.shirushi("token", "issue", EMAIL, "soak", *scopes).strip()
        self._keepers = [threading.Thread(target=self._keep, args=(number,)) for number in range(len(self.parts))]
        for keeper in self._keepers:
            keeper.start()
        self.await_servers()

    def shirushi(self, *words: str, answer: str = "") -> str:
        done = subprocess.run(
            [*SHIRUSHI, *words], env=self.environment, input=answer, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"shirushi {' '.join(words)}: {done.stderr}{done.stdout}")
        return done.stdout

    def on_server(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.postgres, autocommit=True) as server:
            server.execute(statement)

    def await_servers(self, seconds: float = 180) -> bool:
        until = time.monotonic() + seconds
        for address in self.addresses:
            while True:
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/ready", timeout=10):
                    break
                if time.monotonic() > until:
                    return False
                time.sleep(0.2)
        return True

    def pids(self) -> list[int]:
        """Every process that may be killed: those that were started, and the ones that the servers answer with."""
        own = [process.pid for process in self._processes if process is not None and process.poll() is None]
        return own + [child for pid in own for child in _children(pid)]

    def settle(self) -> list[str]:
        """Wait until nothing waits to be done; what does not come to its end is wrong."""
        if not self.await_servers():
            return ["a server is not ready although all faults are over"]
        until = time.monotonic() + 600
        while True:
            waiting = self.shirushi_python(WAITING).split()
            if waiting == ["0"] * len(waiting):
                return []
            if time.monotonic() > until:
                return [f"stuck after ten minutes: {' '.join(waiting)} (jobs, readings, countings, publishing, behind)"]
            time.sleep(2)

    def shirushi_python(self, script: str) -> str:
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "shirushi.web.settings"}
        done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)  # fmt: skip
        if done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout

    def end(self) -> None:
        """In good order, but none may take for ever."""
        self._ending.set()
        for process in self._processes:
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self._processes:
            if process is not None:
                try:
                    process.wait(timeout=60)
                except subprocess.TimeoutExpired:
                    process.kill()
        for keeper in self._keepers:
            keeper.join(timeout=60)

    def unmount(self) -> None:
        if self.mounted:
            subprocess.run(["umount", self.disk], check=False)
            self.mounted = False

    def _keep(self, number: int) -> None:
        # Only these processes load what makes fsync slow while the file ``slow`` is there.
        path = os.pathsep.join([str(HERE / "slow"), *filter(None, [self.environment.get("PYTHONPATH")])])
        environment = {**self.environment, "PYTHONPATH": path, "SOAK_SLOW": str(self.slow)}
        while not self._ending.is_set():
            process = subprocess.Popen(
                self.parts[number], env=environment, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
            )
            self._processes[number] = process
            self.starts += 1
            process.wait()
            self._ending.wait(0.5)


WAITING = """
import django
django.setup()
from django_tasks_db.models import DBTaskResult
from shirushi.core import followers
from shirushi.core.models import DescribeRun, Draft, ExactProfile
print(
    DBTaskResult.objects.filter(status__in=["READY", "RUNNING"]).count(),
    DescribeRun.objects.exclude(state__in=["done", "failed"]).count(),
    ExactProfile.objects.filter(state__in=["queued", "running"]).count(),
    Draft.objects.filter(state="publishing").count(),
    sum(followers.behind(name) for name in followers.FOLLOWERS),
)
"""


def _mount(place: Path, room: int) -> bool:
    """A file system that can be filled without harm to others. Only root can have one."""
    if os.getuid() != 0:
        return False
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}m,mode=700", "soak", place], check=False)
    return done.returncode == 0


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    return []


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])

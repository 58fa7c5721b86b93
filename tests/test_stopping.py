"""SIGTERM: what is under way comes to its end, what is new is refused, and nothing that was begun is lost."""

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

EMAIL = "keeper@example.org"
SHIRUSHI = [sys.executable, "-m", "shirushi.cli"]
SIZE = 200_000


class Service:
    """``shirushi serve`` with its worker."""

    def __init__(self, home: Path, log: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUSHI_", "DJANGO_"))}
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.home, self.log, self.address = home, log, f"http://127.0.0.1:{self.port}"
        self.environment = {
            **kept, "SHIRUSHI_HOME": str(home), "SHIRUSHI_BASE_URL": self.address, "SHIRUSHI_LOG_FORMAT": "json",
        }  # fmt: skip
        self._say("user", EMAIL, "--role", "curator", given="a long password\n")
        self.token = self._say("token", "issue", EMAIL, "t", "--scope", "read", "--scope", "deposit")
        with log.open("w") as written:
            command = [*SHIRUSHI, "serve", "--port", str(self.port)]
            self.process = subprocess.Popen(command, env=self.environment, stdout=written, stderr=written)
        for _ in range(600):
            with contextlib.suppress(OSError):
                self.ask("GET", "/ready")
                return
            time.sleep(0.1)
        raise RuntimeError("the server does not answer")

    def _say(self, *words: str, given: str = "") -> str:
        done = subprocess.run(
            [*SHIRUSHI, *words], env=self.environment, input=given, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def begin(self, path: str) -> socket.socket:
        """A PUT of which half has come."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        head = f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\nContent-Length: {SIZE}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + b"x" * (SIZE // 2))
        return connection


@pytest.fixture
def service(foundation: Path, tmp_path: Path) -> Iterator[Service]:
    service = Service(Path(shutil.copytree(foundation, tmp_path / "home")), tmp_path / "log")
    yield service
    service.process.kill()
    service.process.wait()


def test_requests_and_jobs_under_way_come_to_their_end(service: Service) -> None:
    space = service.ask("GET", "/api/spaces")["items"][0]["slug"]
    draft = service.ask("POST", "/api/drafts", json.dumps({"space": space, "name": "stopped"}).encode())["id"]
    service.ask("PUT", f"/api/drafts/{draft}/files/README.md", b"# Levels\n\nHourly water levels.\n")
    service.ask("POST", f"/api/drafts/{draft}/describe", b"{}")
    connection = service.begin(f"/api/drafts/{draft}/files/large.bin")
    time.sleep(1)  # it is being received, and the reading has begun or waits
    service.process.send_signal(signal.SIGTERM)
    time.sleep(1)
    connection.sendall(b"y" * (SIZE - SIZE // 2))
    answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200"), answer[:300]
    assert service.process.wait(timeout=60) == 0
    with pytest.raises(OSError):  # noqa: PT011 - refused, whatever the system calls it
        socket.create_connection(("127.0.0.1", service.port), timeout=5)
    with contextlib.closing(sqlite3.connect(service.home / "shirushi.sqlite3")) as database:
        (size,) = database.execute("SELECT size FROM core_draftfile WHERE path = 'large.bin'").fetchone()
        (state,) = database.execute("SELECT state FROM core_describerun").fetchone()
    assert size == SIZE
    assert state in {"done", "queued"}  # begun and finished, or left whole to the next worker
    lines = [line for line in service.log.read_text().splitlines() if line.startswith("{")]
    assert [line for line in lines if json.loads(line)["level"] in {"ERROR", "CRITICAL"}] == []
    assert "Traceback" not in service.log.read_text()

"""How fast one large file comes in over HTTP, beside copying it and computing its SHA-256 on the same disk.

usage: python bench/upload.py [--size 2000] [--home FOLDER] [--turns 3]      (sizes in MB; starts a server of its own)

Three ways in: PUT, tus in one piece, tus in pieces of 64 MB. Each ends when the file is in the draft: hashed twice (SHA-256 and
SHA-512), fsynced, identified. The peer is ``cp`` and then ``sha256sum`` of the copy; with ``sync`` of the copy it keeps the same
promise. Turns alternate, the quickest of each counts. The bar is twice the peer's time.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import rows

BAR = 2.0
MB = 1_000_000
PIECE = 64 * MB
SHIRUSHI = [sys.executable, "-m", "shirushi.cli"]
EMAIL = "bench@example.org"


class Server:
    """``shirushi run`` with a home of its own, and a draft to send files to."""

    def __init__(self, home: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUSHI_", "DJANGO_"))}
        self.environment = {**kept, "SHIRUSHI_HOME": str(home)}
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self._shirushi("user", EMAIL, "--role", "curator", given="a long password\n")
        self.token = self._shirushi("token", "issue", EMAIL, "bench", "--scope", "read", "--scope", "deposit")
        command = [*SHIRUSHI, "run", "--port", str(self.port)]
        process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "Ctrl-C stops it" in line:
                    break
            space = json.loads(self.ask("GET", "/api/spaces")[1])["items"][0]["slug"]
            body = json.dumps({"space": space, "name": "bench"}).encode()
            self.draft = json.loads(self.ask("POST", "/api/drafts", body, {"Content-Type": "application/json"})[1])[
                "id"
            ]
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)

    def _shirushi(self, *words: str, given: str = "") -> str:
        done = subprocess.run(
            [*SHIRUSHI, *words], env=self.environment, input=given, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[str, bytes]:
        """The header Location and the body of the answer. Raises RuntimeError for an error."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Authorization": f"Bearer {self.token}", **(headers or {})})
            answer = connection.getresponse()
            said = answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {said!r}")
            return answer.headers.get("Location", ""), said

    def put(self, file: Path, name: str) -> None:
        with file.open("rb") as stream:
            headers = {"Content-Length": str(file.stat().st_size)}
            self.ask("PUT", f"/api/drafts/{self.draft}/files/{name}", stream, headers)

    def tus(self, file: Path, name: str, piece: int) -> None:
        from base64 import b64encode

        size = file.stat().st_size
        begin = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(size),
            "Upload-Metadata": f"filename {b64encode(name.encode()).decode()}",
        }
        place, _ = self.ask("POST", f"/api/drafts/{self.draft}/uploads/", None, begin)
        with file.open("rb") as stream:
            for at in range(0, size, piece):
                length = min(piece, size - at)
                headers = {
                    "Tus-Resumable": "1.0.0", "Upload-Offset": str(at), "Content-Length": str(length),
                    "Content-Type": "application/offset+octet-stream",
                }  # fmt: skip
                self.ask("PATCH", place, _part(stream, length), headers)

    def holds(self, name: str, sha256: str) -> bool:
        files = json.loads(self.ask("GET", f"/api/drafts/{self.draft}/files")[1])["items"]
        return any(one["path"] == name and one["sha256"] == sha256 for one in files)

    def forget(self, name: str) -> None:
        """The bytes too, so that each turn writes them anew."""
        self.ask("DELETE", f"/api/drafts/{self.draft}/files/{name}")
        for blob in Path(self.environment["SHIRUSHI_HOME"]).glob("blobs/??/??/*"):
            blob.unlink()


def _part(stream: BinaryIO, length: int) -> Iterator[bytes]:
    while length and (data := stream.read(min(1 << 20, length))):
        length -= len(data)
        yield data


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def copied(file: Path, folder: Path, *, durably: bool) -> None:
    copy = folder / "copy"
    subprocess.run(["cp", "--reflink=never", str(file), str(copy)], check=True)
    if durably:
        subprocess.run(["sync", str(copy)], check=True)
    subprocess.run(["sha256sum", str(copy)], check=True, capture_output=True)
    copy.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=2_000, help="MB")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--home", help="a folder on the disk to be measured")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="shirushi-upload-", dir=arguments.home))
    try:
        file, size = folder / "large.bin", arguments.size * MB
        digest = hashlib.sha256()
        with file.open("wb") as stream:
            for _ in range(arguments.size):
                piece = os.urandom(MB)
                digest.update(piece)
                stream.write(piece)
        server = Server(folder / "home")
        ways: dict[str, Callable[[], object]] = {
            "cp, then sha256sum": lambda: copied(file, folder, durably=False),
            "cp, sync, then sha256sum": lambda: copied(file, folder, durably=True),
            "PUT": lambda: server.put(file, "large.bin"),
            "tus, one piece": lambda: server.tus(file, "large.bin", size),
            f"tus, pieces of {PIECE // MB} MB": lambda: server.tus(file, "large.bin", PIECE),
        }
        best: dict[str, float] = {}
        with server.running():
            for _ in range(arguments.turns):
                for name, way in ways.items():
                    best[name] = min(best.get(name, float("inf")), seconds(way))
                    if not name.startswith("cp"):
                        assert server.holds("large.bin", digest.hexdigest()), name
                        server.forget("large.bin")
        peer = best["cp, then sha256sum"]
        for name, took in best.items():
            ratio = took / peer
            if not name.startswith("cp"):
                rows.tell(f"upload / cp, then sha256sum: {name}", ratio, BAR)
            bar = "" if name.startswith("cp") else "met" if ratio <= BAR else "MISSED"
            print(f"  {name:28} {took:7.2f} s {size / took / MB:7.0f} MB/s {ratio:6.2f} x  {bar}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if all(took / peer <= BAR for name, took in best.items() if not name.startswith("cp")) else 1


if __name__ == "__main__":
    sys.exit(main())

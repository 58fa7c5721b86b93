"""Large files over the network, against the server as people run it, while both ends are killed: tuspy as its authors wrote it."""

import contextlib
import functools
import hashlib
import http.server
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SHIRUSHI = [sys.executable, "-m", "shirushi.cli"]
EMAIL = "demo@example.org"
SIZE = 48 * 1024**2
PIECE = 2 * 1024**2
SEED = int(os.environ.get("SHIRUSHI_KILL_SEED", "20261130"))
CLIENT = """
import json, sys, time
from tusclient import client
address, token, file, url, piece, pause = sys.argv[1:7]
tus = client.TusClient(address, headers={"Authorization": f"Bearer {token}"})
uploader = tus.uploader(
    file, url=url or None, chunk_size=int(piece), metadata={"filename": "large.bin", "relativePath": "data/large.bin"},
    upload_checksum=piece != "1000000000", retries=200, retry_delay=0.2)
if not url:
    uploader.set_url(uploader.create_url())
print(json.dumps({"url": uploader.url, "offset": uploader.get_offset()}), flush=True)
while uploader.offset < uploader.get_file_size():
    time.sleep(float(pause))
    uploader.upload_chunk()
    print(json.dumps({"offset": uploader.offset}), flush=True)
"""

pytestmark = pytest.mark.slow


class Server:
    """``shirushi run`` with a home of its own, killed and started again as a test wants."""

    def __init__(self, home: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUSHI_", "DJANGO_"))}
        self.environment = {
            **kept,
            "SHIRUSHI_HOME": str(home),
            "SHIRUSHI_FETCH_ALLOW": "127.0.0.0/8",
            "LANG": "C.UTF-8",
        }
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None

    def shirushi(self, *words: str, **options: Any) -> str:
        done = subprocess.run(
            [*SHIRUSHI, *words], env=self.environment, check=True, capture_output=True, text=True, **options
        )
        return done.stdout.strip()

    def start(self) -> None:
        # A group of its own, so that everything it started can be killed with it.
        self.process = subprocess.Popen(
            [*SHIRUSHI, "run", "--port", str(self.port)],
            env=self.environment, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "Ctrl-C stops it" in line:
                return
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """SIGKILL for the one that was started; what it started ends by itself, and its port is free by then."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", self.port)):
                return
            time.sleep(0.05)
        raise AssertionError("the port is still taken")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)

    def ask(self, path: str, token: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
        request = urllib.request.Request(self.address + path, body, method=method)
        for name, value in {"Authorization": f"Bearer {token}", **headers}.items():
            request.add_header(name.replace("_", "-"), value)
        with urllib.request.urlopen(request, timeout=60) as response:
            said = response.read()
            return json.loads(said) if said else response.headers


@pytest.fixture(scope="module")
def server(foundation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(Path(shutil.copytree(foundation, tmp_path_factory.mktemp("home") / "home")))
    server.shirushi("user", EMAIL, "--role", "curator", input="a long password\n")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.shirushi("token", "issue", EMAIL, "test", "--scope", "read", "--scope", "deposit")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A file that cannot be compressed or guessed, and its SHA-256."""
    path, chance = tmp_path_factory.mktemp("file") / "large.bin", random.Random(SEED)
    path.write_bytes(chance.randbytes(SIZE))
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def draft(server: Server, token: str) -> str:
    space = server.ask("/api/spaces", token)["items"][0]["slug"]
    body = json.dumps({"space": space, "name": "large"}).encode()
    return server.ask("/api/drafts", token, "POST", body, Content_Type="application/json")["id"]


def client(
    server: Server, token: str, draft: str, file: Path, *, url: str = "", piece: int = PIECE, pause: float = 0
) -> Any:
    words = [f"{server.address}/api/drafts/{draft}/uploads/", token, str(file), url, str(piece), str(pause)]
    return subprocess.Popen([sys.executable, "-c", CLIENT, *words], stdout=subprocess.PIPE, text=True)


def finished(process: Any) -> list[dict[str, Any]]:
    told = [json.loads(line) for line in process.stdout]
    assert process.wait(timeout=120) == 0
    process.stdout.close()
    return told


def the_file(server: Server, token: str, draft: str) -> tuple[str, int, str]:
    (one,) = server.ask(f"/api/drafts/{draft}/files", token)["items"]
    return one["path"], one["size"], one["sha256"]


@pytest.mark.clients
def test_tuspy_sends_a_file_in_pieces_with_checksums(server, token, draft, large) -> None:
    told = finished(client(server, token, draft, large[0]))
    assert [one["offset"] for one in told] == list(range(0, SIZE + 1, PIECE))
    assert the_file(server, token, draft) == ("data/large.bin", SIZE, large[1])


@pytest.mark.clients
@pytest.mark.timeout(600)
def test_both_ends_killed_in_the_middle_go_on_from_what_was_told(server, token, draft, large) -> None:
    """Whatever offset was told to the client holds after kill -9 of the server, and the whole file is the one that was sent."""
    chance, url, told, kills = random.Random(SEED), "", 0, 0
    while True:
        process = client(server, token, draft, large[0], url=url, pause=0.1)
        pieces = chance.randint(2, 6)
        for line in process.stdout:
            said = json.loads(line)
            url = said.get("url", url)
            assert said["offset"] >= told, "bytes that were acknowledged are gone"
            told = said["offset"]
            pieces -= 1
            if pieces == 0 and told < SIZE - 3 * PIECE:
                break
        else:
            assert process.wait(timeout=60) == 0
            break
        kills += 1
        if kills % 2:
            time.sleep(chance.uniform(0.09, 0.16))  # within the next piece, as a rule
            server.kill()
            process.kill()
            server.start()
        else:
            process.kill()
        process.wait()
        process.stdout.close()
    assert kills >= 3
    assert the_file(server, token, draft) == ("data/large.bin", SIZE, large[1])


@pytest.mark.timeout(600)
def test_one_long_piece_is_kept_as_far_as_it_came_when_the_sender_dies(server, token, draft, large) -> None:
    headers = {"Tus_Resumable": "1.0.0", "Upload_Length": str(SIZE), "Upload_Metadata": "filename bGFyZ2UuYmlu"}
    url = server.ask(f"/api/drafts/{draft}/uploads/", token, "POST", **headers)["Location"]
    data, half = large[0].read_bytes(), SIZE // 2 + 12_345
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        head = (
            f"PATCH {url} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {token}\r\n"
            "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
            f"Content-Length: {SIZE}\r\n\r\n"
        )
        connection.sendall(head.encode() + data[:half])
        time.sleep(1)
    for _ in range(100):
        kept = server.ask(url, token)["offset"]
        if kept > half - 2 * 1024**2:
            break
        time.sleep(0.1)
    assert half - 2 * 1024**2 < kept <= half
    server.kill()
    server.start()
    assert server.ask(url, token)["offset"] == kept
    finished(client(server, token, draft, large[0], url=server.address + url, piece=1_000_000_000))
    assert the_file(server, token, draft) == ("large.bin", SIZE, large[1])


def test_file_of_the_web_comes_although_the_worker_is_killed(server, token, draft, large) -> None:
    class Slow(http.server.SimpleHTTPRequestHandler):
        def copyfile(self, source: Any, outputfile: Any) -> None:
            while piece := source.read(PIECE):
                with contextlib.suppress(OSError):
                    outputfile.write(piece)
                time.sleep(0.15)

        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Slow, directory=str(large[0].parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        body = json.dumps({"url": f"http://127.0.0.1:{site.server_port}/large.bin"}).encode()
        begun = server.ask(f"/api/drafts/{draft}/fetches", token, "POST", body, Content_Type="application/json")
        address = f"/api/drafts/{draft}/fetches/{begun['id']}"
        wait_for(lambda: server.ask(address, token)["done"] > 0)
        server.kill()
        server.start()
        wait_for(lambda: server.ask(address, token)["state"] not in {"queued", "running"})
        site.shutdown()
    told = server.ask(address, token)
    assert (told["state"], told["done"], told["message"]) == ("done", SIZE, "")
    assert the_file(server, token, draft) == ("large.bin", SIZE, large[1])


def wait_for(come: Callable[[], bool], *, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not come():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.1)


def test_store_is_clean_after_all_that(server: Server) -> None:
    assert json.loads(server.shirushi("check", "--json"))["sound"]
    left = Path(server.environment["SHIRUSHI_HOME"]) / "uploads" / "resumable"
    assert list(left.iterdir()) == []

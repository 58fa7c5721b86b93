"""The REST interface over the network, against the server as people run it."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WALK = ROOT / "docs" / "tutorials" / "rest.md"
EMAIL = "demo@example.org"
SHIRUSHI = f"{sys.executable} -m shirushi.cli"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(foundation: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the server and the command line share: a home in which somebody may do everything."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUSHI_", "DJANGO_"))}
    home = shutil.copytree(foundation, tmp_path_factory.mktemp("home") / "home")
    environment = {**kept, "SHIRUSHI_HOME": str(home), "LANG": "C.UTF-8"}
    add = [*SHIRUSHI.split(), "user", EMAIL, "--role", "curator"]
    subprocess.run(add, input="a long password\n", text=True, env=environment, check=True, capture_output=True)
    return environment


@pytest.fixture(scope="module")
def server(environment: dict[str, str]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [*SHIRUSHI.split(), "run", "--port", str(port)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Ctrl-C stops it" in line:
            break
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()


@pytest.fixture(scope="module")
def token(environment: dict[str, str]) -> str:
    scopes = [part for scope in ("read", "deposit", "decide") for part in ("--scope", scope)]
    issue = [*SHIRUSHI.split(), "token", "issue", EMAIL, "test", *scopes]
    return subprocess.run(issue, env=environment, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("jq"), reason="the walk needs curl and jq")
def test_walk_with_curl_does_what_it_says(server: str, environment: dict[str, str]) -> None:
    """Every command of the tutorial, as it stands there but for the server's address and home."""
    blocks = re.findall(r"^```\n(.*?)^```", WALK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    script = "set -eu -o pipefail\n" + "".join(blocks)
    for written, here in {
        "http://127.0.0.1:8000": server,
        ".venv/bin/shirushi": SHIRUSHI,
        "SHIRUSHI_HOME=.shirushi": f"SHIRUSHI_HOME={environment['SHIRUSHI_HOME']}",
    }.items():
        assert written in script
        script = script.replace(written, here)
    script = script.replace('curl -sf "$API/records?q', 'sleep 5; curl -sf "$API/records?q')  # the index follows
    walked = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=200
    )
    assert walked.returncode == 0, walked.stdout + walked.stderr
    said = walked.stdout
    assert '"ready": true' in said
    assert "<identifier identifierType=" in said
    assert "@misc{" in said or "@dataset{" in said
    assert "Hourly sea surface temperature of four buoys" in said
    assert said.rstrip().endswith("401")


def ask(server: str, token: str, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict]:
    request = urllib.request.Request(
        f"{server}/api{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_40_small_changes_at_once_are_all_taken(server: str, token: str) -> None:
    space = ask(server, token, "GET", "/spaces")[1]["items"][0]["slug"]
    drafts = [ask(server, token, "POST", "/drafts", {"space": space, "name": str(n)})[1] for n in range(40)]

    def change(draft: dict) -> int:
        body = {"value": "1.0", "at_version": draft["version"]}
        return ask(server, token, "PATCH", f"/drafts/{draft['id']}/fields/version", body)[0]

    with ThreadPoolExecutor(40) as threads:
        assert set(threads.map(change, drafts)) == {200}


def test_long_bodies_beyond_the_limit_are_told_so_in_words(server: str) -> None:
    """16 clients that stop sending halfway take every place; the next is told at once, a program as a problem, a form as a page."""
    address = ("127.0.0.1", int(server.rpartition(":")[2]))
    head = "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: ja\r\nContent-Length: 5000000\r\n\r\n"
    with contextlib.ExitStack() as stalled:
        for _ in range(16):
            stalled.enter_context(socket.create_connection(address)).sendall(head.format("/api/drafts").encode())
        time.sleep(1)
        for path, kind in {"/api/drafts": b"application/problem+json", "/sign-in": b"text/html"}.items():
            answer = b""
            with socket.create_connection(address, timeout=10) as late:
                late.sendall(head.format(path).encode())
                while "混み合って".encode() not in answer and (piece := late.recv(65536)):
                    answer += piece
            said = (answer[:12], kind in answer, "混み合って".encode() in answer)
            assert said == (b"HTTP/1.1 503", True, True), path

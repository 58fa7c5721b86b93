import io
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shirushi.cli import patience
from shirushi.cli.patience import Patient, Work

LONG = b"x" * (patience.LONG + 1)


class Client:
    """Calls a WSGI application and keeps what it answered."""

    def __init__(self, application):
        self.application = application
        self.status = ""

    def send(self, body=b"", **environ):
        self.input = io.BytesIO(body)
        return self.application(
            {"CONTENT_LENGTH": str(len(body)), "wsgi.input": self.input, **environ}, self.start_response
        )

    def start_response(self, status, headers, exc_info=None):
        self.status = status


def answers(size):
    def application(environ, start_response):
        if environ.get(patience.BUSY):
            start_response("503 Service Unavailable", [])
            return [b"come back"]
        start_response("200 OK", [("Content-Length", str(size))])
        return iter([b"x" * size])

    return application


@pytest.fixture
def busy():
    """A client of an application that takes nothing any more."""
    return Client(Patient(answers(len(LONG)), bodies=0, answers=0, short=0, turn=0.01))


@pytest.fixture
def client():
    return Client(Patient(answers(len(LONG)), bodies=1, answers=1, short=1))


@pytest.mark.parametrize("body", [LONG, b"short", b""], ids=["long body", "short body", "long answer"])
def test_what_is_beyond_the_limit_is_told_to_come_back(busy, body):
    assert (b"".join(busy.send(body)), busy.status) == (b"come back", "503 Service Unavailable")


def test_page_is_answered_while_all_transfers_are_taken():
    client = Client(Patient(answers(10), bodies=0, answers=0, short=0))
    assert (b"".join(client.send()), client.status) == (b"x" * 10, "200 OK")


def test_short_bodies_wait_for_their_turn():
    patient = Patient(answers(1), bodies=0, answers=0, short=2)

    class Slow(io.BytesIO):
        def read(self, size=-1):
            time.sleep(0.01)
            return super().read(size)

    def send(_number):
        client = Client(patient)
        client.send(b"", CONTENT_LENGTH="5", **{"wsgi.input": Slow(b"short")})
        return client.status

    with ThreadPoolExecutor(40) as threads:
        assert set(threads.map(send, range(40))) == {"200 OK"}


def test_short_body_keeps_its_place_only_until_it_is_there():
    at_work, go_on = threading.Event(), threading.Event()

    def application(environ, start_response):
        if environ["wsgi.input"].read() == b"first":
            at_work.set()
            go_on.wait(10)
        start_response("200 OK", [])
        return [b""]

    patient = Patient(application, bodies=0, answers=0, short=1)
    first, second = Client(patient), Client(patient)
    thread = threading.Thread(target=lambda: first.send(b"first"))
    thread.start()
    at_work.wait(10)
    second.send(b"second")
    assert second.status == "200 OK"
    go_on.set()
    thread.join()


def test_short_body_that_broke_off_is_not_taken_for_the_whole():
    def application(environ, start_response):
        return [environ["wsgi.input"].read()]

    with pytest.raises(ConnectionError):
        Client(Patient(application, bodies=1, answers=1, short=1)).send(b"value=ab", CONTENT_LENGTH="9")


def test_place_is_free_again_after_a_long_answer_was_closed(client):
    for _ in range(3):
        client.send().close()
        assert client.status == "200 OK"


def test_place_is_free_again_after_the_client_left(client):
    for _ in range(3):
        iter(client.send())
        assert client.status == "200 OK"


def test_refused_body_is_read_to_its_end(client):
    client.send(LONG)
    assert client.input.read() == b""


def test_refused_body_is_left_when_the_client_waits_for_leave(client):
    client.send(LONG, HTTP_EXPECT="100-continue")
    assert client.input.read() == LONG


def test_work_explains_stillness_and_waiting_for_the_client_does_not(monkeypatch):
    work = Work()
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    work.begin("upload", "::1")
    now = 70.0
    assert (work.explains("::1"), work.explains("192.0.2.1")) == (70, 0)
    work.end("upload")
    now = 75.0
    assert work.explains("::1") == 75  # its answer has just gone out, or is about to
    now = 85.0
    assert work.explains("::1") == 0


def test_still_connection_is_found_and_closed():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            patience.hang_up(server.getsockname()[1], Work(), still=0.3)
            client.settimeout(10)
            began = time.monotonic()
            assert client.recv(1) == b""
            assert time.monotonic() - began >= 0.2


def test_connection_to_another_port_is_left_alone():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            assert list(patience._connections(client.getsockname()[1] + 1)) == []


SLOW = """
import os, time
from shirushi.cli.patience import Patient, Work, hang_up

def slow(environ, start_response):
    body = environ["wsgi.input"].read()
    time.sleep(float(environ["QUERY_STRING"]))
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]

work = Work()
application = Patient(slow, bodies=2, answers=2, short=2, work=work)
hang_up(int(os.environ["SHIRUSHI_PORT"]), work, still=0.6)
"""


@pytest.fixture
def slow_server(tmp_path: Path, monkeypatch):
    """The port of a server whose application takes as many seconds as the query says; what is still for 0.6 s is closed."""
    (tmp_path / "slow.py").write_text(SLOW)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    monkeypatch.setenv("SHIRUSHI_PORT", str(port))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(patience.__file__).parents[2]}")
    serve = f"from granian import Granian; Granian('slow:application', port={port}, interface='wsgi', blocking_threads=4).serve()"
    process = subprocess.Popen(
        [sys.executable, "-c", serve], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    yield port
    process.terminate()
    process.wait(timeout=10)


def asked(port: int, seconds: float, body: bytes, length: int) -> bytes:
    """What the server says to a body of which only so much is sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(f"POST /?{seconds} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode() + body)
        return client.recv(1000)


@pytest.mark.parametrize("body", [b"short", LONG], ids=["short", "long"])
def test_connection_lives_while_the_server_works_on_its_request(slow_server, body):
    assert asked(slow_server, 3, body, len(body)).startswith(b"HTTP/1.1 200")


def test_client_that_stops_sending_is_not_waited_for(slow_server):
    began = time.monotonic()
    assert not asked(slow_server, 0, b"half", 8).startswith(b"HTTP/1.1 200")
    assert time.monotonic() - began < 3

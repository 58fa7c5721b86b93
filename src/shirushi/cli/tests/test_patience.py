import io
import json
import socket
import time

import pytest

from shirushi.cli import patience
from shirushi.cli.patience import Patient


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
        start_response("200 OK", [("Content-Length", str(size))])
        return iter([b"x" * size])

    return application


@pytest.fixture
def busy():
    """A client of an application that takes nothing any more."""
    return Client(Patient(answers(patience.LONG + 1), bodies=0, answers=0))


def test_body_beyond_the_limit_is_told_to_come_back(busy):
    body = b"".join(busy.send(b"body"))
    assert (busy.status, json.loads(body)["code"]) == ("503 Service Unavailable", "busy")


def test_long_answer_beyond_the_limit_is_told_to_come_back(busy):
    body = b"".join(busy.send())
    assert (busy.status, json.loads(body)["code"]) == ("503 Service Unavailable", "busy")


def test_page_is_answered_while_all_transfers_are_taken():
    client = Client(Patient(answers(10), bodies=0, answers=0))
    assert (b"".join(client.send()), client.status) == (b"x" * 10, "200 OK")


def test_place_is_free_again_after_a_long_answer_was_closed():
    client = Client(Patient(answers(patience.LONG + 1), bodies=1, answers=1))
    for _ in range(3):
        client.send().close()
        assert client.status == "200 OK"


def test_place_is_free_again_after_the_client_left():
    client = Client(Patient(answers(patience.LONG + 1), bodies=1, answers=1))
    for _ in range(3):
        iter(client.send())
        assert client.status == "200 OK"


def test_refused_body_is_read_to_its_end():
    client = Client(Patient(answers(1), bodies=1, answers=1))
    client.send(b"refused")
    assert client.input.read() == b""


def test_refused_body_is_left_when_the_client_waits_for_leave():
    client = Client(Patient(answers(1), bodies=1, answers=1))
    client.send(b"refused", HTTP_EXPECT="100-continue")
    assert client.input.read() == b"refused"


def test_still_connection_is_found_and_closed():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            patience.hang_up(server.getsockname()[1], still=0.3)
            client.settimeout(10)
            began = time.monotonic()
            assert client.recv(1) == b""
            assert time.monotonic() - began >= 0.2


def test_connection_to_another_port_is_left_alone():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            assert list(patience._connections(client.getsockname()[1] + 1)) == []

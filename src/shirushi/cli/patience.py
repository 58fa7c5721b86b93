"""How many clients may keep the server waiting, and for how long.

Each request holds one of the server's threads until its last byte has come in and gone out. Whoever stops sending halfway, or stops
reading a large file, would hold one for ever, and a handful of them the whole server. So only some of the threads may be busy with
what clients send and fetch, the others always have time for pages; and a connection on which nothing moves is closed.
"""

import contextlib
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

LONG = 1024**2  # bytes: an answer of more than this may have to wait for its reader
DRAINED = (
    32 * 1024**2
)  # bytes of a refused body that are read all the same, so that the client gets to read the refusal
PIECE = 256 * 1024
STILL = 60.0  # seconds without a byte in either direction
_ESTABLISHED, _CLOSE_WAIT = 1, 8  # states of a TCP connection (linux/tcp_states.h)
_TIMES = struct.Struct(
    "=44xIIII"
)  # tcp_info: milliseconds since data went out, an ACK went out, data came in, an ACK came in

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class Patient:
    """A WSGI application of which at most ``bodies`` requests send something and ``answers`` fetch something long at the same
    time. One more is told to come back (503)."""

    def __init__(self, application: Application, *, bodies: int, answers: int) -> None:
        self._application = application
        self._bodies = threading.BoundedSemaphore(bodies)
        self._answers = threading.BoundedSemaphore(answers)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH", "0") in {"", "0"}:
            return self._answered(environ, start_response)
        if not self._bodies.acquire(blocking=False):
            return _come_back(start_response)
        try:
            answer = self._answered(environ, start_response)
            if "HTTP_EXPECT" not in environ:  # who asks before sending sends nothing that is refused
                _drain(environ["wsgi.input"])
            return answer
        finally:
            self._bodies.release()

    def _answered(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        head: list[Any] = []

        def keep(*arguments: Any) -> None:
            head[:] = arguments

        answer = self._application(environ, keep)
        if _length(head[1]) > LONG:
            if not self._answers.acquire(blocking=False):
                _close(answer)
                return _come_back(start_response)
            answer = _Sent(answer, self._answers.release)
        start_response(*head)
        return answer


class _Sent:
    """An answer that says when it is over, also when the client left and nobody closed it."""

    def __init__(self, answer: Iterable[bytes], over: Callable[[], None]) -> None:
        self._answer = answer
        self._over: Callable[[], None] | None = over

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        over, self._over = self._over, None
        if over is not None:
            over()
            _close(self._answer)

    def __del__(self) -> None:
        self.close()


def hang_up(port: int, *, still: float = STILL) -> None:
    """Keep closing the connections to ``port`` on which nothing has moved for ``still`` seconds: idle ones, and those whose other
    end is gone or asleep. The request that waited goes on as if the client had left. Does nothing where the kernel does not tell
    how long a connection has been still (it does on Linux)."""
    if not hasattr(socket, "TCP_INFO"):
        return

    def watch() -> None:
        while True:
            time.sleep(still / 6)
            for connection in _connections(port):
                with connection, contextlib.suppress(OSError):  # it may have ended by itself meanwhile
                    if _stillness(connection) > still:
                        connection.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=watch, name="hang-up", daemon=True).start()


def _connections(port: int) -> Iterator[socket.socket]:
    """The open connections to a port of this process. Each is a duplicate, for the caller to close."""
    for link in list(Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(OSError):  # closed since the listing
            if not str(link.readlink()).startswith("socket:"):
                continue
            connection = socket.socket(fileno=os.dup(int(link.name)))
            if _is_connection(connection, port):
                yield connection
            else:
                connection.close()


def _is_connection(connection: socket.socket, port: int) -> bool:
    if connection.family not in {socket.AF_INET, socket.AF_INET6} or connection.type != socket.SOCK_STREAM:
        return False
    state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    return state in {_ESTABLISHED, _CLOSE_WAIT} and connection.getsockname()[1] == port


def _stillness(connection: socket.socket) -> float:
    """Seconds since data went either way."""
    information = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TIMES.size)
    sent, _, received, _ = _TIMES.unpack(information)
    return float(min(sent, received)) / 1000


def _drain(body: Any) -> None:
    """Read what the application left of a body, and forget it."""
    left = DRAINED
    while left > 0 and (piece := body.read(PIECE)):
        left -= len(piece)


def _close(answer: Iterable[bytes]) -> None:
    close = getattr(answer, "close", None)
    if close is not None:
        close()


def _length(headers: Iterable[tuple[str, str]]) -> int:
    return next((int(value) for name, value in headers if name.lower() == "content-length"), 0)


def _come_back(start_response: StartResponse) -> list[bytes]:
    problem = {
        "type": "urn:shirushi:problem:busy",
        "title": "Not available now",
        "status": 503,
        "detail": "Too many large files are on their way at once. Try again in a minute. / "
        "大きなファイルの送受信が混み合っています。少し待ってから、もう一度お試しください。",
        "code": "busy",
    }
    data = json.dumps(problem, ensure_ascii=False).encode()
    headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(data))), ("Retry-After", "60")]
    start_response("503 Service Unavailable", headers)
    return [data]

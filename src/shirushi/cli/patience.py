"""How many clients may keep the server waiting, and for how long.

Each request holds one of the server's threads until its last byte has come in and gone out. Whoever stops sending halfway, or stops
reading a large file, would hold one for ever, and a handful of them the whole server. So only some of the threads may be busy with
what clients send and fetch, the others always have time for pages; and a connection on which nothing moves is closed, unless it is
the server that is taking its time.
"""

import contextlib
import io
import ipaddress
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

LONG = 1024**2  # bytes: an answer of more than this may have to wait for its reader, a body of more for its sender
DRAINED = (
    32 * 1024**2
)  # bytes of a refused body that are read all the same, so that the client gets to read the refusal
PIECE = 256 * 1024
STILL = 60.0  # seconds without a byte in either direction
TURN = 2.0  # seconds that a short body waits for its turn: each takes as long as its bytes take to arrive
BUSY = "shirushi.busy"  # in the environ of a request that the site answers with "come back later" (web/middleware.py)
_ESTABLISHED, _CLOSE_WAIT = 1, 8  # states of a TCP connection (linux/tcp_states.h)
_TIMES = struct.Struct(
    "=44xIIII"
)  # tcp_info: milliseconds since data went out, an ACK went out, data came in, an ACK came in

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class Work:
    """For how long the server itself has been busy with what each client asked, not waiting for them.

    WSGI does not say over which connection a request came, only from which address. So a connection may be as still as the longest
    work for its address explains: none that is worked for is closed, and one that is not may last that much longer.
    """

    KEPT = 10.0  # seconds that ended work still counts: its answer has yet to go out
    BRIEF = 0.1  # seconds: shorter work explains nothing, and there is much of it

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began: dict[object, tuple[str, float]] = {}
        self._ended: list[tuple[str, float, float]] = []

    def begin(self, key: object, address: str) -> None:
        with self._lock:
            self._began[key] = (address, time.monotonic())

    def end(self, key: object) -> None:
        now = time.monotonic()
        with self._lock:
            address, began = self._began.pop(key, ("", now))
            if now - began > self.BRIEF:
                self._ended = [entry for entry in self._ended if now - entry[2] < self.KEPT]
                self._ended.append((address, began, now))

    def explains(self, address: str) -> float:
        """Seconds of stillness that work for this address accounts for."""
        now = time.monotonic()
        with self._lock:
            ended = [(who, began) for who, began, end in self._ended if now - end < self.KEPT]
            begun = [*self._began.values(), *ended]
        return max((now - began for who, began in begun if who == address), default=0.0)


class _Body:
    """What a client sends. While it is read the server waits; before, between and after, it works."""

    def __init__(self, body: Any, work: Work, address: str) -> None:
        self._body = body
        self._work = work
        self._address = address

    def read(self, *size: int) -> bytes:
        return self._waiting(lambda: self._body.read(*size))

    def readline(self, *size: int) -> bytes:
        return self._waiting(lambda: self._body.readline(*size))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _waiting(self, read: Callable[[], bytes]) -> bytes:
        self._work.end(self)
        try:
            return read()
        finally:
            self._work.begin(self, self._address)


class _Broken:
    """What came of a body whose sender broke off: nothing that may be taken for the whole."""

    def read(self, *_size: int) -> bytes:
        raise ConnectionError("the request ended before all of it had come")

    readline = read


class Patient:
    """A WSGI application of which at most ``bodies`` requests send something long, ``answers`` fetch something long and
    ``short`` send something short at the same time. One long thing more is told to come back (503); what is short is there in a
    moment, so one more waits for its turn."""

    def __init__(
        self,
        application: Application,
        *,
        bodies: int,
        answers: int,
        short: int,
        turn: float = TURN,
        work: Work | None = None,
    ) -> None:
        self._application = application
        self._bodies = threading.BoundedSemaphore(bodies)
        self._answers = threading.BoundedSemaphore(answers)
        self._short = threading.BoundedSemaphore(short)
        self._turn = turn
        self._work = work or Work()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = _Body(environ["wsgi.input"], self._work, environ.get("REMOTE_ADDR", ""))
        environ["wsgi.input"] = body
        self._work.begin(body, environ.get("REMOTE_ADDR", ""))
        try:
            return self._sent(environ, start_response, body)
        finally:
            self._work.end(body)

    def _sent(self, environ: Environ, start_response: StartResponse, body: _Body) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH", "")
        if length in {"", "0"}:
            return self._answered(environ, start_response)
        if length.isdecimal() and int(length) <= LONG:
            if not self._short.acquire(timeout=self._turn):
                return self._come_back(environ, start_response)
            try:
                environ["wsgi.input"] = _whole(body, int(length))
            finally:
                self._short.release()
            return self._answered(environ, start_response)
        if not self._bodies.acquire(blocking=False):
            return self._come_back(environ, start_response)
        try:
            answer = self._answered(environ, start_response)
            if "HTTP_EXPECT" not in environ:  # who asks before sending sends nothing that is refused
                _drain(body)
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
                return self._come_back(environ, start_response)
            answer = _Sent(answer, self._answers.release)
        start_response(*head)
        return answer

    def _come_back(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """The site's own words for it, as a page or a problem, in the reader's language."""
        busy = {**environ, BUSY: True, "CONTENT_LENGTH": "0", "wsgi.input": io.BytesIO()}
        return self._application(busy, start_response)


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


def hang_up(port: int, work: Work, *, still: float = STILL) -> None:
    """Keep closing the connections to ``port`` on which nothing has moved for ``still`` seconds although no ``work`` was in the way:
    idle ones, and those whose other end is gone or asleep. The request that waited goes on as if the client had left. Does nothing
    where the kernel does not tell how long a connection has been still (it does on Linux)."""
    if not hasattr(socket, "TCP_INFO"):
        return

    def watch() -> None:
        while True:
            time.sleep(still / 6)
            for connection in _connections(port):
                with connection, contextlib.suppress(OSError):  # it may have ended by itself meanwhile
                    if _stillness(connection) - work.explains(_address(connection)) > still:
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


def _address(connection: socket.socket) -> str:
    """The other end's, as WSGI writes it: an IPv4 address also where the socket is of IPv6."""
    address = ipaddress.ip_address(connection.getpeername()[0])
    return str(getattr(address, "ipv4_mapped", None) or address)


def _whole(body: Any, length: int) -> Any:
    """A short body, read to its end."""
    data = bytearray()
    with contextlib.suppress(OSError, RuntimeError):  # the sender has left
        while len(data) < length and (piece := body.read(length - len(data))):
            data += piece
    return io.BytesIO(data) if len(data) == length else _Broken()


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

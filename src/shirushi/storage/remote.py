"""Bytes of the web, read without letting an address lead us into our own network.

A host name is resolved once for each connection, every address it has is looked at, and the connection goes to one of those very
addresses: what a name server says a moment later does not matter. Redirects are followed by hand, each through the same door.
Proxies of the environment are not asked, credentials are not sent, and nothing but ``http`` and ``https`` is spoken.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HOPS = 10  # redirects followed
PATIENCE = 60.0  # seconds without a byte
HEAD = 120.0  # seconds until all headers are here
SLOWEST, WHILE = 10_000, 180.0  # bytes a second on the average of each so many seconds: what comes slower never ends
LONGEST_URL = 2_000
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = {301, 302, 303, 307, 308}
# Public by their numbers, but a door into a cloud's own machinery.
_INNER: tuple[Network, ...] = tuple(
    ipaddress.ip_network(one) for one in ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24")
)
# IPv6 addresses that stand for an IPv4 one: where its four bytes lie.
_EMBEDDED: tuple[tuple[Network, int], ...] = (
    (ipaddress.ip_network("::ffff:0:0/96"), 0),  # mapped
    (ipaddress.ip_network("::ffff:0:0:0/96"), 0),  # translated (SIIT)
    (ipaddress.ip_network("::/96"), 0),  # compatible
    (ipaddress.ip_network("64:ff9b::/96"), 0),  # NAT64, which not every registry of ranges knows
    (ipaddress.ip_network("64:ff9b:1::/48"), 0),  # NAT64 of one's own
    (ipaddress.ip_network("2002::/16"), 80),  # 6to4
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TEREDO = ipaddress.ip_network("2001::/32")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_ISATAP = re.compile(r"[02]00:?5efe", re.IGNORECASE)


class RemoteError(Exception):
    """Why the bytes could not be had, for programs (``code``) and for people."""

    def __init__(self, code: str, en: str, ja: str) -> None:
        super().__init__(en)
        self.code = code
        self.en = en
        self.ja = ja


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an operator lets us reach although it is no public address: networks, or hosts by name, at one port or any."""

    networks: tuple[tuple[Network, int | None], ...] = ()
    hosts: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[str]) -> "Allowed":
        """From lines like ``10.0.0.0/8``, ``127.0.0.1:9000``, ``[::1]:9000`` or ``data.intra.example.ac.jp``.

        Raises:
            ValueError: an entry is neither.
        """
        networks: list[tuple[Network, int | None]] = []
        hosts: set[tuple[str, int | None]] = set()
        for entry in entries:
            name, port = _name_and_port(entry)
            try:
                networks.append((ipaddress.ip_network(name, strict=False), port))
            except ValueError:
                if not _HOST.fullmatch(name):
                    raise ValueError(f"{entry!r} is no network, address or host") from None
                hosts.add((name.lower(), port))
        return cls(tuple(networks), frozenset(hosts))

    def host(self, name: str, port: int) -> bool:
        return bool(self.hosts & {(name.lower().rstrip("."), port), (name.lower().rstrip("."), None)})

    def address(self, address: Address, port: int) -> bool:
        return any(
            address.version == network.version and address in network and at in {None, port}
            for network, at in self.networks
        )


def _name_and_port(entry: str) -> tuple[str, int | None]:
    """``[::1]:9000``, ``::1``, ``10.0.0.0/8`` and ``host:9000`` in two parts."""
    if entry.startswith("["):
        name, _, port = entry[1:].partition("]")
        port = port.removeprefix(":")
    elif entry.count(":") > 1:
        name, port = entry, ""
    else:
        name, _, port = entry.partition(":")
    if port and not port.isdecimal():
        raise ValueError(f"{entry!r} has no number for its port")
    return name, int(port) if port else None


NOTHING = Allowed()
Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: Address) -> bool:
    """Whether an address is anybody's on the internet: not ours, not this machine, not a cloud's metadata, in no disguise."""
    if any(inner.version == address.version and address in inner for inner in _INNER):
        return False
    is_ours = not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified
    if is_ours and not (
        isinstance(address, ipaddress.IPv6Address) and address in _NAT64
    ):  # what that stands for decides below
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id or address.is_site_local or _ISATAP.search(address.exploded[20:29]):
            return False
        return all(is_public(inner) for inner in _within(address))
    return True


def _within(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    number = int(address)
    for network, shift in _EMBEDDED:
        if address in network:
            yield ipaddress.IPv4Address(number >> shift & 0xFFFFFFFF)
    if address in _TEREDO:
        yield ipaddress.IPv4Address(number >> 64 & 0xFFFFFFFF)  # its server
        yield ipaddress.IPv4Address(~number & 0xFFFFFFFF)  # its client


@dataclass(slots=True)
class Remote:
    """An answer whose bytes have not been read yet: a stream. ``size`` is what the other side promised, None when it did not say."""

    url: str
    name: str
    size: int | None
    _response: http.client.HTTPResponse = field(repr=False)
    _ends: float = field(repr=False)
    _come: int = field(default=0, repr=False)
    _since: tuple[float, int] = field(
        default=(0.0, 0), repr=False
    )  # when it began to be watched, and what had come by then

    def read(self, size: int, /) -> bytes:
        """The next bytes; none at the end. Raises RemoteError when the other side breaks off or takes too long."""
        left = size if self.size is None else min(size, self.size - self._come)
        if left == 0:
            return b""
        try:
            data = self._response.read1(left)
        except TimeoutError:
            raise _too_slow() from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise (_too_slow() if self._is_late() else _broken(error)) from error
        if self._is_late() or (data and self._drips(len(data))):
            raise _too_slow()
        if not data and self.size is not None:
            raise _broken(EOFError())
        self._come += len(data)
        return data

    def _drips(self, more: int) -> bool:
        """Whether less has come in the last :data:`WHILE` seconds than a line that works brings."""
        now, (began, before) = time.monotonic(), self._since
        if now - began < WHILE:
            return False
        self._since = now, self._come + more
        return self._come + more - before < SLOWEST * (now - began)

    def _is_late(self) -> bool:
        return time.monotonic() > self._ends


@contextmanager
def opened(
    url: str, *, seconds: float, allowed: Allowed = NOTHING, resolve: Resolve = resolve, agent: str = "shirushi"
) -> Iterator[Remote]:
    """Ask for what is at an address, following redirects, for ``seconds`` at most until its last byte.

    Raises:
        RemoteError: the address may not be asked, does not answer, or answers with something else than a file.
    """
    ends = time.monotonic() + seconds
    for _ in range(HOPS + 1):
        target = checked(url)
        connection = _connection(target, allowed, resolve, ends)
        try:
            with _shut_after(connection.line, min(HEAD, ends - time.monotonic())):
                response = _asked(connection, target, agent)
            if response.status in _REDIRECTS and (place := response.headers.get("Location")):
                url = urljoin(url, place)
                continue
            if response.status != 200:
                raise RemoteError(
                    "refused-there",
                    f"The other server answered {response.status} {response.reason}. Check that everybody may download from this address.",
                    f"相手のサーバーが {response.status} {response.reason} を返しました。だれでもダウンロードできるアドレスか確かめてください。",
                )
            name = _name(response.headers, target)
            _see_that_plain(response.headers, name)
            size = None if response.chunked else response.length
            with _shut_after(connection.line, ends - time.monotonic()):
                yield Remote(url, name, size, response, ends, _since=(time.monotonic(), 0))
            return
        finally:
            connection.close()
    raise RemoteError(
        "too-many-redirects",
        f"The address was redirected more than {HOPS} times. Use the address of the file itself.",
        f"転送が {HOPS} 回を超えました。ファイルそのもののアドレスを使ってください。",
    )


def checked(url: str) -> SplitResult:
    """The parts of an address that may be asked at all. Raises RemoteError."""
    try:
        target = urlsplit(url.strip())
        port = target.port
    except ValueError:
        raise _no_address() from None
    if target.scheme not in _PORTS or not target.hostname or len(url) > LONGEST_URL or not url.isprintable():
        raise _no_address()
    if target.username is not None or target.password is not None:
        raise RemoteError(
            "credentials",
            "The address holds a user name or password, and would be kept with them. Use one that everybody may read.",
            "アドレスにユーザー名かパスワードが含まれています。だれでも読めるアドレスを使ってください。",
        )
    if port is not None and port < 1024 and port not in _PORTS.values():
        raise RemoteError(
            "port", f"Port {port} is no port of the web. Use 80, 443 or one above 1023.", f"ポート {port} は使えません。80、443、または1024以上を使ってください。"
        )  # fmt: skip
    return target


def _connection(target: SplitResult, allowed: Allowed, resolve: Resolve, ends: float) -> "_Pinned":
    """A connection to one of the target's addresses, all of which may be reached."""
    host, port = str(target.hostname), target.port or _PORTS[target.scheme]
    try:
        found = [ipaddress.ip_address(one.partition("%")[0]) for one in resolve(host, port)]
    except (OSError, UnicodeError, ValueError):
        found = []
    if not found:
        raise RemoteError(
            "unknown-host", f"There is no host {host!r}. Check the address.", f"{host!r} というホストはありません。アドレスを確かめてください。"
        )  # fmt: skip
    if not allowed.host(host, port) and not all(is_public(one) or allowed.address(one, port) for one in found):
        raise RemoteError(
            "not-public",
            f"{host!r} is not on the public internet, so nothing is fetched from it. Upload the file instead, or ask the operator.",
            f"{host!r} は公開のインターネット上にないため、取得しません。ファイルをアップロードするか、運用者に相談してください。",
        )
    error: OSError | None = None
    for address in found:
        with suppress(ValueError):
            left = min(PATIENCE, max(0.1, ends - time.monotonic()))
            try:
                return _pinned(target, host, port, address, left)
            except OSError as failed:
                error = failed
    raise _no_answer(host, error) from error


def _pinned(target: SplitResult, host: str, port: int, address: Address, timeout: float) -> "_Pinned":
    """Connected to the address, speaking to the host: its certificate has to be the host's."""
    line = socket.create_connection((str(address), port), timeout=timeout)
    try:
        line.settimeout(PATIENCE)
        if target.scheme == "https":
            context = ssl.create_default_context()
            line = secure = context.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
            with _shut_after(line, HEAD):
                secure.do_handshake()
    except BaseException:
        line.close()
        raise
    return _Pinned(host, port, line)


class _Pinned(http.client.HTTPConnection):
    """A connection over a line that stands already; it never makes one of its own."""

    auto_open = 0

    def __init__(self, host: str, port: int, line: socket.socket) -> None:
        super().__init__(host, port, timeout=PATIENCE)
        self.line = self.sock = line


@contextmanager
def _shut_after(line: socket.socket, seconds: float) -> Iterator[None]:
    """End the connection when this takes too long: each byte may come in time, and all of them never."""

    def shut() -> None:
        with suppress(OSError):
            socket.socket.shutdown(line, socket.SHUT_RDWR)  # not SSLSocket's, which would take the reader's state away

    timer = threading.Timer(max(0.0, seconds), shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _asked(connection: _Pinned, target: SplitResult, agent: str) -> http.client.HTTPResponse:
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    written = (
        path
        if path.isascii()
        else "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in path)
    )
    host = f"[{target.hostname}]" if ":" in str(target.hostname) else str(target.hostname).encode("idna").decode()
    headers = {
        "Host": host + (f":{target.port}" if target.port else ""),
        "User-Agent": agent,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    try:
        connection.request("GET", written.replace(" ", "%20"), headers=headers)
        return connection.getresponse()
    except TimeoutError:
        raise _too_slow() from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _no_answer(str(target.hostname), error) from error


def _name(headers: Message, target: SplitResult) -> str:
    """What the file is called: by its server, else by the end of its address. May be empty."""
    given = headers.get_filename() or ""
    with suppress(UnicodeError):  # many servers send UTF-8 where Latin-1 is meant
        given = given.encode("latin-1").decode()
    given = given or unquote(target.path)
    return given.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _see_that_plain(headers: Message, name: str) -> None:
    """What was packed on the way would be kept packed under the plain name. A name that tells of it is true of the bytes as they
    are: servers say so of files that lie there packed. Raises RemoteError."""
    codings = {one.strip().lower() for one in headers.get("Content-Encoding", "").split(",")} - {"", "identity"}
    if not codings or (codings <= {"gzip", "x-gzip"} and name.lower().endswith((".gz", ".tgz", ".svgz"))):
        return
    coding = "".join(c for c in ", ".join(sorted(codings)) if c.isalnum() or c in "-, ")[:40]
    raise RemoteError(
        "packed",
        f"The other server sends this file packed ({coding}) although it was asked for as it is. Nothing was kept. Download it and upload it.",
        f"相手のサーバーがこのファイルを圧縮（{coding}）して送ってきます。保存していません。ダウンロードしてからアップロードしてください。",
    )


def _no_address() -> RemoteError:
    return RemoteError(
        "bad-address",
        "This is no address of the web. Write it in full, from https:// on.",
        "ウェブのアドレスではありません。https:// から全体を書いてください。",
    )


def _no_answer(host: str, error: Exception | None) -> RemoteError:
    reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__
    return RemoteError(
        "no-answer",
        f"{host!r} does not answer as a web server should ({reason}). Try again later.",
        f"{host!r} がウェブサーバーとして応答しません（{reason}）。しばらくしてからお試しください。",
    )


def _broken(error: Exception) -> RemoteError:
    return RemoteError(
        "broken-off",
        f"The other server broke off before all bytes had come ({type(error).__name__}). Nothing was kept. Try again.",
        f"相手のサーバーが途中で切断しました（{type(error).__name__}）。保存していません。もう一度お試しください。",
    )


def _too_slow() -> RemoteError:
    return RemoteError(
        "too-slow",
        "The other server took too long. Nothing was kept. Try again, or upload the file.",
        "相手のサーバーの応答が遅すぎるため、中止しました。保存していません。もう一度試すか、ファイルをアップロードしてください。",
    )

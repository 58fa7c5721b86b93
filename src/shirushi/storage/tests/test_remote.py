"""Files of the web: fetched from where everybody may, and by no road from within."""

import gzip
import http.server
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from shirushi.storage import remote
from shirushi.storage.remote import Allowed, RemoteError, is_public, opened

INNER = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::1",
    "2002:a00:1::", "2001:0:7f00:1::1", "2001:0:808:808:0:0:80ff:fffe", "2400:cb00::200:5efe:a00:1", "::ffff:0:7f00:1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "93.184.216.34", "133.11.0.1", "2606:4700::1111", "2400:cb00::1", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INNER)
def test_address_of_an_inner_network_is_not_public_in_any_form(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


class Site:
    """A web server of ours whose answers a test chooses; counts who came."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.hosts: list[str] = []
        self.answers: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]] = {}
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.hosts.append(self.headers["Host"])
                site.answers[self.path](self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def gives(
        self, path: str, body: bytes = b"", status: int = 200, promised: int | None = None, **headers: str
    ) -> None:
        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(body) if promised is None else promised))
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body)

        self.answers[path] = answer


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


def read(url: str, **options: object) -> tuple[str, bytes]:
    with opened(url, **{"seconds": 20, **options}) as found:
        data = b""
        while piece := found.read(1000):
            data += piece
        return found.name, data


def code(url: str, **options: object) -> str:
    with pytest.raises(RemoteError) as refused:
        read(url, **options)
    assert refused.value.en != refused.value.ja
    return refused.value.code


@pytest.fixture
def allowed(site: Site) -> Allowed:
    return Allowed.of([f"127.0.0.1:{site.port}"])


def test_allowed_address_is_read_with_its_name(site: Site, allowed: Allowed) -> None:
    site.gives("/d/sst%20%E6%B5%B7.csv?x=1", b"a,b\n" * 3000)
    assert read(f"http://127.0.0.1:{site.port}/d/sst 海.csv?x=1", allowed=allowed) == ("sst 海.csv", b"a,b\n" * 3000)
    site.gives("/get", b"x", Content_Disposition="attachment; filename*=UTF-8''%E6%B5%B7.csv")
    assert read(f"http://127.0.0.1:{site.port}/get", allowed=allowed) == ("海.csv", b"x")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254"],
)  # fmt: skip
def test_inner_host_is_refused_before_anything_is_sent(site: Site, host: str) -> None:
    assert code(f"http://{host}:{site.port}/") in {"not-public", "unknown-host"}
    assert site.asked == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "gopher://127.0.0.1", "http://", "//x/y", "http://a:b:c/", "http://example.org/\r\nHost: x"])  # fmt: skip
def test_other_schemes_and_broken_addresses_are_refused(url: str) -> None:
    assert code(url) == "bad-address"


def test_credentials_and_ports_of_other_services_are_refused() -> None:
    assert code("http://user:secret@example.org/x") == "credentials"
    assert code("http://example.org:25/x") == "port"


def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    assert code("http://two.example/x", resolve=lambda *_: ["93.184.216.34", "10.0.0.1"]) == "not-public"


def test_what_a_name_server_says_later_does_not_matter(site: Site, monkeypatch) -> None:
    """The address that was looked at is the one that is connected to: the name is not resolved a second time."""
    said = iter([["93.184.216.34"], ["127.0.0.1"]])
    went: list[tuple[str, int]] = []

    def connect(place: tuple[str, int], timeout: float) -> socket.socket:
        went.append(place)
        return real(("127.0.0.1", site.port), timeout=timeout)

    real = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", connect)
    site.gives("/x", b"public")
    url = f"http://rebinding.example:{site.port}/x"
    assert read(url, resolve=lambda *_: next(said)) == ("x", b"public")
    assert (went, site.hosts) == ([("93.184.216.34", site.port)], [f"rebinding.example:{site.port}"])
    assert code(url, resolve=lambda *_: next(said)) == "not-public"


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/inner", "http://[::1]:{port}/inner", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd"])  # fmt: skip
def test_redirect_into_an_inner_network_is_refused_at_its_hop(site: Site, target: str) -> None:
    site.gives("/x", status=302, Location="/again")
    site.gives("/again", status=307, Location=target.format(port=site.port))
    allowed = Allowed.of([f"public.example:{site.port}"])
    found = code(f"http://public.example:{site.port}/x", allowed=allowed, resolve=_as_public)
    assert found == ("bad-address" if target.startswith("file") else "not-public")
    assert site.asked == ["/x", "/again"]


def _as_public(host: str, _port: int) -> list[str]:
    return ["127.0.0.1"] if host == "public.example" else [host]


def test_redirects_are_followed_and_come_to_an_end(site: Site, allowed: Allowed) -> None:
    site.gives("/a", status=301, Location="/b/data.csv")
    site.gives("/b/data.csv", b"x")
    assert read(f"http://127.0.0.1:{site.port}/a", allowed=allowed) == ("data.csv", b"x")
    site.gives("/round", status=303, Location="/round")
    assert code(f"http://127.0.0.1:{site.port}/round", allowed=allowed) == "too-many-redirects"


def test_answer_that_is_no_file_says_so(site: Site, allowed: Allowed) -> None:
    site.gives("/no", b"gone", status=403)
    assert code(f"http://127.0.0.1:{site.port}/no", allowed=allowed) == "refused-there"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert code(f"http://127.0.0.1:{port}/", allowed=Allowed.of(["127.0.0.0/8"])) == "no-answer"
    assert code("http://nowhere.example/", resolve=lambda *_: []) == "unknown-host"


def test_fewer_bytes_than_promised_are_no_file(site: Site, allowed: Allowed) -> None:
    site.gives("/short", b"1234", promised=5)
    assert code(f"http://127.0.0.1:{site.port}/short", allowed=allowed) == "broken-off"


def test_bytes_are_kept_as_they_are_sent(site: Site, allowed: Allowed) -> None:
    packed = gzip.compress(b"a,b\n")
    site.gives("/x.csv.gz", packed, Content_Encoding="gzip")
    assert read(f"http://127.0.0.1:{site.port}/x.csv.gz", allowed=allowed) == ("x.csv.gz", packed)


@pytest.mark.parametrize(
    ("name", "coding"),
    [("x.csv", "gzip"), ("x.csv", "Identity, GZIP"), ("x.csv.gz", "br"), ("x.csv.gz", "gzip, gzip2")],
)
def test_what_was_packed_on_the_way_is_not_kept_under_a_plain_name(
    site: Site, allowed: Allowed, name: str, coding: str
) -> None:
    site.gives(f"/{name}", gzip.compress(b"a,b\n"), Content_Encoding=coding)
    assert code(f"http://127.0.0.1:{site.port}/{name}", allowed=allowed) == "packed"
    site.gives("/plain.csv", b"a,b\n", Content_Encoding="identity")
    assert read(f"http://127.0.0.1:{site.port}/plain.csv", allowed=allowed) == ("plain.csv", b"a,b\n")


@pytest.mark.parametrize(("slowest", "outcome"), [(1_000, "too-slow"), (50, "all")])
def test_line_that_hardly_brings_anything_is_given_up(
    site: Site, allowed: Allowed, monkeypatch, slowest: int, outcome: str
) -> None:
    monkeypatch.setattr(remote, "WHILE", 0.5)
    monkeypatch.setattr(remote, "SLOWEST", slowest)

    def trickle(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")
        with suppress(OSError):
            for _ in range(10):
                handler.wfile.write(b"x" * 40)
                time.sleep(0.1)

    site.answers["/trickle"] = trickle
    address = f"http://127.0.0.1:{site.port}/trickle"
    if outcome == "all":
        assert read(address, allowed=allowed)[1] == b"x" * 400
    else:
        assert code(address, allowed=allowed) == outcome


@pytest.mark.parametrize("place", ["head", "body"])
def test_server_that_drips_is_left(site: Site, allowed: Allowed, place: str, monkeypatch) -> None:
    """Each byte comes soon enough; all of them never."""
    monkeypatch.setattr(remote, "HEAD", 1.0)

    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        if place == "body":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            try:
                handler.wfile.write(b"H")
            except OSError:
                return
            time.sleep(0.1)

    site.answers["/slow"] = drip
    started = time.monotonic()
    assert code(f"http://127.0.0.1:{site.port}/slow", allowed=allowed, seconds=1.5) in {"too-slow", "no-answer"}
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "a b", "host:x", "http://x", ""])
def test_allowed_entry_that_means_nothing_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=r"is no network|has no number"):
        Allowed.of([entry])


def test_allowed_entries_hold_for_their_port_alone() -> None:
    allowed = Allowed.of(["10.0.0.0/8", "127.0.0.1:9000", "[::1]:9000", "fd00::/8", "data.example:8080", "Any.Example"])
    for address, port, may in [("10.9.8.7", 1, True), ("127.0.0.1", 9000, True), ("127.0.0.1", 9001, False), ("::1", 9000, True), ("fd00::5", 80, True)]:  # fmt: skip
        assert allowed.address(ipaddress.ip_address(address), port) is may
    assert [allowed.host("data.example", 8080), allowed.host("data.example", 80), allowed.host("any.example.", 80)] == [True, False, True]  # fmt: skip

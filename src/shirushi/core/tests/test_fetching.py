"""Files fetched from the web into a draft: what came, what was refused, what somebody stopped, and what a dead worker left."""

import hashlib
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from shirushi.core import services
from shirushi.core.errors import Conflict, Invalid, NotAllowed, TooMany
from shirushi.core.home import locked
from shirushi.core.models import Event, Fetch
from shirushi.core.services import fetching

pytestmark = pytest.mark.django_db

DATA = b"time,sst\n2021-01-01,12.5\n" * 200_000


class Site(http.server.ThreadingHTTPServer):
    """Gives :data:`DATA` at any address; ``between`` is called between its pieces."""

    between: Callable[[], None] = staticmethod(lambda: None)
    told = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        if self.server.told:
            self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        for start in range(0, len(DATA), 500_000):
            try:
                self.wfile.write(DATA[start : start + 500_000])
            except OSError:
                return
            self.server.between()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(settings) -> Iterator[Site]:
    site = Site(("127.0.0.1", 0), Handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    settings.SHIRUSHI_FETCH_ALLOW = (f"127.0.0.1:{site.server_port}",)
    yield site
    site.shutdown()
    site.server_close()


@pytest.mark.parametrize("told", [True, False])
def test_file_is_fetched_as_if_it_had_been_put(draft, depositor, site, told) -> None:
    site.told = told
    fetch = services.fetching.begin_fetch(draft=draft, url=f"{site.address}/data/buoys.csv?x=1", by=depositor)
    assert (fetch.state, fetch.path) == ("queued", "")
    assert fetching.fetch_next() is True
    fetch.refresh_from_db()
    assert (fetch.state, fetch.path, fetch.done, fetch.total) == ("done", "buoys.csv", len(DATA), len(DATA))
    file = draft.files.get(path="buoys.csv")
    assert file.sha256 == fetch.sha256 == hashlib.sha256(DATA).hexdigest()
    assert (
        Event.objects.filter(type="draft.file-put", payload__sha256=file.sha256).get().actor["user"]
        == depositor.user_id
    )
    assert fetching.fetch_next() is False


def test_inner_address_is_refused_with_its_reason(draft, depositor, site, settings) -> None:
    settings.SHIRUSHI_FETCH_ALLOW = ()
    fetch = services.fetching.begin_fetch(draft=draft, url=f"{site.address}/x", by=depositor)
    fetching.fetch_next()
    fetch.refresh_from_db()
    assert (fetch.state, fetch.code) == ("failed", "not-public")
    assert set(fetch.message) == {"en", "ja"}
    with pytest.raises(Invalid) as refused:
        services.fetching.begin_fetch(draft=draft, url="file:///etc/passwd", by=depositor)
    assert refused.value.code == "bad-address"


@pytest.mark.parametrize("told", [True, False])
def test_file_over_the_limit_is_not_kept(draft, depositor, site, settings, told) -> None:
    site.told, settings.SHIRUSHI_MAX_FILE_SIZE = told, 1_000_000
    fetch = services.fetching.begin_fetch(draft=draft, url=f"{site.address}/x", by=depositor)
    fetching.fetch_next()
    fetch.refresh_from_db()
    assert (fetch.state, fetch.code, draft.files.count()) == ("failed", "too-large", 1)


def test_cancelled_while_it_comes_nothing_is_put(draft, depositor, site, monkeypatch) -> None:
    monkeypatch.setattr(fetching, "BEAT", 0.0)
    fetch = services.fetching.begin_fetch(draft=draft, url=f"{site.address}/x.csv", path="data/y.csv", by=depositor)
    seen = []

    def cancel(self: object, data: int, read=fetching.Remote.read) -> bytes:
        seen.append(Fetch.objects.get().done)
        if len(seen) == 3:
            services.fetching.cancel_fetch(fetch=fetch, by=depositor)
        return read(self, data)

    monkeypatch.setattr(fetching.Remote, "read", cancel)
    fetching.fetch_next()
    fetch.refresh_from_db()
    assert (fetch.state, len(seen), draft.files.count()) == ("cancelled", 3, 1)
    assert 0 < fetch.done < len(DATA)
    assert services.fetching.cancel_fetch(fetch=fetch, by=depositor).state == "cancelled"


def test_what_a_dead_worker_left_is_begun_again_three_times_at_most(draft, depositor, site) -> None:
    fetch = services.fetching.begin_fetch(draft=draft, url=f"{site.address}/x", by=depositor)
    Fetch.objects.update(state="running", attempts=1, done=500)
    with locked(f"fetch-{fetch.pk}"):
        assert fetching.fetch_next() is False  # its worker lives
    assert fetching.fetch_next() is True
    fetch.refresh_from_db()
    assert (fetch.state, fetch.attempts) == ("done", 2)
    Fetch.objects.update(state="running", attempts=3)
    fetching.fetch_next()
    fetch.refresh_from_db()
    assert (fetch.state, fetch.code) == ("failed", "died")


def test_each_person_has_a_turn_and_never_every_line(draft, depositor, curator, site) -> None:
    begin = services.fetching.begin_fetch
    theirs = [begin(draft=draft, url=f"{site.address}/{n}", by=depositor).pk for n in range(60)]
    mine = [begin(draft=draft, url=f"{site.address}/mine{n}", by=curator).pk for n in range(3)]
    with ExitStack() as lines:
        taken = [fetching._take_next(lines) for _ in range(5)]
    assert taken == [theirs[0], mine[0], theirs[1], mine[1], None]
    assert fetching._take_next(ExitStack()) == theirs[0]  # whoever was at it is gone


def test_server_that_takes_too_long_is_left(draft, depositor, site, settings, monkeypatch) -> None:
    settings.SHIRUSHI_FETCH_HOURS = 0.5 / 3600
    site.between = lambda: time.sleep(0.2)
    fetch = services.fetching.begin_fetch(draft=draft, url=f"{site.address}/x", by=depositor)
    fetching.fetch_next()
    fetch.refresh_from_db()
    assert (fetch.state, fetch.code) == ("failed", "too-slow")


def test_only_who_may_fill_an_open_draft_has_files_fetched(draft, depositor, make_actor, monkeypatch) -> None:
    with pytest.raises(NotAllowed):
        services.fetching.begin_fetch(draft=draft, url="https://example.org/x", by=make_actor("stranger"))
    monkeypatch.setattr(fetching, "MOST", 2)
    for _ in range(2):
        services.fetching.begin_fetch(draft=draft, url="https://example.org/x", by=depositor)
    with pytest.raises(TooMany):
        services.fetching.begin_fetch(draft=draft, url="https://example.org/x", by=depositor)
    services.discard_draft(draft=draft, by=depositor)
    with pytest.raises(Conflict):
        services.fetching.begin_fetch(draft=draft, url="https://example.org/x", by=depositor)


def test_draft_closed_meanwhile_is_told_in_the_row(draft, depositor, site) -> None:
    fetch = services.fetching.begin_fetch(draft=draft, url=f"{site.address}/x", by=depositor)
    services.discard_draft(draft=draft, by=depositor)
    fetching.fetch_next()
    fetch.refresh_from_db()
    assert (fetch.state, fetch.code) == ("failed", "draft-discarded")

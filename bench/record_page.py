"""How much CPU a record's landing page and its JSON cost, beside the smallest view under the same middleware in the same process; and
how many of each a server answers in a second.

usage: python bench/record_page.py            (in the environment of the tests; makes its own record and database)

Prints milliseconds of CPU for each request, server side only: the WSGI application is called directly, its answer read to the end.
``first`` draws a page that nobody has asked for yet; ``again`` is every later reader. The ratio to the smallest view is what
may be compared between machines. Requests a second are those of granian with one worker process, asked over loopback by one client in
turns, so that what disturbs the machine disturbs them all; the client's own work is in all three.
"""

import contextlib
import http.client
import io
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import rows

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"  # a reader whose visits are counted
BARS = {"JSON": 1.5, "again": 5.0}
TURNS, SECONDS = 7, 0.7
WARM, ROUNDS, REQUESTS = 20, 9, 30
VARIABLES, FILES = 12, 10


def get(application: Callable[..., Any], path: str, accept: str = "text/html") -> bytes:
    """One GET of a reader who is not signed in. Raises RuntimeError for anything but 200."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost", "HTTP_ACCEPT": accept,
        "HTTP_ACCEPT_LANGUAGE": "ja,en;q=0.5", "HTTP_USER_AGENT": AGENT, "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "wsgi.multithread": False, "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }  # fmt: skip
    answer = application(environ, lambda status, _headers, _error=None: statuses.append(status))
    try:
        body = b"".join(answer)
    finally:
        answer.close()
    if not statuses[0].startswith("200"):
        raise RuntimeError(f"{path}: {statuses[0]}")
    return body


def cpu(**works: Callable[[], object]) -> dict[str, float]:
    """Milliseconds of CPU for one call of each: the median of several rounds, taken in turns, so that what disturbs one disturbs all."""
    took: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            start = time.process_time()
            for _ in range(REQUESTS):
                work()
            took[name].append((time.process_time() - start) / REQUESTS * 1000)
    return {name: statistics.median(each) for name, each in took.items()}


def measure(record_id: str) -> dict[str, float]:
    """Milliseconds of CPU: ``smallest`` view, record page ``first`` and ``again``."""
    from shirushi.systems.repository import landing

    application = with_smallest()
    page = f"/records/{record_id}"

    def first() -> None:
        landing.forget()
        get(application, page)

    for _ in range(WARM):
        get(application, page)
        get(application, "/bench/smallest")
    return cpu(
        smallest=lambda: get(application, "/bench/smallest"),
        first=first,
        again=lambda: get(application, page),  # the first of its 30 finds it drawn by `first`
        JSON=lambda: get(application, f"/api{page}", "application/json"),
    )


def with_smallest() -> Callable[..., Any]:
    """The application with the smallest view in its URL map."""
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    from shirushi.web import urls

    def smallest(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok")

    if not any(getattr(route, "name", None) == "bench-smallest" for route in urls.urlpatterns):
        urls.urlpatterns.insert(0, path("bench/smallest", smallest, name="bench-smallest"))
    return get_wsgi_application()


@contextlib.contextmanager
def served() -> Iterator[tuple[int, str]]:
    """Port of a server with a home of its own, and the record that is in it."""
    with tempfile.TemporaryDirectory(prefix="shirushi-bench-") as home, socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHIRUSHI_", "DJANGO_"))}
        environment = {**kept, "SHIRUSHI_HOME": home, "DJANGO_SETTINGS_MODULE": "shirushi.web.settings"}
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parent)
        making = (
            "import django; django.setup(); import record_page; record_page.migrate(); print(record_page.make_record())"
        )
        made = subprocess.run(
            [sys.executable, "-c", making], env=environment, check=True, capture_output=True, text=True
        )
        probe.close()
        granian = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--port",
            str(port),
            "--blocking-threads",
            "4",
        ]
        target = ["--log-level", "error", "--factory", "record_page:served_application"]
        server = subprocess.Popen([*granian, *target], env=environment)
        try:
            yield port, made.stdout.split()[-1]
        finally:
            server.terminate()
            server.wait(30)


def served_application() -> Callable[..., Any]:
    import django

    django.setup()
    return with_smallest()


def requests_a_second() -> dict[str, float]:
    """Requests a second over one connection that is kept: ``smallest``, ``JSON`` and ``again``; the median of several turns."""
    with served() as (port, record_id):
        asked = {
            "smallest": ("/bench/smallest", "text/html"),
            "JSON": (f"/api/records/{record_id}", "application/json"),
            "again": (f"/records/{record_id}", "text/html"),
        }
        connection = connected(port)
        found: dict[str, list[float]] = {name: [] for name in asked}
        for turn in range(TURNS + 1):
            for name, (address, accept) in asked.items():
                number, start = 0, time.perf_counter()
                while time.perf_counter() - start < SECONDS:
                    headers = {"Accept": accept, "Accept-Language": "ja,en;q=0.5", "User-Agent": AGENT}
                    connection.request("GET", address, headers=headers)
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status != 200:
                        raise RuntimeError(f"{address}: {answer.status}")
                    number += 1
                if turn:  # the first one warms
                    found[name].append(number / (time.perf_counter() - start))
        return {name: statistics.median(each) for name, each in found.items()}


def connected(port: int) -> http.client.HTTPConnection:
    for _ in range(600):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with contextlib.suppress(OSError):
            connection.connect()
            return connection
        time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def make_record() -> str:
    """A record of ordinary size: ten files, a dozen variables, every value with where it was seen. Returns its id."""
    from shirushi.accounts.actors import person
    from shirushi.accounts.models import Membership, Role, Space, User
    from shirushi.core import services
    from shirushi.core.home import home

    home().make_folders()
    space = Space.objects.create(slug="bench", name_en="Example University", name_ja="例大学")
    user = User.objects.create_user("bench@example.org", None, name="Bench")
    Membership.objects.create(space=space, user=user, role=Role.CURATOR)
    actor = person(user)
    draft = services.create_draft(space=space, by=actor, name="bench")
    for number in range(FILES):
        services.put_file(
            draft=draft, path=f"data/station-{number:02}.csv", content=b"time,sst\n2025-01-01,12.5\n", by=actor
        )
    values: dict[str, Any] = {
        "titles": [{"text": "Hourly sea surface temperature of four buoys", "lang": "en"}],
        "creators": [{"name": "Yamada, Hanako", "affiliations": [{"name": "Example University"}]}, {"name": "Sato, Ken"}],
        "descriptions": [{"text": "Temperatures of moored buoys, checked by hand. " * 12, "lang": "en"}],
        "subjects": [{"text": word} for word in ("sea surface temperature", "buoy", "Sagami Bay", "salinity")],
        "rights": [{"id": "CC-BY-4.0"}],
        "languages": ["en"],
        "dates": [{"date": "2025-07-01/2025-08-31", "type": "Coverage"}],
        "variables": [
            {"name": f"v{n}", "file": f"data/station-{n % 3:02}.csv", "type": "number", "unit": "degC", "minimum": n, "maximum": n + 9.5,
             "description": "temperature at depth", "missing": 3, "count": 1488}
            for n in range(VARIABLES)
        ],
    }  # fmt: skip
    for field, value in values.items():
        draft.refresh_from_db()
        services.edit_field(draft=draft, field=field, value=value, by=actor, at_version=draft.version)
    draft.refresh_from_db()
    return str(services.publish(draft=draft, by=actor, at_version=draft.version).pk)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "shirushi.web.settings_test"
    import django

    django.setup()
    migrate()
    found = measure(make_record())
    for name, value in found.items():
        print(f"{name:10} {value:6.2f} ms of CPU   {value / found['smallest']:5.2f} x")
    rates = requests_a_second()
    for name, value in rates.items():
        print(f"{name:10} {value:6.0f} requests/s  {rates['smallest'] / value:5.2f} x")
    for name, what in (("JSON", "record JSON"), ("again", "landing page")):
        rows.tell(f"{what} / smallest view, CPU", found[name] / found["smallest"], BARS[name])
        rows.tell(f"{what} / smallest view, time a request", rates["smallest"] / rates[name], BARS[name])


if __name__ == "__main__":
    main()

"""How much CPU a record's landing page costs, beside the smallest view under the same middleware in the same process.

usage: python bench/record_page.py            (in the environment of the tests; makes its own record and database)

Prints milliseconds of CPU for each request, server side only: the WSGI application is called directly, its answer read to the end.
``first`` draws a page that nobody has asked for yet; ``again`` is every later reader. The ratio to the smallest view is what
may be compared between machines.
"""

import io
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

WARM, ROUNDS, REQUESTS = 20, 7, 40
VARIABLES, FILES = 12, 10


def get(application: Callable[..., Any], path: str) -> bytes:
    """One GET of a reader who is not signed in. Raises RuntimeError for anything but 200."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost", "HTTP_ACCEPT": "text/html",
        "HTTP_ACCEPT_LANGUAGE": "ja,en;q=0.5", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
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


def cpu(work: Callable[[], object]) -> float:
    """Milliseconds of CPU for one call: the median of several rounds, so that one disturbed round does not count."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(REQUESTS):
            work()
        rounds.append((time.process_time() - start) / REQUESTS * 1000)
    return statistics.median(rounds)


def measure(record_id: str) -> dict[str, float]:
    """Milliseconds of CPU: ``smallest`` view, record page ``first`` and ``again``."""
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    from shirushi.systems.repository import landing
    from shirushi.web import urls

    def smallest(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok")

    if not any(getattr(route, "name", None) == "bench-smallest" for route in urls.urlpatterns):
        urls.urlpatterns.insert(0, path("bench/smallest", smallest, name="bench-smallest"))
    application = get_wsgi_application()
    page = f"/records/{record_id}"

    def first() -> None:
        landing.forget()
        get(application, page)

    for _ in range(WARM):
        get(application, page)
        get(application, "/bench/smallest")
    return {
        "smallest": cpu(lambda: get(application, "/bench/smallest")),
        "first": cpu(first),
        "again": cpu(lambda: get(application, page)),
    }


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
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    found = measure(make_record())
    for name, value in found.items():
        print(f"{name:10} {value:6.2f} ms   {value / found['smallest']:5.2f} x")


if __name__ == "__main__":
    main()

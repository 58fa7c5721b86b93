"""One record of 100,000 files: putting them in, publishing, and what everything that is asked of it then costs.

usage: python bench/many_files.py [--files 100000] [--home FOLDER]     (in the environment of the tests)

The WSGI application is called directly and its answer read to the end, in the process that published. ``first`` is the first reader
after a start, who meets nothing in memory; ``then`` the median of later ones. The bar is 300 ms for everything that a reader asks
for. The files are made in a folder of their own, which is removed.

Each export is asked for by a process of its own, so that the memory that it needs is seen: once when nothing was kept of it, which may
take its time, and again.
"""

import argparse
import io
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import rows

BAR = 300.0  # milliseconds
TOGETHER = 500  # files put at once, as the command line does it
LATER = 5
MIB = 1024**2


class Asked:
    """What was asked for, how long it took, and whether it kept below the bar."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def line(self, name: str, first: float, then: float | None = None, note: str = "") -> None:
        worst = max(first, then or 0)
        over = worst > BAR
        rows.tell(f"100,000 files: {name}", worst, BAR, "ms")
        if over:
            self.missed.append(name)
        later = f"{then:8.1f}" if then is not None else " " * 8
        print(f"  {name:44} {first:8.1f} {later}   {'MISSED' if over else 'met'} {note}", flush=True)


def answer(
    application: Callable[..., Any],
    path: str,
    query: str = "",
    accept: str = "text/html",
    cookie: str = "",
    span: str = "",
) -> Iterator[bytes]:
    """The pieces of an answer. Raises RuntimeError for anything but 200."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost", "HTTP_ACCEPT": accept,
        "HTTP_COOKIE": cookie, "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0), "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
        **({"HTTP_RANGE": span} if span else {}),
    }  # fmt: skip
    found = application(environ, lambda status, _headers, _error=None: statuses.append(status))
    try:
        if not statuses[0].startswith("206" if span else "200"):
            raise RuntimeError(f"{path}?{query}: {statuses[0]} {b''.join(found)[:500]!r}")
        yield from found
    finally:
        found.close()


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


@contextmanager
def step(name: str) -> Iterator[None]:
    """Tells how long it took and what it needed."""
    before, started, used = peak(), time.perf_counter(), time.process_time()
    yield
    took, used = time.perf_counter() - started, time.process_time() - used
    print(f"  {name}: {took:.1f} s, CPU {used:.1f} s, at most {peak():.0f} MiB ({before:.0f} before)", flush=True)


def peak() -> float:
    """The most memory that this process has had, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage counts what the process that started this one had
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def make(folder: Path, files: int) -> dict[str, Path]:
    """Small files that all differ, a thousand in each folder, under names as instruments give them."""
    chance, made = random.Random(20261130), {}
    for number in range(files):
        name = f"plate-{number // 1000:03d}/{chance.choice(['DAPI', 'GFP', '明視野'])}_{number:06d}.txt"
        place = folder / f"{number}"
        place.write_text(f"{number},{chance.random()}\n")
        made[name] = place
    return made


def put(files: dict[str, Path]) -> tuple[Any, Any]:
    """A draft that holds them and can be published, with who owns it."""
    from shirushi.accounts.actors import person
    from shirushi.accounts.models import Membership, Role, Space, User
    from shirushi.core import services
    from shirushi.core.models import Draft

    space = Space.objects.create(slug="bench", name_en="Bench", name_ja="計測")
    user = User.objects.create_user("bench@example.org", "a long password", name="Bench")
    Membership.objects.create(space=space, user=user, role=Role.CURATOR)
    by = person(user)
    draft = services.create_draft(space=space, by=by, name="many")
    names = list(files)
    for start in range(0, len(names), TOGETHER):
        wrong = services.put_files(draft=draft, sources={n: files[n] for n in names[start : start + TOGETHER]}, by=by)
        assert not wrong, wrong
    metadata = {
        "titles": [{"text": "Many files"}],
        "creators": [{"name": "Yamada, Hanako"}],
        "descriptions": [{"text": "Every well of a hundred plates."}],
        "rights": [{"id": "CC0-1.0"}],
        "publisher": {"name": "Bench"},
        "resource_type": {"general": "Dataset"},
    }
    Draft.objects.filter(pk=draft.pk).update(metadata=metadata)
    draft.refresh_from_db()
    return draft, by


def ask(record: Any, draft: Any, cookie: str, asked: Asked) -> None:
    """What readers and depositors ask for."""
    from django.core.wsgi import get_wsgi_application

    from shirushi.core import home
    from shirushi.systems.repository import landing

    application = get_wsgi_application()
    files, page, api = record.files.order_by("path"), f"/records/{record.pk}", f"/api/records/{record.pk}"
    count = files.count()
    deep, middle = files[count - 150].path, files[count // 2].path
    part = middle.rpartition("_")[2]
    draft_page, draft_api = f"/drafts/{draft.pk}", f"/api/drafts/{draft.pk}"

    def forget() -> None:
        landing.forget()
        home._store.cache_clear()  # noqa: SLF001 - a new process has parsed no inventory

    def look(name: str, path: str, query: dict[str, Any] | None = None, *, own: bool = False) -> None:
        forget()
        accept = "application/json" if path.startswith("/api") else "text/html"
        words = (application, path, urlencode(query or {}), accept, cookie if own else "")
        first = timed(lambda: b"".join(answer(*words)))
        used = time.process_time()
        then = statistics.median(timed(lambda: b"".join(answer(*words))) for _ in range(LATER))
        asked.line(name, first, then, f"CPU {(time.process_time() - used) / LATER * 1000:.0f}")

    def begin(name: str, path: str, query: dict[str, Any] | None = None, *, own: bool = False) -> None:
        """What is sent while it is made: its first bytes are asked for within the bar, all of it is told."""
        forget()
        before, started, used = peak(), time.perf_counter(), time.process_time()
        pieces = answer(application, path, urlencode(query or {}), "*/*", cookie if own else "")
        size = len(next(pieces))
        first = (time.perf_counter() - started) * 1000
        size += sum(map(len, pieces))
        took, used = time.perf_counter() - started, time.process_time() - used
        told = f"all {took:.1f} s, CPU {used:.1f} s, {size / MIB:.0f} MiB, {peak() - before:.0f} MiB of memory more"
        asked.line(name, first, note=told)

    b"".join(answer(application, "/sign-in"))  # templates and translations are loaded
    print(f"  {'milliseconds':44} {'first':>8} {'then':>8}   bar {BAR:.0f}")
    look("record's page", page)
    look("record in REST", api)
    look("files page", f"{page}/files")
    look("files page, the last", f"{page}/files", {"after": deep})
    look("files page, a part of one name", f"{page}/files", {"q": part})
    look("files page, a part of a third of all names", f"{page}/files", {"q": "dapi"})
    look("files page, a part of no name", f"{page}/files", {"q": "nowhere"})
    look("files in REST", f"{api}/files")
    look("files in REST, the last", f"{api}/files", {"after": deep})
    look("files in REST, by offset, the last", f"{api}/files", {"offset": count - 100})
    look("files in REST, of one folder", f"{api}/files", {"prefix": middle.partition("/")[0] + "/"})
    look("one file", f"{page}/files/{middle}")
    look("draft's files page", f"{draft_page}/files", own=True)
    look("draft's page", draft_page, own=True)
    look("draft's files in REST", f"{draft_api}/files", own=True)
    look("draft in REST", draft_api, own=True)
    look("draft's page of publishing", f"{draft_page}/publish", own=True)
    look("own drafts, for InvenioRDM's clients", "/invenio/api/user/records", own=True)
    begin("all files, for InvenioRDM's clients", f"/invenio/api/records/{record.pk}/files")
    doi = record.identifiers.get().value
    begin("all files, by DOI as from a Dataverse", "/api/datasets/:persistentId", {"persistentId": f"doi:{doi}"})
    forget()
    pack(application, f"{page}/files.zip", record, asked)


def exports(folder: Path, record_id: str, asked: Asked) -> None:
    """Every format that can be made of the record, each in a new process."""
    from shirushi.exchange.formats import FORMATS

    print(f"  {'milliseconds to the first bytes':44} {'made':>8} {'kept':>8}", flush=True)
    for name in FORMATS:
        words = [sys.executable, __file__, "--folder", str(folder), "--record", record_id, "--export", name]
        made, kept, told = subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE).stdout.split(";")
        rows.tell(f"100,000 files: export as {name}, kept", float(kept), BAR, "ms")
        over = float(kept) > BAR
        if over:
            asked.missed.append(f"export as {name}")
        print(
            f"  {'export as ' + name:44} {float(made):8.1f} {float(kept):8.1f}   {'MISSED' if over else 'met'} made: {told.strip()}",
            flush=True,
        )


def export(record_id: str, name: str) -> None:
    """Milliseconds to the first bytes when made and when kept, and what making took."""
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    b"".join(answer(application, f"/api/records/{record_id}", "format=json", "*/*"))  # the modules are loaded

    def first() -> tuple[float, float]:
        started = time.perf_counter()
        pieces = answer(application, f"/api/records/{record_id}", f"format={name}", "*/*")
        size = len(next(pieces))
        took = (time.perf_counter() - started) * 1000
        return took, (size + sum(map(len, pieces))) / MIB

    before, started, used = peak(), time.perf_counter(), time.process_time()
    made, size = first()
    whole, used, more = time.perf_counter() - started, time.process_time() - used, peak() - before
    kept = statistics.median(first()[0] for _ in range(LATER))
    print(f"{made};{kept};all {whole:.1f} s, CPU {used:.1f} s, {size:.0f} MiB, {more:.0f} MiB of memory more")


def pack(application: Callable[..., Any], path: str, record: Any, asked: Asked) -> None:
    before, started = peak(), time.perf_counter()
    pieces = answer(application, path)
    with tempfile.TemporaryFile() as file:
        file.write(next(pieces))
        asked.line("ZIP, to its first bytes", (time.perf_counter() - started) * 1000)
        used = time.process_time()
        for piece in pieces:
            file.write(piece)
        took, used = time.perf_counter() - started, time.process_time() - used
        whole = file.seek(0, 2)
        with zipfile.ZipFile(file) as opened:
            assert len(opened.infolist()) == record.files.count()
            opened.open(opened.infolist()[-1]).read()
        print(
            f"  ZIP, all of it: {took:.1f} s, CPU {used:.1f} s, {whole / MIB:.0f} MiB, "
            f"{peak() - before:.0f} MiB of memory more",
            flush=True,
        )
        rest = f"bytes={whole * 9 // 10}-"
        started = time.perf_counter()
        pieces = answer(application, path, span=rest)
        size = len(next(pieces))
        asked.line("ZIP, its last tenth, to its first bytes", (time.perf_counter() - started) * 1000)
        assert size + sum(map(len, pieces)) == whole - whole * 9 // 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--home", help="a folder on the disk to be measured")
    parser.add_argument(
        "--folder", help=argparse.SUPPRESS
    )  # the three: how it asks for one export, in a process of its own
    parser.add_argument("--record", help=argparse.SUPPRESS)
    parser.add_argument("--export", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "shirushi.web.settings_test"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    folder = Path(arguments.folder or tempfile.mkdtemp(prefix="shirushi-many-", dir=arguments.home))
    settings.SHIRUSHI_HOME = folder / "home"
    settings.TASKS["default"]["BACKEND"] = "django_tasks_db.DatabaseBackend"
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = str(folder / "shirushi.sqlite3")
    settings.ALLOWED_HOSTS = ["*"]
    settings.LANGUAGE_CODE = "en"
    if arguments.export:
        export(arguments.record, arguments.export)
        return 0
    try:
        from shirushi.core import setup

        call_command("migrate", verbosity=0)
        setup.prepare()
        (folder / "in").mkdir()
        files = make(folder / "in", arguments.files)
        with step("put into a draft"):
            draft, by = put(files)
        from shirushi.accounts.models import User
        from shirushi.core import followers, services

        browser = Client()
        browser.force_login(User.objects.get())
        cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
        with step("published"):
            record = services.publish(draft=draft, by=by, at_version=draft.version)
        with step("indexed"):
            followers.follow_all()
        with step("new version begun"):
            following = services.new_version(record=record, by=by)
        asked = Asked()
        ask(record, following, cookie, asked)
        exports(folder, record.pk, asked)
        services.put_file(draft=following, path=next(iter(files)), content=b"another", by=by)
        with step("new version published, one file changed"):
            services.publish(draft=following, by=by, at_version=following.version)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if asked.missed:
        print(f"over the bar of {BAR:.0f} ms: {', '.join(asked.missed)}")
    return 1 if asked.missed else 0


if __name__ == "__main__":
    sys.exit(main())

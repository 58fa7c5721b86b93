"""``shirushi scrub``, ``backup`` and ``restore``: bytes read against their digests, copied, and put back."""

import argparse
import json
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from shirushi.cli import CommandError
from shirushi.cli.records import spoken

if TYPE_CHECKING:
    from shirushi.core.models import ScrubRun


@spoken
def scrub(arguments: argparse.Namespace) -> int:
    """Go on with the reading under way, or begin one; exit 1 when something was wrong, 2 when it was not finished."""
    from django.conf import settings

    from shirushi.core import scrubbing

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    rate = settings.SHIRUSHI_SCRUB_RATE if arguments.rate is None else arguments.rate
    shown = sys.stderr.isatty() and not arguments.json

    def tell(run: "ScrubRun") -> None:
        if shown:
            print(f"\r{words(run)}", end="", file=sys.stderr)

    run = scrubbing.go_on(rate=rate, wait=stop.wait, tell=tell)
    if run is None:
        print("another process is reading just now", file=sys.stderr)
        return 2
    if shown:
        print(file=sys.stderr)
    if arguments.json:
        print(json.dumps(to_json(run), ensure_ascii=False, indent=1))
    else:
        for found in run.findings:
            print(f"error: {found['code']} {found['place']}: {found['message']} ({found['seen']})")
        print(words(run))
    return 2 if run.finished_at is None else 1 if run.findings else 0


def words(run: "ScrubRun | None") -> str:
    """One line about a reading."""
    if run is None:
        return "scrub: never"
    state = (
        f"finished {run.finished_at:%Y-%m-%d %H:%M} UTC"
        if run.finished_at
        else f"under way, at {run.place or 'the start'}"
    )
    return f"scrub: {state}; {run.things} things, {run.size:,} bytes read, {len(run.findings)} findings"


def to_json(run: "ScrubRun | None") -> dict[str, object] | None:
    if run is None:
        return None
    return {
        "started": run.started_at.isoformat(),
        "finished": run.finished_at and run.finished_at.isoformat(),
        "things": run.things,
        "bytes": run.size,
        "findings": run.findings,
    }


@partial(spoken, even_if_old=lambda _: True)
def backup(arguments: argparse.Namespace) -> int:
    """Take a copy of the installation while it is at work."""
    from shirushi.core.backup import backup as take

    copied = take(Path(arguments.file).absolute(), tell=_count)
    if arguments.json:
        told = {"files": copied.files, "bytes": copied.size, "missing": copied.missing, "file": arguments.file}
        told["elsewhere"] = copied.elsewhere or None
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        print(f"{arguments.file}: {copied.files:,} files, {copied.size:,} bytes")
        if copied.elsewhere:
            print(
                f"NOT in it: the bytes of drafts and records. They stay in {copied.elsewhere}: copy that bucket too, after this."
            )
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Put a copy back, bring in what the store holds beyond the database, and check all of it. Exit 1 when something is wrong."""
    from shirushi.cli.instance import database_in_words, home_path, migrate, open_instance, set_up

    set_up()
    from django.db import connection

    if connection.vendor != "sqlite":
        with database_in_words():
            migrate()
    from shirushi.core.backup import BackupError
    from shirushi.core.backup import restore as put_back

    try:
        told = put_back(Path(arguments.file), into=home_path().absolute(), tell=_count)
    except BackupError as error:
        raise CommandError(str(error)) from error
    open_instance(even_if_old=True)
    from shirushi.core import rebuilding, setup
    from shirushi.core.check import check, is_sound

    found = rebuilding.rebuild()
    setup.prepare()
    findings = check()
    sound = is_sound(findings) and not found.unreadable
    if arguments.json:
        summary = {"taken_at": told["taken_at"], "records": found.known + found.records, "sound": sound}
        print(json.dumps({**summary, "findings": [one.to_json() for one in findings]}, ensure_ascii=False, indent=1))
    else:
        for one in findings:
            print(f"{one.severity}: {one}")
        print(
            f"copy of {told['taken_at']}: {found.known + found.records:,} records; {'sound' if sound else 'NOT sound'}"
        )
    return 0 if sound else 1


def _count(number: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{number:,} files", end="", file=sys.stderr)

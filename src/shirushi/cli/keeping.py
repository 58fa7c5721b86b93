"""``shirushi scrub``: read every stored byte against its digest."""

import argparse
import json
import signal
import sys
import threading
from typing import TYPE_CHECKING

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

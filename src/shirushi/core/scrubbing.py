"""The background reading of every stored byte against its digest: once in SHIRUSHI_SCRUB_DAYS days, at no more than
SHIRUSHI_SCRUB_RATE bytes a second, going on where it ended.

What it finds stands in its row, in the log at once, and in ``shirushi check`` until it is put right.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from shirushi.core.home import blobs, locked, store
from shirushi.core.models import ScrubRun
from shirushi.core.values import JSON
from shirushi.storage.findings import Finding
from shirushi.storage.scrub import Looked, Pace, Position, Stopped, scrub, still_wrong

logger = logging.getLogger(__name__)

SAVE = 1.0  # seconds between two notes of where it is: so much is read again after a kill
MOST_KEPT = 1_000  # findings of one run; all are in the log


def last() -> ScrubRun | None:
    """The reading that is under way or was the last."""
    return ScrubRun.objects.last()


def is_due() -> bool:
    """Whether one has not come to its end, or the last began long enough ago. Never when the rate or the days are 0."""
    if not (settings.SHIRUSHI_SCRUB_RATE and settings.SHIRUSHI_SCRUB_DAYS):
        return False
    run = last()
    if run is None or run.finished_at is None:
        return True
    return run.started_at + timedelta(days=settings.SHIRUSHI_SCRUB_DAYS) <= timezone.now()


def go_on_if_due(stop: threading.Event) -> None:
    """What the worker does again and again: read on until it is through or told to stop."""
    if is_due():
        go_on(rate=settings.SHIRUSHI_SCRUB_RATE, wait=stop.wait)


def go_on(
    *, rate: float, wait: Callable[[float], bool], tell: Callable[[ScrubRun], None] = lambda _run: None
) -> ScrubRun | None:
    """Go on with the reading that has not come to its end, or begin one; None when another process is at it.

    ``wait(seconds)`` returns True when it is to stop; ``rate`` is in bytes a second, 0 for as fast as it goes.
    """
    with locked("scrub", wait=False) as free:
        if not free:
            return None
        run = ScrubRun.objects.filter(finished_at=None).last() or ScrubRun.objects.create()
        after = Position("objects" if run.stage == "objects" else "blobs", run.place, run.path)
        saved = time.monotonic()
        try:
            for looked in scrub(store(), blobs(), after=after, pace=Pace(rate, wait)):
                _note(run, looked)
                if looked.findings or time.monotonic() - saved >= SAVE:
                    _save(run)
                    tell(run)
                    saved = time.monotonic()
        except Stopped:
            _save(run)
            return run
        run.finished_at = timezone.now()
        _save(run)
        logger.info("scrub: %d things of %d bytes read, %d findings", run.things, run.size, len(run.findings))
        return run


def open_findings() -> Iterator[tuple[ScrubRun, JSON]]:
    """What the last reading found and is still so: each is looked at again."""
    run = last()
    for found in run.findings if run else ():
        position = Position(found["stage"], found["at"], found["path"])
        if still_wrong(store(), blobs(), position):
            yield run, found


def _note(run: ScrubRun, looked: Looked) -> None:
    where = looked.position
    run.stage, run.place, run.path = where.stage, where.place, where.path
    run.things += 1
    run.size += looked.size
    for finding in looked.findings:
        logger.error("scrub: %s %s: %s", finding.code, finding.place, finding.message)
        if len(run.findings) < MOST_KEPT:
            run.findings.append(_to_json(where, finding))


def _to_json(where: Position, finding: Finding) -> dict[str, JSON]:
    return {
        "stage": where.stage,
        "at": where.place,
        "path": where.path,
        "code": finding.code,
        "place": finding.place,
        "message": finding.message,
        "seen": timezone.now().isoformat(timespec="seconds"),
    }


def _save(run: ScrubRun) -> None:
    run.heartbeat = timezone.now()
    run.save()

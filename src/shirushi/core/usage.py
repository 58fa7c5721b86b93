"""How often records are looked at and their files fetched, by the Code of Practice for Research Data 1.0.1 (COUNTER, Make Data Count).

A view adds a line to a file of its hour and goes on (:func:`note`): no lock, no database, and what cannot be written is not counted. An
hour that is over is counted once (:func:`count_hours`): since a session of the Code is one user in one hour, an hour has all that it
takes to tell double clicks and what is unique. The sums of a day stay, in :class:`~shirushi.core.models.Series`; the lines are deleted.

Nobody's address is written anywhere: a user of an hour is a digest, keyed with a secret of the day that is thrown away with it.
"""

import hashlib
import json
import logging
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from django.db import transaction
from django.utils import timezone
from pydantic_core import to_json

from shirushi.core import crashpoints
from shirushi.core.home import home, locked
from shirushi.core.models import Series, UsageHour

logger = logging.getLogger(__name__)

Kind = Literal["investigation", "request"]
METRICS = ("total-investigations", "unique-investigations", "total-requests", "unique-requests", "request-bytes")
METHODS = ("regular", "machine")
NAMES = tuple(f"usage.{metric}.{method}" for metric in METRICS for method in METHODS)
DOUBLE_CLICK = 30  # seconds between two visits of the same thing by the same user that count as one
GRACE = timedelta(minutes=2)  # after its hour, until which a line may still come
REMEMBERED = timedelta(days=7)  # that an hour was counted, longer than its file can come back
_LONGEST = 64  # characters of what names a thing in a line


@dataclass(frozen=True, slots=True)
class Visit:
    """One line. ``thing`` tells what was visited apart from others of the record; ``part`` is a piece of a file (a range): however
    many of one file a session fetches, they are one request. ``size`` is in bytes, ``at`` in seconds since 1970 (UTC)."""

    at: float
    record: str
    concept: str
    kind: Kind
    thing: str
    session: str
    machine: bool
    size: int = 0
    part: bool = False


def folder() -> Path:
    return home().root / "usage"


# -- noting


@dataclass(frozen=True, slots=True)
class _Hour:
    """Where the visits of an hour go, and what its users are told apart by; made once, since every view asks for it. ``number`` counts
    hours since 1970 (UTC), ``root`` is the home, ``path`` the hour's file, ``key`` the day's secret, ``clock`` the hour of the day."""

    number: int
    root: Path
    path: Path
    key: bytes
    clock: str


_hour: _Hour | None = None


def note(
    *, record: str, concept: str, kind: Kind, thing: str, who: str, machine: bool, size: int = 0, part: bool = False
) -> None:
    """Keep that somebody visited something of a record. ``who`` is what tells users apart and is not kept. Never raises: a page must
    not fail because it is counted."""
    try:
        at = time.time()
        hour = _hour_at(at)
        named = hashlib.sha256(thing.encode(errors="replace")).hexdigest()[:_LONGEST]
        visit = Visit(at, record, concept, kind, named, _session(who, hour), machine, size, part)
        # It begins with an end of line: whatever a killed process left unfinished spoils no other line.
        _append(hour.path, b"\n" + to_json(visit) + b"\n")
    except Exception:
        logger.warning("a visit to %s could not be noted", record, exc_info=True)


def _append(path: Path, line: bytes) -> None:
    """One write at the end of the file, which the system does not mix with others'."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, flags, 0o600)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def _hour_of(name: str) -> datetime:
    return datetime.strptime(name, "visits-%Y%m%dT%H.jsonl").replace(tzinfo=UTC)


def _hour_at(at: float) -> _Hour:
    """``at``: seconds since 1970 (UTC). Raises OSError where the day's secret can be neither read nor made."""
    global _hour
    number, root, hour = int(at // 3600), home().root, _hour
    if hour is None or hour.number != number or hour.root != root:
        moment = datetime.fromtimestamp(at, UTC)
        key = _secret(folder() / f"secret-{moment:%Y%m%d}")
        hour = _hour = _Hour(number, root, folder() / f"visits-{moment:%Y%m%dT%H}.jsonl", key, f"{moment:%H}")
    return hour


def _session(who: str, hour: _Hour) -> str:
    """A user in an hour, by a key that only this day has."""
    return hashlib.blake2b(f"{hour.clock} {who}".encode(errors="replace"), key=hour.key, digest_size=12).hexdigest()


def _secret(path: Path) -> bytes:
    """The day's secret; whoever comes first makes it. It is put in place whole, so that nobody reads half of it."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mine = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        mine.write_bytes(secrets.token_bytes(32))
        mine.chmod(0o600)
        try:
            os.link(mine, path)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_bytes()


# -- counting


def count_hours(now: datetime | None = None) -> int:
    """Count every hour that is over and was not counted, oldest first; returns how many visits were counted. Safe at any time, in
    any number of processes, and after a kill at any place: an hour counts exactly once."""
    now = now or timezone.now()
    if not folder().is_dir():
        return 0
    with locked("usage", wait=False) as ours:
        if not ours:
            return 0
        counted = 0
        for path in sorted(folder().glob("visits-*.jsonl")):
            if _hour_of(path.name) + timedelta(hours=1) + GRACE <= now:
                counted += _count_hour(path)
        _forget(now)
        return counted


def _count_hour(path: Path) -> int:
    number = 0
    if not UsageHour.objects.filter(pk=path.name).exists():
        sums, number = _sums(_visits(path))
        with transaction.atomic():
            UsageHour.objects.create(name=path.name, visits=number)
            _add(sums)
        crashpoints.reach("usage: counted")
    path.unlink()
    return number


def _visits(path: Path) -> Iterator[Visit]:
    with path.open("rb") as lines:
        for line in lines:
            if line.strip():
                try:
                    yield Visit(**json.loads(line))
                except (ValueError, TypeError):
                    logger.warning("%s: a line that a killed process left unfinished", path.name)


Sums = Counter[tuple[str, str, date]]


def _sums(visits: Iterator[Visit]) -> tuple[Sums, int]:
    """What the visits of one hour come to, for each version and for all versions together. Memory grows with what is visited by how
    many, not with how often."""
    last: dict[tuple[str, str, str], float] = {}
    unique: set[tuple[str, str, str]] = set()
    sums: Sums = Counter()
    number = 0
    for visit in visits:
        number += 1
        day = timezone.localtime(datetime.fromtimestamp(visit.at, UTC)).date()
        method = "machine" if visit.machine else "regular"
        key = (visit.session, visit.record, f"{visit.kind} {visit.thing}")
        before = last.get(key)
        last[key] = visit.at
        again = before is not None and (visit.part or abs(visit.at - before) <= DOUBLE_CLICK)
        for subject in (visit.record, visit.concept):
            if visit.size and (visit.part or not again):
                sums[f"usage.request-bytes.{method}", subject, day] += visit.size
            if again:
                continue
            # Whoever fetches data has looked at the record as well: requests are investigations (section 3.3.4).
            for metric in ("investigations", "requests") if visit.kind == "request" else ("investigations",):
                sums[f"usage.total-{metric}.{method}", subject, day] += 1
                if (visit.session, subject, metric) not in unique:
                    unique.add((visit.session, subject, metric))
                    sums[f"usage.unique-{metric}.{method}", subject, day] += 1
    return sums, number


def _add(sums: Sums) -> None:
    """Only who holds the lock writes these rows, so that reading and writing them needs no other."""
    subjects = sorted({subject for _name, subject, _day in sums})
    for start in range(0, len(subjects), 200):
        chosen = set(subjects[start : start + 200])
        rows = Series.objects.filter(name__in=NAMES, subject__in=chosen, day__in={day for _n, _s, day in sums})
        known = {(row.name, row.subject, row.day): row for row in rows}
        new = []
        for key, value in sums.items():
            if key[1] in chosen and key in known:
                known[key].value += value
            elif key[1] in chosen:
                new.append(Series(name=key[0], subject=key[1], day=key[2], value=value))
        Series.objects.bulk_update([row for key, row in known.items() if key in sums], ["value"], batch_size=200)
        Series.objects.bulk_create(new, batch_size=200)


def _forget(now: datetime) -> None:
    """Secrets of days whose hours are all counted, and that hours were counted whose files cannot come back."""
    today = f"secret-{now.astimezone(UTC):%Y%m%d}"
    yesterday = f"secret-{now.astimezone(UTC) - timedelta(hours=2):%Y%m%d}"
    for path in folder().glob("secret-*"):
        if path.name[: len(today)] not in (today, yesterday):
            path.unlink(missing_ok=True)
    UsageHour.objects.filter(counted_at__lt=now - REMEMBERED).delete()

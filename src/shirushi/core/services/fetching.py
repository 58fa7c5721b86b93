"""Files fetched from the web into a draft, in the background. The rows are the queue: a worker's thread takes the oldest one of who
has the fewest under way; one whose worker died is begun again."""

import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Min
from django.utils import timezone

from shirushi import __version__
from shirushi.accounts.actors import SYSTEM, Actor, roles_of
from shirushi.core import rules
from shirushi.core.errors import DomainError, Invalid, TooMany
from shirushi.core.home import home, locked
from shirushi.core.locking import why_not
from shirushi.core.models import Draft, Fetch
from shirushi.core.paths import clean_path
from shirushi.core.services.drafts import put_file, too_large
from shirushi.metadata.fields import Text2
from shirushi.storage.remote import Allowed, Remote, RemoteError, checked, opened

MOST = 100  # that one person may have waiting
AT_ONCE = 2  # of one person under way, of jobs.FETCHERS in a worker: slow addresses of theirs leave room for others
MOST_ATTEMPTS = 3
BEAT = 0.5  # seconds between two notes of progress, and two looks whether it was cancelled
_WAITING = Fetch.objects.filter(state__in=[Fetch.State.QUEUED, Fetch.State.RUNNING])
KEPT = timedelta(days=30)  # how long one that is over is told of
_UNNAMED = "download"
_DIED = Text2(
    "Fetching ended unexpectedly three times. Try again, or ask the operator to look at the log.",
    "取得が三度、途中で終わりました。もう一度試すか、運用者にログを確かめてもらってください。",
)
_AGENT = f"shirushi/{__version__} (+{{}})"


class Cancelled(Exception):
    """Somebody said so while it was under way."""


def begin_fetch(*, draft: Draft, url: str, by: Actor, path: str = "") -> Fetch:
    """Have a file fetched into a draft. Without a ``path`` it is called as its server, or the end of its address, calls it.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more).
        Invalid: no address of the web, or a name that cannot be kept.
        TooMany: too much of this person's waits already.
    """
    rules.require(by, "fill-draft", draft)
    url = url.strip()
    try:
        checked(url)
    except RemoteError as error:
        raise Invalid(Text2(error.en, error.ja), code=error.code) from error
    path = clean_path(path) if path else ""
    if not Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN).exists():
        raise why_not(draft)
    waiting = Fetch.objects.filter(owner_id=by.user_id, state__in=[Fetch.State.QUEUED, Fetch.State.RUNNING]).count()
    if waiting >= MOST:
        raise TooMany(
            Text2(
                f"{MOST} of your files are waiting to be fetched. Let some of them come, or cancel some.",
                f"取得を待っているファイルが {MOST} 件あります。終わるのを待つか、取り消してください。",
            ),
            code="too-many-fetches",
        )
    return Fetch.objects.create(draft=draft, owner_id=by.user_id, actor=by.to_json(), url=url, path=path)


def cancel_fetch(*, fetch: Fetch, by: Actor) -> Fetch:
    """Stop fetching. What is in the draft already stays there; cancelling twice changes nothing.

    Raises:
        NotAllowed: ``by`` may not change the draft.
    """
    rules.require(by, "fill-draft", fetch.draft)
    under_way = Fetch.objects.filter(pk=fetch.pk, state__in=[Fetch.State.QUEUED, Fetch.State.RUNNING])
    under_way.update(state=Fetch.State.CANCELLED, finished_at=timezone.now())
    fetch.refresh_from_db()
    return fetch


def fetch_next() -> bool:
    """Carry out the next fetch that nobody is at. Returns whether there was one."""
    if not _WAITING.exists():
        return False
    with ExitStack() as held:
        with locked("fetch-next"):  # so that two threads do not count the same
            pk = _take_next(held)
        if pk is None:
            return False
        carry_out(pk)
        (home().locks / f"fetch-{pk}").unlink(missing_ok=True)  # over: whoever comes now finds nothing to do
    return True


def _take_next(held: ExitStack) -> str | None:
    """Lock the fetch whose turn it is, and say that it is under way: what a dead worker was at, else the oldest one of who has the
    fewest under way. At most :data:`AT_ONCE` are one person's."""
    under_way: Counter[int | None] = Counter()
    left: list[tuple[str, int | None]] = []
    for pk, owner in Fetch.objects.filter(state=Fetch.State.RUNNING).order_by("pk").values_list("pk", "owner_id"):
        with locked(f"fetch-{pk}", wait=False) as free:
            if free:
                left.append((pk, owner))
            else:
                under_way[owner] += 1
    queued = Fetch.objects.filter(state=Fetch.State.QUEUED).order_by()
    first = [(pk, owner) for owner, pk in queued.values_list("owner_id").annotate(first=Min("pk"))]
    for pk, owner in [*left, *sorted(first, key=lambda one: (under_way[one[1]], one[0]))]:
        if under_way[owner] < AT_ONCE and held.enter_context(locked(f"fetch-{pk}", wait=False)):
            Fetch.objects.filter(pk=pk, state=Fetch.State.QUEUED).update(state=Fetch.State.RUNNING)
            return pk
    return None


def forget_old() -> None:
    """Forget what was over long ago."""
    Fetch.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()


def carry_out(fetch_id: str) -> bool:
    """Fetch one file. The caller holds its lock, so that a fetch which is said to be running belongs to a dead worker. What goes
    wrong is written into the row, never raised. Returns whether there was something to do."""
    under_way = Fetch.objects.filter(pk=fetch_id, state__in=[Fetch.State.QUEUED, Fetch.State.RUNNING])
    begun = under_way.update(state=Fetch.State.RUNNING, attempts=F("attempts") + 1, done=0, heartbeat=timezone.now())
    if not begun:
        return False
    fetch = Fetch.objects.select_related("draft").get(pk=fetch_id)
    if fetch.attempts > MOST_ATTEMPTS:
        _fail(fetch, "died", _DIED)
        return True
    try:
        _carry_out(fetch)
    except Cancelled:
        pass
    except RemoteError as error:
        _fail(fetch, error.code, Text2(error.en, error.ja))
    except DomainError as error:
        _fail(fetch, error.code, error.message)
    return True


def _carry_out(fetch: Fetch) -> None:
    by = _actor(fetch)
    rules.require(by, "fill-draft", fetch.draft)
    most = settings.SHIRUSHI_MAX_FILE_SIZE
    allowed = Allowed.of(settings.SHIRUSHI_FETCH_ALLOW)
    agent = _AGENT.format(settings.SHIRUSHI_BASE_URL)
    with opened(fetch.url, seconds=settings.SHIRUSHI_FETCH_HOURS * 3600, allowed=allowed, agent=agent) as found:
        path = fetch.path or clean_path(found.name or _UNNAMED)
        if found.size is not None and found.size > most:
            raise too_large(path, most)
        _note(fetch, path=path, total=found.size)
        content = _Watched(found, fetch)
        file = put_file(draft=fetch.draft, path=path, content=content, by=by, size=found.size)
    ended = Fetch.objects.filter(pk=fetch.pk, state=Fetch.State.RUNNING)
    ended.update(
        state=Fetch.State.DONE, done=file.size, total=file.size, sha256=file.sha256, finished_at=timezone.now()
    )


class _Watched:
    """A stream that tells how far it has come, and ends when somebody cancelled it or its draft is closed."""

    def __init__(self, stream: Remote, fetch: Fetch) -> None:
        self._stream = stream
        self._fetch = fetch
        self._come = 0
        self._told = time.monotonic()

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._come += len(data)
        if not data or time.monotonic() - self._told > BEAT:
            self._told = time.monotonic()
            _note(self._fetch, done=self._come)
        return data


def _note(fetch: Fetch, **changes: object) -> None:
    running = Fetch.objects.filter(pk=fetch.pk, state=Fetch.State.RUNNING)
    if not running.update(heartbeat=timezone.now(), **changes):
        raise Cancelled


def _fail(fetch: Fetch, code: str, words: Text2) -> None:
    message = {"en": words.en, "ja": words.ja}
    Fetch.objects.filter(pk=fetch.pk, state=Fetch.State.RUNNING).update(
        state=Fetch.State.FAILED, code=code, message=message, finished_at=timezone.now()
    )


def _actor(fetch: Fetch) -> Actor:
    """Who asked for it, with what they may do today."""
    if fetch.owner_id is None:
        return SYSTEM
    actor = Actor(user_id=fetch.owner_id, roles=roles_of(fetch.owner_id))
    if agent := fetch.actor.get("agent"):
        return replace(actor, agent=agent, on_behalf_of=fetch.actor.get("on_behalf_of"))
    return actor

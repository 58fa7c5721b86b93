"""Background jobs: what runs in them, the worker that runs them, and taking up what a dead worker left.

A job is queued in the transaction of the change that asks for it, so neither exists without the other. A process that reads
a draft holds a lock of the operating system for as long as it lives, so that the death of one is known at once and for
certain; the heartbeat in the row tells people, and ``check``, that something hangs.
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker as TaskRunner
from django_tasks_db.models import DBTaskResult

from shirushi.core import crashpoints, deadlines, followers, ranking, recovery, scrubbing, services, usage
from shirushi.core.home import blobs, home, locked
from shirushi.core.models import DescribeRun, ExactProfile, Worker
from shirushi.core.values import JSON
from shirushi.describe import Description, describe
from shirushi.describe.cache import Cache
from shirushi.describe.progress import QUIET, Progress, Seen
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.metadata.fields import Text2

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
BEAT = 0.5  # seconds between two notes of progress
FILES_TOLD = 8  # the files read last, which a run tells about while it is under way
READING, ASKING = "default", "asking"  # queues: who waits for a language model must not keep others from being read
ROUND = 10  # seconds between two looks for what dead processes left
QUIET_START = 3  # seconds until a new worker makes derived files: who has just started has people waiting
SETTLED = 60  # seconds until a new worker begins to read what is stored again
TURN = 5  # seconds that counting goes on before it looks whether a reading waits
FETCHERS = 3  # files that one worker fetches from the web at the same time
STILL = timedelta(minutes=5)  # without a heartbeat for so long, something hangs
_AWAY = ("django.db.utils.OperationalError", "django.db.utils.InterfaceError")
_DIED = (
    "The reading ended unexpectedly three times. Remove the file it stopped at, or ask the operator to look at the log."
)
_DIED_JA = "読み取りが三度、途中で終わりました。止まったファイルを外すか、運用者にログを確かめてもらってください。"
_UNREAD = "The files could not be read ({}). Start the reading again."
_UNREAD_JA = "ファイルを読み取れませんでした（{}）。もう一度読み取ってください。"


@task()
def describe_draft(run_id: int) -> None:
    """The queued form of :func:`run_description`."""
    run_description(run_id)


def run_description(run_id: int, progress: Callable[[Progress], None] = QUIET) -> None:
    """Read a draft's files and keep what was found. Tells of its progress in the run's row, and ``progress``. When another process is at it already, wait for it to finish.

    An error fails the run with a message and is raised again, so that the queue knows of it too.
    """
    with locked(f"run-{run_id}"):
        if not _claim(run_id):
            return
        run = DescribeRun.objects.select_related("draft").get(pk=run_id)
        crashpoints.reach("describe: claimed")
        try:
            reporter = _Reporter(run.pk)

            def tell(step: Progress) -> None:
                reporter(step)
                progress(step)

            description = _read(run, tell)
            crashpoints.reach("describe: read")
            services.save_description(run=run, description=description, excerpts=_excerpts(description))
        except (OperationalError, InterfaceError):
            raise  # the database is away, which is no fault of the files: taken up again when it is back
        except Exception as error:
            _fail(run_id, _UNREAD.format(f"{type(error).__name__}: {error}"))
            raise


def _excerpts(description: Description) -> list[JSON]:
    """What a language model might be shown, where one is set up."""
    if settings.SHIRUSHI_LLM is None:
        return []
    from shirushi.describe.llm import make_excerpts

    return make_excerpts(EvidenceSet(description.evidence, description.name)).to_json()


@task(priority=-10)
def count_exactly(run_id: int) -> None:
    """The queued form of :func:`run_counting`; queued behind the readings that wait, and giving way to those that come."""
    if not run_counting(run_id):
        count_exactly.enqueue(run_id)


def run_counting(run_id: int) -> bool:
    """Count the large tables of a draft that has been read, and give their exact numbers to what nobody has decided. What was
    counted before is taken from the cache. Returns False when it gave way to a reading and has to go on later.

    An error ends it with a message, and is raised again; the numbers then stay those of the sample.
    """
    with locked(f"exact-{run_id}"):
        profile = services.counting.claim(run_id)
        if profile is None:
            return True
        try:
            description = _read(profile.run, _Counter(profile), exact=True)
            crashpoints.reach("exact: counted")
            services.counting.finish(profile=profile, description=description)
        except _GaveWay:
            services.counting.give_way(profile)
            return False
        except Exception as error:
            services.counting.fail(profile, f"{type(error).__name__}: {error}")
            raise
        return True


@task(priority=-10)
def find_formats(run_id: int) -> None:
    """Look up in PRONOM some files of a draft that has been read, while its owner decides already; the others in a job that
    queues behind the readings that wait meanwhile."""
    with locked(f"formats-{run_id}"):
        run = DescribeRun.objects.select_related("draft").get(pk=run_id)
        if services.formats.find_formats(run) >= services.formats.MOST:
            find_formats.enqueue(run_id)


@task(queue_name=ASKING)
def ask_language_model(call_id: int) -> None:
    """The queued form of :func:`shirushi.core.services.modelling.carry_out`, which mostly waits, for minutes at times."""
    with locked(f"model-call-{call_id}"):
        services.modelling.carry_out(call_id)


def requeue_dead() -> list[int]:
    """Queue again what dead workers left, and give up on what has killed its worker :data:`MOST_ATTEMPTS` times.

    Returns the ids of the runs that were touched. Safe at any time, in any number of processes.
    """
    for row in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING):
        if not _worker_lives(row.worker_ids):
            DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING).update(
                status=TaskResultStatus.READY, started_at=None
            )
    _try_again()
    _take_up_counting()
    return [run.pk for run in DescribeRun.objects.exclude(state__in=["done", "failed"]) if _take_up(run)]


def orphaned_runs() -> list[DescribeRun]:
    """Runs that nobody works on and nobody will: their process is dead, or their job is gone."""
    unfinished = DescribeRun.objects.exclude(state__in=["done", "failed"])
    return [run for run in unfinished if _is_orphaned(run)]


def work(stop: threading.Event, *, interval: float = BEAT) -> None:
    """Run jobs and follow events until ``stop`` is set; a job under way is finished first."""
    worker_id = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
    logging.getLogger("django_tasks_db").setLevel(logging.WARNING)  # it tells of every look into the empty queue
    beside = (
        threading.Thread(target=_keep_following, args=(stop, interval), name="followers"),
        threading.Thread(target=_keep_clearing_up, args=(stop,), name="recovery"),
        threading.Thread(target=_keep_scrubbing, args=(stop,), name="scrub"),
        threading.Thread(target=_keep_asking, args=(worker_id, stop, interval), name="asking"),
    )
    # These end with their process: a file may take hours, and what is half done is begun again by the next worker.
    long = [(_keep_unpacking, "unpacking"), (_keep_deriving, "deriving")]
    long += [(_keep_fetching, f"fetching-{n}") for n in range(FETCHERS)]
    let_go = [threading.Thread(target=keep, args=(stop, interval), name=name, daemon=True) for keep, name in long]
    with locked(f"worker-{worker_id}"):
        Worker.objects.create(id=worker_id)
        for thread in (*beside, *let_go):
            thread.start()
        try:
            _repeat(lambda: _work_once(worker_id), stop, interval)
        finally:
            stop.set()
            for thread in beside:
                thread.join()
            Worker.objects.filter(pk=worker_id).delete()


def run_jobs(worker_id: str = "once", *, most: int | None = None, queue: str = "*") -> None:
    """Run the jobs that are ready, at most ``most`` of them; those of one ``queue``, or of all."""
    TaskRunner(
        queue_names=[queue],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=most,
        worker_id=worker_id,
        excluded_queue_names=[],
    ).run()


# -- one run


def _claim(run_id: int) -> bool:
    """Whether the run is ours now. We hold its lock, so a run that is said to be running belongs to a dead process."""
    return bool(
        DescribeRun.objects.filter(pk=run_id, state__in=["queued", "running"]).update(
            state=DescribeRun.State.RUNNING,
            attempts=F("attempts") + 1,
            began_at=timezone.now(),
            heartbeat=timezone.now(),
            message="",
            seen={},
        )
    )


def _read(run: DescribeRun, tell: Callable[[Progress], None], *, exact: bool = False) -> Description:
    """Describe the draft's files, with ``exact`` those alone that the run has read."""
    asked = {file.path: file.sha256 for file in (services.counting.files_of(run) if exact else run.draft.files.all())}
    starter = run.started_by
    own = home().root / "vocabularies"
    context = Context(
        language=starter.language if starter else "en",
        today=timezone.localdate(),
        vocabularies=own if own.is_dir() else None,
        classifier=home().subjects,
    )
    name, model = run.draft.name or run.draft_id, ranking.current_model()
    with blobs().held(set(asked.values())) as paths, Cache(home().root / "cache") as cache:
        files = {path: paths[sha256] for path, sha256 in asked.items()}
        return describe(files, context=context, progress=tell, name=name, model=model, cache=cache, exact=exact)


class _Reporter:
    """Writes progress into the run's row, at most every :data:`BEAT` seconds: each write waits for the disk."""

    def __init__(self, run_id: int) -> None:
        self._run_id = run_id
        self._last = 0.0
        self._stage = ""
        self._facts = 0
        self._files: deque[dict[str, JSON]] = deque(maxlen=FILES_TOLD)

    def __call__(self, progress: Progress) -> None:
        if progress.seen is not None:
            self._note(progress.file, progress.seen)
        now = time.monotonic()
        if now - self._last < BEAT and progress.stage == self._stage:
            return
        self._last, self._stage = now, progress.stage
        changes = {"stage": progress.stage, "current_file": progress.file[:4096], "heartbeat": timezone.now()}
        if progress.total:
            changes |= {"done": progress.done, "total": progress.total}
        changes["seen"] = {"facts": self._facts, "files": list(self._files)}
        DescribeRun.objects.filter(pk=self._run_id).update(**changes)

    def _note(self, file: str, seen: Seen) -> None:
        self._facts += sum(seen.counts.values())
        self._files.appendleft(
            {"file": file[:1000], "format": seen.format, "counts": dict(seen.counts), "problem": seen.problem}
        )


def why_stopped(message: str) -> Text2:
    """The message of a run that failed, as it is kept in English, in both languages."""
    start, _, end = _UNREAD.partition("{}")
    if message.startswith(start) and message.endswith(end):
        return Text2(message, _UNREAD_JA.format(message[len(start) : -len(end)]))
    return Text2(message, _DIED_JA if message == _DIED else message)


class _GaveWay(Exception):
    """A reading waits, and has gone first."""


class _Counter:
    """Writes how many tables have been counted, and gives way to a reading that waits. What was counted is kept by then."""

    def __init__(self, profile: ExactProfile) -> None:
        self._profile = profile
        self._started: float | None = None
        self._told = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.stage != "counting":
            return
        self._started = now if self._started is None else self._started
        if now - self._told >= BEAT or progress.done == progress.total:
            self._told = now
            ExactProfile.objects.filter(pk=self._profile.pk).update(
                done=progress.done,
                total=progress.total,
                current_file=progress.file[:4096],
                heartbeat=timezone.now(),
            )
        waits = DescribeRun.objects.filter(state=DescribeRun.State.QUEUED)
        if now - self._started >= TURN and progress.done < progress.total and waits.exists():
            raise _GaveWay


def _fail(run_id: int, message: str) -> None:
    DescribeRun.objects.filter(pk=run_id).exclude(state=DescribeRun.State.DONE).update(
        state=DescribeRun.State.FAILED, message=message, finished_at=timezone.now()
    )


# -- what the dead left


def _is_orphaned(run: DescribeRun) -> bool:
    with locked(f"run-{run.pk}", wait=False) as free:
        if not free:
            return False
        run.refresh_from_db()
        if run.is_over:
            return False
        return run.state == DescribeRun.State.RUNNING or not _has_job(run.pk)


def _take_up(run: DescribeRun) -> bool:
    if not _is_orphaned(run):
        return False
    if run.attempts >= MOST_ATTEMPTS:
        _fail(run.pk, _DIED)
        return True
    with transaction.atomic():
        DescribeRun.objects.filter(pk=run.pk).update(state=DescribeRun.State.QUEUED, heartbeat=timezone.now())
        if not _has_job(run.pk):
            describe_draft.enqueue(run.pk)
    return True


def _try_again() -> None:
    """Queue again what failed because the database went away, not for a reason of its own."""
    for row in DBTaskResult.objects.filter(status=TaskResultStatus.FAILED, exception_class_path__in=_AWAY):
        if len(row.worker_ids) <= MOST_ATTEMPTS:
            DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.FAILED).update(
                status=TaskResultStatus.READY, started_at=None, finished_at=None
            )


def _let_go(worker_id: str, queue: str) -> None:
    """Queue again what this worker has taken from a queue and does not do: it is about to take the next one, so the database went
    away between taking the last one and doing it, or writing down how it ended."""
    for row in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, queue_name=queue):
        if row.worker_ids[-1:] == [worker_id]:
            DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING).update(
                status=TaskResultStatus.READY, started_at=None
            )


def _take_up_counting() -> None:
    """Queue again the counting that nobody works on and nobody will."""
    for profile in ExactProfile.objects.filter(state__in=["queued", "running"]):
        with locked(f"exact-{profile.run_id}", wait=False) as free, transaction.atomic():
            if free and not _has_job(profile.run_id, count_exactly.module_path):
                count_exactly.enqueue(profile.run_id)


def _has_job(run_id: int, task_path: str = describe_draft.module_path) -> bool:
    waiting = DBTaskResult.objects.filter(
        status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING], task_path=task_path
    )
    return any(row.args_kwargs["args"] == [run_id] for row in waiting)


def _worker_lives(worker_ids: list[str]) -> bool:
    if not worker_ids:
        return False
    with locked(f"worker-{worker_ids[-1]}", wait=False) as free:
        return not free


# -- the worker


def _work_once(worker_id: str) -> None:
    now = timezone.now()
    if not Worker.objects.filter(pk=worker_id, heartbeat__gt=now - timedelta(seconds=ROUND)).exists():
        Worker.objects.filter(pk=worker_id).update(heartbeat=now)
        requeue_dead()
    _let_go(worker_id, READING)
    run_jobs(worker_id, most=1, queue=READING)


def _keep_asking(worker_id: str, stop: threading.Event, interval: float) -> None:
    def ask_once() -> None:
        # Taking a job locks the database, looking whether there is one does not.
        if DBTaskResult.objects.ready().filter(queue_name=ASKING).exists():
            _let_go(worker_id, ASKING)
            run_jobs(worker_id, most=1, queue=ASKING)

    _repeat(ask_once, stop, interval)


def _keep_following(stop: threading.Event, interval: float) -> None:
    _repeat(followers.follow_all, stop, interval)


def _keep_fetching(stop: threading.Event, interval: float) -> None:
    def fetch() -> None:
        while not stop.is_set() and services.fetching.fetch_next():
            close_old_connections()

    _repeat(fetch, stop, interval)


def _keep_deriving(stop: threading.Event, interval: float) -> None:
    def make() -> None:
        while not stop.is_set() and services.deriving.derive_next():
            close_old_connections()

    if not stop.wait(QUIET_START):
        _repeat(make, stop, interval)


def _keep_unpacking(stop: threading.Event, interval: float) -> None:
    def unpack() -> None:
        while not stop.is_set() and services.unpacking.unpack_next():
            close_old_connections()

    _repeat(unpack, stop, interval)


def _keep_clearing_up(stop: threading.Event) -> None:
    """A process that died while others live is not waited for until somebody starts."""

    hourly = 0.0

    def clear_up() -> None:
        nonlocal hourly
        recovery.clear_up()
        recovery.reopen_drafts()
        services.uploading.expire_uploads()
        usage.count_hours()
        deadlines.keep_due()
        services.disposing.finish_all()
        if time.monotonic() > hourly:
            services.uploading.clear_uploads()
            services.fetching.forget_old()
            services.deriving.clear()
            services.unpacking.forget_old()
            hourly = time.monotonic() + 3600

    _repeat(clear_up, stop, ROUND)


def _keep_scrubbing(stop: threading.Event) -> None:
    """Not at once: who has just started has people waiting."""
    if not stop.wait(SETTLED):
        _repeat(lambda: scrubbing.go_on_if_due(stop), stop, ROUND)


def _repeat(action: Callable[[], None], stop: threading.Event, interval: float) -> None:
    """Do it again and again. An error is logged and the next round tries anew: a worker must outlive a bad minute."""
    while not stop.is_set():
        try:
            action()
        except Exception:
            logger.exception("a round of %s failed; trying again", getattr(action, "__name__", "work"))
            stop.wait(5)
        close_old_connections()
        stop.wait(interval)

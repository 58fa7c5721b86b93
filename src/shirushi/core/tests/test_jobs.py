"""Jobs: queued with their change, run once, taken up when their worker died, given up after three deaths."""

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from django.db import OperationalError, transaction
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from shirushi.core import jobs, services
from shirushi.core.home import locked
from shirushi.core.models import DescribeRun, Worker
from shirushi.describe import Description, Progress
from shirushi.describe.progress import Seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(draft, depositor) -> DescribeRun:
    return services.start_describing(draft=draft, by=depositor)


def die_holding(run: DescribeRun) -> None:
    """What a worker leaves behind that was killed while reading."""
    DescribeRun.objects.filter(pk=run.pk).update(state="running", attempts=1)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, worker_ids=["gone"])


def test_reading_is_queued_with_its_run(run) -> None:
    assert (run.state, DBTaskResult.objects.get().args_kwargs["args"]) == ("queued", [run.pk])


def test_reading_that_is_rolled_back_leaves_no_job(draft, depositor) -> None:
    with transaction.atomic():
        services.start_describing(draft=draft, by=depositor)
        transaction.set_rollback(True)
    assert (DescribeRun.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_reading_fills_the_draft_with_suggestions(run, draft, depositor) -> None:
    readme = b"# Sea surface temperature of Sagami Bay\n\nHourly temperatures of twelve buoys in Sagami Bay.\n"
    services.put_file(draft=draft, path="README.md", content=readme, by=depositor)
    jobs.run_description(run.pk)
    run.refresh_from_db()
    assert (run.state, run.message, run.done, run.total) == ("done", "", 2, 2)
    title = draft.suggestions.filter(field="titles").first()
    assert title.value["text"] == "Sea surface temperature of Sagami Bay"
    assert title.evidence[0]["place"]["file"] == "README.md"


def test_reading_tells_what_it_finds_while_it_is_under_way(run, monkeypatch) -> None:
    def reading(*_: object, progress: Callable[[Progress], None], **__: object) -> Description:
        for number in range(1, 21):
            progress(Progress("reading", number, 20, f"{number}.csv", Seen("CSV", {"column": 2, "table": 1})))
        progress(Progress("suggesting", 0, 0))
        return Description("buoys")

    monkeypatch.setattr(jobs, "describe", reading)
    jobs.run_description(run.pk)
    run.refresh_from_db()
    assert run.began_at is not None
    assert run.seen["facts"] == 60
    assert [item["file"] for item in run.seen["files"]] == [f"{n}.csv" for n in range(20, 20 - jobs.FILES_TOLD, -1)]


def test_reading_that_is_done_is_not_done_again(run) -> None:
    DescribeRun.objects.update(state="done")
    jobs.run_description(run.pk)
    run.refresh_from_db()
    assert run.attempts == 0


def test_error_fails_the_run_with_a_message(run, monkeypatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("disk on fire")

    monkeypatch.setattr(jobs, "describe", broken)
    with pytest.raises(OSError, match="fire"):
        jobs.run_description(run.pk)
    run.refresh_from_db()
    assert run.state == "failed"
    assert run.message == "The files could not be read (OSError: disk on fire). Start the reading again."
    assert jobs.why_stopped(run.message).en == run.message
    assert (
        jobs.why_stopped(run.message).ja
        == "ファイルを読み取れませんでした（OSError: disk on fire）。もう一度読み取ってください。"
    )


def test_reading_of_a_dead_worker_is_queued_again(run) -> None:
    die_holding(run)
    assert jobs.orphaned_runs() == [run]
    assert jobs.requeue_dead() == [run.pk]
    run.refresh_from_db()
    assert (run.state, DBTaskResult.objects.get().status) == ("queued", TaskResultStatus.READY)
    assert jobs.requeue_dead() == []


def test_reading_whose_job_is_lost_gets_a_new_one(run) -> None:
    DBTaskResult.objects.all().delete()
    assert jobs.requeue_dead() == [run.pk]
    assert DBTaskResult.objects.get().args_kwargs["args"] == [run.pk]


def test_reading_that_killed_three_workers_is_given_up(run) -> None:
    die_holding(run)
    DescribeRun.objects.update(attempts=jobs.MOST_ATTEMPTS)
    jobs.requeue_dead()
    run.refresh_from_db()
    assert run.state == "failed"
    assert run.message.startswith("The reading ended unexpectedly three times.")
    assert jobs.why_stopped(run.message).ja.startswith("読み取りが三度、途中で終わりました。")


def test_job_of_a_living_worker_is_left_alone(run, home) -> None:
    """Its locks are held by another process: a lock does not keep its own process out."""
    die_holding(run)
    code = (
        "import fcntl, sys\n"
        "held = [open(path, 'w') for path in sys.argv[1:]]\n"
        "[fcntl.flock(file, fcntl.LOCK_EX) for file in held]\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    paths = [str(home.locks / f"run-{run.pk}"), str(home.locks / "worker-gone")]
    other = subprocess.Popen(
        [sys.executable, "-c", code, *paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout.readline() == "held\n"
        assert (jobs.requeue_dead(), jobs.orphaned_runs()) == ([], [])
        assert DBTaskResult.objects.get().status == TaskResultStatus.RUNNING
    finally:
        other.communicate()
    assert jobs.requeue_dead() == [run.pk]


def test_reading_during_which_the_database_went_away_is_done_later(run, monkeypatch) -> None:
    def go_away(*_, **__):
        raise OperationalError("the connection is lost")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "describe", go_away)
        jobs.run_jobs()
    assert DBTaskResult.objects.get().status == TaskResultStatus.FAILED
    assert jobs.requeue_dead() in ([], [run.pk])
    jobs.run_jobs()
    run.refresh_from_db()
    assert (run.state, run.message) == ("done", "")


def test_job_that_was_taken_and_not_begun_is_let_go(run) -> None:
    """The worker lives, but the answer of the database to its taking the job was lost."""
    Worker.objects.create(id="here")
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, worker_ids=["here"])
    with locked("worker-here"):
        jobs._work_once("here")
    run.refresh_from_db()
    assert run.state == "done"


def test_lock_keeps_a_second_holder_out(home) -> None:
    with locked("x"), locked("x", wait=False) as second:
        assert second is False
    with locked("x", wait=False) as free:
        assert free is True


def test_ready_jobs_are_run(run) -> None:
    jobs.run_jobs()
    run.refresh_from_db()
    assert (run.state, DBTaskResult.objects.get().status) == ("done", TaskResultStatus.SUCCESSFUL)


@pytest.mark.django_db(transaction=True)
def test_worker_runs_jobs_follows_events_and_stops(draft, depositor) -> None:
    run = services.start_describing(draft=draft, by=depositor)
    stop = threading.Event()
    threading.Timer(60, stop.set).start()

    def stop_when_done() -> None:
        run.refresh_from_db()
        if run.is_over:
            stop.set()

    original = jobs.run_jobs

    def run_then_look(*arguments: object, **options: object) -> None:
        original(*arguments, **options)
        if options["queue"] == jobs.READING:
            stop_when_done()

    jobs.run_jobs = run_then_look
    try:
        jobs.work(stop, interval=0.05)
    finally:
        jobs.run_jobs = original
    assert run.state == "done"


@pytest.mark.django_db(transaction=True)
def test_reading_does_not_wait_for_a_language_model_that_is_slow(draft, depositor, monkeypatch) -> None:
    begun, answered, stop = threading.Event(), threading.Event(), threading.Event()
    monkeypatch.setattr(services.modelling, "carry_out", lambda _: (begun.set(), answered.wait(60)))
    jobs.ask_language_model.enqueue(1)  # before the reading, which would wait behind it in one queue
    run = services.start_describing(draft=draft, by=depositor)
    states = []
    original = jobs.run_jobs

    def run_then_look(*arguments: object, **options: object) -> None:
        if options["queue"] == jobs.READING and not begun.wait(60):
            return
        original(*arguments, **options)
        if options["queue"] != jobs.READING:
            return
        run.refresh_from_db()
        if run.is_over:
            states.append((run.state, answered.is_set()))
            answered.set()
            stop.set()

    monkeypatch.setattr(jobs, "run_jobs", run_then_look)
    threading.Timer(120, stop.set).start()
    jobs.work(stop, interval=0.05)
    assert states == [("done", False)]

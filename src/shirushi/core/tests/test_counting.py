"""The exact numbers of large tables: counted behind the reading, for what nobody has decided; taken up after a death."""

import pytest
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from shirushi.core import jobs, services
from shirushi.core.models import DescribeRun, Event, ExactProfile, Suggestion
from shirushi.describe.progress import Progress

pytestmark = pytest.mark.django_db

ROWS = 20_000  # long ones: a table is sampled from a size in bytes on, and what reading takes goes with its cells
LOWEST, HIGHEST = -77.5, 99.5


@pytest.fixture(scope="module")
def table() -> bytes:
    """A table above the size from which it is sampled; its extremes stand where no sample looks."""
    lines = ["day,depth_m,warmth_degC,sky"]
    for number in range(ROWS):
        warmth = {3_337: LOWEST, 6_671: HIGHEST}.get(number, 10 + number % 100 / 10)
        day = "1999-12-31" if number == 3_337 else f"2024-{1 + number % 12:02}-{1 + number % 28:02}"
        lines.append(f"{day},{number % 40},{warmth}," + "clear " * 15)
    return "\n".join(lines).encode()


@pytest.fixture
def run(draft, depositor, table) -> DescribeRun:
    """A reading that is done and has sampled a table; the counting waits."""
    services.put_file(draft=draft, path="big.csv", content=table, by=depositor)
    run = services.start_describing(draft=draft, by=depositor)
    jobs.run_description(run.pk)
    draft.refresh_from_db()
    run.refresh_from_db()
    return run


def variable(draft, name: str) -> Suggestion:
    return draft.suggestions.get(field="variables", value__name=name, value__file="big.csv")


def waiting():
    return DBTaskResult.objects.filter(task_path=jobs.count_exactly.module_path)


def test_counting_is_queued_behind_the_reading_of_a_sampled_table(run, draft) -> None:
    assert variable(draft, "warmth_degC").value["sampled"] is True
    assert (run.exact.state, waiting().get().args_kwargs["args"]) == ("queued", [run.pk])
    assert waiting().get().priority < 0


def test_nothing_is_counted_where_nothing_was_sampled(draft, depositor) -> None:
    run = services.start_describing(draft=draft, by=depositor)
    jobs.run_description(run.pk)
    assert not ExactProfile.objects.exists()
    assert not waiting().exists()


def test_undecided_variables_get_exact_numbers_and_stay_the_same_suggestions(run, draft) -> None:
    before = variable(draft, "warmth_degC")
    assert before.value["maximum"] < HIGHEST
    sampled = run.description_sha256
    jobs.run_counting(run.pk)
    after = variable(draft, "warmth_degC")
    assert after.pk == before.pk
    kept = {key: after.value.get(key) for key in ("minimum", "maximum", "count", "unit", "sampled")}
    assert kept == {"minimum": LOWEST, "maximum": HIGHEST, "count": ROWS, "unit": "degC", "sampled": False}
    exact = ExactProfile.objects.get()
    assert (exact.state, exact.done, exact.total) == ("done", 1, 1)
    assert exact.renewed >= 3
    run.refresh_from_db()
    assert run.description_sha256 != sampled
    assert Event.objects.filter(type="draft.counted").count() == 1


def test_period_that_rests_on_the_sample_gives_way_to_the_exact_one(run, draft) -> None:
    jobs.run_counting(run.pk)
    shown = [row.value["date"] for row in draft.suggestions.filter(field="dates", state="open")]
    assert [date for date in shown if date.startswith("1999-12-31/")]
    assert not [date for date in shown if date.startswith("2024-01-01/")]


def test_decided_variables_stay_as_they_are_and_are_not_proposed_again(run, draft, depositor) -> None:
    accepted, rejected = variable(draft, "warmth_degC"), variable(draft, "depth_m")
    services.decide(suggestion=accepted, action="accept", by=depositor, at_version=draft.version)
    draft.refresh_from_db()
    services.decide(suggestion=rejected, action="reject", by=depositor, at_version=draft.version)
    draft.refresh_from_db()
    held = draft.metadata["variables"]
    jobs.run_counting(run.pk)
    draft.refresh_from_db()
    assert draft.metadata["variables"] == held
    assert held[0]["sampled"] is True
    assert variable(draft, "warmth_degC").value == accepted.value
    assert variable(draft, "depth_m").state == "rejected"
    assert variable(draft, "day").value["minimum"] == "1999-12-31"


def test_dates_that_somebody_typed_stay(run, draft, depositor) -> None:
    typed = [{"type": "Collected", "date": "2024"}]
    services.edit_field(draft=draft, field="dates", value=typed, by=depositor, at_version=draft.version)
    before = list(draft.suggestions.filter(field="dates").values_list("pk", "state"))
    jobs.run_counting(run.pk)
    assert list(draft.suggestions.filter(field="dates").values_list("pk", "state")) == before


def test_counting_twice_changes_nothing(run, draft) -> None:
    jobs.run_counting(run.pk)
    before = list(draft.suggestions.values_list("pk", "value", "state"))
    assert jobs.run_counting(run.pk) is True
    assert list(draft.suggestions.values_list("pk", "value", "state")) == before
    assert Event.objects.filter(type="draft.counted").count() == 1


def test_later_reading_makes_it_outdated(run, draft, depositor) -> None:
    again = services.start_describing(draft=draft, by=depositor)
    jobs.run_description(again.pk)
    run.exact.refresh_from_db()
    assert (run.exact.state, again.exact.state) == ("outdated", "queued")
    jobs.run_counting(run.pk)
    assert variable_states(draft) == {True}


def variable_states(draft) -> set[bool]:
    open_ones = draft.suggestions.filter(field="variables", state="open", value__file="big.csv")
    return {bool(row.value.get("sampled")) for row in open_ones}


def test_published_draft_is_left_alone(run, draft, depositor, fill) -> None:
    fill(draft, depositor)
    record = services.publish(draft=draft, by=depositor, at_version=draft.version)
    jobs.run_counting(run.pk)
    run.exact.refresh_from_db()
    assert run.exact.state == "outdated"
    record.refresh_from_db()
    assert not Event.objects.filter(type="draft.counted").exists()


def test_replaced_table_is_not_counted_for_the_old_reading(run, draft, depositor, table) -> None:
    services.put_file(draft=draft, path="big.csv", content=table + b"\n2025-01-01,1,1", by=depositor)
    jobs.run_counting(run.pk)
    run.exact.refresh_from_db()
    assert (run.exact.state, run.exact.renewed) == ("done", 0)


def test_counting_of_a_dead_worker_is_taken_up_from_what_was_counted(run, monkeypatch) -> None:
    """The worker dies after the table was counted, before the numbers were written."""

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(services.counting, "finish", die)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_counting(run.pk)
    monkeypatch.undo()
    run.exact.refresh_from_db()
    assert (run.exact.state, run.exact.attempts) == ("running", 1)
    waiting().update(status=TaskResultStatus.RUNNING, worker_ids=["gone"])
    jobs.requeue_dead()
    assert waiting().get().status == TaskResultStatus.READY

    # no worker answers any more: all that was read and counted is known
    monkeypatch.setattr("shirushi.describe.isolate.Pool.map", lambda self, *_, **__: iter(()))
    jobs.run_counting(run.pk)
    run.exact.refresh_from_db()
    assert (run.exact.state, run.exact.done) == ("done", 1)


def test_counting_whose_job_is_lost_gets_a_new_one(run) -> None:
    waiting().delete()
    jobs.requeue_dead()
    assert waiting().get().args_kwargs["args"] == [run.pk]
    jobs.requeue_dead()
    assert waiting().count() == 1


def test_counting_that_killed_three_workers_is_given_up(run) -> None:
    ExactProfile.objects.update(state="running", attempts=services.counting.MOST_ATTEMPTS)
    jobs.run_counting(run.pk)
    run.exact.refresh_from_db()
    assert run.exact.state == "failed"
    assert run.exact.message.startswith("Counting ended unexpectedly three times.")


def test_error_leaves_the_sample_and_says_why(run, draft, monkeypatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("disk on fire")

    monkeypatch.setattr(jobs, "describe", broken)
    with pytest.raises(OSError, match="fire"):
        jobs.run_counting(run.pk)
    run.exact.refresh_from_db()
    assert (run.exact.state, run.exact.message) == ("failed", "OSError: disk on fire")
    assert variable_states(draft) == {True}


def test_it_gives_way_to_a_reading_that_waits_and_goes_on_later(run, draft, depositor, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "TURN", 0)
    waits = services.start_describing(draft=draft, by=depositor)
    assert jobs.run_counting(run.pk) is False
    run.exact.refresh_from_db()
    assert (run.exact.state, run.exact.attempts) == ("queued", 0)
    waits.delete()
    assert jobs.run_counting(run.pk) is True
    assert variable_states(draft) == {False}


def test_progress_is_told(run) -> None:
    counter = jobs._Counter(run.exact)
    counter(Progress("reading", 5, 6, "a.csv"))
    counter(Progress("counting", 0, 2))
    counter(Progress("counting", 2, 2, "b.csv"))
    run.exact.refresh_from_db()
    assert (run.exact.done, run.exact.total, run.exact.current_file) == (2, 2, "b.csv")

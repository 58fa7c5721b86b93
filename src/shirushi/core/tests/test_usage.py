"""Visits are counted once, by the rules of the Code of Practice for Research Data, and nobody's address is kept."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from shirushi.core import crashpoints, usage, usage_reports
from shirushi.core.models import Series, UsageHour

pytestmark = pytest.mark.django_db

TEN = datetime(2026, 11, 26, 10, 1, tzinfo=UTC)
AFTER = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def visit(monkeypatch):
    """Notes visits at a moment: minutes and seconds after 10:01 UTC."""

    def note(at: float = 0, *, kind="investigation", thing="page", who="a", machine=False, record="r1", **more) -> None:
        monkeypatch.setattr("time.time", lambda: (TEN + timedelta(seconds=at)).timestamp())
        usage.note(record=record, concept="c", kind=kind, thing=thing, who=who, machine=machine, **more)

    return note


def counted(subject: str = "r1") -> dict[str, int]:
    usage.count_hours(AFTER)
    return {
        name: value for name, value in usage_reports.totals([subject])[subject].items() if value and "." not in name
    }


@pytest.mark.parametrize(("apart", "views"), [(29, 1), (30, 1), (35, 2)])
def test_two_clicks_within_thirty_seconds_are_one(visit, apart, views):
    visit(0)
    visit(apart)
    assert counted() == {"total-investigations": views, "unique-investigations": 1}


def test_every_click_is_compared_with_the_one_before_it(visit):
    for at in (0, 20, 40, 100):
        visit(at)
    assert counted()["total-investigations"] == 2


def test_different_things_and_different_people_are_no_double_click(visit):
    visit(0)
    visit(1, thing="as datacite")
    visit(2, who="b")
    assert counted() == {"total-investigations": 3, "unique-investigations": 2}


def test_a_download_is_a_view_as_well_and_brings_its_bytes(visit):
    visit(0)
    visit(5, kind="request", thing="a.csv", size=100)
    visit(6, kind="request", thing="b.csv", size=50)
    visit(10, kind="request", thing="a.csv", size=100)  # a double click
    assert counted() == {
        "total-investigations": 3, "unique-investigations": 1, "total-requests": 2, "unique-requests": 1, "request-bytes": 150,
    }  # fmt: skip


def test_parts_of_a_file_are_one_request_however_long_they_take(visit):
    for at in (0, 100, 900):
        visit(at, kind="request", thing="a.csv", size=10, part=True)
    visit(1000, kind="request", thing="b.csv", size=5, part=True)
    assert (counted()["total-requests"], counted()["request-bytes"]) == (2, 35)


def test_an_hour_later_it_is_another_session(visit):
    visit(0)
    visit(3600)
    usage.count_hours(AFTER + timedelta(hours=1))
    assert counted() == {"total-investigations": 2, "unique-investigations": 2}


def test_all_versions_together_know_one_reader_of_two_as_one(visit):
    visit(0)
    visit(1, record="r2")
    assert counted("c") == {"total-investigations": 2, "unique-investigations": 1}
    assert counted("r2") == {"total-investigations": 1, "unique-investigations": 1}


def test_people_and_programs_are_told_apart(visit):
    visit(0)
    visit(0, who="b", machine=True)
    usage.count_hours(AFTER)
    totals = usage_reports.totals(["r1"])["r1"]
    assert (totals["total-investigations.regular"], totals["total-investigations.machine"]) == (1, 1)


def test_an_hour_that_is_not_over_waits(visit):
    visit(0)
    assert usage.count_hours(datetime(2026, 11, 26, 11, 1, 59, tzinfo=UTC)) == 0
    assert usage.count_hours(datetime(2026, 11, 26, 11, 2, tzinfo=UTC)) == 1
    assert list(usage.folder().glob("visits-*")) == []


def test_counting_that_dies_before_the_lines_are_gone_counts_them_once(visit, monkeypatch):
    visit(0)

    class Killed(BaseException):
        pass

    def die(name: str) -> None:
        if name == "usage: counted":
            raise Killed

    monkeypatch.setattr(crashpoints, "hook", die)
    with pytest.raises(Killed):
        usage.count_hours(AFTER)
    monkeypatch.setattr(crashpoints, "hook", None)
    assert list(usage.folder().glob("visits-*"))
    assert counted() == {"total-investigations": 1, "unique-investigations": 1}
    assert list(usage.folder().glob("visits-*")) == []


def test_a_line_that_was_never_finished_spoils_no_other(visit):
    visit(0)
    (path,) = usage.folder().glob("visits-*")
    with path.open("ab") as file:
        file.write(b'\n{"at": 17')
    visit(1, who="b")
    assert counted()["total-investigations"] == 2


def test_a_visit_that_cannot_be_written_fails_nothing(visit, home):
    usage.folder().write_text("in the way")
    visit(0)
    usage.folder().unlink()
    assert counted() == {}


def test_nobodys_address_is_kept_and_the_secret_of_a_day_goes_with_it(visit):
    visit(0, who="192.0.2.7 Firefox")
    kept = b"".join(path.read_bytes() for path in usage.folder().iterdir())
    assert b"192.0.2.7" not in kept
    assert b"Firefox" not in kept
    assert len(list(usage.folder().glob("secret-*"))) == 1
    usage.count_hours(TEN + timedelta(days=1, hours=3))
    assert list(usage.folder().iterdir()) == []
    assert not Series.objects.filter(subject__contains="192").exists()


def test_sessions_of_two_hours_cannot_be_put_together(visit):
    visit(0)
    visit(3600)
    lines = [
        json.loads(line) for path in usage.folder().glob("visits-*") for line in path.read_text().splitlines() if line
    ]
    assert len({line["session"] for line in lines}) == 2


def test_days_are_those_of_the_installation(visit, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    visit(5.5 * 3600 - 60)  # 15:30 UTC, 00:30 of the next day in Japan
    usage.count_hours(AFTER + timedelta(days=1))
    assert set(Series.objects.filter(subject="r1").values_list("day", flat=True)) == {date(2026, 11, 27)}


def test_months_without_visits_stand_between_those_with(visit):
    Series.objects.create(name="usage.total-requests.regular", subject="r1", day=date(2026, 1, 31), value=2)
    Series.objects.create(name="usage.total-requests.machine", subject="r1", day=date(2026, 3, 1), value=1)
    found = [(f"{one.begins:%Y-%m}", one.numbers.get("total-requests", 0)) for one in usage_reports.months("r1")]
    assert found == [("2026-01", 2), ("2026-02", 0), ("2026-03", 1)]
    assert [f"{one:%Y-%m}" for one in usage_reports.reported_months()] == ["2026-03", "2026-02", "2026-01"]


def test_what_was_counted_stays_when_the_log_is_followed_anew(visit):
    from shirushi.core import followers

    visit(0)
    before = counted()
    followers.rebuild("statistics")
    assert counted() == before
    assert UsageHour.objects.count() == 1

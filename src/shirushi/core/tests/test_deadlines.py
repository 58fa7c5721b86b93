"""The end of an embargo is told once, to the log and to harvesters, also when nothing was running on that day."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from shirushi.core import deadlines, followers, services
from shirushi.core.models import Deadline, Event, HarvestEntry, Record
from shirushi.metadata.work import Access

pytestmark = pytest.mark.django_db
DAY = date(2030, 4, 1)


@pytest.fixture
def embargoed(record: Record, depositor) -> Record:
    services.change_access(record=record, access=Access(rights="embargoed", until=DAY.isoformat()), by=depositor)
    followers.follow_all()
    HarvestEntry.objects.update(datestamp=datetime(2026, 1, 1, tzinfo=UTC))
    return record


def ends(record: Record) -> list[dict[str, object]]:
    return list(
        Event.objects.filter(type="record.embargo-ended", record_id=record.pk).values_list("payload", flat=True)
    )


def test_harvesters_see_the_files_open_from_the_day_on(embargoed: Record) -> None:
    assert deadlines.keep_due(date(2030, 3, 31)) == 0
    followers.follow_all()
    assert {entry.datestamp.year for entry in HarvestEntry.objects.all()} == {2026}
    before = timezone.now().replace(microsecond=0)
    assert [deadlines.keep_due(date(2030, 4, 5)) for _ in range(2)] == [1, 0]  # the process was down on the day itself
    followers.follow_all()
    assert all(entry.datestamp >= before for entry in HarvestEntry.objects.all())
    assert ends(embargoed) == [{"until": "2030-04-01", "object_version": 2}]


def test_following_the_log_anew_tells_nobody_twice(embargoed: Record) -> None:
    deadlines.keep_due(DAY)
    followers.rebuild("deadlines")
    assert deadlines.keep_due(DAY) == 0
    assert len(ends(embargoed)) == 1


def test_what_is_decided_anew_meanwhile_ends_on_its_own_day(embargoed: Record, depositor) -> None:
    services.change_access(record=embargoed, access=Access(rights="embargoed", until="2031-01-01"), by=depositor)
    assert deadlines.keep_due(DAY) == 0  # before the follower has heard of it
    followers.follow_all()
    assert Deadline.objects.get().day == date(2031, 1, 1)
    assert deadlines.keep_due(date(2031, 1, 1)) == 1


@pytest.mark.parametrize("rights", ["open", "restricted"])
def test_what_is_open_or_closed_for_good_has_no_day(embargoed: Record, depositor, rights) -> None:
    services.change_access(record=embargoed, access=Access(rights=rights), by=depositor)
    followers.follow_all()
    assert not Deadline.objects.exists()


def test_a_withdrawn_record_is_told_of_no_more(embargoed: Record, curator) -> None:
    services.withdraw(record=embargoed, reason="A test.", by=curator)
    followers.follow_all()
    assert deadlines.keep_due(DAY) == 0
    assert ends(embargoed) == []

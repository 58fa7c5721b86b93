"""Followers: each at its own position, repeatable, able to start again; a bad event holds up nobody and is never forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shirushi.core import followers, services
from shirushi.core.documents import FILES_SHOWN
from shirushi.core.followers import Following
from shirushi.core.home import engine
from shirushi.core.models import Event, FeedEntry, Follower, FollowerFailure, RecordFile, Series
from shirushi.search.query import Query

pytestmark = pytest.mark.django_db


def found(words: str) -> list[str]:
    return [hit.id for hit in engine().search(Query(text=words)).items]


def numbers() -> dict[tuple[str, str], int]:
    return {(row.name, row.subject): row.value for row in Series.objects.all()}


@pytest.fixture
def follower(monkeypatch):
    """A follower that notes what it sees and fails on chosen events."""
    seen: list[int] = []
    bad: set[int] = set()

    def apply(events) -> None:
        for event in events:
            if event.pk in bad:
                raise ValueError(f"cannot take {event.pk}")
        seen.extend(event.pk for event in events)

    both = {**followers.FOLLOWERS, "test": Following(apply, seen.clear, inside=True)}
    monkeypatch.setattr(followers, "FOLLOWERS", both)
    return seen, bad


def test_published_record_is_found_after_following(record) -> None:
    followers.follow("index")
    assert found("Sagami") == [record.pk]


def test_new_version_takes_the_place_of_the_old_one_in_the_index(record, depositor, renew) -> None:
    followers.follow("index")
    second = renew(record, depositor)
    followers.follow("index")
    assert found("Sagami") == [second.pk]


def test_withdrawn_record_is_no_longer_found(record, curator) -> None:
    followers.follow("index")
    services.withdraw(record=record, reason="Wrong.", by=curator)
    followers.follow("index")
    assert found("Sagami") == []


def test_version_before_a_withdrawn_one_is_found_again(record, depositor, curator, renew) -> None:
    second = renew(record, depositor)
    followers.follow("index")
    services.withdraw(record=second, reason="Wrong.", by=curator)
    followers.follow("index")
    assert found("Sagami") == [record.pk]


def test_index_that_is_gone_is_made_again(record, home) -> None:
    followers.follow("index")
    engine().clear()
    for path in home.index.iterdir():
        path.unlink()
    followers.follow("index")
    assert found("Sagami") == [record.pk]


def test_file_beyond_those_in_the_document_is_found_and_its_format_counted(record) -> None:
    files = [("mid/salinity.csv", "text/csv"), ("z/currents.nc", "application/x-netcdf")]
    more = [*((f"many/{n:03}.txt", "text/plain") for n in range(FILES_SHOWN)), *files]
    RecordFile.objects.bulk_create(
        [RecordFile(record=record, path=p, size=1, sha256="0" * 64, sha512="0" * 128, media_type=m) for p, m in more]
    )
    for bring_up in (followers.follow, followers.rebuild):
        bring_up("index")
        assert (found("salinity"), found("currents")) == ([record.pk], [record.pk])
        formats = {value.value for value in engine().search(Query(facets=["format"])).facets["format"]}
        assert {"nc", "txt"} <= formats


def test_rebuilt_index_holds_the_same(record) -> None:
    followers.follow("index")
    followers.rebuild("index")
    assert (found("Sagami"), engine().count()) == ([record.pk], 1)


def test_statistics_count_each_event_once(record) -> None:
    followers.follow("statistics")
    followers.follow("statistics")
    counted = numbers()
    assert (counted["records.published", ""], counted["records.published", "uni"]) == (1, 1)
    assert counted["decisions.accept", "creators.test"] == 3


def test_rebuilt_statistics_are_the_same(record) -> None:
    followers.follow("statistics")
    before = numbers()
    followers.rebuild("statistics")
    assert numbers() == before


def test_feed_tells_of_publishing_update_and_withdrawal(record, depositor, curator, renew) -> None:
    second = renew(record, depositor)
    services.withdraw(record=second, reason="Wrong.", by=curator)
    followers.follow("feeds")
    assert [(entry.kind, entry.record_id) for entry in FeedEntry.objects.all()] == [
        ("withdrawn", second.pk),
        ("updated", second.pk),
        ("published", record.pk),
    ]


def test_followers_have_positions_of_their_own(record) -> None:
    followers.follow("feeds")
    assert list(Follower.objects.values_list("name", "position")) == [("feeds", Event.objects.last().pk)]
    assert followers.behind("statistics") == Event.objects.count()


def test_events_come_once_and_in_order(record, follower) -> None:
    seen, _ = follower
    followers.follow("test")
    assert seen == list(Event.objects.values_list("pk", flat=True))
    assert followers.follow("test") == 0


def test_bad_event_is_passed_over_noted_and_tried_again(record, follower) -> None:
    seen, bad = follower
    everything = list(Event.objects.values_list("pk", flat=True))
    bad.add(everything[1])
    followers.follow("test")
    assert seen == [pk for pk in everything if pk not in bad]
    failure = FollowerFailure.objects.get()
    assert (failure.event_id, failure.attempts, failure.error) == (
        everything[1],
        1,
        f"ValueError: cannot take {everything[1]}",
    )
    bad.clear()
    followers.follow("test")
    assert everything[1] not in seen  # not due yet
    followers.retry_now("test")
    assert (seen[-1], FollowerFailure.objects.count()) == (everything[1], 0)


def test_event_that_fails_again_waits_longer(record, follower) -> None:
    _, bad = follower
    bad.add(Event.objects.first().pk)
    followers.follow("test")
    FollowerFailure.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    followers.follow("test")
    failure = FollowerFailure.objects.get()
    assert failure.attempts == 2
    assert failure.next_at > timezone.now() + timedelta(seconds=15)


def test_rebuild_forgets_failures_and_meets_them_again(record, follower) -> None:
    seen, bad = follower
    bad.add(Event.objects.first().pk)
    followers.follow("test")
    bad.clear()
    followers.rebuild("test")
    assert (len(seen), FollowerFailure.objects.count()) == (Event.objects.count(), 0)


def test_unknown_follower_is_an_error(db) -> None:
    with pytest.raises(KeyError):
        followers.follow("nobody")

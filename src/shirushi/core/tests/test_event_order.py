"""PostgreSQL: an event that is committed late is never passed over, and text is compared by code point."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from shirushi.accounts.actors import SYSTEM, Actor
from shirushi.core import collation, followers, services
from shirushi.core.append_only import create_triggers, drop_triggers
from shirushi.core.errors import Invalid
from shirushi.core.event_order import readable
from shirushi.core.events import emit
from shirushi.core.followers import Following
from shirushi.core.models import Concept, Draft, Event, Follower

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL: make test-postgres"),
]


class Other:
    """Another connection, which adds an event to its open transaction and commits, or does not, when it is told to."""

    def __init__(self, draft: Draft, *, keep: bool = True) -> None:
        self._added, self._go_on = threading.Event(), threading.Event()
        self.event = 0
        self._thread = threading.Thread(target=self._run, args=(draft, keep))
        self._thread.start()
        assert self._added.wait(20)

    def _run(self, draft: Draft, keep: bool) -> None:
        try:
            with transaction.atomic():
                self.event = emit("draft.shown", by=SYSTEM, draft=draft, payload={"late": True}).pk
                self._added.set()
                self._go_on.wait(20)
                transaction.set_rollback(not keep)
        finally:
            connection.close()

    def end(self) -> None:
        self._go_on.set()
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture
def other() -> Iterator[Callable[..., Other]]:
    started: list[Other] = []

    def start(draft: Draft, **how: bool) -> Other:
        started.append(Other(draft, **how))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture
def seen(monkeypatch) -> list[int]:
    """What a follower of all events has been given."""
    given: list[int] = []
    test = Following(lambda events: given.extend(event.pk for event in events), given.clear, inside=True)
    monkeypatch.setattr(followers, "FOLLOWERS", {"test": test})
    return given


def tell(draft: Draft) -> int:
    with transaction.atomic():
        return emit("draft.shown", by=SYSTEM, draft=draft, payload={}).pk


def test_event_committed_after_a_later_one_is_followed_in_its_place(draft, other, seen) -> None:
    followers.follow("test")
    seen.clear()
    late = other(draft)
    later = tell(draft)
    assert late.event < later
    followers.follow("test")
    assert seen == []
    assert Event.objects.get(pk=later)  # it is committed: only followers wait
    late.end()
    followers.follow("test")
    assert seen == [late.event, later]


def test_transaction_that_is_given_up_holds_up_nobody_for_good(draft, other, seen) -> None:
    followers.follow("test")
    seen.clear()
    given_up = other(draft, keep=False)
    later = tell(draft)
    given_up.end()
    followers.follow("test")
    assert (seen, Event.objects.filter(pk=given_up.event).exists()) == ([later], False)


def test_what_is_below_the_oldest_open_transaction_is_read_at_once(draft, other) -> None:
    before = tell(draft)
    first = other(draft)
    second = other(draft)
    second.end()
    assert [event.pk for event in readable(before - 1)] == [before]
    first.end()
    assert [event.pk for event in readable(before - 1)] == [before, first.event, second.event]


def test_own_events_are_read_within_their_transaction(draft) -> None:
    with transaction.atomic():
        own = tell(draft)
        assert [event.pk for event in readable(own - 1)] == [own]


def test_nothing_is_passed_over_while_many_write(draft, seen) -> None:
    def write() -> None:
        for _ in range(50):
            tell(draft)
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        followers.follow("test")
    followers.follow("test")
    assert seen == list(Event.objects.values_list("pk", flat=True))
    assert Follower.objects.get(name="test").position == seen[-1]


@pytest.mark.parametrize(
    "change", ["UPDATE core_event SET type = 'x'", "UPDATE core_decision SET field = 'x'", "DELETE FROM core_event"]
)
def test_rows_that_are_only_ever_added_are_refused_a_change(ready, change) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        drop_triggers(connection)  # what the tests do to those on DELETE (conftest.py) is undone for this one
        create_triggers(connection)
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            cursor.execute(change)
        drop_triggers(connection, operations=("DELETE",))


def test_text_is_compared_by_code_point(draft, depositor: Actor) -> None:
    for path in ("a/b.txt", "a-b.txt", "B.txt", "a0.txt", "Ā.txt"):
        services.put_file(draft=draft, path=path, content=path.encode(), by=depositor)
    paths = list(draft.files.values_list("path", flat=True))
    assert paths == sorted(paths)


def test_column_that_compares_by_language_is_told_otherwise() -> None:
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE core_draftfile ALTER COLUMN path TYPE varchar(4096) COLLATE "default"')
    collation.compare_by_code_point()
    with connection.cursor() as cursor:
        cursor.execute("SELECT collation_name, character_maximum_length FROM information_schema.columns "
                       "WHERE table_name = 'core_draftfile' AND column_name = 'path'")  # fmt: skip
        assert cursor.fetchone() == ("C", 4096)
        cursor.execute("SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND "
                       "data_type IN ('text', 'character varying') AND collation_name IS NULL AND table_name LIKE 'core_%%'")  # fmt: skip
        assert cursor.fetchone() == (0,)


def test_characters_that_jsonb_refuses_are_marked(draft) -> None:
    draft.metadata = {"titles": [{"text": "a\0b \ud800 \U0001f600 \\u0000"}]}
    draft.save()
    draft.refresh_from_db()
    assert draft.metadata == {"titles": [{"text": "a\ufffdb \ufffd \U0001f600 \\u0000"}]}


def test_two_who_ask_for_a_new_version_at_once_get_the_same_draft(record, depositor: Actor) -> None:
    found: list[str] = []
    together = threading.Barrier(4)

    def ask() -> None:
        together.wait(20)
        found.append(services.new_version(record=record, by=depositor).pk)
        connection.close()

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_two_who_put_a_file_and_a_folder_of_one_name_at_once(draft, depositor: Actor) -> None:
    """One of them is refused, whoever comes first."""
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def put(path: str) -> None:
        mine = Draft.objects.get(pk=draft.pk)
        together.wait(20)
        try:
            services.put_file(draft=mine, path=path, content=path.encode(), by=depositor)
            outcomes.append("put")
        except Invalid as error:
            outcomes.append(type(error).__name__)
        connection.close()

    for number in range(5):
        both = [threading.Thread(target=put, args=(path,)) for path in (f"x{number}", f"x{number}/y")]
        for one in both:
            one.start()
        for one in both:
            one.join()
    assert sorted(outcomes) == ["Invalid"] * 5 + ["put"] * 5
    assert Concept.objects.count() == 1

"""A database put back from an older copy beside the store as it is: nothing that was promised is undone, and nobody is served
what has been withdrawn or closed since."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import transaction

from shirushi import cli
from shirushi.cli import instance
from shirushi.core import followers, objects, recovery, services, setup
from shirushi.core.check import check, is_sound
from shirushi.core.home import store
from shirushi.core.models import Draft, Record
from shirushi.core.objects import DatabaseOlder
from shirushi.core.rebuilding import rebuild
from shirushi.metadata.work import Access

pytestmark = pytest.mark.django_db
RESTRICTED = Access(rights="restricted")


@contextmanager
def forgotten_by_the_database() -> Iterator[None]:
    """What is done here stays in the store."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def older(space, depositor, curator, fill) -> SimpleNamespace:
    """Of three that stood in the copy one has been withdrawn since, one closed, and a draft published."""
    drafts = []
    for name in ("gone", "closed", "new"):
        draft = services.create_draft(space=space, by=depositor, name=name)
        services.put_file(draft=draft, path="a.txt", content=name.encode(), by=depositor)
        fill(draft, depositor, title=name)
        draft.refresh_from_db()
        drafts.append(draft)
    gone, closed = (services.publish(draft=one, by=depositor, at_version=one.version) for one in drafts[:2])
    followers.follow_all()
    with forgotten_by_the_database():
        new = services.publish(draft=drafts[2], by=depositor, at_version=drafts[2].version)
        services.withdraw(record=gone, reason="Wrong.", by=curator)
        services.change_access(record=closed, access=RESTRICTED, by=curator)
    for held in (gone, closed, drafts[2]):
        held.refresh_from_db()
    return SimpleNamespace(gone=gone, closed=closed, draft=drafts[2], new=new.pk, by=depositor, curator=curator)


def standing() -> dict[str, str]:
    return {r.pk: "withdrawn" if r.is_withdrawn else r.access_now.rights for r in Record.objects.all()}


def errors(**options: bool) -> list[tuple[str, str]]:
    return [(found.code, found.todo.en) for found in check(**options) if found.severity == "error"]


def dead_process(older: SimpleNamespace) -> None:
    recovery.recover()


def draft_was_being_published(older: SimpleNamespace) -> None:
    """As an online copy catches it: claimed in the database, committed in the store."""
    Draft.objects.filter(pk=older.draft.pk).update(state=Draft.State.PUBLISHING)
    recovery.recover()


def repair(older: SimpleNamespace) -> None:
    check(repair=True)


def publish_over_it(older: SimpleNamespace) -> None:
    with pytest.raises(DatabaseOlder):
        services.publish(draft=older.draft, by=older.by, at_version=older.draft.version)


def withdraw_over_it(older: SimpleNamespace) -> None:
    with pytest.raises(DatabaseOlder):
        services.withdraw(record=older.closed, reason="x", by=older.curator)


@pytest.mark.parametrize("harm", [dead_process, draft_was_being_published, repair, publish_over_it, withdraw_over_it])
def test_everything_promised_stays_and_is_rebuilt(older, home, harm) -> None:
    before = {name: store().inventory(name).head for name in store().objects()}
    harm(older)
    assert {name: store().inventory(name).head for name in store().objects()} == before
    assert list(home.aside.iterdir()) == []
    assert {todo for code, todo in errors() if code == "database-older"} == {
        "Stop the server, then run: shirushi rebuild"
    }
    assert len(errors()) == 3
    rebuild()
    assert standing() == {older.gone.pk: "withdrawn", older.closed.pk: "restricted", older.new: "open"}
    older.draft.refresh_from_db()
    assert (older.draft.state, older.draft.record_id) == ("published", older.new)
    setup.prepare()
    assert is_sound(check())


def test_object_of_a_draft_made_since_tells_the_same(space, depositor, fill) -> None:
    with forgotten_by_the_database():
        draft = services.create_draft(space=space, by=depositor)
        services.put_file(draft=draft, path="a", content=b"a", by=depositor)
        fill(draft, depositor)
        record = services.publish(draft=draft, by=depositor, at_version=draft.version)
    assert errors(repair=True) == [("object-unknown", "Stop the server, then run: shirushi rebuild")]
    rebuild()
    assert standing() == {record.pk: "open"}


@pytest.fixture
def command(monkeypatch):
    """The command line in this process and its database."""
    monkeypatch.setattr(instance, "set_up", lambda: None)
    monkeypatch.setattr(instance, "migrate", lambda: None)
    return lambda *words: cli.main(list(words))


@pytest.mark.parametrize("words", [["serve"], ["run"], ["worker"], ["check", "--repair"], ["publish", "x"]])
def test_nothing_is_served_or_changed_with_it(older, command, capsys, monkeypatch, words) -> None:
    monkeypatch.setenv("SHIRUSHI_BASE_URL", "https://data.example.org")
    monkeypatch.setattr("shirushi.cli.server.refuse_taken_port", lambda *_: None)
    assert command(*words) == 1
    told = capsys.readouterr().err
    assert ("database is older than the store" in told, "runs: shirushi rebuild" in told) == (True, True)


def test_operator_looks_rebuilds_and_goes_on(older, command, capsys) -> None:
    assert command("check") == 1
    assert "Stop the server, then run: shirushi rebuild" in capsys.readouterr().out
    assert command("rebuild") == 0
    assert command("check", "--repair") == 0
    assert standing() == {older.gone.pk: "withdrawn", older.closed.pk: "restricted", older.new: "open"}


def test_what_nobody_can_bring_back_is_told_and_let_go(older, home, command, capsys) -> None:
    last = store().noted(objects.NEWEST)[-1].split()[0]
    inventory = next(f for f in home.store.glob("*/*/*/*/inventory.json") if f'"{last}"' in f.read_text())
    inventory.chmod(0o600)
    inventory.write_text("{")
    assert command("rebuild") == 1
    assert "inventory cannot be read" in capsys.readouterr().out
    setup.prepare()


def test_list_of_the_newest_stays_short_and_damage_in_it_is_passed_over(record, curator) -> None:
    name = record.object_id
    store().note(objects.NEWEST, lambda _: [f"urn:shirushi:other v{n}" for n in range(1, 65)])
    objects.confirm(record.concept, 1)
    objects.confirm(record.concept, 1)
    lines = store().noted(objects.NEWEST)
    assert (len(lines), lines[0], lines[-1]) == (64, "urn:shirushi:other v2", f"{name} v1")
    store().note(objects.NEWEST, lambda _: ["", "\ufffd", "x", f"{name} v", f"{name} v2x", f"{name} v1"])
    assert objects.lacking() == []
    assert [finding for finding in store().verify_root() if finding.is_error] == []

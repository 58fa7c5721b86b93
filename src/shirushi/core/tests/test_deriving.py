"""Derived files of published records: queued by the event, made once, given to the next version, and whole after a death."""

import pytest

from shirushi.core import followers, services
from shirushi.core.home import derived, home
from shirushi.core.models import Derivation, DerivedFile, Record
from shirushi.core.services import deriving
from shirushi.core.tests.conftest import CSV

pytestmark = pytest.mark.django_db


class Died(BaseException):
    """The end of a process, as far as this test goes."""


@pytest.fixture
def two(ready, depositor) -> Record:
    """A record with two tables, a workbook that cannot be read, and a text."""
    files = {
        "data/more.tsv": b"a\tb\n1\t2\n3\t4\n5\t6\n",
        "broken.xlsx": b"PK\x03\x04 no more",
        "notes.txt": b"words\n",
    }
    for path, content in files.items():
        services.put_file(draft=ready, path=path, content=content, by=depositor)
    ready.refresh_from_db()
    return services.publish(draft=ready, by=depositor, at_version=ready.version)


def made(record: Record) -> list[tuple[str, str]]:
    return list(record.derived.values_list("path", "sha256"))


def test_published_records_wait_to_be_derived_and_withdrawn_ones_are_forgotten(record, curator, settings) -> None:
    followers.follow("derived")
    assert not Derivation.objects.exists()
    settings.SHIRUSHI_DERIVE = True
    followers.rebuild("derived")
    assert Derivation.objects.get().record == record
    assert deriving.derive_next()
    assert not deriving.derive_next()
    (file,) = record.derived.all()
    assert (file.path, file.source, file.rows) == ("data/sst.csv.parquet", "data/sst.csv", 1)
    assert [(c["name"], c["type"]) for c in file.columns] == [("time", "date"), ("sst", "number")]
    assert derived().sound(file.sha256)
    assert list(home().deriving.iterdir()) == []
    services.withdraw(record=record, reason="wrong", by=curator)
    followers.follow("derived")
    assert not DerivedFile.objects.exists()
    assert not Derivation.objects.exists()


def test_what_a_dead_worker_left_is_taken_up_and_what_is_done_is_not_made_again(two) -> None:
    def die(path: str, _made: int) -> None:
        raise Died

    with pytest.raises(Died):
        deriving.derive_record(two, tell=die)
    assert (Derivation.objects.get().state, len(made(two))) == ("running", 0)  # broken.xlsx comes first
    (home().deriving / two.pk / "half").mkdir(parents=True)
    told: list[tuple[str, int]] = []
    assert deriving.derive_next()
    derivation = Derivation.objects.get()
    assert (derivation.state, derivation.attempts) == ("done", 2)
    assert [one["path"] for one in derivation.left] == ["broken.xlsx"]
    assert [path for path, _ in made(two)] == ["data/more.tsv.parquet", "data/sst.csv.parquet"]
    before = dict(two.derived.values_list("path", "made_at"))
    deriving.derive_record(two, tell=lambda path, number: told.append((path, number)))
    assert told == [("broken.xlsx", 0), ("data/more.tsv", 1), ("data/sst.csv", 1)]
    assert dict(two.derived.values_list("path", "made_at")) == before


def test_record_that_kills_its_worker_is_given_up(record) -> None:
    Derivation.objects.create(record=record, state="running", attempts=deriving.MOST_ATTEMPTS)
    assert deriving.derive_next()
    derivation = Derivation.objects.get()
    assert (derivation.state, derivation.left[0]["code"]) == ("failed", "died")


def test_next_version_shares_what_is_made_of_the_same_bytes(record, depositor, renew) -> None:
    deriving.derive_record(record)
    newer = renew(record, depositor)
    deriving.derive_record(newer)
    assert made(newer) == made(record)
    assert len(list(derived().iter())) == 1


def test_lost_bytes_are_made_again_and_unneeded_ones_are_given_up(record, monkeypatch) -> None:
    deriving.derive_record(record)
    ((path, sha256),) = made(record)
    derived().remove(sha256)
    deriving.queue_again(record)
    assert deriving.derive_next()
    assert made(record) == [(path, sha256)]  # the same bytes
    assert derived().sound(sha256)
    deriving.forget([record.pk])
    assert (deriving.clear(), list(derived().iter())) == (0, [sha256])
    monkeypatch.setattr(deriving, "_UNNEEDED", -1)
    assert (deriving.clear(), list(derived().iter())) == (1, [])


def test_file_larger_than_may_be_is_told(record, settings) -> None:
    settings.SHIRUSHI_DERIVE_MAX_SIZE = len(CSV) - 1
    derivation = deriving.derive_record(record)
    assert [(one["path"], one["code"]) for one in derivation.left] == [("data/sst.csv", "too-large")]

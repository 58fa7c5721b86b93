"""Exports of records of many files: made once, kept, and given to those alone for whom they were made."""

import json
import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rdflib import Graph
from rdflib.compare import isomorphic

from shirushi.core import exporting
from shirushi.core.documents import whole_publication
from shirushi.core.errors import Busy
from shirushi.core.home import home, locked
from shirushi.exchange.formats import FORMATS

FILES = {f"{folder}/{number:03}.csv": f"{number}\n".encode() for folder in ("a", "海") for number in range(12)}
NOTED = {"README.md": b"# Many\n", "picture.png": b"\x89PNG\r\n\x1a\n", **FILES}
CLOSED = {"access": {"rights": "restricted", "note": "Ask"}}


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch):
    monkeypatch.setattr(exporting, "MANY", 20)
    monkeypatch.setattr("shirushi.core.documents._TURN", 10)


@pytest.fixture
def made(monkeypatch) -> list[str]:
    """The formats that were made, one by one."""
    seen: list[str] = []
    make = exporting._make

    def noted(folder, tag, wanted, *args, **options):
        seen.append(wanted.name)
        make(folder, tag, wanted, *args, **options)

    monkeypatch.setattr(exporting, "_make", noted)
    return seen


def body(response) -> bytes:
    assert response.status_code in (200, 206), response
    return response.getvalue()


@pytest.mark.parametrize("access", [{}, CLOSED], ids=["open", "closed"])
def test_kept_exports_are_those_made_at_once(client: Client, publish, access) -> None:
    record = publish(NOTED, **access)
    for name, wanted in FORMATS.items():
        told = body(client.get(f"/records/{record.pk}/export/{name}"))
        whole = wanted.render(whole_publication(record))
        if name == "dcat-turtle":
            assert isomorphic(Graph().parse(data=told, format="turtle"), Graph().parse(data=whole, format="turtle"))
        else:
            assert told == whole, name


def test_second_reader_gets_what_was_kept(client: Client, publish, made, django_assert_max_num_queries) -> None:
    record = publish(NOTED)
    address = f"/records/{record.pk}/export/ro-crate"
    first = client.get(address)
    whole = body(first)
    assert (first["Content-Length"], first["Accept-Ranges"]) == (str(len(whole)), "bytes")
    assert first["Content-Disposition"] == f'inline; filename="{record.pk}.ro-crate-metadata.json"'
    with django_assert_max_num_queries(12):
        again = client.get(f"{address}?download")
    assert (again["ETag"], body(again)) == (first["ETag"], whole)
    assert again["Content-Disposition"].startswith("attachment")
    part = client.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, body(part)) == (206, whole[100:200])
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    rest = client.get(f"/api/records/{record.pk}?format=ro-crate")
    assert (rest["ETag"], body(rest)) == (first["ETag"], whole)
    assert made == ["ro-crate"]
    for kept in (home().root / "cache" / "exports").glob("??/*"):  # it can go at any time
        kept.unlink()
    assert body(client.get(address)) == whole
    assert made == ["ro-crate"] * 2


def test_few_files_are_not_kept(client: Client, publish, made) -> None:
    record = publish({"a.csv": b"1\n"})
    assert "ETag" not in client.get(f"/records/{record.pk}/export/ro-crate")
    assert made == []


@pytest.mark.parametrize("first", ["owner", "stranger"])
def test_nobody_gets_what_was_made_for_somebody_else(client: Client, publish, first: str) -> None:
    record = publish(NOTED, **CLOSED)
    owner = Client()
    owner.force_login(record.owner)
    address = f"/records/{record.pk}/export/dcat"
    asking = {"owner": owner, "stranger": client}
    told = {who: asking[who].get(address) for who in sorted(asking, key=lambda who: who != first)}
    assert {who: response["Cache-Control"] for who, response in told.items()} == dict.fromkeys(
        asking, "private, no-store"
    )
    assert told["owner"]["ETag"] != told["stranger"]["ETag"]
    digest = record.files.first().sha256.encode()
    assert {who: digest in body(response) for who, response in told.items()} == {"owner": True, "stranger": False}
    own = told["owner"]["ETag"]
    assert client.get(address, headers={"If-None-Match": own}).status_code == 200


def test_export_of_an_embargo_is_another_on_the_day_it_ends(client: Client, publish, monkeypatch) -> None:
    today = timezone.localdate()
    ends = today + timedelta(days=3)
    record = publish(NOTED, access={"rights": "embargoed", "until": ends.isoformat()})
    address, digest = f"/records/{record.pk}/export/ro-crate", record.files.first().sha256.encode()
    assert digest not in body(client.get(address))
    monkeypatch.setattr(timezone, "localdate", lambda *_: ends)
    assert digest in body(client.get(address))


def test_one_makes_it_and_the_others_wait(client: Client, publish, made, monkeypatch) -> None:
    record = publish(NOTED)
    wanted, begun, go_on = FORMATS["croissant"], threading.Event(), threading.Event()
    head = whole_publication(record, all_files=False)
    entries = list(exporting.entries_of(record))  # the other threads ask the database for nothing
    monkeypatch.setattr(exporting, "whole_publication", lambda *_, **__: head)

    def slowly(*_, **__):
        begun.set()
        go_on.wait(20)
        return iter(entries)

    monkeypatch.setattr(exporting, "entries_of", slowly)
    found: list[object] = []

    def ask() -> None:
        try:
            kept = exporting.export(record, wanted)
            assert isinstance(kept, exporting.Kept)
            found.append(b"".join(kept.content.part(0, kept.content.size)))
        except Busy as error:
            found.append(error.status)

    threads = [threading.Thread(target=ask) for _ in range(1 + exporting._WAITING + 2)]
    threads[0].start()
    assert begun.wait(20)
    for thread in threads[1:]:
        thread.start()
    while len(found) < 2:  # those for whom there is no room to wait are told at once
        threads[0].join(0.01)
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert made == ["croissant"]
    assert Counter(type(one) for one in found) == {int: 2, bytes: 1 + exporting._WAITING}
    assert len(set(found)) == 2


def test_whoever_waited_too_long_is_told_when_to_come_again(client: Client, publish, monkeypatch) -> None:
    record = publish(NOTED)
    monkeypatch.setattr(exporting, "PATIENCE", 0.1)
    with locked("exports"):
        for address in (f"/records/{record.pk}/export/dcat", f"/api/records/{record.pk}?format=dcat"):
            response = client.get(address)
            assert (response.status_code, response["Retry-After"]) == (503, "5")
            assert not getattr(response, "streaming", False)
        assert json.loads(response.content)["code"] == "busy"
    assert client.get(address).status_code == 200


def test_what_failed_leaves_nothing_behind(client: Client, publish, monkeypatch) -> None:
    record = publish(NOTED)
    folder = home().root / "cache" / "exports"

    def breaking(*_, **__):
        yield from ()
        raise OSError(28, "No space left on device")

    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(exporting, "entries_of", breaking)
        assert client.get(f"/records/{record.pk}/export/dcat").status_code == 507
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert client.get(f"/records/{record.pk}/export/dcat").status_code == 200

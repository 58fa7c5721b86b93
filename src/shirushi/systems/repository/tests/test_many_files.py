"""Lists of many files, turned and narrowed; and all of them in one ZIP."""

import hashlib
import io
import json
import zipfile
import zlib
from urllib.parse import quote

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from shirushi.core import services
from shirushi.core.home import store
from shirushi.core.models import Record, RecordFile
from shirushi.core.stored import open_path
from shirushi.storage import inventory
from shirushi.systems.repository import api_dataverse, downloads

NAMES = [f"{folder}/{number:03}.csv" for folder in ("a", "b_", "海") for number in range(40)]


@pytest.fixture
def many(publish) -> Record:
    return publish({"README.md": b"# Many\n", **{name: name.encode() for name in NAMES}})


def listed(client: Client, address: str) -> tuple[list[str], list[int]]:
    """The paths of all pages from an address on, and how many each said there are."""
    paths, totals = [], []
    while address:
        page = client.get(address).json()
        paths += [item["path"] for item in page["items"]]
        totals.append(page["total"])
        address = page["next"]
    return paths, totals


def test_pages_of_files_follow_one_another_by_path(client: Client, many: Record) -> None:
    everything = sorted(["README.md", *NAMES])
    for limit in (1, 7, 121, 200):
        assert listed(client, f"/api/records/{many.pk}/files?limit={limit}")[0] == everything
    assert listed(client, f"/api/records/{many.pk}/files?limit=50&offset=100") == (everything[100:], [121])
    assert client.get(f"/api/records/{many.pk}/files?offset=121").json() == {"total": 121, "items": [], "next": None}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("prefix=b_/", [name for name in NAMES if name.startswith("b_/")]),
        ("prefix=B_/", []),
        ("prefix=b%25", []),
        ("q=%00README&after=%00", ["README.md"]),
        ("q=README", ["README.md"]),
        ("q=readme", ["README.md"]),
        ("q=_/00", [f"b_/00{number}.csv" for number in range(10)]),
        ("q=%25", []),
        (f"prefix={quote('海/01')}&q=5", ["海/015.csv"]),
    ],
)
def test_files_are_narrowed_by_a_part_and_a_beginning(
    client: Client, many: Record, query: str, expected: list[str]
) -> None:
    paths, totals = listed(client, f"/api/records/{many.pk}/files?limit=9&{query}")
    assert (paths, set(totals)) == (expected, {len(expected)})


def test_any_page_of_files_takes_the_same_queries(client: Client, many: Record, django_assert_max_num_queries) -> None:
    for query in ("", "after=海/030.csv", "q=csv&after=b_/001.csv", "limit=1", "limit=3"):
        with django_assert_max_num_queries(4):
            client.get(f"/api/records/{many.pk}/files?{query}")


def test_pages_lead_forward_and_back_again(client: Client, many: Record) -> None:
    address = f"/records/{many.pk}/files"
    first = html.fromstring(client.get(address).content)
    (forward,) = first.xpath("//a[@rel='next']/@href")
    assert first.xpath("//a[@rel='prev']") == []
    last = html.fromstring(client.get(address + forward).content)
    assert last.xpath("//a[@rel='next']") == []
    (back,) = last.xpath("//a[@rel='prev']/@href")
    again = html.fromstring(client.get(address + back).content)
    seen = [[name.text_content() for name in page.cssselect(".files .name")] for page in (first, last, again)]
    assert seen[0] == seen[2]
    assert seen[0] + seen[1] == sorted(["README.md", *NAMES])


def test_draft_lists_its_files_in_the_same_way(client: Client, many: Record, curator) -> None:
    draft = services.new_version(record=many, by=curator)
    client.force_login(many.owner)
    found = listed(client, f"/api/drafts/{draft.pk}/files?limit=30&prefix=a/")
    assert found == ([name for name in NAMES if name.startswith("a/")], [40, 40])
    shown = html.fromstring(client.get(f"/drafts/{draft.pk}/files?q=README").content)
    assert [cell.text_content().split()[0] for cell in shown.cssselect(".draft-files bdi")] == ["README.md"]


@pytest.mark.parametrize("address", ["/records/{}/files.zip", "/api/records/{}/files-archive"])
def test_all_files_come_in_one_archive(
    client: Client, many: Record, address: str, django_assert_max_num_queries
) -> None:
    address = address.format(many.pk)
    told = client.head(address)
    with django_assert_max_num_queries(8):
        response = client.get(address)
        data = response.getvalue()
    assert (told["Content-Length"], response["Content-Type"]) == (str(len(data)), "application/zip")
    assert (told.content, int(response["Content-Length"])) == (b"", len(data))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        held = {name: opened.read(name) for name in opened.namelist()}
    assert held == {"README.md": b"# Many\n", **{name: name.encode() for name in NAMES}}


def test_archive_of_a_withdrawn_record_is_gone(client: Client, many: Record, curator) -> None:
    services.withdraw(record=many, reason="A mistake.", by=curator)
    assert client.get(f"/records/{many.pk}/files.zip").status_code == 410
    assert client.get(f"/api/records/{many.pk}/files-archive").status_code == 410


def test_archive_that_the_store_cannot_give_breaks_off(client: Client, many: Record) -> None:
    RecordFile.objects.filter(path="a/003.csv").update(size=4)
    response = client.get(f"/records/{many.pk}/files.zip")
    with pytest.raises(Exception, match="should have 4 bytes"):
        response.getvalue()


def test_bytes_are_found_in_a_large_inventory_without_parsing_it(client: Client, many: Record, monkeypatch) -> None:
    def parse(_: bytes) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr("shirushi.storage.ocfl._LARGE", 1)
    store()._parsed.clear()
    with monkeypatch.context() as watched:
        watched.setattr(inventory, "parse", parse)
        assert client.get(f"/records/{many.pk}/files/a/007.csv").getvalue() == b"a/007.csv"
    (root,) = [found.root for found in store().scan()]
    place = store().root / root / "inventory.json"
    data = place.read_bytes()
    digest = RecordFile.objects.get(path="a/007.csv").sha512
    assert inventory.content_paths(data, digest) == ("v1/content/files/a/007.csv",)
    assert inventory.content_paths(data, "0" * 128) == ()
    assert inventory.content_paths(data.replace(b"v1/content/files/a/007", b"v1/content/../a/007"), digest) == ()
    assert inventory.content_paths(data.replace(b'"manifest"', b'"other"'), digest) == ()


def test_file_of_the_web_is_asked_for_and_cancelled_on_the_files_page(client: Client, many: Record, curator) -> None:
    draft = services.new_version(record=many, by=curator)
    client.force_login(many.owner)
    page, part = f"/drafts/{draft.pk}/files", f"/drafts/{draft.pk}/fetches"
    refused = client.post(page, {"fetch": "ftp://example.org/x"}, follow=True)
    assert "This is no address of the web." in refused.content.decode()
    client.post(page, {"fetch": "https://example.org/x.csv"})
    fetch = draft.fetches.get()
    waiting = client.get(part, headers={"HX-Request": "true"}).content.decode()
    assert ("hx-get" in waiting, "waits for its turn" in waiting) == (True, True)
    client.post(page, {"cancel": fetch.pk})
    over = client.get(part, headers={"HX-Request": "true"}).content.decode()
    assert ("hx-get" in over, "was cancelled" in over) == (False, True)
    assert client.get(part).status_code == 302


def test_part_of_an_archive_is_what_a_broken_download_lacks(client: Client, many: Record, monkeypatch) -> None:
    address = f"/records/{many.pk}/files.zip"
    whole = client.get(address)
    data, seen = whole.getvalue(), whole["ETag"]
    assert (whole["Accept-Ranges"], len(data)) == ("bytes", int(whole["Content-Length"]))
    read: list[str] = []
    opened = downloads.open_path
    monkeypatch.setattr(downloads, "open_path", lambda *a, **k: read.append(a[1]) or opened(*a, **k))
    at = data.index(b"b_/030.csv") + 3
    rest = client.get(address, headers={"Range": f"bytes={at}-", "If-Range": seen})
    assert (rest.status_code, rest["Content-Range"]) == (206, f"bytes {at}-{len(data) - 1}/{len(data)}")
    assert data[:at] + rest.getvalue() == data
    assert read == ["b_/030.csv", *NAMES[71:]]  # nothing that was sent before
    assert client.get(address, headers={"Range": "bytes=0-9", "If-Range": '"another"'}).status_code == 200
    assert client.get(address, headers={"If-None-Match": seen}).status_code == 304
    assert client.get(address, headers={"Range": f"bytes={len(data)}-"}).status_code == 416


@pytest.mark.parametrize("known", ["all", "no CRC-32", "no place"])
def test_archive_is_the_same_whatever_is_known_of_its_files(
    client: Client, many: Record, known: str, monkeypatch
) -> None:
    address = f"/records/{many.pk}/files.zip"
    data = client.get(address).getvalue()
    RecordFile.objects.update(
        **{"all": {"size": F("size")}, "no CRC-32": {"crc32": None}, "no place": {"content_path": ""}}[known]
    )
    if known != "no place":  # then no inventory is looked into
        monkeypatch.setattr(inventory, "parse", lambda _: pytest.fail("it was parsed"))
        store()._parsed.clear()
    assert client.get(address).getvalue() == data
    assert client.get(address, headers={"Range": "bytes=-400"}).getvalue() == data[-400:]


def test_files_lie_where_their_rows_say(many: Record, curator) -> None:
    """In all versions, also where bytes are kept once, under an older name or one that no disk would take."""
    many.files.filter(path="b_/005.csv").update(content_path="")  # as one published before places were noted
    draft = services.new_version(record=many, by=curator)
    services.put_file(draft=draft, path="copy.csv", content=b"a/000.csv", by=curator)
    services.put_file(draft=draft, path="odd: name?.csv", content=b"odd", by=curator)
    services.put_file(draft=draft, path="a/001.csv", content=b"other", by=curator)
    services.remove_file(draft=draft, path="README.md", by=curator)
    second = services.publish(draft=draft, by=curator, at_version=draft.version)
    third = services.new_version(record=second, by=curator)
    services.put_file(draft=third, path="new.csv", content=b"new", by=curator)
    third = services.publish(draft=third, by=curator, at_version=third.version)
    for record, count in ((many, 121), (second, 122), (third, 123)):
        files = list(record.files.all())
        assert len(files) == count
        held = store().inventory(record.object_id)
        places = {path for paths in held.manifest.values() for path in paths}
        assert {file.content_path for file in files} - places == ({""} if record == many else set())
        for file in files:
            with open_path(record, file.path, size=file.size, at=file.content_path) as opened:
                content = opened.read()
            assert (hashlib.sha256(content).hexdigest(), zlib.crc32(content)) == (file.sha256, file.crc32)


def test_pages_of_a_draft_count_its_files_without_reading_them(client: Client, many: Record, curator) -> None:
    """What is counted is answered from the index: rows of 100,000 files would be read for each page."""
    draft = services.new_version(record=many, by=curator)
    client.force_login(many.owner)
    for address in (f"/drafts/{draft.pk}", f"/drafts/{draft.pk}/files", f"/drafts/{draft.pk}/publish"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counted = [
            q["sql"]
            for q in queries
            if "core_draftfile" in q["sql"] and "COUNT(" in q["sql"] and "LIMIT" not in q["sql"]
        ]
        assert counted
        assert not any("core_recordfile" in query for query in counted)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                for query in counted:
                    plan = " ".join(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {query}").fetchall())
                    assert "COVERING INDEX" in plan, (query, plan)


def test_what_came_unchanged_is_known_whatever_was_done_in_between(many: Record, curator) -> None:
    draft = services.new_version(record=many, by=curator)
    own = draft.files.get(path="a/001.csv")

    def unread() -> tuple[int, bool]:
        state = services.readiness(draft)
        return state.unread, state.unchanged

    assert unread() == (0, True)
    services.put_file(draft=draft, path=own.path, content=b"other", by=curator)
    assert unread() == (1, False)
    services.undo(draft=draft, by=curator, at_version=draft.version)
    assert unread() == (0, True)
    services.remove_file(draft=draft, path=own.path, by=curator)
    services.put_file(draft=draft, path=own.path, content=b"a/001.csv", by=curator)
    assert unread() == (0, True)
    services.put_file(draft=draft, path="a/002.csv", content=b"a/001.csv", by=curator)
    assert unread() == (1, False)


def test_dataset_of_dataverse_comes_in_pieces(
    client: Client, many: Record, monkeypatch, django_assert_num_queries
) -> None:
    monkeypatch.setattr(api_dataverse, "TOGETHER", 50)
    doi = {"persistentId": f"doi:{many.identifiers.get().value}"}
    with django_assert_num_queries(5):
        response = client.get("/api/datasets/:persistentId", doi)
        pieces = list(response.streaming_content)
    files = json.loads(b"".join(pieces))["data"]["latestVersion"]["files"]
    assert (len(pieces), len(files)) == (4, 121)
    assert {file["dataFile"]["filename"] for file in files} == {
        "README.md",
        *NAMES,
    }  # each name stands in three folders
    assert all(file["dataFile"]["md5"] for file in files)


def test_own_drafts_of_inveniordm_are_counted_apart(client: Client, many: Record, curator) -> None:
    draft = services.new_version(record=many, by=curator)
    client.force_login(many.owner)
    with CaptureQueriesContext(connection) as queries:
        hits = client.get("/invenio/api/user/records").json()["hits"]["hits"]
    told = next(hit for hit in hits if hit["id"] == draft.pk)
    assert (told["files"]["count"], told["files"]["total_bytes"]) == (121, sum(file.size for file in draft.files.all()))
    assert not any("document" in q["sql"] and "core_draftfile" in q["sql"] for q in queries)

"""Use of records: what is counted of what readers and programs ask for, and how it is told."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from lxml import html

from shirushi.core import usage, usage_reports
from shirushi.core.models import Record, SecretLink
from shirushi.core.services import make_link
from shirushi.systems.repository import usage_shown

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def reader(agent: str = FIREFOX, **more: str) -> Client:
    return Client(headers={"User-Agent": agent, **more})


def counted(record: Record) -> dict[str, int]:
    usage.count_hours(timezone.now() + timedelta(hours=2))
    usage_shown.forget()
    numbers = usage_reports.totals([record.pk])[record.pk]
    return {name: value for name, value in numbers.items() if value and "." in name}


@pytest.mark.parametrize(
    ("path", "headers", "found"),
    [
        ("/records/{pk}", {}, {"total-investigations.regular": 1}),
        ("/records/{pk}/export/datacite", {}, {"total-investigations.regular": 1}),
        ("/records/{pk}/preview/README.md", {}, {"total-investigations.regular": 1}),
        ("/records/{pk}/files/README.md", {}, {"total-investigations.regular": 1, "total-requests.regular": 1}),
        ("/records/{pk}/files.zip", {}, {"total-investigations.regular": 1, "total-requests.regular": 1}),
        ("/records/{pk}/files/README.md", {"Range": "bytes=0-3"}, {"total-investigations.regular": 1, "total-requests.regular": 1}),
        ("/api/records/{pk}", {}, {"total-investigations.machine": 1}),
        ("/invenio/api/records/{pk}", {}, {"total-investigations.machine": 1}),
        ("/api/records/{pk}/files/README.md", {}, {"total-investigations.machine": 1, "total-requests.machine": 1}),
        ("/records/{pk}", {"User-Agent": "python-requests/2.32"}, {"total-investigations.machine": 1}),
        ("/records/{pk}", {"User-Agent": "Googlebot/2.1"}, {}),
        ("/records/{pk}", {"User-Agent": "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"}, {}),
        ("/records/{pk}", {"User-Agent": ""}, {}),
        ("/records/{pk}", {"Sec-Purpose": "prefetch"}, {}),
        ("/records/{pk}/files/none.csv", {}, {}),
        ("/records/{pk}/files/README.md", {"Range": "bytes=99999-"}, {}),
        ("/records/{pk}/citation", {}, {}),
        ("/records/{pk}/usage", {}, {}),
    ],
)  # fmt: skip
def test_what_counts_as_what(record: Record, path, headers, found):
    for _ in reader(**{"User-Agent": FIREFOX, **headers}).get(path.format(pk=record.pk)):
        pass
    totals = {name: value for name, value in counted(record).items() if name.startswith("total")}
    assert totals == found


def test_answers_from_memory_are_visits_too(record: Record):
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        assert reader().get(f"/api/records/{record.pk}", REMOTE_ADDR=address).status_code == 200
    assert counted(record) == {"total-investigations.machine": 3, "unique-investigations.machine": 3}


def test_asking_for_the_head_alone_is_no_visit(record: Record):
    reader().head(f"/records/{record.pk}/files/README.md")
    assert counted(record) == {}


def test_bytes_are_those_of_the_answer(record: Record):
    size = record.files.get(path="README.md").size
    reader().get(f"/records/{record.pk}/files/README.md", headers={"Range": "bytes=1-4"})
    reader("Other/1.0 Firefox").get(f"/records/{record.pk}/files/README.md")
    assert counted(record)["request-bytes.regular"] == size + 4


def test_a_file_that_the_reader_has_already_was_asked_for_and_not_sent(record: Record):
    sha256 = record.files.get(path="README.md").sha256
    answer = reader().get(f"/records/{record.pk}/files/README.md", headers={"If-None-Match": f'"{sha256}"'})
    assert answer.status_code == 304
    found = counted(record)
    assert (found["total-requests.regular"], "request-bytes.regular" in found) == (1, False)


@pytest.mark.parametrize(("near", "readers"), [("127.0.0.1", 3), ("10.0.0.2", 3), ("8.8.8.8", 1)])
def test_readers_behind_a_proxy_are_told_apart_and_nobody_outside_can_pretend_to_be_one(record: Record, near, readers):
    for number in range(3):
        client = reader(**{"X-Forwarded-For": f"203.0.113.9, 198.51.100.{number}"})
        client.get(f"/records/{record.pk}", REMOTE_ADDR=near)
    assert counted(record)["unique-investigations.regular"] == readers


def test_anonymous_reviewers_are_not_counted(record: Record, curator):
    _link, secret = make_link(of=record, kind=SecretLink.Kind.REVIEW, by=curator)
    assert reader().get(f"/shared/{secret}/files/README.md").status_code == 200
    assert counted(record) == {}


def test_a_page_goes_out_though_nothing_can_be_noted(record: Record):
    usage.folder().write_text("in the way")
    assert reader().get(f"/records/{record.pk}").status_code == 200


def test_numbers_stand_on_the_page_and_in_pictures_with_tables(record: Record):
    client = reader()
    empty = html.fromstring(client.get(f"/records/{record.pk}/usage").content)
    assert "Nothing has been counted yet" in empty.text_content()
    client.get(f"/records/{record.pk}")
    client.get(f"/records/{record.pk}/files/README.md")
    counted(record)
    page = html.fromstring(client.get(f"/records/{record.pk}").content)
    assert page.xpath("normalize-space(//*[contains(@class,'usage-line')])") == "Usage 2 views · 1 download"
    for of in ("", "?of=all"):
        page = html.fromstring(client.get(f"/records/{record.pk}/usage{of}").content)
        assert [svg.get("aria-hidden") for svg in page.xpath("//figure//svg")] == ["true", "true"]
        rows = page.xpath("//table[1]/tbody/tr")
        today = timezone.localdate()
        assert [cell.text for cell in rows[0].xpath("th | td")][:5] == [f"{today:%Y-%m}", "2", "1", "1", "1"]
        assert len(page.xpath("//section[@aria-labelledby='days']//tbody/tr")) == 30


def test_csv_and_json_hold_the_same(record: Record):
    client = reader()
    client.get(f"/records/{record.pk}/files/README.md")
    counted(record)
    header, line = client.get(f"/records/{record.pk}/usage.csv").content.decode().splitlines()
    row = dict(zip(header.split(","), line.split(","), strict=True))
    told = client.get(f"/records/{record.pk}/usage.json").json()
    assert told == client.get(f"/api/records/{record.pk}/usage").json()
    (month,) = told["months"]["this_version"]
    assert (row["subject"], row["month"], row["time_zone"]) == (record.pk, month["month"], told["time_zone"])
    assert {name: int(row[name]) for name in month["numbers"]} == month["numbers"]
    assert month["numbers"]["total-requests.regular"] == 1


def test_inveniordm_records_carry_stats(record: Record):
    reader().get(f"/records/{record.pk}/files/README.md")
    counted(record)
    size = record.files.get(path="README.md").size
    stats = Client().get(f"/invenio/api/records/{record.pk}").json()["stats"]
    whole = {"views": 1, "unique_views": 1, "downloads": 1, "unique_downloads": 1, "data_volume": size}
    assert stats == {"this_version": whole, "all_versions": whole}


def test_report_of_make_data_count(record: Record, publish):
    unvisited = publish()
    reader().get(f"/records/{record.pk}/files/README.md")
    counted(record)
    (line,) = Client().get("/api/reports").json()["reports"]
    assert line["id"] == f"{timezone.localdate():%Y-%m}"
    report = Client().get(f"/api/reports/{line['id']}").json()
    header = report["report-header"]
    assert (header["report-id"], header["release"]) == ("DSR", "RD1")
    assert header["exceptions"][0]["code"] == 3040
    (dataset,) = report["report-datasets"]
    assert unvisited.pk not in dataset["uri"]
    assert dataset["dataset-id"] == [{"type": "url", "value": dataset["uri"]}]
    assert {
        (one["metric-type"], one["access-method"], one["count"]) for one in dataset["performance"][0]["instance"]
    } == {
        (f"{scope}-dataset-{metric}", "regular", 1)
        for scope in ("total", "unique")
        for metric in ("investigations", "requests")
    }
    assert Client().get("/api/reports/1999-01").status_code == 404
    assert Client().get("/api/reports/0000-01").status_code == 404
    assert Client().get("/api/reports/2026-13").status_code == 422

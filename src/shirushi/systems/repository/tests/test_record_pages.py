"""The landing page of a record and everything that hangs on it."""

import json
import re

import pytest
from django.test import Client
from lxml import html

from shirushi.core import services
from shirushi.core.models import Record
from shirushi.systems.repository import landing

JAPANESE = {"Accept-Language": "ja"}


def page(response) -> html.HtmlElement:
    assert response.status_code == 200, response.content[:500]
    return html.fromstring(response.content.decode())


def words(element) -> str:
    return re.sub(r"\s+", " ", element.text_content()).strip()


def test_page_shows_what_was_published(client: Client, record: Record) -> None:
    shown = page(client.get(f"/records/{record.pk}"))
    assert words(shown.find(".//h1")) == "Sea surface temperature of two buoys"
    assert [words(name) for name in shown.cssselect(".people .name")] == ["Yamada, Hanako", "鈴木 一郎"]
    assert [words(name) for name in shown.cssselect(".files .name")] == ["README.md", "data/sst.csv", "notes.html"]
    assert words(shown.cssselect(".variables .range")[0]) == "12.5 – 13.1"
    assert shown.xpath("//section[@aria-labelledby='related']//a/@href")[0] == "https://doi.org/10.1234/abcd"
    assert len(shown.xpath("//section[@aria-labelledby='exports']//a")) == 16


def test_page_speaks_japanese(client: Client, record: Record) -> None:
    shown = page(client.get(f"/records/{record.pk}", headers=JAPANESE))
    assert shown.get("lang") == "ja"
    assert words(shown.cssselect("article .tag")[0]) == "データセット"
    assert words(shown.cssselect("h1 + .mark")[0]) == "README.md の 1 行 で見つかりました"


def test_page_is_kept_apart_for_each_language(client: Client, record: Record) -> None:
    for language in ("ja", "en", "ja", "en"):
        shown = page(client.get(f"/records/{record.pk}", headers={"Accept-Language": language}))
        assert shown.get("lang") == language


def test_value_leads_to_the_place_it_was_seen(client: Client, record: Record) -> None:
    shown = page(client.get(f"/records/{record.pk}"))
    address, _, anchor = shown.cssselect("h1 + .mark")[0].get("href").partition("#")
    origins = page(client.get(address))
    entry = origins.get_element_by_id(anchor)
    assert words(entry.cssselect("a")[0]) == "README.md line 1"
    assert "見本 花子" in words(entry)
    assert words(entry.cssselect(".confidence")[0]) == "sure confidence 0.97 0.97"
    opened = page(client.get(entry.cssselect("a")[0].get("href")))
    assert words(opened.cssselect(".is-marked mark")[0]) == "Sea surface temperature"


def test_typed_value_says_so(client: Client, record: Record) -> None:
    shown = page(client.get(f"/records/{record.pk}/provenance"))
    assert "typed by a person" in words(shown.get_element_by_id("rights-0"))


def test_machines_find_links_in_head_and_header(client: Client, record: Record) -> None:
    response = client.get(f"/records/{record.pk}")
    links = re.findall(r'<([^>]*)>; rel="([\w-]+)"', response["Link"])
    relations = {relation for _address, relation in links}
    assert relations == {"cite-as", "type", "author", "describedby", "item", "license", "linkset"}
    assert (f"http://testserver/records/{record.pk}", "cite-as") in links
    in_head = {link.get("rel") for link in page(response).cssselect("head link[rel]")}
    assert relations <= in_head
    described = json.loads(page(response).cssselect("script[type='application/ld+json']")[0].text)
    assert described["@type"] == "Dataset"


def test_reference_managers_get_no_doi_that_no_agency_knows(client: Client, record: Record) -> None:
    assert page(client.get(f"/records/{record.pk}")).cssselect("meta[name=citation_doi]") == []
    Record.objects.filter(pk=record.pk).update(document=_registered(record.document))
    landing.forget()
    (tag,) = page(client.get(f"/records/{record.pk}")).cssselect("meta[name=citation_doi]")
    assert tag.get("content") == record.document["publication"]["identifier"]["value"]


def _registered(document: dict) -> dict:
    publication = document["publication"]
    return {
        **document,
        "publication": {**publication, "identifier": {**publication["identifier"], "state": "registered"}},
    }


def test_address_stored_before_it_had_to_be_one_is_shown_and_exported(client: Client, publish) -> None:
    record = publish(funding=[{"funder": "JST", "award": "1", "award_uri": "https://example.org/1"}])
    old = json.loads(json.dumps(record.document).replace("https://example.org/1", "gibberish 99"))
    Record.objects.filter(pk=record.pk).update(document=old, metadata=old["publication"]["work"])
    landing.forget()
    shown = page(client.get(f"/records/{record.pk}"))
    assert not shown.xpath("//a[contains(@href, 'gibberish')]")
    for link in shown.xpath("//section[@aria-labelledby='exports']//a/@href"):
        assert client.get(link).status_code == 200
    assert client.get(f"/api/records/{record.pk}").status_code == 200
    assert Record.objects.get(pk=record.pk).work.funding[0].award_uri == "gibberish 99"


def test_json_in_page_cannot_end_its_element(client: Client, publish) -> None:
    hostile = publish(descriptions=[{"text": "</script><script>alert(1)</script><!--"}])
    content = client.get(f"/records/{hostile.pk}").content.decode()
    assert "<script>alert" not in content
    assert content.count("</script>") == len(re.findall(r"<script[ >]", content))


@pytest.mark.parametrize(
    ("accept", "target"),
    [
        ("application/json", "/api/records/{id}"),
        ("application/vnd.datacite.datacite+json", "/records/{id}/export/datacite-json"),
        ("application/x-bibtex", "/records/{id}/export/bibtex"),
        ("application/ld+json", "/records/{id}/export/schema-org"),
        ("application/vnd.citationstyles.csl+json;q=0.9, */*;q=0.1", "/records/{id}/export/csl"),
    ],
)
def test_program_is_led_to_what_it_accepts(client: Client, record: Record, accept: str, target: str) -> None:
    response = client.get(f"/records/{record.pk}", headers={"Accept": accept})
    assert (response.status_code, response["Location"]) == (303, target.format(id=record.pk))
    assert "Accept" in response["Vary"]


@pytest.mark.parametrize("accept", ["text/html,application/xml;q=0.9,*/*;q=0.8", "*/*", "image/png,*/*;q=0.1"])
def test_browser_gets_the_page(client: Client, record: Record, accept: str) -> None:
    assert client.get(f"/records/{record.pk}", headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("style", ["apa", "sist02", "bibtex", "ris", "csl"])
def test_citation_in_every_style(client: Client, record: Record, style: str) -> None:
    whole = page(client.get(f"/records/{record.pk}/citation?style={style}"))
    part = client.get(f"/records/{record.pk}/citation?style={style}", headers={"HX-Request": "true"})
    assert "Yamada" in words(whole.get_element_by_id("citation"))
    assert part.content.lstrip().startswith(b'<div class="stack-small" id="citation-box">')
    assert "HX-Request" in part["Vary"]


@pytest.mark.parametrize(("language", "style"), [("ja", "sist02"), ("en", "apa")])
def test_citation_without_a_style_is_in_the_usual_one(
    client: Client, record: Record, language: str, style: str
) -> None:
    client.cookies["shirushi_language"] = language
    for address in (f"/records/{record.pk}/citation", f"/records/{record.pk}/citation?style="):
        shown = page(client.get(address))
        assert shown.xpath("string(//option[@selected]/@value)") == style
    assert client.get(f"/records/{record.pk}/citation?style=nonsense").status_code == 404


def test_publisher_is_called_as_its_readers_call_it(client: Client, record: Record) -> None:
    def facts(language: str) -> str:
        shown = page(client.get(f"/records/{record.pk}", headers={"Accept-Language": language}))
        return words(shown.cssselect("dl.facts")[0]) + words(shown.get_element_by_id("citation"))

    assert "例大学" in facts("ja")
    assert "Example University" not in facts("ja")
    assert "例大学" not in facts("en")
    origins = page(client.get(f"/records/{record.pk}/provenance", headers=JAPANESE))
    assert "例大学" in words(origins.get_element_by_id("publisher"))
    assert "publisher = {Example University}" in client.get(f"/records/{record.pk}/export/bibtex").content.decode()


def test_publisher_of_another_house_keeps_its_name(client: Client, publish) -> None:
    record = publish(publisher={"name": "Elsewhere Press"})
    shown = page(client.get(f"/records/{record.pk}", headers=JAPANESE))
    assert "Elsewhere Press" in words(shown.get_element_by_id("citation"))


def test_unknown_style_is_not_found(client: Client, record: Record) -> None:
    assert client.get(f"/records/{record.pk}/citation?style=mla").status_code == 404


def test_every_format_is_exported(client: Client, record: Record) -> None:
    shown = page(client.get(f"/records/{record.pk}"))
    for address in shown.xpath("//section[@aria-labelledby='exports']//a[contains(@href, '/export/')]/@href"):
        response = client.get(address)
        assert response.status_code == 200
        assert response["Content-Disposition"].startswith("attachment")
        assert "Sea surface temperature of two buoys" in response.content.decode()


def test_unknown_record_format_and_file_are_not_found(client: Client, record: Record) -> None:
    for path in ("/records/nothing", f"/records/{record.pk}/export/marc", f"/records/{record.pk}/files/none.csv",
                 f"/records/{record.pk}/preview/none.csv", "/records/nothing/files"):  # fmt: skip
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("count", [1, 100])
def test_page_costs_the_same_queries_for_any_number_of_files(
    client: Client, publish, django_assert_num_queries, count: int
) -> None:
    shown = publish({f"data/{number}.csv": b"a,b\n1,2\n" for number in range(count)})
    landing.forget()
    with django_assert_num_queries(6):
        client.get(f"/records/{shown.pk}")
    with django_assert_num_queries(1):
        client.get(f"/records/{shown.pk}")
    with django_assert_num_queries(3):
        client.get(f"/records/{shown.pk}/files")


def test_files_are_paged_and_narrowed(client: Client, publish) -> None:
    shown = publish({f"data/{number:03}.csv": b"a,b\n1,2\n" for number in range(101)})
    first = page(client.get(f"/records/{shown.pk}/files"))
    assert len(first.cssselect(".files > li")) == 100
    assert first.cssselect("a[rel=next]")[0].get("href") == "?q=&after=data%2F099.csv"
    narrowed = page(client.get(f"/records/{shown.pk}/files?q=042"))
    assert [words(name) for name in narrowed.cssselect(".files .name")] == ["data/042.csv"]
    assert "No file has that" in words(page(client.get(f"/records/{shown.pk}/files?q=nothing")))
    assert client.get(f"/records/{shown.pk}/files?page=99999").status_code == 200


def test_table_is_previewed_as_a_table(client: Client, record: Record) -> None:
    shown = page(client.get(f"/records/{record.pk}/preview/data/sst.csv"))
    assert [words(cell) for cell in shown.cssselect("thead th")][1:] == ["time", "sst"]
    assert words(shown.cssselect("caption")[0]) == "2 rows"
    part = client.get(f"/records/{record.pk}/preview/data/sst.csv", headers={"HX-Request": "true"})
    assert b"<html" not in part.content


def test_long_text_is_turned_page_by_page(client: Client, publish) -> None:
    shown = publish({"README.md": b"x\n", "log.txt": b"".join(b"line %d\n" % n for n in range(1, 501))})
    address = f"/records/{shown.pk}/preview/log.txt"
    numbers = []
    while address:
        part = page(client.get(address))
        numbers += [int(words(line.find("span"))) for line in part.cssselect(".code-lines li")]
        following = part.cssselect(".turning a[rel=next]")
        address = following[0].get("href") if following else ""
    assert numbers == list(range(1, 501))


def test_uploaded_page_is_only_ever_shown_as_text(client: Client, record: Record) -> None:
    response = client.get(f"/records/{record.pk}/files/notes.html")
    assert response["Content-Disposition"] == 'attachment; filename="notes.html"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    preview = client.get(f"/records/{record.pk}/preview/notes.html").content.decode()
    assert "<script>alert" not in preview
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in preview


@pytest.mark.parametrize(
    ("wanted", "status", "body", "span"),
    [
        (None, 200, b"time,sst\n2021-01-01,12.5\n2021-01-02,13.1\n", None),
        ("bytes=0-3", 206, b"time", "bytes 0-3/41"),
        ("bytes=37-", 206, b"3.1\n", "bytes 37-40/41"),
        ("bytes=-5", 206, b"13.1\n", "bytes 36-40/41"),
        ("bytes=38-99", 206, b".1\n", "bytes 38-40/41"),
        ("bytes=41-", 416, b"", "bytes */41"),
        ("bytes=9-3", 200, b"time,sst\n2021-01-01,12.5\n2021-01-02,13.1\n", None),
        ("bytes=0-1,3-4", 200, b"time,sst\n2021-01-01,12.5\n2021-01-02,13.1\n", None),
        ("lines=1-2", 200, b"time,sst\n2021-01-01,12.5\n2021-01-02,13.1\n", None),
    ],
)
def test_file_is_sent_in_parts(client: Client, record: Record, wanted, status: int, body: bytes, span) -> None:
    headers = {"Range": wanted} if wanted else {}
    response = client.get(f"/records/{record.pk}/files/data/sst.csv", headers=headers)
    assert (response.status_code, response.getvalue()) == (status, body)
    assert response.get("Content-Range") == span


def test_file_is_not_sent_again(client: Client, record: Record) -> None:
    address = f"/records/{record.pk}/files/data/sst.csv"
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    changed = client.get(address, headers={"Range": "bytes=0-3", "If-Range": '"another"'})
    assert changed.status_code == 200


def test_name_with_every_trick_is_sent_safely(client: Client, publish) -> None:
    name = 'a"b;=%0d%0a 表.csv'
    shown = publish({"README.md": b"x\n", name: b"a,b\n"})
    address = page(client.get(f"/records/{shown.pk}/files")).xpath(
        "//ul[contains(@class, 'files')]//a[@download]/@href"
    )[1]
    response = client.get(address)
    assert response.getvalue() == b"a,b\n"
    assert "\n" not in response["Content-Disposition"]
    assert response["Content-Disposition"].startswith("attachment; filename")


def test_nothing_of_a_withdrawn_record_is_served(client: Client, record: Record, curator) -> None:
    address = f"/records/{record.pk}"
    assert client.get(address).status_code == 200
    services.withdraw(record=record, reason="Personal data were found in it.", by=curator)
    tombstone = client.get(address)
    assert tombstone.status_code == 410
    shown = html.fromstring(tombstone.content.decode())
    assert "Personal data were found in it." in words(shown)
    assert "Yamada" in words(shown.cssselect(".citation")[0])
    for below in (
        "/files",
        "/files/README.md",
        "/preview/README.md",
        "/export/datacite",
        "/provenance",
        "/citation?style=apa",
    ):
        assert client.get(address + below).status_code == 410


def test_signed_in_curator_is_offered_a_new_version(client: Client, record: Record, curator) -> None:
    client.force_login(Record.objects.get(pk=record.pk).published_by)
    shown = page(client.get(f"/records/{record.pk}"))
    assert shown.cssselect(f"form[action='/records/{record.pk}/new-version']")
    anonymous = page(Client().get(f"/records/{record.pk}"))
    assert not anonymous.cssselect(f"form[action='/records/{record.pk}/new-version']")

"""The search page and the feed: one address for a person and for a program."""

import re

import pytest
from django.test import Client
from lxml import etree, html

from shirushi.core import services
from shirushi.core.followers import follow_all
from shirushi.core.home import home
from shirushi.core.models import Record

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def indexed(publish) -> list[Record]:
    """Three records in the index."""
    records = [
        publish(),
        publish(descriptions=[{"text": "相模湾の海面水温を毎時測りました。", "lang": "ja"}], languages=["ja"]),
        publish(rights=[{"id": "CC0-1.0"}], resource_type={"general": "Software"}),
    ]
    follow_all()
    return records


def page(response) -> html.HtmlElement:
    assert response.status_code == 200, response.content[:500]
    return html.fromstring(response.content.decode())


def words(element) -> str:
    return re.sub(r"\s+", " ", element.text_content()).strip()


def found(shown) -> list[str]:
    return [link.get("href").rpartition("/")[2] for link in shown.cssselect(".hit h2 a")]


def test_words_are_found_in_both_languages(client: Client, indexed: list[Record]) -> None:
    assert set(found(page(client.get("/search?q=temperature")))) == {record.pk for record in indexed}
    assert found(page(client.get("/search?q=相模湾"))) == [indexed[1].pk]


def test_result_explains_itself(client: Client, indexed: list[Record]) -> None:
    shown = page(client.get("/search?q=相模湾"))
    assert [words(mark) for mark in shown.cssselect(".hit mark")] == ["相模湾"]
    by_keyword = page(client.get("/search?q=海面水温&licence=CC0-1.0"))
    assert "Keyword: 海面水温" in words(by_keyword.cssselect(".hit")[0])
    by_file = page(client.get("/search?q=notes.html"))
    assert "Found in its files, variables, places or identifiers." in words(by_file.cssselect(".hit")[0])


def test_facet_stays_where_it_is_when_chosen(client: Client, indexed: list[Record]) -> None:
    def values(shown) -> list[str]:
        return [
            words(link.find_class("name")[0]) for link in shown.xpath("//section[@aria-labelledby='facet-licence']//a")
        ]

    before = page(client.get("/search?q=temperature"))
    address = before.xpath("//section[@aria-labelledby='facet-licence']//a[contains(., 'CC0')]/@href")[0]
    after = page(client.get("/search" + address))
    assert values(after) == values(before) == ["CC-BY-4.0", "CC0-1.0"]
    assert found(after) == [indexed[2].pk]
    chosen = after.cssselect(".facet[aria-current=true]")
    assert [words(link.find_class("name")[0]) for link in chosen] == ["CC0-1.0"]
    assert len(found(page(client.get("/search" + chosen[0].get("href"))))) == 3


def test_every_group_of_facets_stays_while_something_is_chosen(client: Client, indexed: list[Record]) -> None:
    def groups(shown) -> dict[str, list[str]]:
        return {
            section.get("aria-labelledby"): [words(link.find_class("name")[0]) for link in section.cssselect(".facet")]
            for section in shown.cssselect(".facets section")
        }

    before = groups(page(client.get("/search?q=temperature")))
    for chosen in ("&licence=CC0-1.0", "&licence=CC0-1.0&language=ja", "&licence=CC0-1.0&year=1999"):
        after = groups(page(client.get("/search?q=temperature" + chosen)))
        assert list(after) == list(before)
        assert all(after[name][: len(values)] == values for name, values in before.items())


def test_facet_changes_the_page_in_its_place(client: Client, indexed: list[Record]) -> None:
    shown = page(client.get("/search?q=temperature"))
    (choice,) = shown.xpath("//a[@id='licence-CC0-1.0']")
    assert choice.get("href") == choice.get("hx-get") + "#facet-licence"
    assert shown.get_element_by_id("answer").get("hx-push-url") == "true"
    assert shown.cssselect("details.facets[open]") == []
    response = client.get("/search?q=temperature", headers={"HX-Request": "true"})
    assert page(response).cssselect("details.facets[open]")
    assert "HX-Request" in response["Vary"]


def test_overview_counts_by_year_and_type(client: Client, publish) -> None:
    for year, kind in (("2021", "Dataset"), ("2024", "Dataset"), ("2024-05", "Software")):
        publish(publication_date=year, resource_type={"general": kind})
    follow_all()
    shown = page(client.get("/search?q=temperature"))
    (overview,) = shown.find_class("overview")
    rows = [[words(cell) for cell in row] for row in overview.cssselect("tbody tr")]
    assert rows == [["2024", "2"], ["2021", "1"], ["Dataset", "2"], ["Software", "1"]]
    assert len(overview.cssselect(".years .bar")) == 2
    chosen = page(client.get("/search?q=temperature&year=2021"))
    assert len(chosen.cssselect(".years .bar.is-chosen")) == 1
    assert page(client.get("/search?q=zebrafish")).find_class("overview") == []


def test_page_past_the_end_says_so(client: Client, indexed: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shirushi.systems.repository.views_search.A_PAGE", 2)
    shown = page(client.get("/search?q=temperature&page=99"))
    (empty,) = shown.find_class("empty")
    assert words(empty) == "That is past the end: what was found fills 2 pages. First page Last page"
    assert [link.get("href") for link in empty.cssselect("a")] == ["?q=temperature", "?q=temperature&page=2"]
    assert [words(told) for told in shown.cssselect("[role=status]") if words(told)] == ["There is no page 99"]
    assert "No record found" in words(page(client.get("/search?q=zebrafish&page=99")))


def test_facets_speak_the_language_of_the_reader(client: Client, indexed: list[Record]) -> None:
    shown = page(client.get("/search", headers={"Accept-Language": "ja"}))
    assert words(shown.xpath("//section[@aria-labelledby='facet-space']//a")[0]) == "例大学 3"
    assert words(shown.xpath("//section[@aria-labelledby='facet-language']//a")[0]) == "日本語 1"


def test_nothing_found_says_what_to_do(client: Client, indexed: list[Record]) -> None:
    shown = page(client.get("/search?q=zebrafish&licence=CC0-1.0"))
    assert found(shown) == []
    assert words(shown.find_class("empty")[0]).startswith("Nothing has these words.")
    assert shown.cssselect(".empty a.button")[0].get("href") == "?q=zebrafish"


@pytest.mark.parametrize(
    "address",
    ["?q=%00", "?q=%ff%fe", "?page=-1", "?page=x", "?page=99999999", "?sort=worst", "?year=1&year=", "?q=" + "a" * 5000,
     "?unknown=1", "?q=%22open", "?licence=%3Cscript%3E"],
)  # fmt: skip
def test_whatever_the_address_there_is_an_answer(client: Client, indexed: list[Record], address: str) -> None:
    response = client.get("/search" + address)
    assert response.status_code == 200
    assert b"<script>" not in response.content


def test_pages_follow_each_other(client: Client, indexed: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shirushi.systems.repository.views_search.A_PAGE", 2)
    first = page(client.get("/search?q=temperature&sort=oldest"))
    second = page(client.get("/search" + first.cssselect("a[rel=next]")[0].get("href")))
    assert sorted(found(first) + found(second)) == sorted(record.pk for record in indexed)
    assert not second.cssselect("a[rel=next]")


def test_program_finds_the_same_at_the_same_address(client: Client, indexed: list[Record]) -> None:
    response = client.get("/search?q=temperature&licence=CC0-1.0", headers={"Accept": "application/json"}, follow=True)
    assert [item["id"] for item in response.json()["items"]] == [indexed[2].pk]
    linked = page(client.get("/search?q=temperature&licence=CC0-1.0")).cssselect("link[type='application/json']")
    assert client.get(linked[0].get("href")).json()["total"] == 1


def test_index_that_is_gone_is_told(client: Client, indexed: list[Record]) -> None:
    for file in home().index.iterdir():
        if file.is_file():
            file.unlink()
    response = client.get("/search?q=temperature")
    assert response.status_code == 503
    assert str(home().root) not in response.content.decode()


def test_feed_tells_what_is_new(client: Client, indexed: list[Record], curator) -> None:
    services.withdraw(record=indexed[0], reason="Wrong file", by=curator)
    follow_all()
    response = client.get("/feed.atom")
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = etree.fromstring(response.content)
    assert [entry.find("a:category", ATOM).get("term") for entry in feed.findall("a:entry", ATOM)] == [
        "withdrawn", "published", "published", "published",
    ]  # fmt: skip
    for entry in feed.findall("a:entry", ATOM):
        assert {child.tag.partition("}")[2] for child in entry} >= {"title", "id", "link", "updated", "author"}


def test_browser_can_search_here_from_its_own_box(client: Client, db) -> None:
    description = etree.fromstring(client.get("/search/opensearch.xml").content)
    template = description.find("{http://a9.com/-/spec/opensearch/1.1/}Url").get("template")
    assert template == "http://testserver/search?q={searchTerms}"

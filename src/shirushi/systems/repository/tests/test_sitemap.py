"""What crawlers are given: a map of every page that stands, robots.txt, and schema.org in the page with its own context."""

import json

import pytest
from django.test import Client
from lxml import etree, html
from rdflib import Graph, URIRef

from shirushi.core import followers, services
from shirushi.core.models import HarvestEntry, Record
from shirushi.web.protocols import sitemap

S = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def entries(response) -> list[tuple[str, str]]:
    """(address, last change) of every entry."""
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    root = etree.fromstring(b"".join(response) if response.streaming else response.content)
    return [(element.findtext(f"{S}loc"), element.findtext(f"{S}lastmod")) for element in root]


def test_map_leads_to_every_page_that_stands(client: Client, publish, curator, monkeypatch) -> None:
    monkeypatch.setattr(sitemap, "SIZE", 2)
    made = sorted(publish(titles=[{"text": f"Record {number}"}]).pk for number in range(4))
    services.withdraw(record=Record.objects.get(pk=made[1]), reason="Wrong.", by=curator)
    followers.follow("harvesting")
    parts = entries(client.get("/sitemap.xml"))
    assert [address for address, _ in parts] == [f"http://testserver/sitemap/records-{n}.xml" for n in range(2)]
    found = [entry for address, _ in parts for entry in entries(client.get(address.removeprefix("http://testserver")))]
    assert [address for address, _ in found] == [f"http://testserver/records/{made[n]}" for n in (0, 2, 3)]
    changed = HarvestEntry.objects.filter(record=made[3]).first().datestamp
    assert found[-1][1] == parts[-1][1] == f"{changed:%Y-%m-%dT%H:%M:%SZ}"
    assert client.get("/sitemap/records-2.xml").status_code == 404
    assert client.get("/sitemap/nothing-0.xml").status_code == 404
    assert client.get(f"/sitemap/records-{'1' * 30}.xml").status_code == 404


@pytest.mark.django_db
def test_map_of_nothing_is_a_map(client: Client) -> None:
    assert entries(client.get("/sitemap.xml")) == []


@pytest.mark.parametrize("number", [1, 3])
def test_map_costs_the_same_queries_for_one_and_three(client, publish, django_assert_num_queries, number) -> None:
    for _ in range(number):
        publish()
    followers.follow("harvesting")
    with django_assert_num_queries(2):
        client.get("/sitemap.xml")
    with django_assert_num_queries(1):
        entries(client.get("/sitemap/records-0.xml"))


def test_robots_find_the_map_and_leave_work_alone(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Sitemap: http://testserver/sitemap.xml\n" in text
    assert "Disallow: /drafts\n" in text
    assert "Disallow: /records\n" not in text


def test_schema_org_in_the_page_expands_without_the_network(client: Client, record: Record) -> None:
    shown = html.fromstring(client.get(f"/records/{record.pk}").content.decode())
    (script,) = shown.cssselect("script[type='application/ld+json']")
    assert json.loads(script.text)["@context"] == {"@vocab": "https://schema.org/"}
    graph = Graph().parse(data=script.text, format="json-ld")
    name = graph.value(URIRef(f"http://testserver/records/{record.pk}"), URIRef("https://schema.org/name"))
    assert str(name) == "Sea surface temperature of two buoys"

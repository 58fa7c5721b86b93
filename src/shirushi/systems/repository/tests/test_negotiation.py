"""One address for a record, and for each program the form that it understands."""

import json

import pytest
from django.test import Client
from lxml import etree

from shirushi.core.models import Record
from shirushi.systems.repository.negotiation import HTML, best, ranges_of

# What a program sends, and the export it is led to: the twelve forms, by the names that other services give them too.
FORMS = {
    "application/vnd.datacite.datacite+xml": "datacite",
    "application/vnd.datacite.datacite+json": "datacite-json",
    "application/xml": "jpcoar",
    'application/xml; profile="http://www.openarchives.org/OAI/2.0/oai_dc/"': "oai-dc",
    "application/x-dc+xml": "oai-dc",
    "application/ld+json": "schema-org",
    "application/vnd.schemaorg.ld+json": "schema-org",
    'application/ld+json;profile="https://w3id.org/ro/crate/1.2"': "ro-crate",
    'application/ld+json; profile="http://mlcommons.org/croissant/1.1"': "croissant",
    'application/ld+json; profile="http://data.europa.eu/r5r/"': "dcat",
    "text/turtle": "dcat-turtle",
    "application/vnd.citationstyles.csl+json": "csl",
    "application/x-bibtex": "bibtex",
    "application/x-research-info-systems": "ris",
    "application/vnd.inveniordm.v1+json": "inveniordm",
    "application/vnd.datapackage+json": "datapackage",
}


def test_every_form_is_led_to_and_is_what_was_asked_for(client: Client, record: Record) -> None:
    for accept, name in FORMS.items():
        led = client.get(f"/records/{record.pk}", headers={"Accept": accept})
        assert (led.status_code, led["Location"]) == (303, f"/records/{record.pk}/export/{name}")
        assert "Accept" in led["Vary"]
        assert client.head(f"/records/{record.pk}", headers={"Accept": accept}).status_code == 303
        response = client.get(led["Location"])
        assert response.status_code == 200
        assert "Sea surface temperature of two buoys" in response.content.decode()
        if "xml" in response["Content-Type"]:
            etree.fromstring(response.content)
        elif "json" in response["Content-Type"]:
            json.loads(response.content)


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("text/html", HTML),
        ("", HTML),
        ("*/*", HTML),
        ("nonsense", HTML),
        ("text/*", HTML),
        ("application/json, text/plain, */*", "json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", HTML),
        ("application/x-bibtex;q=0.5, text/turtle;q=0.7", "dcat-turtle"),
        ("application/x-bibtex;q=0.5, */*;q=0.7", HTML),
        ("application/x-bibtex, */*", "bibtex"),
        ("text/html;q=0, */*", "datacite"),
        ("TEXT/TURTLE; Q=0.3", "dcat-turtle"),
        ("application/ld+json;charset=utf-8", "schema-org"),
        ('application/ld+json;profile="a http://mlcommons.org/croissant/1.1";q=0.4, application/ld+json;q=0.3', "croissant"),
        ('text/x-bibliography; style="a,b;c"', "text/x-bibliography"),
        ("text/x-bibliography;q=2", None),
        ("text/turtle;q=0", None),
        ("application/ld+json;profile=unknown", "schema-org"),
        ('application/ld+json;profile="https://w3id.org/ro/crate"', "ro-crate"),
        ("image/png", None),
        ("audio/*", None),
    ],
)  # fmt: skip
def test_quality_then_exactness_decides(accept: str, name: str | None) -> None:
    found = best(ranges_of(accept))
    assert (found and found.name) == name


def test_who_accepts_nothing_is_told_what_there_is(client: Client, record: Record) -> None:
    response = client.get(f"/records/{record.pk}", headers={"Accept": "image/png"})
    assert (response.status_code, response["Content-Type"]) == (406, "application/problem+json")
    available = response.json()["available"]
    assert {"text/html", "text/turtle", "text/x-bibliography", "application/json"} <= set(available)
    assert 'application/ld+json; profile="https://w3id.org/ro/crate/1.2"' in available
    assert "Accept" in response["Vary"]


@pytest.mark.parametrize(
    ("accept", "words"),
    [
        ("text/x-bibliography", "Yamada, H., & 鈴木 一郎. (20"),
        ("text/x-bibliography; style=ieee; locale=de-DE", "Verfügbar unter"),
        ("text/x-bibliography; style=apa; locale=ja-JP", "年"),
    ],
)
def test_citation_in_any_style(client: Client, record: Record, accept: str, words: str) -> None:
    response = client.get(f"/records/{record.pk}", headers={"Accept": accept}, follow=True)
    assert (response.status_code, response["Content-Type"]) == (200, "text/x-bibliography; charset=utf-8")
    assert words in response.content.decode()
    assert f"http://testserver/records/{record.pk}" in response.content.decode()


@pytest.mark.parametrize("asked", ["style=nothing", "style=../apa", "locale=tlh", "style=%00"])
def test_unknown_style_or_locale_says_so(client: Client, record: Record, asked: str) -> None:
    response = client.get(f"/records/{record.pk}/citation.txt?{asked}")
    assert (response.status_code, response.json()["type"]) == (406, "urn:shirushi:problem:no-such-style")


def test_a_hostile_header_is_read_in_little_time(client: Client, record: Record) -> None:
    for accept in ('"' * 8000, ";" * 8000, "," * 8000, "a/b," * 2000, 'a/b;x="' + "\\" * 8000):
        assert client.get(f"/records/{record.pk}", headers={"Accept": accept}).status_code in {200, 406}

"""Signposting: what a client that nobody here wrote finds in headers and link sets, at any number of files."""

import json
import re

import pytest
import signposting
from django.test import Client

from shirushi.core import services
from shirushi.core.models import Record, RecordFile

PAGE = "http://testserver/records/{}"


def links(response) -> list[tuple[str, str, str]]:
    """(address, relation, attributes) of a Link header."""
    return re.findall(r'<([^>]*)>; rel="([\w-]+)"((?:; \w+="[^"]*")*)', response["Link"])


@pytest.fixture
def large(record: Record) -> Record:
    """A record with 3,000 files more."""
    made = [
        RecordFile(record=record, path=f"多い/{number:05}.csv", size=1, sha256="0" * 64, sha512="0" * 128, media_type="text/csv")
        for number in range(3000)
    ]  # fmt: skip
    RecordFile.objects.bulk_create(made, batch_size=500)
    return record


@pytest.mark.parametrize("method", ["get", "head"])
def test_file_leads_to_what_it_belongs_to(client: Client, record: Record, method) -> None:
    response = getattr(client, method)(f"/records/{record.pk}/files/data/sst.csv")
    found = {relation: address for address, relation, _ in links(response)}
    page = PAGE.format(record.pk)
    assert found == {
        "collection": page,
        "cite-as": page,
        "linkset": f"{page}/linkset",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    assert response["Content-Length"] == "41"


def test_head_of_a_file_opens_no_file(client: Client, record: Record) -> None:
    response = client.head(f"/records/{record.pk}/files/data/sst.csv")
    assert (response.status_code, response.streaming, response["Content-Type"]) == (200, False, "text/csv")


@pytest.mark.parametrize("method", ["get", "head"])
def test_export_leads_to_what_it_describes(client: Client, record: Record, method) -> None:
    for name in ("datacite", "ris", "dcat-turtle"):
        response = getattr(client, method)(f"/records/{record.pk}/export/{name}")
        assert (PAGE.format(record.pk), "describes", '; type="text/html"') in links(response)


def test_head_of_the_page_has_the_same_header(client: Client, record: Record) -> None:
    page, head = client.get(f"/records/{record.pk}"), client.head(f"/records/{record.pk}")
    assert page["Link"] == head["Link"]
    assert {relation for _, relation, _ in links(page)} >= {"cite-as", "author", "license", "type", "item", "linkset"}
    assert re.search(
        r'export/ro-crate>; rel="describedby"; type="application/ld\+json"; profile="https://w3id', page["Link"]
    )


def test_header_is_bounded_and_link_set_complete(client: Client, publish) -> None:
    people = [{"name": f"Person {n}", "orcid": "0000-0002-1825-0097"} for n in range(200)]
    record = publish(files={f"{n:03}-{'x' * 150}.txt": str(n).encode() for n in range(60)}, creators=people)
    page = client.get(f"/records/{record.pk}")
    assert len(page["Link"]) <= 4000
    assert [relation for _, relation, _ in links(page)][:3] == ["cite-as", "linkset", "linkset"]
    (first, *_) = json.loads(client.get(f"/records/{record.pk}/linkset").getvalue())["linkset"]
    assert len(first["author"]) == 200
    assert len(first["item"]) == 60


@pytest.mark.parametrize("accept", ["*/*", "application/linkset+json", "application/linkset"])
def test_link_set_names_every_file_and_export_from_both_ends(client: Client, large: Record, accept) -> None:
    response = client.get(f"/records/{large.pk}/linkset", headers={"Accept": accept})
    assert response.streaming
    content = response.getvalue().decode()
    page = PAGE.format(large.pk)
    if accept == "application/linkset":
        assert response["Content-Type"] == accept
        rows = re.findall(r'<([^>]*)>; rel="([\w-]+)".*?; anchor="([^"]*)"', content)
        assert content.count("\n") == len(rows)
    else:
        assert response["Content-Type"] == "application/linkset+json"
        data = json.loads(content)["linkset"]
        rows = [
            (target["href"], relation, entry["anchor"])
            for entry in data
            for relation, targets in entry.items()
            if relation != "anchor"
            for target in targets
        ]
    files = {target for target, relation, anchor in rows if relation == "item" and anchor == page}
    assert len(files) == 3003
    assert {anchor for target, relation, anchor in rows if relation == "collection" and target == page} == files
    described = {target for target, relation, _anchor in rows if relation == "describedby"}
    assert {anchor for _target, relation, anchor in rows if relation == "describes"} == described
    assert "Accept" in response["Vary"]


def test_link_set_costs_the_same_queries_for_any_number_of_files(client, large, django_assert_num_queries) -> None:
    with django_assert_num_queries(3):  # the record, its files once as items and once as anchors
        client.get(f"/records/{large.pk}/linkset").getvalue()


def test_link_set_of_withdrawn_or_unknown(client: Client, record: Record, curator) -> None:
    assert client.get("/records/nothing/linkset").status_code == 404
    services.withdraw(record=record, reason="Wrong.", by=curator)
    assert client.get(f"/records/{record.pk}/linkset").status_code == 410


@pytest.mark.clients
@pytest.mark.parametrize("path", ["", "/files/data/sst.csv", "/export/schema-org"])
def test_signposting_client_finds_the_links(transactional_db, publish, live_server, settings, path) -> None:
    settings.SHIRUSHI_BASE_URL = live_server.url
    record = publish()
    page = f"{live_server.url}/records/{record.pk}"
    found = signposting.find_signposting_http(page + path)
    assert {str(link.target) for link in found.linksets} == {f"{page}/linkset"}
    if path.startswith("/files"):
        assert str(found.collection.target) == page
    if path:
        return
    assert str(found.citeAs.target) == page
    assert {str(link.target) for link in found.authors} == {"https://orcid.org/0000-0002-1825-0097"}
    assert len(found.items) == 3
    assert len(found.describedBy) == 14
    assert {link.type for link in found.linksets} == {"application/linkset+json", "application/linkset"}
    in_page = signposting.find_signposting_html(page)
    assert len(in_page.items) == 3
    for link in found.linksets:
        whole = signposting.find_signposting_linkset(str(link.target), acceptType=str(link.type))
        about = whole.for_context(page)
        assert len(about.items) == 3
        assert len(about.describedBy) == 14
        assert whole.for_context(f"{page}/files/README.md").collection.target == page

"""What strangers get of closed files by every way there is: what the depositor decided to say, and nothing of what the bytes hold."""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from shirushi.accounts.models import Token, User
from shirushi.core import services
from shirushi.core.followers import follow_all
from shirushi.core.home import engine
from shirushi.core.models import DerivedFile, SecretLink, Space
from shirushi.core.services import deriving
from shirushi.describe.description import Description
from shirushi.describe.evidence import CellPlace, Evidence, Suggestion
from shirushi.exchange.formats import FORMATS
from shirushi.metadata.work import Access
from shirushi.search.query import Query
from shirushi.systems.repository.agent_tools import TOOLS
from shirushi.systems.repository.tests.conftest import FIELDS, README, TITLE

DATA = "data/catch.csv"
LOW, HIGH, CATEGORY, MARK = "-31871.25", "90417.75", "Kuroshio-maguro", "n-a-7719"
CSV = f"species,catch\n{CATEGORY},{LOW}\nsaba,{HIGH}\niwashi,{MARK}\n".encode()
SHA256, SHA512 = hashlib.sha256(CSV).hexdigest(), hashlib.sha512(CSV).hexdigest()
MD5 = hashlib.md5(CSV, usedforsecurity=False).hexdigest()
VARIABLES = [
    {"name": "species", "file": DATA, "type": "string", "label": "What was caught", "missing": 0, "count": 3},
    {"name": "catch", "file": DATA, "type": "number", "unit": "kg", "minimum": float(LOW), "maximum": float(HIGH), "missing": 1, "count": 3},
]  # fmt: skip
SECRET = {
    "least": rb"-31,?871\.25",
    "greatest": rb"90,?417\.75",
    "category": CATEGORY.encode(),
    "mark": MARK.encode(),
    "SHA-256": f"{SHA256[:16]}".encode(),
    "SHA-512": f"{SHA512[:16]}".encode(),
    "MD5": f"{MD5[:16]}".encode(),
}
CLOSED = {
    "restricted": Access(rights="restricted", note="Quotas of named boats"),
    "embargoed": Access(rights="embargoed", until=(timezone.localdate() + timedelta(days=3)).isoformat()),
}


@pytest.fixture
def record(curator, fill):
    """Two versions with the same closed file, whose variables were read from it; the second is given back."""
    draft = services.create_draft(space=Space.objects.get(), by=curator, name="catch")
    for path, content in {"README.md": README, DATA: CSV}.items():
        services.put_file(draft=draft, path=path, content=content, by=curator)
    run = services.start_describing(draft=draft, by=curator)
    seen = [
        Evidence("column", {"top": [[CATEGORY, 1]], "minimum": float(LOW)}, CellPlace(DATA, n, quote=CATEGORY), "table/1")
        for n in (1, 2)
    ]  # fmt: skip
    found = [Suggestion("/titles/-", TITLE, 0.97, (seen[0],), "titles.test", "1")]
    found += [
        Suggestion("/variables/-", one, 0.97, (seen[n],), "variables.test", "1") for n, one in enumerate(VARIABLES)
    ]
    services.save_description(run=run, description=Description("catch", suggestions=found))
    draft.refresh_from_db()
    services.accept_above(draft=draft, threshold=0.9, by=curator, at_version=draft.version)
    fill(draft, **{name: value for name, value in FIELDS.items() if name != "variables"})
    first = services.publish(draft=draft, by=curator, at_version=draft.version)
    second = services.new_version(record=first, by=curator)
    fill(second, descriptions=[{"text": "Checked twice.", "lang": "en"}])
    newest = services.publish(draft=second, by=curator, at_version=second.version)
    for one in (first, newest):
        deriving.derive_record(one)
    follow_all()
    assert DerivedFile.objects.filter(record=newest).exists()
    return newest


def close(record, curator, access: Access) -> None:
    for one in record.concept.records.all():
        services.change_access(record=one, access=access, by=curator)
    record.refresh_from_db()


def pages(record) -> list[str]:
    """Every address of a record's pages, from the map of addresses itself; files by path, and everything by each language."""
    made = DerivedFile.objects.filter(record=record).first()
    given = {
        "record_id": record.pk, "file_path": DATA, "format_name": "", "link_id": "none", "request_id": "none",
    }  # fmt: skip
    found = []
    for route in routes(get_resolver().url_patterns):
        if not route.startswith("records/<str:record_id>"):
            continue
        for name in FORMATS if "format_name" in route else [""]:
            address = re.sub(r"<\w+:(\w+)>", lambda match: {**given, "format_name": name}[match[1]], route)  # noqa: B023
            found.append(f"/{address}".replace(f"/derived/{DATA}", f"/derived/{made.path}"))
    return found


def routes(patterns: Any, before: str = "") -> Iterator[str]:
    for one in patterns:
        route = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from routes(one.url_patterns, route)
        else:
            yield route


def interfaces(record, client: Client) -> list[str]:
    """Every address of the REST interfaces that names a record, from their own descriptions."""
    doi = record.identifiers.first().value
    file = record.files.get(path=DATA)
    given = {"record_id": record.pk, "path": DATA, "key": DATA, "file_id": str(file.pk), "format_name": "croissant"}
    found = []
    for at in ("/api/openapi.json", "/invenio/api/openapi.json"):
        for address, operations in client.get(at).json()["paths"].items():
            if "get" in operations and set(re.findall(r"{(\w+)}", address)) <= set(given):
                found.append(re.sub(r"{(\w+)}", lambda match: given[match[1]], address))
    found += [f"/api/records/{record.pk}?format={name}" for name in [*FORMATS, "inveniordm"]]
    found += [f"/api/records/{record.pk}/package?kind={kind}" for kind in ("bagit", "ro-crate")]
    found += [
        f"/api/datasets/:persistentId?persistentId=doi:{doi}",
        "/search?q=buoys",
        "/feed.atom",
        "/sitemap.xml",
    ]
    prefixes = ("oai_dc", "jpcoar_2.1", "jpcoar_2.0", "datacite", "oai_datacite")
    return found + [f"/oai?verb=ListRecords&metadataPrefix={prefix}" for prefix in prefixes]


def answers(record, client: Client, language: str = "en") -> dict[str, bytes]:
    """All that can be had by an address."""
    found: dict[str, bytes] = {}
    for address in dict.fromkeys([*pages(record), *interfaces(record, client)]):
        answer = client.get(address, headers={"Accept-Language": language})
        assert answer.status_code < 500, address
        body = b"".join(answer) if answer.streaming else answer.content
        if body[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                body = b"\n".join([name.encode() + archive.read(name) for name in archive.namelist()])
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        found[address] = headers.encode() + body
    return found


def by_agents(record, token: str = "") -> dict[str, bytes]:
    asked = {"id": record.pk, "path": DATA, "query": "buoys", "field": "variables"}
    found = {}
    for tool in TOOLS:
        if tool.reads and "draft" not in tool.name:
            arguments = {name: asked[name] for name in tool.schema["properties"] if name in asked}
            found[tool.name] = post("tools/call", {"name": tool.name, "arguments": arguments}, token)
    for name in ("", *(f"/{name}" for name in FORMATS)):
        found[f"resource {name}"] = post("resources/read", {"uri": f"shirushi://records/{record.pk}{name}"}, token)
    return found


def post(method: str, params: dict[str, Any], token: str) -> bytes:
    from shirushi.systems.repository.tests.test_mcp import modern

    content: bytes = modern(method, params, token=token).content
    return content


def told(found: dict[str, bytes]) -> dict[str, set[str]]:
    """Of each answer, which of the secrets stand in it."""
    return {
        way: words for way, body in found.items() if (words := {n for n, w in SECRET.items() if re.search(w, body)})
    }


@pytest.fixture
def stranger(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("stranger@example.org", None, name="S"))
    return client


@pytest.mark.parametrize(
    ("access", "who", "language"), [("restricted", "client", "en"), ("embargoed", "stranger", "ja")]
)
def test_no_way_gives_a_stranger_what_closed_files_hold(
    record, curator, client, request, access, who, language
) -> None:
    answers_before = (
        client.get(f"/records/{record.pk}"),
        client.get(f"/api/records/{record.pk}"),
    )  # kept while it was open
    assert all(re.search(SECRET["greatest"], answer.content) for answer in answers_before)
    close(record, curator, CLOSED[access])
    assert told(answers(record, request.getfixturevalue(who), language)) == {}
    assert told(by_agents(record)) == {}
    assert [engine().search(Query(text=word)).total for word in (LOW[1:], HIGH, CATEGORY, SHA256)] == [0, 0, 0, 0]


SEEN_BY_READERS = {
    "/records/{id}": {"least", "greatest"},
    "/records/{id}/provenance": {"category"},
    "/records/{id}/preview/data/catch.csv": {"least", "greatest", "category", "mark", "SHA-256"},
    "/records/{id}/export/croissant": {"least", "greatest", "SHA-256"},
    "/records/{id}/export/dcat": {"SHA-256"},
    "/records/{id}/export/ro-crate": {"least", "greatest", "SHA-256"},
    "/records/{id}/bagit.zip": set(SECRET) - {"MD5"},
    "/records/{id}/data-card.md": {"least", "greatest"},
    "/api/records/{id}": {"least", "greatest", "category"},
    "/api/records/{id}/files": {"SHA-256", "SHA-512"},
    "/api/records/{id}/derived": {"SHA-256"},
}


def test_those_who_may_read_the_files_get_everything(record, curator, stranger) -> None:
    close(record, curator, CLOSED["restricted"])
    keeper = Client()
    keeper.force_login(User.objects.get(pk=curator.user_id))
    _link, secret = services.make_link(of=record, kind=SecretLink.Kind.FILES, by=curator, label="Ann")
    stranger.get(f"/shared/{secret}")
    for who in (keeper, stranger):
        known = told(answers(record, who))
        for way, words in SEEN_BY_READERS.items():
            assert words <= known.get(way.format(id=record.pk), set()), way
    token = Token.objects.issue(user=User.objects.get(pk=curator.user_id), name="t", scopes=["read"])[1]
    known = told(by_agents(record, token))
    assert {"least", "greatest"} <= known["get_record"]
    assert {"least", "SHA-256"} <= known["resource /croissant"]
    assert "category" in known["where_values_come_from"]


WAYS = ("", "/provenance", "/data-card", "/export/croissant", "/linkset")


def test_no_kept_answer_outlives_the_right_to_it(record, curator, client, monkeypatch) -> None:
    """Strangers and readers ask in turn, with the marks that they were given; then the embargo ends by itself."""
    close(record, curator, CLOSED["embargoed"])
    keeper = Client()
    keeper.force_login(User.objects.get(pk=curator.user_id))
    ways = [
        *(f"/records/{record.pk}{way}" for way in WAYS),
        f"/api/records/{record.pk}",
        f"/api/records/{record.pk}/files",
    ]
    for way in ways:
        full = keeper.get(way)
        if etag := full.headers.get("ETag"):
            assert client.get(way, headers={"If-None-Match": etag}).status_code == 200, way
        kept = full.headers.get("Cache-Control", "")
        assert "no-store" in kept or "Cookie" in full.headers.get("Vary", ""), way
    before = {way: b"".join(client.get(way)) for way in ways}
    later = timezone.localdate() + timedelta(days=9)
    monkeypatch.setattr("shirushi.core.models.timezone.localdate", lambda: later)
    after = {way: b"".join(client.get(way)) for way in ways}
    assert not [way for way in ways if before[way] == after[way]]
    assert b"SHA" not in before[ways[0]]
    assert re.search(SECRET["greatest"], after[ways[0]])
    assert re.search(SECRET["SHA-256"], after[f"/api/records/{record.pk}/files"])


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_link_on_the_pages_leads_a_stranger_to_a_closed_door(record, curator, client, language) -> None:
    close(record, curator, CLOSED["embargoed"])
    own = f"/records/{record.pk}"
    for page in (own, f"{own}/files", f"{own}/provenance", f"{own}/data-card", f"{own}/changes"):
        text = client.get(page, headers={"Accept-Language": language}).content.decode()
        assert f"{own}/ask" in text or page.endswith("/changes")
        leads = set(re.findall(r'(?:href|hx-get|src)="(/[^"#]*)"', text)) - {"/sign-in"}
        wrong = {lead: got for lead in leads if (got := client.get(lead.replace("&amp;", "&")).status_code) >= 400}
        assert wrong == {}, page
    link = client.get(own).headers["Link"]
    assert 'rel="item"' not in link
    assert "item" not in client.get(f"{own}/linkset").getvalue().decode()


def test_formats_say_that_the_files_are_asked_for(record, curator, client) -> None:
    close(record, curator, CLOSED["restricted"])
    own = f"/records/{record.pk}"
    ask = f"http://testserver{own}/ask"
    told = {name: client.get(f"{own}/export/{name}").json() for name in ("schema-org", "croissant", "dcat", "ro-crate")}
    root = next(one for one in told["ro-crate"]["@graph"] if one["@id"] == "./")
    for one in (told["schema-org"], told["croissant"], root):
        assert one["isAccessibleForFree"] is False
        assert one["conditionsOfAccess"].endswith(f"/records/{record.pk}/ask")
    assert "distribution" not in told["croissant"]
    assert not [one for one in told["schema-org"]["distribution"] if "contentUrl" in one or "sha256" in one]
    for one in told["dcat"]["dcat:distribution"]:
        assert one["dcat:accessURL"]["@id"].endswith(f"{own}/ask")
        assert "dcat:downloadURL" not in one
    assert [one["name"] for one in told["ro-crate"]["@graph"] if one["@type"] == "File"] == ["README.md", DATA]
    assert ask
    assert client.get(f"/api{own}").json()["ask_url"].endswith(f"{own}/ask")
    for file in client.get(f"/api{own}/files").json()["items"]:
        assert (file["url"], file["sha256"]) == (None, None)


def test_what_was_decided_to_be_said_stays_public(record, curator, client) -> None:
    close(record, curator, CLOSED["restricted"])
    page = client.get(f"/records/{record.pk}").content.decode()
    assert all(word in page for word in ("What was caught", "kg", DATA, "species"))
    variables = client.get(f"/api/records/{record.pk}").json()["metadata"]["variables"]
    assert [(one["name"], one["count"], one.get("unit")) for one in variables] == [
        ("species", 3, None),
        ("catch", 3, "kg"),
    ]

"""The REST interface: changes made on condition of what was seen (RFC 9110, If-Match and If-None-Match)."""

import re

import pytest
from django.test import Client

from shirushi.accounts.models import Scope, Space, Token, User
from shirushi.core import services
from shirushi.core.models import Draft

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(curator):
    secret = Token.objects.issue(user=User.objects.get(), name="t", scopes=Scope.values)[1]
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def draft(curator):
    draft = services.create_draft(space=Space.objects.get(), by=curator, name="buoys")
    services.put_file(draft=draft, path="a.txt", content=b"first", by=curator)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def ask(api, draft):
    """Sends a request about the draft; in headers, ``{version}``, ``{before}`` and ``{sha256}`` stand for what they are now."""

    def send(method, path, body=None, **headers):
        words = {"version": draft.version, "before": draft.version - 1, "sha256": draft.files.first().sha256}
        filled = {name.replace("_", "-"): value.format(**words) for name, value in headers.items()}
        url = f"/api/drafts/{draft.pk}{path}"
        kind = "application/octet-stream" if method == "PUT" else "application/json"
        return api.generic(method, url, body or b"", kind, headers=filled)

    return send


def state(draft):
    now = Draft.objects.get(pk=draft.pk)
    return now.version, now.state, sorted(now.files.values_list("path", "size"))


STALE = [
    ("PUT", "/files/a.txt", {"If_Match": '"{before}"'}, "changed"),
    ("PUT", "/files/new.txt", {"If_Match": '"{before}"'}, "changed"),
    ("PUT", "/files/a.txt", {"If_Match": f'"{"0" * 64}"'}, "changed"),
    ("PUT", "/files/a.txt", {"If_Match": "nonsense"}, "changed"),
    ("PUT", "/files/new.txt", {"If_Match": "*"}, "changed"),
    ("PUT", "/files/a.txt", {"If_None_Match": "*"}, "file-exists"),
    ("PUT", "/files/a.txt", {"If_None_Match": '"{sha256}"'}, "file-exists"),
    ("DELETE", "/files/a.txt", {"If_Match": '"{before}"'}, "changed"),
    ("DELETE", "/files/a.txt", {"If_Match": f'"{"0" * 64}"'}, "changed"),
    ("DELETE", "", {"If_Match": '"{before}"'}, "changed"),
    ("POST", "/describe", {"If_Match": '"{before}"'}, "changed"),
    ("POST", "/restore", {"If_Match": '"{before}"'}, "changed"),
]


@pytest.mark.parametrize(("method", "path", "headers", "code"), STALE)
def test_change_of_what_is_no_longer_as_it_was_seen_is_412(ask, draft, method, path, headers, code):
    before = state(draft)
    answer = ask(method, path, b"other" if method == "PUT" else None, **headers)
    assert (answer.status_code, answer["Content-Type"]) == (412, "application/problem+json")
    assert (answer.json()["code"], answer.json()["version"]) == (code, draft.version)
    assert state(draft) == before


GOOD = [
    ("PUT", "/files/a.txt", {"If_Match": '"{version}"'}, 200),
    ("PUT", "/files/a.txt", {"If_Match": '"0", "{version}"'}, 200),
    ("PUT", "/files/a.txt", {"If_Match": '"{sha256}"'}, 200),
    ("PUT", "/files/a.txt", {"If_Match": "*"}, 200),
    ("PUT", "/files/new.txt", {"If_None_Match": "*"}, 200),
    ("PUT", "/files/a.txt", {"If_None_Match": f'"{"0" * 64}"'}, 200),
    ("DELETE", "/files/a.txt", {"If_Match": '"{version}"'}, 204),
    ("DELETE", "/files/a.txt", {"If_Match": '"{sha256}"'}, 204),
    ("DELETE", "", {"If_Match": '"{version}"'}, 204),
    ("POST", "/describe", {"If_Match": '"{version}"'}, 202),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), GOOD)
def test_change_of_what_is_as_it_was_seen_is_made(ask, method, path, headers, status):
    assert ask(method, path, b"other" if method == "PUT" else None, **headers).status_code == status


def test_file_that_comes_meanwhile_is_not_overwritten(ask, draft, curator, monkeypatch):
    """Between looking at the header and keeping the bytes somebody else puts the file."""
    put = services.put_file

    def late(**arguments):
        put(draft=draft, path="new.txt", content=b"theirs", by=curator)
        return put(**arguments)

    monkeypatch.setattr(services, "put_file", late)
    answer = ask("PUT", "/files/new.txt", b"mine", If_None_Match="*")
    assert (answer.status_code, answer.json()["code"]) == (412, "file-exists")
    assert draft.files.get(path="new.txt").size == len(b"theirs")


def test_etag_of_a_put_file_is_the_one_it_is_read_with(ask):
    put = ask("PUT", "/files/a.txt", b"other")
    assert ask("GET", "/files/a.txt", If_None_Match=put["ETag"]).status_code == 304


@pytest.mark.parametrize(
    ("seen", "header", "status"),
    [
        ("version", '"{version}"', 200),
        ("version", '"{before}"', 412),
        ("version", "nonsense", 412),
        ("before", '"{version}"', 409),
        ("before", '"{before}"', 412),
        ("version", "*", 200),
    ],
)
def test_version_in_the_body_and_in_the_header_must_both_hold(ask, draft, seen, header, status):
    at_version = draft.version - (seen == "before")
    body = f'{{"value": "1.0", "at_version": {at_version}}}'.encode()
    answer = ask("PATCH", "/fields/version", body, If_Match=header)
    assert answer.status_code == status
    assert ("version" in Draft.objects.get(pk=draft.pk).metadata) == (status == 200)


def test_any_version_is_taken_where_the_header_says_so(ask, draft):
    answer = ask("PATCH", "/fields/version", b'{"value": "1.0"}', If_Match="*")
    assert answer.status_code == 200
    assert Draft.objects.get(pk=draft.pk).metadata["version"] == "1.0"


# These change the draft only when the file is whole, or only what no version counts; tus has headers of its own.
LATER = re.compile(r"/(uploads|fetches|unpackings|identifiers|review-links)(/|$)")


def test_openapi_declares_the_headers_where_they_count(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    declared = {
        (method, path.partition("{draft_id}")[2], parameter["name"])
        for path, operations in paths.items()
        for method, operation in operations.items()
        for parameter in operation["parameters"]
        if parameter["in"] == "header"
        if "412" in operation["responses"] and not LATER.search(path)
    }
    changing = {
        (method, path.partition("{draft_id}")[2], "If-Match")
        for path, operations in paths.items()
        for method, operation in operations.items()
        if path.startswith("/api/drafts/{") and method != "get" and not LATER.search(path)
    }
    assert declared == changing | {("put", "/files/{path}", "If-None-Match")}


def test_every_operation_declares_that_there_may_be_no_room(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    lacking = [
        (method, path)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if "503" not in operation["responses"]
    ]
    assert lacking == []

"""The Model Context Protocol: what its revisions demand of a message, and what an agent may and may not do."""

import json
from typing import Any

import pytest
from django.test import Client

from shirushi.accounts.models import Token, User
from shirushi.core import services
from shirushi.core.models import Event, Suggestion
from shirushi.metadata.work import Access

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "tester", "version": "1"},
}


def post(body: Any, **headers: str) -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return Client().post(
        "/mcp", data, "application/json", headers={"Accept": "application/json, text/event-stream", **headers}
    )


def modern(method: str, params: dict[str, Any] | None = None, *, token: str = "", **changed: str) -> Any:
    params = {**(params or {}), "_meta": META}
    headers = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method}
    if name := params.get("name") or params.get("uri"):
        headers["Mcp-Name"] = str(name)
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return post({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, **{**headers, **changed})


def call(name: str, arguments: dict[str, Any], token: str = "") -> dict[str, Any]:
    answer = modern("tools/call", {"name": name, "arguments": arguments}, token=token)
    assert answer.status_code == 200, answer.content
    result: dict[str, Any] = answer.json()["result"]
    return result


def told(name: str, arguments: dict[str, Any], token: str = "") -> Any:
    result = call(name, arguments, token)
    assert result["isError"] is False, result
    assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
    return result["structuredContent"]


@pytest.fixture
def token(curator) -> str:
    user = User.objects.get(pk=curator.user_id)
    return Token.objects.issue(user=user, name="t", scopes=["read", "deposit", "decide", "publish", "operate"])[1]


# -- messages


def test_discovery_tells_versions_and_what_there_is(db) -> None:
    result = modern("server/discover").json()["result"]
    assert result["supportedVersions"][0] == "2026-07-28"
    assert set(result["capabilities"]) == {"tools", "resources"}
    assert (result["resultType"], result["cacheScope"]) == ("complete", "public")
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "shirushi"


@pytest.mark.parametrize(
    ("changed", "code", "status"),
    [
        ({"Mcp-Method": "tools/list"}, -32020, 400),
        ({"MCP-Protocol-Version": "2099-01-01"}, -32020, 400),
        ({"Mcp-Name": "other"}, -32020, 400),
        ({"Mcp-Name": "=?base64?c2VhcmNoX3JlY29yZHM=?="}, None, 200),
    ],
)
def test_headers_say_what_the_body_says(db, changed, code, status) -> None:
    asked = {"name": "search_records", "arguments": {"query": "x"}}
    answer = modern("tools/call", asked, **changed)
    assert (answer.status_code, answer.json().get("error", {}).get("code")) == (status, code)


def test_version_that_is_not_spoken_names_those_that_are(db) -> None:
    meta = {**META, "io.modelcontextprotocol/protocolVersion": "2099-01-01"}
    body = {"jsonrpc": "2.0", "id": "a", "method": "tools/list", "params": {"_meta": meta}}
    answer = post(body, **{"MCP-Protocol-Version": "2099-01-01", "Mcp-Method": "tools/list"})
    assert answer.status_code == 400
    assert answer.json() == {
        "jsonrpc": "2.0",
        "id": "a",
        "error": {
            "code": -32022,
            "message": "Unsupported protocol version",
            "data": {"supported": ["2026-07-28"], "requested": "2099-01-01"},
        },
    }


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        ("{", -32700, 400),
        ("[" * 100_000, -32700, 400),
        ([{"jsonrpc": "2.0", "id": 1, "method": "ping"}], -32600, 400),
        ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, -32600, 400),
        ({"jsonrpc": "2.0", "id": None, "method": "ping"}, -32600, 400),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/explode"}, -32601, 404),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 3}}, -32602, 400),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "nothing"}}, -32602, 400),
        ({"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": "file:///etc/passwd"}}, -32002, 200),
    ],
)
def test_messages_that_cannot_be_taken(db, body, code, status) -> None:
    answer = post(body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_handshake_of_earlier_revisions(db) -> None:
    asked = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    answer = post({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": asked})
    assert answer.json()["result"]["protocolVersion"] == "2025-06-18"
    assert "Mcp-Session-Id" not in answer.headers
    newer = {**asked, "protocolVersion": "2027-01-01"}
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": newer}
    assert post(body).json()["result"]["protocolVersion"] == "2025-11-25"
    assert post({"jsonrpc": "2.0", "method": "notifications/initialized"}).status_code == 202
    listed = post({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}, **{"MCP-Protocol-Version": "2025-06-18"})
    assert "resultType" not in listed.json()["result"]


def test_methods_of_the_other_generation_are_not_there(db) -> None:
    assert modern("initialize").json()["error"]["code"] == -32601
    assert modern("ping").json()["error"]["code"] == -32601


def test_pages_elsewhere_and_other_methods_get_nothing(db, settings) -> None:
    settings.SHIRUSHI_BASE_URL = "https://data.example.org"
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert post(ping, Origin="https://evil.example").status_code == 403
    assert post(ping, Origin="https://data.example.org").status_code == 200
    assert [Client().get("/mcp").status_code, Client().delete("/mcp").status_code] == [405, 405]
    assert post(ping, Accept="text/html").status_code == 406
    assert post(ping, Authorization="Bearer nonsense").status_code == 401


def test_tools_are_listed_the_same_way_every_time_with_schemas(db) -> None:
    listed = [modern("tools/list").json()["result"]["tools"] for _ in range(2)]
    assert listed[0] == listed[1]
    names = [one["name"] for one in listed[0]]
    assert names == sorted(names)
    assert not {
        name for name in names if "publish" in name or "decide" in name or "delete" in name or "withdraw" in name
    }
    assert all(one["inputSchema"]["additionalProperties"] is False for one in listed[0])
    assert {one["name"] for one in listed[0] if not one["annotations"]["readOnlyHint"]} == {
        "describe_draft",
        "propose_value",
    }


# -- reading


def test_record_is_found_read_and_looked_into(publish) -> None:
    from shirushi.core import followers

    record = publish()
    followers.follow_all()
    (hit,) = told("search_records", {"query": "buoys"})["items"]
    assert hit["id"] == record.pk
    read = told("get_record", {"id": record.pk})
    assert read["metadata"]["rights"] == [{"covers": "all", "id": "CC-BY-4.0"}]
    assert "Yamada" in read["citation"]
    assert [one["path"] for one in told("list_record_files", {"id": record.pk, "after": "README.md"})["items"]] == [
        "data/sst.csv", "notes.html",
    ]  # fmt: skip
    sample = told("sample_record_file", {"id": record.pk, "path": "data/sst.csv", "count": 1})
    assert (sample["header"], sample["rows"]) == (["time", "sst"], [{"number": 2, "cells": ["2021-01-01", "12.5"]}])
    (seen,) = told("where_values_come_from", {"id": record.pk, "field": "titles"})["items"]
    assert seen["evidence"][0]["place"]["file"] == "README.md"


def test_resources(publish) -> None:
    record = publish()
    listed = modern("resources/list").json()["result"]["resources"]
    assert [one["uri"] for one in listed] == ["shirushi://fields", f"shirushi://records/{record.pk}"]
    read = modern("resources/read", {"uri": f"shirushi://records/{record.pk}/bibtex"}).json()["result"]
    assert read["contents"][0]["text"].startswith("@")
    assert modern("resources/read", {"uri": "shirushi://records/none"}).json()["error"]["code"] == -32602


def test_closed_files_stay_closed(publish, curator, token) -> None:
    record = services.change_access(record=publish(), access=Access(rights="restricted"), by=curator)
    asked = {"id": record.pk, "path": "data/sst.csv"}
    assert "only for those who are let in" in call("sample_record_file", asked)["content"][0]["text"]
    assert told("sample_record_file", asked, token)["rows"]


def test_what_is_wrong_with_a_call_is_told_to_the_model(db) -> None:
    for arguments, words in (
        ({}, "'query' is a required property"),
        ({"query": "x", "limit": 5_000}, "limit: 5000 is greater than the maximum of 50"),
        ({"query": "x", "evil": 1}, "Additional properties are not allowed"),
    ):
        result = call("search_records", arguments)
        assert result["isError"] is True
        assert words in result["content"][0]["text"]
    assert "no such record" in call("get_record", {"id": "none"})["content"][0]["text"]


# -- proposing


@pytest.fixture
def draft(publish, curator):
    return services.new_version(record=publish(), by=curator)


def proposal(draft, **changed: Any) -> dict[str, Any]:
    return {
        "draft": draft.pk,
        "field": "subjects",
        "value": {"text": "buoys", "lang": "en"},
        "confidence": 0.7,
        "evidence": [{"file": "README.md", "quote": "two buoys"}],
        **changed,
    }


def test_proposal_waits_for_a_person_with_its_quote_in_its_place(draft, token, curator) -> None:
    made = told("propose_value", proposal(draft), token)
    kept = Suggestion.objects.get(pk=made["suggestion"])
    assert (kept.state, kept.method, kept.confidence) == ("open", "by.mcp:tester", 0.7)
    (seen,) = kept.evidence
    assert (seen["place"]["start"], seen["place"]["quote"]) == (3, "two buoys")
    event = Event.objects.get(type="draft.proposed")
    assert event.actor == {
        "kind": "agent",
        "user": curator.user_id,
        "agent": "mcp:tester",
        "on_behalf_of": curator.user_id,
    }
    assert told("get_draft", {"id": draft.pk}, token)["proposed"][-1]["value"] == {"text": "buoys", "lang": "en"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"evidence": [{"file": "README.md", "quote": "three buoys"}]}, "These words are not in README.md"),
        ({"evidence": [{"file": "gone.md", "quote": "two buoys"}]}, "no file 'gone.md'"),
        ({"evidence": []}, "evidence: [] should be non-empty"),
        ({"confidence": 2}, "confidence: 2 is greater"),
        ({"value": {"words": "buoys"}}, "/subjects"),
        ({"field": "secrets"}, "is not one of"),
    ],
)
def test_proposal_without_a_ground_is_refused(draft, token, changed, words) -> None:
    before = Suggestion.objects.count()
    result = call("propose_value", proposal(draft, **changed), token)
    assert result["isError"] is True
    assert words in result["content"][0]["text"]
    assert Suggestion.objects.count() == before


def test_nobody_without_a_token_or_scope_proposes_or_sees_drafts(draft, curator, db) -> None:
    user = User.objects.get(pk=curator.user_id)
    reading = Token.objects.issue(user=user, name="r", scopes=["read"])[1]
    stranger = User.objects.create_user("x@example.org", None, name="X")
    other = Token.objects.issue(user=stranger, name="o", scopes=["read", "deposit"])[1]
    assert "send a token" in call("get_draft", {"id": draft.pk})["content"][0]["text"]
    assert "You may not change this draft" in call("propose_value", proposal(draft), reading)["content"][0]["text"]
    assert "no such draft" in call("get_draft", {"id": draft.pk}, other)["content"][0]["text"]
    assert told("list_drafts", {}, other) == {"total": 0, "items": []}
    assert not Suggestion.objects.filter(draft=draft).exists()


def test_llms_txt(client) -> None:
    answer = client.get("/llms.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().startswith("# shirushi\n")
    assert "/mcp" in answer.content.decode()

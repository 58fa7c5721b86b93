"""The REST interface: the main job from an empty draft to a validated export, who may do it, conflicts and errors."""

import json
import re

import pytest
from django.core.cache import cache
from django.test import Client
from lxml import etree

from shirushi.accounts.models import Membership, Space, Token, User
from shirushi.core import services
from shirushi.core.models import Draft, Suggestion
from shirushi.metadata.work import Access
from shirushi.systems.repository.api_words import OPERATIONS_JA

pytestmark = pytest.mark.django_db(transaction=True)

README = "# Sea surface temperature of Sagami Bay\n\nHourly temperatures of twelve buoys.\n"


@pytest.fixture
def space():
    cache.clear()
    return Space.objects.create(slug="ocean", name_en="Institute of Ocean", name_ja="海洋研究所")


@pytest.fixture
def user(space):
    user = User.objects.create_user("hanako@example.org", "a long password", name="山田 花子")
    Membership.objects.create(space=space, user=user, role="depositor")
    return user


@pytest.fixture
def token(user):
    return Token.objects.issue(user=user, name="test", scopes=["read", "deposit", "decide", "publish"])[1]


@pytest.fixture
def api(token):
    return Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=True)


@pytest.fixture
def draft(api, space):
    return api.post("/api/drafts", {"space": "ocean", "name": "buoys"}, content_type="application/json").json()


def send(client, method, path, body=None, **headers):
    data = b"" if body is None else json.dumps(body).encode()
    return client.generic(method, path, data, "application/json", headers=headers)


def suggested(draft_id: str, field: str, value, confidence: float = 0.9) -> Suggestion:
    evidence = [{"kind": "title", "value": value, "place": {"file": "README.md"}, "reader": "test 1"}]
    return Suggestion.objects.create(
        draft_id=draft_id, target=f"/{field}/-", field=field, value=value, confidence=confidence, evidence=evidence,
        method="test", method_version="1",
    )  # fmt: skip


FIELDS = {
    "titles": [{"text": "Sea surface temperature", "lang": "en"}],
    "creators": [{"name": "Yamada, Hanako"}],
    "descriptions": [{"text": "Hourly temperatures of twelve buoys.", "lang": "en"}],
    "rights": [{"id": "CC-BY-4.0"}],
    "publisher": {"name": "Institute of Ocean"},
    "resource_type": {"general": "Dataset"},
}


@pytest.fixture
def published(api, draft):
    api.put(f"/api/drafts/{draft['id']}/files/data/a.csv", b"x,y\n1,2\n", content_type="text/csv")
    for field, value in FIELDS.items():
        version = Draft.objects.get(pk=draft["id"]).version
        response = send(
            api, "PATCH", f"/api/drafts/{draft['id']}/fields/{field}", {"value": value, "at_version": version}
        )
        assert response.status_code == 200, response.content
    response = send(api, "POST", f"/api/drafts/{draft['id']}/publish", {"at_version": response.json()["version"]})
    assert response.status_code == 201, response.content
    return response.json()


def test_fields_are_kept_blank_for_a_person_on_the_drop_page_and_not_for_a_program(api, draft, user, settings):
    settings.SHIRUSHI_BLANK_SHARE = 0.25
    url = f"/api/drafts/{draft['id']}"
    api.put(f"{url}/files/README.md", README.encode(), content_type="text/markdown")
    send(api, "POST", f"{url}/describe")
    runs = Draft.objects.get(pk=draft["id"]).runs
    assert runs.get().blank == 0
    runs.update(state="failed")
    browser = Client()
    browser.force_login(user)
    assert send(browser, "POST", f"{url}/describe").status_code == 202
    assert runs.last().blank == 0.25


def test_main_job_through_rest(api, draft, shared):
    """Create, upload, describe, accept, fill in, publish, search, export."""
    from shirushi.core import followers, jobs

    url = f"/api/drafts/{draft['id']}"
    put = api.put(f"{url}/files/README.md", README.encode(), content_type="text/markdown")
    assert (put.status_code, put.json()["size"]) == (200, len(README))
    run = send(api, "POST", f"{url}/describe")
    assert run.status_code == 202
    jobs.run_description(run.json()["id"])
    assert api.get(f"{url}/describe").json()["state"] == "done"
    title = next(s for s in api.get(f"{url}/suggestions?field=titles").json()["items"])
    assert title["value"]["text"] == "Sea surface temperature of Sagami Bay"
    version = api.get(url).json()["version"]
    accepted = send(
        api, "POST", f"{url}/suggestions/{title['id']}", {"action": "accept"}, **{"If-Match": f'"{version}"'}
    )
    assert accepted.json()["metadata"]["titles"][0]["text"] == "Sea surface temperature of Sagami Bay"
    for field in ("creators", "descriptions", "rights"):
        version = api.get(url).json()["version"]
        send(api, "PATCH", f"{url}/fields/{field}", {"value": FIELDS[field], "at_version": version})
    readiness = api.get(f"{url}/readiness").json()
    assert readiness["ready"] is True
    fair = readiness["fair"]
    assert fair["score"]["earned"] == sum(metric["earned"] for metric in fair["metrics"])
    assert (fair["score"]["total"], set(fair["categories"])) == (26, {"F", "A", "I", "R"})
    assert readiness["jpcoar"] == []
    version = api.get(url).json()["version"]
    record = send(api, "POST", f"{url}/publish", {"at_version": version}).json()
    published = Client().get(f"/api/records/{record['id']}/fair").json()
    assert published["categories"] == fair["categories"]  # what was said before publishing holds afterwards
    followers.follow("index")
    hits = Client().get("/api/records?q=sagami").json()
    assert [hit["id"] for hit in hits["items"]] == [record["id"]]
    export = Client().get(f"/api/records/{record['id']}?format=datacite")
    schema = etree.XMLSchema(etree.parse(str(shared / "schemas/datacite/4.7/metadata.xsd")))
    schema.assertValid(etree.fromstring(export.content))
    assert Client().get(f"/api/records/{record['id']}/files/README.md").getvalue() == README.encode()


def test_stale_version_is_409_or_412_and_changes_nothing(api, draft):
    url = f"/api/drafts/{draft['id']}/fields/version"
    seen = draft["version"]
    assert send(api, "PATCH", url, {"value": "1.0", "at_version": seen}).status_code == 200
    late = send(api, "PATCH", url, {"value": "2.0", "at_version": seen})
    assert (late.status_code, late.json()["version"]) == (409, seen + 1)
    later = send(api, "PATCH", url, {"value": "3.0"}, **{"If-Match": f'"{seen}"'})
    assert (later.status_code, later.json()["version"]) == (412, seen + 1)
    assert Draft.objects.get(pk=draft["id"]).metadata["version"] == "1.0"
    assert send(api, "PATCH", url, {"value": "4.0"}).status_code == 428


def test_accept_above_and_undo(api, draft):
    suggested(draft["id"], "subjects", {"text": "sea"})
    suggested(draft["id"], "subjects", {"text": "perhaps"}, 0.3)
    url = f"/api/drafts/{draft['id']}"
    done = send(api, "POST", f"{url}/accept-above", {"threshold": 0.8, "at_version": draft["version"]}).json()
    assert done["metadata"]["subjects"] == [{"text": "sea"}]
    undone = send(api, "POST", f"{url}/undo", {"at_version": done["version"]}).json()
    assert "subjects" not in undone["metadata"]


def test_answer_to_many_decisions_is_bounded_and_says_where_the_others_are(api, draft):
    for number in range(250):
        suggested(draft["id"], "subjects", {"text": f"subject {number}"})
    url = f"/api/drafts/{draft['id']}"
    done = send(api, "POST", f"{url}/accept-above", {"threshold": 0.8, "at_version": draft["version"]}).json()
    undone = send(api, "POST", f"{url}/undo", {"at_version": done["version"]}).json()
    for answer, action in ((done, "accept"), (undone, "undo")):
        assert (answer["count"], len(answer["decisions"])) == (250, 100)
        items, following = answer["decisions"], answer["next"]
        while following:
            page = api.get(following).json()
            items, following = [*items, *page["items"]], page["next"]
        assert [(item["id"], item["action"]) for item in items] == sorted(
            (item["id"], action) for item in {item["id"]: item for item in items}.values()
        )
        assert len(items) == 250


def test_decisions_on_a_draft_are_listed_with_what_they_changed(api, draft):
    url = f"/api/drafts/{draft['id']}"
    send(api, "PATCH", f"{url}/fields/version", {"value": "1.0", "at_version": draft["version"]})
    items = api.get(f"{url}/decisions").json()["items"]
    assert [(item["action"], item["field"]) for item in items] == [("set", "publisher"), ("type", "version")]
    assert (items[1]["removed"], items[1]["added"], items[1]["position"]) == ([], ["1.0"], 0)


def test_edit_and_reject(api, draft):
    first, second = (
        suggested(draft["id"], "subjects", {"text": "see"}),
        suggested(draft["id"], "subjects", {"text": "x"}),
    )
    url = f"/api/drafts/{draft['id']}/suggestions"
    edited = send(
        api, "POST", f"{url}/{first.pk}", {"action": "edit", "value": {"text": "sea"}, "at_version": draft["version"]}
    ).json()
    assert edited["metadata"]["subjects"] == [{"text": "sea"}]
    rejected = send(api, "POST", f"{url}/{second.pk}", {"action": "reject", "at_version": edited["version"]}).json()
    assert rejected["metadata"]["subjects"] == [{"text": "sea"}]
    assert send(Client(), "POST", f"{url}/{first.pk}", {"action": "accept"}).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/nothing", None, 404, "not-found"),
        ("GET", "/api/", None, 404, "not-found"),
        ("GET", "/api/drafts/none", None, 404, "not-found"),
        ("GET", "/api/records/none", None, 404, "not-found"),
        ("PUT", "/api/drafts", None, 405, "method"),
        ("POST", "/api/drafts", "{", 400, "not-json"),
        ("POST", "/api/drafts", {}, 422, "invalid"),
        ("POST", "/api/drafts", {"space": "none"}, 404, "not-found"),
        ("GET", "/api/records?limit=0", None, 422, "invalid"),
        ("GET", "/api/drafts?state=odd", None, 422, "invalid"),
    ],
)
def test_errors_are_problems(api, method, path, body, status, code):
    data = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
    response = api.generic(method, path, data, "application/json")
    assert response["Content-Type"] == "application/problem+json"
    assert (response.status_code, response.json()["code"], response.json()["status"]) == (status, code, status)


def test_wrong_field_is_named(api, draft):
    response = send(api, "POST", "/api/drafts", {"space": "ocean", "nmae": "x"})
    assert [error["pointer"] for error in response.json()["errors"]] == ["/nmae"]
    url = f"/api/drafts/{draft['id']}/fields/creators"
    value = [{"name": "A", "orcid": "0000-0000-0000-0002"}]
    response = send(api, "PATCH", url, {"value": value, "at_version": draft["version"]})
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == ["/creators/0/orcid"]


def test_words_follow_accept_language(api):
    ja = api.get("/api/drafts/none", headers={"Accept-Language": "ja"}).json()["detail"]
    en = api.get("/api/drafts/none", headers={"Accept-Language": "en"}).json()["detail"]
    assert ja.startswith("その下書きは")
    assert en.startswith("There is no such draft")


def test_body_that_is_not_json_is_415(api):
    response = api.post("/api/drafts", {"space": "ocean"})
    assert (response.status_code, response["Content-Type"]) == (415, "application/problem+json")


def test_large_body_is_413(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert send(api, "POST", "/api/drafts", {"space": "x" * 200}).status_code == 413


def test_large_file_is_413(api, draft, settings):
    settings.SHIRUSHI_MAX_FILE_SIZE = 10
    response = api.put(f"/api/drafts/{draft['id']}/files/a.bin", b"x" * 11, content_type="application/octet-stream")
    assert (response.status_code, response.json()["code"]) == (413, "too-large")


def test_file_in_chunks_is_411_rather_than_empty(api, draft):
    url = f"/api/drafts/{draft['id']}/files/a.bin"
    chunked = api.generic("PUT", url, b"", headers={"Transfer-Encoding": "chunked"})
    assert (chunked.status_code, chunked.json()["code"]) == (411, "length-required")
    assert api.get(f"/api/drafts/{draft['id']}/files").json()["total"] == 0


@pytest.mark.parametrize("path", ["../x", "a//b", "a/./b", "%00", "a%0Ab", "%E2%80%AEx"])
def test_bad_file_names_are_422(api, draft, path):
    response = api.put(f"/api/drafts/{draft['id']}/files/{path}", b"x", content_type="application/octet-stream")
    assert response.status_code in {404, 422}
    assert response["Content-Type"] == "application/problem+json"
    assert api.get(f"/api/drafts/{draft['id']}/files").json()["total"] == 0


def test_bad_token_is_401_everywhere(space):
    client = Client(headers={"Authorization": "Bearer wrong"})
    for path in ("/api/spaces", "/api/drafts", "/api/records/x"):
        response = client.get(path)
        assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="shirushi"')


def test_session_needs_csrf_token(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.get("/api/drafts").status_code == 200
    refused = send(client, "POST", "/api/drafts", {"space": "ocean"})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    client.cookies["shirushi_csrf"] = "a" * 32
    assert send(client, "POST", "/api/drafts", {"space": "ocean"}, **{"X-CSRFToken": "a" * 32}).status_code == 201


def test_token_without_scope_is_403(user, draft):
    _, secret = Token.objects.issue(user=user, name="reader", scopes=["read"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/drafts").json()["total"] == 1
    assert send(client, "POST", "/api/drafts", {"space": "ocean"}).status_code == 403


def test_other_peoples_drafts_do_not_exist(space, draft):
    other = User.objects.create_user("taro@example.org", "a long password", name="太郎")
    Membership.objects.create(space=space, user=other, role="depositor")
    _, secret = Token.objects.issue(user=other, name="t", scopes=["read", "deposit"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get(f"/api/drafts/{draft['id']}").status_code == 404
    assert client.get("/api/drafts").json()["items"] == []


def test_lists_are_paged(api, space):
    for _ in range(3):
        send(api, "POST", "/api/drafts", {"space": "ocean"})
    first = api.get("/api/drafts?limit=2").json()
    assert (first["total"], len(first["items"]), first["next"]) == (3, 2, "/api/drafts?offset=2&limit=2")
    second = api.get(first["next"]).json()
    assert (len(second["items"]), second["next"]) == (1, None)


def test_record_negotiates_its_format(published):
    url = f"/api/records/{published['id']}"
    asked = {
        "application/vnd.datacite.datacite+xml": "application/vnd.datacite.datacite+xml",
        "application/ld+json": "application/ld+json",
        "application/x-bibtex": "application/x-bibtex",
        "application/vnd.inveniordm.v1+json": "application/vnd.inveniordm.v1+json",
        "*/*": "application/json; charset=utf-8",
        "text/html, */*;q=0.1": "application/json; charset=utf-8",
    }
    got = {accept: Client().get(url, headers={"Accept": accept})["Content-Type"] for accept in asked}
    assert got == asked
    assert Client().get(f"{url}?format=marc").status_code == 406
    assert {Client().get(address).status_code for address in published["exports"].values()} == {200}


def test_file_download_in_parts(published):
    url = f"/api/records/{published['id']}/files/data/a.csv"
    whole = Client().get(url)
    assert (whole.getvalue(), whole["Content-Disposition"]) == (b"x,y\n1,2\n", 'attachment; filename="a.csv"')
    part = Client().get(url, headers={"Range": "bytes=2-3"})
    assert (part.status_code, part.getvalue(), part["Content-Range"]) == (206, b"y\n", "bytes 2-3/8")
    tail = Client().get(url, headers={"Range": "bytes=-2"})
    assert (tail.status_code, tail.getvalue()) == (206, b"2\n")
    beyond = Client().get(url, headers={"Range": "bytes=8-"})
    assert (beyond.status_code, beyond.headers["Content-Type"]) == (416, "application/problem+json")
    for ignored in ("bytes=5-2", "bytes=0-1,3-4", f"bytes=0-{'9' * 5000}", "bytes=０-３"):
        assert Client().get(url, headers={"Range": ignored}).status_code == 200
    assert Client().get(url, headers={"If-None-Match": whole["ETag"]}).status_code == 304
    head = Client().head(url)
    assert (head.status_code, head["Content-Length"]) == (200, "8")


def test_withdrawn_record_is_410_with_its_tombstone(api, user, space, published):
    url = f"/api/records/{published['id']}"
    assert send(api, "POST", f"{url}/withdraw", {"reason": "names in it"}).status_code == 403
    Membership.objects.create(space=space, user=user, role="curator")
    assert send(api, "POST", f"{url}/withdraw", {"reason": "names in it"}).status_code == 200
    gone = Client().get(url)
    assert (gone.status_code, gone.json()["tombstone"]["reason"]) == (410, "names in it")
    assert gone.json()["tombstone"]["title"] == "Sea surface temperature"
    assert Client().get(f"{url}/files/data/a.csv").status_code == 410


def test_new_version(api, published):
    response = send(api, "POST", f"/api/records/{published['id']}/versions")
    assert (response.status_code, response.json()["file_count"]) == (201, 1)
    versions = Client().get(f"/api/records/{published['id']}/versions").json()["items"]
    assert [version["number"] for version in versions] == [1]


def test_events_of_drafts_are_for_those_who_care(api, user, space, published):
    types = [event["type"] for event in Client().get("/api/events").json()["items"]]
    assert types == ["record.published"]
    Membership.objects.create(space=space, user=user, role="curator")
    seen = api.get("/api/events").json()
    assert "draft.created" in [event["type"] for event in seen["items"]]
    assert api.get(seen["next"]).json()["items"] == []


@pytest.mark.parametrize("number", [1, 3])
def test_record_costs_the_same_queries_for_any_number_of_files(api, published, django_assert_num_queries, number):
    from shirushi.core.models import RecordFile

    for n in range(number - 1):
        RecordFile.objects.create(
            record_id=published["id"],
            path=f"{n}.txt",
            size=1,
            sha256="a" * 64,
            sha512="b" * 128,
            media_type="text/plain",
        )
    with django_assert_num_queries(3):
        first = Client().get(f"/api/records/{published['id']}")
    with django_assert_num_queries(
        0
    ):  # its state is asked of the driver, which is not counted: everything else is kept
        again = Client().get(f"/api/records/{published['id']}")
    assert (again.content, again.headers["Content-Type"], again.headers["Vary"]) == (
        first.content,
        first.headers["Content-Type"],
        first.headers["Vary"],
    )


def test_kept_record_follows_what_changes_about_it(curator, record):
    """The answer from memory is no older than the state: closing the files takes the words that were read in them out of it."""
    address, by = f"/api/records/{record.pk}", curator
    before = [Client().get(address).json() for _ in range(2)][1]
    services.change_access(record=record, access=Access(rights="restricted", note="Ask."), by=by)
    closed = [Client().get(address).json() for _ in range(2)][1]
    assert (before["access"]["may_read"], closed["access"]["may_read"]) == (True, False)
    assert any("value" in seen for entry in before["provenance"] for seen in entry["evidence"])
    assert not any("value" in seen for entry in closed["provenance"] for seen in entry["evidence"])
    services.withdraw(record=record, reason="Wrong.", by=by)
    assert Client().get(address).status_code == 410


def test_openapi_declares_problems(client):
    schema = client.get("/api/openapi.json").json()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            is_theirs = operation["tags"] == [
                "InvenioRDM"
            ]  # which says 400 where the house says 422, and has errors of its own form
            assert is_theirs or "422" in operation["responses"], (path, method)
            kinds = list(operation["responses"]["401"]["content"])
            assert kinds[0] == ("application/json" if is_theirs else "application/problem+json"), (path, method)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_docs_page_names_every_operation_and_loads_nothing_from_elsewhere(client, lang):
    page = client.get("/api/docs", headers={"Accept-Language": lang}).content.decode()
    paths = client.get("/api/openapi.json").json()["paths"]
    assert [path for path in paths if f" {path}</code>" not in page] == []
    assert re.findall(r"(?:src|href)=[\"'](?:https?:)?//", page) == []


def test_missing_index_is_503_without_the_servers_paths(space, settings, tmp_path):
    settings.SHIRUSHI_HOME = tmp_path
    response = Client().get("/api/records?q=sea")
    assert (response.status_code, response.json()["code"]) == (503, "index-not-ready")
    assert str(tmp_path) not in response.content.decode()


def test_every_operation_is_explained_in_japanese(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    names = [operation["operationId"] for operations in paths.values() for operation in operations.values()]
    assert sorted(names) == sorted(OPERATIONS_JA)
    page = client.get("/api/docs", headers={"Accept-Language": "ja"}).content.decode()
    assert "下書きを公開します。" in page


def test_readiness_tells_of_files_that_nobody_read_and_that_are_not_here(api, draft):
    address = f"/api/drafts/{draft['id']}"
    api.put(f"{address}/files/a.csv", b"x\n1\n", content_type="application/octet-stream")
    value = [{"name": "x", "file": "a.csv"}, {"name": "y", "file": "lost.csv"}]
    version = api.get(address).json()["version"]
    send(api, "PATCH", f"{address}/fields/variables", {"value": value, "at_version": version})
    state = api.get(f"{address}/readiness").json()
    assert (state["unread_files"], state["astray"]) == (1, ["lost.csv"])


def test_file_taken_out_takes_its_variables_along_and_undo_brings_both_back(api, draft):
    address = f"/api/drafts/{draft['id']}"
    api.put(f"{address}/files/a.csv", b"x\n1\n", content_type="application/octet-stream")
    version = api.get(address).json()["version"]
    value = [{"name": "x", "file": "a.csv"}]
    send(api, "PATCH", f"{address}/fields/variables", {"value": value, "at_version": version})
    assert api.delete(f"{address}/files/a.csv").status_code == 204
    without = api.get(address).json()
    assert (without["file_count"], without["metadata"].get("variables")) == (0, None)
    undone = send(api, "POST", f"{address}/undo", {"at_version": without["version"]})
    assert [item["name"] for item in undone.json()["metadata"]["variables"]] == ["x"]
    assert api.get(address).json()["file_count"] == 1


def test_drafts_left_half_sent_are_found_by_their_name(api, space, draft):
    send(api, "POST", "/api/drafts", {"space": "ocean", "name": "other"})
    other = Draft.objects.get(name="other")
    other.runs.create()
    query = {"state": "open", "mine": "true", "space": "ocean"}
    half = api.get("/api/drafts", {**query, "described": "false", "name": "buoys"}).json()["items"]
    assert [item["id"] for item in half] == [draft["id"]]
    assert api.get("/api/drafts", {**query, "described": "false", "name": "other"}).json()["total"] == 0
    assert [item["id"] for item in api.get("/api/drafts", {**query, "described": "true"}).json()["items"]] == [other.pk]


# -- drafts shown for review


def test_review_links_of_a_draft_are_made_listed_and_revoked(curator, fill) -> None:
    user = User.objects.get(pk=curator.user_id)
    draft = fill(services.create_draft(space=Space.objects.get(), by=curator, name="buoys"), titles=[{"text": "Buoys"}])
    at = f"/api/drafts/{draft.pk}/review-links"

    def asked(method: str, address: str, scopes: tuple[str, ...] = ("read", "publish"), **body: object):
        secret = Token.objects.issue(user=user, name="t", scopes=list(scopes))[1]
        headers = {"Authorization": f"Bearer {secret}"}
        data = {"data": body, "content_type": "application/json"} if method == "post" else {}
        return getattr(Client(), method)(address, headers=headers, **data)

    made = asked("post", at, days=7, label="Journal")
    assert made.status_code == 201
    told = made.json()
    assert (told["kind"], told["label"]) == ("review", "Journal")
    secret = told["url"].rpartition("/shared/")[2]
    page = Client().get(f"/shared/{secret}")
    assert (page.status_code, "Buoys" in page.content.decode()) == (200, True)
    listed = asked("get", at).json()
    assert (listed["total"], [one["id"] for one in listed["items"]]) == (1, [told["id"]])
    assert secret not in str(listed)
    assert [asked("delete", f"{at}/{told['id']}").status_code for _ in range(2)] == [204, 204]
    assert Client().get(f"/shared/{secret}").status_code == 410
    assert asked("delete", f"{at}/none").status_code == 404
    assert asked("post", at, days=0).status_code == 422
    assert asked("post", at, scopes=("read", "deposit")).status_code == 403
    assert Client().get(at).status_code == 401
    assert Client(headers={"Authorization": f"Bearer {_of_stranger()}"}).get(at).status_code == 404


def _of_stranger() -> str:
    stranger = User.objects.create_user("other@example.org", None, name="Other")
    secret: str = Token.objects.issue(user=stranger, name="t", scopes=["read", "publish"])[1]
    return secret

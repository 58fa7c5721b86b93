"""InvenioRDM's REST: what it keeps of permissions and versions, what it tells, and how it stands beside the house's own."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shirushi.accounts.models import Membership, Role, Space, Token, User
from shirushi.core import followers, services
from shirushi.core.models import Draft, Record
from shirushi.exchange import inveniordm
from shirushi.metadata.work import Access
from shirushi.systems.repository import api_dataverse

pytestmark = pytest.mark.django_db(transaction=True)

V1 = {"Accept": inveniordm.MEDIA_TYPE}
METADATA = {
    "title": "Levels",
    "resource_type": {"id": "dataset"},
    "creators": [{"person_or_org": {"type": "personal", "family_name": "Yamada", "given_name": "Hanako"}}],
    "description": "Measured by hand.",
    "rights": [{"id": "cc-by-4.0"}],
}


@pytest.fixture
def client_with(curator):
    def make(*scopes: str, agent: str = "") -> Client:
        secret = Token.objects.issue(user=User.objects.get(), name="t", scopes=scopes, agent=agent)[1]
        return Client(headers={"Authorization": f"Bearer {secret}", "Accept-Language": "en"})

    return make


@pytest.fixture
def api(client_with) -> Client:
    return client_with("read", "deposit", "decide", "publish")


def post(api: Client, address: str, body: object = None):
    data = "" if body is None else json.dumps(body)
    return api.post(address, data, content_type="application/json")


def made(api: Client, **sent: object) -> dict:
    answer = post(api, "/invenio/api/records", {"metadata": METADATA, **sent})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_draft_is_an_ordinary_one_and_keeps_its_id(api) -> None:
    told = made(api)
    draft = Draft.objects.get(pk=told["id"])
    assert (draft.title, told["revision_id"], told["is_draft"]) == ("Levels", draft.version, True)
    assert told["metadata"]["publisher"] == "Example University"  # the house knew it
    assert api.get(f"/api/drafts/{draft.pk}").json()["metadata"]["rights"] == [{"id": "CC-BY-4.0", "covers": "all"}]
    api.put(f"/invenio/api/records/{draft.pk}/draft/files/data/content/content", b"x")
    named = api.get(f"/invenio/api/records/{draft.pk}/draft/files/data/content")
    assert (named.json()["key"], named["ETag"]) == ("data/content", f'"{draft.files.get().sha256}"')
    published = post(api, f"/invenio/api/records/{draft.pk}/draft/actions/publish")
    assert (published.status_code, published.json()["id"]) == (202, draft.pk)
    again = post(api, f"/invenio/api/records/{draft.pk}/draft/actions/publish")
    assert (again.status_code, Record.objects.count()) == (202, 1)
    assert api.get(f"/invenio/api/records/{draft.pk}/draft").status_code == 404
    assert post(api, f"/invenio/api/records/{draft.pk}/draft").json()["code"] == "published"


def test_record_of_a_draft_from_the_pages_is_found_by_both_ids(api, record) -> None:
    shown = api.get(f"/invenio/api/records/{record.draft.pk}").json()
    assert (shown["id"], record.pk != record.draft.pk) == (record.pk, True)


def test_what_does_not_fit_is_told_and_the_rest_is_kept(api) -> None:
    creators = [{"person_or_org": {"name": "A", "identifiers": [{"scheme": "orcid", "identifier": "1"}]}}]
    told = made(api, metadata={**METADATA, "creators": creators, "references": [{"reference": "B"}]})
    assert [error["field"] for error in told["errors"]] == ["metadata.references", "metadata.creators.0.orcid"]
    assert Draft.objects.get().metadata["titles"] == [{"text": "Levels"}]
    refused = post(api, f"/invenio/api/records/{told['id']}/draft/actions/publish")
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/json")
    assert [error["field"] for error in refused.json()["errors"]] == ["metadata.creators"]
    assert set(refused.json()) == {"status", "message", "errors", "code"}


@pytest.mark.parametrize("scopes", [("read",), ("read", "deposit")])
def test_token_without_the_scope_makes_nothing(client_with, scopes) -> None:
    refused = post(client_with(*scopes), "/invenio/api/records", {"metadata": METADATA})
    assert (refused.status_code, refused.json()["code"], Draft.objects.count()) == (403, "not-allowed", 0)


def test_agent_may_not_publish_by_this_way_either(api, client_with) -> None:
    own = made(api)["id"]
    agent = client_with("read", "deposit", "decide", "publish", agent="helper")
    refused = post(agent, f"/invenio/api/records/{own}/draft/actions/publish")
    assert (refused.status_code, refused.json()["code"]) == (403, "agents-may-not")
    refused = agent.put(
        f"/invenio/api/records/{own}/draft", {"metadata": {"title": "B"}}, content_type="application/json"
    )
    assert (refused.status_code, Draft.objects.get().title) == (403, "Levels")


def test_others_do_not_see_drafts(api) -> None:
    own = made(api)["id"]
    anyone, other = Client(), User.objects.create_user("b@example.org", "a long password", name="B")
    assert anyone.get(f"/invenio/api/records/{own}/draft").json()["status"] == 401
    secret = Token.objects.issue(user=other, name="t", scopes=["read", "deposit"])[1]
    stranger = Client(headers={"Authorization": f"Bearer {secret}"})
    assert stranger.get(f"/invenio/api/records/{own}/draft").status_code == 404
    assert stranger.get("/invenio/api/user/records").json()["hits"] == {"hits": [], "total": 0}


def test_change_on_another_version_is_refused(api) -> None:
    told = made(api)
    address, seen = (
        f"/invenio/api/records/{told['id']}/draft",
        api.get(f"/invenio/api/records/{told['id']}/draft")["ETag"],
    )
    body = {"metadata": {**METADATA, "title": "Second"}}
    first = api.put(address, body, content_type="application/json", headers={"If-Match": seen})
    late = api.put(address, body, content_type="application/json", headers={"If-Match": seen})
    assert (first.status_code, late.status_code, late.json()["code"]) == (200, 412, "changed")
    assert api.delete(address, headers={"If-Match": seen}).status_code == 412
    same = api.put(address, body, content_type="application/json", headers={"If-Match": first["ETag"]})
    assert same["ETag"] == first["ETag"]  # nothing differs, so nothing was decided


def test_change_leaves_what_the_client_cannot_see(api, fill) -> None:
    draft = fill(
        Draft.objects.get(pk=made(api)["id"]), software=[{"name": "R"}], titles=[{"text": "水位", "lang": "ja"}]
    )
    address = f"/invenio/api/records/{draft.pk}/draft"
    sent = api.get(address).json()
    sent["metadata"]["version"] = "2"
    assert api.put(address, sent, content_type="application/json").status_code == 200
    draft.refresh_from_db()
    assert draft.metadata["software"] == [{"name": "R"}]
    assert draft.metadata["titles"] == [{"text": "水位", "lang": "ja"}]
    assert draft.metadata["version"] == "2"


def test_record_that_was_to_be_closed_is_not_made(api) -> None:
    refused = post(
        api, "/invenio/api/records", {"metadata": METADATA, "access": {"record": "restricted", "files": "public"}}
    )
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "access")
    assert Draft.objects.count() == 0


def test_announced_file_holds_publishing_up(api) -> None:
    address = f"/invenio/api/records/{made(api)['id']}/draft"
    listed = post(api, f"{address}/files", [{"key": "a.csv"}, {"key": "b.csv"}])
    assert {each["key"]: each["status"] for each in json.loads(listed.getvalue())["entries"]} == {
        "a.csv": "pending",
        "b.csv": "pending",
    }
    api.put(f"{address}/files/a.csv/content", b"x")
    assert api.get(f"{address}/files/a.csv").json()["status"] == "pending"
    assert post(api, f"{address}/files/b.csv/commit").status_code == 404
    assert post(api, f"{address}/files/a.csv/commit").json()["status"] == "completed"
    refused = post(api, f"{address}/actions/publish")
    assert (refused.status_code, refused.json()["code"]) == (400, "files-coming")
    assert api.delete(f"{address}/files/b.csv").status_code == 204
    assert post(api, f"{address}/actions/publish").status_code == 202
    assert post(api, f"{address}/files", [{"key": "c.csv"}]).status_code == 404


def test_new_version_begins_without_files_and_takes_them_over_when_asked(api, record) -> None:
    told = post(api, f"/invenio/api/records/{record.pk}/versions").json()
    draft = Draft.objects.get(pk=told["id"])
    assert (told["files"]["count"], "variables" in draft.metadata, told["versions"]["index"]) == (0, False, 2)
    listed = post(api, f"/invenio/api/records/{draft.pk}/draft/actions/files-import")
    assert (listed.status_code, json.loads(listed.getvalue())["count"]) == (201, 3)
    draft.refresh_from_db()
    assert draft.metadata["variables"] == record.metadata["variables"]
    assert post(api, f"/invenio/api/records/{draft.pk}/draft/actions/files-import").json()["code"] == "has-files"


def test_space_is_named_by_the_address_where_there_are_several(api) -> None:
    lab = Space.objects.create(slug="lab", name_en="Lab", name_ja="研究室")
    Membership.objects.create(space=lab, user=User.objects.get(), role=Role.DEPOSITOR)
    refused = post(api, "/invenio/api/records", {"metadata": METADATA})
    assert (refused.status_code, refused.json()["code"]) == (400, "which-space")
    assert "lab, uni" in refused.json()["message"]
    told = post(api, "/invenio/lab/api/records", {"metadata": METADATA}).json()
    assert Draft.objects.get(pk=told["id"]).space == lab
    assert told["links"]["publish"].endswith(f"/invenio/lab/api/records/{told['id']}/draft/actions/publish")
    assert made(api, parent={"communities": {"default": "uni"}})["parent"]["communities"]["default"] == "uni"


def test_beside_the_houses_own_rest(api, record) -> None:
    followers.follow_all()
    assert "items" in api.get("/api/records").json()
    assert api.get("/api/records", headers=V1).json()["hits"]["total"] == 1
    assert api.get(f"/api/records/{record.pk}").json()["concept"] == record.concept_id
    theirs = api.get(f"/api/records/{record.pk}", headers=V1)
    assert (theirs["Content-Type"], theirs.json()["is_published"]) == (inveniordm.MEDIA_TYPE, True)
    assert api.get(f"/api/records/{record.pk}?format=inveniordm").json()["id"] == record.pk
    told = post(api, "/api/records", {"metadata": METADATA}).json()
    assert api.get(f"/api/records/{told['id']}/draft").json()["id"] == told["id"]
    assert api.get("/api/user/records").json()["hits"]["total"] == 2
    missing = api.get("/invenio/api/nowhere")
    assert (missing.status_code, sorted(missing.json())) == (404, ["code", "errors", "message", "status"])
    assert api.get("/api/records/none", headers=V1).json()["errors"] == []
    assert api.get("/invenio/api/records?sort=up").json()["errors"][0]["field"] == "sort"
    assert "/invenio/api/records" in api.get("/invenio/api/openapi.json").json()["paths"]


def test_withdrawn_record_leaves_its_tombstone(api, record, curator) -> None:
    services.withdraw(record=record, reason="Wrong.", by=curator)
    gone = api.get(f"/invenio/api/records/{record.pk}")
    assert (gone.status_code, gone.json()["tombstone"]["reason"]) == (410, "Wrong.")
    doi = record.identifiers.get().value
    assert api.get(f"/api/datasets/:persistentId?persistentId=doi:{doi}").status_code == 410


def test_closed_files_are_for_those_who_may_have_them(api, record, curator) -> None:
    until = (timezone.localdate() + timedelta(days=9)).isoformat()
    number = record.files.get(path="data/sst.csv").pk
    doi = f"doi:{record.identifiers.get().value}"
    services.change_access(record=record, access=Access(rights="embargoed", until=until), by=curator)
    shown = Client().get(f"/invenio/api/records/{record.pk}").json()["access"]
    assert (shown["files"], shown["embargo"]["until"], shown["status"]) == ("restricted", until, "embargoed")
    for address in ("files", "files/README.md", "files/README.md/content"):
        refused = Client().get(f"/invenio/api/records/{record.pk}/{address}")
        assert (refused.status_code, refused.json()["code"]) == (403, "files-embargoed")
    assert Client().get(f"/api/access/datafile/{number}").status_code == 403
    listed = dataset(doi)["files"]
    assert {(file["restricted"], "md5" in file["dataFile"]) for file in listed} == {(True, False)}
    assert api.get(f"/invenio/api/records/{record.pk}/files/README.md/content").status_code == 200
    assert api.get(f"/api/access/datafile/{number}").getvalue().startswith(b"time,sst")


def dataset(identifier: str) -> dict[str, Any]:
    """The version that Dataverse's call by DOI tells of; it comes in pieces."""
    answer = Client().get("/api/datasets/:persistentId/", {"persistentId": identifier})
    version: dict[str, Any] = json.loads(answer.getvalue())["data"]["latestVersion"]
    return version


def test_dataset_by_doi_of_all_versions_is_the_newest(record, publish, monkeypatch) -> None:
    concept = f"doi:{record.concept.identifiers.get().value.upper()}"
    told = dataset(concept)
    assert told["versionNumber"] == 1
    by_name = {file["label"]: file for file in told["files"]}
    assert by_name["sst.csv"]["directoryLabel"] == "data"
    assert by_name["sst.csv"]["dataFile"]["filename"] == "sst.csv"
    monkeypatch.setattr(api_dataverse, "DIGESTED", 1)
    twins = publish({"a/x.txt": b"first", "b/x.txt": b"second"}, variables=[])
    doi = f"doi:{twins.identifiers.get().value}"
    files = dataset(doi)["files"]
    assert [file["dataFile"]["filename"] for file in files] == ["a/x.txt", "b/x.txt"]
    assert [file["dataFile"].get("md5") for file in files] == [None, None]
    missing = Client().get("/api/datasets/:persistentId", {"persistentId": "doi:10.1/none"})
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
    assert Client().get("/api/access/datafile/99999").status_code == 404


@pytest.mark.parametrize("address", ["records?q=Record", "user/records", "records/{}/versions"])
def test_lists_cost_the_same_for_one_and_three(api, publish, fill, curator, address) -> None:
    def count() -> int:
        followers.follow_all()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = api.get(f"/invenio/api/{address.format(first.pk)}")
        seen.append(answer.json()["hits"]["total"])
        return len(queries)

    seen: list[int] = []
    first = publish(titles=[{"text": "Record 0"}])
    api.get("/invenio/api/records")
    one = count()
    for number in (1, 2):
        if "versions" in address:
            draft = services.new_version(record=first, by=curator)
            fill(draft, version=str(number))
            services.publish(draft=draft, by=curator, at_version=draft.version)
        else:
            publish(titles=[{"text": f"Record {number}"}])
    if address == "user/records":
        made(api)
    assert (count(), seen) == (one, [1, 4 if address == "user/records" else 3])

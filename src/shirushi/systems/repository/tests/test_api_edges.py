"""The REST interface where clients are careless, slow to learn or hostile."""

from http import HTTPStatus

import pytest
from django.db import OperationalError
from django.test import Client

from shirushi.accounts.models import Scope, Space, Token, User
from shirushi.core import services
from shirushi.core.models import DraftFile
from shirushi.exchange import inveniordm
from shirushi.exchange.formats import FORMATS
from shirushi.storage import BlobStore, StoreFull, StoreReadOnly

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def draft(curator):
    return services.create_draft(space=Space.objects.get(), by=curator, name="buoys")


@pytest.fixture
def api(curator):
    secret = Token.objects.issue(user=User.objects.get(), name="t", scopes=Scope.values)[1]
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_pages_reach_the_last_of_20_000_files(api, draft):
    DraftFile.objects.bulk_create(
        [DraftFile(draft=draft, path=f"{n:05}", size=0, sha256="0" * 64, sha512="0" * 128) for n in range(20_000)],
        batch_size=500,
    )
    page = api.get(f"/api/drafts/{draft.pk}/files?offset=19900&limit=200").json()
    assert ([file["path"] for file in page["items"][-1:]], page["next"]) == (["19999"], None)


def test_line_break_in_a_name_is_told(api, draft):
    answer = api.put(f"/api/drafts/{draft.pk}/files/a%0Ab.txt", b"x", content_type="text/plain")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-file-name")


def test_basic_credentials_do_not_stand_in_for_the_csrf_token(curator, draft):
    client = Client(enforce_csrf_checks=True, headers={"Authorization": "Basic dXNlcjpwYXNz"})
    client.force_login(User.objects.get())
    answer = client.post(f"/api/drafts/{draft.pk}/describe")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


def test_version_may_come_in_if_match_alone(api, draft):
    answer = api.generic("POST", f"/api/drafts/{draft.pk}/undo", headers={"If-Match": f'"{draft.version}"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-undo")


def test_body_in_chunks_is_411(api):
    answer = api.generic(
        "POST", "/api/drafts", content_type="application/json", headers={"Transfer-Encoding": "chunked"}
    )
    assert (answer.status_code, answer.json()["code"]) == (411, "length-required")


def test_discarded_draft_is_taken_up_again(api, draft):
    assert api.delete(f"/api/drafts/{draft.pk}").status_code == 204
    assert api.generic("POST", f"/api/drafts/{draft.pk}/restore").json()["state"] == "open"


@pytest.mark.parametrize(("error", "status", "code"), [(StoreFull, 507, "store-full"), (StoreReadOnly, 503, "storage")])
def test_store_that_cannot_be_written_is_told_without_its_path(api, draft, monkeypatch, error, status, code):
    def write(*_arguments, **_options):
        raise error("no space in /srv/secret", "/srv/secret に空きがありません", where="/srv/secret")

    monkeypatch.setattr(BlobStore, "write", write)
    answer = api.put(f"/api/drafts/{draft.pk}/files/a", b"x", content_type="text/plain")
    assert (answer.status_code, answer.json()["code"], "/srv" in answer.text) == (status, code, False)


def test_full_database_is_507(api, draft, monkeypatch):
    def full(**_arguments):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(services, "create_draft", full)
    answer = api.post("/api/drafts", {"space": "uni"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.INSUFFICIENT_STORAGE, "store-full")


def test_announced_size_beyond_the_limit_is_refused_unread(api, draft, settings, monkeypatch):
    settings.SHIRUSHI_MAX_FILE_SIZE = 10
    monkeypatch.setattr(BlobStore, "write", None)
    answer = api.put(f"/api/drafts/{draft.pk}/files/a", b"x" * 11, content_type="text/plain")
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_part_of_the_request_at_fault_is_declared(api, client):
    problem = client.get("/api/openapi.json").json()["components"]["schemas"]["FieldProblem"]
    sent = api.post("/api/drafts", {}, content_type="application/json").json()["errors"][0]
    assert set(problem["properties"]) == set(sent) == {"pointer", "detail", "in"}


def test_record_declares_and_gives_every_form(client, record):
    operation = client.get("/api/openapi.json").json()["paths"]["/api/records/{record_id}"]["get"]
    declared = set(operation["responses"]["200"]["content"])
    assert {"application/json", "application/x-bibtex", inveniordm.MEDIA_TYPE} <= declared
    for name in ["json", *FORMATS, "inveniordm"]:
        answer = client.get(f"/api/records/{record.pk}?format={name}")
        assert (answer.status_code, answer["Content-Type"].removesuffix("; charset=utf-8") in declared) == (
            200,
            True,
        ), name


def test_method_that_an_address_does_not_take_is_told_before_the_media_type(api, draft):
    answer = api.post(f"/api/drafts/{draft.pk}/files/a.txt", b"x", content_type="text/plain")
    assert (answer.status_code, answer.json()["code"]) == (405, "method")
    assert {method.strip() for method in answer["Allow"].split(",")} == {"GET", "PUT", "DELETE"}
    answer = api.post(f"/api/drafts/{draft.pk}/describe", b"x", content_type="text/plain")
    assert answer.status_code == 415

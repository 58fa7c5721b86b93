"""The pages of packages and of records from elsewhere: offered, unpacked, refused file by file; looked at before anything is made."""

import copy
import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from shirushi.core import packaging, services
from shirushi.core.models import Draft, Record
from shirushi.exchange.tests import made_records as made
from shirushi.storage.zipping import in_turn

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client, curator) -> Client:
    from shirushi.accounts.models import User

    client.force_login(User.objects.get(pk=curator.user_id))
    client.cookies["shirushi_language"] = "en"
    return client


@pytest.fixture
def package(record) -> bytes:
    return b"".join(packaging.Package(record, "bagit", with_files=True).archive().stream(in_turn(packaging.opened)))


@pytest.fixture
def draft(record, curator, package) -> Draft:
    draft = services.create_draft(space=record.space, by=curator)
    services.put_file(draft=draft, path="bag.zip", content=package, by=curator)
    return draft


def test_package_is_offered_unpacked_and_said_to_hold(browser, draft, record):
    page = browser.get(f"/drafts/{draft.pk}/files").content.decode()
    assert "Unpack it" in page
    answer = browser.post(f"/drafts/{draft.pk}/unpack", {"path": "bag.zip"})
    assert answer["Location"] == f"/drafts/{draft.pk}/files"
    part = browser.get(f"/drafts/{draft.pk}/unpacking", headers={"HX-Request": "true"}).content.decode()
    assert "Unpacking bag.zip" in part
    assert services.unpacking.unpack_next()
    assert browser.get(f"/drafts/{draft.pk}/unpacking", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = browser.get(f"/drafts/{draft.pk}/files").content.decode()
    assert "every checksum holds" in page
    assert "Unpack it" not in page
    draft.refresh_from_db()
    assert draft.work == record.work


def test_refused_package_names_the_file(browser, draft, package, curator):
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content + b"!" * name.endswith("README.md"))
    services.put_file(draft=draft, path="bag.zip", content=out.getvalue(), by=curator)
    browser.post(f"/drafts/{draft.pk}/unpack", {"path": "bag.zip"})
    services.unpacking.unpack_next()
    page = browser.get(f"/drafts/{draft.pk}/files").content.decode()
    assert "was not unpacked" in page
    assert "README.md" in page


def test_after_reading_a_package_is_offered_before_the_review(browser, draft, curator):
    from shirushi.core import jobs

    jobs.run_description(services.start_describing(draft=draft, by=curator).pk)
    assert browser.get(f"/drafts/{draft.pk}/reading")["Location"] == f"/drafts/{draft.pk}/files"


def test_rest_unpacks_and_tells(browser, draft):
    asked = browser.post(
        f"/api/drafts/{draft.pk}/unpackings", json.dumps({"path": "bag.zip"}), content_type="application/json"
    )
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    services.unpacking.unpack_next()
    told = browser.get(asked["Location"]).json()
    assert (told["state"], told["kind"], told["notes"]) == ("done", "bagit", [])
    assert browser.get(f"/api/drafts/{draft.pk}/unpackings/none").status_code == 404
    missing = browser.post(f"/api/drafts/{draft.pk}/unpackings", '{"path": "no.zip"}', content_type="application/json")
    assert missing.status_code == 404


def sent(record: object, source: str = "inveniordm") -> dict[str, object]:
    return {"source": source, "file": SimpleUploadedFile("records.json", made.dumped(record).encode())}


def test_records_are_looked_at_and_then_imported(browser):
    whole = made.ZENODO | {"files": []}
    looked = browser.post("/import", sent([whole, {"metadata": {}}]))
    page = looked.content.decode()
    assert looked.status_code == 200
    assert "1 record would be imported" in page
    assert "metadata.communities" in page
    assert not Draft.objects.exists()
    token = page.partition('name="kept" value="')[2].partition('"')[0]
    done = browser.post("/import", {"kept": token, "publish": "on"})
    assert done.status_code == 200
    record = Record.objects.get()
    assert record.identifiers.get().value == "10.5281/zenodo.1234568"
    shown = browser.get(f"/records/{record.pk}").content.decode()
    assert "https://zenodo.org/records/1234568" in shown
    again = browser.post("/import", sent(whole)).content.decode()
    assert "Is here already, unchanged" in again


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"source": "inveniordm"}, "and a file"),
        ({"source": "nobody", "file": SimpleUploadedFile("x", b"{}")}, "and a file"),
        ({"kept": "forged"}, "Choose it again"),
    ],
)
def test_what_cannot_be_looked_at_is_said(browser, asked, words):
    answer = browser.post("/import", asked)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_too_many_records_are_for_the_command_line(browser, monkeypatch):
    from shirushi.systems.repository import views_packages

    monkeypatch.setattr(views_packages, "MOST_ROWS", 1)
    answer = browser.post("/import", sent([made.ZENODO, copy.deepcopy(made.RDM)]))
    assert "shirushi import" in answer.content.decode()


def test_import_is_for_those_who_may_deposit(client):
    assert client.get("/import").status_code == 302

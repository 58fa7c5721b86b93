"""The list of what need not be kept any more: as pages, over REST, and as commands."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.accounts.models import Membership, Role, Space, User
from shirushi.cli import main
from shirushi.core import services
from shirushi.core.models import Concept, Disposal, Record
from shirushi.core.services import disposing

ENDED = timezone.localdate() - timedelta(days=1)
WHY = "The ten years are over."


@pytest.fixture(autouse=True)
def _at_once(monkeypatch) -> None:
    monkeypatch.setattr(disposing, "FRESH", 0.0)


@pytest.fixture
def ended(record: Record, curator: Actor) -> Record:
    services.retain(record=record, until=ENDED, by=curator, reason="The funder's rule.")
    return record


@pytest.fixture
def keeper(curator: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=curator.user_id))
    return client


def decide(keeper: Client, *records: Record, seen: str = str(ENDED), **more: str):
    asked = {"record": [one.pk for one in records], **{f"seen-{one.pk}": seen for one in records}, **more}
    return keeper.post("/retention", asked)


def test_curator_reaches_the_list_and_others_see_nothing_of_it(ended, keeper, client) -> None:
    assert 'href="/retention"' in keeper.get("/account").content.decode()
    page = keeper.get("/retention").content.decode()
    assert ended.title in page
    assert "The funder&#39;s rule." in page
    assert "Backups hold the bytes" in page
    assert client.get("/retention").status_code == 302
    other = User.objects.create_user("other@example.org", None, name="x")
    Membership.objects.create(space=Space.objects.get(), user=other, role=Role.DEPOSITOR)
    client.force_login(other)
    assert client.get("/retention").status_code == 404
    assert 'href="/retention"' not in client.get("/account").content.decode()
    assert keeper.get("/retention?after=x").status_code == 422


def test_what_is_missing_in_a_decision_is_told_and_nothing_is_done(ended, keeper) -> None:
    for more in (
        {},
        {"decision": "longer", "until": "soon"},
        {"decision": "dispose", "reason": " ", "knowingly": "1"},
        {"decision": "dispose", "reason": WHY},
    ):
        answer = decide(keeper, ended, **more)
        assert answer.status_code == 422
        assert "field-error" in answer.content.decode()
    assert decide(keeper, decision="for-good").status_code == 422
    assert (Concept.objects.get().retain_until, Disposal.objects.count()) == (ENDED, 0)


def test_kept_longer_and_for_good(ended, keeper) -> None:
    assert decide(keeper, ended, decision="longer", until="2090-04-01", why="Asked for").status_code == 302
    assert ended.title not in keeper.get("/retention").content.decode()
    assert "2090" in keeper.get("/retention?state=coming").content.decode()
    decide(keeper, ended, decision="for-good")
    concept = Concept.objects.get()
    assert (concept.retain_until, concept.kept_for_good, concept.retain_reason) == (None, True, "Asked for")
    assert "for good" in keeper.get(f"/records/{ended.pk}/activity").content.decode()


def test_disposed_of_by_a_person_who_knows_and_not_what_is_held(ended, keeper, publish, curator) -> None:
    held = publish(files={"README.md": b"# Another\n"}, variables=[])
    services.retain(record=held, until=ENDED, by=curator)
    services.place_hold(record=held, reason="A court asks.", by=curator)
    answer = decide(keeper, ended, held, decision="dispose", reason=WHY, knowingly="1")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "1 record is as it was" in page
    assert "A hold is placed on this record" in page
    assert [one.concept_id for one in Disposal.objects.all()] == [ended.concept_id]
    assert "the bytes are going just now" in keeper.get("/retention?state=disposed").content.decode()
    disposing.finish_all()
    assert "all bytes were gone on" in keeper.get("/retention?state=disposed").content.decode()
    assert (
        "ファイルは保存期間の満了後"
        in keeper.get(f"/records/{ended.pk}", headers={"accept-language": "ja"}).content.decode()
    )
    for path in (
        f"/records/{ended.pk}/files/README.md", f"/records/{ended.pk}/files.zip", f"/api/records/{ended.pk}/files/README.md",
        f"/records/{ended.pk}/preview/README.md", f"/records/{ended.pk}/picture/README.md", f"/api/records/{ended.pk}/files",
        f"/records/{ended.pk}/bagit.zip", f"/records/{ended.pk}/ro-crate.zip", f"/api/records/{ended.pk}/package",
        f"/api/records/{ended.pk}/package?kind=ro-crate", f"/api/records/{ended.pk}/files-archive", f"/records/{ended.pk}/usage",
        f"/records/{ended.pk}/derived/data/sst.csv.parquet", f"/records/{ended.pk}/derived/sst.zarr/zarr.json",
        f"/api/records/{ended.pk}/derived",
        f"/api/access/datafile/{ended.files.first().pk}", f"/records/{ended.pk}/export/croissant", f"/records/{ended.pk}/data-card",
    ):  # fmt: skip
        gone = Client().get(path)
        assert (gone.status_code, "disposed of" in gone.content.decode()) == (410, True), path
    told = Client().get(f"/api/records/{ended.pk}").json()
    assert (told["tombstone"]["reason"], told["tombstone"]["disposed_at"][:4]) == (WHY, str(timezone.now().year))
    assert "The files of all versions were disposed of" in keeper.get(f"/records/{ended.pk}/activity").content.decode()
    assert keeper.get(f"/records/{ended.pk}/access").status_code == 200
    description = ended.metadata["descriptions"][0]["text"]
    assert description in Client().get(f"/records/{ended.pk}").content.decode()
    assert keeper.get(f"/drafts/{ended.draft.pk}").status_code in {200, 302}


def test_over_rest(ended, keeper, curator) -> None:
    (one,) = keeper.get("/api/retention").json()["items"]
    assert (one["record"], one["retain_until"], one["files"], one["held"], one["disposal"]) == (
        ended.pk, str(ENDED), 3, False, None,
    )  # fmt: skip
    address = f"/api/records/{ended.pk}/retention"

    def post(**body: str):
        return keeper.post(address, json.dumps(body), content_type="application/json")

    assert post(decision="longer").status_code == 422
    assert post(decision="dispose", reason=WHY).json()["code"] == "changed"
    assert post(decision="longer", until="2090-04-01").json()["retain_until"] == "2090-04-01"
    assert post(decision="dispose", reason=WHY, seen="2090-04-01").json()["code"] == "retained"
    for day in (str(ENDED), "2090-03-31", str(timezone.localdate())):
        assert post(decision="longer", until=day).json()["code"] == "not-longer"
    services.retain(record=ended, until=ENDED, by=curator)
    done = post(decision="dispose", reason=WHY, seen=str(ENDED))
    assert (done.status_code, done.json()["disposal"]["reason"]) == (200, WHY)
    assert keeper.get("/api/retention").json() == {"items": [], "next": None}
    assert Client().get("/api/retention").status_code == 401


def test_commands(ended, capsys) -> None:
    by = ["--by", "curator@example.org"]
    assert main(["retention", "list", *by]) == 0
    assert ended.pk in capsys.readouterr().out
    assert main(["retention", "dispose", ended.pk, "--reason", WHY, *by]) == 1
    assert "--yes" in capsys.readouterr().err
    assert main(["retention", "dispose", ended.pk, "--reason", WHY, "--yes", *by]) == 0
    assert "all of them are gone" in capsys.readouterr().out
    assert main(["retention", "list", "--state", "disposed", "--json", *by]) == 0
    assert json.loads(capsys.readouterr().out)["record"] == ended.pk

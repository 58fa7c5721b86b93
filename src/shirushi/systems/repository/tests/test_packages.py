"""Records as bags and crates: whole, found valid by the validators of others, and never with bytes that the reader may not have."""

import io
import json
import re
import zipfile
from pathlib import Path

import bagit
import pytest
from django.test import Client

from shirushi.core import packaging, services
from shirushi.core.models import RecordFile
from shirushi.core.stored import open_path
from shirushi.exchange.tests.test_ro_crate import cache  # noqa: F401 - the fixture
from shirushi.storage import ContentMismatch
from shirushi.storage.zipping import in_turn
from shirushi.systems.repository.tests.conftest import FILES

pytestmark = pytest.mark.django_db
PLAIN = FILES | {"図 1/測定 #2%.csv": b"t,v\n1,2\n", "empty.txt": b""}
MORE = PLAIN | {"ro-crate-metadata.json": b'{"@graph": []}'}
CLOSED = {"access": {"rights": "restricted", "note": "ask"}}


def unpacked(client: Client, path: str, to: Path) -> Path:
    answer = client.get(path)
    data = b"".join(answer.streaming_content)
    assert (answer.status_code, len(data)) == (200, int(answer["Content-Length"]))
    assert client.head(path)["Content-Length"] == answer["Content-Length"]
    zipfile.ZipFile(io.BytesIO(data)).extractall(to)
    return to


@pytest.mark.parametrize("path", ["/records/{}/bagit.zip", "/api/records/{}/package?kind=bagit"])
def test_bag_is_valid_and_holds_the_files(client, publish, tmp_path, path):
    files = {
        name: content for name, content in MORE.items() if "%" not in name
    }  # LoC's reader does not decode %25 (RFC 8493, 2.1.3)
    record = publish(files)
    folder = unpacked(client, path.format(record.pk), tmp_path / "out") / record.pk
    bag = bagit.Bag(str(folder))
    bag.validate(processes=1)
    assert {name: (folder / "data" / name).read_bytes() for name in files} == files
    assert set(bag.algorithms) == {"sha256", "sha512"}
    assert bag.info["Payload-Oxum"] == f"{sum(map(len, files.values()))}.{len(files)}"
    assert bag.info["Internal-Sender-Identifier"] == record.pk
    assert {"metadata/datacite.xml", packaging.RECORD, "ro-crate-metadata.json"} <= set(bag.tagfile_entries())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "kind", ["ro-crate", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("closed", "bagit"))]
)
def test_crate_passes_the_validator_of_the_community(client, publish, tmp_path, cache, kind):  # noqa: F811
    from rocrate.rocrate import ROCrate
    from rocrate_validator import models
    from rocrate_validator import services as validator

    # the validator would judge a crate inside as well
    record = publish(PLAIN, **(CLOSED if kind == "closed" else {}))
    packed = "bagit" if kind == "bagit" else "ro-crate"
    folder = unpacked(client, f"/records/{record.pk}/{packed}.zip", tmp_path / "out")
    folder = folder / record.pk if kind == "bagit" else folder
    asked = validator.ValidationSettings(
        rocrate_uri=str(folder), profile_identifier="ro-crate-1.2", requirement_severity=models.Severity.REQUIRED,
        offline=True, cache_path=str(cache),
    )  # fmt: skip
    assert [f"{i.check.identifier} {i.message}" for i in validator.validate(asked).get_issues()] == []
    entities = [entity for entity in ROCrate(folder).data_entities if "File" in entity.type]
    assert len(entities) == len(PLAIN)
    if kind == "closed":
        return
    for entity in entities:
        assert (folder / Path(entity.source or "")).is_file()


def test_streamed_crate_is_the_document(publish):
    from shirushi.core.documents import publication_of
    from shirushi.exchange import ro_crate

    publication = publication_of(publish(MORE))
    streamed = json.loads(b"".join(ro_crate.pieces(publication, lambda: publication.files)))
    whole = ro_crate.document(publication)
    assert {e["@id"]: e for e in streamed["@graph"]} == {e["@id"]: e for e in whole["@graph"]}


@pytest.mark.parametrize("kind", ["bagit", "ro-crate"])
def test_closed_files_are_named_and_not_given(client, curator, publish, tmp_path, kind):
    record = publish(MORE, **CLOSED)
    folder = unpacked(client, f"/records/{record.pk}/{kind}.zip", tmp_path / "out")
    assert not list(folder.rglob("data/**/*"))
    if kind == "bagit":
        bag = bagit.Bag(str(folder / record.pk))
        assert bag.is_valid()
        assert bag.payload_entries() == {}
        assert not list(bag.fetch_entries())
        assert "not open" in bag.info["Internal-Sender-Description"]
        assert f"/records/{record.pk}/ask" in bag.info["Internal-Sender-Description"]
    else:
        graph = json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]
        files = [entity["@id"] for entity in graph if entity["@type"] == "File"]
        assert len(files) == len(MORE)
        assert all(re.match(rf"https?://.*/records/{record.pk}#", name) for name in files)
    client.force_login(services.drafts.Draft.objects.get(record=record).owner)
    owner = unpacked(client, f"/records/{record.pk}/{kind}.zip", tmp_path / "own")
    assert len([path for path in owner.rglob("data/**/*") if path.is_file()]) == len(MORE)


def test_damaged_bytes_break_the_package_off(publish, monkeypatch):
    record = publish()
    file = RecordFile.objects.get(record=record, path="README.md")
    with open_path(record, file.path) as whole:
        other = bytes([whole.read()[0] ^ 1]) + b"x" * (file.size - 1)
    monkeypatch.setattr(packaging, "open_path", lambda _record, _path, **_: io.BytesIO(other))
    archive = packaging.Package(record, "bagit", with_files=True).archive()
    with pytest.raises(ContentMismatch, match="other bytes"):
        b"".join(archive.stream(in_turn(packaging.opened)))


def test_what_is_not_there_or_withdrawn_is_no_package(client, curator, record):
    assert client.get("/records/0000000000none/bagit.zip").status_code == 404
    services.withdraw(record=record, reason="wrong", by=curator)
    assert client.get(f"/records/{record.pk}/bagit.zip").status_code == 410
    assert client.get(f"/api/records/{record.pk}/package").status_code == 410

"""``shirushi import --from`` as a person runs it: looked at first, with files given, in a package, or fetched by a worker."""

import copy
import functools
import hashlib
import http.server
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shirushi.accounts.actors import person
from shirushi.accounts.models import Membership, Role, Space, User
from shirushi.cli import importing, main, records
from shirushi.core.home import home
from shirushi.core.models import Draft, Record
from shirushi.core.services import fetching
from shirushi.exchange.tests import made_records as made

pytestmark = pytest.mark.django_db
CSV = b"a,b\n1,2\n\n"


@pytest.fixture(autouse=True)
def installation(monkeypatch, settings, tmp_path: Path) -> None:
    settings.SHIRUSHI_HOME = tmp_path / "home"
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "asking"]}}
    home().make_folders()
    space = Space.objects.create(slug="here", name_en="Example University", name_ja="例大学")
    user = User.objects.create_user("hanako@example.org", None, name="山田 花子")
    Membership.objects.create(space=space, user=user, role=Role.CURATOR)
    monkeypatch.setattr(records, "open_instance", lambda **_: None)
    monkeypatch.setattr(importing, "actor", lambda _email: person(user))
    monkeypatch.setattr(importing, "space_named", lambda _slug: space)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "web").mkdir()
    (tmp_path / "web/sst.csv").write_bytes(CSV)
    return tmp_path


@pytest.fixture
def site(folder: Path, settings) -> Iterator[str]:
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder / "web")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SHIRUSHI_FETCH_ALLOW = (f"127.0.0.1:{server.server_port}",)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def record_of_zenodo(folder: Path, address: str = "https://zenodo.org") -> str:
    record = copy.deepcopy(made.ZENODO)
    record["files"][0] |= {"checksum": f"md5:{hashlib.md5(CSV, usedforsecurity=False).hexdigest()}"}
    record["files"][0]["links"] = {"self": f"{address}/sst.csv"}
    path = folder / "record.json"
    path.write_text(json.dumps(record))
    return str(path)


def bag_of_weko3(folder: Path, **more: bytes) -> str:
    """What WEKO3 exports: a bag, with the crate's metadata among its files."""
    files = {"data/sst.csv": CSV, "data/ro-crate-metadata.json": made.dumped(made.WEKO3_CRATE).encode()}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    path = folder / "item.zip"
    with zipfile.ZipFile(path, "w") as bag:
        bag.writestr("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        bag.writestr("manifest-sha256.txt", sums)
        for name, content in (files | {f"data/{name}.csv": data for name, data in more.items()}).items():
            bag.writestr(name, content)
    return str(path)


def test_dry_run_makes_nothing(folder, capsys):
    assert main(["import", "--from", "inveniordm", record_of_zenodo(folder), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "→ would be made" in said
    assert "not carried over: metadata.communities" in said
    assert said.endswith("1 new (dry run: nothing was made)\n")
    assert not Draft.objects.exists()


def test_record_is_published_with_the_files_given_and_nothing_happens_twice(folder, capsys):
    arguments = [
        "import",
        "--from",
        "inveniordm",
        record_of_zenodo(folder),
        "--files",
        str(folder / "web"),
        "--publish",
    ]
    report = folder / "done.jsonl"
    assert main([*arguments, "--report", str(report)]) == 0
    record = Record.objects.get()
    assert f"→ record {record.pk}" in capsys.readouterr().out
    assert main([*arguments, "--report", str(report)]) == 0
    assert capsys.readouterr().out.endswith("1 unchanged\n")
    told = [json.loads(line) for line in report.read_text().splitlines()]
    assert [(one["state"], one["record"]) for one in told] == [("new", record.pk), ("unchanged", record.pk)]
    assert record.files.get().sha256 == hashlib.sha256(CSV).hexdigest()


def test_files_are_fetched_by_a_worker_and_the_next_run_publishes(folder, site, capsys):
    arguments = ["import", "--from", "inveniordm", record_of_zenodo(folder, site), "--fetch", "--publish"]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "files not given: sst.csv\n    a worker fetches 1 of them; run this again when they are here\n" in said
    assert fetching.fetch_next() is True
    assert main(arguments) == 0
    assert f"→ record {Record.objects.get().pk}" in capsys.readouterr().out
    assert Record.objects.get().files.get().sha256 == hashlib.sha256(CSV).hexdigest()


def test_bag_of_weko3_comes_with_its_files(folder):
    assert main(["import", "--from", "weko3", bag_of_weko3(folder), "-q"]) == 0
    draft = Draft.objects.get()
    assert draft.files.get(path="sst.csv").sha256 == hashlib.sha256(CSV).hexdigest()
    assert draft.source.key == "10.34567/0000000011"


def test_bag_that_holds_more_than_its_manifest_says_is_refused_and_leaves_nothing(folder, capsys):
    assert main(["import", "--from", "weko3", bag_of_weko3(folder, other=CSV)]) == 1
    assert capsys.readouterr().err.startswith("! ")
    assert not Draft.objects.filter(state="open").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"{", "not JSON"), (b"[]", "there is no record in it"), (b'{"id": 1}', "")],
)
def test_what_is_no_record_is_refused_by_its_name(folder, capsys, content, words):
    (folder / "record.json").write_bytes(content)
    assert main(["import", "--from", "inveniordm", str(folder / "record.json")]) == 1
    refused = capsys.readouterr().err
    assert refused.startswith(f"! {folder / 'record.json'}")
    assert words in refused
    assert not Draft.objects.exists()


def test_flags_of_records_are_refused_for_a_package(folder, capsys):
    assert main(["import", bag_of_weko3(folder), "--publish"]) != 0
    assert "belong to --from" in capsys.readouterr().err

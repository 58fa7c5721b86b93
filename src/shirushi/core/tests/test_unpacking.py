"""Bags and crates unpacked into drafts: what they hold comes in whole and checked, or nothing of them does."""

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import bagit
import pytest

from shirushi.accounts.models import Space
from shirushi.core import packaging, services
from shirushi.core.errors import Conflict, DomainError, Invalid, NotAllowed
from shirushi.core.models import Decision, Draft, ImportSource, Unpacking
from shirushi.core.services import unpacking
from shirushi.describe.unpacking import looks_like_one
from shirushi.storage.zipping import in_turn

pytestmark = pytest.mark.django_db
PAYLOAD = {"README.md": b"# Buoys\n", "data/sst.csv": b"time,sst\n2021-01-01,12.5\n", "図.txt": "図".encode()}
XML = b"""<resource xmlns="http://datacite.org/schema/kernel-4"><titles><title>A title from the bag</title></titles></resource>"""
CRATE = b'{"@context": "https://w3id.org/ro/crate/1.2/context", "@graph": [{"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"}}, {"@id": "./", "@type": "Dataset", "name": "A title from the crate", "hasPart": []}]}'


@pytest.fixture
def empty(space: Space, depositor) -> Draft:
    return services.create_draft(space=space, by=depositor)


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """A bag as the Library of Congress's program makes it, with a tag file about the work."""
    folder = tmp_path / "bag"
    for name, content in PAYLOAD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    made = bagit.make_bag(str(folder), {"Contact-Name": "Hanako"}, checksums=["md5", "sha512"])
    (folder / "metadata").mkdir()
    (folder / "metadata" / "datacite.xml").write_bytes(XML)
    made.save(manifests=True)
    return folder


def zipped(folder: Path, to: Path, *, top: str = "") -> Path:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, f"{top}{path.relative_to(folder).as_posix()}")
    return to


def tarred(folder: Path, to: Path, *, top: str = "bag/") -> Path:
    with tarfile.open(to, "w:gz") as archive:
        archive.add(folder, top.rstrip("/"))
    return to


def names(draft: Draft) -> dict[str, str]:
    return dict(draft.files.values_list("path", "sha256"))


def digests(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


WAYS: dict[str, Callable[[Path, Path], Path]] = {
    "folder": lambda folder, _to: folder,
    "zip": lambda folder, to: zipped(folder, to / "x.zip"),
    "zip with a folder": lambda folder, to: zipped(folder, to / "x.zip", top="my bag/"),
    "tar.gz": lambda folder, to: tarred(folder, to / "x.tar.gz"),
}


@pytest.mark.parametrize("way", WAYS)
def test_bag_comes_in_whole(empty, depositor, bag, tmp_path, way):
    plan = unpacking.unpack_into(draft=empty, source=WAYS[way](bag, tmp_path), by=depositor)
    assert names(empty) == digests({**PAYLOAD, "metadata/datacite.xml": XML})
    report = plan.report()
    assert (report["kind"], report["notes"]) == ("bagit", [])
    assert report["checked"] >= len(PAYLOAD)
    assert empty.runs.count() == 1  # what describes it is read, and proposed with its place


def test_crate_comes_in_whole(empty, depositor, tmp_path):
    folder = tmp_path / "crate"
    (folder / "sub").mkdir(parents=True)
    (folder / "ro-crate-metadata.json").write_bytes(CRATE)
    (folder / "sub" / "a.txt").write_bytes(b"a")
    unpacking.unpack_into(draft=empty, source=zipped(folder, tmp_path / "c.zip", top="crate/"), by=depositor)
    assert names(empty) == digests({"ro-crate-metadata.json": CRATE, "sub/a.txt": b"a"})


@pytest.mark.parametrize("kind", ["bagit", "ro-crate"])
def test_exported_record_comes_back_as_it_was(record, depositor, space, tmp_path, kind):
    package = packaging.Package(record, kind, with_files=True)
    path = tmp_path / package.name
    path.write_bytes(b"".join(package.archive().stream(in_turn(packaging.opened))))
    draft = services.create_draft(space=space, by=depositor)
    plan = unpacking.unpack_into(draft=draft, source=path, by=depositor)
    assert plan.is_sound
    assert names(draft) == dict(record.files.values_list("path", "sha256"))
    assert draft.work == record.work
    again = services.publish(draft=draft, by=depositor, at_version=draft.version)
    assert again.metadata == record.metadata
    assert again.document["imported"]["system"] == "shirushi"
    assert again.document["publication"]["identifier"]["value"] != record.document["publication"]["identifier"]["value"]


def edit(path: Path, content: bytes) -> None:
    path.write_bytes(content)


WRONG: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "other bytes": (lambda bag: edit(bag / "data/README.md", b"# Buois\n"), "checksum-mismatch", "data/README.md"),
    "other bytes of a tag file": (lambda bag: edit(bag / "metadata/datacite.xml", b"<x/>"), "checksum-mismatch", "metadata/datacite.xml"),
    "missing": (lambda bag: (bag / "data/README.md").unlink(), "missing", "data/README.md"),
    "unlisted": (lambda bag: edit(bag / "data/more.txt", b"x"), "unlisted", "data/more.txt"),
    "no declaration": (lambda bag: edit(bag / "bagit.txt", b"hello"), "not-a-bag", ""),
    "no manifest": (lambda bag: [path.unlink() for path in bag.glob("manifest-*")], "no-manifest", ""),
    "oxum": (lambda bag: edit(bag / "bag-info.txt", b"Payload-Oxum: 1.1\n"), "oxum", "bag-info.txt"),
    "broken line": (lambda bag: edit(bag / "manifest-md5.txt", b"abc data/README.md\n"), "not-a-bag", ""),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_bag_that_is_not_what_it_says_is_refused_file_by_file(empty, depositor, bag, what):
    damage, code, file = WRONG[what]
    damage(bag)
    with pytest.raises(unpacking.Refused) as refused:
        unpacking.unpack_into(draft=empty, source=bag, by=depositor)
    notes = [(note["code"], note["file"]) for note in refused.value.plan.report()["notes"]]
    assert (code, file) in notes
    assert (names(empty), empty.runs.count()) == ({}, 0)


def test_bag_that_leaves_files_to_be_fetched_says_where_they_lie(empty, depositor, bag):
    (bag / "data/README.md").unlink()
    (bag / "fetch.txt").write_text("https://example.org/README.md 8 data/README.md\n")
    plan = unpacking.unpack_into(draft=empty, source=bag, by=depositor)
    assert "README.md" not in names(empty)
    assert [(n["code"], n["file"], n["wrong"]) for n in plan.report()["notes"]] == [
        ("to-fetch", "data/README.md", False)
    ]


def archive_of(entries: list[tuple[str, bytes]], *, mode: int = 0o100644) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return out.getvalue()


def tar_of(member: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(member)
    return out.getvalue()


def link(kind: bytes) -> bytes:
    member = tarfile.TarInfo("ro-crate-metadata.json")
    member.type, member.linkname = kind, "/etc/passwd"
    return tar_of(member)


CRATED = ("ro-crate-metadata.json", CRATE)
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "up": (lambda: archive_of([CRATED, ("../evil", b"x")]), "way-out"),
    "up in the middle": (lambda: archive_of([CRATED, ("a/../../evil", b"x")]), "way-out"),
    "absolute": (lambda: archive_of([CRATED, ("/etc/cron.d/evil", b"x")]), "way-out"),
    "drive": (lambda: archive_of([CRATED, ("C:\\evil", b"x")]), "way-out"),
    "backslashes up": (lambda: archive_of([CRATED, ("..\\evil", b"x")]), "way-out"),
    "symbolic link": (lambda: archive_of([CRATED], mode=0o120777), "link"),
    "device": (lambda: archive_of([CRATED], mode=0o020666), "link"),
    "twice": (lambda: archive_of([CRATED, ("a", b"1"), ("a", b"2")]), "name-twice"),
    "twice in another form": (lambda: archive_of([CRATED, ("\u00e9", b"1"), ("e\u0301", b"2")]), "name-twice"),
    "file and folder": (lambda: archive_of([CRATED, ("a", b"1"), ("a/b", b"2")]), "file-and-folder"),
    "bomb": (lambda: archive_of([CRATED, ("zeros", bytes(120_000_000))]), "bomb"),
    "control character": (lambda: archive_of([CRATED, ("a\nb", b"1")]), "bad-file-name"),
    "direction mark": (lambda: archive_of([CRATED, ("a\u202egpj.exe", b"1")]), "bad-file-name"),
    "neither": (lambda: archive_of([("a", b"1")]), "not-a-package"),
    "empty": (lambda: archive_of([]), "no-files"),
    "no archive": (lambda: b"hello", "not-an-archive"),
    "cut off": (lambda: archive_of([CRATED, ("a", b"1" * 5000)])[:-40], "not-an-archive"),
    "tar symlink": (lambda: link(tarfile.SYMTYPE), "link"),
    "tar hard link": (lambda: link(tarfile.LNKTYPE), "link"),
    "tar device": (lambda: link(tarfile.CHRTYPE), "link"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_archive_is_refused_as_a_whole(empty, depositor, tmp_path, what):
    make, code = HOSTILE[what]
    path = tmp_path / "archive"
    path.write_bytes(make())
    with pytest.raises(DomainError) as refused:
        unpacking.unpack_into(draft=empty, source=path, by=depositor)
    assert refused.value.code == code
    assert refused.value.message.ja
    assert names(empty) == {}


def test_list_that_lies_about_a_size_is_found_out(empty, depositor, tmp_path):
    data = bytearray(archive_of([CRATED, ("big", b"x" * 1000)]))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"PK\x05\x06"))
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")  # in the archive's list; the entry itself says 1000
    path = tmp_path / "lies.zip"
    path.write_bytes(bytes(data))
    with pytest.raises(Invalid) as refused:
        unpacking.unpack_into(draft=empty, source=path, by=depositor)
    assert refused.value.code == "damaged-archive"
    assert names(empty) == {}


def test_names_in_japanese_windows_are_read(empty, depositor, tmp_path):
    data = archive_of([CRATED, ("XX.txt", b"1")]).replace(b"XX.txt", "図".encode("cp932") + b".txt")
    (tmp_path / "sjis.zip").write_bytes(data)
    unpacking.unpack_into(draft=empty, source=tmp_path / "sjis.zip", by=depositor)
    assert "図.txt" in names(empty)


def test_names_that_differ_in_case_are_told(empty, depositor, tmp_path):
    (tmp_path / "case.zip").write_bytes(archive_of([CRATED, ("a.txt", b"1"), ("A.txt", b"2")]))
    plan = unpacking.unpack_into(draft=empty, source=tmp_path / "case.zip", by=depositor)
    assert [(note["code"], note["wrong"]) for note in plan.report()["notes"]] == [("case", False)]


def test_folder_with_a_link_is_refused(empty, depositor, bag):
    (bag / "data" / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(Invalid, match="link"):
        unpacking.unpack_into(draft=empty, source=bag, by=depositor)


def test_copy_of_a_record_that_is_here_leaves_it_its_identifier(empty, depositor, space, tmp_path, monkeypatch):
    from shirushi.exchange.inveniordm_importing import from_inveniordm
    from shirushi.exchange.tests import made_records as made

    outcome = services.importing.import_record(
        imported=from_inveniordm(made.ZENODO | {"files": []}), document="{}", space=space, by=depositor, publish_it=True
    )
    package = packaging.Package(outcome.record, "ro-crate", with_files=True)
    (tmp_path / "c.zip").write_bytes(b"".join(package.archive().stream(in_turn(packaging.opened))))
    monkeypatch.chdir(tmp_path)
    plan = unpacking.unpack_into(draft=empty, source=Path("c.zip"), by=depositor)
    assert [note.code for note in plan.notes] == ["identifier-taken"]
    copy = services.publish(draft=empty, by=depositor, at_version=empty.version)
    assert copy.identifiers.get().state == "local"
    assert outcome.record.identifiers.get().value == "10.5281/zenodo.1234568"


def put(draft: Draft, by, path: Path) -> None:
    services.put_file(draft=draft, path="package.zip", content=path.read_bytes(), by=by)


def test_archive_in_a_draft_gives_its_place_to_its_files(empty, depositor, bag, tmp_path):
    put(empty, depositor, zipped(bag, tmp_path / "x.zip"))
    services.put_file(draft=empty, path="plain.zip", content=archive_of([("a", b"1")]), by=depositor)
    assert [file.path for file in unpacking.offered(empty)] == ["package.zip"]
    row = unpacking.begin_unpacking(draft=empty, path="package.zip", by=depositor)
    assert unpacking.begin_unpacking(draft=empty, path="package.zip", by=depositor) == row
    assert unpacking.unpack_next()
    assert not unpacking.unpack_next()
    row.refresh_from_db()
    assert (row.state, row.done, row.report["kind"]) == ("done", row.total, "bagit")
    assert set(names(empty)) == {*PAYLOAD, "metadata/datacite.xml", "plain.zip"}
    assert Decision.objects.filter(draft=empty, action="file").count() == 1  # undo brings it back


def test_death_in_the_middle_leaves_the_draft_as_it_was_and_the_next_worker_goes_on(
    empty, depositor, bag, tmp_path, monkeypatch
):
    put(empty, depositor, zipped(bag, tmp_path / "x.zip"))
    row = unpacking.begin_unpacking(draft=empty, path="package.zip", by=depositor)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(unpacking, "_put", die)
        with pytest.raises(KeyboardInterrupt):
            unpacking.unpack_next()
    row.refresh_from_db()
    assert (row.state, set(names(empty))) == ("running", {"package.zip"})
    assert unpacking.unpack_next()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("done", 2)
    assert "package.zip" not in names(empty)


def test_what_kills_its_worker_three_times_is_given_up(empty, depositor, bag, tmp_path):
    put(empty, depositor, zipped(bag, tmp_path / "x.zip"))
    row = unpacking.begin_unpacking(draft=empty, path="package.zip", by=depositor)
    Unpacking.objects.filter(pk=row.pk).update(state="running", attempts=3)
    assert unpacking.unpack_next()
    row.refresh_from_db()
    assert (row.state, row.code) == ("failed", "died")


def test_refusal_stands_in_the_row_with_every_file(empty, depositor, bag, tmp_path):
    (bag / "data/README.md").write_bytes(b"# Buois\n")
    put(empty, depositor, zipped(bag, tmp_path / "x.zip"))
    row = unpacking.begin_unpacking(draft=empty, path="package.zip", by=depositor)
    unpacking.unpack_next()
    row.refresh_from_db()
    assert (row.state, row.code) == ("failed", "package-refused")
    assert [note["file"] for note in row.report["notes"]] == ["data/README.md"]
    assert set(names(empty)) == {"package.zip"}


def test_other_file_at_its_place_keeps_it_out(empty, depositor, bag):
    services.put_file(draft=empty, path="README.md", content=b"mine", by=depositor)
    with pytest.raises(Conflict) as refused:
        unpacking.unpack_into(draft=empty, source=bag, by=depositor)
    assert refused.value.code == "file-exists"
    assert set(names(empty)) == {"README.md"}


def test_strangers_may_not(empty, make_actor, bag):
    with pytest.raises(NotAllowed):
        unpacking.unpack_into(draft=empty, source=bag, by=make_actor("mallory"))
    assert not ImportSource.objects.exists()


@pytest.mark.parametrize("make", [zipped, tarred])
def test_packages_are_told_by_a_look(bag, tmp_path, make):
    path = make(bag, tmp_path / "x")
    with path.open("rb") as content:
        assert looks_like_one(content, path.stat().st_size)
    with io.BytesIO(archive_of([("a", b"1")])) as other:
        assert not looks_like_one(other, len(other.getvalue()))

"""The official OCFL fixtures: good objects pass, bad ones fail with the very codes in their names."""

import re
import tarfile
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from shirushi.storage.fetched import Fetched
from shirushi.storage.files import LocalFiles, Reading
from shirushi.storage.s3 import Bucket, at_once
from shirushi.storage.s3_files import S3Files
from shirushi.storage.tests.gateway import BUCKET, Gateway
from shirushi.storage.validate import _check_prior_state, validate_object
from shirushi.storage.validate_inventory import Checked


@pytest.fixture(scope="module")
def fixtures(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ocfl")
    with tarfile.open(shared / "schemas" / "ocfl" / "fixtures.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def codes(folder: Path) -> set[str]:
    return {finding.code for finding in validate_object(LocalFiles(folder), "")}


def named(folder: Path, letter: str) -> set[str]:
    """The codes that a fixture's name promises: E003_E063_empty → E003, E063."""
    return set(re.findall(rf"{letter}\d{{3}}(?=_)", folder.name))


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_good_objects_have_no_errors(fixtures: Path, version: str) -> None:
    good = sorted((fixtures / version / "good-objects").iterdir())
    assert len(good) == {"1.0": 10, "1.1": 12}[version]
    assert {folder.name: {code for code in codes(folder) if code[0] == "E"} for folder in good} == {
        folder.name: set() for folder in good
    }


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_bad_objects_fail_with_every_code_in_their_names(fixtures: Path, version: str) -> None:
    bad = sorted((fixtures / version / "bad-objects").iterdir())
    expected = {folder.name: named(folder, "E") for folder in bad}
    found = {folder.name: codes(folder) & expected[folder.name] for folder in bad}
    assert found == expected
    assert len(bad) == {"1.0": 52, "1.1": 55}[version]
    assert len(set().union(*expected.values())) == {"1.0": 37, "1.1": 39}[version]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_objects_with_warnings_have_those_and_no_error(fixtures: Path, version: str) -> None:
    warned = sorted((fixtures / version / "warn-objects").iterdir())
    assert {folder.name: codes(folder) for folder in warned} == {folder.name: named(folder, "W") for folder in warned}
    assert len(warned) == {"1.0": 14, "1.1": 13}[version]


def test_every_object_of_the_fixtures_is_judged_above(fixtures: Path) -> None:
    """What else lies there is no object: the words about it, and the contents from which the objects were made."""
    folders = sorted(str(path.relative_to(fixtures)) for path in fixtures.glob("*/*") if path.is_dir())
    kinds = ["bad-objects", "content", "good-objects", "warn-objects"]
    assert folders == [f"{version}/{kind}" for version in ("1.0", "1.1") for kind in kinds]


@pytest.fixture(scope="module")
def on_s3(fixtures: Path, gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> S3Files:
    """All fixtures put into a bucket, empty folders as the keys that S3 has for them."""
    bucket = Bucket(f"s3://{BUCKET}/fixtures")
    paths = [path for path in fixtures.rglob("*") if path.is_file() or not any(path.iterdir())]

    def put(path: Path) -> None:
        key = f"store/{path.relative_to(fixtures)}"
        bucket.put(key, path.read_bytes()) if path.is_file() else bucket.put(f"{key}/", b"")

    at_once(put, paths)
    folder = tmp_path_factory.mktemp("here")
    return S3Files(bucket, Fetched(folder / "fetched", 0), folder / "locks")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize(("kind", "many"), [("good", (10, 12)), ("bad", (52, 55)), ("warn", (14, 13))])
def test_objects_in_a_bucket_are_judged_as_those_in_a_folder(
    fixtures: Path, on_s3: S3Files, version: str, kind: str, many: tuple[int, int]
) -> None:
    folders = sorted((fixtures / version / f"{kind}-objects").iterdir())
    assert len(folders) == many[version == "1.1"]

    def judged(files: Reading, root: str) -> list[tuple[str, str]]:
        return [(finding.code, finding.place.removeprefix(f"{root}/")) for finding in validate_object(files, root)]

    here = LocalFiles(fixtures)
    for folder in folders:
        root = str(folder.relative_to(fixtures))
        assert (root, judged(on_s3, root)) == (root, judged(here, root))


def test_bad_objects_raise_no_other_code_where_one_is_meant(fixtures: Path) -> None:
    """How precise the verdicts are: in most objects nothing but the code in the name is reported."""
    bad = sorted((fixtures / "1.1" / "bad-objects").iterdir())
    exact = [folder for folder in bad if {code for code in codes(folder) if code[0] == "E"} == named(folder, "E")]
    assert (len(exact), len(bad)) == (43, 55)


@pytest.mark.parametrize(
    ("inventory", "code"),
    [
        ("not json", "E033"),
        ("[]", "E033"),
        ('{"id": 3, "type": 3, "digestAlgorithm": "sha512", "head": "v1", "manifest": [], "versions": []}', "E037"),
        ('{"id": "urn:x", "head": "v1", "manifest": {}, "versions": {"v1": 3}}', "E036"),
        ('{"digestAlgorithm": "sha512", "versions": {"v1": {"state": [], "user": 1, "message": 2}}}', "E050"),
        ('{"digestAlgorithm": "sha512", "manifest": {"00": 1}, "fixity": 3, "versions": {}, "extra": 1}', "E102"),
        ('{"digestAlgorithm": "sha512", "fixity": {"crc32": {}, "md5": []}, "versions": {"vv": {}}}', "E056"),
        ("[" * 100_000, "E033"),
    ],
)
def test_inventory_of_any_shape_is_judged_without_an_exception(tmp_path: Path, inventory: str, code: str) -> None:
    (tmp_path / "inventory.json").write_text(inventory)
    found = codes(tmp_path)
    assert found & {code} == {code}


def test_symbolic_link_in_an_object_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text('{"digestAlgorithm": "sha512", "versions": {"v1": {}}}')
    (tmp_path / "v1" / "content").mkdir(parents=True)
    (tmp_path / "v1" / "content" / "link").symlink_to("/etc/hostname")
    (tmp_path / "other").symlink_to("v1")
    places = [finding.place for finding in validate_object(LocalFiles(tmp_path), "") if finding.code == "E090"]
    assert places == ["other", "v1/content/link"]


def test_versions_of_many_files_are_compared_in_one_pass() -> None:
    """Twenty thousand files took minutes when every one was looked for among all."""
    state = {f"{number:0128x}": [f"files/{number}.csv"] for number in range(20_000)}
    manifest = {digest: [f"v1/content/{paths[0]}"] for digest, paths in state.items()}
    prior, root = (
        Checked("inventory.json", "1.1", manifest=manifest, versions={"v1": {"state": dict(state)}}) for _ in range(2)
    )
    root.versions["v1"]["state"]["f" * 128] = ["files/more.csv"]
    found: list[str] = []
    teller = SimpleNamespace(say=lambda code, path, message: found.append(code))
    started = time.process_time()
    _check_prior_state(teller, "v1/inventory.json", "v1", prior, root)  # type: ignore[arg-type]
    assert (found, time.process_time() - started < 2) == (["E066"], True)

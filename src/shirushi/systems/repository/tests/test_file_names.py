"""Names of files are what they are: blanks at their ends, full width, long, and the same everywhere."""

import io
import json
import zipfile
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client

NAMES = ("end", " end", "end ", "\u3000全角/データ.csv", "\u00a0", "/".join(["x" * 50] * 60))
FILES = {"README.md": b"# Sea surface temperature of Sagami Bay\n", **{name: name.encode() for name in NAMES}}


@pytest.fixture
def record(publish):
    return publish(FILES, variables=[{"name": "t", "file": " end"}])


def addresses(told: object) -> set[str]:
    """Every address of a file in a document."""
    if isinstance(told, dict | list):
        return set().union(*(addresses(one) for one in (told.values() if isinstance(told, dict) else told)), set())
    return {told} if isinstance(told, str) and "/files/" in told and told.startswith("http") else set()


@pytest.mark.parametrize("form", ["schema-org", "croissant", "datapackage", "dcat"])
def test_every_address_in_an_export_leads_to_its_file(record, client: Client, form: str) -> None:
    exported = client.get(f"/records/{record.pk}/export/{form}")
    assert exported.status_code == 200
    found = {urlsplit(address).path for address in addresses(json.loads(exported.content))}
    contents = {
        b"".join(client.get(path).streaming_content) for path in found if not path.endswith((".parquet", ".zip"))
    }
    assert contents >= set(FILES.values())


def test_packages_hold_each_under_its_name(record, client: Client) -> None:
    for package in ("files.zip", "bagit.zip", "ro-crate.zip"):
        sent = io.BytesIO(b"".join(client.get(f"/records/{record.pk}/{package}").streaming_content))
        with zipfile.ZipFile(sent) as archive:
            held = {archive.read(name) for name in archive.namelist()}
            assert held >= set(FILES.values()), package
            if package == "ro-crate.zip":
                (told,) = (name for name in archive.namelist() if name.endswith("ro-crate-metadata.json"))
                graph = json.loads(archive.read(told))["@graph"]
                names = [unquote(one["@id"]) for one in graph if one["@type"] == "File" and "data/" in one["@id"]]
                assert {name.partition("data/")[2] for name in names} >= set(NAMES)


def test_variable_keeps_the_name_of_its_file(record) -> None:
    assert record.metadata["variables"][0]["file"] == " end"

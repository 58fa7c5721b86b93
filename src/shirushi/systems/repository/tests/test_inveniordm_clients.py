"""Clients that nobody here wrote, unmodified, against a running server: of InvenioRDM's REST, and of Dataverse's downloads."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from shirushi.accounts.models import Scope, Token, User
from shirushi.core import followers
from shirushi.core.models import Decision, Draft, Record

ROOT = Path(__file__).parents[5]
CLIENTS = Path(__file__).parent / "clients"
METADATA = {
    "resource_type": {"id": "dataset"},
    "title": "Levels of the bay",
    "publication_date": "2026-05-01",
    "publisher": "Example University",
    "creators": [
        {
            "person_or_org": {
                "type": "personal",
                "family_name": "Yamada",
                "given_name": "Hanako",
                "name": "Yamada, Hanako",
                "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
            },
            "affiliations": [{"name": "The University of Tokyo"}],
        }
    ],
    "description": "<p>Measured <b>by hand</b>.</p>",
    "rights": [{"id": "cc-by-4.0"}],
    "subjects": [{"subject": "sea"}],
    "languages": [{"id": "eng"}],
    "related_identifiers": [{"identifier": "10.1234/abcd", "scheme": "doi", "relation_type": {"id": "issupplementto"}}],
}
CRATE = {
    "@context": "https://w3id.org/ro/crate/1.1/context",
    "@graph": [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "Buoys of the bay",
            "description": "Hourly values.",
            "datePublished": "2026-05-01",
            "keywords": ["sea"],
            "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
            "author": [{"@id": "https://orcid.org/0000-0002-1825-0097"}],
            "identifier": "https://doi.org/10.1234/abcd",
            "hasPart": [{"@id": "a b.csv"}],
        },
        {"@id": "https://orcid.org/0000-0002-1825-0097", "@type": "Person", "name": "Hanako Yamada"},
        {"@id": "https://creativecommons.org/licenses/by/4.0/", "@type": "CreativeWork", "name": "CC BY 4.0"},
        {"@id": "a b.csv", "@type": "File", "name": "data"},
    ],
}


def python_of(client: str) -> Path:
    python = ROOT / ".venv" / "clients" / client / "bin" / "python"
    if not python.exists():
        pytest.skip(
            f"SKIPPED LOUDLY: the client {client} is not here, so it did not speak with us (make clients gets it)"
        )
    return python


def run(client: str, script: str, *arguments: str) -> dict:
    done = subprocess.run(
        [python_of(client), CLIENTS / f"{script}.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict = json.loads(done.stdout)
    return told


@pytest.fixture
def served(transactional_db, publish, curator, live_server, settings) -> tuple[str, str, Record]:
    """A running server, a token of the curator, and a record that is found."""
    settings.SHIRUSHI_BASE_URL = live_server.url
    record = publish()
    followers.follow_all()
    user = User.objects.get(pk=curator.user_id)
    secret = Token.objects.issue(user=user, name="client", scopes=set(Scope.values) - {"operate"})[1]
    return live_server.url, secret, record


@pytest.mark.parametrize("base", ["/invenio/api", "/invenio/uni/api"])
def test_inveniordm_py(served, base) -> None:
    address, token, record = served
    told = run("inveniordm-py", "inveniordm_records", f"{address}{base}", token, json.dumps(METADATA))
    assert (told["hits"], told["title"]) == ([record.pk], record.title)
    assert told["keys"] == ["README.md", "data/sst.csv", "notes.html"]
    assert told["read"].startswith("# Sea surface temperature")
    assert told["checksum"] == f"sha256:{record.files.get(path='README.md').sha256}"
    assert (told["record"], told["errors"], told["mine"]) == (told["draft"], None, "x,y\n1,2\n")
    assert told["published"]["title"] == "Levels of the bay, corrected"
    assert told["published"]["creators"] == METADATA["creators"]
    assert told["published"]["description"] == "Measured by hand."
    assert told["published"]["related_identifiers"] == METADATA["related_identifiers"]
    assert (told["files"], told["empty"], told["second_files"]) == (["a.csv", "empty.txt"], [], ["b.csv"])
    assert (told["latest"], told["versions"]) == (told["second"], [2, 1])
    assert told["thrown"] is True
    assert Draft.objects.filter(state=Draft.State.DISCARDED).count() == 1
    # An ordinary draft: what was sent was decided by the person whose token it was, field by field.
    assert "titles" in Decision.objects.filter(draft=told["draft"], action="type").values_list("field", flat=True)


def test_invenio_rest_api_client(served) -> None:
    address, token, record = served
    told = run("invenio-rest-api-client", "invenio_rest", f"{address}/invenio", token, json.dumps(METADATA))
    assert (told["total"], told["type"], told["title"]) == (1, "RDMRecord", record.title)
    assert told["early"] == [400, "files"]
    assert (told["keys"], told["files"], told["linked"]) == (["data/a b.csv"], ["sha256:"], ["data/a b.csv"])
    assert (told["moved"], told["unchanged"]) == (True, True)
    assert len(told["mine"]) == 2
    assert (told["published"], told["second"], told["versions"]) == ([True, True, "published"], [2, "2"], True)
    assert told["missing"] == [404, ["code", "errors", "message", "status"]]


@pytest.mark.parametrize("base", ["", "/invenio", "/invenio/uni"])
def test_rocrate_inveniordm(served, tmp_path, base) -> None:
    address, token, _ = served
    crate = tmp_path / "crate"
    crate.mkdir()
    (crate / "ro-crate-metadata.json").write_text(json.dumps(CRATE))
    (crate / "a b.csv").write_text("x,y\n1,2\n")
    program = python_of("rocrate-inveniordm").with_name("rocrate_inveniordm")
    known = {"INVENIORDM_BASE_URL": f"{address}{base}", "INVENIORDM_API_KEY": token}
    done = subprocess.run(
        [program, crate, "--publish"],
        cwd=tmp_path,
        env=os.environ | known,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    record = Record.objects.get(pk=done.stdout.split()[-1])
    work = record.work
    assert (record.title, work.creators[0].name) == ("Buoys of the bay", "Yamada, Hanako")
    assert (work.rights[0].id, work.publication_date) == ("CC-BY-4.0", "2026-05-01")
    assert [(each.identifier, each.type) for each in work.alternate_identifiers] == [("10.1234/abcd", "DOI")]
    assert work.publisher is not None
    assert work.publisher.name == "Example University"  # it said that it knew none
    assert [file.path for file in record.files.all()] == ["a b.csv", "ro-crate-metadata.json"]


def test_pooch_fetches_by_doi(served, tmp_path) -> None:
    address, _, record = served
    doi = record.identifiers.get().value
    told = run("pooch", "pooch_doi", f"{address}/records/{record.pk}", doi, str(tmp_path / "cache"), "sst.csv")
    assert told["names"] == ["README.md", "notes.html", "sst.csv"]
    assert told["fetched"] == told["alone"] == "time,sst\n2021-01-01,12.5\n2021-01-02,13.1\n"

"""The RO-Crate of a running server, judged by roc-validator and read by rocrate: programs that nobody here wrote."""

import urllib.request
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate
from rocrate_validator import models, services

from shirushi.exchange.tests.test_ro_crate import cache as cache


@pytest.mark.filterwarnings("ignore")
def test_validator_accepts_and_library_reads_the_crate(
    transactional_db, publish, live_server, settings, tmp_path: Path, cache: Path
) -> None:
    settings.SHIRUSHI_BASE_URL = live_server.url
    record = publish()
    with urllib.request.urlopen(f"{live_server.url}/records/{record.pk}/export/ro-crate", timeout=30) as answer:
        assert "ro/crate" in answer.headers["Content-Type"]
        (tmp_path / "ro-crate-metadata.json").write_bytes(answer.read())
    judged = services.validate(
        services.ValidationSettings(
            rocrate_uri=str(tmp_path),
            profile_identifier="ro-crate-1.2",
            requirement_severity=models.Severity.REQUIRED,
            offline=True,
            cache_path=str(cache),
        )
    )
    assert [f"{issue.check.identifier} {issue.message}" for issue in judged.get_issues()] == []
    files = [entity for entity in ROCrate(tmp_path).data_entities if "File" in entity.type]
    assert len(files) == record.files.count()
    for file in files:  # what the crate points at is there, whole
        with urllib.request.urlopen(str(file.get("contentUrl") or file.id), timeout=30) as answer:
            assert len(answer.read()) == int(file["contentSize"])

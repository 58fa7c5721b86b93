"""Harvesting a running server with clients that nobody here wrote: Sickle and oaipmh-scythe, unmodified."""

import pytest
import sickle
from oaipmh_scythe import HTTPConfig, Scythe
from sickle.oaiexceptions import BadResumptionToken, CannotDisseminateFormat, IdDoesNotExist, NoRecordsMatch

from shirushi.core import followers, services
from shirushi.core.models import Record


@pytest.fixture
def served(transactional_db, publish, curator, live_server, settings) -> tuple[str, list[str], str]:
    """The endpoint of a running server, the ids of seven records that stand, and of one that was withdrawn."""
    settings.SHIRUSHI_BASE_URL = live_server.url
    settings.SHIRUSHI_OAI_PAGE = 3
    made = sorted(publish(titles=[{"text": f"Record {number}"}]).pk for number in range(8))
    services.withdraw(record=Record.objects.get(pk=made[0]), reason="Wrong.", by=curator)
    followers.follow("harvesting")
    return f"{live_server.url}/oai", made[1:], made[0]


def test_sickle_harvests_everything(served) -> None:
    address, standing, gone = served
    client = sickle.Sickle(address, max_retries=0)
    assert client.Identify().deletedRecord == "persistent"
    assert {known.metadataPrefix for known in client.ListMetadataFormats()} >= {"oai_dc", "jpcoar_2.1", "datacite"}
    assert {known.setSpec for known in client.ListSets()} == {"space:uni", "type:Dataset"}
    records = list(client.ListRecords(metadataPrefix="oai_dc", set="space:uni"))
    shown = {record.header.identifier.rpartition(":")[2]: record for record in records}
    assert sorted(shown) == sorted([*standing, gone])
    assert [pk for pk, record in shown.items() if record.deleted] == [gone]
    assert sorted(record.metadata["title"][0] for record in records if not record.deleted) == [
        f"Record {number}" for number in range(1, 8)
    ]
    kept = list(client.ListRecords(metadataPrefix="jpcoar_2.1", ignore_deleted=True))
    assert len(kept) == len(standing)
    one = client.GetRecord(metadataPrefix="datacite", identifier=kept[0].header.identifier)
    assert "http://datacite.org/schema/kernel-4" in one.raw
    headers = list(client.ListIdentifiers(metadataPrefix="oai_dc", **{"from": shown[gone].header.datestamp}))
    assert gone in {header.identifier.rpartition(":")[2] for header in headers}


def test_sickle_understands_our_errors(served) -> None:
    client = sickle.Sickle(served[0], max_retries=0)
    with pytest.raises(IdDoesNotExist):
        client.GetRecord(metadataPrefix="oai_dc", identifier="oai:nowhere:1")
    with pytest.raises(CannotDisseminateFormat):
        client.ListRecords(metadataPrefix="marc")
    with pytest.raises(NoRecordsMatch):
        client.ListRecords(metadataPrefix="oai_dc", until="2001-01-01")
    with pytest.raises(BadResumptionToken):
        client.ListRecords(resumptionToken="made up")


@pytest.mark.parametrize("method", ["get", "post"])
def test_scythe_harvests_everything(served, method) -> None:
    address, standing, gone = served
    with Scythe(address, http_config=HTTPConfig(http_method=method.upper())) as client:
        assert client.identify().protocolVersion == "2.0"
        records = list(client.list_records(metadata_prefix="jpcoar_2.1"))
        assert sorted(record.header.identifier.rpartition(":")[2] for record in records) == sorted([*standing, gone])
        assert len(list(client.list_identifiers(metadata_prefix="oai_dc", ignore_deleted=True))) == len(standing)
        assert {known.setSpec for known in client.list_sets()} == {"space:uni", "type:Dataset"}
        assert len(list(client.list_metadata_formats())) == 5

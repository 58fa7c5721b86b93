"""The public client ``invenio-rest-api-client``, whose answers have to fit its typed models; prints what it saw as JSON."""

import json
import sys
from io import BytesIO

from invenio_rest_api_client.api.drafts import (
    get_a_draft_records,
    list_a_drafts_files,
    publish_a_draft_record,
    update_a_draft_record,
)
from invenio_rest_api_client.api.drafts import link_files_from_previous_version as link_files
from invenio_rest_api_client.api.drafts_files_upload import (
    step_1_start_draft_file_uploads,
    step_2_upload_a_draft_files_content,
    step_3_complete_a_draft_file_upload,
)
from invenio_rest_api_client.api.records import create_a_draft_record, get_a_record_by_id, search_records
from invenio_rest_api_client.api.records_files import list_a_records_files
from invenio_rest_api_client.api.records_versions import create_a_new_version, get_all_versions
from invenio_rest_api_client.api.users import get_all_draft_records
from invenio_rest_api_client.client import AuthenticatedClient
from invenio_rest_api_client.models import CreateADraftRecordBody, FileTransferItem, UpdateDraftRecord
from invenio_rest_api_client.types import File

address, token, metadata = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
client = AuthenticatedClient(base_url=address, token=token)


def has(response, status: int):
    assert response.status_code == status, (response.status_code, response.content)
    return response.parsed if response.parsed is not None else json.loads(response.content)


hits = has(search_records.sync_detailed(client=client, q="buoys", size="5", page="1"), 200)["hits"]
record = has(get_a_record_by_id.sync_detailed(hits["hits"][0]["id"], client=client), 200)
told = {"total": hits["total"], "type": type(record).__name__, "title": record.metadata.title}

body = CreateADraftRecordBody.model_validate({"metadata": metadata, "access": {"record": "public", "files": "public"}})
draft = has(create_a_draft_record.sync_detailed(client=client, body=body), 201)
has(
    step_1_start_draft_file_uploads.sync_detailed(draft.id, client=client, body=[FileTransferItem(key="data/a b.csv")]),
    201,
)
early = publish_a_draft_record.sync_detailed(draft.id, client=client)
told["early"] = [early.status_code, json.loads(early.content)["errors"][0]["field"]]
has(
    step_2_upload_a_draft_files_content.sync_detailed(
        draft.id, "data/a b.csv", client=client, body=File(payload=BytesIO(b"x,y\n1,2\n"))
    ),
    200,
)
has(step_3_complete_a_draft_file_upload.sync_detailed(draft.id, "data/a b.csv", client=client), 200)
told["keys"] = [each["key"] for each in has(list_a_drafts_files.sync_detailed(draft.id, client=client), 200)["entries"]]
again = has(get_a_draft_records.sync_detailed(draft.id, client=client), 200)
told["moved"] = again.revision_id > draft.revision_id
same = UpdateDraftRecord.model_validate(
    again.model_dump(mode="json", exclude_unset=True, include={"metadata", "access"})
)
told["unchanged"] = (
    has(update_a_draft_record.sync_detailed(draft.id, client=client, body=same), 200).revision_id == again.revision_id
)
told["mine"] = [each["id"] for each in has(get_all_draft_records.sync_detailed(client=client), 200)["hits"]["hits"]]
published = has(publish_a_draft_record.sync_detailed(draft.id, client=client), 202)
told["published"] = [published.id == draft.id, published.is_published, published.status]
told["files"] = [
    each["checksum"][:7]
    for each in has(list_a_records_files.sync_detailed(published.id, client=client), 200)["entries"]
]

following = has(create_a_new_version.sync_detailed(published.id, client=client), 201)
linked = has(link_files.sync_detailed(following.id, client=client), 201)
told["linked"] = [each["key"] for each in linked["entries"]]
changed = UpdateDraftRecord.model_validate({"metadata": {**metadata, "version": "2"}})
has(update_a_draft_record.sync_detailed(following.id, client=client, body=changed), 200)
second = has(publish_a_draft_record.sync_detailed(following.id, client=client), 202)
told["second"] = [second.versions.index, second.metadata.version]
told["versions"] = [
    each["id"] for each in has(get_all_versions.sync_detailed(published.id, client=client), 200)["hits"]["hits"]
] == [second.id, published.id]
missing = get_a_record_by_id.sync_detailed("no-such", client=client)
told["missing"] = [missing.status_code, sorted(json.loads(missing.content))]
print(json.dumps(told))

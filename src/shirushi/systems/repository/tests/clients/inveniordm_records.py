"""The public client ``inveniordm-py``: finds, reads, deposits, publishes and continues; prints what it saw as JSON."""

import io
import json
import sys

from inveniordm_py import InvenioAPI
from inveniordm_py.files.metadata import FilesListMetadata, OutgoingStream
from inveniordm_py.records.metadata import DraftMetadata

address, token, metadata = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
client = InvenioAPI(address, token)


def stream(content: bytes) -> OutgoingStream:
    """What is to be sent. Given to its constructor it would be sent as a form (0.1.1), so it is put where it is read from."""
    made = OutgoingStream()
    made._data = io.BytesIO(content)
    return made


def send(draft, contents: dict[str, bytes]) -> None:
    draft.files.create(FilesListMetadata([{"key": key} for key in contents]))
    for file in draft.files:
        assert file.data["status"] == "pending"
        file.set_contents(stream(contents[file.data["key"]]))
        assert file.commit().data["status"] == "completed"


hits = client.records.search(q="buoys")
found = [hit.data["id"] for hit in hits]
read = client.records(found[0]).get()
told = {"hits": found, "title": read.data["metadata"]["title"]}
told["keys"] = [file["key"] for file in read.files.get().data["entries"]]
told["read"] = read.files("README.md").download().text
told["checksum"] = read.files("README.md").get().data["checksum"]

draft = client.records.create(data=DraftMetadata(metadata=metadata))
told["draft"] = draft.data["id"]
send(draft, {"a.csv": b"x,y\n1,2\n", "empty.txt": b""})
draft.data["metadata"]["title"] = "Levels of the bay, corrected"
told["errors"] = draft.update().data._data.get("errors")
told["mine"] = draft.files("a.csv").download().text
record = draft.publish()
told["record"] = record.get().data["id"]
told["published"] = record.get().data["metadata"]
told["files"] = [file["key"] for file in record.files.get().data["entries"]]

following = client.records(record.new_version().data["id"]).draft  # the client itself goes on with the old id
told["empty"] = following.files.get().data["entries"]
send(following, {"b.csv": b"x,y\n3,4\n"})
second = following.publish()
told["latest"] = record.versions.latest().data["id"]
told["second"] = second.data["id"]
told["versions"] = [each.data["versions"]["index"] for each in second.versions.search()]
told["second_files"] = [file["key"] for file in second.files.get().data["entries"]]
thrown = client.records.create()
told["thrown"] = thrown.delete()
print(json.dumps(told))

"""The document of a published version: rendered once, stored with the record and in its object, read by every page."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings

from shirushi.core.models import Answer, Decision, Draft, Record, access_now
from shirushi.core.values import JSON
from shirushi.metadata.published import FileEntry, Publication, TableForm
from shirushi.metadata.published import Identifier as PublishedIdentifier
from shirushi.metadata.work import STORED

FILES_SHOWN = 100  # files in the stored document; the others are in RecordFile, page by page
FORMAT = "shirushi-record/1"
OF_FILES = ("path", "size", "media_type", "sha256", "sha512", "crc32", "table", "pronom")
_OF_BYTES = frozenset({"sha512", "crc32"})  # what only the rows of files and the object itself tell


class FileRow(Protocol):
    """What is said of a file of a draft or record: a row of :data:`OF_FILES` has it, a whole model too."""

    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def media_type(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def sha512(self) -> str: ...
    @property
    def crc32(self) -> int | None: ...
    @property
    def table(self) -> JSON: ...
    @property
    def pronom(self) -> JSON: ...


def record_url(record_id: str) -> str:
    """The landing page's public address."""
    return f"{settings.SHIRUSHI_BASE_URL}/records/{record_id}"


def file_url(record_id: str, path: str) -> str:
    from urllib.parse import quote

    return f"{record_url(record_id)}/files/{quote(path)}"


def shared_url(secret: str) -> str:
    """The address of a secret link."""
    return f"{settings.SHIRUSHI_BASE_URL}/shared/{secret}"


def document(
    draft: Draft,
    publication: Publication,
    files: Sequence[FileRow],
    *,
    record_id: str,
    provenance: Sequence[Mapping[str, Any]],
) -> dict[str, JSON]:
    """Everything about a version that never changes, with all of its files."""
    space, institution = draft.space, draft.space.institution()
    published = publication.model_dump(mode="json", exclude_none=True)
    published["files"] = [file_entry(file) | ({} if file.crc32 is None else {"crc32": file.crc32}) for file in files]
    return {
        "format": FORMAT,
        "id": record_id,
        "concept": draft.concept_id,
        "draft": draft.pk,
        "owner": draft.owner_id,
        "number": publication.number,
        "space": {"slug": space.slug, "name": {"en": space.name_en, "ja": space.name_ja}},
        "institution": {"en": institution.name_en, "ja": institution.name_ja},
        "publication": published,
        "provenance": list(provenance),
    }


def stored(whole: Mapping[str, JSON]) -> dict[str, JSON]:
    """The document as the database keeps it: only the first files, so that a page costs the same for 1 and 20,000."""
    publication = dict(whole["publication"])
    files = publication.get("files", [])
    publication["files"] = [
        {name: item for name, item in file.items() if name not in _OF_BYTES} for file in files[:FILES_SHOWN]
    ]
    publication["file_count"] = len(files)
    publication["total_size"] = sum(file["size"] for file in files)
    return {**whole, "publication": publication}


def publication_of(record: Record, *, all_files: bool = True) -> Publication:
    """What the exchange formats are made from, with today's addresses and state.

    No query when the document holds all files or ``all_files`` is False; else one.
    """
    data = dict(record.document["publication"])
    if all_files and data.get("file_count", 0) > len(data.get("files", [])):
        data["files"] = [file_entry(file) for file in record.files.values_list(*OF_FILES, named=True)]
    data["files"] = [{**file, "url": file_url(record.pk, file["path"])} for file in data.get("files", [])]
    data["url"] = record_url(record.pk)
    publication = Publication.model_validate(data, context=STORED)
    publication.access = access_now(record.access, data["work"].get("access"))
    if record.is_withdrawn and publication.identifier is not None:
        publication.identifier = publication.identifier.model_copy(update={"state": "tombstoned"})
    return publication


def publisher_in(document: Mapping[str, JSON], lang: str) -> dict[str, JSON] | None:
    """The publisher of a stored document as readers of a language call it: the house's own institution has a name in each. None
    when there is no publisher."""
    publisher = document["publication"]["work"].get("publisher")
    names = document.get("institution") or document["space"]["name"]
    if not publisher or publisher["name"] not in names.values():
        return publisher and dict(publisher)
    code = "ja" if lang.startswith("ja") else "en"
    return {**publisher, "name": names[code] or publisher["name"], "lang": code}


def file_entry(file: FileRow) -> dict[str, JSON]:
    """One file as a :class:`FileEntry` is written in JSON."""
    if not file.table and file.path.isprintable() and file.path == file.path.strip():  # there is nothing to look at
        return {
            "path": file.path,
            "size": file.size,
            "media_type": file.media_type,
            "sha256": file.sha256,
            "sha512": file.sha512,
            **pronom_of(file),
        }
    entry = FileEntry(
        path=file.path,
        size=file.size,
        media_type=file.media_type,
        sha256=file.sha256,
        sha512=file.sha512,
        table=table_of(file),
        **pronom_of(file),
    )
    return entry.model_dump(mode="json", exclude_none=True)


def table_of(file: FileRow) -> TableForm | None:
    """How the file's table is written, if a reading of these very bytes found one."""
    if not file.table or file.table.get("of", file.sha256) != file.sha256:
        return None
    return TableForm.model_validate({name: item for name, item in file.table.items() if name != "of"})


def pronom_of(file: FileRow) -> dict[str, str]:
    """``puid``, ``pronom_format`` and ``pronom_version`` of the file, as far as they were found of these very bytes."""
    known = file.pronom
    if not known or not known.get("puid") or known.get("of", file.sha256) != file.sha256:
        return {}
    names = {"puid": "puid", "pronom_format": "name", "pronom_version": "version"}
    return {name: known[key] for name, key in names.items() if known.get(key)}


def identifier_json(value: str, url: str | None = None) -> PublishedIdentifier:
    return PublishedIdentifier(scheme="DOI", value=value, state="local", url=url)


def decisions_jsonl(decisions: Iterable[Decision]) -> bytes:
    """Every decision on a draft, one JSON object a line, undone ones too: what the record was made by. ``removed`` are the
    values of the field that gave way to ``added`` ones, from ``position`` on (0 is the first)."""
    return b"".join(to_bytes(_decision_json(decision)) for decision in decisions)


def answers_jsonl(answers: Iterable[Answer], files: Iterable[FileRow]) -> bytes:
    """What was answered about data in the files that are published, one JSON object a line."""
    here = {(file.path, file.sha256) for file in files}
    return b"".join(to_bytes(_answer_json(answer)) for answer in answers if (answer.path, answer.sha256) in here)


def description_of(description: bytes, files: Iterable[FileRow]) -> bytes:
    """A stored description without what it says about files that are not published: they were taken out for a reason.
    A suggestion that rests on one of them even in part goes too: its value may hold what the file said."""
    data = json.loads(description)
    here = {file.path for file in files}
    gone = {report["path"] for report in data["files"]} - here
    if not gone:
        return description
    suggestions = [
        suggestion
        for suggestion in data["suggestions"]
        if not any(item["place"]["file"] in gone for item in suggestion["evidence"])
    ]
    return to_bytes(
        {
            **data,
            "suggestions": suggestions,
            "files": [report for report in data["files"] if report["path"] in here],
            "problems": [problem for problem in data["problems"] if problem["file"] not in gone],
            "concerns": [concern for concern in data.get("concerns", []) if concern["file"] not in gone],
        }
    )


def tombstone(record: Record) -> bytes:
    """What remains to be said of a withdrawn version."""
    assert record.withdrawn_at is not None
    return to_bytes(
        {
            "record": record.pk,
            "number": record.number,
            "withdrawn_at": record.withdrawn_at.isoformat(),
            "reason": record.withdrawal_reason,
        }
    )


ACCESS = "metadata/access/"


def access_path(number: int) -> str:
    """Where an object keeps who may have the files of version ``number``, once that was decided anew."""
    return f"{ACCESS}{number}.json"


def access_json(record: Record, at: datetime) -> bytes:
    told = {"record": record.pk, "number": record.number, "access": record.access, "decided_at": at.isoformat()}
    return to_bytes(told)


def to_bytes(data: JSON) -> bytes:
    """JSON whose bytes depend on nothing but its content, so that repeating a commit gives the same digest."""
    return (json.dumps(data, ensure_ascii=False, sort_keys=True) + "\n").encode(errors="replace")


def _answer_json(answer: Answer) -> dict[str, JSON]:
    return {
        "at": answer.at.isoformat(),
        "actor": answer.actor,
        "file": answer.path,
        "sha256": answer.sha256,
        "category": answer.category,
        "answer": answer.answer,
        "item": answer.item,
    }


def _decision_json(decision: Decision) -> dict[str, JSON]:
    return {
        "id": decision.pk,
        "at": decision.at.isoformat(),
        "actor": decision.actor,
        "field": decision.field,
        "action": decision.action,
        "value": decision.value,
        "position": decision.position,
        "removed": decision.removed,
        "added": decision.added,
        "suggestion": decision.suggestion_id,
        "undoes": decision.undoes_id,
        "group": decision.group,
    }

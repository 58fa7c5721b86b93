"""The document of a published version: rendered once, stored with the record and in its object, read by every page."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.db.models import QuerySet

from shirushi.core import closed
from shirushi.core.models import Answer, Decision, Draft, ImportSource, Record, RecordFile, access_now
from shirushi.core.models import DerivedFile as DerivedRow
from shirushi.core.values import JSON
from shirushi.metadata.published import DataAnswer, DerivedFile, FileEntry, Publication, TableForm
from shirushi.metadata.published import Identifier as PublishedIdentifier
from shirushi.metadata.vocabularies import IdentifierScheme
from shirushi.metadata.work import STORED

FILES_SHOWN = 100  # files in the stored document; the others are in RecordFile, page by page
FORMAT = "shirushi-record/1"
MEDIA_TYPES = {"parquet": "application/vnd.apache.parquet", "zarr": "application/zip"}
_TURN = 1000  # files looked up at a time
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
    return f"{record_url(record_id)}/files/{quote(path)}"


def derived_url(record_id: str, path: str) -> str:
    return f"{record_url(record_id)}/derived/{quote(path)}"


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
    source = ImportSource.objects.filter(draft=draft).first()
    imported = {"imported": source_json(source)} if source else {}
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
        **imported,
    }


def source_json(source: ImportSource) -> dict[str, JSON]:
    """Where a record was imported from, without the copy of what was read there."""
    return {
        "system": source.system,
        "key": source.key,
        "concept_key": source.concept_key,
        "ordinal": source.ordinal,
        "url": source.url,
        "digest": source.digest,
        "at": source.created_at.isoformat(),
        "untaken": source.untaken,
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


def publication_of(record: Record, *, all_files: bool = True, may_read: bool = False) -> Publication:
    """What the exchange formats are made from, with today's addresses and state. ``may_read``: for somebody who may have the files though
    they are closed; without it, closed files tell what :mod:`shirushi.core.closed` says, and where to ask for them.

    No query when the document holds all files or ``all_files`` is False; else one.
    """
    data = dict(record.document["publication"])
    if all_files and data.get("file_count", 0) > len(data.get("files", [])):
        data["files"] = [file_entry(file) for file in record.files.values_list(*OF_FILES, named=True)]
    data["files"] = [{**file, "url": file_url(record.pk, file["path"])} for file in data.get("files", [])]
    data["url"] = record_url(record.pk)
    if not closed.tells_all(record, may_read=may_read):
        data["work"] = closed.without_values(data["work"])
        data["files"] = [closed.without_digests(file) for file in data["files"]]
        data["ask_url"] = closed.ask_url(record.pk)
    publication = Publication.model_validate(data, context=STORED)
    publication.access = access_now(record.access, data["work"].get("access"))
    if record.is_withdrawn and publication.identifier is not None:
        publication.identifier = publication.identifier.model_copy(update={"state": "tombstoned"})
    return publication


Row = TypeVar("Row")


def in_turns(files: QuerySet[RecordFile, Row]) -> Iterator[Row]:
    """Rows of files, or named values with their ``path`` among them, by path and a thousand at a time: nothing is held of those that went
    before, and a reader who takes hours holds no query open meanwhile."""
    after, files = "", files.order_by("path")
    while page := list(files.filter(path__gt=after)[:_TURN]):
        yield from page
        after = page[-1].path


def entries_of(record: Record, *, may_read: bool = False) -> Iterator[FileEntry]:
    """Every file as :func:`publication_of` tells of it; nothing is held of those that went before."""
    tells_all = closed.tells_all(record, may_read=may_read)
    for file in in_turns(record.files.values_list(*OF_FILES, named=True)):
        known = file_entry(file)
        told = known if tells_all else closed.without_digests(known)
        yield FileEntry.model_validate({**told, "url": file_url(record.pk, file.path)})


def whole_publication(record: Record, *, may_read: bool = False, all_files: bool = True) -> Publication:
    """The publication with what is beside its document: what was made from its files, as far as that is done and the reader may have it,
    and what was answered about data in them. Three queries; one more than :func:`publication_of` where nobody was asked anything."""
    publication = publication_of(record, may_read=may_read, all_files=all_files)
    if publication.ask_url is None:
        publication.derived = [derived_file(row) for row in record.derived.all()]
    publication.answers = answers_about(record)
    publication.card_url = f"{record_url(record.pk)}/data-card"
    return publication


def answers_about(record: Record) -> list[DataAnswer]:
    """The last answer to each question about data in the record's files, as they are. Up to two queries."""
    given = {answer.item: answer for answer in Answer.objects.filter(concept=record.concept_id)}
    if not given:
        return []
    paths = {answer.path for answer in given.values()}
    here = set(record.files.filter(path__in=paths).values_list("path", "sha256"))
    told = {
        (answer.path, answer.category, answer.answer): None
        for answer in given.values()
        if (answer.path, answer.sha256) in here
    }
    return [DataAnswer(file=path, category=category, answer=answer) for path, category, answer in told]


def derived_file(row: DerivedRow) -> DerivedFile:
    """A derived file as the formats and pages know it."""
    url = derived_url(row.record_id, row.path)
    return DerivedFile.model_validate(
        {
            "path": row.path,
            "kind": row.kind,
            "media_type": MEDIA_TYPES[row.kind],
            "size": row.size,
            "sha256": row.sha256,
            "derived_from": row.source,
            "derived_from_sha256": row.source_sha256,
            "part": row.part or None,
            "rows": row.rows,
            "columns": row.columns,
            "arrays": row.arrays,
            "left_out": row.left_out,
            "made_with": row.made_with,
            "url": url,
            "store_url": url.removesuffix(".zip") if row.kind == DerivedRow.Kind.ZARR else None,
        }
    )


def publication_as_if(draft: Draft, files: Sequence[FileEntry]) -> Publication:
    """What publishing a draft today would make, with these files; its identifier and address are those set aside for it, else such
    as it would get."""
    own = draft.reserved.get("record") or draft.pk
    before = draft.base_record
    last = before.identifiers.first() if before else None
    return Publication(
        work=draft.work,
        identifier=identifier_json(draft.reserved.get("identifier") or f"{settings.SHIRUSHI_PREFIX}/{own}"),
        url=record_url(own),
        files=[file.model_copy(update={"url": file_url(own, file.path)}) for file in files],
        previous=identifier_json(last.value, record_url(before.pk)) if before and last else None,
    )


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
    if not file.table:  # there is nothing to look at
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


def identifier_json(
    value: str, url: str | None = None, *, outer: IdentifierScheme | None = None
) -> PublishedIdentifier:
    """An identifier as documents hold it; ``outer``: its scheme, where an agency knows it already."""
    return PublishedIdentifier(
        scheme=outer or "DOI", value=value, state="registered" if outer else "local", url=None if outer else url
    )


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

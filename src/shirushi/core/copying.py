"""Rows of files copied by the database itself, from a record to the draft of its next version and from a draft to its record: of
100,000 files not one goes through this process unless it has something of its own to be said."""

import json
from collections.abc import Iterable
from itertools import chain

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from shirushi.core import documents, objects
from shirushi.core.models import Draft, DraftFile, Record, RecordFile
from shirushi.core.values import JSON

_DRAFTS, _RECORDS = DraftFile._meta.db_table, RecordFile._meta.db_table  # noqa: SLF001 - Django's own word for it
_READ = Q(table__isnull=False) | Q(pronom__isnull=False)
_SAME = "path, size, sha256, sha512, crc32, media_type"


def to_draft(record: Record, draft: Draft) -> None:
    """Give a draft without files those of a record, marked as such. Call it in a transaction."""
    _execute(
        f'INSERT INTO {_DRAFTS} (draft_id, {_SAME}, changed_at, as_before, "table", pronom) '  # noqa: S608 - names of ours
        f"SELECT %s, {_SAME}, %s, %s, NULL, NULL FROM {_RECORDS} WHERE record_id = %s",
        [draft.pk, connection.ops.adapt_datetimefield_value(timezone.now()), True, record.pk],
    )
    read = record.files.filter(_READ).values_list("path", "sha256", "table", "pronom")
    _tell(_DRAFTS, draft, ((path, _of(table, sha256), _of(pronom, sha256)) for path, sha256, table, pronom in read))


def to_record(draft: Draft, record: Record) -> None:
    """Give a record the files of the draft that it was. The object version has been committed. Call it in a transaction."""
    # As a rule a file lies in the folder of its version under its own name, or where the version before has it.
    usual = f"v{record.object_version}/content/files/"
    before = f"(SELECT content_path FROM {_RECORDS} AS b WHERE b.record_id = %s AND b.path = d.path)"  # noqa: S608
    _execute(
        f'INSERT INTO {_RECORDS} (record_id, {_SAME}, content_path, "table", pronom) '  # noqa: S608 - names of ours
        f"SELECT %s, {_SAME}, CASE WHEN as_before THEN COALESCE({before}, '') ELSE %s || path END, NULL, NULL "
        f"FROM {_DRAFTS} AS d WHERE draft_id = %s",
        [record.pk, draft.base_record_id, usual, draft.pk],
    )
    places = objects.content_paths(record.object_id)
    new = draft.files.filter(as_before=False).order_by().values_list("path", "sha512")
    untold = record.files.filter(content_path="").order_by().values_list("path", "sha512")
    others = (
        (place, record.pk, path)
        for path, sha512 in chain(new.iterator(), untold.iterator())
        if (place := objects.content_path(places, sha512)) != usual + path
    )
    _execute_many(f"UPDATE {_RECORDS} SET content_path = %s WHERE record_id = %s AND path = %s", others)  # noqa: S608
    read = draft.files.filter(_READ).only("path", "sha256", "table", "pronom")
    _tell(_RECORDS, record, ((file.path, _form(file), _format(file)) for file in read))


def _form(file: DraftFile) -> JSON:
    form = documents.table_of(file)
    return form and form.model_dump(mode="json")


def _format(file: DraftFile) -> JSON:
    known = documents.pronom_of(file) and file.pronom
    return {name: item for name, item in known.items() if name != "of"} if known else None


def _of(told: JSON, sha256: str) -> JSON:
    return told and {**told, "of": sha256}


def _tell(table: str, owner: Draft | Record, said: Iterable[tuple[str, JSON, JSON]]) -> None:
    """What was read of files, put into rows that were copied without it."""
    column = "draft_id" if isinstance(owner, Draft) else "record_id"
    rows = ((_json(form), _json(pronom), owner.pk, path) for path, form, pronom in said if form or pronom)
    _execute_many(f'UPDATE {table} SET "table" = %s, pronom = %s WHERE {column} = %s AND path = %s', rows)  # noqa: S608


def _json(told: JSON) -> str | None:
    return json.dumps(told) if told else None


def _execute(statement: str, parameters: list[JSON]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _execute_many(statement: str, rows: Iterable[tuple[JSON, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(rows))

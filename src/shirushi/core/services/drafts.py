"""Drafts and their files: made, filled, discarded and restored."""

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.accounts.models import Space
from shirushi.core import crashpoints, objects, rules, values
from shirushi.core.changing import Held
from shirushi.core.errors import Conflict, DomainError, Invalid, NotFound, TooLarge
from shirushi.core.events import emit, emit_each
from shirushi.core.home import blobs
from shirushi.core.locking import advance, hold, see_that_current
from shirushi.core.models import Concept, Decision, Draft, DraftFile
from shirushi.core.paths import clean_name, clean_path, name_twice, not_beside, shown, twins
from shirushi.core.recording import decided, write_down
from shirushi.core.services import files
from shirushi.core.values import JSON
from shirushi.describe.identify import identify
from shirushi.metadata.fields import Text2
from shirushi.storage import StorageError
from shirushi.storage import TooLarge as StreamTooLarge
from shirushi.storage.blobs import Blob, Readable


@transaction.atomic
def create_draft(*, space: Space, by: Actor, name: str = "") -> Draft:
    """An empty draft in a space. The publisher is filled in: it is the institution that the space belongs to.

    Raises:
        NotAllowed: ``by`` may not deposit in this space.
    """
    rules.require(by, "create-draft", space)
    concept = Concept.objects.create(space=space)
    draft = Draft.objects.create(space=space, owner_id=by.user_id, concept=concept, name=clean_name(name)[:500])
    fill_in(draft, "publisher", _publisher_of(space), by=by)
    emit("draft.created", by=by, draft=draft, payload={"concept": concept.pk})
    return draft


def put_file(
    *,
    draft: Draft,
    path: str,
    content: BinaryIO | Readable | bytes,
    by: Actor,
    size: int | None = None,
    at_version: int | None = None,
    if_absent: bool = False,
    if_sha256: str | None = None,
) -> DraftFile:
    """Put a file into a draft, in the place of one that has the same path. Its bytes are safe on disk before the row is.

    ``size`` (bytes) is what the sender promised, if anything. Putting the same bytes again changes nothing. Where other bytes
    were, open suggestions that rest only on them give way, and variables that were accepted from them are taken out until
    the next reading; undo brings all of it back.

    A sender who may not be the only one says what they saw: the draft at ``at_version``, no such file (``if_absent``), or the
    file with the digest ``if_sha256``. That is looked at before the bytes are read, and again in the transaction.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more).
        Conflict: the draft is not at ``at_version``; or there is such a file (code ``file-exists``) or no longer the one that
            was seen (code ``file-changed``). Nothing was changed.
        Invalid: a name that cannot be kept, or fewer or more bytes than promised; or (code ``name-twice``) the name is that of
            another file, written in other characters. Nothing was kept.
        TooLarge: more bytes than SHIRUSHI_MAX_FILE_SIZE.
    """
    rules.require(by, "fill-draft", draft)
    given, path = path, clean_path(path)
    seen = Seen(at_version, if_absent, if_sha256, is_spelled_otherwise=given != path)
    seen.check(draft, path)
    blob = _stored(path, io.BytesIO(content) if isinstance(content, bytes) else content, size)
    return put_blob(draft=draft, path=path, blob=blob, by=by, seen=seen)


def put_blob(*, draft: Draft, path: str, blob: Blob, by: Actor, seen: "Seen | None" = None) -> DraftFile:
    """The second half of :func:`put_file`, for bytes that are in the blob store already. ``path`` is a clean one.

    Raises:
        NotAllowed, Conflict, Invalid: as :func:`put_file` does.
    """
    rules.require(by, "fill-draft", draft)
    seen = seen or Seen()
    crashpoints.reach("put_file: bytes stored")
    identified = identify(blobs().path(blob.sha256), path)
    with transaction.atomic():
        hold(draft)
        known = seen.check(draft, path)
        if known is not None and known.sha256 == blob.sha256:
            return known
        if known is not None and seen.is_spelled_otherwise and seen.sha256 is None:
            raise name_twice(path)
        if known is None:
            check_place(draft, path)
        advance(draft, at_version=seen.version)
        if known is not None or files.was_taken_out(draft, path):
            files.let_go(draft, path, known, by=by, replaced=True)
        file, _ = DraftFile.objects.update_or_create(
            draft=draft,
            path=path,
            defaults={
                "size": blob.size,
                "sha256": blob.sha256,
                "sha512": blob.sha512,
                "crc32": blob.crc32,
                "media_type": identified.media_type[:200],
                "changed_at": timezone.now(),
                "as_before": path in files.as_before(draft, {path: blob.sha256}),
            },
        )
        emit("draft.file-put", by=by, draft=draft, payload={"file": file.pk, "sha256": blob.sha256, "size": blob.size})
        crashpoints.reach("put_file: row written")
    crashpoints.reach("put_file: committed")
    return file


def put_files(*, draft: Draft, sources: Mapping[str, Path], by: Actor) -> dict[str, DomainError | OSError]:
    """Put some hundred files of this machine into a draft together, by the path each is to have: a group costs little more than
    one file. Their bytes are safe on disk before the rows are. Where other bytes were, it is as with :func:`put_file`. Returns what was wrong with those that could not be kept.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more). No file was put.
        DomainError: the store cannot take them.
    """
    rules.require(by, "fill-draft", draft)
    wrong: dict[str, DomainError | OSError] = {}
    blobs_of = _stored_together(sources, wrong)
    crashpoints.reach("put_file: bytes stored")
    media_types = {path: identify(blobs().path(blob.sha256), path).media_type for path, (_, blob) in blobs_of.items()}
    with transaction.atomic():
        hold(draft)
        known = {file.path: file for file in DraftFile.objects.filter(draft=draft, path__in=list(blobs_of))}
        put = []
        beside = _may_stand_beside(draft, [path for path in blobs_of if path not in known])
        for path, (name, blob) in blobs_of.items():
            file = known.get(path) or DraftFile(draft=draft, path=path)
            if file.sha256 == blob.sha256:
                continue
            try:
                _see_no_folder_in(blobs_of, path)
                if beside and file.pk is None:
                    check_place(draft, path)
            except Invalid as error:
                wrong[name] = error
                continue
            put.append(file)
        if not put:
            return wrong
        advance(draft, at_version=None)
        taken_out = files.taken_out(draft)
        as_before = files.as_before(draft, {file.path: blobs_of[file.path][1].sha256 for file in put})
        for file in put:
            if file.pk is not None or file.path in taken_out:
                was = file if file.pk is not None else None
                files.let_go(draft, file.path, was, by=by, replaced=True)
            blob = blobs_of[file.path][1]
            file.size, file.sha256, file.sha512, file.crc32 = blob.size, blob.sha256, blob.sha512, blob.crc32
            file.as_before = file.path in as_before
            file.media_type, file.changed_at = media_types[file.path][:200], timezone.now()
        DraftFile.objects.bulk_update(
            [file for file in put if file.pk is not None],
            ["size", "sha256", "sha512", "crc32", "media_type", "changed_at", "as_before"],
        )
        DraftFile.objects.bulk_create([file for file in put if file.pk is None])
        told = [{"file": file.pk, "sha256": file.sha256, "size": file.size} for file in put]
        emit_each("draft.file-put", by=by, draft=draft, payloads=told)
        crashpoints.reach("put_file: row written")
    crashpoints.reach("put_file: committed")
    return wrong


def _stored_together(
    sources: Mapping[str, Path], wrong: dict[str, DomainError | OSError]
) -> dict[str, tuple[str, Blob]]:
    """What was stored, by its clean path, with the name it was given; the others go into ``wrong``."""
    clean = {}
    wrong |= {name: name_twice(name) for several in twins(sources).values() for name in several}
    for name in sources:
        if name in wrong:
            continue
        try:
            clean[name] = clean_path(name)
        except Invalid as error:
            wrong[name] = error
    most = settings.SHIRUSHI_MAX_FILE_SIZE
    try:
        found = blobs().write_all([sources[name] for name in clean], limit=most)
    except StorageError as error:
        raise objects.in_kernel_words(error) from error
    stored = {}
    for (name, path), blob in zip(clean.items(), found, strict=True):
        if isinstance(blob, Blob):
            stored[path] = name, blob
        else:
            wrong[name] = too_large(path, most) if isinstance(blob, StreamTooLarge) else blob
    return stored


@transaction.atomic
def remove_file(*, draft: Draft, path: str, by: Actor, at_version: int | None = None) -> Decision:
    """Take a file out of a draft, and with it its variables and the open suggestions that rest only on it, so that nothing is
    published about a file that is not there. Written down as a decision, which undo takes back. The bytes stay in the blob
    store.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more), or is not at ``at_version``.
        NotFound: the draft has no such file.
    """
    rules.require(by, "fill-draft", draft)
    hold(draft)
    file = DraftFile.objects.filter(draft=draft, path=clean_path(path)).first()
    if file is None:
        raise NotFound(
            Text2(
                f"{shown(path)} is not in this draft. Reload to see its files.",
                f"{shown(path)} はこの下書きにありません。読み込み直してください。",
            )
        )
    advance(draft, at_version=at_version)
    emit("draft.file-removed", by=by, draft=draft, payload={"file": file.pk, "sha256": file.sha256})
    decision = files.let_go(draft, file.path, file, by=by)
    file.delete()
    return decision


@transaction.atomic
def discard_draft(*, draft: Draft, by: Actor, at_version: int | None = None) -> None:
    """Put a draft away. It can be restored; discarding twice changes nothing.

    Raises:
        NotAllowed: not its owner or a curator.
        Conflict: it is published or being published, or not at ``at_version``.
    """
    rules.require(by, "discard", draft)
    if Draft.objects.filter(pk=draft.pk, state=Draft.State.DISCARDED).exists():
        return
    advance(draft, at_version=at_version, state=Draft.State.DISCARDED)
    emit("draft.discarded", by=by, draft=draft)


@transaction.atomic
def restore_draft(*, draft: Draft, by: Actor) -> None:
    """Take a discarded draft up again, as it was.

    Raises:
        NotAllowed: not its owner or a curator.
        Conflict: it is not discarded; or (code ``disposed``) its files went with those of its record; or (code ``other-draft``)
            another draft of the next version is open.
    """
    rules.require(by, "discard", draft)
    concept = Concept.objects.select_for_update().get(pk=draft.concept_id)  # nobody begins a version meanwhile
    if concept.is_disposed:
        words = Text2(
            "Its files were disposed of with those of its record.", "記録とともにファイルが廃棄されています。"
        )
        raise Conflict(words, version=draft.version, code="disposed")
    if concept.drafts.filter(state__in=[Draft.State.OPEN, Draft.State.PUBLISHING]).exclude(pk=draft.pk).exists():
        words = Text2(
            "Another draft of the next version is open. Publish or discard that one first.",
            "次の版の下書きがほかに開いています。先にそれを公開するか、破棄してください。",
        )
        raise Conflict(words, version=draft.version, code="other-draft")
    advance(draft, at_version=None, was=Draft.State.DISCARDED, state=Draft.State.OPEN)
    emit("draft.restored", by=by, draft=draft)


def total_size(draft: Draft) -> int:
    """Bytes of all files of a draft."""
    return draft.files.aggregate(bytes=Sum("size"))["bytes"] or 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What the sender of a file saw before."""

    version: int | None = None
    absent: bool = False
    sha256: str | None = None
    is_spelled_otherwise: bool = False  # than what is kept: two files of one folder may come by one name

    def check(self, draft: Draft, path: str) -> DraftFile | None:
        """The file that stands there now. Raises Conflict when it, or the draft, is not what the sender saw."""
        if self.version is not None:
            see_that_current(draft, self.version)
        known = DraftFile.objects.filter(draft=draft, path=path).first()
        if self.absent and known is not None:
            raise Conflict(
                Text2(
                    f"{shown(path)} is in this draft already. Nothing was overwritten. Give yours another name, or replace that one.",
                    f"{shown(path)} はこの下書きにすでにあります。上書きはしていません。別の名前にするか、置き換えてください。",
                ),
                version=draft.version,
                code="file-exists",
            )
        if self.sha256 is not None and (known is None or known.sha256 != self.sha256):
            raise Conflict(
                Text2(
                    f"{shown(path)} was changed or removed after you saw it. Nothing was overwritten. Reload, then send yours again.",
                    f"{shown(path)} は、ご覧になったあとに変更または削除されました。上書きはしていません。"
                    "読み込み直してから、もう一度送ってください。",
                ),
                version=draft.version,
                code="file-changed",
            )
        return known


def _see_no_folder_in(paths: Collection[str], path: str) -> None:
    """See that none of the files put together stands where this one needs a folder."""
    for parent in _parents(path):
        if parent in paths:
            raise not_beside(path, parent)


def _may_stand_beside(draft: Draft, paths: Sequence[str]) -> bool:
    """Whether some of these paths have to be looked at with :func:`_check_place`, one by one. Two queries, which
    cost the same however many files the draft has."""
    parents = {parent for path in paths for parent in _parents(path)}
    if len(parents) > MOST_PARENTS:
        return True
    return bool(paths) and (draft.files.filter(path__in=parents).exists() or _some_is_a_folder(draft, paths))


def _some_is_a_folder(draft: Draft, paths: Sequence[str]) -> bool:
    """Whether a file of the draft lies inside one of these paths: one look into the index for each. Many conditions joined by OR
    would be answered by going through all files of the draft."""
    wanted = ", ".join(["(%s)"] * len(paths))
    inside = "draft_id = %s AND path > column1 || '/' AND path < column1 || '0'"  # "0" is the character after "/"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM (VALUES {wanted}) AS wanted WHERE EXISTS "  # noqa: S608 - placeholders alone
            f"(SELECT 1 FROM {DraftFile._meta.db_table} WHERE {inside}) LIMIT 1",  # noqa: SLF001 - Django's own word for it
            [*paths, draft.pk],
        )
        return cursor.fetchone() is not None


MOST_PARENTS = 500  # in one statement


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def check_place(draft: Draft, path: str) -> None:
    """See that no file of the draft stands where this path needs a folder, or the other way round. Two index look-ups."""
    inside = draft.files.filter(path__gt=f"{path}/", path__lt=f"{path}0")  # "0" is the character after "/"
    taken = (draft.files.filter(path__in=_parents(path)) | inside).first()
    if taken is not None:
        raise not_beside(path, taken.path)


def _stored(path: str, content: Readable, size: int | None) -> Blob:
    most = settings.SHIRUSHI_MAX_FILE_SIZE
    if size is not None and size > most:
        raise too_large(path, most)  # before a byte of it is read
    try:
        blob = blobs().write(content, limit=most if size is None else size)
    except StreamTooLarge as error:
        raise (too_large(path, most) if size is None else _wrong_size(path, size, None)) from error
    except StorageError as error:
        raise objects.in_kernel_words(error) from error
    if size is not None and blob.size != size:
        raise _wrong_size(path, size, blob.size)
    return blob


def too_large(path: str, most: int) -> TooLarge:
    words = Text2(
        f"{shown(path)}: it is larger than the limit of {most:,} bytes; nothing was kept. "
        "Split it, or ask the operator to raise the limit.",
        f"{shown(path)}：上限の {most:,} バイトを超えているため、保存していません。"
        "分けるか、運用者に上限の引き上げを頼んでください。",
    )
    return TooLarge(words, pointer="/path")


def _wrong_size(path: str, promised: int, got: int | None) -> Invalid:
    more = f"{got:,}" if got is not None else "more"
    return Invalid(
        Text2(
            f"{shown(path)}: {promised:,} bytes were announced but {more} came. Nothing was kept. Send the file again.",
            f"{shown(path)}：{promised:,} バイトのはずですが、届いたバイト数が違います。保存していません。もう一度送ってください。",
        ),
        code="wrong-size",
    )


def _publisher_of(space: Space) -> dict[str, str]:
    institution = space.institution()
    publisher = {"name": institution.name_en, "lang": "en"}
    return publisher | ({"ror": institution.ror} if institution.ror else {})


def fill_in(draft: Draft, field: str, value: JSON, *, by: Actor) -> None:
    """Put in what the house knows by itself. Recorded as a decision of its own kind, which undo passes over."""
    after = values.checked(field, value)
    change = Held(field, values.of(draft.metadata, field)).becoming(after)
    draft.metadata = values.with_field(draft.metadata, field, after)
    draft.save(update_fields=["metadata"])
    many = values.spec_of(field).many
    write_down(
        [decided(draft, field=field, action=Decision.Action.SET, change=change, value=None if many else after, by=by)]
    )

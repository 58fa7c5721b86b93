"""Drafts and their files: made, filled, discarded and restored."""

import io
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.accounts.models import Space
from shirushi.core import crashpoints, objects, rules, values
from shirushi.core.errors import Conflict, Invalid, NotFound, TooLarge
from shirushi.core.events import emit
from shirushi.core.home import blobs
from shirushi.core.locking import advance, see_that_current
from shirushi.core.models import Concept, Decision, Draft, DraftFile
from shirushi.core.paths import clean_name, clean_path, not_beside, shown
from shirushi.core.recording import record
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
    the next reading; undo brings all of it back. A sender who may not be the only one says what they saw: the draft at
    ``at_version``, no such file (``if_absent``), or the file with the digest ``if_sha256``. That is looked at before the bytes
    are read, and again in the transaction.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more).
        Conflict: the draft is not at ``at_version``; or there is such a file (code ``file-exists``) or no longer the one that
            was seen (code ``file-changed``). Nothing was changed.
        Invalid: a name that cannot be kept, or fewer or more bytes than promised. Nothing was kept.
        TooLarge: more bytes than SHIRUSHI_MAX_FILE_SIZE.
    """
    rules.require(by, "fill-draft", draft)
    path = clean_path(path)
    seen = _Seen(at_version, if_absent, if_sha256)
    seen.check(draft, path)
    blob = _stored(path, io.BytesIO(content) if isinstance(content, bytes) else content, size)
    crashpoints.reach("put_file: bytes stored")
    identified = identify(blobs().path(blob.sha256), path)
    with transaction.atomic():
        known = seen.check(draft, path)
        if known is not None and known.sha256 == blob.sha256:
            return known
        if known is None:
            _check_place(draft, path)
        advance(draft, at_version=at_version)
        if known is not None or files.was_taken_out(draft, path):
            files.let_go(draft, path, known, by=by, replaced=True)
        file, _ = DraftFile.objects.update_or_create(
            draft=draft,
            path=path,
            defaults={
                "size": blob.size,
                "sha256": blob.sha256,
                "sha512": blob.sha512,
                "media_type": identified.media_type[:200],
                "changed_at": timezone.now(),
            },
        )
        emit("draft.file-put", by=by, draft=draft, payload={"file": file.pk, "sha256": blob.sha256, "size": blob.size})
        crashpoints.reach("put_file: row written")
    crashpoints.reach("put_file: committed")
    return file


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
        Conflict: it is not discarded.
    """
    rules.require(by, "discard", draft)
    advance(draft, at_version=None, was=Draft.State.DISCARDED, state=Draft.State.OPEN)
    emit("draft.restored", by=by, draft=draft)


def total_size(draft: Draft) -> int:
    """Bytes of all files of a draft."""
    return draft.files.aggregate(bytes=Sum("size"))["bytes"] or 0


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the sender of a file saw before."""

    version: int | None
    absent: bool
    sha256: str | None

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


def _check_place(draft: Draft, path: str) -> None:
    """See that no file of the draft stands where this path needs a folder, or the other way round. Two index look-ups."""
    parts = path.split("/")
    parents = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
    inside = draft.files.filter(path__gt=f"{path}/", path__lt=f"{path}0")  # "0" is the character after "/"
    taken = (draft.files.filter(path__in=parents) | inside).first()
    if taken is not None:
        raise not_beside(path, taken.path)


def _stored(path: str, content: Readable, size: int | None) -> Blob:
    most = settings.SHIRUSHI_MAX_FILE_SIZE
    if size is not None and size > most:
        raise _too_large(path, most)  # before a byte of it is read
    try:
        blob = blobs().write(content, limit=most if size is None else size)
    except StreamTooLarge as error:
        raise (_too_large(path, most) if size is None else _wrong_size(path, size, None)) from error
    except StorageError as error:
        raise objects.in_kernel_words(error) from error
    if size is not None and blob.size != size:
        raise _wrong_size(path, size, blob.size)
    return blob


def _too_large(path: str, most: int) -> TooLarge:
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
    """The nearest institution upwards; the topmost space when there is none."""
    while space.kind != Space.Kind.INSTITUTION and space.parent is not None:
        space = space.parent
    publisher = {"name": space.name_en, "lang": "en"}
    return publisher | ({"ror": space.ror} if space.ror else {})


def fill_in(draft: Draft, field: str, value: JSON, *, by: Actor) -> None:
    """Put in what the house knows by itself. Recorded as a decision of its own kind, which undo passes over."""
    before = values.of(draft.metadata, field)
    after = values.checked(field, value)
    draft.metadata = values.with_field(draft.metadata, field, after)
    draft.save(update_fields=["metadata"])
    record(draft, field=field, action=Decision.Action.SET, value=after, before=before, after=after, by=by)

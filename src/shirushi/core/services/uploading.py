"""Files that come in pieces: begun, continued after whatever broke off, put into the draft when they are whole, or given up.

How far a file is good stands in its row, written after the bytes before it were fsynced; so what a sender was told holds after a
kill of anything. Who holds the unfinished file (:meth:`Incoming.held`) is the only one to change its row.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from shirushi.accounts.actors import Actor
from shirushi.core import crashpoints, objects, rules
from shirushi.core.errors import Conflict, DomainError, Gone, Invalid, Locked, TooMany
from shirushi.core.home import blobs, home, incoming
from shirushi.core.ids import new_id
from shirushi.core.locking import why_not
from shirushi.core.models import Draft, Upload
from shirushi.core.paths import clean_path, name_twice, shown
from shirushi.core.services.drafts import check_place, put_blob, too_large
from shirushi.metadata.fields import Text2
from shirushi.storage import ContentMismatch, InUse, NotStored, StorageError
from shirushi.storage.blobs import Readable
from shirushi.storage.incoming import Hash, Partial

REMEMBERED = timedelta(days=30)  # how long an address that is over says so, instead of "not found"
_YOUNG = 3600  # seconds: a file without a row may be that of an upload which is being begun


def begin_upload(*, draft: Draft, path: str, size: int, by: Actor, sent_as: str = "") -> Upload:
    """A place for a file of ``size`` bytes that will be the draft's file at ``path`` when all of it has come.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more).
        Invalid: a name that cannot be kept here, or (code ``name-twice``) is another file's, written in other characters.
        TooLarge: more bytes than SHIRUSHI_MAX_FILE_SIZE.
        TooMany: too much of this person's is unfinished already (SHIRUSHI_UPLOADS, SHIRUSHI_UPLOAD_ROOM).
        DomainError: there is no room for it.
    """
    rules.require(by, "fill-draft", draft)
    given, path = path, clean_path(path)
    if size > settings.SHIRUSHI_MAX_FILE_SIZE:
        raise too_large(path, settings.SHIRUSHI_MAX_FILE_SIZE)
    _see_that_open(draft)
    if not draft.files.filter(path=path).exists():
        check_place(draft, path)
    elif given != path:
        raise name_twice(path)
    _see_room(by, size)
    upload = Upload(
        id=new_id(), draft=draft, owner_id=by.user_id, path=path, size=size, sent_as=sent_as, expires_at=_from_now()
    )
    with _in_kernel_words():
        incoming().begin(
            upload.pk
        )  # before its row: a file without one is cleared away, a row without one would promise it
    upload.save(force_insert=True)
    return upload


def receive(
    *,
    upload: Upload,
    content: Readable,
    at: int,
    length: int,
    by: Actor,
    checksum: tuple[Hash, bytes] | None = None,
) -> Upload:
    """Add ``length`` bytes behind the first ``at``; with the last of them the file goes into the draft. When the sender breaks
    off, what has come is kept (not with a ``checksum``: then the piece counts as a whole or not at all).

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more).
        Conflict: (code ``wrong-offset``) the file is not good as far as ``at``.
        Gone: it was given up, or expired.
        Locked: somebody else is sending it just now.
        TooLarge: more than the bytes that were announced.
        Invalid: (code ``checksum-mismatch``) other bytes than the checksum says. None of them was kept.
    """
    rules.require(by, "fill-draft", upload.draft)
    with _held(upload) as partial:
        if at != upload.offset:
            raise _wrong_offset(upload)
        if upload.state == Upload.State.DONE:
            return upload
        if at + length > upload.size:
            raise too_large(upload.path, upload.size)
        _see_that_open(upload.draft)
        assert partial is not None
        if length:
            with _in_kernel_words():
                partial.append(
                    content, at=at, length=length, kept=lambda end: _good_until(upload, end), checksum=checksum
                )
        crashpoints.reach("upload: bytes kept")
        return _finish(upload, partial, by)


def standing(*, upload: Upload, by: Actor) -> Upload:
    """How far an upload has come. One whose last byte came before something broke off is put into the draft now.

    Raises:
        NotAllowed, Conflict, Gone, Locked: as :func:`receive` does; the first three only where there is something to finish.
    """
    if upload.state == Upload.State.OPEN and upload.offset == upload.size:
        with _held(upload) as partial:
            return _finish(upload, partial, by)
    if upload.state == Upload.State.GONE or _is_late(upload):
        raise _gone(upload)
    return upload


def cancel_upload(*, upload: Upload, by: Actor) -> None:
    """Give an upload up, and its bytes with it. A file that is in the draft already stays there.

    Raises:
        NotAllowed: ``by`` may not change the draft.
        Gone: it was given up before, or expired.
        Locked: somebody is sending it just now.
    """
    rules.require(by, "fill-draft", upload.draft)
    with _held(upload):
        _end(upload)


def unfinished(by: Actor) -> list[Upload]:
    """What this person has begun to send and may go on with, the last begun first. One query."""
    if by.user_id is None:
        return []
    found = Upload.objects.filter(owner_id=by.user_id, state=Upload.State.OPEN, expires_at__gt=timezone.now())
    return list(found.filter(draft__state=Draft.State.OPEN).select_related("draft"))


def expire_uploads() -> int:
    """Give up what was not continued in time, and clear away files that belong to no upload. Returns how many were given up."""
    late = Upload.objects.filter(state=Upload.State.OPEN, expires_at__lte=timezone.now())
    ended = 0
    for upload in late[:200]:
        try:
            with _held(upload, late_too=True):
                if upload.state == Upload.State.OPEN and _is_late(upload):
                    _end(upload)
                    ended += 1
        except Locked:  # it goes on after all
            continue
        except Gone:  # its file is missing
            _end(upload)
            ended += 1
    return ended


def clear_uploads() -> int:
    """Forget uploads that were over long ago, and remove files that nobody will continue. Returns how many files went."""
    Upload.objects.exclude(state=Upload.State.OPEN).filter(expires_at__lt=timezone.now() - REMEMBERED).delete()
    before = timezone.now().timestamp() - _YOUNG
    old = [name for name, changed in incoming().names() if changed < before]
    removed = 0
    for start in range(0, len(old), 500):
        some = old[start : start + 500]
        known = set(Upload.objects.filter(pk__in=some, state=Upload.State.OPEN).values_list("pk", flat=True))
        for name in some:
            if name not in known:
                incoming().remove(name)
                removed += 1
    return removed


# -- one upload


@contextmanager
def _held(upload: Upload, *, late_too: bool = False) -> Iterator[Partial | None]:
    """The unfinished file, with its row as it is now; None when the upload is done and its file has become the draft's."""
    try:
        with incoming().held(upload.pk) as partial:
            upload.refresh_from_db()
            if upload.state == Upload.State.GONE or (_is_late(upload) and not late_too):
                raise _gone(upload)
            yield partial
    except InUse:
        raise Locked(_IN_USE, code="upload-in-use") from None
    except NotStored:
        upload.refresh_from_db()
        if upload.state != Upload.State.DONE:
            raise _gone(upload) from None
        yield None


def _finish(upload: Upload, partial: Partial | None, by: Actor) -> Upload:
    """Put a whole file into the draft. Nothing is left to do when that was done before; after a crash it is done again."""
    if upload.state != Upload.State.DONE and upload.offset == upload.size:
        assert partial is not None
        with _in_kernel_words():
            blob = partial.blob(upload.size)
            blobs().adopt(partial.path, blob)
        crashpoints.reach("upload: blob stored")
        with transaction.atomic():
            put_blob(draft=upload.draft, path=upload.path, blob=blob, by=by)
            upload.state, upload.sha256 = Upload.State.DONE, blob.sha256
            upload.save(update_fields=["state", "sha256"])
        crashpoints.reach("upload: committed")
    if upload.state == Upload.State.DONE:
        incoming().remove(upload.pk)
    return upload


def _good_until(upload: Upload, end: int) -> None:
    upload.offset, upload.expires_at = end, _from_now()
    upload.save(update_fields=["offset", "expires_at"])


def _end(upload: Upload) -> None:
    upload.state = Upload.State.GONE
    upload.save(update_fields=["state"])
    incoming().remove(upload.pk)


def _is_late(upload: Upload) -> bool:
    return upload.state == Upload.State.OPEN and upload.expires_at <= timezone.now()


def _from_now() -> datetime:
    return timezone.now() + timedelta(hours=settings.SHIRUSHI_UPLOAD_HOURS)


def _see_that_open(draft: Draft) -> None:
    if not Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN).exists():
        raise why_not(draft)


def _see_room(by: Actor, size: int) -> None:
    """See that this person may begin one more upload, and that the disk would hold what they have begun."""
    begun = Upload.objects.filter(owner_id=by.user_id, state=Upload.State.OPEN, expires_at__gt=timezone.now())
    sums = begun.aggregate(size=Sum("size"), come=Sum("offset"))
    most, room = settings.SHIRUSHI_UPLOADS, settings.SHIRUSHI_UPLOAD_ROOM
    if begun.count() >= most or (sums["size"] or 0) + size > room:
        raise TooMany(
            Text2(
                f"You have begun more than may be unfinished at once ({most:,} files, {room:,} bytes). Finish or cancel some of it.",
                f"同時に途中にしておける量（{most:,} 件、{room:,} バイト）を超えています。続きを送るか、取り消してください。",
            ),
            code="too-many-uploads",
        )
    still = (sums["size"] or 0) - (sums["come"] or 0)
    if shutil.disk_usage(home().root).free < still + size:
        raise objects.no_room()


@contextmanager
def _in_kernel_words() -> Iterator[None]:
    try:
        yield
    except ContentMismatch as error:
        raise Invalid(Text2(error.en, error.ja), code="checksum-mismatch") from error
    except NotStored:
        raise
    except StorageError as error:
        raise objects.in_kernel_words(error) from error


_IN_USE = Text2(
    "This file is being sent by another connection just now. Wait until that has ended, then ask how far it has come.",
    "このファイルは別の接続から送信中です。終わるのを待ってから、どこまで届いたかを確かめてください。",
)


def _wrong_offset(upload: Upload) -> Conflict:
    return Conflict(
        Text2(
            f"{upload.offset:,} bytes of {shown(upload.path)} are here. Go on from there.",
            f"{shown(upload.path)} は {upload.offset:,} バイトまで届いています。その続きから送ってください。",
        ),
        code="wrong-offset",
    )


def _gone(upload: Upload) -> DomainError:
    return Gone(
        Text2(
            f"The upload of {shown(upload.path)} was cancelled or has expired, and its bytes are gone. Begin it anew.",
            f"{shown(upload.path)} のアップロードは取り消されたか期限が切れました。最初から送り直してください。",
        ),
        code="upload-gone",
    )

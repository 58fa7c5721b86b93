"""Bags and RO-Crates that become the files of a draft: an archive in it, or an archive or a folder of this machine.

First the list of what is inside is judged in an isolated worker, then every file is kept and held against its checksums, and only then
the draft gets all of them in one transaction, in the place of the archive. Whatever goes wrong before that leaves the draft as it was,
and doing it again begins anew with what is kept already. The row is the queue, as with files fetched from the web.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from shirushi.accounts.actors import SYSTEM, Actor, roles_of
from shirushi.core import objects, packages, rules
from shirushi.core.errors import Conflict, DomainError, Invalid, NotFound, TooMany
from shirushi.core.events import emit, emit_each
from shirushi.core.home import blobs, home, locked
from shirushi.core.locking import advance, why_not
from shirushi.core.models import Draft, DraftFile, ImportSource, Unpacking
from shirushi.core.packages import Plan
from shirushi.core.paths import clean_path, not_beside, shown
from shirushi.core.services import files as hanging
from shirushi.core.services.describing import start_describing
from shirushi.core.services.drafts import too_large
from shirushi.core.services.importing import take_over, why_taken
from shirushi.describe.identify import identify
from shirushi.describe.isolate import MIB, Failure, Limits, Pool
from shirushi.describe.unpacking import looks_like_one, members
from shirushi.exchange import bagit
from shirushi.metadata.fields import Text2
from shirushi.storage import StorageError
from shirushi.storage import TooLarge as StreamTooLarge
from shirushi.storage.blobs import Blob

ARCHIVES = ("application/zip", "application/x-tar", "application/gzip", "application/x-bzip2", "application/x-xz")
MOST = 20  # that one person may have waiting
MOST_ATTEMPTS = 3
OFFERED = 5  # archives of a draft that are looked at
BEAT = 100  # files between two notes of progress
KEPT = timedelta(days=30)
_TAG = 64 * MIB  # bytes of one tag file
_SMALL = 4 * MIB  # files up to this are kept together
_TOGETHER = 200
_LONG = 86_400.0  # seconds after which nobody is at a folder of small files any more
_LIMITS = Limits(seconds=600.0, memory=768 * MIB, answer=64 * MIB)

Watch = Callable[[int, int], None]


def offered(draft: Draft) -> list[DraftFile]:
    """The archives of a draft that are bags or crates by the looks of them. One query, and a few reads for each archive."""
    found = []
    for file in draft.files.filter(media_type__in=ARCHIVES).order_by("-size")[:OFFERED]:
        try:
            with blobs().open(file.sha256) as content:
                if looks_like_one(content, file.size):
                    found.append(file)
        except (StorageError, OSError):
            continue
    return found


def begin_unpacking(*, draft: Draft, path: str, by: Actor) -> Unpacking:
    """Have an archive of the draft unpacked. While one of it is under way, that is returned.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more).
        NotFound: the draft has no such file.
        TooMany: too much of this person's waits already.
    """
    rules.require(by, "fill-draft", draft)
    file = draft.files.filter(path=clean_path(path)).first()
    if file is None:
        raise NotFound(
            Text2(
                f"{shown(path)} is not in this draft. Reload to see its files.",
                f"{shown(path)} はこの下書きにありません。読み込み直してください。",
            )
        )
    if not Draft.objects.filter(pk=draft.pk, state=Draft.State.OPEN).exists():
        raise why_not(draft)
    waiting = Unpacking.objects.filter(state__in=[Unpacking.State.QUEUED, Unpacking.State.RUNNING])
    if known := waiting.filter(draft=draft, path=file.path, sha256=file.sha256).first():
        return known
    if waiting.filter(owner_id=by.user_id).count() >= MOST:
        raise TooMany(
            Text2(
                f"{MOST} of your archives are waiting to be unpacked. Let some of them end first.",
                f"展開を待っているアーカイブが {MOST} 件あります。終わるのを待ってください。",
            ),
            code="too-many-unpackings",
        )
    return Unpacking.objects.create(
        draft=draft, owner_id=by.user_id, actor=by.to_json(), path=file.path, sha256=file.sha256
    )


def unpack_next() -> bool:
    """Carry out the oldest one that nobody is at. Returns whether there was one."""
    waiting = Unpacking.objects.filter(state__in=[Unpacking.State.QUEUED, Unpacking.State.RUNNING])
    for pk in waiting.values_list("pk", flat=True)[:50]:
        with locked(f"unpack-{pk}", wait=False) as ours:
            if ours and carry_out(pk):
                (home().locks / f"unpack-{pk}").unlink(missing_ok=True)
                return True
    return False


def forget_old() -> None:
    """Forget what was over long ago, and remove what those that died left lying."""
    Unpacking.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()
    for folder in _room().iterdir():
        if folder.stat().st_mtime < timezone.now().timestamp() - _LONG:
            shutil.rmtree(folder, ignore_errors=True)


def carry_out(pk: str) -> bool:
    """Unpack one archive. The caller holds its lock, so that one which is said to be running belongs to a dead worker. What goes wrong is
    written into the row, never raised. Returns whether there was something to do."""
    under_way = Unpacking.objects.filter(pk=pk, state__in=[Unpacking.State.QUEUED, Unpacking.State.RUNNING])
    begun = under_way.update(
        state=Unpacking.State.RUNNING, attempts=F("attempts") + 1, done=0, total=0, heartbeat=timezone.now()
    )
    if not begun:
        return False
    row = Unpacking.objects.select_related("draft").get(pk=pk)
    if row.attempts > MOST_ATTEMPTS:
        _fail(row, "died", _DIED)
        return True
    try:
        with blobs().held([row.sha256]) as held:
            plan = unpack_into(draft=row.draft, source=held[row.sha256], by=_actor(row), archive=row, watch=_watch(row))
        _end(row, Unpacking.State.DONE, report=plan.report())
    except Refused as error:
        _end(row, Unpacking.State.FAILED, report=error.plan.report(), code=error.code, message=_told(error.message))
    except DomainError as error:
        _fail(row, error.code, error.message)
    except StorageError as error:
        _fail(row, "storage", objects.in_kernel_words(error).message)
    return True


class Refused(Invalid):
    """A package that says itself that it is not whole or not right; ``plan`` tells what is wrong with which file."""

    def __init__(self, plan: Plan) -> None:
        wrong = [note for note in plan.notes if note.wrong]
        first = wrong[0]
        where = shown(first.file) if first.file else ""
        more = Text2(f" ({len(wrong) - 1} more)", f"（ほか {len(wrong) - 1} 件）") if len(wrong) > 1 else Text2("", "")
        super().__init__(
            Text2(
                f"The package is not as it says itself, so nothing was taken from it. {where + ': ' if where else ''}{first.words.en}{more.en}",
                f"パッケージが自身の記載と一致しないため、何も取り込んでいません。{where + '：' if where else ''}{first.words.ja}{more.ja}",
            ),
            code="package-refused",
        )
        self.plan = plan


def unpack_into(
    *,
    draft: Draft,
    source: Path,
    by: Actor,
    archive: Unpacking | None = None,
    watch: Watch = lambda _done, _total: None,
) -> Plan:
    """Take all of a package into a draft: an archive or a folder of this machine, or (with ``archive``) one in the draft, whose place its
    files take. Where shirushi wrote it, the record's values and registered identifiers are taken over; then the files are read.

    Raises:
        NotAllowed, Conflict: the draft may not be changed (any more), or (code ``file-exists``) has other files at these places.
        Refused: a checksum, a missing or an unlisted file: see its ``plan``.
        Invalid: neither a bag nor a crate, or an archive that cannot be unpacked safely.
        TooLarge: a file that is larger than SHIRUSHI_MAX_FILE_SIZE.
        DomainError: the store cannot take it. In each case the draft is as it was.
    """
    rules.require(by, "fill-draft", draft)
    names = _names_in_folder(source) if source.is_dir() else _names_in_archive(source)
    found = packages.kind_of(names)
    if found is None:
        raise Invalid(_NEITHER, code="not-a-package")
    kind, folder = found
    tags = _read_tags(source, packages.tag_files(names, kind, folder), names)
    plan = packages.planned(names, kind, folder, tags)
    _see_names(plan)
    if any(note.code in ("not-a-bag", "no-manifest") for note in plan.notes):
        raise Refused(plan)  # there is nothing to hold the files against
    kept = _keep(source, plan, names, watch)
    if not plan.is_sound:
        raise Refused(plan)
    media_types = {path: identify(blobs().path(blob.sha256), path).media_type for path, blob in kept.items()}
    with transaction.atomic():
        _put(draft, kept, media_types, plan, by, archive)
    draft.refresh_from_db()
    if draft.files.exists():
        start_describing(draft=draft, by=by, blank=settings.SHIRUSHI_BLANK_SHARE)
    return plan


def one_inside(source: Path, endings: tuple[str, ...]) -> tuple[str, bytes]:
    """The first file of an archive whose name ends in one of these, in their order. Raises Invalid."""
    names = _names_in_archive(source)
    for ending in endings:
        for name in sorted(names, key=lambda name: name.count("/")):
            if name.endswith(ending):
                return name, _read_tags(source, [name], names)[name]
    raise Invalid(_NEITHER, code="not-a-package")


# -- what is in it


def _names_in_archive(source: Path) -> dict[str, int]:
    with Pool(1, limits=_LIMITS) as pool:
        try:
            answer = pool.call("shirushi.describe.unpacking:listed", path=str(source.absolute()))
        except Failure as failure:
            raise _not_unpackable(
                "too-much" if failure.code in ("timeout", "memory", "too-much-evidence") else "damaged-archive", ""
            ) from failure
    if answer["wrong"]:
        raise _not_unpackable(*answer["wrong"])
    return dict(answer["files"])


def _names_in_folder(source: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise _not_unpackable("link", name)
        if path.is_file():
            found[name] = path.stat().st_size
    if not found:
        raise _not_unpackable("no-files", "")
    return found


def _not_unpackable(code: str, file: str) -> Invalid:
    words = _REFUSED.get(code, _REFUSED["damaged-archive"])
    where = shown(file) if file else ""
    return Invalid(
        Text2(f"{where}: {words.en}" if where else words.en, f"{where}：{words.ja}" if where else words.ja), code=code
    )


@contextmanager
def _in_words() -> Iterator[None]:
    """What an archive raises that is not what its list says."""
    import tarfile
    import zipfile
    import zlib

    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, tarfile.TarError) as error:
        raise _not_unpackable("damaged-archive", "") from error


def _each(source: Path) -> Iterator[tuple[str, AbstractContextManager[BinaryIO]]]:
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(source).as_posix(), path.open("rb")
        return
    for name, _size, stream in members(source):
        yield name, nullcontext(stream)


def _read_tags(source: Path, wanted: list[str], names: dict[str, int]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name in wanted:
        if names[name] > _TAG:
            raise _not_unpackable("too-much", name)
    if source.is_dir():
        return {name: (source / name).read_bytes()[: _TAG + 1] for name in wanted}
    with _in_words():
        for name, stream in _each(source):
            if name in wanted:
                with stream as content:
                    found[name] = content.read(_TAG)
            if len(found) == len(wanted):
                break
    return found


def _see_names(plan: Plan) -> None:
    """See that every file can have the name it is to have here. Raises Invalid."""
    paths: dict[str, str] = {}
    for name, path in plan.files.items():
        clean = clean_path(path)
        if clean in paths:
            raise _not_unpackable("name-twice", path)
        paths[clean] = name
        plan.files[name] = clean


# -- keeping it


def _keep(source: Path, plan: Plan, names: dict[str, int], watch: Watch) -> dict[str, Blob]:
    """Keep the bytes of the files, each by its path; notes of those that are not what the bag says go into the plan. Tag files, and all
    of them where something is wrong already, are only held against their sums: whoever made the package is told all at once."""
    kept: dict[str, Blob] = {}
    most = settings.SHIRUSHI_MAX_FILE_SIZE
    wanted = [name for name in names if name in plan.files or name in plan.sums]
    total, done = len(wanted), 0
    with tempfile.TemporaryDirectory(prefix="unpack-", dir=_room()) as folder, _in_words():
        waiting: list[tuple[str, Path]] = []

        def settle() -> None:
            if waiting:
                for (path, _), blob in zip(waiting, _blobs([file for _, file in waiting]), strict=True):
                    kept[path] = blob
                for _, file in waiting:
                    file.unlink()
                waiting.clear()

        for name, stream in _each(source):
            if name not in plan.files and name not in plan.sums:
                continue
            size = names.get(name, 0)
            path = plan.files.get(name)
            if path is not None and size > most:
                raise too_large(path, most)
            with stream as content:
                watched = _Watched(content, plan.sums.get(name, {}), size)
                if path is None or not plan.is_sound:
                    while watched.read(1 << 20):
                        pass
                elif size <= _SMALL:
                    file = Path(folder) / str(done)
                    with file.open("xb") as out:
                        while chunk := watched.read(1 << 20):
                            out.write(chunk)
                    waiting.append((path, file))
                else:
                    kept[path] = _blob(path, watched, size)
            if watched.come != size:
                raise _not_unpackable("damaged-archive", name)
            if algorithm := watched.wrong():
                plan.notes.append(packages.mismatch(name, algorithm))
            done += 1
            if len(waiting) >= _TOGETHER:
                settle()
            if done % BEAT == 0 or done == total:
                watch(done, total)
        settle()
    for name, path in plan.files.items():
        if path not in kept and plan.is_sound:
            raise _not_unpackable("damaged-archive", name)
    return kept


def _room() -> Path:
    """Where small files lie until they are kept together, on the disk of the blobs."""
    folder = home().root / "uploads" / "unpacking"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _blobs(found: list[Path]) -> list[Blob]:
    try:
        written = blobs().write_all(found)
    except StorageError as error:
        raise objects.in_kernel_words(error) from error
    for one in written:
        if not isinstance(one, Blob):
            raise one
    return [one for one in written if isinstance(one, Blob)]


def _blob(path: str, content: "_Watched", size: int) -> Blob:
    try:
        return blobs().write(content, limit=size)
    except StreamTooLarge as error:
        raise _not_unpackable("damaged-archive", path) from error
    except StorageError as error:
        raise objects.in_kernel_words(error) from error


class _Watched:
    """A stream that never gives more than ``size`` bytes and one, and takes the sums that its manifest has."""

    def __init__(self, stream: BinaryIO, sums: dict[str, str], size: int) -> None:
        self._stream = stream
        self._asked = {name: sums[name] for name in bagit.ALGORITHMS if name in sums}
        self._sums = {name: hashlib.new(name, usedforsecurity=False) for name in self._asked}
        self._left = size + 1
        self.come = 0

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(min(size, self._left)) if self._left else b""
        self._left -= len(data)
        self.come += len(data)
        for known in self._sums.values():
            known.update(data)
        return data

    def wrong(self) -> str | None:
        """The algorithm by which it is not what it should be; None when it is."""
        return next((name for name, known in self._sums.items() if known.hexdigest() != self._asked[name]), None)


# -- giving it to the draft


def _put(
    draft: Draft, kept: dict[str, Blob], media_types: dict[str, str], plan: Plan, by: Actor, archive: Unpacking | None
) -> None:
    advance(draft, at_version=None)
    if archive is not None:
        _take_out(draft, archive, by)
    there = dict(draft.files.values_list("path", "sha256"))
    folders = {
        "/".join(parts[:depth])
        for path in [*there, *kept]
        for parts in [path.split("/")]
        for depth in range(1, len(parts))
    }
    new = []
    same = hanging.as_before(draft, {path: blob.sha256 for path, blob in kept.items()})
    for path, blob in kept.items():
        if there.get(path, blob.sha256) != blob.sha256:
            raise Conflict(
                Text2(
                    f"{shown(path)} is in this draft already, with other bytes. Nothing was unpacked. Take that one out, or unpack into a new draft.",
                    f"{shown(path)} は内容の異なるものがこの下書きにすでにあります。展開していません。取り除くか、新しい下書きに展開してください。",
                ),
                version=draft.version,
                code="file-exists",
            )
        if path in folders:
            raise not_beside(path, next(other for other in [*kept, *there] if other.startswith(f"{path}/")))
        if path not in there:
            new.append(
                DraftFile(
                    draft=draft, path=path, size=blob.size, sha256=blob.sha256, sha512=blob.sha512, crc32=blob.crc32,
                    as_before=path in same, media_type=media_types[path][:200], changed_at=timezone.now(),
                )
            )  # fmt: skip
    for path in there:
        if path in folders:
            raise not_beside(path, next((other for other in kept if other.startswith(f"{path}/")), path))
    DraftFile.objects.bulk_create(new, batch_size=500)
    told = [{"file": file.pk, "sha256": file.sha256, "size": file.size} for file in new]
    emit_each("draft.file-put", by=by, draft=draft, payloads=told)
    emit("draft.unpacked", by=by, draft=draft, payload={"kind": plan.kind, "files": len(new)})
    if plan.about is not None and not ImportSource.objects.filter(draft=draft).exists():
        about = plan.about
        if (taken := why_taken(about)) is not None:  # a copy of what is here gets an identifier of its own
            plan.notes.append(packages.Note("identifier-taken", "", taken.message, wrong=False))
            about = replace(about, identifier=None, concept_identifier=None)
        take_over(draft=draft, imported=about, document=plan.document, by=by)


def _take_out(draft: Draft, archive: Unpacking, by: Actor) -> None:
    """Take the archive out, as its owner would. Undo brings it back, beside its files."""
    file = draft.files.filter(path=archive.path).first()
    if file is None or file.sha256 != archive.sha256:
        raise Conflict(
            Text2(
                f"{shown(archive.path)} was changed or taken out meanwhile. Nothing was unpacked.",
                f"{shown(archive.path)} は途中で変更または削除されました。展開していません。",
            ),
            version=draft.version,
            code="file-changed",
        )
    emit("draft.file-removed", by=by, draft=draft, payload={"file": file.pk, "sha256": file.sha256})
    hanging.let_go(draft, file.path, file, by=by)
    file.delete()


# -- the row


def _watch(row: Unpacking) -> Watch:
    def tell(done: int, total: int) -> None:
        running = Unpacking.objects.filter(pk=row.pk, state=Unpacking.State.RUNNING)
        running.update(done=done, total=total, heartbeat=timezone.now())

    return tell


def _end(row: Unpacking, state: str, **changes: Any) -> None:
    running = Unpacking.objects.filter(pk=row.pk, state=Unpacking.State.RUNNING)
    running.update(state=state, finished_at=timezone.now(), **changes)


def _fail(row: Unpacking, code: str, words: Text2) -> None:
    _end(row, Unpacking.State.FAILED, code=code, message=_told(words))


def _told(words: Text2) -> dict[str, str]:
    return {"en": words.en, "ja": words.ja}


def _actor(row: Unpacking) -> Actor:
    """Who asked for it, with what they may do today."""
    if row.owner_id is None:
        return SYSTEM
    actor = Actor(user_id=row.owner_id, roles=roles_of(row.owner_id))
    if agent := row.actor.get("agent"):
        return replace(actor, agent=agent, on_behalf_of=row.actor.get("on_behalf_of"))
    return actor


_DIED = Text2(
    "Unpacking ended unexpectedly three times. Try again, or ask the operator to look at the log.",
    "展開が三度、途中で終わりました。もう一度試すか、運用者にログを確かめてもらってください。",
)
_NEITHER = Text2(
    "It is neither a bag (BagIt) nor an RO-Crate: there is no bagit.txt and no ro-crate-metadata.json at its top.",
    "BagIt でも RO-Crate でもありません。最上位に bagit.txt も ro-crate-metadata.json もありません。",
)
_REFUSED = {
    "not-an-archive": Text2("It is no ZIP and no tar archive.", "ZIP でも tar でもありません。"),
    "damaged-archive": Text2(
        "The archive is damaged or cut off. Nothing was unpacked. Make it anew and send it again.",
        "アーカイブが壊れているか途中で切れています。展開していません。作り直して、もう一度送ってください。",
    ),
    "encrypted": Text2(
        "The archive has a password. Nothing was unpacked. Unpack it yourself and send the folder.",
        "パスワードが付いています。展開していません。手元で展開してからフォルダーを送ってください。",
    ),
    "link": Text2(
        "It is a link or a device, not a file, so nothing was unpacked. Put the file itself in its place.",
        "ファイルではなくリンクやデバイスのため、展開していません。ファイルそのものに置き換えてください。",
    ),
    "way-out": Text2(
        "Its name leads out of the archive, so nothing was unpacked. Archives of this kind can do harm: ask where it comes from.",
        "名前がアーカイブの外を指すため、展開していません。害のあるアーカイブかもしれません。入手元を確かめてください。",
    ),
    "name-twice": Text2(
        "Two files have this name, so nothing was unpacked: nobody knows which is meant.",
        "同じ名前のファイルが二つあるため、展開していません。どちらか判断できません。",
    ),
    "file-and-folder": Text2(
        "It is inside of something that is a file itself, so nothing was unpacked.",
        "ファイルの中にファイルがあることになるため、展開していません。",
    ),
    "bomb": Text2(
        "It would unpack to far more than its size explains, so nothing was unpacked. Send the folder itself.",
        "展開すると大きさに見合わない量になるため、展開していません。フォルダーのまま送ってください。",
    ),
    "too-many-files": Text2(
        "It holds more than 100,000 files. Nothing was unpacked. Send the folder itself.",
        "ファイルが 100,000 個を超えています。展開していません。フォルダーのまま送ってください。",
    ),
    "too-much": Text2(
        "What describes it is too large to be looked through. Nothing was unpacked. Send the folder itself.",
        "内容の一覧が大きすぎて確かめられません。展開していません。フォルダーのまま送ってください。",
    ),
    "no-files": Text2("There are no files in it.", "ファイルがありません。"),
}

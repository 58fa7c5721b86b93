"""A copy of everything that cannot be made again, taken while the installation is at work, and put back.

One tar file: the database as it was at one moment, as a file of SQLite whatever it is here (so that a copy can be put back into either
kind), then files, then the object store, last a list of every member with its SHA-256. What is published while the copy is taken may be
in the store and not in the database: after restoring, ``rebuild`` brings it into the database. So nothing is missing that was
acknowledged before the copy was begun, and each object is as it was at one moment.

The index, caches and what is under way are left out: they are made again. Of an installation on an object store (S3) the bytes are
not in the copy: the bucket needs its own, and who takes the copy is told (:attr:`Copied.elsewhere`).
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.db import DataError, connection

from shirushi import __version__
from shirushi.core import moving
from shirushi.core.errors import DomainError
from shirushi.core.home import home
from shirushi.metadata.fields import Text2
from shirushi.storage import StorageError
from shirushi.storage.copying import Member, members
from shirushi.storage.files import CHUNK, fsync_folder

FORMAT = "shirushi-backup/1"
DATABASE, LIST = "shirushi.sqlite3", "backup.json"
# Made again, under way, or only of this machine
_LEFT_OUT = frozenset(
    {"index", "cache", "copies", "fetched", "staging", "locks", "uploads", "usage", "aside", "derived"}
)
_NOT_FOR_OTHERS = 0o770  # of a file's permissions
_LAST = ("blobs", "store")  # after the rows that name them

Tell = Callable[[int], None]


class BackupError(DomainError):
    """A copy cannot be taken or put back; nothing was changed."""

    status = 409
    code = "backup"


@dataclass(slots=True)
class Copied:
    """How many files and bytes a copy holds; ``missing`` went away while it was taken (they were not needed any more);
    ``elsewhere`` is the bucket with the bytes of drafts and records, which are not in the copy, or empty."""

    files: int = 0
    size: int = 0
    elsewhere: str = ""
    missing: list[str] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)


class _Hashed:
    """A file that is read once, by whoever writes it into the copy, and hashed meanwhile."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.sha256.update(data)
        return data


def backup(target: Path, *, tell: Tell = lambda _: None) -> Copied:
    """Take a copy. ``target`` is there whole or not at all.

    Raises:
        BackupError: ``target`` is there already or cannot be written; or something was taken
            out of the store meanwhile.
    """
    if target.exists():
        raise BackupError(Text2(f"{target} is there already. Give another name.", f"{target} はすでにあります。"))
    unfinished = target.with_name(target.name + ".part")
    copied = Copied(elsewhere=settings.SHIRUSHI_STORE)
    try:
        with (
            open(unfinished, "xb", opener=_for_us_alone) as out,
            tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            with tempfile.TemporaryDirectory(dir=target.parent) as folder:
                snapshot = Path(folder) / DATABASE
                snapshot.touch(mode=0o600)
                _snapshot(snapshot)
                _add(tar, snapshot, DATABASE, copied)
            for file, data in _files(home().root):
                _add(tar, file, str(file.relative_to(home().root)), copied, data)
                tell(copied.files)
            _add_list(tar, copied)
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(target)
        fsync_folder(target.parent)
    except OSError as error:
        raise BackupError(_not_written(target, error)) from error
    except StorageError as error:
        raise BackupError(Text2(error.en, error.ja)) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return copied


def restore(source: Path, *, into: Path, tell: Tell = lambda _: None) -> dict[str, Any]:
    """Put a copy back into a home folder that holds nothing yet, its rows into the database of this installation; returns what
    the copy says of itself. Every byte is compared with the copy's list before anything is in place. Call it before the
    installation is opened, and after the migrations where the database is not a file in ``into``.

    Raises:
        BackupError: it is no whole copy, or ``into`` or the database holds something; or it goes with a bucket and none is set, or the
            other way about.
    """
    if into.exists() and any(child.name not in ("secret-key", "uploads", "locks") for child in into.iterdir()):
        raise BackupError(
            Text2(
                f"{into} is not empty. Move it away, or set SHIRUSHI_HOME to a new folder.",
                f"{into} は空ではありません。移動するか、SHIRUSHI_HOME に新しいフォルダーを指定してください。",
            )
        )
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent, prefix=f".{into.name}-restoring-") as folder:
        root = Path(folder) / "home"
        root.mkdir(mode=0o700)
        try:
            told = _unpack(source, root, tell)
        except (tarfile.TarError, OSError, ValueError, KeyError) as error:
            raise BackupError(
                Text2(f"{source} is not a whole copy: {error}", f"{source} は完全なバックアップではありません：{error}")
            ) from error
        _see_that_it_goes_with(str(told.get("store", "")))
        try:
            with nullcontext() if connection.vendor == "sqlite" else moving.reading_file(root / DATABASE):
                if into.exists():
                    shutil.rmtree(into)
                root.rename(into)
                fsync_folder(into.parent)
        except moving.FilledAlready as error:
            raise BackupError(_filled(str(error))) from error
        except DataError as error:  # SQLite holds values of any length
            raise BackupError(
                Text2(
                    f"{source} holds a value that the database cannot keep ({str(error).strip()}). Nothing was put back.",
                    f"{source} には、データベースに保存できない値があります（{str(error).strip()}）。何も戻していません。",
                )
            ) from error
        if connection.vendor != "sqlite":
            (into / DATABASE).unlink()  # its rows are in the database now
    return told


# -- taking


def _for_us_alone(path: str, flags: int) -> int:
    """Whoever may read a copy is everybody who has an account, and has every closed file."""
    return os.open(path, flags, 0o600)


def _snapshot(target: Path) -> None:
    """The database at one moment, while others go on writing."""
    if connection.vendor != "sqlite":
        moving.write_file(target)
        return
    database = settings.DATABASES["default"]["NAME"]
    with (
        closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy, pages=1_000)
        copy.execute("PRAGMA journal_mode=DELETE")


def _files(root: Path) -> Iterator[Member]:
    """Every file that belongs to the copy, those that rows name last; with its bytes where they were read already."""
    tops = sorted(root.iterdir(), key=lambda top: (top.name in _LAST, top.name))
    for top in tops:
        if top.name in _LEFT_OUT or top.name.startswith(DATABASE):
            continue
        if top.is_file():
            yield top, None
        if top.name == "store":
            yield from members(top)
            continue
        for folder, _, names in os.walk(top):
            if top.name == "blobs" and Path(folder).name == "unfinished":
                continue
            yield from ((Path(folder) / name, None) for name in sorted(names))


def _add(tar: tarfile.TarFile, file: Path, name: str, copied: Copied, data: bytes | None = None) -> None:
    """A file that stands in two places (a blob, and the object it was published in) is written once. ``data`` are its bytes as they
    were, where it may have changed since."""
    try:
        with file.open("rb") as content:
            info = tar.gettarinfo(arcname=name, fileobj=content)
            info.mode &= _NOT_FOR_OTHERS
            if data is not None:
                info.type, info.size = tarfile.REGTYPE, len(data)
            hashed = _Hashed(content if data is None else io.BytesIO(data))
            tar.addfile(info, hashed if info.isreg() else None)  # type: ignore[arg-type]  # read() is all it needs
    except FileNotFoundError:
        copied.missing.append(name)
        return
    copied.files += 1
    if info.isreg():
        copied.size += info.size
        copied.digests[name] = hashed.sha256.hexdigest()


def _add_list(tar: tarfile.TarFile, copied: Copied) -> None:
    told = {
        "format": FORMAT,
        "version": __version__,
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "store": settings.SHIRUSHI_STORE,
        "files": copied.digests,
    }
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps(told, ensure_ascii=False).encode())
        info = tarfile.TarInfo(LIST)
        info.mode = 0o600
        info.size = file.tell()
        file.seek(0)
        tar.addfile(info, file)


# -- putting back


def _unpack(source: Path, root: Path, tell: Tell) -> dict[str, Any]:
    found: dict[str, str] = {}
    told: dict[str, Any] | None = None
    with tarfile.open(source, mode="r:") as tar:
        for number, info in enumerate(tar, start=1):
            if info.name == LIST:
                content = tar.extractfile(info)
                told = json.load(content) if content else None
                continue
            place = _place(root, info.name)
            place.parent.mkdir(parents=True, exist_ok=True)
            if info.islnk():
                os.link(_place(root, info.linkname), place)
            elif info.isreg():
                found[info.name] = _write(tar, info, place)
            else:
                raise ValueError(f"{info.name} is neither a file nor a second name of one")
            tell(number)
    if told is None or told.get("format") != FORMAT:
        raise ValueError("its list is missing: it was not finished")
    wrong = [name for name in {*found, *told["files"]} if found.get(name) != told["files"].get(name)]
    if wrong:
        raise ValueError(f"{len(wrong)} files are not as they were copied, e.g. {min(wrong)}")
    return told


def _see_that_it_goes_with(elsewhere: str) -> None:
    """The bucket may have got another name; whether it holds what the database names is for rebuilding and checking to tell."""
    if bool(elsewhere) == bool(settings.SHIRUSHI_STORE):
        return
    if elsewhere:
        raise BackupError(
            Text2(
                f"The bytes of this copy's drafts and records are in {elsewhere}. Set SHIRUSHI_STORE to that bucket, or a copy of it.",
                f"このバックアップの下書きと記録の内容は {elsewhere} にあります。SHIRUSHI_STORE にそのバケットかコピーを指定してください。",
            )
        )
    raise BackupError(
        Text2(
            "This copy holds its bytes itself. Take SHIRUSHI_STORE out of the settings, restore, and move to the bucket afterwards.",
            "このバックアップは内容を含んでいます。SHIRUSHI_STORE を外して戻してから、バケットへ移してください。",
        )
    )


def _place(root: Path, name: str) -> Path:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        raise ValueError(f"{name!r} leads out of the copy")
    return root.joinpath(*parts)


def _write(tar: tarfile.TarFile, info: tarfile.TarInfo, place: Path) -> str:
    content = tar.extractfile(info)
    if content is None:
        raise ValueError(f"{info.name} cannot be read")
    sha256 = hashlib.sha256()
    with content, place.open("xb") as out:
        while data := content.read(CHUNK):
            sha256.update(data)
            out.write(data)
        out.flush()
        os.fsync(out.fileno())
    place.chmod(info.mode & _NOT_FOR_OTHERS)
    return sha256.hexdigest()


def _filled(name: str) -> Text2:
    return Text2(
        f"The database {name} is not empty. Set SHIRUSHI_DATABASE to a new one.",
        f"データベース {name} は空ではありません。SHIRUSHI_DATABASE に新しいデータベースを指定してください。",
    )


def _not_written(target: Path, error: OSError) -> Text2:
    return Text2(
        f"{target} cannot be written ({error.strerror}). Nothing was kept.",
        f"{target} に書き込めません（{error.strerror}）。何も残していません。",
    )

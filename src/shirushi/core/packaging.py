"""A published record as a package that others know: a bag (BagIt 1.0, RFC 8493) or an RO-Crate 1.2, made while it is sent.

Both hold the same: the files below ``data/``, ``ro-crate-metadata.json`` and ``metadata/`` (DataCite XML, and the record as shirushi
writes it, from which an import gets everything back); a bag has its manifests beside them. Digests are those that the store keeps;
what goes out is held against them on its way.

Who may not have the files gets a package without them, which describes them and says where to ask for them: a complete bag whose payload
is empty (a manifest, and with it ``fetch.txt``, would tell their digests), a crate whose files are web-based data entities.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO, Literal, Self, cast

from shirushi.core.documents import entries_of, in_turns, publication_of
from shirushi.core.models import Record, RecordFile
from shirushi.core.stored import open_path
from shirushi.exchange import bagit, datacite, ro_crate
from shirushi.exchange.errors import NotExportable
from shirushi.metadata.published import FileEntry
from shirushi.storage import ContentMismatch
from shirushi.storage.zipping import Archive, Entry, Totals

Kind = Literal["bagit", "ro-crate"]
RECORD = "metadata/shirushi-record.json"
FORMAT = "shirushi-package/1"


@dataclass(frozen=True, slots=True)
class Part(Entry):
    """One file of a package, and how to get at its bytes."""

    open: Callable[[], BinaryIO] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag file: how to write it, how long it is, and its digests."""

    path: str
    write: Callable[[], Iterable[bytes]]
    size: int
    digests: dict[str, str]


class Package:
    """A record as a package. Making one goes through its files some times; sending it keeps nothing of them in memory.

    ``with_files``: whether whoever gets it may have them; the callers have asked :mod:`shirushi.core.rules`.
    """

    def __init__(self, record: Record, kind: Kind, *, with_files: bool) -> None:
        self.record = record
        self.with_files = with_files
        self._is_bag = kind == "bagit"
        self._publication = publication_of(record, all_files=False, may_read=with_files)
        self.name = f"{record.pk}.bagit.zip" if self._is_bag else f"{record.pk}.ro-crate.zip"
        self._tags = list(self._described())

    def parts(self) -> Iterator[Part]:
        """What it holds, in the order in which it is packed: what describes the files before them."""
        for tag in self._tags:
            yield Part(tag.path, tag.size, open=partial(_stream, tag))
        if self.with_files:
            for file in self._files():
                yield Part(bagit.PAYLOAD + file.path, file.size, file.crc32, open=partial(self._opened, file))
        if self._is_bag and not (self.with_files and self.record.files.exists()):
            # The folder itself, which a bag must have (RFC 8493, section 2.1.2).
            yield Part(bagit.PAYLOAD, 0, 0, open=io.BytesIO)

    def archive(self) -> Archive:
        """All of it as a ZIP, to be streamed with :func:`opened`. A bag lies in a folder of its own there (RFC 8493, section 4.1)."""
        folder = f"{self.record.pk}/" if self._is_bag else ""

        def entries() -> Iterator[Part]:
            return (replace(part, path=folder + part.path) for part in self.parts())

        return Archive(entries, Totals.of(entries()), self.record.published_at)

    # -- what describes it

    def _described(self) -> Iterator[_Tag]:
        about = [
            _tag(ro_crate.DESCRIPTOR, lambda: ro_crate.pieces(self._publication, self._in_crate)),
            _tag(RECORD, lambda: [_record_json(self)]),
        ]
        try:
            xml = datacite.to_xml(self._publication)
        except NotExportable:  # of what was published under older rules
            pass
        else:
            about.append(_tag("metadata/datacite.xml", lambda: [xml]))
        if not self._is_bag:
            yield from about
            return
        space = self.record.space.institution()
        told = bagit.info(
            self._publication, organisation=space.name_en or space.name_ja, record=self.record.pk,
            on=datetime.now(UTC).date(), with_files=self.with_files,
        )  # fmt: skip
        tags = [_tag("bagit.txt", lambda: [bagit.DECLARATION]), _tag("bag-info.txt", lambda: [told])]
        tags += [_tag(f"manifest-{algorithm}.txt", partial(self._manifest, algorithm)) for algorithm in bagit.WRITTEN]
        tags += about
        yield from tags
        for algorithm in bagit.WRITTEN:
            sums = [bagit.tag_manifest((tag.path, tag.digests[algorithm]) for tag in tags)]
            yield _tag(f"tagmanifest-{algorithm}.txt", sums.copy)

    def _manifest(self, algorithm: str) -> Iterator[bytes]:
        return bagit.manifest(self._entries(), algorithm) if self.with_files else iter(())

    def _entries(self) -> Iterator[FileEntry]:
        return entries_of(self.record, may_read=self.with_files)

    def _in_crate(self) -> Iterator[FileEntry]:
        """The files as the crate names them: beside it, or on the record's page."""
        for entry in self._entries():
            if self.with_files:
                yield entry.model_copy(update={"path": bagit.PAYLOAD + entry.path, "url": None})
            else:
                yield ro_crate.on_page(entry, self._publication)

    def _files(self) -> Iterator[RecordFile]:
        return in_turns(self.record.files.all())

    def _opened(self, file: RecordFile) -> BinaryIO:
        return cast("BinaryIO", _Checked(open_path(self.record, file.path, size=file.size, at=file.content_path), file))


def opened(entry: Entry) -> BinaryIO:
    """The bytes of a part of :meth:`Package.archive`."""
    return cast("Part", entry).open()


def _record_json(package: Package) -> bytes:
    """The record without its files, which the package names by itself."""
    published = package._publication.model_dump(mode="json", exclude_none=True, exclude={"files"})  # noqa: SLF001 - its own half
    whole = {
        "format": FORMAT,
        "id": package.record.pk,
        "concept": package.record.concept_id,
        "number": package.record.number,
        "publication": published,
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _tag(path: str, write: Callable[[], Iterable[bytes]]) -> _Tag:
    sums = {name: hashlib.new(name) for name in bagit.WRITTEN}
    size = 0
    for piece in write():
        size += len(piece)
        for known in sums.values():
            known.update(piece)
    return _Tag(path, write, size, {name: known.hexdigest() for name, known in sums.items()})


def _stream(tag: _Tag) -> BinaryIO:
    return io.BufferedReader(_Pieces(iter(tag.write())), 256 * 1024)


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a file to be read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        got = min(len(buffer), len(self._left))
        buffer[:got] = self._left[:got]
        self._left = self._left[got:]
        return got


class _Checked:
    """The bytes of a file, which must be those that were published: at their end it says so, or raises ContentMismatch, before whoever
    reads them takes the file for whole."""

    def __init__(self, stream: BinaryIO, file: RecordFile) -> None:
        self._stream = stream
        self._file = file
        self._sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._sum.update(data)
        if not data and self._sum.hexdigest() != self._file.sha256:
            path = self._file.path
            raise ContentMismatch(
                f"{path!r} has other bytes than were published. Run the check.",
                f"{path!r} の内容が公開時と異なります。検査を実行してください。",
                where=path,
            )
        return data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

"""OCFL 1.1 objects in a folder or a bucket: published bytes, self-describing, never changed.

What a commit does, in this order, so that a crash at any point leaves the object as it was or as it will be:

1. the new version (its files, inventory and sidecar) and the new root inventory are written and fsynced in ``staging``,
   outside the storage root;
2. one rename puts it in place: the whole object for version 1, its folder ``vN`` for a later one;
3. for a later version the root inventory is replaced, then its sidecar, each by one rename.

In a bucket there is neither staging nor rename: the pieces go to their places, and what makes them count goes last, the root
inventory and its sidecar. There a version 1 without a root inventory is one whose writer died, or is at it.

A version counts from the moment the root inventory names it. :meth:`Store.recover` finishes or sets aside what a crash
between 2 and 3 left. Nothing is ever deleted but by :meth:`Store.remove`, a whole object at a time. Source: https://ocfl.io/1.1/spec/ and extension 0003.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from shirushi.storage import aside, names
from shirushi.storage import inventory as inventories
from shirushi.storage import ocfl_errors as wrong
from shirushi.storage.errors import clear_errors
from shirushi.storage.files import Content, Differs, Entry, Files, LocalFiles, Overtaken, Staged
from shirushi.storage.findings import Finding
from shirushi.storage.inventory import DECLARATION, DECLARATION_TEXT, SIDECAR, Inventory, ObjectVersion, Unusable
from shirushi.storage.sources import Source, by_digest, digest_of, put
from shirushi.storage.validate import validate_object

ROOT_DECLARATION, ROOT_DECLARATION_TEXT = "0=ocfl_1.1", b"ocfl_1.1\n"
_VERSION = re.compile(r"v[1-9]\d*")
_BEGUN = {"ocfl_layout.json", "extensions"}  # what a bucket holds when the one who made the store died
_LARGE = 2 << 20  # bytes of an inventory that is searched for one file rather than parsed
_REMEMBERED = 200_000  # paths in all inventories that are kept parsed, each about 1 kB; of one object always


@dataclass(frozen=True, slots=True)
class Found:
    """An object root in the store, ``root`` relative to the storage root; no ``object_id`` when its inventory is unreadable."""

    root: str
    object_id: str | None


@dataclass(frozen=True, slots=True)
class Recovered:
    """What :meth:`Store.recover` did about one thing a crash left; ``number`` is 0 for what never got into the store."""

    object_id: str
    number: int
    action: Literal["completed", "set aside"]


class Store:
    """A storage root. Any number of processes may read and commit at once; commits to one object wait for each other."""

    def __init__(self, root: Path | str | Files) -> None:
        """Open the store in a folder (or the place given), or make a new one where nothing is yet.

        Raises:
            StoreDamaged: the folder holds something else.
        """
        self._files: Files = LocalFiles(Path(root)) if isinstance(root, Path | str) else root
        self.root = self._files.root
        self._parsed: OrderedDict[str, tuple[Hashable, Inventory]] = OrderedDict()
        if not self._files.exists(ROOT_DECLARATION):
            self._create()

    def commit(
        self,
        object_id: str,
        *,
        number: int,
        state: Mapping[str, Source],
        message: str,
        user_name: str,
        user_address: str | None,
        created: datetime,
    ) -> ObjectVersion:
        """Write version ``number`` of an object: ``state`` is everything it holds, by logical path.

        When this returns, the version survives a power cut. Bytes that the object holds already are not stored twice.
        Repeating a commit is safe: a version that exists with the same state is returned as it stands.
        ``user_address`` should be a URI (``mailto:``, an ORCID iD's address); ``created`` needs a time zone.

        Raises:
            VersionConflict: the version exists with another state, or an earlier one is missing.
            BadLogicalPath: a path that no version may hold.
            ContentMismatch: bytes differ from their digest or size; or ``Kept`` bytes are not in the object.
            StoreFull, StoreReadOnly: nothing was stored.
            StoreUnreachable: the object store failed halfway; the version may have been stored. Repeat the commit.
        """
        if created.tzinfo is None or not object_id or not user_name:
            raise ValueError("a version needs an object id, a user name and a time with its zone")
        names.check_logical_paths(state)
        created = created.astimezone(UTC).replace(microsecond=0)  # as the inventory has it
        digests = {path: digest_of(source) for path, source in state.items()}
        version = ObjectVersion(object_id, number, created, _text(message), _text(user_name), user_address, digests)
        root = names.object_root(object_id)
        with self._files.lock("store", shared=True), self._files.lock(_stripe(root)):
            mark, before = self._seen(object_id) or (None, Inventory(object_id, {}, ()))
            if before.head and self._complete(root, before.head):
                mark, before = self._seen(object_id) or (mark, before)
            elif before.head and not self._sidecar_matches(root):
                raise wrong.damaged(
                    root, "the digest of its inventory does not match", "目録のダイジェストが一致しません"
                )
            if existing := _already(before, version):
                return existing
            with clear_errors(self.root):
                self._write(root, before, mark, version, by_digest(state, digests))
        return version

    def inventory(self, object_id: str) -> Inventory:
        """Everything about an object. Raises NotStored, or StoreDamaged when its inventory cannot be read."""
        found = self._inventory_or_none(object_id)
        if found is None:
            raise wrong.not_stored(object_id, "object", "オブジェクト")
        return found

    def content_paths(self, object_id: str) -> Mapping[str, tuple[str, ...]]:
        """Where in its object the bytes of each SHA-512 are. That never changes, so whoever writes it down for a file need not have
        an inventory read to come to it: see ``at`` below. Raises NotStored, StoreDamaged."""
        return self.inventory(object_id).manifest

    def path(
        self,
        object_id: str,
        logical_path: str,
        number: int | None = None,
        *,
        sha512: str | None = None,
        at: str = "",
    ) -> Path:
        """The file that holds a logical path of version ``number`` (or the newest); read it, never write it. Who knows which
        ``sha512`` the version has there, or the content path ``at`` which it is, says so: then no large inventory is parsed.

        Raises:
            NotStored: no such object, version or path.
            StoreDamaged: the inventory names a file that is not one.
        """
        place, digest, _ = self._place(object_id, logical_path, number, sha512, at)
        return self._files.local(place, digest)

    def open(self, object_id: str, logical_path: str, number: int | None = None) -> BinaryIO:
        """The bytes of a logical path, found as :meth:`path` does; only what is read is fetched."""
        return self._files.open(self._place(object_id, logical_path, number)[0])

    def open_at(self, object_id: str, content_path: str, size: int) -> BinaryIO:
        """The bytes at a content path, of which there should be ``size``. Raises FileNotFoundError."""
        inventories.check_content_path(content_path)
        return self._files.open(f"{names.object_root(object_id)}/{content_path}", size)

    @property
    def is_far(self) -> bool:
        """Whether each file opened costs a turn to another machine."""
        return self._files.piecewise

    def content(
        self,
        object_id: str,
        logical_path: str,
        number: int | None = None,
        *,
        sha512: str | None = None,
        at: str = "",
    ) -> Content:
        """The bytes of a logical path to be sent, whole or in part, found as :meth:`path` does."""
        place, _, size = self._place(object_id, logical_path, number, sha512, at)
        return Content(size, lambda start, end: self._files.part(place, start, end))

    def log(self, object_id: str, name: str, data: bytes) -> None:
        """Keep a note about an object in its ``logs`` folder, which OCFL sets apart from what the object holds (section 3.9). It is
        durable when this returns; one of the same name is replaced.

        Raises:
            NotStored: there is no such object.
            StoreFull, StoreReadOnly: nothing was kept.
        """
        root = names.object_root(object_id)
        if not self._files.exists(f"{root}/{inventories.NAME}"):
            raise wrong.not_stored(object_id, "object", "オブジェクト")
        with self._files.lock("store", shared=True), clear_errors(self.root), self._files.staged() as staged:
            staged.write(name, data)
            self._files.replace(staged, name, f"{root}/logs/{name}")

    def logged(self, object_id: str) -> list[str]:
        """The names of the notes about an object."""
        return [
            entry.name for entry in self._files.list(f"{names.object_root(object_id)}/logs") if entry.kind == "file"
        ]

    def note(self, name: str, change: Callable[[list[str]], list[str]]) -> None:
        """Change the lines of a small text file in the storage root, which says something about the whole store and is none of
        its objects: validators pass it over (OCFL 1.1, E087). Durable when this returns; nobody's change is lost over another's.

        Raises:
            StoreFull, StoreReadOnly, StoreUnreachable: nothing was changed.
        """
        with self._files.lock("store", shared=True), self._files.lock(name), clear_errors(self.root):
            while True:
                mark = self._files.mark(name) if self._files.exists(name) else None
                before = self.noted(name)
                if (after := change(before)) == before:
                    return
                with suppress(Overtaken), self._files.staged() as staged:  # by another machine: then look again
                    staged.write(name, "".join(f"{line}\n" for line in after).encode())
                    self._files.replace(staged, name, name, over=mark)
                    return

    def noted(self, name: str) -> list[str]:
        """The lines of such a file, none where there is no such file."""
        try:
            return self._files.read(name).decode(errors="replace").splitlines()
        except FileNotFoundError:
            return []

    def objects(self) -> Iterator[str]:
        """The identifier of every object whose inventory can be read, in the order of their places."""
        for found in self.scan():
            if found.object_id is not None:
                yield found.object_id

    def scan(self, *, start: str = "") -> Iterator[Found]:
        """Every object root in the order of their names, also those whose inventory cannot be read, ``start`` and what comes
        after it. Constant memory."""
        return (found for found, unfinished in self._scan("", tuple(start.split("/"))) if not unfinished)

    def verify(self, object_id: str) -> list[Finding]:
        """Everything wrong with an object by OCFL 1.1, reading all of its bytes. Raises NotStored."""
        root = names.object_root(object_id)
        if not self._files.exists(root):
            raise wrong.not_stored(object_id, "object", "オブジェクト")
        return self.judge(root, contents=True)

    def judge(self, root: str, *, contents: bool = False) -> list[Finding]:
        """Everything wrong with the object at a place of :meth:`scan`; with ``contents`` all of its bytes are read."""
        findings = validate_object(self._files, root, contents=contents)
        if any(finding.is_error for finding in findings):
            with self._files.lock(_stripe(root)):  # it may be somebody's removal, or commit, that was seen halfway
                return validate_object(self._files, root, contents=contents) if self._files.exists(root) else []
        return findings

    def contents(self, root: str) -> list[tuple[str, str]]:
        """The content files of the object at a place of :meth:`scan`, by name, with the SHA-512 each should have. Nothing
        where there is no inventory, or one that :meth:`judge` finds fault with."""
        try:
            manifest = inventories.parse(self._files.read(f"{root}/{inventories.NAME}")).manifest
        except (Unusable, FileNotFoundError):
            return []
        return sorted((path, digest) for digest, paths in manifest.items() for path in paths)

    def open_content(self, root: str, path: str) -> BinaryIO:
        """The bytes of a content file. Raises FileNotFoundError."""
        return self._files.open(f"{root}/{path}")

    def verify_root(self) -> list[Finding]:
        """Everything wrong with the hierarchy between the storage root and its objects, which are not opened."""
        findings = []
        if not self._files.exists(ROOT_DECLARATION):
            findings.append(Finding("E069", ROOT_DECLARATION, "the storage root is not declared as one"))
        elif self._files.read(ROOT_DECLARATION) != ROOT_DECLARATION_TEXT:
            findings.append(Finding("E080", ROOT_DECLARATION, "the declaration must hold its own name"))
        return findings + list(self._verify_folder(""))

    def set_aside(self, object_id: str, number: int, reason: str) -> None:
        """Take the newest version out of the store, keeping it in ``aside`` together with the reason. Nothing is deleted.

        Raises:
            NotStored: there is no such object.
            VersionConflict: ``number`` is not the newest version.
        """
        root = names.object_root(object_id)
        with self._files.lock("store", shared=True), self._files.lock(_stripe(root)), clear_errors(self.root):
            head = self.inventory(object_id).head
            if number != head:
                raise wrong.conflict(object_id, number, head, "only the newest version can be set aside")
            if number > 1:
                self._set_root_inventory(root, number - 1)
            self._move_aside(object_id, root, number, reason)

    def remove(self, object_id: str) -> None:
        """Delete a whole object with every version of it: OCFL knows no smaller thing that may go, since each version rests on those
        before it. The root inventory goes last, so that what a crash leaves still tells which object it was: remove it again then.
        Nothing happens where there is no such object.

        Raises:
            StoreReadOnly, StoreUnreachable: some or all of it is still there.
        """
        root = names.object_root(object_id)
        with self._files.lock("store", shared=True), self._files.lock(_stripe(root)), clear_errors(self.root):
            if not self._files.exists(root):
                return
            if self._id_at(root) not in (object_id, None):
                raise wrong.damaged(root, "it holds another object", "別の保管物です")
            self._files.forget_copies(digest for _, digest in self.contents(root))
            self._files.remove_tree(root, inventories.NAME)
            self._parsed.pop(f"{root}/{inventories.NAME}", None)

    def forget_aside(self, object_id: str, digests: Mapping[str, int]) -> int:
        """Delete for good what was set aside of an object; see :func:`shirushi.storage.aside.forget`."""
        return aside.forget(self._files, object_id, digests)

    def recover(self) -> list[Recovered]:
        """Put right what a crash left, waiting until no commit is going on: call it when the server starts.

        A version that the root inventory names is completed; one that it does not name yet is set aside.
        """
        with self._files.lock("store"), clear_errors(self.root):
            done = [
                Recovered("", 0, "set aside")
                for _ in range(
                    self._files.set_leftovers_aside(_reason("", 0, "was being prepared when the writer died"))
                )
            ]
            for folder in self._files.suspects():
                with self._files.lock(f"object-{folder}") if folder else nullcontext():
                    for found, unfinished in self._scan(folder):
                        done += self._recover_unfinished(found) if unfinished else self._recover_object(found)
                    self._files.settle(folder)
            for finding in self.verify_root():
                if finding.code == "E073":  # folders made for an object that never came
                    self._files.remove_empty(finding.place)
        return done

    # -- writing

    def _create(self) -> None:
        if {entry.name for entry in self._files.list("")} - (_BEGUN if self._files.piecewise else set()):
            raise wrong.damaged(
                str(self.root), "the folder is not empty and not an OCFL store", "空でも OCFL 保管庫でもありません"
            )
        layout = {
            "extension": names.LAYOUT,
            "description": "Hashed n-tuples, then the encoded identifier of the object",
        }
        with self._files.lock("store"), self._files.staged() as staged:
            if self._files.exists(ROOT_DECLARATION):  # another process was first
                return
            staged.write("ocfl_layout.json", _json(layout))
            staged.write(f"extensions/{names.LAYOUT}/config.json", _json(names.LAYOUT_CONFIG))
            staged.write(ROOT_DECLARATION, ROOT_DECLARATION_TEXT)
            self._files.publish(staged, "", "")

    def _write(
        self,
        root: str,
        before: Inventory,
        mark: Hashable,
        version: ObjectVersion,
        sources: Mapping[str, tuple[str, Source]],
    ) -> None:
        new = {digest: pair for digest, pair in sources.items() if digest not in before.manifest}
        on_disk = names.content_names(path for path, _ in new.values())
        added = {digest: f"v{version.number}/content/{on_disk[path]}" for digest, (path, _) in new.items()}
        after = before.with_version(version, added)
        data = after.to_bytes()
        first = version.number == 1
        if self._is_unfinished(self._files.list(root)) if first else self._files.exists(f"{root}/v{version.number}"):
            self._move_aside(before.object_id, root, version.number, "its commit had not been completed")
        inside = f"v{version.number}/"
        places = {f"{inside}content/{on_disk[path]}": path for path, _ in new.values()}
        try:
            with self._files.staged() as staged:
                for digest, (path, source) in new.items():
                    put(staged, f"{inside}content/{on_disk[path]}", path, digest, source)
                _put_inventory(staged, inside, data)
                _put_inventory(staged, "", data)  # already here, so that a full disk is met before anything is in place
                if first:
                    staged.write(DECLARATION, DECLARATION_TEXT)
                    written = self._files.publish(staged, "", root, telling=inventories.NAME)
                else:
                    self._files.publish(staged, inside, f"{root}/{inside}")
                    written = self._replace_root_inventory(staged, root, mark)
        except Differs as error:
            raise wrong.differs(places[error.path]) from error
        except Overtaken as error:
            raise wrong.conflict(
                before.object_id, version.number, before.head, "somebody wrote it meanwhile"
            ) from error
        if written is not None:
            self._remember(f"{root}/{inventories.NAME}", written, after)

    def _set_root_inventory(self, root: str, number: int) -> None:
        """Make version ``number`` the head: its inventory becomes the root's, then (last, as OCFL asks) its sidecar."""
        data = self._files.read(f"{root}/v{number}/{inventories.NAME}")
        if self._read_or_none(f"{root}/v{number}/{SIDECAR}") != inventories.sidecar(data):
            raise wrong.damaged(
                f"{root}/v{number}", "the digest of its inventory does not match", "目録のダイジェストが一致しません"
            )
        with self._files.staged() as staged:
            _put_inventory(staged, "", data)
            self._replace_root_inventory(staged, root)

    def _replace_root_inventory(self, staged: Staged, root: str, mark: Hashable = None) -> Hashable:
        """Returns the mark of the new one."""
        written = self._files.replace(staged, inventories.NAME, f"{root}/{inventories.NAME}", over=mark)
        self._files.replace(staged, SIDECAR, f"{root}/{SIDECAR}")
        return written

    def _complete(self, root: str, head: int) -> bool:
        """Finish a commit that ended between the root inventory and its sidecar; returns whether there was one."""
        data = self._files.read(f"{root}/{inventories.NAME}")
        if self._sidecar_matches(root) or data != self._read_or_none(f"{root}/v{head}/{inventories.NAME}"):
            return False
        self._set_root_inventory(root, head)
        return True

    def _sidecar_matches(self, root: str) -> bool:
        data = self._files.read(f"{root}/{inventories.NAME}")
        return self._read_or_none(f"{root}/{SIDECAR}") == inventories.sidecar(data)

    def _move_aside(self, object_id: str, root: str, number: int, reason: str) -> None:
        label = _reason(object_id, number, reason)
        if number > 1:
            self._files.set_aside(f"{root}/v{number}", label)
        else:
            self._files.set_aside(root, label)
            self._files.remove_empty(root.rpartition("/")[0])

    def _recover_unfinished(self, found: Found) -> Iterator[Recovered]:
        """A first version that was being put in place piece by piece."""
        object_id = self._id_at(f"{found.root}/v1") or ""
        self._move_aside(object_id, found.root, 1, "its commit had not been completed")
        yield Recovered(object_id, 1, "set aside")

    def _recover_object(self, found: Found) -> Iterator[Recovered]:
        if found.object_id is None or names.object_root(found.object_id) != found.root:
            return  # not what this store writes: verify() tells
        head = self.inventory(found.object_id).head
        if self._complete(found.root, head):
            yield Recovered(found.object_id, head, "completed")
        for entry in self._files.list(found.root):
            if _VERSION.fullmatch(entry.name) and (number := int(entry.name[1:])) > head:
                self._move_aside(found.object_id, found.root, number, "its commit had not been completed")
                yield Recovered(found.object_id, number, "set aside")

    # -- reading

    def _place(
        self, object_id: str, logical_path: str, number: int | None, sha512: str | None = None, at: str = ""
    ) -> tuple[str, str, int]:
        """Where the bytes of a logical path are, their SHA-512 and their size."""
        root = names.object_root(object_id)
        if at and sha512 is not None:
            inventories.check_content_path(at)
            if (size := self._files.size(f"{root}/{at}")) is not None:
                return f"{root}/{at}", sha512.lower(), size
        if sha512 is not None and f"{root}/{inventories.NAME}" not in self._parsed:
            sha512 = sha512.lower()
            for content_path in self._sought(root, sha512):
                place = f"{root}/{content_path}"
                if (size := self._files.size(place)) is not None:
                    return place, sha512, size
        inventory = self.inventory(object_id)
        try:
            digest = inventory.version(number).state[logical_path]
        except KeyError:
            raise wrong.not_stored(f"{object_id} {logical_path!r}", "file", "ファイル") from None
        for content_path in inventory.manifest.get(digest, ()):
            place = f"{root}/{content_path}"
            if (size := self._files.size(place)) is not None:
                return place, digest, size
        raise wrong.damaged(f"{object_id} {logical_path!r}", "its bytes are missing", "内容のファイルがありません")

    def _sought(self, root: str, sha512: str) -> tuple[str, ...]:
        """Content paths of a digest in an inventory too large to be parsed for one file."""
        path = f"{root}/{inventories.NAME}"
        try:
            if (self._files.size(path) or 0) < _LARGE:
                return ()
            return inventories.content_paths(self._files.read(path), sha512)
        except OSError:
            return ()

    def _inventory_or_none(self, object_id: str) -> Inventory | None:
        seen = self._seen(object_id)
        return seen[1] if seen else None

    def _seen(self, object_id: str) -> tuple[Hashable, Inventory] | None:
        """The parsed root inventory and the mark of its file, remembered while that stays the same (it is only ever replaced,
        never changed)."""
        path = f"{names.object_root(object_id)}/{inventories.NAME}"
        try:
            mark = self._files.mark(path)
            if (known := self._parsed.get(path)) and known[0] == mark:
                return known
            inventory = inventories.parse(self._files.read(path))
        except FileNotFoundError:
            return None
        except Unusable as error:
            raise wrong.damaged(
                path, f"the inventory cannot be used: {error}", f"目録を使えません（{error}）"
            ) from error
        if inventory.object_id != object_id:
            raise wrong.damaged(path, f"it belongs to {inventory.object_id!r}", f"{inventory.object_id!r} の目録です")
        self._remember(path, mark, inventory)
        return mark, inventory

    def _remember(self, path: str, mark: Hashable, inventory: Inventory) -> None:
        """Keep it parsed, and of those kept before only as many as are not too much together."""
        self._parsed.pop(path, None)
        self._parsed[path] = mark, inventory
        while len(self._parsed) > 1 and sum(known.weight for _, known in self._parsed.copy().values()) > _REMEMBERED:
            self._parsed.popitem(last=False)

    def _read_or_none(self, path: str) -> bytes | None:
        return self._files.read(path) if self._files.exists(path) else None

    def _scan(self, folder: str, start: tuple[str, ...] = ()) -> Iterator[tuple[Found, bool]]:
        """Every object root below a folder from ``start`` (names relative to it) on, and whether its first version is
        unfinished."""
        entries = self._files.list(folder)
        if folder and any(entry.kind == "file" for entry in entries):
            unfinished = self._is_unfinished(entries)
            yield Found(folder, None if unfinished else self._id_at(folder)), unfinished
            return
        for entry in entries:
            if entry.kind == "folder" and (folder or entry.name != "extensions"):
                if start and entry.name < start[0]:
                    continue
                deeper = start[1:] if start and entry.name == start[0] else ()
                yield from self._scan(f"{folder}/{entry.name}" if folder else entry.name, deeper)

    def _is_unfinished(self, entries: list[Entry]) -> bool:
        """Whether an object root is what a writer puts there before its first version counts."""
        return self._files.piecewise and bool(entries) and {entry.name for entry in entries} <= {DECLARATION, "v1"}

    def _id_at(self, root: str) -> str | None:
        try:
            return inventories.parse(self._files.read(f"{root}/{inventories.NAME}")).object_id
        except (Unusable, FileNotFoundError):
            return None

    def _verify_folder(self, folder: str) -> Iterator[Finding]:
        entries = self._files.list(folder)
        if folder and not entries:
            yield Finding("E073", folder, "an empty folder")
        if folder and any(entry.name.startswith("0=ocfl_object_") for entry in entries):
            if self._is_unfinished(entries):
                yield Finding("E063", folder, "an object that is being written, or whose writer died")
            return
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.kind == "folder" and path != "extensions":
                yield from self._verify_folder(path)
            elif entry.kind == "other":
                yield Finding("E090", path, "links must not be used in a store")
            elif folder:
                yield Finding("E072", path, "a file that belongs to no object")


def _already(before: Inventory, version: ObjectVersion) -> ObjectVersion | None:
    """The version as it stands when it was committed before; None when it is the next one to write."""
    if version.number == before.head + 1:
        return None
    if 1 <= version.number <= before.head and before.version(version.number).state == version.state:
        return before.version(version.number)
    why = "it exists with other content" if version.number <= before.head else "an earlier version is missing"
    raise wrong.conflict(version.object_id, version.number, before.head, why)


def _put_inventory(staged: Staged, inside: str, data: bytes) -> None:
    staged.write(inside + inventories.NAME, data)
    staged.write(inside + SIDECAR, inventories.sidecar(data))


def _stripe(root: str) -> str:
    """The lock of an object: one of 4,096, so that the folder of locks stays small."""
    return f"object-{root[:3]}"


def _text(words: str) -> str:
    """Words that UTF-8 can hold: what came from a broken file name loses only the broken parts."""
    return words.encode(errors="replace").decode()


def _json(data: object) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _reason(object_id: str, number: int, reason: str) -> bytes:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return _json({"object_id": object_id, "version": number, "reason": reason, "at": at})

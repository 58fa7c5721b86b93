"""The inventory of one OCFL object: which digests each version's logical paths have, and where the bytes are.

Source: OCFL 1.1, section 3.5 (https://ocfl.io/1.1/spec/#inventory). An :class:`Inventory` is a thin, read-only view of
the JSON; adding a version gives a new one.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NAME = "inventory.json"
ALGORITHM = "sha512"
SIDECAR = f"{NAME}.{ALGORITHM}"
TYPE = "https://ocfl.io/1.1/spec/#inventory"
DECLARATION, DECLARATION_TEXT = "0=ocfl_object_1.1", b"ocfl_object_1.1\n"


class Unusable(ValueError):
    """Bytes that are not an inventory this store can read or continue."""


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object. ``state`` maps each logical path to the SHA-512 of its bytes (lower-case hex)."""

    object_id: str
    number: int
    created: datetime
    message: str
    user_name: str
    user_address: str | None
    state: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Inventory:
    """A whole inventory: ``manifest`` maps a SHA-512 to content paths relative to the object root."""

    object_id: str
    manifest: Mapping[str, tuple[str, ...]]
    versions: tuple[ObjectVersion, ...]

    @property
    def head(self) -> int:
        """The number of the newest version, 0 before the first."""
        return len(self.versions)

    @property
    def weight(self) -> int:
        """How much there is to keep of it: all paths of all versions."""
        return len(self.manifest) + sum(len(version.state) for version in self.versions)

    def version(self, number: int | None = None) -> ObjectVersion:
        """Version ``number``, or the newest. Raises KeyError when there is no such version."""
        wanted = self.head if number is None else number
        if not 1 <= wanted <= self.head:
            raise KeyError(wanted)
        return self.versions[wanted - 1]

    def with_version(self, version: ObjectVersion, added: Mapping[str, str]) -> "Inventory":
        """This inventory continued by ``version``; ``added`` maps new digests to their content paths."""
        manifest = {**self.manifest, **{digest: (path,) for digest, path in added.items()}}
        return Inventory(self.object_id, manifest, (*self.versions, version))

    def to_bytes(self) -> bytes:
        """The file's content: the same inventory always gives the same bytes."""
        told = {
            "id": self.object_id,
            "type": TYPE,
            "digestAlgorithm": ALGORITHM,
            "head": f"v{self.head}",
            "contentDirectory": "content",
        }
        manifest = _listed(sorted(self.manifest.items()), depth=2)
        versions = ",\n".join(f'  "v{version.number}": {_version_text(version)}' for version in self.versions)
        start = json.dumps(told, ensure_ascii=False, indent=1).removesuffix("\n}")
        return f'{start},\n "manifest": {manifest},\n "versions": {{\n{versions}\n }}\n}}\n'.encode()


def sidecar(data: bytes) -> bytes:
    """The text of ``inventory.json.sha512`` for the bytes of an inventory."""
    return f"{hashlib.sha512(data).hexdigest()} {NAME}\n".encode()


def parse(data: bytes) -> Inventory:
    """The inventory that :meth:`Inventory.to_bytes` wrote, or one like it (SHA-512, unpadded version names).

    Raises:
        Unusable: with the reason; the validator says more.
    """
    try:
        raw = json.loads(data)
        if raw["digestAlgorithm"] != ALGORITHM:
            raise Unusable(f"its digest algorithm is {raw['digestAlgorithm']!r}, not {ALGORITHM}")
        if raw.get("contentDirectory", "content") != "content":
            raise Unusable("its content directory is not called 'content'")
        names = [f"v{number}" for number in range(1, len(raw["versions"]) + 1)]
        if set(raw["versions"]) != set(names) or raw["head"] != names[-1]:
            raise Unusable("its versions are not v1, v2, v3 … up to its head")
        versions = tuple(_version(raw["id"], number, raw["versions"][name]) for number, name in enumerate(names, 1))
        manifest = {digest.lower(): tuple(paths) for digest, paths in raw["manifest"].items()}
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise (
            error if isinstance(error, Unusable) else Unusable(f"it has not the form of an inventory: {error!r}")
        ) from error
    _check_content_paths(manifest)
    return Inventory(raw["id"], manifest, versions)


_MANIFEST, _VERSIONS = (re.compile(rb'"%s"\s*:\s*\{' % name) for name in (b"manifest", b"versions"))
_LIST = re.compile(rb"\s*:\s*(\[[^\]]*\])")


def content_paths(data: bytes, digest: str) -> tuple[str, ...]:
    """Where the bytes with a SHA-512 lie, read from an inventory that is not parsed: one of 100,000 files takes a second to parse and
    a few milliseconds to search. Empty where the text does not tell for certain: then parse it."""
    manifest, versions = _MANIFEST.search(data), _VERSIONS.search(data)
    if manifest is None or versions is None:
        return ()
    end = versions.start() if versions.start() > manifest.start() else len(data)
    at = data.find(f'"{digest}"'.encode(), manifest.end(), end)
    found = _LIST.match(data, at + len(digest) + 2) if at >= 0 else None
    try:
        paths = tuple(json.loads(found[1])) if found else ()
        _check_content_paths({digest: paths})
    except (ValueError, TypeError):
        return ()
    return paths


_CONTENT_PATH = re.compile(r"v[1-9]\d*/content/[^\0]+", re.DOTALL)
_LEADS_OUT = re.compile(r"(^|/)\.{0,2}(/|$)")  # an empty part, "." or ".."


def check_content_path(path: str) -> None:
    """Raises Unusable for one that leads out of its object."""
    if not _CONTENT_PATH.fullmatch(path) or _LEADS_OUT.search(path):
        raise Unusable(f"its content path {path!r} leads out of the object")


def _check_content_paths(manifest: Mapping[str, tuple[str, ...]]) -> None:
    """A content path is opened as a file: one that leads out of the object must never be. Raises Unusable."""
    for paths in manifest.values():
        for path in paths:
            check_content_path(path)


def _version(object_id: str, number: int, raw: Mapping[str, Any]) -> ObjectVersion:
    user = raw.get("user", {})
    return ObjectVersion(
        object_id=object_id,
        number=number,
        created=datetime.fromisoformat(raw["created"]),
        message=raw.get("message", ""),
        user_name=user.get("name", ""),
        user_address=user.get("address"),
        state={path: digest.lower() for digest, paths in raw["state"].items() for path in paths},
    )


def _version_text(version: ObjectVersion) -> str:
    paths: dict[str, list[str]] = {}
    for path in sorted(version.state):
        paths.setdefault(version.state[path], []).append(path)
    user = {"name": version.user_name} | ({"address": version.user_address} if version.user_address else {})
    created = version.created.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    users = json.dumps(user, ensure_ascii=False, indent=1).replace("\n", "\n   ")
    return (
        f'{{\n   "created": {_text(created)},\n   "message": {_text(version.message)},\n'
        f'   "state": {_listed(paths.items(), depth=4)},\n   "user": {users}\n  }}'
    )


def _listed(lists: Iterable[tuple[str, Sequence[str]]], *, depth: int) -> str:
    """Names with their lists as ``json.dumps(…, indent=1)`` writes them at that depth, which is slow where there are 100,000."""
    deep = " " * depth
    each = [
        f'{deep}"{name}": [\n{deep} ' + f",\n{deep} ".join(map(_text, texts)) + f"\n{deep}]" for name, texts in lists
    ]
    return "{\n" + ",\n".join(each) + f"\n{deep[1:]}}}" if each else "{}"


_text = json.JSONEncoder(ensure_ascii=False).encode

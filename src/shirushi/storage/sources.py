"""Where the bytes of an object version come from, and how they are staged."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from shirushi.storage.errors import ContentMismatch
from shirushi.storage.files import Given, Staged


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes in a file or the store's bucket, a blob's as a rule: linked where that is safe, else copied. They are checked while
    committing. :meth:`shirushi.storage.Blobs.stored` makes one."""

    path: Given
    sha512: str
    size: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that an earlier version of the same object holds."""

    sha512: str


Source = Stored | Kept | bytes


def digest_of(source: Source) -> str:
    """SHA-512, in lower case."""
    return hashlib.sha512(source).hexdigest() if isinstance(source, bytes) else source.sha512.lower()


def by_digest(state: Mapping[str, Source], digests: Mapping[str, str]) -> dict[str, tuple[str, Source]]:
    """For each digest the first logical path that has it, and where to take the bytes from."""
    sources: dict[str, tuple[str, Source]] = {}
    for path in sorted(state, key=lambda path: (isinstance(state[path], Kept), path)):
        sources.setdefault(digests[path], (path, state[path]))
    return sources


def put(staged: Staged, place: str, logical_path: str, digest: str, source: Source) -> None:
    """Stage the bytes of one file, checked against what was promised. Raises Differs, at once or when they are published."""
    if isinstance(source, bytes):
        staged.write(place, source)
        return
    if isinstance(source, Kept):
        raise ContentMismatch(
            f"{logical_path!r} should keep bytes of an earlier version, but none has the SHA-512 {digest[:16]}…. "
            "Upload the file again.",
            f"{logical_path!r} が引き継ぐはずの内容（SHA-512 {digest[:16]}…）が以前の版にありません。"
            "もう一度アップロードしてください。",
            where=logical_path,
        )
    staged.copy(place, source.path, sha512=digest, size=source.size)

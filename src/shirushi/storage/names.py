"""Names: where an object lives (OCFL extension 0003), which logical paths it may hold, what its content files are called.

The logical path keeps what the researcher wrote, byte for byte. The name on disk is chosen so that the store can be
copied to any file system: NFC, no control or format characters, nothing Windows reserves, at most 200 bytes a part,
and no two that differ only in case or normalisation. It stays as close to the original as that allows.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

from shirushi.storage.errors import BadLogicalPath

LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
LAYOUT_CONFIG: Mapping[str, str | int] = {
    "extensionName": LAYOUT,
    "digestAlgorithm": "sha256",
    "tupleSize": 3,
    "numberOfTuples": 3,
}
LONGEST_LOGICAL_PATH = 4_096  # bytes of UTF-8: what Linux can open (PATH_MAX)
_LONGEST_PART = 200  # bytes; file systems allow 255, and copies may add a suffix
_LONGEST_CONTENT_PATH = 700  # bytes; leaves room for the folders above the store
_RESERVED = frozenset('<>:"|?*\\%~')  # by Windows, and the two that mark our own encoding
_ORDINARY = re.compile(r"[A-Za-z0-9_(),=+@-][A-Za-z0-9_(),=+@. -]{0,198}[A-Za-z0-9_(),=+@-]|[A-Za-z0-9_-]")
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def object_root(object_id: str) -> str:
    """Where the object lives below the storage root: three tuples of three characters, then the encoded identifier."""
    digest = hashlib.sha256(object_id.encode()).hexdigest()
    encoded = "".join(c if re.fullmatch(r"[A-Za-z0-9_-]", c) else _percent(c) for c in object_id)
    if len(encoded) > 100:
        encoded = f"{encoded[:100]}-{digest}"
    return f"{digest[:3]}/{digest[3:6]}/{digest[6:9]}/{encoded}"


def check_logical_paths(paths: Iterable[str]) -> None:
    """See that one version may hold these logical paths together.

    Raises:
        BadLogicalPath: for one that is empty, absolute, too long, not Unicode, has a NUL or an empty, ``.`` or ``..`` part;
            or for a file that stands where another path needs a folder.
    """
    known = set(paths)
    for path in known:
        if reason := _wrong_with(path):
            raise _bad(path, *reason)
        parents = path.split("/")[:-1]
        for depth in range(1, len(parents) + 1):
            if (folder := "/".join(parents[:depth])) in known:
                raise _bad(
                    path, f"{folder!r} is a file in the same version", f"同じ版で {folder!r} がファイルになっています"
                )


def content_names(paths: Iterable[str]) -> dict[str, str]:
    """Names on disk (relative to the content folder) for the logical paths of one version. Same input, same names."""
    names: dict[str, str] = {}
    files: set[str] = set()
    folders: set[str] = set()
    for path in sorted(paths):
        name = "/".join(_safe_part(part) for part in path.split("/"))
        if len(name.encode()) > _LONGEST_CONTENT_PATH or _taken(name, files, folders):
            name = _by_digest(path)
        folded = _fold(name)
        files.add(folded)
        folders.update(_parents(folded))
        names[path] = name
    return names


def _wrong_with(path: str) -> tuple[str, str] | None:
    """Why a logical path is refused, in English and Japanese."""
    try:
        length = len(path.encode())
    except UnicodeEncodeError:
        return "it is not Unicode text", "Unicode の文字列ではありません"
    if not path:
        return "it is empty", "空です"
    if length > LONGEST_LOGICAL_PATH:
        return f"it is longer than {LONGEST_LOGICAL_PATH} bytes", f"{LONGEST_LOGICAL_PATH} バイトを超えています"
    if "\0" in path:
        return "it has a NUL character", "NUL 文字があります"
    if path.startswith("/"):
        return "it is absolute", "絶対パスです"
    if any(part in ("", ".", "..") for part in path.split("/")):
        return "it has an empty, '.' or '..' part", "空の部分、または「.」「..」があります"
    return None


def _bad(path: str, en: str, ja: str) -> BadLogicalPath:
    return BadLogicalPath(
        f"The file cannot be stored under the path {path!r}: {en}. Rename the file, then try again.",
        f"パス {path!r} ではファイルを保存できません。理由：{ja}。ファイル名を変えてから、もう一度お試しください。",
        where=path,
    )


def _safe_part(part: str) -> str:
    """One part of a path as a name that every file system takes."""
    if _ORDINARY.fullmatch(part) and not _DEVICES.match(part):
        return part
    text = unicodedata.normalize("NFC", part)
    safe = "".join(
        _percent(c) if c in _RESERVED or (unicodedata.category(c)[0] in "CZ" and c != " ") else c for c in text
    )
    if safe[-1] in " .":
        safe = safe[:-1] + _percent(safe[-1])
    if safe[0] == " " or _DEVICES.match(safe):
        safe = _percent(safe[0]) + safe[1:]
    if len(safe.encode()) > _LONGEST_PART:
        return _shortened(safe, part)
    return safe


def _shortened(safe: str, original: str) -> str:
    """The beginning of a long name, a digest of all of it, and its extension where that is short."""
    mark = "~" + hashlib.sha256(original.encode()).hexdigest()[:16]
    _, dot, extension = safe.rpartition(".")
    end = f".{extension}" if dot and len(extension.encode()) <= 16 else ""
    room = _LONGEST_PART - len(mark) - len(end.encode())
    return safe.encode()[:room].decode(errors="ignore") + mark + end


def _by_digest(path: str) -> str:
    """A name that nothing else has, for a path that is too long or differs from another by case or normalisation only."""
    last = _safe_part(path.rpartition("/")[2])
    return f"~{hashlib.sha256(path.encode()).hexdigest()[:32]}/{last}"


def _taken(name: str, files: set[str], folders: set[str]) -> bool:
    folded = _fold(name)
    return folded in files or folded in folders or any(parent in files for parent in _parents(folded))


def _fold(name: str) -> str:
    """Equal for names that a case-insensitive or normalising file system takes for one."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())


def _parents(path: str) -> Iterable[str]:
    parts = path.split("/")
    return ("/".join(parts[:depth]) for depth in range(1, len(parts)))


def _percent(character: str) -> str:
    return "".join(f"%{byte:02x}" for byte in character.encode())

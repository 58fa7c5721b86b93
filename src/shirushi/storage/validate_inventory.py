"""Judge one inventory by its form: OCFL 1.1, section 3.5, with the codes of the specification."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from shirushi.storage.findings import Finding

Digests = Mapping[str, list[str]]

_HEX_LENGTH = {
    "md5": 32, "sha1": 40, "sha256": 64, "sha512": 128, "sha512/256": 64,
    "blake2b-160": 40, "blake2b-256": 64, "blake2b-384": 96, "blake2b-512": 128,
}  # fmt: skip
_TYPE = re.compile(r"https://ocfl\.io/(1\.[01])/spec/#inventory")
_KEYS = {"id", "type", "digestAlgorithm", "head", "contentDirectory", "manifest", "versions", "fixity"}
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.+", re.DOTALL)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


@dataclass(slots=True)
class Checked:
    """An inventory as far as it could be understood. ``versions`` holds the version blocks in order of their numbers."""

    path: str
    spec: str
    findings: list[Finding] = field(default_factory=list)
    usable: bool = True
    object_id: str = ""
    algorithm: str = "sha512"
    content_folder: str = "content"
    newest: str = ""
    manifest: dict[str, list[str]] = field(default_factory=dict)
    fixity: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)

    def say(self, code: str, message: str) -> None:
        self.findings.append(Finding(code, self.path, message))

    def digests_of(self, version: str) -> dict[str, str]:
        """The digest of every logical path of a version, lower case."""
        return {path: digest.lower() for digest, paths in self._state(version).items() for path in paths}

    def content_of(self, version: str) -> dict[str, set[str]]:
        """Content files by logical path."""
        manifest = {digest.lower(): set(paths) for digest, paths in self.manifest.items()}
        return {
            path: manifest.get(digest.lower(), set())
            for digest, paths in self._state(version).items()
            for path in paths
        }

    def digests(self) -> Iterator[tuple[str, Digests, str]]:
        """(algorithm, digests, code of a mismatch) of the manifest and of each fixity block that can be computed."""
        yield self.algorithm, self.manifest, "E092"
        for algorithm, digests in self.fixity.items():
            yield algorithm, digests, "E093"

    def _state(self, version: str) -> Digests:
        state = self.versions.get(version, {}).get("state", {})
        return {digest: paths for digest, paths in state.items() if _is_paths(paths)} if isinstance(state, dict) else {}


def check_inventory(data: Any, path: str, spec: str) -> Checked:
    """Judge parsed JSON. ``spec`` is what the object declares: it counts where the inventory does not say itself."""
    checked = Checked(path, spec)
    if not isinstance(data, dict):
        checked.say("E033", "an inventory is a JSON object")
        checked.usable = False
        return checked
    for key in sorted(set(data) - _KEYS):
        checked.say("E102", f"an inventory has no key {key!r}")
    _check_id(checked, data)
    _check_type(checked, data)
    _check_algorithm(checked, data)
    if checked.usable:
        _check_content_folder(checked, data)
        _check_manifest(checked, data)
        _check_versions(checked, data)
        _check_head(checked, data)
        _check_states(checked)
        _check_fixity(checked, data)
    return checked


def _check_id(checked: Checked, data: dict[str, Any]) -> None:
    if "id" not in data:
        checked.say("E036", "there is no id")
    elif not isinstance(data["id"], str) or not data["id"]:
        checked.say("E037", "the id must be a text")
    else:
        checked.object_id = data["id"]
        if not _URI.fullmatch(data["id"]):
            checked.say("W005", "the id should be a URI")


def _check_type(checked: Checked, data: dict[str, Any]) -> None:
    if "type" not in data:
        checked.say("E036", "there is no type")
    elif isinstance(data["type"], str) and (match := _TYPE.fullmatch(data["type"])):
        checked.spec = match[1]
    else:
        checked.say("E038", f"{data['type']!r} is not the type of an inventory")


def _check_algorithm(checked: Checked, data: dict[str, Any]) -> None:
    algorithm = data.get("digestAlgorithm")
    if algorithm is None:
        checked.say("E036", "there is no digestAlgorithm")
    elif algorithm not in ("sha512", "sha256"):
        checked.say("E025", f"the digest algorithm must be sha512 or sha256, not {algorithm!r}")
        checked.usable = False
    else:
        checked.algorithm = algorithm
        if algorithm == "sha256":
            checked.say("W004", "sha512 should be used")


def _check_content_folder(checked: Checked, data: dict[str, Any]) -> None:
    folder = data.get("contentDirectory", "content")
    if not isinstance(folder, str) or not folder or "/" in folder:
        checked.say("E017", "the content directory must be one name without '/'")
    elif folder in (".", ".."):
        checked.say("E018", "the content directory must not be '.' or '..'")
    else:
        checked.content_folder = folder


def _check_manifest(checked: Checked, data: dict[str, Any]) -> None:
    if "manifest" not in data:
        checked.say("E041", "there is no manifest")
    elif not isinstance(data["manifest"], dict):
        checked.say("E106", "the manifest must be a JSON object")
    else:
        checked.manifest = _check_digests(checked, data["manifest"], checked.algorithm, ("E025", "E092", "E096"))
        paths = [path for block in checked.manifest.values() for path in block]
        _check_paths(checked, paths, _wrong_with_content_path(checked), ("E101", "content path"))


def _check_digests(
    checked: Checked, block: dict[str, Any], algorithm: str, codes: tuple[str, str, str]
) -> dict[str, list[str]]:
    """What of a manifest or fixity block has the right form. ``codes``: bad digest, bad paths, digest twice."""
    bad_digest, bad_paths, twice = codes
    good: dict[str, list[str]] = {}
    seen: set[str] = set()
    for digest, paths in block.items():
        if not re.fullmatch(rf"[0-9a-fA-F]{{{_HEX_LENGTH[algorithm]}}}", digest):
            checked.say(bad_digest, f"{digest!r} is not a {algorithm} digest")
        elif not _is_paths(paths):
            checked.say(bad_paths, f"the value of {digest[:16]}… must be a list of paths")
        else:
            if digest.lower() in seen:
                checked.say(twice, f"{digest[:16]}… is there twice, in different case")
            seen.add(digest.lower())
            good[digest] = paths
    return good


def _check_paths(
    checked: Checked, paths: Iterable[str], wrong: Callable[[str], tuple[str, str] | None], conflict: tuple[str, str]
) -> None:
    """Each path must be well formed, be there once, and not be a folder of another one."""
    code, what = conflict
    seen: set[str] = set()
    for path in paths:
        if problem := wrong(path):
            checked.say(problem[0], f"{what} {path!r}: {problem[1]}")
        elif path in seen:
            checked.say(code, f"{what} {path!r} is there twice")
        seen.add(path)
    for path in sorted(seen):
        parts = path.split("/")
        if any("/".join(parts[:depth]) in seen for depth in range(1, len(parts))):
            checked.say(code, f"{what} {path!r} lies inside another file's path")


def _wrong_with_logical_path(path: str) -> tuple[str, str] | None:
    if path.startswith("/") or path.endswith("/"):
        return "E053", "it must not begin or end with '/'"
    if any(part in ("", ".", "..") for part in path.split("/")):
        return "E052", "a part is empty, '.' or '..'"
    return None


def _wrong_with_content_path(checked: Checked) -> Callable[[str], tuple[str, str] | None]:
    def wrong(path: str) -> tuple[str, str] | None:
        if path.startswith("/") or path.endswith("/"):
            return "E100", "it must not begin or end with '/'"
        parts = path.split("/")
        if any(part in ("", ".", "..") for part in parts):
            return "E099", "a part is empty, '.' or '..'"
        if len(parts) < 3 or not re.fullmatch(r"v\d+", parts[0]) or parts[1] != checked.content_folder:
            return "E042", f"it must lie in a version's folder {checked.content_folder!r}"
        return None

    return wrong


def _check_versions(checked: Checked, data: dict[str, Any]) -> None:
    if "versions" not in data:
        checked.say("E043", "there are no versions")
        return
    versions = data["versions"]
    if not isinstance(versions, dict):
        checked.say("E044", "the versions must be a JSON object")
        return
    if not versions:
        checked.say("E008", "there must be at least one version")
        return
    well_named = {name: int(name[1:]) for name in versions if re.fullmatch(r"v\d+", name, re.ASCII) and int(name[1:])}
    for name in sorted(set(versions) - set(well_named)):
        checked.say("E046", f"{name!r} is not the name of a version")
    ordered = sorted(well_named, key=well_named.__getitem__)
    _check_sequence(checked, ordered)
    for name in ordered:
        if isinstance(versions[name], dict):
            checked.versions[name] = versions[name]
            _check_version(checked, name, versions[name])
        else:
            checked.say("E047", f"{name} must be a JSON object")


def _check_sequence(checked: Checked, names: list[str]) -> None:
    numbers = [int(name[1:]) for name in names]
    if numbers and numbers[0] != 1:
        checked.say("E009", f"the first version is {names[0]}")
    if any(after != before + 1 for before, after in pairwise(numbers)):
        checked.say("E010", "the version numbers have a gap")
    padded = [name for name in names if name.startswith("v0")]
    if padded:
        checked.say("W001", "version names should not be padded with zeros")
        if len(padded) < len(names) or len({len(name) for name in names}) > 1:
            checked.say("E011", "padded and unpadded version names are mixed")
            checked.say("E012", "all version names must follow one convention")
            checked.say("E013", "a new version must follow the convention of the earlier ones")
    if names:
        checked.newest = names[-1]


def _check_version(checked: Checked, name: str, block: dict[str, Any]) -> None:
    if "created" not in block:
        checked.say("E048", f"{name} does not say when it was created")
    elif not _is_rfc3339(block["created"]):
        checked.say("E049", f"{name}: {block['created']!r} is not a date with time, seconds and zone (RFC 3339)")
    if "state" not in block:
        checked.say("E048", f"{name} has no state")
    if "message" not in block:
        checked.say("W007", f"{name} has no message")
    elif not isinstance(block["message"], str):
        checked.say("E094", f"{name}: the message must be a text")
    if "user" not in block:
        checked.say("W007", f"{name} has no user")
    else:
        _check_user(checked, name, block["user"])
    for key in sorted(set(block) - {"created", "state", "message", "user"}):
        checked.say("E102", f"{name}: a version has no key {key!r}")


def _check_user(checked: Checked, name: str, user: Any) -> None:
    if not isinstance(user, dict) or not isinstance(user.get("name"), str) or not user["name"]:
        checked.say("E054", f"{name}: a user is a JSON object with a name")
    elif "address" not in user:
        checked.say("W008", f"{name}: the user should have an address")
    elif not isinstance(user["address"], str):
        checked.say("E054", f"{name}: the user's address must be a text")
    elif not _URI.fullmatch(user["address"]):
        checked.say("W009", f"{name}: the user's address should be a URI")


def _check_head(checked: Checked, data: dict[str, Any]) -> None:
    if "head" not in data:
        checked.say("E036", "there is no head")
    elif checked.newest and data["head"] != checked.newest:
        checked.say("E040", f"the head is {data['head']!r}, the newest version {checked.newest!r}")


def _check_states(checked: Checked) -> None:
    used: set[str] = set()
    for name, block in checked.versions.items():
        state = block.get("state", {})
        if not isinstance(state, dict):
            checked.say("E050", f"{name}: the state must be a JSON object")
            continue
        paths: list[str] = []
        for digest, logical_paths in state.items():
            if not _is_paths(logical_paths):
                checked.say("E050", f"{name}: the value of {digest[:16]}… must be a list of paths")
                continue
            paths += logical_paths
            used.add(digest.lower())
            if digest not in checked.manifest:  # in the very same case (3.5.3.1)
                checked.say("E050", f"{name}: {digest[:16]}… is not in the manifest")
        _check_paths(checked, paths, _wrong_with_logical_path, ("E095", f"{name}: logical path"))
    for digest in checked.manifest:
        if digest.lower() not in used and checked.versions:
            checked.say("E107", f"no version uses {digest[:16]}… of the manifest")


def _check_fixity(checked: Checked, data: dict[str, Any]) -> None:
    fixity = data.get("fixity", {})
    if not isinstance(fixity, dict):
        checked.say("E111" if checked.spec == "1.1" else "E055", "the fixity block must be a JSON object")
        return
    for algorithm, block in fixity.items():
        if algorithm not in _HEX_LENGTH:
            checked.say("E056", f"{algorithm!r} is not an algorithm that the specification or its extensions know")
        elif not isinstance(block, dict):
            checked.say("E057", f"{algorithm}: digests and paths are given as a JSON object")
        else:
            digests = _check_digests(checked, block, algorithm, ("E057", "E057", "E097"))
            checked.fixity[algorithm] = digests
            paths = [path for each in digests.values() for path in each]
            _check_paths(checked, paths, _wrong_with_content_path(checked), ("E101", f"{algorithm}: content path"))


def _is_paths(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(path, str) for path in value)


def _is_rfc3339(value: Any) -> bool:
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return True

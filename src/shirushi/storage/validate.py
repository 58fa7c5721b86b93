"""Judge an OCFL object by the specification, naming its codes: E… for what must be, W… for what should be.

Reads objects of OCFL 1.0 and 1.1 whoever wrote them, in constant memory but for the inventories.
Source: https://ocfl.io/1.1/spec/ and its validation codes.
"""

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from shirushi.storage.files import CHUNK, Reading
from shirushi.storage.findings import Finding
from shirushi.storage.validate_inventory import Checked, check_inventory

_DECLARATION = re.compile(r"0=ocfl_object_(1\.[01])")
_SIDECAR = re.compile(rb"([0-9a-fA-F]+)[ \t]+inventory\.json\r?\n?")
_EXTENSIONS = {  # registered at https://ocfl.github.io/extensions/ for objects
    "0001-digest-algorithms",
    "0005-mutable-head",
    "0008-schema-registry",
    "0009-digest-algorithms",
}


@dataclass(slots=True)
class _Object:
    """What has been learnt of the object so far, and what is wrong with it."""

    files: Reading
    root: str
    findings: list[Finding]

    def say(self, code: str, place: str, message: str) -> None:
        self.findings.append(Finding(code, f"{self.root}/{place}" if self.root else place, message))

    def at(self, path: str) -> str:
        return f"{self.root}/{path}" if self.root else path


def validate_object(files: Reading, root: str, *, contents: bool = True) -> list[Finding]:
    """Everything wrong with the object at ``root``; no finding whose code begins with E means that it is valid. Without
    ``contents`` the bytes of its content files are not read."""
    this = _Object(files, root, [])
    spec = _check_declaration(this)
    inventory = _check_root_inventory(this, spec)
    if inventory is not None:
        priors = _check_version_inventories(this, inventory)
        _check_root_entries(this, inventory)
        on_disk = _check_version_folders(this, inventory)
        _check_content(this, inventory, priors, on_disk, read=contents)
    return this.findings


def _check_declaration(this: _Object) -> str:
    """Returns the version of the specification that the object claims, the newest where it claims none."""
    names = [entry.name for entry in this.files.list(this.root) if entry.name.startswith("0=")]
    claimed = [match[1] for name in names if (match := _DECLARATION.fullmatch(name))]
    if len(names) != 1:
        this.say("E003", "0=ocfl_object_1.1", f"there must be exactly one declaration, not {len(names)}")
    for name in names:
        if not _DECLARATION.fullmatch(name):
            this.say("E006", name, "the declaration must be 0=ocfl_object_ and a version of OCFL")
        elif this.files.read(this.at(name)) != name[2:].encode() + b"\n":
            this.say("E007", name, "the declaration must hold its own name after '0=' and a newline")
    return max(claimed, default="1.1")


def _check_root_inventory(this: _Object, spec: str) -> Checked | None:
    if not this.files.exists(this.at("inventory.json")):
        this.say("E063", "inventory.json", "there is no inventory")
        return None
    inventory = _read_inventory(this, "inventory.json", spec)
    if inventory is not None:
        if inventory.spec != spec:
            this.say("E038", "inventory.json", f"its type is of OCFL {inventory.spec}, the declaration says {spec}")
        _check_sidecar(this, "", inventory.algorithm)
    return inventory


def _read_inventory(this: _Object, path: str, spec: str) -> Checked | None:
    try:
        data: Any = json.loads(this.files.read(this.at(path)))
    except (ValueError, RecursionError) as error:
        this.say("E033", path, f"it is not JSON: {error}")
        return None
    checked = check_inventory(data, path, spec)
    for finding in checked.findings:
        this.say(finding.code, finding.place, finding.message)
    return checked if checked.usable else None


def _check_sidecar(this: _Object, folder: str, algorithm: str) -> None:
    inventory, name = f"{folder}inventory.json", f"{folder}inventory.json.{algorithm}"
    if not this.files.exists(this.at(name)):
        this.say("E058", name, "the inventory has no digest beside it")
        return
    match = _SIDECAR.fullmatch(this.files.read(this.at(name)))
    if match is None:
        this.say("E061", name, "it must hold a digest, white space and 'inventory.json'")
    elif match[1].decode().lower() != hashlib.new(algorithm, this.files.read(this.at(inventory))).hexdigest():
        this.say("E060", name, "the inventory's digest is another one")


def _check_root_entries(this: _Object, inventory: Checked) -> None:
    known = {"inventory.json", f"inventory.json.{inventory.algorithm}"}
    present = set()
    for entry in this.files.list(this.root):
        if entry.kind == "other":
            this.say("E090", entry.name, "links must not be used in an object")
        elif entry.kind == "file":
            if entry.name not in known and not entry.name.startswith("0="):
                this.say("E001", entry.name, "a file that does not belong in an object root")
        elif entry.name in inventory.versions:
            present.add(entry.name)
        elif entry.name == "extensions":
            _check_extensions(this)
        elif re.fullmatch(r"v\d+", entry.name):
            this.say("E046", entry.name, "a version that the inventory does not know")
        elif entry.name != "logs":
            this.say("E001", entry.name, "a folder that does not belong in an object root")
    for name in inventory.versions:
        if name not in present:
            this.say("E046", name, "a version of the inventory without its folder")
            this.say("E010", name, "the sequence of version folders has a gap")


def _check_extensions(this: _Object) -> None:
    for entry in this.files.list(this.at("extensions")):
        if entry.kind != "folder":
            this.say("E067", f"extensions/{entry.name}", "only folders of extensions belong here")
        elif entry.name not in _EXTENSIONS:
            this.say("W013", f"extensions/{entry.name}", "not a registered extension")


def _check_version_inventories(this: _Object, root: Checked) -> list[Checked]:
    """Compare each version's own inventory with the root's; returns those of the earlier versions."""
    priors: list[Checked] = []
    for name in root.versions:
        path = f"{name}/inventory.json"
        if not this.files.exists(this.at(path)):
            if this.files.exists(this.at(name)):
                this.say("W010", name, "the version has no inventory of its own")
        elif name == root.newest:
            _check_newest_inventory(this, root, path)
        elif (prior := _read_inventory(this, path, root.spec)) is not None:
            _check_sidecar(this, f"{name}/", prior.algorithm)
            _check_prior(this, name, prior, root)
            if priors and prior.spec < priors[-1].spec:
                this.say("E103", path, f"it is of OCFL {prior.spec}, an earlier version is of {priors[-1].spec}")
            priors.append(prior)
    if priors and root.spec < priors[-1].spec:
        this.say("E103", "inventory.json", f"it is of OCFL {root.spec}, an earlier version is of {priors[-1].spec}")
    return priors


def _check_newest_inventory(this: _Object, root: Checked, path: str) -> None:
    if this.files.read(this.at(path)) != this.files.read(this.at("inventory.json")):
        this.say("E064", path, "it must be the same as the one in the object root")
    else:
        _check_sidecar(this, f"{root.newest}/", root.algorithm)


def _check_prior(this: _Object, name: str, prior: Checked, root: Checked) -> None:
    path = f"{name}/inventory.json"
    if prior.object_id != root.object_id:
        this.say("E037", path, f"its object is {prior.object_id!r}, the root's is {root.object_id!r}")
    if prior.content_folder != root.content_folder:
        this.say("E019", path, "the content directory must be the same in every version")
    if prior.newest != name:
        this.say("E040", path, f"its head is {prior.newest}, but it lies in {name}")
    for version, block in prior.versions.items():
        if version not in root.versions:
            this.say("E066", path, f"it has {version}, which the root inventory does not know")
            continue
        _check_prior_state(this, path, version, prior, root)
        current = root.versions[version]
        if any(block.get(key) != current.get(key) for key in ("created", "message", "user")):
            this.say("W011", path, f"it describes {version} in other words than the root inventory")


def _check_prior_state(this: _Object, path: str, version: str, prior: Checked, root: Checked) -> None:
    """The same logical paths must lead to the same content, also where the two use different digest algorithms."""
    before, now = prior.content_of(version), root.content_of(version)
    for logical in sorted(before.keys() ^ now.keys()):
        this.say("E066", path, f"{version} has {logical!r} here or in the root inventory, not in both")
    same_algorithm = prior.algorithm == root.algorithm
    told, known = prior.digests_of(version), root.digests_of(version)
    for logical in sorted(before.keys() & now.keys()):
        if same_algorithm and told[logical] != known[logical]:
            this.say("E066", path, f"{logical!r} of {version} has another digest than in the root inventory")
        elif not before[logical] <= now[logical]:
            this.say("E066", path, f"{logical!r} of {version} lies in another file than in the root inventory")


def _check_version_folders(this: _Object, inventory: Checked) -> set[str]:
    """Check what lies in each version's folder; returns the content files found, relative to the object root."""
    found: set[str] = set()
    for name in inventory.versions:
        for entry in this.files.list(this.at(name)):
            path = f"{name}/{entry.name}"
            if entry.kind == "other":
                this.say("E090", path, "links must not be used in an object")
            elif entry.kind == "file":
                if not re.fullmatch(r"inventory\.json(\.(sha512|sha256))?", entry.name):
                    this.say("E015", path, "a file that does not belong in a version folder")
            elif entry.name != inventory.content_folder:
                this.say("W002", path, "a folder other than the content directory")
            else:
                content = _content_files(this, path, top=True)
                if not content:
                    this.say("W003", path, "an empty content directory")
                found.update(content)
    return found


def _content_files(this: _Object, folder: str, *, top: bool) -> list[str]:
    entries = this.files.list(this.at(folder))
    if not entries and not top:
        this.say("E024", folder, "an empty folder inside the content directory")
    found = []
    for entry in entries:
        path = f"{folder}/{entry.name}"
        if entry.kind == "folder":
            found += _content_files(this, path, top=False)
        elif entry.kind == "file":
            found.append(path)
        else:
            this.say("E090", path, "links must not be used in an object")
    return found


def _check_content(this: _Object, root: Checked, priors: list[Checked], on_disk: set[str], *, read: bool) -> None:
    """Compare the files with the manifests, and every digest that any inventory gives with the bytes."""
    manifested = {path for paths in root.manifest.values() for path in paths}
    for path in sorted(on_disk - manifested):
        this.say("E023", path, "a file that the manifest does not name")
    for path in sorted(manifested - on_disk):
        this.say("E092", path, "a file of the manifest that is not there")
    for prior in priors:
        known = {path for paths in prior.manifest.values() for path in paths}
        for path in sorted(path for path in on_disk - known if path.partition("/")[0] in prior.versions):
            this.say("E023", prior.path, f"its manifest does not name {path}")
    expected: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for inventory in (root, *priors):
        for algorithm, digests, code in inventory.digests():
            for digest, paths in digests.items():
                for path in paths:
                    expected[path].setdefault((algorithm, digest.lower()), code)
    for path, wanted in sorted(expected.items()):
        if path in on_disk and read:
            _check_digests(this, path, wanted)
        elif path not in on_disk and "E093" in wanted.values():
            this.say("E093", path, "a file of the fixity block that is not there")


def _check_digests(this: _Object, path: str, wanted: dict[tuple[str, str], str]) -> None:
    """Read a file once for all the algorithms wanted of it."""
    hashes = {algorithm: _new(algorithm) for algorithm, _ in wanted}
    with this.files.open(this.at(path)) as file:
        while chunk := file.read(CHUNK):
            for each in hashes.values():
                each.update(chunk)
    for (algorithm, digest), code in wanted.items():
        if hashes[algorithm].hexdigest() != digest:
            this.say(code, path, f"its {algorithm} is not {digest[:16]}…")


def _new(algorithm: str) -> "hashlib._Hash | hashlib.blake2b":
    if algorithm.startswith("blake2b-"):
        return hashlib.blake2b(digest_size=int(algorithm[8:]) // 8)
    return hashlib.new(algorithm.replace("sha512/256", "sha512_256"), usedforsecurity=False)

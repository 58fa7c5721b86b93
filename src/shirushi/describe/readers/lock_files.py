"""Versions of packages, as lock files and lists of requirements pin them.

Sources: pip's requirements file format; conda's environment.yml; renv's lock file; Julia's Manifest.toml (Pkg); Poetry's and uv's
lock files; Pipfile.lock; R's ``sessionInfo()`` as it prints.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.prose import Lines, read_text

READER = "lock-file/1"
MOST_BYTES = 2_000_000
MOST_PACKAGES = 1_000
Pin = tuple[str, str, str]
"""(name, version, how the name stands in the file)"""

_REQUIREMENT = re.compile(
    r"^\s*(?P<name>[A-Za-z0-9][\w.-]{0,100})\s*(?:\[[\w, -]{0,100}\])?\s*(?:===?\s*(?P<version>[\w.+!-]{1,60})|[<>~!]=?[^#;@]{0,100})?\s*(?:[;#\\].*)?$"
)
_CONDA = re.compile(r"^(?:[\w-]+::)?(?P<name>[A-Za-z0-9_][\w.-]{0,100})\s*(?:==?\s*(?P<version>\d[\w.+!-]{0,60}))?")
_SESSION_R = re.compile(r"^\s*R version (?P<version>\d+\.\d+\.\d+) ")
_SESSION_ITEM = re.compile(r"(?<!\S)(?P<name>[A-Za-z][\w.]{1,60})_(?P<version>\d{1,9}[.-][\d.-]{0,30})(?!\S)")


@reads("text/plain", version=1)
def read_requirements(file: File) -> Iterator[Evidence]:
    """Packages of a ``requirements*.txt``, and of what R's ``sessionInfo()`` printed into a text."""
    if file.size > MOST_BYTES:
        return
    name = PurePosixPath(file.name).name.lower()
    if re.fullmatch(r"(?:.*[-_.])?requirements(?:[-_.].*)?\.txt", name):
        yield from _requirements(Lines.of(file.name, read_text(file).text))
    elif b"R version " in file.head(65_536) and b"attached base packages" in file.head(MOST_BYTES):
        yield from _session(Lines.of(file.name, read_text(file).text))


def _session(lines: Lines) -> Iterator[Evidence]:
    """R itself and the packages attached by hand; those below ``loaded via a namespace`` nobody chose."""
    attached = False
    for number, line in enumerate(lines.lines[:5_000]):
        if found := _SESSION_R.match(line):
            place = lines.place(number, found.start("version"), number, found.end("version"))
            yield Evidence("software-used", {"name": "R", "version": found["version"]}, place, READER)
        if line.rstrip().endswith(":"):
            attached = "other attached packages" in line
        for match in _SESSION_ITEM.finditer(line) if attached and len(line) <= 1_000 else ():
            yield _pin(lines, number, match)


def _requirements(lines: Lines) -> Iterator[Evidence]:
    left = MOST_PACKAGES
    for number, line in enumerate(lines.lines[:20_000]):
        match = _REQUIREMENT.match(line) if len(line) <= 1_000 else None
        if match and (left := left - 1) >= 0:
            yield _pin(lines, number, match)


def _pin(lines: Lines, number: int, match: re.Match[str]) -> Evidence:
    place = lines.place(number, match.start("name"), number, max(match.end("name"), match.end("version")))
    value = {"name": match["name"]} | ({"version": match["version"]} if match["version"] else {})
    return Evidence("software-used", value, place, READER)


@reads("application/json", "application/yaml", "application/toml", version=1)
def read_lock(file: File) -> Iterator[Evidence]:
    """Packages of ``environment.yml``, ``renv.lock``, ``Pipfile.lock``, ``Manifest.toml``, ``poetry.lock`` and ``uv.lock``."""
    name = PurePosixPath(file.name).name.lower()
    loader = next((load for pattern, load in _LOADERS if re.fullmatch(pattern, name)), None)
    if loader is None or file.size > MOST_BYTES:
        return
    lines = Lines.of(file.name, read_text(file).text)
    try:
        pins = loader("\n".join(lines.lines))
        yield from _pinned(lines, pins)
    except (ValueError, yaml.YAMLError, RecursionError):
        return


def _pinned(lines: Lines, pins: Iterator[Pin]) -> Iterator[Evidence]:
    first: dict[str, int] = {}
    for number, line in enumerate(lines.lines):
        for word in re.findall(r"[\w.:=-]+", line[:300]):
            first.setdefault(word, number)
    for _, (name, version, spelt) in zip(range(MOST_PACKAGES), pins, strict=False):
        number = first.get(spelt, -1)
        if number >= 0:
            value = {"name": name} | ({"version": version} if version else {})
            yield Evidence("software-used", value, lines.block(number, number + 1), READER)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _conda(text: str) -> Iterator[Pin]:
    listed = _mapping(yaml.safe_load(text)).get("dependencies")
    for item in listed if isinstance(listed, list) else []:
        inner = item.get("pip") if isinstance(item, dict) else None
        for entry in inner if isinstance(inner, list) else [item]:
            pattern = _REQUIREMENT if isinstance(inner, list) else _CONDA
            match = pattern.match(entry) if isinstance(entry, str) else None
            if match:
                yield match["name"], match["version"] or "", re.findall(r"[\w.:=-]+", entry)[0]


def _renv(text: str) -> Iterator[Pin]:
    data = _mapping(json.loads(text))
    version = _mapping(data.get("R")).get("Version")
    if isinstance(version, str):
        yield "R", version, "R"
    for name, item in _mapping(data.get("Packages")).items():
        yield name, str(_mapping(item).get("Version") or ""), name


def _pipfile(text: str) -> Iterator[Pin]:
    for name, item in _mapping(_mapping(json.loads(text)).get("default")).items():
        yield name, str(_mapping(item).get("version") or "").lstrip("="), name


def _julia(text: str) -> Iterator[Pin]:
    data = tomllib.loads(text)
    version = data.get("julia_version")
    if isinstance(version, str):
        yield "Julia", version, "julia_version"
    for name, items in (_mapping(data.get("deps")) or data).items():
        first = items[0] if isinstance(items, list) and items else None
        if isinstance(first, dict) and isinstance(first.get("version"), str):
            yield name, first["version"], f"deps.{name}" if "deps" in data else name


def _poetry(text: str) -> Iterator[Pin]:
    packages = tomllib.loads(text).get("package")
    for item in packages if isinstance(packages, list) else []:
        if isinstance(_mapping(item).get("name"), str):
            yield item["name"], str(item.get("version") or ""), item["name"]


_LOADERS = (
    (r"environment\.ya?ml", _conda),
    (r"renv\.lock", _renv),
    (r"pipfile\.lock", _pipfile),
    (r"manifest\.toml", _julia),
    (r"(?:poetry|uv|pdm)\.lock", _poetry),
)

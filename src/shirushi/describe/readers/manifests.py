"""Configuration files that name and describe what they belong to: a web site's, a package's, a documentation's.

Only top-level entries (and ``project`` of a ``pyproject.toml``) with a known name are taken, as pairs: they describe a package
or a site, which may or may not be the data beside it, so that they count for less than a metadata file.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.prose import Lines, read_text

READER = "manifest/1"
MOST = 500_000
NAMES: Mapping[str, str] = {
    "title": "title", "site_name": "title", "sitename": "title", "site_title": "title", "name": "name", "description": "description",
    "site_description": "description", "tagline": "description", "abstract": "description", "summary": "description",
    "keywords": "keywords", "tags": "keywords", "topics": "keywords", "author": "author", "authors": "authors", "site_author": "author",
    "creators": "authors", "maintainers": "maintainers", "license": "license", "licence": "license", "version": "version",
    "funding": "funding", "doi": "doi",
}  # fmt: skip
_FILES = re.compile(
    r"^(?:_config|mkdocs|myst|_quarto|_bookdown|config|conf|hugo|package|composer|pyproject|project|description|metadata|meta|info|dataset|manifest)"
    r"\.(?:ya?ml|toml|json)$",
    re.IGNORECASE,
)


@reads("application/json", "application/yaml", "application/toml")
def read_manifest(file: File) -> Iterator[Evidence]:
    """Pairs of a manifest: a file with such a name, at most two folders deep."""
    path = PurePosixPath(file.name)
    if not _FILES.match(path.name) or len(path.parts) > 3 or file.size > MOST:
        return
    text = read_text(file).text
    data = _load(text, path.suffix.lower())
    if not isinstance(data, Mapping):
        return
    if path.name.lower() == "pyproject.toml" and isinstance(data.get("project"), Mapping):
        data = data["project"]
    if path.name.lower() == "myst.yml" and isinstance(data.get("project"), Mapping):
        data = data["project"]
    lines = Lines.of(file.name, text)
    for key, value in data.items():
        name = NAMES.get(str(key).lower())
        plain = _plain(value)
        if name and plain not in (None, "", [], {}):
            number = _line(lines, str(key))
            place = lines.block(number, number + 1)
            yield Evidence("key-value", {"key": name, "value": plain, "section": "manifest"}, place, READER)


def _load(text: str, suffix: str) -> Any:
    try:
        if suffix == ".json":
            return json.loads(text)
        if suffix == ".toml":
            return tomllib.loads(text)
        return yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        return None


def _plain(value: Any) -> JSON:
    """Strings, lists of strings or of small mappings; anything deeper is left out."""
    if isinstance(value, str):
        return value.strip()[:5_000]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        return [
            v if isinstance(v, str) else {str(k): str(x) for k, x in v.items()}
            for v in value
            if isinstance(v, str | dict)
        ][:100]
    if isinstance(value, dict) and isinstance(value.get("name") or value.get("text"), str):
        return str(value.get("name") or value["text"])
    return None


def _line(lines: Lines, key: str) -> int:
    """The first line on which the key stands as a key."""
    pattern = re.compile(rf"""^\s*["']?{re.escape(key)}["']?\s*[:=]""")
    return next((n for n, line in enumerate(lines.lines) if pattern.match(line)), 0)

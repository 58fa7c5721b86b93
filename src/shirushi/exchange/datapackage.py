"""Data Package 2.0 (``datapackage.json``) from a Publication: its files as resources, tables with their schema.

Names and required properties are chosen so that readers of version 1 accept it too. Source: Data Package standard 2.0.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from shirushi.exchange.common import PLAIN_ENCODINGS, best_url, compact, issued, public_media_type, rights_url
from shirushi.exchange.errors import Missing, NotExportable
from shirushi.exchange.pieces import Each, Files, to_pieces
from shirushi.metadata.published import FileEntry, Publication, TableForm
from shirushi.metadata.work import Contributor, Creator, Rights, Variable

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TABULAR = frozenset({"text/csv", "text/tab-separated-values"})

Node = dict[str, Any]


def to_json(publication: Publication) -> bytes:
    return json.dumps(document(publication), ensure_ascii=False, indent=2).encode()


def pieces(publication: Publication, files: Files) -> Iterator[bytes]:
    """The bytes of :func:`to_json` in pieces, for any number of files. Raises as :func:`document`."""
    return to_pieces(_described(publication, files) | {"resources": Each(lambda: _resources(publication, files))})


def document(publication: Publication) -> Node:
    """The record as a Data Package descriptor.

    Raises:
        NotExportable: when it has no file, because a Data Package holds at least one resource.
    """

    def files() -> list[FileEntry]:
        return publication.files

    return _described(publication, files) | {"resources": list(_resources(publication, files))}


def _described(publication: Publication, files: Files) -> Node:
    """All but the resources, which come last."""
    if not any(_may_be_named(entry) for entry in files()):
        raise NotExportable([Missing("/files", "a Data Package needs at least one file; add the data and try again")])
    work = publication.work
    return compact(
        {
            "$schema": PROFILE,
            "name": _package_name(publication),
            "id": best_url(publication),
            "title": work.title(),
            "description": work.description(),
            "homepage": publication.url,
            "version": work.version or str(publication.number),
            "created": _moment(publication),
            "keywords": [subject.text for subject in work.subjects],
            "licenses": [_licence(rights) for rights in work.rights if rights.id or rights_url(rights)],
            "contributors": [_person(agent) for agent in [*work.creators, *work.contributors]],
        }
    )


def slug(text: str) -> str:
    """``text`` in the letters that version 1 allows in a name: a-z, 0-9, ``.``, ``_`` and ``-``."""
    return re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-.")


def _package_name(publication: Publication) -> str:
    identifier = publication.identifier
    return slug(identifier.value if identifier else publication.work.title()) or "data-package"


def _moment(publication: Publication) -> str | None:
    """When the descriptor's content was made public: a full RFC 3339 moment, or nothing for a date less exact than a day."""
    if publication.published_at:
        return publication.published_at.isoformat()
    day = issued(publication)
    return f"{day}T00:00:00Z" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) else None


def _licence(rights: Rights) -> Node:
    return compact({"name": rights.id, "path": rights_url(rights), "title": rights.text})


def _person(agent: Creator) -> Node:
    role = agent.role if isinstance(agent, Contributor) else "creator"
    return compact(
        {
            "title": agent.name,
            "givenName": agent.given_name,
            "familyName": agent.family_name,
            "path": f"https://orcid.org/{agent.orcid}" if agent.orcid else agent.ror,
            "organization": agent.affiliations[0].name if agent.affiliations else None,
            "roles": [role],
        }
    )


def _resources(publication: Publication, files: Files) -> Iterator[Node]:
    names: dict[str, int] = {}
    columns: defaultdict[str, list[Variable]] = defaultdict(list)
    for variable in publication.work.variables:
        if variable.file and not variable.part:
            columns[variable.file].append(variable)
    return (_resource(entry, columns.get(entry.path, []), names) for entry in files() if _may_be_named(entry))


def _may_be_named(entry: FileEntry) -> bool:
    """Hidden files and names with a tilde before are no resources: the standard forbids such paths, as unsafe."""
    return bool(entry.url) or not any(part.startswith((".", "~")) for part in entry.path.split("/"))


def _resource(entry: FileEntry, columns: list[Variable], names: dict[str, int]) -> Node:
    table = {"type": "table", **_written(entry.table), "schema": {"fields": _fields(columns, entry.table)}}
    return compact(
        {
            "name": _unique(slug(entry.path) or "file", names),
            "path": entry.url or entry.path,
            "title": entry.path,
            "format": PurePosixPath(entry.path).suffix.lstrip(".").lower(),
            "mediatype": public_media_type(entry),
            "bytes": entry.size,
            "hash": f"sha256:{entry.sha256}" if entry.sha256 else None,
            **(table if columns and entry.media_type in _TABULAR else {}),
        }
    )


def _written(table: TableForm | None) -> Node:
    """Encoding and dialect, where they are not what the standard takes for granted."""
    if table is None:
        return {}
    dialect: Node = {}
    if table.delimiter != ",":
        dialect["delimiter"] = table.delimiter
    if table.header_row is None:
        dialect["header"] = False
    elif table.header_row > 1:
        dialect["headerRows"] = [table.header_row]
    return compact({"encoding": None if table.encoding in PLAIN_ENCODINGS else table.encoding, "dialect": dialect})


def _fields(columns: list[Variable], table: TableForm | None) -> list[Node]:
    """One field for each column as it stands; a name that stands twice gets a number, as readers of tables do."""
    if table is None or not table.header:
        return [_field(column, formatted=False) for column in columns]
    known: dict[str, list[Variable]] = {}
    for column in columns:
        known.setdefault(column.name, []).append(column)
    formatted, times = set(table.formatted), Counter[str]()
    fields = []
    for name in table.header:
        own = known.get(name) or [Variable(name=name or "column")]
        field = _field(own[min(times[name], len(own) - 1)], formatted=name in formatted)
        times[name] += 1
        fields.append({**field, "name": f"{name}{times[name]}"} if times[name] > 1 else field)
    return fields


def _unique(name: str, names: dict[str, int]) -> str:
    """``name``, or ``name-2``, ``name-3``, … when it has been given away. ``names`` holds those given, each with the last number tried for
    it: of 100,000 files of one name none is tried again."""
    given, number = name, names.get(name, 1)
    while given in names:
        number += 1
        given = f"{name}-{number}"
    if given != name:
        names[name] = number
    names[given] = 1
    return given


def _field(column: Variable, *, formatted: bool) -> Node:
    """One column. Its unit has no property in Table Schema; ``unit`` is an addition that readers may ignore. Numbers that are
    not written plainly are ``any``: their signs for thousands and decimals are not known here."""
    kind = column.type or "any"
    if formatted and kind in {"integer", "number"}:
        kind = "any"
    has_order = kind in {"integer", "number"}
    bounds = {"minimum": column.minimum, "maximum": column.maximum} if has_order else {}
    numbers = {key: value for key, value in bounds.items() if isinstance(value, int | float)}
    return compact(
        {
            "name": column.name,
            "type": kind,
            # Without a format Table Schema expects ISO 8601, which tables seldom write; how this column does is not known here.
            "format": "any" if kind in {"date", "datetime", "time"} else None,
            "title": column.label,
            "description": column.description,
            "unit": column.unit,
            "observedRange": [numbers["minimum"], numbers["maximum"]] if len(numbers) == 2 else None,
        }
    )

"""Croissant 1.1 from a Publication: files with checksums, and the columns of its tables as record sets that load.

Croissant can extract columns from delimited text; variables of other formats (netCDF, HDF5, workbooks) stay schema.org's
``variableMeasured``. Source: Croissant format specification 1.1 (2026-01-29).
"""

import json
from typing import Any
from urllib.parse import quote

from shirushi.exchange import bibtex, schema_org
from shirushi.exchange.common import PLAIN_ENCODINGS, UNAVAILABLE, compact, public_media_type
from shirushi.exchange.xmltools import uri
from shirushi.metadata.published import FileEntry, Publication, TableForm
from shirushi.metadata.work import Variable

Node = dict[str, Any]

CONFORMS_TO = "http://mlcommons.org/croissant/1.1"

# The context of the specification's appendix 1; http://schema.org/ there and https://schema.org/ here are one vocabulary to
# the reference validator, which expects the latter.
_TERMS = (
    "annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes", "extract", "field",
    "fileProperty", "fileObject", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
    "parentField", "path", "recordSet", "references", "regex", "readLines", "repeated", "replace", "samplingRate", "sdVersion",
    "separator", "source", "subField", "transform", "unArchive", "value",
)  # fmt: skip
CONTEXT: Node = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _TERMS},
}

_EXTRACTABLE = {"text/csv": ",", "text/tab-separated-values": "\t"}
_DATA_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
    "time": "sc:Time",
}


def to_json(publication: Publication) -> bytes:
    return json.dumps(document(publication), ensure_ascii=False, indent=2).encode()


def document(publication: Publication) -> Node:
    """The record as a Croissant dataset, with a record set for every table that has described columns.

    Keywords are plain words: the specification allows DefinedTerm, its reference validator (mlcroissant 1.1.1) does not.
    """
    described: Node = _anonymous(schema_org.described(publication))
    described |= {
        "@type": "sc:Dataset",
        "name": described.get("name") or UNAVAILABLE,
        "description": described.get("description") or UNAVAILABLE,
        "conformsTo": CONFORMS_TO,
        "citeAs": bibtex.entry(publication),
        "keywords": [subject.text for subject in publication.work.subjects],
    }
    parts = {"distribution": [_file(entry) for entry in publication.files], "recordSet": _record_sets(publication)}
    return {"@context": CONTEXT, **compact(described | parts)}


def _anonymous(value: Any) -> Any:
    """The value without ``@id``, which the reference validator refuses in many places (white space, one node described twice). An
    address that would be lost with it becomes the node's ``url``."""
    if isinstance(value, list):
        return [_anonymous(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    address = str(value.get("@id", ""))
    kept = {key: _anonymous(entry) for key, entry in value.items() if key != "@id"}
    if address.startswith(("http://", "https://")) and address not in kept.values() and "url" not in kept:
        kept["url"] = address
    return kept


def _file(entry: FileEntry) -> Node:
    return {
        "@type": "cr:FileObject",
        "@id": _id(entry.path),
        "name": entry.path,
        "contentUrl": uri(entry.url) if entry.url else quote(entry.path),
        "contentSize": f"{entry.size} B",
        "encodingFormat": public_media_type(entry),
        "sha256": entry.sha256,
    }


def _record_sets(publication: Publication) -> list[Node]:
    tables = {entry.path: entry.table for entry in publication.files if _loads(entry)}
    columns: dict[str, list[Variable]] = {}
    for variable in publication.work.variables:
        if variable.file in tables:
            columns.setdefault(str(variable.file), []).append(variable)
    return [_record_set(path, variables, tables[path]) for path, variables in columns.items()]


def _loads(entry: FileEntry) -> bool:
    """Whether a reader of Croissant can load the table: it is told neither encoding nor delimiter nor where the header stands,
    and picks columns by name."""
    table = entry.table
    if entry.media_type not in _EXTRACTABLE or table is None:
        return entry.media_type in _EXTRACTABLE
    return (
        table.encoding in PLAIN_ENCODINGS
        and table.delimiter == _EXTRACTABLE[entry.media_type]
        and table.header_row == 1
        and len(set(table.header)) == len(table.header)
    )


def _record_set(path: str, variables: list[Variable], table: TableForm | None) -> Node:
    """Numbers and dates that are not written plainly stay text."""
    formatted = set(table.formatted) if table else set()
    variables = [v.model_copy(update={"type": "string"}) if v.name in formatted else v for v in variables]
    name = f"{_id(path)}/records"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": f"Records of {path}",
        "field": [_field(name, path, variable) for variable in _first_of_each_name(variables)],
    }


def _first_of_each_name(variables: list[Variable]) -> list[Variable]:
    """A column is extracted by its name, so a second column of the same name cannot be told apart."""
    return list({variable.name: variable for variable in reversed(variables)}.values())[::-1]


def _field(record_set: str, path: str, variable: Variable) -> Node:
    words = [variable.label, variable.description, f"[{variable.unit}]" if variable.unit else None]
    return compact(
        {
            "@type": "cr:Field",
            "@id": f"{record_set}/{quote(variable.name, safe='')}",
            "name": variable.name,
            "description": " ".join(word for word in words if word),
            "dataType": _DATA_TYPES[variable.type or "string"],
            "source": {"fileObject": {"@id": _id(path)}, "extract": {"column": variable.name}},
        }
    )


def _id(path: str) -> str:
    """A path as a relative IRI that no JSON-LD reader takes for an absolute one."""
    return "files/" + quote(path)

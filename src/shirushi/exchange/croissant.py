"""Croissant 1.1 from a Publication: files with checksums, those that were made from them, the tables as record sets that load, and
what is known for responsible AI.

Variables that are no columns of tables (netCDF, HDF5) stay schema.org's ``variableMeasured``. Source: Croissant format
specification 1.1 (2026-01-29).
"""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import quote

from shirushi.exchange import bibtex, croissant_rai, schema_org
from shirushi.exchange.common import UNAVAILABLE, compact, public_media_type
from shirushi.exchange.croissant_records import PARQUET, derived_id, file_id, record_sets
from shirushi.exchange.pieces import Each, Files, to_pieces
from shirushi.exchange.xmltools import uri
from shirushi.metadata.published import DerivedFile, FileEntry, Publication

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
    "prov": "http://www.w3.org/ns/prov#",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _TERMS},
}


def to_json(publication: Publication) -> bytes:
    return json.dumps(document(publication), ensure_ascii=False, indent=2).encode()


def pieces(publication: Publication, files: Files) -> Iterator[bytes]:
    """The bytes of :func:`to_json` in pieces, for any number of files. What ``publication`` itself holds of them is not looked at."""
    distribution = Each(lambda: _distribution(publication, files))
    return to_pieces(_document(publication, distribution, Each(lambda: record_sets(publication, files))))


def document(publication: Publication) -> Node:
    """The record as a Croissant dataset, with a record set for every table that a program can load. Of closed files neither: a FileObject
    must have its address and its digest. Their variables stand in ``variableMeasured``.

    Keywords are plain words: the specification allows DefinedTerm, its reference validator (mlcroissant 1.1.1) does not.
    """
    distribution = list(_distribution(publication, lambda: publication.files))
    return _document(publication, distribution, list(record_sets(publication)))


def _document(publication: Publication, distribution: list[Node] | Each, sets: list[Node] | Each) -> Node:
    responsible = croissant_rai.fields(publication)
    described: Node = _anonymous(schema_org.described(publication))
    described |= {
        "@type": "sc:Dataset",
        "name": described.get("name") or UNAVAILABLE,
        "description": described.get("description") or UNAVAILABLE,
        "conformsTo": [CONFORMS_TO, croissant_rai.CONFORMS_TO] if responsible else CONFORMS_TO,
        "citeAs": bibtex.entry(publication),
        "version": publication.work.version or f"{publication.number}.0.0",
        "keywords": [subject.text for subject in publication.work.subjects],
    }
    if publication.card_url:
        about = described.get("subjectOf") or []
        card = {"@type": "sc:DigitalDocument", "name": "Data card", "url": publication.card_url}
        described["subjectOf"] = [*(about if isinstance(about, list) else [about]), card]
    parts = {"distribution": distribution, "recordSet": sets}
    if publication.ask_url:  # a FileObject needs its address and its digest, and records need a FileObject
        parts = {"distribution": [], "recordSet": []}
    return {"@context": CONTEXT, **compact(described | responsible | parts)}


def _distribution(publication: Publication, files: Files) -> Iterator[Node]:
    return chain(map(_file, files()), map(_derived, publication.derived))


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
        "@id": file_id(entry.path),
        "name": entry.path,
        "contentUrl": uri(entry.url) if entry.url else quote(entry.path),
        "contentSize": f"{entry.size} B",
        "encodingFormat": public_media_type(entry),
        "sha256": entry.sha256,
    }


def _derived(made: DerivedFile) -> Node:
    """A derived file, marked as one: what it was made from, and by what."""
    sheet = f", sheet {made.part}" if made.part else ""
    form = (
        "Parquet" if made.kind == "parquet" else f"Zarr (format version 2, in a ZIP; to be opened at {made.store_url})"
    )
    return {
        "@type": "cr:FileObject",
        "@id": derived_id(made.path),
        "name": made.path,
        "description": (
            f"{form}, derived from {made.derived_from}{sheet} (SHA-256 {made.derived_from_sha256}) by {made.made_with}. It is no part of "
            "what was published, and is made again from it."
        ),
        "contentUrl": uri(made.url) if made.url else quote(made.path),
        "contentSize": f"{made.size} B",
        "encodingFormat": PARQUET if made.kind == "parquet" else made.media_type,
        "sha256": made.sha256,
        "prov:wasDerivedFrom": {"@id": file_id(made.derived_from)},
    }

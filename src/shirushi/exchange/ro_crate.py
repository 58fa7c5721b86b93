"""RO-Crate 1.2 metadata (``ro-crate-metadata.json``) from a Publication: the schema.org description, laid flat.

A file that can be downloaded is a web-based data entity under its address; one that cannot is a path beside the metadata, so
that the document describes the folder it is saved in.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any
from urllib.parse import quote

from shirushi.exchange import schema_org
from shirushi.exchange.common import (
    UNAVAILABLE,
    best_url,
    compact,
    pronom_url,
    public_media_type,
    rights_name,
    rights_url,
)
from shirushi.exchange.xmltools import uri
from shirushi.metadata.published import DerivedFile, FileEntry, Publication
from shirushi.metadata.work import Rights

Node = dict[str, Any]

PROFILE = "https://w3id.org/ro/crate/1.2"
DESCRIPTOR = "ro-crate-metadata.json"


def to_json(publication: Publication) -> bytes:
    return json.dumps(document(publication), ensure_ascii=False, indent=2).encode()


def document(publication: Publication) -> Node:
    """The crate: its descriptor, the root dataset, each file, and everything they refer to as entities of their own."""
    graph = _Graph()
    graph.add(
        {
            "@id": DESCRIPTOR,
            "@type": "CreativeWork",
            "conformsTo": {"@id": PROFILE},
            "about": {"@id": "./"},
        }
    )
    root = _root(publication)
    if publication.ask_url:
        publication = publication.model_copy(update={"files": [on_page(e, publication) for e in publication.files]})
    parts = [*map(file_id, publication.files), *map(_derived_id, publication.derived)]
    root["hasPart"] = [{"@id": part} for part in parts] + _listed(root.get("hasPart"))
    graph.flatten(root)
    for entry in publication.files:
        graph.add(_file(entry))
        if address := pronom_url(entry):
            graph.add({"@id": address, "@type": "WebPage", "name": _format_name(entry)})
    _add_derived(graph, publication)
    return {"@context": f"{PROFILE}/context", "@graph": list(graph.entities.values())}


def pieces(publication: Publication, files: Callable[[], Iterable[FileEntry]]) -> Iterator[bytes]:
    """The crate in pieces, for any number of files: ``files`` is called twice and gives the same ones each time. What ``publication``
    itself holds of them is not looked at. The graph is the one of :func:`document`."""
    head = document(publication.model_copy(update={"files": []}))
    yield f'{{"@context": {json.dumps(head["@context"])}, "@graph": [\n'.encode()
    root = next(entity for entity in head["@graph"] if entity["@id"] == "./")
    for entity in head["@graph"]:
        if entity is not root:
            yield _line(entity) + b",\n"
    known = {entity["@id"] for entity in head["@graph"]}
    for entry in files():
        yield _line(_file(entry)) + b",\n"
        address = pronom_url(entry)
        if address and address not in known:
            known.add(address)
            yield _line({"@id": address, "@type": "WebPage", "name": _format_name(entry)}) + b",\n"
    others = [_line(part) for part in root.pop("hasPart", [])]
    yield _line(root)[:-1] + b', "hasPart": ['
    first = True
    for part in chain((_line({"@id": file_id(entry)}) for entry in files()), others):
        yield part if first else b"," + part
        first = False
    yield b"]}]}\n"


def _line(entity: Node) -> bytes:
    return json.dumps(entity, ensure_ascii=False).encode()


def file_id(entry: FileEntry) -> str:
    """The address of a file, or its path percent-encoded. A path that could pass for an address gets ``./`` in front."""
    if entry.url:
        return uri(entry.url)
    path = quote(entry.path)
    return f"./{path}" if path in {DESCRIPTOR, "."} or path.startswith(("/", "#")) else path


def on_page(entry: FileEntry, publication: Publication) -> FileEntry:
    """A file that whoever gets the crate may not have: named by a place on the record's page, which says how to get at it, rather than by
    an address that would turn them away (RO-Crate 1.2, "Web-based Data Entities")."""
    return entry.model_copy(update={"url": f"{publication.url or best_url(publication)}#{quote(entry.path)}"})


def _root(publication: Publication) -> Node:
    """The root data entity: always a Dataset, with the four properties that RO-Crate demands of it."""
    root = schema_org.described(publication)
    kind = root["@type"]
    for action in _listed(root.get("mentions")):
        if action["@type"] == "CreateAction":
            action["result"] = {"@id": "./"}
    return root | {
        "@id": "./",
        "@type": "Dataset",
        "additionalType": _listed(root.get("additionalType")) + ([kind] if kind != "Dataset" else []),
        "url": publication.url or best_url(publication),
        "name": root.get("name") or UNAVAILABLE,
        "description": root.get("description") or UNAVAILABLE,
        "license": [_licence(rights) for rights in publication.work.rights] or UNAVAILABLE,
    }


def _licence(rights: Rights) -> Node:
    return compact(
        {
            "@id": rights_url(rights),
            "@type": "CreativeWork",
            "name": rights_name(rights),
            "description": rights_name(rights),
            "identifier": rights.id,
        }
    )


def _file(entry: FileEntry) -> Node:
    pronom = pronom_url(entry)
    return compact(
        {
            "@id": file_id(entry),
            "@type": "File",
            "name": entry.path,
            "encodingFormat": [public_media_type(entry), {"@id": pronom}] if pronom else public_media_type(entry),
            "contentSize": str(entry.size),
            "sha256": entry.sha256,
        }
    )


def _derived_id(made: DerivedFile) -> str:
    return uri(made.url) if made.url else quote(f"derived/{made.path}")


def _add_derived(graph: "_Graph", publication: Publication) -> None:
    """What was made from the files, each with the action that made it (RO-Crate 1.2, "Provenance of entities")."""
    sources = {entry.path: file_id(entry) for entry in publication.files}
    for made in publication.derived:
        own, tool = _derived_id(made), f"#{quote(made.made_with, safe='')}"
        source = {"@id": sources[made.derived_from]} if made.derived_from in sources else None
        sheet = f", sheet {made.part}" if made.part else ""
        graph.add({"@id": tool, "@type": "SoftwareApplication", "name": made.made_with})
        graph.add(
            compact(
                {
                    "@id": own,
                    "@type": "File",
                    "name": made.path,
                    "description": f"Derived from {made.derived_from}{sheet}; no part of what was published.",
                    "encodingFormat": made.media_type,
                    "contentSize": str(made.size),
                    "sha256": made.sha256,
                    "isBasedOn": source,
                }
            )
        )
        graph.flatten(
            {
                "@type": "CreateAction",
                "name": f"Made {made.path} from {made.derived_from}",
                "object": source,
                "result": {"@id": own},
                "instrument": {"@id": tool},
            }
        )


def _format_name(entry: FileEntry) -> str:
    return " ".join(part for part in (entry.pronom_format or f"PRONOM {entry.puid}", entry.pronom_version) if part)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


class _Graph:
    """Entities by their ``@id``; two descriptions of the same one are united, the first value of a property winning."""

    def __init__(self) -> None:
        self.entities: dict[str, Node] = {}
        self._count: dict[str, int] = {}

    def add(self, entity: Node) -> Node:
        """Keep a flat entity and return the reference to it."""
        known = self.entities.setdefault(entity["@id"], {})
        for key, value in entity.items():
            known.setdefault(key, value)
        return {"@id": entity["@id"]}

    def flatten(self, entity: Node) -> Node:
        """Keep an entity and all that it holds, each under an ``@id`` of its own; return the reference to it."""
        name = uri(entity["@id"]) if "@id" in entity else self._name(str(entity["@type"]))
        flat = {"@id": name} | {key: self._flat(value) for key, value in entity.items() if key != "@id"}
        return self.add(compact(flat))

    def _flat(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._flat(entry) for entry in value]
        if isinstance(value, dict) and "@type" in value:
            return self.flatten(value)
        return value

    def _name(self, kind: str) -> str:
        """A name for what has no identifier: ``#person-1``, ``#person-2``, …"""
        self._count[kind] = self._count.get(kind, 0) + 1
        return f"#{kind.lower()}-{self._count[kind]}"

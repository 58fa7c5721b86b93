"""RO-Crate 1.2 metadata (``ro-crate-metadata.json``) from a Publication: the schema.org description, laid flat.

A file that can be downloaded is a web-based data entity under its address; one that cannot is a path beside the metadata, so
that the document describes the folder it is saved in.
"""

import json
from collections.abc import Iterator, Mapping
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
from shirushi.exchange.pieces import Each, Files, to_pieces
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
    if publication.ask_url:
        publication = publication.model_copy(update={"files": [on_page(e, publication) for e in publication.files]})
    graph = _described(publication, [{"@id": file_id(entry)} for entry in publication.files])
    for entry in publication.files:
        for entity in _of_file(entry):
            graph.add(entity)
    _add_derived(graph, publication, {entry.path: file_id(entry) for entry in publication.files})
    return {"@context": f"{PROFILE}/context", "@graph": list(graph.entities.values())}


def pieces(publication: Publication, files: Files) -> Iterator[bytes]:
    """The bytes of :func:`to_json` in pieces, for any number of files, which have the addresses that the crate shall name. What
    ``publication`` itself holds of them is not looked at; of all that were given, the names alone are held."""
    graph = _described(publication, [])
    root, before = graph.entities["./"], set(graph.entities)
    derived, sources = {made.derived_from for made in publication.derived}, dict[str, str]()
    names = []
    for entry in files():
        names.append(file_id(entry))
        if entry.path in derived:
            sources[entry.path] = names[-1]
        for entity in _of_file(entry):
            if entity["@id"] in before:  # told of already, as a related work perhaps
                graph.add(entity)
    _add_derived(graph, publication, sources)
    others = root.get("hasPart", [])
    root["hasPart"] = Each(lambda: chain(({"@id": name} for name in names), others))

    def entities() -> Iterator[Node]:
        known = set(before)  # and the formats, which many files share
        yield from (graph.entities[name] for name in graph.entities if name in before)
        for entry in files():
            file, *pages = _of_file(entry)
            if file["@id"] not in before:
                yield file
            for page in pages:
                if page["@id"] not in known:
                    known.add(page["@id"])
                    yield page
        yield from (graph.entities[name] for name in graph.entities if name not in before)

    return to_pieces({"@context": f"{PROFILE}/context", "@graph": Each(entities)})


def _described(publication: Publication, parts: list[Node]) -> "_Graph":
    """What there is before the files, of which ``parts`` are the references."""
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
    made = [{"@id": _derived_id(made)} for made in publication.derived]
    root["hasPart"] = parts + made + _listed(root.get("hasPart"))
    graph.flatten(root)
    return graph


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


def _of_file(entry: FileEntry) -> list[Node]:
    """The file, and the page of its format where that is known."""
    pronom = pronom_url(entry)
    file = compact(
        {
            "@id": file_id(entry),
            "@type": "File",
            "name": entry.path,
            "encodingFormat": [public_media_type(entry), {"@id": pronom}] if pronom else public_media_type(entry),
            "contentSize": str(entry.size),
            "sha256": entry.sha256,
        }
    )
    return [file, {"@id": pronom, "@type": "WebPage", "name": _format_name(entry)}] if pronom else [file]


def _derived_id(made: DerivedFile) -> str:
    return uri(made.url) if made.url else quote(f"derived/{made.path}")


def _add_derived(graph: "_Graph", publication: Publication, sources: Mapping[str, str]) -> None:
    """What was made from the files, each with the action that made it (RO-Crate 1.2, "Provenance of entities"). ``sources`` are the names
    of those files by their paths."""
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

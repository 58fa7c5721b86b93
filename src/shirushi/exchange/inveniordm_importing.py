"""A published record of InvenioRDM or Zenodo as it is imported: the record JSON of its REST, and Zenodo's older form of it.

Sources: InvenioRDM's record JSON schema v6 (definitions in invenio-rdm-records); Zenodo's REST documentation for the older form
(``https://developers.zenodo.org``), in which metadata have ``keywords``, ``license`` and ``resource_type.type``.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from shirushi.exchange import inveniordm_reading
from shirushi.exchange.common import compact
from shirushi.exchange.errors import NotReadable
from shirushi.exchange.imported import (
    Imported,
    Node,
    SourceFile,
    Untaken,
    built,
    checksum,
    known,
    left,
    nodes,
    rest_of,
    text_of,
    whole_number,
)
from shirushi.metadata.fields import Text2
from shirushi.metadata.work import Work

JSON = Any

# What the two say beside the metadata: about their own house, not about the work.
_OUTSIDE = {
    "$schema", "access", "bucket", "conceptdoi", "conceptrecid", "created", "deletion_status", "doi", "doi_url", "expanded", "files",
    "id", "is_draft", "is_published", "links", "media_files", "metadata", "modified", "owner", "owners", "parent", "pids",
    "record_id", "recid", "revision", "revision_id", "state", "stats", "status", "submitted", "swh", "title", "ui", "updated",
    "version_id", "versions", "custom_fields",
}  # fmt: skip
_OLD = {
    "access_conditions", "access_right", "access_right_category", "alternate_identifiers", "contributors", "creators", "dates",
    "description", "doi", "embargo_date", "grants", "imprint_publisher", "keywords", "language", "license", "locations", "method",
    "notes", "prereserve_doi", "publication_date", "publication_type", "image_type", "related_identifiers", "relations",
    "resource_type", "subjects", "title", "upload_type", "version",
}  # fmt: skip
_CLOSED = Text2(
    "The record itself is closed at its source. What is written about a record is public here, so it was not taken.",
    "取り込み元で記録そのものが非公開です。ここではメタデータが公開されるため、取り込みません。",
)


def from_inveniordm(data: object) -> Imported:
    """One record.

    Raises:
        NotReadable: it is not a record's JSON, or one that is closed at its source.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("metadata"), Mapping):
        raise NotReadable("there is no object `metadata` in it, so it is not a record of InvenioRDM or Zenodo")
    untaken: list[Untaken] = []
    metadata = dict(data["metadata"])
    access = data.get("access")
    if _is_old(metadata):
        metadata, access = _renewed(metadata, untaken)
    try:
        reading = inveniordm_reading.read(compact({"metadata": metadata, "access": access}), Work())
    except inveniordm_reading.Refused as error:
        raise NotReadable(_CLOSED.en) from error
    untaken += [left(path, _at(data, path), why) for path, why in reading.untaken]
    work, unfit = built(reading.fields)
    untaken += unfit
    custom = data.get("custom_fields")
    untaken += rest_of(custom, (), "custom_fields.") if isinstance(custom, Mapping) else []
    untaken += rest_of(data, _OUTSIDE)
    parent = data["parent"] if isinstance(data.get("parent"), Mapping) else {}
    own = _doi(data) or known(data.get("doi")) or known(metadata.get("doi"))
    above = _doi(parent) or known(data.get("conceptdoi"))
    if own is not None and work.publisher is None and own.value.lower().startswith("10.5281/zenodo."):
        work = work.model_copy(update={"publisher": Work.model_validate({"publisher": {"name": "Zenodo"}}).publisher})
    host, url = _place(data)
    number = text_of(data.get("id")) or text_of(data.get("recid")) or (own.value if own else "")
    if not number:
        raise NotReadable("the record has neither an id nor a DOI, so it could not be told apart from others")
    concept = text_of(parent.get("id")) or text_of(data.get("conceptrecid"))
    return Imported(
        "inveniordm",
        f"{host}:{number}",
        work,
        own,
        f"{host}:{concept}" if concept else "",
        above,
        _ordinal(data),
        url,
        tuple(_files(data, untaken)),
        tuple(untaken),
    )


def _is_old(metadata: Node) -> bool:
    kind = metadata.get("resource_type")
    first = next(iter(nodes(metadata.get("creators"))), {})
    return (
        "upload_type" in metadata
        or (isinstance(kind, Mapping) and "type" in kind and "id" not in kind)
        or "name" in first
    )


def _doi(data: Node) -> Any:
    pids = data.get("pids")
    doi = pids.get("doi") if isinstance(pids, Mapping) else None
    return known(doi.get("identifier")) if isinstance(doi, Mapping) else None


def _place(data: Node) -> tuple[str, str | None]:
    """The source's host, and the record's page there."""
    links = data["links"] if isinstance(data.get("links"), Mapping) else {}
    for name in ("self_html", "html", "latest_html", "self"):
        address = text_of(links.get(name))
        try:
            if address and (host := urlsplit(address).hostname):
                return host, address
        except ValueError:
            continue
    return "inveniordm", None


def _ordinal(data: Node) -> int | None:
    versions = data.get("versions")
    if isinstance(versions, Mapping):
        return whole_number(versions.get("index"))
    metadata = data["metadata"]
    relations = metadata.get("relations") if isinstance(metadata.get("relations"), Mapping) else {}
    index = next((whole_number(each.get("index")) for each in nodes(relations.get("version"))), None)
    return None if index is None else index + 1


def _files(data: Node, untaken: list[Untaken]) -> list[SourceFile]:
    held = data.get("files")
    entries: Any = held
    if isinstance(held, Mapping):
        entries = held.get("entries") or []
    if isinstance(entries, Mapping):
        entries = [{"key": key, **value} for key, value in entries.items() if isinstance(value, Mapping)]
    found = []
    for node in nodes(entries):
        path = text_of(node.get("key") or node.get("filename"))
        links = node["links"] if isinstance(node.get("links"), Mapping) else {}
        size = whole_number(node.get("size")) if "size" in node else whole_number(node.get("filesize"))
        sums = checksum(node.get("checksum")) or checksum(f"md5:{node.get('checksum')}")
        url = text_of(links.get("content") or links.get("self") or links.get("download")) or None
        if path:
            found.append(SourceFile(path, size, sums, url))
        else:
            untaken.append(left("files", node))
    return found


def _at(data: object, path: str) -> object:
    for step in path.split("."):
        data = data.get(step) if isinstance(data, Mapping) else None
    return data if data is not None else path


# -- Zenodo's older form


def _renewed(old: Node, untaken: list[Untaken]) -> tuple[dict[str, JSON], Node | None]:
    """The metadata in InvenioRDM's form, and who may have the files."""
    new: dict[str, JSON] = {name: old.get(name) for name in ("title", "publication_date", "description", "version")}
    new["resource_type"] = {"id": _kind(old)}
    new["creators"] = [_agent(node) for node in nodes(old.get("creators"))]
    new["contributors"] = [
        {**_agent(node), "role": {"id": text_of(node.get("type")).lower()}} for node in nodes(old.get("contributors"))
    ]
    new["subjects"] = [{"subject": text_of(word)} for word in _list(old.get("keywords")) if text_of(word)]
    for node in nodes(old.get("subjects")):
        new["subjects"].append(compact({"subject": text_of(node.get("term")), "id": text_of(node.get("identifier"))}))
    licence = old.get("license")
    if name := text_of(licence.get("id") or licence.get("identifier") if isinstance(licence, Mapping) else licence):
        new["rights"] = [{"id": name}]
    new["additional_descriptions"] = [
        {"description": text_of(old.get(key)), "type": {"id": kind}}
        for key, kind in (("notes", "other"), ("method", "methods"))
        if text_of(old.get(key))
    ]
    new["identifiers"] = [compact({"identifier": text_of(n.get("identifier")), "scheme": n.get("scheme")}) for n in nodes(old.get("alternate_identifiers"))]  # fmt: skip
    new["related_identifiers"] = [
        compact(
            {
                "identifier": text_of(node.get("identifier")),
                "scheme": node.get("scheme"),
                "relation_type": {"id": _relation(node)},
                "resource_type": {"id": text_of(node["resource_type"])} if text_of(node.get("resource_type")) else None,
            }
        )
        for node in nodes(old.get("related_identifiers"))
    ]
    new["dates"] = [
        compact(
            {
                "date": "/".join(dict.fromkeys(text_of(n.get(end)) or ".." for end in ("start", "end"))),
                "type": {"id": text_of(n.get("type")).lower()},
                "description": n.get("description"),
            }
        )
        for n in nodes(old.get("dates"))
    ]
    new["languages"] = [{"id": text_of(old["language"])}] if text_of(old.get("language")) else []
    new["locations"] = {"features": [_place_of(node) for node in nodes(old.get("locations"))]}
    new["funding"] = [_grant(node) for node in nodes(old.get("grants"))]
    if text_of(old.get("imprint_publisher")):
        new["publisher"] = old["imprint_publisher"]
    untaken += rest_of(old, _OLD, "metadata.")
    return {name: value for name, value in new.items() if value not in (None, "", [], {"features": []})}, _access(
        old, untaken
    )


def _kind(old: Node) -> str:
    kind = old.get("resource_type")
    first = text_of(kind.get("type")) if isinstance(kind, Mapping) else text_of(old.get("upload_type"))
    second = text_of(kind.get("subtype")) if isinstance(kind, Mapping) else ""
    second = second or text_of(old.get(f"{first}_type"))
    second = second.removeprefix(f"{first}-")
    names = {"physicalobject": "physicalobject", "lesson": "lesson"}
    return f"{first}-{second}" if second and first == "publication" else names.get(first, first) or "other"


def _agent(node: Node) -> dict[str, JSON]:
    name = text_of(node.get("name"))
    family, comma, given = name.partition(",")
    person = {
        "type": "personal",
        "name": name,
        "family_name": family.strip() if comma else None,
        "given_name": given.strip() if comma else None,
        "identifiers": [{"scheme": "orcid", "identifier": text_of(node["orcid"])}]
        if text_of(node.get("orcid"))
        else None,
    }
    affiliation = text_of(node.get("affiliation"))
    return compact({"person_or_org": compact(person), "affiliations": [{"name": affiliation}] if affiliation else None})


def _relation(node: Node) -> str:
    return {"isalternateidentifier": "isidenticalto"}.get(relation := text_of(node.get("relation")).lower(), relation)


def _place_of(node: Node) -> dict[str, JSON]:
    point = [node.get("lon"), node.get("lat")]
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in point)
    return compact(
        {
            "place": text_of(node.get("place")) or text_of(node.get("description")),
            "geometry": {"type": "Point", "coordinates": point} if numbers else None,
        }
    )


def _grant(node: Node) -> dict[str, JSON]:
    funder = node["funder"] if isinstance(node.get("funder"), Mapping) else {}
    award = {
        "number": text_of(node.get("code")) or text_of(node.get("id")).rpartition("::")[2],
        "title": {"en": text_of(node.get("title"))} if text_of(node.get("title")) else None,
        "identifiers": [{"identifier": text_of(node["url"])}] if text_of(node.get("url")) else None,
    }
    name = text_of(funder.get("name")) or text_of(funder.get("acronym")) or text_of(node.get("id")).partition("::")[0]
    return {"funder": {"name": name}, "award": compact(award)}


def _access(old: Node, untaken: list[Untaken]) -> Node | None:
    right = text_of(old.get("access_right")) or "open"
    reason = text_of(old.get("access_conditions"))
    if right == "open":
        return None
    if right == "embargoed" and text_of(old.get("embargo_date")):
        embargo = {"active": True, "until": text_of(old["embargo_date"])[:10], "reason": reason or None}
        return {"files": "restricted", "embargo": compact(embargo)}
    if reason:
        untaken.append(left("metadata.access_conditions", reason))
    return {"files": "restricted"}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []

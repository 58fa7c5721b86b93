"""Zarr stores by their metadata files: arrays with shape, type, dimensions, unit; attributes as in CF. Chunks are not opened.

Sources: Zarr storage specification v2 (``.zmetadata``, ``.zarray``, ``.zattrs``) and v3 (``zarr.json``); xarray's ``_ARRAY_DIMENSIONS``.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import cf
from shirushi.describe.readers.base import File, Unreadable, reads

READER = "zarr/1"
MOST_BYTES = 20_000_000
MOST_NODES = 5_000


@reads("application/x-zarr+json")
def read_zarr(file: File) -> Iterator[Evidence]:
    """One metadata file of a store. Where the whole store's metadata stand together, single arrays are not read again."""
    if file.size > MOST_BYTES:
        raise Unreadable("too-large", f"metadata of more than {MOST_BYTES:,} bytes are not read")
    data = _json(file.head(MOST_BYTES))
    name = PurePosixPath(file.name).name
    if name == ".zmetadata":
        yield from _consolidated(file, data.get("metadata"))
    elif name == ".zarray" and not _told_above(file):
        yield from _array(file, "/", PurePosixPath(file.name).parent.name, data, _beside(file))
    elif name == ".zgroup":
        for key, value in _beside(file).items():
            yield from _attribute(file, "", key, value)
    elif name == "zarr.json":
        yield from _v3(file, data)


def _json(data: bytes) -> dict[str, JSON]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable("malformed", f"Zarr metadata are not JSON: {error}"[:200]) from error
    return found if isinstance(found, dict) else {}


def _beside(file: File) -> dict[str, JSON]:
    """The ``.zattrs`` of the same node."""
    path = file.path.with_name(".zattrs")
    try:
        return _json(path.read_bytes()) if path.is_file() and path.stat().st_size <= MOST_BYTES else {}
    except OSError:
        return {}


def _told_above(file: File) -> bool:
    depth = len(PurePosixPath(file.name).parts)
    return any((parent / ".zmetadata").is_file() for parent in list(file.path.parents)[: min(depth, 6)])


def _consolidated(file: File, nodes: JSON) -> Iterator[Evidence]:
    nodes = nodes if isinstance(nodes, Mapping) else {}
    for path, node in list(nodes.items())[:MOST_NODES]:
        owner, _, kind = str(path).rpartition("/")
        if kind == ".zarray" and isinstance(node, Mapping):
            group, _, name = owner.rpartition("/")
            attributes = nodes.get(f"{owner}/.zattrs")
            yield from _array(file, f"/{group}", name, node, attributes if isinstance(attributes, Mapping) else {})
        elif kind == ".zattrs" and f"{owner}/.zarray".lstrip("/") not in nodes and isinstance(node, Mapping):
            for key, value in node.items():
                yield from _attribute(file, owner, key, value)


def _v3(file: File, data: Mapping[str, JSON]) -> Iterator[Evidence]:
    said = data.get("attributes")
    attributes: Mapping[str, JSON] = said if isinstance(said, Mapping) else {}
    if data.get("node_type") == "array":
        yield from _array(file, "/", PurePosixPath(file.name).parent.name, data, attributes)
        return
    for key, value in attributes.items():
        yield from _attribute(file, "", key, value)


def _array(
    file: File, group: str, name: str, node: Mapping[str, JSON], attributes: Mapping[str, JSON]
) -> Iterator[Evidence]:
    shape = node.get("shape")
    if not isinstance(shape, list) or not all(isinstance(n, int) and n >= 0 for n in shape) or len(shape) > 64:
        return
    dimensions = node.get("dimension_names") or attributes.get("_ARRAY_DIMENSIONS") or []
    kind = node.get("data_type") or node.get("dtype")
    plain = {
        key: value
        for key, value in attributes.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
    array = cf.Array(
        name=name or PurePosixPath(file.name).stem,
        group=group.rstrip("/"),
        shape=tuple(shape),
        dtype=_dtype(kind),
        dimensions=tuple(str(d) for d in dimensions if d) if isinstance(dimensions, list) else (),
        attributes=plain,
    )
    yield cf.array_evidence(file.name, array, None, READER)


_KINDS = {"f": "float", "i": "int", "u": "uint", "b": "bool", "c": "complex", "S": "bytes", "U": "str", "M": "datetime", "m": "timedelta"}  # fmt: skip


def _dtype(kind: JSON) -> str:
    """``<f4`` (v2) and ``float32`` (v3) are both float32."""
    text = kind if isinstance(kind, str) else str(kind.get("name")) if isinstance(kind, Mapping) else ""
    if len(text) >= 3 and text[0] in "<>|=" and text[1] in _KINDS and text[2:].isdigit():
        return f"{_KINDS[text[1]]}{int(text[2:]) * 8}"
    return text[:40]


def _attribute(file: File, owner: str, key: str, value: JSON) -> Iterator[Evidence]:
    if key.startswith("_") or (isinstance(value, Mapping) or value in (None, "", [])):
        return
    if isinstance(value, list) and (len(value) > cf.MAX_ITEMS or any(isinstance(v, Mapping | list) for v in value)):
        return
    shown = value[: cf.MAX_ATTRIBUTE] if isinstance(value, str) else value
    yield cf.attribute(file.name, f"/{owner}" if owner else "", key, shown, READER)

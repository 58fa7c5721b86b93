"""Zarr stores by their metadata files: arrays with shape, type, dimensions, unit; attributes as in CF. Of chunks only those of
coordinates are opened (:mod:`zarr_chunks`), for the extent in space and time.

Sources: Zarr storage specification v2 (``.zmetadata``, ``.zarray``, ``.zattrs``) and v3 (``zarr.json``); xarray's ``_ARRAY_DIMENSIONS``.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import cf, zarr_chunks
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.zips import DAMAGED

READER = "zarr/2"
MOST_BYTES = 20_000_000
MOST_NODES = 5_000
MOST_ENTRIES = 1_000_000  # of a zip store
_METADATA = (".zmetadata", "zarr.json", ".zgroup", ".zarray")


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
        yield from _told(file, {}, _array(file, "/", PurePosixPath(file.name).parent.name, data, _beside(file), ""))
    elif name == ".zgroup" and not _told_above(file):
        attributes = _beside(file)
        for key, value in attributes.items():
            yield from _attribute(file, "", key, value)
        yield from _images(file, "", attributes)
    elif name == "zarr.json" and not _told_above(file):
        yield from _v3(file, data)


@reads("application/zip")
def read_zip(file: File) -> Iterator[Evidence]:
    """A whole store in one ZIP file: its metadata are read, its chunks are not. Nothing for any other ZIP."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            infos = archive.infolist()[:MOST_ENTRIES]
            inside = {i.filename: i for i in infos if i.filename.rpartition("/")[2] in (*_METADATA, ".zattrs")}
            if not any(name.rpartition("/")[2] in _METADATA for name in inside):
                return
            left = MOST_BYTES
            nodes: dict[str, JSON] = {}
            for name, info in list(inside.items())[:MOST_NODES]:
                left -= info.file_size
                if left < 0 or info.flag_bits & 1:  # too much, or encrypted
                    break
                with archive.open(info) as stream:
                    nodes[name] = _json(stream.read(info.file_size + 1))
    except DAMAGED:
        return  # the reader of archives tells of it
    yield from _store(file, nodes)


def _store(file: File, nodes: Mapping[str, JSON]) -> Iterator[Evidence]:
    """Everything that the metadata files of a store say, by their paths in it."""
    yield from _consolidated(file, nodes)
    yield from _nodes(file, {p.rpartition("/")[0]: n for p, n in nodes.items() if p.rpartition("/")[2] == "zarr.json"})


def _json(data: bytes) -> dict[str, JSON]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable("malformed", f"Zarr metadata are not JSON: {error}"[:200]) from error
    return found if isinstance(found, dict) else {}


def _beside(file: File) -> dict[str, JSON]:
    """The ``.zattrs`` of the same node."""
    path = file.path.with_name(".zattrs")
    if path.is_symlink():
        return {}
    try:
        return _json(path.read_bytes()) if path.is_file() and path.stat().st_size <= MOST_BYTES else {}
    except OSError:
        return {}


def _told_above(file: File) -> bool:
    """Whether a store's metadata stand together in a folder above: in ``.zmetadata``, or in the root's ``zarr.json``."""
    depth = min(len(PurePosixPath(file.name).parts), 8)
    above = list(file.path.parents)[:depth]
    if file.path.name != "zarr.json":
        return any((parent / ".zmetadata").is_file() for parent in above)
    return any(_tells_all(parent / "zarr.json") for parent in above[1:])


def _tells_all(path: Path) -> bool:
    """Whether a ``zarr.json`` holds those of all nodes below."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BYTES:
            return False
        return b'"consolidated_metadata"' in (data := path.read_bytes()) and bool(_together(_json(data)))
    except (OSError, Unreadable):
        return False


def _together(data: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Nodes by path, of a group whose metadata hold those of all nodes below."""
    said = data.get("consolidated_metadata")
    nodes = said.get("metadata") if isinstance(said, Mapping) else None
    return nodes if isinstance(nodes, Mapping) else {}


def _consolidated(file: File, nodes: JSON) -> Iterator[Evidence]:
    nodes = nodes if isinstance(nodes, Mapping) else {}
    arrays: list[cf.Array] = []
    root = nodes.get(".zattrs")
    for path, node in list(nodes.items())[:MOST_NODES]:
        owner, _, kind = str(path).rpartition("/")
        if kind == ".zarray" and isinstance(node, Mapping):
            group, _, name = owner.rpartition("/")
            attributes = nodes.get(f"{owner}/.zattrs")
            attributes = attributes if isinstance(attributes, Mapping) else {}
            arrays += _array(file, f"/{group}", name, node, attributes, owner)
        elif kind == ".zattrs" and f"{owner}/.zarray".lstrip("/") not in nodes and isinstance(node, Mapping):
            for key, value in node.items():
                yield from _attribute(file, owner, key, value)
            yield from _images(file, owner, node)
    yield from _told(file, root if isinstance(root, Mapping) else {}, arrays)


def _told(file: File, root: Mapping[str, JSON], arrays: list[cf.Array]) -> Iterator[Evidence]:
    """What arrays are, and where and when they lie."""
    extents = {array.path: found for array in arrays if (found := cf.extent_of(array)) is not None}
    for array in arrays:
        yield cf.array_evidence(file.name, array, extents.get(array.path), READER)
    yield from cf.space_and_time(file.name, root, arrays, extents, READER)


def _v3(file: File, data: Mapping[str, JSON]) -> Iterator[Evidence]:
    if data.get("node_type") == "array":
        yield from _nodes(file, {PurePosixPath(file.name).parent.name: data}, "")
    else:
        nodes = {str(path): node for path, node in list(_together(data).items())[:MOST_NODES]}
        yield from _nodes(file, {"": data, **nodes})


def _nodes(file: File, nodes: Mapping[str, JSON], own: str | None = None) -> Iterator[Evidence]:
    """Groups and arrays of version 3 by path. ``own``: where they lie, seen from the file, when not at their path."""
    arrays: list[cf.Array] = []
    for path, data in nodes.items():
        if isinstance(data, Mapping):
            yield from _node(file, path, data, arrays, own)
    root = nodes.get("")
    said = root.get("attributes") if isinstance(root, Mapping) else None
    yield from _told(file, said if isinstance(said, Mapping) else {}, arrays)


def _node(
    file: File, path: str, data: Mapping[str, JSON], arrays: list[cf.Array], own: str | None
) -> Iterator[Evidence]:
    """One group or array of version 3; arrays are put with the others."""
    said = data.get("attributes")
    attributes: Mapping[str, JSON] = said if isinstance(said, Mapping) else {}
    group, _, name = path.rpartition("/")
    if data.get("node_type") == "array":
        arrays += _array(file, f"/{group}", name, data, attributes, path if own is None else own)
        return
    for key, value in attributes.items():
        yield from _attribute(file, path, key, value)
    yield from _images(file, path, attributes)


def _images(file: File, path: str, attributes: Mapping[str, JSON]) -> Iterator[Evidence]:
    """OME-Zarr: the name of a multiscale image, and its axes with their units and the size of a pixel.

    Source: OME-NGFF 0.5, ``multiscales`` (inside ``ome``; before 0.5 without it)."""
    ome = attributes.get("ome")
    found = (ome if isinstance(ome, Mapping) else attributes).get("multiscales")
    for image in found[:10] if isinstance(found, list) else []:
        axes = _maps(image.get("axes")) if isinstance(image, Mapping) else []
        if not axes:
            continue
        named = ", ".join(f"{a.get('name')} ({a['unit']})" if a.get("unit") else str(a.get("name")) for a in axes[:9])
        if (name := image.get("name")) and isinstance(name, str):
            yield from _attribute(file, path, "image name", name[:300])
        yield from _attribute(file, path, "axes", named[:300])
        if scale := _scale(image.get("datasets")):
            yield from _attribute(file, path, "pixel size", scale)


def _maps(value: JSON) -> list[Mapping[str, JSON]]:
    """The objects in a list; [] for anything else."""
    return [item for item in value[:100] if isinstance(item, Mapping)] if isinstance(value, list) else []


def _scale(levels: JSON) -> list[float]:
    """The size of a pixel along each axis at the finest level, or []."""
    for step in _maps(next(iter(_maps(levels)), {}).get("coordinateTransformations")):
        scale = step.get("scale") if step.get("type") == "scale" else None
        if isinstance(scale, list) and len(scale) <= 9 and all(isinstance(n, int | float) for n in scale):
            return scale
    return []


def _array(
    file: File, group: str, name: str, node: Mapping[str, JSON], attributes: Mapping[str, JSON], path: str
) -> list[cf.Array]:
    """The array of a node, or nothing where it is none. ``path``: where its chunks lie, from the folder of the file."""
    shape = node.get("shape")
    if not isinstance(shape, list) or not all(isinstance(n, int) and n >= 0 for n in shape) or len(shape) > 64:
        return []
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
        values=partial(zarr_chunks.numbers, file.path.parent, path, node)
        if len(shape) == 1 and _is_json(file)
        else None,
    )
    return [array]


def _is_json(file: File) -> bool:
    """Whether the store is a folder: chunks inside of a ZIP are left alone."""
    return file.media_type == "application/x-zarr+json"


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

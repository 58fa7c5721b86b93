"""NIfTI-1, NIfTI-2 and Analyze 7.5 headers: dimensions, voxel size, repetition time, description.

Sources: nifti1.h and nifti2.h of the Data Format Working Group; Mayo's Analyze 7.5 header. Only the 348 or 540 bytes of
the header are read; the image is not.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.streams import Stream
from shirushi.describe.text import decode

READER = "nifti/1"
_TYPES = {2: "uint8", 4: "int16", 8: "int32", 16: "float32", 32: "complex64", 64: "float64", 128: "RGB24", 256: "int8", 512: "uint16",
    768: "uint32", 1024: "int64", 1280: "uint64", 1536: "float128", 1792: "complex128", 2304: "RGBA32", 1: "bit"}  # fmt: skip
_SPACE = {1: "m", 2: "mm", 3: "µm"}
_TIME = {8: "s", 16: "ms", 24: "µs", 32: "Hz", 40: "ppm", 48: "rad/s"}
_SCANNED = {1: "scanner", 2: "aligned", 3: "Talairach", 4: "MNI 152", 5: "template"}
_INTENTS = {2: "correlation", 3: "t test", 4: "F test", 5: "z score", 1002: "label", 1003: "neuroname", 1005: "symmetric matrix",
    1006: "displacement vector", 1007: "vector", 1008: "point set", 1009: "triangle", 1010: "quaternion", 2001: "time series",
    2003: "RGB vector", 2005: "shape"}  # fmt: skip
_DIMENSIONS = ("x", "y", "z", "t", "u", "v", "w")


@dataclass(frozen=True, slots=True)
class Header:
    """``shape`` and ``steps`` (in ``space`` for the first three, ``time`` for the fourth; units as symbols, '' when unknown)."""

    version: str
    shape: tuple[int, ...]
    steps: tuple[float, ...]
    dtype: str
    space: str
    time: str
    description: str
    intent: str
    aligned: str


@reads("application/x-nifti", "application/x-nifti+gzip", version=1)
def read_nifti(file: File) -> Iterator[Evidence]:
    """An ``array`` with its dimensions, and the header's words.

    Raises:
        Unreadable: ``truncated`` or ``malformed``.
    """
    facts = Facts(file, READER)
    data = b""
    for chunk in Stream(file, 4_096).chunks():
        data += chunk
    header = parse(data)
    value: dict[str, JSON] = {"name": "voxels", "shape": list(header.shape), "dtype": header.dtype, "group": "",
        "dimensions": list(_DIMENSIONS[: len(header.shape)])}  # fmt: skip
    shown = " × ".join(map(str, header.shape))
    yield Evidence("array", value, facts.place("dim", shown), READER)
    yield from facts.attribute("format version", header.version, path="magic")
    size = " × ".join(f"{step:g}" for step in header.steps[:3])
    yield from facts.attribute("voxel size", f"{size} {header.space}".strip(), path="pixdim")
    if len(header.shape) > 3 and header.shape[3] > 1:
        yield from facts.attribute("volumes", header.shape[3], path="dim[4]")
        if len(header.steps) > 3 and header.steps[3] > 0:
            yield from facts.attribute(
                "repetition time", f"{header.steps[3]:g} {header.time}".strip(), path="pixdim[4]"
            )
    yield from facts.attribute("descrip", header.description)
    yield from facts.attribute("intent", header.intent, path="intent_code")
    yield from facts.attribute("coordinate space", header.aligned, path="sform_code")
    name, version = _program(header.description)
    yield from facts.software(name, version, path="descrip", quote=header.description)


def _program(description: str) -> tuple[str, str]:
    """Programs that sign their images in ``descrip``: FSL5.0, ``SPM12 …``, FreeSurfer, ANTs; ('', '') for other words."""
    for name in ("FSL", "SPM", "FreeSurfer", "ANTs", "AFNI", "MRtrix", "dcm2nii", "dcm2niix", "NeuroQuant"):
        if description.startswith(name):
            rest = description[len(name) :].lstrip(" vV:").split(" ")[0]
            return name, rest if rest[:1].isdigit() else ""
    return "", ""


def parse(data: bytes) -> Header:
    """The header at the start of the bytes.

    Raises:
        Unreadable: ``truncated`` when they are too few, ``malformed`` when dimensions or type are impossible.
    """
    order = "<" if data[:4] in (b"\x5c\x01\0\0", b"\x1c\x02\0\0") else ">"
    size = int.from_bytes(data[:4], "little" if order == "<" else "big")
    if size not in (348, 540):
        raise Unreadable("malformed", "it does not start with the size of a NIfTI header")
    if len(data) < size:
        raise Unreadable("truncated", f"{len(data)} of the header's {size} bytes are there")
    return _second(data, order) if size == 540 else _first(data, order)


def _first(data: bytes, order: str) -> Header:
    dim = struct.unpack(order + "8h", data[40:56])
    kind, _ = struct.unpack(order + "2h", data[70:74])
    pixdim = struct.unpack(order + "8f", data[76:108])
    magic = data[344:348]
    named = magic[:3] in (b"n+1", b"ni1")
    (intent,) = struct.unpack(order + "h", data[68:70])
    (sform,) = struct.unpack(order + "h", data[254:256])
    version = "NIfTI-1" if named else "Analyze 7.5"
    units = data[123] if named else 2
    return _header(version, dim, pixdim, kind, units, data[148:228], intent if named else 0, sform if named else 0)


def _second(data: bytes, order: str) -> Header:
    (kind,) = struct.unpack(order + "h", data[12:14])
    dim = struct.unpack(order + "8q", data[16:80])
    pixdim = struct.unpack(order + "8d", data[104:168])
    (sform,) = struct.unpack(order + "i", data[348:352])
    units, intent = struct.unpack(order + "2i", data[500:508])
    return _header("NIfTI-2", dim, pixdim, kind, units, data[240:320], intent, sform)


def _header(
    version: str,
    dim: tuple[int, ...],
    pixdim: tuple[float, ...],
    kind: int,
    units: int,
    words: bytes,
    intent: int,
    sform: int,
) -> Header:
    rank = dim[0]
    if not 1 <= rank <= 7 or any(length < 1 for length in dim[1 : rank + 1]) or kind not in _TYPES:
        raise Unreadable("malformed", f"impossible dimensions or type of data: {list(dim)}, {kind}"[:200])
    steps = tuple(round(abs(step), 6) if isfinite(step) else 0.0 for step in pixdim[1 : rank + 1])
    return Header(
        version=version,
        shape=tuple(dim[1 : rank + 1]),
        steps=steps,
        dtype=_TYPES[kind],
        space=_SPACE.get(units & 7, ""),
        time=_TIME.get(units & 56, ""),
        description=" ".join(decode(words.split(b"\0")[0]).text.split()),
        intent=_INTENTS.get(intent, ""),
        aligned=_SCANNED.get(sform, ""),
    )

"""Microscopy in TIFF: OME-XML, and what ImageJ writes, in the description of the first page.

Sources: OME Data Model 2016-06 (Image, Pixels, Channel, Instrument, Objective, Experimenter); TIFF 6.0 and BigTIFF; ImageJ's
TIFF description (``ImageJ=…``, ``unit=…``, ``spacing=…``).
"""

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import safe_xml, stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.text import decode

READER = "ome/1"
MOST_DESCRIPTION = 16_000_000
MOST_TAGS = 500
MOST_IMAGES = 20
MOST_CHANNELS = 32
_DESCRIPTION = 270
_WIDTHS = {3: 2, 4: 4}  # SHORT and LONG, in bytes


@reads("image/tiff", version=1)
def read_ome(file: File) -> Iterator[Evidence]:
    """Channels, pixel size, acquisition date, instrument, objective and experimenter. Nothing for any other TIFF.

    Raises:
        Unreadable: ``entities``, ``malformed`` or ``too-large`` for OME-XML that is.
    """
    facts = Facts(file, READER)
    with file.open() as stream:
        tags = first_tags(stream, (_DESCRIPTION,))
    description = tags.get(_DESCRIPTION, b"").rstrip(b"\0 \r\n")
    head = description[:2_000]
    if b"<OME" in head or b"<ome:OME" in head:
        yield from _ome(facts, safe_xml.parse(description))
    elif description.startswith(b"ImageJ="):
        yield from _imagej(facts, decode(description[:4_000]).text)


def first_tags(stream: BinaryIO, wanted: tuple[int, ...]) -> dict[int, bytes]:
    """The bytes of some tags of the first page, text or a number; {} where the file breaks the format."""
    head = stream.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 16:
        return {}
    big = struct.unpack(order + "H", head[2:4])[0] == 43
    (offset,) = struct.unpack(order + "Q", head[8:16]) if big else struct.unpack(order + "I", head[4:8])
    number, entry, inline = ("Q", "2HQ", 8) if big else ("H", "2HI", 4)
    size = struct.calcsize(order + entry) + inline
    found: dict[int, bytes] = {}
    try:
        stream.seek(offset)
        (count,) = struct.unpack(order + number, stream.read(struct.calcsize(order + number)))
        entries = stream.read(size * min(count, MOST_TAGS))
        for at in range(0, len(entries) - size + 1, size):
            tag, kind, length = struct.unpack(order + entry, entries[at : at + size - inline])
            value = entries[at + size - inline : at + size]
            if tag not in wanted:
                continue
            if kind in _WIDTHS and length == 1:
                width = _WIDTHS[kind]
                found[tag] = value[:width] if order == ">" else value[:width][::-1]  # the most significant byte first
            elif kind == 2 and length <= MOST_DESCRIPTION:
                if length > inline:
                    stream.seek(struct.unpack(order + ("Q" if big else "I"), value)[0])
                    value = stream.read(length)
                found[tag] = value[:length]
    except (struct.error, OSError, ValueError, OverflowError):  # an offset beyond the file, or beyond numbers
        return found
    return found


def size_of(stream: BinaryIO) -> tuple[int, int]:
    """(width, height) in pixels of the first page; zeros where it does not say."""
    tags = first_tags(stream, (256, 257))
    return int.from_bytes(tags.get(256, b""), "big"), int.from_bytes(tags.get(257, b""), "big")


def _ome(facts: Facts, root: Any) -> Iterator[Evidence]:
    instruments = {item.get("ID"): item for item in root if safe_xml.local(item) == "Instrument"}
    for item in list(instruments.values())[:MOST_IMAGES]:
        yield from _instrument(facts, item)
    for item in [child for child in root if safe_xml.local(child) == "Experimenter"][:MOST_IMAGES]:
        yield from _experimenter(facts, item)
    images = [child for child in root if safe_xml.local(child) == "Image"]
    yield from facts.attribute("images", len(images), path="/OME/Image")
    for number, image in enumerate(images[:MOST_IMAGES], start=1):
        yield from _image(facts, image, f"/OME/Image[{number}]")
    if len(images) > MOST_IMAGES:
        yield facts.problem("too-large", f"the first {MOST_IMAGES} of {len(images)} images were read")
    creator = root.get("Creator", "")
    name, _, version = creator.partition(" ")
    yield from facts.software(name, version if version[:1].isdigit() else "", path="/OME/@Creator", quote=creator)


def _instrument(facts: Facts, item: Any) -> Iterator[Evidence]:
    """The microscope, its detectors, and the objectives as attributes."""
    for part in item:
        sort = safe_xml.local(part)
        path = f"/OME/Instrument/{sort}"
        said = {
            "manufacturer": part.get("Manufacturer", ""),
            "model": part.get("Model", ""),
            "serial_number": part.get("SerialNumber", ""),
        }
        if sort in ("Microscope", "Detector") and any(said.values()):
            yield from facts.instrument(
                path, {**said, "type": part.get("Type", "") if sort == "Detector" else "microscope"}
            )
        elif sort == "Objective":
            magnification, aperture = part.get("NominalMagnification", ""), part.get("LensNA", "")
            words = [
                said["manufacturer"],
                said["model"],
                f"{float_text(magnification)}×" if magnification else "",
                f"NA {aperture}" if aperture else "",
            ]
            yield from facts.attribute("objective", " ".join(word for word in words if word), path=path)


def float_text(text: str) -> str:
    """``63.0`` as ``63``; other words as they are."""
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


def _experimenter(facts: Facts, item: Any) -> Iterator[Evidence]:
    given, family = item.get("FirstName", ""), item.get("LastName", "")
    institution = item.get("Institution", "")
    who = stating.person(family=family, given=given, affiliations=[institution] if institution else [])
    if family:
        yield from facts.state("creators", who, "/OME/Experimenter", quote=f"{given} {family}".strip())


def _image(facts: Facts, image: Any, path: str) -> Iterator[Evidence]:
    name = image.get("Name", "")
    yield from facts.attribute("image name", name, owner=path, path=f"{path}/@Name")
    for child in image:
        sort = safe_xml.local(child)
        if sort == "AcquisitionDate":
            yield from facts.period(safe_xml.text(child), path=f"{path}/AcquisitionDate")
        elif sort == "Description":
            yield from facts.attribute(
                "image description", safe_xml.text(child), owner=path, path=f"{path}/Description"
            )
        elif sort == "Pixels":
            yield from _pixels(facts, child, f"{path}/Pixels")


def _pixels(facts: Facts, pixels: Any, path: str) -> Iterator[Evidence]:
    order = pixels.get("DimensionOrder", "")
    sizes = {axis: pixels.get(f"Size{axis}", "") for axis in "XYZCT"}
    shown = " × ".join(f"{axis} {size}" for axis, size in sizes.items() if size.isdecimal() and size != "1")
    yield from facts.attribute("pixels", f"{shown} ({pixels.get('Type', '')})", path=path, quote=order)
    for axis in "XYZ":
        if size := pixels.get(f"PhysicalSize{axis}", ""):
            unit = pixels.get(f"PhysicalSize{axis}Unit", "µm")  # the default of the schema
            yield from facts.attribute(
                f"pixel size {axis.lower()}", f"{float_text(size)} {unit}", path=f"{path}/@PhysicalSize{axis}"
            )
    if step := pixels.get("TimeIncrement", ""):
        unit = pixels.get("TimeIncrementUnit", "s")
        yield from facts.attribute("time increment", f"{float_text(step)} {unit}", path=f"{path}/@TimeIncrement")
    channels = [child for child in pixels if safe_xml.local(child) == "Channel"]
    yield from facts.attribute("channels", len(channels), path=f"{path}/Channel")
    for number, channel in enumerate(channels[:MOST_CHANNELS], start=1):
        parts = {"Name": "", "Fluor": "fluorophore ", "ExcitationWavelength": "excitation ", "EmissionWavelength": "emission ",
            "ContrastMethod": "", "AcquisitionMode": ""}  # fmt: skip
        words = [f"{lead}{channel.get(key)}{_nm(channel, key)}" for key, lead in parts.items() if channel.get(key)]
        yield from facts.attribute(
            f"channel {number}", ", ".join(words), owner="channels", path=f"{path}/Channel[{number}]"
        )


def _nm(channel: Any, key: str) -> str:
    return f" {channel.get(f'{key}Unit', 'nm')}" if key.endswith("Wavelength") else ""


def _imagej(facts: Facts, text: str) -> Iterator[Evidence]:
    said: dict[str, JSON] = dict(line.partition("=")[::2] for line in text.splitlines() if "=" in line)
    yield from facts.software("ImageJ", str(said.pop("ImageJ", "")), path="ImageDescription/ImageJ")
    for key in ("channels", "slices", "frames", "unit", "spacing", "finterval", "tunit"):
        if found := str(said.get(key, "")).replace("\\u00B5", "µ").strip():
            yield from facts.attribute(
                f"ImageJ {key}", found, path=f"ImageDescription/{key}", quote=f"{key}={said[key]}"
            )

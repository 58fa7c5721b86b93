"""Small data files that tests make, and how they read them."""

import gzip
import struct
from pathlib import Path

from shirushi.describe.evidence import JSON, Evidence, evidence_from_json
from shirushi.describe.identify import identify
from shirushi.describe.readers.registry import read


class Read:
    """What was read of one file: evidence by kind, attributes by name, problems."""

    def __init__(self, path: Path, content: bytes | str, name: str) -> None:
        path = path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)
        self.what = identify(path, name)
        answer = read(str(path), name, len(data), self.what.media_type, self.what.format)
        self.evidence: list[Evidence] = [evidence_from_json(item) for item in answer["evidence"]]
        self.problems: list[tuple[str, str]] = [(item["code"], item["message"]) for item in answer["problems"]]

    def of(self, kind: str) -> list[JSON]:
        return [item.value for item in self.evidence if item.kind == kind]

    @property
    def attributes(self) -> dict[str, JSON]:
        return {item.value["name"]: item.value["value"] for item in self.evidence if item.kind == "attribute"}

    def stated(self, field: str) -> list[JSON]:
        return [value["value"] for value in self.of("stated") if value["field"] == field]

    @property
    def said(self) -> str:
        """Everything, as one text: to look for what must not be in it."""
        return repr(self.evidence) + repr(self.problems)


def gzipped(content: bytes | str) -> bytes:
    return gzip.compress(content.encode() if isinstance(content, str) else content, mtime=0)


def nifti(
    shape: tuple[int, ...] = (64, 64, 30, 200), *, order: str = "<", magic: bytes = b"n+1\0", kind: int = 4
) -> bytes:
    """A NIfTI-1 header and the start of an image."""
    head = bytearray(352)
    struct.pack_into(order + "i", head, 0, 348)
    struct.pack_into(order + "8h", head, 40, len(shape), *shape, *[1] * (7 - len(shape)))
    struct.pack_into(order + "2h", head, 70, kind, 16)
    struct.pack_into(order + "8f", head, 76, 1, 3.0, 3.0, 3.5, 2.0, 0, 0, 0)
    head[123] = 2 | 8
    head[148:156] = b"FSL5.0.9"
    struct.pack_into(order + "h", head, 254, 4)
    head[344:348] = magic
    return bytes(head) + bytes(64)


# One image of two channels by a microscope, OME-XML 2016-06.
OME = """<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" Creator="Example 2.1.0">
<Experimenter ID="E:0" FirstName="Kei" LastName="Sato" Institution="Example Institute"/>
<Instrument ID="I:0"><Microscope Manufacturer="Zeiss" Model="LSM 880" SerialNumber="77"/><Objective ID="O:0" Manufacturer="Zeiss"
 Model="Plan-Apochromat" NominalMagnification="63.0" LensNA="1.4"/></Instrument>
<Image ID="Image:0" Name="cell 1"><AcquisitionDate>2019-10-11T12:13:14</AcquisitionDate><Pixels ID="P:0" DimensionOrder="XYZCT" Type="uint16"
 SizeX="8" SizeY="8" SizeZ="1" SizeC="2" SizeT="1" PhysicalSizeX="0.065" PhysicalSizeY="0.065"><Channel ID="C:0" Name="DAPI" EmissionWavelength="460"/>
<Channel ID="C:1" Fluor="GFP"/></Pixels></Image></OME>"""

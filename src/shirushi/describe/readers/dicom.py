"""DICOM: what was imaged how, with which machine, when. Who was imaged is never kept, nor by whom.

Only the elements of a list are read, so that what nobody thought of stays unsaid; of elements about people it is told
only that there are some. Sources: DICOM PS3.5 (sections 7 and A: encodings), PS3.6 (data dictionary), PS3.15 annex E
(attributes that identify people). The walk ends at the pixels.
"""

import itertools
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.hiding import HIDDEN
from shirushi.describe.text import decode

READER = "dicom/1"
MOST_BYTES = 4_000_000
MOST_ELEMENTS = 5_000
DEEPEST = 16
_BIG, _DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
_LONG = frozenset((b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"))
_UNTIL = 0x7FE0_0010  # the pixels
_UNDEFINED = 0xFFFF_FFFF

# What may be said: (name, how it is kept in the file where that is not text)
_ALLOWED = {
    0x0008_0008: "ImageType", 0x0008_0016: "SOPClassUID", 0x0008_0020: "StudyDate", 0x0008_0021: "SeriesDate", 0x0008_0022: "AcquisitionDate",
    0x0008_0060: "Modality", 0x0008_0070: "Manufacturer", 0x0008_1090: "ManufacturerModelName", 0x0018_0010: "ContrastBolusAgent",
    0x0018_0015: "BodyPartExamined", 0x0018_0020: "ScanningSequence", 0x0018_0021: "SequenceVariant", 0x0018_0023: "MRAcquisitionType",
    0x0018_0024: "SequenceName", 0x0018_0050: "SliceThickness", 0x0018_0060: "KVP", 0x0018_0080: "RepetitionTime", 0x0018_0081: "EchoTime",
    0x0018_0082: "InversionTime", 0x0018_0083: "NumberOfAverages", 0x0018_0084: "ImagingFrequency", 0x0018_0085: "ImagedNucleus",
    0x0018_0087: "MagneticFieldStrength", 0x0018_0088: "SpacingBetweenSlices", 0x0018_0091: "EchoTrainLength", 0x0018_1020: "SoftwareVersions",
    0x0018_1030: "ProtocolName", 0x0018_1151: "XRayTubeCurrent", 0x0018_1152: "Exposure", 0x0018_1210: "ConvolutionKernel",
    0x0018_1250: "ReceiveCoilName", 0x0018_1314: "FlipAngle", 0x0018_5100: "PatientPosition", 0x0018_9073: "AcquisitionDuration",
    0x0008_1030: "StudyDescription", 0x0008_103E: "SeriesDescription", 0x0028_0002: "SamplesPerPixel", 0x0028_0004: "PhotometricInterpretation",
    0x0028_0008: "NumberOfFrames", 0x0028_0010: "Rows", 0x0028_0011: "Columns", 0x0028_0030: "PixelSpacing", 0x0028_0100: "BitsAllocated",
    0x0028_0101: "BitsStored", 0x0054_1001: "Units", 0x0012_0062: "PatientIdentityRemoved", 0x0012_0063: "DeidentificationMethod",
    0x0008_0005: "SpecificCharacterSet",
}  # fmt: skip
_SHORTS = frozenset(("SamplesPerPixel", "Rows", "Columns", "BitsAllocated", "BitsStored"))
_DATES = ("AcquisitionDate", "SeriesDate", "StudyDate")
_SILENT = frozenset((*_DATES, "Rows", "Columns", "NumberOfFrames", "SpecificCharacterSet", "SOPClassUID"))
# Elements about people (PS3.15, table E.1-1), told by their number alone.
_PATIENT = frozenset((0x0010_0010, 0x0010_0020, 0x0010_0021, 0x0010_0030, 0x0010_0032, 0x0010_0050, 0x0010_1000, 0x0010_1001, 0x0010_1002,
    0x0010_1005, 0x0010_1040, 0x0010_1060, 0x0010_2154, 0x0010_2155, 0x0010_21B0, 0x0010_4000, 0x0008_0050, 0x0020_0010, 0x0010_2160,
    0x0010_2180, 0x0038_0010, 0x0038_0300, 0x0038_0500, 0x0040_2016, 0x0040_2017))  # fmt: skip
_STAFF = frozenset((0x0008_0090, 0x0008_0092, 0x0008_0094, 0x0008_1048, 0x0008_1050, 0x0008_1052, 0x0008_1060, 0x0008_1070, 0x0008_1072,
    0x0032_1032, 0x0032_1033, 0x0040_0006, 0x4008_0114))  # fmt: skip
# Of those above, the elements that hold names and numbers of a person, which writers repeat in descriptions
_NAMES = frozenset((0x0010_0010, 0x0010_0020, 0x0010_1000, 0x0010_1001, 0x0010_1005, 0x0010_1060, 0x0008_0090, 0x0008_1048, 0x0008_1050, 0x0008_1060,
    0x0008_1070, 0x0032_1032, 0x0040_0006))  # fmt: skip
_CODED = frozenset(("ImageType", "Modality", "BodyPartExamined", "PhotometricInterpretation", "PatientPosition", "PatientIdentityRemoved", "Manufacturer",
    "ManufacturerModelName", "Units"))  # fmt: skip
_NOBODY = re.compile(r"(?:anon\w*|removed|none|unknown|deidentified|de-identified|x+|0+|[\^\s]*)", re.IGNORECASE)
_MODALITIES = {"MR": "Magnetic resonance imaging", "CT": "Computed tomography", "PT": "Positron emission tomography", "US": "Ultrasound",
    "CR": "Computed radiography", "DX": "Digital radiography", "MG": "Mammography", "NM": "Nuclear medicine", "XA": "X-ray angiography",
    "OP": "Ophthalmic photography", "OPT": "Optical coherence tomography", "SM": "Slide microscopy", "ES": "Endoscopy", "RTDOSE": "Radiotherapy dose",
    "RTSTRUCT": "Radiotherapy structure set", "RTPLAN": "Radiotherapy plan", "ECG": "Electrocardiography", "XC": "External-camera photography",
    "SEG": "Segmentation"}  # fmt: skip


@dataclass(slots=True)
class _Found:
    values: dict[str, str]
    people: int = 0
    staff: int = 0
    short: bool = False
    called: list[str] = field(default_factory=list)  # what the patient and the staff are called, to be masked elsewhere

    def words(self) -> list[str]:
        """The parts of names and numbers that must not stand in what may be said."""
        parts: list[str] = []
        for one in self.called:
            words = [word for group in one.split("=") for word in re.split(r"[\s^,]+", group) if word]
            together = [first + second for first, second in itertools.permutations(words[:6], 2)]
            parts += [one, *words, *together]
        return [
            part
            for part in dict.fromkeys(parts)
            if len(part) >= (3 if part.isascii() else 2) and part.upper() not in _MODALITIES
        ]


@reads("application/dicom", version=1)
def read_dicom(file: File) -> Iterator[Evidence]:
    """Modality, machine, study, series, body part, dates, pixel spacing; how many elements speak of people, never what.

    Raises:
        Unreadable: ``truncated`` or ``malformed`` when no element can be read.
    """
    facts = Facts(file, READER)
    found = walk(file.head(MOST_BYTES), whole=file.size <= MOST_BYTES)
    said = {name: value if name in _CODED else _without(value, found.words()) for name, value in found.values.items()}
    for name, value in said.items():
        if name not in _SILENT:
            yield from facts.attribute(name, _plain(value))
    rows, columns = said.get("Rows", ""), said.get("Columns", "")
    if rows and columns:
        frames = said.get("NumberOfFrames", "1").strip()
        image: dict[str, JSON] = {"width": int(columns), "height": int(rows), "mode": said.get("PhotometricInterpretation", ""),
            "format": "DICOM", "frames": int(frames[:9]) if frames.isdecimal() else 1}  # fmt: skip
        yield Evidence("image", image, facts.place("Rows", f"{columns} × {rows}"), READER)
    modality = said.get("Modality", "")
    if machine := {key: said[name] for key, name in _MACHINE if said.get(name)}:
        kind = _MODALITIES.get(modality, "")
        yield from facts.instrument("ManufacturerModelName", {**machine, "type": f"{kind} scanner" if kind else ""})
    if modality in _MODALITIES:
        yield from facts.state("subjects", {"text": _MODALITIES[modality]}, "Modality", quote=modality)
    for name in _DATES:
        if day := _day(said.get(name, "")):
            yield from facts.period(day, path=name, quote=said[name])
            break
    yield from facts.sensitive("patient", found.people, "patient")
    yield from facts.sensitive("personal-name", found.staff, "staff")
    if found.short:
        yield facts.problem("truncated", "it ends inside an element")


def _without(value: str, words: Sequence[str]) -> str:
    """A value in which names and numbers of people are masked, however they are written."""
    for word in sorted(words, key=len, reverse=True):
        edges = (r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])") if word.isascii() else ("", "")
        value = re.sub(
            edges[0] + re.escape(word) + edges[1], lambda match: HIDDEN * len(match[0]), value, flags=re.IGNORECASE
        )
    return value


_MACHINE = (("manufacturer", "Manufacturer"), ("model", "ManufacturerModelName"))


def _plain(value: str) -> JSON:
    parts = [part.strip() for part in value.split("\\")]
    return parts[0] if len(parts) == 1 else parts


def _day(value: str) -> str:
    match = re.fullmatch(r"(\d{4})[.]?(\d{2})[.]?(\d{2})", value.strip())
    return "-".join(match.groups()) if match else ""


def walk(data: bytes, *, whole: bool = True) -> _Found:
    """The allowed elements of a file, and counts of those about people. ``whole`` is false where the file goes on."""
    found = _Found({})
    start, order, syntax = (132 if data[128:132] == b"DICM" else 0), "<", ""
    if start:
        syntax, start = _meta(data, start)
    if syntax == _DEFLATED:
        try:
            data, start = zlib.decompressobj(-15).decompress(data[start:], MOST_BYTES), 0
        except zlib.error as error:
            raise Unreadable("truncated", f"its packed part cannot be unpacked: {error}") from error
    elif syntax == _BIG:
        order = ">"
    # Some writers name one encoding and use the other: the first element shows which.
    explicit = data[start + 4 : start + 6] in _KNOWN
    walker = _Walker(data, found, explicit=explicit, order=order)
    walker.run(start, whole=whole)
    if not found.values and not found.people and (found.short or not walker.count):
        raise Unreadable("truncated" if len(data) < 200 else "malformed", "no element could be read")
    return found


_KNOWN = frozenset((b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"OB", b"OW", b"PN", b"SH", b"SL",
    b"SQ", b"SS", b"ST", b"TM", b"UI", b"UL", b"UN", b"US", b"UT", b"UC", b"UR", b"OF", b"OD", b"OL", b"OV", b"SV", b"UV"))  # fmt: skip


def _meta(data: bytes, at: int) -> tuple[str, int]:
    """The transfer syntax, and where the data set starts: behind group 0002, which is always explicit little endian."""
    syntax = ""
    while at + 8 <= len(data) and data[at : at + 2] == b"\x02\x00":
        element = struct.unpack("<H", data[at + 2 : at + 4])[0]
        long = data[at + 4 : at + 6] in _LONG
        length = (
            struct.unpack("<I", data[at + 8 : at + 12])[0]
            if long and at + 12 <= len(data)
            else struct.unpack("<H", data[at + 6 : at + 8])[0]
        )
        begin = at + (12 if long else 8)
        if element == 0x0010:
            syntax = data[begin : begin + min(length, 64)].decode("latin-1").strip("\0 ")
        at = begin + length
    return syntax, at


class _Walker:
    """Goes over the elements one after the other; inside sequences too, but only to count people and to find the end."""

    def __init__(self, data: bytes, found: _Found, *, explicit: bool, order: str) -> None:
        self.data, self.found, self.explicit, self.order = data, found, explicit, order
        self.count = 0

    def run(self, at: int, *, whole: bool) -> None:
        end = self._elements(at, len(self.data), 0)
        self.found.short = whole and end > len(self.data)

    def _elements(self, at: int, end: int, depth: int) -> int:
        """Elements from ``at``; returns where they ended. In a sequence its end mark (FFFE,E0DD) ends them."""
        while at + 8 <= end and self.count < MOST_ELEMENTS:
            self.count += 1
            tag, kind, length, begin = self._head(at)
            if tag >> 16 == 0xFFFE:
                if tag & 0xFFFF == 0xE0DD and depth:
                    return begin
                at = begin  # an item starts, and its elements follow; or it ends
                continue
            if tag == _UNTIL or tag >> 16 > 0x7FE0:
                return at
            if length == _UNDEFINED or (kind == b"SQ" and depth < DEEPEST):
                if depth >= DEEPEST:
                    raise Unreadable("too-deep", f"more than {DEEPEST} sequences in one another")
                before = self.explicit
                self.explicit = (
                    before and kind != b"UN"
                )  # what one writer does not know, it copies as implicit (PS3.5, 6.2.2)
                at = self._elements(begin, end if length == _UNDEFINED else min(end, begin + length), depth + 1)
                self.explicit = before
                at = at if length == _UNDEFINED else begin + length
                continue
            self._keep(tag, self.data[begin : begin + min(length, 1_024)], length, depth)
            at = begin + length
        return at

    def _head(self, at: int) -> tuple[int, bytes, int, int]:
        """(tag, value representation, length, where the value begins)"""
        group, element = struct.unpack(self.order + "2H", self.data[at : at + 4])
        tag = group << 16 | element
        if group == 0xFFFE or not self.explicit:
            kind = b""
            (length,) = struct.unpack(self.order + "I", self.data[at + 4 : at + 8])
            return tag, kind, length, at + 8
        kind = self.data[at + 4 : at + 6]
        if kind in _LONG:
            long = self.data[at + 8 : at + 12].ljust(4, b"\0")
            return tag, kind, struct.unpack(self.order + "I", long)[0], at + 12
        return tag, kind, struct.unpack(self.order + "H", self.data[at + 6 : at + 8])[0], at + 8

    def _keep(self, tag: int, value: bytes, length: int, depth: int) -> None:
        if tag in _PATIENT or tag in _STAFF:
            said = bool(length) and not _NOBODY.fullmatch(value.decode("latin-1").strip("\0 "))
            self.found.people += said and tag in _PATIENT
            self.found.staff += said and tag in _STAFF
            if said and tag in _NAMES:
                self.found.called.append(decode(value.rstrip(b"\0 ")).text.strip())
        elif depth == 0 and (name := _ALLOWED.get(tag)) and value:
            if name in _SHORTS:
                text = str(struct.unpack(self.order + "H", value[:2])[0]) if len(value) >= 2 else ""
            elif tag == 0x0018_9073:
                text = f"{struct.unpack(self.order + 'd', value[:8])[0]:g}" if len(value) == 8 else ""
            else:
                text = decode(value.rstrip(b"\0 ")).text.strip()
            if text and name not in self.found.values:
                self.found.values[name] = text[:1_000]

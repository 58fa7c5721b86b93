"""Sidecars of neuroimaging data: the scanner, the task and the settings that a JSON file states beside its image.

Source: Brain Imaging Data Structure 1.10 (metadata of MRI, EEG, MEG and PET). Where people are concerned BIDS has nothing to
say; names that converters leave behind (``PatientName``, ``OperatorName``) are told of, never kept.
"""

import re
from collections.abc import Iterator

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import placing, stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.positions import escape

READER = "bids-sidecar/1"
MOST_BYTES = 1_000_000
_TELLING = frozenset(("MagneticFieldStrength", "ManufacturersModelName", "TaskName", "RepetitionTime", "EchoTime", "SamplingFrequency",
    "PowerLineFrequency", "EEGReference", "MEGChannelCount", "EEGChannelCount", "TracerName", "PulseSequenceType"))  # fmt: skip
_KEPT = ("TaskName", "TaskDescription", "Instructions", "InstitutionName", "InstitutionalDepartmentName", "MagneticFieldStrength", "RepetitionTime",
    "EchoTime", "FlipAngle", "SliceThickness", "MRAcquisitionType", "ScanningSequence", "PulseSequenceType", "ProtocolName", "SeriesDescription",
    "ReceiveCoilName", "SamplingFrequency", "PowerLineFrequency", "EEGReference", "EEGChannelCount", "EOGChannelCount", "MEGChannelCount",
    "RecordingType", "RecordingDuration", "Modality", "TracerName", "TracerRadionuclide", "InjectedRadioactivity", "BodyPart", "CogPOID",
    "CogAtlasID", "NumberOfVolumesDiscardedByScanner", "PhaseEncodingDirection", "MultibandAccelerationFactor")  # fmt: skip
_PEOPLE = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "PatientAge",
    "AccessionNumber",
    "PatientWeight",
)
_STAFF = ("OperatorName", "OperatorsName", "PerformingPhysicianName", "ReferringPhysicianName")
_PROGRAMS = (("ConversionSoftware", "ConversionSoftwareVersion"), ("SoftwareName", "SoftwareVersion"))


def may_be_sidecar(file: File) -> bool:
    """Whether a JSON file names what only sidecars of images name: it is told of here, and by no other reader of instruments."""
    if file.media_type != "application/json" or file.size > MOST_BYTES:
        return False
    head = file.head(MOST_BYTES)
    return any(key.encode() in head for key in _TELLING)


@reads("application/json", version=1)
def read_imaging_sidecar(file: File) -> Iterator[Evidence]:
    """What a sidecar states; nothing for any other JSON file."""
    if not may_be_sidecar(file):
        return
    doc = placing.document(file, READER)
    data = stating.mapping(doc.data)
    if not _TELLING & set(data):
        return
    facts = Facts(file, READER)

    def spot(key: str) -> tuple[str, int | None]:
        place = doc.place(f"/{escape(key)}")
        return place.quote, place.line

    for key in _KEPT:
        value = data.get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            quote, line = spot(key)
            yield from facts.attribute(key, value, owner="sidecar", path=f"/{key}", quote=quote, line=line)
    yield from _instrument(facts, data, spot("ManufacturersModelName")[1])
    for name, version in _PROGRAMS:
        quote, line = spot(name)
        yield from facts.software(_text(data, name), _text(data, version), path=f"/{name}", quote=quote, line=line)
    task = _text(data, "TaskName")
    quote, line = spot("TaskName")
    if len(task) > 2 and not re.fullmatch(r"(?i)rest(?:ing)?(?:[ -]?state)?|TODO.*", task):
        yield from facts.state("subjects", {"text": task}, "/TaskName", quote=quote, line=line)
    for key in ("AcquisitionDate", "AcquisitionDateTime", "SeriesDate"):
        quote, line = spot(key)
        text = re.sub(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3", _text(data, key))
        yield from facts.period(text, path=f"/{key}", quote=quote, line=line)
    yield from facts.sensitive("patient", sum(1 for key in _PEOPLE if data.get(key)), "/Patient")
    yield from facts.sensitive("personal-name", sum(1 for key in _STAFF if data.get(key)), "/Operator")


def _text(data: JSON, key: str) -> str:
    return stating.words(data.get(key))


def _instrument(facts: Facts, data: JSON, line: int | None) -> Iterator[Evidence]:
    strength = _text(data, "MagneticFieldStrength")
    kinds = (
        ("MagneticFieldStrength", "MRI scanner"),
        ("EEGReference", "EEG system"),
        ("MEGChannelCount", "MEG system"),
        ("TracerName", "PET scanner"),
    )
    kind = next((word for key, word in kinds if key in data), "")
    parts = {"manufacturer": _text(data, "Manufacturer"), "model": _text(data, "ManufacturersModelName")}
    serial = _text(data, "DeviceSerialNumber")
    if any(parts.values()):
        sort = f"{strength} T {kind}" if strength and kind == "MRI scanner" else kind
        yield from facts.instrument(
            "/ManufacturersModelName", {**parts, "serial_number": serial, "type": sort}, line=line
        )

"""NIfTI, BIDS, EEG, DICOM and microscopy: made here and by the fields' own libraries. People are never named."""

import io
import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest

from shirushi.describe.readers.dicom import walk
from shirushi.describe.tests.made import OME, Read, gzipped, nifti

# ---- NIfTI


@pytest.mark.parametrize("name", ["bold.nii", "bold.nii.gz", "nameless"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_nifti_tells_voxels_whatever_it_is_called(tmp_path: Path, name: str, order: str) -> None:
    data = nifti(order=order)
    found = Read(tmp_path, gzipped(data) if name.endswith("gz") else data, name)
    assert (found.what.format, found.problems) == ("NIfTI (gzip)" if name.endswith("gz") else "NIfTI", [])
    [array] = found.of("array")
    assert (array["shape"], array["dtype"], array["dimensions"]) == ([64, 64, 30, 200], "int16", ["x", "y", "z", "t"])
    seen = found.attributes
    assert (seen["voxel size"], seen["repetition time"], seen["volumes"]) == ("3 × 3 × 3.5 mm", "2 s", 200)
    assert (seen["descrip"], seen["coordinate space"]) == ("FSL5.0.9", "MNI 152")
    assert found.of("software-used") == [{"name": "FSL", "version": "5.0.9"}]


@pytest.mark.parametrize("version", [1, 2])
def test_nifti_of_the_fields_library_is_read_as_it_was_written(tmp_path: Path, version: int) -> None:
    nibabel = pytest.importorskip("nibabel")
    image = (nibabel.Nifti1Image if version == 1 else nibabel.Nifti2Image)(
        np.zeros((5, 6, 7), "float32"), np.diag([1, 1, 2, 1])
    )
    image.header.set_xyzt_units("mm", "sec")
    image.header["descrip"] = b"made by a test"
    nibabel.save(image, tmp_path / "made.nii.gz")
    found = Read(tmp_path, (tmp_path / "made.nii.gz").read_bytes(), "again.nii.gz")
    assert found.of("array")[0]["shape"] == [5, 6, 7]
    assert found.attributes["voxel size"] == "1 × 1 × 2 mm"
    assert found.attributes["format version"] == f"NIfTI-{version}"
    assert found.attributes["descrip"] == "made by a test"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (nifti()[:346] + b"+1", "truncated"),
        (nifti(shape=(0, 4)), "malformed"),
        (nifti(kind=77), "malformed"),
        (nifti()[:40] + struct.pack("<h", 30_000) + nifti()[42:], "malformed"),
    ],
)
def test_false_nifti_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    found = Read(
        tmp_path,
        data if code != "truncated" else gzipped(nifti()[:347]),
        "x.nii" if code != "truncated" else "x.nii.gz",
    )
    assert [problem for problem, _ in found.problems] == [code]


# ---- BIDS


def test_sidecar_tells_scanner_task_and_settings(tmp_path: Path) -> None:
    said = {"Manufacturer": "Siemens", "ManufacturersModelName": "Prisma", "DeviceSerialNumber": "66012", "MagneticFieldStrength": 3,
        "TaskName": "stop signal", "RepetitionTime": 2.0, "InstitutionName": "例示大学", "ConversionSoftware": "dcm2niix",
        "ConversionSoftwareVersion": "v1.0.2", "PatientName": "Mori", "PatientBirthDate": "1980-01-01", "OperatorName": "Sato"}  # fmt: skip
    found = Read(tmp_path, json.dumps(said, ensure_ascii=False, indent=1), "sub-01_task-stop_bold.json")
    assert found.of("instrument") == [
        {"manufacturer": "Siemens", "model": "Prisma", "serial_number": "66012", "type": "3 T MRI scanner"}
    ]
    assert (found.attributes["InstitutionName"], found.attributes["RepetitionTime"]) == ("例示大学", 2.0)
    assert found.of("software-used") == [{"name": "dcm2niix", "version": "v1.0.2"}]
    assert found.stated("subjects") == [{"text": "stop signal"}]
    assert found.of("sensitive") == [{"category": "patient", "count": 2}, {"category": "personal-name", "count": 1}]
    own = [item for item in found.evidence if item.reader.startswith("bids-sidecar")]
    assert "1980" not in repr(own)
    assert "Sato" not in repr(own)
    assert next(item.place.line for item in own if item.kind == "instrument") == 3


def test_other_json_is_no_sidecar(tmp_path: Path) -> None:
    found = Read(tmp_path, json.dumps({"Manufacturer": "Siemens", "price": 3}), "x.json")
    assert not [item for item in found.evidence if item.reader.startswith("bids-sidecar")]


# ---- EDF, BDF, BrainVision


def edf(
    signals: int = 2,
    *,
    patient: str = "X X X X",
    recording: str = "Startdate 02-MAR-2021 X X Example_Amp",
    first: bytes = b"0       ",
) -> bytes:
    head = (
        first
        + f"{patient:<80}{recording:<80}02.03.2109.10.11{256 * (signals + 1):<8}{'EDF+C':<44}{30:<8}{1:<8}{signals:<4}".encode()
    )
    labels = ["Fp1", "ECG", "EDF Annotations"][:signals]
    columns = [(labels, 16), (["Ag/AgCl"] * signals, 80), (["uV"] * signals, 8), (["-100"] * signals, 8), (["100"] * signals, 8),
        (["-32768"] * signals, 8), (["32767"] * signals, 8), (["HP:0.1Hz"] * signals, 80), (["256"] * signals, 8), ([""] * signals, 32)]  # fmt: skip
    return head + "".join(f"{text:<{width}}" for texts, width in columns for text in texts).encode()


@pytest.mark.parametrize(("first", "kind"), [(b"0       ", "EDF"), (b"\xffBIOSEMI", "BDF")])
def test_edf_tells_signals_rate_and_start(tmp_path: Path, first: bytes, kind: str) -> None:
    found = Read(tmp_path, edf(3, first=first), "recording.dat")
    assert (found.what.format, found.problems) == (kind, [])
    assert [(a["name"], a["unit"], a["shape"]) for a in found.of("array")] == [
        ("Fp1", "µV", [7680]),
        ("ECG", "µV", [7680]),
    ]
    assert (found.attributes["sampling frequency"], found.attributes["duration"]) == ("256 Hz", "30 s")
    assert found.stated("dates") == [{"date": "2021-03-02", "type": "Collected"}]
    assert found.of("instrument") == [{"name": "Example Amp"}]
    assert found.of("sensitive") == []


def test_edf_with_a_patient_says_only_that_there_is_one(tmp_path: Path) -> None:
    found = Read(
        tmp_path,
        edf(
            patient="MCH-0234567 F 02-MAY-1951 Haagse_Harry",
            recording="Startdate 02-MAR-2021 PSG-1 NN_Smith Telemetry03",
        ),
        "a.edf",
    )
    assert found.of("sensitive") == [{"category": "patient", "count": 3}, {"category": "personal-name", "count": 1}]
    assert not re.search("Harry|0234567|1951|Smith", found.said)


@pytest.mark.parametrize(
    ("data", "code"),
    [(edf()[:200], "truncated"), (edf()[:300], "truncated"), (edf()[:252] + b"9999" + edf()[256:], "malformed")],
)
def test_false_edf_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    assert [problem for problem, _ in Read(tmp_path, data, "a.edf").problems] == [code]


def test_brainvision_tells_channels_rate_and_amplifier(tmp_path: Path) -> None:
    text = (
        "BrainVision Data Exchange Header File Version 1.0\n; comment\n[Common Infos]\nCodepage=UTF-8\nDataFile=x.eeg\n"
        "SamplingInterval=2000\nDataPoints=5000\n[Binary Infos]\nBinaryFormat=INT_16\n[Channel Infos]\nCh1=Fp1,,0.5,µV\nCh2=A\\1B,,0.5\n"
        "[Comment]\nAmplifier: BrainAmp MR\nBrainVision Recorder Professional - V. 1.21.0303\n"
    )
    found = Read(tmp_path, text, "x.vhdr")
    assert (found.what.format, found.problems, found.attributes["sampling frequency"]) == ("BrainVision", [], "500 Hz")
    assert [(a["name"], a["unit"], a["shape"]) for a in found.of("array")] == [
        ("Fp1", "µV", [5000]),
        ("A,B", "µV", [5000]),
    ]
    assert found.of("instrument") == [{"name": "BrainAmp MR", "type": "amplifier"}]
    assert found.of("software-used") == [{"name": "BrainVision Recorder", "version": "1.21.0303"}]


# ---- DICOM


def dicom(syntax: str = "1.2.840.10008.1.2.1", **more: str) -> bytes:
    """An MR image with a patient, written by the field's library."""
    pydicom = pytest.importorskip("pydicom")
    data = pydicom.Dataset()
    data.file_meta = pydicom.dataset.FileMetaDataset()
    data.file_meta.TransferSyntaxUID = syntax
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = "1.2.3.4"
    said = {"Modality": "MR", "Manufacturer": "GE MEDICAL SYSTEMS", "ManufacturerModelName": "DISCOVERY MR750", "StudyDate": "20200304",
        "AcquisitionDate": "20200305", "StudyDescription": "Knee study", "SeriesDescription": "T2 sagittal", "BodyPartExamined": "KNEE",
        "MagneticFieldStrength": "3", "PatientName": "Yamada^Hanako", "PatientID": "ID-998877", "PatientBirthDate": "19700102",
        "AccessionNumber": "ACC-4711", "ReferringPhysicianName": "Suzuki^Ichiro", "OperatorsName": "Tanaka", "PatientAddress": "1-2-3 Street",
        "OtherPatientIDs": "OTHER-1", "InstitutionName": "Example Hospital", "DeviceSerialNumber": "SER-9", "PatientComments": "a comment"} | more  # fmt: skip
    for name, value in said.items():
        setattr(data, name, value)
    inner = pydicom.Dataset()
    inner.PatientID = "INNER-55"
    inner.Manufacturer = "Nobody"
    data.OtherPatientIDsSequence = pydicom.Sequence([inner, inner])
    data.add_new(
        0x00100101, "SQ", pydicom.Sequence([inner, inner])
    )  # of unknown length, as are its items: both ends are marked
    for element in (data[0x00101002], data[0x00100101]):
        element.is_undefined_length = element.tag == 0x00100101
        for item in element.value:
            item.is_undefined_length_sequence_item = element.tag == 0x00100101
    data.Rows, data.Columns, data.PixelSpacing, data.SamplesPerPixel = 256, 192, [0.5, 0.75], 1
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation, data.PhotometricInterpretation = (
        16,
        12,
        11,
        0,
        "MONOCHROME2",
    )
    data.PixelData = bytes(64)
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, data, enforce_file_format=True)
    return buffer.getvalue()


SYNTAXES = {
    "explicit": "1.2.840.10008.1.2.1", "implicit": "1.2.840.10008.1.2", "big": "1.2.840.10008.1.2.2", "deflated": "1.2.840.10008.1.2.1.99"
}  # fmt: skip
PEOPLE = (
    "Yamada",
    "Hanako",
    "998877",
    "19700102",
    "1970-01-02",
    "4711",
    "Suzuki",
    "Tanaka",
    "Street",
    "OTHER-1",
    "INNER-55",
    "a comment",
)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_dicom_tells_the_machine_and_never_the_patient(tmp_path: Path, syntax: str) -> None:
    found = Read(tmp_path, dicom(SYNTAXES[syntax]), "IM0001")
    assert (found.what.format, found.problems) == ("DICOM", [])
    seen = found.attributes
    assert (seen["Modality"], seen["StudyDescription"], seen["SeriesDescription"], seen["BodyPartExamined"]) == (
        "MR",
        "Knee study",
        "T2 sagittal",
        "KNEE",
    )
    assert (seen["PixelSpacing"], seen["MagneticFieldStrength"], seen["BitsStored"]) == (["0.5", "0.75"], "3", "12")
    assert found.of("image") == [{"width": 192, "height": 256, "mode": "MONOCHROME2", "format": "DICOM", "frames": 1}]
    assert found.of("instrument") == [
        {"manufacturer": "GE MEDICAL SYSTEMS", "model": "DISCOVERY MR750", "type": "Magnetic resonance imaging scanner"}
    ]
    assert found.stated("dates") == [{"date": "2020-03-05", "type": "Collected"}]
    assert {item["category"] for item in found.of("sensitive")} == {"patient", "personal-name"}
    assert not [name for name in PEOPLE if name in found.said]
    assert "Example Hospital" not in found.said


def test_dicom_without_its_preamble_is_known_by_its_first_element(tmp_path: Path) -> None:
    data = dicom()
    start = 132 + 12 + struct.unpack("<I", data[140:144])[0]
    found = Read(tmp_path, data[start:], "nameless")
    assert (found.what.format, found.attributes["Modality"]) == ("DICOM", "MR")


def test_dicom_behind_the_head_of_a_tiff_is_dicom(tmp_path: Path) -> None:
    data = b"II*\0" + dicom()[4:]
    assert Read(tmp_path, data, "a.tif").attributes["Modality"] == "MR"


def test_dicom_that_names_another_encoding_than_it_has(tmp_path: Path) -> None:
    data = dicom(SYNTAXES["implicit"]).replace(b"1.2.840.10008.1.2\0", b"1.2.840.10008.1.2.", 1)
    assert Read(tmp_path, data, "a.dcm").attributes["Modality"] == "MR"


def test_anonymous_dicom_raises_no_alarm(tmp_path: Path) -> None:
    more = dict.fromkeys(
        ("PatientName", "PatientID", "AccessionNumber", "ReferringPhysicianName", "OperatorsName"), "Anonymous"
    )
    more |= dict.fromkeys(("PatientBirthDate", "PatientAddress", "OtherPatientIDs", "PatientComments"), "")
    found = Read(tmp_path, dicom(**more), "a.dcm")
    assert [item for item in found.of("sensitive") if item["category"] == "personal-name"] == []


@pytest.mark.parametrize(
    ("name", "said", "kept"),
    [
        ("Yamada^Taro", "Chest CT Yamada Taro", "Chest CT ██████ ████"),
        ("Yamada^Taro", "chest YAMADA_TARO, id-998877 knee", "chest ██████_████, █████████ knee"),
        ("Yamada^Taro", "TaroYamada knee", "██████████ knee"),
        ("CT^Yamada", "CT of the yamadaite", "CT of the yamadaite"),
    ],
)
def test_dicom_descriptions_do_not_name_the_patient(tmp_path: Path, name: str, said: str, kept: str) -> None:
    told = {"PatientName": name, "StudyDescription": said, "SeriesDescription": "for Suzuki", "ProtocolName": said}
    found = Read(tmp_path, dicom(**told), "IM0001")
    assert (found.attributes["StudyDescription"], found.attributes["ProtocolName"]) == (kept, kept)
    assert found.attributes["SeriesDescription"] == "for ██████"
    assert found.attributes["BodyPartExamined"] == "KNEE"


def test_dicom_description_does_not_name_the_patient_in_japanese(tmp_path: Path) -> None:
    names = {
        "SpecificCharacterSet": "ISO_IR 192",
        "PatientName": "Hayashi^Osamu=林^修",
        "StudyDescription": "胸部CT 林修様",
    }
    assert Read(tmp_path, dicom(**names), "IM0001").attributes["StudyDescription"] == "胸部CT ██様"


def test_dicom_in_japanese(tmp_path: Path) -> None:
    data = dicom(SpecificCharacterSet="ISO_IR 192", StudyDescription="膝の撮影")
    assert Read(tmp_path, data, "a.dcm").attributes["StudyDescription"] == "膝の撮影"


def test_every_cut_of_a_dicom_is_answered(tmp_path: Path) -> None:
    data = dicom()
    for end in range(132, len(data), 7):
        found = Read(tmp_path, data[:end], "cut.dcm")
        assert {code for code, _ in found.problems} <= {"truncated", "malformed"}
        assert not [name for name in PEOPLE if name in found.said]


def test_dicom_of_sequences_in_sequences_ends() -> None:
    start = b"\x08\0\x60\0CS\x02\0MR" + b"\x40\0\x30\x01SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff" * 300
    with pytest.raises(Exception, match="sequences in one another"):
        walk(start)


# ---- microscopy


def tiff(description: str, *, big: bool = False) -> bytes:
    tifffile = pytest.importorskip("tifffile")
    buffer = io.BytesIO()
    tifffile.imwrite(
        buffer, np.zeros((8, 8), "uint16"), description=description.encode(), metadata=None, bigtiff=big, software=False
    )
    return buffer.getvalue()


@pytest.mark.parametrize("big", [False, True])
def test_ome_tiff_tells_channels_pixels_and_microscope(tmp_path: Path, big: bool) -> None:
    found = Read(tmp_path, tiff(OME, big=big), "cell.ome.tif")
    assert found.problems == []
    seen = found.attributes
    assert (seen["pixel size x"], seen["channels"], seen["objective"]) == (
        "0.065 µm",
        2,
        "Zeiss Plan-Apochromat 63× NA 1.4",
    )
    assert (seen["channel 1"], seen["channel 2"]) == ("DAPI, emission 460 nm", "fluorophore GFP")
    assert found.of("instrument") == [
        {"manufacturer": "Zeiss", "model": "LSM 880", "serial_number": "77", "type": "microscope"}
    ]
    assert [who["name"] for who in found.stated("creators")] == ["Sato, Kei"]
    assert found.stated("dates") == [{"date": "2019-10-11", "type": "Collected"}]
    assert found.of("software-used") == [{"name": "Example", "version": "2.1.0"}]


def test_imagej_tiff_tells_its_steps(tmp_path: Path) -> None:
    found = Read(tmp_path, tiff("ImageJ=1.53t\nimages=3\nslices=3\nunit=micron\nspacing=0.3\n"), "stack.tif")
    assert found.of("software-used") == [{"name": "ImageJ", "version": "1.53t"}]
    assert (found.attributes["ImageJ spacing"], found.attributes["ImageJ unit"]) == ("0.3", "micron")


def test_ome_with_entities_is_not_expanded(tmp_path: Path) -> None:
    found = Read(
        tmp_path,
        tiff('<!DOCTYPE OME [<!ENTITY a "aaaa">]>' + OME.split("?>", 1)[1].replace("cell 1", "&a;")),
        "x.ome.tif",
    )
    assert "entities" in [code for code, _ in found.problems]
    assert "aaaa" not in repr([item for item in found.evidence if item.reader.startswith("ome")])


def test_tiff_whose_offsets_lead_nowhere_is_answered(tmp_path: Path) -> None:
    data = bytearray(tiff(OME))
    data[4:8] = b"\xff\xff\xff\x7f"
    found = Read(tmp_path, bytes(data), "x.tif")
    assert not [item for item in found.evidence if item.reader.startswith("ome")]

"""Instrument exports as Allotrope Simple Model (ASM) JSON, by allotropy (MIT), which the extra ``[lab]`` brings.

A file is recognised by what it holds. Importing allotropy costs seconds and 140 MB, so that :func:`may_be_export` looks first,
cheaply; then the parsers' own sniffing is asked, and a file that several parsers claim is given to each in turn.
"""

import importlib.util
import io
import re
import sys
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.zips import DAMAGED
from shirushi.describe.text import decode

MOST = 24_000_000  # bytes of an export that are parsed
HEAD = 65_536
MOST_TRIED = 6
_MOST_TEXT, _MOST_COMPARED = 500_000, 2_000
_MOST_UNPACKED = 200_000_000
# Words of measuring in exports of laboratory instruments; two different ones make a look worth its cost.
_CUES = re.compile(
    r"\b(?:well|wells|plate|sample id|sample name|viability|absorbance|fluorescence|luminescence|wavelength|abs|nm|raw data|test name|labware|pod|operator|analyst|instrument|analyte|assay"
    r"|a260|260/280|cells/ml|transfer volume|particle|chromatogra\w+|conc(?:entration|\.)?|serial|barcode|cytometer|injection|pipett\w+|aspirate|dilution"
    r"|specimen|electropherogram|median|target|dpcr|qpcr|spectr\w+|spot\w*|cell count|fluorometer|qubit tube|analysis software|optical density)(?=$|\W|_)"
    r"|装置|測定|波長|吸光度|蛍光|検体",
    re.IGNORECASE,
)
_EXTENSIONS = {
    "xlsx": frozenset(("xlsx", "xls")),
    "xml": frozenset(("xml", "wsp")),
    "json": frozenset(("json",)),
    "zip": frozenset(("zip", "rslt")),
    "ole": frozenset(("blr", "bme", "xls")),
}
_SPECIAL = frozenset(extension for group in _EXTENSIONS.values() for extension in group)
_NOT_VENDORS = frozenset(("EXAMPLE_WEYLAND_YUTANI",))
# Parsers that take every file with their extension: what the bytes must hold before one is asked.
_MARKS: Mapping[str, re.Pattern[bytes]] = {
    "FLOWJO": re.compile(rb"<Workspace\b|flowjo", re.IGNORECASE),
    "CYTIVA_BIACORE_T200_CONTROL": re.compile(rb"B\0i\0a\0c\0o\0r\0e|Biacore|B\0I\0A\0|S\0e\0n\0s\0o\0r\0g\0r\0a\0m|R\0P\0o\0i\0n\0t\0T\0a\0b\0l\0e", re.IGNORECASE),
    "CYTIVA_BIACORE_T200_EVALUATION": re.compile(rb"E\0v\0a\0l\0u\0a\0t\0i\0o\0n|EvaluationItem", re.IGNORECASE),
    "AGILENT_OPENLAB_CDS": re.compile(rb"\.acaml|OpenLab", re.IGNORECASE),
}  # fmt: skip
# What else shows a parser's file, where its own sniffing knows one packaging only.
_MORE: Mapping[str, re.Pattern[bytes]] = {"CYTIVA_UNICORN": re.compile(rb"Chrom\.\d+\.Xml")}


class NotRecognised(Unreadable):
    """No parser of the installed release knows the file."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """``vendor`` is allotropy's name of the parser, ``label`` the words for it, ``document`` the ASM JSON."""

    vendor: str
    label: str
    document: Mapping[str, Any]


@cache
def is_installed() -> bool:
    """Whether the extra ``[lab]`` is there; asked without importing it."""
    return importlib.util.find_spec("allotropy") is not None


def kind_of(file: File) -> str:
    """``text``, ``xlsx``, ``xml``, ``json``, ``zip`` or ``ole``: what parsers can do with the bytes, whatever the name."""
    head = file.head(512)
    if head.startswith(b"PK\x03\x04"):
        return "xlsx" if "spreadsheet" in file.media_type or "ms-excel" in file.media_type else "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xlsx" if file.media_type == "application/vnd.ms-excel" else "ole"
    text = decode(head, truncated=True).text.lstrip("\ufeff \r\n\t")
    if text.startswith("<"):
        return "xml"
    return "json" if text.startswith(("{", "[")) and "json" in file.media_type else "text"


def may_be_export(file: File) -> bool:
    """A cheap look at whether an instrument may have written the file."""
    if not 0 < file.size <= MOST:
        return False
    kind = kind_of(file)
    if kind == "ole":
        return True
    if kind == "zip":
        return any(name.lower().endswith((".zip", "_summary.csv", ".acaml", "chrom.1.xml")) for name in _members(file))
    if kind == "xlsx":
        return len({match.casefold() for match in _CUES.findall(_sheet_text(file))}) >= 2
    text = decode(file.head(HEAD), truncated=True).text
    return len({match.casefold() for match in _CUES.findall(text)}) >= 2


def _members(file: File) -> list[str]:
    try:
        with zipfile.ZipFile(file.path) as archive:
            infos = archive.infolist()[:2_000]
    except DAMAGED:
        return []
    return [info.filename for info in infos] if sum(info.file_size for info in infos) <= _MOST_UNPACKED else []


def _sheet_text(file: File) -> str:
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    from shirushi.describe.readers.spreadsheet import guard

    if file.head(2) == b"PK":
        guard(file)
    with CalamineWorkbook.from_path(str(file.path)) as book:
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet][:8]
        rows = [row for name in names for row in book.get_sheet_by_name(name).to_python(nrows=40)]
    return "\n".join([*names, *("\t".join(str(cell)[:200] for cell in row) for row in rows)])


def convert(file: File) -> Recognised:
    """The file in the Allotrope Simple Model.

    Raises:
        NotRecognised: no parser claims it.
        Unreadable: a parser claims it but refuses what it holds; the message has the parser's words.
        ImportError: the extra ``[lab]`` is not installed.
    """
    if file.size > MOST:
        raise Unreadable("too-large", f"{file.size:,} bytes; up to {MOST:,} are parsed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _convert(file)


def _convert(file: File) -> Recognised:
    data = file.head(MOST)
    text = _text(file, data)
    claims = list(_claimed(file, data))
    named = {vendor: _named_in(vendor.display_name, text) for vendor, _ in claims}
    refused: list[str] = []
    for words in sorted(set(named.values()), reverse=True):
        read: list[Recognised] = []
        for vendor, extension in claims:
            if named[vendor] == words:
                try:
                    read.append(Recognised(vendor.value, vendor.display_name, _document(vendor, file, data, extension)))
                except MemoryError:
                    raise
                except Exception as error:  # noqa: BLE001 - a parser may raise anything: then it is not its file
                    refused.append(f"{vendor.display_name}: {' '.join(str(error).split())[:300]}")
        if read:
            names = [each.vendor for each in read]
            return (
                max(read, key=lambda each: (_told(each.document, text), _lends(each.vendor, names)))
                if read[1:]
                else read[0]
            )
    if refused:
        raise Unreadable("malformed", "; ".join(refused))
    raise NotRecognised("not-recognised", "no parser knows this kind of file")


def _document(vendor: Any, file: File, data: bytes, extension: str) -> Mapping[str, Any]:
    """What one parser makes of the bytes; a text in another encoding than UTF-8 is given a second time with its name."""
    from allotropy.allotrope.allotrope import serialize_and_validate_allotrope
    from allotropy.named_file_contents import NamedFileContents

    name = _named(file.name, extension)
    encodings: list[str | None] = [None]
    if kind_of(file) == "text":
        told = decode(data[:HEAD], truncated=True).encoding
        encodings += [told] if told not in ("utf-8", "ascii") else []
    for encoding in encodings:
        try:
            model = vendor.get_parser().to_allotrope(NamedFileContents(io.BytesIO(data), name, encoding))
            document: Mapping[str, Any] = serialize_and_validate_allotrope(model)
        except Exception:
            if encoding == encodings[-1]:
                raise
        else:
            return document
    raise AssertionError("unreachable")


def _text(file: File, data: bytes) -> str:
    kind = kind_of(file)
    if kind == "xlsx":
        return _sheet_text(file)
    return decode(data[:_MOST_TEXT], truncated=True).text if kind in ("text", "xml", "json") else ""


def _named_in(label: str, text: str) -> int:
    """How many words of a parser's name (``Beckman Coulter Vi-Cell BLU``) the file holds."""
    folded = text[:HEAD].casefold()
    return sum(word in folded for word in set(label.casefold().split()) if len(word) > 2)


def _lends(name: str, others: list[str]) -> int:
    """How many of the other parsers are built on this one. Theirs are special cases of the same format: where the file itself does
    not tell the two apart, it is taken for the general one."""
    from allotropy.parser_factory import _VENDOR_TO_PARSER, Vendor

    def package(vendor: str) -> str:
        return str(_VENDOR_TO_PARSER[Vendor(vendor)].__module__).rpartition(".")[0]

    def borrows(vendor: str) -> bool:
        module = sys.modules[_VENDOR_TO_PARSER[Vendor(vendor)].__module__]
        return any(
            str(getattr(thing, "__module__", "")).startswith(package(name) + ".") for thing in vars(module).values()
        )

    return sum(borrows(other) for other in others if other != name)


def _told(document: Mapping[str, Any], text: str) -> int:
    """How many different values of a document stand in the file: of two readings, the one that makes more of it."""
    values: set[str] = set()
    stack: list[Any] = [document]
    while stack and len(values) < _MOST_COMPARED:
        value = stack.pop()
        if isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
        elif isinstance(value, str | int | float) and len(str(value)) > 1:
            values.add(str(value))
    return sum(value in text for value in values)


def claims(file: File) -> list[str]:
    """The names of the parsers that claim the file by its content, in the order in which they are tried."""
    return [vendor.value for vendor, _ in _claimed(file, file.head(MOST))]


def _claimed(file: File, data: bytes) -> Iterator[tuple[Any, str]]:
    """Parsers (allotropy's ``Vendor``) that claim the bytes, each with an extension it takes."""
    from allotropy.named_file_contents import NamedFileContents
    from allotropy.parser_factory import _VENDOR_TO_PARSER, Vendor

    kind = kind_of(file)
    own = file.name.rpartition(".")[2].lower()
    count = 0
    for vendor in Vendor:
        takes = [
            e for e in vendor.supported_extensions if (e in _EXTENSIONS[kind] if kind != "text" else e not in _SPECIAL)
        ]
        mark = _MARKS.get(vendor.value)
        if not takes or vendor.value in _NOT_VENDORS or (mark and not mark.search(data)):
            continue
        extension = own if own in takes else takes[0]
        try:
            is_its = _VENDOR_TO_PARSER[vendor].sniff(NamedFileContents(io.BytesIO(data), f"file.{extension}", None))
        except Exception:  # noqa: BLE001 - a sniff that stumbles has said no
            is_its = False
        more = _MORE.get(vendor.value)
        if (is_its or (more and more.search(data))) and count < MOST_TRIED:
            count += 1
            yield vendor, extension


def _named(name: str, extension: str) -> str:
    """The name for the parser: some read a date or a device in it. Its ending is what the parser takes."""
    stem, dot, ending = name.rpartition(".")
    return name if dot and ending.lower() == extension else f"{stem or name}.{extension}"

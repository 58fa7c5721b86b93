"""Formulas of a workbook whose results are not kept: their cells are empty until a spreadsheet program works them out.

Source: ISO/IEC 29500-1 (SpreadsheetML), 18.3.1.4: a cell ``c`` may hold a formula ``f`` and the value ``v`` that was last worked out.
"""

import re
import zipfile
from pathlib import PurePosixPath

from shirushi.describe.readers import safe_xml
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.zips import DAMAGED

MOST_BYTES = 24_000_000  # of a sheet's XML, unpacked: formulas further on are not looked for
_BLOCK = 1 << 20
_LONGEST = 20_000  # bytes of a cell with a formula
_BOOK = "xl/workbook.xml"
_WITHOUT_RESULT = re.compile(
    rb"<(?:\w+:)?c((?:\s[^<>]*)?)>\s*+<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*+(<(?:\w+:)?v\s*+/>|<(?:\w+:)?v\s*+></(?:\w+:)?v>)?\s*+</(?:\w+:)?c>"
)


def uncalculated(file: File, sheet: str) -> int:
    """How many cells of a sheet of an Office Open XML workbook hold a formula without a result; 0 for any other file."""
    try:
        with zipfile.ZipFile(file.path) as book:
            part = _part_of(book, sheet)
            return _counted(book, part) if part else 0
    except (*DAMAGED, KeyError, Unreadable):
        return 0


def _part_of(book: zipfile.ZipFile, sheet: str) -> str:
    named = safe_xml.parse(_read(book, _BOOK))
    told = (one.attrib.items() for one in named.iter("{*}sheet") if one.get("name") == sheet)
    wanted = next(
        (value for name, value in next(told, ()) if name.endswith("}id")), None
    )  # in either of its namespaces
    for link in safe_xml.parse(_read(book, "xl/_rels/workbook.xml.rels")).iter("{*}Relationship"):
        if wanted and link.get("Id") == wanted:
            target = link.get("Target") or ""
            return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
    return ""


def _read(book: zipfile.ZipFile, part: str) -> bytes:
    with book.open(part) as stream:
        return stream.read(safe_xml.MOST_BYTES)


def _counted(book: zipfile.ZipFile, part: str) -> int:
    found, left, rest = 0, MOST_BYTES, b""
    with book.open(part) as stream:
        while left > 0 and (block := stream.read(_BLOCK)):
            left -= len(block)
            data, end = rest + block, 0
            for cell in _WITHOUT_RESULT.finditer(data):
                is_empty_text = cell[2] is not None and b't="str"' in cell[1]  # a result of its own
                found, end = found + (not is_empty_text), cell.end()
            rest = data[max(end, len(data) - _LONGEST) :]
    return found

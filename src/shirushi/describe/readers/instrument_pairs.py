"""Keys and values in the head of an instrument's export: lines, rows of a sheet, elements of XML, members of JSON."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree
from python_calamine import CalamineWorkbook, SheetTypeEnum

from shirushi.describe.evidence import AttributePlace, CellPlace, LinePlace
from shirushi.describe.readers.base import File
from shirushi.describe.readers.instrument_keys import DETECTIONS, Pair, property_of, wavelengths
from shirushi.describe.readers.spreadsheet import guard
from shirushi.describe.text import decode

HEAD = 65_536
MOST_LINES = 400
MOST_ROWS, MOST_SHEETS = 120, 12
MOST_TREE = 8_000_000
MOST_LEAVES = 20_000
_SPLIT = re.compile(r"\s*[:：=]\s+|\s*[:：=](?=[^\s/\\:])|\t+|\s{3,}")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_SPREADSHEETS = ("spreadsheetml", "ms-excel", "opendocument.spreadsheet")


def pairs_of(file: File) -> list[Pair]:
    """Every pair in the head of a file, whatever its format; none where it has none that can be read."""
    if any(mark in file.media_type for mark in _SPREADSHEETS):
        return list(_sheets(file))
    head = file.head(4).lstrip(b"\xef\xbb\xbf")
    if file.media_type in ("application/json", "application/ld+json"):
        return list(_json(file))
    if file.media_type == "application/xml" or head.startswith(b"<?xm"):
        return list(_xml(file))
    if file.media_type in ("application/zip", "application/x-ole-storage"):
        return []
    return list(_lines(file))


def _lines(file: File) -> Iterator[Pair]:
    text = decode(file.head(HEAD), truncated=file.size > HEAD).text
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]
    grid: list[list[tuple[int, str]]] = []
    for number, line in enumerate(rows):
        cells = _cells(line)
        grid.append(cells)
        for column, key, value in _in_row(cells):
            start = line.find(value, column)
            if start >= 0:
                place = LinePlace(file.name, number + 1, number + 1, start, start + len(value), value[:300])
                yield Pair(key, value, place)
        yield from _bare(file.name, number, line, cells)
    for number, key, (column, value) in _columns([[text for _, text in row] for row in grid], grid):
        place = LinePlace(file.name, number + 1, number + 1, column, column + len(value), value[:300])
        yield Pair(key, value, place, header=False)


def _bare(file: str, number: int, line: str, cells: Sequence[tuple[int, str]]) -> Iterator[Pair]:
    """Lines that name a kind of detection or a wavelength without a key: ``Fluorescence (FI)``, ``Read 450 nm``."""
    filled = [(column, text) for column, text in cells if text.strip()]
    if not filled or len(filled) > 2:
        return
    column, text = filled[-1]
    if len(text) <= 60 and (match := DETECTIONS.search(text)):
        start = line.find(match[0], column)
        yield Pair(
            "detection type", match[0], LinePlace(file, number + 1, number + 1, start, start + len(match[0]), match[0])
        )
    if len(line) <= 300:
        for wave in wavelengths(line):
            start = line.find(wave)
            yield Pair(
                "wavelength", f"{wave} nm", LinePlace(file, number + 1, number + 1, start, start + len(wave), wave)
            )


def _cells(line: str) -> list[tuple[int, str]]:
    """The cells of a line with their columns: parted by tabs, semicolons or commas, whichever there are; quotes taken off."""
    mark = next((mark for mark in "\t;," if mark in line), None)
    if mark is None or len(line) > 20_000:
        return [(0, line.strip())]
    found, start, inside = [], 0, False
    for position, character in enumerate(line + mark):
        if character == '"':
            inside = not inside
        elif character == mark and not (inside and position < len(line)):
            raw = line[start:position]
            found.append((start + len(raw) - len(raw.lstrip(' "')), raw.strip(' "')))
            start = position + 1
    return found


def _in_row(cells: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    """(column to look from, key, value) in the cells of a row: a cell with its own colon, else a cell and the one after it."""
    whole = [(column, text) for column, text in cells if text]
    position = 0
    while position < len(whole):
        column, text = whole[position]
        parts = _SPLIT.split(text, maxsplit=1) if len(text) <= 300 else [text]
        if len(parts) == 2 and parts[1].strip() and property_of(parts[0]):
            yield column + len(parts[0]), parts[0], parts[1].strip()
        elif (
            position + 1 < len(whole)
            and len(whole) <= 8
            and property_of(text)
            and not property_of(whole[position + 1][1])
        ):
            after, value = whole[position + 1]
            yield after, text, value
            position += 1
        position += 1


def _columns(rows: Sequence[Sequence[str]], places: Any) -> Iterator[tuple[int, str, tuple[int, str]]]:
    """(row, name, cell) of the first filled cell under each telling column name of the first rows that look like a header."""
    headers = 0
    for number, row in enumerate(rows[:-1]):
        telling = [i for i, cell in enumerate(row) if cell and property_of(cell)]
        if len(telling) < 2 or sum(bool(cell) for cell in row) < 4:
            continue
        headers += 1
        for i in telling:
            for below in range(number + 1, min(number + 4, len(rows))):
                if i < len(rows[below]) and rows[below][i] and len(rows[below]) >= len(telling):
                    if not property_of(rows[below][i]):
                        yield below, row[i], places[below][i]
                    break
        if headers == 3:
            return


def _sheets(file: File) -> Iterator[Pair]:
    if file.head(2) == b"PK":
        guard(file)
    elif file.size > 20_000_000:
        return
    with CalamineWorkbook.from_path(str(file.path)) as book:
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        for name in names[:MOST_SHEETS]:
            sheet = book.get_sheet_by_name(name)
            left, top = (sheet.start or (0, 0))[1], (sheet.start or (0, 0))[0]
            rows = [
                [_shown(cell) for cell in row[:200]] for row in sheet.to_python(skip_empty_area=True, nrows=MOST_ROWS)
            ]
            for number, row in enumerate(rows):
                for column, key, value in _in_row(list(enumerate(row))):
                    yield Pair(key, value, CellPlace(file.name, column + left + 1, number + top + 1, name, value[:300]))
                filled = [(i, cell) for i, cell in enumerate(row) if cell]
                if 0 < len(filled) <= 2 and len(filled[-1][1]) <= 120:
                    column, cell = filled[-1]
                    place = CellPlace(file.name, column + left + 1, number + top + 1, name, cell[:300])
                    if len(cell) <= 60 and (match := DETECTIONS.search(cell)):
                        yield Pair("detection type", match[0], place)
                    for wave in wavelengths(cell):
                        yield Pair("wavelength", f"{wave} nm", place)
            grid = [list(enumerate(row)) for row in rows]
            for number, key, (column, value) in _columns(rows, grid):
                place = CellPlace(file.name, column + left + 1, number + top + 1, name, value[:300])
                yield Pair(key, value, place, header=False)


def _shown(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()[:500]


def _xml(file: File) -> Iterator[Pair]:
    """Elements with text alone and attributes, by name; nothing outside the file is ever fetched."""
    if file.size > MOST_TREE:
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    root = etree.fromstring(file.head(MOST_TREE), parser)
    if root is None:
        return
    tree = root.getroottree()
    for number, element in enumerate(root.iter()):
        if number > MOST_LEAVES:
            return
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element).localname
        text = (element.text or "").strip()
        named = element.get("name") or element.get("key")
        for key, value in (
            (name, text),
            *((named, element.get("value") or text),) * bool(named),
            *element.attrib.items(),
        ):
            if key and value and len(value) <= 300 and property_of(str(key).rpartition("}")[2]):
                path = tree.getpath(element)
                yield Pair(str(key), value, AttributePlace(file.name, path, element.sourceline, value[:300]))


def _json(file: File) -> Iterator[Pair]:
    if file.size > MOST_TREE:
        return
    try:
        data = json.loads(decode(file.head(MOST_TREE)).text)
    except (ValueError, RecursionError):
        return
    stack: list[tuple[str, str, Any]] = [("", "", data)]
    seen = 0
    while stack and seen < MOST_LEAVES:
        key, path, value = stack.pop()
        seen += 1
        if isinstance(value, dict):
            items = [(str(k), f"{path}/{str(k).replace('~', '~0').replace('/', '~1')}", v) for k, v in value.items()]
            stack.extend(reversed(items))
        elif isinstance(value, list):
            stack.extend(reversed([(key, f"{path}/{i}", item) for i, item in enumerate(value[:200])]))
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and property_of(key):
            yield Pair(key, str(value), AttributePlace(file.name, path, None, str(value)[:300]))

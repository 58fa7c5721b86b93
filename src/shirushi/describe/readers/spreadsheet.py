"""Spreadsheets (XLSX, XLSM, XLS, ODS): every sheet as a table; a sheet that is a data dictionary, or notes, as what it is.

The container is looked at before it is opened: sheets are compressed XML, and a few kilobytes may unpack to gigabytes.
"""

import datetime as dt
import re
import zipfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    ZipError,
)

from shirushi.describe.evidence import CellPlace, Evidence, FilePlace, evidence_from_json, to_json
from shirushi.describe.readers import codebook
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.cells import parse
from shirushi.describe.readers.headers import Row, Table, find_table
from shirushi.describe.readers.notes import notes
from shirushi.describe.readers.screening import MOST_IN_FORM, MOST_TEXT, evidence_in, screened
from shirushi.describe.readers.sensitive_values import is_meant_for_readers
from shirushi.describe.readers.tabular import table_evidence
from shirushi.describe.readers.units import is_unit
from shirushi.describe.readers.zips import DAMAGED
from shirushi.describe.text import fold

READER = "spreadsheet/1"
MOST_UNPACKED = 120_000_000  # bytes of XML of one workbook
MOST_RATIO = 200
MOST_SHEETS = 40
MOST_CELLS = 400_000  # of one sheet; of a longer one rows are taken evenly
MOST_TOLD = 20_000  # rows whose cells are looked at as text
LONGEST_LABEL = 30
ALWAYS = 100  # rows at the top that are never left out

# Sheets that speak about the others
_ABOUT = re.compile(
    r"read[_\- ]?me|code[_\- ]?book|dictionary|legend|(?:^|\W)notes?(?:$|\W)|variables?|metadata|about|description|definitions?"
    r"|凡例|変数|項目|説明|定義|注記|注釈|はじめに|お読み|備考|用語",
    re.IGNORECASE,
)
_OPEN_XML = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@reads(
    _OPEN_XML,
    "application/vnd.ms-excel.sheet.macroEnabled.12",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
)
def read_spreadsheet(file: File) -> Iterator[Evidence]:
    """Tables and columns of every sheet, rows of data dictionaries, notes.

    Raises:
        Unreadable: it is locked, damaged, or unpacks to too much.
    """
    if file.head(2) == b"PK":
        guard(file)
    elif file.size > MOST_UNPACKED:
        raise Unreadable("too-large", f"{file.size:,} bytes")
    try:
        with CalamineWorkbook.from_path(str(file.path)) as book:
            sheets = [m for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
            if len(sheets) > MOST_SHEETS:
                message = f"the first {MOST_SHEETS} of {len(sheets)} sheets were read"
                yield Evidence("problem", {"code": "too-large", "message": message}, FilePlace(file.name), READER)
            visible = [m.name for m in sheets[:MOST_SHEETS] if m.visible == SheetVisibleEnum.Visible]
            hidden = [m.name for m in sheets[:MOST_SHEETS] if m.visible != SheetVisibleEnum.Visible]
            named: set[str] = set()  # of columns, by the sheets of data
            for name in sorted(visible, key=lambda name: _ABOUT.search(name) is not None):
                yield from _read_sheet(file.name, book.get_sheet_by_name(name), named)
            for name in hidden:
                yield from _look_into(file.name, book.get_sheet_by_name(name))
            if hidden:
                message = ", ".join(f"“{name[:100]}”" for name in hidden[:5]) + (" …" if len(hidden) > 5 else "")
                yield Evidence("problem", {"code": "hidden-sheets", "message": message}, FilePlace(file.name), READER)
    except PasswordError as error:
        raise Unreadable("encrypted", str(error)) from error
    except (CalamineError, ZipError) as error:
        raise Unreadable("malformed", str(error)) from error


def sheets(file: File) -> Iterator[tuple[str, CalamineSheet]]:
    """The visible sheets of cells, by name, in their order.

    Raises:
        Unreadable: it is locked, damaged, or unpacks to too much.
    """
    if file.head(2) == b"PK":
        guard(file)
    elif file.size > MOST_UNPACKED:
        raise Unreadable("too-large", f"{file.size:,} bytes")
    try:
        with CalamineWorkbook.from_path(str(file.path)) as book:
            for meta in book.sheets_metadata:
                if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible:
                    yield meta.name, book.get_sheet_by_name(meta.name)
    except PasswordError as error:
        raise Unreadable("encrypted", str(error)) from error
    except (CalamineError, ZipError) as error:
        raise Unreadable("malformed", str(error)) from error


def all_rows(sheet: CalamineSheet) -> list[Row]:
    """Every row of a sheet as it shows them."""
    # The library starts rows at the top of the sheet, but cells at the first column that is used.
    margin = [""] * (sheet.start[1] if sheet.start else 0)
    return [(number, [*margin, *map(shown, cells)]) for number, cells in enumerate(sheet.iter_rows(), start=1)]


def guard(file: File) -> None:
    """Raises Unreadable when a workbook's container is cut, locked, or unpacks to too much."""
    try:
        with zipfile.ZipFile(file.path) as container:
            entries = container.infolist()
    except DAMAGED as error:
        raise Unreadable("truncated", str(error)) from error
    size = sum(entry.file_size for entry in entries if entry.filename.endswith((".xml", ".bin", ".rels")))
    if size > 1_000_000 and size > MOST_RATIO * max(1, file.size):
        raise Unreadable("bomb", f"{file.size:,} bytes would become {size:,}")
    if size > MOST_UNPACKED:
        raise Unreadable("too-large", f"it unpacks to {size:,} bytes; up to {MOST_UNPACKED:,} are read")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("encrypted", "its parts are encrypted")


def _read_sheet(file: str, sheet: CalamineSheet, named: set[str]) -> Iterator[Evidence]:
    """One sheet. One whose name says that it is about the others, and which names their columns, explains them; without a table
    of its own it holds notes. ``named`` are the columns of sheets before."""
    rows, sampled = _rows(sheet)
    yield from _told(file, sheet.name, rows)
    table = find_table(rows)
    if table is None:
        return
    about = _ABOUT.search(sheet.name) is not None
    if about and not (table.header and codebook.roles(table.header)):
        if explained := list(_explained(file, sheet.name, rows, named)):
            yield from explained
            return
        if _only_words(rows):
            yield from notes(file, rows, READER, sheet=sheet.name)
            return
    if table.width < 2 or not table.data:
        yield from notes(file, rows, READER, sheet=sheet.name)
        return
    yield from notes(file, table.before, READER, sheet=sheet.name)
    count = rows[-1][0] - table.row if sampled else len(table.data)
    shape = {"name": sheet.name, "sheet": sheet.name, "rows": count}
    named.update(fold(name) for name in table.header if name.strip())
    yield from table_evidence(file, table, shape=shape, sampled=sampled, sheet=sheet.name, reader=READER)
    yield from _dictionary(file, sheet.name, table)


def _look_into(file: str, sheet: CalamineSheet) -> Iterator[Evidence]:
    """What a hidden sheet holds about people, and nothing else of it: whoever hid it does not think of it as data, and whoever
    publishes the workbook publishes it all the same."""
    told = screened([to_json(item) for item in _read_sheet(file, sheet, set())], file)
    yield from (evidence_from_json(item) for item in told if item["kind"] == "sensitive")


def _told(file: str, sheet: str, rows: Sequence[Row]) -> Iterator[Evidence]:
    """What cells say about people where they are a form or text rather than a table: a label and what stands beside it count as
    said together."""
    texts: list[str] = []
    starts: list[int] = []
    places: list[tuple[int, int]] = []
    length = 0
    for number, cells in islice(rows, MOST_TOLD):
        filled = [(i, " ".join(cell.split())) for i, cell in enumerate(cells) if cell.strip()]
        pairs = len(filled) % 2 == 0 and len(filled) <= MOST_IN_FORM
        for at, (column, text) in enumerate(filled):
            texts.append(text + ("：" if pairs and at % 2 == 0 and len(text) <= LONGEST_LABEL else "\n"))
            starts.append(length)
            places.append((number, column + 1))
            length += len(texts[-1])

    def place(start: int, _: int, quote: str) -> CellPlace:
        row, column = places[bisect_right(starts, start) - 1]
        return CellPlace(file, column, row, sheet, quote)

    yield from evidence_in("".join(texts)[:MOST_TEXT], place, for_readers=is_meant_for_readers(file), lists=False)


def _rows(sheet: CalamineSheet) -> tuple[list[Row], bool]:
    """The rows of a sheet as it shows them, and whether some were left out because there are too many."""
    last = sheet.end[0] + 1 if sheet.end else 0
    step = max(1, -(-sheet.height * sheet.width // MOST_CELLS))
    # The library starts rows at the top of the sheet, but cells at the first column that is used.
    margin = [""] * (sheet.start[1] if sheet.start else 0)
    rows = [
        (number, [*margin, *map(shown, cells)])
        for number, cells in enumerate(sheet.iter_rows(), start=1)
        if number <= ALWAYS or number % step == 0 or number == last
    ]
    return rows, step > 1


def shown(cell: object) -> str:
    """A cell as it would be written into a CSV: whole numbers without a point, dates in ISO form."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        midnight = cell.time() == dt.time(0)
        return cell.date().isoformat() if midnight else cell.isoformat(timespec="seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, dt.time):
        return cell.isoformat(timespec="seconds")
    return str(cell)


def _only_words(rows: Sequence[Row]) -> bool:
    """Whether no row has more than two cells, and few of them are numbers or dates."""
    filled = [[cell for cell in cells if cell.strip()] for _, cells in rows[:200]]
    sorts = [parse(cell).sort for cells in filled for cell in cells]
    return all(len(cells) <= 2 for cells in filled) and sorts.count("string") >= 0.7 * len(sorts)


def _explained(file: str, sheet: str, rows: Sequence[Row], named: set[str]) -> Iterator[Evidence]:
    """Rows whose first cell is the name of a column in another sheet and whose second says what it means, whatever stands above
    them; nothing unless they are several and most of what the sheet says in such rows."""
    filled = [
        (number, cells, [i for i, cell in enumerate(cells) if cell.strip()]) for number, cells in islice(rows, 5_000)
    ]
    pairs = [(number, cells, at) for number, cells, at in filled if len(at) >= 2]
    fit = [(number, cells, at) for number, cells, at in pairs if fold(cells[at[0]]).strip(" :：") in named]
    if len(fit) < 2 or len(fit) * 2 < len(pairs):
        return
    for number, cells, at in fit:
        value = {"variable": cells[at[0]].strip(" :：\n"), "description": " ".join(cells[at[1]].split())[:5_000]}
        if len(at) >= 3 and is_unit(cells[at[2]]):
            value["unit"] = cells[at[2]].strip()
        place = CellPlace(file, at[1] + 1, number, sheet, cells[at[1]][:400])
        yield Evidence("codebook-row", value, place, READER)


def _dictionary(file: str, sheet: str, table: Table) -> Iterator[Evidence]:
    """Rows of a sheet that describes the columns of another."""
    places = codebook.roles(table.header) if table.header else None
    if places is None:
        return
    for number, cells in islice(table.data, 5_000):
        value = codebook.row(cells, places)
        if value:
            column = places["description" if "description" in value else "variable"]
            place = CellPlace(file, column + 1, number, sheet, cells[column][:400] if column < len(cells) else "")
            yield Evidence("codebook-row", value, place, READER)

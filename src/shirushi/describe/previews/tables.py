"""A window of a table's rows: delimited text, spreadsheets, JSON lists of objects."""

from collections.abc import Sequence
from itertools import islice

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, ZipError

from shirushi.describe.evidence import JSON
from shirushi.describe.previews.text import preview_text
from shirushi.describe.readers import delimited, spreadsheet
from shirushi.describe.readers.base import File, Unreadable
from shirushi.describe.readers.headers import Row, Table, find_table
from shirushi.describe.text import decode

MOST_COLUMNS = 200
MAX_CELL = 1_000
MOST_ABOVE = 1_000  # rows above a header
_HEAD = 1_000_000
_CONTEXT = 10  # rows shown before the highlighted one


def preview_table(
    file: File, *, row: int | None, column: int | None, sheet: str | None, offset: int | None, limit: int
) -> dict[str, JSON]:
    """``{"type": "table", ...}``: rows from ``offset`` (their number, 1-based) or around ``row``; the header apart."""
    start = offset or (max(1, row - _CONTEXT) if row else 1)
    if file.media_type in ("text/csv", "text/tab-separated-values"):
        found = _delimited(file, start, limit)
    else:
        found = _spreadsheet(file, sheet, start, limit)
    return found | {"highlight": {"row": row, "column": column}}


def shape(
    header: Sequence[str],
    rows: Sequence[Row],
    *,
    total: int | None,
    header_row: int | None,
    records: int | None = None,
    aside: Sequence[int] = (),
    above: Sequence[Row] = (),
    ends: tuple[int, int | None] | None = None,
) -> dict[str, JSON]:
    """The JSON of a table; cells and columns beyond the bounds are left out: ``width`` tells how many columns there are, a cell
    that is cut ends in an ellipsis. ``total`` counts rows as they are numbered, with the header, ``records`` those of data alone;
    ``aside`` are the numbers of rows that hold no data though they are shown: empty ones, units, totals, notes; ``above`` the rows
    that stand above the header; ``ends`` the first and the last row that can be shown."""
    return {
        "type": "table",
        "sheet": None,
        "sheets": [],
        "header": [name[:MAX_CELL] for name in header[:MOST_COLUMNS]],
        "header_row": header_row,
        "width": max([len(header), *(len(cells) for _, cells in rows)]),
        "rows": _numbered(rows),
        "total_rows": total,
        "records": records,
        "aside": list(aside),
        "above": _numbered(above),
        "ends": list(ends) if ends else None,
    }


def _numbered(rows: Sequence[Row]) -> list[JSON]:
    return [{"number": number, "cells": [_cell(c) for c in cells[:MOST_COLUMNS]]} for number, cells in rows]


def _aside(table: Table | None, rows: Sequence[Row], header_row: int | None) -> list[int]:
    """The rows that are shown and that no column counts."""
    if table is None or not table.header or header_row is None or table.row != header_row:
        return []
    data = {number for number, _ in table.data}
    return [number for number, _ in rows if number > header_row and number not in data]


def _cell(text: str) -> str:
    return text if len(text) <= MAX_CELL else text[:MAX_CELL] + "…"


def _delimited(file: File, start: int, limit: int) -> dict[str, JSON]:
    """Rows numbered as the reader numbers them; beyond the head, where each line is taken for a row."""
    head, whole, total = _head(file)
    rows, dialect = delimited.rows_of_head(head, file.media_type)
    table = find_table(rows, row_names=dialect.delimiter in ("", "\t"))
    header = table.header if table else []
    header_row = table.row if table and header else None
    last = rows[-1][0] if rows else 0
    if start > last and not whole:
        window = preview_text(file.path, start=start, limit=limit)
        if window["type"] != "text":
            return window
        rows = [(entry["number"], delimited.cells_of_line(entry["text"], dialect)) for entry in window["lines"]]
        total = window["total_lines"]
    above, shown = _parted(rows, start, header_row)
    ends = (header_row or 0) + 1, last if whole else None
    records = sum(number > (header_row or 0) for number, _ in rows) if whole else None
    aside = _aside(table, shown[:limit], header_row) if whole else []
    return shape(
        header, shown[:limit], total=total, header_row=header_row, records=records, aside=aside, above=above, ends=ends
    )


def _parted(rows: Sequence[Row], start: int, header_row: int | None) -> tuple[list[Row], list[Row]]:
    """The rows from ``start`` on: those above the header, and those below it."""
    seen = [row for row in rows if row[0] >= start]
    head = header_row or 0
    return [row for row in seen if row[0] < head][:MOST_ABOVE], [row for row in seen if row[0] > head]


def _head(file: File) -> tuple[str, bool, int | None]:
    """The text of the head, whole lines only; whether it is all; and the number of lines where it is."""
    data = file.head(_HEAD)
    whole = len(data) == file.size
    text = decode(
        data.replace(b"\0", b"") if data[:2] not in (b"\xff\xfe", b"\xfe\xff") else data, truncated=not whole
    ).text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if whole:
        return text, True, text.count("\n") + (not text.endswith("\n"))
    return text[: text.rfind("\n") + 1] or text, False, None


def _spreadsheet(file: File, sheet: str | None, start: int, limit: int) -> dict[str, JSON]:
    if file.head(2) == b"PK":
        spreadsheet.guard(file)
    try:
        with CalamineWorkbook.from_path(str(file.path)) as book:
            names = [m.name for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
            if not names:
                raise Unreadable("malformed", "the workbook has no sheet of cells")
            name = sheet if sheet in names else names[0]
            opened = book.get_sheet_by_name(name)
            margin = [""] * (opened.start[1] if opened.start else 0)
            first = [
                (n, [*margin, *map(spreadsheet.shown, cells)])
                for n, cells in enumerate(islice(opened.iter_rows(), 200), 1)
            ]
            table = find_table(first)
            header, header_row = (table.header, table.row) if table and table.header else ([], None)
            chosen = islice(enumerate(opened.iter_rows(), 1), start - 1, start + limit)
            all_of_it = [(n, [*margin, *map(spreadsheet.shown, cells)]) for n, cells in chosen]
            above, rows = _parted(all_of_it, start, header_row)
            above = [row for row in above if any(row[1])]
            total = opened.total_height + 1  # the library counts to the last row from zero
    except PasswordError as error:
        raise Unreadable("encrypted", str(error)) from error
    except (CalamineError, ZipError) as error:
        raise Unreadable("malformed", str(error)) from error
    records = total - (header_row or 0)
    is_whole = start == 1 and records <= limit
    aside = _aside(find_table(all_of_it), rows, header_row) if is_whole else []
    ends = (header_row or 0) + 1, total
    told = shape(
        header, rows[:limit], total=total, header_row=header_row, records=records, aside=aside, above=above, ends=ends
    )
    return told | {
        "sheet": name,
        "sheets": names,
    }

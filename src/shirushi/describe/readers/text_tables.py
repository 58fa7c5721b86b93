"""Tables that texts draw: simple and grid tables and ``list-table`` of reStructuredText, ``tabular`` of TeX, tables of HTML.

Each gives rows of cells, the first row its header, with the number of the line (0-based) where the row stands.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

Row = tuple[int, list[str]]
MOST_ROWS = 2_000
_RULE = re.compile(r"^\s*=+(?:\s+=+)+\s*$")
_GRID = re.compile(r"^\s*\+(?:[-=]+\+)+\s*$")
_LIST_TABLE = re.compile(r"^(\s*)\.\.\s+list-table::")
_TABULAR = re.compile(r"\\begin\{(tabular[x*y]?|longtable|supertabular)\}(.{1,50000}?)\\end\{\1\}", re.DOTALL)


def of_rst(lines: Sequence[str]) -> Iterator[list[Row]]:
    """Tables of a reStructuredText, in order."""
    number = 0
    while number < len(lines):
        line = lines[number]
        found: list[Row] = []
        end = number + 1
        if _RULE.match(line):
            found, end = _simple(lines, number)
        elif _GRID.match(line):
            found, end = _grid(lines, number)
        elif match := _LIST_TABLE.match(line):
            found, end = _listed(lines, number, len(match[1]))
        if len(found) > 1:
            yield found[:MOST_ROWS]
        number = max(end, number + 1)


def _simple(lines: Sequence[str], start: int) -> tuple[list[Row], int]:
    spans = [match.span() for match in re.finditer(r"=+", lines[start])]
    rows: list[Row] = []
    rules = 1
    number = start + 1
    while number < len(lines) and rules < 3:
        line = lines[number]
        if _RULE.match(line):
            rules += 1
            if rules == 2 and not (number + 1 < len(lines) and lines[number + 1].strip()):
                break  # a table without a header ends at its second rule
        elif line.strip():
            starts = [a for a, _ in spans]
            cells = [line[a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
            if not cells[0] and rows:  # goes on from the line above
                rows[-1] = (rows[-1][0], [f"{a} {b}".strip() for a, b in zip(rows[-1][1], cells, strict=True)])
            else:
                rows.append((number, cells))
        number += 1
    return rows, number + 1


def _grid(lines: Sequence[str], start: int) -> tuple[list[Row], int]:
    rows: list[Row] = []
    number = start + 1
    fresh = True
    while number < len(lines) and lines[number].lstrip().startswith(("|", "+")):
        if _GRID.match(lines[number]):
            fresh = True
        else:
            cells = [cell.strip() for cell in lines[number].strip().strip("|").split("|")]
            if fresh or not rows or len(rows[-1][1]) != len(cells):
                rows.append((number, cells))
            else:
                rows[-1] = (rows[-1][0], [f"{a} {b}".strip() for a, b in zip(rows[-1][1], cells, strict=True)])
            fresh = False
        number += 1
    return rows, number


def _listed(lines: Sequence[str], start: int, indent: int) -> tuple[list[Row], int]:
    rows: list[Row] = []
    number = start + 1
    while number < len(lines) and (
        not lines[number].strip() or len(lines[number]) - len(lines[number].lstrip()) > indent
    ):
        line = lines[number].strip()
        if line.startswith("* - "):
            rows.append((number, [line[4:].strip()]))
        elif line.startswith("- ") and rows:
            rows[-1][1].append(line[2:].strip())
        elif line and rows and not line.startswith(":"):
            rows[-1][1][-1] = f"{rows[-1][1][-1]} {line}".strip()
        number += 1
    return rows, number


def of_tex(text: str) -> Iterator[list[tuple[int, list[str]]]]:
    """Cells of every ``tabular`` as TeX source, with the offset at which each row stands."""
    for match in _TABULAR.finditer(text):
        rows: list[Row] = []
        at = match.start(2)
        for part in re.split(r"(\\\\|\\tabularnewline)", match[2]):
            if part not in ("\\\\", "\\tabularnewline") and "&" in part:
                bare = re.sub(r"\\(?:hline|toprule|midrule|bottomrule|cline\{[^}]*\}|endhead|endfirsthead)", " ", part)
                bare = (
                    re.sub(r"^(?:\s*(?:\[[^\]]*\]|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}))+", " ", bare) if not rows else bare
                )
                rows.append((at, re.split(r"(?<!\\)&", bare)))
            at += len(part)
        if len(rows) > 1:
            yield rows[:MOST_ROWS]


def of_html(table: Any) -> list[Row]:
    """Rows of an HTML table that holds no other table."""
    if table.find(".//table") is not None:
        return []
    rows: list[Row] = []
    for row in list(table.iter("tr"))[:MOST_ROWS]:
        cells = [" ".join(str(cell.text_content()).split()) for cell in row if cell.tag in ("td", "th")]
        if any(cells):
            rows.append((max((row.sourceline or 1) - 1, 0), cells))
    return rows if len(rows) > 1 else []

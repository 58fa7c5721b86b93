"""Rows from everywhere in a large table of text, so that the shape of a chart is that of the whole and not that of its beginning."""

from collections import Counter
from collections.abc import Mapping, Sequence

from shirushi.describe.evidence import JSON
from shirushi.describe.readers import delimited
from shirushi.describe.readers.base import File
from shirushi.describe.readers.columns import histogram, readings
from shirushi.describe.text import decode

WINDOWS = 64
LENGTH = 16_384  # bytes of one
MOST_CELLS = 200_000
_HEAD = 200_000
_WIDE = ("utf-16", "utf-32", "iso2022")  # where a line ends cannot be told from the middle


def even_rows(file: File, *, above: int) -> list[list[str]]:
    """Rows of a CSV file at equal distances; ``above`` rows at its beginning are none. [] where lines cannot be found."""
    decoded = decode(file.head(_HEAD), truncated=True)
    if decoded.encoding.startswith(_WIDE) or file.size < WINDOWS * LENGTH:
        return []
    _, dialect = delimited.rows_of_head(decoded.text.replace("\r\n", "\n").replace("\r", "\n"), file.media_type)
    found: list[list[str]] = []
    with file.open() as stream:
        for number in range(WINDOWS):
            stream.seek(number * (file.size - LENGTH) // (WINDOWS - 1))
            text = stream.read(LENGTH).decode(decoded.encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")
            whole = text.partition("\n")[2] if number else text
            rows = delimited.rows_of(whole[: whole.rfind("\n") + 1].rstrip("\n"), dialect, 0)
            found += [cells for row, cells in rows if number or row > above]
    step = max(1, -(-sum(map(len, found)) // MOST_CELLS))
    return found[::step]


def even_histogram(column: Mapping[str, JSON], rows: Sequence[Sequence[str]]) -> list[int] | None:
    """How many of these rows lie in each part of a column's range; None where they tell nothing."""
    at, low, high = int(column["position"]) - 1, column["minimum"], column["maximum"]
    counted = Counter(row[at] for row in rows if at < len(row))
    if not counted:
        return None
    return histogram(float(low), float(high), counted, readings(str(column["name"]), counted).cells)

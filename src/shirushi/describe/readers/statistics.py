"""Stata, SPSS and SAS: variables with their labels, the words behind coded values, missing values, and the first rows.

Read by pyreadstat (the C library ReadStat), which needs neither pandas nor the programs themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.columns import Column, Profile
from shirushi.describe.readers.json_files import shown_cell
from shirushi.describe.readers.rows import column_evidence

READER = "statistics/1"
MOST_COLUMNS = 2_000
MOST_CELLS = 400_000
MOST_ROWS = 5_000
MOST_CODES = 30
_READ = {
    "application/x-stata-dta": "read_dta",
    "application/x-spss-sav": "read_sav",
    "application/x-spss-por": "read_por",
    "application/x-sas-data": "read_sas7bdat",
    "application/x-sas-xport": "read_xport",
}
_ENCODINGS = (None, "CP932", "LATIN1")


@reads(*_READ)
def read_statistics(file: File) -> Iterator[Evidence]:
    """One table, described by whoever made it."""
    import pyreadstat

    function = getattr(pyreadstat, _READ[file.media_type])
    _, about = _call(function, file, metadataonly=True, output_format="dict")  # its default needs pandas
    names = list(about.column_names)[:MOST_COLUMNS]
    if not names:
        return
    most = max(50, min(MOST_ROWS, MOST_CELLS // len(names)))
    rows, _ = _call(function, file, row_limit=most, output_format="dict", usecols=names)
    yield from _about(file.name, about)
    yield from _table(file.name, about, names, rows)


def columns_of(file: File) -> tuple[list[str], dict[str, str]]:
    """The names of all variables, and the labels of those that have one. Raises Unreadable."""
    import pyreadstat

    _, about = _call(getattr(pyreadstat, _READ[file.media_type]), file, metadataonly=True, output_format="dict")
    labels = zip(about.column_names, about.column_labels or [], strict=False)
    return list(about.column_names), {name: label for name, label in labels if label}


def rows_of(file: File, names: Sequence[str], start: int, count: int) -> Mapping[str, Sequence[Any]]:
    """``count`` observations from ``start`` (0 is the first), fewer at the end, by variable. Raises Unreadable."""
    import pyreadstat

    function = getattr(pyreadstat, _READ[file.media_type])
    rows, _ = _call(function, file, row_offset=start, row_limit=count, output_format="dict", usecols=list(names))
    return {name: list(rows.get(name, ())) for name in names}


def _call(function: Any, file: File, **options: Any) -> tuple[Any, Any]:
    """The answer in the encoding that the file declares, else in those that files without one are written in.

    Raises:
        Unreadable: ReadStat cannot read it.
    """
    import pyreadstat

    problem: Exception | None = None
    for encoding in _ENCODINGS:
        more = {"encoding": encoding} if encoding and function.__name__ != "read_por" else {}
        try:
            found: tuple[Any, Any] = function(str(file.path), **options, **more)
        except UnicodeDecodeError as error:
            problem = error
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OverflowError) as error:
            problem = error
            if "encod" not in str(error).lower() and "convert" not in str(error).lower():
                break
        else:
            return found
    raise Unreadable("malformed", f"ReadStat: {problem}"[:300])


def _about(file: str, about: Any) -> Iterator[Evidence]:
    """The file's own label and notes."""
    for name, value in (("title", about.file_label), ("notes", " ".join(about.notes or []))):
        if isinstance(value, str) and value.strip():
            place = AttributePlace(file, f"/@{name}", quote=value.strip()[:300])
            yield Evidence("attribute", {"name": name, "value": value.strip()[:5_000], "owner": ""}, place, READER)


def _table(file: str, about: Any, names: list[str], rows: Mapping[str, Any]) -> Iterator[Evidence]:
    labels = dict(zip(about.column_names, about.column_labels or [], strict=False))
    codes: Mapping[str, Mapping[Any, str]] = about.variable_value_labels or {}
    values = {name: list(rows.get(name, ())) for name in names}
    read = max((len(column) for column in values.values()), default=0)
    count = about.number_rows if isinstance(about.number_rows, int) and about.number_rows >= 0 else None
    sampled = count is None or count > read
    shape = {
        "name": file.rpartition("/")[2],
        "rows": count,
        "columns": len(about.column_names),
        "sampled": sampled,
        "header": names,
    }
    yield Evidence("table", shape, AttributePlace(file, "/", quote=", ".join(names)[:300]), READER)
    columns = [
        Column(name, position, [shown(value) for value in values[name]]) for position, name in enumerate(names, start=1)
    ]

    def place(column: str) -> AttributePlace:
        return AttributePlace(file, f"/{column}", quote=str(labels.get(column) or column)[:300])

    def told(item: Profile) -> dict[str, JSON]:
        return _told(labels.get(item.column.name), codes.get(item.column.name))

    yield from column_evidence(file, columns, place, READER, sampled=sampled, told=told)


def shown(value: object) -> str:
    """Numbers are kept as floating point in these files: 3.0 is written 3, and what is no number is missing."""
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return shown_cell(value)


def _told(label: str | None, codes: Mapping[Any, str] | None) -> dict[str, JSON]:
    """The variable's label, and the words behind its codes: a coded variable is not a quantity."""
    told: dict[str, JSON] = {}
    if label and label.strip():
        told["label"] = label.strip()[:500]
    if codes:
        listed = [f"{shown(code)} = {words}" for code, words in list(codes.items())[:MOST_CODES]]
        more = f"; and {len(codes) - MOST_CODES} more" if len(codes) > MOST_CODES else ""
        told["description"] = (f"{told['label']}: " if "label" in told else "") + "; ".join(listed) + more
    return told

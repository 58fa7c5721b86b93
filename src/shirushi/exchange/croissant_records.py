"""Croissant: the tables of a record as record sets, with statistics as annotations.

A record set extracts its columns from the Parquet that was made from a table, where there is one: Croissant cannot tell a reader of
delimited text its encoding, delimiter or header line, nor load sheets of a workbook. Without it, only plain CSV and TSV load.
Source: Croissant format specification 1.1, sections on RecordSets, Annotations and Descriptive Statistics.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from shirushi.exchange.common import PLAIN_ENCODINGS, compact
from shirushi.exchange.pieces import Files
from shirushi.metadata.published import DerivedColumn, DerivedFile, FileEntry, Publication, TableForm
from shirushi.metadata.work import Variable

Node = dict[str, Any]

PARQUET = "application/x-parquet"  # as the reference implementation calls it
_DELIMITED = {"text/csv": ",", "text/tab-separated-values": "\t"}
_DATA_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
    "time": "sc:Time",
}
_CARDINALITY = "http://www.wikidata.org/entity/Q4049983"
_STANDARD_NAMES = "http://vocab.nerc.ac.uk/standard_name/"  # CF standard names at the NERC Vocabulary Server


def file_id(path: str) -> str:
    """A path as a relative IRI that no JSON-LD reader takes for an absolute one."""
    return "files/" + quote(path)


def derived_id(path: str) -> str:
    return "derived/" + quote(path)


def set_id(path: str, part: str | None = None) -> str:
    """The name under which a table's records are asked for: ``files/data.xlsx/Sheet1/records``."""
    return f"{file_id(path)}/{quote(part, safe='')}/records" if part else f"{file_id(path)}/records"


def record_sets(publication: Publication, files: Files | None = None) -> Iterator[Node]:
    """One for every table that a reader of Croissant can load, in the order of the files: those of ``publication``, unless others are
    given."""
    tables: defaultdict[str, list[DerivedFile]] = defaultdict(list)
    for made in publication.derived:
        if made.kind == "parquet":
            tables[made.derived_from].append(made)
    columns: defaultdict[str, list[Variable]] = defaultdict(list)
    for variable in publication.work.variables:
        if variable.file:
            columns[variable.file].append(variable)
    if not tables and not columns:
        return
    for entry in publication.files if files is None else files():
        own = columns.get(entry.path, [])
        if entry.path in tables:
            yield from (_of_derived(made, own) for made in tables[entry.path])
        elif own and _loads(entry):
            yield _of_file(entry.path, own, entry.table)


# ---- from the Parquet that was made


def _of_derived(made: DerivedFile, variables: Sequence[Variable]) -> Node:
    name = set_id(made.derived_from, made.part)
    where = f"{made.derived_from}, sheet {made.part}" if made.part else made.derived_from
    left = f" Not in it: {'; '.join(made.left_out)}." if made.left_out else ""
    by_name = {(v.part, v.name, v.position): v for v in variables}
    fields = []
    for column in made.columns:
        known = by_name.get((made.part, column.source, column.position)) or by_name.get(
            (made.part, column.source, None)
        )
        fields.append(_derived_field(name, made, column, known))
    return compact(
        {
            "@type": "cr:RecordSet",
            "@id": name,
            "name": f"Records of {where}",
            "description": f"{made.rows} records of {where}, read from the Parquet that was made of it.{left}",
            "field": fields,
            "annotation": [_count(name, made.rows)] if made.rows is not None else None,
        }
    )


def _derived_field(record_set: str, made: DerivedFile, column: DerivedColumn, known: Variable | None) -> Node:
    name = f"{record_set}/{quote(column.name, safe='')}"
    marks = ", ".join(f"“{mark}” ({times})" for mark, times in column.marks.items())
    words = [
        *_words(known, column.unit if known is None else known.unit),
        f"Column {column.position} of {made.derived_from}, there “{column.source}”."
        if column.name != column.source
        else None,
        f"Null stands for {marks}." if marks else None,
        f"{column.note[0].upper()}{column.note[1:]}." if column.note else None,
    ]
    statistics = _statistics(name, known, column.type) if known else []
    statistics = [one for one in statistics if one["name"] != "missing"]
    return _field(name, column.name, words, column.type, derived_id(made.path), known) | compact(
        {"annotation": [*statistics, _missing(name, column.nulls)]}
    )


# ---- from delimited text as it is


def _loads(entry: FileEntry) -> bool:
    """Whether a reader of Croissant can load the table: it is told neither encoding nor delimiter nor where the header stands,
    and picks columns by name."""
    table = entry.table
    if entry.media_type not in _DELIMITED or table is None:
        return entry.media_type in _DELIMITED
    return (
        table.encoding in PLAIN_ENCODINGS
        and table.delimiter == _DELIMITED[entry.media_type]
        and table.header_row == 1
        and len(set(table.header)) == len(table.header)
    )


def _of_file(path: str, variables: Sequence[Variable], table: TableForm | None) -> Node:
    """Numbers and dates that are not written plainly stay text. A column is extracted by its name, so that a second one of the same name
    cannot be told apart."""
    formatted = set(table.formatted) if table else set()
    name = set_id(path)
    fields: dict[str, Node] = {}
    for variable in variables:
        if variable.name in fields:
            continue
        kind = "string" if variable.name in formatted else variable.type or "string"
        own = f"{name}/{quote(variable.name, safe='')}"
        statistics = _statistics(own, variable, kind)
        fields[variable.name] = _field(
            own, variable.name, _words(variable, variable.unit), kind, file_id(path), variable
        ) | compact({"annotation": statistics})
    return {"@type": "cr:RecordSet", "@id": name, "name": f"Records of {path}", "field": list(fields.values())}


# ---- what both share


def _field(name: str, column: str, words: Sequence[str | None], kind: str, source: str, known: Variable | None) -> Node:
    standard = known.standard_name if known else None
    return compact(
        {
            "@type": "cr:Field",
            "@id": name,
            "name": column,
            "description": " ".join(word for word in words if word),
            "dataType": _DATA_TYPES[kind],
            "unitText": known.unit if known else None,
            "equivalentProperty": f"{_STANDARD_NAMES}{quote(standard, safe='')}/" if standard else None,
            "source": {"fileObject": {"@id": source}, "extract": {"column": column}},
        }
    )


def _words(variable: Variable | None, unit: str | None) -> list[str | None]:
    own = [variable.label, variable.description] if variable else []
    return [*dict.fromkeys(own), f"[{unit}]" if unit else None]


def _count(record_set: str, rows: int) -> Node:
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}#count",
        "name": "count",
        "description": "number of records",
        "value": rows,
        "dataType": _CARDINALITY,
    }


def _statistics(field: str, variable: Variable, kind: str) -> list[Node]:
    """Least and greatest value, and how many are missing, as the record says them."""
    of = ", of a sample" if variable.sampled else ""
    found = []
    if kind not in ("string", "boolean") and variable.minimum is not None and variable.maximum is not None:
        for name, value, word in (
            ("minimum", variable.minimum, "minValue"),
            ("maximum", variable.maximum, "maxValue"),
        ):
            found.append(
                _annotation(field, name, value, f"{name}{of}", _DATA_TYPES[kind]) | {"equivalentProperty": f"sc:{word}"}
            )
    if variable.missing is not None and variable.count:
        found.append(_missing(field, variable.missing, f", of {variable.count}{of}"))
    return found


def _missing(field: str, number: int, of: str = "") -> Node:
    return _annotation(field, "missing", number, f"number of missing values{of}", "sc:Integer")


def _annotation(field: str, name: str, value: Any, words: str, kind: str) -> Node:
    plain = int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
    return {
        "@type": "cr:Field",
        "@id": f"{field}#{name}",
        "name": name,
        "description": words,
        "value": plain,
        "dataType": kind,
    }

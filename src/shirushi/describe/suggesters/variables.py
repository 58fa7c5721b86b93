"""Variables: columns of tables and arrays of scientific files, with what a codebook says about them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from shirushi.describe.evidence import JSON, Candidate, CellPlace, Evidence
from shirushi.describe.readers.codebook import GENERIC, roles
from shirushi.describe.readers.units import split_header
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import of_data_file, stated_by
from shirushi.describe.suggesters.glosses import glosses
from shirushi.describe.suggesters.plots import plotted
from shirushi.describe.suggesters.quantities import names_things, spelled_out, unit_in_name, unit_in_text, usual_unit
from shirushi.describe.text import fold

TARGET = "/variables/-"
MOST = 2_000
_TYPES = {
    "int": "integer", "integer": "integer", "long": "integer", "bigint": "integer", "year": "integer", "number": "number", "float": "number",
    "double": "number", "decimal": "number", "numeric": "number", "real": "number", "string": "string", "str": "string", "text": "string",
    "character": "string", "char": "string", "varchar": "string", "factor": "string", "categorical": "string", "category": "string", "object": "string",
    "boolean": "boolean", "bool": "boolean", "logical": "boolean", "date": "date", "datetime": "datetime", "timestamp": "datetime", "time": "time",
    "文字列": "string", "数値": "number", "整数": "integer", "実数": "number", "日付": "date", "日時": "datetime", "真偽値": "boolean", "小数": "number",
}  # fmt: skip
_INDICATORS = 3
_DICTIONARY = re.compile(
    r"dict|codebook|code_book|metadata|schema|variable|column|field|feature|attribut|readme|data_?desc|definition|辞書|定義|項目|変数",
    re.IGNORECASE,
)
# What was worked on before the tables that are handed on; their columns are described less often
_RAW = re.compile(r"(?:^|/)[^/]*(?:raw|orig(?:inal)?s?|old|backup|tmp|temp)[^/]*/", re.IGNORECASE)
_SAME_TABLE = 0.6
_NUMERIC = 0.8
_FORMATS = (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xls", ".ods", ".json", ".jsonl")


@suggests("variables", version="2")
def variables(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """One variable for each column and array, in the order of files and columns."""
    for item in seen.stated("variables"):
        yield Candidate(TARGET, item.value["value"], (item,), stated_by("variables", item))
    tables = _tables(seen)
    repeated = _repeated(tables)
    dictionaries, posing = _dictionaries(seen, tables)
    names = dict.fromkeys(str(item.value["name"]) for item in seen.of("column", "array"))
    stated = [row for row in seen.of("codebook-row") if _table_of(row) not in posing]
    stated += [_as_row(item) for item in seen.stated("variables") if item.value["value"].get("name")]
    book = _Codebook([*stated, *glosses(seen, names), *plotted(seen)])
    shown = [item for table, items in tables.items() if table not in repeated for item in items]
    judged = {**_indicators(tables), **_empty(tables)}
    namesakes = _namesakes(tables)
    for item in shown[:MOST]:
        candidate = _column(item, book, judged.get(id(item)))
        if id(item) in namesakes and item.value.get("position"):
            candidate.value["position"] = item.value["position"]
        yield replace(candidate, method="variables.codebook-column") if _table_of(item) in dictionaries else candidate
    arrays = _once(item for item in seen.of("array") if not item.reader.startswith(_PICTURES))
    for item in arrays[: max(0, MOST - len(shown))]:
        yield _array(item, book)
    yield from book.unused(besides=bool(shown))


def _as_row(item: Evidence) -> Evidence:
    """What a metadata file states of a variable as the row of a codebook, for the column that it speaks of."""
    value = item.value["value"]
    row = {key: value[key] for key in ("description", "unit", "type", "label", "file") if value.get(key)}
    return Evidence("codebook-row", {"variable": value["name"], **row}, item.place, item.reader, item.lang)


def _once(items: Iterable[Evidence]) -> list[Evidence]:
    """Of data files whose format fixes what they hold (recordings, spectra, variants), each variable once for all files."""
    told: set[tuple[str, str, str]] = set()
    kept = []
    for item in items:
        key = (item.reader, str(item.value["name"]), str(item.value.get("unit", "")))
        others = told if of_data_file(item) else set()
        if key not in others:
            others.add(key)
            kept.append(item)
    return kept


_PICTURES = ("nifti/",)  # their array is an image, not a variable that was measured

Table = tuple[str, str | None]
"""A file and its sheet."""


def _table_of(item: Evidence) -> Table:
    sheet = item.value.get("sheet") if item.kind != "codebook-row" else getattr(item.place, "sheet", None)
    return item.place.file, sheet


def _tables(seen: EvidenceSet) -> dict[Table, list[Evidence]]:
    """The columns of every table, in order."""
    found: defaultdict[Table, list[Evidence]] = defaultdict(list)
    for item in _once(seen.of("column")):
        found[_table_of(item)].append(item)
    return dict(found)


def _repeated(tables: dict[Table, list[Evidence]]) -> set[Table]:
    """Tables that stand in the folder in another format too (``x.csv`` beside ``x.xlsx``): their columns are told once."""
    names = {table: {fold(item.value["name"]) for item in items} for table, items in tables.items()}
    kept: defaultdict[str, list[Table]] = defaultdict(list)
    repeated: set[Table] = set()
    for table in sorted(tables, key=lambda t: _format_rank(t[0])):
        twins = kept[_stem(tables[table][0].value.get("member") or table[0])]
        if any(
            PurePosixPath(twin[0]).suffix.lower() != PurePosixPath(table[0]).suffix.lower()
            and len(names[twin] & names[table]) >= _SAME_TABLE * len(names[table])
            for twin in twins
        ):
            repeated.add(table)
        else:
            twins.append(table)
    return repeated


def _format_rank(file: str) -> int:
    suffix = PurePosixPath(file).suffix.lower()
    return _FORMATS.index(suffix) if suffix in _FORMATS else len(_FORMATS)


def _indicators(tables: dict[Table, list[Evidence]]) -> dict[int, str]:
    """Columns of 0 and 1 in a table that has several, by id: such sets of columns answer yes or no."""
    found: dict[int, str] = {}
    for items in tables.values():
        binary = [
            id(item)
            for item in items
            if item.value["type"] == "integer"
            and (item.value.get("minimum"), item.value.get("maximum"), item.value.get("distinct")) == (0, 1, 2)
        ]
        found.update(dict.fromkeys(binary if len(binary) >= _INDICATORS else (), "boolean"))
    return found


def _namesakes(tables: dict[Table, list[Evidence]]) -> set[int]:
    """Columns whose name another column of their table has too, by id: their place tells them apart."""
    found: set[int] = set()
    for items in tables.values():
        times = Counter(item.value["name"] for item in items)
        found.update(id(item) for item in items if times[item.value["name"]] > 1)
    return found


def _empty(tables: dict[Table, list[Evidence]]) -> dict[int, str]:
    """Columns without any value among columns of numbers, by id: they wait for numbers, too."""
    found: dict[int, str] = {}
    for items in tables.values():
        empty = [id(item) for item in items if item.value.get("missing") == item.value.get("count")]
        numbers = sum(item.value["type"] in ("integer", "number") for item in items)
        if empty and numbers >= _NUMERIC * (len(items) - len(empty)) and numbers > len(empty):
            found.update(dict.fromkeys(empty, "number"))
    return found


def _dictionaries(seen: EvidenceSet, tables: dict[Table, list[Evidence]]) -> tuple[set[Table], set[Table]]:
    """Tables that are themselves data dictionaries (their columns describe variables, they are none), and tables that only
    look like one: things with a name and a description, of which none is a column of any table."""
    rows: defaultdict[Table, list[Evidence]] = defaultdict(list)
    for row in seen.of("codebook-row"):
        if isinstance(row.place, CellPlace):
            rows[_table_of(row)].append(row)
    headers = {
        (e.place.file, e.value.get("sheet")): [str(name) for name in e.value["header"]] for e in seen.of("table")
    }
    dictionaries: set[Table] = set()
    posing: set[Table] = set()
    for table, found in rows.items():
        places = roles(headers.get(table, []))
        if places is None:
            continue
        others = {_key(item.value["name"]) for own, items in tables.items() if own != table for item in items}
        known = sum(_key(str(row.value["variable"])) in others for row in found)
        generic = fold(headers[table][places["variable"]]) in GENERIC
        about = _DICTIONARY.search(PurePosixPath(table[0]).name) or _DICTIONARY.search(table[1] or "")
        (posing if generic and not about and known < max(1, 0.2 * len(found)) else dictionaries).add(table)
    return dictionaries, posing


class _Codebook:
    """Rows of data dictionaries by folded name; a row that names a file speaks of that file's columns only."""

    def __init__(self, rows: Iterable[Evidence]) -> None:
        self.rows: defaultdict[str, list[Evidence]] = defaultdict(list)
        self.used: set[int] = set()
        for item in rows:
            for name in (
                re.split(r"\s*(?:,|、|/|\bor\b|\band\b)\s*", str(item.value["variable"]))
                if len(str(item.value["variable"])) < 60
                else []
            ):
                if _key(name):
                    self.rows[_key(name)].append(item)
            self.rows[_key(str(item.value["variable"]))].append(item)

    def about(self, name: str, file: str) -> list[Evidence]:
        rows = next((found for key in _keys(name) if (found := self.rows.get(key))), [])
        stem = _stem(file)
        fitting = [r for r in rows if r.value.get("file") and _stem(str(r.value["file"])) == stem]
        near = [
            r
            for r in rows
            if not r.value.get("file")
            and (stem in fold(str(r.value.get("section", ""))) or _stem(r.place.file) == stem)
        ]
        free = [r for r in rows if not r.value.get("file") and r not in near]
        inherited = [
            r for r in rows if r.value.get("file") and r not in fitting and _inherits(str(r.value["file"]), file)
        ]
        chosen = [*fitting, *near, *inherited, *free]
        self.used.update(id(r) for r in chosen)
        return chosen

    def unused(self, *, besides: bool) -> Iterator[Candidate]:
        """Variables that a dictionary describes but no table shows, each once. ``besides``: there are tables with other columns,
        so the dictionary may be one of something else."""
        method = "variables.codebook-besides" if besides else "variables.codebook-only"
        seen: set[tuple[str, str]] = set()
        for key, rows in self.rows.items():
            for item in rows:
                said = (key, str(item.value.get("file") or ""))
                if (
                    said in seen
                    or id(item) in self.used
                    or not _is_table(item)
                    or _key(str(item.value["variable"])) != key
                ):
                    continue
                seen.add(said)
                value = {"name": item.value["variable"], **_said([item])}
                if item.value.get("file"):
                    value["file"] = item.value["file"]
                about = float(bool(_DICTIONARY.search(PurePosixPath(item.place.file).name)))
                yield Candidate(TARGET, value, (item,), method, 0.3, {"dictionary": about})


def _is_table(item: Evidence) -> bool:
    return (
        item.place.type == "cell" or item.reader.startswith("sidecar") or "unit" in item.value or "type" in item.value
    )


def _inherits(sidecar: str, file: str) -> bool:
    """BIDS: a sidecar's name without entities of the file's name, in a folder above it, speaks of the file."""
    side, own = PurePosixPath(sidecar), PurePosixPath(file)
    parts = set(own.name.split(".", 1)[0].split("_"))
    return own.is_relative_to(side.parent) and set(side.name.split(".", 1)[0].split("_")) <= parts


def _key(name: str) -> str:
    return re.sub(r"[\s`*\"']+", "", fold(name)).strip(":：")


def _keys(name: str) -> Iterator[str]:
    """What a row may call a column: its name, the name without the unit, and without the group above it."""
    yield _key(name)
    bare = split_header(name)[0]
    yield _key(bare)
    if " " in bare.strip():
        yield _key(bare.strip().rpartition(" ")[2])


def _stem(path: str) -> str:
    return fold(PurePosixPath(path).name.split(".", 1)[0])


def _said(rows: list[Evidence]) -> dict[str, JSON]:
    """What the first row that says so gives for each property."""
    found: dict[str, JSON] = {}
    for row in rows:
        for key in ("description", "unit", "label"):
            text = str(row.value.get(key) or "").strip()
            if text and text not in ("-", "–", "N/A", "NA", "n/a", "none", "None", "なし"):
                found.setdefault(key, text[:2_000])
        kind = _TYPES.get(re.sub(r"[^a-z\u3040-\u9fff]+.*$", "", fold(str(row.value.get("type") or ""))))
        if kind:
            found.setdefault("type", kind)
    if "label" in found and "description" not in found:
        found["description"] = found["label"]
    if "unit" not in found and (unit := unit_in_text(str(found.get("description") or ""))):
        found["unit"] = unit
    return found


def _column(item: Evidence, book: _Codebook, judged: str | None) -> Candidate:
    profile = item.value
    file, name = item.place.file, profile["name"]
    rows = book.about(name, profile.get("member") or file)
    value: dict[str, JSON] = {"name": name, "file": file}
    if profile.get("sheet"):
        value["part"] = profile["sheet"]
    for key in ("type", "unit", "label", "description", "minimum", "maximum", "missing", "count"):
        if profile.get(key) not in (None, ""):
            value[key] = profile[key]
    if profile.get("sampled"):
        value["sampled"] = True
    if not profile.get("declared"):
        _judge_type(value, judged)
    for key, text in _said(rows).items():
        # formats without a name for 2024/1/5 or 1,234 call such columns texts
        vague = key == "type" and text == "string" and profile.get("formatted")
        if key != "type" or (_may_be(text, value.get("type")) and not vague):
            value[key] = text
    if "unit" not in value and value.get("type") in ("integer", "number"):
        unit = unit_in_name(name) or usual_unit(name, value.get("minimum"), value.get("maximum"))
        value.update({"unit": unit} if unit else {})
    said = str(value.get("label") or "")
    if "description" not in value and " " not in said and (words := spelled_out(said or name)):
        value["label"] = words
        if levels := _levels(profile):
            value["description"] = f"{words} ({', '.join(levels)})"
    features = {
        "described": float(bool(rows)),
        "depth": min(file.count("/") / 4, 1.0),
        "workbook": float(bool(profile.get("sheet"))),
        "spaced": float(" " in name.strip()),
    }
    method = "variables.column-raw" if _RAW.search(file) else "variables.column"
    return Candidate(TARGET, value, (item, *rows[:3]), method, 1.0, features)


def _levels(profile: Mapping[str, JSON]) -> list[str]:
    """All values of a column of a few words that come again and again: they say what it tells apart."""
    values, distinct = profile.get("examples") or [], profile.get("distinct")
    filled = (profile.get("count") or 0) - (profile.get("missing") or 0)
    if profile.get("type") != "string" or distinct != len(values) or len(values) < 2:
        return []
    return values if filled >= 3 * len(values) and all(len(v) <= 30 and "*" not in v for v in values) else []


def _judge_type(value: dict[str, JSON], judged: str | None) -> None:
    """Numbers that only name things are no quantities; else what the other columns of the table tell."""
    if value.get("type") == "integer" and names_things(value["name"]):
        value["type"] = "string"
        value.pop("minimum", None)
        value.pop("maximum", None)
    elif judged:
        value["type"] = judged


def _may_be(stated: str, seen: JSON) -> bool:
    """A dictionary's type stands unless the values speak against it: words where numbers are promised."""
    return seen != "string" or stated in ("string", "date", "datetime", "time", "boolean") or seen is None


_DTYPES = (
    ("int", "integer"), ("uint", "integer"), ("float", "number"), ("bool", "boolean"), ("datetime", "datetime"), ("date", "date"),
)  # fmt: skip


def _array(item: Evidence, book: _Codebook) -> Candidate:
    array = item.value
    rows = book.about(array["name"], item.place.file)
    value: dict[str, JSON] = {"name": array["name"], "file": item.place.file}
    if array.get("group"):
        value["part"] = array["group"]
    kind = str(array.get("dtype", ""))
    value["type"] = next((word for start, word in _DTYPES if kind.startswith(start)), "string")
    for key, field in (
        ("unit", "unit"),
        ("standard_name", "standard_name"),
        ("minimum", "minimum"),
        ("maximum", "maximum"),
    ):
        if array.get(key) not in (None, ""):
            value[field] = array[key]
    if array.get("long_name"):
        value["label"] = value["description"] = array["long_name"]
    elif words := spelled_out(str(array.get("standard_name") or array["name"])):
        value["label"] = words
    value.update({k: v for k, v in _said(rows).items() if k in ("description", "unit")})
    return Candidate(TARGET, value, (item, *rows[:3]), "variables.array", 1.0)

"""Variables: columns of tables and arrays of scientific files, with what a codebook says about them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from shirushi.describe.evidence import JSON, Candidate, CellPlace, Evidence
from shirushi.describe.readers.codebook import roles
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import stated_by
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
_UNIT = re.compile(r"[\s_]*[(（\[［]\s*(?P<unit>[^()（）\[\]［］]{1,20}?)\s*[)）\]］]\s*$")
_COORDINATE = re.compile(r"(?i)(?:decimal)?_?(?:lat|latitude|lon|lng|long|longitude)(?:_?(?:dd|deg|degrees))?")
_SUFFIX = re.compile(
    r"[a-z0-9](?:_|(?=[A-Z]))(?P<unit>mm|cm|km|nm|um|kg|mg|ug|degC|hPa|kPa|MPa|mV|kV|mA|kW|Hz|kHz|MHz|GHz|ppm|ppb|pct|percent|ms|sec|min|m|g|s)$"
)
_UNIT_WORD = re.compile(
    r"^(?:[°℃%‰µμΩÅ]|deg|mm|cm|m|km|nm|um|µm|g|kg|mg|µg|ug|ng|t|s|sec|min|h|hr|hours?|days?|years?|yr|ms|us|ns|hz|khz|mhz|ghz|v|mv|kv|a|ma|w|kw|mw|"
    r"j|kj|ev|kev|mev|pa|hpa|kpa|mpa|bar|mbar|k|c|f|mol|mmol|l|ml|ul|ppm|ppb|psu|n|kn|nt|t|lux|db|rpm|ha|usd|eur|jpy|円|人|度|個|件|年|月|日|時|分|秒|歳)"
    r"(?:[\s/·*^\-−\d¹²³⁻]|per|$)",
    re.IGNORECASE,
)


@suggests("variables")
def variables(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """One variable for each column and array, in the order of files and columns."""
    for item in seen.stated("variables"):
        yield Candidate(TARGET, item.value["value"], (item,), stated_by("variables", item))
    rows = seen.of("codebook-row")
    book, dictionaries = _Codebook(rows), _dictionaries(seen, rows)
    count = 0
    for item in seen.of("column"):
        count += 1
        if count > MOST:
            return
        candidate = _column(item, book)
        about = (item.place.file, item.value.get("sheet")) in dictionaries
        yield replace(candidate, method="variables.codebook-column") if about else candidate
    for item in seen.of("array"):
        count += 1
        if count > MOST:
            return
        yield _array(item, book)
    yield from book.unused()


def _dictionaries(seen: EvidenceSet, rows: list[Evidence]) -> set[tuple[str, str | None]]:
    """Tables that are themselves data dictionaries: their columns describe variables, they are none."""
    files = {row.place.file for row in rows if isinstance(row.place, CellPlace)}
    return {
        (item.place.file, item.value.get("sheet"))
        for item in seen.of("table")
        if item.place.file in files and roles([str(name) for name in item.value["header"]])
    }


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
        rows = self.rows.get(_key(name), [])
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

    def unused(self) -> Iterator[Candidate]:
        """Variables that a dictionary describes but no table shows."""
        seen: set[int] = set()
        for rows in self.rows.values():
            for item in rows:
                if id(item) in seen or id(item) in self.used or not _is_table(item):
                    continue
                seen.add(id(item))
                value = {"name": item.value["variable"], **_said([item])}
                if item.value.get("file"):
                    value["file"] = item.value["file"]
                yield Candidate(TARGET, value, (item,), "variables.codebook-only", 0.3)


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
    return found


def _column(item: Evidence, book: _Codebook) -> Candidate:
    profile = item.value
    file = item.place.file
    rows = book.about(profile["name"], file)
    value: dict[str, JSON] = {"name": profile["name"], "file": file}
    if profile.get("sheet"):
        value["part"] = profile["sheet"]
    for key in ("type", "unit", "label", "description", "minimum", "maximum", "missing", "count"):
        if profile.get(key) not in (None, ""):
            value[key] = profile[key]
    if profile.get("sampled"):
        value["sampled"] = True
    said = _said(rows)
    value.update(
        {
            k: v
            for k, v in said.items()
            if k in ("description", "unit", "label") or (k == "type" and _may_be(v, value.get("type")))
        }
    )
    if "unit" not in value and (unit := unit_in_name(profile["name"])):
        value["unit"] = unit
    if "label" not in value and "description" not in value and (words := spelled_out(profile["name"])):
        value["label"] = words
    features = {"described": float(bool(rows)), "depth": min(file.count("/") / 4, 1.0)}
    return Candidate(TARGET, value, (item, *rows[:3]), "variables.column", 1.0, features)


def _may_be(stated: str, seen: JSON) -> bool:
    """A dictionary's type stands unless the values speak against it: words where numbers are promised."""
    return seen != "string" or stated in ("string", "date", "datetime", "time", "boolean") or seen is None


def unit_in_name(name: str) -> str | None:
    """The unit at the end of a column's name: ``temp (degC)``, ``水温［℃］``, ``length_mm``; degrees of a latitude."""
    match = _UNIT.search(name)
    if match:
        return match["unit"] if _UNIT_WORD.match(match["unit"]) else None
    if _COORDINATE.fullmatch(name):
        return "degree"
    suffix = _SUFFIX.search(name)
    return suffix["unit"].replace("pct", "%").replace("percent", "%") if suffix else None


def spelled_out(name: str) -> str | None:
    """``forkLength`` and ``fork_length`` in words, "fork length"; None for a name that is no words or already is."""
    bare = _UNIT.sub("", name)
    words = re.sub(r"[_.\-]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", bare)).split()
    if len(words) < 2 or not all(re.fullmatch(r"[^\W_]+", word) for word in words):
        return None
    return " ".join(word if word.isupper() else word.lower() for word in words)


def _array(item: Evidence, book: _Codebook) -> Candidate:
    array = item.value
    rows = book.about(array["name"], item.place.file)
    value: dict[str, JSON] = {"name": array["name"], "file": item.place.file}
    if array.get("group"):
        value["part"] = array["group"]
    kind = str(array.get("dtype", ""))
    value["type"] = (
        "integer" if kind.startswith(("int", "uint")) else "number" if kind.startswith("float") else "string"
    )
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
    value.update({k: v for k, v in _said(rows).items() if k in ("description", "unit")})
    return Candidate(TARGET, value, (item, *rows[:3]), "variables.array", 1.0)

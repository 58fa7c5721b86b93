"""Data dictionaries: tables, lists and JSON files that say what a column means.

A codebook is recognised by its header: one column that names variables and at least one that describes them.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import islice

from shirushi.describe.evidence import JSON, AttributePlace, CellPlace, Evidence
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.prose import read_text
from shirushi.describe.text import fold

_WORDS: Mapping[str, list[str]] = json.loads(
    files("shirushi.describe").joinpath("data", "codebook.json").read_text("utf-8")
)
ROLES: Mapping[str, frozenset[str]] = {
    role: frozenset(_WORDS[role]) for role in ("variable", "description", "unit", "type", "label", "file")
}
GENERIC = frozenset(_WORDS["generic"])
_MAX_ROWS = 5_000


def roles(header: Sequence[str]) -> dict[str, int] | None:
    """Which column of a codebook plays which role, or None when the header is not one of a codebook."""
    found: dict[str, int] = {}
    cleaned = [fold(re.sub(r"[*_`]{2,}|[*`]", "", cell)).strip(" :：").replace("_", " ") for cell in header]
    for position, cell in enumerate(cleaned):
        for role, words in ROLES.items():
            if role not in found and (cell in words or cell.replace(" ", "") in words):
                found[role] = position
                break
    if "variable" in found and "description" not in found:
        found.update(_asked(cleaned, set(found.values())))
    described = {"description", "unit", "type", "label"} & set(found)
    if "variable" not in found or not described:
        return None
    weak = cleaned[found["variable"]] in GENERIC
    if weak and not {"description", "unit"} & set(found) and len(described) < 2:
        return None
    return found


def _asked(header: Sequence[str], taken: set[int]) -> dict[str, int]:
    """A column that describes by the last or the first of its words: "question text", "meaning of the code", "質問文"."""
    for position, cell in enumerate(header):
        if position not in taken and _DESCRIBES.search(cell):
            return {"description": position}
    return {}


_DESCRIBES = re.compile(
    r"^(?:question|definition|description|meaning|explanation)s?\b|\b(?:question|definition|description|meaning|explanation)$|"
    r"(?:説明|内容|質問文|設問文?|意味|定義)$"
)


def row(cells: Sequence[str], places: Mapping[str, int]) -> dict[str, JSON] | None:
    """One row as the value of a ``codebook-row``, or None when it names no variable."""
    value: dict[str, JSON] = {}
    for role, position in places.items():
        if position < len(cells) and (text := plain(cells[position])):
            value[role] = text
    return value if value.get("variable") and len(value) > 1 and len(value["variable"]) <= 200 else None


def plain(text: str) -> str:
    """Markdown of one cell as words."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<br\s*/?>", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)
    return " ".join(text.replace("\\_", "_").replace("\\*", "*").split())


@reads("text/csv", "text/tab-separated-values")
def read_codebook(file: File) -> Iterator[Evidence]:
    """Rows of a table file that is itself a data dictionary."""
    if file.size > 5_000_000:
        return
    text = read_text(file).text
    head = text[:5_000].split("\n", 1)[0]
    delimiter = max(",\t;|", key=head.count)
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    try:
        header = next(rows, None)
        places = roles(header) if header else None
        if places is None:
            return
        for number, cells in enumerate(islice(rows, _MAX_ROWS), start=2):
            value = row(cells, places)
            if value:
                column = places["description" if "description" in value else "variable"]
                quote = cells[column][:400]
                yield Evidence(
                    "codebook-row", value, CellPlace(file.name, column + 1, number, quote=quote), "codebook/1"
                )
    except csv.Error:
        return


_DESCRIBED_BY = {
    "description": "description",
    "longname": "label",
    "units": "unit",
    "unit": "unit",
    "long_name": "label",
}


@reads("application/json")
def read_sidecar(file: File) -> Iterator[Evidence]:
    """A JSON object whose members describe columns: ``{"age": {"Description": …, "Units": …}}`` or ``{"fields": [{"name": …}]}``.

    A sidecar speaks of the table with the same name beside it (BIDS: ``participants.json`` of ``participants.tsv``).
    """
    if file.size > 2_000_000:
        return
    try:
        data = json.loads(read_text(file).text)
    except (ValueError, RecursionError):
        return
    if not isinstance(data, dict):
        return
    stem = file.name.rsplit(".", 1)[0]
    for name, member in islice(data.items(), _MAX_ROWS):
        value = _described(member)
        if value:
            place = AttributePlace(file.name, f"/{_escape(name)}", quote=_quote(value))
            yield Evidence("codebook-row", {"variable": name, "file": stem, **value}, place, "sidecar/1")
    fields = data.get("fields")
    for number, member in enumerate(fields[:_MAX_ROWS] if isinstance(fields, list) else ()):
        if isinstance(member, dict) and isinstance(member.get("name"), str):
            value = _described(member)
            if isinstance(member.get("type"), str):
                value["type"] = member["type"]
            if value:
                place = AttributePlace(file.name, f"/fields/{number}", quote=_quote(value))
                yield Evidence("codebook-row", {"variable": member["name"], **value}, place, "sidecar/1")


def _described(member: JSON) -> dict[str, JSON]:
    if not isinstance(member, dict):
        return {}
    found: dict[str, JSON] = {}
    for key, text in member.items():
        role = _DESCRIBED_BY.get(key.lower())
        if role and isinstance(text, str) and text.strip():
            found.setdefault(role, " ".join(text.split())[:5_000])
    return found


def _quote(value: Mapping[str, JSON]) -> str:
    return str(value.get("description") or next(iter(value.values())))[:400]


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")

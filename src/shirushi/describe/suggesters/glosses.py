"""What texts say of columns by name: ``temp - air temperature (°C)`` in a list, ``wind: speed, m/s`` on a line, a definition
list, a table whose header is not that of a codebook. Only names that a table or an array of the folder has are looked for."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.codebook import roles, row
from shirushi.describe.readers.units import is_unit, split_header
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import of_data_file
from shirushi.describe.text import fold

# Names that a section must explain before it is taken for a codebook, unless its heading says that it is one
FEWEST = 2
MOST = 5_000
_ITEM = re.compile(
    r"^[\W_]{0,4}?(?P<name>[^\s:：=][^:：=\n]{0,80}?)[`*\"'”’」]*\s*(?:[(\[（［](?P<aside>[^()\[\]（）［］]{1,60})[)\]）］])?[`*\"'”’]*"
    r"\s*(?:[:：=→]|[-–—―]{1,2}(?=\s)|\.{3,}|…)[\s:>*_]*(?P<text>[^\s:].*)$",
    re.DOTALL,
)
_INSIDE = re.compile(
    r"(?<!\S)[`*\"'“]{0,3}(?P<name>[^\s:=`*\"'“”]{1,60})[`*\"'”]{0,3}\s*(?:[(\[](?P<aside>[^()\[\]]{1,40})[)\]])?"
    r"\s*(?::(?=\s)|=(?=\s)|(?<=\s)[-–—]{1,2}(?=\s))\s*(?=(?P<text>\S))"
)
_NUMBERED = re.compile(r"\b[a-z]+ \d+ = ")
_ABOUT = re.compile(
    r"variable|column|field|codebook|dictionar|attribute|parameter|header|legend|変数|項目|列|カラム|属性|凡例|データ定義",
    re.IGNORECASE,
)
# Names of columns that are also keys of what a text says of the whole work.
_OF_THE_WORK = frozenset(
    (
        "title", "author", "authors", "creator", "creators", "date", "dates", "version", "licence", "license", "keywords",
        "keyword", "description", "abstract", "contact", "email", "doi", "url", "link", "source", "sources", "citation",
        "reference", "references", "name", "location", "site", "place", "country", "region", "publisher", "language", "format",
        "funding", "period", "year", "years", "status", "notes", "note", "type", "size", "files", "file", "data", "著者", "作成者",
        "題名", "タイトル", "日付", "作成日", "連絡先", "場所", "地点", "備考", "説明", "期間",
    )
)  # fmt: skip


def glosses(seen: EvidenceSet, names: Iterable[str]) -> list[Evidence]:
    """Rows of a codebook (``codebook-row``) that stand in texts, each at the place of its text."""
    known = _known(names)
    if not known:
        return []
    groups: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)
    told: set[tuple[str, str, str]] = {
        (e.place.file, str(e.value.get("section", "")), fold(str(e.value["variable"]))) for e in seen.of("codebook-row")
    }
    for item in islice((item for kind in _READ for item in seen.of(kind)), MOST):
        section = str(item.value.get("section", ""))
        if section in ("meta", "front matter") or of_data_file(item):
            continue
        for value in _READ[item.kind](item.value, known):
            key = (item.place.file, section, fold(value["variable"]))
            if key not in told:
                told.add(key)
                found = Evidence("codebook-row", {**value, "section": section}, item.place, item.reader, item.lang)
                groups[item.place.file, section].append(found)
    return [found for (_, section), rows in groups.items() if _is_codebook(section, rows) for found in rows]


def _is_codebook(section: str, rows: list[Evidence]) -> bool:
    if _ABOUT.search(section):
        return True
    own = [found for found in rows if fold(found.value["variable"]) not in _OF_THE_WORK]
    return len(rows) >= FEWEST and len(own) >= max(1, len(rows) // 2)


def _known(names: Iterable[str]) -> dict[str, str]:
    """Folded names, with and without the unit that a header writes behind them, and the column's name."""
    found: dict[str, str] = {}
    bare: dict[str, str] = {}
    for name in names:
        found.setdefault(fold(name), name)
        bare.setdefault(fold(split_header(name)[0]), name)
    return {**bare, **found}


def _of_names(said: str, known: Mapping[str, str]) -> list[str]:
    """The columns that a term names: one, or several with commas between."""
    term = fold(said.strip(" `*\"'“”‘’「」_")) if not said.startswith("_") else fold(said)
    if term in known:
        return [known[term]]
    parts = [part.strip(" `*\"'") for part in re.split(r"\s*(?:,|、|/|\band\b|\bor\b)\s*", term)]
    return [known[part] for part in parts] if len(parts) > 1 and all(part in known for part in parts) else []


def _row(name: str, aside: str | None, text: str) -> dict[str, JSON]:
    value: dict[str, JSON] = {"variable": name, "description": " ".join(text.split())[:2_000]}
    if aside and is_unit(aside.strip()):
        value["unit"] = aside.strip()
    return value


def _from_item(value: JSON, known: Mapping[str, str]) -> Iterator[dict[str, JSON]]:
    match = _ITEM.match(value["text"])
    if match:
        for name in _of_names(match["name"], known):
            yield _row(name, match["aside"], match["text"])


def _from_pair(value: JSON, known: Mapping[str, str]) -> Iterator[dict[str, JSON]]:
    if isinstance(value["value"], str):
        match = re.match(r"^(.*?)\s*(?:[(\[（［]([^()\[\]（）［］]{1,60})[)\]）］])?$", value["key"])
        for name in _of_names(value["key"], known) or (_of_names(match[1], known) if match else []):
            yield _row(name, match[2] if match else None, value["value"])


def _from_cells(value: JSON, known: Mapping[str, str]) -> Iterator[dict[str, JSON]]:
    if places := roles(value["header"]):
        described = row(value["cells"], places)
        for name in _of_names(described["variable"], known) if described else ():
            yield {**(described or {}), "variable": name}
        return
    first, *rest = value["cells"] or [""]
    texts = [cell for cell in rest if cell.strip()]
    for name in _of_names(first, known) if texts else ():
        unit = next((cell.strip(" ()[]") for cell in texts if is_unit(cell.strip(" ()[]"))), None)
        said = max((cell for cell in texts if cell.strip(" ()[]") != unit), key=len, default="")
        if said:
            yield {**_row(name, None, said), **({"unit": unit} if unit else {})}


def _from_paragraph(value: JSON, known: Mapping[str, str]) -> Iterator[dict[str, JSON]]:
    """Lines that a paragraph joined: each known name with its sign, up to the next."""
    text = value["text"]
    if _NUMBERED.search(text):  # "name 0 = prDM: Pressure" numbers the columns of its own file, which its reader knows
        return
    found = [(m, names) for m in _INSIDE.finditer(text[:20_000]) if (names := _of_names(m["name"], known))]
    for number, (match, names) in enumerate(found):
        end = found[number + 1][0].start() if number + 1 < len(found) else len(text)
        said = text[match.start("text") : end].strip()
        for name in names if said else ():
            yield _row(name, match["aside"], said[:500])


_READ: Mapping[str, Callable[[JSON, Mapping[str, str]], Iterator[dict[str, JSON]]]] = {
    "list-item": _from_item,
    "key-value": _from_pair,
    "table-row": _from_cells,
    "paragraph": _from_paragraph,
}

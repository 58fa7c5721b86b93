"""Vocabularies that are too big to ship, read from their official files into one line of JSON per term.

* ``ror``: the ROR data dump, schema v1 or v2, as JSON or inside its ZIP (https://ror.readme.io/docs/data-dump), or JSON Lines.
  Terms: ``{id, name, ja: [..], acr: [..], alias: [..], domains: [..], types: [..]}``; ``id`` without ``https://ror.org/``.
* ``ndc``: Nippon Decimal Classification as a table with the columns ``notation``, ``ja`` and perhaps ``en``.
* ``kaken-sections``: the review sections of KAKENHI (審査区分表) as a CSV with 大区分, 中区分コード, 中区分, 小区分コード, 小区分.

Terms of the last two: ``{id, ja, en?, broader?}``.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from shirushi.describe.evidence import JSON

Term = dict[str, JSON]
_CHUNK = 1 << 20
_LONGEST_TERM = 4 << 20
_ROR_ID = re.compile(r"0[a-hj-km-np-tv-z0-9]{6}\d{2}")


class NotThatVocabulary(Exception):
    """The file is not what its name was given for; the message says what was expected."""


def read(name: str, path: Path) -> Iterator[Term]:
    """The terms of vocabulary ``name`` in the official file ``path``, one by one, in constant memory.

    Raises:
        NotThatVocabulary: the file has another shape.
        KeyError: there is no vocabulary of that name.
    """
    reader = READERS[name]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inner = _data_file(archive)
            with archive.open(inner) as raw:
                yield from reader(raw)
    else:
        with path.open("rb") as raw:
            yield from reader(raw)


def _data_file(archive: zipfile.ZipFile) -> str:
    """The data file of a dump: the newest schema when there are several."""
    names = sorted(n for n in archive.namelist() if n.endswith((".json", ".jsonl", ".csv", ".tsv")))
    if not names:
        raise NotThatVocabulary("the ZIP holds no JSON, CSV or TSV file. Give the official data dump.")
    return next((name for name in names if "schema_v2" in name and name.endswith(".json")), names[0])


def _organisations(raw: IO[bytes]) -> Iterator[Term]:
    for item in _json_items(io.TextIOWrapper(raw, encoding="utf-8")):
        if not isinstance(item, dict) or not (found := _ROR_ID.search(str(item.get("id", "")))):
            raise NotThatVocabulary("an entry has no ROR id. Give the ROR data dump (JSON, or the ZIP it comes in).")
        yield {"id": found[0], **(_ror_v2(item) if isinstance(item.get("names"), list) else _ror_v1(item))}


def _ror_v2(item: Mapping[str, JSON]) -> Term:
    names = [(n["value"], n.get("lang"), n.get("types") or []) for n in item["names"]]
    shown = next((value for value, _, types in names if "ror_display" in types), names[0][0] if names else "")
    term = {
        "name": shown,
        "ja": [value for value, lang, types in names if lang == "ja" and "acronym" not in types],
        "acr": [value for value, _, types in names if "acronym" in types],
        "alias": [v for v, lang, types in names if v != shown and lang != "ja" and "acronym" not in types],
        "domains": item.get("domains") or [],
        "types": item.get("types") or [],
    }
    return {key: value for key, value in term.items() if value}


def _ror_v1(item: Mapping[str, JSON]) -> Term:
    """ROR schema v1, and the compact lines that this module itself writes."""
    labels = item.get("labels") or []
    term = {
        "name": item.get("name"),
        "ja": item.get("ja") or [label["label"] for label in labels if label.get("iso639") == "ja"],
        "acr": item.get("acr") or item.get("acronyms"),
        "alias": item.get("alias")
        or [*(item.get("aliases") or []), *(label["label"] for label in labels if label.get("iso639") != "ja")],
        "domains": item.get("domains"),
        "types": item.get("types"),
    }
    if not term["name"]:
        raise NotThatVocabulary(f"the entry {item.get('id')} has no name. Give the ROR data dump.")
    return {key: value for key, value in term.items() if value}


def _json_items(text: io.TextIOWrapper) -> Iterator[JSON]:
    """The items of a JSON array, or the lines of JSON Lines, without holding more than one in memory."""
    decoder = json.JSONDecoder()
    buffer = text.read(_CHUNK).lstrip("\ufeff \n\r\t")
    buffer = buffer.removeprefix("[")
    while True:
        buffer = buffer.lstrip(" \n\r\t,")
        if buffer.startswith("]"):
            return
        try:
            item, end = decoder.raw_decode(buffer)
        except json.JSONDecodeError as error:
            more = text.read(_CHUNK)
            if not more and not buffer:
                return
            if not more or len(buffer) > _LONGEST_TERM:
                raise NotThatVocabulary(f"not JSON, or cut off: {error.msg}. Give the official data dump.") from error
            buffer += more
            continue
        yield item
        buffer = buffer[end:]


def _classes(raw: IO[bytes]) -> Iterator[Term]:
    for row in _rows(raw, ("notation", "ja")):
        term = {
            "id": row["notation"],
            "ja": row["ja"],
            "en": row.get("en"),
            "broader": row["notation"][:-1].rstrip("."),
        }
        if row["notation"] and row["ja"]:
            yield {key: value for key, value in term.items() if value}


def _sections(raw: IO[bytes]) -> Iterator[Term]:
    middle_seen: set[str] = set()
    for row in _rows(raw, ("大区分", "中区分コード", "中区分", "小区分コード", "小区分")):
        middle = row["中区分コード"]
        if middle not in middle_seen:
            middle_seen.add(middle)
            yield {"id": middle, "ja": row["中区分"], "broader": row["大区分"].removeprefix("大区分")}
        yield {"id": row["小区分コード"], "ja": row["小区分"], "broader": middle}


def _rows(raw: IO[bytes], needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
    try:
        head = text.readline()
        rows = csv.reader(text, delimiter="\t" if "\t" in head else ",")
        columns = next(csv.reader([head], delimiter="\t" if "\t" in head else ","), [])
        if absent := [name for name in needed if name not in columns]:
            raise NotThatVocabulary(
                f"the table has no column {', '.join(absent)}. Its columns are: {', '.join(columns[:8])}."
            )
        for row in rows:
            yield {column: cell.strip() for column, cell in zip(columns, [*row, *[""] * len(columns)], strict=False)}
    except UnicodeDecodeError as error:
        raise NotThatVocabulary("the table is not in UTF-8. Save it as UTF-8 and try again.") from error


READERS: Mapping[str, Callable[[IO[bytes]], Iterator[Term]]] = {
    "ror": _organisations,
    "ndc": _classes,
    "kaken-sections": _sections,
}

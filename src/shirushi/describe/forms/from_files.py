"""Facts from the files themselves: which of them are the data, how many, how large, in which formats."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from shirushi.describe.evidence import Evidence
from shirushi.describe.forms.known import Fact
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import front_weight

LIST, SIZE, COUNT, SURE_COUNT, FORMAT = 0.65, 0.85, 0.75, 0.9, 0.85
_BESIDE = re.compile(
    r"(?:^|/)(?:read[_\- ]?me|licen[cs]e|copying|citation|codemeta|ro-crate|datapackage|changelog|makefile|requirements|environment|\.|memo|notes?|メモ)"
    r"|(?:^|/)(?:[^/]*(?:データマネジメントプラン|dmp|通知|申請書|計画書|報告書|マニュアル|manual|report|letter)[^/]*)$",
    re.IGNORECASE,
)
_NOT_DATA = re.compile(
    r"^(?:text/(?:x-|markdown|html|css|javascript)|application/(?:pdf|msword|vnd\.openxmlformats-officedocument\.(?:wordprocessingml|presentationml)"
    r"|x-(?:python|sh|r|ipynb)|javascript|yaml|toml|x-yaml|vnd\.ms-powerpoint|x-git))"
)
_CODE = re.compile(
    r"\.(?:py|r|m|jl|sh|ipynb|js|c|cpp|f90|java|pl|rb|do|sas|sps|ya?ml|toml|cfg|ini|bib|cff|md|rst|tex|html?)$",
    re.IGNORECASE,
)
_TABLES = re.compile(r"text/(?:csv|tab-separated)|spreadsheet|ms-excel|parquet|sqlite")
MOST_LISTED = 200


def facts_of_files(seen: EvidenceSet, forms: frozenset[str]) -> Iterator[Fact]:
    """``forms`` are files known to be about the data (filled-in forms, notices), not the data."""
    data = data_files(seen, forms)
    if not data:
        return
    evidence = tuple(data[:20])
    size = sum(item.value["size"] for item in data)
    if len(data) <= MOST_LISTED:
        yield Fact("file.list", "\n".join(item.value["path"] for item in data), LIST, evidence, "files.data")
    yield Fact("size", size, SIZE, evidence, "files.size")
    yield Fact("data.count", len(data), COUNT, evidence, "files.data-count")
    every = seen.of("file")
    yield Fact("file.count", len(every), SURE_COUNT, tuple(every[:20]), "files.count")
    kinds: dict[str, list[Evidence]] = {}
    for item in data:
        kinds.setdefault(item.value["media_type"], []).append(item)
    for position, (kind, items) in enumerate(sorted(kinds.items(), key=lambda pair: -len(pair[1]))[:20]):
        yield Fact("file.formats", {"class": kind}, FORMAT, tuple(items[:5]), "files.format", None, position)


# What tells of people, and how surely a folder with it holds personal information: a person decides. Where a thing lies tells of none.
_PERSONAL = {
    "patient": 0.4,
    "national-id": 0.4,
    "phone": 0.35,
    "postal-address": 0.35,
    "personal-name": 0.3,
    "e-mail": 0.25,
}


def personal_facts(seen: EvidenceSet, forms: frozenset[str]) -> Iterator[Fact]:
    """That the data hold personal information, where some was seen in them; that none was seen proves nothing."""
    data = {item.value["path"] for item in data_files(seen, forms)}
    found = [e for e in seen.of("sensitive") if e.place.file in data and e.value["category"] in _PERSONAL]
    if found:
        confidence = max(_PERSONAL[e.value["category"]] for e in found)
        yield Fact("sensitive.personal", "yes", confidence, tuple(found[:6]), "files.sensitive")


def data_files(seen: EvidenceSet, forms: frozenset[str]) -> list[Evidence]:
    """The files that hold the data: no texts about them, no code, no codebooks (a workbook with a sheet that is one is data)."""
    sheets = {(e.place.file, getattr(e.place, "sheet", None)) for e in seen.of("codebook-row")}
    mixed = {e.place.file for e in seen.of("table") if (e.place.file, e.value.get("sheet")) not in sheets}
    dictionaries = {file for file, sheet in sheets if sheet is None or file not in mixed}
    tables = [e for e in seen.of("file") if _TABLES.search(e.value["media_type"])]
    described = any(e.value["path"] not in dictionaries for e in tables)
    chosen = []
    for item in seen.of("file"):
        path, kind = item.value["path"], item.value["media_type"]
        name = PurePosixPath(path).name
        if not item.value["size"] or path in forms or name.startswith((".", "~$")) or _BESIDE.search(path):
            continue
        if _NOT_DATA.match(kind) or _CODE.search(name) or front_weight(path) >= 0.6:
            continue
        if path in dictionaries and described:
            continue
        chosen.append(item)
    return chosen

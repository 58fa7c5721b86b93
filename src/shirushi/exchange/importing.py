"""Files of records from elsewhere, read record by record: JSON (one record, a list of them, or an answer to a search), JSON Lines, XML,
and the tables of WEKO3."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from shirushi.exchange.datacite_importing import from_datacite
from shirushi.exchange.dataverse_reading import from_dataverse
from shirushi.exchange.errors import NotReadable
from shirushi.exchange.imported import Imported
from shirushi.exchange.inveniordm_importing import from_inveniordm
from shirushi.exchange.ro_crate_reading import from_crate
from shirushi.exchange.weko3_reading import from_weko3

Source = Literal["inveniordm", "dataverse", "weko3", "datacite"]
SOURCES: tuple[Source, ...] = get_args(Source)
ENDINGS: Mapping[Source, tuple[str, ...]] = {
    "inveniordm": (".json", ".jsonl", ".ndjson"),
    "dataverse": (".json", ".jsonl", ".ndjson"),
    "weko3": (".tsv", ".csv", ".txt", ".json", ".jsonld"),
    "datacite": (".xml",),
}
MOST_BYTES = 500_000_000  # of one file

_READERS: Mapping[Source, Callable[[object], Imported]] = {
    "inveniordm": from_inveniordm,
    "dataverse": from_dataverse,
    "weko3": from_crate,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One record: where it stands (file, and its number in it), what it says or why it cannot be read, and what it was read from."""

    where: str
    record: Imported | NotReadable
    document: str = ""


def read(source: Source, name: str, data: bytes) -> Iterator[Row]:
    """The records of one file, in its order. What cannot be read is a row that says so; the others go on."""
    if len(data) > MOST_BYTES:
        yield Row(name, NotReadable(f"{len(data):,} bytes are more than the {MOST_BYTES:,} of one file; split it"))
    elif source == "datacite":
        yield _row(name, data.decode("utf-8", "replace"), lambda: from_datacite(data))
    elif source == "weko3" and data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        yield from _table(name, data)
    else:
        yield from _json(source, name, data)


def check(source: Source, name: str, path: str) -> int:
    """For a worker: how many records a file holds, each read once, so that what crashes or never ends does so there."""
    with open(path, "rb") as file:  # noqa: PTH123 - a name is all that a worker gets
        return sum(1 for _row in read(source, name, file.read(MOST_BYTES + 1)))


def in_order(rows: list[Row]) -> list[Row]:
    """The rows so that the versions of one record follow one another, the oldest first; what cannot be read comes first."""

    def key(row: Row) -> tuple[str, int, str]:
        if isinstance(row.record, NotReadable):
            return "", 0, row.where
        return row.record.concept_key or row.record.key, row.record.ordinal or 0, row.record.work.publication_date or ""

    return sorted(rows, key=key)


def _row(where: str, document: str, make: Callable[[], Imported]) -> Row:
    try:
        return Row(where, make(), document)
    except NotReadable as error:
        return Row(where, error, document)
    except RecursionError:
        return Row(where, NotReadable("it is nested too deeply"), document[:1000])


def _table(name: str, data: bytes) -> Iterator[Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp932", "replace")
    lines = text.splitlines()
    try:
        for number, record in enumerate(from_weko3(text), 1):
            yield Row(f"{name} #{number}", record, "\n".join(lines[:3]) if isinstance(record, NotReadable) else text)
    except NotReadable as error:
        yield Row(name, error)


def _json(source: Source, name: str, data: bytes) -> Iterator[Row]:
    make = _READERS[source]
    try:
        whole: Any = json.loads(data)
    except RecursionError:
        yield Row(name, NotReadable("it is nested too deeply"))
        return
    except ValueError as error:
        lines = data.splitlines()
        if sum(1 for line in lines[:2] if line.lstrip()[:1] == b"{") < min(2, len(lines)) or len(lines) < 1:
            yield Row(name, NotReadable(f"it is not JSON: {error}"))
            return
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _line(f"{name}:{number}", line, make)
        return
    items = _items(whole)
    for number, item in enumerate(items, 1):
        where = name if len(items) == 1 else f"{name} #{number}"
        document = json.dumps(item, ensure_ascii=False, indent=1)
        yield _row(where, document, lambda item=item: make(item))  # type: ignore[misc]


def _line(where: str, line: bytes, make: Callable[[object], Imported]) -> Row:
    try:
        item = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Row(where, NotReadable(f"it is not JSON: {error}"))
    return _row(where, line.decode("utf-8", "replace"), lambda: make(item))


def _items(whole: Any) -> list[Any]:
    """The records of a document: itself, those of a list, or the hits of a search."""
    if (
        isinstance(whole, Mapping)
        and isinstance(whole.get("hits"), Mapping)
        and isinstance(whole["hits"].get("hits"), list)
    ):
        return list(whole["hits"]["hits"])
    return whole if isinstance(whole, list) else [whole]

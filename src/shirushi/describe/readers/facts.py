"""What readers of data files share: evidence of one file, made briefly and within bounds."""

from collections.abc import Iterator, Mapping

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers.base import File
from shirushi.describe.readers.cf import iso_date, shown
from shirushi.describe.readers.stating import checked

MAX_QUOTE = 300
MAX_VALUE = 4_000
MOST_ITEMS = 50
_EMPTY: tuple[JSON, ...] = (None, "", [], {})


class Facts:
    """Makes the evidence of one file. ``path`` names the value inside the file as its format does; ``line`` is 1-based, given
    only where the file itself is text. Every method yields nothing for what is empty."""

    def __init__(self, file: File, reader: str) -> None:
        self.file, self.reader = file.name, reader

    def place(self, path: str, quote: str = "", line: int | None = None) -> AttributePlace:
        return AttributePlace(self.file, path, line, quote[:MAX_QUOTE])

    def _one(self, kind: str, value: JSON, path: str, quote: str, line: int | None) -> Evidence:
        return Evidence(kind, value, self.place(path, quote, line), self.reader)

    def attribute(
        self, name: str, value: JSON, *, owner: str = "", path: str = "", quote: str = "", line: int | None = None
    ) -> Iterator[Evidence]:
        """An ``attribute``; long texts and lists are cut."""
        value = _bounded(value)
        if value not in _EMPTY:
            said = {"name": name, "value": value, "owner": owner}
            yield self._one("attribute", said, path or name, quote or shown(value), line)

    def instrument(
        self, path: str, parts: Mapping[str, str], *, quote: str = "", line: int | None = None
    ) -> Iterator[Evidence]:
        """An ``instrument`` from ``name``, ``manufacturer``, ``model``, ``serial_number`` and ``type``."""
        known = {key: text for key, part in parts.items() if (text := " ".join(part.split())[:300])}
        if known.keys() - {"type"}:
            yield self._one("instrument", known, path, quote or ", ".join(known.values()), line)

    def software(
        self, name: str, version: str = "", *, path: str, quote: str = "", line: int | None = None
    ) -> Iterator[Evidence]:
        name, version = " ".join(name.split())[:200], " ".join(version.split())[:100]
        if name:
            value = {"name": name, **({"version": version} if version else {})}
            yield self._one("software-used", value, path, quote or f"{name} {version}".strip(), line)

    def state(self, field: str, value: JSON, path: str, *, quote: str, line: int | None = None) -> Iterator[Evidence]:
        """A ``stated`` value of a record's field, when it is one for the field."""
        if value not in _EMPTY and (good := checked(field, value)) not in _EMPTY:
            yield self._one("stated", {"field": field, "value": good}, path, quote, line)

    def period(
        self, start: str, end: str = "", *, path: str, quote: str = "", line: int | None = None, kind: str = "Collected"
    ) -> Iterator[Evidence]:
        """When data were taken, as ``time-range`` and as a stated date of this ``kind`` of DataCite; dates in ISO 8601."""
        first, last = iso_date(start), iso_date(end) if end else None
        if first is None or first < "1800":
            return
        last = last if last and last >= first else first
        yield self._one("time-range", {"start": first, "end": last, "count": 1}, path, quote or start, line)
        days = first[:10] if first[:10] == last[:10] else f"{first[:10]}/{last[:10]}"
        yield from self.state("dates", {"date": days, "type": kind}, path, quote=quote or start, line=line)

    def reference(
        self, value: dict[str, JSON], path: str, *, quote: str, line: int | None = None
    ) -> Iterator[Evidence]:
        """A bibliographic entry that the file gives for itself."""
        kept = {key: item for key, item in value.items() if item not in _EMPTY}
        if kept.get("title") or kept.get("doi") or kept.get("authors"):
            yield self._one("reference", {"type": "article", "authors": [], "key": "", **kept}, path, quote, line)

    def sensitive(self, category: str, count: int, path: str) -> Iterator[Evidence]:
        """That there are data about people, never which."""
        if count:
            yield self._one("sensitive", {"category": category, "count": count}, path, "", None)

    def problem(self, code: str, message: str) -> Evidence:
        return self._one("problem", {"code": code, "message": message}, "", "", None)


def _bounded(value: JSON) -> JSON:
    if isinstance(value, str):
        return value.strip("\0 \t\r\n")[:MAX_VALUE]
    if isinstance(value, list | tuple):
        return [_bounded(item) for item in value[:MOST_ITEMS]]
    return value

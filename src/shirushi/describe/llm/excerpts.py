"""What would leave the machine: short excerpts of texts, and names and statistics of tables. Never whole data.

Each excerpt remembers the place it was read from, so that a quote leads back to it. E-mail addresses, telephone numbers and
long digit strings are masked before anything is shown or sent; example values of columns are not sent at all.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from shirushi.describe.evidence import JSON, Evidence, Place, place_from_json, to_json
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import front_weight, fronts, purpose
from shirushi.describe.text import fold

MOST_CHARACTERS = 24_000  # of all excerpts together: some six thousand tokens of English
LONGEST = 1_200  # of one excerpt
MOST_TEXTS = 6
MOST_TABLES = 12
MOST_COLUMNS = 40
# Attributes of structured files and documents that speak of the work; any other might be about a patient or an operator
_TOLD = frozenset(
    (
        "title", "subject", "summary", "description", "abstract", "comment", "keywords", "institution", "source", "references", "project",
        "history", "license", "licence", "rights", "acknowledgement", "acknowledgment", "author", "authors", "creator", "creator name",
        "publisher", "time coverage start", "time coverage end", "geospatial bounds", "product version", "processing level", "notes",
    )
)  # fmt: skip
_MASKS = (
    (re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"), "[e-mail]"),
    (
        re.compile(r"(?<![\w/.\-])(?:\+\d{1,3}[\s\-]?)?\(?0\d{1,4}\)?[\s\-]\d{1,4}[\s\-]\d{3,4}(?![\w\-])"),
        "[telephone]",
    ),
    (re.compile(r"(?<![\w/.\-])\d{12,}(?![\w\-])"), "[digits]"),
)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """``text`` as it would be sent, and where it stands; ``id`` is how the model names it."""

    id: str
    text: str
    place: Place
    section: str = ""

    def to_json(self) -> dict[str, JSON]:
        return {"id": self.id, "text": self.text, "section": self.section, "place": to_json(self.place)}

    @classmethod
    def from_json(cls, data: Mapping[str, JSON]) -> "Excerpt":
        return cls(str(data["id"]), str(data["text"]), place_from_json(data["place"]), str(data.get("section") or ""))


@dataclass(frozen=True, slots=True)
class Excerpts:
    """All that a person is asked to let go, in the order in which it is shown and sent."""

    items: tuple[Excerpt, ...]

    def without(self, ids: Iterable[str]) -> "Excerpts":
        """The excerpts that a person left in."""
        gone = set(ids)
        return Excerpts(tuple(item for item in self.items if item.id not in gone))

    def text(self) -> str:
        """The very text that is sent: consent is for this, and for nothing else."""
        lines = []
        for item in self.items:
            head = f"[{item.id}] {item.place.file}" + (f" ({item.section})" if item.section else "")
            lines.append(f"{head}\n{item.text}\n")
        return "\n".join(lines)

    def said(self) -> str:
        """What the excerpts say, without how they are named."""
        return "\n".join(item.text for item in self.items)

    def digest(self) -> str:
        """SHA-256 of :meth:`text`, hexadecimal."""
        return hashlib.sha256(self.text().encode("utf-8", "surrogatepass")).hexdigest()

    def by_id(self, name: str) -> Excerpt | None:
        return next((item for item in self.items if item.id == name), None)

    def to_json(self) -> list[JSON]:
        return [item.to_json() for item in self.items]

    @classmethod
    def from_json(cls, data: Iterable[Mapping[str, JSON]]) -> "Excerpts":
        return cls(tuple(Excerpt.from_json(item) for item in data))


def masked(text: str) -> str:
    """Without e-mail addresses, telephone numbers and long digit strings."""
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    return text


def make_excerpts(seen: EvidenceSet) -> Excerpts:
    """The excerpts of a folder: what its front texts say, then what its tables and arrays are called. {} when nothing speaks."""
    items: list[Excerpt] = []
    left = MOST_CHARACTERS
    for text, place, section in [*_texts(seen), *_tables(seen), *_arrays(seen)]:
        shown = masked(text)[:LONGEST].strip()
        if not shown or len(shown) > left:
            continue
        left -= len(shown)
        items.append(Excerpt(f"E{len(items) + 1}", shown, place, masked(section)[:120]))
    return Excerpts(tuple(items))


Piece = tuple[str, Place, str]


def _texts(seen: EvidenceSet) -> Iterator[Piece]:
    """Headings, paragraphs, list items and pairs of the texts that speak most for the folder; use and installation left out."""
    for file, _ in fronts(seen)[:MOST_TEXTS]:
        for item in seen.in_file(file):
            section = str(item.value.get("section") or "") if isinstance(item.value, dict) else ""
            if item.kind in ("heading", "paragraph", "list-item") and purpose(section) != "use":
                yield str(item.value["text"]), item.place, section
            elif item.kind == "key-value" and isinstance(item.value["value"], str):
                yield f"{item.value['key']}: {item.value['value']}", item.place, section
    for item in seen.of("attribute", "document-info"):
        told = fold(str(item.value["name"])).replace("_", " ") in _TOLD
        if told and not item.value.get("owner") and isinstance(item.value["value"], str):
            yield f"{item.value['name']}: {item.value['value']}", item.place, ""


def _tables(seen: EvidenceSet) -> Iterator[Piece]:
    """Each table with its columns: names, types, units and ranges of numbers and dates; no value of a cell of text."""
    tables = sorted(seen.of("table"), key=lambda e: (-front_weight(e.place.file), e.place.file))
    for table in tables[:MOST_TABLES]:
        sheet = table.value.get("sheet")
        columns = [c for c in seen.in_file(table.place.file) if c.kind == "column" and c.value.get("sheet") == sheet]
        told = "; ".join(_column(c) for c in columns[:MOST_COLUMNS])
        yield f"Table with {table.value.get('rows')} rows. Columns: {told}", table.place, str(sheet or "")


def _column(item: Evidence) -> str:
    value = item.value
    unit = f", {value['unit']}" if value.get("unit") else ""
    plain = value.get("type") in ("integer", "number", "date", "datetime")
    low, high = value.get("minimum"), value.get("maximum")
    span = f", {low} to {high}" if plain and low is not None and high is not None else ""
    return f"{value['name']} ({value.get('type')}{unit}{span})"


def _arrays(seen: EvidenceSet) -> Iterator[Piece]:
    for item in seen.of("array")[:MOST_COLUMNS]:
        value = item.value
        parts = [str(value[key]) for key in ("long_name", "standard_name", "unit") if value.get(key)]
        yield f"Array {value['name']}: {', '.join(parts)}" if parts else "", item.place, ""


def canonical(data: JSON) -> str:
    """One way to write JSON, for digests."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

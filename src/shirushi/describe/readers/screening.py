"""Everything that the readers of one file saw, looked through once more before it leaves the worker.

Texts come from many readers (word processors, PDFs, slides, notebooks, web pages), and people are spoken of in all of them: so
they are looked at here, in one place. What was found is masked wherever it stands in the file's evidence, and running text that
stands around it is left out: nothing may be composed of a chart or an interview.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from shirushi.describe.evidence import JSON, Evidence, Place, to_json
from shirushi.describe.readers import sensitive_values
from shirushi.describe.readers.columns import Column
from shirushi.describe.readers.hiding import HIDDEN, hide_secrets
from shirushi.describe.readers.sensitive_columns import concerns
from shirushi.describe.readers.sensitive_prose import Passage, passages, to_hide
from shirushi.describe.readers.sensitive_values import MOBILE, Category, mask, mask_secret

READER = "sensitive/2"
HIDE = "hide"  # in a ``sensitive`` value while it is inside the worker: the words that must be masked
EXAMPLES = 3
FEWEST_PHONES = 3
MOST_TEXT = 1_000_000  # characters of one file
MOST_HIDDEN = 2_000
MOST_IN_FORM = 8  # cells in a row of labels and what was filled in

# Kinds of running text, from which a description might be composed, and the others that hold words of the author's own
RUNNING = frozenset(("paragraph", "list-item", "page-text", "table-row", "key-value", "string"))
_TEXTS = RUNNING | {"heading", "document-info", "codebook-row", "attribute"}
_PLACED = ("file", "path", "sheet", "type")  # by these a place is found again
_ABOUT_PEOPLE = frozenset(
    ("patient", "national-id", "payment-card", "personal-name", "phone", "postal-address", "e-mail")
)


def screened(found: Sequence[JSON], file: str) -> list[JSON]:
    """Evidence of one file as JSON: with what its texts say about people, masked, and without its secrets."""
    kept, words = _taken(found)
    told, more = _taken([to_json(item) for item in [*_in_texts(kept, file), *_in_tables(kept, file)]])
    seen = {item["value"]["category"] for item in kept if item["kind"] == "sensitive"}
    kept = [*(item for item in told if item["value"]["category"] not in seen), *kept]
    columns = {
        item["value"]["category"] for item in kept if item["kind"] == "sensitive" and item["place"]["type"] == "cell"
    }
    kept = [item for item in kept if not (_is_line(item) and item["value"]["category"] in columns)]
    if any(_is_of_text(item) for item in kept) and not sensitive_values.is_meant_for_readers(file):
        kept = [item for item in kept if item["kind"] not in RUNNING]
    return hide_secrets(_veiled(kept, words | more))


def evidence_in(
    text: str, place: Callable[[int, int, str], Place], *, for_readers: bool, lists: bool = True
) -> Iterator[Evidence]:
    """``sensitive`` evidence of a text, one for each category at the first place where it occurs; ``place`` makes the place of
    characters from, to, with a masked quote. ``for_readers`` as in :func:`passages`; ``lists`` of phone numbers count too."""
    found = passages(text, for_readers=for_readers)
    if lists and not for_readers and not any(one.category == "phone" for one in found):
        mobiles = [Passage("phone", *match.span()) for match in MOBILE.finditer(text)]
        if len({text[one.start : one.end] for one in mobiles}) >= FEWEST_PHONES:
            found += mobiles
    grouped: dict[Category, list[Passage]] = {}
    for one in found:
        grouped.setdefault(one.category, []).append(one)
    for category, members in grouped.items():
        words = dict.fromkeys(word for one in members for word in to_hide(text, one))
        yield said(
            category, [text[one.start : one.end] for one in members], words, place, members[0].start, members[0].end
        )


def said(
    category: Category,
    found: Sequence[str],
    hide: Iterable[str],
    place: Callable[[int, int, str], Place],
    start: int,
    end: int,
) -> Evidence:
    """One piece of evidence for all that was ``found`` of a category."""
    masking = mask_secret if category == "credential" else mask
    shown = sorted({masking(one) for one in found})[:EXAMPLES]
    value = {"category": category, "count": len(found), "examples_masked": shown, HIDE: list(hide)[:MOST_HIDDEN]}
    return Evidence("sensitive", value, place(start, end, masking(found[0])), READER)


def _is_of_text(item: JSON) -> bool:
    return bool(
        item["kind"] == "sensitive" and item["reader"] == READER and item["value"].get("category") in _ABOUT_PEOPLE
    )


def _is_line(item: JSON) -> bool:
    """Whether it was seen in a line of a table, as whose column it is asked about already."""
    return bool(item["kind"] == "sensitive" and item["reader"] == READER and item["place"]["type"] == "line")


def _taken(found: Sequence[JSON]) -> tuple[list[JSON], set[str]]:
    """The evidence without the words to be masked, and these."""
    words: set[str] = set()
    for item in found:
        if item["kind"] == "sensitive":
            words.update(item["value"].pop(HIDE, ()))
    return list(found), words


@dataclass(slots=True)
class _Joined:
    """Texts of several pieces of evidence behind one another, so that a name and the number below it are seen together."""

    parts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    items: list[JSON] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, item: JSON) -> None:
        self.starts.append(self.length)
        self.items.append(item)
        self.parts.append(text)
        self.length += len(text) + 1

    def place(self, start: int, quote: str) -> Place:
        from bisect import bisect_right

        from shirushi.describe.evidence import place_from_json

        place = self.items[bisect_right(self.starts, start) - 1]["place"]
        narrow = {
            key: value
            for key, value in place.items()
            if key not in ("column", "end_column", "box") or place["type"] == "cell"
        }
        return place_from_json({**narrow, "quote": quote})


def _in_texts(found: Sequence[JSON], file: str) -> Iterator[Evidence]:
    joined = _Joined()
    known: set[str] = set()
    for item in found:
        if item["kind"] not in _TEXTS or joined.length > MOST_TEXT:
            continue
        header = _row(item["value"].get("header") or ()) if item["kind"] == "table-row" else ""
        for text in (header, _text(item)):
            if text and text not in known:
                known.add(text)
                joined.add(text, item)
    if joined.length:
        yield from evidence_in(
            "\n".join(joined.parts),
            lambda start, _, quote: joined.place(start, quote),
            for_readers=sensitive_values.is_meant_for_readers(file),
        )


def _text(item: JSON) -> str:
    value = item["value"]
    if item["kind"] == "key-value":
        return f"{value.get('key', '')}：{value.get('value', '')}"
    if item["kind"] == "attribute":
        return f"{value.get('name', '')}：{value['value']}" if isinstance(value.get("value"), str) else ""
    if item["kind"] == "document-info":
        return str(value.get("value", ""))
    if item["kind"] == "codebook-row":
        return str(value.get("description", ""))
    if item["kind"] == "table-row":
        return _row(value.get("cells", ()))
    return str(value.get("text", ""))


def _row(cells: Sequence[JSON]) -> str:
    """A row as text: of a form a label and what stands beside it."""
    filled = [said for cell in cells if (said := str(cell).strip())]
    if len(filled) % 2 or len(filled) > MOST_IN_FORM:
        return "　".join(filled)
    return "\n".join(f"{label}：{value}" for label, value in zip(filled[::2], filled[1::2], strict=True))


def _in_tables(found: Sequence[JSON], file: str) -> Iterator[Evidence]:
    """Columns of tables inside a document, looked at as those of any table."""
    tables: dict[tuple[str, ...], list[JSON]] = {}
    for item in found:
        if item["kind"] == "table-row" and item["value"].get("header"):
            tables.setdefault(tuple(map(str, item["value"]["header"])), []).append(item)
    for header, rows in tables.items():
        cells = [[str(cell) for cell in row["value"]["cells"]] for row in rows]
        columns = [
            Column(
                name, number + 1, [row[number] if number < len(row) else "" for row in cells], named=bool(name.strip())
            )
            for number, name in enumerate(header)
        ]
        place = _Joined(starts=[0], items=[rows[0]])
        for concern in concerns(file, columns):
            column = columns[concern.position - 1]
            value = {**concern.value(), HIDE: [cell for cell in column.values if cell.strip()][:MOST_HIDDEN]}
            yield Evidence("sensitive", value, place.place(0, concern.name), READER)


def _veiled(found: list[JSON], words: Iterable[str]) -> list[JSON]:
    """The evidence with these words masked wherever they stand; where they stand it still says."""
    long = sorted({word for word in words if _is_telling(word)}, key=len, reverse=True)[:MOST_HIDDEN]
    if not long:
        return found
    pattern = re.compile("|".join(_whole(word) for word in long))
    return [
        {
            **item,
            "value": _masked(item["value"], pattern),
            "place": {key: one if key in _PLACED else _masked(one, pattern) for key, one in item["place"].items()},
        }
        if item["kind"] != "sensitive"
        else item
        for item in found
    ]


def _is_telling(word: str) -> bool:
    return len(word) >= (3 if word.isascii() else 2)


def _whole(word: str) -> str:
    """A pattern of a word: as a whole where its script puts blanks between words."""
    before, after = ("(?<![A-Za-z0-9])" if word[0].isascii() else ""), ("(?![A-Za-z0-9])" if word[-1].isascii() else "")
    return before + re.escape(word) + after


def _masked(value: JSON, pattern: re.Pattern[str]) -> JSON:
    if isinstance(value, str):
        return pattern.sub(lambda match: HIDDEN * len(match[0]), value)
    if isinstance(value, list):
        return [_masked(one, pattern) for one in value]
    if isinstance(value, dict):
        return {name: _masked(one, pattern) for name, one in value.items()}
    return value

"""STAR files (CIF, mmCIF, NMR-STAR): the items and loops that are asked for; the long loops between are passed over.

Sources: International Tables for Crystallography G, chapter 2.2 (CIF 1.1 syntax); Hall 1991, doi:10.1021/ci00002a020 (STAR).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from shirushi.describe.readers.streams import Stream

MOST_VALUE = 20_000
MOST_ITEMS = 5_000
MOST_ROWS = 500
MOST_TAGS = 500
MOST_TEXT = 4_000_000  # characters kept of a file
_TOKEN = re.compile(
    r"""'(?P<single>(?:[^']|'(?!\s|$))*)'(?=\s|$)|"(?P<double>(?:[^"]|"(?!\s|$))*)"(?=\s|$)|\#.*|(?P<bare>\S+)"""
)
_STRUCTURE = re.compile(r"\s*(?:_|loop_|data_|save_|stop_|#|global_)", re.IGNORECASE)
_NOTHING = (".", "?")


@dataclass(frozen=True, slots=True)
class Value:
    """A text and the line that it starts on (1-based)."""

    text: str
    line: int


@dataclass(slots=True)
class Block:
    """A data block (or save frame): ``items`` by tag, in small letters with ``_`` after the category, and ``loops``, each a
    list of rows by tag. Values that are unknown (``?``) or do not apply (``.``) are left out."""

    name: str
    line: int
    items: dict[str, Value] = field(default_factory=dict)
    loops: list[list[dict[str, Value]]] = field(default_factory=list)

    def value(self, tag: str) -> Value | None:
        """The value of a tag; where it stands in a loop, that of the first row that has one."""
        return self.items.get(tag) or next((row[tag] for rows in self.loops for row in rows if tag in row), None)

    def rows(self, *tags: str) -> Iterator[dict[str, Value]]:
        """The rows of loops that have one of the tags, and the items themselves when they stand outside of a loop."""
        for rows in self.loops:
            yield from (row for row in rows if any(tag in row for tag in tags))
        alone = {tag: self.items[tag] for tag in self.items if tag in tags}
        if alone:
            yield alone


class _Lines:
    """Tokens of a file, and a way past what is not wanted."""

    def __init__(self, stream: Stream) -> None:
        self._lines = stream.texts()
        self._number, self._line, self._at, self._done = 0, "", 0, False
        self.kept = 0
        self._turn()

    def _turn(self) -> None:
        following = next(self._lines, None)
        self._done = following is None
        if following is not None:
            self._number, self._line = following
        self._at = 0

    def token(self) -> tuple[str, str, int] | None:
        """(``value``, ``word`` or ``text``, its text, its line); None at the end. A ``word`` is not quoted."""
        while not self._done:
            if self._at == 0 and self._line.startswith(";"):
                return self._field()
            match = _TOKEN.search(self._line, self._at)
            if match is None or match.lastgroup is None:
                self._turn()
                continue
            self._at = match.end()
            kind = "word" if match.lastgroup == "bare" else "value"
            return kind, match[match.lastgroup], self._number
        return None

    def _field(self) -> tuple[str, str, int]:
        """A text between lines that start with a semicolon."""
        start, parts, size = self._number, [self._line[1:]], 0
        self._turn()
        while not self._done and not self._line.startswith(";"):
            if size < MOST_VALUE:
                parts.append(self._line)
                size += len(self._line)
            self._turn()
        self._at = 1
        return "value", "\n".join(parts).strip()[:MOST_VALUE], start

    def skip(self) -> None:
        """Past the values of a loop: to the next line that starts something else."""
        self._turn()
        while not self._done:
            if self._line.startswith(";"):
                self._field()
                self._turn()
            elif _STRUCTURE.match(self._line):
                return
            else:
                self._turn()


def blocks(stream: Stream, wanted: Callable[[str], bool]) -> Iterator[Block]:
    """The blocks of a file with the tags that are wanted. A file that breaks the rules yields what came before."""
    lines = _Lines(stream)
    block = Block("", 1)
    count = 0
    token = lines.token()
    while token is not None and count < MOST_ITEMS and lines.kept < MOST_TEXT:
        kind, text, line = token
        lower = text[:200].lower()
        if kind == "word" and lower.startswith(("data_", "save_")):
            if block.items or block.loops:
                yield block
            block = Block(text[5:205], line)
            token = lines.token()
        elif kind == "word" and lower == "loop_":
            token = _loop(lines, block, wanted)
        elif kind == "word" and lower.startswith("_"):
            token = lines.token()
            tag = tag_of(text)
            if token is not None and not (token[0] == "word" and token[1].startswith("_")):
                if wanted(tag) and not (token[0] == "word" and token[1] in _NOTHING):
                    count += 1
                    lines.kept += len(token[1])
                    block.items.setdefault(tag, Value(token[1], token[2]))
                token = lines.token()
        else:
            token = lines.token()
    if block.items or block.loops:
        yield block


def _loop(lines: _Lines, block: Block, wanted: Callable[[str], bool]) -> tuple[str, str, int] | None:
    """Read a loop; returns the token behind it."""
    tags: list[str] = []
    token = lines.token()
    while token is not None and token[0] == "word" and token[1].startswith("_"):
        if len(tags) < MOST_TAGS:
            tags.append(tag_of(token[1]))
        token = lines.token()
    if token is None or not any(wanted(tag) for tag in tags):
        lines.skip()
        return lines.token()
    rows: list[dict[str, Value]] = []
    row: dict[str, Value] = {}
    column = 0
    while token is not None:
        kind, text, line = token
        if kind == "word" and (text.startswith("_") or re.match(r"(?:loop_|data_|save_|stop_)", text, re.IGNORECASE)):
            break
        if wanted(tags[column]) and not (kind == "word" and text in _NOTHING):
            row[tags[column]] = Value(text, line)
            lines.kept += len(text) + 50
        column += 1
        if column == len(tags):
            rows, row, column = [*rows, row] if row else rows, {}, 0
            if len(rows) >= MOST_ROWS or lines.kept > MOST_TEXT:
                lines.skip()
                token = lines.token()
                break
        token = lines.token()
    if rows:
        block.loops.append(rows)
    return token


def tag_of(text: str) -> str:
    """``_Citation.DOI`` and ``_citation_doi`` are one tag."""
    return text[:200].lower().replace(".", "_", 1)

"""R's serialization, walked once from the front within bounds: what the objects are, never what they do. Nothing is evaluated.

Source: *R Internals*, section 1.8 "Serialization Formats", and *R Data Import/Export*; XDR, native binary and ASCII. Of a vector the
first ``KEPT`` values are kept and the others passed over; code, environments and references are passed over in whole.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import Protocol

from shirushi.describe.readers.base import Unreadable

KEPT = 2_000  # values of one vector, elements of one list
MOST_VALUES = 1_500_000  # kept of all vectors together
MOST_THINGS = 60_000  # kept of all lists together
MOST_ITEMS = 1_000_000  # objects and strings that are passed over
MOST_DEPTH = 150
LONGEST_STRING = 1_000_000  # bytes; of a longer one nothing is kept
LONGEST_KEPT = 4_000
MISSING_INTEGER = -(1 << 31)
_SYMBOL, _PAIRS, _CLOSURE, _ENVIRONMENT, _PROMISE, _CALL = 1, 2, 3, 4, 5, 6
_SPECIAL, _BUILTIN, _CHARS, _LOGICAL, _INTEGER, _REAL, _COMPLEX, _STRINGS, _DOTS = 7, 8, 9, 10, 13, 14, 15, 16, 17
_LIST, _EXPRESSION, _BYTECODE, _POINTER, _WEAK, _RAW, _S4 = 19, 20, 21, 22, 23, 24, 25
_ALTERNATIVE, _REFERENCE = 238, 255
_CALL_WITH, _PAIRS_WITH = 240, 239  # with attributes; inside of byte code only
_SINGLE = frozenset((242, 241, 251, 252, 253, 254))  # the empty, base and global environment, missing, unbound, NULL
_NAMES_OF = frozenset((247, 248, 249))  # persistent names, packages, name spaces
_PAIRED = frozenset((_PAIRS, _CALL, _CLOSURE, _PROMISE, _DOTS))
_ATTRIBUTES, _OBJECT_TAG = 0x200, 0x400
TYPES = {
    _SYMBOL: "symbol", _PAIRS: "pairlist", _CLOSURE: "function", _ENVIRONMENT: "environment", _PROMISE: "promise", _CALL: "language",
    _SPECIAL: "function", _BUILTIN: "function", _LOGICAL: "logical", _INTEGER: "integer", _REAL: "double", _COMPLEX: "complex",
    _STRINGS: "character", _DOTS: "dots", _LIST: "list", _EXPRESSION: "expression", _POINTER: "externalptr", _WEAK: "weakref", _RAW: "raw",
    _S4: "S4", 253: "environment", 242: "environment", 241: "environment", 247: "environment", 248: "environment", 249: "environment",
    254: "NULL",
}  # fmt: skip
Value = int | float | str | None


@dataclass(slots=True)
class Thing:
    """One object. ``values`` are the first of a vector (None where R has NA), ``items`` the elements of a list or pairlist with their
    ``tags``; ``length`` is that of all."""

    type: str
    length: int = 0
    values: list[Value] = field(default_factory=list)
    items: list["Thing"] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    attributes: dict[str, "Thing"] = field(default_factory=dict)

    def texts(self, name: str) -> list[str]:
        """The strings of an attribute."""
        found = self.attributes.get(name)
        return [value if isinstance(value, str) else "" for value in found.values] if found else []


class Source(Protocol):
    """Bytes from the front. Both raise Unreadable where there are too few."""

    def read(self, length: int) -> bytes: ...
    def skip(self, length: int) -> None: ...


class _Binary:
    def __init__(self, source: Source, order: str) -> None:
        self._source, self._order = source, order
        self._integer = struct.Struct(order + "i")

    def integer(self) -> int:
        return int(self._integer.unpack(self._source.read(4))[0])

    def numbers(self, count: int, code: str, kept: int) -> list[Value]:
        """The first ``kept`` of ``count`` numbers (``i`` or ``d``); the others are passed over."""
        size = 4 if code == "i" else 8
        data = self._source.read(kept * size)
        self._source.skip((count - kept) * size)
        return list(struct.unpack(f"{self._order}{kept}{code}", data))

    def text(self, length: int) -> bytes:
        if length > LONGEST_STRING:
            self._source.skip(length)
            return b""
        return self._source.read(length)

    def raw(self, length: int) -> None:
        self._source.skip(length)


class _Ascii:
    """Words parted by line ends; in strings every byte that is no visible character is escaped."""

    _ESCAPES = {
        b"n": b"\n", b"t": b"\t", b"v": b"\v", b"b": b"\b", b"r": b"\r", b"f": b"\f", b"a": b"\a",
    }  # fmt: skip

    def __init__(self, source: Source) -> None:
        self._source = source

    def _word(self, most: int = 100) -> bytes:
        word = bytearray()
        while True:
            byte = self._source.read(1)
            if not byte.isspace():
                word += byte
            elif word:
                return bytes(word)
            if len(word) > most:
                raise Unreadable("malformed", "R data: a word too long")

    def integer(self) -> int:
        word = self._word()
        try:
            return MISSING_INTEGER if word == b"NA" else int(word)
        except ValueError as error:
            raise Unreadable("malformed", "R data: a number was expected") from error

    def numbers(self, count: int, code: str, kept: int) -> list[Value]:
        found: list[Value] = []
        for _ in range(count):
            value = self.integer() if code == "i" else self._real()
            if len(found) < kept:
                found.append(value)
        return found

    def _real(self) -> float:
        word = self._word()
        try:
            return float(word.replace(b"NA", b"nan")) if word != b"NaN" else float("nan")
        except ValueError as error:
            raise Unreadable("malformed", "R data: a number was expected") from error

    def text(self, length: int) -> bytes:
        if not length:
            return b""
        if length > LONGEST_STRING:
            raise Unreadable("too-large", f"R data: a text of {length:,} bytes")
        word, found, at = self._word(length * 4), bytearray(), 0
        while at < len(word):
            if word[at : at + 1] != b"\\":
                found += word[at : at + 1]
                at += 1
            elif word[at + 1 : at + 4].isdigit() and len(word) >= at + 4 and word[at + 1 : at + 4] <= b"377":
                found.append(
                    int(word[at + 1 : at + 4], 8) & 0xFF if not set(word[at + 1 : at + 4]) & set(b"89") else 63
                )
                at += 4
            else:
                found += self._ESCAPES.get(word[at + 1 : at + 2], word[at + 1 : at + 2])
                at += 2
        return bytes(found)

    def raw(self, length: int) -> None:
        for _ in range(length):
            self._word()


class Walk:
    """``version`` of R that wrote, ``encoding`` as it says (version 3 of the format only), and the objects one by one.

    Raises:
        Unreadable: the bytes do not begin as R's do.
    """

    def __init__(self, source: Source) -> None:
        start = source.read(2)
        if start not in (b"X\n", b"B\n", b"A\n"):
            raise Unreadable("malformed", "it does not begin as R's data do")
        self._in = _Ascii(source) if start == b"A\n" else _Binary(source, ">" if start == b"X\n" else "<")
        self._items, self._values, self._things = MOST_ITEMS, MOST_VALUES, MOST_THINGS
        self._known: list[str] = []
        self.encoding = ""
        form, written, _ = (self._in.integer() for _ in range(3))
        if form not in (2, 3):
            raise Unreadable("malformed", f"version {form} of R's serialization is not known")
        self.version = ".".join(str(written >> shift & 0xFF) for shift in (16, 8, 0)) if written >= 0 else ""
        if form == 3:
            self.encoding = self._in.text(self._count(100)).decode("ascii", "replace")

    def pairs(self) -> Iterator[tuple[str, Thing]]:
        """The objects of a workspace with their names, as far as it can be read."""
        while (flags := self._in.integer()) & 0xFF == _PAIRS:
            if flags & _ATTRIBUTES:
                self.thing(1)
            name = self._symbol(1) if flags & _OBJECT_TAG else ""
            yield name, self.thing(1)
        if flags & 0xFF != 254:
            yield "", self._of(flags, 1)

    def thing(self, depth: int = 0) -> Thing:
        """The next object."""
        return self._of(self._in.integer(), depth)

    def _count(self, most: int = 1 << 40) -> int:
        count = self._in.integer()
        if count == -1:
            high, low = self._in.integer(), self._in.integer()
            count = (high << 32) + (low & 0xFFFFFFFF)
        if not 0 <= count <= most:
            raise Unreadable("malformed", "R data: a length that cannot be")
        return count

    def _spend(self, depth: int) -> None:
        self._items -= 1
        if self._items < 0:
            raise Unreadable("too-large", f"R data: more than {MOST_ITEMS:,} objects and texts are not read")
        if depth > MOST_DEPTH:
            raise Unreadable("too-deep", "")

    def _keep(self, count: int) -> int:
        """How many of so many values are kept."""
        kept = min(count, KEPT, self._values)
        self._values -= kept
        return kept

    def _add(self, found: Thing, tag: str, item: Thing) -> None:
        if len(found.items) < KEPT and self._things > 0:
            self._things -= 1
            found.items.append(item)
            found.tags.append(tag)

    def _of(self, flags: int, depth: int) -> Thing:
        self._spend(depth)
        kind = flags & 0xFF
        if kind in _PAIRED:
            return self._pairlist(flags, depth)
        found = Thing(TYPES.get(kind, ""))
        if kind in _SINGLE:
            return found
        if kind == _REFERENCE:
            return Thing("reference", values=[self._referred(flags)])
        if kind == _SYMBOL:
            return Thing("symbol", 1, [self._new_symbol(depth)])
        if kind == _ALTERNATIVE:
            return self._alternative(depth)
        if kind == _ENVIRONMENT:
            self._in.integer()
            self._known.append("")
            for _ in range(4):
                self.thing(depth + 1)
            return found  # its attributes were the last of the four
        if kind in _NAMES_OF:
            self._in.integer()
            for _ in range(self._count(100)):
                self.thing(depth + 1)
            self._known.append("")
            return found
        self._fill(kind, found, depth)
        if flags & _ATTRIBUTES and kind != _CHARS:
            attributes = self.thing(depth + 1)
            found.attributes = dict(zip(attributes.tags, attributes.items, strict=True))
        return found

    def _fill(self, kind: int, found: Thing, depth: int) -> None:
        if kind == _CHARS:
            found.values = [self._string()]
        elif kind in (_LOGICAL, _INTEGER):
            found.length = self._count()
            numbers = self._in.numbers(found.length, "i", self._keep(found.length))
            found.values = [None if number == MISSING_INTEGER else number for number in numbers]
        elif kind in (_REAL, _COMPLEX):
            found.length = self._count()
            kept = self._keep(found.length) if kind == _REAL else 0
            numbers = self._in.numbers(found.length * (2 if kind == _COMPLEX else 1), "d", kept)
            found.values = [None if number != number else number for number in numbers]
        elif kind == _STRINGS:
            found.length = self._count()
            self._strings(found, depth)
        elif kind in (_LIST, _EXPRESSION):
            found.length = self._count(MOST_ITEMS)
            for _ in range(found.length):
                self._add(found, "", self.thing(depth + 1))
        elif kind == _RAW:
            found.length = self._count()
            self._in.raw(found.length)
        elif kind in (_SPECIAL, _BUILTIN):
            self._in.text(self._count(1_000))
        elif kind == _POINTER:
            self._known.append("")
            for _ in range(2):
                self.thing(depth + 1)
        elif kind == _WEAK:
            self._known.append("")
        elif kind == _BYTECODE:
            self._count(MOST_ITEMS)  # how many parts are said more than once
            self._code(depth + 1)
        elif kind != _S4:
            raise Unreadable("malformed", f"R data: type {kind} is not known")

    def _strings(self, found: Thing, depth: int) -> None:
        for number in range(found.length):
            self._spend(depth)
            if self._in.integer() & 0xFF != _CHARS:
                raise Unreadable("malformed", "R data: a text was expected")
            value = self._string()
            if number < KEPT and self._values > 0:
                self._values -= 1 + len(value or "") // 16
                found.values.append(value)

    def _string(self) -> str | None:
        length = self._in.integer()
        if length == -1:
            return None
        if length < 0:
            raise Unreadable("malformed", "R data: a length that cannot be")
        data = self._in.text(length)[:LONGEST_KEPT]
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("cp932" if "932" in self.encoding else "latin-1", "replace")

    def _pairlist(self, flags: int, depth: int) -> Thing:
        """A pairlist, or what is built as one: a call, a function, a promise. Its end is reached without going deeper."""
        found = Thing(TYPES[flags & 0xFF])
        while True:
            if flags & _ATTRIBUTES:
                attributes = self.thing(depth + 1)
                found.attributes |= dict(zip(attributes.tags, attributes.items, strict=True))
            tag = self._symbol(depth) if flags & _OBJECT_TAG else ""
            self._add(found, tag, self.thing(depth + 1))
            found.length += 1
            flags = self._in.integer()
            self._spend(depth)
            if flags & 0xFF not in _PAIRED:
                break
        if flags & 0xFF != 254:
            self._of(flags, depth + 1)  # the body of a function
        return found

    def _symbol(self, depth: int) -> str:
        """A tag: a symbol or a reference to one; '' for whatever else stands there (a function's environment)."""
        tag = self.thing(depth + 1)
        value = tag.values[0] if tag.type in ("symbol", "reference") and tag.values else ""
        return value if isinstance(value, str) else ""

    def _new_symbol(self, depth: int) -> str:
        value = self.thing(depth + 1).values[:1]
        name = value[0] if value and isinstance(value[0], str) else "NA"
        self._known.append(name)
        return name

    def _referred(self, flags: int) -> str:
        number = flags >> 8 or self._in.integer()
        if not 0 < number <= len(self._known):
            raise Unreadable("malformed", "R data: a reference to nothing")
        return self._known[number - 1]

    def _alternative(self, depth: int) -> Thing:
        """A vector in another form: a run of numbers told by its length, one wrapped, or numbers yet to be made into texts."""
        about, state, more = self.thing(depth + 1), self.thing(depth + 1), self.thing(depth + 1)
        form = str(about.items[0].values[0]) if about.items and about.items[0].values else ""
        if form in ("compact_intseq", "compact_realseq") and len(state.values) == 3:
            length, first, step = (float(value) if isinstance(value, int | float) else nan for value in state.values)
            if not (0 <= length < 1 << 52 and isfinite(first) and isfinite(step)):
                raise Unreadable("malformed", "R data: a run of numbers that cannot be")
            cast: Callable[[float], Value] = int if form == "compact_intseq" else float
            values = [cast(first + step * i) for i in range(self._keep(int(length)))]
            found = Thing("integer" if form == "compact_intseq" else "double", int(length), values)
        elif form.startswith("wrap_") and state.items:
            found = state.items[0]
        elif form == "deferred_string" and state.items:
            inner = state.items[0]
            texts: list[Value] = [
                None if value is None else f"{value:.15g}" for value in inner.values if not isinstance(value, str)
            ]
            found = Thing("character", inner.length, texts)
        else:
            found = Thing(form or "unknown")
        found.attributes = found.attributes | dict(zip(more.tags, more.items, strict=True))
        return found

    # ---- byte code, passed over

    def _code(self, depth: int) -> None:
        self._spend(depth)
        self.thing(depth + 1)
        for _ in range(self._count(MOST_ITEMS)):
            kind = self._in.integer()
            if kind == _BYTECODE:
                self._code(depth + 1)
            else:
                self._code_language(kind, depth + 1)

    def _code_language(self, kind: int, depth: int) -> None:
        """A constant of byte code; calls in it have a form of their own. 243 refers to a part, 244 tells one that is referred to."""
        while True:
            self._spend(depth)
            if kind == 243:
                self._in.integer()
                return
            if kind == 244:
                self._in.integer()
                kind = self._in.integer()
            if kind not in (_CALL, _PAIRS, _CALL_WITH, _PAIRS_WITH):
                self.thing(depth + 1)
                return
            if kind in (_CALL_WITH, _PAIRS_WITH):
                self.thing(depth + 1)
            self.thing(depth + 1)
            self._code_language(self._in.integer(), depth + 1)
            kind = self._in.integer()

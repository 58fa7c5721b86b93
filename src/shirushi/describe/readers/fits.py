"""FITS: header cards of every HDU; images as arrays, columns of tables by their TTYPE, TFORM and TUNIT.

Source: FITS Standard 4.0, sections 3 (blocks of 2880 bytes), 4 (cards of 80 characters), 7.2 and 7.3 (tables). Data are skipped.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads

READER = "fits/1"
BLOCK, CARD = 2880, 80
MOST_HDUS = 100
MOST_BLOCKS = 400  # of one header: 14,400 cards
MOST_COLUMNS = 1_000
_STRUCTURE = re.compile(
    r"SIMPLE|BITPIX|NAXIS\d*|EXTEND|XTENSION|PCOUNT|GCOUNT|TFIELDS|T(?:TYPE|FORM|UNIT|NULL|ZERO|SCAL|DISP|DIM|BCOL|COMM)\d+|CHECKSUM|DATASUM|COMMENT|"
    r"HISTORY|END|GROUPS|ZIMAGE"
)
_FORM = re.compile(r"\s*(\d*)([LXBIJKAEDCMPQFG])")
_TYPES = {"L": "boolean", "A": "string", "X": "string", "E": "number", "D": "number", "F": "number", "G": "number", "C": "number", "M": "number"}  # fmt: skip
_PIXELS = {8: "uint8", 16: "int16", 32: "int32", 64: "int64", -32: "float32", -64: "float64"}
Cards = dict[str, JSON]


@reads("application/fits")
def read_fits(file: File) -> Iterator[Evidence]:
    """What the headers say. A header that breaks off gives what stands before the break."""
    with file.open() as stream:
        for number in range(MOST_HDUS):
            cards, whole = _header(stream)
            if not cards:
                return
            path = f"/{number}" if number else ""
            yield from _hdu(file.name, path, cards)
            if not whole:
                raise Unreadable("truncated", "a FITS header breaks off before its END card")
            stream.seek(_size(cards), 1)
            if stream.tell() >= file.size:
                return


def _header(stream: BinaryIO) -> tuple[Cards, bool]:
    """The cards up to END, and whether END was there; {} at the end of the file or where no header stands."""
    cards: Cards = {}
    for number in range(MOST_BLOCKS):
        block = stream.read(BLOCK)
        if number == 0 and not block.startswith((b"SIMPLE  =", b"XTENSION=")):
            return {}, True
        for start in range(0, len(block) - CARD + 1, CARD):
            card = block[start : start + CARD].decode("ascii", "replace")
            key = card[:8].rstrip()
            if key == "END":
                return cards, True
            if card[8:10] == "= " and key not in cards:
                cards[key] = _value(card[10:])
        if len(block) < BLOCK:
            return cards, False
    return cards, False


def _value(text: str) -> JSON:
    """The value of a card: a string in quotes (doubled inside), T or F, a number, else None."""
    text = text.strip()
    if text.startswith("'"):
        match = re.match(r"'((?:[^']|'')*)'", text)
        return match[1].replace("''", "'").rstrip() if match else text[1:].rstrip()
    word = text.split("/", 1)[0].strip()
    if word in ("T", "F"):
        return word == "T"
    try:
        return int(word)
    except ValueError:
        pass
    try:
        number = float(word.replace("D", "E").replace("d", "e"))
    except ValueError:
        return None
    return number if abs(number) < 1e300 else None


def _whole(cards: Cards, key: str) -> int:
    value = cards.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 50 else 0


def _shape(cards: Cards) -> list[int]:
    return [_whole(cards, f"NAXIS{n}") for n in range(1, min(_whole(cards, "NAXIS"), 999) + 1)]


def _size(cards: Cards) -> int:
    """Bytes of the data after a header, in whole blocks (section 4.4.1)."""
    shape = _shape(cards)
    count = 1 if shape else 0
    for length in shape[1:] if shape and shape[0] == 0 and cards.get("GROUPS") is True else shape:
        count *= length
        if count > 1 << 55:
            raise Unreadable("malformed", "a FITS header announces more data than any disk holds")
    bits = cards.get("BITPIX")
    width = abs(bits) // 8 if isinstance(bits, int) and bits in _PIXELS else 1
    size = width * (_whole(cards, "GCOUNT") or 1) * (_whole(cards, "PCOUNT") + count)
    return -(-size // BLOCK) * BLOCK


def _hdu(file: str, path: str, cards: Cards) -> Iterator[Evidence]:
    name = str(cards.get("EXTNAME") or (path.strip("/") or "PRIMARY"))
    for key, value in cards.items():
        if value in (None, "") or _STRUCTURE.fullmatch(key):
            continue
        place = AttributePlace(file, f"{path or '/'}@{key}", quote=str(value)[:300])
        yield Evidence("attribute", {"name": key, "value": value, "owner": path.strip("/")}, place, READER)
    yield from _time(file, path, cards)
    kind = str(cards.get("XTENSION") or "IMAGE").strip()
    if kind in ("BINTABLE", "TABLE", "A3DTABLE"):
        yield from _table(file, path, name, cards)
    elif shape := _shape(cards)[::-1]:  # FITS counts the fastest axis first
        bits = cards.get("BITPIX")
        value = {
            "name": name,
            "shape": shape,
            "dtype": _PIXELS.get(bits, "") if isinstance(bits, int) else "",
            "group": path.strip("/"),
        }
        unit = cards.get("BUNIT")
        value |= {"unit": unit} if isinstance(unit, str) and unit else {}
        yield Evidence("array", value, AttributePlace(file, path or "/", quote=name[:300]), READER)


def _table(file: str, path: str, name: str, cards: Cards) -> Iterator[Evidence]:
    rows = _whole(cards, "NAXIS2")
    fields = min(_whole(cards, "TFIELDS"), MOST_COLUMNS)
    header = [str(cards.get(f"TTYPE{n}") or f"column {n}") for n in range(1, fields + 1)]
    shape = {"name": name, "rows": rows, "columns": fields, "sampled": False, "header": header, "sheet": name}
    yield Evidence("table", shape, AttributePlace(file, path or "/", quote=name[:300]), READER)
    for position, column in enumerate(header, start=1):
        form = _FORM.match(str(cards.get(f"TFORM{position}") or ""))
        value: dict[str, JSON] = {
            "name": column,
            "position": position,
            "type": _TYPES.get(form[2], "integer") if form else "string",
            "missing": 0,
            "count": rows,
            "sampled": True,  # the values themselves were not looked at
            "examples": [],
            "sheet": name,
        }
        unit, said = cards.get(f"TUNIT{position}"), cards.get(f"TCOMM{position}")
        value |= {"unit": unit} if isinstance(unit, str) and unit else {}
        value |= {"description": said} if isinstance(said, str) and said else {}
        yield Evidence(
            "column", value, AttributePlace(file, f"{path or '/'}@TTYPE{position}", quote=column[:300]), READER
        )


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _time(file: str, path: str, cards: Cards) -> Iterator[Evidence]:
    """DATE-OBS, or DATE-BEG to DATE-END (section 9.5)."""
    start, end = (str(cards.get(key) or "") for key in ("DATE-BEG", "DATE-END"))
    key = "DATE-BEG"
    if not _DATE.match(start):
        start = end = str(cards.get("DATE-OBS") or "")
        key = "DATE-OBS"
    if _DATE.match(start):
        end = end if _DATE.match(end) else start
        place = AttributePlace(file, f"{path or '/'}@{key}", quote=start[:300])
        yield Evidence("time-range", {"start": start[:10], "end": end[:10], "count": 1}, place, READER)

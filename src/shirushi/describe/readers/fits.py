"""FITS: header cards of every HDU; images as arrays, columns of tables by their TTYPE, TFORM and TUNIT.

Source: FITS Standard 4.0, sections 3 (blocks of 2880 bytes), 4 (cards of 80 characters), 7.2 and 7.3 (tables). Data are skipped.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from shirushi.describe.evidence import JSON, AttributePlace, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads

READER = "fits/2"
BLOCK, CARD = 2880, 80
MOST_HDUS = 100
MOST_BLOCKS = 400  # of one header: 14,400 cards
MOST_COLUMNS = 1_000
MOST_UNPACKED = 200_000_000
LONGEST = 4_000  # characters of a value that goes on over several cards
_STRUCTURE = re.compile(
    r"SIMPLE|BITPIX|NAXIS\d*|EXTEND|XTENSION|PCOUNT|GCOUNT|TFIELDS|T(?:TYPE|FORM|UNIT|NULL|ZERO|SCAL|DISP|DIM|BCOL|COMM)\d+|CHECKSUM|DATASUM|COMMENT|"
    r"HISTORY|END|GROUPS|ZIMAGE"
)
_FORM = re.compile(r"\s*(\d*)([LXBIJKAEDCMPQFG])")
_TYPES = {"L": "boolean", "A": "string", "X": "string", "E": "number", "D": "number", "F": "number", "G": "number", "C": "number", "M": "number"}  # fmt: skip
_PIXELS = {8: "uint8", 16: "int16", 32: "int32", 64: "int64", -32: "float32", -64: "float64"}
Cards = dict[str, JSON]


@reads("application/fits", "application/fits+gzip", version=2)
def read_fits(file: File) -> Iterator[Evidence]:
    """What the headers say. A header that breaks off gives what stands before the break; a gzipped file is unpacked as far as
    :data:`MOST_UNPACKED` bytes, without keeping them."""
    if file.media_type == "application/fits+gzip":
        try:
            with gzip.open(file.path) as unpacked:
                yield from _hdus(file.name, unpacked, MOST_UNPACKED)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Unreadable("truncated", f"gzip: {error}"[:200]) from error
    else:
        with file.open() as stream:
            yield from _hdus(file.name, stream, file.size)


def _hdus(file: str, stream: BinaryIO | gzip.GzipFile, size: int) -> Iterator[Evidence]:
    """Header by header; nothing is read beyond ``size`` bytes."""
    for number in range(MOST_HDUS):
        cards, whole = _header(stream)
        if not cards:
            return
        path = f"/{number}" if number else ""
        yield from _hdu(file, path, cards)
        if not whole:
            raise Unreadable("truncated", "a FITS header breaks off before its END card")
        after = stream.tell() + _size(cards)
        if after >= size:
            return
        stream.seek(after)


def _header(stream: BinaryIO | gzip.GzipFile) -> tuple[Cards, bool]:
    """The cards up to END, and whether END was there; {} at the end of the file or where no header stands."""
    cards: Cards = {}
    last = ""
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
                last = key
            elif key == "CONTINUE" and last:
                _go_on(cards, last, card[10:])
            else:
                last = ""
        if len(block) < BLOCK:
            return cards, False
    return cards, False


def _go_on(cards: Cards, key: str, text: str) -> None:
    """A string that ends in ``&`` goes on in a CONTINUE card (section 4.2.1.2)."""
    before, more = cards.get(key), _value(text)
    if isinstance(before, str) and before.endswith("&") and isinstance(more, str) and len(before) < LONGEST:
        cards[key] = before[:-1] + more


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
    yield from _sky(file, path, cards)
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


_OLD_DATE = re.compile(r"(\d\d)/(\d\d)/(\d\d)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _time(file: str, path: str, cards: Cards) -> Iterator[Evidence]:
    """DATE-OBS, or DATE-BEG to DATE-END (section 9.5). Before 2000 dates were written DD/MM/YY (section 4.4.2.1)."""
    old = _OLD_DATE.fullmatch(str(cards.get("DATE-OBS") or "").strip())
    if old and 1 <= int(old[1]) <= 31 and 1 <= int(old[2]) <= 12:
        day = f"19{old[3]}-{old[2]}-{old[1]}"
        place = AttributePlace(file, f"{path or '/'}@DATE-OBS", quote=old[0])
        yield Evidence("time-range", {"start": day, "end": day, "count": 1}, place, READER)
        return
    start, end = (str(cards.get(key) or "") for key in ("DATE-BEG", "DATE-END"))
    key = "DATE-BEG"
    if not _DATE.match(start):
        start = end = str(cards.get("DATE-OBS") or "")
        key = "DATE-OBS"
    if _DATE.match(start):
        end = end if _DATE.match(end) else start
        place = AttributePlace(file, f"{path or '/'}@{key}", quote=start[:300])
        yield Evidence("time-range", {"start": start[:10], "end": end[:10], "count": 1}, place, READER)


def _sky(file: str, path: str, cards: Cards) -> Iterator[Evidence]:
    """The point of the sky that the reference pixel shows (section 8.2), in degrees; no place on the Earth."""
    axes = [(n, str(cards.get(f"CTYPE{n}") or "")) for n in range(1, 4)]
    across = next((n for n, kind in axes if kind.startswith(("RA--", "GLON"))), 0)
    up = next((n for n, kind in axes if kind.startswith(("DEC-", "GLAT"))), 0)
    ra, dec = cards.get(f"CRVAL{across}"), cards.get(f"CRVAL{up}")
    if not (across and up and isinstance(ra, int | float) and isinstance(dec, int | float)):
        return
    if not (0 <= ra <= 360 and -90 <= dec <= 90):
        return
    galactic = str(cards.get(f"CTYPE{across}")).startswith("GLON")
    frame = "galactic" if galactic else str(cards.get("RADESYS") or cards.get("RADECSYS") or "").strip()
    said = f"{ra:g} {dec:+g}" + (f" ({frame})" if frame else "")
    place = AttributePlace(file, f"{path or '/'}@CRVAL{across}", quote=str(ra)[:300])
    yield Evidence("attribute", {"name": "sky position", "value": said, "owner": path.strip("/")}, place, READER)

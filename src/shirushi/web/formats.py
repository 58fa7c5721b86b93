"""How dates, numbers, sizes, places and confidence are written, in the reader's language."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shirushi.core.paths import visible
from shirushi.describe.evidence import confidence_word as _word
from shirushi.describe.particulars import particulars_in
from shirushi.describe.problems import what_in
from shirushi.forms.shown import Shown, shown
from shirushi.metadata.labels import term_label

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
_UNITS = ("kB", "MB", "GB", "TB", "PB")


def number(value: float | None, digits: int | None = None) -> str:
    """``1234567`` -> ``1 234 567`` with narrow no-break spaces (ISO 80000-1); ``digits`` after the point, else as few as say it."""
    if value is None:
        return ""
    text = f"{value:,.{digits}f}" if digits is not None else f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    return text.replace(",", THIN_SPACE)


_BARE = re.compile(r"(?<![\w.])\d{4,}(?![\w.])")
_GROUPED = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?!\d|,\d|[)\]])")  # "(2,100)" is a pair


def grouped(text: str, *, bare: bool = False) -> str:
    """Our words with numbers in them as :func:`number` writes them: ``900 / 9,472 bytes`` -> ``900 / 9 472 bytes``; with ``bare`` also
    those that nothing groups: ``44100 Hz`` -> ``44 100 Hz``."""
    text = _BARE.sub(lambda found: number(int(found[0])), text) if bare else text
    return _GROUPED.sub(lambda found: found[0].replace(",", THIN_SPACE), text)


def particulars(detail: str | None) -> str:
    """The particulars of what went wrong, in the reader's language where they are known."""
    return grouped(particulars_in(detail, get_language() or "en")) if detail else ""


def problem_words(problem: Mapping[str, str]) -> str:
    """What went wrong with a file, {code, detail}, in the reader's language."""
    return grouped(what_in(problem["code"], problem.get("detail") or "", get_language() or "en"))


_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def unturned(text: str) -> str:
    """A line of a file with the marks that turn what follows them around written out: code is to be read as it runs."""
    return _TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def exact(value: float | None) -> str:
    """A number of the data with all the digits it has: ``20240101.5`` -> ``20 240 101.5``; :func:`number` gives six of a fraction."""
    if value is None:
        return "–"
    text = f"{value:,}" if "e" not in repr(value) else repr(value)
    return text.removesuffix(".0").replace(",", THIN_SPACE)


def filesize(size: int | None) -> str:
    """Bytes as people say them: ``1 byte``, ``1.2 kB``, ``34 MB`` (powers of 1000, as disks are sold)."""
    if size is None:
        return ""
    if size < 1000:
        return ngettext("%(size)s byte", "%(size)s bytes", size) % {"size": size}
    amount = float(size)
    for unit in _UNITS:
        amount /= 1000
        if amount < 999.5 or unit == _UNITS[-1]:
            break
    return f"{amount:.1f} {unit}" if amount < 10 else f"{number(round(amount))} {unit}"


def extent(value: float | str | None) -> str:
    """One end of a variable's range: a number, or a moment without the parts that say nothing (``2025-07-01``)."""
    if isinstance(value, str):
        return value.removesuffix("T00:00:00").replace("T", " ")
    return number(int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53 else value)


def term(value: str) -> str:
    """A term of a controlled list in the reader's language: ``Dataset`` -> データセット."""
    return term_label(value).in_(get_language() or "en")


def shown_in_language(value: Any, field: str) -> Shown:
    """One value of a field as people read it, in the reader's language."""
    return shown(field, value, get_language() or "en")


def day(value: date | datetime | str | None) -> str:
    """``2026-11-23``: one form everywhere, so that a date is never read the wrong way round."""
    if value is None:
        return ""
    moment_ = _as_datetime(value)
    return moment_.strftime("%Y-%m-%d") if moment_ else str(value)


def moment(value: datetime | str | None) -> str:
    """``2026-11-23 14:05 JST``: with the zone, so that it needs no guessing."""
    if value is None:
        return ""
    moment_ = _as_datetime(value)
    return moment_.strftime("%Y-%m-%d %H:%M %Z") if moment_ else str(value)


def _as_datetime(value: date | datetime | str) -> datetime | None:
    parsed = parse_datetime(value) if isinstance(value, str) else value
    if not isinstance(parsed, datetime):
        return datetime(parsed.year, parsed.month, parsed.day) if parsed else None  # noqa: DTZ001
    return timezone.localtime(parsed) if timezone.is_aware(parsed) else parsed


def confidence_word(confidence: float) -> str:
    """Words first: sure, likely or perhaps."""
    return {"sure": _("sure"), "likely": _("likely"), "perhaps": _("perhaps")}[_word(confidence)]


def place_words(place: Mapping[str, Any]) -> str:
    """Where something was seen, in words: ``README.md line 3``, ``sst.csv column 2``. ``place`` is a place as JSON."""
    file = in_line(place["file"])
    match place["type"]:
        case "line" if place["end"] > place["start"]:
            return _("%(file)s lines %(start)s–%(end)s") % {"file": file, "start": place["start"], "end": place["end"]}
        case "line":
            return _("%(file)s line %(line)s") % {"file": file, "line": place["start"]}
        case "cell":
            return _cell_words(file, place)
        case "attribute":
            return _("%(file)s, %(attribute)s") % {"file": file, "attribute": _end_of(place["path"])}
        case "page":
            return _("%(file)s page %(page)s") % {"file": file, "page": place["page"]}
        case "bytes":
            return _("%(file)s byte %(offset)s") % {"file": file, "offset": number(place["offset"])}
        case _:
            return file


LONGEST_PATH = 40


def _end_of(path: str) -> str:
    """The last step of a long path into a nested document: ``asm:/a/b/0/measurement time`` → ``… measurement time``."""
    last = path.rstrip("/").rpartition("/")[2]
    return path if len(path) <= LONGEST_PATH or not last else f"… {last}"


def cut(text: str, length: int) -> str:
    """The beginning of a long text, with "…" where it stops: after a whole word, if one ends near (Japanese has no spaces)."""
    if len(text) <= length:
        return text
    start = text[: length + 1]
    words = re.match(r"(.*\S)\s", start, re.DOTALL)
    near = words is not None and len(words[1]) >= length * 3 // 4
    return (words[1] if words and near else text[:length]).rstrip() + "…"


def in_line(name: str) -> str:
    """A name that somebody gave, for the middle of a sentence: what would act on the line is written out, and a name that runs
    from right to left does so by itself only. On pages, ``<bdi>`` does the latter."""
    name = visible(name)
    runs_left = any(unicodedata.bidirectional(letter) in {"R", "AL", "AN"} for letter in name)
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}" if runs_left else name


def _cell_words(file: str, place: Mapping[str, Any]) -> str:
    where = {"file": file, "sheet": place.get("sheet"), "row": place.get("row"), "column": place["column"]}
    if where["sheet"] and where["row"]:
        return _("%(file)s, sheet %(sheet)s, row %(row)s, column %(column)s") % where
    if where["sheet"]:
        return _("%(file)s, sheet %(sheet)s, column %(column)s") % where
    if where["row"]:
        return _("%(file)s row %(row)s, column %(column)s") % where
    return _("%(file)s column %(column)s") % where

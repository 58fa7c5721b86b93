"""What one cell of a table says: missing, a number, a truth value, a date. Japanese and Western habits alike.

Dates come out as EDTF level 0 (``2021-04-01``, ``2021-04``), with the time of day where there is one.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

Sort = Literal["missing", "integer", "number", "boolean", "date", "datetime", "time", "string"]

MISSING = frozenset(
    {
        "",
        "na",
        "n/a",
        "#n/a",
        "nan",
        "null",
        "none",
        "nil",
        ".",
        "..",
        "-",
        "--",
        "---",
        "?",
        "*",
        "missing",
        "n.d.",
        "nd",
    }
    | {
        "n.a.",
        "n.a",
        "n/d",
        "<na>",
        "no data",
        "nodata",
        "not available",
        "#value!",
        "#div/0!",
        "#ref!",
        "#name?",
        "#num!",
        "…",
        "...",
    }
    | {"欠", "欠値", "データなし", "未測定", "測定なし", "なし", "‐", "−", "／", "///"}
    | {"欠測", "欠損", "不明", "該当なし", "無回答", "ー", "―", "－", "×"}
)
TRUTH = frozenset({"true", "false", "t", "f"})  # yes and no are categories: most such columns also know "unknown"

_INTEGER = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})")
_NUMBER = re.compile(
    r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+|0+\.\d+)(?:[eEdD][+-]?\d{1,4})?|[+-]0\d+|[+-]?inf(?:inity)?", re.IGNORECASE
)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d{1,4})?")
_PERCENT = re.compile(r"([+-]?\d+(?:\.\d+)?)\s?%")
_SENTINEL = re.compile(r"-9{2,}(?:\.[90]+)?|-8{2,}(?:\.[80]+)?")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－／：　", "0123456789.,-/: ")

_TIME = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
_ZONE = r"\s?(?:Z|UTC|GMT|JST|[+-]\d{2}:?\d{2})?"
_TIME_ONLY = re.compile(_TIME + r"(?:\s?[AaPp]\.?[Mm]\.?)?")
_AFTER_DATE = re.compile(r"[T\s]+" + _TIME + r"(?:\s?[AaPp]\.?[Mm]\.?)?" + _ZONE)
_YMD = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?")
_WEEK = re.compile(r"(\d{4})-?W(\d{2})(?:-?([1-7]))?")
_DMY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_KANJI = re.compile(r"(?:西暦)?(\d{4})年(?:度|\s*(\d{1,2})月(?:\s*(\d{1,2})日)?)")
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|[MTSHR])\s*(\d{1,2}|元)(?:年(?:\s*(\d{1,2})月(?:\s*(\d{1,2})日)?)?|\.(\d{1,2})\.(\d{1,2}))"
)
_ERA_STARTS = {
    "明治": 1868,
    "大正": 1912,
    "昭和": 1926,
    "平成": 1989,
    "令和": 2019,
    "M": 1868,
    "T": 1912,
    "S": 1926,
    "H": 1989,
    "R": 2019,
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY_MONTH = re.compile(rf"(\d{{1,2}})[\s-]+{_MONTH}[\s-]+(\d{{4}})", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"{_MONTH}\s+(\d{{1,2}}),?\s+(\d{{4}})", re.IGNORECASE)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Cell:
    """``sort`` is what a value looks like by itself. ``number`` is set for numbers, ``moment`` for dates and times (ISO).

    ``order`` tells of a date like 3/4/2021 which order it can only be in: ``dmy``, ``mdy``, or '' when both would do.
    """

    sort: Sort
    number: float | None = None
    moment: str | None = None
    order: str | None = None


_EMPTY = Cell("missing")
_TEXT = Cell("string")


@lru_cache(maxsize=20_000)
def parse(value: str) -> Cell:
    """What ``value`` says by itself; its column decides in the end."""
    text = value.strip()
    if text.casefold() in MISSING:
        return _EMPTY
    if len(text) > 60:
        return _TEXT
    if not text.isascii():
        text = text.translate(_FULL_WIDTH).strip()
    first = text[0]
    if first.isdigit() or first in "+-.":
        return _numeric(text) or _moment(text) or _TEXT
    if text.casefold() in TRUTH:
        return Cell("boolean")
    if first in "iI" and _NUMBER.fullmatch(text):
        return Cell("number")
    return _moment(text) or _TEXT


def _numeric(text: str) -> Cell | None:
    if _INTEGER.fullmatch(text):
        return Cell("integer", float(text))
    if _NUMBER.fullmatch(text):
        return Cell("number", float(text.replace("d", "e").replace("D", "e")))
    if match := _PERCENT.fullmatch(text):
        return Cell("number", float(match[1]))
    if _GROUPED.fullmatch(text):
        plain = text.replace(",", "")
        return Cell("number" if "." in plain else "integer", float(plain))
    if _DECIMAL_COMMA.fullmatch(text):
        return Cell("number", float(text.replace(",", ".")))
    return None


def _moment(text: str) -> Cell | None:
    if (match := _TIME_ONLY.fullmatch(text)) and int(match[1]) < 25 and int(match[2]) < 60:
        return Cell("time", moment=f"{int(match[1]):02}:{match[2]}:{match[3] or '00'}")
    for pattern, read in _DATES:
        match = pattern.match(text)
        if match is None:
            continue
        parts = read(match)
        if parts is None:
            return None
        day, order = parts
        rest = text[match.end() :]
        if not rest:
            return Cell("date", moment=day, order=order)
        clock = _AFTER_DATE.fullmatch(rest)
        if clock is None or int(clock[1]) > 24 or int(clock[2]) > 59:
            return None
        return Cell("datetime", moment=f"{day}T{int(clock[1]):02}:{clock[2]}:{clock[3] or '00'}", order=order)
    return None


Parts = tuple[str, str | None] | None


def _iso(year: int, month: int | None = None, day: int | None = None, order: str | None = None) -> Parts:
    if not 1 <= year <= 9999:
        return None
    if month is None:
        return f"{year:04}", order
    if not 1 <= month <= 12:
        return None
    if day is None:
        return f"{year:04}-{month:02}", order
    return (f"{year:04}-{month:02}-{day:02}", order) if 1 <= day <= _DAYS[month - 1] else None


def _read_ymd(match: re.Match[str]) -> Parts:
    if match[4] is None and match[2] == ".":
        return None  # 2021.5 is a number
    return _iso(int(match[1]), int(match[3]), int(match[4]) if match[4] else None)


def _read_week(match: re.Match[str]) -> Parts:
    """An ISO 8601 week, by its first day."""
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), int(match[3] or 1)).isoformat(), None
    except ValueError:
        return None


def _read_dmy(match: re.Match[str]) -> Parts:
    """3/4/2021 is in April or in March: as day first unless it cannot be, and marked when both would do."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == ".":
        return _iso(year, second, first)
    if second > 12:
        return _iso(year, first, second, "mdy")
    return _iso(year, second, first, "dmy" if first > 12 else "")


def _read_kanji(match: re.Match[str]) -> Parts:
    return _iso(int(match[1]), int(match[2]) if match[2] else None, int(match[3]) if match[3] else None)


def _read_era(match: re.Match[str]) -> Parts:
    year = _ERA_STARTS[match[1]] + (1 if match[2] == "元" else int(match[2])) - 1
    month, day = match[3] or match[5], match[4] or match[6]
    return _iso(year, int(month) if month else None, int(day) if day else None)


def _read_day_month(match: re.Match[str]) -> Parts:
    return _iso(int(match[3]), _MONTHS.index(match[2].lower()) + 1, int(match[1]))


def _read_month_day(match: re.Match[str]) -> Parts:
    return _iso(int(match[3]), _MONTHS.index(match[1].lower()) + 1, int(match[2]))


_DATES = (
    (_WEEK, _read_week),
    (_YMD, _read_ymd),
    (_DMY, _read_dmy),
    (_KANJI, _read_kanji),
    (_ERA, _read_era),
    (_DAY_MONTH, _read_day_month),
    (_MONTH_DAY, _read_month_day),
)


def is_sentinel(value: str) -> bool:
    """Whether a value looks like a stand-in for "missing": -99, -999.9, -9999."""
    return bool(_SENTINEL.fullmatch(value.strip()))


def swap_day_and_month(moment: str) -> str | None:
    """The other reading of a date that was read day first: month first. None when there is no such day."""
    year, month, day = int(moment[:4]), int(moment[5:7]), int(moment[8:10])
    other = _iso(year, day, month)
    return other[0] + moment[10:] if other else None


def compact_date(value: str) -> str | None:
    """``20210401`` as a date, for columns that say they hold dates."""
    text = value.strip()
    if not re.fullmatch(r"(?:1[5-9]|20)\d{6}", text):
        return None
    parts = _iso(int(text[:4]), int(text[4:6]), int(text[6:]))
    return parts[0] if parts else None

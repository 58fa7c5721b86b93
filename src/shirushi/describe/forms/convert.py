"""From a known value to the answer as its question wants it: dates, numbers with units, choices, yes and no."""

import math
import re
import unicodedata
from collections.abc import Mapping

from shirushi.describe.evidence import JSON
from shirushi.describe.forms.classes import class_of, classes, option_called, option_of_class, option_of_licence
from shirushi.describe.forms.form import Question
from shirushi.describe.forms.people import EMAIL
from shirushi.describe.funders import names_of
from shirushi.describe.readers.prose import URL, tidy_url
from shirushi.describe.suggesters.dates import read_dates
from shirushi.describe.suggesters.rights import licences_in
from shirushi.describe.text import fold, has_cjk

# What a concept's classes are called in data/classes.json.
CLASSES: Mapping[str, str] = {
    "rights.access": "access",
    "metadata.access": "access",
    "rights.free": "free",
    "contact.type": "person",
    "language": "language",
    "resource.kind": "kind",
    "field": "field",
    "file.formats": "format",
}
_SIZES = {"b": 1, "byte": 1, "bytes": 1, "バイト": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "pb": 1e15,
          "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}  # fmt: skip
_AMOUNT = re.compile(r"([<>]?)\s*(\d{1,15}(?:\.\d{1,9})?)\s*([kKMGTP]?i?(?:B|bytes?|バイト))(?![A-Za-z])")
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:,\d{3})*(?:\.\d{1,12})?(?:[eE][-+]?\d{1,3})?")
_NO_LICENCE = re.compile(
    r"no licen[cs]e|without (?:a )?licen[cs]e|ライセンスなし|ライセンスは付与しない", re.IGNORECASE
)
_YES = frozenset({"yes", "true", "y", "1", "あり", "有", "有り", "はい", "可", "済"})
_NO = frozenset({"no", "false", "n", "0", "なし", "無", "無し", "いいえ", "不可", "未"})
MOST_LINE = 2_000


def date_of(text: str) -> str | None:
    """The first date of a text: ISO, as exact as it is written."""
    found = read_dates(text[:200])
    return found[0][0] if found else None


def licence_of(text: str) -> str | None:
    """The SPDX id of a licence named in a text, that of the data where code has another; ``none`` where it says that there is none."""
    if _NO_LICENCE.search(text):
        return "none"
    found = licences_in(text[:4_000])
    if len(found) > 1:
        of_data = [
            f for f in found if re.search(r"\bdata\b|データ", text[max(0, f.start - 20) : f.start], re.IGNORECASE)
        ]
        found = of_data or found
    return found[0].spdx if found else None


def converted(question: Question, concept: str, value: JSON) -> tuple[JSON, float] | None:
    """The answer and how much of its certainty survives (1 for the same words), or None where the question cannot take it."""
    if concept == "funder.name" and isinstance(value, str):
        return _funder(question, value)
    if concept == "sensitive.personal":
        return _stated(question, value)
    if concept == "period" and question.type in ("date", "date-time") and "/" in str(value):
        return None  # a period is no day
    if question.options:
        return _chosen(question, concept, value)
    if isinstance(value, Mapping):
        return _of_class(question, concept, str(value.get("class")))
    match question.type:
        case "boolean":
            return _boolean(value)
        case "integer" | "number":
            return _number(question, concept, value)
        case "date" | "date-time":
            return _date(question, str(value))
        case "email":
            found = EMAIL.search(str(value))
            return (found[0], 1.0) if found else None
        case "uri":
            address = URL.search(str(value))
            return (tidy_url(address[0]), 1.0) if address else None
    if concept == "size":
        return _size(question, value), 1.0
    if concept.startswith("date.") or concept in ("period.start", "period.end"):
        return _date(question, str(value))
    text = unicodedata.normalize("NFC", str(value)).strip()
    if question.type not in ("text", "files"):
        text = " ".join(text.split())[:MOST_LINE]
    return (text, 1.0) if text else None


def _stated(question: Question, value: JSON) -> tuple[JSON, float] | None:
    """Yes or no, ticked or chosen; how something is dealt with, asked in words, is not told by it."""
    answer = _boolean(value)
    if answer is None or question.type == "boolean":
        return answer
    words = (*_YES, "含む", "含みます", "該当する") if answer[0] else (*_NO, "含まない", "含みません", "該当しない")
    option = next((o for o in question.options if any(fold(w) in words for w in o.words())), None)
    return (option.value, 1.0) if option else None


def _funder(question: Question, value: str) -> tuple[JSON, float] | None:
    """A funder by the option that has any of its names, or by its full name in the language asked."""
    names = names_of(value)
    if question.options:
        return next((found for name in names if (found := _chosen(question, "", name))), None)
    asked = {lang for lang, _ in question.labels}
    ja = question.lang == "ja" or (question.lang is None and "ja" in asked and (has_cjk(value) or "en" not in asked))
    return (names[min(2 if ja else 1, len(names) - 1)], 1.0) if question.type in ("line", "text") else None


def _chosen(question: Question, concept: str, value: JSON) -> tuple[JSON, float] | None:
    kind = CLASSES.get(concept)
    if isinstance(value, Mapping):
        option = option_of_class(kind, str(value.get("class")), question.options) if kind else None
        return (option.value, 1.0) if option else None
    if concept == "rights.licence":
        licence = option_of_licence(str(value), question.options)
        return (licence[0].value, licence[1]) if licence else None
    called = option_called(value, question.options)
    if called is None and kind:
        name = class_of(kind, str(value))
        option = option_of_class(kind, name, question.options) if name else None
        return (option.value, 0.95) if option else None
    return (called[0].value, called[1]) if called else None


def _of_class(question: Question, concept: str, name: str) -> tuple[JSON, float] | None:
    """A class where no option is offered: yes or no as a boolean, else its name in the language asked."""
    if question.type == "boolean":
        if concept == "rights.access":
            return name == "open", 0.9
        return (name == "yes", 1.0) if name in ("yes", "no") else None
    kind = CLASSES.get(concept)
    chosen = classes(kind).get(name) if kind else None
    if chosen is None or question.type not in ("line", "text"):
        return None
    if concept == "language":
        return name, 1.0
    ja = question.lang == "ja" or (question.lang is None and question.labels[0][0] == "ja")
    words = [o for o in chosen.options if o.isascii() != ja]
    return (words[0], 0.85) if words else None


def _boolean(value: JSON) -> tuple[JSON, float] | None:
    if isinstance(value, bool):
        return value, 1.0
    word = fold(str(value))
    return (True, 1.0) if word in _YES else (False, 1.0) if word in _NO else None


def _number(question: Question, concept: str, value: JSON) -> tuple[JSON, float] | None:
    number: float | None
    if concept == "size":
        size = bytes_of(value)
        number = None if size is None else size / _SIZES.get(fold(question.unit or "B"), 1)
        number = None if number is None else _significant(number)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    else:
        match = _NUMBER.search(unicodedata.normalize("NFKC", str(value)))
        number = float(match[0].replace(",", "")) if match else None
    if number is None or not math.isfinite(number):
        return None
    if question.type == "integer":
        return (int(number), 1.0) if number.is_integer() else (max(1, round(number)), 0.9)
    return (int(number) if number.is_integer() else number), 1.0


def bytes_of(value: JSON) -> float | None:
    """An amount of data in bytes: a number is bytes, a text says its unit ("<10MB")."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    match = _AMOUNT.search(unicodedata.normalize("NFKC", str(value)))
    return float(match[2]) * _SIZES[fold(match[3])] if match and fold(match[3]) in _SIZES else None


def _size(question: Question, value: JSON) -> str:
    """An amount of data in words; as it is written where somebody wrote it."""
    if isinstance(value, str):
        return "".join(value.split())
    size = float(value)
    for unit, step in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= step:
            return f"{_significant(size / step):g}{unit}"
    return f"{size:g}B"


def _significant(number: float) -> float:
    """Three figures are enough for an amount of data."""
    return float(f"{number:.3g}")


def _date(question: Question, text: str) -> tuple[JSON, float] | None:
    """A date of the calendar where the question wants one. A year alone gives none: that work began on the first of January is said
    nowhere. A month gives its first or last day where a period begins or ends."""
    date = date_of(text) if not re.fullmatch(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", text) else text
    if date is None:
        return None
    if question.type == "line":
        return date, 1.0
    share = 1.0
    if len(date) == _YEAR:
        return None
    if len(date) < 10:
        if "period.end" in question.hint or _is_end(question):
            date, share = _last_day(date), 0.7
        elif _is_start(question):
            date, share = f"{date}-01", 0.7
        else:
            return None
    pattern = str(question.schema.get("pattern", ""))
    if question.type == "date-time":
        return f"{date}T00:00:00Z", share * 0.9
    return (date.replace("-", "/") if re.fullmatch(r"\^?\[0-9\]\{4\}/.*", pattern) else date), share


_YEAR = 4


def _is_end(question: Question) -> bool:
    return any(re.search(r"\bend\b|\buntil\b|終了|まで", fold(text)) for _, text in question.labels)


def _is_start(question: Question) -> bool:
    return any(re.search(r"\bstart\b|\bbegin|\bfrom\b|開始|から", fold(text)) for _, text in question.labels)


def _last_day(date: str) -> str:
    """Of a month."""
    import calendar

    year, month = int(date[:4]), int(date[5:7])
    return f"{date}-{calendar.monthrange(year, month)[1]:02d}"

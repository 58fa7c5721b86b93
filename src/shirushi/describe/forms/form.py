"""What a form asks, whatever it was written in: questions with labels, types and options, each at a JSON Pointer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from shirushi.describe.evidence import JSON
from shirushi.describe.text import fold

MOST_BYTES = 5_000_000
MOST_QUESTIONS = 3_000
MOST_OPTIONS = 2_000
MOST_DEPTH = 24  # of groups in groups
MOST_LABEL = 400  # characters of a label or a help text that are looked at

EACH = "*"  # in a question's path: any entry of a list

Type = Literal["line", "text", "date", "date-time", "email", "uri", "integer", "number", "boolean", "choice", "files"]


class BadForm(ValueError):
    """A file is no form that can be filled; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose: ``value`` is what is stored, ``labels`` what people read, by language ('' when unknown)."""

    value: JSON
    labels: tuple[tuple[str, str], ...] = ()

    def words(self) -> list[str]:
        """Everything it is called, its value first."""
        return [str(self.value), *(text for _, text in self.labels)]


@dataclass(frozen=True, slots=True)
class Question:
    """One place of the answers' document. ``path`` holds :data:`EACH` where a list's entry goes; ``groups`` are the labels of
    the groups around it, outermost first; ``lang`` is the language that the answer is asked in; ``schema`` is the JSON Schema of
    the answer alone; ``hint`` is what the form itself says it means (``x-concept``, a format's name)."""

    path: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    type: Type = "line"
    help: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    groups: tuple[tuple[tuple[str, str], ...], ...] = ()
    lang: str | None = None
    unit: str | None = None
    required: bool = False
    hint: str = ""
    schema: Mapping[str, JSON] = field(default_factory=dict, hash=False)

    def label(self, lang: str = "en") -> str:
        """Its label in a language, or the nearest there is; the last part of its path when it has none."""
        found = dict(reversed(self.labels))
        return found.get(lang) or found.get("") or next(iter(found.values()), "") or self.path[-1]

    @property
    def many(self) -> bool:
        return EACH in self.path


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked, and the JSON Schema of the whole answers' document. ``groups`` are groups of questions that must not stay
    empty though none of their questions must be answered."""

    name: str
    schema: Mapping[str, JSON]
    questions: tuple[Question, ...]
    lang: str | None = None
    groups: tuple[Question, ...] = ()


def pointer(path: Sequence[str | int]) -> str:
    """RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


_LANG_MARK = re.compile(
    r"[\s_\-]*[（(【\[]?\s*(?P<word>日本語|和文|和名|英語|英文|英名|japanese|english|in japanese|in english)\s*[）)】\]]?\s*$",
    re.IGNORECASE,
)
_LANG_INSIDE = re.compile(r"[,、・･]\s*(?P<word>日本語|英語|japanese|english)\s*[）)]", re.IGNORECASE)
_JA_WORDS = frozenset({"日本語", "和文", "和名", "japanese", "in japanese"})
_SUFFIX = re.compile(r"[-_:.](?P<lang>ja|jp|jpn|en|eng)$", re.IGNORECASE)


def asked_language(labels: Sequence[str], name: str) -> str | None:
    """``ja`` or ``en`` where a label says "(日本語)" or "(English)", or the name of the field ends in ``_ja``."""
    for label in labels:
        match = _LANG_MARK.search(label) or _LANG_INSIDE.search(label)
        if match:
            return "ja" if fold(match["word"]) in _JA_WORDS else "en"
    suffix = _SUFFIX.search(name)
    return ("ja" if suffix["lang"].lower().startswith("j") else "en") if suffix else None


def without_language(label: str) -> str:
    """The label without the words that say which language it is asked in."""
    return _LANG_INSIDE.sub(lambda m: m[0][-1], _LANG_MARK.sub("", label)).strip()


_UNIT = re.compile(
    r"[（(\[]\s*(?P<unit>[kKMGTPm]?i?B|バイト|bytes?|kg|g|mg|km|m|cm|mm|°C|℃|degC|K|Pa|hPa|days?|日|hours?|時間|年|years?)\s*[）)\]]\s*$"
)


def asked_unit(labels: Sequence[str]) -> str | None:
    """The unit at the end of a label: "Total volume (GB)"."""
    return next((match["unit"] for label in labels if (match := _UNIT.search(label))), None)

"""What somebody asks: the query of a page or a program, and the forgiving parser of the words they typed.

The parser never raises. It knows words, "phrases" (also “…”), ``-not`` and ``NOT``, ``OR``, and ``field:value`` for the
fields below; whatever else is there is taken as words. 「…」 is no phrase: Japanese sentences have it too often.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

Sort = Literal["relevance", "newest", "oldest", "title"]
FACETS = ("resource_type", "year", "language", "licence", "creator", "subject", "space", "format")
MOST_HITS = 100
DEEPEST = 10_000
_LONGEST_TEXT = 1_000
_MOST_CLAUSES = 32

FIELDS: Mapping[str, str] = {  # what people write before the colon → text field or facet
    "title": "title", "タイトル": "title", "題名": "title",
    "creator": "people", "author": "people", "作成者": "people", "著者": "people",
    "subject": "subjects", "keyword": "subjects", "キーワード": "subjects", "主題": "subjects",
    "description": "body", "説明": "body",
    "doi": "identifier", "id": "identifier", "identifier": "identifier", "識別子": "identifier",
    "year": "year", "年": "year", "type": "resource_type", "種類": "resource_type",
    "language": "language", "lang": "language", "言語": "language",
    "licence": "licence", "license": "licence", "rights": "licence", "ライセンス": "licence",
    "space": "space", "format": "format", "形式": "format",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """One search. ``filters`` keep records that have any of the values in each field named; ``facets`` asks for counts.

    A year may be a range, ``2019-2021``. ``offset`` and ``limit`` count hits.
    Programs may leave the highlights out: making them takes longer than the search itself.

    Raises:
        ValueError: for a filter, facet or order that does not exist, or an impossible page; never for ``text``.
    """

    text: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 20
    facets: Sequence[str] = ()
    highlights: bool = True

    def __post_init__(self) -> None:
        if unknown := sorted({*self.filters, *self.facets} - set(FACETS)):
            raise ValueError(f"there is no facet {', '.join(unknown)}: use one of {', '.join(FACETS)}")
        if self.sort not in get_args(Sort):
            raise ValueError(f"{self.sort!r} is not an order: use one of {', '.join(get_args(Sort))}")
        if not 0 <= self.limit <= MOST_HITS:
            raise ValueError(f"limit must be between 0 and {MOST_HITS}")
        if not 0 <= self.offset <= DEEPEST:
            raise ValueError(f"offset must be between 0 and {DEEPEST}: narrow the search instead of paging further")


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing to find: a word or a phrase, in one field or anywhere."""

    text: str
    phrase: bool = False
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """``wanted``: each must be found, by any of its alternatives. ``unwanted``: none may be found."""

    wanted: tuple[tuple[Clause, ...], ...] = ()
    unwanted: tuple[Clause, ...] = ()


_PIECE = re.compile(
    r"""
    (?P<minus>-(?=[^\s-]))?
    (?:(?P<field>[^\W\d_]{1,20}):(?=\S))?
    (?: ["“”](?P<quote>[^"“”]*)(?:["“”]|$)
      | (?P<word>[^\s"“”]+) )
    """,
    re.VERBOSE,
)


def parse(text: str) -> Parsed:
    """Understand what was typed as far as it can be understood."""
    wanted: list[list[Clause]] = []
    unwanted: list[Clause] = []
    negate = alternative = False
    for match in _PIECE.finditer(_tidy(text)):
        word = match["word"]
        if word == "NOT" and not match["minus"]:
            negate = True
            continue
        if word in ("OR", "AND", "|", "||", "&&") and not match["minus"]:
            alternative = word not in ("AND", "&&") and bool(wanted)
            continue
        clause = _clause(match)
        if clause is not None:
            if negate or match["minus"]:
                unwanted.append(clause)
            elif alternative:
                wanted[-1].append(clause)
            else:
                wanted.append([clause])
        negate = alternative = False
        if len(wanted) + len(unwanted) >= _MOST_CLAUSES:
            break
    return Parsed(tuple(tuple(group) for group in wanted), tuple(unwanted))


def years(value: str) -> list[str]:
    """``2019-2021`` as each of its years (at most 200); a single value as it is."""
    match = re.fullmatch(r"(\d{4})\s*(?:-|\.\.|–|〜|~)\s*(\d{4})", value.strip())
    if match is None:
        return [value.strip()]
    first, last = sorted((int(match[1]), int(match[2])))
    return [f"{year:04}" for year in range(first, min(last, first + 199) + 1)]


def _tidy(text: str) -> str:
    """Folded to one width, without control characters, of bounded length; ー and － are told apart by NFKC."""
    folded = unicodedata.normalize("NFKC", text[:_LONGEST_TEXT])
    return "".join(" " if unicodedata.category(character)[0] == "C" else character for character in folded)


def _clause(match: re.Match[str]) -> Clause | None:
    quoted = match["quote"]
    text = match["word"] if quoted is None else quoted.strip()
    name = match["field"]
    if not text:
        return None
    if name is None:
        return Clause(text, phrase=quoted is not None)
    known = FIELDS.get(name.lower())
    if known is None:  # https://…, 12:30, anything with a colon in it
        return Clause(f"{name}:{text}", phrase=quoted is not None)
    return Clause(text, phrase=quoted is not None, field=known)

"""What anonymous reviewers are shown of a draft or version, and what in it would tell them all the same who made it.

Names of people and houses, papers and awards are left out for them; names may still stand in file names and in every text that is left.

What stands inside of the files is not looked at; the page that shows this says so.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shirushi.core.models import Draft
from shirushi.core.values import JSON
from shirushi.metadata.fields import BY_NAME
from shirushi.metadata.work import STORED, Work

FILES_LOOKED_AT = 5_000
MOST = 20
_WORDS = re.compile(r"[^\s,.;()\[\]'\"/・]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ'-]+")
_COMMON = frozenset({"university", "institute", "national", "research", "center", "centre", "school", "college", "department",
                     "laboratory", "graduate", "faculty", "japan", "tokyo", "science", "technology"})  # fmt: skip


# What tells who made it, or leads there: the names of people and houses, papers, awards, other addresses of the same work.
_TELLING = frozenset(
    {"creators", "contributors", "publisher", "related", "funding", "alternate_identifiers", "rights", "access"}
)
_LEADING = frozenset({"identifier", "serial_number"})  # of instruments and programs


def shown(metadata: Mapping[str, JSON]) -> dict[str, JSON]:
    """The metadata of a draft or version as anonymous reviewers see it."""
    return {name: _bare(value) for name, value in metadata.items() if name not in _TELLING}


def _bare(value: JSON) -> JSON:
    """A value without what leads to the very instrument or the repository of a program, and so to whose they are."""
    if not isinstance(value, list):
        return value
    return [{k: v for k, v in one.items() if k not in _LEADING} if isinstance(one, dict) else one for one in value]


@dataclass(frozen=True, slots=True)
class Telling:
    """``word`` stands in ``where``: a path, where ``field`` is ``files``; else the text of that field."""

    field: str
    where: str
    word: str


def telling(draft: Draft) -> list[Telling]:
    """The first places in which a name of somebody who made it stands, at most :data:`MOST`. Two queries."""
    work = Work.model_validate(draft.metadata, context=STORED)
    names = sorted(_names(work, draft), key=len, reverse=True)
    if not names:
        return []
    wanted = re.compile("|".join(_pattern(name) for name in names), re.IGNORECASE)
    found: list[Telling] = []
    for field, where in (*_texts(shown(draft.metadata)), *_paths(draft)):
        if match := wanted.search(where):
            found.append(Telling(field, where, match[0]))
            if len(found) == MOST:
                break
    return found


def _names(work: Work, draft: Draft) -> Iterator[str]:
    whole = [
        name for one in (*work.creators, *work.contributors) for name in (one.name, *(n.name for n in one.other_names))
    ]
    owner = draft.owner
    if owner is not None:
        whole += [owner.name, owner.email.partition("@")[0]]
    for name in whole:
        yield from (word for word in _WORDS.findall(name) if _tells(word))
    for one in (*work.creators, *work.contributors):
        yield from (place.name for place in one.affiliations if len(place.name) > 3)
        if one.orcid:
            yield one.orcid
    yield from (award for one in work.funding for award in (one.award,) if award and len(award) > 4)


def _tells(word: str) -> bool:
    """Latin words of three letters and fewer stand in many others by chance."""
    return (len(word) > 3 and word.lower() not in _COMMON) if _LATIN.fullmatch(word) else len(word) > 1


def _pattern(name: str) -> str:
    return rf"(?<![a-z]){re.escape(name)}(?![a-z])" if _LATIN.fullmatch(name) else re.escape(name)


def _texts(metadata: Mapping[str, JSON]) -> Iterator[tuple[str, str]]:
    for field in BY_NAME:
        yield from ((field, text) for text in _strings(metadata.get(field)))


def _strings(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _strings(inner)


def _paths(draft: Draft) -> Iterator[tuple[str, str]]:
    yield from (("files", path) for path in draft.files.values_list("path", flat=True)[:FILES_LOOKED_AT])

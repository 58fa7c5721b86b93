"""What would tell reviewers who made a draft, though names, papers and awards are left out for them: words of file names and texts.

What stands inside of the files is not looked at; the page that shows this says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shirushi.core.models import Draft
from shirushi.metadata.work import STORED, Work

FILES_LOOKED_AT = 5_000
MOST = 20
_WORDS = re.compile(r"[^\s,.;()\[\]'\"/・]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ'-]+")
_COMMON = frozenset({"university", "institute", "national", "research", "center", "centre", "school", "college", "department",
                     "laboratory", "graduate", "faculty", "japan", "tokyo", "science", "technology"})  # fmt: skip


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
    for field, where in (*_texts(work), *_paths(draft)):
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


def _texts(work: Work) -> Iterator[tuple[str, str]]:
    yield from (("titles", one.text) for one in work.titles)
    yield from (("descriptions", one.text) for one in work.descriptions)
    yield from (("subjects", one.text) for one in work.subjects)
    yield from (("variables", text) for one in work.variables for text in (one.label, one.description) if text)


def _paths(draft: Draft) -> Iterator[tuple[str, str]]:
    yield from (("files", path) for path in draft.files.values_list("path", flat=True)[:FILES_LOOKED_AT])

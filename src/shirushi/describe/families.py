"""Files that are alike, and which of very many to read: ``run_0001.csv`` … ``run_9999.csv`` are one family.

Reading a dozen of ten thousand alike says what all of them hold; what was left out is reported, never hidden.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from shirushi.describe.formats import Identified

FAMILY = 3  # so many make a family
READ_WHOLE = 60  # a family no larger than this is read in full
REPRESENTATIVES = 12
MOST_READ = 1_500

_DIGITS = re.compile(r"\d+")
# What speaks about the whole is always read.
_SPEAKING = re.compile(
    r"text/(?:markdown|x-licence|x-rst)|application/x-(?:citation-cff|codemeta\+json|datapackage\+json|ro-crate\+json"
    r"|zenodo\+json|datacite\+xml|tei\+xml|jats\+xml|eml\+xml|csvw\+json|stac\+json|bids-description\+json|git-authors)"
)
_SPEAKING_NAME = re.compile(
    r"(?:^|/)(?:read.?me|authors?|contributors?|citation|changes|history|metadata|説明|概要|お読み)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Family:
    """Files whose names differ only in digits. ``members`` are positions in the list that was given; ``size`` is bytes of
    all of them together."""

    pattern: str
    media_type: str
    count: int
    size: int
    first: str
    members: tuple[int, ...]


def families(files: Sequence[tuple[str, int, Identified]]) -> list[Family]:
    """Families of at least :data:`FAMILY` files, from (name, size, what it is), in the order of their first members."""
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for number, (name, _, what) in enumerate(files):
        groups[_DIGITS.sub("#", name), what.media_type].append(number)
    return [
        Family(
            pattern=pattern,
            media_type=media_type,
            count=len(members),
            size=sum(files[i][1] for i in members),
            first=files[members[0]][0],
            members=tuple(members),
        )
        for (pattern, media_type), members in groups.items()
        if len(members) >= FAMILY and "#" in pattern
    ]


def choose(readable: Sequence[int], files: Sequence[tuple[str, Identified]], kin: Sequence[Family]) -> list[int]:
    """Which of the ``readable`` files (positions in ``files``) to read: all of them, unless there are very many alike, or
    very many at all."""
    left_out: set[int] = set()
    for family in kin:
        if family.count > READ_WHOLE:
            left_out |= set(family.members) - set(_evenly(family.members, REPRESENTATIVES))
    chosen = [i for i in readable if i not in left_out]
    if len(chosen) <= MOST_READ:
        return chosen
    speaking = [i for i in chosen if _speaks(*files[i])][: MOST_READ // 2]
    others = sorted(set(chosen) - set(speaking))
    return sorted([*speaking, *_evenly(others, MOST_READ - len(speaking))])


def _speaks(name: str, what: Identified) -> bool:
    return bool(_SPEAKING.fullmatch(what.media_type) or _SPEAKING_NAME.search(name))


def _evenly(items: Sequence[int], count: int) -> list[int]:
    """``count`` of the items, spread evenly, with the first and the last."""
    if len(items) <= count:
        return list(items)
    return [items[round(i * (len(items) - 1) / (count - 1))] for i in range(count)]

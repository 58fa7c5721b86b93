"""Where a work is published decides its licence at venues that give one to nearly all: what shows the venue, and that licence.

By the policies that the venues publish. Each has exceptions (works of governments; some OpenNeuro data are under the PDDL), so
this is a guess, made only where a folder itself says nothing of a licence; venues that leave the choice to authors are not here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shirushi.describe.evidence import Evidence
from shirushi.describe.seen import EvidenceSet


@dataclass(frozen=True, slots=True)
class Venue:
    """``shown`` finds the venue in a path, an address or an identifier; ``licence`` is its SPDX id."""

    name: str
    shown: re.Pattern[str]
    licence: str


VENUES: tuple[Venue, ...] = (
    # CC0, seldom PDDL
    Venue(
        "OpenNeuro",
        re.compile(r"openneuro\.org/datasets/ds\d{6}|10\.18112/openneuro\.ds\d{6}", re.IGNORECASE),
        "CC0-1.0",
    ),
    # files are named after the article's DOI
    Venue("PLOS", re.compile(r"(?:^|/)journal\.p[a-z]{3,6}\.\d{7}\.(?:xml|pdf)$"), "CC-BY-4.0"),
    Venue("eLife", re.compile(r"(?:^|/)elife-\d{5}(?:-v\d)?\.(?:xml|pdf)$"), "CC-BY-4.0"),
)
# Journals, as the first page of an article names them
_JOURNALS: Mapping[str, re.Pattern[str]] = {
    "CC-BY-4.0": re.compile(
        r"\b(?:Journal of Open Source (?:Software|Education)|Proceedings of the JuliaCon|JuliaCon Proceedings|PL[Oo]S ONE|eLife \d{4}|"
        r"Earth System Science Data|GigaScience|Data Science Journal|Journal of Open Humanities Data)\b"
    ),
}


def venues(seen: EvidenceSet) -> Iterator[tuple[str, Evidence]]:
    """(SPDX id, evidence) of each venue that a file name, an address or the first page of a document shows, once each."""
    told: set[str] = set()
    for item in seen.of("file", "link", "badge"):
        text = str(item.value.get("path") or item.value.get("url") or "")
        for venue in VENUES:
            if venue.name not in told and venue.shown.search(text):
                told.add(venue.name)
                yield venue.licence, item
    for item in seen.of("page-text"):
        if item.value.get("page") != 1:
            continue
        for licence, pattern in _JOURNALS.items():
            if pattern.search(item.value["text"][:1_500]):
                yield licence, item
                return

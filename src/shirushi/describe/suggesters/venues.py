"""Where a work is published decides its licence at venues that allow only one: what shows the venue, and the licence it gives.

Each line is the venue's own published rule; venues that leave the choice to authors are not here.
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
    # OpenNeuro: all data sets are released under CC0 (its terms of use for depositors)
    Venue(
        "OpenNeuro",
        re.compile(r"openneuro\.org/datasets/ds\d{6}|10\.18112/openneuro\.ds\d{6}", re.IGNORECASE),
        "CC0-1.0",
    ),
    # PLOS journals: CC BY 4.0 for every article (its licence policy); files are named after the article's DOI
    Venue("PLOS", re.compile(r"(?:^|/)journal\.p[a-z]{3,6}\.\d{7}\.(?:xml|pdf)$"), "CC-BY-4.0"),
    # eLife: CC BY 4.0, or CC0 for government work (its journal policy); Copernicus journals: CC BY 4.0
    Venue("eLife", re.compile(r"(?:^|/)elife-\d{5}(?:-v\d)?\.(?:xml|pdf)$"), "CC-BY-4.0"),
    # GBIF allows CC0, CC BY and CC BY-NC, so it is not here. DataHub's core data sets: PDDL (its publishing rule)
    Venue("DataHub core data sets", re.compile(r"datahub\.io/core/[\w\-]+"), "PDDL-1.0"),
)
# Journals whose articles are all CC BY 4.0, as their own pages name them
_JOURNALS: Mapping[str, re.Pattern[str]] = {
    "CC-BY-4.0": re.compile(
        r"\b(?:Journal of Open Source (?:Software|Education)|Proceedings of the JuliaCon|JuliaCon Proceedings|PLOS ONE|PLoS ONE|eLife \d{4}|"
        r"Scientific Data \|?\s?\(?\d|Earth System Science Data|Data in Brief|GigaScience|Frontiers in [A-Z]\w+|Data Science Journal|Journal of Open Humanities Data)\b"
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

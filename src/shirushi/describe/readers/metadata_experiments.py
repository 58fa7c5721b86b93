"""Metadata of experiments and granules in plain text: ISA-Tab investigations, GEO SOFT, NASA's ODL ``.met`` files.

Sources: ISA-Tab 1.0 (investigation file); NCBI GEO's SOFT guide; the ECS inventory metadata in ODL (CCSDS 641.0-B-1).
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import stating
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.metadata_geographic import number
from shirushi.describe.readers.placing import Page
from shirushi.describe.text import decode

MOST_BYTES = 2_000_000
MOST_LINES = 50_000
MOST_PEOPLE = 300


def _text(file: File) -> str:
    return (
        decode(file.head(MOST_BYTES), truncated=file.size > MOST_BYTES).text.replace("\r\n", "\n").replace("\r", "\n")
    )


# ---- ISA-Tab

_ISA: Mapping[str, tuple[str, JSON]] = {
    "Title": ("titles", {}),
    "Description": ("descriptions", {"type": "Abstract"}),
    "Design Type": ("subjects", {}),
    "Factor Name": ("subjects", {}),
    "Protocol Description": ("descriptions", {"type": "Methods"}),
}


@reads("text/x-isa-tab", version=1)
def read_isa(file: File) -> Iterator[Evidence]:
    """What an investigation file says of its investigation and studies: titles, people, dates, design, protocols, platforms."""
    text = _text(file)
    page = Page(file.name, "isa-tab/1", text)
    people: dict[str, tuple[int, list[str]]] = {}
    for line, row in enumerate(text.split("\n")[:MOST_LINES], start=1):
        cells = next(csv.reader([row[:100_000]], delimiter="\t"), [])
        key, values = (cells[0].strip(), [cell.strip() for cell in cells[1 : MOST_PEOPLE + 1]]) if cells else ("", [])
        if cells and re.fullmatch(r"[A-Z ]{4,60}", key):
            yield from _isa_people(page, people)
            people = {}
        part = re.fullmatch(r"(?:Study|Investigation) (.+)", key)
        name = part[1] if part else key
        if name.startswith("Person ") or (name.startswith("Comment") and "ORCID" in name.upper()):
            people["ORCID" if name.startswith("Comment") else name.removeprefix("Person ")] = (line, values)
        elif part:
            yield from _isa_row(page, name, line, values)
    yield from _isa_people(page, people)


def _isa_row(page: Page, name: str, line: int, values: Sequence[str]) -> Iterator[Evidence]:
    for said in values:
        if not said:
            continue
        if name in _ISA:
            field, more = _ISA[name]
            yield from page.say(field, {"text": said, **more}, name, line, said)
        elif name == "Submission Date":
            yield from page.say("dates", {"date": stating.date(said), "type": "Submitted"}, name, line, said)
        elif name == "Public Release Date":
            yield from page.say("publication_date", stating.date(said), name, line, said)
        elif name == "Publication DOI":
            yield from page.say("related", stating.related(said, "IsSupplementTo"), name, line, said)
        elif name == "Assay Technology Platform":
            yield from page.say("instruments", {"name": said}, name, line, said)


def _isa_people(page: Page, people: Mapping[str, tuple[int, list[str]]]) -> Iterator[Evidence]:
    line = people.get("Last Name", (0, []))[0]
    columns = [
        people.get(key, (0, []))[1] for key in ("Last Name", "First Name", "Mid Initials", "Affiliation", "ORCID")
    ]
    for family, given, middle, home, orcid in zip_longest(*columns, fillvalue=""):
        if family:
            who = stating.person(given=f"{given} {middle}".strip(), family=family, orcid=orcid, affiliations=[home])
            yield from page.say("creators", who, "Person Last Name", line, family)


# ---- GEO SOFT


@reads("text/x-geo-soft", version=1)
def read_soft(file: File) -> Iterator[Evidence]:
    """What a SOFT file says of its series, and the organisms and instruments of its samples."""
    text = _text(file)
    page = Page(file.name, "soft/1", text)
    seen: set[tuple[str, str]] = set()
    for line, row in enumerate(text.split("\n")[:MOST_LINES], start=1):
        found = re.match(r"!(Series|Sample|dataset)_(\w{1,60})\s*=\s*(\S.*)", row[:20_000])
        key, said = (f"{found[1]}_{re.sub(r'_ch[0-9]+$', '', found[2])}", found[3].strip()) if found else ("", "")
        if found and (key, said) not in seen:
            seen.add((key, said))
            for field, value in _soft(key, said):
                yield from page.say(field, value, key, line, said.split(",")[-1] if field == "creators" else said)


def _soft(key: str, said: str) -> Iterator[tuple[str, JSON]]:
    if key in ("Series_title", "dataset_title"):
        yield "titles", {"text": said}
    elif key in ("Series_summary", "dataset_description"):
        yield "descriptions", {"text": said, "type": "Abstract"}
    elif key == "Series_overall_design":
        yield "descriptions", {"text": said, "type": "Methods"}
    elif key == "Series_contributor":
        parts = [part.strip() for part in said.split(",")]
        yield "creators", stating.person(given=" ".join(part for part in parts[:-1] if part), family=parts[-1])
    elif key == "Series_geo_accession":
        yield "alternate_identifiers", {"identifier": said, "type": "GEO accession"}
    elif key in ("Series_pubmed_id", "dataset_pubmed_id"):
        yield "related", {"identifier": said, "scheme": "PMID", "relation": "IsSupplementTo"}
    elif key == "Series_submission_date":
        yield "dates", {"date": stating.date(said), "type": "Submitted"}
    elif key in ("Sample_organism", "dataset_sample_organism"):
        yield "subjects", {"text": said, "scheme": "NCBI Taxonomy"}
    elif key == "Sample_instrument_model":
        yield "instruments", {"name": said}


# ---- NASA's .met


@reads("text/x-ecs-odl", version=1)
def read_met(file: File) -> Iterator[Evidence]:
    """What the inventory metadata of a granule say: product and its DOI, time, outline, instrument."""
    text = _text(file)
    page = Page(file.name, "ecs-odl/1", text)
    found: dict[str, list[tuple[str, int]]] = {}
    name = ""
    for line, row in enumerate(text.split("\n")[:MOST_LINES], start=1):
        if opened := re.match(r"\s*OBJECT\s*=\s*(\w{1,80})", row):
            name = opened[1].upper()
        elif (value := re.match(r"\s*VALUE\s*=\s*(\S.*?)\s*$", row[:2_000])) and len(found.setdefault(name, [])) < 100:
            found[name].append((value[1].strip('"'), line))
    yield from _met(page, found)


def _met(page: Page, found: Mapping[str, list[tuple[str, int]]]) -> Iterator[Evidence]:
    for said, line in found.get("SHORTNAME", [])[:1]:
        yield from page.say("subjects", {"text": said, "scheme": "ECS ShortName"}, "SHORTNAME", line, said)
    names, values = found.get("ADDITIONALATTRIBUTENAME", []), found.get("PARAMETERVALUE", [])
    for (name, _), (said, line) in zip(names, values, strict=False):
        if name.lower() == "identifier_product_doi":
            yield from page.say(
                "related", stating.related(said, "IsDerivedFrom", kind="Dataset"), "identifier_product_doi", line, said
            )
    begin, end = found.get("RANGEBEGINNINGDATE", []), found.get("RANGEENDINGDATE", [])
    if begin and end:
        covered = stating.period(begin[0][0], end[0][0])
        yield from page.say(
            "dates", {"date": covered, "type": "Coverage"}, "RANGEBEGINNINGDATE", begin[0][1], begin[0][0]
        )
    for said, line in found.get("ASSOCIATEDINSTRUMENTSHORTNAME", [])[:5]:
        yield from page.say("instruments", {"name": said}, "ASSOCIATEDINSTRUMENTSHORTNAME", line, said)
    sides = [found.get(f"{side}BOUNDINGCOORDINATE", []) for side in ("WEST", "SOUTH", "EAST", "NORTH")]
    edges = [number(side[0][0]) if side else None for side in sides]
    if all(edge is not None for edge in edges):
        yield from page.say(
            "locations", {"box": stating.box(*edges)}, "WESTBOUNDINGCOORDINATE", sides[0][0][1], sides[0][0][0]
        )

"""GenBank and EMBL flat files: what the entries say of themselves, never their sequences.

Sources: GenBank release notes (section 3.4, entry organisation); EMBL/ENA user manual (section 3, line types); the
INSDC Feature Table Definition (qualifiers of the ``source`` feature).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.streams import Stream

READER = "flat-file/1"
MOST_ENTRIES = 20  # told one by one
MOST_REFERENCES = 12
MOST_FIELDS = 100
_MONTHS = {
    name: f"{n:02d}"
    for n, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1
    )
}
_DAY = re.compile(r"(\d{2})-([A-Z]{3})-(\d{4})")
_QUALIFIER = re.compile(
    r'/(country|geo_loc_name|lat_lon|collection_date|isolation_source|strain|isolate|host)="([^"]{1,300})'
)
_LAT_LON = re.compile(r"(\d{1,2}(?:\.\d+)?) ([NS]) (\d{1,3}(?:\.\d+)?) ([EW])")
_DOI = re.compile(r"10\.\d{4,9}/[^\s;]+")
# line types of EMBL, by the names that GenBank gives the same things
_EMBL = {"AC": "ACCESSION", "DE": "DEFINITION", "OS": "ORGANISM", "KW": "KEYWORDS", "RA": "AUTHORS", "RT": "TITLE", "RL": "JOURNAL",
    "RX": "DOI", "RN": "REFERENCE", "DT": "DATE", "PR": "PROJECT", "FT": "FEATURES"}  # fmt: skip


@dataclass(slots=True)
class _Field:
    line: int | None
    text: str


@dataclass(slots=True)
class _Entry:
    """One entry: its fields by GenBank's names, and its references."""

    fields: dict[str, _Field] = field(default_factory=dict)
    references: list[dict[str, _Field]] = field(default_factory=list)


@reads(
    "chemical/seq-na-genbank",
    "chemical/seq-na-embl",
    "application/x-genbank+gzip",
    "application/x-embl+gzip",
    version=1,
)
def read_flat_file(file: File) -> Iterator[Evidence]:
    """Accessions, organisms, references, where and when samples were taken, of the first entries; the number of all."""
    facts, stream = Facts(file, READER), Stream(file)
    count = 0
    for entry in _entries(stream, embl="embl" in file.media_type):
        count += 1
        if count <= MOST_ENTRIES:
            yield from _entry(facts, entry)
    if trouble := stream.trouble():
        yield facts.problem(*trouble)
    yield from facts.attribute("entries", count, path="//")
    yield from facts.attribute("sampled", stream.cut, path="//")


def _entries(stream: Stream, *, embl: bool) -> Iterator[_Entry]:
    entry, key, skipping = _Entry(), "", False
    for number, line in stream.texts():
        if line.startswith("//"):
            yield entry
            entry, key, skipping = _Entry(), "", False
            continue
        if skipping or not line.strip():
            continue
        if line.startswith(("ORIGIN", "SQ ", "CONTIG")):
            skipping = True
            continue
        name = _EMBL.get(line[:2], line[:2]) if embl else (line[:12].strip() if line[:5].strip() else "")
        text = line[5:].strip() if embl else line[12:].strip()
        new = (name != key) if embl else bool(name)
        key = name if embl else (name or key)
        if key == "REFERENCE" and new and len(entry.references) < MOST_REFERENCES:
            entry.references.append({})
        owner = entry.references[-1] if entry.references and key in _OF_REFERENCE else entry.fields
        known = owner.get(key)
        if known is None and len(owner) < MOST_FIELDS:
            owner[key] = _Field(stream.line(number), text)
        elif known is not None and len(known.text) < 8_000:
            # the lineage stands below the organism's name
            known.text += "\n" + text if key in ("ORGANISM", "FEATURES", "DATE", "DOI") else " " + text
    if entry.fields:
        yield entry


_OF_REFERENCE = frozenset(("REFERENCE", "AUTHORS", "TITLE", "JOURNAL", "DOI", "PUBMED", "CONSRTM"))


def _entry(facts: Facts, entry: _Entry) -> Iterator[Evidence]:
    said = {key: item.text for key, item in entry.fields.items()}
    lines = {key: item.line for key, item in entry.fields.items()}
    accession = re.split(r"[\s;]", said.get("ACCESSION", ""))[0]
    yield from facts.attribute("accession", accession, path="ACCESSION", line=lines.get("ACCESSION"))
    if accession:
        value: dict[str, JSON] = {"identifier": accession, "type": "INSDC accession"}
        line = lines.get("ACCESSION")
        yield from facts.state("alternate_identifiers", value, "ACCESSION", quote=accession, line=line)
    definition = said.get("DEFINITION", "").rstrip(".")
    yield from facts.attribute("definition", definition, path="DEFINITION", line=lines.get("DEFINITION"))
    organism = said.get("ORGANISM", "").split("\n")[0].split(" (")[0].strip()
    if organism and organism != ".":
        yield from facts.attribute("organism", organism, path="ORGANISM", line=lines.get("ORGANISM"))
        yield from facts.state("subjects", {"text": organism}, "ORGANISM", quote=organism, line=lines.get("ORGANISM"))
    for word in said.get("KEYWORDS", "").strip(" .").split(";"):
        if word.strip():
            keyword = {"text": word.strip()}
            yield from facts.state("subjects", keyword, "KEYWORDS", quote=word.strip(), line=lines.get("KEYWORDS"))
    stamp = said.get("LOCUS", "")[-11:] or said.get("DATE", "")
    if match := _DAY.search(stamp):
        day = f"{match[3]}-{_MONTHS.get(match[2], '00')}-{match[1]}"
        where = "LOCUS" if "LOCUS" in said else "DATE"
        yield from facts.attribute("entry date", day, path=where, quote=match[0], line=lines.get(where))
    yield from _source(facts, said.get("FEATURES", ""), lines.get("FEATURES"))
    for reference in entry.references[:MOST_REFERENCES]:
        yield from _reference(facts, reference)


def _source(facts: Facts, features: str, line: int | None) -> Iterator[Evidence]:
    """Where and when the sample was taken, by the qualifiers of the source feature."""
    joined = " ".join(features[:6_000].split())
    for match in _QUALIFIER.finditer(joined):
        key, value = match[1], match[2]
        yield from facts.attribute(key, value, owner="source", path=f"source/{key}", line=line)
        if key in ("country", "geo_loc_name"):
            yield from facts.state(
                "locations",
                {"place": ", ".join(part.strip() for part in value.split(":"))},
                f"source/{key}",
                quote=value,
                line=line,
            )
        elif key == "collection_date":
            yield from _collected(facts, value, line)
        elif key == "lat_lon" and (found := _LAT_LON.match(value)):
            south, west = found[2] == "S", found[4] == "W"
            latitude, longitude = float(found[1]) * (-1 if south else 1), float(found[3]) * (-1 if west else 1)
            if abs(latitude) <= 90 and abs(longitude) <= 180:
                box = {"west": longitude, "south": latitude, "east": longitude, "north": latitude, "points": 1}
                yield Evidence("coordinates", box, facts.place("source/lat_lon", value, line), READER)


def _collected(facts: Facts, value: str, line: int | None) -> Iterator[Evidence]:
    match = re.fullmatch(r"(?:(\d{2})-)?([A-Z][a-z]{2})-(\d{4})", value)
    day = value
    if match:
        day = "-".join(part for part in (match[3], _MONTHS.get(match[2].upper(), ""), match[1]) if part)
    if re.fullmatch(r"\d{4}(?:-\d{2}){0,2}", day):
        yield from facts.period(day, path="source/collection_date", quote=value, line=line)


def _reference(facts: Facts, said: dict[str, _Field]) -> Iterator[Evidence]:
    def text(key: str) -> str:
        return said[key].text.strip('" ;') if key in said else ""

    line = said["TITLE"].line if "TITLE" in said else None
    journal = text("JOURNAL")
    doi = _DOI.search(f"{text('DOI')} {journal}")
    authors = _authors(text("AUTHORS"))
    if re.match(r"Submitted|Unpublished", journal) or text("TITLE") in ("Direct Submission", ""):
        return  # who deposited it, and with which address, is no publication
    year = re.findall(r"\(?((?:19|20)\d{2})\)?", journal)
    value: dict[str, JSON] = {"title": text("TITLE"), "authors": authors, "journal": journal[:300],
        "doi": doi[0].rstrip(".") if doi else "", "year": year[-1] if year else ""}  # fmt: skip
    yield from facts.reference(value, "REFERENCE", quote=text("TITLE"), line=line)
    if doi:
        related = {"identifier": doi[0].rstrip("."), "scheme": "DOI", "relation": "IsDescribedBy"}
        yield from facts.state("related", related, "REFERENCE", quote=doi[0], line=line)


def _authors(text: str) -> list[str]:
    """``Doe,J.A., Roe,R. and Poe,E.`` (GenBank) and ``Doe J.A., Roe R.`` (EMBL) as ``Doe, J. A.``."""
    pairs = re.findall(r"(?:^|[,\s])(?:and\s+)?([^,]+?)[,\s]((?:[A-Z]\.-?)+)(?=,|\s|$)", text[:20_000])
    return [f"{family.strip()}, {' '.join(re.findall('[A-Z][.]', initials))}" for family, initials in pairs[:200]]

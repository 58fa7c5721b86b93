"""Genome annotations: GFF3, GTF and BED. What the directives say, and how many features of which type there are.

Sources: Generic Feature Format Version 3 (Sequence Ontology); Ensembl's GTF page; UCSC's BED page.
"""

import re
from collections import Counter
from collections.abc import Iterator

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.streams import Stream, count_up

READER = "features/1"
MOST_LINES = 1_000_000
MOST_SAID = 60
_COLUMNS = {
    "gff": ("seqid", "source", "type", "start", "end", "score", "strand", "phase", "attributes"),
    "bed": ("chrom", "chromStart", "chromEnd", "name", "score", "strand", "thickStart", "thickEnd", "itemRgb", "blockCount",
        "blockSizes", "blockStarts"),
}  # fmt: skip
_NUMBERS = frozenset(("start", "end", "chromStart", "chromEnd", "thickStart", "thickEnd", "blockCount"))
_SAID = re.compile(r"#!?\s?#?!?\s*([A-Za-z][\w\-]{2,40})(?:\s*[:=]\s*|\s+)(\S.*)")
_KNOWN = frozenset(("gff-version", "genome-build", "genome-version", "genome-date", "genome-build-accession", "genebuild-last-updated",
    "species", "processor", "annotation-source", "annotation-date", "provider", "description", "date", "contact", "format",
    "gff-spec-version", "feature-ontology", "source-version"))  # fmt: skip
_CONTACT = frozenset(("contact",))  # an address of e-mail: nobody's business here


@reads("text/x-gff", "text/x-bed", "application/x-gff+gzip", "application/x-bed+gzip", version=1)
def read_features(file: File) -> Iterator[Evidence]:
    """Directives, the number of features and their types, as a table whose columns the format fixes."""
    facts, stream = Facts(file, READER), Stream(file)
    bed = "bed" in file.media_type
    count, said, widest = 0, 0, 0
    types, places = Counter[str](), Counter[str]()
    for number, line in stream.texts():
        if line.startswith(("##FASTA", ">")):
            break
        if line.startswith("#"):
            if said < MOST_SAID and (match := _SAID.match(line)) and match[1].lower() in _KNOWN - _CONTACT:
                said += 1
                yield from _directive(facts, match[1], match[2].strip(), line, stream.line(number))
            continue
        if not line or line.startswith(("track", "browser")):
            continue
        if count == MOST_LINES:
            stream.cut = True
            break
        cells = line.split("\t")
        count, widest = count + 1, max(widest, len(cells))
        count_up(places, cells[0][:100])
        if not bed and len(cells) > 2:
            count_up(types, cells[2][:100])
    if trouble := stream.trouble():
        yield facts.problem(*trouble)
    if not count:
        return
    yield from _table(facts, _COLUMNS["bed" if bed else "gff"][:widest], count, sampled=stream.cut)
    listed = [f"{name}: {number}" for name, number in types.most_common(15)]
    yield from facts.attribute("feature types", listed, path="type")
    yield from facts.attribute("sequences", [name for name, _ in places.most_common(30)], path="seqid")


def _directive(facts: Facts, key: str, value: str, line: str, where: int | None) -> Iterator[Evidence]:
    # "description" of one file is not a description of the whole: its owner says so.
    yield from facts.attribute(key, value, owner="header", path=f"##{key}", quote=line, line=where)
    if key.lower() == "species" and not value.startswith("http"):
        yield from facts.state("subjects", {"text": value}, f"##{key}", quote=line, line=where)
    elif key.lower() == "processor":
        yield from facts.software(value, path=f"##{key}", quote=line, line=where)


def _table(facts: Facts, names: tuple[str, ...], rows: int, *, sampled: bool) -> Iterator[Evidence]:
    value: dict[str, JSON] = {
        "name": "features",
        "rows": rows,
        "columns": len(names),
        "sampled": sampled,
        "header": list(names),
    }
    yield Evidence("table", value, facts.place("features"), READER)
    for position, name in enumerate(names, start=1):
        kind = "integer" if name in _NUMBERS else "number" if name == "score" else "string"
        column: dict[str, JSON] = {
            "name": name,
            "position": position,
            "type": kind,
            "missing": 0,
            "count": 0,
            "sampled": True,
        }
        yield Evidence("column", {**column, "examples": []}, facts.place(name), READER)

"""SAM and BAM: the header, never the reads.

Source: Sequence Alignment/Map Format Specification v1 (section 1.3, header lines; 4.2, BAM).
"""

import struct
from collections.abc import Iterator
from itertools import islice

from shirushi.describe.evidence import Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.streams import Stream
from shirushi.describe.text import decode

READER = "sam/1"
MOST_HEADER = 8_000_000
MOST_LINES = 200
MOST_HEADER_LINES = 50_000
# Platforms of @RG PL as the specification lists them, with the makers that stand behind the names.
_MAKERS = {"ILLUMINA": "Illumina", "PACBIO": "Pacific Biosciences", "ONT": "Oxford Nanopore Technologies", "IONTORRENT": "Ion Torrent",
    "LS454": "454 Life Sciences", "SOLID": "Applied Biosystems", "HELICOS": "Helicos BioSciences", "DNBSEQ": "MGI Tech",
    "ELEMENT": "Element Biosciences", "ULTIMA": "Ultima Genomics", "CAPILLARY": "", "SINGULAR": "Singular Genomics"}  # fmt: skip


@reads("text/x-sam", "application/x-sam+gzip", "application/x-bam", version=1)
def read_alignments(file: File) -> Iterator[Evidence]:
    """Reference sequences, sequencing platforms, samples, and the programs that made the file.

    Raises:
        Unreadable: ``truncated`` or ``malformed`` when a BAM has no whole header.
    """
    facts = Facts(file, READER)
    header = list(islice(_header(file), MOST_HEADER_LINES))
    groups = [parts for _, kind, parts, _ in header if kind == "@RG"]
    references = [parts for _, kind, parts, _ in header if kind == "@SQ"]
    yield from facts.attribute("reference sequences", len(references), path="@SQ")
    for key, name in (("AS", "genome assembly"), ("SP", "species")):
        found = list(dict.fromkeys(parts[key] for parts in references if parts.get(key)))[:5]
        yield from facts.attribute(name, found if len(found) > 1 else "".join(found), path=f"@SQ/{key}")
        if key == "SP":
            for species in found:
                yield from facts.state("subjects", {"text": species}, "@SQ/SP", quote=species)
    samples = list(dict.fromkeys(parts["SM"] for parts in groups if parts.get("SM")))
    yield from facts.attribute("samples", len(samples), path="@RG/SM")
    yield from facts.attribute("read groups", len(groups), path="@RG")
    for line, kind, parts, quote in header[:MOST_LINES]:
        if kind == "@HD":
            yield from facts.attribute("SAM version", parts.get("VN", ""), path="@HD/VN", quote=quote, line=line)
            yield from facts.attribute("sort order", parts.get("SO", ""), path="@HD/SO", quote=quote, line=line)
        elif kind == "@PG":
            name = parts.get("PN") or parts.get("ID", "")
            yield from facts.software(
                name, parts.get("VN", ""), path=f"@PG/{parts.get('ID', name)}", quote=quote, line=line
            )
    yield from _groups(facts, [(line, parts, quote) for line, kind, parts, quote in header if kind == "@RG"])


def _groups(facts: Facts, groups: list[tuple[int | None, dict[str, str], str]]) -> Iterator[Evidence]:
    """Platform, centre and date of the read groups, each thing once."""
    told: set[tuple[str, ...]] = set()
    for line, parts, quote in groups[:MOST_LINES]:
        platform, model = parts.get("PL", "").upper(), parts.get("PM", "")
        if platform and (platform, model) not in told:
            told.add((platform, model))
            maker = _MAKERS.get(platform, platform)
            yield from facts.instrument(
                "@RG/PL", {"manufacturer": maker, "model": model, "type": "sequencer"}, quote=quote, line=line
            )
        for key, name in (("CN", "sequencing centre"), ("LB", "library"), ("DS", "read group description")):
            if parts.get(key) and (key, parts[key]) not in told and len(told) < MOST_LINES:
                told.add((key, parts[key]))
                yield from facts.attribute(name, parts[key], path=f"@RG/{key}", quote=quote, line=line)
    dates = sorted(parts["DT"] for _, parts, _ in groups if parts.get("DT"))
    if dates:
        yield from facts.period(dates[0], dates[-1], path="@RG/DT", quote=dates[0])


HeaderLine = tuple[int | None, str, dict[str, str], str]
"""Its number, ``@HD`` and so on, its tags, and the line itself."""


def _header(file: File) -> Iterator[HeaderLine]:
    if file.media_type == "application/x-bam":
        lines: Iterator[tuple[int | None, str]] = ((None, line) for line in _bam_header(file).split("\n"))
    else:
        stream = Stream(file, MOST_HEADER)
        lines = ((stream.line(number), line) for number, line in stream.texts())
    for number, line in lines:
        if not line.startswith("@"):
            return
        kind, *tags = line.split("\t")
        parts = {tag[:2]: tag[3:].strip()[:2_000] for tag in tags if tag[2:3] == ":"}
        yield number, kind, parts, line[:300]


def _bam_header(file: File) -> str:
    stream = Stream(file, MOST_HEADER)
    data = b""
    wanted = 8
    for chunk in stream.chunks():
        data += chunk
        if len(data) >= 8:
            if data[:4] != b"BAM\1":
                break
            wanted = 8 + struct.unpack("<I", data[4:8])[0]
            if wanted > MOST_HEADER:
                raise Unreadable("too-large", f"a header of {wanted:,} bytes is not read")
        if len(data) >= wanted > 8:
            break
    if data[:4] != b"BAM\1":
        raise Unreadable("malformed", "it does not start as BAM does")
    if len(data) < wanted:
        raise Unreadable("truncated", f"the header should have {wanted:,} bytes, {len(data):,} are there")
    return decode(data[8:wanted].rstrip(b"\0")).text

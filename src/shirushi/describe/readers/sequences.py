"""Sequences: FASTA and FASTQ, plain or gzipped. Counts and alphabets, never the sequences themselves.

Sources: NCBI BLAST help (FASTA, IUPAC codes); Cock et al. 2010, doi:10.1093/nar/gkp1137 (FASTQ); Illumina bcl2fastq2 guide
(``@instrument:run:flowcell:lane:tile:x:y``); NCBI SRA's read names (``@SRR….n``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.streams import Stream
from shirushi.describe.text import decode

FASTA, FASTQ = "fasta/1", "fastq/1"
MOST_NAMES = 20
MOST_READS = 100_000
_NUCLEOTIDES = frozenset(b"ACGTUNRYSWKMBDHVacgtunryswkmbdhv-.")
_AMINO_ACIDS = frozenset(b"ABCDEFGHIKLMNPQRSTVWXYZJOUabcdefghiklmnpqrstvwxyzjou*-.")
_ONLY_PROTEIN = frozenset(b"EFILPQZXJOefilpqzxjo*")
_BLANKS = b" \t\r\n"
_ORGANISM = re.compile(
    r"\[(?:organism=)?([A-Z][a-z]+ [a-z][\w.\- ]{1,80})\]|\bOS=([A-Z][a-z]+ .{2,80}?) (?:OX|GN|PE|SV)="
)
_ILLUMINA = re.compile(
    r"(?P<instrument>[A-Za-z0-9_\-]+):(?P<run>\d+):(?P<cell>[A-Za-z0-9\-]+):(?P<lane>\d+):\d+:\d+:\d+"
)
_ARCHIVED = re.compile(r"(?P<run>[SED]RR\d{5,})\.\d+")
_NANOPORE = re.compile(r"(?P<key>runid|flow_cell_id|sample_id|basecall_model_version_id|start_time)=(?P<value>\S+)")


@dataclass(slots=True)
class _Counted:
    """What was seen of the sequences of a FASTA file."""

    sequences: int = 0
    letters: int = 0
    alphabet: set[int] = field(default_factory=set)
    names: list[str] = field(default_factory=list)


@reads("text/x-fasta", "application/x-fasta+gzip", version=1)
def read_fasta(file: File) -> Iterator[Evidence]:
    """How many sequences of what, their length together, and the first names."""
    facts, stream = Facts(file, FASTA), Stream(file)
    seen = _count(stream)
    if trouble := stream.trouble():
        yield facts.problem(*trouble)
    if not seen.letters:
        return
    yield from facts.attribute("sequences", seen.sequences)
    yield from facts.attribute("total length", seen.letters)
    yield from facts.attribute("sampled", stream.cut)
    yield from facts.attribute("alphabet", alphabet_of(seen.alphabet))
    yield from facts.attribute("first sequences", seen.names, path=">", quote=seen.names[0] if seen.names else "")
    named = {(match[1] or match[2]).strip(): name for name in seen.names if (match := _ORGANISM.search(name))}
    for organism, name in list(named.items())[:3]:
        yield from facts.attribute("organism", organism, path=">", quote=name)
        yield from facts.state("subjects", {"text": organism}, ">", quote=name)


def _count(stream: Stream) -> _Counted:
    """Passed over in large pieces: a genome may be one line, or a hundred million."""
    seen = _Counted()
    heading: bytes | None = None  # the part of a heading that the last piece ended in
    fresh = True  # whether the next byte starts a line
    for chunk in stream.chunks():
        here = 0
        while here < len(chunk):
            if heading is None and fresh and chunk[here] in b">;":
                heading = b""
            if heading is not None:
                end = chunk.find(b"\n", here)
                heading += chunk[here : len(chunk) if end < 0 else end][: max(0, 2_000 - len(heading))]
                if end < 0:
                    break
                _name(seen, heading)
                heading, fresh, here = None, True, end + 1
                continue
            end = _next_heading(chunk, here)
            piece = chunk[here:end].translate(None, _BLANKS)
            seen.letters += len(piece)
            seen.alphabet |= set(piece.translate(None, bytes(seen.alphabet)))  # new letters only: much faster
            fresh = chunk[end - 1 : end] == b"\n"
            here = end
    if heading is not None:
        _name(seen, heading)
    return seen


def _next_heading(chunk: bytes, start: int) -> int:
    found = [at + 1 for mark in (b"\n>", b"\n;") if (at := chunk.find(mark, start)) >= 0]
    return min(found, default=len(chunk))


def _name(seen: _Counted, heading: bytes) -> None:
    if heading.startswith(b">"):
        seen.sequences += 1
        if len(seen.names) < MOST_NAMES:
            seen.names.append(decode(heading[1:]).text.strip()[:300])


def alphabet_of(letters: set[int]) -> str:
    """``DNA``, ``RNA``, ``protein`` or ``other``, by the letters that occur."""
    if letters <= _NUCLEOTIDES:
        return "RNA" if letters & set(b"Uu") and not letters & set(b"Tt") else "DNA"
    if letters <= _AMINO_ACIDS and letters & _ONLY_PROTEIN:
        return "protein"
    return "other"


@reads("text/x-fastq", "application/x-fastq+gzip", version=1)
def read_fastq(file: File) -> Iterator[Evidence]:
    """Reads and their lengths in the first part of the file, and the instrument that their names tell."""
    facts, stream = Facts(file, FASTQ), Stream(file)
    count, shortest, longest, total, lowest = 0, 0, 0, 0, 255
    name, length, whole = b"", 0, True
    for number, line in enumerate(stream.lines()):
        part = number % 4
        if part == 0:
            if not line.startswith(b"@"):
                whole = not line
                break
            if count == MOST_READS:
                stream.cut = True
                break
            name = name or line[1:2_000]
        elif part == 1:
            length = len(line)
        elif part == 3:
            count, total = count + 1, total + length
            shortest, longest = min(shortest or length, length), max(longest, length)
            lowest = min(lowest, min(line, default=255))
    if trouble := stream.trouble():
        yield facts.problem(*trouble)
    elif not whole:
        yield facts.problem("malformed", f"after {count:,} reads a line should start with @")
    if not count:
        return
    first = decode(name).text
    yield from facts.attribute("reads", count, path="@", quote=first)
    yield from facts.attribute("sampled", stream.cut)
    yield from facts.attribute("read length", f"{shortest}–{longest}" if shortest != longest else f"{longest}")
    yield from facts.attribute("mean read length", round(total / count, 1))
    yield from facts.attribute(
        "quality encoding", "Phred+33" if lowest < 59 else "Phred+64" if lowest >= 64 else "unknown"
    )
    yield from _sequencer(facts, first)


def _sequencer(facts: Facts, name: str) -> Iterator[Evidence]:
    """The instrument by the first read's name, as sequencers write it."""
    if match := _ARCHIVED.match(name):
        identifier: dict[str, JSON] = {"identifier": match["run"], "type": "INSDC run"}
        yield from facts.attribute("archived run", identifier["identifier"], path="@", quote=name)
        yield from facts.state("alternate_identifiers", identifier, "@", quote=name)
    if match := _ILLUMINA.search(name):
        parts = {"manufacturer": "Illumina", "serial_number": match["instrument"], "type": "sequencer"}
        yield from facts.instrument("@", parts, quote=name)
        yield from facts.attribute("run", int(match["run"]), path="@", quote=name)
        yield from facts.attribute("flow cell", match["cell"], path="@", quote=name)
    nanopore = {match["key"]: match["value"] for match in _NANOPORE.finditer(name)}
    if "runid" in nanopore:
        yield from facts.instrument(
            "@", {"manufacturer": "Oxford Nanopore Technologies", "type": "sequencer"}, quote=name
        )
        for key in ("runid", "flow_cell_id", "sample_id", "basecall_model_version_id"):
            yield from facts.attribute(key, nanopore.get(key, ""), path="@", quote=name)
        yield from facts.period(nanopore.get("start_time", ""), path="@", quote=name)

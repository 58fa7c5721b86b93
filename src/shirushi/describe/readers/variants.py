"""VCF: what the header declares, the samples, and how many variants the first part of the file holds.

Source: The Variant Call Format Specification, VCFv4.3 and v4.4 (section 1.4, meta-information lines).
"""

import re
from collections import Counter
from collections.abc import Iterator

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.streams import Stream, count_up

READER = "vcf/1"
MOST_DECLARED = 1_000
MOST_VARIANTS = 500_000
_DECLARED = re.compile(r"##(INFO|FORMAT|FILTER|ALT)=<(.*)>\s*$")
_PART = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^,]*)')
_TYPES = {"Integer": "integer", "Float": "number", "Flag": "boolean", "Character": "string", "String": "string"}
_FIXED = (
    ("CHROM", "string", "Chromosome or contig"), ("POS", "integer", "Position of the first base, counted from 1"),
    ("ID", "string", "Identifiers of the variant"), ("REF", "string", "Reference bases"), ("ALT", "string", "Alternate bases"),
    ("QUAL", "number", "Phred-scaled quality of the assertion made in ALT"), ("FILTER", "string", "Filters passed or failed"),
)  # fmt: skip


@reads("text/x-vcf", "application/x-vcf+gzip", version=1)
def read_vcf(file: File) -> Iterator[Evidence]:
    """Reference, source program, date, samples, and the declared fields as rows of a codebook.

    Raises:
        Unreadable: ``malformed`` when there is no line of column names.
    """
    facts, stream = Facts(file, READER), Stream(file)
    contigs: list[str] = []
    fields: list[tuple[str, str, str]] = []
    lines = stream.texts()
    for number, line in lines:
        where = stream.line(number)
        if match := _DECLARED.match(line):
            if len(fields) < MOST_DECLARED and (row := _row(match[1], match[2])):
                fields.append((row["variable"], match[1], str(row.get("type", "string"))))
                path = f"{match[1]}/{row['variable']}"
                yield Evidence("codebook-row", {**row, "file": file.name}, facts.place(path, line, where), READER)
        elif line.startswith("##contig=") and len(contigs) < MOST_DECLARED:
            contigs += [part[2] for part in _PART.finditer(line[10:]) if part[1] == "ID"]
        elif line.startswith("##"):
            yield from _said(facts, line, where)
        else:
            break
    else:
        line = ""
    if not line.startswith("#CHROM"):
        raise Unreadable(*(stream.trouble() or ("malformed", "no line of column names (#CHROM)")))
    yield from facts.attribute("contigs", len(contigs), path="##contig")
    samples = line.split("\t")[9:]
    yield from facts.attribute("samples", len(samples), path="#CHROM", line=where, quote="\t".join(samples[:10]))
    if samples:
        yield from facts.attribute("first samples", samples[:20], path="#CHROM", line=where)
    yield from _table(facts, stream, lines, fields, where)


def _row(sort: str, inside: str) -> dict[str, JSON] | None:
    """A declaration as a row of a codebook."""
    parts = {match[1]: match[2].strip('"').replace('\\"', '"') for match in _PART.finditer(inside[:4_000])}
    if not parts.get("ID") or not parts.get("Description"):
        return None
    row: dict[str, JSON] = {"variable": parts["ID"][:200], "description": parts["Description"], "section": sort}
    if kind := _TYPES.get(parts.get("Type", "")):
        row["type"] = kind
    return row


def _said(facts: Facts, line: str, where: int | None) -> Iterator[Evidence]:
    """One line ``##key=value`` that declares no field."""
    key, _, value = line[2:].partition("=")
    value = value.strip()
    if not value or key in ("SAMPLE", "PEDIGREE", "META"):
        return
    yield from facts.attribute(key, value, path=f"##{key}", quote=line, line=where)
    if key == "fileDate":
        yield from facts.state("dates", {"date": _day(value), "type": "Created"}, f"##{key}", quote=line, line=where)
    elif key == "source":
        name, _, version = value.partition(" ")
        yield from facts.software(
            name, version if re.match(r"v?\d", version) else "", path=f"##{key}", quote=line, line=where
        )
    elif key == "bcftools_viewVersion" or re.fullmatch(r"bcftools_\w+Version", key):
        yield from facts.software("bcftools", value.split("+", 1)[0], path=f"##{key}", quote=line, line=where)


def _day(text: str) -> str | None:
    match = re.fullmatch(r"(\d{4})-?(\d{2})-?(\d{2})", text[:10].strip())
    return "-".join(match.groups()) if match else None


def _table(
    facts: Facts,
    stream: Stream,
    lines: Iterator[tuple[int, str]],
    fields: list[tuple[str, str, str]],
    header: int | None,
) -> Iterator[Evidence]:
    """The variants as a table: its columns are the fixed ones and those declared for INFO."""
    count, chromosomes = 0, Counter[str]()
    for _, line in lines:
        if line and count < MOST_VARIANTS:
            count += 1
            count_up(chromosomes, line.split("\t", 1)[0][:100])
        elif line:
            stream.cut = True
            break
    if trouble := stream.trouble():
        yield facts.problem(*trouble)
    columns = [*_FIXED, *((f"INFO/{name}", kind, "") for name, sort, kind in fields if sort == "INFO")]
    names = [name for name, _, _ in columns]
    value: dict[str, JSON] = {
        "name": "variants",
        "rows": count,
        "columns": len(names),
        "sampled": stream.cut,
        "header": names,
    }
    yield Evidence("table", value, facts.place("#CHROM", "", header), READER)
    yield from facts.attribute("chromosomes", [name for name, _ in chromosomes.most_common(30)], path="CHROM")
    for position, (name, kind, meaning) in enumerate(columns, start=1):
        column: dict[str, JSON] = {"name": name.removeprefix("INFO/"), "position": position, "type": kind, "missing": 0,
            "count": 0, "sampled": True, "examples": []}  # fmt: skip
        if meaning:
            column["description"] = meaning
        yield Evidence("column", column, facts.place(name), READER)

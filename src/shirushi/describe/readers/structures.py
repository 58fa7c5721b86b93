"""Atoms in text: PDB, XYZ and extended XYZ, MOL and SDF, POSCAR.

Sources: PDB Contents Guide 3.3; ASE's description of extended XYZ; BIOVIA CTfile Formats 2020; VASP Wiki (POSCAR).
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import stating
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.streams import Stream

PDB, XYZ, SDF, POSCAR = "pdb/1", "xyz/1", "sdf/1", "poscar/1"
MOST_LINES = 200_000
MOST_PROPERTIES = 200
_MONTHS = {
    name: f"{n:02d}"
    for n, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1
    )
}
_SPECIFIC = re.compile(r"(ORGANISM_SCIENTIFIC|MOLECULE|EC|GENE|CELL_LINE|EXPRESSION_SYSTEM)\s*:\s*([^;]+)")
_REMARK = re.compile(r"REMARK 2(?P<number>00|10|45)\s+(?P<key>[A-Z][A-Z ()/\-]+?)\s*:\s+(?P<value>\S.*)")
_KEPT = frozenset(("HEADER", "TITLE", "COMPND", "SOURCE", "KEYWDS", "EXPDTA", "AUTHOR", "JRNL", "REMARK", "CRYST1"))


@reads("chemical/x-pdb", "application/x-pdb+gzip", version=1)
def read_pdb(file: File) -> Iterator[Evidence]:
    """Title, authors, article, organism, method, cell, resolution, instruments; how many atoms in how many models.

    Raises:
        Unreadable: ``malformed`` when it holds no record of the format.
    """
    facts, stream = Facts(file, PDB), Stream(file)
    records: dict[str, list[tuple[int, str]]] = {}
    atoms, models = 0, 0
    for number, line in islice(stream.texts(), MOST_LINES):
        name = line[:6].strip()
        atoms += name in ("ATOM", "HETATM")
        models += name == "MODEL"
        if name in _KEPT and len(records.setdefault(name, [])) < 2_000:
            records[name].append((number, line))
    if trouble := stream.trouble():
        yield facts.problem(*trouble)
    if not records and not atoms:
        raise Unreadable("malformed", "no record of PDB in it")
    yield from facts.attribute("atoms", atoms or "", path="ATOM")
    yield from facts.attribute("models", models or "", path="MODEL")
    yield from _header(facts, stream, records)
    yield from _journal(facts, stream, records)
    for number, line in records.get("REMARK", []):
        yield from _remark(facts, line, stream.line(number))


def _joined(records: dict[str, list[tuple[int, str]]], name: str) -> str:
    """The text of a record that runs over several lines (its continuation number stands in columns 9 and 10)."""
    return " ".join(" ".join(line[10:80].strip() for _, line in records.get(name, [])).split())


def _header(facts: Facts, stream: Stream, records: dict[str, list[tuple[int, str]]]) -> Iterator[Evidence]:
    def where(name: str) -> int | None:
        return stream.line(records[name][0][0])

    if "HEADER" in records:
        line = records["HEADER"][0][1]
        yield from facts.attribute(
            "classification", line[10:50].strip(), path="HEADER", quote=line, line=where("HEADER")
        )
        match = re.fullmatch(r"(\d{2})-([A-Z]{3})-(\d{2})", line[50:59].strip())
        if match and match[2] in _MONTHS:  # two digits: the archive began in 1971
            year = f"19{match[3]}" if int(match[3]) > 70 else f"20{match[3]}"
            day: JSON = {"date": f"{year}-{_MONTHS[match[2]]}-{match[1]}", "type": "Submitted"}
            yield from facts.state("dates", day, "HEADER", quote=match[0], line=where("HEADER"))
        if re.fullmatch(r"\d[A-Z0-9]{3}", code := line[62:66].strip()):
            identifier = {"identifier": code, "type": "PDB"}
            yield from facts.state("alternate_identifiers", identifier, "HEADER", quote=code, line=where("HEADER"))
    if title := _joined(records, "TITLE"):
        value = {"text": title.capitalize() if title.isupper() else title}
        yield from facts.state("titles", value, "TITLE", quote=title, line=where("TITLE"))
    for author in _joined(records, "AUTHOR").split(","):
        yield from facts.state(
            "creators",
            stating.person(_person(author)),
            "AUTHOR",
            quote=author,
            line=where("AUTHOR") if author else None,
        )
    for word in _joined(records, "KEYWDS").split(","):
        if word.strip():
            keyword = {"text": word.strip().lower()}
            yield from facts.state("subjects", keyword, "KEYWDS", quote=word.strip(), line=where("KEYWDS"))
    yield from facts.attribute("method", _joined(records, "EXPDTA"), path="EXPDTA")
    for name in ("COMPND", "SOURCE"):
        for key, found in _SPECIFIC.findall(_joined(records, name)):
            text = found.strip()
            yield from facts.attribute(key.lower(), text, path=f"{name}/{key}", line=where(name))
            if key == "ORGANISM_SCIENTIFIC":
                yield from facts.state(
                    "subjects", {"text": text.capitalize()}, f"{name}/{key}", quote=text, line=where(name)
                )
    if "CRYST1" in records:
        line = records["CRYST1"][0][1]
        yield from facts.attribute("unit cell", line[6:54].split(), path="CRYST1", quote=line, line=where("CRYST1"))
        yield from facts.attribute("space group", line[55:66].strip(), path="CRYST1", quote=line, line=where("CRYST1"))


def _person(name: str) -> str:
    """``J.A.DOE`` as ``Doe, J. A.``."""
    match = re.fullmatch(r"\s*((?:[A-Z]\.-?)+)\s*(.+?)\s*", name)
    if not match:
        return name.strip().title() if name.isupper() else name.strip()
    family = match[2].title() if match[2].isupper() else match[2]
    return f"{family}, {' '.join(re.findall('[A-Z][.]', match[1]))}"


def _journal(facts: Facts, stream: Stream, records: dict[str, list[tuple[int, str]]]) -> Iterator[Evidence]:
    parts: dict[str, str] = {}
    for _, line in records.get("JRNL", []):
        key = line[12:16].strip()
        parts[key] = f"{parts.get(key, '')} {line[19:79].strip()}".strip()
    if not parts:
        return
    line_number = stream.line(records["JRNL"][0][0])
    doi = re.search(r"10\.\d{4,9}/\S+", parts.get("DOI", ""))
    year = re.search(r"\b(19|20)\d{2}\b", parts.get("REF", ""))
    title = parts.get("TITL", "")
    value: dict[str, JSON] = {"title": title.capitalize() if title.isupper() else title,
        "authors": [_person(name) for name in parts.get("AUTH", "").split(",") if name.strip()],
        "doi": doi[0].lower() if doi else "", "year": year[0] if year else ""}  # fmt: skip
    yield from facts.reference(value, "JRNL", quote=title, line=line_number)
    if doi:
        related = stating.related(doi[0].lower(), "IsDescribedBy", kind="JournalArticle")
        yield from facts.state("related", related, "JRNL/DOI", quote=doi[0], line=line_number)


_TOLD = {"RESOLUTION RANGE HIGH (A)": "resolution", "TEMPERATURE (KELVIN)": "temperature (K)", "PH": "pH",
    "WAVELENGTH OR RANGE (A)": "wavelength (Å)", "BEAMLINE": "beamline", "RADIATION SOURCE": "radiation source"}  # fmt: skip
_MADE_WITH = {
    "DETECTOR MANUFACTURER": "detector",
    "MICROSCOPE MODEL": "electron microscope",
    "SPECTROMETER MODEL": "NMR spectrometer",
}
_PROGRAMS = ("INTENSITY-INTEGRATION SOFTWARE", "DATA SCALING SOFTWARE", "SOFTWARE USED")


def _remark(facts: Facts, line: str, where: int | None) -> Iterator[Evidence]:
    """Remarks 200 (diffraction), 210 (NMR) and 245 (electron microscopy): ``KEY : VALUE``."""
    match = _REMARK.match(line)
    if not match or match["value"].strip() in ("NULL", "NONE", "N/A"):
        return
    key, value = match["key"].strip(), match["value"].strip()
    path = f"REMARK 2{match['number']}/{key}"
    if key in _TOLD:
        yield from facts.attribute(_TOLD[key], value, path=path, quote=line.strip(), line=where)
    elif key in _MADE_WITH:
        yield from facts.instrument(path, {"name": value, "type": _MADE_WITH[key]}, quote=line.strip(), line=where)
    elif key in _PROGRAMS:
        for program in value.split(","):
            yield from facts.software(program, path=path, quote=line.strip(), line=where)
    elif key == "DATE OF DATA COLLECTION" and (day := re.match(r"(\d{2})-([A-Z]{3})-(\d{2})", value)):
        year = f"19{day[3]}" if int(day[3]) > 70 else f"20{day[3]}"
        yield from facts.period(
            f"{year}-{_MONTHS.get(day[2], '00')}-{day[1]}", path=path, quote=line.strip(), line=where
        )


# ---- XYZ


_PAIR = re.compile(r'([A-Za-z_][\w\-]*)=(?:"([^"]*)"|\{([^}]*)\}|(\S+))')


@reads("chemical/x-xyz", "application/x-xyz+gzip", version=1)
def read_xyz(file: File) -> Iterator[Evidence]:
    """Frames, atoms and elements; of extended XYZ the keys of its comment line (energy, lattice, units)."""
    facts, stream = Facts(file, XYZ), Stream(file)
    frames, most, left, atoms = 0, 0, 0, 0
    elements = Counter[str]()
    comment = ""
    for number, line in islice(stream.texts(), MOST_LINES * 10):
        if left > 0:
            left -= 1
            if frames == 1:
                elements[line.split(maxsplit=1)[0][:3] if line.strip() else "?"] += 1
        elif left == 0 and line.strip().isdecimal():
            frames, left = frames + 1, -1
            atoms = int(line.strip()[:9])
            most = max(most, atoms)
        elif left == -1:
            comment = comment or line
            if frames == 1 and line.strip():
                yield from facts.attribute("comment", line, path="comment", quote=line, line=stream.line(number))
            left = atoms
    if trouble := stream.trouble():
        yield facts.problem(*trouble)
    if not frames:
        return
    if left > 0 and not stream.cut:
        yield facts.problem("truncated", f"{left} atoms of frame {frames} are missing")
    yield from facts.attribute("frames", frames)
    yield from facts.attribute("atoms", most)
    yield from facts.attribute("elements", " ".join(f"{name}{count}" for name, count in sorted(elements.items())))
    for match in islice(_PAIR.finditer(comment[:20_000]), 30):
        value = match[2] or match[3] or match[4]
        yield from facts.attribute(
            match[1], value, owner="frame", path=f"comment/{match[1]}", quote=match[0], line=stream.line(2)
        )


# ---- MOL and SDF


_PROPERTY = re.compile(r">\s.*<([^>]{1,200})>")


@reads("chemical/x-mdl-sdfile", "application/x-sdf+gzip", version=1)
def read_sdf(file: File) -> Iterator[Evidence]:
    """Molecules, their program, and the properties of an SDF as the columns of a table."""
    facts, stream = Facts(file, SDF), Stream(file)
    molecules, position, waiting = 0, 0, ""
    properties: dict[str, list[str]] = {}
    for number, line in stream.texts():
        position += 1
        if position == 2 and molecules == 0:
            yield from facts.software(line[2:10].strip(), path="program", quote=line.strip(), line=stream.line(number))
        elif position == 1 and molecules == 0:
            yield from facts.attribute("name", line.strip(), owner="molecule", path="name", line=stream.line(number))
        elif position == 4:
            molecules += "V2000" in line or "V3000" in line
        elif line.startswith("$$$$"):
            position = 0
        elif match := _PROPERTY.match(line):
            waiting = match[1]
            if len(properties) < MOST_PROPERTIES:
                properties.setdefault(waiting, [])
        elif waiting:
            if len(properties.get(waiting, [])) < 1_000 and waiting in properties:
                properties[waiting].append(line.strip())
            waiting = ""
    if trouble := stream.trouble():
        yield facts.problem(*trouble)
    yield from facts.attribute("molecules", molecules)
    yield from facts.attribute("sampled", stream.cut)
    if properties:
        yield from _properties(facts, properties, molecules, sampled=stream.cut)


def _properties(facts: Facts, properties: dict[str, list[str]], rows: int, *, sampled: bool) -> Iterator[Evidence]:
    names = list(properties)
    value: dict[str, JSON] = {
        "name": "molecules",
        "rows": rows,
        "columns": len(names),
        "sampled": sampled,
        "header": names,
    }
    yield Evidence("table", value, facts.place("molecules"), SDF)
    for position, (name, values) in enumerate(properties.items(), start=1):
        numbers = [float(text) for text in values if re.fullmatch(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3})?", text)]
        kind = (
            "string"
            if len(numbers) < len(values) or not values
            else "integer"
            if all(n.is_integer() for n in numbers)
            else "number"
        )
        column: dict[str, JSON] = {"name": name, "position": position, "type": kind, "missing": 0, "count": len(values),
            "sampled": True, "examples": [text[:80] for text in values[:3]]}  # fmt: skip
        if kind != "string":
            column |= {"minimum": min(numbers), "maximum": max(numbers)}
        yield Evidence("column", column, facts.place(f"<{name}>", values[0] if values else ""), SDF)


# ---- POSCAR


@reads("chemical/x-vasp-poscar", version=1)
def read_poscar(file: File) -> Iterator[Evidence]:
    """The comment, the lattice, and the elements with their counts.

    Raises:
        Unreadable: ``malformed`` when its first lines are not those of the format.
    """
    facts = Facts(file, POSCAR)
    lines = [line for _, line in islice(Stream(file, 100_000).texts(), 8)]
    try:
        scale = float(lines[1].split()[0])
        lattice = [[round(float(part) * abs(scale), 6) for part in line.split()[:3]] for line in lines[2:5]]
        names = lines[5].split() if not lines[5].split()[0].isdigit() else []
        counts = [int(part) for part in lines[6 if names else 5].split()]
    except (IndexError, ValueError) as error:
        raise Unreadable("malformed", f"not the lines of a POSCAR: {error}"[:200]) from error
    yield from facts.attribute("comment", lines[0].strip(), path="comment", line=1)
    yield from facts.attribute("lattice", [number for row in lattice for number in row], path="lattice", line=3)
    formula = " ".join(f"{name}{count}" for name, count in zip(names, counts, strict=False))
    yield from facts.attribute("composition", formula, path="composition", line=6)
    yield from facts.attribute("atoms", sum(counts), path="atoms", line=7 if names else 6)

"""Crystal and macromolecular structures: CIF and mmCIF.

Sources: IUCr core CIF dictionary 2.4/3.x, wwPDB PDBx/mmCIF dictionary 5. Atom lists and reflections are passed over;
addresses of contact authors are never kept.
"""

import re
from collections.abc import Iterator, Mapping

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.readers import stating
from shirushi.describe.readers.base import File, Unreadable, reads
from shirushi.describe.readers.facts import Facts
from shirushi.describe.readers.star import Block, Value, blocks
from shirushi.describe.readers.streams import Stream

READER = "cif/1"
MOST_BLOCKS = 20
# tags kept as attributes, by the names that dictionaries give them (mmCIF's dot is written as _)
_ATTRIBUTES = (
    "_chemical_name_systematic", "_chemical_name_common", "_chemical_name_mineral", "_chemical_formula_sum", "_chemical_formula_moiety",
    "_chemical_formula_weight", "_cell_length_a", "_cell_length_b", "_cell_length_c", "_cell_angle_alpha", "_cell_angle_beta",
    "_cell_angle_gamma", "_cell_volume", "_cell_formula_units_z", "_cell_measurement_temperature", "_symmetry_cell_setting",
    "_space_group_crystal_system", "_space_group_name_h-m_alt", "_symmetry_space_group_name_h-m", "_space_group_it_number",
    "_symmetry_int_tables_number", "_diffrn_ambient_temperature", "_diffrn_ambient_temp", "_diffrn_ambient_pressure",
    "_diffrn_radiation_type", "_diffrn_radiation_wavelength", "_diffrn_source", "_exptl_crystal_colour", "_exptl_crystal_description",
    "_exptl_crystal_density_diffrn", "_refine_ls_r_factor_gt", "_refine_ls_wr_factor_ref", "_refine_ls_d_res_high",
    "_exptl_method", "_reflns_d_resolution_high", "_em_3d_reconstruction_resolution", "_struct_keywords_pdbx_keywords",
    "_diffrn_source_pdbx_synchrotron_site", "_diffrn_source_pdbx_synchrotron_beamline", "_entry_id",
)  # fmt: skip
_NUMBERS = {"_database_code_depnum_ccdc_archive": "CCDC", "_cod_database_code": "COD", "_database_code_icsd": "ICSD",
    "_database_code_csd": "CSD"}  # fmt: skip
_ORGANISMS = ("_entity_src_gen_pdbx_gene_src_scientific_name", "_entity_src_nat_pdbx_organism_scientific",
    "_pdbx_entity_src_syn_organism_scientific")  # fmt: skip
_AUTHORS = ("_publ_author_name", "_audit_author_name")
_DEVICES = ("_diffrn_measurement_device_type", "_diffrn_detector_type", "_em_imaging_microscope_model")
_SORTS = {"_diffrn_measurement_device_type": "diffractometer", "_diffrn_detector_type": "detector",
    "_em_imaging_microscope_model": "electron microscope"}  # fmt: skip
_OTHERS = (
    *_NUMBERS, *_ORGANISMS, *_AUTHORS, *_DEVICES, "_publ_section_title", "_struct_title", "_journal_paper_doi", "_journal_name_full",
    "_journal_year", "_citation_doi", "_citation_pdbx_database_id_doi", "_citation_title", "_citation_journal_full", "_citation_year",
    "_citation_journal_abbrev", "_citation_id", "_audit_creation_date", "_audit_creation_method", "_software_name", "_software_version",
    "_pdbx_database_status_recvd_initial_deposition_date", "_struct_keywords_text", "_exptl_crystals_number", "_em_imaging_date",
    "_diffrn_detector_pdbx_collection_date", "_citation_author_name", "_publ_contact_author_email",
)  # fmt: skip
_WANTED = frozenset((*_ATTRIBUTES, *_OTHERS))
# as authors cite programs: SHELXL-2014/7 (Sheldrick, 2014), or APEX2 v2014.1 (Bruker, 2014)
_PROGRAM = re.compile(r"\s*'?([A-Za-z][\w+\-./]*(?:[ ](?=[\dvV])v?[\d.]+)?)")
_VERSION = re.compile(r"^(?P<name>.*?)[\s\-/]+[vV]?(?P<version>\d[\w.\-/]*)$")
_PLAIN = re.compile(r"\\[%'`\"^~,]")


def _is_wanted(tag: str) -> bool:
    return tag in _WANTED or tag.startswith("_computing_")


@reads("chemical/x-cif", "chemical/x-mmcif", "application/x-cif+gzip", "application/x-mmcif+gzip", version=1)
def read_cif(file: File) -> Iterator[Evidence]:
    """Cell, symmetry, formula, conditions, instruments, programs, authors and the article, block by block.

    Raises:
        Unreadable: ``malformed`` when there is no data block.
    """
    facts, stream = Facts(file, READER), Stream(file)
    count = 0
    told: set[str] = set()
    for block in blocks(stream, _is_wanted):
        count += 1
        if count > MOST_BLOCKS:
            yield facts.problem("too-large", f"the first {MOST_BLOCKS} data blocks were read")
            break
        for item in _block(facts, stream, block):
            # blocks of one file repeat the article and its programs
            key = f"{item.kind} {item.value}"
            if item.kind == "attribute" or key not in told:
                told.add(key)
                yield item
    if trouble := stream.trouble():
        yield facts.problem(*trouble)
    elif not count:
        raise Unreadable("malformed", "no data block with known items in it")


def _block(facts: Facts, stream: Stream, block: Block) -> Iterator[Evidence]:
    where = stream.line
    for tag in _ATTRIBUTES:
        if found := block.value(tag):
            path = f"{block.name}/{tag}"
            yield from facts.attribute(tag, _plain(found.text), path=path, quote=found.text, line=where(found.line))
    for tag, item in block.items.items():
        if tag.startswith("_computing_") or tag == "_audit_creation_method":
            yield from _program(facts, tag, item, where(item.line))
    for row in block.rows("_software_name", "_software_version"):
        if name := row.get("_software_name"):
            version = row.get("_software_version")
            text = version.text if version else ""
            yield from facts.software(name.text, text, path="_software.name", quote=name.text, line=where(name.line))
    for row in block.rows(*_DEVICES):
        for tag, item in row.items():
            if tag in _SORTS:
                path, line = f"{block.name}/{tag}", where(item.line)
                yield from facts.instrument(path, {"name": item.text, "type": _SORTS[tag]}, quote=item.text, line=line)
    yield from _subjects(facts, stream, block)
    yield from _dates(facts, stream, block)
    yield from _article(facts, stream, block)
    for tag, archive in _NUMBERS.items():
        if found := block.items.get(tag):
            number: dict[str, JSON] = {"identifier": found.text, "type": archive}
            yield from facts.state("alternate_identifiers", number, tag, quote=found.text, line=where(found.line))
    entry = block.items.get("_entry_id")
    if entry and re.fullmatch(r"(?:pdb_0000)?\d[A-Za-z0-9]{3}", entry.text):
        code = {"identifier": entry.text, "type": "PDB"}
        yield from facts.state("alternate_identifiers", code, "_entry.id", quote=entry.text, line=where(entry.line))
    contact = block.items.get("_publ_contact_author_email")
    yield from facts.sensitive("e-mail", len(contact.text.split(",")) if contact else 0, "_publ_contact_author_email")


def _program(facts: Facts, tag: str, item: Value, line: int | None) -> Iterator[Evidence]:
    """A program named with its reference: the name and version before the bracket."""
    for part in re.split(r"[;\n]| and |,(?![^(]*\))", item.text)[:6]:
        if (match := _PROGRAM.match(part)) and len(match[1]) > 2:
            split = _VERSION.match(match[1])
            name, version = (split["name"], split["version"]) if split else (match[1], "")
            yield from facts.software(name, version, path=tag, quote=part.strip(), line=line)


def _subjects(facts: Facts, stream: Stream, block: Block) -> Iterator[Evidence]:
    for row in block.rows(*_ORGANISMS):
        for tag, item in row.items():
            if tag in _ORGANISMS:
                line, text = stream.line(item.line), item.text[:1].upper() + item.text[1:].lower()
                yield from facts.attribute("organism", text, path=tag, quote=item.text, line=line)
                yield from facts.state("subjects", {"text": text}, tag, quote=item.text, line=line)
    for tag in ("_chemical_name_mineral", "_chemical_name_common"):
        if found := block.items.get(tag):
            yield from facts.state(
                "subjects", {"text": found.text}, tag, quote=found.text, line=stream.line(found.line)
            )
    words = block.items.get("_struct_keywords_text")
    for word in words.text.split(",")[:12] if words else ():
        text = " ".join(word.split())
        yield from facts.state(
            "subjects",
            {"text": text},
            "_struct_keywords.text",
            quote=text,
            line=stream.line(words.line if words else 1),
        )


def _dates(facts: Facts, stream: Stream, block: Block) -> Iterator[Evidence]:
    for tag, kind in (
        ("_audit_creation_date", "Created"),
        ("_pdbx_database_status_recvd_initial_deposition_date", "Submitted"),
    ):
        if found := block.items.get(tag):
            day = {"date": stating.date(found.text), "type": kind}
            yield from facts.state("dates", day, tag, quote=found.text, line=stream.line(found.line))
    for tag in ("_diffrn_detector_pdbx_collection_date", "_em_imaging_date"):
        for row in block.rows(tag):
            if tag in row:
                yield from facts.period(row[tag].text, path=tag, line=stream.line(row[tag].line))


def _article(facts: Facts, stream: Stream, block: Block) -> Iterator[Evidence]:
    """The article that reports the structure, its title and authors."""
    people = [row[tag] for tag in _AUTHORS for row in block.rows(tag) if tag in row]
    authors = list(dict.fromkeys(_plain(item.text) for item in people))
    for item in people:
        who = stating.person(_plain(item.text))
        yield from facts.state("creators", who, "_publ_author_name", quote=item.text, line=stream.line(item.line))
    for tag in ("_publ_section_title", "_struct_title"):
        if found := block.items.get(tag):
            text = _plain(found.text)
            yield from facts.state("titles", {"text": text}, tag, quote=text, line=stream.line(found.line))
    said = _citation(block)
    title, doi = said.get("title"), said.get("doi")
    article: dict[str, JSON] = {key: _plain(item.text) for key, item in said.items()}
    spoken = title or doi
    if spoken:
        line = stream.line(spoken.line)
        yield from facts.reference({**article, "authors": authors[:200]}, "_citation", quote=spoken.text, line=line)
    if doi:
        value = stating.related(doi.text, "IsDescribedBy", title=str(article.get("title", "")), kind="JournalArticle")
        yield from facts.state("related", value, "_journal_paper_doi", quote=doi.text, line=stream.line(doi.line))


def _citation(block: Block) -> Mapping[str, Value]:
    """Title, DOI, journal and year of the primary citation."""
    rows = list(block.rows("_citation_title", "_citation_doi", "_citation_pdbx_database_id_doi", "_citation_journal_full",
        "_citation_journal_abbrev", "_citation_year", "_citation_id"))  # fmt: skip
    first = next((row for row in rows if row.get("_citation_id", Value("primary", 0)).text == "primary"), {})
    both = {**block.items, **first}
    names = {
        "title": ("_citation_title", "_publ_section_title"),
        "doi": ("_citation_doi", "_citation_pdbx_database_id_doi", "_journal_paper_doi"),
        "journal": ("_citation_journal_full", "_citation_journal_abbrev", "_journal_name_full"),
        "year": ("_citation_year", "_journal_year"),
    }
    return {key: both[tag] for key, tags in names.items() for tag in tags[::-1] if tag in both}


def _plain(text: str) -> str:
    """Without CIF's marks for accents, italics and folded lines."""
    text = re.sub(r"</?(?:i|b|sub|sup)>", "", _PLAIN.sub("", text))
    return " ".join(text.replace("\\\n", "").split())

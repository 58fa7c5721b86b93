"""Text formats of the laboratory by their first lines: what a file says it is counts more than what it is called.

Facts from the formats' own specifications, which the readers name. Nothing here reads more than the head it is given.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """``pattern`` must match at the start of the text; ``suffixes`` are the endings it is believed with, all when empty."""

    media_type: str
    format: str
    pattern: re.Pattern[str]
    suffixes: frozenset[str] = frozenset()


def _mark(media_type: str, name: str, pattern: str, *suffixes: str) -> Mark:
    return Mark(media_type, name, re.compile(pattern, re.MULTILINE), frozenset(suffixes))


_NUMBER = r"[-+]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eEdD][-+]?\d{1,4})?"
_ATOM = rf"[ \t]*(?:[A-Z][a-z]?\d*|\d{{1,3}})[ \t]+{_NUMBER}[ \t]+{_NUMBER}[ \t]+{_NUMBER}"
_PDB_RECORDS = r"(?:HEADER|OBSLTE|TITLE |COMPND|CRYST1|REMARK|MODEL |ATOM  |HETATM|EXPDTA|AUTHOR)(?:[ \d]|$)"
_CIF_STARTS = r"(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t]*data_\S*"

MARKS: tuple[Mark, ...] = (
    _mark("text/x-vcf", "VCF", r"\A##fileformat=VCF"),
    _mark("text/x-gff", "GFF3", r"\A##gff-version\s+3"),
    _mark("text/x-gff", "GTF", r"\A(?:#[^\n]*\n)*(?:[^\t\n]+\t){8}[^\n]*\b(?:gene_id|transcript_id) \"", ".gtf", ".gff", ".gff2", ".txt", ""),
    _mark("text/x-gff", "GFF", r"\A(?:#[^\n]*\n)*(?:[^\t\n]+\t){3}\d+\t\d+\t[^\t\n]+\t[-+.?]\t[012.]", ".gff", ".gff3", ".gtf"),
    _mark("text/x-bed", "BED", r"\A(?:(?:#|track|browser)[^\n]*\n)*[^\t\n ]+\t\d+\t\d+(?:\t|\r?\n|\Z)", ".bed", ".narrowpeak", ".broadpeak"),
    _mark("text/x-sam", "SAM", r"\A@(?:HD|SQ|RG|PG|CO)\t(?:[A-Za-z]{2}:|[^\n]*\n@)"),
    _mark("text/x-fastq", "FASTQ", r"\A@[^\n]+\n[A-Za-z.*\-]+\r?\n\+[^\n]*\n[!-~]+(?:\r?\n|\Z)"),
    _mark("text/x-fasta", "FASTA", r"\A(?:;[^\n]*\n)*>[^\n]*\n", ".fasta", ".fa", ".fna", ".faa", ".ffn", ".frn", ".fas", ".mfa", ".pep"),
    _mark("text/x-fasta", "FASTA", r"\A>\S[^\n]*\n(?:[A-Z*\-]{20,}|[a-z*\-]{40,})\r?\n(?:[A-Za-z*\-]+\r?\n|>|\Z)", ".txt", ".seq", ""),
    _mark("chemical/seq-na-genbank", "GenBank", r"\ALOCUS       \S+ +\d+ (?:bp|aa|rc)"),
    _mark("chemical/seq-na-embl", "EMBL", r"\AID   \S+;? .*\b(?:BP|AA)\.\s*$"),
    _mark("text/x-nexus", "NEXUS", r"\A\s*#NEXUS\b"),
    _mark("text/x-newick", "Newick", r"\A\s*(?:\[[^\]]*\]\s*)*\([^;]*(?:;|\Z)", ".nwk", ".newick", ".tre", ".tree", ".treefile", ".nhx", ".contree"),
    _mark("chemical/x-nmr-star", "NMR-STAR", rf"\A{_CIF_STARTS}[\s\S]*?_(?:Entry\.NMR_STAR_version|Saveframe_category|Entry\.Sf_category)"),
    _mark("chemical/x-mmcif", "mmCIF", rf"\A{_CIF_STARTS}[\s\S]*?^[ \t]*_(?:entry\.id|audit_conform\.dict_name|atom_site\.|struct\.|audit_author\.)"),
    _mark("chemical/x-cif", "CIF", rf"\A{_CIF_STARTS}[\s\S]*?^[ \t]*_(?:cell_length|chemical_|audit_|symmetry_|space_group_|publ_|journal_|refln|powder|pd_|diffrn_|atom_site_)"),
    _mark("chemical/x-pdb", "PDB", r"\AHEADER    [A-Z ,/\-()]{1,40} +\d{2}-[A-Z]{3}-\d{2}"),
    _mark("chemical/x-pdb", "PDB", rf"\A{_PDB_RECORDS}", ".pdb", ".ent", ".brk"),
    _mark("chemical/x-xyz", "XYZ", rf"\A[ \t]*\d+[ \t]*\r?\n[^\n]*\n{_ATOM}", ".xyz", ".extxyz", ".txt", ""),
    _mark("chemical/x-mdl-sdfile", "MOL", r"\A[^\n]*\n[^\n]*\n[^\n]*\n[ \d]{6}[^\n]*V[23]000"),
    _mark("chemical/x-vasp-poscar", "POSCAR",
        rf"\A[^\n]*\n[ \t]*{_NUMBER}[ \t\r]*\n(?:[ \t]*{_NUMBER}[ \t]+{_NUMBER}[ \t]+{_NUMBER}[ \t\r]*\n){{3}}(?:[ \t]*[A-Z][a-z]?(?:[ \t]+[A-Z][a-z]?)*[ \t\r]*\n)?[ \t]*\d+", ".vasp", ".poscar", ""),
    _mark("text/x-bruker-parameters", "Bruker parameters", r"\A##TITLE=[^\n]*(?:Parameter|PARAMETER)[\s\S]*?^##\$"),
    _mark("chemical/x-jcamp-dx", "JCAMP-DX", r"\A(?:[ \t\r]*(?:\$\$[^\n]*)?\n)*[ \t]*##[ \t]*TITLE[ \t]*="),
    _mark("text/x-isa-tab", "ISA-Tab", r"\A\"?ONTOLOGY SOURCE REFERENCE\"?[ \t]*\r?\n"),
    _mark("text/x-geo-soft", "GEO SOFT", r"\A\^(?:DATABASE|SERIES|SAMPLE|PLATFORM|DATASET)[ \t]*=[ \t]*\S"),
    _mark("text/x-ecs-odl", "ECS granule metadata", r"\A\s*GROUP\s*=\s*INVENTORYMETADATA\b"),
    _mark("text/x-brainvision", "BrainVision", r"\ABrain ?Vision Data Exchange Header File"),
)  # fmt: skip

# Media types of files that stay readable when gzipped, and what the gzipped file is called.
PACKED = {
    "application/fits": "application/fits+gzip",
    "text/x-fasta": "application/x-fasta+gzip",
    "text/x-fastq": "application/x-fastq+gzip",
    "text/x-vcf": "application/x-vcf+gzip",
    "text/x-gff": "application/x-gff+gzip",
    "text/x-bed": "application/x-bed+gzip",
    "text/x-sam": "application/x-sam+gzip",
    "application/x-bam": "application/x-bam",  # is gzipped always
    "chemical/seq-na-genbank": "application/x-genbank+gzip",
    "chemical/seq-na-embl": "application/x-embl+gzip",
    "text/x-newick": "application/x-newick+gzip",
    "text/x-nexus": "application/x-nexus+gzip",
    "chemical/x-cif": "application/x-cif+gzip",
    "chemical/x-mmcif": "application/x-mmcif+gzip",
    "chemical/x-nmr-star": "application/x-nmr-star+gzip",
    "chemical/x-pdb": "application/x-pdb+gzip",
    "chemical/x-xyz": "application/x-xyz+gzip",
    "chemical/x-mdl-sdfile": "application/x-sdf+gzip",
    "chemical/x-jcamp-dx": "application/x-jcamp+gzip",
    "application/x-mzml+xml": "application/x-mzml+gzip",
    "application/x-mzxml+xml": "application/x-mzxml+gzip",
    "application/x-nifti": "application/x-nifti+gzip",
}

# (media type, format, test) of binary formats whose marks are more than one run of bytes.
Test = Callable[[bytes, str], bool]


def _is_nifti(head: bytes, suffix: str) -> bool:
    size = head[:4]
    if size in (b"\x5c\x01\0\0", b"\0\0\x01\x5c"):
        return head[344:347] in (b"n+1", b"ni1") or (suffix == ".hdr" and head[38:39] == b"r")
    return size in (b"\x1c\x02\0\0", b"\0\0\x02\x1c") and head[4:7] in (b"n+2", b"ni2")


def _is_edf(head: bytes, suffix: str) -> bool:
    start = head[:8] == b"0       " or head[:8] == b"\xffBIOSEMI"
    return start and re.fullmatch(rb"\d{2}[.]\d{2}[.]\d{2}", head[168:176]) is not None


def _is_dicom(head: bytes, suffix: str) -> bool:
    """By its mark, whatever stands before it (a TIFF's head, for programs that know no DICOM); without the preamble: the first element is of group 0008, and names itself as text or an identifier."""
    if head[128:132] == b"DICM":
        return True
    return head[:2] == b"\x08\0" and head[3:4] == b"\0" and head[4:6] in (b"UI", b"CS", b"UL", b"DA")


_BINARY: tuple[tuple[str, str, Test], ...] = (
    ("application/x-nifti", "NIfTI", _is_nifti),
    ("application/x-edf", "EDF", lambda head, suffix: _is_edf(head, suffix) and head[:1] == b"0"),
    ("application/x-bdf", "BDF", lambda head, suffix: _is_edf(head, suffix) and head[:1] == b"\xff"),
    ("application/dicom", "DICOM", _is_dicom),
    ("application/x-bam", "BAM", lambda head, suffix: head[:4] == b"BAM\x01"),
    ("audio/mp4", "MP4 audio", lambda head, suffix: head[4:8] == b"ftyp" and head[8:11] in (b"M4A", b"M4B")),
    ("audio/mpeg", "MP3", lambda head, suffix: suffix == ".mp3" and head[:1] == b"\xff" and head[1:2] in (b"\xfb", b"\xfa", b"\xf3", b"\xf2")),
)  # fmt: skip


def binary_mark(head: bytes, suffix: str) -> tuple[str, str] | None:
    """(media type, format) of a binary head; None when none of the marks is there."""
    return next(((kind, name) for kind, name, test in _BINARY if test(head, suffix)), None)


def text_mark(text: str, suffix: str) -> tuple[str, str] | None:
    """(media type, format) of a text by its first lines; None when none of the marks is there."""
    for mark in MARKS:
        if (not mark.suffixes or suffix in mark.suffixes) and mark.pattern.match(text):
            return mark.media_type, mark.format
    return None

"""Sequences, variants, alignments, annotations, flat files and trees: made here, cut short, and hostile."""

import gzip
import struct
import zlib
from pathlib import Path

import pytest

from shirushi.describe.tests.made import Read, gzipped

FASTA = ">NP_1.1 catalase [Escherichia coli]\nMKVLAAGIVGLCAKELF\nQPEW*\n>NP_2.1 other [Escherichia coli]\nMSTNP\n"
FASTQ = "@A00123:45:HXXYYDSXX:1:1101:1000:2000 1:N:0:ACGT\nACGTN\n+\nIIII#\n@A00123:45:HXXYYDSXX:1:1101:1000:2001\nACG\n+\nIII\n"
VCF = """##fileformat=VCFv4.3
##fileDate=20230417
##source=FreeBayes v1.3.6
##reference=GRCh38
##contig=<ID=chr1,length=248956422>
##contig=<ID=chr2,length=242193529>
##INFO=<ID=DP,Number=1,Type=Integer,Description="Total depth, all samples">
##FILTER=<ID=q10,Description="Quality below 10">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2
chr1\t100\t.\tA\tG\t50\tPASS\tDP=10\tGT\t0/1\t0/0
chr2\t7\t.\tC\tT\t9\tq10\tDP=3\tGT\t1/1\t0/1
"""
SAM = (
    "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1000\tAS:GRCh38\tSP:Homo sapiens\n"
    "@RG\tID:a\tSM:NA1\tPL:ILLUMINA\tPM:NovaSeq\tCN:Example Centre\tDT:2021-05-06T00:00:00Z\n"
    "@RG\tID:b\tSM:NA2\tPL:ILLUMINA\tPM:NovaSeq\tDT:2021-05-08\n@PG\tID:bwa\tPN:bwa\tVN:0.7.17\tCL:bwa mem\n"
)
GENBANK = """LOCUS       XY000001                 120 bp    DNA     linear   BCT 05-MAR-2019
DEFINITION  Vibrio sp. strain Z1 16S ribosomal RNA gene,
            partial sequence.
ACCESSION   XY000001
KEYWORDS    16S; marine.
SOURCE      Vibrio sp.
  ORGANISM  Vibrio sagamiensis
            Bacteria; Proteobacteria.
REFERENCE   1  (bases 1 to 120)
  AUTHORS   Sato,K.A., Mori,J. and Abe,T.
  TITLE     Light in the bay
  JOURNAL   J. Sea 3 (2), 1-9 (2018) DOI 10.5555/sea.3
REFERENCE   2  (bases 1 to 120)
  AUTHORS   Sato,K.A.
  TITLE     Direct Submission
  JOURNAL   Submitted (01-JAN-2018) Somewhere, 1-2-3 Street
FEATURES             Location/Qualifiers
     source          1..120
                     /organism="Vibrio sagamiensis"
                     /geo_loc_name="Japan: Sagami Bay"
                     /lat_lon="35.10 N 139.35 E"
                     /collection_date="04-Jul-2017"
ORIGIN
        1 acgtacgtac gtacgtacgt
//
"""
EMBL = """ID   XZ000002; SV 1; linear; genomic DNA; STD; PLN; 99 BP.
AC   XZ000002;
DT   11-FEB-2015 (Rel. 1, Created)
DE   Example gene
OS   Oryza sativa (rice)
RN   [1]
RX   DOI; 10.5555/rice.1.
RA   Doe J.A., Roe R.;
RT   "Rice and rain";
RL   J. Plants 1:1-2(2014).
SQ   Sequence 99 BP;
     acgt
//
"""


# ---- FASTA and FASTQ


@pytest.mark.parametrize(("name", "pack"), [("a.fasta", False), ("a.faa.gz", True), ("unnamed.fa", False)])
def test_fasta_tells_counts_alphabet_and_organism(tmp_path: Path, name: str, pack: bool) -> None:
    found = Read(tmp_path, gzipped(FASTA) if pack else FASTA, name)
    assert found.what.format == ("FASTA (gzip)" if pack else "FASTA")
    assert found.problems == []
    seen = found.attributes
    assert (seen["sequences"], seen["total length"], seen["alphabet"], seen["sampled"]) == (2, 27, "protein", False)
    assert seen["first sequences"][1] == "NP_2.1 other [Escherichia coli]"
    assert found.stated("subjects") == [{"text": "Escherichia coli"}]
    assert "MKVLAAG" not in found.said


@pytest.mark.parametrize(
    ("letters", "alphabet"), [("ACGTNNacgt", "DNA"), ("ACGUacgu", "RNA"), ("MEEPQSD", "protein"), ("AC-1-GT", "other")]
)
def test_fasta_alphabet(tmp_path: Path, letters: str, alphabet: str) -> None:
    assert Read(tmp_path, f">x\n{letters}\n", "x.fa").attributes["alphabet"] == alphabet


def test_fasta_of_one_line_longer_than_a_piece(tmp_path: Path) -> None:
    found = Read(tmp_path, b">genome\n" + b"ACGT" * 250_000 + b"\n>plasmid\nAC\nGT", "g.fna")
    assert (found.attributes["sequences"], found.attributes["total length"]) == (2, 1_000_004)


def test_fasta_that_unpacks_without_measure_is_a_bomb(tmp_path: Path) -> None:
    found = Read(tmp_path, gzipped(b">x\n" + b"A" * 80_000_000), "x.fa.gz")
    assert [code for code, _ in found.problems] == ["bomb"]
    assert found.attributes["sampled"] is True


def test_fasta_cut_in_its_packing_says_so(tmp_path: Path) -> None:
    data = gzipped(b">x\n" + bytes(65 + i * i % 26 for i in range(200_000)))
    found = Read(tmp_path, data[: len(data) // 2], "x.fa.gz")
    assert [code for code, _ in found.problems] == ["truncated"]
    assert found.attributes["sequences"] == 1


def test_table_called_fasta_is_none(tmp_path: Path) -> None:
    assert Read(tmp_path, "a,b\n1,2\n3,4\n5,6\n", "x.fasta").what.format == "CSV"


def test_quoted_letter_is_no_fasta(tmp_path: Path) -> None:
    assert Read(tmp_path, "> Dear all,\n> the data are here.\nThanks\n", "mail.txt").what.media_type == "text/plain"


def test_fastq_tells_reads_and_sequencer(tmp_path: Path) -> None:
    found = Read(tmp_path, gzipped(FASTQ), "r_1.fastq.gz")
    seen = found.attributes
    assert (seen["reads"], seen["read length"], seen["mean read length"], seen["quality encoding"]) == (
        2,
        "3–5",
        4.0,
        "Phred+33",
    )
    assert (seen["run"], seen["flow cell"]) == (45, "HXXYYDSXX")
    assert found.of("instrument") == [{"manufacturer": "Illumina", "serial_number": "A00123", "type": "sequencer"}]


def test_fastq_that_breaks_off_says_where(tmp_path: Path) -> None:
    found = Read(tmp_path, FASTQ + "ACGT\n", "r.fq")
    assert found.problems == [("malformed", "after 2 reads a line should start with @")]


def test_fastq_of_an_archive_names_the_run(tmp_path: Path) -> None:
    found = Read(tmp_path, "@SRR1234567.1 1 length=4\nACGT\n+\nIIII\n", "r.fastq")
    assert found.stated("alternate_identifiers") == [{"identifier": "SRR1234567", "type": "INSDC run"}]


# ---- VCF


@pytest.mark.parametrize("pack", [False, True])
def test_vcf_tells_what_it_declares(tmp_path: Path, pack: bool) -> None:
    found = Read(tmp_path, gzipped(VCF) if pack else VCF, "v.vcf.gz" if pack else "v.vcf")
    assert found.problems == []
    seen = found.attributes
    assert (seen["fileformat"], seen["reference"], seen["contigs"], seen["samples"]) == ("VCFv4.3", "GRCh38", 2, 2)
    rows = {row["variable"]: row for row in found.of("codebook-row")}
    assert rows["DP"]["description"] == "Total depth, all samples"
    assert (rows["DP"]["type"], rows["q10"]["section"], rows["GT"]["section"]) == ("integer", "FILTER", "FORMAT")
    [table] = found.of("table")
    assert (table["rows"], table["sampled"], table["header"][-1]) == (2, False, "INFO/DP")
    assert found.of("software-used") == [{"name": "FreeBayes", "version": "v1.3.6"}]
    assert found.stated("dates") == [{"date": "2023-04-17", "type": "Created"}]
    [row] = [item for item in found.evidence if item.kind == "codebook-row" and item.value["variable"] == "DP"]
    assert row.place.line == (None if pack else 7)


def test_vcf_without_a_header_line_is_malformed(tmp_path: Path) -> None:
    assert Read(tmp_path, "##fileformat=VCFv4.2\n##source=x\n", "v.vcf").problems == [
        ("malformed", "no line of column names (#CHROM)")
    ]


def test_vcard_is_no_vcf(tmp_path: Path) -> None:
    assert Read(tmp_path, "BEGIN:VCARD\nFN:Someone\nEND:VCARD\n", "contact.vcf").what.media_type == "text/plain"


def test_vcf_with_endless_declarations_is_bounded(tmp_path: Path) -> None:
    many = "".join(f'##INFO=<ID=X{n},Number=1,Type=Float,Description="d">\n' for n in range(3_000))
    found = Read(tmp_path, VCF.replace("##contig=<ID=chr1", many + "##contig=<ID=chr1"), "v.vcf")
    assert len(found.of("codebook-row")) == 1_000


# ---- SAM and BAM


def bgzf(data: bytes) -> bytes:
    """One BGZF block, and the empty one that ends a file."""

    def block(part: bytes) -> bytes:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(part) + packer.flush()
        extra = b"BC\x02\0" + struct.pack("<H", len(packed) + 25)
        return (
            b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0" + extra + packed + struct.pack("<2I", zlib.crc32(part), len(part))
        )

    return block(data) + block(b"")


@pytest.mark.parametrize("kind", ["sam", "bam"])
def test_alignments_tell_platform_programs_and_samples(tmp_path: Path, kind: str) -> None:
    header = SAM.encode()
    data = bgzf(b"BAM\1" + struct.pack("<I", len(header)) + header + struct.pack("<I", 1)) if kind == "bam" else header
    found = Read(tmp_path, data, f"a.{kind}")
    assert (found.what.format, found.problems) == (kind.upper(), [])
    seen = found.attributes
    assert (seen["samples"], seen["read groups"], seen["genome assembly"], seen["sort order"]) == (
        2,
        2,
        "GRCh38",
        "coordinate",
    )
    assert found.of("instrument") == [{"manufacturer": "Illumina", "model": "NovaSeq", "type": "sequencer"}]
    assert found.of("software-used") == [{"name": "bwa", "version": "0.7.17"}]
    assert found.stated("dates") == [{"date": "2021-05-06/2021-05-08", "type": "Collected"}]
    assert found.stated("subjects") == [{"text": "Homo sapiens"}]


@pytest.mark.parametrize(("length", "code"), [(0xFFFF_FFF0, "too-large"), (5_000, "truncated")])
def test_bam_with_a_false_length_is_refused(tmp_path: Path, length: int, code: str) -> None:
    found = Read(tmp_path, bgzf(b"BAM\1" + struct.pack("<I", length) + SAM.encode()), "a.bam")
    assert [problem for problem, _ in found.problems] == [code]


# ---- annotations


def test_gff_tells_directives_and_types(tmp_path: Path) -> None:
    text = (
        "##gff-version 3\n#!genome-build GRCh38.p14\n#!processor NCBI annotwriter\n"
        "chr1\tRefSeq\tgene\t1\t100\t.\t+\t.\tID=g1\nchr1\tRefSeq\texon\t1\t50\t.\t+\t.\tParent=g1\n"
    )
    found = Read(tmp_path, gzipped(text), "a.gff3.gz")
    assert found.what.format == "GFF3 (gzip)"
    assert (found.attributes["genome-build"], found.attributes["feature types"]) == (
        "GRCh38.p14",
        ["gene: 1", "exon: 1"],
    )
    assert found.of("table")[0]["rows"] == 2
    assert found.of("software-used") == [{"name": "NCBI annotwriter"}]


def test_gtf_and_bed_are_told_by_their_lines(tmp_path: Path) -> None:
    gtf = 'chr1\thavana\tgene\t1\t9\t.\t+\t.\tgene_id "G1"; gene_name "x";\n'
    assert Read(tmp_path, gtf, "a.gtf").attributes["feature types"] == ["gene: 1"]
    bed = Read(tmp_path, "track name=x\nchr1\t0\t9\tpeak1\nchr2\t5\t7\tpeak2\n", "a.bed")
    assert (bed.what.format, bed.of("table")[0]["header"], bed.of("table")[0]["rows"]) == (
        "BED",
        ["chrom", "chromStart", "chromEnd", "name"],
        2,
    )


# ---- flat files


def test_genbank_tells_organism_article_and_where_it_was_taken(tmp_path: Path) -> None:
    found = Read(tmp_path, GENBANK, "x.gb")
    assert (found.what.format, found.problems) == ("GenBank", [])
    assert found.stated("subjects") == [{"text": "Vibrio sagamiensis"}, {"text": "16S"}, {"text": "marine"}]
    assert found.stated("alternate_identifiers") == [{"identifier": "XY000001", "type": "INSDC accession"}]
    assert found.stated("related") == [{"identifier": "10.5555/sea.3", "scheme": "DOI", "relation": "IsDescribedBy"}]
    assert found.stated("dates") == [{"date": "2017-07-04", "type": "Collected"}]
    assert found.stated("locations") == [{"place": "Japan, Sagami Bay"}]
    [where] = found.of("coordinates")
    assert (where["south"], where["west"]) == (35.1, 139.35)
    [article] = found.of("reference")  # who submitted it from which street is no article
    assert (article["title"], article["authors"]) == ("Light in the bay", ["Sato, K. A.", "Mori, J.", "Abe, T."])
    assert "Street" not in found.said
    assert "acgtacgtac" not in found.said


def test_embl_says_the_same_in_its_own_lines(tmp_path: Path) -> None:
    found = Read(tmp_path, gzipped(EMBL), "x.embl.gz")
    assert found.what.format == "EMBL (gzip)"
    assert found.attributes["organism"] == "Oryza sativa"
    assert found.of("reference")[0]["authors"] == ["Doe, J. A.", "Roe, R."]
    assert found.stated("related")[0]["identifier"] == "10.5555/rice.1"


def test_ten_thousand_entries_are_counted_and_the_first_told(tmp_path: Path) -> None:
    found = Read(tmp_path, "".join(GENBANK.replace("XY000001", f"XY{n:06d}") for n in range(300)), "many.gb")
    assert found.attributes["entries"] == 300
    assert len(found.stated("alternate_identifiers")) == 20


# ---- trees


def test_newick_and_nexus_tell_their_taxa(tmp_path: Path) -> None:
    tree = Read(tmp_path, "((Homo_sapiens:0.1,Pan_troglodytes:0.1):0.2,'Mus musculus':0.5);\n", "t.nwk")
    assert (tree.attributes["trees"], tree.attributes["taxa"]) == (1, 3)
    assert tree.attributes["first taxa"] == ["Homo sapiens", "Pan troglodytes", "Mus musculus"]
    nexus = Read(
        tmp_path,
        "#NEXUS\nbegin taxa;\n dimensions ntax=2;\n taxlabels A B;\nend;\nbegin trees;\n tree t1 = (A,B);\nend;\n",
        "t.nex",
    )
    assert (nexus.attributes["blocks"], nexus.attributes["taxa"], nexus.attributes["trees"]) == (
        ["taxa", "trees"],
        2,
        1,
    )


def test_tree_of_a_million_brackets_is_read_without_recursion(tmp_path: Path) -> None:
    found = Read(tmp_path, "(" * 500_000 + "a" + ")" * 500_000 + ";", "t.nwk")
    assert found.attributes["taxa"] == 1


def test_packed_tree_that_grows_is_refused(tmp_path: Path) -> None:
    found = Read(tmp_path, gzip.compress(b"(" + b"a," * 20_000_000 + b"b);"), "t.nwk.gz")
    assert [code for code, _ in found.problems] == ["too-large"]

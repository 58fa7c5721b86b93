"""Files of life, matter, medicine and media, damaged at random: each is answered, none breaks its reader."""

import io
import random
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from shirushi.describe.tests import test_readers_life as life
from shirushi.describe.tests import test_readers_matter as matter
from shirushi.describe.tests import test_readers_media as media
from shirushi.describe.tests import test_readers_medicine as medicine
from shirushi.describe.tests.made import OME, Read, gzipped, nifti

SAMPLES = {
    "a.fasta": life.FASTA, "a.fastq": life.FASTQ, "a.vcf": life.VCF, "a.sam": life.SAM, "a.gb": life.GENBANK, "a.embl": life.EMBL,
    "a.nwk": "((a:1,b:2):3,c);", "a.bam": life.bgzf(b"BAM\1\x20\0\0\0" + life.SAM.encode()[:32]), "a.vcf.gz": gzipped(life.VCF),
    "a.gff3": "##gff-version 3\nc\tx\tgene\t1\t2\t.\t+\t.\tID=1\n", "a.cif": matter.CIF, "b.cif": matter.MMCIF, "a.str": matter.NMR_STAR,
    "a.pdb": matter.PDB, "a.mzML": matter.MZML, "a.mzXML": matter.MZXML, "a.jdx": matter.JCAMP, "acqus": matter.BRUKER,
    "a.xyz": "2\ne=1\nO 0.0 0.0 0.0\nH 0.0 0.0 1.0\n", "a.nii": nifti(), "a.nii.gz": gzipped(nifti()), "a.edf": medicine.edf(3),
    "a.wav": media.wav(0.1, media.chunk(b"LIST", b"INFO" + media.chunk(b"ICMT", b"x" * 40))), "a.mp4": media.mp4(),
    "a.opus": media.page(0, b"OpusHead\x01\x02" + bytes(11)) + media.page(0, b"OpusTags" + media.vorbis(TITLE="x")),
    "a.flac": b"fLaC\0\0\0\x22" + bytes(34) + b"\x84\0\0\x40" + media.vorbis(TITLE="x", DATE="2001"),
    "a.vhdr": "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nSamplingInterval=2000\n[Channel Infos]\nCh1=A,,0.5,V\n",
    "a.mp3": b"ID3\x03\0\0\0\0\0\x20TIT2\0\0\0\x06\0\0\x03title" + bytes(20) + b"\xff\xfb\x90\x00" + bytes(413),
    "POSCAR": "x\n1.0\n4 0 0\n0 4 0\n0 0 4\nTi O\n1 2\n", "a.sdf": "x\n  RDKit\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n> <p>\n1\n\n$$$$\n",
}  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Cut, changed in some bytes, with a part said twice, or with one left out."""
    changed = bytearray(data)
    how = chance.randrange(4)
    at = chance.randrange(len(data))
    if how == 0:
        return bytes(changed[:at])
    if how == 1:
        for _ in range(chance.randrange(1, 8)):
            changed[chance.randrange(len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        return bytes(changed)
    end = min(len(data), at + chance.randrange(1, 60))
    return bytes(changed[:end] + changed[at:]) if how == 2 else bytes(changed[:at] + changed[end:])


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_file_is_answered(tmp_path: Path, name: str) -> None:
    sample = SAMPLES[name]
    data = sample.encode() if isinstance(sample, str) else sample
    chance = random.Random(name)
    for _ in range(40):
        found = Read(tmp_path, damaged(data, chance) or b"\0", name)
        assert "reader-error" not in [code for code, _ in found.problems], found.problems


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.cif", b"data_x\n_cell_length_a 1\n" + b"loop_\n_publ_author_name\n" * 2 + b"'a b c' " * 1_000_000),
        (
            "a.gff3",
            b"##gff-version 3\n" + b"".join(b"c%d\tx\tt%d\t1\t2\t.\t+\t.\t.\n" % (n, n) for n in range(60_000)),
        ),
        ("a.jdx", b"##TITLE=x\n##JCAMP-DX=5\n" + b"".join(b"##L%d=1\n" % n for n in range(60_000))),
        ("a.nwk", b"(" + b"a," * 1_500_000 + b"b);"),
        ("a.gb", b"LOCUS       X 1 bp\n" + b"".join(b"K%-10d x\n" % n for n in range(150_000))),
        ("a.sam", b"@HD\tVN:1.6\n" + b"".join(b"@SQ\tSN:%d\tLN:1\n" % n for n in range(150_000))),
        ("a.wav", media.wav(0.1, *[media.chunk(b"LIST", bytes(900_000))] * 60)),
    ],
)
def test_memory_is_bounded_whatever_the_file_holds(tmp_path: Path, name: str, data: bytes) -> None:
    tracemalloc.start()
    found = Read(tmp_path, b"\0", "warm-up")
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    found = Read(tmp_path, data, name)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert found.what.media_type != "text/plain"
    assert peak < 40_000_000, f"{peak:,} bytes"


def test_tiff_of_a_kind_that_pillow_does_not_know_still_tells_its_size(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.zeros((6, 9), "complex64"), metadata=None, description=OME.encode())
    found = Read(tmp_path, buffer.getvalue(), "a.tif")
    assert found.problems == []
    assert [(image["width"], image["height"]) for image in found.of("image")] == [(9, 6)]
    assert found.attributes["channels"] == 2

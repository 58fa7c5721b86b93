"""What files are: by their bytes first, by their names second."""

import os
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.describe.identify import identify, identify_bytes, promised

CASES = [
    (b"\x89HDF\r\n\x1a\n" + b"\0" * 20, "x.h5", "application/x-hdf5", "HDF5"),
    (b"\x89HDF\r\n\x1a\n" + b"\0" * 20, "x.nc", "application/x-netcdf4", "netCDF-4"),
    (b"\x89HDF\r\n\x1a\n" + b"\0" * 20 + b"_NCProperties", "x.dat", "application/x-netcdf4", "netCDF-4"),
    (b"CDF\x01\0\0\0\0", "x.nc", "application/x-netcdf", "netCDF-3"),
    (b"SIMPLE  =                    T", "x.fits", "application/fits", "FITS"),
    (b"%PDF-1.7\n", "x", "application/pdf", "PDF"),
    (b"\xff\xd8\xff\xe1", "photo.JPG", "image/jpeg", "JPEG"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "x.webp", "image/webp", "WebP"),
    (b"\0" * 257 + b"ustar\x0000", "x.tar", "application/x-tar", "tar"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.xls", "application/vnd.ms-excel", "XLS"),
    (b"BM is a prefix of a text, too\n", "notes.txt", "text/plain", "text"),
    (b"ID3,ID4\n1,2\n", "x.csv", "text/csv", "CSV"),
    (b"ID3\x03\0\0\0\0", "x.mp3", "audio/mpeg", "MP3"),
    (b"PAR1,PAR2\n1,2\n", "x.csv", "text/csv", "CSV"),
    (b"No,Time,WAVE\n1,2,3\n", "x.csv", "text/csv", "CSV"),
    (b"GRIB files were converted.\n", "notes.txt", "text/plain", "text"),
    (b"\x1f\x8b\x08\0", "x.RData", "application/x-rdata", "R data"),
    (b"# Title\n", "README.md", "text/markdown", "Markdown"),
    ("表題\n".encode("cp932"), "説明.txt", "text/plain", "text"),
    (b"a,b\n1,2\n3,4\n5,6\n", "x.txt", "text/csv", "CSV"),
    (b"a\tb\n1\t2\n3\t4\n5\t6\n", "x.dat", "text/tab-separated-values", "TSV"),
    (b"# Instrument: X\nangle counts\n1.0 20\n2.0 30\n3.0 40\n", "run.xy", "text/csv", "text table"),
    (b"id,name,place\n1,a,b\n", "x.txt", "text/csv", "CSV"),
    (b"Dear all, hello, there\nMany, many, thanks\n", "x.txt", "text/plain", "text"),
    (b"Moved 3 files\nMoved 4 files\nMoved 5 files\n", "x.txt", "text/plain", "text"),
    (b"One line, with a comma.\nAnother without.\nA third, and, more.\nEnd\n", "x.txt", "text/plain", "text"),
    (b"cff-version: 1.2.0\n", "CITATION.cff", "application/x-citation-cff", "CITATION.cff"),
    (b"MIT License\n", "LICENSE", "text/x-licence", "licence"),
    (b"MIT License\n", "LICENSE-MIT.txt", "text/x-licence", "licence"),
    (b"GNU\n", "COPYING", "text/x-licence", "licence"),
    (b"import x\n", "license_check.py", "text/x-python", "Python"),
    (b'{"@context": "https://w3id.org/ro/crate/1.2/context"}', "x.json", "application/x-ro-crate+json", "RO-Crate"),
    (b'{"type": "FeatureCollection", "features": []}', "x.json", "application/geo+json", "GeoJSON"),
    (b'{"type": "Feature", "stac_version": "1.0.0"}', "item.json", "application/x-stac+json", "STAC"),
    (b'{"Name": "x", "BIDSVersion": "1.8.0"}', "dataset_description.json", "application/x-bids-description+json", "BIDS"),
    (b'{"a": 1}', "x.json", "application/json", "JSON"),
    (b"[1, 2]", "notes.txt", "text/plain", "text"),
    (b'<?xml version="1.0"?><resource xmlns="http://datacite.org/schema/kernel-4">', "x.xml",
     "application/x-datacite+xml", "DataCite XML"),
    (b'<TEI xmlns="http://www.tei-c.org/ns/1.0">', "x.xml", "application/x-tei+xml", "TEI"),
    (b"<!DOCTYPE html><html>", "x", "text/html", "HTML"),
    (b"\x00\x01\x02\x03", "x.txt", "application/octet-stream", ""),
    (b"", "x.csv", "application/x-empty", "empty"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "name", "media_type", "kind"), CASES, ids=[f"{c[1]}-{c[3]}" for c in CASES])
def test_identify_bytes_of_a_known_format(head: bytes, name: str, media_type: str, kind: str) -> None:
    what = identify_bytes(head, name)
    assert (what.media_type, what.format) == (media_type, kind)


def test_identify_bytes_of_a_document_in_a_zip_without_an_extension() -> None:
    name = b"[Content_Types].xml"
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name + b"word/document.xml"
    assert identify_bytes(local, "letter").format == "DOCX"


def test_identify_bytes_of_an_open_document_by_its_first_entry() -> None:
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 46, 46, 8, 0) + b"mimetype" + mime + b"PK\x03\x04"
    assert identify_bytes(head, "table.zip").format == "ODS"


@given(st.binary(max_size=400), st.text(max_size=20))
def test_identify_bytes_of_anything_gives_an_answer(head: bytes, name: str) -> None:
    what = identify_bytes(head, name)
    assert "/" in what.media_type


HEADS = {
    "line ends": "\n", "blanks": " ", "comments": "#\n", "cells": "a\t", "brackets": "(", "square brackets": "[", "digits": "1", "numbers": "1 ",
    "dollars": "$$\n", "headings": ">\n", "letters": "A", "semicolons": ";\n", "elements": "A ", "a block": "data_\n", "signs": "+",
}  # fmt: skip
STARTS = (
    "",
    "data_x\n",
    "x\n1\n1 1 1\n1 1 1\n1 1 ",
    "@a\nA\n+\n",
    ">a\n",
    "##TITLE=Parameter\n",
    "9\nx\nO 0.",
    "LOCUS       ",
)


@pytest.mark.parametrize("part", HEADS)
def test_identify_bytes_is_quick_whatever_repeats_itself(part: str) -> None:
    """No pattern may go back and forth over a head that was made for that."""
    started = time.process_time()
    for start in STARTS:
        for suffix in (".cif", ".gtf", ".nwk", ".xyz", ".bed", ""):
            identify_bytes((start + HEADS[part] * 16_384)[:16_384].encode(), "x" + suffix)
    assert time.process_time() - started < 2


def test_identify_of_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not an ordinary file"):
        identify(tmp_path / "pipe", "pipe")


@pytest.mark.parametrize(
    ("name", "media_type", "format_"),
    [
        ("a.PNG", "text/plain", "PNG"),
        ("b/book.xlsx", "text/html", "XLSX"),
        ("a.png", "image/png", ""),
        ("a.csv", "application/octet-stream", "CSV"),
        ("a.csv", "text/csv", ""),
        ("a.dat", "application/octet-stream", ""),
        ("cell.DTA", "text/plain", ""),
        ("a.xlsx", "application/x-empty", ""),
    ],
)
def test_name_that_promises_what_the_bytes_are_not(name: str, media_type: str, format_: str) -> None:
    assert promised(name, media_type) == format_

"""What a file is, from its first bytes first and its name second.

Our own table: general libraries miss the formats of science. Signatures are facts published by the formats' keepers (HDF5
File Format Specification, NetCDF User's Guide, FITS 4.0, PRONOM of The National Archives, RFC 8785 family for JSON, ...).
Only the head of the file is read, and nothing is parsed that could be hostile.
"""

import os
import re
import stat
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from shirushi.describe import fixed_width
from shirushi.describe.marks import PACKED, binary_mark, text_mark

HEAD = 16_384


@dataclass(frozen=True, slots=True)
class Identified:
    """``media_type`` decides which readers look inside; ``format`` is the short name people know it by."""

    media_type: str
    format: str


UNKNOWN = Identified("application/octet-stream", "")
EMPTY = Identified("application/x-empty", "empty")
TEXT = Identified("text/plain", "text")

_HDF5 = Identified("application/x-hdf5", "HDF5")
_NETCDF4 = Identified("application/x-netcdf4", "netCDF-4")

# (offset, signature, what it is); the first that matches decides.
_SIGNATURES: tuple[tuple[int, bytes, Identified], ...] = (
    (0, b"%PDF-", Identified("application/pdf", "PDF")),
    (0, b"\x89HDF\r\n\x1a\n", _HDF5),
    (0, b"CDF\x01", Identified("application/x-netcdf", "netCDF-3")),
    (0, b"CDF\x02", Identified("application/x-netcdf", "netCDF-3 64-bit")),
    (0, b"CDF\x05", Identified("application/x-netcdf", "netCDF-3 CDF-5")),
    (0, b"\x0e\x03\x13\x01", Identified("application/x-hdf", "HDF4")),
    (0, b"SIMPLE  =", Identified("application/fits", "FITS")),
    (0, b"GRIB", Identified("application/wmo-grib", "GRIB")),
    (0, b"\x89PNG\r\n\x1a\n", Identified("image/png", "PNG")),
    (0, b"\xff\xd8\xff", Identified("image/jpeg", "JPEG")),
    (0, b"GIF87a", Identified("image/gif", "GIF")),
    (0, b"GIF89a", Identified("image/gif", "GIF")),
    (0, b"II*\x00", Identified("image/tiff", "TIFF")),
    (0, b"MM\x00*", Identified("image/tiff", "TIFF")),
    (0, b"II+\x00", Identified("image/tiff", "BigTIFF")),
    (0, b"MM\x00+", Identified("image/tiff", "BigTIFF")),
    (0, b"BM", Identified("image/bmp", "BMP")),
    (8, b"WEBP", Identified("image/webp", "WebP")),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", Identified("image/jp2", "JPEG 2000")),
    (4, b"ftypavif", Identified("image/avif", "AVIF")),
    (4, b"ftypheic", Identified("image/heic", "HEIC")),
    (4, b"ftypqt", Identified("video/quicktime", "QuickTime")),
    (4, b"ftyp", Identified("video/mp4", "MP4")),
    (0, b"\x1aE\xdf\xa3", Identified("video/x-matroska", "Matroska")),
    (8, b"AVI ", Identified("video/x-msvideo", "AVI")),
    (8, b"WAVE", Identified("audio/wav", "WAV")),
    (0, b"fLaC", Identified("audio/flac", "FLAC")),
    (0, b"OggS", Identified("audio/ogg", "Ogg")),
    (0, b"ID3", Identified("audio/mpeg", "MP3")),
    (0, b"\x1f\x8b", Identified("application/gzip", "gzip")),
    (0, b"BZh", Identified("application/x-bzip2", "bzip2")),
    (0, b"\xfd7zXZ\x00", Identified("application/x-xz", "xz")),
    (0, b"(\xb5/\xfd", Identified("application/zstd", "Zstandard")),
    (0, b"7z\xbc\xaf\x27\x1c", Identified("application/x-7z-compressed", "7-Zip")),
    (0, b"Rar!\x1a\x07", Identified("application/vnd.rar", "RAR")),
    (257, b"ustar", Identified("application/x-tar", "tar")),
    (0, b"PAR1", Identified("application/vnd.apache.parquet", "Parquet")),
    (0, b"ARROW1", Identified("application/vnd.apache.arrow.file", "Arrow")),
    (0, b"Obj\x01", Identified("application/avro", "Avro")),
    (68, b"GPKG", Identified("application/geopackage+sqlite3", "GeoPackage")),
    (0, b"SQLite format 3\x00", Identified("application/vnd.sqlite3", "SQLite")),
    (0, b"\x93NUMPY", Identified("application/x-npy", "NumPy")),
    (0, b"MATLAB 5.0 MAT-file", Identified("application/x-matlab-data", "MATLAB")),
    (0, b"$FL2", Identified("application/x-spss-sav", "SPSS")),
    (0, b"$FL3", Identified("application/x-spss-sav", "SPSS")),
    (0, b"<stata_dta>", Identified("application/x-stata-dta", "Stata")),
    (0, b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", Identified("application/x-sas-xport", "SAS transport")),
    (0, b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!", Identified("application/x-sas-xport", "SAS transport")),
    (40, b"ASCII SPSS PORT FILE", Identified("application/x-spss-por", "SPSS portable")),
    (0, b"MATLAB 7.3 MAT-file", Identified("application/x-hdf5", "MATLAB 7.3")),
    (0, b"RDX2\n", Identified("application/x-rdata", "R data")),
    (0, b"RDX3\n", Identified("application/x-rdata", "R data")),
    (0, b"RDA2\n", Identified("application/x-rdata", "R data")),
    (0, b"RDA3\n", Identified("application/x-rdata", "R data")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Identified("application/x-ole-storage", "OLE2")),
    (0, b"{\\rtf", Identified("application/rtf", "RTF")),
    (0, b"\x00\x00\x27\x0a", Identified("application/vnd.shp", "Shapefile")),
    (0, b"%!PS", Identified("application/postscript", "PostScript")),
    (0, b"\x7fELF", Identified("application/x-executable", "ELF")),
    (0, b"MZ", Identified("application/x-msdownload", "Windows program")),
)

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_ZIPPED = {
    ".docx": Identified(_OPEN_XML + "wordprocessingml.document", "DOCX"),
    ".xlsx": Identified(_OPEN_XML + "spreadsheetml.sheet", "XLSX"),
    ".xlsm": Identified("application/vnd.ms-excel.sheet.macroEnabled.12", "XLSM"),
    ".pptx": Identified(_OPEN_XML + "presentationml.presentation", "PPTX"),
    ".odt": Identified("application/vnd.oasis.opendocument.text", "ODT"),
    ".ods": Identified("application/vnd.oasis.opendocument.spreadsheet", "ODS"),
    ".odp": Identified("application/vnd.oasis.opendocument.presentation", "ODP"),
    ".npz": Identified("application/x-npz", "NumPy archive"),
    ".epub": Identified("application/epub+zip", "EPUB"),
    ".kmz": Identified("application/vnd.google-earth.kmz", "KMZ"),
}
_ZIP_PARTS = ((b"word/", ".docx"), (b"xl/", ".xlsx"), (b"ppt/", ".pptx"))
_OLE = {
    ".xls": Identified("application/vnd.ms-excel", "XLS"),
    ".doc": Identified("application/msword", "DOC"),
    ".ppt": Identified("application/vnd.ms-powerpoint", "PPT"),
}

_CSV = Identified("text/csv", "CSV")
_TSV = Identified("text/tab-separated-values", "TSV")
_COLUMNS = Identified("text/csv", "text table")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][-+]?\d+)?")
_JSON = Identified("application/json", "JSON")
_GEOJSON = Identified("application/geo+json", "GeoJSON")
_XML = Identified("application/xml", "XML")
_HTML = Identified("text/html", "HTML")

# Text formats by the end of the name.
_TEXT_NAMES: dict[str, Identified] = {
    ".md": Identified("text/markdown", "Markdown"),
    ".markdown": Identified("text/markdown", "Markdown"),
    ".rmd": Identified("text/markdown", "R Markdown"),
    ".qmd": Identified("text/markdown", "Quarto"),
    ".rst": Identified("text/x-rst", "reStructuredText"),
    ".org": Identified("text/x-org", "Org"),
    ".tex": Identified("application/x-tex", "TeX"),
    ".bib": Identified("text/x-bibtex", "BibTeX"),
    ".ris": Identified("application/x-research-info-systems", "RIS"),
    ".html": _HTML,
    ".htm": _HTML,
    ".csv": _CSV,
    ".tsv": _TSV,
    ".tab": _TSV,
    ".json": _JSON,
    ".geojson": _GEOJSON,
    ".jsonl": Identified("application/jsonl", "JSON Lines"),
    ".ndjson": Identified("application/jsonl", "JSON Lines"),
    ".jsonld": Identified("application/ld+json", "JSON-LD"),
    ".ttl": Identified("text/turtle", "RDF Turtle"),
    ".nt": Identified("application/n-triples", "RDF N-Triples"),
    ".trig": Identified("application/trig", "RDF TriG"),
    ".ipynb": Identified("application/x-ipynb+json", "Jupyter notebook"),
    ".xml": _XML,
    ".svg": Identified("image/svg+xml", "SVG"),
    ".kml": Identified("application/vnd.google-earth.kml+xml", "KML"),
    ".yml": Identified("application/yaml", "YAML"),
    ".yaml": Identified("application/yaml", "YAML"),
    ".toml": Identified("application/toml", "TOML"),
    ".ini": Identified("text/x-ini", "INI"),
    ".cfg": Identified("text/x-ini", "INI"),
    ".py": Identified("text/x-python", "Python"),
    ".r": Identified("text/x-r", "R"),
    ".jl": Identified("text/x-julia", "Julia"),
    ".m": Identified("text/x-matlab", "MATLAB source"),
    ".do": Identified("text/x-stata", "Stata do-file"),
    ".ado": Identified("text/x-stata", "Stata program"),
    ".sps": Identified("text/x-spss", "SPSS syntax"),
    ".c": Identified("text/x-c", "C"),
    ".h": Identified("text/x-c", "C"),
    ".cpp": Identified("text/x-c++", "C++"),
    ".f90": Identified("text/x-fortran", "Fortran"),
    ".java": Identified("text/x-java", "Java"),
    ".js": Identified("text/javascript", "JavaScript"),
    ".sh": Identified("text/x-shellscript", "shell script"),
    ".sql": Identified("application/sql", "SQL"),
    ".log": Identified("text/plain", "log"),
    ".srt": Identified("application/x-subrip", "SubRip"),
    ".vtt": Identified("text/vtt", "WebVTT"),
    ".prj": Identified("text/x-wkt", "WKT"),
    ".properties": Identified("text/plain", "text"),
}
_BINARY_NAMES: dict[str, Identified] = {
    ".mat": Identified("application/x-matlab-data-4", "MATLAB 4"),
    ".dbf": Identified("application/dbf", "dBase"),
    ".shx": Identified("application/vnd.shx", "Shapefile index"),
    ".dta": Identified("application/x-stata-dta", "Stata"),
    ".rds": Identified("application/x-rds", "R data"),
    ".rdata": Identified("application/x-rdata", "R data"),
    ".rda": Identified("application/x-rdata", "R data"),
    ".sas7bdat": Identified("application/x-sas-data", "SAS"),
    ".pkl": Identified("application/x-pickle", "pickle"),
    ".mp3": Identified("audio/mpeg", "MP3"),
}

# Files that speak about the others, by their whole name (in lower case).
_WHOLE_NAMES: dict[str, Identified] = {
    "citation.cff": Identified("application/x-citation-cff", "CITATION.cff"),
    "codemeta.json": Identified("application/x-codemeta+json", "CodeMeta"),
    "datapackage.json": Identified("application/x-datapackage+json", "Data Package"),
    "ro-crate-metadata.json": Identified("application/x-ro-crate+json", "RO-Crate"),
    ".zenodo.json": Identified("application/x-zenodo+json", "Zenodo metadata"),
    "zarr.json": Identified("application/x-zarr+json", "Zarr"),
    ".zmetadata": Identified("application/x-zarr+json", "Zarr"),
    ".zarray": Identified("application/x-zarr+json", "Zarr"),
    ".zattrs": Identified("application/x-zarr+json", "Zarr"),
    ".zgroup": Identified("application/x-zarr+json", "Zarr"),
    "renv.lock": Identified("application/json", "renv lock file"),
    "pipfile.lock": Identified("application/json", "Pipfile lock file"),
    "poetry.lock": Identified("application/toml", "Poetry lock file"),
    "uv.lock": Identified("application/toml", "uv lock file"),
    "pdm.lock": Identified("application/toml", "PDM lock file"),
    ".git-authors.txt": Identified("application/x-git-authors", "Git authors"),
}
_LICENCE_NAME = re.compile(
    r"(?:un)?licen[cs]es?(?:[-_. ].*)?|copying(?:[-_. ].*)?|lizenz(?:[-_. ].*)?|.*[-_. ]licen[cs]e(?:\.(?:txt|md|rst))?"
    r"|licence[-_].*|.*ライセンス.*\.(?:txt|md)|利用規約.*\.(?:txt|md)",
    re.IGNORECASE,
)
_LICENCE_SUFFIXES = frozenset({"", ".txt", ".md", ".rst", ".markdown", ".text"})

_JSON_MARKS: tuple[tuple[re.Pattern[str], Identified], ...] = tuple(
    (re.compile(pattern), what)
    for pattern, what in (
        (r'"type"\s*:\s*"(?:FeatureCollection|Feature)"(?![\s\S]*"stac_version")', _GEOJSON),
        (r'"stac_version"\s*:', Identified("application/x-stac+json", "STAC")),
        (r'"BIDSVersion"\s*:', Identified("application/x-bids-description+json", "BIDS")),
        (r'https?://www\.w3\.org/ns/csvw', Identified("application/x-csvw+json", "CSVW")),
        (r'https?://w3id\.org/ro/crate', Identified("application/x-ro-crate+json", "RO-Crate")),
        (r'(?:w3id\.org|doi\.org)/(?:codemeta|10\.5063/schema/codemeta)', Identified("application/x-codemeta+json", "CodeMeta")),
        (r'"nbformat"\s*:', Identified("application/x-ipynb+json", "Jupyter notebook")),
    )
)  # fmt: skip
_XML_MARKS: tuple[tuple[re.Pattern[str], Identified], ...] = tuple(
    (re.compile(pattern), what)
    for pattern, what in (
        (r"https?://datacite\.org/schema/kernel", Identified("application/x-datacite+xml", "DataCite XML")),
        (r"<TEI[\s>]|https?://www\.tei-c\.org/ns", Identified("application/x-tei+xml", "TEI")),
        (r"<(?:\w+:)?eml\s[^>]*eml", Identified("application/x-eml+xml", "EML")),
        (r"<!DOCTYPE\s+article|<article[\s>]", Identified("application/x-jats+xml", "JATS")),
        (r"<kml[\s>]", Identified("application/vnd.google-earth.kml+xml", "KML")),
        (r"<(?:\w+:)?(?:CityModel|FeatureCollection|Dataset)\s[^>]*(?:opengis\.net/(?:citygml|gml)|nlftp\.mlit\.go\.jp/ksj)",
         Identified("application/gml+xml", "GML")),
        (r"<gpx[\s>]", Identified("application/gpx+xml", "GPX")),
        (r"<(?:indexedmzML|mzML)[\s>]", Identified("application/x-mzml+xml", "mzML")),
        (r"<mzXML[\s>]|<msRun[\s>]", Identified("application/x-mzxml+xml", "mzXML")),
        (r"<(?:\w+:)?M[DI]_Metadata[\s>]", Identified("application/x-iso19139+xml", "ISO 19115")),
        (r"<metadata(?:\s[^>]*)?>[^\0]{0,3000}?<idinfo[\s>]", Identified("application/x-fgdc+xml", "FGDC")),
        (r"<GranuleMetaDataFile[\s>]", Identified("application/x-ecs+xml", "ECS granule metadata")),
        (r"<(?:\w+:)?codeBook[\s>]", Identified("application/x-ddi+xml", "DDI Codebook")),
        (r"<archive\s[^>]*rs\.tdwg\.org/dwc/text", Identified("application/x-dwca+xml", "Darwin Core archive")),
        (r"<MINiML[\s>]", Identified("application/x-miniml+xml", "MINiML")),
        (r"<(?:\w+:)?mods(?:Collection)?[\s>]", Identified("application/mods+xml", "MODS")),
        (r"<(?:\w+:)?jpcoar\s|https?://(?:irdb|ju)\.nii\.ac\.jp/(?:oai/)?junii2", Identified("application/x-jpcoar+xml", "JPCOAR")),
        (r"<svg[\s>]", Identified("image/svg+xml", "SVG")),
        (r"<(?:!DOCTYPE\s+)?html[\s>]", _HTML),
        (r"<rdf:RDF\b", Identified("application/rdf+xml", "RDF/XML")),
    )
)  # fmt: skip

_ESRI_GRID = re.compile(r"ncols\s+\d+\s+nrows\s+\d+\s+[xy]ll(?:corner|cent(?:er|re))\s", re.IGNORECASE)
_WORLD_NAME = re.compile(r"\.(?:tfw|jgw|pgw|bpw|gfw|jpw|tifw|tiffw|pngw|jpgw|wld)")
_WORLD = re.compile(r"(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[ \t]*\r?(?:\n|$)\s*){6}")

# Text that goes by no name of its own is a table or prose, by what it looks like; so are these.
_OPEN_NAMES = frozenset({".csv", ".tab", ".tsv"})


def identify(path: Path, name: str) -> Identified:
    """What the file at ``path``, called ``name`` in its folder, is.

    Raises:
        OSError: it cannot be opened, or is not an ordinary file (then it was not read from).
    """
    # Should a pipe have taken the file's place since the walk, opening must not wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"not an ordinary file: {name}")
        head = os.read(descriptor, HEAD)
    finally:
        os.close(descriptor)
    return identify_bytes(head, name)


def identify_bytes(head: bytes, name: str) -> Identified:
    """What a file that starts with ``head`` and is called ``name`` is."""
    base = PurePosixPath(name).name.lower()
    suffix = PurePosixPath(base).suffix
    if not head:
        return EMPTY
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _identify_zip(head, suffix)
    if (binary := binary_mark(head, suffix)) is not None:
        return Identified(*binary)
    for offset, signature, what in _SIGNATURES:
        if head.startswith(signature, offset):
            if signature.isalnum() and _looks_like_text(head):
                continue  # a table may well begin with the letters "ID3", "PAR1" or "BM"
            return _refine(what, head, suffix, base)
    if not _looks_like_text(head) or (suffix == ".rds" and head.startswith(b"A\n")):
        return _BINARY_NAMES.get(suffix, UNKNOWN)
    return _identify_text(head, base, suffix)


def is_misnamed(name: str, what: Identified) -> bool:
    """Whether a file called like a text is none: damaged, never written to the end, or UTF-16 without its mark."""
    suffix = PurePosixPath(name.lower()).suffix
    return what == UNKNOWN and (suffix == ".txt" or suffix in _TEXT_NAMES.keys() - _ALSO_BINARY)


_ALSO_BINARY = frozenset({".pdb", ".tab", ".fa", ".m"})  # endings that binary formats use as well


def _identify_zip(head: bytes, suffix: str) -> Identified:
    if head[30:38] == b"mimetype":
        media_type = re.match(rb"[\w.+-]+/[\w.+-]+?(?=PK|$)", head[38:200])
        known = {what.media_type: what for what in _ZIPPED.values()}
        if media_type and media_type[0].decode("ascii") in known:
            return known[media_type[0].decode("ascii")]
    if suffix in _ZIPPED:
        return _ZIPPED[suffix]
    if b"[Content_Types].xml" in head:
        for part, kind in _ZIP_PARTS:
            if part in head:
                return _ZIPPED[kind]
    return Identified("application/zip", "ZIP")


def _refine(what: Identified, head: bytes, suffix: str, base: str) -> Identified:
    """Formats that share a signature: told apart by the name, or by a mark further in."""
    if what.format == "OLE2":
        return _OLE.get(suffix, what)
    if what is _HDF5 and (suffix in {".nc", ".nc4", ".cdf"} or b"_NCProperties" in head):
        return _NETCDF4
    if what.format == "GeoPackage" and not head.startswith(b"SQLite format 3"):
        return UNKNOWN
    packed = what.media_type in ("application/gzip", "application/x-bzip2", "application/x-xz")
    if packed and suffix in _BINARY_NAMES:
        return _BINARY_NAMES[suffix]  # R packs its data itself
    if what.media_type == "application/gzip":
        return _packed(head, base) or what
    return what


def _packed(head: bytes, base: str) -> Identified | None:
    """A gzipped file that its readers unpack on the way, by the first bytes inside; None for any other."""
    try:
        inside = zlib.decompressobj(31).decompress(head, HEAD)
    except zlib.error:
        return None
    if not inside or inside.startswith(b"\x1f\x8b"):
        return None
    what = identify_bytes(inside, re.sub(r"\.(?:gz|bgz|bgzf)$", "", base))
    media_type = PACKED.get(what.media_type)
    if media_type is None:
        return None
    return Identified(media_type, what.format if media_type == what.media_type else f"{what.format} (gzip)")


def _looks_like_text(head: bytes) -> bool:
    """Whether the bytes could be text in UTF-8/16/32 or a Japanese or Latin encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x00\x00\xfe\xff")):
        return True
    if b"\x00" in head:
        return False
    # ESC belongs to ISO-2022-JP; form feed and the old end-of-file mark (Ctrl-Z) stand in real text files.
    control = sum(head.count(bytes([code])) for code in range(32) if code not in b"\t\n\r\x0b\x0c\x1a\x1b")
    return control <= len(head) // 500


def _identify_text(head: bytes, base: str, suffix: str) -> Identified:
    if base in _WHOLE_NAMES:
        return _WHOLE_NAMES[base]
    if suffix in _LICENCE_SUFFIXES and _LICENCE_NAME.fullmatch(base):
        return Identified("text/x-licence", "licence")
    text = _peek(head)
    stripped = text.lstrip("\ufeff \t\r\n")
    if _ESRI_GRID.match(stripped):
        return Identified("application/x-esri-grid", "ESRI ASCII grid")
    if _WORLD_NAME.fullmatch(suffix) and _WORLD.fullmatch(stripped):
        return Identified("text/x-world-file", "world file")
    marked = _by_marks(stripped, suffix)
    if marked is not None:
        return marked
    if (named := text_mark(text.lstrip("\ufeff"), suffix)) is not None:
        return Identified(*named)
    if suffix in _OPEN_NAMES or suffix not in _TEXT_NAMES:
        return _table_or_prose(text, suffix)
    return _TEXT_NAMES.get(suffix, TEXT)


def _peek(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    return head.decode("utf-8", "replace")


def _by_marks(text: str, suffix: str) -> Identified | None:
    """Formats that name themselves near the start."""
    if text.startswith(("{", "[")) and suffix in {".json", ".jsonld", ".geojson", ".ipynb", ".txt", ""}:
        for pattern, what in _JSON_MARKS:
            if pattern.search(text):
                return what
        return None if suffix in {"", ".txt"} else _TEXT_NAMES[suffix]
    if text.startswith("<") and suffix not in {".md", ".markdown", ".rmd", ".qmd", ".csv", ".tsv"}:
        for pattern, what in _XML_MARKS:
            if pattern.search(text[:4096]):
                return what
        return _TEXT_NAMES.get(suffix, _XML if text.startswith("<?xml") else TEXT)
    if text.startswith("cff-version:"):
        return _WHOLE_NAMES["citation.cff"]
    return None


def _table_or_prose(text: str, suffix: str) -> Identified:
    if suffix == ".csv":
        return _CSV
    if suffix in {".tab", ".tsv"}:
        return _TSV
    lines = _whole_lines(text)
    if _even(lines, lambda line: line.count("\t")):
        return _TSV
    if any(_even(lines, lambda line, mark=mark: line.count(mark)) for mark in ",;|"):  # type: ignore[misc]
        return _CSV
    return _COLUMNS if _numbers_in_columns(lines) or (suffix in _WIDE and fixed_width.cuts(lines)) else TEXT


def _whole_lines(text: str) -> list[str]:
    """The first lines, but the last that may be cut, blank ones and comments."""
    lines = text.splitlines()
    if len(text) >= HEAD // 4 and lines:
        lines.pop()
    return [line for line in lines[:80] if line.strip() and not line.startswith(("#", "%", "//", "!"))]


def _even(lines: list[str], count: Callable[[str], int]) -> bool:
    """Whether nearly all lines have the same, non-zero number of separators. Two lines could be prose by chance: they need
    more of them, and none followed by a blank."""
    counts = [count(line) for line in lines]
    if len(lines) < 3:
        return len(lines) == 2 and counts[0] == counts[1] >= 2 and not re.search("[,;|] ", lines[0])
    common = max(set(counts), key=counts.count)
    return common > 0 and counts.count(common) >= 0.9 * len(counts)


def _numbers_in_columns(lines: list[str]) -> bool:
    """Whether all lines but some at the top are as many numbers, parted by blanks."""
    rows = [line.split() for line in lines]
    body = rows[len(rows) // 3 :] if len(rows) > 6 else rows[1:]
    widths = {len(row) for row in body}
    numbers = sum(1 for row in body for word in row if _NUMBER.fullmatch(word))
    return len(body) >= 3 and len(widths) == 1 and min(widths) >= 2 and numbers >= 0.7 * sum(len(row) for row in body)


_WIDE = frozenset({".txt", ".dat", ".prn", ".asc", ".fwf", ".out", ".data", ".inv", ".dly", ".lst", ""})
CHUNK = Identified("application/x-zarr-chunk", "Zarr chunk")
_CHUNK_NAME = re.compile(r"(?:c/)?\d+(?:[./]\d+)*|c")


def chunks(names: Iterable[str]) -> set[str]:
    """Which files are chunks of Zarr arrays, by their names below a folder that holds ``.zarray`` or ``zarr.json``: they are
    one array's numbers, described by that file, and need not be opened one by one."""
    every = list(names)
    arrays = {name.rpartition("/")[0] for name in every if name.rpartition("/")[2] in (".zarray", "zarr.json")}
    return {name for name in every if arrays and _is_chunk(name, arrays)}


def _is_chunk(name: str, arrays: set[str]) -> bool:
    if not name[-1:].isdigit() and not name.endswith("/c"):
        return False
    parts = name.split("/")
    for depth in range(len(parts) - 1, max(-1, len(parts) - 34), -1):
        if not _CHUNK_NAME.fullmatch("/".join(parts[depth:])) and not parts[depth].isdigit():
            return False
        if "/".join(parts[:depth]) in arrays and _CHUNK_NAME.fullmatch("/".join(parts[depth:])):
            return True
    return False

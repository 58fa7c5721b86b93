"""The formats that we know: by their first bytes, by the ends of names, by whole names, and by marks near the start of a text.

Our own table: general libraries miss the formats of science. Signatures are facts published by the formats' keepers (HDF5
File Format Specification, NetCDF User's Guide, FITS 4.0, PRONOM of The National Archives, RFC 8785 family for JSON, ...).
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identified:
    """``media_type`` decides which readers look inside; ``format`` is the short name people know it by."""

    media_type: str
    format: str


UNKNOWN = Identified("application/octet-stream", "")
EMPTY = Identified("application/x-empty", "empty")
TEXT = Identified("text/plain", "text")
CHUNK = Identified("application/x-zarr-chunk", "Zarr chunk")

HDF5 = Identified("application/x-hdf5", "HDF5")
NETCDF4 = Identified("application/x-netcdf4", "netCDF-4")

# (offset, signature, what it is); the first that matches decides.
SIGNATURES: tuple[tuple[int, bytes, Identified], ...] = (
    (0, b"%PDF-", Identified("application/pdf", "PDF")),
    (0, b"\x89HDF\r\n\x1a\n", HDF5),
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
ZIPPED = {
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
ZIP_PARTS = ((b"word/", ".docx"), (b"xl/", ".xlsx"), (b"ppt/", ".pptx"))
OLE = {
    ".xls": Identified("application/vnd.ms-excel", "XLS"),
    ".doc": Identified("application/msword", "DOC"),
    ".ppt": Identified("application/vnd.ms-powerpoint", "PPT"),
}

CSV = Identified("text/csv", "CSV")
TSV = Identified("text/tab-separated-values", "TSV")
COLUMNS = Identified("text/csv", "text table")
JSON = Identified("application/json", "JSON")
GEOJSON = Identified("application/geo+json", "GeoJSON")
XML = Identified("application/xml", "XML")
HTML = Identified("text/html", "HTML")

# Text formats by the end of the name.
TEXT_NAMES: dict[str, Identified] = {
    ".md": Identified("text/markdown", "Markdown"),
    ".markdown": Identified("text/markdown", "Markdown"),
    ".rmd": Identified("text/markdown", "R Markdown"),
    ".qmd": Identified("text/markdown", "Quarto"),
    ".rst": Identified("text/x-rst", "reStructuredText"),
    ".org": Identified("text/x-org", "Org"),
    ".tex": Identified("application/x-tex", "TeX"),
    ".bib": Identified("text/x-bibtex", "BibTeX"),
    ".ris": Identified("application/x-research-info-systems", "RIS"),
    ".html": HTML,
    ".htm": HTML,
    ".csv": CSV,
    ".tsv": TSV,
    ".tab": TSV,
    ".json": JSON,
    ".geojson": GEOJSON,
    ".jsonl": Identified("application/jsonl", "JSON Lines"),
    ".ndjson": Identified("application/jsonl", "JSON Lines"),
    ".jsonld": Identified("application/ld+json", "JSON-LD"),
    ".ttl": Identified("text/turtle", "RDF Turtle"),
    ".nt": Identified("application/n-triples", "RDF N-Triples"),
    ".trig": Identified("application/trig", "RDF TriG"),
    ".ipynb": Identified("application/x-ipynb+json", "Jupyter notebook"),
    ".xml": XML,
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
BINARY_NAMES: dict[str, Identified] = {
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

# Formats that are no text, by the end of the name: what has such a name and is a text was replaced, or never fetched. Endings that
# texts of other programs have as well (.dta of potentiostats, .pkl of old pickles) are left out.
PROMISED: dict[str, str] = {
    **{end: what.format for end, what in (ZIPPED | OLE).items()},
    **dict.fromkeys((".jpg", ".jpeg"), "JPEG"),
    **dict.fromkeys((".tif", ".tiff"), "TIFF"),
    **dict.fromkeys((".h5", ".hdf5", ".he5"), "HDF5"),
    **dict.fromkeys((".nc", ".nc4"), "netCDF"),
    **dict.fromkeys((".grb", ".grib", ".grb2", ".grib2"), "GRIB"),
    **dict.fromkeys((".arrow", ".feather"), "Arrow"),
    **dict.fromkeys((".sqlite", ".sqlite3"), "SQLite"),
    **dict.fromkeys((".mp4", ".m4v", ".m4a"), "MP4"),
    ".pdf": "PDF", ".png": "PNG", ".gif": "GIF", ".bmp": "BMP", ".webp": "WebP", ".jp2": "JPEG 2000", ".avif": "AVIF", ".heic": "HEIC",
    ".mov": "QuickTime", ".mkv": "Matroska", ".webm": "WebM", ".avi": "AVI", ".wav": "WAV", ".flac": "FLAC", ".ogg": "Ogg",
    ".zip": "ZIP", ".gz": "gzip", ".tgz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "Zstandard", ".7z": "7-Zip", ".rar": "RAR",
    ".tar": "tar", ".hdf": "HDF", ".fits": "FITS", ".parquet": "Parquet", ".avro": "Avro", ".gpkg": "GeoPackage", ".npy": "NumPy",
    ".shp": "Shapefile", ".dbf": "dBase", ".mat": "MATLAB", ".sas7bdat": "SAS", ".mp3": "MP3", ".dcm": "DICOM", ".nii": "NIfTI", ".bam": "BAM", ".gpx": "GPX",
}  # fmt: skip

# Files that speak about the others, by their whole name (in lower case).
WHOLE_NAMES: dict[str, Identified] = {
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
JSON_MARKS: tuple[tuple[re.Pattern[str], Identified], ...] = tuple(
    (re.compile(pattern), what)
    for pattern, what in (
        (r'"type"\s*:\s*"(?:FeatureCollection|Feature)"(?![\s\S]*"stac_version")', GEOJSON),
        (r'"stac_version"\s*:', Identified("application/x-stac+json", "STAC")),
        (r'"BIDSVersion"\s*:', Identified("application/x-bids-description+json", "BIDS")),
        (r'https?://www\.w3\.org/ns/csvw', Identified("application/x-csvw+json", "CSVW")),
        (r'https?://w3id\.org/ro/crate', Identified("application/x-ro-crate+json", "RO-Crate")),
        (r'(?:w3id\.org|doi\.org)/(?:codemeta|10\.5063/schema/codemeta)', Identified("application/x-codemeta+json", "CodeMeta")),
        (r'"nbformat"\s*:', Identified("application/x-ipynb+json", "Jupyter notebook")),
    )
)  # fmt: skip
XML_MARKS: tuple[tuple[re.Pattern[str], Identified], ...] = tuple(
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
        (r"<(?:!DOCTYPE\s+)?html[\s>]", HTML),
        (r"<rdf:RDF\b", Identified("application/rdf+xml", "RDF/XML")),
    )
)  # fmt: skip

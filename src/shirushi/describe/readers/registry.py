"""Which reader reads what, and how one file is read inside a worker.

Several readers may share a media type; each adds its own evidence. Third parties add readers with an entry point of the
group ``shirushi.readers`` that names a function marked with :func:`~shirushi.describe.readers.base.reads`.
"""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from shirushi.describe.evidence import JSON, Evidence, to_json
from shirushi.describe.plugins import READERS as READERS_OF_OTHERS
from shirushi.describe.plugins import brought
from shirushi.describe.readers.base import Digest, File, Unreadable
from shirushi.describe.readers.hiding import hide_secrets
from shirushi.describe.readers.screening import screened

MOST_EVIDENCE = 5_000
_HERE = "shirushi.describe.readers."

READERS: tuple[tuple[str, str], ...] = (
    # first, so that what must not be missed is not what a limit leaves out
    ("text/*", _HERE + "sensitive_text:read_sensitive_text"),
    ("application/json", _HERE + "sensitive_text:read_sensitive_text"),
    ("application/jsonl", _HERE + "sensitive_text:read_sensitive_text"),
    ("application/ld+json", _HERE + "sensitive_text:read_sensitive_text"),
    ("application/yaml", _HERE + "sensitive_text:read_sensitive_text"),
    ("application/toml", _HERE + "sensitive_text:read_sensitive_text"),
    ("application/xml", _HERE + "sensitive_text:read_sensitive_text"),
    ("application/sql", _HERE + "sensitive_text:read_sensitive_text"),
    ("application/x-tex", _HERE + "sensitive_text:read_sensitive_text"),
    ("application/x-ipynb+json", _HERE + "sensitive_text:read_sensitive_text"),
    ("image/jpeg", _HERE + "sensitive_text:read_photograph"),
    ("image/tiff", _HERE + "sensitive_text:read_photograph"),
    ("image/png", _HERE + "sensitive_text:read_photograph"),
    ("image/webp", _HERE + "sensitive_text:read_photograph"),
    ("text/csv", _HERE + "tabular:read_table"),
    ("text/tab-separated-values", _HERE + "tabular:read_table"),
    ("text/csv", _HERE + "codebook:read_codebook"),
    ("text/tab-separated-values", _HERE + "codebook:read_codebook"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _HERE + "spreadsheet:read_spreadsheet"),
    ("application/vnd.ms-excel.sheet.macroEnabled.12", _HERE + "spreadsheet:read_spreadsheet"),
    ("application/vnd.ms-excel", _HERE + "spreadsheet:read_spreadsheet"),
    ("application/vnd.oasis.opendocument.spreadsheet", _HERE + "spreadsheet:read_spreadsheet"),
    ("application/json", _HERE + "json_files:read_json"),
    ("application/json", _HERE + "codebook:read_sidecar"),
    ("application/ld+json", _HERE + "json_files:read_json"),
    ("application/jsonl", _HERE + "json_files:read_json_lines"),
    ("application/geo+json", _HERE + "json_files:read_geojson"),
    ("application/zip", _HERE + "archives:read_zip"),
    ("application/x-tar", _HERE + "archives:read_tar"),
    ("application/gzip", _HERE + "tabular:read_compressed_table"),
    ("application/x-bzip2", _HERE + "tabular:read_compressed_table"),
    ("application/x-xz", _HERE + "tabular:read_compressed_table"),
    ("application/gzip", _HERE + "archives:read_compressed"),
    ("application/x-bzip2", _HERE + "archives:read_compressed"),
    ("application/x-xz", _HERE + "archives:read_compressed"),
    ("application/json", _HERE + "manifests:read_manifest"),
    ("application/yaml", _HERE + "manifests:read_manifest"),
    ("application/toml", _HERE + "manifests:read_manifest"),
    ("text/x-bibtex", _HERE + "bibtex:read_bibtex"),
    ("text/markdown", _HERE + "markdown:read_markdown"),
    ("text/plain", _HERE + "plain:read_plain"),
    ("text/x-rst", _HERE + "plain:read_plain"),
    ("application/x-tex", _HERE + "plain:read_tex"),
    ("text/html", _HERE + "plain:read_html"),
    ("application/x-git-authors", _HERE + "history:read_authors"),
    ("text/x-licence", _HERE + "licences:read_licence"),
    ("text/x-licence", _HERE + "plain:read_copyright"),
    ("text/plain", _HERE + "licences:read_licence"),
    ("text/markdown", _HERE + "licences:read_licence"),
    ("text/x-rst", _HERE + "licences:read_licence"),
    ("application/x-netcdf", _HERE + "netcdf3:read_netcdf"),
    ("application/x-netcdf4", _HERE + "hdf:read_hdf"),
    ("application/x-hdf5", _HERE + "hdf:read_hdf"),
    ("application/fits", _HERE + "fits:read_fits"),
    ("application/fits+gzip", _HERE + "fits:read_fits"),
    ("application/gml+xml", _HERE + "gml:read_gml"),
    ("application/x-esri-grid", _HERE + "rasters:read_ascii_grid"),
    ("text/x-world-file", _HERE + "rasters:read_world_file"),
    ("application/zip", _HERE + "zarr:read_zip"),
    ("application/zip", _HERE + "inside:read_zip"),
    ("application/x-tar", _HERE + "inside:read_tar"),
    ("application/gzip", _HERE + "inside:read_tar"),
    ("application/x-bzip2", _HERE + "inside:read_tar"),
    ("application/x-xz", _HERE + "inside:read_tar"),
    ("application/x-zarr+json", _HERE + "zarr:read_zarr"),
    ("application/vnd.sqlite3", _HERE + "databases:read_sqlite"),
    ("application/geopackage+sqlite3", _HERE + "databases:read_sqlite"),
    ("application/vnd.apache.parquet", _HERE + "parquet:read_parquet"),
    ("application/x-npy", _HERE + "numpy_files:read_npy"),
    ("application/x-npz", _HERE + "numpy_files:read_npz"),
    ("application/x-matlab-data-4", _HERE + "matlab4:read_matlab4"),
    ("application/x-matlab-data", _HERE + "matlab:read_matlab"),
    ("application/x-rds", _HERE + "r_data:read_r"),
    ("application/x-rdata", _HERE + "r_data:read_r"),
    ("application/vnd.apache.arrow.file", _HERE + "arrow:read_arrow"),
    ("application/avro", _HERE + "avro:read_avro"),
    ("application/x-stata-dta", _HERE + "statistics:read_statistics"),
    ("application/x-spss-sav", _HERE + "statistics:read_statistics"),
    ("application/x-spss-por", _HERE + "statistics:read_statistics"),
    ("application/x-sas-data", _HERE + "statistics:read_statistics"),
    ("application/x-sas-xport", _HERE + "statistics:read_statistics"),
    ("application/vnd.google-earth.kml+xml", _HERE + "maps:read_kml"),
    ("application/vnd.google-earth.kmz", _HERE + "maps:read_kmz"),
    ("application/gpx+xml", _HERE + "maps:read_gpx"),
    ("application/vnd.shp", _HERE + "maps:read_shp"),
    ("text/x-wkt", _HERE + "maps:read_prj"),
    ("application/dbf", _HERE + "maps:read_dbf"),
    ("image/tiff", _HERE + "geotiff:read_geotiff"),
    ("image/png", _HERE + "images:read_image"),
    ("image/jpeg", _HERE + "images:read_image"),
    ("image/tiff", _HERE + "images:read_image"),
    ("image/gif", _HERE + "images:read_image"),
    ("image/webp", _HERE + "images:read_image"),
    ("image/bmp", _HERE + "images:read_image"),
    ("image/jp2", _HERE + "images:read_image"),
    ("image/avif", _HERE + "images:read_image"),
    ("application/pdf", _HERE + "pdf:read_pdf"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _HERE + "office:read_office"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", _HERE + "office:read_office"),
    ("application/vnd.oasis.opendocument.text", _HERE + "office:read_office"),
    ("application/vnd.oasis.opendocument.presentation", _HERE + "office:read_office"),
    ("application/x-citation-cff", _HERE + "metadata_citation:read_cff"),
    ("application/x-zenodo+json", _HERE + "metadata_citation:read_zenodo"),
    ("application/yaml", _HERE + "metadata_citation:read_gin"),
    *(
        (t, _HERE + "metadata_rdf:read_rdf")
        for t in ("text/turtle", "application/n-triples", "application/trig", "application/rdf+xml")
    ),
    ("application/x-codemeta+json", _HERE + "metadata_linked:read_linked"),
    ("application/x-ro-crate+json", _HERE + "metadata_linked:read_linked"),
    ("application/json", _HERE + "metadata_linked:read_json_ld"),
    ("application/ld+json", _HERE + "metadata_linked:read_json_ld"),
    ("text/html", _HERE + "metadata_linked:read_html_metadata"),
    ("application/x-datapackage+json", _HERE + "metadata_tables:read_datapackage"),
    ("application/x-csvw+json", _HERE + "metadata_tables:read_csvw"),
    ("application/x-bids-description+json", _HERE + "metadata_tables:read_bids"),
    ("application/x-stac+json", _HERE + "metadata_tables:read_stac"),
    ("application/x-datacite+xml", _HERE + "metadata_xml:read_datacite_xml"),
    ("application/x-eml+xml", _HERE + "metadata_xml:read_eml"),
    ("application/xml", _HERE + "metadata_xml:read_dublin_core"),
    ("application/x-iso19139+xml", _HERE + "metadata_geographic:read_iso"),
    ("application/x-fgdc+xml", _HERE + "metadata_geographic:read_fgdc"),
    ("application/x-ecs+xml", _HERE + "metadata_geographic:read_granule"),
    ("application/x-ddi+xml", _HERE + "metadata_studies:read_ddi"),
    ("application/x-dwca+xml", _HERE + "metadata_studies:read_darwin_core"),
    ("application/x-miniml+xml", _HERE + "metadata_studies:read_miniml"),
    ("application/mods+xml", _HERE + "metadata_libraries:read_mods"),
    ("application/x-jpcoar+xml", _HERE + "metadata_libraries:read_jpcoar"),
    ("application/json", _HERE + "metadata_repositories:read_repository"),
    ("text/x-isa-tab", _HERE + "metadata_experiments:read_isa"),
    ("text/x-geo-soft", _HERE + "metadata_experiments:read_soft"),
    ("text/x-ecs-odl", _HERE + "metadata_experiments:read_met"),
    ("application/x-tei+xml", _HERE + "metadata_texts:read_tei"),
    ("application/x-jats+xml", _HERE + "metadata_texts:read_jats"),
    ("text/x-python", _HERE + "scripts:read_script"),
    ("text/x-r", _HERE + "scripts:read_script"),
    ("text/x-julia", _HERE + "scripts:read_script"),
    ("text/x-matlab", _HERE + "scripts:read_script"),
    ("text/x-shellscript", _HERE + "scripts:read_script"),
    ("text/x-stata", _HERE + "scripts:read_script"),
    ("text/x-spss", _HERE + "scripts:read_script"),
    ("text/markdown", _HERE + "scripts:read_chunks"),
    ("text/plain", _HERE + "lock_files:read_requirements"),
    ("application/json", _HERE + "lock_files:read_lock"),
    ("application/yaml", _HERE + "lock_files:read_lock"),
    ("application/toml", _HERE + "lock_files:read_lock"),
    ("application/x-ipynb+json", _HERE + "scripts:read_notebook"),
    ("application/rtf", _HERE + "texts:read_rtf"),
    ("application/epub+zip", _HERE + "texts:read_epub"),
    ("application/octet-stream", _HERE + "strings:read_strings"),
    # life, matter, medicine, media
    ("text/x-fasta", _HERE + "sequences:read_fasta"),
    ("application/x-fasta+gzip", _HERE + "sequences:read_fasta"),
    ("text/x-fastq", _HERE + "sequences:read_fastq"),
    ("application/x-fastq+gzip", _HERE + "sequences:read_fastq"),
    ("text/x-vcf", _HERE + "variants:read_vcf"),
    ("application/x-vcf+gzip", _HERE + "variants:read_vcf"),
    ("text/x-sam", _HERE + "alignments:read_alignments"),
    ("application/x-sam+gzip", _HERE + "alignments:read_alignments"),
    ("application/x-bam", _HERE + "alignments:read_alignments"),
    ("text/x-gff", _HERE + "features:read_features"),
    ("application/x-gff+gzip", _HERE + "features:read_features"),
    ("text/x-bed", _HERE + "features:read_features"),
    ("application/x-bed+gzip", _HERE + "features:read_features"),
    ("chemical/seq-na-genbank", _HERE + "flat_files:read_flat_file"),
    ("application/x-genbank+gzip", _HERE + "flat_files:read_flat_file"),
    ("chemical/seq-na-embl", _HERE + "flat_files:read_flat_file"),
    ("application/x-embl+gzip", _HERE + "flat_files:read_flat_file"),
    ("text/x-newick", _HERE + "trees:read_trees"),
    ("application/x-newick+gzip", _HERE + "trees:read_trees"),
    ("text/x-nexus", _HERE + "trees:read_trees"),
    ("application/x-nexus+gzip", _HERE + "trees:read_trees"),
    ("chemical/x-cif", _HERE + "crystals:read_cif"),
    ("application/x-cif+gzip", _HERE + "crystals:read_cif"),
    ("chemical/x-mmcif", _HERE + "crystals:read_cif"),
    ("application/x-mmcif+gzip", _HERE + "crystals:read_cif"),
    ("chemical/x-nmr-star", _HERE + "nmr_star:read_nmr_star"),
    ("application/x-nmr-star+gzip", _HERE + "nmr_star:read_nmr_star"),
    ("chemical/x-pdb", _HERE + "structures:read_pdb"),
    ("application/x-pdb+gzip", _HERE + "structures:read_pdb"),
    ("chemical/x-xyz", _HERE + "structures:read_xyz"),
    ("application/x-xyz+gzip", _HERE + "structures:read_xyz"),
    ("chemical/x-mdl-sdfile", _HERE + "structures:read_sdf"),
    ("application/x-sdf+gzip", _HERE + "structures:read_sdf"),
    ("chemical/x-vasp-poscar", _HERE + "structures:read_poscar"),
    ("application/x-mzml+xml", _HERE + "mass_spectra:read_mass_spectra"),
    ("application/x-mzml+gzip", _HERE + "mass_spectra:read_mass_spectra"),
    ("application/x-mzxml+xml", _HERE + "mass_spectra:read_mass_spectra"),
    ("application/x-mzxml+gzip", _HERE + "mass_spectra:read_mass_spectra"),
    ("chemical/x-jcamp-dx", _HERE + "spectra:read_jcamp"),
    ("application/x-jcamp+gzip", _HERE + "spectra:read_jcamp"),
    ("text/x-bruker-parameters", _HERE + "spectra:read_bruker"),
    ("application/x-nifti", _HERE + "nifti:read_nifti"),
    ("application/x-nifti+gzip", _HERE + "nifti:read_nifti"),
    ("application/x-edf", _HERE + "physiology:read_edf"),
    ("application/x-bdf", _HERE + "physiology:read_edf"),
    ("text/x-brainvision", _HERE + "physiology:read_brainvision"),
    ("application/dicom", _HERE + "dicom:read_dicom"),
    ("image/tiff", _HERE + "ome_tiff:read_ome"),
    ("audio/wav", _HERE + "audio:read_wav"),
    ("audio/flac", _HERE + "audio:read_flac"),
    ("audio/ogg", _HERE + "audio:read_ogg"),
    ("audio/mpeg", _HERE + "audio:read_mp3"),
    ("video/mp4", _HERE + "video:read_mp4"),
    ("video/quicktime", _HERE + "video:read_mp4"),
    ("audio/mp4", _HERE + "video:read_mp4"),
    ("video/x-matroska", _HERE + "video:read_matroska"),
    ("video/x-msvideo", _HERE + "video:read_avi"),
    ("application/json", _HERE + "bids:read_imaging_sidecar"),
    ("text/plain", _HERE + "instruments:read_instrument"),
    ("text/csv", _HERE + "instruments:read_instrument"),
    ("text/tab-separated-values", _HERE + "instruments:read_instrument"),
    ("application/json", _HERE + "instruments:read_instrument"),
    ("application/xml", _HERE + "instruments:read_instrument"),
    ("application/zip", _HERE + "instruments:read_instrument"),
    ("application/x-ole-storage", _HERE + "instruments:read_instrument"),
    ("application/vnd.ms-excel", _HERE + "instruments:read_instrument"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _HERE + "instruments:read_instrument"),
)


@cache
def readers_for(media_type: str) -> tuple[str, ...]:
    """The readers (``module:function``) of a media type. ``image/*`` in the table stands for every image."""
    family = media_type.split("/", 1)[0] + "/*"
    own = tuple(reader for kind, reader in READERS if kind in (media_type, family))
    return own + tuple(reader for kind, reader in _foreign() if kind in (media_type, family))


@cache
def _foreign() -> tuple[tuple[str, str], ...]:
    """Readers that other packages bring."""
    return tuple((kind, where) for where, reader in brought(READERS_OF_OTHERS).found for kind in reader.media_types)


def read(
    path: str,
    name: str,
    size: int,
    media_type: str,
    format: str,  # noqa: A002 - as in File
    most: int = MOST_EVIDENCE,
    *,
    digest: bool = False,
) -> dict[str, JSON]:
    """Read one file with every reader of its media type; called in a worker by the pipeline.

    ``most`` facts are kept. With ``digest`` the SHA-256 is taken too, by the reader that passes over the whole file.

    Returns ``{"evidence": [...], "problems": [{code, message}], "changed": bool, "sha256": str or None}``, all plain JSON.
    A reader that fails costs what it had yet to say; what it and the others saw is kept.
    """
    file = File(Path(path), name, size, media_type, format, Digest() if digest else None)
    before = file.path.stat()
    found: list[JSON] = []
    problems: list[dict[str, str]] = []
    for reader in readers_for(media_type):
        _gather(reader, lambda function: function(file), found, problems, most)
    sha256 = file.digest.take(file) if file.digest else None
    after = file.path.stat()
    changed = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or before.st_size != size
    return {"evidence": screened(found, name), "problems": problems, "changed": changed, "sha256": sha256}


def read_history(folder: str) -> dict[str, JSON]:
    """Read the Git history of the folder that holds ``.git``; called in a worker by the pipeline. Returns as :func:`read`."""
    found: list[JSON] = []
    problems: list[dict[str, str]] = []
    _gather(_HERE + "history:read_git", lambda function: function(Path(folder)), found, problems)
    return {"evidence": hide_secrets(found), "problems": problems, "changed": False}


Read = Callable[..., Iterator[Evidence]]


def _gather(
    reader: str,
    call: Callable[[Read], Iterator[Evidence]],
    found: list[JSON],
    problems: list[dict[str, str]],
    most: int = MOST_EVIDENCE,
) -> None:
    """Add what one reader sees to ``found``, and what went wrong to ``problems``."""
    try:
        module, _, function = reader.partition(":")
        for evidence in call(getattr(import_module(module), function)):
            if evidence.kind == "problem":
                problems.append({"code": evidence.value["code"], "message": evidence.value["message"]})
            elif len(found) < most:
                found.append(to_json(evidence))
            else:
                problems.append({"code": "too-much-evidence", "message": f"the first {most:,} facts were kept"})
                return
    except Unreadable as error:
        problems.append({"code": error.code, "message": error.message})
    except ImportError as error:
        problems.append({"code": "reader-missing", "message": str(error)})
    except PermissionError as error:
        problems.append({"code": "unreadable", "message": str(error)})
    except RecursionError:
        problems.append({"code": "too-deep", "message": ""})
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a library raises on strange bytes is this file's problem
        problems.append({"code": "reader-error", "message": f"{type(error).__name__}: {error}"[:500]})

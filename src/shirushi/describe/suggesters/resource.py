"""What kind of thing it is, its version, its publisher and its other identifiers."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from shirushi.describe.evidence import Candidate, Evidence
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import attributes, front_weight, pairs, stated_by, statements

_CODE = frozenset(
    [
        ".py",
        ".r",
        ".jl",
        ".m",
        ".c",
        ".cpp",
        ".h",
        ".java",
        ".js",
        ".ts",
        ".rb",
        ".go",
        ".rs",
        ".f90",
        ".ipynb",
        ".rmd",
        ".sh",
        ".php",
        ".cs",
        ".scala",
        ".lua",
    ]
)
_DATA = frozenset(
    [
        ".csv",
        ".tsv",
        ".xlsx",
        ".xls",
        ".ods",
        ".parquet",
        ".nc",
        ".h5",
        ".hdf5",
        ".json",
        ".jsonl",
        ".geojson",
        ".zip",
        ".gz",
        ".mat",
        ".npy",
        ".dta",
        ".sav",
        ".rds",
        ".rda",
        ".fits",
        ".tif",
        ".tiff",
        ".shp",
        ".dat",
        ".txt",
        ".xml",
        ".db",
        ".sqlite",
        ".las",
        ".bam",
        ".vcf",
        ".fasta",
        ".fa",
        ".fastq",
        ".edf",
        ".nii",
        ".cif",
        ".mseed",
        ".dcm",
        ".bdf",
        ".pdb",
        ".ent",
        ".xyz",
        ".sdf",
        ".mzml",
        ".mzxml",
        ".jdx",
        ".dx",
        ".gff",
        ".gff3",
        ".gtf",
        ".bed",
        ".sam",
        ".cram",
        ".fq",
        ".fna",
        ".faa",
        ".gb",
        ".gbk",
        ".embl",
        ".nwk",
        ".tre",
        ".nex",
        ".wav",
        ".flac",
    ]
)
_PACKAGING = re.compile(
    r"^(?:setup\.(?:py|cfg)|pyproject\.toml|package\.json|project\.toml|cargo\.toml|description|makefile|cmakelists\.txt|pom\.xml|composer\.json|gemfile|"
    r"go\.mod|dockerfile|requirements.*\.txt|environment\.ya?ml|tox\.ini|docker-compose.*|mkdocs\.ya?ml|\.pre-commit-config\.yaml|manifest\.in|build\.gradle|"
    r"poetry\.lock|package-lock\.json|renovate\.json|namespace|codecov\.yml|\.readthedocs\.ya?ml|conf\.py)$",
    re.IGNORECASE,
)
_PAPER = re.compile(
    r"\b(?:abstract|introduction|references|acknowledge?ments|conclusions?|discussion|methods)\b", re.IGNORECASE
)


@suggests("resource_type")
def resource_type(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Dataset, software, article or another type by what files there are."""
    for item in seen.stated("resource_type"):
        yield Candidate("/resource_type", item.value["value"], (item,), stated_by("resource_type", item))
    files = seen.of("file")
    if not files:
        return
    names = [PurePosixPath(e.value["path"]) for e in files]
    shares = Counter(_family(path) for path in names)
    packaging = [
        e for e, path in zip(files, names, strict=True) if _PACKAGING.match(path.name) and len(path.parts) <= 2
    ]
    tables = seen.of("table", "array", "image")
    features = {
        "data_share": shares["data"] / len(files),
        "code_share": shares["code"] / len(files),
        "document_share": shares["document"] / len(files),
        "packaging": min(len(packaging), 4) / 4,
        "tables": float(bool(tables)),
        "few": float(len([p for p in names if not p.name.startswith(".")]) <= 2),
        "words_software": _words(
            seen, r"\b(?:package|library|software|toolkit|framework|tool|api|command[- ]line|install|plugin|app)\b"
        ),
        "words_data": _words(
            seen,
            r"\b(?:data ?sets?|database|corpus|records|observations|measurements|survey|annotations)\b|データセット|データ",
        ),
    }
    paper = _article(seen)
    best = list(files[:1])
    proof = packaging or [e for e, p in zip(files, names, strict=True) if _family(p) == "code"] or best
    data = tables or [e for e, p in zip(files, names, strict=True) if _family(p) == "data"] or best
    yield Candidate(
        "/resource_type",
        {"general": "Dataset"},
        tuple(data[:5]),
        "resource_type.dataset",
        0.6,
        {**features, "article": float(bool(paper))},
    )
    if packaging or shares["code"] or features["words_software"] > 0:
        yield Candidate(
            "/resource_type",
            {"general": "Software"},
            tuple(proof[:5]),
            "resource_type.software",
            0.5,
            {**features, "article": float(bool(paper))},
        )
    if paper:
        yield Candidate(
            "/resource_type",
            {"general": "JournalArticle"},
            tuple(paper[:5]),
            "resource_type.article",
            0.4,
            {**features, "article": 1.0},
        )


def _family(path: PurePosixPath) -> str:
    suffix = path.suffix.lower()
    if path.name.startswith((".git", "README", "LICENSE")):
        return "other"
    if suffix in _CODE:
        return "code"
    if suffix in (".pdf", ".docx", ".tex", ".odt"):
        return "document"
    return "data" if suffix in _DATA else "other"


def _words(seen: EvidenceSet, pattern: str) -> float:
    """How often words of one kind stand in the front texts, as a share of 10."""
    compiled = re.compile(pattern, re.IGNORECASE)
    text = [e for e in seen.of("paragraph", "heading") if front_weight(e.place.file) >= 0.5][:30]
    return min(sum(len(compiled.findall(e.value["text"])) for e in text), 10) / 10


def _article(seen: EvidenceSet) -> list[Evidence]:
    """A document that has the parts of a paper, in a folder that holds little else."""
    others = [e for e in seen.of("file") if not e.value["path"].rsplit("/", 1)[-1].startswith(".")]
    pages = [e for e in seen.of("page-text") if _PAPER.search(e.value["text"])]
    xml = [e for e in seen.of("file") if e.value["media_type"] == "application/x-jats+xml"]
    tex = [e for e in seen.of("file") if e.value["media_type"] == "application/x-tex"]
    found = pages or xml or tex
    return found if found and len(others) <= 4 else []


@suggests("version")
def version(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """A version stated by label or attribute."""
    for item in seen.stated("version"):
        yield Candidate(
            "/version", item.value["value"], (item,), stated_by("version", item), front_weight(item.place.file)
        )
    labelled = [
        *pairs(
            seen,
            "version",
            "dataset version",
            "data version",
            "current version",
            "バージョン",
            "版",
            "データバージョン",
        )
    ]
    for item, text in (*labelled, *attributes(seen, "version", "product version", "dataset version", "id version")):
        match = re.match(
            r"(?:v(?:ersion)?\.?\s*)?(\d+(?:\.\d+){0,3}(?:[\-.]?(?:rc|alpha|beta|dev)\.?\d*)?)(?=$|[\s,;(（])",
            text,
            re.IGNORECASE,
        )
        if match:
            yield Candidate("/version", match[1], (item,), "version.labelled", front_weight(item.place.file))


@suggests("publisher")
def publisher(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """A publisher stated by label or attribute."""
    for item in seen.stated("publisher"):
        yield Candidate(
            "/publisher", item.value["value"], (item,), stated_by("publisher", item), front_weight(item.place.file)
        )
    labelled = [
        *pairs(
            seen,
            "publisher",
            "published by",
            "distributor",
            "公開者",
            "出版者",
            "発行者",
            "公開機関",
            "発行",
            "提供機関",
            "提供元",
        )
    ]
    for item, text in (*labelled, *attributes(seen, "publisher", "publisher name", "institution", "dc.publisher")):
        if 2 <= len(text) <= 200 and not re.search(r"https?:", text):
            method = "publisher.attribute" if item.kind != "key-value" else "publisher.key-value"
            yield Candidate("/publisher", {"name": text}, (item,), method, front_weight(item.place.file))


@suggests("alternate_identifiers")
def alternate_identifiers(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Accession numbers that a metadata file states."""
    for item in statements(seen, "alternate_identifiers"):
        yield Candidate(
            "/alternate_identifiers/-", item.value["value"], (item,), stated_by("alternate_identifiers", item)
        )


@suggests("publication_date")
def publication_date(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Only where a metadata file states it."""
    for item in seen.stated("publication_date"):
        yield Candidate("/publication_date", item.value["value"], (item,), stated_by("publication_date", item))

"""What kind of thing a folder is: data, software or an article, by its files, its badges and the words of its texts."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from shirushi.describe.evidence import Candidate, Evidence
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import FRONT, front_weight, fronts, sentences, stated_by
from shirushi.describe.text import fold

TARGET = "/resource_type"
MOST_PROOF = 5
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
        ".do",
        ".sps",
        ".qmd",
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
        ".feather",
        ".arrow",
        ".avro",
        ".gpkg",
        ".kml",
        ".zarr",
        ".xsd",
    ]
)
_DOCUMENT = frozenset((".pdf", ".docx", ".tex", ".odt"))
_PACKAGING = re.compile(
    r"^(?:setup\.(?:py|cfg)|pyproject\.toml|package\.json|project\.toml|cargo\.toml|description|makefile|cmakelists\.txt|pom\.xml|composer\.json|gemfile|"
    r"go\.mod|dockerfile|requirements.*\.txt|environment\.ya?ml|tox\.ini|(?:docker-)?compose.*\.ya?ml|mkdocs\.ya?ml|\.pre-commit-config\.yaml|manifest\.in|"
    r"build\.gradle|gradle\.properties|poetry\.(?:lock|toml)|package-lock\.json|renovate\.json|namespace|codecov\.yml|\.readthedocs\.ya?ml|conf\.py|"
    r"pytest\.ini|ruff\.toml|cran-comments\.md|_pkgdown\.yml)$",
    re.IGNORECASE,
)
_DEVELOPED = re.compile(
    r"(?:^|/)(?:tests?|src|docs?/(?:src|source|api)|examples|paper)/|(?:^|/)(?:security|changelog|news)\.\w+$",
    re.IGNORECASE,
)
# Badges of programs: builds, coverage, documentation, versions in a registry of packages, journals of software
_BUILT = re.compile(
    r"travis|circleci|appveyor|/actions/|/workflows?/|codecov|coverall|codacy|codeclimate|scrutinizer|pypi|anaconda|conda|cran|npm|maven|docker|"
    r"readthedocs|docs-(?:stable|dev|latest)|joss\.|jose\.|bestpractices|code.?style|pre-commit|github/v/(?:tag|release)|github/release",
    re.IGNORECASE,
)
_USE = re.compile(
    r"^(?:\W*\d*\W*)(?:install\w*|requirements|usage|(?:quick ?|getting )start\w*|api(?: reference)?|features|build\w*|compil\w*|deploy\w*|development|"
    r"developers?.*|tests?|testing|running.*|docker|configuration|how to use|basic use|tutorials?|インストール.*|使い方|セットアップ|機能)\W*$",
    re.IGNORECASE,
)
_SOFTWARE_WORDS = re.compile(
    r"\b(?:packages?|librar(?:y|ies)|software|toolkit|toolbox|frameworks?|tools?|api|command[- ]line|install(?:ation)?|plugin|app(?:lication)?|modules?|"
    r"server|open[- ]source|solvers?|parser|notebooks?)\b|ソフトウェア|ライブラリ|ツール|パッケージ",
    re.IGNORECASE,
)
_DATA_WORDS = re.compile(
    r"\b(?:data ?sets?|databases?|corpora|corpus|records|observations|measurements|surveys?|annotations?|samples|tables?)\b|データ|コーパス",
    re.IGNORECASE,
)
_IS_SOFTWARE = re.compile(
    r"\b(?:is|provides|was)\b.{0,80}?\b(?:package|library|software|toolkit|toolbox|framework|tool|application|server|plugin|program|solver|parser|wrapper|"
    r"client|interface|system|platform|app)\b",
    re.IGNORECASE,
)
_IS_DATA = re.compile(
    r"\b(?:data ?sets?|databases?|corpus|data(?: package)?|collection|table|list)\b|データ|コーパス|一覧", re.IGNORECASE
)
_PAPER = re.compile(
    r"\b(?:abstract|introduction|references|acknowledge?ments|conclusions?|discussion|methods)\b", re.IGNORECASE
)


@suggests("resource_type", version="2")
def resource_type(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Dataset, software, article or another type. What speaks for one kind speaks against the others, so each kind has weights
    of its own: a feature is named after the kind that it is about."""
    for item in seen.stated("resource_type"):
        yield Candidate(TARGET, item.value["value"], (item,), stated_by("resource_type", item))
    files = seen.of("file")
    if not files:
        return
    paths = [PurePosixPath(e.value["path"]) for e in files]
    families = [_family(path) for path in paths]
    packaging = [e for e, p in zip(files, paths, strict=True) if _PACKAGING.match(p.name) and len(p.parts) <= 2]
    badges = [e for e in seen.of("badge") if _BUILT.search(f"{e.value.get('url')} {e.value.get('image')}")]
    uses = [e for e in seen.of("heading") if front_weight(e.place.file) >= FRONT and _USE.match(e.value["text"])]
    paper = _article(seen)
    features = {
        **_shares(families),
        "article": float(bool(paper)),
        "packaging": min(len(packaging), 3) / 3,
        "built": min(len(badges), 3) / 3,
        "uses": min(len(uses), 3) / 3,
        "developed": min(sum(bool(_DEVELOPED.search(str(path))) for path in paths), 3) / 3,
        "tables": float(bool(seen.of("table", "array", "image"))),
        "few": float(len([p for p in paths if not p.name.startswith(".")]) <= 2),
        **_words(seen),
    }
    code = [e for e, family in zip(files, families, strict=True) if family == "code"]
    data = seen.of("table", "array", "image") or [e for e, f in zip(files, families, strict=True) if f == "data"]
    yield _candidate("Dataset", data or files[:1], 0.6, features)
    if packaging or code or badges or features["words_software"]:
        yield _candidate("Software", [*packaging, *badges, *uses, *code] or files[:1], 0.5, features)
    if paper:
        yield _candidate("JournalArticle", paper, 0.4, features)


def _candidate(kind: str, proof: list[Evidence], score: float, features: Mapping[str, float]) -> Candidate:
    name = {"JournalArticle": "article"}.get(kind, kind.lower())
    own = {f"{name}_{key}": value for key, value in features.items()}
    return Candidate(TARGET, {"general": kind}, tuple(proof[:MOST_PROOF]), f"resource_type.{name}", score, own)


def _family(path: PurePosixPath) -> str:
    suffix = path.suffix.lower()
    if path.name.startswith((".git", "README", "LICENSE")):
        return "other"
    if suffix in _CODE:
        return "code"
    if suffix in _DOCUMENT:
        return "document"
    return "data" if suffix in _DATA else "other"


def _shares(families: list[str]) -> dict[str, float]:
    count = Counter(families)
    return {f"{name}_share": count[name] / len(families) for name in ("data", "code", "document")}


def _words(seen: EvidenceSet) -> dict[str, float]:
    """What the front texts talk of, and what their first sentence says that it is."""
    text = [e for e in seen.of("paragraph", "heading") if front_weight(e.place.file) >= FRONT][:30]
    software, data = (_count(p, (e.value["text"] for e in text)) for p in (_SOFTWARE_WORDS, _DATA_WORDS))
    first, title = "", ""
    for file, _ in fronts(seen)[:1]:
        own = seen.in_file(file)
        first = next((s for e in own if e.kind == "paragraph" for s in sentences(e.value["text"])[:1]), "")
        title = next((fold(e.value["text"]) for e in own if e.kind == "heading"), "")
    return {
        "words_software": min(software, 10) / 10,
        "words_data": min(data, 10) / 10,
        "talks_of_software": software / (software + data) if software + data else 0.5,
        "is_software": float(_IS_SOFTWARE.search(first) is not None),
        "is_data": float(_IS_DATA.search(first) is not None),
        "named_data": float(_IS_DATA.search(title) is not None),
    }


def _count(pattern: re.Pattern[str], texts: Iterable[str]) -> int:
    return sum(len(pattern.findall(text)) for text in texts)


def _article(seen: EvidenceSet) -> list[Evidence]:
    """A document that has the parts of a paper, in a folder that holds little else."""
    others = [e for e in seen.of("file") if not e.value["path"].rsplit("/", 1)[-1].startswith(".")]
    pages = [e for e in seen.of("page-text") if _PAPER.search(e.value["text"])]
    xml = [e for e in seen.of("file") if e.value["media_type"] == "application/x-jats+xml"]
    tex = [e for e in seen.of("file") if e.value["media_type"] == "application/x-tex"]
    found = pages or xml or tex
    return found if found and len(others) <= 4 else []

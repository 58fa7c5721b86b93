"""Software that made or worked on the data: of instrument exports and attributes, of lock files and scripts, of labelled lines."""

import re
from collections import defaultdict
from collections.abc import Iterator

from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import attributes, pairs, stated_by, unique
from shirushi.describe.text import fold

TARGET = "/software/-"
MOST_PACKAGES = 12
_ATTRIBUTES = ("software", "processing software", "history of appended software", "creator tool", "program", "software version", "software versions", "origin software")  # fmt: skip
_KEYS = ("software", "software used", "software needed", "analysis software", "program", "programs", "softwares", "使用ソフトウェア", "使用ソフト", "ソフトウェア", "解析ソフト", "解析ソフトウェア", "処理ソフト")  # fmt: skip
_VERSION = re.compile(
    r"^(?P<name>.*?[^\W\d_].*?)[\s,(（]+(?:version|ver\.?|v\.?|バージョン)?\s*(?P<version>\d+(?:\.\w+)+|(?<=v)\d+)\)?）?$",
    re.IGNORECASE,
)
# Parts of other programs rather than programs that one would name: build tools, tests, typing
_PLUMBING = re.compile(
    r"^(?:setuptools|pip|wheel|poetry|hatch\w*|flit\w*|build|twine|tox|nox|pytest\w*|coverage|mypy|ruff|black|flake8|isort|pylint|pre-commit|types-.*|typing[-_]extensions"
    r"|ipykernel|ipython|jupyter\w*|notebook|nbconvert|six|attrs|certifi|idna|urllib3|charset-normalizer|packaging|python-dateutil|pytz|tzdata|colorama|eslint.*|prettier"
    r"|babel.*|webpack.*|@types/.*|rimraf|husky|mocha|jest|devtools|testthat|roxygen2|usethis|here|utils|stats|methods|base|src|config|helpers?|functions?|common|lib|test|tests)$",
    re.IGNORECASE,
)
_LOCKS = re.compile(r"(?:^|/)(?:[^/]*lock[^/]*|[^/]*requirements[^/]*\.txt|pyproject\.toml|environment\.ya?ml|package\.json|description|renv\.lock|manifest\.toml|project\.toml)$", re.IGNORECASE)  # fmt: skip


@suggests("software")
def software(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Stated programs, those that instruments and files name, labelled ones, and the packages that scripts load."""
    for item in seen.stated("software"):
        yield Candidate(TARGET, item.value["value"], (item,), stated_by("software", item))
    yield from _of_instruments(seen)
    for item, text in attributes(seen, *_ATTRIBUTES):
        if (value := _parted(text)) is not None:
            yield Candidate(TARGET, value, (item,), "software.attribute")
    for item, text in pairs(seen, *_KEYS):
        for part in re.split(r"\s*[,;、；]\s*(?![^()]*\))", text)[:8]:
            if (value := _parted(part)) is not None:
                yield Candidate(TARGET, value, (item,), "software.key-value")
    yield from _packages(seen)


def _of_instruments(seen: EvidenceSet) -> Iterator[Candidate]:
    items = [item for item in seen.of("software-used") if item.reader.startswith("instrument")]
    parsed = {item.place.file for item in items if "asm" in item.reader}
    found: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for item in items:
        if "asm" in item.reader or item.place.file not in parsed:
            found[str(item.value["name"]), str(item.value.get("version") or "")].append(item)
    for (name, version), evidence in found.items():
        value: dict[str, JSON] = {"name": name, **({"version": version} if version else {}), "purpose": "acquisition"}
        yield Candidate(TARGET, value, unique(evidence[:20]), "software.instrument")


def _parted(text: str) -> dict[str, JSON] | None:
    """``R 4.4.1`` or ``ImageJ (version 1.53)`` as name and version; None for what reads like a sentence, a path or an address."""
    bare = " ".join(text.strip(" .。").split())
    if not 1 <= len(bare) <= 80 or re.search(r"https?:|[\\/{}<>]|[。]", bare) or len(bare.split()) > 7:
        return None
    if match := _VERSION.match(bare):
        return {"name": match["name"].strip(" ,"), "version": match["version"]}
    return {"name": bare} if re.search(r"[^\W\d_]", bare) and len(bare.split()) <= 4 else None


def _packages(seen: EvidenceSet) -> Iterator[Candidate]:
    """Packages that scripts load, those of most scripts first, with the version that a lock file pins; never all of a lock file,
    since most of what it pins was chosen by no person."""
    loaded: defaultdict[str, list[Evidence]] = defaultdict(list)
    versions: dict[str, Evidence] = {}
    for item in seen.of("software-used"):
        if item.reader.startswith("instrument"):
            continue
        name = str(item.value["name"]).split(".")[0]
        key = fold(name).replace("_", "-")
        if _LOCKS.search(item.place.file):
            if item.value.get("version"):
                versions.setdefault(key, item)
        elif not _PLUMBING.match(name) and not _is_own(name, seen):
            loaded[key].append(item)
    ranked = sorted(loaded, key=lambda key: (-len({item.place.file for item in loaded[key]}), key))
    for key in ranked[:MOST_PACKAGES]:
        items = loaded[key]
        pin = versions.get(key)
        version = next((item.value["version"] for item in items if item.value.get("version")), None) or (
            pin and pin.value["version"]
        )
        value: dict[str, JSON] = {
            "name": str(items[0].value["name"]).split(".")[0],
            **({"version": str(version)} if version else {}),
        }
        files = len({item.place.file for item in items})
        evidence = unique([*items[:10], *([pin] if pin else [])])
        yield Candidate(
            TARGET, value, evidence, "software.loaded", score=min(files, 10) / 10, features={"found": min(files, 5) / 5}
        )


def _is_own(name: str, seen: EvidenceSet) -> bool:
    """Whether a module of this very folder has that name."""
    return any(re.search(rf"(?:^|/){re.escape(name)}(?:\.\w+$|/)", file) for file in seen.files[:5_000])

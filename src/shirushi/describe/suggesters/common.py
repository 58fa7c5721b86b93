"""What several suggesters ask of the evidence: which text speaks for the folder, what its sections are about, sentences."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from json import dumps, loads
from pathlib import PurePosixPath
from weakref import WeakKeyDictionary

from shirushi.describe.evidence import JSON, Evidence
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.text import fold, has_cjk, script_language

PROSE = ("heading", "paragraph", "list-item", "key-value", "table-row", "link", "badge", "codebook-row")
# Keys under which a text writes the title of the work: its value is proposed, and read for the years in it.
TITLE_KEYS = (
    "title", "dataset title", "title of dataset", "title of the dataset", "data set title", "dataset name", "name of dataset",
    "project title", "paper title", "data title", "full title", "name of the dataset", "titel", "título", "titulo",
    "タイトル", "題名", "表題", "題目", "データセット名", "データ名", "課題名", "研究課題名", "データの名称", "名称", "件名", "論文題目",
)  # fmt: skip
_FRONT_STEMS = (
    (
        re.compile(
            r"^(?:0+_?)?(?:read[_\- ]?me(?:[_\-. ]?1st)?|リードミー|お読みください|はじめに|説明)", re.IGNORECASE
        ),
        1.0,
    ),
    (re.compile(r"^(?:index|about|home|overview|introduction|intro|description|main|概要)$", re.IGNORECASE), 0.7),
    (re.compile(r"^(?:paper|manuscript|article|abstract|report|論文)", re.IGNORECASE), 0.6),
)
_LESS = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third[_-]?party|\.github|test|tests|examples?|code|lib|libs|libraries|src|site-packages)/",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"(?:contributing|code[_-]of[_-]conduct|changelog|changes|history|news|todo|security|install(?:ation)?|requirements|robots|issue[_-]template|"
    r"pull[_-]request[_-]template|(?:un)?licen[cs]es?|copying|lizenz|accessibility|governance|maintainers|releas(?:e|ing)|cran-comments|notice|authors|"
    r"support|migration|upgrading)(?:$|[^a-z])",
    re.IGNORECASE,
)


@cache
def sections() -> Mapping[str, frozenset[str]]:
    """Words that name a section's purpose, folded: ``describe/data/sections.json``."""
    data = loads(files("shirushi.describe").joinpath("data", "sections.json").read_text("utf-8"))
    return {purpose: frozenset(words) for purpose, words in data.items()}


_AROUND = re.compile(r"^[\W\d_]+|[\W_]+$")
_FRAME = re.compile(
    r"^(?:the|our|how to|about the)\s+|\s+(?:of|for|in) (?:the|this|our) (?:data|dataset|data set|repository)$"
)
REMEMBERED = 8_192


@lru_cache(REMEMBERED)
def purpose(title: str) -> str | None:
    """What a section with this heading is about: ``description``, ``authors``, ``licence``, … or None."""
    bare = _FRAME.sub("", _AROUND.sub("", fold(title)))
    exact = next((name for name, words in sections().items() if bare in words), None)
    if exact or len(bare) > _LONGEST_HEADING:
        return exact
    return next((name for name, (spaced, cjk) in _about().items() if _names(bare, spaced, cjk)), None)


_LONGEST_HEADING = 200


@cache
def _about() -> Mapping[str, tuple[re.Pattern[str], tuple[str, ...]]]:
    """For each purpose, its longer words as one pattern, and its words in scripts without spaces."""
    return {
        name: (
            re.compile(rf"\b(?:{'|'.join(sorted(re.escape(w) for w in words if len(w) >= 6 and not has_cjk(w)))})\b"),
            tuple(sorted(w for w in words if len(w) >= 2 and has_cjk(w))),
        )
        for name, words in sections().items()
    }


def _names(title: str, spaced: re.Pattern[str], cjk: tuple[str, ...]) -> bool:
    """A short heading that contains one of the words as a word: "Data and licence"."""
    if len(title.split()) <= 4 and spaced.search(title):
        return True
    return any(len(title) <= len(word) + 6 and word in title for word in cjk)


@lru_cache(REMEMBERED)
def is_generic(title: str) -> bool:
    """Whether a heading names a section rather than the work: "Description", "License", "使い方"."""
    bare = _AROUND.sub("", fold(title))
    parts = [part.strip() for part in _JOINED.split(bare)]
    return not bare or all(any(part in words for words in sections().values()) for part in parts)


_JOINED = re.compile(r"\s+(?:and|und|et|e|y|&)\s+|[・/／]")


@lru_cache(REMEMBERED)
def front_weight(file: str) -> float:
    """How much a text file speaks for the whole folder, 0 to 1, by its name and depth."""
    path = PurePosixPath(file)
    stem = path.name.split(".", 1)[0] if path.name.lower().startswith("readme") else path.stem
    weight = next((w for pattern, w in _FRONT_STEMS if pattern.search(stem)), 0.35)
    depth = len(path.parts) - 1
    weight *= 0.6**depth
    return weight * 0.15 if _LESS.search(file) or is_note(file) else weight


FRONT = 0.5  # weight from which a text speaks for the folder


def is_note(file: str) -> bool:
    """Whether a text is about taking part, changes, installing and the like rather than about the work: by the start of its name,
    or the whole name of its folder."""
    *folders, name = file.split("/")
    return _NOTES.match(name) is not None or any(_NOTES.fullmatch(folder) for folder in folders)


def fronts(seen: EvidenceSet) -> list[tuple[str, float]]:
    """Text files from the one that speaks most for the folder to the least, with their weights. What people said in an interview is
    data, and no text about it."""
    found = _fronts.get(seen)
    if found is None:
        texts: defaultdict[str, list[str]] = defaultdict(list)
        for item in seen.of(*PROSE):
            if not of_data_file(item):
                key = f"{item.value['key']}: {item.value['value']}" if item.kind == "key-value" else ""
                texts[item.place.file].append(key or str(item.value.get("text", "")))
        told = ((f, front_weight(f)) for f, parts in texts.items() if front_weight(f) >= FRONT or not is_talk(parts))
        found = sorted(told, key=lambda pair: (-pair[1], len(pair[0]), pair[0]))
        _fronts[seen] = found
    return found


_fronts: WeakKeyDictionary[EvidenceSet, list[tuple[str, float]]] = WeakKeyDictionary()

_TURN = re.compile(
    r"(?:^|[\n。．.?？!！…」』)）\]]\s*)"
    r"(?P<who>聞き手|話し手|語り手|調査者|調査員|質問者|回答者|インタビュアー|[A-ZＡ-Ｚ](?:氏|さん)?|[問答]|(?:interviewe[er]|interviewer|respondent|"
    r"participant|moderator|speaker|informant|researcher|int|resp)\.?\s?\d{0,3})\s?[:：]\s*(?=\S)",
    re.IGNORECASE,
)
_TURNS = 4
_TURN_LENGTH = 600  # characters on average: further apart, they are names of something else


def is_talk(parts: Sequence[str]) -> bool:
    """Whether paragraphs write down what people said in turns: speakers, at least two, with colons."""
    text = "\n".join(parts)
    who = [fold(found["who"]) for found in _TURN.finditer(text)]
    repeated = sum(who.count(name) > 1 for name in set(who))
    return len(who) >= _TURNS and repeated >= 2 and len(text) <= _TURN_LENGTH * len(who)


_CITING = re.compile(
    r"(?:^|/)(?:how[_\- ]?to[_\- ]?cite|cit(?:ing|ation|e)s?)\b[^/]*\.(?:md|rst|txt|bib|html?)$",
    re.IGNORECASE,
)


def citing(seen: EvidenceSet) -> list[str]:
    """The files whose references may tell how to cite the work itself: front texts, and pages about citing it."""
    first = [file for file, _ in fronts(seen)[:3]]
    return [
        *first,
        *(f for f in sorted({e.place.file for e in seen.of("reference")}) if f not in first and _CITING.search(f)),
    ]


def language(text: str) -> str | None:
    """``ja`` or ``en`` where the script alone tells, else None."""
    if script_language(text):
        return "ja"
    return None if has_cjk(text) or not text.isascii() else "en"


_SENTENCE_END = re.compile(r"(?<=[。！？!?])\s*|(?<=[.])\s+(?=[A-Z\"“(\[])")


def sentences(text: str) -> list[str]:
    """Sentences of a paragraph, in Japanese and Western scripts."""
    return [part.strip() for part in _SENTENCE_END.split(text) if part and part.strip()]


def unique(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Without repetition, in order."""
    found: list[Evidence] = []
    for item in evidence:
        if item not in found:
            found.append(item)
    return tuple(found)


def pairs(seen: EvidenceSet, *keys: str) -> Iterator[tuple[Evidence, str]]:
    """``key-value`` evidence whose key is one of ``keys`` (folded), with its value as text, from front texts first."""
    wanted = set(keys)
    chosen = [e for e in seen.of("key-value") if key_in(e, wanted)]
    for item in sorted(chosen, key=lambda e: -front_weight(e.place.file)):
        value = item.value["value"]
        if isinstance(value, str) and value.strip():
            yield item, value.strip()
        elif isinstance(value, int | float):
            yield item, str(value)


def key_of(item: Evidence) -> str:
    """The key of a pair, folded, without numbering and marks: "1. Title of Dataset" is "title of dataset"."""
    bare = fold(str(item.value["key"])).replace("_", " ").replace("-", " ").replace("(s)", "s")
    bare = re.sub(r"\s+\([^()]*\)$", "", bare)  # what a form explains: "(single date, range)"
    return re.sub(r"^[\W\d]+|[\W]+$", "", bare)


def key_in(item: Evidence, wanted: Collection[str]) -> str | None:
    """The key of a pair where it is a wanted one; either of the two of a bilingual key such as "著者 / Authors"."""
    key = key_of(item)
    if key in wanted:
        return key
    parts = [part.strip() for part in re.split(r"[/／|]", key)]
    return next((part for part in parts if part in wanted), None) if len(parts) == 2 else None


def text_of(item: Evidence) -> str:
    value: JSON = item.value
    return str(value.get("text") or value.get("value") or "") if isinstance(value, dict) else str(value)


def attributes(seen: EvidenceSet, *names: str) -> Iterator[tuple[Evidence, str]]:
    """Global attributes of structured files and properties of documents with one of these names (folded)."""
    wanted = set(names)
    for item in seen.of("attribute", "document-info", "exif"):
        if item.value.get("owner") or fold(str(item.value["name"])).replace("_", " ") not in wanted:
            continue
        value = item.value["value"]
        if isinstance(value, str) and value.strip():
            yield item, value.strip()


_LABELLED = re.compile(r"^\s*[【［\[〔<＜][^】］\]〕>＞\n]{1,30}[】］\]〕>＞]\s*\S")


def is_labelled(text: str) -> bool:
    """Whether a text is the filled-in lines of a form: 「【作成者】山田花子」. What they say is read as pairs."""
    return _LABELLED.match(text) is not None


_TABLES = ("table/", "spreadsheet/")


def around_table(item: Evidence) -> bool:
    """Whether a text stands in a file of tables: a comment, a title above a table, a note on a sheet."""
    return item.reader.startswith(_TABLES)


# Readers of single data files: what these state is true of the file, and of the whole as far as its files agree.
DATA_FILES = frozenset(
    (
        "ecs-odl", "ecs-xml", "hdf-profile", "audio", "bids-sidecar", "brainvision", "bruker", "cif", "dicom", "edf", "fasta", "fastq", "features", "flat-file", "jcamp-dx",
        "mass-spectra", "nifti", "nmr-star", "ome", "pdb", "poscar", "sam", "sdf", "tree", "vcf", "video", "xyz",
    )
)  # fmt: skip
# So many different values of data files still speak of the whole; more are a collection of things that differ in it.
MOST_DIFFERENT: Mapping[str, int] = {
    "titles": 2,
    "creators": 30,
    "related": 5,
    "alternate_identifiers": 5,
    "locations": 3,
}
MOST_COMMON = 8
MOST_ALIKE = 5  # places shown for one value


def of_data_file(item: Evidence) -> bool:
    """Whether a data file's own header says it."""
    return item.reader.partition("/")[0] in DATA_FILES


def statements(seen: EvidenceSet, field: str) -> list[Evidence]:
    """What is stated about a field: by metadata files all of it, by data files what they have in common (see
    :data:`MOST_DIFFERENT`; of other fields the most common values), each value from a few of the places."""
    items = seen.stated(field)
    by_value: dict[str, list[Evidence]] = {}
    for item in items:
        if of_data_file(item):
            by_value.setdefault(dumps(item.value["value"], sort_keys=True), []).append(item)
    if not by_value:
        return items
    most = MOST_DIFFERENT.get(field)
    if most is not None:
        chosen = list(by_value.values()) if len(by_value) <= most else []
    else:
        chosen = sorted(by_value.values(), key=lambda same: -len({e.place.file for e in same}))[:MOST_COMMON]
    kept = {id(item) for same in chosen for item in same[:MOST_ALIKE]}
    return [item for item in items if id(item) in kept or not of_data_file(item)]


def stated_by(field: str, item: Evidence) -> str:
    """The method of a statement: a metadata file at the top speaks of the whole, one inside perhaps of a part only, and a
    data file of itself."""
    if of_data_file(item):
        return f"{field}.data-file"
    return f"{field}.stated" if "/" not in item.place.file else f"{field}.stated-inside"

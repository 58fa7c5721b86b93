"""Where the name of a work shows although nobody wrote it as a title: file names, the first line, citations, what texts call it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from json import loads
from pathlib import PurePosixPath

from shirushi.describe.evidence import AttributePlace, CellPlace, Evidence, LinePlace
from shirushi.describe.names import is_byline
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.suggesters.common import around_table, fronts, is_generic, is_labelled, purpose, sentences
from shirushi.describe.text import fold, has_cjk, letters


@dataclass(frozen=True, slots=True)
class Named:
    """A text that may name the work, where it was seen, by which method, and what the ranking is to know of it."""

    text: str
    item: Evidence
    method: str
    features: Mapping[str, float] = field(default_factory=dict)


@cache
def _words() -> Mapping[str, frozenset[str]]:
    """``names`` that every second project mentions, ``file_words`` that say nothing of what a file holds."""
    data = loads(files("shirushi.describe").joinpath("data", "common_names.json").read_text("utf-8"))
    return {key: frozenset(words) for key, words in data.items()}


_LONGEST = 160
_LEAD = re.compile(
    r"^(?:(?:this|the|here|our|these)\s+(?:[\w\-]+\s+){0,3}?(?:repository|repo|dataset|data\s?set|data|package|directory|folder|collection|project|archive|files?)\s+"
    r"(?:also\s+)?(?:contains?|provides?|holds?|includes?|hosts?|stores?|consists? of|comprises?|presents?|is|are|for|accompan\w+)\s+"
    r"(?:(?:all|the|a|an|of|on|about|related to|based on|used (?:in|for)|raw|our)\s+)*|welcome to\s+(?:the\s+)?)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?:,?\s+(?:which|that|where|sourced|from|as|used|obtained|collected|downloaded|retrieved|in order|so that|including|with)\b|[;:(（。]|\s[–—-]\s|,\s)"
)


def first_lines(seen: EvidenceSet) -> Iterator[Named]:
    """The first line of the front text, or what its first sentence says the work is, up to the first clause."""
    for rank, (file, weight) in enumerate(fronts(seen)[:2]):
        if weight < 0.3:
            return
        if is_script(file) and headed(seen, weight):
            continue
        blocks = [e for e in seen.in_file(file) if e.kind in ("heading", "paragraph") and not around_table(e)]
        item = next((e for e in blocks[:4] if e.kind == "paragraph" and len(letters(e.value["text"])) >= 3), None)
        if item is None or _is_no_name(item):
            continue
        headings = [
            letters(e.value["text"])
            for e in blocks[: blocks.index(item)]
            if e.kind == "heading" and not is_generic(e.value["text"])
        ]
        if any(len(h.split()) > 1 or has_cjk(h) for h in headings):
            continue  # its heading is its title
        sentence = (sentences(item.value["text"]) or [""])[0].rstrip(" .。")
        features = {
            "headed": float(bool(headings)),
            "rank": 1 / (1 + rank),
            "whole": float(sentence == item.value["text"].rstrip(" .。")),
        }
        if len(sentence) <= _LONGEST and not _LEAD.match(sentence):
            yield Named(sentence, item, "titles.first-line", features)
        lead = _LEAD.match(sentence)
        told = sentence[lead.end() :] if lead else sentence
        clause = _CLAUSE.split(told, maxsplit=1)[0].strip()
        if clause != sentence and _is_phrase(clause):
            yield Named(clause, item, "titles.first-clause", {**features, "told": float(bool(lead))})


_SCRIPT = re.compile(r"\.(?:py|r|jl|m|sh|do|ado|sps|sas|pl|rb)$", re.IGNORECASE)


def is_script(file: str) -> bool:
    """Whether a file is a program: what its comments say is of the program."""
    return _SCRIPT.search(file) is not None


def headed(seen: EvidenceSet, above: float = 0.3) -> bool:
    """Whether a text that speaks for the folder, more than ``above`` says, has a heading that names the work."""
    return any(
        weight > above
        and any(
            e.kind == "heading" and not is_generic(e.value["text"]) and _is_telling(e.value["text"])
            for e in seen.in_file(file)[:40]
        )
        for file, weight in fronts(seen)[:2]
    )


def _is_telling(heading: str) -> bool:
    return len(letters(heading).split()) > 2 or (has_cjk(heading) and len(heading) >= 6)


def _is_no_name(item: Evidence) -> bool:
    """A directive of reStructuredText, lines of a form, names of people, or what a section called "Description" says."""
    text, section = item.value["text"], item.value["section"]
    first = (sentences(text) or [""])[0]
    return text.startswith(".. ") or is_labelled(text) or is_byline(first) or bool(section and is_generic(section))


_HANGING = frozenset(
    ("the", "a", "an", "of", "to", "in", "for", "and", "or", "with", "on", "by", "from", "at", "its", "their")
)


def _is_phrase(text: str) -> bool:
    if text.rpartition(" ")[2].casefold() in _HANGING:
        return False
    return 8 <= len(text) <= 80 if has_cjk(text) else 2 <= len(text.split()) <= 14


_CITED = re.compile(
    r"[(\[]?\b(?:19|20)\d{2}[a-z]?[)\]]?\s?[.,:]?\s+[\"“”‘'「『]?(?P<title>[^\W\d_a-z][^.?!”」』\n]{12,220}?)(?:[.?!”」』]|,[”\"’']|[\"]|$)"
)


_OF_DATA = re.compile(
    r"\b(?:data ?sets?|database|zenodo|dryad|figshare|pangaea|dataverse|openneuro|osf|mendeley|kaggle|version|v\d|repository|software)\b|データ",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"\b[A-Z]\.|\bet al\b")


def cited(seen: EvidenceSet) -> Iterator[Named]:
    """The title in a citation in words, in a section on citing, beside "cite", or before the first section."""
    own = headed(seen)
    for file, _ in fronts(seen)[:2]:
        count = 0
        blocks = [e for e in seen.in_file(file) if e.kind in ("paragraph", "list-item")]
        for position, item in enumerate(blocks):
            text = item.value["text"][:1_500]
            asks = re.search(r"(?i)\bcit(?:e|ed|ing|ation)\b|引用", text) is not None
            cites = asks or purpose(item.value["section"]) == "citation"
            if not (cites or position < 3):
                continue
            match = _CITED.search(text)
            if match is None or len(match["title"].split()) < 4:
                continue
            if not cites and not _INITIALS.search(text[: match.start()]):
                continue  # a year that ends a sentence, not one behind the names of authors
            features = {"asks": float(asks), "early": float(position < 3), "rank": 1 / (1 + count)}
            # beside a heading that names the work, the title of a paper that goes with it
            beside = own and not _OF_DATA.search(text[match.end("title") :] + match["title"])
            yield Named(match["title"].strip(" ,"), item, "titles.cited-beside" if beside else "titles.cited", features)
            count += 1
            if count == 2:
                break


_NAME = re.compile(r"(?<![\w.@/\-:#])[A-Za-z](?:[\w]|[-.&](?=[A-Za-z0-9]))*(?![\w/@])")
_MOST_TEXTS = 3_000


def called(seen: EvidenceSet) -> Iterator[Named]:
    """The proper name, with capitals inside, that texts mention most; with its long form where a text gives it."""
    texts = [
        e
        for e in seen.of("heading", "paragraph", "list-item")
        if not _is_legal(e.place.file) and not isinstance(e.place, AttributePlace)
    ][:_MOST_TEXTS]
    count: Counter[str] = Counter()
    first: dict[str, Evidence] = {}
    spelling: dict[str, Counter[str]] = {}
    for item in texts:
        weight = 3 if item.kind == "heading" else 1
        for word in dict.fromkeys(_NAME.findall(item.value["text"][:1_000])):
            key = word.casefold().removesuffix("'s")
            if sum(c.isupper() for c in word) < 2 or len(key) < 3 or _is_common(word):
                continue
            count[key] += weight
            spelling.setdefault(key, Counter())[word] += 1
            if key not in first or (item.kind == "heading" and first[key].kind != "heading"):
                first[key] = item
    total = sum(n for _, n in count.most_common(10)) or 1
    where = fold(" ".join(e.value["path"] for e in seen.of("file")))
    for rank, (key, hits) in enumerate(count.most_common(2)):
        if hits < 2:
            return
        name = spelling[key].most_common(1)[0][0]
        files_of = len({e.place.file for e in texts if name in e.value["text"]})
        features = {
            "share": hits / total,
            "rank": 1 / (1 + rank),
            "in_files": float(key in where),
            "spread": min(files_of, 5) / 5,
        }
        yield Named(name, first[key], "titles.called", features)
        yield from _long_form(name, texts, features)


def _is_common(word: str) -> bool:
    bare = word.casefold()
    return bare in _words()["names"] or bare.rpartition(".")[2] in (
        "md",
        "txt",
        "cff",
        "csv",
        "json",
        "py",
        "yml",
        "html",
        "org",
        "com",
        "pdf",
        "xml",
    )


def _is_legal(file: str) -> bool:
    return (
        re.search(r"(?i)licen[sc]e|copying|code_of_conduct|notice|requirements", PurePosixPath(file).name) is not None
    )


def _long_form(name: str, texts: list[Evidence], features: Mapping[str, float]) -> Iterator[Named]:
    """ "Long Name (SHORT)" or "SHORT (Long Name)", where the long form begins with the letters of the short one."""
    bare = re.escape(name)
    pattern = re.compile(
        rf"(?P<a>(?:[\w\-&]+ ){{1,8}}?[\w\-&]+) \({bare}\)|(?<!\w){bare} ?(?:\(|[:：–—] |- )(?P<b>[A-Z][\w\-& ]{{5,90}}?)(?:\)|[.,;]|$)"
    )
    for item in texts:
        if name not in item.value["text"]:
            continue
        match = pattern.search(item.value["text"][:2_000])
        if match is None:
            continue
        long = _initialled(name, match["a"]) if match["a"] else match["b"]
        if long and len(long.split()) >= 2:
            text = f"{long} ({name})" if match["a"] else f"{name}: {long.strip()}"
            yield Named(text, item, "titles.long-form", features)
            return


def _initialled(short: str, words: str) -> str | None:
    """The end of ``words`` whose first letters begin like the short form."""
    parts = words.split()
    initial = short[0].casefold()
    starts = [n for n, word in enumerate(parts) if word[0].casefold() == initial and len(parts) - n <= len(short) + 2]
    return " ".join(parts[starts[0] :]) if starts else None


_DATA = re.compile(
    r"csv|tab-separated|spreadsheet|excel|json|netcdf|hdf|parquet|geo|shape|xml|zip|gzip|sqlite|stata|spss|rds|nifti|tei|ttl|turtle|turtle|n-triples",
    re.IGNORECASE,
)
_NOT_DATA = re.compile(
    r"(?i)(?:^|/)(?:\.|readme|licen[sc]e|requirements|package(?:-lock)?\.|composer|tsconfig|config|setup|manifest|mkdocs|_config|codemeta|citation|dictionary|codebook|"
    r"schema|metadata|renv|poetry|environment|dockerfile)|\.(?:ya?ml|toml|cfg|ini|lock|bib|py|r|js|css|html?|md|rst|tex|sh)$|(?:^|/)(?:test|tests|node_modules|\.github|config|conf)/"
)


def data_files(seen: EvidenceSet) -> Iterator[Named]:
    """What the only, or the largest, data file is called, and what the names of many have in common."""
    data = [
        e
        for e in seen.of("file")
        if _DATA.search(str(e.value.get("media_type"))) and not _NOT_DATA.search(e.value["path"])
    ]
    if not data:
        return
    shallow = min(e.value["path"].count("/") for e in data)
    top = [e for e in data if e.value["path"].count("/") == shallow]
    largest = max(top, key=lambda e: e.value.get("size") or 0)
    total = sum(e.value.get("size") or 0 for e in data) or 1
    words = spelled(PurePosixPath(largest.value["path"]).name)
    shape = {
        "only": float(len(data) == 1),
        "share": (largest.value.get("size") or 0) / total,
        "few": float(len(data) <= 4),
    }
    if words:
        yield Named(" ".join(words), largest, "titles.data-file", {**shape, "words": min(len(words), 5) / 5})
    shared = _in_common([spelled(PurePosixPath(e.value["path"]).name) for e in data])
    if shared and shared != words:
        yield Named(
            " ".join(shared), largest, "titles.data-files", {"words": min(len(shared), 5) / 5, "few": shape["few"]}
        )


def spelled(name: str) -> list[str]:
    """The words of a file's name that say what it holds: ``BusinessFormations_2017-town.v2.csv`` is Business Formations town."""
    stem = name.split(".", 1)[0] if not has_cjk(name) else PurePosixPath(name).stem
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"[_\-+.　\s]+|%20", " ", stem))
    words = [w for w in spaced.split() if not re.fullmatch(r"v?\d+|\W+", w) and fold(w) not in _words()["file_words"]]
    return [words[0][:1].upper() + words[0][1:], *words[1:]] if words and words[0].islower() else words


def _in_common(names: list[list[str]]) -> list[str]:
    """The words with which most of at least three names begin."""
    if len(names) < 3:
        return []
    common: list[str] = []
    for position in range(6):
        heads = Counter(tuple(fold(w) for w in n[: position + 1]) for n in names if len(n) > position)
        if not heads:
            break
        best, hits = heads.most_common(1)[0]
        if hits < 0.6 * len(names) or best[:-1] != tuple(fold(w) for w in common):
            break
        common = next(n for n in names if tuple(fold(w) for w in n[: position + 1]) == best)[: position + 1]
    return common


MOST_TITLED = 3  # files of tables; more are parts of something that no one of them names
_LAST_ROW = 3
_LONGEST_TITLE = 150


def table_titles(seen: EvidenceSet) -> Iterator[Named]:
    """The first comment, or the lone cell, at the top of a file of tables, when few files have one."""
    first: dict[str, Evidence] = {}
    for item in seen.of("paragraph"):
        if around_table(item):
            first.setdefault(item.place.file, item)
    titled = [item for item in first.values() if _tops(item)]
    if not titled or len(first) > MOST_TITLED:
        return
    for item in titled:
        yield Named(item.value["text"], item, "titles.table-title", {"only": float(len(titled) == 1)})


def _tops(item: Evidence) -> bool:
    place, text = item.place, item.value["text"]
    row = place.start if isinstance(place, LinePlace) else place.row if isinstance(place, CellPlace) else None
    one = not isinstance(place, LinePlace) or place.start == place.end
    return row is not None and row <= _LAST_ROW and one and len(text) <= _LONGEST_TITLE and len(sentences(text)) == 1

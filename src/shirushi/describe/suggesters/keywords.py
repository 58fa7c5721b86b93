"""Keywords: stated ones first, then the noun compounds that a folder's title, headings and lead return to."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from json import loads
from typing import Any

from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.bids_names import kinds_of_data
from shirushi.describe.suggesters.common import (
    attributes,
    front_weight,
    fronts,
    is_generic,
    key_of,
    language,
    purpose,
    stated_by,
    statements,
)
from shirushi.describe.text import CJK, LEFT, RIGHT, fold, has_cjk, letters
from shirushi.describe.words import stop_words

TARGET = "/subjects/-"
KEYS = frozenset(
    {
        "keywords",
        "keyword",
        "key words",
        "tags",
        "tag",
        "topics",
        "topic",
        "subject",
        "subjects",
        "categories",
        "category",
        "article:tag",
        "schlagwörter",
        "palavras chave",
        "キーワード",
        "タグ",
        "分野",
        "分類",
        "主題",
    }
)
MOST_COMPOUNDS = 3
MOST_TERMS = 6
OFTEN = 3
_STATED = re.compile(
    r"(?:^|\n)\s*(?:key\s?words?|index terms|schlagw(?:ö|oe)rter|palavras[- ]chave|mots[- ]cl[ée]s|キーワード)\s*[:：—–]\s*(?P<words>[^\n]{3,400}(?:\n[^\n]{3,200}(?=\n\s*\n))?)",
    re.IGNORECASE,
)
_SUBJECTS = ("fields", "methods", "ja")
_ASIDE = ("tools", "places", "things")
# fields of research whose names are everyday words: they count only in a title
_EVERYDAY = frozenset(
    (
        "community", "data", "education", "energy", "engineering", "environment", "finance", "health", "history", "language",
        "law", "literature", "medicine", "philosophy", "simulation", "statistics", "survey",
    )
)  # fmt: skip
_ACRONYM = re.compile(r"(?=.*[^\W\d_])(?:[^\W_]*[A-Z][^\W_]*){2,}|[^\W\d_]+\d[\w\-]*")
_SPLIT = re.compile(r"[;；、，・|•·/／\n]|,(?!\d)")
_NO_WORD = re.compile(r"https?:|@|^(?:unspecified|untitled|anonymous|none|n/?a|unknown)$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w'’\-]*")


@suggests("subjects", version="2")
def subjects(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Stated keywords, then compounds."""
    for item in statements(seen, "subjects"):
        yield Candidate(TARGET, item.value["value"], (item,), stated_by("subjects", item))
    for item in seen.of("key-value"):
        if key_of(item) in KEYS:
            method = "subjects.html-meta" if item.value["section"] == "meta" else "subjects.key-value"
            for word in _words(item.value["value"]):
                yield _candidate(word, (item,), method, front_weight(item.place.file))
    for item, text in attributes(seen, "keywords", "keyword", "dc.subject", "xpkeywords", "subject", "iptc:keywords"):
        for word in _words(text):
            yield _candidate(word, (item,), "subjects.attribute", 1.0)
    for item in seen.of("list-item", "paragraph"):
        if purpose(item.value["section"]) == "keywords" and is_generic(item.value["section"]):
            for word in _words(item.value["text"]):
                yield _candidate(word, (item,), "subjects.section", front_weight(item.place.file))
    for item in seen.of("page-text", "paragraph"):
        for match in _STATED.finditer(item.value["text"][:20_000]):
            for word in _words(match["words"]):
                yield _candidate(word, (item,), "subjects.stated-words", front_weight(item.place.file))
    yield from _of_images(seen)
    yield from _targets(seen)
    yield from kinds_of_data(seen)
    yield from _vocabulary(seen)
    yield from _compounds(seen)


_MOST_TARGETS = 5
_CALIBRATION = re.compile(
    r"(?:master|super)?[\s_\-]*(?:dark|bias|flat|dome|twilight|sky|focus|test|lamp|arc|zero|comp|standard)\b.*|\W*",
    re.IGNORECASE,
)


def _targets(seen: EvidenceSet) -> Iterator[Candidate]:
    """What FITS images show (``OBJECT``), where they show a few things; not what calibrates them."""
    where: defaultdict[str, list[Evidence]] = defaultdict(list)
    for item, text in attributes(seen, "object"):
        if item.reader.startswith("fits/") and not _CALIBRATION.fullmatch(text) and 2 <= len(text) <= 60:
            where[text].append(item)
    for name, items in where.items() if len(where) <= _MOST_TARGETS else ():
        yield _candidate(name, tuple(items[:3]), "subjects.target", 1.0)


def _of_images(seen: EvidenceSet) -> Iterator[Candidate]:
    """The keywords that photographs carry (XMP, IPTC) most often."""
    where: defaultdict[str, list[Evidence]] = defaultdict(list)
    for item in seen.of("exif"):
        if item.value["name"] in ("XMP:dc:subject", "IPTC:Keywords") and isinstance(item.value["value"], list):
            for word in _words(item.value["value"]):
                where[word].append(item)
    for word, items in sorted(where.items(), key=lambda pair: -len(pair[1]))[:MOST_TERMS]:
        yield _candidate(word, tuple(items[:3]), "subjects.image", 1.0)


def _words(value: JSON) -> list[str]:
    parts = value if isinstance(value, list) else _SPLIT.split(str(value))
    cleaned = (" ".join(str(part).split()).strip(" .。#*_`\"'()[]") for part in parts)
    return [w for w in cleaned if 2 <= len(w) <= 60 and len(w.split()) <= 6 and not _NO_WORD.search(w)]


def _candidate(
    word: str, evidence: tuple[Evidence, ...], method: str, score: float, features: dict[str, float] | None = None
) -> Candidate:
    value: dict[str, JSON] = {"text": word}
    lang = language(word)
    if lang:
        value["lang"] = lang
    return Candidate(TARGET, value, evidence, method, score, features or {})


@cache
def _terms() -> tuple[re.Pattern[str], Mapping[str, tuple[str, str]]]:
    """A pattern of all terms of ``describe/data/vocabulary.json``, and folded term to (term, its list)."""
    data = loads(files("shirushi.describe").joinpath("data", "vocabulary.json").read_text("utf-8"))
    terms = {fold(term): (term, name) for name, words in data.items() for term in words}
    ordered = sorted(terms, key=len, reverse=True)
    words = "|".join(re.escape(term) for term in ordered if not has_cjk(term))
    kanji = "|".join(re.escape(term) for term in ordered if has_cjk(term))
    return re.compile(rf"{LEFT}(?:{words}){RIGHT}(?!-)|{kanji}"), terms


@cache
def vocabulary_terms(kind: str = "") -> frozenset[str]:
    """The folded terms of ``describe/data/vocabulary.json``, all or those of one list."""
    return frozenset(term for term, (_, name) in _terms()[1].items() if not kind or name == kind)


def _vocabulary(seen: EvidenceSet) -> Iterator[Candidate]:
    """Fields of research, methods, things and places that the front texts name."""
    pattern, terms = _terms()
    where: defaultdict[str, list[Evidence]] = defaultdict(list)
    titled: set[str] = set()
    early: set[str] = set()
    for rank, (file, _) in enumerate(fronts(seen)[:2]):
        items = [e for e in seen.in_file(file) if e.kind in ("heading", "paragraph", "list-item")][:80]
        for position, item in enumerate(items):
            if purpose(item.value.get("section", "")) in (
                "use",
                "licence",
                "citation",
                "authors",
                "contributors",
                "contact",
                "funding",
            ):
                continue
            for term in dict.fromkeys(pattern.findall(fold(item.value["text"][:4_000]))):  # in order, run by run
                where[term].append(item)
                if position < 4:
                    early.add(term)
                if item.kind == "heading" and rank == 0 and position == 0:
                    titled.add(term)
    kept = [t for t in where if t in titled or (t in early and terms[t][1] in _SUBJECTS) or len(where[t]) >= OFTEN]
    kept = [t for t in kept if t in titled or (terms[t][1] not in _ASIDE and t not in _EVERYDAY)]
    ranked = sorted(kept, key=lambda t: (t not in titled, t not in early, -len(where[t])))
    for position, term in enumerate(ranked[:MOST_TERMS]):
        word, group = terms[term]
        features = {
            "in_title": float(term in titled),
            "early": float(term in early),
            "often": min(len(where[term]) / 5, 1.0),
            "rank": 1 / (1 + position),
            f"of_{group}": 1.0,
        }
        method = "subjects.vocabulary-title" if term in titled else "subjects.vocabulary"
        yield _candidate(word, tuple(where[term][:3]), method, 1 / (1 + position), features)


def _compounds(seen: EvidenceSet) -> Iterator[Candidate]:
    """Compounds of the front texts, scored by where and how often they stand."""
    count: Counter[str] = Counter()
    spelling: defaultdict[str, Counter[str]] = defaultdict(Counter)
    where: defaultdict[str, list[Evidence]] = defaultdict(list)
    titled: set[str] = set()
    for rank, (file, _) in enumerate(fronts(seen)[:3]):
        items = [e for e in seen.in_file(file) if e.kind in ("heading", "paragraph", "list-item")][:120]
        first_heading = next((e for e in items if e.kind == "heading" and not is_generic(e.value["text"])), None)
        for item in items:
            if purpose(item.value.get("section", "")) in (
                "use",
                "licence",
                "citation",
                "authors",
                "contributors",
                "contact",
                "funding",
            ):
                continue
            for phrase in compounds(item.value["text"][:4_000]):
                key = letters(phrase)
                count[key] += 1
                spelling[key][phrase] += 1
                if len(where[key]) < 3:
                    where[key].append(item)
                if item is first_heading and rank == 0:
                    titled.add(key)
    most = max(count.values(), default=1)
    scored = sorted(
        (
            (_score(key, n, most, key in titled), key)
            for key, n in count.items()
            if n > 1 and _is_a_name(spelling[key], titled=key in titled)
        ),
        reverse=True,
    )
    for position, (score, key) in enumerate(scored[:MOST_COMPOUNDS]):
        phrase = spelling[key].most_common(1)[0][0]
        features = {
            "in_title": float(key in titled),
            "often": min(count[key] / 5, 1.0),
            "two_words": float(len(phrase.split()) >= 2 or (has_cjk(phrase) and len(phrase) >= 4)),
            "capital": float(phrase[:1].isupper()),
            "rank": 1 / (1 + position),
        }
        yield _candidate(phrase, tuple(where[key]), "subjects.compound", score, features)


def _is_a_name(spellings: Counter[str], *, titled: bool) -> bool:
    """Whether a compound names something by itself: an acronym, a proper name of several words, or Japanese nouns.

    Plain words of a title ("practical researcher") are hardly ever what a person would file it under.
    """
    phrase = spellings.most_common(1)[0][0]
    if has_cjk(phrase):
        return True
    words = phrase.split()
    if len(words) == 1:
        return any(_ACRONYM.fullmatch(word) for word in spellings) and (titled or spellings.total() >= OFTEN)
    return all(word[0].isupper() for word in words) and spellings.total() >= OFTEN


def _score(key: str, count: int, most: int, titled: bool) -> float:  # noqa: FBT001
    length = min(len(key.split()), 3) if not has_cjk(key) else min(len(key) / 3, 3)
    return count / most + 0.8 * titled + 0.3 * length


def compounds(text: str) -> Iterator[str]:
    """Noun compounds of a Japanese or English text, in order, with repetition."""
    if has_cjk(text):
        yield from _japanese(text)
    text = re.sub(f"[{CJK}]+", " . ", re.sub(r"https?://\S+|`[^`]*`|\S+@\S+|\S*[/\\]\S*", " . ", text))
    for piece in re.split(r"[^\w\s'’\-]+", text):
        yield from _runs(piece.split())


def _runs(words: list[str]) -> Iterator[str]:
    """Runs of one to three words between stop words."""
    run: list[str] = []
    for word in [*words, ""]:
        if word and _WORD.fullmatch(word) and len(word) > 1 and fold(word) not in stop_words():
            run.append(word)
            continue
        for size in (1, 2, 3):
            for start in range(len(run) - size + 1):
                phrase = run[start : start + size]
                if size > 1 or len(phrase[0]) > 2:
                    yield " ".join(phrase)
        run = []


@cache
def _tokenizer() -> Any:
    from sudachipy import Dictionary, SplitMode

    return Dictionary(dict="small").create(SplitMode.C)


_CONTENT = frozenset({"名詞", "動詞", "形容詞", "形状詞"})


def content_words(text: str) -> Iterator[str]:
    """The nouns, verbs and adjectives of a short Japanese text, each in its dictionary form."""
    for token in _tokenizer().tokenize(text):
        if token.part_of_speech()[0] in _CONTENT:
            yield token.normalized_form()


def reading(text: str) -> str:
    """How a short Japanese text is read, in katakana, by the dictionary's first reading."""
    return "".join(token.reading_form() for token in _tokenizer().tokenize(text))


_LEFT_OUT = frozenset({"数詞", "代名詞", "非自立可能"})


def _japanese(text: str) -> Iterator[str]:
    """Runs of nouns, at least two characters, without numbers and pronouns."""
    run: list[str] = []
    for token in _tokenizer().tokenize(text[:15_000]):
        surface, part = token.surface(), token.part_of_speech()
        noun = part[0] in ("名詞", "接頭辞") or (part[0] == "接尾辞" and bool(run))
        if noun and not _LEFT_OUT & set(part) and has_cjk(surface):
            run.append(surface)
        else:
            yield from _noun(run)
            run = []
    yield from _noun(run)


def _noun(run: list[str]) -> Iterator[str]:
    phrase = "".join(run)
    if 2 <= len(phrase) <= 16 and fold(phrase) not in stop_words():
        yield phrase

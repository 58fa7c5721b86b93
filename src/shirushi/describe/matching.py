"""Classes of vocabularies whose words a text holds: names, parts of names, synonyms and everyday words.

The idea is that of lexical matching in subject indexing (maui, MLLM): no training, every class can be found from the first
day, and each proposal can show its words. How much a word tells is how few classes share it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from shirushi.describe.terms import Term, Vocabulary, everyday_words
from shirushi.describe.text import has_cjk
from shirushi.describe.words import Word, words

FULL, ROOT, EVERYDAY = 1.0, 0.5, 0.7  # what a match of a name, of a name without 学, and of an everyday word counts
MOST_SHARED = 4  # classes: a word in more of them tells nothing
MOST_OF_ONE = 4.0  # how much one word counts, however often it stands
_SPLIT = re.compile(r"[．，：・、,;；（）()［］\[\]/／]|および|及び|\band\b|\bor\b|\bin\b|\bof the\b")
_ENDING = re.compile(r"(?<=..)(?:科学|工学|化学工業|工業|事業|学|論)(?:一般|各論)?$|(?<=..)(?:一般|基礎)$")
# Names of classes that are everyday words of any text about data.
_VAGUE = frozenset(
    (
        "analysis", "application", "art", "arts", "authorship", "basic", "book", "books", "building", "census", "character",
        "chemicals", "code", "communication", "company", "conditions", "culture", "data", "description", "design", "drawing",
        "earth", "education", "editing", "energy", "engineering", "environment", "exchanges", "family", "fundamentals", "general",
        "health", "history", "industry", "institutions", "land", "language", "law", "libraries", "library", "literature", "logic",
        "management", "manufacturing", "measurement", "medicine", "methodology", "methods", "military", "moon", "museums",
        "natural resources", "navigation", "observation", "organisation", "organisations", "policy", "population", "printing",
        "process", "production", "publishing", "reading", "research", "resources", "science", "sciences", "series", "serials",
        "societies", "society", "software", "state", "statistics", "structure", "study", "sun", "system", "systems", "technology",
        "theory", "time", "interface", "interfaces", "systematics", "stage", "direction", "political", "economic", "social", "topology", "transport", "value", "war", "writing", "yearbooks", "database", "diagnosis", "housing",
        "分析", "解析", "一般", "応用", "基礎", "理論", "方法", "研究", "科学", "技術", "情報", "資料", "記録", "構造", "機能", "材料", "生活",
        "社会", "環境", "歴史", "統計", "教育", "産業", "工業", "管理", "経営", "地域", "日本", "文化", "言語", "作品", "団体", "辞典", "論文",
        "世界", "測定", "計測", "設計", "開発", "形態", "実験", "数学", "著作", "編集", "出版", "読書", "図書", "叢書", "写真", "アジア", "中国",
        "その他", "試験", "観測", "全集", "小説", "計算", "ソフトウェア", "データベース", "システム", "方言", "文法",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """Something to look in: ``weight`` is how much a word there counts; ``about`` is whatever the caller wants back."""

    text: str
    weight: float
    about: object = None


@dataclass(frozen=True, slots=True)
class Hit:
    """Characters ``start`` to ``end`` of ``texts[number]`` match."""

    number: int
    start: int
    end: int


@dataclass(slots=True)
class Match:
    """A class with what speaks for it. ``named`` tells that a whole part of its name stands in what weighs most."""

    term: Term
    score: float = 0.0
    distinct: int = 0
    named: bool = False
    hits: list[Hit] = field(default_factory=list)


Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Index:
    """For each first word the phrases that begin with it; for each phrase the classes and what it counts for them."""

    by_first: Mapping[str, Sequence[Phrase]]
    classes: Mapping[Phrase, Mapping[str, float]]


def matches(vocabulary: Vocabulary, texts: Sequence[Text]) -> list[Match]:
    """The classes that the texts speak of, best first."""
    # Cutting Japanese names into words is half of the work, and none of them stands in a text without Japanese.
    index = _index(vocabulary.scheme, _Keyed(vocabulary), japanese=any(has_cjk(text.text) for text in texts))
    found: defaultdict[Phrase, list[Hit]] = defaultdict(list)
    for number, text in enumerate(texts):
        for phrase, start, end in _occurrences(index, words(text.text)):
            found[phrase].append(Hit(number, start, end))
    result: dict[str, Match] = {}
    top = max((text.weight for text in texts), default=0.0)
    for phrase in _longest(found):
        hits = found[phrase]
        reach = min(sum(texts[hit.number].weight for hit in hits), MOST_OF_ONE)
        shared = index.classes[phrase]
        for code, counts in shared.items():
            match = result.setdefault(code, Match(vocabulary.terms[code]))
            match.score += reach * counts / len(shared)
            match.distinct += 1
            match.hits += hits
            match.named |= counts >= FULL and any(texts[hit.number].weight >= top for hit in hits)
    return sorted(result.values(), key=lambda match: (-match.score, match.term.code))


def _longest(found: Mapping[Phrase, object]) -> Iterator[Phrase]:
    """Without phrases that are only part of a longer one that was found as well."""
    for phrase in found:
        longer = (other for other in found if len(other) > len(phrase))
        if not any(other[i : i + len(phrase)] == phrase for other in longer for i in range(len(other))):
            yield phrase


def _occurrences(index: _Index, text: Sequence[Word]) -> Iterator[tuple[Phrase, int, int]]:
    terms = [word.term for word in text]
    for at, term in enumerate(terms):
        for phrase in index.by_first.get(term, ()):
            if tuple(terms[at : at + len(phrase)]) == phrase:
                yield phrase, text[at].start, text[at + len(phrase) - 1].end


@dataclass(frozen=True, slots=True, eq=False)
class _Keyed:
    """A vocabulary that can be a key of a cache: by its identity."""

    vocabulary: Vocabulary

    def __hash__(self) -> int:
        return id(self.vocabulary)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and other.vocabulary is self.vocabulary


@lru_cache(maxsize=16)
def _index(scheme: str, keyed: _Keyed, *, japanese: bool) -> _Index:
    vocabulary = keyed.vocabulary
    classes: defaultdict[Phrase, dict[str, float]] = defaultdict(dict)
    for term in _narrow(vocabulary):
        for text, counts in _names(term):
            if japanese or not has_cjk(text):
                _put(classes, text, term.code, counts)
    for word, own, code in everyday_words():
        if own == scheme and code in vocabulary.terms and (japanese or not has_cjk(word)):
            _put(classes, word, code, EVERYDAY)
    kept = {phrase: shared for phrase, shared in classes.items() if len(shared) <= MOST_SHARED}
    by_first: defaultdict[str, list[Phrase]] = defaultdict(list)
    for phrase in kept:
        by_first[phrase[0]].append(phrase)
    return _Index(dict(by_first), kept)


def _narrow(vocabulary: Vocabulary) -> Iterable[Term]:
    """The classes worth proposing: those that no other is narrower than, where the vocabulary has an order; in a decimal
    classification the longest numbers."""
    if vocabulary.scheme == "NDC":
        return [term for term in vocabulary.terms.values() if len(term.code) >= 3]
    above = {term.broader for term in vocabulary.terms.values() if term.broader}
    return [term for term in vocabulary.terms.values() if term.code not in above]


def _names(term: Term) -> Iterator[tuple[str, float]]:
    for name in (*term.labels.values(), *term.synonyms):
        for part in _SPLIT.split(name):
            part = part.strip()
            if part and part.lower() not in _VAGUE:
                # one word out of a longer name ("Thin film, surface and …") is a word of many other things as well
                alone = part != name.strip() and part.isascii() and " " not in part
                yield part, ROOT if alone else FULL
                root = _ENDING.sub("", part)
                if root != part and root not in _VAGUE and len(root) >= 2:
                    yield root, ROOT


def _put(classes: dict[Phrase, dict[str, float]], text: str, code: str, counts: float) -> None:
    phrase = tuple(word.term for word in words(text))
    if phrase and not (len(phrase) == 1 and phrase[0] in _VAGUE):
        classes[phrase][code] = max(counts, classes[phrase].get(code, 0.0))

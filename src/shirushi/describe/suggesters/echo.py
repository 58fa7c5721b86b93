"""How much of a text the rest of a folder speaks of: in its texts, its tables' columns and its files' names."""

import re
from collections import Counter
from collections.abc import Iterable

from shirushi.describe.seen import EvidenceSet
from shirushi.describe.text import CJK, fold, has_cjk
from shirushi.describe.words import stem

MOST_TEXTS, MOST_CHARACTERS = 3_000, 1_000
OFTEN = 3  # texts that mention a word
_TERM = re.compile(rf"[{CJK}]+|[^\W\d_{CJK}]{{3,}}|\d{{4}}")


class Echo:
    """The words of a folder, counted once by the texts that they stand in."""

    def __init__(self, seen: EvidenceSet) -> None:
        texts = seen.of("heading", "paragraph", "list-item", "page-text")[:MOST_TEXTS]
        self._texts: Counter[str] = Counter()
        japanese = 0
        for item in texts:
            text = str(item.value["text"])[:MOST_CHARACTERS]
            japanese += has_cjk(text)
            self._texts.update(set(_terms(text)))
        self._japanese = japanese / len(texts) if texts else 0.0
        columns = (f"{c.value['name']} {c.value.get('label') or ''}" for c in seen.of("column", "array")[:MOST_TEXTS])
        paths = (str(e.value["path"]) for e in seen.of("file")[:MOST_TEXTS])
        self._columns = {term for text in columns for term in _terms(_split(text))}
        self._paths = {term for path in paths for term in _terms(_split(path))}

    def features(self, text: str) -> dict[str, float]:
        """``echo``: share of its words that several texts speak of; ``in_paths`` and ``in_columns`` likewise of the names of
        files and columns; ``own_language``: share of texts in its script."""
        terms = list(dict.fromkeys(_terms(text)))
        return {
            "echo": _share(min(self._texts[term], OFTEN) / OFTEN for term in terms),
            "in_paths": _share(float(term in self._paths) for term in terms),
            "in_columns": _share(float(term in self._columns) for term in terms),
        }


def _share(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _split(name: str) -> str:
    return re.sub(r"[_\-./]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))


def _terms(text: str) -> Iterable[str]:
    """Western words by their stems; pairs of characters of scripts without spaces."""
    for match in _TERM.finditer(fold(text)):
        run = match[0]
        if has_cjk(run):
            yield from (run[n : n + 2] for n in range(max(1, len(run) - 1)))
        else:
            yield stem(run)

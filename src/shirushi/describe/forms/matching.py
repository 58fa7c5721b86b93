"""Questions that no concept fits: compared with the keys of pairs by their letters and content words, in either language."""

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process

from shirushi.describe.forms.concepts import bare
from shirushi.describe.forms.form import MOST_LABEL, Question, without_language
from shirushi.describe.forms.from_pairs import Pair
from shirushi.describe.suggesters.keywords import content_words as japanese_words
from shirushi.describe.text import has_cjk

LEAST = 0.75
_MOST_PAIRS = 600


def like(question: Question, pairs: Sequence[Pair]) -> list[tuple[Pair, float]]:
    """Pairs whose key says nearly what the question's label says, with how nearly, the nearest first."""
    keys = [(bare(key), pair) for pair in pairs[:_MOST_PAIRS] for key in pair.keys]
    keys = [(key, pair) for key, pair in keys if len(key) >= 2]
    found: dict[int, tuple[Pair, float]] = {}
    for _, label in question.labels:
        text = bare(without_language(label))
        if len(text) < 2:
            continue
        near = process.extract(
            text, [key for key, _ in keys], scorer=fuzz.token_sort_ratio, score_cutoff=100 * LEAST, limit=5
        )
        scored = [(position, score / 100) for key, score, position in near if _same_numbers(text, key)]
        if has_cjk(text):
            scored += [
                (n, share)
                for n, (key, _) in enumerate(keys)
                if (share := _shared(text, key)) >= LEAST and _same_numbers(text, key)
            ]
        for position, score in scored:
            pair = keys[position][1]
            if score > found.get(id(pair), (pair, 0.0))[1]:
                found[id(pair)] = (pair, round(score, 3))
    return sorted(found.values(), key=lambda item: -item[1])[:4]


def _same_numbers(one: str, other: str) -> bool:
    """Whether labels speak of the same numbers: "Sample 1" is not "Sample 2"."""
    return re.findall(r"\d+", one) == re.findall(r"\d+", other)


def _shared(one: str, other: str) -> float:
    """Share of content words that two Japanese labels have in common."""
    a, b = _words(one), _words(other)
    return len(a & b) / len(a | b) if a and b and has_cjk(other) else 0.0


@lru_cache(8_192)
def _words(label: str) -> frozenset[str]:
    return frozenset(japanese_words(label[:MOST_LABEL]))

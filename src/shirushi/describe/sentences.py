"""Sentences that are kept in English, told in Japanese: a table of patterns and of what stands in their place."""

import re
from collections.abc import Iterable

Table = tuple[tuple[re.Pattern[str], str], ...]


def table(pairs: Iterable[tuple[str, str]]) -> Table:
    """From (regular expression of a whole sentence, its Japanese with ``\\1`` for what was filled in)."""
    return tuple((re.compile(pattern, re.DOTALL), words) for pattern, words in pairs)


def translated(sentence: str, known: Table) -> str:
    """The Japanese of the first that fits; the sentence itself where none does."""
    for pattern, words in known:
        if found := pattern.fullmatch(sentence):
            return found.expand(words)
    return sentence

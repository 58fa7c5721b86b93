"""Other words to try when nothing was found: near spellings and near readings of words that the index knows."""

from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein
from tantivy import Searcher

from shirushi.metadata.readings import is_kana, key
from shirushi.search.analysis import analyse, runs
from shirushi.search.query import Clause, Parsed

_MOST = 3
_CANDIDATES = 5_000
_NEAR = 0.7  # normalised Damerau-Levenshtein similarity


def suggestions(searcher: Searcher, parsed: Parsed) -> list[str]:
    """Up to three whole queries, each with its unknown words replaced by known ones; nothing when all words are known."""
    clauses = [group[0] for group in parsed.wanted]
    choices = [_other_words(searcher, clause) for clause in clauses]
    if not any(choices):
        return []
    found: dict[str, None] = {}
    for index in range(_MOST):
        words = [
            replace(clause, text=other[min(index, len(other) - 1)]) if other else clause
            for clause, other in zip(clauses, choices, strict=True)
        ]
        found[" ".join(_written(clause) for clause in words)] = None
    return list(found)


def _written(clause: Clause) -> str:
    text = f'"{clause.text}"' if clause.phrase else clause.text
    return f"{clause.field}:{text}" if clause.field else text


def _other_words(searcher: Searcher, clause: Clause) -> list[str]:
    """Known words near to an unknown one, nearest first, then by how many records have them."""
    pieces = runs(clause.text)
    if clause.field or clause.phrase or len(pieces) != 1 or _is_known(searcher, clause):
        return []
    word = pieces[0].text.lower()
    spelt = _near(searcher, "w ", word, 1 if pieces[0].japanese else 2)
    reading = key(word) if is_kana(word) or not pieces[0].japanese else ""
    read = [surface for each in _near(searcher, "r ", reading, 2) for surface in each.split(" ")[1:]] if reading else []
    return list(dict.fromkeys([*spelt, *read]))[:_MOST]


def _is_known(searcher: Searcher, clause: Clause) -> bool:
    tokens = analyse(clause.text)
    return bool(tokens) and all(
        any(searcher.doc_freq(field, token.term) for field in ("title", "people", "subjects", "body"))
        for token in tokens
    )


def _near(searcher: Searcher, kind: str, word: str, same: int) -> list[str]:
    """Words that begin alike and differ little; for readings ("r "), compared by the key that stands before the word."""
    known = dict(searcher.terms_with_prefix("words", kind + word[:same], limit=_CANDIDATES))
    written = {term: term[len(kind) :] for term in known}
    compared = {term: text.partition(" ")[0] for term, text in written.items()}
    ranked = process.extract(
        word, compared, scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=_NEAR, limit=10
    )
    ranked.sort(key=lambda match: (-match[1], -known[match[2]], match[2]))
    return [written[match[2]] for match in ranked if match[1] < 1 or kind == "r "]

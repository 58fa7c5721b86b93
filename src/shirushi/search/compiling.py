"""Parsed words to a tantivy query.

What must match and what only raises the score are kept apart. A word matches by its terms in any field, by all its pairs
of characters (for what the dictionary cuts differently in query and text), by its reading, or as an identifier. Phrases
and single pairs raise the score: measured in bench/search.py, pairs at half weight rank better than terms alone.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from tantivy import Occur, Query, Schema

from shirushi.metadata import readings
from shirushi.search.analysis import ENGLISH_STOPWORDS, Token, analyse, pairs, runs
from shirushi.search.highlight import Sought
from shirushi.search.query import Clause, Parsed, years

WEIGHTS: Mapping[str, float] = {"title": 3.0, "subjects": 2.0, "people": 2.0, "body": 1.0}
_PAIRS, _PHRASE, _READING, _IDENTIFIER = 0.5, 0.5, 0.6, 30.0
_STRICT = 3  # so few words, terms of a word or pairs are all needed; of more, of a question as a rule, a share:
_MOST_STRICT = 6  # terms in all: a query of more is a question or a title, and any of its words will do, best first
_PAIRS_SHARE, _RELAXED_PAIRS_SHARE = 0.8, 0.5
_MOST_TERMS = 64
_TEXT_FIELDS = ("title", "people", "subjects", "body")


def wanted_query(schema: Schema, parsed: Parsed, *, relaxed: bool = False) -> Query:
    """Everything that was typed; ``relaxed`` is content with some of the words. Conditions like year:2021 always hold."""
    groups = [group for group in parsed.wanted if any(_findable(clause) for clause in group)]
    if parsed.wanted and not groups:
        return Query.empty_query()  # nothing but punctuation was asked for
    conditions = [group for group in groups if any(clause.field for clause in group)]
    words = [group for group in groups if group not in conditions]
    words = [group for group in words if not all(_is_stopword(clause) for clause in group)] or words
    parts = [(Occur.Must, _group_query(schema, group, relaxed=relaxed)) for group in conditions]
    if words:
        found = [_group_query(schema, group, relaxed=relaxed) for group in words]
        question = sum(len(analyse(group[0].text)) for group in words) > _MOST_STRICT
        parts.append((Occur.Must, _any(found) if relaxed or question else _some(found, 0)))
    if not parts:
        parts.append((Occur.Must, Query.all_query()))
    parts += [(Occur.MustNot, _unwanted_query(schema, clause)) for clause in parsed.unwanted if _findable(clause)]
    return Query.boolean_query(parts)


def _group_query(schema: Schema, group: tuple[Clause, ...], *, relaxed: bool) -> Query:
    return _any(_clause_query(schema, clause, relaxed=relaxed) for clause in group if _findable(clause))


def filter_query(schema: Schema, filters: Mapping[str, Sequence[str]]) -> list[tuple[Occur, Query]]:
    """One condition for each field that has values: any of them."""
    conditions = []
    for name, values in filters.items():
        wanted = [each for value in values for each in (years(value) if name == "year" else [value])]
        if wanted:
            conditions.append((Occur.Must, Query.const_score_query(Query.term_set_query(schema, name, wanted), 0.0)))
    return conditions


def sought(parsed: Parsed) -> Sought:
    """What the highlighter marks for these words."""
    clauses = [clause for group in parsed.wanted for clause in group if clause.field in (None, *_TEXT_FIELDS)]
    tokens = [token for clause in clauses for token in analyse(clause.text)]
    stopwords = ENGLISH_STOPWORDS if any(token.term not in ENGLISH_STOPWORDS for token in tokens) else frozenset()
    folded = [run.text.lower() for clause in clauses for run in runs(clause.text) if run.japanese and len(run.text) > 1]
    return Sought(
        terms=frozenset(token.term for token in tokens) - stopwords,
        strings=frozenset(folded),
        readings=frozenset(key for clause in clauses if (key := _reading_key(clause))),
    )


def identifier(text: str) -> str:
    """An identifier as it is compared: lower case, without the address of its resolver."""
    lower = text.strip().lower()
    for prefix in ("https://", "http://"):
        lower = lower.removeprefix(prefix)
    for prefix in ("doi.org/", "dx.doi.org/", "orcid.org/", "hdl.handle.net/", "doi:"):
        lower = lower.removeprefix(prefix)
    return lower.rstrip("/.,;")


def exact(facet: str, value: str) -> str:
    """A facet's value for ``field:value``, whatever its case."""
    return f"{facet}={value.lower()}"


def _clause_query(schema: Schema, clause: Clause, *, relaxed: bool) -> Query:
    if clause.field == "identifier":
        return Query.term_query(schema, "identifier", identifier(clause.text))
    if clause.field and clause.field not in _TEXT_FIELDS:
        values = years(clause.text) if clause.field == "year" else [clause.text]
        return Query.term_set_query(schema, "exact", [exact(clause.field, value) for value in values])
    fields = (clause.field,) if clause.field else _TEXT_FIELDS
    tokens = analyse(clause.text)[:_MOST_TERMS]
    ways = _ways(schema, clause, tokens, fields, relaxed=relaxed)
    extras = [] if clause.field else _extras(schema, clause, tokens)
    return Query.boolean_query([(Occur.Must, _any(ways)), *((Occur.Should, extra) for extra in extras)])


def _ways(schema: Schema, clause: Clause, tokens: list[Token], fields: Sequence[str], *, relaxed: bool) -> list[Query]:
    """Each way in which a word or phrase can be found."""
    ways = []
    if tokens and clause.phrase and not relaxed:
        ways.append(_any(_phrase(schema, field, tokens, WEIGHTS[field]) for field in fields))
    elif tokens:
        each = [_anywhere(schema, token.term, fields) for token in tokens]
        ways.append(_any(each) if relaxed else _some(each, 0))
    if clause.phrase and not relaxed:
        return ways or [Query.empty_query()]
    if not clause.field and (grams := _grams(clause)):
        ways.append(_pairs_query(schema, clause, grams, relaxed=relaxed))
    if key := _reading_key(clause):
        where = {"people": ("people_readings",), None: ("people_readings", "readings")}.get(clause.field, ("readings",))
        ways += [Query.boost_query(Query.term_query(schema, field, key), _READING) for field in where]
    if not clause.field:
        ways.append(Query.boost_query(Query.term_query(schema, "identifier", identifier(clause.text)), _IDENTIFIER))
    return ways


def _pairs_query(schema: Schema, clause: Clause, grams: list[str], *, relaxed: bool) -> Query:
    """All pairs of characters and all other words; when relaxed, most of the pairs. Adds nothing to the score."""
    found = [Query.term_query(schema, "pairs", gram) for gram in grams]
    if not relaxed:
        others = [token.term for run in runs(clause.text) if not run.japanese for token in analyse(run.text)]
        found += [_anywhere(schema, term, _TEXT_FIELDS) for term in others]
    return Query.const_score_query(_some(found, _RELAXED_PAIRS_SHARE if relaxed else _PAIRS_SHARE), 0.0)


def _extras(schema: Schema, clause: Clause, tokens: list[Token]) -> list[Query]:
    """What raises the score of a hit without being needed."""
    extras = []
    if not clause.phrase and 2 <= len(tokens) <= 8:
        extras += [_phrase(schema, field, tokens, _PHRASE * WEIGHTS[field]) for field in ("title", "body")]
    if grams := _grams(clause):
        extras.append(Query.boost_query(_any(Query.term_query(schema, "pairs", gram) for gram in grams), _PAIRS))
    return extras


def _unwanted_query(schema: Schema, clause: Clause) -> Query:
    if clause.field == "identifier" or (clause.field and clause.field not in _TEXT_FIELDS):
        return _clause_query(schema, clause, relaxed=False)
    tokens = analyse(clause.text)[:_MOST_TERMS]
    if not tokens:  # particles alone: no text is without them, and none is indexed by them
        return Query.empty_query()
    fields = (clause.field,) if clause.field else _TEXT_FIELDS
    return _any(_phrase(schema, field, tokens, 1.0) for field in fields)


def _anywhere(schema: Schema, term: str, fields: Iterable[str]) -> Query:
    return _any(Query.boost_query(Query.term_query(schema, field, term), WEIGHTS[field]) for field in fields)


def _phrase(schema: Schema, field: str, tokens: list[Token], weight: float) -> Query:
    terms: list[str | tuple[int, str]] = [token.term for token in tokens]
    query = (
        Query.phrase_query(schema, field, terms) if len(terms) > 1 else Query.term_query(schema, field, tokens[0].term)
    )
    return Query.boost_query(query, weight)


def _any(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _some(queries: list[Query], share: float) -> Query:
    """All of a few queries, or a share (0: any one) of many."""
    needed = len(queries) if len(queries) <= _STRICT else max(1, math.ceil(share * len(queries)))
    return Query.boolean_query([(Occur.Should, query) for query in queries], minimum_number_should_match=needed)


def _grams(clause: Clause) -> list[str]:
    grams = [gram for run in runs(clause.text) if run.japanese and len(run.text) > 1 for gram in pairs(run.text)]
    return list(dict.fromkeys(grams))[:_MOST_TERMS]


def _reading_key(clause: Clause) -> str:
    """The key of a word that may be a reading: all kana, or a Latin word of three letters and more."""
    found = runs(clause.text)
    if len(found) != 1 or clause.phrase:
        return ""
    if found[0].japanese and not readings.is_kana(found[0].text):
        return ""
    key = readings.key(found[0].text)
    return key if len(key) > (1 if found[0].japanese else 2) else ""


def _findable(clause: Clause) -> bool:
    return bool(runs(clause.text)) and (clause.field not in _TEXT_FIELDS or bool(analyse(clause.text)))


def _is_stopword(clause: Clause) -> bool:
    return not clause.phrase and not clause.field and clause.text.lower() in ENGLISH_STOPWORDS

"""The FAIR score as pages, REST and command line tell it: every number with the tests that it is made of."""

from collections.abc import Callable, Mapping
from typing import Any

from shirushi.core.fair import MATURITY, MENDERS, PRINCIPLES, Answer, Fair, Score
from shirushi.core.readiness import FILES
from shirushi.metadata.fields import BY_NAME


def words(language: str) -> dict[str, Any]:
    """What the template of the score asks for besides the score itself."""
    return {
        "principles": PRINCIPLES,
        "menders": MENDERS,
        "maturity_words": MATURITY,
        "field_label": _label(language),
    }


def as_json(found: Fair, language: str) -> dict[str, Any]:
    """The score as JSON, its words in a language."""
    return {
        "metrics_version": "0.8",
        "score": _score(found.whole),
        "categories": {letter: _score(found.score_of(letter)) for letter in PRINCIPLES},
        "metrics": [
            {
                "id": metric.id,
                "principle": metric.principle,
                "name": metric.name.in_(language),
                "earned": metric.earned,
                "total": metric.total,
                "maturity": metric.maturity,
                "tests": [_answer(answer, language) for answer in metric.answers],
            }
            for metric in found.metrics
        ],
    }


def _answer(answer: Answer, language: str) -> dict[str, Any]:
    return {
        "id": answer.id,
        "name": answer.words.in_(language),
        "score": answer.score,
        "maturity": answer.maturity,
        "met": answer.met,
        "seen": answer.seen.in_(language),
        "fields": list(answer.fields),
        "mended_by": None if answer.met else answer.mender,
    }


def _score(score: Score) -> Mapping[str, float]:
    return {"earned": score.earned, "total": score.total, "percent": score.percent, "maturity": score.maturity}


def _label(language: str) -> Callable[[str], str]:
    return lambda name: (FILES if name == FILES.name else BY_NAME[name]).label.in_(language)

"""Subjects learnt from an installation's own published records: one small logistic model for each class, in a readable file.

What a model may propose is gated by records that it has not seen: of every class its precision is measured by cross-validation,
and a class that does not reach :data:`PRECISION`, or has fewer than :data:`FEWEST` records, is not proposed at all. So too
little data never makes anything worse; the classes found by their words stand in then.
"""

import json
import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shirushi.describe.evidence import JSON
from shirushi.describe.words import words

FORMAT = "shirushi-subjects/1"
FEWEST = 10  # records of a class
FEWEST_PROPOSED = 5  # held-out proposals from which a precision is told
PRECISION = 0.7  # of held-out proposals, smoothed by one right and one wrong
FOLDS = 5
MOST_TOKENS = 20_000
MOST_BYTES = 100_000_000
KEPT_WEIGHTS = 300  # of a class: the others are too small to matter
MOST_PROPOSED = 3
SHRINK = 0.02
STEPS = 150
Numbers = NDArray[np.float64]
Key = tuple[str, str]  # scheme and code


@dataclass(frozen=True, slots=True)
class Example:
    """One record: its text, and the classes (scheme, code) that people gave it, with their names."""

    id: str
    text: str
    subjects: Mapping[Key, str]


@dataclass(frozen=True, slots=True)
class Learnt:
    """One class. From ``threshold`` (log-odds) on, ``precision`` of the proposals were right on records not seen."""

    text: str
    records: int
    precision: float
    proposed: int
    threshold: float
    bias: float
    weights: Mapping[str, float] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Classifier:
    trained_at: str
    records: int
    idf: Mapping[str, float] = field(repr=False)
    classes: Mapping[Key, Learnt] = field(repr=False)
    passed_over: Mapping[Key, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Prediction:
    """A class for a folder; ``texts`` are the numbers of the texts that spoke most for it."""

    scheme: str
    code: str
    text: str
    precision: float
    texts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Rows of unit length in compressed form: ``rows[i]``, ``columns[i]``, ``values[i]``."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: Numbers
    height: int
    width: int

    def times(self, beta: Numbers) -> Numbers:
        return np.bincount(self.rows, self.values * beta[self.columns], self.height).astype(np.float64)

    def back(self, residual: Numbers) -> Numbers:
        return np.bincount(self.columns, self.values * residual[self.rows], self.width).astype(np.float64)


def train(examples: Iterable[Example], *, at: str) -> Classifier:
    """Learn from records. ``at`` is when, as ISO 8601. The same records give the same classifier."""
    known = sorted(examples, key=lambda example: example.id)
    bags = [Counter(word.term for word in words(example.text)) for example in known]
    idf = _idf(bags)
    matrix = _matrix(bags, idf)
    names: dict[Key, str] = {}
    of_class: defaultdict[Key, list[int]] = defaultdict(list)
    for row, example in enumerate(known):
        for key, text in example.subjects.items():
            names.setdefault(key, text)
            of_class[key].append(row)
    folds = np.array([zlib.crc32(example.id.encode()) % FOLDS for example in known], dtype=np.int64)
    classes: dict[Key, Learnt] = {}
    passed_over: dict[Key, str] = {}
    tokens = list(idf)
    for key in sorted(of_class):
        target = np.zeros(len(known))
        target[of_class[key]] = 1.0
        if len(of_class[key]) < FEWEST:
            passed_over[key] = f"{len(of_class[key])} records; {FEWEST} are needed"
            continue
        gate = _gate(_unseen(matrix, target, folds), target)
        if gate is None:
            passed_over[key] = f"fewer than {PRECISION:.0%} of its proposals were right on records not seen"
            continue
        beta, bias = _fit(matrix, target, np.ones(len(known)))
        largest = np.argsort(-np.abs(beta))[:KEPT_WEIGHTS]
        weights = {tokens[i]: round(float(beta[i]), 4) for i in largest if abs(beta[i]) >= 0.001}
        precision, proposed, threshold = gate
        classes[key] = Learnt(
            names[key], len(of_class[key]), round(precision, 4), proposed, round(threshold, 4), round(bias, 4), weights
        )
    return Classifier(at, len(known), idf, classes, passed_over)


def _idf(bags: Sequence[Counter[str]]) -> dict[str, float]:
    """Weights of the words that two records or more have, the commonest first."""
    seen = Counter(term for bag in bags for term in bag)
    kept = sorted((term for term, count in seen.items() if count >= 2), key=lambda term: (-seen[term], term))
    return {term: round(math.log(1 + len(bags) / seen[term]), 4) for term in kept[:MOST_TOKENS]}


def _unit(bag: Mapping[str, float], idf: Mapping[str, float]) -> dict[str, float]:
    weighted = {term: (1 + math.log(count)) * idf[term] for term, count in bag.items() if term in idf and count >= 1}
    length = math.sqrt(sum(value * value for value in weighted.values()))
    return {term: value / length for term, value in weighted.items()} if length else {}


def _matrix(bags: Sequence[Mapping[str, float]], idf: Mapping[str, float]) -> _Matrix:
    position = {term: index for index, term in enumerate(idf)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, bag in enumerate(bags):
        for term, value in _unit(bag, idf).items():
            rows.append(row)
            columns.append(position[term])
            values.append(value)
    return _Matrix(np.array(rows, np.int64), np.array(columns, np.int64), np.array(values), len(bags), len(idf))


def _fit(matrix: _Matrix, target: Numbers, use: Numbers) -> tuple[Numbers, float]:
    """L2 logistic regression of the rows in ``use`` (0 or 1) by gradient descent with momentum; right and wrong weigh alike."""
    beta, speed, bias, bias_speed = np.zeros(matrix.width), np.zeros(matrix.width), 0.0, 0.0
    right = max(float((use * target).sum()), 1.0)
    weight = use * np.where(target > 0, 0.5 / right, 0.5 / max(float(use.sum()) - right, 1.0))
    for _ in range(STEPS):
        share = 1 / (1 + np.exp(-np.clip(matrix.times(beta) + bias, -30, 30)))
        residual = weight * (share - target)
        speed = 0.9 * speed - 2.0 * (matrix.back(residual) + SHRINK * beta / 10)
        bias_speed = 0.9 * bias_speed - 0.5 * float(residual.sum())
        beta, bias = beta + speed, bias + bias_speed
    return beta, bias


def _unseen(matrix: _Matrix, target: Numbers, folds: NDArray[np.int64]) -> Numbers:
    """For each record the log-odds of a model that was trained without it."""
    scores = np.zeros(matrix.height)
    for fold in range(FOLDS):
        beta, bias = _fit(matrix, target, (folds != fold).astype(np.float64))
        scores = np.where(folds == fold, matrix.times(beta) + bias, scores)
    return scores


def _gate(scores: Numbers, target: Numbers) -> tuple[float, int, float] | None:
    """(precision, number proposed, threshold) that proposes the most while precise enough; None when nothing is."""
    order = np.argsort(-scores, kind="stable")
    best = None
    right = 0.0
    for number, row in enumerate(order, start=1):
        right += target[row]
        precision = (right + 1) / (number + 2)
        if number >= FEWEST_PROPOSED and precision >= PRECISION and scores[row] > 0:
            best = (float(precision), number, float(scores[row]))
    return best


def held_out(classifier: Classifier, texts: Sequence[tuple[str, float]]) -> list[Prediction]:
    """The classes of a folder by its (text, weight), the surest first; [] where no class is sure enough."""
    bags = [Counter(word.term for word in words(text)) for text, _ in texts]
    whole: Counter[str] = Counter()
    for bag in bags:
        whole.update(bag)
    unit = _unit(whole, classifier.idf)
    found = []
    for (scheme, code), learnt in classifier.classes.items():
        speaking = {term: value * learnt.weights[term] for term, value in unit.items() if term in learnt.weights}
        if learnt.bias + sum(speaking.values()) < learnt.threshold:
            continue
        shares = [
            sum(speaking.get(term, 0.0) for term in bag) * weight for bag, (_, weight) in zip(bags, texts, strict=True)
        ]
        telling = sorted((n for n, share in enumerate(shares) if share > 0), key=lambda n: -shares[n])
        if telling:
            found.append(Prediction(scheme, code, learnt.text, learnt.precision, tuple(telling)))
    return sorted(found, key=lambda one: (-one.precision, one.scheme, one.code))[:MOST_PROPOSED]


def to_json(classifier: Classifier) -> dict[str, JSON]:
    """Readable JSON: when and from what it was trained, what each class reached, and its words by weight."""
    classes = [
        {
            "scheme": scheme,
            "code": code,
            "text": one.text,
            "records": one.records,
            "precision": one.precision,
            "proposed": one.proposed,
            "threshold": one.threshold,
            "bias": one.bias,
            "weights": dict(one.weights),
        }
        for (scheme, code), one in classifier.classes.items()
    ]
    over = [{"scheme": scheme, "code": code, "why": why} for (scheme, code), why in classifier.passed_over.items()]
    head = {"format": FORMAT, "trained_at": classifier.trained_at, "records": classifier.records}
    return {**head, "classes": classes, "passed_over": over, "idf": dict(classifier.idf)}


def from_json(data: Mapping[str, JSON]) -> Classifier:
    """What :func:`to_json` wrote. Raises ValueError or KeyError for anything else."""
    if data.get("format") != FORMAT:
        raise ValueError(f"not a {FORMAT} document")
    names = ("text", "records", "precision", "proposed", "threshold", "bias", "weights")
    classes = {(one["scheme"], one["code"]): Learnt(*(one[name] for name in names)) for one in data["classes"]}
    over = {(one["scheme"], one["code"]): one["why"] for one in data["passed_over"]}
    return Classifier(data["trained_at"], data["records"], data["idf"], classes, over)


def load(path: Path) -> Classifier | None:
    """The classifier in a file; None where there is none, or the file is damaged: then nothing learnt is proposed."""
    try:
        return _load(path, path.stat().st_mtime_ns) if path.stat().st_size <= MOST_BYTES else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


@lru_cache(maxsize=2)
def _load(path: Path, _changed: int) -> Classifier:
    return from_json(json.loads(path.read_text("utf-8")))

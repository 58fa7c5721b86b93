"""Training of the ranking: from judged candidates to a :class:`~shirushi.describe.rank.Model`.

A judgement is a number from 0 (wrong) to 1 (right): a decision of a person, or a comparison with what a researcher typed.
Three small steps, each shrunk towards doing nothing: counts per method, an L2 logistic over named features with the method's
log-odds as its offset, and a line for the winner of each slot.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shirushi.describe.evidence import JSON, Candidate
from shirushi.describe.rank import Group, Model, group, logit, slot_of

Numbers = NDArray[np.float64]
SHRINK = 4.0
SHRINK_WINNER = 8.0
ALONE = 2.0
SHOWN = 3  # folders


@dataclass(frozen=True, slots=True)
class Judged:
    """One folder's candidates, each with its judgement; those nobody judged are left out.

    ``weight`` is less than 1 for one of several folders of the same origin, which tell the same thing again.
    """

    pairs: Sequence[tuple[Candidate, float]]
    weight: float = 1.0


def train(folders: Iterable[Judged]) -> Model:
    """The model that these judgements teach."""
    folders = list(folders)
    model = _counts(folders)
    weights = {name: _weights(rows, model, name) for name, rows in _rows(folders, model).items()}
    model = Model(model.methods, weights, model.prior)
    winner = {name: _line(pairs) for name, pairs in _winners(folders, model).items() if len(pairs) >= 10}
    return Model(model.methods, weights, model.prior, winner)


def _grouped(folder: Judged, model: Model) -> list[tuple[Group, float]]:
    """Groups of equal values with the judgement of the value."""
    verdict = {id(candidate.value): right for candidate, right in folder.pairs}
    by_value: dict[tuple[str, str], float] = {}
    groups = group([candidate for candidate, _ in folder.pairs], model)
    for candidate, right in folder.pairs:
        key = (candidate.target, str(candidate.value))
        by_value[key] = max(right, by_value.get(key, 0.0))
    return [(g, verdict.get(id(g.best.value), by_value.get((g.best.target, str(g.best.value)), 0.0))) for g in groups]


def _counts(folders: list[Judged]) -> Model:
    """How often each method was right. A folder's proposals of one method are much alike, so they count for fewer (see
    :func:`effective`): one with a thousand columns does not outvote the others."""
    shares: defaultdict[str, list[tuple[float, float]]] = defaultdict(
        list
    )  # of each method: (share right, weight) by folder
    of_field: defaultdict[str, set[str]] = defaultdict(set)
    for folder in folders:
        own: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
        for item, verdict in _grouped(folder, Model()):
            own[item.name, item.method].append(verdict)
        for (name, method), verdicts in own.items():
            weight = effective(len(verdicts)) * folder.weight
            shares[method].append((sum(verdicts) / len(verdicts), weight))
            of_field[name].add(method)
    judged: dict[str, float] = {}
    right: dict[str, float] = {}
    for method, found in shares.items():
        total = sum(weight for _, weight in found)
        # one folder speaks for at most two more proposals than all others together: alone it proves little
        kept = [(share, min(weight, total - weight + ALONE)) for share, weight in found]
        judged[method] = sum(weight for _, weight in kept)
        right[method] = sum(share * weight for share, weight in kept)
    prior = {name: _mean([(right[m], judged[m]) for m in methods]) for name, methods in of_field.items()}
    return Model({m: (round(right[m], 3), round(judged[m], 3)) for m in judged}, {}, prior)


def effective(count: int) -> float:
    """What so many proposals of one method in one folder are worth: five at most."""
    return float(min(count, 5))


def _mean(counts: list[tuple[float, float]]) -> float:
    """What to expect of a method of a field before it was judged: the mean over methods, each counting five at most."""
    weights = [min(judged, 5.0) for _, judged in counts]
    total = sum(weight * right / judged for weight, (right, judged) in zip(weights, counts, strict=True))
    return (total + 1) / (sum(weights) + 2)


# features, offset, judgement, weight, number of the folder
Row = tuple[Mapping[str, float], float, float, float, int]


def _rows(folders: list[Judged], model: Model) -> dict[str, list[Row]]:
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for number, folder in enumerate(folders):
        grouped = _grouped(folder, model)
        size: defaultdict[str, int] = defaultdict(int)
        for item, _ in grouped:
            size[item.name] += 1
        for item, verdict in grouped:
            weight = effective(size[item.name]) / size[item.name] * folder.weight
            offset = logit(model.precision(item.method, item.name))
            rows[item.name].append((item.features, offset, verdict, weight, number))
    return dict(rows)


def _weights(rows: list[Row], model: Model, name: str) -> dict[str, float]:
    """Weights of the features of one field; '' is the constant. What fewer than three folders show teaches nothing."""
    folders: defaultdict[str, set[int]] = defaultdict(set)
    for features, *_, number in rows:
        for key, value in features.items():
            if value:
                folders[key].add(number)
    names = sorted(key for key, shown in folders.items() if len(shown) >= SHOWN)
    matrix = np.array([[1.0, *(features.get(key, 0.0) for key in names)] for features, *_ in rows])
    offset, target, weight = (np.array(column) for column in zip(*((o, t, w) for _, o, t, w, _ in rows), strict=True))
    found = _logistic(matrix, target, offset, weight, SHRINK)
    return {key: round(float(value), 4) for key, value in zip(["", *names], found, strict=True) if abs(value) >= 0.005}


def _logistic(matrix: Numbers, target: Numbers, offset: Numbers, weight: Numbers, shrink: float) -> Numbers:
    """L2 logistic regression with soft targets by damped Newton steps."""
    beta = np.zeros(matrix.shape[1])
    penalty = shrink * np.eye(len(beta))
    for _ in range(50):
        share = 1 / (1 + np.exp(-np.clip(offset + matrix @ beta, -30, 30)))
        gradient = matrix.T @ (weight * (target - share)) - shrink * beta
        curve = (matrix * (weight * share * (1 - share))[:, None]).T @ matrix + penalty
        step = np.linalg.solve(curve, gradient)
        beta = beta + step
        if float(np.abs(step).max()) < 1e-7:
            break
    return beta


def _winners(folders: list[Judged], model: Model) -> dict[str, list[tuple[float, float, float]]]:
    """(log-odds, judgement, weight) of the best value of every slot."""
    found: defaultdict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for folder in folders:
        best: dict[tuple[str, str], tuple[float, float]] = {}
        for item, verdict in _grouped(folder, model):
            slot = slot_of(item.name, item.best.value)
            if slot is not None:
                odds = model.odds(item.method, item.name, item.features)
                best[item.name, slot] = max(best.get((item.name, slot), (-99.0, 0.0)), (odds, verdict))
        for (name, _), pair in best.items():
            found[name].append((*pair, folder.weight))
    return dict(found)


def _line(pairs: list[tuple[float, float, float]]) -> tuple[float, float]:
    """(scale, shift) of the winners' log-odds, shrunk towards (1, 0)."""
    odds, target, weight = (np.array(column) for column in zip(*pairs, strict=True))
    return shrunken_line(odds, target, weight, SHRINK_WINNER)


def shrunken_line(odds: Numbers, target: Numbers, weight: Numbers, shrink: float) -> tuple[float, float]:
    """(scale, shift) by which log-odds fit what they should have said, shrunk towards (1, 0)."""
    matrix = np.stack([odds, np.ones_like(odds)], axis=1)
    change = _logistic(matrix, target, odds, weight, shrink)
    return round(max(1 + float(change[0]), 0.1), 4), round(float(change[1]), 4)


def model_to_json(model: Model, *, learned_from: str) -> dict[str, JSON]:
    """The model as readable JSON; ``learned_from`` says in words from what."""
    return {
        "learned_from": learned_from,
        "methods": {name: list(counts) for name, counts in sorted(model.methods.items())},
        "prior": {name: round(value, 4) for name, value in sorted(model.prior.items())},
        "weights": {name: dict(sorted(weights.items())) for name, weights in sorted(model.weights.items())},
        "winner": {name: list(line) for name, line in sorted(model.winner.items())},
        **({"site": {name: list(line) for name, line in sorted(model.site.items())}} if model.site else {}),
    }

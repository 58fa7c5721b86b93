"""What decisions teach: an installation's own model over the shipped one, adopted only when it is proven better.

Three small steps, each shrunk towards doing nothing: the counts of each method go on from the shipped ones, and for every
field a line over the log-odds corrects what the shipped model says too high or too low here. Whether the result is better is
measured on drafts it has not seen; with too few decisions, or without a gain, the model in use stays.
"""

import dataclasses
import hashlib
import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shirushi.describe.rank import Model, logit
from shirushi.describe.training import effective, shrunken_line

ENOUGH = 30  # judged suggestions below which nothing is learnt
FOLDS = 5
SHIPPED_COUNTS_FOR = 20.0  # what the shipped counts of a method are worth at most beside decisions here
SHRINK_SITE = 12.0
GRID = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
CERTAINTY = 0.95


@dataclass(frozen=True, slots=True)
class Verdict:
    """A suggestion and how right it was (0 to 1). ``origin`` tells the draft or folder: verdicts of one are not independent.

    ``best``: it was the winner of its slot, or stands in a list; ``confidence`` is what was shown. ``version``: of the method, ""
    when it is not known.
    """

    field: str
    method: str
    right: float
    origin: str
    confidence: float = 0.5
    features: Mapping[str, float] = dataclasses.field(default_factory=dict)
    best: bool = True
    version: str = ""


@dataclass(frozen=True, slots=True)
class Measures:
    """How good confidences were on what they had not seen: ``log_loss`` and ``brier`` (less is better), expected calibration
    error ``ece`` over ten bins, ``auroc`` of confidence against being right (None when all or none were)."""

    judged: int
    log_loss: float
    brier: float
    ece: float
    auroc: float | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One value of ``field`` in the draft or folder ``origin``: the confidence it had, and how right it was (0 to 1)."""

    origin: str
    field: str
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Proof:
    """Of values of ``field`` at ``threshold`` or more confidence, one drawn by lot from each draft, ``wrong`` of ``judged`` were
    wrong; the true share is at most ``bound`` with 95 % certainty for all thresholds of the grid together (Clopper and Pearson
    1934, Bonferroni over the grid)."""

    threshold: float
    judged: int
    wrong: int
    bound: float
    field: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What learning came to: ``model`` is the new one when ``adopted``, else the one in use. ``why`` says so in a code:
    ``better``, ``too-few`` or ``no-gain``."""

    model: Model
    adopted: bool
    why: str
    before: Measures
    after: Measures
    proofs: tuple[Proof, ...]


def learn(base: Model, verdicts: Sequence[Verdict]) -> Lesson:
    """The model that these verdicts teach, starting from the shipped one."""
    verdicts = list(verdicts)
    shown = [(confidence_of(base, verdict), verdict.right) for verdict in verdicts]
    before = measures(shown)
    origins = sorted({verdict.origin for verdict in verdicts})
    if len(verdicts) < ENOUGH or len(origins) < FOLDS:
        return Lesson(base, adopted=False, why="too-few", before=before, after=before, proofs=())
    fold_of = {origin: number % FOLDS for number, origin in enumerate(origins)}
    held_out: list[Trial] = []
    for fold in range(FOLDS):
        model = adapt(base, [v for v in verdicts if fold_of[v.origin] != fold])
        held_out += [trial(model, v) for v in verdicts if fold_of[v.origin] == fold]
    after = measures([(one.confidence, one.right) for one in held_out])
    if after.log_loss >= before.log_loss:
        proofs = prove([trial(base, v) for v in verdicts])
        return Lesson(base, adopted=False, why="no-gain", before=before, after=after, proofs=proofs)
    return Lesson(adapt(base, verdicts), adopted=True, why="better", before=before, after=after, proofs=prove(held_out))


def confidence_of(model: Model, verdict: Verdict) -> float:
    """What a model says of a judged suggestion."""
    odds = model.odds(verdict.method, verdict.field, verdict.features)
    return model.confidence(odds, verdict.method, verdict.field, best=verdict.best)


def trial(model: Model, verdict: Verdict) -> Trial:
    """A judged suggestion with what a model says of it."""
    return Trial(verdict.origin, verdict.field, confidence_of(model, verdict), verdict.right)


def adapt(base: Model, verdicts: Sequence[Verdict]) -> Model:
    """The shipped model with these verdicts added: counts of methods first, then a line for every field."""
    model = replace(base, methods=_counted(base, verdicts), site={})
    by_field: defaultdict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_field[verdict.field].append(verdict)
    site = {}
    for name, own in by_field.items():
        odds = np.array([logit(confidence_of(model, v)) for v in own])
        right = np.array([v.right for v in own])
        site[name] = shrunken_line(odds, right, _weights(own), SHRINK_SITE)
    return replace(model, site=site)


def _counted(base: Model, verdicts: Sequence[Verdict]) -> dict[str, tuple[float, float]]:
    """Counts of methods: those shipped, worth no more than a few judgements, and those of these verdicts."""
    counts: dict[str, tuple[float, float]] = {}
    for method, (right, judged) in base.methods.items():
        share = min(1.0, SHIPPED_COUNTS_FOR / judged) if judged else 1.0
        counts[method] = (right * share, judged * share)
    alike: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for verdict in verdicts:
        alike[verdict.origin, verdict.method].append(verdict.right)
    for (_, method), rights in alike.items():
        weight = effective(len(rights))
        right, judged = counts.get(method, (0.0, 0.0))
        counts[method] = (right + weight * sum(rights) / len(rights), judged + weight)
    touched = {verdict.method for verdict in verdicts}
    return {m: counts[m] if m in touched else base.methods[m] for m in {*base.methods, *touched}}


def _weights(verdicts: Sequence[Verdict]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    sizes: defaultdict[str, int] = defaultdict(int)
    for verdict in verdicts:
        sizes[verdict.origin] += 1
    return np.array([effective(sizes[v.origin]) / sizes[v.origin] for v in verdicts])


# ---- measuring


def measures(pairs: Sequence[tuple[float, float]], bins: int = 10) -> Measures:
    """Of (confidence, judgement from 0 to 1) pairs."""
    if not pairs:
        return Measures(0, 0.0, 0.0, 0.0, None)
    losses = [
        -(r * math.log(c) + (1 - r) * math.log(1 - c)) for c, r in ((min(max(c, 1e-6), 1 - 1e-6), r) for c, r in pairs)
    ]
    return Measures(
        len(pairs),
        sum(losses) / len(pairs),
        sum((c - r) ** 2 for c, r in pairs) / len(pairs),
        sum(abs(one.confidence - one.right) * one.judged for one in reliability(pairs, bins)) / len(pairs),
        auroc(pairs),
    )


@dataclass(frozen=True, slots=True)
class Bin:
    """Values whose confidence lies between ``low`` and ``high``: how many, their mean confidence, the share that was right."""

    low: float
    high: float
    judged: int
    confidence: float
    right: float


def reliability(pairs: Iterable[tuple[float, float]], bins: int = 10) -> list[Bin]:
    """The bins of a reliability diagram that hold anything."""
    found: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
    for confidence, right in pairs:
        found[min(bins - 1, int(confidence * bins))].append((confidence, right))
    return [
        Bin(n / bins, (n + 1) / bins, len(b), sum(c for c, _ in b) / len(b), sum(r for _, r in b) / len(b))
        for n, b in sorted(found.items())
    ]


def auroc(pairs: Iterable[tuple[float, float]]) -> float | None:
    """The probability that a right value has more confidence than a wrong one, ties counting half. Right is 0.5 or more."""
    pairs = list(pairs)
    right = [c for c, r in pairs if r >= 0.5]
    wrong = sorted(c for c, r in pairs if r < 0.5)
    if not right or not wrong:
        return None
    below = sum((bisect_left(wrong, c) + bisect_right(wrong, c)) / 2 for c in right)
    return below / (len(right) * len(wrong))


# ---- proving


def prove(trials: Sequence[Trial], grid: Sequence[float] = GRID) -> tuple[Proof, ...]:
    """For each field and each threshold of the grid, how many of the values at least that sure were wrong, and the bound on their
    share. The values of one draft are right or wrong together, so one of each is drawn by lot: then they are independent."""
    by_field: defaultdict[str, defaultdict[str, list[Trial]]] = defaultdict(lambda: defaultdict(list))
    for one in trials:
        by_field[one.field][one.origin].append(one)
    proofs = []
    for name, origins in sorted(by_field.items()):
        for threshold in grid:
            sure = [[t for t in own if t.confidence >= threshold] for own in origins.values()]
            drawn = [own[_lot(own[0], len(own))] for own in sure if own]
            wrong = sum(one.right < 0.5 for one in drawn)
            bound = upper_bound(wrong, len(drawn), (1 - CERTAINTY) / len(grid))
            proofs.append(Proof(threshold, len(drawn), wrong, round(bound, 4), name))
    return tuple(proofs)


def _lot(one: Trial, of: int) -> int:
    """A number below ``of`` that does not depend on what was right, the same each time."""
    return int.from_bytes(hashlib.sha256(f"{one.field}/{one.origin}".encode()).digest()[:8], "big") % of


def proven_thresholds(proofs: Iterable[Proof], most_wrong: float) -> dict[str, float]:
    """For each field the lowest threshold above which at most the share ``most_wrong`` is wrong, as far as proven; fields for
    which nothing is proven are not there."""
    found: dict[str, float] = {}
    for proof in proofs:
        if proof.field and proof.bound <= most_wrong:
            found[proof.field] = min(proof.threshold, found.get(proof.field, 1.0))
    return found


def upper_bound(wrong: int, judged: int, alpha: float) -> float:
    """The largest true share of wrong values with which ``wrong`` or fewer of ``judged`` are seen with probability ``alpha``:
    the one-sided upper limit of Clopper and Pearson (Biometrika 26, 1934)."""
    if judged == 0 or wrong >= judged:
        return 1.0
    low, high = wrong / judged, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _at_most(wrong, judged, middle) > alpha:
            low = middle
        else:
            high = middle
    return high


def _at_most(count: int, of: int, share: float) -> float:
    """P(X <= count) of a binomial distribution."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    log = math.log
    total = sum(
        math.exp(
            math.lgamma(of + 1)
            - math.lgamma(k + 1)
            - math.lgamma(of - k + 1)
            + k * log(share)
            + (of - k) * log(1 - share)
        )
        for k in range(count + 1)
    )
    return min(total, 1.0)


__all__ = [
    "Bin", "Lesson", "Measures", "Proof", "Trial", "Verdict", "adapt", "auroc", "confidence_of", "learn", "measures", "prove",
    "proven_thresholds", "reliability", "upper_bound",
]  # fmt: skip

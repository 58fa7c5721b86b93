"""From candidates to suggestions: equal values are one, each with a calibrated confidence, the best first.

The model is data (``data/ranking.json``): for every method how often it was right among how often it was judged
(Beta-smoothed), and for every field a few weights that move the log-odds by named features. It is trained by
:mod:`shirushi.describe.training`; a method without counts gets its field's average, so too little data never degrades it.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from shirushi.describe.evidence import JSON, Candidate, Evidence, Suggestion
from shirushi.describe.text import letters
from shirushi.metadata.fields import FIELDS, field_of

PRIOR_WEIGHT = 4.0
_FIELD_ORDER = {spec.name: position for position, spec in enumerate(FIELDS)}
SINGLE = frozenset({"resource_type", "publisher", "publication_date", "version"})


@dataclass(frozen=True, slots=True)
class Model:
    """``methods[name] = (right, judged)``; ``weights[field][feature]``; ``prior[field]`` is the field's mean precision."""

    methods: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    prior: Mapping[str, float] = field(default_factory=dict)
    version: str = "0"

    def precision(self, method: str, name: str) -> float:
        """Share of right values among a method's proposals, smoothed by the field's average as ``PRIOR_WEIGHT`` more."""
        right, judged = self.methods.get(method, (0.0, 0.0))
        return (right + PRIOR_WEIGHT * self.prior.get(name, 0.5)) / (judged + PRIOR_WEIGHT)

    def confidence(self, method: str, name: str, features: Mapping[str, float]) -> float:
        """Calibrated share of right values among candidates like this one."""
        weights = self.weights.get(name, {})
        odds = _logit(self.precision(method, name)) + weights.get("bias", 0.0)
        return _sigmoid(odds + sum(weights.get(key, 0.0) * value for key, value in features.items()))


def _logit(share: float) -> float:
    share = min(max(share, 0.001), 0.999)
    return math.log(share / (1 - share))


def _sigmoid(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


@cache
def default_model() -> Model:
    """The model shipped with the package."""
    source = files("shirushi.describe").joinpath("data", "ranking.json")
    return model_from_json(json.loads(source.read_text("utf-8"))) if source.is_file() else Model()


def model_from_json(data: Mapping[str, JSON]) -> Model:
    """The model that training wrote."""
    return Model(
        {name: (counts["right"], counts["judged"]) for name, counts in data["methods"].items()},
        data["weights"],
        data["prior"],
        data["version"],
    )


@dataclass(slots=True)
class _Group:
    """Candidates with the same value: the best of them speaks, all their evidence counts."""

    best: Candidate
    confidence: float
    evidence: list[Evidence]
    methods: set[str]
    position: int


def rank(candidates: Iterable[Candidate], model: Model | None = None) -> list[Suggestion]:
    """Suggestions, field by field, best first; values that disagree with a better single value are alternatives."""
    chosen = model or default_model()
    groups: dict[tuple[str, str], _Group] = {}
    for position, candidate in enumerate(candidates):
        name = field_of(candidate.target).name
        confidence = chosen.confidence(candidate.method.partition("/")[0], name, candidate.features)
        key = (candidate.target, identity(name, candidate.value))
        group = groups.get(key)
        if group is None:
            groups[key] = _Group(candidate, confidence, list(candidate.evidence), {candidate.method}, position)
        else:
            _merge(group, candidate, confidence)
    return _suggestions(list(groups.values()))


def _merge(group: _Group, candidate: Candidate, confidence: float) -> None:
    """Agreement of another method raises confidence; the same method again does not."""
    group.evidence.extend(e for e in candidate.evidence if e not in group.evidence)
    if candidate.method not in group.methods:
        group.methods.add(candidate.method)
        high, low = max(group.confidence, confidence), min(group.confidence, confidence)
        agreed = high + (1 - high) * low * 0.5
    else:
        agreed = max(group.confidence, confidence)
    if (confidence, candidate.score) > (group.confidence, group.best.score):
        group.best = candidate
    group.confidence = agreed


def identity(name: str, value: JSON) -> str:
    """What makes two values of one field the same value."""
    if not isinstance(value, Mapping):
        return letters(str(value)) or str(value)
    keys: dict[str, Sequence[str]] = {
        "titles": ("text",),
        "creators": ("name",),
        "contributors": ("name", "role"),
        "descriptions": ("text",),
        "subjects": ("text",),
        "rights": ("id", "uri", "text"),
        "dates": ("date", "type"),
        "related": ("identifier",),
        "funding": ("award", "funder"),
        "variables": ("file", "part", "name"),
        "publisher": ("name",),
        "resource_type": ("general",),
    }
    picked = [str(value[key]) for key in keys.get(name, ()) if value.get(key)]
    if name in ("rights", "funding") and picked:
        picked = picked[:1]
    if name in ("creators", "contributors"):
        picked = [" ".join(sorted(letters(picked[0]).split())), *picked[1:]]
    if name == "variables" and picked:
        return json.dumps(picked, ensure_ascii=False)
    return letters(" ".join(picked)) or json.dumps(value, sort_keys=True, ensure_ascii=False)


def _slot(name: str, value: JSON) -> str | None:
    """Values in one slot exclude each other; None where every value may stand beside the others."""
    if name in SINGLE:
        return ""
    if name == "titles":
        return f"{value.get('lang')}/{value.get('type')}"
    if name == "descriptions":
        return f"{value.get('lang')}/{value.get('type', 'Abstract')}"
    if name == "rights":
        return str(value.get("covers", "all"))
    return None


def _suggestions(groups: list[_Group]) -> list[Suggestion]:
    groups.sort(key=lambda g: (-g.confidence, -g.best.score, g.position))
    orders: dict[str, int] = {}
    slots: set[tuple[str, str]] = set()
    result = []
    for group in groups:
        name = field_of(group.best.target).name
        slot = _slot(name, group.best.value)
        alternative = slot is not None and (name, slot) in slots
        if slot is not None:
            slots.add((name, slot))
        order = orders.get(name, 0)
        orders[name] = order + 1
        method, _, version = group.best.method.partition("/")
        result.append(
            Suggestion(
                group.best.target,
                group.best.value,
                round(min(max(group.confidence, 0.0), 0.999), 3),
                tuple(group.evidence),
                method,
                version or "1",
                order,
                alternative,
            )
        )
    return sorted(result, key=lambda s: (_FIELD_ORDER[field_of(s.target).name], s.order))

"""From candidates to suggestions: equal values are one, each with a calibrated confidence, the best first.

The model is data (``data/ranking.json``; ``data/expected.json`` for what was hardly judged), small enough to read: for every
method how often it was right among how often it was judged (Beta-smoothed by its field's average, so that too little data
never degrades it), for every field a few weights that move the log-odds by named features, and for fields that want one
value a line that corrects the winner, since the best of several is right more often than each of them. It is trained by
:mod:`shirushi.describe.training`.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files

from shirushi.describe.evidence import JSON, Candidate, Evidence, Suggestion
from shirushi.describe.text import has_cjk, letters
from shirushi.metadata.fields import FIELDS, field_of

PRIOR_WEIGHT = 4.0
HIGHEST, LOWEST = 0.995, 0.005
FAINT = 0.2  # an alternative less likely than this only distracts from the value it disagrees with
MOST_ALTERNATIVES = 3  # to one value; what metadata files state is always shown
# What to expect of a language model's values until people have judged some: of words it quotes, of its own words
MODEL_QUOTED, MODEL_DERIVED = 0.55, 0.4
SINGLE = frozenset({"resource_type", "publisher", "publication_date", "version"})
_ORDER = {spec.name: position for position, spec in enumerate(FIELDS)}
# Lists whose order is the work's own (creators as they are cited, columns as they stand), not that of confidence.
_AS_FOUND = frozenset({"creators", "contributors", "variables"})
_SAME_BY: Mapping[str, Sequence[str]] = {
    "titles": ("text",),
    "creators": ("name",),
    "contributors": ("name", "role"),
    "descriptions": ("text",),
    "subjects": ("text",),
    "rights": ("id", "uri", "text"),
    "dates": ("date", "type"),
    "related": ("identifier",),
    "funding": ("award", "funder"),
    "variables": ("file", "part", "name", "position"),
    "instruments": ("name", "serial_number"),
    "software": ("name",),
    "publisher": ("name",),
    "resource_type": ("general",),
    "alternate_identifiers": ("identifier",),
}


@dataclass(frozen=True, slots=True)
class Model:
    """``methods[name] = (right, judged)``; ``weights[field][feature]``; ``prior[field]`` is the field's mean precision;
    ``winner[field] = (scale, shift)`` corrects the log-odds of the best value of a slot; ``site[field]`` all log-odds of a
    field, as the decisions of one installation taught (:mod:`shirushi.describe.learning`). What a ``withdrawn`` method
    (``creators.prose`` or ``creators.prose/1``) proposes is left out."""

    methods: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    prior: Mapping[str, float] = field(default_factory=dict)
    winner: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    site: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()

    def precision(self, method: str, name: str) -> float:
        """Share of right values among a method's proposals, smoothed by ``PRIOR_WEIGHT`` more at the field's average.

        A statement in a metadata file is taken for right until many judgements speak against it: somebody typed it for this
        very field, and the folders that the shipped model was trained on had just that file taken away.
        """
        stated = method.endswith(".stated")
        prior = 0.9 if stated else expected().get(method, self.prior.get(name, 0.5))
        if is_of_model(method):
            prior = MODEL_QUOTED if method.endswith("quoted") else MODEL_DERIVED
        weight = 5 * PRIOR_WEIGHT if stated else PRIOR_WEIGHT
        right, judged = self.methods.get(method, (0.0, 0.0))
        return (right + weight * prior) / (judged + weight)

    def odds(self, method: str, name: str, features: Mapping[str, float]) -> float:
        """Log-odds that a value like this one is right. A method that has measured itself on what it had not seen says it by the
        feature ``held_out``."""
        if "held_out" in features:
            return logit(features["held_out"])
        weights = self.weights.get(name, {})
        moved = sum(weights.get(key, 0.0) * value for key, value in features.items())
        return logit(self.precision(method, name)) + (
            0.0 if method.endswith(".stated") else weights.get("", 0.0) + moved
        )

    def confidence(self, odds: float, method: str, name: str, *, best: bool) -> float:
        """The probability, rounded to thousandths, that a value with these log-odds is right; ``best``: the winner of its slot."""
        scale, shift = self.winner.get(name, (1.0, 0.0))
        if best and not method.endswith(".stated"):
            odds = scale * odds + shift
        scale, shift = self.site.get(name, (1.0, 0.0))
        return round(min(max(sigmoid(scale * odds + shift), LOWEST), HIGHEST), 3)

    def allows(self, method: str) -> bool:
        """Whether neither the method (with or without its version) nor this version of it is withdrawn."""
        return method not in self.withdrawn and method.partition("/")[0] not in self.withdrawn


@dataclass(slots=True)
class Group:
    """Candidates with the same value: the one of the best method speaks, all their evidence counts."""

    name: str
    best: Candidate
    evidence: list[Evidence]
    methods: set[str]
    position: int

    @property
    def method(self) -> str:
        return self.best.method.partition("/")[0]

    @property
    def features(self) -> dict[str, float]:
        """The speaker's features and how many other methods agree with it (at most three count)."""
        others = sum(not is_of_model(method) for method in self.methods if method != self.best.method)
        return {**self.best.features, "agree": min(others, 3) / 3}


def is_of_model(method: str) -> bool:
    """Whether a language model pointed at it (:mod:`shirushi.describe.llm`): such values stand behind all others."""
    return ".llm-" in method


def logit(share: float) -> float:
    share = min(max(share, LOWEST), HIGHEST)
    return math.log(share / (1 - share))


def sigmoid(odds: float) -> float:
    return 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))


@cache
def expected() -> Mapping[str, float]:
    """What to expect of methods that read an exact form or compute an extent, until enough of their values were judged
    (``data/expected.json``): set by hand, and worth ``PRIOR_WEIGHT`` judgements."""
    source = files("shirushi.describe").joinpath("data", "expected.json")
    found: dict[str, float] = json.loads(source.read_text("utf-8"))
    return found


@cache
def default_model() -> Model:
    """The model shipped with the package."""
    source = files("shirushi.describe").joinpath("data", "ranking.json")
    return model_from_json(json.loads(source.read_text("utf-8")))


def model_from_json(data: Mapping[str, JSON]) -> Model:
    """The model that training wrote. Raises KeyError when a part is missing."""
    return Model(
        {name: (right, judged) for name, (right, judged) in data["methods"].items()},
        data["weights"],
        data["prior"],
        {name: (scale, shift) for name, (scale, shift) in data["winner"].items()},
        {name: (scale, shift) for name, (scale, shift) in data.get("site", {}).items()},
    )


def group(candidates: Iterable[Candidate], model: Model) -> list[Group]:
    """Candidates of one value together, in the order in which the values were first proposed."""
    groups: dict[tuple[str, str], Group] = {}
    for position, candidate in enumerate(candidates):
        name = field_of(candidate.target).name
        key = (candidate.target, identity(name, candidate.value))
        known = groups.get(key)
        if known is None:
            groups[key] = Group(name, candidate, list(candidate.evidence), {candidate.method}, position)
        else:
            _merge(known, candidate, model)
    return list(groups.values())


def _merge(known: Group, candidate: Candidate, model: Model) -> None:
    known.evidence.extend(e for e in candidate.evidence if e not in known.evidence)
    known.methods.add(candidate.method)
    standing, coming = known.best, candidate
    before = (not is_of_model(known.method), model.precision(known.method, known.name), standing.score)
    newer = coming.method.partition("/")[0]
    after = (not is_of_model(newer), model.precision(newer, known.name), coming.score)
    if after > before:
        known.best = coming
    better, other = (coming, standing) if known.best is coming else (standing, coming)
    if isinstance(better.value, Mapping) and isinstance(other.value, Mapping):
        extra = {
            k: v
            for k, v in other.value.items()
            if k in ("orcid", "affiliations", "other_names") and not better.value.get(k)
        }
        if extra:
            known.best = Candidate(
                better.target, {**better.value, **extra}, better.evidence, better.method, better.score, better.features
            )


def rank(candidates: Iterable[Candidate], model: Model | None = None) -> list[Suggestion]:
    """Suggestions, field by field, best first; values that disagree with a better single value are alternatives."""
    chosen = model or default_model()
    allowed = (candidate for candidate in candidates if chosen.allows(candidate.method))
    scored = [(chosen.odds(g.method, g.name, g.features), g) for g in group(allowed, chosen)]
    scored.sort(key=lambda pair: (is_of_model(pair[1].method), -pair[0], -pair[1].best.score, pair[1].position))
    slots: dict[tuple[str, str], int] = {}
    places: dict[str, list[tuple[int, Suggestion]]] = {}
    for odds, item in scored:
        slot = slot_of(item.name, item.best.value)
        others = slots.get((item.name, slot), 0) if slot is not None else 0
        alternative = others > 0
        too_much = others > MOST_ALTERNATIVES or sigmoid(odds) < FAINT
        if alternative and too_much and not item.method.endswith(".stated"):
            continue
        if slot is not None:
            slots[item.name, slot] = others + 1
        best = slot is not None and not alternative
        confidence = chosen.confidence(odds, item.method, item.name, best=best)
        places.setdefault(item.name, []).append((item.position, _suggestion(item, confidence, alternative=alternative)))
    return [s for name in sorted(places, key=_ORDER.__getitem__) for s in _numbered(name, places[name])]


def _suggestion(item: Group, confidence: float, *, alternative: bool) -> Suggestion:
    method, _, version = item.best.method.partition("/")
    return Suggestion(
        item.best.target,
        item.best.value,
        confidence,
        tuple(item.evidence),
        method,
        version or "1",
        alternative=alternative,
        features={key: round(value, 4) for key, value in item.features.items() if value},
    )


def _numbered(name: str, found: list[tuple[int, Suggestion]]) -> list[Suggestion]:
    """With the place in the field's list as ``order``."""
    if name in _AS_FOUND:
        found = sorted(found, key=lambda pair: pair[0])
    return [replace(s, order=order) for order, (_, s) in enumerate(found)]


def identity(name: str, value: JSON) -> str:
    """What makes two values of one field the same value."""
    if not isinstance(value, Mapping):
        return letters(str(value)) or str(value)
    picked = [str(value[key]) for key in _SAME_BY.get(name, ()) if value.get(key)]
    if name == "subjects" and value.get("code") and value.get("scheme"):
        return f"{value['scheme']} {value['code']}"  # a class is not the keyword of the same name
    if name == "variables" and picked:
        return json.dumps(picked, ensure_ascii=False)
    if name in ("rights", "funding"):
        picked = picked[:1]
    if name == "rights" and picked:
        picked = [picked[0].removesuffix("-or-later").removesuffix("-only"), str(value.get("covers", "all"))]
    if name == "titles" and picked:
        picked = [re.sub(r"^the ", "", picked[0], flags=re.IGNORECASE)]
    if name in ("creators", "contributors") and picked:
        words = letters(picked[0]).split()
        picked = ["".join(words) if has_cjk(picked[0]) else " ".join(sorted(words)), *picked[1:]]
    return letters(" ".join(picked)) or json.dumps(value, sort_keys=True, ensure_ascii=False)


def slot_of(name: str, value: JSON) -> str | None:
    """Values in one slot exclude each other; None where every value may stand beside the others."""
    if name in SINGLE:
        return ""
    if name == "titles":
        return f"{value.get('lang') or 'en'}/{value.get('type')}"
    if name == "descriptions":
        return f"{value.get('lang') or 'en'}/{value.get('type', 'Abstract')}"
    if name == "rights":
        return str(value.get("covers", "all"))
    if name == "dates" and value.get("type") == "Coverage":
        return "coverage"
    if name == "locations":
        return "box" if value.get("box") else "place"
    return None

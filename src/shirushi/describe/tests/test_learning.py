"""Learning from decisions: better where there is something to learn, unchanged where there is not; bounds that hold."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shirushi.describe.learning import (
    Trial,
    Verdict,
    adapt,
    auroc,
    confidence_of,
    learn,
    measures,
    prove,
    proven_thresholds,
    reliability,
    upper_bound,
)
from shirushi.describe.rank import Model, default_model, model_from_json
from shirushi.describe.training import model_to_json

BASE = Model({"titles.good": (9, 10), "titles.bad": (6, 10)}, {}, {"titles": 0.5})


def decisions(rates: dict[str, float], drafts: int, seed: int = 1) -> list[Verdict]:
    chance = random.Random(seed)
    return [
        Verdict("titles", method, float(chance.random() < rate), f"d{n}")
        for n in range(drafts)
        for method, rate in rates.items()
    ]


def test_decisions_teach_what_is_different_here() -> None:
    lesson = learn(BASE, decisions({"titles.good": 0.2, "titles.bad": 0.95}, 60))
    assert (lesson.adopted, lesson.why) == (True, "better")
    assert lesson.after.log_loss < lesson.before.log_loss
    good, bad = (confidence_of(lesson.model, Verdict("titles", m, 1.0, "new")) for m in ("titles.good", "titles.bad"))
    assert good < 0.4 < 0.8 < bad


def test_too_few_decisions_change_nothing() -> None:
    lesson = learn(BASE, decisions({"titles.good": 0.0}, 20))
    assert (lesson.adopted, lesson.why, lesson.model) == (False, "too-few", BASE)


def test_many_decisions_in_few_drafts_change_nothing() -> None:
    verdicts = [Verdict("titles", "titles.good", 0.0, f"d{n % 3}") for n in range(300)]
    assert learn(BASE, verdicts).why == "too-few"


def test_noise_is_not_adopted() -> None:
    calibrated = Model({"titles.good": (500, 1000)}, {}, {"titles": 0.5})
    adopted = [learn(calibrated, decisions({"titles.good": 0.5}, 40, seed)).adopted for seed in range(20)]
    assert sum(adopted) <= 6
    for seed in range(20):
        lesson = learn(calibrated, decisions({"titles.good": 0.5}, 40, seed))
        assert abs(confidence_of(lesson.model, Verdict("titles", "titles.good", 1.0, "x")) - 0.5) < 0.2


def test_a_draft_with_a_thousand_columns_does_not_outvote_the_others() -> None:
    one = [Verdict("variables", "variables.column", 0.0, "huge") for _ in range(1000)]
    others = [Verdict("variables", "variables.column", 1.0, f"d{n}") for n in range(200)]
    model = adapt(Model({"variables.column": (9, 10)}, {}, {"variables": 0.9}), one + others)
    assert confidence_of(model, others[0]) > 0.6


def test_a_taught_model_survives_its_file() -> None:
    model = learn(BASE, decisions({"titles.good": 0.2, "titles.bad": 0.95}, 60)).model
    assert model_from_json(model_to_json(model, learned_from="x")).site == model.site


def test_measures_of_perfect_and_of_constant_confidence() -> None:
    perfect = measures([(0.99, 1.0)] * 50 + [(0.01, 0.0)] * 50)
    assert perfect.auroc == 1.0
    assert perfect.ece == pytest.approx(0.01)
    constant = measures([(0.5, 1.0)] * 50 + [(0.5, 0.0)] * 50)
    assert (constant.ece, constant.auroc, constant.brier) == (0.0, 0.5, 0.25)


def test_auroc_needs_both_sorts() -> None:
    assert auroc([(0.3, 1.0)]) is None


def test_reliability_bins_hold_what_was_judged() -> None:
    bins = reliability([(0.05, 0.0), (0.07, 1.0), (1.0, 1.0)])
    assert [(b.low, b.judged, b.right) for b in bins] == [(0.0, 2, 0.5), (0.9, 1, 1.0)]


# One-sided upper limits: 0 of n gives 1 - alpha**(1/n); the others from the beta distribution's 0.95 quantile.
@pytest.mark.parametrize(
    ("wrong", "judged", "bound"),
    [(0, 10, 0.25887), (0, 59, 0.04951), (1, 10, 0.39416), (5, 100, 0.10225), (10, 10, 1.0)],
)
def test_bound_of_clopper_and_pearson(wrong: int, judged: int, bound: float) -> None:
    assert upper_bound(wrong, judged, 0.05) == pytest.approx(bound, abs=2e-5)


@given(st.integers(1, 300), st.data())
def test_bound_lies_above_what_was_seen(judged: int, data: st.DataObject) -> None:
    wrong = data.draw(st.integers(0, judged))
    bound = upper_bound(wrong, judged, 0.05)
    assert wrong / judged <= bound <= 1
    if wrong < judged:
        assert bound <= upper_bound(wrong + 1, judged, 0.05)


def trials(count: int, confidence: float, right: float, field: str = "titles", first: int = 0) -> list[Trial]:
    return [Trial(f"draft {first + n}", field, confidence, right) for n in range(count)]


def test_threshold_is_offered_only_when_proven() -> None:
    few = prove(trials(30, 0.97, 1.0))
    assert proven_thresholds(few, 0.05) == {}  # thirty right ones prove no more than 15 %
    many = prove([*trials(300, 0.97, 1.0), *trials(60, 0.7, 0.0, first=300)])
    assert proven_thresholds(many, 0.05) == {"titles": 0.8}
    assert next(p for p in many if p.threshold == 0.5).wrong == 60


def test_many_values_of_one_draft_prove_nothing() -> None:
    columns = [Trial("one draft", "variables", 0.97, 1.0)] * 400
    assert {proof.judged for proof in prove(columns) if proof.threshold <= 0.95} == {1}
    assert proven_thresholds(prove(columns), 0.05) == {}


def test_one_field_proves_nothing_of_another() -> None:
    proofs = prove([*trials(300, 0.97, 1.0, "variables"), *trials(3, 0.97, 0.0, "titles")])
    assert set(proven_thresholds(proofs, 0.05)) == {"variables"}


def test_too_few_decisions_prove_nothing() -> None:
    lesson = learn(default_model(), [Verdict("variables", "variables.column", 1.0, "draft 1", 0.976)] * 400)
    assert (lesson.why, lesson.proofs) == ("too-few", ())


def test_thresholds_keep_their_promise_on_fresh_values() -> None:
    """Many worlds: where a threshold is offered, the true share of wrong values above it is seldom over the target."""
    broken = offered = 0
    for seed in range(60):
        chance = random.Random(seed)
        sure = [chance.random() for _ in range(3000)]
        found = [Trial(str(n), "titles", c, float(chance.random() < c)) for n, c in enumerate(sure)]
        threshold = proven_thresholds(prove(found), 0.1).get("titles")
        if threshold is not None:
            offered += 1
            broken += (1 - (threshold + 1) / 2) > 0.1  # confidence is the truth here, evenly spread
    assert offered > 40
    assert broken / offered <= 0.05

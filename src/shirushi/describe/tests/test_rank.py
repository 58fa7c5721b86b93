"""Ranking: equal values are one, confidence is calibrated, disagreeing values are alternatives."""

from dataclasses import replace

from shirushi.describe.evidence import Candidate, Evidence, FilePlace, suggestion_from_json, to_json
from shirushi.describe.rank import MOST_ALTERNATIVES, Model, default_model, rank
from shirushi.describe.training import Judged, train

MODEL = Model({"titles.good": (9, 10), "titles.bad": (1, 10)}, {"titles": {"front": 1.0}}, {"titles": 0.5})


def candidate(text: str, method: str, file: str = "README.md", **features: float) -> Candidate:
    evidence = Evidence("heading", {"text": text, "level": 1}, FilePlace(file), "test/1")
    return Candidate("/titles/-", {"text": text}, (evidence,), method, features=features)


def test_equal_values_share_their_evidence() -> None:
    [found] = rank([candidate("Sea  Ice", "titles.bad/1"), candidate("sea ice", "titles.good/2", "b.md")], MODEL)
    assert (found.method, found.version) == ("titles.good", "2")
    assert [e.place.file for e in found.evidence] == ["README.md", "b.md"]


def test_a_japanese_name_is_one_with_and_without_its_space() -> None:
    def named(name: str) -> Candidate:
        return replace(candidate(name, "creators.byline/1"), target="/creators/-", value={"name": name})

    assert (
        len(rank([named("山田 花子"), named("山田花子"), named("Yamada, Hanako"), named("Hanako Yamada")], MODEL)) == 2
    )


def test_the_better_method_wins_and_the_other_is_an_alternative() -> None:
    found = rank([candidate("B", "titles.bad/1"), candidate("A", "titles.good/1")], MODEL)
    assert [(s.value["text"], s.alternative, s.order) for s in found] == [("A", False, 0), ("B", True, 1)]


def test_features_move_confidence() -> None:
    high, low = (rank([candidate("A", "titles.bad/1", front=f)], MODEL)[0].confidence for f in (1.0, 0.0))
    assert high > low


def test_an_unjudged_method_gets_what_its_field_expects() -> None:
    assert MODEL.precision("titles.new", "titles") == 0.5


def test_the_shipped_model_is_within_bounds() -> None:
    model = default_model()
    assert model.methods
    assert all(0 <= right <= judged for right, judged in model.methods.values())


def test_training_learns_which_method_is_right() -> None:
    folders = [
        Judged([(candidate(f"A{n}", "titles.good/1"), 1.0), (candidate(f"B{n}", "titles.bad/1"), 0.0)])
        for n in range(30)
    ]
    model = train(folders)
    (good,) = rank([candidate("A", "titles.good/1"), candidate("B", "titles.bad/1")], model)
    (bad,) = rank([candidate("B", "titles.bad/1")], model)
    assert good.method == "titles.good"
    assert good.confidence > 0.8 > 0.2 > bad.confidence


def test_what_two_folders_show_teaches_nothing() -> None:
    def folder(number: int, *, shown: bool) -> Judged:
        features = {"odd": float(shown)}
        return Judged([(replace(candidate(f"A{number}", "titles.some/1"), features=features), float(shown))])

    plain = [folder(n, shown=False) for n in range(5)]
    few, enough = (train([*plain, *(folder(9 + n, shown=True) for n in range(count))]) for count in (2, 3))
    assert "odd" not in few.weights["titles"]
    assert enough.weights["titles"]["odd"] > 0


def test_training_on_nothing_is_harmless() -> None:
    assert rank([candidate("A", "titles.good/1")], train([]))[0].confidence == 0.5


def test_withdrawn_methods_propose_nothing() -> None:
    both = [candidate("A", "titles.good/1"), candidate("B", "titles.good/2")]
    assert [s.value["text"] for s in rank(both, replace(MODEL, withdrawn=frozenset({"titles.good/1"})))] == ["B"]
    assert rank(both, replace(MODEL, withdrawn=frozenset({"titles.good"}))) == []


def test_suggestions_keep_what_the_ranking_knew() -> None:
    (found,) = rank([candidate("A", "titles.good/1", front=0.5, asks=0.0)], MODEL)
    assert found.features == {"front": 0.5}
    assert suggestion_from_json(to_json(found)) == found


def test_few_alternatives_but_all_that_is_stated() -> None:
    many = [candidate(f"T{n}", "titles.good/1") for n in range(10)]
    stated = [candidate(f"S{n}", "titles.stated/1") for n in range(6)]
    assert len(rank(many, MODEL)) == 1 + MOST_ALTERNATIVES
    assert sum(s.method == "titles.stated" for s in rank([*many, *stated], MODEL)) == 6

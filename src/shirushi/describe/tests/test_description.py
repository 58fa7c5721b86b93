"""What a description adds up to: the Work made of its suggestions, and its JSON."""

import time

from shirushi.describe.description import compose
from shirushi.describe.evidence import Evidence, FilePlace, Suggestion
from shirushi.metadata.work import Variable, Work

SEEN = (Evidence("file", {}, FilePlace("a.csv"), "test/1"),)


def suggestion(target: str, value: object, confidence: float = 0.9, order: int = 0, **more: bool) -> Suggestion:
    return Suggestion(target, value, confidence, SEEN, "test", "1", order=order, **more)


def test_compose_takes_what_is_sure_enough_in_order() -> None:
    work = compose(
        [
            suggestion("/subjects/-", {"text": "tide"}, order=1),
            suggestion("/subjects/-", {"text": "sea level"}, order=0),
            suggestion("/subjects/-", {"text": "port"}, 0.3, order=2),
            suggestion("/languages/-", "en", alternative=True),
            suggestion("/version", "1.0"),
        ],
        above=0.5,
    )
    assert work == Work.model_validate({"subjects": [{"text": "sea level"}, {"text": "tide"}], "version": "1.0"})


def test_compose_of_two_values_for_one_place_keeps_the_better() -> None:
    assert compose([suggestion("/version", "2", 0.6), suggestion("/version", "1", 0.9)]).version == "1"


def test_compose_leaves_out_what_does_not_fit_the_model() -> None:
    work = compose([suggestion("/languages/-", "Klingon!"), suggestion("/languages/-", "ja")])
    assert work == Work(languages=["ja"])


def test_compose_of_thousands_of_variables_is_quick() -> None:
    many = [suggestion("/variables/-", {"name": f"v{number}"}, order=number) for number in range(5_000)]
    started = time.process_time()
    work = compose(many)
    assert (work.variables[-1], len(work.variables)) == (Variable(name="v4999"), 5_000)
    assert time.process_time() - started < 5  # each one checked against all before it took minutes

"""How findable, accessible, interoperable and reusable a record is, by the metrics of FAIRsFAIR as F-UJI asks them.

Source: FAIRsFAIR Data Object Assessment Metrics 0.8 (10.5281/zenodo.15045911), 17 metrics, 26 points. The questions are asked of what
is published of a work: the description in the head of its page, the files as that names them, the formats it is offered in. What
F-UJI can only learn by following addresses (whether an identifier is registered, whether a file is sent) is known here.

Stricter than F-UJI in two things, since what is the same for every record here tells nobody what to mend: terms of vocabularies
count when the data's own description uses them (I2), and what links all versions of a record is no related work (I3).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from shirushi.core.fair_questions import METRICS, Mender, Question, Standing, standing
from shirushi.exchange.formats import FORMATS, Format
from shirushi.metadata.fields import Text2
from shirushi.metadata.published import Publication

Letter = Literal["F", "A", "I", "R"]

PRINCIPLES: Mapping[Letter, Text2] = {
    "F": Text2("Findable", "見つけられる"),
    "A": Text2("Accessible", "手に入れられる"),
    "I": Text2("Interoperable", "つなげられる"),
    "R": Text2("Reusable", "再利用できる"),
}
# F-UJI's words for its levels of maturity
MATURITY: Sequence[Text2] = (
    Text2("incomplete", "不十分"),
    Text2("initial", "初期"),
    Text2("moderate", "中程度"),
    Text2("advanced", "高度"),
)
MENDERS: Mapping[Mender, Text2] = {
    "depositor": Text2("you", "あなた"),
    "operator": Text2("the operator of this installation", "この環境の運用者"),
    "shirushi": Text2("shirushi itself, which does not offer this yet", "shirushi 本体（まだ対応していません）"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One test of a metric. ``seen`` is what was found, or is missing; ``fields`` are where it can be mended (``files`` too), empty
    where no depositor can. Tests that F-UJI lists without a point have a score of 0."""

    id: str
    words: Text2
    score: float
    maturity: int
    met: bool
    seen: Text2
    fields: tuple[str, ...]
    mender: Mender


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. ``total`` is the most that its tests give together; where one of several is enough, they are worth no more."""

    id: str
    principle: str
    name: Text2
    total: float
    answers: tuple[Answer, ...]

    @property
    def letter(self) -> Letter:
        return self.principle[0]  # type: ignore[return-value]

    @property
    def earned(self) -> float:
        return min(self.total, sum(answer.score for answer in self.answers if answer.met))

    @property
    def maturity(self) -> int:
        """0 to 3: the highest of the tests that were met and scored."""
        return max((answer.maturity for answer in self.answers if answer.met and answer.score), default=0)

    @property
    def wanted(self) -> tuple[Answer, ...]:
        """What would raise it, or its maturity, when mended."""
        if self.earned < self.total:
            return tuple(answer for answer in self.answers if not answer.met and answer.score)
        return tuple(a for a in self.answers if not a.met and a.score and a.maturity > self.maturity)


@dataclass(frozen=True, slots=True)
class Score:
    """``earned`` of ``total`` points, ``percent`` to two places, ``maturity`` from 0 to 3."""

    earned: float
    total: float
    percent: float
    maturity: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What would raise a metric: the ``fields`` to mend, what is ``seen`` there now, and the points that it brings."""

    metric: Metric
    fields: tuple[str, ...]
    seen: Text2
    gain: float


@dataclass(frozen=True, slots=True)
class Fair:
    metrics: tuple[Metric, ...]

    def of(self, letter: str) -> tuple[Metric, ...]:
        return tuple(metric for metric in self.metrics if metric.letter == letter)

    def score_of(self, letter: str) -> Score:
        """Of a principle (``F1``) or a category (``F``)."""
        return _sum(metric for metric in self.metrics if metric.principle.startswith(letter))

    @property
    def whole(self) -> Score:
        """Of everything. Its maturity is that of the four categories together."""
        found = _sum(self.metrics)
        return Score(
            found.earned, found.total, found.percent, _mean([self.score_of(one).maturity for one in PRINCIPLES])
        )

    @property
    def mendable(self) -> tuple[Wish, ...]:
        """What the depositor can mend, worth most first."""
        found = [wish for metric in self.metrics if (wish := _wish(metric))]
        return tuple(sorted(found, key=lambda wish: -wish.gain))

    @property
    def beyond(self) -> tuple[tuple[Metric, Answer], ...]:
        """What is missing and is for others to mend."""
        return tuple((m, a) for m in self.metrics for a in m.wanted if a.mender != "depositor")


def fair(publication: Publication, *, formats: Mapping[str, Format] = FORMATS) -> Fair:
    """The metrics of a record as it is published, or would be. Its first files are looked at: the tests ask for any, not for all."""
    seen = standing(publication, formats)
    return Fair(tuple(_metric(*entry, seen) for entry in METRICS))


def _metric(
    name: str, principle: str, words: Text2, total: float, questions: Sequence[Question], seen: Standing
) -> Metric:
    return Metric(name, principle, words, total, tuple(_answer(name, one, seen) for one in questions))


def _answer(metric: str, one: Question, seen: Standing) -> Answer:
    found = one.ask(seen)
    return Answer(
        f"{metric}-{one.number}",
        one.words,
        one.score,
        one.maturity,
        found.met,
        found.seen,
        found.fields,
        "depositor" if found.fields else one.mender,
    )


def _wish(metric: Metric) -> Wish | None:
    """The tests of a metric that its depositor can still meet, as one wish: the last asks for the most."""
    wanted = [answer for answer in metric.wanted if answer.mender == "depositor"]
    if not wanted:
        return None
    fields = tuple(dict.fromkeys(name for answer in wanted for name in answer.fields))
    gain = min(metric.total - metric.earned, sum(answer.score for answer in wanted))
    return Wish(metric, fields, wanted[-1].seen, gain)


def _sum(metrics: Iterable[Metric]) -> Score:
    some = list(metrics)
    earned, total = sum(metric.earned for metric in some), sum(metric.total for metric in some)
    percent = Decimal(str(earned)) * 100 / Decimal(str(total))
    rounded = float(percent.quantize(Decimal("0.01"), ROUND_HALF_UP))
    return Score(earned, total, rounded, _mean([metric.maturity for metric in some]))


def _mean(levels: Sequence[int]) -> int:
    """The nearest whole level; anything above 0 is at least 1, as F-UJI rounds."""
    mean = sum(levels) / len(levels)
    return 1 if 0 < mean < 1 else round(mean)

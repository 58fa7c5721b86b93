"""Filling: each question gets what is known for its concept, as its own suggestion at a JSON Pointer of the answers' document.

Confidence is that of the fact times how well the question was matched and the value survives being put as asked. What the form
does not accept is not put in; a question nothing is known about is left out; what contradicts stands as an alternative.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz

from shirushi.describe.evidence import JSON, Evidence, Suggestion, to_json
from shirushi.describe.forms.collect import collect
from shirushi.describe.forms.concepts import Meaning, is_about_another, question_meaning
from shirushi.describe.forms.convert import converted
from shirushi.describe.forms.form import EACH, Form, Question, pointer
from shirushi.describe.forms.from_pairs import Pair
from shirushi.describe.forms.known import Fact, Known, bounded, calibrated
from shirushi.describe.forms.matching import like
from shirushi.describe.forms.validate import accepts, errors_of, refusing
from shirushi.describe.seen import EvidenceSet
from shirushi.describe.text import fold, has_cjk, letters
from shirushi.metadata.work import bare_identifier, scheme_of

VERSION = "1"
LEAST = 0.2  # less likely answers are not given
LEAST_ALTERNATIVE = 0.25
MOST_ALTERNATIVES = 3
MOST_ENTRIES = 100  # of one list
BY_LETTERS = 0.55  # how often a pair found by its letters alone is the answer
# What else answers a question where its own concept has no fact, and how much less surely.
INSTEAD: Mapping[str, tuple[tuple[str, float], ...]] = {
    "date.updated": (("date.issued", 0.9), ("date.created", 0.85)),
    "date.issued": (("date.created", 0.6),),
    "identifier": (("repository.url", 0.95),),
    "repository.url": (("identifier", 0.95),),
    "publisher.name": (("host.name", 0.6),),
    "institution.name": (("host.name", 0.8),),
    "creator.name": (("investigator.name", 0.5),),
}
_JOINED = ("creator.name", "keywords", "file.formats", "language")  # lists that one line may hold
_MEASURED = ("measured", "quantit", "測定", "観測", "計測")


@dataclass(frozen=True, slots=True)
class Refused:
    """What is known for a question that stays empty because the form does not take it; ``reason`` is the keyword of its JSON
    Schema that is in the way (``maxLength``, ``pattern``), or '' where it cannot be told."""

    target: str
    value: JSON
    reason: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A form filled: ``answers`` is JSON, valid against the form but for what is missing; ``suggestions`` tell each answer and
    its alternatives, ``target`` being a JSON Pointer into ``answers`` (an alternative points to the place it would take)."""

    form: Form
    answers: JSON
    suggestions: tuple[Suggestion, ...]
    refused: tuple[Refused, ...] = ()

    def question_of(self, suggestion: Suggestion) -> Question:
        """The question that a suggestion answers."""
        by_path = {pointer(q.path): q for q in self.form.questions}
        if suggestion.target in by_path:
            return by_path[suggestion.target]
        parts = suggestion.target.split("/")
        paths = ("/".join([*parts[:n], EACH, *parts[n + 1 :]]) for n in range(1, len(parts)) if parts[n].isdigit())
        return next(by_path[path] for path in paths if path in by_path)

    def missing(self) -> list[Question]:
        """Required questions without an answer, and required groups and lists in which nothing is answered."""
        given = {s.target for s in self.suggestions if not s.alternative}
        missing = [q for q in self.form.questions if q.required and not q.many and pointer(q.path) not in given]
        empty = [g for g in self.form.groups if not any(t.startswith(pointer(g.path) + "/") for t in given)]
        return [*missing, *empty]

    def to_json(self) -> dict[str, JSON]:
        """Plain JSON."""
        return {
            "form": self.form.name,
            "answers": self.answers,
            "suggestions": [to_json(s) for s in self.suggestions],
            "missing": [pointer(q.path) for q in self.missing()],
            "refused": [{"target": r.target, "value": r.value, "reason": r.reason} for r in self.refused],
        }


def fill(form: Form, seen: EvidenceSet, suggestions: Sequence[Suggestion]) -> Filled:
    """Fill a form from all evidence of a folder and the suggestions for its record."""
    known, pairs = collect(seen, suggestions)
    main = next((str(f.value["class"]) for f in known.of("language") if isinstance(f.value, Mapping)), None)
    filler = _Filler(known, pairs, main)
    found: list[Suggestion] = []
    for questions in _lists(form.questions):
        found += filler.entries(questions) if questions[0].many else filler.alone(questions[0])
    found, answers = _accepted(form, found)
    given = {s.target for s in found}
    return Filled(form, answers, tuple(found), tuple(r for t, r in filler.refused.items() if t not in given))


def _forms(value: JSON) -> Iterator[JSON]:
    """The ways in which an identifier may be written, the given one first: a form may ask for any of them."""
    yield value
    if not isinstance(value, str):
        return
    if scheme_of(value) == "DOI":
        bare = bare_identifier(value)
        yield from (bare, f"https://doi.org/{bare}", f"doi:{bare}")
    elif match := _ID_ADDRESS.fullmatch(value.strip()):
        yield match["id"]
    elif _ORCID.fullmatch(value.strip()):
        yield f"https://orcid.org/{value.strip()}"


_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
_ID_ADDRESS = re.compile(r"https?://(?:orcid\.org|ror\.org)/(?P<id>[\w-]+)")


def _lists(questions: Iterable[Question]) -> Iterator[list[Question]]:
    """Questions that stand in entries of the same list together, others alone."""
    lists: dict[tuple[str, ...], list[Question]] = {}
    for question in questions:
        key = question.path[: question.path.index(EACH)] if question.many else (*question.path, "")
        lists.setdefault(key, []).append(question)
    yield from lists.values()


@dataclass(frozen=True, slots=True)
class _Answer:
    """A value as the question takes it, before the alternatives are told apart."""

    value: JSON
    confidence: float
    evidence: tuple[Evidence, ...]
    method: str


class _Filler:
    """What is known, with the main language of the folder."""

    def __init__(self, known: Known, pairs: Sequence[Pair], main: str | None) -> None:
        self.known, self.pairs, self.main = known, pairs, main
        self.refused: dict[str, Refused] = {}

    def alone(self, question: Question) -> list[Suggestion]:
        """The suggestions for a question that is asked once."""
        meaning = question_meaning(question)
        answers = list(self._by_concept(question, meaning)) if meaning else []
        if not answers:
            answers = list(self._by_letters(question, meaning))
        self._tell_refused(question, answers)
        return _ranked(question, pointer(question.path), answers)

    def _tell_refused(self, question: Question, answers: Sequence[_Answer]) -> None:
        """Remember the surest answer where the question's own schema takes none."""
        sure = sorted((a for a in answers if a.confidence >= LEAST), key=lambda a: -a.confidence)
        if sure and not any(accepts(_alone(question), a.value) for a in sure):
            target = pointer(question.path)
            self.refused[target] = Refused(target, sure[0].value, refusing(_alone(question), sure[0].value))

    def _by_concept(self, question: Question, meaning: Meaning) -> Iterator[_Answer]:
        facts = [(f, 1.0) for f in self.known.of(meaning.concept)]
        given = list(self._answers(question, meaning, facts))
        taken = any(accepts(_alone(question), answer.value) for answer in given)
        for concept, share in INSTEAD.get(meaning.concept, ()) if not taken else ():
            other = replace(meaning, concept=concept)
            instead = list(self._answers(question, other, [(f, share) for f in self.known.of(concept)]))
            if instead:
                given += instead
                break
        yield from given

    def _answers(self, question: Question, meaning: Meaning, facts: Sequence[tuple[Fact, float]]) -> Iterator[_Answer]:
        listed = [(f, s) for f, s in facts if f.entry is not None]
        if listed and meaning.concept in _JOINED and not question.options and question.type in ("line", "text"):
            yield from self._joined(question, meaning, [f for f, _ in listed])
            return
        if meaning.concept == "language" and len(listed) > 1 and question.options:
            several = replace(listed[0][0], value={"class": "several"}, confidence=bounded(listed[1][0].confidence))
            facts = [*facts, (several, 1.0)]
        first = min((f.entry for f, _ in listed if f.entry is not None), default=None)
        for fact, share in facts:
            if fact.entry is not None and fact.entry != first and meaning.concept != "language":
                continue
            answer = self._answer(question, meaning, fact, share)
            if answer:
                yield answer

    def _answer(self, question: Question, meaning: Meaning, fact: Fact, share: float = 1.0) -> _Answer | None:
        spoken = 1.0 if question.options else self._language(question, fact)
        result = converted(question, meaning.concept, fact.value) if spoken else None
        if result is None:
            return None
        confidence = bounded(fact.confidence * meaning.score * share * spoken * result[1])
        value = next((form for form in _forms(result[0]) if accepts(_alone(question), form)), result[0])
        return _Answer(value, confidence, fact.evidence, f"form.{meaning.concept}:{fact.method}")

    def _language(self, question: Question, fact: Fact) -> float:
        """1 where a value is in the language asked, less where that is not told, 0 where it is in another."""
        if not isinstance(fact.value, str) or question.type not in ("line", "text"):
            return 1.0
        own = "ja" if has_cjk(fact.value) else "en"
        if question.lang is None:
            return 1.0 if self.main not in ("ja", "en") or fact.lang is None or own == self.main else 0.92
        if fact.lang is None or not any(c.isalpha() for c in fact.value):
            return 1.0 if own == question.lang else 0.85 if own == "en" else 0.0
        return 1.0 if own == question.lang else 0.0

    def _joined(self, question: Question, meaning: Meaning, facts: Sequence[Fact]) -> Iterator[_Answer]:
        ordered = sorted(facts, key=lambda f: f.entry or 0)
        chosen = [f for f in ordered if self._language(question, f) and isinstance(f.value, str)][:30]
        if chosen:
            mark = "、" if has_cjk("".join(str(f.value) for f in chosen)) else ", "
            text = mark.join(dict.fromkeys(str(f.value) for f in chosen))
            confidence = bounded(sum(f.confidence for f in chosen) / len(chosen) * meaning.score)
            yield _Answer(
                text,
                confidence,
                tuple(e for f in chosen[:6] for e in f.evidence[:2]),
                f"form.{meaning.concept}:{chosen[0].method}",
            )

    def _by_letters(self, question: Question, meaning: Meaning | None) -> Iterator[_Answer]:
        """A pair whose key is nearly the question's label, where the table of concepts knows neither."""
        for pair, alike in [] if is_about_another(question) else like(question, self.pairs):
            if meaning and pair.meaning and pair.meaning.concept != meaning.concept:
                continue
            result = converted(question, "", pair.value)
            if result and (question.lang is None or question.options or (question.lang == "ja") == has_cjk(pair.value)):
                confidence = bounded(BY_LETTERS * pair.trust * alike * result[1])
                yield _Answer(result[0], confidence, (pair.evidence,), "form.letters")

    def entries(self, questions: Sequence[Question]) -> list[Suggestion]:
        """The suggestions for a list: as many entries as are known, each question asked of each."""
        if any(q.path.count(EACH) > 1 for q in questions):
            return []
        meanings = {q.path: m for q in questions if (m := question_meaning(q))}
        numbers = sorted({n for m in meanings.values() for n in self.known.entries(m.concept)})
        numbers = self._worth_asking(questions, numbers)[:MOST_ENTRIES]
        if not numbers and len(questions) == 1 and questions[0].path[-1] == EACH:
            return self._only_entry(questions[0])
        found: list[Suggestion] = []
        taken: list[JSON] = []
        row = 0
        for number in numbers:
            entry: list[Suggestion] = []
            for question in questions:
                meaning = meanings.get(question.path)
                facts = [f for f in self.known.of(meaning.concept) if f.entry == number] if meaning else []
                answers = [a for f in facts if (a := self._answer(question, meaning, f))] if meaning else []
                path = [str(row) if part == EACH else part for part in question.path]
                entry += _ranked(question, pointer(path), answers)
            plain = [s.value for s in entry if not s.alternative]
            given = {s.target for s in entry}
            whole = all(
                pointer([str(row) if p == EACH else p for p in q.path]) in given for q in questions if q.required
            )
            if plain and plain not in taken and whole:
                taken.append(plain)
                found += entry
                row += 1
        return found

    def _only_entry(self, question: Question) -> list[Suggestion]:
        """Several may be chosen, one is known: a list of one."""
        meaning = question_meaning(question)
        answers = list(self._by_concept(question, meaning)) if meaning else []
        path = ["0" if part == EACH else part for part in question.path]
        return [s for s in _ranked(question, pointer(path), answers) if not s.alternative]

    def _worth_asking(self, questions: Sequence[Question], numbers: list[int]) -> list[int]:
        """Of variables only quantities where measured ones are asked, each name once; else all."""
        names = {f.entry: f for f in self.known.of("variable.name")}
        if not any((m := question_meaning(q)) and m.concept.startswith("variable.") for q in questions):
            return numbers
        labels = fold(" ".join(text for q in questions for group in q.groups for _, text in group))
        quantities = {f.entry for f in self.known.of("variable.quantity")}
        measured = any(word in labels for word in _MEASURED)
        chosen: dict[str, int] = {}
        for number in numbers:
            if number in names and (not measured or number in quantities):
                chosen.setdefault(letters(str(names[number].value)), number)
        return sorted(chosen.values())


def _ranked(question: Question, target: str, answers: Sequence[_Answer]) -> list[Suggestion]:
    """The surest answer that the question's own schema takes, then those that contradict it."""
    merged: dict[str, _Answer] = {}
    for answer in sorted(answers, key=lambda a: -a.confidence):
        key = fold(str(answer.value))
        if key in merged:
            first = merged[key]
            evidence = (*first.evidence, *(e for e in answer.evidence if e not in first.evidence))
            merged[key] = replace(first, evidence=evidence)
        elif merged and _says_more(answer.value, next(iter(merged.values())).value):
            continue
        elif answer.confidence >= LEAST and accepts(_alone(question), answer.value):
            merged[key] = answer
    found = []
    for position, answer in enumerate(list(merged.values())[: MOST_ALTERNATIVES + 1]):
        if position == 0 or answer.confidence >= LEAST_ALTERNATIVE:
            confidence = answer.confidence if position else calibrated(answer.confidence)
            found.append(
                Suggestion(
                    target, answer.value, confidence, answer.evidence, answer.method, VERSION, position, position > 0
                )
            )
    return found


def _says_more(value: JSON, best: JSON) -> bool:
    """Whether a long text is the best one with more or less around it: no contradiction."""
    if not (isinstance(value, str) and isinstance(best, str)) or min(len(value), len(best)) < 30:
        return False
    return fuzz.partial_ratio(letters(value[:4_000]), letters(best[:4_000])) >= 85


def _alone(question: Question) -> Mapping[str, JSON]:
    """The schema of one answer without references, which only the whole document can follow."""
    return {k: v for k, v in question.schema.items() if k not in ("$ref", "allOf", "$id", "$schema", "$anchor")}


def _accepted(form: Form, found: list[Suggestion]) -> tuple[list[Suggestion], JSON]:
    """The suggestions that the whole form takes, and the document they make."""
    for _ in range(_MOST_ROUNDS):
        answers = document([s for s in found if not s.alternative], form)
        errors = errors_of(form, answers)
        if not errors:
            return found, answers
        bad = {_list_of(path) for path in errors}
        if "" in bad:
            break
        found = [s for s in found if not any(s.target == b or s.target.startswith(b + "/") for b in bad)]
    return _one_by_one(form, found)


_MOST_ROUNDS = 8
_MOST_TRIED = 300


def _list_of(path: Sequence[str | int]) -> str:
    """The pointer to a place, or to the list that it is in."""
    index = next((n for n, part in enumerate(path) if isinstance(part, int)), len(path))
    return pointer(path[:index])


def _one_by_one(form: Form, found: Sequence[Suggestion]) -> tuple[list[Suggestion], JSON]:
    """Where the form does not say which answer it refuses: those that it takes, added one after another."""
    kept: list[Suggestion] = []
    answers: JSON = {}
    lists = {pointer(q.path[: q.path.index(EACH)]) for q in form.questions if q.many}
    groups: dict[str, list[Suggestion]] = {}
    for suggestion in found:
        inside = next((name for name in lists if suggestion.target.startswith(name + "/")), suggestion.target)
        groups.setdefault(inside, []).append(suggestion)
    for group in list(groups.values())[:_MOST_TRIED]:
        tried = document([s for s in (*kept, *group) if not s.alternative], form)
        if not errors_of(form, tried):
            kept += group
            answers = tried
    return kept, answers


def document(suggestions: Iterable[Suggestion], form: Form) -> JSON:
    """The answers at their pointers, in the order of the form."""
    root: dict[str, Any] = {}
    lists = {pointer(q.path[: q.path.index(EACH)]) for q in form.questions if q.many}
    for suggestion in suggestions:
        parts = [p.replace("~1", "/").replace("~0", "~") for p in suggestion.target.split("/")[1:]]
        node: Any = root
        for position, part in enumerate(parts):
            last = position == len(parts) - 1
            fresh: Any = [] if pointer(parts[: position + 1]) in lists else {}
            if isinstance(node, list):
                index = int(part)
                while len(node) <= index:
                    node.append({})
                if last:
                    node[index] = suggestion.value
                node = node[index]
            elif last:
                node[part] = suggestion.value
            else:
                node = node.setdefault(part, fresh)
    return root

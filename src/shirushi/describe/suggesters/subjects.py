"""Subjects of vocabularies: classes that this installation's own records taught, and classes whose words the folder holds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

from shirushi.describe.evidence import JSON, Candidate, Evidence, LinePlace
from shirushi.describe.matching import Match, Text, matches
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import fronts, is_generic, key_of, purpose, unique
from shirushi.describe.suggesters.keywords import KEYS, TARGET
from shirushi.describe.terms import Vocabulary, vocabularies
from shirushi.describe.text import has_cjk

TITLE, HEADING, PLAIN = 3.0, 1.5, 1.0
MOST = 2  # of one vocabulary
WEAK, STRONG = 2.0, 4.0
BESIDE = 0.6  # of the best score: what is below it is not proposed beside it
MOST_TEXTS = 80  # of one file
LONGEST = 4_000  # characters of one text
PLACES = 4
_ASIDE = ("use", "licence", "citation", "authors", "contributors", "contact", "funding")


@suggests("subjects")
def classes(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Classes of the vocabularies that ship, and of an operator's own: learnt ones first, the others by their words."""
    texts = list(_texts(seen))
    if not texts:
        return
    known = vocabularies(context.vocabularies)
    learnt: set[str] = set()
    for candidate in _learnt(texts, context, known):
        learnt.add(candidate.value["scheme"])
        yield candidate
    for vocabulary in known:
        if vocabulary.scheme not in learnt:
            yield from _matched(vocabulary, texts)


def _matched(vocabulary: Vocabulary, texts: Sequence[Text]) -> Iterator[Candidate]:
    found = [match for match in matches(vocabulary, texts) if match.score >= WEAK]
    for match in found[:MOST]:
        if match.score < BESIDE * found[0].score:
            continue
        is_strong = match.score >= STRONG and (match.named or match.distinct >= 3)
        if not is_strong and match.distinct < 2 and not match.named:
            continue
        method = "subjects.class-named" if is_strong else "subjects.class-words"
        yield Candidate(
            TARGET, _value(vocabulary, match.term.code, texts, match), _places(texts, match), method, match.score
        )


def _learnt(texts: Sequence[Text], context: Context, known: Sequence[Vocabulary]) -> Iterator[Candidate]:
    """What the classifier proposes, with the precision that it reached on records it had not seen."""
    if not (context.classifier and context.classifier.is_file()):
        return
    from shirushi.describe.classifier import held_out, load  # numpy, which a folder without a classifier does not need

    classifier = load(context.classifier)
    if classifier is None:
        return
    by_scheme = {vocabulary.scheme: vocabulary for vocabulary in known}
    for prediction in held_out(classifier, [(text.text, text.weight) for text in texts]):
        value: dict[str, JSON] = {"text": prediction.text, "scheme": prediction.scheme, "code": prediction.code}
        vocabulary = by_scheme.get(prediction.scheme)
        if vocabulary is not None and prediction.code in vocabulary.terms:
            value = _value(vocabulary, prediction.code, texts, None)
        evidence = unique(cast("Evidence", texts[number].about) for number in prediction.texts[:PLACES])
        features = {"held_out": prediction.precision}
        yield Candidate(TARGET, value, evidence, "subjects.learnt", prediction.precision, features)


def _value(vocabulary: Vocabulary, code: str, texts: Sequence[Text], match: Match | None) -> dict[str, JSON]:
    """The class as a subject, named in the language that its words were found in."""
    said = [texts[hit.number].text[hit.start : hit.end] for hit in match.hits] if match else [t.text for t in texts]
    term = vocabulary.terms[code]
    label, lang = term.label("ja" if any(map(has_cjk, said)) else "en")
    value: dict[str, JSON] = {"text": label, "scheme": vocabulary.scheme, "code": code}
    if lang:
        value["lang"] = lang
    if vocabulary.uri:
        value["scheme_uri"] = vocabulary.uri
    if term.uri:
        value["value_uri"] = term.uri
    return value


def _texts(seen: EvidenceSet) -> Iterator[Text]:
    """What speaks for the folder, with how much a word there counts."""
    for name in ("titles", "subjects", "descriptions"):
        for item in seen.stated(name):
            text = item.value["value"].get("text")
            if isinstance(text, str):
                yield Text(text[:LONGEST], PLAIN if name == "descriptions" else TITLE, item)
    for item in seen.of("key-value"):
        if key_of(item) in KEYS and isinstance(item.value["value"], str):
            yield Text(item.value["value"][:LONGEST], TITLE, item)
    for rank, (file, _) in enumerate(fronts(seen)[:3]):
        items = [e for e in seen.in_file(file) if e.kind in ("heading", "paragraph", "list-item")][:MOST_TEXTS]
        titled = False
        for item in items:
            if purpose(item.value.get("section", "")) in _ASIDE:
                continue
            is_heading = item.kind == "heading" and not is_generic(item.value["text"])
            weight = TITLE if is_heading and not titled and rank == 0 else HEADING if is_heading else PLAIN
            titled |= is_heading
            yield Text(item.value["text"][:LONGEST], weight, item)


def _places(texts: Sequence[Text], match: Match) -> tuple[Evidence, ...]:
    """Where the words stand: those that weigh most first, each different word once before any is shown again."""
    ordered = sorted(match.hits, key=lambda hit: (-texts[hit.number].weight, hit.number, hit.start))
    shown: dict[str, Evidence] = {}
    for hit in ordered:
        text = texts[hit.number]
        word = text.text[hit.start : hit.end]
        shown.setdefault(word.lower(), narrowed(cast("Evidence", text.about), word))
    return tuple(list(shown.values())[:PLACES])


def narrowed(item: Evidence, word: str) -> Evidence:
    """The same evidence at the place of one word, where the text at its place can be told; else as it is."""
    place = item.place
    if not isinstance(place, LinePlace) or place.column is None or place.end_column is None:
        return item
    at = place.quote.find(word)
    if at < 0 or "\n" in word:
        return item
    before = place.quote[:at]
    line = place.start + before.count("\n")
    column = len(before) - before.rfind("\n") - 1 + (place.column if "\n" not in before else 0)
    return replace(item, place=LinePlace(place.file, line, line, column, column + len(word), word))

"""What a sentence denies: "not licensed under CC BY", "did not receive", 「調査していない」, „wurden nicht", « ne couvre pas ».

One notion of a denied clause for all that reads sentences, so that no licence, funder, place or person comes from words that say
it is none, and no text of a model's drops the denial. Where a clause may be read either way it counts as denied: a value left out
is typed by a person in a moment, a false one may stand for years.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from shirushi.describe.text import has_cjk
from shirushi.describe.words import Word, words

_REMEMBERED = 512
_SENTENCE = re.compile(
    r"[。！？!?\n]+|(?<![A-Z]\.[A-Z])(?<!\bNo)(?<!\bno)(?<!\bNr)(?<!\bvs)(?<!\bcf)(?<!\bSt)(?<!\bDr)\.(?=\s+[A-ZÀ-Þ\u3040-\u9fff\"“(\[]|\s*$)"
)

# What ends the reach of a denial: a new clause with a subject or verb of its own
_VERB = r"(?:is|are|was|were|has|have|had|may|can|could|will|would|should|must|do|does|did)"
_NEW_CLAUSE = re.compile(
    rf"[;；—]|\s[–-]\s|,?\s{{1,4}}(?:but|however|whereas|whereby|while|although|though|yet|instead|unless|because|since|so that)\b"
    rf"|,?\s{{1,4}}and\s{{1,4}}(?:therefore\s|thus\s|also\s)?(?:{_VERB}|we|they|it|this|these|our|its|he|she)\b|,\s{{1,4}}(?:we|they|it|this|these|our|the|which|who|where|ours)\b"
    r"|,\s{0,4}(?:sondern|aber|jedoch|weil|dass|da|obwohl|die|der|das|mais|car|tandis|dont|qui|pero|sino|mas|porém)\b"
    r"|(?<!において)(?<!について)(?<!に)(?<!は)(?<=[てりがしれでずく])、(?!.{0,3}(?:において|について))|(?:ため|ので|から|けれど|けれども|ながら|一方)、|ただし",
    re.IGNORECASE,
)

# Denials that are none: of a number ("No. 12"), of limits on a use, of doubt, of an exception, and what a Japanese verb must
_NO_LIMIT = (
    r"(?:restrict\w*|limit\w*|warrant\w*|charge|cost|fees?|rights reserved|known|permission|modif\w*|deriv\w*|conflicts?|competing|doubt|matter|"
    r"registration|guarantee\w*|liab\w*|additional|attribution|change\w*)"
)
_DENIAL = re.compile(
    rf"\b(?:(?:not|(?<=n['’]t))(?!\s+(?:only|just|merely|simply|otherwise|limited to|necessarily|applicable|available yet)\b)(?!-)"
    r"|\w+n['’]t(?!\s+(?:only|just|merely)\b)|cannot|never|neither|nor|none|nobody|nothing|nowhere|hardly"
    rf"|(?:no|without)(?!\.?\s*[:#°]?\s*\d)(?!\.)(?!\s+(?:\w+\s+){{0,2}}{_NO_LIMIT})"
    r"|lack(?:s|ed|ing)?|absence of|fail(?:s|ed)? to|(?:un|not )able to|impossible to|(?:refus|declin)(?:es?|ed|ing) to|instead of|rather than|unrelated to|independent of)\b"
    r"|\b(?:nicht(?!\s+(?:nur|kommerziell))|kein(?:e[mnrs]?)?|niemals|nie|weder|ohne)\b"
    r"|\b(?:ne|n['’])\s?(?=(?:\S{1,30}\s{1,4}){0,3}?(?:pas|jamais|aucun\w*|plus|point|rien|ni)\b)|\b(?:pas de|aucune?|sans)\b"
    r"|\b(?:não|nunca|sin|sem|senza|ningun[oa]?|nenhuma?)\b|\bnon(?=\s+(?:è|sono|hanno|ha|può|possono|viene|vengono)\b)|\bno(?=\s+(?:fue|fueron|se|está|han|ha|es|son)\b)",
    re.IGNORECASE,
)
# "… is not", "… was never": what stands before is denied; so do verbs that forbid
_OF_SUBJECT = re.compile(
    rf"\b(?:{_VERB}\s+(?:\w+\s+)?(?:not|never|nowhere|hardly)\b|\w+n['’]t\b|cannot\b|{_VERB}\s+(?:\w+ly\s+)?(?:prohibited|forbidden|excluded)\b)"
    r"(?!\s+(?:only|just|merely|necessarily|limited))|\bnicht\b(?!\s+nur)|\b(?:ne|n['’])\s?(?=(?:\S{1,30}\s{1,4}){0,3}?(?:pas|jamais|plus|point)\b)",
    re.IGNORECASE,
)
_JAPANESE = re.compile(
    r"(?:(?<!少)(?<!すく)(?<!しか)なかった|(?<!少)(?<!すく)(?<!しか)ない(?!し|ち|と(?:なら|いけ)|か(?:ぎ|限)|わけではな)|(?<!すみ)(?<!しれ)ません|(?<!少)なく(?=、|て|、|$)|せず|れず|ておらず|でおらず|なし(?=。|、|で|$)"
    r"|対象外|不可|(?:から|を|は)除(?:く|外|い)"
    r"|未(?![来満明知然曾])[\u4e00-\u9fff]{1,3})"
)
_JA_NONE = re.compile(r"な(?:ければ|くては)(?:なら|いけ)ない|な(?:ければ|くては)(?:なり|いけ)ません|かもしれ(?:ない|ません)|に(?:過ぎ|すぎ)(?:ない|ません)|だけで(?:は)?なく|のみ(?:ならず|でなく)|ほかならない|間違いない")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Denied:
    """A stretch of a text that is denied, from ``start`` to ``end``, and the sentence that denies it; ``forward``: what follows the
    denying word, else what stands before it."""

    start: int
    end: int
    sentence: tuple[int, int]
    forward: bool


@lru_cache(_REMEMBERED)
def denials(text: str) -> tuple[Denied, ...]:
    """Every stretch of a text that one of its sentences denies."""
    return tuple(
        Denied(span[0] + start, span[0] + end, span, forward)
        for span in sentence_spans(text)
        for start, end, forward in _in_sentence(text[span[0] : span[1]])
    )


def denied(text: str, start: int, end: int | None = None) -> bool:
    """Whether what stands at ``start`` (to ``end``) is denied there."""
    stop = start + 1 if end is None else max(end, start + 1)
    return any(one.start < stop and start < one.end for one in denials(text))


@lru_cache(_REMEMBERED)
def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where each sentence of a text starts and ends."""
    found, start = [], 0
    for match in _SENTENCE.finditer(text):
        found.append((start, match.end()))
        start = match.end()
    return tuple([*found, (start, len(text))] if start < len(text) else found)


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentences that hold a stretch of a text."""
    spans = sentence_spans(text) or ((0, len(text)),)
    first = max(bisect_right(spans, (start, len(text) + 1)) - 1, 0)
    last = max(bisect_right(spans, (max(end - 1, start), len(text) + 1)) - 1, 0)
    return text[spans[first][0] : spans[last][1]].strip()


def _in_sentence(sentence: str) -> Iterator[tuple[int, int, bool]]:
    borders = [(m.start(), m.end()) for m in _NEW_CLAUSE.finditer(sentence)]
    starts = [start for start, _ in borders]

    def behind(position: int) -> int:
        """Where the clause begins that a position stands in."""
        before = bisect_right(starts, position) - 1
        return min(borders[before][1], position) if before >= 0 else 0

    for match in _DENIAL.finditer(sentence):
        after = bisect_left(starts, match.end())
        yield match.end(), starts[after] if after < len(starts) else len(sentence), True
    for match in _OF_SUBJECT.finditer(sentence):
        start = max(behind(match.start()), sentence.rfind(", ", 0, match.start()) + 1)
        if start < match.start():
            yield start, match.start(), False
    if not has_cjk(sentence):
        return
    must = [m.span() for m in _JA_NONE.finditer(sentence)]
    for match in _JAPANESE.finditer(sentence):
        if not any(a <= match.start() < b for a, b in must):
            yield behind(match.start()), match.end(), False


# ---- texts in other words


def says_what_is_denied(value: str, said: str) -> bool:
    """Whether a text in other words states what ``said`` denies ("otters were harmed" where they were not), or denies what
    ``said`` nowhere denies."""
    stretches = list(_stretches(said))
    own = denials(value)
    held = [w for w in words(value) if not any(d.start <= w.start < d.end for d in own)]
    stated = {w.term for w in held}
    if stretches:
        spans = sorted((s.denied.start, s.denied.end) for s in stretches)
        free = {w.term for w in words(said) if not any(a <= w.start < b for a, b in spans)}
        if any(s.head in stated and s.head not in free for s in stretches):
            return True
        for sentence in sentence_spans(value):
            here = {w.term for w in held if sentence[0] <= w.start < sentence[1]}
            if any(s.restated_by(here) for s in stretches):
                return True
    known = {term for s in stretches for term in s.terms}
    return any(mine.head not in known for one in own if (mine := _Stretch.of(value, one)) and one.forward)


def _stretches(text: str) -> Iterator["_Stretch"]:
    """The denied stretches of a text that have words; a subject before "is not" only where nothing follows the denial: of "otters
    were not harmed" it is the harm that is denied."""
    ahead = {one.sentence for one in denials(text) if one.forward and words(text[one.start : one.end])}
    for one in denials(text):
        if one.forward or one.sentence not in ahead:
            stretch = _Stretch.of(text, one)
            if stretch is not None:
                yield stretch


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The words of a denied stretch; ``head`` is the one that the denial stands at."""

    denied: Denied
    terms: tuple[str, ...]
    head: str

    @classmethod
    def of(cls, text: str, one: Denied) -> "_Stretch | None":
        piece: list[Word] = words(text[one.start : one.end])
        terms = tuple(dict.fromkeys(word.term for word in piece))
        return cls(one, terms, terms[0] if one.forward else terms[-1]) if terms else None

    def restated_by(self, terms: set[str]) -> bool:
        """Whether words state most of what is denied, its head among them."""
        return self.head in terms and len(set(self.terms) & terms) >= max(2, -(-6 * len(self.terms) // 10))

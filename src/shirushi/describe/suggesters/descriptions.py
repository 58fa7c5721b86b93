"""Descriptions: what a README says it is, quoted; never a sentence without evidence."""

import re
from collections.abc import Iterator
from dataclasses import replace

from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.names import is_byline, is_organisation
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import (
    FRONT,
    TITLE_KEYS,
    attributes,
    fronts,
    is_labelled,
    is_note,
    language,
    pairs,
    purpose,
    sentences,
    stated_by,
)
from shirushi.describe.suggesters.composing import composed
from shirushi.describe.suggesters.naming import is_script
from shirushi.describe.text import fold, has_cjk

TARGET = "/descriptions/-"
KEYS = (
    "description", "abstract", "summary", "dataset description", "overview", "description of dataset", "og:description",
    "概要", "説明", "要旨", "データの概要", "内容", "抄録", "データの説明",
)  # fmt: skip
ENOUGH = 600
OPENING = 400
LONGEST = 1_200
BRIEF = 150
_NOT_PROSE = re.compile(
    r"^(?:\W*$|!\[|this (?:read ?me|text) (?:file )?(?:was|has been)? ?(?:generated|created|written|updated|last)\b|<|https?://\S+$|\[!\[|copyright|©|last (?:updated|modified)|[%\\]|\w+:\w+ <)|\bbadge\b",
    re.IGNORECASE,
)

_MARKUP = re.compile(r"\s=\s|\\[a-zA-Z@]{3,}|\$\w+\(|^\s*[\w\-]+\[\w+\]\s")  # settings, TeX, templates, requirements


@suggests("descriptions", version="3")
def descriptions(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Stated abstracts, labelled ones, the section that describes, else the first paragraphs."""
    for item in seen.stated("descriptions"):
        yield Candidate(TARGET, item.value["value"], (item,), stated_by("descriptions", item))
    for item, text in pairs(seen, *KEYS):
        if len(text) >= 20:
            method = "descriptions.html-meta" if item.value["section"] == "meta" else "descriptions.key-value"
            yield _candidate([text], [item], method)
    for item, text in attributes(seen, "summary", "abstract", "description"):
        if len(text) >= 20 and item.kind == "attribute":
            # a line on one file of a part, beside a text on the whole
            inside = len(text) < BRIEF and "/" in item.place.file and any(w >= FRONT for _, w in fronts(seen)[:1])
            yield _candidate([text], [item], f"descriptions.attribute{'-inside' if inside else ''}")
    written = False
    texts = [(file, weight) for file, weight in fronts(seen) if not is_note(file)]
    for rank, (file, weight) in enumerate(texts[:3]):
        if written and is_script(file):
            continue  # what a program is for, beside what the work is
        for candidate in _of_file(seen, file, weight, rank):
            written = True
            yield candidate
    told = composed(seen, context.language)
    if told is not None:
        method = "descriptions.composed-beside" if written else "descriptions.composed"
        made = _candidate([told.text], list(told.evidence), method, 0.1 if written else 1.0)
        yield replace(made, value={**made.value, "lang": context.language})


def _candidate(
    parts: list[str], evidence: list[Evidence], method: str, score: float = 1.0, rank: float = 1.0
) -> Candidate:
    separator = "" if has_cjk("".join(parts)) else "\n\n"
    text = separator.join(parts)
    value: dict[str, JSON] = {"text": text, "type": "Abstract"}
    lang = language(text)
    if lang:
        value["lang"] = lang
    features = {"front": score, "rank": rank, "long": min(len(text) / 1_000, 1.0)}
    return Candidate(TARGET, value, tuple(evidence), method, score=score, features=features)


_ASIDE = frozenset(("use", "licence", "citation", "authors", "contributors", "contact", "funding", "history"))


def _of_file(seen: EvidenceSet, file: str, weight: float, rank: int) -> Iterator[Candidate]:
    """From one text: the describing section, and how it opens."""
    blocks = [e for e in seen.in_file(file) if e.kind in ("paragraph", "list-item")]
    prose = [e for e in blocks if e.kind == "paragraph" and _is_prose(e.value["text"])]
    if not prose:
        return
    place = 1 / (1 + rank)
    described = [e for e in prose if purpose(e.value["section"]) == "description"]
    for part in _by_script(described):
        yield _joined(part, "descriptions.section", weight, place)
    told = [e for e in blocks if purpose(e.value["section"]) not in _ASIDE]
    for part in _by_script(told):
        opening = list(_opening(part))
        if opening and opening != described and not all(e in described for e in opening):
            yield _joined(opening, "descriptions.opening", weight, place, OPENING)


def _by_script(items: list[Evidence]) -> list[list[Evidence]]:
    """The paragraphs of a text in two languages apart, Japanese and Latin, where each says a whole sentence; else all together."""
    japanese = [e for e in items if _is_japanese(e.value["text"])]
    latin = [e for e in items if not _is_japanese(e.value["text"])]
    both = [any(e.kind == "paragraph" and _is_prose(e.value["text"]) for e in part) for part in (japanese, latin)]
    if not all(both):
        return [items] if items else []
    return [japanese, latin] if items.index(japanese[0]) < items.index(latin[0]) else [latin, japanese]


def _is_japanese(text: str) -> bool:
    """Whether a fifth of a text's letters are Japanese: terms and names in Latin letters may be many."""
    letters = [c for c in text if c.isalpha()]
    return sum(has_cjk(c) for c in letters) * 5 >= len(letters) if letters else has_cjk(text)


def _opening(blocks: list[Evidence]) -> Iterator[Evidence]:
    """The first paragraphs, and the lists that a paragraph introduces with a colon, until they say enough."""
    length = 0
    listed = False
    for item in blocks:
        text = item.value["text"].rstrip()
        if item.kind == "list-item":
            if listed:
                length += _size(text)
                yield item
            continue
        listed = False
        if not _is_prose(text):
            continue
        if length >= OPENING:
            return
        length += _size(text)
        listed = text.endswith((":", "："))
        yield item


def _size(text: str) -> int:
    """Characters, those of scripts without spaces counted twice: they say as much in half the length."""
    return len(text) * (2 if has_cjk(text) else 1)


def _joined(items: list[Evidence], method: str, weight: float, rank: float, enough: int = ENOUGH) -> Candidate:
    """Paragraphs until there is enough, whole sentences only; list items on lines of their own."""
    parts: list[str] = []
    used: list[Evidence] = []
    length = 0
    for item in items:
        text = abstract_of(item.value["text"])
        if length and length + len(text) > LONGEST:
            break
        if len(text) > LONGEST:
            text = _cut(text, LONGEST)
        if item.kind == "list-item":
            parts[-1:] = [f"{parts[-1]}\n- {text}" if parts else f"- {text}"]
        else:
            parts.append(text)
        used.append(item)
        length += len(text)
        if length >= enough and item.kind != "list-item" and not text.endswith((":", "：")):
            break
    return _candidate(parts, used, method, weight, rank)


_BEFORE = re.compile(
    r"^(?P<names>.{2,200}?\s?)??(?:\b(?:Abstract|Summary)(?:[.:]|(?=\n))|(?:要旨|概要)[：:]?)\s+(?=\S)", re.DOTALL
)
_AFTER = re.compile(r"\s(?:謝辞|キーワード|Acknowledge?ments?\b|Key ?words?:)\s?")


def abstract_of(text: str) -> str:
    """The abstract alone where its heading, the names before it or what follows it ran into one paragraph."""
    before = _BEFORE.match(text)
    if before is None or (before["names"] and not is_byline(before["names"])):
        return text
    rest = text[before.end() :]
    return _AFTER.split(rest, maxsplit=1)[0].strip() or text


def _cut(text: str, limit: int) -> str:
    kept = ""
    for sentence in sentences(text):
        if kept and len(kept) + len(sentence) > limit:
            break
        kept += ("" if not kept or has_cjk(sentence[:1]) else " ") + sentence
    return kept


_OF_PERSON = re.compile(
    r"(?:^|\s)(?:name|institution|address|e-?mail|orcid|affiliation|phone|氏名|所属|メール|電話)\s*[:：]", re.IGNORECASE
)
# Questions of a form whose answers other fields hold
_ANSWER = re.compile(
    r"(?:\d{1,2}[.)]\s*)?(?:dates? of|geographic|information about|licen[sc]es?\b|links? to|title of).*"
)
_LABEL = re.compile(r"^\W{0,3}(?P<key>[^:：\n]{2,40}?)\W{0,3}[:：]\s*\S")
_BY_WHOM = re.compile(
    r"^(?:(?:the|this|these|all|our)\s+)?(?:\w+\s+){1,4}(?:is|are) (?:licen[sc]ed|released|distributed|made available) (?:under|as|to the)\b|"
    r"^(?:(?:this|the|our) (?:work|study|research|project) (?:was|is|has been) )?(?:funded|supported|financed) (?:by|in part|under)\b",
    re.IGNORECASE,
)


def _is_about_aside(text: str) -> bool:
    """A paragraph that tells authors, funding, licence or keywords by its label, by whom the work was paid, or under which
    licence it stands."""
    label = _LABEL.match(text)
    keys = re.split(r"\s*[/／|]\s*", label["key"]) if label else []
    if (
        any(_ANSWER.fullmatch(fold(key)) or fold(key) in TITLE_KEYS for key in keys)
        or len(_OF_PERSON.findall(text)) > 1
    ):
        return True
    return any(purpose(key) in _ASIDE or purpose(key) == "keywords" for key in keys) or _BY_WHOM.match(text) is not None


_FOOTNOTE = re.compile(r"[¹²³⁴⁵⁶⁷⁸⁹*†‡§]\s?\S")  # where the authors work


def _is_prose(text: str) -> bool:
    """Running words rather than badges, links, commands or rows of marks."""
    if (
        _NOT_PROSE.search(text[:80])
        or _is_about_aside(text)
        or is_labelled(text)
        or (_FOOTNOTE.match(text) and is_organisation(text))
        or is_byline(text)
        or len(_MARKUP.findall(text)) > 1
    ):
        return False
    if has_cjk(text):
        return len(text) >= 15
    return len(text.split()) >= 6 and sum(c.isalpha() or c.isspace() for c in text) / len(text) > 0.6

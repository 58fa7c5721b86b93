"""Descriptions: what a README says it is, quoted; never a sentence without evidence."""

import re
from collections.abc import Iterator

from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.names import is_byline
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import (
    attributes,
    fronts,
    is_labelled,
    language,
    pairs,
    purpose,
    sentences,
    stated_by,
)
from shirushi.describe.text import has_cjk

TARGET = "/descriptions/-"
KEYS = (
    "description", "abstract", "summary", "dataset description", "overview", "description of dataset", "og:description",
    "概要", "説明", "要旨", "データの概要", "内容", "抄録", "データの説明",
)  # fmt: skip
ENOUGH = 600
BRIEF = 150
OWN = 0.5  # weight of a text that speaks for the folder
_NOT_PROSE = re.compile(
    r"^(?:\W*$|!\[|<|https?://\S+$|\[!\[|copyright|©|last (?:updated|modified))|\bbadge\b", re.IGNORECASE
)


@suggests("descriptions", version="2")
def descriptions(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Stated abstracts, labelled ones, the section that describes, else the first paragraphs."""
    for item in seen.stated("descriptions"):
        yield Candidate(TARGET, item.value["value"], (item,), stated_by("descriptions", item))
    for item, text in pairs(seen, *KEYS):
        if len(text) >= 20:
            method = "descriptions.html-meta" if item.value["section"] == "meta" else "descriptions.key-value"
            yield _candidate([text], [item], method)
    for item, text in attributes(seen, "summary", "abstract", "description"):
        if len(text) >= 40 and item.kind == "attribute":
            # a line on one file of a part, beside a text on the whole
            inside = len(text) < BRIEF and "/" in item.place.file and any(w >= OWN for _, w in fronts(seen)[:1])
            yield _candidate([text], [item], f"descriptions.attribute{'-inside' if inside else ''}")
    for rank, (file, weight) in enumerate(fronts(seen)[:3]):
        yield from _of_file(seen, file, weight, rank)


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


def _of_file(seen: EvidenceSet, file: str, weight: float, rank: int) -> Iterator[Candidate]:
    """From one text: the describing section, and the paragraphs before the first section."""
    prose = [e for e in seen.in_file(file) if e.kind == "paragraph" and _is_prose(e.value["text"])]
    if not prose:
        return
    described = [e for e in prose if purpose(e.value["section"]) == "description"]
    headings = [e.value["text"] for e in seen.in_file(file) if e.kind == "heading"]
    lead_section = headings[0] if headings else ""
    lead = [e for e in prose if e.value["section"] in ("", lead_section) and purpose(e.value["section"]) != "licence"]
    place = 1 / (1 + rank)
    if described:
        yield _joined(described, "descriptions.section", weight, place)
    if lead:
        yield _joined(lead, "descriptions.lead", weight, place)
    if not described and not lead:
        useful = [e for e in prose if purpose(e.value["section"]) in (None, "data", "methods")]
        if useful:
            yield _joined(useful[:1], "descriptions.paragraph", weight, place)


def _joined(items: list[Evidence], method: str, weight: float, rank: float) -> Candidate:
    """Paragraphs until there is enough, whole sentences only."""
    parts: list[str] = []
    used: list[Evidence] = []
    length = 0
    for item in items:
        text = abstract_of(item.value["text"])
        if length and length + len(text) > ENOUGH * 1.5:
            break
        if len(text) > ENOUGH * 2:
            text = _cut(text, ENOUGH * 2)
        parts.append(text)
        used.append(item)
        length += len(text)
        if length >= ENOUGH:
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


def _is_prose(text: str) -> bool:
    """Running words rather than badges, links, commands or rows of marks."""
    if _NOT_PROSE.search(text[:80]) or is_labelled(text) or is_byline(text):
        return False
    if has_cjk(text):
        return len(text) >= 15
    return len(text.split()) >= 6 and sum(c.isalpha() or c.isspace() for c in text) / len(text) > 0.7

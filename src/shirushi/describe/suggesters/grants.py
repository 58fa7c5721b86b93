"""Who paid, by what a sentence says: the funders it names, each with the awards that belong to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shirushi.describe.denial import denied
from shirushi.describe.funders import Funder, funders, named, whole_award
from shirushi.describe.suggesters.common import sentences
from shirushi.describe.text import LEFT, RIGHT, normalise

JSPS = "Japan Society for the Promotion of Science"
LONGEST = 1_500  # of a sentence
REACH = 160  # characters behind a funder in which its awards stand
_BARE_KAKENHI = re.compile(rf"{LEFT}\d{{2}}(?:[HKJFGBA]\d{{5}}|K[A-Z]\d{{4}}|H[A-Z]?\d{{4,5}}|\d{{6}}){RIGHT}")
_KAKENHI_WORDS = re.compile(r"KAKENHI|科研費|科学研究費|Grants?-in-Aid|JSPS|日本学術振興会|学振", re.IGNORECASE)
SUPPORT = re.compile(
    r"fund(?:ed|ing|s)?\b|support(?:ed)?\b|grant|award|sponsor|financ|助成|支援|科研費|研究費|受けた|受けて|委託",
    re.IGNORECASE,
)
_AWARD_WORD = (
    r"(?i:(?:(?:grants?|awards?|contracts?|project|agreement|proposal)\s*(?:agreement\s*)?(?:numbers?|nos?\.?|#|ids?)?"
    r"|(?:projekt|förder)-?(?:nummern?|nr\.?)|förderkennzeichen|fkz\.?)\s*[:#]?\s*)"
)
# Awards that follow one another after "grants": "R01 EB016089, P41 EB15909 and K99 AG062230"
_CODE = r"(?=[A-Za-z0-9/\-.#_ ]*\d{3})(?:[A-Z]{1,2}\d{2} )?[A-Z0-9#][A-Za-z0-9/\-.#_]{3,28}(?:\s\d{3,6}/\d(?:-\d)?)?"
_BETWEEN = r"(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*;\s*)"
_AWARDS = re.compile(rf"{_AWARD_WORD}(?P<awards>{_CODE}(?:{_BETWEEN}{_CODE})*)")
# Right behind a funder's name awards need no word: "(DEB-1234567)", "(DFG, SFB 1234)", "NIH R01 MH123456"; no year, no period
_PERIOD = r"(?!(?:19|20)\d\d(?:\s?[-–/]\s?(?:\d\d|(?:19|20)\d\d))?(?![\w/\-]))"
_BARE = rf"{_PERIOD}(?:[A-Z]{{2,5}}[ -]\d{{2,6}}(?![\w/\-])|(?:[A-Z]\d{{2}} )?(?=[A-Za-z0-9/\-._]*\d{{4}})[A-Z0-9][A-Za-z0-9/\-._]{{4,28}})"
_BEHIND = re.compile(rf"[\s,:(\[]{{1,4}}(?P<awards>{_BARE}(?:{_BETWEEN}{_BARE})*)")
_BEFORE = re.compile(
    rf"{_AWARD_WORD}(?P<awards>{_CODE}(?:{_BETWEEN}{_CODE})*)\s*,?\s*(?:from|by|of|awarded by)\s+(?:the\s+)?$"
)
# Where another payer begins, be it one that no list knows
_ANOTHER = re.compile(r";|(?:\band\b|,)\s+(?:by|from|through)\s+|\band\s+(?:the|an?)\s+(?=[A-Z])")

# What may be a funder of another country in a sentence on Japanese awards
_OTHERS = re.compile(
    r"\b(?:Council|Foundation|Institutes?|Commission|Union|Ministry|Agency|Fund|Department|Society|Trust|NSF|NIH|DFG|ERC)\b"
)
# A funder that no list knows, by the words before it and the capitals of its name
_CAPITALS = r"[A-ZÀ-ÞČŠŽ][\w’'\-&.]*(?:\s+(?:(?:of|for|and|the|de|des|du|für|del|da|do|to|in|on|&)\s+){0,3}[A-ZÀ-ÞČŠŽ][\w’'\-&]*)"
_BY = re.compile(
    r"\b(?i:funded|supported|sponsored|financed)\s+(?:(?:in\s+(?:whole|part)|partially|partly|generously|jointly|financially)\s+)?(?:by|through)\s+"
    r"(?:(?:an?|the)\s+)?(?:(?:[\w\-]+\s+){0,3}?(?:grants?|funding|funds|fellowships?|awards?)\s+(?:from|of|by)\s+(?:the\s+)?)?"
    rf"(?P<funder>{_CAPITALS}{{1,9}})"
)
# … and by a word that few but funders have in their names
_LIKE_ONE = re.compile(rf"(?P<funder>{_CAPITALS}{{1,8}})(?<=\w)")
_PAYER = re.compile(
    r"\b(?:Foundation|Council|Trust|Fund|Agency|Commission|Ministry|Endowment|Stiftung|Fondation|Fundação|Fundación)\b"
)
_CUE = re.compile(r"(?:^|\b(?:by|from|through|via|and|of|:)|[,;:(])\s*(?:the\s+|an?\s+)?$", re.IGNORECASE)
_PAID = re.compile(r"\b(?:fund(?:ed|ing)|support(?:ed)?|sponsored|financed|grants?|awards?)\b", re.IGNORECASE)
_TRAILING_CODE = re.compile(r"\s+(?P<award>[A-Z]{2,}[\-/]?\d[\w\-/]*|[A-Z]{2,}-[\w\-]*\d[\w\-]*)$")

_SHOUTED = re.compile(r"(?<=[a-z])\s+[A-Z]{4,}\b.*$")  # the next heading, where lines ran together


@dataclass(frozen=True, slots=True)
class Grant:
    """``how`` is the name of what found it, a method of the suggester."""

    funder: str
    award: str | None
    how: str


@dataclass(frozen=True, slots=True)
class _Hit:
    """A funder's name in a sentence; ``listed`` where the table has it."""

    start: int
    end: int
    name: str
    listed: bool = True


def numbered(text: str) -> Iterator[Grant]:
    """Awards of Japan's funders, told by how they are numbered."""
    plain = normalise(text).text
    taken: set[str] = set()
    for funder in _numbering():
        for match in funder.number.finditer(plain) if funder.number else ():
            if match[0] not in taken and not denied(plain, *match.span()):
                taken.add(match[0])
                how = "kakenhi" if funder.name == JSPS else funder.names[0].lower()
                yield Grant(funder.name, match[0], how)
    if _KAKENHI_WORDS.search(plain):
        for match in _BARE_KAKENHI.finditer(plain):
            near = plain[max(0, match.start() - 80) : match.end() + 20]
            known = any(match[0] in award for award in taken) or denied(plain, *match.span())
            if not known and _KAKENHI_WORDS.search(near):
                yield Grant(JSPS, f"JP{match[0]}", "kakenhi-bare")


def in_sentences(text: str, *, about: bool) -> Iterator[Grant]:
    """What the sentences of a text say of who supported the work; ``about``: the text is under a heading or label that says so."""
    for sentence in sentences(text):
        if (about or SUPPORT.search(sentence)) and len(sentence) <= LONGEST:
            yield from _in_sentence(sentence, about=about)


def _in_sentence(sentence: str, *, about: bool) -> Iterator[Grant]:
    japanese: set[str] = set()
    for funder in _numbering():  # told already, with their funders
        if funder.number and funder.number.search(sentence):
            japanese.add(funder.name)
            sentence = funder.number.sub(lambda match: " " * len(match[0]), sentence)
    if japanese and not _OTHERS.search(sentence):
        return
    hits = _hits(sentence, about=about)
    found: dict[str, list[str]] = {}
    before = [_BEFORE.search(sentence, 0, hit.start) for hit in hits]
    for position, hit in enumerate(hits):
        stop = min(hit.end + REACH, *(h.start for h in hits[position + 1 : position + 2]), len(sentence))
        if position + 1 < len(hits) and (ahead := before[position + 1]):
            stop = max(hit.end, min(stop, ahead.start()))
        awards = _behind(sentence, hit, stop)
        if own := before[position]:
            awards = _codes(own["awards"]) + awards
        known = found.setdefault(hit.name, [])
        known.extend(award for award in awards if award not in known)
    for hit in {h.name: h for h in hits}.values():
        if hit.name in japanese:
            continue
        for award in found[hit.name]:
            award = whole_award(award) if hit.name == JSPS else award
            yield Grant(hit.name, award, "sentence-award" if hit.listed else "by-award")
        if not found[hit.name] and (SUPPORT.search(sentence) if hit.listed else True):
            yield Grant(hit.name, None, "sentence" if hit.listed else "by")
    if not hits:
        yield from _unlisted(sentence)


def _hits(sentence: str, *, about: bool) -> list[_Hit]:
    """The funders that a sentence names and does not deny, each whole name once: the Swiss National Science Foundation is not the
    NSF, and of "USDA NIFA" the one that gives the award stands last."""
    found = [_Hit(m.start(), m.end(), name) for pattern, name in named() for m in pattern.finditer(sentence)]
    for match in _LIKE_ONE.finditer(sentence):
        name = _SHOUTED.sub("", _TRAILING_CODE.sub("", match["funder"])).rstrip(".")
        paid = about or _PAID.search(sentence, 0, match.start())
        if _PAYER.search(name) and paid and _CUE.search(sentence[: match.start()]):
            end = match.start() + len(name)
            inside = [h for h in found if match.start() <= h.start < end]
            if not inside or all(h.end < end and h.start > match.start() for h in inside):
                found.append(_Hit(match.start(), end, name, listed=False))
    found.sort(key=lambda hit: (hit.start, -hit.end))
    kept: list[_Hit] = []
    for hit in found:
        if denied(sentence, hit.start, hit.end) or (kept and hit.end <= kept[-1].end):
            continue
        if kept and hit.name != kept[-1].name and not sentence[kept[-1].end : hit.start].strip(" -–/"):
            kept.pop()
        kept.append(hit)
    return kept


def _behind(sentence: str, hit: _Hit, stop: int) -> list[str]:
    """The awards behind a funder, up to where the next begins."""
    start = hit.start if sentence[hit.end : hit.end + 1] in ("-", "/") else hit.end  # ANR-14-CE01-0001
    piece = sentence[start:stop]
    if another := _ANOTHER.search(piece, hit.end - start):
        ahead = sentence[start + another.end() :]
        if another[0] != ";" or not re.match(rf"\s*{_BARE}", ahead):
            piece = piece[: another.start()]
    near = _BEHIND.match(f" {piece}" if start == hit.start else piece)
    codes = _codes(near["awards"], _BARE) if near else []
    codes += [code for match in _AWARDS.finditer(piece) for code in _codes(match["awards"]) if code not in codes]
    return [code for code in codes if not any(code != other and code in other for other in codes)]


def _codes(text: str, pattern: str = _CODE) -> list[str]:
    return [code[0].rstrip(".-/ ") for code in re.finditer(pattern, text)]


def _unlisted(sentence: str) -> Iterator[Grant]:
    """A funder by the words before it: "funded by the Aligning Science Across Parkinson's ASAP-020-519"."""
    for match in _BY.finditer(sentence):
        if denied(sentence, match.start("funder"), match.end("funder")):
            continue
        funder = match["funder"].rstrip(".")
        code = _TRAILING_CODE.search(funder)
        piece = sentence[match.end() : match.end() + REACH]
        awards = [code["award"]] if code else [c for m in _AWARDS.finditer(piece) for c in _codes(m["awards"])]
        for award in awards or [None]:
            yield Grant(_TRAILING_CODE.sub("", funder), award, "by-award" if award else "by")


def _numbering() -> list[Funder]:
    return [funder for funder in funders() if funder.number]

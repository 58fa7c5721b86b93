"""Funding: award numbers of Japanese and foreign funders, and the sentences that name a funder.

Forms of numbers: KAKENHI ``JP21K12345`` (the letters JP since 2016, also before older numbers), AMED ``JP21km0908001``,
JST ``JPMJ…``, MEXT ``JPMX…``, NEDO ``JPNP…`` (体系的番号, in use since 2020).
"""

import re
from collections.abc import Iterator, Mapping

from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.funders import Funder, funders, named
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import suggests
from shirushi.describe.suggesters.common import attributes, front_weight, key_of, purpose, sentences, stated_by
from shirushi.describe.text import LEFT, RIGHT, normalise

TARGET = "/funding/-"
KEYS = frozenset(
    {
        "funding",
        "funding source",
        "funding sources",
        "funder",
        "funders",
        "funded by",
        "grant",
        "grants",
        "grant number",
        "sponsor",
        "sponsors",
        "financial support",
        "助成",
        "助成金",
        "研究費",
        "資金",
        "研究助成",
        "科研費",
        "課題番号",
        "助成機関",
        "研究課題番号",
        "funding agency",
        "award",
    }
)
JSPS = "Japan Society for the Promotion of Science"
_BARE_KAKENHI = re.compile(rf"{LEFT}\d{{2}}(?:[HKJFGBA]\d{{5}}|K[A-Z]\d{{4}}|H[A-Z]?\d{{4,5}}|\d{{6}}){RIGHT}")
_KAKENHI_WORDS = re.compile(r"KAKENHI|科研費|科学研究費|Grants?-in-Aid|JSPS|日本学術振興会|学振", re.IGNORECASE)
_SUPPORT = re.compile(
    r"fund(?:ed|ing|s)?\b|support(?:ed)?\b|grant|award|sponsor|financ|助成|支援|科研費|研究費|受けた|受けて|委託",
    re.IGNORECASE,
)
_AWARD_WORD = (
    r"(?i:(?:(?:grants?|awards?|contracts?|project|agreement|proposal)\s*(?:agreement\s*)?(?:numbers?|nos?\.?|#|ids?)?"
    r"|(?:projekt|förder)-?(?:nummern?|nr\.?)|förderkennzeichen|fkz\.?)\s*[:#]?\s*)"
)


# Awards that follow one another after "grants": "R01 EB016089, P41 EB15909 and K99 AG062230"
_CODE = r"(?=[A-Za-z0-9/\-.# ]*\d{3})(?:[A-Z]{1,2}\d{2} )?[A-Z0-9#][A-Za-z0-9/\-.#]{3,28}(?:\s\d{3,6}/\d(?:-\d)?)?"
_AWARDS = re.compile(rf"{_AWARD_WORD}(?P<awards>{_CODE}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*;\s*){_CODE})*)")
# A funder that no list knows, by the words before it and the capitals of its name
# What may be a funder of another country in a sentence on Japanese awards
_OTHERS = re.compile(
    r"\b(?:Council|Foundation|Institutes?|Commission|Union|Ministry|Agency|Fund|Department|Society|Trust|NSF|NIH|DFG|ERC)\b"
)
_BY = re.compile(
    r"\b(?i:funded|supported|sponsored|financed)\s+(?:(?:in\s+(?:whole|part)|partially|partly|generously|jointly|financially)\s+)?(?:by|through)\s+"
    r"(?:(?:an?|the)\s+)?(?:(?:[\w\-]+\s+){0,3}?(?:grants?|funding|funds|fellowships?|awards?)\s+(?:from|of|by)\s+(?:the\s+)?)?"
    r"(?P<funder>[A-ZÀ-Þ][\w’'\-&.]*(?:\s+(?:(?:of|for|and|the|de|des|für|del|da|do|to|in|on|&)\s+){0,3}[A-ZÀ-Þ][\w’'\-&]*){1,9})"
)
_TRAILING_CODE = re.compile(r"\s+(?P<award>[A-Z]{2,}[\-/]?\d[\w\-/]*|[A-Z]{2,}-[\w\-]*\d[\w\-]*)$")
_COLUMNS: Mapping[str, re.Pattern[str]] = {
    "funder": re.compile(
        r"fund(?:ing (?:agency|source|organi[sz]ation)|er)|sponsor|助成(?:機関|元)|資金提供機関", re.IGNORECASE
    ),
    "award": re.compile(r"(?:funding identification|grant|award|project) (?:number|no\.?|id)|課題番号", re.IGNORECASE),
    "title": re.compile(
        r"title of (?:the )?(?:grant|award|project)|(?:grant|award|project) title|課題名", re.IGNORECASE
    ),
}
_NONE = re.compile(r"\W*(?:none|n/?a|not applicable|なし)?\W*", re.IGNORECASE)


@suggests("funding", version="2")
def funding(seen: EvidenceSet, context: Context) -> Iterator[Candidate]:
    """Stated funding, award numbers with their funder, funders in sentences on support."""
    for item in seen.stated("funding"):
        yield Candidate(TARGET, item.value["value"], (item,), stated_by("funding", item))
    for item in seen.of("paragraph", "list-item", "key-value", "page-text", "table-row"):
        text = _text(item)
        if text and len(text) < 60_000:
            if item.kind == "table-row" and (row := _row(item)):
                yield row
                continue
            yield from _japanese(item, text)
            yield from _foreign(item, text)
    for item, text in attributes(
        seen, "funding", "funder", "acknowledgement", "acknowledgment", "acknowledgements", "grant"
    ):
        yield from _japanese(item, text)
        yield from _foreign(item, text)


def _numbering() -> list[Funder]:
    return [funder for funder in funders() if funder.number]


def _method(funder: Funder) -> str:
    return "funding.kakenhi" if funder.name == JSPS else f"funding.{funder.names[0].lower()}"


def _text(item: Evidence) -> str:
    if item.kind == "table-row":
        return " ".join(item.value["cells"])
    value = item.value.get("value" if item.kind == "key-value" else "text")
    if not isinstance(value, str):
        return ""
    return f"{item.value['key']}: {value}" if item.kind == "key-value" else value


def _japanese(item: Evidence, text: str) -> Iterator[Candidate]:
    plain = normalise(text).text
    taken: set[str] = set()
    for funder in _numbering():
        for match in funder.number.finditer(plain) if funder.number else ():
            if match[0] not in taken:
                taken.add(match[0])
                yield _candidate(funder.name, match[0], item, _method(funder))
    if _KAKENHI_WORDS.search(plain):
        for match in _BARE_KAKENHI.finditer(plain):
            near = plain[max(0, match.start() - 80) : match.end() + 20]
            if not any(match[0] in award for award in taken) and _KAKENHI_WORDS.search(near):
                yield _candidate(JSPS, f"JP{match[0]}", item, "funding.kakenhi-bare")


def _foreign(item: Evidence, text: str) -> Iterator[Candidate]:
    """Sentences that say "supported by", with a funder known by name and the award numbers beside it."""
    labelled = item.kind == "key-value" and key_of(item) in KEYS
    about = purpose(str(item.value.get("section") or "")) == "funding"
    for sentence in sentences(text):
        if not (labelled or about or _SUPPORT.search(sentence)) or len(sentence) > 1_500:
            continue
        japanese: set[str] = set()
        for funder in _numbering():  # told already, with their funders
            if funder.number and funder.number.search(sentence):
                japanese.add(funder.name)
                sentence = funder.number.sub(lambda match: " " * len(match[0]), sentence)
        if japanese and not _OTHERS.search(sentence):
            continue
        hits = sorted((m.start(), m.end(), name) for pattern, name in named() for m in pattern.finditer(sentence))
        features = {"section": float(about or labelled), "front": front_weight(item.place.file)}
        last: dict[str, bool] = {}
        for position, (_, end, name) in enumerate(hits):
            stop = hits[position + 1][0] if position + 1 < len(hits) else end + 160
            awards = _awards(sentence[max(0, end - 3) : stop])
            if name in japanese:
                continue
            for award in awards:
                yield _candidate(name, award, item, "funding.sentence-award", features)
            if not awards and _SUPPORT.search(sentence) and name not in last:
                yield _candidate(name, None, item, "funding.sentence", features)
            last[name] = True
        if not hits or japanese:
            yield from _unlisted(item, sentence, features)


def _unlisted(item: Evidence, sentence: str, features: dict[str, float]) -> Iterator[Candidate]:
    """A funder by the words before it: "funded by the Aligning Science Across Parkinson's ASAP-020-519"."""
    for match in _BY.finditer(sentence):
        funder = match["funder"].rstrip(".")
        code = _TRAILING_CODE.search(funder)
        awards = [code["award"]] if code else _awards(sentence[match.end() : match.end() + 160])
        named = _TRAILING_CODE.sub("", funder)
        for award in awards or [None]:
            yield _candidate(named, award, item, "funding.by-award" if award else "funding.by", features)


def _awards(text: str) -> list[str]:
    return [code[0].rstrip(".-/ ") for match in _AWARDS.finditer(text) for code in re.finditer(_CODE, match["awards"])]


def _row(item: Evidence) -> Candidate | None:
    """The row of a table of grants, by the headers of its columns."""
    found: dict[str, str] = {}
    for header, cell in zip(item.value.get("header") or [], item.value["cells"], strict=False):
        meant = next((key for key, pattern in _COLUMNS.items() if pattern.fullmatch(header.strip())), None)
        if meant and not _NONE.fullmatch(cell):
            found.setdefault(meant, cell.strip(" []"))
    if "funder" not in found or len(found["funder"]) > _LONGEST_NAME:
        return None
    return _candidate(found["funder"], found.get("award"), item, "funding.table", {}, found.get("title"))


_LONGEST_NAME = 200


def _candidate(
    funder: str,
    award: str | None,
    item: Evidence,
    method: str,
    features: dict[str, float] | None = None,
    title: str | None = None,
) -> Candidate:
    value: dict[str, JSON] = {"funder": funder}
    if award:
        value["award"] = award
    if title:
        value["award_title"] = title
    return Candidate(TARGET, value, (item,), method, front_weight(item.place.file), features or {})

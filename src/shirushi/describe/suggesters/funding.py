"""Funding: award numbers of Japanese and foreign funders, and the sentences that name a funder.

Forms of numbers: KAKENHI ``JP21K12345`` (the letters JP since 2016, also before older numbers), AMED ``JP21km0908001``,
JST ``JPMJ…``, MEXT ``JPMX…``, NEDO ``JPNP…`` (体系的番号, in use since 2020).
"""

import re
from collections.abc import Iterator, Mapping

from shirushi.describe.denial import denied
from shirushi.describe.evidence import JSON, Candidate, Evidence
from shirushi.describe.seen import Context, EvidenceSet
from shirushi.describe.suggesters import grants, suggests
from shirushi.describe.suggesters.common import attributes, front_weight, key_of, purpose, stated_by

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
        "acknowledgement of funding",
    }
)
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
        yield from _stated(item)
    for item in seen.of("paragraph", "list-item", "key-value", "page-text", "table-row"):
        text = _text(item)
        if text and len(text) < 60_000:
            if item.kind == "table-row" and (row := _row(item)):
                yield row
                continue
            yield from _told(item, text)
    for item, text in attributes(
        seen, "funding", "funder", "acknowledgement", "acknowledgment", "acknowledgements", "grant"
    ):
        yield from _told(item, text)


def _text(item: Evidence) -> str:
    if item.kind == "table-row":
        return " ".join(item.value["cells"])
    value = item.value.get("value" if item.kind == "key-value" else "text")
    if not isinstance(value, str):
        return ""
    return f"{item.value['key']}: {value}" if item.kind == "key-value" else value


def _told(item: Evidence, text: str) -> Iterator[Candidate]:
    """Japan's awards by their numbers, then the funders and awards of sentences on support."""
    labelled = item.kind == "key-value" and (
        key_of(item) in KEYS or key_of(item).startswith("information about funding")
    )
    about = labelled or purpose(str(item.value.get("section") or "")) == "funding"
    for grant in grants.numbered(text):
        yield _candidate(grant, item)
    features = {"section": float(about), "front": front_weight(item.place.file)}
    for grant in grants.in_sentences(text, about=about):
        yield _candidate(grant, item, features)


_WORDY = re.compile(
    r"\b(?:supported|funded|financed|sponsored|was|were|is|has|received|thank|(?:grants?|awards?) (?:numbers?|nos?|agreement))\b|\d{4}|助成|支援|課題番号",
    re.IGNORECASE,
)


def _stated(item: Evidence) -> Iterator[Candidate]:
    """What a metadata file states; where its words for the funder are a sentence or hold the award, what that says."""
    value = item.value["value"]
    funder, award = str(value.get("funder") or ""), value.get("award")
    if _WORDY.search(funder):
        text = f"{funder} ({award})" if award else funder
        told = [*grants.numbered(text), *grants.in_sentences(text, about=True)]
        for grant in told:
            read = {"funder": grant.funder, **({"award": grant.award} if grant.award else {})}
            yield Candidate(TARGET, read, (item,), stated_by("funding", item))
        if told or len(funder.split()) > _MOST_WORDS or denied(funder, 0, len(funder)):
            return
    yield Candidate(TARGET, value, (item,), stated_by("funding", item))


_MOST_WORDS = 10  # of a funder's name


def _row(item: Evidence) -> Candidate | None:
    """The row of a table of grants, by the headers of its columns."""
    found: dict[str, str] = {}
    for header, cell in zip(item.value.get("header") or [], item.value["cells"], strict=False):
        meant = next((key for key, pattern in _COLUMNS.items() if pattern.fullmatch(header.strip())), None)
        if meant and not _NONE.fullmatch(cell):
            found.setdefault(meant, cell.strip(" []"))
    if "funder" not in found or len(found["funder"]) > _LONGEST_NAME:
        return None
    grant = grants.Grant(found["funder"], found.get("award"), "table")
    return _candidate(grant, item, title=found.get("title"))


_LONGEST_NAME = 200


def _candidate(
    grant: grants.Grant, item: Evidence, features: dict[str, float] | None = None, title: str | None = None
) -> Candidate:
    value: dict[str, JSON] = {"funder": grant.funder}
    if grant.award:
        value["award"] = grant.award
    if title:
        value["award_title"] = title
    return Candidate(TARGET, value, (item,), f"funding.{grant.how}", front_weight(item.place.file), features or {})
